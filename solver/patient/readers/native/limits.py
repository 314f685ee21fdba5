"""Limits of normal in a record: beside a quantity, as the unit of one, and in the table of a site."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction

from solver.language import tree as t
from solver.language.arithmetic import Number
from solver.language.domain import EVERYTHING, Interval
from solver.language.types import BooleanType, EnumerationType, IntegerType, QuantityType
from solver.language.units import DIMENSIONLESS, parse_unit
from solver.library.models import Library, Variable
from solver.patient.readers.native.json_text import NumberText, plain_json, shown
from solver.patient.readers.native.numbers import read_quantity
from solver.patient.readers.native.record_faults import Findings, step
from solver.patient.readers.native.statement import LIMIT_KEYS, Meaning, Statement, read_statement
from solver.patient.record import LimitName, MultipleOfLimit, ReferenceRow
from solver.text import quote

_UNITS: Mapping[str, LimitName] = {"ULN": "uln", "LLN": "lln"}
_WORDS: Mapping[LimitName, str] = {"uln": "upper limit of normal", "lln": "lower limit of normal"}
_LEAST, _MOST = "min_", "max_"


def limit_as_unit(statement: Statement) -> LimitName | None:
    """The limit of normal that a quantity is counted in, where that is its unit."""
    unit = statement.entries.get("unit")
    return _UNITS.get(unit.strip()) if isinstance(unit, str) else None


def read_multiple(statement: Statement, limit: LimitName) -> tuple[Meaning, MultipleOfLimit] | None:
    """A quantity as so many times its limit of normal; None, with a fault noted, if it is malformed."""
    variable = statement.variable
    if limit not in variable.reference:
        statement.fault(f"{variable.name} has no {_WORDS[limit]}: write its own unit", "unit")
        return None
    for key in LIMIT_KEYS:
        if statement.entries.get(key) is not None:
            statement.fault("stands beside a value in the unit of the quantity: take it out", key)
            return None
    kind = QuantityType(parse_unit("1"))
    bare = replace(variable, type=kind, bare=True, plausible=None, refused={}, drugs={})
    entries = {key: value for key, value in statement.entries.items() if key != "unit"}
    found = read_quantity(replace(statement, variable=bare, entries=entries), kind)
    if found is None:
        return None
    domain, text, values = found
    assert isinstance(domain, Interval)
    anything = Interval(0, EVERYTHING.high, variable.positive, True)
    meaning: Meaning = (anything, f"{text} {limit.upper()}", None)
    return meaning, MultipleOfLimit(limit, domain, values)


def read_limits(statement: Statement, factor: Fraction) -> tuple[tuple[LimitName, Fraction], ...]:
    """The limits of normal beside a quantity, one of whose unit is `factor` of the variable's own; faults are noted."""
    found: list[tuple[LimitName, Fraction]] = []
    for limit in ("uln", "lln"):
        given = statement.entries.get(limit)
        if given is None:
            continue
        if limit not in statement.variable.reference:
            statement.fault(f"{statement.variable.name} has no {_WORDS[limit]}: leave it out", limit)
            continue
        value = given.value if isinstance(given, NumberText) else None
        if value is None or value <= 0:
            statement.fault(f"{shown(given)} is not a number above 0, in the unit of the value", limit)
            continue
        found.append((limit, value * factor))
    limits = dict(found)
    if len(limits) == 2 and limits["uln"] < limits["lln"]:
        statement.fault("the upper limit of normal is below the lower one: check uln and lln", "uln")
    return tuple(found)


def read_reference(
    value: object, library: Library, where: str, findings: Findings
) -> dict[str, tuple[ReferenceRow, ...]]:
    """The limits of normal of a site, by quantity; faults go to `findings`."""
    if not isinstance(value, dict):
        findings.add(where, f"{shown(value)} is not an object: give each quantity a list of rows")
        return {}
    found: dict[str, tuple[ReferenceRow, ...]] = {}
    for name, rows in value.items():
        at, variable = step(where, name), library.variables.get(name)
        if variable is None or not variable.reference:
            able = [each.name for each in library.variables.values() if each.reference]
            hint = findings.hint(name, able) or ": give a quantity that has limits of normal"
            findings.add_key(where, name, f"{quote(name)} has no limits of normal{hint}")
        elif not isinstance(rows, list):
            findings.add(
                at, f"{shown(rows)} is not a list: write [...] with one row for each group of people"
            )
        else:
            read = (_row(row, variable, library, step(at, i), findings) for i, row in enumerate(rows))
            found[name] = tuple(row for row in read if row is not None)
    return found


