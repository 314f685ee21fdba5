"""The JSON of an answer: its dataclass, field by field, in their order.

`Window("2026-01-01", "2026-02-01", opened_by=("X.I1",))` becomes `{"first": "2026-01-01", "last": "2026-02-01", "opened_by": ["X.I1"]}`. A
field whose metadata are `PRIVATE` is for users of Python, and no part of the contract; one with a `written_as` key stands under that one;
of what stands in one with `only_keys` only these fields do. One that is `SPARSE` has no key where it is None.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import Field, fields, is_dataclass
from functools import cache
from operator import attrgetter
from typing import Any, NamedTuple

_PLAIN = frozenset({str, int, bool, float, type(None)})


def document(answer: Any, only: tuple[str, ...] = ()) -> Any:
    """An answer, or a part of one, as JSON values: dataclasses and named tuples as objects, other tuples as arrays.

    Where `only` names any, a dataclass has no other fields than these.
    """
    kind: type = type(answer)
    # of long answers nearly all is plain: a call for each value would take most of the time
    if kind in _PLAIN:
        return answer
    if kind is tuple or kind is list:
        return [part if type(part) in _PLAIN else document(part) for part in answer]
    if kind is dict:
        return {key: part if type(part) in _PLAIN else document(part) for key, part in answer.items()}
    if is_dataclass(kind):
        keys, values_of, inner, sparse = _written(kind, only)
        found = dict(zip(keys, values_of(answer), strict=True))
        for key, value in found.items():
            if type(value) not in _PLAIN:
                found[key] = document(value, inner[key])
        for key in sparse:
            if found[key] is None:
                del found[key]
        return found
    if isinstance(answer, tuple | list):
        return document(answer._asdict() if hasattr(answer, "_asdict") else list(answer))
    return document(dict(answer)) if isinstance(answer, dict) else answer


class _Written(NamedTuple):
    """How a dataclass is written: its keys, what gives their values, and the only fields of what stands in each.

    Those that are `sparse` are left out where they are None.
    """

    keys: tuple[str, ...]
    values_of: Callable[[Any], Iterable[Any]]
    inner: dict[str, tuple[str, ...]]
    sparse: tuple[str, ...]


@cache
def _written(kind: type, only: tuple[str, ...]) -> _Written:
    fields = _written_fields(kind, only)
    names = [name for _, name, _, _ in fields]
    return _Written(
        tuple(key for key, _, _, _ in fields),
        # of a single name it would give the value itself
        attrgetter(*names) if len(names) > 1 else lambda answer: [getattr(answer, name) for name in names],
        {key: inner for key, _, inner, _ in fields},
        tuple(key for key, _, _, sparse in fields if sparse),
    )


@cache
def _written_fields(kind: type, only: tuple[str, ...]) -> list[tuple[str, str, tuple[str, ...], bool]]:
    """Of each public field its key, its name, the only fields of what stands in it, and whether it is left out where it is None."""
    return [
        (key, field.name, only_fields(field), is_sparse(field))
        for key, field in public_fields(kind, only).items()
    ]


def answer_document(answer: Any) -> dict[str, Any]:
    """The answer as JSON values, keys in the order of the contract."""
    found: dict[str, Any] = document(answer)
    return found


_encoded = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def json_text(answer: Any) -> str:
    """The JSON of an answer on one line."""
    return _encoded(document(answer))


def json_pieces(answer: Any) -> Iterator[str]:
    """The same piece by piece, an entry of a list at a time, for an answer that may be long."""
    lead = "{"
    kind: type = type(answer)
    for key, name, inner, sparse in _written_fields(kind, ()):
        value = getattr(answer, name)
        if sparse and value is None:
            continue
        yield f"{lead}{_encoded(key)}:"
        lead = ","
        if not isinstance(value, tuple):
            yield _encoded(document(value, inner))
            continue
        before = "["
        for part in value:
            yield before + json_text(part)
            before = ","
        yield "]" if value else "[]"
    yield "}"


@cache
def public_fields(kind: type, only: tuple[str, ...] = ()) -> dict[str, Field[Any]]:
    """The fields of a dataclass that are part of the contract, by their keys in the JSON; `only` as for `document`."""
    public = (field for field in fields(kind) if not field.metadata.get("private"))
    return {
        field.metadata.get("key", field.name): field for field in public if not only or field.name in only
    }


def is_sparse(field: Field[Any]) -> bool:
    """Whether a field has no key in the JSON where it is None."""
    return bool(field.metadata.get("sparse"))


def only_fields(field: Field[Any]) -> tuple[str, ...]:
    """The only fields that what stands in a field has in the JSON; empty where it has all."""
    return tuple(field.metadata.get("only", ()))
