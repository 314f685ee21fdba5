"""Corrections of a record that contradicts itself: which facts could be wrong together, and what would then hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from solver.engine.answer import AnswerWarning, CorrectedTrial, Correction, Subsets
from solver.engine.minimal_sets import hitting_sets
from solver.library.models import Trial
from solver.patient.record import Record

if TYPE_CHECKING:
    from solver.engine.case import Engine

LIMIT = 12
"""The most corrections listed for a record."""


def corrections(
    engine: Engine, record: Record, contradictions: Subsets, trials: Sequence[Trial]
) -> tuple[Correction, ...]:
    """Every minimal set of facts without which a record no longer contradicts itself, at most `LIMIT`, with the verdicts without it.

    They are the minimal hitting sets of the contradictions, which must all be known.
    """
    return tuple(_correction(engine, record, facts, trials) for facts in hitting_sets(contradictions)[:LIMIT])


def _correction(
    engine: Engine, record: Record, facts: tuple[str, ...], trials: Sequence[Trial]
) -> Correction:
    left = replace(record, facts={name: fact for name, fact in record.facts.items() if name not in facts})
    opened = engine.open(left)
    if opened.consistent is not True:
        return Correction(facts)
    warnings: list[AnswerWarning] = []
    case = engine.case(opened, warnings)
    found = []
    for trial in trials:
        decision = case.decision(trial)
        conflicts = case.conflicts(decision).subsets
        found.append(CorrectedTrial(trial.code, decision.verdict, decision.published_only, conflicts))
    return Correction(facts, tuple(found))
