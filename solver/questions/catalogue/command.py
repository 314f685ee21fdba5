"""The verb `match trials`."""

from __future__ import annotations

from solver.report.command_line.failure import ANSWERED
from solver.report.command_line.options import ENCODINGS, FORM, TRIAL_NAMES, chosen, load, verb
from solver.report.command_line.output import Form


@verb("trials", TRIAL_NAMES, FORM, ENCODINGS)
def trials(trials: tuple[str, ...], form: Form, encodings: str | None) -> int:
    """Show what is encoded: the trials, from which sources and how completely.

    With TRIAL, a code or an NCT number, each of its clauses stands beside its logic. JSON holds everything either way.
    """
    from solver.questions.catalogue.ask import encoded_trials
    from solver.questions.catalogue.page import catalogue_page
    from solver.report.command_line.output import print_text, show, terminal_width
    from solver.report.json import json_text

    library = load(encodings)
    answer = encoded_trials(library, chosen(library, trials) or library.trials)
    if form == "json":
        print_text(json_text(answer))
    else:
        show(catalogue_page(answer, library, terminal_width(), clauses=bool(trials)))
    return ANSWERED
