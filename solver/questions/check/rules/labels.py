"""Clauses whose label says the contrary of what they require: a `not` was forgotten, or a limit is turned about."""

from __future__ import annotations

import re
from fractions import Fraction

from solver.evaluation.evaluate import evaluate
from solver.language.domain import point
from solver.language.tree import BooleanVariable, NumberVariable, variables, walk
from solver.language.types import IntegerType
from solver.questions.check.findings_log import FindingsLog
from solver.questions.check.trial_view import Criterion

_SAYS_NO = re.compile(r"\b(no|not|neither|never|without)\b", re.IGNORECASE)
_AT_LEAST = re.compile(r"\b(at least|no less than|not below|or more|above|minimum)\b", re.IGNORECASE)
_AT_MOST = re.compile(r"\b(at most|no more than|not above|or less|below|maximum|up to)\b", re.IGNORECASE)
_FROM_TO = re.compile(r"\b(\d+) to (\d+)\b")
_LIMIT = re.compile(r"\w+ (?P<relation>[<>])=? [\d.]+( \S+)?")


def check_label(log: FindingsLog, criterion: Criterion) -> None:
    """Find a clause that requires a single thing although its label says no, or a limit on the other side of what its label says."""
    said = _forgotten_not(log, criterion) or _turned_limit(criterion) or _refused_end(log, criterion)
    if said is not None:
        log.add("polarity", [criterion.id], said)
        log.suspect.add(criterion.id)


def _forgotten_not(log: FindingsLog, criterion: Criterion) -> str | None:
    require = criterion.parts.require
    if not isinstance(require, BooleanVariable) or not _SAYS_NO.search(criterion.clause.label):
        return None
    if _SAYS_NO.search(log.view.library.variables[require.name].label):
        return None
    return (
        f"The label of {criterion.id} says no, but the clause requires {require.name}: was 'not' forgotten?"
    )


def _turned_limit(criterion: Criterion) -> str | None:
    first = [comparison for comparison in criterion.parts.comparisons if comparison.reading is None]
    if len(first) != 1:
        return None
    (comparison,) = first
    found = _LIMIT.fullmatch(comparison.text)
    if found is None or comparison.condition != criterion.parts.require:
        return None
    least, most = _AT_LEAST.search(criterion.clause.label), _AT_MOST.search(criterion.clause.label)
    above = found["relation"] == ">"
    said = most if above else least
    if said is None or (least and most):
        return None
    return (
        f"The label of {criterion.id} says '{said.group()}', but the clause requires {comparison.text}: "
        "is the limit turned about?"
    )


def _refused_end(log: FindingsLog, criterion: Criterion) -> str | None:
    """What is wrong if the label names the first and the last whole number of a score and the clause refuses one of them."""
    require, ranges = criterion.parts.require, _FROM_TO.findall(criterion.clause.label)
    if require is None or len(ranges) != 1:
        return None
    names = sorted(variables(require))
    if len(names) != 1 or not any(isinstance(node, NumberVariable) for node in walk(require)):
        return None
    variable = log.view.library.variables.get(names[0])
    if variable is None or not isinstance(variable.type, IntegerType):
        return None
    for end in ranges[0]:
        if evaluate(require, {names[0]: point(int(Fraction(end)), whole=True)}) is False:
            text = (
                f"The label of {criterion.id} says '{' to '.join(ranges[0])}', but the clause refuses {end}"
            )
            return f"{text}: is the limit turned about?"
    return None
