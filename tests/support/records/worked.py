"""The worked cases under `trials/cases/`: patients, what a case changes in them, and what is expected."""

from __future__ import annotations

import json
import pickle
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from solver.library.models import Library
from solver.patient.readers.native.read import read_record
from solver.patient.record import Record

CASES = Path(__file__).parents[2] / "trials" / "cases"

Json = dict[str, Any]


class _Plain(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML in which a date is text, as it is in a record."""


_Plain.yaml_implicit_resolvers = {
    first: [pair for pair in resolvers if pair[0] != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@cache
def load(name: str) -> Any:
    """What the file `name` under `cases/` holds."""
    return yaml.load((CASES / f"{name}.yaml").read_text(encoding="utf-8"), _Plain)


def labelled_cases() -> list[Json]:
    """The cases whose answers are labelled for whole trials."""
    return [case for file in ("vignettes", "sample", "further", "readings") for case in load(file)]


def changed(record: Json, *changes: Json) -> Json:
    """A copy of a record with the `set`, `unset`, `as_of`, `complete` and `context` of each change applied in turn."""
    found = _copy(record)
    for change in changes:
        for name in change.get("unset", ()):
            del found["facts"][name]
        found["facts"].update(_copy(change.get("set", {})))
        for key in ("as_of", "complete", "context"):
            if key in change:
                found[key] = _copy(change[key])
    return found


def _copy(value: Any) -> Any:
    """A deep copy; by pickling, which for thousands of records takes a third of the time of `copy.deepcopy`."""
    return pickle.loads(pickle.dumps(value))


def patient(name: str) -> Json:
    """The record of one of the patients, which may be changed."""
    record: Json = pickle.loads(_patient(name))
    return record


@cache
def _patient(name: str) -> bytes:
    described = load("patients")[name]
    start = patient(described["base"]) if "base" in described else {"facts": {}}
    return pickle.dumps({**changed(start, described), "id": name})


def case_record(case: Json) -> Json:
    """The record that a case describes."""
    return {**changed(patient(case["patient"]), case), "id": case["id"]}


def read(record: Json, library: Library) -> Record:
    """The record as the program reads it from a file."""
    return read_record(json.dumps(record).encode(), library, name=record.get("id", "record"))
