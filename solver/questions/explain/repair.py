"""One repair in full: the day to wait for, what each changed fact would have to be, what is left then, and whether it can be advice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from solver.dataclass import dataclass
from solver.engine.answer import RequiredValues, Requirement
from solver.engine.clauses import ConditionCache
from solver.engine.consistency import OpenedRecord, contradictions
from solver.engine.days.eligible_days import days_ahead
from solver.engine.decision import Decision, Standings, decide
from solver.engine.minimal_sets import hitting_sets
from solver.engine.problem import Problem, pose
from solver.errors import EngineError
from solver.evaluation.evaluate import evaluate
from solver.language.calendar import format_day
from solver.language.domain import Interval, is_exact, point
from solver.language.tree import AS_OF, Condition, variables
from solver.language.types import DateType, EnumerationType
from solver.library.models import Library, Variable
from solver.patient.record import Fact
from solver.questions.explain.repair_requirements import asked, worsening
from solver.questions.explain.stopped_events import stopped_events, whose_end_counts
from solver.questions.match.answer import Change, Otherwise, OtherwiseChange, Repair

KINDS = ("time", "age", "stop", "treat", "consent", "test", "never")
"""How things change, from the easiest; a repair is of the kind of its hardest member."""

STOPPED = "stopped"
"""What is required of an event that goes on."""

_SOME_DAYS = 3
"""So many days older, a patient has completed the years that else are completed on the next day, whatever the calendar."""


def described(opened: OpenedRecord, decision: Decision, names: Sequence[str]) -> Repair:
    """The repair that these names make, once it is seen to be one. Raises `OutOfBudget`."""
    trial, context = decision.trial, opened.problem.record.context
    changed = sorted(name for name in names if name != AS_OF)
    freed = _without_facts(opened, changed)
    standings = Standings(freed.problem.oracle, ConditionCache())
    if AS_OF in names:
        wait = _first_wait(freed, standings, decision)
        then, after = wait.problem, wait.decision
    else:
        wait, then = None, freed.problem
        after = decide(then, standings, trial, context)
    if after.verdict == "ineligible":
        raise EngineError("a repair does not replay")
    worse = worsening(opened.problem, then, after, changed)
    found = asked(opened.problem, then, after, changed)
    known = opened.problem.library.variables
    record = opened.problem.record
    today, dates = format_day(record.as_of), stops(opened.problem, changed)
    stopped = {name: today for name, date in dates.items() if _speaks_of(after, date)}
    events = stopped_events(record, opened.problem.library, changed)
    stopped |= dict.fromkeys(whose_end_counts(then, after, events.values()), today)
    told = {name: None if known[name].hidden else found.requirements[name] for name in changed}
    otherwise = _Otherwise(opened, decision, changed, then)
    changes = tuple(
        Change(
            variable=name,
            kind=known[name].changes,
            require=STOPPED if name in events else required_text(told[name]),
            required=required_values(told[name]),
            requirement=told[name],
            worse=name in worse,
            stopped_on=stopped.get(name),
            otherwise=otherwise.of(name, told[name]),
        )
        for name in changed
    )
    kinds = [change.kind for change in changes] + ([wait.kind] if wait else [])
    kind = max(kinds, key=KINDS.index)
    action = "never" not in kinds and not worse and (wait is None or wait.action)
    action = action and all(known[name].advice for name in changed)
    day, wait_kind = (format_day(wait.day), wait.kind) if wait else (None, "time")
    return Repair(
        kind=kind,
        changes=changes,
        wait_until=day,
        action=action,
        wait_kind=wait_kind,
        such_that=found.such_that,
        still_open=found.still_open,
    )


def _speaks_of(decision: Decision, name: str) -> bool:
    """Whether a clause of a cohort that is possible speaks of a variable."""
    return any(
        name in variables(condition)
        for cohort, verdict in decision.cohorts.items()
        if verdict != "ineligible"
        for _, condition, _ in decision.clauses(cohort)
    )


def stops(problem: Problem, names: Iterable[str]) -> Mapping[str, str]:
    """Those of the variables that are recorded as true and can be stopped, with the date of the last dose."""
    known = problem.library.variables
    taken = [name for name in names if problem.widest[name] == frozenset({True})]
    return {name: date for name in taken if (date := known[name].stopped_on) is not None}


def movable(variable: Variable) -> bool:
    """Whether a recorded fact about the variable can be part of a repair.

    A date that only time moves away from is not, nor is that something happened, never did, or that a list is complete.
    """
    if variable.hidden:
        return variable.changes != "never"
    return not (isinstance(variable.type, DateType) and variable.changes in ("time", "age"))


def unranged(opened: OpenedRecord) -> frozenset[str]:
    """The variables whose plausible range the whole record excludes."""
    problem, day = opened.problem, point(opened.problem.record.as_of, whole=True)
    beyond = [
        variable.name
        for variable in problem.library.variables.values()
        if variable.plausible is not None
        and is_exact(problem.known[variable.name])
        and evaluate(variable.plausible, {AS_OF: day, variable.name: problem.known[variable.name]}) is False
    ]
    return frozenset([*problem.implausible, *beyond])


@dataclass(frozen=True, slots=True)
class _Wait:
    """The first day on which a record can satisfy a trial, with the problem and the decision on that day.

    `kind` is `age` where it is an age that is waited for. `action` is false where a clause asks for something else from that age on, and
    not for the age itself: that is no advice.
    """

    day: int
    problem: Problem
    decision: Decision
    kind: str
    action: bool


def _first_wait(freed: OpenedRecord, standings: Standings, decision: Decision) -> _Wait:
    trial, context = decision.trial, freed.problem.record.context
    waited = days_ahead(freed, standings)
    possible = waited.days(waited.over_all_days(trial, context)).sometimes
    if not possible or possible[0][0] == waited.first:
        raise EngineError("a repair by waiting does not replay")
    day = possible[0][0]
    before, after = waited.on(day - 1, trial, context), waited.on(day, trial, context)
    conditions = {(b.clause.id, name): c for b in after.bindings for name, c in b.conditions.items()}
    opened = [
        conditions[key]
        for key, standing in after.standings.items()
        if standing is not False and before.standings[key] is False and after.cohorts[key[1]] != "ineligible"
    ]
    aging = _opened_by_age(freed, day - 1, opened)
    ages = _age_dates(freed.problem.library)
    plain = all(variables(condition) <= ages | {AS_OF} for condition in aging)
    return _Wait(day, freed.on_days(point(day, whole=True)), after, "age" if aging else "time", plain)


def _age_dates(library: Library) -> frozenset[str]:
    aging = [v for v in library.variables.values() if v.changes == "age"]
    return frozenset(variable.name for variable in aging if isinstance(variable.type, DateType))


def _opened_by_age(freed: OpenedRecord, day: int, conditions: Iterable[Condition]) -> list[Condition]:
    """Those of the conditions, which fail on a day for the last time, that would not if the patient were a few days older."""
    known = dict(freed.on_days(point(day, whole=True)).known)
    for name in _age_dates(freed.problem.library):
        born = known[name]
        assert isinstance(born, Interval)
        known[name] = Interval(born.low - _SOME_DAYS, born.high, whole=True)
    return [condition for condition in conditions if evaluate(condition, known) is not False]


def _without_facts(opened: OpenedRecord, names: Sequence[str], facts: Iterable[Fact] = ()) -> OpenedRecord:
    """The record without the facts of these names, and with others; the ranges that the whole record excludes stay left out.

    What is stopped is false, with the last dose on the record's day: no earlier day is possible. An event that is
    stopped no longer goes on.
    """
    problem = opened.problem
    today = point(problem.record.as_of, whole=True)
    kept = {name: fact for name, fact in problem.record.facts.items() if name not in names}
    for name, date in stops(problem, names).items():
        kept[name] = Fact(name, frozenset({False}), "no")
        kept[date] = Fact(date, today, format_day(problem.record.as_of))
    for name in stopped_events(problem.record, problem.library, names):
        kept[name] = Fact(name, frozenset({False}), "no")
    kept.update((fact.variable, fact) for fact in facts)
    freed = pose(
        problem.library,
        replace(problem.record, facts=kept),
        problem.budget,
        search=problem.search,
        ranges=opened.ranges,
        assumed=problem.assumed,
        implausible=unranged(opened) - set(names),
    )
    return replace(opened, problem=freed)


def required_text(found: Requirement | None) -> str | None:
    """What is required, in words; None where it depends on others."""
    return found.require if found else None


def required_values(found: Requirement | None) -> RequiredValues | None:
    """The same for programs."""
    return found.requirement if found else None


class _Otherwise:
    """The other values of a changed enumeration that do it as well, once the facts that they contradict change with them."""

    def __init__(
        self, opened: OpenedRecord, decision: Decision, changed: Sequence[str], then: Problem
    ) -> None:
        self.opened, self.decision, self.changed = opened, decision, changed
        days = then.known[AS_OF]
        assert isinstance(days, Interval)
        self.days = days

    def of(self, name: str, found: Requirement | None) -> tuple[Otherwise, ...]:
        """The other values of one variable, each with the changes that it needs. Raises `OutOfBudget`."""
        problem = self.opened.problem
        variable = problem.library.variables[name]
        recorded = problem.widest[name]
        if not isinstance(variable.type, EnumerationType) or variable.changes == "never" or found is None:
            return ()
        done = {*recorded, *(found.allowed or ())}
        values = [value for value in variable.type.values if value not in done]
        return tuple(each for value in values for each in self._changes_with(name, value))

    def _changes_with(self, name: str, value: str) -> Iterable[Otherwise]:
        """What one value needs: each minimal set of facts without which it fits the record and the trial."""
        library = self.opened.problem.library
        fact = Fact(name, frozenset({value}), value)
        against = contradictions(_without_facts(self.opened, self.changed, [fact]).problem)
        if not against.subsets or not against.complete:
            return
        for names in hitting_sets(set(subset) - {name} for subset in against.subsets):
            changing = [library.variables[each] for each in names]
            if any(not movable(each) or each.changes == "never" for each in changing):
                continue
            then = _without_facts(self.opened, [*self.changed, *names], [fact]).on_days(self.days)
            if not names or not then.consistent():
                continue
            standings = Standings(then.oracle, ConditionCache())
            after = decide(then, standings, self.decision.trial, then.record.context)
            if after.verdict in ("eligible", "undetermined"):
                found = asked(self.opened.problem, then, after, names)
                worse = worsening(self.opened.problem, then, after, [*names, name])
                if worse or found.such_that:
                    continue
                changes = tuple(
                    OtherwiseChange(
                        each,
                        required_text(found.requirements[each]),
                        required_values(found.requirements[each]),
                        library.variables[each].changes,
                        found.requirements[each],
                    )
                    for each in names
                )
                yield Otherwise(value, changes)
