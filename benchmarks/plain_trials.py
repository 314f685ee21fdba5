"""The medicine of the plain matcher: variables, background theory and the clauses of six trials, as z3 terms.

Hand-coded from the clinical reading. Everything here is independent of the patient and is built once.

Three variables are stored in another form, chosen so that nothing is lost:
* `birth_date` is the Int `age` (completed years on the day of the record): only the age is ever used;
* `qtcf` is its cube, which keeps E13 and the definition from QT and heart rate free of roots;
* `country` is FR, JP or OTHER: no other country matters.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from types import SimpleNamespace
from typing import NamedTuple

import z3
from z3 import And, BoolRef, If, Implies, Not, Or

BOOLEANS = """
    pregnant breastfeeding childbearing_potential agrees_contraception
    diagnosis_confirmed apl cbf_aml mrd_positive mds_from_mpn_or_mdsmpn therapy_related_mds extramedullary_disease
    non_cns_chloroma cns_leukemia_active cns_leukemia_history
    npm1_mutated kmt2a_rearranged kmt2a_ptd nup98_rearranged meis1_linked_mutation bcr_abl1 flt3_itd
    flt3_tkd flt3_inhibitor_standard prior_menin_inhibitor
    eln2017_favourable_molecular hla_a02 cd123_positive cd123_flow_positive
    received_soc soc_options_available refuses_soc no_available_beneficial_therapy refractory_intensive_induction
    comorbidities_preclude_intensive fit_for_intensive hsct_engrafted gvhd_active immunosuppression_ever
    immunosuppression_current prior_car_t prior_car_nk prior_cellular_therapy prior_cd123_car
    prior_investigational_gene_or_cell_therapy prior_anti_cd123 anti_cd20_ever concurrent_investigational_drug
    liver_tests_adequate organ_marrow_ok organ_renal_ok organ_hepatic_ok organ_pulmonary_ok organ_cardiac_ok
    active_infection infection_uncontrolled on_antimicrobials_for_active_infection hiv_aids_on_art active_hbv
    active_hcv sars_cov2_active hepatitis_history hepatitis_clearance_serology clin_sig_liver_disease
    autoimmune_systemic_is autoimmune_exempt_only other_malignancy other_malignancy_invasive
    other_malignancy_requires_therapy other_malignancy_hormonal_only cns_disease_history solid_organ_transplant
    inherited_bmf_syndrome down_syndrome down_organ_function_ok refuses_blood_products
    hypersensitivity_ro_components donor_identified transplant_strategy
""".split()

ENUMERATIONS: dict[str, list[str]] = {
    "sex": ["M", "F"],
    "country": ["FR", "JP", "OTHER"],
    "diagnosis": ["AML", "B_ALL", "T_ALL", "MPAL", "MDS", "BPDCN", "JMML", "MDS_MPN", "OTHER"],
    "disease_status": ["untreated", "relapsed", "refractory", "remission"],
    "remission_state": ["none", "CR", "CRi", "CRh", "MLFS"],
    "karyotype": ["normal", "abnormal"],
    "cns_status": ["CNS1", "CNS2", "CNS3"],
    "ipss_r": ["very_low", "low", "intermediate", "high", "very_high"],
}

# Past events: none is after the day of the record. Not among them: birth_date (an age) and planned_c1d1_date.
DATES = """
    last_hsct_date relapse_after_hsct_date immunosuppression_stop_date car_t_date relapse_after_car_t_date
    anti_cd20_last_date autoimmune_last_active_date
