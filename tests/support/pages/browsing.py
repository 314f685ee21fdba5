"""Chromium, and a server for it: for the tests of the page, and for its pictures."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Playwright

ROOT = Path(__file__).parents[3]
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str | None:
    """Where Chromium is; None where there is none."""
    found = os.environ.get("TRIALPROOF_CHROMIUM")
    return found or shutil.which("chromium") or shutil.which("chromium-browser")


def launched(playwright: Playwright, program: str) -> Browser:
    """A browser with a profile that is made for it, and taken away with it."""
    return playwright.chromium.launch(executable_path=program, args=FLAGS)


@contextmanager
def running_server() -> Iterator[dict[str, Any]]:
    """What a server says of itself once it is ready."""
    words = [sys.executable, "cli.py", "serve", "--port", "0", "--format", "json"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
        process.terminate()
