"""z3 by its C interface: what it answers is what z3's own package answers, and nothing of it outlives its context."""

from __future__ import annotations

import platform
import re
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest
import z3
from hypothesis import given
from hypothesis import strategies as st

from solver.smt import SOLVER, libz3
from solver.smt.libz3 import Solver, SolverContext, SolverError
from tests.support.drawing.drawn import drawn

LITERALS = st.lists(st.sampled_from(["p", "q", "r", "(not p)", "(not q)", "(not r)"]), min_size=1, max_size=3)
CLAUSES = st.lists(LITERALS, max_size=8).map(
    lambda found: [f"(assert (or {' '.join(each)}))" for each in found]
)
DECLARED = "(declare-const p Bool)(declare-const q Bool)(declare-const r Bool)"


@drawn(40)
@given(CLAUSES, st.sets(st.sampled_from("pqr")))
def test_checks_are_those_of_the_package(clauses: list[str], assumed: set[str]) -> None:
    """What can hold can hold for both; values satisfy the script, and a core cannot hold."""
    script = DECLARED + "".join(clauses)
    solver, reference = Solver(SolverContext()), z3.SimpleSolver(ctx=z3.Context())
    solver.read(script)
    reference.from_string(script)
    answer = solver.check(sorted(assumed))
    assert answer is (reference.check(*(z3.Bool(each, reference.ctx) for each in assumed)) == z3.sat)
    if answer:
        values, rounded = solver.values(dict.fromkeys("pqr", "Bool"))
        literals = [each if value else f"(not {each})" for each, value in values.items()]
        reference.from_string("".join(f"(assert {each})" for each in literals))
        assert reference.check() == z3.sat
        assert all(values[each] for each in assumed)
        assert not rounded
    else:
        core = solver.core()
        assert set(core) <= assumed
        assert reference.check(*(z3.Bool(each, reference.ctx) for each in core)) == z3.unsat


@given(st.fractions(), st.integers(-(10**30), 10**30))
def test_numbers_are_exact(real: Fraction, whole: int) -> None:
    """Fractions and whole numbers of any size come back as they were written."""
    solver = Solver(SolverContext())
    solver.read(
        "(declare-const x Real)(declare-const |of the day| Int)"
        f"(assert (= (* x {real.denominator}.0) (+ 0.0 (- {-real.numerator}.0))))".replace("(- -", "(+ ")
        + f"(assert (= |of the day| (+ 0 (- {-whole}))))".replace("(- -", "(+ ")
    )
    assert solver.check([]) is True
    assert solver.values({"x": "Real", "|of the day|": "Int"}) == (
        {"x": real, "|of the day|": whole},
        frozenset(),
    )


def test_an_irrational_number_is_told_as_rounded() -> None:
    """The root of two is given nearer than a billionth, and named."""
    solver = Solver(SolverContext())
    solver.read("(declare-const x Real)(assert (and (> x 0.0) (= (* x x) 2.0)))")
    assert solver.check([]) is True
    values, rounded = solver.values({"x": "Real"})
    assert rounded == {"x"}
    assert abs(Fraction(values["x"]) ** 2 - 2) < Fraction(1, 10**9)


def test_a_core_is_named_without_bars() -> None:
    """Assumptions may be written as scripts write them."""
    solver = Solver(SolverContext())
    solver.read("(declare-const |at first| Bool)(declare-const p Bool)(assert (not |at first|))")
    assert solver.check(["p", "|at first|"]) is False
    assert solver.core() == ["at first"]


@pytest.mark.parametrize("script", ["(assert", "(assert undeclared)", "(assert (and 1 true))"])
def test_a_script_with_a_fault_is_an_error(script: str) -> None:
    """A fault is raised in z3's words; the solver is freed as any other, and its context goes on."""
    context = SolverContext()
    solver = Solver(context)
    with pytest.raises(SolverError, match="error"):
        solver.read(script)
    del solver
    other = Solver(context)
    assert other.check([]) is True


def test_a_solver_may_outlive_its_context() -> None:
    """Where garbage is collected in any order, nothing is freed twice."""
    context = SolverContext()
    solver = Solver(context)
    solver.read("(declare-const p Bool)")
    assert solver.check(["p"]) is True
    context.close()
    del solver
    context.close()


@pytest.mark.skipif(
    not Path("/sys/kernel/mm/transparent_hugepage").exists() or platform.libc_ver()[0] != "glibc",
    reason="the kernel has no large pages to give, or the allocator is another one",
)
def test_the_first_context_begins_in_large_pages() -> None:
    """Both of its tables lie in the memory that was marked for them."""
    script = (
        "from pathlib import Path; from solver.smt.libz3 import SolverContext; "
        "kept = SolverContext(); print(Path('/proc/self/smaps').read_text())"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    parts = re.findall(r"Rss: +(\d+) kB.*?VmFlags: ([^\n]*)", ran.stdout, re.DOTALL)
    assert sum(int(used) for used, flags in parts if "hg" in flags.split()) > 15_000


def test_the_library_is_that_of_the_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A process that imports the package too has one library; a package without one leaves it to the interpreter's folder."""
    own = Path(libz3._z3._name)
    assert own.parent.parent == Path(z3.__file__).parent
    maps = Path("/proc/self/maps")
    if maps.exists():
        loaded = {line.split()[-1] for line in maps.read_text().splitlines() if "libz3" in line}
        assert loaded == {str(own.resolve())}
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / own.name).symlink_to(own)
    monkeypatch.setattr(libz3.PathFinder, "find_spec", lambda name: None)
    monkeypatch.setattr(libz3.sys, "prefix", str(tmp_path))
    assert Path(libz3._library()._name) == tmp_path / "lib" / own.name
    assert f"z3 {libz3.version()}" == SOLVER
