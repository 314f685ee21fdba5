"""The report of an export: what follows, by what it is told, and how it names resources."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from solver.engine.conversion.conversion_report import convert_report
from solver.engine.conversion.read_export import read_export
from solver.engine.conversion.report_answer import ConvertReport
from solver.library.codes.code_map import CodeMap
from solver.library.models import Library
from solver.patient.readers.foreign.interpret import ReadingSettings
from solver.patient.readers.formats import patient_entries
from tests.support.formats.exports import AS_OF, ICD10CM
from tests.support.formats.fhir_bundles import bundle, coded, observation, resource

COMPLETE = {"tag": [{"system": "urn:trialproof:complete", "code": "conditions"}]}


def reported(
    library: Library,
    folder: Path,
    *resources: object,
    settings: ReadingSettings | None = None,
    **head: object,
) -> ConvertReport:
    """The report of a bundle."""
    path = folder / "b.json"
    path.write_text(json.dumps(bundle(*resources, **head)))
    (found,) = (
        read_export(entry, library, as_of=AS_OF, settings=settings) for entry in patient_entries(path)
    )
    return convert_report(library, found)


def variant(identity: str, answer: str, day: str) -> dict[str, Any]:
    """A test of NPM1."""
    gene = {"code": coded("48018-6"), "valueCodeableConcept": {"text": "NPM1"}}
    return observation(
        identity, "69548-6", effectiveDateTime=day, valueCodeableConcept=coded(answer), component=[gene]
    )


def hepatitis() -> dict[str, Any]:
    """A hepatitis B of 2019 that is over."""
    return resource(
        "Condition",
        "hbv",
        code=coded("B18.1", ICD10CM),
        clinicalStatus=coded("resolved", "http://terminology.hl7.org/CodeSystem/condition-clinical"),
        onsetDateTime="2019",
    )


def test_what_a_complete_list_denies_has_no_day(library: Library, tmp_path: Path) -> None:
    """That a disease which is over is not there now is said by the list: the disease stands behind it, and has another day."""
    facts = {each.variable: each for each in reported(library, tmp_path, hepatitis(), meta=COMPLETE).facts}
    assert (facts["active_hbv"].fact, facts["active_hbv"].date) == ({"value": False}, None)
    assert [each.date for each in facts["active_hbv"].origins] == ["2019"]
    assert (facts["hepatitis_history"].fact, facts["hepatitis_history"].date) == ({"value": True}, "2019")


def test_tests_that_contradict_each_other_leave_both(library: Library, tmp_path: Path) -> None:
    """Found once and later not: either may be true, and the report says so, with both tests behind it."""
    found = reported(
        library, tmp_path, variant("a", "LA9633-4", "2026-01-01"), variant("b", "LA9634-2", "2026-10-01")
    )
    (fact,) = (each for each in found.facts if each.variable == "npm1_mutated")
    assert fact.fact == {"one_of": [False, True]}
    assert {each.at for each in fact.origins} == {"entry[1]", "entry[2]"}


def test_the_windows_that_a_site_sets_are_told(library: Library, tmp_path: Path) -> None:
    """By entry or variable, in days; null where a result never grows old."""
    assert reported(library, tmp_path).windows == {}
    set_by_site: dict[str, int | None] = {"qtcf": None, "creatinine": 14}
    codes = CodeMap(replace(library.codes.tables, site_windows=set_by_site))
    found = reported(replace(library, codes=codes), tmp_path)
    assert list(found.windows.items()) == [("creatinine", 14), ("qtcf", None)]


def test_a_reason_is_told_once(library: Library, tmp_path: Path) -> None:
    """Why a resource cannot count is also why it leaves something in doubt."""
    found = reported(
        library, tmp_path, observation("d", valueInteger=1), observation("d", valueInteger=2)
    ).resources
    reasons = [each.reason for each in found if each.outcome == "conflict"]
    assert reasons == ["another version of it says something else, and neither says which is newer"] * 2


@pytest.mark.parametrize("no_ids", [True, False])
def test_without_ids_a_report_names_places_alone(library: Library, tmp_path: Path, no_ids: bool) -> None:
    """No id of any resource stands in it."""
    settings = ReadingSettings("record", no_ids=no_ids)
    resources = (observation("secret-1"), resource("Encounter", "secret-2"))
    assert ("secret" in str(reported(library, tmp_path, *resources, settings=settings))) is not no_ids
