"""Repairs: what would have to change for an ineligible patient, held against every subset of the facts, and every day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import cache
from math import prod
from typing import Any

import pytest
from hypothesis import assume, given

from solver.engine.answer import Requirement
from solver.engine.clauses import ConditionCache
from solver.engine.consistency import open_record
from solver.engine.decision import Decision, Standings, decide
from solver.engine.problem import Problem
from solver.errors import InputError
from solver.evaluation.evaluate import evaluate
from solver.language.calendar import format_day, parse_day
from solver.language.domain import Interval, Recorded, point
from solver.library.compile import compile_library
from solver.library.files.yaml_places import parse_document
from solver.library.models import Library
from solver.matcher import Matcher
from solver.patient.readers.native.read import read_record
from solver.patient.record import Fact, Record
from solver.questions.explain.page import explanation
from solver.questions.explain.repair import KINDS, movable
from solver.questions.explain.repair_requirements import not_worse
from solver.questions.explain.repair_search import find_repairs
from solver.questions.match.answer import Repair, Repairs
from solver.questions.when.ask import when
from solver.report.json import answer_document
from solver.smt.session import Budget, GaveUp, Session
from tests.support.drawing.drawn import drawn
from tests.support.libraries.shipped import LIBRARY
from tests.support.records import worked
from tests.support.records.matchers import Undated
from tests.support.twins.invented import compile_world, holds_of_someone, settings_of
from tests.support.twins.naive import Patient, Trial, Twin, World, minimal

CASES = {case["id"]: case for name in ("vignettes", "sample", "readings") for case in worked.load(name)}


def case(name: str, **facts: Any) -> Record:
    """A worked case with some facts changed; None leaves one out."""
    record = worked.case_record(CASES[name])
    merged = {**record["facts"], **facts}
    return worked.read(
        {**record, "facts": {key: value for key, value in merged.items() if value is not None}}, LIBRARY
    )


def judged(record: Record, code: str, library: Library = LIBRARY) -> tuple[Problem, Decision]:
    """The problem of a consistent record, and the decision on one trial."""
    posed = open_record(library, record, warned=False)
    assert posed.consistent
    standings = Standings(posed.problem.oracle, ConditionCache())
    return posed.problem, decide(posed.problem, standings, library.trials[code], record.context)


def repairs_of(record: Record, code: str, library: Library = LIBRARY, **how: Any) -> Repairs:
    """The repairs of a trial that is ineligible."""
    found = Undated(library, **how).match(record, [code], repairs=True).trials[0].repairs
    assert found is not None
    return found


def dropped(record: Record, repair: Repair) -> frozenset[str]:
    """The facts that a repair changes."""
    assert {change.variable for change in repair.changes} <= record.facts.keys()
    return frozenset(change.variable for change in repair.changes)


def without(record: Record, names: Iterable[str]) -> Record:
    """The record without some of its facts."""
    left_out = set(names)
    return replace(record, facts={name: fact for name, fact in record.facts.items() if name not in left_out})


def brief(repairs: Repairs) -> list[tuple[tuple[str, ...], str | None]]:
    """The variables of each repair, and the day that it waits for."""
    return [
        (tuple(change.variable for change in repair.changes), repair.wait_until) for repair in repairs.repairs
    ]


@cache
def ineligible() -> tuple[tuple[str, Record, Repairs], ...]:
    """Every worked case with every trial that it is ineligible for; what is alike but for its name comes once."""
    seen = {}
    for entry in CASES.values():
        record = worked.read(worked.case_record(entry), LIBRARY)
        posed = open_record(LIBRARY, record, warned=False)
        if posed.consistent:
            standings = Standings(posed.problem.oracle, ConditionCache())
            for trial in LIBRARY.trials.values():
                decision = decide(posed.problem, standings, trial, record.context)
                if decision.verdict == "ineligible":
                    found = find_repairs(posed, decision)
                    seen.setdefault((trial.code, found), (trial.code, record, found))
    return tuple(seen.values())


# --- the worked cases


def test_P55_without_the_facts_of_a_repair_the_trial_can_be_satisfied() -> None:
    """Applied to the record a repair opens the trial, and with any one of its facts back it stays shut: so on the six trials."""
    checked = 0
    for code, record, found in ineligible():
        assert found.complete
        for repair in found.repairs:
            names = dropped(record, repair)
            if repair.wait_until is None:
                assert judged(without(record, names), code)[1].verdict != "ineligible"
                for name in names:
                    assert judged(without(record, names - {name}), code)[1].verdict == "ineligible"
                checked += 1
    assert checked > 40


def test_P55_a_value_that_is_required_is_enough_with_the_rest_of_a_completion() -> None:
    """The changed facts of some completion lie within what is required of them; recorded so, they leave the trial open."""
    checked = 0
    for code, record, found in ineligible():
        for repair in found.repairs:
            if repair.wait_until is not None:
                continue
            problem, decision = judged(without(record, dropped(record, repair)), code)
            box = next(completions(problem, decision))
            told = {}
            for change in repair.changes:
                domain = box[change.variable]
                if change.variable in LIBRARY.lists or isinstance(domain, Recorded):
                    continue
                if change.requirement is not None and change.requirement.allowed is not None:
                    assert allows(change.requirement.allowed, domain), (code, change)
                told[change.variable] = Fact(change.variable, domain, "as in the completion")
            after = replace(record, facts={**without(record, dropped(record, repair)).facts, **told})
            assert judged(after, code)[1].verdict != "ineligible"
            checked += 1
    assert checked > 40


def completions(problem: Problem, decision: Decision) -> Iterator[dict[str, Any]]:
    """For each cohort that is not shut, what the variables can be together."""
    for cohort, verdict in decision.cohorts.items():
        if verdict != "ineligible":
            box = problem.oracle.possible(list(decision.open_clauses(cohort).values()))
            assert box is not None
            yield {**problem.known, **box}


def allows(allowed: Any, domain: Any) -> bool:
    """Whether what is required leaves room for a value of the completion."""
    if isinstance(domain, Interval):
        return any(part.low <= domain.high and domain.low <= part.high for part in allowed)
    return bool(allowed & domain)


def test_P55_advice_has_nothing_in_it_that_never_changes_or_is_worse() -> None:
    """`action` is for what can be done; the kind is that of the hardest change; what can be done comes first."""
    kinds = set()
    for _, record, found in ineligible():
        assert [repair.action for repair in found.repairs] == sorted(
            (repair.action for repair in found.repairs), reverse=True
        )
        for repair in found.repairs:
            members = [change.kind for change in repair.changes]
            assert members == [LIBRARY.variables[change.variable].changes for change in repair.changes]
            members += [repair.wait_kind] * (repair.wait_until is not None)
            assert repair.kind == max(members, key=KINDS.index)
            worse = any(change.worse for change in repair.changes)
            assert repair.action <= ("never" not in members and not worse)
            assert all(movable(LIBRARY.variables[name]) for name in dropped(record, repair))
            kinds.add((repair.kind, repair.action))
    assert kinds >= {("time", True), ("age", True), ("stop", True), ("treat", True), ("test", True)}
    assert kinds >= {("consent", True), ("never", False), ("treat", False), ("test", False)}


# --- waiting


WAITS = [("V08", "RO"), ("V11", "RO"), ("V11", "SAR"), ("F000b", "RO"), ("F000b", "K017")]


@pytest.mark.parametrize(("name", "code"), WAITS)
def test_wait_until_is_the_first_day_by_looking_at_every_day(name: str, code: str) -> None:
    """Without the facts of the repair the trial is shut on each day before, and open on that day."""
    record = case(name)
    waits = [repair for repair in repairs_of(record, code).repairs if repair.wait_until is not None]
    assert waits
    opens = open_days(LIBRARY, record, code, waits[0])
    assert format_day(next(opens)) == waits[0].wait_until


def open_days(library: Library, record: Record, code: str, repair: Repair, days: int = 400) -> Iterator[int]:
    """The days on which a trial is open to the record without the facts of a repair, as it is judged on each."""
    posed = open_record(library, without(record, dropped(record, repair)))
    for day in range(record.as_of, record.as_of + days):
        problem = posed.on_days(point(day, whole=True))
        if not problem.consistent():
            continue
        standings = Standings(problem.oracle, ConditionCache())
        if decide(problem, standings, library.trials[code], record.context).verdict != "ineligible":
            yield day


def test_only_what_could_not_be_changed_at_once_waits() -> None:
    """A wait is part of a repair only where the same changes are not enough today."""
    for code, record, found in ineligible():
        for repair in found.repairs:
            if repair.wait_until is not None:
                assert judged(without(record, dropped(record, repair)), code)[1].verdict == "ineligible"


def test_an_age_is_waited_for_as_an_age() -> None:
    """Waiting for the age that a clause asks for is advice; an age at which it asks for something else is a fact."""
    (grown,) = repairs_of(case("F000b"), "RO").repairs
    assert (grown.kind, grown.wait_kind, grown.wait_until, grown.action) == ("age", "age", "2026-01-01", True)
    late = case("F032b", birth_date="1954-01-05", hma_cycles_refractory=4)
    old = repairs_of(late, "SAR").repairs[0]
    assert (old.kind, old.wait_until, old.changes, old.action) == ("age", "2029-01-05", (), False)
    (clock, *_) = repairs_of(case("V11"), "RO").repairs
    assert (clock.kind, clock.wait_kind, clock.action) == ("time", "time", True)


def test_a_date_that_only_time_moves_away_from_stays() -> None:
    """A date of birth is in no repair; where an age alone excludes for good, there is none."""
    assert repairs_of(case("V02"), "ZPED") == Repairs((), True)
    record = case("V11")
    assert not movable(LIBRARY.variables["birth_date"])
    assert not movable(LIBRARY.variables["immunosuppression_stop_date"])
    assert movable(LIBRARY.variables["last_hsct_date"])
    assert "immunosuppression_stop_date" in record.facts
    assert all("immunosuppression_stop_date" not in names for names, _ in brief(repairs_of(record, "SAR")))


# --- what is asked


def test_what_a_fact_would_have_to_be_is_its_limit() -> None:
    """Of a dose the limit of the clause; of a number that an equation links to it, the limit that follows."""
    steroid = case("F060b", corticosteroid_daily={"value": 20, "unit": "mg/day", "drug": "prednisone"})
    (stop,) = repairs_of(steroid, "SAR").repairs
    (change,) = stop.changes
    assert change.requirement is not None
    assert (stop.kind, stop.action, change.requirement.text) == ("stop", True, "at most 10 mg/d")
    for repair in repairs_of(case("V60"), "SAR").repairs:
        (other,) = (each for each in repair.changes if each.kind == "treat")
        assert other.requirement is not None
        assert other.requirement.text in ("at most 396.4 ms", "at most 97.334 /min (exactly 311469/3200)")


def test_worse_is_never_advice() -> None:
    """More blasts, or no therapy left, would open the trial: a fact, and no advice."""
    (blasts,) = repairs_of(case("AMB-UC-1"), "UC").repairs
    (change,) = blasts.changes
    assert change.requirement is not None
    assert (change.requirement.text, change.worse, blasts.action) == ("more than 5 %", True, False)
    none_left = repairs_of(case("V53"), "SAR").repairs
    for repair in none_left:
        worse = {each.variable: each.worse for each in repair.changes}
        assert worse["no_available_beneficial_therapy"]
        assert not repair.action
    assert none_left


def test_a_value_lies_on_the_worse_side_or_not() -> None:
    """What spares the patient is to stay on this side of what is recorded; a variable without a worse side asks nothing."""
    blasts, ecog = LIBRARY.variables["bm_blasts_pct"], LIBRARY.variables["ecog"]
    infection, organ = LIBRARY.variables["active_infection"], LIBRARY.variables["organ_renal_ok"]
    karnofsky = LIBRARY.variables["karnofsky"]
    assert (blasts.worse, ecog.worse, infection.worse, organ.worse) == ("higher", "higher", "true", "false")
    assert karnofsky.worse == "lower"
    recorded = Interval(2, 4)
    for variable, at, spared in [
        (blasts, point(4), True),
        (blasts, Interval(Fraction(401, 100), 9), False),
        (ecog, point(4, whole=True), True),
        (ecog, point(5, whole=True), False),
        (karnofsky, point(2, whole=True), True),
        (karnofsky, point(1, whole=True), False),
    ]:
        condition = not_worse(variable, recorded)
        assert condition is not None
        assert evaluate(condition, {variable.name: at}) is spared
    for variable, better in [(infection, False), (organ, True)]:
        for value in (True, False):
            condition = not_worse(variable, frozenset({not better}))
            assert condition is not None
            assert evaluate(condition, {variable.name: frozenset({value})}) is (value is better)
    assert not_worse(LIBRARY.variables["weight"], recorded) is None
    assert not_worse(LIBRARY.variables["diagnosis"], frozenset({"AML"})) is None
    spinal = not_worse(LIBRARY.variables["cns_status"], frozenset({"CNS2"}))
    assert spinal is not None
    at = {value: evaluate(spinal, {"cns_status": frozenset({value})}) for value in ("CNS1", "CNS2", "CNS3")}
    assert at == {"CNS1": True, "CNS2": True, "CNS3": False}


# --- what is stopped, what is enough, and what nobody is advised


IMMUNOSUPPRESSED = {
    "immunosuppression_current": True,
    "immunosuppression_ever": True,
    "immunosuppression_stop_date": None,
}


def stopped(record: Record, repair: Repair) -> Record:
    """The record once a repair by stopping is applied: the last dose was on the record's day."""
    (change,) = repair.changes
    assert change.stopped_on == format_day(record.as_of)
    last = LIBRARY.variables[change.variable].stopped_on
    assert last is not None
    facts = {change.variable: Fact(change.variable, frozenset({False}), "no")}
    facts[last] = Fact(last, point(record.as_of, whole=True), change.stopped_on)
    return replace(record, facts={**record.facts, **facts})


