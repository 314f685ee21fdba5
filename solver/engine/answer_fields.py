"""What the fields of an answer say of themselves: whether, and under which key, they stand in the JSON."""

from __future__ import annotations

from collections.abc import Mapping

PRIVATE: Mapping[str, bool] = {"private": True}
"""Metadata of a field that users of Python have, and that is no part of the JSON."""

SPARSE: Mapping[str, bool] = {"sparse": True}
"""Metadata of a field whose key is left out of the JSON where there is nothing to say, which is None."""


def only_keys(*names: str) -> Mapping[str, tuple[str, ...]]:
    """Metadata of a field in which the JSON has only some fields of what stands there."""
    return {"only": names}


def written_as(key: str) -> Mapping[str, str]:
    """Metadata of a field that stands under another key in the JSON: a word of Python, or a name with a meaning of its own there."""
    return {"key": key}
