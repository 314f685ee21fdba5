"""The flat program of trials and theory, run on columns of a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from solver.dataclass import dataclass
from solver.language import domain as d
from solver.language import tree as t
from solver.library.models import Library, Variable
from solver.program.candidates import Candidates
from solver.program.slots import FlatProgram, Literal, SlotKind
from solver.program.trial_forms import TrialForm
from solver.screen.columns.column_values import (
    ColumnValues,
    Truth,
    all_of,
    any_of,
    chosen,
    first_told,
    negated,
    same,
)
from solver.screen.columns.corners import Corners, whatever
from solver.screen.columns.forcings import ColumnAxiom, Forcing
from solver.screen.columns.narrowed import Narrowed
from solver.screen.columns.pivots import Pivot

A_DAY = 730_120
"""The first day of the year 2000, on which completions are drawn; rows of earlier days are judged by themselves."""

MOST = 1_000_000
"""The greatest number of a variable without a plausible range."""


@dataclass(frozen=True, slots=True)
class LinkedGroup:
    """Variables that axioms link, and these."""

    names: frozenset[str]
    axioms: tuple[ColumnAxiom, ...]


@dataclass(frozen=True, slots=True)
class EquationPivots:
    """The numbers that an equation can fix, in the order in which they are tried, and the axiom it is."""

    axiom: ColumnAxiom
    tried: tuple[Pivot, ...]


@dataclass(frozen=True, slots=True)
class CoveredVariable:
    """A flag or a count that a policy takes as absent, and the variables that mention it.

    Of these axioms speak of the `linked` flags and counts, which may be certain where they are not recorded.
    """

    name: str
    flag: bool
    mentioned_by: tuple[Variable, ...]
    linked: tuple[Variable, ...]


@dataclass(frozen=True, slots=True)
class ColumnProgram:
    """What columns are asked: trials, the axioms, and of each number what it can be.

    `telling` are numbers at and between the limits of each. `rewrites` gives for an atom what it says where a number is fixed by an
    equation. `scaled` are the quantities that are calculated with. `kinds` says of each slot how it is worked out, `mentions` of which
    variables it speaks, `mentioning` which slots speak of a variable, `names` of which variables anything is asked, and `groups` which
    axioms speak of which variables that nothing else links. `covered` are the variables that policies take as absent, and with
    `limits_beside` a number can have its limits of normal beside it, of which nothing is asked.
    """

    library: Library
    program: FlatProgram
    forms: tuple[TrialForm, ...]
    axioms: tuple[ColumnAxiom, ...]
    equations: tuple[EquationPivots, ...]
    ranges: Mapping[str, d.Interval]
    most: Mapping[str, int]
    telling: Mapping[str, Sequence[int | Fraction]]
    rewrites: Mapping[int, Sequence[tuple[Pivot, t.Condition]]]
    scaled: frozenset[str]
    candidates: Candidates
    kinds: Sequence[SlotKind]
    mentions: Sequence[frozenset[str]]
    mentioning: Mapping[str, Sequence[int]]
    names: frozenset[str]
    groups: tuple[LinkedGroup, ...]
    forcings: tuple[Forcing, ...]
    corners: Mapping[int, Corners]
    rewritten_corners: Mapping[tuple[int, str], Corners]
    covered: tuple[CoveredVariable, ...]
    limits_beside: bool

    def fixed(self, values: ColumnValues) -> dict[str, Truth]:
        """Of each number that an equation may fix, in which rows it does: where it is not recorded, and none before it is fixed."""
        found: dict[str, Truth] = {}
        for equation in self.equations:
            left: Truth = True
            if equation.axiom.recorded:
                left = any_of(values.is_null(name) for name in equation.axiom.recorded)
            for pivot in equation.tried:
                if left is False or values.is_null(pivot.name) is False:
                    found[pivot.name] = False
                    continue
                # with a factor of 0 it is free; where the factor is not known yet, it may be filled in
                free = _known(values.truth(t.Compare("<=", pivot.factor, t.Constant(Fraction(0)))))
                fixes = all_of((values.is_null(pivot.name), negated(free)))
                found[pivot.name] = all_of((left, fixes))
                left = all_of((left, negated(fixes)))
        return found

    def evaluated(
        self,
        values: ColumnValues,
        fixed: Mapping[str, Truth],
        *,
        closely: bool = False,
        narrowed: Narrowed | None = None,
    ) -> Slots:
        """What is known of every slot; `fixed` says of each pivot in which rows its equation fixes it.

        With `closely` a comparison is tried at the ends of what is not recorded; `narrowed` is what is known of that.
        """
        return Slots(self, values, fixed, narrowed, closely=closely)


class Slots:
    """What is known of the slots of a program, each worked out when it is asked for."""

    def __init__(
        self,
        program: ColumnProgram,
        values: ColumnValues,
        fixed: Mapping[str, Truth],
        narrowed: Narrowed | None,
        *,
        closely: bool,
    ) -> None:
        self.program, self.values, self._fixed, self._closely = program, values, fixed, closely
        self._narrowed = narrowed
        self._found: dict[int, Truth] = {0: True}

    def with_column(self, name: str, column: Any) -> Slots:
        """The same with another column of a variable: what does not speak of it is not worked out once more."""
        values = self.values.with_columns({name: column})
        found = Slots(self.program, values, self._fixed, self._narrowed, closely=self._closely)
        found._found = dict(self._found)
        for slot in self.program.mentioning.get(name, ()):
            found._found.pop(slot, None)
        return found

    def literal(self, literal: Literal) -> Truth:
        """What is known of a literal."""
        slot = literal >> 1
        if slot not in self._found:
            self._found[slot] = self._evaluated(self.program.kinds[slot], slot)
        return negated(self._found[slot]) if literal & 1 else self._found[slot]

    def _evaluated(self, kind: SlotKind, slot: int) -> Truth:
        values, narrowed = self.values, self._narrowed
        match kind:
            case str(name):
                return values.columns.get(name)
            case ("all", parts):
                return all_of(map(self.literal, parts))
            case ("same", left, right):
                return same(self.literal(left), self.literal(right))
            case ("member", name, wanted):
                truth = values.member(name, wanted)
                return truth if narrowed is None else narrowed.member(name, wanted, truth)
            case ("limit", name, cut, attained):
                found = values.limited(name, cut, attained)
                if narrowed is not None:
                    found = narrowed.limit(slot, found)
            case _:
                found = values.truth(kind)
                if self._closely and slot in self.program.corners and not isinstance(found, bool):
                    found = whatever(kind, self.program.corners[slot], values, narrowed, found)
        for pivot, condition in self.program.rewrites.get(slot, ()):
            rows = self._fixed[pivot.name]
            if rows is not False:
                says = values.truth(condition)
                corners = self.program.rewritten_corners.get((slot, pivot.name)) if self._closely else None
                if corners is not None and not isinstance(says, bool):
                    says = whatever(condition, corners, values, narrowed, says)
                says = chosen(values.truth(pivot.positive()), says, None)
                found = _where(rows, first_told(says, found), found)
        return found

    def holds(self, axioms: Iterable[ColumnAxiom], recorded: ColumnValues) -> Truth:
        """Whether axioms hold; `recorded` are the values that are recorded."""
        return all_of(self._holds(axiom, recorded) for axiom in axioms)

    def _holds(self, axiom: ColumnAxiom, recorded: ColumnValues) -> Truth:
        if not axiom.recorded:
            return self.literal(axiom.literal)
        whole = all_of(negated(recorded.is_null(name)) for name in axiom.recorded)
        return True if whole is True else any_of((whole, self.literal(axiom.literal)))

    def fits(self, form: TrialForm, *, shown: bool) -> Truth:
        """Whether a row fits some cohort of a trial; with `shown` one that somebody can be shown to fit."""
        cohorts = [form.cohorts[i] for i in form.shown] if shown else form.cohorts
        return any_of(all_of(map(self.literal, literals)) for literals in cohorts)


def _known(value: Truth) -> Truth:
    """Whether it is known to be true."""
    return value is True if value is None or isinstance(value, bool) else value.fill_null(False)


def _where(rows: Truth, then: Truth, otherwise: Truth) -> Truth:
    if isinstance(rows, bool):
        return then if rows else otherwise
    return chosen(rows, then, otherwise)
