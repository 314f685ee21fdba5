"""How a patient's record is read, and what is said of one that cannot be."""

from __future__ import annotations

import io
import json
import math
import re
import sys
from datetime import date
from fractions import Fraction
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.errors import InputError
from solver.language.calendar import FIRST_DAY, LAST_DAY, parse_day
from solver.language.domain import Domain, Interval, Recorded, point
from solver.language.types import QuantityType
from solver.library.models import Library
from solver.patient.readers.native.dates import NotADateError, parse_date
from solver.patient.readers.native.json_text import NumberText, parse_json, settle
from solver.patient.readers.native.numbers import unit_named
from solver.patient.readers.native.printed_numbers import read_printed
from solver.patient.readers.native.read import read_bytes, read_context, read_record, record_from
from solver.patient.readers.native.record_faults import Findings
from solver.patient.readers.native.statement import FACT_KEYS
from solver.patient.record import Context, Fact, Record
from tests.support.drawing.drawn import drawn

RECORDS = Path(__file__).parent / "records"
AS_OF = "2026-11-20"
CALLS_OF_A_REFUSAL = 10_000_000
"""Some hundred for each of the 20,000 names, entries or marks of a file: looked at each against each, they would take 400 million."""


def day(text: str) -> int:
    return parse_day(text)


def days(first: str, last: str) -> Interval:
    return Interval(day(first), day(last), whole=True)


def fact(library: Library, variable: str, written: str) -> Fact | None:
    """The fact that the JSON text `written` states about a variable."""
    text = f'{{"as_of": "{AS_OF}", "facts": {{"{variable}": {written}}}}}'
    return read_record(text.encode(), library, name="patient.json").facts.get(variable)


def problems(library: Library, variable: str, written: str) -> list[str]:
    """The faults of a fact, each without the name of the file."""
    with pytest.raises(InputError) as caught:
        fact(library, variable, written)
    assert all(line.startswith("patient.json: ") for line in caught.value.problems)
    return [line.removeprefix("patient.json: ") for line in caught.value.problems]


def context_problems(library: Library, context: dict[str, Any]) -> list[str]:
    """The faults of a site's context."""
    with pytest.raises(InputError) as caught:
        read_context(json.dumps(context).encode(), library, name="site.json")
    return list(caught.value.problems)


def drugs(library: Library, *names: str) -> frozenset[str]:
    """The concepts that drugs of these names are of."""
    tree = library.concepts
    found = (tree.in_list("therapies", name) for name in names)
    return frozenset[str]().union(*(tree.broader(concept) for concept in found if concept is not None))


# --- whole files ---------------------------------------------------------------------------------------------------


def test_a_complete_record_is_read_exactly(library: Library) -> None:
    """A record with every form of fact gives exact domains in the variables' own units."""
    record = read_record((RECORDS / "good/complete.json").read_bytes(), library, name="complete.json")
    assert (record.id, record.as_of, record.warnings) == ("example-1 é", day(AS_OF), ())
    expected: dict[str, Domain] = {
        "birth_date": point(day("1968-04-02"), whole=True),
        "sex": frozenset({"F"}),
        "diagnosis": frozenset({"AML"}),
        "weight": point(Fraction(61)),
        "serum_creatinine": point(Fraction(710, 884)),
        "pb_blasts_abs": Interval(0, Fraction(300), False, True),
        "wbc": point(Fraction(60_000)),
        "qtcf": point(Fraction(1289, 3)),
        "ecog": Interval(1, 2, whole=True),
        "ipss_r_score": point(Fraction(47, 10)),
        "last_hsct_date": days("2026-08-01", "2026-08-31"),
        "car_t_date": days("2026-08-01", "2026-08-31"),
        "ipss_r": frozenset({"intermediate", "high"}),
        "corticosteroid_daily": point(Fraction(10)),
        "hla_a_alleles": Recorded(2, frozenset({"hla_a02_alleles"})),
        "prior_drugs": Recorded(2, drugs(library, "azacitidine", "tagraxofusp")),
        "prior_car_t": frozenset({False}),
    }
    assert {name: found.domain for name, found in record.facts.items()} == expected
    assert record.facts["ecog"].values == (Fraction(1), Fraction(2))
    assert (record.facts["diagnosis"].date, record.facts["diagnosis"].source) == (
        "2026-09",
        "pathology report",
    )
    assert record.context == Context({"SAR": frozenset({"EXP", "JPC"})}, frozenset({"AMB-SAR-3"}), True)


def test_a_minimal_record_knows_nothing(library: Library) -> None:
    """A record needs its day only; its id is then the stem of the file, and nothing is known of the patient."""
    data = (RECORDS / "good/minimal.json").read_bytes()
    assert read_record(data, library, name="here/minimal.json") == Record("minimal", day(AS_OF), {})
    assert read_record(data, library, name="-").id == "standard input"


def test_the_given_day_replaces_the_records_own(library: Library) -> None:
    """`as_of` given from outside wins, and makes up for a missing one."""
    assert record_from({"as_of": AS_OF}, library, as_of="2027-01-02").as_of == day("2027-01-02")
    assert record_from({}, library, as_of="2027-01-02").as_of == day("2027-01-02")
    with pytest.raises(InputError, match=r"^record: --as-of: '2027' is not a full date: write"):
        record_from({"as_of": AS_OF}, library, as_of="2027")


def test_parsed_python_values_are_read_like_json(library: Library) -> None:
    """Numbers of Python count as their shortest decimal text; those that are no numbers are refused."""
    record = record_from(
        {"as_of": AS_OF, "facts": {"weight": {"value": 0.1, "unit": "kg"}, "ecog": 2}}, library
    )
    assert record.facts["weight"].domain == point(Fraction(1, 10))
    for wrong in (math.nan, math.inf, 10**5000, {1, 2}, b"61"):
        with pytest.raises(InputError):
            record_from({"as_of": AS_OF, "facts": {"weight": {"value": wrong, "unit": "kg"}}}, library)
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(InputError, match="nested more than 100 deep"):
        record_from({"as_of": AS_OF, "facts": {"ecog": endless}}, library)


