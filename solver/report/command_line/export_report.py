"""The reports on exports that a command writes besides its answers, and the short account on standard error."""

from __future__ import annotations

import sys
from typing import IO, TYPE_CHECKING, Self

from solver.errors import InputError
from solver.library.models import Library
from solver.patient.record import Record
from solver.report.command_line.output import print_pieces
from solver.report.json import json_pieces
from solver.text import clean, escaped

if TYPE_CHECKING:  # much to import, and a record that is no export needs none of it
    from solver.engine.conversion.read_export import ConvertedRecord
    from solver.engine.conversion.report_answer import ConvertReport


class ReportFile:
    """Where reports go, one a line: a file, standard output for `-`, or nowhere for None.

    What is written stays, whatever happens later. Raises `InputError` with one line if the file cannot be written.
    """

    def __init__(self, path: str | None) -> None:
        self.on_standard_output = path == "-"
        self._path = path
        self._file: IO[str] | None = None

    def __enter__(self) -> Self:
        if self._path is not None and not self.on_standard_output:
            try:
                self._file = open(self._path, "w", encoding="utf-8")
            except (OSError, ValueError) as error:
                raise self._unwritable(error) from None
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, library: Library, converted: ConvertedRecord) -> None:
        """Write the report of an export."""
        if self._path is not None:
            from solver.engine.conversion.conversion_report import convert_report

            self._write(convert_report(library, converted))

    def add_native(self, library: Library, record: Record, document: dict[str, object]) -> None:
        """Write the report of a native record."""
        if self._path is not None:
            from solver.engine.conversion.conversion_report import native_report

            self._write(native_report(library, record, document))

    def _write(self, report: ConvertReport) -> None:
        if self._file is None:
            print_pieces(json_pieces(report))
            return
        try:
            for piece in json_pieces(report):
                self._file.write(escaped(piece))
            self._file.write("\n")
            self._file.flush()
        except OSError as error:
            raise self._unwritable(error) from None

    def _unwritable(self, error: OSError | ValueError) -> InputError:
        reason = clean(str(getattr(error, "strerror", None) or error)).lower()
        return InputError(f"{clean(str(self._path))}: cannot be written: {reason}")


def tell_account(converted: ConvertedRecord) -> None:
    """Print the short account of an export to standard error."""
    rows = converted.foreign.account.rows.values()
    counts: dict[str, int] = {}
    for row in rows:
        counts[str(row.outcome)] = counts.get(str(row.outcome), 0) + 1
    told = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))
    facts = converted.document["facts"]
    assert isinstance(facts, dict)
    print(
        f"{clean(converted.record.id)}: {len(rows)} resources ({told}); {len(facts)} facts", file=sys.stderr
    )
