"""`match sequence`: what entering one trial does to the others, against records that say by hand what the trial's file says."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import lru_cache
from itertools import permutations
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import cli
from solver.engine.answer import RecordState
from solver.language.domain import point
from solver.library.load import load_library
from solver.library.models import Library
from solver.matcher import Matcher
from solver.patient.readers.native.read import read_record, record_from
from solver.patient.record import Fact
from solver.questions.schema.ask import schema
from solver.questions.sequence import ask as sequence
from solver.questions.sequence import orders
from solver.questions.sequence.answer import Circumstances, Door, SequenceAnswer
from solver.questions.sequence.page import sequence_page
from solver.report.json import answer_document, json_text
from solver.smt.session import Budget
from tests.support.drawing import strategies
from tests.support.drawing.drawn import drawn
from tests.support.drawing.policies import CHOSEN, POLICY, charts
from tests.support.libraries import small_library
from tests.support.libraries.shipped import LIBRARY
from tests.support.records import worked
from tests.support.records.matchers import ReasonsAlone, Standing, Undated, standings_of, verdicts_of
from tests.support.records.worked import Json

ROOT = Path(__file__).parents[3]
GOLDEN = Path(__file__).parent / "golden"
MATCHER = ReasonsAlone(LIBRARY)
ASSUMING = Undated(LIBRARY, assume=("history-absent", "judgement-met", "not-known"))
AS_OF = "2026-11-20"
CAN = ("eligible", "undetermined")

CAR = ("prior_car_t", "prior_cd123_car", "prior_anti_cd123", "prior_cellular_therapy")
DURING: Json = {"concurrent_investigational_drug": True}
AFTER: dict[str, tuple[str, ...]] = {
    "RO": (),
    "SAR": ("prior_anti_cd123",),
    "UC": (*CAR, "prior_investigational_gene_or_cell_therapy"),
    "K001": ("prior_menin_inhibitor",),
    "ZPED": ("prior_menin_inhibitor",),
    "K017": ("received_soc",),
}
TREATED = ("relapsed", "refractory", "remission")
COURSE = (
    *("disease_status", "remission_state", "mrd_positive", "relapse_number", "cr_duration"),
    *("salvage_attempts", "bm_blasts_pct", "pb_blasts_abs", "pb_blasts_pct", "wbc"),
    *("extramedullary_disease", "non_cns_chloroma", "cns_leukemia_active", "cns_status"),
    *("soc_options_available", "no_available_beneficial_therapy"),
)
REFRACTORY = (
    *("refractory_intensive_induction", "induction_cycles_refractory"),
    *("hma_cycles_refractory", "hma_ven_cycles_refractory"),
)
TRANSPLANT = (
    *("car_t_date", "relapse_after_car_t_date", "prior_hsct_count", "prior_allo_hsct_count"),
    *("last_hsct_date", "relapse_after_hsct_date", "hsct_engrafted", "gvhd_active"),
    *("immunosuppression_ever", "immunosuppression_current", "immunosuppression_stop_date"),
    *("hla_a_alleles", "donor_identified", "transplant_strategy"),
)
OUTDATED: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("RO", "SAR", "K001", "ZPED"), COURSE),
    "UC": (*COURSE, *TRANSPLANT),
    "K017": ("prior_menin_inhibitor",),
}
FORGOTTEN = {"K017": (*COURSE, *REFRACTORY)}
"""What the trials' files say, written once more by hand: what becomes true, what is out of date, and what entering makes false."""

EVERS = ("immunosuppression_ever", "prior_menin_inhibitor")
COUNTS = (
    *("relapse_number", "salvage_attempts", "prior_hsct_count", "prior_allo_hsct_count"),
    *REFRACTORY[1:],
)

NEW: Json = {
    "id": "untreated",
    "as_of": AS_OF,
    "facts": {
        "birth_date": "1970-01-01",
        "diagnosis": "AML",
        "diagnosis_confirmed": True,
        "disease_status": "untreated",
        "remission_state": "none",
        "relapse_number": 0,
        "salvage_attempts": 0,
        "npm1_mutated": True,
        "bm_blasts_pct": {"value": 40, "unit": "%"},
        "prior_anti_cd123": False,
        "prior_cellular_therapy": False,
    },
}
"""A patient for whom one trial comes before all others, since it opens them."""

EXAMPLES = {
    path.stem: {"facts": {}, **json.loads(path.read_text(encoding="utf-8"))}
    for path in sorted((ROOT / "examples").glob("*.json"))
    if path.stem != "site"
}
SHOWN: dict[str, Json] = {
    **{name: EXAMPLES[name] for name in ("several-trials", "undetermined", "closed-door", "contradictory")},
    "untreated": NEW,
    "short-chart": EXAMPLES["short-chart"],
}
"""The last one is shown under assumption policies."""


