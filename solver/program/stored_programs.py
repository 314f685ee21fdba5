"""Clauses of trials in the compile cache: of a library with many trials nobody has to unpack a clause to know a verdict.

Of one set of trials there is one file, with the clauses of all in one table over one program. Where some trials of a library have changed,
those of the others are taken from the latest file with the same words, and joined anew.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
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
from solver.engine.clauses import ConditionCache
from solver.library.models import Trial
from solver.library.store.stored_trials import keys_of
from solver.patient.record import Context
from solver.program.clause_table import AskingClauses, ClauseTable, TableBuilder
from solver.program.fragments import SlotTable, compiled_fragment
from solver.program.slots import FlatProgram, Literal, SlotKind

MANY = 40
"""So many trials are worth a file: fewer are unpacked in no time."""

_AS_MANY = 100
"""To compile the clauses of a trial takes as long as to read those of so many."""

_CODE = (*COMPILES, "program", "engine/clauses.py", "patient/record.py")

Clauses = tuple[ClauseTable, AskingClauses, Mapping[Literal, int]]
"""The clauses of trials, which of them ask for what, and how many cohorts ask for each literal."""


@dataclass(frozen=True, slots=True)
class StoredProgram:
    """The clauses of trials and the program that they are over: of its slots what they are, in order.

    `keys` are those of what is stored of each trial, and `names` those of the clauses, which `table` is without: one text each, since they
    are thousands. `cohorts` is how many each trial has.
    """

    kinds: tuple[SlotKind, ...]
    keys: str
    names: str
    table: ClauseTable
    asking: AskingClauses
    wanted: Mapping[Literal, int]
    cohorts: array[int]

    @classmethod
    def of(
        cls, keys: Sequence[str], program: FlatProgram, clauses: Clauses, cohorts: array[int]
    ) -> StoredProgram:
        """What is stored of trials with these keys."""
        table, asking, wanted = clauses
        names, kinds = _JOINED.join(table.names), tuple(program.kinds())
        return cls(kinds, _JOINED.join(keys), names, replace(table, names=()), asking, dict(wanted), cohorts)

    def asks_as(self, table: ClauseTable, program: FlatProgram, cohorts: array[int]) -> bool:
        """Whether the clauses of a table ask for the same, place by place: then who asks for what is known of it."""
        own = self.table
        return (
            (own.asked, own.starts, self.cohorts) == (table.asked, table.starts, cohorts)
            and own.different == table.different
            and len(self.kinds) == program.count
        )

    def with_names(self) -> ClauseTable:
        """The table of clauses, whole."""
        return replace(self.table, names=self.names.split(_JOINED) if self.names else [])


_JOINED = "\n"


def stored_clauses(
    cache: ConditionCache, program: FlatProgram, trials: Sequence[Trial], context: Context
) -> Clauses:
    """The clauses of trials, joined to an empty program: those that are stored, and the others compiled.

    Those of all are stored, if that can be done and they are many.
    """
    keys = keys_of(trials)
    # a trial that is not as its file says, and whoever has another context, is none of what is stored
    plain = not context.readings and not context.secondary_sources
    wanted = {key for key in keys if key is not None}
    folder = cache_folder() if plain and len(wanted) >= MANY else None
    stored: dict[str, tuple[_EarlierTable, int]] = {}
    programs: list[StoredProgram] = []
    words = min(wanted, default="").partition("-")[0]
    if folder is not None:
        joined_keys = _JOINED.join(map(str, keys))
        where = folder / f"{words}-{hashlib.sha256(joined_keys.encode()).hexdigest()[:32]}-{_end()}"
        for found in _programs(folder, where, words):
            if found.keys == joined_keys and not context.open_cohorts:
                for kind in found.kinds[1:]:
                    program.slot(kind)
                return found.with_names(), found.asking, found.wanted
            programs.append(found)
            earlier = _EarlierTable(found.with_names(), SlotTable.of(found.kinds))
            for place, name in enumerate(found.keys.split(_JOINED)):
                if name in wanted:
                    stored.setdefault(name, (earlier, place))
            if (len(wanted) - len(stored)) * _AS_MANY <= len(wanted):
                break
    taken = [
        None if key is None or trial.code in context.open_cohorts else stored.get(key)
        for trial, key in zip(trials, keys, strict=True)
    ]
    table = _joined(cache, program, trials, context, taken)
    cohorts = array("i", [len(trial.cohorts) for trial in trials])
    alike = next((each for each in programs if each.asks_as(table, program, cohorts)), None)
    if alike is None:
        asking = AskingClauses.of(table, 2 * program.count)
        clauses = table, asking, table.cohorts_asking([trial.cohorts for trial in trials])
    else:
        clauses = table, alike.asking, alike.wanted
    if folder is not None and len(stored) < len(keys) == len(wanted) and not context.open_cohorts:
        write_cache(where, StoredProgram.of([*filter(None, keys)], program, clauses, cohorts), f"{words}-")
    return clauses


@dataclass(frozen=True, slots=True)
class _EarlierTable:
    """What was stored of other trials: their clauses, and where its slots are in the program that they are joined to."""

    table: ClauseTable
    joined: SlotTable


_Taken = tuple[_EarlierTable, int] | None
"""Where the clauses of a trial are stored; None where they are not."""


def _joined(
    cache: ConditionCache,
    program: FlatProgram,
    trials: Sequence[Trial],
    context: Context,
    taken: Sequence[_Taken],
) -> ClauseTable:
    """The clauses of trials, one trial after the other joined to the program."""
    built = TableBuilder()

    def run(trial: int) -> object:
        """What trials that are stored one behind the other have in common."""
        found = taken[trial]
        return None if found is None else (id(found[0]), trial - found[1])

    for _, group in groupby(range(len(trials)), run):
        places = list(group)
        found = taken[places[0]]
        if found is None:
            for place in places:
                slots, fragment = compiled_fragment(cache, trials[place], context)
                built.add(slots.join(fragment, program))
            continue
        earlier, begin = found
        own, starts, end = earlier.table.slots, earlier.table.slot_starts, begin + len(places)
        for place in range(begin, end):
            earlier.joined.join_slots(own[starts[place] : starts[place + 1]], program)
        built.add_all(earlier.table, begin, end, earlier.joined)
    return built.built()


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
