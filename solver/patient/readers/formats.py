"""The door to records of every format: which reader fits a source is told by what it holds, never by its name.

{"facts": {...}}                            a native record, also several, see `several`
{"resourceType": "Bundle", ...}             FHIR: a Bundle or a resource, NDJSON of them, or a folder of such files
{"subject": {...}, "metaData": {...}}       a Phenopacket
person.csv, a DuckDB file, postgresql://    an OMOP database
"""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, BinaryIO, Literal

from solver.dataclass import dataclass
from solver.errors import InputError
from solver.library.models import Library
from solver.patient.account import Account
from solver.patient.readers.native.json_text import MOST_BYTES, STANDARD_INPUT, display_name, parse_json
from solver.patient.readers.native.several import RecordEntry, entries_in, line_entry, significant_lines
from solver.patterns import pattern
from solver.reading import PACKED, open_file, read_some, unpacked_stream, unreadable
from solver.text import clean

if TYPE_CHECKING:  # a native record needs none of what exports say
    from solver.patient.readers.foreign.statements import Export

Format = Literal["FHIR bundle", "Phenopacket", "OMOP database"]
"""What a foreign format is called."""

_ADDRESSES = ("postgresql://", "postgres://")
_ENDINGS = pattern(r"(\.(json|ndjson|jsonl|duckdb|db))?(\.gz)?$", re.IGNORECASE)
_OF_A_FOLDER = (".json", ".ndjson", ".json.gz", ".ndjson.gz")
_DUCKDB, _BOM = b"DUCK", b"\xef\xbb\xbf"
_FIRST_LOOK = 1 << 16
MOST_OF_EXPORT = 256_000_000
"""The longest line that may hold an export."""
_TOKENS = pattern(rb'"((?:[^"\\]|\\.)*)"(\s*:)?|[{}\[\]]', re.DOTALL)
_OF_A_PACKET = {b"subject", b"proband", b"members", b"phenotypicFeatures"}


@dataclass(frozen=True, slots=True)
class PatientChoice:
    """Which patients of an export with several are meant: those with these ids, or every one.

    With `no_ids` the persons of a database and their rows are named by position. With `cohort` they are those of this cohort of a database,
    each on the day of entry.
    """

    ids: tuple[str, ...] = ()
    every: bool = False
    no_ids: bool = False
    cohort: int | None = None

    @property
    def one(self) -> str | None:
        """The only one that is named, if any; raises `InputError` for several, which only a database gives."""
        if len(self.ids) > 1:
            raise InputError("--patient: several can be chosen from an OMOP database only: name one")
        return self.ids[0] if self.ids else None


@dataclass(frozen=True, slots=True)
class PatientExport:
    """One patient's export, not yet read. `stem` is what a record of it is called; `read` reads it for a day of evaluation.

    `as_of` is that day where the source has one for each patient.
    """

    format: Format
    stem: str
    read: Callable[[Library, int], tuple[Export, Account]]
    as_of: int | None = None


@dataclass(frozen=True, slots=True)
class PatientEntry(RecordEntry):
    """One patient of a source: a native record as it stands in a file, or an `export`."""

    export: PatientExport | None = None


def patient_entries(
    path: str | os.PathLike[str], choice: PatientChoice | None = None
) -> Iterator[PatientEntry]:
    """The patients of a file, a folder, a database or standard input (`-`), one after another.

    Raises `InputError` with one line if it cannot be read, or holds nobody.
    """
    choice = choice or PatientChoice()
    text, name = os.fspath(path), display_name(path)
    if text.startswith(_ADDRESSES):
        yield from _person_entries(text, "OMOP database", choice)
        return
    if text != "-" and os.path.isdir(text):
        if is_database(text):
            yield from _person_entries(text, name, choice)
        elif not any(each.endswith(_OF_A_FOLDER) for each in os.listdir(text)):
            raise InputError(
                f"{name}: is a directory without an export: give a file, or a folder with *.json"
            )
        else:
            yield _fhir_entry(text, name, choice)
        return
    with nullcontext(sys.stdin.buffer) if text == "-" else open_file(path, name, streams=True) as raw:
        try:
            begin = read_some(raw, _FIRST_LOOK)
            if begin[8:12] == _DUCKDB and text != "-":
                yield from _person_entries(text, name, choice)
            else:
                yield from _entries_of(begin, raw, name, choice)
        except (OSError, ValueError) as error:
            raise unreadable(name, error) from None


