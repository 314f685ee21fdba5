"""One trial for a whole cohort in Polars, by hand: what one would write for NCT03190278 where every fact is recorded.

The verdict of each row, with the background theory checked: a row that contradicts it is withheld. Coded from the clinical reading, as
`plain_trials.py` is.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl


def implies(premise: pl.Expr, conclusion: pl.Expr) -> pl.Expr:
    """Where the premise holds, the conclusion holds."""
    return ~premise | conclusion


def one_of(name: str, *values: str) -> pl.Expr:
    """An enumeration has one of the values."""
    column = pl.col(name)
    return column == values[0] if len(values) == 1 else column.is_in(values)


def theory() -> pl.Expr:
    """What holds for every patient of whom everything is recorded."""
    c, female, aml = pl.col, one_of("sex", "F"), one_of("diagnosis", "AML")
    untreated, remission = (
        one_of("disease_status", "untreated"),
        one_of("remission_state", "CR", "CRi", "CRh", "MLFS"),
    )
    score = c("ipss_r_score")
    return pl.all_horizontal(
        implies(c("pregnant"), female & c("childbearing_potential")),
        implies(c("breastfeeding"), female),
        implies(c("childbearing_potential"), female),
        implies(c("apl"), aml),
        implies(c("cbf_aml"), aml),
        ~(c("apl") & c("cbf_aml")),
        c("prior_allo_hsct_count") <= c("prior_hsct_count"),
        implies(c("prior_car_t"), c("prior_cellular_therapy")),
        implies(c("prior_car_nk"), c("prior_cellular_therapy")),
        implies(c("prior_cd123_car"), c("prior_car_t") & c("prior_anti_cd123")),
        implies(remission, c("bm_blasts_pct") < 5),
        implies(
            untreated,
            one_of("remission_state", "none")
            & (c("salvage_attempts") == 0)
            & (c("relapse_number") == 0)
            & ~c("refractory_intensive_induction"),
        ),
        implies(one_of("disease_status", "relapsed"), c("relapse_number") >= 1),
        one_of("disease_status", "remission") == remission,
        implies(c("immunosuppression_current"), c("immunosuppression_ever")),
        implies(one_of("cns_status", "CNS2", "CNS3"), c("cns_leukemia_active")),
        implies(one_of("cns_status", "CNS1"), ~c("cns_leukemia_active")),
        c("pb_blasts_abs") <= c("wbc"),
        implies(
            c("active_hbv") | c("active_hcv"), c("hepatitis_history") & ~c("hepatitis_clearance_serology")
        ),
        implies(
            c("therapy_related_mds") | c("mds_from_mpn_or_mdsmpn"),
            one_of("diagnosis", "MDS", "MDS_MPN", "AML", "OTHER"),
        ),
        implies(
            c("other_malignancy_requires_therapy")
            | c("other_malignancy_invasive")
            | c("other_malignancy_hormonal_only"),
            c("other_malignancy"),
        ),
        implies(c("infection_uncontrolled"), c("active_infection")),
        implies(c("on_antimicrobials_for_active_infection"), c("active_infection")),
        implies(c("cd123_flow_positive"), c("cd123_positive")),
        implies(c("active_hbv") | c("active_hcv") | c("sars_cov2_active"), c("active_infection")),
        implies(
            untreated,
            (c("induction_cycles_refractory") == 0)
            & (c("hma_cycles_refractory") == 0)
            & (c("hma_ven_cycles_refractory") == 0),
        ),
        implies(c("non_cns_chloroma"), c("extramedullary_disease")),
        implies(c("fit_for_intensive"), ~c("comorbidities_preclude_intensive")),
        implies(score <= 1.5, one_of("ipss_r", "very_low")),
        implies((score > 1.5) & (score <= 3), one_of("ipss_r", "low")),
        implies((score > 3) & (score <= 4.5), one_of("ipss_r", "intermediate")),
        implies((score > 4.5) & (score <= 6), one_of("ipss_r", "high")),
        implies(score > 6, one_of("ipss_r", "very_high")),
    )


def fits() -> pl.Expr:
    """Whether a patient fits some cohort."""
    c, born, today = pl.col, pl.col("birth_date"), pl.col("as_of")
    not_yet = (today.dt.month() * 100 + today.dt.day()) < (born.dt.month() * 100 + born.dt.day())
    age = today.dt.year() - born.dt.year() - not_yet.cast(pl.Int32)
    first_dose = pl.max_horizontal(today, "planned_c1d1_date")
    return pl.all_horizontal(
        (age >= 18) & (age <= 65),
        one_of("diagnosis", "AML"),
        c("diagnosis_confirmed"),
        one_of("disease_status", "relapsed", "refractory"),
        c("bm_blasts_pct") > 5,
        c("cd123_flow_positive"),
        c("ecog") <= 1,
        c("organ_marrow_ok"),
        c("organ_renal_ok"),
        c("organ_hepatic_ok"),
        c("organ_pulmonary_ok"),
        c("organ_cardiac_ok"),
        ~c("apl"),
        ~c("cns_leukemia_active"),
        ~(c("prior_investigational_gene_or_cell_therapy") | c("prior_car_t") | c("prior_car_nk")),
        c("prior_allo_hsct_count") <= 1,
        implies(c("anti_cd20_ever"), first_dose >= c("anti_cd20_last_date").dt.offset_by("3mo")),
        ~(c("active_infection") | c("infection_uncontrolled")),
    )


def screen(cohort: Path, out: Path) -> None:
    """Write a row a patient with the verdict."""
    verdict = (
        pl.when(~theory())
        .then(pl.lit("withheld"))
        .when(fits())
        .then(pl.lit("eligible"))
        .otherwise(pl.lit("ineligible"))
    )
    pl.scan_parquet(cohort).select(
        pl.int_range(1, pl.len() + 1).alias("row"),
        pl.col("id").alias("patient"),
        "as_of",
        pl.lit("NCT03190278").alias("trial"),
        pl.lit("UC").alias("code"),
        verdict.alias("verdict"),
    ).sink_parquet(out)
