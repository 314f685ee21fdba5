"""What conditions of an export come to: events, facts of variables that no event tells, and what forbids to conclude absence."""

from __future__ import annotations

import pytest

from solver.language.domain import Domain
from solver.library.models import Library
from solver.patient.readers.foreign.statements import Faulty
from tests.support.formats.history_exports import (
    candidate,
    condition,
    doubted,
    entries,
    facts,
    following,
    history,
    outcomes,
)

HEPATITIS_B = "icd10cm B18.1"
COVID = "icd10cm U07.1"
TRUE: Domain = frozenset({True})
FALSE: Domain = frozenset({False})


@pytest.mark.parametrize("status", ["active", "recurrence", "relapse"])
def test_a_present_condition_makes_the_now_variable_true(library: Library, status: str) -> None:
    """Active, recurrence and relapse say that it goes on."""
    found = history(library, condition(HEPATITIS_B, status=status, onset="2019"))  # type: ignore[arg-type]
    assert entries(found) == [{"is": "hepatitis_b", "start": "2019", "ongoing": True}]
    assert following(library, found)["active_hbv"] == TRUE
    assert facts(found) == {"hepatitis_history": {"value": True}}


@pytest.mark.parametrize("status", ["remission", "inactive", "resolved"])
def test_a_past_condition_leaves_the_now_variable_out_of_doubt(library: Library, status: str) -> None:
    """Remission, inactive and resolved are over: with a complete list the state is denied, and that it was is true."""
    found = history(library, condition(HEPATITIS_B, status=status, onset="2019"))  # type: ignore[arg-type]
    assert entries(found) == [{"is": "hepatitis_b", "start": "2019", "ongoing": False}]
    assert following(library, found, ["hepatitis_b"])["active_hbv"] == FALSE
    assert "active_hbv" not in following(library, found)
    assert "active_hbv" not in doubted(found)
    assert facts(found) == {"hepatitis_history": {"value": True}}


def test_an_abatement_up_to_the_day_is_an_end(library: Library) -> None:
    """Without a clinical status an abatement on or before the day of evaluation makes it past."""
    found = history(library, condition(HEPATITIS_B, status=None, onset="2019", abatement="2026-11-20"))
    assert entries(found) == [{"is": "hepatitis_b", "start": "2019", "end": "2026-11-20"}]


def test_an_abatement_after_the_day_is_no_end(library: Library) -> None:
    """A planned end leaves an active condition active."""
    found = history(library, condition(HEPATITIS_B, onset="2019", abatement="2027-01-01"))
    assert entries(found) == [{"is": "hepatitis_b", "start": "2019", "ongoing": True}]


@pytest.mark.parametrize(
    "given",
    [condition(HEPATITIS_B, status=None), condition(HEPATITIS_B, status="active", abatement="2020-01-01")],
)
def test_without_a_state_a_now_variable_is_in_doubt_and_an_ever_variable_true(
    library: Library, given: object
) -> None:
    """No clinical status and no abatement, or both at odds: nothing is said of now, and absence is blocked."""
    found = history(library, given)  # type: ignore[arg-type]
    assert [dict(each)["is"] for each in entries(found)] == ["hepatitis_b"]
    assert "ongoing" not in entries(found)[0]
    assert "active_hbv" in doubted(found)
    assert facts(found) == {"hepatitis_history": {"value": True}}


def test_what_is_not_confirmed_is_no_fact_and_blocks_absence(library: Library) -> None:
    """A provisional HIV leaves HIV open, is told as unconfirmed, and names the variable."""
    found = history(library, condition("snomed 86406008", unconfirmed="verification status provisional"))
    assert entries(found) == []
    assert facts(found) == {}
    assert {"hiv_aids_on_art", "hiv"} <= doubted(found)
    assert [each.unconfirmed for each in found.mentions] == [True]
    assert outcomes(found) == ["unconfirmed"]
    assert found.account.rows["entry[1]"].variables == {"hiv_aids_on_art"}


def test_the_infection_alone_is_no_disease_under_treatment(library: Library) -> None:
    """HIV infection without a current antiretroviral offers the variable and does not state it; the disease states it."""
    alone = history(library, condition("icd10cm Z21", onset="2020"))
    assert facts(alone) == {}
    assert "hiv_aids_on_art" in doubted(alone)
    assert entries(alone) == [{"is": "hiv", "start": "2020"}]
    assert facts(history(library, condition("icd10cm B20"))) == {"hiv_aids_on_art": {"value": True}}


