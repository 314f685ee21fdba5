"""What columns are asked of trials and theory, compiled."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from solver.engine.case import Engine
from solver.engine.problem import plausible
from solver.language import domain as d
from solver.language import tree as t
from solver.language.types import DateType, IntegerType, QuantityType
from solver.library.models import Axiom, Library, Trial
from solver.patient.record import Context
from solver.program.candidates import Candidates, telling_numbers
from solver.program.slots import FlatProgram, SlotKind
from solver.program.trial_forms import cohorts_asking, form_of
from solver.screen.columns.assumed_columns import covered_variables
from solver.screen.columns.column_program import A_DAY, MOST, ColumnProgram, EquationPivots, LinkedGroup
from solver.screen.columns.column_values import (
    ColumnValues,
    Unsupported,
)
from solver.screen.columns.corners import corners_of
from solver.screen.columns.exact_terms import GRID, TooLarge
from solver.screen.columns.forcings import ColumnAxiom, forcings, linked_limits
from solver.screen.columns.pivots import Pivot, pivots


def column_program(engine: Engine, trials: Sequence[Trial], context: Context) -> ColumnProgram | None:
    """What columns are asked about trials; None where they cannot be asked, and each row is judged by itself."""
    library = engine.library.asking("")  # what other trials ask of concepts is no matter of these
    covered = covered_variables(library, engine.policies)
    if library.asks_of_concepts or any(each.terms for each in trials) or covered is None:
        return None
    # limits of normal bring what the theory asks of events into question, of which policies assume something too
    limits_beside = not (covered and library.terms)
    if context.reference and not (limits_beside and _are_plausible(library, context)):
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
    candidates = Candidates.of(program, cohorts_asking(forms))
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
        _mentioning(slot_mentions),
        frozenset(name for _, names in mentions for name in names).union(
            *slot_mentions,
            *(axiom.while_unrecorded for axiom in library.axioms),
            *((each.name, *(mention.name for mention in each.mentioned_by)) for each in covered),
        ),
        _groups(library, mentions),
        forcings(program, [*axioms.values(), *linked], library.variables),
        {
            slot: corners
            for slot, condition in program.others
            if (corners := corners_of(condition, library.variables, A_DAY)) is not None
        },
        {
            (slot, pivot.name): corners
            for slot, others in rewrites.items()
            for pivot, condition in others
            if (corners := corners_of(condition, library.variables, A_DAY)) is not None
        },
        covered,
        limits_beside,
    )
    return found if _works(found) else None


def _are_plausible(library: Library, context: Context) -> bool:
    """Whether each limit of normal of a site lies in its plausible range: then the table says nothing of a patient but these limits."""
    for name, rows in context.reference.items():
        ranges = library.variables[name].reference
        for limit, value in (each for row in rows for each in row.limits.items()):
            low, high = ranges[limit]
            if not low <= value <= high:
                return False
    return True


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


def _mentioning(mentions: Sequence[frozenset[str]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for slot, names in enumerate(mentions):
        for name in names:
            found.setdefault(name, []).append(slot)
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
