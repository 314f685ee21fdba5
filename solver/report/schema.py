"""The JSON Schema of an answer, made from its dataclass: its docstrings and those of its fields are the descriptions.

That of `match` is shipped as a file, `PATH`, which `make schema` writes again.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from dataclasses import is_dataclass
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, NotRequired, Union, get_args, get_origin, get_type_hints

from pydantic import Field, TypeAdapter
from typing_extensions import TypedDict

from solver.report.json import is_sparse, only_fields, public_fields

PATH = Path(__file__).with_name("match.schema.json")


_Made = dict[tuple[type, tuple[str, ...]], Any]
"""The typed dictionaries that were made, by class and the only fields that it has."""


def answer_schema(answer: type) -> dict[str, Any]:
    """The JSON Schema of the document of an answer, whose title is what stands under its key `schema`."""
    (title,) = get_args(get_type_hints(answer)["schema"])
    schema = TypeAdapter(_dictionary_of(answer, {})).json_schema(mode="serialization")
    draft = "https://json-schema.org/draft/2020-12/schema"
    return {"$schema": draft, "title": title, **_without_titles(schema)}


def _dictionary_of(kind: type, made: _Made, only: tuple[str, ...] = ()) -> Any:
    """A typed dictionary with the keys that the document of a dataclass or a named tuple has; `only` as for `document`."""
    if (kind, only) not in made:
        hints, said = get_type_hints(kind, include_extras=True), _said_of_fields(kind)
        named: tuple[str, ...] = getattr(kind, "_fields", ())
        public = {} if named else public_fields(kind, only)
        names: dict[str, tuple[str, tuple[str, ...]]] = {name: (name, ()) for name in named} or {
            key: (field.name, only_fields(field)) for key, field in public.items()
        }
        sparse = {key for key, field in public.items() if is_sparse(field)}
        keys: dict[str, Any] = {
            key: Annotated[
                _json_type(_said(hints[name]) if key in sparse else hints[name], made, inner),
                Field(description=said.get(name)),
            ]
            for key, (name, inner) in names.items()
        }
        keys |= {key: NotRequired[keys[key]] for key in sparse}
        make: Any = TypedDict
        made[kind, only] = make(kind.__name__, keys)
        made[kind, only].__doc__ = kind.__doc__
    return made[kind, only]


def _json_type(kind: Any, made: _Made, only: tuple[str, ...] = ()) -> Any:
    """The type of what stands in the document where an answer has a value of this type."""
    origin, parts = get_origin(kind), get_args(kind)
    if isinstance(kind, type) and (is_dataclass(kind) or hasattr(kind, "_fields")):
        return _dictionary_of(kind, made, only)
    inner: Any = tuple(_json_type(part, made, only) for part in parts if part is not Ellipsis)
    if origin in (tuple, list):
        return list[Union[inner]]  # noqa: UP007
    if origin is dict:
        return dict[str, inner[1]]
    if origin in (Union, UnionType):
        return Union[inner]  # noqa: UP007
    return kind


def _said(kind: Any) -> Any:
    """The type without None, which stands for no key."""
    return Union[tuple(part for part in get_args(kind) if part is not NoneType)]  # noqa: UP007


@cache
def _said_of_fields(kind: type) -> dict[str, str]:
    """The string below each field of a class."""
    found: dict[str, str] = {}
    (whole,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    assert isinstance(whole, ast.ClassDef)
    for part, after in zip(whole.body, whole.body[1:], strict=False):
        if (
            isinstance(part, ast.AnnAssign)
            and isinstance(part.target, ast.Name)
            and isinstance(after, ast.Expr)
            and isinstance(after.value, ast.Constant)
            and isinstance(after.value.value, str)
        ):
            found[part.target.id] = inspect.cleandoc(after.value.value)
    return found


def _without_titles(value: Any) -> Any:
    """The schema without the titles that only repeat names."""
    if isinstance(value, dict):
        kept = {key: item for key, item in value.items() if not (key == "title" and isinstance(item, str))}
        return {key: _without_titles(item) for key, item in kept.items()}
    return [_without_titles(item) for item in value] if isinstance(value, list) else value
