"""`match when` on the command line: the page, the timeline, the JSON, and what the other verbs say of the days."""

from __future__ import annotations

import json
import os
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cli
from solver.engine.answer import DatesAnswer
from solver.matcher import Matcher
from solver.patient.changes import with_first_dose
from solver.patient.readers.native.read import read_record
from solver.patient.record import Record
from solver.questions.explain.page import explanation
from solver.questions.match.page import report
from solver.questions.schema.ask import schema
from solver.questions.when.answer import WhenAnswer
from solver.questions.when.ask import when
from solver.questions.when.page import when_page
from solver.questions.when.timeline import Bar, draw
from solver.report.json import answer_document, json_text
from solver.report.page import Page
from solver.report.words import days_line
from tests.support.drawing.strategies import records
from tests.support.libraries.shipped import LIBRARY
from tests.support.records import worked
from tests.support.records.worked import Json

ROOT = Path(__file__).parents[3]
GOLDEN = Path(__file__).parent / "golden"
MATCHER = Matcher(LIBRARY)
EXAMPLE = ROOT / "examples" / "two-clocks.json"

SHOWN: dict[str, str] = {
    "two-clocks": "two-clocks",
    "partial-dates": "partial-dates",
    "child": "child",
    "contradictory": "contradictory",
}
"""Golden pages: the name and the example."""

NEVER_TOGETHER = {"birth_date": "1959-06-20", "anti_cd20_ever": True, "anti_cd20_last_date": "2025-04-05"}


def example(name: str) -> Record:
    """The record of an example."""
    path = ROOT / "examples" / f"{name}.json"
    return read_record(path.read_bytes(), LIBRARY, name=path.name)


def changed(name: str, **facts: object) -> Record:
    """A worked patient with other facts."""
    record = worked.patient(name)
    record["facts"].update(facts)
    return worked.read(record, LIBRARY)


def page(record: Record, *codes: str, width: int = 80, **how: str) -> str:
    """The page on a record."""
    return when_page(when(MATCHER, record, codes or None, **how), record, LIBRARY, width).plain()


def flat(text: str) -> str:
    """A page as one line."""
    return " ".join(text.split())


# --- the page


@pytest.mark.parametrize("name", SHOWN)
def test_the_page_is_as_reviewed(name: str) -> None:
    """At 80 columns it is the reviewed one, and no line is wider. UPDATE_GOLDEN=1 writes it again."""
    text = page(example(SHOWN[name]))
    assert max(map(len, text.splitlines())) <= 80
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_every_golden_page_is_shown() -> None:
    """No page is left over."""
    assert {path.stem for path in GOLDEN.iterdir()} == SHOWN.keys()


@settings(max_examples=15)
@given(records(LIBRARY), st.sampled_from([50, 64, 80, 120]))
def test_a_page_of_any_record_keeps_to_its_width_and_to_plain_characters(record: Json, width: int) -> None:
    """Whatever the record, no line is wider than the page, and what the page adds itself is ASCII."""
    read = worked.read(record, LIBRARY)
    text = page(read, width=width)
    assert max(map(len, text.splitlines())) <= width
    assert all(line.isascii() for line in text.splitlines() if set(line) & set("#?|"))


def test_a_day_to_wait_for_stands_with_the_clause_that_waits() -> None:
    """The row, the first day with its clause, and that it was checked again."""
    text = flat(page(example("two-clocks"), "RO"))
    assert "eligible from 2026-12-08 (RO.I2d), with no end before 2033-11-20" in text
    assert (
        "First day all windows are open: 2026-12-08, checked again on that day. Until then: RO.I2d After"
        in text
    )


def test_an_end_stands_with_the_clause_that_closes() -> None:
    """Eligible now, until the day before a birthday."""
    text = flat(page(changed("relapsed-man", birth_date="1960-03-10"), "UC"))
    assert "eligible now, until 2026-03-09 (then UC.I0)" in text
    assert "Last day: 2026-03-09. Then: UC.I0 18 to 65 years old." in text


def test_a_gap_is_said_plainly() -> None:
    """Eligible, then not, then again: each end with its clause."""
    record = changed(
        "toddler",
        birth_date="2010-02-10",
        lansky=90,
        karnofsky=40,
        ecog=1,
        weight={"value": 60, "unit": "kg"},
        down_syndrome=False,
        inherited_bmf_syndrome=False,
    )
    text = flat(page(record, "SAR"))
    assert "eligible now, until 2026-02-09 (then SAR.E1); again from 2028-02-10 (SAR.E1)" in text
    assert "Not after 2026-02-09. Then: SAR.E1" in text
    assert "Eligible again from 2028-02-10. Until then: SAR.E1" in text


