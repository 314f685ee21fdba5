"""Parts of a file of encodings: their texts are compiled, and their faults all collected before any is raised.

The parser is imported once there is a text to read: of a file that has changed, most texts were compiled before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from solver.dataclass import dataclass
from solver.errors import InputError
from solver.language.arithmetic import CriterionError
from solver.language.tree import Condition
from solver.language.values import Scope, Value
from solver.library.files.yaml_places import Document, PathInFile

Compiled = TypeVar("Compiled")


@dataclass(frozen=True, slots=True)
class FilePart:
    """What stands at `path` of a file; its faults are appended to `faults`, one line each with its place."""

    document: Document
    path: PathInFile
    faults: list[str]

    def at(self, *keys: str | int) -> FilePart:
        """What stands within it under these keys."""
        return FilePart(self.document, (*self.path, *keys), self.faults)

    def fault(self, message: str, *keys: str | int) -> None:
        """Note a fault, of it or of what stands within it under these keys."""
        self.faults.append(f"{self.document.place((*self.path, *keys))}: {message}")

    @property
    def text(self) -> str:
        """The text of an expression that it is."""
        return self.document.expression(self.path)[0]

    def condition(self, scope: Scope) -> Condition | None:
        """The condition whose text it is, or None with its fault noted."""
        from solver.language.elaborate import compile_condition

        return self._compiled_with(compile_condition, scope)

    def value(self, scope: Scope) -> Value | None:
        """The value whose text it is, or None with its fault noted."""
        from solver.language.elaborate import compile_value

        return self._compiled_with(compile_value, scope)

    def _compiled_with(self, compiled: Callable[[str, Scope], Compiled], scope: Scope) -> Compiled | None:
        try:
            return compiled(self.text, scope)
        except CriterionError as error:
            self.criterion_fault(error, scope)
            return None

    def criterion_fault(self, error: CriterionError, scope: Scope) -> None:
        """Note the fault of the text that it is, with every other name of it that is not known."""
        from solver.language.unknown_names import unknown_names

        text = self.text
        found = {(each.line, each.column): each for each in unknown_names(text, scope)}
        found.setdefault((error.line, error.column), error)
        self.faults.extend(self.document.fault(self.path, found[place]) for place in sorted(found))


def entries(files: Iterable[tuple[Document, Any]], key: str, faults: list[str]) -> list[tuple[FilePart, Any]]:
    """What the files hold under a key that has a list, each with the part of its file."""
    return [
        (FilePart(document, (key, i), faults), entry)
        for document, file in files
        for i, entry in enumerate(getattr(file, key))
    ]


def stop_if_wrong(faults: list[str]) -> None:
    """Raise `InputError` if there is a fault."""
    if faults:
        raise InputError(faults)
