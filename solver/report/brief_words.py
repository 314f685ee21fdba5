"""The words of brief pages: text cut to a width without leaving doubt, whether trials recruit, and what to find out first.

a, b, +2 more
not met: No more than 30 days ..., +1 more
A first: ask the investigator - fever: yes ends it; then 1 blood draw
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from textwrap import wrap
from typing import TypeVar

from solver.engine.answer import RecordAnswer, TrialHead
from solver.engine.banner import SHUT, fitting, is_closed, openness
from solver.engine.finding_out.step import NextStep, TestGroup
from solver.engine.warnings.near_limits import NEAR
from solver.patient.readers.native.record_faults import REJECTED
from solver.report.head import ORDER, site_rank
from solver.report.words import Wording, closed_cohorts, recruitment, site_words
from solver.text import clean, listed

Shown = TypeVar("Shown", bound=TrialHead)

_SITE = 30
"""Columns for the name of a site."""

_CUT, _LEAST = " ...", 10
"""What stands for the rest of a text, and the least room in which a part of a label says something."""

_ASKED = ("authorised", "unknown")
"""The recruitment statuses that leave open whether the trial recruits."""


def cut_text(text: str, width: int, most: int = 1) -> str:
    """The text, cut at a word where it takes more than so many lines of a width."""
    text = clean(text)
    if _has_room(text, width, most):
        return text
    words = text.split()
    for count in range(len(words) - 1, 0, -1):
        cut = " ".join(words[:count]).rstrip(" ,;:-(/") + _CUT
        if _has_room(cut, width, most):
            return cut
    return text[: max(width - 3, 0)] + "..."[: max(width, 0)]


def cut_name(name: str, width: int) -> str:
    """A name, of which the middle is left out where it is longer than a width: beginnings are often alike."""
    name = clean(name)
    begin = width // 3 - 2
    return name if len(name) <= width else f"{name[:begin]}...{name[begin + 3 - width :]}"


def folded_list(
    items: Sequence[str], width: int, most: int = 1, *, lead: str = "", joiner: str = ", "
) -> str:
    """As many of the items as have room behind `lead` in so many lines, with `+2 more` for the others; of the first so much as fits."""
    shown = [clean(item) for item in items]
    if not shown:
        return cut_text(lead, width, most)
    for count in range(len(shown), 0, -1):
        text = f"{lead}{joiner.join(shown[:count])}{_more(len(shown) - count, joiner)}"
        if _has_room(text, width, most):
            return text
    end = _more(len(shown) - 1, joiner)
    words = shown[0].split()
    for count in range(len(words) - 1, 0, -1):
        text = f"{lead}{' '.join(words[:count]).rstrip(' ,;:-(/')}{_CUT}{end}"
        if _has_room(text, width, most):
            return text
    return cut_text(f"{lead}{shown[0]}", width, most) if len(shown) == 1 else f"{lead}{len(shown)} in all"


def _has_room(text: str, width: int, most: int) -> bool:
    return (
        len(text) <= width if most == 1 else len(wrap(text, max(width, 20), break_on_hyphens=False)) <= most
    )


def _more(count: int, joiner: str) -> str:
    return f"{joiner}+{count} more" if count else ""


def sorted_warnings(answer: RecordAnswer) -> tuple[list[str], list[str], int]:
    """The sentences about facts that were rejected, those of other warnings, and how many values are close to a limit."""
    rejected = [warning.text for warning in answer.warnings if warning.code == REJECTED]
    others = [warning.text for warning in answer.warnings if warning.code not in (REJECTED, NEAR)]
    return rejected, others, len(answer.warnings) - len(rejected) - len(others)


def in_place(trials: Iterable[Shown]) -> list[Shown]:
    """Trials as a brief page lists them: those that may be open by their own status first, then by verdict, then as the site ranks them."""
    return sorted(trials, key=lambda trial: (openness(trial), ORDER.index(trial.verdict), site_rank(trial)))


def place_by_status(trial: TrialHead) -> tuple[int, int]:
    """Where a trial stands whatever its verdict is: those that may be open, those of which it is not known, then the closed ones."""
    return openness(trial), site_rank(trial)


def closed_by_status(trial: TrialHead) -> bool:
    """Whether a trial takes nobody, by its own status, or by the site's word."""
    return openness(trial) == SHUT


