"""Drugs of an export: how they are found, what of them counts, and what forbids to conclude that there was none."""

from __future__ import annotations

import pytest

from solver.language.domain import Interval
from solver.library.models import Library
from solver.patient.readers.foreign.statements import Faulty
from tests.support.formats.exports import day_number
from tests.support.formats.history_exports import (
    candidate,
    coded,
    dose,
    doubted,
    drug,
    entries,
    facts,
    following,
    given_on,
    history,
    outcomes,
)


def names(library: Library, *codes: str, text: str | None = None) -> list[object]:
    """What the drug is taken for."""
    return [each["is"] for each in entries(history(library, drug(*codes, text=text)))]


@pytest.mark.parametrize(
    ("codes", "text", "found"),
    [
        (["rxnorm 42316"], None, ["tacrolimus"]),
        (["atc L04AD02"], None, ["tacrolimus"]),
        (["atc L04AB01"], None, ["immunosuppression"]),
        (["rxnorm 310248 etoposide 20 MG/ML Injectable Solution"], None, ["etoposide"]),
        ([], "Rituxan 10 MG/ML inj", ["rituximab"]),
        ([], "RITUXIMAB-ABBS 100 mg", ["rituximab"]),
        ([], "Rituxan Hycela", ["rituximab"]),
        ([], "CT-P10 infusion", ["rituximab"]),
        ([], "predniSONE 5 MG Oral Tablet", ["prednisone"]),
        ([], "methylprednisolone 16 mg", ["methylprednisolone"]),
        ([], "cytarabine / daunorubicin liposomal", ["cytarabine", "daunorubicin"]),
        (["rxnorm 3041", "rxnorm 3109"], None, ["cytarabine", "daunorubicin"]),
        (["rxnorm 42316 tacrolimus"], "Prograf 1 mg", ["tacrolimus"]),
        ([], "ATG 25 mg", ["antithymocyte_globulin"]),
        ([], "Zofran 4 mg tablet", ["ondansetron"]),
    ],
)
def test_a_drug_is_found_by_code_or_name(
    library: Library, codes: list[str], text: str | None, found: list[str]
) -> None:
    """Every coding first, classes by prefix; then whole words of displays and text, case aside; two ingredients are both."""
    assert names(library, *codes, text=text) == found


@pytest.mark.parametrize("text", ["prednisonelike 5 mg", "atg buffer", "ritux", "da capo"])
def test_parts_of_words_and_small_letters_are_no_name(library: Library, text: str) -> None:
    """A brand is listed, never guessed; an abbreviation is one only as it is written."""
    assert names(library, text=text) == [text]


@pytest.mark.parametrize("code", ["rxnorm 3264", "rxnorm 8638", "rxnorm 5492"])
def test_a_code_that_is_still_to_be_checked_does_not_tell(library: Library, code: str) -> None:
    """The name beside it does."""
    assert names(library, code) == []
    assert names(library, f"{code} dexamethasone") == ["dexamethasone"]


def test_the_ingredients_of_a_product(library: Library) -> None:
    """A product that nothing knows is not wanted where its ingredients tell; an ingredient that nothing knows is."""
    known = drug(text="Brandnew", ingredients=[coded("rxnorm 42316")])
    assert [each["is"] for each in entries(history(library, known))] == ["tacrolimus"]
    partly = history(library, drug(text="tacrolimus mix", ingredients=[coded(text="Unheard of")]))
    assert [each["is"] for each in entries(partly)] == ["Unheard of", "tacrolimus"]
    assert doubted(partly) == {"medications"}


def test_an_unknown_name_is_kept_and_blocks_its_list(library: Library) -> None:
    """By text alone it may be anything; it implies nothing."""
    found = history(library, drug(text="Foo 5 mg", start="2026-01"))
    assert entries(found) == [{"is": "Foo 5 mg", "start": "2026-01"}]
    assert doubted(found) == {"medications"}
    assert following(library, found) == {}


@pytest.mark.parametrize("text", ["AML", "hepatitis B", "ICD10CM:Z94.84", "flt3_itd"])
def test_a_drug_with_the_name_of_something_else_is_no_such_thing(library: Library, text: str) -> None:
    """It stays an unknown drug, which a record can hold."""
    found = history(library, drug(text=text, end="2026-01", ongoing=False))
    assert [event.concept for event in found.events] == [None]
    assert following(library, found) == {}


