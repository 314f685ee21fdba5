"""From the files of `encodings/` to a `Library`: names, types, units, dates and ids are checked, expressions become syntax trees.

All faults of all files are collected, each with its file, line and column.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Literal, TypeVar

from solver.errors import InputError, did_you_mean
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
from solver.library.checks import compile_checks
from solver.library.files.faults import Faults
from solver.library.files.library_files import TheoryFile, VariableShape, VocabularyFile, WorkupFile
from solver.library.files.shapes import check_shape
from solver.library.files.trial_file import TrialFile
from solver.library.files.yaml_places import Document, PathInFile
from solver.library.lists import compile_lists
from solver.library.models import Axiom, Burden, Library, Quotient, Test, Trial, Variable
from solver.library.policies import PolicyCompiler
from solver.library.trials import TrialCompiler
from solver.library.vocabulary import RESERVED, compile_names, compile_vocabulary
from solver.library.workup import WorkupCompiler


def compile_library(
    vocabulary: Sequence[Document],
    theory: Sequence[Document],
    trials: Sequence[Document],
    digest: str,
    workup: Document | None = None,
) -> Library:
    """The library that the files hold, without tests where there is no `workup`; raises `InputError` with every fault."""
    faults = Faults()
    words = [
        (document, shape)
        for document in vocabulary
        if (shape := _shaped(document, VocabularyFile, faults)) is not None
    ]
    files = [(document, shape.variables) for document, shape in words]
    parts = [
        (document, theory_file)
        for document in theory
        if (theory_file := _shaped(document, TheoryFile, faults)) is not None
    ]
    faults.raise_any()
    variables_ = compile_vocabulary(files, faults)
    faults.raise_any()
    names = compile_names([(document, shape.names) for document, shape in words], variables_, faults)
    policies = PolicyCompiler(parts, faults.lines)
    variables_ = policies.cover(files, variables_)
    scope = Scope({name: variable.type for name, variable in variables_.items()}, suggest=names.hint)
    classes, registers = compile_lists(parts, variables_, faults)
    scope.classes = {name: drug_class.list for name, drug_class in classes.items()}
    quotients = _define(parts, scope, variables_, faults)
    faults.raise_any()
    variables_ = _with_ranges(files, variables_, scope, faults)
    axioms = _axioms(parts, scope, variables_, faults)
    checks = compile_checks(parts, scope, variables_, faults)
    faults.raise_any()
    compiled: dict[str, Trial] = {}
    for document in trials:
        trial_file = _shaped(document, TrialFile, faults)
        if trial_file is None:
            continue
        trial = TrialCompiler(document, trial_file, scope, faults.lines, policies).trial()
        if trial.code in compiled:
            faults.at(document, ("code",), f"the code '{trial.code}' is already used by another file")
        elif any(other.nct == trial.nct for other in compiled.values()):
            faults.at(document, ("trial",), f"{trial.nct} is already in another file")
        else:
            compiled[trial.code] = trial
    burdens, tests = _workup(workup, files, variables_, faults)
    faults.raise_any()
    return Library(
        variables_,
        classes,
        axioms,
        checks,
        compiled,
        digest,
        burdens,
        tests,
        policies.policies,
        quotients,
        scope.definitions,
        names,
        registers,
    )


def compile_trial(document: Document, library: Library) -> Trial:
    """The trial that a file holds, in the words of a library; its code may be one that the library has.

    Raises `InputError` with every fault.
    """
    faults = Faults()
    shape = check_shape(document, TrialFile)
    scope = Scope(
        {name: variable.type for name, variable in library.variables.items()},
        dict(library.definitions),
        {name: found.list for name, found in library.classes.items()},
        suggest=library.names.hint,
    )
    policies = PolicyCompiler.of(library.policies, faults.lines)
    trial = TrialCompiler(document, shape, scope, faults.lines, policies).trial()
    faults.raise_any()
    return trial


def _workup(
    document: Document | None,
    vocabulary: list[tuple[Document, list[VariableShape]]],
    variables_: Mapping[str, Variable],
    faults: Faults,
) -> tuple[dict[str, Burden], dict[str, Test]]:
    shape = _shaped(document, WorkupFile, faults) if document else None
    if document is None or shape is None:
        return {}, {}
    workup = WorkupCompiler(document, shape, variables_, faults.lines)
    burdens = workup.burdens()
    tests = workup.tests(burdens)
    workup.covers(
        {
            variable.name: file.place(("variables", i, "name"))
            for file, shapes in vocabulary
            for i, variable in enumerate(shapes)
        }
    )
    return burdens, tests


Shape = TypeVar("Shape", VocabularyFile, TheoryFile, TrialFile, WorkupFile)


def _shaped(document: Document, shape: type[Shape], faults: Faults) -> Shape | None:
    try:
        return check_shape(document, shape)
    except InputError as error:
        faults.lines.extend(error.problems)
        return None


def _define(
    parts: list[tuple[Document, TheoryFile]], scope: Scope, known: Mapping[str, Variable], faults: Faults
) -> tuple[Quotient, ...]:
    """Add the definitions to the scope; the quotients among them."""
    quotients: list[Quotient] = []
    for document, theory in parts:
        for i, shape in enumerate(theory.definitions):
            path: PathInFile = ("definitions", i)
            if shape.name in scope.known() or shape.name in RESERVED:
                faults.at(document, (*path, "name"), f"the name '{shape.name}' is already taken")
                continue
            value: Value | None = None
            if shape.is_ is not None and shape.numerator is None and shape.denominator is None:
                value = faults.value(document, (*path, "is"), scope)
            elif shape.is_ is None and shape.numerator and shape.denominator and shape.unit:
                value = _ratio(document, path, shape.unit, scope, known, faults)
            else:
                faults.at(
                    document, path, "a definition has either 'is', or 'numerator', 'denominator' and 'unit'"
                )
            if value is not None:
                scope.definitions[shape.name] = value
            if isinstance(value, Ratio) and shape.unit:
                above, below = value.numerator, value.denominator
                scale = above.scale / below.scale
                label = shape.label or shape.name
                quotients.append(Quotient(shape.name, label, above.term, below.term, scale, shape.unit))
    return tuple(quotients)


def _ratio(
    document: Document,
    path: PathInFile,
    unit: str,
    scope: Scope,
    known: Mapping[str, Variable],
    faults: Faults,
) -> Ratio | None:
    sides: list[NumberValue] = []
    for key in ("numerator", "denominator"):
        place = (*path, key)
        value = faults.value(document, place, scope)
        if not isinstance(value, NumberValue) or value.dimension != DIMENSIONLESS:
            if value is not None:
                faults.at(document, place, f"the {key} of a ratio is a bare number: use magnitude(..., unit)")
            return None
        sides.append(value)
    faults.lines.extend(_not_positive(document, (*path, "denominator"), sides[1].term, known))
    try:
        measure = parse_unit(unit)
    except UnknownUnit as error:
        faults.at(document, (*path, "unit"), str(error))
        return None
    return Ratio(
        sides[0],
        sides[1],
        NumberValue(Constant(Fraction(1)), measure.dimension, measure.factor, literal=measure),
    )


def _not_positive(
    document: Document, place: PathInFile, denominator: Term, known: Mapping[str, Variable]
) -> Iterator[str]:
    """The fault of a denominator that is not above 0 for every patient."""
    anyone: dict[str, Domain] = {name: _anyone(variable) for name, variable in known.items()}
    anyone[AS_OF] = _DAYS
    below = bounds(denominator, anyone)
    if below.low > 0 or (below.low == 0 and below.low_open):
        return
    named = (known[name] for name in sorted(variables(denominator) & known.keys()))
    lacking = [each.name for each in named if isinstance(each.type, QuantityType) and not each.positive]
    remedy = f"give {' and '.join(lacking)} 'positive: true'" if lacking else "write one that is above 0"
    yield f"{document.place(place)}: the denominator of a ratio is above 0 for every patient: {remedy}"


_DAYS = Interval(FIRST_DAY, LAST_DAY, whole=True)


def _anyone(variable: Variable) -> Domain:
    """Everything that a variable can be, on any day."""
    match variable.type:
        case DateType():
            return _DAYS
        case IntegerType() | QuantityType() as kind:
            return Interval(0, math.inf, variable.positive, True, isinstance(kind, IntegerType))
        case ListType():
            return Recorded(0, frozenset())
        case kind:
            return _anything(kind)


def _with_ranges(
    files: list[tuple[Document, list[VariableShape]]],
    known: dict[str, Variable],
    scope: Scope,
    faults: Faults,
) -> dict[str, Variable]:
    found = dict(known)
    for document, shapes in files:
        for i, shape in enumerate(shapes):
            plausible = _range(document, i, shape, "plausible", scope, faults)
            typical = _range(document, i, shape, "typical", scope, faults)
            if plausible is not None:
                found[shape.name] = replace(
                    found[shape.name], plausible=plausible, plausible_text=_in_a_line(shape.plausible)
                )
            if typical is not None:
                found[shape.name] = replace(
                    found[shape.name], typical=typical, typical_text=_in_a_line(shape.typical)
                )
    return found


def _range(
    document: Document,
    place: int,
    shape: VariableShape,
    key: Literal["plausible", "typical"],
    scope: Scope,
    faults: Faults,
) -> Condition | None:
    """The condition of a range of a variable; None if it has none, or if it is at fault."""
    if getattr(shape, key) is None:
        return None
    path: PathInFile = ("variables", place, key)
    condition = faults.condition(document, path, scope)
    if condition is not None and variables(condition) - {"as_of"} != {shape.name}:
        faults.at(document, path, f"a {key} range speaks of '{shape.name}' alone")
        return None
    return condition


def _in_a_line(text: str | None) -> str:
    return " ".join((text or "").split())


def _axioms(
    parts: list[tuple[Document, TheoryFile]], scope: Scope, known: Mapping[str, Variable], faults: Faults
) -> tuple[Axiom, ...]:
    found: dict[str, Axiom] = {}
    theory_scope = Scope(scope.variables, scope.definitions, scope.classes, lists=True, suggest=scope.suggest)
    for document, theory in parts:
        for i, shape in enumerate(theory.axioms):
            path: PathInFile = ("axioms", i)
            place = (*path, "require")
            condition = faults.condition(document, place, theory_scope)
            for j, name in enumerate(shape.while_unrecorded):
                if name not in scope.variables:
                    message = f"unknown variable '{name}'{did_you_mean(name, scope.variables)}"
                    faults.at(document, (*path, "while_unrecorded", j), message)
            if shape.id in found:
                faults.at(document, (*path, "id"), f"the axiom '{shape.id}' is declared twice")
            if condition is None:
                continue
            for name in sorted(variables(condition) & known.keys()):
                if known[name].absent_as_of:
                    message = f"an axiom cannot speak of '{name}', which has a value where it is not recorded"
                    faults.at(document, place, message)
            if not _vacuous_without_lists(condition, scope):
                faults.at(document, place, "an axiom about a list must say nothing where the list is empty")
            found[shape.id] = Axiom(
                shape.id,
                shape.label,
                shape.source,
                condition,
                tuple(shape.while_unrecorded),
                shape.assumption,
            )
    return tuple(found.values())


def _vacuous_without_lists(condition: Condition, scope: Scope) -> bool:
    """Whether an axiom that mentions lists holds of everyone whose lists are empty."""
    lists = {part.name for part in walk(condition) if isinstance(part, Contains | Complete | ListSize)}
    if not lists:
        return True
    known = {name: _anything(kind) for name, kind in scope.variables.items() if name not in lists}
    return evaluate(condition, {**known, **{name: Recorded(0, frozenset()) for name in lists}}) is True


def _anything(kind: VariableType) -> frozenset[bool] | frozenset[str]:
    return frozenset(kind.values) if isinstance(kind, EnumerationType) else frozenset({True, False})
