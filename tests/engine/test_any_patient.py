"""Somebody or nobody, on the day of the start or on another: the example of the module."""

from __future__ import annotations

from datetime import date

from solver.engine.days.any_day import AnyPatient
from solver.engine.witnesses.witness import REFERENCE_DAY
from solver.language.elaborate import condition_of
from solver.language.parse import parse_expression
from solver.language.tree import Condition
from solver.language.values import Scope
from solver.patient.record import Record
from tests.support.libraries.shipped import LIBRARY

START = Record("witness", REFERENCE_DAY.toordinal(), {})


def said(text: str) -> Condition:
    """A condition in the words of the shipped vocabulary."""
    types = {name: variable.type for name, variable in LIBRARY.variables.items()}
    return condition_of(parse_expression(text), Scope(types, dict(LIBRARY.definitions), {}))


def test_somebody_is_found_on_the_day_of_the_start_if_there_is_anyone() -> None:
    """The day comes with a box in which every goal is still possible; of goals that exclude each other there is nobody on any day."""
    patient = AnyPatient(LIBRARY, START, None, every_day=True)
    found = patient.possible([said("age >= 18"), said("ecog <= 1")])
    assert found is not None
    assert found[0] == START.as_of
    assert patient.possible([said("age >= 18"), said("age < 18")]) is None


def test_who_is_there_on_another_day_alone_is_found_with_the_day() -> None:
    """Who is born on a 29 February is 18 by the calendar's months a day before the birthday: only in a year that has no such day."""
    patient = AnyPatient(LIBRARY, START, None, every_day=True)
    goals = [said("birth_date + 18 a <= as_of"), said("age < 18")]
    assert patient.on_the_day(goals) is None
    assert patient.matters(goals)
    found = patient.possible(goals)
    assert found is not None
    assert date.fromordinal(found[0]).strftime("%m-%d") == "02-28"
    assert patient.on_its_day_alone().possible(goals) is None
