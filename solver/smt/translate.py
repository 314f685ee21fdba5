"""From the typed syntax tree to SMT-LIB 2 text.

Numbers are `Int` or `Real` with exact rational constants, dates are `Int` day numbers, an enumeration is an `Int` between 0 and the
number of its values. Text is what the solver reads fastest, and what an exported query shows.

Months are no fixed number of days. Where a date moved by some, `dose + 1 month`, is compared with a known day, that is a limit of the date
itself. Elsewhere it becomes a symbol of its own: the date and a number of days, which is found by halves. With a dose from January to the
first days of March 2026 these are 31, a day less from each of 29, 30 and 31 January on, and 31 again from 1 March on:

    (declare-const step!1 Int)
    (assert (= step!1 (let ((reached dose)) (+ dose (ite (< reached 739647)
      (ite (< reached 739646) (ite (< reached 739645) 31 30) 29) (ite (< reached 739676) 28 31))))))

Ages change on anniversaries in the same way, between a least and a most age.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction

from solver.evaluation.evaluate import bounds
from solver.language import calendar
from solver.language import tree as t
from solver.language.domain import Domain, Environment, Interval
from solver.smt.symbols import Symbols, number_text, whole_text

_ONE_BY_ONE = 16
"""How many values a number that is one of several is compared with one by one."""


_A_RANGE = 4
"""How many whole numbers that follow one another are said by the first and the last."""


def condition_text(condition: t.Condition, symbols: Symbols, copy: int = 0) -> str:
    """The condition as an SMT-LIB term of sort Bool. Lists must have been resolved."""
    match condition:
        case t.Truth(value):
            return "true" if value else "false"
        case t.BooleanVariable(name):
            return symbols.symbol(name, copy)
        case t.Not(inner):
            return f"(not {condition_text(inner, symbols, copy)})"
        case t.And(conditions):
            return f"(and {' '.join(condition_text(part, symbols, copy) for part in conditions)})"
        case t.OneOf(conditions, name, values) if len(values) > _ONE_BY_ONE:
            # the solver halves a long list faster than it compares one by one
            middle = len(values) // 2
            lower, upper = (
                condition_text(t.OneOf(conditions[part], name, values[part]), symbols, copy)
                for part in (slice(middle), slice(middle, None))
            )
            limit = number_text(Fraction(values[middle]), real=symbols.sort(name) == "Real")
            return f"(ite (< {symbols.symbol(name, copy)} {limit}) {lower} {upper})"
        case t.Or(conditions):
            return f"(or {' '.join(condition_text(part, symbols, copy) for part in conditions)})"
        case t.Iff(left, right):
            return f"(= {condition_text(left, symbols, copy)} {condition_text(right, symbols, copy)})"
        case t.Member(name, values):
            symbol = symbols.symbol(name, copy)
            return _member_text(symbol, sorted(symbols.code(name, value) for value in values))
        case t.Compare(relation, left_term, right_term):
            limited = _limited_day(condition, symbols, copy)
            if limited is not None:
                return limited
            real = not (t.integral(left_term) and t.integral(right_term))
            one, other = (term_text(term, symbols, copy, real=real) for term in (left_term, right_term))
            return f"({'=' if relation == '==' else relation} {one} {other})"
        case _:
            raise TypeError(f"a list is still in the condition: {condition}")


def _member_text(symbol: str, codes: Sequence[int]) -> str:
    """That a whole number is one of these, which ascend; several that follow one another are a range."""
    runs: list[list[int]] = []
    for code in codes:
        if runs and code == runs[-1][-1] + 1:
            runs[-1].append(code)
        else:
            runs.append([code])
    found = []
    for run in runs:
        if len(run) < _A_RANGE:
            found += [f"(= {symbol} {code})" for code in run]
        else:
            found.append(f"(<= {run[0]} {symbol} {run[-1]})")
    if not found:
        return "false"
    return found[0] if len(found) == 1 else f"(or {' '.join(found)})"


def term_text(term: t.Term, symbols: Symbols, copy: int = 0, *, real: bool) -> str:
    """The term as an SMT-LIB term of sort Real, or Int where `real` is false (the term must then be integral)."""
    match term:
        case t.Constant(value):
            return number_text(value, real=real)
        case t.NumberVariable(name, kind):
            symbol = symbols.symbol(name, copy)
            return f"(to_real {symbol})" if real and kind != "real" else symbol
        case t.Sum(parts):
            return f"(+ {' '.join(term_text(part, symbols, copy, real=real) for part in parts)})"
        case t.Product(parts):
            return f"(* {' '.join(term_text(part, symbols, copy, real=real) for part in parts)})"
        case t.Power(base, exponent):
            text = term_text(base, symbols, copy, real=real)
            return text if exponent == 1 else f"(* {' '.join([text] * exponent)})"
        case t.Largest(parts):
            return _largest_text([term_text(part, symbols, copy, real=real) for part in parts])
        case t.Choice(condition, then, otherwise):
            branches = " ".join(term_text(part, symbols, copy, real=real) for part in (then, otherwise))
            return f"(ite {condition_text(condition, symbols, copy)} {branches})"
        case t.Count(conditions):
            one, none = ("1.0", "0.0") if real else ("1", "0")
            counted = [f"(ite {condition_text(part, symbols, copy)} {one} {none})" for part in conditions]
            return f"(+ {none} {' '.join(counted)})"
        case t.AddMonths(day, months):
            text = _moved_day(day, months, symbols, copy, calendar.add_months, calendar.month_steps)
        case t.CompletedYears(start, end):
            text = _age_term(start, end, symbols, copy)
        case _:
            raise TypeError(f"a list is still in the term: {term}")
    return f"(to_real {text})" if real else text


def _largest_text(terms: Sequence[str]) -> str:
    """The largest of the terms."""
    found = terms[0]
    for term in terms[1:]:
        found = f"(let ((one {found}) (other {term})) (ite (< one other) other one))"
    return found


def value_text(name: str, domain: Domain, symbols: Symbols) -> str:
    """The one value of a domain, as an SMT-LIB term of the variable's sort."""
    if isinstance(domain, Interval):
        return number_text(Fraction(domain.low), real=symbols.sort(name) == "Real")
    assert isinstance(domain, frozenset)
    (value,) = domain
    return str(value).lower() if isinstance(value, bool) else str(symbols.code(name, value))


