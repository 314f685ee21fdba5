"""What stands beside a verdict and is no part of it: whether cohorts recruit, the head of the page, and the notices."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.engine.banner import applying
from solver.errors import InputError
from solver.language.tree import TRUE
from solver.library.beside import CohortState
from solver.library.load import load_library
from solver.library.models import Library
from solver.matcher import Matcher
from solver.patient.changes import changed_from
from solver.patient.readers.native.read import record_from
from solver.questions.explain.page import explanation
from solver.questions.match.answer import MatchAnswer, TrialAnswer
from solver.questions.match.page import report
from solver.questions.what_if.ask import what_if
from solver.questions.what_if.page import what_if_page
from solver.questions.when.ask import when
from solver.questions.when.page import when_page
from solver.questions.workup.ask import plan_tests
from solver.questions.workup.page import work_up_page
from solver.report.json import answer_document
from tests.support.drawing.drawn import drawn
from tests.support.libraries import small_library
from tests.support.records.matchers import Undated
from tests.support.records.solved import LIBRARY, RECORDS, UNDATED, match
from tests.support.records.worked import Json, read

LEUKAEMIA: Json = {
    "birth_date": "1970-01-01",
    "diagnosis": "AML",
    "diagnosis_confirmed": True,
    "disease_status": "relapsed",
    "remission_state": "none",
    "npm1_mutated": False,
    "kmt2a_rearranged": True,
    "meis1_linked_mutation": False,
}


def answered(facts: Json, *trials: str) -> MatchAnswer:
    """The answer for these facts."""
    record = record_from({"id": "p", "as_of": "2026-11-20", "facts": facts}, LIBRARY)
    return UNDATED.match(record, trials or None)


def page(facts: Json, *trials: str) -> str:
    """The report on these facts, blanks and line breaks folded."""
    record = record_from({"id": "p", "as_of": "2026-11-20", "facts": facts}, LIBRARY)
    return " ".join(report(UNDATED.match(record, trials or None), record, LIBRARY, 80).plain().split())


# --- cohorts

CLOSED_STATUS = ("completed", "terminated", "withdrawn", "discontinued", "suspended")
NPM1: Json = {"npm1_mutated": True, "kmt2a_rearranged": False}
BOTH: Json = {"npm1_mutated": True}

COHORTS: list[tuple[str, str, Json, str | None]] = [
    ("RO", "ALL", {}, "closed"),
    ("SAR", "ESC", {}, "closed"),
    ("SAR", "EXP", {}, "closed"),
    ("SAR", "JPC", {}, "closed"),
    ("UC", "ESC", {}, "ask"),
    ("UC", "EXP", {}, "ask"),
    ("K001", "AML_ANY", {}, "closed"),
    ("K001", "AML_NPM1_KMT2A", {}, "closed"),
    ("K001", "AML_NPM1_KMT2A", NPM1, "ask"),
    ("K001", "AML_NPM1_KMT2A", BOTH, "ask"),
    ("K001", "AML_NPM1_KMT2A", {"npm1_mutated": None}, "ask"),
    ("K001", "AML_NPM1_KMT2A", {"kmt2a_rearranged": None}, "ask"),
    ("K001", "AML_NPM1_KMT2A", {"kmt2a_rearranged": False}, "ask"),
    ("K001", "AML_NPM1", {}, "ask"),
    ("K001", "ALL_KMT2A", {}, "ask"),
    ("K001", "AML_MEIS1", {}, "ask"),
    ("ZPED", "ALL", {}, "ask"),
    ("K017", "ALL", {}, None),
]


@pytest.mark.parametrize(("code", "cohort", "changes", "expected"), COHORTS)
def test_a_cohort_says_whether_it_recruits(
    code: str, cohort: str, changes: Json, expected: str | None
) -> None:
    """Closed where that certainly holds of the patient, to be asked otherwise; nothing where only the trial's status speaks."""
    facts = {name: value for name, value in {**LEUKAEMIA, **changes}.items() if value is not None}
    document = answer_document(answered(facts, code))
    (found,) = [each for each in document["trials"][0]["cohorts"] if each["cohort"] == cohort]
    assert found["recruitment"] == expected
    assert (found["recruitment_note"] is None) == (found["recruitment_source"] is None) == (expected is None)


def test_the_reason_of_a_closed_cohort_that_is_about_safety_is_said() -> None:
    """Why the cohort stopped stands in the head, beside the cohort, and in the JSON."""
    words = "KMT2A-rearranged AML stopped for differentiation syndrome"
    assert words in page(LEUKAEMIA)
    assert f"closed to new patients: {words}" in page(LEUKAEMIA)
    (trial,) = answered(LEUKAEMIA, "K001").trials
    assert words in [cohort.recruitment_note for cohort in trial.cohorts]


