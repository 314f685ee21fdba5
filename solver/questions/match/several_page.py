"""The page of `match` on several patients: a table of patients by trials, and then a line for each with the next step.

    12 patients, as of 2026-11-20
    Safety: p2 - carrier (2026-11-12, laboratory)

              A      B      C*
    p1        (yes)  open   no
    p2        -      -      -

    p1: to approach: A (ask whether it recruits); B first: ask the investigator - fever: yes ends it
    p2: contradicts itself: smoker: no and cigarettes 20 /d

Twelve patients take 45 lines at most. One patient has the page of one.
"""

from __future__ import annotations

from solver.dataclass import dataclass
from solver.engine.provisos import Provisos
from solver.library.models import Library
from solver.patient.record import Record
from solver.questions.match.answer import MatchAnswer, TrialAnswer
from solver.questions.match.brief_page import brief_match_page
from solver.questions.match.row_reasons import first_words
from solver.report import brief_words, head
from solver.report.command_line.output import MOST_COLUMNS
from solver.report.matrix import LEGEND, verdict_cell, write_legend, write_matrix
from solver.report.page import GAP, Page, Span
from solver.report.words import Wording, closed_cohorts, listed, number
from solver.text import grouped

MOST, A_PATIENT, PATIENTS = 43, 3, 12
"""Lines of the page on so many patients, and for each further one; the line on decision support, with an empty one, stands below."""

_SAFETY = "Safety: "
_NAME, _LEAST_NAME = 24, 10
"""Columns for the name of a patient, and the fewest of them in a table whose columns have to share a line."""

_NO_ANSWER, _CLOSED, _PROVISOS = "-", "*", "+"
_MEANT = {
    **LEGEND,
    _NO_ANSWER: "-: no verdict",
    _PROVISOS: "+:",
    _CLOSED: "*: closed",
}


@dataclass(frozen=True, slots=True)
class _Row:
    """What the page says of one patient: `next_step` on one line, and on two."""

    name: str
    next_step: tuple[str, str]
    cells: tuple[Span, ...] = ()
    safety: tuple[str, ...] = ()
    at_risk: tuple[str, ...] = ()
    as_of: str = ""
    judged_by: tuple[str, ...] = ()
    rejected: int = 0
    warnings: int = 0


