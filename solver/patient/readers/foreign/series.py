"""Which of several values of one variable counts: the latest on or before the day of evaluation, as long as it is fresh.

    64 on 2 October, 61 on 10 November           61; the other is superseded
    0.3 and 0.5 on 17 November                   from 0.3 to 0.5, and a conflict
    34 on 6 October, valid for 42 days           on 20 November nothing: it is stale, and no older one steps in

All codes of a variable are one series. Partial dates that leave the order open count as of one day. What a form says of the variable
itself is taken before what is derived, and before results of the same day.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from math import inf

from solver.dataclass import dataclass
from solver.language.domain import Domain, Interval
from solver.library.models import Library, Variable
from solver.patient.account import ConflictRow, Outcome, StaleRow
from solver.patient.readers.foreign.document import SettledFact, accepted
from solver.patient.readers.foreign.door import day_text
from solver.patient.readers.foreign.gathered import Candidate, FactSource, Gathered, Mention
from solver.patient.readers.foreign.same_day import combined, preferred, replicates
from solver.patient.readers.foreign.units import Unusable, distinct
from solver.patient.record import Fact, FactDays
from solver.text import grouped

OBSERVATION = "Observation"

_FOR_GOOD = ("never", "age")
"""How a variable changes that is said once and for all."""


def settle_series(gathered: Gathered, library: Library) -> dict[str, SettledFact]:
    """What counts of each variable; what does not is noted in the account, with its conflicts and what is stale."""
    found = {}
    by_variable = grouped((each.variable, each) for each in gathered.candidates)
    for name in sorted(by_variable):
        settled = _Series(gathered, library, library.variables[name]).settle(by_variable[name])
        if settled is not None:
            found[name] = settled
    return found


@dataclass(frozen=True)
class _Read:
    """A candidate with what the native reader makes of it."""

    candidate: Candidate
    library: Library

    @cached_property
    def fact(self) -> Fact:
        """What the native reader makes of it; raises `Unusable` where it refuses it."""
        return accepted(self.candidate.variable, self.candidate.fact, self.library)

    @property
    def dated(self) -> bool:
        """Whether anything is known of its day."""
        days = self.candidate.days
        return days is not None and not (days.first is None and days.last is None)

    @property
    def first(self) -> float:
        """The first day on which it may have been."""
        days = self.candidate.days
        return -inf if days is None or days.first is None else days.first

    @property
    def last(self) -> float:
        """The last day on which it may have been."""
        days = self.candidate.days
        return inf if days is None or days.last is None else days.last

    @property
    def order(self) -> tuple[float, str, str, str, str, str]:
        """What orders sources, whatever their order in the export."""
        source = self.candidate.source
        code = source.coding.code if source.coding else source.said
        place = source.place
        return self.last, self.candidate.moment or "", place.type, place.id or "", code or "", place.at

    @property
    def content(self) -> object:
        """What it says, in the unit of the variable: equal for what is equal."""
        fact = self.fact
        return fact.domain, fact.values, fact.multiple, fact.concepts, tuple(sorted(fact.entries))


@dataclass(frozen=True, slots=True)
class _Series:
    gathered: Gathered
    library: Library
    variable: Variable

    def settle(self, candidates: Sequence[Candidate]) -> SettledFact | None:
        """What counts of the variable."""
        derived = [each for each in candidates if self._is_derived(each)]
        measured = [each for each in candidates if not self._is_derived(each)]
        if derived and any(each.wins for each in measured):
            counting = self._counting_results(measured)
            if counting:
                settled = self._joint_fact(counting)
                self._overrule_derived(derived, settled)
                return settled
            return self._settled(self._counting_results(derived))
        return self._settled(self._counting_results(candidates))

    def _settled(self, counting: Sequence[_Read]) -> SettledFact | None:
        return self._joint_fact(counting) if counting else None

    def _is_derived(self, candidate: Candidate) -> bool:
        """Whether it was worked out from something else than a result of the variable."""
        entry = self.library.codes.entries.get(candidate.entry) if candidate.entry else None
        return not candidate.wins and (entry is None or entry.resource != OBSERVATION)

    def _counting_results(self, candidates: Sequence[Candidate]) -> list[_Read]:
        """The latest that can be used; what becomes of the others is noted."""
        usable = [each for each in self._candidates_read(candidates) if not self._is_too_late(each)]
        while True:
            left = self._latest_results(usable)
            refused = [each for each in left if not self._is_accepted(each)]
            if not refused:
                break
            unfit = set(map(id, refused))
            usable = [each for each in usable if id(each) not in unfit]
        counts = set(map(id, left))
        for each in usable:
            if id(each) in counts:
                continue
            if each.dated and left:
                self._note_outcome(
                    each, "superseded", f"a later value counts: {left[0].candidate.source.place.at}"
                )
            else:
                self._note_outcome(each, "undated", "has no date", blocks=True)
        return sorted((each for each in left if not self._is_stale(each)), key=lambda each: each.order)

    def _latest_results(self, usable: Sequence[_Read]) -> list[_Read]:
        """Those that are not wholly before another, that with the latest first day at the head; the undated only by themselves."""
        dated = [each for each in usable if each.dated]
        counting = dated or [each for each in usable if self._fresh_days(each.candidate) is None]
        latest = max((each.first for each in counting), default=inf)
        found = [each for each in counting if each.last >= latest]
        return sorted(found, key=lambda each: (-each.first, each.order))

    def _candidates_read(self, candidates: Sequence[Candidate]) -> list[_Read]:
        return [_Read(each, self.library) for each in candidates]

    def _is_accepted(self, read: _Read) -> bool:
        """Whether the native reader takes it, which is noted where it does not."""
        try:
            return read.fact is not None
        except Unusable as problem:
            place = read.candidate.source.place
            self.gathered.account.note(place, problem.outcome, problem.reason)
            self.gathered.mentions.append(Mention(place, problem.reason, frozenset({self.variable.name})))
            return False

    def _is_too_late(self, read: _Read) -> bool:
        after = read.first > self.gathered.as_of
        if after:
            self._note_outcome(read, "after-as-of", "is of a day after the day of evaluation")
        return after

    def _fresh_days(self, candidate: Candidate) -> int | None:
        """The days for which a value is fresh; None for good."""
        tables, variable = self.library.codes.tables, self.variable
        entry = tables.entries.get(candidate.entry) if candidate.entry else None
        if entry is not None:
            return entry.window
        if not candidate.wins:
            return None
        if variable.name in tables.site_windows:
            return tables.site_windows[variable.name]
        windows = {each.window for each in tables.entries.values() if each.variable == variable.name}
        return windows.pop() if len(windows) == 1 else variable.valid_days

    def _is_stale(self, read: _Read) -> bool:
        window, as_of = self._fresh_days(read.candidate), self.gathered.as_of
        if window is None or read.first >= as_of - window:
            return False
        age = as_of - int(read.last if read.first == -inf else read.first)
        name, place = self.variable.name, read.candidate.source.place
        date = _day_of(read) or ""
        self.gathered.account.stale.append(StaleRow(name, date, age, window, place.at))
        reason = f"{age} days old; {name} is valid for {window} days"
        self._note_outcome(read, "stale", reason, blocks=True)
        self.gathered.warnings.append(
            (
                "stale",
                name,
                f"the latest {name}, of {date}, is {reason.partition(';')[0]}, and valid for {window} days",
            )
        )
        return True

    def _note_outcome(self, read: _Read, outcome: Outcome, reason: str, *, blocks: bool = False) -> None:
        place = read.candidate.source.place
        self.gathered.account.note(place, outcome, reason)
        if blocks:
            self.gathered.mentions.append(Mention(place, reason, frozenset({self.variable.name})))

    def _overrule_derived(self, derived: Sequence[Candidate], settled: SettledFact) -> None:
        """Note what is derived and gives way to what a form says of the variable."""
        stated = accepted(self.variable.name, settled.fact, self.library)
        for each in filter(self._is_accepted, self._candidates_read(derived)):
            if compatible(each.fact.domain, stated.domain):
                self._note_outcome(each, "superseded", f"a form states {self.variable.name}")
                continue
            text = f"{_distinct_words([each])}, but a form says {_words_of(stated)}"
            self._note_outcome(each, "conflict", f"a form says otherwise of {self.variable.name}")
            places = (each.candidate.source.place.at, *(source.place.at for source in settled.sources))
            self.gathered.account.conflicts.append(ConflictRow(self.variable.name, "derived", places, text))
            self.gathered.warnings.append(("same-day", self.variable.name, text))

    def _joint_fact(self, counting: Sequence[_Read]) -> SettledFact:
        """One fact of all that count as of one day."""
        distinct_facts = {repr(each.content): each for each in reversed(counting)}
        conflict = len(distinct_facts) > 1
        facts = [(each.candidate.fact, each.fact) for each in counting]
        if not conflict:
            fact = preferred([fact for fact, _ in facts])
        elif self._are_replicates(counting):
            fact, conflict = replicates(facts, self.variable), False
        else:
            fact = combined(facts, self.variable)
        name = self.variable.name
        sources = [source for each in counting for source in (each.candidate.source, *each.candidate.also)]
        date = latest_day(sources)
        for source in sources:
            self.gathered.account.used(source.place, name)
        if conflict:
            text = _distinct_words(counting) + (f" on {date}" if date else "")
            places = tuple(dict.fromkeys(each.candidate.source.place.at for each in counting))
            self.gathered.account.conflicts.append(ConflictRow(name, "same-day", places, text))
            self.gathered.warnings.append(("same-day", name, f"results of one day differ: {text}"))
        rule = next((each.candidate.rule for each in counting if each.candidate.rule), None)
        stated = any(each.candidate.wins for each in counting)
        return SettledFact(
            name, fact, date, tuple(sources), rule, days=self._fact_days(counting), stated=stated
        )

    def _fact_days(self, counting: Sequence[_Read]) -> FactDays:
        """The days on which one of them may have been, and whether what they say holds for good."""
        first = min(each.first for each in counting)
        last = min(max(each.last for each in counting), self.gathered.as_of if first > -inf else inf)
        lasting = all(each.candidate.lasting or self._lasts_for_good(each.candidate) for each in counting)
        return FactDays(
            None if first == -inf else int(first), None if last == inf else int(last), lasting=lasting
        )

    def _lasts_for_good(self, candidate: Candidate) -> bool:
        """Whether what a form says of the variable holds for good, as it does of what never changes."""
        if not candidate.wins:
            return False
        entries = [
            each for each in self.library.codes.entries.values() if each.variable == self.variable.name
        ]
        if entries:
            return all(each.lasting or each.when == "ever" for each in entries)
        return self.variable.changes in _FOR_GOOD

    def _are_replicates(self, counting: Sequence[_Read]) -> bool:
        entries = self.library.codes.entries
        found = [entries.get(each.candidate.entry or "") for each in counting]
        return all(entry is not None and entry.same_day == "replicates" for entry in found) and all(
            "value" in each.candidate.fact for each in counting
        )


def compatible(one: Domain, other: Domain) -> bool:
    """Whether something is left that both allow; of lists always."""
    if isinstance(one, Interval) and isinstance(other, Interval):
        low, high = max(one.low, other.low), min(one.high, other.high)
        return low < high or (low == high and low in one and low in other)
    if isinstance(one, frozenset) and isinstance(other, frozenset):
        return bool(one & other)
    return True


def latest_day(sources: Iterable[FactSource]) -> str | None:
    """The day of the latest of what a fact rests on; none where that has no first day."""
    known = [each.days for each in sources if each.days is not None and each.days.first is not None]
    latest = max(known, key=lambda days: (days.last or inf, days.first or -inf), default=None)
    return None if latest is None else day_text(latest)


def _day_of(read: _Read) -> str | None:
    """The day of a fact as a record gives it; none where it has no first day."""
    days = read.candidate.days
    return None if days is None or days.first is None else day_text(days)


def _distinct_words(reads: Sequence[_Read]) -> str:
    return distinct(_words_of(each.fact) for each in reads)


def _words_of(fact: Fact) -> str:
    """What a fact says, for people; of a list, which may hold anything, how long it is."""
    return f"a list of {len(fact.entries)}" if fact.entries else fact.text