# --- the head of the page


def test_a_trial_whose_fitting_cohorts_are_closed_is_not_to_be_approached() -> None:
    """It is named after those to approach, with the reason of each cohort that fits."""
    assert (
        "Clinically fits 1; none to approach. Fits but closed: K001 (every cohort that fits is closed: dose escalation ended; "
        "KMT2A-rearranged AML stopped for differentiation syndrome)."
    ) in page(LEUKAEMIA)
    assert "to approach: K001 (authorised in the EU: ask whether it still recruits)." in page(
        {**LEUKAEMIA, **BOTH}
    )


def test_a_row_says_that_the_cohorts_that_fit_are_closed() -> None:
    """Beside the trial's own status, which alone would send the patient there; where a cohort may be open the status stands alone."""
    assert "K001 eligible authorised (closed) published" in page(LEUKAEMIA)
    assert "K001 eligible authorised published" in page({**LEUKAEMIA, **BOTH})


def test_a_trial_that_may_fit_closed_cohorts_only_says_so() -> None:
    """Of an undetermined trial no cohort has a line of its own, so that the sentence on recruitment has the reasons."""
    open_status = {name: value for name, value in LEUKAEMIA.items() if name != "disease_status"}
    text = page({**open_status, "remission_state": None}, "K001")
    assert "K001 undetermined authorised (closed)" in text
    assert (
        "But every cohort that may fit is closed: dose escalation ended; KMT2A-rearranged AML stopped" in text
    )
    assert "But every cohort" not in page(LEUKAEMIA, "K001")


def test_pages_without_the_table_say_whether_trials_recruit() -> None:
    """What to order, when, and what if: no work is advised for a trial without saying that it is closed."""
    sparse = {"birth_date": "1970-01-01", "diagnosis": "AML", "diagnosis_confirmed": True}
    content = {"id": "p", "as_of": "2026-11-20", "facts": sparse}
    record, changed = record_from(content, LIBRARY), changed_from(content, LIBRARY, ["ecog=1"])
    trials = ["RO", "SAR"]
    for found in (
        work_up_page(plan_tests(UNDATED, record, trials), record, LIBRARY, 80),
        when_page(when(UNDATED, record, trials), record, LIBRARY, 80),
        what_if_page(what_if(UNDATED, changed, trials), changed, LIBRARY, 80),
    ):
        assert "Recruitment: RO completed; SAR terminated." in " ".join(found.plain().split())


def test_the_head_says_that_warnings_follow() -> None:
    """What may be wrong with the record stands at the end of a long page, and is announced at its head."""
    odd = {**LEUKAEMIA, "wbc": {"value": 4.5, "unit": "/uL"}}
    text = page(odd)
    assert text.index("1 warning about this record at the end") < text.index("NCT")
    assert "warning" not in page(LEUKAEMIA)
    assert "white blood cell count: 4.5 cells in a microlitre is no count" in text


def test_a_trial_asked_alone_says_that_it_is_closed() -> None:
    """The sentence stands above one trial as well, where that one cannot be entered; else the row says enough."""
    assert "none to approach. Fits but closed: K001" in page(LEUKAEMIA, "K001")
    assert "Clinically fits" not in page({**LEUKAEMIA, **NPM1}, "K001")


def test_the_work_up_and_the_explanation_say_the_same() -> None:
    """Every page with this head has the same sentence."""
    record = record_from({"id": "p", "as_of": "2026-11-20", "facts": LEUKAEMIA}, LIBRARY)
    sentence = "Clinically fits 1; none to approach. Fits but closed: K001 (every cohort that fits is closed:"
    work_up = work_up_page(plan_tests(UNDATED, record), record, LIBRARY, 80)
    explained = explanation(UNDATED.match(record, repairs=True), record, LIBRARY, 80)
    for found in (work_up, explained):
        assert sentence in " ".join(found.plain().split())


def headed(*trials: tuple[str, str | None]) -> str:
    """The head for an eligible patient where these trials have such a status, and their cohorts such a state."""
    record = record_from({"id": "p", "as_of": "2026-11-20", "facts": {**LEUKAEMIA, **NPM1}}, LIBRARY)
    answer = UNDATED.match(record, list(LIBRARY.trials)[: len(trials)])
    changed = [
        replace(
            trial,
            verdict="eligible",
            recruitment=status,
            conflicts=(),
            deciding_sets=(),
            cohorts=tuple(
                replace(each, verdict="eligible", recruitment=state, recruitment_note="n")  # type: ignore[arg-type]
                for each in trial.cohorts[:1]
            ),
        )
        for trial, (status, state) in zip(answer.trials, trials, strict=True)
    ]
    answer = replace(answer, trials=tuple(changed))
    return " ".join(report(answer, record, LIBRARY, 80).plain().split())


