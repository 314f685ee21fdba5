"""The answer of `match`, and what would have to change: repairs of an ineligible patient, corrections of a contradictory record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from solver.engine.answer import AnswerWarning, CorrectedTrial, Correction, Subsets
from solver.engine.case import Case, Engine
from solver.engine.consistency import gave_up
from solver.engine.decision import Decision
from solver.engine.minimal_sets import hitting_sets
from solver.engine.warnings.warnings import assumption_texts
from solver.library.models import Trial
from solver.patient.record import Record
from solver.questions.explain.clause_details import clause_details
from solver.questions.explain.repair_search import find_repairs
from solver.questions.match.answer import MatchAnswer, TrialAnswer
from solver.questions.match.ask import answer_each, trial_answer
from solver.work import OutOfBudget

LIMIT = 12
"""The most corrections listed for a record."""


def explain(engine: Engine, record: Record, trials: Iterable[str] | None = None) -> MatchAnswer:
    """The answer for one record with what would have to change; `trials` and what is raised are those of `match`."""
    chosen = engine.chosen(trials)
    with engine.allowance():
        answer = answer_each(engine, record, chosen, _with_repairs)
        if answer.consistent is True or not answer.contradictions or not answer.contradictions_complete:
            return answer
        try:
            found = corrections(engine, record, answer.contradictions, chosen)
            return replace(answer, record=replace(answer.record, corrections=found))
        except OutOfBudget as error:
            return replace(answer, warnings=(*answer.warnings, gave_up("which facts may be wrong", error)))


def _with_repairs(case: Case, decision: Decision) -> TrialAnswer:
    answer = trial_answer(case, decision)
    names = [name for clause in answer.clauses for name in clause.assumptions]
    names += [name for conflict in answer.joint_conflicts for name in conflict.assumptions]
    return replace(
        answer,
        repairs=find_repairs(case.opened, decision) if answer.verdict == "ineligible" else None,
        details=tuple(clause_details(case, decision, answer)),
        sentences=assumption_texts(case.problem, names),
    )


def corrections(
    engine: Engine, record: Record, contradictions: Subsets, trials: Sequence[Trial]
) -> tuple[Correction, ...]:
    """Every minimal set of facts without which a record no longer contradicts itself, at most `LIMIT`, with the verdicts without it.

    They are the minimal hitting sets of the contradictions, which must all be known.
    """
    return tuple(_corrected(engine, record, each, trials) for each in hitting_sets(contradictions)[:LIMIT])


def _corrected(engine: Engine, record: Record, facts: tuple[str, ...], trials: Sequence[Trial]) -> Correction:
    opened = engine.open(record.without(facts))
    if opened.consistent is not True:
        return Correction(facts)
    warnings: list[AnswerWarning] = []
    case = engine.case(opened, warnings)
    found = []
    for trial in trials:
        within = case.of(trial)
        decision = within.decision(trial)
        conflicts = within.conflicts(decision).subsets
        provisos = engine.provisos(trial)
        found.append(
            CorrectedTrial(trial.code, decision.verdict, decision.published_only, conflicts, provisos)
        )
    return Correction(facts, tuple(found))
