"""A patient's record: what is known of one patient on one day, in the terms of the criterion language, and the digest of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import field, replace
from fractions import Fraction
from typing import Literal

from solver.dataclass import dataclass
from solver.language.calendar import format_day
from solver.language.domain import Domain, Interval, Recorded
from solver.language.tree import Condition
from solver.patient.happened import Closure, Event, FindingResult


@dataclass(frozen=True, slots=True)
class Written:
    """The numbers of a quantity as they stand in a record, in the form `value`, `one_of` or `replicates`, and what they mean.

    `scale` is what one of them is in the variable's own unit; `unit` is the one written.
    """

    form: str
    numbers: tuple[Fraction, ...]
    scale: Fraction
    unit: str

    @property
    def replicates(self) -> tuple[Fraction, ...]:
        """The replicates in the variable's own unit; none where the form is another."""
        return tuple(number * self.scale for number in self.numbers) if self.form == "replicates" else ()


LimitName = Literal["uln", "lln"]
"""The upper and the lower limit of normal of a quantity."""


@dataclass(frozen=True, slots=True)
class MultipleOfLimit:
    """That a quantity is so many times its limit of normal: a number of `times`, or one of the `values` where there are some."""

    limit: LimitName
    times: Interval
    values: tuple[Fraction, ...] | None = None


@dataclass(frozen=True, slots=True)
class ReferenceRow:
    """A row of a site's table of limits: those of whom the condition fits, in the unit of the quantity; `document` is it as written."""

    fits: Condition
    limits: Mapping[LimitName, Fraction]
    document: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Fact:
    """One statement of a record about one variable.

    `domain` is what the statement leaves possible: a set, an interval (whole and as day numbers for dates), or a recorded list.
    A number that is one of several has their hull as `domain` and all of them, sorted, in `values`. `text` says the fact as it was
    recorded; `date` and `source` are those of the record. `written` are the numbers of a quantity as they stand there; None for a range.
    `limits` are the limits of normal that it gives beside the quantity, in its own unit, and `multiple` says the quantity by one of them.
    `concepts` are those that a variable may be whose value is a concept, or something narrower, and `entries` the names of a list. `says`
    is what it says of other variables besides.
    `complete` says that the record calls the list complete; what is recognised in it decides whether that closes anything.
    """

    variable: str
    domain: Domain
    text: str
    values: tuple[Fraction, ...] | None = None
    date: str | None = None
    source: str | None = None
    complete: bool = False
    limits: tuple[tuple[LimitName, Fraction], ...] = ()
    multiple: MultipleOfLimit | None = None
    concepts: frozenset[str] | None = None
    entries: tuple[str, ...] = ()
    says: Condition | None = None
    written: Written | None = field(default=None, compare=False)

    @property
    def exact(self) -> bool:
        """Whether the fact leaves one value."""
        if isinstance(self.domain, frozenset):
            return len(self.domain) == 1
        return not isinstance(self.domain, Interval) or self.domain.low == self.domain.high


@dataclass(frozen=True, slots=True)
class FactDays:
    """The days on which what a fact says may have held, and whether it holds for good; None: nobody knows the day."""

    first: int | None
    last: int | None
    lasting: bool


@dataclass(frozen=True, slots=True)
class Context:
    """The state of the world: which cohorts are open (by trial code; absent means all), readings, secondary sources.

    `reference` are the limits of normal of quantities where they were measured: the first row that fits a patient counts.
    """

    open_cohorts: Mapping[str, frozenset[str]] = field(default_factory=dict)
    readings: frozenset[str] = frozenset()
    secondary_sources: bool = False
    reference: Mapping[str, tuple[ReferenceRow, ...]] = field(default_factory=dict)

    def is_open(self, code: str, cohort: str) -> bool:
        """Whether a cohort of the trial with this code is open."""
        return code not in self.open_cohorts or cohort in self.open_cohorts[code]


@dataclass(frozen=True, slots=True)
class Record:
    """The facts of one patient on the day `as_of` (a day number), and the context they are judged in.

    `warnings` are (code, variable, sentence), found while reading; None where no known variable is meant. `events`, `findings` and
    `closures` are what its lists of events hold, and what it says never happened or is complete.
    """

    id: str
    as_of: int
    facts: Mapping[str, Fact]
    context: Context = Context()
    warnings: tuple[tuple[str, str | None, str], ...] = ()
    events: tuple[Event, ...] = ()
    findings: tuple[FindingResult, ...] = ()
    closures: tuple[Closure, ...] = ()

    def without(self, names: Collection[str]) -> Record:
        """The record without what it says under these names, of variables, entries or whole kinds."""
        return replace(
            self,
            facts={name: fact for name, fact in self.facts.items() if name not in names},
            events=tuple(each for each in self.events if each.name not in names),
            findings=tuple(each for each in self.findings if each.name not in names),
            closures=tuple(each for each in self.closures if each.name not in names),
        )


def record_digest(record: Record) -> str:
    """A digest of what a record says: its day, its facts and the context it is judged in, whatever their order and form.

    The patient's name is no part of it. A number in another unit is the same number; what was rejected is not recorded.
    """
    context = record.context
    content = {
        "as_of": format_day(record.as_of),
        "facts": {name: _fact_content(fact) for name, fact in record.facts.items()},
        "open_cohorts": {code: sorted(cohorts) for code, cohorts in context.open_cohorts.items()},
        "readings": sorted(context.readings),
        "secondary_sources": context.secondary_sources,
    }
    if context.reference:
        rows = {name: [row.document for row in each] for name, each in context.reference.items()}
        content["reference"] = repr(sorted(rows.items()))
    said = [*record.events, *record.findings, *record.closures]
    if said:
        content["happened"] = sorted(
            repr(replace(each, text="") if isinstance(each, Event | FindingResult) else each) for each in said
        )
    text = json.dumps(content, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _fact_content(fact: Fact) -> list[object]:
    """What a fact says; the entries of a list, whose classes are only those that criteria know, are told by their words."""
    values = None if fact.values is None else [str(value) for value in fact.values]
    entries = sorted(fact.text.split(", ")) if isinstance(fact.domain, Recorded) else None
    return [
        _domain_content(fact.domain),
        values,
        entries,
        fact.date,
        fact.source,
        *([True] if fact.complete else []),
        *([repr(fact.limits), repr(fact.multiple)] if fact.limits or fact.multiple else []),
        *(
            [sorted(fact.concepts)]
            if fact.concepts is not None and frozenset(fact.concepts) != fact.domain
            else []
        ),
    ]


def _domain_content(domain: Domain) -> list[object]:
    if isinstance(domain, Interval):
        return [str(domain.low), str(domain.high), domain.low_open, domain.high_open]
    if isinstance(domain, Recorded):
        return [domain.size, *sorted(domain.classes)]
    return [*sorted(map(str, domain))]
