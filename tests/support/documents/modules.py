"""The modules of the program, and what each imports, read from their text."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[3]
MODULES = [ROOT / "cli.py", *sorted((ROOT / "solver").rglob("*.py"))]


def name_of(path: Path) -> str:
    """The module at a path, as imports call it."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


NAMES = frozenset(map(name_of, MODULES))


def imports(path: Path) -> set[str]:
    """Every module that a file imports, wherever in it; of a name that is imported from a module, the module."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            module = node.module or ""
            within = {f"{module}.{alias.name}" for alias in node.names}
            found |= within & NAMES
            found |= {module} if within - NAMES else set()
    return found
