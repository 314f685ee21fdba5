"""How much work a question may still take: counted, never timed, so that the same question always gets the same answer.

One unit is about what evaluating one node of a condition takes, a microsecond. Work is counted everywhere; what reads `spent_up` before it
searches, or asks the solver, leaves a part of the answer out once the allowance has run out. Without an allowance there is no end.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TypeVar

from solver.dataclass import dataclass

Result = TypeVar("Result")
Key = TypeVar("Key")

STEPS_A_UNIT = 2
"""How many steps of the solver are one unit of work."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How much work a question may take.

    `steps` is Z3's deterministic resource limit for one check, and `seconds` a watchdog over it. `work` bounds the whole question, all
    checks, evaluations, splits of days and combinations together; each trial that is asked for has an equal share, and what the others
    leave over is shared out once more among those that need it.
    """

    steps: int = 20_000_000
    seconds: float = 60.0
    work: int = 8_000_000


DEFAULT_BUDGET = Budget()


class OutOfBudget(Exception):
    """The work that was allowed is done and the question is still open; `cause` says what ran out."""

    def __init__(self, cause: str = "budget of work") -> None:
        self.cause = cause
        super().__init__(cause)


class Allowance:
    """What is left of the work that is allowed."""

    def __init__(self, work: int) -> None:
        self.left = work


_local = threading.local()


def spend(work: int) -> None:
    """Count work that is done."""
    allowance: Allowance | None = getattr(_local, "allowance", None)
    if allowance is not None:
        allowance.left -= work


def left() -> int | None:
    """How much work is left in this thread; None where there is no end."""
    allowance: Allowance | None = getattr(_local, "allowance", None)
    return None if allowance is None else max(0, allowance.left)


def question() -> object:
    """What stands for the question that is worked on in this thread, the same for all its parts; None outside of any."""
    return getattr(_local, "question", None)


def spent_up() -> bool:
    """Whether no work is left."""
    allowance: Allowance | None = getattr(_local, "allowance", None)
    return allowance is not None and allowance.left <= 0


def check_left() -> None:
    """Go on only if some work is left. Raises `OutOfBudget`."""
    if spent_up():
        raise OutOfBudget


def allowed(work: int, *, own: bool = False) -> AbstractContextManager[Allowance]:
    """Allow so much work in this thread for a while, and no more than was left before; with `own`, for a question of its own."""
    return _Allowed(work, own)


class _Allowed:
    """As `allowed` says: it is entered for every trial, and a generator would take longer to run than what it does."""

    __slots__ = ("_allowance", "_before", "_own", "_whole", "_within", "_work")

    def __init__(self, work: int, own: bool) -> None:
        self._work, self._own = work, own

    def __enter__(self) -> Allowance:
        self._before: Allowance | None = getattr(_local, "allowance", None)
        self._whole = getattr(_local, "question", None)
        self._within = self._work if self._before is None else max(0, min(self._work, self._before.left))
        _local.allowance = self._allowance = Allowance(self._within)
        if self._whole is None or self._own:
            _local.question = self._allowance
        return self._allowance

    def __exit__(self, *_: object) -> None:
        _local.allowance, _local.question = self._before, self._whole
        if self._before is not None:
            # what one part overran takes nothing from the next
            self._before.left -= self._within - max(0, self._allowance.left)


@contextmanager
def uncounted(work: int) -> Iterator[None]:
    """Count a fixed amount for what is done here, however much it is: what one trial finds is then the same for the next."""
    before: Allowance | None = getattr(_local, "allowance", None)
    spend(work)
    _local.allowance = None
    try:
        yield
    finally:
        _local.allowance = before


def worked_out_once(
    kept: dict[Key, tuple[object, Result, int]],
    key: Key,
    held: object,
    find: Callable[..., Result],
    *args: object,
) -> Result:
    """What `find` gives for these arguments, from `kept` where it is there, with its work counted as if it were done again.

    What is kept is what was found while work was left, and it is given while so much is left as finding it took: an answer is then the same
    whether it was kept or not. `held` is what the key stands for by identity. `find` asks a solver only apart from
    what it was asked before, since its steps are not as many otherwise.
    """
    allowance: Allowance | None = getattr(_local, "allowance", None)
    found = kept.get(key)
    if found is not None:
        if allowance is None:
            return found[1]
        if allowance.left > found[2]:
            allowance.left -= found[2]
            return found[1]
    if allowance is None:
        return find(*args)
    before = allowance.left
    result = find(*args)
    if allowance.left > 0:
        kept[key] = held, result, before - allowance.left
    return result


def shared_out(work: int, tasks: Sequence[Callable[[bool], Result]]) -> list[Result]:
    """The results of all tasks, each within an equal share; those that ran out are done again with what the others left.

    A task is told whether this is its second run. The order of the tasks makes no difference to what each is allowed, and each is a
    question of its own: what one takes does not hang on what was done for those before it.
    """
    share = work // max(1, len(tasks))
    found, short, over = [], [], 0
    for i, task in enumerate(tasks):
        with allowed(share, own=True) as allowance:
            found.append(task(False))
        over += max(0, allowance.left)
        if allowance.left <= 0:
            short.append(i)
    more = over // len(short) if short else 0
    for i in short if more > share else ():
        with allowed(more, own=True):
            found[i] = tasks[i](True)
    return found
