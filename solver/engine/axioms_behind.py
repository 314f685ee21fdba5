"""Why facts contradict one another: the sentences of the theory behind a contradiction, found by evaluation alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from solver.engine.problem import active_axioms, one_of, plausible, widest, within
from solver.evaluation.narrow import Narrowing
from solver.evaluation.propagate import Conditions, linked
from solver.language.domain import Inconsistent, point
from solver.language.tree import AS_OF
from solver.library.models import Axiom, Library
from solver.patient.record import Record


def grounds(library: Library, record: Record, facts: Iterable[str]) -> tuple[Axiom, ...] | None:
    """A minimal set of axioms that the facts contradict, a single one if there is such.

    Empty if a fact is impossible by itself; None if evaluation does not show the contradiction.
    """
    chosen = frozenset(facts)
    active = active_axioms(library, record)
    near = linked([library.mentions[axiom.id] - {AS_OF} for axiom in active], chosen)
    active = tuple(axiom for axiom in active if library.mentions[axiom.id] & near)
    for assumed in (False, True):
        kept = [axiom for axiom in active if assumed or axiom.assumption is None]
        if not _facts_contradict(library, record, chosen, kept, assumed=assumed):
            continue
        for axiom in kept:
            # one that says it all is a better reason than several that say it together
            if chosen <= library.mentions[axiom.id] and _facts_contradict(
                library, record, chosen, [axiom], assumed=assumed
            ):
                return (axiom,)
        for axiom in tuple(kept):
            fewer = [other for other in kept if other is not axiom]
            if _facts_contradict(library, record, chosen, fewer, assumed=assumed):
                kept = fewer
        return tuple(kept)
    return None


def _facts_contradict(
    library: Library, record: Record, facts: frozenset[str], axioms: Sequence[Axiom], *, assumed: bool
) -> bool:
    names = facts.union(*(library.mentions[axiom.id] for axiom in axioms)) - {AS_OF}
    known: Narrowing = {AS_OF: point(record.as_of, whole=True)}
    conditions = [axiom.condition for axiom in axioms]
    try:
        for name in names:
            variable = library.variables[name]
            if name not in facts:
                known[name] = (plausible if assumed else widest)(variable, record.as_of)
                continue
            fact = record.facts[name]
            known[name] = within(variable, fact, record.as_of)
            choice = one_of(fact, variable.type)
            conditions += [] if choice is None else [choice]
        Conditions(conditions).close(known)
    except Inconsistent:
        return True
    return False
