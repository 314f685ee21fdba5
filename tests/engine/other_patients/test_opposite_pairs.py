"""Opposite pairs, against all pairs that a few flags leave: what is found is one, and what is refuted is none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from solver.engine.other_patients.opposite_pairs import JudgedCompletion, Names, OppositePairs
from solver.language.domain import BOTH, Interval
from solver.language.tree import (
    And,
    BooleanVariable,
    Compare,
    Condition,
    Constant,
    Iff,
    Not,
    NumberVariable,
    Or,
    Power,
    Product,
)
from tests.support.drawing.conditions import is_true
from tests.support.drawing.drawn import drawn

FLAGS = "abcde"
KNOWN = dict.fromkeys(FLAGS, BOTH)
Patient = Mapping[str, bool]


def formulas() -> st.SearchStrategy[Condition]:
    """Conditions on the flags."""
    flags = st.sampled_from(FLAGS).map(BooleanVariable)
    return st.recursive(
        st.one_of(flags, flags.map(Not)),
        lambda part: st.one_of(
            st.tuples(part, part).map(And), st.tuples(part, part).map(Or), st.builds(Iff, part, part)
        ),
        max_leaves=4,
    )


def clauses() -> st.SearchStrategy[list[list[Condition]]]:
    """The clauses of one or two cohorts, some of them in both."""
    of_all, own = st.lists(formulas(), max_size=2), st.lists(formulas(), min_size=1, max_size=2)
    return st.tuples(of_all, st.lists(own, min_size=1, max_size=2)).map(
        lambda both: [[*both[0], *each] for each in both[1]]
    )


def completions(theory: Sequence[Condition]) -> list[Patient]:
    every = (dict(zip(FLAGS, values, strict=True)) for values in product((False, True), repeat=len(FLAGS)))
    return [each for each in every if all(is_true(c, each) for c in theory)]


def fits(cohorts: Sequence[Sequence[Condition]], patient: Patient) -> bool:
    return any(all(is_true(c, patient) for c in cohort) for cohort in cohorts)


def opposites(
    theory: Sequence[Condition], cohorts: Sequence[Sequence[Condition]], private: Names
) -> Iterator[tuple[Patient, Patient]]:
    """All pairs that agree on all but the private flags, of which the first fits and the second does not."""
    every = completions(theory)
    for one, other in product(every, every):
        alike = all(one[name] == other[name] for name in FLAGS if name not in private)
        if alike and fits(cohorts, one) and not fits(cohorts, other):
            yield one, other


@drawn(150)
@given(
    st.lists(formulas(), max_size=3),
    clauses(),
    st.frozensets(st.sampled_from(FLAGS), min_size=1),
    st.booleans(),
)
def test_pairs_are_those_that_all_pairs_show(
    theory: list[Condition], cohorts: list[list[Condition]], private: Names, further: bool
) -> None:
    """A pair that is found is one of all, one that is refuted is none, and the free variables have pairs where the private ones do."""
    pairs = OppositePairs(KNOWN, theory)
    every = [c for cohort in cohorts for c in cohort]
    points = [
        JudgedCompletion({name: frozenset({value}) for name, value in each.items()}, every)
        for each in completions(theory)
    ]
    any_there = any(opposites(theory, cohorts, private))
    free = pairs.free(cohorts, private)
    assert free <= private
    assert any_there == any(opposites(theory, cohorts, free))
    found = pairs.found(cohorts, private, points, further=further)
    if found is not None:
        assert found.differing <= private
        assert any(opposites(theory, cohorts, found.differing))
        first = {name: domain for name, domain in found.first.items() if name in FLAGS}
        assert any(
            fits(cohorts, each) and all(each[name] in first[name] for name in FLAGS)
            for each in completions(theory)
        )
    assert not (any_there and pairs.none_exist(cohorts, private, 20))


A, B, C = map(BooleanVariable, "abc")


def test_the_example_of_the_module() -> None:
    """Two differ in what is active alone, and none in what is uncontrolled alone."""
    active, uncontrolled = A, B
    clause = And((Not(active), Not(uncontrolled)))
    pairs = OppositePairs({"a": BOTH, "b": BOTH}, [Or((Not(uncontrolled), active))])
    neither = JudgedCompletion({"a": frozenset({False}), "b": frozenset({False})}, [clause])
    found = pairs.found([[clause]], frozenset("a"), [neither])
    assert found is not None
    assert found.differing == frozenset("a")
    assert pairs.found([[clause]], frozenset("b"), [neither]) is None
    assert pairs.found([[clause]], frozenset("b"), [neither], further=True) is None
    assert pairs.none_exist([[clause]], frozenset("b"), 8)
    assert not pairs.none_exist([[clause]], frozenset("a"), 8)


def test_what_an_equation_fixes_is_not_free() -> None:
    """With `index * height^2 = weight` the index is fixed by the others, and a height from zero up by an index and a weight."""
    index, height, weight = (NumberVariable(name, "real") for name in ("index", "height", "weight"))
    equation = Compare("==", Product((index, Power(height, 2))), weight)
    clause = Compare("<=", index, Constant(Fraction(30)))
    positive = Interval(0, 300, low_open=True)
    known = dict.fromkeys(("index", "height", "weight"), positive)
    pairs = OppositePairs(known, [equation])
    for name in known:
        assert pairs.free([[clause]], frozenset({name})) == frozenset()
    assert pairs.free([[clause]], frozenset({"index", "height"})) == {"index", "height"}
    # a weight of nothing has any height, where there may be no index
    anything = OppositePairs({**known, "index": Interval(0, 300)}, [equation])
    assert anything.free([[Compare("<=", height, Constant(Fraction(2)))]], frozenset({"height"})) == {
        "height"
    }
    # of a square alone the sign is lost
    signed = OppositePairs({**known, "height": Interval(-3, 3)}, [equation])
    assert signed.free([[Compare("<=", height, Constant(Fraction(2)))]], frozenset({"height"})) == {"height"}
