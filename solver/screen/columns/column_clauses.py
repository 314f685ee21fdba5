"""Which clauses exclude by themselves, and which are open, of many rows at once.

A clause excludes where each of its conditions is certainly false, in all cohorts. It does not where one of them is true, or where a
completion meets it. A condition is open where completions meet it and miss it. What is neither shown nor refuted is doubtful, and such a
row is judged by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import field
from functools import reduce
from operator import and_, or_
from typing import Any, NamedTuple

from solver.dataclass import dataclass
from solver.program.slots import Literal
from solver.program.trial_forms import TrialForm
from solver.screen.columns.column_program import Slots
from solver.screen.columns.column_values import negated, sure
from solver.screen.columns.shown_trials import CountedCohorts

_BITS = 62
"""So many clauses are kept in one number."""


@dataclass(frozen=True, slots=True)
class ClauseColumn:
    """A clause of a trial: what it asks in some cohort, whether it binds all of them, and whether it is a text that caps a cohort.

    `counted` is what it asks of each cohort, if a policy counts it as met where it is open.
    """

    name: str
    literals: tuple[Literal, ...]
    everywhere: bool
    text: bool
    counted: Mapping[str, Literal] = field(default_factory=dict)


def clause_columns(form: TrialForm, counted: Collection[str] = frozenset()) -> tuple[ClauseColumn, ...]:
    """The clauses of a trial, in the order of the protocol; `counted` are those that policies cover."""
    cohorts, texts = form.trial.cohorts.keys(), form.texts
    return tuple(
        ClauseColumn(
            name,
            tuple(dict.fromkeys(each.values())),
            each.keys() >= cohorts,
            name in texts,
            each if name in counted else {},
        )
        for name, each in form.clauses.items()
    )


class Shown(NamedTuple):
    """In which rows something is shown, and in which it may be and is not."""

    yes: Any
    doubtful: Any


class ConditionMarks:
    """Of the conditions of clauses what is known in each row, and whether completions meet and miss them."""

    def __init__(self, clauses: Iterable[ClauseColumn], known: Slots, height: int) -> None:
        self._height, self._none = height, sure(False, height)
        literals = dict.fromkeys(each for clause in clauses for each in clause.literals)
        truths = {each: known.literal(each) for each in literals}
        self._false = {each: sure(negated(truth), height) for each, truth in truths.items()}
        self._unknown = {each: ~sure(truth, height) & ~self._false[each] for each, truth in truths.items()}
        left = [each for each, rows in self._unknown.items() if rows.any()]
        self._met, self._missed = dict.fromkeys(left, self._none), dict.fromkeys(left, self._none)

    def add(self, slots: Slots, agrees: Any, changed: str | None = None) -> None:
        """What one more completion shows, in the rows in which it agrees with the theory; of it only this variable is `changed`."""
        for each in self._met:
            if changed is not None and changed not in slots.program.mentions[each >> 1]:
                continue
            truth = slots.literal(each)
            self._met[each] = self._met[each] | (agrees & sure(truth, self._height))
            self._missed[each] = self._missed[each] | (agrees & sure(negated(truth), self._height))

    def excludes(self, clause: ClauseColumn, rows: Any) -> Shown:
        """In which of the rows, whose trial is ineligible, a clause excludes by itself."""
        if not clause.everywhere:
            return Shown(self._none, self._none)
        never = rows & reduce(and_, (self._false[each] for each in clause.literals))
        perhaps = rows & reduce(and_, (self._false[each] | self._unmet(each) for each in clause.literals))
        return Shown(never, perhaps & ~never)

    def open(self, clause: ClauseColumn, rows: Any, cohorts: CountedCohorts | None) -> Shown:
        """In which of the rows, whose trial is undetermined, a clause is open; `cohorts` as they count it."""
        if clause.text:
            return Shown(rows, self._none)
        if clause.counted and cohorts is not None:
            return self._open_though_counted(clause.counted, rows, cohorts)
        both = rows & reduce(or_, map(self._both, clause.literals), self._none)
        unknown = rows & reduce(or_, (self._unknown[each] for each in clause.literals), self._none)
        return Shown(both, unknown & ~both)

    def _open_though_counted(self, asked: Mapping[str, Literal], rows: Any, cohorts: CountedCohorts) -> Shown:
        """In which rows a clause is open that counts as met: in cohorts that nobody fits alone, where it is not counted."""
        both = (self._both(each) & cohorts.out(cohort) for cohort, each in asked.items())
        perhaps = (self._unknown[each] & ~cohorts.fits(cohort) for cohort, each in asked.items())
        yes = rows & reduce(or_, both, self._none)
        return Shown(yes, rows & reduce(or_, perhaps, self._none) & ~yes)

    def _unmet(self, literal: Literal) -> Any:
        met = self._met.get(literal)
        return self._none if met is None else self._unknown[literal] & ~met

    def _both(self, literal: Literal) -> Any:
        met = self._met.get(literal)
        return self._none if met is None else self._unknown[literal] & met & self._missed[literal]


def clause_lists(
    verdicts: Any, said: Sequence[Any], names: Sequence[str], ineligible: str
) -> tuple[Any, Any]:
    """The columns of lists of the clauses that exclude, sorted, and of those that are open, in the order of the names.

    `said` has for each name a column that says where it excludes, or is open.
    """
    import polars as pl

    words = {
        f"word{start}": reduce(
            or_, (rows.cast(pl.Int64) * (1 << i) for i, rows in enumerate(said[start : start + _BITS]))
        )
        for start in range(0, len(said), _BITS)
    }
    frame = pl.DataFrame({"verdict": verdicts, **words})
    kinds = frame.unique()
    blocking, opened = [], []
    for verdict, *numbers in kinds.iter_rows():
        whole = sum(number << (_BITS * k) for k, number in enumerate(numbers))
        found = [name for i, name in enumerate(names) if whole >> i & 1]
        blocking.append(sorted(found) if verdict == ineligible else [])
        opened.append([] if verdict == ineligible else found)
    lists = pl.List(pl.String)
    kinds = kinds.with_columns(
        pl.Series("blocking", blocking, dtype=lists), pl.Series("open", opened, dtype=lists)
    )
    whole = frame.join(kinds, on=frame.columns, how="left", nulls_equal=True, maintain_order="left")
    return whole["blocking"], whole["open"]
