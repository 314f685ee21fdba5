"""Mutants of a trial file: copies with one thing of one criterion changed, as an author might slip.

Every mutant is an edit of the text at one place. What is changed: an operator, a threshold by its smallest step, a connective, a
negation, a part of an `and` or `or`, a value of an enumeration, a unit, the cohorts that a clause binds, the day that a time is counted
to, or a guard.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import chain, pairwise
from textwrap import shorten
from typing import Any, Literal

import yaml
from lark import Token, Tree

from solver.language.parse import parse_expression
from solver.language.types import EnumerationType
from solver.library.document import Document, PathInFile
from solver.library.models import Library

Kind = Literal[
    "operator", "threshold", "connective", "negation", "part", "value", "unit", "cohort", "anchor", "guard"
]
KINDS: tuple[Kind, ...] = Kind.__args__  # type: ignore[attr-defined]

_OPERATORS = {
    "<=": ("<", ">="),
    "<": ("<=", ">"),
    ">=": (">", "<="),
    ">": (">=", "<"),
    "==": ("!=",),
    "!=": ("==",),
}
_CONNECTIVES = {"and": "or", "or": "and"}
_ANCHORS = {"as_of": "first_dose", "first_dose": "as_of"}
_TIMES = {
    "d": ("wk", "mo"),
    "wk": ("d", "mo"),
    "mo": ("d", "wk", "a"),
    "a": ("d", "mo"),
    "ms": ("s",),
    "s": ("ms", "min"),
    "min": ("s", "h"),
    "h": ("min", "d"),
}
_METRIC = re.compile(r"(?P<prefix>[kmunp]?)(?P<atom>g|L|mol|U|eq)$")
_THOUSANDS = ("p", "n", "u", "m", "", "k")
_GUARDS = ("when", "unless")
_EXPRESSIONS = (*_GUARDS, "require")
_COMPOUND = ("conjunction", "disjunction", "implies", "choice")


Enumerations = Mapping[str, Sequence[str]]
"""The values of each variable that is an enumeration."""

_MANY = 30
"""Of an enumeration with more values, only those that the file names are mistaken for one another."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of a text: `old`, which stands at `start`, becomes `new`. `kind` says what sort of thing it is."""

    kind: Kind
    start: int
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Mutant:
    """A trial file with one edit in a clause, under its first reading or under a second one, at a line and column from 1.

    `name` tells it from every other mutant of the trial, wherever else in the file lines are added or taken away.
    """

    name: str
    clause: str
    reading: str | None
    edit: Edit
    line: int
    column: int

    def applied(self, source: str) -> str:
        """The text of the file with the edit."""
        edit = self.edit
        return source[: edit.start] + edit.new + source[edit.start + len(edit.old) :]


def mutants(document: Document, library: Library) -> list[Mutant]:
    """Every mutant of a trial file that can be read in the words of a library, in the order of the file."""
    found = []
    enumerations = {
        name: [v for v in variable.type.values if len(variable.type.values) <= _MANY or v in document.source]
        for name, variable in library.variables.items()
        if isinstance(variable.type, EnumerationType)
    }
    code, every = document.data["code"], list(document.data["cohorts"])
    for i, clause in enumerate(document.data["clauses"]):
        path: PathInFile = ("clauses", i)
        where = [(None, path, clause)]
        where += [(r, (*path, "readings", r), data) for r, data in clause.get("readings", {}).items()]
        for reading, at, data in where:
            for key, edit in _edits(document, at, data, every, enumerations, of_clause=reading is None):
                name = f"{code}.{clause['id']}{f' under {reading}' if reading else ''}, {key}: {told(edit)}"
                found.append(
                    Mutant(name, f"{code}.{clause['id']}", reading, edit, *_at(document, edit.start))
                )
    return _numbered(sorted(found, key=lambda each: each.edit.start))


