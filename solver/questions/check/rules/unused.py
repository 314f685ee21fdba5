"""Definitions, variables and tests that nothing uses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from solver.library.beside import Place
from solver.library.files.yaml_places import Document, PathInFile
from solver.library.models import Library
from solver.questions.check.answer import RULES, Finding, FindingPlace
from solver.questions.check.trial_view import names_in, parsed
from solver.questions.check.written_names import names_of_definition

_TEXTS = frozenset({"when", "unless", "require", "is", "numerator", "denominator"})
"""The keys whose values are expressions."""


def unused(library: Library, documents: Mapping[str, Document]) -> list[Finding]:
    """The findings on a whole folder of encodings; `documents` are all its files, by how findings call them.

    A variable is used if a trial, the theory or a policy of absence speaks of it; a test if some variable that it reveals bears on a
    trial.
    """
    trials = {name for name, document in documents.items() if "clauses" in document.data}
    names = {file: set(_used_names(document)) for file, document in documents.items()}
    in_trials = set[str]().union(*(names[file] for file in trials))
    in_theory = set[str]().union(*(found for file, found in names.items() if file not in trials))
    bearing = _bearing_variables(library, in_trials)
    found, severity = [], RULES["unused"].severity
    for file, document in documents.items():
        for path, kind, name in _declared_names(document):
            if kind == "test":
                told = f"Nothing that the test {name} reveals bears on a trial."
                used = not bearing.isdisjoint(library.tests[name].reveals)
            else:
                told = f"No trial and no axiom uses the {kind} {name}."
                used = name in in_trials | in_theory
            if not used:
                place = FindingPlace.of(file, Place(*document.region(path)))
                finding = Finding(
                    kind="unused", severity=severity, trial=None, text=told, part=name, places=(place,)
                )
                found.append(finding)
    return found


def _bearing_variables(library: Library, in_trials: set[str]) -> set[str]:
    """The variables that trials speak of, and those that the theory links to these."""
    names = set(in_trials) & library.variables.keys()
    for text in in_trials & library.definitions.keys():
        names |= set(names_of_definition(library.definitions[text])) & library.variables.keys()
    return names.union(*(library.linked[name] for name in names))


def _declared_names(document: Document) -> Iterator[tuple[PathInFile, str, str]]:
    """The definitions, variables and tests that a file declares, with their places."""
    kinds = (
        ("definitions", "definition", "name"),
        ("variables", "variable", "name"),
        ("tests", "test", "id"),
    )
    for key, kind, named in kinds:
        for i, entry in enumerate(document.data.get(key, ())):
            yield (key, i, named), kind, entry[named]


def _used_names(document: Document) -> Iterator[str]:
    """Every name that an expression of a file uses, and those that an enrolment changes."""
    for path, text in _expressions_within(document.data, ()):
        yield from [text] if path[0] == "enrolment" else names_in(parsed(text))


def _expressions_within(value: Any, path: PathInFile) -> Iterator[tuple[PathInFile, str]]:
    if path[:1] == ("enrolment",):
        yield from (((*path, key), name) for key, names in value.items() for name in names)
    elif isinstance(value, dict):
        for key, item in value.items():
            if isinstance(item, str) and (key in _TEXTS or _by_cohort(path)):
                yield (*path, key), item
            else:
                yield from _expressions_within(item, (*path, key))
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from _expressions_within(item, (*path, i))


def _by_cohort(path: Sequence[str | int]) -> bool:
    """Whether what stands here is the map of a clause's cohorts."""
    return len(path) > 1 and path[0] == "clauses" and path[-1] == "cohorts"
