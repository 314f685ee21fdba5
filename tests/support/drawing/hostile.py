"""Text that would act upon a terminal, a page or a program, for tests that send it through every path of output."""

from __future__ import annotations

import unicodedata

HOSTILE = "\x1b[31mred\x1b[0m \x07 \x9b2J \u202eevil\u202c \u200b \u2028 \ufeff [red]b[/red] \ud800 \U000e0041 \r\n\u3164"
"""Escape sequences, a bell, a C1 control, marks of direction, no width, a line separator, markup, a lone surrogate, a tag, new lines."""

KEPT = "Ärztin 患者 ≤ ∑ é e\u0301 👍"
"""Accents, other scripts, signs of mathematics: none of it does harm."""

CONTROLS = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


def harmful(text: str, *, allowed: str = "\n") -> set[str]:
    """The characters of a text that a terminal could act upon."""
    return {letter for letter in text if letter not in allowed and unicodedata.category(letter) in CONTROLS}
