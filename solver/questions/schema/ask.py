"""Every JSON Schema there is, by the name that `match schema` gives it."""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any

from solver.library.models import Library
from solver.questions import ANSWERS
from solver.questions.schema.encoding_schema import file_schema
from solver.questions.schema.record_schema import context_schema, record_schema
from solver.report.schema import answer_schema


def schema(name: str, library: Library) -> dict[str, Any]:
    """The JSON Schema of this name; those of a record and a context hold the library's names."""
    if name in ("record", "context"):
        return (record_schema if name == "record" else context_schema)(library)
    if name not in ANSWERS:
        return file_schema(name)
    module, _, answer = ANSWERS[name].partition(":")
    return answer_schema(getattr(import_module(f"solver.questions.{module}"), answer))


def schema_json(name: str, library: Library) -> str:
    """The text of a JSON Schema."""
    return json.dumps(schema(name, library), indent=2, ensure_ascii=False)
