"""Which variables trials need: those that their clauses mention, and those from which the theory derives them.

They are ordered by how much they settle: by the number of trials, then of clauses, that they bear on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from solver.dataclass import dataclass
from solver.engine.problem import widest
from solver.evaluation.narrow import Narrowing
from solver.evaluation.propagate import Conditions
from solver.language import tree as t
from solver.language.calendar import CYCLE_END
from solver.language.concepts import LISTS
from solver.language.domain import Domain, Inconsistent, Interval, is_exact, point
from solver.library.models import Clause, Library


@dataclass(frozen=True, slots=True)
class Need:
    """A variable, the codes of the trials and the ids of the clauses that it bears on, and the variables it derives, if any."""

    variable: str
    trials: tuple[str, ...]
    clauses: tuple[str, ...]
    derives: tuple[str, ...] = ()


def needs(library: Library, codes: Iterable[str]) -> tuple[Need, ...]:
    """What the trials need, what settles most first."""
    trials: dict[str, dict[str, None]] = {}
    clauses: dict[str, dict[str, None]] = {}
    for code in codes:
        for clause in library.trials[code].clauses:
            for name in _recorded_variables(library, clause):
                trials.setdefault(name, {})[code] = None
                clauses.setdefault(name, {})[clause.id] = None
    derives: dict[str, list[str]] = {}
    mentioned = [name for name in library.variables if name in trials]
    for target in mentioned:
        for source in _derived_from(library, target):
            if source not in mentioned:
                derives.setdefault(source, []).append(target)
                trials.setdefault(source, {}).update(trials[target])
                clauses.setdefault(source, {}).update(clauses[target])
    places = {name: place for place, name in enumerate(library.variables)}
    found = [Need(n, tuple(trials[n]), tuple(clauses[n]), tuple(derives.get(n, ()))) for n in trials]
    found.sort(key=lambda need: (-len(need.trials), -len(need.clauses), places[need.variable]))
    return tuple(found)


def asked_lists(library: Library, codes: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """What trials ask of the entries of each list of events and findings: the labels of the concepts."""
    found: dict[str, dict[str, None]] = {}
    for code in codes:
        for variable in library.trials[code].terms.values():
            term = variable.term
            if term is not None and term.of is not None and term.question != "is":
                concept = library.concepts[term.of.concept]
                found.setdefault(concept.list, {})[concept.label] = None
    return {name: tuple(sorted(found[name])) for name in LISTS if name in found}


def _recorded_variables(library: Library, clause: Clause) -> frozenset[str]:
    """The variables of a clause that a record can have: those of terms about a variable count as that one."""
    mentioned = _mentioned_variables(clause)
    terms = (library.terms[name].term for name in mentioned & library.terms.keys())
    return (mentioned & library.variables.keys()).union(t.variable for t in terms if t and t.variable)


def _mentioned_variables(clause: Clause) -> frozenset[str]:
    """The variables of a clause, under any reading."""
    readings = [clause.conditions, *(other for other in clause.alternatives.values() if other is not None)]
    return frozenset[str]().union(*(t.variables(c) for conditions in readings for c in conditions.values()))


def _derived_from(library: Library, target: str) -> list[str]:
    """The variables from which the theory derives a variable.

    Those of a definition that stands in while the variable is not recorded, lists whose entries imply it, and variables each of whose
    values fixes it.
    """
    if target in library.lists:
        return []
    found: dict[str, None] = {}
    pairs: dict[str, list[t.Condition]] = {}
    for axiom in library.axioms:
        others = library.mentions[axiom.id] - {t.AS_OF, target}
        if target not in library.mentions[axiom.id] or axiom.assumption is not None:
            continue
        if target in axiom.while_unrecorded:
            found.update(dict.fromkeys(sorted(others)))
        listed = (t.Contains, t.Complete, t.ListSize)
        found.update((p.name, None) for p in t.walk(axiom.condition) if isinstance(p, listed))
        if len(others) == 1:
            pairs.setdefault(min(others), []).append(axiom.condition)
    for source, conditions in pairs.items():
        if source not in found and _fixes_target(library, conditions, source, target):
            found[source] = None
    return list(found)


def _fixes_target(library: Library, conditions: Sequence[t.Condition], source: str, target: str) -> bool:
    """Whether every value of the source leaves one value of the target."""
    start: Narrowing = {name: widest(library.variables[name], CYCLE_END) for name in (source, target)}
    start[t.AS_OF] = point(CYCLE_END, whole=True)
    for value in _values_for_all(start[source], conditions):
        known = {**start, source: value}
        try:
            Conditions(conditions).close(known)
        except Inconsistent:
            continue
        if not is_exact(known[target]):
            return False
    return True


def _values_for_all(domain: Domain, conditions: Sequence[t.Condition]) -> list[Domain]:
    """Values that stand for all: each one, or for numbers the constants that conditions name, and what lies beside them."""
    if isinstance(domain, frozenset):
        return [frozenset({value}) for value in sorted(domain)]  # type: ignore[misc]
    if not isinstance(domain, Interval):
        return []
    constants = sorted(
        {
            part.value
            for condition in conditions
            for comparison in t.walk(condition)
            if isinstance(comparison, t.Compare)
            for part in (comparison.left, comparison.right)
            if isinstance(part, t.Constant)
        }
    )
    between = [(low + high) / 2 for low, high in pairwise(constants)]
    ends = [constants[0] - 1, constants[-1] + 1] if constants else []
    numbers = [number for number in (*constants, *between, *ends) if number in domain]
    return [point(number, whole=domain.whole) for number in numbers] or [domain]
