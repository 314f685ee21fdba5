"""What entering one trial does to the others, and the orders that keep most doors open.

Entering a trial changes what is known of the patient, as the trial's file says, and nothing else: the day stays, and what treatment
achieves is not guessed. A trial can be entered where its verdict is not ineligible. Verdicts rest on the record as it stands; one that
would be open without what is out of date after a trial is marked as provisional.

Where trial A leaves behind that a kind of drug was given, and a clause of B excludes whoever had one, A closes B: the entry of A has B as
ineligible, changed, by that clause. If B leaves A open, the longest order is B, then A, and B has its last chance before A.

What is known of a patient who enters a trial, while on it and afterwards, as the trial's file says.

What becomes true afterwards takes the place of what was recorded, unless that agrees with it. What is out of date is kept as it was
recorded: `remeasured` is the record without it, where only what can never be undone is still known.

A trial sets `treated` afterwards, and outdates `score` and `lines`, a count that never falls. For a patient who is untreated, with a score
of 1 and 2 lines:

    after         treated: yes, score: 1, lines: 2
    remeasured    treated: yes, lines: at least 2
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cached_property

from solver.engine.answer import Verdict
from solver.engine.banner import enrolment_effects
from solver.engine.case import Case, Engine
from solver.engine.decision import Decision
from solver.engine.minimal_sets import Minimal
from solver.engine.warnings.warnings import assumption_texts
from solver.evaluation.evaluate import evaluate
from solver.language.calendar import format_day
from solver.language.domain import BOTH, Domain, Interval, Recorded
from solver.language.tree import Complete, variables, walk
from solver.language.types import BooleanType, EnumerationType, IntegerType
from solver.library.choice import choose_trials
from solver.library.models import Library, Trial, Variable
from solver.patient.readers.native.statement import join_words
from solver.patient.record import Fact, Record
from solver.questions.sequence.answer import Circumstances, Door, Entry, LastChance, Opened, SequenceAnswer
from solver.questions.sequence.orders import Roads, search

ENTERABLE: tuple[Verdict, ...] = ("eligible", "undetermined", "unresolved")
"""The verdicts with which a trial can, or might, be entered."""


def sequence(engine: Engine, record: Record, trials: Iterable[str] | None = None) -> SequenceAnswer:
    """What entering each trial does to the others; `trials` as for `Matcher.match`."""
    library = engine.library
    codes = list(library.trials) if trials is None else choose_trials(library, trials)
    with engine.allowance():
        return _Sequence(engine, record, [library.trials[code] for code in codes]).answer()


class _Standing:
    """How a trial stands, each part found once, when it is asked for; without `case` the verdict is `refused`."""

    def __init__(self, trial: Trial, case: Case | None, refused: Verdict) -> None:
        self._trial, self._case, self._refused = trial, case, refused

    @cached_property
    def _made_decision(self) -> Decision:
        assert self._case is not None
        return self._case.decision(self._trial)

    @property
    def verdict(self) -> Verdict:
        """The verdict on the trial."""
        return self._made_decision.verdict if self._case else self._refused

    @cached_property
    def conflicts(self) -> Minimal:
        """Every conflict, where it is ineligible."""
        return self._case.conflicts(self._made_decision) if self._case else Minimal((), True)

    @cached_property
    def assuming(self) -> tuple[str, ...]:
        """A minimal set of assumptions of policies that an eligible verdict needs."""
        return self._case.assuming(self._made_decision) if self._case else ()

    def rests_on_more(self, anew: _Standing) -> bool:
        """Whether a settled verdict is not known to be settled for a patient of whom less is known."""
        return self.verdict in ("eligible", "ineligible") and anew.verdict in ("undetermined", "unresolved")


class _State:
    """A patient in some circumstances.

    The trials `alike`, by code, stand as they did `before`: they can tell nothing of what is new.
    """

    def __init__(
        self,
        engine: Engine,
        record: Record,
        before: _State | None = None,
        alike: frozenset[str] = frozenset(),
    ) -> None:
        self.record, self.opened = record, engine.open(record)
        self.consistent = self.opened.consistent
        self.warnings = list(self.opened.warnings)
        self._case = engine.case(self.opened, self.warnings) if self.consistent is True else None
        comparable = before is not None and before.consistent and before.opened.ranges is self.opened.ranges
        self._before = before if comparable and self._case else None
        self._alike, self._standings = alike, dict[str, _Standing]()

    def standing(self, trial: Trial) -> _Standing:
        """How a trial stands."""
        if self._before is not None and trial.code in self._alike:
            return self._before.standing(trial)
        refused: Verdict = "unresolved" if self.consistent is None else "withheld"
        return self._standings.setdefault(
            trial.code, _Standing(trial, self._case and self._case.of(trial), refused)
        )

    def door(self, trial: Trial, today: _State, anew: _State | None = None) -> Door:
        """How a trial stands; `anew` is the patient of whom nothing is known that is out of date."""
        found = self.standing(trial)
        return Door(
            trial=trial.nct,
            code=trial.code,
            recruitment=trial.recruitment,
            verdict=found.verdict,
            published_only=found.verdict == "eligible" and trial.open_ended,
            conflicts=found.conflicts.subsets,
            conflicts_complete=found.conflicts.complete,
            changed=found.verdict != today.standing(trial).verdict,
            assuming=found.assuming,
            provisional=anew is not None and found.rests_on_more(anew.standing(trial)),
        )


def _variables_read(trial: Trial) -> frozenset[str]:
    """The variables that a trial's clauses read, under any reading."""
    return frozenset(
        name
        for clause in trial.clauses
        for conditions in (clause.conditions, *clause.alternatives.values())
        for condition in (conditions or {}).values()
        for name in variables(condition)
    )