def entries_of_content(content: bytes, name: str) -> Iterator[PatientEntry]:
    """The patients of what a file holds, which messages call `name`; see `patient_entries`."""
    raw = io.BytesIO(content)
    yield from _entries_of(read_some(raw, _FIRST_LOOK), raw, clean(name), PatientChoice())


def _entries_of(begin: bytes, raw: BinaryIO, name: str, choice: PatientChoice) -> Iterator[PatientEntry]:
    """The patients of a stream, of which the beginning was read."""
    begin, found = _looked_into(begin, raw)
    stream = unpacked_stream(begin, raw, name)
    if found == "FHIR bundle":
        yield _fhir_entry(stream, name, choice)
    elif found == "Phenopacket":
        yield _packet_entry(stream, name, choice)
    else:
        for entry in entries_in(stream, name):
            yield PatientEntry(entry.name, entry.value, entry.error)


def bulk_entries(files: list[Path], name: str) -> Iterator[PatientEntry]:
    """The patients of a FHIR bulk export: NDJSON files with the resources of many."""
    from solver.patient.readers.fhir.bulk_export import patients_of_bulk

    for patient, lines in patients_of_bulk(files, name):
        if isinstance(lines, InputError):
            yield PatientEntry(patient, error=lines)
            continue
        called = f"{name}:{clean(patient)}"
        entry = _fhir_entry(io.BytesIO(lines), called, PatientChoice())
        assert entry.export is not None
        yield replace(entry, export=replace(entry.export, stem=patient))


def line_entries(path: str | os.PathLike[str]) -> Iterator[PatientEntry]:
    """The patients of NDJSON with a patient on each line, a native record or an export; `-` is standard input.

    Raises `InputError` with one line if it cannot be read, or holds nobody.
    """
    name = display_name(path)
    with (
        nullcontext(sys.stdin.buffer)
        if os.fspath(path) == "-"
        else open_file(path, name, streams=True) as raw
    ):
        count = 0
        try:
            stream = unpacked_stream(read_some(raw, _FIRST_LOOK), raw, name)
            for number, line in significant_lines(stream, MOST_OF_EXPORT):
                count += 1
                yield _line_entry(number, line, name)
        except (OSError, ValueError) as error:
            raise unreadable(name, error) from None
    if not count:
        raise InputError(f"{name}: is empty: give a patient on each line")


def _line_entry(number: int, line: bytes, name: str) -> PatientEntry:
    found, called = _format_of(line.removeprefix(_BOM)), f"{name}:{number}"
    if found in ("FHIR bundle", "Phenopacket"):
        make = _fhir_entry if found == "FHIR bundle" else _packet_entry
        entry = make(io.BytesIO(line), called, PatientChoice())
        assert entry.export is not None
        return replace(entry, export=replace(entry.export, stem=f"{_name_stem(name)}:{number}"))
    record = line_entry(number, line, name)
    return PatientEntry(record.name, record.value, record.error)


def listed_patients(path: str | os.PathLike[str]) -> list[str]:
    """The ids by which a patient of an export can be chosen; raises `InputError` with one line where it is no export."""
    text, name = os.fspath(path), display_name(path)
    if text.startswith(_ADDRESSES) or (text != "-" and is_database(text)):
        from solver.patient.readers.omop.open_database import open_cdm
        from solver.patient.readers.omop.read import all_persons

        with open_cdm(text) as cdm:
            return all_persons(cdm)
    if text != "-" and os.path.isdir(text):
        from solver.patient.readers.fhir.read import patient_ids

        return patient_ids(text, name)
    with nullcontext(sys.stdin.buffer) if text == "-" else open_file(path, name, streams=True) as raw:
        begin, found = _looked_into(read_some(raw, _FIRST_LOOK), raw)
        stream = unpacked_stream(begin, raw, name)
        if found == "FHIR bundle":
            from solver.patient.readers.fhir.read import patient_ids

            return patient_ids(stream, name)
        if found == "Phenopacket":
            from solver.patient.readers.phenopacket.read import patients_of

            return patients_of(parse_json(stream.read(MOST_BYTES + 1), name))
        stream.read(1)  # what is damaged is told as such
    raise InputError(f"{name}: is no export with patients to choose from: give FHIR, a Phenopacket or OMOP")


