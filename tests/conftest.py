"""What the tests share."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

from solver.library.load import load_library
from solver.library.models import Library

# The same examples in every run, and no database of failed ones: a test fails for what changed and for nothing else.
settings.register_profile(
    "repeatable",
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def library() -> Library:
    """The encodings that come with the program."""
    return load_library()
