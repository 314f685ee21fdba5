"""A site: what its file says of trials, codes and policies, in place of options that would be the same in every command.

    trials_open: {A: {open: true, rank: 1}, "B.ESC": {open: false}}

The registry may call A completed: at the site it is open, and stands before others of its verdict. B takes nobody into ESC.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from solver.dataclass import dataclass
from solver.errors import InputError, did_you_mean
from solver.library.beside import AtSite, SiteName
from solver.library.choice import choose_policies
from solver.library.files.file_faults import FilePart, stop_if_wrong
from solver.library.files.file_limits import MOST_BYTES
from solver.library.files.site_file import OpenTrialShape, SiteFileShape, site_document
from solver.library.files.yaml_places import Document
from solver.library.models import Library, Trial
from solver.reading import read_file
from solver.text import clean, quote


@dataclass(frozen=True)
class Site:
    """The file of a site, of which the names are not looked up yet; `trials` and `codes` are paths."""

    name: SiteName
    document: Document
    shape: SiteFileShape
    trials: tuple[str, ...]
    codes: tuple[str, ...]

    def policies(self, library: Library) -> tuple[str, ...]:
        """The assumption policies of the site; raises `InputError`."""
        faults: list[str] = []
        for i, name in enumerate(self.shape.policies):
            try:
                choose_policies(library, [name])
            except InputError as error:
                faults += [f"{self.document.place(('policies', i))}: {problem}" for problem in error.problems]
        stop_if_wrong(faults)
        return choose_policies(library, self.shape.policies) if self.shape.policies else ()

    def applied(self, library: Library) -> Library:
        """The library with what the site says of its trials, and the name of the site; raises `InputError` with every fault."""
        faults: list[str] = []
        whole: dict[str, AtSite] = {}
        parts: dict[str, dict[str, AtSite]] = {}
        for key, shape in self.shape.trials_open.items():
            part = FilePart(self.document, ("trials_open", key), faults)
            found = _named_trial(key, part, library)
            if found is None:
                continue
            trial, cohort = found
            into = whole if cohort is None else parts.setdefault(trial.code, {})
            if (name := cohort or trial.code) in into:
                _fault_at_key(part, f"{quote(key)} is given twice: keep one")
            into[name] = _at_site(shape)
        for key, contact in self.shape.contacts.items():
            part = FilePart(self.document, ("contacts", key), faults)
            named = _trial_called(key, part, library)
            if named is not None:
                whole[named.code] = replace(whole.get(named.code, AtSite()), contact=contact)
        stop_if_wrong(faults)
        trials = dict(library.trials)
        # what another site said before is taken back
        before = {each.code for each in trials.values() if each.at_site or each.cohorts_at_site}
        for code in whole.keys() | parts.keys() | before:
            cohorts = parts.get(code, {})
            at_site = _with_rank(whole.get(code), cohorts.values())
            trials[code] = replace(trials[code], at_site=at_site, cohorts_at_site=cohorts)
        return replace(library, trials=trials, site=self.name)


def read_site(path: str | os.PathLike[str]) -> Site:
    """The site that a file describes, YAML or JSON; its paths lead from the folder of the file. Raises `InputError` with every fault."""
    name = clean(os.fspath(path))
    content = read_file(path, name, MOST_BYTES, streams=True)
    document, shape = site_document(content, name)
    faults: list[str] = []
    trials, codes = (
        _paths(FilePart(document, (key,), faults), given, Path(path).parent)
        for key, given in (("trials", shape.trials), ("codes", shape.codes))
    )
    stop_if_wrong(faults)
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    return Site(SiteName(shape.name or Path(path).stem, digest), document, shape, trials, codes)


def _paths(part: FilePart, given: Sequence[str], folder: Path) -> tuple[str, ...]:
    found = []
    for i, path in enumerate(given):
        whole = folder / path
        try:
            exists = whole.exists()
        except (OSError, ValueError):
            exists = False
        if not exists:
            part.fault(f"{quote(path)} does not exist: a path leads from the folder of this file", i)
        found.append(str(whole))
    return tuple(found)


def _at_site(shape: OpenTrialShape) -> AtSite:
    return AtSite(
        open=None if shape.open is None else shape.open == "true",
        slots=None if shape.slots is None else int(shape.slots),
        note=shape.note,
        rank=None if shape.rank is None else int(shape.rank),
    )


def _with_rank(said: AtSite | None, parts: Iterable[AtSite]) -> AtSite | None:
    """What is said of a trial, which has the best rank of its cohorts where it has none of its own."""
    ranks = [part.rank for part in parts if part.rank is not None and part.open is not False]
    if not ranks or (said is not None and said.rank is not None):
        return said
    return replace(said or AtSite(), rank=min(ranks))


def _named_trial(key: str, part: FilePart, library: Library) -> tuple[Trial, str | None] | None:
    """The trial that a key names, and its cohort if it names one, as in `A.ESC`."""
    trial = library.trial(key)
    if trial is not None:
        return trial, None
    halves = [(key[:i], key[i + 1 :]) for i, letter in enumerate(key) if letter == "."]
    code, cohort = next((each for each in halves if library.trial(each[0])), (key.partition(".")[0], ""))
    trial = _trial_called(code, part, library)
    if trial is None:
        return None
    if cohort not in trial.cohorts:
        hint = did_you_mean(cohort, trial.cohorts) or f": its cohorts are {', '.join(trial.cohorts)}"
        _fault_at_key(part, f"{quote(cohort)} is not a cohort of {trial.code}{hint}")
        return None
    return trial, cohort


def _trial_called(name: str, part: FilePart, library: Library) -> Trial | None:
    trial = library.trial(name)
    if trial is None:
        known = [each for trial in library.trials.values() for each in (trial.code, trial.nct)]
        hint = did_you_mean(name, known, words=True) or f": the trials are {', '.join(library.trials)}"
        _fault_at_key(part, f"{quote(name)} is not a known trial{hint}")
    return trial


def _fault_at_key(part: FilePart, message: str) -> None:
    part.faults.append(f"{part.document.key_place(part.path)}: {message}")
