"""The footers of Parquet files, which say where each column of each row group stands.

A footer is a Thrift structure in the compact protocol: fields by number, each with its type and its value.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from typing import IO, Any

MARK = b"PAR1"
_END = 8
"""The length of the footer and the mark."""

TRUE, FALSE, BYTE, SHORT, INT, LONG, DOUBLE, BINARY, LIST, SET, MAP, STRUCT = range(1, 13)

Structure = dict[int, tuple[int, Any]]
"""By number the type and the value of each field."""

SCHEMA, ROWS, ROW_GROUPS = 2, 3, 4
_GROUP_ROWS = 3


def parquet_footer(source: IO[bytes]) -> tuple[Structure, int]:
    """The footer of a file, and where it begins."""
    data, start = _footer_bytes(source)
    return _Reader(data).value(STRUCT), start


def row_group_height(source: IO[bytes]) -> int:
    """How many rows the first row group of a file has: as many as most of the others. Raises `ValueError` if it does not say so."""
    data, _ = _footer_bytes(source)
    return _Reader(data).first_height()


def _footer_bytes(source: IO[bytes]) -> tuple[bytes, int]:
    size = source.seek(0, os.SEEK_END)
    source.seek(max(0, size - _END))
    end = source.read()
    start = size - _END - struct.unpack("<I", end[:4])[0] if end[4:] == MARK else -1
    if start < 0:
        raise ValueError(f"{source.name}: is no Parquet, or lacks its footer")
    source.seek(start)
    return source.read(size - _END - start), start


class _Reader:
    """Reads the compact protocol of Thrift."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def value(self, kind: int) -> Any:
        """The value of a type."""
        if kind in (TRUE, FALSE):
            return kind == TRUE
        if kind == BYTE:
            return self._bytes(1)
        if kind in (SHORT, INT, LONG):
            number = self._number()
            return (number >> 1) ^ -(number & 1)
        if kind == DOUBLE:
            return self._bytes(8)
        if kind == BINARY:
            return self._bytes(self._number())
        if kind in (LIST, SET):
            return self._several()
        if kind == STRUCT:
            return self._structure()
        raise ValueError(f"a footer with the type {kind}")

    def first_height(self) -> int:
        """How many rows the first row group has; nothing behind it is read."""
        self._seek(ROW_GROUPS)
        if not self._head()[1]:
            raise ValueError("a footer without row groups")
        return int(self.value(self._seek(_GROUP_ROWS)))

    def _seek(self, wanted: int) -> int:
        """Read up to a field of a structure, and give its type."""
        for field, kind in self._fields():
            if field == wanted:
                return kind
            self.value(kind)
        raise ValueError(f"a footer without the field {wanted}")

    def _head(self) -> tuple[int, int]:
        """The type and the number of the values of a list."""
        head = self._bytes(1)[0]
        kind, count = head & 15, head >> 4
        return kind, self._number() if count == 15 else count

    def _several(self) -> tuple[int, list[Any]]:
        kind, count = self._head()
        if kind in (TRUE, FALSE):  # in a list each has a byte of its own
            return kind, [self._bytes(1) for _ in range(count)]
        return kind, [self.value(kind) for _ in range(count)]

    def _structure(self) -> Structure:
        return {field: (kind, self.value(kind)) for field, kind in self._fields()}

    def _fields(self) -> Iterator[tuple[int, int]]:
        """The fields of a structure, by number and type; whoever asks reads each value before the next."""
        field = 0
        while head := self._bytes(1)[0]:
            kind, step = head & 15, head >> 4
            field = field + step if step else self.value(SHORT)
            yield field, kind

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
