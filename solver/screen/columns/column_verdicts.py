"""The verdicts of many rows at once, as far as columns show them.

What is certain of the recorded values is so of the row, if the row agrees with the theory: where it does not say so itself, some completion
must. Two completions, columns whose empty cells are filled, show a row undetermined. They are drawn once for a batch, and each row is shown
by those which agree with the theory in that row. They also show which clauses exclude, and which are open. Rows that are left are judged by
themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from solver import work
from solver.engine.case import Engine
from solver.engine.problem import pose
from solver.library.models import Trial
from solver.patient.record import Context, Record
from solver.program.trial_forms import TrialForm
from solver.program.witnesses import witnesses
from solver.screen.columns.assumed_columns import AssumedColumns
from solver.screen.columns.column_clauses import ClauseColumn, ConditionMarks, clause_columns, clause_lists
from solver.screen.columns.column_program import A_DAY, ColumnProgram, Slots
from solver.screen.columns.column_values import ColumnValues, Truth, negated, sure
from solver.screen.columns.compile_columns import column_program
from solver.screen.columns.drawn_rows import DrawnRows, RowsLeft
from solver.screen.columns.narrowed import Narrowed
from solver.screen.columns.recorded_columns import RecordedColumns, filled
from solver.screen.columns.shown_trials import ELIGIBLE, INELIGIBLE, UNDETERMINED, CountedCohorts, ShownTrial

_COMPLETIONS = 24
"""How many completions are drawn."""


_STEP = 3
"""Every so many of the completions one begins the order in which they are tried."""


class _Round(NamedTuple):
    """How many orders are tried of the completions, how far each is followed, and in how many completions each value is changed.

    All this takes its time, so that fewer rows than `least` are rather judged by themselves, and `most` or more tried in the next round.
    """

    orders: int | None
    far: int | None
    changed: int
    least: int
    most: int | None = None


_ROUNDS_OF_COMPLETIONS = (
    _Round(2, 1, 0, 1),
    _Round(2, 3, 1, 10),
    _Round(2, None, 2, 100, 400),
    _Round(None, None, 2, 400),
)
"""The first shows most rows, and the others what is left."""

_ROUNDS = 3
"""How often what is forced is looked at again."""


class TrialColumns(NamedTuple):
    """How rows stand to a trial: the verdicts, null in the rows that are to be judged by themselves, and lists of clauses where asked."""

    verdict: Any
    blocking: Any = None
    open: Any = None


class _Found(NamedTuple):
    """The verdicts, null where none is shown, and for each clause in which rows it excludes, or is open."""

    verdict: Any
    said: list[Any]


class ColumnJudge:
    """Judges the rows of tables in columns, for an engine, trials and a context; with `clauses` also which exclude and which are open."""

    def __init__(
        self, engine: Engine, trials: Sequence[Trial], context: Context, *, clauses: bool = False
    ) -> None:
        self._engine, self._trials, self._context, self._clauses = engine, trials, context, clauses

    @cached_property
    def program(self) -> ColumnProgram | None:
        """What columns are asked; None where rows are judged by themselves."""
        return column_program(self._engine, self._trials, self._context)

    def verdicts(self, recorded: RecordedColumns) -> list[TrialColumns]:
        """How the rows stand to each trial."""
        assert self.program is not None
        program, height = self.program, len(recorded.clean)
        assumed = AssumedColumns(program.covered, recorded.columns, height)
        base = self.values(assumed.columns, recorded.day).told(recorded.flags, recorded.multiples)
        slots = program.evaluated(base, program.fixed(base))
        sound = recorded.clean & sure(slots.holds(program.axioms, base), height)
        marks = ConditionMarks([each for asked in self._asked for each in asked], slots, height)
        found = [
            _with_clauses(_known_verdict(slots, form, sound), asked, marks)
            for form, asked in zip(program.forms, self._asked, strict=True)
        ]
        for tried in _ROUNDS_OF_COMPLETIONS:
            left = recorded.clean & _any_null([each.verdict for each in found])
            few = left.sum() < tried.least or (tried.most is not None and left.sum() >= tried.most)
            if not few and self.drawn:  # of trials that ask for nothing none are drawn
                found = self._complete(recorded, left, found, tried)
        return [self._as_lists(each, asked) for each, asked in zip(found, self._asked, strict=True)]

    @cached_property
    def _asked(self) -> list[tuple[ClauseColumn, ...]]:
        """Of each trial the clauses of which it is asked whether they exclude, or are open."""
        assert self.program is not None
        return [
            clause_columns(form, counted) if self._clauses else ()
            for form, counted in zip(self.program.forms, self._counted, strict=True)
        ]

    @cached_property
    def _counted(self) -> list[frozenset[str]]:
        """Of each trial the clauses that a policy counts as met where they are open."""
        policies = self._engine.policies
        return [
            frozenset(clause.id for clause in trial.clauses if clause.policy in policies)
            for trial in self._trials
        ]

    @cached_property
    def _names(self) -> frozenset[str]:
        """The variables of which the trials speak."""
        assert self.program is not None
        literals = {each for form in self.program.forms for cohort in form.cohorts for each in cohort}
        return frozenset[str]().union(*(self.program.mentions[each >> 1] for each in literals))

    def _as_lists(self, found: _Found, asked: Sequence[ClauseColumn]) -> TrialColumns:
        if not self._clauses:
            return TrialColumns(found.verdict)
        names = [each.name for each in asked]
        return TrialColumns(found.verdict, *clause_lists(found.verdict, found.said, names, INELIGIBLE))

    def values(self, columns: Mapping[str, Any], day: Any) -> ColumnValues:
        """Columns as what is known of each variable."""
        assert self.program is not None
        return ColumnValues(columns, self.types, self.program.most, day)

    @cached_property
    def types(self) -> dict[str, Any]:
        """The types of the variables."""
        return {name: variable.type for name, variable in self._engine.library.variables.items()}

    def _complete(
        self, recorded: RecordedColumns, left: Any, found: list[_Found], how: _Round
    ) -> list[_Found]:
        """What is found with that which completions show in the rows that are left."""
        import polars as pl

        program = self.program
        assert program is not None
        places = left.arg_true()
        part = RowsLeft(recorded, places)
        assumed = self._assumed(part)
        base = self.values(dict(part.columns), part.day)
        fixed = program.fixed(base)
        narrowed = self.narrowed(part.columns, part.height, base, fixed)
        slots = program.evaluated(base.with_columns(part.columns), fixed, closely=True, narrowed=narrowed)
        shown = [
            ShownTrial(part.height, form, slots, counted)
            for form, counted in zip(program.forms, self._counted, strict=True)
        ]
        marks = ConditionMarks([each for asked in self._asked for each in asked], slots, part.height)
        agreed = sure(slots.holds(program.axioms, base), part.height) & narrowed.possible(program.telling)
        drawn = DrawnRows(program, self.drawn, part, base, fixed, narrowed)
        tried = list[Slots]()
        for order in _orders(len(self.drawn))[: how.orders]:
            completed = drawn.composed(order[: how.far])
            if len(tried) < how.changed:
                tried.append(completed)
            agrees = sure(completed.holds(program.axioms, base), part.height)
            agreed = agreed | agrees
            for each in shown:
                each.add(completed, agrees)
            assumed.add(completed, agrees)
            marks.add(completed, agrees)
            seen = agreed & ~assumed.doubtful
            if not self._clauses and seen.all() and all(each.done(agreed) for each in shown):
                break
            if how.far == 1:  # nothing of it is asked again, and of many rows it is large
                drawn.forget()
                del completed
        for completed in tried:
            for name, other, agrees in drawn.changed(completed, self._names):
                for each in shown:
                    each.add(other, agrees)
                assumed.add(other, agrees)
                marks.add(other, agrees, name)
        whole = []
        for before, each, asked in zip(found, shown, self._asked, strict=True):
            verdict = pl.select(pl.when(~assumed.doubtful).then(each.verdicts(agreed))).to_series()
            now = _with_clauses(verdict, asked, marks, each.cohorts)
            said = [
                one.clone().scatter(places, other) for one, other in zip(before.said, now.said, strict=True)
            ]
            whole.append(_Found(before.verdict.clone().scatter(places, now.verdict), said))
        return whole

    def _assumed(self, part: RowsLeft) -> AssumedColumns:
        """What policies assume in a part, whose columns gain it."""
        program = self.program
        assert program is not None
        if not program.covered:
            return AssumedColumns((), part.columns, part.height)
        base, forced = self.values(dict(part.columns), part.day), dict(part.columns)
        narrowed = self.narrowed(forced, part.height, base, program.fixed(base))
        found = AssumedColumns(program.covered, part.columns, part.height, forced, narrowed)
        part.columns = found.columns
        return found

    def narrowed(
        self, columns: dict[str, Any], height: int, base: ColumnValues, fixed: Mapping[str, Truth]
    ) -> Narrowed:
        """What the theory forces in the empty cells of columns, which gain the values that it forces."""
        program = self.program
        assert program is not None
        narrowed = Narrowed(program.program, self.types, columns, height)
        for _ in range(_ROUNDS):
            slots = program.evaluated(base.with_columns(columns), fixed, narrowed=narrowed)
            if not narrowed.take(program.forcings, slots.literal):
                break
        return narrowed

    @cached_property
    def drawn(self) -> list[Mapping[str, Any]]:
        """Completions of a record that says nothing, as values for empty cells."""
        program = self.program
        assert program is not None
        variables, names = self._engine.library.variables, program.program.variables()
        with work.uncounted(0):
            problem = pose(program.library, Record("", A_DAY, {}))
            drawn = witnesses(problem, program.candidates, names, _COMPLETIONS)
        return [
            {name: filled(world[name], variables[name]) for name in sorted(names & variables.keys())}
            for world in drawn
        ]


def _known_verdict(slots: Slots, form: TrialForm, sound: Any) -> Any:
    """The verdicts that are certain of what is recorded, in sound rows."""
    import polars as pl

    height = len(sound)
    eligible = sure(slots.fits(form, shown=True), height)
    out = sure(negated(slots.fits(form, shown=False)), height)
    return pl.select(
        pl.when(sound & eligible)
        .then(pl.lit(ELIGIBLE))
        .when(sound & out)
        .then(pl.lit(INELIGIBLE))
        .otherwise(pl.lit(None, dtype=pl.String))
    ).to_series()


def _with_clauses(
    verdict: Any, asked: Sequence[ClauseColumn], marks: ConditionMarks, cohorts: CountedCohorts | None = None
) -> _Found:
    """Verdicts, with the rows in which clauses exclude or are open; no verdict where it is doubtful whether they do."""
    import polars as pl

    if not asked:
        return _Found(verdict, [])
    out, undetermined = (sure(verdict == each, len(verdict)) for each in (INELIGIBLE, UNDETERMINED))
    said, doubtful = [], sure(False, len(verdict))
    for clause in asked:
        excludes, is_open = marks.excludes(clause, out), marks.open(clause, undetermined, cohorts)
        said.append(excludes.yes | is_open.yes)
        doubtful = doubtful | excludes.doubtful | is_open.doubtful
    if doubtful.any():
        verdict = pl.select(pl.when(~doubtful).then(verdict)).to_series()
    return _Found(verdict, said)


def _orders(count: int) -> list[list[int]]:
    """In which order the completions are tried for each group of variables: each order makes one completion of a row."""
    every = list(range(count))
    starts = [0, 1, *range(2, count, _STEP)]
    return [[*every[start:], *every[:start]] for start in starts]


def _any_null(columns: Sequence[Any]) -> Any:
    found = columns[0].is_null()
    for each in columns[1:]:
        found = found | each.is_null()
    return found
