"""How likely what is found out ends a trial: by value where that is said, and else as is said of the variable or of the test."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.engine.answer import Values
from solver.engine.finding_out.chances import chance_of_any, chance_to_end
from solver.language.domain import Interval
from solver.library import models
from solver.library.models import Library
from solver.library.orders import Chance
from tests.support.drawing.drawn import drawn

A_TEST = models.Test(
    id="a-test",
    label="a test",
    reveals=("npm1_mutated", "cns_status", "ecog", "country", "apl"),
    burden="ask",
    days=0,
    source="nobody",
    chances=(
        Chance(30, "a paper", "npm1_mutated", True),
        Chance(50, "a paper", "cns_status", "CNS1"),
        Chance(20, "a paper", "ecog"),
        Chance(3, "editable default"),
    ),
)


@pytest.mark.parametrize(
    ("name", "ends", "percent"),
    [
        ("npm1_mutated", frozenset({True}), 30),
        ("npm1_mutated", frozenset({False}), 70),
        ("cns_status", frozenset({"CNS1"}), 50),
        ("cns_status", frozenset({"CNS2"}), 25),
        ("cns_status", frozenset({"CNS2", "CNS3"}), 50),
        ("ecog", (Interval(3, 4, whole=True),), 20),
        ("apl", frozenset({True}), 3),
    ],
)
def test_a_value_has_its_chance_and_the_others_share_the_rest(
    name: str, ends: Values, percent: int, library: Library
) -> None:
    """What ends a trial is as likely as its values are together; what nothing is said of is as likely as the rest of the test."""
    assert library.variables["cns_status"].type.values == ("CNS1", "CNS2", "CNS3")  # type: ignore[union-attr]
    assert chance_to_end(A_TEST, library.variables[name], ends) == percent


def test_where_nothing_is_said_there_is_no_chance(library: Library) -> None:
    """A test without chances is the least likely to end anything."""
    bare = models.Test("bare", "bare", ("apl",), "ask", 0, "nobody")
    assert chance_to_end(bare, library.variables["apl"], frozenset({True})) == 0


@given(st.lists(st.integers(0, 100), max_size=6))
@drawn(100)
def test_one_of_several_is_at_least_as_likely_as_each(chances: list[int]) -> None:
    """It is what is left by none of them, up to a whole percent, and never less than the likeliest."""
    none = Fraction(1)
    for percent in chances:
        none *= Fraction(100 - percent, 100)
    found = chance_of_any(chances)
    assert 0 <= found - 100 * (1 - none) < 1
    assert max(chances, default=0) <= found <= 100
    assert chance_of_any(reversed(chances)) == found


def test_every_test_of_the_program_says_how_likely_it_ends_a_trial(library: Library) -> None:
    """Each variable that a test reveals has a chance there, of a value, of the variable or of the test, and each has its source."""
    for test in library.tests.values():
        assert all(chance.source for chance in test.chances)
        said = {chance.variable for chance in test.chances}
        assert None in said or said >= set(test.reveals), test.id


def test_published_frequencies_are_said_alike_of_every_test(library: Library) -> None:
    """What is said of a value does not hang on the test that finds it."""
    found: dict[tuple[str | None, object], set[tuple[int, str]]] = {}
    for test in library.tests.values():
        for chance in test.chances:
            if chance.value is not None:
                found.setdefault((chance.variable, chance.value), set()).add((chance.percent, chance.source))
    assert {key: each for key, each in found.items() if len(each) > 1} == {}
    sources = {source for each in found.values() for _, source in each}
    assert sources > {"editable default"}
