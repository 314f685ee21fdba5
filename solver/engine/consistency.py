"""Contradictions: all minimal sets of recorded facts that cannot hold together under the theory.

The sentences of the theory behind one are found by evaluation alone.

What a record poses: its problem, and whether any patient fits it, before anything else is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Literal

from solver.dataclass import dataclass
from solver.engine.answer import AnswerWarning, RecordState
from solver.engine.minimal_sets import Minimal, Subset, minimal_subsets, sort_subsets
from solver.engine.oracle import Oracle
from solver.engine.problem import Problem, active_axioms, one_of, plausible, pose, widest, within
from solver.engine.warnings.different_days import different_days
from solver.engine.warnings.warnings import record_warnings
from solver.errors import EngineError
from solver.evaluation.linked_variables import linked
from solver.evaluation.narrow import Narrowing
from solver.evaluation.propagate import Conditions, complete
from solver.language.domain import Inconsistent, Interval, point
from solver.language.tree import AS_OF, Condition, variables
from solver.library.models import Axiom, Library
from solver.patient.record import Record, record_digest
from solver.work import Budget, OutOfBudget, allowed, uncounted

LIMIT = 200
"""The most contradictions listed for a record."""


def contradictions(problem: Problem) -> Minimal:
    """Every minimal contradicting set of facts of an inconsistent record, by the names of their variables.

    The axioms in force are those of the whole record. What is merely assumed of variables that are not recorded plays no part: an empty,
    complete list says that the facts agree with the axioms. Facts that share no axiom, directly or through others, are looked at
    apart.
    """
    found: set[Subset] = set()
    facts = problem.record.facts
    whole = True
    impossible = [name for name in facts if not _possible_alone(problem, name)]
    found.update(frozenset({name}) for name in impossible)
    axioms = [axiom for axiom in problem.axioms if axiom.assumption is None]
    mentions = [problem.library.mentions[axiom.id] - {AS_OF} for axiom in axioms]
    left = {name for mention in mentions for name in mention if name in facts} - set(impossible)
    while left:
        part = linked(mentions, [min(left)])
        group = [name for name in facts if name in part and name in left]
        left -= set(group)
        theory = Conditions([a.condition for a, n in zip(axioms, mentions, strict=True) if n & part])
        result = _contradictions_among(problem, theory, group)
        found.update(frozenset(subset) for subset in result.subsets)
        whole = whole and result.complete
    return Minimal(sort_subsets(found), whole)


def _possible_alone(problem: Problem, name: str) -> bool:
    try:
        within(problem.library.variables[name], problem.record.facts[name], problem.record.as_of)
    except Inconsistent:
        return False
    return True


def _contradictions_among(problem: Problem, theory: Conditions, group: list[str]) -> Minimal:
    def without(subset: Subset) -> Subset | None:
        return subset if holds_together(problem, theory, subset) else None

    try:
        if without(frozenset(group)) is not None:
            return Minimal((), True)
        return minimal_subsets(group, without, LIMIT)
    except OutOfBudget:
        return Minimal((), False)


def holds_together(problem: Problem, theory: Conditions, subset: Subset) -> bool:
    """Whether the facts of `subset` agree with the theory. Raises `OutOfBudget`."""
    record, library = problem.record, problem.library
    known = {AS_OF: problem.known[AS_OF]}
    choices: list[Condition] = []
    for name in sorted({name for mention in theory.mentions for name in mention} - {AS_OF}):
        variable = library.variables[name]
        if name in subset:
            known[name] = within(variable, record.facts[name], record.as_of)
            if name in problem.choices:
                choices.append(problem.choices[name])
        else:
            known[name] = widest(variable, record.as_of)
    together = Conditions([*theory.conditions, *choices])
    try:
        if problem.search and complete(together, known) is not None:
            return True
        together.close(known)
    except Inconsistent:
        return False
    oracle = Oracle(problem.types, known, together.conditions, problem.budget, search=False)
    cone = oracle.cone(name for condition in together.conditions for name in variables(condition))
    return oracle.solve([], together.conditions, cone) is not None


def grounds(library: Library, record: Record, facts: Iterable[str]) -> tuple[Axiom, ...] | None:
    """A minimal set of axioms that the facts contradict, a single one if there is such.

    Empty if a fact is impossible by itself; None if evaluation does not show the contradiction.
    """
    chosen = frozenset(facts)
    active = active_axioms(library, record)
    near = linked([library.mentions[axiom.id] - {AS_OF} for axiom in active], chosen)
    active = tuple(axiom for axiom in active if library.mentions[axiom.id] & near)
    for assumed in (False, True):
        kept = [axiom for axiom in active if assumed or axiom.assumption is None]
        if not _facts_contradict(library, record, chosen, kept, assumed=assumed):
            continue
        for axiom in kept:
            # one that says it all is a better reason than several that say it together
            if chosen <= library.mentions[axiom.id] and _facts_contradict(
                library, record, chosen, [axiom], assumed=assumed
            ):
                return (axiom,)
        for axiom in tuple(kept):
            fewer = [other for other in kept if other is not axiom]
            if _facts_contradict(library, record, chosen, fewer, assumed=assumed):
                kept = fewer
        return tuple(kept)
    return None


def _facts_contradict(
    library: Library, record: Record, facts: frozenset[str], axioms: Sequence[Axiom], *, assumed: bool
) -> bool:
    names = facts.union(*(library.mentions[axiom.id] for axiom in axioms)) - {AS_OF}
    known: Narrowing = {AS_OF: point(record.as_of, whole=True)}
    conditions = [axiom.condition for axiom in axioms]
    try:
        for name in names:
            variable = library.variables[name]
            if name not in facts:
                known[name] = (plausible if assumed else widest)(variable, record.as_of)
                continue
            fact = record.facts[name]
            known[name] = within(variable, fact, record.as_of)
            choice = one_of(fact, variable.type)
            conditions += [] if choice is None else [choice]
        Conditions(conditions).close(known)
    except Inconsistent:
        return True
    return False


NO_RANGES = "the plausible ranges of what is not recorded do not fit what is recorded; none was assumed"


@dataclass(frozen=True, slots=True)
class OpenedRecord:
    """A record whose consistency is known.

    `consistent` is None if the solver gave up on it; `contradictions` are all minimal sets of contradicting facts. `ranges` says whether
    plausible ranges are assumed of what is not recorded.
    """

    problem: Problem
    consistent: bool | None
    contradictions: Minimal
    warnings: tuple[AnswerWarning, ...]
    ranges: bool = True

    def state(self) -> RecordState:
        """Whether the record agrees with itself, as answers say it."""
        status: dict[bool | None, Literal["consistent", "contradictory", "undecided"]] = {
            True: "consistent",
            False: "contradictory",
            None: "undecided",
        }
        return RecordState(
            status=status[self.consistent],
            contradictions=self.contradictions.subsets,
            contradictions_complete=self.contradictions.complete,
            digest=record_digest(self.problem.record),
        )

    def asked_by(self, library: Library) -> OpenedRecord:
        """The same record, which is consistent, under a library of which something else asks of concepts."""
        problem = self.problem
        found = pose(library, problem.given, problem.budget, search=problem.search, ranges=self.ranges)
        with suppress(OutOfBudget):
            if not found.consistent():
                raise EngineError("a record contradicts itself only where a trial asks of it")
        return replace(self, problem=found)

    def on_days(self, days: Interval) -> Problem:
        """The problem of the same record with other days of evaluation; what is assumed of it stays."""
        problem = self.problem
        return pose(
            problem.library,
            problem.record,
            problem.budget,
            search=problem.search,
            ranges=self.ranges,
            implausible=problem.implausible,
            days=days,
            assumed=problem.assumed,
        )


_WARNINGS = 1_000_000
"""The work that may go into the warnings about a record, which is not counted: an answer is the same with them and without."""


def open_record(
    library: Library,
    record: Record,
    budget: Budget | None = None,
    *,
    search: bool = True,
    warned: bool = True,
) -> OpenedRecord:
    """The problem that a record poses, and whether it has a completion; `search` as for `pose`.

    Without `warned` nothing is said of odd values, which nobody will read.
    """
    problem = pose(library, record, budget, search=search)
    with uncounted(0), allowed(_WARNINGS):
        warnings = list(record_warnings(problem)) if warned else []
    try:
        if problem.consistent():
            return OpenedRecord(problem, True, Minimal((), True), tuple(warnings))
        found = contradictions(problem)
        if found != Minimal((), True):
            warnings += filter(None, (different_days(record, each) for each in found.subsets))
            return OpenedRecord(problem, False if found.subsets else None, found, tuple(warnings))
        # the facts agree with the axioms, so it is what was assumed besides that does not fit
        problem = pose(library, record, budget, search=search, ranges=False)
        warnings.append(AnswerWarning(code="implausible", text=NO_RANGES))
        if not problem.consistent():
            raise EngineError("the theory contradicts itself")
        return OpenedRecord(problem, True, found, tuple(warnings), ranges=False)
    except OutOfBudget as error:
        warnings.append(gave_up("whether the record contradicts itself", error))
        return OpenedRecord(problem, None, Minimal((), False), tuple(warnings))


def gave_up(question: str, error: OutOfBudget) -> AnswerWarning:
    """That the solver did not decide a question, and what ran out."""
    return AnswerWarning(code="gave-up", text=f"the solver did not decide {question}: its {error} ran out")
