"""Compiling what the theory says of lists: classes of entries, and the names that an open list recognises."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from solver.errors import did_you_mean
from solver.language.types import ListType
from solver.library.entries import ListClass, Register, Remark, fold_name
from solver.library.files.faults import Faults
from solver.library.files.library_files import ClassShape, RegisterShape, TheoryFile
from solver.library.files.yaml_places import Document, PathInFile
from solver.library.models import Variable

Parts = Sequence[tuple[Document, TheoryFile]]


def compile_lists(
    parts: Parts, known: Mapping[str, Variable], faults: Faults
) -> tuple[dict[str, ListClass], dict[str, Register]]:
    """The classes of entries, by name, and the registers of names, by list."""
    classes = _classes(parts, known, faults)
    registers: dict[str, Register] = {}
    members: dict[str, list[str]] = {}
    for document, theory in parts:
        for i, shape in enumerate(theory.registers):
            path: PathInFile = ("registers", i)
            if not _is_list(document, (*path, "list"), shape.list_, known, faults):
                continue
            if known[shape.list_].pattern is not None:
                faults.at(
                    document, (*path, "list"), f"the entries of '{shape.list_}' have a pattern, no names"
                )
            elif shape.list_ in registers:
                faults.at(document, (*path, "list"), f"the names of '{shape.list_}' are given twice")
            else:
                registers[shape.list_] = _register(document, path, shape, classes, members, faults)
    return {
        name: replace(found, members=tuple(members.get(name, found.members)))
        for name, found in classes.items()
    }, registers


def _classes(parts: Parts, known: Mapping[str, Variable], faults: Faults) -> dict[str, ListClass]:
    found: dict[str, ListClass] = {}
    for document, theory in parts:
        for i, shape in enumerate(theory.classes):
            path: PathInFile = ("classes", i)
            if not _is_list(document, (*path, "list"), shape.list_, known, faults):
                continue
            if shape.name in found:
                faults.at(document, (*path, "name"), f"the class '{shape.name}' is declared twice")
            elif _pattern_fits(document, path, shape, known[shape.list_], faults):
                remark = Remark(shape.warning.id, shape.warning.text) if shape.warning else None
                members = () if shape.example is None else (shape.example,)
                found[shape.name] = ListClass(
                    shape.name, shape.list_, shape.label, shape.source, members, shape.pattern, remark
                )
    return found


def _is_list(
    document: Document, path: PathInFile, name: str, known: Mapping[str, Variable], faults: Faults
) -> bool:
    lists = [each for each, variable in known.items() if isinstance(variable.type, ListType)]
    if name not in lists:
        message = f"'{name}' is not a list of the vocabulary{did_you_mean(name, lists)}"
        faults.at(document, path, message)
    return name in lists


def _pattern_fits(
    document: Document, path: PathInFile, shape: ClassShape, variable: Variable, faults: Faults
) -> bool:
    """Whether a class has a pattern and an example of it where the entries of its list have one, and only there."""
    if variable.pattern is None:
        given = shape.pattern or shape.example
        if given is not None:
            faults.at(
                document, path, f"the entries of '{variable.name}' are told by 'registers', not by a pattern"
            )
        return given is None
    if shape.pattern is None or shape.example is None:
        faults.at(document, path, f"a class of '{variable.name}' needs a 'pattern' and an 'example'")
        return False
    try:
        fits = re.fullmatch(shape.pattern, shape.example, re.ASCII)
    except re.error as error:
        faults.at(document, (*path, "pattern"), f"not a regular expression: {error}")
        return False
    if not fits or not re.fullmatch(variable.pattern, shape.example, re.ASCII):
        faults.at(document, (*path, "example"), f"'{shape.example}' is no entry of this class")
    return True


def _register(
    document: Document,
    path: PathInFile,
    shape: RegisterShape,
    classes: Mapping[str, ListClass],
    members: dict[str, list[str]],
    faults: Faults,
) -> Register:
    """The names of a list; entries are added to the `members` of their classes."""
    own = [name for name, found in classes.items() if found.list == shape.list_]
    for i, entry in enumerate(shape.entries):
        for j, name in enumerate(entry.classes):
            at = (*path, "entries", i, "classes", j)
            if name not in own:
                faults.at(document, at, f"unknown class '{name}' of '{shape.list_}'{did_you_mean(name, own)}")
            elif name in entry.classes[:j]:
                faults.at(document, at, f"the class '{name}' is given twice")
            else:
                members.setdefault(name, []).append(entry.name)
    found: dict[str, frozenset[str]] = {}
    names: dict[str, str] = {}
    for at, name, of, within in _names(path, shape):
        folded = fold_name(name)
        if not folded:
            faults.at(document, at, f"'{name}' has nothing that names are compared by")
        elif folded in found:
            faults.at(document, at, f"'{name}' is already a name of '{names[folded]}'")
        found[folded], names[folded] = within, of
    text = shape.unrecognised.text
    return Register(
        shape.list_,
        found,
        tuple(name for _, name, _, _ in _names(path, shape)),
        Remark(shape.unrecognised.id, text),
        Remark(shape.unrecognised.id, shape.unclosed),
    )


def _names(path: PathInFile, shape: RegisterShape) -> Iterator[tuple[PathInFile, str, str, frozenset[str]]]:
    """Each name with its place, what it is a name of, and the classes of that."""
    for i, entry in enumerate(shape.entries):
        classes, at = frozenset(entry.classes), (*path, "entries", i)
        yield (*at, "name"), entry.name, entry.name, classes
        for j, name in enumerate(entry.other_names):
            yield (*at, "other_names", j), name, entry.name, classes
    for i, name in enumerate(shape.no_class):
        yield (*path, "no_class", i), name, name, frozenset()
