"""The verb `match template`."""

from __future__ import annotations

from solver.report.command_line.failure import ANSWERED
from solver.report.command_line.options import ENCODINGS, TRIALS, chosen, form_option, load, verb
from solver.report.command_line.output import Form


@verb("template", form_option("A record with comments (default), or plain JSON without."), TRIALS, ENCODINGS)
def template(trials: tuple[str, ...], form: Form, encodings: str | None) -> int:
    """Print a record to fill in, with the variables that the trials need.

    Every variable is unknown, below a line that says how to write it. What settles most comes first.

    \b
      match template --trials CODE > patient.json
      match patient.json --as-of YYYY-MM-DD
    """  # noqa: D301
    from solver.questions.template.page import template as commented
    from solver.questions.template.page import template_json
    from solver.report.command_line.output import print_text

    library = load(encodings)
    codes = chosen(library, trials, "--trials") or library.trials
    print_text((template_json if form == "json" else commented)(library, codes))
    return ANSWERED