@pytest.mark.parametrize("code", [HEPATITIS_B, "icd10cm B18.2", COVID])
def test_an_active_viral_infection_is_a_mention_of_an_infection(library: Library, code: str) -> None:
    """Active hepatitis B or C or SARS-CoV-2 blocks that there is no infection, confirmed or not; what is over does not."""
    assert "active_infection" in doubted(history(library, condition(code)))
    assert "active_infection" in doubted(history(library, condition(code, unconfirmed="provisional")))
    assert "active_infection" not in doubted(history(library, condition(code, status="resolved")))


def test_a_state_that_is_no_concept_becomes_one_fact(library: Library) -> None:
    """Several conditions of one variable are one fact with all sources; its day is any up to the day of evaluation."""
    found = history(library, condition("icd10cm A41.9"), condition("icd10cm A40.3", at=2, onset="2026-11-01"))
    fact = candidate(found, "active_infection")
    assert fact.fact == {"value": True}
    assert {fact.source.place.at, *(each.place.at for each in fact.also)} == {"entry[1]", "entry[2]"}
    assert fact.days is not None
    assert (fact.days.first, fact.days.last) == (None, found.as_of)


def test_an_autoimmune_disease_is_only_offered(library: Library) -> None:
    """That it needs systemic treatment is a judgement: presence blocks absence, and is an event of the disease."""
    found = history(library, condition("icd10cm M06.9"))
    assert facts(found) == {}
    assert "autoimmune_systemic_is" in doubted(found)
    assert entries(found) == [{"is": "rheumatoid_arthritis", "ongoing": True}]


@pytest.mark.parametrize("code", ["C50.9", "C44.91", "C83.3", "C90.0", "C26.9", "C86.0"])
def test_a_tumour_is_another_malignancy(library: Library, code: str) -> None:
    """Codes of the ranges make it true, by an event of the narrowest concept."""
    assert following(library, history(library, condition(f"icd10cm {code}")))["other_malignancy"] == TRUE


def test_a_history_of_a_tumour_is_one_that_is_over(library: Library) -> None:
    """A personal history says that there was one, and neither that it goes on nor when it was."""
    found = history(library, condition("icd10cm Z85.3", onset="2024"))
    assert entries(found) == [{"is": "malignancy", "ongoing": False}]
    assert following(library, found)["other_malignancy"] == TRUE
    assert "other_malignancy" not in following(library, history(library, condition("icd10cm Z85.6")))


@pytest.mark.parametrize("code", ["C91.10", "C95.00", "D05.1", "C92.10"])
def test_a_leukaemia_that_nothing_reads_leaves_another_malignancy_open(library: Library, code: str) -> None:
    """Neither true nor deniable: other leukaemias and carcinoma in situ."""
    found = history(library, condition(f"icd10cm {code}"))
    assert "other_malignancy" not in following(library, found)
    assert "other_malignancy" in doubted(found)
    assert "conditions" not in doubted(found)


@pytest.mark.parametrize("code", ["D45", "D47.3"])
def test_a_code_outside_the_table_states_no_malignancy(library: Library, code: str) -> None:
    """An event of it is one of what is broader and is none."""
    found = history(library, condition(f"icd10cm {code}"))
    assert "other_malignancy" not in following(library, found)
    assert entries(found) == [{"is": "myeloid_disorder", "ongoing": True}]
    assert outcomes(found) == ["unknown-code"]


@pytest.mark.parametrize("code", ["Z94.0", "Z94.7", "Z94.82", "Z94.83"])
def test_a_transplant_status_is_an_event_of_a_therapy(library: Library, code: str) -> None:
    """A solid organ by its status, on an unknown day."""
    found = history(library, condition(f"icd10cm {code}", status=None, onset="2020"))
    assert entries(found) == [{"is": "solid_organ_transplant"}]
    assert following(library, found)["solid_organ_transplant"] == TRUE


@pytest.mark.parametrize(
    ("code", "variable"),
    [
        ("snomed 846606007", "gvhd_active"),
        ("icd10cm D89.810", "gvhd_active"),
        ("snomed 50711007", "active_hcv"),
        ("icd10cm D61.09", "inherited_bmf_syndrome"),
        ("icd10cm Q90.9", "down_syndrome"),
        ("icd10cm Q909", "down_syndrome"),
    ],
)
def test_codes_state_what_variables_mean(library: Library, code: str, variable: str) -> None:
    """By prefix where the system is read so, with or without the dot."""
    assert following(library, history(library, condition(code)))[variable] == TRUE


@pytest.mark.parametrize(
    ("code", "variable"),
    [
        ("icd10cm K74.60", "clin_sig_liver_disease"),
        ("icd10cm I63.9", "cns_disease_history"),
        ("icd10cm C92.30", "non_cns_chloroma"),
        (COVID, "sars_cov2_active"),
        ("icd10cm B15.9", "hepatitis_history"),
    ],
)
def test_codes_state_variables_that_are_no_concept(library: Library, code: str, variable: str) -> None:
    """They are facts."""
    assert facts(history(library, condition(code)))[variable] == {"value": True}


