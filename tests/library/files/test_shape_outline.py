"""What fits the outline of trial files fits their shape as pydantic checks it, and comes to the same."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, ValidationError, field_validator

from solver.library.files import shapes as s
from solver.library.files.shape_outline import FittedShape, Unfit, fitted, outline_of
from solver.library.files.trial_file import TrialFile
from solver.library.files.yaml_places import read_document

ROOT = Path(__file__).resolve().parents[3]
FILES = sorted((ROOT / "encodings" / "trials").glob("*.yaml"))
OUTLINE = pickle.loads(pickle.dumps(outline_of(TrialFile)))


def plain(shape: Any) -> Any:
    """What a shape holds, as plain data."""
    if isinstance(shape, BaseModel):
        return {name: plain(getattr(shape, name)) for name in type(shape).model_fields}
    if isinstance(shape, FittedShape):
        return {name: plain(each) for name, each in vars(shape).items()}
    if isinstance(shape, dict):
        return {key: plain(each) for key, each in shape.items()}
    return [plain(each) for each in shape] if isinstance(shape, list) else shape


def by_outline(data: object) -> Any:
    """What data come to by the outline; None where they do not fit."""
    try:
        return plain(fitted(data, OUTLINE))
    except Unfit:
        return None


def by_pydantic(data: object) -> Any:
    """What data come to by pydantic; None where they do not fit."""
    try:
        return plain(TrialFile.model_validate(data))
    except ValidationError:
        return None


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_trial_file_fits(path: Path) -> None:
    """And comes to what pydantic makes of it, what is not given included."""
    data = read_document(path, path.name).data
    assert by_outline(data) == by_pydantic(data) != None  # noqa: E711


def places(data: Any) -> list[tuple[Any, Any]]:
    """Every place in data: what it stands in, and under which key."""
    keys = data if isinstance(data, dict) else range(len(data)) if isinstance(data, list) else ()
    return [each for key in keys for each in ((data, key), *places(data[key]))]


ODD = st.one_of(
    st.sampled_from(
        [
            "",
            "true",
            "false",
            "yes",
            "1",
            "A\n",
            "é",
            "X1",
            "x_1",
            "٣",
            "NCT00000001",
            "\ud800",
            "a b",
            "a" * 501,
        ]
    ),
    st.text(max_size=4),
    st.just([]),
    st.just({}),
    st.just(["ALL"]),
    st.just({"ALL": "age >= 18"}),
    st.just(None),
    st.just({"one_of": ["AML"]}),
)


@given(
    file=st.sampled_from(range(len(FILES))),
    edits=st.lists(
        st.tuples(st.integers(0, 10**6), st.sampled_from(["put", "take", "add"]), ODD), max_size=2
    ),
    key=st.sampled_from(
        ["policy", "drop", "routing", "class_", "class", "note", "odd", "when", "safety", "x"]
    ),
)
def test_what_fits_the_outline_fits_the_shape(file: int, edits: list[tuple[int, str, Any]], key: str) -> None:
    """Whatever is put into a file, taken out of it or added: what is accepted is accepted by pydantic too, and is the same."""
    data = json.loads(json.dumps(read_document(FILES[file], "file").data))
    for number, how, odd in edits:
        inside, at = (found := places(data))[number % len(found)]
        if how == "put":
            inside[at] = odd
        elif how == "take":
            del inside[at]
        elif isinstance(inside, dict):
            inside[key] = odd
    found_by_outline = by_outline(data)
    if found_by_outline is not None:
        assert found_by_outline == by_pydantic(data)


@given(text=st.one_of(st.text(max_size=8), ODD))
def test_a_name_that_fits_is_one(text: Any) -> None:
    """Patterns and lengths, also where the two kinds of patterns take a text in different ways."""

    class Named(s.FileShape):
        name: s.Name
        cohort: s.CohortName
        text: s.Text = ""

    outline = outline_of(Named)
    assert outline is not None
    data = {"name": text, "cohort": text, "text": text}
    try:
        found = plain(fitted(data, outline))
    except Unfit:
        return
    assert found == plain(Named.model_validate(data))


def test_a_shape_that_asks_for_more_has_no_outline() -> None:
    """A validator of its own, a number, a bound or a setting that an outline does not know: all are left to pydantic."""

    class Checked(s.FileShape):
        name: s.Name

        @field_validator("name")
        @classmethod
        def fold(cls, name: str) -> str:
            return name.lower()

    class Counted(s.FileShape):
        count: int

    class Bound(s.FileShape):
        names: list[s.Name] = Field(min_length=1)

    class Loose(BaseModel):
        name: str

    class Within(s.FileShape):
        part: Counted

    class Whole(s.FileShape):
        kind: Literal["a", "b"]
        one: Annotated[str, Field(pattern="a")] = "a"

    assert [outline_of(each) for each in (Checked, Counted, Bound, Loose, Within)] == [None] * 5  # type: ignore[arg-type]
    assert outline_of(Whole) is not None
