"""The JSON Schemas of what verbs answer, made from the shapes of their documents.

That of `match` is shipped as a file, which `python -m solver.report.schema` writes again.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast, get_args

from pydantic import ConfigDict, TypeAdapter
from typing_extensions import get_type_hints, is_typeddict

from solver.questions.match import document

PATH = Path(__file__).with_name("match.schema.json")


def match_schema() -> dict[str, Any]:
    """The JSON Schema of the answer of `match`."""
    return shape_schema(document.MatchShape, document.SCHEMA)


def shape_schema(shape: type, title: str) -> dict[str, Any]:
    """The JSON Schema of a typed dictionary, with the descriptions of it and of those within it."""
    for each in _within(shape, set()):
        cast(Any, each).__pydantic_config__ = ConfigDict(use_attribute_docstrings=True)
    schema = TypeAdapter(shape).json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title, **_untitled(schema)}


def _within(kind: Any, seen: set[type]) -> set[type]:
    """The typed dictionaries that a type is made of."""
    if is_typeddict(kind):
        if kind not in seen:
            seen.add(kind)
            for part in get_type_hints(kind).values():
                _within(part, seen)
    else:
        for part in get_args(kind):
            _within(part, seen)
    return seen


def schema_text() -> str:
    """The text of the schema file."""
    return json.dumps(match_schema(), indent=2, ensure_ascii=False) + "\n"


def _untitled(value: Any) -> Any:
    """The schema without the titles that only repeat names."""
    if isinstance(value, dict):
        return {
            key: _untitled(item)
            for key, item in value.items()
            if not (key == "title" and isinstance(item, str))
        }
    return [_untitled(item) for item in value] if isinstance(value, list) else value


if __name__ == "__main__":
    PATH.write_text(schema_text(), encoding="utf-8")
