"""What a form, or a record beside the export, says wins over the events that were read where the two cannot both be."""

from __future__ import annotations

import pytest

from solver.library.models import Library
from solver.patient.account import ResourcePlace
from solver.patient.readers.foreign.interpret import ForeignRecord, ReadingSettings
from solver.patient.readers.foreign.statements import (
    Amount,
    CodedText,
    Coding,
    ProcedureStatement,
    ResultStatement,
    VariantStatement,
)
from tests.support.formats.exports import condition, days, facts_of, read_export, record_of, stated

SNOMED = "http://snomed.info/sct"


def graft(day: str, at: int = 1) -> ProcedureStatement:
    """An allograft."""
    place = ResourcePlace(f"entry[{at}]", "Procedure", f"p{at}")
    return ProcedureStatement(place, CodedText((Coding(SNOMED, "58390007"),)), days(day))


def grafts(found: ForeignRecord) -> list[object]:
    """The days of the grafts that the document tells of."""
    return [each["start"] for each in facts_of(found).get("therapies", [])]


def test_one_statement_of_two_that_agree_leaves_both(library: Library) -> None:
    """A form that tells of two grafts agrees with one that was read."""
    found = read_export(library, graft("2024-08-20"), stated("prior_hsct_count", Amount("2"), at=2))
    assert grafts(found) == ["2024-08-20"]
    assert found.account.conflicts == []
    record_of(found, library)


@pytest.mark.parametrize(
    "form",
    [
        stated("prior_hsct_count", Amount("0"), at=9),
        stated("last_hsct_date", days("2020-01-01"), at=9),
    ],
)
def test_what_contradicts_a_form_is_left_out(library: Library, form: ResultStatement) -> None:
    """An event that a form denies is no entry, and a conflict that is told."""
    found = read_export(library, graft("2024-08-20"), form)
    assert grafts(found) == []
    assert found.account.rows["entry[1]"].outcome == "conflict"
    assert {row.kind for row in found.account.conflicts} == {"derived"}
    assert any(variable == form.code.codings[0].code for _, variable, _ in found.warnings)
    record_of(found, library)


def test_what_goes_on_by_an_entry_and_not_by_a_form_is_open(library: Library) -> None:
    """A form that says that nothing goes on takes from an entry no more than that."""
    found = read_export(library, condition("B18.1", onset="2019"), stated("active_hbv", False, at=2))
    (entry,) = facts_of(found)["conditions"]
    assert "ongoing" not in entry


def test_a_gene_is_as_a_form_says(library: Library) -> None:
    """A finding that a form denies is left out."""
    variant = VariantStatement(
        ResourcePlace("entry[1]", "Variant"),
        CodedText(),
        "present",
        (CodedText((Coding("http://www.genenames.org", "HGNC:7910", "NPM1"),)),),
        somatic=True,
        days=days("2026-10-01"),
    )
    assert facts_of(read_export(library, variant))["findings"]
    found = read_export(library, variant, stated("npm1_mutated", False, at=2))
    assert "findings" not in facts_of(found)


def test_facts_beside_the_export_win(library: Library) -> None:
    """A record's facts stand in place of those read, its events beside them, and the account says so."""
    beside = {"facts": {"prior_hsct_count": 0, "country": "NL", "therapies": [{"is": "azacitidine"}]}}
    settings = ReadingSettings("record", facts=beside)
    found = read_export(library, graft("2024-08-20"), stated("country", "FR", at=2), settings=settings)
    facts = facts_of(found)
    assert (facts["prior_hsct_count"], facts["country"]) == (0, "NL")
    assert facts["therapies"] == [{"is": "azacitidine"}]
    assert found.account.rows["entry[2]"].outcome == "superseded"
    record_of(found, library)


def test_what_a_record_beside_the_export_says_never_happened_is_kept(library: Library) -> None:
    """`never` and `complete` of the record are those of the document too."""
    beside = {"facts": {}, "never": ["hiv"], "complete": [{"of": "gvhd", "source": "the ward"}]}
    found = read_export(library, settings=ReadingSettings("record", facts=beside))
    assert found.document["never"] == ["hiv"]
    assert found.document["complete"] == [{"of": "gvhd", "source": "the ward"}]
    record_of(found, library)
