"""`match when`: what the days mean, on patients whose days are counted by hand; P47 to P52 by name."""

from __future__ import annotations

import copy
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given

from solver.engine.answer import DatesAnswer
from solver.engine.days.horizon import horizon_day
from solver.errors import InputError
from solver.language.calendar import parse_day
from solver.language.types import DateType
from solver.library.load import load_library
from solver.matcher import Matcher
from solver.patient.changes import with_first_dose
from solver.patient.readers.native.read import read_record
from solver.questions.when.answer import TrialDates, WhenAnswer
from solver.questions.when.ask import when
from solver.smt.session import Budget
from tests.support.drawing.drawn import drawn
from tests.support.drawing.strategies import records
from tests.support.libraries.shipped import LIBRARY
from tests.support.libraries.small_library import THEORY, TRIAL, VOCABULARY, folder
from tests.support.records import worked
from tests.support.records.labelled import labelled_days
from tests.support.records.worked import Json
from tests.support.twins.by_day import certain, days_of, may

MATCHER = Matcher(LIBRARY)
AS_OF = date(2025, 6, 1)


def patient(name: str, **facts: object) -> Json:
    """The record of a worked patient with other facts; None forgets one."""
    record = worked.patient(name)
    record["facts"].update(facts)
    return record


def dates(record: Json, *codes: str, **how: object) -> dict[str, TrialDates]:
    """When the trials take a patient."""
    answer: WhenAnswer = when(MATCHER, worked.read(record, LIBRARY), codes or None, **how)  # type: ignore[arg-type]
    return {trial.code: trial for trial in answer.trials}


def days(record: Json, code: str, **how: object) -> DatesAnswer:
    """When one trial takes a patient."""
    found = dates(record, code, **how)[code].dates
    assert found is not None
    return found


def first(record: Json, code: str, **how: object) -> str | None:
    """The first day on which a trial takes a patient."""
    return days(record, code, **how).eligible_from


def moved(record: Json, by: int) -> Json:
    """The record with its day and all dates of facts moved by some days."""
    found = copy.deepcopy(record)
    found["as_of"] = (date.fromisoformat(record["as_of"]) + timedelta(days=by)).isoformat()
    for name, value in record["facts"].items():
        if isinstance(LIBRARY.variables[name].type, DateType):
            found["facts"][name] = (date.fromisoformat(value) + timedelta(days=by)).isoformat()
    return found


# --- the worked cases


@pytest.mark.parametrize(("case", "code", "labelled"), labelled_days())
def test_P49_the_first_day_is_the_labelled_one(case: Json, code: str, labelled: str | None) -> None:
    """The earliest eligible day of a worked case is the labelled one, or there is none within seven years; `match` says the same."""
    record = worked.read(worked.case_record(case), LIBRARY)
    (trial,) = when(MATCHER, record, [code]).trials
    assert trial.dates is not None
    assert trial.dates.eligible_from == labelled
    assert MATCHER.match(record, [code]).trials[0].dates == trial.dates


@drawn(25)
@given(records(LIBRARY))
def test_P49_match_and_when_agree(record: Json) -> None:
    """Verdict and dates are those of `match`; a patient is eligible today if and only if the first day is the record's own."""
    read = worked.read(record, LIBRARY)
    answer, dated = MATCHER.match(read), when(MATCHER, read)
    for trial, found in zip(answer.trials, dated.trials, strict=True):
        assert (trial.code, trial.verdict, trial.dates) == (found.code, found.verdict, found.dates)
        assert trial.published_only == found.published_only
        if found.dates is not None:
            start = bool(found.eligible) and found.eligible[0].first == answer.as_of
            assert (found.verdict == "eligible") is start
            assert (found.verdict == "ineligible") is not (
                bool(found.possible) and found.possible[0].first == answer.as_of
            )
            assert days_of(certain(found)) <= days_of(may(found))


# --- P47, P48: what a clock does

