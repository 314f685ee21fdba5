"""The files of the compile cache: read only where nobody but the user can have written them, since what is unpickled is run.

They are only ever read from a cache directory that belongs to the user and that nobody else can write to. Each begins with a digest of what
it holds, so that one that is cut or damaged is told from a whole one. A cache that cannot be read or written costs time and nothing else.
"""

from __future__ import annotations

import gc
import hashlib
import os
import pickle
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[0]
COMPILES = ("language", "evaluation", "library", "cache_files.py", "dataclass.py", "patterns.py")
"""The folders and modules with the code that compiles encodings, and that keeps what they come to."""

_DIGEST = 32
"""Bytes of the digest that a file begins with."""

_KEPT = 4
"""How many files are kept of those whose names begin alike."""


@cache
def code_digest(*parts: str) -> str:
    """A digest of the code in these folders and modules of the program, and of the interpreter that pickles what it makes.

    Without any, it is that of the code that compiles encodings.
    """
    whole = "\n".join([sys.version, *map(_part_digest, parts or COMPILES)])
    return hashlib.sha256(whole.encode()).hexdigest()


@cache
def _part_digest(part: str) -> str:
    own = hashlib.sha256()
    for name, content in sorted(_code_in(part)):
        own.update(f"{name}\0{len(content)}\0".encode())
        own.update(content)
    return own.hexdigest()


def _code_in(part: str) -> Iterator[tuple[str, bytes]]:
    """The name and the content of each file of code in a folder, or of a module itself."""
    path = f"{_PACKAGE}/{part}"
    if part.endswith((".py", ".lark")):
        with open(path, "rb") as file:
            yield part, file.read()
        return
    with os.scandir(path) as inside:
        for each in inside:
            if each.name.endswith((".py", ".lark")) or (each.is_dir() and each.name != "__pycache__"):
                yield from _code_in(f"{part}/{each.name}")


def cache_folder() -> Path | None:
    """Where files of the cache lie; None where there is no place for them."""
    base = os.environ.get("XDG_CACHE_HOME") or (Path.home() / ".cache" if os.environ.get("HOME") else None)
    return Path(base) / "trialproof" if base else None


def read_cache(path: Path) -> object:
    """What a file of the cache holds; None where there is none that may be read, or that is whole."""
    if not _only_ours(path.parent):
        return None
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
        with os.fdopen(handle, "rb") as file:
            if not _is_ours(os.fstat(handle), stat.S_IFREG):
                return None
            content = memoryview(file.read())
        if hashlib.sha256(content[_DIGEST:]).digest() != content[:_DIGEST]:
            return None
        return _unpickled(content[_DIGEST:])
    except Exception:  # a damaged cache is no error: the files are compiled instead
        return None


def _unpickled(content: memoryview) -> object:
    with nothing_is_garbage():
        return pickle.loads(content)


@contextmanager
def nothing_is_garbage() -> Iterator[None]:
    """Look for no garbage while thousands of objects are made that stay: that takes as long as to make them."""
    looked_for = gc.isenabled()
    # where another thread has it off, that one lets it be looked for again: at any time, and this one would not after it
    if looked_for:
        gc.disable()
    try:
        yield
    finally:
        if looked_for:
            gc.enable()


def write_cache(path: Path, what: object, begin: str = "") -> None:
    """Keep something, if that can be done, and only the latest few of the files with its suffix whose names begin like this."""
    import tempfile  # slow to import, and needed only here

    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _only_ours(path.parent):
            return
        content = pickle.dumps(what, pickle.HIGHEST_PROTOCOL)
        handle, temporary = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(hashlib.sha256(content).digest())
                file.write(content)
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError:
        return
    for old in latest_files(path.parent, begin, path.suffix)[_KEPT:]:
        with suppress(OSError):
            old.unlink()


def latest_files(folder: Path, begin: str, *ends: str) -> list[Path]:
    """The files whose names begin like this and end like one of these, the latest first."""
    found = []
    with suppress(OSError), os.scandir(folder) as inside:
        for each in inside:
            if each.name.startswith(begin) and each.name.endswith(ends):
                found.append((each.stat(follow_symlinks=False).st_mtime_ns, each.name))
    return [folder / name for _, name in sorted(found, reverse=True)]


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
