"""What is claimed of every day of evaluation: against each day of the calendar's four years, worked out one by one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from solver.engine.clauses import ConditionCache
from solver.engine.days.any_day import DAYS, AnyDay, day_of
from solver.language.calendar import CYCLE, last_day_reaching
from solver.library.files.yaml_places import Document, parse_document
from solver.library.models import Trial
from solver.library.trial_files import compile_trial
from solver.patient.record import Context
from solver.questions.check.ask import check
from solver.questions.check.trial_view import Source
from solver.questions.diff.admission import Everyone, admission
from solver.questions.diff.ask import compare
from solver.smt.session import Budget
from tests.support.libraries.shipped import LIBRARY

FIRST, LAST = DAYS

HEAD = """
trial: NCT00000001
code: T
title: An invented trial
intervention: nothing
recruitment: recruiting
criteria: full
sources: [{id: S, text: invented}]
cohorts: {ALL: {label: All}}
clauses:
"""


def document(clauses: Mapping[str, str]) -> Document:
    """The file of a trial with these clauses, by id."""
    entries = [
        f"  - {{id: {name}, label: A clause, source: S, class: objective, changes: never, require: '{text}'}}\n"
        for name, text in clauses.items()
    ]
    return parse_document(HEAD + "".join(entries), "t.yaml")


def trial(clauses: Mapping[str, str]) -> Trial:
    """That trial."""
    return compile_trial(document(clauses), LIBRARY)


def kinds(clauses: Mapping[str, str], budget: Budget | None = None) -> set[tuple[str, tuple[str, ...]]]:
    """What the check finds in that trial: kinds, with the clauses that each is about."""
    file = document(clauses)
    found = check(LIBRARY, [Source(compile_trial(file, LIBRARY), file, "t.yaml")], budget=budget).findings
    return {(finding.kind, finding.clauses) for finding in found}


def fewest_days(months: int) -> list[int]:
    """For each day of four years, how many days before it a date must lie at least for so many months to have passed."""
    return [day - last_day_reaching(day, months) for day in range(FIRST, LAST + 1)]


def months_and_days(months: int, days: int) -> dict[str, str]:
    """Two clauses that ask for about the same time since an event."""
    return {
        "I1": f"last_hsct_date + {months} mo <= as_of",
        "I2": f"days_between(last_hsct_date, as_of) >= {days}",
    }


SPANS = st.integers(1, 14).flatmap(
    lambda months: st.tuples(st.just(months), st.integers(30 * months - 4, 31 * months + 2))
)


def test_the_days_are_one_cycle_of_the_calendar() -> None:
    """Four years, so that every day of the calendar's cycle is among them."""
    assert LAST - FIRST + 1 == CYCLE == len({date.fromordinal(day) for day in range(FIRST, LAST + 1)})


@given(SPANS)
@example((3, 89)).via("the fewest days that three months have")
@example((3, 90)).via("fewer days than three months have from 1 January")
@example((3, 92)).via("the most days that three months have")
@example((12, 365)).via("a year has more days only around a leap day")
@settings(max_examples=15)
def test_months_and_days_compare_as_on_some_day_of_four_years(span: tuple[int, int]) -> None:
    """Of months against days, and of days that stand beside months in both, the relation is what the days one by one give."""
    months, days = span
    fewest = fewest_days(months)
    clauses = months_and_days(months, days)
    lost, gained = any(each < days for each in fewest), any(each > days for each in fewest)
    by_months, by_days = ({"I1": clauses[name]} for name in ("I1", "I2"))
    found = compare(LIBRARY, trial(by_months), trial(by_days)).pairing
    assert (found.lost.exists, found.gained.exists) == (lost, gained)
    # the clause that counts months is in both
    without = compare(LIBRARY, trial(clauses), trial(by_months))
    assert without.pairing.relation == ("looser" if lost else "equivalent")
    assert (without.pairing.gained.witness is not None) is lost


