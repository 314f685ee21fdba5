"""What to order for the six trials, against every choice of values of what is not known and every set of tests."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import product
from typing import Any

import pytest

from solver.engine.problem import Problem
from solver.evaluation.breakpoints import breaks, cells
from solver.evaluation.compared_parts import comparisons
from solver.evaluation.propagate import choices
from solver.evaluation.simplify import simplify
from solver.language.calendar import format_day
from solver.language.domain import Domain, Interval, is_exact
from solver.language.tree import Condition, variables
from solver.language.types import DateType, QuantityType
from solver.matcher import Matcher
from solver.questions.workup.ask import plan_tests
from tests.support.libraries.shipped import LIBRARY
from tests.support.records import worked
from tests.support.records.worked import Json
from tests.support.twins.naive import Value, minimal
from tests.support.twins.workups import Enumerated, Test, cheapest, holds, revealed

MATCHER = Matcher(LIBRARY)
WEIGHTS = {name: burden.weight for name, burden in LIBRARY.burdens.items()}
TESTS = [Test(t.id, tuple(t.reveals), t.burden, t.days, WEIGHTS) for t in LIBRARY.tests.values()]


def verdict(record: Json, code: str) -> str | None:
    """The verdict on one trial; None for a record that contradicts itself."""
    posed = MATCHER.open(worked.read(record, LIBRARY))
    if not posed.consistent:
        assert posed.consistent is False
        return None
    return MATCHER.case(posed, []).decision(LIBRARY.trials[code]).verdict


def relevant(record: Json, code: str) -> tuple[Problem, list[str], list[Condition]]:
    """The open variables that can be asked for and bear on a trial, and all that speaks of them."""
    posed = MATCHER.open(worked.read(record, LIBRARY))
    problem = posed.problem
    decision = MATCHER.case(posed, []).decision(LIBRARY.trials[code])
    clauses = [
        simplify(condition, problem.known)
        for cohort, found in decision.cohorts.items()
        if found == "undetermined"
        for condition in decision.open_clauses(cohort).values()
    ]
    direct = frozenset(name for clause in clauses for name in variables(clause))
    cone = problem.oracle.cone(direct)
    names = [n for n, v in LIBRARY.variables.items() if n in cone and v.requested and n not in LIBRARY.lists]
    theory = [simplify(problem.oracle.theory[i], problem.known) for i in problem.oracle.relevant(cone)]
    return problem, [n for n in names if not is_exact(problem.known[n])], [*clauses, *theory]


def telling(domain: Domain, name: str, conditions: Sequence[Condition]) -> list[Value] | None:
    """The values of a variable at the thresholds and between them; None where it is compared with others."""
    if not isinstance(domain, Interval):
        assert isinstance(domain, frozenset)
        return sorted(domain)
    cuts: set[Fraction] = set()
    for comparison in comparisons(conditions):
        if name in variables(comparison):
            found = breaks(comparison, name, domain)
            if found is None:
                return None
            cuts.update(found)
    numbers = [Fraction(number) for cell in cells(domain, sorted(cuts)) for number in choices(cell)]
    return [number for number in dict.fromkeys(numbers) if Fraction(repr(float(number))) == number]


def fact(name: str, value: Value) -> Any:
    """The value as a record has it."""
    kind = LIBRARY.variables[name].type
    match kind:
        case DateType():
            return format_day(int(value))  # type: ignore[arg-type]
        case QuantityType():
            return {"value": float(value), "unit": kind.unit.text}  # type: ignore[arg-type]
    return int(value) if isinstance(value, Fraction) else value


def enumerated(record: Json, code: str, most: int) -> Enumerated | None:
    """The trial on every choice of telling values; None where there are more than `most`, or where numbers are compared with each other."""
    problem, names, conditions = relevant(record, code)
    lists = [telling(problem.known[name], name, conditions) for name in names]
    if any(each is None or LIBRARY.variables[n].drugs for each, n in zip(lists, names, strict=True)):
        return None
    total = 1
    for each in lists:
        total *= len(each or ())
    if total > most:
        return None
    points, good = [], []
    for values in product(*(each or () for each in lists)):
        at = dict(zip(names, values, strict=True))
        facts = {name: fact(name, value) for name, value in at.items()}
        found = verdict({**record, "facts": {**record["facts"], **facts}}, code)
        if found is not None:
            assert found in ("eligible", "ineligible"), (at, found)
            points.append(at)
            good.append(found == "eligible")
    return Enumerated(points, good)


def check(record: Json, code: str, most: int) -> bool:
    """That the answer is that of the enumeration; False where there are too many completions to look at all."""
    if verdict(record, code) != "undetermined":
        return False
    brute = enumerated(record, code, most)
    if brute is None:
        return False
    assert brute.undetermined
    (answer,) = plan_tests(MATCHER, worked.read(record, LIBRARY), [code]).trials
    names = [name for name in brute.points[0] if len(brute.values(name)) > 1]
    tests = [test for test in TESTS if not revealed([test]).isdisjoint(names)]
    assert answer.deciding_sets == minimal(names, brute.settles)
    best = cheapest(tests, brute.settles)
    assert (answer.plan and (answer.plan.weight, len(answer.plan.tests))) == (best and best[:2])
    route = cheapest(tests, brute.could_establish)
    assert (answer.route and answer.route.plan.weight) == (route and route[0])
    if answer.route is not None and not answer.route.together:
        kept = answer.route.results
        allowed = brute.where(
            lambda at: all(item.allowed is None or holds(item.allowed, at[item.variable]) for item in kept)
        )
        assert allowed == {True}
    said = {each.variable: each for each in answer.decisive}
    for name in {name for each in answer.deciding_sets for name in each}:
        ends = (said[name].ends if name in said else None) or ()
        wins = (said[name].wins if name in said else None) or ()
        for value in brute.values(name):
            found = brute.where(lambda at, n=name, v=value: at[n] == v)
            assert (holds(ends, value), holds(wins, value)) == (found == {False}, found == {True})
    for idle in answer.idle:
        if idle.variable in names:
            others = [name for name in names if name != idle.variable]
            for value in brute.values(idle.variable):
                here = [i for i, at in enumerate(brute.points) if at[idle.variable] == value]
                part = Enumerated([brute.points[i] for i in here], [brute.good[i] for i in here])
                assert minimal(others, part.settles) == answer.deciding_sets
    return True


def gaps(count: int, seed: int, facts: int) -> Iterator[tuple[str, Json, str]]:
    """Patients of the worked cases with two facts or more left out, and a trial."""
    draw = random.Random(seed)
    people = sorted(worked.load("patients"))
    for _ in range(count):
        name = draw.choice(people)
        record = worked.patient(name)
        left = draw.sample(sorted(record["facts"]), draw.randint(2, facts))
        for each in left:
            del record["facts"][each]
        yield f"{name} without {', '.join(sorted(left))}", record, draw.choice(list(LIBRARY.trials))


@pytest.mark.parametrize(
    ("count", "facts", "most", "least"),
    [
        pytest.param(200, 5, 200, 20, id="some"),
        pytest.param(3000, 8, 3000, 500, id="many", marks=pytest.mark.slow),
    ],
)
def test_what_to_order_is_what_the_enumeration_says(count: int, facts: int, most: int, least: int) -> None:
    """Deciding sets, plan, route, decisive results and what does not matter, for patients with few facts missing."""
    compared = 0
    for label, record, code in gaps(count, most, facts):
        try:
            compared += check(record, code, most)
        except AssertionError as error:
            raise AssertionError(f"{code}: {label}\n{error}") from error
    assert compared >= least
