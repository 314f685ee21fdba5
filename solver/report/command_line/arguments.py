"""The words of the command line: which verb they name, and what those in the wrong place were meant to be, before anything is printed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from typing import Any

import click

from solver.errors import nearest
from solver.text import LONGEST, quote

_RECORDS = (".json", ".ndjson", ".jsonl")
_OPTIONS = ("--help", "--version")

DEFAULT_VERB = "patients"
EMPTY = "an argument is empty: give a name or a file, or - for standard input"


class DefaultContext(click.Context):
    """The context of the verb that may be left out: usage does not show it."""

    @property
    def command_path(self) -> str:
        """The words before the arguments."""
        return self.parent.command_path if self.parent else ""


class Option(click.Option):
    """An option whose help is one line as it stands: to clean it click would import more than a command has use for."""

    def __init__(self, *declared: Any, **given: Any) -> None:
        about = given.pop("help", None)
        super().__init__(*declared, **given)
        self.help = about


class _Helpful(click.Command):
    """A command that asks for no translation of what its help is called: there is none."""

    _asking: Option | None = None

    def get_help_option(self, ctx: click.Context) -> Option:
        """The option that prints the help and stops."""
        if self._asking is None:
            names = self.get_help_option_names(ctx)
            about = "Show this message and exit."
            self._asking = Option(
                names, is_flag=True, expose_value=False, is_eager=True, help=about, callback=_show_help
            )
        return self._asking


def _show_help(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        click.echo(ctx.get_help(), color=ctx.color)
        ctx.exit()


class Verb(_Helpful):
    """A verb; no word that it is given is empty, as one is that a script left unset."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the words; raise `UsageError` for an empty one."""
        rest = super().parse_args(ctx, args)
        for param in self.get_params(ctx):
            value = ctx.params.get(param.name or "")
            if value == "" or (
                isinstance(param, click.Argument) and isinstance(value, tuple) and "" in value
            ):
                option = isinstance(param, click.Option)
                told = f"{param.opts[0]} is empty: give it a value, or leave it out" if option else EMPTY
                raise click.UsageError(told, ctx)
        return rest


class DefaultCommand(Verb):
    """The verb that may be left out."""

    context_class = DefaultContext


class Verbs(_Helpful, click.Group):
    """A group of verbs, each loaded when it is asked for; anything that is no verb goes to the default one.

    `homes` says where each verb is, as `module:name`, the default one under `DEFAULT_VERB`.
    """

    def __init__(self, *, homes: Mapping[str, str], **given: Any) -> None:
        super().__init__(**given)
        self._homes = homes

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the verbs."""
        return list(self._homes)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb of this name, or None."""
        if cmd_name not in self._homes:
            return None
        module, _, name = self._homes[cmd_name].partition(":")
        found: click.Command = getattr(import_module(module), name)
        return found

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the default verb before arguments that name none; without arguments, ask it for help."""
        if not args or args[0] not in self._homes:
            args = [DEFAULT_VERB, *(args or ["--help"])]
        return super().parse_args(ctx, args)


def check_patients(patients: Sequence[str], verbs: Iterable[str]) -> None:
    """Raise `UsageError` if a word in place of a record is no file and looks like no path: a verb that is misspelt, or not the first."""
    check_input(patients)
    known = sorted(verbs)
    for i, word in enumerate(patients):
        if not _is_word(word):
            continue
        if word in known:
            raise click.UsageError(f"{quote(word)} is a verb, which comes first: match {word} PATIENT.json")
        meant = _word_meant(word, known)
        if i == 0 or meant:
            hint = f"; did you mean '{meant}'?" if meant else ""
            raise click.UsageError(f"{quote(word)} is neither a file nor a verb{hint}")
        raise click.UsageError(
            f"{quote(word)} is no file: trials are named with --trials, as in --trials {word}"
        )


def check_patient(verb: str, patient: str, others: Sequence[str], form: str) -> None:
    """Raise `UsageError` if the record of a verb does not come first, or is not the only one; `form` is how the rest is given."""
    check_input([patient])
    records = [other for other in others if _is_record(other) and other != "-"]
    if _is_word(patient) or ("=" in patient and not os.path.exists(patient)):
        first = quote(records[0]).strip("'") if records else "PATIENT.json"
        rest = (
            form.replace("TRIAL", quote(patient).strip("'"))
            if "=" not in patient
            else quote(patient).strip("'")
        )
        raise click.UsageError(
            f"{quote(patient)} is no file: the record comes first, as in match {verb} {first} {rest}"
        )
    if others and form.startswith("-"):
        raise click.UsageError(f"{quote(others[0])} is one too many: {verb} takes a record, and {form}")
    if records:
        raise click.UsageError(f"{quote(records[0])} is a file: {verb} takes one record, and then {form}")


def records_first(patient: str, words: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    """The records of a verb that takes several, and the words behind them; a further record is a file, and stands before them.

    Raises `UsageError` for a record that is named twice.
    """
    count = 0
    while not _is_word(patient) and count < len(words) and _is_record(words[count]):
        count += 1
    records = [patient, *words[:count]]
    twice = next((word for i, word in enumerate(records) if word in records[:i]), None)
    if twice is not None:
        raise click.UsageError(f"{quote(twice)} is given twice: name each record once")
    return records, tuple(words[count:])


def _is_record(word: str) -> bool:
    return word == "-" or word.endswith(_RECORDS) or os.path.isfile(word)


def check_input(files: Sequence[str]) -> None:
    """Raise `UsageError` if standard input is to be read twice."""
    if list(files).count("-") > 1:
        raise click.UsageError("- is given twice: standard input can be read once")


def _word_meant(word: str, verbs: Sequence[str]) -> str | None:
    """The verb, or the option, that a word comes nearest to: there are so few that a guess can be bold."""
    from difflib import get_close_matches  # slow to import, and needed only here

    options = {option.lstrip("-"): option for option in _OPTIONS}
    known = [*verbs, *options]
    close = get_close_matches(word[:LONGEST].casefold(), known, n=1)
    found = nearest(word[:LONGEST], known, words=True) or next(iter(close), None)
    return options.get(found, found) if found else None


def _is_word(text: str) -> bool:
    """Whether a text is a bare word and no file."""
    return not (text == "-" or os.sep in text or "." in text or os.path.exists(text))
