"""What to order on invented worlds, against every set of tests: plans, routes, decisive results, and what does not matter."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date
from fractions import Fraction
from itertools import product

import pytest

from solver.language.calendar import format_day
from solver.language.domain import Domain, Interval, is_exact
from solver.matcher import Matcher
from solver.patient.readers.native.read import read_record
from solver.questions.workup import route_search as routes
from solver.questions.workup.answer import Route
from solver.smt.session import Budget
from tests.support.twins.naive import (
    Axiom,
    Between,
    Clause,
    Flag,
    HowMany,
    Joined,
    Limit,
    Not,
    Patient,
    Trial,
    Value,
    Variable,
    World,
    minimal,
)
from tests.support.twins.workups import (
    Asked,
    Brute,
    Case,
    OpenedRecord,
    Test,
    cheapest,
    cost_of,
    holds,
    invented_cases,
    revealed,
    subsets,
)

At = Mapping[str, Value]

ROUNDS = 40
"""How many counterexamples the search of a route learns from here: where that does not do, it must say that nothing is proved."""


@pytest.fixture(
    scope="session",  # whichever process takes over a part of these tests, and however often
    params=[pytest.param(40, id="some"), pytest.param(1500, id="many", marks=pytest.mark.slow)],
)
def invented(request: pytest.FixtureRequest) -> list[Asked]:
    """Invented cases, each with an undetermined trial, and what the engine answers."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(routes, "ROUNDS", ROUNDS)
        found = invented_cases(request.param)
        for asked in found:
            assert asked.answer.consistent
    return found


def every(cases: list[Asked], holds: Callable[[OpenedRecord], None]) -> None:
    """That it holds of every trial of the cases that is undetermined; the first of which it does not is shown."""
    trials = [trial for asked in cases for trial in asked.undetermined()]
    assert len(trials) >= len(cases)
    for trial in trials:
        try:
            holds(trial)
        except AssertionError as error:
            raise AssertionError(f"{trial}\n{error}") from error


# --- plans


def test_the_cheapest_plan_is_the_least_of_all_sets_of_tests_that_settle_the_trial(
    invented: list[Asked],
) -> None:
    """By weight, then number, then days: no set of tests settles the verdict, whatever the results, for less."""

    def check(trial: OpenedRecord) -> None:
        plan = trial.answer.plan
        if trial.answer.complete:
            assert (cost_of(plan) if plan else None) == cheapest(trial.case.tests, trial.brute.settles)
            assert plan is None or plan.cheapest
        else:
            assert plan is None or not plan.cheapest

    every(invented, check)


def test_a_plan_asks_of_its_tests_what_settles_the_trial(invented: list[Asked]) -> None:
    """What the tests of a plan are ordered for is revealed by them, is asked of one of them, and settles the trial."""

    def check(trial: OpenedRecord) -> None:
        plan = trial.answer.plan
        if plan is not None:
            asked = [name for test in plan.tests for name in test.variables]
            assert all(set(test.variables) <= trial.case.reveals(test.test) for test in plan.tests)
            assert len(asked) == len(set(asked))
            assert trial.brute.settles(asked)

    every(invented, check)


def test_P24_deciding_sets_are_those_of_the_enumeration(invented: list[Asked]) -> None:
    """Each of them is a nonempty minimal set that settles the trial; there is none exactly if all tests together do not settle it."""

    def check(trial: OpenedRecord) -> None:
        sets = trial.answer.deciding_sets
        if not trial.answer.complete:
            assert set(sets) <= set(minimal(trial.brute.open_names(), trial.brute.settles))
            return
        assert sets == minimal(trial.brute.open_names(), trial.brute.settles)
        assert () not in sets
        assert (
            bool(sets) is (trial.answer.plan is not None) is trial.brute.settles(revealed(trial.case.tests))
        )

    every(invented, check)


def test_P24_a_decided_trial_has_nothing_to_order(invented: list[Asked]) -> None:
    """It has neither plan nor route, next test, decisive results or pair; a trial is undetermined exactly if completions differ."""
    decided = 0
    for asked in invented:
        for brute, answer in zip(asked.brutes, asked.answer.trials, strict=True):
            assert (answer.verdict == "undetermined") is brute.undetermined
            if not brute.undetermined:
                decided += 1
                found = (answer.plan, answer.route, answer.next, answer.decisive, answer.pair)
                assert found == (None, None, None, (), None)
    assert decided


