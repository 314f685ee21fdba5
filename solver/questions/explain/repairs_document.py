"""The JSON of repairs: what would have to change for a patient who is ineligible."""

from __future__ import annotations

from typing_extensions import TypedDict

from solver.engine.answer import Change, Repair, Repairs


class OtherwiseChangeShape(TypedDict):
    """A recorded fact that would have to change with another one."""

    variable: str
    require: str | None
    """The condition that its value would have to meet; null where that depends on the others."""


class OtherwiseShape(TypedDict):
    """Another value of a changed fact that does it as well, with more changes."""

    value: str
    changes: list[OtherwiseChangeShape]
    """The facts that contradict the value, and that change with it."""


class JointlyShape(TypedDict):
    """A clause that the values of several variables decide together."""

    clause: str
    variables: list[str]
    """The variables that it speaks of and that are open."""


class ChangeShape(TypedDict):
    """A recorded fact that would have to be otherwise."""

    variable: str
    kind: str
    """How the variable changes: `time`, `age`, `stop`, `treat`, `consent`, `test` or `never`."""
    require: str | None
    """The condition that its value would have to meet; null where that depends on the others."""
    worse: bool
    """Whether each such value means that the patient is worse than recorded."""
    stopped_on: str | None
    """The day, `YYYY-MM-DD`, taken for the last dose of what is to be stopped; null where no clause speaks of it."""
    otherwise: list[OtherwiseShape]
    """Values that do it as well, with more changes."""


class RepairShape(TypedDict):
    """A minimal set of changes with which the patient could be eligible."""

    kind: str
    """The kind of its hardest change, from `time` to `never`."""
    action: bool
    """Whether it can be advice: all of it can be changed, is ever advised, and makes the patient no worse; not an age with other rules."""
    wait_until: str | None
    """The first day on which the changes could be enough, `YYYY-MM-DD`; null where the day need not move."""
    changes: list[ChangeShape]
    such_that: list[JointlyShape]
    """The clauses that must be met besides, which turn on what is changed and on more; with them and `still_open` met it is enough."""
    still_open: list[str]
    """The ids of the clauses that are open then only for what is not recorded."""


class RepairsShape(TypedDict):
    """What would have to change: those that can be advice first, then by kind."""

    repairs: list[RepairShape]
    complete: bool
    """Whether `repairs` holds them all."""


def repairs_document(repairs: Repairs) -> RepairsShape:
    """The repairs of one trial as JSON values."""
    return {"repairs": [_repair(repair) for repair in repairs.repairs], "complete": repairs.complete}


def _repair(repair: Repair) -> RepairShape:
    return {
        "kind": repair.kind,
        "action": repair.action,
        "wait_until": repair.wait_until,
        "changes": [_change(change) for change in repair.changes],
        "such_that": [
            {"clause": each.clause, "variables": list(each.variables)} for each in repair.such_that
        ],
        "still_open": list(repair.still_open),
    }


def _change(change: Change) -> ChangeShape:
    return {
        "variable": change.variable,
        "kind": change.kind,
        "require": _text(change),
        "worse": change.worse,
        "stopped_on": change.stopped_on,
        "otherwise": [
            {
                "value": other.value,
                "changes": [{"variable": each.variable, "require": _text(each)} for each in other.changes],
            }
            for other in change.otherwise
        ],
    }


def _text(change: Change) -> str | None:
    return change.requirement.text if change.requirement else None
