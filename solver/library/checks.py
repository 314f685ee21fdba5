"""The checks of the theory files: warnings whose sentences are filled in from a record."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from solver.errors import did_you_mean
from solver.language.arithmetic import CriterionError, Number
from solver.language.elaborate import compile_condition, compile_value
from solver.language.tree import TRUE, Condition
from solver.language.values import EACH, Day, Enumerated, Scope
from solver.library.files.faults import Faults
from solver.library.files.library_files import CheckShape, TheoryFile
from solver.library.files.yaml_places import Document, PathInFile
from solver.library.models import Blank, Check, Variable

_BLANK = re.compile(r"\{([^{}]*)\}")


def compile_checks(
    parts: list[tuple[Document, TheoryFile]], scope: Scope, known: Mapping[str, Variable], faults: Faults
) -> tuple[Check, ...]:
    """The checks that the files hold, one for each variable of a check for several; faults are noted."""
    valid = {name: variable.valid_days for name, variable in known.items() if variable.valid_days is not None}
    wider = replace(scope, facts=True, valid_days=valid)
    found: dict[tuple[str, str | None], Check] = {}
    ids: set[str] = set()
    for document, theory in parts:
        for i, shape in enumerate(theory.checks):
            if shape.id in ids:
                faults.at(document, ("checks", i, "id"), f"the check '{shape.id}' is declared twice")
            ids.add(shape.id)
            compiler = _CheckCompiler(document, ("checks", i), shape, wider, known, faults)
            for check in compiler.checks():
                found[check.id, check.variable] = check
    return tuple(found.values())


class _CheckCompiler:
    """Compiles one check of a file."""

    def __init__(
        self,
        document: Document,
        path: PathInFile,
        shape: CheckShape,
        scope: Scope,
        known: Mapping[str, Variable],
        faults: Faults,
    ) -> None:
        self.document, self.path, self.shape = document, path, shape
        self.scope, self.known, self.faults = scope, known, faults

    def checks(self) -> Iterator[Check]:
        """The check, or one for each of its variables, until a fault is found."""
        shape = self.shape
        if not self._named():
            return
        if shape.for_each is None:
            yield self._check(shape.variable, None)
            return
        for name, words in self._each().items():
            before = len(self.faults.lines)
            yield self._check(name, words)
            if len(self.faults.lines) > before:
                return

    def _each(self) -> dict[str, str]:
        """The variables of a check for several, with the words for each."""
        given = self.shape.for_each
        if isinstance(given, dict):
            return given
        names = list(self.scope.valid_days) if given == "valid_days" else list(given or ())
        return {name: self.known[name].label for name in names}

    def _named(self) -> bool:
        """Whether every variable that the check is about is known; notes a fault for each that is not."""
        shape, before = self.shape, len(self.faults.lines)
        named: list[tuple[tuple[str | int, ...], str]] = []
        if isinstance(shape.for_each, dict):
            named += [(("for_each", name), name) for name in shape.for_each]
        elif isinstance(shape.for_each, list):
            named += [(("for_each", i), name) for i, name in enumerate(shape.for_each)]
        if shape.variable is not None:
            if shape.for_each is not None:
                self._fault(("variable",), "a check with 'for_each' has no 'variable'")
            named.append((("variable",), shape.variable))
        for place, name in named:
            if name not in self.known:
                self._fault(place, f"unknown variable '{name}'{did_you_mean(name, self.known)}")
        return len(self.faults.lines) == before

    def _fault(self, place: tuple[str | int, ...], message: str) -> None:
        self.faults.at(self.document, (*self.path, *place), message)

    def _check(self, variable: str | None, words: str | None) -> Check:
        scope = replace(self.scope, each=variable if words is not None else None)
        when = self.faults.condition(self.document, (*self.path, "when"), scope)
        there: list[tuple[Condition, str]] = []
        for text, said in self.shape.there.items():
            try:
                there.append((compile_condition(text, scope), said))
            except CriterionError as error:
                self._fault(("there", text), error.message)
        sentence = tuple(self._parts(variable, words, scope))
        return Check(self.shape.id, sentence, when or TRUE, variable, tuple(there))

    def _parts(self, variable: str | None, words: str | None, scope: Scope) -> Iterator[str | Blank]:
        """The sentence in parts: words that stand, and blanks that a record fills in."""
        for i, part in enumerate(_BLANK.split(self.shape.text)):
            if i % 2 == 0:
                if part:
                    yield part
            elif part == EACH and words is not None:
                yield words
            elif part in ("there", "is") and self.shape.there:
                yield Blank("there" if part == "there" else "is")
            elif part == "replicates" and variable is not None:
                yield Blank("replicates", name=variable)
            else:
                yield self._blank(part, scope)

    def _blank(self, text: str, scope: Scope) -> Blank:
        try:
            value = compile_value(text, scope)
        except CriterionError as error:
            self._fault(("text",), f"in '{{{text}}}': {error.message}")
            return Blank("is")
        match value:
            case Number():
                return Blank("term", value.term)
            case Day():
                return Blank("date", value.term)
            case Enumerated(name, _):
                return Blank("enumeration", name=name)
        self._fault(("text",), f"'{{{text}}}' is no number, date or enumeration")
        return Blank("is")
