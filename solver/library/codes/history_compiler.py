"""Compiling what mapping files say of what a patient has had: diseases, procedures, drugs; and that their words are known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from solver.errors import did_you_mean
from solver.language.calendar import LAST_DAY
from solver.language.units import UnknownUnit, parse_unit
from solver.library.codes.code_compiler import CodeCompiler, CodesDocument
from solver.library.codes.entry_compiler import value_of
from solver.library.codes.entry_shapes import AbsenceShape, CodeShape
from solver.library.codes.history_models import (
    ConceptClass,
    CourseState,
    Disease,
    DiseaseCode,
    DiseaseCourse,
    DoseRule,
    HistoryCodes,
    KnownDrug,
    MergedEvents,
    SuspectWords,
    Timing,
    UncountedForm,
)
from solver.library.codes.history_shapes import ConceptClassShape, CourseShape, DiseaseShape, DoseShape
from solver.library.codes.models import AbsenceRule, MappedCode
from solver.library.files.file_faults import FilePart, entries
from solver.text import quote

Off = dict[MappedCode, list[str]]


def compile_history(
    files: Sequence[CodesDocument], codes: CodeCompiler, off: Off, faults: list[str]
) -> HistoryCodes:
    """What the files say; faults are noted, and codes that are switched off added to `off` with what has them."""
    return _HistoryCompiler(codes, off, faults).compiled(files)


class _HistoryCompiler:
    def __init__(self, codes: CodeCompiler, off: Off, faults: list[str]) -> None:
        self.codes, self.off, self.faults = codes, off, faults

    def compiled(self, files: Sequence[CodesDocument]) -> HistoryCodes:
        """All of it."""
        diseases: dict[str, Disease] = {}
        disease_codes: list[DiseaseCode] = []
        courses = self._said_once(files, "course")
        course = next((self._disease_course(part, shape) for part, shape in courses), None)
        for part, shape in entries(files, "diseases", self.faults):
            found, own = self._disease(part, shape, course, diseases.get(shape.id))
            diseases[shape.id] = found
            disease_codes += own
        classes: dict[str, ConceptClass] = {}
        class_codes: list[tuple[MappedCode, str]] = []
        for part, shape in entries(files, "classes", self.faults):
            self._check_concept(part, shape.concept, "concept")
            classes[shape.concept] = self._concept_class(part, shape, classes.get(shape.concept))
            class_codes += [
                (code, shape.concept) for code in self._codes_read(part, shape.codes, shape.concept)
            ]
        doses = self._said_once(files, "dose")
        return HistoryCodes(
            diseases=diseases,
            disease_codes=tuple(disease_codes),
            course=course,
            merged=tuple(self._merged_events(files)),
            suspect=self._suspect_words(files),
            classes=tuple(classes.values()),
            class_codes=tuple(class_codes),
            forms=tuple(self._uncounted_forms(files)),
            dose=next((self._dose_rule(part, shape) for part, shape in doses), None),
            timings=self._timings(files),
            drugs=tuple(
                KnownDrug(shape.name, tuple(shape.words)) for _, shape in entries(files, "drugs", self.faults)
            ),
            whole=self._systems(files, "whole"),
            known_by_code=self._systems(files, "known_by_code"),
            known_by_display=self._systems(files, "known_by_display"),
        )

    def _said_once(self, files: Sequence[CodesDocument], key: str) -> list[tuple[FilePart, object]]:
        """What stands under a key that only one file may have."""
        found = [
            (FilePart(document, (key,), self.faults), shape)
            for document, file in files
            if (shape := getattr(file, key)) is not None
        ]
        for part, _ in found[1:]:
            part.fault(f"'{key}' stands in another file as well: it can be said once")
        return found[:1]

    def _check_variable(self, part: FilePart, name: str, *keys: str | int) -> bool:
        if name in self.codes.variables:
            return True
        part.fault(f"unknown variable '{name}'{did_you_mean(name, self.codes.variables)}", *keys)
        return False

    def _check_concept(self, part: FilePart, name: str, *keys: str | int) -> bool:
        if name in self.codes.concepts:
            return True
        part.fault(f"unknown concept '{name}'{did_you_mean(name, self.codes.concepts)}", *keys)
        return False

    def _codes_read(self, part: FilePart, shapes: Sequence[CodeShape], owner: str) -> list[MappedCode]:
        """The codes of a list that are read."""
        read, off = self.codes.codes(part.at("codes"), shapes, owner)
        for code in off:
            self.off.setdefault(MappedCode(code.system, code.code), []).append(owner)
        return read

    def _values(self, part: FilePart, variable: str, texts: Iterable[str]) -> tuple[str, ...]:
        known = self.codes.variables[variable]
        return tuple(
            str(value) for i, text in enumerate(texts) if (value := value_of(part.at(i), text, known))
        )

    def _disease_course(self, part: FilePart, shape: object) -> DiseaseCourse:
        assert isinstance(shape, CourseShape)
        self._check_variable(part, shape.variable, "variable")
        for key in ("confirmed", "relapses", "remission_length"):
            if (name := getattr(shape, key)) is not None:
                self._check_variable(part, name, key)
        for i, after in enumerate(shape.after):
            self._check_variable(part, after.variable, "after", i, "variable")
            self._check_concept(part, after.concept, "after", i, "concept")
        states = {}
        for i, state in enumerate(shape.states):
            at = part.at("states", i, "means")
            means = {
                name: self._values(at.at(name), name, values)
                for name, values in state.means.items()
                if self._check_variable(at, name)
            }
            states[state.id] = CourseState(state.id, frozenset(state.clinical), means, state.event)
        for stage, state_id in shape.stages.items():
            if state_id not in states:
                part.fault(f"unknown state '{state_id}'{did_you_mean(state_id, states)}", "stages", stage)
        return DiseaseCourse(
            shape.variable,
            shape.confirmed,
            shape.relapses,
            shape.remission_length,
            tuple((after.variable, after.concept) for after in shape.after),
            states,
            dict(shape.stages),
        )

    def _disease(
        self, part: FilePart, shape: DiseaseShape, course: DiseaseCourse | None, before: Disease | None
    ) -> tuple[Disease, list[DiseaseCode]]:
        """A disease and its codes; a later file may add codes to one that stands already."""
        if course is None:
            part.fault("there is no 'course', which says what a disease is read into")
        if before is None and not shape.values:
            part.fault("missing key 'values'")
        if before is not None and (shape.values or shape.means):
            part.fault(f"the disease '{shape.id}' stands already: give only codes that are new", "id")
        for i, value in enumerate(shape.values):
            self._check_concept(part, value, "values", i)
        means = {
            name: value_of(part.at("means", name), text, self.codes.variables[name])
            for name, text in shape.means.items()
            if self._check_variable(part, name, "means")
        }
        shapes = {self.codes.normal(each.system, each.code): each for each in shape.codes}
        found = []
        for code in self._codes_read(part, shape.codes, shape.id):
            said = shapes[MappedCode(code.system, code.code)]
            if said.state is not None and course is not None and said.state not in course.states:
                part.fault(f"unknown state '{said.state}'{did_you_mean(said.state, course.states)}", "codes")
            found.append(DiseaseCode(shape.id, code, said.state, said.staged))
        return before or Disease(shape.id, tuple(shape.values), means), found

    def _concept_class(
        self, part: FilePart, shape: ConceptClassShape, before: ConceptClass | None
    ) -> ConceptClass:
        stopped = shape.stopped
        if stopped is not None:
            self._check_variable(part, stopped.current, "stopped", "current")
            self._check_variable(part, stopped.last_day, "stopped", "last_day")
        found = before or ConceptClass(shape.concept)
        return ConceptClass(
            shape.concept,
            self._absence_rule(part.at("absent"), shape.absent) or found.absent,
            shape.open_order or found.open_order,
            stopped.current if stopped is not None else found.current,
            stopped.last_day if stopped is not None else found.stopped,
        )

    def _absence_rule(self, part: FilePart, shape: AbsenceShape | None) -> AbsenceRule | None:
        """What variables of a concept are: `false`, and 0 of a count."""
        if shape is None:
            return None
        if shape.value not in ("false", "0"):
            part.fault(f"'{shape.value}' denies nothing: write false, or 0", "value")
        return AbsenceRule(tuple(dict.fromkeys(shape.lists)), False if shape.value == "false" else 0)

    def _merged_events(self, files: Sequence[CodesDocument]) -> Iterable[MergedEvents]:
        for part, shape in entries(files, "merged", self.faults):
            if self._check_concept(part, shape.concept, "concept"):
                yield MergedEvents(shape.concept, min(int(shape.days), LAST_DAY), shape.rule)

    def _suspect_words(self, files: Sequence[CodesDocument]) -> SuspectWords:
        given = [file.suspect for _, file in files if file.suspect is not None]
        parts = tuple(dict.fromkeys(part.casefold() for each in given for part in each.parts))
        return SuspectWords(
            parts, tuple(dict.fromkeys(word.casefold() for each in given for word in each.words))
        )

    def _uncounted_forms(self, files: Sequence[CodesDocument]) -> Iterable[UncountedForm]:
        for part, shape in entries(files, "forms", self.faults):
            for i, concept in enumerate(shape.concepts):
                self._check_concept(part, concept, "concepts", i)
            words = frozenset(word.casefold() for word in shape.words)
            yield UncountedForm(
                frozenset(shape.concepts), words, tuple(self._codes_read(part, shape.codes, "forms"))
            )

    def _dose_rule(self, part: FilePart, shape: object) -> DoseRule | None:
        assert isinstance(shape, DoseShape)
        known = self._check_variable(part, shape.variable, "variable")
        names = self.codes.variables[shape.variable].drugs if known else {}
        self._check_concept(part, shape.concept, "concept")
        for concept, drug in shape.drugs.items():
            self._check_concept(part, concept, "drugs", concept)
            if known and drug not in names:
                part.fault(
                    f"'{drug}' is no drug of '{shape.variable}'{did_you_mean(drug, names)}", "drugs", concept
                )
        if known and shape.written not in names:
            part.fault(f"'{shape.written}' is no drug of '{shape.variable}'", "written")
        absent = self._absence_rule(part.at("absent"), shape.absent)
        return DoseRule(shape.variable, shape.concept, dict(shape.drugs), shape.written, absent)

    def _timings(self, files: Sequence[CodesDocument]) -> Mapping[str, Timing]:
        found = {}
        for document, file in files:
            for code, shape in file.timings.items():
                part = FilePart(document, ("timings", code), self.faults)
                times, period = Fraction(shape.times), Fraction(shape.period)
                if times <= 0 or period <= 0:
                    part.fault("'times' and 'period' are to be more than 0")
                if not _is_time(shape.unit):
                    part.fault(f"{quote(shape.unit)} is no unit of time: write it as h, d or wk", "unit")
                found[code] = Timing(times, period, shape.unit)
        return found

    def _systems(self, files: Sequence[CodesDocument], key: str) -> frozenset[str]:
        found = entries(files, key, self.faults)
        for part, name in found:
            if name not in self.codes.systems:
                part.fault(f"unknown system '{name}'{did_you_mean(name, self.codes.systems)}")
        return frozenset(name for _, name in found)


def _is_time(text: str) -> bool:
    try:
        return parse_unit(text).dimension == parse_unit("d").dimension
    except UnknownUnit:
        return False
