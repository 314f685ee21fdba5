"""A FHIR bulk export: a folder of NDJSON, of one resource type a file, with the resources of many patients.

Patient.ndjson        {"id": "a"} {"id": "b"}                          a, b
Observation.ndjson    {"subject": "Patient/b"} {"subject": "Patient/a"}
                                                                       a: its Patient, one Observation; then b the same

The lines are sorted by patient in a database of their own on disk, so that memory stays flat however many there are.
"""

from __future__ import annotations

import gzip
import json
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import suppress
from itertools import groupby
from pathlib import Path
from typing import IO, Any, cast

from solver.errors import InputError
from solver.patient.readers.fhir.drafts import subjects_of
from solver.patient.readers.fhir.persons import links
from solver.patient.readers.fhir.references import tail
from solver.patterns import pattern
from solver.reading import open_file, unreadable
from solver.text import clean, quote

BULK_ENDINGS = (".ndjson", ".jsonl", ".ndjson.gz", ".jsonl.gz")
_REFERENCE = pattern(rb'"reference"\s*:\s*"((?:[^"\\]|\\.)*)"')
_MOST_LINE = 256_000_000
_TABLES = """
pragma journal_mode = off; pragma synchronous = off; pragma cache_size = -65536;
create table patients (id text primary key, place integer) without rowid;
create table links (old text, new text);
create table lines (place integer, line blob);
create table others (id text, line blob);
create table faults (file text, number integer, told text);
"""


def is_bulk_export(files: list[Path]) -> bool:
    """Whether the first line of some NDJSON files that is JSON is a resource and no Bundle."""
    for file in files:
        with open_file(file, clean(str(file))) as raw, _unpacked(raw, file) as stream:
            try:
                for _, line in _numbered_lines(stream):
                    with suppress(ValueError, RecursionError):
                        first = json.loads(line)
                        return isinstance(first, dict) and first.get("resourceType") not in (None, "Bundle")
            except (OSError, EOFError, zlib.error):
                return False
    return False


def patients_of_bulk(files: list[Path], name: str) -> Iterator[tuple[str, bytes | InputError]]:
    """The id of each patient with the lines of all resources, in the order of the Patient resources; without any, as resources name them.

    What is of no patient, such as a medication, goes to each whose resources refer to it, and all of it where there is one patient only.
    Behind the patients stands each line that is no resource, by file and number, with what is wrong with it: nobody knows whose it was.
    Raises `InputError` with one line where there is neither, or a file is damaged.
    """
    import tempfile  # slow to import, and needed only here

    with tempfile.TemporaryDirectory(prefix="trialproof-") as folder:
        base = sqlite3.connect(Path(folder) / "lines.db", isolation_level=None)
        try:
            yield from _sorted_patients(base, files, name)
        finally:
            base.close()


def _sorted_patients(
    base: sqlite3.Connection, files: list[Path], name: str
) -> Iterator[tuple[str, bytes | InputError]]:
    base.executescript(_TABLES)
    base.execute("begin")
    for file in files:
        for _, line in _lines_of(file):
            if b'"Patient"' in line and isinstance(resource := _resource(line), dict):
                _take_patient(base, resource)
    _join_linked(base)
    (stated,) = base.execute("select count(*) from patients").fetchone()
    for file in files:
        for number, line in _lines_of(file):
            resource = _resource(line)
            if isinstance(resource, str):
                base.execute("insert into faults values (?, ?, ?)", (str(file), number, resource))
            else:
                _take_line(base, resource, line, only_stated=stated > 0)
    base.execute("create index of_lines on lines (place)")
    base.execute("create index of_others on others (id)")
    base.execute("commit")
    (count,) = base.execute("select count(distinct place) from patients").fetchone()
    (faults,) = base.execute("select count(*) from faults").fetchone()
    if not count and not faults:
        raise InputError(f"{name}: holds no resource of a patient")
    rows = base.execute("select place, line from lines order by place, rowid")
    for place, group in groupby(rows, key=lambda row: row[0]):
        lines = [line for _, line in group]
        others = base.execute("select line from others") if count == 1 else _lines_referred_to(base, lines)
        lines += [line for (line,) in others]
        (called,) = base.execute(
            "select id from patients where place = ? order by id in (select old from links), id limit 1",
            (place,),
        ).fetchone()
        yield called, b"\n".join(lines)
    for file, number, told in base.execute("select file, number, told from faults order by rowid"):
        where = f"{clean(file)}:{number}"
        yield where, InputError(f"{where}: {told}; whoever it is of is judged without it")


