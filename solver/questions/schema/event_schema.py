"""The JSON Schemas of events, findings and limits of normal in a record and in a context."""

from __future__ import annotations

from typing import Any

from solver.language.concepts import LISTS
from solver.language.types import EnumerationType, QuantityType
from solver.library.models import Library
from solver.patient.readers.native.events import COMPLETE, FINDINGS, MOST_LINES, MOST_TIMES, NEVER
from solver.patient.readers.native.statement import MOST_ENTRIES

Schema = dict[str, Any]

LIMITS = {
    "uln": "The upper limit of normal, in the unit of the value.",
    "lln": "The lower limit of normal, in the unit of the value.",
}
"""What each limit of normal is."""

_NOTHING: Schema = {"type": "null"}
_TEXT: Schema = {"type": "string", "pattern": r"\S"}
_LISTS = {
    "conditions": "Earlier and other diseases, one entry for each event; what is not listed is unknown.",
    "therapies": "Treatments, one entry for each event; what is not listed is unknown.",
    "findings": "What was found, or looked for and not found; the results of the latest day count.",
}


def _or_nothing(schema: Schema) -> Schema:
    return {"anyOf": [schema, _NOTHING]}


def happened_properties(library: Library) -> Schema:
    """The lists of events and findings among the facts, where the library has a tree of concepts."""
    if not len(library.concepts):
        return {}
    named = {"description": "The id of a concept, another name for it, or SYSTEM:code."}
    shared: Schema = {"is": {**_TEXT, **named}, "source": {"type": ["string", "null"]}}
    date = _or_nothing({"$ref": "#/$defs/date"})
    event: Schema = {
        "start": {**date, "description": "The day on which it began, or part of a date."},
        "end": {**date, "description": "The day on which it ended, or part of a date."},
        "ongoing": {"type": ["boolean", "null"], "description": "Whether it goes on."},
        "line": _or_nothing({"type": "integer", "minimum": 1, "maximum": MOST_LINES}),
        "times": _or_nothing({"type": "integer", "minimum": 1, "maximum": MOST_TIMES}),
    }
    result: Schema = {
        "present": {"type": "boolean", "description": "Whether it was found."},
        "level": {"description": "Its level, in the unit of the concept, as any quantity is written."},
        "date": {**date, "description": "The day of the result."},
    }
    found: Schema = {}
    for name in LISTS:
        own, needed = (result, ["is", "present"]) if name == FINDINGS else (event, ["is"])
        entry = {
            "type": "object",
            "properties": {**shared, **own},
            "required": needed,
            "additionalProperties": False,
        }
        entries = {"type": "array", "items": entry, "maxItems": MOST_ENTRIES}
        found[name] = {"description": _LISTS[name], "anyOf": [entries, _NOTHING]}
    return found


def closures_properties(library: Library) -> Schema:
    """What never happened and what is complete, where the library has a tree of concepts."""
    if not len(library.concepts):
        return {}
    entry = {
        "anyOf": [
            _TEXT,
            {
                "type": "object",
                "properties": {"of": _TEXT, "source": {"type": ["string", "null"]}},
                "required": ["of"],
                "additionalProperties": False,
            },
        ]
    }
    listed = ", ".join([*LISTS, *(name for name in library.lists if not library.variables[name].pattern)])
    never = "Concepts of which nothing ever happened, or was ever found."
    complete = (
        f"Lists ({listed}) and concepts of which everything is listed: what is not there did not happen."
    )
    return {
        NEVER: {"type": "array", "items": entry, "description": never},
        COMPLETE: {"type": "array", "items": entry, "description": complete},
    }


def reference_property(library: Library) -> Schema:
    """The limits of normal of a site, where some quantity has them."""
    quantities = [each for each in library.variables.values() if each.reference]
    if not quantities:
        return {}
    tables: Schema = {}
    for variable in quantities:
        assert isinstance(variable.type, QuantityType)
        limit = {
            "type": "object",
            "properties": {"value": {"type": "number", "exclusiveMinimum": 0}, "unit": _TEXT},
            "required": ["value", "unit"],
            "additionalProperties": False,
        }
        row: Schema = {name: {**limit, "description": LIMITS[name]} for name in variable.reference}
        for name, other in library.variables.items():
            if isinstance(other.type, EnumerationType):
                row[name] = {"enum": list(other.type.values)}
        patterns = {"^(min|max)_": {"type": "number", "minimum": 0}}
        entry = {
            "type": "object",
            "properties": row,
            "patternProperties": patterns,
            "additionalProperties": False,
        }
        tables[variable.name] = {"type": "array", "items": entry}
    text = "Limits of normal where they were measured: the first row that fits a patient counts."
    return {
        "reference": {
            "type": "object",
            "description": text,
            "properties": tables,
            "additionalProperties": False,
        }
    }
