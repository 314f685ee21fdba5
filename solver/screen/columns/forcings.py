"""What axioms force a variable to be that is not recorded, where the rest of an axiom is known.

`in_a and flag implies kind in {x, y}` forces the kind to be x or y where `in_a` and the flag hold, the flag to be false where `in_a` holds
and the kind is another one, and so on. `flag implies level < 5` forces the level below 5, and with that below 8. Of `level <= dose` follows
that a level above 5 forces the dose above 5.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction

from solver.dataclass import dataclass
from solver.language import tree as t
from solver.language.types import EnumerationType, IntegerType
from solver.library.models import Variable
from solver.program.slots import FALSE, FlatProgram, Limits, Literal

_MOST = 24
"""An axiom of more alternatives forces nothing here."""


@dataclass(frozen=True, slots=True)
class ColumnAxiom:
    """An axiom: it holds by its literal, or where each of `recorded` is recorded."""

    literal: Literal
    recorded: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Forcing:
    """What is forced of a variable where all literals are true.

    A flag or a whole number has the `value`, an enumeration none of the `excluded`, or a limit of a number, given by its slot, holds or
    does not.
    """

    name: str
    literals: tuple[Literal, ...]
    value: bool | int | None = None
    excluded: frozenset[str] = frozenset()
    limit: tuple[int, bool] | None = None


def forcings(
    program: FlatProgram, axioms: Iterable[ColumnAxiom], variables: Mapping[str, Variable]
) -> tuple[Forcing, ...]:
    """What axioms force, each as far as it is made of alternatives."""
    conjunctions = {slot: parts for slot, parts in program.conjunctions if parts}
    atoms = _Atoms(program, variables)
    found = []
    for axiom in axioms:
        for parts in _never_together(axiom.literal ^ 1, conjunctions):
            for i, literal in enumerate(parts):
                # it is false, so that its slot holds if it is negated
                forced = atoms.forced(literal >> 1, bool(literal & 1), (*parts[:i], *parts[i + 1 :]))
                if forced is not None and (not axiom.recorded or forced.name in axiom.recorded):
                    found.append(forced)
    return tuple(dict.fromkeys(found))


class _Atoms:
    """What slots say of one variable."""

    def __init__(self, program: FlatProgram, variables: Mapping[str, Variable]) -> None:
        self._variables = variables
        self._flags = {slot: name for name, slot in program.flags.items()}
        self._members = {slot: (name, v) for name, each in program.members.items() for slot, v in each}
        self._limits = {slot: name for name, each in program.limits.items() for slot in each.slots}
        self._others = dict(program.others)

    def forced(self, slot: int, holds: bool, rest: tuple[Literal, ...]) -> Forcing | None:
        """What it forces that a slot holds, or does not."""
        if slot in self._flags:
            return Forcing(self._flags[slot], rest, holds)
        if slot in self._limits:
            return Forcing(self._limits[slot], rest, limit=(slot, holds))
        if slot in self._members:
            name, values = self._members[slot]
            kind = self._variables[name].type
            assert isinstance(kind, EnumerationType)
            return Forcing(name, rest, excluded=frozenset(kind.values) - values if holds else values)
        match self._others.get(slot):
            case t.Compare("==", t.NumberVariable(name, _), t.Constant(value)) if holds:
                kind = self._variables[name].type
                whole = isinstance(kind, IntegerType) and value.denominator == 1 and value >= 0
                return Forcing(name, rest, value.numerator) if whole else None
        return None


def linked_limits(program: FlatProgram, axioms: Iterable[t.Condition]) -> list[ColumnAxiom]:
    """What follows from axioms that compare two numbers, for each limit of either of them; the slots are added to the program."""
    found = []
    for axiom in axioms:
        for part in axiom.conditions if isinstance(axiom, t.And) else (axiom,):
            match part:
                case t.Compare("<=" | "<", t.NumberVariable() as left, t.NumberVariable() as right):
                    limits = [program.limits.get(each.name, Limits()) for each in (left, right)]
                    cuts = {cut for own in limits for cut in zip(own.cuts, own.attained, strict=True)}
                    for cut, attained in sorted(cuts):
                        below, less = (
                            t.Compare("<=" if attained else "<", each, t.Constant(Fraction(cut)))
                            for each in (right, left)
                        )
                        found.append(ColumnAxiom(program.literal(t.disjunction((t.Not(below), less))), ()))
    return found


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
