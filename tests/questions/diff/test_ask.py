"""`match diff`: amendments with known answers, against a count by hand or by enumeration; and what the command prints."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import cli
from solver.engine.problem import pose
from solver.library.files.yaml_places import parse_document
from solver.library.load import default_encodings
from solver.library.models import Trial
from solver.library.trial_files import compile_trial
from solver.matcher import Matcher
from solver.patient.readers.native.read import read_record
from solver.patient.write import record_document
from solver.questions.diff.admission import Everyone
from solver.questions.diff.answer import Comparison, OneWay
from solver.questions.diff.ask import compare
from solver.questions.diff.page import diff_page
from solver.questions.schema.ask import schema
from solver.report.json import document
from solver.smt.session import Budget
from tests.support.drawing.drawn import drawn
from tests.support.libraries.shipped import LIBRARY
from tests.support.records.matchers import decisions_of
from tests.support.twins import naive
from tests.support.twins.invented import DAYS, compile_world, holds_of_someone, worlds
from tests.support.twins.naive import TooLargeError, Twin, World

GOLDEN = Path(__file__).parent / "golden"

BASE = {
    "I1": "age >= 18",
    "I2": "ecog <= 1",
    "I3": "serum_creatinine <= 1.5 mg/dL",
    "I4": "days_between(immunosuppression_stop_date, first_dose) >= 28",
    "E1": "not prior_car_t",
    "E2": "not (pregnant or breastfeeding)",
}
"""The trial before every amendment."""


def trial(clauses: Mapping[str, Any], *, cohorts: tuple[str, ...] = ("ALL",), **changes: Any) -> Trial:
    """An invented trial in the words of the shipped vocabulary; a clause is what it requires, or all of its keys."""
    return compile_trial(parse_document(trial_text(clauses, cohorts, **changes), "trial.yaml"), LIBRARY)


def trial_text(clauses: Mapping[str, Any], cohorts: tuple[str, ...] = ("ALL",), **changes: Any) -> str:
    """The file of such a trial."""
    file = {
        "trial": "NCT00000001",
        "code": "T",
        "title": "An invented trial",
        "intervention": "nothing",
        "recruitment": "recruiting",
        "criteria": "full",
        "sources": [{"id": "S", "text": "invented"}],
        "cohorts": {name: {"label": f"Part {name}"} for name in cohorts},
        "clauses": [
            {"id": name, "label": f"Clause {name}", "source": name, "class": "objective", "changes": "test"}
            | ({"require": given_} if isinstance(given_, str) else given_)
            for name, given_ in clauses.items()
        ],
        **changes,
    }
    return json.dumps(file)


def verdicts(found: Comparison, document: Mapping[str, Any], cohort: str | None) -> list[str]:
    """How a record is judged by each of the two trials, or a cohort of them."""
    answers: list[str] = []
    for each in (found.first, found.second):
        library = LIBRARY.with_trial(each)
        record = read_record(json.dumps(document), library)
        decision = decisions_of(Matcher(library), record, [each.code])[each.code]
        assert decision is not None
        answers.append(decision.cohorts[cohort] if cohort else decision.verdict)
    return answers


def replayed(found: Comparison) -> None:
    """Every witness is matched as it should be, against both trials, and there is one wherever there is somebody."""
    pairings = [(found.pairing, None), *((c.pairing, c.cohort) for c in found.cohorts if c.pairing)]
    for pairing, cohort in pairings:
        for direction, expected in (
            (pairing.lost, ["eligible", "ineligible"]),
            (pairing.gained, ["ineligible", "eligible"]),
        ):
            assert (direction.witness is not None) is bool(direction.exists)
            if direction.witness is not None:
                document = record_document(direction.witness.record, LIBRARY)
                assert verdicts(found, document, cohort) == expected


def told(found: OneWay) -> list[list[str]]:
    """The responsible clauses, without the trial's code."""
    assert found.responsible_complete
    return [[name.removeprefix("T.") for name in subset] for subset in found.responsible]


@dataclass(frozen=True)
class Known:
    """An amendment: what becomes of the clauses, and the answer."""

    clauses: Mapping[str, Any]
    relation: str
    lost: tuple[tuple[str, ...], ...] = ()
    gained: tuple[tuple[str, ...], ...] = ()
    changed: Mapping[str, tuple[str, str]] = ()  # type: ignore[assignment]
    ranges: tuple[str, ...] = ()