WASHOUTS = [
    ("RO", "RO.I2a", "transplanted-man", "last_hsct_date"),
    ("RO", "RO.I2d", "transplanted-man", "immunosuppression_stop_date"),
    ("SAR", "SAR.E7i", "transplanted-man", "immunosuppression_stop_date"),
    ("SAR", "SAR.E2", "relapsed-man", "autoimmune_last_active_date"),
    ("UC", "UC.E4", "relapsed-man", "anti_cd20_last_date"),
]
EVER = {
    "autoimmune_last_active_date": {"autoimmune_systemic_is": True, "autoimmune_exempt_only": False},
    "anti_cd20_last_date": {"anti_cd20_ever": True},
}


@pytest.mark.parametrize("day", ["2025-05-31", "2025-04-30", "2024-02-29", "2023-11-30", "2025-03", "2024"])
@pytest.mark.parametrize(("code", "clause", "name", "variable"), WASHOUTS)
def test_P47_a_washout_that_is_over_stays_over(
    code: str, clause: str, name: str, variable: str, day: str
) -> None:
    """The days on which a washout is met, or may be, are all days from one on: with exact dates and partial ones."""
    record = patient(name, **{variable: day}, **EVER.get(variable, {}))
    (trial,) = dates(record, code).values()
    horizon = add_years(AS_OF, 7).isoformat()
    for clock in trial.clocks:
        if clock.clause == clause:
            assert len(clock.met) <= 1
            assert [span[1] for span in (*clock.met, *clock.possible)] == [horizon] * (1 + len(clock.met))


def add_years(day: date, years: int) -> date:
    """The same day, years later."""
    return day.replace(year=day.year + years)


@pytest.mark.parametrize("relapse", ["2025-01-20", "2025-02-10", "2025-04-20"])
def test_P47_fixed_history_has_no_clock(relapse: str) -> None:
    """Whether relapse came soon after a transplant or a CAR-T does not change with the day."""
    record = patient("transplanted-man", last_hsct_date="2025-01-10", relapse_after_hsct_date=relapse)
    assert not {"SAR.E7h", "SAR.E7c"} & {clock.clause for clock in dates(record, "SAR")["SAR"].clocks}


@pytest.mark.parametrize(
    ("code", "clause", "birth", "met"),
    [
        ("K001", "K001.I1", "2008-03-10", ("2026-03-10", "2032-06-01")),
        ("UC", "UC.I0", "2008-03-10", ("2026-03-10", "2032-06-01")),
        ("UC", "UC.I0", "1960-03-10", ("2025-06-01", "2026-03-09")),
        ("ZPED", "ZPED.I1", "2005-03-10", ("2025-06-01", "2027-03-09")),
        ("SAR", "SAR.I1", "2024-08-15", ("2025-08-15", "2032-06-01")),
    ],
)
def test_P48_age_limits_open_and_close_on_birthdays(
    code: str, clause: str, birth: str, met: tuple[str, str]
) -> None:
    """A lower limit is met from a birthday on, an upper one until the day before a birthday."""
    found = dates(patient("relapsed-man", birth_date=birth, kmt2a_rearranged=True), code)[code]
    assert {clock.clause: clock.met for clock in found.clocks}[clause] == (met,)


def test_P48_a_trial_that_switches_rules_with_age_can_close_and_open_again() -> None:
    """Lansky counts below 16, Karnofsky at 16 and 17, ECOG from 18: poor at 16 alone, the patient is refused for two years."""
    record = patient("toddler", birth_date="2010-02-10", lansky=90, karnofsky=40, ecog=1)
    record["facts"] |= {
        "weight": {"value": 60, "unit": "kg"},
        "down_syndrome": False,
        "inherited_bmf_syndrome": False,
    }
    trial = dates(record, "SAR")["SAR"]
    assert [(w.first, w.last) for w in trial.eligible] == [
        ("2025-06-01", "2026-02-09"),
        ("2028-02-10", "2032-06-01"),
    ]
    assert (trial.eligible[0].closed_by, trial.eligible[1].opened_by) == (("SAR.E1",), ("SAR.E1",))
    assert trial.dates is not None
    assert (trial.dates.eligible_from, trial.dates.eligible_until) == ("2025-06-01", None)


# --- P50: only time


