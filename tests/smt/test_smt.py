"""The solver boundary: what the text of a condition means to the solver, what it answers, and what giving up is."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from itertools import chain, combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.engine.minimal_sets import Minimal, Subset, keep_minimal, minimal_subsets, sort_subsets
from solver.evaluation.evaluate import bounds, evaluate
from solver.language.calendar import CYCLE, CYCLE_END, CYCLE_START, FIRST_DAY, LAST_DAY, add_months
from solver.language.domain import Domain, Interval, point
from solver.language.tree import (
    AddMonths,
    BooleanVariable,
    Choice,
    Compare,
    CompletedYears,
    Condition,
    Constant,
    Contains,
    ListSize,
    Member,
    Not,
    NumberVariable,
    Product,
    Sum,
    Term,
    conjunction,
    negation,
    variables,
)
from solver.language.types import (
    BooleanType,
    DateType,
    EnumerationType,
    IntegerType,
    QuantityType,
    VariableType,
)
from solver.language.units import parse_unit
from solver.smt import SOLVER
from solver.smt import translate as script
from solver.smt.query import Query
from solver.smt.session import Budget, GaveUp, Outcome, Sat, Session, Unsat, solver_version
from solver.smt.symbols import Symbols, number_text
from tests.support.drawing.conditions import AS_OF, KINDS, LETTERS, boxes, conditions, exactly, is_true
from tests.support.drawing.drawn import drawn
from tests.support.twins.naive import minimal, months_later, years_completed

REAL = QuantityType(parse_unit("1"))
OF_KIND: dict[str, VariableType] = {
    "boolean": BooleanType(),
    "enumeration": EnumerationType(LETTERS),
    "int": IntegerType(),
    "real": REAL,
    "date": DateType(),
}
TYPES: dict[str, VariableType] = {name: OF_KIND[kind] for name, kind in KINDS.items()} | {"as_of": DateType()}


def ask(
    stated: list[Condition],
    known: Mapping[str, Domain],
    ranges: Mapping[str, Domain] | None = None,
    budget: Budget | None = None,
    *,
    apart: bool = False,
) -> Outcome:
    """What the solver says of the conditions within what is known; `ranges`, which may be wider, are what the script relies on."""
    symbols = Symbols(TYPES, known if ranges is None else ranges, apart=apart)
    lines = [script.condition_text(condition, symbols) for condition in stated]
    names = sorted(frozenset().union(*(variables(condition) for condition in stated)))
    lines += [text for name in names for text in script.domain_text(name, known[name], symbols)]
    text = symbols.declarations() + "".join(f"(assert {line})\n" for line in lines)
    sorts = {symbol: symbols.sort(name) for symbol, name in symbols.declared.items()}
    return Session(text, sorts, budget or Budget()).check()


def point_of(witness: Mapping[str, Any], at: Mapping[str, Any]) -> dict[str, Any]:
    """The point with the values of a witness put in."""
    found = dict(at)
    for name, value in witness.items():
        found[name] = LETTERS[int(value)] if KINDS.get(name) == "enumeration" else value
    return found


# --- conditions as text


@drawn(150)
@given(conditions(), boxes(), st.booleans())
def test_the_text_of_a_condition_means_the_condition(
    condition: Condition, box: tuple[dict[str, Domain], dict[str, Any]], tight: bool
) -> None:
    """With every variable at a value, the solver finds the condition satisfiable exactly where evaluation finds it true."""
    known, at = box
    exact = exactly(at)
    for apart in (False, True):
        outcome = ask([condition], exact, exact if tight else known, apart=apart)
        assert isinstance(outcome, Sat) is is_true(condition, at)
        assert isinstance(outcome, Unsat) is not is_true(condition, at)


@drawn(100)
@given(conditions(), boxes())
def test_a_witness_replays(condition: Condition, box: tuple[dict[str, Domain], dict[str, Any]]) -> None:
    """A witness lies in the box and satisfies the condition at its point; where there is none, no point of the box does."""
    known, at = box
    outcome = ask([condition], known, budget=Budget(steps=2_000_000))
    if isinstance(outcome, Sat):
        if not outcome.inexact:
            found = point_of(outcome.witness, at)
            assert is_true(condition, found)
            assert all(found[name] in known[name] for name in outcome.witness if name in KINDS)
    elif isinstance(outcome, Unsat):
        assert not is_true(condition, at)
        assert evaluate(condition, known) is not True


@drawn(75)
@given(conditions(1), conditions(1), boxes())
def test_one_step_never_decides_wrongly(
    one: Condition, other: Condition, box: tuple[dict[str, Domain], dict[str, Any]]
) -> None:
    """With a tiny budget the solver gives up or is right: never a false model, never a false refutation."""
    known, at = box
    stated = [one if is_true(one, at) else negation(one), other if is_true(other, at) else negation(other)]
    for steps in (1, 50, 500):
        assert not isinstance(ask(stated, known, budget=Budget(steps=steps)), Unsat)
        never = ask([*stated, negation(conjunction(stated))], known, budget=Budget(steps=steps))
        assert not isinstance(never, Sat)


def test_giving_up_is_said_with_its_cause() -> None:
    """A budget that is spent gives an outcome of its own, with the cause and the budget."""
    v, w = NumberVariable("v", "real"), NumberVariable("w", "real")
    cube = Compare("==", Product((v, v, v)), Constant(Fraction(2)))
    hard = [cube, Compare("==", Product((w, w, w, v)), Constant(Fraction(3)))]
    known: dict[str, Domain] = dict.fromkeys("vw", Interval(Fraction(0), Fraction(10)))
    budget = Budget(steps=1)
    outcome = ask(hard, known, budget=budget)
    assert isinstance(outcome, GaveUp)
    assert outcome.budget == budget
    assert outcome.cause
    assert not isinstance(ask(hard, known), Unsat)


def test_an_irrational_witness_is_marked() -> None:
    """The square root of two is given rounded, and named as such; a rational beside it is not."""
    v, w = NumberVariable("v", "real"), NumberVariable("w", "real")
    square = Compare("==", Product((v, v)), Constant(Fraction(2)))
    half = Compare("==", w, Constant(Fraction(1, 3)))
    known: dict[str, Domain] = dict.fromkeys("vw", Interval(Fraction(0), Fraction(10)))
    outcome = ask([square, half], known)
    assert isinstance(outcome, Sat)
    assert outcome.inexact == {"v"}
    value = outcome.witness["v"]
    assert isinstance(value, Fraction)
    assert 0 < abs(value * value - 2) < Fraction(1, 10**20)
    assert outcome.witness["w"] == Fraction(1, 3)


def test_values_of_an_enumeration_have_codes() -> None:
    """Each value is the number of its place, no code is left over, and membership is a choice of codes."""
    symbols = Symbols(TYPES, {})
    assert [symbols.code("k", letter) for letter in LETTERS] == [0, 1, 2]
    assert script.condition_text(Member("k", frozenset("CA")), symbols) == "(or (= k 0) (= k 2))"
    assert script.condition_text(Member("k", frozenset("B")), symbols) == "(= k 1)"
    assert script.condition_text(Member("k", frozenset()), symbols) == "false"
    anything: dict[str, Domain] = {"k": frozenset(LETTERS)}
    assert isinstance(ask([Not(Member("k", frozenset(LETTERS)))], anything), Unsat)
    outcome = ask([Not(Member("k", frozenset("AB")))], anything)
    assert isinstance(outcome, Sat)
    assert outcome.witness == {"k": 2}


@drawn(60)
@given(st.sets(st.sampled_from("ABCDEFGHIJKL")))
def test_membership_is_that_of_the_values_however_many_follow_one_another(values: set[str]) -> None:
    """Values whose codes follow one another are written as a range: the solver finds the same values as the set holds."""
    letters = "ABCDEFGHIJKL"
    types: dict[str, VariableType] = {"k": EnumerationType(tuple(letters))}
    for letter in letters:
        symbols = Symbols(types, {})
        text = script.condition_text(Member("k", frozenset(values)), symbols)
        lines = f"{symbols.declarations()}(declare-const given Bool)\n(assert (= given {text}))\n"
        outcome = Session(f"{lines}(assert (= k {letters.index(letter)}))\n", {"given": "Bool"}).check()
        assert isinstance(outcome, Sat)
        assert outcome.witness["given"] is (letter in values)


@pytest.mark.parametrize(
    ("value", "real", "text"),
    [
        (Fraction(3), False, "3"),
        (Fraction(-3), False, "(- 3)"),
        (Fraction(3), True, "3.0"),
        (Fraction(-1, 3), True, "(- (/ 1.0 3.0))"),
        (Fraction(0), True, "0.0"),
        (Fraction(10**30 + 1, 7), True, f"(/ {10**30 + 1}.0 7.0)"),
    ],
)
def test_numbers_are_written_exactly(value: Fraction, real: bool, text: str) -> None:
    """A number is written as a whole number or an exact quotient, never as a rounded decimal."""
    assert number_text(value, real=real) == text


@drawn(50)
@given(boxes())
def test_the_text_of_a_domain_is_the_domain(box: tuple[dict[str, Domain], dict[str, Any]]) -> None:
    """What is said of a domain allows each of its values and none beyond its ends."""
    known, at = box
    for name, values in known.items():
        if not isinstance(values, Interval) or name == "as_of":
            continue
        term = NumberVariable(name, KINDS[name])  # type: ignore[arg-type]
        here = Compare("==", term, Constant(at[name]))
        assert isinstance(ask([here], {name: values}), Sat)
        for end, is_open in ((values.low, values.low_open), (values.high, values.high_open)):
            if isinstance(end, float):
                continue
            outcome = ask([Compare("==", term, Constant(Fraction(end)))], {name: values})
            assert isinstance(outcome, Unsat if is_open else Sat)
        if not isinstance(values.low, float):
            assert isinstance(
                ask([Compare("<", term, Constant(Fraction(values.low)))], {name: values}), Unsat
            )
        if not isinstance(values.high, float):
            assert isinstance(
                ask([Compare("<", Constant(Fraction(values.high)), term)], {name: values}), Unsat
            )


def test_lists_must_be_resolved() -> None:
    """A list in a condition or a term is a fault of the caller, not something to guess at."""
    symbols = Symbols(TYPES, {})
    with pytest.raises(TypeError, match="a list is still in the condition"):
        script.condition_text(Contains("drugs", "opioids"), symbols)
    with pytest.raises(TypeError, match="a list is still in the term"):
        script.term_text(ListSize("drugs"), symbols, real=False)


# --- dates


def shifted(day: int, months: int) -> int:
    """The day moved, in the tests' own way."""
    return months_later(date.fromordinal(day), months).toordinal()


