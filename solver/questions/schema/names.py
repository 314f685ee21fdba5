"""The names that `match schema` knows."""

from __future__ import annotations

from typing import Literal, get_args

SchemaName = Literal[
    "record",
    "context",
    "output",
    "what-if",
    "sequence",
    "when",
    "tests",
    "export",
    "verify",
    "diff",
    "examples",
    "examples-verify",
    "check",
    "trial",
    "vocabulary",
    "theory",
    "workup",
]

NAMES: tuple[SchemaName, ...] = get_args(SchemaName)
