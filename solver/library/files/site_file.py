"""The keys of the file of a site: what one ward or hospital would otherwise give as options, command after command.

What `context` holds is the reader's of records; names of trials, cohorts and policies are checked once the trials are known.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, StringConstraints

from solver.errors import InputError
from solver.library.files import shapes as s
from solver.library.files.file_limits import LONGEST_NAME
from solver.library.files.yaml_places import Document, PathInFile, parse_document
from solver.text import quote

Named = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_NAME, pattern=r"\S")]


class SiteShape(s.FileShape):
    """Part of the file of a site."""

    at_keys: ClassVar[bool] = True


class OpenTrialShape(SiteShape):
    """What a site says of a trial or of a cohort."""

    open: Literal["true", "false"] | None = None
    slots: s.Whole | None = None
    note: s.Text | None = None
    rank: s.Whole | None = None


class ContextShape(SiteShape):
    """The context of all records."""

    open_cohorts: Any = None
    readings: Any = None
    secondary_sources: Any = None
    reference: Any = None


class SiteFileShape(SiteShape):
    """The whole file."""

    name: Named | None = None
    trials: list[Named] = Field(default_factory=list)
    codes: list[Named] = Field(default_factory=list)
    context: ContextShape | None = None
    policies: list[Named] = Field(default_factory=list)
    contacts: dict[str, s.Text] = Field(default_factory=dict)
    trials_open: dict[str, OpenTrialShape] = Field(default_factory=dict)


def site_document(content: bytes, name: str) -> tuple[Document, SiteFileShape]:
    """The file of a site, YAML or JSON, and what stands under its keys; raises `InputError` with every fault."""
    try:
        source = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{name}: is not text in UTF-8 (byte {error.start})") from None
    source = source.replace("\r\n", "\n")
    if source.lstrip().startswith("{"):
        source = source.replace("\t", " ")  # in JSON a tab is space between values, which YAML does not allow
    document = parse_document(source, name)
    if not isinstance(document.data, dict):
        raise InputError(
            f"{document.place(())}: is no site file: write keys such as name, context, trials_open"
        )
    elsewhere = [key for key in ContextShape.model_fields if key in document.data]
    if elsewhere:
        raise InputError(
            [
                f"{document.key_place((key,))}: unknown key {quote(key)}: in the file of a site it stands under 'context'; "
                "a context alone is given with --context"
                for key in elsewhere
            ]
        )
    # a key with nothing behind it, whose entries stand in comments, is one that is not given
    given = {key: value for key, value in document.data.items() if not is_null(document, (key,))}
    return document, s.check_shape(
        Document(name, source, given, document.nodes, document.keys), SiteFileShape
    )


def is_null(document: Document, path: PathInFile) -> bool:
    """Whether nothing stands at a place."""
    node = document.nodes[path]
    return is_plain(node) and node.value in ("", "~", "null")


def is_plain(node: Any) -> bool:
    """Whether a node is a scalar without quotes, which YAML may take for a number or for nothing."""
    return getattr(node, "style", "-") in (None, "")
