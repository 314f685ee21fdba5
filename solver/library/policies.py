"""Compiling assumption policies: which there are, and which of them covers each variable and each clause."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from solver.errors import did_you_mean
from solver.language.types import BooleanType, IntegerType, describe_type
from solver.library.files.file_faults import FilePart
from solver.library.models import Policy, Variable

if TYPE_CHECKING:  # see `shape_outline`
    from solver.library.files.library_files import PolicyShape, VariableShape
    from solver.library.files.trial_file import ClauseShape

RESERVED = "plausible"
"""What the ids of the plausible ranges begin with."""


class PolicyCompiler:
    """Compiles the policies of the theory files; faults are noted in the part of the file that each is about."""

    def __init__(self, given: Iterable[tuple[FilePart, PolicyShape]]) -> None:
        self.policies: dict[str, Policy] = {}
        self._by_class: dict[str, str] = {}
        for part, shape in given:
            self._add_policy(part, shape)

    @classmethod
    def of(cls, policies: Mapping[str, Policy]) -> PolicyCompiler:
        """One that knows policies which were compiled before."""
        found = cls(())
        found.policies = dict(policies)
        found._by_class = {name: policy.id for policy in policies.values() for name in policy.classes}
        return found

    def cover(
        self, declared: Iterable[tuple[FilePart, VariableShape]], known: Mapping[str, Variable]
    ) -> dict[str, Variable]:
        """The variables, each with the policy that covers it."""
        found = dict(known)
        for part, shape in declared:
            if shape.policy is not None or shape.mentioned_by:
                self._check_variable(part, shape, known)
                mentioned = tuple(shape.mentioned_by)
                found[shape.name] = replace(known[shape.name], policy=shape.policy, mentioned_by=mentioned)
        return found

    def of_clause(self, part: FilePart, shape: ClauseShape) -> str | None:
        """The policy that covers a clause, by its own key or by its class."""
        by_class = None if shape.opaque is not None else self._by_class.get(shape.class_)
        if shape.policy is None:
            return by_class
        place = part.at("policy")
        if shape.opaque is not None:
            place.fault("an opaque clause has no logic, and no policy counts it as met")
        elif by_class is not None:
            place.fault(f"'{by_class}' covers this clause already, as one of class {shape.class_}")
        else:
            self._check_covers(place, shape.policy, "clauses")
        return shape.policy

    def _add_policy(self, part: FilePart, shape: PolicyShape) -> None:
        if shape.id in self.policies:
            part.fault(f"the policy '{shape.id}' is declared twice", "id")
        if shape.id == RESERVED:
            part.fault(f"'{RESERVED}' names the plausible ranges: choose another id", "id")
        if shape.classes and shape.covers != "clauses":
            part.fault("only a policy that covers clauses has classes", "classes")
        for i, name in enumerate(shape.classes if shape.covers == "clauses" else ()):
            other = self._by_class.setdefault(name, shape.id)
            if other != shape.id or name in shape.classes[:i]:
                part.fault(f"clauses of class {name} are covered by '{other}' already", "classes", i)
        same = shape.copied("id", "label", "text", "covers")
        if shape.kinds and shape.covers != "variables":
            part.fault("only a policy that covers variables has kinds", "kinds")
        self.policies[shape.id] = Policy(**same, classes=tuple(shape.classes), kinds=tuple(shape.kinds))

    def _check_variable(self, part: FilePart, shape: VariableShape, known: Mapping[str, Variable]) -> None:
        variable = known[shape.name]
        if shape.policy is None:
            part.fault("'mentioned_by' is for variables with a policy", "mentioned_by")
            return
        place = part.at("policy")
        if not isinstance(variable.type, BooleanType | IntegerType):
            kind = describe_type(variable.type)
            place.fault(f"a policy covers what is true or false, or a count; '{shape.name}' is {kind}")
        elif not variable.requested:
            place.fault(f"'{shape.name}' is never asked for, so that no policy can cover it")
        else:
            self._check_covers(place, shape.policy, "variables")
        for i, name in enumerate(shape.mentioned_by):
            if name not in known:
                part.fault(f"unknown variable '{name}'{did_you_mean(name, known)}", "mentioned_by", i)
            elif name == shape.name or name in shape.mentioned_by[:i]:
                text = "is the variable itself" if name == shape.name else "is named twice"
                part.fault(f"'{name}' {text}", "mentioned_by", i)

    def _check_covers(self, place: FilePart, name: str, covers: str) -> None:
        policy = self.policies.get(name)
        if policy is None:
            fitting = [other.id for other in self.policies.values() if other.covers == covers]
            remedy = f": declare it under 'policies' in the theory, covering {covers}"
            place.fault(f"unknown policy '{name}'{did_you_mean(name, fitting) or remedy}")
        elif policy.covers != covers:
            place.fault(f"the policy '{name}' covers {policy.covers}, not {covers}")
