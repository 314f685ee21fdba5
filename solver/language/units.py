"""Units of measure, converted exactly.

A unit is a factor (an exact fraction) and a dimension. Calendar months are a dimension of their own, because a month is
no number of days; so are body-surface-normalised rates (`/{1.73_m2}`), so that an eGFR never meets a creatinine
clearance. Codes are those of UCUM (ucum.org); what laboratories and people print is in `printed_units`.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

from solver.dataclass import dataclass
from solver.errors import did_you_mean
from solver.language.printed_units import SPELT_OUT, as_code, word_as_code
from solver.patterns import pattern

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


_PER: dict[Dimension, str] = {
    (("body surface 1.73 m2", -1),): "per 1.73 m2 of body surface",
    (("length", -2),): "per m2 of body surface",
    (("mass", -1),): "per body weight",
}
"""What a measured quantity is indexed to, by the dimension that this adds."""


def indexed(dimension: Dimension, plain: Dimension) -> str | None:
    """What a unit of `dimension` is indexed to, if that is all in which it differs from one of `plain`."""
    return _PER.get(multiply(dimension, plain, -1)) if dimension and plain else None


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
    "IU": ("international units", Fraction(1), True),
    "m[Hg]": ("pressure", Fraction(1), True),
    "{1.73_m2}": ("body surface 1.73 m2", Fraction(1), False),
    "%": (None, Fraction(1, 100), False),
    "1": (None, Fraction(1), False),
}

_TERM = pattern(r"^(?P<body>.*?[^\d^])\^?(?P<power>-?[1-3])$")
_POWER_OF_TEN = pattern(r"10\*(\d{1,2})")
_OPERATOR = pattern(r"\s*([/.](?![^{]*\}))\s*")


@lru_cache(maxsize=1024)
def parse_unit(text: str) -> Unit:
    """The unit that `text` names, in UCUM or in a usual printed form.

    Raises `UnknownUnit`, whose text says what was found and, for a slip in a spelt-out unit, which is meant.
    """
    factor, dimension = Fraction(1), DIMENSIONLESS
    sign = 1
    for position, part in enumerate(_OPERATOR.split(as_code(text))):
        if part == "/":
            sign = -1
        elif part == ".":
            sign = 1
        elif part or position:
            term = _unit_term(part)
            if term is None:
                raise UnknownUnit(_unknown_words(text, part))
            factor *= term.factor if sign == 1 else 1 / term.factor
            dimension = multiply(dimension, term.dimension, sign)
    return Unit(text, factor, dimension)


def _unit_term(part: str) -> Unit | None:
    """One term of a unit: a code, a word or a count, or one of these raised to a power once; None if it is nothing known."""
    found = _unit_word(part)
    raised = _TERM.match(part) if found is None else None
    base = _unit_word(raised["body"]) if raised else None
    if raised is None or base is None or not base.dimension:
        return found
    power = int(raised["power"])
    return Unit(part, base.factor**power, multiply((), base.dimension, power))


def _unit_word(part: str) -> Unit | None:
    power_of_ten = _POWER_OF_TEN.fullmatch(part)
    if power_of_ten:
        return Unit(part, Fraction(10 ** int(power_of_ten[1])), DIMENSIONLESS)
    found = _unit_atom(part)
    if found is None and (code := word_as_code(part, lambda each: _unit_atom(each) is not None)):
        return _unit_word(code)
    return found


def is_unit_code(term: str) -> bool:
    """Whether a term of a unit is one of UCUM as it stands, and no printed form."""
    return _unit_atom(term) is not None


def _unit_atom(code: str) -> Unit | None:
    if code in _ATOMS:
        base, factor, _ = _ATOMS[code]
        return Unit(code, factor, ((base, 1),) if base else DIMENSIONLESS)
    if len(code) > 1 and code[0] in _PREFIXES and code[1:] in _ATOMS:
        base, factor, metric = _ATOMS[code[1:]]
        if metric and base:
            return Unit(code, factor * _PREFIXES[code[0]], ((base, 1),))
    return None


def _unknown_words(text: str, part: str) -> str:
    """What to say of a unit with a term that is none.

    Only a slip in a spelt-out word is told, as the size of anything else could be meant: `M/uL` is no slip for `/uL`.
    """
    if not part:
        return f"'{text}' is not a known unit: something is missing beside an operator"
    return f"'{text}' is not a known unit{did_you_mean(part, SPELT_OUT) if part == text.strip() else ''}"
