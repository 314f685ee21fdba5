"""What results of one day leave possible together: an interval, alternatives, or replicates of one measurement.

0.3 and 0.5 10*9/L          from 0.3 to 0.5 10*9/L
71 umol/L and 0.8 mg/dL     from 70.72 to 71 umol/L, the unit in which both have decimals that end
yes and no                  either
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import inf

from solver.language.calendar import format_day
from solver.language.domain import Interval, Number
from solver.language.types import DateType, IntegerType, ListType, QuantityType
from solver.library.models import Variable
from solver.patient.readers.foreign.document import document_text
from solver.patient.readers.foreign.units import decimal_text
from solver.patient.readers.native.json_text import NumberText
from solver.patient.record import Fact

Facts = Sequence[tuple[Mapping[str, object], Fact]]
"""Facts as they are written, with what the native reader makes of them."""


def replicates(facts: Facts, variable: Variable) -> Mapping[str, object]:
    """Values as replicates of one measurement, in the unit that all have, or one in which they are exact."""
    written = [each for each, _ in facts]
    if len({repr(each.get("unit")) for each in written}) == 1:
        return {"replicates": [each["value"] for each in written], **_common_keys(written)}
    values = [each.domain.low for _, each in facts if isinstance(each.domain, Interval)]
    unit, ratio = _exact_unit(variable, values)
    numbers = [decimal_text(Fraction(value) / ratio, up=True) for value in values]
    return {"replicates": numbers, **_in_unit(variable, unit)}


def combined(facts: Facts, variable: Variable) -> Mapping[str, object]:
    """What facts leave possible that were written of one day: all that some of them says may be."""
    kind = variable.type
    if isinstance(kind, QuantityType | IntegerType):
        return _covering_interval(facts, variable)
    if isinstance(kind, DateType):
        domains = [each.domain for _, each in facts if isinstance(each.domain, Interval)]
        if all(each.exact for each in domains):
            return {"one_of": [format_day(day) for day in sorted({int(each.low) for each in domains})]}
        low, high = min(int(each.low) for each in domains), max(int(each.high) for each in domains)
        return {"min": format_day(low), "max": format_day(high)}
    if isinstance(kind, ListType):
        every = dict.fromkeys(entry for _, each in facts for entry in each.entries)
        shared = [entry for entry in every if all(entry in each.entries for _, each in facts)]
        return {"value": sorted(every) if len(every) <= (variable.most or len(every)) else sorted(shared)}
    named = [value for written, _ in facts for value in _values_allowed(written)]
    return {"one_of": sorted(dict.fromkeys(named), key=str)}


def _values_allowed(written: Mapping[str, object]) -> list[object]:
    found = written.get("one_of", [written.get("value")])
    return found if isinstance(found, list) else [found]


def _covering_interval(facts: Facts, variable: Variable) -> Mapping[str, object]:
    """The interval from the least to the greatest, in the unit that all are written in, or one in which its ends are exact."""
    ends = [(written, each.domain) for written, each in facts if isinstance(each.domain, Interval)]
    low = min(ends, key=lambda end: (end[1].low, end[1].low_open))
    high = max(ends, key=lambda end: (end[1].high, not end[1].high_open))
    alike = len({repr((each.get("unit"), each.get("drug"))) for each, _ in ends}) == 1
    unit, ratio = _exact_unit(variable, [low[1].low, high[1].high])
    found: dict[str, object] = {}
    if low[1].low > 0:
        text = low[0].get("value", low[0].get("min")) if alike else None
        found |= _interval_end("min", text, low[1].low, ratio, is_open=low[1].low_open and not low[1].whole)
    if high[1].high != inf:
        text = high[0].get("value", high[0].get("max")) if alike else None
        found |= _interval_end(
            "max", text, high[1].high, ratio, is_open=high[1].high_open and not high[1].whole
        )
    found = found or {"min": NumberText("0")}
    return {**found, **(_common_keys([each for each, _ in ends]) if alike else _in_unit(variable, unit))}


def _exact_unit(variable: Variable, numbers: Sequence[Number]) -> tuple[str | None, Fraction]:
    """A unit of the variable in which these numbers have decimals that end, else its own; and what one of it is in its own."""
    kind = variable.type
    if not isinstance(kind, QuantityType):
        return None, Fraction(1)
    units = [(kind.unit.text, Fraction(1)), *((unit.text, ratio) for unit, ratio in kind.equivalents)]
    finite = [Fraction(each) for each in numbers if abs(each) != inf]
    exact = (each for each in units if all(_is_exact(number / each[1]) for number in finite))
    return next(exact, units[0])


def _is_exact(number: Fraction) -> bool:
    return decimal_text(number, up=True).text == decimal_text(number, up=False).text


def _interval_end(
    key: str, text: object, number: Number, ratio: Fraction, *, is_open: bool
) -> dict[str, object]:
    """One end of an interval: as it is written, where it is, or in a unit that is `ratio` of the variable's own."""
    end = text if isinstance(text, NumberText) else decimal_text(Fraction(number) / ratio, up=key == "max")
    return {key: end, f"{key}_exclusive": True} if is_open else {key: end}


def _common_keys(facts: Sequence[Mapping[str, object]]) -> dict[str, object]:
    """What stands beside the numbers of all of them alike."""
    first = facts[0]
    keys = [
        key for key in ("unit", "drug", "uln", "lln") if len({repr(each.get(key)) for each in facts}) == 1
    ]
    return {key: first[key] for key in keys if key in first}


def _in_unit(variable: Variable, unit: str | None) -> dict[str, object]:
    """A unit, and for the dose of a drug the one that the variable is reckoned in."""
    found: dict[str, object] = {} if unit is None or variable.bare else {"unit": unit}
    drug = next((name for name, worth in variable.drugs.items() if worth == 1), None)
    return {**found, "drug": drug} if drug else found


def preferred(facts: Sequence[Mapping[str, object]]) -> Mapping[str, object]:
    """Of equal facts always the same, with the limits of normal that some tell, as far as these agree."""
    limits = [{key: fact[key] for key in ("uln", "lln") if key in fact} for fact in facts]
    told = {
        document_text((each, fact.get("unit"))): each
        for each, fact in zip(limits, facts, strict=True)
        if each
    }
    if len(told) == 1:
        facts = [fact for fact, each in zip(facts, limits, strict=True) if each]
    chosen = min(facts, key=document_text)
    return chosen if len(told) <= 1 else {key: chosen[key] for key in chosen if key not in ("uln", "lln")}
