"""What the clauses of a trial cost as a drawing, and the curve of a limit that is moved: readable without colour."""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape

from solver.questions.relax.answer import LimitPoint, MovedLimit, RelaxAnswer

_WIDTH, _LEFT, _BAR, _LINE = 900, 150, 420, 22
_TOP, _HEIGHT, _RIGHT = 60, 260, 860


def relax_drawing(answer: RelaxAnswer) -> str:
    """The drawing as SVG: the curve where a limit is moved, else a bar for each clause."""
    title = f"{answer.code}: {answer.judged} judged, {answer.not_excluded} not excluded"
    if answer.move is not None:
        title = f"{title}, by the limit of {answer.move.clause}"
        body, height = list(_curve(answer.move)), _TOP + _HEIGHT + 60
    else:
        body = [part for i, _ in enumerate(answer.clauses) for part in _bar(answer, i)]
        height = 34 + (len(answer.clauses) + 1) * _LINE
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" viewBox="0 0 {_WIDTH} {height}" '
        f'role="img" font-family="sans-serif" font-size="13"><title>{escape(title)}</title>'
        f'<rect width="100%" height="100%" fill="white"/><text x="10" y="20" font-size="15">{escape(title)}</text>'
    )
    return head + "".join(body) + "</svg>\n"


def _bar(answer: RelaxAnswer, place: int) -> Iterator[str]:
    clause, y = answer.clauses[place], 34 + place * _LINE
    whole = max(each.shapley for each in answer.clauses)
    length = round(_BAR * clause.shapley / whole) if whole else 0
    told = (
        f"share {clause.shapley:.2f}, gains {clause.gain} alone, excludes {clause.fails}, open {clause.open}"
    )
    yield f'<text x="10" y="{y + 15}">{escape(clause.clause)}</text>'
    yield (
        f'<rect x="{_LEFT}" y="{y + 4}" width="{length}" height="14" fill="#567" stroke="black">'
        f"<title>{escape(clause.label)}: {escape(told)}</title></rect>"
    )
    yield f'<text x="{_LEFT + length + 6}" y="{y + 15}" font-size="11">{escape(told)}</text>'


def _curve(move: MovedLimit) -> Iterator[str]:
    """Two lines over the limits, one drawn through and one dashed, with the figures at each limit."""
    limits = [float(each.limit) for each in move.points]
    low, high = min(limits), max(limits)
    most = max((each.not_excluded for each in move.points), default=0)

    def place(limit: float, count: int) -> tuple[float, float]:
        x = _LEFT / 2 + (_RIGHT - _LEFT / 2) * ((limit - low) / (high - low) if high > low else 0.5)
        return round(x, 1), round(_TOP + _HEIGHT * (1 - (count / most if most else 0)), 1)

    bottom = _TOP + _HEIGHT
    yield f'<line x1="{_LEFT / 2}" y1="{bottom}" x2="{_RIGHT}" y2="{bottom}" stroke="black"/>'
    unit = f" in {move.unit}" if move.unit else ""
    told = f"limit of {move.clause}{unit} (today {move.comparison}); through: not excluded, dashed: eligible"
    yield f'<text x="10" y="{bottom + 48}" font-size="12">{escape(told)}</text>'
    for name, dash in (("not_excluded", ""), ("eligible", ' stroke-dasharray="5 4"')):
        spots = [place(float(each.limit), getattr(each, name)) for each in move.points]
        joined = " ".join(f"{x},{y}" for x, y in spots)
        yield f'<polyline points="{joined}" fill="none" stroke="black"{dash}/>'
    for each in move.points:
        yield from _spot(each, place(float(each.limit), each.not_excluded), bottom)


def _spot(point: LimitPoint, at: tuple[float, float], bottom: int) -> Iterator[str]:
    x, y = at
    told = f"at {point.limit}: {point.not_excluded} not excluded, {point.eligible} eligible"
    yield f'<circle cx="{x}" cy="{y}" r="3" fill="white" stroke="black"><title>{escape(told)}</title></circle>'
    yield f'<text x="{x}" y="{y - 8}" font-size="11" text-anchor="middle">{point.not_excluded}</text>'
    yield (
        f'<text x="{x}" y="{bottom + 12}" font-size="10" text-anchor="end" '
        f'transform="rotate(-40 {x} {bottom + 12})">{point.limit}</text>'
    )
