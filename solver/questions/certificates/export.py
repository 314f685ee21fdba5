"""`match export --smtlib`: every claim of an answer as a certificate, in files or as one stream."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Literal

from typing_extensions import TypedDict

from solver.errors import InputError
from solver.language.calendar import format_day
from solver.library.models import Trial
from solver.patient.digest import record_digest
from solver.patient.readers.native.several import Entry
from solver.patient.record import Record
from solver.questions.certificates.claims import Claim, certificates, contradiction_certificates
from solver.questions.match.ask import trial_answer
from solver.questions.match.document import EngineShape
from solver.report.every_record import every_record
from solver.report.output import Answers, Form, print_text
from solver.report.page import Page
from solver.report.question import Question
from solver.report.writing import write_file
from solver.smt import SOLVER
from solver.smt.certificate import EXIT, RESET, Status
from solver.text import clean
from solver.version import __version__

SCHEMA: Literal["trialproof/export/1"] = "trialproof/export/1"

_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")
_LONGEST = 60


class ClaimShape(TypedDict):
    """A claim, and the answer that a solver must give to its script."""

    name: str
    claim: str
    status: Status
    file: str | None
    """The name of its file; null where the script is given here."""
    script: str | None
    """The script; null where it is in a file."""


class ExportShape(TypedDict):
    """The claims of an answer."""

    schema: Literal["trialproof/export/1"]
    engine: EngineShape
    patient: str
    as_of: str
    """The day of evaluation, `YYYY-MM-DD`."""
    digest: str
    """A digest of what the record says, as in the output of match."""
    policies: list[str]
    """Ids of the assumption policies in force."""
    claims: list[ClaimShape]


def export(question: Question, patient: str, folder: str | None, form: Form) -> int:
    """Print the claims of the answer for each record, or write each to a file of `folder` and print a list of them."""
    answers, seen = Answers(form), set[str]()

    def ask(entry: Entry) -> Callable[[], None]:
        record = question.read(entry)
        if folder is not None and record.id in seen:
            raise InputError(
                f"{entry.name}: has the id of an earlier record, whose files would be overwritten: give each its own"
            )
        found = claims(question, record)
        if folder is not None:
            _save(Path(folder), record, found)
        first = not seen
        seen.add(record.id)
        if folder is None and form == "table":
            return lambda: print_text(("" if first else RESET) + stream(found).removesuffix(EXIT).rstrip())
        return lambda: answers.one(
            lambda: _json(question, record, found, inline=folder is None),
            lambda width: _list_of_claims(record, found, str(folder), width),
        )

    code = every_record([patient], ask)
    if folder is None and form == "table" and seen:
        print_text(EXIT.rstrip())
    answers.close()
    return code


def _list_of_claims(record: Record, found: Sequence[Claim], folder: str, width: int) -> Page:
    lines = Page(width)
    lines.text(f"{len(found)} claims written to {folder}: check them with match verify {folder}")
    lines.blank()
    for claim in found:
        lines.text(f"{file_name(record, claim)}: {claim.sentence}", indent=2, lead="- ")
    return lines


def claims(question: Question, record: Record) -> list[Claim]:
    """All claims of the answer for a record. Raises `InputError` where there is no answer to certify."""
    engine = question.engine
    chosen = engine.chosen(question.trials)
    posed = engine.pose(record)
    if posed.consistent is None:
        raise InputError(
            f"{record.id}: the solver did not decide whether the record contradicts itself, so that there is nothing to certify"
        )
    about = _heading(question, record)
    if posed.consistent is False:
        return list(contradiction_certificates(posed.problem, posed.contradictions.subsets, about))
    matching = engine.matching(posed, [])
    found: list[Claim] = []
    for trial in chosen:
        answer = trial_answer(matching, matching.decision(trial))
        found += certificates(
            matching, trial, answer, [*about, *_trial_heading(trial, record), f"verdict: {answer.verdict}"]
        )
    return found


def stream(found: Sequence[Claim]) -> str:
    """The scripts one after another, for one run of a solver."""
    return RESET.join(claim.script for claim in found) + EXIT


def file_name(record: Record, claim: Claim) -> str:
    """The name of a claim's file: safe on every system, and different for patients with different names."""
    return f"{_safe(record.id)}.{'.'.join(map(_safe, claim.name.split('.')))}.smt2"


def _safe(name: str) -> str:
    safe = _UNSAFE.sub("_", name)[:_LONGEST]
    return safe if safe == name else f"{safe}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def _save(folder: Path, record: Record, found: Iterable[Claim]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        reason = str(getattr(error, "strerror", None) or error).lower()
        raise InputError(f"{clean(str(folder))}: cannot be written: {reason}") from None
    for claim in found:
        write_file(folder / file_name(record, claim), claim.script + EXIT)


def _heading(question: Question, record: Record) -> list[str]:
    """What every script says of where it comes from."""
    lines = [
        f"Trialproof {__version__}, {SOLVER}, encodings {question.library.digest}",
        f"patient: {record.id}, as of {format_day(record.as_of)}",
        f"record: {record_digest(record)}",
    ]
    if question.engine.policies:
        lines.append(f"assumption policies: {', '.join(question.engine.policies)}")
    return lines


def _trial_heading(trial: Trial, record: Record) -> list[str]:
    context = record.context
    lines = [f"trial: {trial.code} {trial.nct}: {trial.title}"]
    if trial.code in context.open_cohorts:
        lines.append(f"open cohorts: {', '.join(sorted(context.open_cohorts[trial.code])) or 'none'}")
    if context.readings:
        lines.append(f"readings: {', '.join(sorted(context.readings))}")
    if context.secondary_sources:
        lines.append("secondary sources count")
    return lines


def _json(question: Question, record: Record, found: Sequence[Claim], *, inline: bool) -> str:
    document: ExportShape = {
        "schema": SCHEMA,
        "engine": {"version": __version__, "solver": SOLVER, "encodings": question.library.digest},
        "patient": record.id,
        "as_of": format_day(record.as_of),
        "digest": record_digest(record),
        "policies": list(question.engine.policies),
        "claims": [
            {
                "name": claim.name,
                "claim": claim.sentence,
                "status": claim.status,
                "file": None if inline else file_name(record, claim),
                "script": claim.script + EXIT if inline else None,
            }
            for claim in found
        ],
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
