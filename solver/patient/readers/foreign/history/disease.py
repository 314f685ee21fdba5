"""The disease treated now: which it is, where it stands, and the relapses and remissions that its statements tell.

Of several diseases that may be the one treated now, that with the latest onset among those that go on is it; two that cannot be put in
order leave it open.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from solver.language.calendar import add_months
from solver.language.types import EnumerationType
from solver.library.codes.history_models import CourseEvent, DiseaseCourse
from solver.patient.account import ConflictRow
from solver.patient.readers.foreign.gathered import Candidate, FactSource
from solver.patient.readers.foreign.history.conditions import ongoing
from solver.patient.readers.foreign.history.course import (
    CourseDay,
    DiseaseStatement,
    course_days,
    disease_statement,
    latest,
    surely_different,
)
from solver.patient.readers.foreign.history.gatherer import HistoryGatherer, in_order
from solver.patient.readers.foreign.history.spans import (
    begins_after,
    date_text,
    not_before_others,
    readable,
    wholly_after,
)
from solver.patient.readers.foreign.statements import ConditionStatement, Faulty, PossibleDays
from solver.patient.readers.native.json_text import NumberText

_RELAPSES = "relapses"
_EVENTS: tuple[CourseEvent, ...] = ("relapse", "remission")


def gather_disease(
    statements: Iterable[ConditionStatement], gatherer: HistoryGatherer
) -> tuple[list[ConditionStatement], set[str]]:
    """Gather what the conditions say of the disease treated now.

    Returns the conditions that are not of it, and the places among them of diseases that might have been it.
    """
    course = gatherer.codes.course
    given = list(statements)
    if course is None:
        return given, set()
    return _Disease(gatherer, course).gather(given)


class _Disease:
    def __init__(self, gatherer: HistoryGatherer, course: DiseaseCourse) -> None:
        self.gatherer, self.course = gatherer, course
        self.gathered, self.account = gatherer.gathered, gatherer.gathered.account
        self.as_of = gatherer.as_of
        self.used: dict[str, set[str]] = {}

    def gather(self, statements: Sequence[ConditionStatement]) -> tuple[list[ConditionStatement], set[str]]:
        """All of it."""
        rest, candidates = [], []
        for statement in statements:
            read = None
            if not statement.excluded and not statement.feature:
                goes_on = ongoing(statement, self.as_of)
                read = disease_statement(statement, self.gatherer.recognition, self.course, goes_on)
            if read is None:
                rest.append(statement)
            elif self._is_usable(read):
                candidates.append(read)
        index = self._treated_now(candidates)
        values = {value for each in index for value in each.values}
        family = [each for each in candidates if not values.isdisjoint(each.values)]
        if index:
            self._add_diagnosis(index)
            self._add_status(family)
            self._add_events(family)
        others = [each for each in candidates if values.isdisjoint(each.values)]
        of_index = {each.statement.place.at for each in index}
        for each in candidates:
            place = each.statement.place
            if place.at in of_index or place.at in self.used:
                self.account.used(place, *self.used.get(place.at, ()))
            else:
                self.account.note(place, "superseded", "a later statement of the disease is used")
        return [*rest, *(each.statement for each in others)], {each.statement.place.at for each in others}

    def _is_usable(self, read: DiseaseStatement) -> bool:
        """Whether a statement counts; if not, the account says why."""
        statement, place = read.statement, read.statement.place
        if statement.unconfirmed is not None:
            self.gatherer.mention(place, statement.unconfirmed, (), [self.course.variable], unconfirmed=True)
            self.account.note(place, "unconfirmed", statement.unconfirmed, self.course.variable)
        elif (fault := next(_date_faults(statement), None)) is not None:
            self.account.note(place, "date", fault)
        elif begins_after(readable(statement.onset), self.as_of):
            self.account.note(place, "after-as-of", "it begins after the day of evaluation")
        elif not read.values:
            reason = "its codings mean different diseases"
            self.account.note(place, "conflict", reason)
            self.account.conflicts.append(ConflictRow(self.course.variable, "codings", (place.at,), reason))
        else:
            return True
        return False

    def _treated_now(self, candidates: Sequence[DiseaseStatement]) -> list[DiseaseStatement]:
        """The statements of the disease treated now: the latest of those that go on, else of all."""
        present = [each for each in candidates if each.ongoing] or list(candidates)
        dated = [each for each in present if each.onset is not None]
        undated = [each for each in present if each.onset is None]
        newest = not_before_others([each.onset for each in dated if each.onset is not None])
        return [*(each for each, is_newest in zip(dated, newest, strict=True) if is_newest), *undated]

    def _add_diagnosis(self, index: Sequence[DiseaseStatement]) -> None:
        shared = [value for value in index[0].values if all(value in each.values for each in index)]
        values = shared or sorted({value for each in index for value in each.values})
        fact = {"value": values[0]} if len(values) == 1 else {"one_of": sorted(values)}
        self._add_fact(self.course.variable, fact, index, lasting=True)
        if not shared:
            at = tuple(each.statement.place.at for each in index)
            text = f"{' and '.join(values)}, of which none is the later"
            self.account.conflicts.append(ConflictRow(self.course.variable, "same-day", at, text))
        confirmed = [each for each in index if each.statement.confirmed]
        if self.course.confirmed and confirmed and (shared or len(confirmed) == len(index)):
            self._add_fact(self.course.confirmed, {"value": True}, confirmed, lasting=True)
        meant: dict[str, dict[object, list[DiseaseStatement]]] = {}
        for each in index:
            for disease in each.diseases:
                for variable, value in disease.means.items():
                    meant.setdefault(variable, {}).setdefault(value, []).append(each)
        for variable, by_value in meant.items():
            if len(by_value) == 1 and shared:
                ((value, told),) = by_value.items()
                self._add_fact(variable, {"value": value}, told, lasting=True)

    def _add_status(self, family: Sequence[DiseaseStatement]) -> None:
        """Where the disease stands: what its latest statements say."""
        newest = latest(family, self.as_of)
        if not newest or not all(each.states for each in newest):
            return
        states = list(dict.fromkeys(state for each in newest for state in each.states))
        begun = {
            day.statement.statement.place.at
            for event in _EVENTS
            for day in course_days(family, event, self.as_of)
            if day.own
        }
        own = all(each.statement.place.at in begun for each in newest)
        if len(states) > 1:
            variable = next(iter(states[0].means), self.course.variable)
            at = tuple(each.statement.place.at for each in newest)
            kind = "same-day" if len(newest) > 1 else "codings"
            text = f"its statements disagree on where it stands: {' and '.join(state.id for state in states)}"
            self.account.conflicts.append(ConflictRow(variable, kind, at, text))
        for variable in dict.fromkeys(name for state in states for name in state.means):
            kind_of = self.gatherer.library.variables[variable].type
            meant = {value for state in states for value in state.means.get(variable, ())}
            every = kind_of.values if isinstance(kind_of, EnumerationType) else sorted(meant)
            values = [value for value in every if value in meant]
            if all(variable in state.means for state in states) and len(values) < len(every):
                fact = {"value": values[0]} if len(values) == 1 else {"one_of": values}
                self._add_fact(variable, fact, newest, own=own)

    def _add_events(self, family: Sequence[DiseaseStatement]) -> None:
        relapses = course_days(family, "relapse", self.as_of)
        remissions = course_days(family, "remission", self.as_of)
        if relapses and self.course.relapses:
            fact = {"min": NumberText(str(surely_different(relapses)))}
            # what was there before is what makes them a relapse
            last = max((day.days.first or 0 for day in relapses if day.own), default=0)
            told = [each.statement for each in relapses]
            told += [
                each
                for each in family
                if each not in told and each.onset is not None and (each.onset.last or last) < last
            ]
            self._add_fact(self.course.relapses, fact, told, rule=_RELAPSES, lasting=True)
        if relapses and all(each.own for each in relapses):
            self._add_relapse_after(relapses)
            self._add_remission_length(relapses, remissions)

    def _add_relapse_after(self, relapses: Sequence[CourseDay]) -> None:
        """The first relapse after the latest event of a concept, where its day is sure."""
        for variable, concept in self.course.after:
            of = [
                each
                for each in self.gatherer.occurrences
                if self.gatherer.recognition.belongs(each.concept, concept)
            ]
            occurrences = [each for each in of if each.done]
            days = [each.days for each in occurrences]
            if not days or any(each is None for each in days):
                continue
            known = [each for each in days if each is not None]
            if any(each.first is None or each.last is None for each in known):
                continue
            ended, begun = max(each.last or 0 for each in known), max(each.first or 0 for each in known)
            after = [each for each in relapses if (each.days.first or 0) > ended]
            before = [each for each in relapses if each.days.last is not None and each.days.last < begun]
            if not after or len(after) + len(before) < len(relapses):
                continue
            first = after[0]
            if any(
                not wholly_after(other.days, first.days) and other.days != first.days for other in after[1:]
            ):
                continue
            text = date_text(first.days)
            if text is None:
                continue
            latest_day = max(
                occurrences, key=lambda each: each.days.last if each.days and each.days.last else 0
            )
            self._add_fact(
                variable,
                {"value": text},
                [first.statement],
                rule=_RELAPSES,
                lasting=True,
                also=[latest_day.source],
                needs_all_of=concept,
            )

    def _add_remission_length(self, relapses: Sequence[CourseDay], remissions: Sequence[CourseDay]) -> None:
        """The whole months from the start of the last remission to the relapse that ended it."""
        if self.course.remission_length is None or not remissions:
            return
        last = remissions[-1]
        ended = [each for each in relapses if wholly_after(each.days, last.days)]
        if not (ended and last.own and last.days.full and ended[0].days.full):
            return
        if any(not each.own for each in remissions):
            return
        assert last.days.first is not None
        assert ended[0].days.first is not None
        months = _whole_months(last.days.first, ended[0].days.first)
        fact = {"min": NumberText(str(months)), "max_exclusive": NumberText(str(months + 1)), "unit": "mo"}
        told = [last.statement, ended[0].statement]
        self._add_fact(self.course.remission_length, fact, told, rule="remission", lasting=True)

    def _add_fact(
        self,
        variable: str,
        fact: Mapping[str, object],
        told: Sequence[DiseaseStatement],
        *,
        lasting: bool = False,
        own: bool = True,
        rule: str | None = None,
        also: Sequence[FactSource] = (),
        needs_all_of: str | None = None,
    ) -> None:
        sources = [*in_order(each.source for each in told), *also]
        latest_source = max(told, key=lambda each: (each.onset.last or 0) if each.onset else 0)
        days = latest_source.onset if own else PossibleDays(None, self.as_of)
        self.gathered.candidates.append(
            Candidate(
                variable,
                dict(fact),
                sources[0],
                days,
                lasting=lasting,
                rule=rule,
                also=tuple(sources[1:]),
                needs_all_of=needs_all_of,
            )
        )
        for each in told:
            # what needs a complete list is no fact yet
            self.used.setdefault(each.statement.place.at, set()).update(
                {variable} if needs_all_of is None else ()
            )


def _date_faults(statement: ConditionStatement) -> Iterator[str]:
    for days in (statement.onset, statement.abatement):
        if isinstance(days, Faulty):
            yield days.reason


def _whole_months(first: int, last: int) -> int:
    """The completed calendar months between two days."""
    start, end = date.fromordinal(first), date.fromordinal(last)
    months = (end.year - start.year) * 12 + end.month - start.month
    return months if add_months(first, months) <= last else months - 1
