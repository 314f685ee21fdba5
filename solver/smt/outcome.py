"""What a check of the solver gives: `Sat` with a witness, `Unsat` with a core, or `GaveUp` with its cause.

None is folded into another: what was not decided is neither possible nor impossible.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from solver.dataclass import dataclass
from solver.work import Budget

Value = bool | Fraction


@dataclass(frozen=True, slots=True)
class Sat:
    """The assumptions can hold: `witness` gives each symbol a value. `inexact` names those that are irrational, rounded."""

    witness: Mapping[str, Value]
    inexact: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Unsat:
    """The assumptions cannot all hold: `core` is a subset, not always minimal, that cannot."""

    core: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GaveUp:
    """The solver did not decide within the budget."""

    cause: str
    budget: Budget


Outcome = Sat | Unsat | GaveUp
