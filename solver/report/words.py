"""Words for facts, variables and clauses, the days on which a trial takes the patient, recruitment, and what entering changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from solver.engine.answer import AtSite, CohortAnswer, DatesAnswer, TrialHead, Values, Window
from solver.engine.banner import SHUT, fitting, is_closed, openness
from solver.engine.enrolment_effects import Effect
from solver.engine.events.extend import extended
from solver.engine.requirement_words import rounded_text
from solver.language.calendar import completed_years, format_day
from solver.language.domain import Interval, point
from solver.language.types import BooleanType, DateType, IntegerType, ListType, QuantityType
from solver.library.models import Clause, Library, Trial
from solver.patient.record import Record
from solver.text import listed as listed

IN_FULL = "(--format json lists all)"
"""Where a list that a page cuts stands whole."""

_DAYS_COUNTED = 1000


def number(count: int, one: str, several: str | None = None) -> str:
    """`1 conflict`, `2 conflicts`."""
    return f"{count} {one if count == 1 else several or one + 's'}"


class Wording:
    """The words for one record; where limits are `rounded` they have at most three decimals, else they are exact."""

    def __init__(self, library: Library, record: Record, *, rounded: bool = False) -> None:
        self.library, self.record, self.rounded = library, record, rounded
        self._clauses: dict[str, Clause] = {}

    @classmethod
    def of_events(cls, library: Library, record: Record, *, rounded: bool = False) -> Wording:
        """The words for a record whose events and findings are told as facts."""
        return cls(*extended(library, record), rounded=rounded)

    def clause(self, name: str) -> Clause:
        """The clause with an id."""
        if name not in self._clauses:  # those of other trials are left packed
            codes = (name[:i] for i, letter in enumerate(name) if letter == ".")
            named = (self.library.trials[code] for code in codes if code in self.library.trials)
            self._clauses.update((clause.id, clause) for trial in named for clause in trial.clauses)
        return self._clauses[name]

    def clauses(self, names: Iterable[str]) -> str:
        """The clauses of a conflict, each with its label."""
        return ", together with ".join(f"{name} {self.clause(name).label}" for name in names)

    def fact(self, name: str) -> str:
        """A recorded fact in words, as it was recorded: `score 2`, `smoker: yes`."""
        fact = self.record.facts[name]
        whole = "complete list" if fact.complete else ""
        notes = [note for note in (whole, self._past_words(name), fact.date, fact.source) if note]
        return self.plain_fact(name) + (f" ({', '.join(notes)})" if notes else "")

    def plain_fact(self, name: str) -> str:
        """A recorded fact in words, without its date and source."""
        variable, fact = self.library.variables[name], self.record.facts[name]
        colon = ":" if isinstance(variable.type, BooleanType | ListType) or not fact.exact else ""
        return f"{variable.label}{colon} {fact.text}"

    def stated(self, name: str) -> str:
        """What a recorded fact says is there, with its date and source: `smoker (2026-11-12, letter)`."""
        fact = self.record.facts[name]
        notes = ", ".join(note for note in (fact.date, fact.source) if note)
        return self.library.variables[name].label + (f" ({notes})" if notes else "")

    def facts(self, names: Iterable[str]) -> str:
        """Facts in words, in the order of the vocabulary; names without a fact are left out."""
        return "; ".join(self.each_fact(names))

    def each_fact(self, names: Iterable[str]) -> list[str]:
        """Each of the facts in words, as `facts`."""
        wanted = set(names) & self.record.facts.keys()
        return [self.fact(name) for name in self.library.variables if name in wanted]

    def _past_words(self, name: str) -> str:
        """How long before the day of evaluation, and before a planned day, an exact date lies."""
        day = self._exact_day(name)
        if day is None:
            return ""
        days = self.record.as_of - day
        if days >= _DAYS_COUNTED:
            return f"{completed_years(day, self.record.as_of)} years ago"
        planned = self._planned_day()
        until = f", {planned - day} before {format_day(planned)}" if planned else ""
        return f"{number(days, 'day')} ago{until}"

    def recent(self, name: str) -> int | None:
        """An exact past date whose days are counted; else None."""
        day = self._exact_day(name)
        return None if day is None or self.record.as_of - day >= _DAYS_COUNTED else day

    def _exact_day(self, name: str) -> int | None:
        """A recorded date, if it is exact and not after the day of evaluation."""
        domain = self.record.facts[name].domain
        if not isinstance(self.library.variables[name].type, DateType) or not isinstance(domain, Interval):
            return None
        return int(domain.low) if domain.exact and 1 <= domain.low <= self.record.as_of else None

    def _planned_day(self) -> int | None:
        """The planned day to which days are counted, if it is recorded and lies after the day of evaluation."""
        for name, fact in self.record.facts.items():
            domain = fact.domain
            if self.library.variables[name].absent_as_of and isinstance(domain, Interval) and domain.exact:
                return int(domain.low) if domain.low > self.record.as_of else None
        return None

    def assumed(self, names: Iterable[str]) -> Iterable[tuple[str, str]]:
        """Each policy with what it assumes, as labels, from the ids of the assumptions."""
        subjects: dict[str, list[str]] = {}
        for name in names:
            policy, _, subject = name.partition(":")
            variable = self.library.variables.get(subject)
            label = variable.label if variable else f"{subject} {self.clause(subject).label}"
            subjects.setdefault(policy, []).append(label)
        return [(policy, "; ".join(labels)) for policy, labels in subjects.items()]

    def wanted(self, name: str) -> str:
        """What to find out about a variable."""
        label = self.library.variables[name].label
        return f"exact {label}" if name in self.record.facts else label

    def limits(self, text: str, values: Values | None = None) -> str:
        """A text with limits, which stand for `values`, as it stands here: rounded to the safe side where they are `rounded`."""
        return rounded_text(text, values) if self.rounded else text

    def required(self, name: str, text: str, values: Values | None = None) -> str:
        """A variable with the values that a text names: `a result at most 470 ms`, `a finding: no`."""
        variable = self.library.variables[name]
        if isinstance(variable.type, QuantityType):
            text = self.limits(text, values)
        if isinstance(variable.type, BooleanType):
            return f"{variable.label}: {'yes' if text == 'true' else 'no'}"
        colon = "" if isinstance(variable.type, IntegerType | QuantityType) else ":"
        return f"{variable.label}{colon} {text}"

    def finding(self, name: str, text: str, values: Values | None) -> str:
        """A variable with the values that a text names, as a finding: `a result more than 470 ms`; a count of 0 has words of its own."""
        return self.none_of(name, values) or self.required(name, text, values)

    def none_of(self, name: str, values: Values | None) -> str:
        """What a count of 0 is as a finding, where that is the only value: `no transplant so far`; else empty."""
        return (self.library.variables[name].zero or "") if values == (point(0, whole=True),) else ""

    def named(self, name: str) -> str:
        """What to find out, with the name that a record uses."""
        if name in self.record.facts:
            return f"exact {self.library.variables[name].label} [{name}, recorded: {self.record.facts[name].text}]"
        return f"{self.library.variables[name].label} [{name}]"

    def nothing_asked_settles(self, never_asked: Iterable[tuple[str, ...]]) -> str:
        """That no data that can be asked for settle a trial, with what would: the smallest of the sets with what is never asked for."""
        smallest = min(never_asked, key=len, default=None)
        if smallest is None:
            return "No data that can be asked for settle it."
        return f"No data that can be asked for settle it. What would: {listed([self.named(name) for name in smallest])}."


def days_line(dates: DatesAnswer | None, as_of: str, fits: str = "Eligible") -> str | None:
    """From when, or until when, the patient is eligible, which is how it `fits`: one short line, where waiting changes anything."""
    if dates is None or not dates.eligible:
        return None
    (begin, end), *more = dates.eligible
    last, opened = dates.eligible_until, _by_clauses(dates.opened_by)
    until = f"until {last}{_by_clauses(dates.closed_by)}" if last else ""
    if more:
        start = "" if begin == as_of else f"from {begin}{opened} "
        stop = f" {until}" if until else ""
        return f"{fits} {start}until {end} and again from {more[0][0]}{stop} if only time passes."
    if begin == as_of:
        return f"{fits} {until} if only time passes." if until else None
    if until:
        return f"{fits} from {begin}{opened} {until} if only time passes."
    return f"{fits} from {begin} if only time passes{opened}."


def windows_words(
    word: str, windows: Sequence[Window], as_of: str, horizon: str, *, endless: bool = True
) -> str:
    """From when until when the patient is what `word` says, and again; with `endless` also that no end is in sight."""
    parts: list[str] = []
    for window in windows:
        now, lasts = window.first == as_of, window.last == horizon
        start = "now" if now else f"from {window.first}{_by_clauses(window.opened_by)}"
        end = (
            f" with no end before {horizon}" * endless
            if lasts
            else f" until {window.last}{_by_clauses(window.closed_by, 'then ')}"
        )
        comma = "," if end and (now or lasts) else ""
        parts.append(f"{'again' if parts else word} {start}{comma}{end}")
    return "; ".join(parts)


def _by_clauses(clauses: Sequence[str], lead: str = "") -> str:
    return f" ({lead}{listed(clauses)})" if clauses else ""


_ASKED = {
    "authorised": "authorised in the EU: ask whether it still recruits",
    "unknown": "unknown: ask whether it still recruits",
}
"""The recruitment statuses that leave open whether the trial recruits, in words."""


def recruitment(trial: Trial | TrialHead) -> str:
    """The recruitment status in words, or what the site says in its place: `open here, 2 slots`."""
    said = trial.at_site
    if said is None or said.open is None:
        return trial.recruitment.replace("_", " ")
    slots = f", {number(said.slots, 'slot')}" if said.open and said.slots is not None else ""
    return ("open here" if said.open else "closed here") + slots


def site_words(said: AtSite | None) -> str:
    """What a site notes of a trial besides, and whom to ask: `call before noon; contact: trial desk`; empty where that is nothing."""
    if said is None:
        return ""
    contact = f"contact: {said.contact}" if said.contact else None
    return "; ".join(filter(None, (said.note, contact)))


def recruitment_cell(trial: TrialHead) -> str:
    """The recruitment status for a row of a table, which says if the cohorts that fit are closed all the same."""
    return f"{recruitment(trial)} (closed)" if closed_cohorts(trial) else recruitment(trial)


def recruitment_words(answer: TrialHead, trial: Trial) -> str:
    """What is known of a trial's recruitment, in sentences; of an eligible patient each cohort says it itself."""
    shut = closed_cohorts(answer) if answer.verdict != "eligible" else ""
    said = site_words(answer.at_site)
    registry = trial.recruitment_note
    if recruitment(answer) != recruitment(replace(trial, at_site=None)):
        registry = f"Registry: {trial.recruitment.replace('_', ' ')}. {registry}".strip()
    more = (f"At the site: {said}." if said else "", registry, f"But {shut}." if shut else "")
    return " ".join(filter(None, (f"Recruitment: {recruitment(answer)}.", *more)))


