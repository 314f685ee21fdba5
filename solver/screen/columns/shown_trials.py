"""What completions have shown of a trial, row by row, and what policies count as met of it.

A policy counts a clause that is open as met, in a cohort that somebody fits: such a cohort is eligible where its other clauses are
certainly met. No cohort is that in a row of which some completion misses one of the other clauses of each cohort that it may fit.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import reduce
from operator import or_
from typing import Any

from solver.program.slots import Literal
from solver.program.trial_forms import TrialForm
from solver.screen.columns.column_program import Slots
from solver.screen.columns.column_values import Truth, all_of, any_of, negated, sure

ELIGIBLE, INELIGIBLE, UNDETERMINED = "eligible", "ineligible", "undetermined"


class ShownTrial:
    """What completions have shown of one trial; `slots` are what is known of each row, and `counted` the clauses that policies cover."""

    def __init__(
        self, height: int, form: TrialForm, slots: Slots, counted: Collection[str] = frozenset()
    ) -> None:
        self._form, self._height = form, height
        self._eligible = sure(slots.fits(form, shown=True), height)
        self._out = sure(negated(slots.fits(form, shown=False)), height)
        self._fits = self._fails = sure(False, height)
        self._some_capped = len(form.shown) < len(form.cohorts)
        self.cohorts = CountedCohorts(height, form, slots, counted) if counted else None

    def add(self, slots: Slots, agrees: Any) -> None:
        """What one more completion shows, in the rows in which it agrees with the theory."""
        fits = slots.fits(self._form, shown=False)
        if self.cohorts is not None:
            self.cohorts.add(slots, agrees)
            fails = self.cohorts.missed(slots)
        else:
            fails = negated(slots.fits(self._form, shown=True) if self._some_capped else fits)
        self._fits = self._fits | (agrees & sure(fits, self._height))
        self._fails = self._fails | (agrees & sure(fails, self._height))

    def done(self, agreed: Any) -> bool:
        """Whether every row is shown."""
        certain = agreed & (self._eligible | self._out)
        if self.cohorts is not None:
            certain = certain | self.cohorts.eligible
        return bool((certain | (self._fits & self._fails)).all())

    def verdicts(self, agreed: Any) -> Any:
        """The verdict of each row, null where none is shown."""
        import polars as pl

        eligible = agreed & self._eligible
        if self.cohorts is not None:
            eligible = eligible | self.cohorts.eligible
        return pl.select(
            pl.when(eligible)
            .then(pl.lit(ELIGIBLE))
            .when(agreed & self._out)
            .then(pl.lit(INELIGIBLE))
            .when(self._fits & self._fails)
            .then(pl.lit(UNDETERMINED))
            .otherwise(pl.lit(None, dtype=pl.String))
        ).to_series()


class CountedCohorts:
    """The cohorts of a trial some of whose clauses count as met where they are open."""

    def __init__(self, height: int, form: TrialForm, slots: Slots, counted: Collection[str]) -> None:
        self._height = height
        self._whole = dict(zip(form.trial.cohorts, form.cohorts, strict=True))
        self._shown = [name for place, name in enumerate(self._whole) if place in form.shown]
        self._others = {name: tuple(_others(form, name, counted)) for name in self._shown}
        known = {name: all_of(map(slots.literal, literals)) for name, literals in self._whole.items()}
        self._out = {name: sure(negated(truth), height) for name, truth in known.items()}
        self._fits = dict.fromkeys(self._whole, sure(False, height))
        self._met = {
            name: sure(all_of(map(slots.literal, literals)), height)
            for name, literals in self._others.items()
        }

    @property
    def eligible(self) -> Any:
        """The rows of which some completion fits a cohort whose other clauses are certainly met."""
        none = sure(False, self._height)
        return reduce(or_, (self._fits[name] & self._met[name] for name in self._shown), none)

    def add(self, slots: Slots, agrees: Any) -> None:
        """What one more completion fits, in the rows in which it agrees with the theory."""
        for name, literals in self._whole.items():
            fits = sure(all_of(map(slots.literal, literals)), self._height)
            self._fits[name] = self._fits[name] | (agrees & fits)

    def missed(self, slots: Slots) -> Truth:
        """Whether a completion misses one of the other clauses of each cohort that may be fit."""
        return negated(
            any_of(
                all_of((~self._out[name], *map(slots.literal, literals)))
                for name, literals in self._others.items()
            )
        )

    def out(self, name: str) -> Any:
        """The rows that certainly do not fit a cohort."""
        return self._out[name]

    def fits(self, name: str) -> Any:
        """The rows of which some completion fits a cohort."""
        return self._fits[name]


def _others(form: TrialForm, cohort: str, counted: Collection[str]) -> Iterator[Literal]:
    """What the clauses ask of a cohort that are not counted as met."""
    for name, literals in form.clauses.items():
        if name not in counted and cohort in literals:
            yield literals[cohort]