AMENDMENTS = {
    "nothing": Known({}, "equivalent"),
    "threshold-tightened": Known(
        {"I2": "ecog <= 0"}, "stricter", (("I2",),), (), {"I2": ("changed", "stricter")}
    ),
    "threshold-loosened": Known({"I2": "ecog <= 2"}, "looser", (), (("I2",),), {"I2": ("changed", "looser")}),
    "strict-bound": Known({"I2": "ecog < 2"}, "equivalent", changed={"I2": ("reworded", "equivalent")}),
    "clause-added": Known(
        {"E3": "not active_hbv"}, "stricter", (("E3",),), (), {"E3": ("added", "stricter")}
    ),
    "clause-removed": Known({"E1": None}, "looser", (), (("E1",),), {"E1": ("removed", "looser")}),
    "reworded": Known(
        {"E2": "not pregnant and not breastfeeding"}, "equivalent", changed={"E2": ("reworded", "equivalent")}
    ),
    "and-for-or": Known(
        {"E2": "not (pregnant and breastfeeding)"}, "looser", (), (("E2",),), {"E2": ("changed", "looser")}
    ),
    "exclusion-flipped": Known(
        {"E1": "prior_car_t"}, "incomparable", (("E1",),), (("E1",),), {"E1": ("changed", "incomparable")}
    ),
    "unit-rewritten": Known(
        {"I3": "serum_creatinine <= 132.6 umol/L"}, "equivalent", changed={"I3": ("reworded", "equivalent")}
    ),
    "unit-rounded": Known(
        {"I3": "serum_creatinine <= 133 umol/L"}, "looser", (), (("I3",),), {"I3": ("changed", "looser")}
    ),
    "unit-slip": Known(
        {"I3": "serum_creatinine <= 1.5 umol/L"}, "stricter", (("I3",),), (), {"I3": ("changed", "stricter")}
    ),
    "two-directions": Known(
        {"I1": "age >= 12", "I2": "ecog == 0"},
        "incomparable",
        (("I2",),),
        (("I1",),),
        {"I1": ("changed", "looser"), "I2": ("changed", "stricter")},
    ),
    "two-clauses-tightened": Known(
        {"I1": "age >= 21", "I2": "ecog == 0"},
        "stricter",
        (("I1", "I2"),),
        (),
        {"I1": ("changed", "stricter"), "I2": ("changed", "stricter")},
    ),
    "implied-by-the-theory": Known(
        {"E3": "not prior_cd123_car"}, "equivalent", changed={"E3": ("added", "stricter")}
    ),
    "moved-to-another-clause": Known(
        {"I1": "age >= 18 and ecog <= 1", "I2": None},
        "equivalent",
        changed={"I1": ("changed", "stricter"), "I2": ("removed", "looser")},
    ),
    "vacuous": Known({"E3": "age >= 0"}, "equivalent", changed={"E3": ("added", "equivalent")}),
    "plausible-only": Known(
        {"E3": "weight <= 250 kg"},
        "equivalent",
        changed={"E3": ("added", "equivalent")},
        ranges=("plausible:weight",),
    ),
    "another-anchor": Known(
        {"I4": "days_between(immunosuppression_stop_date, as_of) >= 28"},
        "stricter",
        (("I4",),),
        (),
        {"I4": ("changed", "stricter")},
    ),
    "calendar": Known(
        {"I4": "immunosuppression_stop_date + 28 d <= first_dose"},
        "equivalent",
        changed={"I4": ("reworded", "equivalent")},
    ),
    "an-exception": Known(
        {"E1": {"require": "not prior_car_t", "unless": "ecog == 0"}},
        "looser",
        (),
        (("E1",),),
        {"E1": ("changed", "looser")},
    ),
    "a-dead-exception": Known(
        {"E1": {"require": "not prior_car_t", "unless": "prior_cd123_car and not prior_cellular_therapy"}},
        "equivalent",
        changed={"E1": ("reworded", "equivalent")},
    ),
}


@cache
def pair_of(name: str) -> tuple[Trial, Trial]:
    """A trial and its amendment."""
    clauses = {key: value for key, value in {**BASE, **AMENDMENTS[name].clauses}.items() if value is not None}
    return trial(BASE), trial(clauses)


@cache
def comparison_of(name: str) -> Comparison:
    """The comparison of a trial with its amendment."""
    return compare(LIBRARY, *pair_of(name))