@given(SPANS)
@example((3, 90)).via("redundant from 1 January only")
@example((3, 89)).via("redundant from every day")
@settings(max_examples=15)
def test_a_clause_is_redundant_only_if_it_is_so_on_each_day_of_four_years(span: tuple[int, int]) -> None:
    """Of months beside days, one is told to follow from the other exactly if on every day it does."""
    fewest = fewest_days(span[0])
    follows = {
        name
        for name, so in (
            ("T.I2", all(each >= span[1] for each in fewest)),
            ("T.I1", all(each <= span[1] for each in fewest)),
        )
        if so
    }
    told = {clauses[0] for kind, clauses in kinds(months_and_days(*span)) if kind == "redundant"}
    assert told == set(sorted(follows, reverse=True)[:1])


@given(SPANS)
@example((3, 91)).via("possible on some days, and not on 1 January")
@settings(max_examples=15)
def test_clauses_contradict_each_other_only_if_they_do_on_each_day_of_four_years(
    span: tuple[int, int],
) -> None:
    """Months that have passed within so few days shut the trial exactly if on no day they can."""
    months, days = span
    clauses = months_and_days(months, days)
    clauses["I2"] = f"days_between(last_hsct_date, as_of) < {days}"
    possible = any(each < days for each in fewest_days(months))
    shut = {kind for kind, _ in kinds(clauses)} & {"unsatisfiable", "unreachable-cohort", "contradictory"}
    assert bool(shut) is not possible


GOALS = [
    {"I1": "last_hsct_date + 1 mo <= as_of", "I2": "days_between(last_hsct_date, as_of) <= 28"},
    {"I1": "last_hsct_date + 1 mo <= as_of", "I2": "days_between(last_hsct_date, as_of) <= 27"},
    {"I1": "last_hsct_date + 3 mo <= first_dose", "I2": "days_between(last_hsct_date, first_dose) < 90"},
    {"I1": "age >= 18", "I2": "birth_date + 18 a > as_of"},
    {"I1": "age < 18", "I2": "birth_date + 18 a <= as_of"},
    {"I1": "age < 18", "I2": "days_between(birth_date, as_of) >= 6575"},
    {"I1": "age >= 18", "I2": "days_between(birth_date, as_of) <= 6573"},
    {"I1": "age >= 18", "I2": "weight < 30 kg"},
]
"""Clauses that meet on some days, on all, or on none."""


@given(st.sampled_from(GOALS), st.integers(FIRST, LAST))
@settings(max_examples=30)
def test_what_is_possible_on_a_day_is_possible_on_any_and_the_day_found_shows_it(
    clauses: dict[str, str], day: int
) -> None:
    """The day is left open and nothing else: each day's patients are among all, and of the day that is found there is one."""
    goals = list(admission(trial(clauses), Context(), ConditionCache())["ALL"].values())
    found = AnyDay(LIBRARY).possible(goals)
    if found is None:
        assert Everyone(LIBRARY, day).possible(goals) is None
    else:
        assert Everyone(LIBRARY, day_of(found)).possible(goals) is not None


DATED = [
    ("last_hsct_date >= 2030-05-01", False),
    ("first_dose <= 2025-12-31", True),
    ("as_of <= 2026-06-30", False),
    ("as_of >= 2031-01-01", False),
]


@pytest.mark.parametrize(("text", "never"), DATED)
def test_a_day_of_the_calendar_is_looked_for_on_all_days_to_come(text: str, never: bool) -> None:
    """A clause that names a day can be met if it can on some day from the first on, however much later."""
    found = {kind for kind, clauses in kinds({"I1": text, "I2": "ecog <= 2"}) if "T.I1" in clauses}
    assert bool(found & {"contradictory", "impossible-window"}) is never


def test_days_that_are_not_decided_are_no_claim() -> None:
    """Where the solver gives up on the days, the relation is unresolved, and of redundancy nothing is told but that."""
    clauses = months_and_days(3, 90)
    without = {"I1": clauses["I1"]}
    small = Budget(steps=1)
    assert compare(LIBRARY, trial(clauses), trial(without)).pairing.relation == "looser"
    assert compare(LIBRARY, trial(clauses), trial(without), budget=small).pairing.relation == "unresolved"
    found = kinds(clauses, small)
    assert ("undecided", ("T.I2",)) in found
    assert "redundant" not in {kind for kind, _ in found}
