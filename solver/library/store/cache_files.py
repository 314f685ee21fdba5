"""The files of the compile cache: read only where nobody but the user can have written them, since what is unpickled is run.

They are only ever read from a cache directory that belongs to the user and that nobody else can write to, and a cache that cannot be
written costs time and nothing else.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import stat
import sys
from functools import cache
from pathlib import Path

from solver.library.models import Library

_PACKAGE = Path(__file__).resolve().parents[2]


@cache
def code_digest() -> str:
    """A digest of the code that compiles encodings and of the interpreter that pickles them."""
    whole = hashlib.sha256(sys.version.encode())
    for part in ("language", "evaluation", "library"):
        for path in sorted((_PACKAGE / part).rglob("*")):
            if path.suffix in (".py", ".lark"):
                whole.update(str(path.relative_to(_PACKAGE)).encode() + path.read_bytes())
    return whole.hexdigest()


def cache_file(digest: str) -> Path | None:
    """Where the library of a digest is kept; None where there is no place for a cache."""
    base = os.environ.get("XDG_CACHE_HOME") or (Path.home() / ".cache" if os.environ.get("HOME") else None)
    if not base:
        return None
    return Path(base) / "trialproof" / f"{digest[7:39]}-{code_digest()[:16]}.pickle"


def read_cache(path: Path) -> Library | None:
    """The library that a file of the cache holds; None where there is none that may be read."""
    if not _only_ours(path.parent):
        return None
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
        with os.fdopen(handle, "rb") as file:
            found = pickle.load(file) if _is_ours(os.fstat(handle), stat.S_IFREG) else None
    except Exception:  # a damaged cache is no error: the files are compiled instead
        return None
    return found if isinstance(found, Library) else None


def write_cache(path: Path, library: Library) -> None:
    """Keep a library, if that can be done."""
    import tempfile  # slow to import, and needed only here

    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _only_ours(path.parent):
            return
        handle, temporary = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                pickle.dump(library, file, protocol=pickle.HIGHEST_PROTOCOL)
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError:
        return


def _only_ours(folder: Path) -> bool:
    """Whether nobody else can put a file into the folder, or another folder in its place: what is unpickled there is run."""
    try:
        above = os.stat(folder.parent)
        return _is_ours(os.lstat(folder), stat.S_IFDIR) and (
            above.st_mode & stat.S_ISVTX != 0 or _is_ours(above, stat.S_IFDIR)
        )
    except OSError:
        return False


def _is_ours(found: os.stat_result, kind: int) -> bool:
    """Whether it is of this kind, belongs to the user, and nobody else can write to it."""
    if stat.S_IFMT(found.st_mode) != kind:
        return False
    return not hasattr(os, "getuid") or (found.st_uid == os.getuid() and not found.st_mode & 0o022)
