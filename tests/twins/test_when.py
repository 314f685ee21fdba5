"""`match when` against brute force: every day of the horizon is judged on its own, by the engine and by enumeration."""

from __future__ import annotations

import copy
import random
from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from solver.language.types import DateType
from solver.matcher import Matcher
from solver.patient.readers.native.read import read_record
from solver.questions.when.answer import WhenAnswer
from solver.questions.when.ask import when
from tests.support.drawing.drawn import drawn
from tests.support.drawing.strategies import records
from tests.support.libraries.shipped import LIBRARY
from tests.support.records import worked
from tests.support.records.worked import Json
from tests.support.twins.by_day import (
    Dates,
    certain,
    check_windows,
    days_of,
    following,
    judged,
    may,
    spans,
    speaks_of_days,
    waited,
)
from tests.support.twins.invented import DAYS, compile_world, holds_of_someone, patients, worlds
from tests.support.twins.naive import (
    Clause,
    DaysBetween,
    Fact,
    Flag,
    Patient,
    TooLargeError,
    Trial,
    Twin,
    Variable,
    World,
    minimal,
)

MATCHER = Matcher(LIBRARY)
CODES = list(LIBRARY.trials)


# --- the six trials


def check_by_day(record: Json, count: int, matcher: Matcher = MATCHER) -> WhenAnswer:
    """The spans of every trial are those of the days judged one by one, and what binds an end changes there."""
    patient = worked.read(record, LIBRARY)
    answer = when(matcher, patient, horizon=f"{count}d")
    assert not [warning for warning in answer.warnings if warning.code == "gave-up"]
    if not answer.consistent:
        assert {(trial.verdict, trial.dates) for trial in answer.trials} == {("withheld", None)}
        return answer
    days = following(date.fromordinal(patient.as_of), count)
    decisions = judged(matcher, patient, CODES, days)
    for trial in answer.trials:
        found = decisions[trial.code]
        assert trial.verdict == found[days[0]].verdict
        assert certain(trial) == spans(day for day in found if found[day].verdict == "eligible")
        assert may(trial) == spans(day for day in found if found[day].verdict in ("eligible", "undetermined"))
        assert (trial.dates.eligible, trial.dates.possible) == (certain(trial), may(trial))
        check_windows(trial, found)
        assert bool(trial.never) is not bool(trial.possible)
        for clock in trial.clocks:
            for cohort in clock.cohorts:
                stands = {day: found[day].standings[clock.clause, cohort] for day in found}
                assert days_of(clock.met) == {day for day in stands if stands[day] is True}
                assert days_of(clock.possible) == {day for day in stands if stands[day] is not False}
    return answer


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("transplanted-man", {"last_hsct_date": "2025-03-20", "immunosuppression_stop_date": "2025-05-20"}),
        ("transplanted-man", {"last_hsct_date": "2025-03", "immunosuppression_stop_date": "2025-05"}),
        ("transplanted-man", {"last_hsct_date": {"one_of": ["2025-03-10", "2025-04-01"]}}),
        ("transplanted-man", {"last_hsct_date": None, "planned_c1d1_date": "2025-06-20"}),
        (
            "relapsed-man",
            {"birth_date": "1959-06-20", "anti_cd20_ever": True, "anti_cd20_last_date": "2025-03-10"},
        ),
        ("relapsed-man", {"birth_date": "1959-06", "anti_cd20_ever": True, "anti_cd20_last_date": "2025-03"}),
        ("relapsed-man", {"birth_date": None, "weight": None}),
        ("teenager", {"birth_date": "2007-06-15", "karnofsky": 90}),
        ("toddler", {"birth_date": "2024-06-20"}),
        ("toddler", {"birth_date": "2023-06-20", "country": None}),
    ],
)
def test_every_day_is_judged_as_on_its_own(name: str, changes: Json) -> None:
    """Five weeks of patients whose windows open and close, with exact, partial and missing dates."""
    record = worked.patient(name)
    record["facts"].update(changes)
    check_by_day(record, 35)


@pytest.mark.parametrize("as_of", ["2024-02-27", "2025-02-26", "2027-12-30", "2095-03-01", "2099-12-20"])
def test_months_end_and_centuries_turn_alike(as_of: str) -> None:
    """Leap days, ends of months and years long ahead: days are judged as on their own there as well."""
    record = worked.patient("transplanted-man")
    day = date.fromisoformat(as_of)
    ago = {
        "last_hsct_date": 85,
        "immunosuppression_stop_date": 20,
        "relapse_after_hsct_date": 1,
        "anti_cd20_last_date": 87,
    }
    facts = {name: (day - timedelta(days=days)).isoformat() for name, days in ago.items()}
    record["facts"] |= {**facts, "anti_cd20_ever": True, "birth_date": f"{day.year - 18}-03-05"}
    answer = check_by_day({**record, "as_of": as_of}, 15)
    assert any(trial.clocks for trial in answer.trials)


