"""The variables of the vocabulary files: their names, types and units."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from solver.errors import did_you_mean
from solver.language.concepts import ConceptTree
from solver.language.recorded import QUESTIONS
from solver.language.types import (
    BooleanType,
    ConceptType,
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
from solver.library.files.file_faults import FilePart
from solver.library.files.library_files import NameShape, ReferenceShape, VariableShape
from solver.library.models import Variable
from solver.library.names import OtherNames, fold_other_name, meant
from solver.patterns import pattern

RESERVED = frozenset(
    (
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
        "is",
        "except",
        "true",
        "false",
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
        "reached",
        "step",
        "differ",
        "equal",
        EACH,
        *QUESTIONS,
    )
)
"""Names that no variable or definition may have."""

_COPIED = (
    *("name", "label", "about", "changes", "past", "bare", "positive"),
    *("most", "worse", "advice", "stopped_on", "valid_days", "safety", "zero"),
)

_GROUP = "{group}"
"""What stands in the pattern of an entry for what it begins with."""

_WORSE = dict.fromkeys(("true", "false"), ("boolean",)) | dict.fromkeys(
    ("higher", "lower"), ("integer", "quantity", "enumeration")
)
"""The types whose variables can get worse in a direction."""


def compile_vocabulary(declared: Sequence[tuple[FilePart, VariableShape]]) -> dict[str, Variable]:
    """The variables that the files declare, without what is said of them in the criterion language; faults are noted."""
    found: dict[str, Variable] = {}
    for part, shape in declared:
        if shape.name in RESERVED:
            part.fault(f"'{shape.name}' is a word of the language or of SMT-LIB: choose another name", "name")
        elif shape.name in found:
            part.fault(f"the variable '{shape.name}' is declared twice", "name")
        elif (variable := _compiled_variable(part, shape)) is not None:
            found[shape.name] = variable
    for part, shape in declared:
        if shape.stopped_on is not None and shape.name in found:
            _check_stop(part.at("stopped_on"), shape, found)
    return found


def _compiled_variable(part: FilePart, shape: VariableShape) -> Variable | None:
    kind = _type_of(part, shape)
    if kind is None:
        return None
    if (shape.groups is not None) is not (_GROUP in (shape.pattern or "")):
        part.fault(f"'groups' and a pattern with {_GROUP} need each other")
        return None
    pattern = _pattern_with(shape, "g")
    if pattern is not None:
        try:
            re.compile(pattern)
        except re.error as error:
            part.fault(f"not a regular expression: {error}", "pattern")
    if shape.worse is not None and shape.type not in _WORSE[shape.worse]:
        types = ", ".join(_WORSE[shape.worse])
        part.fault(f"'worse: {shape.worse}' is only for the types {types}", "worse")
    known = "|".join(map(re.escape, shape.groups.known)) if shape.groups else ""
    return Variable(
        **shape.copied(*_COPIED),
        type=kind,
        absent_as_of=shape.absent == "as_of",
        requested=shape.requested and not isinstance(kind, ListType),
        refused={int(value): reason for value, reason in shape.refused.items()},
        drugs={drug: Fraction(factor) for drug, factor in (shape.drugs or {}).items()},
        pattern=_pattern_with(shape, known),
        groups=_entry_groups(shape),
        strip=shape.strip or "",
        reference=_reference_limits(part.at("reference"), shape.reference, kind),
    )


_AMOUNT = pattern(r"(\d+(?:\.\d+)?)\s*(.*)")


def _reference_limits(
    part: FilePart, shape: ReferenceShape | None, kind: VariableType
) -> dict[str, tuple[Fraction, Fraction]]:
    """The plausible range of each limit of normal, in the unit of the quantity."""
    found: dict[str, tuple[Fraction, Fraction]] = {}
    if shape is None or not isinstance(kind, QuantityType):
        return found
    if shape.uln is None and shape.lln is None:
        part.fault("give the range of 'uln', of 'lln', or of both")
    for name, texts in (("uln", shape.uln), ("lln", shape.lln)):
        if texts is None:
            continue
        ends = [_amount_in(part.at(name, i), text, kind) for i, text in enumerate(texts)]
        low, high = ends
        if low is None or high is None:
            continue
        if not 0 < low < high:
            part.fault("the range of a limit goes from a number above 0 to a greater one", name)
        found[name] = (low, high)
    return found


def _amount_in(part: FilePart, text: str, kind: QuantityType) -> Fraction | None:
    form = _AMOUNT.fullmatch(text.strip())
    try:
        value = kind.convert(Fraction(form[1]), parse_unit(form[2])) if form and form[2] else None
        if form and not form[2] and kind.unit.text == "1":
            value = Fraction(form[1])
    except UnknownUnit as error:
        part.fault(str(error))
        return None
    if value is None:
        part.fault(f"'{text}' is no quantity in {kind.unit.text}: write a number with its unit")
    return value


def _pattern_with(shape: VariableShape, group: str) -> str | None:
    """The pattern of an entry with what its group may be."""
    return None if shape.pattern is None else shape.pattern.replace(_GROUP, f"(?:{group})")


def _entry_groups(shape: VariableShape) -> Groups | None:
    """What the entries of a list begin with, of which the pattern tells no more than where it stands."""
    if shape.groups is None or shape.pattern is None:
        return None
    form = shape.pattern.partition(_GROUP)[0] + r"(?P<group>\w+)"
    return Groups(shape.groups.label, tuple(shape.groups.known), form)


def _check_stop(part: FilePart, shape: VariableShape, known: Mapping[str, Variable]) -> None:
    """The date of a last dose is a past date that only time moves away from, of a drug that can be stopped."""
    name = shape.stopped_on or ""
    date = known.get(name)
    if date is None:
        part.fault(f"unknown variable '{name}'{did_you_mean(name, known)}")
    elif not (isinstance(date.type, DateType) and date.past and date.changes == "time"):
        part.fault(f"'{name}' is not a date with 'past: true' and 'changes: time'")
    elif shape.changes != "stop":
        part.fault(f"'stopped_on' is for variables with 'changes: stop', not {shape.changes}")


_ONLY_FOR: dict[str, tuple[str, ...]] = {
    "concept": ("kind",),
    "quantity": ("unit", "equivalents", "drugs", "bare", "positive", "reference"),
    "integer": ("refused", "zero"),
    "date": ("past", "absent"),
    "list": ("names", "pattern", "groups", "strip", "most"),
    "boolean": ("stopped_on", "safety"),
}
"""The keys of a type that no other has."""

_NAMED = ("enumeration", "concept")
"""The types with `values`."""

_SIMPLE: dict[str, VariableType] = {"boolean": BooleanType(), "integer": IntegerType()}
_SIMPLE |= {"date": DateType(), "list": ListType()}


def _type_of(part: FilePart, shape: VariableShape) -> VariableType | None:
    for kind, keys in _ONLY_FOR.items():
        for key in keys:
            if key in shape.model_fields_set and shape.type != kind:
                part.fault(f"'{key}' is for variables of type {kind}, not {shape.type}", key)
                return None
    if "values" in shape.model_fields_set and shape.type not in _NAMED:
        part.fault(f"'values' is for variables of type {' or '.join(_NAMED)}, not {shape.type}", "values")
        return None
    if shape.type in _SIMPLE:
        return _SIMPLE[shape.type]
    if shape.type in _NAMED:
        values = shape.values or []
        if len(set(values)) != len(values) or not values:
            part.fault(f"'{shape.name}' needs a list of different values")
            return None
        if shape.type == "enumeration":
            return EnumerationType(tuple(values))
        if shape.kind is None:
            part.fault(f"'{shape.name}' is a concept and needs the 'kind' of it")
            return None
        return ConceptType(tuple(values), shape.kind, tuple(values))
    if shape.unit is None:
        part.fault(f"'{shape.name}' is a quantity and needs a unit")
        return None
    try:
        given = (shape.equivalents or {}).items()
        unit = parse_unit(shape.unit)
        return QuantityType(unit, tuple((parse_unit(other), Fraction(ratio)) for other, ratio in given))
    except UnknownUnit as error:
        part.fault(str(error), "unit")
        return None


def compile_names(
    given: Iterable[tuple[FilePart, NameShape]], variables: Mapping[str, Variable], tree: ConceptTree
) -> OtherNames:
    """The other names that the vocabulary files give, each once; a name that a variable has is that variable's."""
    said: dict[str, dict[str, str]] = {}
    concepts: dict[str, tuple[str, ...]] = {}
    for part, shape in given:
        if not _can_be_said(part, shape, variables, tree):
            continue
        group = said.setdefault(shape.of or "", {})
        for i, name in enumerate(shape.names):
            folded = fold_other_name(name)
            if folded in group or not folded:
                part.fault(f"'{name}' is told twice, or is no name", "names", i)
            group[folded] = _sentence_on(shape)
            meant_concepts = tuple(
                each for each in shape.means or () if not shape.of and each not in variables
            )
            if meant_concepts:
                concepts[folded] = meant_concepts
    own = {fold_other_name(name): meant([name]) for name in variables}
    return OtherNames({**said, "": {**said.get("", {}), **own}}, concepts)


def _can_be_said(
    part: FilePart, shape: NameShape, variables: Mapping[str, Variable], tree: ConceptTree
) -> bool:
    """Whether what an entry says can be said; notes a fault if not."""
    if sum(each is not None for each in (shape.means, shape.write, shape.not_held)) != 1:
        part.fault("give one of 'means', 'write' and 'not_held'")
        return False
    known: Iterable[str] = variables
    if shape.of is not None:
        kind = variables[shape.of].type if shape.of in variables else None
        if not isinstance(kind, EnumerationType):
            part.fault(f"'{shape.of}' is not a variable with named values", "of")
            return False
        known = kind.values
    for i, name in enumerate(shape.means or ()):
        if name not in known and (shape.of or name not in tree):
            what = f"a value of '{shape.of}'" if shape.of else "a variable or a concept"
            part.fault(f"'{name}' is not {what}", "means", i)
            return False
    return True


def _sentence_on(shape: NameShape) -> str:
    if shape.not_held is not None:
        return f": {shape.not_held} is something that no answer considers"
    return f": write {shape.write}" if shape.write is not None else meant(shape.means or [])
