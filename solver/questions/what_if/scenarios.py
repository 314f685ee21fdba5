"""The report of `match what-if` with several scenarios: one row each, the trials side by side, and what stands in the way."""

from __future__ import annotations

from collections.abc import Sequence

from solver.library.models import Library
from solver.patient.changes import Changed
from solver.questions.match.answer import MatchAnswer, TrialAnswer
from solver.questions.what_if.answer import WhatIfAnswer
from solver.report.head import HEADING, STYLES, Frame
from solver.report.matrix import LEGEND, verdict_cell, write_legend, write_matrix
from solver.report.page import Page
from solver.report.words import listed

_WITHHELD = "withheld"
_LEGEND = {
    **LEGEND,
    "open": "open: data are missing that matter",
    _WITHHELD: "withheld: the record contradicts itself",
}


def scenarios_page(
    answers: Sequence[WhatIfAnswer], records: Sequence[Changed], library: Library, width: int
) -> Page:
    """The answers to several scenarios about one record; `records` are those that they were asked of."""
    first, page, variables = answers[0], Page(width), library.variables
    page.text(f"Patient {first.patient}, as of {first.as_of}", style=HEADING)
    page.text("What if", style=HEADING)
    for i, answer in enumerate(answers, 1):
        parts = [
            f"{variables[each.variable].label if each.variable in variables else each.variable}: "
            f"{each.before or 'unknown'} -> {each.after or 'unknown'}"
            for each in answer.changes
        ]
        page.text("; ".join(parts), indent=2, lead=f"{i}. ")
    named = [("as recorded", first.before), *((f"{i}.", each.after) for i, each in enumerate(answers, 1))]
    rows = [
        (name, [verdict_cell(trial.verdict, trial.published_only, _WITHHELD) for trial in answer.trials])
        for name, answer in named
    ]
    write_matrix(page, [trial.code for trial in first.trials], rows)
    write_legend(page, _LEGEND, {cell.text for _, cells in rows for cell in cells})
    for i, (answer, record) in enumerate(zip(answers, records, strict=True), 1):
        _write_reasons(Frame(answer.after, record.after, library, width), page, i)
    return page


def _write_reasons(frame: Frame[MatchAnswer, TrialAnswer], page: Page, number: int) -> None:
    """What stands in the way in one scenario, or what is missing; nothing if every trial can be entered."""
    if frame.answer.contradictions or any(trial.verdict != "eligible" for trial in frame.trials):
        page.blank()
        page.text(f"Scenario {number}", style=HEADING)
    lead = "the record contradicts itself: "
    for facts in frame.answer.contradictions:
        page.text(frame.words.facts(facts), indent=2, lead=lead, style=STYLES["withheld"])
    for trial in frame.trials:
        for conflict in trial.conflicts:
            page.text(frame.words.clauses(conflict), indent=2, lead=f"{trial.code} no: ")
        if trial.verdict == "undetermined":
            labels = [frame.words.wanted(name) for name in sorted(set().union(*trial.deciding_sets))]
            page.text(f"find out {listed(labels) or 'more'}", indent=2, lead=f"{trial.code} open: ")
