"""The verb `match diff`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from solver.report.arguments import Verb
from solver.report.options import AS_OF, ENCODINGS, FORM, HELP, load, options

if TYPE_CHECKING:
    from solver.report.output import Form

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
    from dataclasses import replace

    from solver.patient.readers.native.dates import parse_date
    from solver.questions.diff.ask import Amendment, compare
    from solver.questions.diff.cohort import Cohort
    from solver.questions.diff.document import Answer, diff_json
    from solver.questions.diff.page import diff_page
    from solver.report.named_trial import named_trial
    from solver.report.output import print_json_or_page
    from solver.report.progress import Progress

    library = load(encodings)
    before, after = (named_trial(library, name) for name in (first, second))
    day = None if as_of is None else int(parse_date(as_of, partial=False).low)
    with Progress(1):
        comparison = compare(library, before[0], after[0], as_of=day)
        answer = Answer(comparison, (before[1], after[1]))
        code = DIFFERENT if comparison.differs else SAME
        if cohort is not None:
            reader = Cohort(Amendment(library, before[0], after[0]), cohort, as_of)
            answer = replace(answer, patients=tuple(reader.patients()), wrong=reader.wrong)
            code = max(code, reader.code)
    print_json_or_page(
        form, lambda: diff_json(answer, library), lambda width: diff_page(answer, library, width)
    )
    return code
