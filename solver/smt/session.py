"""The solver boundary: what the engine asks of z3, within the budget of a question.

A `Session` holds one SMT-LIB script, asserted once; every question is a check under assumptions.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from time import monotonic

from solver.smt.interrupts import check_or_stop
from solver.smt.libz3 import Solver, SolverContext, version
from solver.smt.outcome import GaveUp, Outcome, Sat, Unsat
from solver.smt.shared_context import shared_context
from solver.work import DEFAULT_BUDGET, STEPS_A_UNIT, Budget, OutOfBudget, left, spend

_CHARACTERS_A_UNIT = 12
"""How many characters of a script are read, and written, in one unit of work."""

_A_CHECK = 300
"""The work of the least check."""


class Session:
    """A solver that holds `script`; `symbols` maps those declared symbols that a witness names to their sort, `Bool`, `Int` or `Real`."""

    def __init__(self, script: str, symbols: Mapping[str, str], budget: Budget = DEFAULT_BUDGET) -> None:
        self._context = shared_context(SolverContext)
        self._budget = budget
        self._solver = Solver(self._context)
        self.add(script)
        milliseconds = max(1, int(budget.seconds * 1000))
        # z3's own handler would turn an interrupt into a check that gave up, and the work would go on
        self._solver.set({"rlimit": budget.steps, "timeout": milliseconds, "ctrl_c": False})
        self._symbols = symbols

    def add(self, script: str) -> None:
        """Assert more; symbols that were declared before are not declared again."""
        self._solver.read(script)
        spend(len(script) // _CHARACTERS_A_UNIT)

    def check(self, assumptions: Sequence[str] = (), names: Collection[str] | None = None) -> Outcome:
        """Whether the script and the assumptions, which are declared symbols of sort Bool, can hold together.

        A witness gives values of the symbols of these `names`, or of all of them.
        """
        allowed = left()
        if allowed == 0:
            return GaveUp("budget of work", self._budget)
        if allowed is not None:
            self._solver.set({"rlimit": min(self._budget.steps, allowed * STEPS_A_UNIT)})
        before = self._solver.steps_taken() if allowed is not None else 0
        started = monotonic()
        answer = check_or_stop(self._solver, self._context, assumptions)
        if allowed is not None:
            spend(_A_CHECK + (self._solver.steps_taken() - before) // STEPS_A_UNIT)
        if answer is True:
            return self._sat_outcome(names)
        if answer is False:
            return Unsat(tuple(sorted(self._solver.core())))
        ran_out = "time" if monotonic() - started >= self._budget.seconds else "budget of steps"
        return GaveUp(ran_out, self._budget)

    def decide(self, assumptions: Sequence[str] = ()) -> Sat | Unsat:
        """As `check`; raises `OutOfBudget` if the solver gave up."""
        outcome = self.check(assumptions)
        if isinstance(outcome, GaveUp):
            raise OutOfBudget(outcome.cause)
        return outcome

    def _sat_outcome(self, names: Collection[str] | None) -> Sat:
        asked = {name: sort for name, sort in self._symbols.items() if names is None or name in names}
        return Sat(*self._solver.values(asked)) if asked else Sat({})


def solver_version() -> str:
    """The name and version of the solver."""
    return f"z3 {version()}"
