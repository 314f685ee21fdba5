"""What complete lists deny: no entry means no only where each list that would hold it is complete, and nothing that may be one is in doubt.

    conditions complete, none of lung disease                        no lung disease
    conditions complete, lung disease provisional                    nothing: it is in doubt
    conditions complete, a condition that nothing reads              nothing at all: it may be what the list would deny
    procedures complete, two grafts found                            two grafts, and no more

What a variable means by the tree of concepts is closed as a concept, so that the theory says what follows; the rest become facts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from solver.dataclass import dataclass
from solver.language.calendar import format_day
from solver.language.concepts import ConceptSet
from solver.language.types import BooleanType, QuantityType
from solver.library.codes.models import AbsenceRule
from solver.library.models import Library, Variable
from solver.patient.account import CompletedList, ConflictRow
from solver.patient.readers.foreign.document import SettledFact
from solver.patient.readers.foreign.door import day_text
from solver.patient.readers.foreign.gathered import Gathered, GatheredEvent, Mention
from solver.patient.readers.foreign.statements import (
    CompleteList,
    ConditionStatement,
    DrugStatement,
    Export,
    ListName,
    ProcedureStatement,
)
from solver.patient.readers.native.json_text import NumberText
from solver.patient.record import Fact

LONGEST_AGE = 28
"""Days after which a list that was complete closes nothing any more."""

_HAPPENED = ("ever", "current", "times")

_STATEMENTS = {
    "conditions": ConditionStatement,
    "procedures": ProcedureStatement,
    "medications": DrugStatement,
}
"""The statements that entries of each list become."""


@dataclass(frozen=True, slots=True)
class ClosedList:
    """A list that is complete: who says so, and the day of that as it is written."""

    list: ListName
    by: str
    date: str

    @property
    def source(self) -> str:
        """The source of what it denies."""
        return f"complete list {self.list}: {self.by} {self.date}"


def closed_lists(
    export: Export, gathered: Gathered, said: Iterable[CompleteList], *, no_ids: bool
) -> dict[str, ClosedList]:
    """The lists that are complete on the day of evaluation; what becomes of those that say so is noted.

    `said` are lists that are complete by what the caller or a site says, besides those of the export.
    """
    found: dict[str, ClosedList] = {}
    stated = [*export.complete, *said]
    for each in sorted(stated, key=lambda each: _latest_first(each, gathered.as_of)):
        reason = _void_reason(each, export, gathered)
        if reason is None:
            by = each.place.at if no_ids and each.place else each.by
            found.setdefault(each.list, ClosedList(each.list, by, _list_date(each, gathered.as_of)))
            if each.place:
                gathered.account.used(each.place)
        elif each.place and each.empty and reason == _CONTRADICTED:
            gathered.account.note(each.place, "conflict", reason)
            gathered.account.conflicts.append(
                ConflictRow(each.list, "complete-list", (each.place.at,), reason)
            )
        elif each.place:
            gathered.account.note(each.place, "not-read", reason)
    return found


_CONTRADICTED = "says that nothing is known, and something of its kind is"


def _void_reason(said: CompleteList, export: Export, gathered: Gathered) -> str | None:
    """Why a list closes nothing; None if it does."""
    if export.more:
        return "the export goes on elsewhere"
    days = said.day
    if days is not None and (days.first is None or days.first < gathered.as_of - LONGEST_AGE):
        return f"was complete more than {LONGEST_AGE} days before the day of evaluation"
    if said.empty and any(_is_entry(each, said.list) for each in export.statements):
        return _CONTRADICTED
    return None


def _is_entry(statement: object, list_name: str) -> bool:
    kind = _STATEMENTS[list_name]
    if not isinstance(statement, kind) or not isinstance(
        statement, ConditionStatement | ProcedureStatement | DrugStatement
    ):
        return False
    denied = isinstance(statement, ConditionStatement) and (statement.excluded or statement.feature)
    return statement.unconfirmed is None and not denied


def _latest_first(said: CompleteList, as_of: int) -> tuple[int, str]:
    """The latest first, and of one day by who says so."""
    last = said.day.last if said.day is not None and said.day.last is not None else as_of
    return -min(last, as_of), said.by


def _list_date(said: CompleteList, as_of: int) -> str:
    return (day_text(said.day) if said.day is not None else None) or format_day(as_of)


@dataclass(frozen=True, slots=True)
class _Denial:
    """What is so where these lists are complete: of a variable, or of a concept that it means."""

    variable: Variable | None
    concept: str | None
    rule: AbsenceRule


@dataclass(frozen=True)
class Completeness:
    """What the lists that are complete deny, given what is mentioned without being an entry."""

    lists: Mapping[str, ClosedList]
    gathered: Gathered
    library: Library

    def rows(self) -> list[CompletedList]:
        """The lists that are complete, with how many of their entries nothing can read."""
        return [
            CompletedList(each.list, each.by, each.date, self.unread(each.list) or None)
            for each in self.lists.values()
        ]

    def unread(self, list_name: str) -> int:
        """How many resources may be an entry of a list that nothing reads."""
        return len({each.place.at for each in self.gathered.mentions if list_name in each.lists})

    @cached_property
    def _possible_denials(self) -> list[_Denial]:
        tables, variables, found = self.library.codes.tables, self.library.variables, list[_Denial]()
        for entry in tables.entries.values():
            if entry.absent is not None and entry.variable is not None:
                variable = variables[entry.variable]
                found.append(_Denial(variable, self.concept_of(variable), entry.absent))
            elif entry.absent is not None and entry.concept is not None:
                found.append(_Denial(None, entry.concept, entry.absent))
        history = tables.history
        found += [
            _Denial(None, each.concept, each.absent) for each in history.classes if each.absent is not None
        ]
        if history.dose is not None and history.dose.absent is not None:
            found.append(_Denial(variables[history.dose.variable], None, history.dose.absent))
        return found

    def concept_of(self, variable: Variable) -> str | None:
        """The concept that a variable means: that it happened, goes on, is there, or how often it did."""
        term = variable.means.term if variable.means else None
        return term.of.concept if term is not None and term.of is not None else None

    def closing(self, concept: str) -> str | None:
        """The source that says that every event of a concept is among the entries; None where nothing does."""
        below = self.library.concepts.narrower
        for denial in self._possible_denials:
            if (
                denial.concept is not None
                and concept in below(denial.concept)
                and self._denial_holds(denial, {})
            ):
                return self._source_of_lists(denial.rule)
        return None

    def _denial_holds(self, denial: _Denial, stated: Mapping[str, Fact]) -> bool:
        lists = denial.rule.lists
        if not lists or any(name not in self.lists for name in lists):
            return False
        if any(self._in_doubt(each, denial) for each in self.gathered.mentions):
            return False
        return denial.concept is None or not any(
            self._says_more(fact, denial.concept) for fact in stated.values()
        )

    def _in_doubt(self, mention: Mention, denial: _Denial) -> bool:
        """Whether something is mentioned that may be what would be denied."""
        if not mention.lists.isdisjoint(denial.rule.lists):
            return True
        if denial.variable is not None and denial.variable.name in mention.variables:
            return True
        if denial.concept is None:
            return False
        tree, concepts = self.library.concepts, set(mention.concepts)
        for name in mention.variables & self.library.variables.keys():
            of = self.concept_of(self.library.variables[name])
            # of a variable that it bears on by a concept of its own, it may be that and no more
            if of is not None and concepts.isdisjoint(tree.narrower(of)):
                concepts.add(of)
        return any(each in tree and tree.overlap(each, denial.concept) for each in concepts)

    def _says_more(self, fact: Fact, concept: str) -> bool:
        """Whether a fact says of something within a concept that it happened, which no entry need say."""
        variable = self.library.variables[fact.variable]
        of = self.concept_of(variable)
        if of is None or of not in self.library.concepts.narrower(concept):
            return False
        return fact.domain != variable.absence

    def closures(self, stated: Mapping[str, Fact]) -> list[tuple[str, str]]:
        """The concepts of which every event is among the entries, each with the source that says so, and none within another.

        What is stated of a variable may be of something that is no entry.
        """
        tree = self.library.concepts
        found: dict[str, str] = {}
        for denial in self._possible_denials:
            if denial.concept is not None and denial.concept in tree and self._denial_holds(denial, stated):
                found.setdefault(denial.concept, self._source_of_lists(denial.rule))
        return [
            (concept, source)
            for concept, source in sorted(found.items())
            if not any(other != concept and concept in tree.narrower(other) for other in found)
        ]

    def denied(self, known: Collection[str]) -> Iterator[SettledFact]:
        """The facts that follow, and are not among the known ones, of variables that mean no concept.

        So too of those that mean one of which an entry is no event, and yet might be by the tree alone: another entry of the list
        may be of several concepts, and a list denies all but those that it is of.
        """
        done = set(known)
        for denial in self._possible_denials:
            variable = denial.variable
            if variable is None or denial.concept is not None or variable.name in done:
                continue
            if self._denial_holds(denial, {}):
                done.add(variable.name)
                said = tuple(self.lists[name].source for name in denial.rule.lists)
                yield SettledFact(variable.name, absent_fact(variable, denial.rule), None, (), said=said)
        for denial in self._possible_denials:
            if (
                denial.concept is None
                or not self._only_touched(denial.concept)
                or not self._denial_holds(denial, {})
            ):
                continue
            said = tuple(self.lists[name].source for name in denial.rule.lists)
            for variable in self._that_mean(denial.concept):
                if variable.name not in done:
                    done.add(variable.name)
                    absent = False if isinstance(variable.type, BooleanType) else 0
                    fact = absent_fact(variable, AbsenceRule(denial.rule.lists, absent))
                    yield SettledFact(variable.name, fact, None, (), said=said)

    def _only_touched(self, concept: str) -> bool:
        """Whether no entry is of a concept, or of something broader, and yet one may be of both."""
        tree = self.library.concepts
        of = {each.concept for each in self.gathered.events if each.concept is not None}
        if any(each in tree.narrower(concept) or concept in tree.narrower(each) for each in of):
            return False
        return any(tree.overlap(each, concept) for each in of)

    def _that_mean(self, concept: str) -> list[Variable]:
        """The variables that say of just this concept that it happened, goes on, or how often it did."""
        found = []
        for variable in self.library.variables.values():
            term = variable.means.term if variable.means else None
            if term is None or term.of is None or term.question not in _HAPPENED:
                continue
            if term.of == ConceptSet(term.of.kind, concept):
                found.append(variable)
        return found

    def _source_of_lists(self, rule: AbsenceRule) -> str:
        return "; ".join(self.lists[name].source for name in rule.lists)


def absent_fact(variable: Variable, rule: AbsenceRule) -> dict[str, object]:
    """What a variable is by a rule, as a record writes it."""
    value = rule.value
    if isinstance(value, bool) or not isinstance(value, int):
        return {"value": value}
    found: dict[str, object] = {"value": NumberText(str(value))}
    if isinstance(variable.type, QuantityType) and not variable.bare:
        found["unit"] = variable.type.unit.text
    drug = next((name for name, worth in variable.drugs.items() if worth == 1), None)
    return {**found, "drug": drug} if drug else found


def without_harmless(
    events: Sequence[GatheredEvent], closures: Iterable[tuple[str, str]], library: Library
) -> list[GatheredEvent]:
    """The events, without names that nothing knows and that are of nothing that a list denies, where something of theirs is closed."""
    closed = {library.concepts[concept].list for concept, _ in closures}
    return [each for each in events if not (each.harmless and each.list in closed)]
