"""Asking for no more than a test speaks of: without the days, without the facts behind each clause, or for the verdict alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from solver.engine.answer import AnswerWarning, RecordState
from solver.engine.case import Case, Engine
from solver.engine.clauses import Binding
from solver.engine.consistency import OpenedRecord, open_record
from solver.engine.decision import Decision
from solver.engine.minimal_sets import Minimal
from solver.matcher import Matcher
from solver.patient.record import Record


class Undated(Matcher):
    """A matcher that does not look for the days on which a patient is eligible: they are no part of what is compared here, and would
    take nearly all of the time.
    """

    def case(self, posed: OpenedRecord, warnings: list[AnswerWarning]) -> Case:
        """What answers trial by trial."""
        return _Undated(posed, warnings, self)


class _Undated(Case):
    def dates(self, decision: Decision) -> None:
        return None


class ReasonsAlone(Undated):
    """A matcher that looks neither for the days nor for the facts behind each clause, which take half of the time, and does not prove each
    conflict a second time: verdicts, conflicts, deciding sets, what is missing, readings, and how each clause stands are as otherwise. What
    rests on those facts is left out as well: assumptions, and the warnings of values near a limit and of results that disagree.
    """

    def case(self, posed: OpenedRecord, warnings: list[AnswerWarning]) -> Case:
        """What answers trial by trial."""
        return _ReasonsAlone(posed, warnings, self)


class _ReasonsAlone(_Undated):
    def basis(
        self, decision: Decision, binding: Binding, cohort: str
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return (), ()

    def prove_all(self) -> bool:
        return True


class Standing(NamedTuple):
    """How a trial stands, with what stands in the way and what the verdict assumes."""

    verdict: str
    published_only: bool = False
    conflicts: Minimal = Minimal((), True)
    assuming: tuple[str, ...] = ()


def standings_of(engine: Engine, record: Record) -> tuple[RecordState, dict[str, Standing]]:
    """Whether a record agrees with itself, and how each trial stands, as `match` says; what is missing is not asked for."""
    with engine.allowance():
        opened = engine.open(record, warned=False)
        if not opened.consistent:
            return opened.state(), {trial.code: Standing("withheld") for trial in engine.chosen(None)}
        case, found = engine.case(opened, []), {}
        for trial in engine.chosen(None):
            within = case.of(trial)
            decision = within.decision(trial)
            found[trial.code] = Standing(
                decision.verdict,
                decision.published_only,
                within.conflicts(decision),
                within.assuming(decision),
            )
        return opened.state(), found


def decision_of(engine: Engine, record: Record, name: str) -> tuple[Decision, Minimal]:
    """The decision on one trial of a record that agrees with itself, and its conflicts.

    The record is opened with what this trial asks of concepts, and not without first, as for several trials.
    """
    (trial,) = engine.chosen([name])
    with engine.allowance():
        opened = open_record(engine.library.asking(trial.code), record, warned=False)
        assert opened.consistent
        case = engine.case(opened, [])
        decision = case.decision(trial)
        return decision, case.conflicts(decision)


def decisions_of(
    engine: Engine, record: Record, trials: Iterable[str] | None = None
) -> dict[str, Decision | None]:
    """The verdict on each trial, or on each of these, and on its cohorts, and nothing else; None where the record contradicts itself."""
    chosen = engine.chosen(trials)
    with engine.allowance():
        opened = engine.open(record, warned=False)
        if not opened.consistent:
            return {trial.code: None for trial in chosen}
        case = engine.case(opened, [])
        return {trial.code: case.of(trial).decision(trial) for trial in chosen}


def verdicts_of(engine: Engine, record: Record, trials: Iterable[str] | None = None) -> dict[str, str]:
    """The verdict on each trial, or on each of these, and nothing else; withheld where the record contradicts itself."""
    found = decisions_of(engine, record, trials)
    return {code: "withheld" if each is None else each.verdict for code, each in found.items()}
