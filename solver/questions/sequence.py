"""What entering one trial does to the others, and the orders that keep most doors open.

Entering a trial changes what is known of the patient, as the trial's file says, and nothing else: the day stays, and what treatment
achieves is not guessed. A trial can be entered where its verdict is not ineligible.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from solver.language.calendar import format_day
from solver.language.domain import Domain, Interval
from solver.language.tree import variables
from solver.language.types import BooleanType, EnumerationType
from solver.library.choice import choose_trials
from solver.library.models import Library, Trial, Variable
from solver.patient.record import Fact, Record
from solver.patient.statement import join_words
from solver.questions.answers import AnswerWarning, Subsets, Verdict
from solver.questions.eligibility import Decision
from solver.questions.matcher import Matcher, Matching
from solver.questions.orders import Orders, Roads, search
from solver.questions.warnings import assumption_text

ENTERABLE: tuple[Verdict, ...] = ("eligible", "undetermined", "unresolved")
"""The verdicts with which a trial can, or might, be entered."""


@dataclass(frozen=True, slots=True)
class Door:
    """A trial for a patient in some circumstances: the verdict, with every conflict where it is ineligible.

    `changed` says that the verdict is not today's, and `assuming` is as in a `TrialAnswer`, of these circumstances.
    """

    code: str
    verdict: Verdict
    published_only: bool = False
    conflicts: Subsets = ()
    complete: bool = True
    changed: bool = False
    assuming: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Circumstances:
    """A patient today, while on a trial, or after it: whether the facts agree, and every other trial's door."""

    consistent: bool | None
    contradictions: Subsets
    contradictions_complete: bool
    doors: tuple[Door, ...]
    record: Record = field(repr=False)


@dataclass(frozen=True, slots=True)
class Entry:
    """What entering one trial does: the patient while on it, and afterwards."""

    code: str
    during: Circumstances
    after: Circumstances


@dataclass(frozen=True, slots=True)
class LastChance:
    """A trial that must come before another: wherever both could be entered, the other closes it for good, by these conflicts."""

    code: str
    before: str
    conflicts: Subsets


@dataclass(frozen=True, slots=True)
class SequenceAnswer:
    """What each trial that can be entered does to the others.

    `opened` are trials that cannot be entered today, each with the shortest way there. `orders` is None if there are too many to look
    through. `assumptions` are (id, sentence) pairs of what the doors assume.
    """

    patient: str
    as_of: str
    encodings: str
    today: Circumstances
    entries: tuple[Entry, ...]
    orders: Orders | None
    last_chances: tuple[LastChance, ...]
    opened: tuple[tuple[str, tuple[str, ...]], ...]
    warnings: tuple[AnswerWarning, ...]
    policies: tuple[str, ...] = ()
    assumptions: tuple[tuple[str, str], ...] = ()


def sequence(matcher: Matcher, record: Record, trials: Iterable[str] | None = None) -> SequenceAnswer:
    """What entering each trial does to the others; `trials` as for `Matcher.match`."""
    library = matcher.library
    codes = list(library.trials) if trials is None else choose_trials(library, trials)
    return _Sequence(matcher, record, [library.trials[code] for code in codes]).answer()


def during(library: Library, record: Record, trial: Trial) -> Record:
    """The record of a patient who is on a trial."""
    return _with(library, record, trial.enrolment.during)


def after(library: Library, record: Record, trial: Trial) -> Record:
    """The record of a patient who has been on a trial."""
    outdated = trial.enrolment.outdates
    facts = {name: fact for name, fact in record.facts.items() if name not in outdated}
    return _with(library, replace(record, facts=facts), trial.enrolment.after)


def _with(library: Library, record: Record, effects: Mapping[str, Domain]) -> Record:
    stated = {name: _fact(library.variables[name], domain) for name, domain in effects.items()}
    return replace(record, facts={**record.facts, **stated})


def _fact(variable: Variable, domain: Domain) -> Fact:
    if isinstance(domain, Interval):
        return Fact(variable.name, domain, str(domain.low))
    assert isinstance(domain, frozenset)
    match variable.type:
        case EnumerationType(values):
            words = [value for value in values if value in domain]
        case kind:
            assert isinstance(kind, BooleanType)
            words = ["yes" if value else "no" for value in (True, False) if value in domain]
    return Fact(variable.name, domain, join_words(words))


