"""The verb `match convert`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from solver.report.command_line.failure import ANSWERED
from solver.report.command_line.options import (
    AS_OF,
    CONTEXT,
    ENCODINGS,
    EVERY_PERSON,
    LENIENT,
    OF_AN_EXPORT,
    REPORT,
    option,
    question,
    report_path,
    verb,
)

if TYPE_CHECKING:
    from solver.patient.readers.formats import PatientEntry

_FILES = click.argument("patients", nargs=-1, required=True, metavar="FILE...")
_LIST = option(
    "--list-patients", is_flag=True, help="Print the ids of the patients of an export, and nothing else."
)


@verb(
    "convert",
    _FILES,
    REPORT,
    EVERY_PERSON,
    _LIST,
    AS_OF,
    CONTEXT,
    LENIENT,
    OF_AN_EXPORT,
    ENCODINGS,
)
def convert(patients: tuple[str, ...], list_patients: bool, **given: Any) -> int:
    """Print the native record that is made of a hospital's export, one JSON object a patient.

    FILE is a FHIR Bundle, a resource, NDJSON, or a folder of such files; a Phenopacket; an OMOP database as a folder of CSV or Parquet, a
    DuckDB file, or postgresql://HOST/NAME; - reads standard input. A native record is printed in its normal form.

    \b
      match convert bundle.json --as-of 2026-11-20
      match convert bundle.json --as-of 2026-11-20 --report -

    Exit codes: 0 read, 2 the input is wrong. Nothing is sent anywhere, and no reference is followed out of the export.
    """  # noqa: D301
    from solver.patient.readers.foreign.document import document_text
    from solver.patient.readers.formats import listed_patients
    from solver.patient.write import record_document
    from solver.report.command_line.every_record import every_record
    from solver.report.command_line.export_report import ReportFile, tell_account
    from solver.report.command_line.output import print_text

    if list_patients:
        for path in patients:
            for each in listed_patients(path):
                print_text(each)
        return ANSWERED
    asked = question(trials=(), assume=(), **given)
    with ReportFile(report_path()) as report:

        def about(entry: PatientEntry) -> Callable[[], None]:
            if entry.export is None:
                # what a site's file says is none of the record's own, in which it would win over the site ever after
                record = replace(asked, context=asked.given_context).read(entry)
                document = record_document(record, asked.library)
                report.add_native(asked.library, record, document)
                return lambda: _print_record(document)
            converted = asked.converted(entry)
            report.add(asked.library, converted)

            def show() -> None:
                _print_record(converted.document)
                tell_account(converted)

            return show

        def _print_record(document: dict[str, object]) -> None:
            if not report.on_standard_output:
                print_text(document_text(document))

        return every_record(patients, about, choice=asked.choice)
