"""The verb `match vocabulary`."""

from __future__ import annotations

import click

from solver.report.command_line.failure import ANSWERED
from solver.report.command_line.options import ENCODINGS, FORM, load, verb
from solver.report.command_line.output import Form

_WORDS = click.argument("words", nargs=-1, metavar="[WORDS]")


@verb("vocabulary", _WORDS, FORM, ENCODINGS)
def vocabulary(words: tuple[str, ...], form: Form, encodings: str | None) -> int:
    """Say what to write for a thing: the variables and concepts that WORDS can mean.

    They are found by name, synonym, brand, code or label. Without WORDS everything is listed.

    \b
      match vocabulary creatinine
      match vocabulary C92.0

    Exit codes: 0 answered, also where nothing is found, 2 the input is wrong.
    """  # noqa: D301
    from solver.questions.vocabulary.ask import found_by_words
    from solver.questions.vocabulary.page import vocabulary_page
    from solver.report.command_line.output import print_json_or_page
    from solver.report.json import json_text

    answer = found_by_words(load(encodings), " ".join(words))
    print_json_or_page(form, lambda: json_text(answer), lambda width: vocabulary_page(answer, width))
    return ANSWERED
