"""Files of several records: NDJSON and arrays, wherever a record is read."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cli import main
from solver.errors import InputError
from solver.library.models import Library
from solver.patient.readers.formats import PatientEntry, patient_entries
from solver.patient.readers.native.several import entries_in

AS_OF = "2026-11-20"
HOSTILE = "a\x1b[31m\u202e\x07\nz"


def record(name: str | None = None, **facts: Any) -> dict[str, Any]:
    """A record, with an id if it has one."""
    return {**({"id": name} if name else {}), "as_of": AS_OF, "facts": facts}


def found(path: Path, content: bytes) -> list[PatientEntry]:
    """The records of a file with this content."""
    path.write_bytes(content)
    return list(patient_entries(path))


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str, stdin: bytes = b"") -> int:
    """The exit code of the command line."""
    monkeypatch.setattr(sys, "argv", ["match", *arguments])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
    return main()


ONE = json.dumps(record("one")).encode()
TWO = json.dumps(record("two")).encode()

ONE_RECORD = {
    "a line": ONE,
    "a line with its end": ONE + b"\n",
    "blank lines and comments about it": b"\xef\xbb\xbf\n// who\n" + ONE + b"\r\n\r\n// end\n",
    "many lines": json.dumps(record("one"), indent=1).encode(),
    "many lines, the second an object": b'{"facts":\n{}\n, "as_of": "2026-11-20", "id": "one"}',
    "many lines with carriage returns": json.dumps(record("one"), indent=1).replace("\n", "\r\n").encode(),
}


@pytest.mark.parametrize("form", ONE_RECORD)
def test_one_object_is_one_record(tmp_path: Path, form: str) -> None:
    """However one object is laid out, it is one record, which messages call by its file."""
    (entry,) = found(tmp_path / "p.json", ONE_RECORD[form])
    assert entry.error is None
    assert entry.value["id"] == "one"
    assert entry.name == str(tmp_path / "p.json")


SEVERAL = {
    "lines": (ONE + b"\n" + TWO + b"\n", [":1", ":2"]),
    "no end of the last line": (ONE + b"\n" + TWO, [":1", ":2"]),
    "carriage returns, blank lines, a mark of order": (
        b"\xef\xbb\xbf" + ONE + b"\r\n\r\n// c\r\n" + TWO + b"\r\n",
        [":1", ":4"],
    ),
    "an array": (b"[" + ONE + b",\n" + TWO + b"]", ["[0]", "[1]"]),
    "an array over many lines": (
        json.dumps([record("one"), record("two")], indent=2).encode(),
        ["[0]", "[1]"],
    ),
}


@pytest.mark.parametrize("form", SEVERAL)
def test_several_records_are_read_one_by_one(tmp_path: Path, form: str) -> None:
    """Lines and arrays give every record in order, with its line counted from 1 or its index from 0."""
    content, places = SEVERAL[form]
    read = found(tmp_path / "p.json", content)
    assert [entry.value["id"] for entry in read] == ["one", "two"]
    assert [entry.name for entry in read] == [f"{tmp_path / 'p.json'}{place}" for place in places]


def test_a_file_named_so_has_lines_even_if_it_has_one(tmp_path: Path) -> None:
    """The ending of a name says that a file is NDJSON, so that names do not change with the number of records."""
    nameless = json.dumps(record()).encode()
    (entry,) = found(tmp_path / "cohort.ndjson", nameless)
    assert (entry.name, entry.value["id"]) == (f"{tmp_path / 'cohort.ndjson'}:1", "cohort:1")


@pytest.mark.parametrize("broken", [b'{"id": "x', b"nonsense", b"{]", b'{"a": 1}}', b"\xff\xfe", b"[" * 200])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_broken_line_leaves_the_others(tmp_path: Path, broken: bytes, place: int) -> None:
    """Wherever a line is cut off or nonsense, that line alone is wrong, and named."""
    if place == 0 and broken.startswith(b"["):
        return  # an array that is never closed
    lines = [ONE, TWO]
    lines.insert(place, broken)
    read = found(tmp_path / "p.json", b"\n".join(lines))
    assert [entry.error is not None for entry in read] == [number == place for number in range(3)]
    error = read[place].error
    assert error is not None
    assert error.problems[0].startswith(f"{tmp_path / 'p.json'}:{place + 1}: ")


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "is empty"), (b"\n// c\n", "is empty"), (b"[]", "holds no record: the list is empty")],
)
def test_a_file_without_a_record_is_an_error(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    content: bytes,
    reason: str,
) -> None:
    """Nothing to answer is said, with exit code 2."""
    (tmp_path / "p.json").write_bytes(content)
    assert run(monkeypatch, str(tmp_path / "p.json")) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert reason in err


def test_a_line_that_is_too_long_leaves_the_others(tmp_path: Path) -> None:
    """The limit of 10 MB is one of a record, not of a file."""
    read = found(tmp_path / "p.ndjson", ONE + b"\n" + b" " * 10_000_001 + b"{}\n" + TWO)
    assert [entry.error is None for entry in read] == [True, False, True]
    assert read[1].error
    assert "p.ndjson:2: is larger than 10 MB" in read[1].error.problems[0]


def test_a_long_file_is_read_as_it_is_needed(tmp_path: Path) -> None:
    """The first records are there before the last is read, however long the file."""
    path = tmp_path / "p.ndjson"
    with open(path, "wb") as file:
        file.writelines(ONE + b"\n" for _ in range(1000))
        reader = patient_entries(path)
        assert next(reader).value["id"] == "one"
        file.write(TWO)
    assert [entry.value["id"] for entry in reader][-1] == "two"


VERBS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "match": ((), ("--trials", "K017")),
    "explain": (("explain",), ("K017",)),
    "when": (("when",), ("K017",)),
    "tests": (("tests",), ("K017",)),
    "what-if": (("what-if",), ("ecog=1", "--trials", "K017")),
    "sequence": (("sequence",), ("--trials", "K017")),
    "export": (("export", "--smtlib"), ("K017",)),
}


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_answers_every_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], verb: str
) -> None:
    """Answers are one a line, under the records' own ids unchanged; a wrong record is reported and the others are answered."""
    before, after = VERBS[verb]
    young = {"birth_date": "2018-02-11"}
    content = [
        record(HOSTILE, **young),
        record(None, **young),
        record("bad", ecog="x"),
        record("last", **young),
    ]
    path = tmp_path / "cohort.ndjson"
    path.write_text("\n".join(map(json.dumps, content)), encoding="utf-8")
    assert run(monkeypatch, *before, str(path), *after, "--format", "json") == 2
    out, err = capfd.readouterr()
    assert [json.loads(line)["patient"] for line in out.splitlines()] == [HOSTILE, "cohort:2", "last"]
    assert "\x1b" not in out
    assert err.startswith(f"error: {path}:3: facts.ecog: 'x' is not a number")
    assert err.count("\n") == 1
    assert run(monkeypatch, *before, "-", *after, stdin=json.dumps(content[:2]).encode()) == 0
    out, err = capfd.readouterr()
    assert err == ""
    assert "\x1b" not in out


