"""Results, scores, answers and what forms state: which become facts, and what becomes of the others."""

from __future__ import annotations

import pytest

from solver.library.models import Library
from solver.patient.account import ResourcePlace
from solver.patient.readers.foreign.door import VARIABLE
from solver.patient.readers.foreign.statements import (
    Amount,
    AmountRange,
    CodedText,
    Coding,
    Faulty,
    PersonStatement,
    PossibleDays,
    ResultStatement,
)
from tests.support.formats.exports import LOINC, days, facts_of, outcomes, read_export, result, stated

SNOMED, NCI = "http://snomed.info/sct", "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl"
PLACE = ResourcePlace("entry[1]", "Observation", "o1")


def coded(*codings: tuple[str, str]) -> CodedText:
    """An answer."""
    return CodedText(tuple(Coding(system, code) for system, code in codings))


def test_a_mapped_result_is_a_fact_with_its_source(library: Library) -> None:
    """A result becomes a fact in its own unit, with its day and the coding that told."""
    found = read_export(library, result("14682-9", ("71", "umol/L"), "2026-11-12"))
    assert facts_of(found) == {
        "serum_creatinine": {
            "value": 71,
            "unit": "umol/L",
            "date": "2026-11-12",
            "source": "Observation/o1 loinc 14682-9 2026-11-12",
        }
    }
    assert found.account.rows["entry[1]"].variables == {"serum_creatinine"}


def test_a_code_that_nothing_reads_is_told_and_counted(library: Library) -> None:
    """An unknown code, a name that no variable has, and a result without a code have one outcome; the codes are counted."""
    found = read_export(
        library,
        result("9999-9", ("1", "mg"), at=1),
        stated("cns_leukemia_aktive", False, at=2),
        ResultStatement(ResourcePlace("entry[3]", "Observation"), CodedText((), "free text"), True),
    )
    assert set(outcomes(found).values()) == {"unknown-code"}
    assert found.account.unknown_codes == {(LOINC, "9999-9"): 1}
    assert "cns_leukemia_active" in found.account.rows["entry[2]"].reasons["unknown-code"][0]
    assert "free text" not in str(found.account.rows["entry[3]"].reasons)


@pytest.mark.parametrize(
    ("value", "score"),
    [
        (Amount("1", whole=True), 1),
        (Amount("2", code="{score}"), 2),
        (Amount("3.0"), 3),
        (coded((LOINC, "LA9625-0")), 3),
    ],
)
def test_a_score_is_a_whole_number_or_an_answer(
    library: Library, value: Amount | CodedText, score: int
) -> None:
    """A score may be an integer, a quantity without a unit, or a coded answer."""
    fact = facts_of(read_export(library, result("89247-1", value)))["ecog"]
    assert isinstance(fact, dict)
    assert float(fact["value"]) == score


@pytest.mark.parametrize("number", ["-1", "1.5", "6", "5"])
def test_a_number_that_a_score_does_not_have_is_no_value(library: Library, number: str) -> None:
    """Below, above and between the steps of a score there is nothing to read, by its code and by a form alike."""
    found = read_export(library, result("89247-1", Amount(number)), stated("ecog", Amount(number), at=2))
    assert facts_of(found) == {}
    assert set(outcomes(found).values()) == {"value"}
    assert [code for code, *_ in found.warnings].count("deceased") == (number == "5")


def test_a_score_in_tens_has_nothing_between(library: Library) -> None:
    """95 is no value of a score in tens, and leaves what was there before in force."""
    ninety = result("C38144", Amount("90"), "2026-11-17", system=NCI, at=1)
    found = read_export(library, ninety, result("C38144", Amount("95"), "2026-11-18", system=NCI, at=2))
    assert outcomes(found) == {"entry[1]": "used", "entry[2]": "value"}


@pytest.mark.parametrize(
    ("value", "answer"),
    [
        (coded((LOINC, "LA15173-0")), True),
        (coded((SNOMED, "60001007"), (LOINC, "LA26683-5")), False),
        (coded((LOINC, "LA4489-6")), None),
    ],
)
def test_answers_are_read_by_their_codes(library: Library, value: CodedText, answer: bool | None) -> None:
    """An answer has the value of its code, in any system; one that says nothing is no value."""
    found = read_export(library, result("82810-3", value))
    fact = facts_of(found).get("pregnant")
    assert fact is None if answer is None else isinstance(fact, dict) and fact["value"] is answer
    assert outcomes(found) == {"entry[1]": "value" if answer is None else "used"}


