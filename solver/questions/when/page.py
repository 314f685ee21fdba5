"""The report of `match when`: for each trial the days on which waiting alone is enough, what binds them, or why there is none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from solver.language.types import DateType
from solver.library.models import Library
from solver.patient.record import Record
from solver.questions.when.answer import Clock, Standstill, TrialDates, WhenAnswer
from solver.questions.when.timeline import LEGEND, Bar, draw, spans_of
from solver.report.head import FAINT, HEADING, STYLES, RecordFrame, fits_words, patient_words, with_left_out
from solver.report.page import Page, Span
from solver.report.words import listed, recruitment, windows_words
from solver.text import grouped

_CLOCKS = 12
_OPEN = 5
_NEVER = 8
_BELOW = 6
_FROZEN = (
    "Every fact stays as recorded: only the day moves, and with it a first dose that is not planned for later. Every date was judged once "
    "more on its own day. Plausible ranges are assumed of what is not recorded; match names them."
)
_CHANGES = {
    "stop": "lasts until it is stopped",
    "treat": "changes with treatment, not by waiting",
    "test": "changes only with a new result",
    "consent": "a decision, which may change",
    "time": "passes, but the record does not say when",
}
"""How what is recorded can change, where waiting alone does not change it."""
_UNDONE = ("stop", "treat", "time")
"""The ways that do not count for a clause about the past: it was so all the same."""


def when_page(answer: WhenAnswer, record: Record, library: Library, width: int) -> Page:
    """The answer for people."""
    report = DaysReport(answer, record, library, width)
    report.write()
    return report.page


class DaysReport(RecordFrame[WhenAnswer]):
    """What is said of the days of each trial; `dated` are the trials in order, those with the earliest days first."""

    def __init__(self, answer: WhenAnswer, record: Record, library: Library, width: int) -> None:
        super().__init__(answer, record, library, width, [trial.code for trial in answer.trials])
        self.dated = sorted(answer.trials, key=_place_in_order)

    def write(self) -> None:
        """Write the whole page."""
        page, answer, dated = self.page, self.answer, self.dated
        page.text(patient_words(answer), style=HEADING)
        page.text(f"If only time passes, until {answer.horizon}: {summary_words(answer)}")
        self.judged_by()
        if answer.consistent is False:
            self.contradictions()
        self._write_rows(dated)
        for trial in dated:
            # of a patient who is eligible on every day the row says it all
            if trial.dates and spans_of(trial.eligible) != ((answer.as_of, answer.horizon),):
                self._write_details(trial)
        if any(trial.dates for trial in dated):
            page.blank()
            page.text(_FROZEN, style=FAINT)
        self.footer()

    def since_words(self, word: str, first: str) -> str:
        """From when on something is so, or that it is so now."""
        return f"{word} now" if first == self.answer.as_of else f"{word} from {first}"

    # a row a trial

    def _write_rows(self, dated: Sequence[TrialDates]) -> None:
        rows = [
            [
                Span(trial.trial),
                Span(trial.code, HEADING),
                Span(verdict_today(trial), STYLES[trial.verdict]),
                Span(self._days_in_row(trial)),
            ]
            for trial in dated
        ]
        self.page.table(("trial", "code", "today", "if only time passes"), rows)
        if any(cell.text.endswith("*") for row in rows for cell in row):
            self.page.text("* on the published criteria only; others exist", style=FAINT)
        if self.answer.consistent is not False:
            self.page.blank()
            self.recruiting(
                (trial.code, recruitment(self.library.trials[trial.code])) for trial in self.answer.trials
            )

    def _days_in_row(self, trial: TrialDates) -> str:
        answer = self.answer
        if trial.dates is None:
            if trial.verdict == "withheld":
                return "the record contradicts itself"
            return "not decided within the solver's budget"
        if trial.eligible:
            found = windows_words(
                trial.provisos.added_to("eligible"), trial.eligible, answer.as_of, answer.horizon
            )
            first = trial.possible[0].first
            if first < trial.eligible[0].first:
                found += f"; {self.since_words('possible', first)}"
            return found + "*" * (self.library.trials[trial.code].open_ended and not trial.published_only)
        if trial.possible:
            found = windows_words("possible", trial.possible, answer.as_of, answer.horizon)
            return f"{found}; cannot be promised yet"
        if not trial.never:
            return "no date; the reasons were not found within the budget"
        more = len(trial.never) - 1
        return f"no date ({' with '.join(trial.never[0].clauses)}{f', +{more} more' if more else ''})"

    # the reasons for one trial

    def _write_details(self, trial: TrialDates) -> None:
        if trial.eligible:
            headline = self.since_words(trial.provisos.added_to("eligible"), trial.eligible[0].first)
        else:
            headline = self.since_words("possible", trial.possible[0].first) if trial.possible else "no date"
        self.trial_heading(trial.code, trial.trial, trial.title, Span(headline, HEADING))
        if trial.eligible:
            self._write_sentences(self.certain_sentences(trial))
        if trial.possible:
            self._write_sentences(self.possible_sentences(trial))
            self._write_open(trial)
            self._write_timeline(trial, trial.clocks)
        else:
            self._no_day(trial)

    def _write_sentences(self, sentences: Iterable[str]) -> None:
        for sentence in sentences:
            self.page.text(sentence, indent=2)

    def certain_sentences(self, trial: TrialDates) -> Iterable[str]:
        """The first certain day, and what binds each end."""
        windows = trial.eligible
        if windows[0].first != self.answer.as_of:
            text = f"First day all windows are open: {windows[0].first}, checked again on that day"
            yield f"{text}.{self._clause_words(' Until then:', windows[0].opened_by)}"
        for window, following in zip(windows, [*windows[1:], None], strict=True):
            if window.last != self.answer.horizon:
                text = f"Last day: {window.last}." if following is None else f"Not after {window.last}."
                yield f"{text}{self._clause_words(' Then:', window.closed_by)}"
            if following is not None:
                because = self._clause_words(" Until then:", following.opened_by)
                yield f"{fits_words(trial.provisos)} again from {following.first}.{because}"

    def possible_sentences(self, trial: TrialDates) -> Iterable[str]:
        """The ends of the days that are possible, where they are not those of the certain ones."""
        firsts = {window.first for window in trial.eligible} | {self.answer.as_of}
        lasts = {window.last for window in trial.eligible} | {self.answer.horizon}
        for window in trial.possible:
            if window.first not in firsts:
                yield f"Possible only from {window.first}.{self._clause_words(' Until then:', window.opened_by)}"
            if window.last not in lasts:
                yield f"Possible only until {window.last}.{self._clause_words(' Then:', window.closed_by)}"

    def _write_open(self, trial: TrialDates) -> None:
        """The clauses on which it depends whether a possible day is a certain one."""
        page = self.page
        if trial.open_clauses:
            if not trial.eligible:
                words = "Certain on no day: it depends"
            else:
                now = trial.possible[0].first == self.answer.as_of
                words = f"Possible {'now' if now else 'before'}, depending"
            page.text(f"{words} on what is not known of:", indent=2)
            for name in trial.open_clauses[:_OPEN]:
                self._write_clause(name, 4)
            self.rest(len(trial.open_clauses) - _OPEN, "clause", indent=4, lead="")

    def _write_clause(self, name: str, indent: int, lead: str = "") -> None:
        label = self.words.clause(name).label
        self.page.text(label, indent=indent, lead=f"{lead}{name}  ", lead_style=HEADING)

    def _clause_words(self, words: str, clauses: Sequence[str]) -> str:
        """Clauses in words, after other words; nothing without clauses."""
        if not clauses:
            return ""
        return f"{words} {'; '.join(f'{name} {self.words.clause(name).label}' for name in clauses)}."

    def _write_timeline(self, trial: TrialDates, clocks: Sequence[Clock]) -> None:
        """A bar a clock, and one for all together; nothing without clocks."""
        if not clocks:
            return
        self.page.text(LEGEND, indent=2, style=FAINT)
        self.write_bars(trial, clocks, _CLOCKS)

    def write_bars(self, trial: TrialDates, clocks: Sequence[Clock], most: int) -> None:
        """The bars of so many clocks, and below them the one for all together."""
        page, answer = self.page, self.answer
        bars = [Bar(_clock_name(clock, clocks), clock.met, clock.possible) for clock in clocks[:most]]
        bars.append(Bar("together", spans_of(trial.eligible), spans_of(trial.possible)))
        draw(page, bars, answer.as_of, answer.horizon, 4)
        self.rest(len(clocks) - most, "clock", indent=4, lead="")

    # why there is no date

    def _no_day(self, trial: TrialDates) -> None:
        """What stands in the way on every day, how it can change, and the clocks that are never met together."""
        page = self.page
        page.text("No date, because of:", indent=2)
        for standstill in trial.never[:_NEVER]:
            several = len(standstill.clauses) > 1
            if several:
                page.text("never together:", indent=2, lead="- ")
            for name in standstill.clauses:
                self._write_clause(name, 2, "    " if several else "- ")
            for sentence in self.reason_sentences(trial, standstill):
                page.text(sentence, indent=_BELOW)
        self.rest(len(trial.never) - _NEVER)
        if not trial.never_complete:
            page.text("The search for the reasons was cut short: there may be more.", indent=2)
        joint = {name for each in trial.never if len(each.clauses) > 1 for name in each.clauses}
        self._write_timeline(trial, [clock for clock in trial.clocks if clock.clause in joint])

    def reason_sentences(self, trial: TrialDates, standstill: Standstill) -> Iterable[str]:
        """What a standstill rests on, and how that can change."""
        windows = self._window_words(trial, standstill)
        if windows:
            yield windows
        facts = self.words.facts(standstill.facts)
        if facts:
            yield f"recorded: {facts}"
        texts = dict(self.answer.assumptions)
        for name in standstill.assumptions:
            yield f"assumed: {texts.get(name, name)}"
        if not standstill.facts and not standstill.assumptions:
            routing = any(self.words.clause(name).routing for name in standstill.clauses)
            yield "no open cohort takes the patient" if routing else "it is so for every patient"
        elif standstill.later:
            yield f"it may be met after {self.answer.horizon}: look further with --horizon"
        elif not windows:
            yield from self._change_sentences(standstill)

    def _window_words(self, trial: TrialDates, standstill: Standstill) -> str:
        """The days of clauses that are never met together: `A opens on ..., but B closes on ...`."""
        parts = []
        for clock in trial.clocks:
            if len(standstill.clauses) > 1 and clock.clause in standstill.clauses and clock.possible:
                first, last = clock.possible[0][0], clock.possible[-1][1]
                opens = [f"opens on {first}"] if first != self.answer.as_of else []
                closes = [f"closes after {last}"] if last != self.answer.horizon else []
                if opens or closes:
                    parts.append(f"{clock.clause} {' and '.join([*opens, *closes])}")
        return ", but ".join(parts)

    def _change_sentences(self, standstill: Standstill) -> Iterable[str]:
        """How what is recorded can change, if not by waiting."""
        history = {self.words.clause(name).changes for name in standstill.clauses} == {"never"}
        groups = grouped(
            (variable.changes, variable.label)
            for name, variable in self.library.variables.items()
            if name in standstill.facts and not isinstance(variable.type, DateType)
        )
        ways = [kind for kind in _CHANGES if kind in groups and not (history and kind in _UNDONE)]
        for kind in ways:
            yield f"{_CHANGES[kind]}: {listed(groups[kind])}"
        if not ways:
            age = all(self.library.variables[name].changes == "age" for name in standstill.facts)
            fixed = "a past or fixed fact, which waiting does not change"
            yield "an age that does not come again" if age else fixed


def _place_in_order(trial: TrialDates) -> tuple[int, str]:
    """Certain days come first, then possible ones, the earliest first."""
    if trial.eligible:
        return 0, trial.eligible[0].first
    if trial.possible:
        return 1, trial.possible[0].first
    return (2 if trial.dates is not None else 3), ""


def summary_words(answer: WhenAnswer) -> str:
    """How many trials take the patient now, later, possibly, or on no day."""
    if answer.consistent is False:
        return "nothing can be said"
    words = ("later", "possible", "on no day", "not decided")
    places = map(_place_in_order, answer.trials)
    named = [
        f"{with_left_out('eligible', trial.provisos)} now" if place == (0, answer.as_of) else words[place[0]]
        for place, trial in zip(places, answer.trials, strict=True)
    ]
    counts = Counter(sorted(named, key=lambda each: words.index(each) if each in words else -1))
    told = ", ".join(f"{count} {each}" for each, count in counts.items())
    return f"{told}, each assuming" if answer.policies else told


def verdict_today(trial: TrialDates) -> str:
    """The verdict on the day of evaluation; a star stands for published criteria only."""
    return f"{trial.provisos.added_to(trial.verdict)}{'*' if trial.published_only else ''}"


def _clock_name(clock: Clock, clocks: Sequence[Clock]) -> str:
    """The id of the clause, with cohorts where it reads differently in others."""
    several = sum(other.clause == clock.clause for other in clocks) > 1
    return f"{clock.clause} {','.join(clock.cohorts)}" if several else clock.clause