def _touched_by(library: Library, before: Record, after: Record, policies: Collection[str]) -> frozenset[str]:
    """The variables of which something may be known or assumed otherwise: those whose facts differ, those that a policy takes as absent
    only where these are not mentioned, and all that the theory links to them.
    """
    mentioned = before.facts.keys() | after.facts.keys()
    names = {name for name in mentioned if before.facts.get(name) != after.facts.get(name)}
    for axiom in library.axioms:
        if not names.isdisjoint(axiom.while_unrecorded):
            names |= library.mentions[axiom.id]
    known = _linked_to(library, names)
    covered = (variable for variable in library.variables.values() if variable.policy in policies)
    return known | _linked_to(library, (v.name for v in covered if not known.isdisjoint(v.mentioned_by)))


def _linked_to(library: Library, names: Iterable[str]) -> frozenset[str]:
    return frozenset[str]().union(*(library.linked.get(name, {name}) for name in names))


class _Numbers:
    """A number for all that facts say of their variables: facts that agree have the same, and each fact is looked at once."""

    def __init__(self) -> None:
        self._said: dict[tuple[str, Domain, tuple[Fraction, ...] | None], int] = {}
        self._known: dict[tuple[str, int], tuple[Fact, int]] = {}

    def of(self, name: str, fact: Fact) -> int:
        """The number of what a fact says of a variable; the fact is kept, so that no other has its identity."""
        known = self._known.get((name, id(fact)))
        if known is None:
            said = name, fact.domain, fact.values
            known = self._known[name, id(fact)] = fact, self._said.setdefault(said, len(self._said))
        return known[1]


