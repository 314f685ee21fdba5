"""Each form of a cohort says what native records say."""

from __future__ import annotations

import json
import math
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from solver.errors import InputError
from solver.library.models import Library
from solver.patient.readers.native.read import read_record, record_from
from solver.patient.record import Fact, Record
from solver.screen.cohort import CohortPatient, CohortReading, cohort_patients
from tests.support.drawing.drawn import drawn
from tests.support.drawing.strategies import records
from tests.support.formats.cohorts import cells_of, csv_text, write_parquet
from tests.support.records.worked import Json

pl = pytest.importorskip("polars")
DAY = "2025-06-01"


def patients(library: Library, *paths: Path, **reading: Any) -> list[CohortPatient]:
    """The patients of cohorts."""
    return list(cohort_patients(list(map(str, paths)), library, CohortReading(**reading)))


def read(library: Library, patient: CohortPatient) -> Record:
    """The record of a patient, as it is judged."""
    return record_from(patient.value, library, name="drawn", as_of=None)


def said(fact: Fact) -> Fact:
    """What a fact says, however it is written: a double does not tell 10 from 10.0."""
    return replace(fact, text="")


def table(folder: Path, text: str) -> Path:
    """A CSV file with this text."""
    path = folder / "cohort.csv"
    path.write_text(text, encoding="utf-8", newline="")
    return path


def fact(library: Library, folder: Path, name: str, values: Any, **columns: Any) -> Any:
    """What the one row of a Parquet file with a column says of a variable."""
    path = folder / "one.parquet"
    pl.DataFrame({"as_of": [DAY], name: values, **columns}).write_parquet(path)
    [patient] = patients(library, path)
    record = record_from(patient.value, library, name="one")
    return record.facts.get(name.partition(".")[0])


