"""The JSON of repairs: what would have to change for a patient who is ineligible."""

from __future__ import annotations

from typing_extensions import TypedDict

from solver.questions.answers import Repairs


class ChangeShape(TypedDict):
    """A recorded fact that would have to be otherwise."""

    variable: str
    kind: str
    """How the variable changes: `time`, `age`, `stop`, `treat`, `consent`, `test` or `never`."""
    require: str | None
    """The condition that its value would have to meet; null where that depends on the others."""
    worse: bool
    """Whether each such value means that the patient is worse than recorded."""


class RepairShape(TypedDict):
    """A minimal set of changes with which the patient could be eligible."""

    kind: str
    """The kind of its hardest change, from `time` to `never`."""
    action: bool
    """Whether it can be advice: not if something in it never changes, means that the patient is worse, or is an age with other rules."""
    wait_until: str | None
    """The first day on which the changes could be enough, `YYYY-MM-DD`; null where the day need not move."""
    changes: list[ChangeShape]


class RepairsShape(TypedDict):
    """What would have to change: those that can be advice first, then by kind."""

    repairs: list[RepairShape]
    complete: bool
    """Whether `repairs` holds them all."""


def repairs_document(repairs: Repairs) -> RepairsShape:
    """The repairs of one trial as JSON values."""
    return {
        "repairs": [
            {
                "kind": repair.kind,
                "action": repair.action,
                "wait_until": repair.wait_until,
                "changes": [
                    {
                        "variable": change.variable,
                        "kind": change.kind,
                        "require": change.requirement.text if change.requirement else None,
                        "worse": change.worse,
                    }
                    for change in repair.changes
                ],
            }
            for repair in repairs.repairs
        ],
        "complete": repairs.complete,
    }
