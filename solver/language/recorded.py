"""What a check can ask of a fact as it is recorded, beside what the fact says of the patient.

Each question about a fact is a variable of its own, such as `recorded(weight)`, whose value whoever evaluates a check gives.
"""

from __future__ import annotations

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

VALID_DAYS = "valid_days"
"""For how many days a result of the variable is current, by the vocabulary."""

QUESTIONS = (RECORDED, OWN_UNIT, WHOLE, DAYS_OLD, LEAST, GREATEST, VALID_DAYS)


def of_fact(question: str, variable: str) -> str:
    """The name of the variable that stands for the answer to a question about a fact."""
    return f"{question}({variable})"


def asked(name: str) -> tuple[str, str] | None:
    """The question and the variable that the name stands for; None for any other name."""
    question, bracket, rest = name.partition("(")
    return (question, rest[:-1]) if bracket else None
