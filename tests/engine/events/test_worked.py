"""What a record says of events and findings decides what a trial asks of concepts: worked examples of one clause."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from solver import Matcher
from solver.errors import InputError
from solver.library.models import Library
from solver.patient.changes import changed_from
from solver.patient.readers.native.read import read_record
from solver.patient.record import record_digest
from solver.patient.write import record_document
from tests.engine.events.worked_library import AS_OF, library_of
from tests.support.records.matchers import Undated

CLOSED = ["therapies", "conditions", "findings"]


def told(library: Library, facts: dict[str, Any], kind: type[Matcher] = Undated, **more: Any) -> Any:
    """The answer for a record."""
    document = {"id": "p", "as_of": AS_OF, "facts": facts, **more}
    return kind(library).match(read_record(document, library, name="p"))


RITUXIMAB = {"is": "rituximab", "start": "2026-03-01"}
OFF = "not within(anti_cd20, 3 mo)"
HMA = "last_end(hma) + 14 d <= first_dose"
WORKED: list[tuple[dict[str, Any], dict[str, Any], str, str, Any]] = [
    ({"therapies": [{**RITUXIMAB, "end": "2026-08-20"}]}, {}, OFF, "eligible", ()),
    ({"therapies": [RITUXIMAB]}, {}, OFF, "undetermined", (("last_end(anti_cd20)",),)),
    (
        {"therapies": [{**RITUXIMAB, "end": "2026-05-01"}]},
        {"complete": []},
        OFF,
        "undetermined",
        (("last_end(anti_cd20)",),),
    ),
    (
        {"therapies": [{"is": "antibody", "start": "2026-10"}]},
        {},
        "not ever(anti_cd20)",
        "undetermined",
        None,
    ),
    (
        {"therapies": [{"is": "antibody", "start": "2026-10"}]},
        {"never": ["anti_cd20"]},
        "not ever(anti_cd20)",
        "eligible",
        (),
    ),
    ({"therapies": [{"is": "XYZ-123", "start": "2026-10"}]}, {}, "not ever(anti_cd20)", "undetermined", None),
    (
        {"therapies": [{"is": "Kymriah", "start": "2026-10-31"}]},
        {},
        "not within(car_t, 21 d)",
        "ineligible",
        (),
    ),
    ({"therapies": [{"is": "azacitidine", "ongoing": True}]}, {}, HMA, "ineligible", ()),
    ({}, {}, HMA, "eligible", ()),
    (
        {"therapies": [{"is": "azacitidine", "start": "2026-01", "end": "2026-04"}]},
        {},
        "times(hma) <= 1",
        "undetermined",
        (("times(hma)",),),
    ),
    (
        {"conditions": [{"is": "malignancy", "start": "2015"}]},
        {},
        "not ever(malignancy except {basal_cell_carcinoma})",
        "undetermined",
        (("ever(malignancy except {basal_cell_carcinoma})",),),
    ),
    (
        {
            "findings": [
                {"is": "tp53", "present": True, "date": "2024"},
                {"is": "tp53", "present": False, "date": "2026-09"},
            ]
        },
        {},
        "present(tp53)",
        "ineligible",
        (),
    ),
]


@pytest.mark.parametrize(("facts", "more", "clause", "verdict", "sets"), WORKED)
def test_the_worked_table(
    tmp_path: Path, facts: dict[str, Any], more: dict[str, Any], clause: str, verdict: str, sets: Any
) -> None:
    """A record with closed lists, unless it says otherwise, and what follows from it for one clause."""
    trial = told(library_of(tmp_path, clause), facts, **{"complete": CLOSED, **more}).trials[0]
    assert trial.verdict == verdict
    assert sets is None or trial.deciding_sets == sets


def test_an_event_is_over_on_a_day_and_not_while_it_goes_on(tmp_path: Path) -> None:
    """Twenty-one days after a day the window is open; while a drug is taken it never is."""
    cells = library_of(tmp_path / "a", "not within(car_t, 21 d)")
    infused = {"therapies": [{"is": "Kymriah", "start": "2026-10-31"}]}
    found = told(cells, infused, Matcher, complete=CLOSED).trials[0]
    assert found.eligible_from == "2026-11-21"
    taken = told(
        library_of(tmp_path / "b", HMA),
        {"therapies": [{"is": "azacitidine", "ongoing": True}]},
        Matcher,
        complete=CLOSED,
    )
    assert taken.trials[0].eligible_from is None


def test_contradictions_name_entries_and_what_is_said(tmp_path: Path) -> None:
    """An entry, `never` and `complete` stand under the names that the record gives them."""
    library = library_of(tmp_path, "fit")
    denied = told(library, {"therapies": [{"is": "XYZ"}, {"is": "rituximab"}]}, never=["anti_cd20"])
    assert denied.contradictions == (("never:anti_cd20", "therapies[1]"),)
    broader = told(library, {"therapies": [{"is": "antibody"}]}, never=["anti_cd20"])
    assert broader.contradictions == ()
    closed = told(library, {"had_car_t": True}, complete=["therapies"])
    assert closed.contradictions == (("complete:therapies", "had_car_t"),)
    named = told(library, {"drugs": ["Kymriah"], "had_car_t": False})
    assert named.contradictions == (("drugs", "had_car_t"),)
    complete = told(library, {"drugs": ["rituximab"], "had_car_t": True}, complete=["drugs"])
    assert complete.contradictions == (("drugs", "had_car_t"),)


def test_a_date_is_its_term_only_where_there_was_an_event(tmp_path: Path) -> None:
    """A variable that means the last day equals it where something ended, and implies nothing by itself."""
    library = library_of(tmp_path, "cd20_until <= 2026-08-20")
    ended = [{**RITUXIMAB, "end": "2026-08-20"}]
    assert told(library, {"therapies": ended}, complete=CLOSED).trials[0].verdict == "eligible"
    goes_on = [{**RITUXIMAB, "ongoing": True}]
    assert told(library, {"therapies": goes_on}).trials[0].verdict == "ineligible"
    assert told(library, {"cd20_until": "2026-01-01"}, never=["anti_cd20"]).contradictions == ()


def test_a_diagnosis_is_one_concept(tmp_path: Path) -> None:
    """A narrower concept has the broader value, and what is finer than the values is asked for under the variable's name."""
    library = library_of(tmp_path, "disease is AML", "not disease is APL")
    assert told(library, {"disease": "APL"}).trials[0].conflicts == (("T.I1",),)
    assert told(library, {"disease": "ICD10:C92.4"}).trials[0].conflicts == (("T.I1",),)
    assert told(library, {"disease": "MDS"}).trials[0].conflicts == (("T.I0",),)
    finer = told(library, {"disease": "AML"}).trials[0]
    assert finer.deciding_sets == (("disease",),)
    assert [each.require for each in finer.missing] == ["not APL"]


