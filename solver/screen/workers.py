"""Judging a cohort in batches, in this process or in several: the order, the answers and the bytes are the same.

A worker process loads the library once and then takes batch after batch. One that dies is an error that names the rows it had.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from itertools import islice
from typing import TYPE_CHECKING

from solver.engine.case import Engine
from solver.engine.proofs.fresh_proofs import all_proved
from solver.errors import ProcessError
from solver.screen.cohort import CohortPatient
from solver.screen.output_rows import OutputRow, ScreenQuestion

if TYPE_CHECKING:  # few patients need no processes, and these take time to import
    from concurrent.futures import Future, ProcessPoolExecutor

Batch = list[CohortPatient]
_FEW = 200
"""So few patients are judged here: starting processes would take longer."""
_AHEAD = 2
_PROVED_TOGETHER = 32
"""Of how many patients conflicts are proved in the same sessions of the solver."""

_engine: Engine | None = None
_asked: ScreenQuestion | None = None
_day: int | None = None


def batches(patients: Iterable[CohortPatient], size: int) -> Iterator[Batch]:
    """Patients in batches of a size, in their order."""
    left = iter(patients)
    while batch := list(islice(left, size)):
        yield batch


def judged_batches(
    engine: Engine, asked: ScreenQuestion, day: int | None, given: Iterable[Batch], workers: int | None = None
) -> Iterator[list[OutputRow]]:
    """The output rows of each batch, in their order. `workers` is the number of processes; None: one for each processor.

    Raises `ProcessError` for a process that died.
    """
    with closing(Workers(engine, asked, day, workers)) as found:
        yield from found.judged(given)


class Workers:
    """Processes that judge patients, which are started when there are many, and then kept until they are closed."""

    def __init__(
        self, engine: Engine, asked: ScreenQuestion, day: int | None, count: int | None = None
    ) -> None:
        self._engine, self._asked, self._day = engine, asked, day
        self._count = count or len(os.sched_getaffinity(0))
        self._pool: ProcessPoolExecutor | None = None

    def close(self) -> None:
        """End the processes."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None

    def judged(self, given: Iterable[Batch]) -> Iterator[list[OutputRow]]:
        """The output rows of each batch, in their order. Raises `ProcessError` for a process that died."""
        remaining, count = iter(given), self._count
        first = next(remaining, None)
        if first is None:
            return
        second = next(remaining, None)
        if count == 1 or (second is None and len(first) <= _FEW):
            for batch in _all(first, second, remaining):
                yield _judged(self._engine, self._asked, self._day, batch)
            return
        pool = self._started()
        waiting: deque[tuple[Batch, Future[list[OutputRow]]]] = deque()
        for batch in _all(first, second, remaining):
            for part in _shares(batch, count):
                waiting.append((part, pool.submit(_judge_here, part)))
            while len(waiting) > _AHEAD * count:
                yield _result(*waiting.popleft())
        while waiting:
            yield _result(*waiting.popleft())

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            from concurrent.futures import ProcessPoolExecutor
            from multiprocessing import get_context

            context = get_context("spawn")  # a fork would copy the threads of what reads tables
            given = self._engine, self._asked, self._day
            self._pool = ProcessPoolExecutor(self._count, context, _begin, given)
        return self._pool


def _all(first: Batch, second: Batch | None, rest: Iterator[Batch]) -> Iterator[Batch]:
    yield first
    if second is not None:
        yield second
    yield from rest


def _shares(batch: Batch, count: int) -> Iterator[Batch]:
    size = max(1, -(-len(batch) // count))
    for start in range(0, len(batch), size):
        yield batch[start : start + size]


def _result(batch: Sequence[CohortPatient], future: Future[list[OutputRow]]) -> list[OutputRow]:
    from concurrent.futures.process import BrokenProcessPool

    try:
        return future.result()
    except BrokenProcessPool:
        raise ProcessError(
            f"a process that judged the rows {batch[0].row} to {batch[-1].row} died: less memory may do, by a smaller --batch"
        ) from None


def _begin(engine: Engine, asked: ScreenQuestion, day: int | None) -> None:
    global _engine, _asked, _day
    _engine, _asked, _day = engine, asked, day
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End this process when the one that started it is gone: a pool does not see that."""
    from multiprocessing import parent_process

    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _judge_here(batch: Batch) -> list[OutputRow]:
    assert _engine is not None
    assert _asked is not None
    return _judged(_engine, _asked, _day, batch)


def _judged(engine: Engine, asked: ScreenQuestion, day: int | None, batch: Batch) -> list[OutputRow]:
    found: list[OutputRow] = []
    for some in batches(batch, _PROVED_TOGETHER):
        with engine.memory.late_proofs() as claims:
            rows = [row for patient in some for row in asked.rows(engine, patient, day)]
        if not all_proved(claims, engine.memory):
            # which of them cannot be proved is told where each patient is judged alone
            rows = [row for patient in some for row in asked.rows(engine, patient, day)]
        found += rows
    return found
