"""Finding codes: by every address of their system, by prefix where the system is read so, and only in their kind of resource."""

from __future__ import annotations

import pickle

import pytest

from solver.library.codes.code_map import CodeMap
from solver.library.codes.code_tables import CodeIndex, CodeTables
from solver.library.codes.models import CodeEntry, CodeSystem, MappedCode
from solver.library.models import Library
from solver.patient.readers.foreign.statements import Coding

PREFIXED = CodeSystem("letters", ("urn:letters",), match="prefix", dots_optional=True)
EXACT = CodeSystem("numbers", ("urn:numbers", "urn:oid:1.2.3"))
SYSTEMS = {"letters": PREFIXED, "numbers": EXACT}


def codes_of(*codes: MappedCode, resource: str = "Condition") -> CodeMap:
    """A map with one entry of these codes."""
    entry = CodeEntry("only", None, resource, "event", codes=codes)
    return CodeMap(CodeTables(systems=SYSTEMS, entries={"only": entry}))


def finds(codes: CodeMap, system: str | None, code: str | None, resource: str = "Condition") -> bool:
    """Whether the entry reads a code."""
    return bool(codes.find(resource, Coding(system, code)))


@pytest.mark.parametrize("address", ["urn:numbers", "urn:oid:1.2.3", "urn:numbers/", " urn:numbers "])
def test_every_address_of_a_system_is_the_system(address: str) -> None:
    """A slash at its end and blanks aside."""
    codes = codes_of(MappedCode("numbers", "12"))
    assert finds(codes, address, "12")
    assert codes.system(address) == EXACT


def test_a_code_is_of_its_system_and_its_kind_of_resource() -> None:
    """Elsewhere it means nothing, and neither does half a coding."""
    codes = codes_of(MappedCode("numbers", "12"))
    assert not finds(codes, "urn:letters", "12")
    assert not finds(codes, "urn:numbers", "12", "Procedure")
    assert not finds(codes, None, "12")
    assert not finds(codes, "urn:numbers", None)
    assert not finds(codes, "urn:numbers", "123")


@pytest.mark.parametrize(
    ("code", "covered"),
    [("C92.0", True), ("c9201", True), ("C92.01", True), ("C92", False), ("C92.1", False)],
)
def test_a_prefix_covers_what_begins_with_it(code: str, covered: bool) -> None:
    """Dots and case aside, and never what is broader."""
    assert finds(codes_of(MappedCode("letters", "C92.0")), "urn:letters", code) == covered


@pytest.mark.parametrize(
    ("code", "covered"),
    [
        ("C00", True),
        ("C15.9", True),
        ("C26.9", True),
        ("C27", False),
        ("B99", False),
        ("C", False),
        ("C10.1", False),
    ],
)
def test_a_range_covers_its_ends_and_leaves_out_what_it_excepts(code: str, covered: bool) -> None:
    """With what begins with the last code of it."""
    mapped = MappedCode("letters", "C00", "C26", ("C10",))
    assert finds(codes_of(mapped), "urn:letters", code) == covered


def test_an_index_gives_every_meaning_once() -> None:
    """A code that several cover means all of them."""
    given = [
        (MappedCode("letters", "A"), "broad"),
        (MappedCode("letters", "A1"), "narrow"),
        (MappedCode("letters", "A1"), "narrow"),
    ]
    index = CodeIndex(SYSTEMS, given)
    assert sorted(index.find(MappedCode("letters", "A12"))) == ["broad", "narrow"]
    assert index.find(MappedCode("letters", "B")) == ()


def test_a_pickled_map_stays_one_piece_until_it_is_asked() -> None:
    """It is equal to what it was."""
    codes = codes_of(MappedCode("numbers", "12"))
    again = pickle.loads(pickle.dumps(codes))
    assert "tables" not in vars(again)
    assert finds(again, "urn:numbers", "12")
    assert again == codes


def test_answers_lists_and_presence_are_found_by_code(library: Library) -> None:
    """A coded answer has the value of its entry; a list is called by its code."""
    codes = library.codes
    assert codes.answer(codes.entries["ecog"], Coding("http://loinc.org", "LA9623-5")) == 1
    assert codes.answer(codes.entries["ecog"], Coding("http://loinc.org", "LA9624-3")) is None
    assert (
        codes.answer(codes.entries["pregnancy-status"], Coding("http://snomed.info/sct", "60001007")) is False
    )
    assert (
        codes.answer(codes.entries["variant"], Coding("urn:oid:2.16.840.1.113883.6.1", "LA9634-2"))
        == "absent"
    )
    assert codes.list_of(Coding("http://loinc.org", "10160-0")) == "medications"
    assert codes.list_of(Coding("http://loinc.org", "2160-0")) is None
