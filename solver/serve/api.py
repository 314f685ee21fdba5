"""The questions for programs: `POST /api/VERB` answers the document that the command line prints.

Which verbs there are is told by the table of the questions: each that answers about one record.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from solver.engine.case import Engine
from solver.errors import InputError
from solver.patient.readers.native.dates import NotADateError, parse_date
from solver.patient.readers.native.json_text import parse_json, settle, shown
from solver.patient.readers.native.record_faults import Findings
from solver.patient.record import Record
from solver.questions import MATCH, TABLE
from solver.report.command_line.failure import WRONG_INPUT, told
from solver.report.json import json_text
from solver.serve.bodies import TooLargeError, read_body
from solver.serve.desk import AskedQuestion, Desk
from solver.text import escaped

KEYS = {
    "record": "a record, as in a file: native, a FHIR bundle or a Phenopacket; needed",
    "trials": "the codes or NCT numbers of the trials, a list; all, where it is left out",
    "as_of": "the day of evaluation, YYYY-MM-DD, in place of the record's own",
    "first_dose": "the day of a planned first dose, YYYY-MM-DD, in place of the record's own",
    "context": "the context of a site, over which the record's own wins",
    "assume": "the names of assumption policies, a list",
}
"""The keys of a body, with what each holds."""

TOO_LARGE = "is larger than 10 MB: a record is a few thousand bytes"

Ask = Callable[[Engine, Record, "list[str] | None"], object]


def asking_verbs() -> dict[str, str]:
    """The verbs that answer about one record, with what each tells."""
    return {name: verb.about for name, verb in {"match": MATCH, **TABLE}.items() if verb.asks}


def ask_of(verb: str) -> Ask:
    """The function that answers a verb about one record."""
    module, _, name = {"match": MATCH, **TABLE}[verb].asks.partition(":")
    found: Ask = getattr(import_module(f"solver.questions.{module}"), name)
    return found


def api_routes(desk: Desk) -> list[Route]:
    """A route for each verb."""
    return [Route(f"/api/{verb}", _Answering(desk, verb).answer, methods=["POST"]) for verb in asking_verbs()]


class _Answering:
    """Answers one verb."""

    def __init__(self, desk: Desk, verb: str) -> None:
        self._desk, self._verb = desk, verb

    async def answer(self, request: Request) -> Response:
        """The document of the answer, or the errors."""
        try:
            body = await read_body(request)
        except TooLargeError:
            return JSONResponse({"errors": [f"body: {TOO_LARGE}"]}, 413)
        return await run_in_threadpool(self._answered, body)

    def _answered(self, body: bytes) -> Response:
        try:
            question = asked_by(self._desk, body)
            found = ask_of(self._verb)(question.engine, question.record, question.trials)
        except Exception as error:  # of a fault of the program no more than its kind is told
            lines, code = told(error)
            return JSONResponse({"errors": list(lines)}, 422 if code == WRONG_INPUT else 500)
        return Response(escaped(json_text(found)).encode(), media_type="application/json")


def asked_by(desk: Desk, body: bytes) -> AskedQuestion:
    """What a body asks; raises `InputError` with one line for every fault."""
    given = parse_json(body, "body")
    findings = Findings("body")
    if not isinstance(given, dict):
        raise InputError(
            f'body: holds {shown(settle(given, findings))}, not a question: write {{"record": {{...}}}}'
        )
    for key in given:
        if key not in KEYS:
            hint = findings.hint(key, KEYS, words=True) or f": the keys are {', '.join(KEYS)}"
            findings.add("", f"unknown key '{key}'{hint}")
    for key in getattr(given, "repeated", ()):
        findings.add("", f"the key '{key}' is given twice: keep one")
    if "record" not in given:
        findings.add("record", "is missing: give the record of a patient")
    context = given.get("context")
    if context is not None and not isinstance(context, dict):
        findings.add("context", f"{shown(settle(context, findings))} is not an object: write {{...}}")
    days = {key: _day(given.get(key), key, findings) for key in ("as_of", "first_dose")}
    names = {key: _names(given.get(key), key, findings) for key in ("trials", "assume")}
    findings.stop_if_wrong()
    return desk.asked(
        given["record"],
        trials=names["trials"],
        assume=names["assume"],
        context=context,
        as_of=days["as_of"],
        first_dose=days["first_dose"],
    )


def _day(value: Any, key: str, findings: Findings) -> str | None:
    if value is None:
        return None
    try:
        parse_date(value, partial=False)
    except NotADateError as error:
        findings.add(key, str(error))
        return None
    found: str = value
    return found


def _names(value: Any, key: str, findings: Findings) -> list[str] | None:
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        findings.add(key, f"{shown(settle(value, findings))} is not a list of names: write [...]")
        return None
    return value


def described(desk: Desk) -> dict[str, Any]:
    """What `GET /api` shows: the verbs, the keys of a body, and how faults are told."""
    return {
        "verbs": asking_verbs(),
        "keys": KEYS,
        "trials": list(desk.library.trials),
        "policies": {name: each.label for name, each in desk.library.policies.items()},
    }