def test_a_condition_that_nothing_reads_may_be_what_the_list_denies(library: Library) -> None:
    """A SNOMED code, a text, or nothing at all blocks the whole list; it is counted by its code."""
    for given in (condition("snomed 44054006"), condition(text="something"), condition()):
        found = history(library, given)
        assert doubted(found) == {"conditions"}
        assert outcomes(found) == ["unknown-code"]
    found = history(library, condition("snomed 44054006"))
    assert dict(found.account.unknown_codes) == {("http://snomed.info/sct", "44054006"): 1}


def test_a_classification_that_is_read_whole_blocks_nothing(library: Library) -> None:
    """What no entry reads of ICD-10-CM is none of what they name, whatever codings stand beside it."""
    found = history(library, condition("snomed 195967001", "icd10cm J45.909"))
    assert doubted(found) == set()
    assert outcomes(found) == ["unknown-code"]


def test_what_begins_later_is_not_used_and_blocks_nothing(library: Library) -> None:
    """Neither known nor unknown conditions count before they begin."""
    found = history(
        library, condition(COVID, onset="2026-11-21"), condition("snomed 44054006", at=2, onset="2027")
    )
    assert outcomes(found) == ["after-as-of", "unknown-code"]
    assert doubted(found) == set()
    assert facts(found) == {}


@pytest.mark.parametrize(
    "given",
    [
        condition(COVID, onset=Faulty("no date")),
        condition(COVID, abatement=Faulty("no date")),
        condition(COVID, status="resolved", onset="2026-05", abatement="2026-01"),
    ],
)
def test_unreadable_days_block_absence(library: Library, given: object) -> None:
    """A text that is no date, or an end before the beginning, is a mention."""
    found = history(library, given)  # type: ignore[arg-type]
    assert outcomes(found) == ["date"]
    assert "sars_cov2" in doubted(found)
    assert entries(found) == []


def test_codings_of_different_conditions_are_a_conflict(library: Library) -> None:
    """Neither is a fact, and both are in doubt."""
    found = history(library, condition("icd10cm B18.1", "icd10cm U07.1"))
    assert outcomes(found) == ["conflict"]
    assert {"active_hbv", "sars_cov2_active"} <= doubted(found)
    assert entries(found) == []


def test_a_condition_that_lasts_for_life_has_no_end(library: Library) -> None:
    """Whatever its clinical status, the record's own rules are kept."""
    assert entries(history(library, condition("icd10cm Q90.9", status="resolved", onset="2010"))) == [
        {"is": "down_syndrome", "start": "2010"}
    ]


def test_what_is_excluded_denies_the_variable_that_means_it(library: Library) -> None:
    """An exclusion is a statement: the variable is false; what says more than it stays open."""
    assert facts(history(library, condition("icd10cm Q90.9", excluded=True))) == {
        "down_syndrome": {"value": False}
    }
    assert "hepatitis_history" not in facts(history(library, condition(HEPATITIS_B, excluded=True)))


def test_a_feature_only_blocks_absence(library: Library) -> None:
    """What was seen at some time states nothing."""
    found = history(library, condition("icd10cm Q90.9", feature=True))
    assert facts(found) == {}
    assert entries(found) == []
    assert "down_syndrome" in doubted(found)


def test_the_order_of_codings_changes_nothing(library: Library) -> None:
    """The coding that is named as the source is the same."""
    one = history(library, condition("snomed 66071002", HEPATITIS_B))
    other = history(library, condition(HEPATITIS_B, "snomed 66071002"))
    assert one.events == other.events
    assert one.candidates == other.candidates


@pytest.mark.parametrize(
    ("code", "variable"),
    [
        ("B20", "hiv_aids_on_art"),
        ("B18.1", "active_hbv"),
        ("B18.1", "hepatitis_history"),
        ("A41.9", "active_infection"),
    ],
)
@pytest.mark.parametrize("unconfirmed", [None, "provisional"])
def test_a_code_of_the_concept_that_no_entry_has_leaves_its_variables_open(
    library: Library, code: str, variable: str, unconfirmed: str | None
) -> None:
    """Of another classification it states nothing, and yet may be what the list would deny."""
    coding = f"http://hl7.org/fhir/sid/icd-10 {code}"
    found = history(library, condition(coding, unconfirmed=unconfirmed))
    assert any(variable in each.variables for each in found.mentions)
    over = history(library, condition(coding, status="resolved"))
    assert not any({"active_hbv", "active_infection"} & each.variables for each in over.mentions)