def differs_from(term: Term, day: int, value: int, ranges: Interval) -> bool:
    """Whether the solver sees any value but `value` for a term about the date `d` at a day: by itself, where it is a limit of the date,
    and within another term.
    """
    known: dict[str, Domain] = {"d": point(day, whole=True), "as_of": point(AS_OF, whole=True)}
    wide: dict[str, Domain] = {"d": ranges, "as_of": point(AS_OF, whole=True)}
    for times in (1, 2):
        multiple = term if times == 1 else Product((Constant(Fraction(times)), term))
        equal = Compare("==", multiple, Constant(Fraction(times * value)))
        for apart in (False, True):
            if not isinstance(ask([equal], known, wide, apart=apart), Sat):
                return True
            if not isinstance(ask([Not(equal)], known, wide, apart=apart), Unsat):
                return True
    return False


D = NumberVariable("d", "date")
CENTURIES = [Interval(CYCLE_START, CYCLE_END, whole=True), Interval(FIRST_DAY, LAST_DAY, whole=True)]


@drawn(60)
@given(st.data(), st.sampled_from([1, 2, 3, 6, 11, 12, 14, 60]), st.sampled_from([1, -1]))
def test_shifted_dates_within_the_cycle(data: st.DataObject, months: int, sign: int) -> None:
    """Where the calendar repeats every four years, a shifted date is one term for all days, and right on each."""
    low = add_months(CYCLE_START, 12 * 5)
    high = add_months(CYCLE_END, -12 * 6)
    day = data.draw(st.integers(low, high))
    ranges = Interval(low, high, whole=True)
    assert ranges.high - ranges.low > CYCLE
    assert not differs_from(AddMonths(D, sign * months), day, shifted(day, sign * months), ranges)


