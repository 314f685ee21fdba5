"""`match explain`: every clause with what it rests on, what is required of what is missing, and what depends on a reading."""

from __future__ import annotations

import dataclasses
import json
import os
import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import cli
from solver.engine.answer import Requirement
from solver.language.domain import Domain, Interval, point
from solver.library.models import Library
from solver.matcher import Matcher
from solver.patient.readers.native.read import read_record
from solver.patient.record import Fact, Record
from solver.questions.explain.page import explanation, question
from tests.support.pages.explained import explained, folded
from tests.support.records import worked

ROOT = Path(__file__).parents[3]
GOLDEN = Path(__file__).parent / "golden"
SHOWN = [
    ("undetermined", "RO"),
    ("two-clocks", "RO"),
    ("closed-door", "SAR"),
    ("partial-dates", "SAR"),
    ("replicates-and-units", "RO"),
    ("assumption", "RO"),
    ("child", "ZPED"),
    ("several-trials", "K001"),
    ("contradictory", "UC"),
    ("empty", "K017"),
]


def example(library: Library, name: str) -> Record:
    """A record of the examples."""
    return read_record((ROOT / "examples" / f"{name}.json").read_bytes(), library, name=f"{name}.json")


def vignette(library: Library, name: str) -> Record:
    """A record of the worked cases."""
    case = next(case for case in worked.load("vignettes") if case["id"] == name)
    return worked.read(worked.case_record(case), library)


@pytest.mark.parametrize(("name", "trial"), SHOWN, ids=lambda value: value)
def test_the_explanation_is_as_reviewed(library: Library, name: str, trial: str) -> None:
    """At 80 columns it is the reviewed one, and no line is wider. UPDATE_GOLDEN=1 writes it again."""
    text = explained(library, example(library, name), trial)
    assert max(map(len, text.splitlines())) <= 80
    path = GOLDEN / f"{name}-{trial}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_no_explanation_is_left_over() -> None:
    """Every expected explanation belongs to one that is shown."""
    assert {path.stem for path in GOLDEN.iterdir()} == {f"{name}-{trial}" for name, trial in SHOWN}


@pytest.mark.parametrize("name", ["undetermined", "closed-door", "empty", "several-trials"])
def test_every_clause_is_told_worst_first(library: Library, name: str) -> None:
    """Of every trial, each clause that was answered stands under its status: not met, then open, then met."""
    record = example(library, name)
    answer = Matcher(library).match(record)
    for trial in answer.trials:
        text = explained(library, record, trial.code)
        parts = {
            "not_met": between(text, r"\n  Not met \(", r"\n\n"),
            "open": between(text, r"\n  Open; ", r"\n\n"),
            "met": between(text, r"\n  Met \(", r"\n\n"),
        }
        assert [p for p in parts.values() if p] == sorted((p for p in parts.values() if p), key=text.index)
        for clause in trial.clauses:
            assert f"\n  {clause.id}  " in parts[clause.status], (trial.code, clause.id)
        for status, part in parts.items():
            told = set(re.findall(rf"^  ({trial.code}\.\w+)  ", part, re.MULTILINE))
            assert told == {clause.id for clause in trial.clauses if clause.status == status}


def between(text: str, start: str, end: str) -> str:
    """The part of a text from one pattern to the next of another; empty if it does not start."""
    found = re.search(rf"{start}.*?(?={end}|\Z)", text, re.DOTALL)
    return found[0] if found else ""


def test_cohorts_that_agree_are_told_together(library: Library) -> None:
    """A clause that reads differently by cohort comes once for each answer, with the cohorts for which it is so."""
    text = explained(library, example(library, "closed-door"), "SAR")
    assert text.count("\n  SAR.DX  ") == 3
    assert text.count("\n  SAR.E15  ") == 1
    assert "      for: Dose expansion and Japan Cohort C\n" in text
    assert "      closed: Dose escalation\n" in text