@pytest.mark.parametrize(("name", "code"), [("V11", "RO"), ("F008b", "RO"), ("F008b", "SAR")])
def test_who_stops_a_drug_waits_for_the_washout(name: str, code: str) -> None:
    """Stopping comes with the day on which `match when` says that the repaired record is open; while it is taken there is none."""
    record = case(name, **IMMUNOSUPPRESSED, gvhd_active=False)
    repair = next(each for each in repairs_of(record, code).repairs if each.action)
    assert (repair.kind, repair.wait_kind) == ("stop", "time")
    assert repair.wait_until is not None
    assert parse_day(repair.wait_until) >= record.as_of + 28
    (taken,) = when(Matcher(LIBRARY), record, [code]).trials
    assert taken.dates is not None
    assert taken.dates.possible == ()
    (washed,) = when(Matcher(LIBRARY), stopped(record, repair), [code]).trials
    assert washed.dates is not None
    assert washed.dates.possible[0][0] == repair.wait_until
    alone = [each for each in repairs_of(record, code).repairs if each.action and each.wait_until is None]
    assert all(change.stopped_on is None for each in alone for change in each.changes)


def test_a_first_dose_planned_late_enough_needs_no_wait() -> None:
    """The washout runs to the planned day; one day short of it, the wait is back."""
    record = case("F008b", **IMMUNOSUPPRESSED, gvhd_active=False)
    day = {days: format_day(record.as_of + days) for days in (27, 28)}
    late = repairs_of(case("F008b", **IMMUNOSUPPRESSED, gvhd_active=False, planned_c1d1_date=day[28]), "RO")
    assert (late.repairs[0].kind, late.repairs[0].wait_until) == ("stop", None)
    short = repairs_of(case("F008b", **IMMUNOSUPPRESSED, gvhd_active=False, planned_c1d1_date=day[27]), "RO")
    assert short.repairs[0].wait_until == day[28]