@pytest.mark.parametrize("name", AMENDMENTS)
def test_an_amendment_has_its_known_answer(name: str) -> None:
    """Relation, responsible clauses, what became of each clause, and the ranges of the proof are those worked out by hand."""
    known, found = AMENDMENTS[name], comparison_of(name)
    assert found.pairing.relation == known.relation
    assert told(found.pairing.lost) == [list(subset) for subset in known.lost]
    assert told(found.pairing.gained) == [list(subset) for subset in known.gained]
    changed = {c.clause: (c.change, c.relation) for c in found.clauses if c.change != "unchanged"}
    assert changed == dict(known.changed)
    assert {*found.pairing.lost.ranges, *found.pairing.gained.ranges} == {*known.ranges}
    assert found.differs is (known.relation != "equivalent")
    replayed(found)


@pytest.mark.parametrize("name", AMENDMENTS)
def test_the_way_back_is_the_other_way_round(name: str) -> None:
    """What is stricter one way is looser the other way, with the same clauses and witnesses."""
    there, back = comparison_of(name), compare(LIBRARY, *reversed(pair_of(name)))
    assert (back.pairing.lost, back.pairing.gained) == (there.pairing.gained, there.pairing.lost)


def test_a_later_first_dose_is_thought_of() -> None:
    """Where only a patient with a planned first dose tells two versions apart, the witness has one."""
    found = compare(LIBRARY, trial(BASE), trial({**BASE, **AMENDMENTS["another-anchor"].clauses}))
    witness = found.pairing.lost.witness
    assert witness is not None
    assert "planned_c1d1_date" in witness.record.facts
    tightened = compare(LIBRARY, trial(BASE), trial({**BASE, "I2": "ecog <= 0"})).pairing.lost.witness
    assert tightened is not None
    assert "planned_c1d1_date" not in tightened.record.facts


def test_a_witness_has_few_facts_and_round_numbers() -> None:
    """One fact for each clause that needs one, between the thresholds, with few digits; and what is failed is what changed."""
    witness = compare(
        LIBRARY, trial(BASE), trial({**BASE, "I3": "serum_creatinine <= 1.2 mg/dL"})
    ).pairing.lost.witness
    assert witness is not None
    written = record_document(witness.record, LIBRARY)
    assert written["as_of"] == "2026-01-01"
    assert written["facts"] == {
        "ecog": 0,
        "serum_creatinine": {"value": 1.4, "unit": "mg/dL"},
        "immunosuppression_stop_date": "2025-01-01",
        "prior_car_t": False,
        "birth_date": "1966-01-01",
        "pregnant": False,
        "breastfeeding": False,
    }
    assert witness.failed == {"ALL": ("T.I3",)}


def test_a_witness_may_lie_exactly_on_a_boundary() -> None:
    """Where two versions differ on a derived quantity at one value alone, the measured values give exactly that."""
    before, after = (trial({"I1": f"creatinine_clearance {limit} mL/min"}) for limit in (">= 50", "> 50"))
    found = compare(LIBRARY, before, after)
    witness = found.pairing.lost.witness
    assert witness is not None
    facts = witness.record.facts
    assert facts["sex"].text == "M"
    assert (facts["birth_date"].text, facts["serum_creatinine"].text, facts["weight"].text) == (
        "1966-01-01",
        "2 mg/dL",
        "90 kg",
    )
    replayed(found)


def test_no_fact_of_a_witness_can_be_left_out() -> None:
    """Without any one of them, one of the two verdicts is open."""
    pair = trial(BASE), trial({**BASE, "I2": "ecog <= 0"})
    witness = compare(LIBRARY, *pair).pairing.lost.witness
    assert witness is not None
    matchers = [Matcher(LIBRARY.with_trial(each)) for each in pair]
    for name in witness.record.facts:
        facts = {other: fact for other, fact in witness.record.facts.items() if other != name}
        fewer = replace(witness.record, facts=facts)
        verdicts = [matcher.match(fewer, ["T"]).trials[0].verdict for matcher in matchers]
        assert verdicts != ["eligible", "ineligible"]


PARTS = {"A": "age >= 18", "B": "age < 18"}
COHORTS: dict[str, Any] = {"I1": {"cohorts": PARTS}, "I2": "ecog <= 1"}


