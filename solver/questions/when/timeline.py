"""A timeline for the terminal: bars over the same days, in plain characters, with a scale below them.

    X.I1      ...####################  from 2026-12-08
    X.E4      ##############.........  until 2031-02-01
    together  ...###########.........  2026-12-08 to 2031-02-01
              |  |          |       |
              2026-11-20              (each day stands below its tick, as far as there is room)

Where a stretch of days between two changes would be too short to see on an even scale, the scale is stretched there, and says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import sqrt
from typing import NamedTuple

from solver.engine.answer import Window
from solver.language.calendar import format_day, parse_day
from solver.report.head import FAINT, HEADING
from solver.report.page import GAP, Page, Span

MET, OPEN, NOT_MET = "#", "?", "."
LEGEND = f"{MET} met   {OPEN} open   {NOT_MET} not met"

_BESIDE = 24
_NARROWEST = 24
_SHORTEST = 2
_WIDEST_NAME = 18
_DATE = 10
_ROWS = 4

Dates = Sequence[tuple[str, str]]


class Bar(NamedTuple):
    """A name with the days on which something holds, and those on which it may, as spans of ISO dates."""

    name: str
    met: Dates
    possible: Dates


def spans_of(windows: Iterable[Window]) -> tuple[tuple[str, str], ...]:
    """The days of windows."""
    return tuple((window.first, window.last) for window in windows)


def draw(page: Page, bars: Sequence[Bar], first: str, last: str, indent: int) -> None:
    """Add the bars, each with its dates beside it or below it, and the scale; the last bar is that of all together."""
    names = min(max(len(bar.name) for bar in bars), _WIDEST_NAME)
    margin = indent + names + GAP
    edges = _days_of_change(bars, first, last)
    room = page.width - margin - GAP - _BESIDE
    wide = room >= max(_NARROWEST, _SHORTEST * len(edges))
    scale = _Scale(edges, last, room if wide else page.width - margin)
    for i, bar in enumerate(bars):
        lead = Span(" " * indent + bar.name[:names].ljust(names + GAP), HEADING if i == len(bars) - 1 else "")
        beside = dates_beside(bar, first, last)
        told = [Span(" " * GAP + beside.pop(0))] if wide else []
        page.lines.append((lead, Span(scale.drawn(bar)), *told))
        for more in beside:
            page.lines.append((Span(" " * (margin + (scale.width + GAP if wide else 0)) + more),))
    for text in scale.lines(bars[-1]):
        page.lines.append((Span(" " * margin + text, FAINT),))


def dates_beside(bar: Bar, first: str, last: str) -> list[str]:
    """The days of a bar in words: those on which it holds, or else those on which it may."""
    if bar.met:
        return [_span_words(*span, first, last) for span in bar.met]
    if not bar.possible:
        return ["on no day"]
    found = [_span_words(*span, first, last) for span in bar.possible]
    return [f"open {found[0]}", *found[1:]]


def _span_words(begin: str, end: str, first: str, last: str) -> str:
    if begin == first:
        return "on every day" if end == last else f"until {end}"
    return f"from {begin}" if end == last else begin if begin == end else f"{begin} to {end}"


class _Scale:
    """Which columns stand for which days: each stretch of days on which nothing changes has some."""

    def __init__(self, edges: Sequence[int], last: str, room: int) -> None:
        self.edges, self.last = edges, last
        ends = [*edges[1:], parse_day(last) + 1]
        lengths = [after - edge for edge, after in zip(edges, ends, strict=True)]
        widths = _shared_columns(lengths, room, 0)
        self.even = min(widths) >= _SHORTEST
        if not self.even:
            least = min(_SHORTEST, room // len(lengths))
            widths = _shared_columns([sqrt(length) for length in lengths], room, least)
        self.columns = [sum(widths[:i]) for i in range(len(widths))]
        self.widths, self.width = widths, sum(widths)

    def drawn(self, bar: Bar) -> str:
        """The characters of a bar."""
        stretches = zip(self.edges, self.widths, strict=True)
        return "".join(_mark_on(bar, format_day(edge)) * width for edge, width in stretches)

    def lines(self, bar: Bar) -> list[str]:
        """A tick for every change, and below it the day, as far as there is room; the first days of `bar` come first."""
        ticks = [" "] * self.width
        for column in [*self.columns, self.width - 1]:
            ticks[min(column, self.width - 1)] = "|"
        rows = [list(" " * self.width) for _ in range(_ROWS)]
        _write_day(rows, format_day(self.edges[0]), 0)
        _write_day(rows[:1], self.last, self.width - _DATE)
        opening = {parse_day(begin) for begin, _ in bar.met}
        changes = list(zip(self.edges[1:], self.columns[1:], strict=True))
        for edge, column in sorted(changes, key=lambda change: change[0] not in opening):
            _write_day(rows, format_day(edge), min(column, self.width - _DATE))
        written = [text for row in rows if (text := "".join(row).rstrip())]
        return ["".join(ticks), *written, *([] if self.even else ["(the scale is not even)"])]


def _days_of_change(bars: Sequence[Bar], first: str, last: str) -> list[int]:
    """The days on which a stretch begins throughout which no bar changes."""
    start, end = parse_day(first), parse_day(last)
    spans = [span for bar in bars for span in (*bar.met, *bar.possible)]
    found = {parse_day(begin) for begin, _ in spans} | {parse_day(stop) + 1 for _, stop in spans}
    return sorted({start} | {day for day in found if start < day <= end})


def _write_day(rows: Sequence[list[str]], text: str, column: int) -> None:
    """Write a text at a column of the first row that has room for it; nowhere if none has."""
    for row in rows:
        if not "".join(row[max(column - 1, 0) : column + len(text) + 1]).strip():
            row[column : column + len(text)] = text
            return


def _mark_on(bar: Bar, day: str) -> str:
    if any(first <= day <= last for first, last in bar.met):
        return MET
    return OPEN if any(first <= day <= last for first, last in bar.possible) else NOT_MET


def _shared_columns(weights: Sequence[float], room: int, least: int) -> list[int]:
    """The room in whole columns, by weight, each at least the least."""
    left = room - least * len(weights)
    whole = sum(weights)
    ends, so_far = [0], 0.0
    for weight in weights:
        so_far += weight
        ends.append(round(left * so_far / whole))
    return [least + after - before for before, after in pairwise(ends)]
