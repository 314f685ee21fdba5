"""Words for several things in a sentence."""

from __future__ import annotations

from collections.abc import Sequence


def listed(words: Sequence[str], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " ".join(part for part in (", ".join(words[:-1]), last if words[1:] else "", *words[-1:]) if part)
