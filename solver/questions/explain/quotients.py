"""What a defined quotient comes to for one patient, where a clause compares it; conditions only multiply it out."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from fractions import Fraction

from solver.evaluation.evaluate import bounds
from solver.language.domain import Environment, Number
from solver.language.tree import variables
from solver.library.models import Clause, Library, Quotient

_DECIMALS = 3


def quotients(library: Library, known: Environment, clause: Clause, facts: Iterable[str]) -> Iterable[str]:
    """In words, the value of each quotient that the clause names and that rests on some of the facts, as far as it is known."""
    named = set(re.findall(r"\w+", " ".join(clause.logic.values())))
    for quotient in library.quotients:
        about = variables(quotient.numerator) | variables(quotient.denominator)
        if quotient.name in named and not about.isdisjoint(facts):
            text = _text(quotient, known)
            if text:
                yield f"{quotient.label} {text}"


def _text(quotient: Quotient, known: Environment) -> str:
    """The value, or its bounds, which are rounded away from one another; nothing if it may be any."""
    above, below = bounds(quotient.numerator, known), bounds(quotient.denominator, known)
    low = _over(above.low, below.high, quotient.scale) or Fraction(0)
    high = _over(above.high, below.low, quotient.scale)
    least, most = _decimal(low, up=False), "" if high is None else _decimal(high, up=True)
    if low == high:
        return f"{'' if least == most else 'about '}{least} {quotient.unit}"
    if low > 0 and most:
        return f"between {least} and {most} {quotient.unit}"
    if low > 0 or most:
        return f"{'at most ' + most if most else 'at least ' + least} {quotient.unit}"
    return ""


def _over(above: Number, below: Number, scale: Fraction) -> Fraction | None:
    """The quotient of two ends; None if one is infinite or the lower one is zero."""
    if math.isinf(above) or math.isinf(below) or not below:
        return None
    return scale * Fraction(above) / Fraction(below)


def _decimal(value: Fraction, *, up: bool) -> str:
    scaled = value * 10**_DECIMALS
    whole, rest = divmod(math.ceil(scaled) if up else math.floor(scaled), 10**_DECIMALS)
    return f"{whole}.{rest:0{_DECIMALS}d}".rstrip("0").rstrip(".")
