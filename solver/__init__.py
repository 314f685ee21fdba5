"""Trialproof: matches one patient against clinical trials and proves its answers.

Names are imported when they are first used, so that `import solver` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from solver.errors import EngineError, InputError
    from solver.library.load import load_library
    from solver.library.models import Library
    from solver.patient.first_dose import with_first_dose
    from solver.patient.read import read_context, read_record
    from solver.patient.record import Context, Record
    from solver.questions.answers import (
        AnswerWarning,
        Change,
        ClauseAnswer,
        CohortAnswer,
        CorrectedTrial,
        Correction,
        DatesAnswer,
        JointConflict,
        MatchAnswer,
        ReadingAnswer,
        Repair,
        Repairs,
        Requirement,
        TrialAnswer,
    )
    from solver.questions.dates import Window
    from solver.questions.matcher import Matcher
    from solver.questions.when import Clock, Standstill, TrialDates, WhenAnswer, when
    from solver.report.document import answer_document
    from solver.smt.session import Budget

__version__ = "0.1.0"

__all__ = [
    "AnswerWarning",
    "Budget",
    "Change",
    "ClauseAnswer",
    "Clock",
    "CohortAnswer",
    "Context",
    "CorrectedTrial",
    "Correction",
    "DatesAnswer",
    "EngineError",
    "InputError",
    "JointConflict",
    "Library",
    "MatchAnswer",
    "Matcher",
    "ReadingAnswer",
    "Record",
    "Repair",
    "Repairs",
    "Requirement",
    "Standstill",
    "TrialAnswer",
    "TrialDates",
    "WhenAnswer",
    "Window",
    "__version__",
    "answer_document",
    "load_library",
    "read_context",
    "read_record",
    "when",
    "with_first_dose",
]

_HOMES = {
    "solver.errors": ("EngineError", "InputError"),
    "solver.library.load": ("load_library",),
    "solver.library.models": ("Library",),
    "solver.patient.first_dose": ("with_first_dose",),
    "solver.patient.read": ("read_context", "read_record"),
    "solver.patient.record": ("Context", "Record"),
    "solver.questions.answers": (
        "AnswerWarning",
        "Change",
        "ClauseAnswer",
        "CohortAnswer",
        "CorrectedTrial",
        "Correction",
        "DatesAnswer",
        "JointConflict",
        "MatchAnswer",
        "ReadingAnswer",
        "Repair",
        "Repairs",
        "Requirement",
        "TrialAnswer",
    ),
    "solver.questions.dates": ("Window",),
    "solver.questions.matcher": ("Matcher",),
    "solver.questions.when": ("Clock", "Standstill", "TrialDates", "WhenAnswer", "when"),
    "solver.report.document": ("answer_document",),
    "solver.smt.session": ("Budget",),
}


def __getattr__(name: str) -> object:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(home), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