def sequenced(
    record: Json, trials: Iterable[str] | None = None, matcher: Matcher = MATCHER
) -> SequenceAnswer:
    """The answer for what the file of a record holds; the same is asked once."""
    return _sequenced(json.dumps(record), tuple(LIBRARY.trials if trials is None else trials), matcher)


@lru_cache(maxsize=50)
def _sequenced(record: str, trials: tuple[str, ...], matcher: Matcher) -> SequenceAnswer:
    return sequence.sequence(matcher, worked.read(json.loads(record), LIBRARY), trials)


def on(record: Json) -> Json:
    """The record while on any trial."""
    return worked.changed(record, {"set": DURING})


def value(fact: Any) -> Any:
    """What a fact says, without its date and source."""
    return fact["value"] if isinstance(fact, dict) and "value" in fact else fact


def without(record: Json, names: Iterable[str]) -> Json:
    """The record without these facts; an ever that was true stays true, and a count is at least what it was."""
    found = copy.deepcopy(record)
    for name in names:
        fact = value(found["facts"].pop(name, None))
        if name in EVERS and fact is True:
            found["facts"][name] = True
        if name in COUNTS and fact is not None:
            least = int(worked.read(record, LIBRARY).facts[name].domain[0])  # type: ignore[index]
            if least:
                found["facts"][name] = {"min": least}
    return found


def statuses(record: Json) -> list[str]:
    """Which of the states after treatment the record leaves possible; all where it says nothing."""
    status = value(record["facts"].get("disease_status"))
    values = TREATED if status is None else [status] if isinstance(status, str) else status["one_of"]
    return [each for each in TREATED if each in values]


def treated(record: Json) -> Json:
    """The record of a patient who has been treated: the status is one of three, and the recorded one where it is one of them."""
    found = copy.deepcopy(record)
    left = statuses(record) or list(TREATED)
    if left != [value(record["facts"].get("disease_status"))]:
        found["facts"]["disease_status"] = {"one_of": left} if len(left) > 1 else left[0]
    return found


def past(record: Json, code: str) -> Json:
    """The record after a trial."""
    found = without(record, FORGOTTEN.get(code, ()))
    if not statuses(found):
        found = without(found, OUTDATED[code])
    found["facts"].update(dict.fromkeys(AFTER[code], True))
    return treated(found)


def anew(record: Json, code: str) -> Json:
    """The record after a trial with what is out of date unknown."""
    return treated(without(past(record, code), OUTDATED[code]))


def standings(record: Json, matcher: Matcher = MATCHER) -> tuple[RecordState, dict[str, Standing]]:
    """How match finds each trial; the same record is asked about once, however many orders lead there."""
    return _standings(json.dumps(record, sort_keys=True), matcher)


@lru_cache(maxsize=200)
def _standings(record: str, matcher: Matcher) -> tuple[RecordState, dict[str, Standing]]:
    return standings_of(matcher, worked.read(json.loads(record), LIBRARY))


def verdicts(record: Json, matcher: Matcher = MATCHER) -> dict[str, str]:
    """The verdict on each trial, decided once for each record."""
    return _verdicts(json.dumps(record, sort_keys=True), matcher)


@lru_cache(maxsize=200)
def _verdicts(record: str, matcher: Matcher) -> dict[str, str]:
    return verdicts_of(matcher, worked.read(json.loads(record), LIBRARY))


def check(
    circumstances: Circumstances,
    record: Json,
    today: dict[str, str],
    matcher: Matcher = MATCHER,
    less: Json | None = None,
) -> None:
    """The circumstances are those in which match finds the record; a verdict that is open in `less` is marked, as far as that is given."""
    state, expected = standings(record, matcher)
    open_anew = (
        {code for code, verdict in verdicts(less, matcher).items() if verdict == "undetermined"}
        if less
        else set()
    )
    assert circumstances.consistent == (state.status == "consistent")
    assert circumstances.contradictions == state.contradictions
    for door in circumstances.doors:
        trial = expected[door.code]
        assert (door.verdict, door.published_only) == (trial.verdict, trial.published_only)
        assert (door.conflicts, door.complete) == (trial.conflicts.subsets, trial.conflicts.complete)
        assert door.assuming == trial.assuming
        assert door.changed == (trial.verdict != today[door.code])
        if less is not None or matcher is MATCHER:
            settled = trial.verdict in ("eligible", "ineligible")
            assert door.provisional == (settled and door.code in open_anew)


# --- the matrix


@drawn(15)
@given(strategies.records(LIBRARY))
def test_every_door_is_that_of_a_record_that_says_so(record: Json) -> None:
    """Today, while on a trial and afterwards: verdicts, conflicts and contradictions are those of match on the record, edited by hand."""
    answer, today = sequenced(record), verdicts(record)
    check(answer.today, record, today)
    assert [entry.code for entry in answer.entries] == [code for code in today if today[code] in CAN]
    for entry in answer.entries:
        check(entry.during, on(record), today)
        check(entry.after, past(record, entry.code), today, less=anew(record, entry.code))
        for circumstances in (entry.during, entry.after):
            assert [door.code for door in circumstances.doors] == [c for c in today if c != entry.code]


