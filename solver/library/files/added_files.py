"""Files of one's own beside the encodings: trials, and the variables, concepts and tests that only one site needs.

A folder gives all its files. A file gives itself, and those beside it that hold nothing but words for trials.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from solver.dataclass import dataclass
from solver.errors import InputError
from solver.library.files.file_limits import MOST_BYTES, MOST_FILES
from solver.patterns import pattern
from solver.reading import read_file, unreadable

WORDS = ("variables", "names", "concepts", "tests")
"""The top-level keys of a file that is no trial."""

_OF_A_TRIAL = {"trial", "clauses", "cohorts"}
_RECORDS = (".json", ".ndjson", ".jsonl")
_NAMED = pattern(rb"""^(trial|code):\s*["']?([^\s"'#]+)""", re.MULTILINE)
_TOP_LEVEL = pattern(rb"^([A-Za-z_]+):", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class AddedFile:
    """A file, called `name` in messages."""

    name: str
    content: bytes

    @property
    def trial(self) -> bool:
        """Whether it holds a trial."""
        return not _OF_A_TRIAL.isdisjoint(self._keys)

    @property
    def names(self) -> set[bytes]:
        """The number and the code that its trial seems to have, in any case."""
        return {name.lower() for _, name in _NAMED.findall(self.content)}

    @property
    def words(self) -> bool:
        """Whether it holds nothing but words for trials."""
        return bool(self._keys) and self._keys <= set(WORDS)

    @property
    def _keys(self) -> set[str]:
        """The top-level keys that it seems to have."""
        return {key.decode() for key in _TOP_LEVEL.findall(self.content)}


def added_files(paths: Iterable[Path | str], of_site: Iterable[Path | str] = ()) -> tuple[AddedFile, ...]:
    """The files that these paths give, each once, in the order given; raises `InputError` with every fault.

    Those of a site come first, but for the trials that other paths give as well.
    """
    own, more = _each_once(of_site), _each_once(paths)
    given = frozenset[bytes]().union(*(file.names for file in more.values() if file.trial))
    kept = {path: file for path, file in own.items() if not file.trial or given.isdisjoint(file.names)}
    return tuple((kept | more).values())


def _each_once(paths: Iterable[Path | str]) -> dict[Path, AddedFile]:
    found: dict[Path, AddedFile] = {}
    faults: list[str] = []
    for path in paths:
        try:
            for file, added in _files_of(Path(path)):
                found.setdefault(file.resolve(), added)
        except InputError as error:
            faults.extend(error.problems)
    if faults:
        raise InputError(faults)
    return found


def added_codes(paths: Iterable[Path | str]) -> tuple[AddedFile, ...]:
    """The mapping files of these folders, in the order given and by name; raises `InputError` with every fault."""
    found: dict[Path, AddedFile] = {}
    faults: list[str] = []
    for path in map(Path, paths):
        try:
            if not path.is_dir():
                what = "it is a file: give the folder it lies in" if path.exists() else "no such directory"
                raise InputError(f"{path}: is not a folder of mapping files: {what}")
            inside = _yaml_files(path)
            overlooked = [
                f"{file}: would be overlooked: call it .yaml" for file in sorted(path.glob("*.yml"))
            ]
            if overlooked or not inside:
                raise InputError(overlooked or f"{path}: holds no .yaml file: put mapping files there")
            for file in inside:
                found.setdefault(file.resolve(), _read(file))
        except InputError as error:
            faults.extend(error.problems)
    if faults:
        raise InputError(faults)
    return tuple(found.values())


def _files_of(path: Path) -> Iterator[tuple[Path, AddedFile]]:
    if path.is_dir():
        inside = _yaml_files(path)
        overlooked = [f"{file}: would be overlooked: call it .yaml" for file in sorted(path.glob("*.yml"))]
        if overlooked:
            raise InputError(overlooked)
        if not inside:
            raise InputError(f"{path}: holds no .yaml file: put trial files there")
        for file in inside:
            yield file, _read(file)
        return
    if path.name.endswith(_RECORDS) and path.is_file():
        raise told_as_record(str(path))
    yield path, _read(path)
    for file in _yaml_files(path.parent):
        if file.name == path.name or not file.is_file():
            continue
        try:
            beside = _read(file)
        except InputError:
            continue
        if beside.words:
            yield file, beside


def told_as_record(name: str) -> InputError:
    """The error of a record where a trial file is expected."""
    return InputError(f"{name}: is no trial file but looks like a record: match {name} answers it")


def _yaml_files(folder: Path) -> list[Path]:
    try:
        inside = sorted(folder.iterdir())
    except OSError as error:
        raise unreadable(str(folder), error) from None
    if len(inside) > MOST_FILES:
        raise InputError(f"{folder}: holds more than {MOST_FILES:,} files: split the folder")
    return [file for file in inside if file.name.endswith(".yaml")]


def _read(path: Path) -> AddedFile:
    return AddedFile(str(path), read_file(path, str(path), MOST_BYTES))
