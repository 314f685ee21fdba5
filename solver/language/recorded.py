"""What a check can ask of a fact as it is recorded, beside what the fact says of the patient.

Each question about a fact is a variable of its own, such as `recorded(weight)`, whose value whoever evaluates a check gives.
"""

from __future__ import annotations

from solver.language.arithmetic import Number
from solver.language.tree import BooleanVariable, NumberVariable
from solver.language.types import QuantityType, VariableType
from solver.language.units import DIMENSIONLESS
from solver.language.values import Formula

RECORDED = "recorded"
"""Whether there is a fact about the variable."""

OWN_UNIT = "own_unit"
"""Whether a quantity is written in a unit of the size of the variable's own."""

WHOLE = "whole"
"""Whether every number of a quantity, as it is written, is a whole one."""

DAYS_OLD = "days_old"
"""Days from the date of the result to the day of evaluation."""

LEAST, GREATEST = "least", "greatest"
"""The least and the greatest of the replicates of a quantity."""

_CONDITIONS = (RECORDED, OWN_UNIT, WHOLE)
_QUANTITIES = (OWN_UNIT, WHOLE, LEAST, GREATEST)
QUESTIONS = (*_CONDITIONS, DAYS_OLD, LEAST, GREATEST)


def of_fact(question: str, variable: str) -> str:
    """The name of the variable that stands for the answer to a question about a fact."""
    return f"{question}({variable})"


def asked(name: str) -> tuple[str, str] | None:
    """The question and the variable that the name stands for; None for any other name."""
    question, bracket, rest = name.partition("(")
    return (question, rest[:-1]) if bracket else None


def question_value(question: str, variable: str, kind: VariableType) -> Formula | Number | None:
    """What a question about the fact on a variable of this type denotes; None if it cannot be asked of one."""
    name = of_fact(question, variable)
    if question in _QUANTITIES and not isinstance(kind, QuantityType):
        return None
    if question in _CONDITIONS:
        return Formula(BooleanVariable(name))
    if question == DAYS_OLD:
        return Number(NumberVariable(name, "int"), DIMENSIONLESS, whole=True)
    assert isinstance(kind, QuantityType)
    parts = not kind.unit.dimension and kind.unit.factor != 1
    term = NumberVariable(name, "real")
    return Number(term, kind.unit.dimension, kind.unit.factor, quantity=kind, parts=parts)
