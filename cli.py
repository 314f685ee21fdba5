"""The command line: parsing and printing, no logic.

The engine is imported once there is work for it, so that `--help` and errors of usage come at once.
"""

from __future__ import annotations

from solver.report import process

_interrupt = process.stop_at_once()  # first of all: the imports below take time

import sys
from typing import TYPE_CHECKING, Any, NoReturn

import click

from solver.report.arguments import DEFAULT_VERB, DefaultCommand, Verbs, check_patient, check_patients
from solver.report.options import (
    ALSO_TRIALS,
    AS_OF,
    ASSUME,
    CONTEXT,
    ENCODINGS,
    FIRST_DOSE,
    FORM,
    FORM_OF_SEVERAL,
    HELP,
    LENIENT,
    SCHEMAS,
    TRIALS,
    VERSION,
    Seconds,
    chosen,
    form_option,
    load,
    options,
    question,
)

if TYPE_CHECKING:
    from solver.questions.check.findings import Severity
    from solver.questions.check.page import CheckForm
    from solver.questions.examples.command import SheetForm
    from solver.questions.schema.ask import SchemaName
    from solver.report.output import Form

ANSWERED, WRONG_INPUT, FAILED, INTERRUPTED, PIPE_CLOSED = 0, 2, 3, 130, 141


@click.group(cls=Verbs)
def verbs() -> None:
    """Match patients against clinical trials."""


@verbs.command(DEFAULT_VERB, cls=DefaultCommand, context_settings=HELP)
@click.argument("patients", nargs=-1, required=True, metavar="PATIENT.json...")
@options(FORM_OF_SEVERAL, TRIALS, AS_OF, FIRST_DOSE, CONTEXT, ASSUME, LENIENT, ENCODINGS, VERSION)
def match(patients: tuple[str, ...], form: Form, **given: Any) -> int:
    """Match patients against clinical trials, and say why.

    PATIENT.json is a patient's record, an array of records, or NDJSON with a record on each line; - reads standard input. Each trial's
    verdict is eligible, undetermined (data are missing that matter) or ineligible, with the reason; a record that contradicts itself gets
    no verdict.

    \b
      match patient.json
      match patient.json --format json --trials CODE
      match *.json --context site.json

    Other verbs, each with its own --help:

    \b
      match explain PATIENT.json TRIAL   every clause, and what it rests on
      match when PATIENT.json            from when until when, if only time passes
      match tests PATIENT.json           what to order, and what does not matter
      match what-if PATIENT.json X=Y     the verdicts, were the record changed
      match sequence PATIENT.json        what entering one trial does to the others
      match export PATIENT.json TRIAL    every claim of the answer, for another solver to check
      match verify FILE...               whether another solver confirms them
      match diff A B                     how two versions of a trial, or two trials, relate
      match examples TRIAL               patients just inside and just outside each clause
      match check [TRIAL|FILE...]        whether trial files agree with themselves
      match trials [TRIAL]               what is encoded, from which sources
      match template --trials TRIAL      a record to fill in
      match schema record                JSON Schemas, for editors

    Exit codes: 0 answered, 2 the input is wrong (other files are still answered), 3 the engine failed. Answers go to standard output,
    errors and progress to standard error. Nothing is sent anywhere.
    """  # noqa: D301
    from solver.report.asking import match as show

    check_patients(patients, verbs.commands.keys() - {DEFAULT_VERB})
    return show(question(**given), patients, form, "table", report_error)


@verbs.command(context_settings=HELP)
@click.argument("patient", metavar="PATIENT.json")
@click.argument("trials", nargs=-1, metavar="[TRIAL...]")
@options(FORM, AS_OF, FIRST_DOSE, CONTEXT, ASSUME, LENIENT, ENCODINGS)
def explain(patient: str, form: Form, **given: Any) -> int:
    """Explain a patient's answer, clause by clause.

    TRIAL is a code or an NCT number; without one, all trials are explained. What is not met comes first, then what is open and
    what is required of the missing data, then what is met, each with the recorded facts that it rests on.

    \b
      match explain patient.json TRIAL
      match explain patient.json TRIAL --format json
    """  # noqa: D301
    from solver.report.asking import match as show

    check_patient("explain", patient, given["trials"], "TRIAL")
    return show(question(where="", **given), [patient], form, "explanation", report_error)


