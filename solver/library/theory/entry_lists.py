"""Compiling what the theory says of lists: classes of entries, and the names that an open list recognises."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from solver.errors import did_you_mean
from solver.language.concepts import ConceptTree
from solver.language.spelling import fold_name
from solver.language.types import ListType
from solver.library.concepts.register import ConceptRegister, register_without_table
from solver.library.entries import ListClass, Register, Remark
from solver.library.files.file_faults import FilePart
from solver.library.files.library_files import ClassShape, RegisterShape
from solver.library.models import Variable
from solver.text import grouped


def compile_lists(
    given: Iterable[tuple[FilePart, ClassShape]],
    registers: Iterable[tuple[FilePart, RegisterShape]],
    known: Mapping[str, Variable],
    events: Mapping[str, str],
    tree: ConceptTree,
) -> tuple[dict[str, ListClass], dict[str, Register | ConceptRegister]]:
    """The classes of entries, by name, and the registers of names, by list.

    `events` gives the lists whose names are events, which the tree of concepts knows.
    """
    classes = _entry_classes(given, known)
    found: dict[str, Register | ConceptRegister] = {}
    members: list[tuple[str, str]] = []
    for part, shape in registers:
        if not _is_list(part, shape.list_, known):
            continue
        if known[shape.list_].pattern is not None:
            part.fault(f"the entries of '{shape.list_}' have a pattern, no names", "list")
        elif shape.list_ in found:
            part.fault(f"the names of '{shape.list_}' are given twice", "list")
        else:
            members += _class_members(part, shape, classes)
            found[shape.list_] = _name_register(part, shape)
    for name, of in events.items():
        others = found.get(name) or register_without_table(name)
        assert isinstance(others, Register)
        found[name] = ConceptRegister(name, of, tree, others)
    named = grouped(members)
    return {
        name: replace(each, members=tuple(named.get(name, each.members))) for name, each in classes.items()
    }, found


def _entry_classes(
    given: Iterable[tuple[FilePart, ClassShape]], known: Mapping[str, Variable]
) -> dict[str, ListClass]:
    found: dict[str, ListClass] = {}
    for part, shape in given:
        if not _is_list(part, shape.list_, known):
            continue
        if shape.name in found:
            part.fault(f"the class '{shape.name}' is declared twice", "name")
        elif _pattern_fits(part, shape, known[shape.list_]):
            remark = Remark(shape.warning.id, shape.warning.text) if shape.warning else None
            members = () if shape.example is None else (shape.example,)
            same = shape.copied("name", "label", "source", "pattern")
            found[shape.name] = ListClass(**same, list=shape.list_, members=members, remark=remark)
    return found


def _is_list(part: FilePart, name: str, known: Mapping[str, Variable]) -> bool:
    lists = [each for each, variable in known.items() if isinstance(variable.type, ListType)]
    if name not in lists:
        part.fault(f"'{name}' is not a list of the vocabulary{did_you_mean(name, lists)}", "list")
    return name in lists


def _pattern_fits(part: FilePart, shape: ClassShape, variable: Variable) -> bool:
    """Whether a class has a pattern and an example of it where the entries of its list have one, and only there."""
    if variable.pattern is None:
        given = shape.pattern or shape.example
        if given is not None:
            part.fault(f"the entries of '{variable.name}' are told by 'registers', not by a pattern")
        return given is None
    if shape.pattern is None or shape.example is None:
        part.fault(f"a class of '{variable.name}' needs a 'pattern' and an 'example'")
        return False
    try:
        fits = re.fullmatch(shape.pattern, shape.example, re.ASCII)
    except re.error as error:
        part.fault(f"not a regular expression: {error}", "pattern")
        return False
    if not fits or not re.fullmatch(variable.pattern, shape.example, re.ASCII):
        part.fault(f"'{shape.example}' is no entry of this class", "example")
    return True


def _class_members(
    part: FilePart, shape: RegisterShape, classes: Mapping[str, ListClass]
) -> Iterator[tuple[str, str]]:
    """Each class with an entry of a register that belongs to it."""
    own = [name for name, found in classes.items() if found.list == shape.list_]
    for i, entry in enumerate(shape.entries):
        for j, name in enumerate(entry.classes):
            at = part.at("entries", i, "classes", j)
            if name not in own:
                at.fault(f"unknown class '{name}' of '{shape.list_}'{did_you_mean(name, own)}")
            elif name in entry.classes[:j]:
                at.fault(f"the class '{name}' is given twice")
            else:
                yield name, entry.name


def _name_register(part: FilePart, shape: RegisterShape) -> Register:
    """The names of a list, by which its entries are recognised."""
    found: dict[str, frozenset[str]] = {}
    names: dict[str, str] = {}
    every = list(_names_with_places(part, shape))
    for at, name, of, within in every:
        folded = fold_name(name)
        if not folded:
            at.fault(f"'{name}' has nothing that names are compared by")
        elif folded in found:
            at.fault(f"'{name}' is already a name of '{names[folded]}'")
        found[folded], names[folded] = within, of
    unknown = shape.unrecognised
    remarks = (Remark(unknown.id, unknown.text), Remark(unknown.id, shape.unclosed))
    return Register(shape.list_, found, tuple(name for _, name, _, _ in every), *remarks)


def _names_with_places(
    part: FilePart, shape: RegisterShape
) -> Iterator[tuple[FilePart, str, str, frozenset[str]]]:
    """Each name with its place, what it is a name of, and the classes of that."""
    for i, entry in enumerate(shape.entries):
        classes, at = frozenset(entry.classes), part.at("entries", i)
        yield at.at("name"), entry.name, entry.name, classes
        for j, name in enumerate(entry.other_names):
            yield at.at("other_names", j), name, entry.name, classes
    for i, name in enumerate(shape.no_class):
        yield part.at("no_class", i), name, name, frozenset()