@pytest.mark.parametrize(
    ("status", "state", "words"),
    [
        ("recruiting", None, "to approach: {} (recruiting)."),
        ("recruiting", "ask", "to approach: {} (recruiting: ask whether a cohort that fits does)."),
        (
            "recruiting",
            "closed",
            "none to approach. Fits but closed: {} (every cohort that fits is closed: n).",
        ),
        ("authorised", None, "to approach: {} (authorised in the EU: ask whether it still recruits)."),
        ("authorised", "closed", "Fits but closed: {} (every cohort that fits is closed: n)."),
        ("unknown", "ask", "to approach: {} (unknown: ask whether it still recruits)."),
        *[(status, None, f"none to approach. Fits but closed: {{}} ({status}).") for status in CLOSED_STATUS],
        ("not_recruiting", None, "none to approach. Fits but closed: {} (not recruiting)."),
        ("completed", "ask", "none to approach. Fits but closed: {} (completed)."),
    ],
)
def test_every_status_and_state_has_its_words(status: str, state: str | None, words: str) -> None:
    """The trial's own status closes it whatever its cohorts say; else the cohorts that fit do if all of them are closed."""
    first, second = list(LIBRARY.trials)[:2]
    found = headed((status, state), ("completed", None))
    ending = words.format(first).removesuffix(".")
    assert ending in found
    assert f"{second} (completed)." in found


def test_trials_that_may_be_open_come_first() -> None:
    """Within each verdict, those that are known to be closed stand below the others, which keep their order."""
    codes = list(LIBRARY.trials)[:4]
    text = headed(("completed", None), ("recruiting", None), ("recruiting", "closed"), ("unknown", "ask"))
    places = [text.index(f" {code} eligible") for code in (codes[1], codes[3], codes[0], codes[2])]
    assert places == sorted(places)


def reasons(trial: TrialAnswer) -> TrialAnswer:
    """Everything of an answer but what stands beside the verdict, and what is asked where a trial may be open."""
    cohorts = tuple(
        replace(each, recruitment=None, recruitment_note="", recruitment_source="") for each in trial.cohorts
    )
    # nothing is found out first for a trial that is closed
    return replace(trial, recruitment="", cohorts=cohorts, first=None, then=())


@cache
def recruiting_otherwise(status: str, state: Any) -> Undated:
    """What answers where every trial has this status, and every cohort this state."""
    swapped = {
        code: replace(
            trial,
            recruitment=status,
            states={name: (CohortState(state, "n", "s"),) for name in trial.cohorts} if state else {},
        )
        for code, trial in LIBRARY.trials.items()
    }
    return Undated(replace(LIBRARY, trials=swapped))


@drawn(40)
@given(RECORDS, st.sampled_from([*CLOSED_STATUS, "recruiting"]), st.sampled_from([None, "closed", "ask"]))
def test_P40_recruitment_moves_no_verdict(record: Json, status: str, state: str | None) -> None:
    """With any status of every trial and any state of every cohort, verdicts, conflicts and cohorts' verdicts are the same."""
    other = recruiting_otherwise(status, state).match(read(record, LIBRARY))
    one = match(record, matcher=UNDATED)
    assert [reasons(trial) for trial in one.trials] == [reasons(trial) for trial in other.trials]


# --- notices

MENIN = "MENIN-LICENCE"
PREGNANT = ["RO.AMB-RO-11", *(f"{code}.PREGNANCY" for code in ("SAR", "UC", "K001", "ZPED", "K017"))]
STEROID = {"value": 5, "unit": "mg/day", "drug": "prednisone"}
NO_STEROID = {**STEROID, "value": 0}
UNTREATED: Json = {"disease_status": "untreated", "diagnosis": "AML"}