def test_two_clauses_that_never_meet_show_both_windows() -> None:
    """No date, with the day on which one opens and the day after which the other is closed, and a bar for each."""
    text = page(changed("relapsed-man", **NEVER_TOGETHER), "UC")
    assert "never together:" in text
    assert "UC.I0 closes after 2025-06-19, but UC.E4 opens on 2025-07-05" in flat(text)
    assert "together" in text
    assert "on no day" in text


TAKEN = {"immunosuppression_current": True, "immunosuppression_stop_date": None}
SOON = {"last_hsct_date": "2025-01-10", "relapse_after_hsct_date": "2025-02-10"}
PAST = "a past or fixed fact, which waiting does not change"


@pytest.mark.parametrize(
    ("name", "code", "facts", "sentence"),
    [
        ("transplanted-man", "RO", TAKEN, "lasts until it is stopped: immunosuppression"),
        ("transplanted-man", "SAR", SOON, PAST),
        ("relapsed-man", "RO", {"cns_status": "CNS2", "cns_leukemia_active": None}, PAST),
        ("relapsed-man", "RO", {"ecog": 3}, "changes with treatment, not by waiting: ECOG"),
        ("relapsed-man", "UC", {"cd123_flow_positive": False}, "changes only with a new result: CD123"),
        ("relapsed-man", "RO", {"refuses_soc": True}, "a decision, which may change: "),
        (
            "relapsed-woman",
            "SAR",
            {"pregnant": True, "childbearing_potential": True},
            "passes, but the record does not say when: ",
        ),
        ("relapsed-man", "ZPED", {}, "an age that does not come again"),
        ("toddler", "K001", {}, "it may be met after 2032-06-01: look further with --horizon"),
    ],
)
def test_no_date_says_how_the_facts_could_change(name: str, code: str, facts: Json, sentence: str) -> None:
    """Each reason stands with the recorded facts, and with what would change them if not waiting."""
    text = flat(page(changed(name, **facts), code))
    assert "No date, because of:" in text
    assert "recorded: " in text
    assert sentence in text


def test_a_closed_door_is_no_fact() -> None:
    """With no cohort open there is no date, and nothing recorded is to blame."""
    record = worked.read(
        {**worked.patient("relapsed-man"), "context": {"open_cohorts": {"SAR": []}}}, LIBRARY
    )
    text = flat(page(record, "SAR"))
    assert "no open cohort takes the patient" in text
    assert "recorded: " not in text[text.index("No date") : text.index("Every fact")]


def test_policies_and_a_planned_dose_are_named() -> None:
    """The head of the page names the policies in force; under them a verdict reads `eligible, assuming`."""
    matcher = Matcher(LIBRARY, assume="history-absent")
    record = worked.patient("relapsed-man")
    del record["facts"]["prior_car_t"]
    read = worked.read(record, LIBRARY)
    text = when_page(when(matcher, read, ["SAR"]), read, LIBRARY, 80).plain()
    assert "Policy history-absent is in force" in text
    planned = with_first_dose(example("two-clocks"), LIBRARY, "2026-12-08")
    assert "Planned date of the first dose: 2026-12-08." in page(planned, "RO")


# --- the timeline

START, END = "2025-06-01", "2032-06-01"


def drawn(*bars: Bar, first: str = START, last: str = END, width: int = 80) -> list[str]:
    """The lines of a timeline."""
    found = Page(width)
    draw(found, bars, first, last, 4)
    return found.plain().splitlines()


def later(days: int) -> str:
    """A day counted from the first."""
    return (date.fromisoformat(START) + timedelta(days=days)).isoformat()


@pytest.mark.parametrize("days", [1, 2, 10, 100, 1000, 2555])
def test_a_washout_of_any_length_is_visible(days: int) -> None:
    """However short the wait within seven years, the bar shows it, with its day beside it and below it."""
    opens = ((later(days), END),)
    line, *scale = drawn(Bar("X.1", opens, opens))
    bar = line.split()[1]
    assert set(bar) == {".", "#"}
    assert bar.startswith("..")
    assert bar.endswith("##")
    assert line.endswith(f"from {later(days)}")
    assert f"{later(days)}" in "".join(scale[1:])
    assert scale[1].split()[0] == START
    assert scale[1].split()[-1] == END


