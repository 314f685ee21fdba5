"""What is written of a record, and read back as the same."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.errors import EngineError
from solver.library.models import Library
from solver.patient.readers.native.read import read_record
from solver.patient.record import Record
from solver.patient.write import record_document
from tests.support.drawing.drawn import drawn
from tests.support.pages.command_line import run_command

DAY = "2026-11-12"
THIRD = {"replicates": [1, 1, 2]}
"""A mean without a decimal form."""
MG, UMOL = {"unit": "mg/dL"}, {"unit": "umol/L"}
DEXA, HYDRO, PRED = (
    {"unit": "mg/d", "drug": drug} for drug in ("dexamethasone", "hydrocortisone", "prednisone")
)


def on_one_day(*results: dict[str, Any]) -> list[dict[str, Any]]:
    """Results of one day."""
    return [{**result, "date": DAY} for result in results]


def document(facts: dict[str, Any]) -> dict[str, Any]:
    """A record with these facts."""
    return {"id": "p", "as_of": "2026-11-20", "facts": facts}


def said(record: Record) -> list[object]:
    """What the facts of a record say, but for their words."""
    return [
        (
            name,
            *(fact.domain, fact.values, fact.date, fact.source),
            *(sorted(fact.limits), fact.multiple, fact.entries, fact.concepts, fact.complete),
        )
        for name, fact in record.facts.items()
    ]


def written(facts: dict[str, Any], library: Library) -> dict[str, Any]:
    """How facts are written, which is read back as the same, and written in the same way again."""
    record = read_record(document(facts), library)
    found = json.loads(json.dumps(record_document(record, library)))
    again = read_record(found, library)
    assert said(again) == said(record)
    assert json.loads(json.dumps(record_document(again, library))) == found
    return dict(found["facts"])


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        ({"value": 1, **MG}, {"value": 1, **MG}),
        ({"value": 70, **UMOL}, {"value": 70, **UMOL}),
        ({"value": 88.4, **UMOL, "uln": 97}, {"value": 88.4, **UMOL, "uln": 97}),
        ({**THIRD, **UMOL, "uln": 97}, {"replicates": [2, 1, 1], **UMOL, "uln": 97}),
        ({**THIRD, **MG, "uln": 1.3}, {"replicates": [2, 1, 1], **MG, "uln": 1.3}),
        (
            on_one_day({**THIRD, **MG}, {"value": 3, **MG}),
            on_one_day({"replicates": [2, 1, 1], **MG}, {"value": 3, **MG}),
        ),
        (
            on_one_day({"value": 70, **UMOL}, {**THIRD, **MG}),
            on_one_day({"value": 70, **UMOL}, {"replicates": [2, 1, 1], **MG}),
        ),
        (
            on_one_day({**THIRD, **MG}, {"min": 130, "max_exclusive": 141, **UMOL}),
            on_one_day({"replicates": [2, 1, 1], **MG}, {"min": 140, "max_exclusive": 141, **UMOL}),
        ),
        (
            on_one_day({"min_exclusive": 70, "max": 71, **UMOL}, {**THIRD, **MG}),
            on_one_day({"min_exclusive": 70, "max": 71, **UMOL}, {"replicates": [2, 1, 1], **MG}),
        ),
        (
            on_one_day({**THIRD, **MG}, {"min": 3, **MG}),
            on_one_day({"replicates": [2, 1, 1], **MG}, {"min": 2, **MG}),
        ),
    ],
)
def test_a_quantity_is_written_in_a_unit_in_which_it_can_be(
    library: Library, fact: Any, expected: Any
) -> None:
    """With its limits of normal; what lies between two results of a day that no unit fits is two again."""
    assert written({"serum_creatinine": fact}, library) == {"serum_creatinine": expected}


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        ({"value": 1, **HYDRO}, {"value": 0.25, **PRED}),
        ({"value": 1, **DEXA}, {"replicates": [8, 6, 6], **PRED}),
        ({"min": 1, "max": 5000, **DEXA}, {"min": 1, "max": 5000, **DEXA}),
        ({"one_of": [1, 2, 5], **DEXA}, {"one_of": [1, 2, 5], **DEXA}),
        ({"min_exclusive": 1, **DEXA}, {"min_exclusive": 1, **DEXA}),
        (
            on_one_day({"value": 1, **DEXA}, {"value": 1, **HYDRO}),
            {"min": 0.0375, "max": 1, **DEXA, "date": DAY},
        ),
    ],
)
def test_a_dose_is_written_of_a_drug_of_which_it_can_be(library: Library, fact: Any, expected: Any) -> None:
    """The one that the variable is reckoned in goes first."""
    assert written({"corticosteroid_daily": fact}, library) == {"corticosteroid_daily": expected}


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        ({**THIRD, "unit": "ULN"}, {"replicates": [2, 1, 1], "unit": "ULN"}),
        (
            on_one_day({**THIRD, "unit": "ULN"}, {"value": 3, "unit": "ULN"}),
            on_one_day({"replicates": [2, 1, 1], "unit": "ULN"}, {"value": 3, "unit": "ULN"}),
        ),
        (
            on_one_day({**THIRD, "unit": "ULN"}, {**THIRD, "unit": "U/L"}, {"value": 3, "unit": "U/L"}),
            on_one_day(
                {"replicates": [2, 1, 1], "unit": "U/L"},
                {"value": 3, "unit": "U/L"},
                {"replicates": [2, 1, 1], "unit": "ULN"},
            ),
        ),
    ],
)
def test_a_multiple_of_a_limit_is_written_as_a_number_is(library: Library, fact: Any, expected: Any) -> None:
    """Beside a value of the same day as well."""
    assert written({"alt": fact}, library) == {"alt": expected}


def test_a_limit_that_stands_beside_a_multiple_of_the_other_is_kept(library: Library) -> None:
    """Also where the results of the day say nothing together."""
    unit = {"unit": "mg/dL"}
    fact = on_one_day({"value": 3, "unit": "LLN"}, {"max": 2, **unit}, {"min": 1, **unit, "uln": 2.6})
    expected = on_one_day({"min": 0, **unit, "uln": 2.6}, {"value": 3, "unit": "LLN"})
    assert written({"magnesium": fact}, library) == {"magnesium": expected}


def test_what_cannot_be_written_is_told(library: Library) -> None:
    """A range of which an end is written in one unit alone, and a limit in the other."""
    fact = on_one_day(
        {"min": 100, "max": 115, **UMOL, "uln": 97}, {"min": 0.748061332422429, "max": 188, **MG}
    )
    record = read_record(document({"serum_creatinine": fact}), library)
    with pytest.raises(EngineError, match="of serum_creatinine has no exact decimal form"):
        record_document(record, library)


def test_the_name_of_an_entry_may_have_a_comma(library: Library) -> None:
    """It is one entry, and stays one."""
    for names in (["cytarabine, daunorubicin"], ["a, b", "c", "d, e, f"], []):
        assert written({"prior_drugs": names}, library) == {"prior_drugs": names}


@given(data=st.data())
@drawn(60)
def test_whatever_is_read_can_be_written(data: st.DataObject, library: Library) -> None:
    """Results of one day in any form, unit and of any drug, with limits of normal and multiples of them."""
    number = st.integers(1, 4000).map(lambda n: n / 8) | st.integers(1, 9).map(lambda n: n / 10)
    pair = st.lists(number, min_size=2, max_size=2, unique=True).map(sorted)
    form = st.one_of(
        number.map(lambda n: {"value": n}),
        st.lists(number, min_size=1, max_size=7).map(lambda several: {"replicates": several}),
        pair.map(lambda two: {"min": two[0], "max": two[1]}),
        pair.map(lambda two: {"min_exclusive": two[0], "max_exclusive": two[1]}),
        number.map(lambda n: {"min_exclusive": n}),
        number.map(lambda n: {"max": n}),
    )
    limits = st.sampled_from([{}, {}, {"uln": 1.5}, {"uln": 0.7}])
    of = {
        "serum_creatinine": st.one_of(
            st.builds(lambda unit, limit: {**unit, **limit}, st.sampled_from([MG, UMOL]), limits),
            st.just({"unit": "ULN"}),
        ),
        "corticosteroid_daily": st.sampled_from([DEXA, HYDRO, PRED]),
        "haemoglobin": st.sampled_from([{"unit": "g/dL"}, {"unit": "mmol/L"}, {"unit": "g/L"}]),
    }
    name = data.draw(st.sampled_from(sorted(of)))
    results = data.draw(
        st.lists(st.builds(lambda one, rest: {**one, **rest}, form, of[name]), min_size=1, max_size=3)
    )
    if len(results) == 1 and data.draw(st.booleans()):
        written({name: results[0]}, library)
    else:
        written({name: on_one_day(*results)}, library)


def test_such_a_record_is_converted() -> None:
    """It is no fault of the program."""
    facts = {
        "corticosteroid_daily": {"min": 1, "max": 5, **DEXA},
        "prior_drugs": ["cytarabine, daunorubicin"],
        "alt": {**THIRD, "unit": "ULN"},
        "serum_creatinine": {"value": 88.4, **UMOL, "uln": 97},
    }
    told = run_command("convert", "-", stdin=json.dumps(document(facts)).encode())
    assert (told.code, told.error) == (0, "")
    assert json.loads(told.output)["facts"] == {
        **facts,
        "alt": {"replicates": [2, 1, 1], "unit": "ULN"},
    }
