"""Deciding sets: all minimal sets of unknown variables that settle an undetermined verdict, whatever their values turn out to be.

With two copies of the patient that agree on a set S, S decides iff no pair of completions has one that satisfies the trial and one
that does not. Where cohorts are capped there are three answers: eligible, undetermined for want of logic, ineligible. S must then fix both
whether some cohort is satisfied and whether one is that is not capped. A variable is *necessary* if two such completions differ in it
alone: it then belongs to every deciding set. If the necessary variables decide, they are the only minimal deciding set; otherwise the
rest is searched.

    I1  level >= 8      nothing is recorded: two completions that differ in the level alone can have opposite verdicts, it is necessary
    I2  index <= 30     the theory says index * height^2 = weight: none of the three differs alone, so that they are searched

The deciding sets are the level with the index, and the level with height and weight.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from solver.engine.decision import Decision
from solver.engine.minimal_sets import Minimal, Subset, minimal_subsets
from solver.engine.other_patients.opposite_pairs import JudgedCompletion, OppositePairs
from solver.engine.other_patients.solved_pairs import SolvedPairs
from solver.engine.problem import Problem
from solver.evaluation.breakpoints import values_to_try
from solver.evaluation.evaluate import evaluate
from solver.evaluation.linked_variables import linked
from solver.evaluation.loose_equations import loose_equations
from solver.evaluation.propagate import Conditions, complete, pin
from solver.language import tree as t
from solver.language.domain import Domain, Inconsistent, is_exact
from solver.language.types import ListType
from solver.work import OutOfBudget, check_left

LIMIT = 64
"""The most deciding sets listed for a trial."""

_FEW_CASES, _MANY_CASES = 8, 60
"""By how many cases it is refuted that two completions differ in an answer, before they are looked for and after that."""

_MOST_POINTS = 30
"""How many completions are kept."""


def deciding_sets(problem: Problem, decision: Decision) -> Minimal:
    """Every minimal deciding set of an undetermined trial, over the variables that can be asked for."""
    search = _Search(problem, decision)
    try:
        return search.run()
    except OutOfBudget:
        return Minimal((), False)


def never_asked(problem: Problem, decision: Decision) -> Minimal:
    """The minimal sets that settle an undetermined trial which no deciding set settles: each has in it what is never asked for."""
    library, known = problem.library, problem.known
    if all(
        variable.requested or variable.hidden or isinstance(variable.type, ListType) or is_exact(known[name])
        for name, variable in library.variables.items()
    ):
        return Minimal((), True)
    try:
        return _Search(problem, decision, everything=True).run()
    except OutOfBudget:
        return Minimal((), False)


class _Answer:
    """That the clauses of one of some cohorts all hold."""

    def __init__(self, cohorts: Sequence[list[t.Condition]]) -> None:
        self._ids = [list(map(id, cohort)) for cohort in cohorts]
        self.cohorts = cohorts
        self.holds = t.disjunction([t.conjunction(cohort) for cohort in cohorts])

    def stands(self, clauses: Mapping[int, bool | None]) -> bool | None:
        """The same from the truth values of the clauses, by identity."""
        answer: bool | None = False
        for cohort in self._ids:
            values = list(map(clauses.__getitem__, cohort))
            if all(values):
                return True
            if False not in values:
                answer = None
        return answer


class _Search:
    """The search for the deciding sets of one trial.

    `cohorts` are the open clauses of each cohort that is still possible, `direct` the open variables they mention, and `cone` those
    with all that the theory links to them. `written` is what the clauses and the theory speak of: nothing else that is asked of concepts
    can be asked for. With `everything` what is never asked for counts as if it were.
    """

    def __init__(self, problem: Problem, decision: Decision, *, everything: bool = False) -> None:
        self.problem, self.everything, self.oracle = problem, everything, problem.oracle
        known = problem.known
        clauses: dict[int, t.Condition] = {}
        self.cohorts: list[list[t.Condition]] = []
        shown: list[list[t.Condition]] = []
        for cohort in decision.hopeful():
            conditions = decision.open_clauses(cohort).values()
            for condition in conditions:
                clauses.setdefault(id(condition), self.oracle.simple(condition))
            self.cohorts.append([clauses[id(condition)] for condition in conditions])
            if cohort not in decision.extent.capped:
                shown.append(self.cohorts[-1])
        self.clauses, self._shown, self._bindings = list(clauses.values()), shown, decision.bindings
        mentioned = frozenset[str]().union(*map(t.variables, self.clauses))
        self.direct = frozenset(name for name in mentioned if not is_exact(known[name]))
        self.cone = self.oracle.cone(self.direct)
        self.theory = [self.oracle.simple_theory[i] for i in self.oracle.relevant(self.cone)]
        self._in_clauses, self._in_theory = Conditions(self.clauses), Conditions(self.theory)
        self.loose = loose_equations(self.clauses, self.theory, known)
        self.told = self._told_together()
        self.leaves = frozenset[str]().union(*self.told.values())
        self.askable = frozenset(filter(self._can_be_asked, self.cone | self.told.keys()))
        self.hidden = self.cone - self.askable - self.leaves
        asked = {name for name, leaves in self.told.items() if not leaves.isdisjoint(self.direct)}
        self.asked = (self.direct | asked) & self.askable
        self.points: list[JudgedCompletion] = []
        self.necessary: Subset = frozenset()
        self._opposite, self._solved = OppositePairs(known, self.theory), SolvedPairs(problem, self.theory)
        self._agreed: list[Subset] = []
        self._deciding: list[Subset] = []

    @cached_property
    def answers(self) -> list[_Answer]:
        """What a deciding set must fix: that the clauses of one of some cohorts hold."""
        shown = self._shown
        fixed = [self.cohorts] if len(shown) == len(self.cohorts) else [self.cohorts, shown]
        return [_Answer(cohorts) for cohorts in fixed if cohorts and all(cohorts)]

    @cached_property
    def in_clauses(self) -> frozenset[str]:
        """What the clauses in force speak of, whatever is known."""
        every = [c for binding in self._bindings for c in binding.conditions.values()]
        return frozenset[str]().union(*map(t.variables, every))

    @cached_property
    def written(self) -> frozenset[str]:
        """The same, and what the theory speaks of."""
        return self.in_clauses | self.problem.library.in_theory

    def run(self) -> Minimal:
        """All minimal deciding sets."""
        found = self._necessary_alone() & self.asked if self.problem.search else set[str]()
        if not (self.asked <= found and self._fixes_clauses(frozenset(found))):
            for cohort in self.cohorts:
                self._add_points(cohort)
        left = sorted(self.asked - found)
        found.update(name for name in left if self._found_necessary(name, self.points))
        left = [name for name in left if name not in found]
        if self.problem.search:
            shown = self._shown_necessary(left)
            found.update(name for name, necessary in shown.items() if necessary)
            left = [name for name in left if name not in shown]
        found.update(self._solved_necessary(left))
        necessary = self.necessary = frozenset(found)
        if self.undecided(necessary) is None:
            return Minimal((tuple(sorted(necessary)),) if necessary else (), True)
        rest = sorted(self.askable & self._open_linked(self.direct - necessary, necessary))

        def without(subset: Subset) -> Subset | None:
            return self.undecided(subset | necessary)

        if without(frozenset(rest)) is not None:
            return Minimal((), True)
        others = minimal_subsets(rest, without, LIMIT)
        sets = [tuple(sorted(necessary.union(subset))) for subset in others.subsets]
        return Minimal(tuple(sorted(sets, key=lambda s: (len(s), s))), others.complete)

    def _necessary_alone(self) -> set[str]:
        """The variables that the theory links with no other, and of which alone a clause speaks that binds every cohort.

        Each is necessary: some completion satisfies a cohort, and with a value on which the clause fails it satisfies none.
        """
        binding = set(map(id, self.cohorts[0])).intersection(
            *(map(id, cohort) for cohort in self.cohorts[1:])
        )
        found = set[str]()
        for clause in self.cohorts[0]:
            names = t.variables(clause)
            if id(clause) in binding and len(names) == 1 and self.oracle.cone(names) == names:
                found |= names
        return found - self.told.keys()

    def _fixes_clauses(self, shared: Subset) -> bool:
        """Whether every clause has one truth value for all who agree on the shared variables."""
        fixed = self._with_leaves(shared)
        return all(t.variables(clause) & self.direct <= fixed for clause in self.clauses)

    def _can_be_asked(self, name: str) -> bool:
        library = self.problem.library
        variable = library.variables.get(name)
        if variable is None or variable.hidden or isinstance(variable.type, ListType):
            return False
        if variable.term is not None and (name not in self.written or variable.term.question == "is"):
            return False
        if library.extended and variable.means is not None and variable.means.term is not None:
            # a term and another name for it are one: it is called as the clauses write it
            asked = variable.means.term.name in self.in_clauses and name not in self.in_clauses
            if asked or name not in self.written:
                return False
        return variable.requested or self.everything

    def _told_together(self) -> dict[str, frozenset[str]]:
        """For each variable whose value is a concept, what the trial asks of that concept besides: it is found out with it."""
        found: dict[str, set[str]] = {}
        for name in self.cone:
            variable = self.problem.library.variables.get(name)
            term = None if variable is None else variable.term
            if term is not None and term.question == "is" and name in self.written:
                found.setdefault(term.variable, set()).add(name)
        return {name: frozenset(leaves) for name, leaves in found.items()}

    def _with_leaves(self, names: Iterable[str]) -> frozenset[str]:
        """The variables, and what is found out with them."""
        return frozenset(names).union(*(self.told.get(name, frozenset()) for name in names))

    def _open_linked(self, names: Iterable[str], shared: Subset) -> frozenset[str]:
        """The open variables that the theory links to the named ones while the shared ones are held fixed."""
        open_cone = (self.cone | self.told.keys()) - self._with_leaves(shared)
        together = [leaves | {name} for name, leaves in self.told.items()]
        groups = [*(t.variables(c) for c in self.theory), *together]
        return linked([group & open_cone for group in groups], frozenset(names) & open_cone)

    def _add_points(self, goals: Sequence[t.Condition]) -> None:
        """Add completions on which the goals hold: as low, and as high, as may be.

        Each has one value for every variable of the cone, but for those that only loose equations speak of.
        """
        try:
            box = self.oracle.possible_apart(goals)
        except OutOfBudget:
            return
        if box is not None:
            theory = [condition for condition in self.theory if condition not in self.loose]
            conditions = Conditions([*goals, *theory])
            names = sorted(self.cone.difference(*self.loose.values()))
            for start, highest in ((box, False), (self.problem.known, True)):
                narrowed = {**start, **{n: self.problem.known[n] for n in self.cone.difference(names)}}
                try:
                    conditions.close(narrowed)
                except Inconsistent:
                    continue
                completion = pin(conditions, narrowed, names, highest=highest)
                if (
                    completion is not None
                    and all(evaluate(answer.holds, completion) is not None for answer in self.answers)
                    and all(evaluate(condition, completion) is True for condition in theory)
                ):
                    self.points.append(JudgedCompletion(completion, self.clauses))

    def _found_necessary(self, name: str, points: Sequence[JudgedCompletion]) -> bool:
        """Whether, on one of the completions, another value of the variable, and nothing else, changes an answer."""
        if name in self.told:
            return False
        touched, theory = self._in_clauses.about(name), self._in_theory.about(name)
        values = values_to_try(self.problem.known[name], [*touched, *theory], name)
        behind = self._hidden_behind(name)
        if behind:
            return self._found_behind(name, touched, values, behind, points)
        for at in points:
            other = dict(at.values)
            for value in values:
                other[name] = value
                if self._turned(at, {id(c): evaluate(c, other) for c in touched}) and all(
                    evaluate(condition, other) is True for condition in theory
                ):
                    return True
        return False

    def _turned(self, at: JudgedCompletion, changed: Mapping[int, bool | None]) -> bool:
        """Whether an answer is the opposite of what it is on a completion, where some clauses have these truth values."""
        if all(at.clauses[clause] is value for clause, value in changed.items()):
            return False
        clauses = {**at.clauses, **changed}
        stood = [(each.stands(at.clauses), each.stands(clauses)) for each in self.answers]
        return (True, False) in stood or (False, True) in stood

    def _hidden_behind(self, name: str) -> frozenset[str]:
        """The hidden variables that move with a variable, where all that can be asked for stays as it is."""
        beside = (t.variables(c) & self.hidden for c in self._in_theory.about(name))
        return frozenset[str]().union(*(self._tied[each] for names in beside for each in names)) - {name}

    @cached_property
    def _tied(self) -> dict[str, Subset]:
        """The hidden variables that each of them moves with."""
        found: dict[str, Subset] = {}
        groups = [names for c in self.theory if (names := t.variables(c) & self.hidden)]
        for name in self.hidden:
            if name not in found:
                tied = linked(groups, {name})
                found.update(dict.fromkeys(tied, tied))
        return found

    def _found_behind(
        self,
        name: str,
        touched: Sequence[t.Condition],
        values: Sequence[Domain],
        behind: Subset,
        points: Sequence[JudgedCompletion],
    ) -> bool:
        """As `_found_necessary`, for a variable with which hidden ones move: they may be anything that fits."""
        about = behind | {name}
        theory = Conditions([c for c in self.theory if not about.isdisjoint(t.variables(c))])
        for at in points:
            free = {**at.values, **{each: self.problem.known[each] for each in behind}}
            for value in values:
                other = {**free, name: value}
                if not self._turned(at, {id(c): evaluate(c, other) for c in touched}):
                    continue
                try:
                    if complete(theory, other) is not None:
                        return True
                except Inconsistent:
                    continue
        return False

    def _solved_necessary(self, names: Sequence[str]) -> Iterable[str]:
        """Those of the variables that the solver shows to be necessary.

        One completion satisfies what an answer says; for each variable there is another that differs from it in that variable, and in
        what cannot be asked for, and that does not.
        """
        left = list(names)
        for answer in self.answers:
            private = {name: self.hidden | self._with_leaves({name}) for name in left}
            found = list(self._solved.turning(answer.holds, private)) if left else []
            yield from found
            left = [name for name in left if name not in found]

    def undecided(self, shared: Subset) -> Subset | None:
        """Variables, the shared ones among them, that two completions agree on which differ in an answer.

        None if there are none: the shared ones decide. Raises `OutOfBudget`.
        """
        if any(each <= shared for each in self._deciding):
            return None
        for agreed in self._agreed:
            if shared <= agreed:
                return agreed
        if self._fixes_clauses(shared):
            return None
        private = self.cone - self._with_leaves(shared)
        found = self._shown_opposite(private) if self.problem.search else None
        if found:
            agreed = frozenset(n for n in self.askable if found.isdisjoint(self._with_leaves({n})))
            self._agreed.append(agreed)
            return agreed
        if found is not None or self._solved_to_decide(shared):
            self._deciding.append(shared)
            return None
        return shared

    def _shown_necessary(self, names: Sequence[str]) -> dict[str, bool]:
        """Whether evaluation is certain that some of the variables are necessary, or not: nothing else is said of the others."""
        found, before = {}, len(self.points)
        for name in names:
            if self._found_necessary(name, self.points[before:]):
                found[name] = True
                continue
            difference = self._shown_opposite(self.hidden | self._with_leaves({name}))
            if difference is not None:
                found[name] = bool(difference)
        return found

    def _shown_opposite(self, private: Subset) -> Subset | None:
        """The variables in which two completions differ that are alike in all but the private ones, and differ in an answer.

        None of them where evaluation is certain that there are no two, and None where that is open. Raises `OutOfBudget`.
        """
        certain = True
        for answer in self.answers:
            check_left()
            free = self._opposite.free(answer.cohorts, private)
            if not free:
                continue
            pair = self._opposite.found(answer.cohorts, free, self.points)
            if pair is None:
                if self._opposite.none_exist(answer.cohorts, free, _FEW_CASES):
                    continue
                pair = self._opposite.found(answer.cohorts, free, self.points, further=True)
            if pair is not None:
                if len(self.points) < _MOST_POINTS:
                    self.points.append(JudgedCompletion(pair.first, self.clauses))
                return pair.differing
            certain = certain and self._opposite.none_exist(answer.cohorts, free, _MANY_CASES, wider=True)
        return frozenset() if certain else None

    def _solved_to_decide(self, shared: Subset) -> bool:
        """Whether the solver finds no two completions that agree on the shared variables and differ in an answer."""
        private = self.cone - self._with_leaves(self.necessary)
        groups = {name: self._with_leaves({name}) for name in sorted(self.askable - self.necessary)}
        agreed = shared - self.necessary
        return not any(self._solved.exists(answer.holds, private, groups, agreed) for answer in self.answers)
