"""A bar on standard error while a cohort is judged, with the rate and the time that is left."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

from solver.screen.output_rows import OutputRow
from solver.screen.row_frames import RowFrame

_EVERY = 0.5
_WIDTH = 30


Told = TypeVar("Told", OutputRow, OutputRow | RowFrame)


def watched(rows: Iterable[Told], total: int | None) -> Iterator[Told]:
    """The rows as they come; where standard error is a terminal a bar counts their patients, of `total` if that is known."""
    if not sys.stderr.isatty():
        yield from rows
        return
    start = shown = time.monotonic()
    patient = done = 0
    try:
        for row in rows:
            if isinstance(row, RowFrame):
                done += row.patients
            else:
                done += row["row"] != patient
                patient = row["row"]
            now = time.monotonic()
            if now - shown >= _EVERY:
                shown = now
                sys.stderr.write(f"\r\x1b[K{progress_line(done, total, now - start)}")
                sys.stderr.flush()
            yield row
    finally:
        if shown != start:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def progress_line(done: int, total: int | None, seconds: float) -> str:
    """How many are done, how fast, and how long the others will take."""
    rate = done / seconds if seconds > 0 else 0.0
    told = f"{done} patients, {rate:.0f} a second"
    if not total or done > total:
        return told
    bar = "#" * (_WIDTH * done // total)
    left = round((total - done) / rate) if rate else 0
    return (
        f"[{bar:<{_WIDTH}}] {done} of {total} patients, {rate:.0f} a second, {left // 60}:{left % 60:02} left"
    )
