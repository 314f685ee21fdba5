"""Karyotypes of an export: what they say of the disease, over time, and the fusions that they name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from solver.library.models import Library
from solver.patient.readers.foreign.statements import CodedText, Coding, ResultStatement
from tests.support.formats.exports import result
from tests.support.formats.gene_tests import component, facts, findings, gathered_from, outcome, variant

ISCN = "https://iscn.karger.com"


def clones(text: str, *, day: str | None = "2026-10-06", at: int = 1, coded: bool = True) -> ResultStatement:
    """A result in ISCN."""
    value = CodedText((Coding(ISCN, text),)) if coded else text
    return result("81291-7", value, day, at=at)


@pytest.mark.parametrize("coded", [True, False])
def test_a_karyotype_is_normal_or_abnormal(library: Library, coded: bool) -> None:
    """As a code of its system, or as text."""
    assert facts(gathered_from(library, clones("46,XX[20]", coded=coded))) == {
        "karyotype": {"value": "normal"}
    }
    assert facts(gathered_from(library, clones("47,XX,+8[20]", coded=coded))) == {
        "karyotype": {"value": "abnormal"}
    }


def test_what_is_not_written_in_the_notation_says_nothing(library: Library) -> None:
    """Nor do probes in resting nuclei."""
    for text in ("normal female", "nuc ish(9q34,22q11)x2"):
        found = gathered_from(library, clones(text))
        assert (facts(found), outcome(found)) == ({}, "value")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("46,XX,t(9;22)(q34.1;q11.2)[20]", "bcr_abl1"),
        ("46,XX,t(11;19)(q23;p13.1)[20]", "kmt2a_rearrangement"),
    ],
)
def test_breaks_name_a_fusion(library: Library, text: str, named: str) -> None:
    """The fusion is a finding of the same day."""
    found = gathered_from(library, clones(text))
    assert findings(found) == [{"is": named, "present": True, "date": "2026-10-06"}]
    assert outcome(found) == "used" or facts(found) == {"karyotype": {"value": "abnormal"}}


@pytest.mark.parametrize(
    ("text", "variable"),
    [
        ("46,XX,t(8;21)(q22;q22.1)[20]", "cbf_aml"),
        ("46,XX,inv(16)(p13.1q22)[20]", "cbf_aml"),
        ("46,XX,t(16;16)(p13;q22)[20]", "cbf_aml"),
        ("46,XX,t(15;17)(q24;q21)[20]", "apl"),
        ("46,XX,t(15;17)(q22;q12)[20]", "apl"),
    ],
)
def test_breaks_name_a_kind_of_disease(library: Library, text: str, variable: str) -> None:
    """Beside the karyotype itself."""
    found = facts(gathered_from(library, clones(text)))
    assert found == {"karyotype": {"value": "abnormal"}, variable: {"value": True}}


def test_a_normal_karyotype_denies_no_fusion(library: Library) -> None:
    """It can be cryptic."""
    assert findings(gathered_from(library, clones("46,XX[20]"))) == []


def test_what_was_abnormal_and_is_normal_leaves_open_which(library: Library) -> None:
    """Normal and then abnormal is abnormal."""
    early, late = "2026-03-01", "2026-10-06"
    lost = gathered_from(library, clones("47,XX,+8[20]", day=early), clones("46,XX[20]", day=late, at=2))
    assert facts(lost) == {"karyotype": {"one_of": ["abnormal", "normal"]}}
    assert [(each.variable, each.kind) for each in lost.account.conflicts] == [("karyotype", "other-day")]
    gained = gathered_from(library, clones("46,XX[20]", day=early), clones("47,XX,+8[20]", day=late, at=2))
    assert facts(gained) == {"karyotype": {"value": "abnormal"}}
    assert outcome(gained) == "superseded"


def test_the_karyotype_of_a_variant_counts_where_the_variant_is_there(library: Library) -> None:
    """Also where the variant has no value; not where it is absent, or nobody could say."""
    told = component("81291-7", CodedText((Coding(ISCN, "46,XX,t(9;22)(q34;q11)[20]"),)))
    for presence in ("present", None):
        found = gathered_from(library, variant(presence, told))
        assert facts(found) == {"karyotype": {"value": "abnormal"}}
        assert [each["present"] for each in findings(found)] == [True]
    absent = gathered_from(library, variant("absent", told))
    assert facts(absent) == {}
    assert [(each["is"], each["present"]) for each in findings(absent)] == [("bcr_abl1", False)]
    assert (facts(unclear := gathered_from(library, variant("no call", told))), findings(unclear)) == ({}, [])


def test_a_normal_karyotype_counts_where_no_variant_was_seen(library: Library) -> None:
    """That is what it says; texts of one value that differ say nothing."""
    normal = component("81291-7", CodedText((Coding(ISCN, "46,XX[20]"),)))
    assert facts(gathered_from(library, variant("absent", normal))) == {"karyotype": {"value": "normal"}}
    both = replace(clones("46,XX[20]"), value=CodedText((Coding(ISCN, "46,XX[20]"),), "47,XX,+8[20]"))
    assert outcome(gathered_from(library, both)) == "value"


def test_an_unconfirmed_karyotype_is_told_under_its_variable(library: Library) -> None:
    """It is no fact."""
    found = gathered_from(library, replace(clones("46,XX[20]"), unconfirmed="status preliminary"))
    assert (facts(found), outcome(found)) == ({}, "unconfirmed")
    assert found.mentions[0].variables == {"karyotype"}
