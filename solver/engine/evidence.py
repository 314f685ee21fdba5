"""Why a condition holds or fails: a minimal set of recorded facts and assumptions that forces it, and the proof of it.

The search drops one fact after another while evaluation still shows the result; where evaluation is too weak the solver decides. A
conflict is then proved once more, in a fresh solver, from those facts as they were recorded, with nothing simplified.

    I1  level <= 2 or treated    recorded: level 1.2, treated no, height 1.6 m, weight 70 kg
    I2  index < 25               not recorded; the theory says index * height^2 = weight

I1 is met. Without `treated` it still is, without `level` it need not be: the evidence is `level`. I2 is not met, and mentions no fact:
those that an axiom links to it come in, and neither can be left out: the evidence is `height` and `weight`, with that axiom.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence

from solver.engine.other_patients.of_some_facts import Evidence, OtherPatients
from solver.engine.problem import Problem
from solver.engine.proofs.fresh_proofs import MEMORY, Memory, Posed, PosedClaims, as_put, solver_outcome
from solver.errors import EngineError
from solver.evaluation.breakpoints import values_to_try
from solver.evaluation.evaluate import evaluate
from solver.evaluation.propagate import Conditions
from solver.evaluation.simplify import simplify
from solver.language.domain import Inconsistent, Recorded
from solver.language.tree import AS_OF, Condition, conjunction, negation, size, variables
from solver.library.models import Axiom
from solver.smt.outcome import GaveUp, Outcome, Sat, Unsat
from solver.work import allowed, spend, spent_up, uncounted, worked_out_once

Claim = tuple[Sequence[Condition], Evidence]
"""That conditions cannot hold together under the evidence."""

_FEWEST, _A_SEARCH = 200, 20_000
"""The work that counts for the facts that others imply, however much it is, and what it may be: an answer does not depend on the patients
before, of whom some may be known already."""

Seen = tuple[Evidence | None, Evidence | None]
"""What evaluation shows, and where that is nothing, what the solver is to be asked of."""


class EvidenceFinder:
    """Finds and proves evidence for one patient; what was found is kept, and some of it in `memory` for other patients."""

    def __init__(self, problem: Problem, memory: Memory) -> None:
        self.problem, self._memory = problem, memory
        self._found: dict[int, tuple[Condition, Evidence | None]] = {}
        self._seen: dict[int, tuple[object, Seen, int]] = {}
        self._seen_jointly: dict[tuple[int, ...], tuple[object, Seen, int]] = {}
        self._given: dict[tuple[int, ...], tuple[object, Evidence | None, int]] = {}
        self._joint: dict[tuple[int, ...], tuple[tuple[Condition, ...], Evidence | None]] = {}
        self._proved: set[tuple[int, ...]] = set()
        self._put_off: dict[tuple[int, ...], Claim] | None = None
        self._others = OtherPatients(problem)
        self._fewer_known = dict(problem.widest)
        self._mentioning = [(axiom, self._mentioned_by(axiom)) for axiom in problem.axioms]
        general = problem.library.extended_from
        known = () if general is None else {id(axiom) for axiom in general.axioms}
        self._own_axioms = [] if general is None else [p for p in self._mentioning if id(p[0]) not in known]
        self._unrecorded = tuple(axiom.id for axiom in problem.axioms if axiom.while_unrecorded)

    def forget(self) -> None:
        """Forget what was found for this patient."""
        for found in (self._found, self._joint, self._proved):
            found.clear()

    def put_off_proofs(self) -> None:
        """Take each conflict for proved until the claims are asked for: one session for all is much less work than one for each."""
        self._put_off = {}

    def put_off_claims(self) -> PosedClaims:
        """The claims whose proofs were put off, which count as proved from now on."""
        claims, self._put_off = self._put_off or {}, None
        self._proved.update(claims)
        # trials ask for the same in the same words, and what is claimed of one is then proved of all
        posed = {as_put(each): each for each in (self._posed(*claim) for claim in claims.values())}
        return PosedClaims(self.problem.types, self.problem.budget, posed)

    def evidence(self, condition: Condition, truth: bool) -> Evidence | None:
        """A minimal set of facts and assumptions that forces a settled condition; None if the solver gave up."""
        key = id(condition)
        found = self._found.get(key)
        if found is None:
            seen, given = worked_out_once(self._seen, key, condition, self._seen_evidence, condition, truth)
            evidence = seen if given is None else self._by_solver(condition, truth, given)
            found = self._found[key] = (condition, evidence)
        return found[1]

    def conflict(self, conditions: Sequence[Condition]) -> Evidence | None:
        """A minimal set of facts and assumptions under which the conditions cannot hold together, proved in a fresh solver.

        None if the solver gave up, on the search or on the proof. Raises `EngineError` if the proof fails.
        """
        if len(conditions) == 1:
            evidence = self.evidence(conditions[0], False)
        else:
            key = tuple(map(id, conditions))
            if key not in self._joint:
                whole = conjunction(conditions)
                found, given = worked_out_once(
                    self._seen_jointly, key, conditions, self._seen_evidence, whole, False
                )
                searched = found if given is None else self._by_solver(whole, False, given)
                self._joint[key] = (tuple(conditions), searched)
            evidence = self._joint[key][1]
        return evidence if evidence is not None and self._is_proved(conditions, evidence) else None

    def refuted(self, conditions: Sequence[Condition]) -> bool:
        """Whether it is proved, or a proof is put off, that the conditions cannot hold together: as by `conflict`, without the facts.

        Where proofs are put off, and no budget is given, the solver is not asked which of the facts are needed.
        """
        if self._put_off is None or self.problem.budget is not None:
            return self.conflict(conditions) is not None
        key = tuple(map(id, conditions))
        given = worked_out_once(self._given, key, conditions, self._given_of, conditions)
        return given is not None and self._is_proved(conditions, given)

    def _given_of(self, conditions: Sequence[Condition]) -> Evidence | None:
        """Facts, assumptions and axioms under which the conditions fail, more of them than it takes; None where no work is left."""
        whole = conditions[0] if len(conditions) == 1 else conjunction(conditions)
        if evaluate(whole, self.problem.widest) is False:
            return Evidence(self._facts_in(whole), ())
        return self._given_around(whole, False)[0]

    def _facts_in(self, whole: Condition) -> tuple[str, ...]:
        return tuple(name for name in sorted(variables(whole)) if name in self.problem.record.facts)

    def _seen_evidence(self, whole: Condition, truth: bool) -> Seen:
        """The evidence where evaluation shows it; else none, and what is given to the solver to find it."""
        if evaluate(whole, self.problem.widest) is truth:
            fewest = self._fewest_direct(whole, truth, self._facts_in(whole))
            return self._drop_implied(whole, truth, fewest), None
        given, seen = self._given_around(whole, truth)
        if given is None or not seen:
            return None, given
        return self._without_implied(whole, truth, self._reduced_while_seen(whole, truth, given)), None

    def _given_around(self, whole: Condition, truth: bool) -> tuple[Evidence | None, bool]:
        """What is given around a condition until evaluation shows its truth by it, or there is no more, and whether it does."""
        if spent_up():
            return None, False
        facts, given = self.problem.record.facts, None
        names = variables(whole) - {AS_OF}
        # each round takes in the axioms and facts of what the last one reached, and there are no more rounds than of these
        for _ in range(len(self.problem.axioms) + len(self.problem.choices) + 1):
            axioms = self._axioms_about(names)
            said = map(variables, self._others.said_besides(names))
            wider = names.union(*(self._mentioned_by(axiom) for axiom in axioms), *said) - {AS_OF}
            near = tuple(name for name in sorted(wider) if name in facts)
            given = Evidence(near, self._assumable_ids(whole, truth, wider, axioms), axioms)
            if self._seen_forced(whole, truth, given):
                return given, True
            if wider == names:
                break
            names = wider
        return given, False

    def _fewest_direct(self, condition: Condition, truth: bool, facts: Sequence[str]) -> tuple[str, ...]:
        """Facts that force the condition by themselves, one dropped after another while they still do."""
        kept, known = list(facts), self._fewer_known
        spend(size(condition) * len(facts))
        for fact in facts:
            before = known[fact]
            known[fact] = self._others.while_unrecorded(fact)
            if evaluate(condition, known) is truth:
                kept.remove(fact)
            else:
                known[fact] = before
        known.update((fact, self.problem.widest[fact]) for fact in facts)
        return tuple(kept)

    def _drop_implied(self, condition: Condition, truth: bool, facts: tuple[str, ...]) -> Evidence:
        """The evidence of facts that force the condition by themselves, without those that the others imply where it matters."""
        problem, record = self.problem, self.problem.record
        stated: tuple[Hashable, ...] = facts
        if len(facts) > 1:  # what one fact alone says does not bear on whether it can be left out
            stated = tuple((fact, problem.widest[fact], problem.choices.get(fact)) for fact in facts)
        own = self._own_axioms_about(condition)
        key = (id(condition), truth, record.as_of, problem.known[AS_OF], stated, self._unrecorded, own)
        if spent_up():
            return Evidence(facts, ())
        spend(_FEWEST)
        found = self._memory.implied.get(key)
        if found is not None:
            return found[1]
        with uncounted(0), allowed(_A_SEARCH):
            evidence = self._with_fewest(condition, truth, facts)
            done = not spent_up()
        if done:
            if len(self._memory.implied) >= MEMORY:
                self._memory.implied.clear()
            self._memory.implied[key] = condition, evidence
        return evidence

    def _with_fewest(self, condition: Condition, truth: bool, facts: tuple[str, ...]) -> Evidence:
        axioms = self._axioms_about(self._linked_with(condition))
        if not axioms:
            return Evidence(facts, ())
        found = self._without_implied(condition, truth, Evidence(facts, (), axioms))
        return found if len(found.facts) < len(facts) else Evidence(facts, ())

    def _linked_with(self, condition: Condition) -> frozenset[str]:
        linked = self.problem.library.linked
        return frozenset[str]().union(*(linked.get(name, frozenset()) for name in variables(condition)))

    def _own_axioms_about(self, condition: Condition) -> tuple[Axiom, ...]:
        """The axioms, of those that speak of what this record alone tells, by which a fact may be left out."""
        if not self._own_axioms:
            return ()
        near = self._linked_with(condition)
        return tuple([axiom for axiom, mentioned in self._own_axioms if not mentioned.isdisjoint(near)])

    def _axioms_about(self, names: frozenset[str]) -> tuple[Axiom, ...]:
        return tuple([axiom for axiom, mentioned in self._mentioning if not mentioned.isdisjoint(names)])

    def _without_implied(self, condition: Condition, truth: bool, given: Evidence) -> Evidence:
        """What forces the condition, without those facts that the others imply where it matters."""
        for fact in given.facts:
            fewer = given.without(fact=fact)
            matters = self._seen_to_matter(condition, truth, fact)
            if not matters and self._forced_for_certain(condition, truth, fewer):
                given = fewer
        return given

    def _seen_to_matter(self, condition: Condition, truth: bool, fact: str) -> bool:
        """Whether the completion at hand, with another value of one fact, satisfies the theory and not the condition."""
        completion, domain = self.problem.completion, self._others.while_unrecorded(fact)
        if completion is None or isinstance(domain, Recorded):
            return False
        theory = [a.condition for a in self._axioms_about(frozenset({fact})) if a.assumption is None]
        other = dict(completion)
        for value in values_to_try(domain, [condition, *theory], fact):
            other[fact] = value
            if evaluate(condition, other) is (not truth) and all(evaluate(c, other) is True for c in theory):
                return True
        return False

    def _forced_for_certain(self, condition: Condition, truth: bool, given: Evidence) -> bool:
        """As `_seen_forced`, decided by the solver where evaluation is too weak."""
        goal = negation(condition) if truth else condition
        try:
            # mostly it is not forced, and a completion shows it at once
            if self._others.completed(goal, given) is not None:
                return False
        except Inconsistent:
            return True
        if self._seen_forced(condition, truth, given):
            return True
        # what is found is kept for other patients: neither it nor what comes after may hang on the sessions of this one
        with self.problem.oracle.afresh():
            return isinstance(self._solver_outcome(self._posed([goal], given)), Unsat)

    def _mentioned_by(self, axiom: Axiom) -> frozenset[str]:
        return self.problem.library.mentions[axiom.id]

    def _assumable_ids(
        self, condition: Condition, truth: bool, names: Iterable[str], axioms: Iterable[Axiom]
    ) -> tuple[str, ...]:
        """What may be assumed of the named variables; what a policy assumes comes first, and only where the condition needs it."""
        problem, base = self.problem, self.problem.base
        ranged = [f"plausible:{name}" for name in sorted(names) if name in problem.ranged]
        taken = []
        if base is not None and evaluate(condition, base.known) is not truth:
            taken = [problem.library.variables[n].assumption for n in sorted(names) if n in problem.assumed]
        stated = [axiom.assumption for axiom in axioms if axiom.assumption is not None]
        return tuple(dict.fromkeys([*taken, *ranged, *stated]))

    def _seen_forced(self, condition: Condition, truth: bool, given: Evidence) -> bool:
        """Whether evaluation shows that the facts, assumptions and axioms give the condition its truth value."""
        active = given.in_force
        names = variables(condition).union(*(self._mentioned_by(axiom) for axiom in active))
        extra = self._others.said_besides(names.intersection(given.facts)) if active else []
        known = self._others.domains_left(names.union(*map(variables, extra)), given)
        if active:
            try:
                Conditions([*(axiom.condition for axiom in active), *extra]).close(known)
            except Inconsistent:
                return False
        return evaluate(condition, known) is truth

    def _reduced_while_seen(self, condition: Condition, truth: bool, given: Evidence) -> Evidence:
        """Drop assumptions, then facts the condition does not mention, then others, while the value is still forced."""
        mentioned, kept = variables(condition), given
        for assumption in given.assumptions:
            fewer = kept.without(assumption=assumption)
            if self._seen_forced(condition, truth, fewer):
                kept = fewer
        for fact in sorted(given.facts, key=lambda name: (name in mentioned, name)):
            fewer = kept.without(fact=fact)
            if self._seen_forced(condition, truth, fewer):
                kept = fewer
        return kept

    def _by_solver(self, condition: Condition, truth: bool, given: Evidence) -> Evidence | None:
        """As `_reduced_while_seen`, with the solver deciding what is still forced; None if it gave up."""
        goal = negation(condition) if truth else condition
        if not isinstance(self._solver_outcome(self._posed([goal], given)), Unsat):
            return None
        return self._without_some(goal, given, [*given.assumptions, *given.facts])

    def _without_some(self, goal: Condition, kept: Evidence, some: Sequence[str]) -> Evidence | None:
        """What is left once each of some facts and assumptions, one after another, is dropped that can be; None if the solver gave up.

        All are tried together first, then each half: if all can be dropped, each of them can in its turn.
        """
        fewer = kept.without_any(some)
        if not self._shown_open(goal, fewer):
            outcome = self._solver_outcome(self._posed([goal], fewer))
            if isinstance(outcome, Unsat):
                return fewer
            if isinstance(outcome, GaveUp) and len(some) == 1:
                return None
        half = len(some) // 2
        for part in (some[:half], some[half:]) if half else ():
            left = self._without_some(goal, kept, part)
            if left is None:
                return None
            kept = left
        return kept

    def _shown_open(self, goal: Condition, given: Evidence) -> bool:
        """Whether somebody is found at once of whom the goal holds with what is given; False says nothing."""
        try:
            return self.problem.search and self._others.completed(goal, given) is not None
        except Inconsistent:
            return False

    def _is_proved(self, conditions: Sequence[Condition], evidence: Evidence) -> bool:
        """Prove in a fresh solver that the conditions cannot hold together; false if it gave up."""
        key = tuple(sorted(map(id, conditions)))
        if key in self._proved:
            return True
        if self._put_off is not None:
            self._put_off[key] = (conditions, evidence)
            return True
        outcome = self._solver_outcome(self._posed(conditions, evidence))
        if isinstance(outcome, Sat):
            raise EngineError("a conflict found by evaluation could not be proved by the solver")
        if isinstance(outcome, GaveUp):
            return False
        self._proved.add(key)
        return True

    def _solver_outcome(self, claim: Posed) -> Outcome:
        return solver_outcome(self.problem.types, self.problem.budget, [claim])

    def _posed(self, conditions: Sequence[Condition], given: Evidence) -> Posed:
        stated = [*conditions, *(axiom.condition for axiom in given.in_force)]
        stated += self._others.said_besides(given.facts)
        names = frozenset[str]().union(*map(variables, stated))
        known = self._others.domains_left(names, given)
        lists = known.keys() & set(self.problem.library.lists)
        # a list is no variable of the solver: what is asked of it is decided before
        resolved = [simplify(c, known) if lists and variables(c) & lists else c for c in stated]
        return resolved, {name: known[name] for name in sorted(names) if name not in lists}
