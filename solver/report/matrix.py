"""Verdicts side by side: a column for each trial, a row for each way that a patient may stand.

              A      B     C
    today     (yes)  open  yes
    after C   no!    open  -

As many columns stand side by side as there is room for; the others follow below, with the names of the rows again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from solver.engine.answer import Verdict
from solver.report.head import FAINT, HEADING, STYLES
from solver.report.page import GAP, Page, Span
from solver.text import listed

Row = tuple[str, Sequence[Span]]
"""A name, and a cell for each trial."""

_WORDS: dict[Verdict, str] = {
    "eligible": "yes",
    "undetermined": "open",
    "ineligible": "no",
    "unresolved": "?",
}
LEGEND = {
    "yes": "yes: eligible",
    "(yes)": "(yes): eligible on the published criteria, others exist",
    "open": "open: data are missing",
    "no": "no: not eligible",
    "?": "?: not decided within the solver's budget",
}
"""What the words for verdicts mean, in the order in which it is said."""


def verdict_cell(verdict: Verdict, published_only: bool, withheld: str, marks: str = "") -> Span:
    """The cell of a verdict: in a word, with marks after it; a withheld one has another word on each page."""
    word = _WORDS.get(verdict, withheld)
    return Span((f"({word})" if published_only else word) + marks, STYLES[verdict])


def write_matrix(page: Page, codes: Sequence[str], rows: Sequence[Row]) -> None:
    """Add the rows, with an empty line above and below."""
    first = max(len(name) for name, _ in rows)
    wide = max(len(text) for text in (*codes, *(cell.text for _, cells in rows for cell in cells)))
    several = max(1, (page.width - first) // (wide + GAP))
    whole: list[Row] = [("", [Span(code, HEADING) for code in codes]), *rows]
    for start in range(0, len(codes), several):
        page.blank()
        for name, cells in whole:
            shown = (
                Span(" " * GAP + cell.text.ljust(wide), cell.style) for cell in cells[start : start + several]
            )
            page.lines.append((Span(name.ljust(first)), *shown))
    page.blank()


def write_legend(
    page: Page, legend: Mapping[str, str], used: Collection[str], policies: Sequence[str] = ()
) -> None:
    """Say what the words and marks mean that are used, and that `policies` assumed something for each verdict."""
    told = [text for word, text in legend.items() if word in used]
    assuming = [f"each assuming {listed(policies)}"] if policies else []
    page.text("; ".join([*told, *assuming]), style=FAINT)