class _State:
    """A patient in some circumstances; each trial is decided once, when it is asked for.

    The trials `alike`, by code, stand as they did `before`: they can tell nothing of what is new.
    """

    def __init__(
        self,
        matcher: Matcher,
        record: Record,
        before: _State | None = None,
        alike: frozenset[str] = frozenset(),
    ) -> None:
        self.record = record
        self.posed = matcher.pose(record)
        self.warnings = list(self.posed.warnings)
        self._matching: Matching | None = None
        if self.posed.consistent is True:
            self._matching = matcher.matching(self.posed, self.warnings)
        comparable = (
            before is not None and before.posed.consistent and before.posed.ranges is self.posed.ranges
        )
        self._before = before if comparable else None
        self._alike = alike
        self._decisions: dict[str, Decision] = {}
        self._conflicts: dict[str, tuple[Subsets, bool]] = {}
        self._assuming: dict[str, tuple[str, ...]] = {}

    def verdict(self, trial: Trial) -> Verdict:
        """The verdict on a trial."""
        if self._matching is None:
            return "unresolved" if self.posed.consistent is None else "withheld"
        if self._before is not None and trial.code in self._alike:
            return self._before.verdict(trial)
        return self._decision(trial, self._matching).verdict

    def conflicts(self, trial: Trial) -> tuple[Subsets, bool]:
        """Every conflict of an ineligible trial, and whether these are all."""
        if self._matching is None or self.verdict(trial) != "ineligible":
            return (), True
        if self._before is not None and trial.code in self._alike:
            return self._before.conflicts(trial)
        if trial.code not in self._conflicts:
            found = self._matching.conflicts(self._decision(trial, self._matching))
            self._conflicts[trial.code] = (found.subsets, found.complete)
        return self._conflicts[trial.code]

    def assuming(self, trial: Trial) -> tuple[str, ...]:
        """A minimal set of assumptions of policies that an eligible verdict needs."""
        if self._matching is None or self.verdict(trial) != "eligible":
            return ()
        if self._before is not None and trial.code in self._alike:
            return self._before.assuming(trial)
        if trial.code not in self._assuming:
            self._assuming[trial.code] = self._matching.assuming(self._decision(trial, self._matching))
        return self._assuming[trial.code]

    def _decision(self, trial: Trial, matching: Matching) -> Decision:
        if trial.code not in self._decisions:
            self._decisions[trial.code] = matching.decision(trial)
        return self._decisions[trial.code]

    def door(self, trial: Trial, today: _State) -> Door:
        """How a trial stands."""
        verdict = self.verdict(trial)
        conflicts, complete = self.conflicts(trial)
        published_only = verdict == "eligible" and (trial.partial or bool(trial.rests_on))
        changed = verdict != today.verdict(trial)
        return Door(trial.code, verdict, published_only, conflicts, complete, changed, self.assuming(trial))


def _read(trial: Trial) -> frozenset[str]:
    """The variables that a trial's clauses read, under any reading."""
    every = [
        conditions
        for clause in trial.clauses
        for conditions in (clause.conditions, *clause.alternatives.values())
        if conditions is not None
    ]
    return frozenset(name for conditions in every for c in conditions.values() for name in variables(c))


def _touched(library: Library, before: Record, after: Record, policies: Collection[str]) -> frozenset[str]:
    """The variables of which something may be known or assumed otherwise: those whose facts differ, those that a policy takes as absent
    only where these are not mentioned, and all that the theory links to them.
    """
    names = {
        name
        for name in before.facts.keys() | after.facts.keys()
        if before.facts.get(name) != after.facts.get(name)
    }
    for axiom in library.axioms:
        if not names.isdisjoint(axiom.while_unrecorded):
            names |= library.mentions[axiom.id]
    known = _linked(library, names)
    covered = (variable for variable in library.variables.values() if variable.policy in policies)
    return known | _linked(library, (v.name for v in covered if not known.isdisjoint(v.mentioned_by)))