def _row(
    row: object, variable: Variable, library: Library, where: str, findings: Findings
) -> ReferenceRow | None:
    if not isinstance(row, dict):
        findings.add(where, f"{shown(row)} is not a row: write an object with uln or lln")
        return None
    limits: dict[LimitName, Fraction] = {}
    conditions: list[t.Condition] = []
    for key, value in row.items():
        at = step(where, key)
        if key in LIMIT_KEYS:
            limit: LimitName = "uln" if key == "uln" else "lln"
            found = _limit_given(limit, value, variable, library, at, findings)
            if found is not None:
                limits[limit] = found
        else:
            conditions += _condition_of(key, value, library, where, findings)
    if not any(key in row for key in LIMIT_KEYS):
        findings.add(where, "gives no limit: write uln, lln or both")
    if len(limits) == 2 and limits["uln"] < limits["lln"]:
        findings.add(where, "the upper limit of normal is below the lower one: check uln and lln")
    return ReferenceRow(t.conjunction(conditions), limits, plain_json(row))


def _limit_given(
    limit: LimitName, value: object, variable: Variable, library: Library, where: str, findings: Findings
) -> Fraction | None:
    if limit not in variable.reference:
        findings.add(where, f"{variable.name} has no {_WORDS[limit]}: leave it out")
        return None
    plain = replace(variable, reference={}, plausible=None, positive=True, refused={})
    statement = read_statement(plain, value, where, findings)
    if statement is None or not statement.allow("value"):
        return None
    assert isinstance(variable.type, QuantityType)
    found = read_quantity(statement, variable.type)
    if found is None:
        return None
    domain = found[0]
    assert isinstance(domain, Interval)
    return Fraction(domain.low)


def _condition_of(
    key: str, value: object, library: Library, where: str, findings: Findings
) -> Iterator[t.Condition]:
    """Whom a row is about: `sex` names a value of that variable, `min_age` the least of that number."""
    kind = library.variables[key].type if key in library.variables else None
    if isinstance(kind, EnumerationType | BooleanType):
        values = kind.values if isinstance(kind, EnumerationType) else (True, False)
        if value not in values or isinstance(value, bool) is not isinstance(kind, BooleanType):
            findings.add(step(where, key), f"{shown(value)} is not one of {', '.join(map(str, values))}")
        elif isinstance(value, str):
            yield t.Member(key, frozenset({value}))
        else:
            yield t.BooleanVariable(key) if value else t.Not(t.BooleanVariable(key))
        return
    bound = key[:4]
    number = _number_named(key[4:], library) if bound in (_LEAST, _MOST) else None
    if number is None:
        keys = "uln, lln, a variable such as sex, or a number such as min_age"
        findings.add_key(where, key, f"unknown key {quote(key)}: the keys are {keys}")
        return
    given = value.value if isinstance(value, NumberText) else None
    if given is None or given < 0:
        findings.add(step(where, key), f"{shown(value)} is not a number of at least 0")
        return
    limit = t.Constant(given)
    yield t.Compare("<=", limit, number) if bound == _LEAST else t.Compare("<=", number, limit)


def _number_named(name: str, library: Library) -> t.Term | None:
    """The whole number that a variable or a definition of the theory gives."""
    variable, defined = library.variables.get(name), library.definitions.get(name)
    if variable is not None and isinstance(variable.type, IntegerType):
        return t.NumberVariable(name, "int")
    if isinstance(defined, Number) and defined.whole and defined.dimension == DIMENSIONLESS:
        return defined.term
    return None
