"""What one test can do to a trial, against all its results on invented worlds."""

from __future__ import annotations

import pytest

from solver.engine.case import Engine
from solver.engine.deciding_sets import deciding_sets
from solver.engine.finding_out import test_effects as effects
from solver.engine.finding_out.test_effects import TestEffect, every_effect
from solver.patient.readers.native.read import read_record
from tests.support.twins.workups import Asked, Brute, invented_cases


def effects_of(asked: Asked, brute: Brute) -> dict[str, TestEffect]:
    """What the engine says of each test for a trial."""
    engine = Engine(asked.case.library)
    record = read_record(asked.case.patient.record(), asked.case.library, name="invented")
    [trial] = engine.chosen([brute.trial.code])
    case = engine.case(engine.open(record), []).of(trial)
    decision = case.decision(trial)
    sets = deciding_sets(case.problem, decision)
    return {each.test: each for each in every_effect(case.problem, decision, engine.covers, sets)}


def is_told(effect: TestEffect) -> bool:
    """Whether all of it was found out."""
    return effect.can_end is not None and effect.can_open is not None


def check(asked: Asked, brute: Brute) -> int:
    """That each test does what some of its results do, as far as that is said of it. How many do something."""
    found, count = effects_of(asked, brute), 0
    for test in asked.case.tests:
        verdicts = list(brute.groups(test.reveals).values())
        expected = (brute.settles(test.reveals), {False} in verdicts, {True} in verdicts)
        effect = found.get(test.id, TestEffect(test.id, False, False, False, False))
        given = (effect.settles, effect.can_end, effect.can_open)
        message = f"{test}\n{given} {expected}\n{asked.case.world.files()}\n{asked.case.patient.record()!r}"
        assert given[0] == expected[0], message
        assert all(one is None or one == other for one, other in zip(given, expected, strict=True)), message
        count += any(expected)
    return count


@pytest.fixture(
    scope="module",
    params=[pytest.param(10, id="some"), pytest.param(600, id="many", marks=pytest.mark.slow)],
)
def trials(request: pytest.FixtureRequest) -> list[tuple[Asked, Brute]]:
    """Undetermined trials of invented patients."""
    found = invented_cases(request.param)
    return [(asked, brute) for asked in found for brute in asked.brutes if brute.undetermined]


def test_a_test_does_what_some_result_does(trials: list[tuple[Asked, Brute]]) -> None:
    """It settles, can end or can open a trial exactly if some, or each, of all its results does; that is hardly ever not found out."""
    assert sum(check(*each) for each in trials) > len(trials)
    unknown = [each for each in trials if not all(map(is_told, effects_of(*each).values()))]
    assert len(unknown) <= len(trials) // 20


def test_what_is_shown_by_no_completion_is_searched(
    trials: list[tuple[Asked, Brute]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The search alone gives the same answers, and one that is cut says nothing wrong."""
    monkeypatch.setattr(effects._Effects, "_whatever", lambda *_: False)
    monkeypatch.setattr(effects._Effects, "_tried", lambda *_: None)
    for each in trials:
        check(*each)
    monkeypatch.setattr(effects, "ROUNDS", 1)
    for each in trials:
        check(*each)
