"""What the theory says of an answer: taxonomy, exceptions, ranges, and that what does not bear on a trial changes nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from solver.engine.problem import pose
from solver.language.domain import is_exact
from solver.language.tree import variables
from solver.library.models import Trial
from solver.questions.match.answer import MatchAnswer
from tests.support.drawing import strategies
from tests.support.drawing.drawn import drawn
from tests.support.drawing.strategies import exact_facts
from tests.support.records import worked
from tests.support.records.laws import (
    CODES,
    FEW,
    RANK,
    asked_alone,
    consistent_match,
    match_man,
    of,
    reasons,
    status,
    with_changes,
)
from tests.support.records.matchers import Undated
from tests.support.records.solved import LIBRARY, MATCHER, RECORDS, read
from tests.support.records.worked import Json


@FEW
@given(strategies.records(LIBRARY))
def test_P35_what_the_taxonomy_entails_adds_nothing(record: Json) -> None:
    """Recording what a recorded drug or allele already implies changes no answer."""
    drugs, alleles = record["facts"].get("prior_drugs"), record["facts"].get("hla_a_alleles")
    added: Json = {}
    if isinstance(drugs, list) and any("UCART123" in drug for drug in drugs):
        added |= {"prior_car_t": True, "prior_cellular_therapy": True, "prior_anti_cd123": True}
    if isinstance(alleles, list) and any("A*02" in allele for allele in alleles):
        added["hla_a02"] = True
    assume(added and not added.keys() & record["facts"].keys())
    before = consistent_match(record)
    after = consistent_match({**record, "facts": {**record["facts"], **added}})
    assert [reasons(trial) for trial in before.trials] == [reasons(trial) for trial in after.trials]


@FEW
@given(RECORDS, st.sampled_from(["NL", "CA", "BR"]))
def test_P38_only_two_countries_matter(record: Json, country: str) -> None:
    """One country that no clause names is as good as another."""
    one = consistent_match({**record, "facts": {**record["facts"], "country": "US"}})
    other = consistent_match({**record, "facts": {**record["facts"], "country": country}})
    assert [reasons(trial) for trial in one.trials] == [reasons(trial) for trial in other.trials]


def told(answer: MatchAnswer) -> list[tuple[object, ...]]:
    """Verdict, conflicts and deciding sets of every trial."""
    return [(trial.verdict, trial.conflicts, trial.deciding_sets) for trial in answer.trials]


@pytest.mark.parametrize(
    "changes",
    [
        {"hsct_engrafted": False},
        {"last_hsct_date": "2025-05-30"},
        {"immunosuppression_stop_date": "2025-05-30"},
        {"kmt2a_ptd": True},
        {"karnofsky": 10},
        {"lansky": 10},
        {"fit_for_intensive": False},
        {"cns_leukemia_history": False},
    ],
)
def test_P09_P10_P36_P37_what_lies_outside_the_cone_changes_nothing(changes: Json) -> None:
    """Without a transplant its details do not matter, a partial tandem duplication is no rearrangement, and an adult's score is ECOG."""
    assert told(match_man(changes)) == told(match_man({}))


def test_P30_a_recorded_value_outside_its_range_is_used_with_a_warning() -> None:
    """An adult of 26 kg is no contradiction, and a creatinine above its range is used as it stands."""
    answer = match_man(
        {"weight": {"value": 26, "unit": "kg"}, "serum_creatinine": {"value": 26, "unit": "mg/dL"}}
    )
    assert answer.consistent
    assert "serum_creatinine" in {
        warning.variable for warning in answer.warnings if warning.code == "implausible"
    }
    assert ("RO.I6a",) in of(answer, "RO").conflicts


@pytest.mark.parametrize(
    ("trouble", "exception", "clause"),
    [
        (
            {
                "other_malignancy": True,
                "other_malignancy_invasive": True,
                "other_malignancy_requires_therapy": True,
            },
            {"other_malignancy_hormonal_only": True},
            "RO.E6",
        ),
        ({"hepatitis_history": True}, {"hepatitis_clearance_serology": True}, "RO.E10b"),
        ({"cbf_aml": True, "salvage_attempts": 1}, {"salvage_attempts": 2}, "RO.E2"),
        (
            {"autoimmune_systemic_is": True, "autoimmune_last_active_date": "2025-01-01"},
            {"autoimmune_exempt_only": True},
            "SAR.E2",
        ),
    ],
)
def test_P33_P34_an_exception_waives_its_own_clause(trouble: Json, exception: Json, clause: str) -> None:
    """With the exception the clause is met; no trial is worse off, and no other clause changes for the worse."""
    code = clause.split(".")[0]
    closed = {
        **dict.fromkeys(
            ["hepatitis_clearance_serology", "autoimmune_exempt_only", "other_malignancy_hormonal_only"],
            False,
        )
    }
    before, after = match_man({**closed, **trouble}), match_man({**closed, **trouble, **exception})
    assert (clause,) in of(before, code).conflicts
    assert (clause,) not in of(after, code).conflicts
    for one, other in zip(before.trials, after.trials, strict=True):
        assert RANK[other.verdict] >= RANK[one.verdict]
        assert set(other.conflicts) <= set(one.conflicts)


