"""A check of the solver that ends at once where a signal asks the process to stop.

Python runs the handlers of signals in the main thread between two steps of its own, and a check of z3 is one step, however long it takes.
So a second thread reads which signals arrive, and has z3 give up: Python then runs the handler, which raises. Where it returns instead, as
somebody else's may, the check is made once more, also if it came to an answer: z3 may have been told after that, and what is left of a
context that was told is nothing to be asked, until a check begins in it.

    solver.check(["p"])                        Ctrl-C acts once z3 has an answer
    check_or_stop(solver, context, ["p"])      Ctrl-C acts now
"""

from __future__ import annotations

import os
import signal
from _thread import allocate_lock, get_ident, start_new_thread
from collections.abc import Sequence
from threading import main_thread
from time import sleep

from solver.smt.libz3 import Solver, SolverContext

_STOPS = frozenset(
    int(found)
    for name in ("SIGINT", "SIGTERM", "SIGHUP")
    if (found := getattr(signal, name, None)) is not None
)

_AGAIN = 0.02
"""Seconds after which z3 is told once more: what it is told before it begins it forgets."""

_MOST_TIMES = 500


class _Check:
    """A check that is under way, which another thread may end."""

    __slots__ = ("_context", "_lock", "_over", "_told")

    def __init__(self, context: SolverContext) -> None:
        self._context, self._over, self._told = context, False, False
        self._lock = allocate_lock()  # without it the next check could be told in place of this one

    def tell(self) -> bool:
        """Have z3 give up; False if the check is over, of which z3 is told nothing then."""
        with self._lock:
            if not self._over:
                self._told = True
                self._context.interrupt()
            return not self._over

    def end(self) -> bool:
        """From now on z3 is told nothing; whether it was told to give up."""
        with self._lock:
            self._over = True
        if self._told:
            self._context.resume()
        return self._told


class _Watch:
    """The thread that reads which signals arrive while the main thread waits for a check."""

    def __init__(self) -> None:
        self.process = os.getpid()
        self.current: _Check | None = None
        self._arrived, self.numbers = os.pipe()
        os.set_blocking(self.numbers, False)
        start_new_thread(self._read_signals, ())  # `Thread` would wait until it runs

    def _read_signals(self) -> None:
        while True:
            if not _STOPS.isdisjoint(os.read(self._arrived, 64)):
                self._end_check()

    def _end_check(self) -> None:
        check = self.current
        for _ in range(_MOST_TIMES):
            if check is None or not check.tell():
                break
            sleep(_AGAIN)


_watch: _Watch | None = None


def check_or_stop(solver: Solver, context: SolverContext, assumptions: Sequence[str]) -> bool | None:
    """What the solver, which lives in the context, answers; a signal that asks to stop has its handler run at once."""
    global _watch
    if get_ident() != main_thread().ident or os.name != "posix":
        return solver.check(assumptions)  # handlers run in the main thread, and do not wait for this one
    if _watch is None or _watch.process != os.getpid():  # a process that was forked has one thread
        _watch = _Watch()
    told = True
    while told:
        check = _watch.current = _Check(context)
        before = signal.set_wakeup_fd(_watch.numbers, warn_on_full_buffer=False)
        try:
            if before not in (-1, _watch.numbers):  # somebody else waits for signals, as an event loop does
                signal.set_wakeup_fd(before)
            answer = solver.check(assumptions)
        finally:
            told = check.end()
            _watch.current = None
            if before in (-1, _watch.numbers):
                signal.set_wakeup_fd(-1)
    return answer
