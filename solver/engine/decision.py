"""The verdict: does every completion of the record satisfy the trial, none, or some?

A clause is met (not met) if it holds in every (no) completion. A cohort is ineligible if its clauses cannot hold together, eligible if
each is met; a trial is eligible if every completion satisfies some cohort, which need not be the same one. A cohort that is capped, by an
objective clause that is kept as text, can be shown to fit nobody: it is at best undetermined, and makes no trial eligible.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TypeVar

from solver.dataclass import dataclass
from solver.engine.answer import Verdict
from solver.engine.clauses import Binding, ConditionCache, Extent
from solver.engine.oracle import Oracle
from solver.engine.problem import Problem
from solver.evaluation.evaluate import evaluate
from solver.language.tree import Condition, conjunction, negation
from solver.library.models import Trial
from solver.patient.record import Context
from solver.work import OutOfBudget

Asked = TypeVar("Asked", bound=Hashable)

UNRESOLVED = "unresolved"
Standing = bool | None | str
"""True: met; False: not met; None: open; `UNRESOLVED`: the solver gave up."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict on a trial and on each of its cohorts, with how every clause stands in each.

    `extent` says how much of the trial has logic. `counted` are open clauses, with the cohort, that stand as met because a policy counts
    them so.
    """

    trial: Trial
    verdict: Verdict
    cohorts: Mapping[str, Verdict]
    bindings: tuple[Binding, ...]
    standings: Mapping[tuple[str, str], Standing]
    extent: Extent
    counted: frozenset[tuple[str, str]] = frozenset()

    @property
    def published_only(self) -> bool:
        """Whether the patient is eligible, where there are criteria that the file does not hold."""
        return self.verdict == "eligible" and self.trial.open_ended

    def hopeful(self, *, shown: bool = False) -> list[str]:
        """The cohorts that are undetermined; with `shown` only those that are not capped, and can make the trial eligible."""
        left_out = self.extent.capped if shown else ()
        return [c for c, verdict in self.cohorts.items() if verdict == "undetermined" and c not in left_out]

    def met(self, cohort: str) -> bool:
        """Whether each clause of a cohort that has logic is met."""
        return self.cohorts[cohort] in ("eligible", "undetermined") and not self.open_clauses(cohort)

    def conditions(self, cohort: str) -> dict[str, Condition]:
        """The condition of every clause that binds a cohort, by id."""
        bindings = [each for each in self.bindings if cohort in each.conditions]
        return {binding.clause.id: binding.conditions[cohort] for binding in bindings}

    def clauses(self, cohort: str) -> list[tuple[str, Condition, Standing]]:
        """Id, condition and standing of every clause that binds a cohort."""
        return [
            (binding.clause.id, binding.conditions[cohort], self.standings[binding.clause.id, cohort])
            for binding in self.bindings
            if cohort in binding.conditions
        ]

    def open_clauses(self, cohort: str) -> dict[str, Condition]:
        """The clauses of a cohort that are neither met nor failed, by id."""
        clauses = self.clauses(cohort)
        return {name: condition for name, condition, stands in clauses if stands in (None, UNRESOLVED)}


class Standings:
    """How conditions stand for one patient, each settled once; conditions are told apart by identity.

    `part` are the standings on some of the completions: what is open among them is open.
    """

    def __init__(self, oracle: Oracle, cache: ConditionCache, part: Standings | None = None) -> None:
        self._oracle, self.cache, self._part = oracle, cache, part
        self._evaluated: dict[int, tuple[Condition, bool | None]] = {}
        self._settled: dict[int, Standing] = {}

    def forget(self) -> None:
        """Forget what was settled with more than evaluation."""
        self._settled.clear()

    def evaluated(self, condition: Condition) -> bool | None:
        """What three-valued evaluation alone says."""
        found = self._evaluated.get(id(condition))
        if found is None:
            found = self._evaluated[id(condition)] = (condition, evaluate(condition, self._oracle.known))
        return found[1]

    def of_each(
        self, asked: Iterable[tuple[Asked, Condition]], *, alone: bool = False
    ) -> dict[Asked, Standing]:
        """The standings of conditions, each by what is asked with it; `alone` as for `Oracle.settle_open`."""
        evaluated, found = self._evaluated, dict[Asked, Standing]()
        for key, condition in asked:
            known = evaluated.get(id(condition))
            value = self.evaluated(condition) if known is None else known[1]
            found[key] = self.of(condition, alone=alone) if value is None else value
        return found

    def of(self, condition: Condition, *, alone: bool = False) -> Standing:
        """The standing of a condition; `alone` as for `Oracle.settle_open`."""
        value = self.evaluated(condition)
        if value is not None:
            return value
        if id(condition) not in self._settled:
            if self._part is not None and self._part.of(condition) is None:
                return None
            try:
                standing: Standing = self._oracle.settle_open(condition, alone=alone)
            except OutOfBudget:
                standing = UNRESOLVED
            self._settled[id(condition)] = standing
        return self._settled[id(condition)]

    def try_together(self, conditions: Iterable[Condition]) -> bool:
        """Look for a completion that meets all of them: it settles at once how far most of them are open.

        False where evaluation shows of one of them that it fails.
        """
        pending, evaluated = [], self._evaluated
        for condition in conditions:
            known = evaluated.get(id(condition))
            value = self.evaluated(condition) if known is None else known[1]
            if value is False:
                return False
            if value is None:
                pending.append(condition)
        with suppress(OutOfBudget):
            self._oracle.possible_of_open(pending)
        return True


def decide(problem: Problem, standings: Standings, trial: Trial, context: Context) -> Decision:
    """The verdict on a trial for a consistent record."""
    cache = standings.cache
    # one completion that meets a whole cohort shows at once of each of its clauses that it can hold
    tried = [standings.try_together(conditions) for conditions in cache.by_cohort(trial, context)]
    stands = standings.of_each(cache.asked(trial, context), alone=not any(tried))
    bindings, extent = cache.bindings(trial, context), cache.extent(trial, context)
    return concluded(problem, Decision(trial, "undetermined", {}, bindings, stands, extent))


def surely_ineligible(standings: Standings, trial: Trial, bindings: Iterable[Binding]) -> bool:
    """Whether evaluation alone shows that no cohort of a trial takes the patient."""
    left = set(trial.cohorts)
    for binding in bindings:
        for cohort, condition in binding.conditions.items():
            if cohort in left and standings.evaluated(condition) is False:
                left.discard(cohort)
    return not left


def concluded(problem: Problem, decision: Decision) -> Decision:
    """The decision with the verdicts that follow from how its clauses stand."""
    cohorts = {cohort: _cohort_verdict(problem, decision, cohort) for cohort in decision.trial.cohorts}
    verdict = _trial_verdict(problem, decision, cohorts)
    trial, bindings, standings = decision.trial, decision.bindings, decision.standings
    return Decision(trial, verdict, cohorts, bindings, standings, decision.extent, decision.counted)


def wants_logic(problem: Problem, decision: Decision) -> bool:
    """Whether a trial is undetermined whatever is found out: some capped cohort fits, and no other can.

    Not so where the solver gives up.
    """
    if decision.verdict != "undetermined" or decision.hopeful(shown=True):
        return False
    clauses = [list(decision.open_clauses(cohort).values()) for cohort in decision.hopeful()]
    if not all(clauses):
        return True
    try:
        return problem.oracle.possible([negation(conjunction(each)) for each in clauses]) is None
    except OutOfBudget:
        return False


def counting(problem: Problem, decision: Decision, clauses: Collection[str]) -> Decision:
    """The decision on an undetermined trial with these of its clauses counted as met where they are open.

    Only cohorts that are undetermined are looked at, so that the verdict can become eligible and nothing else; a capped one stays
    undetermined. Where the solver gives up, nothing is counted.
    """
    if decision.verdict != "undetermined":
        return decision
    counted = frozenset(
        (name, cohort)
        for (name, cohort), standing in decision.standings.items()
        if name in clauses and standing is None and decision.cohorts[cohort] == "undetermined"
    )
    if not counted:
        return decision
    standings = {**decision.standings, **dict.fromkeys(counted, True)}
    found = concluded(problem, replace(decision, standings=standings, counted=counted))
    return decision if "unresolved" in {found.verdict, *found.cohorts.values()} else found


def _cohort_verdict(problem: Problem, decision: Decision, cohort: str) -> Verdict:
    bindings = [each for each in decision.bindings if cohort in each.conditions]
    standings = [decision.standings[binding.clause.id, cohort] for binding in bindings]
    if False in standings:
        return "ineligible"
    if standings.count(True) == len(standings):
        return "undetermined" if cohort in decision.extent.capped else "eligible"
    if UNRESOLVED in standings:
        return "unresolved"
    try:
        together = problem.oracle.possible(list(decision.open_clauses(cohort).values()))
    except OutOfBudget:
        return "unresolved"
    return "ineligible" if together is None else "undetermined"


def _trial_verdict(problem: Problem, decision: Decision, cohorts: Mapping[str, Verdict]) -> Verdict:
    verdicts = set(cohorts.values())
    if "eligible" in verdicts:
        return "eligible"
    if verdicts == {"ineligible"}:
        return "ineligible"
    if "unresolved" in verdicts:
        return "unresolved"
    # no cohort takes everybody alone, but together they may: then nobody fails all of them
    ways = replace(decision, cohorts=cohorts).hopeful(shown=True)
    if not ways:
        return "undetermined"
    fails = [negation(conjunction(list(decision.open_clauses(cohort).values()))) for cohort in ways]
    try:
        return "eligible" if problem.oracle.possible(fails) is None else "undetermined"
    except OutOfBudget:
        return "unresolved"
