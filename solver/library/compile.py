"""From the files of `encodings/` to a `Library`: names, types, units, dates and ids are checked, expressions become syntax trees.

All faults of all files are collected, each with its file, line and column.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from solver.errors import InputError
from solver.language.tree import (
    AS_OF,
    variables,
)
from solver.language.values import Scope
from solver.library.checks import compile_checks, compile_headline, compile_phrases
from solver.library.codes.codes_file import CodesFile
from solver.library.codes.compile_codes import compile_codes
from solver.library.concepts.implied import implied_axioms
from solver.library.concepts.meanings import named_alike, named_events, with_concept_types, with_meanings
from solver.library.concepts.term_variables import term_variables
from solver.library.concepts.tree_compiler import compile_concepts
from solver.library.files.file_faults import FilePart, entries, stop_if_wrong
from solver.library.files.library_files import (
    ConceptFile,
    SiteFile,
    TheoryFile,
    VariableShape,
    VocabularyFile,
    WorkupFile,
)
from solver.library.files.shapes import check_shape
from solver.library.files.trial_file import TrialFile
from solver.library.files.yaml_places import Document
from solver.library.models import Library, Variable
from solver.library.orders import Burden, Test
from solver.library.policies import PolicyCompiler
from solver.library.scope import scope_of
from solver.library.theory.compile_theory import added_quotients, compiled_axioms
from solver.library.theory.entry_lists import compile_lists
from solver.library.trial_files import TrialFiles
from solver.library.vocabulary import compile_names, compile_vocabulary
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
    words, later = compile_words(vocabulary, theory, digest, workup, concepts, sites, codes)
    files = TrialFiles(words)
    for document in trials:
        files.add(document)
    stop_if_wrong([*files.faults, *later])
    return replace(words, trials=files.compiled)


def compile_words(
    vocabulary: Sequence[Document],
    theory: Sequence[Document],
    digest: str,
    workup: Document | None = None,
    concepts: Sequence[Document] = (),
    sites: Sequence[Document] = (),
    codes: tuple[Sequence[Document], Sequence[Document]] = ((), ()),
) -> tuple[Library, list[str]]:
    """The library without its trials, as `compile_library` takes it, and faults that are told behind those of the trials.

    Raises `InputError` with faults that leave no words for trials.
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
    scope = scope_of(known, names, tree)
    scope.events = named_events(declared)
    registers_given = entries(parts, "registers", faults)
    classes, registers = compile_lists(
        entries(parts, "classes", faults), registers_given, known, scope.events, tree
    )
    scope.classes = {name: drug_class.list for name, drug_class in classes.items()}
    quotients = added_quotients(entries(parts, "definitions", faults), scope, known)
    stop_if_wrong(faults)
    known = with_meanings(declared, _with_ranges(declared, known, scope), scope)
    axioms = compiled_axioms(entries(parts, "axioms", faults), scope, known) + implied_axioms(known, tree)
    checks = compile_checks(entries(parts, "checks", faults), scope, known)
    headline = compile_headline(entries(shipped, "headline", faults), scope, known)
    phrases = compile_phrases(entries(shipped, "phrases", faults), scope)
    shared_terms = term_variables(scope.terms.values(), tree, known)
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
    library = Library(
        known,
        classes,
        axioms,
        checks,
        {},
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
    return library, faults


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
