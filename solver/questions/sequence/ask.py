"""What entering one trial does to the others, and the orders that keep most doors open.

Entering a trial changes what is known of the patient, as the trial's file says, and nothing else: the day stays, and what treatment
achieves is not guessed. A trial can be entered where its verdict is not ineligible. Verdicts rest on the record as it stands; one that
would be open without what is out of date after a trial is marked as provisional.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from solver.engine.answer import AnswerWarning, Subsets, Verdict
from solver.engine.case import Engine, Matching
from solver.engine.decision import Decision
from solver.engine.warnings.warnings import assumption_text
from solver.language.calendar import format_day
from solver.language.domain import Domain
from solver.language.tree import variables
from solver.library.choice import choose_trials
from solver.library.models import Library, Trial
from solver.patient.record import Record
from solver.questions.sequence.entering import after, during, remeasured
from solver.questions.sequence.orders import Orders, Roads, search

ENTERABLE: tuple[Verdict, ...] = ("eligible", "undetermined", "unresolved")
"""The verdicts with which a trial can, or might, be entered."""


@dataclass(frozen=True, slots=True)
class Door:
    """A trial for a patient in some circumstances: the verdict, with every conflict where it is ineligible.

    `changed` says that the verdict is not today's, and `assuming` is as in a `TrialAnswer`, of these circumstances. `provisional` says
    that an eligible or ineligible verdict needs the course to be as recorded when what is out of date is measured anew.
    """

    code: str
    verdict: Verdict
    published_only: bool = False
    conflicts: Subsets = ()
    complete: bool = True
    changed: bool = False
    assuming: tuple[str, ...] = ()
    provisional: bool = False


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
    """A trial that must come before another: wherever both could be entered, the other closes it, by these conflicts.

    For good, unless `provisional` as in a `Door`.
    """

    code: str
    before: str
    conflicts: Subsets
    provisional: bool = False


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


def sequence(engine: Engine, record: Record, trials: Iterable[str] | None = None) -> SequenceAnswer:
    """What entering each trial does to the others; `trials` as for `Matcher.match`."""
    library = engine.library
    codes = list(library.trials) if trials is None else choose_trials(library, trials)
    with engine.allowance():
        return _Sequence(engine, record, [library.trials[code] for code in codes]).answer()


class _State:
    """A patient in some circumstances; each trial is decided once, when it is asked for.

    The trials `alike`, by code, stand as they did `before`: they can tell nothing of what is new.
    """

    def __init__(
        self,
        engine: Engine,
        record: Record,
        before: _State | None = None,
        alike: frozenset[str] = frozenset(),
    ) -> None:
        self.record = record
        self.posed = engine.pose(record)
        self.warnings = list(self.posed.warnings)
        self._matching: Matching | None = None
        if self.posed.consistent is True:
            self._matching = engine.matching(self.posed, self.warnings)
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

    def door(self, trial: Trial, today: _State, anew: _State | None = None) -> Door:
        """How a trial stands; `anew` is the patient of whom nothing is known that is out of date."""
        verdict = self.verdict(trial)
        conflicts, complete = self.conflicts(trial)
        published_only = verdict == "eligible" and trial.open_ended
        changed = verdict != today.verdict(trial)
        return Door(
            trial.code,
            verdict,
            published_only,
            conflicts,
            complete,
            changed,
            self.assuming(trial),
            anew is not None and self.rests_on_more(trial, anew),
        )

    def rests_on_more(self, trial: Trial, anew: _State) -> bool:
        """Whether a settled verdict is not known to be settled for a patient of whom less is known."""
        return self.verdict(trial) in ("eligible", "ineligible") and anew.verdict(trial) in (
            "undetermined",
            "unresolved",
        )


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

    def __init__(self, engine: Engine, record: Record, trials: Sequence[Trial]) -> None:
        self.engine, self.trials = engine, trials
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
            encodings=self.engine.library.digest,
            today=today,
            entries=entries,
            orders=roads.orders([trial.code for trial in self.trials]) if roads else None,
            last_chances=tuple(self._last_chances(roads)) if roads else (),
            opened=tuple(self._opened(roads)) if roads else (),
            warnings=tuple(dict.fromkeys(w for state in self._states.values() for w in state.warnings)),
            policies=tuple(self.engine.policies),
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
            self._states[key] = _State(self.engine, record, before, self._alike(before, record))
        return self._states[key]

    def _alike(self, before: _State | None, record: Record) -> frozenset[str]:
        """The trials whose clauses read nothing of which something may be known otherwise than before."""
        if before is None:
            return frozenset()
        new = _touched(self.engine.library, before.record, record, self.engine.policies)
        return frozenset(code for code, names in self._read.items() if names.isdisjoint(new))

    def _open(self, state: _State) -> list[int]:
        """Which trials can be entered, by position."""
        if state.posed.consistent is not True:
            return []
        return [i for i, trial in enumerate(self.trials) if state.verdict(trial) in ENTERABLE]

    def _next(self, state: _State, entered: int) -> _State:
        return self._state(after(self.engine.library, state.record, self.trials[entered]), state)

    def _entry(self, trial: Trial) -> Entry:
        on = self._state(during(self.engine.library, self.today.record, trial), self.today)
        then = self._next(self.today, self.trials.index(trial))
        return Entry(
            trial.code,
            self._circumstances(on, besides=trial),
            self._circumstances(then, besides=trial, anew=self._anew(then, trial)),
        )

    def _anew(self, then: _State, entered: Trial) -> _State:
        """The patient after a trial, without what is out of date."""
        record = remeasured(self.engine.library, then.record, entered)
        return _State(self.engine, record, then, self._alike(then, record))

    def _circumstances(
        self, state: _State, besides: Trial | None = None, anew: _State | None = None
    ) -> Circumstances:
        found = state.posed.contradictions
        doors = tuple(state.door(trial, self.today, anew) for trial in self.trials if trial is not besides)
        return Circumstances(state.posed.consistent, found.subsets, found.complete, doors, state.record)

    def _last_chances(self, roads: Roads[_State]) -> Iterable[LastChance]:
        for (lost, other), then in sorted(roads.closed.items(), key=lambda item: item[0]):
            trial, entered = self.trials[lost], self.trials[other]
            provisional = then.rests_on_more(trial, self._anew(then, entered))
            yield LastChance(trial.code, entered.code, then.conflicts(trial)[0], provisional)

    def _opened(self, roads: Roads[_State]) -> Iterable[tuple[str, tuple[str, ...]]]:
        for i, way in sorted(roads.ways.items()):
            if way:
                yield self.trials[i].code, tuple(self.trials[j].code for j in way)