def test_all_faults_of_a_file_are_told_together(library: Library) -> None:
    """One reading names every fault: of the JSON, of the facts and of the context."""
    text = """{"as_of": "2026-13-01", "note": 1, "facts": {"sex": "F", "sex": "X", "weight": 61, "ecog": 1e99,
    "prior_car_t": {"one_of": [true, 0, "no"]}}, "context": {"readings": [3], "secondary_sources": null}}"""
    with pytest.raises(InputError) as caught:
        read_record(text.encode(), library, name="patient.json")
    assert list(caught.value.problems) == [
        "patient.json: facts: the key 'sex' is given twice: keep one",
        "patient.json: facts.ecog: 1e99 is too large: the magnitude of a number is at most 10^12",
        "patient.json: unknown key 'note': the keys are id, as_of, facts, never, complete, context",
        "patient.json: as_of: '2026-13-01' is not a day of the calendar: check the day and the month",
        "patient.json: facts.sex: 'X' is not one of M, F",
        'patient.json: facts.weight: has no unit: write the one it was measured in, as in {"value": 61, "unit": "kg"}',
        "patient.json: facts.prior_car_t.one_of: 0 is neither true nor false: write true or false",
        "patient.json: facts.prior_car_t.one_of: 'no' is neither true nor false: write true or false",
        "patient.json: context.readings: 3 is not a name: write it in quotes",
        "patient.json: context.secondary_sources: null is neither true nor false: write true or false",
    ]


# --- facts that can be read ----------------------------------------------------------------------------------------

GOOD: list[tuple[str, str, Domain, str]] = [
    ("prior_car_t", "true", frozenset({True}), "yes"),
    ("prior_car_t", '{"one_of": [true, false]}', frozenset({True, False}), "yes or no"),
    ("sex", '{"value": "M"}', frozenset({"M"}), "M"),
    (
        "ipss_r",
        '{"one_of": ["low", "high", "very_high"]}',
        frozenset({"low", "high", "very_high"}),
        "low, high or very_high",
    ),
    ("ecog", "2.0", point(2, whole=True), "2"),
    ("ecog", "-0", point(0, whole=True), "0"),
    ("ecog", '{"value": 2, "unit": "{score}"}', point(2, whole=True), "2"),
    ("ecog", '{"value": 2, "unit": "score"}', point(2, whole=True), "2"),
    ("proteinuria_grade", '{"value": 1, "unit": "grade"}', point(1, whole=True), "1"),
    ("ecog", '{"min": 1}', Interval(1, math.inf, False, True, True), "at least 1"),
    ("ecog", '{"max": 2}', Interval(0, 2, whole=True), "at most 2"),
    ("ecog", '{"min_exclusive": 0, "max": 2}', Interval(1, 2, whole=True), "above 0 and at most 2"),
    ("ecog", '{"one_of": [1, 1]}', point(1, whole=True), "1"),
    ("weight", '{"value": 10.0, "unit": "kg"}', point(Fraction(10)), "10.0 kg"),
    ("weight", '{"value": 6.1e1, "unit": "kg", "date": null, "drug": null}', point(Fraction(61)), "6.1e1 kg"),
    ("weight", '{"value": 100, "unit": "lb"}', point(Fraction("45.359237")), "100 lb"),
    ("weight", '{"min": 60, "max": 70, "unit": "kg"}', Interval(Fraction(60), Fraction(70)), "60 to 70 kg"),
    ("weight", '{"min": 60, "max": 60.0, "unit": "kg"}', point(Fraction(60)), "60 to 60.0 kg"),
    (
        "weight",
        '{"min": 45, "max_exclusive": false, "unit": "kg"}',
        Interval(Fraction(45), math.inf, False, True),
        "at least 45 kg",
    ),
    (
        "weight",
        '{"min_exclusive": 45, "unit": "kg"}',
        Interval(Fraction(45), math.inf, True, True),
        "above 45 kg",
    ),
    ("weight", '{"max": 70, "unit": "kg"}', Interval(0, Fraction(70), True, False), "at most 70 kg"),
    ("weight", '{"min": 0, "max": 70, "unit": "kg"}', Interval(0, Fraction(70), True, False), "0 to 70 kg"),
    ("ecog", '{"min": 4}', Interval(4, math.inf, False, True, True), "at least 4"),
    ("weight", '{"one_of": [70, 60], "unit": "kg"}', Interval(Fraction(60), Fraction(70)), "70 or 60 kg"),
    ("pb_blasts_abs", '{"max": 300, "unit": "/uL"}', Interval(0, Fraction(300)), "at most 300 /uL"),
    (
        "pb_blasts_abs",
        '{"max_exclusive": 300, "unit": "/uL"}',
        Interval(0, Fraction(300), False, True),
        "below 300 /uL",
    ),
    ("wbc", '{"value": 3.2, "unit": "10*9/L"}', point(Fraction(3200)), "3.2 10*9/L"),
    ("wbc", '{"value": 3200, "unit": "{cells}/uL"}', point(Fraction(3200)), "3200 {cells}/uL"),
    ("flt3_itd_allelic_ratio", '{"value": 0.6, "unit": "ratio"}', point(Fraction(3, 5)), "0.6"),
    ("ipss_r_score", '{"value": 4.5, "unit": "1"}', point(Fraction(9, 2)), "4.5"),
    ("qtcf", '{"replicates": [0.4], "unit": "s"}', point(Fraction(400)), "mean of 0.4 s"),
    ("corticosteroid_daily", '{"value": 0, "unit": "mg/d"}', point(Fraction(0)), "0 mg/d"),
    (
        "corticosteroid_daily",
        '{"max": 20, "unit": "mg/d", "drug": "methyl-prednisolone"}',
        Interval(0, Fraction(25)),
        "at most 20 mg/d methylprednisolone",
    ),
    ("birth_date", '"1968"', days("1968-01-01", "1968-12-31"), "1968"),
    ("birth_date", '{"value": "2024-02", "source": "letter"}', days("2024-02-01", "2024-02-29"), "2024-02"),
    (
        "birth_date",
        '{"one_of": ["2020-05-01", "2020-01-01"]}',
        days("2020-01-01", "2020-05-01"),
        "2020-05-01 or 2020-01-01",
    ),
    ("birth_date", '{"one_of": ["2020-05-01"]}', days("2020-05-01", "2020-05-01"), "2020-05-01"),
    (
        "car_t_date",
        '{"min": "2026-08-01"}',
        Interval(day("2026-08-01"), LAST_DAY, whole=True),
        "from 2026-08-01",
    ),
    ("car_t_date", '{"max": "2026-08"}', Interval(FIRST_DAY, day("2026-08-31"), whole=True), "until 2026-08"),
    ("car_t_date", '{"min": "2025", "max": "2026-08"}', days("2025-01-01", "2026-08-31"), "2025 to 2026-08"),
    (
        "car_t_date",
        '{"min_exclusive": "2026-08-01", "max": "2026-08-31", "max_exclusive": true}',
        days("2026-08-02", "2026-08-30"),
        "after 2026-08-01 and before 2026-08-31",
    ),
    ("prior_drugs", "[]", Recorded(0, frozenset()), "none listed"),
    ("hla_a_alleles", '["A*02", "HLA-A*02"]', Recorded(2, frozenset({"hla_a02_alleles"})), "A*02, HLA-A*02"),
    ("hla_a_alleles", '["A*24:02:01:02L"]', Recorded(1, frozenset()), "A*24:02:01:02L"),
]


