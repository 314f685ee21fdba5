"""HTML from templates: what stands in them is text, escaped, and what a reader could not see or that turns the direction is shown."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from solver.text import clean

TEMPLATES = Path(__file__).parent / "templates"


def render_html(template: str, **given: Any) -> str:
    """The text of a template of this folder."""
    return _environment().get_template(template).render(**given)


def shown_text(value: Any) -> Any:
    r"""What a template shows of a value: `\u202e` in place of the mark that turns the direction."""
    return clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        finalize=shown_text,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
