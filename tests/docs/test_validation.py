"""docs/validation.md: the table of properties does not rot, and the commands that it names exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/validation.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| (P\d\d) \| [^|]+ \| ([^|]+) \|$", PAGE, re.MULTILINE))
WANTED = range(1, 58)
"""The numbers of the properties."""


def functions(path: Path) -> set[str]:
    """The names of the functions at the top of a file."""
    return {
        node.name
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef)
    }


def test_every_property_has_a_row() -> None:
    """Each property of the list stands in the table once, in order."""
    assert list(ROWS) == [f"P{number:02}" for number in WANTED]


@pytest.mark.parametrize("number", ROWS)
def test_every_test_that_is_named_for_a_property_exists(number: str) -> None:
    """Each row names tests, file and function, and each of them is there."""
    named = re.findall(r"`([^`]+)`", ROWS[number])
    assert named
    for name in named:
        file, _, function = name.partition("::")
        assert re.fullmatch(r"tests/(\w+/)+test_\w+\.py", file)
        assert function in functions(ROOT / file), name


def test_a_property_in_the_name_of_a_test_is_the_one_that_it_is_named_for() -> None:
    """A test whose name begins with properties stands in the row of one of them, and in no other's."""
    for number, names in ROWS.items():
        for name in re.findall(r"::test_((?:P\d\d_)+)", names):
            assert number in name.split("_"), (number, name)


def test_the_commands_on_the_page_exist() -> None:
    """Every `make` that the page shows is a target, and is no file."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    (phony,) = re.findall(r"^\.PHONY: (.*)$", text, re.MULTILINE)
    for command in re.findall(r"^make ([\w-]+)", PAGE, re.MULTILINE):
        assert command in phony.split()
        assert re.search(rf"^{command}:", text, re.MULTILINE)
