"""Whom one trial admits and another does not: over all patients, by proof, with a witness and the clauses that are responsible."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple

from solver.engine.clauses import ConditionCache, clauses_in_force
from solver.engine.days.any_day import AnyPatient
from solver.engine.minimal_sets import Minimal, Subset, minimal_subsets
from solver.engine.problem import pose
from solver.engine.witnesses.witness import Unwritable, find_witness
from solver.evaluation.evaluate import evaluate
from solver.language.calendar import LAST_DAY
from solver.language.domain import Environment, Interval
from solver.language.tree import FALSE, BooleanVariable, Condition, disjunction, negation, variables
from solver.library.models import Library, Trial
from solver.library.policies import RESERVED
from solver.patient.record import Context, Fact, Record
from solver.patient.write import record_document
from solver.questions.diff.answer import AdmittedPatient, OneWay
from solver.work import Budget, OutOfBudget, spent_up

LIMIT = 20
"""The most sets of responsible clauses that are listed."""

Admission = Mapping[str, Mapping[str, Condition]]
"""What a trial asks for: by cohort, the condition of each clause. Some cohort must have all of its conditions met.

What an objective clause that is kept as text asks for is a condition of its own, the same for the same text: of it nothing is known.
"""

_KEPT = "kept as text: "


def admission(trial: Trial, context: Context, cache: ConditionCache) -> dict[str, dict[str, Condition]]:
    """What a trial asks for in a context; opaque clauses that are not objective ask for nothing."""
    bindings = clauses_in_force(trial, context, cache)
    asked: dict[str, dict[str, Condition]] = {
        cohort: {each.clause.id: each.conditions[cohort] for each in bindings if cohort in each.conditions}
        for cohort in trial.cohorts
    }
    said = {clause.id: BooleanVariable(f"{_KEPT}{clause.text}") for clause in trial.clauses}
    for cohort, names in cache.extent(trial, context).capped.items():
        asked[cohort].update((name, said[name]) for name in names)
    return asked


def is_text(condition: Condition) -> bool:
    """Whether a condition is that of an objective clause that is kept as text."""
    return isinstance(condition, BooleanVariable) and condition.name.startswith(_KEPT)


def plausible_id(name: str) -> str:
    """The id of the assumption that a variable has a plausible value."""
    return f"{RESERVED}:{name}"


class Everyone:
    """All patients who may be evaluated on one day, or on any day, under the theory of a library.

    A day that means the day of evaluation where it is not recorded may also be recorded as a later one. Plausible ranges are assumed,
    except where a method says otherwise. With `every_day` whoever is not there on the day `as_of` is looked for on all others, and `days`
    collects those on which somebody was found.
    """

    def __init__(
        self, library: Library, as_of: int, budget: Budget | None = None, *, every_day: bool = False
    ) -> None:
        self.library, self.as_of, self.budget, self.every_day = library, as_of, budget, every_day
        self.starts = self._starts_on(as_of)
        self.patients = [AnyPatient(library, each, budget, every_day=every_day) for each in self.starts]
        self.days: set[int] = set()

    def _starts_on(self, day: int) -> list[Record]:
        """What is known of the patients of a day: nothing, but for when what is planned may lie."""
        plain = Record("witness", day, {})
        later = Interval(day, LAST_DAY, whole=True)
        variables = self.library.variables.items()
        planned = {name: Fact(name, later, "") for name, each in variables if each.absent_as_of}
        return [plain, replace(plain, facts=planned)] if planned else [plain]

    def possible(self, goals: list[Condition]) -> tuple[Record, Environment] | None:
        """A start and a box of its patients on whom all goals hold; None if there is nobody. Raises `OutOfBudget`."""
        for patient in self.patients:
            box = patient.on_the_day(goals)
            if box is not None:
                return patient.start, box
        last = self.patients[-1]
        found = last.on_some_day(goals) if last.matters(goals) else None
        if found is None:
            return None
        day, box = found
        self.days.add(day)
        return self._starts_on(day)[-1], box

    def ranges_needed(self, several: list[list[Condition]]) -> tuple[str, ...]:
        """Assumptions under which none of these goals can hold, which is so under all of them: as few as the solver can show.

        None of them can be left out, but for those where the solver gives up.
        """
        if self._is_impossible(several, []):
            return ()
        spoken = frozenset[str]().union(*(variables(goal) for goals in several for goal in goals))
        near = self.patients[-1].problem.oracle.cone(spoken) | spoken
        ids = [plausible_id(name) for name in self.library.variables if name in near]
        ids += [each.assumption for each in self.library.axioms if each.assumption is not None]
        needed = list(dict.fromkeys(ids))
        for name in list(needed):
            if spent_up():
                break
            fewer = [other for other in needed if other != name]
            if self._is_impossible(several, fewer):
                needed = fewer
        return tuple(needed)

    def _is_impossible(self, several: list[list[Condition]], assumed: Collection[str]) -> bool:
        """Whether it is proved that none of the goals can hold under no other assumptions than these."""
        axioms = tuple(axiom for axiom in self.library.axioms if axiom.assumption in (None, *assumed))
        without = [name for name in self.library.variables if plausible_id(name) not in assumed]
        library = replace(self.library, axioms=axioms)
        start, every_day = self.starts[-1], self.every_day
        patient = AnyPatient(library, start, self.budget, every_day=every_day, implausible=without)
        try:
            if any(patient.on_the_day(goals) is not None for goals in several):
                return False
            return all(patient.on_some_day(goals) is None for goals in several if patient.matters(goals))
        except OutOfBudget:
            return False

    def witness(self, goals: list[Condition], start: Record) -> Record | None:
        """A patient of a start on whom all goals certainly hold; None if there is nobody. Raises `OutOfBudget` and `Unwritable`."""
        return find_witness(self.library, goals, start, free=tuple(start.facts), budget=self.budget)


class Goals(NamedTuple):
    """What patients are looked for: that a cohort of one trial admits them, and more."""

    cohort: str
    conditions: list[Condition]


def one_way(everyone: Everyone, first: Admission, second: Admission, *, shown: bool = True) -> OneWay:
    """Whom the first admits and the second does not; the ranges, or a witness and the responsible clauses, only if `shown`."""
    several = [each.conditions for each in _cohort_goals(first, second)]
    try:
        if all(everyone.possible(goals) is None for goals in several):
            return OneWay(False, everyone.ranges_needed(several) if several and shown else ())
    except OutOfBudget:
        return OneWay(None)
    if not shown:
        return OneWay(True)
    responsible = _responsible_clauses(everyone, first, second)
    witness = None
    with suppress(OutOfBudget):
        witness = _clearest_witness(everyone, first, second, responsible)
    return OneWay(True, (), *responsible, witness)


def _cohort_goals(first: Admission, second: Admission, removed: Collection[str] = ()) -> Iterator[Goals]:
    """For each cohort of the first that may admit more: its conditions, and that the second fails without the removed clauses.

    What the first keeps as text is taken for met, and any other text for failed: that it may be is all that is known.
    """
    for cohort, own in first.items():
        held = set(own.values())
        left = [[c for n, c in e.items() if n not in removed and c not in held] for e in second.values()]
        fails = [disjunction([negation(c) for c in each]) for each in left if not any(map(is_text, each))]
        if FALSE not in fails:
            yield Goals(cohort, [*(c for c in own.values() if not is_text(c)), *fails])


def _responsible_clauses(everyone: Everyone, first: Admission, second: Admission) -> Minimal:
    """All minimal sets of clauses of the second without which it admits everyone whom the first admits."""
    names = list(dict.fromkeys(name for asked in second.values() for name in asked))

    def without(removed: Subset) -> Subset | None:
        for goals in _cohort_goals(first, second, removed):
            found = everyone.possible(goals.conditions)
            if found is not None:
                held = set(first[goals.cohort].values())
                return removed | (frozenset(names) - _failed_clauses(second, removed, held, found[1]))
        return None

    try:
        return minimal_subsets(names, without, LIMIT)
    except OutOfBudget:
        return Minimal((), False)


def _failed_clauses(
    asked: Admission, removed: Collection[str], held: Collection[Condition], box: Environment
) -> set[str]:
    """Clauses, none of them removed or held, that make every cohort fail on the box: one of each where the box says which."""
    found: set[str] = set()
    for conditions in asked.values():
        left = [name for name, c in conditions.items() if name not in removed and c not in held]
        failing = [n for n in left if is_text(conditions[n]) or evaluate(conditions[n], box) is False]
        found.update(failing[:1] or left)
    return found


def _clearest_witness(
    everyone: Everyone, first: Admission, second: Admission, responsible: Minimal
) -> AdmittedPatient | None:
    """A witness who fails as few clauses as may be, with the fewest facts over the cohorts; None if none was found."""
    several = list(_cohort_goals(first, second))
    narrow = [_first_witness(everyone, _narrow_goals(each, second, responsible)) for each in several]
    records = [record for record in narrow if record is not None]
    if not records:
        records = [record for each in several if (record := _first_witness(everyone, [each])) is not None]
    if not records:
        return None
    return _as_admitted(everyone, first, second, min(records, key=lambda record: len(record.facts)))


def _first_witness(everyone: Everyone, several: Iterable[Goals]) -> Record | None:
    """A witness of the first goals that have one which can be written, and on which the solver does not give up."""
    for goals in several:
        try:
            found = everyone.possible(goals.conditions)
            if found is not None:
                return everyone.witness(goals.conditions, found[0])
        except (OutOfBudget, Unwritable):
            continue
    return None


def _narrow_goals(goals: Goals, second: Admission, responsible: Minimal) -> Iterator[Goals]:
    """Goals of patients who fail, in one cohort of the second, a single responsible clause: in that of the same id, if there is one."""
    wanted = {name for subset in responsible.subsets for name in subset}
    for name in dict.fromkeys(name for asked in second.values() for name in asked if name in wanted):
        for _, asked in sorted(second.items(), key=lambda each: each[0] != goals.cohort):
            if name in asked and not is_text(asked[name]):
                others = [c for other, c in asked.items() if other != name and not is_text(c)]
                yield Goals(goals.cohort, [*goals.conditions, negation(asked[name]), *others])


def _as_admitted(everyone: Everyone, first: Admission, second: Admission, record: Record) -> AdmittedPatient:
    settle = pose(everyone.library, record, everyone.budget).oracle.settle

    def met(condition: Condition) -> bool:
        return is_text(condition) or settle(condition) is True

    cohort = next(name for name, asked in first.items() if all(map(met, asked.values())))
    held = set(first[cohort].values())
    failed = {
        name: tuple(
            clause
            for clause, condition in asked.items()
            if condition not in held and (is_text(condition) or settle(condition) is False)
        )
        for name, asked in second.items()
    }
    return AdmittedPatient(record_document(record, everyone.library), cohort, failed, record)