class _Sequence:
    """The states that can be reached from one record; those that agree on every fact are one."""

    def __init__(self, engine: Engine, record: Record, trials: Sequence[Trial]) -> None:
        self.engine, self.library, self.trials = engine, engine.library, trials
        self._read = {trial.code: _variables_read(trial) for trial in trials}
        self._numbers = _Numbers()
        self._states: dict[frozenset[int], _State] = {}
        self.today = self._reached_state(record)

    def answer(self) -> SequenceAnswer:
        """The whole answer."""
        record = self.today.record
        roads: Roads[_State] | None = search(self.today, self._open_doors, self._next_state)
        today = self._circumstances_in(self.today)
        entries = tuple(self._entry_of(i) for i, door in enumerate(today.trials) if door.verdict in ENTERABLE)
        every = [today, *(found for entry in entries for found in (entry.during, entry.after))]
        assuming = [name for found in every for door in found.trials for name in door.assuming]
        return SequenceAnswer(
            engine=self.engine.version,
            patient=record.id,
            as_of=format_day(record.as_of),
            today=today,
            entries=entries,
            orders=roads.orders([trial.code for trial in self.trials]) if roads else None,
            last_chances=tuple(self._last_chances(roads)) if roads else (),
            opened=tuple(self._opened_later(roads)) if roads else (),
            warnings=tuple(dict.fromkeys(w for state in self._states.values() for w in state.warnings)),
            policies=tuple(self.engine.policies),
            site=self.library.site,
            assumptions=assumption_texts(self.today.opened.problem, assuming),
            record=today.record,
        )

    def _reached_state(self, record: Record, before: _State | None = None) -> _State:
        key = frozenset(self._numbers.of(name, fact) for name, fact in record.facts.items())
        if key not in self._states:
            self._states[key] = self._state_after(before, record)
        return self._states[key]

    def _state_after(self, before: _State | None, record: Record) -> _State:
        """A state in which the trials are alike whose clauses read nothing of which something may be known otherwise than before."""
        if before is None:
            return _State(self.engine, record)
        new = _touched_by(self.library, before.record, record, self.engine.policies)
        alike = frozenset(code for code, names in self._read.items() if names.isdisjoint(new))
        return _State(self.engine, record, before, alike)

    def _open_doors(self, state: _State) -> list[int]:
        """Which trials can be entered, by position."""
        if state.consistent is not True:
            return []
        return [i for i, trial in enumerate(self.trials) if state.standing(trial).verdict in ENTERABLE]

    def _next_state(self, state: _State, entered: int) -> _State:
        return self._reached_state(after(self.library, state.record, self.trials[entered]), state)

    def _entry_of(self, entered: int) -> Entry:
        trial = self.trials[entered]
        on = self._reached_state(during(self.library, self.today.record, trial), self.today)
        then = self._next_state(self.today, entered)
        return Entry(
            trial=trial.nct,
            code=trial.code,
            enrolment=enrolment_effects(trial, self.library),
            during=self._circumstances_in(on, besides=trial),
            after=self._circumstances_in(then, besides=trial, anew=self._state_anew(then, trial)),
        )

    def _state_anew(self, then: _State, entered: Trial) -> _State:
        """The patient after a trial, without what is out of date."""
        return self._state_after(then, remeasured(self.library, then.record, entered))

    def _circumstances_in(
        self, state: _State, besides: Trial | None = None, anew: _State | None = None
    ) -> Circumstances:
        doors = tuple(state.door(trial, self.today, anew) for trial in self.trials if trial is not besides)
        return Circumstances(state.opened.state(), doors, state.record)

    def _last_chances(self, roads: Roads[_State]) -> Iterable[LastChance]:
        for (lost, other), then in sorted(roads.closed.items(), key=lambda item: item[0]):
            trial, entered = self.trials[lost], self.trials[other]
            found, anew = then.standing(trial), self._state_anew(then, entered)
            provisional = found.rests_on_more(anew.standing(trial))
            yield LastChance(trial.code, entered.code, found.conflicts.subsets, provisional)

    def _opened_later(self, roads: Roads[_State]) -> Iterable[Opened]:
        for i, way in sorted(roads.ways.items()):
            if way:
                yield Opened(self.trials[i].code, tuple(self.trials[j].code for j in way))


def during(library: Library, record: Record, trial: Trial) -> Record:
    """The record of a patient who is on a trial."""
    return _with_effects(library, _lists_left_open(library, record), trial.enrolment.during)


def after(library: Library, record: Record, trial: Trial) -> Record:
    """The record of a patient who has been on a trial, with the course of the disease as it is recorded.

    Nothing of that course is known where entering the trial itself makes what is recorded of it false.
    """
    enrolment = trial.enrolment
    gone = enrolment.forgets
    if any(_is_made_false(record.facts.get(name), enrolment.after.get(name)) for name in enrolment.outdates):
        gone = (*gone, *enrolment.outdates)
    left = _without_facts(library, _lists_left_open(library, record), gone)
    return _with_effects(library, left, enrolment.after)


