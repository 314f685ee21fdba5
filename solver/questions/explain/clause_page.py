"""The page of `match explain --clause`: single clauses, each with the trial that it belongs to."""

from __future__ import annotations

from collections.abc import Sequence

from solver.library.models import Library
from solver.patient.record import Record
from solver.questions.explain.clause_rows import BELOW, Clauses, Explained, Group
from solver.questions.match.answer import MatchAnswer, TrialAnswer
from solver.report import head
from solver.report.brief import (
    FOR_ONE,
    add_blocks,
    write_contradictions,
    write_folded,
    write_judged_by,
    write_patient,
    write_trial_line,
)
from solver.report.command_line.output import MOST_COLUMNS
from solver.report.page import Page
from solver.report.words import number
from solver.text import grouped

_FOR_EACH = 7
"""The lines by which a page on several clauses is longer for each that is not the first three."""
_FORMS = ((9, 9, 9), (9, 9, 0), (9, 1, 0), (9, 0, 0), (3, 0, 0), (1, 0, 0))
"""The lines of each part of a clause, of its note and its source, and of what is close to its limit."""


def clause_page(
    answer: MatchAnswer, record: Record, library: Library, width: int, *, clauses: Sequence[str]
) -> Page:
    """How the clauses stand for one patient, in at most 25 lines for up to three."""
    whole: Explained = head.Frame(answer, record, library, min(width, MOST_COLUMNS))
    page = whole.page
    write_patient(whole)
    write_judged_by(whole)
    if answer.consistent is False:
        write_contradictions(whole)
        return page
    page.blank()
    parts = [_ClausePart(whole, trial) for trial in whole.trials]
    blocks = [forms for part in parts for forms in part.blocks(clauses)]
    most = FOR_ONE + _FOR_EACH * max(len(clauses) - 3, 0)
    chosen = add_blocks(page, blocks, most - 1)
    cut = sum(place > 0 for place in chosen)
    if cut:
        write_folded(page, [], [f"parts of {number(cut, 'clause')}"])
    return page


def whole_clause_page(
    answer: MatchAnswer, record: Record, library: Library, width: int, *, clauses: Sequence[str]
) -> Page:
    """How the clauses stand for one patient, with all that is said of them."""
    whole: Explained = head.Frame(answer, record, library, width)
    whole.header()
    if answer.consistent is False:
        whole.contradictions()
        return whole.page
    for trial in whole.trials:
        for forms in _ClausePart(whole, trial).blocks(clauses):
            whole.page.lines += forms[0].lines
    return whole.page


class _ClausePart(Clauses):
    """Some clauses of one trial."""

    def __init__(self, whole: Explained, answer: TrialAnswer) -> None:
        super().__init__(whole, answer)
        self.width = whole.page.width

    def blocks(self, clauses: Sequence[str]) -> list[list[Page]]:
        """The line on the trial, and each of its clauses that is wanted, in several forms, the longest first."""
        self.page = Page(self.width)
        write_trial_line(
            self.page, self.answer, self.answer.trial, self.answer.dates, self.whole.answer.as_of
        )
        found = [[self.page]]
        groups = list(self.groups())
        for name in clauses:
            if self.words.clause(name) not in self.trial.clauses:
                continue
            wanted = [group for group in groups if group.clause.id == name]
            found += [[self._written(group, *form) for form in _FORMS] for group in wanted]
            if not wanted:
                self.page = Page(self.width)
                text = "not in force here" if groups else "nothing was decided within the solver's budget"
                self.page.text(text, indent=2, lead=f"{name}  ", lead_style=head.HEADING)
                found.append([self.page])
        return found

    def _written(self, group: Group, lines: int, aside: int, near: int) -> Page:
        """A clause on a page of its own, each part in so many lines, its note and source in `aside`, what is close in `near`."""
        self.page = Page(self.width)
        clause, status = group.clause, group.answer.status.replace("_", " ")
        label = f"{clause.label} - {'kept as text' if group.answer.opaque else status}"
        self.page.folded([label], max(lines, 2), indent=2, lead=f"{clause.id}  ", lead_style=head.HEADING)
        for lead, parts in grouped(self.told(group)).items():
            most = {"note: ": aside, "close to the limit: ": near}.get(lead, lines)
            if most:
                self.page.folded([text for each in parts for text in each], most, indent=BELOW, lead=lead)
        if aside:
            self.page.folded([self.source(clause)], aside, indent=BELOW, style=head.FAINT)
        return self.page
