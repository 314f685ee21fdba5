"""What a patient has had: procedures, drugs, doses, conditions and the disease, in the order in which one rests on the other."""

from __future__ import annotations

from collections.abc import Sequence

from solver.library.models import Library
from solver.patient.readers.foreign.gathered import Gathered
from solver.patient.readers.foreign.statements import SourceStatement


def gather_history(statements: Sequence[SourceStatement], gathered: Gathered, library: Library) -> None:
    """Gather events, mentions and facts of the history from all statements of procedures, drugs and conditions."""
