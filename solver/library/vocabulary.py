"""The variables of the vocabulary files: their names, types and units."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from fractions import Fraction

from solver.errors import did_you_mean
from solver.language.recorded import QUESTIONS
from solver.language.types import (
    BooleanType,
    DateType,
    EnumerationType,
    IntegerType,
    ListType,
    QuantityType,
    VariableType,
)
from solver.language.units import UnknownUnit, parse_unit
from solver.language.values import EACH
from solver.library.entries import Groups
from solver.library.files.faults import Faults
from solver.library.files.library_files import NameShape, VariableShape
from solver.library.files.yaml_places import Document, PathInFile
from solver.library.models import Variable
from solver.library.names import OtherNames, fold_other_name, meant

RESERVED = frozenset(
    [
        *(
            "as_of",
            "cohort_open",
            "and",
            "or",
            "not",
            "implies",
            "in",
            "if",
            "then",
            "else",
            "contains",
            "true",
            "false",
        ),
        *(
            "magnitude",
            "days_between",
            "completed_years",
            "count",
            "size",
            "complete",
            "let",
            "forall",
            "exists",
            "match",
            "par",
            "as",
        ),
        *(
            "assert",
            "ite",
            "xor",
            "distinct",
            "mod",
            "div",
            "abs",
            "to_real",
            "to_int",
            "is_int",
            "select",
            "store",
        ),
        *("reached", "step", "differ", "equal", EACH, *QUESTIONS),
    ]
)
"""Names that no variable or definition may have."""


def compile_vocabulary(
    files: list[tuple[Document, list[VariableShape]]], faults: Faults
) -> dict[str, Variable]:
    """The variables that the files declare, without what is said of them in the criterion language."""
    found: dict[str, Variable] = {}
    for document, shapes in files:
        for i, shape in enumerate(shapes):
            path: PathInFile = ("variables", i)
            if shape.name in RESERVED:
                message = f"'{shape.name}' is a word of the language or of SMT-LIB: choose another name"
                faults.at(document, (*path, "name"), message)
                continue
            if shape.name in found:
                faults.at(document, (*path, "name"), f"the variable '{shape.name}' is declared twice")
                continue
            kind = _type(document, path, shape, faults)
            if kind is None:
                continue
            if (shape.groups is not None) is not (_GROUP in (shape.pattern or "")):
                faults.at(document, path, f"'groups' and a pattern with {_GROUP} need each other")
                continue
            pattern = _pattern(shape, "g")
            if pattern is not None:
                try:
                    re.compile(pattern)
                except re.error as error:
                    faults.at(document, (*path, "pattern"), f"not a regular expression: {error}")
            found[shape.name] = Variable(
                name=shape.name,
                type=kind,
                label=shape.label,
                about=shape.about,
                changes=shape.changes,
                past=shape.past,
                absent_as_of=shape.absent == "as_of",
                requested=shape.requested and not isinstance(kind, ListType),
                bare=shape.bare,
                positive=shape.positive,
                refused={int(value): reason for value, reason in shape.refused.items()},
                drugs={drug: Fraction(factor) for drug, factor in (shape.drugs or {}).items()},
                pattern=_pattern(shape, "|".join(map(re.escape, shape.groups.known)) if shape.groups else ""),
                groups=_groups(shape),
                strip=shape.strip or "",
                most=shape.most,
                worse=shape.worse,
                advice=shape.advice,
                stopped_on=shape.stopped_on,
                valid_days=shape.valid_days,
            )
            if shape.worse is not None and shape.type not in _WORSE[shape.worse]:
                faults.at(
                    document,
                    (*path, "worse"),
                    f"'worse: {shape.worse}' is only for the types {', '.join(_WORSE[shape.worse])}",
                )
    for document, shapes in files:
        for i, shape in enumerate(shapes):
            if shape.stopped_on is not None and shape.name in found:
                _check_stop(document, ("variables", i, "stopped_on"), shape, found, faults)
    return found


_GROUP = "{group}"


def _pattern(shape: VariableShape, group: str) -> str | None:
    """The pattern of an entry with what its group may be."""
    return None if shape.pattern is None else shape.pattern.replace(_GROUP, f"(?:{group})")


def _groups(shape: VariableShape) -> Groups | None:
    """What the entries of a list begin with, of which the pattern tells no more than where it stands."""
    if shape.groups is None or shape.pattern is None:
        return None
    form = shape.pattern.partition(_GROUP)[0] + r"(?P<group>\w+)"
    return Groups(shape.groups.label, tuple(shape.groups.known), form)


_WORSE = {
    "true": ("boolean",),
    "false": ("boolean",),
    "higher": ("integer", "quantity", "enumeration"),
    "lower": ("integer", "quantity", "enumeration"),
}


def _check_stop(
    document: Document, path: PathInFile, shape: VariableShape, known: dict[str, Variable], faults: Faults
) -> None:
    """The date of a last dose is a past date that only time moves away from, of a drug that can be stopped."""
    name = shape.stopped_on or ""
    date = known.get(name)
    if date is None:
        faults.at(document, path, f"unknown variable '{name}'{did_you_mean(name, known)}")
    elif not (isinstance(date.type, DateType) and date.past and date.changes == "time"):
        faults.at(document, path, f"'{name}' is not a date with 'past: true' and 'changes: time'")
    elif shape.changes != "stop":
        faults.at(document, path, f"'stopped_on' is for variables with 'changes: stop', not {shape.changes}")


_ONLY_FOR = {
    "values": "enumeration",
    "unit": "quantity",
    "equivalents": "quantity",
    "drugs": "quantity",
    "bare": "quantity",
    "positive": "quantity",
    "refused": "integer",
    "past": "date",
    "absent": "date",
    "names": "list",
    "pattern": "list",
    "groups": "list",
    "strip": "list",
    "most": "list",
    "stopped_on": "boolean",
}


def _type(document: Document, path: PathInFile, shape: VariableShape, faults: Faults) -> VariableType | None:
    for key, kind in _ONLY_FOR.items():
        if key in shape.model_fields_set and shape.type != kind:
            faults.at(document, (*path, key), f"'{key}' is for variables of type {kind}, not {shape.type}")
            return None
    match shape.type:
        case "boolean":
            return BooleanType()
        case "integer":
            return IntegerType()
        case "date":
            return DateType()
        case "list":
            return ListType()
        case "enumeration":
            values = shape.values or []
            if len(set(values)) != len(values) or not values:
                faults.at(document, path, f"'{shape.name}' needs a list of different values")
                return None
            return EnumerationType(tuple(values))
    if shape.unit is None:
        faults.at(document, path, f"'{shape.name}' is a quantity and needs a unit")
        return None
    try:
        unit = parse_unit(shape.unit)
        equivalents = tuple(
            (parse_unit(other), Fraction(ratio)) for other, ratio in (shape.equivalents or {}).items()
        )
    except UnknownUnit as error:
        faults.at(document, (*path, "unit"), str(error))
        return None
    return QuantityType(unit, equivalents)


def compile_names(
    files: Iterable[tuple[Document, list[NameShape]]], variables: Mapping[str, Variable], faults: Faults
) -> OtherNames:
    """The other names that the vocabulary files give, each once; a name that a variable has is that variable's."""
    said: dict[str, dict[str, str]] = {}
    for document, shapes in files:
        for i, shape in enumerate(shapes):
            path: PathInFile = ("names", i)
            if not _fits(document, path, shape, variables, faults):
                continue
            group = said.setdefault(shape.of or "", {})
            for j, name in enumerate(shape.names):
                folded = fold_other_name(name)
                if folded in group or not folded:
                    faults.at(document, (*path, "names", j), f"'{name}' is told twice, or is no name")
                group[folded] = _sentence(shape)
    own = {fold_other_name(name): meant([name]) for name in variables}
    return OtherNames({**said, "": {**said.get("", {}), **own}})


def _fits(
    document: Document, path: PathInFile, shape: NameShape, variables: Mapping[str, Variable], faults: Faults
) -> bool:
    """Whether what an entry says can be said; notes a fault if not."""
    if sum(each is not None for each in (shape.means, shape.write, shape.not_held)) != 1:
        faults.at(document, path, "give one of 'means', 'write' and 'not_held'")
        return False
    known: Iterable[str] = variables
    if shape.of is not None:
        kind = variables[shape.of].type if shape.of in variables else None
        if not isinstance(kind, EnumerationType):
            faults.at(document, (*path, "of"), f"'{shape.of}' is not a variable with named values")
            return False
        known = kind.values
    for j, name in enumerate(shape.means or ()):
        if name not in known:
            what = f"a value of '{shape.of}'" if shape.of else "a variable"
            faults.at(document, (*path, "means", j), f"'{name}' is not {what}")
            return False
    return True


def _sentence(shape: NameShape) -> str:
    if shape.not_held is not None:
        return f": {shape.not_held} is something that no answer considers"
    return f": write {shape.write}" if shape.write is not None else meant(shape.means or [])
