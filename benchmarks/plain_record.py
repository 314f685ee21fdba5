"""Reading a record for the plain matcher: from JSON to z3 formulas."""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import cache, cached_property
from typing import Any, NamedTuple

import plain_drugs
import plain_trials as med
import z3
from plain_trials import SYMBOLS, v
from z3 import And, BoolRef, Not, Or

# From March 1900 to February 2100 the calendar repeats every four years.
CYCLE = 1461
CYCLE_START = date(1904, 3, 1).toordinal()
FIRST_DAY = date(1900, 3, 1).toordinal()


def add_months(day: date, months: int) -> date:
    """`day` plus calendar months, clamped to the end of the month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def completed_years(birth: date, today: date) -> int:
    """Age; the 29 February birthday falls on 1 March in common years."""
    return today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))


def partial_date(text: str) -> tuple[date, date]:
    """The first and last day that `2026`, `2026-08` or `2026-08-15` can mean."""
    parts = [int(part) for part in text.split("-")]
    year, month, day = [*parts, 0, 0][:3]
    last_month = month or 12
    last_day = day or calendar.monthrange(year, last_month)[1]
    return date(year, month or 1, day or 1), date(year, last_month, last_day)


def latest_start(end: date, months: int) -> date:
    """The last day that, with so many months added, is not after `end`."""
    candidate = add_months(end, -months) + timedelta(days=4)
    while add_months(candidate, months) > end:
        candidate -= timedelta(days=1)
    return candidate


@cache
def length_of_months(start: str, months: int) -> z3.ArithRef:
    """The days that so many months take from an unknown day: a table over the four-year cycle of the calendar."""
    days = [date.fromordinal(CYCLE_START + position) for position in range(CYCLE)]
    lengths = [(add_months(day, months) - day).days for day in days]
    position = (SYMBOLS[start] - CYCLE_START) % CYCLE
    term = z3.IntVal(lengths[-1])
    for last in reversed(range(CYCLE - 1)):
        if lengths[last] != lengths[last + 1]:
            term = z3.If(position <= last, z3.IntVal(lengths[last]), term)
    return term


class Span(NamedTuple):
    """An interval of numbers; None is no bound."""

    low: Any  # int or Fraction
    high: Any
    low_open: bool = False
    high_open: bool = False

    def is_point(self) -> bool:
        """Whether only one number is left."""
        return self.low is not None and self == Span(self.low, self.low)

    def closed(self) -> Span:
        """The same whole numbers without open bounds."""
        low = self.low + 1 if self.low is not None and self.low_open else self.low
        high = self.high - 1 if self.high is not None and self.high_open else self.high
        return Span(low, high)

    def meets(self, low: Fraction | int, high: Fraction | int) -> bool:
        """Whether some number of this interval lies in [low, high]."""
        above = self.low is None or self.low < high or (self.low == high and not self.low_open)
        below = self.high is None or self.high > low or (self.high == low and not self.high_open)
        return above and below

    def formula(self, symbol: z3.ArithRef) -> BoolRef:
        """The symbol lies in the interval."""
        parts = []
        if self.low is not None:
            parts.append(symbol > self.low if self.low_open else symbol >= self.low)
        if self.high is not None:
            parts.append(symbol < self.high if self.high_open else symbol <= self.high)
        return And(parts)


class Fact(NamedTuple):
    """One recorded fact. `value` is the z3 value of an exact one; `in_range` says it meets its plausible range."""

    formula: BoolRef
    value: z3.ExprRef | None = None
    in_range: bool = False
    spans: Sequence[Span] = ()


def is_missing(raw: Any) -> bool:
    """Absent and null both mean unknown."""
    return raw is None or (isinstance(raw, dict) and "value" in raw and raw["value"] is None)


def bound(detail: dict[str, Any], side: str) -> tuple[Any, bool]:
    """`min` or `max` and whether it is excluded; `min_exclusive` may be a flag or the bound itself."""
    exclusive = detail.get(f"{side}_exclusive")
    if exclusive is None or isinstance(exclusive, bool):
        return detail.get(side), bool(exclusive)
    return exclusive, True


def number_spans(name: str, raw: Any) -> list[Span]:
    """The values a number can have, in the stored unit."""
    detail = raw if isinstance(raw, dict) else {"value": raw}
    factor: Fraction | int = med.UNITS.get(name, {}).get(detail.get("unit", ""), 1)
    if name == "corticosteroid_daily":
        factor = med.STEROIDS[detail.get("drug", "prednisone")]

    def stored(number: Any) -> Fraction | int:
        if name in med.INTEGERS:
            return int(number)
        scaled = Fraction(str(number)) * factor
        return scaled**3 if name == "qtcf" else scaled

    if "replicates" in detail:
        readings = [Fraction(str(reading)) for reading in detail["replicates"]]
        detail = {"value": sum(readings) / len(readings)}
    if "value" in detail:
        detail = {"one_of": [detail["value"]]}
    if "one_of" in detail:
        return [Span(stored(option), stored(option)) for option in detail["one_of"]]
    (low, low_open), (high, high_open) = bound(detail, "min"), bound(detail, "max")
    span = Span(
        None if low is None else stored(low), None if high is None else stored(high), low_open, high_open
    )
    return [span.closed() if name in med.INTEGERS else span]


def date_spans(raw: Any) -> list[Span]:
    """The days (ordinals) a date can be."""
    detail = raw if isinstance(raw, dict) else {"value": raw}
    if "value" in detail:
        detail = {"one_of": [detail["value"]]}
    if "one_of" in detail:
        days = [partial_date(option) for option in detail["one_of"]]
        return [Span(first.toordinal(), last.toordinal()) for first, last in days]
    (low, low_open), (high, high_open) = bound(detail, "min"), bound(detail, "max")
    first = None if low is None else partial_date(low)[0].toordinal()
    last = None if high is None else partial_date(high)[1].toordinal()
    return [Span(first, last, low_open, high_open).closed()]


def read_numeric(name: str, spans: list[Span]) -> Fact:
    """A fact about a number: one of these intervals."""
    symbol = SYMBOLS[name]
    if len(spans) == 1 and spans[0].is_point():
        value = z3.IntVal(spans[0].low) if symbol.is_int() else z3.RealVal(str(spans[0].low))
        return Fact(symbol == value, value, spans=spans)
    limits = {**med.INTEGERS, **med.QUANTITIES}.get(name)
    # a range is assumed of an interval, and not of values that are each recorded
    several = all(span.is_point() for span in spans)
    in_range = limits is not None and not several and any(span.meets(*limits) for span in spans)
    return Fact(Or([span.formula(symbol) for span in spans]), None, in_range, spans)


def read_list(name: str, items: list[str], *, complete: bool) -> Fact:
    """What a list of drugs or alleles implies."""
    if name == "prior_drugs":
        says = plain_drugs.implied(items, complete=complete)
        return Fact(And([SYMBOLS[c] if truth else Not(SYMBOLS[c]) for c, truth in says.items()]))
    alleles = [item.removeprefix("HLA-") for item in items]
    assert all(re.split(r"[*:]", allele)[1] in med.HLA_A for allele in alleles)
    a02 = [allele for allele in alleles if allele.startswith("A*02")]
    if any(allele[-1] not in "NLSCAQ" for allele in a02):
        return Fact(v.hla_a02)
    denied = len(alleles) == 2 and all(allele.endswith("N") for allele in a02)
    return Fact(Not(v.hla_a02) if denied else z3.BoolVal(True))


def read_fact(name: str, raw: Any, as_of: date, *, complete: bool = False) -> Fact | None:
    """One fact of the record; None where nothing is known."""
    if is_missing(raw):
        return None
    if name in med.LISTS:
        return read_list(name, raw["value"] if isinstance(raw, dict) else raw, complete=complete)
    if name == "birth_date":
        return read_numeric(name, list(dict.fromkeys(age_span(span, as_of) for span in date_spans(raw))))
    if name in med.DATES:
        return read_numeric(name, date_spans(raw))
    if name in med.INTEGERS or name in med.QUANTITIES:
        return read_numeric(name, number_spans(name, raw))

    detail = raw if isinstance(raw, dict) else {"value": raw}
    options = detail.get("one_of") or [detail["value"]]
    if name == "country":
        options = [option if option in ("FR", "JP") else "OTHER" for option in options]
    symbol = SYMBOLS[name]
    values = [
        med.CONSTANTS[name][o] if name in med.ENUMERATIONS else z3.BoolVal(o) for o in dict.fromkeys(options)
    ]
    return Fact(Or([symbol == value for value in values]), values[0] if len(values) == 1 else None)


def age_span(days: Span, as_of: date) -> Span:
    """The ages of people born on these days."""
    oldest = None if days.low is None else completed_years(date.fromordinal(days.low), as_of)
    youngest = None if days.high is None else completed_years(date.fromordinal(days.high), as_of)
    return Span(youngest, oldest)


def symbols_of(term: z3.ExprRef) -> set[str]:
    """The names of the variables in a term."""
    names, seen, todo = set(), set(), [term]
    while todo:
        node = todo.pop()
        if node.get_id() in seen:
            continue
        seen.add(node.get_id())
        if z3.is_const(node) and node.decl().kind() == z3.Z3_OP_UNINTERPRETED:
            names.add(node.decl().name())
        todo += node.children()
    return names


@dataclass
class Patient:
    """A record as z3 formulas."""

    facts: dict[str, Fact]
    theory: list[BoolRef]  # what holds for this patient, whatever the facts
    ranges: list[BoolRef]  # what is assumed besides, as long as the facts leave room for it
    month_relations: dict[str, BoolRef]  # the definition of each of med.MONTH_RELATIONS
    known: list[tuple[z3.ExprRef, z3.ExprRef]]  # the variables that have one value, with it

    @cached_property
    def open_theory(self) -> list[tuple[BoolRef, set[str]]]:
        """What still ties the open variables, axiom by axiom, with the variables of each."""
        open_facts = [fact.formula for fact in self.facts.values() if fact.value is None]
        reduced = z3.simplify(z3.substitute(And(self.theory + self.ranges + open_facts), *self.known))
        conjuncts = reduced.children() if z3.is_and(reduced) else [reduced]
        return [(conjunct, symbols_of(conjunct)) for conjunct in conjuncts]


def read_patient(record: dict[str, Any]) -> Patient:
    """Read a record. Which axioms apply depends on what is recorded, so the theory belongs to the patient."""
    as_of = date.fromisoformat(record["as_of"])
    raw_facts = dict(record.get("facts", {}))
    planned = raw_facts.pop("planned_c1d1_date", None)
    whole = record.get("complete") or []
    read = {name: read_fact(name, raw, as_of, complete=name in whole) for name, raw in raw_facts.items()}
    facts = {name: fact for name, fact in read.items() if fact is not None}

    today = as_of.toordinal()
    theory = list(med.AXIOMS)
    theory += [
        And(SYMBOLS[name] <= today, SYMBOLS[name] >= FIRST_DAY) for name in med.DATES if name not in facts
    ]
    theory += [SYMBOLS[name] <= today for name in med.DATES if name in facts]
    ranges = [limit for name, limit in med.RANGES.items() if name not in facts or facts[name].in_range]
    if "weight" not in facts:
        ranges.append(med.B01_ADULT_WEIGHT)
    if not {"pb_blasts_abs", "pb_blasts_pct", "wbc"} <= facts.keys():
        theory.append(med.B20_BLAST_FRACTION)
    if "qtcf" not in facts:
        theory.append(med.QTCF_DEFINITION)
    if "ipss_r_score" in facts:
        theory.append(med.IPSS_R_DEFINITION)

    first_dose = first_dose_spans(planned, today)
    theory.append(Or([span.formula(v.first_dose) for span in first_dose]))
    known = [(SYMBOLS[name], fact.value) for name, fact in facts.items() if fact.value is not None]
    if exact_day(first_dose):
        known.append((v.first_dose, z3.IntVal(first_dose[0].low)))
    return Patient(facts, theory, ranges, month_relations(facts, first_dose), known)


def first_dose_spans(planned: Any, today: int) -> list[Span]:
    """The first dose: the planned day if it is known and later than the day of the record, else that day."""
    if is_missing(planned):
        return [Span(today, today)]
    spans = [Span(today if s.low is None else s.low, s.high) for s in date_spans(planned)]
    return list(
        dict.fromkeys(Span(max(s.low, today), None if s.high is None else max(s.high, today)) for s in spans)
    )


def month_relations(facts: dict[str, Fact], first_dose: list[Span]) -> dict[str, BoolRef]:
    """The definitions of the comparisons in calendar months."""
    spans = {name: facts[name].spans for name in med.DATES if name in facts} | {"first_dose": first_dose}
    definitions = {}
    for name, (earlier, months, later, strict) in med.MONTH_RELATIONS.items():
        start, end = exact_day(spans.get(earlier, [])), exact_day(spans.get(later, []))
        if start:
            holds = SYMBOLS[later] >= add_months(start, months).toordinal() + strict
        elif end:
            holds = SYMBOLS[earlier] <= latest_start(end - timedelta(days=strict), months).toordinal()
        else:
            holds = SYMBOLS[later] - SYMBOLS[earlier] >= length_of_months(earlier, months) + strict
        definitions[name] = SYMBOLS[name] == holds
    return definitions


def exact_day(spans: Sequence[Span]) -> date | None:
    """The day, if there is only one."""
    return date.fromordinal(int(spans[0].low)) if len(spans) == 1 and spans[0].is_point() else None
