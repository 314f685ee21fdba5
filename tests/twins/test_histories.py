"""The engine against the twin of histories: events, findings and diagnoses on random small trees."""

from __future__ import annotations

import pytest

from tests.support.compared_histories import answered, differences
from tests.support.histories import Situation, drawn, without_lists


@pytest.mark.parametrize("seed", range(24))
def test_the_twin_agrees(seed: int) -> None:
    """Verdict, standings, conflicts, deciding sets and contradictions are those of enumeration."""
    assert differences(drawn(seed)) == {}


@pytest.mark.parametrize("seed", range(100, 106))
def test_the_solver_alone_agrees(seed: int) -> None:
    """So they are where the evaluator builds no completions."""
    assert differences(drawn(seed), search=False) == {}


def test_an_engine_that_believes_too_much_is_found_out() -> None:
    """The comparison can fail: with the closed lists taken out of the record of the twin some answers differ."""
    situations = [drawn(seed) for seed in range(40)]
    closed = [situation for situation in situations if situation.complete]
    assert any(answered(each)["verdict"] != without_lists(each).answer()["verdict"] for each in closed)


def test_situations_are_varied() -> None:
    """Among those drawn are all verdicts, events of all lists, and results of findings."""
    situations: list[Situation] = [drawn(seed) for seed in range(60)]
    lists = {name for situation in situations for name in situation.facts}
    assert lists >= {"therapies", "conditions", "findings", "diagnosis"}
    asked = {asked.term for situation in situations for asked in situation.terms}
    assert asked >= {
        "ever",
        "current",
        "last_end",
        "first_start",
        "last_start",
        "times",
        "lines",
        "present",
        "level",
    }
