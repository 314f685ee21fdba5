"""Libraries in the compile cache: each in a file of its own, or as what makes it differ from one that is there.

    trials A B C ... Z     123.library
    trials A B' C ... Z    456.change      123.library but for B', in the order A B' C ... Z

So one file that is changed among thousands costs no more to keep than it is large. A change is always one of a whole library, and where it
has grown a whole one is written. What a change is of may be gone, or be another library by now: then it is as if it were not there.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from solver.cache_files import latest_files, read_cache, write_cache
from solver.dataclass import dataclass
from solver.library.models import Library, Trial
from solver.library.store.stored_trials import keys_of

MANY = 40
"""Of so many trials a change is kept by itself: fewer are written in no time."""

_MOST_CHANGED = 20
"""One in so many trials may differ, so that what is read besides stays little."""

_AS_MANY = 500
"""To compile a trial takes as long as to read so many that are kept."""

_OF_WORDS = ("mentions", "linked", "lists")
_OF_TERMS = ("tests_of_terms", "parts")


@dataclass(frozen=True, slots=True)
class ChangedLibrary:
    """A library with the words of the one in the file `base`, whose digest is `base_digest`.

    `codes` are its trials in their order: those `changed`, and the others as they are there.
    """

    base: str
    base_digest: str
    codes: tuple[str, ...]
    changed: Mapping[str, Trial]
    digest: str
    added: Mapping[str, str]

    @classmethod
    def of(cls, library: Library, base: Library, name: str) -> ChangedLibrary | None:
        """A library as a change of another; None where they differ in more than a few trials."""
        if len(library.trials) < MANY or not _same_terms(library, base):
            return None
        changed = {code: each for code, each in library.trials.items() if base.trials.get(code) is not each}
        if len(changed) * _MOST_CHANGED > len(library.trials):
            return None
        return cls(name, base.digest, tuple(library.trials), changed, library.digest, library.added)

    def applied(self, base: object) -> Library | None:
        """The library; None where `base` is not what this is a change of."""
        if not isinstance(base, Library) or base.digest != self.base_digest:
            return None
        own, others = self.changed, base.trials
        try:
            trials = {code: own[code] if code in own else others[code] for code in self.codes}
        except KeyError:
            return None
        found = replace(base, trials=trials, digest=self.digest, added=self.added)
        _keep_known(found, base, of_terms=True)
        return found


@dataclass(frozen=True, slots=True)
class StoredLibraries:
    """The libraries of some words that are kept in a folder; `begin` and `end` are what the names of their files begin and end with."""

    folder: Path
    begin: str
    end: str

    def read(self, name: str) -> Library | None:
        """The library that is kept under a name, and is whole."""
        found = read_cache(self._file(name, "library"))
        if isinstance(found, Library):
            return found
        change = read_cache(self._file(name, "change"))
        return self._applied(change)[0] if isinstance(change, ChangedLibrary) else None

    def earlier(self, keys: Collection[str]) -> Earlier:
        """As many of the libraries that are kept, the latest first, as are of use to one with trials of these keys."""
        found: list[Library] = []
        whole: tuple[str, Library] | None = None
        left, words = set(keys), next(iter(keys)).partition("-")[0]
        for name, base, library in self._latest():
            own = {key or "" for key in keys_of(library.trials.values())}
            if not all(key.startswith(words) for key in own):  # a file that was given another name
                continue
            found.append(library)
            whole = whole or (name, base)
            left -= own
            if len(left) * _AS_MANY < len(own):
                break
        return Earlier(tuple(found), whole)

    def write(self, name: str, library: Library, earlier: Earlier) -> None:
        """Keep a library, by itself or as a change of an earlier one."""
        if earlier.whole is not None:
            base_name, base = earlier.whole
            _keep_known(library, base, of_terms=_same_terms(library, base))
            change = ChangedLibrary.of(library, base, base_name)
            if change is not None:
                write_cache(self._file(name, "change"), change, self.begin)
                with suppress(OSError):  # what it is a change of is of use as long
                    os.utime(self.folder / base_name)
                return
        # what every question needs is kept with it
        for each in (*_OF_WORDS, *_OF_TERMS):
            getattr(library, each)
        write_cache(self._file(name, "library"), library, self.begin)

    def _file(self, name: str, kind: str) -> Path:
        return self.folder / f"{self.begin}{name}{self.end}.{kind}"

    def _latest(self) -> Iterator[tuple[str, Library, Library]]:
        """Of each library that is kept the file of the whole one that it is or is a change of, that one, and the library itself."""
        for path in latest_files(self.folder, self.begin, f"{self.end}.library", f"{self.end}.change"):
            found = read_cache(path)
            if isinstance(found, Library):
                yield path.name, found, found
            elif isinstance(found, ChangedLibrary):
                library, base = self._applied(found)
                if library is not None and base is not None:
                    yield found.base, base, library

    def _applied(self, change: ChangedLibrary) -> tuple[Library | None, Library | None]:
        base = read_cache(self.folder / os.path.basename(change.base))
        return change.applied(base), base if isinstance(base, Library) else None


@dataclass(frozen=True, slots=True)
class Earlier:
    """Libraries of the same words, and of the latest the whole one that it is or is a change of, by the name of its file."""

    libraries: tuple[Library, ...] = ()
    whole: tuple[str, Library] | None = None


def _keep_known(library: Library, base: Library, *, of_terms: bool) -> None:
    """Have a library know what another one with the same words found out about them, and with the same terms about these."""
    known = vars(base)
    for name in (*_OF_WORDS, *(_OF_TERMS if of_terms else ())):
        if name in known:
            vars(library)[name] = known[name]


def _same_terms(one: Library, other: Library) -> bool:
    """Whether two libraries ask the same of concepts, in the same order."""
    return list(one.terms.items()) == list(other.terms.items())