@drawn(40)
@given(st.data(), st.integers(-40, 40), st.sampled_from([0, 5, 40, 400, 1600]))
def test_shifted_dates_within_a_window(data: st.DataObject, months: int, width: int) -> None:
    """Within a window of any length a shifted date is right on each day, also about the common years 1900 and 2100."""
    start = data.draw(
        st.one_of(
            st.sampled_from(
                [date(1900, 2, 27).toordinal(), date(2100, 2, 20).toordinal(), date(2024, 1, 20).toordinal()]
            ),
            st.integers(date(1880, 1, 1).toordinal(), date(2120, 1, 1).toordinal()),
        )
    )
    day = start + data.draw(st.integers(0, width))
    ranges = Interval(start, start + width, whole=True)
    assert not differs_from(AddMonths(D, months), day, shifted(day, months), ranges)


E = NumberVariable("e", "date")


@drawn(60)
@given(
    st.data(),
    st.integers(-14, 14),
    st.sampled_from([9, 400, 2500]),
    st.integers(-3, 3),
    st.sampled_from(["d", "e", "both"]),
)
def test_a_moved_day_is_compared_with_a_day_that_is_open(
    data: st.DataObject, months: int, width: int, beside: int, moved: str
) -> None:
    """With either side moved, or both, the comparison is right of each two days, however it is told, and about the ends of months."""
    start = data.draw(st.integers(date(1990, 1, 1).toordinal(), date(2030, 1, 1).toordinal()))
    day = start + data.draw(st.integers(0, width))
    other = shifted(day, months) + beside
    left: Term = E if moved == "e" else AddMonths(D, months)
    right: Term = E if moved == "d" else AddMonths(E if moved == "both" else D, months)
    here: dict[str, Domain] = {"d": point(day, whole=True), "e": point(other, whole=True)}
    wide: dict[str, Domain] = {
        "d": Interval(start, start + width, whole=True),
        "e": Interval(other - width, other + width, whole=True),
    }
    for relation in ("<", "<=", "=="):
        comparison = Compare(relation, left, right)
        stands = evaluate(comparison, here)
        for apart in (False, True):
            assert isinstance(ask([comparison], here, wide, apart=apart), Sat if stands else Unsat)
            assert isinstance(ask([Not(comparison)], here, wide, apart=apart), Unsat if stands else Sat)


