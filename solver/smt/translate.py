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
from collections.abc import Iterable, Sequence
from fractions import Fraction

from solver.evaluation.evaluate import bounds
from solver.language import calendar
from solver.language import tree as t
from solver.language.domain import Domain, Environment, Interval
from solver.smt.stepping import Shift, Stepping, StepsBetween, moved_within
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
            if limited is None and symbols.apart:
                limited = _moved_apart(condition, symbols, copy)
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
            if symbols.apart and sum(not isinstance(part, t.Constant) for part in parts) > 1:
                return _product_apart(parts, symbols, copy, real=real)
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


def _moved_day(day: t.Term, by: int, symbols: Symbols, copy: int, shift: Shift, steps: StepsBetween) -> str:
    """A day moved by whole months or years: it, plus days that change where their lengths differ; none outside the calendar."""
    ranges = symbols.ranges_of(copy)
    within, text = bounds(day, ranges), term_text(day, symbols, copy, real=False)
    if _in_calendar(within):
        return moved_within(within, text, by, shift, steps).symbol(symbols)
    within = bounds(day, _days_lived(t.variables(day), ranges))
    moved = moved_within(within, text, by, shift, steps).symbol(symbols)
    return f"(ite (<= 1 {text} {calendar.LAST_OF_CALENDAR}) {moved} {text})"


def _in_calendar(days: Interval) -> bool:
    """Whether both ends are days of the calendar, and so all between them."""
    return calendar.in_calendar(int(days.low)) and calendar.in_calendar(int(days.high))


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


def _age_term(start: t.Term, end: t.Term, symbols: Symbols, copy: int) -> str:
    """Completed years: one for each anniversary that has passed."""
    stepping = _age_stepping(start, end, symbols, copy)
    if stepping is not None:
        return stepping.symbol(symbols)
    key = (start, end, copy)
    if key not in symbols.ages:
        least, spans = _spans_of_years(start, end, symbols, copy)
        day = term_text(end, symbols, copy, real=False)
        passed = [f"(ite (<= {_anniversary_term(start, years, symbols, copy)} {day}) 1 0)" for years in spans]
        symbols.ages[key] = f"(+ {whole_text(least)} {' '.join(passed)} 0)"
    return symbols.ages[key]


def _spans_of_years(start: t.Term, end: t.Term, symbols: Symbols, copy: int) -> tuple[int, range]:
    """The fewest years that can have been completed, and the numbers of years beyond that may have been."""
    ranges = symbols.ranges_of(copy)
    first, last = bounds(start, ranges), bounds(end, ranges)
    most = calendar.completed_years(int(first.low), int(last.high))
    least = calendar.completed_years(int(first.high), int(last.low))
    return least, range(least + 1, most + 1)


def _age_stepping(start: t.Term, end: t.Term, symbols: Symbols, copy: int) -> Stepping | None:
    """Completed years from or to a known day, which step on limits of the other; None where neither is known."""
    ranges = symbols.ranges_of(copy)
    first, last = bounds(start, ranges), bounds(end, ranges)
    if not (first.exact or last.exact):
        return None
    least, spans = _spans_of_years(start, end, symbols, copy)
    if last.exact:
        passed = ((calendar.last_day_completing(years, int(last.low)) + 1, -1) for years in reversed(spans))
        return Stepping("", least + len(spans), tuple(passed), term_text(start, symbols, copy, real=False))
    passed = ((calendar.anniversary(int(first.low), years), 1) for years in spans)
    return Stepping("", least, tuple(passed), term_text(end, symbols, copy, real=False))


def _is_stepwise(term: t.Term, symbols: Symbols, copy: int) -> bool:
    """Whether the term is made of ages and of choices between constants, so that so many times another is a sum of choices."""
    if isinstance(term, t.CompletedYears):
        return _age_stepping(term.start, term.end, symbols, copy) is not None
    if isinstance(term, t.Choice):
        parts: tuple[t.Term, ...] = (term.then, term.otherwise)
    elif isinstance(term, t.Sum | t.Product):
        parts = term.parts
    else:
        return False
    open_parts = [part for part in parts if not isinstance(part, t.Constant)]
    if isinstance(term, t.Product) and len(open_parts) != 1:
        return False
    return all(_is_stepwise(part, symbols, copy) for part in open_parts)