def test_plans_across_trials_are_the_least_for_every_number_of_trials(invented: list[Asked]) -> None:
    """For each number of undetermined trials that can be settled, the plan that settles so many, or more, weighs the least."""
    several = 0
    for asked in invented:
        trials, answer = list(asked.undetermined()), asked.answer
        assert answer.shared_complete is all(trial.answer.complete for trial in trials)
        if not answer.shared_complete or sum(trial.answer.plan is not None for trial in trials) < 2:
            assert answer.shared == ()
            continue
        several += 1
        best: dict[int, int] = {}
        for chosen in subsets(asked.case.tests):
            count = sum(trial.brute.settles(revealed(chosen)) for trial in trials)
            weight = sum(test.weight for test in chosen)
            for fewer in range(1, count + 1):
                best[fewer] = min(best.get(fewer, weight), weight)
        expected = [(n, w) for n, w in sorted(best.items(), reverse=True) if best.get(n + 1, w + 1) > w]
        found = [(len(shared.trials), shared.plan.weight) for shared in answer.shared]
        assert found == expected, asked.case
        for shared in answer.shared:
            names = [name for test in shared.plan.tests for name in test.variables]
            settled = tuple(trial.brute.trial.code for trial in trials if trial.brute.settles(names))
            assert settled == shared.trials
            assert shared.plan.cheapest
    assert several


# --- routes


def keeps_to(route: Route, brute: Brute) -> Callable[[At], bool]:
    """Whether a completion keeps to what a route requires of its results."""
    together = [c for c in brute.trial.clauses if f"{brute.trial.code}.{c.id}" in route.together]
    names = [name for name in route.whatever if name in brute.points[0]]
    others = [dict(zip(names, each, strict=True)) for each in product(*map(brute.values, names))]

    def kept(at: At) -> bool:
        return all(
            item.allowed is not None and holds(item.allowed, at[item.variable]) for item in route.results
        ) and any(
            all(brute.satisfies({**at, **other}, cohort, together) for other in others)
            for cohort in brute.trial.cohorts
        )

    return kept


def test_P28_whatever_keeps_to_a_route_is_eligible(invented: list[Asked]) -> None:
    """The results that a route asks for are possible, and every completion with them satisfies the trial."""

    def check(trial: OpenedRecord) -> None:
        route = trial.answer.route
        if route is not None:
            assert trial.brute.where(keeps_to(route, trial.brute)) == {True}
            told = {item.variable for item in route.results} | set(route.jointly)
            assert told == {name for test in route.plan.tests for name in test.variables}

    every(invented, check)


def test_P28_a_route_allows_every_result_with_which_the_rest_of_it_is_certain(invented: list[Asked]) -> None:
    """With a result that it does not allow, and the others as it requires, the patient may turn out not to be eligible."""

    def check(trial: OpenedRecord) -> None:
        route = trial.answer.route
        for item in route.results if route else ():
            assert item.allowed is not None
            others = tuple(other for other in route.results if other is not item)
            rest = keeps_to(
                Route(route.plan, others, route.together, route.jointly, route.whatever), trial.brute
            )
            for value in trial.brute.values(item.variable):
                if not holds(item.allowed, value):
                    found = trial.brute.where(
                        lambda at, n=item.variable, v=value, r=rest: at[n] == v and r(at)
                    )
                    assert found != {True}, (item, value)

    every(invented, check)


def test_P28_a_route_is_told_at_the_thresholds_of_the_theory() -> None:
    """Where the theory says from which number on a condition holds, the route allows these numbers besides those of the criterion."""
    grade = Variable("grade_n", "integer", plausible=Between("grade_n", Fraction(0), Fraction(4)))
    follows = Joined("implies", (Limit("grade_n", ">=", Fraction(3)), Flag("flag_p")))
    either = Joined("or", (Flag("flag_p"), Limit("grade_n", "<=", Fraction(0))))
    trial = Trial("T1", "NCT00000001", ("C1",), (Clause("I1", either),))
    world = World(
        {"grade_n": grade, "flag_p": Variable("flag_p", "boolean")}, (Axiom("A1", follows),), (trial,)
    )
    tests = (Test("t-0", ("grade_n",), "light", 1), Test("t-1", ("flag_p",), "heavy", 1))
    (answer,) = Case(world, Patient(date(2026, 11, 20), {}), tests).ask().trials
    assert answer.route is not None
    (item,) = answer.route.results
    assert item.allowed is not None
    assert [value for value in range(5) if holds(item.allowed, value)] == [0, 3, 4]


