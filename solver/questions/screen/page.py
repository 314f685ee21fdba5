"""The page of a screen: trials by verdict, whom each clause excludes, and who moved since an earlier output."""

from __future__ import annotations

from solver.questions.screen.answer import MovedPatients, ScreenAnswer, ScreenedTrial
from solver.report.head import HEADING
from solver.report.page import Page, Span

_VERDICTS = ("eligible", "undetermined", "ineligible", "withheld", "unresolved")


def screen_page(answer: ScreenAnswer, width: int) -> Page:
    """The page on a cohort."""
    page = Page(width)
    page.text(f"{answer.patients} patients, {answer.errors} of them could not be read", style=HEADING)
    if answer.site:
        page.text(f"Site: {answer.site.name}.")
    if answer.ignored_columns:
        page.text(f"Columns left out: {', '.join(answer.ignored_columns)}.")
    if answer.other_encodings:
        page.text(
            "The earlier output was made with other encodings, or another version: a change may be ours."
        )
    page.blank()
    shown = [name for name in _VERDICTS if any(name in each.verdicts for each in answer.trials)]
    rows = [
        ["trial", *shown],
        *([each.code, *(str(each.verdicts.get(n, 0)) for n in shown)] for each in answer.trials),
    ]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]) - 1)]
    for i, row in enumerate(rows):
        page.row([Span(cell, HEADING if i == 0 else "") for cell in row], widths)
    for each in answer.trials:
        _write_trial(page, each)
    return page


def _write_trial(page: Page, trial: ScreenedTrial) -> None:
    if trial.attrition:
        page.blank()
        page.text(f"{trial.code}: {trial.judged} judged", style=HEADING)
        rows = [["clause", "excludes", "first", "remain", "open", ""]]
        for each in trial.attrition:
            cells = (each.clause, each.fails, each.first, each.remaining, each.open, each.label)
            rows.append([str(cell) for cell in cells])
        widths = [max(len(row[i]) for row in rows) for i in range(5)]
        for row in rows:
            page.row([Span(cell) for cell in row], widths)
        if trial.jointly:
            page.text(f"{trial.jointly} more are excluded by clauses together, by none alone.", indent=2)
    for moved in trial.moved or ():
        page.text(_moved(moved), indent=2)


def _moved(moved: MovedPatients) -> str:
    if moved.was is None:
        return f"new: {moved.patients} {moved.now}"
    if moved.now is None:
        return f"left: {moved.patients}, {moved.was} before"
    clauses = ", ".join(f"{name} ({count})" for name, count in moved.clauses.items())
    return f"moved: {moved.patients} from {moved.was} to {moved.now}" + (f", by {clauses}" if clauses else "")