@drawn(40)
@given(
    st.integers(date(1930, 1, 1).toordinal(), AS_OF),
    st.fractions(0, 90, max_denominator=4),
    st.booleans(),
    st.sampled_from([-1, 0, 1]),
)
def test_an_age_counts_how_many_there_are_of_what_it_is_multiplied_by(
    day: int, value: Fraction, chosen: bool, beside: int
) -> None:
    """A product of an age, a quantity and a choice is right, and linear where values are told apart: no product of symbols is left."""
    age = CompletedYears(D, NumberVariable("as_of", "date"))
    left = Sum((Constant(Fraction(140)), Product((Constant(Fraction(-1)), age))))
    half = Choice(BooleanVariable("p"), Constant(Fraction(1, 2)), Constant(Fraction(1)))
    product = Product((left, NumberVariable("v", "real"), half))
    years = years_completed(date.fromordinal(day), date.fromordinal(AS_OF))
    expected = (140 - years) * value * (Fraction(1, 2) if chosen else 1)
    here: dict[str, Domain] = {
        "d": point(day, whole=True),
        "v": point(value),
        "p": frozenset({chosen}),
        "as_of": point(AS_OF, whole=True),
    }
    wide = here | {"d": Interval(AS_OF - 40000, AS_OF, whole=True)}
    equal = Compare("==", product, Constant(expected + beside))
    for apart in (False, True):
        assert isinstance(ask([equal], here, wide, apart=apart), Unsat if beside else Sat)
    text = script.condition_text(equal, Symbols(TYPES, wide, apart=True))
    assert "step!" not in text
    assert "(let ((unit! v))" in text


