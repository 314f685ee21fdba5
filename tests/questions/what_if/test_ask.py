"""`match what-if`: changes are read as a record is, and the answers are those of the record as it was and as it would be."""

from __future__ import annotations

import copy
import io
import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cli
from solver.errors import InputError
from solver.language.types import BooleanType, EnumerationType, IntegerType, ListType, QuantityType
from solver.library.models import Library
from solver.matcher import Matcher
from solver.patient.changes import Changed, FactChange, read_changed
from solver.patient.readers.native.json_text import NumberText
from solver.patient.readers.native.read import read_record, record_from
from solver.questions.schema.ask import schema
from solver.questions.what_if.answer import Difference, WhatIfAnswer
from solver.questions.what_if.ask import scenarios, what_if
from solver.questions.what_if.page import what_if_page
from solver.report.json import answer_document, json_text
from solver.work import Budget, allowed
from tests.support.drawing import strategies
from tests.support.drawing.drawn import drawn
from tests.support.records import worked
from tests.support.records.solved import DATED, LIBRARY, RECORDS, match
from tests.support.records.worked import Json

ROOT = Path(__file__).parents[3]
GOLDEN = Path(__file__).parent / "golden"
MATCHER = DATED
AS_OF = "2026-11-20"
EXAMPLE = ROOT / "examples" / "several-trials.json"

SHOWN: dict[str, tuple[str, tuple[str, ...]]] = {
    "worse": ("several-trials", ("ecog=2", "qtcf=480 ms")),
    "forgotten": ("several-trials", ("ecog=unknown",)),
    "contradicted": ("several-trials", ("prior_car_t=yes", "ecog=1")),
    "later": ("two-clocks", ("as_of=2027-02-01",)),
    "known": ("undetermined", ("ecog=1", "cd123_flow_positive=yes")),
    "mended": ("contradictory", ("sex=F", "remission_state=none", "prior_cellular_therapy=unknown")),
}
"""Golden pages: the example and its changes."""


def changed(content: Json, *changes: str, **how: Any) -> Changed:
    """A record, given as what its file holds, with changes."""
    return read_changed(content, LIBRARY, changes, where="what-if", **how)


def facts(**recorded: Any) -> Json:
    """What the file of a record holds."""
    return {"id": "p", "as_of": AS_OF, "facts": recorded}


def faults(*changes: str, content: Json | None = None, **how: Any) -> tuple[str, ...]:
    """What is said of wrong changes."""
    with pytest.raises(InputError) as caught:
        changed(content or facts(), *changes, **how)
    return caught.value.problems


# --- how a change is written

FORMS: list[tuple[str, Any]] = [
    ("ecog=2", 2),
    (" ecog = 2 ", 2),
    ("ecog=unknown", None),
    ("ecog=Unknown", None),
    ("ecog=null", None),
    ('ecog={"max": 1}', {"max": 1}),
    ('ecog={"one_of": [0, 1], "date": "2026-11-01"}', {"one_of": [0, 1], "date": "2026-11-01"}),
    ("qtcf=480 ms", {"value": 480, "unit": "ms"}),
    ("qtcf=480ms", {"value": 480, "unit": "ms"}),
    ("qtcf=0.48 s", {"value": 0.48, "unit": "s"}),
    ("qtcf=4.8e2ms", {"value": NumberText("4.8e2"), "unit": "ms"}),
    ('qtcf={"max": 480, "unit": "ms"}', {"max": 480, "unit": "ms"}),
    ("wbc=25 10*9/L", {"value": 25, "unit": "10*9/L"}),
    ("wbc=20 K/uL", {"value": 20, "unit": "K/uL"}),
    ("bm_blasts_pct=5%", {"value": 5, "unit": "%"}),
    ("ipss_r_score=4.5", 4.5),
    ("corticosteroid_daily=8 mg/d dexamethasone", {"value": 8, "unit": "mg/d", "drug": "dexamethasone"}),
    ("corticosteroid_daily=0 mg/d", {"value": 0, "unit": "mg/d"}),
    ("prior_car_t=yes", True),
    ("prior_car_t=True", True),
    ("prior_car_t=no", False),
    ("prior_car_t=false", False),
    ('prior_car_t={"value": true, "source": "letter"}', {"value": True, "source": "letter"}),
    ("diagnosis=AML", "AML"),
    ('diagnosis="AML"', "AML"),
    ('diagnosis={"one_of": ["AML", "MDS"]}', {"one_of": ["AML", "MDS"]}),
    ("country=NO", "NO"),
    ("birth_date=1960-02-29", "1960-02-29"),
    ("last_hsct_date=2026-08", "2026-08"),
    ("last_hsct_date=2025", "2025"),
    ("prior_drugs=tagraxofusp", ["tagraxofusp"]),
    ("prior_drugs=tagraxofusp, azacitidine", ["tagraxofusp", "azacitidine"]),
    ("prior_drugs=[]", []),
    ('hla_a_alleles=["A*02:01", "A*03:01"]', ["A*02:01", "A*03:01"]),
]