@pytest.mark.parametrize("record", [*EXAMPLES.values(), NEW], ids=[*EXAMPLES, "untreated"])
def test_the_examples_stand_as_by_hand(record: Json) -> None:
    """As above, for every example."""
    answer, today = sequenced(record), verdicts(record)
    for entry in answer.entries:
        check(entry.during, on(record), today)
        check(entry.after, past(record, entry.code), today, less=anew(record, entry.code))


@drawn(20)
@given(strategies.records(LIBRARY))
def test_P56_order_effects(record: Json) -> None:
    """After UCART123 no record of AML is left for the other CD123 trial, for two reasons; after that one UCART123 stands as before."""
    record["facts"]["diagnosis"] = "AML"
    assume(treated(record) == record)
    patient = worked.read(record, LIBRARY)
    before = MATCHER.match(patient)
    assume(before.consistent)
    after = MATCHER.match(sequence.after(LIBRARY, patient, LIBRARY.trials["UC"]), ["SAR"])
    assume(after.consistent)
    (sar,) = after.trials
    assert sar.verdict == "ineligible"
    assert {("SAR.E6",), ("SAR.E9",)} <= set(sar.conflicts)
    (again,) = MATCHER.match(sequence.after(LIBRARY, patient, LIBRARY.trials["SAR"]), ["UC"]).trials
    (unchanged,) = [trial for trial in before.trials if trial.code == "UC"]
    if again.verdict != "withheld":  # the record may say that an earlier drug was none
        assert (again.verdict, again.conflicts) == (unchanged.verdict, unchanged.conflicts)


@drawn(30)
@given(strategies.records(LIBRARY), st.sampled_from(["RO"]))
def test_a_trial_that_leaves_nothing_behind_changes_nothing(record: Json, code: str) -> None:
    """Afterwards the record of a patient who was treated is the same, dates and sources too."""
    assume("disease_status" in record["facts"] and treated(record) == record)
    patient = worked.read(record, LIBRARY)
    assert sequence.after(LIBRARY, patient, LIBRARY.trials[code]) == patient


def test_no_trial_goes_with_another_investigational_drug() -> None:
    """While on any trial, the one that says so takes nobody; the others do not ask."""
    answer = sequenced(EXAMPLES["several-trials"])
    for entry in answer.entries:
        doors = {door.code: door for door in entry.during.doors if door.changed}
        assert doors.keys() == ({"SAR"} - {entry.code})
        assert all(door.conflicts == (("SAR.E10",),) for door in doors.values())


def test_what_is_recorded_is_replaced_and_outdated_facts_are_forgotten() -> None:
    """A fact that is added takes the place of the recorded one, with its date and source; what is out of date is unknown."""
    facts = {
        **NEW["facts"],
        "disease_status": {"value": "untreated", "date": "2026-11-01", "source": "letter"},
    }
    record = record_from({**NEW, "facts": facts}, LIBRARY)
    found = sequence.after(LIBRARY, record, LIBRARY.trials["K017"])
    fact = found.facts["disease_status"]
    assert (fact.text, fact.date, fact.source) == ("relapsed, refractory or remission", None, None)
    assert not found.facts.keys() & set(FORGOTTEN["K017"]) - {"disease_status"}
    assert found.facts["npm1_mutated"] == record.facts["npm1_mutated"]


def test_one_trial_opens_others() -> None:
    """Who is not yet treated is closed to the trials after treatment, until a trial has treated the patient."""
    answer = sequenced(NEW)
    today = {door.code: door.verdict for door in answer.today.doors}
    assert today["K017"] == "eligible"
    assert today["RO"] == today["SAR"] == today["UC"] == today["K001"] == "ineligible"
    (entry,) = [entry for entry in answer.entries if entry.code == "K017"]
    after = {door.code: door.verdict for door in entry.after.doors}
    assert after["RO"] == after["SAR"] == after["UC"] == after["K001"] == "undetermined"
    assert dict(answer.opened) == dict.fromkeys(("K001", "RO", "SAR", "UC"), ("K017",))


def door(answer: SequenceAnswer, entered: str, code: str) -> Door:
    """How one trial stands after another."""
    (entry,) = [entry for entry in answer.entries if entry.code == entered]
    (found,) = [each for each in entry.after.doors if each.code == code]
    return found