@pytest.mark.parametrize("months", [1, 3, -1, 12])
@pytest.mark.parametrize(
    "day", ["1900-01-31", "1900-02-28", "1900-03-01", "1999-12-31", "2000-01-31", "2100-01-31", "2100-02-28"]
)
def test_shifted_dates_about_the_ends_of_the_cycle(day: str, months: int) -> None:
    """Beyond the four-year cycle, where century years are common, a shifted date is right as well."""
    where = date.fromisoformat(day).toordinal()
    ranges = Interval(date(1890, 1, 1).toordinal(), date(2110, 1, 1).toordinal(), whole=True)
    assert not differs_from(AddMonths(D, months), where, shifted(where, months), ranges)


@drawn(40)
@given(st.integers(date(1901, 1, 1).toordinal(), AS_OF + 900), st.booleans())
def test_completed_years_are_counted_by_the_solver(day: int, wide: bool) -> None:
    """The solver counts whole years to a known day as anniversaries do, also to a leap day and to days not yet come."""
    ranges = CENTURIES[0] if wide else Interval(day - 3, day + 800, whole=True)
    term = CompletedYears(D, NumberVariable("as_of", "date"))
    expected = years_completed(date.fromordinal(day), date.fromordinal(AS_OF))
    assert not differs_from(term, day, expected, ranges)


@drawn(30)
@given(st.integers(0, 3000), st.integers(date(1920, 1, 1).toordinal(), AS_OF), st.sampled_from([0, 9, 2500]))
def test_completed_years_to_a_day_that_is_open(later: int, day: int, width: int) -> None:
    """Where the end is open as well, over years, the solver counts whole years right for every pair of days."""
    end = AS_OF + later
    ends = Interval(AS_OF, AS_OF + 3000, whole=True)
    starts = Interval(day - width, day, whole=True)
    expected = Constant(Fraction(years_completed(date.fromordinal(day), date.fromordinal(end))))
    term = CompletedYears(D, NumberVariable("as_of", "date"))
    here: dict[str, Domain] = {"d": point(day, whole=True), "as_of": point(end, whole=True)}
    wide: dict[str, Domain] = {"d": starts, "as_of": ends}
    assert isinstance(ask([Compare("==", term, expected)], here, wide), Sat)
    assert isinstance(ask([Not(Compare("==", term, expected))], here, wide), Unsat)


@drawn(30)
@given(
    st.integers(0, 3000),
    st.integers(date(1920, 1, 1).toordinal(), AS_OF),
    st.sampled_from([9, 2500]),
    st.fractions(-2, 2, max_denominator=2),
)
def test_a_limit_of_completed_years_between_days_that_are_open(
    later: int, day: int, width: int, beside: Fraction
) -> None:
    """Whether as many years have passed is right for every pair of days, from either side and with the limit itself or without."""
    end = AS_OF + later
    wide: dict[str, Domain] = {
        "d": Interval(day - width, day, whole=True),
        "as_of": Interval(AS_OF, AS_OF + 3000, whole=True),
    }
    here: dict[str, Domain] = {"d": point(day, whole=True), "as_of": point(end, whole=True)}
    term = CompletedYears(D, NumberVariable("as_of", "date"))
    limit = Constant(years_completed(date.fromordinal(day), date.fromordinal(end)) + beside)
    for relation in ("<", "<="):
        for comparison in (Compare(relation, term, limit), Compare(relation, limit, term)):
            stands = evaluate(comparison, here)
            assert isinstance(ask([comparison], here, wide), Sat if stands else Unsat)
            assert isinstance(ask([Not(comparison)], here, wide), Unsat if stands else Sat)


