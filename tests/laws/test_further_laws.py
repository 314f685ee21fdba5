"""Further laws on the six trials: what does not bear on a trial, taxonomy, countries, derived quantities, ranges and readings."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal, localcontext
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from solver.engine.problem import pose
from solver.language.domain import Recorded, is_exact
from solver.language.tree import TRUE, variables
from solver.library.models import Trial
from solver.questions.match.answer import MatchAnswer, TrialAnswer
from solver.testing.strategies import completions
from tests.support import solved, worked
from tests.support.differential import Undated
from tests.support.drawn import drawn
from tests.support.solved import LIBRARY, MATCHER, RECORDS, read
from tests.support.strategies import exact_facts
from tests.support.worked import Json

CODES = sorted(LIBRARY.trials)
RANK = {"ineligible": 0, "undetermined": 1, "eligible": 2}


def match(record: Json, *codes: str) -> MatchAnswer:
    """The answer for a consistent record; others are passed over."""
    answer = solved.match(record, codes or None)
    assume(answer.consistent)
    return answer


def told(record: Json, code: str) -> TrialAnswer:
    """The answer for one trial of a record that is known to be consistent."""
    answer = MATCHER.match(read(record), [code])
    assert answer.consistent
    return answer.trials[0]


def changed(name: str, changes: Json, *unset: str) -> Json:
    """A worked patient with some facts changed, and some left out if they are there."""
    record = worked.patient(name)
    facts = {key: fact for key, fact in record["facts"].items() if key not in unset}
    return {**record, "facts": facts | changes}


def reasons(trial: TrialAnswer) -> tuple[Any, ...]:
    """What an answer says of one trial, without the facts behind it."""
    return trial.verdict, trial.conflicts, trial.deciding_sets


def status(record: Json, clause: str) -> str:
    """How a clause of one cohort stands."""
    trial = told(record, clause.partition(".")[0])
    (found,) = {each.status for each in trial.clauses if each.id == clause}
    return found


# --- what bears on a trial


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
    before = match(record, code)
    after = match({**record, "facts": {**others, name: new}}, code)
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
    without = told(worked.patient("relapsed-man"), "RO")
    assert without.verdict == "eligible"
    for detail in details:
        assert reasons(told(changed("relapsed-man", detail), "RO")) == reasons(without)
    one = {"prior_hsct_count": 1, "prior_allo_hsct_count": 1}
    found = {told(changed("relapsed-man", one | detail), "RO").conflicts for detail in details}
    assert len(found) > 1


# --- conflicts


@drawn(24)
@given(RECORDS)
def test_P18_a_conflict_of_several_clauses_has_a_cause(record: Json) -> None:
    """Clauses of one cohort that fail only together share an input that is open, or the theory links theirs."""
    answer = match(record)
    known = pose(LIBRARY, read(record)).known
    unknown = {
        name for name, domain in known.items() if not is_exact(domain) and not isinstance(domain, Recorded)
    }
    links = [variables(axiom.condition) & unknown for axiom in LIBRARY.axioms]
    for trial in answer.trials:
        clauses = {clause.id: clause for clause in LIBRARY.trials[trial.code].clauses}
        assert len(trial.cohorts) > 1 or trial.conflicts == trial.cohorts[0].conflicts
        for cohort in trial.cohorts:
            for conflict in cohort.conflicts:
                parts = [
                    frozenset(
                        name
                        for conditions in (clauses[each].conditions, *clauses[each].alternatives.values())
                        for name in variables((conditions or {}).get(cohort.cohort, TRUE))
                    )
                    & unknown
                    for each in conflict
                ]
                reached, left = set(parts[0]), [*parts[1:], *links]
                while near := [names for names in left if names & reached]:
                    left = [names for names in left if names not in near]
                    reached.update(*near)
                assert len(conflict) == 1 or all(part & reached for part in parts)


@drawn(24)
@given(RECORDS, st.sampled_from(CODES), st.data())
def test_P20_a_clause_less_never_hurts(record: Json, code: str, data: st.DataObject) -> None:
    """A trial without one of its clauses has no verdict further from eligible; a clause more moves none towards it."""
    trial = LIBRARY.trials[code]
    dropped = data.draw(st.sampled_from([clause for clause in trial.clauses if not clause.routing]))
    fewer = replace(trial, clauses=tuple(clause for clause in trial.clauses if clause is not dropped))
    library = replace(LIBRARY, trials={**LIBRARY.trials, code: fewer})
    before = match(record, code).trials[0]
    after = Undated(library).match(read(record), [code]).trials[0]
    assert RANK[after.verdict] >= RANK[before.verdict]


# --- ranges


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
    before = match(record)
    assume(not any(warning.code == "implausible" for warning in before.warnings))
    after = Undated(library).match(read(record))
    for one, other in zip(before.trials, after.trials, strict=True):
        assert other.verdict in (one.verdict, "undetermined")


# --- taxonomy


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
    answer = MATCHER.match(read(changed("relapsed-man", member | denied, *TAXONOMY)))
    assert answer.contradictions == (tuple(sorted(member | denied)),)
    ((name, value),) = denied.items()
    implied = "AML" if name == "diagnosis" else not value
    plain = MATCHER.match(read(changed("relapsed-man", member, *TAXONOMY)))
    stated = MATCHER.match(read(changed("relapsed-man", member | {name: implied}, *TAXONOMY)))
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
    before, after = match({**record, "facts": others | general}), match({**record, "facts": others | special})
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
    assert status(changed("relapsed-man", changes, *unset), clause) == standing


@drawn(18)
@given(RECORDS, st.sampled_from(["FR", "JP"]))
def test_P38_a_country_matters_to_one_trial_alone(record: Json, country: str) -> None:
    """France and Japan in place of the United States change nothing but SAR."""
    facts = record["facts"]
    here, there = (match({**record, "facts": {**facts, "country": name}}) for name in ("US", country))
    for one, other in zip(here.trials, there.trials, strict=True):
        assert one.code == "SAR" or reasons(one) == reasons(other)


# --- derived quantities


@drawn(24)
@given(
    st.integers(3000, 5500).map(lambda n: Decimal(n) / 10),
    st.integers(300, 1500).map(lambda n: Decimal(n) / 10),
)
def test_P43_the_corrected_qt_agrees_with_the_textbook(qt: Decimal, rate: Decimal) -> None:
    """The clause that is written without a root agrees with Fridericia's QT / RR^(1/3), worked out to fifty digits."""
    with localcontext() as context:
        context.prec = 50
        corrected = qt / (Decimal(60) / rate) ** (Decimal(1) / Decimal(3))
    facts = {
        "qt": {"value": float(qt), "unit": "ms"},
        "heart_rate": {"value": float(rate), "unit": "/min"},
    }
    standing = status(changed("relapsed-man", facts, "qtcf"), "SAR.E13")
    assert standing == ("met" if corrected <= 470 else "not_met")


