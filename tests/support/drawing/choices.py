"""Strategies that choose among a few values, made once: Hypothesis looks at each new strategy at length before it draws from it."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from functools import cache
from typing import TypeVar

from hypothesis import strategies as st

Value = TypeVar("Value", bound=Hashable)


def choice(values: Sequence[Value]) -> st.SearchStrategy[Value]:
    """One of the values, the first of which are the simplest: `sampled_from`, and the same strategy for the same values."""
    # what is equal need not be the same: True and 1
    return _choice(tuple(values), tuple(map(type, values)))


@cache
def _choice(values: tuple[Value, ...], types: tuple[type, ...]) -> st.SearchStrategy[Value]:
    return st.sampled_from(values)
