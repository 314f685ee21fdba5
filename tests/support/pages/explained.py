"""What match explain says of a few facts."""

from __future__ import annotations

from typing import Any

from solver.library.models import Library
from solver.matcher import Matcher
from solver.patient.readers.native.read import record_from
from solver.patient.record import Record
from solver.questions.explain.page import explanation
from tests.support.records.matchers import Undated

AS_OF = "2026-11-20"


def explained(
    library: Library, record: Record, *trials: str, width: int = 80, kind: type[Matcher] = Matcher
) -> str:
    """The explanation of a record, as it is laid out."""
    return explanation(kind(library).match(record, trials, repairs=True), record, library, width).plain()


def folded(library: Library, trial: str, /, **facts: Any) -> str:
    """The explanation of a record with these facts, without line breaks and the line on days."""
    record = record_from({"id": "p", "as_of": AS_OF, "facts": facts}, library)
    return " ".join(explained(library, record, trial, kind=Undated).split())
