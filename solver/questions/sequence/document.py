"""The JSON of `match sequence`, schema `trialproof/sequence/1`."""

from __future__ import annotations

import json
from typing import Literal

from typing_extensions import TypedDict

from solver.engine.answer import EngineVersion, EnrolmentEffects, RecordState, Subsets, Verdict
from solver.engine.enrolment_effects import enrolment_effects
from solver.library.models import Library
from solver.patient.digest import record_digest
from solver.questions.match.answer import MatchAnswer
from solver.questions.match.document import (
    AssumptionShape,
    EngineShape,
    RecordShape,
    WarningShape,
)
from solver.questions.sequence.ask import Circumstances, SequenceAnswer
from solver.questions.sequence.orders import Orders
from solver.report.json import answer_document, document
from solver.smt import SOLVER
from solver.version import __version__

SCHEMA: Literal["trialproof/sequence/1"] = "trialproof/sequence/1"


class DoorShape(TypedDict):
    """The answer for one trial in some circumstances."""

    trial: str
    code: str
    recruitment: str
    """The recruitment status; never part of the verdict."""
    verdict: Verdict
    published_only: bool
    conflicts: list[list[str]]
    """Every minimal conflict, where the verdict is ineligible."""
    conflicts_complete: bool
    changed: bool
    """Whether the verdict is not that of today."""
    assuming: list[str]
    """As in the JSON of `match`, in these circumstances."""
    provisional: bool
    """Whether an eligible or ineligible verdict needs the course to be as recorded when what is out of date is measured anew."""


class CircumstancesShape(TypedDict):
    """A patient today, while on a trial or after it: the record, and how every other trial stands."""

    record: RecordShape
    trials: list[DoorShape]


class EntryShape(TypedDict):
    """What entering one trial does."""

    trial: str
    code: str
    enrolment: EnrolmentEffects
    """What the trial's file says that entering it changes."""
    during: CircumstancesShape
    after: CircumstancesShape


class GroupShape(TypedDict):
    """The longest orders of the same trials."""

    trials: list[str]
    count: int
    """How many orders of them there are."""
    always: list[list[str]]
    """Pairs of which the first comes before the second in each; pairs that follow from others are left out."""
    free: bool
    """Whether every order that keeps to the pairs is among them."""
    listed: list[list[str]]
    """The first of them, by the order of the trials; `count` says how many there are."""


class OrdersShape(TypedDict):
    """The longest orders in which each next trial can, or might, be entered after those before it. They are tied."""

    length: int
    count: int
    groups: list[GroupShape]


class LastChanceShape(TypedDict):
    """A trial that must come before another, which closes it wherever both could be entered: for good, unless `provisional`."""

    code: str
    before: str
    conflicts: list[list[str]]
    """What closes it."""
    provisional: bool
    """As of a door."""


class OpenedShape(TypedDict):
    """A trial that cannot be entered today, and the shortest way there."""

    code: str
    after: list[str]


class SequenceShape(TypedDict):
    """What each trial that a patient can enter does to the others."""

    schema: Literal["trialproof/sequence/1"]
    engine: EngineShape
    patient: str
    as_of: str
    """The day of evaluation, `YYYY-MM-DD`."""
    today: CircumstancesShape
    entries: list[EntryShape]
    """One for each trial that can, or might, be entered today."""
    orders: OrdersShape | None
    """Null if there are too many to look through."""
    last_chances: list[LastChanceShape]
    opened: list[OpenedShape]
    warnings: list[WarningShape]
    policies: list[str]
    """Ids of the assumption policies in force."""
    assumptions: list[AssumptionShape]
    """What is assumed where `assuming` names it."""


def sequence_document(answer: SequenceAnswer, library: Library) -> SequenceShape:
    """The answer as JSON values."""
    whole = answer_document(as_match(answer, answer.today))
    return {
        "schema": SCHEMA,
        "engine": whole["engine"],
        "patient": answer.patient,
        "as_of": answer.as_of,
        "today": _circumstances(answer, answer.today, library),
        "entries": [
            {
                "trial": library.trials[entry.code].nct,
                "code": entry.code,
                "enrolment": document(enrolment_effects(library.trials[entry.code], library)),
                "during": _circumstances(answer, entry.during, library),
                "after": _circumstances(answer, entry.after, library),
            }
            for entry in answer.entries
        ],
        "orders": _orders(answer.orders) if answer.orders else None,
        "last_chances": [
            {
                "code": last.code,
                "before": last.before,
                "conflicts": _lists(last.conflicts),
                "provisional": last.provisional,
            }
            for last in answer.last_chances
        ],
        "opened": [{"code": code, "after": list(way)} for code, way in answer.opened],
        "warnings": whole["warnings"],
        "policies": whole["policies"],
        "assumptions": [{"id": name, "text": text} for name, text in answer.assumptions],
    }


def sequence_json(answer: SequenceAnswer, library: Library) -> str:
    """The answer as one line of JSON, without the line's end."""
    return json.dumps(sequence_document(answer, library), ensure_ascii=False, separators=(",", ":"))


def _circumstances(answer: SequenceAnswer, found: Circumstances, library: Library) -> CircumstancesShape:
    return {
        "record": answer_document(as_match(answer, found))["record"],
        "trials": [
            {
                "trial": library.trials[door.code].nct,
                "code": door.code,
                "recruitment": library.trials[door.code].recruitment,
                "verdict": door.verdict,
                "published_only": door.published_only,
                "conflicts": _lists(door.conflicts),
                "conflicts_complete": door.complete,
                "changed": door.changed,
                "assuming": list(door.assuming),
                "provisional": door.provisional,
            }
            for door in found.doors
        ],
    }


def _orders(orders: Orders) -> OrdersShape:
    return {
        "length": orders.length,
        "count": orders.count,
        "groups": [
            {
                "trials": list(group.codes),
                "count": group.count,
                "always": _lists(group.always),
                "free": group.free,
                "listed": _lists(group.listed),
            }
            for group in orders.groups
        ],
    }


def _lists(subsets: Subsets) -> list[list[str]]:
    return [list(subset) for subset in subsets]


def as_match(answer: SequenceAnswer, circumstances: Circumstances) -> MatchAnswer:
    """What a frame needs to know of an answer: whose it is, what contradicts, and what to warn of."""
    return MatchAnswer(
        patient=answer.patient,
        as_of=answer.as_of,
        engine=EngineVersion(__version__, SOLVER, answer.encodings),
        record=RecordState(
            status={True: "consistent", False: "contradictory", None: "undecided"}[circumstances.consistent],  # type: ignore[arg-type]
            contradictions=circumstances.contradictions,
            contradictions_complete=circumstances.contradictions_complete,
            digest=record_digest(circumstances.record),
        ),
        warnings=answer.warnings,
        policies=answer.policies,
    )
