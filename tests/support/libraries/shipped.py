"""The encodings that come with the program, loaded once a process: what is worked out of them when it is first asked for is so once."""

from __future__ import annotations

import os
from typing import Any

from solver.library import load
from solver.library.load import load_library
from solver.library.models import Library

LIBRARY = load_library()
_CACHE = os.environ.get("XDG_CACHE_HOME")


def commands_share_it() -> None:
    """Let the commands that run in this process from now on take this library where they would load the same one.

    With more files, another folder or a cache of its own a command loads as a user's does, and so does one in a process of its own.
    """

    def loaded(encodings: Any = None, **more: Any) -> Library:
        asked = encodings is not None or "cached" in more or any(more.values())
        same = not asked and os.environ.get("XDG_CACHE_HOME") == _CACHE
        return LIBRARY if same else load_library(encodings, **more)

    load.load_library = loaded  # type: ignore[assignment]
