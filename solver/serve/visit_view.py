"""What the page of a visit shows: its questions, its recorded facts and its trials, as templates take them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from solver.dataclass import dataclass
from solver.engine.banner import is_closed
from solver.engine.finding_out.open_questions import TrialStanding
from solver.language.concepts import LISTS
from solver.library.models import Library
from solver.patient.answered_terms import unwritten_answers
from solver.report.brief_words import in_place
from solver.report.interview_words import (
    CONTRADICTS,
    nothing_left,
    recruitment_words,
    verdict_words,
    why_asked,
)
from solver.report.words import Wording, site_words
from solver.serve.answers import CLOSED, CLOSURES, DAY
from solver.serve.desk import Desk
from solver.serve.fields import Entered, FactField, entry_texts, fact_field, named_parts
from solver.serve.visits import Visit


@dataclass(frozen=True, slots=True)
class TrialRow:
    """A row of the trials."""

    code: str
    title: str
    verdict: str
    words: str
    recruitment: str
    closed: bool


@dataclass(frozen=True, slots=True)
class EventEntry:
    """An entry of a list of events, with the texts that can be corrected, and all it says where it has others."""

    name: str
    label: str
    fields: tuple[tuple[str, str], ...]
    rest: str
    error: str = ""

    @property
    def key(self) -> str:
        """What stands for its name in the ids of elements."""
        return self.name.replace("[", "-").replace("]", "")

    def touched_by(self, names: Collection[str]) -> bool:
        """Whether fields of these names are among its own."""
        return any(name.startswith(f"{self.name}.") for name in names)

    @property
    def wrong(self) -> tuple[str, ...]:
        """The keys of the fields that the error is about: those that it names, else all."""
        keys = tuple(key for key, _ in self.fields) if self.error else ()
        return named_parts(self.error, self.name, keys) or keys


@dataclass(frozen=True, slots=True)
class VisitView:
    """All that the page of a visit shows."""

    id: str
    patient: str
    headline: str
    day: FactField
    said: str
    alerts: tuple[str, ...]
    questions: tuple[FactField, ...]
    nothing: str
    facts: tuple[FactField, ...]
    events: tuple[EventEntry, ...]
    closures: tuple[tuple[str, str], ...]
    faults: dict[str, str]
    trials: tuple[TrialRow, ...]
    unsaved: tuple[str, ...]
    remarks: tuple[str, ...]
    site: str | None
    policies: tuple[str, ...]


def visit_view(desk: Desk, visit: Visit) -> VisitView:
    """What is shown of a visit now."""
    document, library, standing = visit.document, desk.library, visit.standing
    recorded: dict[str, Any] = document.get("facts", {})
    questions = tuple(question_fields(desk, visit))
    others = [name for name in recorded if name in library.variables and name not in visit.asked]
    facts = tuple(
        fact_field(library, library.variables[name], recorded[name], visit.wrong.get(name)) for name in others
    )
    closures = tuple(
        (f"{key}[{i}]", f"{key}: {each.get('of') if isinstance(each, dict) else each}")
        for key in CLOSED
        for i, each in enumerate(document.get(key) or ())
    )
    return VisitView(
        id=visit.id,
        patient=visit.record.id,
        headline=", ".join(standing.headline),
        day=_day_field(visit),
        said=visit.said,
        alerts=tuple(alerts(desk, visit)),
        questions=questions,
        nothing="" if standing.questions else nothing_left(standing),
        facts=facts,
        events=tuple(_events(library, visit)),
        closures=closures,
        faults={name: visit.wrong[name][1] for name in (*LISTS, CLOSURES) if name in visit.wrong},
        trials=trial_rows(visit),
        remarks=standing.warnings,
        unsaved=tuple(unwritten_answers(visit.terms, desk.library)),
        site=desk.site,
        policies=desk.policies,
    )


def question_fields(desk: Desk, visit: Visit) -> list[FactField]:
    """The questions in the order in which they are shown."""
    library, recorded = desk.library, visit.document.get("facts", {})
    asked = {each.variable: each for each in visit.standing.questions}
    found = []
    for name in visit.asked:
        variable = desk.asks(name)
        assert variable is not None
        entry = recorded.get(name) if name in library.variables else visit.terms.get(name)
        shown = fact_field(library, variable, entry, visit.wrong.get(name))
        why = why_asked(asked[name], library) if name in asked else "Answered."
        found.append(replace(shown, why=why))
    return found


def alerts(desk: Desk, visit: Visit) -> list[str]:
    """What is to be known before anything else: contradictions, what bears on safety, and what reading the record found."""
    words = Wording(desk.library, visit.record)
    found = [f"{CONTRADICTS}: {words.facts(facts)}." for facts in visit.standing.contradictions]
    if visit.standing.consistent is None:
        found.append("Whether the record contradicts itself was not decided within the budget of a change.")
    found += [f"Safety: {words.stated(name)}." for name in visit.standing.safety]
    notices = (notice.text for trial in visit.standing.trials for notice in trial.notices if notice.safety)
    found += [f"Safety: {text}" for text in dict.fromkeys(notices)]
    return found


def trial_rows(visit: Visit) -> tuple[TrialRow, ...]:
    """The trials, those that may be open first."""
    return tuple(
        TrialRow(
            each.code,
            each.trial.title,
            each.verdict,
            verdict_words(each),
            _recruitment(each),
            is_closed(each),
        )
        for each in in_place(visit.standing.trials)
    )


def _recruitment(standing: TrialStanding) -> str:
    """Whether a trial recruits, with what the site notes of it, and whom to ask."""
    said, told = standing.at_site, recruitment_words(standing)
    if said is None or said.open is not False:
        told = f"{'closed' if is_closed(standing) else 'recruitment'}: {told}"
    noted = site_words(said)
    return f"{told} ({noted})" if noted else told


def _label_of(library: Library, entry: dict[str, Any], kind: str) -> str:
    """What an entry is about, in words, as far as its concept is known."""
    said = entry.get("is")
    known = [library.concepts.resolve(each, said) for each in LISTS[kind]] if isinstance(said, str) else []
    concept = next(filter(None, known), None)
    return library.concepts[concept].label if concept is not None else str(said or kind)


def _day_field(visit: Visit) -> FactField:
    told, error = visit.wrong.get(DAY, (Entered(str(visit.document.get(DAY, ""))), ""))
    return FactField(
        DAY,
        "Day of evaluation",
        "The day on which the record is judged.",
        told,
        hint="YYYY-MM-DD",
        error=error,
    )


def _events(library: Library, visit: Visit) -> list[EventEntry]:
    """The entries of the lists of events; of what was typed and is wrong, what was typed."""
    found, recorded = [], visit.document.get("facts", {})
    for kind in LISTS:
        entries = recorded.get(kind)
        for i, entry in enumerate(entries) if isinstance(entries, list) else ():
            told = entry if isinstance(entry, dict) else {}
            name = f"{kind}[{i}]"
            typed, error = visit.wrong.get(name, (Entered(), ""))
            texts = entry_texts(kind, told)
            others = [key for key in told if key not in texts]
            rest = f"and {', '.join(others)}" if others else ""
            shown = tuple((texts | dict(typed.parts)).items())
            found.append(EventEntry(name, _label_of(library, told, kind), shown, rest, error))
    return found