@drawn(60)
@given(
    st.integers(0, 2500),
    st.integers(date(1950, 1, 1).toordinal(), AS_OF),
    st.sampled_from([9, 2500]),
    st.integers(-30, 30),
    st.fractions(-2, 2, max_denominator=2),
    st.sampled_from(["moved", "to a known day", "from a known day"]),
)
def test_a_limit_of_a_moved_day_or_of_years_with_one_open_end(
    later: int, start: int, width: int, months: int, beside: Fraction, kind: str
) -> None:
    """It is right on each day, from either side, with the limit itself, without it and as an equation."""
    day = start + min(later, width)
    open_day = Interval(start, start + width, whole=True)
    wide: dict[str, Domain] = {"d": open_day, "as_of": point(start + 400, whole=True)}
    term: Term = AddMonths(D, months)
    if kind == "to a known day":
        term = CompletedYears(D, NumberVariable("as_of", "date"))
    elif kind == "from a known day":
        term = CompletedYears(NumberVariable("as_of", "date"), D)
    here = wide | {"d": point(day, whole=True)}
    limit = Constant(Fraction(bounds(term, here).low) + beside)
    for relation in ("<", "<=", "=="):
        for comparison in (Compare(relation, term, limit), Compare(relation, limit, term)):
            stands = evaluate(comparison, here)
            assert isinstance(ask([comparison], here, wide), Sat if stands else Unsat)
            assert isinstance(ask([Not(comparison)], here, wide), Unsat if stands else Sat)


@pytest.mark.parametrize("moved", [AddMonths(D, 3), CompletedYears(D, NumberVariable("as_of", "date"))])
@pytest.mark.parametrize("start", [FIRST_DAY, AS_OF + 5000])
def test_a_limit_is_that_of_the_copy_it_is_said_of(moved: Term, start: int) -> None:
    """What bounds the first patient, with a limit that is always or never reached, says nothing of another."""
    first: dict[str, Domain] = {
        "d": Interval(start, start + 400, whole=True),
        "as_of": point(AS_OF, whole=True),
    }
    own: dict[str, Domain] = {
        "d": Interval(AS_OF - 8000, AS_OF, whole=True),
        "as_of": point(AS_OF, whole=True),
    }
    for day in (AS_OF - 7000, AS_OF - 3653, AS_OF):
        here = own | {"d": point(day, whole=True)}
        limit = Constant(Fraction(bounds(moved, here).low))
        for relation, stands in (("<", False), ("<=", True), ("==", True)):
            query = Query(dict.fromkeys(first, DateType()), first)
            copy = query.new_copy(frozenset(first), own)
            query.say([*query.within(here, copy), query.term(Compare(relation, moved, limit), copy)])
            assert isinstance(query.session().check(), Sat if stands else Unsat)


# --- sessions


def test_a_core_names_assumptions_that_cannot_hold() -> None:
    """Under assumptions the core is a part of them, enough for the refutation; without those in it, the rest can hold."""
    text = "".join(f"(declare-const {name} Bool)\n" for name in ("a", "b", "c", "p"))
    text += "(assert (=> a p))\n(assert (=> b (not p)))\n(assert (=> c (or p (not p))))\n"
    session = Session(text, {"p": "Bool"})
    outcome = session.check(["a", "b", "c"])
    assert outcome == Unsat(("a", "b"))
    assert session.check(["a", "c"]) == Sat({"p": True})
    assert session.check(["b"]) == Sat({"p": False})
    assert isinstance(session.check(), Sat)