@pytest.mark.parametrize(("variable", "written", "domain", "text"), GOOD)
def test_a_fact_means_what_it_says(
    library: Library, variable: str, written: str, domain: Domain, text: str
) -> None:
    """Each form of fact gives its exact domain, and a text that a person would say."""
    found = fact(library, variable, written)
    assert found is not None
    assert (found.domain, found.text) == (domain, text)
    assert type(found.domain) is type(domain)


@pytest.mark.parametrize(
    ("written", "name", "text"),
    [
        ('{"value": ["cytarabine"], "date": "2026"}', "cytarabine", "cytarabine"),
        ('["ucart 123"]', "UCART123", "ucart 123"),
    ],
)
def test_a_list_of_drugs_is_of_what_they_are(library: Library, written: str, name: str, text: str) -> None:
    """Of the concept that each name means, and of all that is broader."""
    found = fact(library, "prior_drugs", written)
    assert found is not None
    assert (found.domain, found.text) == (Recorded(1, drugs(library, name)), text)


@pytest.mark.parametrize(
    "written", ["null", '{"value": null}', '{"value": null, "unit": "kg", "date": "2026-11-01"}']
)
def test_null_is_unknown(library: Library, written: str) -> None:
    """A null fact is as unknown as an absent one, for every type."""
    names = ("weight", "sex", "ecog", "prior_car_t", "birth_date", "prior_drugs", "corticosteroid_daily")
    for variable in names if "unit" not in written else names[:1]:
        assert fact(library, variable, written) is None


def test_several_numbers_are_kept(library: Library) -> None:
    """One of several numbers or days keeps them all, sorted and converted, besides their hull; a single one is exact."""
    weight = fact(library, "weight", '{"one_of": [70000, 60000, 70000], "unit": "g"}')
    assert weight is not None
    assert weight.values == (Fraction(60), Fraction(70))
    assert not weight.exact
    date = fact(library, "car_t_date", '{"one_of": ["2026-08-09", "2026-08-01"]}')
    assert date is not None
    assert date.values == (Fraction(day("2026-08-01")), Fraction(day("2026-08-09")))
    single = fact(library, "weight", '{"one_of": [70], "unit": "kg"}')
    assert single is not None
    assert (single.values, single.exact) == (None, True)


def test_a_unit_of_the_vocabulary_is_what_its_text_is_read_as(library: Library) -> None:
    """A unit that is written as in the vocabulary is taken from there, and not read."""
    for variable in library.variables.values():
        for unit in variable.type.units if isinstance(variable.type, QuantityType) else ():
            found = unit_named(unit.text)
            assert (found.factor, found.dimension) == (unit.factor, unit.dimension), variable.name
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("solver.patient.readers.native.numbers.parse_unit", None)
        weight = fact(library, "weight", '{"value": 61, "unit": "kg"}')
    assert weight is not None
    assert (weight.domain, weight.text) == (point(Fraction(61)), "61 kg")


def test_a_name_that_is_nearly_known_is_kept_with_a_warning(library: Library) -> None:
    """An unknown name of an open list implies nothing; close to a known one, it is warned about, once."""
    text = {
        "as_of": AS_OF,
        "facts": {"prior_drugs": ["tagraxofus", "hydroxyurea", "tagraxofus", "FLOTETUZUMAB"]},
    }
    record = record_from(text, library)
    assert record.warnings == (
        (
            "CHK-17",
            "prior_drugs",
            "'tagraxofus' is not recognised as a drug, and implies nothing; did you mean 'tagraxofusp'?",
        ),
    )
    assert record.facts["prior_drugs"].domain == Recorded(4, drugs(library, "hydroxyurea", "flotetuzumab"))


def test_a_result_dated_after_the_day_of_evaluation_is_kept_with_a_warning(library: Library) -> None:
    """With `--as-of` an earlier day, a later result is still used as recorded, and the reader is told."""
    record = record_from({"as_of": AS_OF, "facts": {"ecog": {"value": 1, "date": "2027-01-01"}}}, library)
    assert [(code, name) for code, name, _ in record.warnings] == [("dated-later", "ecog")]
    assert record.facts["ecog"].exact


def test_a_secondary_reading_may_be_named_like_any_other(library: Library) -> None:
    """The reading that stands for clauses of secondary sources is accepted among `readings`."""
    record = record_from({"as_of": AS_OF, "context": {"readings": ["AMB-K017-2"]}}, library)
    assert record.context.readings == {"AMB-K017-2"}


def test_strange_text_becomes_one_line(library: Library) -> None:
    """Line breaks, surrogates and marks that turn the direction never reach what is shown of a fact; the id stays as it is."""
    facts = {"prior_drugs": ["a\nb\ud800\u202e"], "ecog": {"value": 1, "source": "x\ty"}}
    record = record_from({"id": "a\r\n\ud800", "as_of": AS_OF, "facts": facts}, library)
    assert record.id == "a\r\n\ud800"
    assert record.facts["prior_drugs"].text == r"a\nb\ud800\u202e"
    assert record.facts["ecog"].source == r"x\ty"


