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
from solver.patient.json_text import display_name
from solver.reading import read_file, unreadable
from solver.report.layout import Page
from solver.report.printer import Form, print_text, show
from solver.report.progress import Progress
from solver.smt.confirm import Reply, Result, Script, find_checker, scripts
from solver.smt.export import Status
from solver.text import clean

SCHEMA: Literal["trialproof/verify/1"] = "trialproof/verify/1"

CONFIRMED, NOT_CONFIRMED = 0, 1

MOST_BYTES = 50_000_000
"""Of a file of certificates; the example with the most has less than a tenth of it."""

Checked = tuple[Script, Reply]


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


class VerifyShape(TypedDict):
    """Certificates checked by another solver."""

    schema: Literal["trialproof/verify/1"]
    solver: str
    seconds: float
    """How long the solver was given for each claim."""
    confirmed: int
    disagrees: int
    undecided: int
    claims: list[CheckedShape]


def verify(paths: Sequence[str], command: str | None, seconds: float, form: Form) -> int:
    """Check the scripts of files, folders or standard input, print what comes out, and return 0 if all are confirmed, else 1.

    Raises `InputError` for what is no certificate, and where no solver is found.
    """
    given = list(_read(paths))
    checker = find_checker(command)
    checked = []
    with Progress(len(given)) as progress:
        for script in given:
            checked.append((script, checker.ask(script.text, seconds)))
            progress.step()
    if form == "json":
        print_text(json.dumps(_document(checked, checker.name, seconds), ensure_ascii=False))
    else:
        show(_page(checked, checker.name, get_terminal_size().columns))
    return (
        CONFIRMED if all(reply.result(script) == "confirmed" for script, reply in checked) else NOT_CONFIRMED
    )


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


def _page(checked: Sequence[Checked], solver: str, width: int) -> Page:
    page, count = Page(width), _count(checked)
    page.text(f"{count['confirmed']} of {len(checked)} claims confirmed by {solver}", style="bold")
    if count["disagrees"]:
        page.text(f"{count['disagrees']} CONTRADICTED: a claim is wrong, or a solver is", style="bold red")
    if count["undecided"]:
        nothing = ": nothing could be decided" if count["undecided"] == len(checked) else ""
        page.text(f"{count['undecided']} undecided, and not confirmed{nothing}", style="bold")
    page.blank()
    for script, reply in sorted(checked, key=lambda each: each[1].result(each[0]) == "confirmed"):
        result = reply.result(script)
        said = {
            "confirmed": "confirmed",
            "disagrees": f"DISAGREES, it answers {reply.answer} and not {script.status}",
            "undecided": f"undecided, it {reply.note}",
        }[result]
        page.text(f"{script.name}: {said}", lead="- ")
        if script.claim:
            page.text(clean(script.claim), indent=2, style="dim")
    return page


def _document(checked: Sequence[Checked], solver: str, seconds: float) -> VerifyShape:
    count = _count(checked)
    return {
        "schema": SCHEMA,
        "solver": solver,
        "seconds": seconds,
        "confirmed": count["confirmed"],
        "disagrees": count["disagrees"],
        "undecided": count["undecided"],
        "claims": [
            {
                "name": script.name,
                "claim": script.claim,
                "status": script.status,
                "answer": reply.answer,
                "result": reply.result(script),
                "note": reply.note,
            }
            for script, reply in checked
        ],
    }
