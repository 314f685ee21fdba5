"""The footers of Parquet files, which say where each column of each row group stands.

A footer is a Thrift structure in the compact protocol: fields by number, each with its type and its value.
"""

from __future__ import annotations

import os
import struct
from typing import IO, Any

MARK = b"PAR1"
_END = 8
"""The length of the footer and the mark."""

TRUE, FALSE, BYTE, SHORT, INT, LONG, DOUBLE, BINARY, LIST, SET, MAP, STRUCT = range(1, 13)

Structure = dict[int, tuple[int, Any]]
"""By number the type and the value of each field."""

SCHEMA, ROWS, ROW_GROUPS = 2, 3, 4


def parquet_footer(source: IO[bytes]) -> tuple[Structure, int]:
    """The footer of a file, and where it begins."""
    size = source.seek(0, os.SEEK_END)
    source.seek(max(0, size - _END))
    end = source.read()
    if len(end) != _END or end[4:] != MARK:
        raise ValueError(f"{source.name}: is no Parquet")
    start = size - _END - struct.unpack("<I", end[:4])[0]
    source.seek(start)
    return _Reader(source.read(size - _END - start)).value(STRUCT), start


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

    def _several(self) -> tuple[int, list[Any]]:
        head = self._bytes(1)[0]
        kind, count = head & 15, head >> 4
        if count == 15:
            count = self._number()
        if kind in (TRUE, FALSE):  # in a list each has a byte of its own
            return kind, [self._bytes(1) for _ in range(count)]
        return kind, [self.value(kind) for _ in range(count)]

    def _structure(self) -> Structure:
        found: Structure = {}
        field = 0
        while head := self._bytes(1)[0]:
            kind, step = head & 15, head >> 4
            field = field + step if step else self.value(SHORT)
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
