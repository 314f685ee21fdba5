"""A short part of `make differential`, and what it is worth: an engine that is wrong in any part of an answer is found out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest

from solver.library.models import Library
from solver.patient.readers.native.read import read_record
from solver.questions.match.answer import CompleteLists, MatchAnswer, TrialAnswer
from tests.support.records.matchers import Undated
from tests.support.twins import differential
from tests.support.twins.differential import Answers, Found, check_world, main
from tests.support.twins.invented import compile_world

Spoil = Callable[[MatchAnswer], MatchAnswer]
OTHER = {"eligible": "undetermined", "undetermined": "ineligible", "ineligible": "eligible"}
STATUS = {"met": "open", "open": "not_met", "not_met": "met"}


def spoiling(spoil: Spoil) -> Callable[[Library], Answers]:
    """An engine whose every answer is spoilt."""

    def ask(library: Library) -> Answers:
        matcher = Undated(library)

        def answers(text: bytes) -> Iterable[MatchAnswer]:
            return [spoil(matcher.match(read_record(text, library, name="drawn.json")))]

        return answers

    return ask


def each_trial(spoil: Callable[[TrialAnswer], TrialAnswer]) -> Spoil:
    """Spoil every trial of a consistent record."""

    def spoilt(answer: MatchAnswer) -> MatchAnswer:
        return replace(answer, trials=tuple(map(spoil, answer.trials))) if answer.consistent else answer

    return spoilt


def cohort_flipped(trial: TrialAnswer) -> TrialAnswer:
    """The first cohort has another verdict."""
    first, *rest = trial.cohorts
    return replace(trial, cohorts=(replace(first, verdict=OTHER[first.verdict]), *rest))


def clause_flipped(trial: TrialAnswer) -> TrialAnswer:
    """The last clause stands otherwise."""
    *rest, last = trial.clauses
    return replace(trial, clauses=(*rest, replace(last, status=STATUS[last.status])))


def unfounded(trial: TrialAnswer) -> TrialAnswer:
    """No clause cites anything."""
    return replace(trial, clauses=tuple(replace(c, facts=(), assumptions=()) for c in trial.clauses))


def too_strict(trial: TrialAnswer) -> TrialAnswer:
    """No value of anything missing is allowed."""
    return replace(trial, missing=tuple(replace(each, allowed=()) for each in trial.missing))


SPOILT: dict[str, Spoil] = {
    "verdict": each_trial(lambda trial: replace(trial, verdict=OTHER[trial.verdict])),
    "cohort": each_trial(cohort_flipped),
    "clause": each_trial(clause_flipped),
    "conflict": each_trial(lambda trial: replace(trial, conflicts=trial.conflicts[1:])),
    "conflict too large": each_trial(
        lambda trial: replace(trial, conflicts=tuple((*each, "T0.X") for each in trial.conflicts))
    ),
    "deciding set": each_trial(lambda trial: replace(trial, deciding_sets=trial.deciding_sets[:-1])),
    "requirement": each_trial(too_strict),
    "evidence": each_trial(unfounded),
    "contradiction": lambda answer: replace(answer, contradictions=answer.contradictions[1:]),
    "consistency": lambda answer: replace(answer, consistent=True),
    "list cut": each_trial(lambda trial: replace(trial, complete=CompleteLists(False, True))),
}


def first_found(spoil: Spoil) -> Found | None:
    """The first difference that a spoilt engine shows, among some worlds."""
    for number in range(5):
        _, found = check_world(3, number, spoiling(spoil))
        if found is not None:
            return found
    return None


def test_the_engine_and_brute_force_agree_on_some_hundred_pairs() -> None:
    """Three invented worlds with their records: no difference, in whichever way the engine is asked, and every verdict among them."""
    pairs = 0
    for number in range(4):
        tally, found = check_world(2, number)
        assert found is None, differential.shown(found)
        pairs += tally["pairs"]
        assert all(tally[verdict] for verdict in OTHER)
    assert pairs >= 300


@pytest.mark.parametrize("part", SPOILT)
def test_a_wrong_engine_is_found_out(part: str) -> None:
    """Whatever part of the answers is wrong, the comparison says so."""
    assert first_found(SPOILT[part]) is not None


def test_a_difference_is_made_small() -> None:
    """What is shown has one trial with one clause, no axiom and no fact: an engine that is always wrong needs no more."""
    found = first_found(SPOILT["verdict"])
    assert found is not None
    (trial,) = found.world.trials
    assert len(trial.clauses) == 1
    assert found.world.axioms == ()
    assert found.patient.facts == {}
    assert compile_world(found.world).trials.keys() == {trial.code}
    assert found.patient.record().decode() in differential.shown(found)


def test_the_same_seed_compares_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """A world is invented anew from the seed and its number alone; another seed gives another."""
    monkeypatch.setattr(differential, "RECORDS", 5)
    first, again, other = (check_world(seed, 1)[0] for seed in (4, 4, 5))
    assert first == again != other


def test_the_command_counts_what_it_compared(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a difference the tally goes to standard output, and the exit code is 0."""
    monkeypatch.setattr(differential, "RECORDS", 5)
    assert main(["--pairs", "25", "--processes", "1"]) == 0
    told = capsys.readouterr()
    assert "      25 pairs\n" in told.out
    assert told.out.endswith("       0 differences\n")


def test_the_command_stops_at_a_difference(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """At a difference the world and the record are shown, with what asks of that world first, and the exit code is 1."""
    monkeypatch.setattr(differential, "both_ways", spoiling(SPOILT["verdict"]))
    assert main(["--pairs", "100", "--processes", "1"]) == 1
    told = capsys.readouterr()
    assert told.out.startswith("The engine and brute force differ.")
    assert "--- the record\n{" in told.out
    assert told.err == "after 0 pairs: --seed 1 --first 0\n"
