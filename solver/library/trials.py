"""Compiling one trial file: its clauses, by cohort and by reading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from solver.errors import did_you_mean
from solver.language.arithmetic import CriterionError
from solver.language.elaborate import compile_condition
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
    walk,
)
from solver.language.values import Scope
from solver.library.acknowledged import Acknowledgement, Place
from solver.library.beside import CohortState, TrialNotice
from solver.library.enrolment import EnrolmentCompiler
from solver.library.files.limits import MOST_LOGIC
from solver.library.files.trial_file import AlternativeShape, ClauseShape, CohortStateShape, TrialFile
from solver.library.files.yaml_places import Document, PathInFile
from solver.library.models import Clause, Reading, Trial
from solver.library.policies import PolicyCompiler
from solver.library.readings import key_of, parts_of, unsaid

_EXPRESSIONS = ("when", "unless", "require")


def _denies_of_list(condition: Node) -> bool:
    """Whether the condition may hold because of what a list does not hold, or how long it is."""
    if isinstance(condition, And | Or):
        return any(map(_denies_of_list, condition.conditions))
    about = (part for part in walk(condition) if isinstance(part, Complete | Contains | ListSize))
    return not isinstance(condition, Contains) and any(about)


class TrialCompiler:
    """Compiles `shape`, read from `document`; faults are appended to `faults`, one line each with its place."""

    def __init__(
        self, document: Document, shape: TrialFile, scope: Scope, faults: list[str], policies: PolicyCompiler
    ) -> None:
        self.document, self.shape, self.faults, self.policies = document, shape, faults, policies
        self.scope, self.parts = scope, 0
        self.routing_scope = Scope(
            scope.variables, scope.definitions, scope.classes, routing=True, suggest=scope.suggest
        )

    def trial(self) -> Trial:
        """The compiled trial; worth using only if no fault was added."""
        shape = self.shape
        readings = {
            reading.id: Reading(reading.id, reading.text, reading.switch, reading.choose_one)
            for reading in shape.readings
        }
        if not shape.cohorts:
            self._fault(("cohorts",), "a trial has at least one cohort")
        self._unique("clauses", [clause.id for clause in shape.clauses])
        self._unique("readings", [reading.id for reading in shape.readings])
        clauses = tuple(self._clause(i, clause, readings) for i, clause in enumerate(shape.clauses))
        self._unused_switches(clauses, readings)
        self._unbound(clauses)
        return Trial(
            nct=shape.trial,
            code=shape.code,
            title=shape.title,
            intervention=shape.intervention,
            recruitment=shape.recruitment,
            recruitment_note=shape.recruitment_note or "",
            partial=shape.criteria == "partial",
            sources={source.id: source.text for source in shape.sources},
            cohorts={cohort: value.label for cohort, value in shape.cohorts.items()},
            clauses=clauses,
            readings=readings,
            unpublished={f"{shape.code}.{item.id}": item.text for item in shape.unpublished},
            notices=tuple(
                TrialNotice(
                    notice.id, notice.text, self._applies(("notices", i, "when"), notice.when), notice.safety
                )
                for i, notice in enumerate(shape.notices)
            ),
            enrolment=EnrolmentCompiler(
                self.document, shape.enrolment, self.scope.variables, self.faults
            ).enrolment(),
            acknowledged=self._acknowledged(),
            file=Path(self.document.name).name,
            states={
                cohort: tuple(self._state(cohort, i, state) for i, state in enumerate(value.recruitment))
                for cohort, value in shape.cohorts.items()
                if value.recruitment
            },
        )

    def _state(self, cohort: str, index: int, shape: CohortStateShape) -> CohortState:
        """What is known of a cohort's recruitment; what comes after a state of every patient can never apply."""
        path: PathInFile = ("cohorts", cohort, "recruitment", index)
        earlier = self.shape.cohorts[cohort].recruitment[:index]
        if any(other.when is None for other in earlier):
            self._fault(path, "an earlier state has no 'when' and holds for everyone: put it last")
        logic = " ".join((shape.when or "").split())
        when = self._applies((*path, "when"), shape.when)
        return CohortState(shape.state, shape.note, shape.source or "", when, logic)

    def _applies(self, path: PathInFile, when: str | None) -> Condition:
        """When something is said beside an answer. It may ask for what a list holds, and not for what it does not: lists are open."""
        if when is None:
            return TRUE
        condition = self._compile(path, replace(self.scope, lists=True))
        if _denies_of_list(condition):
            self._fault(
                path,
                "a list is open, so that nothing follows from what is not in it: ask for what it contains only",
            )
        return condition

    def _acknowledged(self) -> tuple[Acknowledgement, ...]:
        known = [clause.id for clause in self.shape.clauses]
        found = []
        for i, shape in enumerate(self.shape.acknowledged):
            path: PathInFile = ("acknowledged", i)
            for j, name in enumerate(shape.clauses):
                if name not in known:
                    message = f"unknown clause '{name}'{did_you_mean(name, known)}"
                    self._fault((*path, "clauses", j), message)
            clauses = tuple(f"{self.shape.code}.{name}" for name in shape.clauses)
            part = " ".join(shape.part.split()) if shape.part else None
            place = Place(*self.document.region(path))
            found.append(Acknowledgement(shape.finding, clauses, shape.reason, part, place))
        return tuple(found)

    def _fault(self, path: PathInFile, message: str) -> None:
        self.faults.append(f"{self.document.place(path)}: {message}")

    def _unique(self, key: str, ids: list[str]) -> None:
        for i, name in enumerate(ids):
            if name in ids[:i]:
                self._fault((key, i, "id"), f"the id '{name}' is used twice")

    def _compile(self, path: PathInFile, scope: Scope) -> Condition:
        text = self.document.expression(path)[0]
        try:
            condition = compile_condition(text, scope)
        except CriterionError as error:
            self.faults.append(self.document.fault(path, error))
            return TRUE
        before, self.parts = self.parts, self.parts + sum(1 for _ in walk(condition))
        if before <= MOST_LOGIC < self.parts:
            self._fault(
                path, f"from here on the trial has more than {MOST_LOGIC:,} parts of conditions: split it"
            )
        return condition

    def _clause(self, index: int, shape: ClauseShape, readings: Mapping[str, Reading]) -> Clause:
        path: PathInFile = ("clauses", index)
        scope = self.routing_scope if shape.routing else self.scope
        places: dict[str, PathInFile] = {
            key: (*path, key) for key in (*_EXPRESSIONS, "cohorts") if getattr(shape, key) is not None
        }
        conditions: dict[str, Condition] = {}
        logic: dict[str, str] = {}
        bound: tuple[str, ...] = ()
        if shape.opaque is not None:
            if places.keys() & set(_EXPRESSIONS) or isinstance(shape.cohorts, dict):
                self._fault(path, f"clause '{shape.id}' is opaque and cannot have logic as well")
            bound = tuple(self._cohorts(places))
        else:
            conditions, logic = self._logic(places, scope, path)
        alternatives: dict[str, Mapping[str, Condition] | None] = {}
        other_logic: dict[str, Mapping[str, str]] = {}
        for reading, other in shape.readings.items():
            for name in parts_of(reading):
                self._known_switch(name, (*path, "readings", reading), readings)
            changed = self._alternative(reading, other, places, scope, path)
            key = key_of(parts_of(reading), readings)
            alternatives[key] = changed[0] if changed else None
            other_logic[key] = changed[1] if changed else {}
        for fault in unsaid(conditions, alternatives, readings):
            self._fault((*path, "readings"), f"clause '{shape.id}' {fault}")
        if shape.secondary is not None and shape.secondary not in readings:
            self._fault((*path, "secondary"), self._no_reading(shape.secondary, readings))
        return Clause(
            id=f"{self.shape.code}.{shape.id}",
            label=shape.label,
            source=shape.source,
            judgement=shape.class_,
            changes=shape.changes,
            conditions=conditions,
            alternatives=alternatives,
            logic=logic,
            other_logic=other_logic,
            routing=shape.routing,
            secondary=shape.secondary,
            opaque=shape.opaque is not None,
            opaque_in=bound,
            text=" ".join(shape.opaque.split()) if shape.opaque is not None else None,
            note=shape.note,
            policy=self.policies.of_clause(self.document, path, shape),
            guard=self._guard(places, scope) if places.keys() & {"when", "unless"} else None,
            place=Place(*self.document.region(path)),
        )

    def _guard(self, places: Mapping[str, PathInFile], scope: Scope) -> Condition | None:
        """Whom a clause is about; None where that cannot be read, which is a fault already."""
        parts = {}
        for key in places.keys() & {"when", "unless"}:
            try:
                parts[key] = compile_condition(self.document.expression(places[key])[0], scope)
            except CriterionError:
                return None
        unless = negation(parts["unless"]) if "unless" in parts else TRUE
        return conjunction([parts.get("when", TRUE), unless])

    def _alternative(
        self,
        reading: str,
        shape: AlternativeShape,
        places: Mapping[str, PathInFile],
        scope: Scope,
        path: PathInFile,
    ) -> tuple[dict[str, Condition], dict[str, str]] | None:
        own = {
            key: (*path, "readings", reading, key)
            for key in (*_EXPRESSIONS, "cohorts")
            if getattr(shape, key) is not None
        }
        if shape.drop:
            return None
        if not own:
            self._fault((*path, "readings", reading), "a second reading says what changes, or 'drop: true'")
        return self._logic({**places, **own}, scope, path)

    def _logic(
        self, places: Mapping[str, PathInFile], scope: Scope, path: PathInFile
    ) -> tuple[dict[str, Condition], dict[str, str]]:
        """The condition of each cohort that the clause binds, and its text."""
        cohorts = self._cohorts(places)
        if isinstance(cohorts, dict):
            return self._by_cohort(cohorts, places, scope, path)
        if "require" not in places:
            self._fault(path, "a clause needs 'require', a map 'cohorts', or 'opaque'")
            return {}, {}
        parts = {key: self._compile(places[key], scope) for key in _EXPRESSIONS if key in places}
        guard = conjunction(
            [parts.get("when", TRUE), negation(parts["unless"]) if "unless" in parts else TRUE]
        )
        condition = implication(guard, parts["require"])
        text = "; ".join(
            f"{key} {' '.join(str(self._data(places[key])).split())}" for key in _EXPRESSIONS if key in places
        )
        return dict.fromkeys(cohorts, condition), {"": text.removeprefix("require ")}

    def _cohorts(self, places: Mapping[str, PathInFile]) -> dict[str, str] | list[str]:
        """The cohorts that a clause names, or all of them."""
        cohorts = self._data(places["cohorts"]) if "cohorts" in places else list(self.shape.cohorts)
        for i, cohort in enumerate(cohorts):
            if cohort not in self.shape.cohorts:
                at = (*places["cohorts"], cohort if isinstance(cohorts, dict) else i)
                self._fault(at, f"unknown cohort '{cohort}'{did_you_mean(cohort, self.shape.cohorts)}")
        if not cohorts and "cohorts" in places:
            message = "a clause that binds no cohort is never asked: name its cohorts, or leave 'cohorts' out to bind all"
            self._fault(places["cohorts"], message)
        return cohorts

    def _by_cohort(
        self, cohorts: dict[str, str], places: Mapping[str, PathInFile], scope: Scope, path: PathInFile
    ) -> tuple[dict[str, Condition], dict[str, str]]:
        if places.keys() & set(_EXPRESSIONS):
            self._fault(path, "a clause with one expression a cohort has no 'require', 'when' or 'unless'")
        conditions = {
            cohort: self._compile((*places["cohorts"], cohort), scope)
            for cohort in cohorts
            if cohort in self.shape.cohorts
        }
        return conditions, {cohort: " ".join(text.split()) for cohort, text in cohorts.items()}

    def _data(self, path: PathInFile) -> dict[str, str] | list[str]:
        value = self.document.data
        for step in path:
            value = value[step]
        return value  # type: ignore[no-any-return]

    def _known_switch(self, reading: str, path: PathInFile, readings: Mapping[str, Reading]) -> None:
        if reading not in readings:
            self._fault(path, self._no_reading(reading, readings))
        elif not readings[reading].switch:
            self._fault(path, f"the reading '{reading}' is declared without 'switch: true'")

    def _no_reading(self, name: str, readings: Mapping[str, Reading]) -> str:
        return f"unknown reading '{name}'{did_you_mean(name, readings)}; declare it under 'readings'"

    def _unbound(self, clauses: tuple[Clause, ...]) -> None:
        """A cohort that no clause binds would take everybody."""
        if not clauses:
            self._fault(
                ("clauses",),
                "a trial without a clause takes everybody: write its criteria, with 'opaque' what has no logic yet",
            )
            return
        for cohort in self.shape.cohorts:
            if not any(clause.binds(cohort) for clause in clauses):
                message = (
                    f"no clause binds cohort '{cohort}', so that it takes everybody: name the cohort "
                    "under 'cohorts' of its clauses, with 'opaque' what has no logic yet, or take it out"
                )
                self._fault(("cohorts", cohort), message)

    def _unused_switches(self, clauses: tuple[Clause, ...], readings: Mapping[str, Reading]) -> None:
        used = {name for clause in clauses for key in clause.alternatives for name in parts_of(key)}
        for i, reading in enumerate(readings.values()):
            if reading.switch and reading.id not in used:
                self._fault(("readings", i), f"no clause has a second reading '{reading.id}'")
