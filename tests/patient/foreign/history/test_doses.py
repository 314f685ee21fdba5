"""A dose of corticosteroid a day, from the orders and statements that go on."""

from __future__ import annotations

import pytest

from solver.library.models import Library
from solver.patient.readers.foreign.statements import (
    Amount,
    AmountRange,
    Dosage,
    PossibleDays,
    SourceStatement,
)
from tests.support.formats.exports import days
from tests.support.formats.history_exports import dose, doubted, drug, facts, history

DOSE = "corticosteroid_daily"


def daily(library: Library, *given: SourceStatement) -> dict[str, object] | None:
    """The bounds of the dose as prednisone."""
    fact = facts(history(library, *given)).get(DOSE)
    if fact is None:
        return None
    assert fact["unit"] == "mg/d"
    return {key: value for key, value in fact.items() if key != "unit"}


def taking(
    name: str, *dosages: Dosage, at: int = 1, order: bool = True, joined: tuple[int, ...] = ()
) -> SourceStatement:
    """A drug that goes on."""
    return drug(
        text=name, at=at, start="2026-11-01", ongoing=True, order=order, dosages=dosages, joined=joined
    )


@pytest.mark.parametrize(
    ("name", "dosage", "value"),
    [
        ("prednisone 5 MG Oral Tablet", dose("5", "2"), "10"),
        ("prednisone", dose("10", timing="BID"), "20"),
        ("prednisone", dose("10", timing="qd"), "10"),
        ("prednisone", dose("10", timing="QOD"), "5"),
        ("prednisone", dose("0.01", "1", unit="g"), "10"),
        ("prednisone", dose("2.5", "1", period=("8", "h")), "7.5"),
        ("prednisone", dose("70", "1", period=("1", "wk")), "10"),
        ("prednisolone", dose("5", "1"), "5"),
        ("methylprednisolone", dose("16", "1"), "20"),
        ("hydrocortisone", dose("20", "1"), "5"),
        ("dexamethasone", dose("0.75", "2"), "10"),
    ],
)
def test_amount_times_frequency_as_prednisone(
    library: Library, name: str, dosage: Dosage, value: str
) -> None:
    """By the equivalents of the variable."""
    assert daily(library, taking(name, dosage)) == {"value": value, "drug": "prednisone"}


def test_what_no_decimal_equals_is_given_in_its_own_drug(library: Library) -> None:
    """4 mg of dexamethasone are a third of 80 mg; beside another drug the interval holds it."""
    one = taking("dexamethasone", dose("4", "1"))
    assert daily(library, one) == {"value": "4", "drug": "dexamethasone"}
    both = daily(library, one, taking("prednisone", dose("5", "1"), at=2))
    assert both == {"min": "31.666666", "max": "31.666667", "drug": "prednisone"}


def test_different_drugs_are_summed(library: Library) -> None:
    """As prednisone."""
    given = taking("prednisone", dose("5", "1")), taking("methylprednisolone", dose("8", "1"), at=2)
    assert daily(library, *given) == {"value": "15", "drug": "prednisone"}


def test_as_needed_is_from_none(library: Library) -> None:
    """Up to the dose."""
    assert daily(library, taking("prednisone", dose("5", "2", as_needed=True))) == {
        "min": "0",
        "max": "10",
        "drug": "prednisone",
    }


@pytest.mark.parametrize(
    "dosages",
    [
        [],
        [dose(None, "1")],
        [dose("5")],
        [dose("1", "1", unit="{tbl}")],
        [Dosage(Amount("5", "<", "mg", "mg"), "1", Amount("1", code="d"))],
        [Dosage(Amount("5", None, "ug", "mg"), "1", Amount("1", code="d"))],
        [dose("20", "1", sequence=1), dose("10", "1", sequence=2)],
    ],
)
def test_an_unknown_dose_is_more_than_none(library: Library, dosages: list[Dosage]) -> None:
    """No amount, no frequency, tablets, a limit, two units at odds, or steps without their days."""
    assert daily(library, taking("prednisone", *dosages)) == {
        "min": "0",
        "min_exclusive": True,
        "drug": "prednisone",
    }


def test_dosages_are_summed_where_their_bounds_hold(library: Library) -> None:
    """Of the steps of a taper the one of today counts; what has no bounds and one sequence is taken together."""
    now, before = days("2026-11"), days("2026-10")
    steps = dose("20", "1", sequence=1, bounds=before), dose("10", "1", sequence=2, bounds=now)
    assert daily(library, taking("prednisone", *steps)) == {"value": "10", "drug": "prednisone"}
    together = dose("10", timing="AM"), dose("5", timing="PM")
    assert daily(library, taking("prednisone", *together)) == {"value": "15", "drug": "prednisone"}
    over = dose("20", "1", bounds=PossibleDays(None, now.first - 1 if now and now.first else None))
    found = history(library, taking("prednisone", over))
    assert facts(found) == {}
    assert DOSE in doubted(found)


def test_a_range_is_an_interval(library: Library) -> None:
    """From the least to the greatest amount."""
    amounts = AmountRange(Amount("5", code="mg"), Amount("10", code="mg"))
    assert daily(library, taking("prednisone", Dosage(amounts, "1", Amount("1", code="d")))) == {
        "min": "5",
        "max": "10",
        "drug": "prednisone",
    }


def test_an_order_and_a_statement_may_be_one_intake(library: Library) -> None:
    """From the greater to the sum; two that are joined are one."""
    order, statement = (
        taking("prednisone", dose("10", "1")),
        taking("prednisone", dose("5", "1"), at=2, order=False),
    )
    assert daily(library, order, statement) == {"min": "10", "max": "15", "drug": "prednisone"}
    same = taking("prednisone", dose("10", "1"), at=2, order=False, joined=(1,))
    assert daily(library, order, same) == {"value": "10", "drug": "prednisone"}
    other = taking("methylprednisolone", dose("8", "1"), at=2, order=False)
    assert daily(library, order, other) == {"value": "20", "drug": "prednisone"}


def test_two_orders_are_summed(library: Library) -> None:
    """Nothing says that they are one."""
    given = taking("prednisone", dose("10", "1")), taking("prednisone", dose("5", "1"), at=2)
    assert daily(library, *given) == {"value": "15", "drug": "prednisone"}


def test_only_what_goes_on_counts(library: Library) -> None:
    """What has ended, and what has not begun, is none and leaves none in doubt."""
    ended = drug(text="prednisone", start="2025", end="2026-01", ongoing=False, dosages=[dose("5", "1")])
    later = drug(text="prednisone", at=2, start="2026-12", ongoing=True, dosages=[dose("5", "1")])
    found = history(library, ended, later)
    assert facts(found) == {}
    assert DOSE not in doubted(found)


def test_what_may_go_on_is_in_doubt(library: Library) -> None:
    """On hold, or not confirmed."""
    for given in (
        drug(text="prednisone", start="2026-01", dosages=[dose("5", "1")]),
        drug(text="prednisone", ongoing=True, unconfirmed="status unknown"),
    ):
        found = history(library, given)
        assert DOSE not in facts(found)
        assert DOSE in doubted(found)


@pytest.mark.parametrize(
    "route", ["Topical route", "inhalation", "nasal", "Ophthalmic route", "intra-articular"]
)
def test_routes_that_do_not_count(library: Library, route: str) -> None:
    """They are no dose, and leave none in doubt."""
    found = history(library, taking("prednisolone", dose("5", "1", route=route)))
    assert DOSE not in facts(found)
    assert DOSE not in doubted(found)