@pytest.mark.parametrize(("text", "written"), FORMS)
def test_a_change_says_what_a_record_says(text: str, written: Any) -> None:
    """A change reads as the same fact, written in a file, does; null and unknown leave no fact."""
    name = text.partition("=")[0].strip()
    found = changed(facts(), text).after
    assert found == record_from(facts(**{name: written}), LIBRARY)


FAULTS: list[tuple[str, str]] = [
    ("ecgo=2", "ecgo: is not a known variable; did you mean 'ecog'?"),
    ("asof=2026-11-20", "asof: is not a known variable; did you mean 'as_of'?"),
    ("zzzzzz=2", "zzzzzz: is not a known variable, so that no answer considers it: match schema record"),
    ("a b=2", "'a b': is not a known variable, so that no answer considers it: match schema record"),
    ("ecog", "'ecog' is no change: write variable=value"),
    ("=2", "'=2' is no change: write variable=value"),
    ("ecog=", "ecog: has no value: write ecog=value, or ecog=unknown"),
    ("ecog=x", "ecog: 'x' is not a number: write ecog=NUMBER, or ecog=unknown"),
    ("ecog=1.5", "ecog: 1.5 is not a whole number: write a whole number"),
    ("ecog=-1", "ecog: -1 is negative: ecog is at least 0"),
    ("ecog=5", "ecog: ECOG 5 means that the patient has died"),
    ("weight=0 kg", "weight.value: a measurement of 0 is a placeholder: leave weight out if it is not known"),
    ("qtcf=480", "qtcf: '480' has no unit: write the one it was measured in, as in qtcf=\"480 ms\""),
    ("qtcf=fast", "qtcf: 'fast' is not a number: write qtcf=\"NUMBER ms\""),
    ("qtcf=480,5 ms", "qtcf: '480,5 ms' is text: write {\"value\": 480.5, \"unit\": \"ms\"}"),
    ("wbc=22,000", "wbc: '22,000' is not a number: its comma may stand for decimals (22.000) or for thousands (22000)"),
    ("wbc=22 000 /uL", "wbc: '22 000 /uL' is text: write {\"value\": 22000, \"unit\": \"/uL\"}"),
    ("wbc=<300 /uL", "wbc: '<300 /uL' is a limit, not a number: write {\"max_exclusive\": 300, \"unit\": \"/uL\"}"),
    ("ecog=1-2", "ecog: '1-2' is a range, not a number: write {\"min\": 1, \"max\": 2}"),
    ("qtcf=480 msek", "qtcf.unit: 'msek' is not a known unit"),
    ("qtcf=480 kg", "qtcf.unit: 'kg' does not fit: qtcf is measured in ms"),
    (
        "corticosteroid_daily=8",
        "corticosteroid_daily: '8' has no unit: write the one it was measured in, as in corticosteroid_daily=\"8 mg/d prednisone\"",
    ),
    ("corticosteroid_daily=8 mg/d dexametasone", "corticosteroid_daily.drug: 'dexametasone' is not one of "),
    ("prior_car_t=maybe", "prior_car_t: 'maybe' is neither true nor false: write true, false or unknown"),
    ("diagnosis=AMML", "diagnosis: 'AMML' is not one of AML, B_ALL, T_ALL, MPAL, MDS, BPDCN, JMML, MDS_MPN, OTHER"),
    ("birth_date=2026-02-30", "birth_date: '2026-02-30' is not a day of the calendar: check the day and the month"),
    ("last_hsct_date=soon", "last_hsct_date: 'soon' is not a date: write \"YYYY-MM-DD\""),
    ("hla_a_alleles=A*02:01, B*07", "hla_a_alleles[1]: 'B*07' is not an entry of hla_a_alleles"),
    ("as_of=2026-11", "as_of: '2026-11' is not a full date: write \"YYYY-MM-DD\""),
    ("as_of=unknown", "as_of: 'unknown' is not a date: write \"YYYY-MM-DD\""),
    ("as_of=1850-01-01", "as_of: 1850-01-01 is too early"),
    ('wbc={"mx": 3}', "wbc: unknown key 'mx'; did you mean 'max'?"),
    ('wbc={"max": }', "wbc: line 1, column 9: is not JSON: expecting value"),
    ('wbc={"max": 1, "max": 2, "unit": "/uL"}', "wbc: the key 'max' is given twice: keep one"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), FAULTS)
