"""Gaps along an axis of numbers: values that no cohort, one cohort or one clause covers, between two that it does cover.

For example, where cohort A takes `age <= 40` and cohort B `age >= 45`:

    cells of the axis age     0 to 40 | 41 to 44 | 45 and more
    taken by some cohort      yes     | no       | yes            so 41 to 44 is a gap
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from math import ceil, floor

from solver.dataclass import dataclass
from solver.engine.witnesses.witness import REFERENCE_DAY
from solver.evaluation.evaluate import bounds
from solver.language import tree as t
from solver.language.domain import Interval
from solver.language.types import EnumerationType, QuantityType
from solver.questions.check.rules.implausible import days_between
from solver.questions.check.rules.together import Together
from solver.questions.check.trial_view import Criterion
from solver.text import listed

Axis = t.NumberVariable | t.CompletedYears | t.Sum
"""A number, an age, or the days between two dates."""

ON_THE_DAY = f", on {REFERENCE_DAY.isoformat()} and not on every day"

Goals = list[t.Condition]
End = Fraction | None
Slice = tuple[str, str] | None
"""A value of an enumeration, with which alone the axis is looked at."""

Cut = tuple[Fraction, bool]
"""A place between values of an axis: just before a number, or just after it."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Values of an axis that every clause treats alike, in words and as a condition."""

    low: End
    high: End
    low_open: bool
    high_open: bool
    condition: t.Condition


