"""The records of a file: one JSON object, an array of them, or a line of NDJSON each.

    {"as_of": ...}                    one record, over as many lines as it likes
    [{...}, {...}]                    FILE[0], FILE[1]
    {...}                             FILE:1
    {...}                             FILE:2

NDJSON is read line by line: a file of any length costs no more than its longest line. A file is NDJSON if its name says so, or else if
its first line is an object by itself and another line follows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import IO, Any

from solver.dataclass import dataclass
from solver.errors import InputError
from solver.patient.readers.native.json_text import (
    MOST_BYTES,
    balanced_object,
    file_stem,
    parse_json,
)
from solver.patterns import pattern

LINE_ENDINGS = (".ndjson", ".jsonl")
"""What the name of a file ends in that has a record on each line, even if it has but one."""

_MOST_SKIPPED = 100
_TRIAL = pattern(rb"^clauses:", re.MULTILINE)
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class RecordEntry:
    """One record as it stands in a file, before it is read; `name` is what messages call it. One that is no JSON has its `error`."""

    name: str
    value: Any = None
    error: InputError | None = None


Line = tuple[int, bytes]


def entries_in(stream: IO[bytes], name: str) -> Iterator[RecordEntry]:
    """The records of a stream that messages call `name`, one after another; one without an id gets its file's, with line or index.

    Raises `InputError` with one line if it holds no record.
    """
    return _entries_of(_numbered_lines(stream), name)


def _entries_of(lines: Iterator[Line], name: str) -> Iterator[RecordEntry]:
    head = _until_significant(lines)
    first = head[-1] if head and not _says_nothing(head[-1]) else None
    if first is not None and name.lower().removesuffix(".gz").endswith(LINE_ENDINGS):
        yield from _each_line(chain(head, lines), name)
        return
    if first is not None and first[1].lstrip().startswith(b"["):
        yield from _array_entries(_joined_lines(head, lines), name)
        return
    more = _until_significant(lines)
    second = more[-1] if more and not _says_nothing(more[-1]) else None
    if first is None or second is None:
        yield _parsed_entry(b"".join(line for _, line in head), name)
        return
    if balanced_object(first[1]):
        yield from _each_line(chain(head, more, lines), name)
        return
    read = [*head, *more]
    size = sum(len(line) for _, line in read)
    for each in lines:
        read.append(each)
        size += len(each[1])
        if size > MOST_BYTES:
            break
    whole = _parsed_entry(b"".join(line for _, line in read), name)
    if whole.error and balanced_object(second[1]):  # a first line that is cut off, or nonsense
        yield from _each_line(chain(read, lines), name)
    else:
        yield whole


def _numbered_lines(stream: IO[bytes], most: int = MOST_BYTES) -> Iterator[Line]:
    """The lines with their numbers; of one that is too long only what shows it, and what follows it only if its end comes soon."""
    number = 0
    while line := stream.readline(most + 1):
        number += 1
        yield number, line.removeprefix(_BOM) if number == 1 else line
        skipped = 0
        while len(line) > most and not line.endswith(b"\n"):
            line = stream.readline(most + 1)
            skipped += 1
            if skipped > _MOST_SKIPPED:
                return


def _says_nothing(line: Line) -> bool:
    """Whether a line is blank or a comment, and not too long to tell."""
    text = line[1].strip()
    return len(line[1]) <= MOST_BYTES and (not text or text.startswith(b"//"))


def _until_significant(lines: Iterator[Line]) -> list[Line]:
    """The first line that says something, behind what stands before it as one; of more than a record may have only what shows it."""
    before, last = bytearray(), 0
    for number, line in lines:
        if not _says_nothing((number, line)):
            return [(last, bytes(before)), (number, line)] if before else [(number, line)]
        before += line
        last = number
        if len(before) > MOST_BYTES:
            break
    return [(last, bytes(before))] if before else []


def _joined_lines(head: Iterable[Line], lines: Iterator[Line]) -> bytes:
    """What the lines hold, no more of it than is needed to see that it is too long."""
    found, size = [], 0
    for _, line in chain(head, lines):
        found.append(line)
        size += len(line)
        if size > MOST_BYTES:
            break
    return b"".join(found)


def _parsed_entry(data: bytes, name: str) -> RecordEntry:
    try:
        return RecordEntry(name, parse_json(data, name))
    except InputError as error:
        if not _TRIAL.search(data):
            return RecordEntry(name, error=error)
        told = f"{name}: is a trial file, not a record: match check {name} checks it"
        return RecordEntry(name, error=InputError(told))


def _array_entries(data: bytes, name: str) -> Iterator[RecordEntry]:
    whole = _parsed_entry(data, name)
    if whole.error:
        yield whole
        return
    if not whole.value:
        raise InputError(f"{name}: holds no record: the list is empty")
    for index, value in enumerate(whole.value):
        yield _named_entry(RecordEntry(f"{name}[{index}]", value), f"{file_stem(name)}[{index}]")


def _each_line(lines: Iterable[Line], name: str) -> Iterator[RecordEntry]:
    for number, line in lines:
        if not _says_nothing((number, line)):
            yield line_entry(number, line, name)


def significant_lines(stream: IO[bytes], most: int = MOST_BYTES) -> Iterator[Line]:
    """The lines of a stream that say something, with their numbers; of one of more than `most` bytes what shows it."""
    return (line for line in _numbered_lines(stream, most) if not _says_nothing(line))


def line_entry(number: int, line: bytes, name: str) -> RecordEntry:
    """The record on one line of a file that messages call `name`."""
    return _named_entry(_parsed_entry(line, f"{name}:{number}"), f"{file_stem(name)}:{number}")


def _named_entry(entry: RecordEntry, otherwise: str) -> RecordEntry:
    if isinstance(entry.value, dict):
        entry.value.setdefault("id", otherwise)
    return entry