@pytest.mark.parametrize(
    ("changes", "code", "clause", "fact"),
    [
        ({"immunosuppression_current": True, "immunosuppression_stop_date": None}, "RO", "RO.I2d", "immunosuppression_current"),
        ({"last_hsct_date": "2025-01-10", "relapse_after_hsct_date": "2025-02-10"}, "SAR", "SAR.E7h", "relapse_after_hsct_date"),
        ({"corticosteroid_daily": {"value": 20, "unit": "mg/d", "drug": "prednisone"}}, "SAR", "SAR.E8", "corticosteroid_daily"),
        ({"weight": {"value": 31, "unit": "kg"}, "serum_creatinine": {"value": 1.5, "unit": "mg/dL"}}, "RO", "RO.I6a", "weight"),
        ({"concurrent_investigational_drug": True}, "SAR", "SAR.E10", "concurrent_investigational_drug"),
    ],
)  # fmt: skip
def test_P50_what_waiting_does_not_change_gets_no_date(
    changes: Json, code: str, clause: str, fact: str
) -> None:
    """A drug still taken, a low weight or a relapse too soon gets no date, and the clause with the fact is named as the reason."""
    trial = dates(patient("transplanted-man", **changes), code)[code]
    assert trial.dates is not None
    assert (trial.dates.eligible_from, trial.dates.possible) == (None, ())
    reasons = {each.clauses: each for each in trial.never}
    assert fact in reasons[clause,].facts
    assert not reasons[clause,].later


@pytest.mark.parametrize(("name", "code", "facts"), [
    ("transplanted-man", "RO", {"last_hsct_date": "2025-04-01"}),
    ("teenager", "K001", {}),
    ("relapsed-man", "UC", {"anti_cd20_ever": True, "anti_cd20_last_date": "2025-04-30"}),
])  # fmt: skip
def test_P50_with_the_day_alone_moved_the_patient_is_eligible(name: str, code: str, facts: Json) -> None:
    """Judged on the promised day with every fact as recorded the patient is eligible, and not on the day before."""
    record = patient(name, **facts)
    found = first(record, code)
    assert found is not None
    assert found > record["as_of"]

    def verdict(day: date) -> str:
        later = worked.read({**record, "as_of": day.isoformat()}, LIBRARY)
        return MATCHER.match(later, [code]).trials[0].verdict

    promised = date.fromisoformat(found)
    assert verdict(promised) == "eligible"
    assert verdict(promised - timedelta(days=1)) == "ineligible"


def test_two_clauses_that_are_never_met_together_are_named_together() -> None:
    """A washout that ends after the age limit has passed: no day, because of the two together, each of which has its days."""
    record = patient(
        "relapsed-man", birth_date="1959-06-20", anti_cd20_ever=True, anti_cd20_last_date="2025-04-05"
    )
    trial = dates(record, "UC")["UC"]
    assert [each.clauses for each in trial.never] == [("UC.E4", "UC.I0")]
    assert trial.never[0].facts == ("anti_cd20_ever", "anti_cd20_last_date", "birth_date")
    clocks = {clock.clause: clock for clock in trial.clocks}
    assert clocks["UC.E4"].met[0][0] == "2025-07-05"
    assert clocks["UC.I0"].met[-1][1] == "2025-06-19"


def test_what_opens_after_the_horizon_is_said_to_be_possible_later() -> None:
    """A child of one year is too young for seven years, and comes of age within twenty."""
    record = patient("toddler")
    (reason,) = dates(record, "K001")["K001"].never
    assert (reason.clauses, reason.facts, reason.later) == (("K001.I1",), ("birth_date",), True)
    assert first(record, "K001", horizon="20y") == "2041-10-01"
    old = {each.clauses: each for each in dates(patient("relapsed-man"), "ZPED")["ZPED"].never}
    assert not old["ZPED.I1",].later


# --- P51, P52: anchors and translation


