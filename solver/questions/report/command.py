"""The verb `match report`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from solver.report.command_line.options import (
    EVERY_PERSON,
    OF_A_RECORD,
    TRIALS,
    WITHOUT,
    option,
    question,
    verb,
)

if TYPE_CHECKING:
    from solver.patient.readers.formats import PatientEntry
    from solver.questions.report.answer import PatientReport

_PATIENTS = click.argument("patients", nargs=-1, required=True, metavar="PATIENT.json...")
_OUT = option(
    "--out", required=True, metavar="FILE", help="The file to write, in one piece; - is standard output."
)
_FORM = option(
    "--format",
    "form",
    type=click.Choice(["html", "markdown"]),
    default="html",
    help="HTML (default) or Markdown.",
)


@verb("report", _PATIENTS, _OUT, _FORM, TRIALS, WITHOUT, EVERY_PERSON, *OF_A_RECORD)
def report(patients: tuple[str, ...], out: str, form: str, **given: Any) -> int:
    """Write one file to hand over: every trial with its reason, what to find out, the days, what was assumed, and a place to sign.

    HTML has no script and fetches nothing; it is for reading, keeping and printing on A4. The same question gives the same bytes. Several
    patients stand in one file, with an index. What is said is what match, explain, when and tests answer.

    \b
      match report patient.json --out report.html
      match report *.json --out ward.html --site ward.yaml

    Exit codes: 0 written, 2 the input is wrong: the other patients are in the file.
    """  # noqa: D301
    from solver.questions.report.ask import patient_report
    from solver.report.command_line.arguments import check_patients
    from solver.report.command_line.every_record import every_record
    from solver.report.command_line.output import print_text
    from solver.report.writing import write_file

    check_patients(patients, ())
    asked = question(**given)
    found: list[PatientReport] = []

    def about(entry: PatientEntry) -> Callable[[], None]:
        one = patient_report(asked.engine, asked.read(entry), asked.trials)
        return lambda: found.append(one)

    code = every_record(patients, about, choice=asked.choice)
    if not found:
        return code
    if form == "html":
        from solver.questions.report.html_page import html_report as write
    else:
        from solver.questions.report.markdown_page import markdown_report as write
    text = write(found)
    if out == "-":
        print_text(text.removesuffix("\n"))
    else:
        write_file(out, text)
    return code