@verbs.command(context_settings=HELP)
@click.argument("patient", metavar="PATIENT.json")
@click.argument("trials", nargs=-1, metavar="[TRIAL...]")
@click.option(
    "--horizon", default="7y", metavar="7y|18m|90d", help="How far to look ahead (7y, at most 50y)."
)
@options(FORM, ALSO_TRIALS, AS_OF, FIRST_DOSE, CONTEXT, ASSUME, LENIENT, ENCODINGS)
def when(
    patient: str, trials: tuple[str, ...], also: tuple[str, ...], horizon: str, form: Form, **given: Any
) -> int:
    """Show from when until when each trial takes the patient, if only time passes.

    Every fact stays as recorded and only the day moves. For each trial the days are shown on which the patient is eligible, or may be,
    with the clause that binds each end, or why there is no such day; a timeline has a bar for each clock.

    \b
      match when patient.json
      match when patient.json TRIAL --horizon 18m --first-dose YYYY-MM-DD
    """  # noqa: D301
    from solver.report.asking import when as show

    check_patient("when", patient, trials, "TRIAL")
    return show(
        question(trials=(*trials, *also), where="--trials" if also else "", **given),
        patient,
        horizon,
        form,
        report_error,
    )


@verbs.command(context_settings=HELP)
@click.argument("patient", metavar="PATIENT.json")
@click.argument("trials", nargs=-1, metavar="[TRIAL...]")
@click.option(
    "--show-pair", "pairs", is_flag=True, help="Show two patients of opposite verdicts who fit the record."
)
@options(FORM, ALSO_TRIALS, AS_OF, FIRST_DOSE, CONTEXT, ASSUME, LENIENT, ENCODINGS)
def tests(
    patient: str, trials: tuple[str, ...], also: tuple[str, ...], pairs: bool, form: Form, **given: Any
) -> int:
    """Show what to order: what settles each trial, the shortest way in, and what does not matter.

    \b
      match tests patient.json
      match tests patient.json TRIAL --show-pair
    """  # noqa: D301
    from solver.report.asking import tests as show

    check_patient("tests", patient, trials, "TRIAL")
    return show(
        question(trials=(*trials, *also), where="--trials" if also else "", **given),
        patient,
        form,
        report_error,
        pairs=pairs,
    )


@verbs.command("what-if", context_settings=HELP)
@click.argument("patient", metavar="PATIENT.json")
@click.argument("changes", nargs=-1, required=True, metavar="VARIABLE=VALUE... [or ...]")
@options(FORM, TRIALS, AS_OF, CONTEXT, ASSUME, LENIENT, ENCODINGS)
def what_if(patient: str, changes: tuple[str, ...], form: Form, **given: Any) -> int:
    """Show the verdicts before and after changes of the record, side by side.

    VALUE is written as in a record: a number with its unit, a date, yes or no, a value of an enumeration, a list with commas, or JSON.
    The value unknown forgets a fact; as_of=YYYY-MM-DD moves the day of evaluation. The word or begins another scenario: they are shown
    below one another, a row each.

    \b
      match what-if patient.json VARIABLE=2 "VARIABLE=480 ms" VARIABLE=unknown
      match what-if patient.json as_of=YYYY-MM-DD --trials CODE
      match what-if patient.json VARIABLE=yes or VARIABLE=no or VARIABLE=unknown
      match what-if patient.json 'VARIABLE={"max": 480, "unit": "ms"}'
    """  # noqa: D301
    from solver.report.asking import what_if as show

    check_patient("what-if", patient, changes, "VARIABLE=VALUE")
    return show(question(**given), patient, changes, form, report_error)


@verbs.command(context_settings=HELP)
@click.argument("patient", metavar="PATIENT.json")
@click.argument("others", nargs=-1, metavar="")
@options(FORM, TRIALS, AS_OF, CONTEXT, ASSUME, LENIENT, ENCODINGS)
def sequence(patient: str, others: tuple[str, ...], form: Form, **given: Any) -> int:
    """Show what entering one trial does to the others.

    A matrix says for each trial that the patient can, or might, enter how the others stand while on it and afterwards, with the clauses
    that close them; then come the orders that keep most doors open. What entering a trial changes is said by `match trials TRIAL`.

    \b
      match sequence patient.json
      match sequence patient.json --format json
    """  # noqa: D301
    from solver.report.asking import sequence as show

    check_patient("sequence", patient, others, "--trials TRIAL")
    return show(question(**given), patient, form, report_error)


