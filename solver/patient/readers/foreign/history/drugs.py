"""Drugs: what was given, taken, dispensed or ordered, found by its codes and by the names in its texts.

a product with two ingredients             an event of each
an ointment of a class that counts no ointment    nothing
a name that nothing knows                  kept as it is written; by text alone it may be what a list denies
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from solver.language.concepts import LISTS
from solver.patient.readers.foreign.gathered import FactSource, GatheredEvent, Mention
from solver.patient.readers.foreign.history.gatherer import HistoryGatherer, Intake, Occurrence, in_order
from solver.patient.readers.foreign.history.many_entries import MOST_SOURCES
from solver.patient.readers.foreign.history.recognition import LONGEST_TEXT, Told
from solver.patient.readers.foreign.history.spans import (
    EventSpan,
    begins_after,
    entry_of,
    readable,
    settled,
)
from solver.patient.readers.foreign.statements import CodedText, DrugStatement, Faulty
from solver.text import clean, shorten

_LIST = "therapies"
_MEDICATIONS = "medications"
_MOST_NAMES = 100


def gather_drugs(statements: Iterable[DrugStatement], gatherer: HistoryGatherer) -> None:
    """Gather the intake of each drug, unknown names, and mentions of what may have been taken."""
    reader = _Drugs(gatherer)
    for statement in statements:
        reader.read(statement)
    reader.write_names()


class _Drugs:
    def __init__(self, gatherer: HistoryGatherer) -> None:
        self.gatherer = gatherer
        self.gathered, self.account = gatherer.gathered, gatherer.gathered.account
        self.as_of = gatherer.as_of
        self.names: dict[str, list[tuple[EventSpan, FactSource]]] = {}

    def read(self, statement: DrugStatement) -> None:
        """One statement."""
        found, unknown = recognised(statement, self.gatherer)
        counted = [told for told in found if not uncounted(told.concept, statement, self.gatherer)]
        place, start = statement.place, readable(statement.start)
        later = begins_after(start, self.as_of)
        if not found:
            listed = not later and any(
                self._leaves_open(code) for code in unknown or statement.codes or (CodedText(),)
            )
            for code in unknown or (CodedText(),):
                self.gatherer.unread(place, code, None)
            if listed:
                mention = Mention(place, "a drug that nothing knows", lists=frozenset({_MEDICATIONS}))
                self.gathered.mentions.append(mention)
        reason = self._why_unsure(statement)
        concepts = [told.concept for told in counted if told.concept is not None]
        if reason is not None:
            doubted = (
                self.gatherer.mention(place, reason, concepts, unconfirmed=True) if concepts else frozenset()
            )
            self.account.note(place, "unconfirmed", reason, *doubted)
        elif found and not counted:
            self.account.note(place, "not-a-state", "in this form it counts for nothing")
        elif isinstance(statement.start, Faulty) or isinstance(statement.end, Faulty):
            self._bad_days(statement, concepts)
        elif later:
            self.account.note(place, "after-as-of", "it begins after the day of evaluation")
        else:
            self._use_intake(statement, counted, unknown)

    def _why_unsure(self, statement: DrugStatement) -> str | None:
        if statement.unconfirmed is not None:
            return statement.unconfirmed
        if statement.order and not self.gatherer.library.codes.tables.orders_count:
            return "an order, which counts as no exposure here"
        return None

    def _bad_days(self, statement: DrugStatement, concepts: list[str]) -> None:
        faults = [days.reason for days in (statement.start, statement.end) if isinstance(days, Faulty)]
        reason = faults[0] if faults else "it ends before it begins"
        if concepts:
            self.gatherer.mention(statement.place, reason, concepts)
        self.account.note(statement.place, "date", reason)

    def _use_intake(self, statement: DrugStatement, counted: list[Told], unknown: list[CodedText]) -> None:
        span = settled(
            EventSpan(readable(statement.start), readable(statement.end), statement.ongoing), self.as_of
        )
        if span is None:
            self._bad_days(statement, [told.concept for told in counted if told.concept is not None])
            return
        kept = False
        for told in counted:
            source = self._intake_source(statement, told, span)
            if told.concept is None:
                self._keep_name(told.name, span, source)
            elif self.gatherer.recognition.tree[told.concept].lasts == "day":
                days = None if statement.order else span.start
                done = not statement.order
                self.gatherer.occurrences.append(Occurrence(told.concept, days, source, done=done))
            else:
                self.gatherer.intakes.append(
                    Intake(told.concept, self._intake_span(told.concept, span), source)
                )
            kept = True
        for code in unknown:
            name = _name_of(code)
            if name is None:
                continue
            if counted:
                # one of several ingredients: its own name is wanted
                self.gatherer.unread(statement.place, code, _MEDICATIONS if self._leaves_open(code) else None)
            source = self._intake_source(statement, Told(name, None, text=name), span)
            self._keep_name(name, span, source)
            kept = True
        if kept:
            self.account.used(statement.place)

    def _intake_span(self, concept: str, span: EventSpan) -> EventSpan:
        """The span of an intake; of what is given dose by dose, one that has no end may have ended."""
        open_ended = span.ongoing is True and span.end is None
        if open_ended and any(each.open_order == "unknown" for each in self.gatherer.class_of(concept)):
            return replace(span, ongoing=None)
        return span

    def _keep_name(self, name: str, span: EventSpan, source: FactSource) -> None:
        """Keep a name that is no concept as it is written; that it may be what a list denies is said apart."""
        tree = self.gatherer.recognition.tree
        if any(tree.in_list(each, name) is not None for each in LISTS):
            # a word that means something else in a record is none there
            name = f"{name} (as it is named)"
        self.names.setdefault(name, []).append((span, source))

    def write_names(self) -> None:
        """Write the names that are no concept, each once; one of several intakes without its days."""
        for name in sorted(self.names)[:_MOST_NAMES]:
            told = self.names[name]
            as_of = self.gatherer.as_of
            spans = {repr(entry_of(name, span, as_of)) for span, _ in told}
            entry = entry_of(name, told[0][0] if len(spans) == 1 else EventSpan(), as_of)
            sources = in_order(source for _, source in told)[:MOST_SOURCES]
            self.gathered.events.append(GatheredEvent(_LIST, entry, None, tuple(sources), harmless=True))

    def _intake_source(self, statement: DrugStatement, told: Told, span: EventSpan) -> FactSource:
        said = f"text {told.text}" if told.text is not None else None
        return FactSource(statement.place, told.coding, span.start, said, statement.order)

    def _leaves_open(self, code: CodedText) -> bool:
        """Whether a drug that no name tells may be what a list denies: it is known by its text alone."""
        codes, known = self.gatherer.library.codes, self.gatherer.codes
        if codes.tables.unread == "ignore":
            return False
        for coding in code.codings:
            system = self.gatherer.recognition.system_name(coding)
            if not coding.code:
                continue
            if system in known.known_by_code or codes.harmless(coding):
                return False
            if system in known.known_by_display and (coding.display or code.text):
                return False
        return True


def recognised(statement: DrugStatement, gatherer: HistoryGatherer) -> tuple[list[Told], list[CodedText]]:
    """The drugs that a statement is of, each once, and those of its codes that none is known by.

    The first of the codes is the product: it is not wanted where its ingredients tell.
    """
    found: dict[str, Told] = {}
    unknown = []
    for position, code in enumerate(statement.codes):
        told = gatherer.recognition.drugs(code)
        for each in told:
            found.setdefault(each.name, each)
        if not told and (position > 0 or len(statement.codes) == 1):
            unknown.append(code)
    if not found and not unknown:
        unknown = list(statement.codes[:1])
    kept = set(
        gatherer.recognition.narrowest(told.concept for told in found.values() if told.concept is not None)
    )
    return [told for told in found.values() if told.concept is None or told.concept in kept], unknown


def uncounted(concept: str | None, statement: DrugStatement, gatherer: HistoryGatherer) -> bool:
    """Whether a product of a concept comes in a form, or by a route, in which it is no event of it."""
    if concept is None:
        return False
    above = gatherer.recognition.tree.broader(concept)
    for form in gatherer.codes.forms:
        if above.isdisjoint(form.concepts):
            continue
        said = [statement.form, *statement.codes]
        routes = [dosage.route for dosage in statement.dosages]
        if any(_code_says(code, form.words, form.codes, gatherer) for code in said):
            return True
        if routes and all(_code_says(route, form.words, form.codes, gatherer) for route in routes):
            return True
    return False


def _code_says(
    code: CodedText, words: frozenset[str], codes: Iterable[object], gatherer: HistoryGatherer
) -> bool:
    known = set(codes)
    if any(gatherer.library.codes.tables.mapped(coding) in known for coding in code.codings):
        return True
    for text in (*(coding.display for coding in code.codings), code.text):
        said = set(re.findall(r"[\w-]+", (text or "")[:LONGEST_TEXT].casefold()))
        if said & words or {part for each in said for part in each.split("-")} & words:
            return True
    return False


def _name_of(code: CodedText) -> str | None:
    """The text by which a drug is known; its displays in the order of the alphabet, where there is no text."""
    texts = [code.text, *sorted(coding.display for coding in code.codings if coding.display)]
    return next((shorten(clean(text)) for text in texts if text and text.strip()), None)
