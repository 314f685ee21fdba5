"""The verbs `match export` and `match verify`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from solver.report.arguments import Verb, check_patient
from solver.report.options import (
    AS_OF,
    ASSUME,
    CONTEXT,
    ENCODINGS,
    FIRST_DOSE,
    FORM,
    HELP,
    LENIENT,
    TRIALS,
    Seconds,
    options,
    question,
)

if TYPE_CHECKING:
    from solver.report.output import Form


@click.command("export", cls=Verb, context_settings=HELP)
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
    return write(question(where="", **given), patient, folder, form)


@click.command("verify", cls=Verb, context_settings=HELP)
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
