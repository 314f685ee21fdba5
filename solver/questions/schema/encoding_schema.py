"""The JSON Schemas of the files under `encodings/`, for editors that check YAML as it is typed.

They are made from the shapes that the loader itself uses, so that they know the same keys.
"""

from __future__ import annotations

import re
from typing import Any, Literal

from solver.library.files.library_files import TheoryFile, VocabularyFile, WorkupFile
from solver.library.files.trial_file import TrialFile
from solver.questions.schema.record_schema import DRAFT

FileKind = Literal["trial", "vocabulary", "theory", "workup"]

_SHAPES: dict[str, type[Any]] = {
    "trial": TrialFile,
    "vocabulary": VocabularyFile,
    "theory": TheoryFile,
    "workup": WorkupFile,
}


def file_schema(kind: str) -> dict[str, Any]:
    """The JSON Schema of a file of this kind."""
    schema = _SHAPES[kind].model_json_schema(by_alias=True)
    return {"$schema": DRAFT, "title": f"trialproof/{kind}", **_as_in_files(schema)}


def _as_in_files(value: Any) -> Any:
    """The schema as files are read, in which every scalar is text: no null, and a number or a boolean where a text may look like one."""
    if isinstance(value, list):
        return [_as_in_files(item) for item in value]
    if not isinstance(value, dict):
        return value
    found = {
        key: _as_in_files(item)
        for key, item in value.items()
        if not (key == "title" and isinstance(item, str)) and not (key == "default" and item is None)
    }
    if "anyOf" in found:
        rest = [item for item in found.pop("anyOf") if item != {"type": "null"}]
        found.update(rest[0] if len(rest) == 1 else {"anyOf": rest})
    if "pattern" in found and found.get("type") == "string" and re.search(found["pattern"], "1"):
        found["type"] = ["string", "number"]
    if "true" in found.get("enum", ()):
        found.update(type=["string", "boolean"], enum=[*found["enum"], True, False])
    return found
