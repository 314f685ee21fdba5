"""The JSON of `match`: its shape is a promise."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from solver import __version__
from solver.engine.answer import (
    AnswerWarning,
    Assumption,
    ClauseAnswer,
    CohortAnswer,
    EngineVersion,
    Notice,
    RecordState,
    RequiredValues,
    Requirement,
)
from solver.language.domain import BOTH, Interval
from solver.library.load import load_library
from solver.questions.match.answer import CompleteLists, MatchAnswer, ReadingAnswer, TrialAnswer
from solver.questions.schema.ask import schema_json
from solver.report.json import answer_document, json_text
from solver.report.schema import PATH
from solver.smt import SOLVER
from solver.smt.session import solver_version

CONTRACT = Path(__file__).with_name("contract.json")

ANSWER = MatchAnswer(
    patient="Zoë",
    as_of="2026-11-20",
    engine=EngineVersion(__version__, SOLVER, "sha256:0"),
    record=RecordState("consistent"),
    assumptions=(Assumption("plausible:x", "x is plausible"),),
    warnings=(
        AnswerWarning(code="near-limit", text="close", variable="x"),
        AnswerWarning(code="gave-up", text="no answer"),
    ),
    trials=(
        TrialAnswer(
            trial="NCT00000000",
            code="T",
            title="A trial",
            recruitment="recruiting",
            verdict="undetermined",
            cohorts=(
                CohortAnswer(
                    cohort="A", label="Arm A", open=True, verdict="ineligible", conflicts=(("T.1",),)
                ),
            ),
            deciding_sets=(("x",), ("y", "z")),
            missing=(
                Requirement(
                    variable="x",
                    possible=Interval(0, 9),
                    allowed=(Interval(0, 4),),
                    with_others=(),
                    require="at most 4",
                    requirement=RequiredValues(max=4, unit="kg"),
                ),
                Requirement(
                    variable="y", possible=Interval(0, 9), allowed=(Interval(0, 9),), with_others=("z",)
                ),
                Requirement(variable="z", possible=BOTH, allowed=None, with_others=("y",)),
            ),
            complete=CompleteLists(deciding_sets=False),
            readings=(ReadingAnswer("AMB-1", "ineligible", (("T.2",),)),),
            clauses=(ClauseAnswer("T.1", None, "met", "Label", "source 1", ("x",), ("plausible:y",)),),
            notices=(Notice("N", "Note", False),),
        ),
    ),
)


def test_keys_stand_in_the_order_of_the_contract() -> None:
    """The keys of the contract come first, in its order; added keys follow."""
    contract = json.loads(CONTRACT.read_text(encoding="utf-8"))

    def compare(promised: object, found: object, where: str) -> None:
        if isinstance(promised, dict):
            assert isinstance(found, dict), where
            assert [key for key in found if key in promised] == list(promised), where
            for key, value in promised.items():
                compare(value, found[key], f"{where}.{key}")
        elif isinstance(promised, list) and promised and isinstance(promised[0], dict):
            assert isinstance(found, list), where
            for item in found:
                compare(promised[0], item, where)

    compare(contract, json.loads(json_text(ANSWER)), "$")


def test_an_answer_is_one_compact_line_with_its_letters_kept() -> None:
    """No line break, no blanks between tokens, no escapes for letters."""
    text = json_text(ANSWER)
    assert "\n" not in text
    assert '"patient":"Zoë","as_of"' in text
    assert json_text(ANSWER) == text


def test_missing_names_every_variable_of_a_deciding_set_once() -> None:
    """Each variable comes once, with its requirement in words, null where it alone requires nothing."""
    document = answer_document(ANSWER)
    missing = document["trials"][0]["missing"]
    assert missing == [
        {
            "variable": "x",
            "require": "at most 4",
            "requirement": {"max": 4, "unit": "kg"},
            "with_others": [],
        },
        {"variable": "y", "require": None, "requirement": None, "with_others": ["z"]},
        {"variable": "z", "require": None, "requirement": None, "with_others": ["y"]},
    ]


def test_complete_says_which_lists_were_cut() -> None:
    """A list that was cut is not complete."""
    assert answer_document(ANSWER)["trials"][0]["complete"] == {"conflicts": True, "deciding_sets": False}


@pytest.mark.parametrize(("consistent", "status"), [(True, "consistent"), (False, "contradictory")])
def test_status_of_the_record(consistent: bool, status: str) -> None:
    """The record is consistent or contradictory, with the contradicting sets."""
    record = RecordState(status, () if consistent else (("x", "y"),))  # type: ignore[arg-type]
    answer = replace(ANSWER, record=record)
    assert answer.consistent is consistent
    assert answer_document(answer)["record"] == {
        "status": status,
        "contradictions": [] if consistent else [["x", "y"]],
        "contradictions_complete": True,
        "corrections": None,
        "digest": "",
    }


def test_the_shipped_schema_is_the_generated_one() -> None:
    """`make schema` was run after the last change of the shapes."""
    assert PATH.read_text(encoding="utf-8") == schema_json("output", load_library()) + "\n"


def test_the_engine_is_named_as_it_is() -> None:
    """The solver's version, which is written down to save an import, is the one in use."""
    assert solver_version() == SOLVER
    assert answer_document(ANSWER)["engine"]["solver"] == SOLVER
    assert re.fullmatch(r"\d+\.\d+\.\d+", __version__)