def test_sessions_do_not_share_state() -> None:
    """What one session states does not bind another, though the symbols are called the same."""
    declared = "(declare-const x Int)\n"
    assert Session(declared + "(assert (= x 1))", {"x": "Int"}).check() == Sat({"x": Fraction(1)})
    assert Session(declared + "(assert (= x 2))", {"x": "Int"}).check() == Sat({"x": Fraction(2)})


def test_copies_have_their_private_symbols_only() -> None:
    """A copy of the patient shares every symbol but those that it has in private."""
    symbols = Symbols(TYPES, {}, {1: frozenset({"p"})})
    assert [symbols.symbol(name, 1) for name in ("p", "q")] == ["p!1", "q"]
    assert [symbols.symbol(name) for name in ("p", "q")] == ["p", "q"]
    assert script.condition_text(Not(BooleanVariable("p")), symbols, 1) == "(not p!1)"
    assert symbols.declared == {"p!1": "p", "q": "q", "p": "p"}


def test_sessions_work_in_other_threads() -> None:
    """Each thread has a solver of its own, and all give the same answer."""
    found: list[Outcome] = []

    def work() -> None:
        found.append(Session("(declare-const x Int)\n(assert (= (* 3 x) 12))", {"x": "Int"}).check())

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [Sat({"x": Fraction(4)})] * 4


def test_the_solver_is_the_pinned_one() -> None:
    """The version that answers name is that of the solver that is installed."""
    assert solver_version().startswith(SOLVER)


# --- all minimal subsets

NAMES = tuple("abcdef")


def everything(names: tuple[str, ...]) -> list[Subset]:
    """All subsets."""
    return [frozenset(s) for s in chain.from_iterable(combinations(names, n) for n in range(len(names) + 1))]


families = st.lists(st.frozensets(st.sampled_from(NAMES), max_size=4), max_size=6)


@drawn(200)
@given(families, st.randoms(use_true_random=False), st.booleans())
def test_minimal_subsets_are_those_of_brute_force(family: list[Subset], random: Any, offer: bool) -> None:
    """For any monotone property, and whatever larger subsets are offered, the result is what looking at all subsets gives."""

    def has(chosen: Subset) -> bool:
        return any(member <= chosen for member in family)

    def without(chosen: Subset) -> Subset | None:
        if has(chosen):
            return None
        larger = [other for other in everything(NAMES) if chosen <= other and not has(other)]
        return random.choice(larger) if offer else chosen

    found = minimal_subsets(NAMES, without, 200)
    assert found == Minimal(minimal(NAMES, has), True)


@drawn(100)
@given(families, st.integers(1, 4))
def test_a_limit_cuts_and_says_so(family: list[Subset], limit: int) -> None:
    """At most `limit` subsets are listed, each of them minimal; a list that lacks one says so, and a short one is whole."""

    def without(chosen: Subset) -> Subset | None:
        return None if any(member <= chosen for member in family) else chosen

    whole = minimal(NAMES, lambda chosen: any(member <= chosen for member in family))
    found = minimal_subsets(NAMES, without, limit)
    assert len(found.subsets) <= limit
    assert set(found.subsets) <= set(whole)
    assert found.complete or len(whole) >= limit
    assert not found.complete or found.subsets == whole


def test_no_subset_and_the_empty_one() -> None:
    """A property that nothing has gives no subset; one that everything has gives the empty one."""
    assert minimal_subsets(NAMES, lambda chosen: chosen, 5) == Minimal((), True)
    assert minimal_subsets(NAMES, lambda chosen: None, 5) == Minimal(((),), True)
    assert minimal_subsets((), lambda chosen: chosen, 5) == Minimal((), True)


@drawn(100)
@given(families)
def test_keeping_the_minimal_ones(family: list[Subset]) -> None:
    """Of some subsets those are kept that hold no other, each once, in the order of every answer."""
    kept = keep_minimal(set(family))
    assert kept == {one for one in family if not any(other < one for other in family)}
    listed = sort_subsets(kept)
    assert listed == tuple(sorted(listed, key=lambda subset: (len(subset), subset)))
    assert {frozenset(subset) for subset in listed} == kept