""".split()

LISTS = ["prior_drugs", "hla_a_alleles"]

# Plausible ranges, in the stored form.
# fmt: off
INTEGERS: dict[str, tuple[int, int]] = {
    "birth_date": (0, 110),  # the age
    "relapse_number": (0, 10), "salvage_attempts": (0, 15), "induction_cycles_refractory": (0, 6),
    "hma_cycles_refractory": (0, 60), "hma_ven_cycles_refractory": (0, 60),
    "prior_hsct_count": (0, 5), "prior_allo_hsct_count": (0, 5),
    "ecog": (0, 4), "karnofsky": (0, 100), "lansky": (0, 100), "proteinuria_grade": (0, 3),
}
QUANTITIES: dict[str, tuple[int | Fraction, int] | None] = {
    "weight": (1, 250), "height": (30, 250), "serum_creatinine": (Fraction(1, 10), 25), "cr_duration": (0, 600),
    "bm_blasts_pct": (0, 100), "pb_blasts_pct": (0, 100), "pb_blasts_abs": (0, 1_000_000), "wbc": (0, 1_000_000),
    "ipss_r_score": None, "flt3_itd_allelic_ratio": (0, 50), "corticosteroid_daily": (0, 5000),
    "qtcf": (200**3, 800**3),  # the cube
    "qt": (200, 800), "heart_rate": (20, 300),
}
# fmt: on

# What a deciding set may name (not ipss_r_score, the lists or the planned first dose).
SCALAR_INPUTS = {*BOOLEANS, *ENUMERATIONS, *DATES, *INTEGERS, *QUANTITIES} - {"ipss_r_score"}

# Factors to the stored unit. Every other quantity has one unit, under one or more names.
MASS: dict[str, Fraction | int] = {"kg": 1, "g": Fraction(1, 1000), "lb": Fraction("0.45359237")}
CELLS: dict[str, Fraction | int] = {"/uL": 1, "/mm3": 1, "10^9/L": 1000, "10^3/uL": 1000}
LENGTH: dict[str, Fraction | int] = {"cm": 1, "m": 100, "in": Fraction("2.54")}
TIME: dict[str, Fraction | int] = {"ms": 1, "s": 1000}
CREATININE: dict[str, Fraction | int] = {"mg/dL": 1, "umol/L": Fraction(10, 884)}
UNITS = {
    "weight": MASS,
    "height": LENGTH,
    "serum_creatinine": CREATININE,
    "pb_blasts_abs": CELLS,
    "wbc": CELLS,
    "qtcf": TIME,
    "qt": TIME,
}
STEROIDS: dict[str, Fraction | int] = {
    "prednisone": 1,
    "prednisolone": 1,
    "methylprednisolone": Fraction(5, 4),
}
STEROIDS |= {"dexamethasone": Fraction(20, 3), "hydrocortisone": Fraction(1, 4)}  # mg of prednisone
# The HLA-A groups that there are.
HLA_A = "01 02 03 11 23 24 25 26 29 30 31 32 33 34 36 43 66 68 69 74 80".split()

# Comparisons in calendar months: the later day is (strictly) after the earlier one plus so many months. How they are
# written depends on which dates are known, so each record defines them (see plain.py).
MONTH_RELATIONS: dict[str, tuple[str, int, str, bool]] = {
    "hsct_relapse_beyond_3_months": ("last_hsct_date", 3, "relapse_after_hsct_date", True),
    "car_t_relapse_beyond_2_months": ("car_t_date", 2, "relapse_after_car_t_date", True),
    "autoimmune_quiet_60_months": ("autoimmune_last_active_date", 60, "first_dose", False),
    "anti_cd20_washed_out_3_months": ("anti_cd20_last_date", 3, "first_dose", False),
}


def _declare() -> tuple[dict[str, z3.ExprRef], dict[str, dict[str, z3.ExprRef]]]:
    """Every symbol by name, and the constants of every enumeration."""
    symbols: dict[str, z3.ExprRef] = {name: z3.Bool(name) for name in [*BOOLEANS, *MONTH_RELATIONS]}
    symbols |= {name: z3.Int(name) for name in [*INTEGERS, *DATES, "first_dose"]}
    symbols |= {name: z3.Real(name) for name in QUANTITIES}
    constants: dict[str, dict[str, z3.ExprRef]] = {}
    for name, values in ENUMERATIONS.items():
        sort, members = z3.EnumSort(name, [f"{name}={value}" for value in values])
        symbols[name] = z3.Const(name, sort)
        constants[name] = dict(zip(values, members, strict=True))
    return symbols, constants


SYMBOLS, CONSTANTS = _declare()
v = SimpleNamespace(**SYMBOLS)
AGE = v.birth_date
ADULT = AGE >= 18


def is_in(name: str, *values: str) -> BoolRef:
    """The enumeration `name` has one of these values."""
    options = [SYMBOLS[name] == CONSTANTS[name][value] for value in values]
    return options[0] if len(options) == 1 else Or(options)


IN_REMISSION = is_in("remission_state", "CR", "CRi", "CRh", "MLFS")
UNTREATED = is_in("disease_status", "untreated")
FEMALE = is_in("sex", "F")

AXIOMS: list[BoolRef] = [
    Implies(v.pregnant, FEMALE),  # B02
    Implies(v.breastfeeding, FEMALE),  # B03
    Implies(v.childbearing_potential, FEMALE),  # B04
    Implies(v.apl, is_in("diagnosis", "AML")),  # B05
    Implies(v.cbf_aml, is_in("diagnosis", "AML")),  # B06
    Not(And(v.apl, v.cbf_aml)),  # B07
    v.prior_allo_hsct_count <= v.prior_hsct_count,  # B08
    Implies(v.prior_car_t, v.prior_cellular_therapy),  # B09
    Implies(v.prior_car_nk, v.prior_cellular_therapy),  # B10
    Implies(v.prior_cd123_car, And(v.prior_car_t, v.prior_anti_cd123)),  # B11
    Implies(IN_REMISSION, v.bm_blasts_pct < 5),  # B12
    Implies(
        UNTREATED, And(is_in("remission_state", "none"), v.salvage_attempts == 0, v.relapse_number == 0)
    ),  # B13
    Implies(UNTREATED, Not(v.refractory_intensive_induction)),  # B13, B22
    Implies(is_in("disease_status", "relapsed"), v.relapse_number >= 1),  # B14
    is_in("disease_status", "remission") == IN_REMISSION,  # B15
    Implies(v.immunosuppression_current, v.immunosuppression_ever),  # B16
    Implies(is_in("cns_status", "CNS2", "CNS3"), v.cns_leukemia_active),  # B17
    Implies(is_in("cns_status", "CNS1"), Not(v.cns_leukemia_active)),  # B18
    v.pb_blasts_abs <= v.wbc,  # B19
    Implies(
        Or(v.active_hbv, v.active_hcv), And(v.hepatitis_history, Not(v.hepatitis_clearance_serology))
    ),  # B21
    Implies(
        Or(v.therapy_related_mds, v.mds_from_mpn_or_mdsmpn),
        is_in("diagnosis", "MDS", "MDS_MPN", "AML", "OTHER"),
    ),  # B23
    Implies(
        Or(
            v.other_malignancy_requires_therapy, v.other_malignancy_invasive, v.other_malignancy_hormonal_only
        ),
        v.other_malignancy,
    ),  # B24
    Implies(v.infection_uncontrolled, v.active_infection),  # B25
    Implies(v.on_antimicrobials_for_active_infection, v.active_infection),  # B26
    Implies(v.cd123_flow_positive, v.cd123_positive),  # B27
    Implies(Or(v.active_hbv, v.active_hcv, v.sars_cov2_active), v.active_infection),  # B28
    Implies(
        UNTREATED,
        And(
            v.induction_cycles_refractory == 0, v.hma_cycles_refractory == 0, v.hma_ven_cycles_refractory == 0
        ),
    ),  # B29
    Implies(v.pregnant, v.childbearing_potential),  # B30
    Implies(v.non_cns_chloroma, v.extramedullary_disease),  # B31
    Implies(v.fit_for_intensive, Not(v.comorbidities_preclude_intensive)),  # B32
    *(SYMBOLS[name] >= 0 for name in [*INTEGERS, *QUANTITIES]),
]

# Asserted for some records only: see Patient.theory in plain.py.
B01_ADULT_WEIGHT = Implies(ADULT, v.weight >= 30)
B20_BLAST_FRACTION = 100 * v.pb_blasts_abs == v.wbc * v.pb_blasts_pct
QTCF_DEFINITION = v.qt * v.qt * v.qt * v.heart_rate == 60 * v.qtcf
IPSS_R_DEFINITION = And(
    is_in("ipss_r", "very_low") == (v.ipss_r_score <= 1.5),
    is_in("ipss_r", "very_low", "low") == (v.ipss_r_score <= 3),
    is_in("ipss_r", "very_low", "low", "intermediate") == (v.ipss_r_score <= 4.5),
    is_in("ipss_r", "very_high") == (v.ipss_r_score > 6),
)
RANGES: dict[str, BoolRef] = {
    name: And(SYMBOLS[name] >= limits[0], SYMBOLS[name] <= limits[1])
    for name, limits in {**INTEGERS, **QUANTITIES}.items()
    if limits is not None
}

COHORTS: dict[str, list[str]] = {
    "RO": ["ALL"],
    "SAR": ["ESC", "EXP", "JPC"],
    "UC": ["ESC", "EXP"],
    "K001": ["AML_ANY", "AML_NPM1_KMT2A", "AML_NPM1", "ALL_KMT2A", "AML_MEIS1"],
    "ZPED": ["ALL"],
    "K017": ["ALL"],
}

AML = is_in("diagnosis", "AML")
MDS = is_in("diagnosis", "MDS")
B_ALL = is_in("diagnosis", "B_ALL")
BPDCN = is_in("diagnosis", "BPDCN")
RELAPSED_OR_REFRACTORY = is_in("disease_status", "relapsed", "refractory")
NOT_IN_REMISSION = is_in("remission_state", "none")
HSCT = v.prior_hsct_count >= 1
OFF_IMMUNOSUPPRESSION_28_DAYS = And(
    Not(v.immunosuppression_current), v.first_dose - v.immunosuppression_stop_date >= 28
)
NO_OTHER_TREATED_MALIGNANCY = Not(
    And(v.other_malignancy_requires_therapy, Not(v.other_malignancy_hormonal_only))
)
TRUE = z3.BoolVal(True)

# Devine: inches above 60, of 2.54 cm each, and 50 or 45.5 kg at 60 inches.
IDEAL_WEIGHT = If(FEMALE, z3.Q(91, 2), z3.RealVal(50)) + z3.Q(23, 10) * (v.height / z3.Q(254, 100) - 60)
ABOVE_IDEAL = And(v.height >= z3.Q(1524, 10), v.weight > IDEAL_WEIGHT)
CNS_BUT_CNS2 = And(v.cns_leukemia_active, Not(is_in("cns_status", "CNS2")))

# A clause is one term, or one term a cohort where cohorts read it differently.
Clauses = dict[str, BoolRef | dict[str, BoolRef]]


def ro(readings: frozenset[str]) -> Clauses:
    """RO7283420, NCT04580121."""
    cr_or_cri = is_in("remission_state", "CR", "CRi")
    active_disease = And(
        RELAPSED_OR_REFRACTORY, NOT_IN_REMISSION, Or(v.bm_blasts_pct >= 5, v.pb_blasts_abs > 0)
    )
    weight = v.weight
    if "AMB-RO-12-IDEAL" in readings:
        weight = If(ABOVE_IDEAL, IDEAL_WEIGHT, v.weight)
    elif "AMB-RO-12-ADJUSTED" in readings:
        weight = If(ABOVE_IDEAL, IDEAL_WEIGHT + z3.Q(2, 5) * (v.weight - IDEAL_WEIGHT), v.weight)
    clearance, needed = z3.ToReal(140 - AGE) * weight, 3600 * v.serum_creatinine
    transplant = v.prior_allo_hsct_count >= 1 if "AMB-RO-2" in readings else HSCT
    cns_now = CNS_BUT_CNS2 if "AMB-RO-17" in readings else v.cns_leukemia_active
    return {
        "RO.I0": TRUE if "AMB-RO-1" in readings else ADULT,
        "RO.I1a": And(AML, v.diagnosis_confirmed),
        "RO.I1c1": v.received_soc,
        "RO.I1c2": Not(v.soc_options_available),
        "RO.I1d": Not(v.refuses_soc),
        "RO.I1e": Or(active_disease, And(cr_or_cri, v.mrd_positive)),
        "RO.I2a": Implies(transplant, v.first_dose - v.last_hsct_date >= 90),
        "RO.I2b": Implies(transplant, v.hsct_engrafted),
        "RO.I2c": Implies(transplant, Not(v.gvhd_active)),
        "RO.I2d": Implies(And(transplant, v.immunosuppression_ever), OFF_IMMUNOSUPPRESSION_28_DAYS),
        "RO.I3": v.ecog <= 2,
        "RO.I4": v.pb_blasts_abs <= 20_000,
        "RO.I5": v.hla_a02,
        # Cockcroft-Gault at least 50 mL/min: (140 - age) w k >= 50 * 72 * creatinine, k = 0.85 for women
        "RO.I6a": And(
            Implies(FEMALE, 17 * clearance >= 20 * needed), Implies(Not(FEMALE), clearance >= needed)
        ),
        "RO.I6b": v.liver_tests_adequate,
        "RO.I7": v.agrees_contraception,
        "RO.E1": Not(v.apl),
        "RO.E2": Or(Not(v.cbf_aml), v.salvage_attempts >= 2),
        "RO.E3": Implies(cr_or_cri, Not(And(is_in("karyotype", "normal"), v.eln2017_favourable_molecular))),
        "RO.E4a": Not(v.infection_uncontrolled),
        "RO.E4b": TRUE if "AMB-RO-5" in readings else Not(v.on_antimicrobials_for_active_infection),
        "RO.E5": v.proteinuria_grade < 2,
        "RO.E6": NO_OTHER_TREATED_MALIGNANCY,
        "RO.E7": Not(Or(cns_now, v.cns_leukemia_history)),
        "RO.E8": Not(Or(v.extramedullary_disease, v.non_cns_chloroma)),
        "RO.E9": Not(v.cns_disease_history),
        "RO.E10a": Not(v.clin_sig_liver_disease),
        "RO.E10b": Implies(v.hepatitis_history, v.hepatitis_clearance_serology),
        "RO.E11a": Not(v.refuses_blood_products),
        "RO.E11b": Not(v.hypersensitivity_ro_components),
    }


def sar(readings: frozenset[str]) -> Clauses:
    """SAR443579, NCT05086315."""
    japan = is_in("country", "JP")
    esc_adults = ["AML", "MDS", "BPDCN"] if "AMB-SAR-4" in readings else ["AML", "MDS"]
    minors_in_expansion = z3.BoolVal(False) if "AMB-SAR-22" in readings else AML
    routing = {
        "ESC": And(
            Not(japan),
            If(ADULT, is_in("diagnosis", *esc_adults), is_in("diagnosis", "AML", "B_ALL", "BPDCN")),
        ),
        "EXP": And(Not(japan), If(ADULT, is_in("diagnosis", "AML", "MDS"), minors_in_expansion)),
        "JPC": And(japan, is_in("diagnosis", "AML", "MDS", "B_ALL")),
    }

    failed_induction = v.refractory_intensive_induction  # a.i
    failed_low_intensity = And(
        Or(AGE >= 75, v.comorbidities_preclude_intensive),
        Or(v.hma_cycles_refractory >= 4, v.hma_ven_cycles_refractory >= 2),
    )  # a.ii
    relapsed = is_in("disease_status", "relapsed")  # c, and b with it: b is c with a short remission
    two_inductions = v.induction_cycles_refractory >= 2  # d
    minor_routes = [relapsed, two_inductions] + ([failed_induction] if "AMB-SAR-3" in readings else [])

    ipss_r = ["intermediate", "high"] if "AMB-SAR-2" in readings else ["intermediate", "high", "very_high"]
    chloroma_free = Not(v.non_cns_chloroma)
    no_beneficial_therapy = v.no_available_beneficial_therapy
    b_all_after_car_t = And(B_ALL, v.prior_car_t)
    transplanted = Or(HSCT, b_all_after_car_t)
    adult_secondary_mds = And(ADULT, MDS, Or(v.mds_from_mpn_or_mdsmpn, v.therapy_related_mds))
    secondary_mds_in_japan = TRUE if "AMB-SAR-15" in readings else Not(adult_secondary_mds)
    return {
        "SAR.I1": If(is_in("country", "FR"), z3.IntVal(2), z3.IntVal(1)) <= AGE,
        "SAR.DX": {cohort: And(term, v.diagnosis_confirmed) for cohort, term in routing.items()},
        "SAR.I2": Implies(
            AML,
            And(
                NOT_IN_REMISSION,
                If(ADULT, Or(failed_induction, failed_low_intensity, relapsed), Or(minor_routes)),
            ),
        ),
        "SAR.I2n": Implies(AML, no_beneficial_therapy),
        "SAR.I3a": Implies(MDS, is_in("ipss_r", *ipss_r)),
        "SAR.I3b": Implies(MDS, v.cd123_positive),
        "SAR.I3c": Implies(MDS, no_beneficial_therapy),
        "SAR.I4a": Implies(B_ALL, v.cd123_positive),
        "SAR.I4b": Implies(B_ALL, Not(v.extramedullary_disease)),
        "SAR.I4c": Implies(B_ALL, no_beneficial_therapy),
        "SAR.I4d": Implies(B_ALL, chloroma_free) if "AMB-SAR-5" in readings else chloroma_free,
        "SAR.I5": v.weight >= 10,
        "SAR.I6a": Implies(BPDCN, RELAPSED_OR_REFRACTORY),
        "SAR.I6b": Implies(BPDCN, no_beneficial_therapy),
        "SAR.I7": Implies(japan, ADULT),
        "SAR.E1": If(ADULT, v.ecog <= 2, If(AGE >= 16, v.karnofsky >= 50, v.lansky >= 50)),
        "SAR.E2": Not(
            And(v.autoimmune_systemic_is, Not(v.autoimmune_exempt_only), Not(v.autoimmune_quiet_60_months))
        ),
        "SAR.E3": Or(Not(v.other_malignancy_invasive), NO_OTHER_TREATED_MALIGNANCY),
        "SAR.E4": Not(And(v.cns_leukemia_active, Not(And(Not(ADULT), is_in("cns_status", "CNS1", "CNS2"))))),
        "SAR.E5a": Not(v.hiv_aids_on_art),
        "SAR.E5b": Not(Or(v.active_hbv, v.active_hcv)),
        "SAR.E5c": Not(v.sars_cov2_active),
        "SAR.E6": Or(Not(v.prior_anti_cd123), And(BPDCN, Not(ADULT))),
        "SAR.E7h": Implies(HSCT, v.hsct_relapse_beyond_3_months),
        "SAR.E7c": Implies(b_all_after_car_t, v.car_t_relapse_beyond_2_months),
        "SAR.E7i": Implies(And(transplanted, v.immunosuppression_ever), OFF_IMMUNOSUPPRESSION_28_DAYS),
        "SAR.E7g": Implies(transplanted, Not(v.gvhd_active)),
        "SAR.E8": v.corticosteroid_daily <= 10,
        "SAR.E9": Implies(is_in("diagnosis", "AML", "BPDCN", "MDS"), Not(v.prior_cellular_therapy)),
        "SAR.E10": Not(v.concurrent_investigational_drug),
        "SAR.E11a": Not(v.pregnant),
        "SAR.E11b": Not(v.breastfeeding),
        "SAR.E12": Not(v.solid_organ_transplant),
        "SAR.E13": v.qtcf <= 470**3,
        "SAR.E14a": Implies(Not(ADULT), Not(v.inherited_bmf_syndrome)),
        "SAR.E14b": Implies(And(Not(ADULT), v.down_syndrome), v.down_organ_function_ok),
        "SAR.E15": {"ESC": TRUE, "EXP": Not(adult_secondary_mds), "JPC": secondary_mds_in_japan},
        "SAR.E16": And(Not(v.apl), Not(is_in("diagnosis", "JMML"))),
    }


def uc(readings: frozenset[str]) -> Clauses:
    """UCART123v1.2, NCT03190278."""
    investigational = v.prior_investigational_gene_or_cell_therapy
    any_gene_or_cell = Or(investigational, v.prior_car_t, v.prior_car_nk)
    cns_now = CNS_BUT_CNS2 if "AMB-UC-10" in readings else v.cns_leukemia_active
    cns_now_or_ever = Or(cns_now, v.cns_leukemia_history)
    return {
        "UC.I0": And(ADULT, AGE <= 65),
        "UC.I1a": And(AML, v.diagnosis_confirmed, RELAPSED_OR_REFRACTORY),
        "UC.I1b": v.bm_blasts_pct >= 5 if "AMB-UC-1" in readings else v.bm_blasts_pct > 5,
        "UC.I2": v.cd123_flow_positive,
        "UC.I3": v.ecog <= 1,
        "UC.I4a": v.organ_marrow_ok,
        "UC.I4b": v.organ_renal_ok,
        "UC.I4c": v.organ_hepatic_ok,
        "UC.I4d": v.organ_pulmonary_ok,
        "UC.I4e": v.organ_cardiac_ok,
        "UC.DX": {"ESC": TRUE, "EXP": TRUE},
        "UC.I5": {"ESC": And(v.donor_identified, v.transplant_strategy), "EXP": TRUE},
        "UC.E1a": Not(v.apl),
        "UC.E1b": Not(cns_now_or_ever if "AMB-UC-2" in readings else cns_now),
        "UC.E2": Not(investigational if "AMB-UC-3" in readings else any_gene_or_cell),
        "UC.E3": v.prior_allo_hsct_count <= 1,
        "UC.E4": Implies(v.anti_cd20_ever, v.anti_cd20_washed_out_3_months),
        "UC.E5": Not(Or(v.active_infection, v.infection_uncontrolled)),
    }


def k001() -> Clauses:
    """KOMET-001, NCT04067336."""
    routes = {
        "AML_ANY": AML,
        "AML_NPM1_KMT2A": And(AML, Or(v.npm1_mutated, v.kmt2a_rearranged)),
        "AML_NPM1": And(AML, v.npm1_mutated),
        "ALL_KMT2A": And(is_in("diagnosis", "B_ALL", "T_ALL"), v.kmt2a_rearranged),
        "AML_MEIS1": And(AML, v.meis1_linked_mutation),
    }
    return {
        "K001.I1": ADULT,
        "K001.I2": RELAPSED_OR_REFRACTORY,
        "K001.DX": {route: And(term, v.diagnosis_confirmed) for route, term in routes.items()},
    }


def zped(readings: frozenset[str]) -> Clauses:
    """Paediatric ziftomenib, NCT06376162."""
    return {
        "ZPED.I1": Not(ADULT) if "AMB-ZPED-1" in readings else AGE <= 21,
        "ZPED.I2": And(is_in("diagnosis", "AML", "MPAL", "B_ALL", "T_ALL"), v.diagnosis_confirmed),
        "ZPED.I3": RELAPSED_OR_REFRACTORY,
        "ZPED.I4": Or(v.kmt2a_rearranged, v.nup98_rearranged, v.npm1_mutated),
    }


def k017(secondary_sources: bool) -> Clauses:
    """KOMET-017, NCT07007312."""
    clauses: Clauses = {
        "K017.I1": ADULT,
        "K017.I2": And(AML, v.diagnosis_confirmed),
        "K017.I3": UNTREATED,
        "K017.I4": Or(v.npm1_mutated, v.kmt2a_rearranged),
    }
    if secondary_sources:
        clauses["K017.E1s"] = Not(v.bcr_abl1)
        clauses["K017.E2s"] = Implies(
            v.flt3_inhibitor_standard,
            And(Not(v.flt3_tkd), Implies(v.flt3_itd, v.flt3_itd_allelic_ratio < z3.Q(1, 20))),
        )
    return clauses


class Trial(NamedTuple):
    """A trial with one assumption literal for every question."""

    code: str
    clauses: dict[str, BoolRef]  # literal: the clause holds in the chosen cohort
    cohorts: dict[str, BoolRef]  # literal: this cohort is chosen
    fails: BoolRef  # literal: no cohort admits the patient
    fails_in: dict[str, BoolRef]  # literal: this cohort does not admit the patient
    eligible: BoolRef  # the formula E: some cohort admits the patient
    definitions: BoolRef  # what the literals mean


def make_trial(code: str, clauses: Clauses, open_cohorts: list[str]) -> Trial:
    """Attach literals to the clauses; in a closed cohort the routing clause is false."""
    names = COHORTS[code]
    by_cohort = {key: term for key, term in clauses.items() if isinstance(term, dict)}
    if routing := by_cohort.get(f"{code}.DX"):
        by_cohort[f"{code}.DX"] = {
            c: term if c in open_cohorts else z3.BoolVal(False) for c, term in routing.items()
        }
    common = {key: term for key, term in clauses.items() if key not in by_cohort}

    literals = {key: z3.Bool(key) for key in clauses}
    chosen = {cohort: z3.Bool(f"{code} in {cohort}") for cohort in names}
    fails_in = {cohort: z3.Bool(f"{code} fails in {cohort}") for cohort in names}
    fails = z3.Bool(f"{code} fails")

    own = {cohort: And([terms[cohort] for terms in by_cohort.values()]) for cohort in names}
    eligible = And(*common.values(), Or(list(own.values()))) if by_cohort else And(*common.values())
    definitions = [Or(list(chosen.values())), Implies(fails, Not(eligible))]
    definitions += [Implies(literals[key], term) for key, term in common.items()]
    for cohort in names:
        definitions.append(Implies(fails_in[cohort], Not(And(*common.values(), own[cohort]))))
        definitions += [
            Implies(And(literals[k], chosen[cohort]), terms[cohort]) for k, terms in by_cohort.items()
        ]
    return Trial(code, literals, chosen, fails, fails_in, eligible, And(definitions))


@lru_cache(maxsize=64)
def trials(
    readings: frozenset[str], secondary: bool, open_cohorts: frozenset[tuple[str, frozenset[str]]]
) -> list[Trial]:
    """The six trials in one state of the world."""
    clauses = {
        "RO": ro(readings),
        "SAR": sar(readings),
        "UC": uc(readings),
        "K001": k001(),
        "ZPED": zped(readings),
        "K017": k017(secondary or "AMB-K017-2" in readings),
    }
    opened = dict(open_cohorts)
    return [make_trial(code, terms, list(opened.get(code, COHORTS[code]))) for code, terms in clauses.items()]