def spoken_of(trial: Trial) -> frozenset[str]:
    """The variables of a trial's clauses, under every reading."""
    return frozenset(
        name
        for clause in trial.clauses
        for conditions in (clause.conditions, *clause.alternatives.values())
        for condition in (conditions or {}).values()
        for name in variables(condition)
    )


def bearing(record: Json, code: str) -> set[str]:
    """The variables that a trial's clauses name, and those that the theory links to them through what the record leaves open."""
    known = pose(LIBRARY, read(record)).known
    near = set(spoken_of(LIBRARY.trials[code]))
    links = [variables(axiom.condition) for axiom in LIBRARY.axioms]
    for _ in links:
        unknown = {name for name in near if name in known and not is_exact(known[name])}
        near.update(*(names for names in links if names & unknown))
    return near.union(*(axiom.while_unrecorded for axiom in LIBRARY.axioms))


@drawn(24)
@given(RECORDS, st.sampled_from(CODES), st.data())
def test_P09_what_nothing_unknown_links_to_a_trial_does_not_bear_on_it(
    record: Json, code: str, data: st.DataObject
) -> None:
    """A fact about a variable that neither the clauses name nor the theory links to them changes no verdict, conflict or deciding set."""
    name = data.draw(st.sampled_from(sorted(LIBRARY.variables.keys() - bearing(record, code))))
    others = {key: fact for key, fact in record["facts"].items() if key != name}
    assume(name not in bearing({**record, "facts": others}, code))
    new = data.draw(exact_facts(LIBRARY, name))
    before = consistent_match(record, code)
    after = consistent_match({**record, "facts": {**others, name: new}}, code)
    assert reasons(before.trials[0]) == reasons(after.trials[0])


def test_P10_without_a_transplant_nothing_about_one_matters() -> None:
    """Each detail of a transplant, whatever it is, leaves the answers of a patient who had none; with one it does not."""
    details: list[Json] = [
        {"hsct_engrafted": False},
        {"hsct_engrafted": True},
        {"last_hsct_date": "2025-05-30"},
        {"relapse_after_hsct_date": "2025-05-01"},
        {"immunosuppression_stop_date": "2025-05-30"},
        {"hsct_engrafted": False, "last_hsct_date": "2025-05-30", "relapse_after_hsct_date": "2025-05-31"},
    ]
    without = asked_alone(worked.patient("relapsed-man"), "RO")
    assert without.verdict == "eligible"
    for detail in details:
        assert reasons(asked_alone(with_changes("relapsed-man", detail), "RO")) == reasons(without)
    one = {"prior_hsct_count": 1, "prior_allo_hsct_count": 1}
    found = {asked_alone(with_changes("relapsed-man", one | detail), "RO").conflicts for detail in details}
    assert len(found) > 1


@drawn(24)
@given(RECORDS, st.data())
def test_P30_a_wider_plausible_range_only_opens_verdicts(record: Json, data: st.DataObject) -> None:
    """With some ranges left out a decided verdict stays or becomes undetermined, and an undetermined one stays."""
    ranged = sorted(name for name, variable in LIBRARY.variables.items() if variable.plausible is not None)
    wider = data.draw(st.lists(st.sampled_from(ranged), min_size=1, max_size=len(ranged), unique=True))
    library = replace(
        LIBRARY,
        variables={
            name: replace(variable, plausible=None) if name in wider else variable
            for name, variable in LIBRARY.variables.items()
        },
    )
    before = consistent_match(record)
    assume(not any(warning.code == "implausible" for warning in before.warnings))
    after = Undated(library).match(read(record))
    for one, other in zip(before.trials, after.trials, strict=True):
        assert other.verdict in (one.verdict, "undetermined")


TAXONOMY = (
    *(
        "prior_drugs",
        "prior_car_t",
        "prior_car_nk",
        "prior_cellular_therapy",
        "prior_cd123_car",
        "prior_anti_cd123",
    ),
    *("hla_a02", "hla_a_alleles", "apl", "diagnosis", "cd123_positive", "cd123_flow_positive"),
)
"""What is left out of a worked patient before a part or a whole of the taxonomy is recorded."""


