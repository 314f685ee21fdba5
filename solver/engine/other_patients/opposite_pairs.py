"""Two patients who agree on some variables, and of whom the one fits some cohort and the other fits none.

    I1  not active and not uncontrolled      nothing is recorded; the theory says `uncontrolled implies active`

Two who differ in `active` alone are found beside a completion at hand, in which neither holds. Of two who differ in `uncontrolled` alone
both are active, or neither is, and then neither is uncontrolled: there are none, and evaluation is certain of it.

The conditions are said of both at once: what the two need not agree on, the *private* variables, has a second name in what is said of the
second.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from solver.errors import EngineError
from solver.evaluation.cases import refuted
from solver.evaluation.evaluate import bounds, evaluate
from solver.evaluation.linked_variables import linked
from solver.evaluation.propagate import Conditions, complete
from solver.language import tree as t
from solver.language.domain import Domain, Environment, Inconsistent, Interval, intersect, is_exact
from solver.work import allowed

Names = frozenset[str]
Clauses = Sequence[t.Condition]
Cohorts = Sequence[Clauses]
"""The clauses of each cohort."""

_NEAR, _FURTHER = ((0, 2),), ((0, 6), (1, 1), (None, 2))
"""How far from a completion is looked, in steps from one variable to those beside it, None being all of it, and beside how many."""


_A_PAIR, _IN_VAIN = 10_000, 100_000
"""Work on one pair beside a completion, and on all of them that came to nothing: where equations link many open numbers, it mostly does,
and the solver is quicker."""


class JudgedCompletion:
    """A completion, and how each clause stands on it, by identity."""

    def __init__(self, values: Environment, clauses: Iterable[t.Condition]) -> None:
        self.values = values
        self.clauses = {id(clause): evaluate(clause, values) for clause in clauses}
        self._met: dict[int, tuple[Clauses, bool]] = {}

    def meets(self, clauses: Clauses) -> bool:
        """Whether all of the clauses hold; remembered by identity, as the same cohorts are asked for again and again."""
        found = self._met.get(id(clauses))
        if found is None:
            met = all(self.clauses[id(clause)] is True for clause in clauses)
            found = self._met[id(clauses)] = clauses, met
        return found[1]


class OppositePair(NamedTuple):
    """Two who are opposite: the variables in which they differ, and what is left of each variable of the first, who fits a cohort."""

    differing: Names
    first: Environment


class OppositePairs:
    """The pairs of completions, of what is `known` under the `theory`, that are alike in all but some private variables."""

    def __init__(self, known: Environment, theory: Sequence[t.Condition]) -> None:
        self._known, self._theory = known, [(c, t.variables(c)) for c in theory]
        self._equations = [
            (c, names) for c, names in self._theory if isinstance(c, t.Compare) and c.relation == "=="
        ]
        self._clauses: dict[int, tuple[Clauses, list[tuple[t.Condition, Names]]]] = {}
        self._spoken: dict[int, tuple[Cohorts, list[Names], Names]] = {}
        self._second: dict[tuple[int, Names], tuple[t.Condition, t.Condition]] = {}
        self._others: dict[tuple[int, tuple[int, ...], Names], tuple[Cohorts, list[t.Condition]]] = {}
        self._in_vain = 0

    def free(self, cohorts: Cohorts, private: Names) -> Names:
        """Those of the private variables in which two can be opposite.

        Not so what an equation fixes once all others have their values, nor what the theory links with nothing that a clause speaks of.
        """
        left = private - self._fixed(private)
        return linked([names & left for _, names in self._theory], left & self._spoken_of(cohorts)[1])

    def _mentioning(self, cohort: Clauses) -> list[tuple[t.Condition, Names]]:
        """The clauses, each with its variables."""
        found = self._clauses.get(id(cohort))
        if found is None:
            found = self._clauses[id(cohort)] = cohort, [(c, t.variables(c)) for c in cohort]
        return found[1]

    def _spoken_of(self, cohorts: Cohorts) -> tuple[list[Names], Names]:
        """The variables of each clause, and of all."""
        found = self._spoken.get(id(cohorts))
        if found is None:
            each = [names for clauses in cohorts for _, names in self._mentioning(clauses)]
            found = self._spoken[id(cohorts)] = cohorts, each, frozenset[str]().union(*each)
        return found[1:]

    def found(
        self, cohorts: Cohorts, private: Names, points: Sequence[JudgedCompletion], *, further: bool = False
    ) -> OppositePair | None:
        """Two who are opposite, sought beside the completions at hand, or with `further` less near; None says nothing."""
        every = [*self._spoken_of(cohorts)[0], *(names for _, names in self._theory)]
        fitting = [(at, clauses) for at in points for clauses in [c for c in cohorts if at.meets(c)][:1]]
        core = _beside(private, every)
        for steps, most in _FURTHER if further else _NEAR:
            moved = core.union(*every) if steps is None else core
            for _ in range(steps or 0):
                moved = _beside(moved, every)
            for at, cohort in fitting[:most]:
                near = _speaking(self._mentioning(cohort), moved)
                stated = self._stated([*near, *self._theory_of(moved)], cohort, cohorts, private)
                box = self._completed(stated, at, private, moved, sorted(moved - core))
                if box is not None:
                    first = {name: domain for name, domain in box.items() if name in at.values}
                    differing = frozenset(_differing(stated, box, private))
                    if not differing:
                        raise EngineError("two patients who differ in nothing were told apart")
                    return OppositePair(differing, {**at.values, **first})
        return None

    def none_exist(self, cohorts: Cohorts, private: Names, cases: int, *, wider: bool = False) -> bool:
        """Whether evaluation is certain that no two are opposite, by so many cases; False says nothing.

        With `wider` clauses are looked at as well that speak only of what stands in a clause beside the private variables.
        """
        for cohort in cohorts:
            mentioning = self._mentioning(cohort)
            touched = _speaking(mentioning, private)
            if not touched:
                continue
            around = private.union(*map(t.variables, touched))
            if wider:
                touched = _speaking(mentioning, around)
            first = [*touched, *self._theory_of(around)]
            # that the second fails the cohort of the first is mostly enough, and all of it takes more cases
            for failed in ([cohort], cohorts) if len(cohorts) > 1 else ([cohort],):
                stated = self._stated(first, cohort, failed, private)
                if refuted(stated, self._domains(stated, self._known, private), cases):
                    break
            else:
                return False
        return True

    def _stated(self, first: Clauses, cohort: Clauses, cohorts: Cohorts, private: Names) -> Conditions:
        """What is said of the first, who fits a cohort, the theory of the second, and last, for each cohort, that the second fails it.

        What speaks of no private variable holds of both.
        """
        key = id(cohort), tuple(map(id, cohorts)), private
        kept = self._others.get(key)
        if kept is None:
            kept = self._others[key] = (cohort, *cohorts), self._of_the_second(cohort, cohorts, private)
        return Conditions([*first, *kept[1]])

    def _of_the_second(self, cohort: Clauses, cohorts: Cohorts, private: Names) -> list[t.Condition]:
        """The same of the second alone."""
        alike = {id(c) for c, names in self._mentioning(cohort) if names.isdisjoint(private)}
        fails = [
            t.negation(t.conjunction([self._of_second(c, private) for c in clauses if id(c) not in alike]))
            for clauses in (cohort, *(other for other in cohorts if other is not cohort))
        ]
        return [*(self._of_second(c, private) for c in self._theory_of(private)), *fails]

    def _completed(
        self, stated: Conditions, at: JudgedCompletion, private: Names, moved: Names, usual: Sequence[str]
    ) -> Environment | None:
        """A box for both, as at the completion but for what is moved; the `usual` ones keep their values one by one if they can."""
        if self._in_vain >= _IN_VAIN:
            return None
        with allowed(_A_PAIR) as allowance:
            before = allowance.left
            box = self._box_of_both(stated, at, private, moved, usual)
            if box is None:
                self._in_vain += before - allowance.left
        return box

    def _box_of_both(
        self, stated: Conditions, at: JudgedCompletion, private: Names, moved: Names, usual: Sequence[str]
    ) -> Environment | None:
        box = self._domains(stated, {**at.values, **{name: self._known[name] for name in moved}}, private)
        try:
            stated.close(box)
            for name in usual:
                domain, wanted = box.get(name), at.values[name]
                if domain is None or is_exact(domain) or not is_exact(wanted) or not _meet(wanted, domain):
                    continue
                trial = {**box, name: wanted}
                try:
                    stated.close(trial, {name})
                except Inconsistent:
                    continue
                box = trial
            return complete(stated, box, ())
        except Inconsistent:
            return None

    def _domains(self, stated: Conditions, start: Environment, private: Names) -> dict[str, Domain]:
        """The domains of the variables of both."""
        known = {name: start[name] for name in stated.index if name in start}
        seconds = {_second_name(name): self._known[name] for name in private}
        return {**known, **{name: domain for name, domain in seconds.items() if name in stated.index}}

    def _theory_of(self, names: Names) -> list[t.Condition]:
        """What of the theory speaks of the variables."""
        return _speaking(self._theory, names)

    def _of_second(self, condition: t.Condition, private: Names) -> t.Condition:
        own = t.variables(condition) & private
        if not own:
            return condition
        key = id(condition), own
        if key not in self._second:
            renamed = t.renamed(condition, {name: _second_name(name) for name in own})
            self._second[key] = condition, renamed
        return self._second[key][1]

    def _fixed(self, private: Names) -> Names:
        """Those of the variables that equations of the theory fix once all others have their values."""
        found: Names = frozenset()
        while True:
            left = private - found
            open_there = [(each, names & left) for each, names in self._equations]
            more = {
                n for each, names in open_there if len(names) == 1 for n in names if self._solves_for(each, n)
            }
            if not more:
                return found
            found |= more

    def _solves_for(self, equation: t.Compare, name: str) -> bool:
        """Whether an equation has at most one solution for a variable, whatever the others are."""
        sides = [side for side in (equation.left, equation.right) if name in t.variables(side)]
        return len(sides) == 1 and self._tells_apart(sides[0], name)

    def _tells_apart(self, term: t.Term, name: str) -> bool:
        """Whether a term has a value of its own for each value of the variable, whatever the others are."""
        match term:
            case t.NumberVariable():
                return True
            case t.Power(base, _):
                return bounds(base, self._known).low >= 0 and self._tells_apart(base, name)
            case t.Sum(parts) | t.Product(parts):
                mine = [part for part in parts if name in t.variables(part)]
                others = [bounds(part, self._known) for part in parts if name not in t.variables(part)]
                never_zero = all(each.low > 0 or (each.low == 0 and each.low_open) for each in others)
                one = len(mine) == 1 and (never_zero or isinstance(term, t.Sum))
                return one and self._tells_apart(mine[0], name)
            case _:
                return False


def _second_name(name: str) -> str:
    return f"second!{name}"


def _speaking(mentioning: Iterable[tuple[t.Condition, Names]], names: Names) -> list[t.Condition]:
    """Those of the conditions that speak of one of the variables."""
    return [condition for condition, mentioned in mentioning if not mentioned.isdisjoint(names)]


def _beside(names: Names, mentions: Iterable[Names]) -> Names:
    """The variables, and those that are mentioned with one of them."""
    return names.union(*(mentioned for mentioned in mentions if not mentioned.isdisjoint(names)))


def _differing(stated: Conditions, box: Environment, private: Names) -> Iterator[str]:
    """The variables for which the two of a box cannot have one value, or for which an equation that is open there has them solved."""
    solved = frozenset[str]().union(*(stated.mentions[i] for i in stated.open(box)))
    for name in private:
        one, other = box.get(name), box.get(_second_name(name))
        if one is None or other is None:
            continue
        if not solved.isdisjoint({name, _second_name(name)}) or not _meet(one, other):
            yield name


def _meet(one: Domain, other: Domain) -> bool:
    """Whether two domains have a value in common."""
    if isinstance(one, Interval) and isinstance(other, Interval):
        try:
            return bool(intersect(one, other))
        except Inconsistent:
            return False
    assert isinstance(one, frozenset)
    return not one.isdisjoint(other)
