"""The report of `match diff --log`: the revisions of a file, the newest first, and whom each change admitted or shut out."""

from __future__ import annotations

from solver.library.models import Library
from solver.questions.diff.answer import Comparison, History
from solver.questions.diff.page import RELATION_STYLES, DiffPage
from solver.report.head import FAINT, HEADING
from solver.report.page import Page
from solver.report.words import number

_WORDS = {
    "equivalent": "admits the same patients",
    "stricter": "stricter: shuts patients out, and admits no others",
    "looser": "looser: admits further patients, and shuts nobody out",
    "incomparable": "shuts patients out, and admits others",
    "unresolved": "not decided within the solver's budget",
}


def log_page(answer: History, library: Library, width: int) -> Page:
    """The history for people."""
    page = Page(width)
    page.text(f"{answer.file}: {number(len(answer.steps), 'revision')}, the newest first", style=HEADING)
    for step in reversed(answer.steps):
        page.blank()
        page.text(f"{step.revision[:10]} {step.day} {step.subject}", style=HEADING)
        if step.fault is not None:
            page.text(f"not compared: {step.fault}", indent=2, style=FAINT)
        elif step.change is None:
            page.text("the first version that can be read", indent=2, style=FAINT)
        else:
            _write_change(page, step.change, library)
    return page


def _write_change(page: Page, change: Comparison, library: Library) -> None:
    page.text(_WORDS[change.relation], indent=2, style=RELATION_STYLES[change.relation])
    report = DiffPage(change, library, page)
    if change.lost.exists:
        report.write_direction("A", "B", change.lost, "Shut out (A is the version before, B this one)")
    if change.gained.exists:
        report.write_direction("B", "A", change.gained, "Admitted (A is the version before, B this one)")
    for each in change.cohorts if len(change.cohorts) > 1 else ():
        if each.relation not in (None, "equivalent"):
            page.text(f"cohort {each.cohort}: {each.relation}", indent=2, lead="- ")
