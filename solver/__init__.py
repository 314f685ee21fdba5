"""Trialproof: matches one patient against clinical trials and proves its answers.

Names are imported when they are first used, so that `import solver` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from solver.version import __version__

if TYPE_CHECKING:
    from solver.engine.answer import (
        AnswerWarning,
        Change,
        ClauseAnswer,
        CohortAnswer,
        CorrectedTrial,
        Correction,
        DatesAnswer,
        Encoded,
        JointConflict,
        MatchAnswer,
        ReadingAnswer,
        Repair,
        Repairs,
        Requirement,
        TrialAnswer,
    )
    from solver.engine.days.eligible_days import Window
    from solver.errors import EngineError, InputError
    from solver.library.load import load_library, load_trial
    from solver.library.models import Library, Trial
    from solver.matcher import Matcher
    from solver.patient.changes import Changed, read_changed
    from solver.patient.first_dose import with_first_dose
    from solver.patient.readers.native.read import read_context, read_record
    from solver.patient.record import Context, Record
    from solver.patient.write import record_document
    from solver.questions.diff.ask import Comparison, compare
    from solver.questions.examples.ask import Sheet, examples
    from solver.questions.match.document import answer_document
    from solver.questions.sequence.ask import Circumstances, Door, Entry, LastChance, SequenceAnswer, sequence
    from solver.questions.what_if.ask import Difference, WhatIfAnswer, what_if
    from solver.questions.when.ask import Clock, Standstill, TrialDates, WhenAnswer, when
    from solver.questions.workup.ask import (
        Decisive,
        NextTest,
        Plan,
        PlannedTest,
        Route,
        SharedPlan,
        TestsAnswer,
        TrialTests,
        plan_tests,
    )
    from solver.questions.workup.irrelevant import Idle
    from solver.work import Budget

__all__ = [
    "AnswerWarning",
    "Budget",
    "Change",
    "Changed",
    "Circumstances",
    "ClauseAnswer",
    "Clock",
    "CohortAnswer",
    "Comparison",
    "Context",
    "CorrectedTrial",
    "Correction",
    "DatesAnswer",
    "Decisive",
    "Difference",
    "Door",
    "Encoded",
    "EngineError",
    "Entry",
    "Idle",
    "InputError",
    "JointConflict",
    "LastChance",
    "Library",
    "MatchAnswer",
    "Matcher",
    "NextTest",
    "Plan",
    "PlannedTest",
    "ReadingAnswer",
    "Record",
    "Repair",
    "Repairs",
    "Requirement",
    "Route",
    "SequenceAnswer",
    "SharedPlan",
    "Sheet",
    "Standstill",
    "TestsAnswer",
    "Trial",
    "TrialAnswer",
    "TrialDates",
    "TrialTests",
    "WhatIfAnswer",
    "WhenAnswer",
    "Window",
    "__version__",
    "answer_document",
    "compare",
    "examples",
    "load_library",
    "load_trial",
    "plan_tests",
    "read_changed",
    "read_context",
    "read_record",
    "record_document",
    "sequence",
    "what_if",
    "when",
    "with_first_dose",
]

_HOMES = {
    "solver.errors": (
        "EngineError",
        "InputError",
    ),
    "solver.library.load": (
        "load_library",
        "load_trial",
    ),
    "solver.library.models": (
        "Library",
        "Trial",
    ),
    "solver.patient.changes": (
        "Changed",
        "read_changed",
    ),
    "solver.patient.first_dose": ("with_first_dose",),
    "solver.patient.readers.native.read": (
        "read_context",
        "read_record",
    ),
    "solver.patient.record": (
        "Context",
        "Record",
    ),
    "solver.patient.write": ("record_document",),
    "solver.engine.answer": (
        "AnswerWarning",
        "Change",
        "ClauseAnswer",
        "CohortAnswer",
        "CorrectedTrial",
        "Correction",
        "DatesAnswer",
        "Encoded",
        "JointConflict",
        "MatchAnswer",
        "ReadingAnswer",
        "Repair",
        "Repairs",
        "Requirement",
        "TrialAnswer",
    ),
    "solver.engine.days.eligible_days": ("Window",),
    "solver.questions.diff.ask": (
        "Comparison",
        "compare",
    ),
    "solver.questions.examples.ask": (
        "Sheet",
        "examples",
    ),
    "solver.questions.workup.irrelevant": ("Idle",),
    "solver.matcher": ("Matcher",),
    "solver.questions.sequence.ask": (
        "Circumstances",
        "Door",
        "Entry",
        "LastChance",
        "SequenceAnswer",
        "sequence",
    ),
    "solver.questions.workup.ask": (
        "Decisive",
        "NextTest",
        "Plan",
        "PlannedTest",
        "Route",
        "SharedPlan",
        "TestsAnswer",
        "TrialTests",
        "plan_tests",
    ),
    "solver.questions.what_if.ask": (
        "Difference",
        "WhatIfAnswer",
        "what_if",
    ),
    "solver.questions.when.ask": (
        "Clock",
        "Standstill",
        "TrialDates",
        "WhenAnswer",
        "when",
    ),
    "solver.questions.match.document": ("answer_document",),
    "solver.work": ("Budget",),
}


def __getattr__(name: str) -> object:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(home), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
