"""A trial's clauses as they bind one patient: by cohort, under the chosen readings, with what is open.

    DX  A: cohort_open and flag_p; B: cohort_open and flag_q       a routing clause; cohort A is closed
    I1  level >= 8       of A alone; under the reading R it is dropped
    E1  a text           of both, objective

Without R three clauses are in force: DX is false in A and `flag_q` in B, I1 binds A, and E1 has no condition: both cohorts are capped
by it, so that nobody is shown to fit. Under R only DX and E1 are left.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from typing import TypeVar

from solver.dataclass import dataclass
from solver.engine.oracle import Stands
from solver.language import tree as t
from solver.library.models import OBJECTIVE, Clause, Trial
from solver.library.readings import alternative, exclusive
from solver.patient.record import Context

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Binding:
    """A clause and the condition it puts on each cohort that it binds; `differs` says that it reads differently by cohort."""

    clause: Clause
    conditions: Mapping[str, t.Condition]
    differs: bool


AskedOf = tuple[tuple[str, str], t.Condition]
"""The id of a clause and a cohort that it binds, and the condition that it puts on it."""


class ConditionCache:
    """Conditions that are worked out once: the same clause under the same circumstances gives the same object, in every thread.

    So do clauses of different trials that ask the same. What is found of a condition is kept by its identity, so that another object,
    though equal, would be worked on again. `stands` keeps how conditions stand where certain values are possible of what they speak of.
    """

    def __init__(self) -> None:
        self.stands: Stands = {}
        self._alike: dict[t.Condition, t.Condition] = {}
        self._usual: dict[int, Binding] = {}
        self._opened: dict[tuple[int, bool], tuple[t.Condition, t.Condition]] = {}
        self._extents: dict[tuple[int, frozenset[str], bool], tuple[Trial, Extent]] = {}
        self._bindings: dict[tuple[Hashable, ...], tuple[Trial, tuple[Binding, ...]]] = {}
        self._asked: dict[tuple[Hashable, ...], tuple[Trial, tuple[AskedOf, ...]]] = {}
        self._by_cohort: dict[tuple[Hashable, ...], tuple[Trial, Mapping[str, tuple[AskedOf, ...]]]] = {}
        self._others: dict[tuple[Hashable, ...], tuple[Trial, tuple[OtherReading, ...]]] = {}

    def bindings(self, trial: Trial, context: Context) -> tuple[Binding, ...]:
        """The clauses in force, as `clauses_in_force` says."""

        def find() -> tuple[Binding, ...]:
            return tuple(map(self._as_before, clauses_in_force(trial, context, self)))

        return _kept(self._bindings, trial, context, find)

    def _as_before(self, binding: Binding) -> Binding:
        """The clause with what was asked in the same words before; what it asks of two cohorts apart stays apart."""
        usual = binding.conditions is binding.clause.conditions  # most readings change few clauses
        if usual and (known := self._usual.get(id(binding.clause))) is not None:
            return known
        own = {id(each): each for each in binding.conditions.values()}
        alike = {key: self._alike.setdefault(each, each) for key, each in own.items()}
        found = binding
        if len({id(each) for each in alike.values()}) == len(own):
            conditions = {cohort: alike[id(each)] for cohort, each in binding.conditions.items()}
            found = Binding(binding.clause, conditions, binding.differs)
        return self._usual.setdefault(id(binding.clause), found) if usual else found

    def asked(self, trial: Trial, context: Context) -> tuple[AskedOf, ...]:
        """What the clauses in force ask of each cohort, in the order of the file."""
        return _kept(self._asked, trial, context, lambda: tuple(_asked_of(self.bindings(trial, context))))

    def by_cohort(self, trial: Trial, context: Context) -> Mapping[str, tuple[AskedOf, ...]]:
        """What the clauses in force ask of each cohort of the trial, by cohort."""

        def find() -> Mapping[str, tuple[AskedOf, ...]]:
            asked = self.asked(trial, context)
            return {cohort: tuple(each for each in asked if each[0][1] == cohort) for cohort in trial.cohorts}

        return _kept(self._by_cohort, trial, context, find)

    def other_readings(self, trial: Trial, context: Context) -> tuple[OtherReading, ...]:
        """What is asked under each of the contexts that `toggled` gives."""
        return _kept(self._others, trial, context, lambda: tuple(self._found_others(trial, context)))

    def _found_others(self, trial: Trial, context: Context) -> Iterator[OtherReading]:
        before = dict(self.asked(trial, context))
        capped = self.extent(trial, context).capped
        for name, other in toggled(trial, context).items():
            after = dict(self.asked(trial, other))
            pairs = (
                (before.get(key, t.TRUE), after.get(key, t.TRUE)) for key in before.keys() | after.keys()
            )
            changed = tuple((one, two) for one, two in pairs if one is not two)
            yield OtherReading(name, other, changed, self.extent(trial, other).capped != capped)

    def extent(self, trial: Trial, context: Context) -> Extent:
        """How much of a trial has logic, among what is in force."""
        key = (id(trial), context.readings, context.secondary_sources)
        found = self._extents.get(key)
        if found is None:
            found = self._extents.setdefault(key, (trial, extent(trial, context)))
        return found[1]

    def opened(self, condition: t.Condition, is_open: bool) -> t.Condition:
        """A routing condition with `cohort_open` replaced."""
        key = (id(condition), is_open)
        found = self._opened.get(key)
        if found is None:
            # of two threads that get here at once, both go on with the object of the first
            found = self._opened.setdefault(key, (condition, _with_openness(condition, is_open)))
        return found[1]


@dataclass(frozen=True, slots=True)
class OtherReading:
    """A trial under another reading: the context, each condition that becomes another one, and whether other cohorts are capped."""

    name: str
    context: Context
    changed: tuple[tuple[t.Condition, t.Condition], ...]
    capped_otherwise: bool


_MOST_KEPT = 10_000


def _kept(
    kept: dict[tuple[Hashable, ...], tuple[Trial, Found]],
    trial: Trial,
    context: Context,
    find: Callable[[], Found],
) -> Found:
    """What is found of a trial in a context, once."""
    opened = frozenset(context.open_cohorts.items()) if context.open_cohorts else None
    key = (id(trial), context.readings, context.secondary_sources, opened)
    found = kept.get(key)
    if found is None:
        if len(kept) >= _MOST_KEPT:
            kept.clear()
        found = kept.setdefault(key, (trial, find()))
    return found[1]


def _asked_of(bindings: Iterable[Binding]) -> Iterator[AskedOf]:
    return (((b.clause.id, cohort), asked) for b in bindings for cohort, asked in b.conditions.items())


@dataclass(frozen=True, slots=True)
class Extent:
    """How much of a trial that is in force has logic.

    `encoded` counts its objective clauses that have, of `objective` in all; `not_judged` are the ids, sorted, of the opaque clauses of
    other classes. `capped` are the cohorts that nobody can be shown to fit, each with its opaque objective clauses; a cohort that
    nothing in force binds is one of them, and has none.
    """

    encoded: int
    objective: int
    not_judged: tuple[str, ...]
    capped: Mapping[str, tuple[str, ...]]

    @property
    def in_part(self) -> tuple[int, int] | None:
        """How many of how many objective clauses have logic; None where all have."""
        return None if self.encoded == self.objective else (self.encoded, self.objective)


def clauses_in_force(trial: Trial, context: Context, cache: ConditionCache) -> tuple[Binding, ...]:
    """The clauses in force, in the order of the file; opaque clauses have no condition and are left out."""
    found = []
    for clause, conditions in every_clause_in_force(trial, context):
        if conditions is None:
            continue
        if clause.routing:
            conditions = {
                cohort: cache.opened(condition, context.is_open(trial.code, cohort))
                for cohort, condition in conditions.items()
            }
        found.append(Binding(clause, conditions, clause.by_cohort))
    return tuple(found)


def extent(trial: Trial, context: Context) -> Extent:
    """How much of a trial has logic, among what is in force."""
    clauses = list(every_clause_in_force(trial, context))
    objective = [conditions for clause, conditions in clauses if clause.judgement == OBJECTIVE]
    texts = [clause for clause, conditions in clauses if conditions is None]
    capped = {}
    for cohort in trial.cohorts:
        kept = tuple(c.id for c in texts if c.judgement == OBJECTIVE and cohort in c.opaque_in)
        bound = any(cohort in (clause.opaque_in if asked is None else asked) for clause, asked in clauses)
        if kept or not bound:
            capped[cohort] = kept
    return Extent(
        sum(conditions is not None for conditions in objective),
        len(objective),
        tuple(sorted(clause.id for clause in texts if clause.judgement != OBJECTIVE)),
        capped,
    )


def every_clause_in_force(
    trial: Trial, context: Context
) -> Iterator[tuple[Clause, Mapping[str, t.Condition] | None]]:
    """The clauses in force, each with what it asks for in the cohorts that it binds; None where it is kept as text."""
    for clause in trial.clauses:
        counts = context.secondary_sources or clause.secondary in context.readings
        if clause.secondary and not counts:
            continue
        if clause.opaque and context.readings.isdisjoint(clause.alternatives):
            yield clause, None
            continue
        conditions = alternative(clause, context.readings)
        if conditions is not None:
            yield clause, conditions


def _with_openness(condition: t.Condition, is_open: bool) -> t.Condition:
    """The condition with `cohort_open` replaced by whether the cohort is open."""
    match condition:
        case t.BooleanVariable(name) if name == t.COHORT_OPEN:
            return t.TRUE if is_open else t.FALSE
        case t.Not(inner):
            return t.negation(_with_openness(inner, is_open))
        case t.And(conditions):
            return t.conjunction([_with_openness(part, is_open) for part in conditions])
        case t.Or(conditions):
            return t.disjunction([_with_openness(part, is_open) for part in conditions])
        case t.Iff(left, right):
            return t.Iff(_with_openness(left, is_open), _with_openness(right, is_open))
        case _:
            return condition


def _other_readings(trial: Trial, context: Context, name: str) -> frozenset[str]:
    """The readings with one turned over; one that is turned on takes the place of those that cannot hold beside it."""
    beside = {r for r in context.readings & trial.readings.keys() if exclusive(trial.readings, r, name)}
    return (context.readings - beside) ^ {name}


def toggled(trial: Trial, context: Context) -> dict[str, Context]:
    """For each ambiguity of the trial that has two readings as logic, the context under the other one."""
    others = {
        name: Context(context.open_cohorts, _other_readings(trial, context, name), context.secondary_sources)
        for name, reading in trial.readings.items()
        if reading.switch
    }
    for clause in trial.clauses:
        if clause.secondary is not None:
            names = frozenset(each.secondary for each in trial.clauses if each.secondary is not None)
            active = names if context.secondary_sources else context.readings & names
            chosen = (context.readings - names) | (active ^ {clause.secondary})
            others[clause.secondary] = Context(context.open_cohorts, chosen, False)
    return others