def test_a_verdict_that_needs_what_is_out_of_date_is_marked_and_not_changed() -> None:
    """It is as today if the course is as recorded when it is measured anew; what no later result can mend is not marked."""
    answer = sequenced(EXAMPLES["several-trials"])
    for entered, code in (("RO", "UC"), ("SAR", "UC"), ("UC", "RO"), ("K001", "SAR")):
        found = door(answer, entered, code)
        assert (found.verdict, found.provisional, found.changed) == ("eligible", True, False)
    closed = door(answer, "UC", "SAR")
    assert (closed.verdict, closed.provisional) == ("ineligible", False)
    assert not any(each.provisional for entry in answer.entries for each in entry.during.doors)
    assert not any(each.provisional for each in answer.today.doors)
    page = sequence_page(answer, LIBRARY, 80).plain()
    assert "(yes)*" in page
    assert "SAR eligible -> ineligible, whatever is measured anew" in page
    document = answer_document(answer)
    marked = {
        (e["code"], t["code"]) for e in document["entries"] for t in e["after"]["trials"] if t["provisional"]
    }
    assert ("RO", "UC") in marked
    assert ("UC", "SAR") not in marked
    assert [last["provisional"] for last in document["last_chances"]] == [False]


def test_whoever_was_treated_is_untreated_no_more() -> None:
    """After any trial the one for untreated patients is closed, also where the status is not recorded."""
    answer = sequenced(EXAMPLES["empty"])
    for entered in ("RO", "SAR", "UC", "K001", "ZPED"):
        found = door(answer, entered, "K017")
        assert (found.verdict, found.conflicts, found.provisional) == ("ineligible", (("K017.I3",),), False)


def test_what_never_changes_back_stays() -> None:
    """An ever that was true stays true, and a count is at least what it was; the rest of what is out of date is unknown."""
    given = {
        "immunosuppression_ever": True,
        "prior_hsct_count": 2,
        "prior_allo_hsct_count": 0,
        "hsct_engrafted": True,
        "salvage_attempts": {"min": 1, "max": 3},
        "disease_status": {"value": "relapsed", "date": "2026-11-01", "source": "letter"},
    }
    record = record_from({"id": "p", "as_of": AS_OF, "facts": given}, LIBRARY)
    uc = LIBRARY.trials["UC"]
    then = sequence.after(LIBRARY, record, uc)
    assert then.facts["disease_status"] == record.facts["disease_status"]
    found = sequence.remeasured(LIBRARY, then, uc).facts
    assert found["immunosuppression_ever"] == record.facts["immunosuppression_ever"]
    lows = {name: found[name].domain[0] for name in ("prior_hsct_count", "salvage_attempts")}  # type: ignore[index]
    assert lows == {"prior_hsct_count": 2, "salvage_attempts": 1}
    assert not found["prior_hsct_count"].exact
    assert "hsct_engrafted" not in found
    assert found["disease_status"].domain == frozenset(TREATED)


def test_what_a_trial_may_change_is_not_taken_as_absent_anew() -> None:
    """A verdict that a policy settles, by a past that the trial may change, needs that past to be as it was."""
    record = json.loads(json.dumps(EXAMPLES["short-chart"]))
    answer = sequenced(record, ["RO", "UC"], Undated(LIBRARY, assume=tuple(LIBRARY.policies)))
    found = door(answer, "UC", "RO")
    assert "history-absent:prior_hsct_count" in found.assuming
    assert (found.verdict, found.provisional) == ("eligible", True)


def test_a_complete_list_denies_no_drug_that_a_trial_gives() -> None:
    """What the list denied stays denied, but for what the trial makes true; the list is complete no more."""
    record = copy.deepcopy(EXAMPLES["several-trials"])
    for name in ("prior_car_t", "prior_car_nk", "prior_anti_cd123", "prior_cd123_car", "anti_cd20_ever"):
        record["facts"].pop(name, None)
    record["facts"]["prior_drugs"] = ["cytarabine"]
    record["complete"] = ["prior_drugs"]
    answer = sequenced(record)
    today = {each.code: each.verdict for each in answer.today.doors}
    assert today["UC"] == today["SAR"] == "eligible"
    for entered, code in (("RO", "UC"), ("RO", "SAR"), ("SAR", "UC"), ("UC", "RO"), ("K001", "SAR")):
        assert door(answer, entered, code).verdict == "eligible"
    assert door(answer, "UC", "SAR").conflicts == (("SAR.E6",), ("SAR.E9",))


def test_a_course_that_entering_makes_false_is_forgotten() -> None:
    """Where the status cannot be as it was recorded, since the trial treats, nothing of the recorded course is known."""
    facts = {
        "diagnosis": "B_ALL",
        "disease_status": "untreated",
        "relapse_number": 0,
        "remission_state": "none",
    }
    record = record_from({"id": "p", "as_of": AS_OF, "facts": facts}, LIBRARY)
    found = sequence.after(LIBRARY, record, LIBRARY.trials["SAR"]).facts
    assert found.keys() == {"diagnosis", "disease_status", "prior_anti_cd123"}
    assert found["disease_status"].domain == frozenset(TREATED)


# --- orders


