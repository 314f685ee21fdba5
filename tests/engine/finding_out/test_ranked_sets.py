"""Deciding sets by what they ask of the patient: the same sets, each with the lightest tests, by trying every set of tests."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from solver.engine.finding_out.ranked_sets import RankedSet, ranked_sets
from solver.engine.finding_out.set_cover import SetCover
from solver.library import models
from solver.library.models import Library
from solver.library.orders import Burden
from solver.matcher import Matcher
from solver.patient.readers.native.read import record_from
from tests.support.drawing.drawn import drawn

NAMES = "abcdef"
BURDENS = {name: Burden(name, name, weight) for name, weight in {"light": 1, "middle": 2, "heavy": 5}.items()}


@st.composite
def workups(draw: st.DrawFn) -> dict[str, models.Test]:
    """A few tests that reveal some of the variables, not all."""
    found = {}
    for i in range(draw(st.integers(0, 5))):
        reveals = tuple(sorted(draw(st.sets(st.sampled_from(NAMES), min_size=1, max_size=3))))
        burden, days = draw(st.sampled_from([*BURDENS])), draw(st.integers(0, 3))
        found[f"t{i}"] = models.Test(f"t{i}", f"t{i}", reveals, burden, days, "nobody")
    return found


SETS = st.sets(st.frozensets(st.sampled_from(NAMES), min_size=1), max_size=5)


def lightest(tests: dict[str, models.Test], names: frozenset[str]) -> tuple[int, int, int, tuple[str, ...]]:
    """The lightest set of tests that reveals the variables, by trying each."""
    found = []
    for count in range(len(tests) + 1):
        for chosen in combinations(sorted(tests), count):
            if names <= {name for test in chosen for name in tests[test].reveals}:
                weight = sum(BURDENS[tests[test].burden].weight for test in chosen)
                days = max((tests[test].days for test in chosen), default=0)
                found.append((weight, count, days, chosen))
    return min(found)


@given(tests=workups(), sets=SETS)
@drawn(200)
def test_the_same_sets_stand_in_the_order_of_their_lightest_tests(
    tests: dict[str, models.Test], sets: set[frozenset[str]], library: Library
) -> None:
    """Each set once, ranks from 1 without gaps, the tests the lightest there are, and what no test reveals is said and comes last."""
    given_sets = tuple(sorted((tuple(sorted(each)) for each in sets), key=lambda each: (len(each), each)))
    found = ranked_sets(SetCover(replace(library, tests=tests, burdens=BURDENS)), given_sets)
    assert sorted(each.variables for each in found) == sorted(given_sets)
    assert [each.rank for each in found] == list(range(1, len(sets) + 1))
    revealed = {name for test in tests.values() for name in test.reveals}
    keys = []
    for each in found:
        told = revealed.intersection(each.variables)
        assert each.no_test == tuple(name for name in each.variables if name not in told)
        cost = lightest(tests, frozenset(told))
        assert each.tests == cost[3]
        assert each.burden == (None if each.no_test else cost[0])
        keys.append((len(each.no_test), cost, given_sets.index(each.variables)))
    assert keys == sorted(keys)


def test_an_answer_has_its_deciding_sets_ranked(library: Library) -> None:
    """Of every trial the same sets, with ids of tests of the library; what is decided has none."""
    answer = Matcher(library).match(
        record_from({"as_of": "2026-11-20", "facts": {"diagnosis": "AML"}}, library)
    )
    assert any(len(trial.deciding_sets) > 1 for trial in answer.trials)
    for trial in answer.trials:
        assert sorted(each.variables for each in trial.deciding) == sorted(trial.deciding_sets)
        assert trial.tests is None
        for each in trial.deciding:
            assert each.burden == sum(library.burdens[library.tests[t].burden].weight for t in each.tests)


def test_without_tests_every_set_says_that_none_reveals_it(library: Library) -> None:
    """A folder without tests has the order of the sets, and no burden."""
    found = ranked_sets(SetCover(replace(library, tests={}, burdens={})), (("a",), ("b", "c")))
    assert found == (
        RankedSet(rank=1, variables=("a",), tests=(), burden=None, no_test=("a",)),
        RankedSet(rank=2, variables=("b", "c"), tests=(), burden=None, no_test=("b", "c")),
    )
