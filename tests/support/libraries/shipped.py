"""The encodings that come with the program, loaded once a process: what is worked out of them when it is first asked for is so once."""

from __future__ import annotations

from solver.library.load import load_library

LIBRARY = load_library()