def by_hand(record: Json, codes: Iterable[str]) -> list[tuple[str, ...]]:
    """Every order in which each next trial can be entered, by trying all of them on records edited by hand."""

    def can(order: tuple[str, ...]) -> bool:
        state = record
        for code in order:
            if verdicts(state)[code] not in CAN:
                return False
            state = past(state, code)
        return True

    found, layer = [()], [()]
    while layer:
        layer = [(*order, code) for order in layer for code in codes if code not in order]
        layer = [order for order in layer if can(order)]
        found += layer
    return found


def compare_orders(record: Json, codes: list[str]) -> None:
    """The orders of the answer are the longest of those found by hand; the last chances are those that hold in all of them."""
    answer = sequenced(record, codes)
    every = by_hand(record, codes)
    longest = [order for order in every if len(order) == max(map(len, every))]
    found = answer.orders
    assert found is not None
    assert (found.length, found.count) == (len(longest[0]), len(longest))
    groups = {group.trials: group for group in found.groups}
    by_codes: dict[tuple[str, ...], set[tuple[str, ...]]] = {}
    for order in longest:
        by_codes.setdefault(tuple(code for code in codes if code in order), set()).add(order)
    assert groups.keys() == by_codes.keys()
    for key, tied in by_codes.items():
        assert groups[key].count == len(tied)
        assert set(groups[key].listed) <= tied
        assert len(groups[key].listed) == min(len(tied), orders.LISTED)
    steps = {(order[:-1], order[-1]) for order in every if order}
    together = {(a, b) for before, a in steps for later, b in steps if before == later and a != b}
    reopened = {(a, b) for before, a in steps for b in before}
    assert {(last.code, last.before) for last in answer.last_chances} == together - reopened


@pytest.mark.parametrize("record", [*EXAMPLES.values(), NEW], ids=[*EXAMPLES, "untreated"])
def test_the_orders_of_the_examples_are_those_of_brute_force(record: Json) -> None:
    """All orders of all trials are tried on records edited by hand."""
    if record is not EXAMPLES["empty"]:  # six open trials: as below, with fewer
        compare_orders(record, list(LIBRARY.trials))


@pytest.mark.parametrize("codes", list(permutations(["K017", "SAR", "UC"])), ids="-".join)
def test_the_orders_of_an_empty_record_are_those_of_brute_force(codes: tuple[str, ...]) -> None:
    """With nothing recorded every trial might be entered first; the order in which trials are named changes nothing but the listing."""
    compare_orders(EXAMPLES["empty"], list(codes))


@drawn(8)
@given(strategies.records(LIBRARY))
def test_the_orders_of_any_record_are_those_of_brute_force(record: Json) -> None:
    """As above, for records drawn at random."""
    compare_orders(record, ["K017", "SAR", "UC", "RO"])


def test_one_must_come_before_the_other() -> None:
    """For a patient who could enter both CD123 trials, one of them closes the other for good."""
    answer = sequenced(EXAMPLES["several-trials"])
    (last,) = answer.last_chances
    assert (last.code, last.before) == ("SAR", "UC")
    assert last.conflicts == (("SAR.E6",), ("SAR.E9",))
    assert answer.orders is not None
    (group,) = answer.orders.groups
    assert (group.trials, group.count, group.always, group.free) == (
        ("K001", "RO", "SAR", "UC"),
        12,
        (("SAR", "UC"),),
        True,
    )


# --- invented trials

ONE = """\
trial: NCT0000000{number}
code: {code}
title: Trial {code}
intervention: rest
recruitment: recruiting
criteria: full
sources: [{{id: S, text: a source}}]
cohorts: {{ALL: {{label: All}}}}
enrolment: {enrolment}
clauses:
  - {{id: I1, label: The right grade, source: S 1, class: objective, changes: treat, require: {require}}}
"""


def invented(
    tmp_path: Path, *trials: tuple[str, str, str], files: Mapping[str, str] | None = None
) -> Library:
    """The small library of the loader's tests, with these trials: code, what it requires, and what entering it changes."""
    written = {
        f"trials/{code.lower()}.yaml": ONE.format(
            number=i + 2, code=code, require=require, enrolment=enrolment
        )
        for i, (code, require, enrolment) in enumerate(trials)
    }
    where = small_library.folder(tmp_path, {**(files or {}), **written})
    (where / "trials" / "one.yaml").unlink()
    return load_library(where, cached=False)


def small(library: Library, assume: str | Iterable[str] = (), **facts: Any) -> SequenceAnswer:
    """The answer for a record of the small library."""
    record = record_from({"id": "p", "as_of": AS_OF, "facts": facts}, library)
    return sequence.sequence(Matcher(library, assume=assume), record)


def test_a_later_trial_may_overwrite_what_an_earlier_one_left(tmp_path: Path) -> None:
    """The state depends on the order, and both orders are followed: what the last trial left is what the next one reads."""
    library = invented(
        tmp_path,
        ("A", "grade <= 2", "{after: {grade: 1}}"),
        ("B", "grade <= 2", "{after: {grade: 2}}"),
        ("C", "grade == 2", "{after: {grade: 5}}"),
    )
    answer = small(library, grade=0)
    assert answer.orders is not None
    (group,) = answer.orders.groups
    assert group.listed == (("A", "B", "C"),)
    assert dict(answer.opened) == {"C": ("B",)}
    assert {(last.code, last.before) for last in answer.last_chances} == {("A", "C")}