def test_what_is_said_of_a_wrong_change(text: str, expected: str) -> None:
    """One line, which names the change and says what to write, with the nearest name where one is near."""
    (line,) = faults(text)
    assert line.startswith(f"what-if: {expected}")


def test_every_fault_of_every_change_is_told() -> None:
    """All wrong changes are told at once, a name that comes twice too; one that is right is not."""
    assert faults("ecog=x", "sex=F", "sex=M", "qt=1 kg") == (
        "what-if: ecog: 'x' is not a number: write ecog=NUMBER, or ecog=unknown",
        "what-if: sex: is given twice: keep one",
        "what-if: qt.unit: 'kg' does not fit: qt is measured in ms",
    )


def test_a_wrong_file_comes_first() -> None:
    """The faults of the file are told as for any record, under its name; the changes wait."""
    content = facts(ecgo=1)
    (line,) = faults("sex=X", content=content, name="patient.json")
    assert line.startswith("patient.json: facts.ecgo: is not a known variable")


def test_lenient_is_for_the_file_only() -> None:
    """A wrong fact of the file is left out, and may be replaced; a wrong change is an error all the same."""
    found = changed(facts(ecog="x", sex="F"), "ecog=1", lenient=True)
    assert (found.before.facts.keys(), found.after.facts.keys()) == ({"sex"}, {"sex", "ecog"})
    assert found.before.warnings
    assert not found.after.warnings
    assert faults("ecog=y", content=facts(ecog="x"), lenient=True)


def test_the_changes_are_told_with_what_stood_there() -> None:
    """Each change has the texts of the fact before and after, in the order given; None is unknown."""
    content = facts(ecog=1, weight={"value": 60, "unit": "kg"})
    found = changed(content, "weight=unknown", "as_of=2026-12-01", "sex=F", "ecog=1")
    assert found.changes == (
        FactChange("weight", "60 kg", None),
        FactChange("as_of", "2026-11-20", "2026-12-01"),
        FactChange("sex", None, "F"),
        FactChange("ecog", "1", "1"),
    )


def test_the_day_of_evaluation_may_be_given_twice() -> None:
    """The option replaces the record's day, before and after; as_of among the changes counts from there."""
    found = changed(facts(), "as_of=2027-01-01", as_of="2026-12-01")
    assert found.changes == (FactChange("as_of", "2026-12-01", "2027-01-01"),)


def test_a_result_may_come_to_be_dated_later() -> None:
    """What is said of the other facts is said anew on the changed day."""
    content = facts(ecog={"value": 1, "date": "2026-11-10"})
    found = changed(content, "as_of=2026-11-01")
    assert not found.before.warnings
    assert [code for code, _, _ in found.after.warnings] == ["dated-later"]


# --- laws


def restated(library: Library, record: Json) -> list[str]:
    """Every fact of a record as a change."""
    return [
        f"{name}={value if isinstance(value, str) and not isinstance(library.variables[name].type, ListType) else json.dumps(value)}"
        for name, value in record["facts"].items()
    ]


@drawn(15)
@given(RECORDS, st.randoms(use_true_random=False))
def test_a_change_that_changes_nothing_leaves_the_answer(record: Json, random: Any) -> None:
    """Restating some facts as they are recorded gives the answer of match, before and after, and marks nothing."""
    some = [change for change in restated(LIBRARY, record) if random.random() < 0.4]
    answer = what_if(MATCHER, read_changed(record, LIBRARY, some))
    assert answer.before == answer.after == match(record, matcher=MATCHER)
    assert not any(difference.changed for difference in answer.trials)
    assert all(change.before == change.after for change in answer.changes)


