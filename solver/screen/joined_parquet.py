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

from solver.screen.parquet_footers import (
    BINARY,
    BYTE,
    DOUBLE,
    FALSE,
    INT,
    LIST,
    LONG,
    MARK,
    ROW_GROUPS,
    ROWS,
    SCHEMA,
    SET,
    SHORT,
    STRUCT,
    TRUE,
    Structure,
    parquet_footer,
)

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
                footer, end = parquet_footer(source)
                shift = target.tell() - len(MARK)
                source.seek(len(MARK))
                _copy(source, target, end - len(MARK))
            whole = whole or footer
            if footer[SCHEMA] != whole[SCHEMA]:
                raise ValueError(f"{file.name} has other columns than {files[0].name}")
            rows += footer[ROWS][1]
            for group in footer[ROW_GROUPS][1][1]:
                _move(group, shift, len(groups))
                groups.append(group)
        whole[ROWS] = LONG, rows
        whole[ROW_GROUPS] = LIST, (STRUCT, groups)
        written = b"".join(_written(STRUCT, whole))
        target.write(written + struct.pack("<I", len(written)) + MARK)
        target.flush()
        os.fsync(target.fileno())


def _copy(source: IO[bytes], target: IO[bytes], length: int) -> None:
    left = length
    while left and (chunk := source.read(min(left, 1 << 20))):
        target.write(chunk)
        left -= len(chunk)


def _move(group: Structure, shift: int, place: int) -> None:
    """Let a row group, the one at this place, begin so many bytes later."""
    _add(group, (_GROUP_OFFSET,), shift)
    if _ORDINAL in group:
        group[_ORDINAL] = SHORT, place
        if place >= _MOST_ORDINAL:
            del group[_ORDINAL]
    for chunk in group[_COLUMNS][1][1]:
        for field in _PAGE_INDEXES:
            chunk.pop(field, None)
        _add(chunk, (_CHUNK_OFFSET,), shift)
        _add(chunk[_CHUNK][1], _PAGE_OFFSETS, shift)


def _add(structure: Structure, fields: Sequence[int], shift: int) -> None:
    for field in fields:
        kind, value = structure.get(field, (LONG, 0))
        if value:  # what is 0 says nothing
            structure[field] = kind, value + shift


def _written(kind: int, value: Any) -> Iterator[bytes]:
    """A value in the compact protocol."""
    if kind in (SHORT, INT, LONG):
        yield _as_number((value << 1) ^ (value >> 63))
    elif kind in (BYTE, DOUBLE):
        yield value
    elif kind == BINARY:
        yield _as_number(len(value)) + value
    elif kind in (LIST, SET):
        inner, values = value
        yield (
            bytes([len(values) << 4 | inner])
            if len(values) < 15
            else bytes([240 | inner]) + _as_number(len(values))
        )
        for each in values:
            if inner in (TRUE, FALSE):
                yield each
            else:
                yield from _written(inner, each)
    elif kind == STRUCT:
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
