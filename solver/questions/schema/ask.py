"""Every JSON Schema there is, by the name that `match schema` gives it.

Those of the files under `encodings/`, for editors that check YAML as it is typed, are made from the shapes that the loader itself uses, so
that they know the same keys.
"""

from __future__ import annotations

import json
import re
from typing import Any

from solver.library.codes.codes_file import CodesFile
from solver.library.files.library_files import ConceptFile, SiteFile, TheoryFile, VocabularyFile, WorkupFile
from solver.library.files.site_file import SiteFileShape
from solver.library.files.trial_file import TrialFile
from solver.library.models import Library
from solver.questions import ANSWER_OF, ANSWERS
from solver.questions.schema.answer_schemas import schema_of_answer
from solver.questions.schema.record_schema import DRAFT, context_schema, record_schema

_FILES = {
    "trial": TrialFile,
    "vocabulary": VocabularyFile,
    "concepts": ConceptFile,
    "theory": TheoryFile,
    "workup": WorkupFile,
    "site": SiteFile,
    "site-file": SiteFileShape,
    "codes": CodesFile,
}


def schema(name: str, library: Library) -> dict[str, Any]:
    """The JSON Schema of this name; those of a record and a context hold the library's names."""
    if name in ("record", "context"):
        return (record_schema if name == "record" else context_schema)(library)
    if name in ANSWERS or name in ANSWER_OF:
        return schema_of_answer(name)
    shape: type[Any] = _FILES[name]
    found = _as_in_files(shape.model_json_schema(by_alias=True))
    if shape is SiteFileShape:
        context = context_schema(library)
        found["$defs"] |= context.pop("$defs", {})
        found["properties"]["context"] = {key: each for key, each in context.items() if key != "$schema"}
    return {"$schema": DRAFT, "title": f"trialproof/{name}", **found}


def schema_json(name: str, library: Library) -> str:
    """The text of a JSON Schema."""
    return json.dumps(schema(name, library), indent=2, ensure_ascii=False)


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