def test_P28_the_shortest_route_is_the_least_of_all_sets_of_tests_with_all_their_results(
    invented: list[Asked],
) -> None:
    """No set of tests has results that make the patient eligible for less weight; where there is no route, none has any.

    A route may be missing besides where numbers are compared with each other: what it requires cannot always be said.
    """
    proved = 0

    def check(trial: OpenedRecord) -> None:
        nonlocal proved
        route, best = trial.answer.route, cheapest(trial.case.tests, trial.brute.could_establish)
        if route is None:
            assert best is None or compares_numbers(trial.brute)
        else:
            assert best is not None
            proved += route.plan.cheapest
            assert route.plan.weight == best[0] or (route.plan.weight > best[0] and not route.plan.cheapest)

    every(invented, check)
    assert proved >= len(invented) / 2


def compares_numbers(brute: Brute) -> bool:
    """Whether the trial or the theory compares two numbers or two dates that are open."""
    speaking = [each for clause in brute.trial.clauses for each in clause.expressions()]
    parts = [*speaking, *(axiom.require for axiom in brute.case.world.axioms)]
    kinds = {name: variable.kind for name, variable in brute.case.world.variables.items()}
    numbers = [{n for n in part.names if kinds.get(n) in ("integer", "quantity", "date")} for part in parts]
    return any(len(names) > 1 for names in numbers)


# --- decisive results


def test_P27_decisive_results_are_exact_in_both_directions(invented: list[Asked]) -> None:
    """A value of a variable of some deciding set is said to end the trial, or to win it, exactly if it alone does."""

    def check(trial: OpenedRecord) -> None:
        said = {each.variable: each for each in trial.answer.decisive}
        names = {name for each in trial.answer.deciding_sets for name in each}
        assert said.keys() <= names
        for name in sorted(names):
            if trial.case.world.variables[name].kind == "date" and compares_numbers(trial.brute):
                continue  # not every day that another may be compared with is enumerated
            each = said.get(name)
            ends, wins = (each.ends or (), each.wins or ()) if each else ((), ())
            for value in trial.brute.values(name):
                verdicts = trial.brute.where(lambda at, n=name, v=value: at[n] == v)
                told = (holds(ends, value), holds(wins, value))
                assert told == (verdicts == {False}, verdicts == {True}), (name, value)

    every(invented, check)


def test_the_next_test_is_one_of_the_plan_and_settles_the_trial_if_any_of_it_can(
    invented: list[Asked],
) -> None:
    """It is the lightest of those whose results can settle the trial by themselves, or of all where none can."""

    def check(trial: OpenedRecord) -> None:
        answer, weights = trial.answer, {test.id: test.weight for test in trial.case.tests}
        if answer.plan is None or answer.next is None:
            assert answer.plan is answer.next is None
            return
        decisive = {each.variable for each in answer.decisive}
        telling = [test for test in answer.plan.tests if decisive.intersection(test.variables)]
        assert {each.variable for each in answer.next.decisive} == decisive.intersection(
            answer.next.variables
        )
        assert bool(answer.next.decisive) is bool(telling)
        assert answer.next.test in {test.test for test in telling or answer.plan.tests}
        assert weights[answer.next.test] == min(weights[test.test] for test in telling or answer.plan.tests)

    every(invented, check)


def test_a_count_that_turns_at_zero_is_answered() -> None:
    """One of the two that a criterion counts holds at zero only: zero ends the trial if the other holds."""
    grade = Variable("grade_n", "integer", plausible=Between("grade_n", Fraction(0), Fraction(1)))
    both = HowMany((Limit("grade_n", "<=", Fraction(0)), Flag("flag_p")), "==", 2)
    world = World(
        {"grade_n": grade, "flag_p": Variable("flag_p", "boolean")},
        (),
        (Trial("T1", "NCT00000001", ("C1",), (Clause("I1", Not(both)),)),),
    )
    tests = (Test("t-0", ("grade_n",), "light", 1), Test("t-1", ("flag_p",), "heavy", 1))
    (answer,) = Case(world, Patient(date(2026, 11, 20), {}), tests).ask().trials
    assert answer.deciding_sets == (("flag_p", "grade_n"),)
    assert [(each.variable, each.wins_text, each.ends) for each in answer.decisive] == [
        ("flag_p", "false", None),
        ("grade_n", "exactly 1", None),
    ]


