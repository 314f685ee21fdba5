"""Strict JSON: numbers as exact decimal text, and nothing that could be read in two ways or cost much.

A whole line may be a comment, if `//` is the first thing on it; nothing else differs from JSON.
"""

from __future__ import annotations

import codecs
import json
import os
import re
import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from fractions import Fraction
from functools import lru_cache, partial
from pathlib import PurePath
from types import MappingProxyType, NoneType
from typing import Any, NamedTuple

from solver.errors import InputError
from solver.patient.readers.native.record_faults import FACTS, Findings, step
from solver.patterns import pattern
from solver.reading import read_file, unpacked_bytes, unreadable
from solver.text import clean, quote, shorten

MOST_BYTES = 10_000_000
DEEPEST = 100
LARGEST = 10**12
STANDARD_INPUT = "standard input"

Source = bytes | str | Mapping[str, object] | os.PathLike[str]
"""What can be read: the text of a JSON file, what it holds as Python values, or the file."""

_LONGEST_NUMBER = 40
_LARGEST_EXPONENT = 40
_SURELY_SMALL = 12
"""Digits before the point of a number that needs no arithmetic to see that it is none too large."""
_MOST_NUMBERS = 4096
_SETTLED = frozenset({str, bool, NoneType})
_NUMBER = pattern(r"-?\d+(?:\.\d+)?(?:[eE](?P<exponent>[+-]?\d+))?", re.ASCII)
_BOM = "\ufeff"
_PACKED_ENDING = pattern(r"(\.(?:json|ndjson|jsonl))\.gz$", re.IGNORECASE)
_COMMENT = pattern(r"(?:\A|(?<=[\r\n]))[ \t]*//[^\r\n]*")
_BRACKETS = pattern(r'(?:[^"\[{\]}]++|"(?:[^"\\]++|\\.)*+"?)*+([\[{\]}]?)', re.DOTALL)
"""A bracket, and the strings before it."""
_STRUCTURE = pattern(r'"(?:[^"\\]++|\\.)*+"?|[\[{\]}]', re.DOTALL)


class NumberText(NamedTuple):
    """A number as it is written."""

    text: str

    @property
    def fault(self) -> str | None:
        """What makes the number unusable, if anything."""
        if len(self.text) > _LONGEST_NUMBER:
            return (
                f"{shorten(self.text)} has too many digits: a number has at most {_LONGEST_NUMBER} characters"
            )
        return _number_said(self.text)[0]

    @property
    def value(self) -> Fraction | None:
        """The exact number, or None where it is unusable."""
        return None if len(self.text) > _LONGEST_NUMBER else _number_said(self.text)[1]


@lru_cache(maxsize=4096)
def _number_said(text: str) -> tuple[str | None, Fraction | None]:
    """The fault of a number that is not too long, or the number."""
    form = _NUMBER.fullmatch(text)
    if not form:
        return f"{quote(text)} is not a number: write a number, or null for unknown", None
    if form["exponent"] is None and len((whole := text.partition("."))[0]) <= _SURELY_SMALL:
        return None, Fraction(int(whole[0] + whole[2]), 10 ** len(whole[2]))
    exponent = int(form["exponent"] or 0)
    if exponent < -_LARGEST_EXPONENT:
        return f"{text} has too many decimals: write it as measured", None
    if exponent > _LARGEST_EXPONENT or abs(Fraction(text)) > LARGEST:
        return f"{text} is too large: the magnitude of a number is at most 10^12", None
    return None, Fraction(text)


class _Numbers(dict[str, NumberText]):
    """The numbers that were met lately, by their text, each made once."""

    def __missing__(self, text: str) -> NumberText:
        found = NumberText(text)
        if len(text) <= _LONGEST_NUMBER:
            if len(self) >= _MOST_NUMBERS:
                self.clear()
            self[text] = found
        return found


def is_number(text: str) -> bool:
    """Whether a text is a number as JSON writes it, be it too large or too long to be used."""
    return _NUMBER.fullmatch(text) is not None


