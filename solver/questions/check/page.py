"""The verb `match check`: read trial files, check them, print what is found."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from shutil import get_terminal_size
from typing import Literal

from solver.language.tree import variables
from solver.library.compile import compile_trial
from solver.library.load import default_encodings
from solver.library.models import Library
from solver.library.yaml_places import Document, read_document
from solver.patient.readers.native.json_text import display_name
from solver.questions.check.ask import check as ask
from solver.questions.check.document import CheckAnswer, check_json, places
from solver.questions.check.findings import SEVERITIES, Finding, Severity
from solver.questions.check.sarif import sarif_json
from solver.questions.check.trial_view import Source
from solver.report.any_day import days_words
from solver.report.head import FAINT, HEADING
from solver.report.named_trial import named_trial
from solver.report.output import print_text, show
from solver.report.page import Page
from solver.report.progress import Progress
from solver.report.words import Wording, listed, number

CheckForm = Literal["table", "json", "sarif"]

FINE, FOUND = 0, 1

_FACTS = 8
_STYLES: dict[Severity, str] = {"error": "bold red", "warning": "bold yellow", "note": "bold"}
_BASIS = (
    "Judged on every patient that the theory allows, evaluated {days} and for any first dose "
    "of the next ten years, while every cohort is open. What holds within plausible ranges only is said so."
)


def check(
    library: Library, encodings: str | None, names: Sequence[str], form: CheckForm, fail_on: Severity
) -> int:
    """Print what is found in trials, and return 1 if a finding that is not acknowledged is as severe as `fail_on`, else 0.

    A name is a trial of the library or a file; without one, all of the library is checked. Raises `InputError` for a name that is
    neither, and with every fault of a file.
    """
    folder = default_encodings() if encodings is None else Path(encodings)
    sources = [_source(library, folder, name) for name in names or library.trials]
    documents = None if names else _documents(folder)
    with Progress(1):
        found = ask(library, sources, documents)
    answer = CheckAnswer(tuple(source.trial.code for source in sources), found)
    if form == "table":
        show(check_page(answer, library, sources, get_terminal_size().columns))
    else:
        print_text(check_json(answer, library) if form == "json" else sarif_json(answer))
    return FOUND if answer.worst(fail_on) else FINE


def _source(library: Library, folder: Path, name: str) -> Source:
    """The trial of a name with its document."""
    trial = library.trial(name)
    if trial is not None:
        path = folder / "trials" / trial.file
        return Source(trial, read_document(path, _called(path)), _called(path))
    named_trial(library, name)
    document = read_document(Path(name), display_name(name))
    return Source(compile_trial(document, library), document, display_name(name))


def _documents(folder: Path) -> dict[str, Document]:
    return {_called(path): read_document(path, _called(path)) for path in sorted(folder.rglob("*.yaml"))}


def _called(path: Path) -> str:
    """How findings call a file: from the working directory where it lies within it."""
    within = os.path.relpath(path)
    return str(path) if within.startswith(os.pardir) else within


def check_page(answer: CheckAnswer, library: Library, sources: Sequence[Source], width: int) -> Page:
    """The findings for people: errors first, what is acknowledged last."""
    report = _Report(answer, library, sources, width)
    report.write()
    return report.page


class _Report:
    def __init__(self, answer: CheckAnswer, library: Library, sources: Sequence[Source], width: int) -> None:
        self.answer, self.library, self.page = answer, library, Page(width)
        clauses = [(source.name, clause) for source in sources for clause in source.trial.clauses]
        self.labels = {(file, clause.id): clause.label for file, clause in clauses}
        self.spoken = {
            (file, clause.id): frozenset[str]().union(*map(variables, clause.conditions.values()))
            for file, clause in clauses
        }

    def write(self) -> None:
        """Add everything to the page."""
        page, counts = self.page, self.answer.counted()
        page.text(f"Consistency of {listed(self.answer.trials)}", style=HEADING)
        parts = [number(counts[severity], severity) for severity in SEVERITIES if counts[severity]]
        acknowledged = [finding for finding in self.answer.findings if finding.acknowledged is not None]
        told = ", ".join(parts) or "nothing found"
        page.text(f"{told}; {len(acknowledged)} acknowledged" if acknowledged else told)
        for finding in self.answer.findings:
            if finding.acknowledged is None:
                self._finding(finding)
        if acknowledged:
            page.blank()
            page.text("Acknowledged in the file", style=HEADING)
            for finding in acknowledged:
                page.text(f"{self._where(finding)}: {finding.kind}: {finding.text}", indent=2, lead="- ")
                page.text(f"Reason: {finding.acknowledged}", indent=4, style=FAINT)
        page.blank()
        page.text(_BASIS.format(days=days_words()), style=FAINT)

    def _where(self, finding: Finding) -> str:
        place = places(finding)[0]
        return f"{place['file']}:{place['line']}:{place['column']}"

    def _finding(self, finding: Finding) -> None:
        page = self.page
        page.blank()
        page.text(
            f"{self._where(finding)}: {finding.severity}: {finding.kind}", style=_STYLES[finding.severity]
        )
        page.text(finding.text, indent=2)
        for place in places(finding):
            clause = place["clause"]
            if clause is not None:
                page.text(
                    f"{clause}, line {place['line']}: {self.labels[place['file'], clause]}",
                    indent=2,
                    lead="- ",
                    style=FAINT,
                )
        if finding.witness is not None:
            self._witness(finding)

    def _witness(self, finding: Finding) -> None:
        assert finding.witness is not None
        words = Wording(self.library, finding.witness)
        spoken = frozenset[str]().union(
            *(self.spoken[at["file"], at["clause"]] for at in places(finding) if at["clause"] is not None)
        )
        names = sorted(finding.witness.facts, key=lambda name: name not in spoken)
        text = "; ".join(words.fact(name) for name in names[:_FACTS])
        if len(names) > _FACTS:
            text += f"; and {number(len(names) - _FACTS, 'more fact')} (--format json)"
        self.page.text(text, indent=2, lead="Such a patient: ")
