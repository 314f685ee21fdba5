"""What axioms force a flag or an enumeration to be, where the rest of an axiom is known.

`in_a and flag implies kind in {x}` forces the kind to be x where `in_a` and the flag hold, the flag to be false where `in_a` holds and the
kind is another one, and so on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from solver.dataclass import dataclass
from solver.language.types import EnumerationType
from solver.library.models import Variable
from solver.program.slots import FALSE, FlatProgram, Literal

_MOST = 24
"""An axiom of more alternatives forces nothing here."""


@dataclass(frozen=True, slots=True)
class ColumnAxiom:
    """An axiom: it holds by its literal, or where each of `recorded` is recorded."""

    literal: Literal
    recorded: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Forcing:
    """A variable has the value where all literals are true."""

    name: str
    value: bool | str
    literals: tuple[Literal, ...]


def forcings(
    program: FlatProgram, axioms: Iterable[ColumnAxiom], variables: Mapping[str, Variable]
) -> tuple[Forcing, ...]:
    """What axioms force, each as far as it is made of alternatives."""
    conjunctions = {slot: parts for slot, parts in program.conjunctions if parts}
    flags = {slot: name for name, slot in program.flags.items()}
    members = {slot: (name, v) for name, each in program.members.items() for slot, v in each}
    found = []
    for axiom in axioms:
        for parts in _never_together(axiom.literal ^ 1, conjunctions):
            for i, literal in enumerate(parts):
                rest = (*parts[:i], *parts[i + 1 :])
                slot, holds = (
                    literal >> 1,
                    bool(literal & 1),
                )  # it is false, so that its slot holds if it is negated
                if slot in flags:
                    found.append(Forcing(flags[slot], holds, rest))
                elif slot in members:
                    name, values = members[slot]
                    kind = variables[name].type
                    assert isinstance(kind, EnumerationType)
                    left = values if holds else frozenset(kind.values) - values
                    if len(left) == 1:
                        found.append(Forcing(name, next(iter(left)), rest))
    return tuple(found)


def _never_together(
    literal: Literal, conjunctions: Mapping[int, Sequence[Literal]]
) -> Iterator[tuple[Literal, ...]]:
    """Sets of literals that are never all true, given that this one is false."""
    ways = _ways(literal, conjunctions)
    if len(ways) <= _MOST:
        yield from (tuple(dict.fromkeys(way)) for way in ways if FALSE not in way)


def _ways(literal: Literal, conjunctions: Mapping[int, Sequence[Literal]]) -> list[tuple[Literal, ...]]:
    """The ways for a literal to be true, each a set of literals that then are."""
    parts = conjunctions.get(literal >> 1)
    if parts is None:
        return [(literal,)]
    if literal & 1:
        return [way for part in parts for way in _ways(part ^ 1, conjunctions)]
    ways: list[tuple[Literal, ...]] = [()]
    for part in parts:
        ways = [(*way, *more) for way in ways for more in _ways(part, conjunctions)][: 2 * _MOST]
    return ways
