"""Elements of a Phenopacket in JSON, whatever stands in their place: keys in either spelling, times, terms, and numbers.

{"timestamp": "2020-03-17T00:00:00Z"}               that day
{"age": {"iso8601duration": "P3Y4M"}}               with a birth date, the month after that age
{"id": "LOINC:26474-7", "label": "Lymphocytes"}     a code of LOINC
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from solver.dataclass import dataclass
from solver.language.calendar import FIRST_DAY, LAST_DAY, add_months
from solver.library.codes.phenopacket_map import PhenopacketMap
from solver.patient.readers.foreign.statements import (
    Amount,
    AmountRange,
    CodedText,
    Coding,
    Faulty,
    PossibleDays,
)
from solver.patient.readers.foreign.written_days import written_days
from solver.patient.readers.native.json_text import NumberText
from solver.patterns import pattern

_DURATION = pattern(r"P(?:(\d{1,3})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T.*)?", re.ASCII)
_HUMP = pattern(r"(?<=[a-z0-9])([A-Z])")
_UCUM = "UCUM"

Element = dict[str, Any]


def part(element: object, key: str) -> Any:
    """What stands under a key, which may be spelled as in JSON (`timeObserved`) or as in the schema (`time_observed`)."""
    if not isinstance(element, dict):
        return None
    found = element.get(key)
    return found if found is not None else element.get(_HUMP.sub(r"_\1", key).lower())


def element_of(element: object, key: str) -> Element:
    """The object under a key; an empty one where there is none."""
    found = part(element, key)
    return found if isinstance(found, dict) else {}


def elements_of(element: object, key: str) -> list[Any]:
    """The list under a key; an empty one where there is none."""
    found = part(element, key)
    return found if isinstance(found, list) else []


def text_of(element: object, key: str) -> str | None:
    """The text under a key, if it is text and not empty."""
    found = part(element, key)
    return found if isinstance(found, str) and found.strip() else None


def whole_age(text: object) -> tuple[int, int] | None:
    """An age (ISO 8601 duration) as completed months and days beyond them; None if it is none."""
    form = _DURATION.fullmatch(text) if isinstance(text, str) else None
    if form is None or not any(form.groups()):
        return None
    years, months, weeks, days = (int(each or 0) for each in form.groups())
    return years * 12 + months, weeks * 7 + days


def _age_step(text: str) -> Callable[[int], int]:
    """The day on which the age that follows an age is reached, from the day on which it was: a year, a month, a week or a day later."""
    form = _DURATION.fullmatch(text)
    assert form is not None
    _years, months, weeks, days = form.groups()
    if days:
        return lambda day: day + 1
    if weeks:
        return lambda day: day + 7
    return (lambda day: add_months(day, 1)) if months else (lambda day: add_months(day, 12))


def days_of_age(text: object, birth: PossibleDays | None) -> PossibleDays | Faulty | None:
    """The days on which somebody was of an age; None without a date of birth."""
    age = whole_age(text)
    if age is None or not isinstance(text, str):
        return Faulty("the age is no duration")
    if birth is None or birth.first is None or birth.last is None:
        return None
    first, last = (add_months(day, age[0]) + age[1] for day in (birth.first, birth.last))
    last = _age_step(text)(last) - 1
    return (
        PossibleDays(first, last, text)
        if FIRST_DAY <= first <= last <= LAST_DAY
        else Faulty("the age is no date")
    )


def birth_from_age(text: object, seen: PossibleDays | Faulty | None) -> PossibleDays | None:
    """The days of birth of somebody who was of an age, in completed years, on a day."""
    age = whole_age(text)
    if age is None or not isinstance(seen, PossibleDays) or seen.first is None or seen.last is None:
        return None
    months = age[0] // 12 * 12
    first, last = add_months(seen.first, -months - 12) + 1, add_months(seen.last, -months)
    return PossibleDays(first, last) if first >= FIRST_DAY else None


@dataclass(frozen=True, slots=True)
class ElementReader:
    """What reads terms, times and numbers. `address` gives the address of a code system that is known by name."""

    map: PhenopacketMap
    address: Callable[[str], str]
    birth: PossibleDays | None = None

    def term(self, found: object) -> CodedText:
        """A term with its label; a prefix that the mapping does not know is a system of its own."""
        identity, label = text_of(found, "id"), text_of(found, "label")
        if identity is None:
            return CodedText(text=label)
        return CodedText((self.coding(identity.strip(), label),))

    def coding(self, identity: str, label: str | None = None) -> Coding:
        """The code that a term such as `MONDO:0018874` is."""
        prefix, colon, code = identity.partition(":")
        known = self.map.prefixes.get(prefix.upper())
        if known is None:
            return Coding(prefix if colon else None, identity, label)
        code = code.strip()
        return Coding(self.address(known.system), f"{prefix.upper()}:{code}" if known.kept else code, label)

    def days(self, time: object, *, last: bool = False) -> PossibleDays | Faulty | None:
        """The days of a time; `last` takes the last day of an interval, else it is any of them."""
        if time is None:
            return None
        if not isinstance(time, dict):
            return Faulty("the time is no object")
        stamp, interval, age, ages = (part(time, key) for key in ("timestamp", "interval", "age", "ageRange"))
        if stamp is not None:
            return written_days(stamp)
        if interval is not None:
            return self.interval(interval, last=last)
        if age is not None:
            return days_of_age(part(age, "iso8601duration"), self.birth)
        if ages is not None:
            ends = [
                days_of_age(part(part(ages, key), "iso8601duration"), self.birth) for key in ("start", "end")
            ]
            return _between(*ends)
        return None

    def interval(self, found: object, *, last: bool = False) -> PossibleDays | Faulty | None:
        """The days of an interval, or the last one, which is its first where it has no end."""
        start, end = (written_days(part(found, key)) for key in ("start", "end"))
        if last:
            return end or start
        return _between(start, end)

    def amount(self, quantity: object) -> Amount | Faulty:
        """A quantity: its number with its unit."""
        value = part(quantity, "value")
        if value is None:
            return Faulty("has no number")
        if isinstance(value, bool) or not isinstance(value, (NumberText, int)):
            return Faulty("is no number")
        number = value if isinstance(value, NumberText) else NumberText(str(value))
        if number.fault:
            return Faulty("is a number with too many digits, or too large")
        code, unit = self._unit(part(quantity, "unit"))
        return Amount(number.text, unit=unit, code=code)

    def normal(self, quantity: object) -> AmountRange | None:
        """The range of normal that stands beside a quantity."""
        found = part(quantity, "referenceRange")
        if not isinstance(found, dict):
            return None
        unit = part(found, "unit") or part(quantity, "unit")
        ends = [self.amount({"value": part(found, key), "unit": unit}) for key in ("low", "high")]
        low, high = (each if isinstance(each, Amount) else None for each in ends)
        return AmountRange(low, high) if low or high else None

    def _unit(self, term: object) -> tuple[str | None, str | None]:
        """The code of a unit in UCUM, or else its printed form."""
        identity, label = text_of(term, "id"), text_of(term, "label")
        prefix, _, code = (identity or "").partition(":")
        if prefix.upper() == _UCUM and code:
            return code, None
        known = self.map.units.get(identity or "")
        return (known, None) if known else (None, label or identity)


def _between(
    start: PossibleDays | Faulty | None, end: PossibleDays | Faulty | None
) -> PossibleDays | Faulty | None:
    if isinstance(start, Faulty) or isinstance(end, Faulty):
        return start if isinstance(start, Faulty) else end
    if start is None and end is None:
        return None
    first, last = start.first if start else None, end.last if end else None
    if first is not None and last is not None and first > last:
        return Faulty("the interval ends before it begins")
    written = start.written if start and end and start == end else None
    return PossibleDays(first, last, written)
