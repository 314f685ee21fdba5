"""The flat program says of every condition what the evaluator of trees says."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver.evaluation.evaluate import evaluate
from solver.language import tree as t
from solver.language.domain import BOTH, Environment, Interval, point
from solver.program.slot_values import slot_values
from solver.program.slots import FALSE, TRUE, FlatProgram
from tests.support.drawing.drawn import drawn

FLAGS, KINDS = ("treated", "fit"), frozenset({"a", "b", "c"})
NUMBERS = st.integers(0, 4).map(lambda n: Fraction(n, 2))


def level() -> t.NumberVariable:
    """A quantity."""
    return t.NumberVariable("level", "real")


def score() -> t.NumberVariable:
    """A whole number."""
    return t.NumberVariable("score", "int")


TERMS = st.one_of(
    st.sampled_from([level(), score()]),
    NUMBERS.map(t.Constant),
    st.builds(lambda f, of: t.Product((t.Constant(f), of)), NUMBERS, st.sampled_from([level(), score()])),
    st.just(t.Sum((level(), score()))),
)
ATOMS = st.one_of(
    st.sampled_from(FLAGS).map(t.BooleanVariable),
    st.builds(t.Member, st.just("kind"), st.frozensets(st.sampled_from(sorted(KINDS)))),
    st.builds(t.Compare, st.sampled_from(["<", "<=", "=="]), TERMS, TERMS),
    st.sampled_from([t.TRUE, t.FALSE]),
)
CONDITIONS = st.recursive(
    ATOMS,
    lambda parts: st.one_of(
        parts.map(t.Not),
        st.lists(parts, min_size=1, max_size=3).map(lambda each: t.And(tuple(each))),
        st.lists(parts, min_size=1, max_size=3).map(lambda each: t.Or(tuple(each))),
        st.builds(t.Iff, parts, parts),
    ),
    max_leaves=8,
)


@st.composite
def intervals(draw: st.DrawFn, *, whole: bool) -> Interval:
    """What may be known of a number."""
    low, high = sorted(draw(st.tuples(NUMBERS, NUMBERS)))
    if whole:
        return Interval(int(low), int(high), whole=True)
    if low == high:
        return point(low)
    return Interval(low, high, draw(st.booleans()), draw(st.booleans()))


ENVIRONMENTS = st.fixed_dictionaries(
    {
        **{name: st.sampled_from([BOTH, frozenset({True}), frozenset({False})]) for name in FLAGS},
        "kind": st.frozensets(st.sampled_from(sorted(KINDS)), min_size=1),
        "level": intervals(whole=False),
        "score": intervals(whole=True),
    }
)


def said(condition: t.Condition, environments: list[Environment]) -> list[bool | None]:
    """What the program says of a condition in each environment."""
    program = FlatProgram()
    literal = program.literal(condition)
    values = slot_values(program, environments)
    names = {(1, 0): True, (0, 1): False, (1, 1): None}
    return [names[values[literal] >> k & 1, values[literal ^ 1] >> k & 1] for k in range(len(environments))]


def part_of(known: Environment, other: Environment) -> Environment:
    """One of the completions of what is known: as the other has it, where that may be."""
    return {name: other[name] if other[name] == domain else _one_of(domain) for name, domain in known.items()}


def _one_of(domain: object) -> object:
    if isinstance(domain, frozenset):
        return frozenset({min(domain)})
    assert isinstance(domain, Interval)
    return domain if domain.low_open else point(domain.low, whole=domain.whole)


@given(condition=CONDITIONS, known=ENVIRONMENTS, other=ENVIRONMENTS)
@settings(drawn(150))
def test_it_says_what_evaluation_says(condition: t.Condition, known: Environment, other: Environment) -> None:
    """Of what is known and of narrower environments at once, three-valued."""
    environments = [known, part_of(known, other)]
    found = said(condition, environments)
    assert found[0] == evaluate(condition, known)
    # what is certain of what is known stays so
    expected = found[0] if found[0] is not None else evaluate(condition, environments[1])
    assert found[1] == expected


def test_equal_conditions_share_a_slot() -> None:
    """Also where one is written as the opposite of the other, or as a multiple."""
    program, cut = FlatProgram(), t.Constant(Fraction(3))
    at_most = program.literal(t.Compare("<=", level(), cut))
    assert program.literal(t.Compare("<", cut, level())) == at_most ^ 1
    twice = t.Product((t.Constant(Fraction(2)), level()))
    assert program.literal(t.Compare("<=", twice, t.Constant(Fraction(6)))) == at_most
    both = program.literal(t.And((t.BooleanVariable("fit"), t.Compare("<=", level(), cut))))
    one = t.Or((t.Not(t.BooleanVariable("fit")), t.Compare("<", cut, level())))
    assert program.literal(one) == both ^ 1
    assert (program.literal(t.TRUE), program.literal(t.Not(t.TRUE))) == (TRUE, FALSE)


@pytest.mark.parametrize("open_end", [False, True])
def test_a_limit_at_the_end_of_an_interval(open_end: bool) -> None:
    """An end that is left out counts on its own side of the limit."""
    known: Environment = {"level": Interval(1, 3, open_end, open_end)}
    for relation in ("<", "<="):
        for cut in (1, 3):
            for flip in (False, True):
                sides: list[t.Term] = [level(), t.Constant(Fraction(cut))]
                condition = t.Compare(relation, *(sides[::-1] if flip else sides))  # type: ignore[arg-type]
                assert said(condition, [known]) == [evaluate(condition, known)]
