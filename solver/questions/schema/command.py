"""The verb `match schema`."""

from __future__ import annotations

import click

from solver.questions import ANSWER_OF, ANSWERS
from solver.report.command_line.failure import ANSWERED
from solver.report.command_line.options import ENCODINGS, form_option, load, verb
from solver.report.command_line.output import Form

NAMES = (
    "record",
    "context",
    *ANSWERS,
    *ANSWER_OF,
    "trial",
    "vocabulary",
    "concepts",
    "theory",
    "workup",
    "site",
    "site-file",
    "codes",
)
_NAME = click.argument("name", default="record", type=click.Choice(NAMES), metavar="[NAME]")
_FORM = form_option("The JSON Schema itself (default), or a table of its properties.", "json")


@verb("schema", _NAME, _FORM, ENCODINGS)
def schema(name: str, form: Form, encodings: str | None) -> int:
    """Print a JSON Schema (draft 2020-12), for an editor or another program.

    Of a record (the default), a site's context, the output in JSON of match (output) or of another verb, or a file of
    encodings: a trial, a vocabulary, concepts, a theory, the workup, what a site adds to these, or the codes of other systems; or of the
    file of a site (site-file), for --site.
    """
    from solver.questions.schema.ask import schema as ask
    from solver.questions.schema.ask import schema_json
    from solver.questions.schema.page import schema_table
    from solver.report.command_line.output import print_text, show, terminal_width

    library = load(encodings)
    if form == "json":
        print_text(schema_json(name, library))
    else:
        show(schema_table(ask(name, library), terminal_width()))
    return ANSWERED
