"""Parquet files put one behind another without being decoded: the bytes of their row groups, and one footer.

    PAR1 | row groups of a | footer of a | length | PAR1
    PAR1 | row groups of b | footer of b | length | PAR1

    PAR1 | row groups of a | row groups of b | footer of both | length | PAR1

The footer is a Thrift structure in the compact protocol: fields by number, of which those that count rows and those that say where a column
begins are written anew. The indexes of pages, which say so as well, are left out. The others stay as they are, whatever they say.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

MARK = b"PAR1"
_END = 8
"""The length of the footer and the mark."""

_TRUE, _FALSE, _BYTE, _SHORT, _INT, _LONG, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = range(1, 13)

Structure = dict[int, tuple[int, Any]]
"""By number the type and the value of each field."""

_SCHEMA, _ROWS, _ROW_GROUPS = 2, 3, 4
_COLUMNS, _GROUP_OFFSET, _ORDINAL = 1, 5, 7
_CHUNK_OFFSET, _CHUNK, _PAGE_INDEXES = 2, 3, (4, 5, 6, 7)
_PAGE_OFFSETS = (9, 10, 11, 14)
_MOST_ORDINAL = 2**15


def join_parquet(files: Sequence[Path], out: Path) -> None:
    """Write one file with the row groups of several of the same schema, in their order; what else the footer says is that of the first.

    Raises `OSError`, and `ValueError` for a file that is no Parquet, or is of another schema than the first.
    """
    whole: Structure = {}
    groups: list[Structure] = []
    rows = 0
    with out.open("wb") as target:
        target.write(MARK)
        for file in files:
            with file.open("rb") as source:
                footer, end = _footer(source)
                shift = target.tell() - len(MARK)
                source.seek(len(MARK))
                _copy(source, target, end - len(MARK))
            whole = whole or footer
            if footer[_SCHEMA] != whole[_SCHEMA]:
                raise ValueError(f"{file.name} has other columns than {files[0].name}")
            rows += footer[_ROWS][1]
            for group in footer[_ROW_GROUPS][1][1]:
                _move(group, shift, len(groups))
                groups.append(group)
        whole[_ROWS] = _LONG, rows
        whole[_ROW_GROUPS] = _LIST, (_STRUCT, groups)
        written = b"".join(_written(_STRUCT, whole))
        target.write(written + struct.pack("<I", len(written)) + MARK)
        target.flush()
        os.fsync(target.fileno())


def _footer(source: IO[bytes]) -> tuple[Structure, int]:
    """The footer of a file, and where it begins."""
    size = source.seek(0, os.SEEK_END)
    source.seek(max(0, size - _END))
    end = source.read()
    if len(end) != _END or end[4:] != MARK:
        raise ValueError(f"{source.name}: is no Parquet")
    start = size - _END - struct.unpack("<I", end[:4])[0]
    source.seek(start)
    return _Reader(source.read(size - _END - start)).value(_STRUCT), start


def _copy(source: IO[bytes], target: IO[bytes], length: int) -> None:
    left = length
    while left and (chunk := source.read(min(left, 1 << 20))):
        target.write(chunk)
        left -= len(chunk)


def _move(group: Structure, shift: int, place: int) -> None:
    """Let a row group, the one at this place, begin so many bytes later."""
    _add(group, (_GROUP_OFFSET,), shift)
    if _ORDINAL in group:
        group[_ORDINAL] = _SHORT, place
        if place >= _MOST_ORDINAL:
            del group[_ORDINAL]
    for chunk in group[_COLUMNS][1][1]:
        for field in _PAGE_INDEXES:
            chunk.pop(field, None)
        _add(chunk, (_CHUNK_OFFSET,), shift)
        _add(chunk[_CHUNK][1], _PAGE_OFFSETS, shift)


def _add(structure: Structure, fields: Sequence[int], shift: int) -> None:
    for field in fields:
        kind, value = structure.get(field, (_LONG, 0))
        if value:  # what is 0 says nothing
            structure[field] = kind, value + shift


class _Reader:
    """Reads the compact protocol of Thrift."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def value(self, kind: int) -> Any:
        """The value of a type."""
        if kind in (_TRUE, _FALSE):
            return kind == _TRUE
        if kind == _BYTE:
            return self._bytes(1)
        if kind in (_SHORT, _INT, _LONG):
            number = self._number()
            return (number >> 1) ^ -(number & 1)
        if kind == _DOUBLE:
            return self._bytes(8)
        if kind == _BINARY:
            return self._bytes(self._number())
        if kind in (_LIST, _SET):
            return self._several()
        if kind == _STRUCT:
            return self._structure()
        raise ValueError(f"a footer with the type {kind}")

    def _several(self) -> tuple[int, list[Any]]:
        head = self._bytes(1)[0]
        kind, count = head & 15, head >> 4
        if count == 15:
            count = self._number()
        if kind in (_TRUE, _FALSE):  # in a list each has a byte of its own
            return kind, [self._bytes(1) for _ in range(count)]
        return kind, [self.value(kind) for _ in range(count)]

    def _structure(self) -> Structure:
        found: Structure = {}
        field = 0
        while head := self._bytes(1)[0]:
            kind, step = head & 15, head >> 4
            field = field + step if step else self.value(_SHORT)
            found[field] = kind, self.value(kind)
        return found

    def _number(self) -> int:
        found = shift = 0
        while True:
            byte = self._bytes(1)[0]
            found |= (byte & 127) << shift
            if byte < 128:
                return found
            shift += 7

    def _bytes(self, count: int) -> bytes:
        start, self._at = self._at, self._at + count
        if self._at > len(self._data):
            raise ValueError("a footer that ends too early")
        return self._data[start : self._at]


def _written(kind: int, value: Any) -> Iterator[bytes]:
    """A value in the compact protocol."""
    if kind in (_SHORT, _INT, _LONG):
        yield _as_number((value << 1) ^ (value >> 63))
    elif kind in (_BYTE, _DOUBLE):
        yield value
    elif kind == _BINARY:
        yield _as_number(len(value)) + value
    elif kind in (_LIST, _SET):
        inner, values = value
        yield (
            bytes([len(values) << 4 | inner])
            if len(values) < 15
            else bytes([240 | inner]) + _as_number(len(values))
        )
        for each in values:
            if inner in (_TRUE, _FALSE):
                yield each
            else:
                yield from _written(inner, each)
    elif kind == _STRUCT:
        before = 0
        for field, (own, each) in value.items():
            step = field - before
            if 0 < step < 16:
                yield bytes([step << 4 | own])
            else:
                yield bytes([own]) + _as_number(field << 1)
            before = field
            yield from _written(own, each)
        yield b"\0"


def _as_number(number: int) -> bytes:
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    return bytes([*found, number])
