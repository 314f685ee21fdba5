"""Second readings of one clause that hold together: which of them a clause follows, and what its file must say of that."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import combinations

from solver.language.tree import Condition
from solver.library.models import Clause, Reading

Alternative = Mapping[str, Condition] | None
"""What a clause asks of each cohort that it binds; None where there is no such clause."""

_AND = " + "
_MOST = 8
"""The most second readings that one clause may have."""


def parts_of(key: str) -> tuple[str, ...]:
    """The readings that a key of `readings` names: one, or several joined by `+`."""
    return tuple(part.strip() for part in key.split("+"))


def key_of(names: Iterable[str], readings: Iterable[str]) -> str:
    """The key under which a clause keeps what it asks under these readings together, in the order of the trial."""
    chosen = set(names)
    return _AND.join([*(name for name in readings if name in chosen), *sorted(chosen - set(readings))])


def alternative(clause: Clause, chosen: Collection[str]) -> Alternative:
    """What a clause asks under the chosen readings.

    What the file says of readings together counts for them; else each reading changes its own cohorts, which are no two readings'.
    """
    active = [name for name in clause.alternatives if _AND not in name and name in chosen]
    if not active:
        return clause.conditions
    together = _AND.join(active)
    if together in clause.alternatives:
        return clause.alternatives[together]
    found = dict(clause.conditions)
    for name in active:
        other = clause.alternatives[name] or {}
        for cohort in _changed_cohorts(clause.conditions, other):
            found.pop(cohort, None)
            if cohort in other:
                found[cohort] = other[cohort]
    return {cohort: found[cohort] for cohort in (*clause.conditions, *found) if cohort in found} or None


def unsaid(
    conditions: Mapping[str, Condition],
    alternatives: Mapping[str, Alternative],
    readings: Mapping[str, Reading],
) -> Iterator[str]:
    """What is missing or wrong in what a clause says of its readings, as ends of a sentence about it.

    Readings that change the clause in the same cohort and can hold together need a word on what they mean together.
    """
    single = [name for name in readings if name in alternatives]
    if len(single) > _MOST:
        yield f"has {len(single)} second readings: give at most {_MOST}"
        return
    for key in alternatives:
        names = parts_of(key)
        missing = [name for name in names if name not in alternatives]
        if len(names) > 1 and (missing or len(set(names)) < len(names)):
            yield f"says what '{key}' means, but not what each of these means alone"
    changes = {name: _changed_cohorts(conditions, alternatives[name] or {}) for name in single}
    for count in range(2, len(single) + 1):
        for names in combinations(single, count):
            pairs = list(combinations(names, 2))
            if key_of(names, readings) in alternatives or any(exclusive(readings, *pair) for pair in pairs):
                continue
            if any(changes[one] & changes[other] for one, other in pairs):
                yield f"reads otherwise under each of {', '.join(names)}: add '{_AND.join(names)}' with what they mean together"


def exclusive(readings: Mapping[str, Reading], one: str, other: str) -> bool:
    """Whether only one of two readings can hold."""
    what = readings[one].choose_one
    return one != other and what is not None and what == readings[other].choose_one


def _changed_cohorts(conditions: Mapping[str, Condition], other: Mapping[str, Condition]) -> frozenset[str]:
    """The cohorts in which a clause is another one."""
    return frozenset(
        cohort for cohort in {**conditions, **other} if conditions.get(cohort) != other.get(cohort)
    )