def test_P51_a_planned_dose_moves_washouts_and_nothing_else() -> None:
    """With the first dose planned for later, only clauses of washouts stand otherwise."""
    record = patient(
        "transplanted-man", last_hsct_date="2025-04-01", immunosuppression_stop_date="2025-05-20"
    )
    record["facts"] |= {"anti_cd20_ever": True, "anti_cd20_last_date": "2025-04-01"}
    record["facts"] |= {"autoimmune_systemic_is": True, "autoimmune_exempt_only": False}
    record["facts"] |= {"autoimmune_last_active_date": "2020-06-20", "birth_date": "2007-06-10"}
    read = worked.read(record, LIBRARY)

    def stands(day: str) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for trial in MATCHER.match(with_first_dose(read, LIBRARY, day)).trials:
            for clause in trial.clauses:
                found.setdefault(clause.id, set()).add(clause.status)
        return found

    before, after = stands("2025-06-01"), stands("2025-08-01")
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {clause for _, clause, _, _ in WASHOUTS}


@pytest.mark.parametrize("by", [-400, -1, 1, 28, 29, 366, 2000])
def test_P52_day_and_week_windows_move_with_the_dates(by: int) -> None:
    """With the day and all dates moved alike, a window counted in days opens as many days later."""
    record = patient(
        "transplanted-man", last_hsct_date="2025-04-01", immunosuppression_stop_date="2025-05-20"
    )
    one, other = first(record, "RO"), first(moved(record, by), "RO")
    assert one == "2025-06-30"
    assert other is not None
    assert date.fromisoformat(other) == date.fromisoformat(one) + timedelta(days=by)


@pytest.mark.parametrize(("by", "waits"), [(0, 61), (31, 61), (-31, 60), (-62, 58)])
def test_P52_month_windows_are_as_long_as_their_months(by: int, waits: int) -> None:
    """Three months from the last antibody: as long as the months that they span, so a shift by days need not keep their length."""
    record = moved(patient("relapsed-man", anti_cd20_ever=True, anti_cd20_last_date="2025-05-01"), by)
    found = first(record, "UC")
    assert found is not None
    assert (date.fromisoformat(found) - date.fromisoformat(record["as_of"])).days == waits


# --- the calendar


@pytest.mark.parametrize(
    ("name", "facts", "code", "day"),
    [
        ("teenager", {"birth_date": "2008-02-29"}, "K001", "2026-03-01"),
        ("relapsed-man", {"anti_cd20_ever": True, "anti_cd20_last_date": "2025-05-31"}, "UC", "2025-08-31"),
        ("relapsed-man", {"anti_cd20_ever": True, "anti_cd20_last_date": "2025-03-31"}, "UC", "2025-06-30"),
    ],
)
def test_leap_days_and_ends_of_months(name: str, facts: Json, code: str, day: str) -> None:
    """Born on 29 February one comes of age on 1 March; months that end on a day that is missing end on the last one."""
    assert first(patient(name, **facts), code) == day


def test_a_month_that_ends_early_in_february() -> None:
    """Three months after 30 November end on 28 February, on 29 in a leap year."""
    for year, last in ((2026, "2027-02-28"), (2027, "2028-02-29")):
        record = patient("relapsed-man", anti_cd20_ever=True, anti_cd20_last_date=f"{year}-11-30")
        assert first({**record, "as_of": f"{year}-12-15"}, "UC") == last


# --- the horizon

LATER = patient("transplanted-man", last_hsct_date="2025-04-01")
"""RO opens on 2025-06-30, 29 days later."""


@pytest.mark.parametrize(
    ("horizon", "span"),
    [
        ("28d", None),
        ("29d", ("2025-06-30", "2025-06-30")),
        ("1m", ("2025-06-30", "2025-07-01")),
        ("1y", ("2025-06-30", "2026-06-01")),
    ],
)
def test_a_horizon_ends_on_its_last_day(horizon: str, span: tuple[str, str] | None) -> None:
    """A window that opens on the last day is seen, one that opens a day later is not; the horizon itself is no end."""
    found = days(LATER, "RO", horizon=horizon)
    assert found.eligible == ((span,) if span else ())
    assert found.eligible_until is None
    assert found.closed_by == ()


def test_a_far_horizon_shows_what_age_alone_ends() -> None:
    """In fifty years the clearance that is computed with the age falls below its limit: at 98 it is 50.6 mL/min, at 99 49.4."""
    found = days(LATER, "RO", horizon="50y")
    assert found.horizon == "2075-06-01"
    assert (found.eligible_until, found.closed_by) == ("2066-02-09", ("RO.I6a",))


