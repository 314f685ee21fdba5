"""The flat program of trials and theory, run on columns of a table."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from solver.dataclass import dataclass
from solver.engine.case import Engine
from solver.engine.problem import plausible
from solver.language import domain as d
from solver.language import tree as t
from solver.language.types import DateType, IntegerType, QuantityType
from solver.library.models import Axiom, Library, Trial
from solver.patient.record import Context
from solver.program.candidates import Candidates, telling_numbers
from solver.program.slots import FlatProgram, Literal, SlotKind
from solver.program.trial_forms import TrialForm, form_of
from solver.screen.columns.column_values import (
    ColumnValues,
    Truth,
    Unsupported,
    all_of,
    any_of,
    chosen,
    first_told,
    negated,
    same,
)
from solver.screen.columns.corners import Corners, corners_of, whatever
from solver.screen.columns.exact_terms import GRID, TooLarge
from solver.screen.columns.forcings import ColumnAxiom, Forcing, forcings, linked_limits
from solver.screen.columns.narrowed import Narrowed
from solver.screen.columns.pivots import Pivot, pivots

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
class ColumnProgram:
    """What columns are asked: trials, the axioms, and of each number what it can be.

    `telling` are numbers at and between the limits of each. `rewrites` gives for an atom what it says where a number is fixed by an
    equation. `scaled` are the quantities that are calculated with. `kinds` says of each slot how it is worked out, `mentions` of which
    variables it speaks, `names` of which variables anything is asked, and `groups` which axioms speak of which variables that nothing else
    links.
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
    names: frozenset[str]
    groups: tuple[LinkedGroup, ...]
    forcings: tuple[Forcing, ...]
    corners: Mapping[int, Corners]

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
        mentions = self.program.mentions
        found._found = {slot: truth for slot, truth in self._found.items() if name not in mentions[slot]}
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
                    found = whatever(kind, self.program.corners[slot], values, narrowed)
        for pivot, condition in self.program.rewrites.get(slot, ()):
            rows = self._fixed[pivot.name]
            if rows is not False:
                says = chosen(values.truth(pivot.positive()), values.truth(condition), None)
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


def column_program(engine: Engine, trials: Sequence[Trial], context: Context) -> ColumnProgram | None:
    """What columns are asked about trials; None where they cannot be asked, and each row is judged by itself."""
    library = engine.library
    if library.asks_of_concepts or engine.policies or context.reference or any(each.terms for each in trials):
        return None
    program = FlatProgram()
    forms = tuple(form_of(engine, program, trial, context) for trial in trials)
    axioms = {axiom.id: _column_axiom(program, axiom) for axiom in library.axioms}
    linked = linked_limits(
        program, [axiom.condition for axiom in library.axioms if not axiom.while_unrecorded]
    )
    # a day that is filled in, so long before that of evaluation, lies in its plausible range on another day as well
    held = [
        ColumnAxiom(program.literal(each.plausible), (each.name,))
        for each in library.variables.values()
        if isinstance(each.type, DateType) and each.plausible is not None
    ]
    equations = _equations(library.axioms, axioms)
    ranges = {
        name: domain
        for name, variable in library.variables.items()
        if isinstance(variable.type, IntegerType | QuantityType)
        and isinstance(domain := plausible(variable, A_DAY), d.Interval)
    }
    most = {name: _most(found) for name, found in ranges.items()}
    most |= dict.fromkeys(library.variables.keys() - most.keys(), 1_000_000)
    candidates = Candidates.of(program, [form.cohorts for form in forms])
    rewrites = _rewrites(program, equations, ranges)
    kinds = program.kinds()
    mentions = [(axioms[axiom.id], library.mentions[axiom.id]) for axiom in library.axioms]
    mentions += [(axiom, frozenset(axiom.recorded)) for axiom in held]
    slot_mentions = _slot_mentions(kinds, rewrites)
    found = ColumnProgram(
        library,
        program,
        forms,
        (*axioms.values(), *held),
        equations,
        ranges,
        most,
        {
            name: _telling(library, program, name, ranges[name])
            for name in program.limits.keys() & ranges.keys()
        },
        rewrites,
        _calculated(program, rewrites),
        candidates,
        kinds,
        slot_mentions,
        frozenset(name for _, names in mentions for name in names).union(*slot_mentions),
        _groups(library, mentions),
        forcings(program, [*axioms.values(), *linked], library.variables),
        {
            slot: corners
            for slot, condition in program.others
            if (corners := corners_of(condition, library.variables, A_DAY)) is not None
        },
    )
    return found if _works(found) else None


def _column_axiom(program: FlatProgram, axiom: Axiom) -> ColumnAxiom:
    return ColumnAxiom(program.literal(axiom.condition), axiom.while_unrecorded)


def _telling(
    library: Library, program: FlatProgram, name: str, domain: d.Interval
) -> tuple[int | Fraction, ...]:
    """Numbers at and between the limits of a variable, as far as columns can hold them."""
    numbers = dict.fromkeys(telling_numbers(program.limits[name], domain))
    refused = library.variables[name].refused
    return tuple(
        each for each in numbers if each in domain and each not in refused and (each * GRID).denominator == 1
    )


