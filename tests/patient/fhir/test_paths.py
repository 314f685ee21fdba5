"""Values that a site's mapping reads by FHIRPath."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path

import pytest

from solver.errors import InputError
from solver.library.codes.code_map import CodeMap
from solver.library.codes.code_tables import CodeTables
from solver.library.codes.models import CodeEntry, MappedCode
from solver.library.models import Library
from solver.patient.account import ResourcePlace
from solver.patient.readers.fhir import paths
from solver.patient.readers.fhir.elements import Numeral
from solver.patient.readers.fhir.paths import path_values
from solver.patient.readers.foreign.statements import (
    Amount,
    CodedText,
    Coding,
    Faulty,
    ResultStatement,
    ResultValue,
)
from tests.support.libraries.mapping_files import codes_with

OBSERVATION = {"valueQuantity": {"value": Numeral("1.50")}, "component": [{"valueInteger": Numeral("3")}]}
STATEMENT = ResultStatement(
    ResourcePlace("entry[1]", "Observation"), CodedText((Coding("urn:own", "X"),)), Amount("9")
)
SITE = """\
entries:
  - id: own
    variable: weight
    resource: Observation
    read: quantity
    path: "{path}"
    codes: [{{system: 'urn:own', code: X}}]
"""


def codes_of(path: str | None) -> CodeMap:
    """A map with one entry, that has this path."""
    entry = CodeEntry(
        "own", "weight", "Observation", "quantity", codes=(MappedCode("urn:own", "X"),), path=path
    )
    return CodeMap(CodeTables(entries={"own": entry}))


def read_by(
    monkeypatch: pytest.MonkeyPatch, followed: Callable[[object], list[object]]
) -> ResultValue | Faulty | None:
    """The value of the result where the path is followed so."""
    monkeypatch.setattr(paths, "_compiled_path", lambda _: followed)
    reader = path_values(codes_of("Observation.value"))
    assert reader is not None
    return reader.read(STATEMENT, OBSERVATION).value


def test_without_a_path_nothing_is_read_again() -> None:
    """The reader is told so before it reads anything."""
    assert path_values(codes_of(None)) is None
    other = path_values(codes_of("Observation.value"))
    assert other is not None
    elsewhere = ResultStatement(STATEMENT.place, CodedText((Coding("urn:own", "Y"),)), Amount("9"))
    assert other.read(elsewhere, OBSERVATION) is elsewhere


def test_a_path_is_followed_through_exact_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are numbers there, with every digit."""
    seen: list[object] = []
    read_by(monkeypatch, lambda resource: seen.append(resource) or [])
    assert seen == [{"valueQuantity": {"value": Decimal("1.50")}, "component": [{"valueInteger": 3}]}]


@pytest.mark.parametrize(
    ("found", "value"),
    [
        (Decimal("1.50"), Amount("1.50")),
        (3, Amount("3", whole=True)),
        (True, True),
        ("a text", "a text"),
        ({"value": Decimal(2), "unit": "kg"}, Amount("2", unit="kg")),
        ({"system": "urn:own", "code": "A"}, CodedText((Coding("urn:own", "A"),))),
        ({"coding": [{"code": "A"}]}, CodedText((Coding(None, "A"),))),
    ],
)
def test_the_one_value_of_a_path_is_that_of_the_result(
    monkeypatch: pytest.MonkeyPatch, found: object, value: object
) -> None:
    """Of whatever kind it is."""
    assert read_by(monkeypatch, lambda _: [found]) == value


@pytest.mark.parametrize("found", [[], [1, 2], [None], [{}], [[1]]])
def test_a_path_that_leads_to_no_one_value_gives_none(
    monkeypatch: pytest.MonkeyPatch, found: list[object]
) -> None:
    """Nor does one that cannot be followed in this resource."""
    assert isinstance(read_by(monkeypatch, lambda _: found), Faulty)
    assert isinstance(read_by(monkeypatch, lambda _: found[7:8] or 1 // 0), Faulty)  # type: ignore[arg-type,return-value]


def test_a_path_needs_the_extra(library: Library, tmp_path: Path) -> None:
    """Without it the file is refused; with it a path that is none is, and one that is one is followed."""
    file = tmp_path / "own.yaml"
    file.write_text(SITE.format(path="Observation.component.where("))
    hint = (
        "is not readable as FHIRPath" if find_spec("fhirpathpy") else r"pip install 'trialproof\[fhirpath\]'"
    )
    with pytest.raises(InputError, match=hint):
        codes_with(library, file)
    pytest.importorskip("fhirpathpy")
    file.write_text(SITE.format(path="Observation.component.value"))
    reader = path_values(codes_with(library, file))
    assert reader is not None
    assert reader.read(STATEMENT, {"resourceType": "Observation", **OBSERVATION}).value == Amount(
        "3", whole=True
    )
