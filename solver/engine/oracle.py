"""Whether conditions can hold together for one patient: by building a completion first, and by the solver for the rest.

Both ways check each other: what the solver returns is replayed through three-valued evaluation, and a completion is by construction a
box on which the conditions evaluate to true.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction

from solver.errors import EngineError
from solver.evaluation.evaluate import evaluate
from solver.evaluation.propagate import Conditions, complete, linked
from solver.evaluation.simplify import simplify
from solver.language.domain import Domain, Environment, Inconsistent, Interval, is_exact, point
from solver.language.tree import Condition, negation, variables
from solver.language.types import EnumerationType, QuantityType, VariableType
from solver.smt.outcome import Unsat
from solver.smt.query import Query
from solver.work import Budget, check_left, spend, worked_out_once

_A_BOX = 20
"""The work of looking whether a completion at hand fits."""

_POOL = 32
"""How many completions are kept to answer later questions from."""

_MOST_KEPT = 20_000


class Oracle:
    """Answers whether conditions can hold, given what is `known` and the `theory` conditions that are open within it.

    `known` must be closed under the theory and the theory consistent with it. With `search` off every question goes to the solver,
    and with `budget` its work is limited. `calls` counts the checks of the solver.
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
        self.budget, self.search = budget, search
        self.pool: list[dict[str, Domain]] = []
        self.calls = 0
        self._negations: dict[int, tuple[Condition, Condition]] = {}
        self._simple: dict[int, tuple[Condition, Condition]] = {}
        self._sought: dict[tuple[int, ...], tuple[object, dict[str, Domain] | bool, int]] = {}

    def learn(self, boxes: Iterable[dict[str, Domain]]) -> None:
        """Keep completions that were found elsewhere, and that are completions here as well."""
        mine = {id(box) for box in self.pool}
        self.pool.extend(box for box in boxes if id(box) not in mine)
        del self.pool[:-_POOL]

    @contextmanager
    def afresh(self) -> Iterator[None]:
        """Answer for a while without the completions that were found before: what is found does not depend on earlier questions."""
        from solver.smt.session import apart

        before, self.pool = self.pool, []
        try:
            with apart():
                yield
        finally:
            self.pool = before

    def cone(self, names: Iterable[str]) -> frozenset[str]:
        """The open variables that bear on the named ones through the theory, these included."""
        if self._open_mentions is None:
            self._open_mentions = [self._still_open(each) for each in self.mentions]
        return linked(self._open_mentions, self._still_open(names))

    def _still_open(self, names: Iterable[str]) -> frozenset[str]:
        return frozenset(name for name in names if not is_exact(self.known[name]))

    def simple(self, condition: Condition) -> Condition:
        """What is left of a condition within what is known: the same object whenever it is asked for, since what is found of it is kept."""
        found = self._simple.get(id(condition))
        if found is None:
            if len(self._simple) >= _MOST_KEPT:
                self._simple.clear()
            found = self._simple[id(condition)] = condition, simplify(condition, self.known)
        return found[1]

    def relevant(self, names: Iterable[str]) -> list[int]:
        """Which theory conditions speak of the named variables."""
        wanted = frozenset(names)
        return [i for i, mention in enumerate(self.mentions) if not wanted.isdisjoint(mention)]

    def possible(self, goals: Sequence[Condition]) -> Environment | None:
        """A completion, or a box of completions, on which all goals are true; None if there is none.

        Raises `OutOfBudget`.
        """
        values = [evaluate(goal, self.known) for goal in goals]
        if False in values:
            return None
        return self._found_for([goal for goal, value in zip(goals, values, strict=True) if value is None])

    def possible_of_open(self, goals: Sequence[Condition]) -> Environment | None:
        """The same, of goals that evaluation leaves open, and that are asked again: what is sought of them is kept by their identity."""
        return self._found_for(goals, again=True)

    def _found_for(self, pending: Sequence[Condition], *, again: bool = False) -> Environment | None:
        if not pending:
            return self.known
        # the last completion found is the likeliest to fit the next question as well
        spend(_A_BOX * (1 + len(self.pool)))
        for box in reversed(self.pool):
            if all(evaluate(goal, box) is True for goal in pending):
                return box
        check_left()
        found: dict[str, Domain] | bool | None = True
        if self.search and again:
            key = tuple(map(id, pending))
            found = worked_out_once(self._sought, key, pending, lambda: self._completed(pending))
        elif self.search:
            found = self._completed(pending)
        if found is True:
            _, theory, cone = self._around(pending)
            found = self.solve(pending, theory, cone)
        if not found:
            return None
        self.pool.append(found)
        del self.pool[:-_POOL]
        return found

    def _around(self, goals: Sequence[Condition]) -> tuple[frozenset[str], list[Condition], frozenset[str]]:
        """What the goals mention, and the theory and the open variables that bear on it.

        What shares no open variable with the goals can be completed by itself, since the theory is consistent with what is known.
        """
        mentioned = frozenset[str]().union(*map(variables, goals))
        cone = self.cone(mentioned)
        return mentioned, [self.theory[i] for i in self.relevant(cone)], cone

    def _completed(self, goals: Sequence[Condition]) -> dict[str, Domain] | bool:
        """A completion that the search finds; False if there is none, True where the search leaves it open."""
        mentioned, theory, _ = self._around(goals)
        try:
            # what is known is closed under the theory
            found = complete(Conditions([*goals, *theory]), self.known, mentioned)
        except Inconsistent:
            return False
        return True if found is None else found

    def settle(self, condition: Condition) -> bool | None:
        """True or false if every completion agrees on it, else None. Raises `OutOfBudget`."""
        value = evaluate(condition, self.known)
        return self.settle_open(condition) if value is None else value

    def settle_open(self, condition: Condition) -> bool | None:
        """The same, of a condition that evaluation leaves open."""
        if self.possible_of_open([condition]) is None:
            return False
        kept = self._negations.get(id(condition))
        if kept is None:
            kept = self._negations[id(condition)] = condition, negation(condition)
        return None if self.possible_of_open([kept[1]]) is not None else True

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
