"""The examples that come with the program, and what each question answers about them: read and answered once a process."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import pytest

from solver.engine.case import Engine
from solver.patient.readers.native.read import read_record
from solver.patient.record import Record
from solver.questions.explain.ask import explain
from solver.questions.match.ask import match
from solver.questions.sequence.ask import sequence
from solver.questions.when.ask import when
from solver.questions.workup.ask import plan_tests
from tests.support.libraries.shipped import LIBRARY
from tests.support.records.solved import DATED

Answer = TypeVar("Answer")

FOLDER = Path(__file__).parents[3] / "examples"
EXAMPLES = {path.stem: path for path in sorted(FOLDER.glob("*.json")) if path.stem != "site"}
RECORDS = {**EXAMPLES, **{path.stem: path for path in sorted((FOLDER / "questions").glob("*.json"))}}
"""The examples, and the records about which docs/questions.md asks."""

_ASKED = {
    "solver.questions.explain.ask.explain": explain,
    "solver.questions.match.ask.match": match,
    "solver.questions.sequence.ask.sequence": sequence,
    "solver.questions.what_if.ask.match": match,
    "solver.questions.when.ask.when": when,
    "solver.questions.workup.ask.plan_tests": plan_tests,
}


@cache
def example(name: str) -> Record:
    """The record of an example."""
    return read_record(RECORDS[name].read_bytes(), LIBRARY, name=RECORDS[name].name)


def answer_of(
    question: Callable[..., Answer], name: str, trials: Iterable[str] | None = None, **how: Any
) -> Answer:
    """What a question answers about an example, of these trials or of all."""
    codes = None if trials is None else tuple(trials)
    usual = inspect.signature(question).parameters
    other = {key: value for key, value in how.items() if value != usual[key].default}
    found: Answer = _answer(question, name, None if codes == tuple(LIBRARY.trials) else codes, **other)
    return found


@cache
def _answer(question: Callable[..., Any], name: str, codes: tuple[str, ...] | None, **how: Any) -> Any:
    return question(DATED, example(name), codes, **how)


@contextmanager
def answered_once() -> Iterator[None]:
    """Let commands that ask about an example as it stands, with nothing assumed or left out, take what `answer_of` gives."""

    def kept(question: Callable[..., Any]) -> Callable[..., Any]:
        def asked(engine: Engine, record: Record, trials: Iterable[str] | None = None, **how: Any) -> Any:
            plain = engine.library is LIBRARY and engine.search and not (engine.policies or engine.budget)
            if plain and record.id in RECORDS and record == example(record.id):
                codes = None if trials is None else [trial.code for trial in engine.chosen(trials)]
                return answer_of(question, record.id, codes, **how)
            return question(engine, record, trials, **how)

        return asked

    with pytest.MonkeyPatch.context() as patch:
        for place, question in _ASKED.items():
            patch.setattr(place, kept(question))
        yield
