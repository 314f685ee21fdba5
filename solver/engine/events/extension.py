"""A library and a record with what events, findings and limits of normal mean for one patient, as variables and sentences.

    therapies: [{"is": "rituximab", "start": "2026-03-01"}]     a trial asks last_end(anti_cd20)

    therapies[0]                a variable that the record says is true: the entry happened
    end of therapies[0]         hidden: a day from 1 March on
    more: part 1                hidden: whether something against CD20 happened that is not written down
    last_end(anti_cd20) ==      the largest of the ends of what happened, and the day before every day if nothing did

Entries, `never` and `complete` are facts like others, so that contradictions and reasons name them. What is hidden is never asked for and
never shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from fractions import Fraction

from solver.dataclass import dataclass
from solver.language import tree as t
from solver.language.calendar import AFTER_EVERY_DAY, BEFORE_EVERY_DAY
from solver.language.domain import Interval
from solver.language.types import BooleanType, DateType, EnumerationType, IntegerType, VariableType
from solver.library.models import Axiom, Variable
from solver.patient.record import Fact

NEVER_YET, GOES_ON = t.Constant(Fraction(BEFORE_EVERY_DAY)), t.Constant(Fraction(AFTER_EVERY_DAY))
"""The two days outside the calendar."""


@dataclass
class Extension:
    """What is added to a library and a record: variables, sentences about them, and facts.

    `conditions` are what recorded facts say beyond their own variable, by its name.
    """

    variables: dict[str, Variable] = field(default_factory=dict)
    axioms: list[Axiom] = field(default_factory=list)
    facts: dict[str, Fact] = field(default_factory=dict)
    conditions: dict[str, t.Condition] = field(default_factory=dict)

    def hidden(self, name: str, kind: VariableType) -> str:
        """A variable that is never asked for and never shown."""
        self.variables[name] = Variable(
            name,
            kind,
            name,
            name,
            "never",
            past=isinstance(kind, DateType),
            requested=False,
            hidden=True,
        )
        return name

    def hidden_flag(self, name: str) -> t.Condition:
        """A hidden condition."""
        return t.BooleanVariable(self.hidden(name, BooleanType()))

    def hidden_day(self, name: str) -> t.Term:
        """A hidden day, on or before the day of evaluation."""
        return t.NumberVariable(self.hidden(name, DateType()), "date")

    def hidden_count(self, name: str) -> t.Term:
        """A hidden whole number."""
        return t.NumberVariable(self.hidden(name, IntegerType()), "int")

    def hidden_kind(self, name: str, values: tuple[str, ...]) -> str:
        """A hidden choice between values."""
        return self.hidden(name, EnumerationType(values))

    def stated(
        self, name: str, text: str, source: str | None, label: str, changes: str = "never"
    ) -> t.Condition:
        """That the record says something under this name; `changes` is how it can become otherwise."""
        self.hidden(name, BooleanType())
        self.variables[name] = replace(self.variables[name], label=label, changes=changes)
        self.facts[name] = Fact(name, frozenset({True}), text, source=source)
        return t.BooleanVariable(name)

    def say(self, label: str, condition: t.Condition) -> None:
        """A sentence that holds of the patient."""
        if condition != t.TRUE:
            self.axioms.append(Axiom(f"E{len(self.axioms) + 1}", label, "", condition))


def number(value: int | Fraction) -> t.Constant:
    """A number as a term."""
    return t.Constant(Fraction(value))


def at_most(left: t.Term, right: t.Term) -> t.Condition:
    """`left <= right`, settled where both are numbers."""
    return _compared("<=", left, right)


def same(left: t.Term, right: t.Term) -> t.Condition:
    """`left == right`, settled where both are numbers."""
    return _compared("==", left, right)


def _compared(relation: str, left: t.Term, right: t.Term) -> t.Condition:
    if isinstance(left, t.Constant) and isinstance(right, t.Constant):
        holds = left.value <= right.value if relation == "<=" else left.value == right.value
        return t.Truth(holds)
    return t.Compare(relation, left, right)  # type: ignore[arg-type]


def within_days(term: t.Term, days: Interval) -> t.Condition:
    """The day is one of these."""
    return t.conjunction([at_most(number(int(days.low)), term), at_most(term, number(int(days.high)))])


def choice(condition: t.Condition, then: t.Term, otherwise: t.Term) -> t.Term:
    """`then` where the condition holds, else `otherwise`."""
    if isinstance(condition, t.Truth):
        return then if condition.value else otherwise
    return t.Choice(condition, then, otherwise)


def largest(terms: Iterable[t.Term], otherwise: t.Term) -> t.Term:
    """The largest of the terms, and `otherwise` where there is none."""
    parts = tuple(dict.fromkeys(terms))
    if not parts:
        return otherwise
    return parts[0] if len(parts) == 1 else t.Largest(parts)


def minus(term: t.Term) -> t.Term:
    """Minus a term."""
    if isinstance(term, t.Constant):
        return t.Constant(-term.value)
    if isinstance(term, t.Choice):
        return t.Choice(term.condition, minus(term.then), minus(term.otherwise))
    return t.Product((number(-1), term))


def equivalence(left: t.Condition, right: t.Condition) -> t.Condition:
    """Both hold or neither."""
    if isinstance(right, t.Truth):
        return left if right.value else t.negation(left)
    return t.Iff(left, right)


Said = Mapping[str, t.Condition]
"""That the record says something, by the name of what it says."""