def _take_patient(base: sqlite3.Connection, resource: dict[str, Any]) -> None:
    if resource["resourceType"] != "Patient":
        return
    named = str(resource.get("id"))
    base.execute("insert or ignore into patients select ?, count(*) from patients", (named,))
    for kind, link in links(resource):
        address = tail(link.address) if link.address else None
        if address is not None and address.startswith("Patient/"):
            pair = named, address.removeprefix("Patient/")
            base.execute("insert into links values (?, ?)", pair[::-1] if kind == "replaces" else pair)


def _join_linked(base: sqlite3.Connection) -> None:
    """Give those who are the same person the first of their places; what is linked in turn takes another round."""
    pairs = "(select old as one, new as two from links union select new, old from links)"
    changed = 1
    while changed:
        changed = base.execute(
            f"update patients set place = other.place from {pairs} as pair, patients as other"
            " where patients.id = pair.one and other.id = pair.two and other.place < patients.place"
        ).rowcount


def _take_line(base: sqlite3.Connection, resource: dict[str, Any], line: bytes, *, only_stated: bool) -> None:
    kind, named = resource.get("resourceType"), resource.get("id")
    patient = str(named) if kind == "Patient" else _patient_of(resource)
    if patient is None:
        base.execute("insert into others values (?, ?)", (f"{kind}/{named}", line))
        return
    found = base.execute("select place from patients where id = ?", (patient,)).fetchone()
    if found is None and only_stated:
        return  # of somebody of whom the export has no Patient, such as a relative
    if found is None:
        base.execute("insert into patients select ?, count(*) from patients", (patient,))
        found = base.execute("select place from patients where id = ?", (patient,)).fetchone()
    base.execute("insert into lines values (?, ?)", (found[0], line))


def _patient_of(resource: dict[str, Any]) -> str | None:
    for subject in subjects_of(resource):
        address = tail(subject.address) if subject.address else None
        if address is not None and address.startswith("Patient/"):
            return address.removeprefix("Patient/")
    return None


def _lines_referred_to(base: sqlite3.Connection, lines: list[bytes]) -> Iterator[tuple[bytes]]:
    """What is of no patient and is referred to, also by what is referred to."""
    seen = set[str]()
    waiting = list(lines)
    while waiting:
        for found in _REFERENCE.finditer(waiting.pop()):
            address = tail(found[1].decode("utf-8", "replace"))
            if address is None or address in seen:
                continue
            seen.add(address)
            for (line,) in base.execute("select line from others where id = ?", (address,)):
                waiting.append(line)
                yield (line,)


def _lines_of(file: Path) -> Iterator[tuple[int, bytes]]:
    name = clean(str(file))
    with open_file(file, name) as raw:
        try:
            with _unpacked(raw, file) as stream:
                yield from _numbered_lines(stream)
        except (EOFError, zlib.error, gzip.BadGzipFile):
            raise InputError(f"{name}: is damaged: it cannot be unpacked") from None
        except OSError as error:
            raise unreadable(name, error) from None


def _resource(line: bytes) -> dict[str, Any] | str:
    """The resource on a line, or what is wrong with it."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return "is not JSON: a bulk export has a resource on each line"
    if not isinstance(found, dict) or not isinstance(found.get("resourceType"), str):
        return "is no FHIR resource: a bulk export has a resource on each line"
    if found["resourceType"] == "Patient" and not isinstance(found.get("id"), str):
        return "the Patient has no id: nothing can refer to it"
    if found["resourceType"] == "Bundle":
        return f"is a {quote('Bundle')}: give Bundles and single resources apart"
    return found


def _numbered_lines(stream: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    number = 0
    while line := stream.readline(_MOST_LINE):
        number += 1
        line = line.removeprefix(b"\xef\xbb\xbf").strip()
        if line:
            yield number, line


def _unpacked(raw: Any, file: Path) -> IO[bytes]:
    return cast("IO[bytes]", gzip.GzipFile(fileobj=raw) if file.name.lower().endswith(".gz") else raw)
