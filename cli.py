"""The command line: parsing and printing, no logic.

The engine is imported once there is work for it, so that `--help` and errors of usage come at once.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from solver.report.printer import Form

ANSWERED, WRONG_INPUT, FAILED, INTERRUPTED, PIPE_CLOSED = 0, 2, 3, 130, 141
DEFAULT_VERB = "patients"


class DefaultContext(click.Context):
    """The context of the verb that may be left out: usage does not show it."""

    @property
    def command_path(self) -> str:
        """The words before the arguments."""
        return self.parent.command_path if self.parent else ""


class DefaultCommand(click.Command):
    """The verb that may be left out."""

    context_class = DefaultContext


class Verbs(click.Group):
    """A group of verbs, in which anything that is no verb goes to the default one."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the default verb before arguments that name none; without arguments, ask it for help."""
        if not args or args[0] not in self.commands:
            args = [DEFAULT_VERB, *(args or ["--help"])]
        return super().parse_args(ctx, args)


def show_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    """Print the version and stop."""
    if wanted and not ctx.resilient_parsing:
        from solver import __version__

        click.echo(f"match (trialproof) {__version__}")
        ctx.exit()


def full_date(_: click.Context, __: click.Parameter, written: str | None) -> str | None:
    """A day given as an option, once it is known to be one."""
    if written is not None:
        from solver.patient.dates import NotADateError, parse_date

        try:
            parse_date(written, partial=False)
        except NotADateError as error:
            raise click.UsageError(f"--as-of: {error}") from None
    return written


@click.group(cls=Verbs)
def verbs() -> None:
    """Match patients against clinical trials."""


@verbs.command(DEFAULT_VERB, cls=DefaultCommand, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("patients", nargs=-1, required=True, metavar="PATIENT.json...")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json"]),
    default="table",
    help="A table (default), or one line of JSON a patient.",
)
@click.option(
    "--trials", multiple=True, metavar="NAME[,NAME...]", help="Only these trials, by code or NCT number."
)
@click.option(
    "--as-of",
    metavar="YYYY-MM-DD",
    callback=full_date,
    help="The day of evaluation, in place of the record's own.",
)
@click.option("--context", "site", metavar="FILE", help="A site's context; a record's own wins.")
@click.option(
    "--encodings", metavar="DIR", help="The folder of encodings, in place of the one that comes along."
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=show_version,
    help="Show the version and exit.",
)
def match(
    patients: tuple[str, ...],
    form: Form,
    trials: tuple[str, ...],
    as_of: str | None,
    site: str | None,
    encodings: str | None,
) -> int:
    r"""Match patients against clinical trials, and say why.

    PATIENT.json is a patient's record; - reads standard input. Each trial's verdict is eligible, undetermined (data are missing that
    matter) or ineligible, with the reason; a record that contradicts itself gets no verdict.

    \b
      match patient.json
      match patient.json --format json --trials CODE
      match *.json --context site.json

    Exit codes: 0 answered, 2 the input is wrong (other files are still answered), 3 the engine failed. Answers go to standard output,
    errors and progress to standard error. Nothing is sent anywhere.
    """
    from solver.errors import EngineError, InputError
    from solver.library.choice import choose_trials
    from solver.library.load import load_library
    from solver.patient.read import read_bytes, read_context, read_record
    from solver.questions.matcher import Matcher
    from solver.report.printer import Printer
    from solver.report.progress import Progress

    library = load_library(encodings)
    chosen = choose_trials(library, trials) if trials else None
    context = read_context(read_bytes(site), library, name=site) if site is not None else None
    matcher = Matcher(library)
    printer = Printer(form, library)
    code = ANSWERED
    with Progress(len(patients)) as progress:
        for name in patients:
            try:
                record = read_record(read_bytes(name), library, name=name, as_of=as_of, context=context)
                answer = matcher.match(record, chosen)
            except (InputError, EngineError) as error:
                progress.clear()
                code = max(code, report_error(error))
            else:
                progress.clear()
                printer.answer(answer, record)
            progress.step()
    printer.close()
    return code


def report_error(error: Exception) -> int:
    """Print an error, one line a problem, and return the exit code it calls for."""
    from solver.errors import InputError

    if isinstance(error, InputError):
        lines, code = error.problems, WRONG_INPUT
    elif isinstance(error, click.ClickException):
        text = error.format_message().rstrip(".").replace(". Did", "; did")
        lines, code = (f"{text[:1].lower()}{text[1:]} (see match --help)",), WRONG_INPUT
    elif isinstance(error, OSError):
        lines, code = (f"cannot write the answer: {str(error.strerror).lower()}",), FAILED
    else:
        lines, code = (
            (f"the engine failed, and this is a fault of the program: {type(error).__name__}",),
            FAILED,
        )
    for line in lines:
        click.echo(f"error: {line}", err=True)
    return code


def main() -> int:
    """Run the command line; no error shows a stack trace, nor what a record holds."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        code = int(verbs.main(prog_name="match", standalone_mode=False) or ANSWERED)
        sys.stdout.flush()
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except SystemExit as stop:  # click's way out of a closed pipe
        return PIPE_CLOSED if stop.code == 1 else int(stop.code or ANSWERED)
    except OSError as error:
        os.dup2(
            os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno()
        )  # what is left to print has nowhere to go
        return report_error(error)
    except Exception as error:
        return report_error(error)
    return code


if __name__ == "__main__":
    sys.exit(main())
