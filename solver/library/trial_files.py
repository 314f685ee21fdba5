"""From the files of trials to trials, in the words of a library that is compiled: none of what compiles words is needed for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from solver.errors import InputError
from solver.language.tree import Condition
from solver.language.types import DateType
from solver.language.values import Scope
from solver.library.concepts.term_variables import term_variables
from solver.library.files.file_faults import FilePart, stop_if_wrong
from solver.library.files.yaml_places import Document, document_of
from solver.library.models import Library, Trial, Variable
from solver.library.policies import PolicyCompiler
from solver.library.scope import library_scope
from solver.library.store.kept_outline import trial_shape
from solver.library.store.stored_trials import expressions_of
from solver.library.trials import TrialCompiler

if TYPE_CHECKING:  # see `shape_outline`
    from solver.library.files.trial_file import TrialFile


class TrialFiles:
    """Compiles the files of trials one after the other, in the words of a library.

    `compiled` are the trials by code, as far as no code and no number comes twice, and `names` the files they are from. What an `earlier`
    trial of the same code and the same words has of the same text is not compiled again.
    """

    def __init__(
        self,
        words: Library,
        packed: Callable[[Trial, str, Mapping[str, Condition]], Trial] | None = None,
        earlier: Mapping[str, Trial] = MappingProxyType({}),
    ) -> None:
        self.compiled: dict[str, Trial] = {}
        self.names: dict[str, str] = {}
        self.faults: list[str] = []
        self._numbers: set[str] = set()
        self._known, self._scope, self._packed = words.variables, library_scope(words), packed
        self._earlier = earlier
        self._policies = PolicyCompiler.of(words.policies)

    def add(self, document: Document, key: str = "") -> None:
        """Compile a file; `key` is what `packed` is told of its trial."""
        try:
            shape = trial_shape(document, cached=self._packed is not None)
        except InputError as error:
            self.faults.extend(error.problems)
            return
        part = FilePart(document, (), self.faults)
        before = expressions_of(self._earlier.get(shape.code))
        trial, compiled = _compiled_trial(part, shape, self._scope, self._policies, self._known, before)
        packed = self._packed(trial, key, compiled) if self._packed else trial
        if not self._taken(packed, document.name):
            self._tell_twice(packed, document)

    def take(self, trial: Trial, name: str, content: bytes) -> None:
        """Take the trial that a file of this name and content was compiled to before."""
        if not self._taken(trial, name):
            self._tell_twice(trial, document_of(content, name))

    def _taken(self, trial: Trial, name: str) -> bool:
        """Whether neither code nor number of a trial was there before; then it is taken."""
        new = trial.code not in self.compiled and trial.nct not in self._numbers
        if new:
            self.compiled[trial.code], self.names[trial.code] = trial, name
            self._numbers.add(trial.nct)
        return new

    def _tell_twice(self, trial: Trial, document: Document) -> None:
        part = FilePart(document, (), self.faults)
        if trial.code in self.compiled:
            part.fault(f"the code '{trial.code}' is already used by another file", "code")
        else:
            part.fault(f"{trial.nct} is already in another file", "trial")


def compile_trial(document: Document, library: Library) -> Trial:
    """The trial that a file holds, in the words of a library; its code may be one that the library has.

    Raises `InputError` with every fault.
    """
    faults: list[str] = []
    shape = trial_shape(document, cached=False)
    scope = library_scope(library)
    policies = PolicyCompiler.of(library.policies)
    trial, _ = _compiled_trial(FilePart(document, (), faults), shape, scope, policies, library.variables)
    stop_if_wrong(faults)
    return trial


def _compiled_trial(
    file: FilePart,
    shape: TrialFile,
    scope: Scope,
    policies: PolicyCompiler,
    known: Mapping[str, Variable],
    before: Mapping[str, Condition] = MappingProxyType({}),
) -> tuple[Trial, Mapping[str, Condition]]:
    """A trial with the variables that its terms stand for, and its conditions by their texts, but those that ask of concepts."""
    compiler = TrialCompiler(file, shape, scope, policies, before)
    trial, compiled = compiler.trial(), compiler.compiled
    renamed = {
        each.means.term.name: name
        for name, each in known.items()
        if each.means
        and each.means.term
        and not isinstance(each.type, DateType)
        and name in compiler.mentioned
    }
    if not compiler.mentioned.isdisjoint(renamed):
        # a trial that writes a term in both ways asks for one thing, which has one name
        again = FilePart(file.document, file.path, [])
        compiler = TrialCompiler(again, shape, replace(scope, renamed=renamed), policies)
        trial = compiler.trial()
    asked = [scope.terms[name] for name in sorted(compiler.mentioned & scope.terms.keys())]
    return replace(trial, terms=term_variables(asked, scope.concepts, known)), compiled
