"""What policies take as absent in the empty cells of columns, as if the rows recorded it.

    treated   started        a policy covers `treated`, and `started` mentions it
    false     -              recorded
    -         2026-03-01     not assumed: the date speaks of it
    -         -              assumed to be false

A cell is filled where it is empty, no other cell of its row speaks of the variable, and the theory does not force it to be something else.
That is what is assumed of the row if some completion with all of it agrees with the theory: whatever is tried one after another is then
taken, and nothing else can be. A flag or a count that is not recorded speaks of a variable too where it is certain to be present; so a row
is told here only if some completion has it absent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from solver.engine.problem import plausible
from solver.language.types import BooleanType, IntegerType, ListType, QuantityType
from solver.library.models import Library, Variable
from solver.screen.columns.column_program import A_DAY, CoveredVariable, Slots
from solver.screen.columns.column_values import Truth, any_of, negated, sure
from solver.screen.columns.narrowed import Narrowed


def covered_variables(library: Library, policies: Iterable[str]) -> tuple[CoveredVariable, ...] | None:
    """The variables that policies take as absent; None where columns do not tell what is assumed of them."""
    wanted = frozenset(policies)
    covered = [each for each in library.variables.values() if each.policy in wanted]
    spoken_of = frozenset[str]().union(*library.mentions.values())
    derived = {name for axiom in library.axioms for name in axiom.while_unrecorded}
    found = []
    for each in covered:
        # no list is recorded in a row that is judged in columns
        mentions = [library.variables[name] for name in each.mentioned_by]
        mentions = [each for each in mentions if not isinstance(each.type, ListType)]
        if each.name in derived or not all(map(_can_be_absent, (each, *mentions))):
            return None
        kinds = BooleanType | IntegerType
        linked = tuple(m for m in mentions if isinstance(m.type, kinds) and m.name in spoken_of)
        found.append(CoveredVariable(each.name, isinstance(each.type, BooleanType), tuple(mentions), linked))
    return tuple(found)


def _can_be_absent(variable: Variable) -> bool:
    """Whether a variable that is not recorded may be absent, as far as its type and its plausible range tell."""
    if variable.absent_as_of:
        return False
    if isinstance(variable.type, BooleanType):
        return variable.plausible is None
    return not isinstance(variable.type, IntegerType) or 0 in plausible(variable, A_DAY)


class AssumedColumns:
    """Columns of some rows with what policies assume in their empty cells.

    `forced` are the columns with what the theory forces, and `narrowed` what it forces besides, as far as that is known.
    """

    def __init__(
        self,
        covered: Iterable[CoveredVariable],
        recorded: Mapping[str, Any],
        height: int,
        forced: Mapping[str, Any] | None = None,
        narrowed: Narrowed | None = None,
    ) -> None:
        self.columns, self._height = dict(recorded), height
        self._unseen: dict[str, Any] = {}
        self._flags = set[str]()
        covered, filled = tuple(covered), dict[str, Any]()
        for each in covered:
            rows = self._assumed(each, recorded, recorded if forced is None else forced, narrowed)
            if rows.any():
                filled[each.name] = rows
                self.columns[each.name] = _absent_where(rows, recorded.get(each.name), flag=each.flag)
        for each in covered:
            for mention in each.linked if each.name in filled else ():
                if isinstance(mention.type, BooleanType):
                    self._flags.add(mention.name)
                rows = filled[each.name] & _empty(self.columns.get(mention.name), height)
                before = self._unseen.get(mention.name)
                self._unseen[mention.name] = rows if before is None else before | rows

    def _assumed(
        self,
        covered: CoveredVariable,
        recorded: Mapping[str, Any],
        forced: Mapping[str, Any],
        narrowed: Narrowed | None,
    ) -> Any:
        """In which rows a variable is taken as absent."""
        rows = _empty(forced.get(covered.name), self._height)
        if not rows.any():
            return rows
        for mention in covered.mentioned_by:
            rows = rows & ~sure(_speaks(recorded.get(mention.name), mention), self._height)
        if narrowed is not None and narrowed.of(covered.name):
            rows = rows & narrowed.allows(covered.name, 0)
        return rows

    def add(self, completed: Slots, agrees: Any) -> None:
        """Take from a completion which variables are absent, in the rows in which it agrees with the theory."""
        for name, rows in self._unseen.items():
            if rows.any():
                column = completed.values.columns.get(name)
                if column is not None:
                    absent = negated(column) if name in self._flags else column == 0
                    self._unseen[name] = rows & ~(agrees & sure(absent, self._height))

    @property
    def doubtful(self) -> Any:
        """The rows in which it is not seen that nothing that is not recorded speaks of what is assumed."""
        return sure(any_of(self._unseen.values()), self._height)


def _empty(column: Any, height: int) -> Any:
    return sure(True, height) if column is None else column.is_null()


def _speaks(column: Any, mention: Variable) -> Truth:
    """In which rows a variable is recorded, other than as absent."""
    if column is None:
        return False
    if isinstance(mention.type, BooleanType):
        return column
    return column != 0 if isinstance(mention.type, IntegerType | QuantityType) else column.is_not_null()


def _absent_where(rows: Any, column: Any, *, flag: bool) -> Any:
    import polars as pl

    absent = pl.lit(False) if flag else pl.lit(0, dtype=pl.Int64)
    return pl.select(pl.when(rows).then(absent).otherwise(pl.lit(column))).to_series()
