"""An oracle that is asked much the same again and again, as of a trial one part after the other: it learns from what it found.

Of `level >= 8`, `score <= 2` and `treated`, for example:

    level >= 8, score <= 2              a patient is built: level 8, score 0, treated either
    level >= 8, score <= 2, treated     the patient before it fits, but for one thing: only what speaks of that is looked at
    level >= 8, level < 5               nobody: no goals with both need to be looked at any more
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property

from solver.engine.oracle import Oracle, Stands, replay, witness_box
from solver.evaluation.evaluate import evaluate
from solver.evaluation.narrow import Narrowing
from solver.evaluation.propagate import Conditions, complete
from solver.evaluation.shared_conditions import SharedConditions
from solver.language.domain import Environment, Inconsistent
from solver.language.tree import FALSE, Condition, variables
from solver.language.types import ListType
from solver.smt.outcome import GaveUp, Sat, Unsat
from solver.smt.query import Query
from solver.work import DEFAULT_BUDGET, check_left, spend

_A_LOOK = 20
"""The work of looking whether a patient meets a goal."""

_RINGS = 2
"""How often what is changed of a patient is widened by what stands beside it in a condition."""

_BRANCHES = 20
"""How many choices are tried to change a patient, before the solver is asked."""

_STEPS = 400_000
"""The steps of the solver, in what it learned before, until the question is posed to it by itself."""

Goals = dict[int, Condition]
"""Conditions by their identity: each is looked at once."""


class RepeatedOracle(Oracle):
    """Answers as the oracle that it is made from: the same on every question, but with another completion where there are several.

    Patients who were found are kept, and sets of goals that nobody meets. A question that neither answers is put to the patient who meets
    most of its goals, of whom only what speaks of the others is changed; then to one session of the solver that holds all that was asked.
    """

    def __init__(self, oracle: Oracle) -> None:
        super().__init__(oracle.types, oracle.known, oracle.theory, oracle.budget, search=oracle.search)
        self._boxes: list[Environment] = []
        self._shared = SharedConditions(oracle.known)
        self._looked: dict[int, tuple[int, int]] = {}
        self._refuted: list[frozenset[int]] = []
        self._near: dict[frozenset[str], tuple[frozenset[str], list[Condition]]] = {}
        self._solver: _KeptSession | None = None

    def has_met(self, goals: Sequence[Condition]) -> bool:
        """Whether a patient who was found before meets all goals for certain; no more is looked at than this takes."""
        asked = self._open_goals(goals)
        return asked is not None and (not asked or not self._best_patient(asked, whole=True)[1])

    def possible(self, goals: Sequence[Condition]) -> Environment | None:
        """A completion, or a box of completions, on which all goals are true; None if there is none.

        Raises `OutOfBudget`.
        """
        asked = self._open_goals(goals)
        if asked is None:
            return None
        if not asked:
            return self.known
        best, unmet = self._best_patient(asked)
        if not unmet:
            return self._boxes[best]
        if any(each <= asked.keys() for each in self._refuted):
            return None
        check_left()
        cone, theory = self._beside(asked.values())
        found: Environment | None
        try:
            found = self._changed_patient(best, unmet, asked, theory)
        except Inconsistent:
            return None
        if found is None:
            found = self._solved(goals, asked, theory, cone)
        if found is not None:
            self._boxes.append(found)
        return found

    def possible_apart(self, goals: Sequence[Condition]) -> Environment | None:
        """The same: what was found is kept whatever is asked."""
        return self.possible(goals)

    def hold_together(self, goals: Sequence[Condition]) -> bool:
        """The same, of goals that evaluation leaves open, each of which can hold by itself."""
        return self.possible(goals) is not None

    def possible_of_open(self, goals: Sequence[Condition]) -> Environment | None:
        """The same, of goals that evaluation leaves open."""
        return self.possible(goals)

    def settle_open(self, condition: Condition, *, alone: Stands | None = None) -> bool | None:
        """The same: what was found is looked at whatever is asked."""
        return super().settle_open(condition)

    def _open_goals(self, goals: Sequence[Condition]) -> Goals | None:
        """What is left of the goals within what is known, in parts; None if nothing can be."""
        found: Goals = {}
        for goal in goals:
            for part in self._shared.parts(goal):
                if part == FALSE:
                    return None
                found[id(part)] = part
        return found

    def _meeting(self, part: Condition, among: int) -> int:
        """Which of some patients, as bits, meet a part of a goal for certain."""
        looked, holds = self._looked.get(id(part), (0, 0))
        new = among & ~looked
        if new:
            looked |= new
            spend(_A_LOOK * new.bit_count())
            while new:
                bit = new & -new
                new ^= bit
                if evaluate(part, self._boxes[bit.bit_length() - 1]) is True:
                    holds |= bit
            self._looked[id(part)] = looked, holds
        return holds & among

    def _best_patient(self, asked: Goals, *, whole: bool = False) -> tuple[int, list[Condition]]:
        """A patient who meets most of the goals, by number, and those that are left; with `whole` one left over ends the search."""
        left, unmet, new = (1 << len(self._boxes)) - 1, [], []
        # what was asked often leaves few patients for what is new
        for key, part in asked.items():
            looked, holds = self._looked.get(key, (0, 0))
            if left & ~looked:
                new.append(part)
            elif left & holds:
                left &= holds
            else:
                unmet.append(part)
        for part in new:
            if unmet and whole:
                break
            meeting = self._meeting(part, left)
            if meeting:
                left = meeting
            else:
                unmet.append(part)
        return left.bit_length() - 1, unmet

    def _beside(self, goals: Iterable[Condition]) -> tuple[frozenset[str], list[Condition]]:
        """The variables that bear on goals, and what the theory says of them."""
        names = frozenset[str]().union(*map(variables, goals))
        found = self._near.get(names)
        if found is None:
            cone = self.cone(names)
            found = self._near[names] = cone, [self._simple_theory[i] for i in self.relevant(cone)]
        return found

    @cached_property
    def _simple_theory(self) -> list[Condition]:
        return [self._shared.of(each) for each in self.theory]

    def _changed_patient(
        self, best: int, unmet: Sequence[Condition], asked: Goals, theory: Sequence[Condition]
    ) -> Narrowing | None:
        """The patient with other values of what the unmet goals speak of, and of what stands beside it, that fit all goals.

        None if none were found; raises `Inconsistent` if narrowing shows that nobody meets the goals.
        """
        box, bit = (self._boxes[best], 1 << best) if best >= 0 else (self.known, 0)
        freed = frozenset[str]().union(*map(variables, unmet))
        everybody: Narrowing = dict(self.known)
        for _ in range(_RINGS if bit else 1):
            # what speaks of nothing that is changed holds as before
            bearing = [
                each
                for each in (*asked.values(), *theory)
                if not freed.isdisjoint(variables(each)) or not self._meeting(each, bit)
            ]
            conditions = Conditions(bearing)
            try:
                conditions.close(everybody)
            except Inconsistent:
                self._refuted.append(frozenset(id(each) for each in bearing if id(each) in asked))
                raise
            start = {**box, **{name: everybody[name] for name in freed}}
            try:
                found = complete(conditions, start, most=_BRANCHES)
            except Inconsistent:
                found = None
            if found is not None:
                return found
            freed = freed.union(*map(variables, bearing))
        return None

    def _solved(
        self, goals: Sequence[Condition], asked: Goals, theory: Sequence[Condition], cone: frozenset[str]
    ) -> Environment | None:
        """A patient whom the solver finds; None if there is nobody, and then the parts of goals that show it are kept."""
        if self._solver is None:
            self._solver = _KeptSession(self)
        self.calls += 1
        outcome = self._solver.check([*asked.values(), *theory], cone)
        if isinstance(outcome, Unsat):
            self._refuted.append(self._solver.named(outcome) & asked.keys())
            return None
        if isinstance(outcome, GaveUp):
            return super().possible(goals)
        box = witness_box(self.known, outcome.witness, self.types)
        replay((*goals, *theory), box, outcome.inexact)
        # a rounded value proves nothing: of an irrational one only its domain is kept
        box.update((name, self.known[name]) for name in outcome.inexact)
        return box


class _KeptSession:
    """A session of the solver in which each condition is stated once, and holds in the checks that assume it."""

    def __init__(self, oracle: Oracle) -> None:
        self._known = oracle.known
        self._query = Query(oracle.types, oracle.known)
        for name, kind in oracle.types.items():
            # of what is spoken of later there must be a symbol from the start
            if not isinstance(kind, ListType):
                self._query.symbols.symbol(name)
        budget = oracle.budget or DEFAULT_BUDGET
        self._session = self._query.session(replace(budget, steps=min(budget.steps, _STEPS)), witness=True)
        self._stated: dict[int, tuple[str, Condition]] = {}
        self._identities: dict[str, int] = {}
        self._bounded: set[str] = set()

    def check(self, conditions: Sequence[Condition], cone: frozenset[str]) -> Sat | Unsat | GaveUp:
        """Whether all conditions can hold together, and if so with which values of the cone."""
        assumed = [self._assumption_of(each) for each in conditions]
        self._bound(cone)
        self._session.add(self._query.news())
        return self._session.check(assumed, cone)

    def _assumption_of(self, condition: Condition) -> str:
        found = self._stated.get(id(condition))
        if found is None:
            self._bound(variables(condition))
            name = self._query.assumption(f"asked!{len(self._stated)}")
            self._query.state([condition], when=name)
            found = self._stated[id(condition)] = name, condition
            self._identities[name] = id(condition)
        return found[0]

    def _bound(self, names: Iterable[str]) -> None:
        new = sorted(name for name in names if name not in self._bounded)
        self._bounded.update(new)
        self._query.bound({name: self._known[name] for name in new})

    def named(self, outcome: Unsat) -> frozenset[int]:
        """The conditions, by their identity, that cannot hold together."""
        return frozenset(self._identities[name] for name in outcome.core)
