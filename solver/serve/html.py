"""HTML from the templates beside this module: what stands in them is text, escaped, with its hidden and direction marks shown."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from solver.report.html.rendering import TEMPLATES as OF_REPORTS
from solver.report.html.rendering import shown_text

TEMPLATES = Path(__file__).parent / "templates"
"""One for each page, and one for each verb that the page of a trial shows."""


MOST_LISTED = 12
"""How many choices of a recorded fact are listed; one with more is written."""


@cache
def _templates() -> Environment:
    found = Environment(
        loader=FileSystemLoader([TEMPLATES, OF_REPORTS]),
        autoescape=True,
        finalize=shown_text,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals["most_listed"] = MOST_LISTED
    return found


def has_template(name: str) -> bool:
    """Whether there is a template of this name."""
    return (TEMPLATES / name).is_file()


def rendered(name: str, **given: Any) -> str:
    """The text of a template."""
    return _templates().get_template(name).render(**given)


def page(name: str, status: int = 200, **given: Any) -> HTMLResponse:
    """A whole page."""
    return HTMLResponse(rendered(name, **given), status)
