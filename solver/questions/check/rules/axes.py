"""Gaps along an axis of numbers: values that no cohort, one cohort or one clause covers, between two that it does cover.

For example, where cohort A takes `age <= 40` and cohort B `age >= 45`:

    cells of the axis age     0 to 40 | 41 to 44 | 45 and more
    taken by some cohort      yes     | no       | yes            so 41 to 44 is a gap
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from solver.engine.witnesses.witness import REFERENCE_DAY
from solver.language import tree as t
from solver.language.types import EnumerationType
from solver.questions.check.rules.number_axes import (
    Axis,
    Cell,
    Cut,
    axis_words,
    bounds_of,
    cells_between,
    cuts_of,
    goes_up_and_down,
    number_text,
    ratio_axes,
    runs_uncovered,
    speaks_of,
    whole,
    whole_run,
)
from solver.questions.check.rules.together import Together
from solver.questions.check.trial_view import Criterion
from solver.questions.check.written_names import WrittenNames
from solver.text import listed

ON_THE_DAY = f", on {REFERENCE_DAY.isoformat()} and not on every day"

Goals = list[t.Condition]
Slice = tuple[str, str] | None
"""A value of an enumeration, with which alone the axis is looked at."""


class Gaps:
    """Looks along every axis on which clauses of the trial split, on the reference day: where a gap is closed on another, it says so."""

    def __init__(self, together: Together) -> None:
        self.prover, self.every_day, self.together = together.prover.today, together.prover, together
        self.view, self.log = together.view, together.log
        self.written = WrittenNames(self.prover.library, self.view.criteria)
        self.found: set[str] = set()
        self.ratios = ratio_axes(self.prover.library)
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
        return axis_words(axis, self.prover.library, self.written)[0]

    def _axes_and_cells(self) -> Iterator[tuple[Axis, list[Cell]]]:
        breaks: dict[Axis, set[Cut]] = {}
        for criterion in self.view.criteria:
            if criterion.id in self.log.faulty | self.log.suspect:
                continue
            for node in (node for c in criterion.conditions.values() for node in t.walk(c)):
                if isinstance(node, t.Compare):
                    for axis, cut in cuts_of(node, self.ratios):
                        breaks.setdefault(axis, set()).add(cut)
        for axiom in self.prover.library.axioms:
            for node in t.walk(axiom.condition):
                if isinstance(node, t.Compare):
                    for axis, cut in cuts_of(node, self.ratios):
                        if axis in breaks:
                            breaks[axis].add(cut)
        for axis, cuts in sorted(breaks.items(), key=lambda item: not isinstance(item[0], t.CompletedYears)):
            cells = list(cells_between(axis, sorted(cuts), bounds_of(axis, self.prover.known)))
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
            if self._speaks_of(condition, axis)
            for name in t.variables(condition)
        }
        for name, variable in self.prover.library.variables.items():
            if name in names and isinstance(variable.type, EnumerationType):
                used = self._used_values[name]
                unnamed = [value for value in variable.type.values if value not in used][:1]
                yield from ((name, v) for v in variable.type.values if v in used or v in unnamed)

    @cached_property
    def _used_values(self) -> Mapping[str, set[str]]:
        """The values of each enumeration that a clause names."""
        found = defaultdict[str, set[str]](set)
        for condition in {id(c): c for each in self.view.criteria for c in each.conditions.values()}.values():
            for node in t.walk(condition):
                if isinstance(node, t.Member):
                    found[node.name] |= node.values
        return found

    def _find_gap(self, axis: Axis, cells: list[Cell], cohorts: Sequence[str], kept: Slice) -> bool:
        slice_ = [] if kept is None else [t.Member(kept[0], frozenset({kept[1]}))]
        told = False
        for run in self._uncovered_runs(cells, cohorts, kept):
            goals: list[t.Condition] = [whole_run(axis, run), *slice_]
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

        return list(runs_uncovered(cells, covered))

    def _such_values(self, cells: list[Cell], cohorts: Sequence[str], name: str, run: list[Cell]) -> str:
        """Every value of an enumeration with which there is the same gap, in words."""
        kind = self.prover.library.variables[name].type
        assert isinstance(kind, EnumerationType)
        alike = [value for value in kind.values if run in self._uncovered_runs(cells, cohorts, (name, value))]
        others = [value for value in kind.values if value not in alike]
        if 0 < len(others) < len(alike) and self.written.by_definition(name, alike) is None:
            return f" with {name} other than {listed(others, 'or')}"
        return f" with {self.written.value(name, alike)}"

    def _covers_cell(self, cohort: str, cell: t.Condition, kept: Slice) -> bool:
        """Whether a cohort takes a patient of a cell, with a value of an enumeration if one is given."""
        key = (cohort, cell, kept)
        if key not in self._covered:
            if kept is None:
                goals = [cell]
            else:
                goals = [cell, t.Member(kept[0], frozenset({kept[1]}))]
                # of a value that the cohort never takes, no cell is covered
                if cell != t.TRUE and not self._covers_cell(cohort, t.TRUE, kept):
                    return False
            self._covered[key] = self.prover.possible([*self.together.conditions(cohort), *goals])
        return self._covered[key]

    def _when_there(self, goals: list[t.Condition]) -> str:
        """The words that a gap is one of the day alone, if goals that nobody meets then are met on another day."""
        return ON_THE_DAY if self.every_day.possible(goals) else ""

    def _other_clauses(self, cohort: str, axis: Axis) -> list[t.Condition]:
        clauses = self.together.conditions(cohort)
        return [c for c in clauses if not self._speaks_of(c, axis)]

    def _values_words(self, axis: Axis, run: list[Cell]) -> str:
        return f"{self.label(axis)} {self._range_words(axis, run)}"

    def _range_words(self, axis: Axis, run: list[Cell]) -> str:
        low, high = run[0], run[-1]
        assert low.low is not None
        assert high.high is not None
        unit = axis_words(axis, self.prover.library, self.written)[1]
        if low.low == high.high:
            return f"{number_text(low.low)}{unit}"
        if whole(axis):
            return f"{number_text(low.low)} to {number_text(high.high)}{unit}"
        start = "above" if low.low_open else "from"
        end = "below" if high.high_open else "to"
        return f"{start} {number_text(low.low)} {end} {number_text(high.high)}{unit}"

    def _speaks_of(self, condition: t.Condition, axis: Axis) -> bool:
        return speaks_of(condition, axis, self.ratios)

    def _of_clauses(self, axis: Axis, cells: list[Cell]) -> None:
        """Find a clause that asks nothing of some values though it asks something of those below and of those above.

        Only values count with which the trial may take a patient: what a clause asks beyond them is settled by another one.
        """
        for criterion in self.view.criteria:
            if criterion.id in self.together.said or criterion.clause.routing:
                continue
            guard = [criterion.clause.guard] if criterion.clause.guard is not None else []
            for condition in dict.fromkeys(criterion.conditions.values()):
                if not self._speaks_of(condition, axis):
                    continue
                for branch, part in self._branches(condition, axis):
                    if (guard or branch) and goes_up_and_down(part, axis, self.ratios):
                        self._find_refused(criterion, axis, cells, [*guard, *branch], part)
                if not goes_up_and_down(condition, axis, self.ratios):
                    continue

                def asks(cell: Cell, condition: t.Condition = condition, guard: Goals = guard) -> bool:
                    goals = [cell.condition, *guard]
                    both = ([*goals, condition], [*goals, t.negation(condition)])
                    taken = (self._covers_cell(cohort, cell.condition, None) for cohort in self.view.cohorts)
                    return all(map(self.prover.possible, both)) and any(taken)

                for run in runs_uncovered(cells, asks):
                    if self.prover.possible([whole_run(axis, run), t.negation(condition)]):
                        continue
                    when = self._when_there([whole_run(axis, run), t.negation(condition)])
                    values = self._values_words(axis, run)
                    text = f"{criterion.id} asks nothing of a patient with {values}, but of one below and of one above"
                    self.log.add("gap", [criterion.id], text + when, part=values)

    def _branches(self, condition: t.Condition, axis: Axis) -> Iterator[tuple[Goals, t.Condition]]:
        """The parts of a condition that speak of an axis, each with where it counts: `if c then a else b` is `c implies a` and the rest."""
        match condition:
            case t.And(parts):
                for part in parts:
                    if self._speaks_of(part, axis):
                        yield from self._branches(part, axis)
                yield [], condition
            case t.Or(parts) if not isinstance(condition, t.OneOf):
                within = [part for part in parts if self._speaks_of(part, axis)]
                beyond = [t.negation(part) for part in parts if part not in within]
                if len(within) == 1:
                    yield from (([*beyond, *more], part) for more, part in self._branches(within[0], axis))
                else:
                    yield beyond, t.disjunction(within)
            case _:
                yield [], condition

    def _find_refused(
        self, criterion: Criterion, axis: Axis, cells: list[Cell], guard: Goals, part: t.Condition
    ) -> None:
        """Find values that a clause refuses where it applies though it takes those below and those above."""

        def taken(cell: Cell) -> bool:
            at = [cell.condition, *guard]
            return self.prover.possible([*at, part]) or not self.prover.possible(at)

        if any(f.kind == "gap" and criterion.id in f.clauses for f in self.log.findings):
            return
        for run in runs_uncovered(cells, taken):
            when = self._when_there([whole_run(axis, run), *guard, part])
            values = self._values_words(axis, run)
            text = f"{criterion.id} refuses a patient to whom it applies with {values}, but takes one below and one above"
            self.log.add("gap", [criterion.id], text + when, part=values)
