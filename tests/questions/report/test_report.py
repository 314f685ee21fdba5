"""The report to hand over: what stands in it is what the verbs answer, and the file is safe, valid and prints on few sheets."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest

from solver.engine.case import Engine
from solver.library.models import Library
from solver.patient.readers.native.read import read_record
from solver.questions.report.ask import patient_report
from solver.work import Budget, allowed
from tests.questions.test_command_line import EXAMPLES, ROOT, Match, match
from tests.support.pages.html_pages import Element, parsed_page

GOLDEN = Path(__file__).parent / "golden"
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
CLOCKS, OPEN, WRONG, CHILD = (
    str(EXAMPLES / f"{name}.json") for name in ("two-clocks", "undetermined", "contradictory", "child")
)
HOSTILE = "<script>alert(1)</script>\"'&\u202e\u2066\u061c\x1b[31m\x85\u2028]]>--><b>"
SHOWN = "<script>alert(1)</script>\"'&\\u202e\\u2066\\u061c\\x1b[31m\\x85\\u2028]]>--><b>"

__all__ = ["match"]


def written(match: Match, tmp_path: Path, *words: str) -> str:
    """The file that the verb writes."""
    out = tmp_path / "report.html"
    found = match("report", *words, "--out", str(out))
    assert (found.code, found.out, found.err) == (0, "", "")
    return out.read_text(encoding="utf-8")


def answer(match: Match, *words: str) -> Any:
    """The document of another verb."""
    return json.loads(match(*words, "--format", "json").out)


def rows(page: Element) -> list[tuple[str | None, str | None]]:
    """The trials and the verdicts of the rows of a page."""
    return [
        (e.attributes["data-trial"], e.attributes["data-verdict"]) for e in page.all(attribute="data-trial")
    ]


@pytest.mark.parametrize("name", ["two-clocks", "undetermined", "contradictory", "empty"])
def test_a_report_is_one_valid_page_that_fetches_nothing(match: Match, tmp_path: Path, name: str) -> None:
    """No script, no address but those within it, its own policy, a language, and the same bytes again."""
    words = (str(EXAMPLES / f"{name}.json"), "--trials", "RO,K001")
    text = written(match, tmp_path, *words)
    page = parsed_page(text)
    (html,) = page.all("html")
    assert html.attributes["lang"] == "en"
    policies = [e.attributes["content"] for e in page.all("meta") if e.attributes.get("http-equiv")]
    assert policies == [POLICY]
    assert not page.all("script")
    assert re.findall(r"(?:https?:)?//(?!www\.w3\.org/2000/svg)[\w.]+|url\(|@import| on\w+=", text) == []
    assert {each.attributes["href"] for each in page.all(attribute="href")} <= {
        f"#{each.attributes['id']}" for each in page.all(attribute="id")
    }
    assert "Decision support only: a clinician must review the basis of every answer." in page.text
    assert [each.text for each in page.all("li")][-3:] == ["Name", "Date", "Signature"]
    assert written(match, tmp_path, *words) == text


def test_a_report_says_what_the_documents_say(match: Match, tmp_path: Path) -> None:
    """Verdicts, requirements, clauses with their standing, days, assumptions, digests and versions, in the words of the JSON."""
    words = (str(EXAMPLES / "short-chart.json"), "--assume", "history-absent", "--trials", "UC,RO")
    page = parsed_page(written(match, tmp_path, *words))
    told = answer(match, "explain", words[0], "UC", "RO", "--assume", "history-absent")
    dates = answer(match, "when", *words)
    assert sorted(rows(page)) == sorted((each["code"], each["verdict"]) for each in told["trials"])
    for each in told["assumptions"]:
        assert each["text"] in page.text
    for name in ("digest",):
        assert told["record"][name] in page.text
    for name in ("encodings", "version", "solver"):
        assert told["engine"][name] in page.text
    assert "undetermined, assuming" in page.text
    clauses = {e.attributes["data-clause"]: e for e in page.all(attribute="data-clause")}
    for trial in told["trials"]:
        for missing in trial["missing"]:
            assert missing["require"] is None or missing["require"] in page.text
        for clause in trial["clauses"]:
            found = clauses[clause["id"]]
            assert found.tag == "details"
            assert clause["label"] in found.text
            assert clause["source"] in found.text
            if clause["status"] != "met":
                assert "open" in found.attributes
    assert [e for e in clauses.values() if "open" not in e.attributes]
    drawings = {each.text.split()[0]: each for each in page.all("title") if each.parent.tag == "svg"}  # type: ignore[union-attr]
    for trial in dates["trials"]:
        drawn = drawings[trial["code"]].text
        for clock in trial["clocks"]:
            assert clock["clause"] in drawn
        for window in (*trial["eligible"], *trial["possible"]):
            assert window["first"] in drawn
            assert window["last"] in drawn


def test_several_patients_stand_behind_an_index(match: Match, tmp_path: Path) -> None:
    """A link leads to each; a record that contradicts itself gets no advice and no clause, and a bad one is told of."""
    out = tmp_path / "both.html"
    found = match("report", CLOCKS, WRONG, str(tmp_path / "none.json"), "--out", str(out), "--trials", "RO")
    assert found.code == 2
    assert found.err == f"error: {tmp_path}/none.json: does not exist: check the path\n"
    page = parsed_page(out.read_text(encoding="utf-8"))
    (index,) = page.all("nav")
    assert [each.text for each in index.all("a")] == ["two-clocks", "contradictory"]
    assert rows(page) == [("RO", "ineligible"), ("RO", "withheld")]
    (wrong,) = (e for e in page.all("section") if e.attributes["aria-labelledby"] == "patient-2")
    assert "the record contradicts itself" in wrong.text
    assert not wrong.all(attribute="data-clause")
    assert not wrong.all("svg")


def test_nothing_of_a_record_is_markup(match: Match, tmp_path: Path) -> None:
    """It is text, with its control and direction marks shown, in HTML and in Markdown."""
    record = json.loads(Path(CHILD).read_text(encoding="utf-8"))
    record["id"] = HOSTILE
    record["facts"]["height"] = {"value": 120, "unit": "cm", "source": HOSTILE}
    path = tmp_path / "hostile.json"
    path.write_text(json.dumps(record), encoding="utf-8")
    text = written(match, tmp_path, str(path), "--trials", "ZPED")
    page = parsed_page(text)
    assert page.all("h1")[0].text == f"Patient {SHOWN}, as of 2026-11-20"
    assert SHOWN in page.all("details")[-1].text
    assert not page.all("script")
    assert not re.search(
        "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]", text
    )
    written(match, tmp_path, str(path), "--trials", "ZPED", "--format", "markdown")
    plain = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert plain.startswith("# Patient \\<script\\>alert(1)\\</script\\>")
    assert "\u202e" not in plain


def test_markdown_says_the_same(match: Match) -> None:
    """Byte for byte as it is kept; `UPDATE_GOLDEN=1` writes it again."""
    for form, name in (("markdown", "two-clocks.md"), ("html", "two-clocks.html")):
        found = match("report", CLOCKS, "--trials", "RO", "--out", "-", "--format", form)
        text = re.sub(r"sha256:[0-9a-f]{64}(?=; Program)|Trialproof [\d.]+, z3 [\d.]+", "...", found.out)
        if os.environ.get("UPDATE_GOLDEN"):
            (GOLDEN / name).write_text(text, encoding="utf-8")
        assert text == (GOLDEN / name).read_text(encoding="utf-8")


def test_a_report_takes_the_place_of_an_older_one_in_one_piece(match: Match, tmp_path: Path) -> None:
    """What cannot be written leaves what was there, and is told in one line; without a patient nothing is written."""
    out = tmp_path / "report.html"
    out.write_text("before")
    assert match("report", str(tmp_path / "none.json"), "--out", str(out)).code == 2
    assert out.read_text() == "before"
    found = match("report", CLOCKS, "--trials", "RO", "--out", str(tmp_path / "no" / "report.html"))
    assert found.code == 2
    assert found.err.startswith(f"error: {tmp_path}/no/report.html: cannot be written: ")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.html"]
    assert stat.S_ISREG(out.stat().st_mode)


def test_the_site_stands_in_the_report(match: Match, tmp_path: Path) -> None:
    """Its name, what it has open, whom to ask, and the digest of its file; what is open is asked about in order."""
    site = tmp_path / "ward.yaml"
    site.write_text(
        "name: Ward 7\ncontacts: {RO: desk}\ntrials_open: {RO: {open: true, slots: 2, note: call first}}\n"
    )
    words = (OPEN, "--trials", "RO", "--site", str(site))
    page = parsed_page(written(match, tmp_path, *words))
    assert page.all("h1")[0].text == "Patient undetermined, as of 2026-11-20 (Ward 7)"
    assert "open here, 2 slots" in page.text
    assert "call first; contact: desk" in page.text
    assert answer(match, *words)["site"]["digest"] in page.text
    assert len(page.all("ol")) == 1


def test_the_template_is_part_of_the_package() -> None:
    """Beside the module that reads it, in a folder that the wheel has whole."""
    assert (ROOT / "solver" / "report" / "html" / "templates" / "report.html").is_file()
    assert 'only-include = ["solver", "cli.py"]' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_a_clause_that_is_met_for_some_cohorts_is_not_told_as_not_met(match: Match, tmp_path: Path) -> None:
    """One cohort fits, so that the trial is eligible: its head says that the others do not."""
    page = parsed_page(written(match, tmp_path, OPEN, "--trials", "K001"))
    heads = [each.text for each in page.all("summary") if each.text.startswith("K001.DX")]
    assert [head.rsplit(": ", 1)[1] for head in heads] == ["not met for some cohorts"]


def test_six_trials_print_on_three_sheets(match: Match, tmp_path: Path) -> None:
    """Also of a patient of whom little is known; a sheet is a page of A4."""
    browser = shutil.which("chromium")
    if browser is None:
        pytest.skip("chromium is not installed: nothing is printed")
    written(match, tmp_path, str(EXAMPLES / "short-chart.json"))
    printed = tmp_path / "report.pdf"
    switches = ["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
    address = (tmp_path / "report.html").as_uri()
    command = [browser, *switches, f"--user-data-dir={tmp_path}/c", f"--print-to-pdf={printed}", address]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    assert 1 <= len(re.findall(rb"/Type /Page\b(?!s)", printed.read_bytes())) <= 3


def test_the_parts_of_a_report_share_a_budget(library: Library) -> None:
    """Tests and days get what the explanation leaves: a report takes at most half as much work again as one question may."""
    record = read_record((EXAMPLES / "empty.json").read_bytes(), library, name="empty.json")
    for work in (20_000, 200_000):
        engine = Engine(library, budget=Budget(work=work))
        with allowed(10 * work, own=True) as allowance:
            patient_report(engine, record)
        # a part may end a little after its allowance does, and what it overran is not taken from the next
        assert 10 * work - allowance.left <= 1.5 * work
