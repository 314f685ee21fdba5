"""What mapping files say of what a patient has had: what is wrong in one, and what a site adds or switches."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from solver.errors import InputError
from solver.library.models import Library
from tests.support.formats.history_exports import condition, doubted, drug, entries, facts, history, procedure
from tests.support.libraries.mapping_files import codes_with


def site(library: Library, folder: Path, text: str) -> Library:
    """The library with a site's own file of this text."""
    path = folder / "site.yaml"
    path.write_text(text)
    return replace(library, codes=codes_with(library, path))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("diseases:\n  - {id: new, values: [AMLL]}", "unknown concept 'AMLL'"),
        ("diseases:\n  - {id: new}", "missing key 'values'"),
        ("diseases:\n  - {id: aml, values: [AML]}", "the disease 'aml' stands already"),
        (
            "diseases:\n  - {id: aml, codes: [{system: snomed, code: '91861009', state: better}]}",
            "unknown state 'better'",
        ),
        ("classes:\n  - {concept: anti_cd21}", "unknown concept 'anti_cd21'"),
        (
            "classes:\n  - {concept: anti_cd20, absent: {lists: [medications], value: 'true'}}",
            "'true' denies nothing",
        ),
        (
            "classes:\n  - {concept: anti_cd20, stopped: {current: anti_cd20_now, last_day: anti_cd20_last_date}}",
            "unknown variable 'anti_cd20_now'",
        ),
        ("merged:\n  - {concept: nothing, days: '7'}", "unknown concept 'nothing'"),
        ("forms:\n  - {concepts: [steroid], words: [drops]}", "unknown concept 'steroid'"),
        ("whole: [icd11]", "unknown system 'icd11'"),
        ("timings: {XX: {times: 2, period: 1, unit: mg}}", "'mg' is no unit of time"),
        ("timings: {XX: {times: 2, period: 0, unit: d}}", "'times' and 'period' are to be more than 0"),
        ("course: {variable: diagnosis}", "'course' stands in another file as well"),
        (
            "diseases:\n  - {id: aml, codes: [{system: snomed, code: '91861008'}]}",
            "the check digit of '91861008' is wrong",
        ),
    ],
)
def test_a_fault_is_told(library: Library, tmp_path: Path, text: str, said: str) -> None:
    """One line with its place, and the nearest name where there is one."""
    with pytest.raises(InputError) as caught:
        site(library, tmp_path, text)
    assert any(said in problem for problem in caught.value.problems)
    assert all("site.yaml:" in problem for problem in caught.value.problems)


def test_every_code_has_its_source(library: Library) -> None:
    """The words of the shipped files are known, and each disease has a code."""
    found = library.codes.tables.history
    assert {each.disease for each in found.disease_codes} == found.diseases.keys()
    assert found.course is not None
    assert all(state in found.course.states for state in found.course.stages.values())


def test_a_site_adds_codes_of_a_disease(library: Library, tmp_path: Path) -> None:
    """By an address of its own, with the state that the code tells."""
    code = "{system: 'urn:site:dx', code: LEUK1, state: relapsed}"
    own = site(library, tmp_path, f"diseases:\n  - {{id: aml, codes: [{code}]}}")
    assert facts(history(own, condition("urn:site:dx LEUK1")))["disease_status"] == {"value": "relapsed"}


def test_a_site_names_drugs(library: Library, tmp_path: Path) -> None:
    """A drug that is no concept is known, and blocks nothing; words of a concept tell it."""
    own = site(
        library,
        tmp_path,
        "drugs:\n  - {name: homebrew, words: [housemix]}\n  - {name: rituximab, words: [ritu]}",
    )
    known = history(own, drug(text="Housemix 5 ml"))
    assert entries(known) == [{"is": "homebrew"}]
    assert doubted(known) == set()
    assert entries(history(own, drug(text="ritu 500"))) == [{"is": "rituximab"}]


def test_a_site_calls_orders_no_exposure(library: Library, tmp_path: Path) -> None:
    """A request is then no fact, and blocks absence."""
    own = site(library, tmp_path, "orders: unconfirmed")
    found = history(own, drug(text="rituximab", start="2026-01", order=True))
    assert entries(found) == []
    assert "anti_cd20_ever" in doubted(found)
    assert entries(history(own, drug(text="rituximab", start="2026-01"))) != []


def test_a_site_switches_codes(library: Library, tmp_path: Path) -> None:
    """It enables what is still to be checked, by class or disease, and takes out what it does not use."""
    text = "enable: [dexamethasone/3264, anti_cd20/L01FA, allogeneic-transplant/58776007]\n"
    text += "remove:\n  - {system: rxnorm, code: '42316'}\n  - {system: snomed, code: '91861009'}\n"
    own = site(library, tmp_path, text)
    assert entries(history(own, drug("rxnorm 3264"))) == [{"is": "dexamethasone"}]
    assert entries(history(own, drug("atc L01FA01"))) == [{"is": "anti_cd20"}]
    assert entries(history(own, procedure("snomed 58776007", day="2024"))) == [
        {"is": "allo_hsct", "start": "2024"}
    ]
    assert entries(history(own, drug("rxnorm 42316"))) == []
    assert facts(history(own, condition("snomed 91861009"))) == {}


def test_a_site_says_what_blocks_nothing(library: Library, tmp_path: Path) -> None:
    """Single codes that are harmless, or all that nothing reads."""
    harmless = site(library, tmp_path, "harmless:\n  - {system: snomed, code: '44054006'}")
    assert doubted(history(harmless, condition("snomed 44054006"))) == set()
    assert doubted(history(harmless, condition("snomed 73211009"))) == {"conditions"}
    ignored = site(library, tmp_path, "unread: ignore")
    assert doubted(history(ignored, condition("snomed 73211009"), drug(text="Foo", at=2))) == set()


def test_a_site_adds_suspect_words(library: Library, tmp_path: Path) -> None:
    """To those that ship."""
    own = site(library, tmp_path, "suspect: {parts: [transplantat], words: [TX]}")
    assert doubted(history(own, procedure(text="tx of something"))) == {"procedures"}
    assert doubted(history(own, procedure(text="stem cell boost"))) == {"procedures"}
