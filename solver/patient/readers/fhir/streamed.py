"""A large JSON document, one entry at a time: no more of it is in memory than what lies between two looks at it.

`ijson` puts it together in C, which is quick as long as it is not asked for anything: so the parser builds the whole document, and each
time it wants more bytes the entries that are complete by then are taken out of it. What else the document says is there at the end.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from typing import Any, BinaryIO

from solver.errors import InputError
from solver.patient.readers.fhir.elements import LONGEST_TEXT
from solver.patient.readers.fhir.nodes import (
    BUNDLE,
    BundleHead,
    Node,
    bundle_head,
    entry_nodes,
    resource_nodes,
)
from solver.patient.readers.native.json_text import DEEPEST
from solver.patterns import pattern

TOO_DEEP = f"is nested more than {DEEPEST} deep"

_CHUNK = 1 << 16
_SAMPLE, _MOST_NESTED = 7, 20_000
_SHAPES = bytes.maketrans(b"123456789E", b"000000000e")
_STRIDE, _MANY_DIGITS = 30, b"0" * 9
_LARGE_EXPONENTS = tuple(sign + b"0" * 17 for sign in (b"e", b"e+", b"e-"))
_HUGE = pattern(
    rb"(?<![^:,\[\s])(-?\d+(?:\.\d+)?[eE][+-]?\d{10}|-?\d[\d.]{60})[\d.]*(?:[eE][+-]?\d+)?(?=[\s,\]}]|\Z)"
)
_PART_OF_NUMBER = b"0123456789eE+-."
_ATTACHMENT = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=_-"

TakeNode = Callable[[Node | BundleHead], None]
"""What is done with each node."""


class ByteStream:
    """A binary file as the parser reads it: numbers that no parser could take are cut to what is still too large for a record.

    The inside of an attachment of more than a megabyte is left out. `line` and `column` tell how far it has been read. `at_each` is
    called before more is read.
    """

    def __init__(self, file: BinaryIO, most: int, name: str, line: int, at_each: Callable[[], None]) -> None:
        self._file, self._most, self._name, self._at_each = file, most, name, at_each
        self._kept = b""
        self._plain = self._depth = 0
        self.begins_object: bool | None = None
        self.line, self.count, self.column = line, 0, 0

    def read(self, size: int = -1) -> bytes:
        """The next bytes; none at the end, or where none are asked for, by which the parser learns that these are bytes."""
        if size:
            self._at_each()
        while size:
            chunk = self._file.read(_CHUNK)
            self.count += len(chunk)
            if self.count > self._most:
                raise InputError(f"{self._name}: is larger than {self._most // 1_000_000} MB: split it")
            if self.begins_object is None and not chunk.isspace():
                self.begins_object = chunk.lstrip().startswith(b"{")
            if not chunk:
                rest, self._kept = self._kept, b""
                return _huge_numbers_cut(rest)
            self._look_at_depth(chunk)
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
                return _huge_numbers_cut(whole)
        return b""

    def _look_at_depth(self, chunk: bytes) -> None:
        """Refuse what is nested so deep that the parser would not come to an end; a sample of the brackets tells."""
        sample = chunk[::_SAMPLE]
        opened, closed = (sum(map(sample.count, each)) for each in ((b"{", b"["), (b"}", b"]")))
        self._depth = max(0, self._depth + (opened - closed) * _SAMPLE)
        if self._depth > _MOST_NESTED:
            raise InputError(f"{self._name}: is nested too deep: a resource is nested about ten deep")


def _huge_numbers_cut(chunk: bytes) -> bytes:
    """The same without the end of a number that has hundreds of digits, or an exponent of 17; a few samples tell that there is none."""
    shape = chunk.translate(_SHAPES)
    if _MANY_DIGITS in shape[::_STRIDE] or any(each in shape for each in _LARGE_EXPONENTS):
        return _HUGE.sub(rb"\1", chunk)
    return chunk


def send_streamed(
    file: BinaryIO, at: str, name: str, most: int, take: TakeNode, line: int = 1, *, may_be_deep: bool = False
) -> None:
    """Hand on the nodes of a Bundle or resource in a file of at most `most` bytes that begins in this line; see `document_nodes`.

    With `may_be_deep` a resource that is nested too deep is marked; else that is not looked for, since nothing here is the worse for it.
    """
    import ijson  # needed for large files alone

    document = _Document()
    before = f"{at}." if at and not at.endswith(":") else at
    entries = _Entries(document, before, take, may_be_deep)
    stream = ByteStream(file, most, name, line, entries.take_complete)
    objects = chain((document,), iter(dict, None))  # the first object is the whole
    try:
        for _ in ijson.items(stream, "", map_type=objects.__next__):
            pass
    except ijson.JSONError as error:
        raise InputError(_json_fault(error, stream, name)) from None
    if not stream.begins_object:
        raise InputError(f"{name}: holds no object: give a FHIR Bundle or resource")
    entries.take_complete(last=True)
    if document.get("resourceType") == BUNDLE:
        take(bundle_head(document, before, name))
    elif entries.count:
        raise InputError(f"{name}: has entries and is no Bundle: give a FHIR Bundle or resource")
    else:
        for node in resource_nodes(document, at if at and not at.endswith(":") else f"{at}resource"):
            take(_marked_node(node, deep=may_be_deep and _is_deep(document)))


class _Document(dict[str, Any]):
    """The object that is the whole document."""

    entries: list[object] | None = None

    def __setitem__(self, key: str, value: Any) -> None:
        """Set what the parser has found; a list is still empty then, and fills."""
        if key == "entry" and isinstance(value, list) and self.get("resourceType", BUNDLE) == BUNDLE:
            self.entries = value
        else:
            super().__setitem__(key, value)


class _Entries:
    """The entries of a Bundle that the parser has built and nobody has taken."""

    def __init__(self, document: _Document, before: str, take: TakeNode, may_be_deep: bool) -> None:
        self._document, self._before, self._take = document, before, take
        self._may_be_deep = may_be_deep
        self.count = 0

    def take_complete(self, *, last: bool = False) -> None:
        """Hand on the nodes of all entries but the last one, which may still grow, and take the entries out of the document."""
        entries = self._document.entries or []
        complete = entries[:] if last else entries[:-1]
        del entries[: len(complete)]
        for entry in complete:
            deep = self._may_be_deep and _is_deep(entry)
            for node in entry_nodes(entry, f"{self._before}entry[{self.count}]"):
                self._take(_marked_node(node, deep=True) if deep else node)
            self.count += 1


def _is_deep(value: object) -> bool:
    """Whether a value is nested deeper than anything that is read."""
    level = [value]
    for _ in range(DEEPEST + 1):
        level = [
            inner
            for each in level
            for inner in (each.values() if isinstance(each, dict) else each if isinstance(each, list) else ())
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True


def _marked_node(node: Node, *, deep: bool) -> Node:
    if not deep:
        return node
    return Node(node.at, node.resource, node.full_url, node.container, node.unread, TOO_DEEP)


def _json_fault(error: Exception, stream: ByteStream, name: str) -> str:
    if "premature" in str(error) or "ncomplete" in str(error):
        return f"{name}: line {stream.line}, column {stream.column + 1}: is not JSON: it ends too early"
    reason = "it is not UTF-8" if "UTF8" in str(error) else "check the text before"
    return f"{name}: line {stream.line}, column {stream.column + 1} or before: is not JSON: {reason}"
