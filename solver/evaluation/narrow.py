"""Narrowing: what must hold of the variables for a condition to have a truth value.

Domains only ever lose values that no assignment satisfying the condition has, so narrowing never changes the set of completions.

That `level * weight <= 80` holds, with a level from 0 to 5 and a weight from 40 to 100, leaves a level of at most 80 / 40 = 2. That it
does not hold leaves one above 80 / 100 = 0.8.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from solver.evaluation.evaluate import bounds, evaluate
from solver.language import domain as d
from solver.language import tree as t
from solver.language.calendar import anniversary, last_day_completing, last_day_reaching

Narrowing = dict[str, d.Domain]
"""The domains of all variables, narrowed in place."""


def assume(condition: t.Condition, truth: bool, known: Narrowing, changed: set[str]) -> None:
    """Narrow `known` to what `condition` having the value `truth` leaves; names of narrowed variables go to `changed`.

    Raises `Inconsistent` if nothing is left of some variable.
    """
    _ASSUMED.get(type(condition), _check_value)(condition, truth, known, changed)


def _check_value(condition: t.Condition, truth: bool, known: Narrowing, changed: set[str]) -> None:
    """A condition that narrows nothing: it has the value, or nothing is left."""
    if evaluate(condition, known) is not truth:
        raise d.Inconsistent


def _assume_not(condition: t.Not, truth: bool, known: Narrowing, changed: set[str]) -> None:
    assume(condition.condition, not truth, known, changed)


def _assume_flag(condition: t.BooleanVariable, truth: bool, known: Narrowing, changed: set[str]) -> None:
    _keep_values(condition.name, _TRUE if truth else _FALSE, known, changed)


_TRUE, _FALSE = frozenset({True}), frozenset({False})


def _assume_member(condition: t.Member, truth: bool, known: Narrowing, changed: set[str]) -> None:
    domain = known[condition.name]
    assert isinstance(domain, frozenset)
    kept = condition.values if truth else domain - condition.values
    _keep_values(condition.name, kept, known, changed)


def _assume_one_of(condition: t.OneOf, truth: bool, known: Narrowing, changed: set[str]) -> None:
    if truth:
        _keep_between(condition, known, changed)
    else:
        _assume_or(condition, truth, known, changed)


def _assume_and(condition: t.And, truth: bool, known: Narrowing, changed: set[str]) -> None:
    if not truth:
        _assume_some(condition.conditions, truth, known, changed)
        return
    for part in condition.conditions:
        assume(part, truth, known, changed)


def _assume_or(condition: t.Or, truth: bool, known: Narrowing, changed: set[str]) -> None:
    if truth:
        _assume_some(condition.conditions, truth, known, changed)
        return
    for part in condition.conditions:
        assume(part, truth, known, changed)


def _assume_iff(condition: t.Iff, truth: bool, known: Narrowing, changed: set[str]) -> None:
    one, other = evaluate(condition.left, known), evaluate(condition.right, known)
    if one is not None:
        assume(condition.right, one is truth, known, changed)
    elif other is not None:
        assume(condition.left, other is truth, known, changed)


def _assume_some(conditions: Sequence[t.Condition], truth: bool, known: Narrowing, changed: set[str]) -> None:
    """Some of the conditions has the value `truth`: if only one still can, it does."""
    possible = None
    for condition in conditions:
        value = evaluate(condition, known)
        if value is truth:
            return
        if value is None:
            if possible is not None:
                return
            possible = condition
    if possible is None:
        raise d.Inconsistent
    assume(possible, truth, known, changed)


def _keep_between(one_of: t.OneOf, known: Narrowing, changed: set[str]) -> None:
    """The number lies between the lowest and the highest of the values that are left."""
    domain = known[one_of.name]
    assert isinstance(domain, d.Interval)
    first, end = one_of.within(domain)
    if first >= end:
        raise d.Inconsistent
    hull = d.Interval(one_of.values[first], one_of.values[end - 1])
    narrow_term(t.NumberVariable(one_of.name, "real"), hull, known, changed)


def _keep_values(
    name: str, values: frozenset[bool] | frozenset[str], known: Narrowing, changed: set[str]
) -> None:
    domain = known[name]
    assert isinstance(domain, frozenset)
    kept = domain & values
    if not kept:
        raise d.Inconsistent
    if len(kept) < len(domain):
        known[name] = kept
        changed.add(name)


def _assume_compare(condition: t.Compare, truth: bool, known: Narrowing, changed: set[str]) -> None:
    relation: str = condition.relation
    left, right = condition.left, condition.right
    if not truth:
        if relation == "==":
            if evaluate(condition, known) is True:
                raise d.Inconsistent
            return
        left, right = right, left
        relation = "<" if relation == "<=" else "<="
    one, other = bounds(left, known), bounds(right, known)
    if relation == "==":
        narrow_term(left, d.any_number_in(other), known, changed)
        narrow_term(right, d.any_number_in(bounds(left, known)), known, changed)
        return
    strict = relation == "<"
    narrow_term(left, d.at_most(other.high, other.high_open or strict), known, changed)
    narrow_term(right, d.at_least(one.low, one.low_open or strict), known, changed)


def narrow_term(term: t.Term, target: d.Interval, known: Narrowing, changed: set[str]) -> None:
    """Narrow the variables of `term` to what its value lying in `target` leaves; raises `Inconsistent`."""
    current = bounds(term, known)
    wanted = d.intersect(current, target)
    if wanted[:4] == current[:4]:
        return
    if isinstance(term, t.NumberVariable):
        known[term.name] = wanted
        changed.add(term.name)
        return
    match term:
        case t.Sum(parts):
            for i, part in enumerate(parts):
                rest = d.any_number_in(wanted)
                for j, other in enumerate(parts):
                    if j != i:
                        rest = d.add(rest, d.negate(bounds(other, known)))
                narrow_term(part, d.any_number_in(rest), known, changed)
        case t.Product(parts):
            for i, part in enumerate(parts):
                rest = d.Interval(1, 1)
                for j, other in enumerate(parts):
                    if j != i:
                        rest = d.multiply(rest, bounds(other, known))
                narrow_term(part, d.divide(wanted, rest), known, changed)
        case t.Power(base, exponent):
            # of a square alone the sign of the base is lost
            if bounds(base, known).low >= 0:
                narrow_term(base, d.root(wanted, exponent), known, changed)
        case t.Largest(parts):
            _narrow_largest(parts, wanted, known, changed)
        case t.Choice():
            _narrow_choice(term, wanted, known, changed)
        case t.AddMonths(date, months):
            latest = last_day_reaching(int(wanted.high), months)
            earliest = last_day_reaching(int(wanted.low) - 1, months) + 1
            narrow_term(date, d.Interval(earliest, latest), known, changed)
        case t.CompletedYears(start, end):
            fewest, most = int(wanted.low), int(wanted.high)
            last = bounds(end, known)
            latest = last_day_completing(fewest, int(last.high))
            earliest = last_day_completing(most + 1, int(last.low)) + 1
            narrow_term(start, d.intersect(d.EVERYTHING, d.Interval(earliest, latest)), known, changed)
            if not last.exact:
                first = bounds(start, known)
                soonest = anniversary(int(first.low), fewest)
                too_late = anniversary(int(first.high), most + 1)
                narrow_term(end, d.intersect(d.EVERYTHING, d.Interval(soonest, too_late - 1)), known, changed)
        case _:
            return


def _narrow_largest(parts: Sequence[t.Term], wanted: d.Interval, known: Narrowing, changed: set[str]) -> None:
    """None is larger than wanted, and if only one can be as large, it is."""
    able = [part for part in parts if _can_reach(part, wanted, known)]
    if not able:
        raise d.Inconsistent
    for part in parts:
        low = wanted.low if able == [part] else -math.inf
        low_open = wanted.low_open if able == [part] else True
        narrow_term(part, d.Interval(low, wanted.high, low_open, wanted.high_open), known, changed)


def _can_reach(term: t.Term, wanted: d.Interval, known: Narrowing) -> bool:
    most = bounds(term, known)
    return most.high > wanted.low or (most.high == wanted.low and not (most.high_open or wanted.low_open))


def _narrow_choice(choice: t.Choice, wanted: d.Interval, known: Narrowing, changed: set[str]) -> None:
    condition, then, otherwise = choice.condition, choice.then, choice.otherwise
    value = evaluate(condition, known)
    if value is None:
        if not _can_lie_in(then, wanted, known):
            assume(condition, False, known, changed)
            value = False
        elif not _can_lie_in(otherwise, wanted, known):
            assume(condition, True, known, changed)
            value = True
        else:
            return
    narrow_term(then if value else otherwise, d.any_number_in(wanted), known, changed)


def _can_lie_in(term: t.Term, wanted: d.Interval, known: Narrowing) -> bool:
    try:
        d.intersect(bounds(term, known), d.any_number_in(wanted))
    except d.Inconsistent:
        return False
    return True


# Dispatch by type, as in `evaluate`.
_ASSUMED: dict[type, Callable[..., None]] = {
    t.Not: _assume_not,
    t.BooleanVariable: _assume_flag,
    t.Member: _assume_member,
    t.OneOf: _assume_one_of,
    t.And: _assume_and,
    t.Or: _assume_or,
    t.Iff: _assume_iff,
    t.Compare: _assume_compare,
}
