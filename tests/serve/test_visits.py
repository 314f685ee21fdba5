"""Visits: begun with a file or without, told facts, corrected, saved and forgotten; as a browser without scripts sees them."""

from __future__ import annotations

import html
import json
import re
import statistics
import time
from pathlib import Path
from typing import Any

import pytest

from solver.library.files.site import read_site
from solver.library.load import load_library
from solver.library.models import Library
from solver.serve.desk import Desk
from solver.serve.visits import HOURS, MOST, Visits
from tests.support.pages.command_line import run_command
from tests.support.pages.serving import Answered, Client

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
HOSTILE = "<script>alert(1)</script>\u202e{{7*7}}"


@pytest.fixture(scope="module")
def client(library: Library) -> Client:
    """A browser that is let in."""
    return Client.of(library)


def begin(
    client: Client, content: bytes | None = None, name: str = "record.json", day: str = "2026-11-30"
) -> Answered:
    """Begin a visit with a file, or without one."""
    if content is None:
        return client.upload("/", "record", "", b"", {"as_of": day, "begin": "empty"})
    return client.upload("/", "record", name, content, {"as_of": day, "begin": "open"})


def opened(client: Client, name: str = "undetermined") -> str:
    """The address of a visit with an example."""
    found = begin(client, (EXAMPLES / f"{name}.json").read_bytes(), f"{name}.json")
    assert found.status == 303, found.text
    return found.headers["location"]


def of_record(client: Client, **record: Any) -> str:
    """The address of a visit with a record."""
    found = begin(client, json.dumps({"as_of": "2026-11-20", "facts": {}, **record}).encode())
    assert found.status == 303, found.text
    return found.headers["location"]


def questions(page: str) -> list[str]:
    """The variables that a page asks for, in their order."""
    return re.findall(r'data-variable="(\w+)"', page)


def verdicts(page: str) -> dict[str, str]:
    """The verdicts that a page shows."""
    return dict(re.findall(r'data-trial="(\w+)" data-verdict="(\w+)"', page))


def status(page: str) -> str:
    """What a page says has changed."""
    found = re.search(r'id="status"[^>]*>([^<]*)<', page)
    assert found is not None
    return html.unescape(found[1])


def alerts(page: str) -> list[str]:
    """What stands in the elements of role alert."""
    return [html.unescape(text) for text in re.findall(r'role="alert"[^>]*>([^<]*)<', page)]


def told(page: str, name: str) -> str:
    """The value of a text field."""
    found = re.search(rf'name="{re.escape(name)}" value="([^"]*)"', page)
    assert found is not None, name
    return html.unescape(found[1])


def test_a_visit_shows_the_record_and_asks_what_matters(client: Client) -> None:
    """The patient's id, each verdict as `match` gives it, and the questions that are left."""
    page = client.get(opened(client)).text
    assert "<h1>undetermined</h1>" in page
    answer = json.loads(run_command(str(EXAMPLES / "undetermined.json"), "--format", "json").output)
    assert verdicts(page) == {each["code"]: each["verdict"] for each in answer["trials"]}
    assert questions(page) == ["cns_leukemia_active", "cd123_flow_positive", "cns_status"]
    assert "One answer ends UC - ask the investigator." in page
    assert told(page, "as_of") == "2026-11-20"


def test_an_answer_changes_verdicts_and_questions(client: Client) -> None:
    """It says so in a sentence; the answered question stays where it is, and what no longer matters is not asked."""
    address = opened(client)
    assert client.post(address, {"cns_leukemia_active": "true"}).headers["location"] == address
    page = client.get(address).text
    assert status(page) == "RO, SAR and UC are now ineligible; nothing is left to ask."
    assert verdicts(page)["UC"] == "ineligible"
    assert questions(page) == ["cns_leukemia_active"]
    assert 'name="cns_leukemia_active" value="true" checked' in page
    client.post(address, {"cns_leukemia_active": ""})
    assert verdicts(client.get(address).text)["UC"] == "undetermined"


def test_an_answered_question_stays_in_its_place(client: Client) -> None:
    """Whichever is answered first."""
    address = opened(client, "short-chart")
    before = questions(client.get(address).text)
    client.post(address, {before[2]: "false"})
    assert questions(client.get(address).text)[2] == before[2]


