"""A trial under check: its clauses as they bind a patient while every cohort is open, and the parts of each as it is written.

The parts are alternatives, exceptions, values of sets, branches and comparisons, each with its place. For each there is the clause as it
would be without it, so that one can ask whether the part does anything.

    require: not (treated or infected and sex == F)
        alternative  treated                  not (infected and sex == F)
        alternative  infected and sex == F    not treated
        exception    infected                 not (treated or sex == F)
        exception    sex == F                 not (treated or infected)
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any, Literal

from lark import Token, Tree

from solver.dataclass import dataclass
from solver.engine.clauses import ConditionCache, clauses_in_force
from solver.language.arithmetic import CriterionError
from solver.language.elaborate import condition_of
from solver.language.parse import parse_expression
from solver.language.tree import (
    COHORT_OPEN,
    TRUE,
    And,
    Condition,
    Not,
    Or,
    conjunction,
    implication,
    negation,
    variables,
)
from solver.language.values import Scope
from solver.library.beside import Place
from solver.library.files.yaml_places import Document, PathInFile
from solver.library.models import Clause, Library, Trial
from solver.library.scope import library_scope
from solver.patient.record import Context
from solver.questions.check.answer import FindingPlace
from solver.questions.check.proofs import Named

PartKind = Literal["alternative", "condition", "exception", "value", "then", "else", "implication", "unless"]
"""An alternative of `or`, a condition joined by `and`, the same under `not`, a value of a set, the branch of a choice that is taken where
its condition holds or where it does not, an implication, an `unless`."""

_EXPRESSIONS = ("when", "unless", "require")
_FALSE: Tree[Token] = Tree("false", [])
_TRUE: Tree[Token] = Tree("true", [])
_BEGINNING = Place(1, 1, 1, 1)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a clause: `text` as written on one line, and the clause `without` it, by cohort."""

    kind: PartKind
    text: str
    place: Place
    without: Mapping[str, Condition]


@dataclass(frozen=True, slots=True)
class ClauseComparison:
    """A comparison of a clause as it is written, and what it says; `reading` is the second reading under which it stands."""

    text: str
    place: Place
    condition: Condition
    reading: str | None = None


@dataclass(frozen=True, slots=True)
class Parts:
    """What a clause is made of.

    `when` and `require` are what these say, None where it has none; `names` are the names that it uses, those of definitions
    included; `exempting` are the variables of its `unless`.
    """

    parts: tuple[Part, ...]
    comparisons: tuple[ClauseComparison, ...]
    when: Condition | None
    require: Condition | None
    names: frozenset[str]
    exempting: frozenset[str] = frozenset()


