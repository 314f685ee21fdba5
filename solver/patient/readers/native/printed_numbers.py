"""Results as they are printed: what stands in a text in place of a number, and how a record says the same.

    300 /uL          {"value": 300, "unit": "/uL"}
    <300 /uL         {"max_exclusive": 300, "unit": "/uL"}
    5-10 %           {"min": 5, "max": 10, "unit": "%"}
    1.234,5          {"value": 1234.5, ...}
    22,000           no number: the comma can stand for decimals or for thousands

Nothing is read by this: it words the remedy for a text that is refused. So a number is only ever offered if the text leaves no doubt
which one it says, and a unit only if it is the one in the text or beside it; where there is none, the variable's own is an example.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from fractions import Fraction
from functools import cache

from solver.dataclass import dataclass
from solver.language.spelling import fold_name
from solver.language.types import IntegerType, QuantityType
from solver.language.units import UnknownUnit, parse_unit
from solver.library.models import Variable
from solver.patterns import pattern
from solver.text import LONGEST, clean

SIGN_KEYS = ("comparator", "operator", "op", "qualifier", "modifier", "relation", "sign", "inequality")
"""Keys under which other formats say that a result lies below or above a limit."""

_SIGNS = {
    "max_exclusive": ("<", "less than", "lower than", "fewer than", "smaller than", "below", "under", "before", "lt"),
    "max": ("<=", "=<", "≤", "≦", "⩽", "less than or equal to", "up to", "at most", "no more than", "not more than",
            "until", "le", "lte"),
    "min_exclusive": (">", "more than", "greater than", "higher than", "above", "over", "after", "gt"),
    "min": (">=", "=>", "≥", "≧", "⩾", "greater than or equal to", "at least", "no less than", "not less than",
            "since", "from", "ge", "gte"),
}  # fmt: skip
_KEY_OF = {sign: key for key, signs in _SIGNS.items() for sign in signs}
_BETWEEN = r"[ \u00a0\u2009\u202f'\u2019_]"
_RUN = pattern(rf"(?:\d|\.(?=\d))(?:[\d.,]|{_BETWEEN}(?=\d{{3}}(?!\d)))*", re.ASCII)
_EXPONENT = pattern(r"[eE][+-]?\d{1,3}(?![\d.,])", re.ASCII)
_TO = pattern(r"\s*(?:-|\u2013|\u2014|\bto\b)\s*(?=\d)", re.ASCII | re.IGNORECASE)
_PLAIN = pattern(r"(?:0|[1-9]\d*)(?:\.\d+)?", re.ASCII)
_GROUPS = r"[1-9]\d{0,2}"
_EITHER = pattern(rf"({_GROUPS})([.,])(\d{{3}})", re.ASCII)
_GROUPED = pattern(rf"{_GROUPS}(?:([.,])\d{{3}})(?:\1\d{{3}})+", re.ASCII)
_MIXED = pattern(rf"{_GROUPS}(?:,\d{{3}})+\.\d+|{_GROUPS}(?:\.\d{{3}})+,\d+", re.ASCII)
_SPACED = pattern(rf"{_GROUPS}(?:({_BETWEEN})\d{{3}})(?:\1\d{{3}})*(?:[.,]\d+)?", re.ASCII)
_DECIMAL = pattern(r"(?:0|[1-9]\d*),\d+", re.ASCII)


@dataclass(frozen=True, slots=True)
class PrintedNumber:
    """A number in a text: as JSON writes it, or else the two that it may be, and what follows it.

    `key` says what the sign before it makes of it: `value`, or the bound that a record gives; `top` is the end of a range.
    """

    key: str
    text: str | None
    either: tuple[str, str, str] | None
    top: str | None
    rest: str


@cache
def _sign() -> re.Pattern[str]:
    """A sign or words before a number, compiled once there is one to read."""
    signs = sorted(_KEY_OF, key=len, reverse=True)
    either = "|".join(re.escape(sign) + (r"\b" if sign[-1].isalpha() else "") for sign in signs)
    return re.compile(rf"\s*({either})\s*", re.IGNORECASE)


def read_printed(text: str) -> PrintedNumber | None:
    """The number that a text begins with, after any sign; None if it begins with none that could be told."""
    if len(text) > LONGEST:
        return None
    sign = _sign().match(text)
    key, at = (_KEY_OF[sign[1].casefold()], sign.end()) if sign else ("value", len(text) - len(text.lstrip()))
    run = _RUN.match(text, at)
    if run is None:
        return None
    number, either = _number_said(run[0])
    end = run.end()
    exponent = _EXPONENT.match(text, end)
    if exponent:
        number, either, end = (number and number + exponent[0]), None, exponent.end()
    if number is None and either is None:
        return None
    to = _TO.match(text, end) if key == "value" and number else None
    if to:
        other = _RUN.match(text, to.end())
        top = _number_said(other[0])[0] if other else None
        if other is None or top is None or number is None or Fraction(top) < Fraction(number):
            return None
        return PrintedNumber("range", number, None, top, text[other.end() :].strip())
    return PrintedNumber(key, number, either, None, text[end:].strip())


def _number_said(run: str) -> tuple[str | None, tuple[str, str, str] | None]:
    """The number that digits and separators say, or the separator and its two meanings; neither if it is malformed."""
    either = _EITHER.fullmatch(run)
    if either:
        whole, separator, rest = either.groups()
        return None, ("comma" if separator == "," else "point", f"{whole}.{rest}", f"{whole}{rest}")
    if _PLAIN.fullmatch(run):
        return run, None
    if _PLAIN.fullmatch(f"0{run}"):  # .5
        return f"0{run}", None
    if _GROUPED.fullmatch(run):
        return re.sub(r"\D", "", run), None
    if _MIXED.fullmatch(run) or _SPACED.fullmatch(run) or _DECIMAL.fullmatch(run):
        last = max(run.rfind("."), run.rfind(","))
        whole, decimals = (run[:last], run[last + 1 :]) if last > 0 else (run, "")
        return re.sub(r"\D", "", whole) + (f".{decimals}" if decimals else ""), None
    return None, None


def sign_of(text: str) -> str | None:
    """The bound that a sign alone, such as `<`, makes of a number; None if it is no such sign."""
    return _KEY_OF.get(text.strip().casefold())


def told(text: str, key: str, variable: Variable, entries: Mapping[str, object]) -> str | None:
    """What to say of a text that stands for a number at `key` of a fact, with what to write; None if nothing can be offered."""
    if re.fullmatch(r"\s*-\d+(?:\.\d+)?\s*", text, re.ASCII):
        return f"is negative: {variable.name} is at least 0"
    printed = read_printed(text)
    if printed is None or (printed.key != "value" and key != "value"):
        return None
    if printed.either:
        separator, decimal, thousands = printed.either
        if isinstance(variable.type, IntegerType):
            return None
        limit = f"is a limit: give {printed.key}; " if printed.key != "value" else "is not a number: "
        return (
            f"{limit}its {separator} may stand for decimals ({decimal}) or for thousands ({thousands}): "
            "write the one that is meant, without quotes"
        )
    assert printed.text is not None
    numbers = [printed.text, *filter(None, [printed.top])]
    if isinstance(variable.type, IntegerType) and any(Fraction(each).denominator > 1 for each in numbers):
        return None
    if printed.key == "value" and not printed.rest:
        what = "in quotes" if printed.text in text else "as it is printed"
        return f"is a number {what}: write {printed.text} without quotes"
    beside = _entries_beside(printed.rest, variable, entries)
    if key != "value" or beside is None:
        return None
    bounds = {"min": printed.text, "max": printed.top} if printed.top else {printed.key: printed.text}
    written = ", ".join([f'"{bound}": {number}' for bound, number in bounds.items()] + beside)
    whole = f"{{{written}}}" if len(bounds) > 1 or beside or printed.key != "value" else printed.text
    what = {"value": "text", "range": "a range, not a number"}.get(printed.key, "a limit, not a number")
    return f"is {what}: write {_with_unit(whole, printed.rest, variable, entries)}"


def bound_in_place(sign: object, variable: Variable, entries: Mapping[str, object]) -> str | None:
    """What to write in place of a value with a sign under a key of its own; None if the two do not say a bound."""
    key = sign_of(sign) if isinstance(sign, str) else None
    written = entries.get("value")
    value = getattr(written, "text", None)
    if isinstance(written, str):
        printed = read_printed(written)
        value = printed.text if printed and printed.key == "value" and not printed.rest else None
    if key is None or value is None or not isinstance(variable.type, IntegerType | QuantityType):
        return None
    beside = _entries_beside("", variable, entries)
    if beside is None:
        return None
    return _with_unit("{" + ", ".join([f'"{key}": {value}', *beside]) + "}", "", variable, entries)


def _with_unit(whole: str, rest: str, variable: Variable, entries: Mapping[str, object]) -> str:
    """What to write; where no unit was written, the one that it shows is an example and may be another magnitude."""
    needed = isinstance(variable.type, QuantityType) and not variable.bare
    return (
        whole
        if rest or "unit" in entries or not needed
        else f"it with the unit it was measured in, as in {whole}"
    )


def _entries_beside(rest: str, variable: Variable, entries: Mapping[str, object]) -> list[str] | None:
    """The unit, and the drug of a dose, beside a number that is followed by `rest`; None if that is no unit of the variable."""
    given = entries.get("unit")
    if not isinstance(variable.type, QuantityType) or variable.bare:
        return None if rest else []
    if not rest:
        own = given if isinstance(given, str) else variable.type.unit.text
        return [f'"unit": {json.dumps(clean(own), ensure_ascii=False)}']
    words = rest.split()
    drug = next((name for name in variable.drugs if fold_name(name) == fold_name(words[-1])), None)
    unit = " ".join(words[:-1]) if drug else rest
    try:
        fits = variable.type.convert(Fraction(1), parse_unit(unit)) is not None
    except UnknownUnit:
        fits = False
    if not fits or (isinstance(given, str) and given.strip() != unit):
        return None
    found = [f'"unit": {json.dumps(clean(unit), ensure_ascii=False)}']
    return [*found, f'"drug": "{drug}"'] if drug else found
