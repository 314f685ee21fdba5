"""Where a disease stands, and when it came back or went into remission: what each statement of it says, and what several say together.

    first seen 2024-02-10, in remission          it is in remission; when that began is not said
    of its own, onset 2026-10-05, in relapse     a relapse on that day

A statement begins a relapse or a remission on its onset only where another statement of the same disease began before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from solver.dataclass import dataclass
from solver.library.codes.history_models import CourseEvent, CourseState, Disease, DiseaseCode, DiseaseCourse
from solver.patient.readers.foreign.gathered import FactSource
from solver.patient.readers.foreign.history.recognition import Recognition
from solver.patient.readers.foreign.history.spans import cut, not_before_others, readable
from solver.patient.readers.foreign.statements import Coding, ConditionStatement, PossibleDays


@dataclass(frozen=True, slots=True)
class DiseaseStatement:
    """A condition that names a disease which may be the one treated now.

    `values` are those that its codings leave, `states` what they and the clinical status say of where it stands, and `disputed` that these
    do not agree.
    """

    statement: ConditionStatement
    diseases: tuple[Disease, ...]
    values: tuple[str, ...]
    states: tuple[CourseState, ...]
    disputed: bool
    coding: Coding
    ongoing: bool | None

    @property
    def onset(self) -> PossibleDays | None:
        """When it began."""
        return readable(self.statement.onset)

    @property
    def source(self) -> FactSource:
        """Its place, the coding that told, and its onset."""
        return FactSource(self.statement.place, self.coding, self.onset)

    def ordered_by(self, as_of: int) -> PossibleDays:
        """The days by which it is put in order: of its onset, else of its recording, else any."""
        return cut(self.onset or self.statement.recorded, as_of)

    def says(self, event: CourseEvent) -> bool:
        """Whether it says that the disease has come back, or gone, and nothing else."""
        return not self.disputed and any(state.event == event for state in self.states)


def disease_statement(
    statement: ConditionStatement, recognition: Recognition, course: DiseaseCourse, ongoing: bool | None
) -> DiseaseStatement | None:
    """What a condition says of a disease that may be the one treated now; None if it names none.

    Codings that mean different diseases leave no value.
    """
    coded = recognition.disease_codes(statement.code.codings)
    for part in statement.histology:
        coded += recognition.disease_codes(part.codings)
    if not coded:
        return None
    known = recognition.tables.history.diseases
    diseases = tuple(dict.fromkeys(known[code.disease] for code, _ in coded))
    values = [value for value in diseases[0].values if all(value in each.values for each in diseases)]
    told = [state for code, coding in coded if (state := _state_of(code, coding, recognition, course))]
    clinical = [state for state in course.states.values() if statement.status in state.clinical]
    states = tuple(dict.fromkeys([*told, *clinical]))
    return DiseaseStatement(statement, diseases, tuple(values), states, len(states) > 1, coded[0][1], ongoing)


def _state_of(
    code: DiseaseCode, coding: Coding, recognition: Recognition, course: DiseaseCourse
) -> CourseState | None:
    if code.state is not None:
        return course.states.get(code.state)
    mapped = recognition.tables.mapped(coding)
    if not code.staged or mapped is None:
        return None
    system = recognition.tables.systems[mapped.system]
    stage = mapped.code[len(system.normal(code.code.code)) :][:1]
    return course.states.get(course.stages.get(stage, ""))


@dataclass(frozen=True, slots=True)
class CourseDay:
    """A relapse or a remission: the days on which it may have begun; `own` says that they are its own, by a full or partial date."""

    days: PossibleDays
    own: bool
    statement: DiseaseStatement


def course_days(statements: Sequence[DiseaseStatement], event: CourseEvent, as_of: int) -> list[CourseDay]:
    """The relapses or the remissions that statements of one disease tell, in the order of their days."""
    found = []
    begun = min(
        (day for each in statements if each.onset and (day := each.onset.last) is not None), default=None
    )
    for each in statements:
        if each.says(event):
            own = each.onset is not None and begun is not None and (each.onset.first or 0) > begun
            first = each.onset.first if each.onset is not None else None
            until = each.onset if own else each.statement.recorded
            last = cut(until, as_of).last
            if first is not None and last is not None and last < first:
                last = as_of
            written = each.onset.written if own and each.onset is not None else None
            found.append(CourseDay(PossibleDays(first, last, written), own, each))
    return sorted(found, key=lambda each: (each.days.first or 0, each.days.last or 0))


def surely_different(days: Iterable[CourseDay]) -> int:
    """How many of the events cannot be one and the same."""
    count, last = 0, None
    for each in sorted(days, key=lambda each: each.days.last or 0):
        if last is None or (each.days.first is not None and each.days.first > last):
            count, last = count + 1, each.days.last
    return count


def latest(statements: Sequence[DiseaseStatement], as_of: int) -> list[DiseaseStatement]:
    """The statements after which no other lies wholly, by onset or else by recording."""
    newest = not_before_others([each.ordered_by(as_of) for each in statements])
    return [each for each, is_newest in zip(statements, newest, strict=True) if is_newest]
