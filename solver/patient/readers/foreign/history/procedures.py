"""Procedures: what was done, by its code. One that no code tells is none, and may be what a list denies only where its text is suspect."""

from __future__ import annotations

import re
from collections.abc import Iterable

from solver.patient.readers.foreign.gathered import FactSource
from solver.patient.readers.foreign.history.gatherer import HistoryGatherer, Occurrence
from solver.patient.readers.foreign.history.recognition import LONGEST_TEXT
from solver.patient.readers.foreign.history.spans import EventSpan, begins_after
from solver.patient.readers.foreign.statements import CodedText, Coding, Faulty, ProcedureStatement

PROCEDURE = "Procedure"


def gather_procedures(statements: Iterable[ProcedureStatement], gatherer: HistoryGatherer) -> None:
    """Gather what was done, and mentions of what may have been."""
    account = gatherer.gathered.account
    for statement in statements:
        place, days = statement.place, statement.days
        concepts = _narrowest_concepts(statement.code, gatherer)
        later = begins_after(None if isinstance(days, Faulty) else days, gatherer.as_of)
        if not concepts:
            suspect = not later and is_suspect(statement.code, gatherer)
            gatherer.unread(place, statement.code, "procedures" if suspect else None)
        elif statement.unconfirmed is not None:
            doubted = gatherer.mention(place, statement.unconfirmed, concepts, unconfirmed=True)
            account.note(place, "unconfirmed", statement.unconfirmed, *doubted)
        elif isinstance(days, Faulty):
            gatherer.mention(place, days.reason, concepts)
            account.note(place, "date", days.reason)
        elif later:
            account.note(place, "after-as-of", "it was done after the day of evaluation")
        else:
            for concept, coding in concepts.items():
                source = FactSource(place, coding, days)
                if gatherer.recognition.tree[concept].lasts == "day":
                    gatherer.occurrences.append(Occurrence(concept, days, source))
                else:
                    gatherer.event(concept, EventSpan(days, days, False), [source])
            account.used(place)


def _narrowest_concepts(code: CodedText, gatherer: HistoryGatherer) -> dict[str, Coding | None]:
    """The narrowest concepts that a procedure is, each with the coding that told."""
    found: dict[str, Coding | None] = {}
    codes = gatherer.library.codes
    for coding in sorted(code.codings, key=lambda each: (each.system or "", each.code or "")):
        for entry in codes.find(PROCEDURE, coding):
            if entry.concept is not None:
                found.setdefault(entry.concept, coding)
    for concept, coding in gatherer.recognition.coded(code.codings, "therapy").items():
        found.setdefault(concept, coding)
    for entry in codes.by_text(PROCEDURE, code.text) if code.text else ():
        if entry.concept is not None:
            found.setdefault(entry.concept, None)
    return {name: found[name] for name in gatherer.recognition.narrowest(found)}


def is_suspect(code: CodedText, gatherer: HistoryGatherer) -> bool:
    """Whether the text of a code holds a word of what lists deny."""
    suspect = gatherer.codes.suspect
    texts = [*(coding.display for coding in code.codings), code.text]
    whole = " ".join(" ".join(text.casefold().split()) for text in texts if text)[:LONGEST_TEXT]
    words = set(re.findall(r"\w+", whole))
    return any(part.casefold() in whole for part in suspect.parts) or any(
        word.casefold() in words for word in suspect.words
    )
