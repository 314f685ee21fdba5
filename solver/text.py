"""Text from outside, made fit to be shown: on one line, of bounded length, and nothing that a terminal would act upon."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from typing import TypeVar

from solver.patterns import pattern

LONGEST = 60
"""Characters of a found value that a message shows."""

LONGEST_MESSAGE = 1_000
"""Characters of a whole message."""

_HEAD, _TAIL = 600, 300
_UNPRINTABLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters and marks by their category, and yet without ink or width."""
_PLAIN = pattern(r"[\n\x20-\x7e]*")


def clean(text: str) -> str:
    """The text on one line: what would break a line, steer a terminal, turn the direction or not be seen is escaped."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escape(letter) if _hidden(letter) else letter for letter in text)


def shorten(text: str) -> str:
    """The text on one line and no longer than a message shows."""
    shown = clean(text[: LONGEST + 1])
    return shown if len(shown) <= LONGEST else shown[: LONGEST - 3] + "..."


def quote(text: str) -> str:
    """A found text in quotes, shortened."""
    return f"'{shorten(text)}'"


def message(text: str) -> str:
    """A message on one line; of one that is too long the middle is left out, so that place and remedy stay."""
    left_out = len(text) - _HEAD - _TAIL
    if len(text) > LONGEST_MESSAGE:
        text = f"{text[:_HEAD]} ... ({left_out:,} characters) ... {text[-_TAIL:]}"
    return clean(text)


def escaped(text: str) -> str:
    """Lines that a program reads, with a four-digit escape for what `clean` escapes: in the strings of JSON that means the same."""
    if _PLAIN.fullmatch(text):
        return text
    return "".join(_units(letter) if letter not in "\n\t" and _hidden(letter) else letter for letter in text)


def listed(words: Sequence[str], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " ".join(part for part in (", ".join(words[:-1]), last if words[1:] else "", *words[-1:]) if part)


Key = TypeVar("Key")
Value = TypeVar("Value")


def grouped(pairs: Iterable[tuple[Key, Value]]) -> dict[Key, list[Value]]:
    """What stands with each key, in the order of the pairs: what is to be said of several things once."""
    found: dict[Key, list[Value]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found


def _hidden(letter: str) -> bool:
    return letter in _BLANK or unicodedata.category(letter) in _UNPRINTABLE


def _escape(letter: str) -> str:
    return letter.encode("unicode_escape").decode()


def _units(letter: str) -> str:
    """A character as the escape of each of its units in UTF-16."""
    units = letter.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))
