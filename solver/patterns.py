"""Regular expressions that cost nothing until they are used.

Modules name their expressions when they are imported, and a command uses few of them. One that is made here is compiled when it is first
asked to match:

    DIGITS = pattern(r"[0-9]+")     not compiled
    DIGITS.fullmatch("12")          compiled now, and kept
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any


class _Uncompiled:
    """Stands for a compiled expression, whose methods it takes over when they are asked for."""

    def __init__(self, expression: str | bytes, flags: int = 0) -> None:
        self._expression, self._flags = expression, flags

    def __reduce__(self) -> tuple[object, ...]:
        return re.compile, (self._expression, self._flags)

    def __getattr__(self, name: str) -> Any:
        found = getattr(re.compile(self._expression, self._flags), name)
        setattr(self, name, found)
        return found


if TYPE_CHECKING:
    pattern = re.compile
else:
    pattern = _Uncompiled
