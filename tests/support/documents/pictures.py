"""Writes the pictures of docs/page.md: the pages of a first visit, as the browser of the tests shows them."""

from __future__ import annotations

import sys

from playwright.sync_api import Page, sync_playwright

from tests.support.pages.browsing import ROOT, chromium, launched, running_server

FOLDER = ROOT / "docs" / "pictures"
SIZE = {"width": 1000, "height": 640}
TALL = {"width": 1000, "height": 820}


def visit(page: Page, address: str) -> None:
    """A first visit, a picture at each step."""

    def picture(name: str) -> None:
        page.screenshot(path=FOLDER / f"{name}.png")

    page.goto(address)
    page.get_by_label("Day of evaluation").fill("2026-11-20")  # the same on every day
    picture("begin")
    page.get_by_label("Record file").set_input_files(ROOT / "examples/undetermined.json")
    page.get_by_role("button", name="Open record").click()
    page.wait_for_url("**/visit/*")
    page.set_viewport_size(TALL)
    picture("visit")
    page.locator("[data-variable=cns_leukemia_active]").get_by_label("yes").check()
    page.locator("[data-trial=UC][data-verdict=ineligible]").wait_for()
    picture("answered")
    weight = page.locator("[data-fact=weight]")
    weight.locator("input[name=weight]").fill("heavy")
    page.keyboard.press("Tab")
    weight.get_by_role("alert").wait_for()
    weight.scroll_into_view_if_needed()
    picture("wrong")
    page.locator("[data-trial=UC] a").click()
    page.wait_for_url("**/trial/UC")
    picture("trial")


def main() -> int:
    """Write them; returned is the exit code."""
    program = chromium()
    if program is None:
        print("no Chromium here: install it, or name one in TRIALPROOF_CHROMIUM", file=sys.stderr)
        return 2
    FOLDER.mkdir(exist_ok=True)
    with running_server() as told, sync_playwright() as playwright:
        browser = launched(playwright, program)
        visit(browser.new_page(viewport=SIZE), told["url"])
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
