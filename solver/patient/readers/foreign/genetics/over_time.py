"""Results of one finding over time: what was found stays found.

absent 2026-01, present 2026-06      present: the first is superseded
present 2026-01, absent 2026-06      both count, and nobody knows which: a remission has no disease to test
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf

from solver.dataclass import dataclass
from solver.patient.readers.foreign.gathered import FactSource
from solver.patient.readers.foreign.statements import PossibleDays


@dataclass(frozen=True, slots=True)
class DatedResult:
    """That something, called `key`, was found or not."""

    key: str
    present: bool
    source: FactSource

    @property
    def days(self) -> PossibleDays | None:
        """The days on which it may have been; None: undated."""
        days = self.source.days
        return None if days is None or (days.first is None and days.last is None) else days

    def wholly_after(self, other: DatedResult) -> bool:
        """Whether each of its days lies after each of the other's."""
        if self.days is None or other.days is None:
            return False
        first, last = self.days.first, other.days.last
        return (-inf if first is None else first) > (inf if last is None else last)


@dataclass(frozen=True, slots=True)
class Weighed:
    """What counts of some results, and what does not.

    `conflicts` are pairs of one that was found and one that was not, both of which count. Of `undone` it is a later result that would undo
    an earlier one.
    """

    counting: tuple[DatedResult, ...]
    undone: frozenset[DatedResult]
    conflicts: tuple[tuple[DatedResult, DatedResult], ...]
    superseded: tuple[DatedResult, ...]
    undated: tuple[DatedResult, ...]


def weigh(results: Sequence[DatedResult], bears_on: Callable[[str, str], bool]) -> Weighed:
    """What counts; `bears_on(absent, present)` says whether what was not found denies what was found."""
    dated_keys = {each.key for each in results if each.days is not None}
    undated = [each for each in results if each.days is None and each.key in dated_keys]
    usable = [each for each in results if each not in undated]
    found = [each for each in usable if each.present]
    denied = [each for each in usable if not each.present]
    old = {each for each in found if any(o.key == each.key and o.wholly_after(each) for o in found)}
    for each in denied:
        newer = (o for o in usable if (bears_on(each.key, o.key) if o.present else o.key == each.key))
        if any(other.wholly_after(each) for other in newer):
            old.add(each)
    counting = [each for each in usable if each not in old]
    conflicts = [
        (one, other)
        for one in counting
        for other in counting
        if one.present and not other.present and bears_on(other.key, one.key)
    ]
    return Weighed(
        tuple(counting),
        frozenset(other for one, other in conflicts if other.wholly_after(one)),
        tuple(conflicts),
        tuple(each for each in usable if each in old),
        tuple(undated),
    )