@drawn(12)
@given(RECORDS, RECORDS, st.randoms(use_true_random=False))
def test_the_answer_afterwards_is_that_of_the_edited_record(record: Json, other: Json, random: Any) -> None:
    """Changing facts, forgetting some, and moving the day, gives the answer of a file that says so."""
    taken = {name: value for name, value in other["facts"].items() if random.random() < 0.2}
    forgotten = [name for name in record["facts"] if name not in taken and random.random() < 0.1]
    day = random.choice(["2025-06-01", "2025-07-01", "2026-03-01"])
    changes = [
        *restated(LIBRARY, {"facts": taken}),
        *(f"{name}=unknown" for name in forgotten),
        f"as_of={day}",
    ]
    random.shuffle(changes)
    edited = copy.deepcopy(record)
    edited["facts"].update(taken)
    for name in forgotten:
        del edited["facts"][name]
    edited["as_of"] = day
    answer = what_if(MATCHER, read_changed(record, LIBRARY, changes))
    assert answer.before == match(record, matcher=MATCHER)
    after, expected = answer.after, MATCHER.match(worked.read(edited, LIBRARY))
    assert after.trials == expected.trials
    assert (after.consistent, after.contradictions) == (expected.consistent, expected.contradictions)
    assert sorted(map(repr, after.warnings)) == sorted(map(repr, expected.warnings))


@drawn(24)
@given(st.data())
def test_every_kind_of_value_can_be_written_without_json(data: st.DataObject) -> None:
    """A fact that leaves one value needs no JSON, whatever its type."""
    name = data.draw(st.sampled_from(sorted(LIBRARY.variables)))
    variable = LIBRARY.variables[name]
    value = data.draw(strategies.exact_facts(LIBRARY, name))
    match variable.type:
        case BooleanType():
            text = data.draw(st.sampled_from(["yes", "true"] if value else ["no", "false"]))
        case EnumerationType():
            text = value
        case IntegerType():
            text = str(value)
        case QuantityType():
            text = " ".join(str(value[key]) for key in ("value", "unit", "drug") if key in value)
        case ListType():
            text = ", ".join(value) or "[]"
        case _:
            text = value
    assert changed(facts(), f"{name}={text}").after == record_from(facts(**{name: value}), LIBRARY)


# --- the answer


def asked(content: Json, *changes: str, **how: Any) -> WhatIfAnswer:
    """The answer for a record, given as what its file holds, with changes."""
    return what_if(MATCHER, changed(content, *changes), **how)