def test_a_wrong_entry_is_told_in_its_group_and_changes_nothing(client: Client) -> None:
    """In the words of the command line; what was typed stays, and the next right entry takes the error away."""
    address = opened(client)
    before = client.get(address).text
    client.post(address, {"weight": "abc", "weight.unit": "kg"})
    page = client.get(address).text
    words = run_command("what-if", str(EXAMPLES / "undetermined.json"), "weight=abc").error
    (error,) = alerts(page)
    assert words == f"error: what-if: {error}\n"
    assert told(page, "weight") == "abc"
    assert re.search(r'name="weight" value="abc"[^>]*aria-invalid="true"', page)
    assert (verdicts(page), questions(page)) == (verdicts(before), questions(before))
    assert status(page).startswith("1 answer cannot be read and is not used")
    assert json.loads(client.get(f"{address}/record.json").body)["facts"]["weight"] == {
        "value": 74,
        "unit": "kg",
    }
    client.post(address, {"weight": "75", "weight.unit": "kg"})
    assert alerts(client.get(address).text) == []


def test_the_row_of_a_trial_says_what_the_site_says(library: Library, tmp_path: Path) -> None:
    """Whether it is open there, what to know, and whom to ask; a trial that is closed there asks for nothing."""
    site = tmp_path / "site.yaml"
    site.write_text(
        "name: Ward 9\ncontacts: {RO: desk}\ntrials_open: {RO: {open: true, slots: 2, note: call}, UC: {open: false}}\n",
        encoding="utf-8",
    )
    at_site = Client.of(read_site(site).applied(library))
    page = at_site.get(opened(at_site)).text
    assert "recruitment: open here, 2 slots (call; contact: desk)" in page
    assert '<span class="recruitment">closed here</span>' in page
    assert "at Ward 9" in page
    assert not any("UC" in why for why in re.findall(r'class="why" id="why-[^>]*>([^<]*)', page))


def test_an_odd_value_is_taken_and_warned_about(client: Client) -> None:
    """In the words of the command line, before the facts; the sentence on the change counts it."""
    address = opened(client)
    client.post(address, {"weight": "5000", "weight.unit": "kg"})
    page = client.get(address).text
    document = run_command(
        "what-if", str(EXAMPLES / "undetermined.json"), "weight=5000kg", "--format", "json"
    ).output
    (warning,) = (each["text"] for each in json.loads(document)["warnings"])
    assert warning in html.unescape(page)
    assert page.index('id="remarks"') < page.index('id="recorded-facts"')
    assert status(page).endswith("; 1 new warning.")
    parts = client.post(address, {"weight": "70"}, ("HX-Request", "true")).text
    assert '<div id="remarks" hx-swap-oob="true">' in parts
    assert warning not in html.unescape(parts)


def test_the_field_that_is_wrong_is_the_one_that_is_marked(client: Client) -> None:
    """The day of a fact, its unit, or the key of an entry, and no other."""
    address = of_record(
        client,
        facts={
            "weight": {"value": 70, "unit": "kg"},
            "therapies": [{"is": "allo_hsct", "start": "2024-09-11"}],
        },
    )
    for sent, marked in (
        ({"weight.date": "2026-02-30"}, ["weight.date"]),
        ({"weight.date": "", "weight.unit": "stones"}, ["weight", "weight.unit"]),
        ({"weight.unit": "kg", "therapies[0].start": "soon"}, ["therapies[0].start"]),
    ):
        client.post(address, sent)
        page = client.get(address).text
        assert re.findall(r'<input[^>]*name="([^"]*)"[^>]*aria-invalid="true"', page) == marked
        assert len(alerts(page)) == 1


def test_no_form_is_remembered_by_the_browser(client: Client) -> None:
    """Nor any field of one."""
    for address in ("/", "/try", opened(client), f"{opened(client)}/trial/UC"):
        page = client.get(address).text
        kept = [
            each
            for each in re.findall(r"<(?:form|input|select)\b[^>]*>", page)
            if 'autocomplete="off"' not in each
        ]
        assert [each for each in kept if 'type="hidden"' not in each] == []


