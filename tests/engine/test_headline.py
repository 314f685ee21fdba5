"""The line that says who the patient is, and the facts about safety: what is recorded, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.errors import InputError
from solver.library.load import load_library
from solver.library.models import Library
from solver.matcher import Matcher
from solver.patient.readers.native.read import record_from
from tests.support.drawing.drawn import drawn
from tests.support.drawing.strategies import records
from tests.support.libraries.small_library import folder


def line(library: Library, **facts: Any) -> str:
    """The headline of a record with these facts."""
    record = record_from({"id": "p", "as_of": "2026-11-20", "facts": facts}, library)
    return ", ".join(Matcher(library).match(record, []).headline)


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        ({}, ""),
        ({"birth_date": "1971-11-21"}, "54"),
        ({"birth_date": "1971-11-20", "sex": "F"}, "55 F"),
        ({"birth_date": "1971-11", "sex": "F"}, "54 or 55 F"),
        ({"birth_date": {"min": "1960-01-01", "max": "1971-01-01"}}, "55 to 66"),
        ({"sex": "M", "diagnosis": "B_ALL"}, "M, B-ALL"),
        ({"diagnosis": {"one_of": ["AML", "MDS"]}}, "AML or MDS"),
        ({"diagnosis": "APL"}, "APL"),
        ({"diagnosis": {"one_of": ["CBF_AML", "MDS"]}}, "CBF AML or MDS"),
        ({"apl": True}, ""),  # that it is an AML only follows
        ({"diagnosis": "AML", "disease_status": "relapsed"}, "AML, relapse"),
        ({"disease_status": "relapsed", "relapse_number": 1}, "first relapse"),
        ({"disease_status": "relapsed", "relapse_number": {"min": 1, "max": 2}}, "relapse"),
        ({"relapse_number": 2}, ""),
        ({"disease_status": "remission", "remission_state": "CRi"}, "in CRi"),
        ({"npm1_mutated": True, "kmt2a_rearranged": False, "ecog": 1}, "NPM1+, ECOG 1"),
        ({"npm1_mutated": None, "ecog": {"one_of": [0, 1]}}, "ECOG 0 or 1"),
        ({"ecog": {"max": 2}}, "ECOG 0 to 2"),
    ],
)
def test_the_line_says_what_is_recorded(library: Library, facts: dict[str, Any], text: str) -> None:
    """A part is there where a fact says it; an age that is not certain is told as far as it is known."""
    assert line(library, **facts) == text


@given(st.data())
@drawn(60)
def test_the_line_rests_on_facts_alone(library: Library, data: st.DataObject) -> None:
    """Without a fact, the parts that remain are parts of the whole line: nothing is said that another fact would have to tell."""
    record = data.draw(records(library))
    whole = line_of(library, record)
    names = sorted(record["facts"])
    kept = data.draw(st.sets(st.sampled_from(names))) if names else set()
    facts = {name: fact for name, fact in record["facts"].items() if name in kept}
    left = line_of(library, {**record, "facts": facts})
    assert len(left) <= len(whole)
    assert not left or kept


def line_of(library: Library, record: dict[str, Any]) -> tuple[str, ...]:
    """The headline of a record."""
    return Matcher(library).match(record_from(record, library), []).headline


def test_safety_is_what_is_recorded_as_true(library: Library) -> None:
    """A pregnancy that is denied, or that is not recorded, is no such fact; it is told of a contradictory record as well."""

    def safety(**facts: Any) -> tuple[str, ...]:
        record = record_from({"id": "p", "as_of": "2026-11-20", "facts": facts}, library)
        return Matcher(library).match(record, []).safety

    assert safety(pregnant=False, active_hbv=None) == ()
    assert safety(pregnant=True, active_hbv=True) == ("active_hbv", "pregnant")
    assert safety(pregnant=True, sex="M") == ("pregnant",)


def test_a_fault_of_the_headline_is_told_with_its_place(tmp_path: Path) -> None:
    """An unknown variable in a condition or a text stops the library from loading."""
    text = "headline:\n  - first_of: [{when: grade > 4, text: 'grade {grad}'}]\n"
    with pytest.raises(InputError) as caught:
        load_library(folder(tmp_path, {"vocabulary/zz.yaml": text}), cached=False)
    assert "in '{grad}': unknown name 'grad'" in caught.value.problems[0]
