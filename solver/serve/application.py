"""The server as one application: its doors, the page, and the questions for programs."""

from __future__ import annotations

from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from solver.report.command_line.failure import say
from solver.serve.api import api_routes, asking_verbs, described
from solver.serve.desk import Desk
from solver.serve.doors import Doors, Keys
from solver.serve.html import page
from solver.serve.trial_file_pages import TrialFilePages
from solver.serve.trial_pages import TrialPages
from solver.serve.visit_pages import VisitPages
from solver.serve.visits import Visits

STATIC = Path(__file__).parent / "static"


def application(desk: Desk, keys: Keys) -> ASGIApp:
    """What answers every request on the port of the keys."""

    def api(_: Request) -> Response:
        return page("api.html", port=keys.port, **described(desk))

    visits = VisitPages(desk, Visits(desk))
    routes = [
        *visits.routes(),
        *TrialPages(desk, visits).routes(),
        *TrialFilePages(desk).routes(),
        Route("/api", api),
        *api_routes(desk),
        Mount("/static", StaticFiles(directory=STATIC)),
    ]
    handlers = {404: _gone, 405: _gone, Exception: _failed}
    return Doors(Starlette(routes=routes, exception_handlers=handlers), keys)


def _gone(request: Request, error: Exception) -> Response:
    status: int = getattr(error, "status_code", 404)
    if request.method == "POST" and request.url.path.startswith("/api/"):
        verbs = ", ".join(asking_verbs())
        return JSONResponse({"errors": [f"there is no such question: the questions are {verbs}"]}, status)
    return page("gone.html", status)


def _failed(_: Request, error: Exception) -> Response:
    """A fault of the program: its kind and nothing else, since its words may hold what was typed."""
    kind = type(error).__name__
    say(f"the page failed, and this is a fault of the program: {kind}")
    return page("failed.html", 500, kind=kind)
