"""The terms that ask about concepts: the variable that each becomes, what they are rewritten to, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from solver.errors import InputError
from solver.language import tree as t
from solver.language.calendar import AFTER_EVERY_DAY, BEFORE_EVERY_DAY, add_months, last_day_reaching
from solver.library.models import Library
from tests.support.libraries.concept_library import concept_library


def terms_of(base: Path, *requirements: str) -> list[str]:
    """The names of the terms that the trial with these clauses asks."""
    return sorted(concept_library(base, *requirements).trials["ONE"].terms)


def condition_of(base: Path, requirement: str) -> t.Condition:
    """The typed tree of a clause."""
    return concept_library(base, requirement).trials["ONE"].clauses[0].conditions["A"]


def day(name: str) -> t.NumberVariable:
    """A date."""
    return t.NumberVariable(name, "date")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("ever(anti_cd20)", "ever(anti_cd20)"),
        ("not current( hiv )", "current(hiv)"),
        ("first_start(hma) <= as_of", "first_start(hma)"),
        ("last_start(hma) <= as_of", "last_start(hma)"),
        ("last_end(hma) + 14 d <= first_dose", "last_end(hma)"),
        ("times(car_t) <= 1", "times(car_t)"),
        ("lines(antibody) >= 2", "lines(antibody)"),
        ("present(flt3_itd)", "present(flt3_itd)"),
        ("level(flt3_itd) >= 0.5", "level(flt3_itd)"),
        ("measured(alt) >= as_of - 14 d", "measured(alt)"),
        ("measured(flt3) >= as_of - 14 d", "measured(flt3)"),
        ("alt <= 2.5 ULN", "uln(alt)"),
        ("not within(anti_cd20, 3 mo)", "last_end(anti_cd20)"),
        (
            "not ever(malignancy except {cervix_in_situ,basal_cell_carcinoma , AML})",
            "ever(malignancy except {AML, basal_cell_carcinoma, cervix_in_situ})",
        ),
        ("ever(AML)", "ever(AML)"),
    ],
)
def test_a_term_is_a_variable_by_its_text(tmp_path: Path, text: str, name: str) -> None:
    """The trial lists it, with single blanks and its exceptions in the order of the alphabet."""
    library = concept_library(tmp_path, text)
    assert list(library.trials["ONE"].terms) == [name]
    variable = library.terms[name]
    assert variable.name == name
    assert variable.term is not None
    assert variable.term.name == name
    assert name in t.variables(library.trials["ONE"].clauses[0].conditions["A"])
    assert name not in library.variables


def test_a_trial_lists_what_it_mentions_alone(tmp_path: Path) -> None:
    """What another trial asks is no term of it."""
    assert terms_of(tmp_path, "ever(hma) or within(car_t, 3 mo)", "fit") == ["ever(hma)", "last_end(car_t)"]


def test_within_is_the_last_end_moved_on(tmp_path: Path) -> None:
    """Counted to the first dose, to the day of evaluation, or to a date that counts as that day where it is earlier."""
    end, moved = day("last_end(hma)"), t.Sum((day("last_end(hma)"), t.Constant(28)))  # type: ignore[arg-type]
    assert condition_of(tmp_path, "within(hma, 28 d)") == t.Compare("<", day("first_dose"), moved)
    assert condition_of(tmp_path, "within(hma, 4 wk, as_of)") == t.Compare("<", day("as_of"), moved)
    assert condition_of(tmp_path, "within(hma, 3 mo, birth)") == t.And(
        (
            t.Compare("<", day("birth"), t.AddMonths(end, 3)),
            t.Compare("<", day("as_of"), t.AddMonths(end, 3)),
        )
    )


@pytest.mark.parametrize(
    ("length", "days"),
    [("5 half_lives", 110), ("1 half_life", 22), ("0.05 half_lives", 2), ("36 h", 2), ("1 d", 1)],
)
def test_a_length_is_rounded_up_to_days(tmp_path: Path, length: str, days: int) -> None:
    """The half-life of rituximab is 22 days; with 1.1 or 1.5 days the first day that is over is the second."""
    compared = condition_of(tmp_path, f"within(rituximab, {length})")
    assert isinstance(compared, t.Compare)
    assert compared.right == t.Sum((day("last_end(rituximab)"), t.Constant(days)))  # type: ignore[arg-type]


def test_an_infinite_day_stays_when_both_sides_may_be_infinite(tmp_path: Path) -> None:
    """Beside another day that may be infinite the days are added within the calendar only; months leave the others alone anyway."""
    compared = condition_of(tmp_path, "last_end(hma) + 28 d <= last_end(car_t)")
    assert isinstance(compared, t.Compare)
    assert isinstance(compared.left, t.Choice)
    for outside in (BEFORE_EVERY_DAY, AFTER_EVERY_DAY):
        assert add_months(outside, 7) == outside
        assert last_day_reaching(outside, 7) == outside


def test_a_term_keeps_what_changes_it(tmp_path: Path) -> None:
    """A therapy that goes on can be stopped, a condition treated; an end moves away with time; limits have their plausible range."""
    texts = (
        "current(hma)",
        "current(hiv)",
        "last_end(hma) <= as_of",
        "present(flt3)",
        "ever(hma)",
        "alt <= 1 ULN",
    )
    terms = concept_library(tmp_path, *texts).terms
    changes = {name: variable.changes for name, variable in terms.items()}
    assert changes == {
        "current(hma)": "stop",
        "current(hiv)": "treat",
        "last_end(hma)": "time",
        "present(flt3)": "test",
        "ever(hma)": "never",
        "uln(alt)": "test",
    }
    assert terms["uln(alt)"].plausible_text == "20 U/L <= uln(alt) <= 100 U/L"
    assert terms["last_end(hma)"].label == "hypomethylating agent: when did the last one end, if ever"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("ever(nothing)", "unknown concept 'nothing'"),
        ("ever(rituximb)", "unknown concept 'rituximb'; did you mean 'rituximab'?"),
        ("ever(Rituxan)", "unknown concept 'Rituxan': write 'rituximab'"),
        ("ever(flt3)", "'flt3' is a finding, and 'ever' takes a condition or a therapy or a diagnosis"),
        ("present(hma)", "'hma' is a therapy, and 'present' takes a finding"),
        ("lines(hiv) >= 1", "'hiv' is a condition, and 'lines' takes a therapy"),
        ("level(flt3) >= 1", "'flt3' has no level"),
        (
            "ever(malignancy except {hma})",
            "'hma' is a therapy, and this exception takes a condition or a diagnosis",
        ),
        (
            "ever(car_t except {car_nk})",
            "'car_nk' does not overlap 'car_t', so that it excepts nothing: take it out",
        ),
        ("ever(car_t except {nothing})", "unknown concept 'nothing'"),
        ("within(hma, 0 d)", "'within' takes a length above 0"),
        ("within(hma, 0.5 mo)", "'within' takes whole months"),
        (
            "within(hma, 28)",
            "'within' takes a length such as 28 d, 3 mo or 5 half_lives, found a whole number",
        ),
        ("within(hma, grade)", "'within' takes a length such as"),
        ("within(hma, 5 half_lives)", "'hma' has no half-life"),
        ("within(hma, 28 d, fit)", "'within' counts to as_of or to a date variable, found a condition"),
        (
            "within(hma, 28 d, as_of + 1 d)",
            "'within' counts to as_of or to a date variable, found an expression",
        ),
        ("within(hma)", "'within' takes a concept, a length and perhaps a day, found 1"),
        ("ever(hma, hiv)", "'ever' takes 1 argument, found 2"),
        ("ever(1)", "'ever' takes the id of a concept"),
        ("fit and hma", "unknown name 'hma'"),
        ("count(hma except {hiv}) >= 1", "'except' may stand only behind a concept that is asked about"),
        ("weight <= 2 ULN", "'weight' has no ULN"),
        ("alt >= 1 LLN", "'alt' has no LLN"),
        ("2 * alt <= 2 ULN", "a limit of normal can only be compared with the quantity whose limit it is"),
        ("grade <= 2 ULN", "a limit of normal can only be compared with the quantity whose limit it is"),
        ("alt + 1 ULN <= 3 U/L", "expected a number, found a multiple of a limit of normal"),
        ("measured(hma) <= as_of", "'hma' is a therapy, and 'measured' takes a finding"),
        (
            "days_between(last_end(hma), last_end(car_t)) >= 3",
            "days_between takes the day of an event at one place only",
        ),
        (
            "days_between(first_start(hma), last_end(car_t)) >= 3",
            "days_between takes the day of an event at one place",
        ),
        (
            "days_between(last_end(hma), first_start(hma)) >= 3",
            "days_between takes the day of an event at one place",
        ),
        (
            "completed_years(last_end(hma), as_of) >= 3",
            "completed years are counted from a day of the calendar",
        ),
        ("5 half_lives <= grade", "cannot compare a number of half-lives"),
    ],
)
def test_a_wrong_term_is_told(tmp_path: Path, text: str, told: str) -> None:
    """In one line with its place in the file of the trial."""
    with pytest.raises(InputError) as caught:
        concept_library(tmp_path, text)
    (line,) = caught.value.problems
    assert line.startswith(f"{tmp_path}/own/trials/one.yaml:"), line
    assert told in line


@pytest.mark.parametrize(
    "text",
    [
        "days_between(first_start(hma), last_end(hma)) >= 28",
        "days_between(last_end(hma), first_dose) >= 28",
        "alt <= (if fit then 5 ULN else 2.5 ULN)",
        "0.5 ULN <= alt <= 5 ULN",
        "if ever(hma) then last_end(hma) + 3 mo <= first_dose else fit",
    ],
)
def test_these_are_fine(tmp_path: Path, text: str) -> None:
    """Days from the first start to the last end, and multiples of a limit chosen or on both sides."""
    library: Library = concept_library(tmp_path, text)
    assert library.terms
