"""What is encoded: the trials of a library, from which sources, how completely, and each clause beside its logic."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from typing_extensions import TypedDict

from solver.engine.answer import Encoded
from solver.engine.clauses import extent
from solver.library.beside import CohortRecruitment
from solver.library.models import Clause, Library, Trial
from solver.patient.record import Context
from solver.report.enrolment import EnrolmentShape, enrolment_document, write_enrolment
from solver.report.head import FAINT, HEADING
from solver.report.page import Page, Span
from solver.report.words import listed, number

SCHEMA: Literal["trialproof/trials/1"] = "trialproof/trials/1"


class ItemShape(TypedDict):
    """Something with an id and a text: a source, an unpublished criterion, a notice."""

    id: str
    text: str


class CountsShape(TypedDict):
    """How much of a trial is encoded."""

    published: int
    """Clauses from published criteria, with logic."""
    secondary: int
    """Clauses from secondary sources, in force only where they are switched on."""
    opaque: int
    """Published criteria that have no logical form."""
    unpublished: int
    """Criteria that are known to exist and are not published, however many they are."""
    objective: int
    """Objective clauses, but for those from secondary sources."""
    encoded: int
    """Those of them that have logic."""
    by_source: dict[str, int]
    """Clauses by the id of the source that their source pointer begins with."""


class LogicShape(TypedDict):
    """The logic of a clause as the encoding writes it."""

    cohorts: list[str]
    """The cohorts for which it holds."""
    text: str


class OtherShape(TypedDict):
    """A clause under a second reading; no logic means that it is dropped."""

    reading: str
    logic: list[LogicShape]


# `class` is a keyword of Python, so the shape is written as a call.
ClauseShape = TypedDict(
    "ClauseShape",
    {
        "id": str,
        "label": str,
        "source": str,
        "class": str,
        "changes": str,
        "logic": list[LogicShape],
        "readings": list[OtherShape],
        "secondary": str | None,
        "opaque": bool,
        "opaque_in": list[str],
        "note": str | None,
        "policy": str | None,
    },
)


class ReadingShape(TypedDict):
    """An ambiguity, and whether its second reading can be switched on."""

    id: str
    text: str
    switch: bool


class CohortStateShape(TypedDict):
    """What is known of a cohort's recruitment, of the patients of whom `when` certainly holds; null for all."""

    state: CohortRecruitment
    when: str | None
    note: str
    source: str | None


class CohortShape(ItemShape):
    """A cohort; of its states the first that applies counts."""

    recruitment: list[CohortStateShape]


class TrialShape(TypedDict):
    """One trial as it is encoded."""

    trial: str
    code: str
    title: str
    intervention: str
    recruitment: str
    recruitment_note: str
    criteria: Literal["full", "partial"]
    """Whether the whole list of criteria was read."""
    counts: CountsShape
    sources: list[ItemShape]
    cohorts: list[CohortShape]
    readings: list[ReadingShape]
    unpublished: list[ItemShape]
    notices: list[ItemShape]
    enrolment: EnrolmentShape
    clauses: list[ClauseShape]


class CatalogueShape(TypedDict):
    """The trials that are encoded."""

    schema: Literal["trialproof/trials/1"]
    encodings: str
    """A digest of the encodings."""
    trials: list[TrialShape]


def catalogue_document(library: Library, codes: Iterable[str]) -> CatalogueShape:
    """The trials as JSON values."""
    trials = [_trial(library.trials[code], library) for code in codes]
    return {"schema": SCHEMA, "encodings": library.digest, "trials": trials}


def catalogue_json(library: Library, codes: Iterable[str]) -> str:
    """The trials as one line of JSON, without the line's end."""
    return json.dumps(catalogue_document(library, codes), ensure_ascii=False, separators=(",", ":"))


