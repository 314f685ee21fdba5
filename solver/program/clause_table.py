"""The clauses of many trials as a table, one behind the other: to know a verdict nobody has to make an object of each trial.

Of the trials A with the clauses A1 and A2, and B with B1, of which A1 and B1 ask for literal 4, and A2 for literal 7:

    place of clause    0   1   2           literal           4      7
    names             A1  A2  B1           clauses by it     0  2   1
    asked              4   7   4
    trials             0   0   1           so that whoever fails literal 4 fails A1 of trial 0, and B1 of trial 1

What a trial asks that a line of the table cannot say stands beside it, by trial.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import accumulate, chain, repeat
from operator import sub

from solver.dataclass import dataclass
from solver.engine.clauses import Extent
from solver.program.fragments import Asked, Fragment, SlotTable, alike, asked_by_cohort
from solver.program.slots import Literal

NOTHING: Literal = -1
"""What a clause asks for that is kept as text, or of a trial that stands beside the table."""


@dataclass(frozen=True, slots=True)
class ClauseTable:
    """The clauses of trials in their order, trial by trial, in the order of the protocol.

    Of each clause there is its name, and the literal that it asks of every cohort. `starts` is where the clauses of each trial begin, and
    where the last ones end. `different` are, by the place of a trial, what its clauses ask for, where not all with logic ask the same of
    every cohort. `extents` are the different ones, and `extent_of` which of them a trial has. `slots` are those of each trial, one trial
    behind the other, each slot behind its parts; they begin and end as `slot_starts` says.
    """

    names: Sequence[str]
    asked: array[int]
    starts: array[int]
    different: Mapping[int, tuple[Asked, ...]]
    extents: tuple[Extent, ...]
    extent_of: array[int]
    slots: array[int]
    slot_starts: array[int]

    def __len__(self) -> int:
        """How many trials there are."""
        return len(self.extent_of)

    def fragment(self, trial: int) -> Fragment:
        """The fragment of a trial."""
        begin, end = self.starts[trial], self.starts[trial + 1]
        asked = self.different.get(trial)
        if asked is None:
            asked = tuple([() if each < 0 else each for each in self.asked[begin:end]])
        extent = self.extents[self.extent_of[trial]]
        return Fragment(
            self.slots_of(trial), tuple(self.names[begin:end]), asked, extent, alike(asked, extent)
        )

    def slots_of(self, trial: int) -> tuple[int, ...]:
        """The slots of a trial."""
        return tuple(self.slots[self.slot_starts[trial] : self.slot_starts[trial + 1]])

    def cohorts_asking(self, cohorts: Sequence[Collection[str]]) -> Mapping[Literal, int]:
        """How many cohorts ask for each literal; `cohorts` are those of each trial."""
        asked, starts = self.asked, self.starts
        found = Counter[Literal](asked)
        for trial, names in enumerate(cohorts):
            own = asked[starts[trial] : starts[trial + 1]]
            once = {*own}
            if len(names) > 1 or len(once) < len(own):
                found.subtract(own)
                found.update(dict.fromkeys(once, len(names)))
        del found[NOTHING]
        for trial, clauses in self.different.items():
            by_cohort = [asked_by_cohort(each, cohorts[trial]) for each in clauses]
            for name in cohorts[trial]:
                found.update({each[name] for each in by_cohort if name in each})
        return found


class TableBuilder:
    """Puts a table of clauses together, trial after trial."""

    def __init__(self) -> None:
        self._names, self._asked, self._starts = list[str](), array("i"), array("i", [0])
        self._different = dict[int, tuple[Asked, ...]]()
        self._extents, self._extent_of = dict[object, tuple[int, Extent]](), array("i")
        self._slots, self._slot_starts = array("i"), array("i", [0])

    def add(self, fragment: Fragment) -> None:
        """Add the fragment of a trial, which has the slots of the program of the table."""
        slots, names, asked, extent, _ = fragment
        if all(each == () or isinstance(each, int) for each in asked):
            self._asked.extend([each if isinstance(each, int) else NOTHING for each in asked])
        else:
            self._different[len(self._extent_of)] = asked
            self._asked.extend(repeat(NOTHING, len(asked)))
        self._names += names
        self._starts.append(len(self._names))
        self._extent_of.append(self._place_of(extent))
        self._slots.extend(slots)
        self._slot_starts.append(len(self._slots))

    def add_all(self, table: ClauseTable, begin: int, end: int, moved: SlotTable) -> None:
        """Add the trials of another table from one place to another, whose slots `moved` has joined to the program of this one."""
        first, last = table.starts[begin], table.starts[end]
        literals = [*moved.literals, NOTHING]
        same = all(map(_stays, moved.literals, range(len(literals))))
        self._starts.extend(_shifted(table.starts[begin + 1 : end + 1], len(self._names) - first))
        asked = table.asked[first:last]
        self._asked += asked if same else array("i", [literals[each] for each in asked])
        self._names += table.names[first:last]
        for trial, each in table.different.items():
            if begin <= trial < end:
                self._different[len(self._extent_of) + trial - begin] = moved.moved_all(each)
        extents = [self._place_of(extent) for extent in table.extents]
        self._extent_of += array("i", [extents[each] for each in table.extent_of[begin:end]])
        first, last = table.slot_starts[begin], table.slot_starts[end]
        self._slot_starts.extend(_shifted(table.slot_starts[begin + 1 : end + 1], len(self._slots) - first))
        own, places = table.slots[first:last], [literal >> 1 for literal in literals[::2]]
        self._slots += own if same else array("i", [places[each] for each in own])

    def _place_of(self, extent: Extent) -> int:
        told = extent.encoded, extent.objective, extent.not_judged, tuple(extent.capped.items())
        return self._extents.setdefault(told, (len(self._extents), extent))[0]

    def built(self) -> ClauseTable:
        """The table of the trials so far."""
        return ClauseTable(
            self._names,
            self._asked,
            self._starts,
            self._different,
            tuple(extent for _, extent in self._extents.values()),
            self._extent_of,
            self._slots,
            self._slot_starts,
        )


def _stays(joined: Literal, literal: Literal) -> bool:
    """Whether a literal, if it is joined, is called in the program as in the table."""
    return joined in (literal, -1)


def _shifted(starts: Iterable[int], by: int) -> list[int]:
    return [start + by for start in starts]


@dataclass(frozen=True, slots=True)
class AskingClauses:
    """Which clauses of a table ask every cohort for a literal.

    `clauses` are their places, by literal and then in order; those of a literal are between two of `bounds`. `trials` is of every clause
    the place of its trial.
    """

    clauses: array[int]
    bounds: array[int]
    trials: array[int]

    @classmethod
    def of(cls, table: ClauseTable, literals: int) -> AskingClauses:
        """Those of a table over a program with so many literals."""
        found: list[list[int]] = [[] for _ in range(literals + 1)]
        for place, literal in enumerate(table.asked):
            found[literal].append(place)
        found.pop()  # what asks for `NOTHING`
        bounds = array("i", accumulate(map(len, found), initial=0))
        counts = map(sub, table.starts[1:], table.starts)
        # an array is made of a list in half of the time that it takes of what has no length
        trials = array("i", [*chain.from_iterable(map(repeat, range(len(table)), counts))])
        return cls(array("i", [*chain.from_iterable(found)]), bounds, trials)

    def by_trial(self, literals: Iterable[Literal], names: Sequence[str]) -> dict[int, tuple[str, ...]]:
        """By the place of its trial, the names of the clauses that ask for one of these literals, in the order of the protocol."""
        clauses, bounds = self.clauses, self.bounds
        asking = sorted(chain.from_iterable([clauses[bounds[each] : bounds[each + 1]] for each in literals]))
        own = [*map(names.__getitem__, asking)]
        found, at = {}, 0
        for trial, many in Counter(map(self.trials.__getitem__, asking)).items():
            found[trial] = tuple(own[at : (at := at + many)])
        return found