def told(edit: Edit) -> str:
    """What an edit does, on one line."""
    old, new = (" ".join(text.split()) for text in (edit.old, edit.new))
    if edit.kind == "negation":
        return f"negation added to {_short(old)}" if len(new) > len(old) else "negation dropped"
    if edit.kind == "value" and not (old and new):
        return f"value {(old or new).strip(', ')} {'dropped' if old else 'added'}"
    kind = "" if edit.kind in ("cohort", "guard") else f"{edit.kind} "
    if not old:
        return f"{kind}{_short(new)} added"
    return f"{kind}{_short(old)} to {_short(new)}" if new else f"{kind}{_short(old)} dropped"


def _short(text: str) -> str:
    return shorten(text, 60, placeholder=" ...")


def _numbered(found: list[Mutant]) -> list[Mutant]:
    """The mutants with a number in the name of all but the first of those that would be called the same."""
    seen: Counter[str] = Counter()
    numbered = []
    for mutant in found:
        seen[mutant.name] += 1
        n = seen[mutant.name]
        numbered.append(mutant if n == 1 else replace(mutant, name=f"{mutant.name} (number {n})"))
    return numbered


def _at(document: Document, offset: int) -> tuple[int, int]:
    before = document.source[:offset]
    return before.count("\n") + 1, offset - before.rfind("\n")


def _edits(
    document: Document,
    path: PathInFile,
    data: Mapping[str, Any],
    every: list[str],
    enumerations: Enumerations,
    *,
    of_clause: bool,
) -> Iterator[tuple[str, Edit]]:
    """The edits of a clause, or of a second reading of it, each with the key where it is."""
    for key in _EXPRESSIONS:
        if key in data:
            yield from ((key, edit) for edit in _expression(document, (*path, key), enumerations))
            if key in _GUARDS:
                yield key, _without_key(document, path, key, "guard")
    cohorts = data.get("cohorts")
    if isinstance(cohorts, dict):
        for cohort in cohorts:
            own = _expression(document, (*path, "cohorts", cohort), enumerations)
            yield from ((f"cohort {cohort}", edit) for edit in own)
            if len(cohorts) > 1:
                yield f"cohort {cohort}", _without_key(document, (*path, "cohorts"), cohort, "cohort")
    elif isinstance(cohorts, list):
        yield from (("cohorts", edit) for edit in _scopes(document, (*path, "cohorts"), cohorts, every))
    elif of_clause and len(every) > 1 and "opaque" not in data:
        yield from (("cohorts", edit) for edit in _new_scopes(document, path, every))


def _scopes(document: Document, path: PathInFile, cohorts: list[str], every: list[str]) -> Iterator[Edit]:
    """A list of cohorts with one dropped, and with all."""
    node = document.nodes[path]
    assert isinstance(node, yaml.SequenceNode)
    start, old = node.start_mark.index, document.source[node.start_mark.index : node.end_mark.index].rstrip()
    others = [[other for other in cohorts if other != cohort] for cohort in cohorts]
    if set(cohorts) != set(every):
        others.append(every)
    before = "" if node.flow_style else "\n" + " " * node.start_mark.column
    for chosen in others:
        yield Edit("cohort", start, old, f"{before}{_flow(chosen)}")


def _flow(cohorts: list[str]) -> str:
    return f"[{', '.join(cohorts)}]"


def _new_scopes(document: Document, path: PathInFile, every: list[str]) -> Iterator[Edit]:
    """A clause that binds every cohort, with one of them left out."""
    node = document.nodes[path]
    assert isinstance(node, yaml.MappingNode)
    start = document.nodes[(*path, "id")].end_mark.index
    before = ", " if node.flow_style else "\n" + " " * node.value[0][0].start_mark.column
    for cohort in every:
        yield Edit("cohort", start, "", f"{before}cohorts: {_flow([o for o in every if o != cohort])}")


