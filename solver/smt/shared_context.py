"""What the sessions of one thread share: the context of the solver, made once a session needs one.

How many steps a check takes depends on what else its context holds: with one for several questions a record might find its budget spent
because of the records before it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from solver.work import question

Context = TypeVar("Context")

_local = threading.local()


def shared_context(make: Callable[[], Context]) -> Context:
    """The context of this thread, and of the question that is worked on."""
    whole = question()
    if getattr(_local, "context", None) is None or _local.question is not whole:
        _local.context, _local.question = make(), whole
    context: Context = _local.context
    return context


@contextmanager
def apart() -> Iterator[None]:
    """Let the sessions that this thread opens for a while share nothing with those before: what they find depends on their own input."""
    before = getattr(_local, "context", None), getattr(_local, "question", None)
    _local.context = None
    try:
        yield
    finally:
        _local.context, _local.question = before
