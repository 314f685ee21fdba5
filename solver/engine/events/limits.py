"""Limits of normal: the variables that stand for them, and whether a record says anything of them."""

from __future__ import annotations

from solver.language.values import ConceptTerm
from solver.library.models import Library
from solver.patient.record import LimitName, Record


def limit_variable(limit: LimitName, quantity: str) -> str:
    """The variable that stands for a limit of normal of a quantity."""
    return ConceptTerm(limit, variable=quantity).name


def speaks_of_limits(library: Library, record: Record) -> bool:
    """Whether a record, or its context, says something of limits of normal."""
    return bool(record.context.reference) or any(
        fact.limits or fact.multiple is not None for fact in record.facts.values()
    )
