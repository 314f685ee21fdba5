"""Files of encodings are bounded and regular: nothing in one costs much, and what is refused is named with its place."""

from __future__ import annotations

import os
import re
import shutil
import socket
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from lark import Token, Tree

from solver.errors import InputError
from solver.language import size
from solver.language.arithmetic import CriterionError
from solver.language.elaborate import compile_condition, compile_value
from solver.language.parse import parse_expression
from solver.language.types import IntegerType
from solver.language.values import Scope
from solver.library.files import file_limits as limits
from solver.library.files.yaml_places import parse_document, read_document
from solver.library.load import default_encodings, load_library, load_trial
from solver.library.models import Library
from solver.patient.readers.native.json_text import read_bytes

FILES = sorted(default_encodings().rglob("*.yaml"))
TRIAL = (default_encodings() / "trials" / "zped.yaml").read_text(encoding="utf-8")
TENFOLD = 10

Make = Callable[[Path], object]


def make_socket(path: Path) -> None:
    """A socket at a path."""
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))


NO_FILES: dict[str, tuple[Make, str]] = {
    "a folder": (lambda path: path.mkdir(), "is a directory: give a file"),
    "a pipe that nobody writes to": (lambda path: os.mkfifo(path), "is a named pipe: give a file"),
    "a socket": (make_socket, "is a socket: give a file"),
    "a device without end": (lambda path: path.symlink_to("/dev/zero"), "is a device: give a file"),
    "a link to nothing": (lambda path: path.symlink_to("nowhere"), "does not exist: check the path"),
    "a link to itself": (lambda path: path.symlink_to(path.name), "cannot be read: too many levels"),
}


def refused(text: str) -> str:
    """The one line that says why a text is no document."""
    with pytest.raises(InputError) as caught:
        parse_document(text, "f.yaml")
    (problem,) = caught.value.problems
    return problem