def test_a_washout_is_found_in_any_vocabulary() -> None:
    """What is stopped has its last dose on the record's day, whatever was recorded of an earlier one; what is taken keeps its date."""
    variables = {"smoker": "type: boolean, changes: stop, stopped_on: quit", "quit": VARIABLES["seen"]}
    library = small("not smoker", "days_between(quit, as_of) >= 10", variables=variables)
    for facts in ({}, {"quit": "2026-01-01"}, {"quit": {"one_of": ["2026-01-01", "2026-02-01"]}}):
        (repair,) = asked(library, smoker=True, **facts)
        assert (names([repair]), repair.wait_until) == ([("smoker",)], "2026-11-30")
    (wait,) = asked(library, smoker=False, quit="2026-11-19")
    assert (names([wait]), wait.wait_until) == ([()], "2026-11-29")
    either = small("not smoker or grade >= 3", "days_between(quit, as_of) >= 10", variables=variables)
    assert asked(either, smoker=True, quit="2026-11-19", grade=3)[0].wait_until == "2026-11-29"


BAD_STOP = [
    ("type: boolean, changes: stop, stopped_on: sen", "unknown variable 'sen'"),
    ("type: boolean, changes: stop, stopped_on: born", "'born' is not a date with 'past: true' and 'changes: time'"),
    ("type: boolean, changes: treat, stopped_on: seen", "'stopped_on' is for variables with 'changes: stop', not treat"),
    ("type: integer, changes: stop, stopped_on: seen", "'stopped_on' is for variables of type boolean, not integer"),
]  # fmt: skip


