"""The JSON Schema of `match`, made from the shapes of `document`: `python -m solver.report.schema` writes it again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

from pydantic import ConfigDict, TypeAdapter

from solver.report import document

PATH = Path(__file__).with_name("match.schema.json")

_SHAPES = (
    document.EngineShape,
    document.RecordShape,
    document.AssumptionShape,
    document.WarningShape,
    document.CohortShape,
    document.MissingShape,
    document.CompleteShape,
    document.ReadingShape,
    document.ClauseShape,
    document.NoticeShape,
    document.TrialShape,
    document.MatchShape,
)


def match_schema() -> dict[str, Any]:
    """The JSON Schema, with the descriptions of the shapes."""
    for shape in _SHAPES:
        cast(Any, shape).__pydantic_config__ = ConfigDict(use_attribute_docstrings=True)
    schema = TypeAdapter(document.MatchShape).json_schema(mode="serialization")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": document.SCHEMA,
        **_untitled(schema),
    }


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
