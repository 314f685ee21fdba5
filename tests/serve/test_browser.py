"""Whole visits in a browser: by keyboard, with a wrong entry, with a hostile record, in two tabs, on a narrow screen, without scripts.

That nothing is asked of another machine, and that no policy is broken, is held by the fixture that opens the windows.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page, expect

EXAMPLES = Path(__file__).parents[2] / "examples"
NARROW = {"width": 360, "height": 740}
AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


def begin(page: Page, name: str = "undetermined") -> str:
    """Open an example; returned is the address of its visit."""
    page.goto("/")
    page.get_by_label("Record file").set_input_files(EXAMPLES / f"{name}.json")
    page.get_by_role("button", name="Open record").click()
    page.wait_for_url("**/visit/*")
    return page.url


def open_text(page: Page, text: str) -> None:
    """Open a record that is written here."""
    page.goto("/")
    record = {"name": "record.json", "mimeType": "application/json", "buffer": text.encode()}
    page.get_by_label("Record file").set_input_files([record])  # type: ignore[list-item]
    page.get_by_role("button", name="Open record").click()


def questions(page: Page) -> Locator:
    """The groups of the questions."""
    return page.get_by_role("region", name="Questions").get_by_role("group")


def question(page: Page, variable: str) -> Locator:
    """The group of one question."""
    return page.get_by_role("region", name="Questions").locator(f"fieldset[data-variable={variable}]")


def verdict(page: Page, code: str) -> Locator:
    """The row of a trial."""
    return page.get_by_role("region", name="Trials").locator(f"[data-trial={code}]")


def focused(page: Page) -> str:
    """The name of the field that has the focus."""
    name: str = page.evaluate("document.activeElement.name || document.activeElement.tagName")
    return name


def test_a_whole_visit_by_keyboard(page: Page) -> None:
    """From the first page to a verdict, never touching the mouse; each answer says what it changed, and the focus stays."""
    page.goto("/")
    page.get_by_role("button", name="Begin empty").press("Enter")
    page.wait_for_url("**/visit/*")
    expect(questions(page).first).to_have_attribute("data-variable", "birth_date")
    page.locator("body").press("Tab")
    for _ in range(60):
        if focused(page) == "birth_date":
            break
        page.keyboard.press("Tab")
    page.keyboard.type("1970-04-02")
    page.keyboard.press("Tab")
    expect(page.get_by_role("status")).to_have_text("ZPED is now ineligible; 23 questions left.")
    expect(verdict(page, "ZPED")).to_have_attribute("data-verdict", "ineligible")
    expect(question(page, "birth_date").locator("input[name=birth_date]")).to_have_value("1970-04-02")
    question(page, "disease_status").get_by_label("Unknown").focus()
    page.keyboard.press("ArrowRight")
    expect(question(page, "disease_status").get_by_label("untreated")).to_be_checked()
    expect(page.get_by_role("status")).to_contain_text("left")
    assert focused(page) == "disease_status"
    verdict(page, "SAR").get_by_role("link").press("Enter")
    page.wait_for_url("**/trial/SAR")
    expect(page.get_by_role("heading", level=1)).to_contain_text("SAR")


def test_a_wrong_entry_keeps_the_focus_and_what_was_typed(page: Page) -> None:
    """It is told in its group, in the words of the command line, and changes nothing; the next right one takes it away."""
    begin(page, "short-chart")
    before = verdict(page, "UC").get_attribute("data-verdict")
    group = question(page, "prior_allo_hsct_count")
    field = group.locator("input[type=text]")
    field.fill("two")
    field.press("Enter")
    expect(group.get_by_role("alert")).to_contain_text("'two' is not a number")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_value("two")
    expect(field).to_be_focused()
    expect(verdict(page, "UC")).to_have_attribute("data-verdict", str(before))
    field.fill("2")
    field.press("Enter")
    expect(group.get_by_role("alert")).to_have_count(0)
    expect(field).not_to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()


def test_a_question_that_is_gone_leaves_the_focus_where_it_is(page: Page) -> None:
    """Whoever types in it is not interrupted; it goes with the next change."""
    begin(page)
    question(page, "cd123_flow_positive").get_by_label("Unknown").focus()
    page.evaluate("document.querySelector('[name=cns_leukemia_active][value=true]').click()")
    expect(verdict(page, "UC")).to_have_attribute("data-verdict", "ineligible")
    expect(question(page, "cns_status")).to_have_count(0)
    expect(question(page, "cd123_flow_positive").get_by_label("Unknown")).to_be_focused()
    expect(question(page, "cns_leukemia_active").get_by_label("yes")).to_be_checked()


def test_a_recorded_fact_is_corrected(page: Page) -> None:
    """With its day, one right after the other; the record that is saved at once says both."""
    begin(page)
    fact = page.get_by_role("region", name="Recorded facts").locator("[data-fact=ecog]")
    fact.locator("input[name=ecog]").fill("3")
    fact.locator("input[name='ecog.date']").fill("2026-11-19")
    with page.expect_download() as found:
        page.get_by_role("button", name="Save record").click()
    assert found.value.suggested_filename == "record.json"
    saved = json.loads(Path(found.value.path()).read_text(encoding="utf-8"))
    assert saved["facts"]["ecog"] == {"value": 3, "date": "2026-11-19"}
    expect(verdict(page, "SAR")).to_have_attribute("data-verdict", "ineligible")


HOSTILE = "</title><script>document.title = 'taken'</script><img src=x onerror=alert(1)>\u202eabc"


def test_a_hostile_record_is_text(page: Page) -> None:
    """Markup does nothing, marks of direction are shown, and three thousand brackets are told to be too many."""
    facts = {"prior_drugs": [HOSTILE], "ecog": {"value": 1, "source": HOSTILE}}
    open_text(page, json.dumps({"id": HOSTILE, "as_of": "2026-11-20", "facts": facts}))
    page.wait_for_url("**/visit/*")
    expect(page.get_by_role("heading", level=1)).to_have_text(HOSTILE.replace("\u202e", r"\u202e"))
    question(page, "birth_date").get_by_role("textbox").fill(HOSTILE)
    question(page, "birth_date").get_by_role("textbox").press("Tab")
    expect(question(page, "birth_date").get_by_role("alert")).to_contain_text("birth_date")
    assert page.title() == "Visit - Trialproof"
    assert page.locator("img").count() == 0
    open_text(page, "[" * 3000)
    expect(page.get_by_role("alert")).to_contain_text("nested more than 100 deep")


def test_new_questions_come_while_another_has_the_focus(page: Page) -> None:
    """They stand around the field that has it, which does not move."""
    begin(page, "short-chart")
    group = question(page, "active_infection")
    group.get_by_label("yes").check()
    expect(questions(page)).to_have_count(1)
    group.get_by_label("Unknown").check()
    expect(questions(page)).to_have_count(12)
    expect(group.get_by_label("Unknown")).to_be_focused()
    expect(questions(page).first).to_have_attribute("data-variable", "active_infection")


def test_two_tabs_hold_two_patients(open_context: Callable[..., BrowserContext]) -> None:
    """What is told in one is not seen in the other."""
    context = open_context()
    one, other = context.new_page(), context.new_page()
    begin(one)
    begin(other, "short-chart")
    question(one, "cns_leukemia_active").get_by_label("yes").check()
    expect(verdict(one, "UC")).to_have_attribute("data-verdict", "ineligible")
    other.reload()
    expect(other.get_by_role("heading", level=1)).to_have_text("short-chart")
    expect(verdict(other, "UC")).to_have_attribute("data-verdict", "undetermined")


def test_a_visit_that_is_forgotten_is_gone(page: Page) -> None:
    """Also for whoever goes back; the browser has kept nothing of it."""
    address = begin(page)
    question(page, "cns_leukemia_active").get_by_label("yes").check()
    expect(verdict(page, "UC")).to_have_attribute("data-verdict", "ineligible")
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    assert page.evaluate("document.cookie") == ""
    page.get_by_role("button", name="Forget this visit").click()
    page.wait_for_url("**/")
    assert page.request.get(address).status == 404
    page.go_back()
    expect(page.get_by_role("heading", level=1)).not_to_have_text("undetermined")


def test_a_visit_without_scripts(open_context: Callable[..., BrowserContext]) -> None:
    """Each form is sent, and leads back to the page."""
    page = open_context(java_script_enabled=False).new_page()
    begin(page)
    question(page, "cns_leukemia_active").get_by_label("yes").check()
    page.locator("[data-fact=weight] input[name=weight]").fill("heavy")
    page.get_by_role("button", name="Update").click()
    expect(verdict(page, "UC")).to_have_attribute("data-verdict", "ineligible")
    expect(page.get_by_role("status")).to_contain_text("UC are now ineligible")
    expect(page.locator("[data-fact=weight]").get_by_role("alert")).to_contain_text("'heavy' is not a number")
    expect(page.locator("[data-fact=weight] input[name=weight]")).to_have_attribute("aria-invalid", "true")
    verdict(page, "RO").get_by_role("link").click()
    page.get_by_label("Would be").fill("unknown")
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_role("group", name="What if")).to_contain_text("What if")


FACTS = {
    "ecog": 1,
    "country": "FR",
    "diagnosis": "AML",
    "pregnant": True,
    "serum_creatinine": {"value": 71, "unit": "umol/L", "date": "2026-11-18", "source": "laboratory"},
    "therapies": [{"is": "venetoclax", "start": "2026-01-02"}],
}


def serious(page: Page) -> list[Any]:
    """The serious faults that axe finds."""
    page.evaluate(AXE)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        (each["id"], [node["html"][:200] for node in each["nodes"][:3]])
        for each in found["violations"]
        if each["impact"] in ("serious", "critical")
    ]


def test_every_page_can_be_used_by_everybody(open_context: Callable[..., BrowserContext]) -> None:
    """Axe finds nothing serious, and no page is wider than a narrow screen, also where an entry is wrong."""
    page = open_context(viewport=NARROW).new_page()
    open_text(page, json.dumps({"as_of": "2026-11-20", "facts": FACTS}))
    page.wait_for_url("**/visit/*")
    visit = page.url
    page.locator("[data-fact=ecog] input[name=ecog]").fill("two")
    page.keyboard.press("Tab")
    expect(page.locator("[data-fact=ecog]").get_by_role("alert")).to_be_visible()
    page.locator("input[name='therapies[0].start']").fill("long ago")
    page.locator("input[name='therapies[0].start']").press("Tab")
    expect(page.get_by_role("group", name="venetoclax").get_by_role("alert")).to_be_visible()
    for address in (visit, f"{visit}/trial/K017", "/", "/api", "/try"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"], address
        assert serious(page) == [], address
