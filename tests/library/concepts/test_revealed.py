"""Which tests tell of the terms that are asked about concepts and results."""

from __future__ import annotations

from pathlib import Path

import pytest

from solver.errors import InputError
from tests.support.libraries.concept_library import concept_library

WORKUP = """\
burdens: [{id: light, label: light, weight: 1}]
tests:
  - {id: all, label: all, reveals: [first_dose, birth, fit, grade, alt, weight], burden: light, days: 0, source: s}
  - {id: history, label: history, reveals: [therapies, malignancy], burden: light, days: 0, source: s}
  - {id: panel, label: panel, reveals: [flt3_itd], burden: light, days: 3, source: s}
"""
CLAUSES = (
    "ever(hma)",
    "within(rituximab, 3 d)",
    "ever(basal_cell_carcinoma)",
    "ever(AML)",
    "ever(hiv)",
    "present(flt3)",
    "level(flt3_itd) >= 1",
    "alt <= 2 ULN",
    "measured(alt) <= as_of",
)


def test_a_test_tells_of_lists_and_concepts(tmp_path: Path) -> None:
    """Of all of a list, of a concept and what is narrower, of the limits and the day of a result; else one is asked."""
    library = concept_library(tmp_path, *CLAUSES, files={"workup.yaml": WORKUP})
    told = {name: test.reveals for name, test in library.tests_of_terms.items()}
    assert set(told["all"][6:]) == {"uln(alt)", "measured(alt)"}
    assert set(told["history"]) == {
        "ever(hma)",
        "last_end(rituximab)",
        "ever(basal_cell_carcinoma)",
        "ever(AML)",
    }
    assert told["panel"] == ("level(flt3_itd)",)
    assert (told["ask:conditions"], told["ask:findings"]) == (("ever(hiv)",), ("present(flt3)",))
    assert library.tests["history"].reveals == ()


@pytest.mark.parametrize("name", ["malignanci", "nothing"])
def test_what_a_test_reveals_is_known(tmp_path: Path, name: str) -> None:
    """A variable, a concept, or a list of a record."""
    with pytest.raises(InputError, match=f"unknown variable or concept '{name}'"):
        concept_library(tmp_path, files={"workup.yaml": WORKUP.replace("malignancy", name)})
