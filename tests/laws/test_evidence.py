"""The facts that are cited for a clause force it, and none of them can be left out."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from solver.engine.case import Engine
from tests.support.drawing.drawn import drawn
from tests.support.records.laws import consistent_match
from tests.support.records.matchers import decisions_of
from tests.support.records.solved import LIBRARY, RECORDS, UNDATED, read
from tests.support.records.worked import Json


@cache
def one_clause(code: str, name: str) -> Engine:
    """What answers for a trial of one clause, as it is in a trial of the library."""
    trial = LIBRARY.trials[code]
    alone = replace(trial, clauses=tuple(clause for clause in trial.clauses if clause.id == name))
    return Engine(replace(LIBRARY, trials={code: alone}))


@drawn(12)
@given(RECORDS, st.randoms(use_true_random=False))
def test_P53_P54_the_facts_of_a_clause_force_it_and_none_can_be_left_out(record: Json, random: Any) -> None:
    """With the cited facts alone a settled clause stands as told; with one of them less it does not."""
    answer = consistent_match(record, matcher=UNDATED)
    assume(not any(warning.code == "implausible" for warning in answer.warnings))
    whole = read(record)

    def standing(code: str, name: str, cohort: str | None, facts: tuple[str, ...]) -> str:
        kept = replace(whole, facts={key: fact for key, fact in whole.facts.items() if key in facts})
        decision = decisions_of(one_clause(code, name), kept)[code]
        assert decision is not None
        stands = next(each for (_, own), each in decision.standings.items() if cohort in (own, None))
        return "open" if stands is None else "met" if stands is True else "not_met"

    for trial in answer.trials:
        for clause in random.sample(trial.clauses, min(4, len(trial.clauses))):
            if clause.status == "open" or clause.assumptions:
                continue
            assert standing(trial.code, clause.id, clause.cohort, clause.facts) == clause.status
            for fact in clause.facts:
                if not {"weight", "qt", "qtcf", "wbc"} & set(clause.facts):
                    fewer = tuple(other for other in clause.facts if other != fact)
                    assert standing(trial.code, clause.id, clause.cohort, fewer) == "open", (clause, fact)
