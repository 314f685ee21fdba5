"""Fragments of trials in the compile cache: of a library with many trials nobody has to unpack a clause to know a verdict.

Of one set of trials there is one file, with the fragments of all in one table of slots. Where some trials of a library have changed, the
fragments of the others are taken from the latest file with the same words, and joined anew.
"""

from __future__ import annotations

import hashlib
import marshal
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import repeat
from pathlib import Path

from solver.cache_files import (
    COMPILES,
    cache_folder,
    code_digest,
    latest_files,
    read_cache,
    write_cache,
)
from solver.dataclass import dataclass
from solver.engine.clauses import ConditionCache, Extent
from solver.library.models import Trial
from solver.library.store.stored_trials import key_of
from solver.patient.record import Context
from solver.program.fragments import Fragment, SlotTable, compiled_fragment
from solver.program.slots import FlatProgram, SlotKind

MANY = 40
"""So many trials are worth a file: fewer are unpacked in no time."""

_AS_MANY = 100
"""To compile a fragment takes as long as to read so many."""

_CODE = (*COMPILES, "program", "engine/clauses.py", "patient/record.py")


@dataclass(frozen=True, slots=True)
class StoredProgram:
    """The fragments of trials by the `keys` of what is stored of each, and what the slots of their table are.

    `extents` are the different ones that trials have. `rows` and `slots` are packed apart: of each trial what its clauses ask for, and
    which slots are its own, which only joining it to others needs.
    """

    kinds: tuple[SlotKind, ...]
    keys: tuple[str, ...]
    extents: tuple[Extent, ...]
    rows: bytes
    slots: bytes

    @classmethod
    def of(cls, program: FlatProgram, fragments: Mapping[str, Fragment]) -> StoredProgram:
        """Fragments that have the slots of a program."""
        extents: dict[object, tuple[int, Extent]] = {}
        rows = []
        for _, names, asked, extent, alike in fragments.values():
            told = extent.encoded, extent.objective, extent.not_judged, tuple(extent.capped.items())
            place, _ = extents.setdefault(told, (len(extents), extent))
            rows.append((names, asked, place, alike))
        found = tuple(extent for _, extent in extents.values())
        slots = [each.slots for each in fragments.values()]
        return cls(tuple(program.kinds()), tuple(fragments), found, marshal.dumps(rows), marshal.dumps(slots))

    def fragments(self, *, slots: bool) -> Iterator[Fragment]:
        """The fragments in the order of their keys; without `slots` they can be joined to nothing."""
        extents = self.extents
        own: Iterable[tuple[int, ...]] = marshal.loads(self.slots) if slots else repeat(())
        for (names, asked, extent, alike), each in zip(marshal.loads(self.rows), own, strict=False):
            yield Fragment(each, names, asked, extents[extent], alike)


def stored_fragments(
    cache: ConditionCache, program: FlatProgram, trials: Sequence[Trial], context: Context
) -> list[Fragment]:
    """The fragments of trials, joined to an empty program: those that are stored, and the others compiled.

    Those of all are stored, if that can be done and they are many. Those that are as they were stored together have no slots of their own.
    """
    keys = [key_of(trial) for trial in trials]
    # a trial that is not as its file says, and whoever has another context, is none of what is stored
    plain = not context.readings and not context.secondary_sources
    wanted = {key for key in keys if key is not None}
    folder = cache_folder() if plain and len(wanted) >= MANY else None
    stored: dict[str, tuple[SlotTable, Fragment]] = {}
    words = min(wanted, default="").partition("-")[0]
    if folder is not None:
        where = _file_of(folder, words, keys)
        for found in _programs(folder, where, words):
            if found.keys == tuple(keys) and not context.open_cohorts:
                for kind in found.kinds[1:]:
                    program.slot(kind)
                return list(found.fragments(slots=False))
            table = SlotTable.of(found.kinds)
            for name, fragment in zip(found.keys, found.fragments(slots=True), strict=True):
                if name in wanted:
                    stored.setdefault(name, (table, fragment))
            if (len(wanted) - len(stored)) * _AS_MANY <= len(wanted):
                break
    joined = []
    for trial, key in zip(trials, keys, strict=True):
        own = None if key is None or trial.code in context.open_cohorts else stored.get(key)
        table, fragment = own or compiled_fragment(cache, trial, context)
        joined.append(table.join(fragment, program))
    if folder is not None and len(stored) < len(keys) == len(wanted) and not context.open_cohorts:
        fragments = {key: each for key, each in zip(keys, joined, strict=True) if key}
        write_cache(where, StoredProgram.of(program, fragments), f"{words}-")
    return joined


def _file_of(folder: Path, words: str, keys: Sequence[str | None]) -> Path:
    digest = hashlib.sha256("\n".join(map(str, keys)).encode()).hexdigest()
    return folder / f"{words}-{digest[:32]}-{_end()}"


def _end() -> str:
    return f"{code_digest(*_CODE)[:16]}.program"


def _programs(folder: Path, where: Path, words: str) -> Iterator[StoredProgram]:
    """What is stored of the same trials, else of others with the same words, the latest first."""
    found = read_cache(where)
    if isinstance(found, StoredProgram):
        yield found
        return
    for path in latest_files(folder, f"{words}-", _end()):
        other = read_cache(path)
        if isinstance(other, StoredProgram):
            yield other