def test_a_trial_may_contradict_the_record(tmp_path: Path) -> None:
    """Where what a trial adds contradicts the rest, its contradictions are told, the verdicts are withheld, and nothing comes after."""
    library = invented(
        tmp_path,
        ("A", "grade <= 2", "{after: {smoker: false}}"),
        ("B", "grade <= 2", "{}"),
    )
    answer = small(library, grade=0, drugs=["morphine"])
    (first, second) = answer.entries
    assert (first.after.consistent, first.after.contradictions) == (False, (("drugs", "smoker"),))
    assert [door.verdict for door in first.after.doors] == ["withheld"]
    assert second.after.consistent
    assert answer.orders is not None
    assert [group.listed for group in answer.orders.groups] == [(("B", "A"),)]
    assert [(last.code, last.before, last.conflicts) for last in answer.last_chances] == [("B", "A", ())]
    text = sequence_page(answer, library, 80).plain()
    assert "after A: the record would contradict itself, so every verdict is withheld:" in text
    assert "earlier drugs: morphine" in text
    assert "x: the record would contradict itself" in text


def test_too_many_orders_are_not_looked_through(monkeypatch: pytest.MonkeyPatch) -> None:
    """The matrix stands, the orders are left out, and it is said what to do."""
    monkeypatch.setattr(orders, "MOST_NODES", 3)
    answer = sequence.sequence(MATCHER, worked.read(EXAMPLES["several-trials"], LIBRARY))
    assert answer.orders is None
    assert (answer.last_chances, answer.opened) == ((), ())
    assert len(answer.entries) == 4
    assert "name fewer trials with --trials" in sequence_page(answer, LIBRARY, 80).plain()
    assert answer_document(answer)["orders"] is None


@pytest.mark.parametrize("name", ["undetermined", "several-trials", "partial-dates"])
def test_with_no_budget_nothing_is_claimed(name: str) -> None:
    """With one step for the solver every door is as it is, or unresolved."""
    record = worked.read({"id": name, **EXAMPLES[name]}, LIBRARY)
    cut = sequence.sequence(Matcher(LIBRARY, budget=Budget(steps=1)), record)
    whole = {entry.code: entry for entry in sequence.sequence(MATCHER, record).entries}
    for entry in cut.entries:
        for found, right in (
            (entry.during, whole[entry.code].during),
            (entry.after, whole[entry.code].after),
        ):
            for door, expected in zip(found.doors, right.doors, strict=True):
                assert door.verdict in ("unresolved", expected.verdict)


# --- assumption policies


def check_assuming(record: Json, matcher: Matcher) -> SequenceAnswer:
    """Each door, and what it assumes, is that of match on the record edited by hand; whatever is assumed is told once in words."""
    answer, today = sequenced(record, matcher=matcher), verdicts(record, matcher)
    assert answer.policies == matcher.policies
    check(answer.today, record, today, matcher)
    assumed = {name for door in answer.today.doors for name in door.assuming}
    for entry in answer.entries:
        for circumstances, edited in ((entry.during, on(record)), (entry.after, past(record, entry.code))):
            check(circumstances, edited, today, matcher)
            assumed.update(name for door in circumstances.doors for name in door.assuming)
    assert [name for name, _ in answer.assumptions] == sorted(assumed)
    texts = dict(matcher.match(worked.read(record, LIBRARY)).assumptions)
    assert all(texts.get(name, text) == text for name, text in answer.assumptions)
    return answer


@pytest.mark.parametrize("name", ["short-chart", "child", "undetermined", "contradictory"])
def test_policies_count_everywhere(name: str) -> None:
    """A policy holds today, while on a trial and after it, and every eligible door names a minimal set of what it assumes."""
    check_assuming({"id": name, **EXAMPLES[name]}, ASSUMING)


@drawn(12)
@given(charts(), CHOSEN)
def test_policies_count_for_any_chart(record: Json, policies: tuple[str, ...]) -> None:
    """As above, for charts and policies drawn at random."""
    check_assuming(record, Undated(LIBRARY, assume=policies))


def test_without_policies_nothing_is_assumed() -> None:
    """No door assumes anything, and nothing is told of it."""
    answer = sequenced(EXAMPLES["short-chart"])
    everyone = [answer.today, *(found for entry in answer.entries for found in (entry.during, entry.after))]
    assert not any(door.assuming for circumstances in everyone for door in circumstances.doors)
    document = answer_document(answer)
    assert document["assumptions"] == []
    page = sequence_page(answer, LIBRARY, 80).plain()
    assert "+" not in page
    assert "Assumed where" not in page


