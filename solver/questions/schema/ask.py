"""Every JSON Schema there is, by the name that `match schema` gives it."""

from __future__ import annotations

import json
from typing import Any

from solver.library.models import Library
from solver.questions import ANSWERS
from solver.questions.schema.answer_schemas import schema_of_answer
from solver.questions.schema.encoding_schema import file_schema
from solver.questions.schema.record_schema import context_schema, record_schema


def schema(name: str, library: Library) -> dict[str, Any]:
    """The JSON Schema of this name; those of a record and a context hold the library's names."""
    if name in ("record", "context"):
        return (record_schema if name == "record" else context_schema)(library)
    if name not in ANSWERS:
        return file_schema(name)
    return schema_of_answer(name)


def schema_json(name: str, library: Library) -> str:
    """The text of a JSON Schema."""
    return json.dumps(schema(name, library), indent=2, ensure_ascii=False)
