"""The comparisons of a clause with a limit, and the trial with one of these limits moved.

    when age >= 18; require clearance >= 50 mL/min      1: age >= 18      2: clearance >= 50 mL/min

Limits are those of the text, in the unit that is written there; the clause with another one is compiled from its text once more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction

from lark import Token, Tree

from solver.dataclass import dataclass
from solver.errors import InputError
from solver.evaluation.evaluate import bounds
from solver.language.arithmetic import CriterionError
from solver.language.domain import Environment, Interval, divide
from solver.language.elaborate import compile_condition
from solver.language.parse import parse_expression
from solver.language.tree import (
    And,
    Compare,
    Condition,
    Constant,
    Node,
    Not,
    Or,
    children,
    conjunction,
    implication,
    integral,
    negation,
    variables,
)
from solver.language.values import Scope
from solver.library.models import Clause, Library, Trial
from solver.library.scope import library_scope
from solver.patterns import pattern

_PARTS = pattern(r"(?:^|; )(when|unless|require) ")
_LITERAL = pattern(r"(\d+(?:\.\d+)?)\s*(.*)", re.DOTALL)
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True, slots=True)
class LimitComparison:
    """A comparison of a number with a limit, as it is written; `relation` has the limit on its right side."""

    text: str
    subject: str
    relation: str
    limit: Fraction
    unit: str

    @property
    def rising(self) -> bool:
        """Whether a higher limit takes more."""
        return self.relation in ("<", "<=")


def comparisons(logic: Mapping[str, str]) -> list[LimitComparison]:
    """The comparisons of what a clause requires, by cohort, in the order of the text; each once."""
    found = [
        comparison
        for text in logic.values()
        for _, part in _parts_of(text)
        for comparison, _ in _compared(part)
    ]
    return list(dict.fromkeys(found))


def chosen_comparison(name: str, number: int | None, found: list[LimitComparison]) -> LimitComparison:
    """The comparison with this number, or the only one; raises `InputError` that lists them."""
    if number is None and len(found) == 1:
        return found[0]
    if number is not None and 1 <= number <= len(found):
        return found[number - 1]
    if not found:
        raise InputError(f"--move: {name} compares nothing with a limit: there is nothing to move")
    listed = ", ".join(f"{name}:{i} is {each.text}" for i, each in enumerate(found, 1))
    several = "has several comparisons" if number is None else f"has no comparison {number}"
    raise InputError(f"--move: {name} {several}: {listed}")


class MovedTrials:
    """A trial with a limit of one of its clauses moved, each time the same trial for the same limit."""

    def __init__(self, library: Library, trial: Trial, clause: Clause, comparison: LimitComparison) -> None:
        self._library, self.trial, self.clause, self.comparison = library, trial, clause, comparison
        self._scope = _scope_of(library, trial, clause)
        self._known: dict[str, Trial] = {}
        self._compared = self._comparison_with("<=", "1")

    def __reduce__(self) -> tuple[Callable[..., MovedTrials], tuple[object, ...]]:
        """In another process it is made once more."""
        return type(self), (self._library, self.trial, self.clause, self.comparison)

    def _comparison_with(self, relation: str, limit: str) -> Compare:
        """What the clause compares, with another limit; raises `InputError` where that cannot be written alone."""
        side = f"{limit} {self.comparison.unit}" if self.comparison.unit else limit
        try:
            found = compile_condition(f"({self.comparison.subject}) {relation} {side}", self._scope)
        except CriterionError as error:
            raise InputError(f"--move: {self.clause.id}: {error.message}") from None
        assert isinstance(found, Compare)
        return found

    @property
    def one_way(self) -> bool:
        """Whether moving the limit one way never takes more and less at once: it is required, or refused, in every place."""
        target = self._comparison_with(self.comparison.relation, decimal_text(self.comparison.limit))
        asked = [self.clause.conditions, *(each for each in self.clause.alternatives.values() if each)]
        ways = {
            way
            for conditions in asked
            for condition in conditions.values()
            for way in _ways_of(condition, target, True)
        }
        return len(ways) == 1

    @property
    def loosening(self) -> bool:
        """Whether a higher limit takes more patients, where it is `one_way`."""
        target = self._comparison_with(self.comparison.relation, decimal_text(self.comparison.limit))
        asked = list(self.clause.conditions.values())
        required = any(True in _ways_of(condition, target, True) for condition in asked)
        return self.comparison.rising == required

    def at(self, limit: Fraction) -> Trial:
        """The trial with this limit; raises `InputError` for one that cannot be written there."""
        written = decimal_text(limit)
        if written not in self._known:
            try:
                clause = self._clause_at(written)
            except CriterionError as error:
                raise InputError(f"--move: {self.clause.id} at {written}: {error.message}") from None
            clauses = (clause if each.id == clause.id else each for each in self.trial.clauses)
            self._known[written] = replace(self.trial, clauses=tuple(clauses))
        return self._known[written]

    def subject(self, known: Environment) -> Interval:
        """Within which the compared number lies, in the unit of the limit."""
        right = bounds(self._compared.right, known)
        return divide(bounds(self._compared.left, known), right)._replace(whole=self.whole)

    @property
    def whole(self) -> bool:
        """Whether the limit counts whole things: then no limit between two numbers is another one."""
        compared = self._compared
        return not self.comparison.unit and integral(compared.left) and isinstance(compared.right, Constant)

    def _clause_at(self, written: str) -> Clause:
        conditions = self._moved_logic(self.clause.logic, self.clause.conditions, written)
        alternatives = {
            reading: None
            if other is None
            else self._moved_logic(self.clause.other_logic.get(reading, {}), other, written)
            for reading, other in self.clause.alternatives.items()
        }
        return replace(self.clause, conditions=conditions, alternatives=alternatives)

    def _moved_logic(
        self, logic: Mapping[str, str], conditions: Mapping[str, Condition], written: str
    ) -> dict[str, Condition]:
        """What is required of each cohort with the limit moved, wherever the same comparison stands."""
        compiled: dict[str, Condition] = {}
        for cohort, condition in conditions.items():
            key = cohort if cohort in logic else ""
            if key not in compiled or cohort in logic:
                compiled[key] = self._compiled(logic.get(key, ""), condition, written)
        return {cohort: compiled[cohort if cohort in logic else ""] for cohort in conditions}

    def _compiled(self, text: str, condition: Condition, written: str) -> Condition:
        parts, moved = {}, False
        for key, part in _parts_of(text):
            for comparison, (start, end) in reversed(list(_compared(part))):
                if comparison == self.comparison:
                    part, moved = part[:start] + written + part[end:], True
            parts[key] = part
        if not moved:
            return condition
        compiled = {key: compile_condition(part, self._scope) for key, part in parts.items()}
        unless = [negation(compiled["unless"])] if "unless" in compiled else []
        guard = conjunction([*([compiled["when"]] if "when" in compiled else []), *unless])
        found = implication(guard, compiled["require"])
        if variables(found) != variables(condition):
            raise CriterionError("this limit cannot be moved: write another trial file")
        return found


def _ways_of(node: Node, target: Compare, required: bool) -> set[bool]:
    """Whether a comparison is required, refused, or both, where it stands in a condition."""
    if node == target:
        return {required}
    match node:
        case Not(condition):
            return _ways_of(condition, target, not required)
        case And(conditions) | Or(conditions):
            return set[bool]().union(*(_ways_of(each, target, required) for each in conditions))
        case _:
            # within an equivalence, a choice or a count it works either way
            either = (_ways_of(each, target, way) for each in children(node) for way in (True, False))
            return set[bool]().union(*either)


def _scope_of(library: Library, trial: Trial, clause: Clause) -> Scope:
    """What names mean in a trial; a term that a variable means goes by the name that the trial gives it."""
    scope = replace(library_scope(library), routing=clause.routing)
    asked = [
        condition
        for each in trial.clauses
        for conditions in (each.conditions, *each.alternatives.values())
        for condition in (conditions or {}).values()
    ]
    mentioned = frozenset[str]().union(*map(variables, asked))
    renamed = {
        variable.means.term.name: name
        for name, variable in library.variables.items()
        if name in mentioned and variable.means and variable.means.term
    }
    return replace(scope, renamed={term: name for term, name in renamed.items() if term not in mentioned})


def _parts_of(text: str) -> Iterator[tuple[str, str]]:
    """The parts of what a clause requires: `when`, `unless` and `require`, each with its text."""
    pieces = _PARTS.split(text)
    if pieces[0]:
        yield "require", pieces[0]
        # only the first part stands without its word
    yield from zip(pieces[1::2], pieces[2::2], strict=True)


def _compared(text: str) -> Iterator[tuple[LimitComparison, tuple[int, int]]]:
    """The comparisons of a number with a limit, in order, each with where the number stands in the text."""
    if not text:
        return
    for chain in sorted(parse_expression(text).find_data("compare"), key=lambda tree: tree.meta.start_pos):
        operands = [child for child in chain.children if isinstance(child, Tree)]
        relations = [str(child) for child in chain.children if isinstance(child, Token)]
        for i, relation in enumerate(relations):
            left, right = operands[i], operands[i + 1]
            if relation not in _TURNED:
                continue
            if _is_limit(right) and not _is_limit(left):
                yield _comparison(text, left, relation, right, _span(left, right))
            elif _is_limit(left) and not _is_limit(right):
                yield _comparison(text, right, _TURNED[relation], left, _span(left, right))


def _is_limit(tree: Tree[Token]) -> bool:
    return tree.data in ("quantity", "number")


def _span(left: Tree[Token], right: Tree[Token]) -> tuple[int, int]:
    return left.meta.start_pos, right.meta.end_pos


def _comparison(
    text: str, subject: Tree[Token], relation: str, limit: Tree[Token], whole: tuple[int, int]
) -> tuple[LimitComparison, tuple[int, int]]:
    start, end = limit.meta.start_pos, limit.meta.end_pos
    found = _LITERAL.fullmatch(text[start:end])
    assert found is not None
    number, unit = found.groups()
    written = " ".join(text[slice(*whole)].split())
    named = " ".join(text[subject.meta.start_pos : subject.meta.end_pos].split())
    return LimitComparison(written, named, relation, Fraction(number), unit.strip()), (
        start,
        start + len(number),
    )


def decimal_text(value: Fraction) -> str:
    """A number that has finitely many decimals, as it is written."""
    places = 0
    while value.denominator > 1 and (value * 10**places).denominator > 1:
        places += 1
    digits = str(abs(value.numerator * 10**places // value.denominator)).rjust(places + 1, "0")
    sign = "-" if value < 0 else ""
    return sign + (f"{digits[:-places]}.{digits[-places:]}" if places else digits)


def is_decimal(value: Fraction) -> bool:
    """Whether a number has finitely many decimals, and not very many."""
    return 10**9 % value.denominator == 0


def listed_limits(text: str, name: str) -> tuple[Fraction, ...]:
    """The limits that stand behind the `=` of `--move`; raises `InputError` for what is no number."""
    return tuple(_limit_given(part.strip(), name) for part in text.split(","))


def _limit_given(text: str, name: str) -> Fraction:
    if not re.fullmatch(r"\d{1,12}(\.\d{1,9})?", text, re.ASCII):
        raise InputError(f"--move: {name}: '{text}' is no limit: give a number, in the unit of the clause")
    return Fraction(text)


def named_limits(text: str) -> tuple[str, int | None, tuple[Fraction, ...]]:
    """What `--move` names: the clause, which of its comparisons, and the limits; `CODE.I6a:2=40,50`."""
    name, _, limits = text.partition("=")
    clause, colon, number = name.strip().partition(":")
    if colon and not re.fullmatch(r"\d{1,4}", number, re.ASCII):
        raise InputError(f"--move: '{name.strip()}' names no comparison: give a number behind the colon")
    found = listed_limits(limits, name.strip()) if "=" in text else ()
    return clause, int(number) if colon else None, found
