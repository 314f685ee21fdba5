"""The brief page of `match`, for somebody with twenty seconds: one patient and six trials in 24 lines of 80 columns.

    Patient p, as of 2026-11-20
    54 F, severe, first flare
    Safety: carrier (2026-11-12, laboratory)

    trial  verdict       recruitment        reason
    A      undetermined  unknown            missing: fever, +11 more
    B      eligible      closed: completed  meets every criterion

    A first: ask the investigator - fever: yes ends it; then 1 blood draw, +3 more

What is recorded comes first, then what bears on safety, then the trials, those first that may be open, and then what to find out for these.
What the page folds it counts; `--full` shows it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import overload

from solver.language.tree import TRUE, variables
from solver.library.models import Library
from solver.patient.record import Record
from solver.questions.match.answer import MatchAnswer, TrialAnswer
from solver.questions.match.row_reasons import first_words, row_reason
from solver.report import brief_words, head
from solver.report.brief import add_blocks
from solver.report.page import GAP, TIGHT, Line, Page, Span
from solver.report.words import listed, number

MOST, A_TRIAL, TRIALS = 22, 2, 6
"""Lines of the page on so many trials, and for each further one; the line on decision support, with an empty one, stands below."""

_SAFETY, _CODE, _VERDICT, _LEAST = "Safety: ", 20, 22, 10
"""What a line about safety begins with, the columns for a code and for a verdict, and the least for a reason in a row of its own widths."""


def brief_match_page(answer: MatchAnswer, record: Record, library: Library, width: int) -> Page:
    """The brief page on one patient."""
    return _BriefReport(answer, record, library, width).page


class _TableForms(Sequence[Page]):
    """The table of trials in its forms: the reasons of all may take a second line, or more where there are few trials, of all but the
    last, and so on down to none.
    """

    def __init__(self, heads: Page, rows: list[tuple[list[Line], ...]]) -> None:
        self._heads, self._rows = heads, rows

    def __len__(self) -> int:
        return len(self._rows) + 1

    @overload
    def __getitem__(self, place: int) -> Page: ...
    @overload
    def __getitem__(self, place: slice) -> list[Page]: ...
    def __getitem__(self, place: int | slice) -> Page | list[Page]:
        if isinstance(place, slice):
            return [self[i] for i in range(*place.indices(len(self)))]
        long, page = -(place + 1) if place < 0 else len(self._rows) - place, Page(self._heads.width)
        page.lines = [*self._heads.lines]
        for i, (short, whole) in enumerate(self._rows):
            page.lines += whole if i < long else short
        return page


class _BriefReport(head.Frame[MatchAnswer, TrialAnswer]):
    """The page: blocks of lines, each longer where there is room, with empty lines between them if there is still some."""

    def __init__(self, answer: MatchAnswer, record: Record, library: Library, width: int) -> None:
        super().__init__(answer, record, library, width)
        self.words.rounded = True
        self.rejected, self.warned, self.near = brief_words.sorted_warnings(answer)
        self.trials = brief_words.in_place(answer.trials)
        most = MOST + A_TRIAL * max(0, len(self.trials) - TRIALS)
        to_do = self._to_do()
        judged_by, approach = self._judged_by(), self._approach()
        kept = (
            *(len(forms[-1].lines) for forms in (judged_by, approach)),
            len(to_do.lines),
            bool(self.warned),
        )
        fixed = 2 + 2 * bool(self.rejected) + 1 + len(self.trials) + 1 + sum(kept)
        blank = Page(width)
        blank.lines.append(())
        gap = [blank, Page(width)]
        blocks: list[Sequence[Page]] = [
            [self._patient()],
            [self._safety(most - fixed)],
            judged_by,
            approach,
            gap,
            self._table(),
            gap,
            [to_do],
            self._folded_list(self.warned, f"{number(len(self.warned), 'warning')} (--full): ", head.HEADING),
            self._folded_list(list(self._folded()), "Folded (--full): ", head.FAINT),
        ]
        add_blocks(self.page, blocks, most)

    # who it is about, and safety

    def _patient(self) -> Page:
        """Who the patient is, and what was recorded and is not used."""
        page, width = Page(self.page.width), self.page.width
        page.lines.append((Span(brief_words.patient_line(self.answer, width), head.HEADING),))
        if self.answer.headline:
            page.lines.append((Span(brief_words.folded_list(self.answer.headline, width)),))
        if self.rejected:
            page.text("REJECTED, and not used: correct the record", style=head.STYLES["withheld"])
            page.lines.append((Span(brief_words.folded_list(self.rejected, width, lead="  - ")),))
        return page

    def _safety(self, most: int) -> Page:
        """A line for each thing that bears on the patient's safety; where there is no room for all, the last ones share a line."""
        page, said = Page(self.page.width), list(self._safety_lines())
        if self.answer.consistent is False:
            self._write_contradictions(page, most - len(said))
        most = max(1, most - len(page.lines))
        while len(said) > most:
            last = said.pop()
            said[-1] = f"{said[-1]}; {last}"
        for text in said:
            room = page.width - len(_SAFETY)
            page.text(brief_words.cut_text(text, room), lead=_SAFETY, lead_style=head.STYLES["withheld"])
        return page

    def _write_contradictions(self, page: Page, most: int) -> None:
        """The facts that contradict one another, as many sets of them as there is room for."""
        found = self.answer.contradictions
        for place, facts in enumerate(found):
            one = Page(page.width)
            text = f"the record contradicts itself: {self.words.facts(facts)}"
            one.folded([text], 3, lead=_SAFETY, lead_style=head.STYLES["withheld"])
            more = len(found) - place
            if place and len(page.lines) + len(one.lines) + (more > 1) > most:
                page.text(f"{_SAFETY}+{number(more, 'more contradiction')} (--full)")
                return
            page.lines += one.lines

    def _safety_lines(self) -> Iterator[str]:
        """What is recorded and bears on safety, with the trials that have a notice about it; then the other notices about safety."""
        by_variable: dict[str, list[str]] = {name: [] for name in self.answer.safety}
        others: dict[str, list[str]] = {}
        for trial in self.answer.trials:
            about = {notice.id: variables(notice.when) for notice in self.library.trials[trial.code].notices}
            for notice in trial.notices:
                if notice.safety:
                    named = [name for name in by_variable if name in about.get(notice.id, ())]
                    for name in named:
                        by_variable[name].append(trial.code)
                    if not named:
                        others.setdefault(notice.text, []).append(trial.code)
        room = self.page.width - len(_SAFETY)
        for name, codes in by_variable.items():
            fact, trials = self.words.stated(name), list(dict.fromkeys(codes))
            tails = [f" - see the notices of {listed(trials)} (--full)"] if trials else [""]
            tails += [f" - {number(len(trials), 'trial')} with a notice (--full)"] if trials else []
            tail = next((each for each in tails if len(fact) + len(each) <= room), tails[-1])
            yield brief_words.cut_text(fact, room - len(tail)) + tail
        for text, codes in others.items():
            tail = f" ({listed(codes)}, --full)"
            yield brief_words.cut_text(text, room - len(tail)) + tail

    def _judged_by(self) -> list[Page]:
        """What the answer was judged by, on two lines or one."""
        policies = self.answer.policies
        said = list(
            self.context_sentences(
                [f"Policies in force: {listed(policies)}."] if policies else [], shortly=True
            )
        )
        said.reverse()  # a planned day and policies, which bear on every trial, stand last
        if not said:
            return [Page(self.page.width)]
        forms = [Page(self.page.width), Page(self.page.width)]
        for most, page in zip((2, 1), forms, strict=True):
            page.folded(said, most, joiner=" ", style=head.FAINT)
        return forms

    def _approach(self) -> list[Page]:
        """Which of the trials that fit are to be approached, on two lines or one."""
        text = brief_words.approach_words(self.answer.trials)
        return self._folded_list([text] if text else [], "", "")

    def _folded_list(self, items: list[str], lead: str, style: str) -> list[Page]:
        """A list on two lines, or on one; nothing where it is empty."""
        forms = [Page(self.page.width), Page(self.page.width)]
        for most, page in zip((2, 1), forms, strict=True):
            if items:
                page.text(brief_words.folded_list(items, page.width, most, lead=lead), style=style)
        return forms

    # the trials

    def _table(self) -> _TableForms:
        """A row for each trial; a verdict that says at length on what terms it was given widens its own row only."""
        page, lines = Page(self.page.width), max(2, TRIALS // len(self.trials) if self.trials else 2)
        heads = ("trial", "verdict", "recruitment", "reason")
        cells = {
            trial.code: (
                brief_words.cut_text(trial.code, _CODE),
                head.verdict_words(trial),
                brief_words.brief_recruitment(trial),
            )
            for trial in self.trials
        }
        narrow = [each for each in cells.values() if len(each[1]) <= _VERDICT]
        widths = [max(map(len, column)) for column in zip(heads[:-1], *narrow, strict=True)]
        page.row([Span(each, head.FAINT) for each in heads], widths)
        rows = [
            tuple(self._row(trial, cells[trial.code], widths, most).lines for most in (1, lines))
            for trial in self.trials
        ]
        return _TableForms(page, rows)

    def _row(self, trial: TrialAnswer, cells: tuple[str, str, str], widths: list[int], most: int) -> Page:
        """The row of a trial, with a reason of so many lines."""
        page, (code, verdict, status) = Page(self.page.width), cells
        wide = len(verdict) > _VERDICT
        own = [widths[0], len(verdict), len(status)] if wide else widths
        before = sum(own) + GAP * len(own)
        room = page.width - before if wide or page.width - before >= TIGHT else page.width - 2 * GAP
        most = 1 if wide else most
        reason = row_reason(trial, self.words, self.answer.as_of, room, most) if room >= _LEAST else ""
        parts = (
            Span(code, head.HEADING),
            Span(verdict, head.STYLES[trial.verdict]),
            Span(status),
            Span(reason),
        )
        if wide:
            text = [part._replace(text=part.text.ljust(w + GAP)) for part, w in zip(parts, own, strict=False)]
            page.lines.append((*text, parts[-1]))
        else:
            page.row(parts, widths)
        return page

    # what to find out, and what is folded

    def _to_do(self) -> Page:
        """What to find out first, for each undetermined trial that is not closed."""
        page = Page(self.page.width)
        for trial in self.trials:
            if trial.verdict == "undetermined" and not brief_words.closed_by_status(trial):
                page.lines.append((Span(first_words(trial, self.words, page.width)),))
        return page

    def _folded(self) -> Iterator[str]:
        """What the whole page shows besides, counted."""
        trials, to_tick = self.trials, len(self.to_tick())
        if to_tick:
            yield f"{number(to_tick, 'assumption')} to tick"
        other = [trial.code for trial in trials if trial.readings]
        if other:
            yield f"other readings change {listed(other)}"
        judged = [
            trial.code
            for trial in trials
            if trial.verdict != "ineligible" and (trial.unpublished or trial.not_judged)
        ]
        if judged:
            yield f"criteria not judged of {listed(judged)}"
        others = len(self.answer.assumptions) - to_tick
        if others:
            yield number(others, "other assumption" if to_tick else "assumption")
        if self.near:
            yield f"{number(self.near, 'value')} close to a limit"
        notes = sum(map(self._noted, trials))
        if notes:
            yield number(notes, "note")
        cohorts = sum(len(trial.cohorts) for trial in trials if len(trial.cohorts) > 1)
        if cohorts:
            yield number(cohorts, "cohort")
        yield "sources"

    def _noted(self, trial: TrialAnswer) -> int:
        """How many notices the whole page shows in the part of a trial."""
        always = {notice.id for notice in self.library.trials[trial.code].notices if notice.when == TRUE}
        return sum(
            not notice.safety and (trial.verdict != "ineligible" or notice.id not in always)
            for notice in trial.notices
        )