def _linked(library: Library, names: Iterable[str]) -> frozenset[str]:
    return frozenset[str]().union(*(library.linked.get(name, {name}) for name in names))


_Key = frozenset[tuple[str, Domain, tuple[Fraction, ...] | None]]


class _Sequence:
    """The states that can be reached from one record; those that agree on every fact are one."""

    def __init__(self, matcher: Matcher, record: Record, trials: Sequence[Trial]) -> None:
        self.matcher, self.trials = matcher, trials
        self._read = {trial.code: _read(trial) for trial in trials}
        self._states: dict[_Key, _State] = {}
        self.today = self._state(record)

    def answer(self) -> SequenceAnswer:
        """The whole answer."""
        record = self.today.record
        roads: Roads[_State] | None = search(self.today, self._open, self._next)
        today = self._circumstances(self.today)
        entries = tuple(map(self._entry, filter(self._enterable, self.trials)))
        return SequenceAnswer(
            patient=record.id,
            as_of=format_day(record.as_of),
            encodings=self.matcher.library.digest,
            today=today,
            entries=entries,
            orders=roads.orders([trial.code for trial in self.trials]) if roads else None,
            last_chances=tuple(self._last_chances(roads)) if roads else (),
            opened=tuple(self._opened(roads)) if roads else (),
            warnings=tuple(dict.fromkeys(w for state in self._states.values() for w in state.warnings)),
            policies=tuple(self.matcher.policies),
            assumptions=tuple(self._assumptions(today, entries)),
        )

    def _assumptions(self, today: Circumstances, entries: Iterable[Entry]) -> Iterable[tuple[str, str]]:
        """Id and sentence of every assumption that the doors name."""
        every = [today, *(found for entry in entries for found in (entry.during, entry.after))]
        for name in sorted({name for found in every for door in found.doors for name in door.assuming}):
            yield name, assumption_text(self.today.posed.problem, name)

    def _enterable(self, trial: Trial) -> bool:
        return self.today.verdict(trial) in ENTERABLE

    def _state(self, record: Record, before: _State | None = None) -> _State:
        key = frozenset((name, fact.domain, fact.values) for name, fact in record.facts.items())
        if key not in self._states:
            self._states[key] = _State(self.matcher, record, before, self._alike(before, record))
        return self._states[key]

    def _alike(self, before: _State | None, record: Record) -> frozenset[str]:
        """The trials whose clauses read nothing of which something may be known otherwise than before."""
        if before is None:
            return frozenset()
        new = _touched(self.matcher.library, before.record, record, self.matcher.policies)
        return frozenset(code for code, names in self._read.items() if names.isdisjoint(new))

    def _open(self, state: _State) -> list[int]:
        """Which trials can be entered, by position."""
        if state.posed.consistent is not True:
            return []
        return [i for i, trial in enumerate(self.trials) if state.verdict(trial) in ENTERABLE]

    def _next(self, state: _State, entered: int) -> _State:
        return self._state(after(self.matcher.library, state.record, self.trials[entered]), state)

    def _entry(self, trial: Trial) -> Entry:
        library, record = self.matcher.library, self.today.record
        states = [self._state(change(library, record, trial), self.today) for change in (during, after)]
        return Entry(trial.code, *(self._circumstances(state, besides=trial) for state in states))

    def _circumstances(self, state: _State, besides: Trial | None = None) -> Circumstances:
        found = state.posed.contradictions
        doors = tuple(state.door(trial, self.today) for trial in self.trials if trial is not besides)
        return Circumstances(state.posed.consistent, found.subsets, found.complete, doors, state.record)

    def _last_chances(self, roads: Roads[_State]) -> Iterable[LastChance]:
        for (lost, other), then in sorted(roads.closed.items(), key=lambda item: item[0]):
            trial = self.trials[lost]
            yield LastChance(trial.code, self.trials[other].code, then.conflicts(trial)[0])

    def _opened(self, roads: Roads[_State]) -> Iterable[tuple[str, tuple[str, ...]]]:
        for i, way in sorted(roads.ways.items()):
            if way:
                yield self.trials[i].code, tuple(self.trials[j].code for j in way)
