"""Examples of a trial's clauses: patients just inside and just outside, who differ in one fact and meet every other clause.

Each cohort has a starting patient, who is eligible; where criteria are kept as text, who meets what is encoded. Every other patient is
that one with a few facts changed, and is judged like any patient. A clause that is never the only reason to refuse a patient has no
example, and the answer says why.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations
from string import ascii_lowercase
from typing import Literal

from solver.engine.case import Engine
from solver.engine.clauses import ConditionCache, clauses_in_force, extent
from solver.engine.witnesses.witness import REFERENCE_DAY
from solver.errors import EngineError
from solver.language.domain import point
from solver.language.tree import Compare, Condition, conjunction, negation, variables
from solver.language.types import DateType
from solver.library.models import Library, Trial
from solver.patient.readers.native.read import read_record
from solver.patient.record import Context, Fact, Record
from solver.patient.write import record_document
from solver.questions.examples.example_patients import Profiles
from solver.questions.examples.saved_sheet import Standing, standing
from solver.questions.examples.sweep import Line, atoms
from solver.work import Budget, OutOfBudget

_AHEAD = 14
"""Days until what is planned."""

_MOST_TOGETHER = 3
"""How many facts are changed together where one is not enough."""


Reason = Literal["vacuous", "implied", "undecided"]


@dataclass(frozen=True, slots=True)
class Judged:
    """A patient, and how the patient stands for the trial and one of its cohorts."""

    record: Record
    standing: Standing


@dataclass(frozen=True, slots=True)
class Example:
    """Patients who differ in `changes` alone, some admitted to the cohort and some refused by this clause and by no other.

    They are in the order of the values of what changes; `setup` are the other facts in which they differ from the starting patient.
    """

    clause: str
    cohort: str
    changes: tuple[str, ...]
    setup: tuple[str, ...]
    patients: tuple[Judged, ...]


@dataclass(frozen=True, slots=True)
class Unshown:
    """A clause without an example in a cohort.

    It is `vacuous` if nobody fails it, `implied` if whoever fails it fails some of `others` as well, a minimal set, and `undecided` where
    the solver gave up or no patient was found.
    """

    clause: str
    cohort: str
    why: Reason
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """The examples of one trial.

    `starts` are the starting patients by cohort; None where nobody can enter it, or, of those in `undecided`, where the solver gave up.
    """

    trial: Trial
    as_of: int
    encodings: str
    starts: Mapping[str, Judged | None]
    undecided: tuple[str, ...]
    examples: tuple[Example, ...]
    unshown: tuple[Unshown, ...]


def examples(
    library: Library, trial: Trial, *, as_of: date = REFERENCE_DAY, budget: Budget | None = None
) -> Sheet:
    """The examples of every clause of a trial of the library, in each cohort where it reads differently.

    Raises `EngineError` if a patient is not judged as expected.
    """
    return _Search(library, trial, as_of.toordinal(), budget).sheet()


class _Search:
    def __init__(self, library: Library, trial: Trial, as_of: int, budget: Budget | None) -> None:
        self.library, self.trial, self.as_of = library, trial, as_of
        self.engine = Engine(library, budget=budget)
        self.context = Context()
        self.bindings = clauses_in_force(trial, self.context, ConditionCache())
        self.capped = extent(trial, self.context).capped
        self.profiles = Profiles(library, Record("start", as_of, {}, self.context), budget)
        self.starts: dict[str, Judged | None] = {}
        self.undecided: list[str] = []
        self.found: list[Example] = []
        self.unshown: dict[tuple[str, Condition], Unshown] = {}

    def sheet(self) -> Sheet:
        done: dict[tuple[str, Condition], str] = {}
        for cohort in self.trial.cohorts:
            clauses = self.clauses(cohort)
            start = self.start(cohort, clauses)
            if start is not None:
                start = replace(start, id=f"{self.trial.code}-{cohort}")
            self.starts[cohort] = self.judged(start, cohort) if start is not None else None
            for name, condition in clauses.items():
                if start is None or (name, condition) in done:
                    continue
                others = {other: c for other, c in clauses.items() if other != name}
                shown = _Clause(self, cohort, name, condition, others, start).examples()
                self.found.extend(shown)
                if shown:
                    done[name, condition] = cohort
                    self.unshown.pop((name, condition), None)
                elif (name, condition) not in self.unshown:
                    self.unshown[name, condition] = self.why(cohort, name, condition, others)
        order = {binding.clause.id: i for i, binding in enumerate(self.bindings)}
        return Sheet(
            self.trial,
            self.as_of,
            self.library.digest,
            self.starts,
            tuple(self.undecided),
            _named(sorted(self.found, key=lambda example: order[example.clause])),
            tuple(sorted(self.unshown.values(), key=lambda unshown: order[unshown.clause])),
        )

    def clauses(self, cohort: str) -> dict[str, Condition]:
        """The clauses of a cohort, by id."""
        return {b.clause.id: b.conditions[cohort] for b in self.bindings if cohort in b.conditions}

    def start(self, cohort: str, clauses: Mapping[str, Condition]) -> Record | None:
        """The starting patient of a cohort; where cohorts cannot be closed, if possible one whom no other takes."""
        goals = list(clauses.values())
        elsewhere = [
            negation(conjunction(list(self.clauses(other).values())))
            for other in self.trial.cohorts
            if other != cohort and not self.trial.routed
        ]
        try:
            return self.profiles.witness([*goals, *elsewhere], {}) or self.profiles.witness(goals, {})
        except OutOfBudget:
            self.undecided.append(cohort)
            return None

    def why(self, cohort: str, name: str, condition: Condition, others: Mapping[str, Condition]) -> Unshown:
        """Why a clause has no example."""
        try:
            core = self.profiles.core(negation(condition), others)
        except OutOfBudget:
            core = None
        if core is None:
            return Unshown(name, cohort, "undecided")
        return Unshown(name, cohort, "implied" if core else "vacuous", core)

    def judged(self, record: Record, cohort: str) -> Judged:
        """A patient, as read from the document of the record, with the verdicts."""
        again = read_record(record_document(record, self.library), self.library, name=record.id)
        return Judged(again, standing(self.engine, self.trial.code, again, cohort))

    def told(self, cohort: str, records: Sequence[tuple[Record, bool]], name: str) -> tuple[Judged, ...]:
        """Patients with the verdicts, the other cohorts closed if one of them takes, or might take, a refused one."""
        found = [self.judged(record, cohort) for record, _ in records]
        for each, (_, inside) in zip(found, records, strict=True):
            fits = "undetermined" if cohort in self.capped else "eligible"
            expected = (fits, ()) if inside else ("ineligible", ((name,),))
            if (each.standing.cohort_verdict, each.standing.cohort_conflicts) != expected:
                raise EngineError(f"an example of {name} is not judged as expected")
        elsewhere = any(
            each.standing.verdict != "ineligible"
            for each, (_, inside) in zip(found, records, strict=True)
            if not inside
        )
        if elsewhere and self.trial.routed and not records[0][0].context.open_cohorts:
            context = Context({self.trial.code: frozenset({cohort})})
            return self.told(cohort, [(replace(r, context=context), inside) for r, inside in records], name)
        return tuple(found)


class _Clause:
    """The examples of one clause in one cohort."""

    def __init__(
        self,
        search: _Search,
        cohort: str,
        name: str,
        condition: Condition,
        others: Mapping[str, Condition],
        start: Record,
    ) -> None:
        self.search, self.cohort, self.name, self.start = search, cohort, name, start
        self.condition, self.others = condition, list(others.values())
        self.profiles = search.profiles

    def examples(self) -> list[Example]:
        """An example for each part of the clause that can decide by itself, as far as one fact is enough; else one of several facts."""
        found: list[Example] = []
        parts = [part for part in atoms(self.condition) if self.usable(part)]
        shown: set[Condition] = set()
        for attempt in (self.on_start, self.elsewhere):
            for part in parts:
                if part not in shown:
                    for line in attempt(part):
                        edge = line.edge(part)
                        if edge is not None:
                            found.append(self.example(line.record, (line.name,), line.shown(edge)))
                            shown |= {each for each in parts if line.turns(edge, each)}
                            found.extend(self.planned(part, line))
                            break
        return found or self.together()

    def planned(self, part: Condition, line: Line) -> Iterator[Example]:
        """The same example of a day, with what is meant by the day of evaluation where it is not recorded planned for later."""
        known = self.search.library.variables
        if not isinstance(known[line.name].type, DateType):
            return
        for name in known:
            if known[name].absent_as_of and name in variables(part) - {line.name}:
                day = Fact(name, point(self.search.as_of + _AHEAD, whole=True), "")
                later = self.line(part, self.profiles.judged(line.record, day, ())[0], line.name)
                edge = later.edge(part)
                if edge is not None:
                    yield self.example(later.record, (line.name,), later.shown(edge))

    def usable(self, part: Condition) -> list[str]:
        """The variables of a part that a patient's record can have, those that are asked for first."""
        known = self.search.library.variables
        names = [name for name in known if name in variables(part)]
        return sorted(names, key=lambda name: (known[name].absent_as_of, not known[name].requested))

    def line(self, part: Condition, record: Record, name: str, hints: Sequence[Fact] = ()) -> Line:
        """A line on which a comparison turns at an exact value: whatever it is compared with is known."""
        if isinstance(part, Compare):
            known = self.search.library.variables
            beside = [each for each in self.usable(part) if each != name and not known[each].absent_as_of]
            record = self.profiles.filled(record, beside)
        return Line(self.profiles, record, name, self.condition, self.others, hints)

    def on_start(self, part: Condition) -> Iterator[Line]:
        """The starting patient with other values of one variable."""
        for name in self.usable(part):
            yield self.line(part, self.start, name)

    def elsewhere(self, part: Condition) -> Iterator[Line]:
        """A patient like the starting one on whom the part can decide by one variable, with other values of it."""
        for name in self.usable(part):
            with suppress(OutOfBudget):
                hinted = self.profiles.decisive(self.start, name, part, self.condition, self.others)
                if hinted is not None:
                    yield self.line(part, hinted[0], name, hinted[1])

    def together(self) -> list[Example]:
        """One pair of patients who differ in the fewest facts that are enough."""
        try:
            outside = self.profiles.near(self.start, [negation(self.condition), *self.others])
            if outside is None:
                return []
            names = self.profiles.linked(self.condition)
            for size in range(2, _MOST_TOGETHER + 1):
                for chosen in combinations(names, size):
                    pair = self.profiles.changed(outside, chosen, [self.condition, *self.others])
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
        return tuple(name for name in known if _said(one, name) != _said(other, name))

    def example(
        self, record: Record, changes: tuple[str, ...], patients: Sequence[tuple[Record, bool]]
    ) -> Example:
        setup = tuple(name for name in self.differing(self.start, record) if name not in changes)
        told = self.search.told(self.cohort, patients, self.name)
        return Example(self.name, self.cohort, changes, setup, told)


def _named(found: Sequence[Example]) -> tuple[Example, ...]:
    """The examples with names for their patients: the clause, the number of the example, and a letter."""
    counts: dict[str, int] = {}
    named = []
    for example in found:
        number = counts[example.clause] = counts.get(example.clause, 0) + 1
        patients = tuple(
            replace(each, record=replace(each.record, id=f"{example.clause}-{number}{letter}"))
            for letter, each in zip(ascii_lowercase, example.patients, strict=False)
        )
        named.append(replace(example, patients=patients))
    return tuple(named)


def _said(record: Record, name: str) -> object:
    fact = record.facts.get(name)
    return None if fact is None else (fact.domain, fact.values)
