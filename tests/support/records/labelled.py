"""What is asked of a worked case: that the answers are those of its label."""

from __future__ import annotations

import json
from zlib import crc32

import pytest

from solver.library.models import Library
from solver.matcher import Matcher
from solver.questions.match.answer import MatchAnswer, TrialAnswer
from tests.support.drawing.drawn import WIDER
from tests.support.records import solved, worked
from tests.support.records.matchers import ReasonsAlone
from tests.support.records.worked import Json


def lists(subsets: tuple[tuple[str, ...], ...]) -> list[list[str]]:
    """Subsets of an answer as the case files write them."""
    return [list(subset) for subset in subsets]


_MATCHERS: dict[type[Matcher], tuple[Matcher, Matcher]] = {}
REASONS = ReasonsAlone if WIDER == 1 else Matcher
"""What answers where the label speaks of verdicts and reasons: in `make explore`, all else is compared as well."""


def matchers(kind: type[Matcher], library: Library) -> tuple[Matcher, Matcher]:
    """One matcher that builds completions and one that leaves all to the solver, kept while the library stays the same."""
    if kind not in _MATCHERS or _MATCHERS[kind][0].library is not library:
        _MATCHERS[kind] = kind(library), kind(library, search=False)
    return _MATCHERS[kind]


def match(
    record: Json, library: Library, trials: list[str] | None = None, kind: type[Matcher] = REASONS
) -> MatchAnswer:
    """The answer; that of the evaluator and that of the solver are held to be the same.

    They are compared for every whole case, whose answer other tests look at as well, and of the more than a thousand variants of clauses
    for every fourth; in `make explore` for all.
    """
    read, (usual, by_solver) = worked.read(record, library), matchers(kind, library)
    shared = kind is Matcher and library.digest == solved.LIBRARY.digest
    answer = solved.match(record, trials, solved.DATED) if shared else usual.match(read, trials)
    if kind is Matcher or crc32(json.dumps(record).encode()) % 4 == 0:
        assert answer == by_solver.match(read, trials)
    assert not [warning for warning in answer.warnings if warning.code in ("gave-up", "engine-disagreement")]
    return answer


def check_case(case: Json, library: Library) -> None:
    """Verdict, conflicts, deciding sets, contradictions, cohorts and the other reading are those of the label.

    Lists are complete, except that a further deciding set must be among those that the case names as deciding through the theory.
    """
    answer = match(worked.case_record(case), library, kind=Matcher)
    trials = {trial.code: trial for trial in answer.trials}
    assert answer.consistent is all(each["verdict"] != "withheld" for each in case["expected"].values())
    for code, expected in case["expected"].items():
        check_trial(trials[code], expected)
        assert lists(answer.contradictions) == expected.get("contradictions", [])


def check_trial(trial: TrialAnswer, expected: Json) -> None:
    """Compare the answer for one trial with its label."""
    assert trial.verdict == expected["verdict"]
    assert lists(trial.conflicts) == expected.get("conflicts", [])
    assert not trial.cut
    found, wanted = lists(trial.deciding_sets), expected.get("deciding_sets", [])
    assert [subset for subset in wanted if subset not in found] == []
    assert [s for s in found if s not in wanted and s not in expected.get("also_deciding", [])] == []
    if "cohorts" in expected:
        assert [each.cohort for each in trial.cohorts if each.verdict == "eligible"] == expected["cohorts"]
    if "published_only" in expected:
        assert trial.published_only is expected["published_only"]
    if "alternative" in expected:
        readings = {reading.id: reading for reading in trial.readings}
        other = readings[expected["reading"]]
        assert other.verdict == expected["alternative"]["verdict"]
        assert lists(other.conflicts) == expected["alternative"].get("conflicts", [])


def variants(triples: list[Json], kind: str) -> list[object]:
    """A parameter for each variant of one kind, with the id of its clause and the record."""
    return [
        pytest.param(
            triple["clause"],
            variant,
            {**worked.changed(worked.patient(variant.get("patient", triple["patient"])), triple, variant)},
            id=f"{triple['clause']}-{kind}-{index}",
        )
        for triple in triples
        for index, variant in enumerate(triple.get(kind, ()), 1)
    ]


def trial_answer(clause: str, record: Json, library: Library) -> TrialAnswer:
    """The answer for the trial of a clause; the record must not contradict itself."""
    answer = match(record, library, [clause.partition(".")[0]])
    assert answer.consistent
    return answer.trials[0]


def statuses(trial: TrialAnswer, clause: str) -> set[str]:
    """How a clause stands, in every cohort for which it is told."""
    return {each.status for each in trial.clauses if each.id == clause}


def check_met(clause: str, variant: Json, record: Json, library: Library) -> None:
    """The patient satisfies the clause, and every other one, so that the trial takes her; or a cohort `elsewhere` does not ask for it."""
    trial = trial_answer(clause, record, library)
    assert (trial.verdict, trial.conflicts, trial.deciding_sets) == ("eligible", (), ())
    told = statuses(trial, clause)
    assert ("met" in told) is (bool(told) and not variant.get("elsewhere", False))


def check_broken(clause: str, variant: Json, record: Json, library: Library) -> None:
    """The patient breaks this clause alone, so it is the one conflict, but for the declared exceptions."""
    trial = trial_answer(clause, record, library)
    assert trial.verdict == "ineligible"
    assert lists(trial.conflicts) == variant.get("conflicts", [[clause]])
    assert not trial.cut
    assert "not_met" in statuses(trial, clause)


def check_open(clause: str, variant: Json, record: Json, library: Library) -> None:
    """Without the fact the patient is undetermined, never eligible, and the deciding sets are exactly those labelled."""
    trial = trial_answer(clause, record, library)
    assert trial.verdict == "undetermined"
    assert lists(trial.deciding_sets) == variant["deciding"]
    assert not trial.cut
    assert "open" in statuses(trial, clause)


def labelled_days() -> list[object]:
    """A parameter for each case and trial whose first eligible day is labelled, with the day."""
    return [
        pytest.param(case, code, expected["eligible_from"], id=f"{case['id']}-{code}")
        for case in worked.labelled_cases()
        for code, expected in case["expected"].items()
        if "eligible_from" in expected
    ]