# --- facts that cannot be read -------------------------------------------------------------------------------------

PLACEHOLDER = "a measurement of 0 is a placeholder"

BAD: list[tuple[str, str, str]] = [
    ("weight", '{"value": 61, "unit": ""}', "facts.weight.unit: is empty: write the unit"),
    ("weight", '{"value": 61, "unit": 1}', "facts.weight.unit: 1 is not a unit: write it in quotes"),
    (
        "weight",
        '{"value": 61, "unit": "mg/dL"}',
        "facts.weight.unit: 'mg/dL' does not fit: weight is measured in kg",
    ),
    ("weight", '{"value": [61], "unit": "kg"}', "facts.weight.value: a list is not a number"),
    ("weight", '{"value": {"min": 1}, "unit": "kg"}', "facts.weight.value: an object is not a number"),
    ("weight", '{"value": true, "unit": "kg"}', "facts.weight.value: true is not a number"),
    ("weight", '{"min": null, "unit": "kg"}', "facts.weight.min: null is not a number"),
    ("weight", '{"min_exclusive": false, "unit": "kg"}', "facts.weight: has no bound: give min or max"),
    ("wbc", '{"max_exclusive": 0, "unit": "/uL"}', "facts.wbc: no number lies between the bounds"),
    ("weight", '{"value": 0.0, "unit": "kg"}', f"facts.weight.value: {PLACEHOLDER}: leave weight out"),
    ("weight", '{"value": -0, "unit": "lb"}', f"facts.weight.value: {PLACEHOLDER}"),
    ("qt", '{"one_of": [0, 400], "unit": "ms"}', f"facts.qt.one_of: {PLACEHOLDER}: leave qt out"),
    ("qtcf", '{"replicates": [0, 400], "unit": "ms"}', f"facts.qtcf.replicates: {PLACEHOLDER}"),
    ("heart_rate", '{"max": 0, "unit": "/min"}', f"facts.heart_rate.max: {PLACEHOLDER}"),
    ("heart_rate", '{"min": 0, "max": 0, "unit": "/min"}', f"facts.heart_rate.max: {PLACEHOLDER}"),
    (
        "serum_creatinine",
        '{"max_exclusive": 0, "unit": "umol/L"}',
        f"facts.serum_creatinine.max_exclusive: {PLACEHOLDER}",
    ),
    ("ecog", "5", "facts.ecog: ECOG 5 means that the patient has died"),
    ("ecog", '{"one_of": [4, 5]}', "facts.ecog.one_of: ECOG 5 means that the patient has died"),
    ("ecog", '{"min": 5}', "facts.ecog: ECOG 5 means that the patient has died"),
    ("ecog", '{"min": 5, "max": 5}', "facts.ecog: ECOG 5 means that the patient has died"),
    ("ecog", '{"min_exclusive": 4, "max": 7}', "facts.ecog: ECOG 5 means that the patient has died"),
    (
        "weight",
        '{"value": null, "min": 5, "unit": "kg"}',
        "facts.weight: 'value' and 'min' exclude each other",
    ),
    ("weight", '{"one_of": 61, "unit": "kg"}', "facts.weight.one_of: 61 is not a list"),
    ("weight", '{"one_of": [60, null], "unit": "kg"}', "facts.weight.one_of: null is not a number"),
    ("weight", '{"value": 61, "unit": "kg", "source": {}}', "facts.weight.source: an object is not text"),
    ("weight", '{"value": 61, "unit": "kg", "date": "soon"}', "facts.weight.date: 'soon' is not a date"),
    ("weight", '"heavy"', "facts.weight: 'heavy' is not a number"),
    ("weight", "1e99", "facts.weight: 1e99 is too large"),
    ("weight", '{"value": 1e-999999, "unit": "kg"}', "facts.weight.value: 1e-999999 has too many decimals"),
    (
        "ipss_r_score",
        '{"value": 450, "unit": "%"}',
        "facts.ipss_r_score.unit: '%' does not fit: ipss_r_score is a bare number",
    ),
    ("ecog", '{"replicates": [1, 2]}', "facts.ecog: 'replicates' does not fit ecog"),
    ("ecog", '"1"', "facts.ecog: '1' is a number in quotes: write 1 without quotes"),
    ("ecog", '{"value": 1, "unit": "kg"}', "facts.ecog.unit: 'kg' does not fit ecog, a bare number"),
    ("ecog", '{"value": 1, "drug": "prednisone"}', "facts.ecog.drug: ecog is not the dose of a drug"),
    ("sex", '["F"]', "facts.sex: a list is not a value"),
    ("sex", '{"min": "F"}', "facts.sex: 'min' does not fit sex: give value or one_of"),
    ("sex", '"f"', "facts.sex: 'f' is not one of M, F; did you mean 'F'?"),
    ("sex", "1", "facts.sex: 1 is not one of M, F"),
    ("birth_date", "true", "facts.birth_date: true is not a date"),
    ("birth_date", '"１９６８-04-02"', "is not a date"),
    (
        "birth_date",
        '{"min": "2200-01-01"}',
        "facts.birth_date.min: '2200-01-01' is outside the years 1850 to 2199",
    ),
    ("birth_date", '{"min_exclusive": "2199-12-31"}', "facts.birth_date: no day lies between the bounds"),
    ("birth_date", '{"value": "1968-04-02", "unit": "d"}', "facts.birth_date.unit: birth_date has no unit"),
    (
        "hla_a_alleles",
        '["A*٠٢:٠١"]',
        "is not an entry of hla_a_alleles: write a name of its form, such as 'HLA-A*02:01'",
    ),
    ("hla_a_alleles", "[null]", "facts.hla_a_alleles[0]: null is not a name"),
    (
        "corticosteroid_daily",
        '{"value": 5, "unit": "mg/d", "drug": 5}',
        "facts.corticosteroid_daily.drug: 5 is not a drug",
    ),
    (
        "corticosteroid_daily",
        '{"value": 0, "unit": "mg/d", "drug": "aspirin"}',
        "'aspirin' is not one of prednisone",
    ),
    (
        "corticosteroid_daily",
        '{"min": 0, "max": 5, "unit": "mg/d"}',
        "facts.corticosteroid_daily: has no drug",
    ),
]