def with_policy(tmp_path: Path, name: str, policy: str, *trials: tuple[str, str, str]) -> Library:
    """The small library with the invented trials, whose policy `absent` covers smoking, and this variable as `policy` says."""
    vocabulary = small_library.VOCABULARY
    for before, after in (
        ("{name: smoker,", "{name: smoker, policy: absent,"),
        (f"{{name: {name},", f"{{name: {name}, {policy},"),
    ):
        assert before in vocabulary
        vocabulary = vocabulary.replace(before, after)
    files = {"vocabulary/all.yaml": vocabulary, "theory/policies.yaml": POLICY}
    return invented(tmp_path, *trials, files=files)


def test_what_an_earlier_trial_leaves_need_not_be_assumed(tmp_path: Path) -> None:
    """Where it is recorded afterwards the door needs less, and the page tells what it assumes in that row."""
    library = with_policy(
        tmp_path,
        "grade",
        "policy: absent",
        ("A", "grade <= 2", "{after: {grade: 0}}"),
        ("B", "grade <= 2 and not smoker", "{}"),
    )
    answer = small(library, assume="absent")
    assert {door.code: door.assuming for door in answer.today.doors} == {
        "A": ("absent:grade",),
        "B": ("absent:smoker", "absent:grade"),
    }
    first = answer.entries[0]
    (during,), (after,) = first.during.doors, first.after.doors
    assert (during.assuming, during.changed) == (("absent:smoker", "absent:grade"), False)
    assert (after.assuming, after.changed) == (("absent:smoker",), False)
    assert [name for name, _ in answer.assumptions] == ["absent:grade", "absent:smoker"]
    text = sequence_page(answer, library, 80).plain()
    assert (
        """\
Assumed where a verdict is marked + (it needs each of these)
  A:
  - absent: grade
  B:
  - absent: smoker; grade
  B after A:
  - absent: smoker
"""
        in text
    )


def test_what_an_earlier_trial_mentions_is_not_taken_as_absent(tmp_path: Path) -> None:
    """A door whose own variables an entry leaves alone is judged anew where the entry mentions what a policy takes as absent."""
    library = with_policy(
        tmp_path,
        "smoker",
        "mentioned_by: [grade]",
        ("A", "kind == AML", "{after: {grade: 1}}"),
        ("B", "not smoker", "{}"),
    )
    answer = small(library, assume="absent", kind="AML")
    first = answer.entries[0]
    (during,), (after,) = first.during.doors, first.after.doors
    assert (during.verdict, during.assuming) == ("eligible", ("absent:smoker",))
    assert (after.verdict, after.assuming, after.changed) == ("undetermined", (), True)
    text = sequence_page(answer, library, 80).plain()
    assert "after A: B eligible, assuming -> undetermined" in text
    assert "yes+" in text


def test_the_document_says_what_each_door_assumes() -> None:
    """Every door has its assumptions, their sentences stand once at the top, and the whole fits its schema."""
    answer = sequenced(EXAMPLES["short-chart"], matcher=ASSUMING)
    document = answer_document(answer)
    jsonschema.validate(json.loads(json_text(answer)), schema("sequence", LIBRARY))
    expected = {
        trial.code: list(trial.assuming)
        for trial in ASSUMING.match(worked.read(EXAMPLES["short-chart"], LIBRARY)).trials
    }
    assert {door["code"]: door["assuming"] for door in document["today"]["trials"]} == expected
    assert (len(expected["SAR"]), len(expected["UC"])) == (10, 10)
    told = [assumption["id"] for assumption in document["assumptions"]]
    assert told == sorted({*expected["SAR"], *expected["UC"]})
    assert all(assumption["text"] for assumption in document["assumptions"])


# --- the page, the document, the command


@pytest.mark.parametrize("name", SHOWN)
def test_the_page_is_as_reviewed(name: str) -> None:
    """At 80 columns it is the reviewed one, and no line is wider. UPDATE_GOLDEN=1 writes it again."""
    matcher = ASSUMING if name == "short-chart" else MATCHER
    answer = sequenced({"id": name, **SHOWN[name]}, matcher=matcher)
    text = sequence_page(answer, LIBRARY, 80).plain()
    assert max(map(len, text.splitlines())) <= 80
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_no_page_is_left_over() -> None:
    """Every expected page belongs to one that is shown."""
    assert {path.stem for path in GOLDEN.iterdir()} == SHOWN.keys()


@pytest.mark.parametrize("width", [50, 60, 80, 120])
def test_columns_that_do_not_fit_stand_below(width: int) -> None:
    """However narrow the page, no line is wider, and every trial has its column."""
    text = sequence_page(sequenced(EXAMPLES["several-trials"]), LIBRARY, width).plain()
    assert max(map(len, text.splitlines())) <= width
    lines = text.splitlines()
    heads = [lines[i].split() for i, line in enumerate(lines[1:]) if line.startswith("today ")]
    assert [code for line in heads for code in line] == list(LIBRARY.trials)


