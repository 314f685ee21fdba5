"""From the files of `encodings/` to a `Library`: names, types, units, dates and ids are checked, expressions become syntax trees.

All faults of all files are collected, each with its file, line and column.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, TypeVar

from solver.errors import InputError, did_you_mean
from solver.evaluation.evaluate import bounds, evaluate
from solver.language.arithmetic import Number as NumberValue
from solver.language.calendar import FIRST_DAY, LAST_DAY
from solver.language.concepts import ConceptTree
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
from solver.library.checks import compile_checks, compile_headline, compile_phrases
from solver.library.codes.codes_file import CodesFile
from solver.library.codes.compile_codes import compile_codes
from solver.library.concepts.implied import implied_axioms
from solver.library.concepts.meanings import named_alike, named_events, with_concept_types, with_meanings
from solver.library.concepts.term_variables import term_variables
from solver.library.concepts.tree_compiler import compile_concepts
from solver.library.files.file_faults import FilePart, entries, stop_if_wrong
from solver.library.files.library_files import (
    AxiomShape,
    ConceptFile,
    DefinitionShape,
    SiteFile,
    TheoryFile,
    VariableShape,
    VocabularyFile,
    WorkupFile,
)
from solver.library.files.shapes import check_shape
from solver.library.files.trial_file import TrialFile
from solver.library.files.yaml_places import Document
from solver.library.lists import compile_lists
from solver.library.models import Axiom, Library, Trial, Variable
from solver.library.names import OtherNames, labelled
from solver.library.orders import Burden, Test
from solver.library.policies import PolicyCompiler
from solver.library.trials import TrialCompiler
from solver.library.vocabulary import RESERVED, compile_names, compile_vocabulary
from solver.library.workup import WorkupCompiler, asked_for


def compile_library(
    vocabulary: Sequence[Document],
    theory: Sequence[Document],
    trials: Sequence[Document],
    digest: str,
    workup: Document | None = None,
    concepts: Sequence[Document] = (),
    sites: Sequence[Document] = (),
    codes: tuple[Sequence[Document], Sequence[Document]] = ((), ()),
) -> Library:
    """The library that the files hold, without tests where there is no `workup`; raises `InputError` with every fault.

    `sites` are files that a site adds; what no test reveals of their variables is asked for. `codes` are the mapping files of the
    encodings, and those that a site adds.
    """
    faults: list[str] = []
    own = list(_fitting_shape(sites, SiteFile, faults))
    shipped = list(_fitting_shape(vocabulary, VocabularyFile, faults))
    words = [*shipped, *own]
    parts = list(_fitting_shape(theory, TheoryFile, faults))
    trees = list(_fitting_shape(concepts, ConceptFile, faults))
    stop_if_wrong(faults)
    declared = entries(words, "variables", faults)
    known = compile_vocabulary(declared)
    stop_if_wrong(faults)
    policies = PolicyCompiler(entries(parts, "policies", faults))
    known = policies.cover(declared, known)
    defined = [shape.name for _, shape in entries(parts, "definitions", faults)]
    words_taken = {**dict.fromkeys(defined, frozenset[str]()), **named_alike(declared)}
    tree = compile_concepts(entries([*trees, *own], "concepts", faults), words_taken)
    names = compile_names(entries(words, "names", faults), known, tree)
    stop_if_wrong(faults)
    known = with_concept_types(declared, known, tree)
    scope = _scope_of(known, names, tree)
    scope.events = named_events(declared)
    registers_given = entries(parts, "registers", faults)
    classes, registers = compile_lists(
        entries(parts, "classes", faults), registers_given, known, scope.events, tree
    )
    scope.classes = {name: drug_class.list for name, drug_class in classes.items()}
    quotients = _added_quotients(entries(parts, "definitions", faults), scope, known)
    stop_if_wrong(faults)
    known = with_meanings(declared, _with_ranges(declared, known, scope), scope)
    axioms = _compiled_axioms(entries(parts, "axioms", faults), scope, known) + implied_axioms(known, tree)
    checks = compile_checks(entries(parts, "checks", faults), scope, known)
    headline = compile_headline(entries(shipped, "headline", faults), scope, known)
    phrases = compile_phrases(entries(shipped, "phrases", faults), scope)
    shared_terms = term_variables(scope.terms.values(), tree, known)
    compiled: dict[str, Trial] = {}
    for document, trial_file in _fitting_shape(trials, TrialFile, faults):
        file = FilePart(document, (), faults)
        trial = _compiled_trial(file, trial_file, scope, policies, known)
        if trial.code in compiled:
            file.fault(f"the code '{trial.code}' is already used by another file", "code")
        elif any(other.nct == trial.nct for other in compiled.values()):
            file.fault(f"{trial.nct} is already in another file", "trial")
        else:
            compiled[trial.code] = trial
    burdens: dict[str, Burden] = {}
    tests: dict[str, Test] = {}
    for document, workup_file in _fitting_shape([workup] if workup else [], WorkupFile, faults):
        compiler = WorkupCompiler(FilePart(document, (), faults), workup_file, known, tree)
        burdens = compiler.burdens()
        tests = compiler.tests(burdens, entries(own, "tests", faults))
        compiler.covers(declared[: len(declared) - len(entries(own, "variables", faults))])
        tests = {**tests, **asked_for(known, tests, burdens)}
    shipped_codes, site_codes = (list(_fitting_shape(part, CodesFile, faults)) for part in codes)
    code_map = compile_codes(shipped_codes, site_codes, known, tree, faults)
    stop_if_wrong(faults)
    return Library(
        known,
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
        concepts=tree,
        theory_terms=shared_terms,
        headline=headline,
        phrases=phrases,
        codes=code_map,
    )


def compile_trial(document: Document, library: Library) -> Trial:
    """The trial that a file holds, in the words of a library; its code may be one that the library has.

    Raises `InputError` with every fault.
    """
    faults: list[str] = []
    shape = check_shape(document, TrialFile)
    scope = library_scope(library)
    policies = PolicyCompiler.of(library.policies)
    trial = _compiled_trial(FilePart(document, (), faults), shape, scope, policies, library.variables)
    stop_if_wrong(faults)
    return trial


def library_scope(library: Library) -> Scope:
    """What names mean in the words of a library."""
    scope = _scope_of(library.variables, library.names, library.concepts)
    scope.definitions = dict(library.definitions)
    scope.classes = {name: found.list for name, found in library.classes.items()}
    scope.terms = {name: each.term for name, each in library.theory_terms.items() if each.term is not None}
    return scope


def _scope_of(known: Mapping[str, Variable], names: OtherNames, tree: ConceptTree) -> Scope:
    """What names mean before anything is defined."""
    types = {name: variable.type for name, variable in known.items()}
    references = {
        name: frozenset(variable.reference) for name, variable in known.items() if variable.reference
    }
    events = {name: each.means.list for name, each in known.items() if each.means and each.means.list}
    labels = {name: variable.label for name, variable in known.items()}

    def suggest(name: str, of: str) -> str:
        return names.hint(name, of) if of else labelled(names.hint(name), labels)

    return Scope(types, concepts=tree, events=events, references=references, labels=labels, suggest=suggest)


def _compiled_trial(
    file: FilePart, shape: TrialFile, scope: Scope, policies: PolicyCompiler, known: Mapping[str, Variable]
) -> Trial:
    """A trial with the variables that its terms stand for."""
    compiler = TrialCompiler(file, shape, scope, policies)
    trial = compiler.trial()
    renamed = {
        each.means.term.name: name
        for name, each in known.items()
        if each.means
        and each.means.term
        and not isinstance(each.type, DateType)
        and name in compiler.mentioned
    }
    if not compiler.mentioned.isdisjoint(renamed):
        # a trial that writes a term in both ways asks for one thing, which has one name
        again = FilePart(file.document, file.path, [])
        compiler = TrialCompiler(again, shape, replace(scope, renamed=renamed), policies)
        trial = compiler.trial()
    asked = [scope.terms[name] for name in sorted(compiler.mentioned & scope.terms.keys())]
    return replace(trial, terms=term_variables(asked, scope.concepts, known))


Shape = TypeVar("Shape", VocabularyFile, TheoryFile, ConceptFile, TrialFile, WorkupFile, SiteFile, CodesFile)


def _fitting_shape(
    documents: Iterable[Document], shape: type[Shape], faults: list[str]
) -> Iterator[tuple[Document, Shape]]:
    """The documents with what each holds, without those that do not fit their shape, whose faults are noted."""
    for document in documents:
        try:
            yield document, check_shape(document, shape)
        except InputError as error:
            faults.extend(error.problems)


def _added_quotients(
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


def _with_ranges(
    declared: Iterable[tuple[FilePart, VariableShape]], known: Mapping[str, Variable], scope: Scope
) -> dict[str, Variable]:
    """The variables, each with the ranges that its file gives it; one that is at fault is left out."""
    found = dict(known)
    for part, shape in declared:
        for key, text in shape.copied("plausible", "typical").items():
            condition = None if text is None else part.at(key).condition(scope)
            if condition is None:
                continue
            if variables(condition) - {AS_OF} != {shape.name}:
                part.fault(f"a {key} range speaks of '{shape.name}' alone", key)
                continue
            ranges: dict[str, Any] = {key: condition, f"{key}_text": " ".join(text.split())}
            found[shape.name] = replace(found[shape.name], **ranges)
    return found


def _compiled_axioms(
    given: Iterable[tuple[FilePart, AxiomShape]], scope: Scope, known: Mapping[str, Variable]
) -> tuple[Axiom, ...]:
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
