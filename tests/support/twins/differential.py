"""The engine against brute force on many records: `make differential`, or `python -m tests.support.twins.differential --pairs 100000`.

A world is small: a few yes-or-no variables, an enumeration, whole numbers, a quantity or a date, and up to five trials. All its
completions stand in one table, written once. A set of completions is a whole number with one bit for each, so that an axiom, a fact and a
clause are numbers, and each answer for a record is a matter of `and`, `or` and looking at all subsets. None of this is how the engine
works: it enumerates nothing.

Every record is answered twice, by building completions and by the solver alone. Of every trial the verdict, the cohorts, the clauses, the
conflicts and the deciding sets are compared, whether every value of what is missing that can still satisfy the trial is allowed, and
whether what is cited for a clause forces it. The first difference is made small and shown.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from itertools import count, pairwise
from random import Random
from time import monotonic
from typing import NamedTuple

from solver.engine.answer import Requirement
from solver.library.models import Library
from solver.patient.readers.native.read import read_record
from solver.questions.match.answer import MatchAnswer, TrialAnswer
from tests.support.records.matchers import Undated
from tests.support.twins.invented import DAYS, compile_world
from tests.support.twins.naive import (
    COHORT_OPEN,
    FIRST,
    LAST,
    MILLIGRAMS,
    Age,
    Axiom,
    Between,
    Clause,
    Dates,
    DaysBetween,
    Either,
    Expression,
    Fact,
    Flag,
    HowMany,
    Joined,
    Kind,
    Limit,
    LimitIf,
    Moved,
    Not,
    Order,
    Patient,
    Sets,
    Trial,
    TrialVerdict,
    Value,
    Variable,
    Verdicts,
    World,
    decimal,
    minimal,
)

LONG_AGO = date(1850, 1, 1)
"""Before any day that is not recorded can be."""

PARTS = ("verdict", "cohorts", "clauses", "conflicts", "deciding sets")
WORDS = {"eligible": "met", "ineligible": "not_met", "undetermined": "open"}

RECORDS = 20
"""Records for each world."""


# --- brute force: a table of all completions, one bit each


class Table:
    """All combinations of the telling values of a world's variables on one day; a set of them is a number with a bit for each."""

    def __init__(self, world: World, as_of: date) -> None:
        self.world, self.as_of = world, as_of
        self.values = {name: telling(world, variable, as_of) for name, variable in world.variables.items()}
        self.size = 1
        self._having: dict[str, dict[Value, int]] = {}
        strides = {}
        for name, values in self.values.items():
            strides[name] = self.size
            self.size *= len(values)
        self.every = (1 << self.size) - 1
        for name, values in self.values.items():
            stride = strides[name]
            repeated = self.every // ((1 << stride * len(values)) - 1)
            block = (1 << stride) - 1
            self._having[name] = {v: (block << i * stride) * repeated for i, v in enumerate(values)}
        self._cells: dict[tuple[str, ...], dict[tuple[Value, ...], int]] = {(): {(): self.every}}
        self.axioms = [(axiom, self.where(axiom.require)) for axiom in world.axioms]
        self.law = {name: self.among(name, self._lawful(variable)) for name, variable in self._variables()}
        self.absent = {name: self.among(name, self._unrecorded(v)) for name, v in self._variables()}
        self.ranges = {
            name: self.where(variable.plausible)
            for name, variable in self._variables()
            if variable.plausible is not None
        }

    def _variables(self) -> Iterable[tuple[str, Variable]]:
        return self.world.variables.items()

    def _lawful(self, variable: Variable) -> Callable[[Value], bool]:
        return (lambda day: day <= self.as_of) if variable.past else lambda value: True

    def _unrecorded(self, variable: Variable) -> Callable[[Value], bool]:
        lawful = self._lawful(variable)
        if variable.kind == "date":
            return lambda day: lawful(day) and min(FIRST, self.as_of) <= day <= max(LAST, self.as_of)
        return lawful

    def among(self, name: str, fits: Callable[[Value], bool]) -> int:
        """Where the value of a variable fits."""
        found = 0
        for value, having in self._having[name].items():
            if fits(value):
                found |= having
        return found

    def cells(self, names: tuple[str, ...]) -> dict[tuple[Value, ...], int]:
        """Where the variables have which values."""
        if names not in self._cells:
            shorter = self.cells(names[:-1])
            last = self._having[names[-1]]
            self._cells[names] = {
                (*values, value): cell & having
                for values, cell in shorter.items()
                for value, having in last.items()
            }
        return self._cells[names]

    def where(self, condition: Expression, *, is_open: bool = True) -> int:
        """Where a condition holds."""
        names = tuple(sorted(condition.names - {"cohort_open"}))
        found = 0
        for values, cell in self.cells(names).items():
            at = dict(zip(names, values, strict=True))
            if condition.holds({**at, "as_of": self.as_of, "cohort_open": is_open}):
                found |= cell
        return found

    @cached_property
    def clauses(self) -> dict[tuple[str, str, str, bool], int]:
        """Where each clause of a trial holds in a cohort that is open or closed."""
        found = {}
        for trial in self.world.trials:
            for clause in trial.clauses:
                for cohort in clause.binds(trial.cohorts):
                    condition = meaning(clause, cohort)
                    for is_open in (True, False):
                        if is_open or clause.routing:
                            where = self.where(condition, is_open=is_open)
                        found[trial.code, clause.id, cohort, is_open] = where
        return found


