"""The open pairs of one patient: each undetermined trial, with what settles it and what each test can do to it."""

from __future__ import annotations

from collections.abc import Iterator

from solver.dataclass import dataclass
from solver.engine.answer import Subsets
from solver.engine.case import Case, Engine
from solver.engine.deciding_sets import deciding_sets
from solver.engine.finding_out.test_effects import TestEffect, every_effect
from solver.errors import InputError
from solver.library.models import Trial
from solver.patient.record import Record
from solver.screen.cohort import CohortPatient
from solver.screen.output_rows import OutputRow, ScreenQuestion, patient_record


@dataclass(frozen=True, slots=True)
class OpenPair:
    """An undetermined trial of a patient: its deciding sets, and what each test that bears on it can do; whether all of that is known."""

    code: str
    sets: Subsets
    effects: tuple[TestEffect, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class PlanQuestion(ScreenQuestion):
    """What is asked about each patient: the open pairs."""

    def rows(self, engine: Engine, patient: CohortPatient, day: int | None) -> Iterator[OutputRow]:
        """One row: the pairs, None where the record contradicts itself, or the error."""
        try:
            record = patient_record(engine.library, patient, self, day)
            pairs = open_pairs(engine, record, self.trials)
        except InputError as error:
            yield {"row": patient.row, "error": "\n".join(error.problems), "pairs": None}
            return
        yield {"row": patient.row, "error": None, "pairs": pairs}


def open_pairs(
    engine: Engine, record: Record, trials: tuple[str, ...] | None = None
) -> tuple[OpenPair, ...] | None:
    """The open pairs of a record; None if it contradicts itself. Raises `InputError` for a trial that is not known."""
    chosen = engine.chosen(trials)
    with engine.allowance():
        opened = engine.open(record, warned=False)
        if opened.consistent is not True:
            return () if opened.consistent is None else None
        found = engine.shared_out(chosen, engine.case(opened, []), [], _pair)
    return tuple(pair for pair in found if pair is not None)


def _pair(case: Case, trial: Trial) -> OpenPair | None:
    decision = case.decision(trial)
    if decision.verdict != "undetermined":
        return None
    sets = deciding_sets(case.problem, decision)
    effects = tuple(every_effect(case.problem, decision, case.covers, sets))
    told = all(each.can_end is not None and each.can_open is not None for each in effects)
    return OpenPair(trial.code, sets.subsets, effects, sets.complete and told)