LIMITS = {
    "alt": [
        {"sex": "F", "min_age": 18, "uln": {"value": 34, "unit": "U/L"}},
        {"sex": "M", "uln": {"value": 50, "unit": "U/L"}},
    ]
}


@pytest.mark.parametrize(
    ("facts", "verdict", "sets"),
    [
        ({"alt": {"value": 85, "unit": "U/L", "uln": 34}}, "eligible", ()),
        ({"alt": {"value": 86, "unit": "U/L", "uln": 34}}, "ineligible", ()),
        ({"alt": {"value": 2.5, "unit": "ULN"}}, "eligible", ()),
        ({"alt": {"value": 2.6, "unit": "ULN"}}, "ineligible", ()),
        ({"alt": {"value": 85, "unit": "U/L"}, "sex": "F", "birth": "1980"}, "eligible", ()),
        ({"alt": {"value": 86, "unit": "U/L"}, "sex": "F", "birth": "1980"}, "ineligible", ()),
        ({"alt": {"value": 86, "unit": "U/L"}, "birth": "1980"}, "undetermined", (("sex",), ("uln(alt)",))),
    ],
)
def test_limits_of_normal(tmp_path: Path, facts: dict[str, Any], verdict: str, sets: Any) -> None:
    """A fact's own limit counts, else the first row of the site that fits; without sex the rows stay open."""
    library = library_of(tmp_path, "alt <= 2.5 ULN")
    trial = told(library, facts, context={"reference": LIMITS}).trials[0]
    assert (trial.verdict, trial.deciding_sets) == (verdict, sets)