class Anatomy:
    """Takes the clauses of a trial apart; `document` is the file from which `trial` was compiled, in the words of `library`."""

    def __init__(self, library: Library, trial: Trial, document: Document) -> None:
        self.trial, self.document = trial, document
        self.scope = library_scope(library)
        self.routing_scope = replace(self.scope, routing=True)

    def of(self, clause: Clause) -> Parts:
        """The parts of a clause of the trial, under its first reading; comparisons under every reading."""
        index = self.trial.clauses.index(clause)
        path: PathInFile = ("clauses", index)
        data = self.document.data["clauses"][index]
        scope = self.routing_scope if clause.routing else self.scope
        parts: list[Part] = []
        for where in self._expression_paths(path, data):
            for kind, node, changed in _variants_without(self._parsed_tree(where), negated=False):
                # what a guard says beside what follows from it makes it plain to whom the clause applies
                if kind == "condition" and where[-1] in ("when", "unless"):
                    continue
                without = self._clause_without(clause, data, path, where, changed, scope)
                parts.append(Part(kind, *self._written_text(where, node), without))
        if "unless" in data:
            where = (*path, "unless")
            text, place = self._written_text(where, self._parsed_tree(where))
            without = self._clause_without(clause, data, path, where, _FALSE, scope)
            parts.append(Part("unless", text, place, without))
        everywhere = list(self._expression_paths(path, data))
        for name, other in data.get("readings", {}).items():
            everywhere += self._expression_paths((*path, "readings", name), other)
        comparisons = tuple(each for where in everywhere for each in self._written_comparisons(where, scope))
        names = frozenset(name for where in everywhere for name in names_in(self._parsed_tree(where)))
        parsed = self._parsed_tree
        given = [key if key in data else None for key in ("when", "require")]
        when, require = (condition_of(parsed((*path, key)), scope) if key else None for key in given)
        unless = condition_of(self._parsed_tree((*path, "unless")), scope) if "unless" in data else TRUE
        return Parts(tuple(parts), comparisons, when, require, names, variables(unless))

    def _expression_paths(self, path: PathInFile, data: Mapping[str, Any]) -> Iterator[PathInFile]:
        for key in _EXPRESSIONS:
            if key in data:
                yield (*path, key)
        if isinstance(data.get("cohorts"), dict):
            for cohort in data["cohorts"]:
                yield (*path, "cohorts", cohort)

    def _parsed_tree(self, where: PathInFile) -> Tree[Token]:
        return parsed(self.document.expression(where)[0])

    def _clause_without(
        self,
        clause: Clause,
        data: Mapping[str, Any],
        path: PathInFile,
        where: PathInFile,
        changed: Tree[Token],
        scope: Scope,
    ) -> dict[str, Condition]:
        """The clause by cohort, with another expression in one place; only the cohorts that it changes."""
        if where[-2] == "cohorts":
            return {str(where[-1]): condition_of(changed, scope)}
        trees = {key: self._parsed_tree((*path, key)) for key in _EXPRESSIONS if key in data}
        trees[str(where[-1])] = changed
        said = {key: condition_of(tree, scope) for key, tree in trees.items()}
        unless = negation(said["unless"]) if "unless" in said else TRUE
        condition = implication(conjunction([said.get("when", TRUE), unless]), said["require"])
        return dict.fromkeys(clause.conditions, condition)

    def _written_comparisons(self, where: PathInFile, scope: Scope) -> Iterator[ClauseComparison]:
        nodes = self._parsed_tree(where).find_data("compare")
        reading = str(where[3]) if where[2] == "readings" else None
        for node in sorted(nodes, key=lambda node: int(node.meta.start_pos)):
            yield ClauseComparison(*self._written_text(where, node), condition_of(node, scope), reading)

    def _written_text(self, where: PathInFile, node: Tree[Token] | Token) -> tuple[str, Place]:
        """The text of a node on one line, and its place in the file."""
        text, line, column = self.document.expression(where)
        meta: Any = node if isinstance(node, Token) else node.meta
        start, end = int(meta.start_pos), int(meta.end_pos)
        while text[start:end].count("(") > text[start:end].count(")"):
            end = text.index(")", end) + 1
        while text[start:end].count("(") < text[start:end].count(")"):
            start = text.rindex("(", 0, start)
        first, last = _lines_and_columns(text, start), _lines_and_columns(text, end)
        (down, right), (low, far) = first, last
        begin, end_column = right + (1 if down else column), far + (1 if low else column)
        place = Place(line + down, begin, line + low, end_column)
        return " ".join(text[start:end].split()), place


def _lines_and_columns(text: str, offset: int) -> tuple[int, int]:
    before = text[:offset]
    return before.count("\n"), offset - (before.rfind("\n") + 1)


_Variant = tuple[PartKind, Tree[Token] | Token, Tree[Token]]


def _variants_without(tree: Tree[Token], *, negated: bool) -> Iterator[_Variant]:
    """Each part of an expression, with the expression without it; `negated` within an odd number of `not`."""
    kind, children = str(tree.data), tree.children
    if kind in ("disjunction", "conjunction"):
        named: PartKind = "alternative" if kind == "disjunction" else "exception" if negated else "condition"
        for i, child in enumerate(children):
            # that a cohort is open is the state of the trial, and is taken for granted here
            if list(names_in(child)) == [COHORT_OPEN]:  # type: ignore[arg-type]
                continue
            yield named, child, _with_children(tree, children[:i] + children[i + 1 :])
    elif kind in ("member", "not_member"):
        at, values = children
        assert isinstance(values, Tree)
        if len(values.children) > 1:
            for i, value in enumerate(values.children):
                rest = values.children[:i] + values.children[i + 1 :]
                yield "value", value, _with_children(tree, [at, _with_children(values, rest)])
    elif kind == "choice":
        yield "then", children[1], _with_children(tree, [_FALSE, *children[1:]])
        yield "else", children[2], _with_children(tree, [_TRUE, *children[1:]])
    elif kind == "implies":
        yield "implication", tree, _TRUE
    if kind not in ("disjunction", "conjunction", "not_", "implies", "choice"):
        return
    for i, child in enumerate(children):
        assert isinstance(child, Tree)
        if kind in ("implies", "choice") and i == 0:
            inner = (each for each in _variants_without(child, negated=negated) if each[0] != "condition")
            yield from (
                (n, node, _with_children(tree, [changed, *children[1:]])) for n, node, changed in inner
            )
            continue
        for named, node, changed in _variants_without(child, negated=negated ^ (kind == "not_")):
            yield named, node, _with_children(tree, [*children[:i], changed, *children[i + 1 :]])


