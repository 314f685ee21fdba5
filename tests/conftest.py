"""What the tests share."""

from __future__ import annotations

import gc
import os
import pkgutil
import sys
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

import solver
from solver.library.models import Library
from tests.support.libraries.shipped import LIBRARY, commands_share_it

# The same examples in every run, and no database of failed ones: a test fails for what changed and for nothing else.
settings.register_profile(
    "repeatable",
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
settings.load_profile("repeatable")

# Compiled modules are kept, whatever the environment says: each of the processes that tests start would compile the program again.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# While tests are gathered hardly anything becomes garbage, and all of it would be looked through again and again.
gc.disable()

# Hypothesis tries the numbers and texts that stand in the modules that are loaded. All are, from the beginning, so that what a test draws
# does not depend on which tests run with it.
for each in pkgutil.walk_packages(solver.__path__, "solver."):
    import_module(each.name)
for name in ("cli", "plain"):
    import_module(name)


def pytest_collection_finish() -> None:
    """What stands when the tests are gathered stays: the collector of garbage does not look through it again and again.

    The tests of loading have what loads by then; what comes now are commands.
    """
    commands_share_it()
    gc.freeze()
    gc.set_threshold(50_000, 50, 100)
    gc.enable()


@pytest.fixture(scope="session")
def library() -> Library:
    """The encodings that come with the program."""
    return LIBRARY


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache directory of this test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "trialproof"
