"""All names of a text that are not known are told at once, with what is meant and its label."""

from __future__ import annotations

from pathlib import Path

import pytest

from solver.errors import InputError, did_you_mean
from tests.support.libraries.concept_library import MEANINGS, concept_library


def faults_of(base: Path, *requirements: str) -> list[str]:
    """What is told of clauses, without the place."""
    with pytest.raises(InputError) as caught:
        concept_library(base, *requirements, files={"vocabulary/means.yaml": MEANINGS})
    return [line.split(": ", 1)[1] for line in caught.value.problems]


def test_every_unknown_name_of_every_clause_is_told(tmp_path: Path) -> None:
    """Names and concepts, in the order of the text, and of all clauses; values of an enumeration are no names."""
    found = faults_of(
        tmp_path,
        "weihgt >= 10 kg and ever(rituximb) and other",
        "fit",
        "gradee <= 2 and diagnosis == AML and within(hmaa, 3 d, anniversary)",
    )
    assert found == [
        "unknown name 'weihgt'; did you mean 'weight' (body weight)?",
        "unknown concept 'rituximb'; did you mean 'rituximab'?",
        "unknown name 'other'",
        "unknown name 'gradee'",
        "unknown concept 'hmaa'",
        "unknown name 'anniversary'",
    ]


def test_other_faults_stand_beside_them(tmp_path: Path) -> None:
    """The first fault of another kind is told with the names that are not known."""
    found = faults_of(tmp_path, "weight >= 10 ms and other and another")
    assert found[1:] == ["unknown name 'other'", "unknown name 'another'"]
    assert "'kg' (mass)" in found[0]


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("flt3_itd", "flt3_tkd"),
        ("ALL", "AML"),
        ("ast", "alt"),
        ("hypokalemia", "hyperkalemia"),
        ("microcytic", "macrocytic"),
        ("unconfirmed", "confirmed"),
        ("npm1_mutated", "npm2_mutated"),
        ("intracranial", "intercranial"),
    ],
)
def test_a_suggestion_never_crosses_meaning(name: str, known: str) -> None:
    """Acronyms, genes and antonyms are not offered for one another."""
    assert did_you_mean(name, [known]) == ""
    assert did_you_mean(known, [name]) == ""
