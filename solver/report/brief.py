"""What brief pages share: few lines of at most 80 columns that count what they fold, and name `--full`, which shows it.

A page is made of blocks, each in several forms, the shortest last. All blocks are taken in their shortest form, then each, from the first,
in the next longer one, as long as there is room:

    10 lines of room, A in 6, 4 or 2 lines, B in 5 or 3, C in 1  ->  2 + 3 + 1 = 6  ->  4 + 5 + 1 = 10
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from solver.engine.answer import DatesAnswer, TrialHead
from solver.engine.banner import SHUT, openness
from solver.engine.warnings.near_limits import NEAR
from solver.patient.readers.native.record_faults import REJECTED
from solver.report.brief_words import patient_line
from solver.report.head import (
    FAINT,
    HEADING,
    STYLES,
    RecordFrame,
    fits_words,
    verdict_spans,
)
from solver.report.page import Page, Span
from solver.report.words import closed_cohorts, days_line, listed, number, recruitment_cell

FOR_ONE, FOR_ALL = 23, 38
"""The lines of a page on one trial, and on all; below it stand an empty line and the line on decision support."""

_CONTRADICTIONS = 3
_CONTEXT = 3
_REJECTED = 2


def takes_nobody(trial: TrialHead) -> bool:
    """Whether a trial is closed to this patient, by its own status or since every cohort that may fit is."""
    return openness(trial) == SHUT or bool(closed_cohorts(trial))


def add_blocks(page: Page, blocks: Sequence[Sequence[Page]], most: int) -> list[int]:
    """Add a form of each block to a page of at most `most` lines; returned is which form it is.

    The shortest form of a block may have no line; one that has no room even so is left out, and counts as a form beyond the last.
    """
    left = most - len(page.lines)
    chosen: list[int] = []
    for forms in blocks:
        shortest = len(forms[-1].lines)
        chosen.append(len(forms) - (shortest <= left))
        left -= shortest * (shortest <= left)
    for longer in range(2, max(map(len, blocks), default=0) + 1):
        for i, forms in enumerate(blocks):
            if len(forms) < longer or chosen[i] == len(forms):
                continue
            growth = len(forms[-longer].lines) - len(forms[chosen[i]].lines)
            if growth <= left:
                chosen[i] = len(forms) - longer
                left -= growth
    for place, forms in zip(chosen, blocks, strict=True):
        if place < len(forms):
            page.lines += forms[place].lines
    return chosen


def write_patient(frame: RecordFrame[Any]) -> None:
    """The line with which a page on a patient begins; its limits are rounded from there on."""
    frame.words.rounded = True
    page = frame.page
    page.text(patient_line(frame.answer, page.width), style=HEADING)


def write_trial_line(page: Page, answer: TrialHead, nct: str, dates: DatesAnswer | None, as_of: str) -> None:
    """The line with which the part on a trial begins, without its number where that has no room, and the days if only time passes."""
    told = (*verdict_spans(answer), Span(f", {recruitment_cell(answer)}", FAINT))
    words, lead = "".join(span.text for span in told), f"{answer.code}  {nct}  "
    if len(lead) + len(words) > page.width:
        page.text(words, lead=f"{answer.code}  ", lead_style=HEADING)
    else:
        page.lines.append((Span(lead, HEADING), *told))
    days = days_line(dates, as_of, fits_words(answer.provisos))
    if days:
        page.text(days, indent=2)


def write_judged_by(frame: RecordFrame[Any]) -> None:
    """What was rejected, what there is to be warned of, and what the answer was judged by."""
    page, warnings = frame.page, frame.answer.warnings
    rejected = [warning for warning in warnings if warning.code == REJECTED]
    others = sum(warning.code not in (REJECTED, NEAR) for warning in warnings)
    if rejected:
        page.text("REJECTED, and not used: correct the record", style=STYLES["withheld"])
        for warning in rejected[:_REJECTED]:
            page.folded([warning.text], 1, indent=2, lead="- ")
        if len(rejected) > _REJECTED:
            page.text(f"+{len(rejected) - _REJECTED} more (--full)", indent=2)
    if others:
        page.text(f"{number(others, 'warning')} about this record: read them with --full.", style=HEADING)
    policies = frame.answer.policies
    named = [f"Policies in force: {listed(policies)}."] if policies else []
    sentences = list(frame.context_sentences(named, shortly=len(frame.answer.without) > 1))
    if sentences:  # a planned day and policies, which bear on every trial, are never folded
        page.folded(sentences[::-1], _CONTEXT, joiner=" ", style=FAINT)


def write_contradictions(frame: RecordFrame[Any]) -> None:
    """The facts that contradict one another, and why."""
    page, found = frame.page, frame.answer.record.contradictions
    page.text("THE RECORD CONTRADICTS ITSELF", style=STYLES["withheld"])
    page.text("What contradicts itself gets no verdict, on any trial, until it is corrected.")
    for i, facts in enumerate(found[:_CONTRADICTIONS], 1):
        page.folded([frame.words.facts(facts)], 3, indent=2, lead=f"{i}. ", style=HEADING)
        grounds = frame.grounds_of(facts)
        if grounds:
            page.folded(grounds, 1, indent=5, joiner=" ", style=FAINT)
    more = len(found) - _CONTRADICTIONS
    if more > 0:
        page.text(f"+{more} more (--full)", indent=2)
    if not frame.answer.record.contradictions_complete:
        page.text("The search for contradictions was cut short: there may be more.", indent=2)


FOLDED = "Folded (--full): "
"""What stands before the parts that a page folds."""
FOLDED_LINES = 2


def write_folded(
    page: Page, counts: Sequence[tuple[int, str]], others: Sequence[str] = (), indent: int = 0
) -> None:
    """What a page folds, by number and noun, and other parts of it in words, on two lines at most; nothing if it folds nothing."""
    told = [*(number(count, noun) for count, noun in counts if count), *others]
    if told:
        page.folded(
            told, FOLDED_LINES, indent=indent, lead=FOLDED, joiner=", ", style=FAINT, lead_style=FAINT
        )