def _fhir_entry(source: str | BinaryIO, name: str, choice: PatientChoice) -> PatientEntry:
    def read(library: Library, as_of: int) -> tuple[Export, Account]:
        from solver.patient.readers.fhir.read import read_fhir
        from solver.patient.readers.fhir.sources import fhir_nodes

        account = Account("fhir-r4")
        nodes = fhir_nodes(source, name)
        return read_fhir(nodes, account, library, as_of=as_of, patient=choice.one, name=name), account

    return PatientEntry(name, export=PatientExport("FHIR bundle", _name_stem(name), read))


def _packet_entry(stream: BinaryIO, name: str, choice: PatientChoice) -> PatientEntry:
    def read(library: Library, as_of: int) -> tuple[Export, Account]:
        from solver.patient.readers.phenopacket.read import read_phenopacket

        value = parse_json(stream.read(MOST_BYTES + 1), name)
        found = read_phenopacket(value, library, name=name, as_of=as_of, patient=choice.one)
        return found.export, found.account

    return PatientEntry(name, export=PatientExport("Phenopacket", _name_stem(name), read))


def _person_entries(source: str, name: str, choice: PatientChoice) -> Iterator[PatientEntry]:
    """An entry for each person of a database who is meant; the address of a server is in no name."""
    from solver.patient.readers.omop.cohort_days import cohort_days
    from solver.patient.readers.omop.open_database import open_cdm
    from solver.patient.readers.omop.read import OmopReader

    with open_cdm(source) as cdm:
        days = None if choice.cohort is None else cohort_days(cdm.source, choice.cohort)
        every = choice.every or (days is not None and not choice.ids)
        reader = OmopReader(cdm, choice.ids or None, every=every, days=days, no_ids=choice.no_ids)
        stem = "omop" if source.startswith(_ADDRESSES) else _name_stem(name)
        several = len(reader.persons) > 1 or days is not None
        for n, person in enumerate(reader.persons):

            def read(library: Library, as_of: int, person: int = person) -> tuple[Export, Account]:
                found = reader.patient(person, library, as_of)
                return found.export, found.account

            which = f":{n if choice.no_ids else person}" if several else ""
            for day in (None,) if days is None else days[person]:
                export = PatientExport("OMOP database", f"{stem}{which}", read, day)
                yield PatientEntry(f"{name}{which}", export=export)
        for person in reader.missing:
            told = InputError(f"{name}: person {person} of the cohort is not in the table person")
            yield PatientEntry(f"{name}:{person}", error=told)


def is_database(source: str) -> bool:
    """Whether it is a database: an address, a folder of tables, or a DuckDB file."""
    from solver.patient.readers.omop.open_database import is_cdm

    return is_cdm(source)


def _looked_into(begin: bytes, raw: BinaryIO) -> tuple[bytes, Format | None]:
    """The beginning of a stream, read on until it tells the format, and that format; None for a native one."""
    while True:
        content = _unpacked_beginning(begin)
        found = _format_of(content)
        if found is not None:
            return begin, None if found == "native" else found
        # twice as much each time, so that looking again from the beginning costs no more than reading
        more = raw.read(len(begin)) if len(begin) <= MOST_BYTES else b""
        if not more:
            return begin, "FHIR bundle" if b'"resourceType"' in content else None
        begin += more


def _unpacked_beginning(begin: bytes) -> bytes:
    """What a beginning says, unpacked as far as it goes."""
    if begin.startswith(PACKED):
        import zlib

        try:
            begin = zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(begin, 4 * MOST_BYTES)
        except zlib.error:
            return b"["  # whoever reads it says what is wrong with it
    return begin.removeprefix(_BOM)


def _format_of(content: bytes) -> Format | Literal["native"] | None:
    """The format by the keys of the first object; None where those seen so far do not tell."""
    if content.lstrip()[:1] not in (b"{", b""):
        return "native"
    depth, keys = 0, set[bytes]()
    for token in _TOKENS.finditer(content):
        first = token[0][:1]
        if first in b"{[":
            depth += 1
        elif first in b"}]":
            depth -= 1
            if depth == 0:
                return "native"
        elif depth == 1 and token[2]:
            keys.add(token[1])
            if token[1] == b"facts":
                return "native"
            if token[1] == b"resourceType":
                return "FHIR bundle"
            if token[1] == b"phenopacketSchemaVersion" or (b"metaData" in keys and keys & _OF_A_PACKET):
                return "Phenopacket"
    return None


def _name_stem(name: str) -> str:
    """A file's name without what it ends in."""
    if name == STANDARD_INPUT:
        return name
    last = PurePath(name).name or PurePath(Path(name).resolve()).name
    return _ENDINGS.sub("", last, count=1) or last or name