def example(name: str) -> Json:
    """What the file of an example holds."""
    found = json.loads((ROOT / "examples" / f"{name}.json").read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return {"id": name, **found}


def test_nothing_is_said_of_lists_that_the_budget_cut() -> None:
    """Neither that they changed, nor that what is not among them stands in no way and is asked for no more."""
    plain = asked(example("several-trials"), "ecog=unknown", "qtcf=480 ms")
    for side in plain.trials:
        for part in ("conflicts", "deciding_sets"):
            cut = replace(side.after, **{part: (), "complete": replace(side.after.complete, **{part: False})})
            found = Difference.between(side.after, cut)
            assert (found.changed, found.gone, found.no_longer_missing) == (False, (), frozenset())
            assert not Difference.between(cut, side.after).changed
            whole = replace(side.after, **{part: ()})
            if getattr(side.after, part):
                assert Difference.between(side.after, whole).changed
    assert any(side.after.conflicts for side in plain.trials)
    assert any(side.after.deciding_sets for side in plain.trials)


def test_what_changes_is_marked() -> None:
    """A verdict that changes is told apart from one that rests on other reasons, and from one where nothing changes."""
    answer = asked(example("closed-door"), "ecog=3")
    marks = {d.after.code: (d.verdict_changed, d.changed) for d in answer.trials}
    assert all(not verdict for verdict, _ in marks.values())
    assert marks["SAR"] == (False, True)
    assert marks["K017"] == (False, False)
    better = asked(example("several-trials"), "ecog=2")
    assert [d.after.code for d in better.trials if d.verdict_changed] == ["UC"]


def test_what_is_gone_is_told() -> None:
    """Conflicts that a change lifts, and data that are asked for no longer, are told apart from those that stay."""
    worse, better = asked(example("several-trials"), "ecog=2", "qtcf=480 ms"), None
    assert [d.gone for d in worse.trials] == [()] * 6
    content = example("several-trials")
    content["facts"] |= {"ecog": 2, "prior_allo_hsct_count": 2, "prior_hsct_count": 2}
    better = {d.after.code: d for d in asked(content, "ecog=1").trials}
    assert better["UC"].gone == (("UC.I3",),)
    assert better["UC"].after.conflicts == (("UC.E3",),)
    known = {d.after.code: d for d in asked(example("undetermined"), "ecog=1").trials}
    before = {name for each in known["UC"].before.deciding_sets for name in each}
    after = {name for each in known["UC"].after.deciding_sets for name in each}
    assert known["UC"].no_longer_missing == before - after


def test_a_change_may_contradict_the_record() -> None:
    """The facts that contradict are told, every verdict afterwards is withheld, and what to change besides is named."""
    given_ = changed(example("several-trials"), "prior_car_t=yes")
    answer = what_if(MATCHER, given_)
    assert answer.after.contradictions == (("prior_car_t", "prior_cellular_therapy"),)
    document = answer_document(answer)
    assert (document["record_before"]["status"], document["record_after"]["status"]) == (
        "consistent",
        "contradictory",
    )
    assert {trial["after"]["verdict"] for trial in document["trials"]} == {"withheld"}
    text = " ".join(what_if_page(answer, given_, LIBRARY, 80).plain().split())
    assert "prior CAR-T therapy: yes; prior cellular therapy: no" in text
    assert "To go on, change these facts as well, or forget them: prior_cellular_therapy=unknown" in text


@pytest.mark.parametrize("name", SHOWN)
def test_the_page_is_as_reviewed(name: str) -> None:
    """At 80 columns it is the reviewed one, and no line is wider. UPDATE_GOLDEN=1 writes it again."""
    source, changes = SHOWN[name]
    given_ = changed(example(source), *changes)
    text = what_if_page(what_if(MATCHER, given_), given_, LIBRARY, 80).plain()
    assert max(map(len, text.splitlines())) <= 80
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_no_page_is_left_over() -> None:
    """Every expected page belongs to one that is shown."""
    assert {path.stem for path in GOLDEN.iterdir()} == SHOWN.keys()


@drawn(15)
@given(RECORDS, RECORDS)
def test_any_page_fits_and_any_document_is_valid(record: Json, other: Json) -> None:
    """Whatever is changed: no line is wider than the page, and the JSON fits its schema and is one line."""
    given_ = read_changed(
        record, LIBRARY, restated(LIBRARY, {"facts": dict(list(other["facts"].items())[:6])})
    )
    answer = what_if(MATCHER, given_)
    assert max(map(len, what_if_page(answer, given_, LIBRARY, 80).plain().splitlines())) <= 80
    text = json_text(answer)
    assert "\n" not in text
    jsonschema.validate(json.loads(text), schema("what-if", LIBRARY))


# --- the command


def run(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: str
) -> tuple[int, str, str]:
    """The exit code and what the command prints, at 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr("sys.argv", ["match", "what-if", *arguments])
    code = cli.main()
    return code, *capfd.readouterr()


def test_the_command_answers(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The page stands above the usual last line; JSON is the same answer; the trials are those that are asked for."""
    given_ = read_changed(EXAMPLE, LIBRARY, ["ecog=2"], where="what-if")
    answer = what_if(MATCHER, given_, ["UC", "SAR"])
    options = (str(EXAMPLE), "ecog=2", "--trials", "UC,SAR")
    code, out, err = run(capfd, monkeypatch, *options, "--full")
    assert (code, err) == (0, "")
    assert out.startswith(what_if_page(answer, given_, LIBRARY, 80).plain())
    assert out.endswith("\nDecision support only: a clinician must review the basis of every answer.\n")
    assert run(capfd, monkeypatch, *options, "--format", "json") == (0, json_text(answer) + "\n", "")


def test_the_command_reads_standard_input(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dash stands for it."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(EXAMPLE.read_bytes())))
    code, out, _ = run(capfd, monkeypatch, "-", "ecog=2", "--format", "json")
    assert code == 0
    assert json.loads(out)["changes"] == [{"variable": "ecog", "before": "1", "after": "2"}]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((str(EXAMPLE), "ecgo=2"), "error: what-if: ecgo: is not a known variable; did you mean 'ecog'?\n"),
        ((str(EXAMPLE),), "error: missing argument 'VARIABLE=VALUE... [or ...]' (see match what-if --help)\n"),
        ((str(EXAMPLE), "ecog=2", "--trials", "SRA"), "error: --trials: 'SRA' is not a known trial; did you mean 'SAR'?\n"),
        (("nothing.json", "ecog=2"), "error: nothing.json: does not exist: check the path\n"),
    ],
)  # fmt: skip
def test_a_wrong_command_is_an_error(
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    expected: str,
) -> None:
    """One line on standard error, exit code 2, and nothing on standard output."""
    assert run(capfd, monkeypatch, *arguments) == (2, "", expected)


