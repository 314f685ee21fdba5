"""The page of `match trials`: what is encoded of each trial, and with `clauses` each clause beside its logic."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from solver.engine.answer import EnrolmentEffects
from solver.library.models import Library
from solver.questions.catalogue import answer as a
from solver.report.head import FAINT, HEADING
from solver.report.page import Page, Span
from solver.report.words import effect_words, labels, listed, number

Item = TypeVar("Item")


def catalogue_page(answer: a.CatalogueAnswer, library: Library, width: int, *, clauses: bool) -> Page:
    """The trials for people; with `clauses`, each clause beside its logic."""
    page = Page(width)
    for i, trial in enumerate(answer.trials):
        if i and clauses:
            page.rule()
        page.blank()
        _write_summary(page, trial)
        if clauses:
            for item in _below_heading(page, "Ambiguities, and how they are read", trial.readings):
                page.text(item.text, indent=2, lead=f"{item.id}  ", lead_style=HEADING)
            _write_items(page, "", _below_heading(page, "Notices", trial.notices))
            _write_enrolment(page, trial.enrolment, library)
            page.blank()
            page.text("Clauses", style=HEADING)
            for clause in trial.clauses:
                _write_clause(page, clause, {cohort.id for cohort in trial.cohorts})
    if not clauses and answer.trials:
        page.blank()
        page.text(f"match trials {answer.trials[0].code} shows its clauses beside their logic.", style=FAINT)
    return page


def _below_heading(page: Page, heading: str, items: Sequence[Item]) -> Sequence[Item]:
    if items:
        page.blank()
        page.text(heading, style=HEADING)
    return items


def _write_summary(page: Page, trial: a.ListedTrial) -> None:
    counts = trial.counts
    page.lines.append((Span(f"{trial.code}  {trial.trial}", HEADING),))
    page.text(trial.title, style=FAINT)
    whole = "the full list of criteria" if trial.criteria == "full" else "only part of the list of criteria"
    by_source = listed([f"{count} from {name}" for name, count in counts.by_source.items()])
    parts = [number(counts.published, "published clause")]
    if counts.secondary:
        parts.append(f"{counts.secondary} from secondary sources, not in force unless switched on")
    if counts.opaque:
        parts.append(f"{counts.opaque} without a logical form")
    page.text(f"{whole}: {'; '.join(parts)} ({by_source})", indent=2, lead="encoded: ")
    page.text(f"{counts.share}", indent=2, lead="share: ")
    for item in trial.unpublished:
        page.text(f"{item.id}  {item.text}", indent=2, lead="unpublished: ")
    _write_items(page, "source: ", trial.sources)
    for cohort in trial.cohorts if len(trial.cohorts) > 1 else ():
        _write_items(page, "cohort: ", [cohort])
        for state in cohort.recruitment:
            when = f" if {state.when}" if state.when else ""
            source = f" - {state.source}" if state.source else ""
            page.text(f"{state.note}{when}{source}", indent=6, lead=f"{state.state}: ")
    switched = [reading.id for reading in trial.readings if reading.switch]
    switched += sorted({clause.secondary for clause in trial.clauses if clause.secondary})
    either = f"; a second reading can be switched on for {listed(switched)}" if switched else ""
    ambiguities = number(len(trial.readings), "ambiguity", "ambiguities")
    page.text(f"{ambiguities}{either}", indent=2, lead="readings: ")
    status = f"{trial.recruitment.replace('_', ' ')}. {trial.recruitment_note}".strip()
    page.text(status, indent=2, lead="recruitment: ")


def _write_items(page: Page, lead: str, items: Sequence[a.TextItem | a.ListedCohort]) -> None:
    for item in items:
        page.text(item.text, indent=2, lead=f"{lead}{item.id}  ")


def _write_clause(page: Page, clause: a.ListedClause, everywhere: set[str]) -> None:
    """A clause beside its logic; `everywhere` are the ids of all cohorts, which then need not be named."""
    page.text(clause.label, indent=2, lead=f"{clause.id}  ", lead_style=HEADING)
    page.text(f"{clause.source}; {clause.judgement}", indent=6, lead="source: ", style=FAINT)
    if clause.secondary:
        page.text(f"only with secondary sources, or {clause.secondary}", indent=6, lead="in force: ")
    if clause.opaque:
        some = set(clause.opaque_in) != everywhere
        bound = f"for {', '.join(clause.opaque_in)}: " if some else ""
        page.text(f"{bound}has no logical form, and is never taken to be met", indent=6)
    _write_logic(page, "logic", clause.logic, everywhere)
    for other in clause.readings:
        _write_logic(page, f"under {other.reading}", other.logic, everywhere)
        if not other.logic:
            page.text("dropped", indent=6, lead=f"under {other.reading}: ")
    for lead, text in (("assumption policy: ", clause.policy), ("note: ", clause.note)):
        if text:
            page.text(text, indent=6, lead=lead)


def _write_logic(page: Page, lead: str, logic: Sequence[a.LogicText], everywhere: set[str]) -> None:
    for item in logic:
        cohorts = "" if set(item.cohorts) == everywhere else f" for {', '.join(item.cohorts)}"
        page.text(item.text, indent=6, lead=f"{lead}{cohorts}: ")


def _write_enrolment(page: Page, effects: EnrolmentEffects, library: Library) -> None:
    """Add what entering a trial changes, if it changes anything."""
    if not (effects.during or effects.after or effects.outdates or effects.forgets):
        return
    page.blank()
    page.text("What entering it changes", style=HEADING)
    for lead, several in (("while on it: ", effects.during), ("afterwards: ", effects.after)):
        if several:
            page.text("; ".join(effect_words(effect, library) for effect in several), indent=2, lead=lead)
    for lead, names in (
        ("no longer known afterwards: ", effects.unknown),
        ("out of date afterwards, to be known anew: ", effects.outdates),
    ):
        if names:
            page.text(f"{lead}{labels(names, library)}", indent=2)
