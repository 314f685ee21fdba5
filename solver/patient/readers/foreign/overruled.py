"""What a form says of a variable that means what happened wins over the events that were read, where the two cannot both be.

a form: no graft ever; one graft read          the graft is left out, and is a conflict
a form: two grafts; one graft read             both stand: the other one was not read
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from math import inf

from solver.dataclass import dataclass
from solver.language.domain import Domain, Interval, Number
from solver.language.values import ConceptTerm
from solver.library.models import Library
from solver.patient.account import ConflictRow
from solver.patient.readers.foreign.gathered import Gathered, GatheredEvent
from solver.patient.readers.native.dates import NotADateError, parse_date
from solver.patient.readers.native.json_text import NumberText
from solver.patient.record import Fact

_NO, _YES = frozenset({False}), frozenset({True})


def overrule(gathered: Gathered, stated: Mapping[str, Fact], library: Library) -> None:
    """Leave out the events that contradict what is stated of a variable, and note them."""
    for name in sorted(stated):
        means = library.variables[name].means
        if means is None or means.term is None or means.term.of is None:
            continue
        judge = _Judge(means.term, stated[name].domain, library)
        judged = list(judge.judged(gathered.events))
        gathered.events[:] = [kept for _, kept in judged if kept is not None]
        for event, kept in judged:
            if kept is not event:
                _note_contradiction(event, name, gathered)


def _note_contradiction(event: GatheredEvent, variable: str, gathered: Gathered) -> None:
    text = f"what was read of {event.concept} contradicts what is stated of {variable}"
    behind = {source.place.at for each in gathered.events for source in each.sources}
    for source in event.sources:
        row = gathered.account.row(source.place)
        if row.outcome == "used" and not row.variables and row.place.at not in behind:
            row.outcome = None
        gathered.account.note(source.place, "conflict", text)
    places = tuple(dict.fromkeys(source.place.at for source in event.sources))
    gathered.account.conflicts.append(ConflictRow(variable, "derived", places, text))
    gathered.warnings.append(("same-day", variable, text))


@dataclass(frozen=True, slots=True)
class _Judge:
    """Which events can be, given what a term is."""

    term: ConceptTerm
    domain: Domain
    library: Library

    def judged(self, events: Sequence[GatheredEvent]) -> Iterator[tuple[GatheredEvent, GatheredEvent | None]]:
        """Each event with what is left of it."""
        assert self.term.of is not None
        within = self.library.concepts.members(self.term.of)
        many = self._too_many([each for each in events if each.concept in within])
        for each in events:
            if self._denied_finding(each) or (each.concept in within and (many or self._is_denied(each))):
                yield each, None
            elif each.concept in within and self._goes_on(each):
                yield each, replace(each, document={k: v for k, v in each.document.items() if k != "ongoing"})
            else:
                yield each, each

    def _too_many(self, events: Sequence[GatheredEvent]) -> bool:
        if self.term.question != "times" or not isinstance(self.domain, Interval):
            return False
        counted = (each.document.get("times") for each in events)
        return (
            sum(int(each.text) if isinstance(each, NumberText) else 1 for each in counted) > self.domain.high
        )

    def _is_denied(self, event: GatheredEvent) -> bool:
        match self.term.question:
            case "ever":
                return self.domain == _NO
            case "present":
                return self.domain == _NO and event.document.get("present") is True
            case "last_end":
                return isinstance(self.domain, Interval) and self.domain.high < _last_day(event)
            case _:
                return False

    def _denied_finding(self, event: GatheredEvent) -> bool:
        """Whether something broader was looked for and not found, where it is stated to be there."""
        assert self.term.of is not None
        return (
            self.term.question == "present"
            and self.domain == _YES
            and event.document.get("present") is False
            and event.concept is not None
            and self.term.of.concept in self.library.concepts.narrower(event.concept)
        )

    def _goes_on(self, event: GatheredEvent) -> bool:
        return (
            self.term.question == "current" and self.domain == _NO and event.document.get("ongoing") is True
        )


def _last_day(event: GatheredEvent) -> Number:
    """A day before which the event was surely not over."""
    found: list[Number] = [-inf]
    for key in ("start", "end"):
        try:
            found.append(parse_date(event.document.get(key)).low)
        except NotADateError:
            continue
    return max(found)
