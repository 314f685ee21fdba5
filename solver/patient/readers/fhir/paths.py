"""Values that a site's mapping file reads by FHIRPath, in place of what stands under value[x].

    path: "Observation.component.where(code.text = 'corrected').value"

The extra `fhirpath` reads the paths; a library has none of them without it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cache
from importlib import import_module
from typing import Any

from solver.dataclass import dataclass
from solver.library.codes.code_map import CodeMap
from solver.patient.readers.fhir.elements import (
    Numeral,
    coding,
    concept,
    idea,
    number,
    quantity,
    quantity_range,
    quantity_ratio,
    text,
)
from solver.patient.readers.foreign.statements import Amount, Faulty, ResultStatement, ResultValue

_OBSERVATION = "Observation"


@dataclass(frozen=True, slots=True)
class PathValues:
    """Reads the values of results whose entry has a path."""

    codes: CodeMap

    def read(self, statement: ResultStatement, observation: Mapping[str, object]) -> ResultStatement:
        """The result with the value that its entry's path gives; the same where no entry has one."""
        found = (
            entry.path
            for each in statement.code.codings
            for entry in self.codes.find(_OBSERVATION, each)
            if entry.path is not None
        )
        path = min(found, default=None)
        return statement if path is None else replace(statement, value=_value_at(path, observation))


def path_values(codes: CodeMap) -> PathValues | None:
    """What reads values by path; None where no entry has one."""
    return PathValues(codes) if any(entry.path is not None for entry in codes.entries.values()) else None


def _value_at(path: str, observation: Mapping[str, object]) -> ResultValue | Faulty:
    try:
        found = _compiled_path(path)(_exact_json(observation))
    except Exception:  # whatever the extra raises for a resource that is not as it should be
        return Faulty("the path of its entry cannot be followed")
    if len(found) != 1:
        return Faulty(f"the path of its entry leads to {len(found)} values")
    return _value_said(found[0])


def _value_said(value: object) -> ResultValue | Faulty:
    """What one value of a path says."""
    nothing = Faulty("the path of its entry leads to no value that is read")
    if isinstance(value, bool):
        return value
    if isinstance(value, dict):
        if "value" in value:
            return quantity(value)
        if "low" in value or "high" in value:
            return quantity_range(value)
        if "numerator" in value:
            return quantity_ratio(value)
        return (idea((coding(value),)) if "code" in value else concept(value)) or nothing
    read = number(value)
    if isinstance(read, str):
        return Amount(read, whole=isinstance(value, int))
    return read or text(value) or nothing


@cache
def _compiled_path(path: str) -> Callable[[object], list[Any]]:
    models = import_module("fhirpathpy.models").models
    compiled: Callable[[object], list[Any]] = import_module("fhirpathpy").compile(path, models["r4"])
    return compiled


def _exact_json(value: object) -> object:
    """JSON whose numbers are numbers, exactly."""
    if isinstance(value, dict):
        return {name: _exact_json(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_exact_json(each) for each in value]
    if isinstance(value, Numeral):
        found = number(value)
        return (
            None
            if not isinstance(found, str)
            else int(found)
            if found.lstrip("-").isdigit()
            else Decimal(found)
        )
    return value
