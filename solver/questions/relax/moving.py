"""How a patient stands to a trial at other limits of one comparison.

    weight >= 45 kg, and the record says 41.5 kg: excluded at 45 and at 42, not at 41.5 and below

Where the limit works one way only, verdicts change in one direction along it: equal ones at two limits hold between them as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import pairwise

from solver.dataclass import dataclass
from solver.engine.answer import Verdict
from solver.engine.case import Engine
from solver.errors import InputError
from solver.language.domain import Environment
from solver.patient.record import Record
from solver.questions.relax.comparisons import MovedTrials, is_decimal
from solver.screen.cohort import CohortPatient
from solver.screen.output_rows import (
    OutputRow,
    ScreenQuestion,
    output_rows,
    patient_record,
    record_rows,
)

HIGHEST = Fraction(10**12)
"""Above every limit."""
_DIGITS = 6

Step = tuple[Fraction, Fraction, Verdict, Verdict]
"""The last limit with one verdict and the first with the next, in the direction in which more patients are taken."""


@dataclass(frozen=True, slots=True)
class MovedVerdicts:
    """The verdicts on one patient at limits that were given; or else that at the strictest limit, and where it changes."""

    at: tuple[Verdict, ...] = ()
    strictest: Verdict = "withheld"
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class RelaxQuestion(ScreenQuestion):
    """What is asked about each patient: all conflicts, and the verdicts at other limits; without `limits`, at which these change."""

    moved: MovedTrials | None = None
    limits: tuple[Fraction, ...] | None = None

    def rows(self, engine: Engine, patient: CohortPatient, day: int | None) -> Iterator[OutputRow]:
        """The row of one patient, with `moved` where a limit is moved."""
        for row in output_rows(engine, patient, self, day):
            if self.moved is not None and row["error"] is None:
                record = patient_record(engine.library, patient, self, day)
                row["moved"] = moved_verdicts(engine, record, self.moved, self.limits)
            yield row

    def of_record(self, engine: Engine, record: Record, number: int) -> Iterator[OutputRow]:
        """The same of a record."""
        for row in record_rows(engine, record, self, number):
            if self.moved is not None:
                row["moved"] = moved_verdicts(engine, record, self.moved, self.limits)
            yield row


def moved_verdicts(
    engine: Engine, record: Record, moved: MovedTrials, limits: Sequence[Fraction] | None
) -> MovedVerdicts:
    """The verdicts at these limits, or where they change; withheld at each for a record that contradicts itself."""
    found = _verdicts_by_limit(engine, record, moved)
    if isinstance(found, str):
        return MovedVerdicts((found,) * len(limits or ()), found)
    at, known = found
    if limits is not None:
        order = sorted(set(limits))
        verdicts = _between(at, order) if moved.one_way else {limit: at(limit) for limit in order}
        return MovedVerdicts(tuple(verdicts[limit] for limit in limits))
    return _changes(at, known, moved)


def _verdicts_by_limit(
    engine: Engine, record: Record, moved: MovedTrials
) -> tuple[Callable[[Fraction], Verdict], Environment] | Verdict:
    """What gives the verdict at a limit, and what is known of the patient; the verdict at every limit where none is told."""
    with engine.allowance():
        opened = engine.open(record, warned=False)
        if opened.consistent is not True:
            return "unresolved" if opened.consistent is None else "withheld"
        case = engine.case(opened, []).of(moved.trial)
    seen: dict[Fraction, Verdict] = {}

    def at(limit: Fraction) -> Verdict:
        if limit not in seen:
            with engine.allowance():
                context = case.problem.record.context
                seen[limit] = case.assumptions.decide(case.standings, moved.at(limit), context).verdict
        return seen[limit]

    return at, case.problem.known


def _between(at: Callable[[Fraction], Verdict], order: Sequence[Fraction]) -> dict[Fraction, Verdict]:
    """The verdicts at limits in order: what is the same at two of them is the same between them."""
    found = {order[0]: at(order[0]), order[-1]: at(order[-1])}
    left = [(0, len(order) - 1)]
    while left:
        first, last = left.pop()
        if last - first < 2:
            continue
        if found[order[first]] == found[order[last]] != "unresolved":
            found.update((limit, found[order[first]]) for limit in order[first:last])
        else:
            middle = (first + last) // 2
            found[order[middle]] = at(order[middle])
            left += [(first, middle), (middle, last)]
    return found


def _changes(at: Callable[[Fraction], Verdict], known: Environment, moved: MovedTrials) -> MovedVerdicts:
    """Where the verdict changes along the limit: at the ends of what is known of the number, or between two others that are told."""
    today = moved.comparison.limit
    ends = (Fraction(0), HIGHEST) if moved.loosening else (HIGHEST, Fraction(0))
    strictest = at(ends[0])
    if strictest == at(ends[1]) == at(today):
        return MovedVerdicts((), strictest)
    places = {today, *ends}
    subject = moved.subject(known)
    for end in (subject.low, subject.high):
        if not isinstance(end, float) and 0 <= end <= HIGHEST:
            places.update(_decimals_around(Fraction(end), today, whole=moved.whole))
    order = sorted(places, reverse=not moved.loosening)
    verdicts = _between(at, order)
    steps = tuple(
        (before, after, verdicts[before], verdicts[after])
        for before, after in pairwise(order)
        if verdicts[before] != verdicts[after]
    )
    return MovedVerdicts((), strictest, steps)


def _decimals_around(value: Fraction, today: Fraction, *, whole: bool) -> Iterator[Fraction]:
    """The value as it is written, and what a person would write beside it."""
    if whole:
        yield from (Fraction(each) for each in (int(value) - 1, int(value), int(value) + 1) if each >= 0)
        return
    if is_decimal(value):
        places = max(_places(value), _places(today))
        step = Fraction(1, 10**places)
        yield from (each for each in (value - step, value, value + step) if each >= 0)
        return
    places = max(0, min(9, _DIGITS - len(str(int(value)))))
    low = Fraction(int(value * 10**places), 10**places)
    yield from (low, low + Fraction(1, 10**places))


def _places(value: Fraction) -> int:
    return next(places for places in range(10) if 10**places % value.denominator == 0)


def check_limits(moved: MovedTrials, limits: Sequence[Fraction] | None) -> None:
    """Raises `InputError` for limits that cannot be written in the clause, and where none are given for one that works both ways."""
    for limit in limits or (moved.comparison.limit,):
        moved.at(limit)
    if limits is None and not moved.one_way:
        name, text = moved.clause.id, moved.comparison.text
        raise InputError(
            f"--move: {name}: {text} is asked for in one place and refused in another: give limits, --move {name}=LIMIT,..."
        )
