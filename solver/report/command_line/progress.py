"""A line on standard error for whoever waits at a terminal: shown after a second, and taken away at the end."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Self

DELAY = 1.0


class Progress:
    """Counts what is done of `total`; silent where standard error is no terminal, or standard output shows the answers there."""

    def __init__(self, total: int) -> None:
        self._total, self._done = total, 0
        self._shown = False
        self._wanted = sys.stderr.isatty() and (total == 1 or not sys.stdout.isatty())

    def __enter__(self) -> Self:
        if self._wanted:
            from threading import Timer

            self._timer = Timer(DELAY, self._show_line)
            self._timer.daemon = True
            self._timer.start()
        return self

    def step(self) -> None:
        """Count one as done."""
        self._done += 1
        if self._shown:
            self._show_line()

    def clear(self) -> None:
        """Take the line away, before something else is printed."""
        if self._wanted and self._total == 1:
            self._timer.cancel()
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._wanted:
            self._timer.cancel()
            self.clear()

    def _show_line(self) -> None:
        self._shown = True
        of = f" of {self._total}" if self._done <= self._total else ""  # a file may hold many records
        sys.stderr.write(f"\r\x1b[Kmatching: {self._done}{of} done")
        sys.stderr.flush()
