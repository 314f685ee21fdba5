"""A large JSON document, one entry at a time: no more of it is in memory than the entry that is being read.

`ijson` splits the text into events, and they are put together here: so that what is nested too deep or too long can be left out, and the
head of a Bundle can follow its entries. Numbers come as `int` and `Decimal`, which are exact, and are
kept as their text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from solver.errors import InputError
from solver.patient.readers.fhir.elements import LONGEST_TEXT, Numeral
from solver.patient.readers.fhir.nodes import (
    BUNDLE,
    BundleHead,
    Node,
    bundle_head,
    entry_nodes,
    resource_nodes,
)
from solver.patient.readers.native.json_text import DEEPEST

TOO_DEEP = f"is nested more than {DEEPEST} deep"

_CHUNK = 1 << 16
_DIGITS = bytes(
    ord("0") if chr(byte).isdigit() and byte < 128 else ord("e") if byte in b"eE" else byte
    for byte in range(256)
)
_HUGE = re.compile(
    rb"(?<![^:,\[\s])(-?\d+(?:\.\d+)?[eE][+-]?\d{10}|-?\d[\d.]{60})[\d.]*(?:[eE][+-]?\d+)?(?=[\s,\]}]|\Z)"
)
_PART_OF_NUMBER = b"0123456789eE+-."
_ATTACHMENT = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=_-"

Events = Iterator[tuple[str, Any]]


class ByteStream:
    """A binary file as the parser reads it: numbers that no parser could take are cut to what is still too large for a record.

    The inside of an attachment of more than a megabyte is left out. `line` and `column` tell how far it has been read.
    """

    def __init__(self, file: BinaryIO, most: int, name: str, line: int) -> None:
        self._file, self._most, self._name = file, most, name
        self._kept = b""
        self._plain = 0
        self.line, self.count, self.column = line, 0, 0

    def read(self, size: int = -1) -> bytes:
        """The next bytes; none at the end, or where none are asked for, by which the parser learns that these are bytes."""
        while size:
            chunk = self._file.read(_CHUNK)
            self.count += len(chunk)
            if self.count > self._most:
                raise InputError(f"{self._name}: is larger than {self._most // 1_000_000} MB: split it")
            if not chunk:
                rest, self._kept = self._kept, b""
                return _cut(rest)
            breaks = chunk.count(b"\n")
            self.line += breaks
            self.column = len(chunk) - chunk.rfind(b"\n") - 1 if breaks else self.column + len(chunk)
            if b'"' not in chunk and not chunk.translate(None, _ATTACHMENT):
                self._plain += len(chunk)
                if self._plain > LONGEST_TEXT + 2 * _CHUNK:
                    continue
            else:
                self._plain = 0
            chunk = self._kept + chunk
            whole = chunk.rstrip(_PART_OF_NUMBER)
            self._kept = chunk[len(whole) :]
            if len(self._kept) > _CHUNK:
                whole, self._kept = chunk, b""
            if whole:
                return _cut(whole)
        return b""


def _cut(chunk: bytes) -> bytes:
    shape = chunk.translate(_DIGITS)
    if (
        b"0" * 300 in shape
        or b"e" + b"0" * 17 in shape
        or b"e+" + b"0" * 17 in shape
        or b"e-" + b"0" * 17 in shape
    ):
        return _HUGE.sub(rb"\1", chunk)
    return chunk


def streamed_nodes(
    file: BinaryIO, at: str, name: str, most: int, line: int = 1
) -> Iterator[Node | BundleHead]:
    """The nodes of a Bundle or resource in a file of at most `most` bytes that begins in this line; see `document_nodes`."""
    import ijson  # needed for large files alone

    stream = ByteStream(file, most, name, line)
    try:
        yield from _nodes(iter(ijson.basic_parse(stream)), at, name)
    except ijson.JSONError as error:
        raise InputError(_fault(error, stream, name)) from None


def _fault(error: Exception, stream: ByteStream, name: str) -> str:
    if "premature" in str(error) or "ncomplete" in str(error):
        return f"{name}: line {stream.line}, column {stream.column + 1}: is not JSON: it ends too early"
    reason = "it is not UTF-8" if "UTF8" in str(error) else "check the text before"
    return f"{name}: line {stream.line}, column {stream.column + 1} or before: is not JSON: {reason}"


def _nodes(events: Events, at: str, name: str) -> Iterator[Node | BundleHead]:
    event, _ = next(events)
    if event != "start_map":
        raise InputError(f"{name}: holds no object: give a FHIR Bundle or resource")
    document: dict[str, object] = {}
    before = f"{at}." if at and not at.endswith(":") else at
    streamed, fault = False, None
    for event, key in events:
        if event == "end_map":
            break
        event, value = next(events)
        bundle = document.get("resourceType", BUNDLE) == BUNDLE
        if key == "entry" and event == "start_array" and bundle:
            streamed = True
            for index, (entry, deep) in enumerate(_elements(events)):
                for node in entry_nodes(entry, f"{before}entry[{index}]"):
                    yield _deep(node) if deep else node
        else:
            document[key], deep = _value(event, value, events)
            fault = fault or (TOO_DEEP if deep else None)
    for _ in events:  # what follows the end is no JSON
        pass
    if document.get("resourceType") == BUNDLE:
        yield bundle_head(document, before, name)
    elif streamed:
        raise InputError(f"{name}: has entries and is no Bundle: give a FHIR Bundle or resource")
    else:
        for node in resource_nodes(document, at or "resource"):
            yield _deep(node) if fault else node


def _deep(node: Node) -> Node:
    return Node(node.at, node.resource, node.full_url, node.container, node.unread, node.fault or TOO_DEEP)


def _elements(events: Events) -> Iterator[tuple[object, bool]]:
    """The elements of a list that has begun, each with whether it is nested too deep."""
    for event, value in events:
        if event == "end_array":
            return
        yield _value(event, value, events)


def _value(event: str, value: Any, events: Events) -> tuple[Any, bool]:
    """The value that begins with an event, and whether something in it was too deep and is left out."""
    if event == "start_map":
        root: Any = {}
    elif event == "start_array":
        root = []
    else:
        return _plain(event, value), False
    stack: list[Any] = []
    current: Any = root
    is_map, key, deep, skipping = event == "start_map", "", False, 0
    for event, value in events:
        if skipping:
            skipping += (event in _STARTS) - (event in _ENDS)
            continue
        if event == "map_key":
            key = value
            continue
        if event in _ENDS:
            if not stack:
                break
            current = stack.pop()
            is_map = type(current) is dict
            continue
        if event in _STARTS:
            if len(stack) > DEEPEST:
                deep, skipping = True, 1
                continue
            new: Any = {} if event == "start_map" else []
        else:
            new = value
            if event == "number" or (event == "string" and len(value) > LONGEST_TEXT):
                new = _plain(event, value)
        if is_map:
            current[key] = new
        else:
            current.append(new)
        if event in _STARTS:
            stack.append(current)
            current = new
            is_map = event == "start_map"
    return root, deep


def _plain(event: str, value: Any) -> Any:
    if event == "number":
        return Numeral(value)
    return None if event == "string" and len(value) > LONGEST_TEXT else value


_STARTS = frozenset({"start_map", "start_array"})
_ENDS = frozenset({"end_map", "end_array"})
