"""Whether conditions can hold together for one patient: by building a completion first, and by the solver for the rest.

Both ways check each other: what the solver returns is replayed through three-valued evaluation, and a completion is by construction a
box on which the conditions evaluate to true.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from functools import cached_property
from typing import Literal

from solver.errors import EngineError
from solver.evaluation.compared_parts import comparisons_by_variable, memberships
from solver.evaluation.evaluate import evaluate, truth_of
from solver.evaluation.linked_variables import linked
from solver.evaluation.propagate import Conditions, complete
from solver.evaluation.simplify import simplify
from solver.language.domain import Domain, Environment, Inconsistent, Interval, is_exact, point
from solver.language.tree import Compare, Condition, Member, negation, variables
from solver.language.types import EnumerationType, QuantityType, VariableType
from solver.smt.outcome import Unsat
from solver.smt.query import Query
from solver.smt.shared_context import apart
from solver.work import Budget, check_left, spend, worked_out_once

_A_BOX = 20
"""The work of looking whether a completion at hand fits."""

_POOL = 32
"""How many completions are kept to answer later questions from."""

_MOST_KEPT = 10_000

_NOTHING: frozenset[str] = frozenset()

_UNSEEN: Literal["unseen"] = "unseen"

Stands = dict[Hashable, tuple[object, bool | Literal["unseen"] | None, int]]
"""How conditions were seen to stand."""


class Oracle:
    """Answers whether conditions can hold, given what is `known` and the `theory` conditions that are open within it.

    `known` must be closed under the theory and the theory consistent with it. With `search` off every question goes to the solver,
    and with `budget` its work is limited. `at_hand` is a completion, of the record's alone. `calls` counts the checks of the solver.
    """

    def __init__(
        self,
        types: Mapping[str, VariableType],
        known: Environment,
        theory: Sequence[Condition],
        budget: Budget | None = None,
        *,
        search: bool = True,
    ) -> None:
        self.types, self.known, self.theory = types, known, tuple(theory)
        self.mentions = tuple(map(variables, theory))
        self._open_mentions: list[frozenset[str]] | None = None
        self._linked: dict[str, frozenset[str]] = {}
        self.budget, self.search = budget, search
        self.pool: list[dict[str, Domain]] = []
        self.at_hand: Environment | None = None
        self.calls = 0
        self._negations: dict[int, tuple[Sequence[Condition], Sequence[Condition]]] = {}
        self._simple: dict[int, tuple[Condition, Condition]] = {}
        self._evaluated: dict[int, tuple[Condition, bool | None]] = {}
        self._sought: dict[tuple[int, ...], tuple[object, dict[str, Domain] | bool, int]] = {}
        self._stands: Stands = {}
        self._cones: dict[int, tuple[Condition, frozenset[str]]] = {}

    def learn(self, boxes: Iterable[dict[str, Domain]]) -> None:
        """Keep completions that were found elsewhere, and that are completions here as well."""
        mine = {id(box) for box in self.pool}
        self.pool.extend(box for box in boxes if id(box) not in mine)
        del self.pool[:-_POOL]

    @contextmanager
    def afresh(self) -> Iterator[None]:
        """Answer for a while without the completions that were found before: what is found does not depend on earlier questions."""
        before, self.pool = self.pool, []
        try:
            with apart():
                yield
        finally:
            self.pool = before

    def cone(self, names: Iterable[str]) -> frozenset[str]:
        """The open variables that bear on the named ones through the theory, these included."""
        found = _NOTHING
        for name in self._still_open(names):
            if name not in found:
                found |= self._linked_with(name)
        return found

    def _linked_with(self, name: str) -> frozenset[str]:
        """The same of one open variable."""
        if name not in self._linked:
            if self._open_mentions is None:
                self._open_mentions = [self._still_open(each) for each in self.mentions]
            together = linked(self._open_mentions, (name,))
            self._linked.update(dict.fromkeys(together, together))
        return self._linked[name]

    def _still_open(self, names: Iterable[str]) -> frozenset[str]:
        return self._open.intersection(names)

    @cached_property
    def _open(self) -> frozenset[str]:
        """The variables of which more than one value is left."""
        return frozenset(name for name, domain in self.known.items() if not is_exact(domain))

    def simple(self, condition: Condition) -> Condition:
        """What is left of a condition within what is known: the same object whenever it is asked for, since what is found of it is kept."""
        found = self._simple.get(id(condition))
        if found is None:
            if len(self._simple) >= _MOST_KEPT:
                self._simple.clear()
            found = self._simple[id(condition)] = condition, simplify(condition, self.known)
        return found[1]

    @cached_property
    def _open_theory(self) -> bool:
        """Whether evaluation leaves all of the theory open, as it does where narrowing came to its end."""
        return all(evaluate(condition, self.known) is None for condition in self.theory)

    @cached_property
    def simple_theory(self) -> list[Condition]:
        """What is left of the theory within what is known."""
        return [self.simple(each) for each in self.theory]

    @cached_property
    def compared_in_theory(self) -> Mapping[str, list[Compare]]:
        """The comparisons of the theory that speak of each variable."""
        return comparisons_by_variable(self.simple_theory)

    @cached_property
    def members_in_theory(self) -> list[Member]:
        """Every membership in the theory."""
        return memberships(self.simple_theory)

    def relevant(self, names: Iterable[str]) -> list[int]:
        """Which theory conditions speak of the named variables."""
        wanted = frozenset(names)
        return [i for i, mention in enumerate(self.mentions) if not wanted.isdisjoint(mention)]

    def possible(self, goals: Sequence[Condition]) -> Environment | None:
        """A completion, or a box of completions, on which all goals are true; None if there is none.

        Raises `OutOfBudget`.
        """
        pending = self._still_pending(goals)
        return None if pending is None else self._found_for(pending)

    def possible_apart(self, goals: Sequence[Condition]) -> Environment | None:
        """The same, of goals of which some are asked again: those that have nothing to do with the others are looked at apart.

        They are told apart by identity.
        """
        pending = self._still_pending(goals)
        return None if pending is None else self._found_for(pending, again=True, apart=True)

    def hold_together(self, goals: Sequence[Condition]) -> bool:
        """Whether all goals can hold, each of which evaluation leaves open, and can hold by itself. Raises `OutOfBudget`.

        What has no open variable in common with the others, directly or through the theory, holds whatever holds of them.
        """
        spend(_A_BOX)
        check_left()
        cones = list(map(self._cone_of, goals))
        if sum(map(len, cones)) == len(frozenset[str]().union(*cones)):
            return True
        return all(
            len(group) == 1 or self._values_for(group, cone, again=True) is not None
            for cone, group in self.in_groups(goals)
        )

    def possible_of_open(self, goals: Sequence[Condition]) -> Environment | None:
        """The same, of goals that evaluation leaves open, and that are asked of together again."""
        return self._found_for(goals, again=True, apart=True)

    def _still_pending(self, goals: Sequence[Condition]) -> list[Condition] | None:
        """The goals that evaluation leaves open; None if one of them fails."""
        pending, seen = [], self._evaluated
        for goal in goals:
            found = seen.get(id(goal))
            if found is None:
                if len(seen) >= _MOST_KEPT:
                    seen.clear()
                found = seen[id(goal)] = goal, evaluate(goal, self.known)
            if found[1] is False:
                return None
            if found[1] is None:
                pending.append(goal)
        return pending

    def _found_for(
        self, pending: Sequence[Condition], *, again: bool = False, apart: bool = False
    ) -> Environment | None:
        if not pending:
            return self.known
        # the last completion found is the likeliest to fit the next question as well
        spend(_A_BOX * (1 + len(self.pool)))
        wanted = [truth_of(goal) for goal in pending]
        for box in reversed(self.pool):
            for holds in wanted:
                if holds(box) is not True:
                    break
            else:
                return box
        check_left()
        groups = (
            self.in_groups(pending) if apart and len(pending) > 1 else [(self._cone_of_all(pending), pending)]
        )
        found: dict[str, Domain] = dict(self.known)
        for cone, goals in groups:
            values = self._values_for(goals, cone, again=again)
            if values is None:
                return None
            found.update(values)
        self.pool.append(found)
        del self.pool[:-_POOL]
        return found

    def _values_for(
        self, goals: Sequence[Condition], cone: frozenset[str], *, again: bool
    ) -> dict[str, Domain] | None:
        """Domains of the open variables that bear on the goals, within which the goals are true; None if there are none."""
        found: dict[str, Domain] | bool = True
        if self.search and again:
            found = self._sought_once(goals, cone)
        elif self.search:
            found = self._completed(goals, cone)
        if isinstance(found, dict):
            return found
        box = self.solve(goals, self._theory_about(cone), cone) if found else None
        return None if box is None else {name: box[name] for name in cone}

    def _cone_of(self, goal: Condition) -> frozenset[str]:
        found = self._cones.get(id(goal))
        if found is None:
            if len(self._cones) >= _MOST_KEPT:
                self._cones.clear()
            found = self._cones[id(goal)] = goal, self.cone(variables(goal))
        return found[1]

    def _cone_of_all(self, goals: Sequence[Condition]) -> frozenset[str]:
        return _NOTHING.union(*map(self._cone_of, goals))

    def in_groups(self, goals: Sequence[Condition]) -> list[tuple[frozenset[str], Sequence[Condition]]]:
        """The goals in groups that share no open variable, directly or through the theory, each with the variables that bear on it."""
        groups: list[tuple[frozenset[str], list[int]]] = []
        for i, goal in enumerate(goals):
            cone, own, others = self._cone_of(goal), [i], []
            for group in groups:
                if cone.isdisjoint(group[0]):
                    others.append(group)
                else:
                    cone, own = cone | group[0], group[1] + own
            groups = [*others, (cone, own)]
        return [(cone, [goals[i] for i in sorted(own)]) for cone, own in groups]

    def _theory_about(self, cone: frozenset[str]) -> list[Condition]:
        """What the theory says of open variables, which can be completed apart from all others: it is consistent with what is known."""
        return [self.theory[i] for i in self.relevant(cone)]

    def _sought_once(self, goals: Sequence[Condition], cone: frozenset[str]) -> dict[str, Domain] | bool:
        if len(self._sought) >= _MOST_KEPT:
            self._sought.clear()
        key = tuple(map(id, goals))
        return worked_out_once(self._sought, key, goals, self._completed, goals, cone)

    def _completed(self, goals: Sequence[Condition], cone: frozenset[str]) -> dict[str, Domain] | bool:
        """What the search finds for the open variables; False if there is nothing, True where the search leaves it open."""
        near = self.relevant(cone)
        mentioned = list(map(variables, goals))
        conditions = Conditions(
            [*goals, *(self.theory[i] for i in near)], [*mentioned, *(self.mentions[i] for i in near)]
        )
        try:
            # what is known is closed under the theory
            names = _NOTHING.union(*mentioned)
            found = complete(conditions, self.known, names, opened=self._open_theory)
        except Inconsistent:
            return False
        return True if found is None else {name: found[name] for name in cone}

    def settle(self, condition: Condition) -> bool | None:
        """True or false if every completion agrees on it, else None. Raises `OutOfBudget`."""
        value = evaluate(condition, self.known)
        return self.settle_open(condition) if value is None else value

    def settle_open(self, condition: Condition, *, alone: Stands | None = None) -> bool | None:
        """The same, of a condition that evaluation leaves open.

        With `alone` no completion is looked at, or kept, that other conditions may share: what is found of conditions of which the theory
        does not speak goes there, and serves other records.
        """
        if alone is not None and self.search:
            check_left()
            if self._in_theory.isdisjoint(variables(condition)):
                if len(alone) >= _MOST_KEPT:
                    alone.clear()
                key = id(condition), *map(self.known.__getitem__, variables(condition))
                standing = worked_out_once(alone, key, condition, self._seen_to_stand, condition, None)
            else:
                standing = worked_out_once(
                    self._stands, id(condition), condition, self._seen_to_stand, condition, self.at_hand
                )
            if standing != _UNSEEN:
                return standing
        holds, fails = self._with_negation(condition)
        if self.possible_of_open(holds) is None:
            return False
        return None if self.possible_of_open(fails) is not None else True

    def _with_negation(self, condition: Condition) -> tuple[Sequence[Condition], Sequence[Condition]]:
        kept = self._negations.get(id(condition))
        if kept is None:
            kept = self._negations[id(condition)] = [condition], [negation(condition)]
        return kept

    @cached_property
    def _in_theory(self) -> frozenset[str]:
        return frozenset[str]().union(*self.mentions)

    def _seen_to_stand(
        self, condition: Condition, at_hand: Environment | None
    ) -> bool | Literal["unseen"] | None:
        """As `settle_open`, by a completion at hand and by the search."""
        shown = None
        if at_hand is not None:
            spend(_A_BOX)
            shown = evaluate(condition, at_hand)
        for truth, goals in zip((True, False), self._with_negation(condition), strict=True):
            if shown is truth:
                continue
            check_left()
            found = self._sought_once(goals, self._cone_of_all(goals))
            if found is True:
                return _UNSEEN
            if found is False:
                return not truth
        return None

    def solve(
        self, goals: Sequence[Condition], theory: Sequence[Condition], cone: Iterable[str]
    ) -> dict[str, Domain] | None:
        """A completion of the cone on which goals and theory hold, by the solver alone; None if there is none."""
        query = Query(self.types, self.known)
        query.state(map(self.simple, (*goals, *theory)))
        query.bound({name: self.known[name] for name in sorted(cone)}, first=True)
        self.calls += 1
        outcome = query.session(self.budget, witness=True).decide()
        if isinstance(outcome, Unsat):
            return None
        box = witness_box(self.known, outcome.witness, self.types)
        replay((*goals, *theory), box, outcome.inexact)
        # a rounded value proves nothing: of an irrational one only its domain is kept
        box.update((name, self.known[name]) for name in outcome.inexact)
        return box


def witness_box(
    known: Environment, witness: Mapping[str, bool | Fraction], types: Mapping[str, VariableType]
) -> dict[str, Domain]:
    """What is known, with the values of a witness of the solver put in."""
    box = dict(known)
    for name, value in witness.items():
        kind = types.get(name)
        if isinstance(value, bool):
            box[name] = frozenset({value})
        elif isinstance(kind, EnumerationType):
            box[name] = frozenset({kind.values[int(value)]})
        elif name in box:
            domain = box[name]
            assert isinstance(domain, Interval)
            number = value if isinstance(kind, QuantityType) else int(value)
            box[name] = point(number, whole=domain.whole)
    return box


def replay(conditions: Iterable[Condition], box: Environment, inexact: frozenset[str] = frozenset()) -> None:
    """Check a witness: every condition must evaluate to true on it, or not be about its rounded, irrational values.

    Raises `EngineError`: then solver and evaluator disagree, and no answer may be given.
    """
    for condition in conditions:
        value = evaluate(condition, box)
        if value is not True and inexact.isdisjoint(variables(condition)):
            raise EngineError("the solver's witness does not replay through the evaluator")
