"""What complete lists deny, and what keeps them from denying it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from solver.library.models import Library
from solver.patient.account import ResourcePlace
from solver.patient.readers.foreign.interpret import ForeignRecord, ReadingSettings
from solver.patient.readers.foreign.statements import (
    Amount,
    CodedText,
    Coding,
    CompleteList,
    DrugStatement,
    Export,
    ListName,
    ProcedureStatement,
)
from tests.support.formats.exports import (
    condition,
    days,
    facts_of,
    interpreted,
    outcomes,
    read_export,
    record_of,
    stated,
)

SNOMED = "http://snomed.info/sct"
LIST = ResourcePlace("entry[9]", "List", "l1")
CONDITIONS = CompleteList("conditions", "Bundle.meta.tag")
PROCEDURES = CompleteList("procedures", "Bundle.meta.tag")
MEDICATIONS = CompleteList("medications", "Bundle.meta.tag")


def closed(found: ForeignRecord) -> set[str]:
    """The concepts of which the document says that all is told."""
    said = found.document.get("complete", [])
    assert isinstance(said, list)
    return {each["of"] for each in said}


def graft(at: int = 1, unconfirmed: str | None = None) -> ProcedureStatement:
    """An allograft of 2024-08-20."""
    place = ResourcePlace(f"entry[{at}]", "Procedure", f"p{at}")
    return ProcedureStatement(
        place, CodedText((Coding(SNOMED, "58390007"),)), days("2024-08-20"), unconfirmed
    )


def drug(text: str, at: int = 1) -> DrugStatement:
    """A drug that is known by its text alone."""
    place = ResourcePlace(f"entry[{at}]", "MedicationStatement", f"m{at}")
    return DrugStatement(place, (CodedText((), text),), days("2026-10-01"), days("2026-10-01"), ongoing=False)


def test_nothing_is_denied_without_a_complete_list(library: Library) -> None:
    """No entry means unknown."""
    found = read_export(library)
    assert facts_of(found) == {}
    assert closed(found) == set()


def test_a_complete_list_denies_what_it_would_hold(library: Library) -> None:
    """What means no concept is a fact with the list as its source; what means one is closed as a concept."""
    found = read_export(library, complete=[CONDITIONS])
    assert facts_of(found)["active_infection"] == {
        "value": False,
        "source": "complete list conditions: Bundle.meta.tag 2026-11-20",
    }
    assert {"gvhd", "malignancy", "hepatitis_b"} <= closed(found)
    assert "solid_organ_transplant" not in closed(found)  # it needs the procedures as well
    assert "hsct" not in closed(found)
    record_of(found, library)


def test_a_complete_list_makes_counts_exact(library: Library) -> None:
    """With the procedures complete, the grafts found are all; without, there may be more."""
    assert "hsct" in closed(read_export(library, graft(), complete=[PROCEDURES]))
    assert "hsct" not in closed(read_export(library, graft()))


def test_every_list_that_would_hold_it_must_be_complete(library: Library) -> None:
    """What two lists hold is denied by both together alone."""
    assert "cellular_therapy" not in closed(read_export(library, complete=[PROCEDURES]))
    assert "cellular_therapy" in closed(read_export(library, complete=[PROCEDURES, MEDICATIONS]))


def test_what_is_unconfirmed_is_not_denied(library: Library) -> None:
    """A provisional disease leaves its variable unknown, and only that."""
    found = read_export(library, condition("B20", unconfirmed="provisional"), complete=[CONDITIONS])
    assert "hiv_aids_on_art" not in facts_of(found)
    assert "active_infection" in facts_of(found)
    doubtful = read_export(library, graft(unconfirmed="in progress"), complete=[PROCEDURES])
    assert "hsct" not in closed(doubtful)


def test_what_cannot_be_read_may_be_what_would_be_denied(library: Library) -> None:
    """A condition of an unknown code leaves open all that its list denies, and is counted; a classification read whole does not."""
    unknown = read_export(library, condition("12345009", system=SNOMED), complete=[CONDITIONS])
    assert (facts_of(unknown), closed(unknown)) == ({}, set())
    assert [(row.list, row.unread) for row in unknown.account.complete] == [("conditions", 1)]
    assert any(code == "not-used" and "conditions 1 " in text for code, _, text in unknown.warnings)
    known = read_export(library, condition("I10"), complete=[CONDITIONS])
    assert facts_of(known)["active_infection"]["value"] is False
    assert [row.unread for row in known.account.complete] == [None]


def test_a_drug_known_by_text_alone_leaves_its_list_open(library: Library) -> None:
    """A name that nothing knows may be any drug; one that is known blocks its own class alone."""
    assert closed(read_export(library, drug("Nobodyknowsumab"), complete=[MEDICATIONS])) == set()
    assert "menin_inhibitor" in closed(read_export(library, drug("ondansetron"), complete=[MEDICATIONS]))


def test_a_drug_in_doubt_blocks_only_the_classes_that_it_is_of(library: Library) -> None:
    """That a cell may be of its class as well says nothing of a drug that is none."""
    doubtful = replace(drug("rituximab"), unconfirmed="status unknown")
    found = closed(read_export(library, doubtful, complete=[MEDICATIONS, PROCEDURES]))
    assert "anti_cd20" not in found
    assert {"cellular_therapy", "anti_cd123"} <= found


@pytest.mark.parametrize(
    ("day", "closes"), [("2026-10-23", True), ("2026-10-22", False), ("2026-12-01", True), ("2026-10", False)]
)
def test_completeness_grows_old(library: Library, day: str, closes: bool) -> None:
    """A list closes nothing more than 28 days later; one of a later day closes what it is asked about."""
    said = CompleteList("conditions", "List/l1", days(day), place=LIST)
    found = read_export(library, complete=[said])
    assert ("active_infection" in facts_of(found)) is closes
    assert outcomes(found) == {"entry[9]": "used" if closes else "not-read"}


def test_nothing_known_beside_an_entry_is_a_conflict(library: Library) -> None:
    """A list that says that nothing is known is not complete where something of its kind counts."""
    said = CompleteList("conditions", "List/l1", days("2026-11-18"), empty=True, place=LIST)
    found = read_export(library, condition("I10"), complete=[said])
    assert outcomes(found)["entry[9]"] == "conflict"
    assert [row.kind for row in found.account.conflicts] == ["complete-list"]
    assert found.account.complete == []
    alone = read_export(library, condition("I10", unconfirmed="provisional"), complete=[said])
    assert outcomes(alone)["entry[9]"] == "used"


def test_the_caller_may_say_that_a_list_is_complete(library: Library) -> None:
    """`--complete` counts as of the day of evaluation."""
    found = read_export(library, settings=ReadingSettings("record", ("conditions",)))
    assert facts_of(found)["active_infection"]["source"] == "complete list conditions: --complete 2026-11-20"


def test_one_page_of_more_closes_nothing(library: Library) -> None:
    """Where the export goes on elsewhere no list is complete, whoever says so."""
    found = interpreted(
        library, Export(complete=[CONDITIONS], more=True), ReadingSettings("record", ("conditions",))
    )
    assert (facts_of(found), found.account.complete) == ({}, [])


def test_what_a_form_says_happened_is_not_denied(library: Library) -> None:
    """A graft that a form tells of is no entry, so that its list is not closed; what a form denies agrees with it."""
    told = read_export(library, stated("prior_hsct_count", Amount("1")), complete=[PROCEDURES])
    assert "hsct" not in closed(told)
    record_of(told, library)
    none = read_export(library, stated("prior_hsct_count", Amount("0")), complete=[PROCEDURES])
    assert "hsct" in closed(none)


def test_a_past_disease_is_no_present_one(library: Library) -> None:
    """With the list complete a resolved hepatitis is over, and was there."""
    found = read_export(library, condition("B18.1", "resolved", onset="2019"), complete=[CONDITIONS])
    assert facts_of(found)["hepatitis_history"]["value"] is True
    assert "hepatitis_b" in closed(found)


def test_completeness_of_the_latest_day_is_told(library: Library) -> None:
    """Of several that say so the latest stands in the report."""
    names: tuple[ListName, ...] = ("conditions", "conditions")
    said = [CompleteList(name, f"List/{i}", days(f"2026-11-1{i}")) for i, name in enumerate(names)]
    found = read_export(library, complete=said)
    assert [(row.by, row.date) for row in found.account.complete] == [("List/1", "2026-11-11")]


def test_a_resource_without_ids_is_told_by_its_place(library: Library) -> None:
    """Without ids a List is told by its position."""
    said = CompleteList("conditions", "List/l1", days("2026-11-18"), place=LIST)
    found = read_export(library, complete=[said], settings=ReadingSettings("record", no_ids=True))
    source = facts_of(found)["active_infection"]["source"]
    assert source == "complete list conditions: entry[9] 2026-11-18"