@verbs.command(context_settings=HELP)
@click.argument("patient", metavar="PATIENT.json")
@click.argument("trials", nargs=-1, metavar="[TRIAL...]")
@click.option("--smtlib", is_flag=True, expose_value=False, help="As SMT-LIB 2, so far the only form.")
@click.option("-o", "--output", "folder", metavar="DIR", help="Write a file for each claim into this folder.")
@options(FORM, AS_OF, FIRST_DOSE, CONTEXT, ASSUME, LENIENT, ENCODINGS)
def export(patient: str, folder: str | None, form: Form, **given: Any) -> int:
    """Write every claim of an answer as a certificate: an SMT-LIB 2 script that another solver can check.

    The claims are the verdict, each conflict and each deciding set, and that they are minimal; or, of a record that contradicts itself,
    each contradiction. Without -o the scripts are printed one after another, with (reset) between them.

    \b
      match export --smtlib patient.json TRIAL -o certificates
      match export --smtlib patient.json TRIAL | match verify -
    """  # noqa: D301
    from solver.questions.certificates.export import export as write

    check_patient("export", patient, given["trials"], "TRIAL")
    return write(question(where="", **given), patient, folder, form, report_error)


@verbs.command(context_settings=HELP)
@click.argument("files", nargs=-1, required=True, metavar="FILE|DIR...")
@click.option("--solver", "command", metavar="COMMAND", help="The solver, which is given each file last.")
@click.option("--seconds", type=Seconds(min=0.001, max=86400), default=10.0, help="For each claim (10).")
@click.option(
    "--record", "patient", metavar="PATIENT.json", help="Export the record again, and compare each file."
)
@options(FORM, TRIALS, AS_OF, FIRST_DOSE, CONTEXT, ASSUME, LENIENT, ENCODINGS)
def verify(
    files: tuple[str, ...], command: str | None, seconds: float, patient: str | None, form: Form, **given: Any
) -> int:
    """Check certificates with another solver, and whether they are those of a record.

    FILE is what match export --smtlib wrote; - reads standard input, and DIR stands for the .smt2 files in it. By default the solver is
    the Python module cvc5, or else the first of cvc5, yices-smt2, mathsat, opensmt and z3 that is found. It confirms what a script
    states, not what its comments say: with --record each must be one that match export gives again, with the options it was given.

    Exit codes: 0 all are confirmed, and the record's own; 1 one is not, or is undecided; 2 the input is wrong or there is no solver.
    """
    from solver.questions.certificates.verify import verify as check

    return check(files, command, seconds, form, patient, question(**given) if patient else None)


@verbs.command(context_settings=HELP)
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
    from solver.questions.diff.command import diff as compare

    return compare(load(encodings), (first, second), as_of, cohort, form, report_error)


@verbs.command(context_settings=HELP)
@click.argument("trial", required=False, metavar="TRIAL")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "markdown"]),
    default="table",
    help="A table (default), JSON with the patients' records, or Markdown to sign.",
)
@click.option("--verify", "sheet", metavar="FILE", help="Judge the patients of a sheet in JSON once more.")
@click.option("-o", "--output", metavar="FILE", help="Write to this file.")
@options(ENCODINGS)
def examples(
    trial: str | None, form: SheetForm, sheet: str | None, output: str | None, encodings: str | None
) -> int:
    """Show patients just inside and just outside each clause of a trial, for review by a clinician.

    TRIAL is a code, an NCT number or a file of one trial. The patients of an example differ in one fact, and meet every other clause. The
    sheet in JSON is a regression test: with --verify the patients are judged by the present encodings.

    \b
      match examples CODE --format markdown -o review.md
      match examples CODE --format json -o sheet.json
      match examples --verify sheet.json

    Exit codes: 0 answered, 1 a patient of the sheet stands otherwise, 2 the input is wrong.
    """  # noqa: D301
    from solver.questions.examples import command as review

    if sheet is not None:
        return review.verify(load(encodings), trial, sheet, form, output)
    if trial is None:
        raise click.UsageError("Missing argument 'TRIAL', or --verify FILE.")
    review.examples(load(encodings), trial, form, output)
    return ANSWERED


