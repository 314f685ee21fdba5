"""YAML with places: plain data, all scalars as text, and for every value the line and column where it stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from solver.dataclass import dataclass
from solver.errors import InputError
from solver.language.arithmetic import CriterionError
from solver.library.files.file_limits import DEEPEST, LONGEST_NAME, LONGEST_TEXT, MOST_BYTES, MOST_NODES
from solver.reading import read_file
from solver.text import quote

PathInFile = tuple[str | int, ...]

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG = "tag:yaml.org,2002:"
_TAGS = {_TAG + kind for kind in ("str", "seq", "map")}


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML file: its `data`, the node of every place in it, and the nodes of the keys of its mappings by the places they lead to."""

    name: str
    source: str
    data: Any
    nodes: dict[PathInFile, yaml.Node]
    keys: dict[PathInFile, yaml.Node]

    def place(self, path: Iterable[str | int]) -> str:
        """`file:line:column` of a value, or of the nearest thing around it."""
        trail = tuple(path)
        while trail and trail not in self.nodes:
            trail = trail[:-1]
        return _line_of(self.name, self.nodes[trail].start_mark)

    def key_place(self, path: PathInFile) -> str:
        """`file:line:column` of the key that leads to a value; of the value itself where it stands in a list."""
        return _line_of(self.name, self.keys[path].start_mark) if path in self.keys else self.place(path)

    def region(self, path: PathInFile) -> tuple[int, int, int, int]:
        """First line and column of a value, and the line and column just behind its last scalar, from 1."""
        node = self.nodes[path]
        start = node.start_mark
        while not isinstance(node, yaml.ScalarNode) and node.value:
            last = node.value[-1]
            node = last[1] if isinstance(last, tuple) else last
        end = node.end_mark
        return start.line + 1, start.column + 1, end.line + 1, end.column + 1

    def expression(self, path: PathInFile) -> tuple[str, int, int]:
        """The text of a scalar exactly as it stands in the file, with its first line and column (from 1)."""
        node = self.nodes[path]
        start, end = node.start_mark, node.end_mark
        raw = self.source[start.index : end.index]
        style = getattr(node, "style", None)
        if style in ("|", ">"):
            return raw.partition("\n")[2], start.line + 2, 1
        if style in ("'", '"'):
            return raw[1:-1], start.line + 1, start.column + 2
        return raw, start.line + 1, start.column + 1

    def fault(self, path: PathInFile, error: CriterionError) -> str:
        """The error in the text at `path` as one line with its place in the file."""
        _, line, column = self.expression(path)
        at = (line + error.line - 1, error.column + (column - 1 if error.line == 1 else 0))
        return f"{self.name}:{at[0]}:{at[1]}: {error.message}"


def read_document(path: Path, name: str) -> Document:
    """The document in a file, called `name` in messages; raises `InputError`."""
    return document_of(read_file(path, name, MOST_BYTES), name)


def document_of(content: bytes, name: str) -> Document:
    """The document that the content of a file holds; raises `InputError`."""
    if len(content) > MOST_BYTES:
        raise InputError(f"{name}: is larger than {MOST_BYTES // 1_000_000} MB: split it into several files")
    try:
        source = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{name}: is not text in UTF-8 (byte {error.start})") from None
    return parse_document(source.replace("\r\n", "\n"), name)


def parse_document(source: str, name: str) -> Document:
    """The document that a text holds; raises `InputError`."""
    try:
        _check_events(source, name)
        root = yaml.compose(source, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
        raise InputError(f"{at}: not readable as YAML: {error.problem or error.context}") from None
    except yaml.YAMLError as error:
        raise InputError(f"{name}: not readable as YAML: {str(error).splitlines()[0]}") from None
    if root is None:
        raise InputError(f"{name}:1:1: the file is empty")
    found = Document(name, source, None, {}, {})
    return replace(found, data=_plain_data(root, (), found))


def _check_events(source: str, name: str) -> None:
    """Refuse a text that is too large, nested too deep or tagged, before its nodes are built: that would cost as much as it is large."""
    depth = 0
    for count, event in enumerate(yaml.parse(source, Loader=_LOADER)):
        if count > 2 * MOST_NODES:
            raise _too_many(name, event.start_mark)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST + 1:
                raise _too_deep(name, event.start_mark)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        elif isinstance(event, yaml.ScalarEvent) and len(event.value) > LONGEST_TEXT:
            fault = f"a text of {len(event.value):,} characters: it has at most {LONGEST_TEXT:,}"
            raise InputError(f"{_line_of(name, event.start_mark)}: {fault}")
        tag = getattr(event, "tag", None)
        if tag is not None and tag not in _TAGS:
            fault = f"the tag {quote(tag.replace(_TAG, '!!'))} is not read here: leave it out"
            raise InputError(f"{_line_of(name, event.start_mark)}: {fault}")


def _line_of(name: str, mark: Any) -> str:
    return f"{name}:{mark.line + 1}:{mark.column + 1}"


def _too_deep(name: str, mark: Any) -> InputError:
    return InputError(f"{name}:{mark.line + 1}: nested more than {DEEPEST} deep")


def _too_many(name: str, mark: Any) -> InputError:
    return InputError(
        f"{_line_of(name, mark)}: more than {MOST_NODES:,} values, each alias counted as what it stands for: split the file"
    )


def _plain_data(node: yaml.Node, path: PathInFile, into: Document) -> Any:
    """What a node holds; the nodes of its places and keys go into a document."""
    nodes, name = into.nodes, into.name
    nodes[path] = node
    if len(path) > DEEPEST:
        raise _too_deep(name, node.start_mark)
    if len(nodes) > MOST_NODES:
        raise _too_many(name, node.start_mark)
    if isinstance(node, yaml.ScalarNode):
        return node.value
    if isinstance(node, yaml.SequenceNode):
        return [_plain_data(child, (*path, i), into) for i, child in enumerate(node.value)]
    found: dict[str, Any] = {}
    for key, value in node.value:
        fault = None
        if not isinstance(key, yaml.ScalarNode):
            fault = "a key must be a plain text"
        elif len(key.value) > LONGEST_NAME:
            fault = f"the key {quote(key.value)} has more than {LONGEST_NAME} characters"
        elif key.value in found:
            fault = f"duplicate key {quote(key.value)}"
        if fault is not None:
            raise InputError(f"{_line_of(name, key.start_mark)}: {fault}")
        into.keys[*path, key.value] = key
        found[key.value] = _plain_data(value, (*path, key.value), into)
    return found
