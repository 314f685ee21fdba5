"""The page of `match relax`: what each clause costs a cohort, and what moving a limit would gain."""

from __future__ import annotations

from solver.questions.relax.answer import MovedLimit, RelaxAnswer, RelaxedClause
from solver.report.cohort_words import tell_cohort
from solver.report.head import HEADING
from solver.report.page import Page, Span
from solver.report.words import listed


def relax_page(answer: RelaxAnswer, width: int) -> Page:
    """The page on a trial and a cohort."""
    page = Page(width)
    page.text(
        f"{answer.code}: {answer.judged} judged, {answer.not_excluded} not excluded, {answer.eligible} eligible",
        style=HEADING,
    )
    tell_cohort(page, answer)
    if answer.other_encodings:
        page.text("The cohort was judged with other encodings, or another version.")
    if answer.incomplete:
        page.text(
            f"{answer.incomplete} have too many conflicts to be listed: no gain and no share counts them."
        )
    page.blank()
    rows = [["clause", "excludes", "open", "gains", "fit", "share", ""]]
    costly = [each for each in answer.clauses if _costs(each)]
    for each in costly:
        told = (each.fails, each.open, each.gain, "?" if each.gain_eligible is None else each.gain_eligible)
        rows.append([each.clause, *map(str, told), f"{each.shapley:.2f}", each.label])
    if costly:
        _table(page, rows)
    if idle := len(answer.clauses) - len(costly):
        page.text(f"{idle} {'more cost' if costly else 'clauses cost'} nobody.", indent=2 * bool(costly))
    if answer.without is not None:
        left = answer.without
        fit = "" if left.gain_eligible is None else f", and {left.gain_eligible} more would certainly fit"
        page.blank()
        page.text(f"Without {listed(left.clauses)} {left.gain} more would not be excluded{fit}.")
    if answer.move is not None:
        _write_move(page, answer.move)
    return page


def _costs(row: RelaxedClause) -> bool:
    return bool(row.fails or row.open or row.gain or row.gain_eligible or row.shapley)


def _write_move(page: Page, move: MovedLimit) -> None:
    page.blank()
    page.text(f"{move.clause} moved: today {move.comparison}", style=HEADING)
    rows = [[f"limit{f' in {move.unit}' if move.unit else ''}", "not excluded", "eligible"]]
    rows += [[str(each.limit), str(each.not_excluded), str(each.eligible)] for each in move.points]
    _table(page, rows)


def _table(page: Page, rows: list[list[str]]) -> None:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]) - 1)]
    for i, row in enumerate(rows):
        page.row([Span(cell, HEADING if i == 0 else "") for cell in row], widths)
