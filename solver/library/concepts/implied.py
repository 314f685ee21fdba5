"""What the tree says of variables that mean its terms: axioms, without which such variables would have nothing to do with one another.

    flag_a: {means: ever(apple)}
    flag_f: {means: ever(fruit)}      flag_a implies flag_f, since an apple is a fruit

These hold for every patient, whatever is recorded, so that a trial that asks of such variables alone needs nothing else of the tree.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from solver.dataclass import dataclass
from solver.language import tree as t
from solver.language.concepts import ConceptTree
from solver.language.types import ConceptType, DateType
from solver.language.values import ConceptTerm
from solver.library.models import Axiom, Variable
from solver.text import listed

SOURCE = "the tree of concepts"

_FOLLOWS = {
    "ever": ("ever", "times"),
    "current": ("current", "ever", "times"),
    "times": ("ever",),
    "lines": ("ever", "times"),
    "present": ("present",),
    "is": ("is",),
}
"""What follows of a broader concept where each question is answered by yes, or by one at least."""

_COUNTS = ("times", "lines")


@dataclass(frozen=True, slots=True)
class _Alias:
    """A variable that means a term, the concepts that the term is about, and in words that it is so."""

    name: str
    term: ConceptTerm
    members: frozenset[str]
    words: str

    @property
    def holds(self) -> t.Condition:
        """That it is true, or that there was one at least."""
        if self.term.question in _COUNTS:
            return t.Compare("<=", t.Constant(Fraction(1)), self.count)
        return t.BooleanVariable(self.name)

    @property
    def count(self) -> t.NumberVariable:
        """How many there were."""
        return t.NumberVariable(self.name, "int")


def implied_axioms(known: Mapping[str, Variable], tree: ConceptTree) -> tuple[Axiom, ...]:
    """The axioms that the tree implies among the variables that mean terms, none of which others of them imply."""
    aliases = [
        _Alias(name, v.means.term, tree.members(v.means.term.of), v.label)
        for name, v in known.items()
        if v.means and v.means.term and v.means.term.of and not isinstance(v.type, DateType)
    ]
    asked = [alias for alias in aliases if alias.term.question in _FOLLOWS]
    found = [*_upwards(asked), *_at_most(asked)]
    for name, variable in known.items():
        if isinstance(variable.type, ConceptType):
            mine = [alias for alias in asked if alias.term.question == "is" and alias.term.variable == name]
            found += _of_values(variable, variable.type, mine)
        if variable.means is not None and variable.means.list:
            mine = [a for a in asked if a.term.of and tree[a.term.of.concept].list == variable.means.list]
            found += _of_names(variable, variable.means.closes, mine, tree)
    return tuple(found)


def _of_names(
    variable: Variable, closes: Sequence[str], aliases: Sequence[_Alias], tree: ConceptTree
) -> Iterator[Axiom]:
    """What the names of a list say, which are events; and what it says where it is complete and knows all its names."""
    name = variable.name
    for alias in aliases:
        of = alias.term.of
        if of is None or of.excluded or alias.term.question not in ("ever", "times"):
            continue
        holds, words = t.Contains(name, of.concept), tree[of.concept].label
        label = f"a patient with {words} among the {variable.label} has {alias.words}"
        yield _said(name, alias.name, label, t.implication(holds, alias.holds))
        if of.concept in closes:
            none = t.conjunction([t.Complete(name), t.negation(holds)])
            label = f"A patient whose {variable.label} are complete, without {words}, has no {alias.words}"
            yield Axiom(
                f"tree:{name}:closed:{alias.name}",
                label,
                SOURCE,
                t.implication(none, t.negation(alias.holds)),
            )


def _upwards(aliases: Sequence[_Alias]) -> Iterator[Axiom]:
    """That one implies another, but for what follows by a third strictly between them."""
    above = {a.name: {b.name for b in aliases if _implies(a, b)} for a in aliases}
    for a in aliases:
        for b in aliases:
            between = (
                c
                for c in above[a.name]
                if b.name in above[c] and a.name not in above[c] and c not in above[b.name]
            )
            if b.name in above[a.name] and not any(between):
                label = f"a patient with {a.words} has {b.words}"
                yield _said(a.name, b.name, label, t.implication(a.holds, b.holds))


def _implies(a: _Alias, b: _Alias) -> bool:
    return (
        a is not b
        and b.term.question in _FOLLOWS[a.term.question]
        and a.term.variable == b.term.variable
        and a.members <= b.members
    )


def _at_most(aliases: Sequence[_Alias]) -> Iterator[Axiom]:
    """That there were no more of what is narrower."""
    counted = [alias for alias in aliases if alias.term.question in _COUNTS]
    for a in counted:
        for b in counted:
            fits = b.term.question in (a.term.question, "times")
            if a is not b and fits and a.members <= b.members:
                label = f"the {a.words} is at most the {b.words}"
                yield _said(a.name, b.name, label, t.Compare("<=", a.count, b.count))


def _of_values(variable: Variable, kind: ConceptType, aliases: Sequence[_Alias]) -> Iterator[Axiom]:
    """What the concept of a variable says of those that are asked of it, and these of one another."""
    every, name = frozenset(kind.values), variable.name
    for a in aliases:
        touched = frozenset(group for concept, group in kind.groups if concept in a.members)
        inside = frozenset(g for g in touched if all(c in a.members for c, of in kind.groups if of == g))
        if touched != every:
            label = f"a patient with {a.words} has the {variable.label} {listed(sorted(touched), 'or')}"
            yield _said(a.name, name, label, t.implication(a.holds, t.Member(name, touched)))
        if inside:
            label = f"a patient with the {variable.label} {listed(sorted(inside), 'or')} has {a.words}"
            yield _said(name, a.name, label, t.implication(t.Member(name, inside), a.holds))
    for i, a in enumerate(aliases):
        for b in aliases[i + 1 :]:
            if a.members.isdisjoint(b.members):
                never = t.negation(t.And((a.holds, b.holds)))
                yield _said(a.name, b.name, f"no patient has both {a.words} and {b.words}", never)


def _said(one: str, other: str, label: str, condition: t.Condition) -> Axiom:
    return Axiom(f"tree:{one}:{other}", f"{label[:1].upper()}{label[1:]}", SOURCE, condition)
