"""The worked cases, every clause met, broken and unknown, and every limit: answers labelled by hand from the clinical reading."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from solver.library.concepts.implied import SOURCE
from solver.library.models import Library
from solver.matcher import Matcher
from tests.support.records import worked
from tests.support.records.labelled import (
    check_broken,
    check_case,
    check_met,
    check_open,
    check_trial,
    labelled_days,
    lists,
    match,
    variants,
)
from tests.support.records.matchers import verdicts_of
from tests.support.records.worked import Json

WORKED = worked.labelled_cases()
TRIPLES = [
    triple for trial in ("ro", "sar", "uc", "ziftomenib") for triple in worked.load(f"triples-{trial}")
]
BOUNDARIES = worked.load("boundaries") + worked.load("under-readings")


@pytest.mark.parametrize("case", WORKED, ids=lambda case: case["id"])
def test_a_worked_case_has_the_labelled_answer(case: Json, library: Library) -> None:
    """Verdict, conflicts, deciding sets, contradictions, cohorts and the other reading are those of the label."""
    check_case(case, library)


@pytest.mark.parametrize("case", worked.load("readings"), ids=lambda case: case["id"])
def test_a_switched_reading_gives_the_alternative_and_shows_the_default(case: Json, library: Library) -> None:
    """With the other reading in the context the alternative is the verdict, and the default is shown beside it."""
    ((code, expected),) = case["expected"].items()
    name = expected["reading"]
    secondary = name == "AMB-K017-2"
    chosen = {"secondary_sources": True} if secondary else {"readings": [name]}
    context = {**case.get("context", {}), **chosen}
    answer = match({**worked.case_record(case), "context": context}, library, [code])
    check_trial(
        answer.trials[0],
        {**expected["alternative"], "reading": name, "alternative": {**expected, "alternative": None}},
    )


def test_every_second_reading_has_a_case(library: Library) -> None:
    """Each ambiguity that can be switched is shown by a patient on whom it matters."""
    switches = {reading.id for reading in library.switches()} | {"AMB-K017-2"}
    assert {case["id"] for case in worked.load("readings")} == switches


@pytest.mark.parametrize(("case", "code", "first"), labelled_days())
def test_waiting_makes_the_patient_eligible_on_the_labelled_day_and_not_before(
    case: Json, code: str, first: str | None, library: Library
) -> None:
    """With nothing but time passing the first eligible day is the labelled one; with null there is none within seven years."""
    record, matcher = worked.case_record(case), Matcher(library)
    start = date.fromisoformat(record["as_of"])

    def verdict(day: date) -> str:
        read = worked.read({**record, "as_of": day.isoformat()}, library)
        return verdicts_of(matcher, read, [code])[code]

    if first is None:
        assert "eligible" not in {verdict(start + timedelta(days=day)) for day in range(0, 7 * 365, 15)}
    else:
        wait = (date.fromisoformat(first) - start).days
        assert wait > 0
        assert [verdict(start + timedelta(days=day)) for day in range(wait + 1)] == [
            *["ineligible"] * wait,
            "eligible",
        ]


THEORY = worked.load("theory")
IMPLIED = {"B05", "B06", "B07", "B08", "B09", "B10", "B11", "B16", "B27"}
IMPLIED |= {entry["axiom"] for entry in THEORY if entry["axiom"].startswith(("DRUG-", "CLOSED-"))}


def theory_records(kind: str) -> list[object]:
    """A parameter for each variant of one kind, with the record."""
    return [
        pytest.param(
            variant,
            worked.changed(
                worked.patient(variant.get("patient", entry.get("patient", "relapsed-man"))), variant
            ),
            id=f"{entry['axiom'].replace(' ', '-')}-{index}",
        )
        for entry in THEORY
        for index, variant in enumerate(entry.get(kind, ()), 1)
    ]


@pytest.mark.parametrize(("variant", "record"), theory_records("contradicts"))
def test_facts_that_contradict_an_axiom_are_named(variant: Json, record: Json, library: Library) -> None:
    """Every minimal set of contradicting facts is told, and every verdict is withheld."""
    answer = match(record, library)
    assert lists(answer.contradictions) == variant["facts"]
    assert answer.contradictions_complete
    assert {trial.verdict for trial in answer.trials} == {"withheld"}


@pytest.mark.parametrize(("variant", "record"), theory_records("agrees"))
def test_facts_that_no_axiom_excludes_are_consistent(variant: Json, record: Json, library: Library) -> None:
    """What the theory does not speak of is not held against a record."""
    answer = match(record, library)
    assert answer.consistent
    assert "withheld" not in {trial.verdict for trial in answer.trials}


def test_every_axiom_has_its_cases(library: Library) -> None:
    """Each axiom that recorded facts can contradict is shown; the others say what follows for facts that are not recorded."""
    deduced = {"B01", "QTCF"}
    shown = {entry["axiom"] for entry in THEORY if "contradicts" in entry} - {"past events"}
    # what the clinical reading says beside these the tree of concepts implies
    assert shown - IMPLIED == {axiom.id for axiom in library.axioms if axiom.source != SOURCE} - deduced


@pytest.mark.parametrize(("clause", "variant", "record"), variants(TRIPLES + BOUNDARIES, "met"))
def test_a_clause_that_is_met_leaves_the_patient_eligible(
    clause: str, variant: Json, record: Json, library: Library
) -> None:
    """The patient satisfies the clause, and every other one, so that the trial takes her; or a cohort `elsewhere` does not ask for it."""
    check_met(clause, variant, record, library)


@pytest.mark.parametrize(("clause", "variant", "record"), variants(TRIPLES + BOUNDARIES, "broken"))
def test_a_clause_that_is_broken_is_the_only_conflict(
    clause: str, variant: Json, record: Json, library: Library
) -> None:
    """The patient breaks this clause alone, so it is the one conflict, but for the declared exceptions."""
    check_broken(clause, variant, record, library)


@pytest.mark.parametrize(("clause", "variant", "record"), variants(TRIPLES + BOUNDARIES, "unknown"))
def test_a_clause_that_is_open_names_what_would_decide_it(
    clause: str, variant: Json, record: Json, library: Library
) -> None:
    """Without the fact the patient is undetermined, never eligible, and the deciding sets are exactly those labelled."""
    check_open(clause, variant, record, library)


def test_every_clause_has_its_triple(library: Library) -> None:
    """Each clause is shown met, broken and unknown; only a clause about the state of the trial is never unknown."""
    shown = [triple["clause"] for triple in TRIPLES]
    assert shown == list(dict.fromkeys(shown))
    assert set(shown) == {clause.id for trial in library.trials.values() for clause in trial.clauses}
    for triple in TRIPLES:
        assert triple["met"]
        assert triple["broken"]
        assert ("unknown" in triple) is not triple.get("state", False)


def test_the_library_holds_what_the_clinical_reading_counts(library: Library) -> None:
    """97 tracked clauses and 2 secondary ones over 160 variables, none of them opaque."""
    tracked = {
        code: sum(not clause.secondary for clause in trial.clauses) for code, trial in library.trials.items()
    }
    secondary = {
        code: sum(bool(clause.secondary) for clause in trial.clauses)
        for code, trial in library.trials.items()
    }
    assert tracked == {"RO": 30, "SAR": 38, "UC": 18, "K001": 3, "ZPED": 4, "K017": 4}
    assert sum(tracked.values()) == 97
    assert {code: count for code, count in secondary.items() if count} == {"K017": 2}
    assert len(library.variables) == 160
    assert not [clause.id for trial in library.trials.values() for clause in trial.clauses if clause.opaque]
