"""`match verify`: whether another solver gives the answers that certificates say it must give."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from shutil import get_terminal_size
from typing import Literal

from typing_extensions import TypedDict

from solver.errors import InputError
from solver.language.calendar import format_day
from solver.patient.readers.native.json_text import display_name
from solver.questions.certificates.own_claims import Origin, OwnClaims, own_claims
from solver.reading import read_file, unreadable
from solver.report.output import Form, print_text, show
from solver.report.page import Page
from solver.report.progress import Progress
from solver.report.question import Question
from solver.smt.certificate import Status
from solver.smt.external import Reply, Result, Script, find_checker, scripts
from solver.text import clean

SCHEMA: Literal["trialproof/verify/1"] = "trialproof/verify/1"

CONFIRMED, NOT_CONFIRMED = 0, 1

MOST_BYTES = 50_000_000
"""Of a file of certificates; the example with the most has less than a tenth of it."""

Checked = tuple[Script, Reply]

_ORIGIN: dict[Origin, str] = {
    "own": "",
    "differs": "; DIFFERS from what the record's export has under this name",
    "foreign": "; is NO CLAIM of the record",
}


class CheckedShape(TypedDict):
    """A claim, and what the other solver says of it."""

    name: str
    claim: str
    status: Status
    """What a solver must answer."""
    answer: Status | None
    """What it answered; null if it did not decide."""
    result: Result
    note: str
    """Why it did not decide."""
    origin: Origin | None
    """With `--record`: `own` if the record's export has just this script, `differs` if it has another one under this name."""


class RecordShape(TypedDict):
    """The record whose claims the certificates are compared with."""

    patient: str
    digest: str
    """A digest of what the record says, as in the output of match."""
    trials: list[str]
    """The trials whose claims were exported again: those asked for, or else those that the scripts name."""
    own: int
    others: int
    missing: list[str]
    """The files of the record's claims that were not given."""


class VerifyShape(TypedDict):
    """Certificates checked by another solver."""

    schema: Literal["trialproof/verify/1"]
    solver: str
    seconds: float
    """How long the solver was given for each claim."""
    confirmed: int
    disagrees: int
    undecided: int
    record: RecordShape | None
    """Null without `--record`: then only the scripts are confirmed, and not that they state the claims of an answer."""
    claims: list[CheckedShape]


def verify(
    paths: Sequence[str],
    command: str | None,
    seconds: float,
    form: Form,
    patient: str | None = None,
    question: Question | None = None,
) -> int:
    """Check the scripts of files, folders or standard input, and print what comes out.

    With a `patient`, whose answer `question` asks for, the scripts are compared with the claims of that record. Returned is 0 if all
    scripts are confirmed, and are those of the record; else 1.

    Raises `InputError` for what is no certificate, and where no solver is found.
    """
    given = list(_read(paths))
    claimed = own_claims(question, patient, given) if question is not None and patient is not None else None
    checker = find_checker(command)
    checked: list[Checked] = []
    with Progress(len(given)) as progress:
        for script in given:
            checked.append((script, checker.ask(script.text, seconds)))
            progress.step()
    if form == "json":
        print_text(json.dumps(_document(checked, checker.name, seconds, claimed), ensure_ascii=False))
    else:
        show(_page(checked, checker.name, claimed, get_terminal_size().columns))
    confirmed = all(reply.result(script) == "confirmed" for script, reply in checked)
    theirs = claimed is None or all(claimed.origin(script) == "own" for script in given)
    return CONFIRMED if confirmed and theirs else NOT_CONFIRMED


def _read(paths: Iterable[str]) -> Iterator[Script]:
    for path in paths:
        if path != "-" and Path(path).is_dir():
            files = sorted(map(str, Path(path).glob("*.smt2")))
            if not files:
                raise InputError(f"{clean(path)}: holds no .smt2 file: give what match export -o wrote")
        else:
            files = [path]
        for file in files:
            yield from scripts(display_name(file), _text(file))


