"""Shapley values, against their definition: every order in which the clauses can be left out."""

from __future__ import annotations

from collections.abc import Collection
from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.questions.relax import shapley
from solver.questions.relax.shapley import shapley_values
from tests.support.drawing.drawn import drawn

NAMES = "ABCDEF"


def by_orders(conflicts: Collection[Collection[str]], players: str) -> dict[str, Fraction]:
    """In what share of all orders a player is the one that frees the patient."""
    found = dict.fromkeys(players, 0)
    orders = list(permutations(players))
    for order in orders:
        for place, name in enumerate(order):
            if all(not set(order[: place + 1]).isdisjoint(conflict) for conflict in conflicts):
                found[name] += 1
                break
    return {name: Fraction(count, len(orders)) for name, count in found.items() if count}


@drawn(60)
@given(
    st.lists(st.sets(st.sampled_from(NAMES), min_size=1, max_size=4), min_size=1, max_size=7),
    st.integers(3, 6),
)
def test_they_are_shares_of_all_orders(conflicts: list[set[str]], count: int) -> None:
    """Clauses that are no players stay; what all players free together is shared out whole."""
    players = NAMES[:count]
    found = shapley_values(conflicts, players)
    assert found == by_orders(conflicts, players)
    freed = all(not conflict.isdisjoint(players) for conflict in conflicts)
    assert sum(found.values()) == freed


def test_clauses_that_exclude_alone_have_equal_shares() -> None:
    """Each of k has 1/k, and none anything where one of them is no player."""
    third = Fraction(1, 3)
    assert shapley_values(["A", "B", "C"], NAMES) == {"A": third, "B": third, "C": third}
    assert shapley_values(["A", "B", "C"], "AB") == {}


def test_many_conflicts_are_counted_exactly() -> None:
    """Of forty pairs that share nothing each clause has the same, and of a chain of forty the values add up to one."""
    pairs = [(f"a{i}", f"b{i}") for i in range(40)]
    chain = [(f"c{i}", f"c{i + 1}") for i in range(40)]
    for conflicts in (pairs, chain):
        players = {name for conflict in conflicts for name in conflict}
        found = shapley_values(conflicts, players)
        assert found is not None
        assert sum(found.values()) == 1
        assert len(set(found.values())) == (1 if conflicts is pairs else 21)


def test_nothing_is_said_of_a_game_that_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not told as if it were none."""
    monkeypatch.setattr(shapley, "MOST", 2)
    assert shapley_values([("A", "B"), ("B", "C"), ("C", "D"), ("D", "A")], NAMES) is None