def domain_text(name: str, domain: Domain, symbols: Symbols, copy: int = 0) -> list[str]:
    """What a domain says of its variable, as SMT-LIB terms of sort Bool."""
    if isinstance(domain, Interval):
        symbol = symbols.symbol(name, copy)
        real = symbols.sort(name) == "Real"
        if domain.exact:
            return [f"(= {symbol} {number_text(Fraction(domain.low), real=real)})"]
        found = []
        if not isinstance(domain.low, float):
            relation = "<" if domain.low_open else "<="
            found.append(f"({relation} {number_text(Fraction(domain.low), real=real)} {symbol})")
        if not isinstance(domain.high, float):
            relation = "<" if domain.high_open else "<="
            found.append(f"({relation} {symbol} {number_text(Fraction(domain.high), real=real)})")
        return found
    if symbols.sort(name) == "Bool":
        if len(domain) == 1:
            symbol = symbols.symbol(name, copy)
            return [symbol if True in domain else f"(not {symbol})"]
        return []
    assert isinstance(domain, frozenset)
    return [condition_text(t.Member(name, frozenset(map(str, domain))), symbols, copy)]


Shift = Callable[[int, int], int]
Steps = Callable[[int, int, int], tuple[tuple[int, int], ...]]


def _moved_day(day: t.Term, by: int, symbols: Symbols, copy: int, shift: Shift, steps: Steps) -> str:
    """A day moved by whole months or years: it, plus days that change where their lengths differ; none outside the calendar."""
    ranges = symbols.ranges_of(copy)
    within, text = bounds(day, ranges), term_text(day, symbols, copy, real=False)
    low, high = int(within.low), int(within.high)
    if calendar.in_calendar(low) and calendar.in_calendar(high):
        return _moved_within(low, high, text, by, symbols, shift, steps)
    within = bounds(day, _days_lived(t.variables(day), ranges))
    moved = _moved_within(int(within.low), int(within.high), text, by, symbols, shift, steps)
    return f"(ite (<= 1 {text} {calendar.LAST_OF_CALENDAR}) {moved} {text})"


def _days_lived(names: Iterable[str], ranges: Environment) -> Environment:
    """The ranges of what happened to a patient, as far as they lie in the calendar: within a life of the day of evaluation."""
    today = ranges[t.AS_OF]
    assert isinstance(today, Interval)
    lived = Interval(calendar.first_day_lived(int(today.low)), today.high, whole=True)
    found: dict[str, Domain] = dict(ranges)
    for name in names:
        domain = ranges[name]
        if (
            not isinstance(domain, Interval)
            or isinstance(domain.low, float)
            or isinstance(domain.high, float)
        ):
            continue
        if not calendar.in_calendar(int(domain.low)) or not calendar.in_calendar(int(domain.high)):
            low, high = (min(max(end, lived.low), lived.high) for end in (domain.low, domain.high))
            found[name] = Interval(low, high, whole=True)
    return found