NOTICES: list[tuple[list[str], Json, Json]] = [
    (PREGNANT, {"pregnant": True}, {"pregnant": False}),
    (["RO.HIV", "UC.HIV"], {"hiv_aids_on_art": True}, {"hiv_aids_on_art": False}),
    (
        [f"RO.{MENIN}", f"SAR.{MENIN}"],
        {"disease_status": {"one_of": ["relapsed", "refractory"]}, "npm1_mutated": True},
        {"disease_status": "untreated", "npm1_mutated": True},
    ),
    (
        [f"RO.{MENIN}", f"SAR.{MENIN}"],
        {"disease_status": "refractory", "kmt2a_rearranged": True},
        {"disease_status": "refractory", "kmt2a_rearranged": False, "npm1_mutated": False},
    ),
    (
        ["RO.STEROID-HSCT", "SAR.STEROID-HSCT"],
        {"prior_hsct_count": 1, "corticosteroid_daily": STEROID},
        {"prior_hsct_count": 1, "corticosteroid_daily": NO_STEROID},
    ),
    (
        ["RO.STEROID-HSCT", "SAR.STEROID-HSCT"],
        {"prior_hsct_count": {"min": 1}, "corticosteroid_daily": STEROID},
        {"prior_hsct_count": 0, "corticosteroid_daily": STEROID},
    ),
    (
        ["K001.PRIOR-MENIN", "ZPED.PRIOR-MENIN", "K017.PRIOR-MENIN"],
        {"prior_menin_inhibitor": True},
        {"prior_menin_inhibitor": False},
    ),
    (
        ["K001.PRIOR-MENIN", "ZPED.PRIOR-MENIN", "K017.PRIOR-MENIN"],
        {"prior_drugs": ["revumenib"]},
        {"prior_drugs": ["gilteritinib"]},
    ),
    *[
        (
            ["K017.AMB-K017-3"],
            {"disease_status": "untreated", "prior_drugs": ["hydroxyurea", drug]},
            {"disease_status": "relapsed", "prior_drugs": ["hydroxyurea", drug]},
        )
        for drug in ("azacitidine", "Venclexta", "ziftomenib")
    ],
    (
        ["K017.AMB-K017-3"],
        {"disease_status": "untreated", "prior_drugs": ["decitabine"]},
        {"disease_status": "untreated", "prior_drugs": ["gilteritinib", "hydroxyurea"]},
    ),
    (
        ["K017.AMB-K017-3"],
        {"disease_status": "untreated", "therapies": [{"is": "azacitidine", "start": "2025"}]},
        {"disease_status": "untreated", "therapies": [{"is": "gilteritinib", "start": "2025"}]},
    ),
    (
        ["K017.AMB-K017-3"],
        {"disease_status": "untreated", "therapies": [{"is": "hma"}]},
        {"disease_status": "untreated", "therapies": [{"is": "azacitidine", "start": "2099"}]},
    ),
    (
        ["RO.GROUP-I"],
        {"diagnosis": "AML", "disease_status": "relapsed", "remission_state": "none"},
        {"diagnosis": "AML", "disease_status": "untreated", "remission_state": "none"},
    ),
    (
        ["RO.GROUP-I"],
        {"diagnosis": "AML", "disease_status": "refractory", "remission_state": "none"},
        {"diagnosis": "MDS", "disease_status": "refractory", "remission_state": "none"},
    ),
    (
        ["RO.GROUP-II"],
        {"diagnosis": "AML", "remission_state": {"one_of": ["CR", "CRi"]}},
        {"diagnosis": "AML", "remission_state": "CRh"},
    ),
    (
        ["RO.GROUP-II"],
        {"diagnosis": "AML", "remission_state": "CR"},
        {"diagnosis": "B_ALL", "remission_state": "CR"},
    ),
    (
        ["K017.I5-intensive"],
        {**UNTREATED, "fit_for_intensive": True},
        {**UNTREATED, "fit_for_intensive": False},
    ),
    (
        ["K017.I5-nonintensive"],
        {**UNTREATED, "fit_for_intensive": False},
        {**UNTREATED, "disease_status": "relapsed", "fit_for_intensive": False},
    ),
    (
        ["K017.AMB-K017-1"],
        {**UNTREATED, "fit_for_intensive": False, "kmt2a_rearranged": True},
        {**UNTREATED, "fit_for_intensive": False, "kmt2a_rearranged": True, "diagnosis": "B_ALL"},
    ),
]


FOLLOWS = {"remission_state"}
"""By the theory there is no remission where the disease is relapsed or refractory, and one of those states makes a remission."""


def shown(facts: Json, *trials: str) -> set[str]:
    """The notices of the trials, else of all, that the answer for these facts shows, each with the code of its trial."""
    return {f"{trial.code}.{name}" for trial in answered(facts, *trials).trials for name, _ in trial.notices}


def applicable(facts: Json, *trials: str) -> set[str]:
    """Those that apply to these facts, worked out without an answer."""
    record = record_from({"id": "p", "as_of": "2026-11-20", "facts": facts}, LIBRARY)
    case = UNDATED.case(UNDATED.open(record), [])
    return {
        f"{trial.code}.{name}"
        for trial in UNDATED.chosen(trials or None)
        for name, _ in applying(case.of(trial).problem, trial)
    }