def test_a_cohort_added_is_named() -> None:
    """A part that only the second has is told, and what the whole admits besides; the other parts are as they were."""
    amended = {
        "I1": {"cohorts": {**PARTS, "C": "age >= 60"}},
        "I2": {"cohorts": ["A", "B"], "require": "ecog <= 1"},
    }
    found = compare(LIBRARY, trial(COHORTS, cohorts=("A", "B")), trial(amended, cohorts=("A", "B", "C")))
    assert found.pairing.relation == "looser"
    assert told(found.pairing.gained) == [["I2"]]
    assert [(c.cohort, c.version, c.pairing and c.pairing.relation) for c in found.cohorts] == [
        ("A", "both", "equivalent"),
        ("B", "both", "equivalent"),
        ("C", "second", None),
    ]
    assert found.differs
    assert {c.clause: c.change for c in found.clauses} == {"I1": "unchanged", "I2": "unchanged"}
    replayed(found)


def test_patients_may_move_between_cohorts() -> None:
    """Trials that admit the same patients, to other parts, are equivalent as a whole and differ in the parts."""
    other = {**COHORTS, "I1": {"cohorts": {"A": "age >= 16", "B": "age < 16"}}}
    found = compare(LIBRARY, *(trial(clauses, cohorts=("A", "B")) for clauses in (COHORTS, other)))
    assert found.pairing.relation == "equivalent"
    assert [c.pairing and c.pairing.relation for c in found.cohorts] == ["looser", "stricter"]
    assert found.differs
    replayed(found)


def test_several_sets_of_clauses_may_be_responsible() -> None:
    """Where a patient may enter one part or the other, either could be opened up."""
    clauses = {"I1": {"cohorts": {"A": "ecog <= 0"}}, "I2": {"cohorts": {"B": "not prior_car_t"}}}
    found = compare(LIBRARY, trial({"I0": "ecog <= 4"}), trial(clauses, cohorts=("A", "B")))
    assert told(found.pairing.lost) == [["I1"], ["I2"]]


def test_a_second_reading_is_compared() -> None:
    """An amendment of a second reading alone shows under that reading; and the readings of a trial may be the difference."""

    def read(age: int) -> Trial:
        clause = {"require": "age >= 18", "readings": {"AMB-T-1": {"require": f"age >= {age}"}}}
        readings: Any = [{"id": "AMB-T-1", "text": "Adults may be meant.", "switch": True}]
        return trial({**BASE, "I1": clause}, readings=readings)

    found = compare(LIBRARY, read(16), read(17))
    assert (found.pairing.relation, found.readings, found.differs) == (
        "equivalent",
        (("AMB-T-1", "stricter"),),
        True,
    )
    assert [c.change for c in found.clauses if c.clause == "I1"] == ["reworded"]
    assert compare(LIBRARY, read(16), read(16)).readings == ()


def test_words_are_told_apart_from_logic() -> None:
    """What changes no verdict is listed as such, and makes no difference."""
    before = trial(BASE)
    after = trial(
        {**BASE, "I2": {"require": "ecog <= 1", "label": "Fit"}},
        title="Another title",
        recruitment="completed",
        enrolment={"after": {"prior_anti_cd123": True}},
    )
    found = compare(LIBRARY, before, after)
    assert not found.differs
    assert [(e.where, e.before, e.after) for e in found.edits] == [
        ("title", "An invented trial", "Another title"),
        ("recruitment", "recruiting", "completed"),
        ("enrolment", "", "after prior_anti_cd123=True"),
        ("I2 label", "Clause I2", "Fit"),
    ]


MONTHS = {
    "months-for-days": (
        "as_of >= last_hsct_date + 3 mo",
        "days_between(last_hsct_date, as_of) >= 92",
        "stricter",
    ),
    "fewest-days": ("as_of >= last_hsct_date + 3 mo", "days_between(last_hsct_date, as_of) >= 89", "looser"),
    "as-many-months": ("as_of >= last_hsct_date + 12 mo", "as_of >= last_hsct_date + 1 a", "equivalent"),
    "leap-day-birthdays": ("age >= 18", "birth_date + 18 a <= as_of", "looser"),
}
"""A clause before and after, of which other days than the reference day may tell more."""