@pytest.mark.parametrize(("variable", "written", "message"), BAD)
def test_a_wrong_fact_is_refused_at_its_place(
    library: Library, variable: str, written: str, message: str
) -> None:
    """A wrong fact gives one line that says where it is, what was found and what to do."""
    found = problems(library, variable, written)
    assert len(found) == 1
    assert message in found[0]


def test_a_found_value_is_shortened_and_kept_on_one_line(library: Library) -> None:
    """Messages quote at most sixty characters, and escape what would break the line."""
    (line,) = problems(library, "sex", json.dumps("a\nb" + "x" * 5000))
    assert line == "facts.sex: 'a\\nb" + "x" * 53 + "...' is not one of M, F"
    (line,) = problems(library, "\\n", "null")
    assert line.startswith(r"facts.'\n': is not a known variable")


OFFERED: list[tuple[str, str, str]] = [
    ("300 /uL", "wbc", '{"value": 300, "unit": "/uL"}'),
    ("2,5 K/mcL", "wbc", '{"value": 2.5, "unit": "K/mcL"}'),
    ("2 x 10^9/L", "wbc", '{"value": 2, "unit": "x 10^9/L"}'),
    ("22 000 /uL", "wbc", '{"value": 22000, "unit": "/uL"}'),
    ("22'000 cells/uL", "wbc", '{"value": 22000, "unit": "cells/uL"}'),
    ("1,234,567 /uL", "wbc", '{"value": 1234567, "unit": "/uL"}'),
    ("1,234.5 /uL", "wbc", '{"value": 1234.5, "unit": "/uL"}'),
    ("1.234,5 /uL", "wbc", '{"value": 1234.5, "unit": "/uL"}'),
    ("71 umol/L", "serum_creatinine", '{"value": 71, "unit": "umol/L"}'),
    ("0,900 mg/dL", "serum_creatinine", '{"value": 0.900, "unit": "mg/dL"}'),
    ("<300 /uL", "wbc", '{"max_exclusive": 300, "unit": "/uL"}'),
    ("< 300", "wbc", '{"max_exclusive": 300, "unit": "/uL"}'),
    ("less than 300", "wbc", '{"max_exclusive": 300, "unit": "/uL"}'),
    ("≤0,3 10*9/L", "wbc", '{"max": 0.3, "unit": "10*9/L"}'),
    (">=300 /uL", "wbc", '{"min": 300, "unit": "/uL"}'),
    (">20 000", "wbc", '{"min_exclusive": 20000, "unit": "/uL"}'),
    ("<.1", "serum_creatinine", '{"max_exclusive": 0.1, "unit": "mg/dL"}'),
    ("5-10 %", "bm_blasts_pct", '{"min": 5, "max": 10, "unit": "%"}'),
    ("<2", "ecog", '{"max_exclusive": 2}'),
    ("at least 1", "ecog", '{"min": 1}'),
    (
        "5 mg daily prednisone",
        "corticosteroid_daily",
        '{"value": 5, "unit": "mg daily", "drug": "prednisone"}',
    ),
]


@pytest.mark.parametrize(("text", "variable", "offered"), OFFERED)
def test_what_is_offered_for_a_printed_result(
    library: Library, text: str, variable: str, offered: str
) -> None:
    """A result as it is printed is refused, and what is offered in its place is a fact that says the same.

    A unit that the text does not have is an example: the result may have been printed in another magnitude.
    """
    (line,) = problems(library, variable, json.dumps(text))
    written = json.loads(offered)
    guessed = written.get("unit", "") not in text
    assert line.endswith(
        f": write {'it with the unit it was measured in, as in ' if guessed else ''}{offered}"
    )
    if variable != "corticosteroid_daily" or "drug" in written:
        assert fact(library, variable, offered) is not None


DOUBTFUL = [
    *("22,000", "<1,000 /uL", "1.234 /uL", "22.000", "~5", "ca. 5", "5 ± 2", "3.5.1", "1,00,000", "12 (H)", "12 H", "12*", "300,"),
    *("neg", "negative", "trace", "1/2", "05", "２２", "300 mg", "300 /uL (H)", "5 mg bid", "1e", "10 to 5", "22 ,000", "300 /uL 5"),
]  # fmt: skip


@pytest.mark.parametrize("text", DOUBTFUL)
def test_nothing_is_offered_where_the_number_is_in_doubt(library: Library, text: str) -> None:
    """Where a text leaves open which number it says, or of what, no fact is offered."""
    (line,) = problems(library, "pb_blasts_abs", json.dumps(text))
    assert "{" not in line
    assert not re.search(r"write \d", line)


@given(
    st.integers(1, 10**11),
    st.integers(0, 99),
    st.sampled_from([",.", ".,", " .", " ,", "'.", "_.", "\u2019,", "\u00a0,"]),
    st.booleans(),
    st.sampled_from(["", "<", "≥ ", "more than "]),
)
def test_an_offered_number_is_the_one_written(
    number: int, hundredths: int, signs: str, exact: bool, sign: str
) -> None:
    """Whatever stands between the digits, a number that is offered is the one written, or two are named and it is one of them."""
    written = f"{number:,}" if exact else f"{number:,}.{hundredths:02}"
    text = written.translate(str.maketrans(",.", signs))
    found = read_printed(f"{sign}{text} /uL")
    assert found is not None
    meant = Fraction(number) + (0 if exact else Fraction(hundredths, 100))
    assert found.rest == "/uL"
    if found.text is not None:
        assert Fraction(found.text) == meant
    else:
        assert found.either
        assert meant in {Fraction(each) for each in found.either[1:]}


ZEROS = ["2026-11-00", "2026-00-20", "2026-00-00", "2026-00", "0000", "0000-00-00", "0000-05-05"]
"""What forms and registries write for a part of a date that nobody knows."""