def _slot_mentions(
    kinds: Sequence[SlotKind], rewrites: Mapping[int, Sequence[tuple[Pivot, t.Condition]]]
) -> list[frozenset[str]]:
    found: list[frozenset[str]] = []
    for slot, kind in enumerate(kinds):
        match kind:
            case str(name) | ("member", name, _) | ("limit", name, _, _):
                names = frozenset({name})
            case ("all", parts):
                names = frozenset[str]().union(*(found[literal >> 1] for literal in parts))
            case ("same", left, right):
                names = found[left >> 1] | found[right >> 1]
            case _:
                names = t.variables(kind)
        for pivot, condition in rewrites.get(slot, ()):
            names |= {pivot.name} | t.variables(condition) | t.variables(pivot.positive())
        found.append(names)
    return found


def _groups(
    library: Library, mentions: Sequence[tuple[ColumnAxiom, frozenset[str]]]
) -> tuple[LinkedGroup, ...]:
    found: dict[frozenset[str], list[ColumnAxiom]] = {}
    for axiom, names in mentions:
        own = names & library.variables.keys()
        group = frozenset[str]().union(*(library.linked[name] for name in own))
        found.setdefault(group, []).append(axiom)
    return tuple(LinkedGroup(names, tuple(axioms)) for names, axioms in found.items())


def _most(interval: d.Interval) -> int:
    return MOST if isinstance(interval.high, float) else math.ceil(interval.high)


def _equations(axioms: Sequence[Axiom], by_id: Mapping[str, ColumnAxiom]) -> tuple[EquationPivots, ...]:
    """The equations of which no two fix the same number."""
    found, seen = [], set[str]()
    for axiom in axioms:
        tried = pivots(axiom)
        names = {pivot.name for pivot in tried}
        if tried and not names & seen:
            seen |= names
            found.append(EquationPivots(by_id[axiom.id], tuple(tried)))
    return tuple(found)


def _rewrites(
    program: FlatProgram, equations: Sequence[EquationPivots], ranges: Mapping[str, d.Interval]
) -> dict[int, list[tuple[Pivot, t.Condition]]]:
    found: dict[int, list[tuple[Pivot, t.Condition]]] = {}
    for equation in equations:
        for pivot in equation.tried:
            domain = ranges[pivot.name]
            if not isinstance(domain.high, float):
                own = found.setdefault(equation.axiom.literal >> 1, [])
                own.append((pivot, pivot.solvable(domain)))
            number = t.NumberVariable(pivot.name, "real")
            limits = program.limits.get(pivot.name)
            for cut, attained, slot in (
                zip(limits.cuts, limits.attained, limits.slots, strict=True) if limits else ()
            ):
                compare = t.Compare("<=" if attained else "<", number, t.Constant(Fraction(cut)))
                _add(found, slot, pivot, pivot.rewritten(compare))
            for slot, condition in program.others:
                if pivot.name in t.variables(condition):
                    _add(found, slot, pivot, pivot.rewritten(condition))
    return found


def _add(
    found: dict[int, list[tuple[Pivot, t.Condition]]], slot: int, pivot: Pivot, condition: t.Condition | None
) -> None:
    if condition is not None:
        found.setdefault(slot, []).append((pivot, condition))


def _calculated(
    program: FlatProgram, rewrites: Mapping[int, Sequence[tuple[Pivot, t.Condition]]]
) -> frozenset[str]:
    """The numbers that stand in calculations, and neither in limits alone nor beside another."""
    conditions = [condition for _, condition in program.others]
    for others in rewrites.values():
        conditions += [each for pivot, condition in others for each in (condition, pivot.positive())]
    return frozenset[str]().union(*(t.variables(each) for each in conditions if not _in_order(each)))


def _in_order(condition: t.Condition) -> bool:
    """Whether it compares two quantities as they stand."""
    match condition:
        case t.Compare("<=" | "<", t.NumberVariable(_, "real"), t.NumberVariable(_, "real")):
            return True
    return False


def _works(program: ColumnProgram) -> bool:
    """Whether every condition can be asked of columns."""
    import polars as pl

    columns: dict[str, Any] = {}
    kinds: dict[type, Any] = {IntegerType: pl.Int64, QuantityType: pl.Float64}
    for name, variable in program.library.variables.items():
        kind = type(variable.type).__name__
        other = {"BooleanType": pl.Boolean, "DateType": pl.Int64, "ListType": None}.get(kind, pl.String)
        dtype = kinds.get(type(variable.type), other)
        if dtype is not None:
            columns[name] = pl.Series(name, [None], dtype=dtype)
    types = {name: variable.type for name, variable in program.library.variables.items()}
    days = pl.Series("day", [A_DAY], dtype=pl.Int64)
    try:
        for each in (A_DAY, days):
            values = ColumnValues(columns, types, program.most, each)
            slots = program.evaluated(values, program.fixed(values))
            for slot in range(program.program.count):
                slots.literal(2 * slot)
    except (Unsupported, TooLarge):
        return False
    return True
