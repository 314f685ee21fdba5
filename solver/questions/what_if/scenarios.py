"""The report of `match what-if` with several scenarios: one row each, the trials side by side, and what stands in the way."""

from __future__ import annotations

from collections.abc import Sequence

from solver.library.models import Library
from solver.patient.changes import Changed
from solver.questions.match.answer import MatchAnswer, TrialAnswer
from solver.questions.what_if.ask import WhatIfAnswer
from solver.report.head import FAINT, HEADING, STYLES, Frame
from solver.report.page import GAP, Page, Span
from solver.report.words import listed

_WORDS = {
    "eligible": "yes",
    "ineligible": "no",
    "undetermined": "open",
    "unresolved": "?",
    "withheld": "withheld",
}
_LEGEND = {
    "yes": "yes: eligible",
    "(yes)": "(yes): eligible on the published criteria, others exist",
    "open": "open: data are missing that matter",
    "no": "no: not eligible",
    "?": "?: not decided within the solver's budget",
    "withheld": "withheld: the record contradicts itself",
}


def scenarios_page(
    answers: Sequence[WhatIfAnswer], records: Sequence[Changed], library: Library, width: int
) -> Page:
    """The answers to several scenarios about one record; `records` are those that they were asked of."""
    first = answers[0]
    frame: Frame[MatchAnswer, TrialAnswer] = Frame(first.before, records[0].before, library, width)
    page = frame.page
    page.text(f"Patient {first.before.patient}, as of {first.before.as_of}", style=HEADING)
    page.text("What if", style=HEADING)
    for i, answer in enumerate(answers, 1):
        parts = [
            f"{library.variables[change.name].label if change.name in library.variables else change.name}: "
            f"{change.before or 'unknown'} -> {change.after or 'unknown'}"
            for change in answer.changes
        ]
        page.text("; ".join(parts), indent=2, lead=f"{i}. ")
    page.blank()
    used = _matrix(page, [("as recorded", first.before), *_rows(answers)])
    page.text("; ".join(text for word, text in _LEGEND.items() if word in used), style=FAINT)
    for i, (answer, record) in enumerate(zip(answers, records, strict=True), 1):
        _reasons(Frame(answer.after, record.after, library, width), page, i)
    return page


def _rows(answers: Sequence[WhatIfAnswer]) -> list[tuple[str, MatchAnswer]]:
    return [(f"{i}.", answer.after) for i, answer in enumerate(answers, 1)]


def _matrix(page: Page, rows: Sequence[tuple[str, MatchAnswer]]) -> set[str]:
    """A row each, a column a trial, as many columns at a time as there is room for; returns the words used."""
    codes = [trial.code for trial in rows[0][1].trials]
    first = max(len(name) for name, _ in rows)
    words = {id(trial): _word(trial) for _, answer in rows for trial in answer.trials}
    wide = max(len(word) for word in (*codes, *words.values()))
    several = max(1, (page.width - first) // (wide + GAP))
    for start in range(0, len(codes), several):
        heads = [Span(code, HEADING) for code in codes[start : start + several]]
        _line(page, "", heads, first, wide)
        for name, answer in rows:
            trials = answer.trials[start : start + several]
            cells = [Span(words[id(trial)], STYLES[trial.verdict]) for trial in trials]
            _line(page, name, cells, first, wide)
        page.blank()
    return set(words.values())


def _word(trial: TrialAnswer) -> str:
    word = _WORDS[trial.verdict]
    return f"({word})" if trial.published_only else word


def _line(page: Page, name: str, cells: Sequence[Span], first: int, wide: int) -> None:
    gap = Span(" " * GAP)
    padded = (Span(cell.text.ljust(wide), cell.style) for cell in cells)
    page.lines.append((Span(name.ljust(first)), *(part for cell in padded for part in (gap, cell))))


def _reasons(frame: Frame[MatchAnswer, TrialAnswer], page: Page, number: int) -> None:
    """What stands in the way in one scenario, or what is missing; nothing if every trial can be entered."""
    if frame.answer.contradictions or any(trial.verdict != "eligible" for trial in frame.trials):
        page.blank()
        page.text(f"Scenario {number}", style=HEADING)
    for facts in frame.answer.contradictions:
        page.text(
            frame.words.facts(facts),
            indent=2,
            lead="the record contradicts itself: ",
            style=STYLES["withheld"],
        )
    for trial in frame.trials:
        for conflict in trial.conflicts:
            clauses = ", together with ".join(f"{name} {frame.words.clause(name).label}" for name in conflict)
            page.text(clauses, indent=2, lead=f"{trial.code} no: ")
        if trial.verdict == "undetermined":
            names = sorted({name for names in trial.deciding_sets for name in names})
            labels = [frame.words.wanted(name) for name in names]
            page.text(f"find out {listed(labels) or 'more'}", indent=2, lead=f"{trial.code} open: ")
