"""What `match report` hands over about one patient: the answers of the verbs that it gathers, and nothing of its own."""

from __future__ import annotations

from solver.dataclass import dataclass
from solver.library.models import Library
from solver.patient.record import Record
from solver.questions.match.answer import MatchAnswer
from solver.questions.when.answer import WhenAnswer
from solver.questions.workup.answer import TestsAnswer


@dataclass(frozen=True, slots=True)
class PatientReport:
    """The answers about one patient, with the record and the library that they are about."""

    record: Record
    library: Library
    explained: MatchAnswer
    """As `match explain` answers."""
    dates: WhenAnswer
    """As `match when` answers."""
    tests: TestsAnswer | None
    """As `match tests` answers for the trials that are undetermined and may be open; None where there are none."""