def meaning(clause: Clause, cohort: str) -> Expression:
    """What a clause asks in a cohort, as one condition."""
    if clause.by_cohort is not None:
        return clause.by_cohort[cohort]
    assert clause.require is not None
    freed = [clause.require]
    freed += [Not(clause.when)] if clause.when is not None else []
    freed += [clause.unless] if clause.unless is not None else []
    return Joined("or", tuple(freed))


def telling(world: World, variable: Variable, as_of: date) -> list[Value]:
    """Values of a variable among which are those of any completion, up to what no condition and no fact can tell apart."""
    match variable.kind:
        case "boolean":
            return [False, True]
        case "enumeration":
            return list(variable.values)
        case "integer":
            return list(range(10 if ordered(world) else 7))
    ends = sorted(edges(world, variable, as_of))
    if variable.kind == "quantity":
        return sorted([*ends, *((a + b) / 2 for a, b in pairwise(ends)), ends[-1] + 1])
    days = [*ends, *(a + (b - a) // 2 for a, b in pairwise(ends)), LONG_AGO, ends[-1] + timedelta(days=1)]
    return sorted(set(days))


def ordered(world: World) -> bool:
    """Whether some condition compares two whole numbers."""
    return any(isinstance(part, Order) for part in world.expressions())


def edges(world: World, variable: Variable, as_of: date) -> set[Value]:
    """The values of a quantity or a date at which something may change."""
    found = {v for part in world.expressions() for name, v in part.limits(as_of) if name == variable.name}
    if variable.kind == "quantity":
        return found | {Fraction(0), Fraction(1)}
    assert variable.past
    return {day for day in found if FIRST <= day < as_of} | {FIRST, as_of, as_of - timedelta(days=100)}


class Unsettled(Exception):
    """What is meant is left open: the theory holds of no one, it takes more than its own fact to see that a variable's range does not
    fit, or the table lacks a value that is recorded.
    """


class Judged:
    """What brute force says of one record; raises `Unsettled`."""

    def __init__(self, table: Table, patient: Patient) -> None:
        self.table, self.patient, self.world = table, patient, table.world
        for name, fact in patient.facts.items():
            if not set(fact.limits()) <= set(table.values[name]):
                raise Unsettled
        self.stated = {
            name: table.among(name, fact.holds) & table.law[name] for name, fact in patient.facts.items()
        }
        self.in_force = [
            (axiom, where)
            for axiom, where in table.axioms
            if not axiom.while_unrecorded or any(n not in patient.facts for n in axiom.while_unrecorded)
        ]
        self.ranged = {
            name
            for name in table.ranges
            if name not in patient.facts or (patient.facts[name].values is None and self._fits(name))
        }
        assumed = {axiom.assumption for axiom, _ in self.in_force if axiom.assumption is not None}
        self.consistent = bool(self.left(patient.facts, ()))
        self.assumed = {*(f"plausible:{name}" for name in self.ranged), *assumed}
        self.points = self.left(patient.facts, self.assumed)
        if self.consistent and not self.points:
            raise Unsettled

    def _fits(self, name: str) -> bool:
        return bool(self.stated[name] & self.table.ranges[name])

    def left(self, facts: Iterable[str], assumed: Iterable[str], once_recorded: str | None = None) -> int:
        """The completions that some of the facts and assumptions leave, under the axioms in force.

        With `once_recorded` without what is assumed of this variable only as long as it is not recorded.
        """
        chosen, taken = set(facts), set(assumed)
        found = self.table.every
        for name in self.world.variables:
            found &= self.stated[name] if name in chosen else self.table.absent[name]
        for axiom, where in self.in_force:
            lapses = once_recorded in axiom.while_unrecorded and all(
                name == once_recorded or name in self.patient.facts for name in axiom.while_unrecorded
            )
            if axiom.assumption is None or (axiom.assumption in taken and not lapses):
                found &= where
        for name in self.ranged:
            if f"plausible:{name}" in taken:
                found &= self.table.ranges[name]
        return found

    def answer(self) -> Verdicts:
        """All answers that brute force gives in full."""
        if not self.consistent:
            found = minimal(self.patient.facts, lambda chosen: not self.left(chosen, ()))
            return Verdicts(False, found, {})
        return Verdicts(True, (), {trial.code: self._trial(trial) for trial in self.world.trials})

    def holds(self, trial: Trial, clause: Clause, cohort: str) -> int:
        """Where a clause holds in a cohort."""
        is_open = self.patient.is_open(trial.code, cohort)
        return self.table.clauses[trial.code, clause.id, cohort, is_open]

    def holding(self, trial: Trial) -> dict[str, dict[str, int]]:
        """For each cohort, where each clause that binds it holds."""
        return {
            cohort: {
                f"{trial.code}.{clause.id}": self.holds(trial, clause, cohort)
                for clause in trial.clauses
                if cohort in clause.binds(trial.cohorts)
            }
            for cohort in trial.cohorts
        }

    def satisfied(self, trial: Trial) -> int:
        """The completions that satisfy a trial."""
        found = 0
        for clauses in self.holding(trial).values():
            found |= self._together(clauses, clauses)
        return found

    def _together(self, clauses: Mapping[str, int], names: Iterable[str]) -> int:
        found = self.points
        for name in names:
            found &= clauses.get(name, self.table.every)
        return found

    def _verdict(self, where: int) -> str:
        return {0: "ineligible", self.points: "eligible"}.get(where, "undetermined")

    def _trial(self, trial: Trial) -> TrialVerdict:
        holding = self.holding(trial)
        satisfied = self.satisfied(trial)
        cohorts: dict[str, tuple[str, Sets]] = {}
        for cohort, clauses in holding.items():
            verdict = self._verdict(self._together(clauses, clauses))
            found: Sets = ()
            if verdict == "ineligible":
                found = minimal(clauses, lambda chosen, c=clauses: not self._together(c, chosen))
            cohorts[cohort] = (verdict, found)
        conflicts: Sets = ()
        if not satisfied:
            names = {name for clauses in holding.values() for name in clauses}
            conflicts = minimal(
                names, lambda chosen: not any(self._together(c, chosen) for c in holding.values())
            )
        verdict = self._verdict(satisfied)
        sets: Sets = ()
        if verdict == "undetermined":
            sets = minimal(self._askable(), lambda chosen: self._decides(chosen, satisfied))
        statuses: dict[tuple[str, str | None], str] = {}
        for clause in trial.clauses:
            for cohort in clause.binds(trial.cohorts):
                word = WORDS[self._verdict(self.points & self.holds(trial, clause, cohort))]
                shown = cohort if clause.by_cohort is not None else None
                statuses[f"{trial.code}.{clause.id}", shown] = word
        return TrialVerdict(verdict, cohorts, conflicts, sets, statuses)

    def _askable(self) -> list[str]:
        return [
            name
            for name, variable in self.world.variables.items()
            if variable.requested
            and sum(1 for cell in self.table.cells((name,)).values() if cell & self.points) > 1
        ]

    def _decides(self, chosen: frozenset[str], satisfied: int) -> bool:
        refused = self.points & ~satisfied
        return not any(
            cell & satisfied and cell & refused for cell in self.table.cells(tuple(sorted(chosen))).values()
        )

    # reasons

    def disallowed(self, trial: Trial, requirement: Requirement) -> Iterator[str]:
        """Values that a requirement does not allow although some completion with them satisfies the trial; or, where it claims to be
        exact, the other way about. What is assumed of the variable until it is recorded says nothing of its values.
        """
        whole = self.points
        self.points = self.left(self.patient.facts, self.assumed, requirement.variable)
        satisfied, self.points = self.satisfied(trial), whole
        for (value,), cell in self.table.cells((requirement.variable,)).items():
            allowed, fits = contains(requirement.allowed, value), bool(cell & satisfied)
            if (fits and not allowed) or (allowed and not fits and self.exact(trial, requirement, value)):
                yield f"{requirement.variable}: {value} is {'' if allowed else 'not '}allowed"

    def exact(self, trial: Trial, requirement: Requirement, value: Value) -> bool:
        """Whether a requirement is exact on the value: of a number that is compared with others, by a criterion or by the theory, it says
        less than they say together.

        The table has nothing larger than the largest values.
        """
        name = requirement.variable
        if isinstance(requirement.allowed, frozenset):
            return True
        said = [axiom.require for axiom, _ in self.in_force]
        said += [part for clause in trial.clauses for part in clause.expressions()]
        if any(compared(part, name) for part in said):
            return False
        return self.world.variables[name].kind != "integer" or value < self.table.values[name][-1] - 1

    def unforced(self, failing: int, facts: Iterable[str], assumptions: Iterable[str]) -> bool:
        """Whether facts and assumptions leave a completion on which that fails which they are cited for."""
        return bool(self.left(facts, assumptions) & failing)

    def needless(self, failing: int, facts: tuple[str, ...], assumptions: tuple[str, ...]) -> int:
        """How many of the facts and assumptions that are cited could be left out."""
        return sum(
            not self.unforced(failing, set(facts) - {name}, set(assumptions) - {name})
            for name in (*facts, *assumptions)
        )


def compared(condition: Expression, name: str) -> bool:
    """Whether some comparison in a condition is of the variable with others."""
    comparisons = (part.own() for part in condition.walk() if not isinstance(part, LimitIf))
    return any(name in names and len(names) > 1 for names in comparisons)


def contains(allowed: object, value: Value) -> bool:
    """Whether a value is one of those that a requirement allows."""
    if isinstance(allowed, frozenset):
        return value in allowed
    assert isinstance(allowed, tuple)
    number = value.toordinal() if isinstance(value, date) else value
    return any(number in interval for interval in allowed)


# --- the comparison


Answers = Callable[[bytes], Iterable[MatchAnswer]]
"""What answers a record, in one way or several."""

Ask = Callable[[Library], Answers]


class Found(NamedTuple):
    """The first difference in a world: the record, and how the answers differ."""

    world: World
    patient: Patient
    faults: tuple[str, ...]


def both_ways(library: Library) -> Answers:
    """Answers by building completions and by the solver alone, from matchers that are used for one record after another."""
    matchers = [Undated(library), Undated(library, search=False)]

    def answers(text: bytes) -> Iterable[MatchAnswer]:
        record = read_record(text, library, name="drawn.json")
        return [matcher.match(record) for matcher in matchers]

    return answers


def told_of(answers: Answers, text: bytes) -> Iterable[MatchAnswer] | str:
    """The answers for a record, or the error in their place."""
    try:
        return answers(text)
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def faults(judged: Judged, answer: MatchAnswer, tally: Counter[str] | None = None) -> Iterator[str]:
    """Everything in which an answer differs from brute force."""
    wanted = judged.answer()
    if answer.consistent is not wanted.consistent:
        yield f"consistent: {answer.consistent}, but by brute force {wanted.consistent}"
        return
    if answer.contradictions != wanted.contradictions or not answer.contradictions_complete:
        yield f"contradictions: {answer.contradictions}, but by brute force {wanted.contradictions}"
    if not wanted.consistent:
        yield from (f"{t.code}: {t.verdict}" for t in answer.trials if t.verdict != "withheld")
        return
    trials = {trial.code: trial for trial in judged.world.trials}
    for trial in answer.trials:
        for part, found, right in zip(PARTS, told(trial), parts(wanted.trials[trial.code]), strict=True):
            if found != right:
                yield f"{trial.code}: {part}: {found}, but by brute force {right}"
        if trial.cut:
            yield f"{trial.code}: cut: {trial.cut}"
        yield from (f"{trial.code}: {line}" for line in reasons(judged, trials[trial.code], trial, tally))


def told(trial: TrialAnswer) -> tuple[object, ...]:
    """The parts of an engine's answer."""
    return (
        trial.verdict,
        {cohort.cohort: (cohort.verdict, cohort.conflicts) for cohort in trial.cohorts},
        {(clause.id, clause.cohort): clause.status for clause in trial.clauses},
        trial.conflicts,
        trial.deciding_sets,
    )


def parts(trial: TrialVerdict) -> tuple[object, ...]:
    """The same parts of brute force's answer."""
    return trial.verdict, dict(trial.cohorts), dict(trial.clauses), trial.conflicts, trial.deciding_sets


def reasons(judged: Judged, trial: Trial, answer: TrialAnswer, tally: Counter[str] | None) -> Iterator[str]:
    """Where the reasons that are given are wrong: requirements, and the evidence of clauses and of joint conflicts."""
    seen: Counter[str] = Counter()
    for requirement in answer.missing:
        if requirement.allowed is not None:
            seen["requirements"] += 1
            yield from judged.disallowed(trial, requirement)
    holding = judged.holding(trial)
    for clause in answer.clauses:
        if clause.status != "open":
            cohort = clause.cohort or next(c for c, clauses in holding.items() if clause.id in clauses)
            holds = holding[cohort][clause.id]
            failing = judged.table.every & ~holds if clause.status == "met" else holds
            seen["clauses with evidence"] += 1
            seen["needless"] += judged.needless(failing, clause.facts, clause.assumptions)
            if judged.unforced(failing, clause.facts, clause.assumptions):
                yield f"{clause.id}: not forced by {clause.facts} and {clause.assumptions}"
    for joint in answer.joint_conflicts:
        failing = judged.table.every
        for name in joint.clauses:
            failing &= holding[joint.cohort].get(name, failing)
        seen["joint conflicts with evidence"] += 1
        seen["needless"] += judged.needless(failing, joint.facts, joint.assumptions)
        if judged.unforced(failing, joint.facts, joint.assumptions):
            yield f"{joint.cohort}, {joint.clauses}: not forced by {joint.facts} and {joint.assumptions}"
    if tally is not None:
        tally.update(seen)


def difference(world: World, patient: Patient, answers: Answers) -> tuple[str, ...]:
    """How the engine's answers for one record differ from brute force; raises `Unsettled`."""
    table = Table(world, patient.as_of)
    judged = Judged(table, patient)
    if not Judged(table, Patient(patient.as_of, {})).consistent:
        raise Unsettled
    found = told_of(answers, patient.record())
    if isinstance(found, str):
        return (found,)
    return tuple(line for answer in found for line in faults(judged, answer))


def check_world(seed: int, number: int, ask: Ask | None = None) -> tuple[Counter[str], Found | None]:
    """Invent a world and records of it, and compare; the tally, and the first difference, made small."""
    ask = ask or both_ways
    random = Random(f"{seed} {number}")
    world, table = invent(random)
    answers = ask(compile_world(world))
    tally: Counter[str] = Counter(worlds=1)
    seen: set[bytes] = set()
    for _ in range(10 * RECORDS):
        patient = draw_patient(random, world, table)
        text = patient.record()
        if text in seen:
            continue
        try:
            judged = Judged(table, patient)
        except Unsettled:
            continue
        seen.add(text)
        found = told_of(answers, text)
        if isinstance(found, str):
            return tally, reduced(Found(world, patient, (found,)), ask)
        for i, answer in enumerate(found):
            wrong = tuple(faults(judged, answer, tally if i == 0 else None))
            if wrong:
                return tally, reduced(Found(world, patient, wrong), ask)
        count_answer(tally, judged)
        if len(seen) == RECORDS:
            break
    return tally, None


def count_answer(tally: Counter[str], judged: Judged) -> None:
    """Count what was compared for one record."""
    wanted = judged.answer()
    tally["records"] += 1
    tally["pairs"] += len(judged.world.trials)
    if not wanted.consistent:
        tally["contradictory records"] += 1
        tally["contradictions"] += len(wanted.contradictions)
        tally["withheld"] += len(judged.world.trials)
    for trial in wanted.trials.values():
        tally[trial.verdict] += 1
        tally["clauses"] += len(trial.clauses)
        tally["conflicts"] += len(trial.conflicts)
        tally["conflicts of several clauses"] += sum(len(each) > 1 for each in trial.conflicts)
        tally["deciding sets"] += len(trial.deciding_sets)
        tally["trials with several deciding sets"] += len(trial.deciding_sets) > 1


SHOWN = (
    *("pairs", "worlds", "records", "eligible", "ineligible", "undetermined", "withheld"),
    *("contradictory records", "contradictions", "clauses", "conflicts", "conflicts of several clauses"),
    *("deciding sets", "trials with several deciding sets", "requirements", "clauses with evidence"),
    "joint conflicts with evidence",
)
NEEDLESS = "cited facts and assumptions that could be left out"


# --- making a difference small


def reduced(found: Found, ask: Ask) -> Found:
    """The same kind of difference in the smallest world and record that leaving things out leads to."""
    shrinking = True
    while shrinking:
        shrinking = False
        for world, patient in smaller(found.world, found.patient):
            try:
                wrong = difference(world, patient, ask(compile_world(world)))
            except Exception:  # what cannot be asked shows nothing
                continue
            if wrong:
                found, shrinking = Found(world, patient, wrong), True
                break
    return found


def smaller(world: World, patient: Patient) -> Iterator[tuple[World, Patient]]:
    """A world and a record with something left out."""
    for trial in world.trials:
        if len(world.trials) > 1:
            opened = {code: some for code, some in patient.open_cohorts.items() if code == trial.code}
            yield replace(world, trials=(trial,)), replace(patient, open_cohorts=opened)
    for name in patient.facts:
        facts = {other: fact for other, fact in patient.facts.items() if other != name}
        yield world, replace(patient, facts=facts)
    if patient.unknown:
        yield world, replace(patient, unknown=())
    if patient.open_cohorts:
        yield world, replace(patient, open_cohorts={})
    for axiom in world.axioms:
        kept = tuple(other for other in world.axioms if other is not axiom)
        yield replace(world, axioms=kept), patient
        for fewer in simpler(axiom.require):
            less = tuple(replace(a, require=fewer) if a is axiom else a for a in world.axioms)
            yield replace(world, axioms=less), patient
    for trial in smaller_trials(world.trials):
        yield replace(world, trials=trial), patient
    spoken = {name for part in world.expressions() for name in part.names}
    for name, variable in world.variables.items():
        if variable.plausible is not None:
            plain = replace(variable, plausible=None)
            yield replace(world, variables={**world.variables, name: plain}), patient
        elif name not in spoken | patient.facts.keys() | set(patient.unknown):
            left = {other: v for other, v in world.variables.items() if other != name}
            yield replace(world, variables=left), patient


def smaller_trials(trials: tuple[Trial, ...]) -> Iterator[tuple[Trial, ...]]:
    """One trial with a clause less, or with a simpler one."""
    for trial in trials if len(trials) == 1 else ():
        for i, clause in enumerate(trial.clauses):
            before, after = trial.clauses[:i], trial.clauses[i + 1 :]
            if all(any(c.binds([cohort]) for c in (*before, *after)) for cohort in trial.cohorts):
                yield (replace(trial, clauses=(*before, *after)),)
            for fewer in simpler_clauses(clause):
                yield (replace(trial, clauses=(*before, fewer, *after)),)
        if len(trial.cohorts) > 1 and all(c.cohorts is None and c.by_cohort is None for c in trial.clauses):
            yield (replace(trial, cohorts=trial.cohorts[:1]),)


def simpler_clauses(clause: Clause) -> Iterator[Clause]:
    """The clause without a guard, or with a simpler condition."""
    for key in ("when", "unless", "cohorts"):
        if getattr(clause, key) is not None:
            yield replace(clause, **{key: None})
    if clause.require is not None:
        yield from (replace(clause, require=fewer) for fewer in simpler(clause.require))
    for cohort, condition in (clause.by_cohort or {}).items():
        for fewer in simpler(condition) if not clause.routing else ():
            yield replace(clause, by_cohort={**(clause.by_cohort or {}), cohort: fewer})
        if not clause.routing:
            yield Clause(clause.id, condition)


def simpler(condition: Expression) -> Iterator[Expression]:
    """The parts of a condition, and the condition with a simpler part."""
    yield from condition.parts()
    if isinstance(condition, Joined):
        for i, part in enumerate(condition.conditions):
            for fewer in simpler(part):
                changed = (*condition.conditions[:i], fewer, *condition.conditions[i + 1 :])
                yield replace(condition, conditions=changed)


def shown(found: Found) -> str:
    """A difference, as files and a record that anyone can try."""
    lines = ["The engine and brute force differ.", *found.faults]
    for name, text in found.world.files().items():
        lines += [f"--- {name}", text]
    return "\n".join([*lines, "--- the record", found.patient.record().decode()])


# --- inventing worlds and records

ORDERS = ("<", "<=", ">", ">=")
RELATIONS = (*ORDERS, "==", "!=")
LETTERS = ("A", "B", "C")
LARGEST = 2600
"""The most completions in a table."""


class Inventor:
    """Draws conditions about the variables of one world."""

    def __init__(self, random: Random) -> None:
        self.random = random
        flags = ["flag_p", "flag_q", "flag_r"][: random.choice([2, 2, 3])]
        others = random.choice(
            [
                ["kind_x", "grade_m"],
                ["kind_x", "dose_v"],
                ["kind_x", "day_s"],
                ["grade_m", "grade_n"],
                ["grade_m", "dose_v"],
                ["kind_x"],
            ]
        )
        self.variables = {name: self._variable(name) for name in (*flags, *others)}

    def _variable(self, name: str) -> Variable:
        random = self.random
        requested, ranged = random.random() < 0.85, random.random() < 0.5
        match name.split("_")[0]:
            case "flag":
                return Variable(name, "boolean", requested=requested)
            case "kind":
                return Variable(name, "enumeration", LETTERS, requested=requested)
            case "grade":
                low = random.randint(0, 1)
                plausible = Between(name, Fraction(low), Fraction(low + random.randint(1, 3)))
                return Variable(name, "integer", plausible=plausible if ranged else None, requested=requested)
            case "dose":
                low_dose = Fraction(random.randint(0, 2), 2)
                most = low_dose + Fraction(random.randint(1, 3), 2)
                between = Between(name, low_dose, most, random.choice(["mg", "ug"]))
                return Variable(name, "quantity", plausible=between if ranged else None, requested=requested)
        age = Age(name, "<=", random.choice([1, 2, 18]))
        return Variable(name, "date", plausible=age if ranged else None, past=True, requested=requested)

    def atom(self) -> Expression:
        """A condition about one variable or two."""
        random = self.random
        name = random.choice(list(self.variables))
        relation = random.choice(RELATIONS)
        match self.variables[name].kind:
            case "boolean":
                return Flag(name)
            case "enumeration":
                some = tuple(random.sample(LETTERS, random.randint(1, 2)))
                return Kind(name, some, random.random() < 0.5)
            case "integer":
                return self._whole(name, relation)
            case "quantity":
                unit = random.choice(sorted(MILLIGRAMS))
                limit, other = (Fraction(random.randint(0, 4), 2) for _ in range(2))
                if random.random() < 0.2:
                    return LimitIf(name, relation, Flag("flag_p"), limit, other, unit)
                return Limit(name, relation, limit, unit, random.random() < 0.5)
        return self._day(name)

    def _whole(self, name: str, relation: str) -> Expression:
        random = self.random
        if "grade_n" in self.variables and random.random() < 0.4:
            other = "grade_n" if name == "grade_m" else "grade_m"
            return Order(name, relation, other, random.randint(0, 1))
        limit, other_limit = sorted(Fraction(random.randint(0, 4)) for _ in range(2))
        if random.random() < 0.2:
            return Between(name, limit, other_limit)
        return Limit(name, relation, limit, mirrored=random.random() < 0.5)

    def _day(self, name: str) -> Expression:
        random = self.random
        match random.choice(["between", "moved", "age"]):
            case "between":
                return DaysBetween(name, "as_of", random.choice(RELATIONS), random.choice([0, 28, 90]))
            case "moved":
                amount, unit = random.choice([(1, "mo"), (3, "mo"), (28, "d")])
                return Dates(Moved(name, amount, unit), random.choice(ORDERS), Moved("as_of"))
        return Age(name, random.choice(RELATIONS), random.choice([1, 18]))

    def condition(self, depth: int = 2) -> Expression:
        """A condition of some depth."""
        form = self.random.choice(["atom"] * 4 + ["not", "and", "or", "or", "if", "count", "same"])
        if depth == 0 or form == "atom":
            return self.atom()
        if form == "not":
            return Not(self.condition(depth - 1))
        if form == "if":
            return Either(self.atom(), self.atom(), self.atom())
        if form == "count":
            relation = self.random.choice(["<=", ">=", "=="])
            return HowMany(tuple(self.atom() for _ in range(3)), relation, self.random.randint(1, 2))
        word = "==" if form == "same" else form
        return Joined(word, (self.condition(depth - 1), self.condition(depth - 1)))

    def axiom(self, number: int) -> Axiom:
        """A statement of the theory: mostly an implication; some are assumptions, or give way to what is recorded."""
        random = self.random
        form = random.choice(["implies", "implies", "same", "any"])
        if form == "any":
            require = self.condition(1)
        elif form == "same":
            require = Joined("==", (self.atom(), self.atom()))
        else:
            require = Joined("implies", (self.condition(1), self.atom()))
        names = sorted(require.names)
        waits = (random.choice(names),) if random.random() < 0.2 else ()
        assumption = f"assumed-{number}" if random.random() < 0.15 else None
        return Axiom(f"A{number}", require, waits, assumption)

    def trial(self, number: int) -> Trial:
        """A trial with one to three cohorts."""
        random = self.random
        cohorts = tuple(f"C{i}" for i in range(1, random.choice([1, 1, 2, 2, 3]) + 1))
        clauses = [self._clause(f"I{i}", cohorts) for i in range(1, random.randint(1, 4) + 1)]
        if len(cohorts) > 1 and random.random() < 0.5:
            split = self.atom()
            halves = [split, Not(split), split]
            clauses.insert(0, Clause("S", by_cohort=dict(zip(cohorts, halves, strict=False))))
        if random.random() < 0.4:
            by_cohort = {
                cohort: Joined("and", (COHORT_OPEN, self.atom())) if random.random() < 0.3 else COHORT_OPEN
                for cohort in cohorts
            }
            clauses.insert(0, Clause("R", by_cohort=by_cohort, routing=True))
        unbound = tuple(c for c in cohorts if not any(clause.binds([c]) for clause in clauses))
        if unbound:
            clauses.append(Clause("B", self.condition(1), cohorts=unbound))
        return Trial(f"T{number}", f"NCT0000000{number}", cohorts, tuple(clauses))

    def _clause(self, name: str, cohorts: tuple[str, ...]) -> Clause:
        random = self.random
        some = tuple(cohort for cohort in cohorts if random.random() < 0.6) or cohorts[:1]
        match random.choice(["plain", "plain", "guarded", "some", "map"]):
            case "map":
                return Clause(name, by_cohort={cohort: self.condition(1) for cohort in some})
            case "guarded":
                keys = random.choice([("when",), ("unless",), ("when", "unless")])
                return Clause(name, self.condition(), **{key: self.condition(1) for key in keys})
            case "some":
                return Clause(name, self.condition(), cohorts=some)
        return Clause(name, self.condition())


def invent(random: Random) -> tuple[World, Table]:
    """A world whose theory holds of someone, and its table for one day."""
    while True:
        inventor = Inventor(random)
        axioms = tuple(inventor.axiom(i) for i in range(random.randint(0, 4)))
        trials = tuple(inventor.trial(i) for i in range(1, 6))
        world = World(inventor.variables, axioms, trials)
        table = Table(world, random.choice(DAYS))
        try:
            judged = Judged(table, Patient(table.as_of, {}))
        except Unsettled:
            continue
        if judged.consistent and table.size <= LARGEST:
            return world, table


def draw_patient(random: Random, world: World, table: Table) -> Patient:
    """A record: much is recorded, or little."""
    much = random.choice([0.25, 0.5, 0.8])
    facts: dict[str, Fact] = {}
    unknown = []
    for name, variable in world.variables.items():
        if random.random() < much:
            facts[name] = draw_fact(random, world, variable, table)
        elif random.random() < 0.1:
            unknown.append(name)
    opened = {
        trial.code: tuple(cohort for cohort in trial.cohorts if random.random() < 0.6)
        for trial in world.trials
        if any(clause.routing for clause in trial.clauses) and random.random() < 0.5
    }
    return Patient(table.as_of, facts, tuple(unknown), opened)


def draw_fact(random: Random, world: World, variable: Variable, table: Table) -> Fact:
    """A fact: exact, an interval, or one of several values."""
    form = random.choice(["exact"] * 3 + ["interval", "interval", "one_of"])
    match variable.kind:
        case "boolean":
            value = random.random() < 0.5
            return Fact(value, values=(value,))
        case "enumeration":
            some = tuple(random.sample(LETTERS, 1 if form == "exact" else 2))
            return Fact(some[0] if len(some) == 1 else {"one_of": list(some)}, values=some)
        case "integer":
            return written_fact(random, form, range(6), lambda value: value, {})
        case "quantity":
            unit = random.choice(sorted(MILLIGRAMS))
            numbers = sorted(edges(world, variable, table.as_of))
            return written_fact(
                random, form, numbers, lambda value: float(decimal(value / MILLIGRAMS[unit])), {"unit": unit}
            )
    days = sorted(edges(world, variable, table.as_of))
    return written_fact(random, form, days, date.isoformat, {})


def written_fact(
    random: Random,
    form: str,
    values: Iterable[Value],
    write: Callable[[Value], object],
    rest: dict[str, object],
) -> Fact:
    """A fact about a number or a day, with ends among the values."""
    some = list(values)
    one, other = sorted(random.sample(some, 2))
    if form == "exact":
        value = random.choice(some)
        return Fact({"value": write(value), **rest} if rest else write(value), values=(value,))
    if form == "one_of":
        return Fact({"one_of": [write(one), write(other)], **rest}, values=(one, other))
    ends = random.choice(["both", "min", "max"])
    whole = not rest
    low_open, high_open = (not whole and random.random() < 0.5 for _ in range(2))
    entry = dict(rest)
    if ends != "max":
        entry["min_exclusive" if low_open else "min"] = write(one)
    if ends != "min":
        entry["max_exclusive" if high_open else "max"] = write(other)
    low = None if ends == "max" else one
    high = None if ends == "min" else other
    return Fact(entry, low=low, high=high, low_open=low_open, high_open=high_open)


# --- the command


def main(arguments: list[str] | None = None) -> int:
    """Compare, print the tally, and return 1 at a difference."""
    parser = argparse.ArgumentParser(prog="differential", description=__doc__)
    parser.add_argument("--pairs", type=int, default=100_000, help="pairs of a record and a trial to compare")
    parser.add_argument("--seed", type=int, default=1, help="other worlds for another seed")
    parser.add_argument("--first", type=int, default=0, help="number of the first world")
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args(arguments)
    tally: Counter[str] = Counter()
    started = monotonic()
    for number, (counts, found) in enumerate(checked(given.seed, given.processes, given.first), given.first):
        tally.update(counts)
        if found is not None:
            print(shown(found))
            print(f"after {tally['pairs']} pairs: --seed {given.seed} --first {number}", file=sys.stderr)
            return 1
        if tally["worlds"] % 20 == 0:
            minutes = (monotonic() - started) / 60
            print(f"{tally['pairs']:>8} pairs, {minutes:.1f} minutes", file=sys.stderr)
        if tally["pairs"] >= given.pairs:
            break
    for name in SHOWN:
        print(f"{tally[name]:>8} {name}")
    print(f"{tally['needless']:>8} {NEEDLESS}")
    print(f"{0:>8} differences")
    return 0


def checked(seed: int, processes: int, first: int = 0) -> Iterator[tuple[Counter[str], Found | None]]:
    """The worlds of a seed from the first on, one after another, whatever the number of processes."""
    with ExitStack() as stack:
        pool = stack.enter_context(ProcessPoolExecutor(processes)) if processes > 1 else None
        for start in count(first, 20):
            numbers = range(start, start + 20)
            seeds = [seed] * 20
            yield from pool.map(check_world, seeds, numbers) if pool else map(check_world, seeds, numbers)


if __name__ == "__main__":
    sys.exit(main())
