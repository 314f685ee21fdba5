"""Text laid out for a given width: wrapped paragraphs, items and rows, with a style for each part.

A style only adds to the words, so that a page reads the same without it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from textwrap import wrap
from typing import NamedTuple, TextIO

from solver.text import clean

NARROWEST = 50
WIDEST = 120
GAP = 2
TIGHT = 24
_LONG = 10_000
_WHITESPACE = str.maketrans("\t\n\x0b\x0c\r", " " * 5)


class Span(NamedTuple):
    """Text in one style; the styles are those of rich."""

    text: str
    style: str = ""


Line = tuple[Span, ...]


class Page:
    """Lines, each a sequence of spans."""

    def __init__(self, width: int) -> None:
        self.width = min(max(width, NARROWEST), WIDEST)
        self.lines: list[Line] = []

    def blank(self) -> None:
        """Add an empty line, unless the page is empty or the last line is."""
        if self.lines and self.lines[-1]:
            self.lines.append(())

    def rule(self) -> None:
        """Add a line across the page, with an empty line on either side."""
        self.lines += [(), (Span("-" * self.width, "dim"),), ()]

    def text(
        self, text: str, *, indent: int = 0, lead: str = "", style: str = "", lead_style: str = ""
    ) -> None:
        """Add a paragraph; `lead` stands before its first line, and the other lines are set in below the text."""
        margin = " " * indent
        inset = len(lead)
        for i, part in enumerate(_wrapped_lines(text, self.width - indent - inset)):
            first = lead if i == 0 else " " * inset
            self.lines.append((Span(margin), Span(first, lead_style), Span(part, style)))

    def folded(
        self,
        items: Sequence[str],
        most: int,
        *,
        indent: int = 0,
        lead: str = "",
        joiner: str = "; ",
        style: str = "",
        lead_style: str = "",
    ) -> None:
        """Add a paragraph of at most `most` lines with as many of the items as have room, and count the others: `+2 more`."""
        if items and self.width - indent - len(lead) < TIGHT:  # long ids leave no room beside them
            items, lead = [lead + items[0], *items[1:]], ""
        text = _folded_text(items, most, self.width - indent - len(lead), joiner)
        self.text(text, indent=indent, lead=lead, style=style, lead_style=lead_style)

    def row(self, cells: Sequence[Span], widths: Sequence[int]) -> None:
        """Add a row of a table; the last cell is wrapped within what is left, or stands below where that is too narrow."""
        heads = tuple(
            Span(cell.text.ljust(width + GAP), cell.style) for cell, width in zip(cells, widths, strict=False)
        )
        before, (text, style) = sum(len(head.text) for head in heads), cells[-1]
        if self.width - before < TIGHT:
            self.lines.append(heads)
            self.text(text, indent=2 * GAP, style=style)
            return
        for i, part in enumerate(_wrapped_lines(text, self.width - before)):
            self.lines.append((*(heads if i == 0 else (Span(" " * before),)), Span(part, style)))

    def table(self, heads: Sequence[str], rows: Sequence[Sequence[Span]]) -> None:
        """Add rows below faint heads, each column as wide as its widest cell; the last column has what is left."""
        whole = [[Span(head, "dim") for head in heads], *rows]
        widths = [max(len(row[i].text) for row in whole) for i in range(len(heads) - 1)]
        for row in whole:
            self.row(row, widths)

    def plain(self) -> str:
        """The page as text, without styles."""
        lines = [clean("".join([text for text, _ in line])) for line in self.lines]
        return "".join([line.rstrip() + "\n" for line in lines])

    def show(self, stream: TextIO) -> None:
        """Print the page to a terminal, with styles as far as the terminal and the environment (NO_COLOR) allow."""
        from rich.console import Console
        from rich.text import Text

        lines = ([(clean(span.text), span.style) for span in line] for line in self.lines)
        text = Text("\n").join(Text.assemble(*line) for line in lines)
        Console(file=stream, highlight=False, emoji=False, markup=False).print(text, soft_wrap=True)


def _folded_text(items: Sequence[str], most: int, width: int, joiner: str) -> str:
    """As many of the items as fit into so many lines, and how many do not; of the first one so much as fits."""

    def whole(count: int) -> str:
        more = [f"+{len(items) - count} more"] if count < len(items) else []
        return joiner.join([*items[:count], *more])

    fitting = 0
    for count in range(1, len(items) + 1):
        text = whole(count)
        if len(text) > (most + 1) * max(width, 20):
            break
        if len(_wrapped_lines(text, width)) <= most:
            fitting = count
    if fitting or not items:
        return whole(fitting)
    more = f" ...{joiner}+{len(items) - 1} more" if len(items) > 1 else " ..."
    lines = _wrapped_lines(items[0][: (most + 1) * max(width, 20)], width)[:most]
    words = " ".join(lines).split(" ")
    while len(words) > 1 and len(_wrapped_lines(" ".join(words) + more, width)) > most:
        words.pop()
    return " ".join(words) + more


def _wrapped_lines(text: str, width: int) -> list[str]:
    one_line = clean(text.translate(_WHITESPACE))
    if len(one_line) <= max(width, 20) and one_line.isascii():  # as `wrap` has it, which takes long to say so
        return [one_line.rstrip()]
    if len(one_line) > _LONG:  # `wrap` takes time with the square of a word's length
        one_line = re.sub(rf"\S{{{max(width, 20)}}}", r"\g<0> ", one_line)
    return wrap(one_line, max(width, 20), break_on_hyphens=False) or [""]
