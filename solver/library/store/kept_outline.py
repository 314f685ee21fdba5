"""The outline of trial files in the compile cache: a file that fits it is compiled without pydantic."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from solver.cache_files import cache_folder, code_digest, read_cache, write_cache
from solver.library.files.shape_outline import Outline, Unfit, fitted, outline_of
from solver.library.files.yaml_places import Document

if TYPE_CHECKING:
    from solver.library.files.trial_file import TrialFile


def trial_shape(document: Document, *, cached: bool) -> TrialFile:
    """What the file of a trial holds, as its shape or, with `cached`, something with the same attributes.

    Raises `InputError` naming each wrong key or value with its place.
    """
    folder = cache_folder() if cached else None
    where = None if folder is None else folder / f"{code_digest()[:32]}.outline"
    outline = None if where is None else _kept_outline(where)
    if outline is not None:
        with suppress(Unfit):
            found: TrialFile = fitted(document.data, outline)
            return found
    from solver.library.files.shapes import check_shape
    from solver.library.files.trial_file import TrialFile

    if where is not None and outline is None and (made := outline_of(TrialFile)) is not None:
        write_cache(where, made)
        _kept_outline.cache_clear()
    return check_shape(document, TrialFile)


@cache
def _kept_outline(where: Path) -> Outline | None:
    found = read_cache(where)
    return found if isinstance(found, tuple) else None