class SeveralPatients:
    """Gathers the answers about patients, all on the same trials, for one page."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self._rows: list[_Row] = []
        self._only: tuple[MatchAnswer, Record] | None = None
        self._trials: list[TrialAnswer] = []
        self._provisos = ""

    def add(self, answer: MatchAnswer, record: Record) -> None:
        """Take the answer about a patient."""
        self._trials = self._trials or _columns(answer)
        self._provisos = Provisos(answer.policies, answer.without).added_to("").strip(" ,")
        self._only = None if self._rows else (answer, record)
        self._rows.append(_answered_row(answer, record, self.library))

    def add_failed(self, name: str) -> None:
        """Take a record that has no answer."""
        self._only = None
        text = brief_words.cut_text(f"{_short(name)}: no answer, what is wrong is told above", MOST_COLUMNS)
        self._rows.append(_Row(name, (text, text)))

    def page(self, width: int) -> Page | None:
        """The page on all of them, or on the only one; None if there is no answer."""
        if self._only is not None:
            return brief_match_page(*self._only, self.library, width)
        answered = [row for row in self._rows if row.as_of]
        if not answered:
            return None
        page = self._page_of(answered, width, together=False)
        return page if len(page.lines) <= self._most else self._page_of(answered, width, together=True)

    @property
    def _most(self) -> int:
        return MOST + A_PATIENT * max(0, len(self._rows) - PATIENTS)

    def _page_of(self, answered: list[_Row], width: int, *, together: bool) -> Page:
        """The page; with patients at the same risk `together`, without when and by whom it was recorded, where there is little room."""
        page = Page(width)
        days = {row.as_of for row in answered}
        day = f"as of {answered[0].as_of}" if len(days) == 1 else "each as of a day of its own"
        site = f" ({brief_words.cut_name(self.library.site.name, _NAME)})" if self.library.site else ""
        page.lines.append((Span(f"{number(len(self._rows), 'patient')}, {day}{site}", head.HEADING),))
        _write_judged_by(page, answered)
        left_out = [
            f"{number(row.rejected, 'fact')} of {_short(row.name)}" for row in answered if row.rejected
        ]
        if left_out:
            text = brief_words.folded_list(left_out, width, lead="REJECTED (--full), and not used: ")
            page.lines.append((Span(text, head.STYLES["withheld"]),))
        for text in _risks_together(answered) if together else _risks(answered, width - len(_SAFETY)):
            page.text(text, lead=_SAFETY, lead_style=head.STYLES["withheld"])
        self._write_table(page, with_days=len(days) > 1)
        self._write_next_steps(page)
        warnings = sum(row.warnings for row in answered)
        more = [number(warnings, "warning")] if warnings else []
        folded = ["reasons", "cohorts", "notes", "assumptions", "sources"]
        text = brief_words.folded_list([*more, *folded], width, lead="Folded (--full): ")
        page.lines.append((Span(text, head.FAINT),))
        return page

    def _write_table(self, page: Page, *, with_days: bool) -> None:
        """The patients by trials; a trial that is closed by its own status is marked at its code."""
        nothing = tuple(Span(_NO_ANSWER, head.FAINT) for _ in self._trials)
        codes = [trial.code + _CLOSED * brief_words.closed_by_status(trial) for trial in self._trials]
        wide = max(len(text) for text in (*codes, *(cell.text for row in self._rows for cell in row.cells)))
        day = len(" YYYY-MM-DD") * with_days
        room = page.width - len(codes) * (wide + GAP) - day
        most = min(_NAME, max(_LEAST_NAME, room))
        rows = [
            (
                f"{_short(row.name, most)} {row.as_of}" if with_days else _short(row.name, most),
                row.cells or nothing,
            )
            for row in self._rows
        ]
        write_matrix(page, codes, rows)
        page.lines.pop()
        texts = {cell.text for _, cells in rows for cell in cells}
        marks = {mark for mark in (_CLOSED, _PROVISOS) for text in (*texts, *codes) if mark in text}
        meant = {**_MEANT, _PROVISOS: f"{_PROVISOS}: {self._provisos}"}
        write_legend(page, meant, marks | {text.rstrip(_CLOSED + _PROVISOS) for text in texts})
        page.blank()

    def _write_next_steps(self, page: Page) -> None:
        """A line for each patient, and a second one where that says more, as long as there is room."""
        room = self._most - len(page.lines) - len(self._rows) - 1
        for row in self._rows:
            one, two = row.next_step
            long = Page(page.width)
            long.text(two, lead="  ")
            if len(long.lines) > 1 and room > 0:
                room -= len(long.lines) - 1
                long.lines[0] = long.lines[0][-1:]
                page.lines += long.lines
            else:
                page.lines.append((Span(brief_words.cut_text(one, page.width)),))


def _write_judged_by(page: Page, rows: list[_Row]) -> None:
    """What all were judged by, with how many of them by more."""
    common = [text for text in rows[0].judged_by if all(text in row.judged_by for row in rows)]
    own = sum(any(text not in common for text in row.judged_by) for row in rows)
    texts = [*common[::-1], *([f"Own context: {number(own, 'patient')} (--full)."] if own else [])]
    if texts:
        page.folded(texts, 2, joiner=" ", style=head.FAINT)


def _risks(rows: list[_Row], room: int) -> list[str]:
    """What bears on the safety of each patient."""
    return [
        brief_words.folded_list(row.safety, room, lead=f"{_short(row.name)} - ") for row in rows if row.safety
    ]


def _risks_together(rows: list[_Row]) -> list[str]:
    """The patients of whom the same bears on their safety."""
    same = grouped((row.at_risk, _short(row.name)) for row in rows if row.at_risk)
    return [f"{', '.join(labels)} - {', '.join(names)}" for labels, names in same.items()]


def _short(name: str, most: int = _NAME) -> str:
    return brief_words.cut_name(name, most)


def _columns(answer: MatchAnswer) -> list[TrialAnswer]:
    """The trials in the order of their columns: those that may be open first, whatever the verdicts are."""
    return sorted(answer.trials, key=brief_words.place_by_status)


def _answered_row(answer: MatchAnswer, record: Record, library: Library) -> _Row:
    words = Wording.of_events(library, record, rounded=True)
    frame = head.RecordFrame(answer, record, library, MOST_COLUMNS, [trial.code for trial in answer.trials])
    policies = [f"Policies in force: {listed(answer.policies)}."] if answer.policies else []
    rejected, warned, _ = brief_words.sorted_warnings(answer)
    return _Row(
        name=answer.patient,
        next_step=(_next_step(answer, words, 1), _next_step(answer, words, 2)),
        cells=tuple(map(_cell, _columns(answer))),
        safety=tuple(words.stated(name) for name in answer.safety),
        at_risk=tuple(library.variables[name].label for name in answer.safety),
        as_of=answer.as_of,
        judged_by=tuple(frame.context_sentences(policies, shortly=True)),
        rejected=len(rejected),
        warnings=len(warned),
    )


def _cell(trial: TrialAnswer) -> Span:
    shut = trial.verdict in ("eligible", "undetermined") and closed_cohorts(trial)
    marks = _PROVISOS * (head.verdict_words(trial) != trial.verdict) + _CLOSED * bool(shut)
    return verdict_cell(trial.verdict, trial.published_only, _NO_ANSWER, marks)


def _next_step(answer: MatchAnswer, words: Wording, most: int) -> str:
    """The name of a patient and what to do next, on so many lines: trials to approach, and what to find out first."""
    lead, width = f"{_short(answer.patient)}: ", MOST_COLUMNS - 2 * (most - 1)
    if answer.consistent is False:
        said = [" and ".join(map(words.plain_fact, facts)) for facts in answer.contradictions]
        return brief_words.folded_list(said, width, most, lead=f"{lead}contradicts itself: ", joiner="; ")
    trials = brief_words.in_place(answer.trials)
    approach = brief_words.to_approach(trials)
    left = [trial for trial in trials if trial.verdict in ("eligible", "undetermined")]
    asked = [
        trial
        for trial in left
        if trial.verdict == "undetermined"
        and not brief_words.closed_by_status(trial)
        and not closed_cohorts(trial)
    ]
    if approach or asked:
        assuming = ", assuming" if answer.policies else ""
        said = [f"to approach{assuming}: {approach}"] if approach else []
        room = width * most - 12 * (most - 1) - len(lead) - sum(map(len, said)) - 2 * len(said)
        said += [first_words(trial, words, max(room, 50)) for trial in asked]
        return brief_words.folded_list(said, width, most, lead=lead, joiner="; ")
    if any(trial.verdict == "unresolved" for trial in trials):
        return f"{lead}not decided within the solver's budget"
    shut = listed([trial.code for trial in left])
    return brief_words.cut_text(
        f"{lead}nothing to do: {f'{shut} closed' if left else 'no trial fits'}", width, most
    )