def test_an_end_is_an_end_only_within_the_horizon() -> None:
    """The age limit ends the window on 2026-03-09: seen from a horizon of that day there is no end, from the next day there is."""
    record = patient("relapsed-man", birth_date="1960-03-10")
    last = (date(2026, 3, 9) - AS_OF).days
    assert days(record, "UC", horizon=f"{last}d").eligible_until is None
    found = days(record, "UC", horizon=f"{last + 1}d")
    assert (found.eligible_until, found.closed_by) == ("2026-03-09", ("UC.I0",))


@pytest.mark.parametrize(
    ("text", "day"),
    [("7y", "2031-02-28"), ("1y", "2025-02-28"), ("18m", "2025-08-29"), ("366d", "2025-03-01")],
)
def test_horizons_are_calendar_years_months_and_days(text: str, day: str) -> None:
    """From 29 February: years and months end where the calendar does."""
    assert horizon_day(parse_day("2024-02-29"), text) == parse_day(day)


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("", "write 7y, 18m or 90d"),
        ("7", "write 7y, 18m or 90d"),
        ("0d", "write 7y, 18m or 90d"),
        ("-1y", "write 7y, 18m or 90d"),
        ("1.5y", "write 7y, 18m or 90d"),
        ("7 years", "write 7y, 18m or 90d"),
        ("٧y", "write 7y, 18m or 90d"),
        ("51y", "at most 50y"),
        ("601m", "at most 50y"),
        ("18301d", "at most 50y"),
        ("999999d", "at most 50y"),
    ],
)
def test_a_horizon_that_is_none_is_refused(text: str, remedy: str) -> None:
    """What is no number of years, months or days, or more than fifty years, is an error that says what to write."""
    with pytest.raises(InputError, match=remedy):
        when(MATCHER, worked.read(LATER, LIBRARY), ["RO"], text)


def test_a_horizon_ends_with_the_calendar() -> None:
    """A horizon beyond the last day that a record can speak of is an error."""
    with pytest.raises(InputError, match="2199-12-31"):
        horizon_day(parse_day("2190-01-01"), "10y")
    assert horizon_day(parse_day("2190-12-31"), "9y") == parse_day("2199-12-31")


# --- guaranteed and possible


def test_a_partial_date_gives_a_possible_day_before_the_certain_one() -> None:
    """Transplanted some day in March: the earliest day counts from the first of it, the certain one from the last; the clause is named."""
    record = patient("transplanted-man", last_hsct_date="2025-03", relapse_after_hsct_date="2025-05-20")
    record["facts"]["immunosuppression_stop_date"] = "2025-04-01"
    trial = dates({**record, "as_of": "2025-05-25"}, "RO")["RO"]
    assert (certain(trial)[0][0], may(trial)[0][0]) == ("2025-06-29", "2025-05-30")
    assert trial.eligible[0].opened_by == trial.possible[0].opened_by == ("RO.I2a",)
    assert trial.open_clauses == ("RO.I2a",)


def test_a_date_that_is_not_recorded_lies_before_the_records_own_day() -> None:
    """Nothing is known of the last transplant but that it is past: ninety days from now the washout is over, whenever it was."""
    record = patient("transplanted-man", last_hsct_date=None, relapse_after_hsct_date=None)
    record["facts"]["relapse_after_hsct_date"] = "2025-06-01"
    trial = dates(record, "RO")["RO"]
    assert certain(trial)[0][0] == (AS_OF + timedelta(days=90)).isoformat()
    assert may(trial)[0][0] == AS_OF.isoformat()


def test_an_open_question_leaves_every_day_possible_and_none_certain() -> None:
    """Without the HLA type no day is certain; the clause is named, and there is nothing to wait for."""
    record = patient("relapsed-man")
    for name in ("hla_a02", "hla_a_alleles"):
        record["facts"].pop(name, None)
    trial = dates(record, "RO")["RO"]
    assert (trial.eligible, trial.clocks, trial.never) == ((), (), ())
    assert certain(trial) == ()
    assert may(trial) == (("2025-06-01", "2032-06-01"),)
    assert trial.open_clauses == ("RO.I5",)


# --- what is given besides