def test_one_wrong_entry_does_not_keep_the_others_out(client: Client) -> None:
    """What is sent together is taken one by one."""
    address = opened(client)
    client.post(address, {"weight": "1 stone", "cns_leukemia_active": "true"})
    page = client.get(address).text
    assert len(alerts(page)) == 1
    assert verdicts(page)["UC"] == "ineligible"


def test_each_recorded_fact_can_be_corrected(client: Client) -> None:
    """Its value, its unit, its day and its source, and it can be taken back."""
    address = of_record(
        client,
        facts={
            "serum_creatinine": {"value": 71, "unit": "umol/L", "date": "2026-11-18", "source": "lab"},
            "ecog": 1,
        },
    )
    page = client.get(address).text
    assert told(page, "serum_creatinine") == "71"
    assert [told(page, f"serum_creatinine.{part}") for part in ("unit", "date", "source")] == [
        "umol/L",
        "2026-11-18",
        "lab",
    ]
    client.post(
        address,
        {"serum_creatinine": "1.60", "serum_creatinine.unit": "mg/dL", "serum_creatinine.date": "2026-11-19"},
    )
    client.post(address, {"ecog": ""})
    assert json.loads(client.get(f"{address}/record.json").body)["facts"] == {
        "serum_creatinine": {"value": 1.6, "unit": "mg/dL", "date": "2026-11-19", "source": "lab"}
    }
    assert "1.60" in client.get(f"{address}/record.json").text


def test_the_day_of_the_visit_can_be_corrected(client: Client) -> None:
    """A day that is none is told, and changes nothing."""
    address = opened(client)
    client.post(address, {"as_of": "2026-02-30"})
    client.post(address, {"ecog": "1"})
    page = client.get(address).text
    assert len(alerts(page)) == 1
    assert told(page, "as_of") == "2026-02-30"
    client.post(address, {"as_of": "2026-12-01"})
    page = client.get(address).text
    assert (alerts(page), told(page, "as_of")) == ([], "2026-12-01")


def test_what_is_shown_and_sent_back_unchanged_changes_nothing(client: Client) -> None:
    """Whatever form a record says it in: ranges, lists, events, hidden marks."""
    facts = {
        "ecog": {"max": 2},
        "birth_date": {"min": "1961-01-01", "max": "1961-12-31", "source": "letter\u202e of"},
        "prior_drugs": ["azacitidine", "venetoclax"],
        "diagnosis": {"one_of": ["AML", "MDS"]},
        "serum_creatinine": {"replicates": [1.5, 1.6], "unit": "mg/dL"},
        "therapies": [{"is": "venetoclax", "start": "2026-01-02"}],
    }
    address = of_record(client, facts=facts, never=["solid_organ_transplant"])
    before, page = client.get(f"{address}/record.json").body, client.get(address).text
    sent = {
        html.unescape(name): html.unescape(value)
        for name, value in re.findall(r'type="text"[^>]* name="([^"]+)" value="([^"]*)"', page)
    }
    assert len(sent) > 15
    client.post(address, sent)
    assert client.get(f"{address}/record.json").body == before
    assert status(client.get(address).text) == ""


def test_events_and_what_never_happened_can_be_corrected(client: Client) -> None:
    """An entry's texts, and whether it stands at all."""
    address = of_record(
        client,
        facts={"therapies": [{"is": "venetoclax", "start": "2026-01-02"}, {"is": "azacitidine"}]},
        never=["solid_organ_transplant", "hiv"],
    )
    client.post(
        address,
        {"therapies[0].start": "2026-03-04", "therapies[1].remove": "true", "never[0].remove": "true"},
    )
    saved = json.loads(client.get(f"{address}/record.json").body)
    assert saved["facts"]["therapies"] == [{"is": "venetoclax", "start": "2026-03-04"}]
    assert saved["never"] == ["hiv"]
    client.post(address, {"therapies[0].start": "long ago", "ecog": "1"})
    client.post(address, {"ecog": "2"})
    page = client.get(address).text
    (error,) = alerts(page)
    assert "therapies[0].start" in error
    assert told(page, "therapies[0].start") == "long ago"
    client.post(address, {"therapies[0].start": "2026-03-05"})
    assert alerts(client.get(address).text) == []