@verbs.command(context_settings=HELP)
@click.argument("files", nargs=-1, metavar="[TRIAL|FILE...]")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "sarif"]),
    default="table",
    help="A table (default), JSON on one line, or SARIF 2.1.0.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "note"]),
    default="error",
    help="The least severe finding that gives the exit code 1 (error).",
)
@options(ENCODINGS)
def check(files: tuple[str, ...], form: CheckForm, fail_on: Severity, encodings: str | None) -> int:
    """Check trial files for what contradicts itself, says nothing, or cannot be meant.

    Clauses that nobody can meet, or everybody, that others imply, exceptions that do nothing, gaps between bands, slips of units, and
    more, each with its place, what it rests on, and a patient who shows it. Without TRIAL or FILE all encodings are checked. A finding
    that is right is acknowledged in the file, with the reason.

    \b
      match check
      match check my-trial.yaml --fail-on warning
      match check --format sarif

    Exit codes: 0 nothing as severe as --fail-on, 1 something is, 2 the input is wrong.
    """  # noqa: D301
    from solver.questions.check.page import check as ask

    return ask(load(encodings), encodings, files, form, fail_on)


@verbs.command(context_settings=HELP)
@click.argument("trials", nargs=-1, metavar="[TRIAL...]")
@options(FORM, ENCODINGS)
def trials(trials: tuple[str, ...], form: Form, encodings: str | None) -> int:
    """Show what is encoded: the trials, from which sources and how completely.

    With TRIAL, a code or an NCT number, each of its clauses stands beside its logic. JSON holds everything either way.
    """
    from solver.report.output import print_catalogue

    library = load(encodings)
    print_catalogue(library, chosen(library, trials) or list(library.trials), form, clauses=bool(trials))
    return ANSWERED


@verbs.command(context_settings=HELP)
@options(form_option("A record with comments (default), or plain JSON without."), TRIALS, ENCODINGS)
def template(trials: tuple[str, ...], form: Form, encodings: str | None) -> int:
    """Print a record to fill in, with the variables that the trials need.

    Every variable is unknown, below a line that says how to write it. What settles most comes first.

    \b
      match template --trials CODE > patient.json
      match patient.json --as-of YYYY-MM-DD
    """  # noqa: D301
    from solver.report.output import print_template

    library = load(encodings)
    print_template(library, chosen(library, trials, "--trials") or library.trials, form)
    return ANSWERED


@verbs.command(context_settings=HELP)
@click.argument("name", default="record", type=click.Choice(SCHEMAS), metavar="[NAME]")
@options(form_option("The JSON Schema itself (default), or a table of its properties.", "json"), ENCODINGS)
def schema(name: SchemaName, form: Form, encodings: str | None) -> int:
    """Print a JSON Schema (draft 2020-12), for an editor or another program.

    Of a record (the default), a site's context, the output in JSON of match (output) or of another verb, or a file of
    encodings: a trial, a vocabulary, a theory, the workup.
    """
    from solver.report.output import print_schema

    print_schema(name, load(encodings), form)
    return ANSWERED


def report_error(error: Exception) -> int:
    """Print an error, one line a problem, and return the exit code it calls for."""
    from solver.report.failure import report

    return report(error, WRONG_INPUT, FAILED)


def main() -> int:
    """Run the command line; no error shows a stack trace, nor what a record holds."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        code = int(verbs.main(prog_name="match", standalone_mode=False) or ANSWERED)
        sys.stdout.flush()
        return code
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except SystemExit as stop:  # 1 is click's way out of a closed pipe
        return PIPE_CLOSED if stop.code == 1 else int(stop.code or ANSWERED)
    except Exception as error:
        return report_error(error)


def run() -> NoReturn:
    """Run the command line as a process of its own."""
    process.run(main)


if __name__ == "__main__":
    run()
process.stop_as_before(_interrupt)
