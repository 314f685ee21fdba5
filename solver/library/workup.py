"""Compiling the file of tests: what each reveals, its burden and its turnaround, checked against the vocabulary."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from solver.errors import did_you_mean
from solver.language.concepts import LISTS, ConceptTree
from solver.language.types import BooleanType, EnumerationType, describe_type
from solver.library.files.file_faults import FilePart
from solver.library.files.library_files import ChanceShape, TestShape, VariableShape, WorkupFile
from solver.library.models import Variable
from solver.library.orders import Burden, Chance, Test
from solver.text import quote


def asked_for(
    variables: Mapping[str, Variable], tests: Mapping[str, Test], burdens: Mapping[str, Burden]
) -> dict[str, Test]:
    """For each requested variable that no test reveals a test of its own: it is asked for, which is as light as anything."""
    revealed = {name for test in tests.values() for name in test.reveals}
    lightest = next(iter(burdens), "")
    return {
        f"ask:{name}": Test(f"ask:{name}", variable.label, (name,), lightest, 0, "asked for")
        for name, variable in variables.items()
        if variable.requested and name not in revealed
    }


class WorkupCompiler:
    """Compiles `shape`, which is what a file holds; faults are noted there."""

    def __init__(
        self, file: FilePart, shape: WorkupFile, variables: Mapping[str, Variable], concepts: ConceptTree
    ) -> None:
        self.file, self.shape, self.variables, self.concepts = file, shape, variables, concepts

    def burdens(self) -> dict[str, Burden]:
        """The burdens by id, from the lightest."""
        shapes = self.shape.burdens
        self._check_unique("burdens", [shape.id for shape in shapes])
        for i, (lighter, heavier) in enumerate(pairwise(shapes), start=1):
            if heavier.weight <= lighter.weight:
                message = f"burdens are ordered from the lightest: '{heavier.id}' must weigh more than '{lighter.id}'"
                self.file.fault(f"{message} ({lighter.weight})", "burdens", i, "weight")
        return {shape.id: Burden(shape.id, shape.label, shape.weight) for shape in shapes}

    def tests(
        self, burdens: Mapping[str, Burden], added: Sequence[tuple[FilePart, TestShape]] = ()
    ) -> dict[str, Test]:
        """The tests by id, as in the file, and those that other files add."""
        shapes = [(self.file.at("tests", i), shape) for i, shape in enumerate(self.shape.tests)]
        found: dict[str, Test] = {}
        for part, shape in [*shapes, *added]:
            if shape.id in found:
                part.fault(f"the id '{shape.id}' is used twice", "id")
            found[shape.id] = self._compiled_test(part, shape, burdens)
        return found

    def covers(self, declared: Iterable[tuple[FilePart, VariableShape]]) -> None:
        """Note each of these variables that is requested and that no test reveals, at the place where it is declared."""
        revealed = {name for shape in self.shape.tests for name in shape.reveals}
        parts = {shape.name: part for part, shape in declared}
        for name, variable in self.variables.items():
            if name in parts and variable.requested and name not in revealed:
                remedy = f"add it to 'reveals' of a test in {self.file.document.name}"
                parts[name].fault(f"no test reveals '{name}': {remedy}", "name")

    def _compiled_test(self, part: FilePart, shape: TestShape, burdens: Mapping[str, Burden]) -> Test:
        if shape.burden not in burdens:
            nearest = did_you_mean(shape.burden, burdens, words=True)
            hint = nearest or f": expected one of {', '.join(burdens)}"
            part.fault(f"unknown burden '{shape.burden}'{hint}", "burden")
        if not shape.reveals:
            part.fault(f"the test '{shape.id}' reveals nothing: name at least one variable", "reveals")
        for i, name in enumerate(shape.reveals):
            self._check_revealed(part.at("reveals", i), name, shape.reveals[:i])
        if shape.act is not None and shape.questions is not None:
            part.fault("a test has either 'act' or 'questions'", "act")
        same = shape.copied("id", "label", "burden", "days", "source")
        chances = tuple(self._chances(part, shape))
        return Test(
            **same,
            reveals=tuple(name for name in shape.reveals if name in self.variables),
            about=tuple(name for name in shape.reveals if name in self.concepts or name in LISTS),
            note=shape.note or "",
            chances=chances,
            how=shape.how or shape.label,
            act=shape.act or "",
            questions=shape.questions or "",
        )

    def _chances(self, test: FilePart, shape: TestShape) -> Iterator[Chance]:
        """The chances of a test; what is wrong with one is noted at its place."""
        sums: dict[str, int] = {}
        said: set[tuple[str | None, bool | str | None]] = set()
        for i, chance in enumerate(shape.chance):
            part, name = test.at("chance", i), chance.variable
            if name is not None and name not in shape.reveals:
                part.fault(
                    f"the test '{shape.id}' does not reveal '{name}'{did_you_mean(name, shape.reveals)}",
                    "variable",
                )
                continue
            value = self._value_of(part, chance) if chance.value is not None else None
            if chance.value is not None and value is None:
                continue
            if (name, value) in said:
                what = (
                    "the test"
                    if name is None
                    else f"'{name}'"
                    if value is None
                    else f"this value of '{name}'"
                )
                part.fault(f"the chance of {what} is given twice")
            said.add((name, value))
            if name is not None and value is not None:
                sums[name] = sums.get(name, 0) + chance.percent
                if sums[name] > 100:
                    part.fault(f"the values of '{name}' come to more than 100 percent together", "percent")
            yield Chance(chance.percent, chance.source, name, value)

    def _value_of(self, part: FilePart, chance: ChanceShape) -> bool | str | None:
        """The value that a chance is about; None where it is noted as wrong."""
        variable = None if chance.variable is None else self.variables.get(chance.variable)
        if chance.variable is None:
            part.fault("a value needs its 'variable'", "value")
        if variable is None:
            return None
        named: dict[str, bool | str] = {}
        if isinstance(variable.type, BooleanType):
            named = {"true": True, "false": False}
        elif isinstance(variable.type, EnumerationType):
            named = {value: value for value in variable.type.values}
        if not named:
            part.fault(
                f"'{variable.name}' is {describe_type(variable.type)}, of which no value has a chance: leave 'value' out",
                "value",
            )
        elif chance.value not in named:
            nearest = did_you_mean(str(chance.value), named, words=True)
            part.fault(f"{quote(str(chance.value))} is no value of '{variable.name}'{nearest}", "value")
        return named.get(str(chance.value))

    def _check_revealed(self, part: FilePart, name: str, earlier: Sequence[str]) -> None:
        variable = self.variables.get(name)
        concept = name in self.concepts or name in LISTS
        if variable is None and not concept:
            known = [*self.variables, *self.concepts, *LISTS]
            what = "variable or concept" if len(self.concepts) else "variable"
            part.fault(f"unknown {what} '{name}'{did_you_mean(name, known)}")
        elif name in earlier:
            part.fault(f"the variable '{name}' is named twice")
        elif variable is not None and not variable.requested and not concept:
            part.fault(f"'{name}' is never requested: name the variables that follow from it")

    def _check_unique(self, key: str, ids: Sequence[str]) -> None:
        for i, name in enumerate(ids):
            if name in ids[:i]:
                self.file.fault(f"the id '{name}' is used twice", key, i, "id")
