"""A witness: a patient who shows that conditions can hold together, with few facts and round numbers.

That `level * weight > 400` and `treated or level < 2` can hold, of one of whom nothing is known, may be shown by a box with a level
from 8.7 to 20 and a weight from 46 to 250. The facts are made exact one after another, each time the roundest value with which the rest
can still hold, and then left out where they are not needed:

    level 10, weight 60, treated yes        for example; none of the three can be left out
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date

from solver.engine.problem import Problem, pose
from solver.engine.witnesses.event_entries import event_lists, kind_facts
from solver.engine.witnesses.fewest_events import fewest_events
from solver.engine.witnesses.plain_values import round_values
from solver.errors import EngineError
from solver.evaluation.evaluate import evaluate
from solver.language.calendar import format_day
from solver.language.domain import Domain, Environment, Inconsistent, Interval, intersect, is_exact
from solver.language.tree import Condition, negation, variables
from solver.language.types import ListType, QuantityType
from solver.language.values import ConceptTerm
from solver.library.models import Library, Variable
from solver.patient.readers.native.entry_lists import COMPLETE
from solver.patient.readers.native.read import read_record
from solver.patient.record import Fact, Record
from solver.patient.write import exact_decimal, fact_document, record_document
from solver.work import Budget, OutOfBudget

REFERENCE_DAY = date(2026, 1, 1)
"""The day of evaluation of a witness, where none is given: dates are easy to read from it."""


class Unwritable(EngineError):
    """There is somebody, but the search found no values with an exact decimal form, of the `variable` if it is one that lacks it."""

    def __init__(self, message: str, variable: str | None = None) -> None:
        super().__init__(message)
        self.variable = variable


def find_witness(
    library: Library,
    goals: Sequence[Condition],
    start: Record,
    *,
    free: Collection[str] = (),
    budget: Budget | None = None,
    as_terms: bool = False,
) -> Record | None:
    """A record on which all goals certainly hold; None if no patient of `start` meets them.

    The record has the day, the context and the facts of `start`, and exact facts besides; none of these can be left out. A fact of
    `start` about a variable of `free` may be replaced by an exact one within it, or left out. The witness is read back from its own JSON
    document, agrees with the theory, and every goal is true of each of its completions. With `as_terms` it says what is asked of concepts
    by terms, as facts, and not by the events and findings of that document.

    Raises `OutOfBudget`, `Unwritable` where no exact values were found that a record can hold, and `EngineError` if the witness does not
    replay.
    """
    search = _Search(library, goals, start, frozenset(free), budget)
    facts = search.writable_facts()
    if facts is None:
        return None
    kept = {name: fact for name, fact in start.facts.items() if name not in free}
    found = replace(start, facts=kept | search.fewest(facts))
    again = replayed(library, goals, found, budget)
    if not as_terms or not library.terms:
        return again
    # limits of normal are told by their terms as well
    told = {
        name: replace(again.facts[name], limits=()) if name in again.facts else fact
        for name, fact in found.facts.items()
    }
    return replace(again, facts=told, events=(), findings=(), closures=())


def replayed(
    library: Library, goals: Sequence[Condition], record: Record, budget: Budget | None = None
) -> Record:
    """The record, as it reads from its own document; raises `EngineError` unless it is consistent and every goal holds of it."""
    again = read_record(witness_document(library, record, budget, goals), library, name="witness")
    problem = pose(library, again, budget)
    if not problem.consistent() or any(problem.oracle.settle(goal) is not True for goal in goals):
        raise EngineError("a witness does not replay")
    return again


def witness_document(
    library: Library, record: Record, budget: Budget | None = None, goals: Sequence[Condition] = ()
) -> dict[str, object]:
    """The record as JSON, in which events, results and limits stand for what it says of terms."""
    told = {name: fact for name, fact in record.facts.items() if name in library.terms}
    if not told:
        return record_document(record, library)
    problem = pose(library, record, budget)
    box = fewest_events(problem, goals, library)
    if box is None:
        raise Unwritable("no completion of a witness was found")
    plain = {name: fact for name, fact in record.facts.items() if name not in told}
    document = record_document(replace(record, facts=plain), library)
    facts = document["facts"]
    assert isinstance(facts, dict)
    for name in told:
        term = library.terms[name].term
        assert term is not None
        if term.question in ("uln", "lln", "measured") and term.variable:
            if term.variable not in facts:
                facts[term.variable] = _some_value(library.variables[term.variable], box, record.as_of)
            _tell_of_result(facts, term, box[name], library)
        elif term.question == "is":
            facts |= kind_facts(library, term.variable, box)
    lists = event_lists(library, box, record.as_of)
    terms = (library.terms[name].term for name in told)
    about = {library.concepts[t.of.concept].list for t in terms if t and t.of and t.question != "is"}
    for name in sorted(about & lists.keys()):
        facts[name] = lists[name]
        document[COMPLETE] = [*document.get(COMPLETE, ()), name]  # type: ignore[misc]
    return document


def _some_value(variable: Variable, box: Environment, as_of: int) -> object:
    """A value of a variable in a completion, as a fact is written."""
    domain = box[variable.name]
    for value in round_values(variable, domain, domain, as_of):
        if _is_writable(value):
            return fact_document(Fact(variable.name, value, ""), variable)
    raise Unwritable(f"no value of {variable.name} can be written")


def _tell_of_result(facts: dict[str, object], term: ConceptTerm, domain: Domain, library: Library) -> None:
    """Write the day of a result, or a limit of normal, beside the result itself."""
    entry = facts[term.variable]
    assert isinstance(domain, Interval)
    written = dict(entry) if isinstance(entry, dict) else {"value": entry}
    kind = library.variables[term.variable].type
    if term.question == "measured":
        written["date"] = format_day(int(domain.low))
    elif isinstance(kind, QuantityType) and written.get("unit", kind.unit.text) == kind.unit.text:
        written[term.question] = exact_decimal(domain.low)
    else:
        raise Unwritable(f"{term.name} has no number in the unit of the result")
    facts[term.variable] = written


class _Search:
    """Looks for exact facts that make the goals certain."""

    def __init__(
        self,
        library: Library,
        goals: Sequence[Condition],
        start: Record,
        free: frozenset[str],
        budget: Budget | None,
    ) -> None:
        self.library, self.goals, self.start, self.free, self.budget = library, goals, start, free, budget
        asked = frozenset[str]().union(*map(variables, goals))
        known = [name for name in library.variables if name not in start.facts or name in free]
        usable = [name for name in known if not isinstance(library.variables[name].type, ListType)]
        usable += [name for name in library.terms if name in asked]
        # what the goals speak of is fixed first, then what the theory links to it
        self.order = sorted(usable, key=lambda name: name not in asked)
        self.asked = asked
        # with a fact less there are more completions, unless the theory says more while it is not recorded
        self.lapsing = frozenset(name for axiom in library.axioms for name in axiom.while_unrecorded)

    def opened(self, facts: dict[str, Fact], *, free: bool) -> Problem:
        """The problem of the start with these facts; its free facts stay where `free` is set and nothing replaces them."""
        kept = {name: fact for name, fact in self.start.facts.items() if free or name not in self.free}
        return pose(self.library, replace(self.start, facts=kept | facts), self.budget)

    def certain(self, facts: dict[str, Fact]) -> bool:
        """Whether every goal is known to hold."""
        problem = self.opened(facts, free=False)
        if problem.inconsistent:
            return False
        values = [(goal, evaluate(goal, problem.known)) for goal in self.goals]
        if any(value is False for _, value in values):
            return False
        try:
            return all(problem.oracle.possible([negation(g)]) is None for g, v in values if v is None)
        except OutOfBudget:
            return False

    def fits(self, facts: dict[str, Fact]) -> bool:
        """Whether somebody fits the facts."""
        try:
            return self.opened(facts, free=False).consistent()
        except OutOfBudget:
            return False

    def writable_facts(self) -> dict[str, Fact] | None:
        """As `facts`; a number that others leave without a decimal form is fixed before them: of 1.5 times a limit the limit."""
        before: list[str] = []
        while True:
            try:
                return self.facts()
            except Unwritable as error:
                if error.variable is None or error.variable in before:
                    raise
                before.append(error.variable)
                self.order.remove(error.variable)
                self.order.insert(0, error.variable)

    def facts(self) -> dict[str, Fact] | None:
        """Facts that make every goal certain; None if the goals cannot hold together."""
        facts: dict[str, Fact] = {}
        problem = self.opened(facts, free=True)
        box = self._likely_box(problem)
        if box is None:
            return None
        while (name := self._next_variable(problem, box, facts)) is not None:
            fixed = self._fixed_value(name, problem, box, facts)
            if fixed is None:
                raise Unwritable(f"no value of {name} that can be written keeps a witness", name)
            facts[name], problem, box = fixed
        return facts

    def _likely_box(self, problem: Problem) -> Environment | None:
        """A box on which the goals hold; where something is asked of concepts, one in which as little happened as can be."""
        if self.library.terms:
            return fewest_events(problem, self.goals, self.library)
        return problem.oracle.possible(self.goals) if problem.consistent() else None

    def _next_variable(self, problem: Problem, box: Environment, facts: dict[str, Fact]) -> str | None:
        """The next variable to fix: one whose value was chosen, or else one that a goal speaks of; last, what is free."""
        left = [name for name in self.order if name not in facts]
        free = [name for name in left if name in self.free]
        if all(evaluate(goal, problem.known) is True for goal in self.goals):
            return next(iter(free), None)
        left = [name for name in left if not is_exact(problem.known[name])]
        narrowed = [name for name in left if box[name] != problem.known[name]]
        return next(iter(narrowed or [name for name in left if name in self.asked] or free), None)

    def _fixed_value(
        self, name: str, problem: Problem, box: Environment, facts: dict[str, Fact]
    ) -> tuple[Fact, Problem, Environment] | None:
        """A value of the variable with which the goals can still hold, the problem with it, and a box that shows it."""
        variable = self.library.variables.get(name) or self.library.terms[name]
        for value in round_values(variable, problem.known[name], box[name], self.start.as_of):
            if not _is_writable(value):
                continue
            fact = Fact(name, value, "")
            tried = self.opened({**facts, name: fact}, free=True)
            if tried.inconsistent:
                continue
            same = self._part_kept(tried, box, fact)
            if same is not None:
                return fact, tried, same
            try:
                if not tried.consistent():
                    continue
                found = tried.oracle.possible(self.goals)
            except OutOfBudget:
                continue
            if found is not None:
                return fact, tried, found
        return None

    def _part_kept(self, problem: Problem, box: Environment, fact: Fact) -> Environment | None:
        """The part of the box that the problem with one more fact leaves, if evaluation alone shows that the goals hold on it."""
        kept: dict[str, Domain] = {}
        try:
            for name, known in problem.known.items():
                kept[name] = meet(box[name], known)
        except Inconsistent:
            return None
        oracle = problem.oracle
        theory = [oracle.theory[i] for i in oracle.relevant(oracle.cone(self.asked | {fact.variable}))]
        holds = all(evaluate(condition, kept) is True for condition in (*self.goals, *theory))
        return kept if holds else None

    def fewest(self, facts: dict[str, Fact]) -> dict[str, Fact]:
        """The facts without those that can be left out, in the order of the vocabulary."""
        if not self.certain(facts):
            return facts
        for name in reversed(self.order):
            fewer = {other: fact for other, fact in facts.items() if other != name}
            if name in facts and self.certain(fewer) and (name not in self.lapsing or self.fits(fewer)):
                facts = fewer
        names = [*self.library.variables, *self.library.terms]
        return {name: facts[name] for name in names if name in facts}


def meet(left: Domain, right: Domain) -> Domain:
    """What both leave; raises `Inconsistent` if that is nothing."""
    if isinstance(left, Interval) and isinstance(right, Interval):
        return intersect(left, right)
    if isinstance(left, frozenset) and isinstance(right, frozenset):
        found = frozenset(value for value in left if value in right)
        if not found:
            raise Inconsistent
        return found  # type: ignore[return-value]
    return right


def _is_writable(value: Domain) -> bool:
    if not isinstance(value, Interval):
        return True
    try:
        exact_decimal(value.low)
    except ValueError:
        return False
    return True
