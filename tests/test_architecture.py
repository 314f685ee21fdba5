"""The house rules of DESIGN.md section 3, held by the code itself."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import solver
from solver.language.types import EnumerationType
from solver.library.models import Library

ROOT = Path(__file__).parents[1]
MODULES = [ROOT / "cli.py", *sorted((ROOT / "solver").rglob("*.py"))]

LAYERS = ("cli", "report", "screen", "questions", "smt", "patient", "library", "language")
"""Each may import what stands further right."""

ENGLISH = {"weight", "height", "sex", "country", "diagnosis"}
"""Variables whose names are also words that code and comments use."""

PUBLIC = [
    "AnswerWarning",
    "Budget",
    "Change",
    "Changed",
    "Circumstances",
    "ClauseAnswer",
    "Clock",
    "CohortAnswer",
    "Comparison",
    "Context",
    "CorrectedTrial",
    "Correction",
    "DatesAnswer",
    "Decisive",
    "Difference",
    "Door",
    "Encoded",
    "EngineError",
    "Entry",
    "Idle",
    "InputError",
    "JointConflict",
    "LastChance",
    "Library",
    "MatchAnswer",
    "Matcher",
    "NextTest",
    "Plan",
    "PlannedTest",
    "ReadingAnswer",
    "Record",
    "Repair",
    "Repairs",
    "Requirement",
    "Route",
    "SequenceAnswer",
    "SharedPlan",
    "Sheet",
    "Standstill",
    "TestsAnswer",
    "Trial",
    "TrialAnswer",
    "TrialDates",
    "TrialTests",
    "WhatIfAnswer",
    "WhenAnswer",
    "Window",
    "__version__",
    "answer_document",
    "compare",
    "examples",
    "load_library",
    "load_trial",
    "plan_tests",
    "read_changed",
    "read_context",
    "read_record",
    "record_document",
    "sequence",
    "what_if",
    "when",
    "with_first_dose",
]


def name_of(path: Path) -> str:
    """The module at a path, as imports call it."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def layer(module: str) -> str | None:
    """The layer of a module; None for what stands outside of them."""
    parts = module.split(".")
    if parts[0] == "cli":
        return "cli"
    return parts[1] if parts[0] == "solver" and len(parts) > 1 and parts[1] in LAYERS else None


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_run_one_way(path: Path) -> None:
    """A module imports nothing from a layer to the left of its own."""
    own = layer(name_of(path))
    if own is None:
        return
    allowed = LAYERS[LAYERS.index(own) :]
    wrong = [name for name in imports(path) if (found := layer(name)) is not None and found not in allowed]
    assert wrong == []


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_only_the_solver_boundary_imports_the_solver(path: Path) -> None:
    """Nothing outside solver/smt imports z3."""
    if layer(name_of(path)) != "smt":
        assert [name for name in imports(path) if name.split(".")[0] == "z3"] == []


def test_only_the_solver_boundary_writes_to_the_solver() -> None:
    """No text in the solver's language stands outside solver/smt."""
    written = re.compile(r"\((assert|declare-|define-)")
    found = [name_of(path) for path in MODULES if written.search(path.read_text(encoding="utf-8"))]
    assert {name for name in found if layer(name) != "smt"} == set()


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_no_module_is_long(path: Path) -> None:
    """No module has more than 450 lines; nor has the command line."""
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines < 451


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


def test_the_public_names_are_the_documented_ones() -> None:
    """Everything a user may import is in `solver.__all__`, each name is there, and nothing else is promised."""
    assert solver.__all__ == PUBLIC
    assert all(getattr(solver, name) is not None for name in PUBLIC)
    with pytest.raises(AttributeError, match="nothing"):
        solver.nothing  # noqa: B018


@pytest.mark.parametrize(
    ("code", "unwanted"),
    [
        ("import solver", "solver.library solver.language z3 pydantic lark yaml rich click"),
        ("import cli", "solver.library solver.language z3 pydantic lark yaml rich"),
        ("import solver.questions.match.document", "z3 pydantic lark yaml rich"),
        ("import solver.report.output", "z3 pydantic yaml rich"),
    ],
)
def test_imports_are_cheap(code: str, unwanted: str) -> None:
    """What a call does not need is not imported."""
    check = f"import sys; {code}; print(*(m for m in {unwanted.split()} if m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", check], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