@pytest.mark.parametrize(("entry", "message"), BAD_STOP)
def test_the_date_of_a_last_dose_must_be_one(entry: str, message: str) -> None:
    """`stopped_on` names a past date that only time moves away from, of what can be stopped."""
    with pytest.raises(InputError) as error:
        small("taken", variables={"smoker": entry})
    assert any(line.startswith("vocabulary/all.yaml:") and message in line for line in error.value.problems)


def test_P55_what_is_shown_is_enough() -> None:
    """With values as required, and the clauses met that are named, the patient is eligible: of every worked case, and of some in which
    numbers are linked by an equation.
    """
    linked_numbers = [(code, record, repairs_of(record, code)) for record, code in LINKED]
    checked = 0
    for code, record, found in (*ineligible(), *linked_numbers):
        for repair in found.repairs:
            if repair.wait_until is not None or any(
                change.variable in LIBRARY.lists for change in repair.changes
            ):
                continue
            told = {
                change.variable: change.requirement.allowed
                for change in repair.changes
                if change.requirement is not None and change.requirement.allowed is not None
            }
            assert told.keys() == dropped(record, repair)
            base = without(record, told)
            facts = {
                name: Fact(name, domain, "as required")
                for name, allowed in told.items()
                for domain in ([allowed] if isinstance(allowed, frozenset) else allowed[:1])
            }
            verdict = judged(replace(base, facts={**base.facts, **facts}), code)[1].verdict
            named = bool(repair.such_that or repair.still_open)
            assert verdict == ("undetermined" if named else "eligible"), (code, repair)
            checked += 1
    assert checked > 60


ECG = {"qtcf": None, "qt": {"value": 420, "unit": "ms"}, "heart_rate": {"value": 100, "unit": "bpm"}}
COUNT = {
    "pb_blasts_abs": None,
    "wbc": {"value": 60000, "unit": "/uL"},
    "pb_blasts_pct": {"value": 50, "unit": "%"},
}
LINKED = [
    (case("F060b", corticosteroid_daily=None, **ECG), "SAR"),
    (case("F004b", refuses_soc=False, **COUNT), "RO"),
]


def test_a_limit_goes_through_the_equation() -> None:
    """Of a QT interval at the recorded rate, the longest in four digits that is short enough; of a white count at the recorded share."""
    found = {
        change.variable: (change.requirement.text if change.requirement else None, repair.action)
        for record, code in LINKED
        for repair in repairs_of(record, code).repairs
        for change in repair.changes
    }
    assert found == {
        "qt": ("at most 396.4 ms", True),
        "heart_rate": ("at most 84.0808 /min (exactly 519115/6174)", False),
        "wbc": ("at most 40000 /uL", True),
        "pb_blasts_pct": ("at most 33.3333 % (exactly 100/3)", True),
    }
    assert Fraction(3964, 10) ** 3 * 100 <= 470**3 * 60 < Fraction(3965, 10) ** 3 * 100
    assert Fraction(519115, 6174) * 420**3 == 470**3 * 60


def test_what_is_needed_together_is_named_with_its_clause() -> None:
    """Where more than the changed fact decides, the limit that is necessary is given, and the clause that remains with what it turns on."""
    creatinine = {"value": 9, "unit": "mg/dL"}
    record = case("F004b", refuses_soc=False, serum_creatinine=creatinine, weight=None)
    (repair,) = repairs_of(record, "RO").repairs
    (change,) = repair.changes
    assert change.requirement is not None
    assert change.requirement.text is not None
    assert change.requirement.text.startswith("at most ")
    assert [(each.clause, each.variables) for each in repair.such_that] == [
        ("RO.I6a", ("serum_creatinine", "weight"))
    ]
    assert "together with body weight, such that RO.I6a is met (Creatinine clearance" in explained(
        record, "RO"
    )


