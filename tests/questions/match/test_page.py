"""The terminal report: what it says in the cases that the examples do not show, and how it is laid out."""

from __future__ import annotations

import dataclasses
import io

import pytest

from solver.engine.answer import EngineVersion, RecordState
from solver.library.models import Library
from solver.matcher import Matcher
from solver.patient.readers.native.read import record_from
from solver.patient.record import Record
from solver.questions.match.answer import CompleteLists, MatchAnswer, ReadingAnswer, TrialAnswer
from solver.questions.match.page import report
from solver.report.page import Page, Span
from solver.report.words import Wording, listed


def given(library: Library, **facts: object) -> Record:
    """A record with these facts."""
    return record_from({"id": "p", "as_of": "2026-11-20", "facts": facts}, library)


def shown(library: Library, record: Record, *trials: str, width: int = 80) -> str:
    """The report on a record, blanks and line breaks folded."""
    answer = Matcher(library).match(record, trials or None)
    return " ".join(report(answer, record, library, width).plain().split())


def answered(library: Library, record: Record, trial: str, **changes: object) -> str:
    """The report on an answer for one trial in which some fields are replaced, folded."""
    answer = Matcher(library).match(record, [trial])
    changed = dataclasses.replace(answer.trials[0], **changes)  # type: ignore[arg-type]
    answer = dataclasses.replace(answer, trials=(changed,))
    return " ".join(report(answer, record, library, 80).plain().split())


def test_facts_are_shown_as_they_were_recorded(library: Library) -> None:
    """Units, replicates, bounds, dates of results and sources stay as written; past dates are counted."""
    record = given(
        library,
        ecog=2,
        sex={"value": "F", "source": "registration"},
        serum_creatinine={"value": 71, "unit": "umol/L", "date": "2026-11-12"},
        qtcf={"replicates": [428, 431], "unit": "ms"},
        pb_blasts_abs={"max": 300, "unit": "/uL"},
        last_hsct_date="2026-11-19",
        birth_date="1968-11-21",
        immunosuppression_stop_date="2026-08",
        gvhd_active=False,
        prior_drugs=["a", "b"],
    )
    words = Wording(library, record)
    assert {name: words.fact(name) for name in record.facts} == {
        "ecog": "ECOG performance status 2",
        "sex": "sex F (registration)",
        "serum_creatinine": "serum creatinine 71 umol/L (2026-11-12)",
        "qtcf": "QTcF mean of 428, 431 ms",
        "pb_blasts_abs": "blood blast count: at most 300 /uL",
        "last_hsct_date": "date of the last transplant 2026-11-19 (1 day ago)",
        "birth_date": "date of birth 1968-11-21 (57 years ago)",
        "immunosuppression_stop_date": "date immunosuppression was stopped: 2026-08",
        "gvhd_active": "active graft-versus-host disease: no",
        "prior_drugs": "earlier drugs: a, b",
    }


@pytest.mark.parametrize(
    ("planned", "words"),
    [
        ("2026-12-10", "2026-11-01 (19 days ago, 39 before 2026-12-10)"),
        ("2026-11-20", "2026-11-01 (19 days ago)"),
        ({"min": "2026-12-01", "max": "2026-12-10"}, "2026-11-01 (19 days ago)"),
    ],
)
def test_days_are_counted_to_a_planned_day_too(library: Library, planned: object, words: str) -> None:
    """Where a later first dose is planned for one day, recent dates are counted to that day as well."""
    record = given(library, last_hsct_date="2026-11-01", birth_date="1968-11-21", planned_c1d1_date=planned)
    assert Wording(library, record).fact("last_hsct_date") == f"date of the last transplant {words}"
    assert Wording(library, record).fact("birth_date") == "date of birth 1968-11-21 (57 years ago)"


def test_an_unresolved_trial_says_so(library: Library) -> None:
    """A solver that gave up is no verdict, and the reason is the budget."""
    text = answered(
        library,
        given(library),
        "ZPED",
        verdict="unresolved",
        deciding_sets=(),
        complete=CompleteLists(False, True),
    )
    assert "1 unresolved" in text
    assert "not decided within the solver's budget" in text


def test_lists_that_were_cut_say_so(library: Library) -> None:
    """Conflicts and deciding sets whose search stopped early are not shown as all there are."""
    text = answered(library, given(library, sex="M"), "ZPED", complete=CompleteLists(True, False))
    assert "The search was cut short: there may be other ways." in text
    text = answered(library, given(library), "ZPED", deciding_sets=(), complete=CompleteLists(True, False))
    assert "The search for what would settle it was cut short." in text
    text = answered(
        library, given(library, birth_date="1960-01-01"), "ZPED", complete=CompleteLists(False, True)
    )
    assert "The search for conflicts was cut short: there may be more." in text


def test_a_reading_that_changes_the_verdict_is_told_with_its_text(library: Library) -> None:
    """The other reading gives its verdict, what would block, and the wording."""
    record = given(library, birth_date="2005-01-01", disease_status="relapsed")
    reading = ReadingAnswer("AMB-ZPED-1", "ineligible", (("ZPED.I1",),))
    text = answered(library, record, "ZPED", readings=(reading,))
    assert "Under the other reading of AMB-ZPED-1: ineligible by ZPED.I1." in text
    assert library.trials["ZPED"].readings["AMB-ZPED-1"].text in text


