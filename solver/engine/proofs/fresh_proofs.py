"""Proofs that conditions cannot hold together, in a fresh solver: of one claim, or of many at once.

Of a patient with level 1.2 it is claimed that `level >= 8` cannot hold. The solver is told the level and the condition, as they are
written, and finds that both cannot be. Many claims are put to it in one session, each about a patient of its own: that one of these
patients exists. A session for each takes much longer, and so does one for each record of a cohort.
"""

from __future__ import annotations

import threading
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from solver.engine.other_patients.of_some_facts import Evidence
from solver.evaluation.narrow import Narrowing
from solver.language.tree import Condition
from solver.language.types import VariableType
from solver.smt.outcome import Outcome, Unsat
from solver.smt.query import Query, all_of, any_of
from solver.work import Budget, allowed, uncounted

_A_PROOF = 1_000_000
"""The work that may go into so many proofs together as go into one session, and into each."""

_TOGETHER = 64

MEMORY = 20_000
"""How much of each kind is kept."""

Posed = tuple[list[Condition], Narrowing]
"""What cannot hold together according to a claim, and the domains of what it is about."""


class PosedClaims(NamedTuple):
    """Claims about one patient, each under what it says to the letter."""

    types: Mapping[str, VariableType]
    budget: Budget | None
    claims: Mapping[Hashable, Posed]


class Memory:
    """What is kept from one patient to the next.

    `implied` is what was found of facts that imply one another. `proved` are the claims that a fresh solver proved:
    what is the same to the letter, of another patient, needs no second proof.
    """

    def __init__(self) -> None:
        self.implied: dict[Hashable, tuple[Condition, Evidence]] = {}
        self.proved: set[Hashable] = set()
        self._late = threading.local()

    def prove(self, posed: Sequence[PosedClaims]) -> bool:
        """Whether all claims can be proved; while proofs are late they are taken for proved, and kept for the end."""
        late: list[PosedClaims] | None = getattr(self._late, "claims", None)
        if late is None:
            return all_proved(posed, self)
        late += posed
        return True

    @contextmanager
    def late_proofs(self) -> Iterator[list[PosedClaims]]:
        """Let the proofs of what is asked for in this thread for a while wait: the claims are gathered here."""
        self._late.claims = found = list[PosedClaims]()
        try:
            yield found
        finally:
            self._late.claims = None


def all_proved(posed: Sequence[PosedClaims], memory: Memory) -> bool:
    """Whether all claims can be proved, each within an allowance of its own if they cannot together."""
    proved = memory.proved
    different = {
        key: (each, claim) for each in posed for key, claim in each.claims.items() if key not in proved
    }
    alike: dict[int, dict[Hashable, tuple[PosedClaims, Posed]]] = {}
    for key, new in different.items():
        alike.setdefault(id(new[0].types), {})[key] = new
    for claims in alike.values():
        keys = list(claims)
        for i in range(0, len(keys), _TOGETHER):
            some = keys[i : i + _TOGETHER]
            whose = claims[some[0]][0]
            if not _proved_together(whose, [claims[key][1] for key in some]):
                return False
            if len(proved) >= MEMORY:
                proved.clear()
            proved.update(some)
    return True


def _proved_together(whose: PosedClaims, claims: Sequence[Posed]) -> bool:
    with uncounted(0), allowed(_A_PROOF):
        if isinstance(solver_outcome(whose.types, whose.budget, claims), Unsat):
            return True
    for claim in claims:
        with uncounted(0), allowed(_A_PROOF):
            if not isinstance(solver_outcome(whose.types, whose.budget, [claim]), Unsat):
                return False
    return True


def solver_outcome(
    types: Mapping[str, VariableType], budget: Budget | None, claims: Sequence[Posed]
) -> Outcome:
    """A check in a fresh solver of conditions, axioms, facts and ranges exactly as they are written, of one claim or any of several.

    Each of several is about a patient of its own: none of them can exist if and only if every claim is proved.
    """
    query = Query(types, claims[0][1])
    if len(claims) == 1:
        stated, known = claims[0]
        query.bound(known)
        query.state(stated)
    else:
        patients = []
        for stated, known in claims:
            copy = query.new_copy(frozenset(known), known)
            terms = [*query.within(known, copy), *(query.term(each, copy) for each in stated)]
            patients.append(all_of(terms))
        query.say([any_of(patients)])
    return query.session(budget).check()


def as_put(posed: Posed) -> Hashable:
    """What a claim is the same by as another."""
    stated, known = posed
    return tuple(stated), tuple(known.items())
