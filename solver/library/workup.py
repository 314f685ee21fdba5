"""Compiling the file of tests: what each reveals, its burden and its turnaround, checked against the vocabulary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from solver.errors import did_you_mean
from solver.library.files.library_files import TestShape, WorkupFile
from solver.library.files.yaml_places import Document, PathInFile
from solver.library.models import Burden, Test, Variable


class WorkupCompiler:
    """Compiles `shape`, read from `document`; faults are appended to `faults`, one line each with its place."""

    def __init__(
        self, document: Document, shape: WorkupFile, variables: Mapping[str, Variable], faults: list[str]
    ) -> None:
        self.document, self.shape, self.variables, self.faults = document, shape, variables, faults

    def burdens(self) -> dict[str, Burden]:
        """The burdens by id, from the lightest."""
        shapes = self.shape.burdens
        self._unique("burdens", [shape.id for shape in shapes])
        for i, (lighter, heavier) in enumerate(pairwise(shapes), start=1):
            if heavier.weight <= lighter.weight:
                message = f"burdens are ordered from the lightest: '{heavier.id}' must weigh more than '{lighter.id}'"
                self._fault(("burdens", i, "weight"), f"{message} ({lighter.weight})")
        return {shape.id: Burden(shape.id, shape.label, shape.weight) for shape in shapes}

    def tests(self, burdens: Mapping[str, Burden]) -> dict[str, Test]:
        """The tests by id, as in the file."""
        self._unique("tests", [shape.id for shape in self.shape.tests])
        return {
            shape.id: self._test(("tests", i), shape, burdens) for i, shape in enumerate(self.shape.tests)
        }

    def covers(self, declared: Mapping[str, str]) -> None:
        """Note each requested variable that no test reveals, at the place where it is declared."""
        revealed = {name for shape in self.shape.tests for name in shape.reveals}
        for name, variable in self.variables.items():
            if variable.requested and name not in revealed:
                remedy = f"add it to 'reveals' of a test in {self.document.name}"
                self.faults.append(f"{declared[name]}: no test reveals '{name}': {remedy}")

    def _test(self, path: PathInFile, shape: TestShape, burdens: Mapping[str, Burden]) -> Test:
        if shape.burden not in burdens:
            hint = (
                did_you_mean(shape.burden, burdens, words=True) or f": expected one of {', '.join(burdens)}"
            )
            self._fault((*path, "burden"), f"unknown burden '{shape.burden}'{hint}")
        if not shape.reveals:
            self._fault(
                (*path, "reveals"), f"the test '{shape.id}' reveals nothing: name at least one variable"
            )
        for i, name in enumerate(shape.reveals):
            self._revealed((*path, "reveals", i), name, shape.reveals[:i])
        return Test(
            id=shape.id,
            label=shape.label,
            reveals=tuple(shape.reveals),
            burden=shape.burden,
            days=shape.days,
            source=shape.source,
            note=shape.note or "",
        )

    def _revealed(self, path: PathInFile, name: str, earlier: Sequence[str]) -> None:
        variable = self.variables.get(name)
        if variable is None:
            self._fault(path, f"unknown variable '{name}'{did_you_mean(name, self.variables)}")
        elif name in earlier:
            self._fault(path, f"the variable '{name}' is named twice")
        elif not variable.requested:
            self._fault(path, f"'{name}' is never requested: name the variables that follow from it")

    def _unique(self, key: str, ids: Sequence[str]) -> None:
        for i, name in enumerate(ids):
            if name in ids[:i]:
                self._fault((key, i, "id"), f"the id '{name}' is used twice")

    def _fault(self, path: PathInFile, message: str) -> None:
        self.faults.append(f"{self.document.place(path)}: {message}")
