"""The JSON of `match tests`, schema `trialproof/tests/1`."""

from __future__ import annotations

import json
from typing import Literal

from typing_extensions import TypedDict

from solver.engine.answer import Requirement, Verdict
from solver.questions.match.document import (
    AssumptionShape,
    EngineShape,
    MissingShape,
    RecordShape,
    WarningShape,
)
from solver.questions.workup.ask import Decisive, Plan, TestsAnswer, TrialTests
from solver.questions.workup.irrelevant import Idle
from solver.questions.workup.page import as_match
from solver.report.json import answer_document

SCHEMA: Literal["trialproof/tests/1"] = "trialproof/tests/1"


class PlannedShape(TypedDict):
    """A test of a plan, by id, and the variables that it is ordered for."""

    test: str
    variables: list[str]


class PlanShape(TypedDict):
    """Tests to order together."""

    tests: list[PlannedShape]
    burden: int
    """The sum of the weights of their burdens."""
    days: int
    """When the last result is in."""
    cheapest: bool
    """Whether it is proved that no set has a smaller burden."""


class RouteShape(TypedDict):
    """The cheapest tests that could make the patient eligible, with what each result must be."""

    plan: PlanShape
    results: list[MissingShape]
    together: list[str]
    """Ids of the clauses that the variables of `jointly` must meet with each other, whatever those of `whatever` are."""
    jointly: list[str]
    whatever: list[str]


class DecisiveShape(TypedDict):
    """Values of one variable that settle the trial by themselves; null where there is none."""

    variable: str
    ends: str | None
    wins: str | None


class NextShape(TypedDict):
    """The test to begin with, and what it could settle by itself."""

    test: str
    variables: list[str]
    decisive: list[DecisiveShape]


class IdleClauseShape(TypedDict):
    """Why one clause does not make a variable matter."""

    clause: str
    why: str
    """`met`, `not_met`, `decided`, `closed` or `settled`."""
    facts: list[str]
    assumptions: list[str]
    requires: str | None
    """What the clause alone would require of the variable."""


class IdleShape(TypedDict):
    """A missing variable that does not matter."""

    variable: str
    clauses: list[IdleClauseShape]


class PairShape(TypedDict):
    """The variables in which two completions of opposite verdicts differ."""

    differs: list[str]


class TrialTestsShape(TypedDict):
    """What to order for one trial."""

    trial: str
    code: str
    title: str
    recruitment: str
    verdict: Verdict
    published_only: bool
    assuming: list[str]
    """Ids of assumptions that the verdict eligible needs, none of which can be left out."""
    deciding_sets: list[list[str]]
    missing: list[MissingShape]
    complete: bool
    """Whether all deciding sets are listed."""
    plan: PlanShape | None
    """The cheapest tests that settle the trial whatever their results."""
    route: RouteShape | None
    next: NextShape | None
    decisive: list[DecisiveShape]
    idle: list[IdleShape]
    pair: PairShape | None


class SharedShape(TypedDict):
    """A plan across trials, and the codes of those that it settles."""

    plan: PlanShape
    trials: list[str]


class TestsShape(TypedDict):
    """What to order for one patient."""

    schema: Literal["trialproof/tests/1"]
    engine: EngineShape
    patient: str
    as_of: str
    record: RecordShape
    assumptions: list[AssumptionShape]
    """What is assumed of data that bear on undetermined trials, and what `assuming` names."""
    warnings: list[WarningShape]
    trials: list[TrialTestsShape]
    shared: list[SharedShape]
    """Plans across trials, that which settles the most first."""
    shared_complete: bool
    policies: list[str]
    """Ids of the assumption policies in force."""


def tests_document(answer: TestsAnswer) -> TestsShape:
    """The answer as JSON values."""
    frame = answer_document(as_match(answer))
    return {
        "schema": SCHEMA,
        "engine": frame["engine"],
        "patient": frame["patient"],
        "as_of": frame["as_of"],
        "record": frame["record"],
        "assumptions": frame["assumptions"],
        "warnings": frame["warnings"],
        "trials": [_trial(trial) for trial in answer.trials],
        "shared": [{"plan": _plan(each.plan), "trials": list(each.trials)} for each in answer.shared],
        "shared_complete": answer.shared_complete,
        "policies": frame["policies"],
    }


def tests_json(answer: TestsAnswer) -> str:
    """The answer as one line of JSON, without the line's end."""
    return json.dumps(tests_document(answer), ensure_ascii=False, separators=(",", ":"))


def _trial(trial: TrialTests) -> TrialTestsShape:
    route, following = trial.route, trial.next
    return {
        "trial": trial.trial,
        "code": trial.code,
        "title": trial.title,
        "recruitment": trial.recruitment,
        "verdict": trial.verdict,
        "published_only": trial.published_only,
        "assuming": list(trial.assuming),
        "deciding_sets": [list(each) for each in trial.deciding_sets],
        "missing": [_required(each) for each in trial.missing],
        "complete": trial.complete,
        "plan": _plan(trial.plan) if trial.plan else None,
        "route": {
            "plan": _plan(route.plan),
            "results": [_required(each) for each in route.results],
            "together": list(route.together),
            "jointly": list(route.jointly),
            "whatever": list(route.whatever),
        }
        if route
        else None,
        "next": {
            "test": following.test,
            "variables": list(following.variables),
            "decisive": [_decisive(each) for each in following.decisive],
        }
        if following
        else None,
        "decisive": [_decisive(each) for each in trial.decisive],
        "idle": [_idle(each) for each in trial.idle],
        "pair": {"differs": list(trial.pair.differs)} if trial.pair else None,
    }


def _plan(plan: Plan) -> PlanShape:
    return {
        "tests": [{"test": each.test, "variables": list(each.variables)} for each in plan.tests],
        "burden": plan.weight,
        "days": plan.days,
        "cheapest": plan.cheapest,
    }


def _required(item: Requirement) -> MissingShape:
    return {"variable": item.variable, "require": item.text, "with_others": list(item.with_others)}


def _decisive(each: Decisive) -> DecisiveShape:
    return {"variable": each.variable, "ends": each.ends_text, "wins": each.wins_text}


def _idle(idle: Idle) -> IdleShape:
    return {
        "variable": idle.variable,
        "clauses": [
            {
                "clause": each.clause,
                "why": each.why,
                "facts": list(each.facts),
                "assumptions": list(each.assumptions),
                "requires": each.requires,
            }
            for each in idle.clauses
        ],
    }