def test_answers_that_differ_are_a_conflict(library: Library) -> None:
    """Two codings of one answer that mean different values say nothing."""
    found = read_export(library, result("82810-3", coded((LOINC, "LA15173-0"), (LOINC, "LA26683-5"))))
    assert facts_of(found) == {}
    assert outcomes(found) == {"entry[1]": "conflict"}


def test_codings_of_different_variables_are_a_conflict(library: Library) -> None:
    """A result that is coded as two things is no result of either, and the report has a row for each."""
    code = coded((LOINC, "6690-2"), (LOINC, "777-3"))
    found = read_export(
        library, ResultStatement(PLACE, code, Amount("4", code="10*3/uL"), days("2026-11-18"))
    )
    assert facts_of(found) == {}
    assert outcomes(found) == {"entry[1]": "conflict"}
    assert [row.variable for row in found.account.conflicts] == ["platelets", "wbc"]


def test_a_component_is_a_result_of_its_own(library: Library) -> None:
    """A component with a mapped code has the days and the standing of its result, which may itself have no code that is read."""
    parts = [result("6690-2", ("4", "10*3/uL"), None), result("777-3", ("90", "10*3/uL"), None)]
    found = read_export(library, result("58410-2", None, components=parts))
    assert {name: fact["date"] for name, fact in facts_of(found).items()} == {
        "platelets": "2026-11-18",
        "wbc": "2026-11-18",
    }
    doubtful = read_export(
        library, result("58410-2", None, components=parts, unconfirmed="status preliminary")
    )
    assert outcomes(doubtful) == {"entry[1]": "unconfirmed"}


def test_a_trend_is_no_state(library: Library) -> None:
    """That a disease is better or worse says not where it stands; the code is known, and no site need map it."""
    improved = CodedText((Coding("http://snomed.info/sct", "268910001"),))
    found = read_export(library, result("97509-4", improved))
    assert outcomes(found) == {"entry[1]": "not-a-state"}
    assert not found.account.unknown_codes
    doubtful = read_export(library, result("97509-4", improved, unconfirmed="status preliminary"))
    assert outcomes(doubtful) == {"entry[1]": "unconfirmed"}


def test_what_is_unconfirmed_is_shown_and_no_fact(library: Library) -> None:
    """A preliminary result is told with its variable, and does not displace a final one."""
    final = result("6690-2", ("4", "10*3/uL"), "2026-11-17", at=1)
    found = read_export(
        library, final, result("6690-2", ("9", "10*3/uL"), at=2, unconfirmed="status preliminary")
    )
    assert outcomes(found) == {"entry[1]": "used", "entry[2]": "unconfirmed"}
    assert [(row.variable, row.at) for row in found.account.unconfirmed] == [("wbc", "entry[2]")]
    assert ("unconfirmed", "wbc", "wbc: status preliminary") in found.warnings


@pytest.mark.parametrize(
    ("value", "when", "outcome"),
    [
        (Faulty("two values"), days("2026-11-18"), "value"),
        (Faulty("two values"), Faulty("no date"), "value"),
        ("4.1 G/L", days("2026-11-18"), "value"),
        (True, days("2026-11-18"), "value"),
        (Amount("4"), Faulty("no date"), "unit"),
        (Amount("4", code="10*3/uL"), Faulty("no date"), "date"),
        (Amount("4", code="10*3/uL"), None, "undated"),
        (Amount("4", code="10*3/uL"), days("2026-11-21"), "after-as-of"),
        (Amount("4", code="10*3/uL"), days("2026-10-01"), "stale"),
    ],
)
def test_the_first_reason_that_applies_is_the_outcome(
    library: Library, value: object, when: PossibleDays | Faulty | None, outcome: str
) -> None:
    """Value, unit, date, after the day, undated, stale: in this order."""
    found = read_export(library, ResultStatement(PLACE, coded((LOINC, "6690-2")), value, when))  # type: ignore[arg-type]
    assert outcomes(found) == {"entry[1]": outcome}
    assert facts_of(found) == {}


