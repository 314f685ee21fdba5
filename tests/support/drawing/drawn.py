"""How many examples are drawn: few in `make test`, the same in every run, and in `make explore` many more, other ones each time."""

from __future__ import annotations

import os

from hypothesis import settings

WIDER = int(os.environ.get("EXPLORE", "1"))
"""How many times as many examples are looked at as in `make test`."""


def drawn(count: int) -> settings:
    """The settings of a test that looks at so many examples in `make test`."""
    return settings(max_examples=count * WIDER, derandomize=WIDER == 1)