def test_a_planned_dose_is_counted_to() -> None:
    """Judged for a first dose on the day on which the washout ends, the patient is eligible today."""
    read = worked.read(LATER, LIBRARY)
    for day, begins in (
        ("2025-06-30", "2025-06-01"),
        ("2025-06-29", "2025-06-30"),
        ("2025-06-01", "2025-06-30"),
    ):
        (trial,) = when(MATCHER, with_first_dose(read, LIBRARY, day), ["RO"]).trials
        assert trial.dates is not None
        assert trial.dates.eligible_from == begins


def test_a_first_dose_is_a_day_from_the_records_own_on() -> None:
    """A first dose before the day of evaluation, or one that is no day, is an error that says what to do; the record's own is replaced."""
    read = worked.read(patient("transplanted-man", planned_c1d1_date="2025-07-01"), LIBRARY)
    assert with_first_dose(read, LIBRARY, "2025-06-01").facts["planned_c1d1_date"].text == "2025-06-01"
    for day in ("2025-05-31", "2025-06", "tomorrow"):
        with pytest.raises(InputError, match="first dose"):
            with_first_dose(read, LIBRARY, day)


def test_readings_and_closed_cohorts_hold_on_every_day() -> None:
    """Without an age limit a teenager may come at once; with no cohort open for the diagnosis no day is possible."""
    record = patient("teenager", ecog=1)
    assert first(record, "RO") != "2025-06-01"
    assert first({**record, "context": {"readings": ["AMB-RO-1"]}}, "RO") == "2025-06-01"
    closed = {**patient("relapsed-man"), "context": {"open_cohorts": {"SAR": []}}}
    trial = dates(closed, "SAR")["SAR"]
    assert may(trial) == ()
    assert [each.clauses for each in trial.never] == [("SAR.DX",)]


def test_clocks_of_cohorts_that_are_closed_are_left_out() -> None:
    """A clause that reads otherwise in a cohort that cannot take the patient shows no clock for it."""
    record = {**LATER, "context": {"open_cohorts": {"SAR": ["EXP"]}}}
    for clock in dates(record, "SAR")["SAR"].clocks:
        assert clock.cohorts == ("EXP",)


def test_a_contradictory_record_has_no_days() -> None:
    """Every verdict is withheld, and there are no dates, as in `match`."""
    answer = when(MATCHER, worked.read(patient("relapsed-man", pregnant=True), LIBRARY))
    assert answer.consistent is False
    assert answer.contradictions
    assert {(trial.verdict, trial.dates) for trial in answer.trials} == {("withheld", None)}


def test_an_unknown_trial_is_refused() -> None:
    """The names of trials are those of `match`."""
    with pytest.raises(InputError, match="not a known trial"):
        when(MATCHER, worked.read(LATER, LIBRARY), ["XX"])


# --- policies and budgets


@pytest.mark.parametrize("policies", [[name] for name in LIBRARY.policies] + [list(LIBRARY.policies)])
@pytest.mark.parametrize("name", ["transplanted-man", "relapsed-woman", "b-all-child"])
def test_policies_only_add_days_of_what_is_not_known(policies: list[str], name: str) -> None:
    """Under policies verdict and dates are those of `match --assume`; certain days stay, and none that was impossible becomes certain."""
    record = worked.patient(name)
    for fact in list(record["facts"])[::4]:
        del record["facts"][fact]
    read, matcher = worked.read(record, LIBRARY), Matcher(LIBRARY, assume=policies)
    plain = when(MATCHER, read)
    assumed = when(matcher, read)
    matched = matcher.match(read)
    assert assumed.policies == matched.policies
    for before, after, trial in zip(plain.trials, assumed.trials, matched.trials, strict=True):
        assert (after.verdict, after.dates, after.assuming) == (trial.verdict, trial.dates, trial.assuming)
        assert days_of(certain(before)) <= days_of(certain(after)) <= days_of(may(before))
        assert (after.verdict == "eligible") is (
            bool(after.eligible) and after.eligible[0].first == assumed.as_of
        )


