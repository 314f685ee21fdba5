"""The attrition of each trial as a drawing: a bar for each clause, with its figures beside it, readable without colour."""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape

from solver.questions.screen.answer import AttritionRow, Count, ScreenAnswer, ScreenedTrial

_WIDTH, _LEFT, _BAR, _LINE = 900, 150, 420, 22


def attrition_drawing(answer: ScreenAnswer) -> str:
    """The drawing as SVG."""
    parts = list[str]()
    y = 34
    for trial in answer.trials:
        parts += _trial(trial, y)
        y += (len(trial.attrition) + 2) * _LINE
    title = f"Whom the clauses exclude: {answer.patients} patients"
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{y}" viewBox="0 0 {_WIDTH} {y}" '
        f'role="img" font-family="sans-serif" font-size="13"><title>{escape(title)}</title>'
        f'<rect width="100%" height="100%" fill="white"/><text x="10" y="20" font-size="15">{escape(title)}</text>'
    )
    return head + "".join(parts) + "</svg>\n"


def _trial(trial: ScreenedTrial, y: int) -> Iterator[str]:
    yield f'<text x="10" y="{y + 16}" font-weight="bold">{escape(trial.code)}: {escape(str(trial.judged))} judged</text>'
    whole = max((_length(each.fails) for each in trial.attrition), default=0)
    for i, each in enumerate(trial.attrition, 1):
        yield from _clause(each, y + i * _LINE, whole)


def _clause(row: AttritionRow, y: int, whole: int) -> Iterator[str]:
    told = f"{row.fails} excluded, {row.first} for the first time, {row.remaining} remain, {row.open} open"
    length = round(_BAR * _length(row.fails) / whole) if whole else 0
    yield f'<text x="10" y="{y + 15}">{escape(row.clause)}</text>'
    yield (
        f'<rect x="{_LEFT}" y="{y + 4}" width="{length}" height="14" fill="#567" stroke="black">'
        f"<title>{escape(row.label)}: {escape(told)}</title></rect>"
    )
    yield f'<text x="{_LEFT + length + 6}" y="{y + 15}" font-size="11">{escape(told)}</text>'


def _length(count: Count) -> int:
    """How long a bar is: that of a number that is not told says no more than that it is small."""
    return count if isinstance(count, int) else 1