@pytest.mark.parametrize("code", ["atc C10AA01", "rxnorm 314231 Simvastatin 10 MG Oral Tablet"])
def test_an_unknown_drug_with_a_code_blocks_nothing(library: Library, code: str) -> None:
    """One with an ATC code, or an RxNorm code whose display holds no name of a class."""
    assert doubted(history(library, drug(code))) == set()


@pytest.mark.parametrize("code", ["rxnorm 314231", "http://hl7.org/fhir/sid/ndc 0000-1111 Something"])
def test_other_codes_do_not_show_what_a_drug_is(library: Library, code: str) -> None:
    """An RxNorm code without a display, or a code of another system."""
    assert doubted(history(library, drug(code))) == {"medications"}


@pytest.mark.parametrize(
    "given",
    [
        drug(text="tacrolimus 0.1 % Topical Ointment"),
        drug("rxnorm 42316 tacrolimus", form="ointment"),
        drug(text="dexamethasone", dosages=[dose("1", "2", route="Ophthalmic route")]),
        drug(text="prednisolone eye drops"),
        drug(text="hydrocortisone 1 % cream"),
        drug(text="methylprednisolone", dosages=[dose("40", "1", route="intra-articular")]),
    ],
)
def test_a_form_that_does_not_count_is_no_event(library: Library, given: object) -> None:
    """Nor does it block anything: it is no state."""
    found = history(library, given)  # type: ignore[arg-type]
    assert entries(found) == []
    assert doubted(found) == set()
    assert outcomes(found) == ["not-a-state"]


def test_a_form_counts_for_other_drugs(library: Library) -> None:
    """Only the classes that are named leave it out."""
    assert names(library, text="aciclovir 5 % cream") == ["aciclovir"]


def test_an_order_is_an_exposure(library: Library) -> None:
    """Its source says so."""
    found = history(library, drug(text="rituximab", start="2026-02-01", order=True))
    assert following(library, found)["anti_cd20_ever"] == frozenset({True})
    assert [source.order for event in found.events for source in event.sources] == [True]


def test_what_is_not_confirmed_blocks_its_classes(library: Library) -> None:
    """An unknown status is a mention of the drug and of the variables of its classes."""
    found = history(library, drug(text="rituximab", unconfirmed="status unknown"))
    assert entries(found) == []
    assert {"rituximab", "anti_cd20_ever"} <= doubted(found)
    assert "immunosuppression_ever" not in doubted(found)
    assert outcomes(found) == ["unconfirmed"]


def test_days_of_drugs(library: Library) -> None:
    """An unreadable day is a mention, and so is an end before the start; what begins later is nothing."""
    for given in (
        drug(text="rituximab", start=Faulty("no date")),
        drug(text="rituximab", start="2026-05", end="2026-01", ongoing=False),
    ):
        found = history(library, given)
        assert outcomes(found) == ["date"]
        assert "rituximab" in doubted(found)
        assert entries(found) == []
    later = history(library, drug(text="rituximab", start="2026-11-21"))
    assert outcomes(later) == ["after-as-of"]
    assert doubted(later) == set()


def test_a_drug_belongs_to_its_classes_only(library: Library) -> None:
    """Tagraxofusp is directed at CD123 and is no CAR product."""
    follows = following(library, history(library, drug(text="Elzonris")))
    assert follows["prior_anti_cd123"] == frozenset({True})
    assert "prior_car_t" not in follows


# ----- intake


def test_the_intake_of_a_resource(library: Library) -> None:
    """It goes on, it ended on a day or on an unknown one, or nobody knows."""
    found = history(
        library,
        drug(text="tacrolimus", at=1, start="2026-01", ongoing=True),
        drug(text="sirolimus", at=2, start="2024-01-05", end="2025-03-01", ongoing=False),
        drug(text="azathioprine", at=3, start="2024", ongoing=False),
        drug(text="abatacept", at=4, start="2024"),
        drug(text="ciclosporin", at=5, start="2026-01", end="2027", ongoing=None),
        given_on("2026-10-01", at=6, text="azacitidine"),
    )
    assert entries(found) == [
        {"is": "abatacept", "start": "2024"},
        {"is": "azacitidine", "start": "2026-10-01", "end": "2026-10-01"},
        {"is": "azathioprine", "start": "2024", "ongoing": False},
        {"is": "ciclosporin", "start": "2026-01", "ongoing": True},
        {"is": "sirolimus", "start": "2024-01-05", "end": "2025-03-01"},
        {"is": "tacrolimus", "start": "2026-01", "ongoing": True},
    ]