@pytest.mark.parametrize("limit", [5, 500])
def test_an_implausible_limit_of_a_site_tells_nothing_of_the_patient(tmp_path: Path, limit: int) -> None:
    """A row for women that no limit of normal can be, as far as is known, does not make the patient a man."""
    library = library_of(tmp_path, "sex == M")
    rows = [{"sex": "F", "uln": {"value": limit, "unit": "U/L"}}, {"uln": {"value": 50, "unit": "U/L"}}]
    facts = {"alt": {"value": 60, "unit": "U/L"}}
    answer = told(library, facts, context={"reference": {"alt": rows}})
    assert (answer.trials[0].verdict, answer.trials[0].deciding_sets) == ("undetermined", (("sex",),))


def test_the_latest_results_count(tmp_path: Path) -> None:
    """Of several results those of the latest day on or before the day of evaluation; of one day any of them may be so."""
    library = library_of(tmp_path, "grade <= 2", "measured(grade) + 7 d > as_of")
    dated = [
        {"value": 3, "date": "2026-11-01"},
        {"value": 1, "date": "2026-11-18"},
        {"value": 4, "date": "2026-12-01"},
    ]
    assert told(library, {"grade": dated}).trials[0].verdict == "eligible"
    same_day = [{"value": 3, "date": "2026-11-18"}, {"value": 1, "date": "2026-11-18"}]
    assert told(library, {"grade": same_day}).trials[0].deciding_sets == (("grade",),)


def test_what_if_takes_terms(tmp_path: Path) -> None:
    """A change may give a term a day, `never` or `ongoing`."""
    library = library_of(tmp_path, OFF)
    for value, verdict in (("never", "eligible"), ("ongoing", "ineligible"), ("2026-08-20", "eligible")):
        changed = changed_from({"as_of": AS_OF}, library, [f"last_end( anti_cd20 )={value}"])
        assert Undated(library).match(changed.after).trials[0].verdict == verdict


def test_what_if_forgets_entries(tmp_path: Path) -> None:
    """What a record says of events can be forgotten by the name that answers give it."""
    library = library_of(tmp_path, OFF)
    document = {"as_of": AS_OF, "facts": {"therapies": [RITUXIMAB]}, "complete": [{"of": "therapies"}]}
    changed = changed_from(document, library, ["therapies[0]=unknown", "fit=true"])
    assert [(each.before, each.after) for each in changed.changes] == [
        ("rituximab, from 2026-03-01", None),
        (None, "yes"),
    ]
    assert Undated(library).match(changed.after).trials[0].verdict == "eligible"
    with pytest.raises(InputError, match="can only be forgotten"):
        changed_from(document, library, ["complete:therapies=never"])


def test_a_record_with_events_is_written_and_read_back(tmp_path: Path) -> None:
    """Its document says the same."""
    library = library_of(tmp_path, OFF)
    document = {
        "id": "p",
        "as_of": AS_OF,
        "facts": {
            "therapies": [{**RITUXIMAB, "end": "2026-08", "line": 2, "times": 3}, {"is": "XYZ-123"}],
            "findings": [{"is": "flt3_itd", "present": True, "level": {"value": 0.5, "unit": "1"}}],
            "alt": {"value": 85, "unit": "U/L", "uln": 34},
            "disease": "APL",
        },
        "never": [{"of": "hiv", "source": "letter"}],
        "complete": ["therapies"],
        "context": {"reference": LIMITS},
    }
    record = read_record(document, library, name="p")
    again = read_record(record_document(record, library), library, name="p")
    assert record_digest(again) == record_digest(record)
    assert (again.events, again.findings, again.closures) == (record.events, record.findings, record.closures)


def test_a_trial_is_not_changed_by_what_others_ask(tmp_path: Path) -> None:
    """The answer on a trial is the same with a trial beside it that asks more of the tree."""
    alone = library_of(tmp_path / "a", "not ever(anti_cd20)")
    other = library_of(tmp_path / "b", OFF, "not ever(rituximab)").trials["T"]
    beside = alone.with_trial(
        type(other)(**{**{n: getattr(other, n) for n in other.__slots__}, "code": "U", "nct": "NCT00000002"})
    )
    facts = {"therapies": [{"is": "antibody"}]}
    found = [told(each, facts, complete=CLOSED).trials[0].deciding_sets for each in (alone, beside)]
    assert found[0] == found[1] == (("ever(anti_cd20)",),)
