"""What a patient has had: procedures, drugs, doses, conditions and the disease, in the order in which one rests on the other."""

from __future__ import annotations

from collections.abc import Sequence

from solver.library.models import Library
from solver.patient.readers.foreign.gathered import Gathered
from solver.patient.readers.foreign.history.conditions import gather_conditions
from solver.patient.readers.foreign.history.disease import gather_disease
from solver.patient.readers.foreign.history.doses import gather_doses
from solver.patient.readers.foreign.history.drugs import gather_drugs
from solver.patient.readers.foreign.history.gatherer import HistoryGatherer
from solver.patient.readers.foreign.history.intake import gather_intakes
from solver.patient.readers.foreign.history.occurrences import gather_occurrences
from solver.patient.readers.foreign.history.procedures import gather_procedures
from solver.patient.readers.foreign.statements import (
    ConditionStatement,
    DrugStatement,
    ProcedureStatement,
    SourceStatement,
)


def gather_history(statements: Sequence[SourceStatement], gathered: Gathered, library: Library) -> None:
    """Gather events, mentions and facts of the history from all statements of procedures, drugs and conditions."""
    gatherer = HistoryGatherer(gathered, library)
    drugs = [each for each in statements if isinstance(each, DrugStatement)]
    gather_procedures([each for each in statements if isinstance(each, ProcedureStatement)], gatherer)
    gather_drugs(drugs, gatherer)
    gather_doses(drugs, gatherer)
    conditions = [each for each in statements if isinstance(each, ConditionStatement)]
    others, diseases = gather_disease(conditions, gatherer)
    gather_conditions(others, gatherer, diseases)
    gather_intakes(gatherer)
    gather_occurrences(gatherer)
