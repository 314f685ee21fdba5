"""`match examples` of trials that ask of events, findings and limits of normal: the eleven of `examples/trials/`."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from solver.library.load import load_library
from solver.library.models import Library
from solver.matcher import Matcher
from solver.questions.examples.ask import examples
from solver.questions.examples.page import examples_page, examples_text
from solver.questions.examples.saved_sheet import SavedSheet
from solver.questions.schema.ask import schema

TRIALS = Path(__file__).parents[3] / "examples" / "trials"
NUMBERS = sorted(path.stem for path in TRIALS.glob("*.yaml"))
SHORT = "NCT02367456"


@pytest.fixture(scope="module")
def library() -> Library:
    """The shipped encodings with the example trials beside them."""
    return load_library(add_trials=[TRIALS])


@pytest.mark.parametrize(
    "number", [each if each == SHORT else pytest.param(each, marks=pytest.mark.slow) for each in NUMBERS]
)
def test_every_clause_has_patients_who_are_judged_as_told(number: str, library: Library) -> None:
    """Each clause with logic has an example or a reason, each record is valid, and read again it stands as the sheet says."""
    trial = library.trial(number)
    assert trial is not None
    sheet = examples(library, trial)
    assert all(start.patient is not None for start in sheet.starting)
    told = {each.clause for each in (*sheet.examples, *sheet.unshown)}
    assert told == {clause.id for clause in trial.clauses if clause.conditions and not clause.secondary}
    text = examples_text(sheet)
    jsonschema.Draft202012Validator(schema("examples", library)).validate(json.loads(text))
    saved = SavedSheet(f"{number}.json", text.encode())
    assert saved.recheck(Matcher(library), trial.code).differ == ()
    page = examples_page(sheet, library.with_terms(trial), 80).plain()
    assert max(map(len, page.splitlines())) <= 80
