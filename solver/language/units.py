"""Units of measure, converted exactly.

A unit is a factor (an exact fraction) and a dimension. Calendar months are a dimension of their own, because a month is
no number of days; so are body-surface-normalised rates (`/{1.73_m2}`), so that an eGFR never meets a creatinine
clearance. Codes are those of UCUM (ucum.org); the printed forms that laboratories and people use are aliases.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from solver.errors import did_you_mean

Dimension = tuple[tuple[str, int], ...]
"""Base dimensions with their exponents, sorted by name; `()` is dimensionless."""

DIMENSIONLESS: Dimension = ()


class UnknownUnit(ValueError):
    """The text is no unit that is known here."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of measure: 1 `text` is `factor` of the coherent unit of `dimension`."""

    text: str
    factor: Fraction
    dimension: Dimension


def multiply(left: Dimension, right: Dimension, power: int = 1) -> Dimension:
    """The dimension of `left` times `right` to the `power`."""
    exponents = dict(left)
    for base, exponent in right:
        exponents[base] = exponents.get(base, 0) + exponent * power
    return tuple(sorted((base, exponent) for base, exponent in exponents.items() if exponent))


def describe(dimension: Dimension) -> str:
    """The dimension in words, for messages."""
    if not dimension:
        return "a bare number"
    return " ".join(base if exponent == 1 else f"{base}^{exponent}" for base, exponent in dimension)


_PREFIXES = {
    "k": Fraction(1000),
    "d": Fraction(1, 10),
    "c": Fraction(1, 100),
    "m": Fraction(1, 1000),
    "u": Fraction(1, 10**6),
    "n": Fraction(1, 10**9),
    "p": Fraction(1, 10**12),
}

# atom: (dimension, factor, takes metric prefixes)
_ATOMS: dict[str, tuple[str | None, Fraction, bool]] = {
    "g": ("mass", Fraction(1), True),
    "[lb_av]": ("mass", Fraction(45359237, 100000), False),
    "[oz_av]": ("mass", Fraction(45359237, 1600000), False),
    "m": ("length", Fraction(1), True),
    "[in_i]": ("length", Fraction(254, 10000), False),
    "[ft_i]": ("length", Fraction(3048, 10000), False),
    "L": ("volume", Fraction(1), True),
    "s": ("time", Fraction(1), True),
    "min": ("time", Fraction(60), False),
    "h": ("time", Fraction(3600), False),
    "d": ("time", Fraction(86400), False),
    "wk": ("time", Fraction(604800), False),
    "mo": ("calendar months", Fraction(1), False),
    "a": ("calendar months", Fraction(12), False),
    "mol": ("amount", Fraction(1), True),
    "eq": ("charge", Fraction(1), True),
    "U": ("enzyme activity", Fraction(1), True),
    "[IU]": ("international units", Fraction(1), True),
    "m[Hg]": ("pressure", Fraction(1), True),
    "{1.73_m2}": ("body surface 1.73 m2", Fraction(1), False),
    "%": (None, Fraction(1, 100), False),
    "10*3": (None, Fraction(10**3), False),
    "10*6": (None, Fraction(10**6), False),
    "10*9": (None, Fraction(10**9), False),
    "10*12": (None, Fraction(10**12), False),
    "1": (None, Fraction(1), False),
}

# printed form -> UCUM code, for a whole unit and for one term of it
_ALIASES = {
    "": "1",
    "ratio": "1",
    "score": "1",
    "grade": "1",
    "count": "1",
    "percent": "%",
    "lb": "[lb_av]",
    "lbs": "[lb_av]",
    "pound": "[lb_av]",
    "pounds": "[lb_av]",
    "oz": "[oz_av]",
    "ft": "[ft_i]",
    "kgs": "kg",
    "kilogram": "kg",
    "kilograms": "kg",
    "gram": "g",
    "grams": "g",
    "gm": "g",
    "mcg": "ug",
    "cc": "mL",
    "l": "L",
    "dl": "dL",
    "ml": "mL",
    "ul": "uL",
    "sec": "s",
    "secs": "s",
    "second": "s",
    "seconds": "s",
    "msec": "ms",
    "msecs": "ms",
    "millisecond": "ms",
    "milliseconds": "ms",
    "minute": "min",
    "minutes": "min",
    "hr": "h",
    "hrs": "h",
    "hour": "h",
    "hours": "h",
    "day": "d",
    "days": "d",
    "week": "wk",
    "weeks": "wk",
    "wks": "wk",
    "month": "mo",
    "months": "mo",
    "mos": "mo",
    "mth": "mo",
    "year": "a",
    "years": "a",
    "yr": "a",
    "yrs": "a",
    "mm3": "uL",
    "cmm": "uL",
    "mm^3": "uL",
    "IU": "[IU]",
    "cells": "1",
    "beats": "1",
    "K": "10*3",
    "x10E3": "10*3",
    "x10E6": "10*6",
    "x10E9": "10*9",
    "10E3": "10*3",
    "10E6": "10*6",
    "10E9": "10*9",
    "1000": "10*3",
    "thou": "10*3",
    "G": "10*9",
    "mmHg": "mm[Hg]",
    "bpm": "/min",
    "beats/min": "/min",
    "K/uL": "10*3/uL",
    "K/mm3": "10*3/uL",
    "G/L": "10*9/L",
    "Gpt/L": "10*9/L",
    "mg/24h": "mg/d",
    "mg/24 h": "mg/d",
}