def test_policies_hold_before_and_after() -> None:
    """An assumption policy counts on both sides, and the answers are those of match under it."""
    matcher = Matcher(LIBRARY, assume="history-absent")
    content = example("undetermined")
    answer = what_if(matcher, changed(content, "ecog=1"))
    content["facts"]["ecog"] = 1
    assert answer.before == matcher.match(read_record(example("undetermined"), LIBRARY))
    assert answer.after.trials == matcher.match(read_record(content, LIBRARY)).trials
    assert answer_document(answer)["policies"] == ["history-absent"]


def test_several_scenarios_are_each_as_if_asked_alone(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the word `or` the JSON is that of each scenario on a line of its own, and the page gives each a row."""
    scenarios = (["ecog=3"], ["ecog=1", "sex=F"], ["weight=unknown"])
    alone = [run(capfd, monkeypatch, str(EXAMPLE), *changes, "--format", "json")[1] for changes in scenarios]
    words = [*scenarios[0], "or", *scenarios[1], "or", *scenarios[2]]
    assert run(capfd, monkeypatch, str(EXAMPLE), *words, "--format", "json") == (0, "".join(alone), "")
    code, page, _ = run(capfd, monkeypatch, str(EXAMPLE), *words)
    lines = page.splitlines()
    rows = [line.split()[1:] for line in lines if line[:2] in ("1.", "2.", "3.")]
    assert (code, len(rows)) == (0, 3)
    shown = {"eligible": ("yes", "(yes)"), "ineligible": ("no",), "undetermined": ("open",)}
    for row, text in zip(rows, alone, strict=True):
        verdicts = [trial["after"]["verdict"] for trial in json.loads(text)["trials"]]
        assert all(cell in shown[verdict] for cell, verdict in zip(row, verdicts, strict=True))
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize(
    "changes", [["or"], ["ecog=1", "or"], ["or", "ecog=1"], ["ecog=1", "or", "or", "sex=F"]]
)
def test_a_scenario_has_changes(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, changes: list[str]
) -> None:
    """The word `or` without changes on both sides is an error of usage."""
    expected = "error: what-if: 'or' stands between two scenarios, each with at least one VARIABLE=VALUE\n"
    assert run(capfd, monkeypatch, str(EXAMPLE), *changes) == (2, "", expected)


def test_a_scenario_without_obstacles_has_no_reasons(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a scenario in which every trial asked about can be entered nothing more is said; of the others what stands in the way."""
    words = [str(EXAMPLE), "--trials", "RO", "ecog=1", "or", "ecog=3", "or", "ecog=unknown"]
    page = run(capfd, monkeypatch, *words)[1]
    assert "  1. RO" not in page
    assert "  2. RO no: RO.I3 ECOG 0 to 2\n" in page
    assert "  3. RO open: find out ECOG performance status\n" in page


def test_before_and_after_share_the_work_of_a_question() -> None:
    """A scenario more adds half of it, whatever the others took: each is as if it was asked for alone."""
    content = facts()
    several = [changed(content, change) for change in ("sex=F", "ecog=1", "diagnosis=AML")]
    for work in (20_000, 400_000):
        engine = Matcher(LIBRARY, budget=Budget(work=work))
        alone = []
        for each in several:
            with allowed(10 * work, own=True) as allowance:
                alone.append(what_if(engine, each))
            assert 10 * work - allowance.left <= work
        with allowed(10 * work, own=True) as allowance:
            assert scenarios(engine, several) == alone
        assert 10 * work - allowance.left <= 2 * work
    assert not all(trial.after.complete.deciding_sets for each in alone for trial in each.trials)
