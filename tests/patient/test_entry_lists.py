"""Lists of a record: names of drugs, expression of alleles, and lists that are complete; and readings that hold together."""

from __future__ import annotations

import json
from typing import Any

import pytest

from solver.errors import InputError
from solver.language.domain import Recorded
from solver.library.load import default_encodings, load_library, load_trial
from solver.library.models import Library
from solver.matcher import Matcher
from solver.patient.changes import read_changed
from solver.patient.readers.native.read import read_record, record_from
from solver.patient.record import Record, record_digest
from solver.patient.write import record_document
from tests.support.libraries.drug_names import names_of_drugs
from tests.support.records import worked
from tests.support.records.worked import Json


def a_record(library: Library, *, lenient: bool = False, **entries: Any) -> Record:
    """A record with these entries."""
    return record_from({"as_of": "2026-11-20", "facts": {}, **entries}, library, lenient=lenient)


def warned(record: Record) -> list[tuple[str, str]]:
    """The code and the sentence of each warning found while reading."""
    return [(code, text) for code, _, text in record.warnings]


def test_every_name_of_a_drug_means_the_drug(library: Library) -> None:
    """Names, brands and codes, in capitals, apart from what stands between their parts, and with a suffix, are all alike."""
    tree = library.concepts
    for name, drug, _ in names_of_drugs():
        concept = tree.in_list("therapies", name)
        assert concept is not None, name
        for written in (name, name.upper(), name.replace("-", " "), f"{name}\u2122", f"{name}-abcd"):
            record = a_record(library, facts={"prior_drugs": [written]})
            assert record.facts["prior_drugs"].domain == Recorded(1, tree.broader(concept)), (written, drug)
            assert not record.warnings


def test_a_name_that_nobody_recognises_is_named(library: Library) -> None:
    """It implies nothing, and in a complete list nothing is closed by it; a code with other digits is never offered."""
    open_list = a_record(library, facts={"prior_drugs": ["QZX-1234", "IMGN633"]})
    assert warned(open_list) == [
        ("CHK-17", "'QZX-1234' is not recognised as a drug, and implies nothing."),
        ("CHK-17", "'IMGN633' is not recognised as a drug, and implies nothing."),
    ]
    closed = a_record(library, facts={"prior_drugs": ["QZX-1234"]}, complete=["prior_drugs"])
    text = "'QZX-1234' is not recognised as a drug, and implies nothing; and the list closes nothing while it is there."
    assert warned(closed) == [("CHK-17", text)]
    assert closed.facts["prior_drugs"].domain == Recorded(1, frozenset(), False)


@pytest.mark.parametrize(
    ("alleles", "texts"),
    [
        (["A*02:53N"], ["A*02:53N is a null allele: it is not expressed and does not count."]),
        (
            ["HLA-A*02:01:01:02L"],
            ["A*02:01:01:02L has low expression: whether it counts is for the site to say."],
        ),
        (
            ["A*02:01S"],
            ["A*02:01S is secreted and not on the cell: whether it counts is for the site to say."],
        ),
        (["A*02:01Q"], ["A*02:01Q has questionable expression: whether it counts is for the site to say."]),
        (["A*24:09N", "A*01:01L"], []),
        (["A*02:01:01G", "A*02:01P"], []),
    ],
)
def test_expression_of_an_allele_is_told_where_it_matters(
    library: Library, alleles: list[str], texts: list[str]
) -> None:
    """An A*02 allele with a letter for its expression is warned about; another group, or a code of ambiguity, is not."""
    record = a_record(library, facts={"hla_a_alleles": alleles})
    assert warned(record) == [("CHK-18", text) for text in texts]


@pytest.mark.parametrize(
    ("allele", "group"), [("A*92:01", "A*92"), ("HLA-A*020:01", "A*020"), ("A*2:01", "A*2")]
)
def test_a_group_that_does_not_exist_is_refused(library: Library, allele: str, group: str) -> None:
    """A slip in an allele is no proof that A*02 is absent."""
    known = "01 02 03 11 23 24 25 26 29 30 31 32 33 34 36 43 66 68 69 74 80"
    with pytest.raises(InputError) as error:
        a_record(library, facts={"hla_a_alleles": [allele, "A*24:02"]})
    assert error.value.problems == (
        f"record: facts.hla_a_alleles[0]: {group} is no HLA-A group; known are {known}",
    )


@pytest.mark.parametrize(
    ("entries", "problem"),
    [
        ({"complete": ["prior_drugs"]}, "complete: 'prior_drugs' is not recorded"),
        (
            {"complete": ["prior_drugs"], "facts": {"prior_drugs": None}},
            "complete: 'prior_drugs' is not recorded",
        ),
        (
            {"complete": ["prior_drugs"], "facts": {"prior_drugs": {"value": None}}},
            "complete: 'prior_drugs' is not",
        ),
        (
            {"complete": ["hla_a_alleles"]},
            "complete: 'hla_a_alleles' is no list that can be complete: record the list that is complete, prior_drugs",
        ),
        (
            {"complete": ["prior_car_t"]},
            "complete[0]: 'prior_car_t' is not a known concept",
        ),
        (
            {"complete": ["drugs"]},
            "complete[0]: 'drugs' is not a known concept",
        ),
        (
            {"complete": [1]},
            "complete[0]: 1 is not a name",
        ),
        ({"complete": "prior_drugs"}, "complete: 'prior_drugs' is not a list: write [...]"),
        ({"complete": True}, "complete: true is not a list: write [...]"),
    ],
)
def test_what_cannot_be_complete_is_refused(library: Library, entries: Json, problem: str) -> None:
    """Only an open list can be complete, and only one that is recorded."""
    with pytest.raises(InputError) as error:
        a_record(library, **entries)
    (told,) = error.value.problems
    assert told.startswith(f"record: {problem}")


