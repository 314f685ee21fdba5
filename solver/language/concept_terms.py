"""The terms that ask about concepts and results: `ever(C)`, `within(C, 28 d)`, `level(F)`, `measured(v)` and their like.

Each becomes a variable of the typed tree, and `Scope.terms` notes it. What is only another way to say one is said with it:

    within(apple, 28 d)          last_end(apple) + 28 d > first_dose
    within(apple, 2 half_lives)  the same with twice the half-life of apple, rounded up to a whole day
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from lark import Token, Tree

from solver.dataclass import dataclass
from solver.language import tree as t
from solver.language.arithmetic import CriterionError, Number
from solver.language.calendar import LAST_OF_CALENDAR
from solver.language.concepts import LISTS, ConceptKind, ConceptSet
from solver.language.expected import concept_named, fault_at
from solver.language.types import QuantityType
from solver.language.units import DIMENSIONLESS, parse_unit
from solver.language.values import (
    EVENT_DAYS,
    ConceptTerm,
    Day,
    Formula,
    HalfLives,
    Scope,
    Value,
    describe_value,
)

FIRST_DOSE = "first_dose"
"""The name of the day that `within` counts to unless it names another."""

WITHIN = "within"

_EVENTS: tuple[ConceptKind, ...] = ("condition", "therapy", "diagnosis")

_KINDS: Mapping[str, tuple[ConceptKind, ...]] = {
    **dict.fromkeys(("ever", "current", *sorted(EVENT_DAYS), "times", WITHIN), _EVENTS),
    "lines": ("therapy",),
    "present": ("finding",),
    "level": ("finding",),
    "measured": ("finding",),
}
"""The kinds of concepts that each question can be asked of."""

TERM_FUNCTIONS = frozenset(_KINDS)
"""The functions of the language that are terms."""

_LONGEST = 36525
"""Days that a date can be shifted by."""


def asked_of_concepts(tree: Tree[Token], values: Sequence[Value | None], scope: Scope) -> Value:
    """What a call of one of `TERM_FUNCTIONS` denotes; `values` are those of its arguments behind the first."""
    token, *arguments = tree.children
    question = str(token)
    most = 3 if question == WITHIN else 1
    if not (2 if question == WITHIN else 1) <= len(arguments) <= most:
        takes = "a concept, a length and perhaps a day" if question == WITHIN else "1 argument"
        raise fault_at(f"'{question}' takes {takes}, found {len(arguments)}", token)
    if question == "measured" and _names_variable(arguments[0], scope):
        return _measured_day(arguments[0], scope)
    of = _concepts_asked(question, arguments[0], scope)
    if question == WITHIN:
        return _ended_within(of, arguments, values, scope)
    term = ConceptTerm(question, of)  # type: ignore[arg-type]
    if question == "level":
        return _level_of(term, arguments[0], scope)
    return value_of_term(term, scope)


def value_of_term(term: ConceptTerm, scope: Scope) -> Value:
    """The variable that stands for a term of a type that its question settles."""
    name = scope.noted(term)
    if term.question in ("ever", "current", "present", "is"):
        return Formula(t.BooleanVariable(name))
    if term.question in ("times", "lines"):
        return Number(t.NumberVariable(name, "int"), DIMENSIONLESS, whole=True)
    day = t.NumberVariable(name, "date")
    return Day(day, endless=day if term.question in EVENT_DAYS else None)


def concept_test(tree: Tree[Token], scope: Scope) -> ConceptTerm:
    """The term of an expression `variable is concept` that was elaborated before."""
    at, token = tree.children
    assert isinstance(at, Tree)
    kind = scope.concepts[str(token)].kind
    return ConceptTerm("is", ConceptSet(kind, str(token)), str(at.children[0]))


def contained_event(events: str, token: Any, scope: Scope) -> Value:
    """That a list of names, which are events of a record's list, contains one of a concept: that there ever was one."""
    name = concept_named(token, LISTS[events], scope, "'contains'")
    return value_of_term(ConceptTerm("ever", ConceptSet(scope.concepts[name].kind, name)), scope)


def shifted_days(day: Day, days: Fraction) -> Day:
    """The date so many days later; one outside the calendar stays."""
    later = t.Sum((day.term, t.Constant(days)))
    if day.endless is None:
        return Day(later)
    inside = t.And(
        (
            t.Compare("<=", t.Constant(Fraction(1)), day.endless),
            t.Compare("<=", day.endless, t.Constant(Fraction(LAST_OF_CALENDAR))),
        )
    )
    return Day(later, t.Choice(inside, t.Sum((day.endless, t.Constant(days))), day.endless))


def shifted_months(day: Day, months: int) -> Day:
    """The date so many calendar months later; one outside the calendar stays."""
    endless = None if day.endless is None else t.AddMonths(day.endless, months)
    return Day(t.AddMonths(day.term, months), endless)


def event_days(term: t.Term, scope: Scope) -> list[ConceptTerm]:
    """The terms within a date whose day may lie outside the calendar."""
    asked = (scope.terms.get(name) for name in sorted(t.variables(term)))
    return [each for each in asked if each is not None and each.question in EVENT_DAYS]


def check_event_days(start: t.Term, end: t.Term, nodes: Sequence[Any], scope: Scope) -> None:
    """Refuse days between two events, but for those from the first start to the last end of the same."""
    first, last = event_days(start, scope), event_days(end, scope)
    if not first or not last:
        return
    plain = isinstance(start, t.NumberVariable) and isinstance(end, t.NumberVariable)
    if (
        plain
        and (first[0].question, last[0].question) == ("first_start", "last_end")
        and first[0].of == last[0].of
    ):
        return
    allowed = "but from first_start(C) to last_end(C) of the same C"
    raise fault_at(f"days_between takes the day of an event at one place only, {allowed}", nodes[1])