@pytest.mark.parametrize("zero", ZEROS)
def test_a_zero_is_no_part_of_a_date(library: Library, zero: str) -> None:
    """Wherever a record gives a date, a zero for its day, month or year is refused, and is never the first of something."""
    places: dict[str, Any] = {
        "as_of": {"as_of": zero},
        "facts.last_hsct_date": {"facts": {"last_hsct_date": zero}},
        "facts.last_hsct_date.one_of": {"facts": {"last_hsct_date": {"one_of": ["2026-08-01", zero]}}},
        "facts.last_hsct_date.value": {"facts": {"last_hsct_date": {"value": zero}}},
        "facts.last_hsct_date.min": {"facts": {"last_hsct_date": {"min": zero}}},
        "facts.last_hsct_date.max": {"facts": {"last_hsct_date": {"max": zero}}},
        "facts.last_hsct_date.max_exclusive": {"facts": {"last_hsct_date": {"max_exclusive": zero}}},
        "facts.ecog.date": {"facts": {"ecog": {"value": 1, "date": zero}}},
    }
    for place, change in places.items():
        with pytest.raises(InputError) as caught:
            record_from({"as_of": AS_OF, **change}, library, name="patient.json")
        (line,) = caught.value.problems
        assert line.startswith(f"patient.json: {place}: '{zero}' ")


@given(st.integers(1850, 2199), st.integers(0, 99), st.integers(0, 99))
def test_a_date_is_a_day_of_the_calendar(year: int, month: int, day_of_month: int) -> None:
    """A full date is read exactly where the calendar has it, and a month exactly where the year has it."""
    try:
        expected: tuple[float, float] | None = (date(year, month, day_of_month).toordinal(),) * 2
    except ValueError:
        expected = None
    try:
        found = parse_date(f"{year:04}-{month:02}-{day_of_month:02}")
    except NotADateError:
        assert expected is None
    else:
        assert (found.low, found.high) == expected
    try:
        assert parse_date(f"{year:04}-{month:02}").low == date(year, month, 1).toordinal()
    except NotADateError:
        assert not 1 <= month <= 12


# --- files of bad records ------------------------------------------------------------------------------------------

BAD_FILES = {
    "allele-count": "facts.hla_a_alleles: has 3 entries: give at most 2",
    "allele-form": "facts.hla_a_alleles[0]: 'A2' is not an entry of hla_a_alleles: write a name of its form, such as",
    "as-of-partial": "as_of: '2026-11' is not a full date",
    "as-of-zero-month": "as_of: '2026-00-20' has no month: write the full date, \"YYYY-MM-DD\"",
    "as-of-range": "as_of: '1492-10-12' is outside the years 1850 to 2199",
    "binary": "is not text in UTF-8",
    "boolean-quoted": "facts.prior_car_t: 'false' is neither true nor false: write it without quotes",
    "boolean-yes": "facts.prior_car_t: 'yes' is neither true nor false: write true or false",
    "boolean-zero": "facts.prior_car_t: 0 is neither true nor false: write true or false",
    "context-cohort": "context.open_cohorts.SAR: 'EXPP' is not a cohort of SAR: its cohorts are ESC, EXP, JPC",
    "context-key": "context: unknown key 'cohorts': the keys are open_cohorts",
    "context-trial": "context.open_cohorts: 'SRA' is not a known trial; did you mean 'SAR'?",
    "context-twice": "context.open_cohorts.nct05086315: the trial SAR is given twice",
    "context-unrouted": "context.open_cohorts.RO: cohorts of RO cannot be closed, because it has no routing clause",
    "date-invalid": "facts.last_hsct_date: '2026-02-30' is not a day of the calendar",
    "date-number": "facts.birth_date: 1968 is a number: write a date in quotes",
    "date-one-of-partial": "facts.last_hsct_date.one_of: '2026-09' is not a full date",
    "date-open-month": "facts.last_hsct_date.min_exclusive: '2026-08' is not a full date",
    "date-order": "facts.last_hsct_date: no day lies between the bounds",
    "date-range": "facts.birth_date: '1849-12-31' is outside the years 1850 to 2199",
    "date-replicates": "facts.last_hsct_date: 'replicates' does not fit last_hsct_date",
    "date-slashes": "facts.birth_date: '02/04/1968' is not a date: write \"YYYY-MM-DD\"",
    "date-zero-day": "facts.last_hsct_date: '2026-08-00' has no day: write \"2026-08\" if the day is unknown",
    "date-timestamp": "facts.last_hsct_date: '2026-08-01T00:00:00' has a time of day: write the day alone, \"2026-08-01\"",
    "deep": "is nested more than 100 deep",
    "drug-misplaced": "facts.weight.drug: weight is not the dose of a drug",
    "duplicate-key": "facts: the key 'sex' is given twice: keep one",
    "empty": "is empty: write a JSON object",
    "empty-fact": "facts.weight: says no value: give value, min or max, one_of, or replicates",
    "empty-one-of": "facts.ipss_r.one_of: the list is empty",
    "empty-replicates": "facts.qtcf.replicates: the list is empty",
    "enumeration": "facts.sex: 'female' is not one of M, F",
    "enumeration-near": "facts.ipss_r.one_of: 'hihg' is not one of very_low, low, intermediate, high, very_high; did you mean 'high'?",
    "exponent": "facts.wbc.value: 1e999999 is too large",
    "facts-list": "facts: a list is not an object",
    "flag-without-bound": "facts.weight.min_exclusive: there is no 'min' to exclude",
    "id-number": "id: 7 is not text",
    "infinity": "facts.weight.max: '-Infinity' is not a number",
    "ecog-dead": "facts.ecog.one_of: ECOG 5 means that the patient has died",
    "latin1": "is not text in UTF-8",
    "list": 'holds a list, not a record: write {"as_of": ..., "facts": {...}}',
    "list-blank": "facts.prior_drugs[1]: is an empty name",
    "list-form": "facts.prior_drugs: 'one_of' does not fit prior_drugs: give value",
    "list-number": "facts.prior_drugs[1]: 7 is not a name: write it in quotes",
    "list-string": "facts.prior_drugs: 'cytarabine' is not a list: write [...]",
    "min-above-max": "facts.weight: the lower bound is above the upper one",
    "nan": "facts.weight.value: 'NaN' is not a number",
    "negative": "facts.weight.value: -61 is negative: weight is at least 0",
    "no-as-of": 'as_of: is missing: write "as_of": "YYYY-MM-DD", the day of consent, or give --as-of',
    "no-drug": 'facts.corticosteroid_daily: has no drug: add "drug", one of prednisone, prednisolone',
    "no-unit": 'facts.weight: has no unit: write the one it was measured in, as in {"value": 61, "unit": "kg"}',
    "no-unit-range": 'facts.weight: has no unit: write the one it was measured in, as in "unit": "kg"',
    "only-bom": "is empty: write a JSON object",
    "open-point": "facts.weight: no number lies between the bounds",
    "quoted-number": "facts.weight.value: '61' is a number in quotes: write 61 without quotes",
    "quoted-replicate": "facts.qtcf.replicates: '431' is a number in quotes: write 431 without quotes",
    "reading-text-only": "context.readings: 'AMB-SAR-1' has no second reading as logic",
    "reading-unknown": "context.readings: 'AMB-SAR-33' is not a known reading: the readings are AMB-",
    "score-boolean": "facts.ecog: true is not a number: write a whole number",
    "score-decimal": "facts.ecog: 1.5 is not a whole number",
    "score-gap": "facts.ecog: no whole number lies between the bounds",
    "score-negative": "facts.ecog: -1 is negative",
    "score-unit": "facts.karnofsky.unit: '%' does not fit karnofsky, a bare number: leave the unit out",
    "secondary-number": "context.secondary_sources: 1 is neither true nor false",
    "source-number": "facts.ecog.source: 5 is not text: write it in quotes",
    "string": "holds 'patient', not a record",
    "text-with-unit": 'facts.weight: \'61 kg\' is text: write {"value": 61, "unit": "kg"}',
    "too-large": "facts.wbc.value: 1000000000001 is too large: the magnitude of a number is at most 10^12",
    "too-many-digits": "has too many digits: a number has at most 40 characters",
    "trailing-comma": "line 1, column ",
    "truncated": "line 3, column 1: is not JSON: expecting value",
    "two-documents": "line 1, column 25: is not JSON: extra data",
    "two-forms": "facts.weight: 'value' and 'min' exclude each other: keep one form",
    "two-minimums": "facts.weight: 'min' and 'min_exclusive' both give a bound: keep one",
    "unit-misplaced": "facts.sex.unit: sex has no unit: leave 'unit' out",
    "unknown-drug": "facts.corticosteroid_daily.drug: 'prednison' is not one of",
    "unknown-fact-key": "facts.weight: unknown key 'units'; did you mean 'unit'?",
    "unknown-top-key": "unknown key 'fact'; did you mean 'facts'?",
    "unknown-unit": "facts.weight.unit: 'kilogrm' is not a known unit; did you mean 'kilogram'?",
    "unknown-variable": "facts.wieght: is not a known variable; did you mean 'weight'?",
    "utf16": "is not text in UTF-8",
    "wrong-dimension": "facts.serum_creatinine.unit: 'kg' does not fit: serum_creatinine is measured in mg/dL or umol/L",
    "zero": "facts.serum_creatinine.value: a measurement of 0 is a placeholder: leave serum_creatinine out if it is not known",
    "zero-bound": "facts.heart_rate.max: a measurement of 0 is a placeholder",
    "zero-replicate": "facts.qtcf.replicates: a measurement of 0 is a placeholder",
}