def catalogue(library: Library, codes: Iterable[str], width: int, *, clauses: bool) -> Page:
    """The trials for people; with `clauses`, each clause beside its logic."""
    page = Page(width)
    shapes = catalogue_document(library, codes)["trials"]
    for i, shape in enumerate(shapes):
        if i and clauses:
            page.rule()
        page.blank()
        _summary(page, shape)
        if clauses:
            _readings(page, shape)
            _notices(page, shape)
            write_enrolment(page, shape["enrolment"], library)
            _clauses(page, shape)
    if not clauses and shapes:
        page.blank()
        page.text(f"match trials {shapes[0]['code']} shows its clauses beside their logic.", style=FAINT)
    return page


def _trial(trial: Trial, library: Library) -> TrialShape:
    return {
        "trial": trial.nct,
        "code": trial.code,
        "title": trial.title,
        "intervention": trial.intervention,
        "recruitment": trial.recruitment,
        "recruitment_note": trial.recruitment_note,
        "criteria": "partial" if trial.partial else "full",
        "counts": _counts(trial),
        "sources": _items(trial.sources),
        "cohorts": [
            {
                "id": name,
                "text": text,
                "recruitment": [
                    {
                        "state": state.state,
                        "when": state.logic or None,
                        "note": state.note,
                        "source": state.source or None,
                    }
                    for state in trial.states.get(name, ())
                ],
            }
            for name, text in trial.cohorts.items()
        ],
        "readings": [
            {"id": reading.id, "text": reading.text, "switch": reading.switch}
            for reading in trial.readings.values()
        ],
        "unpublished": _items(trial.unpublished),
        "notices": [{"id": notice.id, "text": notice.text} for notice in trial.notices],
        "enrolment": enrolment_document(trial.enrolment, library),
        "clauses": [_clause(clause) for clause in trial.clauses],
    }


def _items(texts: Mapping[str, str]) -> list[ItemShape]:
    return [{"id": name, "text": text} for name, text in texts.items()]


def _counts(trial: Trial) -> CountsShape:
    secondary = sum(clause.secondary is not None for clause in trial.clauses)
    opaque = sum(clause.opaque and clause.secondary is None for clause in trial.clauses)
    whole = extent(trial, Context())
    tags = Counter(clause.source.split()[0].rstrip(",:;") for clause in trial.clauses)
    return {
        "published": len(trial.clauses) - secondary - opaque,
        "secondary": secondary,
        "opaque": opaque,
        "unpublished": len(trial.unpublished),
        "objective": whole.objective,
        "encoded": whole.encoded,
        "by_source": {name: tags[name] for name in trial.sources if tags[name]},
    }


def _clause(clause: Clause) -> ClauseShape:
    return {
        "id": clause.id,
        "label": clause.label,
        "source": clause.source,
        "class": clause.judgement,
        "changes": clause.changes,
        "logic": _logic(clause.logic, clause.conditions),
        "readings": [
            {"reading": name, "logic": _logic(clause.other_logic[name], conditions or {})}
            for name, conditions in clause.alternatives.items()
        ],
        "secondary": clause.secondary,
        "opaque": clause.opaque,
        "opaque_in": list(clause.opaque_in),
        "note": clause.note,
        "policy": clause.policy,
    }


def _logic(texts: Mapping[str, str], cohorts: Iterable[str]) -> list[LogicShape]:
    """The texts with the cohorts for which they hold, cohorts of the same text together."""
    found: dict[str, list[str]] = {}
    for cohort in cohorts:
        found.setdefault(texts[cohort] if cohort in texts else texts[""], []).append(cohort)
    return [{"cohorts": names, "text": text} for text, names in found.items()]


# --- for people --------------------------------------------------------------------------------------------------------