def test_a_rejected_list_is_not_said_to_be_complete(library: Library) -> None:
    """Where wrong facts are left out, what was said of the list goes with it."""
    record = a_record(library, lenient=True, facts={"prior_drugs": [1]}, complete=["prior_drugs"])
    assert not record.facts
    assert [code for code, _, _ in record.warnings] == ["rejected-fact"]


def test_a_complete_list_is_written_and_told_apart(library: Library) -> None:
    """Reading what is written gives the same record, and its digest is not that of a list that is open."""
    facts = {"prior_drugs": ["cytarabine", "XYZ"], "ecog": 1}
    whole = a_record(library, facts=facts, complete=["prior_drugs"])
    assert record_document(whole, library)["complete"] == ["prior_drugs"]
    again = read_record(json.dumps(record_document(whole, library)).encode(), library, name="record")
    assert again.facts == whole.facts
    assert record_digest(again) == record_digest(whole) != record_digest(a_record(library, facts=facts))
    nothing = a_record(library, facts={**facts, "prior_drugs": []}, complete=[])
    assert "complete" not in record_document(nothing, library)


def test_a_changed_list_stays_complete_and_a_forgotten_one_does_not(library: Library) -> None:
    """What was said of the list holds of the list as it is changed."""
    record: Json = {
        "as_of": "2026-11-20",
        "facts": {"prior_drugs": ["cytarabine"]},
        "complete": ["prior_drugs"],
    }
    changed = read_changed(record, library, ["prior_drugs=cytarabine, Elzonris", "ecog=1"])
    domain = changed.after.facts["prior_drugs"].domain
    assert isinstance(domain, Recorded)
    assert (domain.size, domain.complete, "anti_cd123" in domain.classes) == (2, True, True)
    forgotten = read_changed(record, library, ["prior_drugs=unknown"])
    assert not forgotten.after.facts


def test_what_a_complete_list_denies_rests_on_the_list(library: Library) -> None:
    """A clause that is met since the complete list does not touch it cites the list, and a certificate says that it is complete."""
    patient = worked.patient("relapsed-man")
    record = worked.changed(
        patient,
        {"set": {"prior_drugs": ["cytarabine"]}, "unset": ["prior_anti_cd123"], "complete": ["prior_drugs"]},
    )
    read = worked.read(record, library)
    (trial,) = Matcher(library).match(read, ["SAR"]).trials
    (met,) = [each for each in trial.clauses if each.id == "SAR.E6"]
    assert (trial.verdict, met.status, met.facts) == ("eligible", "met", ("prior_drugs",))
    without = worked.changed(record, {"complete": []})
    (trial,) = Matcher(library).match(worked.read(without, library), ["SAR"]).trials
    assert trial.deciding_sets == (("prior_anti_cd123",),)


def test_two_weights_cannot_both_be_meant(library: Library) -> None:
    """Readings of which only one can hold are refused together, with what there is to choose."""
    both = {"readings": ["AMB-RO-12-IDEAL", "AMB-RO-12-ADJUSTED"]}
    with pytest.raises(InputError) as error:
        a_record(library, context=both)
    assert error.value.problems == (
        "record: context.readings: AMB-RO-12-IDEAL and AMB-RO-12-ADJUSTED cannot hold together: choose one weight",
    )


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            "      AMB-UC-2 + AMB-UC-10:\n        require: not ((cns_leukemia_active and cns_status != CNS2) or cns_leukemia_history)\n",
            "",
            "clause 'E1b' reads otherwise under each of AMB-UC-2, AMB-UC-10: add 'AMB-UC-2 + AMB-UC-10' with what they mean together",
        ),
        (
            "      AMB-UC-2 + AMB-UC-10:",
            "      AMB-UC-2 + AMB-UC-3:",
            "clause 'E1b' says what 'AMB-UC-2 + AMB-UC-3' means, but not what each of these means alone",
        ),
        ("      AMB-UC-2 + AMB-UC-10:", "      AMB-UC-2 + AMB-UC-11:", "unknown reading 'AMB-UC-11'"),
    ],
)
def test_readings_that_change_one_clause_say_what_they_mean_together(
    tmp_path: Any, old: str, new: str, problem: str
) -> None:
    """A pair that could hold together and is not spoken of is an error of the file, at its place."""
    text = (default_encodings() / "trials/uc.yaml").read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / "uc.yaml"
    file.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(InputError) as error:
        load_trial(file, load_library())
    assert any(problem in told and told.startswith(f"{file}:") for told in error.value.problems)


def test_the_order_in_which_readings_are_named_does_not_matter(tmp_path: Any, library: Library) -> None:
    """What two readings mean together is kept under their ids in the order of the trial."""
    text = (default_encodings() / "trials/uc.yaml").read_text(encoding="utf-8")
    file = tmp_path / "uc.yaml"
    file.write_text(text.replace("AMB-UC-2 + AMB-UC-10:", "AMB-UC-10 +AMB-UC-2:"), encoding="utf-8")
    swapped, kept = load_trial(file, library), library.trials["UC"]
    assert [clause.alternatives for clause in swapped.clauses] == [
        clause.alternatives for clause in kept.clauses
    ]
