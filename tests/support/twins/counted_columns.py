"""What columns show of a table, counted apart from the rows that are judged by themselves."""

from __future__ import annotations

from typing import Any

import pytest

from solver.screen.columns import column_verdicts, table_blocks
from solver.screen.output_rows import OutputRow
from solver.screen.row_frames import RowFrame
from solver.screen.run import ScreenRun


def shown_in_columns(run: ScreenRun) -> tuple[int, list[OutputRow]]:
    """How many rows columns show, and all rows."""
    shown, rows = 0, list[OutputRow]()
    real = table_blocks.TableBlocks._judged_alone

    def counting(self: Any, frame: Any, places: Any, *rest: Any) -> Any:
        nonlocal shown
        shown -= len(places)
        return real(self, frame, places, *rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(table_blocks.TableBlocks, "_judged_alone", counting)
        # also what is worth its time for many rows alone
        rounds = tuple(each._replace(least=1, most=None) for each in column_verdicts._ROUNDS_OF_COMPLETIONS)
        patch.setattr(column_verdicts, "_ROUNDS_OF_COMPLETIONS", rounds)
        for block in run.blocks(None):
            assert isinstance(block, RowFrame)
            shown += block.patients
            rows += block.rows()
    return shown, rows
