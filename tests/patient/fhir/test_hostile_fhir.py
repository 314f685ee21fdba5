"""Whatever is in an export: it is never a crash, every resource has a row, and nobody's name goes further."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver.errors import InputError
from solver.patient.account import Account
from solver.patient.readers.foreign.interpret import ForeignRecord, ReadingSettings, interpret
from tests.support.formats.fhir_bundles import (
    AS_OF,
    LIBRARY,
    PATIENT,
    Resource,
    bundle,
    coded,
    leukaemia_bundles,
    observation,
    read,
    resource,
)

CANARY = "Zebulon Quagmire"
JUNK: list[Any] = [
    None,
    True,
    0,
    -1.5,
    10**30,
    "",
    "x",
    "2026-13-45",
    [],
    {},
    [[]],
    [None],
    {"coding": {}},
    [{"a": 1}],
]


def whole_reading(content: object) -> ForeignRecord:
    """The record of an export, and the account of it."""
    export, account = read(content)
    return interpret(export, account, LIBRARY, as_of=AS_OF, settings=ReadingSettings())


def spots(value: object, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of everything inside a value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [each for key, item in inner for each in ((*path, key), *spots(item, (*path, key)))]


def mutated(whole: Resource, draw: st.DrawFn) -> Resource:
    """The same with something dropped, retyped, doubled, moved or nested, inside of its resources."""
    whole = deepcopy(whole)
    for _ in range(draw(st.integers(1, 3))):
        found = [each for each in spots(whole["entry"]) if len(each) > 1]
        if not found:
            break
        *way, last = draw(st.sampled_from(found))
        holder = whole["entry"]
        for step in way:
            holder = holder[step]
        match draw(st.sampled_from(["drop", "retype", "double", "nest"])):
            case "drop":
                del holder[last]
            case "retype":
                holder[last] = draw(st.sampled_from(JUNK))
            case "double" if isinstance(holder, list):
                holder.append(deepcopy(holder[last]))
            case "double":
                whole["entry"].append(deepcopy(whole["entry"][way[0] if way else 0]))
            case "nest":
                holder[last] = [holder[last]]
    return whole


@st.composite
def mutations(draw: st.DrawFn) -> Resource:
    """Bundles in which something is wrong."""
    return mutated(draw(leukaemia_bundles()), draw)


@settings(max_examples=60)
@given(mutations())
def test_whatever_is_in_a_bundle_each_resource_has_one_outcome(whole: Resource) -> None:
    """It is refused in one line, or every resource ends in a row."""
    try:
        found = whole_reading(whole)
    except InputError:
        return
    expected = [
        f"entry[{index}]"
        for index, entry in enumerate(whole["entry"])
        if isinstance(entry, dict) and "resource" in entry
    ]
    assert [at for at in found.account.rows if at.count(".") == 0] == expected
    assert None not in {row.outcome for row in found.account.rows.values()}
    assert whole_reading(whole).document == found.document


@settings(max_examples=30)
@given(leukaemia_bundles(), st.integers(0, 10_000))
def test_a_file_that_is_cut_off_is_refused(whole: Resource, cut: int) -> None:
    """What is missing could be what would have been denied."""
    data = json.dumps(whole).encode()
    with pytest.raises(InputError, match=r"is not JSON|is empty"):
        read(data[: cut % len(data)])


@settings(max_examples=30)
@given(leukaemia_bundles(), st.randoms(use_true_random=False))
def test_the_order_of_entries_and_keys_changes_nothing(whole: Resource, random: Any) -> None:
    """The record says the same, whatever comes first."""

    def turned(value: object) -> object:
        if isinstance(value, dict):
            keys = list(value)
            random.shuffle(keys)
            return {key: turned(value[key]) for key in keys}
        return [turned(each) for each in value] if isinstance(value, list) else value

    other = turned(whole)
    assert isinstance(other, dict)
    assert facts(whole_reading(other)) == facts(whole_reading(whole))
    random.shuffle(other["entry"])
    assert facts(whole_reading(other)) == facts(whole_reading(whole))


def facts(found: ForeignRecord) -> object:
    """What a record says, without the sources, which name places."""

    def plain(value: object) -> object:
        if isinstance(value, dict):
            return {key: plain(each) for key, each in sorted(value.items()) if key != "source"}
        return sorted(map(repr, map(plain, value))) if isinstance(value, list) else value

    return plain(found.document)


@settings(max_examples=20)
@given(leukaemia_bundles())
def test_what_never_counts_changes_nothing_but_the_account(whole: Resource) -> None:
    """A resource that is not read, of somebody else, or entered in error leaves the record as it is."""
    more = deepcopy(whole)
    more["entry"] += [
        {"resource": resource("Encounter", "z1")},
        {"resource": observation("z2", subject={"reference": "Patient/other"})},
        {"resource": observation("z3", status="entered-in-error")},
        {"resource": resource("Condition", "z4", code=coded("1"), verificationStatus=coded("refuted"))},
    ]
    assert facts(whole_reading(more)) == facts(whole_reading(whole))


def test_nobodys_name_goes_further() -> None:
    """Names, addresses, identifiers, narrative and notes are in no fact, row, warning or error."""
    private = {
        "text": {"status": "generated", "div": f"<div>{CANARY}</div>"},
        "note": [{"text": CANARY, "authorString": CANARY}],
        "identifier": [{"system": "urn:mrn", "value": CANARY, "assigner": {"display": CANARY}}],
        "performer": [{"display": CANARY}],
        "extension": [{"url": "urn:x", "valueString": CANARY}],
    }
    subject = {"reference": "Patient/p1", "display": CANARY}
    person = {
        **PATIENT,
        **private,
        "id": CANARY,
        "name": [{"text": CANARY, "family": CANARY, "given": [CANARY]}],
        "address": [{"text": CANARY, "line": [CANARY], "country": CANARY}],
        "telecom": [{"value": CANARY}],
        "contact": [{"name": {"text": CANARY}}],
        "gender": CANARY,
        "birthDate": CANARY,
    }
    subject = {"reference": f"Patient/{CANARY}", "display": CANARY}
    kinds = [
        observation("a", **private),
        observation("b", valueString=CANARY, **private),
        observation("c", status=CANARY, **private),
        observation("d", effectiveDateTime=CANARY, **private),
        observation(CANARY, code="9999-0", dataAbsentReason={"coding": [{"code": CANARY}], "text": CANARY}),
        observation("e", valueQuantity={"value": 1, "comparator": CANARY, "unit": "kg"}),
        resource(
            "Condition", "f", code=coded("91861009", "http://snomed.info/sct"), onsetString=CANARY, **private
        ),
        resource("Condition", "g", code=coded("1"), verificationStatus=coded(CANARY), **private),
        resource("Procedure", "h", status="completed", code=coded("1"), performedDateTime=CANARY, **private),
        resource("Patient", "i"),
        resource(CANARY, "j"),
    ]
    whole = bundle(person, *({**each, "subject": subject} for each in kinds[:-2]), kinds[-1])
    assert CANARY not in told(whole_reading(whole))
    for wrong in (
        bundle(person, kinds[-2]),
        bundle(person, type=CANARY),
        {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": CANARY}}]},
    ):
        with pytest.raises(InputError) as error:
            read(wrong)
        assert CANARY not in str(error.value)


def told(found: ForeignRecord) -> str:
    """All that leaves the reader, as text."""
    account: Account = found.account
    return repr(
        (
            found.document,
            found.warnings,
            account.rows,
            account.conflicts,
            account.stale,
            account.unconfirmed,
            account.unknown_codes,
        )
    )


@pytest.mark.slow
def test_an_export_of_200_megabytes_takes_little_memory(tmp_path: Any) -> None:
    """Less than 300 MB above what a tiny file takes."""
    import subprocess
    import sys

    program = (
        "import resource, sys; from pathlib import Path; from tests.support.formats.fhir_bundles import read; "
        "read(Path(sys.argv[1])); print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    sizes = []
    for count in (1, 350_000):
        path = tmp_path / f"{count}.json"
        with path.open("w") as file:
            file.write('{"resourceType": "Bundle", "entry": [' + json.dumps({"resource": PATIENT}))
            for index in range(count):
                more = {"category": [coded("laboratory")], "issued": "2026-11-18T10:00:00Z"}
                file.write(",\n" + json.dumps({"resource": observation(f"o{index}", **more)}, indent=1))
            file.write("]}")
        done = subprocess.run(
            [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True
        )
        sizes.append(int(done.stdout))
    assert path.stat().st_size > 200_000_000
    assert sizes[1] - sizes[0] < 300_000
