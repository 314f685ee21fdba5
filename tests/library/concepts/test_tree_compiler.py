"""The tree of concepts: what it says of narrower things and names, and what is said of a wrong file."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from solver.errors import InputError
from solver.language.concepts import ConceptKind, ConceptSet, ConceptTree
from tests.support.libraries.concept_library import CONCEPTS, concept_library


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> ConceptTree:
    """The small tree."""
    return concept_library(tmp_path_factory.mktemp("tree")).concepts


def test_narrower_reaches_through_the_tree(tree: ConceptTree) -> None:
    """The concept itself, what stands under it at any depth, and what stands under two."""
    assert tree.narrower("antibody") == {"antibody", "anti_cd20", "rituximab", "obinutuzumab"}
    assert tree.narrower("rituximab") == {"rituximab"}
    assert "cd123_car" in tree.narrower("cell_therapy") & tree.narrower("anti_cd123")
    assert {"AML", "APL", "MDS"} < tree.narrower("malignancy")
    assert tree.broader("cd123_car") == {"cd123_car", "car_t", "cell_therapy", "anti_cd123"}


def test_concepts_overlap_where_something_is_narrower_than_both(tree: ConceptTree) -> None:
    """One under the other, or a third one under both; brothers do not."""
    assert tree.overlap("antibody", "rituximab")
    assert tree.overlap("car_t", "anti_cd123")
    assert not tree.overlap("car_t", "car_nk")


def test_members_leave_out_the_exceptions(tree: ConceptTree) -> None:
    """What is narrower than an exception is left out with it."""
    of = ConceptSet("condition", "malignancy", frozenset({"skin_cancer", "AML"}))
    assert tree.members(of) == {"malignancy", "cervix_in_situ", "MDS"}
    assert of.text == "malignancy except {AML, skin_cancer}"


@pytest.mark.parametrize(
    ("kind", "text", "found"),
    [
        ("therapy", "rituximab", "rituximab"),
        ("therapy", "RITUXAN (R)", "rituximab"),
        ("therapy", "rituximab-abcd", "rituximab"),
        ("therapy", "anti cd-20", "anti_cd20"),
        ("therapy", "RxNorm:121191", "rituximab"),
        ("therapy", "rxnorm:121191", "rituximab"),
        ("condition", "rituximab", None),
        ("condition", "hiv-abcd", None),
        ("condition", "ICD10:B24", "hiv"),
        ("therapy", "XYZ-123", None),
        ("diagnosis", "aml", "AML"),
    ],
)
def test_names_and_codes_are_recognised(
    tree: ConceptTree, kind: ConceptKind, text: str, found: str | None
) -> None:
    """By id, synonym or code; official suffixes are taken off a therapy only."""
    assert tree.resolve(kind, text) == found


def test_a_list_takes_the_kinds_that_can_stand_in_it(tree: ConceptTree) -> None:
    """Conditions and diagnoses stand in `conditions`; therapies do not."""
    assert tree.in_list("conditions", "AML") == "AML"
    assert tree.in_list("conditions", "hiv") == "hiv"
    assert tree.in_list("conditions", "rituximab") is None


def test_a_narrower_concept_lasts_as_the_broader_one(tree: ConceptTree) -> None:
    """A CAR-T infusion is a day, since cellular therapy is; HIV is for life; a half-life is exact."""
    lasts = {name: concept.lasts for name, concept in tree.concepts.items()}
    assert (lasts["car_t"], lasts["hiv"], lasts["rituximab"], lasts["cd123_car"]) == (
        "day",
        "life",
        "span",
        "day",
    )
    assert tree["rituximab"].half_life_days == 22
    assert tree["azacitidine"].half_life_days == Fraction(1, 24)


@pytest.mark.parametrize(
    ("more", "at", "told"),
    [
        ("broader: [nothing]", "nothing", "unknown concept 'nothing'"),
        ("broader: [rituximb]", "rituximb", "unknown concept 'rituximb'; did you mean 'rituximab'?"),
        ("broader: [hiv]", "hiv", "'hiv' is a condition, and a therapy cannot stand under it"),
        ("broader: [car_t, car_t]", "car_t]", "'car_t' is named twice"),
        ("names: [Mab-Thera]", "Mab-", "'Mab-Thera' is already a name of 'rituximab'"),
        ("names: ['--']", "'--'", "'--' has nothing that names are compared by"),
        (
            "codes: {rxnorm: ['121191']}",
            "'121191'",
            "the code '121191' is already one of 'rituximab', which is nei",
        ),
        (
            "broader: [car_t, hma]",
            "other",
            "what stands above 'other' lasts differently, 'car_t' day and 'hma' span",
        ),
        (
            "broader: [rituximab], half_life: 23 d",
            "23",
            "a half-life longer than that of 'rituximab', which is broader",
        ),
        ("half_life: 3 mg", "3 mg", "'3 mg' is no length of time: write it as 20 d or 36 h"),
        ("half_life: soon", "soon", "'soon' is no length of time: write it as 20 d or 36 h"),
        ("level: '1'", "'1'", "'level' is for findings, and 'other' is a therapy"),
        ("lasts: ever", "ever", "'ever' is not allowed for 'lasts': expected 'span', 'day' or 'life'"),
    ],
)
def test_a_wrong_concept_is_told_with_its_place(tmp_path: Path, more: str, at: str, told: str) -> None:
    """Each fault is one line, with file, line and column."""
    text = f"  - {{id: other, kind: therapy, label: x, {more}}}"
    with pytest.raises(InputError) as caught:
        concept_library(tmp_path, concepts=f"{CONCEPTS}{text}\n")
    (line,) = caught.value.problems
    name, row, column, message = line.split(":", 3)
    assert name == f"{tmp_path}/own/concepts/all.yaml"
    assert int(row) == CONCEPTS.count("\n") + 1
    assert text[int(column) - 1 :].startswith(at)
    assert told in message


def test_a_circle_is_told_once(tmp_path: Path) -> None:
    """Three concepts that stand under one another, and a fourth under one of them, are one fault."""
    ring = "".join(
        f"  - {{id: {name}, kind: therapy, label: x, broader: [{above}]}}\n"
        for name, above in (("w", "v"), ("v", "u"), ("u", "t"), ("t", "v"))
    )
    with pytest.raises(InputError) as caught:
        concept_library(tmp_path, concepts=CONCEPTS + ring)
    (line,) = caught.value.problems
    assert "a circle: 'v' under 'u' under 't' under 'v'; take one of these parents out" in line


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("rituximab", "the concept 'rituximab' is declared twice"),
        ("alt", "'alt' is the name of a variable or a definition: choose another id"),
        ("contains", "'contains' is a word of the language or of SMT-LIB: choose another id"),
        ("x-y", "is not a valid id"),
    ],
)
def test_an_id_is_free(tmp_path: Path, name: str, told: str) -> None:
    """An id is unique across the kinds, no variable's name, and no word of the language."""
    with pytest.raises(InputError) as caught:
        concept_library(tmp_path, concepts=CONCEPTS + f"  - {{id: {name}, kind: condition, label: x}}\n")
    assert told in str(caught.value)