@pytest.mark.parametrize(
    ("member", "denied"),
    [
        ({"hla_a_alleles": ["A*02:06", "A*01:01"]}, {"hla_a02": False}),
        ({"prior_drugs": ["flotetuzumab"]}, {"prior_anti_cd123": False}),
        ({"prior_drugs": ["UCART123"]}, {"prior_cd123_car": False}),
        ({"prior_drugs": ["UCART123"]}, {"prior_car_t": False}),
        ({"prior_drugs": ["UCART123"]}, {"prior_cellular_therapy": False}),
        ({"prior_drugs": ["UCART123"]}, {"prior_anti_cd123": False}),
        ({"prior_drugs": ["CD33 CAR-NK"]}, {"prior_car_nk": False}),
        ({"prior_drugs": ["CD33 CAR-NK"]}, {"prior_cellular_therapy": False}),
        ({"prior_cd123_car": True}, {"prior_car_t": False}),
        ({"prior_cd123_car": True}, {"prior_anti_cd123": False}),
        ({"prior_car_t": True}, {"prior_cellular_therapy": False}),
        ({"apl": True}, {"diagnosis": "MDS"}),
        ({"cd123_flow_positive": True}, {"cd123_positive": False}),
    ],
    ids=lambda facts: "-".join(facts),
)
def test_P35_whoever_has_the_part_cannot_lack_the_whole(member: Json, denied: Json) -> None:
    """What a drug, an allele or a diagnosis entails cannot be denied, and stating it adds nothing."""
    answer = MATCHER.match(read(with_changes("relapsed-man", member | denied, *TAXONOMY)))
    assert answer.contradictions == (tuple(sorted(member | denied)),)
    ((name, value),) = denied.items()
    implied = "AML" if name == "diagnosis" else not value
    plain = MATCHER.match(read(with_changes("relapsed-man", member, *TAXONOMY)))
    stated = MATCHER.match(read(with_changes("relapsed-man", member | {name: implied}, *TAXONOMY)))
    assert [reasons(trial) for trial in plain.trials] == [reasons(trial) for trial in stated.trials]


@drawn(18)
@given(
    RECORDS,
    st.sampled_from(
        [
            ({"prior_anti_cd123": True}, {"prior_anti_cd123": True, "prior_drugs": ["flotetuzumab"]}),
            (
                {"prior_cellular_therapy": True},
                {"prior_cellular_therapy": True, "prior_drugs": ["CD33 CAR-NK"]},
            ),
            ({"prior_car_t": True}, {"prior_car_t": True, "prior_cd123_car": True}),
            ({"hla_a_alleles": ["A*02"]}, {"hla_a_alleles": ["A*02:06"]}),
        ]
    ),
)
def test_P35_a_part_in_place_of_the_whole_keeps_what_was_decided(
    record: Json, step: tuple[Json, Json]
) -> None:
    """Saying more exactly what a patient had or has leaves every decided verdict."""
    general, special = step
    names = {"prior_drugs", "prior_cd123_car", "hla_a_alleles", *general}
    others = {name: fact for name, fact in record["facts"].items() if name not in names}
    before, after = (
        consistent_match({**record, "facts": others | general}),
        consistent_match({**record, "facts": others | special}),
    )
    for one, other in zip(before.trials, after.trials, strict=True):
        assert one.verdict == "undetermined" or other.verdict == one.verdict


@pytest.mark.parametrize(
    ("changes", "unset", "clause", "standing"),
    [
        ({"prior_hsct_count": 1, "prior_allo_hsct_count": 1, "hsct_engrafted": True}, ["prior_cellular_therapy"], "SAR.E9", "open"),
        ({"prior_hsct_count": 1, "prior_allo_hsct_count": 1, "hsct_engrafted": True}, [], "SAR.E9", "met"),
        ({"cd123_positive": True}, ["cd123_flow_positive"], "UC.I2", "open"),
        ({"hla_a_alleles": ["A*01:01"]}, ["hla_a02"], "RO.I5", "open"),
        ({"kmt2a_ptd": True}, ["kmt2a_rearranged"], "ZPED.I4", "open"),
        ({"anti_cd20_last_date": "2025-05-30"}, ["anti_cd20_ever"], "UC.E4", "open"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)  # fmt: skip
def test_P36_the_whole_does_not_say_which_part(
    changes: Json, unset: list[str], clause: str, standing: str
) -> None:
    """A transplant is no cellular therapy, a stain no flow cytometry, one allele no typing, a duplication no rearrangement."""
    assert status(with_changes("relapsed-man", changes, *unset), clause) == standing


@drawn(18)
@given(RECORDS, st.sampled_from(["FR", "JP"]))
def test_P38_a_country_matters_to_one_trial_alone(record: Json, country: str) -> None:
    """France and Japan in place of the United States change nothing but SAR."""
    facts = record["facts"]
    here, there = (
        consistent_match({**record, "facts": {**facts, "country": name}}) for name in ("US", country)
    )
    for one, other in zip(here.trials, there.trials, strict=True):
        assert one.code == "SAR" or reasons(one) == reasons(other)
