"""The parser of the criterion language, generated from `criterion.lark`; what is generated is kept in the compile cache."""

from __future__ import annotations

import hashlib
import io
import sys
from functools import cache
from importlib.resources import files

import lark
from lark import Lark, Token, Tree, UnexpectedCharacters, UnexpectedEOF, UnexpectedInput, UnexpectedToken

from solver.cache_files import cache_folder, read_cache, write_cache
from solver.language.arithmetic import CriterionError
from solver.language.size import check_digits, check_tree
from solver.text import quote

_WORDS = {
    "RELATION": "a comparison",
    "NAME": "a name",
    "NUMBER": "a number",
    "QUANTITY": "a number with a unit",
    "DATE": "a date",
    "HALF_LIVES": "a number of half-lives",
    "LPAR": "'('",
    "RPAR": "')'",
    "LBRACE": "'{'",
    "RBRACE": "'}'",
    "COMMA": "','",
    "PLUS": "'+'",
    "MINUS": "'-'",
    "STAR": "'*'",
    "CIRCUMFLEX": "'^'",
    "UNIT_ARGUMENT": "a unit",
    "$END": "the end",
}
_MEANT = {"=": "==", "=<": "<=", "=>": ">=", "≤": "<=", "≥": ">=", "≠": "!=", "<>": "!="}
_UNLIKELY = frozenset({"SLASH", "TRUE", "FALSE", "MAGNITUDE", "HALF_LIVES", "IS", "EXCEPT"})


@cache
def _criterion_parser() -> Lark:
    grammar = files("solver.language").joinpath("criterion.lark").read_text(encoding="utf-8")
    folder = cache_folder()
    where = None if folder is None else folder / _kept_name(grammar)
    kept = None if where is None else read_cache(where)
    if isinstance(kept, bytes):
        return Lark.load(io.BytesIO(kept))
    parser = Lark(grammar, parser="lalr", propagate_positions=True)
    if where is not None:
        generated = io.BytesIO()
        parser.save(generated)
        write_cache(where, generated.getvalue())
    return parser


def _kept_name(grammar: str) -> str:
    """The name of the file with the parser of a grammar: it says by what it was generated."""
    made_by = f"{sys.version}\n{lark.__version__}\n{grammar}"
    return f"{hashlib.sha256(made_by.encode()).hexdigest()[:32]}.parser"


def parse_expression(text: str) -> Tree[Token]:
    """The parse tree of an expression, with positions; raises `CriterionError` at the place of the first fault."""
    if not text.strip():
        raise CriterionError("expected an expression, found nothing")
    check_digits(text)
    tree = _parsed_text(text)
    check_tree(tree)
    return tree


def _parsed_text(text: str) -> Tree[Token]:
    try:
        return _criterion_parser().parse(text)
    except UnexpectedEOF as error:
        raise _unexpected_fault("the end", set(map(str, error.expected)), *_end_place(text)) from None
    except UnexpectedToken as error:
        if error.token.type == "$END":
            raise _unexpected_fault("the end", error.accepts or error.expected, *_end_place(text)) from None
        found = quote(error.token)
        raise _unexpected_fault(found, error.accepts or error.expected, error.line, error.column) from None
    except UnexpectedCharacters as error:
        found = f"'{text[error.pos_in_stream or 0]}'"
        raise _unexpected_fault(found, error.allowed or set(), error.line, error.column) from None
    except UnexpectedInput as error:  # pragma: no cover - lark has no other kind
        raise CriterionError("cannot read this expression", error.line, error.column) from None


def _end_place(text: str) -> tuple[int, int]:
    lines = text.rstrip().split("\n")
    return len(lines), len(lines[-1]) + 1


def _unexpected_fault(found: str, expected: set[str], line: int, column: int) -> CriterionError:
    words = sorted(_WORDS.get(name, f"'{name.lower()}'") for name in expected if name not in _UNLIKELY)
    wanted = f", expected {', '.join(words)}" if words else ""
    sign = next((sign for sign in (found[1:3], found[1:2]) if sign in _MEANT), None)
    if sign and not found.startswith("'=="):
        wanted = f", write {_MEANT[sign]} to compare"
    if found == "','":
        wanted += "; a number has no comma"
    return CriterionError(f"found {found}{wanted}", max(line, 1), max(column, 1))
