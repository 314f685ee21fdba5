"""A trial under check: its clauses as they bind a patient while every cohort is open, and their parts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from solver.engine.clauses import ConditionCache, clauses_in_force
from solver.language.tree import Condition
from solver.library.beside import Place
from solver.library.files.yaml_places import Document
from solver.library.models import Clause, Library, Trial
from solver.patient.record import Context
from solver.questions.check.answer import FindingPlace
from solver.questions.check.parts import Anatomy, Part, Parts
from solver.questions.check.proofs import Named

_BEGINNING = Place(1, 1, 1, 1)


@dataclass(frozen=True, slots=True)
class Source:
    """A trial with the file that it was compiled from; `name` is how the file is called in findings."""

    trial: Trial
    document: Document
    name: str


@dataclass(frozen=True, slots=True)
class Criterion:
    """A clause with logic, the condition that it puts on each cohort while every cohort is open, and its parts."""

    clause: Clause
    conditions: Mapping[str, Condition]
    parts: Parts

    @property
    def id(self) -> str:
        """The clause's id."""
        return self.clause.id


class TrialView:
    """A trial whose clauses are looked at under their first readings, with those from secondary sources beside them.

    `texts` are the objective clauses of each cohort that are kept as text: they may refuse anyone.
    """

    def __init__(self, library: Library, source: Source) -> None:
        self.library, self.source, self.trial = library, source, source.trial
        self.cache = ConditionCache()
        anatomy = Anatomy(library, source.trial, source.document)
        context = Context(secondary_sources=True)
        self.criteria = tuple(
            Criterion(binding.clause, binding.conditions, anatomy.of(binding.clause))
            for binding in clauses_in_force(source.trial, context, self.cache)
        )
        self.cohorts = tuple(source.trial.cohorts)
        capped = self.cache.extent(source.trial, context).capped
        self.texts = {cohort: frozenset(capped.get(cohort, ())) for cohort in self.cohorts}
        self._clauses = {clause.id: clause for clause in source.trial.clauses}

    def place(self, name: str | None = None, at: Place | None = None) -> FindingPlace:
        """Where a clause stands, or the part of it that stands `at` another place; without either, the beginning of the file."""
        clause = None if name is None else self._clauses[name]
        own = clause.place if clause else _BEGINNING
        place = at or own
        assert place is not None
        return FindingPlace.of(self.source.name, place, clause)

    def named(self, cohort: str, left_out: Collection[str] = (), *, secondary: bool = False) -> list[Named]:
        """The clauses that bind a cohort but for some; those of secondary sources only if asked for."""
        return [
            (criterion.id, criterion.conditions[cohort])
            for criterion in self.criteria
            if cohort in criterion.conditions
            and criterion.id not in left_out
            and (secondary or criterion.clause.secondary is None)
        ]

    def no_more_texts(self, cohort: str, other: str) -> bool:
        """Whether all that a cohort keeps as text binds another one as well."""
        return self.texts[cohort] <= self.texts[other]

    def without(self, part: Part) -> dict[str, Condition]:
        """A clause without one of its parts, by cohort, while every cohort is open."""
        return {cohort: self.cache.opened(condition, True) for cohort, condition in part.without.items()}

    def in_words(self, cohorts: Collection[str]) -> str:
        """Which cohorts, where it is not all: ` in cohort X`."""
        if len(cohorts) == len(self.cohorts):
            return ""
        return f" in cohort{'s' * (len(cohorts) > 1)} {', '.join(cohorts)}"