@pytest.mark.parametrize("search", [True, False])
@pytest.mark.parametrize("name", ["transplanted-man", "teenager", "toddler"])
def test_without_a_budget_there_is_no_date_rather_than_a_wrong_one(name: str, search: bool) -> None:
    """With one step to go, dates are those of a full search or are not given, and then a warning says so."""
    record = worked.patient(name)
    for fact in list(record["facts"])[::3]:
        del record["facts"][fact]
    record["facts"].update(last_hsct_date="2025-03", weight=None, birth_date="2007")
    read = worked.read(record, LIBRARY)
    full = {trial.code: trial for trial in when(MATCHER, read).trials}
    answer = when(Matcher(LIBRARY, search=search, budget=Budget(steps=1)), read)
    warned = [warning.text for warning in answer.warnings if warning.code == "gave-up"]
    for trial in answer.trials:
        if trial.dates is None:
            assert (trial.eligible, trial.possible, trial.clocks, trial.never) == ((), (), (), ())
            assert trial.verdict == "unresolved" or any(trial.code in text for text in warned)
        else:
            assert trial.dates == full[trial.code].dates
    assert search or any(trial.dates is None for trial in answer.trials)


def test_days_on_which_the_record_cannot_stand_are_not_possible(tmp_path: Path) -> None:
    """Where the theory shuts out days in between, they are no days of a trial either whose clauses speak of no day."""
    visit = "  - {name: visit, type: date, label: visit, changes: time, about: A visit.}\n"
    shut_out = "{id: A9, label: a, source: b, require: not (as_of < visit and as_of + 7 d > visit)}"
    files = {
        "vocabulary/all.yaml": VOCABULARY + visit,
        "theory/all.yaml": THEORY.replace("axioms:\n", f"axioms:\n  - {shut_out}\n"),
    }
    library = load_library(folder(tmp_path, files))
    facts = {"visit": "2026-12-10", "kind": "AML", "weight": {"value": 60, "unit": "kg"}}
    record = read_record({"id": "p", "as_of": "2026-11-20", "facts": facts}, library)
    trial = Matcher(library).match(record).trials[0]
    assert trial.verdict == "undetermined"
    assert trial.dates is not None
    assert trial.dates.possible == (("2026-11-20", "2026-12-03"), ("2026-12-10", trial.dates.horizon))


def test_days_of_what_the_theory_ties_to_the_day_are_found_beside_what_it_does_not(tmp_path: Path) -> None:
    """A clause that names no day can wait for one: nobody smokes before the thirtieth day after the visit, and everybody does from then on.

    The grade, which no day bears on, leaves no day certain as long as it is open.
    """
    visit = "  - {name: visit, type: date, label: visit, changes: time, about: A visit.}\n"
    due = "visit + 30 d <= as_of"
    later = f"{{id: A9, label: a, source: b, require: (smoker implies {due}) and ({due} implies smoker)}}"
    clause = "{{id: {}, label: a, source: S 1, class: objective, changes: treat, cohorts: [{}], require: {}}}"
    asked = [
        ("I1", "A", "smoker"),
        ("I2", "A", "grade <= 2"),
        ("I3", "B", "smoker"),
        ("I4", "B", "grade <= 3"),
    ]
    trial = TRIAL[: TRIAL.index("readings:")] + "clauses:\n"
    files = {
        "vocabulary/all.yaml": VOCABULARY + visit,
        "theory/all.yaml": THEORY.replace("axioms:\n", f"axioms:\n  - {later}\n"),
        "trials/one.yaml": trial + "".join(f"  - {clause.format(*each)}\n" for each in asked),
    }
    library = load_library(folder(tmp_path, files))

    def dates(**facts: object) -> tuple[object, ...]:
        record = read_record(
            {"id": "p", "as_of": "2026-11-20", "facts": {"visit": "2026-12-10", **facts}}, library
        )
        [found] = Matcher(library).match(record).trials
        assert found.dates is not None
        return found.verdict, found.dates.eligible, found.dates.possible

    horizon = "2033-11-20"
    assert dates() == ("ineligible", (), (("2027-01-09", horizon),))
    assert dates(grade=1) == ("ineligible", (("2027-01-09", horizon),), (("2027-01-09", horizon),))
    assert dates(visit="2026-01-01") == ("undetermined", (), (("2026-11-20", horizon),))
