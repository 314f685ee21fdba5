"""How far a recorded number is from what a clause asks: the value that it alone would have to have, in the unit it was recorded in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction

from solver.engine.answer import Requirement
from solver.engine.problem import Problem
from solver.engine.requirement_words import requirement_text
from solver.engine.requirements import required_alone
from solver.language.domain import Interval
from solver.language.tree import Condition
from solver.language.types import IntegerType, QuantityType
from solver.language.units import Unit, UnknownUnit, parse_unit
from solver.library.models import Library, Variable
from solver.patient.record import Record
from solver.report.words import listed

_EXACT = re.compile(r" \(exactly [^)]*\)")
"""What a threshold says of itself where it has no short decimal form: it is rounded towards what is allowed."""


def limits(
    problem: Problem,
    library: Library,
    record: Record,
    condition: Condition,
    names: Iterable[str],
    ranges: Iterable[str] = (),
) -> str:
    """What each recorded number alone would have to be for the condition to hold, the others as recorded; empty where none can.

    Only numbers that can change are told. Thresholds are rounded towards what is allowed. `ranges` names numbers that are not recorded, and
    whose plausible range is part of why the condition does not hold: no plausible value is enough.
    """
    parts = []
    for name in [*names, *ranges]:
        text = _limit(problem, library, record, condition, name)
        if text is not None:
            beyond = "" if name in record.facts else ", which is not plausible"
            parts.append(f"{library.variables[name].label} {text}{beyond}")
    return listed(parts, "or")


def _limit(problem: Problem, library: Library, record: Record, condition: Condition, name: str) -> str | None:
    variable = library.variables[name]
    if not isinstance(variable.type, QuantityType | IntegerType) or variable.changes == "never":
        return None
    found = required_alone(problem, condition, name)
    if found is None or not isinstance(found.allowed, tuple) or not found.allowed or found.text is None:
        return None
    fact = record.facts.get(name)
    return in_recorded_unit(found, variable, fact.text) if fact else _EXACT.sub("", found.text)


def in_recorded_unit(found: Requirement, variable: Variable, recorded: str) -> str | None:
    """What is required, in the unit that the fact was recorded in; thresholds without a short form are rounded towards what is allowed."""
    if found.text is None:
        return None
    text = _EXACT.sub("", found.text)
    unit = _recorded_unit(recorded)
    if not isinstance(variable.type, QuantityType) or unit is None or variable.drugs:
        return text
    factor = variable.type.convert(Fraction(1), unit)
    if factor is None or factor == 1:
        return text
    assert isinstance(found.possible, Interval)
    assert isinstance(found.allowed, tuple)
    allowed = tuple(_scaled(part, factor) for part in found.allowed)
    shown = requirement_text(_scaled(found.possible, factor), allowed, variable, unit.text) or ""
    return f"{_EXACT.sub('', shown)} ({text.removeprefix('at most ').removeprefix('at least ')})"


def short(text: str) -> str:
    """A requirement without what it says of thresholds that are rounded."""
    return _EXACT.sub("", text)


def _scaled(interval: Interval, factor: Fraction) -> Interval:
    low, high = (
        end if isinstance(end, float) else Fraction(end) / factor for end in (interval.low, interval.high)
    )
    return Interval(low, high, interval.low_open, interval.high_open)


def _recorded_unit(text: str) -> Unit | None:
    """The unit that a fact was recorded in, from its words."""
    last = text.rsplit(" ", 1)[-1]
    try:
        return parse_unit(last)
    except UnknownUnit:
        return None
