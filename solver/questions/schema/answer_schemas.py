"""The JSON Schemas of what verbs answer, made from the classes that the table of the questions names."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from solver.questions import ANSWER_OF, ANSWERS
from solver.report.schema import answer_schema


def schema_of_answer(name: str) -> dict[str, Any]:
    """The JSON Schema of an answer, by the name that `match schema` gives it, or by the verb."""
    module, _, answer = ANSWERS[ANSWER_OF.get(name, name)].partition(":")
    return answer_schema(getattr(import_module(f"solver.questions.{module}"), answer))
