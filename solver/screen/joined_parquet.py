"""Parquet files put one behind another without being decoded: the bytes of their row groups, and one footer.

    PAR1 | row groups of a | footer of a | length | PAR1
    PAR1 | row groups of b | footer of b | length | PAR1

    PAR1 | row groups of a | row groups of b | footer of both | length | PAR1

The footer is a Thrift structure in the compact protocol: fields by number, of which those that count rows and those that say where a column
begins are written anew. The indexes of pages, which say so as well, are left out. The others stay as they are, whatever they say.

Columns that a file lacks can stand in another one with as many rows, which serves many files.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator, Mapping, Sequence
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

_COLUMNS, _GROUP_BYTES, _GROUP_ROWS, _GROUP_OFFSET, _GROUP_SIZE, _ORDINAL = 1, 2, 3, 5, 6, 7
_CHUNK_OFFSET, _CHUNK, _PAGE_INDEXES = 2, 3, (4, 5, 6, 7)
_PATH, _BYTES, _SIZE, _PAGES, _DICTIONARY = 3, 6, 7, 9, 11
_PAGE_OFFSETS = (_PAGES, 10, _DICTIONARY, 14)
_MOST_ORDINAL = 2**15

_Groups = list[Structure]


def join_parquet(files: Sequence[Path], out: Path, rest: Mapping[Path, Path] | None = None) -> None:
    """Write one file with the row groups of several of the same schema, in their order; what else the footer says is that of the first.

    `rest` gives for some files another of as many rows that has all columns, from which those come that the file lacks. Raises `OSError`,
    and `ValueError` for a file that is no Parquet, or is of another schema than the first.
    """
    whole: Structure = {}
    groups: _Groups = []
    rows = 0
    others = {path: _RestOfColumns(path) for path in dict.fromkeys((rest or {}).values())}
    with out.open("wb") as target:
        target.write(MARK)
        for file in files:
            with file.open("rb") as source:
                footer, end = parquet_footer(source)
                shift = target.tell() - len(MARK)
                source.seek(len(MARK))
                _copy(source, target, end - len(MARK))
            found = [_moved_group(group, shift) for group in footer[ROW_GROUPS][1][1]]
            if rest and file in rest:
                found, footer = others[rest[file]].added(found, target), others[rest[file]].footer
            whole = whole or footer
            if footer[SCHEMA] != whole[SCHEMA]:
                raise ValueError(f"{file.name} has other columns than {files[0].name}")
            rows += footer[ROWS][1]
            groups += found
        whole = {**whole, ROWS: (LONG, rows)}
        whole[ROW_GROUPS] = LIST, (STRUCT, [_placed(group, place) for place, group in enumerate(groups)])
        written = b"".join(_written(STRUCT, whole))
        target.write(written + struct.pack("<I", len(written)) + MARK)
        target.flush()
        os.fsync(target.fileno())


class _RestOfColumns:
    """A file from which come the columns that others of as many rows lack."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as source:
            self.footer, _ = parquet_footer(source)
        self._path, self._groups = path, self.footer[ROW_GROUPS][1][1]

    def added(self, groups: _Groups, target: IO[bytes]) -> _Groups:
        """Row groups with the columns that they lack, which are written; all columns in the order of this file."""
        if [each[_GROUP_ROWS] for each in groups] != [each[_GROUP_ROWS] for each in self._groups]:
            raise ValueError(f"{self._path.name} has other rows")
        with self._path.open("rb") as source:
            return [
                self._added(one, own, source, target) for one, own in zip(groups, self._groups, strict=True)
            ]

    def _added(self, group: Structure, own: Structure, source: IO[bytes], target: IO[bytes]) -> Structure:
        found = {_path(chunk): chunk for chunk in group[_COLUMNS][1][1]}
        chunks = []
        for chunk in own[_COLUMNS][1][1]:
            told = chunk[_CHUNK][1]
            there = found.pop(_path(chunk), None)
            if there is None:
                start = told.get(_DICTIONARY, told[_PAGES])[1]
                there = _moved_chunk(chunk, target.tell() - start)
                source.seek(start)
                _copy(source, target, told[_SIZE][1])
            chunks.append(there)
        if found:
            raise ValueError(f"{self._path.name} lacks columns")
        sizes = {
            field: (LONG, sum(each[_CHUNK][1][of][1] for each in chunks))
            for field, of in ((_GROUP_BYTES, _BYTES), (_GROUP_SIZE, _SIZE))
        }
        return {**group, _COLUMNS: (LIST, (STRUCT, chunks)), **sizes}


def _path(chunk: Structure) -> tuple[bytes, ...]:
    """The name of a column, and of what is in it."""
    return tuple(chunk[_CHUNK][1][_PATH][1][1])


def _copy(source: IO[bytes], target: IO[bytes], length: int) -> None:
    left = length
    while left and (chunk := source.read(min(left, 1 << 20))):
        target.write(chunk)
        left -= len(chunk)


def _moved_group(group: Structure, shift: int) -> Structure:
    """A row group that begins so many bytes later."""
    chunks = [_moved_chunk(chunk, shift) for chunk in group[_COLUMNS][1][1]]
    return {**_moved(group, (_GROUP_OFFSET,), shift), _COLUMNS: (LIST, (STRUCT, chunks))}


def _moved_chunk(chunk: Structure, shift: int) -> Structure:
    """A column of a row group that begins so many bytes later."""
    kept = {field: each for field, each in chunk.items() if field not in _PAGE_INDEXES}
    kept = _moved(kept, (_CHUNK_OFFSET,), shift)
    return {**kept, _CHUNK: (STRUCT, _moved(chunk[_CHUNK][1], _PAGE_OFFSETS, shift))}


def _moved(structure: Structure, fields: Sequence[int], shift: int) -> Structure:
    moved = {
        field: (structure[field][0], structure[field][1] + shift)
        for field in fields
        if field in structure and structure[field][1]  # what is 0 says nothing
    }
    return {**structure, **moved}


def _placed(group: Structure, place: int) -> Structure:
    """A row group as the one at a place."""
    if _ORDINAL not in group:
        return group
    if place < _MOST_ORDINAL:
        return {**group, _ORDINAL: (SHORT, place)}
    return {field: each for field, each in group.items() if field != _ORDINAL}


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
