"""Mutants of a trial file: copies with one thing of one criterion changed, as an author might slip.

Every mutant is an edit of the text at one place. What is changed: an operator, a threshold by its smallest step, a connective, a
negation, a part of an `and` or `or`, a value of an enumeration, a unit, the cohorts that a clause binds, the day that a time is counted
to, or a guard.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from textwrap import shorten
from typing import Any

import yaml

from solver.language.types import EnumerationType
from solver.library.files.yaml_places import Document, PathInFile
from solver.library.models import Library
from tests.support.faults.slips import Edit, Enumerations, Kind, slips

_GUARDS = ("when", "unless")
_EXPRESSIONS = (*_GUARDS, "require")
_MANY = 30
"""Of an enumeration with more values, only those that the file names are mistaken for one another."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A trial file with one edit in a clause, under its first reading or under a second one, at a line and column from 1.

    `name` tells it from every other mutant of the trial, wherever else in the file lines are added or taken away.
    """

    name: str
    clause: str
    reading: str | None
    edit: Edit
    line: int
    column: int

    def applied(self, source: str) -> str:
        """The text of the file with the edit."""
        edit = self.edit
        return source[: edit.start] + edit.new + source[edit.start + len(edit.old) :]


def mutants(document: Document, library: Library) -> list[Mutant]:
    """Every mutant of a trial file that can be read in the words of a library, in the order of the file."""
    found = []
    enumerations = {
        name: [v for v in variable.type.values if len(variable.type.values) <= _MANY or v in document.source]
        for name, variable in library.variables.items()
        if isinstance(variable.type, EnumerationType)
    }
    code, every = document.data["code"], list(document.data["cohorts"])
    for i, clause in enumerate(document.data["clauses"]):
        path: PathInFile = ("clauses", i)
        where = [(None, path, clause)]
        where += [(r, (*path, "readings", r), data) for r, data in clause.get("readings", {}).items()]
        for reading, at, data in where:
            for key, edit in _edits(document, at, data, every, enumerations, of_clause=reading is None):
                name = f"{code}.{clause['id']}{f' under {reading}' if reading else ''}, {key}: {told(edit)}"
                found.append(
                    Mutant(name, f"{code}.{clause['id']}", reading, edit, *_at(document, edit.start))
                )
    return _numbered(sorted(found, key=lambda each: each.edit.start))


def told(edit: Edit) -> str:
    """What an edit does, on one line."""
    old, new = (" ".join(text.split()) for text in (edit.old, edit.new))
    if edit.kind == "negation":
        return f"negation added to {_short(old)}" if len(new) > len(old) else "negation dropped"
    if edit.kind == "value" and not (old and new):
        return f"value {(old or new).strip(', ')} {'dropped' if old else 'added'}"
    kind = "" if edit.kind in ("cohort", "guard") else f"{edit.kind} "
    if not old:
        return f"{kind}{_short(new)} added"
    return f"{kind}{_short(old)} to {_short(new)}" if new else f"{kind}{_short(old)} dropped"


def _short(text: str) -> str:
    return shorten(text, 60, placeholder=" ...")


def _numbered(found: list[Mutant]) -> list[Mutant]:
    """The mutants with a number in the name of all but the first of those that would be called the same."""
    seen: Counter[str] = Counter()
    numbered = []
    for mutant in found:
        seen[mutant.name] += 1
        n = seen[mutant.name]
        numbered.append(mutant if n == 1 else replace(mutant, name=f"{mutant.name} (number {n})"))
    return numbered


def _at(document: Document, offset: int) -> tuple[int, int]:
    before = document.source[:offset]
    return before.count("\n") + 1, offset - before.rfind("\n")


def _edits(
    document: Document,
    path: PathInFile,
    data: Mapping[str, Any],
    every: list[str],
    enumerations: Enumerations,
    *,
    of_clause: bool,
) -> Iterator[tuple[str, Edit]]:
    """The edits of a clause, or of a second reading of it, each with the key where it is."""
    for key in _EXPRESSIONS:
        if key in data:
            yield from ((key, edit) for edit in _expression(document, (*path, key), enumerations))
            if key in _GUARDS:
                yield key, _without_key(document, path, key, "guard")
    cohorts = data.get("cohorts")
    if isinstance(cohorts, dict):
        for cohort in cohorts:
            own = _expression(document, (*path, "cohorts", cohort), enumerations)
            yield from ((f"cohort {cohort}", edit) for edit in own)
            if len(cohorts) > 1:
                yield f"cohort {cohort}", _without_key(document, (*path, "cohorts"), cohort, "cohort")
    elif isinstance(cohorts, list):
        yield from (("cohorts", edit) for edit in _scopes(document, (*path, "cohorts"), cohorts, every))
    elif of_clause and len(every) > 1 and "opaque" not in data:
        yield from (("cohorts", edit) for edit in _new_scopes(document, path, every))


def _scopes(document: Document, path: PathInFile, cohorts: list[str], every: list[str]) -> Iterator[Edit]:
    """A list of cohorts with one dropped, and with all."""
    node = document.nodes[path]
    assert isinstance(node, yaml.SequenceNode)
    last = node if node.flow_style else node.value[-1]
    start = node.start_mark.index
    old = document.source[start : last.end_mark.index]
    others = [[other for other in cohorts if other != cohort] for cohort in cohorts]
    if set(cohorts) != set(every):
        others.append(every)
    newline = "\n" + " " * node.start_mark.column
    for chosen in others:
        if node.flow_style:
            yield Edit("cohort", start, old, _flow(chosen))
        elif chosen:
            yield Edit("cohort", start, old, newline.join(f"- {cohort}" for cohort in chosen))


def _flow(cohorts: list[str]) -> str:
    return f"[{', '.join(cohorts)}]"


def _new_scopes(document: Document, path: PathInFile, every: list[str]) -> Iterator[Edit]:
    """A clause that binds every cohort, with one of them left out."""
    node = document.nodes[path]
    assert isinstance(node, yaml.MappingNode)
    start = document.nodes[(*path, "id")].end_mark.index
    before = ", " if node.flow_style else "\n" + " " * node.value[0][0].start_mark.column
    for cohort in every:
        yield Edit("cohort", start, "", f"{before}cohorts: {_flow([o for o in every if o != cohort])}")


def _without_key(document: Document, path: PathInFile, key: str, kind: Kind) -> Edit:
    """A mapping without one of its keys."""
    node = document.nodes[path]
    assert isinstance(node, yaml.MappingNode)
    names = [each.value for each, _ in node.value]
    at = names.index(key)
    start, end = node.value[at][0].start_mark.index, node.value[at][1].end_mark.index
    source = document.source
    if not node.flow_style:
        end = start + len(source[start:end].rstrip())
    elif at + 1 < len(names):
        end = node.value[at + 1][0].start_mark.index
    elif at:
        start = node.value[at - 1][1].end_mark.index
    if not node.flow_style and at == 0:
        # the first key may stand behind the dash of a list, so that the next one moves up to its place
        end = node.value[1][0].start_mark.index if len(names) > 1 else end
    return Edit(kind, start, source[start:end], "")


def _expression(document: Document, path: PathInFile, enumerations: Enumerations) -> Iterator[Edit]:
    """The edits of an expression, as edits of the file."""
    text, line, column = document.expression(path)
    first = sum(len(each) + 1 for each in document.source.split("\n")[: line - 1]) + column - 1
    for edit in slips(text, enumerations):
        yield replace(edit, start=first + edit.start)