def dated(record: Json, seed: int) -> Json:
    """The record with dates near the windows of its day: some exact, some partial, some gone."""
    chance = random.Random(seed)
    found = copy.deepcopy(record)
    start = date.fromisoformat(found["as_of"])
    for name, variable in LIBRARY.variables.items():
        if isinstance(variable.type, DateType) and chance.random() < 0.6:
            back = chance.choice([0, 20, 27, 60, 85, 89, 91, 5 * 365, 16 * 365 - 2, 18 * 365 - 2, 66 * 365])
            day = start - timedelta(days=back)
            if name == "planned_c1d1_date":
                day = start + timedelta(days=chance.randrange(-3, 12))
            near = {"min": (day - timedelta(days=9)).isoformat(), "max": day.isoformat()}
            found["facts"][name] = chance.choice(
                [day.isoformat(), day.isoformat(), day.isoformat()[:7], near]
            )
    return found


@drawn(10)
@given(records(LIBRARY), st.integers(0, 10**6))
def test_days_of_random_records_are_judged_as_on_their_own(record: Json, seed: int) -> None:
    """Two weeks of records drawn at random, with contexts and facts of every form."""
    check_by_day(dated(record, seed), 14)


@pytest.mark.parametrize("name", sorted(worked.load("patients")))
def test_days_of_worked_patients_with_half_the_facts_are_judged_as_on_their_own(name: str) -> None:
    """Every second fact is missing and the dates lie near the windows: two weeks of each patient."""
    record = worked.patient(name)
    for fact in list(record["facts"])[::2]:
        del record["facts"][fact]
    check_by_day(dated(record, 5), 14)


@pytest.mark.parametrize("policies", [[name] for name in LIBRARY.policies] + [list(LIBRARY.policies)])
def test_under_policies_days_are_judged_as_on_their_own(policies: list[str]) -> None:
    """What a policy assumes holds on every day: the days are those of the verdict that it gives on each of them."""
    matcher = Matcher(LIBRARY, assume=policies)
    record = worked.patient("transplanted-man")
    record["facts"].update(last_hsct_date="2025-03-10", anti_cd20_last_date="2025-03")
    for name in ("agrees_contraception", "clin_sig_liver_disease", "other_malignancy", "prior_car_t"):
        record["facts"].pop(name, None)
    check_by_day(record, 25, matcher)


@pytest.mark.parametrize("name", ["transplanted-man", "relapsed-man", "teenager", "toddler"])
def test_over_seven_years_no_sampled_day_disagrees(name: str) -> None:
    """At every change, beside it and on days drawn at random, the verdict is that of the spans."""
    record = worked.patient(name)
    record["facts"].update(autoimmune_systemic_is=True, autoimmune_last_active_date="2021")
    patient = worked.read(record, LIBRARY)
    answer = when(MATCHER, patient)
    start, end = date.fromordinal(patient.as_of), date.fromisoformat(answer.horizon)
    spoken = [span for trial in answer.trials for span in (*certain(trial), *may(trial))]
    spoken += [
        span for trial in answer.trials for clock in trial.clocks for span in (*clock.met, *clock.possible)
    ]
    edges = {
        date.fromisoformat(text) + timedelta(days=n) for span in spoken for text in span for n in (-1, 0, 1)
    }
    chance = random.Random(name)
    some = {start + timedelta(days=chance.randrange((end - start).days)) for _ in range(15)}
    days = sorted(day for day in edges | some if start <= day <= end)
    decisions = judged(MATCHER, patient, CODES, days)
    for trial in answer.trials:
        for day, decision in decisions[trial.code].items():
            assert (decision.verdict == "eligible") is (day in days_of(certain(trial)))
            assert (decision.verdict == "ineligible") is not (day in days_of(may(trial)))


# --- invented trials

COUNT = 7


@st.composite
def situations(draw: st.DrawFn) -> tuple[World, Patient]:
    """A world and a patient of it; in most of them some date is recorded."""
    world = draw(worlds().filter(lambda world: speaks_of_days(world.expressions())))
    patient = draw(patients(world))
    days = [name for name, variable in world.variables.items() if variable.kind == "date"]
    assume(not patient.facts.keys().isdisjoint(days) or draw(st.integers(0, 3)) == 0)
    return world, patient


