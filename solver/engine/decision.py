"""The verdict: does every completion of the record satisfy the trial, none, or some?

A clause is met (not met) if it holds in every (no) completion. A cohort is ineligible if its clauses cannot hold together, eligible if
each is met; a trial is eligible if every completion satisfies some cohort, which need not be the same one. A cohort that is capped, by an
objective clause that is kept as text, can be shown to fit nobody: it is at best undetermined, and makes no trial eligible.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import replace
from typing import TypeVar

from solver.dataclass import dataclass
from solver.engine.answer import Verdict
from solver.engine.clauses import AskedOf, Binding, ConditionCache, Extent
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

    `asked` is what is asked of each cohort. `extent` says how much of the trial has logic. `counted` are open clauses, with the
    cohort, that stand as met because a policy counts them so.
    """

    trial: Trial
    verdict: Verdict
    cohorts: Mapping[str, Verdict]
    bindings: tuple[Binding, ...]
    asked: Mapping[str, tuple[AskedOf, ...]]
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
        return {key[0]: condition for key, condition in self.asked[cohort]}

    def clauses(self, cohort: str) -> list[tuple[str, Condition, Standing]]:
        """Id, condition and standing of every clause that binds a cohort."""
        standings = self.standings
        return [(key[0], condition, standings[key]) for key, condition in self.asked[cohort]]

    def open_clauses(self, cohort: str) -> dict[str, Condition]:
        """The clauses of a cohort that are neither met nor failed, by id."""
        standings = self.standings
        return {
            key[0]: condition for key, condition in self.asked[cohort] if standings[key] in (None, UNRESOLVED)
        }


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
                kept = self.cache.stands if alone else None
                standing: Standing = self._oracle.settle_open(condition, alone=kept)
            except OutOfBudget:
                standing = UNRESOLVED
            self._settled[id(condition)] = standing
        return self._settled[id(condition)]

    def try_together(self, asked: Iterable[tuple[Asked, Condition]]) -> bool | None:
        """Look for a completion that meets all of them: it settles at once how far most of them are open.

        True where there is one, False where evaluation shows of one of them that it fails; None says nothing.
        """
        pending, evaluated = [], self._evaluated
        for _, condition in asked:
            known = evaluated.get(id(condition))
            value = self.evaluated(condition) if known is None else known[1]
            if value is False:
                return False
            if value is None:
                pending.append(condition)
        try:
            return self._oracle.possible_of_open(pending) is not None or None
        except OutOfBudget:
            return None


def decide(problem: Problem, standings: Standings, trial: Trial, context: Context) -> Decision:
    """The verdict on a trial for a consistent record."""
    cache = standings.cache
    by_cohort = cache.by_cohort(trial, context)
    # one completion that meets a whole cohort shows at once of each of its clauses that it can hold
    together = {cohort: standings.try_together(asked) for cohort, asked in by_cohort.items()}
    alone = all(found is False for found in together.values())
    stands = standings.of_each(cache.asked(trial, context), alone=alone)
    bindings, extent = cache.bindings(trial, context), cache.extent(trial, context)
    decision = Decision(trial, "undetermined", {}, bindings, by_cohort, stands, extent)
    return concluded(problem, decision, {cohort for cohort, found in together.items() if found})


def surely_ineligible(standings: Standings, trial: Trial, bindings: Iterable[Binding]) -> bool:
    """Whether evaluation alone shows that no cohort of a trial takes the patient."""
    left = set(trial.cohorts)
    for binding in bindings:
        for cohort, condition in binding.conditions.items():
            if cohort in left and standings.evaluated(condition) is False:
                left.discard(cohort)
    return not left


def concluded(problem: Problem, decision: Decision, fitting: Collection[str] = ()) -> Decision:
    """The decision with the verdicts that follow from how its clauses stand; `fitting` are cohorts that some completion satisfies."""
    cohorts = {
        cohort: _cohort_verdict(problem, decision, cohort, cohort in fitting)
        for cohort in decision.trial.cohorts
    }
    trial, bindings, asked = decision.trial, decision.bindings, decision.asked
    verdict = _verdict_of(cohorts.values())
    found = Decision(
        trial, verdict, cohorts, bindings, asked, decision.standings, decision.extent, decision.counted
    )
    if verdict == "undetermined" and (together := _verdict_together(problem, found)) != verdict:
        return replace(found, verdict=together)
    return found


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


def _cohort_verdict(problem: Problem, decision: Decision, cohort: str, fits: bool) -> Verdict:
    standings = [decision.standings[key] for key, _ in decision.asked[cohort]]
    if False in standings:
        return "ineligible"
    if standings.count(True) == len(standings):
        return "undetermined" if cohort in decision.extent.capped else "eligible"
    if UNRESOLVED in standings:
        return "unresolved"
    try:
        if fits or problem.oracle.possible(list(decision.open_clauses(cohort).values())) is not None:
            return "undetermined"
    except OutOfBudget:
        return "unresolved"
    return "ineligible"


def _verdict_of(cohorts: Collection[Verdict]) -> Verdict:
    """The verdict on a trial that follows from those on its cohorts alone."""
    if "eligible" in cohorts:
        return "eligible"
    if "unresolved" in cohorts:
        return "unresolved"
    return "ineligible" if set(cohorts) == {"ineligible"} else "undetermined"


def _verdict_together(problem: Problem, decision: Decision) -> Verdict:
    """The verdict where no cohort takes everybody alone: together they do if nobody fails all of them."""
    ways = [list(decision.open_clauses(cohort).values()) for cohort in decision.hopeful(shown=True)]
    # whoever does not meet a clause that is open in each of them fails all
    if not ways or set(map(id, ways[0])).intersection(*(map(id, each) for each in ways[1:])):
        return "undetermined"
    fails = [negation(conjunction(each)) for each in ways]
    try:
        return "eligible" if problem.oracle.possible(fails) is None else "undetermined"
    except OutOfBudget:
        return "unresolved"