def test_every_bad_file_has_its_message() -> None:
    """The table above and the folder agree."""
    assert sorted(BAD_FILES) == sorted(path.stem for path in (RECORDS / "bad").iterdir())


@pytest.mark.parametrize("name", sorted(BAD_FILES))
def test_a_bad_file_is_refused(library: Library, name: str) -> None:
    """Each bad file is refused with one line that starts with its name, the place and what was found."""
    path = RECORDS / "bad" / f"{name}.json"
    with pytest.raises(InputError) as caught:
        read_record(read_bytes(path), library, name=path.name)
    assert BAD_FILES[name] in caught.value.problems[0]
    check_problems(caught.value, path.name)


def check_problems(error: InputError, name: str) -> None:
    """Every problem is one printable line that names the file and goes on in lower case."""
    assert error.problems
    for line in error.problems:
        assert line.startswith(f"{name}: ")
        assert "\n" not in line
        assert not line.removeprefix(f"{name}: ")[0].isupper()
        line.encode("utf-8")


# --- bytes ---------------------------------------------------------------------------------------------------------


def test_numbers_stay_as_written() -> None:
    """Numbers are exact decimal text, and zero has no sign."""
    assert settle(parse_json(b'[0.1, -0.0, 1E+3, "0.1"]', "x"), Findings("x")) == [
        NumberText("0.1"),
        NumberText("-0.0"),
        NumberText("1E+3"),
        "0.1",
    ]
    assert NumberText("0.1").value == Fraction(1, 10)
    assert NumberText("-1e12").value == -(10**12)
    assert NumberText("1e99999999").value is None


def test_a_file_that_cannot_be_opened_is_one_line(tmp_path: Path) -> None:
    """A missing file, a directory and an impossible name are told apart."""
    for path, reason in (
        (tmp_path / "none.json", "none.json: does not exist: check the path"),
        (tmp_path, ": is a directory: give a file"),
        ("a\0b", r"a\x00b: is not a file name: check the path"),
        ("x" * 5000, ": cannot be read: file name too long"),
    ):
        with pytest.raises(InputError) as caught:
            read_bytes(path)
        (line,) = caught.value.problems
        assert line.endswith(reason)