class Gaps:
    """Looks along every axis on which clauses of the trial split, on the reference day: where a gap is closed on another, it says so."""

    def __init__(self, together: Together) -> None:
        self.prover, self.every_day, self.together = together.prover.today, together.prover, together
        self.view, self.log = together.view, together.log
        self.found: set[str] = set()
        self._covered: dict[tuple[str, t.Condition, Slice], bool] = {}

    def find(self) -> None:
        """Find the gaps of the trial, then those of a cohort, then those of a cohort for one value of an enumeration, then of clauses."""
        for axis, cells in self._axes_and_cells():
            label = self.label(axis)
            with self.log.trying(f"whether there is a gap in {label}"):
                if not self._of_cohorts(axis, cells, self.view.cohorts) and len(self.view.cohorts) > 1:
                    for cohort in self.view.cohorts:
                        self._of_cohorts(axis, cells, (cohort,))
                self._of_clauses(axis, cells)

    def label(self, axis: Axis) -> str:
        """An axis in words."""
        if isinstance(axis, t.NumberVariable):
            return self.prover.library.variables[axis.name].label
        if isinstance(axis, t.Sum):
            dates = (name for name in sorted(t.variables(axis)) if name in self.prover.library.variables)
            return f"number of days between dates ({', '.join(dates)})"
        return "age"

    def _axes_and_cells(self) -> Iterator[tuple[Axis, list[Cell]]]:
        breaks: dict[Axis, set[Cut]] = {}
        for criterion in self.view.criteria:
            if criterion.id in self.log.faulty | self.log.suspect:
                continue
            for node in (node for c in criterion.conditions.values() for node in t.walk(c)):
                if isinstance(node, t.Compare):
                    for axis, cut in _cuts_of(node):
                        breaks.setdefault(axis, set()).add(cut)
        for axiom in self.prover.library.axioms:
            for node in t.walk(axiom.condition):
                if isinstance(node, t.Compare):
                    for axis, cut in _cuts_of(node):
                        if axis in breaks:
                            breaks[axis].add(cut)
        for axis, cuts in sorted(breaks.items(), key=lambda item: not isinstance(item[0], t.CompletedYears)):
            cells = list(_cells_between(axis, sorted(cuts), bounds(axis, self.prover.known)))
            if len(cells) > 2:
                yield axis, cells

    def _of_cohorts(self, axis: Axis, cells: list[Cell], cohorts: Sequence[str]) -> bool:
        """Whether there is a gap in what the cohorts cover together; for one cohort also for each value of an enumeration."""
        if self._find_gap(axis, cells, cohorts, None):
            return True
        found = False
        for name, value in self._enumeration_slices(axis):
            found = self._find_gap(axis, cells, cohorts, (name, value)) or found
        return found

    def _enumeration_slices(self, axis: Axis) -> Iterator[tuple[str, str]]:
        """The values of the enumerations that stand beside the axis in a clause, and one that no clause names."""
        names = {
            name
            for criterion in self.view.criteria
            for condition in criterion.conditions.values()
            if any(node == axis for node in t.walk(condition))
            for name in t.variables(condition)
        }
        for name, variable in self.prover.library.variables.items():
            if name in names and isinstance(variable.type, EnumerationType):
                used = {
                    value
                    for criterion in self.view.criteria
                    for condition in criterion.conditions.values()
                    for node in t.walk(condition)
                    if isinstance(node, t.Member) and node.name == name
                    for value in node.values
                }
                unnamed = [value for value in variable.type.values if value not in used][:1]
                yield from ((name, v) for v in variable.type.values if v in used or v in unnamed)

    def _find_gap(self, axis: Axis, cells: list[Cell], cohorts: Sequence[str], kept: Slice) -> bool:
        slice_ = [] if kept is None else [t.Member(kept[0], frozenset({kept[1]}))]
        told = False
        for run in self._uncovered_runs(cells, cohorts, kept):
            goals: list[t.Condition] = [_whole_run(axis, run), *slice_]
            proof = self.together.refutation(((cohort, goals) for cohort in cohorts), prover=self.prover)
            between = (self._other_clauses(cohort, axis) for cohort in cohorts)
            beside = next((others for others in between if self.prover.possible([*others, *goals])), None)
            if beside is None or proof is None or not proof.others:
                continue
            key = f"{self.label(axis)} {[c.condition for c in run]}"
            if key in self.found:
                continue
            alone = len(cohorts) == 1 < len(self.view.cohorts)
            where = f"cohort {cohorts[0]}" if alone else self.view.trial.code
            such = "" if kept is None else self._such_values(cells, cohorts, kept[0], run)
            met = ([*self.together.conditions(cohort), *goals] for cohort in cohorts)
            when = next(filter(None, map(self._when_there, met)), "")
            text = f"{self._values_words(axis, run)}: {where} does not take a patient{such} there, but takes one below and one above"
            self.found.add(key)
            told = True
            self.log.add(
                "gap",
                proof.others,
                text + when,
                basis=proof.basis,
                cohorts=tuple(cohorts) if len(cohorts) < len(self.view.cohorts) else (),
                part=self._values_words(axis, run),
                witness=self.prover.witness([*beside, *goals]),
            )
        return told

    def _uncovered_runs(self, cells: list[Cell], cohorts: Sequence[str], kept: Slice) -> list[list[Cell]]:
        """Each run of cells that no cohort takes, between two that one takes."""

        def covered(cell: Cell) -> bool:
            return any(self._covers_cell(each, cell.condition, kept) for each in cohorts)

        return list(_runs_uncovered(cells, covered))

    def _such_values(self, cells: list[Cell], cohorts: Sequence[str], name: str, run: list[Cell]) -> str:
        """Every value of an enumeration with which there is the same gap, in words."""
        kind = self.prover.library.variables[name].type
        assert isinstance(kind, EnumerationType)
        alike = [value for value in kind.values if run in self._uncovered_runs(cells, cohorts, (name, value))]
        others = [value for value in kind.values if value not in alike]
        if 0 < len(others) < len(alike):
            return f" with {name} other than {listed(others, 'or')}"
        return f" with {name} {listed(alike, 'or')}"

    def _covers_cell(self, cohort: str, cell: t.Condition, kept: Slice) -> bool:
        """Whether a cohort takes a patient of a cell, with a value of an enumeration if one is given."""
        key = (cohort, cell, kept)
        if key not in self._covered:
            goals = [cell] if kept is None else [cell, t.Member(kept[0], frozenset({kept[1]}))]
            self._covered[key] = self.prover.possible([*self.together.conditions(cohort), *goals])
        return self._covered[key]

    def _when_there(self, goals: list[t.Condition]) -> str:
        """The words that a gap is one of the day alone, if goals that nobody meets then are met on another day."""
        return ON_THE_DAY if self.every_day.possible(goals) else ""

    def _other_clauses(self, cohort: str, axis: Axis) -> list[t.Condition]:
        clauses = self.together.conditions(cohort)
        return [c for c in clauses if not any(node == axis for node in t.walk(c))]

    def _values_words(self, axis: Axis, run: list[Cell]) -> str:
        return f"{self.label(axis)} {self._range_words(axis, run)}"

    def _range_words(self, axis: Axis, run: list[Cell]) -> str:
        low, high = run[0], run[-1]
        assert low.low is not None
        assert high.high is not None
        unit = ""
        if isinstance(axis, t.NumberVariable):
            kind = self.prover.library.variables[axis.name].type
            unit = f" {kind.unit.text}" if isinstance(kind, QuantityType) and kind.unit.text != "1" else ""
        if low.low == high.high:
            return f"{_number_text(low.low)}{unit}"
        if t.integral(axis):
            return f"{_number_text(low.low)} to {_number_text(high.high)}{unit}"
        start = "above" if low.low_open else "from"
        end = "below" if high.high_open else "to"
        return f"{start} {_number_text(low.low)} {end} {_number_text(high.high)}{unit}"

    def _of_clauses(self, axis: Axis, cells: list[Cell]) -> None:
        """Find a clause that asks nothing of some values though it asks something of those below and of those above.

        Only values count with which the trial may take a patient: what a clause asks beyond them is settled by another one.
        """
        for criterion in self.view.criteria:
            if criterion.id in self.together.said or criterion.clause.routing:
                continue
            guard = [criterion.clause.guard] if criterion.clause.guard is not None else []
            for condition in dict.fromkeys(criterion.conditions.values()):
                if not any(node == axis for node in t.walk(condition)):
                    continue
                if guard:
                    self._find_refused(criterion, axis, cells, [*guard, condition])

                def asks(cell: Cell, condition: t.Condition = condition, guard: Goals = guard) -> bool:
                    goals = [cell.condition, *guard]
                    both = ([*goals, condition], [*goals, t.negation(condition)])
                    taken = (self._covers_cell(cohort, cell.condition, None) for cohort in self.view.cohorts)
                    return all(map(self.prover.possible, both)) and any(taken)

                for run in _runs_uncovered(cells, asks):
                    if self.prover.possible([_whole_run(axis, run), t.negation(condition)]):
                        continue
                    when = self._when_there([_whole_run(axis, run), t.negation(condition)])
                    values = self._values_words(axis, run)
                    text = f"{criterion.id} asks nothing of a patient with {values}, but of one below and of one above"
                    self.log.add("gap", [criterion.id], text + when, part=values)

    def _find_refused(self, criterion: Criterion, axis: Axis, cells: list[Cell], goals: Goals) -> None:
        """Find values that a clause refuses where it applies though it takes those below and those above."""
        guard = goals[:1]

        def taken(cell: Cell) -> bool:
            at = [cell.condition]
            return self.prover.possible([*at, *goals]) or not self.prover.possible([*at, *guard])

        if any(f.kind == "gap" and criterion.id in f.clauses for f in self.log.findings):
            return
        for run in _runs_uncovered(cells, taken):
            when = self._when_there([_whole_run(axis, run), *goals])
            values = self._values_words(axis, run)
            text = f"{criterion.id} refuses a patient to whom it applies with {values}, but takes one below and one above"
            self.log.add("gap", [criterion.id], text + when, part=values)