@st.composite
def turning(draw: st.DrawFn) -> tuple[World, Patient]:
    """A trial that asks how long ago one day was, and a patient for whom that turns within a week; the day is recorded, or nearly so."""
    as_of, wait = draw(st.sampled_from(DAYS)), draw(st.sampled_from([1, 14, 28]))
    asked = [DaysBetween("day_s", "as_of", draw(st.sampled_from([">=", ">"])), wait)]
    asked += [DaysBetween("day_s", "as_of", "<=", wait + 4), Flag("flag_p")][: draw(st.integers(0, 2))]
    clauses = tuple(Clause(f"I{number}", each) for number, each in enumerate(asked, 1))
    variables = {"day_s": Variable("day_s", "date", past=True), "flag_p": Variable("flag_p", "boolean")}
    last = as_of - timedelta(days=wait - draw(st.integers(-2, min(wait, 6))))
    first = last - timedelta(days=draw(st.sampled_from([0, 0, 1, 3])))
    fact = Fact({"min": first.isoformat(), "max": last.isoformat()}, low=first, high=last)
    recorded = {"day_s": fact if first < last else Fact(last.isoformat(), values=(last,))}
    if draw(st.booleans()):
        recorded["flag_p"] = Fact(True, values=(True,))
    return World(variables, (), (Trial("T1", "NCT00000001", ("C1",), clauses),)), Patient(as_of, recorded)


def compared(world: World, patient: Patient) -> list[tuple[Dates, Dates]]:
    """Compare the engine with the enumeration; the certain and the possible days of every trial."""
    assume(holds_of_someone(world, patient.as_of))
    today = Twin(world, patient)
    try:
        assume(today.settled and today.possible(patient.facts, assumed=False))
        expected = waited(world, patient, following(patient.as_of, COUNT))
    except TooLargeError:
        assume(False)
        raise
    library = compile_world(world)
    record = read_record(patient.record(), library, name="invented.json")
    answers = []
    for search in (True, False):
        answer = when(Matcher(library, search=search), record, horizon=f"{COUNT}d")
        assert not [warning for warning in answer.warnings if warning.code == "gave-up"]
        answers.append(answer.trials)
        for trial in answer.trials:
            known = expected[trial.code]
            assert certain(trial) == known.days(certain=True)
            assert may(trial) == known.days(certain=False)
            for clock in trial.clocks:
                for cohort in clock.cohorts:
                    assert clock.met == known.clause_days(clock.clause, cohort, certain=True)
                    assert clock.possible == known.clause_days(clock.clause, cohort, certain=False)
            if not trial.possible:
                names = frozenset[str]().union(*known.binding.values())
                assert tuple(each.clauses for each in trial.never) == minimal(names, known.never)
    assert answers[0] == answers[1]
    return [(certain(trial), may(trial)) for trial in answers[0]]


SHAPES = {
    "opens later": lambda sure, perhaps, days: bool(sure) and sure[0][0] > days[0],
    "closes": lambda sure, perhaps, days: bool(perhaps) and perhaps[-1][1] < days[1],
    "possible first": lambda sure, perhaps, days: bool(sure) and sure[0][0] > perhaps[0][0],
    "never certain": lambda sure, perhaps, days: not sure and bool(perhaps),
    "never": lambda sure, perhaps, days: not perhaps,
}


def test_days_of_invented_patients_are_those_of_the_enumeration() -> None:
    """Certain days, possible days, clocks, and the clauses that never hold together; with completions, and by the solver alone.

    The invented patients are not all alike: windows open, close, and are possible before they are certain.
    """
    seen = Counter[str]()

    @settings(drawn(90), phases=[Phase.generate])
    @given(st.one_of(situations(), situations(), turning()))
    def look(situation: tuple[World, Patient]) -> None:
        start = situation[1].as_of
        days = start.isoformat(), (start + timedelta(days=COUNT)).isoformat()
        for sure, perhaps in compared(*situation):
            seen.update(name for name, has in SHAPES.items() if has(sure, perhaps, days))

    look()
    assert seen.keys() == SHAPES.keys()


@pytest.mark.slow
@settings(max_examples=3000, derandomize=False)
@given(situations())
def test_days_of_many_invented_patients_are_those_of_the_enumeration(
    situation: tuple[World, Patient],
) -> None:
    """As before, for a long time."""
    compared(*situation)