def _product_apart(parts: Sequence[t.Term], symbols: Symbols, copy: int, *, real: bool) -> str:
    """A product whose stepwise factors say how many of the product of the others there are, as a sum of choices.

    So the product of an age and a weight is linear: the weight counts once for each binary digit of the age that is set, times its worth.
    """
    stepwise = [_is_stepwise(part, symbols, copy) for part in parts]
    others = [term_text(parts[i], symbols, copy, real=real) for i, steps in enumerate(stepwise) if not steps]
    if not others:
        found = number_text(Fraction(1), real=real)
    else:
        found = others[0] if len(others) == 1 else f"(* {' '.join(others)})"
    for i, steps in enumerate(stepwise):
        if steps:
            found = f"(let (({_UNIT} {found})) {_units_text(parts[i], symbols, copy, real=real)})"
    return found


_UNIT = "unit!"
"""What is counted in a product; no variable is called so."""


def _units_text(term: t.Term, symbols: Symbols, copy: int, *, real: bool) -> str:
    """As many units as a stepwise term or a constant says."""
    match term:
        case t.Constant(value):
            return f"(* {number_text(value, real=real)} {_UNIT})"
        case t.Sum(parts):
            return f"(+ {' '.join(_units_text(part, symbols, copy, real=real) for part in parts)})"
        case t.Product(parts):
            known = [number_text(part.value, real=real) for part in parts if isinstance(part, t.Constant)]
            (counted,) = (part for part in parts if not isinstance(part, t.Constant))
            return f"(* {' '.join([*known, _units_text(counted, symbols, copy, real=real)])})"
        case t.Choice(condition, then, otherwise):
            branches = " ".join(_units_text(part, symbols, copy, real=real) for part in (then, otherwise))
            return f"(ite {condition_text(condition, symbols, copy)} {branches})"
        case t.CompletedYears(start, end):
            years = _age_stepping(start, end, symbols, copy)
            assert years is not None
            return years.units_text(_UNIT, real=real)
        case _:
            raise TypeError(f"is not stepwise: {term}")


def _moved_apart(comparison: t.Compare, symbols: Symbols, copy: int) -> str | None:
    """A comparison of a day moved by months with a day that is not known, by each number of days that the months may be worth.

    3 months are at least 89 days and at most 92. So `day + 3 months <= other` says that `day + 89 <= other`, that `day + 90 <= other` where
    they are worth 90 at least, and so on. None where no day of the calendar is moved.
    """
    relation, left, right = comparison.relation, comparison.left, comparison.right
    if relation == "==":
        both = [
            _moved_apart(t.Compare("<=", one, other), symbols, copy)
            for one, other in ((left, right), (right, left))
        ]
        return None if None in both else f"(and {both[0]} {both[1]})"
    upper = isinstance(left, t.AddMonths)
    moved, other = (left, right) if upper else (right, left)
    if not isinstance(moved, t.AddMonths) or not t.integral(other):
        return None
    within = bounds(moved.date, symbols.ranges_of(copy))
    if not _in_calendar(within):
        return None
    day, limit = (term_text(each, symbols, copy, real=False) for each in (moved.date, other))
    found = moved_within(within, day, moved.months, calendar.add_months, calendar.month_steps)
    at_least = found.at_least_texts()
    parts = []
    for days, more in zip(at_least, [*list(at_least)[1:], None], strict=True):
        shifted = f"(+ {day} {whole_text(days)})"
        stands = f"({relation} {shifted} {limit})" if upper else f"({relation} {limit} {shifted})"
        if upper:
            # where they are worth so many days or more
            parts.append(f"(or (not {at_least[days]}) {stands})")
        else:
            # where they are worth so many or fewer
            parts.append(stands if more is None else f"(or {at_least[more]} {stands})")
    return f"(and {' '.join(parts)})"


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