def remeasured(library: Library, record: Record, trial: Trial) -> Record:
    """The record of a patient after a trial, `record`, without what is out of date then: it is to be known anew."""
    enrolment = trial.enrolment
    return _with_effects(library, _without_facts(library, record, enrolment.outdates), enrolment.after)


def _without_facts(library: Library, record: Record, names: Iterable[str]) -> Record:
    """The record with nothing said of these variables but what stays true of them."""
    facts = dict(record.facts)
    for name in names:
        left = _lasting_fact(library.variables[name], facts.pop(name, None))
        if left is not None:
            facts[name] = left
    return replace(record, facts=facts)


def _lasting_fact(variable: Variable, fact: Fact | None) -> Fact | None:
    """What stays true of a variable: of what never changes back, an ever that was true, and a count at least.

    What a policy may take as absent is recorded as unknown, since the trial may have changed it.
    """
    never = variable.changes == "never"
    match variable.type:
        case BooleanType():
            if fact is not None and never and fact.domain == frozenset({True}):
                return fact
            return Fact(variable.name, BOTH, "not known anew") if variable.policy else None
        case IntegerType():
            domain = fact.domain if fact is not None and never else None
            low = int(domain.low) if isinstance(domain, Interval) else 0
            if low == 0 and variable.policy is None:
                return None
            return Fact(variable.name, Interval(low, math.inf, False, True, True), f"at least {low}")
        case _:
            return None


def _lists_left_open(library: Library, record: Record) -> Record:
    """The record with no list said to be complete, since the trial gives a drug; what the list denied today is said one by one."""
    facts = dict(record.facts)
    for name, fact in record.facts.items():
        if isinstance(fact.domain, Recorded) and fact.complete:
            facts[name] = replace(fact, domain=fact.domain._replace(complete=False), complete=False)
            for denied in _denied_by_list(library, name, fact.domain):
                facts.setdefault(denied, Fact(denied, frozenset({False}), "no"))
    return replace(record, facts=facts)


def _denied_by_list(library: Library, name: str, listed: Recorded) -> Iterator[str]:
    """What the theory denies of a patient because of what a complete list does not hold."""
    for axiom in library.axioms:
        others = library.mentions[axiom.id] - {name}
        if len(others) == 1 and any(isinstance(part, Complete) for part in walk(axiom.condition)):
            (other,) = others
            if evaluate(axiom.condition, {name: listed, other: frozenset({True})}) is False:
                yield other


def _with_effects(library: Library, record: Record, effects: Mapping[str, Domain]) -> Record:
    facts, variables = record.facts, library.variables
    stated = {name: _stated_fact(variables[name], each, facts.get(name)) for name, each in effects.items()}
    return replace(record, facts={**facts, **stated})


def _stated_fact(variable: Variable, domain: Domain, fact: Fact | None) -> Fact:
    """A fact that says what holds; what is recorded stays as far as it agrees."""
    if fact is not None and fact.domain == domain:
        return fact
    if isinstance(domain, Interval):
        return Fact(variable.name, domain, str(domain.low))
    assert isinstance(domain, frozenset)
    if fact is not None and isinstance(fact.domain, frozenset) and domain & fact.domain:
        if fact.domain <= domain:
            return fact
        domain = domain & fact.domain
    if isinstance(variable.type, EnumerationType):
        words = [value for value in variable.type.values if value in domain]
    else:
        words = ["yes" if value else "no" for value in (True, False) if value in domain]
    return Fact(variable.name, domain, join_words(words))


def _is_made_false(fact: Fact | None, domain: Domain | None) -> bool:
    """Whether a recorded fact cannot hold where a value of `domain` does."""
    if fact is None or domain is None:
        return False
    if isinstance(domain, frozenset) and isinstance(fact.domain, frozenset):
        return domain.isdisjoint(fact.domain)
    return fact.domain != domain