@pytest.mark.parametrize(
    ("trial", "facts", "words"),
    [
        ("SAR", {}, "needed: QTcF at most 470 ms [qtcf]"),
        ("SAR", {}, "or through: uncorrected QT interval [qt]; together with heart rate and QTcF"),
        ("RO", {}, "needed: HLA-A*02 genotype: yes [hla_a02]"),
        ("RO", {}, "needed: acute promyelocytic leukaemia (APL): no [apl]"),
        ("RO", {}, "or through: CNS status: CNS1 [cns_status]"),
        ("RO", {}, "needed: remission state: not CRh or MLFS [remission_state]"),
        (
            "RO",
            {},
            "needed: date of birth: on or before 2008-11-20 (18 years or older) [birth_date]; more is required of it "
            "together with serum creatinine, sex and body weight",
        ),
        ("RO", {}, "find out: body weight [weight]; together with date of birth, serum creatinine and sex"),
        ("UC", {}, "on or after 1960-11-21 and on or before 2008-11-20 (18 years or older and younger than 66 years)"),
        ("ZPED", {}, "date of birth: on or after 2004-11-21 (younger than 22 years)"),
        ("ZPED", {"birth_date": "2004"}, "date of birth: on or after 2004-11-21 (younger than 22 years) [birth_date], recorded: 2004"),
        ("ZPED", {}, "needed: current diagnosis: AML or B_ALL or T_ALL or MPAL [diagnosis]"),
        ("ZPED", {}, "find out: NPM1 mutation [npm1_mutated]"),
    ],
)  # fmt: skip
def test_a_requirement_is_said_in_the_right_polarity(
    library: Library, trial: str, facts: dict[str, object], words: str
) -> None:
    """What is missing must be: a threshold, a set of values, yes or no; with others, where a criterion compares it with them."""
    assert words in folded(library, trial, **facts)


def test_an_ineligible_patient_is_asked_for_nothing(library: Library) -> None:
    """Open clauses of a trial that is closed anyway name what is not known, and require nothing."""
    text = folded(library, "ZPED", birth_date="1960-01-01")
    assert "Open; whatever these turn out to be, the verdict stays (3 clauses)" in text
    assert "not known: disease status" in text
    assert "needed:" not in text
    assert "find out:" not in text


def test_facts_stand_as_they_were_recorded(library: Library) -> None:
    """Units, replicates, dates and assumptions are those of the record."""
    text = " ".join(explained(library, example(library, "assumption"), "RO").split())
    assert (
        "RO.I6a Creatinine clearance by Cockcroft-Gault at least 50 mL/min because: serum creatinine" in text
    )
    assert (
        "assumed: body weight, not recorded, is plausible: 1 kg <= weight <= 250 kg; An adult whose" in text
    )


def test_a_clause_that_is_no_matter_of_fact_says_so(library: Library) -> None:
    """Judgement, attestation and administrative clauses are marked beside their source."""
    text = folded(library, "RO", soc_options_available=False, refuses_soc=False)
    assert "source: S inclusion 1; a matter of judgement" in text
    assert "source: S inclusion 7; a statement that someone must make" in text
    assert "source: S study description; administrative" in folded(library, "UC")


def test_a_near_limit_is_marked_at_its_clause(library: Library) -> None:
    """The clause says which result is near, and the foot of the answer lists it."""
    text = " ".join(explained(library, vignette(library, "V22"), "RO").split())
    assert "close to the limit: serum creatinine 1.6 mg/dL, within 5 % of it" in text
    assert "it changes no answer - serum creatinine 1.6 mg/dL: RO.I6a" in text


def test_a_contradictory_record_is_not_explained_by_clause(library: Library) -> None:
    """The contradictions come first, and no clause is said to stand in any way."""
    text = explained(library, example(library, "contradictory"), "UC")
    assert text.index("THE RECORD CONTRADICTS ITSELF") < text.index("withheld")
    assert "UC.I0" not in text


def test_an_undecided_question_says_so(library: Library) -> None:
    """A trial that the solver gave up on has no clauses to explain."""
    record = example(library, "empty")
    answer = Matcher(library).match(record, ["RO"])
    trial = dataclasses.replace(answer.trials[0], verdict="unresolved", clauses=())
    text = explanation(dataclasses.replace(answer, trials=(trial,)), record, library, 80).plain()
    assert "The question was not decided within the solver's budget." in text


# --- readings --------------------------------------------------------------------------------------------------------


def test_an_ambiguity_that_changes_the_verdict_shows_both_readings(library: Library) -> None:
    """Both verdicts, the wording, and a sentence to send, which names the trial, the clause and the readings."""
    text = " ".join(explained(library, vignette(library, "V31"), "UC").split())
    reading = library.trials["UC"].readings["AMB-UC-2"]
    assert f"AMB-UC-2 {reading.text}" in text
    assert "as judged here: eligible (default reading)" in text
    assert "under the other reading: ineligible, by UC.E1b" in text
    assert "ask the sponsor: In NCT03190278 (" in text