def _moved_within(
    low: int, high: int, text: str, by: int, symbols: Symbols, shift: Shift, steps: Steps
) -> str:
    """A day between two days of the calendar, moved by whole months or years."""
    moved = (shift(low, by), shift(high, by))
    if (
        high - low > calendar.CYCLE
        and min(low, *moved) >= calendar.CYCLE_START
        and max(high, *moved) <= calendar.CYCLE_END
    ):
        sample = (
            calendar.CYCLE_SAMPLE
            if shift(calendar.CYCLE_SAMPLE + calendar.CYCLE, by) <= calendar.CYCLE_END
            else calendar.CYCLE_START
        )
        start, *rest = steps(sample, sample + calendar.CYCLE - 1, by)
        in_cycle = f"(mod (- {text} {sample}) {calendar.CYCLE})"
        return symbols.stepping(text, start[1], [(d - sample, height) for d, height in rest], in_cycle)
    start, *rest = steps(low, high, by)
    return symbols.stepping(text, start[1], rest, text)


def _age_term(start: t.Term, end: t.Term, symbols: Symbols, copy: int) -> str:
    """Completed years: one for each calendar.anniversary that has passed."""
    ranges = symbols.ranges_of(copy)
    first, last = bounds(start, ranges), bounds(end, ranges)
    most = calendar.completed_years(int(first.low), int(last.high))
    least = calendar.completed_years(int(first.high), int(last.low))
    spans = range(least + 1, most + 1)
    if last.exact:
        steps = [(calendar.last_day_completing(years, int(last.low)) + 1, -1) for years in reversed(spans)]
        return symbols.stepping("", most, steps, term_text(start, symbols, copy, real=False))
    day = term_text(end, symbols, copy, real=False)
    if first.exact:
        steps = [(calendar.anniversary(int(first.low), years), 1) for years in spans]
        return symbols.stepping("", least, steps, day)
    key = (start, end, copy)
    if key not in symbols.ages:
        passed = [f"(ite (<= {_anniversary_term(start, years, symbols, copy)} {day}) 1 0)" for years in spans]
        symbols.ages[key] = f"(+ {whole_text(least)} {' '.join(passed)} 0)"
    return symbols.ages[key]


def _limited_day(comparison: t.Compare, symbols: Symbols, copy: int) -> str | None:
    """A comparison of completed years, or of a day moved by months, with a known number: that of a day with a known day.

    Both only grow with the days they are of, so that the least one that is enough says all. None where nothing is moved or known.
    """
    relation, left, right = comparison.relation, comparison.left, comparison.right
    for upper, moved, limit in ((True, left, right), (False, right, left)):
        if not isinstance(moved, t.CompletedYears | t.AddMonths):
            continue
        known = bounds(limit, symbols.ranges_of(copy))
        if not known.exact:
            continue
        value = Fraction(known.low)
        if relation == "==":
            if value.denominator != 1:
                return "false"
            parts = [_reached(moved, int(value) + more, symbols, copy) for more in (0, 1)]
            return None if None in parts else f"(and {parts[0]} (not {parts[1]}))"
        # the number is at least `least`, or (upper) below it
        least = math.floor(value) + 1 if (relation == "<=") is upper else math.ceil(value)
        reached = _reached(moved, least, symbols, copy)
        return f"(not {reached})" if upper and reached is not None else reached
    return None


def _reached(moved: t.CompletedYears | t.AddMonths, least: int, symbols: Symbols, copy: int) -> str | None:
    """Whether so many years are completed, or the moved day is this one or later; None for days outside the calendar."""
    ranges = symbols.ranges_of(copy)
    within = bounds(moved, ranges)
    if not within.low < least <= within.high:
        return "true" if least <= within.low else "false"
    if isinstance(moved, t.AddMonths):
        day = bounds(moved.date, ranges)
        if not (calendar.in_calendar(int(day.low)) and calendar.in_calendar(int(day.high))):
            return None
        before = calendar.last_day_reaching(least - 1, moved.months)
        return f"(< {whole_text(before)} {term_text(moved.date, symbols, copy, real=False)})"
    first, last = bounds(moved.start, ranges), bounds(moved.end, ranges)
    start, end = (term_text(day, symbols, copy, real=False) for day in (moved.start, moved.end))
    if last.exact:
        return f"(<= {start} {whole_text(calendar.last_day_completing(least, int(last.low)))})"
    if first.exact:
        return f"(<= {whole_text(calendar.anniversary(int(first.low), least))} {end})"
    return f"(<= {_anniversary_term(moved.start, least, symbols, copy)} {end})"


def _anniversary_term(start: t.Term, years: int, symbols: Symbols, copy: int) -> str:
    """The day that completes a number of years since a day that is not known."""
    return _moved_day(start, years, symbols, copy, calendar.anniversary, calendar.year_steps)
