"""The solver boundary: the only module that imports z3.

A `Session` holds one SMT-LIB script, asserted once; every question is a check under assumptions.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from time import monotonic

import z3

from solver.smt.outcome import GaveUp, Outcome, Sat, Unsat, Value
from solver.smt.translate import unquoted
from solver.work import DEFAULT_BUDGET, STEPS_A_UNIT, Budget, OutOfBudget, left, question, spend

_CHARACTERS_A_UNIT = 12
"""How many characters of a script are read, and written, in one unit of work."""

_A_CHECK = 300
"""The work of the least check."""

_local = threading.local()


def _thread_context() -> z3.Context:
    """The solver context of this thread, and of the question that is worked on.

    How many steps a check takes depends on what else its context holds: with one for several questions a record might find its budget spent
    because of the records before it.
    """
    whole = question()
    if not hasattr(_local, "context") or _local.question is not whole:
        main = whole is None and threading.current_thread() is threading.main_thread()
        _local.context = z3.main_ctx() if main else z3.Context()
        _local.question = whole
    return _local.context


@contextmanager
def apart() -> Iterator[None]:
    """Let the sessions that this thread opens for a while share nothing with those before: what they find depends on their own input."""
    before = _thread_context()
    _local.context = z3.Context()
    try:
        yield
    finally:
        _local.context = before


class Session:
    """A solver that holds `script`; `symbols` maps those declared symbols that a witness names to their sort, `Bool`, `Int` or `Real`."""

    def __init__(self, script: str, symbols: Mapping[str, str], budget: Budget = DEFAULT_BUDGET) -> None:
        self._context = _thread_context()
        self._budget = budget
        self._solver = z3.SimpleSolver(ctx=self._context)
        self._solver.from_string(script)
        spend(len(script) // _CHARACTERS_A_UNIT)
        self._solver.set("rlimit", budget.steps)
        self._solver.set("timeout", max(1, int(budget.seconds * 1000)))
        # z3 would turn an interrupt into a check that gave up, and the work would go on
        self._solver.set("ctrl_c", False)
        self._symbols = symbols
        self._constants: dict[str, z3.ExprRef] = {}

    def add(self, script: str) -> None:
        """Assert more; symbols that were declared before are not declared again."""
        self._solver.from_string(script)
        spend(len(script) // _CHARACTERS_A_UNIT)

    def check(self, assumptions: Sequence[str] = (), names: Collection[str] | None = None) -> Outcome:
        """Whether the script and the assumptions, which are declared symbols of sort Bool, can hold together.

        A witness gives values of the symbols of these `names`, or of all of them.
        """
        allowed = left()
        if allowed == 0:
            return GaveUp("budget of work", self._budget)
        if allowed is not None:
            self._solver.set("rlimit", min(self._budget.steps, allowed * STEPS_A_UNIT))
        before = self._steps_taken() if allowed is not None else 0
        started = monotonic()
        answer = self._solver.check(*(self._constant_of(name, "Bool") for name in assumptions))
        if allowed is not None:
            spend(_A_CHECK + (self._steps_taken() - before) // STEPS_A_UNIT)
        if answer == z3.sat:
            return self._sat_outcome(names)
        if answer == z3.unsat:
            return Unsat(tuple(sorted(literal.decl().name() for literal in self._solver.unsat_core())))
        ran_out = "time" if monotonic() - started >= self._budget.seconds else "budget of steps"
        return GaveUp(ran_out, self._budget)

    def decide(self, assumptions: Sequence[str] = ()) -> Sat | Unsat:
        """As `check`; raises `OutOfBudget` if the solver gave up."""
        outcome = self.check(assumptions)
        if isinstance(outcome, GaveUp):
            raise OutOfBudget(outcome.cause)
        return outcome

    def _steps_taken(self) -> int:
        """The steps that the solver has taken in this thread so far."""
        return int(self._solver.statistics().get_key_value("rlimit count"))

    def _constant_of(self, name: str, sort: str) -> z3.ExprRef:
        name = unquoted(name)
        found = self._constants.get(name)
        if found is None:
            made = {"Bool": z3.Bool, "Int": z3.Int, "Real": z3.Real}[sort](name, self._context)
            found = self._constants[name] = made
        return found

    def _sat_outcome(self, names: Collection[str] | None) -> Sat:
        if not self._symbols:
            return Sat({})
        model = self._solver.model()
        witness: dict[str, Value] = {}
        inexact = set()
        for name, sort in self._symbols.items():
            if names is not None and name not in names:
                continue
            value = model.eval(self._constant_of(name, sort), model_completion=True)
            if sort == "Bool":
                witness[name] = z3.is_true(value)
            elif z3.is_algebraic_value(value):
                inexact.add(name)
                witness[name] = value.approx(30).as_fraction()
            elif z3.is_int_value(value):
                witness[name] = Fraction(_whole_number(value.as_string()))
            else:
                over, under = value.numerator().as_string(), value.denominator().as_string()
                witness[name] = Fraction(_whole_number(over), _whole_number(under))
        return Sat(witness, frozenset(inexact))


_DIGITS = 4000


def _whole_number(text: str) -> int:
    """The number that a text of any length writes: Python itself refuses long ones."""
    if len(text) <= _DIGITS:
        return int(text)
    sign, digits = (-1, text[1:]) if text.startswith("-") else (1, text)
    number = 0
    for start in range(0, len(digits), _DIGITS):
        part = digits[start : start + _DIGITS]
        number = number * 10 ** len(part) + int(part)
    return sign * number


def solver_version() -> str:
    """The name and version of the solver."""
    return f"z3 {z3.get_version_string()}"
