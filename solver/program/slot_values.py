"""Running a flat program: three-valued evaluation of every slot, for several environments at once.

Each literal has a whole number, of which bit k says whether it can be true in environment k; its negation has another, so that both bits
are set where it is open. With `level <= 3` open in the first of two environments and true in the second, the number of its literal is
0b11, and of its negation 0b01. That is what `evaluate` says of the tree, slot by slot.
"""

from __future__ import annotations

from collections.abc import Sequence

from solver.evaluation.evaluate import evaluate
from solver.language import domain as d
from solver.language import tree as t
from solver.program.slots import FlatProgram, Limits

Values = list[int]
"""By literal, in which environments it can be true."""


def slot_values(program: FlatProgram, environments: Sequence[d.Environment]) -> Values:
    """What every literal can be in each of the environments, which agree in whatever has one value in the first."""
    first, whole = environments[0], (1 << len(environments)) - 1
    values = [0] * (2 * program.count)
    values[0] = whole
    for name, slot in program.flags.items():
        domain = first[name]
        if len(domain) == 1:
            values[2 * slot + (True not in domain)] = whole
            continue
        for k, known in enumerate(environments):
            values[2 * slot] |= (True in known[name]) << k
            values[2 * slot + 1] |= (False in known[name]) << k
    for name, members in program.members.items():
        _add_members(values, members, [known[name] for known in _different(name, environments)], whole)
    for name, limits in program.limits.items():
        _add_limits(values, limits, [known[name] for known in _different(name, environments)], whole)  # type: ignore[misc]
    for slot, condition in program.others:
        _add_other(values, slot, condition, environments, whole)
    _run(values, program, whole)
    return values


def _different(name: str, environments: Sequence[d.Environment]) -> Sequence[d.Environment]:
    """One environment where all agree on a variable."""
    return environments[:1] if d.is_exact(environments[0][name]) else environments


def _add_members(
    values: Values, members: list[tuple[int, frozenset[str]]], domains: Sequence[d.Domain], whole: int
) -> None:
    if len(domains) == 1:
        (value,) = domains[0] if len(domains[0]) == 1 else (None,)
        if value is not None:
            for slot, wanted in members:
                values[2 * slot + (value not in wanted)] = whole
            return
    for slot, wanted in members:
        can = cannot = 0
        for k, domain in enumerate(domains):
            assert isinstance(domain, frozenset)
            can |= (not domain.isdisjoint(wanted)) << k
            cannot |= (not domain <= wanted) << k
        values[2 * slot], values[2 * slot + 1] = can, cannot


def _add_limits(values: Values, limits: Limits, domains: Sequence[d.Interval], whole: int) -> None:
    slots = limits.slots
    for k, domain in enumerate(domains):
        bit = whole if len(domains) == 1 else 1 << k
        false_end, true_start = limits.sides(domain)
        for slot in slots[:false_end]:
            values[2 * slot + 1] |= bit
        for slot in slots[true_start:]:
            values[2 * slot] |= bit
        for slot in slots[false_end:true_start]:
            values[2 * slot] |= bit
            values[2 * slot + 1] |= bit


def _add_other(
    values: Values, slot: int, condition: t.Condition, environments: Sequence[d.Environment], whole: int
) -> None:
    first = environments[0]
    value = evaluate(condition, first)
    if value is not None:
        # what is certain of what is known is so of every completion
        values[2 * slot + (not value)] = whole
        return
    can = cannot = 1
    for k, known in enumerate(environments[1:], 1):
        value = evaluate(condition, known)
        can |= (value is not False) << k
        cannot |= (value is not True) << k
    values[2 * slot], values[2 * slot + 1] = can, cannot


def _run(values: Values, program: FlatProgram, whole: int) -> None:
    equivalences = program.equivalences
    for slot, parts in program.conjunctions:
        if not parts:
            left, right = equivalences[slot]
            a, b, not_a, not_b = values[left], values[right], values[left + 1], values[right + 1]
            values[2 * slot] = (a & b) | (not_a & not_b)
            values[2 * slot + 1] = (a & not_b) | (not_a & b)
            continue
        can, cannot = whole, 0
        for literal in parts:
            can &= values[literal]
            cannot |= values[literal ^ 1]
        values[2 * slot], values[2 * slot + 1] = can, cannot
