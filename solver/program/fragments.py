"""What is compiled of one trial by itself, and how it is joined to the program of many.

A fragment numbers its slots by itself, and says which of them its clauses ask for. Of `level <= 3 and not treated` and `treated`:

    slots    1 level <= 3    2 treated    3 literals 2 and 5
    clauses  C1: literal 6   C2: literal 4

Joined to a program whose slot 1 is already `treated`, and whose slot 2 is something else, they become 3, 1 and 4: C1 asks for literal 8, C2
for literal 2.
The program of some trials is the same whether they are compiled one after the other or joined, and whatever they were joined to before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from solver.dataclass import dataclass
from solver.engine.clauses import ConditionCache, Extent, clauses_in_force
from solver.library.models import Trial
from solver.patient.record import Context
from solver.program.slots import FlatProgram, Literal, SlotKind

Asked = Literal | tuple[tuple[str, Literal], ...]
"""What a clause asks for: of every cohort the same, or of each that it binds; of none where it is kept as text."""


class Fragment(NamedTuple):
    """The clauses of a trial by name, in the order of the protocol, what each asks for, and how much of the trial has logic.

    The literals are those of a table of slots, of which `slots` are those of this trial, each behind its parts. `alike` are the literals,
    each once, where every clause asks the same of every cohort and none is capped; else None.
    """

    slots: tuple[int, ...]
    names: tuple[str, ...]
    asked: tuple[Asked, ...]
    extent: Extent
    alike: tuple[Literal, ...] | None


@dataclass(frozen=True, slots=True)
class SlotTable:
    """What the slots of fragments are, and where their literals are in a program that they are joined to; -1 where they are not yet."""

    kinds: Sequence[SlotKind]
    literals: list[Literal]

    @classmethod
    def of(cls, kinds: Sequence[SlotKind]) -> SlotTable:
        """A table of which nothing is joined; its first slot is that of what is true, as in every program."""
        return cls(kinds, [0, 1, *[-1] * (2 * len(kinds) - 2)])

    def join(self, fragment: Fragment, program: FlatProgram) -> Fragment:
        """The fragment with the slots of a program, to which those are added that are not there."""
        self.join_slots(fragment.slots, program)
        literals = self.literals
        slots = tuple([literals[2 * slot] >> 1 for slot in fragment.slots])
        asked, extent = self.moved_all(fragment.asked), fragment.extent
        return Fragment(slots, fragment.names, asked, extent, alike(asked, extent))

    def join_slots(self, slots: Iterable[int], program: FlatProgram) -> None:
        """Add slots of this table to a program, each behind its parts, where they are not there."""
        literals = self.literals
        for slot in [each for each in slots if literals[2 * each] < 0]:
            place = program.slot(self._moved(self.kinds[slot]))
            literals[2 * slot], literals[2 * slot + 1] = 2 * place, 2 * place + 1

    def moved_all(self, asked: Iterable[Asked]) -> tuple[Asked, ...]:
        """What clauses ask for, over the program."""
        literals = self.literals
        return tuple(
            [
                literals[each]
                if isinstance(each, int)
                else tuple([(cohort, literals[literal]) for cohort, literal in each])
                for each in asked
            ]
        )

    def _moved(self, kind: SlotKind) -> SlotKind:
        literals = self.literals
        match kind:
            case ("all", parts):
                return "all", tuple([literals[each] for each in parts])
            case ("same", left, right):
                return "same", literals[left], literals[right]
            case _:
                return kind


def compiled_fragment(cache: ConditionCache, trial: Trial, context: Context) -> tuple[SlotTable, Fragment]:
    """The fragment of a trial by itself, as it binds whoever has a context, with the table of its slots."""
    program, extent = FlatProgram(), cache.extent(trial, context)
    literals = {
        binding.clause.id: {name: program.literal(each) for name, each in binding.conditions.items()}
        for binding in clauses_in_force(trial, context, cache)
    }
    texts = {name for names in extent.capped.values() for name in names}
    names = tuple(clause.id for clause in trial.clauses if clause.id in literals or clause.id in texts)
    asked = tuple(_asked(literals.get(name, {}), trial) for name in names)
    kinds = program.kinds()
    fragment = Fragment(tuple(range(1, len(kinds))), names, asked, extent, alike(asked, extent))
    return SlotTable.of(kinds), fragment


def _asked(literals: dict[str, Literal], trial: Trial) -> Asked:
    different = set(literals.values())
    if len(different) == 1 and literals.keys() >= trial.cohorts.keys():
        return different.pop()
    return tuple(literals.items())


def asked_by_cohort(asked: Asked, cohorts: Iterable[str]) -> Mapping[str, Literal]:
    """What a clause asks of each of the cohorts that it binds."""
    return dict.fromkeys(cohorts, asked) if isinstance(asked, int) else dict(asked)


def alike(asked: Sequence[Asked], extent: Extent) -> tuple[Literal, ...] | None:
    """The literals, each once, where every clause asks the same of every cohort and none is capped; else None."""
    found = dict.fromkeys(each for each in asked if isinstance(each, int))
    return tuple(found) if not extent.capped and all(isinstance(each, int) for each in asked) else None