def test_nobody_is_advised_to_weigh_more_or_to_use_up_a_therapy() -> None:
    """A weight is a fact beside the creatinine that is advice; a therapy that is left, said in either way, is worse to have no more."""
    heavy = case(
        "F004b",
        refuses_soc=False,
        serum_creatinine={"value": 5, "unit": "mg/dL"},
        weight={"value": 60, "unit": "kg"},
    )
    found = [(names([repair]), repair.action) for repair in repairs_of(heavy, "RO").repairs]
    assert found == [([("serum_creatinine",)], True), ([("weight",)], False)]
    text = explained(heavy, "RO")
    assert "Not actions - body weight at least" in text
    assert "kg (recorded 60 kg): a fact, not advice" in text
    for record, code in (
        (case("F004b", refuses_soc=False, soc_options_available=True), "RO"),
        (case("F036b"), "SAR"),
    ):
        (repair,) = repairs_of(record, code).repairs
        assert (repair.action, repair.changes[0].worse) == (False, True)


def test_all_values_of_an_enumeration_are_given() -> None:
    """A value that other facts contradict does it as well, once they change with it; an adult has none."""
    facts = {"diagnosis": "B_ALL", "cns_leukemia_active": True, "cns_status": "CNS3"}
    child = read_record({"as_of": "2026-11-20", "facts": {"birth_date": "2016-04-02", **facts}}, LIBRARY)
    (repair,) = repairs_of(child, "SAR").repairs
    (change,) = repair.changes
    assert change.requirement is not None
    assert (change.requirement.text, [each.value for each in change.otherwise]) == ("CNS2", ["CNS1"])
    (other,) = change.otherwise[0].changes
    assert other.requirement is not None
    assert (other.variable, other.requirement.text) == ("cns_leukemia_active", "false")
    words = "treat: CNS status CNS2, or CNS1 with active CNS leukaemia: no (recorded CNS3)"
    assert words in explained(child, "SAR")
    adult = read_record({"as_of": "2026-11-20", "facts": {"birth_date": "1986-04-02", **facts}}, LIBRARY)
    assert names(repairs_of(adult, "SAR").repairs) == [("cns_leukemia_active", "cns_status")]


def test_the_page_never_says_stop_alone_where_a_wait_follows() -> None:
    """The drug to stop, its last dose, then the day and the days to wait."""
    text = explained(case("F008b", **IMMUNOSUPPRESSED, gvhd_active=False), "RO")
    record = case("F008b")
    first, then = format_day(record.as_of), format_day(record.as_of + 28)
    assert (
        f"stop: immunosuppression at present: no (recorded yes), the last dose on {first} "
        f"and time: then wait until {then} (28 days), longer if it is stopped later"
    ) in text


# --- a small library


VARIABLES = {
    "smoker": "type: boolean, changes: stop, policy: absent",
    "grade": "type: integer, changes: treat, plausible: 0 <= grade <= 4, worse: higher",
    "dose": "type: quantity, unit: mg, changes: treat, worse: higher",
    "factor": "type: integer, changes: treat",
    "total": "type: quantity, unit: mg, changes: treat",
    "pills": "type: list, names: open, changes: never",
    "taken": "type: boolean, changes: never",
    "born": "type: date, past: true, changes: age",
    "seen": "type: date, past: true, changes: time",
    "planned": "type: date, absent: as_of, changes: treat",
    "bulk": "type: integer, changes: treat",
    "extent": "type: integer, changes: treat, plausible: 0 <= extent <= 4",
}
AXIOMS = [
    "{id: A1, label: Total, source: s, require: total == dose * factor, while_unrecorded: [total]}",
    "{id: A2, label: Pills, source: s, require: pills contains tablet implies taken}",
    "{id: A3, label: Extent, source: s, require: extent >= bulk}",
    "{id: A4, label: Young, source: s, require: 'smoker implies days_between(born, as_of) < 100'}",
]
TABLET = "{name: tablet, list: pills, label: Tablets, source: s}"
PILLS = (
    "{list: pills, source: s, unrecognised: {id: P, text: '{entry}?'}, unclosed: '{entry}?', "
    "entries: [{name: round, classes: [tablet]}, {name: square, classes: [tablet]}]}"
)


def small(*clauses: str, variables: dict[str, str] | None = None) -> Library:
    """A library of one trial with these clauses."""
    lines = {**VARIABLES, **(variables or {})}
    entries = "".join(f"  - {{name: {k}, label: {k}, about: made up, {v}}}\n" for k, v in lines.items())
    theory = "".join(f"  - {axiom}\n" for axiom in AXIOMS)
    trial = "".join(
        f"  - {{id: I{i}, label: I{i}, source: S, class: objective, changes: test, require: '{clause}'}}\n"
        for i, clause in enumerate(clauses, 1)
    )
    texts = {
        "vocabulary": f"variables:\n{entries}",
        "theory": f"classes:\n  - {TABLET}\nregisters:\n  - {PILLS}\naxioms:\n{theory}{POLICIES}",
        "trials": f"{TRIAL}clauses:\n{trial}",
    }
    documents = {kind: [parse_document(text, f"{kind}/all.yaml")] for kind, text in texts.items()}
    return compile_library(documents["vocabulary"], documents["theory"], documents["trials"], "sha256:0")


POLICIES = """\
policies:
  - {id: absent, label: absent, text: what is not told is not there, covers: variables}
"""
TRIAL = """\
trial: NCT00000001
code: ONE
title: One
intervention: none
recruitment: recruiting
criteria: full
sources: [{id: S, text: made up}]
cohorts: {A: {label: A}}
"""


def asked(library: Library, *, assume: tuple[str, ...] = (), **facts: Any) -> list[Repair]:
    """The repairs of a patient of the small library."""
    record = read_record({"as_of": "2026-11-20", "facts": facts}, library)
    found = repairs_of(record, "ONE", library, assume=assume)
    assert found.complete
    return list(found.repairs)


