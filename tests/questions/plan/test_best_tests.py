"""The best tests within a burden, against every set of tests."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.engine.answer import Subsets
from solver.engine.finding_out.set_cover import SetCover
from solver.library import orders
from solver.library.models import Library
from solver.questions.plan import best_tests as search
from solver.questions.plan.best_tests import best_tests
from tests.support.drawing.drawn import drawn
from tests.support.twins.workups import WEIGHTS

NAMES = "abcdef"
some_names = st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True).map(
    lambda names: tuple(sorted(names))
)
families = st.lists(some_names, min_size=1, max_size=3, unique=True).map(tuple)


def covers_of(tests: list[tuple[tuple[str, ...], str]]) -> SetCover:
    """What finds covers with these tests: what each tells, and its burden."""
    made = {
        f"t{i}": orders.Test(f"t{i}", f"test {i}", reveals, burden, 0, "nobody")
        for i, (reveals, burden) in enumerate(tests)
    }
    burdens = {name: orders.Burden(name, name, weight) for name, weight in WEIGHTS.items()}
    return SetCover(Library({}, {}, (), (), {}, "sha256:0", burdens, made))


def by_enumeration(covers: SetCover, pairs: Counter[Subsets], burden: int) -> tuple[int, int]:
    """The most pairs that any tests within the burden settle, and the least weight that does it."""
    best = (0, 0)
    tests = list(covers.library.tests)
    for chosen in (each for size in range(len(tests) + 1) for each in combinations(tests, size)):
        weight, told = sum(map(covers.weight, chosen)), covers.revealed(chosen)
        settled = sum(n for sets, n in pairs.items() if any(told.issuperset(names) for names in sets))
        if weight <= burden and (settled, -weight) > (best[0], -best[1]):
            best = settled, weight
    return best


@drawn(80)
@given(
    st.lists(st.tuples(some_names, st.sampled_from(sorted(WEIGHTS))), min_size=1, max_size=6),
    st.dictionaries(families, st.integers(1, 4), max_size=6),
    st.integers(0, 14),
)
def test_no_tests_within_the_burden_settle_more(
    tests: list[tuple[tuple[str, ...], str]], pairs: dict[Subsets, int], burden: int
) -> None:
    """It is proved, and no lighter set does as much; what they settle is counted from the tests that are named."""
    covers = covers_of(tests)
    found = best_tests(covers, pairs, burden, complete=True)
    assert found.proved
    assert (found.settles, found.burden) == by_enumeration(covers, Counter(pairs), burden)
    told = covers.revealed(found.tests)
    assert found.settles == sum(
        n for sets, n in pairs.items() if any(told.issuperset(names) for names in sets)
    )
    assert found.burden == sum(map(covers.weight, found.tests))


def test_a_search_that_is_cut_is_not_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is one that knows not all deciding sets; what they settle is true all the same."""
    covers = covers_of([((name,), "light") for name in NAMES])
    pairs: dict[Subsets, int] = {((one, other),): 1 for one, other in combinations(NAMES, 2)}
    assert best_tests(covers, pairs, 3, complete=True) == search.BestTests(("t0", "t1", "t2"), 3, 3, True)
    assert not best_tests(covers, pairs, 3, complete=False).proved
    monkeypatch.setattr(search, "MOST", 3)
    found = best_tests(covers, pairs, 3, complete=True)
    assert not found.proved
    assert found.settles <= 3
