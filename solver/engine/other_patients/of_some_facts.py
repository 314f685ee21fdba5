"""Other patients than the one at hand: those of whom only some of the facts are known.

Of a patient with level 1.2 and treated no, whoever has the level alone may be treated. `completed` looks for one that meets a condition,
among those who are most like the patient first: if there is one, the level alone does not refute it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from solver.dataclass import dataclass
from solver.engine.problem import Problem, plausible, widest
from solver.evaluation.narrow import Narrowing
from solver.evaluation.propagate import Conditions, complete
from solver.language.domain import Domain, Inconsistent, Interval, Recorded, intersect
from solver.language.tree import AS_OF, Condition, variables
from solver.library.models import Axiom
from solver.work import uncounted


@dataclass(frozen=True, slots=True)
class Evidence:
    """Recorded facts, by variable, and ids of assumptions, each sorted; `axioms` are those that may be needed with them."""

    facts: tuple[str, ...]
    assumptions: tuple[str, ...]
    axioms: tuple[Axiom, ...] = ()

    @property
    def in_force(self) -> list[Axiom]:
        """The axioms that hold with these assumptions."""
        return [
            each for each in self.axioms if each.assumption is None or each.assumption in self.assumptions
        ]

    def without(self, *, fact: str | None = None, assumption: str | None = None) -> Evidence:
        """The same with one fact, or one assumption, fewer."""
        facts = tuple(each for each in self.facts if each != fact)
        return Evidence(facts, tuple(each for each in self.assumptions if each != assumption), self.axioms)

    def without_any(self, names: Collection[str]) -> Evidence:
        """The same without these facts and assumptions."""
        facts = tuple(each for each in self.facts if each not in names)
        return Evidence(facts, tuple(each for each in self.assumptions if each not in names), self.axioms)


class OtherPatients:
    """The patients of whom a part of what is known of one patient holds."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self._absent: dict[str, Domain] = {}
        self._theories: dict[tuple[int, ...], tuple[Conditions, Narrowing]] = {}

    def completed(self, goal: Condition, given: Evidence) -> Narrowing | None:
        """Somebody of whom the chosen facts, assumptions and axioms hold, and the goal, if one is found. Raises `Inconsistent`."""
        problem = self.problem
        special = any(f in problem.choices or not self._narrows(f) for f in given.facts)
        if special or given.assumptions:
            stated = [axiom.condition for axiom in given.in_force]
            stated += self.said_besides(given.facts)
            names = variables(goal).union(*map(variables, stated))
            return complete(Conditions([goal, *stated]), self.domains_left(names, given))
        theory, anybody = self._theory_alone(given.axioms)
        near = self._completed_near(goal, given, theory, anybody)
        if near is not None:
            return near
        known = dict(anybody)
        known.update((name, self._domain_alone(name)) for name in variables(goal) if name not in anybody)
        for fact in given.facts:
            if fact in known:
                known[fact] = _within_both(known[fact], problem.widest[fact])
        return complete(theory.and_also(goal), known, {*given.facts, *variables(goal)})

    def _completed_near(
        self, goal: Condition, given: Evidence, theory: Conditions, anybody: Narrowing
    ) -> Narrowing | None:
        """The same, of whom all is as in the completion at hand but for what the goal speaks of, and what axioms link to that."""
        at_hand = self.problem.completion
        if at_hand is None:
            return None
        moved = variables(goal).difference(given.facts)
        linked = (theory.mentions[i] for name in moved for i in theory.index.get(name, ()))
        moved = moved.union(*linked).difference(given.facts)
        touched = sorted({i for name in moved for i in theory.index.get(name, ())})
        stated = [goal, *(theory.conditions[i] for i in touched)]
        known = dict(at_hand)
        known.update((name, anybody.get(name) or self._domain_alone(name)) for name in moved)
        try:
            return complete(
                Conditions(stated, [variables(goal), *(theory.mentions[i] for i in touched)]), known
            )
        except Inconsistent:
            return None

    def _narrows(self, fact: str) -> bool:
        """Whether a fact only leaves out values that are possible while nothing is recorded; a planned day replaces the only one."""
        said, unrecorded = self.problem.widest[fact], self.while_unrecorded(fact)
        if isinstance(said, Recorded):
            return False
        try:
            return _within_both(unrecorded, said) == said
        except Inconsistent:
            return False

    def _theory_alone(self, axioms: tuple[Axiom, ...]) -> tuple[Conditions, Narrowing]:
        """Those of the axioms that assume nothing, and what they leave of anybody."""
        key = tuple(map(id, axioms))
        found = self._theories.get(key)
        if found is None:
            mentions = self.problem.library.mentions
            sure = [axiom for axiom in axioms if axiom.assumption is None]
            theory = Conditions([axiom.condition for axiom in sure], [mentions[axiom.id] for axiom in sure])
            known = {name: self._domain_alone(name) for name in theory.index}
            with uncounted(0):  # whoever asks first does not pay for those who ask after
                theory.close(known)
            found = self._theories[key] = (theory, known)
        return found

    def _domain_alone(self, name: str) -> Domain:
        """What is known of a variable of which nothing is recorded; of the day of evaluation, what is known of it."""
        return self.problem.known[AS_OF] if name == AS_OF else self.while_unrecorded(name)

    def while_unrecorded(self, name: str) -> Domain:
        """What the type of a variable leaves where nothing is recorded of it."""
        found = self._absent.get(name)
        if found is None:
            variable = self.problem.library.variables[name]
            found = self._absent[name] = widest(variable, self.problem.record.as_of)
        return found

    def domains_left(self, names: Iterable[str], given: Evidence) -> Narrowing:
        """What the chosen facts and assumptions leave of the named variables, before any axiom."""
        record, library = self.problem.record, self.problem.library
        chosen, assumed = set(given.facts), set(given.assumptions)
        known: Narrowing = {AS_OF: self.problem.known[AS_OF]}
        for name in names:
            if name == AS_OF:
                continue
            variable = library.variables[name]
            known[name] = self.problem.widest[name] if name in chosen else self.while_unrecorded(name)
            if name in self.problem.assumed and variable.assumption in assumed:
                known[name] = self.problem.assumed[name]
            if f"plausible:{name}" in assumed and name in self.problem.ranged:
                known[name] = _common_part(known[name], plausible(variable, record.as_of))
        return known

    def said_besides(self, facts: Collection[str]) -> list[Condition]:
        """What facts say beyond their domains, such as that a value is so many times its limit of normal."""
        return [condition for name, condition in self.problem.choices.items() if name in facts]


def _within_both(one: Domain, other: Domain) -> Domain:
    """What lies in two domains of a variable; raises `Inconsistent` if nothing does."""
    if isinstance(one, Interval) and isinstance(other, Interval):
        return intersect(one, other)
    assert isinstance(one, frozenset)
    kept = one & other  # type: ignore[operator]
    if not kept:
        raise Inconsistent
    return kept


def _common_part(one: Domain, other: Domain) -> Domain:
    return intersect(one, other) if isinstance(one, Interval) and isinstance(other, Interval) else one
