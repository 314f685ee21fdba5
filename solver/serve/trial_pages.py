"""The page of one trial of a visit: what each question about a record answers of it, and what another record would do.

There is a part for each verb about one record that has a template in `templates/verbs/`.
"""

from __future__ import annotations

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from solver.engine.events.extend import extended
from solver.errors import InputError
from solver.patient.changes import changed_from
from solver.questions.explain.brief_page import brief_explanation
from solver.questions.report.contents import trial_timeline
from solver.questions.what_if.ask import what_if
from solver.questions.what_if.brief_page import brief_what_if_page
from solver.questions.when.answer import WhenAnswer
from solver.questions.when.brief_page import brief_when_page
from solver.report.brief import FOLDED
from solver.report.html.timeline import Timeline
from solver.report.page import Page
from solver.report.words import Wording
from solver.serve.api import ask_of, asking_verbs
from solver.serve.bodies import text_of
from solver.serve.desk import Desk
from solver.serve.html import has_template, page
from solver.serve.visit_pages import VisitPages, form_of
from solver.serve.visits import Visit
from solver.text import clean

COLUMNS = 80
"""How wide the pages of the command line are that stand in the page of a trial."""

_WHERE = "what-if"
_SHOWN = ("why", "change", "open")
"""What the page on top says; every clause stands below it."""


class TrialPages:
    """Answers the requests about one trial of a visit."""

    def __init__(self, desk: Desk, visits: VisitPages) -> None:
        self._desk, self._visits = desk, visits

    def routes(self) -> list[Route]:
        """The addresses."""
        return [
            Route("/visit/{id}/trial/{code}", self.show, methods=["GET"]),
            Route("/visit/{id}/trial/{code}", self.try_out, methods=["POST"]),
        ]

    def show(self, request: Request) -> Response:
        """The page of a trial."""
        visit = self._visits.found(request)
        with visit.lock:
            record, document, scenario = visit.record, visit.document, visit.scenario
        return self._page(visit, self._code(request), record, document, scenario)

    async def try_out(self, request: Request) -> Response:
        """Take what the record would be, and lead to the page that shows what that would do."""
        visit, code = self._visits.found(request), self._code(request)
        form = await form_of(request)
        name, value = (text_of(form, "variable") or "").strip(), (text_of(form, "value") or "").strip()
        visit.scenario = f"{name}={value}" if name or value else ""
        return RedirectResponse(f"/visit/{visit.id}/trial/{code}#what-if", 303)

    def _code(self, request: Request) -> str:
        code: str = request.path_params["code"]
        if code not in self._desk.library.trials:
            raise HTTPException(404)
        return code

    def _page(
        self, visit: Visit, code: str, record: Any, document: dict[str, Any], scenario: str
    ) -> Response:
        library, trial = self._desk.library, self._desk.library.trials[code]
        shown, told = extended(library, record)
        parts = {
            verb: ask_of(verb)(self._desk.patient, record, [code])
            for verb in asking_verbs()
            if has_template(f"verbs/{verb}.html")
        }
        tried, error = self._tried(code, document, scenario)
        name, _, value = scenario.partition("=")
        return page(
            "trial.html",
            visit=visit,
            trial=trial,
            parts=parts,
            words=Wording(shown, told, rounded=True),
            pages=Pages(shown, told),
            variables=[each for each in library.variables.values() if not each.hidden],
            tried=tried,
            tried_name=name,
            tried_value=value,
            error=error,
        )

    def _tried(
        self, code: str, document: dict[str, Any], scenario: str
    ) -> tuple[list[list[tuple[str, str]]], str]:
        """What the record would be, and what is wrong with what was written."""
        if not scenario:
            return [], ""
        library = self._desk.library
        try:
            changed = changed_from(
                document, library, [scenario], name="record", context=self._desk.context, where=_WHERE
            )
        except InputError as error:
            return [], "; ".join(each.removeprefix(f"{_WHERE}: ") for each in error.problems)
        return lines_of(
            brief_what_if_page(what_if(self._desk.patient, changed, [code]), changed, library, COLUMNS)
        ), ""


class Pages:
    """The brief pages of the command line, for the templates of verbs."""

    def __init__(self, library: Any, record: Any) -> None:
        self._library, self._record = library, record

    def explain(self, answer: Any) -> list[list[tuple[str, str]]]:
        """Why, and what would have to change."""
        return lines_of(brief_explanation(answer, self._record, self._library, COLUMNS, show=_SHOWN))

    def when(self, answer: Any) -> list[list[tuple[str, str]]]:
        """From when until when."""
        return lines_of(brief_when_page(answer, self._record, self._library, COLUMNS))

    def timeline(self, answer: WhenAnswer) -> Timeline | None:
        """The days as a drawing."""
        return trial_timeline(answer.trials[0], answer.as_of, answer.horizon)


def lines_of(found: Page) -> list[list[tuple[str, str]]]:
    """The lines of a page of the command line, each as texts with a class for their style.

    The line about the patient is left out, and the last one where it says what options would show: the page shows it below.
    """
    lines = [
        [(clean(span.text), span.style.replace(" ", "-") or "plain") for span in line if span.text]
        for line in found.lines[1:]
    ]
    folded = (i for i, line in enumerate(lines) if any(text.startswith(FOLDED.strip()) for text, _ in line))
    return lines[: next(folded, None)]
