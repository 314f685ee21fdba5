"""The command line: the group of verbs, and their errors as exit codes.

A verb is imported once it is asked for, and the engine once there is work for it, so that `--help` and errors of usage come at once.
"""

from __future__ import annotations

import gc

_looked_for = gc.isenabled()
gc.disable()  # what is imported stays

from solver.report.command_line import process

_before = process.stop_at_once()  # first of all: the imports below take time

from solver.report.command_line.late_imports import import_as_ever, import_late

_SELDOM = "inspect", "ipaddress", "ntpath"  # click and pathlib import them, and have seldom use for them
import_late(*_SELDOM)

import sys
from typing import NoReturn

import click

from solver.questions import MATCH, TABLE
from solver.report.command_line.arguments import DEFAULT_VERB, Verbs
from solver.report.command_line.failure import ANSWERED, INTERRUPTED, PIPE_CLOSED, report_error

_HOMES = {name: f"{verb.package}.{verb.home}" for name, verb in {**TABLE, DEFAULT_VERB: MATCH}.items()}

_OBJECTS = 300_000
"""After how many more objects garbage is looked for: nearly all of what a command makes is of use to its end."""


@click.group(cls=Verbs, homes=_HOMES)
def verbs() -> None:
    """Match patients against clinical trials."""


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
    gc.set_threshold(_OBJECTS)
    gc.enable()
    import_late(*_SELDOM)
    process.run(main)


if __name__ == "__main__":
    run()
import_as_ever(*_SELDOM)
process.stop_as_before(_before)
if _looked_for:
    gc.enable()