@drawn(10)
@given(st.one_of(strategies.records(LIBRARY), strategies.contradictory_records(LIBRARY)))
def test_any_page_fits_and_any_document_is_valid(record: Json) -> None:
    """No line is wider than the page, and the JSON is one line that fits its schema; the same record gives the same bytes."""
    answer = sequenced(record)
    assert max(map(len, sequence_page(answer, LIBRARY, 80).plain().splitlines())) <= 80
    text = json_text(answer)
    assert "\n" not in text
    assert text == json_text(sequenced(record))
    jsonschema.validate(json.loads(text), schema("sequence", LIBRARY))


def test_the_document_says_what_is_on_the_page() -> None:
    """Today, a row for each trial, what the trial's file says, orders, last chances and what opens."""
    document = answer_document(sequenced(NEW))
    assert document["today"]["record"]["status"] == "consistent"
    (entry,) = [entry for entry in document["entries"] if entry["code"] == "K017"]
    assert entry["enrolment"]["forgets"] == list(FORGOTTEN["K017"])
    assert {door["code"] for door in entry["after"]["trials"] if door["changed"]} == {
        *("K001", "RO", "SAR", "UC")
    }
    assert document["opened"] == [{"code": code, "after": ["K017"]} for code in ("K001", "RO", "SAR", "UC")]
    assert document["orders"] is not None
    assert document["orders"]["length"] == 5
    assert [["SAR.E6"], ["SAR.E9"]] in [last["conflicts"] for last in document["last_chances"]]


def run(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: str
) -> tuple[int, str, str]:
    """The exit code and what the command prints, at 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr("sys.argv", ["match", "sequence", *arguments])
    code = cli.main()
    return code, *capfd.readouterr()


def test_the_command_answers(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The page stands above the usual last line; JSON is the same answer; the trials are those that are asked for."""
    path = ROOT / "examples" / "several-trials.json"
    answer = sequence.sequence(MATCHER, read_record(path, LIBRARY), ["UC", "SAR"])
    options = (str(path), "--trials", "UC,SAR")
    code, out, err = run(capfd, monkeypatch, *options, "--full")
    assert (code, err) == (0, "")
    assert out.startswith(sequence_page(answer, LIBRARY, 80).plain())
    assert out.endswith("\nDecision support only: a clinician must review the basis of every answer.\n")
    assert run(capfd, monkeypatch, *options, "--format", "json") == (
        0,
        json_text(answer) + "\n",
        "",
    )


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("nothing.json",), "error: nothing.json: does not exist: check the path\n"),
        ((), "error: missing argument 'PATIENT.json' (see match sequence --help)\n"),
        (("x.json", "--trials", "SRA"), "error: --trials: 'SRA' is not a known trial; did you mean 'SAR'?\n"),
    ],
)
def test_a_wrong_command_is_an_error(
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    expected: str,
) -> None:
    """One line on standard error, exit code 2, and nothing on standard output."""
    assert run(capfd, monkeypatch, *arguments) == (2, "", expected)


def test_a_contradictory_record_gets_no_matrix() -> None:
    """The contradictions stand in its place, and every verdict is withheld."""
    answer = sequenced(EXAMPLES["contradictory"])
    assert answer.entries == ()
    assert {door.verdict for door in answer.today.doors} == {"withheld"}
    text = sequence_page(answer, LIBRARY, 80).plain()
    assert "THE RECORD CONTRADICTS ITSELF" in text
    assert "Orders" not in text


def test_the_effects_are_those_of_the_files() -> None:
    """What is written here by hand is what the files say."""
    for code, trial in LIBRARY.trials.items():
        assert trial.enrolment.outdates == OUTDATED[code]
        assert trial.enrolment.forgets == FORGOTTEN.get(code, ())
        assert trial.enrolment.after == {
            **dict.fromkeys(AFTER[code], frozenset({True})),
            "disease_status": frozenset(TREATED),
        }
        assert trial.enrolment.during.keys() == DURING.keys()


def test_facts_that_agree_have_one_number_and_are_looked_at_once() -> None:
    """What is said of a variable is told apart by its domain and values; however many there are, a fact is hashed once."""
    hashed = 0

    class Counted(Fraction):
        def __hash__(self) -> int:
            nonlocal hashed
            hashed += 1
            return super().__hash__()

    numbers, days = sequence._Numbers(), point(1, whole=True)
    one, same, other = (
        Fact("a", days, text, (Counted(1), Counted(value))) for text, value in (("x", 2), ("y", 2), ("z", 3))
    )
    first = [numbers.of("a", each) for each in (one, same, other)]
    assert first[0] == first[1] != first[2]
    assert numbers.of("b", one) not in first
    before = hashed
    assert [numbers.of("a", each) for each in (one, same, other)] == first
    assert hashed == before