def test_what_several_resources_say_of_one_intake_counts_once(library: Library) -> None:
    """One entry with both sources."""
    found = history(
        library,
        given_on("2026-10-01", text="Vidaza"),
        given_on("2026-10-01", at=2, text="azacitidine 100 mg"),
        given_on("2026-10-02", at=3, text="azacitidine"),
    )
    assert len(found.events) == 2
    assert sorted(len(event.sources) for event in found.events) == [1, 2]


def test_immunosuppression_that_goes_on(library: Library) -> None:
    """Ever and current."""
    follows = following(library, history(library, drug("rxnorm 42316", start="2026-01", ongoing=True)))
    assert follows["immunosuppression_ever"] == frozenset({True})
    assert follows["immunosuppression_current"] == frozenset({True})


def test_immunosuppression_that_is_over(library: Library) -> None:
    """Only where every one is known: not current, and stopped on the latest end."""
    found = history(
        library,
        drug("rxnorm 42316", start="2024", end="2025-03-01", ongoing=False),
        drug("rxnorm 35302", at=2, start="2024", end="2025-02-01", ongoing=False),
        drug(text="prednisone", at=3, start="2026-11-01", ongoing=True),
    )
    assert facts(found)["immunosuppression_current"] == {"value": False}
    assert facts(found)["immunosuppression_stop_date"] == {"value": "2025-03-01"}
    for variable in ("immunosuppression_current", "immunosuppression_stop_date"):
        assert candidate(found, variable).needs_all_of == "immunosuppression"
    assert "immunosuppression_current" not in following(library, found)


@pytest.mark.parametrize(
    "other",
    [
        drug("rxnorm 35302", at=2, start="2024", ongoing=True),
        drug("rxnorm 35302", at=2, start="2024"),
    ],
)
def test_immunosuppression_of_which_some_may_go_on_is_not_over(library: Library, other: object) -> None:
    """On hold, or going on."""
    found = history(library, drug("rxnorm 42316", end="2025-03-01", ongoing=False), other)  # type: ignore[arg-type]
    assert "immunosuppression_current" not in facts(found)


def test_immunosuppression_that_ended_on_an_unknown_day_has_no_stop_date(library: Library) -> None:
    """It is over, and nobody knows when."""
    found = history(
        library,
        drug("rxnorm 42316", end="2025-03-01", ongoing=False),
        drug("rxnorm 35302", at=2, start="2025-06", ongoing=False),
    )
    assert facts(found) == {"immunosuppression_current": {"value": False}}


def last_day(library: Library, *given: object) -> tuple[float, float]:
    """The last day of treatment against CD20, every event known."""
    found = following(library, history(library, *given), ["anti_cd20"])["anti_cd20_last_date"]  # type: ignore[arg-type]
    assert isinstance(found, Interval)
    return float(found.low), float(found.high)


def test_the_last_day_against_cd20(library: Library) -> None:
    """The latest administration, or the end of an order; an order without an end ended on an unknown day."""
    october, now = day_number("2026-10-01"), day_number("2026-11-20")
    doses = given_on("2026-09-01", text="rituximab"), given_on("2026-10-01", at=2, text="rituximab")
    assert last_day(library, *doses) == (october, october)
    ended = drug(text="rituximab", start="2026-09-01", end="2026-10-01", ongoing=False, order=True)
    assert last_day(library, ended) == (october, october)
    open_order = drug(text="rituximab", at=3, start="2026-09-01", ongoing=True, order=True)
    assert last_day(library, *doses, open_order) == (october, now)


def test_without_a_complete_list_the_last_day_is_a_lower_bound(library: Library) -> None:
    """More may have followed."""
    found = following(library, history(library, given_on("2026-10-01", text="rituximab")))[
        "anti_cd20_last_date"
    ]
    assert isinstance(found, Interval)
    assert (found.low, found.high) == (day_number("2026-10-01"), day_number("2026-11-20"))
