"""A server in a process of its own, and one browser for all tests."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ROOT = Path(__file__).parents[2]
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


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, with a profile that is made for it and taken away again."""
    found = (
        os.environ.get("TRIALPROOF_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    )
    if found is None:
        pytest.skip("no Chromium here: install it, or name one in TRIALPROOF_CHROMIUM")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def server() -> Iterator[dict[str, Any]]:
    """What a server says of itself once it is ready."""
    words = [sys.executable, "cli.py", "serve", "--port", "0", "--format", "json"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
        process.terminate()


@pytest.fixture(scope="session")
def cookie(browser: Browser, server: dict[str, Any]) -> Any:
    """The cookie that the link gives, which works once."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(server["url"])
    found = context.cookies()
    context.close()
    return found


@pytest.fixture
def open_context(
    browser: Browser, server: dict[str, Any], cookie: Any
) -> Iterator[Callable[..., BrowserContext]]:
    """Opens a browser window that is let in; nothing that leaves this machine and no broken policy is let pass."""
    contexts: list[BrowserContext] = []
    strange: list[str] = []
    home = f"http://127.0.0.1:{server['port']}"

    def opened(**given: Any) -> BrowserContext:
        context = browser.new_context(base_url=home, **given)
        context.add_cookies(cookie)
        context.on(
            "request", lambda request: request.url.startswith((home, "data:")) or strange.append(request.url)
        )
        context.on("console", lambda said: is_strange(said.type, said.text) and strange.append(said.text))
        context.on("weberror", lambda error: strange.append(str(error.error)))
        context.set_default_timeout(10_000)
        contexts.append(context)
        return context

    yield opened
    for each in contexts:
        each.close()
    assert strange == []


def is_strange(kind: str, text: str) -> bool:
    """Whether the console tells of a fault; that a page answers with a status of 400 or more is none."""
    return kind == "error" and not text.startswith("Failed to load resource: the server responded")


@pytest.fixture
def page(open_context: Callable[..., BrowserContext]) -> Page:
    """A page of such a window."""
    return open_context().new_page()