def test_an_entry_is_given_the_days_that_it_lacks(client: Client) -> None:
    """And its source; what is taken away by mistake can be given again."""
    address = of_record(
        client, facts={"therapies": [{"is": "venetoclax"}], "findings": [{"is": "npm1", "present": True}]}
    )
    page = client.get(address).text
    for name in (
        "therapies[0].start",
        "therapies[0].end",
        "therapies[0].source",
        "findings[0].date",
        "findings[0].source",
    ):
        assert told(page, name) == ""
    client.post(
        address, {"therapies[0].start": "2026-01-02", "therapies[0].end": "", "findings[0].date": "2026-02"}
    )
    client.post(address, {"findings[0].date": ""})
    client.post(address, {"therapies[0].end": "2026-03-04", "findings[0].source": "letter"})
    assert json.loads(client.get(f"{address}/record.json").body)["facts"] == {
        "therapies": [{"is": "venetoclax", "start": "2026-01-02", "end": "2026-03-04"}],
        "findings": [{"is": "npm1", "present": True, "source": "letter"}],
    }


def test_a_record_that_contradicts_itself_is_told_before_anything_else(client: Client) -> None:
    """No verdict is given and nothing is asked, until a fact is corrected."""
    page = client.get(opened(client, "contradictory")).text
    assert "The record contradicts itself" in page
    assert set(verdicts(page).values()) == {"withheld"}
    assert questions(page) == []


def test_a_visit_without_a_file_begins_at_once(client: Client) -> None:
    """On the day of the field, with the question that settles the most."""
    address = begin(client).headers["location"]
    page = client.get(address).text
    assert questions(page)[0] == "birth_date"
    assert told(page, "as_of") == "2026-11-30"
    client.post(address, {"birth_date": "1968-04"})
    assert json.loads(client.get(f"{address}/record.json").body)["facts"] == {"birth_date": "1968-04"}


@pytest.mark.parametrize("path", ["fhir/relapse.json", "phenopackets/relapse.json"])
def test_what_a_reader_takes_is_opened(client: Client, path: str) -> None:
    """An export is judged on the day of the field, and saved as a record."""
    if not (EXAMPLES / path).exists():
        path = str(sorted((EXAMPLES / path.partition("/")[0]).glob("*.json"))[0].relative_to(EXAMPLES))
    found = begin(client, (EXAMPLES / path).read_bytes(), Path(path).name, "2026-11-20")
    assert found.status == 303, found.text
    saved = json.loads(client.get(f"{found.headers['location']}/record.json").body)
    assert saved["as_of"] == "2026-11-20"
    assert saved["facts"]


UNREADABLE = {
    "nothing": b"",
    "no JSON": b"{",
    "brackets": b"[" * 3000,
    "several": b'[{"as_of": "2026-11-20"}, {"as_of": "2026-11-20"}]',
    "an unknown fact": b'{"as_of": "2026-11-20", "facts": {"ecgo": 1}}',
    "a trial": b"trial: X\nclauses: []\n",
}


@pytest.mark.parametrize("kind", UNREADABLE)
def test_a_file_that_cannot_be_read_is_told_where_it_is_opened(client: Client, kind: str) -> None:
    """With what is to be done, and the day that was typed stays."""
    found = begin(client, UNREADABLE[kind], "x.json", "2026-11-29")
    assert found.status == 422
    assert alerts(found.text)
    assert 'value="2026-11-29"' in found.text


def test_no_file_at_all_is_told(client: Client) -> None:
    """As one that cannot be read."""
    found = client.upload("/", "record", "", b"", {"begin": "open"})
    assert (found.status, alerts(found.text)) == (
        422,
        ["no file was chosen: choose a record file, or begin empty"],
    )


