"""A digest of what a record says, so that an answer can be traced to it."""

from __future__ import annotations

import hashlib
import json

from solver.language.calendar import format_day
from solver.language.domain import Domain, Interval, Recorded
from solver.patient.record import Fact, Record


def record_digest(record: Record) -> str:
    """A digest of what a record says: its day, its facts and the context it is judged in, whatever their order and form.

    The patient's name is no part of it. A number in another unit is the same number; what was rejected is not recorded.
    """
    context = record.context
    content = {
        "as_of": format_day(record.as_of),
        "facts": {name: _fact(fact) for name, fact in record.facts.items()},
        "open_cohorts": {code: sorted(cohorts) for code, cohorts in context.open_cohorts.items()},
        "readings": sorted(context.readings),
        "secondary_sources": context.secondary_sources,
    }
    text = json.dumps(content, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _fact(fact: Fact) -> list[object]:
    """What a fact says; the entries of a list, whose classes are only those that criteria know, are told by their words."""
    values = None if fact.values is None else [str(value) for value in fact.values]
    entries = sorted(fact.text.split(", ")) if isinstance(fact.domain, Recorded) else None
    return [_domain(fact.domain), values, entries, fact.date, fact.source, *([True] if fact.complete else [])]


def _domain(domain: Domain) -> list[object]:
    if isinstance(domain, Interval):
        return [str(domain.low), str(domain.high), domain.low_open, domain.high_open]
    if isinstance(domain, Recorded):
        return [domain.size, *sorted(domain.classes)]
    return [*sorted(map(str, domain))]
