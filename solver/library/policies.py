"""Compiling assumption policies: which there are, and which of them covers each variable and each clause."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from solver.errors import did_you_mean
from solver.language.types import BooleanType, IntegerType, describe_type
from solver.library.files.library_files import PolicyShape, TheoryFile, VariableShape
from solver.library.files.trial_file import ClauseShape
from solver.library.files.yaml_places import Document, PathInFile
from solver.library.models import Policy, Variable

RESERVED = "plausible"
"""What the ids of the plausible ranges begin with."""


class PolicyCompiler:
    """Compiles the policies of the theory files; faults are appended to `faults`, one line each with its place."""

    def __init__(self, parts: Iterable[tuple[Document, TheoryFile]], faults: list[str]) -> None:
        self.faults = faults
        self.policies: dict[str, Policy] = {}
        self._by_class: dict[str, str] = {}
        for document, theory in parts:
            for i, shape in enumerate(theory.policies):
                self._add(document, ("policies", i), shape)

    @classmethod
    def of(cls, policies: Mapping[str, Policy], faults: list[str]) -> PolicyCompiler:
        """One that knows policies which were compiled before."""
        found = cls((), faults)
        found.policies = dict(policies)
        found._by_class = {name: policy.id for policy in policies.values() for name in policy.classes}
        return found

    def cover(
        self, files: Sequence[tuple[Document, list[VariableShape]]], known: Mapping[str, Variable]
    ) -> dict[str, Variable]:
        """The variables, each with the policy that covers it."""
        found = dict(known)
        for document, shapes in files:
            for i, shape in enumerate(shapes):
                if shape.policy is not None or shape.mentioned_by:
                    self._check_variable(document, ("variables", i), shape, known)
                    found[shape.name] = replace(
                        known[shape.name], policy=shape.policy, mentioned_by=tuple(shape.mentioned_by)
                    )
        return found

    def of_clause(self, document: Document, path: PathInFile, shape: ClauseShape) -> str | None:
        """The policy that covers a clause, by its own key or by its class."""
        by_class = None if shape.opaque is not None else self._by_class.get(shape.class_)
        if shape.policy is None:
            return by_class
        place = (*path, "policy")
        if shape.opaque is not None:
            self._fault(document, place, "an opaque clause has no logic, and no policy counts it as met")
        elif by_class is not None:
            self._fault(
                document, place, f"'{by_class}' covers this clause already, as one of class {shape.class_}"
            )
        else:
            self._known(document, place, shape.policy, "clauses")
        return shape.policy

    def _add(self, document: Document, path: PathInFile, shape: PolicyShape) -> None:
        if shape.id in self.policies:
            self._fault(document, (*path, "id"), f"the policy '{shape.id}' is declared twice")
        if shape.id == RESERVED:
            self._fault(
                document, (*path, "id"), f"'{RESERVED}' names the plausible ranges: choose another id"
            )
        if shape.classes and shape.covers != "clauses":
            self._fault(document, (*path, "classes"), "only a policy that covers clauses has classes")
        for i, name in enumerate(shape.classes if shape.covers == "clauses" else ()):
            other = self._by_class.setdefault(name, shape.id)
            if other != shape.id or name in shape.classes[:i]:
                self._fault(
                    document,
                    (*path, "classes", i),
                    f"clauses of class {name} are covered by '{other}' already",
                )
        self.policies[shape.id] = Policy(
            shape.id, shape.label, shape.text, shape.covers, tuple(shape.classes)
        )

    def _check_variable(
        self, document: Document, path: PathInFile, shape: VariableShape, known: Mapping[str, Variable]
    ) -> None:
        variable = known[shape.name]
        if shape.policy is None:
            self._fault(document, (*path, "mentioned_by"), "'mentioned_by' is for variables with a policy")
            return
        place = (*path, "policy")
        if not isinstance(variable.type, BooleanType | IntegerType):
            kind = describe_type(variable.type)
            self._fault(
                document,
                place,
                f"a policy covers what is true or false, or a count; '{shape.name}' is {kind}",
            )
        elif not variable.requested:
            self._fault(document, place, f"'{shape.name}' is never asked for, so that no policy can cover it")
        else:
            self._known(document, place, shape.policy, "variables")
        for i, name in enumerate(shape.mentioned_by):
            if name not in known:
                text = f"unknown variable '{name}'{did_you_mean(name, known)}"
                self._fault(document, (*path, "mentioned_by", i), text)
            elif name == shape.name or name in shape.mentioned_by[:i]:
                text = "is the variable itself" if name == shape.name else "is named twice"
                self._fault(document, (*path, "mentioned_by", i), f"'{name}' {text}")

    def _known(self, document: Document, place: PathInFile, name: str, covers: str) -> None:
        policy = self.policies.get(name)
        if policy is None:
            fitting = [other.id for other in self.policies.values() if other.covers == covers]
            remedy = (
                did_you_mean(name, fitting)
                or f": declare it under 'policies' in the theory, covering {covers}"
            )
            self._fault(document, place, f"unknown policy '{name}'{remedy}")
        elif policy.covers != covers:
            self._fault(document, place, f"the policy '{name}' covers {policy.covers}, not {covers}")

    def _fault(self, document: Document, path: PathInFile, message: str) -> None:
        self.faults.append(f"{document.place(path)}: {message}")
