"""The JSON of answers."""

from __future__ import annotations

from dataclasses import dataclass, field

from solver.engine.answer import SPARSE
from solver.report.json import json_pieces, json_text


@dataclass(frozen=True, slots=True)
class _Part:
    name: str


@dataclass(frozen=True, slots=True)
class _Whole:
    text: str
    parts: tuple[_Part, ...]
    nothing: tuple[str, ...] = ()
    left_out: str | None = field(default=None, metadata=SPARSE)
    counts: dict[str, int] = field(default_factory=dict)


def test_pieces_come_to_the_same_text() -> None:
    """An answer written piece by piece is the answer written at once."""
    for answer in (_Whole("é", (_Part("a"), _Part("b"))), _Whole("", (), ("x",), "y", {"z": 1})):
        assert "".join(json_pieces(answer)) == json_text(answer)
