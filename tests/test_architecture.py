"""The rules of the house, held by the code itself; docs/architecture.md says why."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

import solver
from solver.language.types import EnumerationType
from solver.library.models import Library
from tests.support.documents.modules import MODULES, ROOT, imports, name_of

LAYERS = (
    "cli",
    "serve",
    "testing",
    "questions",
    "report",
    "screen",
    "program",
    "engine",
    "smt",
    "patient",
    "library",
    "evaluation",
    "language",
)
"""Each may import what stands further right."""

MOST_LINES, MOST_MODULES = 400, 20

MOST_ONE_WORD = 15
"""How many of a hundred functions may have a private name of one word."""

SHARED = ("solver.questions.match.answer", "solver.questions.match.ask")
"""What one question may import of another."""

GATHERS = {
    "report": {
        "solver.questions.explain.ask",
        "solver.questions.when.answer",
        "solver.questions.when.ask",
        "solver.questions.workup.answer",
        "solver.questions.workup.ask",
    }
}
"""A question that hands over the answers of others, and what it may import of them besides."""

EXCEPTIONS: dict[str, set[str]] = {}
"""What breaks a rule today, by rule; it may only shrink."""

ENGLISH = {"weight", "height", "sex", "country", "diagnosis", "ast", "pt"}
"""Variables whose names are also words that code and comments use."""


def layer(module: str) -> str | None:
    """The layer of a module; None for what stands outside of them."""
    parts = module.split(".")
    if parts[0] == "cli":
        return "cli"
    return parts[1] if parts[0] == "solver" and len(parts) > 1 and parts[1] in LAYERS else None


@cache
def imported() -> dict[str, list[str]]:
    """What each module imports, itself left out."""
    return {name_of(path): sorted(imports(path)) for path in MODULES}


def hold(rule: str, broken: set[str]) -> None:
    """Fail for what breaks a rule and is no known exception, and for an exception that is none any more."""
    assert broken == EXCEPTIONS.get(rule, set())


def text_of(path: Path) -> str:
    """The text of a module."""
    return path.read_text(encoding="utf-8")


def question(module: str) -> str | None:
    """The question whose folder a module lies in; None for one outside of them."""
    parts = module.split(".")
    return parts[2] if parts[:2] == ["solver", "questions"] and len(parts) > 3 else None


def test_imports_run_one_way() -> None:
    """A module imports nothing from a layer to the left of its own."""
    hold(
        "layers",
        {
            f"{module} -> {name}"
            for module, names in imported().items()
            for name in names
            if (own := layer(module)) is not None
            and (found := layer(name)) is not None
            and LAYERS.index(found) < LAYERS.index(own)
        },
    )


def test_no_modules_import_one_another() -> None:
    """There is no circle of modules, imports inside functions and for type checkers included."""
    left = {module: {name for name in names if name in imported()} for module, names in imported().items()}
    while free := [module for module, names in left.items() if not names & left.keys() - {module}]:
        for module in free:
            del left[module]
    hold("circles", set(left))


def test_questions_share_only_the_match() -> None:
    """A question imports of another one only what `match` answers and how it asks; one that gathers the answers of others asks these."""
    hold(
        "questions",
        {
            f"{module} -> {name}"
            for module, names in imported().items()
            for name in names
            if (own := question(module)) and question(name) not in (None, own)
            if name not in (*SHARED, *GATHERS.get(own, ()))
        },
    )


def test_each_part_of_a_question_keeps_to_its_work() -> None:
    """Asking prints nothing, an answer works nothing out, a page computes nothing, and only a command parses the command line."""
    refused = {
        "ask": r"click|rich|solver\.report\b.*",
        "answer": r"click|rich|solver\.(report|smt|evaluation|patient\.readers)\b.*",
        "page": r"click|solver\.(smt|evaluation)\b.*|solver\.engine\.(?!answer\b).*",
    }
    hold(
        "parts",
        {
            f"{module} -> {name}"
            for module, names in imported().items()
            for name in names
            if question(module)
            and module.rsplit(".", 1)[-1] != "command"
            and re.fullmatch(refused.get(module.rsplit(".", 1)[-1].removeprefix("brief_"), "click"), name)
        },
    )


def test_only_the_solver_boundary_knows_the_solver() -> None:
    """Nothing outside solver/smt imports z3 or writes in its language, and no page poses a problem."""
    written = re.compile(r"\((assert|declare-|define-)")
    broken = {
        f"{name_of(path)}: z3"
        for path in MODULES
        if layer(name_of(path)) != "smt"
        and ("z3" in imported()[name_of(path)] or written.search(text_of(path)))
    }
    pages = [
        path for path in MODULES if path.stem in ("page", "brief_page") or layer(name_of(path)) == "report"
    ]
    broken |= {f"{name_of(path)}: pose" for path in pages if re.search(r"(?<![\w.])pose\(", text_of(path))}
    hold("solver", broken)


def test_modules_and_folders_are_small() -> None:
    """No module has more than 400 lines, and no folder more than 20 modules."""
    broken = {name_of(path) for path in MODULES if len(text_of(path).splitlines()) > MOST_LINES}
    folders = Counter(path.parent for path in MODULES)
    broken |= {str(folder.relative_to(ROOT)) for folder, count in folders.items() if count > MOST_MODULES}
    hold("size", broken)


def test_no_two_public_classes_share_a_name() -> None:
    """A class is found by its name."""
    names = Counter(
        node.name
        for path in MODULES
        for node in ast.parse(text_of(path)).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    hold("classes", {name for name, count in names.items() if count > 1})


def test_private_functions_have_names_of_two_words() -> None:
    """Of all functions at most 15 % are called by a single word behind an underscore; methods and nested ones count."""
    names = [
        node.name
        for path in MODULES
        for node in ast.walk(ast.parse(text_of(path)))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("__")
    ]
    one_word = [name for name in names if name.startswith("_") and "_" not in name.strip("_")]
    assert len(one_word) * 100 <= len(names) * MOST_ONE_WORD


def test_the_engine_knows_no_medicine(library: Library) -> None:
    """No variable, trial or diagnosis is named in the engine, neither in code nor in words."""
    diagnoses = next(variable.type for name, variable in library.variables.items() if name == "diagnosis")
    assert isinstance(diagnoses, EnumerationType)
    words = {
        *library.variables,
        *library.trials,
        *(trial.nct for trial in library.trials.values()),
        *diagnoses.values,
    }
    words -= ENGLISH
    found = {
        f"{name_of(path)}: {word}"
        for path in MODULES
        for word in re.findall(r"\w+", path.read_text(encoding="utf-8"))
        if word in words
    }
    assert found == set()


def test_encodings_are_data() -> None:
    """The folder of encodings holds no Python, and does not hide the standard library's package of that name."""
    assert list((ROOT / "encodings").rglob("*.py")) == []
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    assert subprocess.run([sys.executable, "-c", "import encodings"], env=environment).returncode == 0