def _without_key(document: Document, path: PathInFile, key: str, kind: Kind) -> Edit:
    """A mapping without one of its keys."""
    node = document.nodes[path]
    assert isinstance(node, yaml.MappingNode)
    names = [each.value for each, _ in node.value]
    at = names.index(key)
    start, end = node.value[at][0].start_mark.index, node.value[at][1].end_mark.index
    source = document.source
    if not node.flow_style:
        end = start + len(source[start:end].rstrip())
    elif at + 1 < len(names):
        end = node.value[at + 1][0].start_mark.index
    elif at:
        start = node.value[at - 1][1].end_mark.index
    if not node.flow_style and at == 0:
        # the first key may stand behind the dash of a list, so that the next one moves up to its place
        end = node.value[1][0].start_mark.index if len(names) > 1 else end
    return Edit(kind, start, source[start:end], "")


def _expression(document: Document, path: PathInFile, enumerations: Enumerations) -> Iterator[Edit]:
    """The edits of an expression, as edits of the file."""
    text, line, column = document.expression(path)
    first = sum(len(each) + 1 for each in document.source.split("\n")[: line - 1]) + column - 1
    tree = parse_expression(text)
    found = chain(
        _tokens(tree),
        _connectives(tree, text),
        _negations(tree, text),
        _parts(tree, text),
        _values(tree, text),
        _other_values(tree, enumerations),
    )
    for edit in found:
        yield replace(edit, start=first + edit.start)


def _tokens(tree: Tree[Token]) -> Iterator[Edit]:
    """Operators, thresholds, units and anchors."""
    for node in _trees(tree):
        for token in node.children:
            if not isinstance(token, Token) or token.start_pos is None:
                continue
            at, text = token.start_pos, str(token)
            if token.type == "RELATION":
                yield from (Edit("operator", at, text, other) for other in _OPERATORS[text])
            elif node.data in ("number", "quantity"):
                yield from _quantity(at, text)
            elif token.type == "UNIT_ARGUMENT":
                yield from (Edit("unit", at, text, other) for other in _other_units(text))
            elif node.data == "name" and text in _ANCHORS:
                yield Edit("anchor", at, text, _ANCHORS[text])


def _quantity(at: int, text: str) -> Iterator[Edit]:
    """A number one step up and down in its last written digit, and its unit mistaken."""
    digits = re.match(r"\d+(\.\d+)?", text)
    assert digits
    number = Decimal(digits[0])
    step = Decimal(1).scaleb(int(number.as_tuple().exponent))
    rest = text[digits.end() :]
    unit = rest.lstrip()
    for other in (number + step, number - step):
        if other >= 0:
            yield Edit("threshold", at, text, f"{other}{rest}")
    for each in _other_units(unit):
        yield Edit("unit", at, text, f"{digits[0]}{rest[: len(rest) - len(unit)]}{each}")
    if unit == "%":
        yield Edit("unit", at, text, digits[0])


def _other_units(unit: str) -> Iterator[str]:
    """The unit with one of its terms mistaken for another of the same sort: by a thousand, or one time for another."""
    terms = re.split(r"([/.])", unit)
    for i, term in enumerate(terms):
        others = list(_TIMES.get(term, ()))
        metric = _METRIC.match(term)
        if metric:
            rank = _THOUSANDS.index(metric["prefix"])
            near = [n for n in (rank - 1, rank + 1) if 0 <= n < len(_THOUSANDS)]
            others = [f"{_THOUSANDS[n]}{metric['atom']}" for n in near]
        for other in others:
            yield "".join([*terms[:i], other, *terms[i + 1 :]])


def _connectives(tree: Tree[Token], text: str) -> Iterator[Edit]:
    for node in _trees(tree):
        if node.data in ("conjunction", "disjunction"):
            for left, right in pairwise(node.children):
                between = text[_end(left) : _start(right)]
                word = re.search(r"\b(and|or)\b", between)
                assert word
                yield Edit("connective", _end(left) + word.start(), word[0], _CONNECTIVES[word[0]])


def _parts(tree: Tree[Token], text: str) -> Iterator[Edit]:
    """Each condition of an `and` or an `or` left out, with the word that joins it."""
    for node in _trees(tree):
        if node.data in ("conjunction", "disjunction"):
            spans = [_bracketed(child, text) for child in node.children if isinstance(child, Tree)]
            for i, (start, end) in enumerate(spans):
                start, end = (spans[i - 1][1], end) if i else (start, spans[1][0])
                yield Edit("part", start, text[start:end], "")


