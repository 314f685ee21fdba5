"""Variables that mean a term, and one whose value is a concept."""

from __future__ import annotations

from pathlib import Path

import pytest

from solver.errors import InputError
from solver.language import tree as t
from solver.language.types import ConceptType
from solver.library.models import Library
from tests.support.libraries.concept_library import CONCEPTS, MEANINGS, concept_library

MORE = CONCEPTS + "  - {id: CML, kind: diagnosis, label: CML}\n"


def library_with(
    base: Path, *requirements: str, meanings: str = MEANINGS, concepts: str = CONCEPTS
) -> Library:
    """The library whose variables mean something."""
    return concept_library(base, *requirements, concepts=concepts, files={"vocabulary/means.yaml": meanings})


def condition_of(base: Path, requirement: str, concepts: str = CONCEPTS) -> t.Condition:
    """The typed tree of a clause."""
    return library_with(base, requirement, concepts=concepts).trials["ONE"].clauses[0].conditions["A"]


def test_variables_keep_what_they_mean(tmp_path: Path) -> None:
    """The term by its name, the further condition of a date, and the list that a list of names belongs to."""
    variables = library_with(tmp_path).variables
    terms = {name: v.means.term.name for name, v in variables.items() if v.means and v.means.term}
    assert terms == {
        "had_car_t": "ever(car_t)",
        "car_t_times": "times(car_t)",
        "flt3_itd": "present(flt3_itd)",
        "itd_ratio": "level(flt3_itd)",
        "cd20_date": "last_end(anti_cd20)",
        "hma_stop": "last_end(hma)",
        "apl": "diagnosis is APL",
    }
    stop, drugs = variables["hma_stop"].means, variables["drugs"].means
    assert stop is not None
    assert drugs is not None
    assert stop.condition == t.Not(t.BooleanVariable("current(hma)"))
    assert drugs.list == "therapies"


def test_a_diagnosis_has_the_values_that_it_names(tmp_path: Path) -> None:
    """Every diagnosis of the tree is narrower than one of them; where one is not, there is a value for it."""
    kind = library_with(tmp_path).variables["diagnosis"].type
    assert isinstance(kind, ConceptType)
    assert kind.values == ("AML", "MDS")
    assert dict(kind.groups) == {"AML": "AML", "APL": "AML", "MDS": "MDS"}
    wider = library_with(tmp_path, concepts=MORE).variables["diagnosis"].type
    assert isinstance(wider, ConceptType)
    assert wider.values == ("AML", "MDS", "unlisted")


def test_what_the_values_tell_is_asked_of_them(tmp_path: Path) -> None:
    """A test of what the values do not tell is a term of its own, called by the diagnosis."""
    aml, both = t.Member("diagnosis", frozenset({"AML"})), t.Member("diagnosis", frozenset({"AML", "MDS"}))
    apl = t.BooleanVariable("diagnosis is APL")
    assert condition_of(tmp_path, "diagnosis is AML") == aml
    assert condition_of(tmp_path, "diagnosis == AML") == aml
    assert condition_of(tmp_path, "diagnosis in {AML, APL}") == aml
    assert condition_of(tmp_path, "diagnosis in {AML, MDS}") == both
    assert condition_of(tmp_path, "diagnosis is APL") == apl
    assert condition_of(tmp_path, "diagnosis != APL") == t.Not(apl)
    assert condition_of(tmp_path, "diagnosis in {MDS, APL}") == t.Or(
        (t.Member("diagnosis", frozenset({"MDS"})), apl)
    )
    assert condition_of(tmp_path, "diagnosis is CML", MORE) == t.Member("diagnosis", frozenset({"unlisted"}))


def test_names_in_a_list_are_events(tmp_path: Path) -> None:
    """`drugs contains x` asks whether x ever was, in a file of a trial as well."""
    assert condition_of(tmp_path, "not drugs contains anti_cd20") == t.Not(
        t.BooleanVariable("ever(anti_cd20)")
    )


def test_a_trial_that_writes_both_names_asks_once(tmp_path: Path) -> None:
    """Where it writes the variable as well as its term, both are the variable; else each is called as it is written."""
    both = library_with(tmp_path, "ever(car_t) or fit", "not had_car_t").trials["ONE"]
    assert list(both.terms) == []
    assert both.clauses[0].conditions["A"] == t.Or((t.BooleanVariable("had_car_t"), t.BooleanVariable("fit")))
    one = library_with(tmp_path, "ever(car_t)").trials["ONE"]
    assert list(one.terms) == ["ever(car_t)"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            "{name: x, type: boolean, means: times(car_t)}",
            "'times(car_t)' is no value of 'x', which is true or false",
        ),
        (
            "{name: x, type: integer, means: ever(car_t)}",
            "'ever(car_t)' is no value of 'x', which is a whole number",
        ),
        ("{name: x, type: boolean, means: ever(car_t) or fit}", "expected one term"),
        ("{name: x, type: boolean, means: 'within(car_t, 3 d)'}", "expected one term"),
        ("{name: x, type: boolean, means: fit}", "expected one term"),
        ("{name: x, type: boolean, means: ever(car_x)}", "unknown concept 'car_x'"),
        (
            "{name: x, type: quantity, unit: '%', means: level(flt3_itd)}",
            "'level(flt3_itd)' has another unit than 'x'",
        ),
        ("{name: x, type: boolean, means: ever(car_t)}", "'had_car_t' means 'ever(car_t)' already"),
        ("{name: x, type: boolean, while: fit}", "'while' is for dates that mean a term"),
        ("{name: x, type: boolean, kind: therapy}", "'kind' is for variables of type concept, not boolean"),
        (
            "{name: x, type: integer, values: [a]}",
            "'values' is for variables of type enumeration or concept, not integer",
        ),
        ("{name: x, type: concept, values: [AML]}", "'x' is a concept and needs the 'kind' of it"),
        ("{name: x, type: concept, kind: diagnosis, values: [hiv]}", "'hiv' is no diagnosis of the concepts"),
        ("{name: x, type: list, means: findingz}", "a list means one of the lists of a record"),
        (
            "{name: hma, type: boolean, means: ever(car_nk)}",
            "'hma' is the name of a variable or a definition",
        ),
    ],
)
def test_a_wrong_meaning_is_told(tmp_path: Path, line: str, told: str) -> None:
    """In one line with its place."""
    more = f"  - {line[:-1]}, label: x, changes: never, about: x}}\n"
    with pytest.raises(InputError) as caught:
        library_with(tmp_path, meanings=MEANINGS + more)
    assert told in caught.value.problems[-1] or told in caught.value.problems[0]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("diagnosis is hiv", "'hiv' is not a value of 'diagnosis'"),
        ("diagnosis == AMLL", "'AMLL' is not a value of 'diagnosis'"),
        ("diagnosis is aml", "'aml' is not a value of 'diagnosis': write 'AML'"),
        ("fit is AML", "'is' asks whether a variable is a concept, found a condition"),
        ("drugs contains hiv", "'hiv' is a condition, and 'contains' takes a therapy"),
        ("drugs contains nothing", "unknown concept 'nothing'"),
    ],
)
def test_a_wrong_question_is_told(tmp_path: Path, text: str, told: str) -> None:
    """A diagnosis is compared with concepts of its kind."""
    with pytest.raises(InputError) as caught:
        library_with(tmp_path, text)
    assert told in str(caught.value)
