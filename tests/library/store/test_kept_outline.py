"""The outline of trial files and the parser in the cache: whatever becomes of them, a file means the same and its faults are told."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from solver.cache_files import read_cache
from solver.errors import InputError
from solver.language import parse
from solver.library.files import shapes
from solver.library.load import load_library
from solver.library.store import kept_outline
from tests.support.libraries.small_library import TRIAL, folder

DAMAGE: dict[str, Callable[[Path, Path], object]] = {
    "none": lambda file, other: None,
    "gone": lambda file, other: file.unlink(),
    "cut": lambda file, other: file.write_bytes(file.read_bytes()[:-1]),
    "of another": lambda file, other: shutil.copyfile(other, file),
    "empty": lambda file, other: file.write_bytes(b""),
}


def forget() -> None:
    """As in a new process, nothing has been read of the cache."""
    parse._criterion_parser.cache_clear()
    kept_outline._kept_outline.cache_clear()


def kept(cache: Path) -> tuple[Path, Path]:
    """The files with the outline and the parser."""
    (outline,) = cache.glob("*.outline")
    (parser,) = cache.glob("*.parser")
    return outline, parser


@pytest.mark.parametrize("how", sorted(DAMAGE))
def test_what_is_kept_changes_nothing(tmp_path: Path, cache: Path, how: str) -> None:
    """Neither what a changed file comes to, nor what is said of a wrong one; and what is damaged is written anew."""
    forget()
    where = folder(tmp_path)
    load_library(where)
    outline, parser = kept(cache)
    DAMAGE[how](outline, parser)
    DAMAGE[how](parser, cache / outline.name if outline.exists() else parser)
    trial = where / "trials" / "one.yaml"
    for text in (TRIAL.replace("10 kg", "11 kg"), TRIAL.replace("label: Consent", "lable: Consent")):
        forget()
        trial.write_text(text)
        found: list[object] = []
        for cached in (True, False):
            try:
                found.append(load_library(where, cached=cached))
            except InputError as error:
                found.append(error.problems)
        assert found[0] == found[1]
    outline, parser = kept(cache)
    if how != "of another":  # what is whole is left, and is not taken for what it is not
        assert isinstance(read_cache(outline), tuple)
        assert isinstance(read_cache(parser), bytes)


def test_a_changed_file_is_compiled_without_pydantic(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once the outline is kept."""
    where = folder(tmp_path)
    load_library(where)
    forget()
    monkeypatch.setattr(shapes, "check_shape", None)
    (where / "trials" / "one.yaml").write_text(TRIAL.replace("10 kg", "11 kg"))
    assert load_library(where).trials["ONE"].clauses[0].logic[""].endswith("11 kg")