def test_an_ambiguity_that_changes_nothing_is_not_shown(library: Library) -> None:
    """Where both readings give the same verdict, nothing is said of them."""
    record = vignette(library, "V22")
    assert Matcher(library).match(record, ["UC"]).trials[0].readings == ()
    text = explained(library, record, "UC")
    assert "depends on how the text is read" not in text
    assert "ask the sponsor" not in text


def test_the_reading_in_force_is_named(library: Library) -> None:
    """Once a second reading is switched on, the answer is judged under it, and the default is the other one."""
    switched = dataclasses.replace(vignette(library, "V31").context, readings=frozenset({"AMB-UC-2"}))
    record = dataclasses.replace(vignette(library, "V31"), context=switched)
    text = " ".join(explained(library, record, "UC").split())
    assert "as judged here: ineligible (second reading)" in text
    assert "under the other reading: eligible" in text


def test_a_question_to_the_sponsor_speaks_of_no_patient(library: Library) -> None:
    """The sentence is made of the encoding alone: the trial, each clause that reads differently, and the wording."""
    for trial in library.trials.values():
        for reading in trial.readings.values():
            clauses = [clause for clause in trial.clauses if reading.id in clause.alternatives]
            text = question(trial, clauses, reading.text)
            assert text.endswith("which of the two applies?")
            assert all(part in text for part in (trial.nct, trial.title, reading.text))
            assert all(clause.id in text and clause.source in text for clause in clauses)
    record = vignette(library, "V31")
    asked = between(explained(library, record, "UC"), "ask the sponsor:", r"\n\n")
    assert record.id not in asked
    measured = [
        fact.text
        for fact in record.facts.values()
        if isinstance(fact.domain, Interval) and len(fact.text) > 3
    ]
    assert measured
    assert not any(text in asked for text in measured)


# --- requirements at their boundary ------------------------------------------------------------------------------------


def inside_and_outside(item: Requirement) -> Iterator[tuple[Domain, bool]]:
    """Values at each end of what is allowed, just inside and just outside, or every single value; with whether it is allowed."""
    if isinstance(item.allowed, frozenset):
        assert isinstance(item.possible, frozenset)
        for value in item.possible:
            yield frozenset({value}), value in item.allowed  # type: ignore[misc]
        return
    assert isinstance(item.possible, Interval)
    for allowed in item.allowed or ():
        step = 1 if allowed.whole else Fraction(1, 10**6)
        for end in (allowed.low, allowed.high):
            for value in (end - step, end, end + step):
                if not isinstance(value, float) and value in item.possible:
                    yield point(value, whole=allowed.whole), any(value in each for each in item.allowed or ())


def with_value(record: Record, name: str, value: Domain) -> Record:
    """The record in which a variable has a value."""
    return dataclasses.replace(record, facts={**record.facts, name: Fact(name, value, "tried")})


@pytest.mark.parametrize(
    ("name", "trial"),
    [
        ("undetermined", "RO"),
        ("undetermined", "UC"),
        ("partial-dates", "RO"),
        ("partial-dates", "SAR"),
        ("partial-dates", "UC"),
        ("replicates-and-units", "RO"),
        ("empty", "K001"),
        ("empty", "ZPED"),
        ("empty", "UC"),
    ],
)
def test_a_requirement_is_exact_at_its_boundary(library: Library, name: str, trial: str) -> None:
    """With a value that is allowed the trial stays possible; with any other it is closed."""
    record, matcher = example(library, name), Matcher(library)
    tried = 0
    for item in matcher.match(record, [trial]).trials[0].missing:
        if item.text is None:
            continue
        for value, allowed in inside_and_outside(item):
            verdict = matcher.match(with_value(record, item.variable, value), [trial]).trials[0].verdict
            assert verdict in (("eligible", "undetermined") if allowed else ("ineligible",)), (item, value)
            tried += 1
    assert tried > 0


