"""Trialproof: matches one patient against clinical trials and proves its answers.

Names are imported when they are first used, so that `import solver` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from solver.version import __version__ as __version__

if TYPE_CHECKING:
    from solver.engine.answer import AnswerWarning as AnswerWarning
    from solver.engine.answer import Assumption as Assumption
    from solver.engine.answer import ClauseAnswer as ClauseAnswer
    from solver.engine.answer import CohortAnswer as CohortAnswer
    from solver.engine.answer import CorrectedTrial as CorrectedTrial
    from solver.engine.answer import Correction as Correction
    from solver.engine.answer import DatesAnswer as DatesAnswer
    from solver.engine.answer import Encoded as Encoded
    from solver.engine.answer import EngineVersion as EngineVersion
    from solver.engine.answer import JointConflict as JointConflict
    from solver.engine.answer import Notice as Notice
    from solver.engine.answer import RecordState as RecordState
    from solver.engine.answer import RequiredValues as RequiredValues
    from solver.engine.answer import Requirement as Requirement
    from solver.engine.answer import Window as Window
    from solver.engine.finding_out.ranked_sets import RankedSet as RankedSet
    from solver.engine.finding_out.step import NextStep as NextStep
    from solver.engine.finding_out.step import StepResult as StepResult
    from solver.engine.finding_out.step import TestGroup as TestGroup
    from solver.engine.provisos import Provisos as Provisos
    from solver.errors import EngineError as EngineError
    from solver.errors import InputError as InputError
    from solver.library.files.site import Site as Site
    from solver.library.files.site import read_site as read_site
    from solver.library.load import load_library as load_library
    from solver.library.load import load_trial as load_trial
    from solver.library.models import Library as Library
    from solver.library.models import Trial as Trial
    from solver.matcher import Matcher as Matcher
    from solver.patient.changes import Changed as Changed
    from solver.patient.changes import read_changed as read_changed
    from solver.patient.changes import with_first_dose as with_first_dose
    from solver.patient.readers.native.read import read_context as read_context
    from solver.patient.readers.native.read import read_record as read_record
    from solver.patient.readers.native.site_context import site_context as site_context
    from solver.patient.record import Context as Context
    from solver.patient.record import Record as Record
    from solver.patient.write import record_document as record_document
    from solver.questions.diff.answer import Comparison as Comparison
    from solver.questions.diff.ask import compare as compare
    from solver.questions.examples.answer import Sheet as Sheet
    from solver.questions.examples.ask import examples as examples
    from solver.questions.match.answer import Change as Change
    from solver.questions.match.answer import CompleteLists as CompleteLists
    from solver.questions.match.answer import Jointly as Jointly
    from solver.questions.match.answer import MatchAnswer as MatchAnswer
    from solver.questions.match.answer import Otherwise as Otherwise
    from solver.questions.match.answer import OtherwiseChange as OtherwiseChange
    from solver.questions.match.answer import ReadingAnswer as ReadingAnswer
    from solver.questions.match.answer import Repair as Repair
    from solver.questions.match.answer import Repairs as Repairs
    from solver.questions.match.answer import TrialAnswer as TrialAnswer
    from solver.questions.plan.answer import BestTests as BestTests
    from solver.questions.plan.answer import CohortTest as CohortTest
    from solver.questions.plan.answer import PlanAnswer as PlanAnswer
    from solver.questions.plan.ask import plan_cohort as plan_cohort
    from solver.questions.relax.answer import LeftOut as LeftOut
    from solver.questions.relax.answer import LimitPoint as LimitPoint
    from solver.questions.relax.answer import MovedLimit as MovedLimit
    from solver.questions.relax.answer import RelaxAnswer as RelaxAnswer
    from solver.questions.relax.answer import RelaxedClause as RelaxedClause
    from solver.questions.relax.ask import relax as relax
    from solver.questions.report.answer import PatientReport as PatientReport
    from solver.questions.report.ask import patient_report as patient_report
    from solver.questions.report.html_page import html_report as html_report
    from solver.questions.report.markdown_page import markdown_report as markdown_report
    from solver.questions.sequence.answer import Circumstances as Circumstances
    from solver.questions.sequence.answer import Door as Door
    from solver.questions.sequence.answer import Entry as Entry
    from solver.questions.sequence.answer import LastChance as LastChance
    from solver.questions.sequence.answer import SequenceAnswer as SequenceAnswer
    from solver.questions.sequence.ask import sequence as sequence
    from solver.questions.what_if.answer import Difference as Difference
    from solver.questions.what_if.answer import WhatIfAnswer as WhatIfAnswer
    from solver.questions.what_if.ask import what_if as what_if
    from solver.questions.when.answer import Clock as Clock
    from solver.questions.when.answer import Standstill as Standstill
    from solver.questions.when.answer import TrialDates as TrialDates
    from solver.questions.when.answer import WhenAnswer as WhenAnswer
    from solver.questions.when.ask import when as when
    from solver.questions.workup.answer import Decisive as Decisive
    from solver.questions.workup.answer import Idle as Idle
    from solver.questions.workup.answer import NextTest as NextTest
    from solver.questions.workup.answer import Plan as Plan
    from solver.questions.workup.answer import PlannedTest as PlannedTest
    from solver.questions.workup.answer import Route as Route
    from solver.questions.workup.answer import SharedPlan as SharedPlan
    from solver.questions.workup.answer import TestsAnswer as TestsAnswer
    from solver.questions.workup.answer import TrialTests as TrialTests
    from solver.questions.workup.ask import plan_tests as plan_tests
    from solver.report.json import answer_document as answer_document
    from solver.screen.judge import TrialVerdict as TrialVerdict
    from solver.work import Budget as Budget

_HOMES = {
    "solver.engine.answer": (
        "AnswerWarning Assumption ClauseAnswer CohortAnswer CorrectedTrial Correction DatesAnswer Encoded "
        "EngineVersion JointConflict Notice RecordState RequiredValues Requirement Window"
    ),
    "solver.engine.finding_out.ranked_sets": "RankedSet",
    "solver.engine.finding_out.step": "NextStep StepResult TestGroup",
    "solver.engine.provisos": "Provisos",
    "solver.errors": "EngineError InputError",
    "solver.library.files.site": "Site read_site",
    "solver.library.load": "load_library load_trial",
    "solver.library.models": "Library Trial",
    "solver.matcher": "Matcher",
    "solver.patient.changes": "Changed read_changed with_first_dose",
    "solver.patient.readers.native.read": "read_context read_record",
    "solver.patient.readers.native.site_context": "site_context",
    "solver.patient.record": "Context Record",
    "solver.patient.write": "record_document",
    "solver.questions.diff.answer": "Comparison",
    "solver.questions.diff.ask": "compare",
    "solver.questions.examples.answer": "Sheet",
    "solver.questions.examples.ask": "examples",
    "solver.questions.match.answer": (
        "Change CompleteLists Jointly MatchAnswer Otherwise OtherwiseChange ReadingAnswer Repair Repairs "
        "TrialAnswer"
    ),
    "solver.questions.plan.answer": "BestTests CohortTest PlanAnswer",
    "solver.questions.plan.ask": "plan_cohort",
    "solver.questions.relax.answer": "LeftOut LimitPoint MovedLimit RelaxAnswer RelaxedClause",
    "solver.questions.relax.ask": "relax",
    "solver.questions.report.answer": "PatientReport",
    "solver.questions.report.ask": "patient_report",
    "solver.questions.report.html_page": "html_report",
    "solver.questions.report.markdown_page": "markdown_report",
    "solver.questions.sequence.answer": "Circumstances Door Entry LastChance SequenceAnswer",
    "solver.questions.sequence.ask": "sequence",
    "solver.questions.what_if.answer": "Difference WhatIfAnswer",
    "solver.questions.what_if.ask": "what_if",
    "solver.questions.when.answer": "Clock Standstill TrialDates WhenAnswer",
    "solver.questions.when.ask": "when",
    "solver.questions.workup.answer": (
        "Decisive Idle NextTest Plan PlannedTest Route SharedPlan TestsAnswer TrialTests"
    ),
    "solver.questions.workup.ask": "plan_tests",
    "solver.report.json": "answer_document",
    "solver.screen.judge": "TrialVerdict",
    "solver.work": "Budget",
}
"""The modules that hold the public names, which stand above for type checkers."""

_HOME = {name: home for home, names in _HOMES.items() for name in names.split()}

__all__ = sorted([*_HOME, "__version__"])


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return __all__
