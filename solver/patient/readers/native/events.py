"""Events and findings of a record: the entries of its lists, and what it says never happened or is complete."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from solver.language.calendar import first_day_lived, format_day
from solver.language.concepts import LISTS, Concept
from solver.language.domain import Interval
from solver.language.types import QuantityType
from solver.language.units import UnknownUnit, parse_unit
from solver.library.models import Library, Variable
from solver.patient.happened import Closure, Event, FindingResult, Word
from solver.patient.readers.native.dates import NotADateError, parse_date
from solver.patient.readers.native.facts import read_fact
from solver.patient.readers.native.json_text import NumberText, plain_json, shown
from solver.patient.readers.native.record_faults import FACTS, Findings, step
from solver.patient.readers.native.statement import MOST_ENTRIES
from solver.text import clean, quote

NEVER, COMPLETE = "never", "complete"
FINDINGS = "findings"
EVENT_KEYS = ("is", "start", "end", "ongoing", "line", "times", "source")
RESULT_KEYS = ("is", "present", "level", "date", "source")
SAID_KEYS = ("of", "source")
MOST_LINES = 12
MOST_TIMES = 1_000


def read_happened(
    recorded: Mapping[str, object], library: Library, day: int | None, findings: Findings
) -> tuple[tuple[Event, ...], tuple[FindingResult, ...]]:
    """The events and the results of findings among the facts of a record; faults go to `findings`."""
    events: list[Event] = []
    results: list[FindingResult] = []
    for name in LISTS:
        if recorded.get(name) is None:
            continue
        where, own = step(FACTS, name), findings.of(FACTS, name)
        found: list[Event | FindingResult] = []
        for position, entry in _entries_once(recorded[name], name, where, own):
            reader = _EntryReader(name, position, entry, step(where, position), library, day, own)
            one = reader.result() if name == FINDINGS else reader.event()
            if one is not None:
                found.append(one)
        if own.accepted(None):
            events += [each for each in found if isinstance(each, Event)]
            results += [each for each in found if isinstance(each, FindingResult)]
    return tuple(events), tuple(results)


def _entries_once(
    given: object, name: str, where: str, findings: Findings
) -> Iterator[tuple[int, dict[str, Any]]]:
    """The entries of a list with their places; of entries that are equal the first."""
    if not isinstance(given, list):
        findings.add(where, f"{shown(given)} is not a list: write [...] with one entry for each event")
        return
    if len(given) > MOST_ENTRIES:
        findings.add(where, f"has {len(given)} entries: give at most {MOST_ENTRIES}")
        return
    keys = RESULT_KEYS if name == FINDINGS else EVENT_KEYS
    seen: dict[str, int] = {}
    for position, entry in enumerate(given):
        at = step(where, position)
        if not isinstance(entry, dict):
            findings.add(at, f'{shown(entry)} is not an entry: write {{"is": ...}}')
            continue
        unknown = [key for key in entry if key not in keys]
        for key in unknown:
            hint = findings.hint(key, keys, words=True) or ": the keys are " + ", ".join(keys)
            findings.add(at, f"unknown key {quote(key)}{hint}")
        told = {key: value for key, value in entry.items() if value is not None and key in keys}
        same = repr(sorted(told.items()))
        if same in seen:
            text = f"{name}[{position}] says the same as {name}[{seen[same]}]; they count as one"
            findings.warn("said-twice", None, text)
            continue
        seen[same] = position
        yield position, told


class _EntryReader:
    """Reads one entry of a list."""

    def __init__(
        self,
        name: str,
        position: int,
        entry: Mapping[str, Any],
        where: str,
        library: Library,
        day: int | None,
        findings: Findings,
    ) -> None:
        self.list, self.position, self.entry, self.where = name, position, entry, where
        self.library, self.day, self.findings = library, day, findings
        self.before = len(findings.problems)

    def fault(self, problem: str, key: str | None = None) -> None:
        """Note a fault of the entry, or of what stands at a key of it."""
        self.findings.add(step(self.where, key) if key else self.where, problem)

    @property
    def faulty(self) -> bool:
        """Whether a fault of the entry was noted."""
        return len(self.findings.problems) > self.before

    def event(self) -> Event | None:
        """The event; None if it is faulty, or a plan."""
        concept = self._named_concept()
        start, end = self._days_under("start"), self._days_under("end")
        ongoing = self._truth_under("ongoing")
        times, line = self._number_under("times", MOST_TIMES), self._number_under("line", MOST_LINES)
        source = self._text_under("source")
        if concept is not None:
            self._check_lasting(concept)
        if start and end and end.high < start.low:
            self.fault("ends before it starts: check start and end", "end")
        if self.day is None or self.faulty:
            return None
        if end and ongoing is True and end.high <= self.day:
            self.fault("has an end, and cannot be ongoing: take one of them out", "ongoing")
        if end and ongoing is False and end.low > self.day:
            after = f"ends after the day of evaluation ({format_day(self.day)}), so that it goes on"
            self.fault(f"{after}: take 'ongoing' out", "ongoing")
        if len(self.findings.problems) > self.before:
            return None
        if start and start.low > self.day:
            text = f"{self._entry_words}: starts after the day of evaluation; a plan counts for nothing"
            self.findings.warn("planned", None, text)
            return None
        if end and (end.low > self.day or ongoing):
            end, ongoing = None, True
        return Event(
            self.list,
            self.position,
            str(self.entry["is"]),
            None if concept is None else concept.id,
            _days_until(start, self.day),
            _days_until(end, self.day),
            False if end else ongoing,
            times,
            line,
            source,
            self._event_text(),
            plain_json(self.entry),
        )

    def result(self) -> FindingResult | None:
        """The result of a finding; None if it is faulty, or of a later day."""
        concept, present, days = self._named_concept(), self._truth_under("present"), self._days_under("date")
        source = self._text_under("source")
        if "present" not in self.entry:
            self.fault("does not say whether it was found: write present, true or false")
        level = self._level_left(concept, present) if "level" in self.entry else None
        if self.faulty or self.day is None:
            return None
        assert present is not None
        if days and days.low > self.day:
            after = f"after the day of evaluation ({format_day(self.day)})"
            text = f"{self._entry_words}: the result is dated {after}; it is not used"
            self.findings.warn("dated-later", None, text)
            return None
        return FindingResult(
            self.position,
            str(self.entry["is"]),
            None if concept is None else concept.id,
            present,
            level,
            _days_until(days, self.day),
            source,
            self._result_text(),
            plain_json(self.entry),
        )

    def _named_concept(self) -> Concept | None:
        """What the entry is of; None for a name that is not known, which is warned about, or with a fault noted."""
        written = self.entry.get("is")
        if not isinstance(written, str) or not written.strip():
            problem = (
                "says not what it is: write" if written is None else f"{shown(written)} is no name: write"
            )
            self.fault(f'{problem} "is": "..." with the name of a concept', None if written is None else "is")
            return None
        tree = self.library.concepts
        found = tree.in_list(self.list, written)
        if found is not None:
            return tree[found]
        elsewhere = [name for name in LISTS if name != self.list and tree.in_list(name, written)]
        if elsewhere:
            place = "record it there"
            if tree[tree.in_list(elsewhere[0], written) or ""].kind == "diagnosis":
                place = (
                    "record it there as an earlier or other disease, and the one treated now as the diagnosis"
                )
            self.fault(f"{quote(written)} belongs to {elsewhere[0]}: {place}", "is")
            return None
        known = [each for name in tree.of_kinds(LISTS[self.list]) for each in (name, *tree[name].names)]
        hint = self.findings.hint(written, known)
        text = f"{self.list}[{self.position}]: {quote(written)} is not a known name; it implies nothing{hint}"
        self.findings.warn("unknown-name", None, text)
        return None

    def _check_lasting(self, concept: Concept) -> None:
        if concept.lasts == "day":
            for key in ("end", "ongoing", "times"):
                if key in self.entry:
                    self.fault(f"{concept.id} begins and ends on one day: leave '{key}' out", key)
        if concept.lasts == "life":
            if "end" in self.entry:
                self.fault(f"{concept.id} lasts for life: leave 'end' out", "end")
            if self.entry.get("ongoing") is False:
                self.fault(f"{concept.id} lasts for life: leave 'ongoing' out", "ongoing")

    def _days_under(self, key: str) -> Interval | None:
        if key not in self.entry:
            return None
        try:
            found = parse_date(self.entry[key])
        except NotADateError as error:
            self.fault(str(error), key)
            return None
        if self.day is not None and found.high < (first := first_day_lived(self.day)):
            on = f"{format_day(first)}, longer ago than anyone has lived"
            self.fault(f"{shown(self.entry[key])} is before {on}: check the year", key)
        return found

    def _truth_under(self, key: str) -> bool | None:
        value = self.entry.get(key)
        if value is None or isinstance(value, bool):
            return value
        self.fault(f"{shown(value)} is neither true nor false: write true or false", key)
        return None

    def _number_under(self, key: str, most: int) -> int | None:
        value = self.entry.get(key)
        if value is None:
            return None
        number = value.value if isinstance(value, NumberText) else None
        if number is None or number.denominator != 1 or not 1 <= number <= most:
            self.fault(f"{shown(value)} is not a whole number from 1 to {most:,}", key)
            return None
        return int(number)

    def _text_under(self, key: str) -> str | None:
        value = self.entry.get(key)
        if value is None or isinstance(value, str):
            return None if value is None else clean(value)
        self.fault(f"{shown(value)} is not text: write it in quotes", key)
        return None

    def _level_left(self, concept: Concept | None, present: bool | None) -> Interval | None:
        """What is left of the level, in the unit of the concept."""
        if present is False:
            self.fault("what was not found has no level: leave 'level' out", "level")
            return None
        if concept is None:
            return None
        if concept.level is None:
            self.fault(f"{concept.id} has no level: leave 'level' out", "level")
            return None
        given, unit = self.entry["level"], parse_unit(concept.level)
        written = given.get("unit") if isinstance(given, dict) else None
        if not unit.dimension and isinstance(written, str):
            try:
                same = parse_unit(written).factor == unit.factor
            except UnknownUnit:
                same = True  # its own fault is noted below
            if not same:
                problem = f"the level of {concept.id} is in '{concept.level}', and is never converted from {quote(written)}"
                self.findings.add(step(step(self.where, "level"), "unit"), problem)
                return None
        variable = Variable(
            f"level({concept.id})", QuantityType(unit), f"level of {concept.label}", "", "test"
        )
        fact = read_fact(variable, given, self.library, step(self.where, "level"), self.findings)
        if fact is None:
            return None
        assert isinstance(fact.domain, Interval)
        return fact.domain

    @property
    def _entry_words(self) -> str:
        return f"{self.list}[{self.position}], {clean(str(self.entry['is']))}"

    def _event_text(self) -> str:
        entry, words = self.entry, [clean(str(self.entry["is"]))]
        start, end = entry.get("start"), entry.get("end")
        if start and end:
            words.append(str(start) if start == end else f"{start} to {end}")
        elif start or end:
            words.append(f"from {start}" if start else f"until {end}")
        if "ongoing" in entry:
            words.append("ongoing" if entry["ongoing"] else "over")
        words += [f"{entry['times'].text} times"] if "times" in entry else []
        words += [f"line {entry['line'].text}"] if "line" in entry else []
        return ", ".join(words)

    def _result_text(self) -> str:
        entry = self.entry
        words = [f"{clean(str(entry['is']))} {'found' if entry['present'] else 'not found'}"]
        return ", ".join([*words, str(entry["date"])] if "date" in entry else words)


def _days_until(days: Interval | None, last: int) -> Interval | None:
    """The days that are not after the day of evaluation."""
    if days is None or days.high <= last:
        return days
    return Interval(days.low, last, whole=True)


def read_closures(
    entries: Mapping[str, object], library: Library, findings: Findings
) -> tuple[tuple[Closure, ...], list[object]]:
    """What a record says never happened or is complete, and those entries of `complete` that are no list of events and no concept."""
    found: dict[str, Closure] = {}
    others: list[object] = []
    words: Sequence[Word] = ("never", "complete")
    for word in words:
        given = entries.get(word, [])
        if not isinstance(given, list):
            what = "what never happened" if word == NEVER else "the lists that are complete"
            findings.add(word, f"{shown(given)} is not a list: write [...] with {what}")
            continue
        for position, entry in enumerate(given):
            closure = _closure_said(word, entry, step(word, position), library, findings, others)
            if closure is not None:
                found.setdefault(closure.name, closure)
    return tuple(found.values()), others


def _closure_said(
    word: Word, entry: object, where: str, library: Library, findings: Findings, others: list[object]
) -> Closure | None:
    written, source = entry, None
    if isinstance(entry, dict):
        for key in entry:
            if key not in SAID_KEYS:
                findings.add(where, f"unknown key {quote(key)}: the keys are of, source")
        written, source = entry.get("of"), entry.get("source")
        if source is not None and not isinstance(source, str):
            findings.add(step(where, "source"), f"{shown(source)} is not text: write it in quotes")
            source = None
    if (
        word == COMPLETE
        and isinstance(written, str)
        and (written in library.lists or not len(library.concepts))
    ):
        others.append(written)
        return None
    if not isinstance(written, str):
        if word == COMPLETE and not len(library.concepts):
            others.append(written)
            return None
        findings.add(where, f"{shown(written)} is not a name: write the name of a concept in quotes")
        return None
    told = clean(source) if source is not None else None
    if written in LISTS:
        if word == COMPLETE:
            return Closure(word, written, written, None, told)
        findings.add(
            where, f"{quote(written)} is a list: where nothing of it happened, say so under 'complete'"
        )
        return None
    tree = library.concepts
    meant = {written} if written in tree else {f for name in LISTS if (f := tree.in_list(name, written))}
    if len(meant) == 1:
        (concept,) = meant
        return Closure(word, written, tree[concept].list, concept, told)
    if meant:
        findings.add(where, f"{quote(written)} means several things: write one of {', '.join(sorted(meant))}")
        return None
    known = [*tree, *(LISTS if word == COMPLETE else ()), *(n for each in tree for n in tree[each].names)]
    hint = (
        findings.hint(written, known) or ": silence about it would be believed, so write a name that is known"
    )
    findings.add(where, f"{quote(written)} is not a known concept{hint}")
    return None
