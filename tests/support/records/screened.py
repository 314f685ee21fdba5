"""What `match` answers, in the form in which a cohort is judged."""

from __future__ import annotations

from solver.questions.match.answer import TrialAnswer
from solver.screen.judge import Level, TrialVerdict


def as_match_says(answer: TrialAnswer, level: Level) -> TrialVerdict:
    """What `match` answers for a trial, as far as a level tells it."""
    part = (answer.encoded.clauses, answer.encoded.of)
    found = TrialVerdict(
        answer.trial,
        answer.code,
        answer.verdict,
        answer.published_only,
        encoded=None if part[0] == part[1] else part,
    )
    if level == "none":
        return found
    undetermined = answer.verdict == "undetermined"
    opened = dict.fromkeys(each.id for each in answer.clauses if undetermined and each.status == "open")
    blocking = tuple(each[0] for each in answer.conflicts if len(each) == 1)
    found = found._replace(blocking=blocking, open=tuple(opened))
    if level == "clauses":
        return found
    missing = tuple(each.variable for each in answer.missing)
    return found._replace(
        conflicts=answer.conflicts,
        deciding_sets=answer.deciding_sets,
        missing=missing,
        conflicts_complete=answer.complete.conflicts,
    )
