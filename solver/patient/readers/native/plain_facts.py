"""Facts that are written plainly: what the reader of facts makes of a value is kept, and given again for the same value.

    "female": true    "weight": {"value": 78, "unit": "kg"}    "weight": {"value": 78, "unit": "kg", "date": "2025-05-28"}

The third is the second with a day, so that only the second is kept. What has a fault, or is warned about, the reader of facts tells
each time, at its place. A record is the same whether facts of it were met before or not.
"""

from __future__ import annotations

import weakref
from collections.abc import Hashable, Iterable, Mapping
from datetime import date
from itertools import chain
from types import NoneType
from typing import Any

from solver.language.concepts import LISTS
from solver.language.domain import Interval
from solver.language.types import DateType, ListType, QuantityType
from solver.library.models import Library, Variable
from solver.patient.readers.native.dates import NotADateError, parse_date
from solver.patient.readers.native.facts import read_fact
from solver.patient.readers.native.json_text import JsonObject, NumberText, settle
from solver.patient.readers.native.record_faults import Findings
from solver.patient.record import Fact, Written
from solver.text import clean

_MOST_KEPT = 10_000
_LONGEST_KEPT = 300
"""Entries and letters of a value that is kept."""
_BARE = frozenset({bool, str, NumberText})
_IN_OBJECTS = _BARE | {NoneType, list}
_TEXT = frozenset({str})
_UNREAD: Any = object()


class PlainFacts:
    """The facts that were read under one library; how many are kept is bounded."""

    def __init__(self, library: Library) -> None:
        self._library = weakref.ref(library)
        others = LISTS if len(library.concepts) else ()
        self._kept: dict[str, dict[Hashable, Fact | None]] = {
            name: {} for name in library.variables if name not in others
        }
        # of quantities also what was read with other numbers, by what stands beside the number
        self._measured: dict[str, dict[Hashable, Fact]] = {
            name: {} for name in self._kept if isinstance(library.variables[name].type, QuantityType)
        }
        self._lists = frozenset(
            name for name in self._kept if isinstance(library.variables[name].type, ListType)
        )
        self._count = 0

    def among(self, recorded: Mapping[str, Any], day: int | None, *, lists: bool) -> dict[str, Fact]:
        """The facts of a record of this day that are written plainly, by variable; without `lists` none of a list."""
        found: dict[str, Fact] = {}
        kept = self._kept
        fact: Fact | None
        for name, value in recorded.items():
            known, kind = kept.get(name), type(value)
            if known is None or (not lists and name in self._lists):
                continue
            if kind in _BARE:
                fact = known.get(value, _UNREAD)
                if fact is _UNREAD:
                    fact = self._kept_fact(name, value, value)
            elif kind is JsonObject:
                try:
                    fact = known.get(tuple(value.items()), _UNREAD)
                except TypeError:
                    fact = _UNREAD
                if fact is _UNREAD:
                    fact = self._of_object(name, value, day)
            elif kind is dict and _is_json(value):
                fact = self._of_object(name, value, day)
            elif kind is list and _is_flat(value):
                fact = known.get(key := (list, *value), _UNREAD)
                if fact is _UNREAD:
                    fact = self._kept_fact(name, value, key)
            else:
                continue
            if fact is not None:
                found[name] = fact
        return found

    def _of_object(self, name: str, value: dict[str, Any], day: int | None) -> Fact | None:
        """What an object says; of one with a day and a source, what it says without them is kept."""
        on, source = value.get("date"), value.get("source")
        if on is None and source is None:
            return self._undated_fact(name, value)
        alone = {key: each for key, each in value.items() if key not in ("date", "source")}
        fact = self._undated_fact(name, alone)
        if fact is None or not (source is None or type(source) is str):
            return None
        if on is not None and not _is_on_or_before(on, day):
            return None
        return Fact(
            fact.variable,
            fact.domain,
            fact.text,
            fact.values,
            on,
            source and clean(source),
            fact.complete,
            fact.limits,
            fact.multiple,
            fact.concepts,
            fact.entries,
            fact.says,
            fact.written,
        )

    def _undated_fact(self, name: str, value: dict[str, Any]) -> Fact | None:
        key: Hashable = tuple(value.items())
        known = self._kept[name]
        try:
            fact = known.get(key, _UNREAD)
        except TypeError:  # a list is no part of a key
            if not _is_flat(chain.from_iterable(each for each in value.values() if type(each) is list)):
                return None
            key = tuple((part, (list, *each) if type(each) is list else each) for part, each in value.items())
            try:
                fact = known.get(key, _UNREAD)
            except TypeError:  # nor is an object
                return None
        return self._kept_fact(name, value, key) if fact is _UNREAD else fact

    def _kept_fact(self, name: str, value: Any, key: Hashable) -> Fact | None:
        """What the reader of facts makes of a value, if that is a fact without fault and warning; kept, where it is short."""
        library, beside = self._library(), None
        assert library is not None
        variable, fact = library.variables[name], None
        if isinstance(variable.type, QuantityType) and isinstance(value, dict):
            assert isinstance(key, tuple)
            beside = tuple(each for each in key if each[0] != "value")
            fact = _other_number(variable, self._measured[name].get(beside), value.get("value"))
        elif isinstance(variable.type, DateType) and isinstance(value, str):
            days = _days_of(value)
            fact = Fact(name, days, value) if days else None
        if fact is None:
            fact = _fact_read(variable, value, library)
            if len(str(key)) > _LONGEST_KEPT:
                return fact
            if beside is not None and fact is not None and _is_measured(fact):
                self._measured[name].setdefault(beside, fact)
        self._count += 1
        if self._count > _MOST_KEPT:
            self.forget()
            self._count = 1
        self._kept[name][key] = fact
        return fact

    def forget(self) -> None:
        """Keep nothing of what was read so far."""
        for kept in self._kept.values():
            kept.clear()
        for measured in self._measured.values():
            measured.clear()
        self._count = 0


