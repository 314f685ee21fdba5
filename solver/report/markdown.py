"""Text within Markdown: what it says is shown, and nothing of it is taken for markup."""

from __future__ import annotations

import re

from solver.patterns import pattern
from solver.text import clean

_MARKUP = pattern(r"[\\`*\[\]<>|~&#]|(?<![^\W_])_|_(?![^\W_])")
_BLANKS = pattern(r"\s+")


def inline(text: str) -> str:
    """A text on one line, in a paragraph, a heading, an item or a cell."""
    return _MARKUP.sub(r"\\\g<0>", one_line(text))


def paragraph(text: str) -> str:
    """A text that begins a line, where a dash or a number with a full stop would begin a list."""
    shown = inline(text)
    first = re.match(r"[-+=]|\d+(?=[.)])", shown)
    if first is None:
        return shown
    at = 0 if not first[0].isdigit() else first.end()
    return f"{shown[:at]}\\{shown[at:]}"


def code(text: str) -> str:
    """A text as code, within more backticks than it has in a row."""
    shown = one_line(text)
    fence = "`" * (1 + max(map(len, re.findall("`+", shown)), default=0))
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def one_line(text: str) -> str:
    """A text without line breaks, and with nothing in it that acts upon a terminal."""
    return clean(_BLANKS.sub(" ", text).strip())
