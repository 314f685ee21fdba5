"""Trials of which only a part is encoded: what is kept as text is never taken for met, whatever is asked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given

from solver import Matcher
from solver.engine.clauses import extent
from solver.errors import InputError
from solver.library.models import Library, Trial
from solver.patient.readers.native.read import read_record
from solver.questions.certificates.claims import certificates
from solver.questions.diff.ask import compare
from solver.questions.match.answer import TrialAnswer
from solver.questions.when.ask import when
from solver.questions.workup.answer import TrialTests
from solver.questions.workup.ask import plan_tests
from solver.smt.session import Sat, Session, Unsat
from tests.support.drawing.drawn import drawn
from tests.support.twins.invented import compile_world, holds_of_someone, partly_encoded
from tests.support.twins.naive import Clause, Flag, Patient, Variable, World

VARIABLES = ["flag_p", "flag_q"]


def entry(name: str, require: str | None, **more: Any) -> dict[str, Any]:
    """A clause of a file; without a condition it is kept as text."""
    said = {"opaque": f"text of {name}"} if require is None else {"require": require}
    return {
        "id": name,
        "label": name,
        "source": "S 1",
        "class": "objective",
        "changes": "test",
        **said,
        **more,
    }


def library(*clauses: dict[str, Any], cohorts: tuple[str, ...] = ("A", "B"), **more: Any) -> Library:
    """A library of two flags and one trial."""
    from solver.library.compile import compile_library
    from solver.library.files.yaml_places import parse_document

    flags = [{"name": n, "type": "boolean", "label": n, "about": "a", "changes": "test"} for n in VARIABLES]
    policies = [
        {"id": "judged", "label": "judged", "text": "judged", "covers": "clauses", "classes": ["objective"]}
    ]
    trial = {
        "trial": "NCT00000001",
        "code": "T",
        "title": "T",
        "intervention": "none",
        "recruitment": "recruiting",
        "criteria": "full",
        "sources": [{"id": "S", "text": "s"}],
        "cohorts": {cohort: {"label": cohort} for cohort in cohorts},
        "clauses": list(clauses),
        **more,
    }
    texts = {"v.yaml": {"variables": flags}, "th.yaml": {"policies": policies}, "t.yaml": trial}
    documents = [parse_document(json.dumps(text, indent=1), name) for name, text in texts.items()]
    return compile_library(documents[:1], documents[1:2], documents[2:], "sha256:0")


def answer(found: Library, facts: Mapping[str, bool], *, assume: str = "", **context: Any) -> TrialAnswer:
    """How a patient stands."""
    record = {"as_of": "2026-11-20", "facts": dict(facts), "context": context}
    matcher = Matcher(found, assume=assume or ())
    return matcher.match(read_record(json.dumps(record), found, name="p.json")).trials[0]


PARTLY = [
    entry("I1", "flag_p", cohorts=["A"]),
    entry("I2", "flag_q", cohorts=["B"]),
    entry("E1", None, cohorts=["A"]),
    entry("E2", None, **{"class": "judgement"}),
]


@pytest.mark.parametrize(
    ("facts", "verdict", "sets"),
    [
        ({}, "undetermined", (("flag_p", "flag_q"),)),
        ({"flag_q": True}, "eligible", ()),
        ({"flag_q": False}, "undetermined", (("flag_p",),)),
        ({"flag_p": True}, "undetermined", (("flag_q",),)),
        ({"flag_p": True, "flag_q": False}, "undetermined", ()),
        ({"flag_p": False, "flag_q": False}, "ineligible", ()),
    ],
)
def test_there_are_three_answers(facts: dict[str, bool], verdict: str, sets: Any) -> None:
    """Eligible through the encoded cohort, undetermined through the other, else ineligible: a deciding set fixes which."""
    found = answer(library(*PARTLY), facts)
    assert (found.verdict, found.deciding_sets) == (verdict, sets)
    assert (str(found.encoded), found.not_judged) == ("2 of 3 objective criteria are encoded", ("T.E2",))
    assert found.wants_logic is (facts == {"flag_p": True, "flag_q": False})
    assert not found.published_only
    assert found.conflicts == ((("T.I1", "T.I2"),) if verdict == "ineligible" else ())


def test_for_want_of_logic_alone_nothing_is_missing() -> None:
    """No deciding set, nothing missing, no date on which the patient is eligible; the reason says how much is encoded."""
    found = answer(library(*PARTLY), {"flag_p": True, "flag_q": False})
    assert (found.deciding_sets, found.missing, found.cut) == ((), (), ())
    assert found.dates is not None
    assert (found.dates.eligible, found.dates.possible) == ((), (("2026-11-20", "2033-11-20"),))
    assert str(found) == "T undetermined, 2 of 3 objective criteria are encoded"


def test_no_policy_counts_a_text_as_met() -> None:
    """A policy over all objective clauses makes the encoded cohort eligible and no other one."""
    everything = library(entry("I1", "flag_p"), entry("E1", None, cohorts=["A"]))
    found = answer(everything, {}, assume="judged")
    assert {each.cohort: each.verdict for each in found.cohorts} == {"A": "undetermined", "B": "eligible"}
    only = library(entry("I1", "flag_p"), entry("E1", None), cohorts=("A",))
    assert answer(only, {}, assume="judged").verdict == "undetermined"


def test_a_closed_cohort_counts_as_well() -> None:
    """The text of a closed cohort is among what is not encoded, and its routing clause still shuts it."""
    routed = entry(
        "DX", None, routing=True, cohorts={"A": "cohort_open and flag_p", "B": "cohort_open and flag_q"}
    )
    del routed["opaque"]
    found = answer(library(routed, *PARTLY[2:3]), {"flag_p": True, "flag_q": True}, open_cohorts={"T": ["B"]})
    assert (found.verdict, str(found.encoded)) == ("eligible", "1 of 2 objective criteria are encoded")
    found = answer(library(routed, *PARTLY[2:3]), {"flag_p": True, "flag_q": True}, open_cohorts={"T": ["A"]})
    assert {each.cohort: each.verdict for each in found.cohorts} == {"A": "undetermined", "B": "ineligible"}


def test_a_reading_that_drops_the_only_clause_makes_nobody_eligible() -> None:
    """Under it nothing is asked, so that nobody is known to fit; under the first reading the clause decides."""
    switch = [{"id": "AMB", "text": "a", "switch": True}]
    found = library(entry("I1", "flag_p", readings={"AMB": {"drop": True}}), cohorts=("A",), readings=switch)
    assert answer(found, {"flag_p": True}).verdict == "eligible"
    dropped = answer(found, {"flag_p": True}, readings=["AMB"])
    assert (dropped.verdict, dropped.wants_logic, str(dropped.encoded)) == (
        "undetermined",
        True,
        "0 of 0 objective criteria are encoded",
    )
    assert [(each.id, each.verdict) for each in dropped.readings] == [("AMB", "eligible")]


@pytest.mark.parametrize(
    ("clauses", "message"),
    [
        ([], "t.yaml:21:2: a trial without a clause takes everybody"),
        ([entry("I1", "flag_p", cohorts=["A"])], "no clause binds cohort 'B'"),
        ([entry("I1", None, cohorts=["A"])], "no clause binds cohort 'B'"),
        ([entry("I1", "flag_p", cohorts=[])], "a clause that binds no cohort is never asked"),
        ([entry("I1", None, cohorts=["A", "C"])], "unknown cohort 'C'"),
        ([entry("I1", None, cohorts={"A": "flag_p"})], "is opaque and cannot have logic as well"),
    ],
)
def test_what_asks_for_nothing_is_refused(clauses: list[dict[str, Any]], message: str) -> None:
    """A trial, or a cohort, that takes everybody is an error when it is read, with the place, and what to do."""
    with pytest.raises(InputError) as refused:
        library(*clauses)
    assert any(message.partition(": ")[2] in line or message in line for line in refused.value.problems)
    assert all(line.startswith("t.yaml:") for line in refused.value.problems)


def test_a_secondary_or_second_text_counts_only_in_force() -> None:
    """A text from a secondary source caps only with these switched on; one that a second reading encodes caps only under the first."""
    switches = [{"id": "AMB", "text": "a", "switch": True}, {"id": "SEC", "text": "s", "switch": False}]
    clauses = [
        entry("I1", "flag_p"),
        entry("E1", None, secondary="SEC"),
        entry("E2", None, readings={"AMB": {"require": "flag_q"}}),
    ]
    found = library(*clauses, cohorts=("A",), readings=switches)
    facts = {"flag_p": True, "flag_q": True}
    assert answer(found, facts).verdict == "undetermined"
    assert answer(found, facts, readings=["AMB"]).verdict == "eligible"
    both = answer(found, facts, readings=["AMB"], secondary_sources=True)
    assert (both.verdict, str(both.encoded)) == ("undetermined", "2 of 3 objective criteria are encoded")


# --- a text is as good as a fact that nobody will ever know


def in_place_of_texts(world: World, patient: Patient) -> World:
    """The world with an unknown fact that is never asked for in place of every objective text in force; others are left out."""
    more: dict[str, Variable] = {}
    trials = []
    for trial in world.trials:
        clauses: list[Clause] = []
        for clause in trial.clauses:
            read = clause.read(patient.readings, secondary=patient.secondary)
            if read is None or (read.opaque and read.judgement != "objective"):
                continue
            if read.opaque:
                name = f"flag_{trial.code.lower()}_{clause.id.lower()}"
                more[name] = Variable(name, "boolean", requested=False)
                read = replace(read, require=Flag(name))
            clauses.append(replace(read, readings={}, secondary=None))
        trials.append(replace(trial, clauses=tuple(clauses)))
    return replace(world, variables={**world.variables, **more}, trials=tuple(trials))


def asked(found: Library, patient: Patient) -> list[dict[str, Any]]:
    """What must be the same whether something is kept as text or never known, by trial."""
    record = read_record(patient.record(), found, name="p.json")
    matcher = Matcher(found)
    orders = {each.code: each for each in plan_tests(matcher, record).trials}
    days = {each.code: each for each in when(matcher, record).trials}
    return [
        {
            "verdict": each.verdict,
            "cohorts": {cohort.cohort: (cohort.verdict, cohort.conflicts) for cohort in each.cohorts},
            "conflicts": each.conflicts,
            "dates": each.dates and (each.dates.eligible, each.dates.possible),
            "windows": (days[each.code].eligible, [(w.first, w.last) for w in days[each.code].possible]),
            "route": _weight(orders[each.code]),
        }
        for each in matcher.match(record).trials
    ]


def _weight(tests: TrialTests) -> int | None:
    return tests.route.plan.weight if tests.route else None


@drawn(12)
@given(partly_encoded())
def test_a_text_is_as_good_as_a_fact_that_is_never_known(situation: tuple[World, Patient]) -> None:
    """Verdicts, conflicts, days and routes are those of a trial that asks for something unknown in place of the text."""
    world, patient = situation
    # what costs least to find out is asked first: most that is drawn is passed over
    unknown = in_place_of_texts(world, patient)
    assume(all(any(c.binds([cohort]) for c in t.clauses) for t in unknown.trials for cohort in t.cohorts))
    assume(holds_of_someone(world, patient.as_of))
    found = compile_world(world)
    context = read_record(patient.record(), found, name="p.json").context
    assert all(all(extent(trial, context).capped.values()) for trial in found.trials.values())
    plain = replace(patient, readings=frozenset(), secondary=False)
    assert asked(found, patient) == asked(compile_world(unknown), plain)


@drawn(12)
@given(partly_encoded())
def test_every_certificate_of_what_is_partly_encoded_is_confirmed(situation: tuple[World, Patient]) -> None:
    """Each claim of a verdict, conflict and deciding set is confirmed by the solver from its script alone."""
    world, patient = situation
    assume(holds_of_someone(world, patient.as_of))
    found = compile_world(world)
    record = read_record(patient.record(), found, name="p.json")
    matcher = Matcher(found)
    posed = matcher.open(record)
    assume(posed.consistent is True)
    matching = matcher.case(posed, [])
    for given_answer in matcher.match(record).trials:
        trial = found.trials[given_answer.code]
        claims = list(certificates(matching, trial, given_answer, ()))
        assert claims
        for claim in claims:
            outcome = Session(claim.script.replace("(check-sat)", ""), {}).check()
            assert {Sat: "sat", Unsat: "unsat"}[type(outcome)] == claim.status, claim.sentence


def test_versions_differ_by_what_they_keep_as_text() -> None:
    """With a text more a version is stricter, with the same text equivalent, with another one incomparable."""

    def version(*clauses: dict[str, Any]) -> Trial:
        return library(*clauses, cohorts=("A",)).trials["T"]

    plain = version(entry("I1", "flag_p"))
    text = version(entry("I1", "flag_p"), entry("E1", None))
    other = version(entry("I1", "flag_p"), entry("E1", None, opaque="another text"))
    words = library(entry("I1", "flag_p"), cohorts=("A",))

    def relation(one: Trial, two: Trial) -> str:
        return compare(words, one, two).pairing.relation

    assert relation(plain, text) == "stricter"
    assert relation(text, plain) == "looser"
    assert relation(text, text) == "equivalent"
    assert relation(text, other) == "incomparable"
