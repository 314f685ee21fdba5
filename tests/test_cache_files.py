"""What is kept in files, and made of them at once."""

from __future__ import annotations

import gc

import pytest

from solver.cache_files import nothing_is_garbage


def test_garbage_is_looked_for_again_whichever_thread_ends_first(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = nothing_is_garbage(), nothing_is_garbage()
    assert gc.isenabled()
    first.__enter__()
    assert not gc.isenabled()

    def overtaken() -> bool:
        # the first thread comes to its end just when the second has asked
        first.__exit__(None, None, None)
        return False

    with monkeypatch.context() as patched:
        patched.setattr(gc, "isenabled", overtaken)
        second.__enter__()
    try:
        second.__exit__(None, None, None)
        assert gc.isenabled()
    finally:
        gc.enable()
