"""Whom the clauses of a trial exclude, counted row by row."""

from __future__ import annotations

from solver.library.models import Library
from solver.screen.attrition import TrialTally
from solver.screen.output_rows import COLUMNS, OutputRow


def test_nothing_is_gained_where_not_all_conflicts_are_listed(library: Library) -> None:
    """A conflict that is not listed may do without the clause that all others have."""
    trial = library.trials[sorted(library.trials)[0]]
    name = trial.clauses[0].id
    tally = TrialTally(trial, "full")
    for complete in (True, False):
        row: OutputRow = dict.fromkeys(COLUMNS)
        tally.add(
            row
            | {
                "verdict": "ineligible",
                "blocking": [],
                "conflicts": [[name, "other"]],
                "conflicts_complete": complete,
            }
        )
    [found] = tally.attrition()
    assert (found.clause, found.gain) == (name, 1)
