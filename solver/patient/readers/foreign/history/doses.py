"""A dose a day, worked out from the orders and statements that go on, as so much of one reference drug.

5 mg twice a day                                    10 mg a day
5 mg as needed, up to twice a day                   from 0 to 10
no amount, or no frequency                          more than 0
an order of 10 and a statement of 10, not joined    from 10 to 20: they may be one intake
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import inf

from solver.dataclass import dataclass
from solver.language.units import UnknownUnit, parse_unit
from solver.library.codes.history_models import DoseRule
from solver.patient.readers.foreign.gathered import Candidate, FactSource, Mention
from solver.patient.readers.foreign.history.drugs import recognised, uncounted
from solver.patient.readers.foreign.history.gatherer import HistoryGatherer, in_order
from solver.patient.readers.foreign.history.spans import EventSpan, begins_after, readable, settled
from solver.patient.readers.foreign.statements import (
    Amount,
    AmountRange,
    Dosage,
    DrugStatement,
    Faulty,
    PossibleDays,
)
from solver.patient.readers.native.json_text import NumberText
from solver.text import grouped

_RULE = "intake"
_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class DoseRange:
    """A dose from `low` to `high`; where `above`, the low end is none."""

    low: Fraction
    high: Fraction | float
    above: bool = False

    def __add__(self, other: DoseRange) -> DoseRange:
        high = self.high + other.high
        return DoseRange(self.low + other.low, high, self.above or other.above)

    def times(self, factor: Fraction) -> DoseRange:
        """So many times the dose."""
        high = self.high if self.high == inf else self.high * factor
        return DoseRange(self.low * factor, high, self.above)

    def or_none(self) -> DoseRange:
        """The same, or nothing."""
        return DoseRange(Fraction(0), self.high)

    def or_(self, other: DoseRange) -> DoseRange:
        """Either of two."""
        low = min(self.low, other.low)
        above = all(each.above for each in (self, other) if each.low == low)
        return DoseRange(low, max(self.high, other.high), above)


NOTHING = DoseRange(Fraction(0), Fraction(0))
ANYTHING = DoseRange(Fraction(0), inf)
SOMETHING = DoseRange(Fraction(0), inf, above=True)


@dataclass(frozen=True, slots=True)
class _Taken:
    """A drug that goes on by one statement, with its dose a day in milligrams of it."""

    statement: DrugStatement
    concept: str
    dose: DoseRange
    source: FactSource


def gather_doses(statements: Iterable[DrugStatement], gatherer: HistoryGatherer) -> None:
    """Gather the dose a day of what goes on, and mentions of what may."""
    rule = gatherer.codes.dose
    if rule is not None:
        _Doses(gatherer, rule).gather(list(statements))


class _Doses:
    def __init__(self, gatherer: HistoryGatherer, rule: DoseRule) -> None:
        self.gatherer, self.rule = gatherer, rule
        self.as_of = gatherer.as_of

    def gather(self, statements: Sequence[DrugStatement]) -> None:
        """All of it."""
        taken = [found for statement in statements for found in self._intakes_going_on(statement)]
        if not taken:
            return
        by_concept = grouped((each.concept, each) for each in taken)
        doses = {concept: self._joint_dose(each) for concept, each in sorted(by_concept.items())}
        fact = self._dose_fact(doses)
        if set(fact) == {"min", "unit", "drug"} and fact["min"] == NumberText("0"):
            for each in taken:
                self._in_doubt(each.statement, "how much of it goes on is not known")
            return
        sources = in_order(each.source for each in taken)
        days = PossibleDays(None, self.as_of)
        self.gatherer.gathered.candidates.append(
            Candidate(self.rule.variable, fact, sources[-1], days, rule=_RULE, also=tuple(sources[:-1]))
        )
        for each in taken:
            self.gatherer.gathered.account.used(each.statement.place, self.rule.variable)

    def _intakes_going_on(self, statement: DrugStatement) -> Iterable[_Taken]:
        """What goes on by a statement; what may go on is noted as a mention."""
        tree = self.gatherer.recognition.tree
        for told in recognised(statement, self.gatherer)[0]:
            if told.concept is None or self.rule.concept not in tree.broader(told.concept):
                continue
            if uncounted(told.concept, statement, self.gatherer):
                continue
            start = readable(statement.start)
            if begins_after(start, self.as_of):
                continue
            order_off = statement.order and not self.gatherer.library.codes.tables.orders_count
            faulty = isinstance(statement.start, Faulty) or isinstance(statement.end, Faulty)
            span = settled(EventSpan(start, readable(statement.end), statement.ongoing), self.as_of)
            if span is not None and span.ongoing is False and not faulty:
                continue
            if (
                statement.unconfirmed is not None
                or order_off
                or faulty
                or span is None
                or span.ongoing is None
            ):
                reason = statement.unconfirmed or "whether it goes on is not known"
                self._in_doubt(statement, reason)
                continue
            said = f"text {told.text}" if told.text is not None else None
            source = FactSource(statement.place, told.coding, span.start, said, statement.order)
            drug = next(
                (each for each in self.rule.drugs if each in tree.broader(told.concept)), told.concept
            )
            yield _Taken(statement, drug, self._a_day(statement.dosages), source)

    def _in_doubt(self, statement: DrugStatement, reason: str) -> None:
        mention = Mention(statement.place, reason, frozenset({self.rule.variable}))
        self.gatherer.gathered.mentions.append(mention)

    def _a_day(self, dosages: Sequence[Dosage]) -> DoseRange:
        """The dose a day of one statement, in milligrams."""
        if not dosages:
            return SOMETHING
        sequences = {dosage.sequence for dosage in dosages if dosage.sequence is not None}
        if len(sequences) > 1 and any(dosage.bounds is None for dosage in dosages):
            return SOMETHING
        holding = [dosage for dosage in dosages if self._bounds_hold(dosage.bounds)]
        if not holding:
            return ANYTHING
        whole = NOTHING
        for dosage in holding:
            whole = whole + self._dosage_a_day(dosage)
        return whole

    def _bounds_hold(self, bounds: PossibleDays | None) -> bool:
        return bounds is None or (
            (bounds.first is None or bounds.first <= self.as_of)
            and (bounds.last is None or bounds.last >= self.as_of)
        )

    def _dosage_a_day(self, dosage: Dosage) -> DoseRange:
        amount, often = _dose_in_milligrams(dosage.amount), self._times_a_day(dosage)
        found = SOMETHING if amount is None or often is None else amount.times(often)
        return found.or_none() if dosage.as_needed else found

    def _times_a_day(self, dosage: Dosage) -> Fraction | None:
        timing = self.gatherer.codes.timings.get((dosage.timing_code or "").strip().upper())
        if dosage.times is not None:
            times = _number_written(dosage.times)
            if times is None or dosage.period is None or dosage.period.comparator:
                return None
            period, unit = _number_written(dosage.period.number), dosage.period.code or dosage.period.unit
        elif timing is not None:
            times, period, unit = timing.times, timing.period, timing.unit
        else:
            return None
        if not period or unit is None:
            return None
        try:
            length, day = parse_unit(unit), parse_unit("d")
        except UnknownUnit:
            return None
        if length.dimension != day.dimension:
            return None
        return times * day.factor / (period * length.factor)

    def _joint_dose(self, taken: Sequence[_Taken]) -> DoseRange:
        """The dose of one drug: what is joined counts once; orders and statements that nothing joins may be one intake."""
        orders = [each for each in taken if each.statement.order]
        others = [each for each in taken if not each.statement.order]
        joined = {id(each) for each in others if any(_are_joined(each, order) for order in orders)}
        ordered = NOTHING
        for order in orders:
            dose = order.dose
            for other in others:
                if _are_joined(other, order):
                    dose = dose.or_(other.dose)
            ordered = ordered + dose
        stated = NOTHING
        for other in others:
            if id(other) not in joined:
                stated = stated + other.dose
        if not orders or len(joined) == len(others):
            return ordered + stated
        whole = ordered + stated
        low = max(ordered.low, stated.low)
        above = any(each.above for each in (ordered, stated) if each.low == low)
        return DoseRange(low, whole.high, above)

    def _dose_fact(self, doses: dict[str, DoseRange]) -> dict[str, object]:
        """The fact: in the reference drug, or in the one drug that it is where that alone is exact."""
        equivalents = self.gatherer.library.variables[self.rule.variable].drugs
        whole, drug = NOTHING, self.rule.written
        for concept, dose in doses.items():
            whole = whole + dose.times(
                equivalents[self.rule.drugs[concept]] if concept in self.rule.drugs else Fraction(1)
            )
        if any(concept not in self.rule.drugs for concept in doses):
            whole = DoseRange(Fraction(0), inf, above=True)
        ends = [end for end in (whole.low, whole.high) if isinstance(end, Fraction)]
        if len(doses) == 1 and any(_exact_decimal(end) is None for end in ends):
            ((concept, whole),) = doses.items()
            drug = self.rule.drugs[concept]
        return {**_bounds_written(whole), "unit": "mg/d", "drug": drug}


def _are_joined(one: _Taken, other: _Taken) -> bool:
    return (
        other.statement.place.at in one.statement.joined or one.statement.place.at in other.statement.joined
    )


def _dose_in_milligrams(amount: Amount | AmountRange | None) -> DoseRange | None:
    if isinstance(amount, AmountRange):
        low = _mass_in_milligrams(amount.low) if amount.low is not None else Fraction(0)
        high = _mass_in_milligrams(amount.high) if amount.high is not None else None
        return None if low is None or high is None or high < low else DoseRange(low, high)
    mass = _mass_in_milligrams(amount) if amount is not None else None
    return None if mass is None else DoseRange(mass, mass)


def _mass_in_milligrams(amount: Amount) -> Fraction | None:
    """An amount in milligrams; None where it is no exact mass, or its unit and the unit's code differ."""
    number = _number_written(amount.number)
    if number is None or amount.comparator:
        return None
    try:
        units = [parse_unit(unit) for unit in (amount.code, amount.unit) if unit]
    except UnknownUnit:
        return None
    milligram = parse_unit("mg")
    if not units or any(unit.dimension != milligram.dimension for unit in units):
        return None
    if len({unit.factor for unit in units}) > 1:
        return None
    return number * units[0].factor / milligram.factor


