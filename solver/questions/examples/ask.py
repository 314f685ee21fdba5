"""Examples of a trial's clauses: patients just inside and just outside, who differ in one fact and meet every other clause.

Each cohort has a starting patient, who is eligible; where criteria are kept as text, who meets what is encoded. Every other patient is
that one with a few facts changed, and is judged like any patient. A clause that is never the only reason to refuse a patient has no
example, and the answer says why.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from itertools import combinations
from string import ascii_lowercase

from solver.engine.answer import EngineVersion
from solver.engine.case import Engine
from solver.engine.clauses import ConditionCache, clauses_in_force, extent
from solver.engine.witnesses.event_entries import told_in_words
from solver.engine.witnesses.witness import REFERENCE_DAY, witness_document
from solver.errors import EngineError
from solver.language.calendar import format_day
from solver.language.domain import point
from solver.language.tree import Compare, Condition, conjunction, negation, variables
from solver.language.types import DateType
from solver.library.models import Clause, Library, Trial
from solver.patient.readers.native.read import read_record
from solver.patient.record import Context, Fact, Record
from solver.questions.examples.answer import Example, JudgedPatient, Reason, Sheet, StartingPatient, Unshown
from solver.questions.examples.example_patients import ExamplePatients
from solver.questions.examples.saved_sheet import patient_verdict
from solver.questions.examples.sweep import Sweep, atoms
from solver.smt import SOLVER
from solver.version import __version__
from solver.work import Budget, OutOfBudget

Shown = Sequence[tuple[Record, bool]]
"""Patients, and whether the clause admits each."""

_AHEAD = 14
"""Days until what is planned."""

_MOST_TOGETHER = 3
"""How many facts are changed together where one is not enough."""


def examples(
    library: Library, trial: Trial, *, as_of: date = REFERENCE_DAY, budget: Budget | None = None
) -> Sheet:
    """The examples of every clause of a trial of the library, in each cohort where it reads differently.

    Raises `EngineError` if a patient is not judged as expected.
    """
    return _SheetSearch(library, trial, as_of.toordinal(), budget).sheet()


class _SheetSearch:
    def __init__(self, library: Library, trial: Trial, as_of: int, budget: Budget | None) -> None:
        self.engine = Engine(library, budget=budget)
        # what is asked of concepts is told by terms here, and written as events in the end
        library = library.with_terms(trial)
        self.library, self.trial, self.as_of = library, trial, as_of
        self.context = Context()
        self.bindings = clauses_in_force(trial, self.context, ConditionCache())
        self.capped = extent(trial, self.context).capped
        self.patients = ExamplePatients(library, Record("start", as_of, {}, self.context), budget)
        self.found: list[Example] = []
        self.unshown: dict[tuple[str, Condition], Unshown] = {}

    def sheet(self) -> Sheet:
        starting, done = [], set[tuple[str, Condition]]()
        for cohort, label in self.trial.cohorts.items():
            start, undecided = self.start(cohort)
            patient = self.judged(start, cohort) if start is not None else None
            starting.append(StartingPatient(cohort, label, patient, undecided))
            if start is not None:
                for name, condition in self.conditions(cohort).items():
                    # a clause that reads the same in several cohorts is shown in the first that can show it
                    if (name, condition) not in done and self.show(cohort, start, name, condition):
                        done.add((name, condition))
        order = {binding.clause.id: i for i, binding in enumerate(self.bindings)}
        return Sheet(
            EngineVersion(__version__, SOLVER, self.library.digest),
            self.trial.nct,
            self.trial.code,
            self.trial.title,
            format_day(self.as_of),
            tuple(starting),
            _with_names(sorted(self.found, key=lambda example: order[example.clause])),
            tuple(sorted(self.unshown.values(), key=lambda unshown: order[unshown.clause])),
            self.trial,
        )

    def show(self, cohort: str, start: Record, name: str, condition: Condition) -> bool:
        """Add the examples of a clause in a cohort, or why it has none there or in a cohort before; whether it has some."""
        others = {other: c for other, c in self.conditions(cohort).items() if other != name}
        shown = _ClauseSearch(self, cohort, name, start).examples()
        self.found.extend(shown)
        if shown:
            self.unshown.pop((name, condition), None)
        elif (name, condition) not in self.unshown:
            self.unshown[name, condition] = self.why(cohort, name, condition, others)
        return bool(shown)

    def conditions(self, cohort: str) -> dict[str, Condition]:
        """The clauses of a cohort, by id."""
        return {b.clause.id: b.conditions[cohort] for b in self.bindings if cohort in b.conditions}

    def clause(self, name: str) -> Clause:
        """The clause with an id."""
        return next(clause for clause in self.trial.clauses if clause.id == name)

    def start(self, cohort: str) -> tuple[Record | None, bool]:
        """The starting patient of a cohort; where cohorts cannot be closed, if possible one whom no other takes.

        None if there is nobody, or, which is the second, where the solver gave up.
        """
        goals = list(self.conditions(cohort).values())
        elsewhere = [
            negation(conjunction(list(self.conditions(other).values())))
            for other in self.trial.cohorts
            if other != cohort and not self.trial.routed
        ]
        try:
            found = self.patients.witness([*goals, *elsewhere], {}) or self.patients.witness(goals, {})
        except OutOfBudget:
            return None, True
        return found and replace(found, id=f"{self.trial.code}-{cohort}"), False

    def why(self, cohort: str, name: str, condition: Condition, others: Mapping[str, Condition]) -> Unshown:
        """Why a clause has no example."""
        core: tuple[str, ...] | None = None
        reason: Reason = "undecided"
        with suppress(OutOfBudget):
            core = self.patients.core(negation(condition), others)
        if core is not None:
            reason = "implied" if core else "vacuous"
        return Unshown(name, cohort, reason, core or (), self.clause(name).label)

    def judged(self, record: Record, cohort: str) -> JudgedPatient:
        """A patient, as read from the document of the record, with the verdicts."""
        document = witness_document(self.library, record, self.engine.budget)
        again = read_record(document, self.library, name=record.id)
        found = patient_verdict(self.engine, self.trial.code, again, cohort)
        cohort_standing = found.cohort_verdict, found.cohort_conflicts
        told = told_in_words(self.library, record.facts)
        shown = replace(again, facts={**again.facts, **told}) if told else again
        return JudgedPatient(document, found.verdict, found.conflicts, *cohort_standing, shown)

    def told(self, cohort: str, records: Shown, name: str) -> tuple[JudgedPatient, ...]:
        """Patients with the verdicts, the other cohorts closed if one of them takes, or might take, a refused one."""
        found = [self.judged(record, cohort) for record, _ in records]
        fits = "undetermined" if cohort in self.capped else "eligible"
        elsewhere = False
        for each, (_, inside) in zip(found, records, strict=True):
            expected = (fits, ()) if inside else ("ineligible", ((name,),))
            if (each.cohort_verdict, each.cohort_conflicts) != expected:
                raise EngineError(f"an example of {name} is not judged as expected")
            elsewhere |= not inside and each.verdict != "ineligible"
        if elsewhere and self.trial.routed and not records[0][0].context.open_cohorts:
            context = Context({self.trial.code: frozenset({cohort})})
            return self.told(cohort, [(replace(r, context=context), inside) for r, inside in records], name)
        return tuple(found)


class _ClauseSearch:
    """The examples of one clause in one cohort."""

    def __init__(self, search: _SheetSearch, cohort: str, name: str, start: Record) -> None:
        self.search, self.cohort, self.name, self.start = search, cohort, name, start
        others = search.conditions(cohort)
        self.condition, self.others = others.pop(name), list(others.values())
        self.patients = search.patients

    def examples(self) -> list[Example]:
        """An example for each part of the clause that can decide by itself, as far as one fact is enough; else one of several facts."""
        found: list[Example] = []
        parts = [part for part in atoms(self.condition) if self.usable(part)]
        shown: set[Condition] = set()
        for attempt in (self.on_start, self.elsewhere):
            for part in parts:
                if part not in shown:
                    for sweep in attempt(part):
                        turn = sweep.boundary(part)
                        if turn is not None:
                            found.append(self.example(sweep.record, (sweep.name,), sweep.shown(turn)))
                            shown |= {each for each in parts if sweep.turns(turn, each)}
                            found.extend(self.planned(part, sweep))
                            break
        return found or self.together()

    def planned(self, part: Condition, sweep: Sweep) -> Iterator[Example]:
        """The same example of a day, with what is meant by the day of evaluation where it is not recorded planned for later."""
        known = self.search.library.variables
        if not isinstance(known[sweep.name].type, DateType):
            return
        for name in known:
            if known[name].absent_as_of and name in variables(part) - {sweep.name}:
                day = Fact(name, point(self.search.as_of + _AHEAD, whole=True), "")
                later = self.sweep(part, self.patients.judged(sweep.record, day, ())[0], sweep.name)
                turn = later.boundary(part)
                if turn is not None:
                    yield self.example(later.record, (sweep.name,), later.shown(turn))

    def usable(self, part: Condition) -> list[str]:
        """The variables of a part that a patient's record can have, those that are asked for first."""
        known = self.search.library.variables
        names = [name for name in known if name in variables(part)]
        return sorted(names, key=lambda name: (known[name].absent_as_of, not known[name].requested))

    def sweep(self, part: Condition, record: Record, name: str, hints: Sequence[Fact] = ()) -> Sweep:
        """Values among which a comparison turns at an exact value: whatever it is compared with is known."""
        if isinstance(part, Compare):
            known = self.search.library.variables
            beside = [each for each in self.usable(part) if each != name and not known[each].absent_as_of]
            record = self.patients.filled(record, beside)
        return Sweep(self.patients, record, name, self.condition, self.others, hints)

    def on_start(self, part: Condition) -> Iterator[Sweep]:
        """The starting patient with other values of one variable."""
        for name in self.usable(part):
            yield self.sweep(part, self.start, name)

    def elsewhere(self, part: Condition) -> Iterator[Sweep]:
        """A patient like the starting one on whom the part can decide by one variable, with other values of it."""
        for name in self.usable(part):
            with suppress(OutOfBudget):
                hinted = self.patients.decisive(self.start, name, part, self.condition, self.others)
                if hinted is not None:
                    yield self.sweep(part, hinted[0], name, hinted[1])

    def together(self) -> list[Example]:
        """One pair of patients who differ in the fewest facts that are enough."""
        try:
            refused = [negation(self.condition), *self.others]
            outside = self.patients.near(self.start, refused)
            if outside is None:
                return []
            names = self.patients.linked(self.condition)
            for size in range(2, _MOST_TOGETHER + 1):
                for chosen in combinations(names, size):
                    pair = self.patients.changed(outside, chosen, [self.condition, *self.others], refused)
                    if pair is not None:
                        changes = self.differing(*pair)
                        return [self.example(pair[0], changes, [(pair[0], True), (pair[1], False)])]
        except OutOfBudget:
            return []
        changes = self.differing(self.start, outside)
        return [self.example(self.start, changes, [(self.start, True), (outside, False)])]

    def differing(self, one: Record, other: Record) -> tuple[str, ...]:
        """The variables of which two records say different things."""
        known = self.search.library.variables
        return tuple(name for name in known if _said_of(one, name) != _said_of(other, name))

    def example(self, record: Record, changes: tuple[str, ...], patients: Shown) -> Example:
        setup = tuple(name for name in self.differing(self.start, record) if name not in changes)
        clause, cohorts = self.search.clause(self.name), self.search.trial.cohorts
        return Example(
            self.name,
            clause.label,
            clause.source,
            clause.logic.get(self.cohort) or clause.logic.get("", ""),
            self.cohort,
            changes,
            setup,
            self.search.told(self.cohort, patients, self.name),
            everywhere=not clause.by_cohort and len(clause.conditions) == len(cohorts),
        )


def _with_names(found: Sequence[Example]) -> tuple[Example, ...]:
    """The examples with names for their patients: the clause, the number of the example, and a letter."""
    counts = Counter[str]()
    named = []
    for example in found:
        counts[example.clause] += 1
        patients = []
        for letter, each in zip(ascii_lowercase, example.patients, strict=False):
            name = f"{example.clause}-{counts[example.clause]}{letter}"
            document, record = {**each.document, "id": name}, replace(each.record, id=name)
            patients.append(replace(each, document=document, record=record))
        named.append(replace(example, patients=tuple(patients)))
    return tuple(named)


def _said_of(record: Record, name: str) -> object:
    fact = record.facts.get(name)
    return None if fact is None else (fact.domain, fact.values)
