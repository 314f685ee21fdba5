"""Facts of other days that contradict newer ones: which of them give way in a record that was read from a hospital's export.

    blasts 400 on the 17th, white count below 100 on the 18th: they contradict each other, and the blasts are the older

A state that has changed since is nobody's error. From the newest day to the oldest, a fact that can change stands unless it contradicts
what stands already and is wholly older than the latest day in that contradiction. Lasting facts stand from the beginning.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from solver.dataclass import dataclass
from solver.engine.consistency import open_record
from solver.library.models import Library
from solver.patient.record import FactDays, Record
from solver.work import Budget


@dataclass(frozen=True, slots=True)
class OlderFact:
    """A fact that gave way to `newer` ones, with the last day of each that is dated."""

    variable: str
    day: int
    newer: tuple[str, ...]
    newest_day: int


def set_aside(
    library: Library, record: Record, days: Mapping[str, FactDays], budget: Budget | None = None
) -> tuple[Record, tuple[OlderFact, ...]]:
    """The record without the changing facts that newer ones contradict, and what was left out.

    `days` are those of the facts and entries by the names that contradictions give them; what is missing there is lasting and undated.
    """
    left_out: list[OlderFact] = []
    while True:
        opened = open_record(library, record, budget)
        found = _giving_way(opened.contradictions.subsets, days)
        if not found:
            return record, tuple(left_out)
        left_out += found
        record = record.without([each.variable for each in found])


def _giving_way(contradictions: Sequence[Sequence[str]], days: Mapping[str, FactDays]) -> list[OlderFact]:
    """The changing facts that give way, by all minimal contradictions among the facts."""
    changing = {
        name
        for each in contradictions
        for name in each
        if name in days and not days[name].lasting and days[name].last is not None
    }
    standing = {name for each in contradictions for name in each} - changing
    found = []
    for name in sorted(changing, key=lambda name: (-(days[name].last or 0), name)):
        older = next(_contradicted(name, contradictions, standing, days), None)
        if older is None:
            standing.add(name)
        else:
            found.append(older)
    return found


def _contradicted(
    name: str, contradictions: Sequence[Sequence[str]], standing: set[str], days: Mapping[str, FactDays]
) -> Iterator[OlderFact]:
    last = days[name].last
    assert last is not None
    for each in contradictions:
        others = [other for other in each if other != name]
        if name not in each or not standing.issuperset(others):
            continue
        dated = {
            other: first for other in others if other in days and (first := days[other].first) is not None
        }
        if dated and max(dated.values()) > last:
            yield OlderFact(name, last, tuple(others), max(dated.values()))
