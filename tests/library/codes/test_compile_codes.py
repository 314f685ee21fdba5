"""Mapping files: what is wrong in one is said with its place, and what a site says of its own codes counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from solver.errors import InputError
from solver.library.codes.code_map import CodeMap
from solver.library.models import Library
from solver.patient.readers.foreign.statements import Coding
from tests.support.libraries.mapping_files import codes_with

FOLDER = Path(__file__).parent
BAD = sorted((FOLDER / "bad").glob("*.yaml"))
LOINC = "http://loinc.org"


@pytest.fixture(scope="module")
def site(library: Library) -> CodeMap:
    """The codes of the encodings, with a site's own file."""
    return codes_with(library, FOLDER / "good" / "site.yaml")


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_wrong_file_is_refused_with_the_place_of_its_fault(library: Library, path: Path) -> None:
    """The first line of each bad file says where its one fault stands, and what is said of it."""
    place, _, said = path.read_text().splitlines()[0].removeprefix("# ").partition(": ")
    with pytest.raises(InputError) as caught:
        codes_with(library, path)
    assert len(caught.value.problems) == 1
    assert caught.value.problems[0].startswith(f"{path.name}:{place}: ")
    assert said in caught.value.problems[0]


def test_what_ships_is_without_fault(library: Library) -> None:
    """The files of the encodings compile alone, and every code that is read has its source."""
    assert codes_with(library).entries
    assert library.codes == codes_with(library)


def entries_of(codes: CodeMap, system: str, code: str) -> list[str]:
    """The ids of the entries that read a code of a result."""
    return [entry.id for entry in codes.find("Observation", Coding(system, code))]


def test_a_site_maps_its_own_codes(site: CodeMap) -> None:
    """By a system that it names, by an address as it stands, by a whole text, and in an entry that is there already."""
    assert entries_of(site, "urn:site:lab", "KREA") == ["own-creatinine"]
    assert entries_of(site, "urn:site:other", "K1") == ["own-creatinine"]
    assert [entry.id for entry in site.by_text("Observation", " kreatinin  Serum ")] == ["own-creatinine"]
    assert site.by_text("Observation", "kreatinin") == ()
    assert entries_of(site, "urn:site:lab", "LEUKO") == entries_of(site, LOINC, "6690-2") == ["wbc"]


def test_a_code_to_be_checked_is_read_once_a_site_enables_it(library: Library, site: CodeMap) -> None:
    """Until then it is known to be switched off."""
    coding = Coding(LOINC, "38483-4")
    assert library.codes.find("Observation", coding) == ()
    assert library.codes.switched_off(coding) == ("creatinine",)
    assert entries_of(site, LOINC, "38483-4") == ["creatinine"]
    assert site.switched_off(coding) == ()


def test_a_site_takes_a_code_out(library: Library, site: CodeMap) -> None:
    """What it removes is not read, and its other codes are."""
    assert entries_of(library.codes, LOINC, "77140-2") == ["creatinine"]
    assert entries_of(site, LOINC, "77140-2") == []
    assert entries_of(site, LOINC, "2160-0") == ["creatinine"]


def test_a_site_sets_windows(library: Library, site: CodeMap) -> None:
    """Of an entry or a variable; an entry that says nothing has the shortest window of its variable."""
    assert library.codes.entries["creatinine"].window == 28
    assert site.entries["creatinine"].window == 14
    assert site.entries["own-creatinine"].window == 14
    assert library.codes.entries["qtcf"].window == 28
    assert site.entries["qtcf"].window is None
    assert site.tables.site_windows == {"creatinine": 14, "qtcf": None}


def test_a_site_says_how_it_writes(library: Library, site: CodeMap) -> None:
    """Orders, numbers written as text, lists that are complete, and codes that deny nothing."""
    plain, own = library.codes.tables, site.tables
    assert (plain.orders_count, plain.text_numbers, plain.complete, plain.unread) == (True, None, (), "block")
    assert (own.orders_count, own.text_numbers, own.complete) == (False, "point", ("conditions",))
    assert own.unread == "ignore"
    assert site.harmless(Coding("urn:site:lab", "ALLES-OK"))
    assert not site.harmless(Coding("urn:site:lab", "KREA"))


def test_two_variables_share_a_code_if_one_entry_names_the_other(library: Library) -> None:
    """Both entries are found; a state that can pass does not last, and one for ever does."""
    codes = codes_with(library, FOLDER / "good" / "shared.yaml")
    found = codes.find("Condition", Coding("urn:own", "X1"))
    assert [(entry.id, entry.lasting) for entry in found] == [("one", False), ("two", True)]
    assert found[0].absent is not None
    assert (found[0].absent.lists, found[0].absent.value) == (("conditions",), False)