# `K` and `G` stand for thousands and thousand millions only in counts, never alone.
_COUNT_ONLY = frozenset({"K", "G", "1000", "thou"})

_POWER_OF_TEN = re.compile(r"^(?:[xX]\s*)?10(?:\^|\*\*|\*|[eE])(\d{1,2})")
_TERM = re.compile(r"^(?P<body>.*?[^\d^])\^?(?P<power>-?[1-3])$")


def parse_unit(text: str) -> Unit:
    """The unit that `text` names, in UCUM or in a usual printed form.

    Raises `UnknownUnit`, whose text says what was found and the nearest known unit.
    """
    return _parse(text)


@lru_cache(maxsize=1024)
def _parse(text: str) -> Unit:
    cleaned = text.strip().replace("µ", "u").replace("μ", "u").replace("³", "3").replace("²", "2")
    cleaned = cleaned.replace("×", "x").replace("⁹", "^9").replace("⁶", "^6")
    cleaned = re.sub(r"\{?1\.73[ _]?m\^?2\}?", "{1.73_m2}", cleaned)
    if cleaned in _ALIASES and cleaned not in _COUNT_ONLY:
        cleaned = _ALIASES[cleaned]
    elif cleaned.casefold() in _ALIASES and cleaned.casefold() not in _COUNT_ONLY:
        cleaned = _ALIASES[cleaned.casefold()]
    factor, dimension = Fraction(1), DIMENSIONLESS
    sign = 1
    terms = re.split(r"\s*([/.])\s*|\s+(per)\s+", cleaned) if "{" not in cleaned else _split(cleaned)
    for position, part in enumerate(piece for piece in terms if piece is not None):
        if part in ("/", "per"):
            sign = -1
        elif part == ".":
            sign = 1
        elif part or position:
            if not part:
                raise UnknownUnit(f"'{text}' is not a known unit: something is missing beside an operator")
            term = _term(part, text, counts=len(terms) > 1)
            factor *= term.factor if sign == 1 else 1 / term.factor
            dimension = multiply(dimension, term.dimension, sign)
    return Unit(text, factor, dimension)


def _split(text: str) -> list[str]:
    """The terms and operators of a unit with an annotation in braces, which may hold a full stop."""
    return [part for part in re.split(r"([/.](?![^{]*\}))", text) if part is not None]


def _term(part: str, whole: str, *, counts: bool) -> Unit:
    if part in _ALIASES and (counts or part not in _COUNT_ONLY):
        part = _ALIASES[part]
        if "/" in part:
            return _parse(part)
    power_of_ten = _POWER_OF_TEN.match(part)
    if power_of_ten:
        rest = part[power_of_ten.end() :].strip()
        if rest in ("", "cells"):
            return Unit(part, Fraction(10 ** int(power_of_ten.group(1))), DIMENSIONLESS)
    found = _atom(part)
    if found is not None:
        return found
    raised = _TERM.match(part)
    if raised:
        base = _atom(_ALIASES.get(raised["body"], raised["body"]))
        if base is not None and base.dimension:
            power = int(raised["power"])
            return Unit(part, base.factor**power, multiply((), base.dimension, power))
    known = [*_ATOMS, *_ALIASES, "mg/dL", "umol/L", "10*9/L", "/uL", "mL/min", "mg/d", "kg", "ms", "mg"]
    raise UnknownUnit(
        f"'{whole}' is not a known unit{did_you_mean(whole, (name for name in known if name and name not in _COUNT_ONLY))}"
    )


def _atom(code: str) -> Unit | None:
    if code in _ATOMS:
        base, factor, _ = _ATOMS[code]
        return Unit(code, factor, ((base, 1),) if base else DIMENSIONLESS)
    if len(code) > 1 and code[0] in _PREFIXES and code[1:] in _ATOMS:
        base, factor, metric = _ATOMS[code[1:]]
        if metric and base:
            return Unit(code, factor * _PREFIXES[code[0]], ((base, 1),))
    return None
