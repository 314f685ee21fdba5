"""The page of `match vocabulary`: what to write for some words; without words, everything there is, a line each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from solver.questions.vocabulary import answer as a
from solver.report.head import FAINT, HEADING
from solver.report.page import Page, Span

WHOLE = 12
"""Of so many things found, each is shown as a whole; of more, a line each."""


def vocabulary_page(answer: a.VocabularyAnswer, width: int) -> Page:
    """What was found, for people."""
    page = Page(width)
    if answer.note is not None:
        page.text(f"{answer.words}: {answer.note}")
    if not answer.variables and not answer.concepts:
        if answer.note is None:
            page.text(f"No variable and no concept is called {answer.words!r}.")
        return page
    if len(answer.variables) + len(answer.concepts) > WHOLE:
        rows = [(variable.name, "variable", variable.label) for variable in answer.variables]
        rows += [(concept.id, concept.kind, concept.label) for concept in answer.concepts]
        page.table(("name", "kind", "label"), [tuple(map(Span, row)) for row in rows])
        page.blank()
        page.text("match vocabulary NAME says what to write for it.", style=FAINT)
        return page
    for variable in answer.variables:
        _write_variable(page, variable)
    for concept in answer.concepts:
        _write_concept(page, concept)
    return page


def _write_variable(page: Page, variable: a.FoundVariable) -> None:
    page.blank()
    page.text(variable.label, lead=f"{variable.name}  ", lead_style=HEADING)
    page.text(f"variable, {variable.type}", indent=2, style=FAINT)
    page.text(variable.about, indent=2)
    if variable.means is not None:
        page.text(variable.means, indent=2, lead="means: ")
    _write_list(page, "codes: ", _coded(variable.codes))
    page.text("; ".join(variable.write), indent=2, lead="in a clause: ")


def _write_concept(page: Page, concept: a.FoundConcept) -> None:
    page.blank()
    page.text(concept.label, lead=f"{concept.id}  ", lead_style=HEADING)
    page.text(f"{concept.kind}, in a record under {concept.list}", indent=2, style=FAINT)
    for lead, items in (
        ("also called: ", concept.names),
        ("codes: ", _coded(concept.codes)),
        ("broader: ", concept.broader),
        ("narrower: ", concept.narrower),
        ("variables: ", concept.variables),
    ):
        _write_list(page, lead, items)
    if concept.half_life_days is not None:
        page.text(f"{concept.half_life_days} days", indent=2, lead="half-life: ")
    page.text("; ".join(concept.write), indent=2, lead="in a clause: ")
    page.text(f'"{concept.list}": [{{"is": "{concept.id}"}}]', indent=2, lead="in a record: ")


def _write_list(page: Page, lead: str, items: Sequence[str]) -> None:
    if items:
        page.folded(list(items), 3, indent=2, lead=lead, joiner=", ")


def _coded(codes: Mapping[str, tuple[str, ...]]) -> list[str]:
    return [f"{system}:{code}" for system, found in codes.items() for code in found]
