"""The tables of the keys of a verb's JSON, made from the class of its answer: nobody writes them twice.

A document asks for them by the name that `match schema` knows, and `make docs` writes them between the two comments:

    <!-- fields: when -->
    | key | type | what it holds |
    ...
    <!-- /fields -->

`<!-- fields: output but Repairs -->` leaves a part to another page, which has `<!-- fields: output from Repairs -->`.

What the classes say in docstrings is what stands in the cells. A part that `match` has as well is described on its page alone.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import fields, is_dataclass
from importlib import import_module
from typing import Any, get_args, get_type_hints

from solver.questions import ANSWERS
from solver.report.schema import _said_of_fields, answer_schema
from solver.text import listed

Schema = dict[str, Any]
MATCH = "output"
"""The name of the schema of `match`."""

OTHERS = {"trials": "catalogue.answer:CatalogueAnswer"}
"""Answers that `match schema` does not describe."""

_KINDS = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "boolean",
    "null": "null",
}


def field_tables(name: str, words: Sequence[str] = ()) -> list[str]:
    """The lines of the tables of an answer, its own first, then those of its parts in the order in which they are met.

    With `but` and names of parts, these and what only they lead to are left out; with `from`, they alone are described.
    """
    answer = answer_class(name)
    schema = answer_schema(answer)
    classes = {part.__name__: part for part in _classes(answer, set())}
    elsewhere = answer_schema(answer_class(MATCH)).get("$defs", {}) if name != MATCH else {}
    apart = [part for part in schema["$defs"] if _called(part) in words[1:]]
    assert len(apart) == len(words[1:]), words
    parts = _parts(schema, apart)
    lines = [*_table(schema, classes.get(answer.__name__)), ""]
    if words[:1] == ["from"]:
        parts, lines = [part for part in _parts(schema) if part not in parts], []
    shared: list[str] = []
    for part in parts:
        found = schema["$defs"][part]
        if elsewhere.get(part) == found:
            shared.append(f"`{_called(part)}`")
            continue
        lines += [f"**{_called(part)}.** {_one_line(found.get('description', ''))}", ""]
        lines += [*_table(found, classes.get(part)), ""]
    if shared:
        verb = "is" if len(shared) == 1 else "are"
        lines += [f"{listed(shared, 'and')} {verb} as [of match](match.md#the-object).", ""]
    return lines[:-1]


def answer_class(name: str) -> type:
    """The class of the answer whose JSON a name of `match schema` describes."""
    module, _, called = {**ANSWERS, **OTHERS}[name].partition(":")
    found: type = getattr(import_module(f"solver.questions.{module}"), called)
    return found


def _table(schema: Schema, kind: type | None) -> Iterator[str]:
    """The keys of one part; below them what only users of Python have."""
    yield "| key | type | what it holds |"
    yield "|---|---|---|"
    for key, part in schema["properties"].items():
        yield _row(f"`{key}`", _type(part), _about(part))
    if kind is not None and is_dataclass(kind):
        more = list(_only_in_python(kind))
        if more:
            yield ""
            yield "| in Python besides | what it holds |"
            yield "|---|---|"
            for name, about in more:
                yield _row(f"`{name}`", about)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |".replace("|  |", "| |")


def _only_in_python(kind: type) -> Iterator[tuple[str, str]]:
    """The fields that are no part of the contract, or have another name in it, and the properties, each with what is said of it."""
    said = _said_of_fields(kind)
    for field in fields(kind):
        if field.metadata.get("private"):
            yield field.name, _one_line(said.get(field.name, ""))
        elif (key := field.metadata.get("key", field.name)) != field.name:
            yield field.name, f"What stands under the key `{key}`."
    inherited = {name: value for each in reversed(kind.__mro__) for name, value in vars(each).items()}
    for name, value in inherited.items():
        if isinstance(value, property) and not name.startswith("_"):
            yield name, _one_line(inspect.getdoc(value) or "")


def _parts(schema: Schema, apart: Collection[str] = ()) -> list[str]:
    """The names of the parts that a schema leads to, each where it is met first, without going through those that are `apart`."""
    found: list[str] = []

    def meet(value: Any) -> None:
        if isinstance(value, dict):
            name = str(value.get("$ref", "")).rpartition("/")[2]
            if name and name not in found and name not in apart:
                found.append(name)
            for key, item in value.items():
                if key != "$defs":
                    meet(item)
        elif isinstance(value, list):
            for item in value:
                meet(item)

    meet(schema)
    for name in found:  # grows while it is gone through
        meet(schema["$defs"][name])
    return found


def _called(part: str) -> str:
    """What the documents call a part: its class."""
    return part.rpartition("__")[2].removesuffix("Shape")


def _type(schema: Schema) -> str:
    """The type of a value, in few words."""
    if "$ref" in schema:
        return f"`{_called(schema['$ref'].rpartition('/')[2])}`"
    if "anyOf" in schema:
        return listed(list(dict.fromkeys(map(_type, schema["anyOf"]))), "or")
    if "const" in schema or "enum" in schema:
        return "text"
    match schema.get("type"):
        case "array":
            items = schema.get("items", {})
            return f"list of {_type(items)}" if items else "list"
        case "object":
            inner = schema.get("additionalProperties")
            return f"map to {_type(inner)}" if isinstance(inner, dict) and inner else "object"
        case str(name):
            return _KINDS[name]
    return "anything"


def _about(schema: Schema) -> str:
    """What is said of a key, and which values it can have, if they are named."""
    about = _one_line(schema.get("description", ""))
    parts = [schema, *schema.get("anyOf", ()), schema.get("items", {})]
    values = [
        str(value) for part in parts for value in part.get("enum", [part["const"]] if "const" in part else [])
    ]
    if not values or all(f"`{value}`" in about for value in values):
        return about
    choices = ", ".join(f"`{value}`" for value in values)
    named = choices if len(values) == 1 else f"one of {choices}"
    return f"{about} {named[0].upper()}{named[1:]}." if about else named


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _classes(kind: Any, seen: set[type]) -> set[type]:
    """The classes that an answer is made of."""
    if isinstance(kind, type) and (is_dataclass(kind) or hasattr(kind, "_fields")):
        if kind not in seen:
            seen.add(kind)
            for part in get_type_hints(kind).values():
                _classes(part, seen)
    else:
        for part in get_args(kind):
            _classes(part, seen)
    return seen
