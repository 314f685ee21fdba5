"""What to find out for an undetermined trial, test by test, in an order that a person would choose.

Of the tests that settle the trial those come first that can end it by one result, then those one result of which is enough; among them the
one that asks least of the patient, then the likeliest to have that result, then the quickest. A result is told only if it can come out:
values outside the plausible ranges, or that the theory excludes of this patient, are no advice.

    I1  weight >= 40 kg        nothing is recorded; an adult's weight is plausible from 30 kg to 250 kg
    I2  cells <= 5 /uL

A scale is lighter than a puncture, so that the weight comes first: less than 40 kg ends the trial. Of a child over 45 kg no weight does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

from solver.engine.answer import Requirement, Subsets, Values
from solver.engine.decision import Decision
from solver.engine.finding_out.chances import chance_to_end
from solver.engine.finding_out.set_cover import Cover, SetCover
from solver.engine.finding_out.step import NextStep, StepResult, TestGroup
from solver.engine.problem import Problem
from solver.engine.requirement_words import requirement_text
from solver.engine.requirements import values_alone
from solver.evaluation.breakpoints import complement
from solver.evaluation.build import kind_of, takes_one_of, within_interval
from solver.language.domain import Domain, Inconsistent, Interval, intersect
from solver.language.tree import Condition, NumberVariable
from solver.library.models import Library
from solver.library.orders import Test
from solver.work import OutOfBudget, worked_out_once


class NextSteps:
    """What to find out for the undetermined trials of one patient."""

    def __init__(self, problem: Problem, covers: SetCover) -> None:
        self.problem, self.covers = problem, covers
        variables = problem.library.variables
        # recorded, they would take back what a policy assumed, and with it what is said of their values
        self._untold = {name for other in problem.assumed for name in variables[other].mentioned_by}
        # trials that ask the same of a variable require the same object of it
        self._unmet_by: dict[int, tuple[Requirement, Values | None]] = {}
        self._results: dict[tuple[int, bool], tuple[object, StepResult | None, int]] = {}

    def in_order(
        self, decision: Decision, sets: Subsets, missing: Sequence[Requirement]
    ) -> Iterator[NextStep]:
        """The tests of the cheapest cover of a deciding set, each with what it is done for and what its results do, as they are asked for.

        `missing` are the requirements of the variables of the sets. Without a test for one of these there is no step.
        """
        cover = self.covers.cheapest_of(sets)
        if cover is None:
            return
        told = self.smallest_revealed(sets, cover)
        by_name = {each.variable: each for each in missing}
        alone = len(told) == 1 and not decision.extent.capped
        found = []
        for test, names in self._asked_of(cover, told):
            unmet = {name: values for name in names if (values := self._unmet(by_name.get(name))) is not None}
            chances = {name: self._chance(test, name, values) for name, values in unmet.items()}
            found.append((test, names, chances))
        others = []
        for test, names, chances in sorted(found, key=lambda each: self._effort(each[0], each[2].values())):
            # whether the values can come out is looked at no further than it is asked for
            ending = sorted(chances, key=lambda name: (-chances[name], name))
            results = [result for name in ending if (result := self._result_once(by_name[name], alone))]
            if results:
                yield _step(test, names, results)
            else:
                others.append((test, [by_name[name] for name in names if name in by_name], names))
        yield from self._not_ending(decision, others)

    def _not_ending(
        self, decision: Decision, others: Sequence[tuple[str, Sequence[Requirement], Sequence[str]]]
    ) -> Iterator[NextStep]:
        """The tests that cannot end the trial: first those that can be enough, then by what they ask of the patient."""
        found = []
        for test, missing, names in others:
            results = self._winning(decision, missing)
            chances = [self._chance(test, each.variable, each.winning) for each in results if each.winning]
            found.append((not results, self._effort(test, chances), _step(test, names, results)))
        yield from (step for _, _, step in sorted(found, key=lambda each: each[:2]))

    def first(self, decision: Decision, sets: Subsets, missing: Sequence[Requirement]) -> NextStep | None:
        """The first of these; None where there is none."""
        return next(self.in_order(decision, sets, missing), None)

    def smallest_revealed(self, sets: Subsets, cover: Cover) -> tuple[str, ...]:
        """The smallest of the sets that the tests reveal."""
        revealed = self.covers.revealed(cover.tests)
        return min((names for names in sets if revealed.issuperset(names)), key=lambda s: (len(s), s))

    def groups(self, sets: Subsets) -> tuple[TestGroup, ...]:
        """What the cheapest cover of a deciding set comes to: questions to one person together, and so what is done at once."""
        cover = self.covers.cheapest_of(sets)
        if cover is None:
            return ()
        return test_groups(self.problem.library, self._asked_of(cover, self.smallest_revealed(sets, cover)))

    def _effort(self, test: str, chances: Iterable[int]) -> tuple[int, int, int, str]:
        """What tests are compared by: what they ask of the patient, how likely they end the trial, and how long they take."""
        days = self.problem.library.tests[test].days
        return self.covers.weight(test), -max(chances, default=0), days, test

    def _chance(self, test: str, name: str, values: Values) -> int:
        """In how many of a hundred patients a variable has one of these values, as far as the test says it."""
        library = self.problem.library
        return chance_to_end(library.tests[test], library.variables[name], values)

    def _asked_of(self, cover: Cover, names: Iterable[str]) -> list[tuple[str, tuple[str, ...]]]:
        """What each test of a cover is done for, from the lightest: what several of them reveal is asked of the first."""
        left, found = set(names), []
        for test in sorted(cover.tests, key=lambda each: (self.covers.weight(each), each)):
            mine = left.intersection(self.problem.library.tests[test].reveals)
            left -= mine
            if mine:
                found.append((test, tuple(sorted(mine))))
        return found

    def _unmet(self, requirement: Requirement | None) -> Values | None:
        """The values of a variable, of those that are plausible, with which no completion satisfies the trial; None where there is none."""
        if requirement is None or requirement.allowed is None or requirement.variable in self._untold:
            return None
        found = self._unmet_by.get(id(requirement))
        if found is None:
            unmet = self._plausible_others(requirement.variable, requirement.allowed) or None
            found = self._unmet_by[id(requirement)] = requirement, unmet
        return found[1]

    def _plausible_others(self, name: str, values: Values) -> Values:
        """What is known of a variable, its plausible range included, without these values."""
        known = self.problem.known[name]
        if not isinstance(known, Interval):
            return _others(known, values)
        kept = []
        for each in values:
            assert isinstance(each, Interval)
            with suppress(Inconsistent):
                kept.append(intersect(known, each))
        return _others(known, tuple(kept))

    def _result_once(self, requirement: Requirement, alone: bool) -> StepResult | None:
        key = id(requirement), alone
        return worked_out_once(self._results, key, requirement, self._result_afresh, requirement, alone)

    def _result_afresh(self, requirement: Requirement, alone: bool) -> StepResult | None:
        with self.problem.oracle.afresh():
            return self._result(requirement, alone)

    def _result(self, requirement: Requirement, alone: bool) -> StepResult | None:
        """The values of a variable that end the trial and that can come out; with those that are enough, if it settles the trial alone."""
        name, unmet = requirement.variable, self._unmet(requirement)
        known, variable = self.problem.known[name], self.problem.library.variables[name]
        assert unmet is not None
        ends = self.possible_part(name, unmet)
        if not ends:
            return None
        wins: Values | None = None
        if alone and not requirement.with_others:
            wins = self.possible_part(name, _others(known, unmet)) or None
        return StepResult(
            variable=name,
            ends=requirement_text(known, ends, variable),
            wins=None if wins is None else requirement_text(known, wins, variable),
            ending=ends,
            winning=wins,
        )

    def _winning(self, decision: Decision, missing: Sequence[Requirement]) -> list[StepResult]:
        """The values of variables, none of which ends the trial, that make the patient eligible by themselves."""
        told = [each for each in missing if each.variable not in self._untold]
        shown = decision.hopeful(shown=True) != decision.hopeful()
        results = []
        for taken, refused in values_alone(self.problem, decision, told, shown=shown):
            if taken.allowed is None or refused.allowed is None:
                continue
            name, known = taken.variable, self.problem.known[taken.variable]
            wins = self.possible_part(name, self._plausible_others(name, refused.allowed))
            if wins and wins != known:
                text = requirement_text(known, wins, self.problem.library.variables[name])
                results.append(StepResult(variable=name, wins=text, winning=wins))
        return results

    def possible_part(self, name: str, values: Values) -> Values:
        """Those of the values that some completion has, all of which lie within the plausible ranges."""
        if isinstance(values, tuple):
            variable = NumberVariable(name, kind_of(self.problem.types[name]))
            return tuple(each for each in values if self._can_be(within_interval(variable, each)))
        kept = (value for value in sorted(values) if self._can_be(takes_one_of(name, frozenset({value}))))  # type: ignore[arg-type]
        return frozenset(kept)  # type: ignore[return-value]

    def _can_be(self, condition: Condition) -> bool:
        """Whether some completion meets a condition; where the solver gives up, nothing is said of it."""
        try:
            return self.problem.oracle.possible([condition]) is not None
        except OutOfBudget:
            return False


def _step(test: str, names: Sequence[str], results: Sequence[StepResult]) -> NextStep:
    told = [result.variable for result in results]
    return NextStep(
        test=test,
        variables=(*told, *(name for name in names if name not in told)),
        results=tuple(results),
    )


def _others(known: Domain, values: Values) -> Values:
    """What is known of a variable without these of its values."""
    if isinstance(known, Interval):
        assert isinstance(values, tuple)
        return complement(known, values)
    assert isinstance(known, frozenset)
    assert isinstance(values, frozenset)
    return frozenset(value for value in known if value not in values)  # type: ignore[return-value]


def test_groups(library: Library, asked: Iterable[tuple[str, Sequence[str]]]) -> tuple[TestGroup, ...]:
    """Tests with what each is done for, put together: `3 questions to the patient`, and `1 blood draw` for whatever one draw is enough for.

    They stand in the order of the first test of each.
    """
    groups: dict[str, list[tuple[Test, Sequence[str]]]] = {}
    for name, variables in asked:
        test = library.tests[name]
        groups.setdefault(test.questions or test.act or test.label, []).append((test, variables))
    found = []
    for label, tests in groups.items():
        first = tests[0][0]
        count = len({name for _, variables in tests for name in variables}) if first.questions else 1
        words = label if count > 1 or not first.questions else first.label
        found.append(TestGroup(label=words, count=count, tests=tuple(test.id for test, _ in tests)))
    return tuple(found)