@pytest.mark.parametrize("kind", NO_FILES)
def test_only_a_regular_file_is_read(
    kind: str, tmp_path: Path, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a trial, in a folder of encodings, or as a record: the line says what it is, and nothing waits."""
    make, reason = NO_FILES[kind]
    monkeypatch.chdir(tmp_path)  # the path of a socket is short
    path = Path("x.yaml")
    make(path)
    folder = tmp_path / "encodings"
    shutil.copytree(default_encodings(), folder)
    make(folder / "trials" / "x.yaml") if kind != "a socket" else os.link(path, folder / "trials" / "x.yaml")
    for read in (
        lambda: load_trial(path, library),
        lambda: read_bytes(path),
        lambda: load_library(folder, cached=False),
    ):
        with pytest.raises(InputError) as caught:
            read()
        (problem,) = caught.value.problems
        assert f"x.yaml: {reason}" in problem


def test_a_link_to_a_file_and_a_pipe_of_the_shell_are_read(tmp_path: Path, library: Library) -> None:
    """Links are followed; and a record may come through what the shell has opened, as `<(...)` does."""
    path = tmp_path / "link.yaml"
    path.symlink_to(default_encodings() / "trials" / "zped.yaml")
    assert load_trial(path, library).code == "ZPED"
    out, into = os.pipe()
    os.write(into, b"{}")
    os.close(into)
    assert read_bytes(f"/dev/fd/{out}") == b"{}"
    with pytest.raises(InputError, match="is a named pipe: give a file"):
        load_trial(f"/dev/fd/{out}", library)
    os.close(out)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: !!python/name:os.system\n", "f.yaml:1:4: the tag '!!python/name:os.system' is not read here"),
        ("a:\n  - !mine b\n", "f.yaml:2:5: the tag '!mine' is not read here: leave it out"),
        ("a: !!binary aGVsbG8=\n", "f.yaml:1:4: the tag '!!binary' is not read here"),
        ("!!set {a, b}\n", "f.yaml:1:1: the tag '!!set' is not read here"),
        (
            "a: " + "x" * (limits.LONGEST_TEXT + 1),
            "f.yaml:1:4: a text of 10,001 characters: it has at most 10,000",
        ),
        ("? " + "x" * (limits.LONGEST_NAME + 1) + "\n: 1", "f.yaml:1:3: the key 'xxx"),
        ("[" * 1000, "f.yaml:1: nested more than 50 deep"),
        ("a: &a [*a, *a]\n", "f.yaml:1: nested more than 50 deep"),
        ("- a\n" * (limits.MOST_NODES + 1), "f.yaml:50000:3: more than 50,000 values"),
    ],
)
def test_what_is_too_large_or_tagged_is_refused_with_its_place(text: str, message: str) -> None:
    """One line with line and column."""
    assert refused(text).startswith(message)


def test_a_tag_that_says_what_is_there_anyway_is_read() -> None:
    """A text, a list and a mapping may be called so."""
    assert parse_document("!!map {a: !!str 012, b: !!seq [c]}", "f").data == {"a": "012", "b": ["c"]}


def test_aliases_count_as_what_they_stand_for() -> None:
    """An alias is read; a nest of them that grows to gigabytes is refused before it has grown."""
    assert parse_document("a: &a [1, 2]\nb: *a\n", "f").data == {"a": ["1", "2"], "b": ["1", "2"]}
    rows = ["a0: &a0 [" + "x, " * 9 + "]"]
    rows += [f"a{i}: &a{i} [" + f"*a{i - 1}, " * 9 + "]" for i in range(1, 10)]
    tracemalloc.start()
    assert "more than 50,000 values, each alias counted as what it stands for" in refused("\n".join(rows))
    assert tracemalloc.get_traced_memory()[1] < 100_000_000
    tracemalloc.stop()


def test_a_file_or_a_folder_that_is_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By bytes of a file, by files of a folder, and by all bytes together; no more is read than shows it."""
    path = tmp_path / "f.yaml"
    path.write_bytes(b"#" * (limits.MOST_BYTES + 1))
    with pytest.raises(InputError, match="is larger than 1 MB: split it"):
        read_document(path, "f.yaml")
    monkeypatch.setattr("solver.library.load.MOST_BYTES_TOGETHER", 50_000)
    with pytest.raises(InputError, match="is larger than 0 MB"):
        load_library(cached=False)
    monkeypatch.setattr("solver.library.load.MOST_FILES", 3)
    with pytest.raises(InputError, match="vocabulary: holds more than 3 files: split the folder"):
        load_library(cached=False)


SCOPE = Scope({"x": IntegerType()})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x >= 1 or\nx >= " + "9" * 101, "a number has at most 100 digits"),
        ("x >= " + "9" * 1_000_000, "a number has at most 100 digits"),
        (" and ".join(["x >= 1"] * 1000), "more than 2,000 words"),
        ("not " * 200 + "x >= 1", "nested more than 100 deep"),
        (" implies ".join(["(x >= 1)"] * 200), "nested more than 100 deep"),
        ("(((((9^9)^9)^9)^9)^9)^9 >= x", "the number is too large"),
        ("(((x^9)^9)^9)^9 >= 1", "the number is too large"),
    ],
)
def test_an_expression_without_bounds_is_refused(text: str, message: str) -> None:
    """Digits, words, depth and powers."""
    with pytest.raises(CriterionError, match=message):
        compile_condition(text, SCOPE)


def test_a_number_of_too_many_digits_is_refused_at_its_place() -> None:
    """Line and column of its first digit."""
    with pytest.raises(CriterionError) as caught:
        parse_expression("x >= 1 or\n  x >= " + "9" * 101)
    assert (caught.value.line, caught.value.column) == (2, 8)


