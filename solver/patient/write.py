"""Writing a record: the JSON document that `read_record` reads back as the same facts."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import partial

from solver.errors import EngineError
from solver.language.calendar import format_day
from solver.language.domain import Interval, Number, Recorded
from solver.language.types import DateType, EnumerationType, QuantityType
from solver.library.models import Library, Variable
from solver.patient.readers.native.entry_lists import COMPLETE
from solver.patient.readers.native.events import NEVER
from solver.patient.record import Context, Fact, Record

_MOST_REPLICATES = 1000


def record_document(record: Record, library: Library) -> dict[str, object]:
    """The record as a JSON document, in the order of its facts: quantities in the unit of their variable, dates as ISO days.

    Reading it gives the same day, context, and for every fact the same domain, values, date and source; the text of a fact may differ,
    since it says how the fact was written. An entry of a list is as the fact's text has it.

    Raises `EngineError` for a number that has no exact decimal form in any unit of its variable.
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
        entries = _statement_entries(fact, variable) | _limit_entries(fact, variable) | told
        return entries["value"] if set(entries) == {"value"} else entries
    times = replace(fact, domain=fact.multiple.times, values=fact.multiple.values, multiple=None)
    multiple = (
        _form_entries(times, fact.multiple.times, exact_decimal)
        | {"unit": fact.multiple.limit.upper()}
        | told
    )
    if fact.date is None or fact.domain == Interval(0, math.inf, variable.positive, True):
        return multiple
    return [fact_document(replace(fact, multiple=None), variable), multiple]


def _limit_entries(fact: Fact, variable: Variable) -> dict[str, object]:
    """The limits of normal beside a quantity, in the unit that it is written in."""
    if not fact.limits or not isinstance(variable.type, QuantityType):
        return {}
    written = _statement_entries(fact, variable).get("unit", variable.type.unit.text)
    units = ((variable.type.unit, Fraction(1)), *variable.type.equivalents)
    ratio = next(ratio for unit, ratio in units if unit.text == written)
    return {limit: exact_decimal(value / ratio) for limit, value in fact.limits}


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
    if isinstance(kind, QuantityType):
        return _quantity_entries(fact, domain, variable, kind)
    return _form_entries(fact, domain, int)


def _list_entries(fact: Fact, domain: Recorded) -> list[str]:
    entries = fact.text.split(", ") if domain.size else []
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


def _quantity_entries(
    fact: Fact, domain: Interval, variable: Variable, kind: QuantityType
) -> dict[str, object]:
    for unit, ratio in ((kind.unit, Fraction(1)), *kind.equivalents):
        try:
            entries = _form_entries(fact, domain, partial(in_unit, ratio), positive=variable.positive)
        except ValueError:
            continue
        return entries | _unit_entries(variable, unit.text)
    if domain.exact and fact.values is None:
        return _replicate_entries(domain.low) | _unit_entries(variable, kind.unit.text)
    raise EngineError(f"{fact.text} of {fact.variable} has no exact decimal form in {kind.unit.text}")


def in_unit(ratio: Fraction, value: Number) -> int | float:
    """A number in a unit of which one is `ratio`, as `exact_decimal`."""
    return exact_decimal(Fraction(value) / ratio)


def _unit_entries(variable: Variable, unit: str) -> dict[str, object]:
    """The unit, and for the dose of a drug the one that the variable is reckoned in."""
    found: dict[str, object] = {} if variable.bare else {"unit": unit}
    reference = next((drug for drug, worth in variable.drugs.items() if worth == 1), None)
    return found if reference is None else {**found, "drug": reference}


def _replicate_entries(value: Number) -> dict[str, object]:
    """An exact number without a decimal form, as measurements of which it is the mean."""
    exact = Fraction(value)
    number = exact.denominator
    while number % 2 == 0:
        number //= 2
    while number % 5 == 0:
        number //= 5
    low = Fraction(math.floor(exact))
    if number > _MOST_REPLICATES:
        raise EngineError(f"{exact} has no exact decimal form")
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