def test_P43_the_corrected_qt_is_exact_at_its_limit() -> None:
    """At 60 beats a minute the corrected QT is the QT; at 480 it is the double, and 235 ms are 470 ms to the last digit."""
    for qt, rate, standing in [
        (470, 60, "met"),
        (470.000001, 60, "not_met"),
        (235, 480, "met"),
        (235.000001, 480, "not_met"),
        (352.5, 142.2222, "met"),
        (352.5, 142.2223, "not_met"),
    ]:
        facts = {"qt": {"value": qt, "unit": "ms"}, "heart_rate": {"value": rate, "unit": "/min"}}
        assert status(changed("relapsed-man", facts, "qtcf"), "SAR.E13") == standing


HELPS = {"met": 2, "open": 1, "not_met": 0}


@drawn(24)
@given(
    st.integers(1930, 2005),
    st.integers(0, 40),
    st.integers(30, 120),
    st.integers(40, 400).map(lambda n: n / 100),
    st.sampled_from(["M", "F", None]),
)
def test_P44_age_and_sex_do_not_help_the_clearance(
    born: int, younger: int, weight: int, creatinine: float, sex: str | None
) -> None:
    """Nobody older, and no woman beside a man with equal results, has the clause about the clearance met where the other has not."""

    def clause(year: int, who: str | None) -> str:
        facts: Json = {
            "birth_date": f"{year}-01-01",
            "weight": {"value": weight, "unit": "kg"},
            "serum_creatinine": {"value": creatinine, "unit": "mg/dL"},
        }
        return status(changed("relapsed-man", facts | ({"sex": who} if who else {}), "sex"), "RO.I6a")

    assert HELPS[clause(born, sex)] <= HELPS[clause(min(born + younger, 2007), sex)]
    assert HELPS[clause(born, "F")] <= HELPS[clause(born, sex)] <= HELPS[clause(born, "M")]


