"""Writing a record: the JSON document that `read_record` reads back as the same facts."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial

from solver.errors import EngineError
from solver.language.calendar import format_day
from solver.language.domain import Interval, Number, Recorded, point
from solver.language.types import DateType, EnumerationType, QuantityType
from solver.library.models import Library, Variable
from solver.patient.readers.native.entry_lists import COMPLETE
from solver.patient.readers.native.events import NEVER
from solver.patient.record import Context, Fact, Record
from solver.text import clean

Scale = tuple[Fraction, Mapping[str, object]]
"""What one is worth of a unit, and of a drug where it is a dose, in the variable's own; and the keys that say these."""

_MOST_REPLICATES = 1000


def record_document(record: Record, library: Library) -> dict[str, object]:
    """The record as a JSON document, in the order of its facts: quantities in the unit of their variable if that can be, dates as ISO days.

    Reading it gives the same day, context, and for every fact the same domain, values, date and source; the text of a fact may differ,
    since it says how the fact was written. An entry of a list is as the fact's text has it.

    Raises `EngineError` for a number that was not read, and has no exact decimal form in any unit of its variable.
    """
    found: dict[str, object] = {
        "id": record.id,
        "as_of": format_day(record.as_of),
        "facts": {name: fact_document(fact, library.variables[name]) for name, fact in record.facts.items()},
    }
    facts = found["facts"]
    assert isinstance(facts, dict)
    entries = [(each.list, each.document) for each in record.events]
    entries += [(each.list, each.document) for each in record.findings]
    for name, entry in entries:
        facts.setdefault(name, []).append(dict(entry))
    for word in (NEVER, COMPLETE):
        said: list[object] = [
            name for name, fact in record.facts.items() if fact.complete and word == COMPLETE
        ]
        for each in record.closures:
            if each.word == word:
                said.append({"of": each.written, "source": each.source} if each.source else each.written)
        if said:
            found[word] = said
    context = context_document(record.context)
    return {**found, "context": context} if context else found


def context_document(context: Context) -> dict[str, object]:
    """What a context says besides the default, as JSON; empty if that is nothing."""
    found: dict[str, object] = {}
    if context.open_cohorts:
        found["open_cohorts"] = {code: sorted(open_) for code, open_ in sorted(context.open_cohorts.items())}
    if context.readings:
        found["readings"] = sorted(context.readings)
    if context.secondary_sources:
        found["secondary_sources"] = True
    if context.reference:
        found["reference"] = {
            name: [row.document for row in rows] for name, rows in context.reference.items()
        }
    return found


def fact_document(fact: Fact, variable: Variable) -> object:
    """One fact as JSON; see `record_document`."""
    told = {key: text for key, text in (("date", fact.date), ("source", fact.source)) if text is not None}
    if fact.multiple is None:
        return _stated(fact, variable, told)
    times = replace(fact, domain=fact.multiple.times, values=fact.multiple.values, limits=(), multiple=None)
    multiple = _number_document(
        times, [(Fraction(1), {"unit": fact.multiple.limit.upper()})], told, above_zero=True
    )
    anything = fact.domain == Interval(0, math.inf, variable.positive, True) and not fact.limits
    if fact.date is None or anything:
        return multiple
    results = (_stated(replace(fact, multiple=None), variable, told), multiple)
    return [one for each in results for one in (each if isinstance(each, list) else [each])]


def _stated(fact: Fact, variable: Variable, told: Mapping[str, object]) -> object:
    """What a fact says without a multiple of a limit, with its date and source."""
    if isinstance(variable.type, QuantityType):
        return _number_document(fact, _scales(variable, variable.type), told, positive=variable.positive)
    entries = {**_statement_entries(fact, variable), **told}
    return entries["value"] if set(entries) == {"value"} else entries


def _statement_entries(fact: Fact, variable: Variable) -> dict[str, object]:
    domain, kind = fact.domain, variable.type
    if isinstance(domain, Recorded):
        return {"value": _list_entries(fact, domain)}
    if fact.concepts is not None:
        named = sorted(fact.concepts)
        return {"value": named[0]} if len(named) == 1 else {"one_of": named}
    if isinstance(domain, frozenset):
        order = kind.values if isinstance(kind, EnumerationType) else (False, True)
        chosen = [value for value in order if value in domain]
        return {"value": chosen[0]} if len(chosen) == 1 else {"one_of": chosen}
    assert isinstance(domain, Interval)
    if isinstance(kind, DateType):
        return _form_entries(fact, domain, lambda day: format_day(int(day)))
    return _form_entries(fact, domain, int)


def _list_entries(fact: Fact, domain: Recorded) -> list[str]:
    entries = fact.text.split(", ") if domain.size else []
    if len(entries) != domain.size:  # a name may have a comma
        entries = [clean(each) for each in fact.entries]
    if len(entries) != domain.size:
        raise EngineError(f"the entries of {fact.variable} cannot be told apart: one of them has a comma")
    return entries


def _form_entries(
    fact: Fact, domain: Interval, write: Callable[[Number], object], *, positive: bool = False
) -> dict[str, object]:
    """A value, several values, or a range, each number or day written by `write`."""
    if fact.values is not None:
        return {"one_of": [write(value) for value in fact.values]}
    if domain.exact:
        return {"value": write(domain.low)}
    ends: dict[str, object] = {}
    for key, value, is_open in (("min", domain.low, domain.low_open), ("max", domain.high, domain.high_open)):
        if not isinstance(value, float) and not (key == "min" and value == 0 and is_open is positive):
            ends[f"{key}_exclusive" if is_open and not domain.whole else key] = write(value)
    return ends or {"min": write(0)}