@pytest.mark.parametrize(("names", "met", "not_met"), NOTICES)
def test_a_notice_is_shown_where_its_condition_certainly_holds(
    names: list[str], met: Json, not_met: Json
) -> None:
    """It is shown where it is met, and neither where it is not nor where a fact is missing on which it rests."""
    trials = sorted({name.split(".")[0] for name in names})
    assert set(names) <= shown(met, *trials) == applicable(met, *trials)
    assert applicable(not_met, *trials).isdisjoint(names)
    for name in met.keys() - FOLLOWS:
        fewer = {other: fact for other, fact in met.items() if other != name}
        assert applicable(fewer, *trials).isdisjoint(names)


def test_some_notices_are_always_shown() -> None:
    """What holds of every patient of a trial stands beside every answer."""
    always = {f"{t.code}.{n.id}" for t in LIBRARY.trials.values() for n in t.notices if n.when == TRUE}
    assert {"K017.PLACEBO", "K001.R-POS", "ZPED.R-POS", "K017.R-POS", "UC.R-POS", "RO.C-PROXY"} <= always
    assert shown({}) == always


def test_safety_stands_in_the_head_once_a_sentence() -> None:
    """What is about safety is said above the table, each sentence once with its trials, and not again below; the JSON marks it."""
    text = page({"pregnant": True, "hiv_aids_on_art": True})
    head, below = text.split("trial code verdict")
    assert head.count("Safety (") == 5
    assert "Safety (K001, K017, UC, ZPED): The patient is pregnant." in head
    assert "Safety (RO): The patient is pregnant." in head
    assert "The patient is pregnant" not in below
    document = answer_document(answered({"pregnant": True}))
    marked = {f"{t['code']}.{n['id']}" for t in document["trials"] for n in t["notices"] if n["safety"]}
    assert marked == set(PREGNANT)


# --- files


def refused(tmp_path: Path, before: str, after: str) -> list[str]:
    """The faults of the small folder with a part of its trial replaced."""
    assert before in small_library.TRIAL
    trial = small_library.TRIAL.replace(before, after)
    with pytest.raises(InputError) as error:
        load_library(small_library.folder(tmp_path, {"trials/one.yaml": trial}), cached=False)
    return [line.split(": ", 1)[1] for line in error.value.problems]


def with_notice(tmp_path: Path, when: str) -> Library:
    """The small library with a notice shown `when`."""
    notice = f"notices:\n  - {{id: L, text: listed, when: {when}}}\n"
    trial = small_library.TRIAL.replace("notices:\n", notice)
    return load_library(small_library.folder(tmp_path, {"trials/one.yaml": trial}), cached=False)


def test_a_notice_may_ask_what_a_list_holds(tmp_path: Path) -> None:
    """It applies where the list is recorded with such an entry, and not where the list holds none or is not recorded."""
    library = with_notice(tmp_path, "grade <= 1 and (smoker or drugs contains opioids)")
    for drugs, shown in ((["morphine"], True), (["aspirin"], False), (None, False)):
        facts = {"grade": 1, "smoker": False} if drugs != ["morphine"] else {"grade": 1}
        facts |= {"drugs": drugs} if drugs is not None else {}
        record = record_from({"id": "p", "as_of": "2026-11-20", "facts": facts}, library)
        (trial,) = Matcher(library).match(record).trials
        assert ("L" in dict(trial.notices)) is shown


@pytest.mark.parametrize(
    "when", ["not (drugs contains opioids)", "smoker or (drugs contains opioids implies grade > 1)"]
)
def test_a_notice_may_not_ask_what_a_list_does_not_hold(tmp_path: Path, when: str) -> None:
    """What is not in an open list may be true all the same."""
    with pytest.raises(InputError, match="nothing follows from what is not in it"):
        with_notice(tmp_path, when)


def test_a_state_after_one_that_holds_for_everyone_is_refused(tmp_path: Path) -> None:
    """It could never apply."""
    states = "recruitment: [{state: ask, note: n}, {state: closed, when: smoker, note: n}]"
    (line,) = refused(tmp_path, "  A: {label: ", f"  A: {{{states}, label: ")
    assert line == "an earlier state has no 'when' and holds for everyone: put it last"


def test_a_state_is_closed_or_to_be_asked(tmp_path: Path) -> None:
    """Other words are refused with those that are allowed."""
    states = "recruitment: [{state: open, note: n}]"
    (line,) = refused(tmp_path, "  A: {label: ", f"  A: {{{states}, label: ")
    assert "'open' is not allowed for 'state': expected 'closed' or 'ask'" in line
