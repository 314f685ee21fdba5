"""The variables that stand for terms: for each its type, its label, and what may change it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction

from solver.language.concepts import ConceptSet, ConceptTree
from solver.language.tree import Compare, Constant, NumberVariable, conjunction
from solver.language.types import (
    BooleanType,
    DateType,
    IntegerType,
    QuantityType,
    VariableType,
)
from solver.language.units import parse_unit
from solver.language.values import ConceptTerm
from solver.library.models import Variable
from solver.text import listed

_TYPES: Mapping[str, VariableType] = {
    **dict.fromkeys(("ever", "current", "present", "is"), BooleanType()),
    **dict.fromkeys(("times", "lines"), IntegerType()),
    **dict.fromkeys(("first_start", "last_start", "last_end", "measured"), DateType()),
}

_LABELS = {
    "ever": "{} at any time",
    "current": "{} at present",
    "first_start": "{}: when did the first one begin, if ever",
    "last_start": "{}: when did the last one begin, if ever",
    "last_end": "{}: when did the last one end, if ever",
    "times": "{}: how often",
    "lines": "{}: in how many lines of treatment",
    "present": "{}",
    "level": "{}: level",
    "measured": "{}: day of the result",
    "uln": "{}: upper limit of normal",
    "lln": "{}: lower limit of normal",
    "is": "{} is the diagnosis",
}
"""The label of each question, about what its concept or its variable is called."""

_CHANGES = {
    **dict.fromkeys(("ever", "first_start", "last_start", "times", "lines", "is"), "never"),
    "last_end": "time",
    **dict.fromkeys(("present", "level", "measured", "uln", "lln"), "test"),
}
"""What can change each answer, where the concept does not say."""


def term_variables(
    terms: Iterable[ConceptTerm], tree: ConceptTree, known: Mapping[str, Variable]
) -> dict[str, Variable]:
    """The variable of each term, by name."""
    return {term.name: _variable_of(term, tree, known) for term in terms}


def _variable_of(term: ConceptTerm, tree: ConceptTree, known: Mapping[str, Variable]) -> Variable:
    question = term.question
    concept = tree[term.of.concept] if term.of is not None else None
    about = known[term.variable].label if term.of is None else _words_of(term.of, tree)
    label = _LABELS[question].format(about)
    changes = _CHANGES.get(question, "stop" if concept and concept.kind == "therapy" else "treat")
    found = Variable(
        term.name,
        _type_of(term, tree, known),
        label,
        label,
        concept.changes if concept and concept.changes and question != "is" else changes,
        past=question in ("first_start", "last_start", "last_end", "measured"),
        policy=concept.policy if concept and question in ("ever", "current", "times", "lines") else None,
        term=term,
    )
    if term.question not in ("uln", "lln"):
        return found
    return with_range(found, *known[term.variable].reference[question])


def _type_of(term: ConceptTerm, tree: ConceptTree, known: Mapping[str, Variable]) -> VariableType:
    if term.question in _TYPES:
        return _TYPES[term.question]
    if term.of is None:
        return known[term.variable].type
    return QuantityType(parse_unit(tree[term.of.concept].level or "1"))


def _words_of(of: ConceptSet, tree: ConceptTree) -> str:
    words = tree[of.concept].label
    if of.excluded:
        words += f" other than {listed([tree[name].label for name in sorted(of.excluded)], 'or')}"
    return words


def with_range(variable: Variable, low: Fraction, high: Fraction) -> Variable:
    """The variable of a limit, which is assumed to lie in its plausible range where it is unknown."""
    term = NumberVariable(variable.name, "real")
    plausible = conjunction([Compare("<=", Constant(low), term), Compare("<=", term, Constant(high))])
    kind = variable.type
    assert isinstance(kind, QuantityType)
    text = f"{_plain(low)} {kind.unit.text} <= {variable.name} <= {_plain(high)} {kind.unit.text}"
    return replace(variable, plausible=plausible, plausible_text=text, positive=True)


def _plain(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else f"{float(value):g}"