def test_a_dash_is_standard_input(monkeypatch: pytest.MonkeyPatch, library: Library) -> None:
    """`-` reads standard input, which messages name."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"{}")))
    with pytest.raises(InputError, match=r"^standard input: as_of: is missing"):
        read_record(read_bytes("-"), library, name="-")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b" " * 10_000_001, "is larger than 10 MB"),
        (b"[" * 1_000_000, "is nested more than 100 deep"),
        (b'"' + b'\\"' * 2_000_000, "is not JSON"),
        (b'{"as_of": "2026-11-20", "x": ' + b"9" * 1_000_000 + b"}", "has too many digits"),
        (
            b'{"as_of": "2026-11-20", "facts": {"prior_drugs": [' + b'"x",' * 200_000 + b'"x"]}}',
            "has 200001 entries",
        ),
        (
            json.dumps({"as_of": AS_OF, "facts": {f"weight{i}": 1 for i in range(20_000)}}).encode(),
            "is not a known variable",
        ),
    ],
    ids=["large", "deep", "unclosed", "digits", "entries", "unknown"],
)
def test_a_huge_file_costs_little(library: Library, data: bytes, reason: str) -> None:
    """What is made to be costly is refused within a number of calls that grows no faster than what was written."""
    calls = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        with pytest.raises(InputError, match=reason):
            read_record(data, library, name="patient.json")
    finally:
        sys.setprofile(None)
    assert calls < CALLS_OF_A_REFUSAL


def test_brackets_in_text_do_not_nest(library: Library) -> None:
    """Only brackets outside of strings count as nesting."""
    text = json.dumps({"id": "[" * 500 + '"' + "{" * 500, "as_of": AS_OF})
    assert read_record(text.encode(), library, name="x").as_of == day(AS_OF)


# --- context -------------------------------------------------------------------------------------------------------


def test_a_sites_context_is_read(library: Library) -> None:
    """Trials may be named by code or NCT number in any case; all cohorts of an unrouted trial may be listed."""
    found = read_context((RECORDS / "good/site-context.json").read_bytes(), library, name="site.json")
    cohorts = {"SAR": frozenset({"ESC"}), "K001": frozenset({"AML_NPM1"}), "RO": frozenset({"ALL"})}
    assert found == Context(cohorts, frozenset({"AMB-UC-1"}), True)


def test_the_records_context_wins_key_by_key(library: Library) -> None:
    """A key of the record replaces the site's; open cohorts are replaced trial by trial."""
    site = Context({"SAR": frozenset({"ESC"}), "UC": frozenset()}, frozenset({"AMB-UC-1"}), True)
    own: dict[str, Any] = {"open_cohorts": {"sar": ["EXP"]}, "readings": []}
    found = record_from({"as_of": AS_OF, "context": own}, library, context=site).context
    assert found == Context({"SAR": frozenset({"EXP"}), "UC": frozenset()}, frozenset(), True)
    assert record_from({"as_of": AS_OF}, library, context=site).context == site


@pytest.mark.parametrize(
    ("context", "message"),
    [
        ({"open_cohorts": []}, "site.json: open_cohorts: a list is not an object"),
        ({"open_cohorts": {"SAR": "EXP"}}, "site.json: open_cohorts.SAR: 'EXP' is not a list"),
        ({"open_cohorts": {"SAR": [None]}}, "site.json: open_cohorts.SAR: null is not a name"),
        (
            {"open_cohorts": {"zzzzzz": []}},
            "site.json: open_cohorts: 'zzzzzz' is not a known trial: the trials are ",
        ),
        ({"readings": "AMB-SAR-3"}, "site.json: readings: 'AMB-SAR-3' is not a list"),
        ({"readings": ["?"]}, "site.json: readings: '?' is not a known reading: the readings are AMB-"),
        (
            {"site": 1},
            "site.json: unknown key 'site': the keys are open_cohorts, readings, secondary_sources, reference",
        ),
    ],
)
def test_a_wrong_context_is_refused(library: Library, context: dict[str, Any], message: str) -> None:
    """A wrong context is told like a wrong record."""
    (line,) = context_problems(library, context)
    assert line.startswith(message)


# --- anything at all -----------------------------------------------------------------------------------------------

VARIABLES = [
    *("weight", "sex", "ecog", "prior_car_t", "birth_date", "prior_drugs", "hla_a_alleles"),
    *("corticosteroid_daily", "ipss_r_score", "qtcf", "flt3_itd_allelic_ratio"),
]

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(
        [
            "kg",
            "%",
            "1",
            "{score}",
            "10^9/L",
            "ms",
            "mg/d",
            "prednisone",
            "F",
            "2026-08",
            "2026-08-01",
            "A*02:01",
            "61",
        ]
    )
    | st.sampled_from([0, 1, 2.5, 61, -1])
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(FACT_KEYS) | st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)
records = st.fixed_dictionaries(
    {},
    optional={
        "id": values,
        "as_of": st.just(AS_OF) | values,
        "facts": st.dictionaries(st.sampled_from(VARIABLES) | st.text(max_size=5), values, max_size=5)
        | values,
        "context": st.dictionaries(
            st.sampled_from(["open_cohorts", "readings", "secondary_sources"]),
            values | st.dictionaries(st.sampled_from(["SAR", "RO", "x"]), values, max_size=2),
            max_size=3,
        )
        | values,
        "Other": values,
    },
)
anything = drawn(200)


def read_or_refuse(data: bytes, library: Library) -> None:
    """Read a file, and check that whatever is wrong with it is told properly."""
    try:
        record = read_record(data, library, name="patient.json")
    except InputError as error:
        check_problems(error, "patient.json")
    else:
        assert isinstance(record, Record)
        for found in record.facts.values():
            assert found.text
            assert "\n" not in found.text
            found.text.encode("utf-8")
            if isinstance(found.domain, Interval):
                assert found.domain.low <= found.domain.high


@anything
@given(record=records | values)
def test_any_json_gives_a_record_or_an_input_error(library: Library, record: Any) -> None:
    """Whatever a JSON file holds, reading it ends in a record or in lines that say what is wrong."""
    read_or_refuse(json.dumps(record).encode(), library)


@anything
@given(
    variable=st.sampled_from(VARIABLES),
    written=st.dictionaries(st.sampled_from(FACT_KEYS), scalars | st.lists(scalars, max_size=3), max_size=4),
)
def test_any_fact_gives_a_record_or_an_input_error(
    library: Library, variable: str, written: dict[str, Any]
) -> None:
    """Whatever a fact says, it is read or refused."""
    read_or_refuse(json.dumps({"as_of": AS_OF, "facts": {variable: written}}).encode(), library)


@anything
@given(data=st.binary() | st.text(alphabet='{}[]",:0-9eE+.-nulltruefas\\ ').map(str.encode))
def test_any_bytes_give_a_record_or_an_input_error(library: Library, data: bytes) -> None:
    """Whatever bytes a file holds, reading them ends in a record or in lines that say what is wrong."""
    read_or_refuse(data, library)
