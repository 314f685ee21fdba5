"""A timeline as a drawing: a bar a row over the same days, with its days in words beside it.

    X.I1      ....[==============]  from 2026-12-08
    together  ....[==============]  from 2026-12-08

Solid is met, framed is open, and where there is no bar nothing holds. Stretches of days between two changes are as wide as the root of
their length, so that a week is seen beside years; the drawing says so where it is not even.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isqrt
from typing import NamedTuple

from solver.dataclass import dataclass
from solver.language.calendar import format_day, parse_day

Spans = Sequence[tuple[str, str]]

NAMES, DRAWN, WORDS, ROW = 130, 300, 250, 16
"""The width of the names, of the bars and of the words beside them, and the height of a row."""


class TimeBar(NamedTuple):
    """A name with the days on which something holds, and those on which it may, as spans of ISO dates."""

    name: str
    met: Spans
    possible: Spans


class Stretch(NamedTuple):
    """A piece of a bar."""

    x: int
    width: int
    met: bool


class TimelineRow(NamedTuple):
    """A bar with its words."""

    name: str
    y: int
    stretches: tuple[Stretch, ...]
    words: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """A drawing, of which `title` says all that is in it."""

    title: str
    first: str
    last: str
    rows: tuple[TimelineRow, ...]
    even: bool

    @property
    def width(self) -> int:
        """The width of the whole."""
        return NAMES + DRAWN + WORDS

    @property
    def height(self) -> int:
        """The height of the whole."""
        return ROW * len(self.rows) + ROW


def drawn_timeline(about: str, bars: Sequence[TimeBar], first: str, last: str) -> Timeline:
    """The bars, from the first day to the last one, both as ISO dates; the last bar is that of all together."""
    edges = _edges(bars, first, last)
    lengths = [after - edge for edge, after in zip(edges, [*edges[1:], parse_day(last) + 1], strict=True)]
    even = len(edges) == 1
    places = _places([1] if even else [isqrt(length * 10_000) for length in lengths])
    days = [format_day(edge) for edge in edges]
    rows = tuple(
        TimelineRow(bar.name, i * ROW, tuple(_stretches(bar, days, places)), day_words(bar, first, last))
        for i, bar in enumerate(bars)
    )
    said = "; ".join(f"{row.name}: {row.words}" for row in rows)
    return Timeline(f"{about}, {first} to {last}. {said}.", first, last, rows, even)


def day_words(bar: TimeBar, first: str, last: str) -> str:
    """The days of a bar in words: those on which it holds, or else those on which it may."""
    spans, lead = (bar.met, "") if bar.met else (bar.possible, "open ")
    return lead + ", ".join(_span_words(*span, first, last) for span in spans) if spans else "on no day"


def _span_words(begin: str, end: str, first: str, last: str) -> str:
    if begin == first:
        return "on every day" if end == last else f"until {end}"
    return f"from {begin}" if end == last else begin if begin == end else f"{begin} to {end}"


def _edges(bars: Sequence[TimeBar], first: str, last: str) -> list[int]:
    """The days on which a stretch begins throughout which no bar changes."""
    start, end = parse_day(first), parse_day(last)
    spans = [span for bar in bars for span in (*bar.met, *bar.possible)]
    found = {parse_day(begin) for begin, _ in spans} | {parse_day(stop) + 1 for _, stop in spans}
    return sorted({start} | {day for day in found if start < day <= end})


def _places(weights: Sequence[int]) -> list[int]:
    """Where each stretch begins and the last one ends, by weight."""
    whole, so_far, places = sum(weights), 0, [0]
    for weight in weights:
        so_far += weight
        places.append(DRAWN * so_far // whole)
    return places


def _stretches(bar: TimeBar, days: Sequence[str], places: Sequence[int]) -> list[Stretch]:
    """The pieces of a bar, neighbours of the same kind as one."""
    found: list[Stretch] = []
    for i, day in enumerate(days):
        met = any(begin <= day <= end for begin, end in bar.met)
        if not met and not any(begin <= day <= end for begin, end in bar.possible):
            continue
        x, width = NAMES + places[i], places[i + 1] - places[i]
        if found and found[-1].met == met and found[-1].x + found[-1].width == x:
            width += found[-1].width
            x = found.pop().x
        found.append(Stretch(x, width, met))
    return found
