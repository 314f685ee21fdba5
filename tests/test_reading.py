"""Many files of a folder are read as each of them is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from solver.errors import InputError
from solver.reading import read_file, read_files

MOST = 40_000
SIZES = [0, 1, 16_383, 16_384, 16_385, 32_768, 32_769, MOST - 1, MOST, MOST + 1, MOST + 2, 3 * MOST]


def told(folder: str, name: str, *, regular: bool) -> tuple[str, bytes] | str:
    """What is read of one file of a folder, or why it cannot be."""
    try:
        return next(read_files(folder, {name: regular}, MOST))
    except InputError as error:
        return str(error)


def alone(folder: str, name: str) -> tuple[str, bytes] | str:
    """What is read of the file by its path, or why it cannot be."""
    path = os.path.join(folder, name) if folder != "." else name
    try:
        return path, read_file(path, path, MOST)
    except InputError as error:
        return str(error)


@pytest.mark.parametrize("regular", [True, False])
def test_files_of_a_folder_are_read_as_each_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, regular: bool
) -> None:
    """Whatever their size, and from wherever the folder is called; no more is read than is allowed, and one byte."""
    names = {}
    for size in SIZES:
        (tmp_path / f"{size}.yaml").write_bytes(os.urandom(size))
        names[f"{size}.yaml"] = regular
    monkeypatch.chdir(tmp_path)
    for folder in (str(tmp_path), "."):
        found = list(read_files(folder, names, MOST))
        assert found == [alone(folder, name) for name in names]
        assert {path: len(content) for path, content in found} == {
            path: min(size, MOST + 1) for size, (path, _) in zip(SIZES, found, strict=True)
        }


def test_what_cannot_be_read_is_told_as_of_one_file(tmp_path: Path) -> None:
    """One that is gone by now, and what turns out to be no file."""
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "link.yaml").symlink_to(tmp_path / "nowhere.yaml")
    (tmp_path / "whole.yaml").write_text("a: 1")
    (tmp_path / "to whole.yaml").symlink_to(tmp_path / "whole.yaml")
    os.mkfifo(tmp_path / "pipe.yaml")
    for name in ("gone.yaml", "folder.yaml"):
        assert told(str(tmp_path), name, regular=True) == alone(str(tmp_path), name)
    for name in ("gone.yaml", "folder.yaml", "link.yaml", "to whole.yaml", "pipe.yaml"):
        assert told(str(tmp_path), name, regular=False) == alone(str(tmp_path), name)
    assert told(str(tmp_path / "gone"), "a.yaml", regular=True) == alone(str(tmp_path), "gone")


def test_what_is_a_pipe_by_now_is_not_waited_for(tmp_path: Path) -> None:
    """It was a file when the folder was looked at."""
    os.mkfifo(tmp_path / "pipe.yaml")
    assert told(str(tmp_path), "pipe.yaml", regular=True) == (str(tmp_path / "pipe.yaml"), b"")