def plain_json(value: Any) -> Any:
    """What was read as JSON writes it, with plain numbers."""
    if isinstance(value, dict):
        return {key: plain_json(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain_json(each) for each in value]
    if isinstance(value, NumberText):
        number = value.value
        return int(number) if number is not None and number.denominator == 1 else float(value.text)
    return value


def written_json(value: Any, *, indent: int | None = None, _depth: int = 0) -> str:
    """What was read as JSON text again, each number as it was written; with `indent`, on lines that are set in by it."""
    if isinstance(value, NumberText):
        return value.text
    if not value or not isinstance(value, dict | list):
        return json.dumps(value)
    inner = partial(written_json, indent=indent, _depth=_depth + 1)
    if isinstance(value, dict):
        colon = ":" if indent is None else ": "
        parts = [f"{json.dumps(key)}{colon}{inner(each)}" for key, each in value.items()]
    else:
        parts = list(map(inner, value))
    before, after = (
        ("", "") if indent is None else ("\n" + " " * indent * (_depth + 1), "\n" + " " * indent * _depth)
    )
    begin, end = "{}" if isinstance(value, dict) else "[]"
    return begin + before + f",{before}".join(parts) + after + end


class JsonObject(dict[str, Any]):
    """An object as it was read from JSON text: each value is text, a boolean, None, a `NumberText`, a list or another object."""

    __slots__ = ()


class _Repetitive(JsonObject):
    """One that has keys more than once, and remembers which."""

    __slots__ = ("repeated",)
    repeated: dict[str, None]


def _object(pairs: list[tuple[str, Any]]) -> JsonObject:
    found = JsonObject(pairs)
    if len(found) == len(pairs):
        return found
    again, seen = _Repetitive(pairs), set[str]()
    again.repeated = {}
    for key, _ in pairs:
        if key in seen:
            again.repeated[key] = None
        seen.add(key)
    return again


_number = _Numbers().__getitem__
_DECODER = json.JSONDecoder(
    parse_int=_number, parse_float=_number, parse_constant=_number, object_pairs_hook=_object
)


def display_name(path: str | os.PathLike[str]) -> str:
    """How messages call the file: its path, or `standard input` for `-`."""
    return STANDARD_INPUT if os.fspath(path) == "-" else clean(os.fspath(path))


def read_bytes(path: str | os.PathLike[str]) -> bytes:
    """The content of a file, unpacked, or of standard input for `-`; no more than is needed to see that it is too long.

    Raises `InputError` with one line if the file cannot be read.
    """
    name = display_name(path)
    if os.fspath(path) != "-":
        return unpacked_bytes(read_file(path, name, MOST_BYTES, streams=True), name, MOST_BYTES)
    try:
        return unpacked_bytes(sys.stdin.buffer.read(MOST_BYTES + 1), name, MOST_BYTES)
    except (OSError, ValueError) as error:
        raise unreadable(name, error) from None


def file_stem(name: str) -> str:
    """What a file is called without what its name ends in, and ends in where it is packed; so is a record in it that has no id."""
    return name if name == STANDARD_INPUT else PurePath(_PACKED_ENDING.sub(r"\1", name)).stem or name


def parsed(source: Source, name: str) -> Any:
    """What a source holds, before `settle`; raises `InputError` with one line if it is not JSON."""
    if isinstance(source, Mapping):
        return source if isinstance(source, JsonObject) else dict(source)
    if isinstance(source, str):
        if source.strip() and "{" not in source:
            raise InputError(
                f"{name}: {quote(source)} is no JSON object: write {{...}}, or give a file as a Path"
            )
        source = source.encode("utf-8", "surrogatepass")
    return parse_json(source if isinstance(source, bytes) else read_bytes(source), name)


def source_name(source: Source, name: str | None, otherwise: str) -> str:
    """How messages call a source: as it is said, else its path, else `otherwise`."""
    if name is None:
        return display_name(source) if isinstance(source, os.PathLike) else otherwise
    return display_name(name)


def parse_json(data: bytes, name: str) -> Any:
    """What a JSON file holds, before `settle`; raises `InputError` with one line if it is not JSON."""
    name = clean(name)
    if len(data) > MOST_BYTES:
        raise InputError(f"{name}: is larger than 10 MB: a record is a few thousand bytes")
    try:
        text = data.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError:
        text = "\0"
    if (
        text.count("{") + text.count("[") <= DEEPEST
    ):  # so few cannot be nested too deep, those in strings included
        with suppress(ValueError):  # a comment, or a fault
            return _DECODER.decode(text)
    if "\0" in text:
        raise InputError(f"{name}: is not text in UTF-8: save it as UTF-8")
    if "//" in text:  # a string never runs over a line, so that the text of none is taken for a comment
        text = _COMMENT.sub("", text)
    if not text or text.isspace():
        raise InputError(f"{name}: is empty: write a JSON object")
    if _nesting_depth(text) > DEEPEST:
        raise InputError(f"{name}: is nested more than {DEEPEST} deep: a record is nested four deep")
    try:
        return json.loads(text) if text[0] == _BOM else _DECODER.decode(text)  # which refuses a second one
    except json.JSONDecodeError as error:
        reason = error.msg[:1].lower() + error.msg[1:].removesuffix(" at")
        raise InputError(
            f"{name}: line {error.lineno}, column {error.colno}: is not JSON: {clean(reason)}"
        ) from None


def settle(
    value: object,
    findings: Findings,
    where: str = "",
    depth: int = 0,
    facts: Mapping[str, object] = MappingProxyType({}),
) -> Any:
    """A parsed value with every number as a `NumberText`; notes unusable numbers, repeated keys and what is not JSON.

    `facts` are those of a record that are read already: each stands in the place of what was written.
    """
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if depth > DEEPEST:
        findings.add("", f"is nested more than {DEEPEST} deep: a record is nested four deep")
        return None
    if isinstance(value, dict):
        for key in getattr(value, "repeated", ()):
            findings.add_malformed(where, f"the key {quote(key)} is given twice: keep one")
        known = facts if depth == 1 and where == FACTS else {}
        if known and len(known) == len(value):
            return known
        return {
            str(key): known[key]
            if key in known
            else item
            if type(item) in _SETTLED
            else settle(item, findings.of(where, str(key)), step(where, str(key)), depth + 1, facts)
            for key, item in value.items()
        }
    if isinstance(value, NumberText):
        number = value
    elif isinstance(value, list | tuple):
        return [
            item if _is_plain(item) else settle(item, findings, step(where, index), depth + 1)
            for index, item in enumerate(value)
        ]
    else:
        number = _number_text(value)
    if number.fault:
        findings.add(where, number.fault)
    return number


def shown(value: object) -> str:
    """A value as messages show it, in few words whatever its size."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return quote(value)
        case NumberText():
            return shorten(value.text) if value.text[-1:].isdigit() else quote(value.text)
        case list():
            return "a list"
        case _:
            return "an object"


def _is_plain(value: object) -> bool:
    """Whether there is nothing to settle, as in nearly every entry of a long list."""
    return isinstance(value, str) or (
        isinstance(value, NumberText)
        and len(value.text) <= 12
        and value.text.isdigit()
        and value.text.isascii()
    )


def _number_text(value: object) -> NumberText:
    if isinstance(value, int) and value.bit_length() > 256:
        return NumberText("9" * (_LONGEST_NUMBER + 1))
    return NumberText(str(value))


def balanced_object(line: bytes) -> bool:
    """Whether a line begins an object and ends all that it begins, so that it can be a record by itself."""
    depth = 0
    text = line.decode("latin-1")
    for token in _STRUCTURE.finditer(text):
        first = text[token.start()]
        depth += (first in "[{") - (first in "]}")
    return depth == 0 and text.lstrip().startswith("{")


def _nesting_depth(text: str) -> int:
    """How deep brackets are nested, outside of strings; no more than one above the limit."""
    depth = deepest = 0
    for found in _BRACKETS.finditer(text):
        bracket = found[0]
        if bracket in ("[", "{"):
            depth += 1
            deepest = max(deepest, depth)
            if depth > DEEPEST:
                break
        elif bracket:
            depth -= 1
    return deepest
