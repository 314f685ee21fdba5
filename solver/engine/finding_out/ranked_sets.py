"""Deciding sets in the order of what finding them out asks of the patient.

With the tests of `set_cover`, smear (weight 1) for a, panel (2) for b and biopsy (5) for a, b and c, the sets {a, b} and {a, c} are ranked
so: {a, b} by smear and panel for 3, then {a, c} by biopsy for 5. A set with a variable that no test reveals comes after all others.
"""

from __future__ import annotations

from solver.dataclass import dataclass
from solver.engine.answer import Subsets
from solver.engine.finding_out.set_cover import SetCover


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedSet:
    """A deciding set with what finds it out."""

    rank: int
    """From 1, the least burden first; then fewer tests, the earlier last result, the ids of the tests, and the order of `deciding_sets`."""
    variables: tuple[str, ...]
    """As in `deciding_sets`."""
    tests: tuple[str, ...]
    """The ids of the tests with the least burden that reveal them between them, sorted; of those in `no_test` none does."""
    burden: int | None
    """The sum of the weights of the burdens of `tests`; null where these do not reveal all of it. Such sets come last."""
    no_test: tuple[str, ...] = ()
    """The variables that no test reveals."""


def ranked_sets(covers: SetCover, sets: Subsets) -> tuple[RankedSet, ...]:
    """Each of the sets, the lightest first; `sets` are sorted by size and then by name, and that settles what is still equal."""
    found = []
    for place, names in enumerate(sets):
        untold = tuple(name for name in names if not covers.covers([name]))
        cover = covers.cheapest(frozenset(names).difference(untold))
        assert cover is not None
        found.append((len(untold), cover, place, names, untold))
    found.sort(key=lambda each: (each[0], each[1].cost, each[2]))
    return tuple(
        RankedSet(
            rank=rank,
            variables=names,
            tests=cover.tests,
            burden=None if untold else cover.weight,
            no_test=untold,
        )
        for rank, (_, cover, _, names, untold) in enumerate(found, start=1)
    )