def _scales(variable: Variable, kind: QuantityType) -> list[Scale]:
    """The ways to write a quantity, in the variable's own unit and by the drug that it is reckoned in first."""
    units = ((kind.unit, Fraction(1)), *kind.equivalents)
    drugs = sorted(variable.drugs.items(), key=lambda drug: drug[1] != 1) or [("", Fraction(1))]
    return [
        (ratio * worth, ({} if variable.bare else {"unit": unit.text}) | ({"drug": drug} if drug else {}))
        for drug, worth in drugs
        for unit, ratio in units
    ]


def _number_document(
    fact: Fact,
    scales: Sequence[Scale],
    told: Mapping[str, object],
    *,
    positive: bool = False,
    above_zero: bool = False,
    side: bool = False,
) -> object:
    """A number and its limits, written in one way of those there are in which each of them has a decimal form.

    A number that has none is the mean of several measurements. A range whose ends are not written in one way comes of several results of a
    day, and is written as two, each a `side` of it; `EngineError` is raised where limits fit neither.
    """
    domain = fact.domain
    assert isinstance(domain, Interval)
    for (scale, unit), mean in _in_turn(scales, one=domain.exact and fact.values is None):
        write = partial(in_unit, scale)
        try:
            form = (
                _replicate_entries(Fraction(domain.low) / scale, positive=above_zero or positive)
                if mean
                else _form_entries(fact, domain, write, positive=positive)
            )
            limits: dict[str, object] = {limit: write(value) for limit, value in fact.limits}
        except ValueError:
            continue
        entries: dict[str, object] = {**form, **unit, **limits, **told}
        return entries["value"] if set(entries) == {"value"} else entries
    if fact.values is not None or domain.exact or fact.date is None or side:
        raise _unwritable(fact)
    sides = (replace(fact, domain=each) for each in _sides(fact, domain, scales))
    more = {"positive": positive, "above_zero": above_zero, "side": True}
    return [_number_document(each, scales, told, **more) for each in sides]


def _in_turn(scales: Sequence[Scale], *, one: bool) -> Iterator[tuple[Scale, bool]]:
    """In which ways it is tried to write a number, and whether as a mean, which only `one` number is."""
    reckoned = [scale for scale in scales if scale[1].get("drug") == scales[0][1].get("drug")]
    yield from ((scale, False) for scale in reckoned)
    if one:
        yield scales[0], True
    yield from ((scale, False) for scale in scales[len(reckoned) :])
    if one:
        yield from ((scale, True) for scale in scales[1:])


def _sides(fact: Fact, domain: Interval, scales: Sequence[Scale]) -> tuple[Interval, Interval]:
    """Two intervals within another one, from the least to the greatest, each of which has one of its ends and can be written."""
    low, high = Fraction(domain.low), domain.high
    lower = upper = point(low, whole=False)
    if domain.low_open:
        lower = Interval(low, low + _step_within(fact, domain, low, scales), low_open=True)
    if isinstance(high, float):
        upper = Interval(math.floor(low) + 1, high, high_open=True)
    elif domain.high_open:
        upper = Interval(high - _step_within(fact, domain, Fraction(high), scales), high, high_open=True)
    else:
        upper = point(high, whole=False)
    return lower, upper


def _step_within(fact: Fact, domain: Interval, end: Fraction, scales: Sequence[Scale]) -> Fraction:
    """How far from an end of the interval a number lies within it that is written as the end is."""
    for scale, _ in scales:
        try:
            in_unit(scale, end)
        except ValueError:
            continue
        step = scale
        while step >= domain.high - domain.low:
            step /= 10
        return step
    raise _unwritable(fact)


def _unwritable(fact: Fact) -> EngineError:
    return EngineError(f"{fact.text} of {fact.variable} has no exact decimal form")


def in_unit(ratio: Fraction, value: Number) -> int | float:
    """A number in a unit of which one is `ratio`, as `exact_decimal`."""
    return exact_decimal(Fraction(value) / ratio)


def _replicate_entries(value: Number, *, positive: bool) -> dict[str, object]:
    """An exact number without a decimal form, as measurements of which it is the mean, none of them 0 if they are `positive`.

    Raises `ValueError` if it takes too many.
    """
    exact = Fraction(value)
    number = exact.denominator
    while number % 2 == 0:
        number //= 2
    while number % 5 == 0:
        number //= 5
    low = Fraction(math.floor(exact))
    if positive and low == 0:
        low = Fraction(1, 10 ** len(str(math.floor(1 / exact))))
    if number > _MOST_REPLICATES:
        raise ValueError(f"{exact} has no exact decimal form")
    rest = (exact - low) * number
    return {"replicates": [exact_decimal(low + rest)] + [exact_decimal(low)] * (number - 1)}


def exact_decimal(value: Number) -> int | float:
    """The number as Python and JSON write it exactly; raises `ValueError` for one that has no short decimal form."""
    exact = Fraction(value)
    if exact.denominator == 1:
        return int(exact)
    written = float(exact)
    if Fraction(repr(written)) != exact:
        raise ValueError(f"{exact} has no exact decimal form")
    return written
