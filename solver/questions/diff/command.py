"""The verb `match diff`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from solver.report.command_line.arguments import Verb
from solver.report.command_line.options import AS_OF, ENCODINGS, FORM, HELP, load, options

if TYPE_CHECKING:
    from solver.questions.diff.answer import ComparedPatient
    from solver.questions.diff.ask import Amendment
    from solver.report.command_line.output import Form

SAME, DIFFERENT = 0, 1


@click.command("diff", cls=Verb, context_settings=HELP)
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
@click.option(
    "--cohort", metavar="FILE", help="Patients, NDJSON or an array of records: who changes verdict."
)
@options(FORM, AS_OF, ENCODINGS)
def diff(
    first: str, second: str, as_of: str | None, cohort: str | None, form: Form, encodings: str | None
) -> int:
    """Compare two versions of a trial, or two trials: whom each admits and the other does not.

    A and B are codes, NCT numbers or files of one trial. B is equivalent to A, stricter, looser or incomparable, by proof over all
    patients; each difference has a patient who shows it, and the clauses that are responsible.

    \b
      match diff CODE amended.yaml
      match diff before.yaml after.yaml --cohort patients.ndjson

    Exit codes: 0 the same patients are admitted, 1 they are not, or it is not decided, 2 the input is wrong.
    """  # noqa: D301
    from solver.patient.readers.native.dates import parse_date
    from solver.questions.diff.ask import Amendment, compare, with_patients
    from solver.questions.diff.page import diff_page
    from solver.report.command_line.options import named_trial
    from solver.report.command_line.output import print_json_or_page
    from solver.report.command_line.progress import Progress
    from solver.report.json import json_text

    library = load(encodings)
    (before, old), (after, new) = (named_trial(library, name) for name in (first, second))
    day = None if as_of is None else int(parse_date(as_of, partial=False).low)
    with Progress(1):
        answer = compare(library, before, after, as_of=day, files=(old, new))
        code = DIFFERENT if answer.differs else SAME
        if cohort is not None:
            patients, faults = _read_patients(Amendment(library, before, after), cohort, as_of)
            answer = with_patients(answer, patients, len(faults))
            code = max(code, *faults, SAME)
    print_json_or_page(form, lambda: json_text(answer), lambda width: diff_page(answer, library, width))
    return code


def _read_patients(both: Amendment, path: str, as_of: str | None) -> tuple[list[ComparedPatient], list[int]]:
    """How each patient of a file stands; what is wrong with a record is reported with its exit code, and the record left out."""
    from functools import partial

    from solver.patient.readers.native.read import record_from
    from solver.patient.readers.native.several import entries
    from solver.report.command_line.failure import report_error

    found, faults = [], []
    for entry in entries(path):
        try:
            if entry.error is not None:
                raise entry.error
            read = partial(record_from, entry.value, name=entry.name, as_of=as_of)
            before, after = (read(library) for library in both.libraries)
            found.append(both.patient(before, after))
        except Exception as error:
            faults.append(report_error(error))
    return found, faults
