"""The document: what it holds, in which order, and that the native reader takes it."""

from __future__ import annotations

import json

from solver.library.models import Library
from solver.patient.account import ResourcePlace
from solver.patient.readers.foreign.document import SourceWords, document_text
from solver.patient.readers.foreign.gathered import FactSource
from solver.patient.readers.foreign.interpret import ReadingSettings
from solver.patient.readers.foreign.statements import Amount, Coding, PossibleDays
from solver.patient.readers.native.json_text import NumberText
from solver.patient.readers.native.read import read_record
from tests.support.formats.exports import LOINC, days, facts_of, read_export, record_of, result, stated


def test_numbers_are_written_digit_for_digit() -> None:
    """No number passes through a float, and every text is safe on any terminal."""
    value = {
        "a": [NumberText("0.10"), NumberText("12345678901234567890")],
        "b": None,
        "c": "\u202ex",
        "d": True,
    }
    text = document_text(value)
    assert text == '{"a": [0.10, 12345678901234567890], "b": null, "c": "\\u202ex", "d": true}'


def test_the_text_is_read_as_the_document(library: Library) -> None:
    """What is printed is the record itself."""
    found = read_export(
        library, result("6690-2", ("4.20", "10*3/uL")), stated("prior_drugs", "azacitidine", at=2)
    )
    assert read_record(document_text(found.document), library) == record_of(found, library)


def test_facts_stand_in_the_order_of_their_names(library: Library) -> None:
    """The document is the same whatever the order of the export."""
    statements = [
        result("6690-2", ("4", "10*3/uL"), at=1),
        result("29463-7", ("61", "kg"), at=2),
        stated("cns_status", "CNS1", at=3),
        result("14682-9", ("71", "umol/L"), at=4),
    ]
    texts = {document_text(read_export(library, *order).document) for order in (statements, statements[::-1])}
    assert len(texts) == 1
    names = list(json.loads(texts.pop())["facts"])
    assert names == sorted(names)


def test_sources_are_told_in_one_form(library: Library) -> None:
    """A resource by type and id, its system by name, the words that told, its day, and whether it is an order."""
    words, positions = SourceWords(library), SourceWords(library, no_ids=True)
    place, day = ResourcePlace("entry[3]", "Observation", "o7"), days("2026-11-12")
    source = FactSource(place, Coding(LOINC, "14682-9"), day)
    assert words.of(source) == "Observation/o7 loinc 14682-9 2026-11-12"
    assert positions.of(source) == "entry[3] loinc 14682-9 2026-11-12"
    assert words.of(FactSource(ResourcePlace("entry[3]", "Observation"), said="text x")) == "entry[3] text x"
    row = FactSource(ResourcePlace("measurement/4711", "measurement", "4711"), Coding(LOINC, "29463-7"), day)
    assert words.of(row) == "measurement 4711 loinc 29463-7 2026-11-12"
    order = FactSource(place, said="text prednisone", days=days("2026-11"), order=True)
    assert words.of(order) == "Observation/o7 text prednisone 2026-11 (order)"
    assert words.of(FactSource(place, days=PossibleDays(None, day.last))) == "Observation/o7 2026-11-12"
    assert words.joined([source, source, order], "intake") == f"intake: {words.of(source)}; {words.of(order)}"


def test_without_ids_no_id_is_in_the_document(library: Library) -> None:
    """With positions only, no id of a resource is left."""
    found = read_export(
        library, result("6690-2", ("4", "10*3/uL"), at=77), settings=ReadingSettings("record", no_ids=True)
    )
    assert facts_of(found)["wbc"]["source"] == "entry[77] loinc 6690-2 2026-11-18"
    assert "o77" not in document_text(found.document)


def test_the_document_names_what_stands_behind_it(library: Library) -> None:
    """Each fact has the resources that it rests on."""
    found = read_export(
        library, result("6690-2", ("4", "10*3/uL"), at=1), result("6690-2", ("4", "10*3/uL"), at=2)
    )
    assert [each.place.at for each in found.origins["wbc"]] == ["entry[1]", "entry[2]"]


def test_a_number_too_precise_for_its_unit_is_kept(library: Library) -> None:
    """A number of seventeen digits, as systems write it, is a fact as it stands."""
    found = read_export(library, result("29463-7", Amount("61.123456789012345", code="kg")))
    assert '"value": 61.123456789012345' in document_text(found.document)
    record_of(found, library)
