"""The brief report of `match explain`: why it is not, what would have to change, what is open, and what is met.

Of trials that were named each met clause has a line; where all are explained, the ids of what is met stand in a run.
"""

from __future__ import annotations

from collections.abc import Collection

from solver.engine.answer import Correction
from solver.library.models import Library
from solver.patient.record import Record
from solver.questions.explain.brief_trial import AMONG_ALL, NAMED, BriefTrial
from solver.questions.explain.clause_rows import Explained
from solver.questions.match import answer as a
from solver.report import head
from solver.report.brief import (
    FOR_ONE,
    add_blocks,
    write_contradictions,
    write_judged_by,
    write_patient,
)
from solver.report.command_line.output import MOST_COLUMNS
from solver.report.page import Page
from solver.report.words import number

_IDS = 2


def brief_explanation(
    answer: a.MatchAnswer,
    record: Record,
    library: Library,
    width: int,
    *,
    show: Collection[str] = (),
    named: bool = True,
) -> Page:
    """The report on one patient; `show` are the parts wanted, where not all are, and `named` is whether the trials were named."""
    whole: Explained = head.Frame(answer, record, library, min(width, MOST_COLUMNS))
    page = whole.page
    write_patient(whole)
    if answer.consistent is False:
        write_contradictions(whole)
        _write_corrections(whole)
        return page
    whole.write_safety()
    write_judged_by(whole)
    for trial in whole.trials:
        page.blank()
        BriefTrial(whole, trial, NAMED if named else AMONG_ALL).write(show)
    return page


def _write_corrections(whole: Explained) -> None:
    """What would hold if the contradicting facts were left out, each as few as may be."""
    found = whole.answer.record.corrections or ()
    chosen = add_blocks(whole.page, [_correction_forms(whole, each) for each in found], FOR_ONE - 1)
    left = sum(place > 1 for place in chosen)
    if left:
        whole.page.text(f"+{number(left, 'other way', 'other ways')} to correct it (--full)")


def _correction_forms(whole: Explained, correction: Correction) -> list[Page]:
    """A correction with the verdicts then, a line each, or run together, or left out."""
    texts = []
    for trial in correction.trials:
        ids = [" with ".join(conflict) for conflict in trial.conflicts]
        more = [f"+{len(ids) - _IDS} more"] if len(ids) > _IDS else []
        published = ["published criteria only"] if trial.published_only else []
        notes = "; or ".join([*published, *ids[:_IDS], *more])
        texts.append(f"{trial.code} {trial.provisos.added_to(trial.verdict)}{f' ({notes})' if notes else ''}")
    each, together = (Page(whole.page.width) for _ in range(2))
    for page in (each, together):
        page.folded([f"If this is wrong: {whole.words.facts(correction.facts)}"], 2, style=head.HEADING)
    for text in texts:
        each.folded([text], 1, indent=4, lead="- ")
    together.folded(texts or ["not decided within the solver's budget"], 4, indent=4)
    return [each if texts else together, together, Page(whole.page.width)]
