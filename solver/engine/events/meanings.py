"""Variables that the vocabulary declares and that the tree of concepts gives a meaning: other names for terms, and a kind of disease."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from solver.engine.events.extension import GOES_ON, NEVER_YET, Extension, at_most, number
from solver.language import tree as t
from solver.language.concepts import ConceptTree
from solver.language.tree import AS_OF
from solver.language.types import BooleanType, ConceptType, DateType, IntegerType
from solver.language.values import ConceptTerm
from solver.library.concepts.parts import SortedConcepts
from solver.library.models import Variable
from solver.patient.record import Fact


def say_meaning(extension: Extension, variable: Variable, as_of: int) -> None:
    """That a variable is the term that it means, or for a date what its file says."""
    if variable.means is None or variable.means.term is None:
        return
    term, condition = variable.means.term, variable.means.condition
    label = f"{variable.name} means {term.name}"
    match variable.type:
        case BooleanType():
            same = t.Iff(t.BooleanVariable(variable.name), t.BooleanVariable(term.name))
            extension.say(label, same)
        case DateType():
            _say_date(extension, variable, term, condition, label, as_of)
        case kind:
            sort: t.Kind = "int" if isinstance(kind, IntegerType) else "real"
            one, other = (t.NumberVariable(name, sort) for name in (variable.name, term.name))
            extension.say(label, t.Compare("==", one, other))


def _say_date(
    extension: Extension,
    variable: Variable,
    term: ConceptTerm,
    condition: t.Condition,
    label: str,
    as_of: int,
) -> None:
    """A date equals its term where there was such an event, and is the day of evaluation where one goes on."""
    day, asked = t.NumberVariable(variable.name, "date"), t.NumberVariable(term.name, "date")
    if term.question == "measured":
        extension.say(label, t.implication(condition, t.Compare("==", day, asked)))
        return
    never = GOES_ON if term.question == "first_start" else NEVER_YET
    happened = t.conjunction([t.negation(t.Compare("==", asked, never)), condition])
    if term.question != "last_end":
        extension.say(label, t.implication(happened, t.Compare("==", day, asked)))
        return
    goes_on = t.Compare("==", asked, GOES_ON)
    today = t.NumberVariable(AS_OF, "date")
    value = t.Choice(goes_on, today, asked)
    extension.say(label, t.implication(happened, t.Compare("==", day, value)))
    if variable.past:
        # what goes on goes on with the day, and everything else stays before the day of the record
        extension.variables[variable.name] = replace(variable, past=False)
        extension.say(label, at_most(day, today))
        ended = t.disjunction([at_most(day, number(as_of)), t.conjunction([happened, goes_on])])
        extension.say(label, ended)


def say_kind(
    extension: Extension,
    variable: Variable,
    terms: Iterable[ConceptTerm],
    tree: ConceptTree,
    parts: SortedConcepts,
    fact: Fact | None,
) -> None:
    """That a variable whose value is a concept is one of the tree: its values and what is asked of it go by the same one."""
    kind = variable.type
    assert isinstance(kind, ConceptType)
    asked = [term for term in terms if term.question == "is" and term.variable == variable.name]
    told = (
        fact is None
        or fact.concepts is None
        or kind.values_within(_narrower(tree, fact.concepts)) is not None
    )
    if not asked and told:
        return
    one = extension.hidden_kind(f"what {variable.name} is", parts.names)
    label = f"{variable.name} is one concept"
    groups = dict(kind.groups)
    for value in kind.values:
        names = frozenset(
            part.name for part in parts.parts if any(groups[name] == value for name in part.members)
        )
        is_value = t.Member(variable.name, frozenset({value}))
        extension.say(label, t.Iff(is_value, t.Member(one, names)))
    for term in asked:
        assert term.of is not None
        names = frozenset(part.name for part in parts.inside[term.of.text])
        extension.say(label, t.Iff(t.BooleanVariable(term.name), t.Member(one, names)))
    if fact is not None and fact.concepts is not None and not told:
        concepts = _narrower(tree, fact.concepts)
        names = frozenset(part.name for part in parts.parts if not concepts.isdisjoint(part.members))
        extension.conditions[variable.name] = t.Member(one, names)


def _narrower(tree: ConceptTree, concepts: Iterable[str]) -> frozenset[str]:
    return frozenset[str]().union(*map(tree.narrower, concepts))
