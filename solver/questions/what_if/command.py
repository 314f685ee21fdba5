"""The verb `match what-if`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from solver.errors import InputError
from solver.report.command_line.arguments import check_patient
from solver.report.command_line.options import FORM, FULL, ON_A_DAY, PATIENT, TRIALS, question, verb
from solver.report.command_line.output import Form

if TYPE_CHECKING:
    from solver.patient.readers.formats import PatientEntry
    from solver.report.page import Page

_CHANGES = click.argument("changes", nargs=-1, required=True, metavar="VARIABLE=VALUE... [or ...]")


@verb("what-if", PATIENT, _CHANGES, FULL, FORM, TRIALS, *ON_A_DAY)
def what_if(patient: str, changes: tuple[str, ...], full: bool, form: Form, **given: Any) -> int:
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
    from solver.patient.changes import changed_from
    from solver.questions.what_if.ask import scenarios as ask
    from solver.questions.what_if.brief_page import brief_scenarios_page, brief_what_if_page
    from solver.questions.what_if.page import scenarios_page, what_if_page
    from solver.report.command_line.every_record import every_record
    from solver.report.command_line.output import Answers
    from solver.report.json import json_text

    check_patient("what-if", patient, changes, "VARIABLE=VALUE")
    asked = question(**given)
    library, scenarios, answers = asked.library, _scenario_changes(changes), Answers(form, brief=not full)

    def about(entry: PatientEntry) -> Callable[[], None]:
        value = entry.value if entry.export is None else asked.converted(entry).document
        records = [
            changed_from(
                value,
                library,
                scenario,
                name=entry.name,
                as_of=asked.as_of,
                context=asked.context,
                lenient=asked.lenient,
                where="what-if",
            )
            for scenario in scenarios
        ]
        found = ask(asked.engine, records, asked.trials)

        def page(width: int) -> Page:
            if len(found) == 1:
                one = what_if_page if full else brief_what_if_page
                return one(found[0], records[0], library, width)
            several = scenarios_page if full else brief_scenarios_page
            return several(found, records, library, width)

        return lambda: answers.one(lambda: "\n".join(map(json_text, found)), page)

    code = every_record([patient], about, choice=asked.choice)
    answers.close()
    return code


def _scenario_changes(changes: Sequence[str]) -> list[list[str]]:
    """The changes of each scenario; raises `InputError` for one without changes."""
    scenarios: list[list[str]] = [[]]
    for change in changes:
        if change == "or":
            scenarios.append([])
        else:
            scenarios[-1].append(change)
    if not all(scenarios):
        raise InputError("what-if: 'or' stands between two scenarios, each with at least one VARIABLE=VALUE")
    return scenarios