def test_definitions_do_not_grow_without_end() -> None:
    """A definition that doubles another is refused once it is too large, long before it costs much."""
    scope = Scope({"x": IntegerType()})
    scope.definitions["d0"] = compile_value("x >= 1 and x >= 2", scope)

    def double() -> None:
        for i in range(60):
            scope.definitions[f"d{i + 1}"] = compile_value(f"d{i} == d{i}", scope)

    with pytest.raises(CriterionError, match="more than 1,000 parts with what it names"):
        double()
    assert len(scope.definitions) < 12


def with_clauses(count: int, condition: str) -> str:
    """A trial file with so many clauses that all ask the same."""
    head = TRIAL[: TRIAL.rindex("\nclauses:") + 1]
    clause = "  - {{id: X{i}, label: l, source: s, class: objective, changes: test, require: {condition}}}\n"
    return head + "clauses:\n" + "".join(clause.format(i=i, condition=condition) for i in range(count))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (with_clauses(401, "age >= 18"), "more than 400 clauses: split the file"),
        (
            with_clauses(400, " and ".join(["age >= 18"] * 60)),
            "more than 50,000 parts of conditions: split it",
        ),
        (
            TRIAL.replace(
                "\ncohorts:\n", "\ncohorts:\n" + "".join(f"  C{i}: {{label: x}}\n" for i in range(100)), 1
            ),
            "more than 60 cohorts: split the file",
        ),
        (TRIAL.replace("code: ZPED", "code: " + "Z" * 51), "is too long: at most 50 characters"),
        (
            TRIAL.replace("cohorts:\n", 'cohorts:\n  "a|)(assert false)": {label: x}\n', 1),
            "is not a valid name",
        ),
    ],
    ids=["clauses", "logic", "cohorts", "code", "cohort's name"],
)
def test_a_trial_file_without_bounds_is_refused(
    text: str, message: str, tmp_path: Path, library: Library
) -> None:
    """Clauses, conditions together, cohorts, and names that a program would stumble over."""
    path = tmp_path / "f.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_trial(path, library)
    assert any(message in problem for problem in caught.value.problems)
    assert max(map(len, caught.value.problems)) < 300


def test_every_limit_is_ten_times_what_ships() -> None:
    """No trial that anybody would write comes near one."""
    for path in FILES:
        document = read_document(path, path.name)
        texts = [node.value for node in document.nodes.values() if isinstance(node, yaml.ScalarNode)]
        names = [str(step) for place in document.nodes for step in place]
        assert TENFOLD * path.stat().st_size <= limits.MOST_BYTES
        assert TENFOLD * len(document.nodes) <= limits.MOST_NODES
        assert TENFOLD * max(map(len, texts)) <= limits.LONGEST_TEXT
        assert TENFOLD * max(map(len, names)) <= limits.LONGEST_NAME
        assert TENFOLD * len(document.data.get("clauses", ())) <= limits.MOST_CLAUSES
        assert TENFOLD * len(document.data.get("cohorts", ())) <= limits.MOST_COHORTS
        for place in document.nodes:
            if place and place[-1] in ("require", "when", "unless", "is", "plausible"):
                text = document.expression(place)[0]
                assert TENFOLD * max(map(len, re.findall(r"[0-9]+", text)), default=0) <= size.LONGEST_NUMBER
                assert_small(parse_expression(text))


def assert_small(tree: Tree[Token]) -> None:
    """Ten times this tree would still be read."""
    assert TENFOLD * sum(len(part.children) for part in tree.iter_subtrees()) <= size.MOST_WORDS
    assert TENFOLD * depth(tree) <= size.DEEPEST


def depth(tree: Tree[Token]) -> int:
    """How deep a tree is nested."""
    return 1 + max((depth(child) for child in tree.children if isinstance(child, Tree)), default=0)


@given(st.recursive(st.just("x"), lambda inner: st.lists(inner, min_size=1, max_size=4), max_leaves=60))
def test_a_document_is_read_as_it_is_written(value: object) -> None:
    """Within the limits nothing changes: what YAML itself reads is read, aliases or not."""
    shared = [value, value]
    text = yaml.dump(shared)
    assert parse_document(text, "f").data == yaml.safe_load(text)
