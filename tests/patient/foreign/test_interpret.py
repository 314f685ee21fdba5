"""The account at the end: every resource has an outcome, and the warnings say in few lines what was not used."""

from __future__ import annotations

from solver.library.models import Library
from solver.patient.account import ResourcePlace
from solver.patient.readers.foreign.statements import (
    CodedText,
    Coding,
    Export,
    PersonStatement,
    ReportStatement,
)
from tests.support.formats.exports import LOINC, condition, interpreted, outcomes, read_export, result

REPORT = ResourcePlace("entry[5]", "DiagnosticReport", "r")
SPECIMEN = ResourcePlace("entry[6]", "Specimen", "s")


def report(*results: str, final: bool = True) -> ReportStatement:
    """A report of a panel that binds these."""
    return ReportStatement(REPORT, CodedText((Coding(LOINC, "58410-2"),)), results, final)


def test_what_stands_behind_a_used_result_supports_it(library: Library) -> None:
    """A report or a specimen behind a used result is supporting; behind none it is told why it says nothing."""
    counted = result("6690-2", ("4", "10*3/uL"), at=1)
    wrong = result("6690-2", ("4", "spoons"), at=2)
    export = Export([counted, wrong, report("entry[2]", "entry[1]")], supports={"entry[6]": ["entry[1]"]})
    export.statements.append(PersonStatement(SPECIMEN))
    found = interpreted(library, export)
    assert (outcomes(found)["entry[5]"], outcomes(found)["entry[6]"]) == ("supporting", "supporting")
    assert outcomes(read_export(library, wrong, report("entry[2]")))["entry[5]"] == "unknown-code"
    assert outcomes(read_export(library, report(final=False)))["entry[5]"] == "unconfirmed"
    assert outcomes(read_export(library, PersonStatement(SPECIMEN)))["entry[6]"] == "not-read"


def test_one_line_tells_what_was_not_used(library: Library) -> None:
    """The warning counts by outcome, and is not there where everything was used."""
    used = result("6690-2", ("4", "10*3/uL"), at=1)
    older = [result("6690-2", ("4", "10*3/uL"), f"2026-11-0{i}", at=i) for i in (2, 3)]
    found = read_export(library, used, *older, result("9999-9", ("1", "mg"), at=4))
    lines = [text for code, _, text in found.warnings if code == "not-used"]
    assert lines == ["3 of 4 resources were not used: superseded 2, unknown-code 1"]
    assert read_export(library, used).warnings == ()


def test_warnings_of_the_reader_are_kept(library: Library) -> None:
    """What the reader of the format found is told once, with what was found later."""
    export = Export([condition("B20", unconfirmed="provisional")], warnings=[("unconfirmed", "a note")] * 2)
    texts = [text for _, _, text in interpreted(library, export).warnings]
    assert texts.count("a note") == 1
    assert "hiv_aids_on_art: provisional" in texts
