"""What Hypothesis draws from the worked patients: the public strategies, begun with these, and contradictions put into them."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st

from solver.library.models import Library
from solver.testing import strategies
from tests.support.records import worked
from tests.support.records.worked import Json

AS_OF = date(2025, 6, 1)


def exact_facts(library: Library, name: str) -> st.SearchStrategy[Any]:
    """A fact that leaves one value, or a recorded list."""
    return strategies.facts(library, name, exact=True, as_of=AS_OF)


def records(library: Library, *, exact: bool = False, complete: bool = False) -> st.SearchStrategy[Json]:
    """A record: a patient of the worked cases with facts dropped and changed, in some context.

    With `exact` no fact is drawn that leaves several values; with `complete` some lists are said to be complete.
    """
    patients = [worked.patient(name) for name in sorted(worked.load("patients"))]
    return strategies.records(library, like=patients, exact=exact, complete=complete, as_of=AS_OF)


CONTRADICTIONS: tuple[Json, ...] = (
    {"sex": "M", "pregnant": True},
    {"sex": "M", "breastfeeding": True},
    {"apl": True, "cbf_aml": True},
    {"diagnosis": "MDS", "apl": True},
    {"prior_hsct_count": 1, "prior_allo_hsct_count": 2},
    {"prior_hsct_count": {"max": 1}, "prior_allo_hsct_count": {"min": 2}},
    {"prior_car_t": True, "prior_cellular_therapy": False},
    {"prior_drugs": ["UCART123"], "prior_cellular_therapy": False},
    {"prior_drugs": ["tagraxofusp"], "prior_anti_cd123": False},
    {"hla_a_alleles": ["A*01:01", "A*03:01"], "hla_a02": True},
    {"remission_state": "CR", "bm_blasts_pct": {"value": 30, "unit": "%"}},
    {"disease_status": "untreated", "salvage_attempts": 2},
    {"disease_status": "relapsed", "relapse_number": 0},
    {"cns_status": "CNS1", "cns_leukemia_active": True},
    {"pb_blasts_abs": {"value": 5000, "unit": "/uL"}, "wbc": {"value": 4, "unit": "10^9/L"}},
    {"active_hbv": True, "hepatitis_clearance_serology": True},
    {"infection_uncontrolled": True, "active_infection": False},
    {"ipss_r_score": 5, "ipss_r": "low"},
    {"last_hsct_date": "2025-07-01"},
)
"""Facts that cannot hold together, or alone, for a patient seen on 2025-06-01."""


@st.composite
def contradictory_records(draw: st.DrawFn, library: Library) -> Json:
    """A record in which one to three contradictions were put."""
    record = draw(records(library))
    for facts in draw(st.lists(st.sampled_from(CONTRADICTIONS), min_size=1, max_size=3)):
        record["facts"].update(facts)
    return record
