"""Facts of a record: what one statement leaves possible of one variable."""

from __future__ import annotations

from fractions import Fraction

from solver.language.calendar import format_day
from solver.language.types import (
    BooleanType,
    ConceptType,
    DateType,
    EnumerationType,
    IntegerType,
    ListType,
    QuantityType,
    describe_type,
)
from solver.library.models import Library, Variable
from solver.patient.readers.native.dates import NotADateError, parse_date, read_date
from solver.patient.readers.native.entry_lists import entry_names, read_list
from solver.patient.readers.native.json_text import shown
from solver.patient.readers.native.limits import limit_as_unit, read_limits, read_multiple
from solver.patient.readers.native.numbers import as_written, read_integer, read_quantity, unit_factor
from solver.patient.readers.native.record_faults import Findings
from solver.patient.readers.native.statement import Meaning, Statement, join_words, read_statement
from solver.patient.record import Fact, LimitName
from solver.text import clean


def read_fact(
    variable: Variable,
    value: object,
    library: Library,
    where: str,
    findings: Findings,
    *,
    as_of: int | None = None,
    complete: bool = False,
) -> Fact | None:
    """The fact that `value`, as `json_text.settle` gives it, states about a variable; None if it is unknown.

    Faults and warnings go to `findings`, at the place `where`; a value with a fault gives None. A result dated after
    `as_of` is warned about. `complete` says that the record calls the list complete.
    """
    statement = read_statement(variable, value, where, findings)
    if statement is None:
        return None
    date = _result_date(statement, as_of)
    source = _source_text(statement)
    _check_keys(statement)
    if statement.form == "value" and statement.entries["value"] is None:
        return None
    limit = limit_as_unit(statement) if isinstance(variable.type, QuantityType) else None
    if limit is not None:
        found = read_multiple(statement, limit)
        if found is None:
            return None
        (domain, text, values), multiple = found
        return Fact(variable.name, domain, text, values, date, source, multiple=multiple)
    meaning = _meaning_of(statement, library, complete=complete)
    if meaning is None:
        return None
    domain, text, values = meaning
    limits: tuple[tuple[LimitName, Fraction], ...] = ()
    if isinstance(variable.type, QuantityType) and variable.reference:
        limits = read_limits(statement, unit_factor(statement, variable.type))
    kind = variable.type
    return Fact(
        variable.name,
        domain,
        text,
        values,
        date,
        source,
        complete,
        limits,
        concepts=_concepts_of(statement, kind, library) if isinstance(kind, ConceptType) else None,
        entries=entry_names(statement) if isinstance(kind, ListType) else (),
        written=as_written(statement, kind) if isinstance(kind, QuantityType) else None,
    )


def _concepts_of(statement: Statement, kind: ConceptType, library: Library) -> frozenset[str]:
    """The concepts that a fact names, which was read without a fault."""
    return frozenset(_concepts_named(statement, kind, library) or ())


def _meaning_of(statement: Statement, library: Library, *, complete: bool) -> Meaning | None:
    match statement.variable.type:
        case BooleanType():
            return _read_boolean(statement)
        case ConceptType() as kind:
            return _read_concepts(statement, kind, library)
        case EnumerationType() as kind:
            return _read_enumeration(statement, kind, library)
        case IntegerType():
            return read_integer(statement)
        case QuantityType() as kind:
            return read_quantity(statement, kind)
        case DateType():
            return read_date(statement)
        case ListType():
            return read_list(statement, library, complete=complete)


def _check_keys(statement: Statement) -> None:
    """Note the keys that say nothing about a variable of this type."""
    variable, entries = statement.variable, statement.entries
    if entries.get("drug") is not None and not variable.drugs:
        statement.fault(f"{variable.name} is not the dose of a drug: leave 'drug' out", "drug")
    if entries.get("unit") is not None and not isinstance(variable.type, IntegerType | QuantityType):
        statement.fault(f"{variable.name} has no unit: leave 'unit' out", "unit")


