"""What is never asked for and would settle a trial is named: a planned day that is not exact, and variables that are not requested."""

from __future__ import annotations

from typing import Any

import pytest

from solver.library.compile import compile_library
from solver.library.files.yaml_places import parse_document
from solver.matcher import Matcher
from solver.patient.readers.native.read import read_record
from solver.questions.match.answer import TrialAnswer

VOCABULARY = """
variables:
  - {name: event, type: date, label: day of the event, about: ., changes: never, past: true}
  - {name: plan, type: date, label: planned day, about: ., changes: time, absent: as_of, requested: false}
  - {name: hidden, type: boolean, label: hidden sign, about: ., changes: never, requested: false}
  - {name: fit, type: boolean, label: fit, about: ., changes: treat}
"""
TRIAL = """
trial: NCT00000001
code: T
title: Invented
intervention: none
recruitment: unknown
criteria: full
sources: [{id: S, text: Invented}]
cohorts: {ALL: {label: All}}
clauses:
  - {id: I1, label: One, source: S, class: objective, changes: never, require: '%s'}
"""


def answered(require: str, facts: dict[str, Any]) -> tuple[TrialAnswer, dict[str, str]]:
    """The answer of a trial with one clause, and its warnings by code."""
    library = compile_library(
        [parse_document(VOCABULARY, "v.yaml")], [], [parse_document(TRIAL % require, "t.yaml")], "sha256:0"
    )
    record = read_record({"id": "p", "as_of": "2026-11-20", "facts": facts}, library)
    answer = Matcher(library).match(record)
    return answer.trials[0], {warning.code: warning.text for warning in answer.warnings}


WAIT = "days_between(event, plan) >= 90"


@pytest.mark.parametrize(
    ("require", "facts", "sets", "code", "named"),
    [
        (WAIT, {"event": "2026-09-10", "plan": "2026-12"}, (), "planned-first-dose", ["plan"]),
        (f"{WAIT} and fit", {"event": "2026-09-10", "plan": "2026-12"}, (), "planned-first-dose", ["plan", "fit"]),
        (f"{WAIT} or fit", {"event": "2026-09-10", "plan": "2026-12"}, (), "planned-first-dose", ["plan", "fit"]),
        (WAIT, {"event": "2026-09-10", "plan": "2027"}, None, None, []),
        (WAIT, {"event": "2026-09", "plan": "2026-12-15"}, (("event",),), None, []),
        ("hidden", {}, (), "never-asked", ["hidden"]),
        ("hidden or fit", {}, (), "never-asked", ["hidden", "fit"]),
        ("fit", {"plan": "2026-12"}, (("fit",),), None, []),
    ],
)  # fmt: skip
def test_what_is_never_asked_for_is_named_where_it_would_settle_the_verdict(
    require: str, facts: dict[str, Any], sets: object, code: str | None, named: list[str]
) -> None:
    """It is no part of a deciding set; a warning names it with what must be known besides, and only where that settles the verdict."""
    trial, warnings = answered(require, facts)
    assert trial.verdict == ("eligible" if sets is None else "undetermined")
    assert trial.deciding_sets == (sets or ())
    told = [text for name, text in warnings.items() if name in ("planned-first-dose", "never-asked")]
    assert len(told) == (code is not None)
    if code is not None:
        assert [name for name in ("plan", "hidden", "event", "fit") if f"[{name}" in warnings[code]] == named


def test_where_a_deciding_set_settles_the_verdict_nothing_else_is_named() -> None:
    """A planned day that is not exact, and does not matter, is no warning."""
    facts = {"event": "2026-09-10", "plan": "2026-12"}
    trial, warnings = answered(f"if {WAIT} then fit else fit", facts)
    assert (trial.deciding_sets, trial.never_asked, warnings) == ((("fit",),), (), {})
