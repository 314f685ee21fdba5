"""The checks of the theory files: warnings whose sentences are filled in from a record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from solver.errors import did_you_mean
from solver.language.arithmetic import CriterionError, Number
from solver.language.elaborate import compile_condition, compile_value
from solver.language.tree import TRUE, Condition
from solver.language.values import EACH, Day, Enumerated, Scope
from solver.library.chart_checks import Blank, Check, HeadlinePart, Phrase
from solver.library.files.file_faults import FilePart
from solver.library.files.library_files import CheckShape, HeadlineShape, PhraseShape
from solver.library.models import Variable
from solver.patterns import pattern

_BLANK = pattern(r"\{([^{}]*)\}")


def compile_checks(
    given: Iterable[tuple[FilePart, CheckShape]], scope: Scope, known: Mapping[str, Variable]
) -> tuple[Check, ...]:
    """The checks that the files hold, one for each variable of a check for several; faults are noted."""
    valid = {name: variable.valid_days for name, variable in known.items() if variable.valid_days is not None}
    wider = replace(scope, facts=True, valid_days=valid)
    found: dict[tuple[str, str | None], Check] = {}
    ids: set[str] = set()
    for part, shape in given:
        if shape.id in ids:
            part.fault(f"the check '{shape.id}' is declared twice", "id")
        ids.add(shape.id)
        found |= {
            (each.id, each.variable): each for each in _CheckCompiler(part, shape, wider, known).checks()
        }
    return tuple(found.values())


def compile_headline(
    given: Iterable[tuple[FilePart, HeadlineShape]], scope: Scope, known: Mapping[str, Variable]
) -> tuple[HeadlinePart, ...]:
    """The parts of the line that says who the patient is; faults are noted."""
    wider = replace(scope, facts=True)
    return tuple(
        HeadlinePart(
            tuple(
                check
                for i, words in enumerate(shape.first_of)
                for check in _CheckCompiler(
                    part.at("first_of", i),
                    CheckShape(id="headline", when=words.when, text=words.text),
                    wider,
                    known,
                ).checks()
            ),
            shape.beside,
        )
        for part, shape in given
    )


def compile_phrases(given: Iterable[tuple[FilePart, PhraseShape]], scope: Scope) -> tuple[Phrase, ...]:
    """What words of labels say of patients, each once; faults are noted."""
    found, taken = [], set[str]()
    for part, shape in given:
        says = part.at("says").condition(scope)
        for i, words in enumerate(shape.words):
            if words.casefold() in taken:
                part.fault(f"'{words}' is told twice", "words", i)
            taken.add(words.casefold())
        if says is not None:
            found.append(Phrase(tuple(shape.words), says))
    return tuple(found)


class _CheckCompiler:
    """Compiles one check of a file."""

    def __init__(
        self, part: FilePart, shape: CheckShape, scope: Scope, known: Mapping[str, Variable]
    ) -> None:
        self.part, self.shape, self.scope, self.known = part, shape, scope, known

    def checks(self) -> Iterator[Check]:
        """The check, or one for each of its variables, until a fault is found."""
        shape = self.shape
        if not self._all_known():
            return
        if shape.for_each is None:
            yield self._compiled_check(shape.variable, None)
            return
        for name, words in self._words_for_each().items():
            before = len(self.part.faults)
            yield self._compiled_check(name, words)
            if len(self.part.faults) > before:
                return

    def _words_for_each(self) -> dict[str, str]:
        """The variables of a check for several, with the words for each."""
        given = self.shape.for_each
        if isinstance(given, dict):
            return given
        names = list(self.scope.valid_days) if given == "valid_days" else list(given or ())
        return {name: self.known[name].label for name in names}

    def _all_known(self) -> bool:
        """Whether every variable that the check is about is known; notes a fault for each that is not."""
        shape, before = self.shape, len(self.part.faults)
        named: list[tuple[tuple[str | int, ...], str]] = []
        if isinstance(shape.for_each, dict):
            named += [(("for_each", name), name) for name in shape.for_each]
        elif isinstance(shape.for_each, list):
            named += [(("for_each", i), name) for i, name in enumerate(shape.for_each)]
        if shape.variable is not None:
            if shape.for_each is not None:
                self.part.fault("a check with 'for_each' has no 'variable'", "variable")
            named.append((("variable",), shape.variable))
        for place, name in named:
            if name not in self.known:
                self.part.fault(f"unknown variable '{name}'{did_you_mean(name, self.known)}", *place)
        return len(self.part.faults) == before

    def _compiled_check(self, variable: str | None, words: str | None) -> Check:
        scope = replace(self.scope, each=variable if words is not None else None)
        when = self.part.at("when").condition(scope)
        there: list[tuple[Condition, str]] = []
        for text, said in self.shape.there.items():
            try:
                there.append((compile_condition(text, scope), said))
            except CriterionError as error:
                self.part.fault(error.message, "there", text)
        sentence = tuple(self._sentence_parts(variable, words, scope))
        return Check(self.shape.id, sentence, when or TRUE, variable, tuple(there))

    def _sentence_parts(self, variable: str | None, words: str | None, scope: Scope) -> Iterator[str | Blank]:
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
                yield self._value_blank(part, scope)

    def _value_blank(self, text: str, scope: Scope) -> Blank:
        try:
            value = compile_value(text, scope)
        except CriterionError as error:
            self.part.fault(f"in '{{{text}}}': {error.message}", "text")
            return Blank("is")
        match value:
            case Number():
                return Blank("term", value.term)
            case Day():
                return Blank("date", value.term)
            case Enumerated(name, _):
                return Blank("enumeration", name=name)
        self.part.fault(f"'{{{text}}}' is no number, date or enumeration", "text")
        return Blank("is")
