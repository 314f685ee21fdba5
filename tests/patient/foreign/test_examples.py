"""Two worked bundles: the facts that follow from each, and what becomes of every resource in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from solver.engine.conversion.conversion_report import convert_report
from solver.engine.conversion.read_export import ConvertedRecord, read_export
from solver.library.models import Library
from solver.patient.readers.formats import patient_entries
from solver.patient.readers.native.read import record_from
from solver.patient.record import Fact
from tests.support.formats.exports import AS_OF

FOLDER = Path(__file__).parent / "examples"
NAMES = ["open-world", "relapse-after-transplant"]


@pytest.fixture(scope="module", params=NAMES)
def worked(request: pytest.FixtureRequest, library: Library) -> tuple[ConvertedRecord, dict[str, Any]]:
    """A worked bundle as it is read, and what is expected of it."""
    expected = json.loads((FOLDER / f"{request.param}.expected.json").read_text())
    (found,) = (
        read_export(entry, library, as_of=AS_OF)
        for entry in patient_entries(FOLDER / f"{request.param}.bundle.json")
    )
    return found, expected


def meant(facts: dict[str, Any], library: Library) -> dict[str, object]:
    """What facts say, however they are written."""

    def content(fact: Fact) -> object:
        return (
            fact.domain,
            fact.values,
            sorted(fact.entries),
            fact.concepts,
            fact.written and fact.written.numbers,
        )

    read = record_from({"as_of": AS_OF, "facts": facts}, library).facts
    return {name: content(fact) for name, fact in read.items()}


def test_the_facts_that_follow(worked: tuple[ConvertedRecord, dict[str, Any]], library: Library) -> None:
    """The same variables follow, with the same values."""
    converted, expected = worked
    report = convert_report(library, converted)
    found = {each.variable: each.fact for each in report.facts}
    wanted = {
        name: {key: value for key, value in fact.items() if key != "date"}
        for name, fact in expected["facts"].items()
    }
    assert found.keys() == wanted.keys()
    assert meant(found, library) == meant(wanted, library)


def test_what_becomes_of_every_resource(worked: tuple[ConvertedRecord, dict[str, Any]]) -> None:
    """Each resource has its outcome, and the rest of the account is as expected."""
    converted, expected = worked
    account = converted.foreign.account
    assert {at: row.outcome for at, row in account.rows.items()} == expected["outcomes"]
    assert [[each.list, each.by, each.date] for each in account.complete] == expected["complete"]
    assert [[each.variable, each.kind, list(each.at)] for each in account.conflicts] == expected["conflicts"]
    assert [(each.variable, each.at) for each in account.stale] == [
        (each["variable"], each["at"]) for each in expected["stale"]
    ]
    assert [(each.variable, each.at) for each in account.unconfirmed] == [
        (each["variable"], each["at"]) for each in expected["unconfirmed"]
    ]