def test_the_page_of_several_records_is_that_of_several_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Whether records stand in one file or in two, people see the same."""
    for name, content in (("one.json", ONE), ("two.json", TWO), ("both.json", ONE + b"\n" + TWO)):
        (tmp_path / name).write_bytes(content)
    assert run(monkeypatch, str(tmp_path / "one.json"), str(tmp_path / "two.json"), "--trials", "K017") == 0
    apart = capfd.readouterr().out
    assert run(monkeypatch, str(tmp_path / "both.json"), "--trials", "K017") == 0
    assert capfd.readouterr().out == apart


def test_certificates_of_two_patients_are_kept_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A second record with an id that is taken writes no file over the first's."""
    path = tmp_path / "p.ndjson"
    path.write_bytes(ONE + b"\n" + ONE)
    assert run(monkeypatch, "export", "--smtlib", str(path), "K017", "-o", str(tmp_path / "out")) == 2
    assert "p.ndjson:2: has the id of an earlier record" in capfd.readouterr().err


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.text(max_size=12).filter(str.strip), min_size=2, max_size=4),
    st.sampled_from(["\n", "\r\n", "\n\n"]),
)
def test_ids_come_back_as_they_are(tmp_path: Path, library: Library, names: list[str], between: str) -> None:
    """Whatever text an id is, lines and arrays give it back unchanged."""
    contents = [record(name) for name in names]
    lines = found(tmp_path / "p.json", between.join(map(json.dumps, contents)).encode())
    array = found(tmp_path / "p.json", json.dumps(contents).encode())
    assert [entry.value["id"] for entry in lines] == [entry.value["id"] for entry in array] == names


def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    """A missing file is told as for one record."""
    with pytest.raises(InputError, match="does not exist: check the path"):
        list(patient_entries(tmp_path / "none.ndjson"))


def test_what_is_no_record_is_told_which_formats_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file with no key of a record, and FHIR in an array, are told in one line that says what is read."""
    for content, told in (
        (b'{"name": "x", "accession": "y"}', "has no key of a record"),
        (b'[{"resourceType": "Patient"}]', "is FHIR where a record is expected"),
    ):
        path = tmp_path / "p.json"
        path.write_bytes(content)
        assert run(monkeypatch, str(path), "--as-of", AS_OF) == 2
        error = capsys.readouterr().err
        assert told in error
        assert error.count("\n") == 1


@pytest.mark.parametrize("begin", [b"", ONE + b"\n", ONE + b"\n" + TWO + b"\n", b"{\n"])
@pytest.mark.parametrize("name", ["p.json", "p.ndjson"])
def test_lines_that_say_nothing_are_not_kept_for_ever(begin: bytes, name: str) -> None:
    """A packed file of a few bytes may have very many: records before them are read, and they are too long for one."""

    class Endless(io.RawIOBase):
        """A stream that goes on with comments, of which nobody needs more than a few."""

        left = 100

        def __init__(self) -> None:
            self.begin = io.BytesIO(begin)

        def readline(self, size: int | None = -1) -> bytes:
            line = self.begin.readline(size)
            if not line:
                self.left -= 1
                assert self.left, "it is read to its end"
                return b"//" + b" " * 999_997 + b"\n"
            return line

    entries = entries_in(Endless(), name)  # type: ignore[arg-type]
    whole = begin.count(b"id")
    assert [next(entries).value["id"] for _ in range(whole)] == ["one", "two"][:whole]
    if begin == b"" or (name == "p.json" and whole < 2):
        told = next(entries).error
        assert told is not None
        assert "is larger than 10 MB" in str(told)
