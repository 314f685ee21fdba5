"""One patient asked one question after another: what is asked next, how an answer is taken, and what the record says by then.

    question: fever?     answer: no         -> the record says "fever": false; A is now eligible
    question: weight?    answer:            -> unknown: it is not asked again
                         back               -> the question about the weight once more, as if it had not been asked

The questions are those of `open_questions`, in their order; an answer is written and read as `match what-if` does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from solver.engine.case import Engine
from solver.engine.finding_out.open_questions import InterviewState, OpenQuestion, interview_state
from solver.errors import InputError
from solver.language.types import BooleanType
from solver.library.models import Library, Variable
from solver.patient.answered_terms import with_answered_terms
from solver.patient.changes import changed_from, read_changes
from solver.patient.readers.native.record_faults import FACTS
from solver.patient.record import Context, Record

_WHERE = "answer"
_SHORT = {"y": "yes", "n": "no"}


class Answered(NamedTuple):
    """A question that was put, with the text that answered it; empty is unknown."""

    name: str
    text: str


class Interview:
    """The interview about one record, of which `document` is the native form; `as_of` and `context` are as for reading it.

    Raises `InputError` for a record that is none.
    """

    def __init__(
        self,
        engine: Engine,
        document: Mapping[str, Any],
        *,
        trials: Sequence[str] | None = None,
        as_of: str | None = None,
        context: Context | None = None,
        lenient: bool = False,
        name: str = "record",
    ) -> None:
        self.engine, self.library, self.trials = engine, engine.library, trials
        day = {} if as_of is None else {"as_of": as_of}
        self._document = {**{key: document[key] for key in ("id",) if key in document}, **day}
        self._document |= {key: each for key, each in document.items() if key not in self._document}
        self._read: Callable[[Sequence[Answered]], Record] = lambda answers: (
            changed_from(
                self._document,
                self.library,
                [f"{each.name}={each.text}" for each in answers],
                name=name,
                context=context,
                lenient=lenient,
                where=_WHERE,
            ).after
        )
        self.asked: list[Answered] = []
        self.record = self._read(())
        self.state = self._judged()

    @property
    def next(self) -> OpenQuestion | None:
        """The question to put now; None where nothing is left to ask."""
        put = {each.name for each in self.asked}
        return next((each for each in self.state.questions if each.variable not in put), None)

    def variable(self, name: str) -> Variable:
        """What a question is about: a variable, or what trials ask of concepts."""
        return self.library.variables.get(name) or self.library.terms[name]

    def answer(self, name: str, text: str) -> InterviewState:
        """Take an answer, empty for unknown; returned is how the patient stood before. Raises `InputError`, and changes nothing then."""
        text = text.strip()
        if isinstance(self.variable(name).type, BooleanType):
            text = _SHORT.get(text.casefold(), text)
        before, asked = self.state, [*self.asked, Answered(name, text)]
        if text:
            try:
                self.record = self._read(_told(asked))
            except InputError as error:
                lines = [each.removeprefix(f"{_WHERE}: ") for each in error.problems]
                raise InputError(lines) from None
            self.state = self._judged()
        self.asked = asked
        return before

    def back(self) -> str | None:
        """Take the last answer back; returned is what it was about, None where there is none."""
        if not self.asked:
            return None
        last = self.asked.pop()
        if last.text:
            self.record = self._read(_told(self.asked))
            self.state = self._judged()
        return last.name

    @property
    def document(self) -> dict[str, Any]:
        """The native record with all that was answered."""
        told = _told(self.asked)
        values = read_changes(
            [f"{each.name}={each.text}" for each in told], self.library, _WHERE, day=self.record.as_of
        )
        facts = {name: value for name, value in values.items() if name in self.library.variables}
        found = {"id": self.record.id, **self._document}
        found[FACTS] = {**found.get(FACTS, {}), **facts}
        terms = {each.name: each.text for each in told if each.name not in self.library.variables}
        return with_answered_terms(found, terms, self.library)

    @property
    def terms(self) -> dict[str, str]:
        """What was answered about concepts, by the names of the terms."""
        return {each.name: each.text for each in _told(self.asked) if each.name in self.library.terms}

    def _judged(self) -> InterviewState:
        return interview_state(self.engine, self.record, self.trials)


def _told(answers: Sequence[Answered]) -> list[Answered]:
    return [each for each in answers if each.text]


def choices(variable: Variable, library: Library) -> tuple[str, ...]:
    """The values that an answer may have, as they are written; empty where it is a number, a date, a list or a text."""
    if isinstance(variable.type, BooleanType):
        return ("yes", "no")
    return tuple(getattr(variable.type, "values", ()))