@drawn(24)
@given(
    st.integers(300, 520),
    st.integers(40, 140),
    st.integers(0, 60),
    st.integers(0, 60),
)
def test_P44_a_longer_qt_and_a_faster_heart_do_not_help(qt: int, rate: int, longer: int, faster: int) -> None:
    """A longer QT, and a faster heart with the same QT, never has the clause about the corrected QT met where the other has not."""

    def clause(length: int, beats: int) -> str:
        facts = {"qt": {"value": length, "unit": "ms"}, "heart_rate": {"value": beats, "unit": "/min"}}
        return status(changed("relapsed-man", facts, "qtcf"), "SAR.E13")

    assert HELPS[clause(qt + longer, rate)] <= HELPS[clause(qt, rate)]
    assert HELPS[clause(qt, rate + faster)] <= HELPS[clause(qt, rate)]


# --- readings


SWITCHED = [
    (code, reading.id)
    for code, trial in LIBRARY.trials.items()
    for reading in trial.readings.values()
    if reading.switch
]


@drawn(40)
@given(RECORDS, st.sampled_from(SWITCHED))
def test_P57_a_reading_is_told_exactly_where_it_changes_the_verdict(
    record: Json, switched: tuple[str, str]
) -> None:
    """The verdict under the other reading, asked for by switching it, is shown if it is another, and not shown if it is the same."""
    code, reading = switched
    one = match(record, code)
    patient = read(record)
    other = replace(patient.context, readings=patient.context.readings ^ {reading})
    found = MATCHER.match(replace(patient, context=other), [code]).trials[0]
    shown = {each.id: (each.verdict, each.conflicts) for each in one.trials[0].readings}
    if found.verdict == one.trials[0].verdict:
        assert reading not in shown
    else:
        assert shown[reading] == (found.verdict, found.conflicts)


# --- asking one by one


@drawn(24)
@given(RECORDS, st.data())
def test_P26_asking_one_by_one_takes_no_more_than_the_smallest_deciding_set(
    record: Json, data: st.DataObject
) -> None:
    """Who asks for the members of the smallest deciding set, and stops once it is decided, needs no more answers than it has members.

    Some answer to the next question leaves fewer to ask for than before.
    """
    trial = match(record, data.draw(st.sampled_from(CODES))).trials[0]
    assume(trial.deciding_sets and "deciding_sets" not in trial.cut and len(trial.deciding_sets[0]) <= 4)
    code, wanted = trial.code, trial.deciding_sets[0]
    whole = data.draw(completions(LIBRARY, record))["facts"]
    known = dict(record["facts"])
    for name in data.draw(st.permutations(wanted)):
        if trial.verdict != "undetermined":
            break
        known[name] = whole[name]
        before, trial = trial, told({**record, "facts": known}, code)
        assert trial.verdict in ("eligible", "undetermined", "ineligible")
        assert name not in {each for names in trial.deciding_sets for each in names}
        assert trial.deciding_sets != before.deciding_sets
    assert trial.verdict in ("eligible", "ineligible")
