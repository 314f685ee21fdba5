"""The engine against an independent implementation: a plain z3py script written from the clinical reading alone."""

from __future__ import annotations

from typing import Any

import plain
import plain_trials as med
import pytest
from hypothesis import given, settings
from plain_trials import SYMBOLS

from solver.questions.match.answer import MatchAnswer
from tests.support.drawing.drawn import drawn
from tests.support.drawing.strategies import records
from tests.support.records.solved import LIBRARY, match
from tests.support.records.worked import case_record, load


def compared(answer: MatchAnswer) -> dict[str, Any]:
    """The engine's answer in the form of the script's."""
    if not answer.consistent:
        return {"status": "contradictory", "contradictions": [list(facts) for facts in answer.contradictions]}
    return {
        "status": "consistent",
        "trials": {
            trial.code: {
                "verdict": trial.verdict,
                "conflicts": [list(conflict) for conflict in trial.conflicts],
                "deciding_sets": [list(each) for each in trial.deciding_sets],
                "cohorts": {
                    cohort.cohort: {
                        "verdict": cohort.verdict,
                        "conflicts": [list(conflict) for conflict in cohort.conflicts],
                    }
                    for cohort in trial.cohorts
                },
            }
            for trial in answer.trials
        },
    }


def expected(record: dict[str, Any]) -> dict[str, Any]:
    """The script's answer, without what the engine leaves out of a contradictory record."""
    found = plain.answer(record)
    left_out = "contradictions" if found["status"] == "consistent" else "trials"
    return {key: value for key, value in found.items() if key != left_out}


@pytest.mark.parametrize("name", ["sample", "vignettes", "further", "readings"])
def test_the_worked_cases_come_out_alike(name: str) -> None:
    """Verdicts, conflicts, deciding sets and contradictions of every worked case are those of the plain script."""
    for case in load(name):
        record = case_record(case)
        assert compared(match(record)) == expected(record), case["id"]


READ_BY_THE_SCRIPT = frozenset(
    {"birth_date", "planned_c1d1_date"}.union(SYMBOLS, med.LISTS, med.DATES, med.INTEGERS, med.QUANTITIES)
)
"""The variables of the clinical reading, which the script was written from; no criterion of the six trials reads another."""


def of_the_script(record: dict[str, Any]) -> dict[str, Any]:
    """The record without what the script does not know."""
    return {
        **record,
        "facts": {name: record["facts"][name] for name in record["facts"] if name in READ_BY_THE_SCRIPT},
    }


@drawn(30)
@given(record=records(LIBRARY, complete=True).map(of_the_script))
def test_random_records_come_out_alike(record: dict[str, Any]) -> None:
    """So are those of random records, with intervals, partial dates, closed cohorts and second readings."""
    assert compared(match(record)) == expected(record)


@pytest.mark.slow
@settings(max_examples=3000, deadline=None)
@given(record=records(LIBRARY, complete=True))
def test_many_random_records_come_out_alike(record: dict[str, Any]) -> None:
    """The same for many more records."""
    assert compared(match(record)) == expected(record)
