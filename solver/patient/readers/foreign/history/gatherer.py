"""What all topics of the history gather with: the library's concepts, the account, and events of which several resources tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from functools import cached_property

from solver.dataclass import dataclass
from solver.library.codes.history_models import ConceptClass, HistoryCodes
from solver.library.models import Library
from solver.patient.account import ResourcePlace
from solver.patient.readers.foreign.gathered import FactSource, Gathered, GatheredEvent, Mention
from solver.patient.readers.foreign.history.recognition import Recognition
from solver.patient.readers.foreign.history.spans import EventSpan, entry_of
from solver.patient.readers.foreign.statements import CodedText, PossibleDays
from solver.text import clean, shorten

_MOST_TOLD = 4


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Something that happens on one day, such as an infusion, as one resource tells of it.

    `days` None: on any day. One that is not `done` is an order, or a status, that rests on it; a `status` may stand for several.
    """

    concept: str
    days: PossibleDays | None
    source: FactSource
    done: bool = True
    status: bool = False


@dataclass(frozen=True, slots=True)
class Intake:
    """A drug or a treatment over a while, as one resource tells of it."""

    concept: str
    span: EventSpan
    source: FactSource


@dataclass
class HistoryGatherer:
    """The tools and what is gathered so far; `occurrences` and `intakes` become events when all topics are through."""

    gathered: Gathered
    library: Library
    occurrences: list[Occurrence] = field(default_factory=list)
    intakes: list[Intake] = field(default_factory=list)

    @property
    def as_of(self) -> int:
        """The day of evaluation."""
        return self.gathered.as_of

    @cached_property
    def recognition(self) -> Recognition:
        """The codes and names of concepts."""
        return Recognition(self.library)

    @property
    def codes(self) -> HistoryCodes:
        """What mapping files say of the history."""
        return self.library.codes.tables.history

    @cached_property
    def meanings(self) -> Mapping[str, tuple[str, ...]]:
        """For each concept, the variables that mean that it happened, goes on, or how often it did."""
        found: dict[str, tuple[str, ...]] = {}
        for name, variable in self.library.variables.items():
            term = variable.means.term if variable.means else None
            if term is not None and term.of is not None and term.question in ("ever", "current", "times"):
                found[term.of.concept] = (*found.get(term.of.concept, ()), name)
        return found

    def concept_of(self, variable: str) -> str | None:
        """The concept that a variable means, if it means that it happened or goes on."""
        return next((concept for concept, names in self.meanings.items() if variable in names), None)

    def variables_of(self, concepts: Iterable[str]) -> frozenset[str]:
        """The variables that say of these concepts, or of something broader, that they happened."""
        above = {each for concept in concepts for each in self.recognition.tree.broader(concept)}
        return frozenset(name for concept in above for name in self.meanings.get(concept, ()))

    def counted(self, concept: str) -> bool:
        """Whether a variable says how often a concept, or something broader or narrower, happened."""
        tree = self.recognition.tree
        return any(
            variable.means is not None
            and (term := variable.means.term) is not None
            and term.question == "times"
            and term.of is not None
            and tree.overlap(term.of.concept, concept)
            for variable in self.library.variables.values()
        )

    def class_of(self, concept: str) -> Iterable[ConceptClass]:
        """What mapping files say of the concept and of what is broader."""
        above = self.recognition.tree.broader(concept)
        return [each for each in self.codes.classes if each.concept in above]

    def mention(
        self,
        place: ResourcePlace,
        text: str,
        concepts: Iterable[str] = (),
        variables: Iterable[str] = (),
        *,
        unconfirmed: bool = False,
    ) -> frozenset[str]:
        """Note that something may be so, and return the variables whose absence is in doubt."""
        of = frozenset(concepts)
        doubted = self.variables_of(of) | frozenset(variables)
        self.gathered.mentions.append(Mention(place, text, doubted, of, unconfirmed=unconfirmed))
        return doubted

    def unread(self, place: ResourcePlace, code: CodedText, list_name: str | None) -> None:
        """Note that nothing reads a code; with a list, that what stands there may be what the list would deny."""
        account = self.gathered.account
        told = []
        for coding in code.codings:
            if coding.code:
                system = self.recognition.system_name(coding) or coding.system or "no system"
                account.unknown_codes[coding.system or "", coding.code] += 1
                told.append(f"{shorten(clean(system))} {shorten(clean(coding.code))}")
        reason = (
            f"nothing reads {', '.join(sorted(told)[:_MOST_TOLD])}" if told else "it has no code that is read"
        )
        account.note(place, "unknown-code", reason)
        if list_name is not None:
            self.gathered.mentions.append(Mention(place, reason, lists=frozenset({list_name})))

    def event(
        self,
        concept: str,
        span: EventSpan,
        sources: Iterable[FactSource],
        rule: str | None = None,
        *,
        harmless: bool = False,
    ) -> None:
        """Gather an entry of the list of a concept; `span` is settled."""
        of = self.recognition.tree[concept]
        entry = entry_of(concept, span, self.as_of, of.lasts)
        self.gathered.events.append(GatheredEvent(of.list, entry, concept, tuple(sources), rule, harmless))


def in_order(sources: Iterable[FactSource]) -> list[FactSource]:
    """Sources by their days and resources, whatever the order of the export."""
    return sorted(dict.fromkeys(sources), key=_source_order)


def _source_order(source: FactSource) -> tuple[int, str, str, str, str]:
    first = source.days.first if source.days is not None and source.days.first is not None else 0
    coding = source.coding.code if source.coding is not None else None
    return first, source.place.type, source.place.id or "", coding or source.said or "", source.place.at