def _with_children(tree: Tree[Token], children: list[Any]) -> Tree[Token]:
    return Tree(tree.data, children, tree.meta)


Unordered = tuple[str, object]


def unordered(condition: Condition, *, holds: bool = True) -> Unordered:
    """A condition in a form that does not depend on the order of its parts, nor on where its `not` stand."""
    match condition:
        case Not(inner):
            return unordered(inner, holds=not holds)
        case And(parts) | Or(parts):
            kind = "and" if isinstance(condition, And) is holds else "or"
            found = frozenset(unordered(part, holds=holds) for part in parts)
            flat = [each[1] if each[0] == kind else {each} for each in found]
            return kind, frozenset(part for several in flat for part in several)  # type: ignore[attr-defined]
    return ("is" if holds else "is not"), condition


@lru_cache(maxsize=4096)
def parsed(text: str) -> Tree[Token]:
    """The parse tree of an expression, which nothing changes: each is looked at several times. Raises `CriterionError`."""
    return parse_expression(text)


def names_in(tree: Tree[Token]) -> Iterator[str]:
    """The names that an expression uses."""
    for token in tree.scan_values(lambda value: isinstance(value, Token) and value.type == "NAME"):
        yield str(token)


@dataclass(frozen=True, slots=True)
class Source:
    """A trial with the file that it was compiled from; `name` is how the file is called in findings."""

    trial: Trial
    document: Document
    name: str


@dataclass(frozen=True, slots=True)
class Criterion:
    """A clause with logic, the condition that it puts on each cohort while every cohort is open, and its parts."""

    clause: Clause
    conditions: Mapping[str, Condition]
    parts: Parts

    @property
    def id(self) -> str:
        """The clause's id."""
        return self.clause.id


class TrialView:
    """A trial whose clauses are looked at under their first readings, with those from secondary sources beside them.

    `texts` are the objective clauses of each cohort that are kept as text: they may refuse anyone.
    """

    def __init__(self, library: Library, source: Source) -> None:
        self.library, self.source, self.trial = library, source, source.trial
        self.cache = ConditionCache()
        self._anatomy = anatomy = Anatomy(library, source.trial, source.document)
        context = Context(secondary_sources=True)
        self.criteria = tuple(
            Criterion(binding.clause, binding.conditions, anatomy.of(binding.clause))
            for binding in clauses_in_force(source.trial, context, self.cache)
        )
        self.cohorts = tuple(source.trial.cohorts)
        capped = self.cache.extent(source.trial, context).capped
        self.texts = {cohort: frozenset(capped.get(cohort, ())) for cohort in self.cohorts}
        self._clauses = {clause.id: clause for clause in source.trial.clauses}

    def place(self, name: str | None = None, at: Place | None = None) -> FindingPlace:
        """Where a clause stands, or the part of it that stands `at` another place; without either, the beginning of the file."""
        clause = None if name is None else self._clauses[name]
        own = clause.place if clause else _BEGINNING
        place = at or own
        assert place is not None
        return FindingPlace.of(self.source.name, place, clause)

    def named(self, cohort: str, left_out: Collection[str] = (), *, secondary: bool = False) -> list[Named]:
        """The clauses that bind a cohort but for some; those of secondary sources only if asked for."""
        return [
            (criterion.id, criterion.conditions[cohort])
            for criterion in self.criteria
            if cohort in criterion.conditions
            and criterion.id not in left_out
            and (secondary or criterion.clause.secondary is None)
        ]

    def no_more_texts(self, cohort: str, other: str) -> bool:
        """Whether all that a cohort keeps as text binds another one as well."""
        return self.texts[cohort] <= self.texts[other]

    def without(self, part: Part) -> dict[str, Condition]:
        """A clause without one of its parts, by cohort, while every cohort is open."""
        return {cohort: self.cache.opened(condition, True) for cohort, condition in part.without.items()}

    def same_part(self, one: str, other: str) -> bool:
        """Whether two texts are the same part of a clause: in another order, by De Morgan's laws, or of `not` what the other is."""
        if one == other:
            return True
        try:
            first, second = (condition_of(parsed(text), self._anatomy.routing_scope) for text in (one, other))
        except CriterionError:
            return False
        said = unordered(second)
        return said in (unordered(first), unordered(negation(first)))

    def in_words(self, cohorts: Collection[str]) -> str:
        """Which cohorts, where it is not all: ` in cohort X`."""
        if len(cohorts) == len(self.cohorts):
            return ""
        return f" in cohort{'s' * (len(cohorts) > 1)} {', '.join(cohorts)}"
