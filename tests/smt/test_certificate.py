"""Scripts for other solvers: what they say of a second patient, how short they are, and how cvc5 is asked."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.language.domain import Domain, Interval, point
from solver.language.tree import (
    AS_OF,
    And,
    BooleanVariable,
    Compare,
    Condition,
    Constant,
    Iff,
    Not,
    NumberVariable,
    Or,
    Product,
    Sum,
)
from solver.language.types import BooleanType, DateType, QuantityType, VariableType
from solver.language.units import parse_unit
from solver.smt import external
from solver.smt.certificate import Definition, Junction, ScriptSheet, ScriptWriter, Second, Status
from solver.smt.external import find_checker, scripts
from solver.smt.session import Sat, Session
from tests.support.drawing.conditions import is_true
from tests.support.drawing.drawn import drawn

NAMES = "pqr"
TYPES: dict[str, VariableType] = {**dict.fromkeys(NAMES, BooleanType()), AS_OF: DateType()}
BOTH = frozenset({True, False})
UNIT = QuantityType(parse_unit("1"))

literals = st.sampled_from([BooleanVariable(name) for name in NAMES])
conditions = st.recursive(
    literals,
    lambda parts: st.one_of(
        st.builds(Not, parts),
        st.builds(Iff, parts, parts),
        *(st.builds(kind, st.tuples(parts, parts)) for kind in (And, Or)),
    ),
    max_leaves=4,
)


def sheet_of(
    domains: Mapping[str, Domain], theory: list[Condition], clauses: list[Condition], relation: Any
) -> ScriptSheet:
    """A sheet of these variables and this theory, with a definition `c0`, `c1`... for each clause and `t` for all or any of them."""
    defined = [Definition(f"c{i}", f"clause {i}", clause) for i, clause in enumerate(clauses)]
    whole = Definition("t", "the trial", Junction(relation, tuple(each.name for each in defined)))
    today: Domain = point(739940, whole=True)
    return ScriptSheet(
        {**TYPES, **{name: UNIT for name in domains if name not in TYPES}},
        {name: name for name in (*domains, AS_OF)},
        {AS_OF: today, **domains},
        [("the day", AS_OF, today), *((name, name, domain) for name, domain in domains.items())],
        [("theory", condition) for condition in theory],
        [*defined, whole],
    )


def write(sheet: ScriptSheet, status: Status, goal: str | None, second: Second | None = None) -> str:
    """The script of a claim about a sheet."""
    return ScriptWriter(sheet).script([], status, goal, second)


def is_satisfiable(script: str) -> bool:
    """Whether Z3 finds a patient, or two."""
    return isinstance(Session(script.replace("(check-sat)", ""), {}).check(), Sat)


@drawn(100)
@given(
    st.data(),
    st.lists(conditions, max_size=2),
    st.lists(conditions, min_size=1, max_size=3),
    st.sampled_from(["and", "or"]),
    st.sets(st.sampled_from(NAMES)),
)
def test_two_patients_are_found_where_there_are_two(
    data: st.DataObject, theory: list[Condition], clauses: list[Condition], relation: Any, agreeing: set[str]
) -> None:
    """Of all pairs who agree on some variables and fit the theory, one differs as was asked exactly where the script can be satisfied."""
    domains: dict[str, Domain] = {
        name: data.draw(st.sampled_from([BOTH, BOTH, frozenset({True})])) for name in NAMES
    }
    differs = data.draw(st.sampled_from([("t",), ("t", "c0"), ("c0",)]))
    goal = differs[0] if len(differs) == 1 else None
    sheet = sheet_of(domains, theory, clauses, relation)
    text = write(sheet, "sat", goal, Second(tuple(sorted(agreeing)), differs))

    points = [dict(zip(NAMES, values, strict=True)) for values in product(*(domains[name] for name in NAMES))]
    fitting = [at for at in points if all(is_true(condition, at) for condition in theory)]

    def stands(name: str, at: dict[str, Any]) -> bool:
        if name == "t":
            return {"and": all, "or": any}[relation](is_true(clause, at) for clause in clauses)
        return is_true(clauses[0], at)

    found = any(
        any(stands(name, one) and not stands(name, other) for name in differs)
        for one, other in product(fitting, fitting)
        if all(one[name] == other[name] for name in agreeing)
    )
    assert is_satisfiable(text) is found


def test_a_second_patient_has_symbols_of_his_own_where_he_can_differ() -> None:
    """What both agree on, and what has one value, is one symbol; only what speaks of the rest is said a second time."""
    p, q, r = map(BooleanVariable, NAMES)
    sheet = sheet_of(
        {"p": BOTH, "q": BOTH, "r": frozenset({True})}, [Or((p, r)), Or((p, q))], [p, q, r, q], "and"
    )
    text = write(sheet, "sat", "t", Second(("p",), ("t",)))
    declared = [line.split()[1] for line in text.splitlines() if line.startswith("(declare-const")]
    assert sorted(declared) == ["as_of", "p", "q", "q!1", "r"]
    assert text.count("(assert (or p r))") == 1
    assert "(assert (or p q!1))" in text
    defined = [line.split()[1] for line in text.splitlines() if line.startswith("(define-fun")]
    assert defined == ["c0", "c1", "c2", "c3", "t", "c1!1", "c3!1", "t!1"]
    assert "(define-fun t!1 () Bool (and c0 c1!1 c2 c3!1))" in text


def test_what_cohorts_ask_alike_is_written_out_once() -> None:
    """A definition in the same words as an earlier one of the same patient is that one."""
    p, q, _ = map(BooleanVariable, NAMES)
    sheet = sheet_of({"p": BOTH, "q": BOTH}, [], [Or((p, q)), Or((p, q))], "and")
    text = write(sheet, "sat", "t", Second((), ("t",)))
    for patient in ("", "!1"):
        assert f"(define-fun c0{patient} () Bool (or p{patient} q{patient}))" in text
        assert f"(define-fun c1{patient} () Bool c0{patient})" in text


def test_scripts_of_one_sheet_do_not_know_each_other() -> None:
    """What one script says of its second patient stands in no other."""
    writer = ScriptWriter(sheet_of({"p": BOTH, "q": BOTH}, [], [BooleanVariable("p")], "and"))
    alone = writer.script([], "sat", "t")
    writer.script([], "sat", "t", Second(("q",), ("t",)))
    assert writer.script([], "sat", "t") == alone


HARD = Compare(
    "==",
    Product((NumberVariable("v", "real"),) * 3),
    Sum((Product((NumberVariable("w", "real"),) * 3), Constant(Fraction(2)))),
)


@pytest.mark.parametrize("steps", ["1", "50000"])
def test_a_first_attempt_that_is_given_up_costs_no_answer(
    monkeypatch: pytest.MonkeyPatch, steps: str
) -> None:
    """With one step for the first attempt, cvc5 gives the answer that it gives with all of them, and what is undecided is said once."""
    first, *others = external._ATTEMPTS
    monkeypatch.setattr(external, "_ATTEMPTS", ({**first, "rlimit-per": steps}, *others))
    checker = find_checker()
    assert checker.name.startswith("cvc5")
    ends: dict[str, Domain] = {name: Interval(Fraction(1), Fraction(5)) for name in "vw"}
    for clause, status in ((HARD, "sat"), (And((HARD, Compare("<=", *map(_number, "vw")))), "unsat")):
        (script,) = scripts("x", write(sheet_of(ends, [], [clause], "and"), status, "t"))  # type: ignore[arg-type]
        assert checker.ask(script.text, 20.0).answer == status
    monkeypatch.setattr(external, "_ATTEMPTS", ({"rlimit-per": "1"}, {"rlimit-per": "1"}))
    reply = find_checker().ask(script.text, 20.0)
    assert (reply.answer, reply.note) == (None, "did not decide within 20 s")


def _number(name: str) -> NumberVariable:
    return NumberVariable(name, "real")


def test_the_ranges_of_a_second_patient_are_his_too() -> None:
    """A quantity lies within its ends for both: neither can have one beyond them."""
    ends: dict[str, Domain] = {"v": Interval(Fraction(1), Fraction(2))}
    for limit, found in ((1, True), (2, False)):
        above = Compare("<=", _number("v"), Constant(Fraction(limit)))
        assert (
            is_satisfiable(write(sheet_of(ends, [], [above], "and"), "sat", "t", Second((), ("t",)))) is found
        )
