"""The brief report of `match when`: a row a trial, then as much of the timelines and of the reasons as there is room for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from solver.library.models import Library
from solver.patient.record import Record
from solver.questions.when.answer import Clock, Standstill, TrialDates, WhenAnswer
from solver.questions.when.page import DaysReport, summary_words, verdict_today
from solver.questions.when.timeline import LEGEND, spans_of
from solver.report.brief import (
    FOLDED_LINES,
    FOR_ALL,
    FOR_ONE,
    add_blocks,
    write_contradictions,
    write_folded,
    write_judged_by,
    write_patient,
)
from solver.report.command_line.output import MOST_COLUMNS
from solver.report.head import FAINT, HEADING, STYLES
from solver.report.page import Page, Span
from solver.report.words import listed, number, recruitment, windows_words

_CLOCKS = 4
_FEW = 2
"""The page on so many trials is no longer than that on one."""
_REASONS = 2


class _Form(NamedTuple):
    """How much is said of one trial: so many reasons, each of so many lines, with or without a timeline."""

    reasons: int
    lines: int
    bars: bool


_FORMS = (_Form(8, 3, True), _Form(3, 2, True), _Form(3, 2, False), _Form(2, 1, False), _Form(1, 1, False))
_DATED_FORMS = (_Form(8, 3, True), _Form(3, 2, True), _Form(1, 1, True), _Form(1, 1, False))
"""Those of a trial with a day to wait for, or that ends: its timeline comes before words."""


def brief_when_page(answer: WhenAnswer, record: Record, library: Library, width: int) -> Page:
    """The answer for people with little time."""
    report = _BriefDays(answer, record, library, min(width, MOST_COLUMNS))
    report.write()
    return report.page


class _BriefDays(DaysReport):
    def write(self) -> None:
        """Write the page."""
        page, answer = self.page, self.answer
        write_patient(self)
        page.text(f"If only time passes, until {answer.horizon}: {summary_words(answer)}")
        write_judged_by(self)
        page.blank()
        if answer.consistent is False:
            write_contradictions(self)
            return
        self._write_brief_rows()
        every_day = ((answer.as_of, answer.horizon),)
        told = [trial for trial in self.dated if trial.dates and spans_of(trial.eligible) != every_day]
        if told:
            page.blank()
        if any(self._shown_clocks(trial) for trial in told):
            page.text(LEGEND, style=FAINT)
        most = FOR_ONE if len(answer.trials) <= _FEW else FOR_ALL
        chosen = add_blocks(page, [self._forms(trial) for trial in told], most - FOLDED_LINES)
        short = [trial.code for trial, form in zip(told, chosen, strict=True) if form]
        assumed = (len(answer.assumptions), "assumption")
        write_folded(page, [assumed], [f"more on {listed(short)}"] if short else ["titles and remarks"])

    def _write_brief_rows(self) -> None:
        rows = []
        for trial in self.dated:
            verdict = Span(verdict_today(trial), STYLES[trial.verdict])
            status = Span(recruitment(self.library.trials[trial.code]))
            rows.append([Span(trial.code, HEADING), verdict, status, Span(self._brief_days(trial))])
        self.page.table(("code", "today", "recruitment", "if only time passes"), rows)
        if any(cell.text.endswith("*") for row in rows for cell in row):
            self.page.text("* on the published criteria only; others exist", style=FAINT)

    def _brief_days(self, trial: TrialDates) -> str:
        """The days of a trial in a row of a table."""
        answer = self.answer
        if trial.dates is None:
            return "not decided within the solver's budget"
        if trial.eligible:
            found = windows_words(
                trial.provisos.added_to("eligible"),
                trial.eligible,
                answer.as_of,
                answer.horizon,
                endless=False,
            )
            return found + "*" * (self.library.trials[trial.code].open_ended and not trial.published_only)
        if trial.possible:
            found = windows_words("possible", trial.possible, answer.as_of, answer.horizon, endless=False)
            return f"{found}; cannot be promised yet"
        if not trial.never:
            return "no date; the reasons were not found within the budget"
        return f"no date ({self._ids(trial.never)})"

    def _ids(self, never: Sequence[Standstill]) -> str:
        shown = [" with ".join(each.clauses) for each in never[:_REASONS]]
        more = [f"+{len(never) - _REASONS} more"] if len(never) > _REASONS else []
        return ", ".join([*shown, *more])

    # what there is room for

    def _forms(self, trial: TrialDates) -> list[Page]:
        """What is said of a trial beyond its row, the longest form first, the shortest without a line."""
        forms = _DATED_FORMS if trial.eligible else _FORMS
        return [*(self._written(trial, form) for form in forms), Page(self.page.width)]

    def _written(self, trial: TrialDates, form: _Form) -> Page:
        """What is said of a trial in one form, on a page of its own."""
        before, self.page = self.page, Page(self.page.width)
        if trial.possible:
            self._write_possible(trial, form)
        else:
            self._write_never(trial, form)
        clocks = self._shown_clocks(trial)
        if clocks and form.bars:
            self.write_bars(trial, clocks, _CLOCKS)
        written, self.page = self.page, before
        return written

    def _shown_clocks(self, trial: TrialDates) -> Sequence[Clock]:
        """The clocks of a trial; where no day is possible, those that are never met together."""
        if trial.possible:
            return trial.clocks
        joint = {name for each in trial.never if len(each.clauses) > 1 for name in each.clauses}
        return [clock for clock in trial.clocks if clock.clause in joint]

    def _write_possible(self, trial: TrialDates, form: _Form) -> None:
        certain = list(self.certain_sentences(trial)) if trial.eligible else []
        sentences = [*certain, *self.possible_sentences(trial)]
        lead = f"{trial.code}  "
        if sentences:
            self.page.folded(sentences, form.lines, lead=lead, lead_style=HEADING, joiner=" ")
            lead = " " * len(lead)
        clauses = [f"{name} {self.words.clause(name).label}" for name in trial.open_clauses]
        if clauses and trial.eligible:
            text = f"possible before, depending on {listed(trial.open_clauses)}"
            self.page.folded([text], 1, lead=lead, lead_style=HEADING)
        elif clauses:
            clauses[0] = f"cannot be promised yet: it depends on {clauses[0]}"
            self.page.folded(clauses, form.lines, lead=lead, lead_style=HEADING)

    def _write_never(self, trial: TrialDates, form: _Form) -> None:
        page, margin = self.page, len(trial.code) + 2
        for i, standstill in enumerate(trial.never[: form.reasons]):
            clauses = [f"{name} {self.words.clause(name).label}" for name in standstill.clauses]
            together = "never together: " if len(clauses) > 1 else ""
            lead = (f"{trial.code}  " if i == 0 else " " * margin) + together
            page.folded([" with ".join(clauses)], form.lines, lead=lead, lead_style=HEADING)
            page.folded(list(self.reason_sentences(trial, standstill)), form.lines, indent=margin + 2)
        left = len(trial.never) - form.reasons
        if left > 0:
            page.text(f"+{number(left, 'more reason', 'more reasons')}", indent=margin)
        if not trial.never_complete:
            page.text("The search for the reasons was cut short: there may be more.", indent=margin)
