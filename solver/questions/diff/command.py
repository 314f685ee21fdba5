"""The verb `match diff`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from solver.report.command_line.arguments import Verb
from solver.report.command_line.options import AS_OF, ENCODINGS, FORM, HELP, load, option, options

if TYPE_CHECKING:
    from solver.library.files.revisions import Revision
    from solver.library.models import Library, Trial
    from solver.questions.diff.answer import ComparedPatient
    from solver.questions.diff.ask import Amendment
    from solver.report.command_line.output import Form

SAME, DIFFERENT = 0, 1


@click.command("diff", cls=Verb, context_settings=HELP)
@click.argument("first", metavar="A", required=False)
@click.argument("second", metavar="B", required=False)
@option("--log", metavar="PATH", help="The history of a file in git: whom each change admitted or shut out.")
@option("--cohort", metavar="FILE", help="Patients, NDJSON or an array of records: who changes verdict.")
@options(FORM, AS_OF, ENCODINGS)
def diff(
    first: str | None,
    second: str | None,
    log: str | None,
    as_of: str | None,
    cohort: str | None,
    form: Form,
    encodings: str | None,
) -> int:
    """Compare two versions of a trial, or two trials: whom each admits and the other does not.

    A and B are codes, NCT numbers or files of one trial, which may be taken out of a revision of git, as REV:FILE. B is equivalent to A,
    stricter, looser or incomparable, by proof over all patients; each difference has a patient who shows it, and the clauses that are
    responsible. With --log, each change of a file in git is compared with the version before.

    \b
      match diff CODE amended.yaml
      match diff HEAD:trial.yaml trial.yaml
      match diff before.yaml after.yaml --cohort patients.ndjson
      match diff --log trial.yaml

    Exit codes: 0 the same patients are admitted, 1 they are not, or it is not decided, 2 the input is wrong.
    """  # noqa: D301
    from solver.patient.readers.native.dates import parse_date
    from solver.questions.diff.ask import Amendment, compare, with_patients
    from solver.questions.diff.page import diff_page
    from solver.report.command_line.options import named_trial
    from solver.report.command_line.output import print_json_or_page
    from solver.report.command_line.progress import Progress
    from solver.report.json import json_text

    day = None if as_of is None else int(parse_date(as_of, partial=False).low)
    if log is not None:
        if first is not None or cohort is not None:
            raise click.UsageError(
                "--log PATH compares the revisions of one file: leave out A, B and --cohort"
            )
        return _show_history(log, load(encodings), day, form)
    if first is None or second is None:
        raise click.UsageError(f"Missing argument '{'B' if first else 'A'}'.")
    library = load(encodings)
    (before, old), (after, new) = (named_trial(library, name) for name in (first, second))
    with Progress(1):
        answer = compare(library, before, after, as_of=day, files=(old, new))
        code = DIFFERENT if answer.differs else SAME
        if cohort is not None:
            patients, faults = _read_patients(Amendment(library, before, after), cohort, as_of)
            answer = with_patients(answer, patients, len(faults))
            code = max(code, *faults, SAME)
    print_json_or_page(form, lambda: json_text(answer), lambda width: diff_page(answer, library, width))
    return code


def _show_history(path: str, library: Library, day: int | None, form: Form) -> int:
    """Tell the history of a file, and give the exit code."""
    from solver.errors import InputError
    from solver.library.files.revisions import content_at, revisions_of
    from solver.library.files.yaml_places import document_of
    from solver.library.trial_files import compile_trial
    from solver.questions.diff.ask import history
    from solver.questions.diff.log_page import log_page
    from solver.report.command_line.output import print_json_or_page
    from solver.report.command_line.progress import Progress
    from solver.report.json import json_text

    versions: list[tuple[Revision, Trial | str]] = []
    for revision in revisions_of(path):
        content = content_at(revision, path)
        if content is None:
            versions.append((revision, "the file is taken away"))
            continue
        try:
            document = document_of(content, f"{revision.short}:{revision.path}")
            versions.append((revision, compile_trial(document, library)))
        except InputError as error:
            more = len(error.problems) - 1
            versions.append((revision, f"{error.problems[0]}{f', and {more} more' if more else ''}"))
    with Progress(1):
        answer = history(library, path, versions, as_of=day)
    print_json_or_page(form, lambda: json_text(answer), lambda width: log_page(answer, library, width))
    return DIFFERENT if answer.differs else SAME


def _read_patients(both: Amendment, path: str, as_of: str | None) -> tuple[list[ComparedPatient], list[int]]:
    """How each patient of a file stands; what is wrong with a record is reported with its exit code, and the record left out."""
    from solver.engine.case import Engine
    from solver.patient.readers.formats import patient_entries
    from solver.report.command_line.failure import report_error
    from solver.report.command_line.question import Question

    asked = [Question(library, Engine(library), as_of=as_of) for library in both.libraries]
    found, faults = [], []
    for entry in patient_entries(path):
        try:
            if entry.error is not None:
                raise entry.error
            before, after = (each.read(entry) for each in asked)
            found.append(both.patient(before, after))
        except Exception as error:
            faults.append(report_error(error))
    return found, faults
