"""What variables mean by the tree of concepts: those whose value is a concept, and those that are another name for a term."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from solver.errors import did_you_mean
from solver.language.arithmetic import CriterionError
from solver.language.concepts import LISTS, ConceptTree
from solver.language.elaborate import compile_term
from solver.language.tree import TRUE
from solver.language.types import (
    BooleanType,
    ConceptType,
    DateType,
    IntegerType,
    ListType,
    QuantityType,
    describe_type,
)
from solver.language.values import EVENT_DAYS, ConceptTerm, Scope
from solver.library.concepts.meaning import Meaning
from solver.library.concepts.term_variables import term_variables
from solver.library.files.file_faults import FilePart
from solver.library.files.library_files import VariableShape
from solver.library.models import Variable

_QUESTIONS: Mapping[type, frozenset[str]] = {
    BooleanType: frozenset({"ever", "current", "present", "is"}),
    IntegerType: frozenset({"times", "lines"}),
    QuantityType: frozenset({"level"}),
    DateType: frozenset({*EVENT_DAYS, "measured"}),
}
"""The questions that a variable of a type can mean."""

Declared = Iterable[tuple[FilePart, VariableShape]]


def named_alike(declared: Declared) -> dict[str, frozenset[str]]:
    """For each variable, the concepts that may have its name: the one that a boolean variable means."""
    found = {}
    for _, shape in declared:
        words = (shape.means or "").replace("(", " ").replace(")", " ").split()
        found[shape.name] = frozenset(words[-1:] if shape.type == "boolean" else ())
    return found


def named_events(declared: Declared) -> dict[str, str]:
    """For each list of names that are events, the list of a record that they belong to."""
    lists = ((shape.name, shape.means or "") for _, shape in declared if shape.type == "list")
    return {name: means for name, means in lists if means in LISTS}


def with_concept_types(
    declared: Declared, known: Mapping[str, Variable], tree: ConceptTree
) -> dict[str, Variable]:
    """The variables, each whose value is a concept with the groups that its values tell apart; faults are noted."""
    found = dict(known)
    for part, shape in declared:
        kind = known[shape.name].type if shape.name in known else None
        if not isinstance(kind, ConceptType):
            continue
        of_kind = tree.of_kinds([kind.kind])
        unknown = [name for name in kind.named if name not in of_kind]
        for name in unknown:
            message = f"'{name}' is no {kind.kind} of the concepts{did_you_mean(name, of_kind)}"
            part.fault(message, "values", kind.named.index(name))
        if not unknown:
            found[shape.name] = replace(known[shape.name], type=grouped_type(kind, tree))
    return found


def grouped_type(kind: ConceptType, tree: ConceptTree) -> ConceptType:
    """The type with its groups, as the tree has them."""
    groups: dict[str, str] = {}
    for concept in tree.of_kinds([kind.kind]):
        above = [name for name in kind.named if name in tree.broader(concept)]
        groups[concept] = " and ".join(above) or UNLISTED
    order = {name: place for place, name in enumerate(kind.named)}
    values = sorted(set(groups.values()), key=lambda group: (order.get(group, len(order)), group))
    return replace(kind, values=tuple(values), groups=tuple(groups.items()))


UNLISTED = "unlisted"
"""The value of a concept that is narrower than none of those that a variable names."""


def with_meanings(declared: Declared, known: Mapping[str, Variable], scope: Scope) -> dict[str, Variable]:
    """The variables, each with the term that its file says it means; faults are noted."""
    found = dict(known)
    for part, shape in declared:
        if shape.name not in known:
            continue
        if shape.while_ is not None and (shape.means is None or shape.type != "date"):
            part.fault("'while' is for dates that mean a term", "while")
        if shape.closes and (shape.means is None or shape.type != "list"):
            part.fault("'closes' is for lists that mean a list of a record", "closes")
        if shape.means is not None:
            meaning = _meaning_of(part, shape, known, scope)
            found[shape.name] = replace(known[shape.name], means=meaning)
    _check_once(declared, found)
    return found


def _meaning_of(
    part: FilePart, shape: VariableShape, known: Mapping[str, Variable], scope: Scope
) -> Meaning | None:
    at, text, kind = part.at("means"), (shape.means or "").strip(), known[shape.name].type
    if isinstance(kind, ListType):
        if text not in LISTS:
            at.fault(f"a list means one of the lists of a record: {', '.join(LISTS)}")
            return None
        of_list = scope.concepts.of_kinds(LISTS[text])
        for i, name in enumerate(shape.closes):
            if name not in of_list:
                message = f"'{name}' is no concept of {text}{did_you_mean(name, of_list)}"
                part.fault(message, "closes", i)
        return Meaning(list=text, closes=tuple(shape.closes))
    try:
        term = compile_term(at.document.expression(at.path)[0], scope)
    except CriterionError as error:
        at.criterion_fault(error, scope)
        return None
    fitting = _QUESTIONS.get(type(kind), frozenset())
    if term.question not in fitting:
        at.fault(f"'{term.name}' is no value of '{shape.name}', which is {describe_type(kind)}")
        return None
    if isinstance(kind, QuantityType) and not _same_unit(term, kind, known, scope):
        at.fault(f"'{term.name}' has another unit than '{shape.name}', which is {describe_type(kind)}")
    while_ = None if shape.while_ is None else part.at("while").condition(scope)
    return Meaning(term, while_ or TRUE)


def _same_unit(term: ConceptTerm, kind: QuantityType, known: Mapping[str, Variable], scope: Scope) -> bool:
    (variable,) = term_variables([term], scope.concepts, known).values()
    other = variable.type
    assert isinstance(other, QuantityType)
    return (other.unit.dimension, other.unit.factor) == (kind.unit.dimension, kind.unit.factor)


def _check_once(declared: Declared, found: Mapping[str, Variable]) -> None:
    """A term has one other name at most, but for the dates, which may be free in different ways."""
    named: dict[str, str] = {}
    for part, shape in declared:
        meaning = found[shape.name].means if shape.name in found else None
        if meaning is None or shape.type == "date":
            continue
        term = meaning.term.name if meaning.term is not None else meaning.list
        other = named.setdefault(term, shape.name)
        if other != shape.name:
            part.fault(f"'{other}' means '{term}' already", "means")
