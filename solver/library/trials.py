"""Compiling one trial file: its clauses, by cohort and by reading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from solver.errors import did_you_mean
from solver.language.arithmetic import CriterionError
from solver.language.tree import (
    TRUE,
    And,
    Complete,
    Condition,
    Contains,
    ListSize,
    Node,
    Or,
    conjunction,
    implication,
    negation,
    variables,
    walk,
)
from solver.language.values import Scope
from solver.library.beside import Acknowledgement, CohortState, Place, TrialNotice
from solver.library.enrolment import EnrolmentCompiler
from solver.library.files.file_faults import FilePart
from solver.library.files.file_limits import MOST_LOGIC
from solver.library.models import Clause, Reading, Trial
from solver.library.policies import PolicyCompiler
from solver.library.readings import key_of, parts_of, unsaid

if TYPE_CHECKING:  # see `shape_outline`
    from solver.library.files.trial_file import AlternativeShape, ClauseShape, CohortStateShape, TrialFile

_EXPRESSIONS = ("when", "unless", "require")


def _denies_of_list(condition: Node) -> bool:
    """Whether the condition may hold because of what a list does not hold, or how long it is."""
    if isinstance(condition, And | Or):
        return any(map(_denies_of_list, condition.conditions))
    about = (part for part in walk(condition) if isinstance(part, Complete | Contains | ListSize))
    return not isinstance(condition, Contains) and any(about)


class TrialCompiler:
    """Compiles `shape`, which is what a file holds; faults are noted there, and `mentioned` is what its conditions speak of.

    `compiled` are conditions by their texts, as they mean in this scope and as far as they ask nothing of concepts: those `before`, which
    are not compiled again, and those of the trial.
    """

    def __init__(
        self,
        file: FilePart,
        shape: TrialFile,
        scope: Scope,
        policies: PolicyCompiler,
        before: Mapping[str, Condition] = MappingProxyType({}),
    ) -> None:
        self.file, self.shape, self.scope, self.policies = file, shape, scope, policies
        self.routing_scope, self.parts = replace(scope, routing=True), 0
        self.mentioned: set[str] = set()
        self.compiled: dict[str, Condition] = {}
        self._before = before

    def trial(self) -> Trial:
        """The compiled trial; worth using only if no fault was added."""
        shape = self.shape
        readings = {
            each.id: Reading(**each.copied("id", "text", "switch", "choose_one")) for each in shape.readings
        }
        if not shape.cohorts:
            self.file.fault("a trial has at least one cohort", "cohorts")
        self._check_unique("clauses", [clause.id for clause in shape.clauses])
        self._check_unique("readings", [reading.id for reading in shape.readings])
        clauses = tuple(self._compiled_clause(i, clause, readings) for i, clause in enumerate(shape.clauses))
        self._check_switches(clauses, readings)
        self._check_bound(clauses)
        return Trial(
            **shape.copied("code", "title", "intervention", "recruitment"),
            nct=shape.trial,
            recruitment_note=shape.recruitment_note or "",
            partial=shape.criteria == "partial",
            sources={source.id: source.text for source in shape.sources},
            cohorts={cohort: value.label for cohort, value in shape.cohorts.items()},
            clauses=clauses,
            readings=readings,
            unpublished={f"{shape.code}.{item.id}": item.text for item in shape.unpublished},
            notices=tuple(
                TrialNotice(
                    each.id, each.text, self._applies_when(self.file.at("notices", i), each.when), each.safety
                )
                for i, each in enumerate(shape.notices)
            ),
            enrolment=EnrolmentCompiler(
                self.file.at("enrolment"), shape.enrolment, self.scope.variables
            ).enrolment(),
            acknowledged=self._acknowledged_findings(),
            file=Path(self.file.document.name).name,
            states={
                cohort: tuple(
                    self._cohort_state(cohort, i, state) for i, state in enumerate(value.recruitment)
                )
                for cohort, value in shape.cohorts.items()
                if value.recruitment
            },
        )

    def _cohort_state(self, cohort: str, index: int, shape: CohortStateShape) -> CohortState:
        """What is known of a cohort's recruitment; what comes after a state of every patient can never apply."""
        part = self.file.at("cohorts", cohort, "recruitment", index)
        earlier = self.shape.cohorts[cohort].recruitment[:index]
        if any(other.when is None for other in earlier):
            part.fault("an earlier state has no 'when' and holds for everyone: put it last")
        logic = " ".join((shape.when or "").split())
        when = self._applies_when(part, shape.when)
        return CohortState(shape.state, shape.note, shape.source or "", when, logic)

    def _applies_when(self, part: FilePart, when: str | None) -> Condition:
        """When something is said beside an answer. It may ask for what a list holds, and not for what it does not: lists are open."""
        if when is None:
            return TRUE
        condition = self._compiled_condition(part.at("when"), replace(self.scope, lists=True))
        if _denies_of_list(condition):
            message = "a list is open, so that nothing follows from what is not in it: ask for what it contains only"
            part.fault(message, "when")
        return condition

    def _acknowledged_findings(self) -> tuple[Acknowledgement, ...]:
        known = [clause.id for clause in self.shape.clauses]
        found = []
        for i, shape in enumerate(self.shape.acknowledged):
            at = self.file.at("acknowledged", i)
            for j, name in enumerate(shape.clauses):
                if name not in known:
                    at.fault(f"unknown clause '{name}'{did_you_mean(name, known)}", "clauses", j)
            clauses = tuple(f"{self.shape.code}.{name}" for name in shape.clauses)
            part = " ".join(shape.part.split()) if shape.part else None
            found.append(Acknowledgement(shape.finding, clauses, shape.reason, part, _place_of(at)))
        return tuple(found)

    def _check_unique(self, key: str, ids: list[str]) -> None:
        for i, name in enumerate(ids):
            if name in ids[:i]:
                self.file.fault(f"the id '{name}' is used twice", key, i, "id")

    def _compiled_condition(self, part: FilePart, scope: Scope) -> Condition:
        # the same text gives the same object, whether it was there before or not
        condition = self.compiled.get(part.text, self._before.get(part.text)) if scope is self.scope else None
        if condition is None:
            condition = part.condition(scope)
        if condition is None:
            return TRUE
        mentioned = variables(condition)
        self.mentioned |= mentioned
        if scope is self.scope and mentioned.isdisjoint(scope.terms):
            self.compiled[part.text] = condition
        before, self.parts = self.parts, self.parts + sum(1 for _ in walk(condition))
        if before <= MOST_LOGIC < self.parts:
            part.fault(f"from here on the trial has more than {MOST_LOGIC:,} parts of conditions: split it")
        return condition

    def _compiled_clause(self, index: int, shape: ClauseShape, readings: Mapping[str, Reading]) -> Clause:
        part = self.file.at("clauses", index)
        scope = self.routing_scope if shape.routing else self.scope
        places = _given_places(part, shape)
        conditions: dict[str, Condition] = {}
        logic: dict[str, str] = {}
        bound: tuple[str, ...] = ()
        if shape.opaque is not None:
            if places.keys() & set(_EXPRESSIONS) or isinstance(shape.cohorts, dict):
                part.fault(f"clause '{shape.id}' is opaque and cannot have logic as well")
            bound = tuple(self._named_cohorts(places))
        else:
            conditions, logic = self._compiled_logic(places, scope, part)
        alternatives: dict[str, Mapping[str, Condition] | None] = {}
        other_logic: dict[str, Mapping[str, str]] = {}
        for reading, other in shape.readings.items():
            at = part.at("readings", reading)
            for name in parts_of(reading):
                self._check_switch(name, at, readings)
            key = key_of(parts_of(reading), readings)
            own = _given_places(at, other)
            if other.drop:
                alternatives[key], other_logic[key] = None, {}
                continue
            if not own:
                at.fault("a second reading says what changes, or 'drop: true'")
            alternatives[key], other_logic[key] = self._compiled_logic({**places, **own}, scope, part)
        for fault in unsaid(conditions, alternatives, readings):
            part.fault(f"clause '{shape.id}' {fault}", "readings")
        if shape.secondary is not None and shape.secondary not in readings:
            part.fault(self._no_reading(shape.secondary, readings), "secondary")
        return Clause(
            **shape.copied("label", "source", "changes", "routing", "secondary", "note"),
            id=f"{self.shape.code}.{shape.id}",
            judgement=shape.class_,
            conditions=conditions,
            alternatives=alternatives,
            logic=logic,
            other_logic=other_logic,
            opaque=shape.opaque is not None,
            opaque_in=bound,
            text=" ".join(shape.opaque.split()) if shape.opaque is not None else None,
            policy=self.policies.of_clause(part, shape),
            guard=self._guard_of(places, scope) if places.keys() & {"when", "unless"} else None,
            place=_place_of(part),
        )

    def _guard_of(self, places: Mapping[str, FilePart], scope: Scope) -> Condition | None:
        """Whom a clause is about; None where that cannot be read, which is a fault already."""
        parts = {}
        for key in places.keys() & {"when", "unless"}:
            text = places[key].text
            if scope is self.scope and text in self.compiled:
                parts[key] = self.compiled[text]
                continue
            from solver.language.elaborate import compile_condition

            try:
                parts[key] = compile_condition(text, scope)
            except CriterionError:
                return None
        return _guard_from(parts)

    def _compiled_logic(
        self, places: Mapping[str, FilePart], scope: Scope, part: FilePart
    ) -> tuple[dict[str, Condition], dict[str, str]]:
        """The condition of each cohort that the clause binds, and its text."""
        cohorts = self._named_cohorts(places)
        if isinstance(cohorts, dict):
            return self._logic_by_cohort(cohorts, places, scope, part)
        if "require" not in places:
            part.fault("a clause needs 'require', a map 'cohorts', or 'opaque'")
            return {}, {}
        given = [key for key in _EXPRESSIONS if key in places]
        parts = {key: self._compiled_condition(places[key], scope) for key in given}
        condition = implication(_guard_from(parts), parts["require"])
        text = "; ".join(f"{key} {' '.join(str(_data_of(places[key])).split())}" for key in given)
        return dict.fromkeys(cohorts, condition), {"": text.removeprefix("require ")}

    def _named_cohorts(self, places: Mapping[str, FilePart]) -> dict[str, str] | list[str]:
        """The cohorts that a clause names, or all of them."""
        if "cohorts" not in places:
            return list(self.shape.cohorts)
        part = places["cohorts"]
        cohorts = _data_of(part)
        for i, cohort in enumerate(cohorts):
            if cohort not in self.shape.cohorts:
                key = cohort if isinstance(cohorts, dict) else i
                part.fault(f"unknown cohort '{cohort}'{did_you_mean(cohort, self.shape.cohorts)}", key)
        if not cohorts:
            message = "a clause that binds no cohort is never asked: name its cohorts, or leave 'cohorts' out to bind all"
            part.fault(message)
        return cohorts

    def _logic_by_cohort(
        self, cohorts: dict[str, str], places: Mapping[str, FilePart], scope: Scope, part: FilePart
    ) -> tuple[dict[str, Condition], dict[str, str]]:
        if places.keys() & set(_EXPRESSIONS):
            part.fault("a clause with one expression a cohort has no 'require', 'when' or 'unless'")
        conditions = {
            cohort: self._compiled_condition(places["cohorts"].at(cohort), scope)
            for cohort in cohorts
            if cohort in self.shape.cohorts
        }
        return conditions, {cohort: " ".join(text.split()) for cohort, text in cohorts.items()}

    def _check_switch(self, reading: str, part: FilePart, readings: Mapping[str, Reading]) -> None:
        if reading not in readings:
            part.fault(self._no_reading(reading, readings))
        elif not readings[reading].switch:
            part.fault(f"the reading '{reading}' is declared without 'switch: true'")

    def _no_reading(self, name: str, readings: Mapping[str, Reading]) -> str:
        return f"unknown reading '{name}'{did_you_mean(name, readings)}; declare it under 'readings'"

    def _check_bound(self, clauses: tuple[Clause, ...]) -> None:
        """A cohort that no clause binds would take everybody."""
        if not clauses:
            remedy = "write its criteria, with 'opaque' what has no logic yet"
            self.file.fault(f"a trial without a clause takes everybody: {remedy}", "clauses")
            return
        for cohort in self.shape.cohorts:
            if not any(clause.binds(cohort) for clause in clauses):
                message = (
                    f"no clause binds cohort '{cohort}', so that it takes everybody: name the cohort "
                    "under 'cohorts' of its clauses, with 'opaque' what has no logic yet, or take it out"
                )
                self.file.fault(message, "cohorts", cohort)

    def _check_switches(self, clauses: tuple[Clause, ...], readings: Mapping[str, Reading]) -> None:
        used = {name for clause in clauses for key in clause.alternatives for name in parts_of(key)}
        for i, reading in enumerate(readings.values()):
            if reading.switch and reading.id not in used:
                self.file.fault(f"no clause has a second reading '{reading.id}'", "readings", i)


def _given_places(part: FilePart, shape: ClauseShape | AlternativeShape) -> dict[str, FilePart]:
    """Where a clause, or a second reading of one, says whom it binds to what."""
    keys = (*_EXPRESSIONS, "cohorts")
    return {key: part.at(key) for key in keys if getattr(shape, key) is not None}


def _guard_from(parts: Mapping[str, Condition]) -> Condition:
    unless = negation(parts["unless"]) if "unless" in parts else TRUE
    return conjunction([parts.get("when", TRUE), unless])


def _place_of(part: FilePart) -> Place:
    return Place(*part.document.region(part.path))


def _data_of(part: FilePart) -> dict[str, str] | list[str]:
    value = part.document.data
    for step in part.path:
        value = value[step]
    return value  # type: ignore[no-any-return]
