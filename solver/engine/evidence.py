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
from solver.errors import EngineError
from solver.evaluation.breakpoints import values_to_try
from solver.evaluation.evaluate import evaluate
from solver.evaluation.narrow import Narrowing
from solver.evaluation.propagate import Conditions
from solver.evaluation.simplify import simplify
from solver.language.domain import Inconsistent, Recorded
from solver.language.tree import AS_OF, Condition, conjunction, negation, size, variables
from solver.library.models import Axiom
from solver.smt.outcome import GaveUp, Outcome, Sat, Unsat
from solver.smt.query import Query, all_of, any_of
from solver.work import allowed, spend, spent_up, uncounted, worked_out_once

Claim = tuple[Sequence[Condition], Evidence]
"""That conditions cannot hold together under the evidence."""

_A_PROOF = 1_000_000
"""The work that may go into proofs that were put off, so many of them together, and into each."""

_FEWEST, _A_SEARCH = 200, 20_000
"""The work that counts for the facts that others imply, however much it is, and what it may be: an answer does not depend on the patients
before, of whom some may be known already."""

_TOGETHER = 64

Posed = tuple[list[Condition], Narrowing]
"""What cannot hold together according to a claim, and the domains of what it is about."""

Seen = tuple[Evidence | None, Evidence | None]
"""What evaluation shows, and where that is nothing, what the solver is to be asked of."""

MEMORY = 20_000
"""How much of each kind is kept."""


class Memory:
    """What is kept from one patient to the next.

    `implied` is what was found of facts that imply one another. `proved` are the claims that a fresh solver proved:
    what is the same to the letter, of another patient, needs no second proof.
    """

    def __init__(self) -> None:
        self.implied: dict[Hashable, tuple[Condition, Evidence]] = {}
        self.proved: set[Hashable] = set()


