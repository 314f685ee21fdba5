"""Every kind of finding, with how severe it is and what it means: SARIF's rules, and the table of docs/checks.md."""

from __future__ import annotations

from typing import NamedTuple

from solver.library.acknowledged import FindingKind
from solver.questions.check.answer import Severity


class Rule(NamedTuple):
    """A kind of finding: `severity` unless it shuts a trial or a cohort, and then an error."""

    kind: FindingKind
    severity: Severity
    meaning: str


_TABLE = (
    Rule("unsatisfiable", "error", "no patient can enter the trial"),
    Rule("unreachable-cohort", "error", "no patient can enter a cohort"),
    Rule("contradictory", "error", "no patient can meet a clause"),
    Rule("excluded-and-required", "error", "one clause requires what another excludes"),
    Rule("impossible-window", "error", "no dates can meet a comparison of dates"),
    Rule("vacuous", "warning", "every patient meets a clause"),
    Rule("redundant", "warning", "other clauses imply a clause"),
    Rule("dead-exception", "warning", "a part of a clause can be left out, and nothing changes"),
    Rule("gap", "warning", "values between two that are covered are not covered"),
    Rule(
        "implausible-threshold",
        "warning",
        "a threshold lies where no value is expected, which may be a slip of units",
    ),
    Rule("polarity", "warning", "an exclusion is met by being worse"),
    Rule("mixed-anchors", "warning", "a clause counts days to the day of evaluation and to the first dose"),
    Rule("stale-acknowledgement", "warning", "an acknowledgement is about nothing that was found"),
    Rule("undecided", "warning", "the solver gave up"),
    Rule("shared-only", "warning", "only clauses of all cohorts bind a cohort, where others have their own"),
    Rule("overlap", "note", "a patient can enter several cohorts"),
    Rule("routing", "note", "only the state of the trial can falsify a clause"),
    Rule("never-decisive", "note", "a clause is never the only reason why a patient cannot enter"),
    Rule("same-readings", "note", "two readings of a trial take the same patients"),
    Rule("unused", "note", "nothing uses a definition, a variable or a test"),
    Rule("not-encoded", "note", "objective criteria are kept as text"),
)

RULES: dict[FindingKind, Rule] = {rule.kind: rule for rule in _TABLE}