def _number_written(text: str | None) -> Fraction | None:
    value = NumberText(text).value if text is not None else None
    return value if value is not None and value >= 0 else None


def _exact_decimal(number: Fraction) -> str | None:
    """The number as decimal text, or None where no decimal is equal to it."""
    scaled = number * 10**_DECIMALS
    if scaled.denominator != 1:
        return None
    whole, rest = divmod(int(scaled), 10**_DECIMALS)
    return f"{whole}.{rest:0{_DECIMALS}d}".rstrip("0").rstrip(".")


def _bounds_written(dose: DoseRange) -> dict[str, object]:
    """The ends as a fact gives them; what no decimal is equal to is widened."""
    low, high = _rounded_decimal(dose.low, up=False), None
    if isinstance(dose.high, Fraction):
        high = _rounded_decimal(dose.high, up=True)
    if high is not None and low == high and not dose.above:
        return {"value": NumberText(low)}
    found: dict[str, object] = {"min": NumberText(low)}
    if dose.above:
        found["min_exclusive"] = True
    if high is not None:
        found["max"] = NumberText(high)
    return found


def _rounded_decimal(number: Fraction, *, up: bool) -> str:
    scaled = number * 10**_DECIMALS
    whole = -(-scaled.numerator // scaled.denominator) if up else scaled.numerator // scaled.denominator
    text = _exact_decimal(Fraction(whole, 10**_DECIMALS))
    assert text is not None
    return text
