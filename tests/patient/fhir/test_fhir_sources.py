"""Where FHIR is read from: every way to hold the same resources says the same, and what is no FHIR is refused in one line."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given, settings

from solver.errors import InputError
from solver.patient.readers.fhir.read import patient_ids
from tests.support.formats.fhir_bundles import (
    PATIENT,
    Resource,
    bundle,
    leukaemia_bundles,
    observation,
    outcomes,
    read,
    resource,
)

BOM = b"\xef\xbb\xbf"
WHOLE = bundle(
    PATIENT,
    observation("a", valueQuantity={"value": 4.5, "unit": "kg"}, contained=[{"resourceType": "Specimen"}]),
    resource("Encounter", "e"),
    meta={"tag": [{"system": "urn:trialproof:complete", "code": "conditions"}]},
)


def lines(whole: Resource) -> bytes:
    """The resources of a bundle, one a line, with a blank one."""
    return b"\n\n".join(json.dumps(entry["resource"]).encode() for entry in whole["entry"]) + b"\n"


def told(content: object, **how: int) -> tuple[object, object]:
    """What is read, whatever the places are called."""
    export, account = read(content, **how)
    places = {at: f"[{index}]" for index, at in enumerate(account.rows)}
    text = repr(export.statements)
    for at in sorted(places, key=len, reverse=True):
        text = text.replace(repr(at), places[at])
    return text, list(outcomes(account).values())


def test_places_are_those_of_the_source(tmp_path: Path) -> None:
    """Entries, contained resources, lines, files and a single resource."""
    assert list(read(WHOLE)[1].rows) == ["entry[0]", "entry[1]", "entry[1].contained[0]", "entry[2]"]
    assert list(read(lines(WHOLE))[1].rows) == ["line[0]", "line[1]", "line[1].contained[0]", "line[2]"]
    assert list(read(PATIENT)[1].rows) == ["resource"]
    nested = bundle(PATIENT, bundle(PATIENT, bundle(PATIENT, observation("z"))))
    assert list(read(nested)[1].rows) == ["entry[0]", "entry[1].entry[0]", "entry[1].entry[1]"]
    assert outcomes(read(nested)[1])["entry[1].entry[1]"] == "not-read"
    (tmp_path / "b.json").write_text(json.dumps(PATIENT))
    (tmp_path / "a.ndjson.gz").write_bytes(gzip.compress(lines(WHOLE)))
    (tmp_path / "c.txt").write_text("no export")
    (tmp_path / "deeper").mkdir()
    found = list(read(tmp_path)[1].rows)
    assert found == [
        "a.ndjson.gz:line[0]",
        "a.ndjson.gz:line[1]",
        "a.ndjson.gz:line[1].contained[0]",
        "a.ndjson.gz:line[2]",
        "b.json:resource",
    ]


@pytest.mark.parametrize("wrap", [BOM.__add__, gzip.compress, lambda data: gzip.compress(BOM + data)])
def test_compression_and_byte_order_mark_change_nothing(wrap: object) -> None:
    """Both are told by their first bytes."""
    data = json.dumps(WHOLE).encode()
    assert callable(wrap)
    assert told(wrap(data)) == told(data)


@settings(max_examples=12)
@given(leukaemia_bundles())
def test_a_stream_says_what_the_whole_says(whole: Resource) -> None:
    """Entry by entry, line by line or at once: the same statements and outcomes."""
    expected = told(whole)
    assert told(whole, stream_from=10) == expected
    assert told(json.dumps(whole, indent=1).encode(), stream_from=10) == expected
    if len(whole["entry"]) > 1:
        assert told(lines(whole)) == expected
        assert told(lines(whole), stream_from=10) == expected


def test_the_head_of_a_streamed_bundle_may_follow_its_entries() -> None:
    """The order of keys changes nothing."""
    entries = WHOLE["entry"]
    turned = {"entry": entries, **{name: WHOLE[name] for name in ("meta", "type", "resourceType")}}
    export, _ = read(turned, stream_from=10)
    assert [each.list for each in export.complete] == ["conditions"]
    assert told(turned, stream_from=10) == told(WHOLE)


def test_a_number_that_no_parser_takes_is_a_fault_of_its_resource() -> None:
    """Too large, too long, too many decimals: the rest of the file is read."""
    for number in ("1e99999999999999999999", "9" * 5000, "1." + "0" * 400, "1e50", "1e-99", "10000000000001"):
        text = json.dumps(WHOLE).replace("4.5", number).encode()
        for stream_from in (10**6, 10):
            export, account = read(text, stream_from=stream_from)
            assert type(export.statements[1].value).__name__ == "Faulty"  # type: ignore[union-attr]
            assert len(account.rows) == 4


def nested(depth: int) -> bytes:
    """The whole with something nested so deep in the Encounter."""
    deep = '{"a":' * depth + "1" + "}" * depth
    text = json.dumps(WHOLE)
    return text.replace('"resourceType": "Encounter"', f'"resourceType": "Encounter", "x": {deep}').encode()


def test_a_resource_that_is_nested_deep_is_an_error_of_its_own() -> None:
    """Beyond the limit; a file that is nested beyond all measure is refused, before that costs anything."""
    _, account = read(nested(150))
    assert list(outcomes(account).values()) == [None, None, None, "error"]
    for stream_from in (10**8, 10):
        with pytest.raises(InputError, match="nested"):
            read(nested(1_000_000), stream_from=stream_from)


def test_an_attachment_of_megabytes_is_left_out() -> None:
    """A long text costs nothing and is no text; the rest is read."""
    whole = bundle(PATIENT, {**resource("Binary", "x"), "data": "QUJD" * 500_000}, observation())
    assert told(whole, stream_from=10) == told(whole)
    export, _ = read(bundle(PATIENT, observation(valueString="x" * 1_500_000)), stream_from=10)
    assert type(export.statements[1].value).__name__ == "Faulty"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"resourceType": "Bundle",\n "entry": [', r"b\.json: line 2, column 12: is not JSON: "),
        (b'{"resourceType": "Patient"}\n{"resourceType": "Pat', r"b\.json: line 2, column 18: is not JSON: "),
        (b"", "is empty"),
        (b'{"resourceType": "Patient", "id": "\xff"}', "UTF-8"),
        (b"\x1f\x8b\x08garbage", "damaged"),
        ({"resourceType": "Bundle", "type": "searchset", "entry": []}, "is an empty Bundle"),
        ({"resourceType": "Bundle", "entry": [{"fullUrl": "urn:uuid:1"}]}, "is an empty Bundle"),
        (bundle(type="history"), "is a Bundle of type 'history'"),
        (bundle(type="message"), "is a Bundle of type 'message'"),
        (bundle(type="batch-response"), "is a Bundle of type 'batch-response'"),
        (
            {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "ResearchStudy"}}] * 5},
            r"b\.json: holds no patient: its resources are ResearchStudy \(5\)",
        ),
        (
            {"resourceType": "Bundle", "entry": [{"resource": {"facts": {"ecog": 1}}}]},
            "holds no FHIR resource: give records of another form as files",
        ),
        ({"resourceType": "OperationOutcome"}, r"holds no patient: its resources are OperationOutcome \(1\)"),
        (bundle(resource("MedicationUsage"), resource("Encounter")), "is FHIR R5"),
    ],
)
def test_what_is_no_export_is_refused_in_one_line(content: object, message: str) -> None:
    """The file, what was found and where."""
    for stream_from in (10**6, 10):
        if isinstance(content, bytes) and stream_from == 10 and b"Bundle" not in content:
            continue
        with pytest.raises(InputError, match=message) as error:
            read(content, stream_from=stream_from)
        assert len(error.value.problems) == 1


def test_pages_that_follow_leave_every_list_open() -> None:
    """A searchset with a next page says so, and no list of it is complete."""
    export, _ = read(
        {**WHOLE, "type": "searchset", "link": [{"relation": "next", "url": "https://x.example/2"}]}
    )
    assert export.more
    assert any("page 1 of more" in sentence for _, sentence in export.warnings)


def test_patients_are_listed_by_their_ids() -> None:
    """By id, or by fullUrl where there is none."""
    whole = bundle(PATIENT, {"resourceType": "Patient"}, urls={1: "urn:uuid:9"})
    assert patient_ids(json.dumps(whole).encode(), "b.json") == ["p1", "urn:uuid:9"]


def test_what_is_no_resource_has_a_row_and_nothing_else() -> None:
    """An entry without a resource has none."""
    whole = bundle(PATIENT, None, 5, "x", [], {}, {"resourceType": 7}, {"resourceType": "a b"})
    whole["entry"] += [{}, None, "x", {"request": {"method": "DELETE"}}]
    _, account = read(whole)
    assert list(outcomes(account).values()) == [None] + ["error"] * 7


@pytest.mark.parametrize("line", [b"5", b"null", b'"x"', b"[{}]", b'{"a": 1}'])
def test_a_line_that_is_no_resource_is_an_error_of_its_own(line: bytes) -> None:
    """The lines after it are read."""
    _, account = read(
        json.dumps(PATIENT).encode() + b"\n" + line + b"\n" + json.dumps(observation()).encode()
    )
    assert outcomes(account) == {"line[0]": None, "line[1]": "error", "line[2]": None}


def test_a_document_may_be_broken_after_any_object() -> None:
    """One that goes on in another line is none of several lines."""
    text = json.dumps(WHOLE)
    assert told(text.replace("}", "}\n").encode()) == told(text.encode())
