"""The output of a screen: parts in a folder beside it while it runs, and one file by a single rename at the end.

    OUT.partial/question.json       a digest of what is asked, so that only the same question is resumed
    OUT.partial/000000-0.parquet    rows, so many in each part whatever the batches are
    OUT.partial/same-0.parquet      the columns that are the same in all rows of a part, for all parts of which they say the same

What was there before stays until the rename; a part is written whole or not at all. The parts of a Parquet file become its row groups, byte
for byte, so that nothing is written twice.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from solver.errors import InputError
from solver.patterns import pattern
from solver.reading import unreadable
from solver.screen.joined_parquet import join_parquet
from solver.screen.output_rows import COLUMNS, OutputRow

ROWS_OF_A_PART = 50_000
FEW_ROWS = 10_000
"""So few rows are written with all columns in one file."""
_QUESTION = "question.json"
_TEXTS = ("patient", "trial", "code", "verdict", "was", "error")
_LISTS = ("blocking", "open", "missing", "was_blocking")
_LISTS_OF_LISTS = ("contradictions", "conflicts", "deciding_sets", "eligible_without")
_FLAGS = ("published_only", "conflicts_complete")
_WHOLE = ("row", "encoded_clauses", "encoded_of")
ENDINGS = (".parquet", ".ndjson", ".csv")
METADATA_OF_PARTS = "_trialproof.json"
"""What made an output that is a folder of parts; names that begin so are none of them."""
_OF_AN_OUTPUT = pattern(rf"{re.escape(METADATA_OF_PARTS)}|_SUCCESS|part-.*\.parquet|\..*\.crc")
_OWN = frozenset({"row", "patient", "code", "verdict", "blocking"})
_LONGEST_HEADER = 1_000_000
_LONGEST_CELL = 100_000_000
_NEVER_SAME = ("row", "patient", "verdict")
_HARDLY_ANY = 1 << 16
"""Bytes of space with which a disk counts as full."""


def column_types() -> dict[str, Any]:
    """The types of the columns, as Polars has them."""
    import polars as pl

    types: dict[str, Any] = dict.fromkeys(_WHOLE, pl.Int64)
    types |= dict.fromkeys(_TEXTS, pl.String)
    types |= {name: pl.List(pl.String) for name in _LISTS}
    types |= {name: pl.List(pl.List(pl.String)) for name in _LISTS_OF_LISTS}
    types |= {"as_of": pl.Date, **dict.fromkeys(_FLAGS, pl.Boolean)}
    return {name: types[name] for name in COLUMNS}


class OutputParts:
    """The parts of one output, whose footer holds the metadata. With `resume` those that are there stay, if the question is the same.

    Raises `InputError` with one line if the folder cannot be written, or holds parts of another question.
    """

    def __init__(
        self, out: Path, question: Mapping[str, object], metadata: Mapping[str, str], *, resume: bool
    ) -> None:
        if out.is_dir():
            raise InputError(f"{out}: is a directory: give a file")
        if not out.name.lower().endswith(ENDINGS):
            raise InputError(f"{out}: its ending tells no form: call it {', '.join(ENDINGS)}")
        self.out, self.folder = out, out.with_name(f"{out.name}.partial")
        self._metadata = dict(metadata)
        self._count = 0
        self._same: dict[object, int] = {}
        self._waiting: list[Any] = []
        self._height = 0
        text = json.dumps(question, sort_keys=True)
        try:
            if resume and self.folder.is_dir():
                self._check_question(text)
                self._count = len(self._files())
            else:
                shutil.rmtree(self.folder, ignore_errors=True)
                self.folder.mkdir(parents=False)
                _write_whole(self.folder / _QUESTION, text.encode())
        except OSError as error:
            raise unreadable(str(self.folder), error) from None

    def _check_question(self, text: str) -> None:
        try:
            before = (self.folder / _QUESTION).read_text(encoding="utf-8")
        except OSError:
            before = ""
        if before != text:
            raise InputError(
                f"{self.folder}: was begun for another cohort, other options or another version: leave --resume out to begin anew"
            )

    def finished(self) -> Iterator[OutputRow]:
        """The rows that finished parts hold."""
        import polars as pl

        for file in self._files():
            rows, same = pl.read_parquet(file, glob=False), self._same_file(file)
            if same is not None:
                rows = pl.read_parquet(same, glob=False).with_columns(rows.get_columns())
            yield from map(with_day, rows.iter_rows(named=True))

    def add(self, rows: Iterable[OutputRow]) -> None:
        """Take rows; a part is written once it is full."""
        taken = list(rows)
        if taken:
            self.add_frame(rows_frame(taken))

    def add_frame(self, frame: Any) -> None:
        """Take rows as a frame of all columns."""
        import polars as pl

        self._waiting.append(frame)
        self._height += frame.height
        while self._height > ROWS_OF_A_PART:
            whole = pl.concat(self._waiting)
            # all rows of a patient stand in one part, so that a run can go on behind it
            numbers = whole["row"]
            others = numbers.slice(ROWS_OF_A_PART) != numbers[ROWS_OF_A_PART - 1]
            if not others.any():
                self._waiting = [whole]
                return
            end = ROWS_OF_A_PART + int(others.arg_max())
            self._write_part(whole[:end])
            self._waiting, self._height = [whole[end:]], whole.height - end

    def finish(self) -> None:
        """Put the parts together, and in the place of the output."""
        if self._height or not self._count:
            self._write_part(_joined(self._waiting))
        temporary = self.folder / f"whole{self.out.suffix.lower()}"
        try:
            if self.out.suffix.lower() == ".parquet":
                files = self._files()
                rest = {file: same for file in files if (same := self._same_file(file)) is not None}
                join_parquet(files, temporary, rest)
            else:
                with temporary.open("w", encoding="utf-8", newline="") as file:
                    self._write_text(file)
                    file.flush()
                    os.fsync(file.fileno())
            os.replace(temporary, self.out)
            shutil.rmtree(self.folder, ignore_errors=True)
        except (OSError, ValueError, _polars_error()) as error:
            raise _unwritable(self.out, error) from None

    def _files(self) -> list[Path]:
        return sorted(each for each in self.folder.glob("[0-9]*.parquet"))

    def _same_file(self, part: Path) -> Path | None:
        """The file with the columns that a part lacks."""
        _, dash, number = part.stem.partition("-")
        return self.folder / f"same-{number}.parquet" if dash else None

    def _write_part(self, frame: Any) -> None:
        name = f"{self._count:06d}"
        if frame.height > FEW_ROWS:
            same = [name for name in COLUMNS if name not in _NEVER_SAME and _is_same(frame[name])]
            if same:
                name += f"-{self._same_columns(frame[:1], same, frame.height)}"
                frame = frame.drop(same)
        self._write(frame, f"{name}.parquet")
        self._count += 1

    def _same_columns(self, row: Any, same: list[str], height: int) -> int:
        """The number of the file with columns of so many rows that are those of one; the others are empty."""
        import polars as pl

        told = height, row.select(same).row(0), *same
        if told not in self._same:
            number = len(list(self.folder.glob("same-*.parquet")))
            others = [name for name in COLUMNS if name not in same]
            row = row.with_columns(pl.lit(None, dtype=row.schema[name]).alias(name) for name in others)
            whole = [each.new_from_index(0, height) for each in row.get_columns()]
            self._write(pl.DataFrame(whole), f"same-{number}.parquet")
            self._same[told] = number
        return self._same[told]

    def _write(self, frame: Any, name: str) -> None:
        import polars as pl

        file, temporary = self.folder / name, self.folder / f"{name}.part"
        try:
            frame.rechunk().write_parquet(
                temporary,
                row_group_size=max(1, frame.height),
                compression_level=1,  # a harder try takes longer, and makes them no smaller
                metadata=self._metadata,
            )
            os.replace(temporary, file)
        except (OSError, pl.exceptions.PolarsError) as error:
            raise _unwritable(file, error) from None

    def _write_text(self, file: IO[str]) -> None:
        if self.out.suffix.lower() == ".ndjson":
            for row in self.finished():
                file.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")
            return
        import csv

        writer = csv.DictWriter(file, COLUMNS, lineterminator="\r\n")
        writer.writeheader()
        for row in self.finished():
            writer.writerow({name: _cell(value) for name, value in row.items()})


def previous_metadata(path: Path) -> tuple[str, str] | None:
    """The version and the encodings that made an output; None where it does not tell, which Parquet alone does."""
    import polars as pl

    try:
        if path.is_dir():
            found = json.loads((path / METADATA_OF_PARTS).read_text(encoding="utf-8"))
        else:
            found = pl.read_parquet_metadata(path) if path.suffix.lower() == ".parquet" else {}
    except (OSError, ValueError, pl.exceptions.PolarsError):
        return None  # what is wrong with it is told when its rows are read
    version, encodings = found.get("trialproof.version"), found.get("trialproof.encodings")
    return None if version is None or encodings is None else (version, encodings)


def previous_rows(path: Path) -> Iterator[OutputRow]:
    """The rows of an output of `screen`, in whatever form; raises `InputError` with one line if it is none."""
    import csv

    import polars as pl

    name, ending = str(path), path.suffix.lower()
    try:
        folder = is_output_folder(path)
        if folder or ending == ".parquet":
            files = sorted(path.glob("part-*")) if folder else [path]
            whole = pl.scan_parquet(files, glob=False, hive_partitioning=False)
            schema, types = whole.collect_schema(), column_types()
            _check_columns(schema.names(), name)
            for each, kind in schema.items():
                if each in types and kind != types[each]:
                    raise ValueError(f"the column {each} is of another type")
            start = 0
            while (frame := whole.slice(start, ROWS_OF_A_PART).collect()).height:
                yield from map(with_day, frame.iter_rows(named=True))
                start += frame.height
        elif ending == ".ndjson":
            with path.open(encoding="utf-8") as file:
                for line in file:
                    row = json.loads(line)
                    _check_columns(row if isinstance(row, dict) else (), name)
                    yield _checked(row)
        else:
            csv.field_size_limit(_LONGEST_CELL)
            with path.open(encoding="utf-8-sig", newline="") as file:
                reader = csv.DictReader(file)
                _check_columns(reader.fieldnames or (), name)
                for cells in reader:
                    if None in cells or None in cells.values():
                        raise ValueError(f"line {reader.line_num} has other cells than the header")
                    yield _checked({key: _uncelled(key, text) for key, text in cells.items()})
    except OSError as error:
        raise unreadable(name, error) from None
    except (ValueError, csv.Error, pl.exceptions.PolarsError) as error:
        reason = str(error).splitlines()[0][:200] if str(error) else "it is damaged"
        raise InputError(f"{name}: cannot be read as an output of screen: {reason}") from None


def is_output(path: str) -> bool:
    """Whether a file is an output of `screen`, by its columns, or a folder one of Spark."""
    if "://" not in path and is_output_folder(Path(path)):
        return True
    ending = Path(path).suffix.lower()
    if path == "-" or "://" in path or ending not in ENDINGS or not os.path.isfile(path):
        return False
    try:
        if ending == ".parquet":
            import polars as pl

            names = pl.scan_parquet(path, glob=False, hive_partitioning=False).collect_schema().names()
            return set(names) >= _OWN
        with open(path, encoding="utf-8-sig", errors="replace", newline="") as file:
            first = file.readline(_LONGEST_HEADER)
        return set(json.loads(first) if ending == ".ndjson" else first.strip().split(",")) >= _OWN
    except (OSError, ValueError, TypeError, _polars_error()):
        return False  # what is wrong with it is told when it is read as a cohort


def is_output_folder(folder: Path) -> bool:
    """Whether a folder holds an output that Spark wrote, and nothing else."""
    try:
        names = [each.name for each in folder.iterdir()]
    except OSError:
        return False
    return METADATA_OF_PARTS in names and all(_OF_AN_OUTPUT.fullmatch(name) for name in names)


def _check_columns(names: Iterable[str], where: str) -> None:
    if not set(names) >= _OWN:
        raise InputError(f"{where}: is no output of screen: it lacks its columns")


def _checked(row: OutputRow) -> OutputRow:
    """A row whose cells are of the types of their columns; raises `ValueError` for another."""
    for name, value in row.items():
        if not _fits(name, value):
            raise ValueError(f"the column {name} is of another type")
    return row


def _fits(name: str, value: object) -> bool:
    if value is None:
        return name not in ("row", "patient")
    if name in (*_LISTS, *_LISTS_OF_LISTS):
        inner = "" if name in _LISTS else _LISTS[0]
        return isinstance(value, list) and all(
            _fits(inner, each) if inner else isinstance(each, str) for each in value
        )
    if name in _WHOLE:
        return type(value) is int
    return isinstance(value, bool if name in _FLAGS else str) or name not in COLUMNS


def _uncelled(name: str, text: str) -> Any:
    if text == "":
        return None
    if name in (*_LISTS, *_LISTS_OF_LISTS):
        return json.loads(text)
    if name in _WHOLE:
        return int(text)
    return text == "true" if name in _FLAGS else text


def _is_same(column: Any) -> bool:
    """Whether all rows are known to say the same; of lists only whether they say nothing."""
    import polars as pl

    if column.null_count():
        return bool(column.null_count() == len(column))
    return not isinstance(column.dtype, pl.List) and bool((column == column[0]).all())


def _joined(frames: list[Any]) -> Any:
    import polars as pl

    return pl.concat(frames) if frames else rows_frame([])


def rows_frame(rows: list[OutputRow]) -> Any:
    """Rows as a frame of all columns."""
    import polars as pl

    types = column_types()
    frame = pl.DataFrame(rows, schema={**types, "as_of": pl.String}, orient="row")
    return frame.with_columns(pl.col("as_of").str.to_date("%Y-%m-%d"))


def with_day(row: dict[str, Any]) -> OutputRow:
    """A row of a frame as one of the output: its day as text."""
    return {**row, "as_of": None if row["as_of"] is None else row["as_of"].isoformat()}


def _cell(value: object) -> object:
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False)
    return str(value).lower() if isinstance(value, bool) else value


def _polars_error() -> type[Exception]:
    import polars

    return polars.exceptions.PolarsError


def _unwritable(file: Path, error: Exception) -> InputError:
    reason = (
        _of_a_full_disk(file.parent)
        or (isinstance(error, OSError) and error.strerror)
        or str(error).partition("\n")[0]
    )
    return InputError(f"{file}: cannot be written: {reason[:1].lower()}{reason[1:200]}")


def _of_a_full_disk(folder: Path) -> str | None:
    """What Polars does not always say."""
    try:
        return "no space left on device" if shutil.disk_usage(folder).free < _HARDLY_ANY else None
    except OSError:
        return None


def _write_whole(file: Path, content: bytes) -> None:
    temporary = file.with_suffix(".part")
    temporary.write_bytes(content)
    os.replace(temporary, file)