def recruitment_told(trial: TrialHead) -> tuple[str, str]:
    """A trial's code, and its recruitment for the line of a page without a row or a part for it."""
    shut = closed_cohorts(trial)
    return trial.code, f"{recruitment(trial)}, but {shut}" if shut else recruitment(trial)


def closed_cohorts(trial: TrialHead) -> str:
    """Why nobody who fits can enter a trial that is not closed by its own status; empty where that is not so."""
    if openness(trial) == SHUT or not is_closed(trial):
        return ""
    found = fitting(trial)
    fits = {"eligible": "fits", "ineligible": "there is"}.get(found[0].verdict, "may fit")
    notes = "; ".join(
        dict.fromkeys(cohort.recruitment_note or "" for cohort in found if cohort.recruitment_note)
    )
    return f"every cohort that {fits} is closed{': ' * bool(notes)}{notes}"


def cohort_recruitment(cohort: CohortAnswer) -> str:
    """What is known of a cohort's recruitment in words; empty where only the trial's own status speaks."""
    if cohort.recruitment is None:
        return ""
    words = {"closed": "closed to new patients", "ask": "ask whether it recruits"}[cohort.recruitment]
    return f"{words}: {cohort.recruitment_note}" if cohort.recruitment_note else words


def approach_words(trial: TrialHead) -> str:
    """The recruitment of a trial that may be open, and whether to ask."""
    words = recruitment(trial)
    said = {cohort.recruitment for cohort in fitting(trial)} - {"closed"}
    return _ASKED.get(words, f"{words}: ask whether a cohort that fits does" if said == {"ask"} else words)


def labels(names: Iterable[str], library: Library) -> str:
    """The variables in words, as a list."""
    return listed([library.variables[name].label for name in names])


def effect_words(effect: Effect, library: Library) -> str:
    """An effect in words: `smoker: yes`."""
    words = [("yes" if value else "no") if isinstance(value, bool) else str(value) for value in effect.values]
    return f"{library.variables[effect.variable].label}: {listed(words, 'or')}"
