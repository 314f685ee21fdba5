"""What the page says in words besides those of the library."""

from __future__ import annotations

from solver.engine.banner import is_closed
from solver.engine.finding_out.open_questions import InterviewState, OpenQuestion, TrialStanding
from solver.library.models import Library
from solver.report.words import closed_cohorts, number, recruitment
from solver.text import grouped, listed

CONTRADICTS = "The record contradicts itself"


def what_changed(before: InterviewState, after: InterviewState, wrong: int = 0) -> str:
    """What a change did, in one sentence."""
    parts = []
    if wrong:
        parts.append(f"{number(wrong, 'answer')} cannot be read and {'is' if wrong == 1 else 'are'} not used")
    if after.consistent is False:
        parts.append(
            "the record contradicts itself now"
            if before.consistent
            else "the record still contradicts itself"
        )
    else:
        old = {each.code: each.verdict for each in before.trials}
        moved = grouped(
            (each.verdict, each.code) for each in after.trials if old.get(each.code) != each.verdict
        )
        told = [
            f"{listed(codes)} {'is' if len(codes) == 1 else 'are'} now {verdict}"
            for verdict, codes in moved.items()
        ]
        parts.append(", ".join(told) if told else "no verdict changed")
        parts.append(questions_left(after))
    odd = new_warnings(before, after)
    if odd:
        parts.append(number(len(odd), "new warning"))
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}."


def new_warnings(before: InterviewState, after: InterviewState) -> list[str]:
    """The warnings that a change has led to."""
    return [text for text in after.warnings if text not in before.warnings]


def questions_left(standing: InterviewState) -> str:
    """How many questions are left."""
    count = len(standing.questions)
    return f"{number(count, 'question')} left" if count else "nothing is left to ask"


def why_asked(question: OpenQuestion, library: Library) -> str:
    """Why a question is asked, and what finds it out."""
    ends = f"one answer ends {listed(question.ends)}" if question.ends else ""
    others = [code for code in question.trials if code not in question.ends]
    matters = f"matters for {listed(others)}" if others else ""
    why = " and ".join(filter(None, (ends, matters)))
    how = library.tests[question.test].how if question.test else ""
    return f"{why[0].upper()}{why[1:]}{f' - {how}' if how else ''}."


def nothing_left(standing: InterviewState) -> str:
    """Why nothing is asked."""
    if standing.consistent is not True:
        return "Nothing is asked of a record that contradicts itself: correct a recorded fact."
    undecided = [each.code for each in standing.trials if each.verdict == "undetermined"]
    shut = [each.code for each in standing.trials if each.verdict == "undetermined" and is_closed(each)]
    if undecided and undecided != shut:
        return f"Nothing that can be asked for settles {listed([each for each in undecided if each not in shut])}."
    closed = (
        f" {listed(shut)} would need more, and {'is' if len(shut) == 1 else 'are'} closed." if shut else ""
    )
    return f"Nothing is left to ask.{closed}"


def recruitment_words(trial: TrialStanding) -> str:
    """Whether a trial recruits, for its row."""
    shut = closed_cohorts(trial)
    told = recruitment(trial)
    return f"{told}; {shut}" if shut else told


def verdict_words(trial: TrialStanding) -> str:
    """The verdict with all that it stands under."""
    told = trial.provisos.added_to(trial.verdict)
    if trial.verdict == "unresolved":
        return f"{told}: not decided within the budget of a change"
    return f"{told} (published criteria only)" if trial.published_only else told
