"""Tissue types of an export: which alleles a text names, and whose cells were typed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from solver.library.models import Library
from solver.patient.account import ResourcePlace
from solver.patient.readers.foreign.gathered import FactSource, GatheredEvent
from solver.patient.readers.foreign.genetics.hla import alleles_in
from solver.patient.readers.foreign.statements import CodedText, Coding, ResultStatement, ResultValue
from tests.support.formats.exports import days, result
from tests.support.formats.gene_tests import facts, gathered_from, outcome


def typed(value: ResultValue | None, **more: Any) -> ResultStatement:
    """A tissue type of January 2026."""
    return replace(result("57290-9", value, "2026-01-10"), **more)


@pytest.mark.parametrize(
    ("text", "alleles"),
    [
        ("HLA-A*02:01+HLA-A*24:02", ["A*02:01", "A*24:02"]),
        ("A*02:01, A*24:02", ["A*02:01", "A*24:02"]),
        ("A*02:01 A*02:01", ["A*02:01", "A*02:01"]),
        ("HLA-A*02:53N", ["A*02:53N"]),
        ("A*02:01:01:02L", ["A*02:01:01:02L"]),
        ("A*02", ["A*02"]),
        ("A*02:CVZK", ["A*02"]),
        ("A*02:01/A*02:09+A*24:02", ["A*02", "A*24:02"]),
        ("A*02:01:01G/A*02:01:02+A*24:02", ["A*02:01", "A*24:02"]),
        ("A*02:01/A*24:02+A*11:01", ["A*11:01"]),
        ("A*02:01/A*02:53N+A*11:01", ["A*11:01"]),
        ("A*02:01+A*24:02|A*02:07+A*24:02", ["A*02", "A*24:02"]),
        ("A*02:01~B*07:02^C*07:01", ["A*02:01"]),
        ("MICA*008", []),
        ("A2", []),
        ("A*0201", []),
    ],
)
def test_a_text_names_alleles(library: Library, text: str, alleles: list[str]) -> None:
    """Of what is ambiguous, what all alternatives share; never less expressed than they are."""
    assert alleles_in(text, library.variables["hla_a_alleles"]) == alleles


def test_alleles_are_a_fact(library: Library) -> None:
    """From a text, from a coding, and from components."""
    both = {"hla_a_alleles": {"value": ["A*02:01", "A*24:02"]}}
    coding = CodedText((Coding("https://glstring.org", "hla#3.31.0#HLA-A*02:01+HLA-A*24:02"),))
    parts = (result("84413-4", "A*02:01", None), result("84413-4", "A*24:02", None))
    for statement in (typed("A*02:01+A*24:02"), typed(coding), typed(None, components=parts)):
        found = gathered_from(library, statement)
        assert facts(found) == both


@pytest.mark.parametrize("text", ["A*92:01", "A2", "A*01:01 A*02:01 A*03:01", "positive"])
def test_what_names_no_alleles_of_a_person_is_refused(library: Library, text: str) -> None:
    """An unknown group, serology, three alleles, or words."""
    found = gathered_from(library, typed(text))
    assert (facts(found), outcome(found)) == ({}, "value")


def test_codes_and_texts_of_one_value_must_agree(library: Library) -> None:
    """The most precise of them counts."""
    glstring = Coding("https://glstring.org", "HLA-A*24:02+HLA-A*02:01")
    agreeing = gathered_from(library, typed(CodedText((glstring,), "A*02 A*24")))
    assert facts(agreeing) == {"hla_a_alleles": {"value": ["A*02:01", "A*24:02"]}}
    assert outcome(gathered_from(library, typed(CodedText((glstring,), "A*03 A*24")))) == "value"


def graft(concept: str, day: str | None) -> GatheredEvent:
    """A transplant."""
    source = FactSource(ResourcePlace("entry[7]", "Procedure"), days=days(day))
    return GatheredEvent("therapies", {"is": concept}, concept, (source,))


@pytest.mark.parametrize(
    ("event", "own"),
    [
        (graft("allo_hsct", "2026-02-01"), True),
        (graft("allo_hsct", "2026-01-10"), False),
        (graft("allo_hsct", "2026-01"), False),
        (graft("allo_hsct", "2025-06-01"), False),
        (graft("allo_hsct", None), False),
        (graft("hsct", "2025-06-01"), False),
        (graft("auto_hsct", "2025-06-01"), True),
    ],
)
def test_blood_shows_the_donor_after_an_allograft(library: Library, event: GatheredEvent, own: bool) -> None:
    """Or after what may have been one; a graft of one's own cells changes nothing."""
    found = gathered_from(library, typed("A*02:01+A*24:02"), events=[event])
    assert (bool(facts(found)), outcome(found)) == ((True, None) if own else (False, "donor"))


def test_the_day_of_the_specimen_and_its_tissue_tell_whose_cells_they_are(library: Library) -> None:
    """One taken before the graft, or of cheek or skin, is the patient's."""
    event = graft("allo_hsct", "2025-06-01")
    early = typed("A*02:01+A*24:02", specimen_days=days("2025-05-01"))
    cheek = typed("A*02:01+A*24:02", specimen=CodedText(text="Buccal swab"))
    skin = typed("A*02:01+A*24:02", body_site=CodedText((Coding(None, None, "Skin structure"),)))
    for statement in (early, cheek, skin):
        assert facts(gathered_from(library, statement, events=[event]))
