"""Where a number that a criterion or the theory compares with others can change an answer by itself.

Such a change happens where some comparison turns with each of the others at an end of what is known of it, or at a threshold of its own:
a comparison that is monotone in each of them is hardest, and easiest, to meet there.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import islice, product

from solver.evaluation.breakpoints import breaks, comparisons
from solver.evaluation.evaluate import evaluate
from solver.evaluation.simplify import simplify
from solver.language.domain import Domain, Environment, Interval, is_exact, point
from solver.language.tree import Compare, Condition, size, variables
from solver.work import spend

MOST_CORNERS = 256
"""How many combinations of values of the others are looked at in one comparison."""

DIGITS = 4
"""Significant digits to which a change that is no rational number is told."""


def coupled_breaks(
    compared: Sequence[Compare], name: str, known: Environment, others: frozenset[str] | None = None
) -> set[Fraction]:
    """The values of a variable at which some of the comparisons can change, with the open variables beside it as described above.

    With `others` only comparisons in which every other open variable is one of these count. An irrational value is given by the two
    decimals of `DIGITS` digits on both sides of it.
    """
    found: set[Fraction] = set()
    for comparison in compared:
        beside = sorted(
            other for other in variables(comparison) - {name} if other in known and not is_exact(known[other])
        )
        if name in variables(comparison) and (others is None or others.issuperset(beside)):
            for corner in corners(compared, beside, known):
                spend(4 * size(comparison))
                for left in comparisons([simplify(comparison, {**known, **corner})]):
                    found.update(_turns(left, name, known[name]))
    return found


def corners(
    compared: Sequence[Compare], names: Sequence[str], known: Environment
) -> Iterable[dict[str, Domain]]:
    """The combinations of values of the variables that are looked at, at most `MOST_CORNERS` of them."""
    values = [_values(compared, name, known[name]) for name in names]
    return (dict(zip(names, each, strict=True)) for each in islice(product(*values), MOST_CORNERS))


def worst_cases(condition: Condition, names: Sequence[str], known: Environment) -> list[Condition] | None:
    """What is left of a condition with each of the numbers at each end of what is known of it; None if some has no end."""
    ends = [_ends(known[name]) for name in names]
    if not all(ends):
        return None
    return [
        simplify(condition, {**known, **dict(zip(names, each, strict=True))})
        for each in islice(product(*ends), MOST_CORNERS)
    ]


def _ends(domain: Domain) -> list[Domain]:
    if isinstance(domain, frozenset):
        return [frozenset({value}) for value in sorted(domain)]  # type: ignore[misc]
    assert isinstance(domain, Interval)
    if isinstance(domain.low, float) or isinstance(domain.high, float):
        return []
    return [point(end, whole=domain.whole) for end in (domain.low, domain.high)]


def _values(compared: Sequence[Compare], name: str, domain: Domain) -> list[Domain]:
    """The ends of what is known of a variable, and its own thresholds."""
    if isinstance(domain, frozenset):
        return _ends(domain)
    assert isinstance(domain, Interval)
    numbers = {Fraction(end) for end in (domain.low, domain.high) if not isinstance(end, float)}
    for comparison in compared:
        if variables(comparison) == {name}:
            numbers.update(each for each in breaks(comparison, name, domain) or () if each in domain)
    return [point(int(n) if domain.whole else n, whole=domain.whole) for n in sorted(numbers)]


def _turns(comparison: Compare, name: str, domain: Domain) -> Iterable[Fraction]:
    """Where a comparison of the variable alone turns."""
    if not isinstance(domain, Interval) or variables(comparison) != {name}:
        return ()
    found = breaks(comparison, name, domain)
    return found if found is not None else _crossing(comparison, name, domain)


def _crossing(comparison: Compare, name: str, domain: Interval) -> tuple[Fraction, ...]:
    """The two decimals beside the value at which the sides of a comparison cross, if they do so once."""
    if isinstance(domain.low, float) or isinstance(domain.high, float):
        return ()
    order = Compare("<", comparison.left, comparison.right)

    def holds(at: Fraction) -> bool | None:
        return evaluate(order, {name: Interval(at, at)})

    low, high = Fraction(domain.low), Fraction(domain.high)
    first = holds(low)
    if first is None or holds(high) is not (not first):
        return ()
    least = Fraction(1) if domain.whole else _step(high) / 10**DIGITS
    step = max(least, _step(high))
    while math.ceil(high / step) - math.floor(low / step) > 1:
        middle = Fraction(math.floor((low + high) / 2 / step)) * step
        if middle <= low:
            middle += step
        if middle >= high:
            break
        low, high = (middle, high) if holds(middle) is first else (low, middle)
        step = max(least, min(step, _step(high)))
    return (low, high)


def _step(number: Fraction) -> Fraction:
    """The last of `DIGITS` digits of a number."""
    if number <= 0:
        return Fraction(1)
    places = math.floor(math.log10(number)) + 1 - DIGITS
    return Fraction(10) ** places
