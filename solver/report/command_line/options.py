"""The options of the verbs, and what they say of the library and of the question."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from solver.report.command_line.arguments import Option, Verb

if TYPE_CHECKING:
    from solver.library.files.site import Site
    from solver.library.models import Library, Trial
    from solver.patient.record import Context
    from solver.report.command_line.question import Question


def show_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    """Print the version and stop."""
    if wanted and not ctx.resilient_parsing:
        from solver.version import __version__

        click.echo(f"match (trialproof) {__version__}")
        ctx.exit()


def full_date(_: click.Context, option: click.Parameter, written: str | None) -> str | None:
    """A day given as an option, once it is known to be one."""
    if written is not None:
        from solver.patient.readers.native.dates import NotADateError, parse_date

        try:
            parse_date(written, partial=False)
        except NotADateError as error:
            raise click.UsageError(f"{option.opts[0]}: {error}") from None
    return written


class Seconds(click.FloatRange):
    """A number of seconds within bounds, which `nan` is not."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The number; fails, as for any other text, if it is none."""
        found = super().convert(value, param, ctx)
        return found if found == found else self.fail(f"{value!r} is not a number of seconds", param, ctx)


def options(*chosen: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The options of a verb, in the order in which its help shows them."""

    def decorate(command: Any) -> Any:
        for option in reversed(chosen):
            command = option(command)
        return command

    return decorate


def option(*declared: str, **given: Any) -> Callable[[Any], Any]:
    """An option of a verb."""
    return click.option(*declared, cls=Option, **given)


HELP = {"help_option_names": ["-h", "--help"]}


def verb(name: str, *parameters: Callable[[Any], Any]) -> Callable[[Any], click.Command]:
    """A verb of this name, with its arguments and options in the order in which its help shows them."""
    return lambda command: click.command(name, cls=Verb, context_settings=HELP)(options(*parameters)(command))


def form_option(about: str, default: str = "table") -> Callable[[Any], Any]:
    """The form of the output, which every verb lets one choose."""
    forms = click.Choice(["table", "json"])
    return option("--format", "form", type=forms, default=default, help=about)


PATIENT = click.argument("patient", metavar="PATIENT.json")
TRIAL_NAMES = click.argument("trials", nargs=-1, metavar="[TRIAL...]")
FORM = form_option("A table (default), or JSON on one line.")
FORM_OF_SEVERAL = form_option("A table (default), or JSON on one line: for patients, a line each.")
FULL = option("--full", is_flag=True, help="The whole page, in place of the brief one.")
TRIALS = option(
    "--trials", multiple=True, metavar="NAME[,NAME...]", help="Only these trials, by code or NCT number."
)
ALSO_TRIALS = option("--trials", "--trial", "also", multiple=True, metavar="NAME[,NAME...]", help="As TRIAL.")
AS_OF = option(
    "--as-of",
    metavar="YYYY-MM-DD",
    callback=full_date,
    help="The day of evaluation, in place of the record's own.",
)
FIRST_DOSE = option(
    "--first-dose",
    metavar="YYYY-MM-DD",
    callback=full_date,
    help="Judge for a first dose planned for this day, in place of the record's own.",
)
CONTEXT = option(
    "--context", metavar="FILE", help="A context for all records; a record's own wins, and it over a site's."
)
LENIENT = option(
    "--lenient", is_flag=True, help="Leave out facts that are wrong, and say so, in place of an error."
)
ASSUME = option(
    "--assume",
    multiple=True,
    metavar="NAME[,NAME...]",
    help="Take for granted what this policy says of what is not recorded; the answer names what it rests on.",
)
PRESCREEN = option(
    "--prescreen",
    is_flag=True,
    help="Assume with every policy: each verdict says so, and what was assumed is a list to tick.",
)
WITHOUT = option(
    "--without",
    multiple=True,
    metavar="ID[,ID...]",
    help="Leave out these clauses: what fits then is said to fit without them.",
)
_ADDED = "trialproof.add_trials"


def _keep_added(ctx: click.Context, _: click.Parameter, paths: tuple[str, ...]) -> None:
    """Keep the paths of what is added to the encodings for `load`, so that no verb has to hand them on."""
    ctx.meta[_ADDED] = paths


_SITE = "trialproof.site"


def _keep_site(ctx: click.Context, _: click.Parameter, path: str | None) -> None:
    """Keep the path of the file of a site, which says of all verbs what options would."""
    if path == "":
        raise click.UsageError("--site is empty: give it a value, or leave it out", ctx)
    ctx.meta[_SITE] = path


SITE = option(
    "--site",
    metavar="FILE",
    envvar="TRIALPROOF_SITE",
    expose_value=False,
    callback=_keep_site,
    help="A site's own trials, codes, context, policies, and which trials it has open; also TRIALPROOF_SITE.",
)
_FOLDER = option(
    "--encodings", metavar="DIR", help="The folder of encodings, in place of the one that comes along."
)
_ADD_TRIALS = option(
    "--add-trials",
    multiple=True,
    metavar="PATH",
    expose_value=False,
    callback=_keep_added,
    help="Trials of your own, a file or a folder, besides those of the encodings.",
)


def ENCODINGS(command: Any) -> Any:  # noqa: N802 - one of the options, though it is three
    """Where the encodings are, what is added to them, and what a site says of them."""
    return _FOLDER(_ADD_TRIALS(SITE(command)))


_EXPORT = "trialproof.export"


def _keep_export(ctx: click.Context, option: click.Parameter, given: Any) -> Any:
    """Keep an option on how an export of a hospital is read for `question`, so that no verb has to hand it on."""
    ctx.meta.setdefault(_EXPORT, {})[option.name] = given


def _export_option(*names: str, **given: Any) -> Callable[[Any], Any]:
    return option(*names, expose_value=False, callback=_keep_export, **given)


CODES = _export_option(
    "--codes", "code_folders", multiple=True, metavar="DIR", help="A site's own mapping of codes."
)
_OF_AN_EXPORT = (
    _export_option(
        "--patient",
        "--person",
        "chosen_patients",
        multiple=True,
        metavar="ID",
        help="Of an export with several patients, this one.",
    ),
    _export_option(
        "--complete",
        "complete_lists",
        multiple=True,
        metavar="NAME[,NAME...]",
        help="These lists of an export are complete: conditions, procedures, medications.",
    ),
    _export_option(
        "--facts",
        "added_facts",
        metavar="FILE",
        help="A record whose facts are added to those of an export, and win.",
    ),
    CODES,
    _export_option("--id", "record_id", metavar="TEXT", help="The id of the record made of an export."),
    _export_option("--no-ids", is_flag=True, help="Name resources by their place alone, never by their id."),
)


def OF_AN_EXPORT(command: Any) -> Any:  # noqa: N802 - options, though they are several
    """How an export of a hospital is read."""
    return options(*_OF_AN_EXPORT)(command)


EVERY_PERSON = _export_option("--all", "every_patient", is_flag=True, help="Of a database, every person.")
REPORT = _export_option(
    "--report",
    "report_path",
    metavar="FILE",
    help="Write what became of everything in an export, a line of JSON a patient; - is standard output.",
)

OF_A_RECORD = (AS_OF, FIRST_DOSE, CONTEXT, ASSUME, PRESCREEN, LENIENT, OF_AN_EXPORT, ENCODINGS)
"""What a verb about a record is told of how to judge it."""
ON_A_DAY = (AS_OF, CONTEXT, ASSUME, PRESCREEN, LENIENT, OF_AN_EXPORT, ENCODINGS)
"""The same for one that is not asked of a planned first dose."""
VERSION = option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=show_version,
    help="Show the version and exit.",
)


def load(encodings: str | None) -> Library:
    """The library to work with, with what a site says of it."""
    return _site_library(encodings)[1]


def _site_library(encodings: str | None) -> tuple[Site | None, Library]:
    """The site of which a file was given, and the library: what options give wins over what the site gives."""
    from solver.library.load import load_library

    ctx = click.get_current_context(silent=True)
    path = ctx.meta.get(_SITE) if ctx is not None else None
    trials, codes = added_paths(), _export_options().get("code_folders", ())
    if path is None:
        return None, load_library(encodings, add_trials=trials, codes=codes)
    from solver.library.files.site import read_site  # reads YAML, which takes time to import

    site = read_site(path)
    library = load_library(encodings, add_trials=trials, codes=codes or site.codes, site_trials=site.trials)
    return site, site.applied(library)


def _export_options() -> dict[str, Any]:
    ctx = click.get_current_context(silent=True)
    return ctx.meta.get(_EXPORT, {}) if ctx is not None else {}


def report_path() -> str | None:
    """Where the reports on exports are to be written."""
    path: str | None = _export_options().get("report_path")
    return path


def added_paths() -> tuple[str, ...]:
    """The paths of what the user adds to the encodings."""
    ctx = click.get_current_context(silent=True)
    return ctx.meta.get(_ADDED, ()) if ctx is not None else ()


def chosen(library: Library, names: Iterable[str], where: str = "") -> list[str] | None:
    """The codes of the trials that are named; None if none is."""
    from solver.library.choice import choose_trials

    return choose_trials(library, names, where) if names else None


def named_trial(library: Library, name: str) -> tuple[Trial, str | None]:
    """The trial that a word names, of the library, of a file or of a revision of one, and its file if it is one."""
    from solver.errors import InputError
    from solver.library.choice import choose_trials
    from solver.library.files.revisions import file_of_revision, names_a_revision
    from solver.library.files.yaml_places import document_of
    from solver.library.load import load_trial
    from solver.library.trial_files import compile_trial
    from solver.patient.readers.native.json_text import display_name

    known = library.trial(name)
    if known is not None:
        return known, None
    if names_a_revision(name):
        content = file_of_revision(name)
        return compile_trial(document_of(content, display_name(name)), library), display_name(name)
    if name.endswith((".yaml", ".yml")) or os.sep in name or Path(name).exists():
        return load_trial(name, library), display_name(name)
    try:
        choose_trials(library, [name])
    except InputError as error:
        raise InputError([f"{problem}, or give a .yaml file" for problem in error.problems]) from None
    raise InputError(f"'{name}' names several trials: give one")


def assumed(library: Library, names: Iterable[str]) -> tuple[str, ...]:
    """The assumption policies that are named."""
    from solver.library.choice import choose_policies

    found = choose_policies(library, names, "--assume")
    if names and not found:
        from solver.errors import InputError

        raise InputError(f"--assume: names no policy: the policies are {', '.join(library.policies)}")
    return found


def question(
    *,
    trials: Iterable[str],
    also: Iterable[str] | None = None,
    encodings: str | None,
    assume: tuple[str, ...],
    context: str | None,
    prescreen: bool = False,
    without: tuple[str, ...] = (),
    **more: Any,
) -> Question:
    """What a verb about patients is asked with; `also` are the trials named by option, where `trials` are arguments."""
    from solver.engine.case import Engine
    from solver.library.choice import choose_clauses
    from solver.patient.readers.native.read import read_bytes, read_context
    from solver.report.command_line.question import Question

    site, library = _site_library(encodings)
    codes = chosen(library, (*trials, *(also or ())), "" if also is not None and not also else "--trials")
    of_site = None if site is None else _site_context(site, library)
    alone, whole = None, of_site
    if context is not None:
        content = read_bytes(context)
        alone, whole = (read_context(content, library, name=context, over=over) for over in (None, of_site))
    given = assumed(library, assume)
    if site is not None and not assume:
        given = site.policies(library)
    policies = (*given, *(library.policies if prescreen else ()))
    left_out = choose_clauses(library, without, "--without") if without else ()
    engine = Engine(library, assume=policies, without=left_out)
    return Question(library, engine, codes, context=whole, given_context=alone, **more, **_reading())


def _site_context(site: Site, library: Library) -> Context:
    from solver.patient.readers.native.site_context import site_context

    return site_context(site, library)


def _reading() -> dict[str, Any]:
    """How exports are read, as the options say; raises `InputError` for a list that is none, or facts that are no record."""
    given = _export_options()
    if not any(value for name, value in given.items() if name != "code_folders"):
        return {}
    from solver.errors import InputError
    from solver.patient.readers.foreign.settings import reading_settings
    from solver.patient.readers.formats import PatientChoice

    if given["chosen_patients"] and given.get("every_patient"):
        raise InputError("--all means every person, and --person one of them: give one of the two")
    return {
        "choice": PatientChoice(given["chosen_patients"], bool(given.get("every_patient")), given["no_ids"]),
        "settings": reading_settings(
            given["record_id"] or "", given["complete_lists"], given["added_facts"], no_ids=given["no_ids"]
        ),
    }
