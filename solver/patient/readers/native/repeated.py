"""Several dated results of one variable: those of the latest day on or before the day of evaluation count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from solver.language.calendar import format_day
from solver.language.domain import Domain, Interval, hull
from solver.language.types import DateType, IntegerType, ListType, QuantityType
from solver.library.models import Library, Variable
from solver.patient.readers.native.dates import NotADateError, parse_date
from solver.patient.readers.native.facts import read_fact
from solver.patient.readers.native.json_text import shown
from solver.patient.readers.native.record_faults import Findings, step
from solver.patient.readers.native.statement import MOST_ENTRIES
from solver.patient.record import Fact, MultipleOfLimit

_APART = Fraction(1, 10)


def are_results(variable: Variable, value: object) -> bool:
    """Whether several results are written of a variable, rather than the value of one."""
    if not isinstance(value, list) or isinstance(variable.type, ListType):
        return False
    return not value or any(isinstance(entry, dict) for entry in value)


def read_results(
    variable: Variable,
    given: object,
    library: Library,
    where: str,
    findings: Findings,
    as_of: int | None,
) -> Fact | None:
    """What several dated results leave of a variable; None, perhaps with faults noted, if that is nothing."""
    assert isinstance(given, list)
    if not given:
        findings.add(where, f"the list has no result: give at least one, or leave {variable.name} out")
        return None
    if len(given) > MOST_ENTRIES:
        findings.add(where, f"has {len(given)} results: give at most {MOST_ENTRIES:,}")
        return None
    faults, found = len(findings.problems), list[tuple[int, Fact]]()
    for position, entry in enumerate(given):
        at = step(where, position)
        day = _day_of(entry, at, findings)
        if day is None:
            continue
        later = as_of is not None and day > as_of
        fact = read_fact(variable, entry, library, at, findings)
        if later and as_of is not None:
            text = f"the result of {format_day(day)} is after the day of evaluation ({format_day(as_of)}); it is not used"
            findings.warn("dated-later", variable.name, text)
        elif fact is not None:
            found.append((day, fact))
    if len(findings.problems) > faults or not found:
        return None
    latest = max(day for day, _ in found)
    counting = [fact for day, fact in found if day == latest]
    return counting[0] if len(counting) == 1 else _covering_fact(variable, counting, findings)


def _day_of(entry: object, where: str, findings: Findings) -> int | None:
    """The day of a result, which must be a full date; None with a fault noted."""
    written = entry.get("date") if isinstance(entry, dict) else None
    if written is None:
        found = "has no date" if isinstance(entry, dict) else f"{shown(entry)} is no dated result"
        findings.add(
            where, f'{found}: of several results each is written {{"value": ..., "date": "YYYY-MM-DD"}}'
        )
        return None
    try:
        return int(parse_date(written, partial=False).low)
    except NotADateError as error:
        findings.add(step(where, "date"), str(error))
        return None


def _covering_fact(variable: Variable, facts: Sequence[Fact], findings: Findings) -> Fact:
    """Results of one day as one fact: the interval that covers numbers, either value of the rest."""
    values = [fact for fact in facts if fact.multiple is None]
    multiples = [fact for fact in facts if fact.multiple is not None]
    if values and multiples:
        return _value_and_multiple(
            variable, _joined_fact(variable, values), _joined_fact(variable, multiples), findings
        )
    return _joined_fact(variable, facts)


def _joined_fact(variable: Variable, facts: Sequence[Fact]) -> Fact:
    first = facts[0]
    texts = list(dict.fromkeys(fact.text for fact in facts))
    limits = dict(limit for fact in reversed(facts) for limit in fact.limits)
    if len(facts) == 1:
        return first
    multiple = first.multiple
    domain: Domain = first.domain
    values: tuple[Fraction, ...] | None = None
    for fact in facts[1:]:
        if multiple is not None and fact.multiple is not None:
            multiple = MultipleOfLimit(multiple.limit, hull(multiple.times, fact.multiple.times))
        if isinstance(domain, Interval) and isinstance(fact.domain, Interval):
            domain = hull(domain, fact.domain)
        elif isinstance(domain, frozenset) and isinstance(fact.domain, frozenset):
            domain = frozenset({*domain, *fact.domain})
    if isinstance(variable.type, DateType):
        values = _days_named(facts)
    text = " and ".join(texts)
    if isinstance(variable.type, IntegerType | QuantityType) and len(texts) > 1:
        text = f"{' to '.join(texts)}, on one day"
    return Fact(
        first.variable,
        domain,
        text,
        values,
        first.date,
        first.source,
        limits=tuple(limits.items()),
        multiple=multiple,
    )


def _days_named(facts: Sequence[Fact]) -> tuple[Fraction, ...] | None:
    """The days that exact dates name; None where one of them is not exact."""
    days: set[Fraction] = set()
    for fact in facts:
        if fact.values is not None:
            days.update(fact.values)
        elif isinstance(fact.domain, Interval) and fact.domain.exact:
            days.add(Fraction(fact.domain.low))
        else:
            return None
    return tuple(sorted(days)) if len(days) > 1 else None


def _value_and_multiple(variable: Variable, value: Fact, multiple: Fact, findings: Findings) -> Fact:
    """A value and a multiple of one day: the value counts where its limit is known, else both hold."""
    assert multiple.multiple is not None
    limit = dict(value.limits).get(multiple.multiple.limit)
    text = f"{value.text} and {multiple.text}"
    if limit is None:
        return replace(value, text=text, multiple=multiple.multiple)
    if isinstance(value.domain, Interval) and apart(value.domain, multiple.multiple.times, limit):
        said = f"{value.text} and {multiple.text} are of one day and more than 10 % apart; the first is used"
        findings.warn("results-disagree", variable.name, said)
    return value


def apart(value: Interval, times: Interval, limit: Fraction) -> bool:
    """Whether a value and a multiple of its limit differ by more than a tenth."""
    if isinstance(value.low, float) or isinstance(value.high, float):
        return False
    if isinstance(times.low, float) or isinstance(times.high, float):
        return False
    low, high = times.low * limit, times.high * limit
    return Fraction(value.low) > high * (1 + _APART) or Fraction(value.high) < low * (1 - _APART)