def _text(path: str) -> str:
    name = display_name(path)
    if path == "-":
        try:
            data = sys.stdin.buffer.read(MOST_BYTES + 1)
        except (OSError, ValueError) as error:
            raise unreadable(name, error) from None
    else:
        data = read_file(path, name, MOST_BYTES, streams=True)
    if len(data) > MOST_BYTES:
        raise InputError(f"{name}: is larger than {MOST_BYTES // 1_000_000} MB: give what match export wrote")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise InputError(f"{name}: is not UTF-8: give what match export wrote") from None


def _count(checked: Sequence[Checked]) -> Counter[Result]:
    return Counter(reply.result(script) for script, reply in checked)


def _page(checked: Sequence[Checked], solver: str, claimed: OwnClaims | None, width: int) -> Page:
    page, count = Page(width), _count(checked)
    page.text(f"{count['confirmed']} of {len(checked)} claims confirmed by {solver}", style="bold")
    if count["disagrees"]:
        page.text(f"{count['disagrees']} CONTRADICTED: a claim is wrong, or a solver is", style="bold red")
    if count["undecided"]:
        nothing = ": nothing could be decided" if count["undecided"] == len(checked) else ""
        page.text(f"{count['undecided']} undecided, and not confirmed{nothing}", style="bold")
    _compared(page, [script for script, _ in checked], claimed)
    page.blank()

    def fine(each: Checked) -> bool:
        own = claimed is None or claimed.origin(each[0]) == "own"
        return own and each[1].result(each[0]) == "confirmed"

    for script, reply in sorted(checked, key=fine):
        result = reply.result(script)
        said = {
            "confirmed": "confirmed",
            "disagrees": f"DISAGREES, it answers {reply.answer} and not {script.status}",
            "undecided": f"undecided, it {reply.note}",
        }[result]
        origin = "" if claimed is None else _ORIGIN[claimed.origin(script)]
        page.text(f"{script.name}: {said}{origin}", lead="- ")
        if script.claim:
            page.text(clean(script.claim), indent=2, style="dim")
    return page


def _compared(page: Page, scripts: Sequence[Script], claimed: OwnClaims | None) -> None:
    """What is known of where the scripts come from."""
    if claimed is None:
        page.text(
            "Confirmed are the scripts alone. Whether they state the claims of a record: add --record PATIENT.json"
        )
        return
    own = sum(claimed.origin(script) == "own" for script in scripts)
    patient = f"{clean(claimed.record.id)}, as of {format_day(claimed.record.as_of)}"
    page.text(f"{own} of {len(scripts)} are the claims of {patient}", style="bold")
    if own < len(scripts):
        page.text(f"{len(scripts) - own} NOT OF THIS RECORD: do not rely on what they say", style="bold red")
    missing = claimed.missing(scripts)
    if missing:
        page.text(f"{len(missing)} missing: {', '.join(missing)}")


def _record(scripts: Sequence[Script], claimed: OwnClaims) -> RecordShape:
    own = sum(claimed.origin(script) == "own" for script in scripts)
    return {
        "patient": claimed.record.id,
        "digest": claimed.digest,
        "trials": list(claimed.trials),
        "own": own,
        "others": len(scripts) - own,
        "missing": claimed.missing(scripts),
    }


def _document(
    checked: Sequence[Checked], solver: str, seconds: float, claimed: OwnClaims | None
) -> VerifyShape:
    count = _count(checked)
    return {
        "schema": SCHEMA,
        "solver": solver,
        "seconds": seconds,
        "confirmed": count["confirmed"],
        "disagrees": count["disagrees"],
        "undecided": count["undecided"],
        "record": None if claimed is None else _record([script for script, _ in checked], claimed),
        "claims": [
            {
                "name": script.name,
                "claim": script.claim,
                "status": script.status,
                "answer": reply.answer,
                "result": reply.result(script),
                "note": reply.note,
                "origin": None if claimed is None else claimed.origin(script),
            }
            for script, reply in checked
        ],
    }
