"""Compiling what the theory says: names that it defines, and axioms that hold of every patient."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction

from solver.errors import did_you_mean
from solver.evaluation.evaluate import bounds, evaluate
from solver.language.arithmetic import Number as NumberValue
from solver.language.calendar import FIRST_DAY, LAST_DAY
from solver.language.domain import Domain, Interval, Recorded
from solver.language.tree import (
    AS_OF,
    Complete,
    Condition,
    Constant,
    Contains,
    ListSize,
    Term,
    variables,
    walk,
)
from solver.language.types import DateType, EnumerationType, IntegerType, ListType, QuantityType, VariableType
from solver.language.units import DIMENSIONLESS, UnknownUnit, parse_unit
from solver.language.values import Ratio, Scope, Value
from solver.library.chart_checks import Quotient
from solver.library.files.file_faults import FilePart
from solver.library.files.library_files import AxiomShape, DefinitionShape
from solver.library.models import Axiom, Variable
from solver.library.vocabulary import RESERVED


def added_quotients(
    given: Iterable[tuple[FilePart, DefinitionShape]], scope: Scope, known: Mapping[str, Variable]
) -> tuple[Quotient, ...]:
    """Add the definitions to the scope; the quotients among them."""
    quotients: list[Quotient] = []
    for part, shape in given:
        if shape.name in scope.known() or shape.name in RESERVED:
            part.fault(f"the name '{shape.name}' is already taken", "name")
            continue
        value: Value | None = None
        if shape.is_ is not None and shape.numerator is None and shape.denominator is None:
            value = part.at("is").value(scope)
        elif shape.is_ is None and shape.numerator and shape.denominator and shape.unit:
            value = _defined_ratio(part, shape.unit, scope, known)
        else:
            part.fault("a definition has either 'is', or 'numerator', 'denominator' and 'unit'")
        if value is not None:
            scope.definitions[shape.name] = value
            scope.labels[shape.name] = shape.label or ""
        if isinstance(value, Ratio) and shape.unit:
            above, below = value.numerator, value.denominator
            scale, label = above.scale / below.scale, shape.label or shape.name
            typical, text = None, " ".join((shape.typical or "").split())
            if shape.typical is not None:
                typical = part.at("typical").condition(scope)
            sides = above.term, below.term
            quotients.append(Quotient(shape.name, label, *sides, scale, shape.unit, typical, text))
        elif shape.typical is not None:
            part.fault("only a ratio has a typical range", "typical")
    return tuple(quotients)


def _defined_ratio(part: FilePart, unit: str, scope: Scope, known: Mapping[str, Variable]) -> Ratio | None:
    sides: list[NumberValue] = []
    for key in ("numerator", "denominator"):
        value = part.at(key).value(scope)
        if not isinstance(value, NumberValue) or value.dimension != DIMENSIONLESS:
            if value is not None:
                part.fault(f"the {key} of a ratio is a bare number: use magnitude(..., unit)", key)
            return None
        sides.append(value)
    _check_positive(part.at("denominator"), sides[1].term, known)
    try:
        measure = parse_unit(unit)
    except UnknownUnit as error:
        part.fault(str(error), "unit")
        return None
    one = NumberValue(Constant(Fraction(1)), measure.dimension, measure.factor, literal=measure)
    return Ratio(sides[0], sides[1], one)


def _check_positive(part: FilePart, denominator: Term, known: Mapping[str, Variable]) -> None:
    """Note the fault of a denominator that is not above 0 for every patient."""
    anyone: dict[str, Domain] = {name: _possible_values(variable) for name, variable in known.items()}
    anyone[AS_OF] = _DAYS
    below = bounds(denominator, anyone)
    if below.low > 0 or (below.low == 0 and below.low_open):
        return
    named = (known[name] for name in sorted(variables(denominator) & known.keys()))
    lacking = [each.name for each in named if isinstance(each.type, QuantityType) and not each.positive]
    remedy = f"give {' and '.join(lacking)} 'positive: true'" if lacking else "write one that is above 0"
    part.fault(f"the denominator of a ratio is above 0 for every patient: {remedy}")


_DAYS = Interval(FIRST_DAY, LAST_DAY, whole=True)


def _possible_values(variable: Variable) -> Domain:
    """Everything that a variable can be, on any day."""
    match variable.type:
        case DateType():
            return _DAYS
        case IntegerType() | QuantityType() as kind:
            return Interval(0, math.inf, variable.positive, True, isinstance(kind, IntegerType))
        case ListType():
            return Recorded(0, frozenset())
        case kind:
            return _possible_names(kind)


def compiled_axioms(
    given: Iterable[tuple[FilePart, AxiomShape]], scope: Scope, known: Mapping[str, Variable]
) -> tuple[Axiom, ...]:
    """The axioms, in the order of the files; faults are noted in their parts."""
    found: dict[str, Axiom] = {}
    theory_scope = replace(scope, lists=True)
    for part, shape in given:
        place = part.at("require")
        condition = place.condition(theory_scope)
        for i, name in enumerate(shape.while_unrecorded):
            if name not in scope.variables:
                message = f"unknown variable '{name}'{did_you_mean(name, scope.variables)}"
                part.fault(message, "while_unrecorded", i)
        if shape.id in found:
            part.fault(f"the axiom '{shape.id}' is declared twice", "id")
        if condition is None:
            continue
        for name in sorted(variables(condition) & known.keys()):
            if known[name].absent_as_of:
                place.fault(f"an axiom cannot speak of '{name}', which has a value where it is not recorded")
        if not _vacuous_without_lists(condition, scope):
            place.fault("an axiom about a list must say nothing where the list is empty")
        same = shape.copied("id", "label", "source", "assumption")
        found[shape.id] = Axiom(**same, condition=condition, while_unrecorded=tuple(shape.while_unrecorded))
    return tuple(found.values())


def _vacuous_without_lists(condition: Condition, scope: Scope) -> bool:
    """Whether an axiom that mentions lists holds of everyone whose lists are empty."""
    lists = {part.name for part in walk(condition) if isinstance(part, Contains | Complete | ListSize)}
    if not lists:
        return True
    known = {name: _possible_names(kind) for name, kind in scope.variables.items() if name not in lists}
    return evaluate(condition, {**known, **{name: Recorded(0, frozenset()) for name in lists}}) is True


def _possible_names(kind: VariableType) -> frozenset[bool] | frozenset[str]:
    return frozenset(kind.values) if isinstance(kind, EnumerationType) else frozenset({True, False})