def test_an_even_scale_is_kept_where_it_shows_everything() -> None:
    """Half the time is half the bar; where the scale is stretched, the timeline says so."""
    half = (((date.fromisoformat("2028-12-01")).isoformat(), END),)
    even = drawn(Bar("X.1", half, half))
    bar = even[0].split()[1]
    assert abs(bar.count(".") - bar.count("#")) <= 1
    assert "not even" not in "".join(even)
    soon = ((later(3), END),)
    assert "not even" in "".join(drawn(Bar("X.1", soon, soon)))


def test_ticks_stand_below_the_days_on_which_something_changes() -> None:
    """Each change of a bar has a tick below its first column."""
    one, two = ((later(30), END),), ((START, later(400)),)
    lines = drawn(Bar("X.1", one, one), Bar("X.2", two, two), Bar("all", ((later(30), later(400)),), ()))
    offset = len("    X.1  ")
    ticks = {i for i, letter in enumerate(lines[3]) if letter == "|"}
    assert lines[0].index("#", offset) in ticks
    assert lines[1].index(".", offset) in ticks
    assert lines[2].rindex("#", 0, offset + 38) + 1 in ticks


def test_met_open_and_not_met_are_three_characters() -> None:
    """A bar tells the three apart without colour; what is only possible is told beside it."""
    bar = Bar("X.1", ((later(600), later(900)),), ((later(300), later(1500)),))
    line = drawn(bar)[0]
    assert "".join(letter for letter, _ in groupby(line.split()[1])) == ".?#?."
    assert line.endswith(f"{later(600)} to {later(900)}")
    open_only = drawn(Bar("X.1", (), ((START, later(50)),)))[0]
    assert open_only.endswith(f"open until {later(50)}")
    assert drawn(Bar("X.1", (), ()))[0].endswith("on no day")
    everything = ((START, END),)
    assert drawn(Bar("X.1", everything, everything))[0].endswith("on every day")


@pytest.mark.parametrize("width", [50, 60, 80, 120])
def test_a_timeline_of_many_changes_keeps_to_its_width(width: int) -> None:
    """Many clocks with several windows fit, each in the same columns."""
    bars = [
        Bar(f"X.{i}", ((later(10 * i), later(10 * i + 3)), (later(500 + i), END)), ((START, END),))
        for i in range(1, 6)
    ]
    lines = drawn(*bars, width=width)
    assert max(map(len, lines)) <= width
    ends = {len(line.split()[1]) for line in lines if line.lstrip().startswith("X.")}
    assert len(ends) == 1


# --- match and explain

WAITING = "if only time passes"
DATES = [
    ([(START, END)], "", "", None),
    ([], "", "", None),
    ([(later(9), END)], "A", "", f"Eligible from 2025-06-10 {WAITING} (A)."),
    ([(START, later(9))], "", "B", f"Eligible until 2025-06-10 (B) {WAITING}."),
    (
        [(later(9), later(19))],
        "A",
        "BC",
        f"Eligible from 2025-06-10 (A) until 2025-06-20 (B and C) {WAITING}.",
    ),
    (
        [(START, later(9)), (later(19), END)],
        "",
        "",
        f"Eligible until 2025-06-10 and again from 2025-06-20 {WAITING}.",
    ),
    (
        [(later(5), later(9)), (later(19), later(29))],
        "A",
        "B",
        f"Eligible from 2025-06-06 (A) until 2025-06-10 and again from 2025-06-20 until 2025-06-30 (B) {WAITING}.",
    ),
]


@pytest.mark.parametrize(("eligible", "opened", "closed", "line"), DATES)
def test_one_short_line_tells_the_days(
    eligible: list[tuple[str, str]], opened: str, closed: str, line: str | None
) -> None:
    """From when, or until when; nothing where waiting changes nothing."""
    dates = DatesAnswer(END, tuple(eligible), tuple(eligible), tuple(opened), tuple(closed))
    assert days_line(dates, START) == line
    assert days_line(None, START) is None


def test_match_and_explain_tell_the_days() -> None:
    """The line stands in both reports for the trial that waiting opens, and for no other of two clocks."""
    record = example("two-clocks")
    answer = MATCHER.match(record)
    line = "  Eligible from 2026-12-08 if only time passes (RO.I2d).\n"
    for text in (
        report(answer, record, LIBRARY, 80).plain(),
        explanation(MATCHER.match(record, repairs=True), record, LIBRARY, 80).plain(),
    ):
        assert text.count("if only time passes") == text.count(line) == 1


