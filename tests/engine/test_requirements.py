"""What is required of a missing number is exact also where a condition chooses the limit it is compared with."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from solver.engine.answer import Requirement
from solver.library.load import load_library
from solver.patient.readers.native.read import read_record, record_from
from tests.support.libraries.small_library import THEORY, TRIAL, folder
from tests.support.records.matchers import Undated
from tests.support.twins.invented import compile_world
from tests.support.twins.naive import (
    Axiom,
    Clause,
    Expression,
    Flag,
    Joined,
    Limit,
    LimitIf,
    Patient,
    Trial,
    Variable,
    World,
)

HALF = Fraction(1, 2)
LESS_THAN_3 = Limit("dose_v", "<", Fraction(3), "mg")


def limit_by_flag(relation: str) -> LimitIf:
    """A dose compared with 0.5 mg where the flag is set, and else with nothing."""
    return LimitIf("dose_v", relation, Flag("flag_p"), HALF, Fraction(0), "mg")


def required_dose(require: Expression, *axioms: Expression) -> Requirement:
    """What a trial of one clause requires of the dose of a patient of whom nothing is known."""
    kinds = {"flag_p": "boolean", "flag_q": "boolean", "dose_v": "quantity"}
    theory = tuple(Axiom(f"A{i}", each) for i, each in enumerate(axioms))
    trial = Trial("T1", "NCT00000001", ("C1",), (Clause("I1", require),))
    world = World({name: Variable(name, kind) for name, kind in kinds.items()}, theory, (trial,))
    library = compile_world(world)
    record = read_record(Patient(date(2026, 11, 20), {}).record(), library, name="invented.json")
    (answer,) = Undated(library).match(record).trials
    return next(each for each in answer.missing if each.variable == "dose_v")


def test_a_limit_of_the_theory_that_a_flag_chooses_is_a_limit() -> None:
    """Whom the trial takes has at most 0.5 mg, and it takes no one with less than 0.25 mg: no other dose is allowed."""
    bound = Joined("implies", (Flag("flag_q"), limit_by_flag("<=")))
    least = Limit("dose_v", ">=", Fraction(1, 4), "mg")
    assert (
        required_dose(Joined("and", (Flag("flag_q"), least)), bound).require
        == "at least 0.25 mg and at most 0.5 mg"
    )


def test_values_that_the_theory_picks_out_are_told_one_by_one() -> None:
    """Where a dose below 3 mg can only be 0 or 0.5 mg, what lies between is not allowed."""
    found = required_dose(LESS_THAN_3, Joined("==", (LESS_THAN_3, limit_by_flag("=="))))
    assert found.require == "exactly 0 mg, or exactly 0.5 mg"
    assert found.with_others == ()


def test_a_limit_of_a_criterion_that_a_flag_chooses_is_told_with_the_flag() -> None:
    """More than the greater of the limits ends the trial; more is required together with the flag."""
    found = required_dose(limit_by_flag("<="))
    assert found.require == "at most 0.5 mg"
    assert found.with_others == ("flag_p",)


SQUARES = """\
  - id: A3
    label: Of small doses some are not given
    source: nobody
    require: magnitude(steroid, mg/d) * magnitude(steroid, mg/d) >= 25 or steroid >= 9 mg/d
checks:
"""


@pytest.mark.parametrize("search", [True, False])
def test_a_value_that_evaluation_leaves_open_is_not_refused(tmp_path: Path, search: bool) -> None:
    """Where a square turns is no limit: between 0 and 9 mg/d the first dose that is looked at cannot be, and 6 mg/d can."""
    clauses = "clauses:\n  - {id: I1, label: l, source: S, class: objective, changes: treat, require: steroid < 20 mg/d}\n"
    head, _, _ = TRIAL.partition("readings:\n")
    files = {"theory/all.yaml": THEORY.replace("checks:\n", SQUARES), "trials/one.yaml": head + clauses}
    library = load_library(folder(tmp_path, files), cached=False)
    record = record_from({"id": "p", "as_of": "2026-11-20", "facts": {}}, library)
    (answer,) = Undated(library, search=search).match(record).trials
    assert [(each.variable, each.require) for each in answer.missing] == [("steroid", "less than 20 mg/d")]
