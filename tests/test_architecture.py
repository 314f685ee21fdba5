"""The house rules of DESIGN.md section 3, held by the code itself."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

import solver
from solver.language.types import EnumerationType
from solver.library.models import Library
from tests.support.modules import MODULES, ROOT, imports, name_of

LAYERS = (
    "cli",
    "testing",
    "questions",
    "report",
    "engine",
    "smt",
    "patient",
    "library",
    "evaluation",
    "language",
)
"""Each may import what stands further right."""

EXCEPTIONS = {
    "of another question": {
        ("solver.questions.diff.ask", "solver.questions.what_if.ask"),
        ("solver.questions.match.document", "solver.questions.explain.repairs_document"),
        ("solver.questions.template.page", "solver.questions.schema.record_schema"),
    },
    "more than 400 lines": {
        "solver.engine.days.eligible_days",
        "solver.language.elaborate",
        "solver.library.file_models",
        "solver.questions.workup.ask",
    },
}
"""What breaks a rule today, by rule; it may only shrink."""

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


def layer(module: str) -> str | None:
    """The layer of a module; None for what stands outside of them."""
    parts = module.split(".")
    if parts[0] == "cli":
        return "cli"
    return parts[1] if parts[0] == "solver" and len(parts) > 1 and parts[1] in LAYERS else None


IMPORTED = {name_of(path): sorted(imports(path)) for path in MODULES}
"""What each module imports, itself left out."""


def test_imports_run_one_way() -> None:
    """A module imports nothing from a layer to the left of its own."""
    wrong = [
        (module, name)
        for module, names in IMPORTED.items()
        for name in names
        if (own := layer(module)) is not None
        and (found := layer(name)) is not None
        and LAYERS.index(found) < LAYERS.index(own)
    ]
    assert wrong == []


def test_no_modules_import_one_another() -> None:
    """There is no circle of modules, imports inside functions and for type checkers included."""
    left = {module: {name for name in names if name in IMPORTED} for module, names in IMPORTED.items()}
    while free := [module for module, names in left.items() if not names & left.keys() - {module}]:
        for module in free:
            del left[module]
    assert sorted(left) == []


def test_questions_share_only_the_match() -> None:
    """A question imports of another one nothing but what `match` answers, how it asks and its document."""
    shared = {f"solver.questions.match.{name}" for name in ("answer", "ask", "document")}
    wrong = {
        (module, name)
        for module, names in IMPORTED.items()
        for name in names
        if module.startswith("solver.questions.")
        and name in IMPORTED.keys() - shared
        and re.match(r"solver\.questions\.\w+\.", name)
        and name.split(".")[2] != module.split(".")[2]
    }
    assert wrong <= EXCEPTIONS["of another question"]


def test_only_the_solver_boundary_imports_the_solver() -> None:
    """Nothing outside solver/smt imports z3."""
    users = {module for module, names in IMPORTED.items() for name in names if name.split(".")[0] == "z3"}
    assert {layer(module) for module in users} == {"smt"}


def test_only_the_solver_boundary_writes_to_the_solver() -> None:
    """No text in the solver's language stands outside solver/smt."""
    written = re.compile(r"\((assert|declare-|define-)")
    found = [name_of(path) for path in MODULES if written.search(path.read_text(encoding="utf-8"))]
    assert {name for name in found if layer(name) != "smt"} == set()


def test_no_module_is_long() -> None:
    """No module has more than 400 lines, and the exceptions have no more than 450; nor has the command line."""
    lines = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert {name for name, count in lines.items() if count > 400} <= EXCEPTIONS["more than 400 lines"]
    assert {name for name, count in lines.items() if count > 450} == set()


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


def test_the_public_names_are_there() -> None:
    """Everything that was once promised is in `solver.__all__`, and each name in it is there."""
    assert set(PUBLIC) <= set(solver.__all__)
    assert solver.__all__ == sorted(set(solver.__all__))
    assert all(getattr(solver, name) is not None for name in solver.__all__)
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