def names(repairs: Iterable[Repair]) -> list[tuple[str, ...]]:
    """The variables of each repair."""
    return [tuple(change.variable for change in repair.changes) for repair in repairs]


def test_a_definition_stands_once_what_it_defines_is_not_recorded() -> None:
    """A recorded total wins over its definition; without it the definition holds, so that the parts are in the way too."""
    library = small("total <= 10 mg")
    facts = {"total": {"value": 30, "unit": "mg"}, "dose": {"value": 5, "unit": "mg"}, "factor": 4}
    assert names(asked(library, **facts)) == [("dose", "total"), ("factor", "total")]
    assert names(asked(library, **{**facts, "factor": 2})) == [("total",)]


def test_a_list_is_one_fact() -> None:
    """What follows from a list goes with the list, and stays where what follows is recorded itself."""
    library = small("not taken")
    assert names(asked(library, pills=["round", "bitter"])) == [("pills",)]
    assert names(asked(library, pills=["round"], taken=True)) == [("pills", "taken")]
    (repair,) = asked(library, pills=["square"])
    assert [(change.kind, change.requirement) for change in repair.changes] == [("never", None)]


def test_what_a_policy_assumes_stays() -> None:
    """Only facts are changed: where an absence that is taken for granted excludes, there is no repair."""
    library = small("smoker or grade >= 3")
    assert names(asked(library, assume=("absent",), grade=1)) == [("grade",)]
    assert names(asked(library, grade=1, smoker=False)) == [("smoker",), ("grade",)]


def test_a_plausible_range_holds_of_what_is_dropped() -> None:
    """A value beyond the range cannot stand in for the fact; an interval is cut to its range while it is kept."""
    library = small("grade >= 5")
    assert asked(library, grade=2) == []
    assert asked(library, grade={"min": 2}) == []
    library = small("grade >= 4", "dose >= 2 mg")
    assert names(asked(library, grade={"max": 3}, dose={"value": 1, "unit": "mg"})) == [("dose", "grade")]


def test_a_range_that_the_record_excludes_stays_left_out() -> None:
    """What a recorded number forces beyond a plausible range may be there still once that number is dropped."""
    library = small("extent >= 6", "bulk <= 7")
    assert names(asked(library, bulk=9)) == [("bulk",)]
    assert names(asked(library, bulk=9, extent=9)) == [("bulk",)]
    assert names(asked(library, bulk=2)) == []
    assert names(asked(library, bulk=2, extent=3)) == []


def test_one_of_several_values_is_one_of_these() -> None:
    """A fact that names several numbers is none between them, whether it can change or not."""
    library = small("grade == 2")
    assert names(asked(library, grade={"one_of": [1, 3]})) == [("grade",)]
    library = small("days_between(born, as_of) == 20")
    assert names(asked(library, born={"one_of": ["2026-10-20", "2026-11-10"]})) == [()]
    assert names(asked(library, born={"one_of": ["2026-10-20", "2026-10-30"]})) == []


def test_a_planned_day_can_be_planned_otherwise() -> None:
    """A date that means the day of evaluation where it is not recorded means it again once it is dropped."""
    library = small("days_between(as_of, planned) < 10")
    wait, plan = asked(library, planned="2026-12-24")
    assert (names([wait]), wait.wait_until) == ([()], "2026-12-15")
    assert (names([plan]), plan.wait_until) == ([("planned",)], None)


def test_a_day_that_is_planned_vaguely_can_be_planned_otherwise_or_not() -> None:
    """A partial date stands as recorded while it is kept, be it one that can change or one that only time moves away from."""
    library = small("days_between(as_of, planned) < 10")
    assert names(asked(library, planned="2026-12")) == [(), ("planned",)]
    fixed = "type: date, absent: as_of, changes: time"
    (wait,) = asked(
        small("days_between(as_of, planned) < 10", variables={"planned": fixed}), planned="2026-12"
    )
    assert (wait.changes, wait.wait_until) == ((), "2026-11-22")


def test_what_does_not_fit_a_later_day_is_changed_with_it() -> None:
    """Waiting is not enough where a fact, of which the trial does not speak, cannot stand on that day."""
    library = small("days_between(seen, as_of) >= 28")
    (wait,) = asked(library, seen="2026-11-20", born="2026-09-01", smoker=False)
    assert (names([wait]), wait.wait_until) == ([()], "2026-12-18")
    (wait,) = asked(library, seen="2026-11-20", born="2026-09-01", smoker=True)
    assert (names([wait]), wait.wait_until, wait.kind) == ([("smoker",)], "2026-12-18", "stop")


def test_several_changes_can_only_together_be_worse() -> None:
    """Where a product has to grow, one factor or the other gets worse: that is no advice, whichever it is."""
    library = small("total >= 100 mg", variables={"factor": "type: integer, changes: treat, worse: higher"})
    facts = {"dose": {"max": 5, "unit": "mg"}, "factor": 1}
    assert [repair.action for repair in asked(library, **facts)] == [False, False]
    (shrink,) = asked(small("total <= 1 mg", "factor >= 1"), dose={"min": 5, "unit": "mg"}, factor=1)
    assert (names([shrink]), shrink.action) == ([("dose",)], True)


BAD_WORSE = [
    ("grade", "type: integer, changes: treat, worse: true", "'worse: true' is only for the types boolean"),
    ("smoker", "type: boolean, changes: stop, worse: higher", "'worse: higher' is only for the types integer, quantity, enumeration"),
    ("seen", "type: date, past: true, changes: time, worse: lower", "'worse: lower' is only for the types integer, quantity, enumeration"),
    ("grade", "type: integer, changes: treat, worse: sideways", "worse"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "entry", "message"), BAD_WORSE)
