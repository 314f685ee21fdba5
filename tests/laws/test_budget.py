"""A solver that gives up at once: whatever needed it is unresolved or marked, and everything else is as it is otherwise.

A budget of one step lets the solver answer what it can simplify; one that never answers is harder still. Both are put before every
question that `match` and `explain` ask: consistency and contradictions, verdicts, conflicts, deciding sets, requirements, evidence,
readings and days.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import assume, given

from solver.library.models import Library
from solver.matcher import Matcher
from solver.patient.readers.native.read import read_record, record_from
from solver.patient.record import Record, record_digest
from solver.questions.explain.page import explanation
from solver.questions.match.answer import MatchAnswer, TrialAnswer
from solver.questions.match.page import report
from solver.report.json import answer_document
from solver.smt.session import Budget, GaveUp, Outcome, Session
from tests.support.drawing.drawn import WIDER, drawn
from tests.support.libraries.shipped import LIBRARY
from tests.support.records import worked
from tests.support.records.worked import Json
from tests.support.twins.invented import compile_world, holds_of_someone, settings_of
from tests.support.twins.naive import Axiom, Between, Clause, Limit, Patient, Times, Trial, Variable, World

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted(path for path in (ROOT / "examples").glob("*.json") if path.name != "site.json")
Kept = dict[tuple[str, str, bool], MatchAnswer]
WHOLE: Kept = {}
"""The whole answers for records of the library, by the record and the way."""
ONE_STEP = Budget(steps=1)
WAYS = [(budget, search) for budget in ("one step", "never", "1", "40000") for search in (True, False)]


class Asked:
    """How often the solver was asked, and how often it gave up."""

    def __init__(self) -> None:
        self.times = self.gave_up = 0


@contextmanager
def counting(*, never: bool = False) -> Iterator[Asked]:
    """Count the checks of the solver; with `never` it gives up on every one."""
    asked, check = Asked(), Session.check

    def counted(self: Session, assumptions: Sequence[str] = ()) -> Outcome:
        outcome: Outcome = GaveUp("budget of steps", ONE_STEP) if never else check(self, assumptions)
        asked.times += 1
        asked.gave_up += isinstance(outcome, GaveUp)
        return outcome

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Session, "check", counted)
        yield asked


def cut_short(library: Library, record: Record, budget: str, search: bool) -> tuple[MatchAnswer, Asked]:
    """The answer with a solver that gives up, or with next to no work allowed, and how often the solver was asked."""
    if budget.isdigit():
        answer = Matcher(library, budget=Budget(work=int(budget)), search=search).match(record)
        asked = Asked()
        asked.gave_up = 1
        return answer, asked
    with counting(never=budget == "never") as asked:
        answer = Matcher(library, budget=ONE_STEP, search=search).match(record)
    return answer, asked


def whole_answer(library: Library, record: Record, search: bool, kept: Kept) -> MatchAnswer:
    """The answer of a solver that does not give up, worked out once for each record and way; one step is enough to explain something."""
    key = (record.id, record_digest(record), search)
    if key not in kept:
        kept[key] = Matcher(library, search=search).match(record)
        explained = Matcher(library, budget=ONE_STEP, search=search).match(record, repairs=True)
        assert explanation(explained, record, library, 80)
    return kept[key]


def check(
    library: Library, record: Record, budget: str, search: bool, kept: Kept = WHOLE
) -> tuple[MatchAnswer, MatchAnswer]:
    """Nothing definite differs from the full answer, what is missing is marked, and without need of the solver nothing is missing."""
    full = whole_answer(library, record, search, kept)
    cut, asked = cut_short(library, record, budget, search)
    told_off = any(warning.code == "gave-up" for warning in cut.warnings)
    if not asked.gave_up:
        assert cut == full
    assert json.dumps(answer_document(cut))
    assert report(cut, record, library, 80)
    assert cut.consistent in (full.consistent, None)
    assert set(cut.contradictions) <= set(full.contradictions)
    assert not cut.contradictions_complete or cut.contradictions == full.contradictions
    assert cut.consistent is full.consistent or told_off or not cut.contradictions_complete
    for whole, part in zip(full.trials, cut.trials, strict=True):
        if cut.consistent is not full.consistent:
            assert part.verdict in ("unresolved", "withheld")
            assert part.verdict == "withheld" or part.cut == ("conflicts", "deciding_sets")
        elif whole != part:
            check_trial(whole, part, told_off)
    return full, cut


def check_trial(whole: TrialAnswer, part: TrialAnswer, told_off: bool) -> None:
    """The answer for one trial says less than the whole one at most, and marks where it does."""
    assert part.verdict in (whole.verdict, "unresolved")
    for name in ("conflicts", "deciding_sets"):
        assert set(getattr(part, name)) <= set(getattr(whole, name)), name
        assert name in part.cut or getattr(part, name) == getattr(whole, name), name
    cohorts = {each.cohort: each for each in whole.cohorts}
    for cohort in part.cohorts:
        assert cohort.verdict in (cohorts[cohort.cohort].verdict, "unresolved")
        assert set(cohort.conflicts) <= set(cohorts[cohort.cohort].conflicts)
    statuses = {(each.id, each.cohort): each for each in whole.clauses}
    for clause in part.clauses:
        assert clause.status in (statuses[clause.id, clause.cohort].status, "open")
        other = statuses[clause.id, clause.cohort]
        nothing = not clause.facts and not clause.assumptions
        assert clause.status == "open" or nothing or set(clause.facts) >= set(other.facts)
    requirements = {each.variable: each for each in whole.missing}
    for each in part.missing:
        assert each == requirements[each.variable] or (each.allowed is None and each.text is None)
    assert set(part.joint_conflicts) <= set(whole.joint_conflicts)
    readings = {each.id: each for each in whole.readings}
    for reading in part.readings:
        shown = readings.get(reading.id)
        assert reading.verdict == "unresolved" or (shown is not None and reading.verdict == shown.verdict)
    assert {r.id for r in part.readings} >= readings.keys() or part.verdict == "unresolved" or told_off
    assert part.dates in (whole.dates, None)
    assert part.notices == whole.notices


def sample() -> list[Json]:
    """Every twelfth worked case, and every sixth in `make explore`."""
    cases = [case for name in ("vignettes", "sample", "readings") for case in worked.load(name)]
    return cases[:: 12 if WIDER == 1 else 6]


@pytest.mark.parametrize(("budget", "search"), WAYS)
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_answered_as_far_as_it_goes_without_the_solver(
    path: Path, budget: str, search: bool
) -> None:
    """Of an example, what is said is what is said otherwise, and what needed the solver is marked."""
    check(LIBRARY, read_record(path.read_bytes(), LIBRARY, name=path.name), budget, search)


@pytest.mark.parametrize(("budget", "search"), WAYS)
def test_worked_cases_are_answered_as_far_as_they_go_without_the_solver(budget: str, search: bool) -> None:
    """Of worked cases too; with the evaluator at work, and work allowed, most verdicts stand without the solver."""
    same = 0
    for case in sample():
        full, cut = check(LIBRARY, worked.read(worked.case_record(case), LIBRARY), budget, search)
        same += [trial.verdict for trial in full.trials] == [trial.verdict for trial in cut.trials]
    assert budget.isdigit() or not search or same > len(sample()) // 2


@drawn(8)
@given(settings_of())
def test_invented_trials_are_answered_as_far_as_they_go_without_the_solver(
    situation: tuple[World, Patient],
) -> None:
    """Of invented trials too, whatever way is taken and whatever is allowed."""
    world, patient = situation
    assume(holds_of_someone(world, patient.as_of))
    library, kept = compile_world(world), Kept()
    record = read_record(patient.record(), library, name="invented.json")
    for budget, search in WAYS:
        check(library, record, budget, search, kept)


@pytest.mark.parametrize("work", [20_000, 200_000, 1_000_000])
def test_the_share_of_a_trial_does_not_depend_on_the_order_of_the_trials(work: int) -> None:
    """Where the work runs out, each trial is answered as far in whatever order it is asked for, and twice the same."""
    record = record_from(
        {"as_of": "2025-06-01", "facts": {"birth_date": {"min": "2005", "max": "2012"}}}, LIBRARY
    )
    codes = list(LIBRARY.trials)

    def answered(names: Sequence[str]) -> dict[str, str]:
        return {
            t.code: t.verdict for t in Matcher(LIBRARY, budget=Budget(work=work)).match(record, names).trials
        }

    assert answered(codes) == answered(codes[::-1]) == answered(codes)


@pytest.mark.parametrize("work", [2_000, 6_000, 20_000, 60_000, 200_000])
def test_a_trial_that_asks_what_was_asked_before_is_answered_as_far(work: int) -> None:
    """Of two trials that ask the same, the second is cut where the first is: what the first found counts as if it were found anew."""
    chosen = Random(work)
    for code, trial in LIBRARY.trials.items():
        library = replace(LIBRARY, trials={code: trial, "AGAIN": replace(trial, code="AGAIN")})
        document = worked.case_record(chosen.choice(worked.load("sample")))
        kept = chosen.sample(sorted(document["facts"]), len(document["facts"]) // 2)
        document["facts"] = {name: document["facts"][name] for name in kept}
        record = record_from(document, library, name="record")
        first, second = Matcher(library, budget=Budget(work=work)).match(record).trials
        assert replace(second, code=code) == first


def test_evidence_that_is_not_found_is_marked() -> None:
    """Where a settled clause rests on something, and the solver gives up on finding what, there is a warning."""
    factors = {
        name: Variable(name, "integer", plausible=Between(name, 1, 2)) for name in ("grade_b", "grade_c")
    }
    variables = {"grade_a": Variable("grade_a", "integer"), **factors}
    no_three = Clause("I1", Limit("grade_a", "!=", 3))
    trial = Trial("T1", "NCT00000001", ("C1",), (no_three,))
    axiom = Axiom("A1", Times("grade_a", "grade_b", "grade_c"))
    library = compile_world(World(variables, (axiom,), (trial,)))
    record = record_from({"as_of": "2026-11-20", "facts": {}}, library)
    (whole,) = Matcher(library).match(record).trials[0].clauses
    cut, asked = cut_short(library, record, "never", True)
    (part,) = cut.trials[0].clauses
    assert part.status == whole.status == "met"
    assert asked.gave_up
    assert part == whole or any(warning.code == "gave-up" for warning in cut.warnings)


def test_an_ordinary_long_chart_is_answered_whole() -> None:
    """Of ninety-four facts, with dates that leave an age open, nothing is cut or given up, the days of every trial included.

    Without the split of days where a comparison changes, the days of one trial alone took minutes.
    """
    path = ROOT / "tests" / "patient" / "records" / "long" / "long-chart.json"
    answer = Matcher(LIBRARY).match(read_record(path.read_bytes(), LIBRARY, name=path.name))
    assert answer.consistent is True
    assert [warning for warning in answer.warnings if warning.code == "gave-up"] == []
    assert {trial.code for trial in answer.trials if trial.cut or trial.dates is None} == set()


@pytest.mark.parametrize("steps", [3_000, 20_000_000])
def test_an_answer_does_not_hang_on_the_patients_before(steps: int) -> None:
    """A matcher that answered others answers as a new one, also where the work runs out in the midst of a trial."""
    chosen, budget = Random(5), Budget(steps=steps, work=60_000)
    used, cut = Matcher(LIBRARY, budget=budget), 0
    for case in chosen.sample(worked.load("sample"), 12 if WIDER == 1 else 24):
        document = worked.case_record(case)
        kept = chosen.sample(sorted(document["facts"]), len(document["facts"]) * 2 // 3)
        document["facts"] = {name: document["facts"][name] for name in kept}
        record = record_from(document, LIBRARY, name="record")
        found = used.match(record)
        assert found == Matcher(LIBRARY, budget=budget).match(record)
        cut += any(warning.code == "gave-up" for warning in found.warnings)
    assert cut
