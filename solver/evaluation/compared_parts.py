"""The comparisons and memberships in conditions, wherever in them they stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from solver.language import tree as t


def memberships(conditions: Iterable[t.Condition]) -> list[t.Member]:
    """Every membership in the conditions."""
    return [part for part in _parts_of(conditions) if isinstance(part, t.Member)]


def comparisons(conditions: Iterable[t.Condition]) -> list[t.Compare]:
    """Every comparison in the conditions."""
    found: list[t.Compare] = []
    for part in _parts_of(conditions):
        if isinstance(part, t.Compare):
            found.append(part)
        elif isinstance(part, t.OneOf):
            found.extend(part.conditions)  # type: ignore[arg-type]  # its equations
    return found


def comparisons_by_variable(conditions: Iterable[t.Condition]) -> dict[str, list[t.Compare]]:
    """Those that speak of each variable."""
    found: dict[str, list[t.Compare]] = {}
    for part in _parts_of(conditions):
        if isinstance(part, t.Compare):
            for name in t.variables(part):
                found.setdefault(name, []).append(part)
        elif isinstance(part, t.OneOf):
            found.setdefault(part.name, []).extend(part.conditions)  # type: ignore[arg-type]
    return found


def _parts_of(conditions: Iterable[t.Condition]) -> Iterator[t.Node]:
    """The conditions and everything below them, but for the equations of a number that is one of several, of which there may be many."""
    for condition in conditions:
        left: list[t.Node] = [condition]
        while left:
            part = left.pop()
            yield part
            if not isinstance(part, t.OneOf):
                left.extend(reversed(t.children(part)))
