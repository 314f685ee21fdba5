"""What Hypothesis draws: records like those in real use, with facts of every form, values on and beside every limit, and contexts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import worked
from hypothesis import strategies as st
from worked import Json

from solver.language.types import BooleanType, DateType, EnumerationType, IntegerType, ListType
from solver.library.models import Library, Variable

AS_OF = date(2025, 6, 1)

LIMITS: dict[str, tuple[str, tuple[float, ...]]] = {
    "weight": ("kg", (9.999, 10, 10.001, 26, 30, 45, 72, 110)),
    "serum_creatinine": ("mg/dL", (0.4, 0.9, 1.36, 1.6, 1.601, 1.78, 3)),
    "bm_blasts_pct": ("%", (0, 1, 4.999, 5, 5.001, 42)),
    "pb_blasts_abs": ("/uL", (0, 1, 3200, 19999, 20000, 20001, 40000)),
    "pb_blasts_pct": ("%", (0, 5, 33, 34, 80, 100)),
    "wbc": ("/uL", (100, 4000, 20000, 20001, 60000)),
    "qtcf": ("ms", (400, 469.999, 470, 470.001, 500)),
    "qt": ("ms", (320, 376, 400, 470, 480)),
    "heart_rate": ("/min", (45, 60, 61, 100, 117.1875)),
    "cr_duration": ("mo", (0, 3, 5.999, 6, 11)),
    "flt3_itd_allelic_ratio": ("1", (0, 0.049, 0.05, 0.6)),
    "corticosteroid_daily": ("mg/d", (0, 1.5, 8, 10, 10.001, 40)),
    "ipss_r_score": ("1", (1.5, 3, 3.001, 4.5, 4.7, 6, 6.5)),
}
"""The unit of every quantity, and values of it on, beside and away from the limits."""

COUNTS: dict[str, tuple[int, ...]] = {
    "ecog": (0, 1, 2, 3, 4),
    "karnofsky": (40, 49, 50, 51, 90, 100),
    "lansky": (40, 49, 50, 51, 90, 100),
    "hma_cycles_refractory": (0, 3, 4, 6),
    "proteinuria_grade": (0, 1, 2, 3),
}
"""Values of the whole numbers; of the others 0 to 3."""

COUNTRIES = ("US", "FR", "JP", "DE")
ALLELES = ("A*02:01", "A*02:06", "HLA-A*02", "A*01:01", "A*24:02", "A*03:01")
DRUGS = (
    "azacitidine",
    "venetoclax",
    "tagraxofusp",
    "flotetuzumab",
    "UCART123",
    "tisagenlecleucel",
    "CLL1 CAR-T",
    "CD33 CAR-NK",
)


def day(year: int, month: int, number: int) -> str:
    """An ISO date."""
    return date(year, month, number).isoformat()


EVENTS = (
    *(
        (AS_OF - timedelta(days=days)).isoformat()
        for days in (0, 1, 27, 28, 29, 60, 89, 90, 91, 92, 300, 1000)
    ),
    *(day(2025, month, last) for month, last in ((1, 31), (2, 28), (3, 1), (3, 31), (4, 30))),
    *(day(2024, month, last) for month, last in ((2, 29), (8, 5), (11, 5), (11, 6), (11, 30), (12, 31))),
    *(day(2020, month, last) for month, last in ((2, 29), (5, 31), (6, 1), (6, 2))),
)
"""Days of past events, on and beside the windows, and at the ends of months."""

BIRTHDAYS = (
    *(day(2025 - years, 6, number) for years in (1, 2, 16, 18, 22, 66, 75) for number in (1, 2)),
    *(day(year, 2, 29) for year in (1960, 1984, 2004, 2008, 2024)),
    day(1967, 2, 10),
    day(2015, 3, 3),
)
"""Days of birth, on and beside the ages at which a clause changes."""


def record_facts(library: Library, name: str) -> st.SearchStrategy[Any]:
    """A fact about a variable in any form that a record may have, null included."""
    return st.one_of(exact_facts(library, name), vague_facts(library, name), st.none())


def exact_facts(library: Library, name: str) -> st.SearchStrategy[Any]:
    """A fact that leaves one value, or a recorded list."""
    variable = library.variables[name]
    match variable.type:
        case BooleanType():
            return st.booleans()
        case EnumerationType(values):
            return st.sampled_from(COUNTRIES if name == "country" else values)
        case IntegerType():
            return st.sampled_from(COUNTS.get(name, (0, 1, 2, 3)))
        case DateType():
            return st.sampled_from(days_of(name))
        case ListType():
            entries = ALLELES if variable.most else DRUGS
            return st.lists(st.sampled_from(entries), max_size=variable.most or 3)
    unit, values = LIMITS[name]
    return st.builds(
        lambda value, rest: {"value": value, "unit": unit, **rest}, st.sampled_from(values), doses(variable)
    )


def vague_facts(library: Library, name: str) -> st.SearchStrategy[Any]:
    """A fact that leaves several values: one of some, an interval, or part of a date."""
    variable = library.variables[name]
    match variable.type:
        case BooleanType():
            return st.just({"one_of": [True, False]})
        case EnumerationType(values):
            some = COUNTRIES if name == "country" else values
            return st.lists(st.sampled_from(some), min_size=2, max_size=3, unique=True).map(_one_of)
        case IntegerType():
            values_ = COUNTS.get(name, (0, 1, 2, 3))
            return st.one_of(pairs(values_).map(_between), pairs(values_).map(_one_of))
        case DateType():
            days = days_of(name)
            return st.one_of(
                st.sampled_from(days).map(lambda text: text[:7]),
                st.sampled_from(days).map(lambda text: text[:4]),
                st.sampled_from(days).map(lambda text: {"max": text}),
                pairs(days).map(_between),
                pairs(days).map(_one_of),
            )
        case ListType():
            return st.just([])
    unit, values = LIMITS[name]
    forms = [
        st.sampled_from(values).map(lambda value: {"max": value}),
        st.sampled_from(values).map(lambda value: {"min": value}),
        st.sampled_from(values[1:]).map(lambda value: {"max": value, "max_exclusive": True}),
        pairs(values).map(_between),
        pairs(values).map(_one_of),
    ]
    return st.builds(lambda form, rest: {**form, "unit": unit, **rest}, st.one_of(forms), doses(variable))


def pairs(values: Sequence[Any]) -> st.SearchStrategy[tuple[Any, Any]]:
    """Two different values, the smaller first."""
    return st.lists(st.sampled_from(values), min_size=2, max_size=2, unique=True).map(
        lambda pair: (min(pair), max(pair))
    )


def doses(variable: Variable) -> st.SearchStrategy[Json]:
    """The drug of a dose; nothing for another quantity."""
    if not variable.drugs:
        return st.just({})
    return st.sampled_from(sorted(variable.drugs)).map(lambda drug: {"drug": drug})


def days_of(name: str) -> Sequence[str]:
    """Days that a date variable may have."""
    if name == "planned_c1d1_date":
        return (day(2025, 5, 20), day(2025, 6, 2), day(2025, 6, 20), day(2025, 7, 5))
    return BIRTHDAYS if name == "birth_date" else EVENTS


def _one_of(values: Sequence[Any]) -> Json:
    return {"one_of": list(values)}


def _between(pair: tuple[Any, Any]) -> Json:
    return {"min": pair[0], "max": pair[1]}


@st.composite
def contexts(draw: st.DrawFn, library: Library) -> Json:
    """A state of the world: usually everything is open and every first reading holds."""
    context: Json = {}
    for trial in library.trials.values():
        if trial.routed and draw(st.integers(0, 5)) == 0:
            some = st.lists(st.sampled_from(sorted(trial.cohorts)), unique=True)
            context.setdefault("open_cohorts", {})[trial.code] = draw(some)
    if draw(st.integers(0, 3)) == 0:
        readings = sorted(reading.id for reading in library.switches())
        context["readings"] = draw(st.lists(st.sampled_from(readings), unique=True, max_size=4))
    if draw(st.integers(0, 5)) == 0:
        context["secondary_sources"] = True
    return context


@st.composite
def records(draw: st.DrawFn, library: Library, *, exact: bool = False) -> Json:
    """A record: a patient of the worked cases with facts dropped and changed, in some context.

    With `exact` no fact is drawn that leaves several values.
    """
    record = worked.patient(draw(st.sampled_from(sorted(worked.load("patients")))))
    facts = record["facts"]
    for name in draw(st.lists(st.sampled_from(sorted(facts)), max_size=8, unique=True)):
        del facts[name]
    names = st.lists(st.sampled_from(sorted(library.variables)), max_size=8, unique=True)
    drawn = exact_facts if exact else record_facts
    for name in draw(names):
        facts[name] = draw(drawn(library, name))
    context = draw(contexts(library))
    return {**record, "id": "drawn", "facts": facts, **({"context": context} if context else {})}


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
