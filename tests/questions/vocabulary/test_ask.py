"""`match vocabulary`: what to write for a thing, by any of its names."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from solver.library.load import default_encodings, load_library
from solver.library.models import Library
from solver.questions.vocabulary import ask
from solver.questions.vocabulary.answer import VocabularyAnswer
from solver.questions.vocabulary.ask import found_by_words
from solver.questions.vocabulary.page import vocabulary_page
from tests.support.libraries.concept_library import MEANINGS, concept_library


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """The small library with concepts, and variables that mean them."""
    return concept_library(tmp_path_factory.mktemp("v"), files={"vocabulary/means.yaml": MEANINGS})


def names(answer: VocabularyAnswer) -> list[str]:
    """What was found."""
    return [*(v.name for v in answer.variables), *(c.id for c in answer.concepts)]


@pytest.mark.parametrize(
    ("words", "exact", "found"),
    [
        ("MabThera", True, ["rituximab"]),
        ("mab thera", True, ["rituximab"]),
        ("rituximab-abcd", True, ["rituximab"]),
        ("C92.0", True, ["AML"]),
        ("ICD10:C92.4", True, ["APL"]),
        ("apl", True, ["apl", "APL"]),
        ("ALT", True, ["alt"]),
        ("body weight", True, ["weight"]),
        ("cd20", False, ["cd20_date", "anti_cd20"]),
        ("cell carcinoma", False, ["basal_cell_carcinoma"]),
        ("nothing like it", False, []),
    ],
)
def test_a_thing_is_found_by_any_of_its_names(
    library: Library, words: str, exact: bool, found: list[str]
) -> None:
    """By id, synonym, code and label; by a part of these where nothing is called so."""
    answer = found_by_words(library, words)
    assert (answer.exact, names(answer)) == (exact, found)


def test_without_words_everything_is_listed(library: Library) -> None:
    """A line each."""
    answer = found_by_words(library, "")
    assert names(answer) == [*library.variables, *library.concepts]
    assert len(vocabulary_page(answer, 80).lines) == len(names(answer)) + 3


def test_what_is_written_compiles(library: Library, tmp_path: Path) -> None:
    """Each condition that is shown can stand in a clause."""
    answer = found_by_words(library, "")
    texts = [text for each in (*answer.variables, *answer.concepts) for text in each.write]
    assert {"ever(rituximab)", "alt <= 2 ULN", "diagnosis is APL", "within(rituximab, 5 half_lives)"} <= set(
        texts
    )
    compiled = concept_library(tmp_path, *texts, files={"vocabulary/means.yaml": MEANINGS})
    assert len(compiled.trials["ONE"].clauses) == len(texts)


def test_a_concept_is_told_with_its_relatives(library: Library) -> None:
    """What stands above and below it, its half-life, and the variables that mean a term about it."""
    (concept,) = found_by_words(library, "anti_cd20").concepts
    assert (concept.broader, concept.narrower) == (("antibody",), ("rituximab", "obinutuzumab"))
    assert (concept.half_life_days, concept.variables, concept.list) == ("30", ("cd20_date",), "therapies")


def test_words_of_the_shipped_vocabulary(monkeypatch: pytest.MonkeyPatch) -> None:
    """What people write leads to the variable, and what no variable can hold is said."""
    library = load_library(default_encodings())
    # a thousand words are compared with all names: each name is folded once
    for name in ("fold_name", "fold_other_name"):
        monkeypatch.setattr(ask, name, cache(getattr(ask, name)))
    for said, hints in library.names.said.items():
        if said:
            continue
        for word, hint in hints.items():
            answer = found_by_words(library, word)
            assert names(answer) or answer.note, (word, hint)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("lvef", "lvef >= 40 %"),
        ("albumin", "albumin >= 1 LLN"),
        ("total_bilirubin", "total_bilirubin <= 1 mg/dL"),
    ],
)
def test_a_limit_that_is_shown_is_of_a_usual_size(name: str, written: str) -> None:
    """It lies where trials set their limits, on the side that the worse end is refused."""
    (variable,) = found_by_words(load_library(), name).variables
    assert written in variable.write


@pytest.mark.parametrize("words", ["2160-0", "LOINC:2160-0", "loinc:2160-0"])
def test_a_variable_is_told_with_its_codes_and_found_by_them(words: str) -> None:
    """Those that exports are read by, on the page and in the JSON."""
    answer = found_by_words(load_library(), words)
    assert answer.exact
    (variable,) = answer.variables
    assert variable.name == "serum_creatinine"
    assert "2160-0" in variable.codes["LOINC"]
    assert "codes: LOINC:2160-0" in vocabulary_page(answer, 80).plain()
