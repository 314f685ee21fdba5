"""Which concept a coding or a text means."""

from __future__ import annotations

import pytest

from solver.library.models import Library
from solver.patient.readers.foreign.history.recognition import Recognition
from tests.support.formats.history_exports import coded


@pytest.fixture(scope="module")
def recognition(library: Library) -> Recognition:
    """Of the encodings that come with the program."""
    return Recognition(library)


def test_every_name_of_a_therapy_is_found_as_it_is_written(
    library: Library, recognition: Recognition
) -> None:
    """All names, brands and codes: each finds its concept, or one that is narrower."""
    tree, missed = library.concepts, []
    for concept in tree.of_kinds(["therapy"]):
        for name in tree[concept].names:
            found = {told.concept for told in recognition.drugs(coded(text=name))}
            if not any(each is not None and concept in tree.broader(each) for each in found):
                missed.append(name)
    assert missed == []


def test_the_narrowest_concepts_are_meant(recognition: Recognition) -> None:
    """A class beside its member says nothing."""
    assert [told.concept for told in recognition.drugs(coded("atc L04A", text="tacrolimus"))] == [
        "tacrolimus"
    ]
    assert recognition.narrowest(["hsct", "allo_hsct"]) == ["allo_hsct"]


def test_a_code_that_a_site_takes_out_is_not_read(library: Library, recognition: Recognition) -> None:
    """Codes to be checked are neither."""
    off = library.codes.tables.switched_off
    for concept in library.concepts.of_kinds(["therapy"]):
        for system, codes in library.concepts[concept].codes:
            for code in codes:
                mapped = library.codes.tables.normal(system.casefold(), code)
                address = library.codes.tables.systems[mapped.system].addresses[0]
                found = recognition.coded(coded(f"{address} {code}").codings, "therapy")
                of_it = any(recognition.belongs(each, concept) for each in found)
                assert of_it == (mapped not in off), code