class EvidenceFinder:
    """Finds and proves evidence for one patient; what was found is kept, and some of it in `memory` for other patients."""

    def __init__(self, problem: Problem, memory: Memory) -> None:
        self.problem, self._memory = problem, memory
        self._found: dict[int, tuple[Condition, Evidence | None]] = {}
        self._seen: dict[int | tuple[int, ...], tuple[object, Seen, int]] = {}
        self._joint: dict[tuple[int, ...], tuple[tuple[Condition, ...], Evidence | None]] = {}
        self._proved: set[tuple[int, ...]] = set()
        self._put_off: dict[tuple[int, ...], Claim] | None = None
        self._others = OtherPatients(problem)
        self._fewer_known = dict(problem.widest)
        self._mentioning = [(axiom, self._mentioned_by(axiom)) for axiom in problem.axioms]
        self._unrecorded = tuple(axiom.id for axiom in problem.axioms if axiom.while_unrecorded)

    def forget(self) -> None:
        """Forget what was found for this patient."""
        for found in (self._found, self._joint, self._proved):
            found.clear()

    def put_off_proofs(self) -> None:
        """Take each conflict for proved until `prove_all` is asked: one session for all is much less work than one for each."""
        self._put_off = {}

    def prove_all(self) -> bool:
        """Whether all proofs that were put off succeed, each within an allowance of its own if they do not together."""
        claims, self._put_off = self._put_off or {}, None
        # trials ask for the same in the same words, and what is claimed of one is then proved of all
        different = {_as_put(posed): posed for posed in (self._posed(*claim) for claim in claims.values())}
        proved = self._memory.proved
        new = [key for key in different if key not in proved]
        for i in range(0, len(new), _TOGETHER):
            some = new[i : i + _TOGETHER]
            if not self._proved_together([different[key] for key in some]):
                return False
            if len(proved) >= MEMORY:
                proved.clear()
            proved.update(some)
        self._proved.update(claims)
        return True

    def _proved_together(self, claims: Sequence[Posed]) -> bool:
        with uncounted(0), allowed(_A_PROOF):
            if isinstance(self._solver_outcome(claims), Unsat):
                return True
        for claim in claims:
            with uncounted(0), allowed(_A_PROOF):
                if not isinstance(self._solver_outcome([claim]), Unsat):
                    return False
        return True

    def evidence(self, condition: Condition, truth: bool) -> Evidence | None:
        """A minimal set of facts and assumptions that forces a settled condition; None if the solver gave up."""
        found = self._found.get(id(condition))
        if found is None:
            seen, given = worked_out_once(
                self._seen, id(condition), condition, self._seen_evidence, condition, truth
            )
            evidence = seen if given is None else self._by_solver(condition, truth, given)
            found = self._found[id(condition)] = (condition, evidence)
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
                whole, found, given = self._looked_at(conditions, False)
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
        _, found, given = self._looked_at(conditions, False)
        evidence = found if given is None else given
        return evidence is not None and self._is_proved(conditions, evidence)

    def _looked_at(
        self, conditions: Sequence[Condition], truth: bool
    ) -> tuple[Condition, Evidence | None, Evidence | None]:
        """The conditions as one, and what evaluation shows of it, which is kept."""
        # what is remembered goes by identity, and a conjunction of one would be a new object
        whole = conditions[0] if len(conditions) == 1 else conjunction(conditions)
        key = id(whole) if len(conditions) == 1 else tuple(map(id, conditions))
        return whole, *worked_out_once(self._seen, key, conditions, self._seen_evidence, whole, truth)

    def _seen_evidence(self, whole: Condition, truth: bool) -> Seen:
        """The evidence where evaluation shows it; else none, and what is given to the solver to find it."""
        facts = self.problem.record.facts
        direct = [name for name in sorted(variables(whole)) if name in facts]
        if evaluate(whole, self.problem.widest) is truth:
            return self._drop_implied(whole, truth, self._fewest_direct(whole, truth, direct)), None
        if spent_up():
            return None, None
        names = variables(whole) - {AS_OF}
        # each round takes in the axioms and facts of what the last one reached, and there are no more rounds than of these
        for _ in range(len(self.problem.axioms) + len(self.problem.choices) + 1):
            axioms = self._axioms_about(names)
            said = map(variables, self._others.said_besides(names))
            wider = names.union(*(self._mentioned_by(axiom) for axiom in axioms), *said) - {AS_OF}
            near = tuple(name for name in sorted(wider) if name in facts)
            given = Evidence(near, self._assumable_ids(whole, truth, wider, axioms), axioms)
            if self._seen_forced(whole, truth, given):
                fewest = self._reduced_while_seen(whole, truth, given)
                return self._without_implied(whole, truth, fewest), None
            if wider == names:
                break
            names = wider
        return None, given

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
            stated = tuple((fact, problem.widest[fact], record.facts[fact].values) for fact in facts)
        key = (id(condition), truth, record.as_of, problem.known[AS_OF], stated, self._unrecorded)
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
        linked = self.problem.library.linked
        near = frozenset[str]().union(*(linked.get(name, frozenset()) for name in variables(condition)))
        axioms = self._axioms_about(near)
        if not axioms:
            return Evidence(facts, ())
        found = self._without_implied(condition, truth, Evidence(facts, (), axioms))
        return found if len(found.facts) < len(facts) else Evidence(facts, ())

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
            return isinstance(self._solver_outcome([self._posed([goal], given)]), Unsat)

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
        if not isinstance(self._solver_outcome([self._posed([goal], given)]), Unsat):
            return None
        return self._without_some(goal, given, [*given.assumptions, *given.facts])

    def _without_some(self, goal: Condition, kept: Evidence, some: Sequence[str]) -> Evidence | None:
        """What is left once each of some facts and assumptions, one after another, is dropped that can be; None if the solver gave up.

        All are tried together first, then each half: if all can be dropped, each of them can in its turn.
        """
        fewer = kept.without_any(some)
        if not self._shown_open(goal, fewer):
            outcome = self._solver_outcome([self._posed([goal], fewer)])
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
        outcome = self._solver_outcome([self._posed(conditions, evidence)])
        if isinstance(outcome, Sat):
            raise EngineError("a conflict found by evaluation could not be proved by the solver")
        if isinstance(outcome, GaveUp):
            return False
        self._proved.add(key)
        return True

    def _solver_outcome(self, claims: Sequence[Posed]) -> Outcome:
        """A check in a fresh solver of conditions, axioms, facts and ranges exactly as they are written, of one claim or any of several.

        Each of several is about a patient of its own: none of them can exist if and only if every claim is proved.
        """
        problem = self.problem
        query = Query(problem.types, claims[0][1])
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
        return query.session(problem.budget).check()

    def _posed(self, conditions: Sequence[Condition], given: Evidence) -> Posed:
        stated = [*conditions, *(axiom.condition for axiom in given.in_force)]
        stated += self._others.said_besides(given.facts)
        names = frozenset[str]().union(*map(variables, stated))
        known = self._others.domains_left(names, given)
        lists = known.keys() & set(self.problem.library.lists)
        # a list is no variable of the solver: what is asked of it is decided before
        resolved = [simplify(c, known) if lists and variables(c) & lists else c for c in stated]
        return resolved, {name: known[name] for name in sorted(names) if name not in lists}


def _as_put(posed: Posed) -> Hashable:
    stated, known = posed
    return tuple(stated), tuple(known.items())
