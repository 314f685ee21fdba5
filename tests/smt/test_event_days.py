"""Dates that may lie outside the calendar: the solver agrees with evaluation, and their names are quoted."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from solver.evaluation.evaluate import evaluate
from solver.evaluation.narrow import assume
from solver.language import tree as t
from solver.language.calendar import AFTER_EVERY_DAY, BEFORE_EVERY_DAY
from solver.language.concept_terms import shifted_days, shifted_months
from solver.language.domain import Domain, Inconsistent, Interval, point
from solver.language.types import DateType
from solver.language.values import Day
from solver.smt.outcome import Sat
from solver.smt.query import Query
from tests.support.libraries.concept_library import concept_library

TODAY = date(2026, 11, 20).toordinal()
ENDED, BEGUN = "last_end(a except {b, c})", "first_start(d)"
ANYTIME = Interval(BEFORE_EVERY_DAY, AFTER_EVERY_DAY, whole=True)
RANGES: dict[str, Domain] = {ENDED: ANYTIME, BEGUN: ANYTIME, t.AS_OF: point(TODAY, whole=True)}
TYPES = dict.fromkeys(RANGES, DateType())

event_days = st.one_of(
    st.sampled_from([BEFORE_EVERY_DAY, AFTER_EVERY_DAY, TODAY, date(2024, 2, 29).toordinal()]),
    st.integers(TODAY - 500, TODAY),
)


@st.composite
def moved(draw: st.DrawFn, name: str) -> Day:
    """A day of an event, moved by days or months, perhaps twice."""
    variable = t.NumberVariable(name, "date")
    found = Day(variable, variable)
    for _ in range(draw(st.integers(0, 2))):
        if draw(st.booleans()):
            found = shifted_days(found, draw(st.sampled_from([-1, 1, 28, 400])))
        else:
            found = shifted_months(found, draw(st.sampled_from([-14, -1, 1, 3])))
    return found


@st.composite
def comparisons(draw: st.DrawFn) -> t.Condition:
    """A comparison of an event's day with another, or with a day of the calendar, as the language writes it."""
    left = draw(moved(ENDED))
    right = draw(st.one_of(moved(BEGUN), st.just(Day(t.NumberVariable(t.AS_OF, "date")))))
    relation = draw(st.sampled_from(["<", "<=", "=="]))
    if right.endless is None:
        return t.Compare(relation, left.term, right.term)  # type: ignore[arg-type]
    assert left.endless is not None
    return t.Compare(relation, left.endless, right.endless)  # type: ignore[arg-type]


@settings(max_examples=150, deadline=None)
@given(condition=comparisons(), ended=event_days, begun=event_days)
def test_the_solver_agrees_with_evaluation(condition: t.Condition, ended: int, begun: int) -> None:
    """Of two days the solver, evaluation and narrowing say the same of a comparison."""
    known = {**RANGES, ENDED: point(ended, whole=True), BEGUN: point(begun, whole=True)}
    truth = evaluate(condition, known)
    assert truth is not None
    query = Query(TYPES, RANGES)
    query.state([condition])
    query.bound(known)
    assert isinstance(query.session(witness=True).decide(), Sat) is truth
    wide = dict(RANGES)
    try:
        assume(condition, truth, wide, set())
    except Inconsistent:
        raise AssertionError(f"narrowing refutes {ended} and {begun}") from None
    for name, value in ((ENDED, ended), (BEGUN, begun)):
        domain = wide[name]
        assert isinstance(domain, Interval)
        assert value in domain


def test_a_witness_names_the_variable() -> None:
    """In the text the name is quoted, in the witness it is as the vocabulary has it."""
    query = Query(TYPES, RANGES)
    query.state([t.Compare("==", t.NumberVariable(ENDED, "date"), t.Constant(7))])  # type: ignore[arg-type]
    outcome = query.session(witness=True).decide()
    assert isinstance(outcome, Sat)
    assert outcome.witness[ENDED] == 7


def test_infinite_days_compare_as_such(tmp_path: Path) -> None:
    """Two that never ended, moved on by different lengths, are equal; one that goes on is after both."""
    (clause,) = (
        concept_library(tmp_path, "last_end(hma) + 28 d <= last_end(car_t) + 3 mo").trials["ONE"].clauses
    )
    condition = clause.conditions["A"]
    for one, other, truth in (
        (BEFORE_EVERY_DAY, BEFORE_EVERY_DAY, True),
        (AFTER_EVERY_DAY, AFTER_EVERY_DAY, True),
        (AFTER_EVERY_DAY, TODAY, False),
        (BEFORE_EVERY_DAY, TODAY, True),
    ):
        known = {"last_end(hma)": point(one, whole=True), "last_end(car_t)": point(other, whole=True)}
        assert evaluate(condition, known) is truth
