"""What the shapes of the files under `encodings/` are made of, and what is said where a file does not fit its shape."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from solver.errors import InputError, did_you_mean
from solver.library.files.file_limits import LONGEST_NAME, LONGEST_NUMBER
from solver.library.files.yaml_places import Document
from solver.text import quote

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=LONGEST_NAME)]
ConceptId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", max_length=LONGEST_NAME)]
Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]*$", max_length=LONGEST_NAME)]
PolicyId = Annotated[
    str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=LONGEST_NAME)
]
CohortName = Annotated[str, StringConstraints(pattern=r"^\w[\w .:/+-]*$", max_length=LONGEST_NAME)]
Text = Annotated[str, StringConstraints(min_length=1)]
Expression = Annotated[str, StringConstraints(min_length=1)]
Whole = Annotated[str, StringConstraints(pattern=r"^(0|[1-9]\d{0,5})$")]
Exact = Annotated[
    str, StringConstraints(pattern=r"^[0-9]+(\.[0-9]+)?(/[0-9]*[1-9][0-9]*)?$", max_length=LONGEST_NUMBER)
]
Changes = Literal["time", "stop", "treat", "test", "age", "consent", "never"]
Judgement = Literal["objective", "judgement", "attestation", "administrative"]
Recruitment = Literal[
    "recruiting",
    "not_recruiting",
    "completed",
    "discontinued",
    "terminated",
    "authorised",
    "suspended",
    "withdrawn",
    "unknown",
]

_HINTS = 1_000
"""Of so many faults of a file the nearest key is looked up."""


class FileShape(BaseModel):
    """Part of a file of encodings: it has no keys but these."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    at_keys: ClassVar[bool] = False
    """Whether the place of an unknown key is where the key stands, not its value."""

    def copied(self, *keys: str) -> dict[str, Any]:
        """What stands under these keys, for what is compiled from it and has it by the same names."""
        return {key: getattr(self, key) for key in keys}


Shape = TypeVar("Shape", bound=FileShape)


def check_shape(document: Document, shape: type[Shape]) -> Shape:
    """The document as `shape`; raises `InputError` naming each wrong key or value with its place."""
    try:
        return shape.model_validate(document.data)
    except ValidationError as error:
        faults = error.errors()
        lines = {_fault_line(document, shape, fault, hint=i < _HINTS): None for i, fault in enumerate(faults)}
        raise InputError(list(lines)) from None


def _fault_line(document: Document, shape: type[FileShape], fault: Any, *, hint: bool) -> str:
    path = _path_of(document, fault["loc"])
    place = None
    key = str(fault["loc"][-1]).replace("[key]", "name") if fault["loc"] else ""
    match fault["type"]:
        case "missing":
            message = f"missing key '{key}'"
            path = _path_of(document, fault["loc"][:-1])
        case "extra_forbidden":
            place = document.key_place(path) if shape.at_keys else None
            known = _known_keys(shape)
            nearest = did_you_mean(key, known, words=True) if hint and key not in known else ""
            if shape.at_keys and not nearest and len(path) == 1:
                nearest = f": the keys are {', '.join(shape.model_fields)}"
            message = f"unknown key {quote(key)}{' at this place' if key in known else nearest}"
        case "literal_error":
            message = f"{quote(str(fault['input']))} is not allowed for '{key}': expected {fault['ctx']['expected']}"
        case "string_pattern_mismatch":
            message = (
                f"{quote(str(fault['input']))} is not a valid {key}: it must match {fault['ctx']['pattern']}"
            )
        case "string_too_long":
            message = (
                f"{quote(str(fault['input']))} is too long: at most {fault['ctx']['max_length']:,} characters"
            )
        case "too_long":
            message = f"more than {fault['ctx']['max_length']:,} {key}: split the file"
        case "model_type" | "model_attributes_type" | "dict_type":
            message = "expected a mapping of keys to values"
        case "string_too_short":
            message = f"'{key}' is empty"
        case _:
            message = f"'{key}': {fault['msg'].lower()}"
    return f"{place or document.place(path)}: {message}"


def _path_of(document: Document, loc: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """The part of pydantic's location that is a path in the file: its tags for unions are left out."""
    path: tuple[str | int, ...] = ()
    for step in loc:
        if (*path, step) in document.nodes:
            path = (*path, step)
    return path


def _known_keys(shape: type[FileShape]) -> set[str]:
    """Every key that the shape or a shape within it knows, by the names used in files."""
    names: set[str] = set()
    for model in [shape, *(shape.__base__ or shape).__subclasses__()]:
        names.update(info.alias or name for name, info in model.model_fields.items())
    return names