def test_a_worse_side_must_fit_the_type(name: str, entry: str, message: str) -> None:
    """`worse` of another type, or of no known direction, is refused with its place."""
    with pytest.raises(InputError) as error:
        small("taken", variables={name: entry})
    (line,) = error.value.problems
    assert line.startswith("vocabulary/all.yaml:")
    assert message in line


# --- on the page, in JSON, and with a solver that gives up


def explained(record: Record, code: str) -> str:
    """The page of one trial, without line breaks."""
    answer = Matcher(LIBRARY).match(record, [code], repairs=True)
    return " ".join(explanation(answer, record, LIBRARY, 80).plain().split())


def test_the_page_says_what_can_honestly_be_changed_and_what_never() -> None:
    """By kind: what to stop, to treat, what time brings, what never changes; and no advice where that stands in the way."""
    steroid = {"value": 20, "unit": "mg/day", "drug": "prednisone"}
    facts = {"corticosteroid_daily": steroid, "qtcf": {"value": 480, "unit": "ms"}}
    text = explained(case("F060b", **facts), "SAR")
    assert (
        "What would have to change stop: daily corticosteroid dose at most 10 mg/d (recorded 20 mg/day prednisone) "
        "and treat: QTcF at most 470 ms (recorded 480 ms) Not met"
    ) in text
    text = explained(case("F060b", solid_organ_transplant=True, **facts), "SAR")
    assert (
        "Nothing that anyone could do would be enough. Not actions - stop: daily corticosteroid dose at most 10 mg/d "
        "(recorded 20 mg/day prednisone) and treat: QTcF at most 470 ms (recorded 480 ms) "
        "and solid organ transplant: no (recorded yes): this does not change Not met"
    ) in text


PAGES = [
    ("V11", "RO", "What would have to change time: wait until 2025-06-19 Not actions - immunosuppression"),
    ("F000b", "RO", "What would have to change age: wait until 2026-01-01 Not met"),
    ("F004b", "RO", "What would have to change consent: refusal of standard therapy: no (recorded yes) Not met"),
    ("V36", "ZPED", "(3 ways, each enough by itself) 1. another result: KMT2A rearrangement: yes (recorded no) 2."),
    ("AMB-UC-1", "UC", "Not actions - only if bone marrow blasts more than 5 % (recorded 5 %): the patient would be worse; a fact"),
    ("V02", "ZPED", "no change of a recorded fact would be enough, nor would waiting for seven years. - ZPED.I1 rests on date of birth"),
    ("F032b", "SAR", "- 2 other ways, each through what does not change: comorbidities"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "code", "words"), PAGES, ids=[f"{n}-{c}" for n, c, _ in PAGES])
def test_the_page_gives_each_kind_of_repair(name: str, code: str, words: str) -> None:
    """Waiting, an age, a consent, another result, what is worse, and why there is nothing."""
    assert words in explained(case(name), code)


def test_a_plain_match_looks_for_no_repairs() -> None:
    """They are given where they are asked for, and where the patient is ineligible."""
    record = case("V11")
    assert all(trial.repairs is None for trial in Matcher(LIBRARY).match(record).trials)
    for trial in Matcher(LIBRARY).match(record, repairs=True).trials:
        assert (trial.repairs is not None) == (trial.verdict == "ineligible")


def test_the_json_has_the_repairs() -> None:
    """Each repair with its kind, whether it is an action, the day to wait for, and its changes."""
    document = answer_document(Matcher(LIBRARY).match(case("V11"), ["RO"], repairs=True))
    found = document["trials"][0]["repairs"]
    assert found is not None
    assert found["complete"]
    wait, dates, _ = found["repairs"]
    assert wait == {
        "kind": "time",
        "action": True,
        "wait_until": "2025-06-19",
        "changes": [],
        "such_that": [],
        "still_open": [],
    }
    assert dates["changes"][1] == {
        "variable": "last_hsct_date",
        "kind": "never",
        "require": "on or before 2025-03-03",
        "requirement": {"max": "2025-03-03"},
        "worse": False,
        "stopped_on": None,
        "otherwise": [],
    }
    assert answer_document(Matcher(LIBRARY).match(case("V11"), ["RO"]))["trials"][0]["repairs"] is None


@pytest.mark.parametrize(
    ("name", "code"), [("V11", "SAR"), ("F032b", "SAR"), ("V60", "SAR"), ("F000b", "ZPED")]
)
def test_a_solver_that_gives_up_finds_less_and_says_so(name: str, code: str) -> None:
    """With a budget of one step, or no answer at all, the list is a part of the whole one, and is marked as cut."""
    record = case(name)
    whole = repairs_of(record, code)
    cut = repairs_of(record, code, budget=Budget(steps=1))
    assert {repair[0] for repair in brief(cut)} <= {repair[0] for repair in brief(whole)}
    assert not cut.complete or brief(cut) == brief(whole)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Session, "check", lambda *_: GaveUp("budget of steps", Budget(steps=1)))
        posed = open_record(LIBRARY, record, warned=False)
        standings = Standings(posed.problem.oracle, ConditionCache())
        decision = decide(posed.problem, standings, LIBRARY.trials[code], record.context)
        assert decision.verdict == "ineligible"
        assert find_repairs(posed, decision) == Repairs((), False)