def test_a_large_file_is_read_in_memory_alone(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Up to 10 MB nothing is written to disk; above that the file is refused."""
    import tempfile

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a file was made")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    record = (EXAMPLES / "undetermined.json").read_bytes()
    assert begin(client, record + b" " * (9_900_000 - len(record))).status == 303
    found = begin(client, record + b" " * 10_100_000)
    assert (found.status, alerts(found.text)) == (
        413,
        ["the file is larger than 10 MB: a record is a few thousand bytes"],
    )


def test_a_hostile_record_is_text(client: Client) -> None:
    """Its markup is escaped, and its marks of direction are shown."""
    address = of_record(
        client, id=HOSTILE, facts={"ecog": {"value": 1, "source": HOSTILE}, "prior_drugs": [HOSTILE]}
    )
    for page in (client.get(address), client.get(f"{address}/trial/RO")):
        assert page.status == 200
        assert "<script>alert" not in page.text
        assert "\u202e" not in page.text
    assert f"<h1>{html.escape(HOSTILE[:-8])}\\u202e{{{{7*7}}}}</h1>" in client.get(address).text


def test_a_visit_is_gone_once_it_is_forgotten(client: Client) -> None:
    """Its page, its record and its trials are not found, and nothing more is taken."""
    address = opened(client)
    assert client.post(f"{address}/forget").headers["location"] == "/"
    for each in (address, f"{address}/record.json", f"{address}/trial/RO"):
        assert client.get(each).status == 404
    assert client.post(address, {"ecog": "1"}).status == 404


def test_visits_do_not_mix(client: Client) -> None:
    """Each has its own address, which nobody guesses."""
    one, other = opened(client), opened(client, "short-chart")
    client.post(one, {"cns_leukemia_active": "true"})
    assert "<h1>short-chart</h1>" in client.get(other).text
    assert status(client.get(other).text) == ""
    assert all(re.fullmatch(r"/visit/[A-Za-z0-9_-]{16,}", each) for each in (one, other))


def test_a_change_is_answered_while_one_types(client: Client) -> None:
    """In less than 100 ms of work, in the middle of worked cases."""
    took = []
    for name in ("undetermined", "short-chart", "questions/16-genetics-pending", "several-trials"):
        address = opened(client, name)
        for value in ("1", "2", "3", "1", "2"):
            begun = time.process_time()
            assert client.post(address, {"ecog": value}, ("HX-Request", "true")).status == 200
            took.append(time.process_time() - begun)
    assert statistics.median(took) < 0.1


def test_a_visit_lasts_eight_hours_and_there_are_a_hundred(library: Library) -> None:
    """The one that was not used for longest gives way to a new one."""
    now = [0.0]
    desk = Desk(library)
    visits = Visits(desk, clock=lambda: now[0])
    patient = desk.read_file((EXAMPLES / "contradictory.json").read_bytes(), "x.json")
    first, second, *_ = [visits.begin(patient) for _ in range(MOST)]
    assert visits.find(first.id) is first
    visits.begin(patient)
    assert (visits.find(first.id), visits.find(second.id)) == (first, None)
    now[0] = HOURS * 3600
    assert visits.find(first.id) is None


def test_only_what_differs_is_sent_to_a_browser_with_scripts(client: Client) -> None:
    """Trials, status and questions that are new or gone; never a field that it shows already."""
    address = opened(client, "short-chart")
    here = questions(client.get(address).text)
    sent = [("shown", name) for name in here] + [(here[0], "true")]
    found = client.post(address, sent, ("HX-Request", "true"))
    assert found.status == 200
    assert len(verdicts(found.text)) == 6
    after = questions(client.get(address).text)
    assert questions(found.text) == [name for name in after if name not in here]
    assert f'name="{here[0]}"' not in found.text
    assert re.findall(r'id="question-(\w+)" hx-swap-oob="delete"', found.text) == [
        n for n in here if n not in after
    ]


def test_the_page_of_a_trial_explains_it(client: Client) -> None:
    """Every clause with what it rests on, when, and what if."""
    address = opened(client)
    page = client.get(f"{address}/trial/UC").text
    listed = json.loads(
        run_command("explain", str(EXAMPLES / "undetermined.json"), "UC", "--format", "json").output
    )
    clauses = listed["trials"][0]["clauses"]
    assert sorted(re.findall(r'data-clause="([^"]+)" data-status="(\w+)"', page)) == sorted(
        (c["id"], c["status"]) for c in clauses
    )
    assert "if only time passes" in page
    assert client.get(f"{address}/trial/NONE").status == 404


def test_another_record_is_tried_out_on_the_page_of_a_trial(client: Client) -> None:
    """What it would do is shown, and the record stays as it is; what is no value is told."""
    address = opened(client)
    assert client.post(f"{address}/trial/UC", {"variable": "ecog", "value": "3"}).status == 303
    assert "1 -&gt; 3" in client.get(f"{address}/trial/UC").text
    assert json.loads(client.get(f"{address}/record.json").body)["facts"]["ecog"] == 1
    client.post(f"{address}/trial/UC", {"variable": "ecog", "value": "x"})
    (error,) = alerts(client.get(f"{address}/trial/UC").text)
    assert error.startswith("ecog: 'x' is not a number")


def test_what_trials_ask_of_events_is_asked_as_well() -> None:
    """An answer counts at once; what an entry of a record can say is saved as one, and the rest is told."""
    client = Client.of(load_library(add_trials=[EXAMPLES / "trials/NCT02474290.yaml"]))
    address = opened(client, "short-chart")
    page = client.get(address).text
    asked = set(re.findall(r'data-variable="([^"]+)"', page))
    assert {"ever(allo_hsct)", "current(heart_failure)", "uln(alt)"} <= asked
    assert len(set(re.findall(r' id="([\w-]+)"', page))) == len(re.findall(r' id="([^"]+)"', page))
    client.post(
        address,
        {
            "ever(allo_hsct)": "false",
            "current(heart_failure)": "false",
            "uln(alt)": "40",
            "uln(alt).unit": "U/L",
        },
    )
    page = client.get(address).text
    assert alerts(page) == []
    assert 'name="ever(allo_hsct)" value="false" checked' in page
    assert "no part of the record that is saved: " in page
    saved = json.loads(client.get(f"{address}/record.json").body)
    assert "allo_hsct" in saved["never"]
    assert begin(client, json.dumps(saved).encode()).status == 303
    client.post(address, {"uln(alt)": "high"})
    (error,) = alerts(client.get(address).text)
    assert "'high' is not a number" in error


TRIAL = b"""
trial: NCT00000007
code: DEMO
title: Drug X (invented)
intervention: drug X
recruitment: recruiting
recruitment_note: Invented.
criteria: full
sources: [{id: S, text: Invented}]
cohorts: {ALL: {label: Everybody}}
clauses:
  - {id: I1, label: ECOG 0 or 1, source: S 1, class: objective, changes: treat, require: ecog <= 1}
  - {id: E1, label: No HIV infection, source: S 3, class: objective, changes: never, require: not ever(hiv)}
  - {id: I2, label: Body weight below 400 kg, source: S 2, class: objective, changes: test, require: weight < 400 kg}
"""


def test_the_report_is_that_of_the_command_line(client: Client) -> None:
    """To be saved under a name that tells nothing of the patient, on the record as it stands now."""
    name = "closed-door"
    address = opened(client, name)
    found = client.get(f"{address}/report.html")
    assert found.headers["content-disposition"] == 'attachment; filename="report.html"'
    assert found.text == run_command("report", str(EXAMPLES / f"{name}.json"), "--out", "-").output
    client.post(address, {"ecog": "4"})
    assert client.get(f"{address}/report.html").text != found.text


def test_a_trial_file_is_tried(client: Client) -> None:
    """Its findings with their lines, and patients at the edges of its clauses; what is wrong with it is told."""
    found = client.upload("/try", "trial", "own.yaml", TRIAL)
    assert found.status == 200, re.findall(r'class="error">([^<]*)', found.text)
    (finding,) = re.findall(r"<li data-finding=[^>]*>(.*)</li>", found.text)
    assert "line 14" in finding
    assert "Example patients" in found.text
    assert "DEMO.I1" in found.text
    wrong = client.upload("/try", "trial", "own.yaml", b"trial: NCT1\n")
    assert wrong.status == 422
    assert "own.yaml:1:1: missing key 'title'" in html.unescape(wrong.text)
