"""Compiling what entering a trial does: each variable must be known, and each value one that the variable can have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from solver.errors import did_you_mean
from solver.language.domain import Domain, is_exact, point
from solver.language.types import BooleanType, EnumerationType, IntegerType, VariableType, describe_type
from solver.library.beside import Enrolment
from solver.library.files.file_faults import FilePart
from solver.patterns import pattern

if TYPE_CHECKING:  # see `shape_outline`
    from solver.library.files.trial_file import EnrolmentShape

_TRUTH = {"true": True, "false": False}
_COUNT = pattern(r"\d{1,9}", re.ASCII)


class EnrolmentCompiler:
    """Compiles `shape`, which stands in `part` of a file, over variables of these types; faults are noted there."""

    def __init__(self, part: FilePart, shape: EnrolmentShape, types: Mapping[str, VariableType]) -> None:
        self.part, self.shape, self.types = part, shape, types

    def enrolment(self) -> Enrolment:
        """The compiled effects; worth using only if no fault was added."""
        shape = self.shape
        after = dict(self._values_given("after", shape.after))
        for key, names in (("outdates", shape.outdates), ("forgets", shape.forgets)):
            for i, name in enumerate(names):
                part = self.part.at(key, i)
                if not self._is_known(name, part):
                    continue
                if name in names[:i] or (key == "forgets" and name in shape.outdates):
                    part.fault(f"'{name}' is given twice: keep one")
                elif name in after and is_exact(after[name]):
                    part.fault(f"'{name}' is under 'after' as well: keep one")
        during = dict(self._values_given("during", shape.during))
        return Enrolment(during, after, tuple(shape.outdates), tuple(shape.forgets))

    def _values_given(self, key: str, given: Mapping[str, Any]) -> Iterator[tuple[str, Domain]]:
        for name, value in given.items():
            part = self.part.at(key, name)
            if self._is_known(name, part):
                domain = self._domain_of(name, value, part)
                if domain is not None:
                    yield name, domain

    def _domain_of(self, name: str, value: object, part: FilePart) -> Domain | None:
        kind = self.types[name]
        match kind:
            case BooleanType():
                if isinstance(value, str) and value in _TRUTH:
                    return frozenset({_TRUTH[value]})
                wanted = "true or false"
            case EnumerationType():
                return self._one_of(name, kind, value, part)
            case IntegerType():
                if isinstance(value, str) and _COUNT.fullmatch(value):
                    return point(int(value), whole=True)
                wanted = "a whole number"
            case _:
                text = f"'{name}' is {describe_type(kind)}, and no value of it can be given here"
                part.fault(f"{text}: put it under 'outdates'" if part.path[-2] == "after" else text)
                return None
        found = f"found '{value}'" if isinstance(value, str) else "found none"
        part.fault(f"'{name}' must be {wanted}, {found}")
        return None

    def _one_of(self, name: str, kind: EnumerationType, value: object, part: FilePart) -> Domain | None:
        """The values of an enumeration: one, or those of `{one_of: [...]}`."""
        values: object = [value]
        places = [part]
        if isinstance(value, dict):
            values = value.get("one_of") if value.keys() == {"one_of"} else None
            part = part.at("one_of")
            places = [part.at(i) for i in range(len(values))] if isinstance(values, list) else []
        if not isinstance(values, list) or not values or not all(isinstance(each, str) for each in values):
            part.fault(f"'{name}' must be a value, or {{one_of: [...]}} with some values")
            return None
        wrong = [(each, place) for each, place in zip(values, places, strict=True) if each not in kind.values]
        for each, place in wrong:
            place.fault(f"'{each}' is not a value of '{name}'{did_you_mean(each, kind.values)}")
        return None if wrong else frozenset(values)

    def _is_known(self, name: str, part: FilePart) -> bool:
        if name not in self.types:
            part.fault(f"unknown variable '{name}'{did_you_mean(name, self.types)}")
        return name in self.types
