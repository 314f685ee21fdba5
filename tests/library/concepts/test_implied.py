"""Among variables that mean terms the tree implies exactly what histories of events allow."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path

from solver.evaluation.evaluate import evaluate
from solver.language.domain import Domain, point
from solver.language.tree import variables
from solver.library.concepts.implied import implied_axioms
from solver.library.models import Library
from tests.support.libraries.concept_library import MEANINGS, concept_library

FLAGS = {
    "had_cells": "ever(cell_therapy)",
    "had_cd123_car": "ever(cd123_car)",
    "had_anti_cd123": "ever(anti_cd123)",
    "had_hma": "ever(hma)",
    "on_azacitidine": "current(azacitidine)",
    "on_hma": "current(hma)",
    "any_flt3": "present(flt3)",
    "had_lines": "lines(cell_therapy)",
}
MORE = "".join(
    f"  - {{name: {name}, type: {'integer' if name == 'had_lines' else 'boolean'},"
    f" label: {name}, changes: never, about: x, means: {term}}}\n"
    for name, term in FLAGS.items()
)


def library_of(base: Path) -> Library:
    """The small library with more variables that mean terms."""
    return concept_library(base, files={"vocabulary/means.yaml": MEANINGS + MORE})


def assignments(library: Library, names: list[str]) -> Iterator[dict[str, object]]:
    """All values of some variables, counts up to 2."""
    ranges = [range(3) if name in ("car_t_times", "had_lines") else (False, True) for name in names]
    for values in product(*ranges):
        yield dict(zip(names, values, strict=True))


def allowed(library: Library, names: list[str]) -> set[tuple[object, ...]]:
    """The values that the implied axioms allow."""
    axioms = implied_axioms(library.variables, library.concepts)
    found = set()
    for values in assignments(library, names):
        known: dict[str, Domain] = {
            name: frozenset({value}) if isinstance(value, bool) else point(int(str(value)), whole=True)
            for name, value in values.items()
        }
        mine = [a for a in axioms if variables(a.condition) <= known.keys()]
        if all(evaluate(axiom.condition, known) for axiom in mine):
            found.add(tuple(values.values()))
    return found


def test_what_happened_of_cells_is_exact(tmp_path: Path) -> None:
    """Up to two events of each kind of cells and of treatment against CD123, each in a line of its own or in none."""
    library = library_of(tmp_path)
    tree = library.concepts
    names = ["had_car_t", "car_t_times", "had_cells", "had_cd123_car", "had_anti_cd123", "had_lines"]
    atoms = ["cell_therapy", "car_t", "cd123_car", "anti_cd123"]
    real = set()
    for counts in product(range(3), repeat=len(atoms)):
        times = dict(zip(atoms, counts, strict=True))

        def of(concept: str, times: dict[str, int] = times) -> int:
            return sum(n for atom, n in times.items() if atom in tree.narrower(concept))

        for lines in range(min(of("cell_therapy"), 2) + 1):
            values = (
                of("car_t") > 0,
                of("car_t"),
                of("cell_therapy") > 0,
                of("cd123_car") > 0,
                of("anti_cd123") > 0,
                lines,
            )
            if of("car_t") <= 2:
                real.add(values)
    assert allowed(library, names) == real


def test_what_goes_on_has_begun(tmp_path: Path) -> None:
    """Of azacitidine and its like, each of which may have been and may go on."""
    library = library_of(tmp_path)
    names = ["had_hma", "on_azacitidine", "on_hma"]
    # an event of either, over or not; the narrower one counts for both
    real = {
        (any(state != "none" for state in states), states[1] == "on", "on" in states)
        for states in product(("none", "over", "on"), repeat=2)
    }
    assert allowed(library, names) == real


def test_findings_and_diagnoses_are_exact(tmp_path: Path) -> None:
    """A mutation of one kind is one; a disease is under one value of the diagnosis."""
    library = library_of(tmp_path)
    assert allowed(library, ["flt3_itd", "any_flt3"]) == {(False, False), (False, True), (True, True)}
    axioms = implied_axioms(library.variables, library.concepts)
    (apl,) = (axiom for axiom in axioms if "apl" in variables(axiom.condition))
    found = {
        (value, flag)
        for value in ("AML", "MDS")
        for flag in (False, True)
        if evaluate(apl.condition, {"apl": frozenset({flag}), "diagnosis": frozenset({value})})
    }
    assert found == {("AML", False), ("AML", True), ("MDS", False)}


def test_nothing_is_said_twice(tmp_path: Path) -> None:
    """What follows by a third variable is no axiom of its own."""
    ids = [
        axiom.id for axiom in implied_axioms(library_of(tmp_path).variables, library_of(tmp_path).concepts)
    ]
    assert len(ids) == len(set(ids))
    assert "tree:had_cd123_car:had_car_t" in ids
    assert "tree:had_cd123_car:had_cells" not in ids
