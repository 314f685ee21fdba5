"""Limits of normal for one patient: a fact's own, else the first row of the site's table that fits, else unknown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction

from solver.engine.events.extension import Extension, number
from solver.engine.events.limits import limit_variable
from solver.evaluation.evaluate import evaluate
from solver.language import tree as t
from solver.language.domain import Domain, Interval, point
from solver.language.values import ConceptTerm
from solver.library.concepts.term_variables import term_variables, with_range
from solver.library.models import Library, Variable
from solver.patient.record import Fact, LimitName, Record


def add_limits(extension: Extension, library: Library, record: Record, known: Mapping[str, Domain]) -> None:
    """The limits of normal that a record and its context give; `known` is what the facts leave of every variable."""
    for name, limit in _limits_spoken_of(library, record):
        variable = limit_variable(limit, name)
        if variable not in library.terms:
            asked = ConceptTerm(limit, variable=name)
            extension.variables.update(term_variables([asked], library.concepts, library.variables))
        fact = record.facts.get(name)
        own = dict(fact.limits).get(limit) if fact is not None else None
        if own is not None and fact is not None:
            unit = _unit_of(library.variables[name])
            text = f"{_decimal(own)} {unit}"
            extension.facts.setdefault(variable, Fact(variable, point(own), text, source=fact.source))
        else:
            _add_rows(extension, record, name, limit, variable)
            _widen_range(extension, library, record, name, limit)
    for name, fact in record.facts.items():
        if fact.multiple is not None and _says_value(fact) and _limit_is_known(fact, record, known):
            # of a value and a multiple of the same day the value counts
            extension.facts[name] = replace(fact, multiple=None)


def _limits_spoken_of(library: Library, record: Record) -> Iterator[tuple[str, LimitName]]:
    for name, variable in library.variables.items():
        if not variable.reference:
            continue
        fact = record.facts.get(name)
        limits: tuple[LimitName, ...] = ("uln", "lln")
        for limit in limits:
            given = fact is not None and (
                limit in dict(fact.limits) or (fact.multiple is not None and fact.multiple.limit == limit)
            )
            rows = record.context.reference.get(name, ())
            if limit in variable.reference and (given or any(limit in row.limits for row in rows)):
                yield name, limit


def _add_rows(extension: Extension, record: Record, name: str, limit: LimitName, variable: str) -> None:
    before: list[t.Condition] = []
    for row in record.context.reference.get(name, ()):
        if limit in row.limits:
            value = t.Compare("==", t.NumberVariable(variable, "real"), number(row.limits[limit]))
            fits = t.conjunction([*map(t.negation, before), row.fits])
            extension.say(f"{variable} where it was measured", t.implication(fits, value))
        before.append(row.fits)


def _widen_range(extension: Extension, library: Library, record: Record, name: str, limit: LimitName) -> None:
    """Have the plausible range of a limit hold what the site's rows say of it: else it would tell whom an implausible row is not about."""
    rows = record.context.reference.get(name, ())
    low, high = library.variables[name].reference[limit]
    given = [row.limits[limit] for row in rows if limit in row.limits]
    if given and not low <= min(given) <= max(given) <= high:
        variable = limit_variable(limit, name)
        before = extension.variables.get(variable) or library.terms[variable]
        extension.variables[variable] = with_range(before, min(low, *given), max(high, *given))


def _says_value(fact: Fact) -> bool:
    domain = fact.domain
    return isinstance(domain, Interval) and (domain.low > 0 or not isinstance(domain.high, float))


def _limit_is_known(fact: Fact, record: Record, known: Mapping[str, Domain]) -> bool:
    assert fact.multiple is not None
    if fact.multiple.limit in dict(fact.limits):
        return True
    for row in record.context.reference.get(fact.variable, ()):
        fits = evaluate(row.fits, known)
        if fits is not False:
            return fits is True and fact.multiple.limit in row.limits
    return False


def _unit_of(variable: Variable) -> str:
    unit = getattr(variable.type, "unit", None)
    return unit.text if unit is not None else ""


def _decimal(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else f"{float(value):g}"