@given(data=st.data())
@settings(drawn(6), phases=(Phase.explicit, Phase.generate))
def test_tables_and_lines_say_what_records_say(
    data: st.DataObject, library: Library, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A record read from a row of CSV or Parquet, or a line of NDJSON, is the one read from its own file."""
    drawn_records = data.draw(st.tuples(*[records(library, complete=True)] * 4))
    given_records: list[Json] = [
        {key: value for key, value in {**each, "id": f"p{i}"}.items() if key != "context"}
        for i, each in enumerate(drawn_records)
    ]
    expected = [read_record(each, library, name="drawn") for each in given_records]
    folder = tmp_path_factory.mktemp("cohort")
    rows = [cells_of(each, library) for each in given_records]
    write_parquet(folder / "cohort.parquet", rows)
    (folder / "cohort.ndjson").write_text("".join(f"{json.dumps(each)}\n" for each in given_records))
    for path in (table(folder, csv_text(rows)), folder / "cohort.parquet", folder / "cohort.ndjson"):
        found = patients(library, path)
        assert [each.row for each in found] == list(range(1, len(rows) + 1))
        for one, other in zip(found, expected, strict=True):
            record = read(library, one)
            assert record.id == other.id
            assert {name: said(each) for name, each in record.facts.items()} == {
                name: said(each) for name, each in other.facts.items()
            }
            assert (record.as_of, record.events, record.findings, record.closures) == (
                other.as_of,
                other.events,
                other.findings,
                other.closures,
            )


@pytest.mark.parametrize(
    ("series", "said"),
    [
        (pl.Series([0.47]), "0.47"),
        (pl.Series([0.47], dtype=pl.Float32), "0.47"),
        (pl.Series(["0.47"]), "0.47"),
        (pl.Series(["0.470"]).cast(pl.Decimal(10, 3)), "0.47"),
        (pl.Series([math.nextafter(0.47, 1)]), "0.47000000000000003"),
        (pl.Series([2], dtype=pl.UInt8), "2"),
        (pl.Series([1e15]), None),
        (pl.Series([math.nan]), None),
        (pl.Series([True]), None),
        (pl.Series([b"1"]), None),
    ],
)
def test_numbers_are_exact(library: Library, tmp_path: Path, series: Any, said: str | None) -> None:
    """A float is its shortest decimal, a decimal itself, and what is no number, or too large, is refused."""
    record = {"as_of": DAY, "facts": {"weight": {"value": said and float(said), "unit": "kg"}}}
    if said is None:
        with pytest.raises(InputError, match=r"facts\.weight"):
            fact(library, tmp_path, "weight", series)
    else:
        expected = read_record(record, library, name="one").facts["weight"]
        assert fact(library, tmp_path, "weight", series).domain == expected.domain


def test_a_number_has_the_unit_of_its_column_or_of_its_variable(library: Library, tmp_path: Path) -> None:
    """`.unit` holds for every number of a fact; without it a number is in the variable's own unit."""
    own = fact(library, tmp_path, "weight", [61.5])
    assert fact(library, tmp_path, "weight", [61500], **{"weight.unit": ["g"]}).domain == own.domain
    both = {"weight.max": [62], "weight.unit": ["kg"]}
    assert fact(library, tmp_path, "weight.min", [61], **both).domain.high == 62


@pytest.mark.parametrize("written", ["1e15", "1" * 50, "0.1e-60"])
def test_a_number_that_cannot_be_used_is_told_as_in_a_record(
    library: Library, tmp_path: Path, written: str
) -> None:
    """Text in a cell has no quotes that could be left out: it is too large, or too long, as the same number in JSON."""
    told = []
    lines = tmp_path / "cohort.ndjson"
    lines.write_text(
        f'{{"as_of": "{DAY}", "facts": {{"weight": {{"one_of": [{written}, 61], "unit": "kg"}}}}}}\n'
    )
    for path in (table(tmp_path, f"as_of,weight.one_of\n{DAY},{written}|61\n"), lines):
        with pytest.raises(InputError) as raised:
            read(library, patients(library, path)[0])
        told.append(raised.value.problems)
    assert told[0] == told[1]


def test_a_unit_or_a_limit_of_no_value_says_nothing(library: Library, tmp_path: Path) -> None:
    """A table has the site's limits of normal in every row, also where the laboratory has no value."""
    path = table(tmp_path, f"as_of,alt,alt.unit,alt.uln,alt.lln\n{DAY},,U/L,40,5\n{DAY},80,U/L,40,\n")
    nothing, something = (read(library, each).facts for each in patients(library, path))
    assert not nothing
    assert something["alt"].limits == (("uln", 40),)


def test_a_bound_may_be_left_out(library: Library, tmp_path: Path) -> None:
    """`.min_exclusive` says whether the bound is left out; without a bound it is refused."""
    bounds = fact(library, tmp_path, "weight.min", [61], **{"weight.min_exclusive": [True]}).domain
    assert (bounds.low, bounds.low_open) == (61, True)
    bounds = fact(library, tmp_path, "weight.min", [61], **{"weight.min_exclusive": ["false"]}).domain
    assert (bounds.low, bounds.low_open) == (61, False)
    with pytest.raises(InputError, match=r"facts\.weight\.min_exclusive"):
        fact(library, tmp_path, "weight.min_exclusive", [True])


def test_dates_are_dates_or_text(library: Library, tmp_path: Path) -> None:
    """A day may be a date, a moment at midnight, or text, partial ones as text."""
    import datetime

    expected = fact(library, tmp_path, "birth_date", ["1968-04-02"]).domain
    for value in (datetime.date(1968, 4, 2), datetime.datetime(1968, 4, 2)):
        assert fact(library, tmp_path, "birth_date", [value]).domain == expected
    assert not fact(library, tmp_path, "birth_date", ["1968-04"]).exact
    with pytest.raises(InputError, match=r"facts\.birth_date"):
        fact(library, tmp_path, "birth_date", [datetime.datetime(1968, 4, 2, 8)])


def test_lists_are_lists_or_text(library: Library, tmp_path: Path) -> None:
    """A list may be a list, or text with bars; an empty one is a fact, a null is none."""
    expected = fact(library, tmp_path, "prior_drugs", [["azacitidine", "venetoclax"]])
    assert fact(library, tmp_path, "prior_drugs", ["azacitidine|venetoclax"]) == expected
    assert fact(library, tmp_path, "prior_drugs", ["[]"]) == fact(library, tmp_path, "prior_drugs", [[]])
    assert fact(library, tmp_path, "prior_drugs", pl.Series([None], dtype=pl.String)) is None
    assert fact(library, tmp_path, "prior_drugs", [""]) is None


def test_events_are_structs_or_json(library: Library, tmp_path: Path) -> None:
    """The entries of a list of events may be structs, whose nulls say nothing, or the JSON of the list."""
    entries = [{"is": "azacitidine", "start": "2024-01", "line": None}]
    found = []
    for value in ([entries], [json.dumps(entries)]):
        path = tmp_path / "one.parquet"
        pl.DataFrame({"as_of": [DAY], "therapies": value}).write_parquet(path)
        [patient] = patients(library, path)
        found.append(record_from(patient.value, library, name="one").events)
    assert found[0] == found[1] != ()


def test_an_empty_cell_says_nothing_and_no_other_word_does(library: Library, tmp_path: Path) -> None:
    """`NA` is an error, unless `null` names it."""
    path = table(tmp_path, f"id,as_of,sex,weight,weight.unit\na,{DAY},,,kg\nb,{DAY},NA,NA,\n")
    first, second = patients(library, path)
    assert not read(library, first).facts
    with pytest.raises(InputError, match=r"facts\.weight.*\n?.*"):
        read(library, second)
    assert not read(library, patients(library, path, null="NA")[1]).facts


@pytest.mark.parametrize(
    ("column", "told"),
    [
        ("wieght", "column 'wieght' is no variable; did you mean 'weight'?"),
        ("weight.units", "column 'weight.units' is no part of weight; did you mean 'unit'?"),
        ("sex", "column 'sex' is there twice: leave one out"),
        ("", "column '' is no variable: leave it out, or give --ignore-columns"),
    ],
)
def test_a_column_that_says_nothing_is_an_error(
    library: Library, tmp_path: Path, column: str, told: str
) -> None:
    """It is named, with the nearest that says something, before anybody is read."""
    path = table(tmp_path, f"id,sex,{column}\n")
    with pytest.raises(InputError) as raised:
        cohort_patients([str(path)], library, CohortReading())
    assert raised.value.problems == (f"{path}: {told}",)


def test_columns_that_say_nothing_can_be_left_out(library: Library, tmp_path: Path) -> None:
    """The row then says what its other columns say."""
    path = table(tmp_path, f"id,as_of,ward,sex\na,{DAY},7,F\n")
    [patient] = patients(library, path, ignore_columns=True)
    assert patient.value["facts"] == {"sex": "F"}


def test_bad_lines_are_patients_with_an_error(library: Library, tmp_path: Path) -> None:
    """Those after them are read all the same."""
    path = tmp_path / "cohort.csv"
    path.write_bytes(b'id,sex\na\nb,"F"x\nc,\xff\n\nd,"F\r\nM"\ne,F\n')
    found = patients(library, path)
    assert [each.error and each.error.removeprefix(f"{path}:") for each in found] == [
        "1: line 2 has 1 cells, and the header 2",
        "2: line 3 is not CSV: ',' expected after '\"'",
        "3: line 4 is not text in UTF-8: save it as UTF-8",
        None,
        None,
    ]
    lines = tmp_path / "cohort.ndjson"
    lines.write_text(f'{{"as_of": "{DAY}"}}\nnonsense\n{{"resourceType": "Bundle"}}\n')
    errors = [each.error for each in patients(library, lines)]
    assert errors[0] is None
    assert [each.otherwise for each in patients(library, lines)] == [f"cohort:{i}" for i in (1, 2, 3)]
    assert errors[1:] == [
        f"{lines}:2: line 1, column 1: is not JSON: expecting value",
        f"{lines}:3: an export has no day of evaluation: give --as-of YYYY-MM-DD",
    ]


def test_a_folder_holds_a_file_for_each_patient(library: Library, tmp_path: Path) -> None:
    """Files are read in the order of their names; one that is damaged is a patient with an error."""
    (tmp_path / "b.json").write_text(json.dumps({"id": "b", "as_of": DAY}))
    (tmp_path / "a.json").write_text("{")
    (tmp_path / "notes.txt").write_text("nothing")
    first, second = patients(library, tmp_path)
    assert first.error is not None
    assert first.error.startswith(f"{tmp_path / 'a.json'}: line 1")
    assert second.value["id"] == "b"


def test_a_cohort_that_is_not_there_is_told_before_anybody_is_read(library: Library, tmp_path: Path) -> None:
    """Also where it is the second one."""
    path = table(tmp_path, f"id,as_of\na,{DAY}\n")
    with pytest.raises(InputError, match="does not exist"):
        cohort_patients([str(path), str(tmp_path / "none.ndjson")], library, CohortReading())


@pytest.mark.parametrize("path", ["examples/fhir/ward-export", "examples/omop", "examples/phenopackets"])
def test_a_patient_can_be_sent_to_another_process(library: Library, path: str) -> None:
    """What an export says of a patient arrives there as it is."""
    for patient in cohort_patients([path], library, CohortReading(as_of=739940)):
        assert patient.error is None
        assert pickle.loads(pickle.dumps(patient)) == patient
