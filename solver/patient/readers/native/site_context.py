"""The context of a site's file: YAML in place of JSON, and faults with the line where they stand.

A cohort that `trials_open` says is not open is closed as in `open_cohorts`: of a trial with the cohorts ESC and EXP, `B.ESC: {open: false}`
leaves open what `open_cohorts: {B: [EXP]}` does.
"""

from __future__ import annotations

import re
from typing import Any

from solver.library.files.file_faults import FilePart, stop_if_wrong
from solver.library.files.site import Site
from solver.library.files.site_file import is_null, is_plain
from solver.library.files.yaml_places import Document, PathInFile
from solver.library.models import Library, Trial
from solver.patient.readers.native.context import GivenContext, context_from
from solver.patient.readers.native.json_text import NumberText, settle
from solver.patient.readers.native.record_faults import Findings, step
from solver.patient.record import Context
from solver.patterns import pattern

_CONTEXT = "context"
_NUMBER = pattern(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)


def site_context(site: Site, library: Library) -> Context:
    """The context that a site gives for all its patients, under a library with what it says of its trials; raises `InputError`."""
    document, given = site.document, GivenContext()
    if site.shape.context is not None:
        findings = _PlacedFindings(document)
        value = settle(_json_value(document, (_CONTEXT,), document.data[_CONTEXT]), findings, _CONTEXT)
        said = {key: each for key, each in value.items() if each is not None}
        given = context_from(said, library, _CONTEXT, findings)
        findings.stop_if_wrong()
    context = given.over(Context())
    faults: list[str] = []
    closed = dict(context.open_cohorts)
    for trial in library.trials.values():
        closed |= _open_in(trial, given, site, faults)
    stop_if_wrong(faults)
    return Context(closed, context.readings, context.secondary_sources, context.reference)


def _open_in(trial: Trial, given: GivenContext, site: Site, faults: list[str]) -> dict[str, frozenset[str]]:
    """The cohorts of a trial that are open, where the site says of some that they are not."""
    said = {name: part.open for name, part in trial.cohorts_at_site.items() if part.open is not None}
    left = given.open_cohorts.get(trial.code, frozenset(trial.cohorts))
    shut = [name for name, is_open in said.items() if not is_open]
    for name, is_open in said.items():
        part = FilePart(site.document, ("trials_open", _key_of(trial, name, site)), faults)
        if is_open and name not in left:
            part.fault(f"{trial.code}.{name} is open here and closed in context.open_cohorts: keep one")
        if not is_open and not trial.routed:
            whole = f"write {trial.code}: {{open: false}}" if len(trial.cohorts) == 1 else "leave it out"
            part.fault(f"cohorts of {trial.code} cannot be closed, because it has no routing clause: {whole}")
    return {trial.code: left.difference(shut)} if shut else {}


def _key_of(trial: Trial, cohort: str, site: Site) -> str:
    """The key under which the file speaks of a cohort."""
    names = {f"{name}.{cohort}".casefold() for name in (trial.code, trial.nct)}
    return next(key for key in site.shape.trials_open if key.casefold() in names)


class _PlacedFindings(Findings):
    """Faults that begin with the line of the file."""

    def __init__(self, document: Document) -> None:
        super().__init__(document.name)
        self.document = document
        self._paths: dict[str, PathInFile] = {}
        for path in document.nodes:
            if path[:1] == (_CONTEXT,):
                where = ""
                for part in path:
                    where = step(where, part)
                self._paths[where] = path

    def add(self, where: str, problem: str) -> None:
        """Note a fault at a place."""
        self._note_problem(self.document.place(self._paths.get(where, (_CONTEXT,))), where, problem)

    def add_key(self, where: str, key: str, problem: str) -> None:
        """Note that a key of a place is not right."""
        path = (*self._paths.get(where, (_CONTEXT,)), key)
        self._note_problem(self.document.key_place(path), where, problem)

    def _note_problem(self, place: str, where: str, problem: str) -> None:
        self.problems.append(f"{place}: {where}: {problem}")


def _json_value(document: Document, path: PathInFile, value: Any) -> Any:
    """What stands at a place, with the values that JSON has: numbers, true, false and null where they stand without quotes."""
    if isinstance(value, dict):
        return {key: _json_value(document, (*path, key), each) for key, each in value.items()}
    if isinstance(value, list):
        return [_json_value(document, (*path, i), each) for i, each in enumerate(value)]
    if is_null(document, path):
        return None
    plain = is_plain(document.nodes[path])
    if plain and value in ("true", "false"):
        return value == "true"
    return NumberText(value) if plain and _NUMBER.fullmatch(value) else value
