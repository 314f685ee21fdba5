"""Native records that gzip packed: each is read as what is in it, and named as the file is."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path

import pytest

from solver.errors import InputError
from solver.library.models import Library
from solver.patient.readers.formats import entries_of_content, line_entries, patient_entries
from solver.patient.readers.native.read import read_record
from solver.reading import read_some, unpacked_stream
from solver.screen.cohort import CohortReading, cohort_patients
from tests.support.pages.command_line import run_command

RECORDS = Path(__file__).parent / "records"
MINIMAL = (RECORDS / "good" / "minimal.json").read_bytes()
NAMELESS = b'{"as_of": "2026-11-20", "facts": {"sex": "F"}}'


@pytest.mark.parametrize("name", ["complete", "minimal"])
def test_a_packed_record_is_the_one_that_is_packed(tmp_path: Path, library: Library, name: str) -> None:
    """Whoever reads it, whatever its name is, and with a byte order mark."""
    content = (RECORDS / "good" / f"{name}.json").read_bytes()
    expected = read_record(content, library, name=f"{name}.json")
    for begin in (b"", b"\xef\xbb\xbf"):
        for called in (f"{name}.json.gz", f"{name}.json"):
            path = tmp_path / called
            path.write_bytes(gzip.compress(begin + content.removeprefix(b"\xef\xbb\xbf")))
            assert read_record(path, library, name=f"{name}.json") == expected
            (entry,) = patient_entries(path)
            assert entry.name == str(path)
            assert read_record(entry.value, library, name=f"{name}.json") == expected
            [patient] = cohort_patients([str(path)], library, CohortReading())
            assert read_record(patient.value, library, name=f"{name}.json") == expected


@pytest.mark.parametrize(
    "name", ["no-unit.json", "latin1.json", "duplicate-key.json", "deep.json", "only-bom.json", "nan.json"]
)
def test_what_is_wrong_with_a_packed_record_is_said_of_it(
    tmp_path: Path, library: Library, name: str
) -> None:
    """In the words in which it is said of the record that is packed."""
    content = (RECORDS / "bad" / name).read_bytes()
    (tmp_path / f"{name}.gz").write_bytes(gzip.compress(content))
    with pytest.raises(InputError) as plain:
        read_record(content, library, name="bad.json")
    with pytest.raises(InputError) as packed:
        read_record(tmp_path / f"{name}.gz", library, name="bad.json")
    assert packed.value.problems == plain.value.problems


def test_records_without_an_id_are_called_as_their_file_without_both_endings(tmp_path: Path) -> None:
    """So are lines, of which a file of the name has one each, even if it has but one."""
    (tmp_path / "ward.json.gz").write_bytes(gzip.compress(NAMELESS))
    (tmp_path / "ward.ndjson.gz").write_bytes(gzip.compress(NAMELESS))
    told = run_command(
        *(str(tmp_path / f"ward.{kind}.gz") for kind in ("json", "ndjson")), "--format", "json"
    )
    assert told.code == 0
    assert [json.loads(line)["patient"] for line in told.output.splitlines()] == ["ward", "ward:1"]
    for entries in (line_entries, patient_entries):
        [entry] = entries(tmp_path / "ward.ndjson.gz")
        assert (entry.name, entry.value["id"]) == (f"{tmp_path / 'ward.ndjson.gz'}:1", "ward:1")
    path = tmp_path / "facts.json.gz"
    path.write_bytes(gzip.compress(MINIMAL))
    [same] = entries_of_content(path.read_bytes(), "facts.json.gz")
    assert same.value == json.loads(MINIMAL)


def test_standard_input_may_be_packed() -> None:
    """As a file may be."""
    told = run_command("-", "--format", "json", stdin=gzip.compress(NAMELESS))
    assert told == run_command("-", "--format", "json", stdin=NAMELESS)
    assert told.code == 0


@pytest.mark.parametrize("kept", [3, 12, -9, -1])
@pytest.mark.parametrize("name", ["cut.json.gz", "cut.ndjson.gz"])
def test_what_cannot_be_unpacked_is_refused_in_a_line(tmp_path: Path, kept: int, name: str) -> None:
    """Wherever it is cut off, and by every verb."""
    path = tmp_path / name
    path.write_bytes(gzip.compress(NAMELESS * 500)[:kept])
    for words in ([], ["convert"], ["screen"], ["explain"]):
        told = run_command(*words, str(path))
        assert told.code == 2
        assert told.error.splitlines()[0] == f"error: {path}: is damaged: it cannot be unpacked"


def test_changed_bytes_are_told(tmp_path: Path) -> None:
    """By the sum that gzip keeps of them, or because they are none of its own."""
    whole = bytearray(gzip.compress(NAMELESS))
    for place in (2, 12, len(whole) - 6):
        path = tmp_path / f"changed-{place}.json.gz"
        changed = bytearray(whole)
        changed[place] ^= 0xFF
        path.write_bytes(changed)
        told = run_command(str(path))
        assert (told.code, told.error.splitlines()[0]) == (
            2,
            f"error: {path}: is damaged: it cannot be unpacked",
        )


def test_a_small_file_with_much_in_it_is_no_burden(tmp_path: Path) -> None:
    """No more is unpacked than is needed to see that it is too long."""
    path = tmp_path / "large.json.gz"
    path.write_bytes(gzip.compress(b" " * 300_000_000))
    told = run_command(str(path))
    assert told.code == 2
    assert told.error == f"error: {path}: is larger than 10 MB: a record is a few thousand bytes\n"


def test_a_stream_is_read_as_it_comes() -> None:
    """What is there is unpacked before the rest is."""
    packed = gzip.compress(b"one\n") + gzip.compress(b"two\n")
    source = io.BufferedReader(io.BytesIO(packed))  # type: ignore[arg-type]
    stream = unpacked_stream(read_some(source, 10), source, "lines")
    assert list(stream) == [b"one\n", b"two\n"]
