"""The JSON of `match when`, schema `trialproof/when/1`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Literal

from typing_extensions import TypedDict

from solver.engine.answer import Assumption, EngineVersion, RecordState, Verdict
from solver.engine.days.eligible_days import Window
from solver.questions.match.answer import MatchAnswer, TrialAnswer
from solver.questions.match.document import (
    AssumptionShape,
    DatesShape,
    EngineShape,
    RecordShape,
    WarningShape,
    dates_document,
)
from solver.questions.when.ask import Clock, Standstill, TrialDates, WhenAnswer
from solver.report.json import answer_document
from solver.smt import SOLVER
from solver.version import __version__

SCHEMA: Literal["trialproof/when/1"] = "trialproof/when/1"


class WindowShape(TypedDict):
    """Consecutive days, `YYYY-MM-DD`, with what is in the way beside them."""

    first: str
    last: str
    opened_by: list[str]
    """Ids of the clauses that are in the way on the day before; empty where that is not looked at, or contradicts the record."""
    closed_by: list[str]
    """Ids of those that are in the way on the day after."""


class ClockShape(TypedDict):
    """A clause whose standing changes with the day."""

    clause: str
    cohorts: list[str]
    """The cohorts that it binds in this form."""
    label: str
    met: list[list[str]]
    """Spans of days, from first to last, on which it is met."""
    possible: list[list[str]]
    """Those on which it may be met, as far as is known."""


class StandstillShape(TypedDict):
    """A minimal set of clauses that cannot hold together on any day."""

    clauses: list[str]
    facts: list[str]
    """Recorded facts, by variable, that force it together with `assumptions`; none can be left out."""
    assumptions: list[str]
    later: bool
    """Whether the clauses might hold together on a day after the horizon."""


class TrialDatesShape(TypedDict):
    """When one trial takes the patient, if only time passes."""

    trial: str
    code: str
    title: str
    recruitment: str
    """The recruitment status; never part of the verdict."""
    verdict: Verdict
    """The verdict on `as_of`."""
    published_only: bool
    """As in the JSON of `match`."""
    assuming: list[str]
    """As in the JSON of `match`."""
    eligible_from: str | None
    """The first day on which the verdict is eligible; null if there is none within the horizon."""
    eligible_until: str | None
    """The last such day; null if there is none, or if it is the horizon itself."""
    dates: DatesShape | None
    """As in the JSON of `match`; null where the verdict is withheld, or where the solver gave up."""
    eligible: list[WindowShape]
    """The days on which the verdict is eligible whatever is not recorded: every date is judged once more on its own day."""
    possible: list[WindowShape]
    """The days on which it could be eligible, as far as is known."""
    clocks: list[ClockShape]
    never: list[StandstillShape]
    """Where no day is possible, every minimal set of clauses that stands in the way."""
    never_complete: bool
    """Whether `never` holds them all."""
    open_clauses: list[str]
    """Ids of the clauses that are not known to be met on the first possible day, where that is not certain."""


class WhenShape(TypedDict):
    """One patient over the days from `as_of` to `horizon`, if only time passes."""

    schema: Literal["trialproof/when/1"]
    engine: EngineShape
    patient: str
    as_of: str
    """The day of evaluation, `YYYY-MM-DD`."""
    horizon: str
    """The last day that was looked at."""
    record: RecordShape
    assumptions: list[AssumptionShape]
    """What is assumed where `assuming` and `never` name it."""
    warnings: list[WarningShape]
    trials: list[TrialDatesShape]
    policies: list[str]
    """Ids of the assumption policies in force."""


def when_document(answer: WhenAnswer) -> WhenShape:
    """The answer as JSON values."""
    frame = answer_document(as_match(answer))
    return {
        "schema": SCHEMA,
        "engine": frame["engine"],
        "patient": frame["patient"],
        "as_of": frame["as_of"],
        "horizon": answer.horizon,
        "record": frame["record"],
        "assumptions": frame["assumptions"],
        "warnings": frame["warnings"],
        "trials": [_trial(trial) for trial in answer.trials],
        "policies": frame["policies"],
    }


def when_json(answer: WhenAnswer) -> str:
    """The answer as one line of JSON, without the line's end."""
    return json.dumps(when_document(answer), ensure_ascii=False, separators=(",", ":"))


def as_match(answer: WhenAnswer) -> MatchAnswer:
    """What the answer has in common with that of `match`."""
    return MatchAnswer(
        patient=answer.patient,
        as_of=answer.as_of,
        engine=EngineVersion(__version__, SOLVER, answer.encodings),
        record=RecordState(
            status={True: "consistent", False: "contradictory", None: "undecided"}[answer.consistent],  # type: ignore[arg-type]
            contradictions=answer.contradictions,
            contradictions_complete=answer.contradictions_complete,
            digest=answer.digest,
        ),
        assumptions=tuple(Assumption(*each) for each in answer.assumptions),
        warnings=answer.warnings,
        trials=tuple(
            TrialAnswer(
                trial=trial.trial,
                code=trial.code,
                title=trial.title,
                recruitment=trial.recruitment,
                verdict=trial.verdict,
                published_only=trial.published_only,
                assuming=trial.assuming,
                dates=trial.dates,
            )
            for trial in answer.trials
        ),
        policies=answer.policies,
        assumed=answer.assumed,
    )


def _trial(trial: TrialDates) -> TrialDatesShape:
    return {
        "trial": trial.trial,
        "code": trial.code,
        "title": trial.title,
        "recruitment": trial.recruitment,
        "verdict": trial.verdict,
        "published_only": trial.published_only,
        "assuming": list(trial.assuming),
        "eligible_from": trial.dates.eligible_from if trial.dates else None,
        "eligible_until": trial.dates.eligible_until if trial.dates else None,
        "dates": dates_document(trial.dates) if trial.dates else None,
        "eligible": [_window(window) for window in trial.eligible],
        "possible": [_window(window) for window in trial.possible],
        "clocks": [_clock(clock) for clock in trial.clocks],
        "never": [_standstill(standstill) for standstill in trial.never],
        "never_complete": trial.never_complete,
        "open_clauses": list(trial.open_clauses),
    }


def _window(window: Window) -> WindowShape:
    return {
        "first": window.first,
        "last": window.last,
        "opened_by": list(window.opened_by),
        "closed_by": list(window.closed_by),
    }


def _clock(clock: Clock) -> ClockShape:
    return {
        "clause": clock.clause,
        "cohorts": list(clock.cohorts),
        "label": clock.label,
        "met": _lists(clock.met),
        "possible": _lists(clock.possible),
    }


def _standstill(standstill: Standstill) -> StandstillShape:
    return {
        "clauses": list(standstill.clauses),
        "facts": list(standstill.facts),
        "assumptions": list(standstill.assumptions),
        "later": standstill.later,
    }


def _lists(spans: Iterable[tuple[str, str]]) -> list[list[str]]:
    return [list(span) for span in spans]