@pytest.mark.parametrize("name", MONTHS)
def test_months_are_counted_on_other_days_as_well(name: str) -> None:
    """Where clauses that differ count months, a day that tells them apart is found, unless the day is given."""
    before, after, relation = MONTHS[name]
    pair = trial({"I1": before}), trial({"I1": after})
    found = compare(LIBRARY, *pair)
    assert found.pairing.relation == relation
    assert [(c.change != "reworded", c.relation) for c in found.clauses] == [(found.differs, relation)]
    replayed(found)
    on_the_day = compare(LIBRARY, *pair, as_of=found.as_of)
    assert on_the_day.pairing.relation == ("looser" if name == "fewest-days" else "equivalent")


def test_two_trials_are_compared_as_a_whole() -> None:
    """Of trials with other codes and numbers no clause is matched with another: their ids mean nothing to each other."""
    other = trial({"I1": "age >= 18", "I2": "ecog <= 2"}, code="U", trial="NCT00000002")
    found = compare(LIBRARY, trial(BASE), other)
    assert (found.pairing.relation, found.clauses, found.edits) == ("looser", (), ())
    replayed(found)


def test_the_day_of_evaluation_can_be_given() -> None:
    """A witness is evaluated on the day that is asked about."""
    day = date(2024, 2, 29).toordinal()
    found = compare(LIBRARY, trial(BASE), trial({**BASE, "I2": "ecog <= 0"}), as_of=day)
    assert found.pairing.lost.witness is not None
    assert found.pairing.lost.witness.record.as_of == day
    replayed(found)


def test_giving_up_is_never_an_answer() -> None:
    """With a budget of one step, what needs the solver is unresolved, and nothing is claimed that a full budget does not show."""
    loose, tight = (
        trial({"I1": f"creatinine_clearance {limit} mL/min", "I2": "age >= 18"})
        for limit in (">= 60", "> 59")
    )
    small = compare(LIBRARY, loose, tight, budget=Budget(steps=1))
    assert (small.pairing.relation, small.differs) == ("unresolved", True)
    assert small.pairing.lost.exists is None
    assert small.clauses[0].relation == "unresolved"
    full = compare(LIBRARY, loose, tight)
    assert full.pairing.relation == "looser"
    # the denominator is positive for everybody, so that no plausible range is needed
    assert full.pairing.lost.ranges == ()


EDITED: dict[str, tuple[str, list[tuple[str, str]], str]] = {
    "SAR": (
        "SAR.E13",
        [("qtcf <= 470 ms", "qtcf <= 450 ms"), ("recruitment: terminated", "recruitment: suspended")],
        "stricter",
    ),
    "UC": ("UC.I0", [("18 <= age <= 65", "18 <= age <= 70")], "looser"),
    "ZPED": ("ZPED.I1", [("age <= 21", "age < 21")], "stricter"),
    "RO": ("RO.I0", [("age >= 18", "age >= 16")], "looser"),
}
"""Copies of the shipped trials with some texts replaced: the clause, and how the copy relates."""


