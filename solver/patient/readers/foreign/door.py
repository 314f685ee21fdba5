"""The variable door: a result whose code is a variable's own name states the variable itself, whatever that is.

    code urn:trialproof:variable#NAME, valueBoolean false          {"value": false}
    code urn:trialproof:variable#NAME, valueString "a, b"          {"value": ["a", "b"]}, of a list

So a site's form can give what no code tells. Days, windows and the rule of one day are those of any other result.
"""

from __future__ import annotations

from solver.errors import did_you_mean
from solver.language.calendar import format_day
from solver.language.types import BooleanType, DateType, EnumerationType, IntegerType, ListType, QuantityType
from solver.library.fact_forms import name_hint
from solver.library.models import Library, Variable
from solver.patient.readers.foreign.statements import (
    Amount,
    AmountRange,
    AmountRatio,
    CodedText,
    Coding,
    Faulty,
    PossibleDays,
    ResultStatement,
    ResultValue,
)
from solver.patient.readers.foreign.units import ReadNumber, Unusable, read_number
from solver.patient.readers.native.dates import NotADateError, parse_date
from solver.text import quote

VARIABLE = "urn:trialproof:variable"
"""The system of codes that are names of variables."""

LONGEST_NAME = 200
"""Characters of a name in a list; what is longer is no name."""

DRUG = "drug"
"""The code, of the same system, of a component that names the drug of a dose."""


def door_coding(code: CodedText) -> Coding | None:
    """The coding that names a variable, or what should be one; None where there is none."""
    return next((each for each in code.codings if each.system == VARIABLE and each.code), None)


def unknown_name(name: str, library: Library) -> str:
    """What to say of a name that no variable has."""
    hint = name_hint(name, library) or did_you_mean(name, library.variables)
    return f"no variable is called {quote(name)}{hint}"


def read_stated(variable: Variable, statement: ResultStatement) -> ReadNumber:
    """The fact that a form states of a variable; raises `Unusable`."""
    value = statement.value
    if value is None or isinstance(value, Faulty):
        raise Unusable("value", value.reason if value else "no value")
    found = read_value(variable, value)
    drug = next((each.value for each in statement.components if _names_drug(each)), None)
    if drug is not None:
        if not isinstance(drug, str) or not variable.drugs:
            raise Unusable("value", "a drug where none is asked")
        found.fact[DRUG] = drug
    return found


def _names_drug(component: ResultStatement) -> bool:
    coding = door_coding(component.code)
    return coding is not None and coding.code == DRUG


def read_value(variable: Variable, value: ResultValue) -> ReadNumber:
    """The fact that a value of the type of the variable is; raises `Unusable`."""
    kind = variable.type
    if isinstance(kind, QuantityType | IntegerType):
        if isinstance(value, Amount | AmountRange | AmountRatio):
            return read_number(variable, value)
    elif isinstance(kind, BooleanType):
        if isinstance(value, bool):
            return ReadNumber({"value": value})
    elif isinstance(kind, DateType):
        if isinstance(value, PossibleDays):
            return ReadNumber(day_fact(value))
    elif isinstance(kind, ListType):
        return ReadNumber({"value": names_in(value)})
    elif isinstance(kind, EnumerationType):
        return ReadNumber({"value": _one_name(value)})
    raise Unusable("value", f"its type is not that of {variable.name}")


def day_fact(days: PossibleDays) -> dict[str, object]:
    """Days as a record writes them: a full or partial date, or a range of days; raises `Unusable` for those of which none is known."""
    written = day_text(days)
    if written is not None:
        return {"value": written}
    ends = (("min", days.first), ("max", days.last))
    found: dict[str, object] = {key: format_day(day) for key, day in ends if day is not None}
    if not found:
        raise Unusable("value", "a date that is not known")
    return found


def day_text(days: PossibleDays) -> str | None:
    """Days as one date, full or partial; None where no date says them."""
    if days.full and days.first is not None:
        return format_day(days.first)
    try:
        meant = parse_date(days.written)
    except NotADateError:
        return None
    same_start, cut = meant.low == days.first, days.last is not None and days.last <= meant.high
    return days.written if same_start and cut else None


def names_in(value: ResultValue) -> list[object]:
    """The names that an entry of a list gives: of its codes one each, of a text those between commas; raises `Unusable`."""
    if isinstance(value, str):
        found = [part.strip() for part in value.split(",")]
        if all(0 < len(each) <= LONGEST_NAME for each in found):
            return list(found)
    if isinstance(value, CodedText):
        return [_one_name(value)]
    raise Unusable("value", "is no name")


def _one_name(value: ResultValue) -> str:
    if isinstance(value, str) and value.strip():
        return value.strip()
    if isinstance(value, CodedText):
        codes = list(
            dict.fromkeys(each.code.strip() for each in value.codings if each.code and each.code.strip())
        )
        if len(codes) == 1:
            return codes[0]
    raise Unusable("value", "is no name")
