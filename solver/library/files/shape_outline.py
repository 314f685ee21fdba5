"""The outline of a shape: what pydantic says of it, as plain data, and what fits it.

Pydantic takes ten times as long to import as a trial takes to be compiled. So the outline of trial files is kept in the compile cache, and
a file that has changed is held against that:

    class CohortShape(FileShape):         ("shape", {"label": ("label", ("text", None, 1, None), None), ...})
        label: Text
        recruitment: list[...] = ...

What fits an outline fits the shape, and comes to the same. What does not, or where that is in any doubt, is left to pydantic, which says
what is wrong. A shape that asks for more than an outline can say has none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from solver.library.files.shapes import FileShape

Outline = tuple[Any, ...]
"""What it is of, and what is asked of it."""

_PLAIN_MODEL = {"type", "cls", "config", "custom_init", "ref", "root_model", "schema", "metadata"}


class Unfit(Exception):
    """Something does not fit an outline, or may not."""


class FittedShape:
    """What a part of a file holds that fits the outline of its shape: the same attributes."""

    def copied(self, *keys: str) -> dict[str, Any]:
        """What stands under these keys, for what is compiled from it and has it by the same names."""
        return {key: getattr(self, key) for key in keys}


def outline_of(shape: type[FileShape]) -> Outline | None:
    """The outline of a shape; None where it asks for what an outline does not say."""
    try:
        return _told(shape.__pydantic_core_schema__)
    except Unfit:
        return None


def fitted(data: object, outline: Outline) -> Any:
    """What data of a file come to by an outline; raises `Unfit`."""
    return _FITTING[outline[0]](data, *outline[1:])


def _told(schema: Mapping[str, Any]) -> Outline:
    kind, asked = schema["type"], schema.keys() - {"type", "metadata"}
    _demand(kind in _TELLING)
    telling, known = _TELLING[kind]
    _demand(asked <= known)
    return telling(schema)


def _told_model(schema: Mapping[str, Any]) -> Outline:
    inner = schema["schema"]
    _demand(schema["config"].keys() == {"extra_fields_behavior", "title"} and inner["type"] == "model-fields")
    _demand(schema["config"]["extra_fields_behavior"] == "forbid")
    _demand(not (schema["custom_init"] or schema["root_model"] or inner["computed_fields"]))
    _demand(inner.keys() <= {"type", "fields", "model_name", "computed_fields"})
    fields = {}
    for name, field in inner["fields"].items():
        _demand(field.keys() <= {"type", "schema", "metadata", "validation_alias", "serialization_alias"})
        given, default = field["schema"], None  # which has to be given
        if given["type"] == "default":
            given, default = given["schema"], _told_default(given)
        key = field.get("validation_alias", name)
        _demand(isinstance(key, str))
        fields[key] = name, _told(given), default
    return "shape", fields


def _told_default(schema: Mapping[str, Any]) -> Any:
    """What stands for what is not given: a list, a map or a shape that is made anew each time, or a value."""
    if "default" in schema:
        value = schema["default"]
        _demand(value is None or isinstance(value, bool | str))
        return "value", value
    _demand(not schema["default_factory_takes_data"])
    factory = schema["default_factory"]
    if factory in (list, dict):
        return factory.__name__, None
    return "shape", _told(factory.__pydantic_core_schema__)


_TELLING: dict[str, tuple[Callable[[Mapping[str, Any]], Outline], set[str]]] = {
    "model": (_told_model, _PLAIN_MODEL),
    "str": (
        lambda each: ("text", each.get("pattern"), each.get("min_length", 0), each.get("max_length")),
        {"pattern", "min_length", "max_length"},
    ),
    "bool": (lambda _: ("flag",), set()),
    "any": (lambda _: ("anything",), set()),
    "literal": (lambda each: ("one of", tuple(each["expected"])), {"expected"}),
    "nullable": (lambda each: _told(each["schema"]), {"schema"}),  # nothing in a file is None
    "list": (
        lambda each: ("list", _told(each["items_schema"]), each.get("max_length")),
        {"items_schema", "max_length"},
    ),
    "dict": (
        lambda each: (
            "map",
            _told(each["keys_schema"]),
            _told(each["values_schema"]),
            each.get("max_length"),
        ),
        {"keys_schema", "values_schema", "max_length"},
    ),
    "union": (lambda each: ("either", tuple(map(_told, each["choices"]))), {"choices"}),
}
"""Of each kind of schema its outline, and what may be asked of it."""


def _demand(fact: bool) -> None:
    if not fact:
        raise Unfit


def _fitted_shape(
    data: object, fields: Mapping[str, tuple[str, Outline, tuple[str, Any] | None]]
) -> FittedShape:
    _demand(type(data) is dict and data.keys() <= fields.keys())
    found = FittedShape()
    values = vars(found)
    for key, (name, outline, default) in fields.items():
        if key in data:  # type: ignore[operator]
            values[name] = fitted(data[key], outline)  # type: ignore[index]
        else:
            values[name] = _default(default)
    return found


def _default(default: tuple[str, Any] | None) -> Any:
    if default is None:
        raise Unfit
    kind, value = default
    match kind:
        case "list":
            return []
        case "dict":
            return {}
        case "shape":
            return fitted({}, value)
        case _:
            return value


def _fitted_text(data: object, pattern: str | None, least: int, most: int | None) -> str:
    _demand(type(data) is str)
    text: str = data  # type: ignore[assignment]
    _demand(least <= len(text) and (most is None or len(text) <= most))
    if not text.isascii():
        # what a letter is may differ between kinds of patterns, and half a letter is none
        _demand(pattern is None and not any("\ud800" <= each <= "\udfff" for each in text))
    elif pattern is not None:
        # so may whether a text ends before or behind its last break of line
        _demand("\n" not in text and _compiled(pattern).search(text) is not None)
    return text


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


def _fitted_flag(data: object) -> bool:
    _demand(data in ("true", "false"))
    return data == "true"


def _fitted_choice(data: object, values: tuple[object, ...]) -> object:
    _demand(type(data) is str and data in values)
    return data


def _fitted_list(data: object, outline: Outline, most: int | None) -> list[Any]:
    _demand(type(data) is list and (most is None or len(data) <= most))
    return [fitted(each, outline) for each in data]  # type: ignore[attr-defined]


def _fitted_map(data: object, keys: Outline, values: Outline, most: int | None) -> dict[str, Any]:
    _demand(type(data) is dict and (most is None or len(data) <= most))
    return {fitted(key, keys): fitted(each, values) for key, each in data.items()}  # type: ignore[attr-defined]


def _fitted_either(data: object, choices: tuple[Outline, ...]) -> Any:
    found = []
    for each in choices:
        try:
            found.append(fitted(data, each))
        except Unfit:
            continue
    _demand(len(found) == 1)
    return found[0]


_FITTING: dict[str, Callable[..., Any]] = {
    "shape": _fitted_shape,
    "text": _fitted_text,
    "flag": _fitted_flag,
    "anything": lambda data: data,
    "one of": _fitted_choice,
    "list": _fitted_list,
    "map": _fitted_map,
    "either": _fitted_either,
}
