"""How many examples are drawn: few in `make test`, the same in every run, and in `make explore` many more, other ones each time."""

from __future__ import annotations

import os
from functools import cache
from typing import TypeVar

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

Drawn = TypeVar("Drawn")

WIDER = int(os.environ.get("EXPLORE", "1"))
"""How many times as many examples are looked at as in `make test`."""


def drawn(count: int) -> settings:
    """The settings of a test that looks at so many examples in `make test`."""
    return settings(max_examples=count * WIDER, derandomize=WIDER == 1)


def shared(strategy: st.SearchStrategy[Drawn], count: int) -> st.SearchStrategy[Drawn]:
    """What the strategy draws, from among so many that all laws of a process share; in `make explore` the strategy itself."""
    if WIDER > 1:
        return strategy
    found: list[Drawn] = []

    @settings(max_examples=count, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(strategy)
    def draw(each: Drawn) -> None:
        found.append(each)

    @cache
    def all_drawn() -> list[Drawn]:
        draw()
        return found

    return st.integers(0, count - 1).map(lambda i: all_drawn()[i % len(all_drawn())])
