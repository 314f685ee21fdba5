"""The engine against the twin of histories: events, findings and diagnoses on random small trees, and results of a quantity."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.support.twins.compared_histories import answered, differences
from tests.support.twins.histories import Measured, Situation, drawn, without_lists


@pytest.mark.parametrize("seed", [*range(24), 1176, 1669])
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


def test_a_limit_that_is_not_known_is_found_out() -> None:
    """So with the limit of the site taken from the twin."""
    sites = [
        each for each in map(drawn, range(90)) if each.measured is not None and each.measured.site is not None
    ]
    bare = [
        replace(each, measured=replace(each.measured, site=None))
        for each in sites
        if each.measured is not None
    ]
    assert any(
        answered(known)["deciding_sets"] != unknown.answer()["deciding_sets"]
        for known, unknown in zip(sites, bare, strict=True)
    )


def measured_facts(measured: Iterable[Measured]) -> list[Mapping[str, Any]]:
    """The single results of a quantity."""
    return [each.fact for each in measured if isinstance(each.fact, dict)]


def test_situations_are_varied() -> None:
    """Among those drawn are events of all lists, results of findings and of a quantity, limits of normal, and other names of terms."""
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
        "value",
        "uln",
        "measured",
    }
    measured = [situation.measured for situation in situations if situation.measured is not None]
    assert any(isinstance(each.fact, list) for each in measured)
    assert {each["unit"] for each in measured_facts(measured)} == {"U/L", "ULN"}
    assert any("uln" in each for each in measured_facts(measured))
    assert any(each.site is not None for each in measured)
    assert any(asked.alias in situation.facts for situation in situations for asked in situation.terms)
