"""One patient under the theory: what is known, what follows, and what stays open.

Everything that the questions share is computed here once a record: the domains of the facts, the plausible ranges of what is not
recorded, the closure of both under the theory, and an oracle for what evaluation leaves open.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Mapping
from dataclasses import field
from fractions import Fraction

from solver.dataclass import dataclass
from solver.engine.answer import Requirement
from solver.engine.events.extend import extended
from solver.engine.events.limits import limit_variable
from solver.engine.oracle import Oracle
from solver.evaluation.evaluate import evaluate
from solver.evaluation.narrow import Narrowing, assume
from solver.evaluation.propagate import Conditions, complete
from solver.language import domain as d
from solver.language.arithmetic import scaled
from solver.language.calendar import (
    AFTER_EVERY_DAY,
    BEFORE_EVERY_DAY,
    CYCLE_END,
    FIRST_DAY,
    LAST_DAY,
    first_day_lived,
)
from solver.language.tree import (
    AS_OF,
    Compare,
    Condition,
    Constant,
    NumberVariable,
    OneOf,
    conjunction,
    disjunction,
    variables,
)
from solver.language.types import BooleanType, DateType, EnumerationType, IntegerType, ListType, VariableType
from solver.language.values import EVENT_DAYS
from solver.library.models import Axiom, Library, Variable
from solver.patient.record import Fact, MultipleOfLimit, Record
from solver.work import Budget

_FEW_VALUES = 64
"""So many numbers or days that one of them may be are told one by one, even where they follow on one another."""

_MOST_KEPT = 64


def widest(variable: Variable, as_of: int) -> d.Domain:
    """Everything the type of a variable allows, before anything is recorded or assumed."""
    match variable.type:
        case BooleanType():
            return d.BOTH
        case EnumerationType(values):
            return frozenset(values)
        case IntegerType():
            return d.Interval(0, math.inf, False, True, True)
        case DateType():
            if variable.term is not None and variable.term.question in EVENT_DAYS:
                return d.Interval(BEFORE_EVERY_DAY, AFTER_EVERY_DAY, whole=True)
            if variable.absent_as_of:
                return d.point(as_of, whole=True)
            return d.Interval(
                first_day_lived(as_of), as_of if variable.past else max(CYCLE_END, as_of), whole=True
            )
        case ListType():
            return d.Recorded(0, frozenset())
        case _:
            return d.Interval(0, math.inf, variable.positive, True)


def plausible(variable: Variable, as_of: int) -> d.Domain:
    """What is assumed of a variable that is not recorded: its plausible range, if it has one."""
    domain = widest(variable, as_of)
    return domain if d.is_exact(domain) else _within_range(variable, domain, as_of)


def _within_range(variable: Variable, domain: d.Domain, as_of: int) -> d.Domain:
    """What the plausible range of a variable, if it has one, leaves of a domain. Raises `Inconsistent`."""
    if variable.plausible is None:
        return domain
    key = id(variable), domain, as_of
    found = _ranged.get(key)
    if found is None:
        known: Narrowing = {AS_OF: d.point(as_of, whole=True), variable.name: domain}
        assume(variable.plausible, True, known, set())
        if len(_ranged) >= _MOST_RANGED:
            _ranged.clear()
        found = _ranged[key] = variable, known[variable.name]
    return found[1]


def _unrecorded(library: Library, as_of: int) -> tuple[Mapping[str, VariableType], Mapping[str, d.Domain]]:
    """The types of all variables, the day of evaluation among them, and everything that they allow."""
    key = id(library), as_of
    found = _blank.get(key)
    if found is None:
        # the types are one object on all days: claims about patients of several days are then put to one solver
        kept = next((each[1] for each in list(_blank.values()) if each[0] is library), None)
        types = kept or {**{name: each.type for name, each in library.variables.items()}, AS_OF: DateType()}
        domains = {name: widest(each, as_of) for name, each in library.variables.items()}
        if len(_blank) >= _MOST_KEPT:
            _blank.clear()
        found = _blank[key] = library, types, domains
    return found[1:]


# the same is asked of every record: what is told apart by its identity is held beside what was found, so that no other has it
_ranged: dict[tuple[int, d.Domain, int], tuple[Variable, d.Domain]] = {}
_MOST_RANGED = 5_000
_blank: dict[tuple[int, int], tuple[Library, Mapping[str, VariableType], Mapping[str, d.Domain]]] = {}


def within(variable: Variable, fact: Fact, as_of: int) -> d.Domain:
    """What a fact leaves of the variable; raises `Inconsistent` where a past date lies after the day of evaluation."""
    domain = fact.domain
    if variable.term is not None and variable.term.question in EVENT_DAYS:
        return domain
    if isinstance(domain, d.Interval) and isinstance(variable.type, DateType):
        latest = as_of if variable.past else LAST_DAY
        return d.intersect(domain, d.Interval(FIRST_DAY, latest, whole=True))
    return d.plain_interval(domain) if isinstance(domain, d.Interval) else domain


def one_of(fact: Fact, kind: VariableType) -> Condition | None:
    """What a fact says beyond its domain, such as that a number is one of several, or so many times its limit of normal."""
    several = fact.values is not None and len(fact.values) > 1 and not _is_whole_range(fact.values, kind)
    if not several and fact.multiple is None and fact.says is None:
        return None
    parts = [_one_of_values(fact.variable, fact.values, kind)] if several and fact.values else []
    if fact.multiple is not None:
        parts.append(_multiple_of_limit(fact.variable, fact.multiple))
    if fact.says is not None:
        parts.append(fact.says)
    return conjunction(parts)


def _is_whole_range(values: tuple[Fraction, ...], kind: VariableType) -> bool:
    """Whether many values are all there are between the first and the last, as the domain says already."""
    if len(values) <= _FEW_VALUES or not isinstance(kind, IntegerType | DateType):
        return False
    return values[-1] - values[0] == len(values) - 1


def _multiple_of_limit(name: str, multiple: MultipleOfLimit) -> Condition:
    value, limit = NumberVariable(name, "real"), NumberVariable(limit_variable(multiple.limit, name), "real")
    if multiple.values is not None:
        return disjunction(Compare("==", value, scaled(limit, each)) for each in multiple.values)
    low, high, low_open, high_open, _ = multiple.times
    if low == high:
        return Compare("==", value, scaled(limit, Fraction(low)))
    parts = [Compare("<" if low_open else "<=", scaled(limit, Fraction(low)), value)] if low else []
    if not isinstance(high, float):
        parts.append(Compare("<" if high_open else "<=", value, scaled(limit, Fraction(high))))
    return conjunction(parts)


def _one_of_values(name: str, values: tuple[Fraction, ...], kind: VariableType) -> Condition:
    key = id(values), name, type(kind)
    kept = _one_of_many.get(key)
    if kept is not None and kept[0] is values:
        return kept[1]
    sort = {IntegerType: "int", DateType: "date"}.get(type(kind), "real")
    term = NumberVariable(name, sort)  # type: ignore[arg-type]
    each = tuple(value.numerator if value.denominator == 1 else value for value in sorted(set(values)))
    equations = tuple(Compare("==", term, Constant(Fraction(value))) for value in each)
    found = OneOf(equations, name, each)
    if len(each) > _FEW_VALUES:
        if len(_one_of_many) >= _MOST_KEPT:
            _one_of_many.clear()
        _one_of_many[key] = values, found
    return found


# a record is posed many times, and many values take long to write down; each is held here, so that no other has its identity
_one_of_many: dict[tuple[int, str, type], tuple[tuple[Fraction, ...], Condition]] = {}


@dataclass(slots=True)
class Problem:
    """A record under a library, closed under the theory.

    `widest` is what types and facts leave, `certain` what the axioms leave of that, both without plausible ranges; `known` adds
    the ranges and is closed under `axioms` and
    `choices` (facts that name several numbers). `implausible` are variables whose range was left out since the record excludes it.
    `inconsistent` says that the closure alone showed a contradiction. `assumed` is what a policy takes for granted of variables that
    are not recorded, and `base` then the same problem without it. `once_recorded` keeps, by variable, the problem without what is assumed
    of it only as long as it is not recorded. `given` is the record before it was told what its events mean. `required` keeps what is
    required of a variable by conditions that speak of it alone.
    """

    library: Library
    record: Record
    axioms: tuple[Axiom, ...]
    choices: Mapping[str, Condition]
    widest: Mapping[str, d.Domain]
    certain: Mapping[str, d.Domain]
    known: dict[str, d.Domain]
    implausible: tuple[str, ...]
    inconsistent: bool
    ranged: frozenset[str]
    types: Mapping[str, VariableType]
    given: Record
    budget: Budget | None = None
    search: bool = True
    assumed: Mapping[str, d.Domain] = field(default_factory=dict)
    base: Problem | None = None
    once_recorded: dict[str, Problem | None] = field(default_factory=dict)
    oracle: Oracle = field(init=False)
    completion: Narrowing | None = field(init=False, default=None)
    required: dict[Hashable, tuple[object, Requirement | None, int]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        conditions = [axiom.condition for axiom in self.axioms] + list(self.choices.values())
        left = [] if self.inconsistent else [c for c in conditions if evaluate(c, self.known) is not True]
        self.oracle = Oracle(self.types, self.known, left, self.budget, search=self.search)

    def consistent(self) -> bool:
        """Whether the record has a completion, which is kept as `completion`. Raises `OutOfBudget`."""
        if self.inconsistent:
            return False
        oracle = self.oracle
        completion = dict(self.known)
        left = set(range(len(oracle.theory)))
        while left:
            start = min(left)
            part = oracle.cone(oracle.mentions[start])
            group = {start, *oracle.relevant(part)}
            theory = [oracle.theory[i] for i in sorted(group)]
            try:
                found = complete(Conditions(theory), self.known) if self.search else None
            except d.Inconsistent:
                return False
            if found is None:
                found = oracle.solve([], theory, part)
            if found is None:
                return False
            completion.update((name, found[name]) for name in part)
            left -= group
        self.completion = oracle.at_hand = completion
        return True


def active_axioms(
    library: Library, record: Record, assumed: Collection[str] = frozenset()
) -> tuple[Axiom, ...]:
    """The axioms in force for a record: a derived quantity that is recorded, or assumed, wins over its definition."""
    return tuple(
        axiom
        for axiom in library.axioms
        if not axiom.while_unrecorded
        or any(name not in record.facts and name not in assumed for name in axiom.while_unrecorded)
    )


def pose(
    library: Library,
    record: Record,
    budget: Budget | None = None,
    *,
    search: bool = True,
    ranges: bool = True,
    implausible: Collection[str] | None = None,
    days: d.Interval | None = None,
    assumed: Mapping[str, d.Domain] | None = None,
) -> Problem:
    """The problem that a record poses under a library.

    With `search` off the evaluator builds no completions, so that every open question goes to the solver. With `ranges` off no plausible
    range is assumed of what is not recorded. `implausible` names the variables whose range is left out; None means those whose range the
    record excludes. `days` are the days of evaluation, in place of the record's own: only the day moves, and what is past stays before
    the record's day, on which plausible ranges hold as well. `assumed` gives variables that are not recorded a value, as if they were.
    """
    given = record
    library, record = extended(library, record)
    assumed = assumed or {}
    types, unrecorded = _unrecorded(library, record.as_of)
    axioms = active_axioms(library, record, assumed)
    if not ranges:
        axioms = tuple(axiom for axiom in axioms if axiom.assumption is None)
    known: Narrowing = {AS_OF: days or d.point(record.as_of, whole=True), **unrecorded}
    choices = {}
    inconsistent = False
    for name, fact in record.facts.items():
        try:
            known[name] = within(library.variables[name], fact, record.as_of)
        except d.Inconsistent:
            inconsistent = True
        condition = one_of(fact, types[name])
        if condition is not None:
            choices[name] = condition
    start = dict(known)
    known.update(assumed)
    certain, left_out, ranged = known, list[str](), set[str]()
    if not inconsistent:
        try:
            known, left_out, ranged = _closed_domains(
                library, record, axioms, list(choices.values()), known, ranges=ranges, implausible=implausible
            )
        except d.Inconsistent:
            inconsistent = True
    return Problem(
        library,
        record,
        axioms,
        choices,
        start,
        start if inconsistent else certain,
        known,
        tuple(left_out),
        inconsistent,
        frozenset(ranged),
        types,
        given,
        budget,
        search,
        assumed,
    )


def _closed_domains(
    library: Library,
    record: Record,
    axioms: tuple[Axiom, ...],
    choices: list[Condition],
    known: Narrowing,
    *,
    ranges: bool,
    implausible: Collection[str] | None,
) -> tuple[Narrowing, list[str], set[str]]:
    """Close under the axioms alone, then add the plausible ranges that the record leaves room for, then close again.

    Returns what is known, the variables whose range was left out, and those whose range was used. Raises `Inconsistent`.
    """
    certain = [axiom for axiom in axioms if axiom.assumption is None]
    strict = Conditions(
        [axiom.condition for axiom in certain] + choices,
        [library.mentions[axiom.id] for axiom in certain] + [variables(choice) for choice in choices],
    )
    # first without ranges: where the record excludes one, it is the range that gives way
    strict.close(known)
    if not ranges:
        return known, [], set()
    assumed = [axiom for axiom in axioms if axiom.assumption is not None]
    everything = Conditions(
        [*strict.conditions, *(axiom.condition for axiom in assumed)],
        [*strict.mentions, *(library.mentions[axiom.id] for axiom in assumed)],
    )
    try:
        return _with_ranges(library, record, everything, dict(known), implausible, one_by_one=False)
    except d.Inconsistent:
        if implausible is not None:
            raise
        return _with_ranges(library, record, everything, dict(known), None, one_by_one=True)


def _with_ranges(
    library: Library,
    record: Record,
    conditions: Conditions,
    known: Narrowing,
    implausible: Collection[str] | None,
    *,
    one_by_one: bool,
) -> tuple[Narrowing, list[str], set[str]]:
    """Add the plausible ranges and close; `one_by_one` leaves out a range that contradicts the record with those before it."""
    left_out, ranged = list(implausible or ()), set()
    changed = set[str]().union(*(library.mentions[a.id] for a in library.axioms if a.assumption is not None))
    for name, variable in library.variables.items():
        fact = record.facts.get(name)
        if variable.plausible is None or (fact is not None and (fact.exact or fact.values is not None)):
            continue
        if d.is_exact(known[name]) or name in left_out:
            continue
        try:
            trial: Narrowing = {
                **(known if one_by_one else {}),
                name: _within_range(variable, known[name], record.as_of),
            }
            if one_by_one:
                conditions.close(trial)
        except d.Inconsistent:
            if implausible is not None:
                raise
            left_out.append(name)
            continue
        if trial[name] != known[name]:
            ranged.add(name)
            changed.add(name)
            known.update(trial)
    conditions.close(known, changed)
    return known, left_out, ranged
