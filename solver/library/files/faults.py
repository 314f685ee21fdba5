"""The faults of files of encodings, all collected before any is raised."""

from __future__ import annotations

from solver.errors import InputError
from solver.language.arithmetic import CriterionError
from solver.language.elaborate import compile_condition, compile_value
from solver.language.tree import Condition
from solver.language.values import Scope, Value
from solver.library.files.yaml_places import Document, PathInFile


class Faults:
    """The faults found so far."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def at(self, document: Document, path: PathInFile, message: str) -> None:
        """Note a fault at a place."""
        self.lines.append(f"{document.place(path)}: {message}")

    def condition(self, document: Document, path: PathInFile, scope: Scope) -> Condition | None:
        """The condition whose text stands at `path`, or None with its fault noted."""
        try:
            return compile_condition(document.expression(path)[0], scope)
        except CriterionError as error:
            self.lines.append(document.fault(path, error))
            return None

    def value(self, document: Document, path: PathInFile, scope: Scope) -> Value | None:
        """The value whose text stands at `path`, or None with its fault noted."""
        try:
            return compile_value(document.expression(path)[0], scope)
        except CriterionError as error:
            self.lines.append(document.fault(path, error))
            return None

    def raise_any(self) -> None:
        """Raise `InputError` if there is a fault."""
        if self.lines:
            raise InputError(self.lines)
