"""Assumption policies: what a user asked, by name, to take for granted where it is not recorded.

A policy over variables takes what it covers as absent, and the questions are then asked of the record with that. A policy over clauses
counts an open clause that it covers as met, in a trial that is undetermined otherwise: it can make that eligible and change no other
verdict. Whatever is assumed is named in every answer that rests on it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from solver.engine.answer import AnswerWarning
from solver.engine.clauses import ConditionCache
from solver.engine.consistency import OpenedRecord, gave_up
from solver.engine.decision import Decision, Standings, counting, decide
from solver.engine.problem import Problem, pose
from solver.language.domain import Domain, Interval, is_exact
from solver.language.types import BooleanType, IntegerType, QuantityType
from solver.language.values import ConceptTerm
from solver.library.models import Trial, Variable
from solver.patient.record import Context
from solver.work import OutOfBudget


class Assumptions:
    """What the policies assume of one patient.

    `base` is the problem that a consistent record poses. In that of `posed` every covered variable is taken as absent that is neither
    recorded, nor mentioned, nor settled by the theory; what does not agree with the record is left out. Where the solver gives up on
    whether it agrees, that goes to `warnings`. Without policies `posed` is what was given.
    """

    def __init__(
        self,
        opened: OpenedRecord,
        policies: Collection[str],
        cache: ConditionCache,
        warnings: list[AnswerWarning],
    ) -> None:
        self.base, self._ranges = opened.problem, opened.ranges
        self._policies, self._cache, self._warnings = frozenset(policies), cache, warnings
        self._known: dict[frozenset[str], tuple[Problem, Standings]] = {}
        self.problem = self._pose_assuming(self._absent_together())
        self.opened = opened if self.problem is self.base else replace(opened, problem=self.problem)

    def forget(self) -> None:
        """Forget the completions that were found, and what they settled."""
        for problem, standings in self._known.values():
            problem.oracle.pool.clear()
            standings.forget()

    def clauses(self, trial: Trial) -> dict[str, str]:
        """The ids of the clauses of a trial that a policy covers, each with that of its assumption."""
        return {clause.id: clause.assumption for clause in trial.clauses if clause.policy in self._policies}

    def decide(self, standings: Standings, trial: Trial, context: Context) -> Decision:
        """The verdict on a trial under the policies; `standings` are those of `problem`."""
        decision = decide(self.problem, standings, trial, context)
        return counting(self.problem, decision, self.clauses(trial)) if self._policies else decision

    def needed(
        self, decision: Decision, context: Context, hint: Iterable[str], cohort: str | None = None
    ) -> tuple[str, ...]:
        """A minimal set of assumptions with which a trial, or a cohort of it, is eligible: none of them can be left out.

        `hint` are assumptions that may well be enough. The order is that of the vocabulary and then of the clauses, and those that come
        first are the first to be left out. Where the solver gives up on whether one can be left out, it stays.
        """
        variables = self.base.library.variables
        counted = {name for name, _ in decision.counted}
        every = [variables[name].assumption for name in variables if name in self.problem.assumed]
        every += [each for name, each in self.clauses(decision.trial).items() if name in counted]
        if not every or self._is_eligible(decision.trial, context, [], cohort):
            return ()
        hinted = set(hint)
        kept = [name for name in every if name in hinted]
        if not self._is_eligible(decision.trial, context, kept, cohort):
            kept = every
        for name in list(kept):
            fewer = [other for other in kept if other != name]
            if self._is_eligible(decision.trial, context, fewer, cohort):
                kept = fewer
        return tuple(kept)

    def _is_eligible(
        self, trial: Trial, context: Context, assumed: Collection[str], cohort: str | None
    ) -> bool:
        """Whether the trial, or the cohort, is eligible with these assumptions and no others."""
        variables = self.base.library.variables
        taken = frozenset(name for name in self.problem.assumed if variables[name].assumption in assumed)
        if taken not in self._known:
            problem = self._pose_assuming({name: self.problem.assumed[name] for name in taken})
            self._known[taken] = (problem, Standings(problem.oracle, self._cache))
        problem, standings = self._known[taken]
        clauses = [name for name, each in self.clauses(trial).items() if each in assumed]
        decision = counting(problem, decide(problem, standings, trial, context), clauses)
        return (decision.verdict if cohort is None else decision.cohorts[cohort]) == "eligible"

    def _absent_together(self) -> dict[str, Domain]:
        """What can be taken as absent together; if not all of it can, what can be added one after another."""
        wanted = {
            name: variable.absence
            for name, variable in self.base.library.variables.items()
            if variable.policy in self._policies and self._is_unsaid(variable)
        }
        if not wanted or self._agrees_with_record(wanted):
            return wanted
        kept: dict[str, Domain] = {}
        for name, domain in wanted.items():
            if self._agrees_with_record({**kept, name: domain}):
                kept[name] = domain
        return kept

    def _is_unsaid(self, variable: Variable) -> bool:
        """Whether nothing that is recorded speaks of a variable, so that it may be absent."""
        known = self.base.known[variable.name]
        possible = 0 in known if isinstance(known, Interval) else variable.absence <= known  # type: ignore[operator]
        return (
            possible
            and not is_exact(known)
            and variable.name not in self.base.record.facts
            and not any(map(self._speaks_of, variable.mentioned_by))
            and not (variable.term is not None and self._is_told_of(variable.term))
        )

    def _is_told_of(self, term: ConceptTerm) -> bool:
        """Whether an entry of the record, what it says never happened, or another variable can speak of what a term asks."""
        library, record = self.base.library, self.base.given
        if term.of is None:
            return False
        tree, members = library.concepts, library.concepts.members(term.of)
        name = tree[term.of.concept].list
        named = [each.concept for each in record.events if each.list == name]
        named += [each.concept for each in record.findings if each.list == name]
        named += [each.concept for each in record.closures if each.word == "never" and each.list == name]
        for fact in record.facts.values():
            means = library.variables[fact.variable].means
            if means is None:
                continue
            if means.list == name:
                named += [tree.in_list(name, entry) for entry in fact.entries]
            about = None if means.term is None else means.term.of
            beside = about is None or members.isdisjoint(tree.members(about))
            if not beside and self._speaks_of(fact.variable):
                return True
        return any(each is None or not members.isdisjoint(tree.narrower(each)) for each in named)

    def _speaks_of(self, name: str) -> bool:
        """Whether a variable is recorded, other than as absent, or is certain to be present."""
        variable, recorded = self.base.library.variables[name], name in self.base.record.facts
        known = self.base.known[name]
        if isinstance(variable.type, QuantityType):
            return recorded and not (isinstance(known, Interval) and known.exact and 0 in known)
        if not isinstance(variable.type, BooleanType | IntegerType):
            return recorded
        if isinstance(known, Interval):
            return 0 not in known or (recorded and not known.exact)
        return False not in known or (recorded and len(known) > 1)

    def _agrees_with_record(self, assumed: Mapping[str, Domain]) -> bool:
        try:
            return self._pose_assuming(assumed).consistent()
        except OutOfBudget as error:
            question = "whether all that the policies assume agrees with the record"
            self._warnings.append(gave_up(question, error))
            return False

    def _pose_assuming(self, assumed: Mapping[str, Domain]) -> Problem:
        base = self.base
        if not assumed:
            return base
        problem = pose(
            base.library, base.record, base.budget, search=base.search, ranges=self._ranges, assumed=assumed
        )
        problem.base = base
        return problem
