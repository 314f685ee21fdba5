"""What complete lists deny of a history, and what of it forbids that: the whole way from statements to what follows."""

from __future__ import annotations

import pytest

from solver.engine.conversion.following_facts import following_facts
from solver.language.domain import Interval
from solver.library.models import Library
from solver.patient.readers.foreign.statements import CompleteList, ListName, SourceStatement
from tests.support.formats.exports import day_number, days, read_export, record_of
from tests.support.formats.history_exports import condition, dose, drug, given_on, procedure

ALL: tuple[ListName, ...] = ("conditions", "procedures", "medications")
BY_CONDITIONS = {
    "gvhd_active",
    "active_infection",
    "hiv_aids_on_art",
    "active_hbv",
    "active_hcv",
    "sars_cov2_active",
    "hepatitis_history",
    "autoimmune_systemic_is",
    "other_malignancy",
    "cns_disease_history",
    "clin_sig_liver_disease",
    "inherited_bmf_syndrome",
    "down_syndrome",
}
BY_PROCEDURES = {"prior_hsct_count", "prior_allo_hsct_count"}
BY_MEDICATIONS = {
    "immunosuppression_ever",
    "immunosuppression_current",
    "anti_cd20_ever",
    "prior_menin_inhibitor",
    "corticosteroid_daily",
}
BY_BOTH = {"prior_car_t", "prior_car_nk", "prior_cellular_therapy", "prior_cd123_car", "prior_anti_cd123"}


def known(
    library: Library, *given: SourceStatement, complete: tuple[ListName, ...] = ALL
) -> dict[str, object]:
    """The variables of which one value is known, whether stated or following from entries and lists."""
    lists = [CompleteList(name, "Bundle.meta.tag", days("2026-11-20")) for name in complete]
    record = record_of(read_export(library, *given, complete=lists), library)
    domains = {name: fact.domain for name, fact in record.facts.items()} | dict(
        following_facts(library, record)
    )
    found: dict[str, object] = {}
    for name, domain in domains.items():
        if isinstance(domain, frozenset) and len(domain) == 1:
            (found[name],) = domain
        elif isinstance(domain, Interval) and domain.low == domain.high:
            found[name] = domain.low
    return found


def denied(library: Library, *given: SourceStatement, complete: tuple[ListName, ...] = ALL) -> set[str]:
    """The variables that are false or none."""
    return {name for name, value in known(library, *given, complete=complete).items() if value in (False, 0)}


@pytest.mark.parametrize(
    ("complete", "closed"),
    [
        ((), set()),
        (("conditions",), BY_CONDITIONS),
        (("procedures",), BY_PROCEDURES),
        (("medications",), BY_MEDICATIONS),
        (("procedures", "medications"), BY_PROCEDURES | BY_MEDICATIONS | BY_BOTH),
        (("conditions", "procedures"), BY_CONDITIONS | BY_PROCEDURES | {"solid_organ_transplant"}),
    ],
)
def test_what_each_list_denies(library: Library, complete: tuple[ListName, ...], closed: set[str]) -> None:
    """Just the variables of the list, where nothing mentions any of them."""
    assert denied(library, complete=complete) == closed


def test_a_drug_blocks_only_the_classes_that_it_belongs_to(library: Library) -> None:
    """Tagraxofusp is directed at CD123 and no CAR product; a steroid is no immunosuppressant."""
    tagraxofusp = known(library, given_on("2026-01-05", text="tagraxofusp"))
    assert tagraxofusp["prior_anti_cd123"] is True
    assert tagraxofusp["prior_car_t"] is False
    assert tagraxofusp["prior_cd123_car"] is False
    steroid = drug(text="prednisone", start="2026-11-01", ongoing=True, dosages=[dose("5", "1")])
    assert denied(library, steroid) >= BY_MEDICATIONS - {"corticosteroid_daily"}
    assert known(library, steroid)["corticosteroid_daily"] == 5