def test_long_deciding_sets_stay_readable(library: Library) -> None:
    """The first few are named, the rest counted, and what the alternatives share comes once."""
    shared = tuple(sorted(["ecog", "apl", "cbf_aml", "sex", "weight", "hla_a02", "gvhd_active", "pregnant"]))
    text = answered(
        library,
        given(library),
        "RO",
        deciding_sets=((*shared, "wbc"), (*shared, "qt")),
        complete=CompleteLists(),
    )
    assert text.count("and 2 more (--format json lists all)") == 1
    assert "and: white blood cell count [wbc] or: uncorrected QT interval [qt]" in text


def test_an_inexact_fact_is_asked_for_exactly(library: Library) -> None:
    """What is recorded within bounds is not called missing without saying what is recorded."""
    record = given(library, birth_date="2004")
    text = shown(library, record, "ZPED")
    assert "exact date of birth [birth_date, recorded: 2004]" in text


def test_a_record_that_decides_nothing_says_what_to_find_out_first(library: Library) -> None:
    """Variables that settle something in most trials come first; a settled trial needs no such list."""
    record = given(library)
    text = shown(library, record, "ZPED", "K001", "K017")
    assert "Find out first 1. current diagnosis [diagnosis] - every trial" in text
    assert "Find out first" not in shown(library, given(library, birth_date="1960-01-01"), "ZPED", "K001")


def test_an_eligible_patient_whose_cohort_is_open(library: Library) -> None:
    """Where every completion fits some cohort and none fits always, the report says so."""
    record = given(
        library,
        birth_date="1960-01-01",
        diagnosis="AML",
        diagnosis_confirmed=True,
        disease_status="relapsed",
    )
    cohorts = Matcher(library).match(record, ["K001"]).trials[0].cohorts
    either = tuple(dataclasses.replace(cohort, verdict="undetermined") for cohort in cohorts[:2])
    text = answered(library, record, "K001", verdict="eligible", cohorts=either)
    assert (
        f"Eligible for one of these, regardless of missing data: {either[0].label}; {either[1].label}" in text
    )


@pytest.mark.parametrize(
    ("facts", "reasons"),
    [
        ({"sex": "M", "pregnant": True}, ["Only a woman can be pregnant."]),
        (
            {"prior_drugs": ["tisagenlecleucel"], "prior_cellular_therapy": False},
            ["A patient with cellular therapy among the earlier drugs has prior cellular"],
        ),
        ({"birth_date": "2027-01-01"}, ["It cannot be so on 2026-11-20"]),
    ],
    ids=["an axiom", "the tree of concepts", "a past day to come"],
)
def test_a_contradiction_comes_with_the_theory_behind_it(
    library: Library, facts: dict[str, object], reasons: list[str]
) -> None:
    """The recorded facts and the sentences that they contradict come first; every verdict is withheld."""
    text = shown(library, given(library, **facts))
    assert text.index("THE RECORD CONTRADICTS ITSELF") < text.index("NCT")
    assert all(reason in text for reason in reasons)
    assert text.count("withheld") == 1 + len(library.trials)


@pytest.mark.parametrize("width", [20, 50, 80, 120, 500])
def test_no_line_is_wider_than_the_page(library: Library, width: int) -> None:
    """Pages are between 50 and 120 columns wide, whatever is asked for."""
    record = given(library, birth_date="1960-01-01", diagnosis="AML")
    answer = Matcher(library).match(record)
    page = report(answer, record, library, width)
    widest = max(len(line) for line in page.plain().splitlines())
    assert widest <= min(max(width, 50), 120)
    folded = " ".join(page.plain().split())
    assert all(trial.title in folded for trial in answer.trials)


def test_styles_only_add_to_the_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal the same words are printed; markup in a text is text."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    page = Page(60)
    page.text("[bold]x[/bold] :smile:", style="bold")
    page.row([Span("a", "red"), Span("b")], [3])
    stream = io.StringIO()
    page.show(stream)
    assert stream.getvalue() == page.plain()


def test_words_are_listed_as_in_a_sentence() -> None:
    """Commas, and the last one joined by a word."""
    assert [listed(list("abc"[:n])) for n in range(4)] == ["", "a", "a and b", "a, b and c"]


def test_an_answer_without_details_needs_none(library: Library) -> None:
    """A trial that was not judged takes one row."""
    trial = TrialAnswer(
        trial="NCT00000000",
        code="RO",
        title="A trial",
        recruitment="recruiting",
        verdict="unresolved",
        complete=CompleteLists(False, True),
    )
    answer = MatchAnswer(
        engine=EngineVersion("0", "z3", "sha256:0"),
        patient="p",
        as_of="2026-11-20",
        record=RecordState("consistent"),
        trials=(trial,),
    )
    text = report(answer, given(library), library, 80).plain()
    assert text.count("NCT00000000") == 1
