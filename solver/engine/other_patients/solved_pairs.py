"""The opposite pairs that evaluation leaves open, asked of the solver: of two patients one satisfies a condition and the other does not.

Both are posed in one session, as copies that have names of their own for what they need not agree on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from solver.engine.problem import Problem
from solver.language import tree as t
from solver.smt.outcome import Sat
from solver.smt.query import Query

if TYPE_CHECKING:
    from solver.smt.session import Session

Names = frozenset[str]


class SolvedPairs:
    """The pairs of completions of a problem, of whose theory these conditions bear on what is asked."""

    def __init__(self, problem: Problem, theory: Sequence[t.Condition]) -> None:
        self._problem, self._theory = problem, theory
        self._agreeing: dict[int, tuple[t.Condition, Session]] = {}

    def turning(self, holds: t.Condition, private: Mapping[str, Names]) -> Iterator[str]:
        """Those of the keys for which one satisfies the condition, and another, who is alike in all but what is private, does not.

        The one is the same for all of them. Raises `OutOfBudget`.
        """
        copies = dict(enumerate(private.values(), start=1))
        query = Query(self._problem.types, self._problem.known, copies)
        query.state([*self._theory, holds])
        differ = {name: query.assumption(f"differ!{name}") for name in private}
        for copy, name in enumerate(private, start=1):
            own = [c for c in self._theory if not t.variables(c).isdisjoint(copies[copy])]
            query.state([t.And((*own, t.negation(holds)))], copy, when=differ[name])
        session = self._session_of(query)
        for name in private:
            if self._can_hold(session, [differ[name]]):
                yield name

    def exists(
        self, holds: t.Condition, private: Names, groups: Mapping[str, Names], agreed: Iterable[str]
    ) -> bool:
        """Whether one satisfies the condition and another does not, who agree on these groups of variables and on all that is not private.

        `private` and `groups` are the same for each condition whenever it is asked of. Raises `OutOfBudget`.
        """
        if id(holds) not in self._agreeing:
            self._agreeing[id(holds)] = holds, self._two_copies(holds, private, groups)
        return self._can_hold(self._agreeing[id(holds)][1], [_equal(name) for name in sorted(agreed)])

    def _two_copies(self, holds: t.Condition, private: Names, groups: Mapping[str, Names]) -> Session:
        """A solver with two completions; assuming that a group is equal makes them agree on its variables."""
        query = Query(self._problem.types, self._problem.known, {1: private})
        query.state([*self._theory, holds])
        query.state([*self._theory, t.negation(holds)], 1)
        for name, group in groups.items():
            equal = query.assumption(_equal(name))
            for each in sorted(group):
                query.agree(each, 1, when=equal)
        return self._session_of(query)

    def _can_hold(self, session: Session, assumptions: Sequence[str]) -> bool:
        self._problem.oracle.calls += 1
        return isinstance(session.decide(assumptions), Sat)

    def _session_of(self, query: Query) -> Session:
        """A solver that holds what was stated, and the domain of every variable."""
        query.bound_mentioned()
        return query.session(self._problem.budget, once=True)


def _equal(name: str) -> str:
    return f"equal!{name}"
