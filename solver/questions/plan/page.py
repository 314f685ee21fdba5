"""The page of `match plan`: the tests of a cohort, the best first."""

from __future__ import annotations

from solver.questions.plan.answer import PlanAnswer
from solver.report.cohort_words import tell_cohort
from solver.report.head import HEADING
from solver.report.page import Page, Span
from solver.report.words import listed

SHOWN = 20
"""How many tests the page shows."""


def plan_page(answer: PlanAnswer, width: int) -> Page:
    """The page on a cohort."""
    page = Page(width)
    page.text(f"{answer.judged} judged, {answer.pairs} open pairs of a patient and a trial", style=HEADING)
    tell_cohort(page, answer)
    if answer.incomplete:
        page.text(f"Of {answer.incomplete} pairs not all was found out: they may count for more.")
    if answer.tests:
        page.blank()
        rows = [["burden", "patients", "settles", "ends", "opens", "test"]]
        for each in answer.tests[:SHOWN]:
            counts = (each.burden, each.patients, each.settles, each.can_end, each.can_open)
            rows.append([*map(str, counts), f"{each.label} ({each.test})"])
        widths = [max(len(row[i]) for row in rows) for i in range(5)]
        for i, row in enumerate(rows):
            page.row([Span(cell, HEADING if i == 0 else "") for cell in row], widths)
        if len(answer.tests) > SHOWN:
            page.text(f"{len(answer.tests) - SHOWN} more in the JSON.", indent=2)
    if answer.best is not None:
        best = answer.best
        page.blank()
        if not best.settles:
            proved = "No tests" if best.proved else "No tests that were found"
            page.text(f"{proved} within that burden settle a pair.")
        else:
            proved = "none settle more" if best.proved else "whether others settle more was not found out"
            page.text(
                f"Best within the burden: {listed(best.tests)}, which weigh {best.burden} and settle {best.settles} pairs; {proved}."
            )
    return page
