"""`make engine-mutants`: where a change of the engine tells something, and which tests look at it. cosmic-ray is not needed here."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.support.faults.engine_mutants import looking_at
from tests.support.faults.engine_places import tells

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted(
    path.relative_to(ROOT)
    for layer in ("evaluation", "smt", "engine", "questions")
    for path in (ROOT / "solver" / layer).rglob("*.py")
    if path.name != "__init__.py"
)
BINARY = "core/ReplaceBinaryOperator_BitOr_BitAnd"
SOURCE = """\
Alias = int | str
if TYPE_CHECKING:
    pass


@decorated(1)
def some(left: set | None, *, right: int = 2) -> set | None:
    here: list[1] = [3]
    zip(left, here, strict=True)
    call(*here)
    return left | right
"""


def place(text: str, after: str = "") -> tuple[int, int]:
    """Line and column of a part of the source, the first one behind another part."""
    before = SOURCE[: SOURCE.index(text, SOURCE.index(after))]
    return before.count("\n") + 1, len(before) - before.rfind("\n") - 1


@pytest.mark.parametrize(
    ("text", "after", "operator"),
    [
        ("|", "Alias", BINARY),
        ("TYPE", "if", "core/AddNot"),
        ("1", "@decorated", "core/NumberReplacer"),
        ("|", "left: set", BINARY),
        ("|", "-> set", BINARY),
        ("1", "here: list", "core/NumberReplacer"),
        ("True", "strict", "core/ReplaceTrueWithFalse"),
        ("*", "left: set", "core/ReplaceBinaryOperator_Mul_Add"),
        ("*", "call", "core/ReplaceBinaryOperator_Mul_Add"),
    ],
)
def test_where_nothing_runs_there_is_no_mutant(text: str, after: str, operator: str) -> None:
    """Annotations, what only a type checker reads, decorators, aliases of types, switches and the stars of arguments are left alone."""
    assert not tells(place(text, after), operator, SOURCE)


@pytest.mark.parametrize(
    ("text", "after", "operator"),
    [
        ("|", "return", BINARY),
        ("2", "right", "core/NumberReplacer"),
        ("3", "here", "core/NumberReplacer"),
    ],
)
def test_what_runs_has_mutants(text: str, after: str, operator: str) -> None:
    """An operator, a default and a value of a variable with an annotation are changed."""
    assert tells(place(text, after), operator, SOURCE)


@cache
def names_of_tests(file: str) -> frozenset[str]:
    """The names of the tests of a file."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_every_module_has_tests_that_look_at_it(module: Path) -> None:
    """The tests that the configuration names exist, and none runs in both rounds."""
    near, far = looking_at(module)
    assert near
    assert not set(near) & set(far)
    for named in (*near, *far):
        file, _, test = named.partition("::")
        assert not test or test in names_of_tests(file)
        assert (ROOT / file).exists()
