"""Slips in an expression of the criterion language: every edit that changes one thing of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain, pairwise
from typing import Any, Literal

from lark import Token, Tree

from solver.language.parse import parse_expression

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
_COMPOUND = ("conjunction", "disjunction", "implies", "choice")

Enumerations = Mapping[str, Sequence[str]]
"""The values of each variable that is an enumeration."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of a text: `old`, which stands at `start`, becomes `new`. `kind` says what sort of thing it is."""

    kind: Kind
    start: int
    old: str
    new: str


def slips(text: str, enumerations: Enumerations) -> Iterator[Edit]:
    """Every slip in the text of an expression; an edit starts where it does in the text."""
    tree = parse_expression(text)
    yield from chain(
        _tokens(tree),
        _connectives(tree, text),
        _negations(tree, text),
        _parts(tree, text),
        _values(tree, text),
        _other_values(tree, enumerations),
    )


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
