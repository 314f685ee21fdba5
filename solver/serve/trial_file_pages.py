"""The page on which a trial file is tried: what is wrong with it, what `check` finds, and patients at the edges of its clauses."""

from __future__ import annotations

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from solver.errors import InputError
from solver.library.files.yaml_places import document_of
from solver.library.trial_files import compile_trial
from solver.questions.check.ask import check
from solver.questions.check.trial_view import Source
from solver.questions.examples.ask import examples
from solver.questions.examples.page import examples_page
from solver.serve.bodies import TooLargeError, file_of, read_form
from solver.serve.desk import Desk
from solver.serve.html import page
from solver.serve.trial_pages import COLUMNS, lines_of

NO_FILE = "no file was chosen: choose a trial file"


class TrialFilePages:
    """Answers the requests about trial files."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        """The addresses."""
        return [Route("/try", self.show, methods=["GET"]), Route("/try", self.check, methods=["POST"])]

    def show(self, _: Request) -> Response:
        """The field for a file."""
        return _page()

    async def check(self, request: Request) -> Response:
        """What is found in a file."""
        try:
            name, content = await file_of(await read_form(request), "trial")
            if not name and not content:
                raise InputError(NO_FILE)
            return await run_in_threadpool(self._checked, content, name or "trial.yaml")
        except TooLargeError:
            return _page(("the file is larger than 10 MB: split it",), status=413)
        except InputError as error:
            return _page(error.problems, status=422)

    def _checked(self, content: bytes, name: str) -> Response:
        library = self._desk.library
        document = document_of(content, name)
        trial = compile_trial(document, library)
        found = check(library, [Source(trial, document, name)])
        own = library.with_trial(trial)
        sheet = examples(own, trial)
        own = own.with_terms(trial)
        return _page(trial=trial, findings=found.findings, sheet=lines_of(examples_page(sheet, own, COLUMNS)))


def _page(errors: tuple[str, ...] = (), status: int = 200, **given: Any) -> Response:
    return page("try.html", status, errors=errors, **{"trial": None, "findings": (), "sheet": [], **given})
