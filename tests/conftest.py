"""What the tests share."""

from __future__ import annotations

import pytest

from solver.library.load import load_library
from solver.library.models import Library


@pytest.fixture(scope="session")
def library() -> Library:
    """The encodings that come with the program."""
    return load_library()
