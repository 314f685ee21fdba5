"""Conditions: events of what they are, and facts of the variables that no event tells, now or ever.

    clinical status active             it goes on                     the now variable is true
    resolved, or an abatement          it is over                     the now variable is not in doubt, an ever variable is true
    neither, or both                   it began, and that is all      the now variable is in doubt

What is not confirmed, has unreadable days, or is known by nothing that is read, forbids to conclude that there was none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import cached_property

from solver.dataclass import dataclass
from solver.library.codes.models import CodeEntry
from solver.patient.account import ConflictRow, Outcome, ResourcePlace
from solver.patient.readers.foreign.gathered import Candidate, FactSource, Mention
from solver.patient.readers.foreign.history.gatherer import HistoryGatherer, Occurrence, in_order
from solver.patient.readers.foreign.history.many_entries import MOST_SOURCES, ToldEvent, within_limit
from solver.patient.readers.foreign.history.spans import EventSpan, begins_after, cut, readable, settled
from solver.patient.readers.foreign.statements import Coding, ConditionStatement, Faulty, PossibleDays

CONDITION = "Condition"
_GOING_ON = ("active", "recurrence", "relapse")
_OVER = ("remission", "inactive", "resolved")


@dataclass(frozen=True, slots=True)
class ReadCondition:
    """A condition with what its codes mean: the entries that state a variable, those that only offer it, and the concepts.

    `concepts` are those that it is an event of, and `meant` all that its codes mean. `told` is the coding of each entry and concept.
    `ongoing` None: nothing says whether it goes on.
    """

    statement: ConditionStatement
    stated: tuple[CodeEntry, ...]
    offered: tuple[CodeEntry, ...]
    concepts: tuple[str, ...]
    meant: tuple[str, ...]
    told: dict[str, Coding]
    ongoing: bool | None

    def source(self, name: str) -> FactSource:
        """The source of what an entry or a concept says."""
        return FactSource(self.statement.place, self.told.get(name), readable(self.statement.onset))


def ongoing(statement: ConditionStatement, as_of: int) -> bool | None:
    """Whether a condition goes on; None where nothing says so, or both."""
    end = readable(statement.abatement)
    over = statement.abated if end is None else not begins_after(end, as_of)
    if statement.status in _GOING_ON:
        return None if over else True
    return False if over or statement.status in _OVER else None


def gather_conditions(
    statements: Iterable[ConditionStatement], gatherer: HistoryGatherer, other_diseases: Collection[str] = ()
) -> None:
    """Gather events, facts and mentions of the conditions, those of the disease treated now apart.

    `other_diseases` are the places of diseases that might be the one treated now, and are not: they are known, whatever else reads them.
    """
    _Conditions(gatherer, frozenset(other_diseases)).gather(list(statements))


class _Conditions:
    def __init__(self, gatherer: HistoryGatherer, other_diseases: frozenset[str]) -> None:
        self.gatherer, self.other_diseases = gatherer, other_diseases
        self.gathered, self.recognition = gatherer.gathered, gatherer.recognition
        self.account, self.as_of = gatherer.gathered.account, gatherer.as_of
        self.true: dict[str, list[tuple[CodeEntry, FactSource]]] = {}
        self.weaker: set[str] = set()
        self.events: dict[tuple[str, EventSpan], list[FactSource]] = {}

    def gather(self, statements: Sequence[ConditionStatement]) -> None:
        """All of it."""
        for statement in statements:
            self._read_condition(statement)
        told = [
            ToldEvent(concept, span, tuple(in_order(sources)[:MOST_SOURCES]))
            for (concept, span), sources in self.events.items()
        ]
        for event in within_limit(told):
            weaker = event.concept in self.weaker
            self.gatherer.event(event.concept, event.span, event.sources, harmless=weaker)
        for variable, stated in self.true.items():
            sources = in_order(source for _, source in stated)
            days = PossibleDays(None, self.as_of)
            entry = min((each for each, _ in stated), key=lambda each: each.id)
            candidate = Candidate(
                variable,
                {"value": True},
                sources[0],
                days,
                entry.id,
                lasting=entry.when == "ever",
                also=tuple(sources[1:]),
            )
            self.gathered.candidates.append(candidate)

    def _read_condition(self, statement: ConditionStatement) -> None:
        place, onset = statement.place, readable(statement.onset)
        read = self._condition_meant(statement)
        known = bool(read.stated or read.offered or read.concepts or (statement.feature and read.meant))
        if statement.excluded:
            self._deny_excluded(read)
            return
        if begins_after(onset, self.as_of):
            self.account.note(place, "after-as-of", "it begins after the day of evaluation")
            if not known:
                self.gatherer.unread(place, statement.code, None)
            return
        if not known and place.at in self.other_diseases:
            return
        if not known:
            self.gatherer.unread(place, statement.code, self._list_in_doubt(statement))
            return
        if statement.unconfirmed is not None or statement.feature:
            reason = statement.unconfirmed or "seen at some time, which is no diagnosis"
            self._note_doubt(read, "unconfirmed", reason)
            return
        span = self._condition_span(read)
        if span is None:
            self._note_doubt(read, "date", self._date_reason(statement))
        elif self._codings_conflict(read):
            self._note_doubt(read, "conflict", "its codings mean different things")
        else:
            self._use_condition(read, span)

    def _condition_meant(self, statement: ConditionStatement) -> ReadCondition:
        codes, told = self.gatherer.library.codes, dict[str, Coding]()
        entries: dict[str, CodeEntry] = {}
        for coding in sorted(statement.code.codings, key=lambda each: (each.system or "", each.code or "")):
            disease = self.recognition.disease_codes([coding])
            for entry in codes.find(CONDITION, coding):
                if disease and entry.offers:
                    continue
                entries[entry.id] = entry
                told.setdefault(entry.id, coding)
        if statement.code.text:
            entries |= {entry.id: entry for entry in codes.by_text(CONDITION, statement.code.text)}
        stated = [entry for entry in entries.values() if not entry.offers]
        known = {entry.variable for entry in stated}
        offered = [entry for entry in entries.values() if entry.offers and entry.variable not in known]
        coded = self.recognition.coded(statement.code.codings, "condition", "diagnosis", "therapy")
        for concept, coding in coded.items():
            told.setdefault(concept, coding)
        meant = dict.fromkeys(coded)
        for entry in (*stated, *offered):
            of = entry.concept or self.gatherer.concept_of(entry.variable or "")
            if of is not None and (entry.concept is not None or not entry.offers):
                meant.setdefault(of)
                if entry.id in told:
                    told.setdefault(of, told[entry.id])
        allowed = [
            each for concept in meant for each in self._allowed_concepts(concept, {*known} - {None}, told)
        ]
        return ReadCondition(
            statement,
            tuple(sorted(stated, key=lambda each: each.id)),
            tuple(sorted(offered, key=lambda each: each.id)),
            tuple(sorted(self.recognition.narrowest(allowed))),
            tuple(sorted(self.recognition.narrowest(meant))),
            told,
            False if any(entry.over for entry in stated) else ongoing(statement, self.as_of),
        )

    def _allowed_concepts(self, concept: str, stated: set[str | None], told: dict[str, Coding]) -> list[str]:
        """The concept, or what is right above it of which no variable follows that its codes do not state."""
        if not any(
            variable not in stated
            for of, variable in self._guarded_concepts.items()
            if self.recognition.belongs(concept, of)
        ):
            return [concept]
        found = []
        for above in self.recognition.tree[concept].broader:
            if concept in told:
                told.setdefault(above, told[concept])
            found += self._allowed_concepts(above, stated, told)
        # that it is some disease, and which is not said, is nothing to write down
        weaker = [each for each in found if self.recognition.tree[each].kind == "condition"]
        self.weaker.update(weaker)
        return weaker

    @cached_property
    def _guarded_concepts(self) -> dict[str, str]:
        """The concepts that variables mean of which entries say which codes state them."""
        found = {}
        for entry in self.gatherer.library.codes.entries.values():
            if entry.resource == CONDITION and entry.variable and not entry.offers:
                concept = self.gatherer.concept_of(entry.variable)
                if concept is not None:
                    found[concept] = entry.variable
        return found

    def _list_in_doubt(self, statement: ConditionStatement) -> str | None:
        """The list of which such a condition leaves all open; None where it is known to be none of what the list denies."""
        codes = self.gatherer.library.codes
        if statement.feature or codes.tables.unread == "ignore":
            return None
        for coding in statement.code.codings:
            whole = self.recognition.system_name(coding) in self.gatherer.codes.whole
            if (whole and coding.code) or codes.harmless(coding):
                return None
        return "conditions"

    def _possible_variables(self, read: ReadCondition) -> set[str]:
        """The variables of which no entry has its codes, and that it may be for what it is; none by a classification that is read whole."""
        if self._list_in_doubt(read.statement) is None:
            return set()
        told = {entry.variable for entry in (*read.stated, *read.offered)}
        found = set()
        for entry in self.gatherer.library.codes.entries.values():
            variable = entry.variable
            if entry.resource != CONDITION or variable is None or variable in told:
                continue
            if entry.when == "now" and read.ongoing is False:
                continue
            of = entry.concept or (None if entry.offers else self.gatherer.concept_of(variable))
            if of is not None and any(self.recognition.belongs(each, of) for each in read.meant):
                found.add(variable)
        return found

    def _condition_span(self, read: ReadCondition) -> EventSpan | None:
        """When it was; None where its days cannot be read."""
        statement = read.statement
        if any(entry.over for entry in read.stated):
            # the day of a history is none of what it is the history of
            return EventSpan(ongoing=False)
        if isinstance(statement.onset, Faulty) or isinstance(statement.abatement, Faulty):
            return None
        if settled(EventSpan(statement.onset, statement.abatement, read.ongoing), self.as_of) is None:
            return None
        over = read.ongoing is False and statement.abatement is not None
        return EventSpan(
            statement.onset, cut(statement.abatement, self.as_of) if over else None, read.ongoing
        )

    def _date_reason(self, statement: ConditionStatement) -> str:
        for days in (statement.onset, statement.abatement):
            if isinstance(days, Faulty):
                return days.reason
        return "it ends before it begins"

    def _codings_conflict(self, read: ReadCondition) -> bool:
        """Whether two of its codings mean conditions of which neither is a kind of the other."""
        by_coding = []
        for coding in read.statement.code.codings:
            coded = self.recognition.coded([coding], "condition", "diagnosis", "therapy")
            entries = self.gatherer.library.codes.find(CONDITION, coding)
            coded_by = {c for e in entries if (c := e.concept or self.gatherer.concept_of(e.variable or ""))}
            meant = {*coded} | coded_by
            if meant:
                by_coding.append(meant)
        return any(
            not self._any_overlap(one, other) for i, one in enumerate(by_coding) for other in by_coding[:i]
        )

    def _any_overlap(self, one: set[str], other: set[str]) -> bool:
        tree = self.recognition.tree
        return any(tree.overlap(a, b) for a in one for b in other)

    def _doubted_variables(self, read: ReadCondition) -> frozenset[str]:
        """The variables that it would state or offer; of those that say *now*, none where it is over."""
        found: set[str] = set()
        for entry in (*read.stated, *read.offered):
            if entry.when == "now" and read.ongoing is False:
                continue
            found.update({entry.variable} if entry.variable else (), entry.mentions)
        return frozenset(found | self._possible_variables(read))

    def _note_doubt(self, read: ReadCondition, outcome: Outcome, reason: str) -> None:
        """Note that it may be so."""
        place, variables = read.statement.place, self._doubted_variables(read)
        self.gathered.mentions.append(
            Mention(place, reason, variables, frozenset(read.meant), unconfirmed=outcome == "unconfirmed")
        )
        self.account.note(place, outcome, reason, *variables)
        if outcome == "conflict":
            rows = [ConflictRow(variable, "codings", (place.at,), reason) for variable in sorted(variables)]
            self.account.conflicts.extend(rows)

    def _use_condition(self, read: ReadCondition, span: EventSpan) -> None:
        place, used = read.statement.place, set[str]()
        for entry in read.stated:
            variable = entry.variable
            if variable is None:
                continue
            if entry.when == "now" and read.ongoing is False:
                continue
            if entry.when == "now" and read.ongoing is None:
                self._in_doubt(place, {variable, *entry.mentions}, "nothing says whether it goes on")
                continue
            used.add(variable)
            if self.gatherer.concept_of(variable) is None:
                self.true.setdefault(variable, []).append((entry, read.source(entry.id)))
            if entry.mentions:
                self._in_doubt(place, entry.mentions, "what it is may be that as well")
        for entry in read.offered:
            if entry.variable is None or (entry.when == "now" and read.ongoing is False):
                continue
            if entry.while_current is not None and (sources := self._current_sources(entry.while_current)):
                used.add(entry.variable)
                self.true.setdefault(entry.variable, []).extend(
                    (entry, source) for source in (read.source(entry.id), *sources)
                )
            else:
                self._in_doubt(place, {entry.variable}, "it makes this possible, and does not state it")
        for concept in read.concepts:
            self._note_event(read, concept, span)
        if perhaps := self._possible_variables(read):
            self._in_doubt(place, perhaps, "it may be that, and no entry has its code")
        if used or any(concept not in self.weaker for concept in read.concepts):
            self.account.used(place, *used)
        elif read.offered:
            variables = [entry.variable for entry in read.offered if entry.variable]
            self.account.note(place, "unconfirmed", "it may be, and no code tells", *variables)
        elif read.stated:
            self.account.used(place)
        elif place.at not in self.other_diseases:
            # only that it is something broader is written down, and not for long
            self.gatherer.unread(place, read.statement.code, None)

    def _note_event(self, read: ReadCondition, concept: str, span: EventSpan) -> None:
        if self.recognition.tree[concept].kind == "therapy":
            # a status tells that something was done, and not when
            occurrence = Occurrence(concept, None, read.source(concept), done=False, status=True)
            self.gatherer.occurrences.append(occurrence)
        else:
            self.events.setdefault((concept, span), []).append(read.source(concept))

    def _current_sources(self, concept: str) -> list[FactSource]:
        """The sources of what goes on of a concept."""
        return [
            intake.source
            for intake in self.gatherer.intakes
            if intake.span.ongoing and self.recognition.belongs(intake.concept, concept)
        ]

    def _in_doubt(self, place: ResourcePlace, variables: Iterable[str], reason: str) -> None:
        self.gathered.mentions.append(Mention(place, reason, frozenset(variables)))

    def _deny_excluded(self, read: ReadCondition) -> None:
        """What is denied: each variable that means what is excluded, or something narrower."""
        place, tree = read.statement.place, self.recognition.tree
        denied = set()
        for entry in read.stated:
            concept = self.gatherer.concept_of(entry.variable or "")
            if entry.variable and concept and any(each in tree.broader(concept) for each in read.concepts):
                denied.add(entry.variable)
                source = read.source(entry.id)
                candidate = Candidate(entry.variable, {"value": False}, source, None, entry.id)
                self.gathered.candidates.append(candidate)
        if denied:
            self.account.used(place, *denied)
        else:
            self.account.note(place, "not-a-state", "what it denies is none of the variables")
