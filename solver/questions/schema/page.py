"""A JSON Schema as a table for people: each property with its type, whether it is required, and below that what it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from solver.report.page import Page, Span
from solver.report.words import listed

Schema = dict[str, Any]

_KINDS = {kind: kind for kind in ("number", "boolean", "null", "object")}
_KINDS |= {"string": "text", "integer": "whole number"}
_MANY = 24
"""More allowed values than these are not listed."""


class Property(NamedTuple):
    """A row of the table; what belongs to an object is one `depth` further in."""

    depth: int
    name: str
    kind: str
    required: bool
    about: str


def schema_table(schema: Schema, width: int) -> Page:
    """The page of a schema."""
    page = Page(width)
    page.text(schema["title"], style="bold")
    page.text(schema["description"])
    page.blank()
    rows = [("  " * row.depth + row.name, row) for row in properties(schema)]
    widths = [max(len(name) for name, _ in rows)]
    for name, row in rows:
        kind = f"{row.kind}, required" if row.required else row.kind
        page.row([Span(name, "bold"), Span(kind, "" if row.required else "dim")], widths)
        if row.about:
            page.text(row.about, indent=2 * row.depth + 4)
    return page


def properties(schema: Schema) -> Iterator[Property]:
    """Every property, in the order of the schema, each object's own below it; alternatives within one value are not opened."""
    yield from _properties_within(schema, schema.get("$defs", {}), 0)


def _properties_within(schema: Schema, shared: Schema, depth: int) -> Iterator[Property]:
    needed = schema.get("required", ())
    named = {name: (part, name in needed) for name, part in schema.get("properties", {}).items()}
    of_any_name = [schema.get("additionalProperties"), *schema.get("patternProperties", {}).values()]
    named.update(("<name>", (part, False)) for part in of_any_name if isinstance(part, dict))
    for name, (given, required) in named.items():
        part = _resolved_part(given, shared)
        inner = _inner_schema(part, shared)
        about = given.get("description") or part.get("description") or inner.get("description", "")
        choices = _choice_words(inner)
        if about and choices and not about.endswith("."):
            about += "."
        yield Property(depth, name, _kind_words(part, shared), required, f"{about} {choices}".strip())
        yield from _properties_within(inner, shared, depth + 1)


def _resolved_part(schema: Schema, shared: Schema) -> Schema:
    found: Schema = shared[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    return found


def _inner_schema(schema: Schema, shared: Schema) -> Schema:
    """What a value, or each entry of a list, is made of; of alternatives, a shape that is the only one beside null."""
    given = [part for part in schema.get("anyOf", ()) if part.get("type") != "null"]
    if len(given) == 1:
        entry = given[0].get("items", given[0])
        return _resolved_part(entry, shared) if "$ref" in entry else schema
    found = _resolved_part(schema.get("items", schema), shared)
    return _joined_forms([_resolved_part(form, shared) for form in found.get("oneOf", ())]) or found


def _joined_forms(forms: Sequence[Schema]) -> Schema:
    """The properties of all forms that an entry may have; one that is needed in all of them is required."""
    objects = [form for form in forms if "properties" in form]
    if not objects:
        return {}
    properties: Schema = {}
    for form in objects:
        properties |= form["properties"]
    needed = [set(form.get("required", ())) for form in objects]
    return {"properties": properties, "required": sorted(set.intersection(*needed))}


def _kind_words(schema: Schema, shared: Schema) -> str:
    if "type" not in schema:
        forms = schema.get("anyOf") or schema.get("oneOf")
        if forms is None:
            return "text" if "enum" in schema or "const" in schema else "anything"
        kinds = [_kind_words(_resolved_part(part, shared), shared) for part in forms]
    elif schema["type"] == "array":
        return f"list of {_kind_words(_resolved_part(schema['items'], shared), shared)}"
    else:
        given = schema["type"]
        kinds = [_KINDS[kind] for kind in ([given] if isinstance(given, str) else given)]
    return listed(list(dict.fromkeys(kinds)), "or")


def _choice_words(schema: Schema) -> str:
    """The values that are allowed, if they are named and not too many."""
    values = schema.get("enum") or [part["const"] for part in schema.get("anyOf", ()) if "const" in part]
    if "const" in schema:
        return f"Always {schema['const']}."
    named = [str(value) for value in values if not isinstance(value, bool)]
    return f"One of {', '.join(named)}." if 0 < len(named) <= _MANY else ""