# --- what does not matter


def check_idle(invented: list[Asked], *, settled: bool) -> None:
    """Whatever the value of an idle variable, verdict and deciding sets stay, for trials that something settles, or others."""
    seen = 0
    for asked in invented:
        for brute, answer in zip(asked.brutes, asked.answer.trials, strict=True):
            if settled is not (answer.plan is not None or answer.verdict != "undetermined"):
                continue
            for idle in answer.idle:
                if idle.variable not in brute.points[0]:
                    continue
                seen += 1
                others = [name for name in brute.open_names() if name != idle.variable]
                for value in brute.values(idle.variable):
                    part = brute.part(lambda at, n=idle.variable, v=value: at[n] == v)
                    assert set(part.good) == set(brute.good), (asked.case, idle)
                    if brute.undetermined:
                        assert minimal(others, part.settles) == answer.deciding_sets, (asked.case, idle)
    assert seen or not settled


def test_what_does_not_matter_changes_nothing(invented: list[Asked]) -> None:
    """Whatever the value of an idle variable turns out to be, verdict and deciding sets are what they were."""
    check_idle(invented, settled=True)


def test_what_matters_is_not_idle_where_nothing_settles_the_trial(invented: list[Asked]) -> None:
    """A value of an idle variable does not decide the trial, also where there is no deciding set."""
    check_idle(invented, settled=False)


# --- pairs


def test_the_halves_of_a_pair_are_possible_and_have_opposite_verdicts(invented: list[Asked]) -> None:
    """Each half, written into the record, is consistent and decided; they differ where it is said and nowhere else."""

    def check(trial: OpenedRecord) -> None:
        pair = trial.answer.pair
        assert pair is not None
        if any(axiom.while_unrecorded for axiom in trial.case.world.axioms):
            return  # writing a value down changes what is assumed
        satisfies, fails = dict(pair.satisfies), dict(pair.fails)
        exact = [name for name in satisfies if is_exact(satisfies[name]) and is_exact(fails[name])]
        assert {name for name in exact if satisfies[name] != fails[name]} == set(pair.differs) & set(exact)
        assert pair.differs
        for half, verdict in ((satisfies, "eligible"), (fails, "ineligible")):
            assert verdicts_with(trial.case, half)[trial.answer.code] == verdict

    every(invented, check)


def verdicts_with(case: Case, half: Mapping[str, Domain]) -> dict[str, str]:
    """The verdicts once the values are recorded, where one value is left."""
    record = json.loads(case.patient.record())
    for name, domain in half.items():
        if not is_exact(domain):
            continue
        if isinstance(domain, Interval):
            match case.world.variables[name].kind:
                case "date":
                    record["facts"][name] = format_day(int(domain.low))
                case "integer":
                    record["facts"][name] = int(domain.low)
                case _:
                    record["facts"][name] = {"value": float(domain.low), "unit": "mg"}
        else:
            (record["facts"][name],) = domain
    library = case.library
    found = Matcher(library).match(read_record(json.dumps(record).encode(), library, name="half.json"))
    assert found.consistent
    return {trial.code: trial.verdict for trial in found.trials}


# --- budgets


def test_nothing_is_called_proved_that_was_not(invented: list[Asked]) -> None:
    """With a budget of one step plans and routes may be missing; what is said to be the cheapest is, and a route is still certain."""
    for asked in invented:
        small = asked.case.ask(budget=Budget(steps=1))
        for brute, answer in zip(asked.brutes, small.trials, strict=True):
            if answer.verdict != "undetermined":
                assert answer.plan is answer.route is None
                continue
            if answer.plan is not None and answer.plan.cheapest:
                assert cost_of(answer.plan) == cheapest(asked.case.tests, brute.settles)
            if answer.route is not None:
                best = cheapest(asked.case.tests, brute.could_establish)
                assert best is not None
                assert answer.route.plan.weight >= best[0]
                assert not answer.route.plan.cheapest or answer.route.plan.weight == best[0]
                assert brute.where(keeps_to(answer.route, brute)) == {True}
