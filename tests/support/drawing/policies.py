"""Charts of which policies speak, and a small file of policies."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.support.libraries.shipped import LIBRARY
from tests.support.records import worked
from tests.support.records.worked import Json

POLICIES = tuple(LIBRARY.policies)
VARIABLES_OF_CLAUSES = (
    *("soc_options_available", "refuses_soc", "agrees_contraception", "refuses_blood_products"),
    *("no_available_beneficial_therapy", "infection_uncontrolled", "clin_sig_liver_disease"),
    *("organ_marrow_ok", "organ_cardiac_ok", "hiv_aids_on_art", "active_hbv", "sars_cov2_active"),
    *("hypersensitivity_ro_components", "inherited_bmf_syndrome", "down_organ_function_ok"),
)
COVERED = tuple(name for name, variable in LIBRARY.variables.items() if variable.policy)


@st.composite
def charts(draw: st.DrawFn) -> Json:
    """A patient of the worked cases of whom a few things are not recorded that a policy covers, or that a covered clause asks for."""
    record = worked.patient(draw(st.sampled_from(sorted(worked.load("patients")))))
    names = sorted({*COVERED, *VARIABLES_OF_CLAUSES} & record["facts"].keys())
    for name in draw(st.lists(st.sampled_from(names), min_size=1, max_size=7, unique=True)):
        del record["facts"][name]
    return record


CHOSEN = st.sets(st.sampled_from(POLICIES), min_size=1).map(
    lambda names: tuple(name for name in POLICIES if name in names)
)

POLICY = """\
policies:
  - {id: absent, label: nothing unsaid is there, text: taken as absent, covers: variables}
  - {id: judged, label: what is judged is met, text: counted as met, covers: clauses, classes: [judgement]}
  - {id: known, label: what is unsaid is unknown, text: counted as met, covers: clauses}
"""