def test_repairs_are_the_same_every_time() -> None:
    """The same record gives the same repairs, in the same order, with the evaluator's help and without."""
    for name, code in (("V11", "SAR"), ("F032b", "SAR"), ("V54", "SAR")):
        found = repairs_of(case(name), code)
        assert found == repairs_of(case(name), code)
        assert found == repairs_of(case(name), code, search=False)


# --- brute force over the subsets of the facts


@drawn(30)
@given(settings_of())
def test_repairs_are_the_minimal_sets_of_facts_by_looking_at_every_set(
    situation: tuple[World, Patient],
) -> None:
    """With the day as it is, the repairs are all minimal sets of facts without which some completion satisfies the trial.

    What each shows is enough: with the required values, and the clauses met that are named, every completion satisfies the trial.
    """
    world, patient = situation
    twin = Twin(world, patient)
    assume(holds_of_someone(world, patient.as_of))
    assume(twin.settled and twin.possible(patient.facts, assumed=False))
    library = compile_world(world)
    record = read_record(patient.record(), library, name="invented.json")
    posed = open_record(library, record, warned=False)
    assume(posed.ranges)
    for trial in world.trials:
        standings = Standings(posed.problem.oracle, ConditionCache())
        decision = decide(posed.problem, standings, library.trials[trial.code], record.context)
        if decision.verdict != "ineligible":
            continue
        found = find_repairs(posed, decision)
        near = {name for name in patient.facts if near_to(name, world, trial)}
        wanted = minimal(near, lambda names, t=trial: satisfiable(twin, t, names))  # type: ignore[misc]
        assert found.complete
        told = {tuple(sorted(dropped(record, each))) for each in found.repairs if each.wait_until is None}
        assert told == set(wanted)
        for each in found.repairs:
            if each.wait_until is None:
                assert is_enough(twin, trial, each)
            else:
                soon = map(format_day, open_days(library, record, trial.code, each, 40))
                assert min(next(soon, each.wait_until), each.wait_until) == each.wait_until


def near_to(name: str, world: World, trial: Trial) -> bool:
    """Whether the theory links a variable to the trial."""
    return name in linked(world, trial)


def linked(world: World, trial: Trial) -> set[str]:
    """The variables of a trial, and those that the theory links to them."""
    near = {name for c in trial.clauses for e in c.expressions() for name in e.names} - {"cohort_open"}
    while True:
        more = {n for axiom in world.axioms if axiom.require.names & near for n in axiom.require.names}
        if more <= near:
            return near
        near |= more


def satisfiable(twin: Twin, trial: Trial, names: frozenset[str]) -> bool:
    """Whether some completion of the record without these facts satisfies the trial."""
    return any(satisfies(trial, twin.patient, at) for at in completions_without(twin, trial, names))


def completions_without(twin: Twin, trial: Trial, names: frozenset[str]) -> Iterator[dict[str, Any]]:
    """The completions of the record without these facts, over what is linked to a trial; too many are passed over."""
    world, patient = twin.world, twin.patient
    kept = {name: fact for name, fact in patient.facts.items() if name not in names}
    rest = Twin(world, replace(patient, facts=kept))
    near = linked(world, trial)
    exact = {name for name, fact in kept.items() if fact.values is not None}
    domains = {
        name: twin._allowed(
            world.variables[name],
            kept,
            ranged=name not in exact and (name in names or name not in twin.dropped),
        )
        for name in near
    }
    assume(prod(map(len, domains.values())) <= 300_000)
    assume(not any(type(axiom.require).__name__ == "Times" for axiom in rest.axioms))
    axioms = [axiom.require for axiom in rest.axioms if axiom.require.names <= near]
    return rest.completions(domains, axioms)


def is_enough(twin: Twin, trial: Trial, repair: Repair) -> bool:
    """Whether the trial takes every completion with the required values on which the clauses named are met, and some one."""
    named = {each.clause for each in repair.such_that} | {*repair.still_open}
    found = False
    for at in completions_without(twin, trial, frozenset(change.variable for change in repair.changes)):
        if not all(meets(change.requirement, at[change.variable]) for change in repair.changes):
            continue
        taken = satisfies(trial, twin.patient, at)
        found = found or taken
        if not taken and all(met(trial, twin.patient, at, clause) for clause in named):
            return False
    return found


def meets(required: Requirement | None, value: Any) -> bool:
    """Whether a value of the twin is one of those required; anything is where nothing is."""
    if required is None or required.allowed is None:
        return True
    if isinstance(required.allowed, frozenset):
        return value in required.allowed
    number = parse_day(value.isoformat()) if isinstance(value, date) else value
    return any(number in part for part in required.allowed)


def met(trial: Trial, patient: Patient, at: dict[str, Any], name: str) -> bool:
    """Whether a clause is met in every cohort that it binds."""
    return all(
        clause.holds({**at, "cohort_open": patient.is_open(trial.code, cohort)}, cohort)
        for clause in trial.clauses
        if f"{trial.code}.{clause.id}" == name
        for cohort in clause.binds(trial.cohorts)
    )


def satisfies(trial: Trial, patient: Patient, at: dict[str, Any]) -> bool:
    """Whether a completion satisfies some cohort."""
    return any(
        all(
            clause.holds({**at, "cohort_open": patient.is_open(trial.code, cohort)}, cohort)
            for clause in trial.clauses
            if cohort in clause.binds(trial.cohorts)
        )
        for cohort in trial.cohorts
    )
