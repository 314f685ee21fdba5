"""Where FHIR is read from: bytes, a file, standard input or a folder, as JSON or as NDJSON, also compressed.

b.json       {"resourceType": "Bundle", ...}     entry[0], entry[1], ...
b.ndjson     {"resourceType": "Patient", ...}    line[0], line[1], ...
export/      a.json, b.ndjson.gz                 a.json:entry[0], b.ndjson.gz:line[0], ...

What a file is, its content says, and never its name.
"""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import Any, BinaryIO

from solver.errors import InputError
from solver.patient.readers.fhir.elements import Numeral
from solver.patient.readers.fhir.nodes import document_nodes
from solver.patient.readers.fhir.streamed import TakeNode, send_streamed
from solver.patient.readers.native.json_text import DEEPEST, display_name
from solver.reading import PACKED, joined_stream, open_file, unpacked_stream, unreadable
from solver.text import clean

MOST_BYTES = 256_000_000
"""The largest file, unpacked; FHIR files of 200 MB are read."""

STREAM_FROM = 16_000_000
"""A JSON file of more bytes is read entry by entry."""

_LEAST_LOOK = 1 << 16
_MOST_NESTED = 900
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_STEPS = bytes.maketrans(b"[{]}", b"\2\2\0\0")
_NO_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[{]}")
_ENDINGS = (".json", ".ndjson", ".json.gz", ".ndjson.gz")

FhirSource = bytes | str | os.PathLike[str] | BinaryIO
"""What FHIR can be read from: its bytes, the path of a file or a folder, `-` for standard input, or an open binary file."""


NodeSource = Callable[[TakeNode], None]
"""What hands on the nodes of an export, one after another."""


def fhir_nodes(source: FhirSource, name: str | None = None, *, stream_from: int = STREAM_FROM) -> NodeSource:
    """The resources of one export, in the order of the source; they are read when they are asked for.

    They are handed on and not iterated over, since the parser of a large file is three times as slow if it has to stop at each. `name` is
    what messages call it; by default the path. What is returned raises `InputError` with one line where a file is no JSON, too large, or a
    Bundle of a type that holds no record.
    """
    return partial(_send, source, name, stream_from)


def _send(source: FhirSource, name: str | None, stream_from: int, take: TakeNode) -> None:
    if isinstance(source, bytes):
        source = io.BytesIO(source)
    if not isinstance(source, str | os.PathLike):
        _send_file(source, "", name or "export", stream_from, take)
        return
    name = name or display_name(source)
    if os.path.isdir(source):
        _send_folder(Path(source), name, stream_from, take)
    elif os.fspath(source) == "-":
        _send_file(sys.stdin.buffer, "", name, stream_from, take)
    else:
        with open_file(source, name, streams=True) as file:
            _send_file(file, "", name, stream_from, take)


def _send_folder(folder: Path, name: str, stream_from: int, take: TakeNode) -> None:
    try:
        files = sorted(
            each.name for each in os.scandir(folder) if each.name.endswith(_ENDINGS) and each.is_file()
        )
    except OSError as error:
        raise unreadable(name, error) from None
    if not files:
        raise InputError(f"{name}: holds no *.json and no *.ndjson file: give a folder with an export")
    for each in files:
        called = f"{name}/{clean(each)}"
        with open_file(folder / each, called) as file:
            _send_file(file, f"{clean(each)}:", called, stream_from, take)


def _send_file(raw: BinaryIO, at: str, name: str, stream_from: int, take: TakeNode) -> None:
    try:
        _send_unpacked(unpacked_stream(raw.read(len(PACKED)), raw, name), at, name, stream_from, take)
    except OSError:
        raise InputError(f"{name}: cannot be read") from None


def _send_unpacked(file: BinaryIO, at: str, name: str, stream_from: int, take: TakeNode) -> None:
    file = joined_stream(file.read(len(_BYTE_ORDER_MARK)).removeprefix(_BYTE_ORDER_MARK), file)
    begin = file.read(max(stream_from, _LEAST_LOOK) + 1)
    if _has_lines(begin):
        _send_lines(joined_stream(begin, file), at, name, stream_from, take)
    elif len(begin) <= stream_from:
        _send_text(begin, at, name, take)
    else:
        send_streamed(joined_stream(begin, file), at, name, MOST_BYTES, take)


def _has_lines(begin: bytes) -> bool:
    """Whether the text is one JSON value a line: no JSON value goes on so after what ends an object."""
    first, _, rest = begin.lstrip().partition(b"\n")
    return first.rstrip().endswith(b"}") and rest.lstrip()[:1] not in (b"", b",", b"}", b"]")


def _send_lines(file: BinaryIO, at: str, name: str, stream_from: int, take: TakeNode) -> None:
    index = total = 0
    for number, line in enumerate(file, 1):
        total += len(line)
        if total > MOST_BYTES:
            raise InputError(f"{name}: is larger than {MOST_BYTES // 1_000_000} MB: split it")
        if line.isspace():
            continue
        place = f"{at}line[{index}]"
        if len(line) > stream_from:
            send_streamed(io.BytesIO(line), place, name, MOST_BYTES, take, number)
        else:
            _send_text(line, place, name, take, number)
        index += 1


def _send_text(data: bytes, at: str, name: str, take: TakeNode, line: int = 1) -> None:
    if not data.strip():
        raise InputError(f"{name}: is empty: give a FHIR Bundle or resource")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise InputError(f"{name}: is not text in UTF-8: save it as UTF-8") from None
    depth = _apparent_depth(data)
    if depth > _MOST_NESTED:
        raise InputError(
            f"{name}: is nested more than {_MOST_NESTED} deep: a resource is nested about ten deep"
        )
    if depth > DEEPEST:
        send_streamed(io.BytesIO(data), at, name, MOST_BYTES, take, line, may_be_deep=True)
        return
    for node in document_nodes(_parsed_json(text, name, line), at, name):
        take(node)


def _apparent_depth(data: bytes) -> int:
    """How deep brackets are nested, those in texts included: enough to know where each resource is to be looked at by itself."""
    steps = data.translate(_STEPS, _NO_BRACKETS)
    return max(accumulate(steps, lambda depth, step: depth + step - 1, initial=0))


def _parsed_json(text: str, name: str, line: int) -> Any:
    try:
        return json.loads(text, parse_int=Numeral, parse_float=Numeral, parse_constant=Numeral)
    except json.JSONDecodeError as error:
        reason = error.msg[:1].lower() + error.msg[1:].removesuffix(" at")
        raise InputError(
            f"{name}: line {line - 1 + error.lineno}, column {error.colno}: is not JSON: {clean(reason)}"
        ) from None