def _result_date(statement: Statement, as_of: int | None) -> str | None:
    written = statement.entries.get("date")
    if written is None:
        return None
    try:
        days = parse_date(written)
    except NotADateError as error:
        statement.fault(str(error), "date")
        return None
    if as_of is not None and days.low > as_of:
        statement.findings.warn(
            "dated-later",
            statement.variable.name,
            f"the result is dated {written}, after the day of evaluation ({format_day(as_of)})",
        )
    return str(written)


def _source_text(statement: Statement) -> str | None:
    written = statement.entries.get("source")
    if written is None or isinstance(written, str):
        return None if written is None else clean(written)
    statement.fault(f"{shown(written)} is not text: write it in quotes", "source")
    return None


def _read_boolean(statement: Statement) -> Meaning | None:
    found = _allowed_values(statement)
    if found is None:
        return None
    wrong = [(key, entry) for key, entry in found if not isinstance(entry, bool)]
    for key, entry in wrong:
        in_quotes = isinstance(entry, str) and entry.casefold() in ("true", "false")
        remedy = "write it without quotes" if in_quotes else "write true or false"
        statement.fault(f"{shown(entry)} is neither true nor false: {remedy}", key)
    if wrong:
        return None
    values = dict.fromkeys(bool(entry) for _, entry in found)
    return frozenset(values), join_words(["yes" if value else "no" for value in values]), None


def _read_enumeration(statement: Statement, kind: EnumerationType, library: Library) -> Meaning | None:
    found = _allowed_values(statement)
    if found is None:
        return None
    values = list(dict.fromkeys(str(entry) for _, entry in found))
    wrong = [(key, entry) for key, entry in found if not (isinstance(entry, str) and entry in kind.values)]
    for key, entry in wrong:
        hint = library.names.hint(entry, statement.variable.name) if isinstance(entry, str) else ""
        if isinstance(entry, str) and not hint:
            hint = statement.findings.hint(entry, kind.values)
        statement.fault(f"{shown(entry)} is not {describe_type(kind)}{hint}", key)
    return None if wrong else (frozenset(values), join_words(values), None)


def _read_concepts(statement: Statement, kind: ConceptType, library: Library) -> Meaning | None:
    """What a concept, or one of several, leaves of the values of a variable."""
    found = _concepts_named(statement, kind, library)
    if found is None:
        return None
    groups, tree = dict(kind.groups), library.concepts
    values = frozenset(groups[name] for of in found for name in tree.narrower(of))
    return values, join_words(list(dict.fromkeys(found.values()))), None


def _concepts_named(statement: Statement, kind: ConceptType, library: Library) -> dict[str, str] | None:
    """The concepts that a fact names, each with its words there."""
    given = _allowed_values(statement)
    if given is None:
        return None
    found: dict[str, str] = {}
    wrong = False
    for key, entry in given:
        concept = library.concepts.resolve(kind.kind, entry) if isinstance(entry, str) else None
        if concept is not None:
            found[concept] = clean(str(entry))
            continue
        wrong = True
        hint = library.names.hint(entry, statement.variable.name) if isinstance(entry, str) else ""
        if isinstance(entry, str) and not hint:
            hint = statement.findings.hint(entry, [*kind.named, *library.concepts.of_kinds([kind.kind])])
        named = f"is not {describe_type(kind)}, nor another {kind.kind} among the concepts"
        statement.fault(f"{shown(entry)} {named}{hint}", key)
    return None if wrong else found


def _allowed_values(statement: Statement) -> list[tuple[str, object]] | None:
    """The values that a fact allows, each with its key."""
    if not statement.allow("value", "one_of"):
        return None
    if statement.form == "value":
        value = statement.entries["value"]
        if isinstance(value, list):
            statement.fault('a list is not a value: write {"one_of": [...]} for several', "value")
            return None
        return [("value", value)]
    entries = statement.several("one_of")
    return None if entries is None else [("one_of", entry) for entry in entries]
