"""Files as a revision of git has them: `main~3:trials/a.yaml`, and the revisions in which a file changed.

Git is asked as a program; nothing of a working tree is changed.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from solver.dataclass import dataclass
from solver.errors import InputError
from solver.text import quote


@dataclass(frozen=True, slots=True)
class Revision:
    """A revision in which a file changed: its name in full, its day as `YYYY-MM-DD`, what its message says first, and the file's path."""

    name: str
    day: str
    subject: str
    path: str

    @property
    def short(self) -> str:
        """The beginning of its name, by which people call it."""
        return self.name[:10]


def names_a_revision(name: str) -> bool:
    """Whether a word names a file of a revision, as `REV:path`; a file that is called so comes first."""
    revision, colon, path = name.partition(":")
    return bool(colon and revision and path) and not revision.startswith("-") and not Path(name).exists()


def file_of_revision(name: str) -> bytes:
    """What `REV:path` holds; a path is looked for from the working directory first, and then from the top of the repository.

    Raises `InputError` if there is no git, no repository, no such revision or no such file in it.
    """
    revision, _, path = name.partition(":")
    place = Path(path)
    folder = place.parent if place.is_absolute() else Path()
    commit = _commit(revision, folder, name)
    for tried in [f"./{place.name}"] if place.is_absolute() else [f"./{path}", path]:
        found = _run(folder, "show", f"{commit}:{tried}")
        if found.returncode == 0:
            return found.stdout
    raise InputError(
        f"{name}: no file {quote(path)} in revision {quote(revision)}: git ls-tree -r --name-only {revision} lists them"
    )


def revisions_of(path: str) -> list[Revision]:
    """The revisions in which a file changed, the oldest first; renames are followed.

    Raises `InputError` if there is no git, no repository, or no revision that has the file.
    """
    place = Path(path)
    folder = place.parent
    if not folder.is_dir():
        raise InputError(f"{path}: no such file: give one that git keeps")
    _commit("HEAD", folder, path)
    # with -z a name stands as it is, and not in quotes where it has other letters than English
    asked = "log", "-z", "--follow", "--name-only", "--format=%H%x00%as%x00%s"
    told = _run(folder, *asked, "--", f"./{place.name}")
    left = told.stdout.decode("utf-8", "surrogateescape").split("\0")
    found = []
    while len(left) > 3:
        name, day, subject, *left = left
        changed = place.name
        # names stand behind a line's end, and the next revision does not
        while left[0].startswith("\n"):
            changed = left.pop(0)[1:]
        found.append(Revision(name, day, subject, changed))
    if not found:
        raise InputError(f"{path}: no revision has it: give a file that git keeps")
    return found[::-1]


def content_at(revision: Revision, path: str) -> bytes | None:
    """What a file held in one of its revisions; None where that took it away."""
    found = _run(Path(path).parent, "show", f"{revision.name}:{revision.path}")
    return found.stdout if found.returncode == 0 else None


def _commit(revision: str, folder: Path, name: str) -> str:
    found = _run(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if found.returncode == 0:
        return found.stdout.decode().strip()
    if _run(folder, "rev-parse", "--git-dir").returncode:
        raise InputError(f"{name}: is in no repository of git: run it within one, or give a file")
    raise InputError(f"{name}: no revision {quote(revision)}: git log --oneline lists them")


def _run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            ["git", "--no-pager", "--no-optional-locks", *arguments],
            cwd=folder,
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        raise InputError(
            "git is not installed, by which revisions are read: install it, or give files"
        ) from None