@pytest.mark.parametrize(
    ("name", "value", "fact"),
    [
        ("cns_leukemia_active", False, False),
        ("salvage_attempts", Amount("2", whole=True), 2),
        ("salvage_attempts", AmountRange(Amount("1"), None), {"min": 1}),
        ("mrd_positive", True, True),
        ("cns_status", "CNS2", "CNS2"),
        ("country", CodedText((Coding(None, "NL"),)), "NL"),
        ("diagnosis", "acute myeloid leukemia", "acute myeloid leukemia"),
        ("relapse_after_hsct_date", PossibleDays(*(2 * (days("2026-10-05").first,))), "2026-10-05"),
        ("relapse_after_hsct_date", days("2026-10"), "2026-10"),
        ("prior_drugs", "azacitidine, venetoclax", ["azacitidine", "venetoclax"]),
    ],
)
def test_a_form_states_a_variable_of_any_type(
    library: Library, name: str, value: object, fact: object
) -> None:
    """What a form says of a variable is its fact, in the form of its type."""
    found = read_export(library, stated(name, value))  # type: ignore[arg-type]
    assert outcomes(found) == {"entry[1]": "used"}
    written = facts_of(found)[name]
    assert (written["value"] if "value" in written else {"min": written["min"]}) == fact
    assert written["source"] == "Observation/o1 variable 2026-11-18"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cns_leukemia_active", "false"),
        ("salvage_attempts", "2"),
        ("country", "Atlantis"),
        ("cns_status", True),
        ("weight", PossibleDays(1, 1)),
        ("prior_drugs", " , "),
        ("prior_drugs", "a" * 201),
        ("corticosteroid_daily", Amount("5", code="mg/d")),
    ],
)
def test_what_a_form_cannot_say_is_no_value(library: Library, name: str, value: object) -> None:
    """A value of another type, or one that the variable does not have, is refused without telling what it was."""
    found = read_export(library, stated(name, value))  # type: ignore[arg-type]
    assert outcomes(found) == {"entry[1]": "value"}
    assert "Atlantis" not in str(found.account.rows)


def test_a_list_may_be_given_entry_by_entry(library: Library) -> None:
    """Entries of a list in one form are one list, and no conflict."""
    found = read_export(library, stated("prior_drugs", "azacitidine"), stated("prior_drugs", "decitabine"))
    assert facts_of(found)["prior_drugs"]["value"] == ["azacitidine", "decitabine"]
    assert found.account.conflicts == []


def test_a_dose_names_its_drug_in_a_component(library: Library) -> None:
    """The drug of a dose is a component of its own name."""
    drug = result("drug", "dexamethasone", system=VARIABLE)
    found = read_export(
        library, result("corticosteroid_daily", ("4", "mg/d"), system=VARIABLE, components=[drug])
    )
    assert facts_of(found)["corticosteroid_daily"]["drug"] == "dexamethasone"


def test_limits_of_normal_go_with_the_result(library: Library) -> None:
    """A range of normal in the unit of the result stands beside it as a limit."""
    normal = AmountRange(Amount("5", code="U/L"), Amount("40", code="U/L"))
    statement = ResultStatement(
        PLACE, coded((LOINC, "1742-6")), Amount("55", code="U/L"), days("2026-11-18"), normal=normal
    )
    assert facts_of(read_export(library, statement))["alt"]["uln"] == 40


def test_who_the_patient_is(library: Library) -> None:
    """Birth may be a partial date; sex at birth wins over gender, which is told; another gender says nothing."""
    place = ResourcePlace("entry[0]", "Patient", "p")
    found = read_export(library, PersonStatement(place, days("2013-05"), "female", birth_sex="male"))
    assert facts_of(found) == {
        "birth_date": {"value": "2013-05", "source": "Patient/p birthDate"},
        "sex": {"value": "M", "source": "Patient/p birthsex"},
    }
    assert [code for code, *_ in found.warnings] == ["unconfirmed"]
    other = read_export(library, PersonStatement(place, Faulty("no date"), "other"))
    assert facts_of(other) == {}
    assert outcomes(other) == {"entry[0]": "date"}


def test_a_death_is_told_first(library: Library) -> None:
    """A patient who has died by the day of evaluation is told of before anything else; one who dies later is not."""
    place = ResourcePlace("entry[0]", "Patient", "p")
    wrong = result("9999-9", ("1", "mg"))
    for died, told in ((True, True), (days("2026-11-20"), True), (days("2026-11-21"), False), (None, False)):
        found = read_export(library, wrong, PersonStatement(place, died=died))
        assert (found.warnings[0][0] == "deceased") is told


def test_a_code_that_is_switched_off_says_how_a_site_enables_it(library: Library) -> None:
    """It is known to no reader until then."""
    found = read_export(library, result("38483-4", ("71", "umol/L")))
    (reason,) = found.account.rows["entry[1]"].reasons["unknown-code"]
    assert reason.endswith("still to be checked, a site may enable creatinine/38483-4")
