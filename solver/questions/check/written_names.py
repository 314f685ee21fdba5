"""What an author wrote where a finding would name a variable: the definition, if only that speaks of it.

Of a clause `not settled`, which the theory defines as `stage in {late, over}`:

    stage                   settled
    stage late or over      settled
    stage early             not settled

Of one that says `stage == late` itself these stay as they are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from solver.evaluation.evaluate import evaluate
from solver.language.values import Formula
from solver.library.models import Library
from solver.questions.check.trial_view import Criterion
from solver.text import listed


class WrittenNames:
    """The names that clauses use."""

    def __init__(self, library: Library, clauses: Iterable[Criterion]) -> None:
        self._library = library
        self._names = frozenset[str]().union(*(each.parts.names for each in clauses))

    def definition(self, name: str) -> str | None:
        """The definition by which the clauses speak of a variable, the one of fewest others; None where a clause names it itself."""
        if name in self._names:
            return None
        found = [
            (len(said), each)
            for each, value in self._library.definitions.items()
            if each in self._names and name in (said := set(names_of_definition(value)))
        ]
        return min(found)[1] if found else None

    def of(self, name: str) -> str:
        """The name of a variable, or of the definition that speaks of it."""
        return self.definition(name) or name

    def value(self, name: str, values: Collection[str]) -> str:
        """That a variable has one of some values, or, by the definition, that this holds or does not."""
        return self.by_definition(name, values) or f"{name} {listed(list(values), 'or')}"

    def by_definition(self, name: str, values: Collection[str]) -> str | None:
        """That the definition holds where a variable has one of some values, or that it does not; None if neither is certain."""
        definition = self.definition(name)
        said = self._library.definitions[definition] if definition is not None else None
        if isinstance(said, Formula) and set(names_of_definition(said)) == {name}:
            holds = evaluate(said.condition, {name: frozenset(values)})
            if holds is not None:
                return f"{'' if holds else 'not '}{definition}"
        return None


def names_of_definition(value: Any) -> Iterator[str]:
    """The names of which a definition speaks."""
    if isinstance(value, tuple):
        for part in value:
            yield from names_of_definition(part)
    elif is_dataclass(value):
        name = getattr(value, "name", None)
        if isinstance(name, str):
            yield name
        for part in fields(value):
            yield from names_of_definition(getattr(value, part.name))
