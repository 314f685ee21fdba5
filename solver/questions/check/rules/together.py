"""What clauses say together: that no patient meets them all, that some imply another, that a part of one does nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from solver.language.tree import BooleanVariable, Condition, Member, conjunction, negation, variables
from solver.language.types import BooleanType, EnumerationType
from solver.language.values import Formula
from solver.library.beside import FindingKind
from solver.questions.check.answer import Basis
from solver.questions.check.findings_log import FindingsLog
from solver.questions.check.proofs import Named, Prover, widest_basis
from solver.questions.check.trial_view import Criterion, Part
from solver.questions.check.written_names import WrittenNames
from solver.text import listed


class Refutation(NamedTuple):
    """That nobody meets something: the other clauses that it rests on, in the order of the file, and what the proof takes."""

    others: tuple[str, ...]
    basis: Basis

    @property
    def given(self) -> str:
        """`where T.I1 and T.I2 are met`."""
        return f"where {listed(self.others)} {'is' if len(self.others) == 1 else 'are'} met"


class Together:
    """Looks at the clauses of one trial that no fault of their own explains.

    `left_out` are, for each cohort, the clauses that nothing is inferred from: those at fault, those of a contradiction that was found, and
    those that others imply.
    """

    def __init__(self, prover: Prover, log: FindingsLog) -> None:
        self.prover, self.log, self.view = prover, log, log.view
        self.said: set[str] = log.faulty | log.suspect
        self.left_out: dict[str, set[str]] = {cohort: set(self.said) for cohort in self.view.cohorts}

    def named(self, cohort: str, criterion: Criterion | None = None) -> list[Named]:
        """The clauses of a cohort that may be used, but for one; those of secondary sources only beside one of these."""
        secondary = criterion is not None and criterion.clause.secondary is not None
        left_out = self.left_out[cohort] | ({criterion.id} if criterion else set())
        return self.view.named(cohort, left_out, secondary=secondary)

    def conditions(self, cohort: str, criterion: Criterion | None = None) -> list[Condition]:
        """Their conditions."""
        return [condition for _, condition in self.named(cohort, criterion)]

    def refutation(
        self,
        goals: Iterable[tuple[str, Sequence[Condition]]],
        but: Criterion | None = None,
        prover: Prover | None = None,
    ) -> Refutation | None:
        """What shows that nobody in any of the cohorts meets its goals beside its clauses, but for one; None if somebody may."""
        prover, core = prover or self.prover, set[str]()
        bases: list[Basis] = []
        for cohort, conditions in goals:
            named = self.named(cohort, but)
            found = prover.refutation(named, conditions)
            if found is None:
                return None
            bases.append(found[1])
            core.update(found[0])
        return Refutation(self.in_file_order(core), widest_basis(bases)) if bases else None

    def set_aside(self, names: Collection[str], cohorts: Iterable[str] | None = None) -> None:
        """Infer nothing from clauses any more, in these cohorts or in all."""
        self.said.update(names)
        for cohort in self.view.cohorts if cohorts is None else cohorts:
            self.left_out[cohort].update(names)

    # contradictions

    def contradictions(self) -> None:
        """Find every set of clauses that shuts the trial or a cohort."""
        trial = self.view.trial
        with self.log.trying(f"whether a patient can enter {trial.code}"):
            while (basis := self._basis_of_shutting(self.view.cohorts)) is not None:
                core = self._shutting_clauses()
                self._tell_shut(core, basis, ())
                self.set_aside(core)
            for cohort in self.view.cohorts if len(self.view.cohorts) > 1 else ():
                while (basis := self._basis_of_shutting([cohort])) is not None:
                    core = self.prover.core(self.named(cohort), [])
                    self._tell_shut(core, basis, (cohort,))
                    self.set_aside(core, [cohort])
            self._tell_consequences()

    def _basis_of_shutting(
        self, cohorts: Sequence[str], besides: Sequence[Mapping[str, Condition]] = ()
    ) -> Basis | None:
        """What it takes to prove that no patient can enter any of the cohorts; `besides` are further clauses."""
        bases = []
        for cohort in cohorts:
            more = [conditions[cohort] for conditions in besides if cohort in conditions]
            basis = self.prover.refuted([*self.conditions(cohort), *more])
            if basis is None:
                return None
            bases.append(basis)
        return widest_basis(bases)

    def _shutting_clauses(self) -> tuple[str, ...]:
        kept = {name for cohort in self.view.cohorts for name, _ in self.named(cohort)}
        basis = self._basis_of_shutting(self.view.cohorts) or "ranges"
        for criterion in reversed(self.view.criteria):
            fewer = kept - {criterion.id}
            several = [[c for name, c in self.named(cohort) if name in fewer] for cohort in self.view.cohorts]
            if criterion.id in kept and self.prover.shut(several, basis):
                kept = fewer
        return tuple(criterion.id for criterion in self.view.criteria if criterion.id in kept)

    def _tell_shut(self, core: tuple[str, ...], basis: Basis, cohorts: tuple[str, ...]) -> None:
        trial = self.view.trial.code
        what = f"cohort {cohorts[0]} of {trial}" if cohorts else trial
        turning = self._turning_value(core, cohorts or self.view.cohorts)
        if turning is not None:
            text = f"No patient can enter {what}: {turning} is both required and excluded by {listed(core)}"
            self.log.add("excluded-and-required", core, text, basis=basis, cohorts=cohorts, part=turning)
            return
        text = f"No patient can enter {what}: {listed(core)} cannot all be met together"
        kind: FindingKind = "unreachable-cohort" if cohorts else "unsatisfiable"
        self.log.add(kind, core, text, basis=basis, cohorts=cohorts)

    def _turning_value(self, core: tuple[str, ...], cohorts: Sequence[str]) -> str | None:
        """What some clause of a contradiction requires and another excludes, a variable, its value, or a definition; None if nothing is."""
        criteria = {each.id: each for each in self.view.criteria if each.id in core}
        written = WrittenNames(self.prover.library, criteria.values())
        for cohort in cohorts:
            clauses = [(criteria[name], condition) for name, condition in self.named(cohort) if name in core]
            for (first, one), (second, other) in combinations(clauses, 2):
                rest = [clause for _, clause in clauses if clause is not one and clause is not other]
                for name in sorted(variables(one) & variables(other)):
                    for value, holds in self._values_of(name):
                        if self._are_opposed([*rest, one], [*rest, other], holds):
                            return written.value(name, [value]) if value else written.of(name)
                for name in sorted(first.parts.names & second.parts.names):
                    said = self.prover.library.definitions.get(name)
                    if isinstance(said, Formula) and self._are_opposed(
                        [*rest, one], [*rest, other], said.condition
                    ):
                        return name
        return None

    def _values_of(self, name: str) -> list[tuple[str, Condition]]:
        variable = self.prover.library.variables.get(name)
        if variable is not None and isinstance(variable.type, BooleanType):
            return [("", BooleanVariable(name))]
        if variable is not None and isinstance(variable.type, EnumerationType):
            return [(value, Member(name, frozenset({value}))) for value in variable.type.values]
        return []

    def _are_opposed(self, one: list[Condition], other: list[Condition], holds: Condition) -> bool:
        possible, fails = self.prover.possible, negation(holds)
        if not possible([*one, fails]):
            return possible([*one, holds]) and not possible([*other, holds])
        return not possible([*other, fails]) and possible([*other, holds]) and not possible([*one, holds])

    def _tell_consequences(self) -> None:
        """Say of each clause at fault or suspect whether it shuts the trial or a cohort, and beside which others."""
        every = self.view.cohorts
        for criterion in self.view.criteria:
            if criterion.id not in self.log.faulty | self.log.suspect or criterion.clause.secondary:
                continue
            if self._basis_of_shutting(every, [criterion.conditions]) is not None:
                self._escalate_fault(criterion, every)
                continue
            shut = tuple(c for c in every if self._basis_of_shutting([c], [criterion.conditions]) is not None)
            if shut:
                self._escalate_fault(criterion, shut)

    def _escalate_fault(self, criterion: Criterion, shut: tuple[str, ...]) -> None:
        core: set[str] = set()
        for cohort in shut:
            goals = [criterion.conditions[cohort]] if cohort in criterion.conditions else []
            core.update(self.prover.core(self.named(cohort), goals))
        others, basis = self.in_file_order(core), self._basis_of_shutting(shut, [criterion.conditions])
        assert basis is not None
        whole = len(shut) == len(self.view.cohorts)
        what = "the trial" if whole else f"cohort{'s' * (len(shut) > 1)} {listed(shut)}"
        beside = f"beside {listed(others)}, " if others else ""
        consequence = f"{beside}no patient can enter {what}"
        self.log.escalate(criterion.id, consequence, others, basis, () if whole else shut)

    def suspects(self) -> None:
        """Find what is proved of suspect clauses: that nobody whom they are about can enter, or that others imply them."""
        told = {f.clauses for f in self.log.findings if f.severity == "error"}
        for criterion in self.view.criteria:
            name = criterion.id
            if name in self.log.suspect - self.log.faulty and (name,) not in told:
                with self.log.trying(f"whether {name} fits the others", [name]):
                    guard = criterion.clause.guard
                    if guard is None or not self._find_clash(criterion, guard):
                        self._find_implied(criterion)

    # clauses that contradict each other where they apply

    def clashes(self) -> None:
        """Find the clauses that no patient whom they are about can meet beside the others; nothing is inferred from these any more."""
        for criterion in self.view.criteria:
            if criterion.id not in self.said and criterion.clause.guard is not None:
                with self.log.trying(f"whether {criterion.id} can be met where it applies", [criterion.id]):
                    self._find_clash(criterion, criterion.clause.guard)

    def _find_clash(self, criterion: Criterion, guard: Condition) -> bool:
        """Whether nobody to whom a clause applies can enter."""
        goals = (
            (cohort, [condition, guard])
            for cohort, condition in criterion.conditions.items()
            if self.prover.possible([*self.conditions(cohort, criterion), guard])
        )
        found = self.refutation(goals, criterion)
        if found is None or not found.others:
            return False
        text = f"Nobody to whom {criterion.id} applies can enter: it contradicts {listed(found.others)} there"
        self.log.add("contradictory", [criterion.id], text, basis=found.basis, core=found.others)
        self.set_aside([criterion.id])
        return True

    def shut(self, cohort: str) -> bool:
        """Whether a contradiction or a fault was found that shuts the cohort."""
        errors = [f for f in self.log.findings if f.severity == "error"]
        clashes = [f for f in errors if f.kind == "contradictory" and f.core]
        return any(f not in clashes and (not f.cohorts or cohort in f.cohorts) for f in errors)

    # implied clauses

    def implied(self) -> None:
        """Find the clauses that others imply; nothing is inferred from these any more."""
        for criterion in reversed(self.view.criteria):
            if criterion.id not in self.said:
                with self.log.trying(f"whether others imply {criterion.id}", [criterion.id]):
                    self._find_implied(criterion)

    def _find_implied(self, criterion: Criterion) -> None:
        name, when = criterion.id, criterion.parts.when
        goals = ((cohort, [negation(condition)]) for cohort, condition in criterion.conditions.items())
        found = self.refutation(goals, criterion)
        if found is None:
            return
        self.set_aside([name], criterion.conditions)
        kind: FindingKind = "redundant"
        part = None
        if when is not None and self._never_applies(criterion, when):
            kind, part = "dead-exception", "when"
            text = f"The 'when' of {name} can never hold {found.given}"
        elif criterion.clause.routing:
            kind, text = "routing", f"Only the state of the trial can falsify {name} {found.given}"
        else:
            verb = "says the same as" if self._says_the_same(criterion, found.others) else "follows from"
            text = f"{name} {verb} {listed(found.others)}, so that it can be left out"
        self.log.add(kind, [name], text, basis=found.basis, core=found.others, part=part)

    def _never_applies(self, criterion: Criterion, when: Condition) -> bool:
        possible = self.prover.possible
        return all(not possible([*self.conditions(c, criterion), when]) for c in criterion.conditions)

    def _says_the_same(self, criterion: Criterion, others: Sequence[str]) -> bool:
        if len(others) != 1:
            return False
        (other,) = (each for each in self.view.criteria if each.id == others[0])
        return other.conditions.keys() == criterion.conditions.keys() and all(
            not self.prover.possible([condition, negation(other.conditions[cohort])])
            for cohort, condition in criterion.conditions.items()
        )

    def in_file_order(self, names: Collection[str]) -> tuple[str, ...]:
        """Clauses in the order of the file."""
        return tuple(criterion.id for criterion in self.view.criteria if criterion.id in names)

    # parts that do nothing

    def dead_parts(self) -> None:
        """Find the parts of clauses that can be left out, and nothing changes."""
        for criterion in self.view.criteria:
            if criterion.id in self.said:
                continue
            found: list[Part] = []
            for part in criterion.parts.parts:
                if any(_lies_within(part, other) or part.text in other.text for other in found):
                    continue
                question = f"whether '{part.text}' of {criterion.id} does anything"
                with self.log.trying(question, [criterion.id]):
                    if self._find_dead_part(criterion, part):
                        found.append(part)

    def _find_dead_part(self, criterion: Criterion, part: Part) -> bool:
        goals = [
            (cohort, conditions)
            for cohort, without in self.view.without(part).items()
            for condition in [criterion.conditions[cohort]]
            for conditions in ([condition, negation(without)], [negation(condition), without])
        ]
        # what the part alone rules out tells nothing; the first that is not ruled out ends the search
        goals.sort(key=lambda goal: not self.prover.today.possible(goal[1]))
        found = self.refutation(goals, criterion)
        if found is None:
            return False
        name, given = criterion.id, f" {found.given}" if found.others else ""
        self.log.add(
            "dead-exception",
            [name],
            f"'{part.text}' of {name} does nothing{given}: without it, {name} takes the same patients",
            basis=found.basis,
            core=found.others,
            part=part.text,
            place=part.place,
            # a source may ask in one criterion for what another one asks for as well
            severity="note" if part.kind == "condition" and found.others else None,
        )
        return True

    # decisive clauses

    def decisive(self) -> None:
        """Find the clauses that are never the only reason why a patient cannot enter."""
        for criterion in self.view.criteria if len(self.view.cohorts) > 1 else ():
            if criterion.id not in self.said and not criterion.clause.secondary:
                with self.log.trying(f"whether {criterion.id} is ever decisive", [criterion.id]):
                    if not any(self._is_decisive(criterion, cohort) for cohort in criterion.conditions):
                        text = f"While every cohort is open, {criterion.id} is never the only reason why a patient cannot enter"
                        self.log.add("never-decisive", [criterion.id], text)

    def _is_decisive(self, criterion: Criterion, cohort: str) -> bool:
        fails = [
            negation(conjunction([c for _, c in self.view.named(other, self.left_out[other])]))
            for other in self.view.cohorts
            if other != cohort and self.view.no_more_texts(other, cohort)
        ]
        goals = [*self.conditions(cohort, criterion), negation(criterion.conditions[cohort]), *fails]
        return self.prover.possible(goals)


def _lies_within(part: Part, other: Part) -> bool:
    start, end = (part.place.line, part.place.column), (part.place.end_line, part.place.end_column)
    whole = other.place
    return (whole.line, whole.column) <= start and end <= (whole.end_line, whole.end_column)
