"""What happens on one day, told by several resources: which of them tell of one event, and the entries that come of it.

an unspecific one on 1 May, a specific one on 3 May, at most 7 days apart     one, the specific, of 3 May
a status beside it                                                           the same once more
a status alone                                                               one or more, on an unknown day
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field

from solver.dataclass import dataclass
from solver.library.codes.history_models import MergedEvents
from solver.patient.account import ConflictRow
from solver.patient.readers.foreign.history.gatherer import HistoryGatherer, Occurrence, in_order
from solver.patient.readers.foreign.history.spans import EventSpan
from solver.patient.readers.foreign.statements import PossibleDays
from solver.text import grouped


@dataclass
class _OneEvent:
    """Occurrences that are one event; `unsure` where partial dates leave open whether they are."""

    parts: list[Occurrence] = field(default_factory=list)
    unsure: bool = False


def gather_occurrences(gatherer: HistoryGatherer) -> None:
    """Write all occurrences as events, those of one event once."""
    left = list(gatherer.occurrences)
    for rule in gatherer.codes.merged:
        of_rule = [each for each in left if gatherer.recognition.belongs(each.concept, rule.concept)]
        left = [each for each in left if not gatherer.recognition.belongs(each.concept, rule.concept)]
        _Merging(gatherer, rule).write(of_rule)
    by_concept = grouped((each.concept, each) for each in left)
    for concept in sorted(by_concept):
        _Merging(gatherer, MergedEvents(concept, 0)).write(by_concept[concept])


@dataclass(frozen=True)
class _Merging:
    """Writes the occurrences of one concept and of what is narrower."""

    gatherer: HistoryGatherer
    rule: MergedEvents

    def write(self, given: Sequence[Occurrence]) -> None:
        """The events that they are."""
        done = [each for each in given if each.done]
        resting = [each for each in given if not each.done]
        events = self._one_each([each for each in done if _is_dated(each)])
        events += [_OneEvent([each]) for each in done if not _is_dated(each)]
        resting = [each for each in resting if not self._already_told(each, events)]
        # nobody says on which day, nor whether orders and statuses speak of one
        for concept in self.gatherer.recognition.narrowest(each.concept for each in resting):
            above = self.gatherer.recognition.tree.broader(concept)
            events.append(_OneEvent([each for each in resting if each.concept in above]))
        for event in events:
            self._write_event(event)

    def _one_each(self, dated: Sequence[Occurrence]) -> list[_OneEvent]:
        """Dated occurrences in groups that are one event each."""
        found: list[_OneEvent] = []
        ends: list[int] = []
        for each in sorted(dated, key=_by_start):
            # those that ended too early are left behind; most often only the latest is near
            near = [
                place
                for place in range(len(found) - 1, -1, -1)
                if _first_day(each) - ends[place] <= self.rule.days
                and any(self._may_be_one(each, part) for part in reversed(found[place].parts))
            ]
            if not near:
                found.append(_OneEvent([each]))
                ends.append(_last_day(each))
                continue
            whole = found[near[-1]]
            whole.unsure |= not any(self._is_one(each, part) for part in reversed(whole.parts))
            for place in near[:-1]:
                joined = found.pop(place)
                ends[near[-1]] = max(ends[near[-1]], ends.pop(place))
                whole.unsure |= joined.unsure or not any(self._is_one(each, part) for part in joined.parts)
                whole.parts += joined.parts
            whole.parts.append(each)
            ends[near[-1]] = max(ends[near[-1]], _last_day(each))
        return found

    def _may_be_one(self, one: Occurrence, other: Occurrence) -> bool:
        return _days_apart(one.days, other.days)[0] <= self.rule.days and self._maybe_one_event(one, other)

    def _is_one(self, one: Occurrence, other: Occurrence) -> bool:
        return _days_apart(one.days, other.days)[1] <= self.rule.days

    def _maybe_one_event(self, one: Occurrence, other: Occurrence) -> bool:
        """Whether both may tell of one event; of one day apart, kinds of which neither is the other are two."""
        recognition = self.gatherer.recognition
        return (
            self.rule.days > 0
            or recognition.belongs(one.concept, other.concept)
            or recognition.belongs(other.concept, one.concept)
        )

    def _already_told(self, resting: Occurrence, events: Sequence[_OneEvent]) -> bool:
        """Whether an order or a status may tell of an event that stands already; it is then one of its sources."""
        tree = self.gatherer.recognition.tree
        for event in events:
            if any(tree.overlap(resting.concept, part.concept) for part in event.parts):
                event.parts.append(resting)
                return True
        return False

    def _write_event(self, event: _OneEvent) -> None:
        gatherer, recognition = self.gatherer, self.gatherer.recognition
        done = [each for each in event.parts if each.done]
        narrow = recognition.narrowest(each.concept for each in done or event.parts)
        concept = narrow[0] if len(narrow) == 1 else self.rule.concept
        if len(narrow) > 1 and done:
            at = tuple(each.source.place.at for each in done)
            text = f"of one event {' and '.join(sorted(narrow))} are told"
            for variable in sorted(
                gatherer.variables_of(narrow) - gatherer.variables_of([self.rule.concept])
            ):
                gatherer.gathered.account.conflicts.append(ConflictRow(variable, "same-day", at, text))
        dated = [each for each in done if _is_dated(each)]
        days = max(dated, key=_day_order).days if dated else None
        sources = in_order(each.source for each in event.parts)
        gatherer.event(concept, EventSpan(days), sources, self.rule.rule)
        if event.unsure:
            gatherer.mention(sources[-1].place, "its dates leave open how many there were", [concept])
        if not done and any(each.status for each in event.parts) and gatherer.counted(concept):
            gatherer.mention(sources[-1].place, "a status may stand for several", [concept])


def _is_dated(each: Occurrence) -> bool:
    return each.days is not None and each.days.first is not None and each.days.last is not None


def _first_day(each: Occurrence) -> int:
    return each.days.first or 0 if each.days is not None else 0


def _last_day(each: Occurrence) -> int:
    return each.days.last or 0 if each.days is not None else 0


def _by_start(each: Occurrence) -> tuple[int, int]:
    return _first_day(each), _last_day(each)


def _day_order(each: Occurrence) -> tuple[int, int]:
    days = each.days or PossibleDays(None, None)
    return days.last or 0, days.first or 0


def _days_apart(one: PossibleDays | None, other: PossibleDays | None) -> tuple[float, float]:
    """The least and the greatest number of days between two."""
    if one is None or other is None or None in (one.first, one.last, other.first, other.last):
        return 0, float("inf")
    assert one.first is not None
    assert one.last is not None
    assert other.first is not None
    assert other.last is not None
    least = max(0, one.first - other.last, other.first - one.last)
    return least, max(abs(one.last - other.first), abs(other.last - one.first))
