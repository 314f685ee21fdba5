"""Why a trial has its verdict, and what to find out first for it, in what a row or a line of a brief page has room for."""

from __future__ import annotations

from collections.abc import Iterator

from solver.questions.match.answer import TrialAnswer
from solver.report import brief_words, head
from solver.report.words import Wording, closed_cohorts, number


def row_reason(trial: TrialAnswer, words: Wording, as_of: str, width: int, most: int) -> str:
    """The reason on so many lines, with the days before it on which only time makes the patient eligible, or ends it."""
    days = _days_words(trial, as_of)
    lead, items, noun = _reason_parts(trial, words)
    text = brief_words.folded_list(
        items, width, most, lead=f"{days}{lead}", joiner=", " if trial.verdict == "undetermined" else "; "
    )
    shortest = f"{days}{number(len(items), noun)}" if noun else f"{days}{lead}"
    return text if items and not text.endswith(" in all") else brief_words.cut_text(shortest, width, most)


def _days_words(trial: TrialAnswer, as_of: str) -> str:
    """From when, or until when, the patient is eligible if only time passes, where it is not from today on for good."""
    begin, end = trial.eligible_from, trial.eligible_until
    if begin is not None and begin != as_of:
        fits = head.fits_words(trial.provisos)
        return f"{fits[0].lower()}{fits[1:]} from {begin}; "
    return f"until {end}; " if begin is not None and end is not None else ""


def _reason_parts(trial: TrialAnswer, words: Wording) -> tuple[str, list[str], str]:
    """What a reason begins with, its parts, and what a part is called where there is only room for their number."""
    match trial.verdict:
        case "eligible":
            return "", list(_eligible_parts(trial)), ""
        case "ineligible":
            texts = [" and ".join(words.clause(name).label for name in each) for each in trial.conflicts]
            if not texts:
                return "blocked; why was not found within the budget", [], ""
            together = " together" if len(trial.conflicts[0]) > 1 else ""
            return f"not met{together}: ", texts, "reason"
        case "undetermined":
            return _missing_parts(trial, words)
        case "unresolved":
            return "not decided within the solver's budget", [], ""
        case _:
            return "the record contradicts itself", [], ""


def _eligible_parts(trial: TrialAnswer) -> Iterator[str]:
    every = "published criteria only: meets all" if trial.published_only else "meets every criterion"
    yield f"{every} left" if trial.provisos.without else every
    if trial.assuming:
        yield f"if {number(len(trial.assuming), 'assumption holds', 'assumptions hold')}"
    if trial.not_judged:
        yield f"{len(trial.not_judged)} not judged"


def _missing_parts(trial: TrialAnswer, words: Wording) -> tuple[str, list[str], str]:
    """What is missing, what is found out first before the rest; of a closed trial, for which nobody is asked, only how much."""
    if trial.wants_logic:
        return str(trial.encoded), [], ""
    left = [cohort for cohort in trial.cohorts if cohort.verdict != "ineligible"]
    capped = f"{trial.encoded.clauses} of {trial.encoded.of} encoded; " * any(each.capped for each in left)
    sets = trial.deciding_sets or trial.never_asked
    if not sets:
        return f"{capped}data are missing", [], ""
    first = trial.first.variables if trial.first is not None else ()
    names = [*first, *(name for name in words.library.variables if name in sets[0] and name not in first)]
    if brief_words.closed_by_status(trial):
        return f"{capped}missing: {number(len(names), 'item')}", [], ""
    return f"{capped}missing: ", [words.wanted(name) for name in names], "missing item"


def first_words(trial: TrialAnswer, words: Wording, width: int, lead: str = "") -> str:
    """What to find out first for an undetermined trial, how, and what it does; or why there is nothing."""
    lead = f"{lead}{trial.code} first: "
    shut = closed_cohorts(trial)
    if shut:
        return brief_words.cut_text(f"{lead}nothing, {shut}", width)
    if trial.first is not None:
        return brief_words.step_words(words, trial.first, trial.then, width, lead)
    if trial.wants_logic:
        return brief_words.cut_text(f"{lead}nothing settles it - {trial.encoded}", width)
    if trial.deciding_sets:
        labels = [words.wanted(name) for name in trial.deciding_sets[0]]
        return brief_words.folded_list(labels, width, lead=f"{lead}find out ")
    if trial.never_asked:
        labels = [words.wanted(name) for name in min(trial.never_asked, key=len)]
        return brief_words.folded_list(
            labels, width, lead=f"{lead}nothing that is asked for settles it, but: "
        )
    why = "within the budget" if "deciding_sets" in trial.cut else "among what can be asked for"
    return brief_words.cut_text(f"{lead}what would settle it was not found {why}", width)
