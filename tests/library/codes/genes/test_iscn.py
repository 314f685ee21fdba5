"""Karyotypes in ISCN: when they are normal, which fusions they name, and what is none of the patient's."""

from __future__ import annotations

import pytest

from solver.library.codes.genes.iscn import pattern_of, read_karyotype, rearrangements_in

NORMAL = (
    "46,XX[20]",
    "46, XY [20].",
    "46,XX",
    "46,XX[10]/46,XY[10]",
    "47,XX,+21c[20]",
    "47,XXYc[20]",
    "46,XY,t(11;22)(q23;q11.2)c[20]",
    "46,XX[20]//46,XY[3]",
    "46,XX[20].nuc ish(MYCx2)[200]",
)
ABNORMAL = (
    "46,XX,t(9;11)(p21;q23)[15]/46,XX[5]",
    "45,X,-Y[20]",
    "47<2n>,XY,-7,+8,t(9;22)(q34.1;q11.2),i(17)(q10),+der(22)t(9;22)(q34.1;q11.2)",
    "46,XX,t(8;21)(q22;q22)[10]/47,idem,+8[5]",
    "45,XX[20]",
    "45~47,XX[cp20]",
)
UNREADABLE = ("normal", "complex", "nuc ish(9q34,22q11)x2", "//46,XY[20]", "arr(1-22,X)x2", "46,XX?", "", "/")


@pytest.mark.parametrize("text", NORMAL)
def test_every_clone_is_normal(text: str) -> None:
    """What was so from birth is set aside."""
    found = read_karyotype(text)
    assert found is not None
    assert found.normal


@pytest.mark.parametrize("text", ABNORMAL)
def test_one_clone_that_is_not_normal_is_enough(text: str) -> None:
    """Whatever the others are."""
    found = read_karyotype(text)
    assert found is not None
    assert not found.normal


@pytest.mark.parametrize("text", UNREADABLE)
def test_what_is_no_karyotype_of_the_patient_is_none(text: str) -> None:
    """Words, probes in resting nuclei, arrays, and the clones of a donor alone."""
    assert read_karyotype(text) is None


@pytest.mark.parametrize(
    ("text", "pattern", "named"),
    [
        ("t(8;21)(q22;q22)", "t(8;21)(q22;q22)", True),
        ("t(8;21)(q22;q22.1)", "t(8;21)(q22;q22)", True),
        ("t(21;8)(q22;q22)", "t(8;21)(q22;q22)", True),
        ("t(8;21)(q24;q22)", "t(8;21)(q22;q22)", False),
        ("t(8;21)", "t(8;21)(q22;q22)", False),
        ("t(8;21;14)(q22;q22;q32)", "t(8;21)(q22;q22)", False),
        ("inv(16)(p13.1q22.1)", "inv(16)(p13q22)", True),
        ("inv(16)(p11q22)", "inv(16)(p13q22)", False),
        ("inv(9)(p13q22)", "inv(16)(p13q22)", False),
        ("t(16;16)(p13;q22)", "t(16;16)", True),
        ("t(4;11)(q21;q23.3)", "t(*;11)(*;q23)", True),
        ("t(11;19)(q23;p13.1)", "t(*;11)(*;q23)", True),
        ("t(1;3;11)(p36;q21;q23)", "t(*;11)(*;q23)", True),
        ("t(11;14)(q13;q32)", "t(*;11)(*;q23)", False),
        ("?t(4;11)(q21;q23)", "t(*;11)(*;q23)", False),
        ("t(4;11)(q21;q2?3)", "t(*;11)(*;q23)", False),
        ("t(11;22)(q23;q11.2)c", "t(*;11)(*;q23)", False),
        ("del(11)(q23)", "t(*;11)(*;q23)", False),
        ("+der(22)t(9;22)(q34;q11)", "t(9;22)(q34;q11)", True),
    ],
)
def test_a_rearrangement_is_named_by_its_breaks(text: str, pattern: str, named: bool) -> None:
    """With or without sub-bands, in any order; one that is doubted, or was there from birth, names nothing."""
    wanted = pattern_of(pattern)
    assert wanted is not None
    assert any(found.is_of(wanted) for found in rearrangements_in(text)) == named


def test_a_pattern_is_written_whole() -> None:
    """Anything else is none."""
    assert pattern_of("t(9;22)(q34;q11)x") is None
    assert pattern_of("t(9;22)(q34)") is None
    assert pattern_of("hello") is None