def _fact_read(variable: Variable, value: object, library: Library) -> Fact | None:
    findings = _Unworded("")
    fact = read_fact(variable, settle(value, findings), library, "", findings)
    return None if findings.problems or findings.warnings else fact


def _is_measured(fact: Fact) -> bool:
    """Whether it says one number of a quantity, for which another could stand; 0 may do without what others need."""
    written = fact.written
    return written is not None and written.form == "value" and written.numbers[0] > 0


def _other_number(variable: Variable, known: Fact | None, given: object) -> Fact | None:
    """What an object says that differs from a known one in its number alone; None where that number may be refused."""
    if known is None or type(given) is not NumberText:
        return None
    number = given.value
    if number is None or number.numerator <= 0:
        return None
    if number.denominator == 1 and number.numerator in variable.refused:
        return None
    written = known.written
    assert written is not None
    measured = number if written.scale == 1 else number * written.scale
    return Fact(
        known.variable,
        Interval(measured, measured),
        f"{given.text} {written.unit}" if written.unit else given.text,
        limits=known.limits,
        written=Written("value", (number,), written.scale, written.unit),
    )


def full_day(written: object) -> int | None:
    """The day that a full date says; None if it is none."""
    if isinstance(written, date):
        written = written.isoformat()
    days = _days_of(written) if type(written) is str else None
    return int(days.low) if days and days.exact else None


def _is_on_or_before(written: object, day: int | None) -> bool:
    """Whether a date begins on a day or before; False where it is none, or there is no such day."""
    days = _days_of(written) if type(written) is str else None
    return days is not None and day is not None and days.low <= day


def _days_of(written: str) -> Interval | None:
    """The days that a date may mean; None if it is none."""
    try:
        return parse_date(written)
    except NotADateError:
        return None


def _is_json(value: dict[Any, object]) -> bool:
    """Whether an object holds what JSON text could say, so that values that are equal mean the same."""
    return set(map(type, value)) <= _TEXT and set(map(type, value.values())) <= _IN_OBJECTS


def _is_flat(entries: Iterable[object]) -> bool:
    return set(map(type, entries)) <= _BARE


class _Unworded(Findings):
    """Findings of which only counts whether there is one."""

    def _may_look_up(self, name: str) -> bool:
        return False


_of_libraries: dict[int, PlainFacts] = {}


def plain_facts(library: Library) -> PlainFacts:
    """Those of a library, which go with it."""
    found = _of_libraries.get(id(library))
    if found is None:
        found = _of_libraries[id(library)] = PlainFacts(library)
        weakref.finalize(library, _of_libraries.pop, id(library), None).atexit = False
    return found