def test_immunosuppression_that_is_over_is_not_current(library: Library) -> None:
    """And stopped on the latest end, whatever steroid goes on."""
    tacrolimus = drug(text="tacrolimus", start="2024", end="2025-03-01", ongoing=False)
    steroid = drug(text="prednisone", at=2, start="2026-11-01", ongoing=True, dosages=[dose("5", "1")])
    found = known(library, tacrolimus, steroid)
    assert found["immunosuppression_current"] is False
    assert found["immunosuppression_stop_date"] == day_number("2025-03-01")
    assert "immunosuppression_current" not in known(library, tacrolimus, steroid, complete=("procedures",))


def test_a_drug_by_text_alone_blocks_what_medications_close(library: Library) -> None:
    """All of it, and nothing else; one with a code and a display blocks nothing."""
    assert denied(library, drug(text="Foo")) == BY_CONDITIONS | BY_PROCEDURES | {"solid_organ_transplant"}
    everything = BY_CONDITIONS | BY_PROCEDURES | BY_MEDICATIONS | BY_BOTH | {"solid_organ_transplant"}
    assert denied(library, drug("rxnorm 314999 Unheard 10 MG Oral Tablet")) == everything


def test_an_unknown_condition_blocks_what_conditions_close(library: Library) -> None:
    """Solid organ transplants among it."""
    assert denied(library, condition("snomed 44054006")) == BY_PROCEDURES | BY_MEDICATIONS | BY_BOTH


def test_a_suspect_procedure_blocks_what_procedures_close(library: Library) -> None:
    """Transplants and cells among it."""
    assert denied(library, procedure(text="Graft of something")) == BY_CONDITIONS | BY_MEDICATIONS


def test_exact_days_and_counts_need_their_list(library: Library) -> None:
    """With it last day, count and the relapse after it are exact; without it they are none."""
    given = (
        condition("snomed 91861009", status="remission", onset="2024-02-10"),
        condition("icd10cm C92.02", at=2, onset="2026-10-05"),
        procedure("snomed 58390007", at=3, day="2024-08-20"),
        given_on("2026-10-01", at=4, text="rituximab"),
        drug("rxnorm 314999 Unheard 10 MG Oral Tablet", at=5),
    )
    exact = {
        "prior_hsct_count": 1,
        "prior_allo_hsct_count": 1,
        "last_hsct_date": day_number("2024-08-20"),
        "relapse_after_hsct_date": day_number("2026-10-05"),
        "anti_cd20_last_date": day_number("2026-10-01"),
    }
    found = known(library, *given)
    assert {name: found.get(name) for name in exact} == exact
    assert exact.keys().isdisjoint(known(library, *given, complete=()))


def test_a_status_leaves_one_transplant_at_least(library: Library) -> None:
    """However complete the procedures are."""
    found = known(library, condition("icd10cm Z94.84", status=None))
    assert BY_PROCEDURES.isdisjoint(found)


def test_an_active_hepatitis_leaves_infection_undenied(library: Library) -> None:
    """It is one; the others are denied."""
    found = known(library, condition("icd10cm B18.1", onset="2019"))
    assert found["active_hbv"] is True
    assert found["hepatitis_history"] is True
    assert found["active_hcv"] is False
    assert "active_infection" not in found


def test_a_disease_that_transformed_is_no_other_malignancy(library: Library) -> None:
    """Nor is what came before it; another leukaemia leaves it open."""
    given = condition("icd10cm D46.9", onset="2023"), condition("icd10cm C92.00", at=2, onset="2026-10-01")
    assert known(library, *given)["other_malignancy"] is False
    assert "other_malignancy" not in known(library, condition("icd10cm C91.10"))


def test_a_cellular_therapy_that_is_no_car_t(library: Library) -> None:
    """A history of another one leaves CAR-T denied."""
    found = known(library, condition("icd10cm Z92.858", status=None))
    assert found["prior_cellular_therapy"] is True
    assert found["prior_car_t"] is False