def test_every_public_name_is_where_the_table_says() -> None:
    """Each name of the face can be imported, and stands there for type checkers too; another is refused."""
    assert all(getattr(solver, name) is not None for name in solver.__all__)
    stated = re.findall(r"(\w+) as \1\b", text_of(ROOT / "solver" / "__init__.py"))
    assert sorted(stated) == sorted(solver.__all__)
    with pytest.raises(AttributeError, match="nothing"):
        solver.nothing  # noqa: B018


@pytest.mark.parametrize(
    ("code", "unwanted"),
    [
        ("import solver", "solver.library solver.language z3 pydantic lark yaml rich click"),
        ("import cli", "solver.library solver.language z3 pydantic lark yaml rich polars"),
        ("import cli, solver.serve.command", "starlette uvicorn jinja2 z3 solver.library"),
        ("import solver.questions.match.answer, solver.report.json", "z3 pydantic lark yaml rich"),
        ("import solver.report.command_line.output", "z3 pydantic yaml rich"),
        (
            "import solver.questions.report.ask, solver.questions.report.markdown_page, solver.questions.interview.command",
            "jinja2 markupsafe solver.library.files.site",
        ),
        (
            "import solver.report.command_line.export_report, solver.patient.readers.formats, solver.library.load",
            "solver.patient.readers.foreign solver.library.codes.code_tables ijson duckdb psycopg",
        ),
        (
            "import solver.questions.match.command, solver.matcher",
            "polars sqlite3 solver.screen.cohort solver.patient.readers.foreign",
        ),
    ],
)
def test_imports_are_cheap(code: str, unwanted: str) -> None:
    """What a call does not need is not imported."""
    check = f"import sys; {code}; print(*(m for m in {unwanted.split()} if m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", check], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
