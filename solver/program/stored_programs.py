"""Fragments of trials in the compile cache: of a library with many trials nobody has to unpack a clause to know a verdict.

Of one set of trials there is one file, with the fragments of all in one table of slots. Where some trials of a library have changed, the
fragments of the others are taken from the latest file with the same words, and joined anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from solver.cache_files import (
    COMPILES,
    cache_folder,
    code_digest,
    read_cache,
    read_latest,
    write_cache,
)
from solver.dataclass import dataclass
from solver.engine.clauses import ConditionCache
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
    """The fragments of trials by the key of what is stored of each, and what the slots of their table are."""

    kinds: tuple[SlotKind, ...]
    fragments: dict[str, Fragment]


def stored_fragments(
    cache: ConditionCache, program: FlatProgram, trials: Sequence[Trial], context: Context
) -> list[Fragment]:
    """The fragments of trials, joined to an empty program: those that are stored, and the others compiled.

    Those of all are stored, if that can be done and they are many.
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
            table = SlotTable.of(found.kinds)
            for name in wanted & found.fragments.keys():
                stored.setdefault(name, (table, found.fragments[name]))
            if (len(wanted) - len(stored)) * _AS_MANY <= len(wanted):
                break
    joined = []
    for trial, key in zip(trials, keys, strict=True):
        own = None if key is None or trial.code in context.open_cohorts else stored.get(key)
        table, fragment = own or compiled_fragment(cache, trial, context)
        joined.append(table.join(fragment, program))
    if folder is not None and len(stored) < len(keys) == len(wanted) and not context.open_cohorts:
        fragments = {key: each for key, each in zip(keys, joined, strict=True) if key}
        write_cache(where, StoredProgram(tuple(program.kinds()), fragments), f"{words}-")
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
    for other in read_latest(folder, f"{words}-", _end()):
        if isinstance(other, StoredProgram):
            yield other