def _is_axis(term: t.Term) -> bool:
    if isinstance(term, t.CompletedYears):
        return isinstance(term.start, t.NumberVariable)
    if isinstance(term, t.Sum):
        dates = all(node.kind == "date" for node in t.walk(term) if isinstance(node, t.NumberVariable))
        return dates and days_between(term)
    return isinstance(term, t.NumberVariable) and term.kind != "date"


def _cuts_of(compare: t.Compare) -> Iterator[tuple[Axis, Cut]]:
    """Where a comparison of an axis with a number changes along the axis."""
    for term, limit, above in ((compare.left, compare.right, True), (compare.right, compare.left, False)):
        if not (isinstance(limit, t.Constant) and _is_axis(term)):
            continue
        assert isinstance(term, t.NumberVariable | t.CompletedYears | t.Sum)
        for after in {True, False} if compare.relation == "==" else {(compare.relation == "<=") is above}:
            value = limit.value
            if t.integral(term):
                value, after = Fraction(floor(value) + 1 if after else ceil(value)), False
            yield term, (value, after)


def _cells_between(axis: Axis, cuts: list[Cut], within: Interval) -> Iterator[Cell]:
    """What lies between neighbouring cuts of the axis, within its plausible range."""
    low = None if isinstance(within.low, float) else Fraction(within.low)
    high = None if isinstance(within.high, float) else Fraction(within.high)
    low_open = False
    for value, after in cuts:
        if (low is not None and (value, after) <= (low, low_open)) or (high is not None and value > high):
            continue
        end, end_open = (value - 1, False) if t.integral(axis) else (value, not after)
        yield _make_cell(axis, low, end, low_open, end_open)
        low, low_open = value, after
    if low is None or high is None or low < high or (low == high and not low_open):
        yield _make_cell(axis, low, high, low_open, False)


def _make_cell(axis: Axis, low: End, high: End, low_open: bool, high_open: bool) -> Cell:
    parts: list[t.Condition] = []
    if low is not None:
        parts.append(t.Compare("<" if low_open else "<=", t.Constant(low), axis))
    if high is not None:
        parts.append(t.Compare("<" if high_open else "<=", axis, t.Constant(high)))
    return Cell(low, high, low_open, high_open, t.conjunction(parts))


def _runs_uncovered(cells: list[Cell], covered: Callable[[Cell], bool]) -> Iterator[list[Cell]]:
    """Each run of cells that are not covered, between two that are."""
    run: list[Cell] = []
    begun = False
    for cell in cells:
        if covered(cell):
            if begun and run:
                yield run
            begun, run = True, []
        elif begun:
            run.append(cell)


def _whole_run(axis: Axis, run: list[Cell]) -> t.Condition:
    first, last = run[0], run[-1]
    return _make_cell(axis, first.low, last.high, first.low_open, last.high_open).condition


def _number_text(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else f"{float(value):g}"
