"""The verb `match serve`."""

from __future__ import annotations

from typing import Any

import click

from solver.report.command_line.failure import ANSWERED
from solver.report.command_line.options import ENCODINGS, form_option, option, question, verb
from solver.report.command_line.output import Form

PORT = 8420
"""The port where none is given."""

_PORT = option(
    "--port",
    type=click.IntRange(0, 65535),
    default=PORT,
    metavar="N",
    help=f"The port, {PORT} by default; 0 takes a free one.",
)
_FORM = form_option("What is printed once it is ready: a link (table, default), or JSON on one line.")


@verb("serve", _PORT, _FORM, ENCODINGS)
def serve(port: int, form: Form, encodings: str | None, **_: Any) -> int:
    """Open a page on this machine that asks what matters, and answers while you type.

    The link that is printed works once, in a browser on this machine; nothing else is let in, and nothing leaves it. What is told of a
    patient is held in memory, and is gone with "Forget this visit", after 8 hours, and when the server ends, with Ctrl-C. Programs ask with
    the token: see the page /api.

    \b
      match serve
      match serve --site ward.yaml
      match serve --port 0 --format json
    """  # noqa: D301
    import json

    from solver.errors import InputError
    from solver.report.command_line.output import print_text

    try:
        from solver.serve.application import application
        from solver.serve.desk import Desk
        from solver.serve.doors import Keys
        from solver.serve.server import open_port, run_server
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("solver"):
            raise
        raise InputError("match serve needs the extra serve: pip install 'trialproof[serve]'") from None
    asked = question(trials=(), encodings=encodings, assume=(), context=None)
    desk = Desk(asked.library, asked.engine.policies, asked.context)
    listening = open_port(port)
    keys = Keys(listening.getsockname()[1])

    def ready() -> None:
        if form == "json":
            print_text(json.dumps({"url": keys.link, "token": keys.token, "port": keys.port}))
            return
        print_text(
            f"Open once, in a browser on this machine: {keys.link}\n"
            f"Token for programs: {keys.token}\n"
            "What is told of a patient stays in memory. Ctrl-C ends it."
        )

    run_server(application(desk, keys), listening, ready)
    return ANSWERED
