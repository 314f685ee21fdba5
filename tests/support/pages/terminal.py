"""A command at a terminal of its own: what it shows, and what is typed there."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path

ROOT = Path(__file__).parents[3]
PATIENCE = 60.0


def _begin() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # also where the tests themselves outlive their terminal
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)  # a window that is closed hangs it up


class Terminal:
    """`match` with these words, which reads from a terminal and writes to it."""

    def __init__(self, *words: str) -> None:
        self._master, slave = pty.openpty()
        environment = {**os.environ, "NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "80"}
        environment.pop("TRIALPROOF_SITE", None)
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "cli.py"), *words],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environment,
            start_new_session=True,
            preexec_fn=_begin,
        )
        os.close(slave)
        self.shown = ""

    def until(self, mark: str) -> str:
        """What is shown up to a mark, from where the last one stood."""
        end = time.monotonic() + PATIENCE
        while mark not in self.shown:
            if not select.select([self._master], [], [], max(0.0, end - time.monotonic()))[0]:
                raise AssertionError(f"{mark!r} is not shown, but: {self.shown}")
            piece = self._read()
            if not piece:
                raise AssertionError(f"ended before {mark!r}: {self.shown}")
            self.shown += piece
        told, _, self.shown = self.shown.partition(mark)
        return told

    def type(self, line: str) -> None:
        """Type a line."""
        os.write(self._master, f"{line}\n".encode())

    def close(self) -> None:
        """Close the window."""
        os.close(self._master)

    def ended(self) -> tuple[int, str]:
        """The exit code, and what was shown until then."""
        while piece := self._read():
            self.shown += piece
        return self.process.wait(PATIENCE), self.shown

    def _read(self) -> str:
        try:
            return os.read(self._master, 65_536).decode().replace("\r\n", "\n")
        except OSError:  # nobody writes there any more
            return ""