def test_a_threshold_of_a_result_is_exact_at_its_boundary(library: Library) -> None:
    """The thresholds of results hold to a millionth."""
    names = ("qtcf", "weight", "corticosteroid_daily")
    known = {name: fact for name, fact in vignette(library, "V36").facts.items() if name not in names}
    record, matcher = dataclasses.replace(vignette(library, "V36"), facts=known), Matcher(library)
    missing = {item.variable: item for item in matcher.match(record, ["SAR"]).trials[0].missing}
    for name in names:
        found = [
            (
                matcher.match(with_value(record, name, value), ["SAR"]).trials[0].verdict != "ineligible",
                allowed,
            )
            for value, allowed in inside_and_outside(missing[name])
        ]
        assert {allowed for _, allowed in found} == {True, False}
        assert all(possible is allowed for possible, allowed in found)


# --- the command -------------------------------------------------------------------------------------------------------


def run(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: str
) -> tuple[int, str, str]:
    """The exit code and what the command prints."""
    monkeypatch.setattr("sys.argv", ["match", *arguments])
    code = cli.main()
    return code, *capfd.readouterr()


def test_json_is_that_of_match(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """`match explain PATIENT TRIAL --format json` prints that of `match --trials TRIAL`, where there is nothing to repair."""
    patient = str(ROOT / "examples/undetermined.json")
    one = run(capfd, monkeypatch, "explain", patient, "RO", "nct03190278", "--format", "json")
    other = run(capfd, monkeypatch, patient, "--trials", "RO,UC", "--format", "json")
    assert one == other
    assert [trial["code"] for trial in json.loads(one[1])["trials"]] == ["RO", "UC"]


def test_without_a_trial_all_are_explained(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every trial has its part, the closing line comes once, and nothing else is on standard error."""
    code, out, err = run(capfd, monkeypatch, "explain", str(ROOT / "examples/child.json"), "--full")
    assert (code, err) == (0, "")
    assert out.count("\n  Sources\n") == 6
    assert out.count("Decision support only") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["examples/child.json", "ZPDE"], "'ZPDE' is not a known trial; did you mean 'ZPED'?"),
        ([], "missing argument 'PATIENT.json' (see match explain --help)"),
        (["nowhere.json", "RO"], "nowhere.json: does not exist: check the path"),
        (["examples/child.json", "--trials", "RO"], "no such option '--trials'"),
    ],
)
def test_errors_are_one_line(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    """What is wrong is said as by `match`, and the exit code is 2."""
    monkeypatch.chdir(ROOT)
    code, out, err = run(capfd, monkeypatch, "explain", *arguments)
    assert (code, out) == (2, "")
    assert err.startswith(f"error: {message}")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("relapse", "words"),
    [
        ("2026-09-20", "because: number of transplants 1; date of the last transplant 2026-07-02 (141 days ago); date of relapse "
         "after transplant 2026-09-20 (61 days ago) apart: 80 days, from the date of the last transplant to the date of relapse"),
        ("2026-09", "date of relapse after transplant: 2026-09 close"),
    ],
)  # fmt: skip
def test_the_days_between_two_dates_are_counted(library: Library, relapse: str, words: str) -> None:
    """A clause that rests on two recent dates says how far they are apart, where both are exact."""
    facts = {"prior_hsct_count": 1, "last_hsct_date": "2026-07-02", "relapse_after_hsct_date": relapse}
    text = folded(library, "SAR", **facts)
    assert words in text
    assert text.count("apart:") == (relapse == "2026-09-20")


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"serum_creatinine": {"value": 5.5, "unit": "mg/dL"}},
         "would be met by: body weight at least 375.7116 kg, which is not plausible, with the rest as it is"),
        ({"serum_creatinine": {"value": 5.5, "unit": "mg/dL"}, "weight": {"max": 300, "unit": "kg"}}, ""),
        ({"serum_creatinine": {"value": 5.5, "unit": "mg/dL"}, "weight": {"value": 70, "unit": "kg"}},
         "serum creatinine at most 1.0247 mg/dL or body weight at least 375.7116 kg, with the rest as it is"),
    ],
)  # fmt: skip
def test_what_no_plausible_value_would_do_is_said(
    library: Library, facts: dict[str, Any], words: str
) -> None:
    """Where a clause fails since no plausible value of what is not recorded is enough, the page says which value would be."""
    text = folded(library, "RO", birth_date="1948-05-30", sex="F", **facts)
    assert ("which is not plausible" in text) == ("which is not plausible" in words)
    assert words in text
