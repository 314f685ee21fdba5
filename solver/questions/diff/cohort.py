"""The patients of a file, each judged by two versions of a trial."""

from __future__ import annotations

from collections.abc import Iterator

from solver.patient.readers.native.read import record_from
from solver.patient.readers.native.several import entries
from solver.questions.diff.ask import Amendment, Changed
from solver.report.failure import report_error


class Cohort:
    """The patients of a file of records."""

    def __init__(self, amendment: Amendment, path: str, as_of: str | None) -> None:
        self.amendment, self.path, self.as_of = amendment, path, as_of
        self.wrong = self.code = 0

    def patients(self) -> Iterator[Changed]:
        """How each patient stands; what is wrong with a record is reported, and the record left out."""
        for entry in entries(self.path):
            try:
                if entry.error is not None:
                    raise entry.error
                yield self.amendment.patient(
                    *(
                        record_from(entry.value, library, name=entry.name, as_of=self.as_of)
                        for library in self.amendment.libraries
                    )
                )
            except Exception as error:
                self.wrong += 1
                self.code = max(self.code, report_error(error))