# --- JSON


@settings(max_examples=15)
@given(records(LIBRARY))
def test_the_json_fits_its_schema_and_that_of_match(record: Json) -> None:
    """Any answer is valid, has the dates of `match`, and is the same text twice."""
    read = worked.read(record, LIBRARY)
    answer = when(MATCHER, read)
    document = answer_document(answer)
    jsonschema.validate(document, schema("when", LIBRARY))
    assert json.loads(json_text(answer)) == document
    matched = answer_document(MATCHER.match(read))
    for key in ("engine", "patient", "as_of", "record", "policies"):
        assert document[key] == matched[key]
    for one, other in zip(document["trials"], matched["trials"], strict=True):
        for key in ("trial", "code", "verdict", "published_only", "eligible_from", "eligible_until", "dates"):
            assert one[key] == other[key]


def test_the_json_holds_all_that_the_page_shows() -> None:
    """Windows with what binds them, clocks, reasons and open clauses."""
    answer: WhenAnswer = when(MATCHER, example("partial-dates"))
    trials = {trial["code"]: trial for trial in answer_document(answer)["trials"]}
    assert trials["UC"]["eligible"] == [
        {"first": "2026-12-30", "last": "2026-12-31", "opened_by": ["UC.E4"], "closed_by": ["UC.I0"]}
    ]
    assert trials["UC"]["possible"] == [
        {"first": "2026-11-20", "last": "2027-12-30", "opened_by": [], "closed_by": ["UC.I0"]}
    ]
    assert [clock["clause"] for clock in trials["UC"]["clocks"]] == ["UC.I0", "UC.E4"]
    assert trials["UC"]["open_clauses"] == ["UC.E4"]
    assert trials["ZPED"]["never"] == [
        {"clauses": ["ZPED.I1"], "facts": ["birth_date"], "assumptions": [], "later": False}
    ]


# --- the command


def run(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: str
) -> tuple[int, str, str]:
    """The exit code and what a command prints, at 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr("sys.argv", ["match", *arguments])
    code = cli.main()
    return code, *capfd.readouterr()


def test_the_command_answers(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The page stands above the usual last line; JSON is the same answer; trials may be named either way, and once."""
    record = example("two-clocks")
    answer = when(MATCHER, record, ["UC", "RO"], "18m")
    options = ("when", str(EXAMPLE), "--horizon", "18m", "--full")
    code, out, err = run(capfd, monkeypatch, *options, "UC", "RO")
    assert (code, err) == (0, "")
    assert out.startswith(when_page(answer, record, LIBRARY, 80).plain())
    assert out.endswith("\nDecision support only: a clinician must review the basis of every answer.\n")
    for named in (
        ["UC", "RO"],
        ["--trials", "UC,RO"],
        ["--trial", "UC", "--trial", "RO"],
        ["UC", "--trial", "RO"],
    ):
        assert run(capfd, monkeypatch, *options, *named, "--format", "json") == (
            0,
            json_text(answer) + "\n",
            "",
        )


@pytest.mark.parametrize("verb", [["when"], [], ["explain"]])
def test_a_planned_dose_is_judged_for(
    verb: list[str], capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the first dose on the day on which the clocks are done, the patient is eligible; `match`, `explain` and `when` take it."""
    trials = ["RO"] if verb else ["--trials", "RO"]
    options = (*verb, str(EXAMPLE), *trials, "--format", "json")
    for day, verdict in (("2026-12-08", "eligible"), ("2026-12-07", "ineligible")):
        code, out, _ = run(capfd, monkeypatch, *options, "--first-dose", day)
        assert (code, json.loads(out)["trials"][0]["verdict"]) == (0, verdict)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--horizon", "soon"], "'soon' is no horizon: write 7y, 18m or 90d"),
        (["--horizon", "99y"], "'99y' is too far ahead: at most 50y"),
        (["--first-dose", "2026-13-01"], "--first-dose: '2026-13-01' is not a day of the calendar"),
        (
            ["--first-dose", "2026-11-19"],
            "first dose: 2026-11-19 is before the day of evaluation, 2026-11-20",
        ),
        (["--as-of", "2026"], "--as-of: '2026' is not a full date"),
        (["XX"], "'XX' is not a known trial"),
        (["--trial", "XX"], "'XX' is not a known trial"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    arguments: list[str], words: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error is one line that names the place and the remedy; the exit code is 2."""
    code, out, err = run(capfd, monkeypatch, "when", str(EXAMPLE), *arguments)
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert words in err