def _negations(tree: Tree[Token], text: str) -> Iterator[Edit]:
    """Each negation dropped, and one added to each condition that has none."""
    if tree.data in _COMPOUND or (tree.data == "compare" and tree.children[1] != "=="):
        start, end = len(text) - len(text.lstrip()), len(text.rstrip())
        whole = text[start:end]
        yield Edit("negation", start, whole, f"not ({whole})")
    yield from _inner_negations(tree, text, top=True)


def _inner_negations(node: Tree[Token] | Token, text: str, *, top: bool = False) -> Iterator[Edit]:
    """The negations within a condition; `top` for one that is the whole expression."""
    if not isinstance(node, Tree):
        return
    kind, children = str(node.data), node.children
    if kind == "not_":
        after = re.compile(r"not\s*").match(text, _start(node))
        assert after
        yield Edit("negation", _start(node), after[0], "")
        inner = children[0]
        if isinstance(inner, Tree) and inner.data in _COMPOUND:
            yield from chain.from_iterable(_inner_negations(child, text) for child in inner.children)
    elif kind == "member":
        at, end = text.index("in", _end(children[0])), _end(node)
        yield Edit("negation", at, text[at:end], f"not {text[at:end]}")
    elif kind == "not_member":
        word = re.compile(r"not\s+in\b").search(text, _end(children[0]))
        assert word
        yield Edit("negation", word.start(), word[0], "in")
    elif kind in ("name", "contains"):
        written = text[_start(node) : _end(node)]
        yield Edit("negation", _start(node), written, f"not {written}")
    elif kind in _COMPOUND:
        if not top:
            start, end = _bracketed(node, text)
            yield Edit("negation", start, text[start:end], f"not {text[start:end]}")
        yield from chain.from_iterable(_inner_negations(child, text) for child in children)


def _bracketed(node: Tree[Token], text: str) -> tuple[int, int]:
    """From where to where a condition within another stands, with its brackets."""
    start, end = _start(node), _end(node)
    opening, closing = text[:start].rstrip(), text[end:].lstrip()
    if opening.endswith("(") and closing.startswith(")"):
        return len(opening) - 1, len(text) - len(closing) + 1
    return start, end


def _values(tree: Tree[Token], text: str) -> Iterator[Edit]:
    """Sets with one value dropped."""
    for node in _trees(tree):
        if node.data == "set" and len(node.children) > 1:
            for i, value in enumerate(node.children):
                start, end = _start(value), _end(value)
                if i:
                    start = _end(node.children[i - 1])
                else:
                    end = _start(node.children[1])
                yield Edit("value", start, text[start:end], "")


def _other_values(tree: Tree[Token], enumerations: Enumerations) -> Iterator[Edit]:
    """One value too many in a set, and another one in a comparison."""
    for node in _trees(tree):
        if node.data in ("member", "not_member"):
            name, values = (child for child in node.children if isinstance(child, Tree))
            written = [str(value) for value in values.children]
            for other in enumerations.get(str(name.children[0]), ()):
                if other not in written:
                    yield Edit("value", _end(values.children[-1]), "", f", {other}")
        elif node.data == "compare" and len(node.children) == 3:
            left, _, right = node.children
            if isinstance(left, Tree) and isinstance(right, Tree) and left.data == right.data == "name":
                written = [str(right.children[0])]
                for other in enumerations.get(str(left.children[0]), ()):
                    if other not in written:
                        yield Edit("value", _start(right), written[0], other)


def _trees(node: Tree[Token]) -> Iterator[Tree[Token]]:
    yield node
    for child in node.children:
        if isinstance(child, Tree):
            yield from _trees(child)


def _start(node: Tree[Token] | Token) -> int:
    place: Any = node if isinstance(node, Token) else node.meta
    return int(place.start_pos)


def _end(node: Tree[Token] | Token) -> int:
    place: Any = node if isinstance(node, Token) else node.meta
    return int(place.end_pos)