def edited(code: str, changes: list[tuple[str, str]]) -> Trial:
    """A shipped trial with texts of its file replaced."""
    text = (default_encodings() / "trials" / f"{code.lower()}.yaml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return compile_trial(parse_document(text, f"{code}.yaml"), LIBRARY)


@cache
def with_edits(code: str) -> Comparison:
    """A shipped trial and its edited copy."""
    return compare(LIBRARY, LIBRARY.trials[code], edited(code, EDITED[code][1]))


@pytest.mark.parametrize("code", EDITED)
def test_an_edited_copy_of_a_shipped_trial(code: str) -> None:
    """The one clause that was edited is responsible, is the only one that changed, and the witness fails it and no other in its cohort."""
    clause, _, relation = EDITED[code]
    found = with_edits(code)
    assert found.pairing.relation == relation
    direction = found.pairing.lost if relation == "stricter" else found.pairing.gained
    assert direction.responsible == ((clause,),)
    assert [c.clause for c in found.clauses if c.change != "unchanged"] == [clause.partition(".")[2]]
    assert direction.witness is not None
    assert (clause,) in direction.witness.failed.values()
    replayed(found)


@pytest.mark.parametrize("code", LIBRARY.trials)
def test_a_trial_is_equivalent_to_itself(code: str) -> None:
    """A copy of a shipped trial differs in nothing, without any plausible range."""
    found = compare(LIBRARY, LIBRARY.trials[code], edited(code, []))
    assert not found.differs
    assert found.edits == ()
    assert {c.change for c in found.clauses} == {"unchanged"}


# --- against the naive twin


def admitted(trial_: naive.Trial, at: Mapping[str, Any], without: frozenset[str] = frozenset()) -> bool:
    """Whether a trial, without some of its clauses, takes a completion."""
    return any(
        all(
            clause.holds({**at, "cohort_open": True}, cohort)
            for clause in trial_.clauses
            if cohort in clause.binds(trial_.cohorts) and f"{trial_.code}.{clause.id}" not in without
        )
        for cohort in trial_.cohorts
    )


@given(st.data())
@drawn(40)
def test_relations_in_invented_worlds(data: st.DataObject) -> None:
    """Relation and responsible sets are those that counting finds, for unrelated trials and for a trial with clauses changed."""
    world: World = data.draw(worlds())
    as_of: date = data.draw(st.sampled_from(DAYS))
    first = world.trials[0]
    clauses = list(first.clauses)
    if data.draw(st.booleans()):
        clauses.pop(data.draw(st.integers(0, len(clauses) - 1)))
    else:
        clauses = [*clauses, *data.draw(st.permutations(world.trials[-1].clauses))[:1]]
        names = [f"I{i}" for i in range(1, len(clauses) + 1)]
        clauses = [replace(c, id=n) for c, n in zip(clauses, names, strict=True) if c.binds(first.cohorts)]
    known = {*first.cohorts}
    assume(all(known >= {*(c.cohorts or ()), *(c.by_cohort or {})} for c in clauses))
    # a trial needs a clause, and so does each of its cohorts
    assume(known == {cohort for clause in clauses for cohort in clause.binds(first.cohorts)})
    second = replace(first, code="T9", nct="NCT00000009", clauses=tuple(clauses))
    world = replace(world, trials=(first, second))
    later = {
        name: naive.Fact({"min": as_of.isoformat()}, low=as_of)
        for name, variable in world.variables.items()
        if variable.absent
    }
    twin = Twin(world, naive.Patient(as_of, later))
    both = replace(first, clauses=(*first.clauses, *second.clauses))
    try:
        assume(holds_of_someone(world, as_of) and twin.settled)
        points = twin.points(both, twin.ranges)
    except TooLargeError:
        assume(False)
    library = compile_world(world)
    found = compare(library, library.trials[first.code], library.trials["T9"], as_of=as_of.toordinal())
    for direction, (one, other) in (
        (found.pairing.lost, (first, second)),
        (found.pairing.gained, (second, first)),
    ):
        mine = [at for at in points if admitted(one, at)]
        assert direction.exists is any(not admitted(other, at) for at in mine)
        if direction.exists:
            ids = [f"{other.code}.{clause.id}" for clause in other.clauses]
            sets = naive.minimal(ids, lambda gone: all(admitted(other, at, gone) for at in mine))  # noqa: B023
            assert direction.responsible == sets
            assert direction.witness is not None


@pytest.mark.parametrize(
    ("impossible", "ranges"),
    [
        ("weight > 250 kg and age > 110", [("plausible:weight",), ("plausible:birth_date",)]),
        ("age > 110", [("plausible:birth_date",)]),
    ],
)
def test_ranges_named_are_needed(impossible: str, ranges: list[tuple[str, ...]]) -> None:
    """Under the named assumptions there is nobody, and under fewer there is somebody; it is the range of what the goal speaks of."""
    everyone = Everyone(LIBRARY, date(2026, 1, 1).toordinal())
    clause = trial({"I1": impossible}).clauses[0].conditions["ALL"]
    assert everyone.ranges_needed([[clause]]) in ranges
    problem = pose(LIBRARY, everyone.starts[0], ranges=False)
    assert problem.oracle.possible([clause]) is not None


# --- the command


def run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *words: str
) -> tuple[int, str, str]:
    """Exit code, output and errors of `match` with these words."""
    monkeypatch.setattr("sys.argv", ["match", *words])
    code = cli.main()
    out, err = capsys.readouterr()
    return code, out, err


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def match(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command."""
    monkeypatch.setenv("COLUMNS", "80")
    return lambda *words: run(capsys, monkeypatch, *words)


SMALL = {
    "I0": "18 <= age <= 65",
    "I1": "disease_status == relapsed",
    "I3": "ecog <= 1",
    "E1": "not prior_car_t",
}
LESS_OLD = {"I0": "18 <= age <= 60", "I3": "ecog <= 2"}
"""What a small trial asks for, and what an amendment makes of it: it shuts some patients out and lets others in."""


@pytest.fixture
def before(tmp_path: Path) -> str:
    """A file of the small trial."""
    file = tmp_path / "before.yaml"
    file.write_text(trial_text(SMALL), encoding="utf-8")
    return str(file)


@pytest.fixture
def amended(tmp_path: Path) -> str:
    """A file of its amendment."""
    file = tmp_path / "amended.yaml"
    file.write_text(trial_text(SMALL | LESS_OLD), encoding="utf-8")
    return str(file)


def test_the_exit_code_is_the_finding(match: Run, before: str, amended: str) -> None:
    """0 for the same patients, 1 for others, 2 for wrong input; a file may stand on either side, beside a code or a number."""
    assert match("diff", "UC", "uc")[0] == 0
    assert match("diff", "K001", amended)[0] == 1
    assert match("diff", amended, LIBRARY.trials["K001"].nct)[0] == 1
    assert match("diff", before, amended)[0] == 1
    assert match("diff", amended, amended)[0] == 0
    for words in (("UC", "UCC"), ("UC", "missing.yaml"), ("UC", "UC,RO"), ("UC", ""), ("UC", os.sep)):
        code, out, err = match("diff", *words)
        assert (code, out) == (2, "")
        assert err.startswith("error: ")
        assert err.count("\n") == 1


def test_a_faulty_file_names_its_places(match: Run, tmp_path: Path) -> None:
    """Each fault of a trial file is a line with file, line and column."""
    text = (default_encodings() / "trials" / "uc.yaml").read_text(encoding="utf-8")
    file = tmp_path / "uc.yaml"
    file.write_text(
        text.replace("ecog <= 1", "ecgo <= 1").replace("18 <= age", "18 kg <= age"), encoding="utf-8"
    )
    code, _, err = match("diff", "UC", str(file))
    assert code == 2
    assert len(err.splitlines()) == 2
    assert all(line.startswith(f"error: {file}:") for line in err.splitlines())


def test_the_json_fits_its_schema(match: Run, before: str, amended: str) -> None:
    """One object that the shipped schema describes, the same on every run; each witness is a record that match reads."""
    code, out, _ = match("diff", before, amended, "--format", "json")
    assert (code, out.count("\n")) == (1, 1)
    found = json.loads(out)
    jsonschema.Draft202012Validator(schema("diff", LIBRARY)).validate(found)
    assert match("diff", before, amended, "--format", "json")[1] == out
    assert (found["relation"], found["lost"]["responsible"], found["gained"]["responsible"]) == (
        "incomparable",
        [["T.I0"]],
        [["T.I3"]],
    )
    for key in ("lost", "gained"):
        assert read_record(json.dumps(found[key]["witness"]["record"]), LIBRARY).id == "witness"
    equivalent = document(compare(LIBRARY, trial(BASE), trial(BASE), files=(None, "b.yaml")))
    jsonschema.Draft202012Validator(schema("diff", LIBRARY)).validate(equivalent)


@cache
def small_amended() -> Comparison:
    """The small trial and its amendment."""
    return compare(LIBRARY, trial(SMALL), trial(SMALL | LESS_OLD))


def patients(tmp_path: Path) -> str:
    """A cohort: a patient for each direction of the amendment, one whom it leaves alone, one of whom nothing is known."""
    records: list[dict[str, Any]] = []
    pairing = small_amended().pairing
    for name, direction in (("lost", pairing.lost), ("gained", pairing.gained)):
        assert direction.witness is not None
        records.append({**record_document(direction.witness.record, LIBRARY), "id": name})
    records.append({**records[0], "id": "same", "facts": {**records[0]["facts"], "birth_date": "1980-01-01"}})
    records.append({"as_of": "2026-01-01", "facts": {}})
    file = tmp_path / "patients.ndjson"
    file.write_text("\n\n".join(map(json.dumps, records)) + "\n", encoding="utf-8")
    return str(file)


def test_a_cohort_says_who_changes(match: Run, before: str, amended: str, tmp_path: Path) -> None:
    """Each patient before and after with the clauses; the counts add up; blank lines do not matter."""
    code, out, err = match("diff", before, amended, "--cohort", patients(tmp_path), "--format", "json")
    found = json.loads(out)
    assert (code, err, found["wrong_lines"]) == (1, "", 0)
    jsonschema.Draft202012Validator(schema("diff", LIBRARY)).validate(found)
    rows = [
        (p["patient"], p["changed"], p["before"]["verdict"], p["after"]["verdict"]) for p in found["patients"]
    ]
    assert rows == [
        ("lost", True, "eligible", "ineligible"),
        ("gained", True, "ineligible", "eligible"),
        ("same", False, "eligible", "eligible"),
        ("patients:7", False, "undetermined", "undetermined"),
    ]
    assert found["patients"][0]["after"]["conflicts"] == [["T.I0"]]
    assert found["patients"][1]["before"]["conflicts"] == [["T.I3"]]
    assert sum(count["count"] for count in found["counts"]) == 4


def test_a_wrong_line_is_reported_and_the_rest_answered(
    match: Run, before: str, amended: str, tmp_path: Path
) -> None:
    """A line that is no record is named by its number on standard error, and the exit code is 2."""
    file = Path(patients(tmp_path))
    file.write_text('{"as_of": 3}\n' + file.read_text(encoding="utf-8") + "{\n", encoding="utf-8")
    code, out, err = match("diff", before, amended, "--cohort", str(file), "--format", "json")
    assert code == 2
    assert [line.partition(": ")[2].partition(": ")[0] for line in err.splitlines()] == [
        f"{file}:1",
        f"{file}:9",
    ]
    assert (len(json.loads(out)["patients"]), json.loads(out)["wrong_lines"]) == (4, 2)
    assert match("diff", before, amended, "--cohort", str(tmp_path / "none"))[0] == 2


def test_a_day_is_given_to_the_cohort_as_well(match: Run, before: str, amended: str, tmp_path: Path) -> None:
    """With --as-of every patient is evaluated on that day, those of the cohort and those who are thought of."""
    words = (
        "diff",
        before,
        amended,
        "--cohort",
        patients(tmp_path),
        "--as-of",
        "2021-03-01",
        "--format",
        "json",
    )
    found = json.loads(match(*words)[1])
    assert found["as_of"] == found["lost"]["witness"]["record"]["as_of"] == "2021-03-01"
    assert {p["patient"]: p["after"]["verdict"] for p in found["patients"]}["lost"] == "eligible"
    code, _, err = match("diff", before, amended, "--as-of", "2021")
    assert (code, err.startswith("error: --as-of: ")) == (2, True)


SHOWN: dict[str, Callable[[], Comparison]] = {
    "equivalent": lambda: compare(LIBRARY, LIBRARY.trials["K017"], edited("K017", [])),
    "amended": lambda: with_edits("SAR"),
    "two-trials": lambda: compare(LIBRARY, LIBRARY.trials["UC"], LIBRARY.trials["K001"]),
    "two-directions": lambda: compare(
        LIBRARY, trial(BASE), trial({**BASE, **AMENDMENTS["two-directions"].clauses})
    ),
    "plausible-only": lambda: compare(LIBRARY, trial(BASE), trial({**BASE, "E3": "weight <= 250 kg"})),
}


@pytest.mark.parametrize("name", SHOWN)
def test_the_page_is_as_reviewed(name: str) -> None:
    """At 80 columns it is the reviewed one, and no line is wider. UPDATE_GOLDEN=1 writes it again."""
    shown = SHOWN[name]()
    shown = replace(shown, second_side=replace(shown.second_side, file="amended.yaml"))
    text = diff_page(shown, LIBRARY, 80).plain()
    assert max(map(len, text.splitlines())) <= 80
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_sets_of_clauses_that_have_changed_stand_first() -> None:
    """Without the clause that is as it was, or without the amended one, everyone is let in again: an author looks for the second."""
    both = ("A", "B")
    before = trial({"J": {"cohorts": {"B": "ecog <= 0"}}, "K": {"cohorts": {"A": "ecog <= 2"}}}, cohorts=both)
    after = trial({"J": {"cohorts": {"B": "ecog <= 0"}}, "K": {"cohorts": {"A": "ecog <= 1"}}}, cohorts=both)
    assert told(compare(LIBRARY, before, after).pairing.lost) == [["K"], ["J"]]


def test_no_page_is_left_over() -> None:
    """Every expected page belongs to one that is shown."""
    assert {path.stem for path in GOLDEN.iterdir()} == SHOWN.keys()
