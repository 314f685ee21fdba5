"""The pages of visits: where one begins, what it shows, what a change does, and what is taken away from it."""

from __future__ import annotations

from datetime import date
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from solver.errors import InputError
from solver.patient.answered_terms import with_answered_terms
from solver.patient.readers.native.json_text import written_json
from solver.questions.report.ask import patient_report
from solver.questions.report.html_page import html_report
from solver.serve.answers import DAY, take_answers
from solver.serve.bodies import TooLargeError, file_of, read_form, text_of
from solver.serve.desk import Desk
from solver.serve.html import page, rendered
from solver.serve.visit_view import VisitView, visit_view
from solver.serve.visits import Visit, Visits
from solver.text import escaped

NO_FILE = "no file was chosen: choose a record file, or begin empty"
UNNAMED = "new patient"
"""What a patient is called of whom nothing is recorded."""


class VisitPages:
    """Answers the requests about visits."""

    def __init__(self, desk: Desk, visits: Visits) -> None:
        self._desk, self._visits = desk, visits

    def routes(self) -> list[Route]:
        """The addresses."""
        return [
            Route("/", self.home, methods=["GET"]),
            Route("/", self.begin, methods=["POST"]),
            Route("/visit/{id}", self.show, methods=["GET"]),
            Route("/visit/{id}", self.change, methods=["POST"]),
            Route("/visit/{id}/forget", self.forget, methods=["POST"]),
            Route("/visit/{id}/record.json", self.record, methods=["GET"]),
            Route("/visit/{id}/report.html", self.report, methods=["GET"]),
        ]

    def home(self, _: Request) -> Response:
        """Where a visit begins."""
        return self._home()

    def _home(self, errors: tuple[str, ...] = (), day: str = "", status: int = 200) -> Response:
        return page("home.html", status, errors=errors, day=day or _today())

    async def begin(self, request: Request) -> Response:
        """Begin a visit with a file, or without one."""
        try:
            form = await read_form(request)
        except TooLargeError:
            return self._home(
                ("the file is larger than 10 MB: a record is a few thousand bytes",), status=413
            )
        except InputError as error:
            return self._home(error.problems, status=422)
        day, empty = (text_of(form, DAY) or "").strip() or _today(), text_of(form, "begin") == "empty"
        name, content = await file_of(form, "record")
        try:
            if not empty and not content and not name:
                raise InputError(NO_FILE)
            visit = await run_in_threadpool(self._begun, None if empty else content, name, day)
        except InputError as error:
            return self._home(error.problems, day, 422)
        return RedirectResponse(f"/visit/{visit.id}", 303)

    def _begun(self, content: bytes | None, name: str, day: str) -> Visit:
        if content is None:
            content, name = written_json({"id": UNNAMED, "as_of": day, "facts": {}}).encode(), "the visit"
        return self._visits.begin(self._desk.read_file(content, name or "record", day or None))

    def show(self, request: Request) -> Response:
        """The page of a visit."""
        visit = self.found(request)
        with visit.lock:
            return page("visit.html", view=visit_view(self._desk, visit))

    async def change(self, request: Request) -> Response:
        """Take what was told; the page then shows it, or the parts that differ are sent alone."""
        visit = self.found(request)
        form = await form_of(request)
        texts = {key: value for key, value in form.multi_items() if isinstance(value, str) and key != "shown"}
        here = [value for value in form.getlist("shown") if isinstance(value, str)]
        await run_in_threadpool(self._changed, visit, texts)
        if request.headers.get("hx-request") != "true":
            return RedirectResponse(f"/visit/{visit.id}", 303)
        return await run_in_threadpool(self._parts, visit, here, list(texts))

    def _changed(self, visit: Visit, texts: dict[str, str]) -> None:
        with visit.lock:
            take_answers(self._desk, visit, texts)

    def _parts(self, visit: Visit, here: list[str], touched: list[str]) -> Response:
        with visit.lock:
            view = visit_view(self._desk, visit)
        return HTMLResponse(rendered("parts.html", view=view, **_moves(view, here), touched=set(touched)))

    def forget(self, request: Request) -> Response:
        """Let go of a visit."""
        self._visits.forget(self.found(request).id)
        return RedirectResponse("/", 303)

    def record(self, request: Request) -> Response:
        """The record as it stands, to be saved."""
        visit = self.found(request)
        with visit.lock:
            text = written_json(
                with_answered_terms(visit.document, visit.terms, self._desk.library), indent=2
            )
        return download("record.json", f"{escaped(text)}\n".encode(), "application/json")

    def report(self, request: Request) -> Response:
        """The report on the record as it stands, to be handed over."""
        visit = self.found(request)
        with visit.lock:
            record = visit.record
        found = patient_report(self._desk.engine_under(self._desk.policies), record)
        return download("report.html", html_report([found]).encode("utf-8", "backslashreplace"), "text/html")

    def found(self, request: Request) -> Visit:
        """The visit of an address; raises 404 where it is gone."""
        found = self._visits.find(request.path_params["id"])
        if found is None:
            raise HTTPException(404)
        return found


def _today() -> str:
    return date.today().isoformat()


def _moves(view: VisitView, here: list[str]) -> dict[str, Any]:
    """What differs from the questions that a browser shows: those that are new, and those that are gone."""
    wanted = [each.key for each in view.questions]
    return {
        "added": [each for each in view.questions if each.key not in here],
        "gone": [key for key in here if key not in wanted],
        "order": wanted,
    }


async def form_of(request: Request) -> FormData:
    """The fields that a page sent; raises 413 and 422."""
    try:
        return await read_form(request)
    except TooLargeError:
        raise HTTPException(413) from None
    except InputError:
        raise HTTPException(422) from None


def download(name: str, content: bytes, kind: str) -> Response:
    """A file to be saved."""
    return Response(
        content, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
