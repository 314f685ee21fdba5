"""A server in a process of its own, and one browser for all tests of a module.

While the browser is driven an event loop runs in this thread, which other tests do not bear: it ends with the module.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.support.pages.browsing import chromium, launched, running_server


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium; without one its tests are left out."""
    program = chromium()
    if program is None:
        pytest.skip("no Chromium here: install it, or name one in TRIALPROOF_CHROMIUM")
    with sync_playwright() as playwright:
        opened = launched(playwright, program)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def server() -> Iterator[dict[str, Any]]:
    """What a server says of itself once it is ready."""
    with running_server() as told:
        yield told


@pytest.fixture(scope="module")
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
