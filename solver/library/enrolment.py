"""Compiling what entering a trial does: each variable must be known, and each value one that the variable can have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from solver.errors import did_you_mean
from solver.language.domain import Domain, is_exact, point
from solver.language.types import BooleanType, EnumerationType, IntegerType, VariableType, describe_type
from solver.library.beside import Enrolment
from solver.library.files.trial_file import EnrolmentShape
from solver.library.files.yaml_places import Document, PathInFile

_TRUTH = {"true": True, "false": False}
_COUNT = re.compile(r"\d{1,9}", re.ASCII)


class EnrolmentCompiler:
    """Compiles `shape`, read from `document`, over variables of these types; faults are appended to `faults`, one line each."""

    def __init__(
        self, document: Document, shape: EnrolmentShape, types: Mapping[str, VariableType], faults: list[str]
    ) -> None:
        self.document, self.shape, self.types, self.faults = document, shape, types, faults

    def enrolment(self) -> Enrolment:
        """The compiled effects; worth using only if no fault was added."""
        shape = self.shape
        after = dict(self._values("after", shape.after))
        for key, names in (("outdates", shape.outdates), ("forgets", shape.forgets)):
            for i, name in enumerate(names):
                path = ("enrolment", key, i)
                if not self._known(name, path):
                    continue
                if name in names[:i] or (key == "forgets" and name in shape.outdates):
                    self._fault(path, f"'{name}' is given twice: keep one")
                elif name in after and is_exact(after[name]):
                    self._fault(path, f"'{name}' is under 'after' as well: keep one")
        during = dict(self._values("during", shape.during))
        return Enrolment(during, after, tuple(shape.outdates), tuple(shape.forgets))

    def _values(self, key: str, given: Mapping[str, Any]) -> Iterator[tuple[str, Domain]]:
        for name, value in given.items():
            path = ("enrolment", key, name)
            if self._known(name, path):
                domain = self._domain(name, value, path)
                if domain is not None:
                    yield name, domain

    def _domain(self, name: str, value: object, path: PathInFile) -> Domain | None:
        kind = self.types[name]
        match kind:
            case BooleanType():
                if isinstance(value, str) and value in _TRUTH:
                    return frozenset({_TRUTH[value]})
                wanted = "true or false"
            case EnumerationType():
                return self._one_of(kind, value, path)
            case IntegerType():
                if isinstance(value, str) and _COUNT.fullmatch(value):
                    return point(int(value), whole=True)
                wanted = "a whole number"
            case _:
                text = f"'{name}' is {describe_type(kind)}, and no value of it can be given here"
                self._fault(path, f"{text}: put it under 'outdates'" if path[1] == "after" else text)
                return None
        found = f"found '{value}'" if isinstance(value, str) else "found none"
        self._fault(path, f"'{name}' must be {wanted}, {found}")
        return None

    def _one_of(self, kind: EnumerationType, value: object, path: PathInFile) -> Domain | None:
        """The values of an enumeration: one, or those of `{one_of: [...]}`."""
        values: object = [value]
        places: tuple[PathInFile, ...] = (path,)
        if isinstance(value, dict):
            values = value.get("one_of") if value.keys() == {"one_of"} else None
            path = (*path, "one_of")
            places = tuple((*path, i) for i in range(len(values))) if isinstance(values, list) else ()
        if not isinstance(values, list) or not values or not all(isinstance(each, str) for each in values):
            self._fault(path, f"'{path[2]}' must be a value, or {{one_of: [...]}} with some values")
            return None
        wrong = [(each, place) for each, place in zip(values, places, strict=True) if each not in kind.values]
        for each, place in wrong:
            hint = did_you_mean(each, kind.values)
            self._fault(place, f"'{each}' is not a value of '{path[2]}'{hint}")
        return None if wrong else frozenset(values)

    def _known(self, name: str, path: PathInFile) -> bool:
        if name not in self.types:
            self._fault(path, f"unknown variable '{name}'{did_you_mean(name, self.types)}")
        return name in self.types

    def _fault(self, path: PathInFile, message: str) -> None:
        self.faults.append(f"{self.document.place(path)}: {message}")