def _names_variable(node: Any, scope: Scope) -> bool:
    """Whether a variable is named; a finding of the same name, which the variable then means, comes first."""
    name = str(node.children[0]) if isinstance(node, Tree) and node.data == "name" else ""
    return name in scope.variables and not (name in scope.concepts and scope.concepts[name].kind == "finding")


def _measured_day(node: Any, scope: Scope) -> Day:
    return Day(t.NumberVariable(scope.noted(ConceptTerm("measured", variable=str(node.children[0]))), "date"))


def _concepts_asked(question: str, node: Any, scope: Scope) -> ConceptSet:
    """The concepts that the first argument of a question names."""
    if not isinstance(node, Tree) or node.data not in ("name", "except_"):
        raise fault_at(f"'{question}' takes the id of a concept", node)
    token = node.children[0]
    concept = concept_named(token, _KINDS[question], scope, f"'{question}'")
    kind = scope.concepts[concept].kind
    excluded = set()
    for other in node.children[1].children if node.data == "except_" else ():
        name = concept_named(other, _beside(kind), scope, "this exception")
        if not scope.concepts.overlap(concept, name):
            raise fault_at(
                f"'{name}' does not overlap '{concept}', so that it excepts nothing: take it out", other
            )
        excluded.add(name)
    return ConceptSet(kind, concept, frozenset(excluded))


def concept_fault(question: str, node: Any, scope: Scope) -> CriterionError | None:
    """The fault of the concept that a question is asked of; None if it is known, or no concept."""
    if question == "measured" and _names_variable(node, scope):
        return None
    try:
        _concepts_asked(question, node, scope)
    except CriterionError as error:
        return error
    return None


def _beside(kind: ConceptKind) -> tuple[ConceptKind, ...]:
    return next(kinds for kinds in LISTS.values() if kind in kinds)


def _level_of(term: ConceptTerm, node: Any, scope: Scope) -> Number:
    assert term.of is not None
    unit = scope.concepts[term.of.concept].level
    if unit is None:
        raise fault_at(f"'{term.of.concept}' has no level: give the concept its unit under 'level'", node)
    kind = QuantityType(parse_unit(unit))
    parts = not kind.unit.dimension and kind.unit.factor != 1
    variable = t.NumberVariable(scope.noted(term), "real")
    return Number(variable, kind.unit.dimension, kind.unit.factor, quantity=kind, parts=parts)


@dataclass(frozen=True, slots=True)
class _Length:
    """How long back `within` looks."""

    days: int = 0
    months: int = 0

    def after(self, day: Day) -> Day:
        """The day so much later."""
        return shifted_months(day, self.months) if self.months else shifted_days(day, Fraction(self.days))


def _ended_within(
    of: ConceptSet, arguments: Sequence[Any], values: Sequence[Value | None], scope: Scope
) -> Formula:
    """That the last end and the length behind it lie after a day; a day named counts as the day of evaluation if that is later."""
    length = _length_given(of, values[0], arguments[1], scope)
    end = value_of_term(ConceptTerm("last_end", of), scope)
    assert isinstance(end, Day)
    until, default = length.after(end).term, _first_dose(scope)
    as_of = t.NumberVariable(t.AS_OF, "date")
    if len(arguments) == 2:
        if default is None:
            raise fault_at(
                f"'{WITHIN}' counts to '{FIRST_DOSE}', which the theory does not define: name a day",
                arguments[1],
            )
        return Formula(t.Compare("<", default, until))
    day = values[1]
    if not isinstance(day, Day) or arguments[2].data != "name":
        found = "an expression" if isinstance(day, Day) or day is None else describe_value(day)
        raise fault_at(f"'{WITHIN}' counts to as_of or to a date variable, found {found}", arguments[2])
    named = t.Compare("<", day.term, until)
    if day.term in (as_of, default):
        return Formula(named)
    return Formula(t.conjunction([named, t.Compare("<", as_of, until)]))


def _first_dose(scope: Scope) -> t.Term | None:
    defined = scope.definitions.get(FIRST_DOSE)
    if isinstance(defined, Day):
        return defined.term
    return t.NumberVariable(FIRST_DOSE, "date") if FIRST_DOSE in scope.variables else None


def _length_given(of: ConceptSet, value: Value | None, node: Any, scope: Scope) -> _Length:
    if isinstance(value, HalfLives):
        half_life = scope.concepts[of.concept].half_life_days
        if half_life is None:
            raise fault_at(
                f"'{of.concept}' has no half-life: give the concept its 'half_life', or write days", node
            )
        days = value.count * half_life
    elif (
        isinstance(value, Number)
        and isinstance(value.term, t.Constant)
        and value.literal is not None
        and value.literal.dimension in ((("time", 1),), (("calendar months", 1),))
    ):
        amount = value.term.value * value.scale
        if value.literal.dimension == (("calendar months", 1),):
            if not 0 < amount <= 1200 or amount.denominator != 1:
                raise fault_at(f"'{WITHIN}' takes whole months, at least 1 and at most a century", node)
            return _Length(months=int(amount))
        days = amount / 86400
    else:
        found = "an expression" if value is None else describe_value(value)
        raise fault_at(f"'{WITHIN}' takes a length such as 28 d, 3 mo or 5 half_lives, found {found}", node)
    if not 0 < days <= _LONGEST:
        raise fault_at(f"'{WITHIN}' takes a length above 0 and of at most a century", node)
    return _Length(days=math.ceil(days))
