"""Thresholds where no value is expected, windows that no dates can meet, and clauses that mix time anchors."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from solver.evaluation.evaluate import bounds, evaluate
from solver.language import tree as t
from solver.language.domain import Interval, point
from solver.language.types import DateType, IntegerType
from solver.questions.check.findings_log import FindingsLog
from solver.questions.check.proofs import Prover
from solver.questions.check.rules.number_axes import cuts_of, days_between, ratio_axes
from solver.questions.check.trial_view import ClauseComparison, Criterion

SMALLEST = 2000
"""Where a plausible range begins at zero, a threshold below its end by more than this factor is taken for a slip."""

LEAST_ABOVE = Fraction(1, 100)
"""A threshold with less than this part of the plausible range above it is taken for a slip."""

LONGEST = 15 * 366
"""A window of more days than this is taken for a slip, unless a date of the comparison plausibly lies further back."""

LONG_MONTHS = 36
"""A longer window is told in whole years."""

_YEAR = 366


def check_comparisons(prover: Prover, log: FindingsLog, criterion: Criterion) -> None:
    """Find the thresholds and windows of a clause that cannot be meant; a clause with one is faulty."""
    for comparison in criterion.parts.comparisons:
        with log.trying(f"whether '{comparison.text}' can hold", [criterion.id]):
            if _check_comparison(prover, log, criterion, comparison):
                log.faulty.add(criterion.id)
                return


def _check_comparison(prover: Prover, log: FindingsLog, criterion: Criterion, said: ClauseComparison) -> bool:
    name, text = criterion.id, said.text
    for compare in _comparisons_within(said.condition):
        if (odd := _odd_window(prover, compare)) is not None:
            sentence = f"'{text}' of {name} {odd}"
            log.add("implausible-threshold", [name], sentence, part=text, place=said.place, severity="note")
        fault = _what_is_implausible(prover, compare)
        if fault is not None:
            sentence = f"'{text}' of {name} {fault}"
            log.add("implausible-threshold", [name], sentence, part=text, place=said.place)
            return True
        basis = prover.refuted([compare]) if _is_about_events(compare) else None
        if basis is not None:
            sentence = f"No dates can meet '{text}' of {name}"
            log.add("impossible-window", [name], sentence, basis=basis, part=text, place=said.place)
            return True
    return False


def _comparisons_within(node: t.Node) -> Iterator[t.Compare]:
    """The comparisons that a condition is made of, those within its numbers and dates left aside."""
    if isinstance(node, t.Compare):
        yield node
    else:
        for child in t.children(node):
            yield from _comparisons_within(child)


def _what_is_implausible(prover: Prover, compare: t.Compare) -> str | None:
    """What is wrong with a threshold; None if nothing is."""
    if _is_about_events(compare):
        windows = list(_window_lengths(compare))
        if any(days.denominator != 1 for days in windows):
            return "speaks of a fraction of a day, which may be a slip of units"
        longest = max(windows, default=Fraction(0))
        if longest > _longest_window(prover, compare):
            return f"speaks of {int(longest / _YEAR)} years or more, which may be a slip of units"
        return None
    left, right = (isinstance(side, t.Constant) for side in (compare.left, compare.right))
    if left == right:
        if (beyond := _ratio_outside_typical(prover, compare)) is not None:
            return beyond
        if not left and "ranges" in (prover.refuted([compare]), prover.refuted([t.negation(compare)])):
            return "is the same for every plausible value, which may be a slip of units"
        return None
    limit, term = (compare.left, compare.right) if left else (compare.right, compare.left)
    assert isinstance(limit, t.Constant)
    plausible = bounds(term, prover.known)
    fault = _outside_plausible(limit.value, term, plausible) or _outside_typical(prover, limit.value, term)
    near = fault is None and _near_the_end(limit.value, term, plausible)
    # what is proved to be constant is told as that
    if near and not (prover.refuted([compare]) or prover.refuted([t.negation(compare)])):
        return f"has nearly every plausible value on one side, up to {_number_text(plausible.high)}, which may be a slip of units"
    return fault


def _odd_window(prover: Prover, compare: t.Compare) -> str | None:
    """What is odd in a window of more than three years that is no whole number of years: it may be a hundred times another."""
    # an age may be written in days
    if not _is_about_events(compare) or _longest_window(prover, compare) > LONGEST:
        return None
    for side in (compare.left, compare.right):
        for node in _outside_ages(side):
            if isinstance(node, t.AddMonths) and abs(node.months) > LONG_MONTHS and node.months % 12:
                return f"speaks of {abs(node.months)} months, no whole number of years, which may be a slip"
    if any(isinstance(node, t.AddMonths) for node in t.walk(compare)):
        return None
    for days in _window_lengths(compare):
        beyond = min(days % 365, days % 366, days % Fraction(1461, 4))
        if LONG_MONTHS // 12 * _YEAR < days <= LONGEST and beyond > 1:
            return f"speaks of {int(days)} days, no whole number of years, which may be a slip"
    return None


def _longest_window(prover: Prover, compare: t.Compare) -> int:
    """The most days that a window of the comparison may have: as many as the plausible range of one of its dates reaches back."""
    reaching = [LONGEST]
    for name in t.variables(compare):
        variable, domain = prover.library.variables.get(name), prover.known.get(name)
        if variable is not None and variable.past and variable.plausible is not None:
            assert isinstance(domain, Interval)
            reaching.append(prover.day - int(domain.low))
    return max(reaching)


def _outside_typical(prover: Prover, limit: Fraction, term: t.Term) -> str | None:
    """What is wrong with a limit that no trial sets on the variable; none, as in `> 0`, is always one."""
    variable = prover.library.variables.get(term.name) if isinstance(term, t.NumberVariable) else None
    if variable is None or variable.typical is None or limit == 0:
        return None
    whole = isinstance(variable.type, IntegerType)
    at = point(int(limit) if whole else limit, whole=whole)
    if evaluate(variable.typical, {t.AS_OF: point(prover.day, whole=True), variable.name: at}) is not False:
        return None
    return f"has its threshold outside what trials ask for ({variable.typical_text}), which may be a slip of units"


def _ratio_outside_typical(prover: Prover, compare: t.Compare) -> str | None:
    ratios = ratio_axes(prover.library)
    for axis, (limit, _) in cuts_of(compare, ratios):
        quotient = next((each.quotient for each in ratios if each == axis), None)
        if quotient is None or quotient.typical is None or limit == 0:
            continue
        nodes = (node for node in t.walk(quotient.typical) if isinstance(node, t.Compare))
        ends = [value for node in nodes for found, (value, _) in cuts_of(node, ratios) if found == axis]
        if ends and not min(ends) <= limit <= max(ends):
            return f"has its threshold outside what trials ask for ({quotient.typical_text}), which may be a slip of units"
    return None


def _near_the_end(limit: Fraction, term: t.Term, plausible: Interval) -> bool:
    """Whether a threshold on a quantity lies so near the upper end of the plausible range that hardly a value is above it."""
    if t.integral(term) or isinstance(plausible.low, float) or isinstance(plausible.high, float):
        return False
    low, high = Fraction(plausible.low), Fraction(plausible.high)
    return low < high and high - limit < (high - low) * LEAST_ABOVE


def _number_text(value: int | float | Fraction) -> str:
    return f"{float(value):g}"


def _outside_plausible(limit: Fraction, term: t.Term, plausible: Interval) -> str | None:
    if t.integral(term) and limit.denominator != 1:
        return "compares a whole number with a fraction, which may be a slip of units"
    if limit < plausible.low or limit > plausible.high:
        return "has its threshold outside the plausible range, which may be a slip of units"
    if plausible.low == 0 < limit and not isinstance(plausible.high, float) and not t.integral(term):
        factor = Fraction(plausible.high) / limit
        if factor > SMALLEST:
            return f"has its threshold {int(factor)} times below the highest plausible value, which may be a slip of units"
    return None


def _is_about_events(compare: t.Compare) -> bool:
    """Whether a comparison is one of dates, ages left aside."""
    nodes = (node for side in (compare.left, compare.right) for node in _outside_ages(side))
    return any(isinstance(node, t.NumberVariable) and node.kind == "date" for node in nodes)


def _outside_ages(node: t.Node) -> Iterator[t.Node]:
    yield node
    if not isinstance(node, t.CompletedYears):
        for child in t.children(node):
            yield from _outside_ages(child)


def _window_lengths(compare: t.Compare) -> Iterator[Fraction]:
    for side in (compare.left, compare.right):
        for node in _outside_ages(side):
            if isinstance(node, t.AddMonths):
                yield Fraction(abs(node.months) * _YEAR // 12)
        parts = side.parts if isinstance(side, t.Sum) else (side,)
        other = compare.right if side is compare.left else compare.left
        # a number of days stands beside a difference of dates; beside a date stands a day of the calendar
        if not isinstance(side, t.Constant) or days_between(other):
            yield from (abs(part.value) for part in parts if isinstance(part, t.Constant))


def check_anchors(log: FindingsLog, criterion: Criterion) -> None:
    """Find a clause that counts days both to the day of evaluation and to the first dose."""
    variables = log.view.library.variables
    planned = frozenset(n for n, v in variables.items() if isinstance(v.type, DateType) and v.absent_as_of)
    several = [criterion.conditions, *(each for each in criterion.clause.alternatives.values() if each)]
    for condition in (condition for each in several for condition in each.values()):
        together = [a for c in _comparisons_within(condition) if len(a := _anchors_of(c, planned)) > 1]
        apart = frozenset[str]().union(*(_anchors_of(c, planned) for c in _comparisons_within(condition)))
        if together or len(apart) > 1:
            where = "in one comparison" if together else "in one clause"
            text = f"{criterion.id} uses both the day of evaluation and the first dose {where}"
            log.add("mixed-anchors", [criterion.id], text)
            return


def _anchors_of(compare: t.Compare, planned: frozenset[str]) -> frozenset[str]:
    """Which anchors a comparison of dates uses: the day of evaluation, the first dose, or both."""
    found: set[str] = set()
    pending: list[t.Node] = [compare.left, compare.right]
    while pending:
        node = pending.pop()
        if _first_dose(node, planned):
            found.add("first dose")
        elif isinstance(node, t.NumberVariable) and node.name == t.AS_OF:
            found.add("day of evaluation")
        elif not isinstance(node, t.CompletedYears):
            pending.extend(t.children(node))
    return frozenset(found)


def _first_dose(node: t.Node, planned: frozenset[str]) -> bool:
    """Whether a date is the planned first dose, or the day of evaluation where that is the later."""
    said = t.variables(node)
    chosen = isinstance(node, t.Choice) and not said.isdisjoint(planned) and said <= planned | {t.AS_OF}
    return chosen or (isinstance(node, t.NumberVariable) and node.name in planned)
