"""The brief report of `match sequence`: the matrix, the doors that close or open, and the orders that keep most of them open."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from solver.engine.answer import Subsets
from solver.library.models import Library
from solver.questions.sequence.answer import SequenceAnswer
from solver.questions.sequence.page import MARKED, SequenceReport
from solver.report.brief import (
    FOLDED_LINES,
    FOR_ONE,
    add_blocks,
    write_contradictions,
    write_folded,
    write_judged_by,
    write_patient,
)
from solver.report.command_line.output import MOST_COLUMNS
from solver.report.page import Page
from solver.report.words import number

_LEAST = 4
"""So many lines stand below the matrix, however long that is."""
_IDS = 3
_LEGEND = MARKED | {"+": "+: assuming what --full lists"}


def brief_sequence_page(answer: SequenceAnswer, library: Library, width: int) -> Page:
    """The answer for people with little time."""
    report = _BriefSequence(answer, library, min(width, MOST_COLUMNS))
    report.write()
    return report.page


class _BriefSequence(SequenceReport):
    def write(self) -> None:
        """Write the page."""
        page, answer = self.page, self.answer
        write_patient(self)
        write_judged_by(self)
        if answer.record.status == "contradictory":
            write_contradictions(self)
            return
        if answer.record.status == "undecided":
            page.text("Whether the record contradicts itself was not decided within the solver's budget.")
            return
        self.write_matrix(_LEGEND)
        told = list(self._sentences())
        blocks = [[*(self._page_on(text, lines) for lines in (3, 2, 1)), Page(page.width)] for text in told]
        most = max(FOR_ONE - FOLDED_LINES, len(page.lines) + _LEAST)
        chosen = add_blocks(page, blocks, most)
        left = sum(place == len(blocks[0]) - 1 for place in chosen)
        entered = ["what entering changes"] if answer.entries else []
        write_folded(
            page,
            [(len(answer.assumptions), "assumption"), (left, "remark")],
            [*entered, "the clauses in words"],
        )

    def _page_on(self, text: str, lines: int) -> Page:
        page = Page(self.page.width)
        page.folded([text], lines, lead="- ")
        return page

    def _sentences(self) -> Iterable[str]:
        """What closes or opens a door, what comes before what, and in which orders."""
        entries = self.answer.entries
        for row, several in (
            ("after", [(entry.code, entry.after) for entry in entries]),
            ("while on", [(entry.code, entry.during) for entry in entries]),
        ):
            clear = [(code, found) for code, found in several if found.consistent is not False]
            for code, found in several:
                if found.consistent is False:
                    yield f"{row} {code}: the record would contradict itself, so every verdict is withheld"
            for names, change, conflicts in self.changed_doors(row, clear):
                yield f"{row} {names}: {change}{_by(conflicts)}"
        for last in self.answer.last_chances:
            how = "if what is out of date is as recorded" if last.provisional else "for good"
            yield f"{last.code} must come before {last.before}, which closes it {how}{_by(last.conflicts)}"
        orders = self.answer.orders
        if orders is None:
            yield "There are too many orders to look through: name fewer trials with --trials."
        elif not orders.length:
            yield "No trial can be entered today."
        else:
            groups = [self.group_words(group).rstrip(":") for group in orders.groups]
            more = f"; +{len(groups) - 1} more" if len(groups) > 1 else ""
            yield f"Longest orders: {groups[0]}{more}"
        if self.answer.opened:
            yield f"{number(len(self.answer.opened), 'trial')} that cannot be entered today can be after another one"


def _by(conflicts: Subsets | Sequence[Sequence[str]]) -> str:
    """By which clauses, in brackets."""
    ids = [" with ".join(conflict) for conflict in conflicts]
    more = [f"+{len(ids) - _IDS} more"] if len(ids) > _IDS else []
    return f" ({', '.join([*ids[:_IDS], *more])})" if ids else ""