def _summary(page: Page, trial: TrialShape) -> None:
    counts = trial["counts"]
    page.lines.append((Span(f"{trial['code']}  {trial['trial']}", HEADING),))
    page.text(trial["title"], style=FAINT)
    whole = (
        "the full list of criteria" if trial["criteria"] == "full" else "only part of the list of criteria"
    )
    by_source = listed([f"{count} from {name}" for name, count in counts["by_source"].items()])
    parts = [number(counts["published"], "published clause")]
    if counts["secondary"]:
        parts.append(f"{counts['secondary']} from secondary sources, not in force unless switched on")
    if counts["opaque"]:
        parts.append(f"{counts['opaque']} without a logical form")
    page.text(f"{whole}: {'; '.join(parts)} ({by_source})", indent=2, lead="encoded: ")
    page.text(f"{Encoded(counts['encoded'], counts['objective'])}", indent=2, lead="share: ")
    for item in trial["unpublished"]:
        page.text(f"{item['id']}  {item['text']}", indent=2, lead="unpublished: ")
    _listed(page, "source: ", trial["sources"])
    for cohort in trial["cohorts"] if len(trial["cohorts"]) > 1 else ():
        _listed(page, "cohort: ", [cohort])
        for state in cohort["recruitment"]:
            about = "".join(
                f"{words} {text}" for words, text in ((" if", state["when"]), (" -", state["source"])) if text
            )
            page.text(f"{state['note']}{about}", indent=6, lead=f"{state['state']}: ")
    switched = [reading["id"] for reading in trial["readings"] if reading["switch"]]
    switched += sorted({clause["secondary"] for clause in trial["clauses"] if clause["secondary"]})
    either = f"; a second reading can be switched on for {listed(switched)}" if switched else ""
    page.text(
        f"{number(len(trial['readings']), 'ambiguity', 'ambiguities')}{either}", indent=2, lead="readings: "
    )
    status = f"{trial['recruitment'].replace('_', ' ')}. {trial['recruitment_note']}".strip()
    page.text(status, indent=2, lead="recruitment: ")


def _listed(page: Page, lead: str, items: Sequence[ItemShape]) -> None:
    for item in items:
        page.text(item["text"], indent=2, lead=f"{lead}{item['id']}  ")


def _readings(page: Page, trial: TrialShape) -> None:
    if trial["readings"]:
        page.blank()
        page.text("Ambiguities, and how they are read", style=HEADING)
    for reading in trial["readings"]:
        page.text(reading["text"], indent=2, lead=f"{reading['id']}  ", lead_style=HEADING)


def _notices(page: Page, trial: TrialShape) -> None:
    if trial["notices"]:
        page.blank()
        page.text("Notices", style=HEADING)
    _listed(page, "", trial["notices"])


def _clauses(page: Page, trial: TrialShape) -> None:
    page.blank()
    page.text("Clauses", style=HEADING)
    everywhere = {cohort["id"] for cohort in trial["cohorts"]}
    for clause in trial["clauses"]:
        page.text(clause["label"], indent=2, lead=f"{clause['id']}  ", lead_style=HEADING)
        page.text(f"{clause['source']}; {clause['class']}", indent=6, lead="source: ", style=FAINT)
        if clause["secondary"]:
            page.text(f"only with secondary sources, or {clause['secondary']}", indent=6, lead="in force: ")
        if clause["opaque"]:
            some = set(clause["opaque_in"]) != everywhere
            bound = f"for {', '.join(clause['opaque_in'])}: " if some else ""
            page.text(f"{bound}has no logical form, and is never taken to be met", indent=6)
        _texts(page, "logic", clause["logic"], everywhere)
        for other in clause["readings"]:
            _texts(page, f"under {other['reading']}", other["logic"], everywhere)
            if not other["logic"]:
                page.text("dropped", indent=6, lead=f"under {other['reading']}: ")
        if clause["policy"]:
            page.text(clause["policy"], indent=6, lead="assumption policy: ")
        if clause["note"]:
            page.text(clause["note"], indent=6, lead="note: ")


def _texts(page: Page, lead: str, logic: Sequence[LogicShape], everywhere: set[str]) -> None:
    for item in logic:
        cohorts = "" if set(item["cohorts"]) == everywhere else f" for {', '.join(item['cohorts'])}"
        page.text(item["text"], indent=6, lead=f"{lead}{cohorts}: ")
