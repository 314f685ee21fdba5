"""What the pages on a cohort tell alike: the site, whose records could not be read, and which columns were left out."""

from __future__ import annotations

from typing import Protocol

from solver.report.page import Page


class _Named(Protocol):
    @property
    def name(self) -> str: ...


class AnswerOnCohort(Protocol):
    """What an answer on a cohort says of the cohort itself."""

    @property
    def site(self) -> _Named | None:
        """The site whose file was given."""

    @property
    def patients(self) -> int:
        """How many records there are."""

    @property
    def errors(self) -> int:
        """How many of them could not be read."""

    @property
    def ignored_columns(self) -> tuple[str, ...]:
        """The columns of a table that were left out."""


def tell_cohort(page: Page, answer: AnswerOnCohort) -> None:
    """Add to a page what is told of the cohort itself, where there is something to tell."""
    if answer.site:
        page.text(f"Site: {answer.site.name}.")
    if answer.errors:
        page.text(f"{answer.errors} of {answer.patients} patients could not be read.")
    if answer.ignored_columns:
        page.text(f"Columns left out: {', '.join(answer.ignored_columns)}.")
