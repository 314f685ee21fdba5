"""The verbs `match export` and `match verify`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from solver.errors import InputError
from solver.reading import read_file, unreadable
from solver.report.command_line.arguments import check_patient
from solver.report.command_line.options import (
    FORM,
    OF_A_RECORD,
    PATIENT,
    TRIAL_NAMES,
    TRIALS,
    Seconds,
    option,
    question,
    verb,
)
from solver.report.command_line.output import Form
from solver.text import clean

if TYPE_CHECKING:
    from solver.patient.readers.formats import PatientEntry
    from solver.report.command_line.question import Question
    from solver.smt.external import Script

CONFIRMED, NOT_CONFIRMED = 0, 1

MOST_BYTES = 50_000_000
"""Of a file of certificates; the example with the most has less than a tenth of it."""


@verb(
    "export",
    PATIENT,
    TRIAL_NAMES,
    option("--smtlib", is_flag=True, expose_value=False, help="As SMT-LIB 2, so far the only form."),
    option("-o", "--output", "folder", metavar="DIR", help="Write a file for each claim into this folder."),
    FORM,
    *OF_A_RECORD,
)
def export(patient: str, folder: str | None, form: Form, **given: Any) -> int:
    """Write every claim of an answer as a certificate: an SMT-LIB 2 script that another solver can check.

    The claims are the verdict, each conflict and each deciding set, and that they are minimal; or, of a record that contradicts itself,
    each contradiction. Without -o the scripts are printed one after another, with (reset) between them.

    \b
      match export --smtlib patient.json TRIAL -o certificates
      match export --smtlib patient.json TRIAL | match verify -
    """  # noqa: D301
    check_patient("export", patient, given["trials"], "TRIAL")
    return _write_claims(question(also=(), **given), patient, folder, form)


def _write_claims(question: Question, patient: str, folder: str | None, form: Form) -> int:
    """Print the claims of the answer for each record, or write each to a file of `folder` and print a list of them."""
    from solver.questions.certificates.ask import export_answer, file_name, record_claims, script_stream
    from solver.questions.certificates.page import export_page
    from solver.report.command_line.every_record import every_record
    from solver.report.command_line.output import Answers, print_text
    from solver.report.json import json_text
    from solver.smt.certificate import EXIT, RESET

    answers, seen = Answers(form), set[str]()

    def ask(entry: PatientEntry) -> Callable[[], None]:
        record = question.read(entry)
        if folder is not None and record.id in seen:
            raise InputError(
                f"{entry.name}: has the id of an earlier record, whose files would be overwritten: give each its own"
            )
        found = record_claims(question.engine, record, question.trials)
        if folder is not None:
            _save_files(Path(folder), {file_name(record, claim): claim.script + EXIT for claim in found})
        first = not seen
        seen.add(record.id)
        if folder is None and form == "table":
            text = ("" if first else RESET) + script_stream(found).removesuffix(EXIT).rstrip()
            return lambda: print_text(text)
        answer = export_answer(question.engine, record, found, inline=folder is None)
        return lambda: answers.one(
            lambda: json_text(answer), lambda width: export_page(answer, str(folder), width)
        )

    code = every_record([patient], ask, choice=question.choice)
    if folder is None and form == "table" and seen:
        print_text(EXIT.rstrip())
    answers.close()
    return code


def _save_files(folder: Path, texts: Mapping[str, str]) -> None:
    """Write texts to the files of a folder, by name."""
    from solver.report.writing import write_file

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        reason = str(getattr(error, "strerror", None) or error).lower()
        raise InputError(f"{clean(str(folder))}: cannot be written: {reason}") from None
    for name, text in texts.items():
        write_file(folder / name, text)


@verb(
    "verify",
    click.argument("files", nargs=-1, metavar="[FILE|DIR...]"),
    option("--solver", "command", metavar="COMMAND", help="The solver, which is given each file last."),
    option("--seconds", type=Seconds(min=0.001, max=86400), default=10.0, help="For each claim (10)."),
    option(
        "--record",
        metavar="PATIENT.json",
        help="Export the record again, and compare each file; without one, check what is exported.",
    ),
    FORM,
    TRIALS,
    *OF_A_RECORD,
)
def verify(
    files: tuple[str, ...], command: str | None, seconds: float, record: str | None, form: Form, **given: Any
) -> int:
    """Check certificates with another solver, and whether they are those of a record.

    FILE is what match export --smtlib wrote; - reads standard input, and DIR stands for the .smt2 files in it. By default the solver is
    the Python module cvc5, or else the first of cvc5, yices-smt2, mathsat, opensmt and z3 that is found. It confirms what a script
    states, not what its comments say: with --record each must be one that match export gives again, with the options it was given.
    With --record and no FILE, the claims of the record are exported and checked at once.

    Exit codes: 0 all are confirmed, and the record's own; 1 one is not, or is undecided; 2 the input is wrong or there is no solver.
    """
    from solver.questions.certificates.ask import claims_of, own_claims, record_claims, scripts_of
    from solver.questions.certificates.ask import verify as verify_scripts
    from solver.questions.certificates.page import verify_page
    from solver.report.command_line.output import print_text, show, terminal_width
    from solver.report.command_line.progress import Progress
    from solver.report.json import document
    from solver.smt.external import find_checker

    if not files and not record:
        raise click.UsageError("missing argument 'FILE|DIR...', or --record PATIENT.json")
    scripts, claimed = list(_read_scripts(files)), None
    if record:
        asked = question(**given)
        read = asked.read_one(record)
        if scripts:
            claimed = own_claims(asked.engine, read, asked.trials, scripts)
        else:
            found = record_claims(asked.engine, read, asked.trials)
            scripts = scripts_of(read, found)
            claimed = claims_of(read, [each.code for each in asked.engine.chosen(asked.trials)], found)
    checker = find_checker(command)
    with Progress(len(scripts)) as progress:
        answer = verify_scripts(scripts, checker, seconds, claimed, progress.step)
    if form == "json":
        print_text(json.dumps(document(answer), ensure_ascii=False))
    else:
        show(verify_page(answer, terminal_width()))
    return CONFIRMED if answer.fine else NOT_CONFIRMED


def _read_scripts(paths: Iterable[str]) -> Iterator[Script]:
    """The scripts of files, folders or standard input. Raises `InputError` for what holds none."""
    from solver.patient.readers.native.json_text import display_name
    from solver.smt.external import scripts

    for path in paths:
        if path != "-" and Path(path).is_dir():
            files = sorted(map(str, Path(path).glob("*.smt2")))
            if not files:
                raise InputError(f"{clean(path)}: holds no .smt2 file: give what match export -o wrote")
        else:
            files = [path]
        for file in files:
            yield from scripts(display_name(file), _file_text(file, display_name(file)))


def _file_text(path: str, name: str) -> str:
    """The text of a file or of standard input, which is called `name` where it cannot be read."""
    if path == "-":
        try:
            data = sys.stdin.buffer.read(MOST_BYTES + 1)
        except (OSError, ValueError) as error:
            raise unreadable(name, error) from None
    else:
        data = read_file(path, name, MOST_BYTES, streams=True)
    if len(data) > MOST_BYTES:
        raise InputError(f"{name}: is larger than {MOST_BYTES // 1_000_000} MB: give what match export wrote")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise InputError(f"{name}: is not UTF-8: give what match export wrote") from None