def patient_line(answer: RecordAnswer, width: int) -> str:
    """The line with which a page on a patient begins, in a width: the day and the site are told, and a long name is cut."""
    tail = f", as of {answer.as_of}"
    if answer.site is not None:
        tail += f" ({cut_name(answer.site.name, _SITE)})"
    return f"{cut_name(f'Patient {answer.patient}', width - len(tail))}{tail}"


def brief_recruitment(trial: TrialHead) -> str:
    """The recruitment status for a row of a table: a closed trial says so, and one whose cohorts that fit are closed."""
    if closed_by_status(trial):
        return (
            recruitment(trial)
            if trial.at_site and trial.at_site.open is False
            else f"closed: {recruitment(trial)}"
        )
    return f"{recruitment(trial)} (closed)" if closed_cohorts(trial) else recruitment(trial)


def approach_words(trials: Iterable[TrialHead]) -> str:
    """Which of the trials that fit are to be approached, by code, and which are closed; empty where none fits."""
    fit = [trial for trial in trials if trial.verdict == "eligible"]
    if not fit:
        return ""
    told = to_approach(fit, whom=True)
    closed = [_fits(trial) for trial in fit if is_closed(trial)]
    beside = f" Fits but closed: {listed(closed)}." if closed else ""
    assuming = ", assuming" if fit[0].provisos.policies else ""
    told = f"to approach: {told}" if told else "none to approach"
    return f"Clinically fits {len(fit)}{assuming}; {told}.{beside}"


def to_approach(trials: Iterable[TrialHead], *, whom: bool = False) -> str:
    """The codes of the trials that fit and may be open, with what is to be asked, and `whom`; empty where there is none."""

    def named(trial: TrialHead) -> str:
        said = site_words(trial.at_site) if whom else ""
        return f"{_fits(trial)}{f' ({said})' * bool(said)}"

    left = [trial for trial in trials if trial.verdict == "eligible" and not is_closed(trial)]
    asked = [named(trial) for trial in left if _asks_whether_open(trial)]
    sure = [named(trial) for trial in left if not _asks_whether_open(trial)]
    ask = f"{listed(asked)} (ask whether {'it recruits' if len(asked) == 1 else 'they recruit'})"
    return "; ".join([*([listed(sure)] if sure else []), *([ask] if asked else [])])


def _fits(trial: TrialHead) -> str:
    """A trial that fits, by its code, with the clauses without which it does."""
    return f"{trial.code}{trial.provisos.left_out}"


def _asks_whether_open(trial: TrialHead) -> bool:
    """Whether it is to be asked if a trial that may be open takes patients, or a cohort of it that fits."""
    said = {cohort.recruitment for cohort in fitting(trial)} - {"closed"}
    return recruitment(trial) in _ASKED or said == {"ask"}


def step_words(words: Wording, step: NextStep, then: Sequence[TestGroup], width: int, lead: str = "") -> str:
    """A test and what its result does, within a width; what is found out besides is told, or counted, where there is room."""
    parts = [f"{group.count} {group.label}" for group in then]
    text = _test_words(words, step, width, lead)
    for count in range(len(parts), -1, -1):
        told = f"; then {', '.join(parts[:count])}{_more(len(parts) - count, ', ')}"
        tail = told if count else f"; then {len(parts)} more"
        if parts and len(text) + len(tail) <= width:
            return text + tail
    return text


def _test_words(words: Wording, step: NextStep, width: int, lead: str) -> str:
    """The test and what its first result does; where there is too little room, what is enough is left out, and what is found out is cut."""
    how = f"{lead}{words.library.tests[step.test].how} - "
    if not step.results:
        labels = [words.wanted(name) for name in step.variables]
        return folded_list(labels, width, lead=how)
    result, name = step.results[0], step.results[0].variable
    label = words.library.variables[name].label
    ends = "" if result.ends is None else f"{words.finding(name, result.ends, result.ending)} ends it"
    wins = "" if result.wins is None else words.finding(name, result.wins, result.winning)
    enough = wins.removeprefix(label).lstrip(": ") if ends else wins
    both = how + ", ".join(filter(None, (ends, enough and f"{enough} is enough")))
    if len(both) <= width or not ends:
        return cut_text(both, width)
    rest = ends.removeprefix(label)
    room = width - len(how) - len(rest)
    if rest != ends and room >= _LEAST:
        return how + cut_text(label, room) + rest
    return cut_text(how + ends, width)
