"""The naive twin: the same questions as the engine, answered by enumeration.

It shares no code and no algorithm with the engine. A `World` is a small invented library, from which both the files that the engine
compiles and this model are made; a `Patient` is a record. Every variable gets finitely many values: the thresholds that anything speaks
of, what lies between and beyond them, and three values a gap where variables are compared with one another, so that any two patients
can be told apart by the enumerated ones if they can be at all. Everything else is counting.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction
from functools import cache, cached_property
from itertools import combinations, pairwise
from typing import Any

Value = Any
At = Mapping[str, Value]
"""The value of every variable, with the days as `datetime.date`s, and those of `as_of` and `cohort_open`."""

MILLIGRAMS = {"mg": Fraction(1), "ug": Fraction(1, 1000), "g": Fraction(1000)}
FIRST, LAST = date(1900, 3, 1), date(2100, 2, 28)
"""The days that a date lies between where nothing is recorded of it."""

COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}


class TooLargeError(Exception):
    """There are more completions than are worth enumerating, or they cannot be enumerated exactly."""


# --- calendar and numbers, in their own way


@cache
def months_later(day: date, months: int) -> date:
    """One month after another is counted, then the day of the month is lowered until it exists."""
    year, month = day.year, day.month
    for _ in range(abs(months)):
        month += 1 if months > 0 else -1
        if month == 13:
            year, month = year + 1, 1
        elif month == 0:
            year, month = year - 1, 12
    for number in (day.day, 30, 29, 28):
        try:
            return date(year, month, min(number, day.day))
        except ValueError:
            continue
    raise AssertionError


def anniversary(day: date, years: int) -> date:
    """The same day `years` later; 1 March for a leap day in a common year."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


@cache
def years_completed(start: date, end: date) -> int:
    """Anniversaries are counted one by one."""
    years = 0
    while anniversary(start, years + 1) <= end:
        years += 1
    while anniversary(start, years) > end:
        years -= 1
    return years


def decimal(value: Fraction) -> str:
    """A number whose denominator is made of twos and fives, written out."""
    digits = 0
    while (value * 10**digits).denominator != 1:
        digits += 1
    whole = str(int(value * 10**digits)).rjust(digits + 1, "0")
    return f"{whole[: len(whole) - digits]}.{whole[len(whole) - digits :]}" if digits else whole


def written(value: Fraction, unit: str) -> str:
    """A number of milligrams in a unit, or a number without one."""
    return f"{decimal(value / MILLIGRAMS[unit])} {unit}" if unit else decimal(value)


# --- expressions: each knows its text in the criterion language and its truth at a point


@dataclass(frozen=True)
class Expression:
    """A condition."""

    def text(self) -> str:
        """The condition in the criterion language."""
        raise NotImplementedError

    def holds(self, at: At) -> bool:
        """Whether it is true there."""
        raise NotImplementedError

    def parts(self) -> tuple[Expression, ...]:
        """The conditions that it is made of."""
        return ()

    def own(self) -> frozenset[str]:
        """The variables that it speaks of itself."""
        return frozenset()

    def limits(self, as_of: date) -> Iterator[tuple[str, Value]]:
        """The values of variables at which its truth may change."""
        yield from ()

    @cached_property
    def names(self) -> frozenset[str]:
        """All variables that it speaks of."""
        return self.own().union(*(part.names for part in self.parts()))

    def walk(self) -> Iterator[Expression]:
        """Itself and all its parts."""
        yield self
        for part in self.parts():
            yield from part.walk()


@dataclass(frozen=True)
class Flag(Expression):
    """A yes-or-no variable, or `cohort_open`."""

    name: str

    def text(self) -> str:
        return self.name

    def holds(self, at: At) -> bool:
        return at[self.name]

    def own(self) -> frozenset[str]:
        return frozenset({self.name})


COHORT_OPEN = Flag("cohort_open")


@dataclass(frozen=True)
class Always(Expression):
    """True, or false."""

    value: bool

    def text(self) -> str:
        return "true" if self.value else "false"

    def holds(self, at: At) -> bool:
        return self.value


@dataclass(frozen=True)
class Kind(Expression):
    """The enumeration is one of the values, or none of them."""

    name: str
    values: tuple[str, ...]
    denied: bool = False

    def text(self) -> str:
        if len(self.values) == 1:
            return f"{self.name} {'!=' if self.denied else '=='} {self.values[0]}"
        return f"{self.name} {'not in' if self.denied else 'in'} {{{', '.join(self.values)}}}"

    def holds(self, at: At) -> bool:
        return (at[self.name] in self.values) != self.denied

    def own(self) -> frozenset[str]:
        return frozenset({self.name})


@dataclass(frozen=True)
class Limit(Expression):
    """A number compared with a constant, which stands on the left where `mirrored`; a quantity's in `unit`."""

    name: str
    relation: str
    value: Fraction
    unit: str = ""
    mirrored: bool = False

    def text(self) -> str:
        sides = (self.name, written(self.value, self.unit))
        return f" {self.relation} ".join(reversed(sides) if self.mirrored else sides)

    def holds(self, at: At) -> bool:
        one, other = at[self.name], self.value
        return COMPARISONS[self.relation](*((other, one) if self.mirrored else (one, other)))

    def own(self) -> frozenset[str]:
        return frozenset({self.name})

    def limits(self, as_of: date) -> Iterator[tuple[str, Value]]:
        yield self.name, self.value


@dataclass(frozen=True)
class Between(Expression):
    """A number within two constants: a chain of comparisons."""

    name: str
    low: Fraction
    high: Fraction
    unit: str = ""

    def text(self) -> str:
        return f"{written(self.low, self.unit)} <= {self.name} <= {written(self.high, self.unit)}"

    def holds(self, at: At) -> bool:
        return self.low <= at[self.name] <= self.high

    def own(self) -> frozenset[str]:
        return frozenset({self.name})

    def limits(self, as_of: date) -> Iterator[tuple[str, Value]]:
        yield self.name, self.low
        yield self.name, self.high


@dataclass(frozen=True)
class LimitIf(Expression):
    """A number compared with one of two constants, by a condition."""

    name: str
    relation: str
    condition: Expression
    then: Fraction
    otherwise: Fraction
    unit: str = ""

    def text(self) -> str:
        one, other = (written(value, self.unit) for value in (self.then, self.otherwise))
        return f"{self.name} {self.relation} (if {self.condition.text()} then {one} else {other})"

    def holds(self, at: At) -> bool:
        limit = self.then if self.condition.holds(at) else self.otherwise
        return COMPARISONS[self.relation](at[self.name], limit)

    def parts(self) -> tuple[Expression, ...]:
        return (self.condition,)

    def own(self) -> frozenset[str]:
        return frozenset({self.name})

    def limits(self, as_of: date) -> Iterator[tuple[str, Value]]:
        yield self.name, self.then
        yield self.name, self.otherwise


@dataclass(frozen=True)
class Order(Expression):
    """Two numbers of one kind compared, with a whole number added to the first."""

    left: str
    relation: str
    right: str
    plus: int = 0

    def text(self) -> str:
        plus = f" + {self.plus}" if self.plus else ""
        return f"{self.left}{plus} {self.relation} {self.right}"

    def holds(self, at: At) -> bool:
        return COMPARISONS[self.relation](at[self.left] + self.plus, at[self.right])

    def own(self) -> frozenset[str]:
        return frozenset({self.left, self.right})


@dataclass(frozen=True)
class Times(Expression):
    """A whole number is the product of two others."""

    product: str
    left: str
    right: str

    def text(self) -> str:
        return f"{self.product} == {self.left} * {self.right}"

    def holds(self, at: At) -> bool:
        return at[self.product] == at[self.left] * at[self.right]

    def own(self) -> frozenset[str]:
        return frozenset({self.product, self.left, self.right})


@dataclass(frozen=True)
class Moved:
    """A date moved by days or months: a variable, `as_of`, or a day."""

    base: str | date
    amount: int = 0
    unit: str = "d"

    def text(self) -> str:
        base = self.base.isoformat() if isinstance(self.base, date) else self.base
        if not self.amount:
            return base
        return f"{base} {'+' if self.amount > 0 else '-'} {abs(self.amount)} {self.unit}"

    def move(self, day: date) -> date:
        """The day, moved."""
        if self.unit == "mo":
            return months_later(day, self.amount)
        return day + timedelta(days=self.amount)

    def at(self, at: At) -> date:
        """The day that it is there."""
        return self.move(self.base if isinstance(self.base, date) else at[self.base])


@dataclass(frozen=True)
class Dates(Expression):
    """Two dates compared."""

    left: Moved
    relation: str
    right: Moved

    def text(self) -> str:
        return f"{self.left.text()} {self.relation} {self.right.text()}"

    def holds(self, at: At) -> bool:
        return COMPARISONS[self.relation](self.left.at(at), self.right.at(at))

    def own(self) -> frozenset[str]:
        bases = (self.left.base, self.right.base)
        return frozenset(base for base in bases if isinstance(base, str) and base != "as_of")

    def limits(self, as_of: date) -> Iterator[tuple[str, Value]]:
        for one, other in ((self.left, self.right), (self.right, self.left)):
            if isinstance(one.base, str) and one.base != "as_of" and len(self.own()) == 1:
                for day in reaching(one, other.at({"as_of": as_of})):
                    yield one.base, day


@cache
def reaching(moved: Moved, limit: date) -> tuple[date, ...]:
    """The days around which moving them passes the limit."""
    if moved.unit == "d":
        return (limit - timedelta(days=moved.amount),)
    centre = limit - timedelta(days=round(30.44 * moved.amount))
    days = [centre + timedelta(days=n) for n in range(-40, 41)]
    compared = [(moved.move(day) < limit, moved.move(day) <= limit) for day in days]
    return tuple(
        day
        for i, day in enumerate(days[:-1])
        if compared[i] != compared[i + 1] or compared[i] == (False, True)
    )


@dataclass(frozen=True)
class DaysBetween(Expression):
    """The days from one date to another, one of which may be `as_of`, compared with a number."""

    start: str
    end: str
    relation: str
    days: int
    unit: str = ""

    def text(self) -> str:
        return f"days_between({self.start}, {self.end}) {self.relation} {self.days}{self.unit}"

    def holds(self, at: At) -> bool:
        return COMPARISONS[self.relation]((at[self.end] - at[self.start]).days, self.days)

    def own(self) -> frozenset[str]:
        return frozenset({self.start, self.end}) - {"as_of"}

    def limits(self, as_of: date) -> Iterator[tuple[str, Value]]:
        if self.end == "as_of":
            yield self.start, as_of - timedelta(days=self.days)
        elif self.start == "as_of":
            yield self.end, as_of + timedelta(days=self.days)


@dataclass(frozen=True)
class Age(Expression):
    """Completed years from a date to `as_of`, compared with a number."""

    name: str
    relation: str
    years: int

    def text(self) -> str:
        return f"completed_years({self.name}, as_of) {self.relation} {self.years}"

    def holds(self, at: At) -> bool:
        return COMPARISONS[self.relation](years_completed(at[self.name], at["as_of"]), self.years)

    def own(self) -> frozenset[str]:
        return frozenset({self.name})

    def limits(self, as_of: date) -> Iterator[tuple[str, Value]]:
        for years in (self.years, self.years + 1):
            around = date(as_of.year - years, as_of.month, 1)
            days = [around + timedelta(days=n) for n in range(-3, 36)]
            yield from (
                (self.name, day)
                for day, after in pairwise(days)
                if (years_completed(day, as_of) >= years) != (years_completed(after, as_of) >= years)
            )


@dataclass(frozen=True)
class Not(Expression):
    """The condition fails."""

    part: Expression

    def text(self) -> str:
        return f"not ({self.part.text()})"

    def holds(self, at: At) -> bool:
        return not self.part.holds(at)

    def parts(self) -> tuple[Expression, ...]:
        return (self.part,)


@dataclass(frozen=True)
class Joined(Expression):
    """Conditions joined by `and`, `or`, `implies` or `==`."""

    word: str
    conditions: tuple[Expression, ...]

    def text(self) -> str:
        return f" {self.word} ".join(f"({part.text()})" for part in self.conditions)

    def holds(self, at: At) -> bool:
        values = [part.holds(at) for part in self.conditions]
        match self.word:
            case "and":
                return all(values)
            case "or":
                return any(values)
            case "implies":
                return values[1] or not values[0]
            case _:
                return values[0] == values[1]

    def parts(self) -> tuple[Expression, ...]:
        return self.conditions


@dataclass(frozen=True)
class Either(Expression):
    """One condition where another holds, else a third."""

    condition: Expression
    then: Expression
    otherwise: Expression

    def text(self) -> str:
        one, two, three = (part.text() for part in self.parts())
        return f"if {one} then {two} else {three}"

    def holds(self, at: At) -> bool:
        return (self.then if self.condition.holds(at) else self.otherwise).holds(at)

    def parts(self) -> tuple[Expression, ...]:
        return (self.condition, self.then, self.otherwise)


@dataclass(frozen=True)
class HowMany(Expression):
    """How many of some conditions hold, compared with a number."""

    conditions: tuple[Expression, ...]
    relation: str
    number: int

    def text(self) -> str:
        return f"count({', '.join(part.text() for part in self.conditions)}) {self.relation} {self.number}"

    def holds(self, at: At) -> bool:
        return COMPARISONS[self.relation](sum(part.holds(at) for part in self.conditions), self.number)

    def parts(self) -> tuple[Expression, ...]:
        return self.conditions


@dataclass(frozen=True)
class Defined(Expression):
    """A condition of the theory, by its name."""

    name: str
    meaning: Expression

    def text(self) -> str:
        return self.name

    def holds(self, at: At) -> bool:
        return self.meaning.holds(at)

    def parts(self) -> tuple[Expression, ...]:
        return (self.meaning,)


@dataclass(frozen=True)
class HasEntry(Expression):
    """A recorded list has an entry of a class."""

    name: str
    class_name: str
    members: tuple[str, ...]

    def text(self) -> str:
        return f"{self.name} contains {self.class_name}"

    def holds(self, at: At) -> bool:
        return any(entry in self.members for entry in at[self.name])

    def own(self) -> frozenset[str]:
        return frozenset({self.name})


# --- the world, and the files that say the same


@dataclass(frozen=True)
class Variable:
    """A variable of the vocabulary; `kind` is the type as the files call it."""

    name: str
    kind: str
    values: tuple[str, ...] = ()
    plausible: Expression | None = None
    past: bool = False
    absent: bool = False
    requested: bool = True


@dataclass(frozen=True)
class Axiom:
    """A statement of the theory."""

    id: str
    require: Expression
    while_unrecorded: tuple[str, ...] = ()
    assumption: str | None = None


@dataclass(frozen=True)
class Clause:
    """A clause: `require` under `when` and `unless` in some cohorts, or one condition a cohort; else it is kept as text.

    Under each of `readings` it requires something else, or is dropped where that is None. A `secondary` clause is in force only while its
    reading is on, or all secondary sources are.
    """

    id: str
    require: Expression | None = None
    when: Expression | None = None
    unless: Expression | None = None
    cohorts: tuple[str, ...] | None = None
    by_cohort: Mapping[str, Expression] | None = None
    routing: bool = False
    judgement: str = "objective"
    readings: Mapping[str, Expression | None] = field(default_factory=dict)
    secondary: str | None = None

    @property
    def opaque(self) -> bool:
        """Whether it is kept as text under the first reading."""
        return self.require is None and self.by_cohort is None

    def read(self, readings: Iterable[str], *, secondary: bool) -> Clause | None:
        """The clause under some readings; None where it is not in force."""
        if self.secondary is not None and not secondary and self.secondary not in readings:
            return None
        found = self
        for name, require in self.readings.items():
            if name in readings:
                if require is None:
                    return None
                found = replace(self, require=require)
        return found

    def binds(self, cohorts: Iterable[str]) -> tuple[str, ...]:
        """Those of the cohorts that it binds."""
        bound = self.cohorts if self.by_cohort is None else self.by_cohort
        return tuple(cohort for cohort in cohorts if bound is None or cohort in bound)

    def holds(self, at: At, cohort: str) -> bool:
        """Whether it is fulfilled there."""
        if self.by_cohort is not None:
            return self.by_cohort[cohort].holds(at)
        guarded = (self.when is None or self.when.holds(at)) and not (
            self.unless is not None and self.unless.holds(at)
        )
        assert self.require is not None
        return self.require.holds(at) or not guarded

    def expressions(self) -> Iterator[Expression]:
        """Every condition in it."""
        yield from (part for part in (self.require, self.when, self.unless) if part is not None)
        yield from (self.by_cohort or {}).values()
        yield from (require for require in self.readings.values() if require is not None)


@dataclass(frozen=True)
class Trial:
    """A trial."""

    code: str
    nct: str
    cohorts: tuple[str, ...]
    clauses: tuple[Clause, ...]


@dataclass(frozen=True)
class World:
    """A vocabulary, a theory and trials."""

    variables: Mapping[str, Variable]
    axioms: tuple[Axiom, ...]
    trials: tuple[Trial, ...]
    definitions: tuple[Defined, ...] = ()

    def expressions(self) -> Iterator[Expression]:
        """Every condition in it, and every part of one."""
        whole = [axiom.require for axiom in self.axioms]
        whole += [part for trial in self.trials for clause in trial.clauses for part in clause.expressions()]
        whole += [
            variable.plausible for variable in self.variables.values() if variable.plausible is not None
        ]
        for condition in whole:
            yield from condition.walk()

    def files(self) -> dict[str, str]:
        """The encodings, by their place in the folder: YAML in the form of JSON."""
        classes = {part.class_name: part for part in self.expressions() if isinstance(part, HasEntry)}
        theory = {
            "classes": [
                {"name": name, "list": part.name, "label": name, "source": "s"}
                for name, part in classes.items()
            ],
            "registers": [
                {
                    "list": part.name,
                    "source": "s",
                    "unrecognised": {"id": "NAME", "text": "{entry} is unheard of"},
                    "unclosed": "{entry} is unheard of, and the list closes nothing",
                    "entries": [{"name": member, "classes": [name]} for member in part.members],
                }
                for name, part in classes.items()
            ],
            "definitions": [{"name": d.name, "is": d.meaning.text()} for d in self.definitions],
            "axioms": [_axiom_entry(axiom) for axiom in self.axioms],
        }
        vocabulary = {"variables": [_variable_entry(variable) for variable in self.variables.values()]}
        trials = {f"trials/{t.code.lower()}.yaml": _trial_entry(t) for t in self.trials}
        entries = {"vocabulary/all.yaml": vocabulary, "theory/all.yaml": theory, **trials}
        return {name: json.dumps(entry, indent=1) for name, entry in entries.items()}


def _variable_entry(variable: Variable) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": variable.name, "type": variable.kind, "label": variable.name}
    entry |= {"about": "invented", "changes": "test"}
    if variable.kind == "enumeration":
        entry["values"] = list(variable.values)
    if variable.kind == "quantity":
        entry["unit"] = "mg"
    if variable.plausible is not None:
        entry["plausible"] = variable.plausible.text()
    if variable.past:
        entry["past"] = True
    if variable.absent:
        entry["absent"] = "as_of"
    if not variable.requested:
        entry["requested"] = False
    if variable.kind == "list":
        entry["names"] = "open"
    return entry


def _axiom_entry(axiom: Axiom) -> dict[str, Any]:
    entry = {"id": axiom.id, "label": axiom.id, "source": "s", "require": axiom.require.text()}
    if axiom.while_unrecorded:
        entry["while_unrecorded"] = list(axiom.while_unrecorded)
    return entry | ({"assumption": axiom.assumption} if axiom.assumption else {})


def _trial_entry(trial: Trial) -> dict[str, Any]:
    clauses = []
    for clause in trial.clauses:
        entry: dict[str, Any] = {"id": clause.id, "label": clause.id, "source": "s"}
        entry |= {"class": clause.judgement, "changes": "test"}
        if clause.opaque:
            entry["opaque"] = f"text of {clause.id}"
        if clause.secondary is not None:
            entry["secondary"] = clause.secondary
        if clause.readings:
            entry["readings"] = {
                name: {"drop": True} if require is None else {"require": require.text()}
                for name, require in clause.readings.items()
            }
        for key in ("when", "unless", "require"):
            if (condition := getattr(clause, key)) is not None:
                entry[key] = condition.text()
        if clause.by_cohort is not None:
            entry["cohorts"] = {cohort: part.text() for cohort, part in clause.by_cohort.items()}
        elif clause.cohorts is not None:
            entry["cohorts"] = list(clause.cohorts)
        clauses.append(entry | ({"routing": True} if clause.routing else {}))
    switches = {name: True for clause in trial.clauses for name in clause.readings}
    switches |= {clause.secondary: False for clause in trial.clauses if clause.secondary is not None}
    return {
        "trial": trial.nct,
        "code": trial.code,
        "title": trial.code,
        "intervention": "none",
        "recruitment": "recruiting",
        "criteria": "full",
        "sources": [{"id": "S", "text": "invented"}],
        "readings": [{"id": name, "text": name, "switch": switch} for name, switch in switches.items()],
        "cohorts": {cohort: {"label": cohort} for cohort in trial.cohorts},
        "clauses": clauses,
    }


# --- the patient


@dataclass(frozen=True)
class Fact:
    """What is recorded of a variable: `written` in the record, and in the twin's own terms.

    One of `values`, or between `low` and `high`, either of which may be missing or excluded.
    """

    written: Any
    values: tuple[Value, ...] | None = None
    low: Value = None
    high: Value = None
    low_open: bool = False
    high_open: bool = False

    def holds(self, value: Value) -> bool:
        """Whether the value agrees with it."""
        if self.values is not None:
            return value in self.values
        above = self.low is None or (self.low < value if self.low_open else self.low <= value)
        below = self.high is None or (value < self.high if self.high_open else value <= self.high)
        return above and below

    def limits(self) -> Iterator[Value]:
        """The values that it names."""
        yield from self.values or ()
        yield from (end for end in (self.low, self.high) if end is not None)


@dataclass(frozen=True)
class Patient:
    """A record; `unknown` are variables recorded as null."""

    as_of: date
    facts: Mapping[str, Fact]
    unknown: tuple[str, ...] = ()
    open_cohorts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    readings: frozenset[str] = frozenset()
    secondary: bool = False

    def record(self) -> bytes:
        """The record as a file."""
        facts = {name: fact.written for name, fact in self.facts.items()}
        entry = {"as_of": self.as_of.isoformat(), "facts": facts | dict.fromkeys(self.unknown)}
        context: dict[str, Any] = {}
        if self.open_cohorts:
            context["open_cohorts"] = {code: list(cohorts) for code, cohorts in self.open_cohorts.items()}
        if self.readings:
            context["readings"] = sorted(self.readings)
        if self.secondary:
            context["secondary_sources"] = True
        if context:
            entry["context"] = context
        return json.dumps(entry).encode()

    def is_open(self, code: str, cohort: str) -> bool:
        """Whether a cohort is open."""
        return code not in self.open_cohorts or cohort in self.open_cohorts[code]


# --- the answers

Sets = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class TrialVerdict:
    """The answer for one trial."""

    verdict: str
    cohorts: Mapping[str, tuple[str, Sets]]
    conflicts: Sets
    deciding_sets: Sets
    clauses: Mapping[tuple[str, str | None], str]
    encoded: tuple[int, int] = (0, 0)
    not_judged: tuple[str, ...] = ()
    readings: Mapping[str, tuple[str, Sets]] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdicts:
    """The answer for one patient."""

    consistent: bool
    contradictions: Sets
    trials: Mapping[str, TrialVerdict]


def minimal(elements: Iterable[str], has: Callable[[frozenset[str]], bool]) -> Sets:
    """Every minimal subset that has a property, by looking at all subsets."""
    found: list[frozenset[str]] = []
    names = sorted(elements)
    for size in range(len(names) + 1):
        for chosen in map(frozenset, combinations(names, size)):
            if not any(other <= chosen for other in found) and has(chosen):
                found.append(chosen)
    return tuple(sorted((tuple(sorted(chosen)) for chosen in found), key=lambda s: (len(s), s)))


class Twin:
    """A patient in a world, by enumeration; at most `most` completions."""

    def __init__(self, world: World, patient: Patient, most: int = 4000) -> None:
        self.world, self.patient, self.most = world, patient, most
        self.axioms = [
            axiom
            for axiom in world.axioms
            if not axiom.while_unrecorded or any(n not in patient.facts for n in axiom.while_unrecorded)
        ]
        self.values = {name: self._values(variable) for name, variable in world.variables.items()}

    # values

    def _limits(self) -> dict[str, set[Value]]:
        found: dict[str, set[Value]] = {name: set() for name in self.world.variables}
        for part in self.world.expressions():
            for name, value in part.limits(self.patient.as_of):
                found[name].add(value)
        for name, fact in self.patient.facts.items():
            found[name].update(fact.limits())
        return found

    @cached_property
    def _thresholds(self) -> dict[str, set[Value]]:
        return self._limits()

    @cached_property
    def _days(self) -> dict[str, list[date]]:
        """The days of each date variable."""
        as_of = self.patient.as_of
        start, end = min(FIRST, as_of), max(LAST, as_of)
        days = {
            name: {start, as_of, end} | self._thresholds[name]
            for name, variable in self.world.variables.items()
            if variable.kind == "date"
        }
        links = []
        for part in self.world.expressions():
            if isinstance(part, Dates) and len(part.own()) == 2:
                links.append((part.left, part.right.base))
            elif isinstance(part, DaysBetween) and len(part.own()) == 2:
                links.append((Moved(part.start, part.days), part.end))
        for moved, other in links:
            back = {day for limit in days[other] for day in reaching(moved, limit)}
            days[moved.base] |= back
            days[other] |= {moved.move(day) for day in days[moved.base]}
        found = {name: _filled(chosen) for name, chosen in days.items()}
        for moved, other in links:
            beside = {moved.move(day) + timedelta(days=n) for day in found[moved.base] for n in (-1, 0, 1)}
            found[other] = sorted(beside.union(found[other]))
        return found

    def _values(self, variable: Variable) -> list[Value]:
        """All values worth telling apart that the type of the variable allows."""
        kinds = {name: other.kind for name, other in self.world.variables.items()}
        match variable.kind:
            case "boolean":
                return [False, True]
            case "enumeration":
                return list(variable.values)
            case "list":
                fact = self.patient.facts.get(variable.name)
                return [(), *(fact.values or () if fact else ())]
            case "date":
                return self._days[variable.name]
        parts = list(self.world.expressions())
        limits = {v for name in kinds if kinds[name] == variable.kind for v in self._thresholds[name]}
        if variable.kind == "integer":
            shift = max((abs(part.plus) for part in parts if isinstance(part, Order)), default=0)
            top = max(map(int, limits), default=0) + 3 + 2 * shift
            values = set(range(top + 1))
            if any(isinstance(part, Times) and part.product == variable.name for part in parts):
                values |= {a * b for a in values for b in values}
            return sorted(values)
        linked = any(isinstance(part, Order) and kinds[part.left] == "quantity" for part in parts)
        if not linked:
            limits = self._thresholds[variable.name]
        ends = sorted(limits | {Fraction(0)})
        steps = (Fraction(1, 4), Fraction(1, 2), Fraction(3, 4)) if linked else (Fraction(1, 2),)
        between = [low + (high - low) * step for low, high in pairwise(ends) for step in steps]
        return sorted([*ends, *between, *(ends[-1] + 1 + step for step in steps)])

    def _allowed(self, variable: Variable, facts: Iterable[str], *, ranged: bool) -> list[Value]:
        """The values that agree with the law of the type, with the fact if it is one of those, and with the range."""
        as_of, fact = self.patient.as_of, None
        values = self.values[variable.name]
        if variable.name in facts:
            fact = self.patient.facts[variable.name]
            values = [value for value in values if fact.holds(value)]
        if variable.kind == "date":
            if variable.past:
                values = [day for day in values if day <= as_of]
            if fact is None:
                values = [day for day in values if min(FIRST, as_of) <= day <= max(LAST, as_of)]
                if variable.absent:
                    values = [as_of]
        if variable.kind == "list" and fact is None:
            values = [()]
        if ranged and variable.plausible is not None:
            values = [v for v in values if variable.plausible.holds({variable.name: v, "as_of": as_of})]
        return values

    # completions

    def completions(
        self, domains: Mapping[str, Sequence[Value]], axioms: Iterable[Expression]
    ) -> Iterator[dict[str, Value]]:
        """Every choice of values that satisfies the axioms."""
        waiting = list(axioms)
        linked = {name for axiom in waiting for name in axiom.names}
        order = sorted(domains, key=lambda name: (name not in linked, len(domains[name]), name))
        checks: list[list[Expression]] = []
        for i in range(len(order)):
            have = set(order[: i + 1])
            checks.append([axiom for axiom in waiting if axiom.names <= have and order[i] in axiom.names])
        at: dict[str, Value] = {"as_of": self.patient.as_of}

        def extend(i: int) -> Iterator[dict[str, Value]]:
            if i == len(order):
                yield dict(at)
                return
            for value in domains[order[i]]:
                at[order[i]] = value
                if all(axiom.holds(at) for axiom in checks[i]):
                    yield from extend(i + 1)
            at.pop(order[i], None)

        if all(axiom.holds(at) for axiom in waiting if not axiom.names):
            yield from extend(0)

    def possible(
        self,
        facts: Iterable[str],
        *,
        ranges: Iterable[str] = (),
        assumed: bool,
        only: Mapping[str, Sequence[Value]] | None = None,
    ) -> bool:
        """Whether some choice of values agrees with the facts, the ranges of the named variables and the axioms."""
        axioms = [axiom.require for axiom in self.axioms if assumed or axiom.assumption is None]
        domains = {
            name: self._allowed(variable, facts, ranged=name in ranges)
            for name, variable in self.world.variables.items()
        }
        domains |= only or {}
        if not all(domains.values()):
            return False
        linked = {name for axiom in axioms for name in axiom.names}
        near = {name: values for name, values in domains.items() if name in linked}
        return next(self.completions(near, axioms), None) is not None

    # answers

    @cached_property
    def dropped(self) -> frozenset[str]:
        """The variables whose range is left out, since the facts alone put them outside of it."""
        facts = self.patient.facts
        found = set()
        for name, variable in self.world.variables.items():
            if variable.plausible is not None and not self._replaces(name):
                inside = self._allowed(variable, facts, ranged=True)
                if not inside or not self.possible(facts, assumed=False, only={name: inside}):
                    found.add(name)
        return frozenset(found)

    @cached_property
    def ranges(self) -> frozenset[str]:
        """The variables whose plausible range is assumed."""
        return frozenset(n for n in self.world.variables if n not in self.dropped and not self._replaces(n))

    @cached_property
    def settled(self) -> bool:
        """Whether it is plain which ranges are assumed: none is excluded by a case distinction, or only together with others."""
        facts = self.patient.facts
        if self.hidden:
            return False
        return not self.possible(facts, assumed=False) or self.possible(
            facts, ranges=self.ranges, assumed=True
        )

    def _replaces(self, name: str) -> bool:
        """Whether a fact names its values, and so replaces the plausible range."""
        fact = self.patient.facts.get(name)
        return fact is not None and fact.values is not None

    @cached_property
    def hidden(self) -> frozenset[str]:
        """The variables whose range is left out although neither their own fact nor one implication by a recorded flag excludes it."""
        facts = self.patient.facts
        found = set()
        for name in self.dropped:
            variable = self.world.variables[name]
            inside = self._allowed(variable, facts, ranged=True)
            forced = [part for axiom in self.axioms if (part := self._forced(axiom.require)) is not None]
            if any(
                all(
                    part.holds({name: value, "as_of": self.patient.as_of})
                    for part in forced
                    if part.names == {name}
                )
                for value in inside
            ):
                found.add(name)
        return frozenset(found)

    def _forced(self, axiom: Expression) -> Expression | None:
        """What follows at once: the axiom, or the conclusion of an implication by a flag that is recorded."""
        if isinstance(axiom, Limit | Order | Age):
            return axiom
        match axiom:
            case Joined("implies", (Flag(name), Limit() as conclusion)):
                fact = self.patient.facts.get(name)
                return conclusion if fact is not None and fact.values == (True,) else None
        return None

    def contradictions(self) -> Sets:
        """Every minimal set of facts that contradict one another, whatever is plausible."""
        return minimal(self.patient.facts, lambda chosen: not self.possible(chosen, assumed=False))

    def answer(self) -> Verdicts:
        """All answers, for a patient that is `settled`."""
        facts = self.patient.facts
        withheld = {trial.code: TrialVerdict("withheld", {}, (), (), {}) for trial in self.world.trials}
        if not self.possible(facts, assumed=False):
            return Verdicts(False, self.contradictions(), withheld)
        return Verdicts(
            True, (), {trial.code: self._trial(trial, self.ranges) for trial in self.world.trials}
        )

    def _trial(self, trial: Trial, ranges: Iterable[str]) -> TrialVerdict:
        points = self.points(trial, ranges)
        askable = self._askable(points[0].keys() - {"as_of"})
        found = _judge(trial, points, self.patient, askable)
        others = {
            name: _judge(trial, points, other, askable)
            for name, other in _toggled(trial, self.patient).items()
        }
        readings = {
            name: (other.verdict, other.conflicts)
            for name, other in others.items()
            if other.verdict != found.verdict
        }
        return replace(found, readings=readings)

    def points(self, trial: Trial, ranges: Iterable[str]) -> list[dict[str, Value]]:
        """All completions of what bears on a trial; raises `TooLargeError`."""
        speaks = {name for c in trial.clauses for e in c.expressions() for name in e.names} - {"cohort_open"}
        near, grew = set(speaks), True
        while grew:
            more = {n for axiom in self.axioms if axiom.require.names & near for n in axiom.require.names}
            grew = not more <= near
            near |= more
        axioms = [axiom.require for axiom in self.axioms if axiom.require.names <= near]
        domains = {
            name: self._allowed(self.world.variables[name], self.patient.facts, ranged=name in ranges)
            for name in near
        }
        for axiom in axioms:
            # a product can be split in ways that no threshold tells, unless both factors are bounded
            if isinstance(axiom, Times):
                for name in (axiom.left, axiom.right):
                    if domains[name][-1] == self.values[name][-1]:
                        raise TooLargeError
        points = []
        for at in self.completions(domains, axioms):
            points.append(at)
            if len(points) > self.most:
                raise TooLargeError
        assert points
        return points

    def _askable(self, names: Iterable[str]) -> list[str]:
        variables = self.world.variables
        return [name for name in names if variables[name].requested]


def _toggled(trial: Trial, patient: Patient) -> dict[str, Patient]:
    """For each reading of the trial, the patient with that one read the other way."""
    switches = {name for clause in trial.clauses for name in clause.readings}
    secondary = {clause.secondary for clause in trial.clauses if clause.secondary is not None}
    found = {name: replace(patient, readings=patient.readings ^ {name}) for name in switches}
    for name in secondary:
        on = secondary if patient.secondary else patient.readings & secondary
        found[name] = replace(
            patient, readings=(patient.readings - secondary) | (on ^ {name}), secondary=False
        )
    return found


def _judge(
    trial: Trial, points: Sequence[Mapping[str, Value]], patient: Patient, askable: Sequence[str]
) -> TrialVerdict:
    """Everything about one trial, from all completions.

    What is kept as text may say anything of anybody: every way in which it could is looked at.
    """
    every = {c.id: c.read(patient.readings, secondary=patient.secondary) for c in trial.clauses}
    in_force = [clause for clause in every.values() if clause is not None]
    objective = [clause for clause in in_force if clause.judgement == "objective"]
    texts = {
        cohort: [f"{trial.code}.{c.id}" for c in objective if c.opaque and cohort in c.binds(trial.cohorts)]
        for cohort in trial.cohorts
    }
    for cohort in trial.cohorts:
        # of a cohort that nothing binds, nobody knows who may enter it
        if not any(clause.binds([cohort]) for clause in in_force):
            texts[cohort].append(cohort)
    everywhere = (1 << len(points)) - 1
    # for each cohort and clause, the completions on which it holds, one bit each
    holding: dict[str, dict[str, int]] = {cohort: {} for cohort in trial.cohorts}
    for clause in in_force:
        for cohort in () if clause.opaque else clause.binds(trial.cohorts):
            is_open = patient.is_open(trial.code, cohort)
            held = "".join(
                "01"[clause.holds({**at, "cohort_open": is_open}, cohort)] for at in reversed(points)
            )
            holding[cohort][f"{trial.code}.{clause.id}"] = int(held, 2)

    def together(cohort: str, clauses: Iterable[str]) -> int:
        bits = everywhere
        for name in clauses:
            bits &= holding[cohort].get(name, everywhere)
        return bits

    def verdict(bits: int) -> str:
        return {0: "ineligible", everywhere: "eligible"}.get(bits, "undetermined")

    whole = {cohort: together(cohort, holding[cohort]) for cohort in trial.cohorts}
    said = sorted({text for kept in texts.values() for text in kept})
    ways = [frozenset(true) for size in range(len(said) + 1) for true in combinations(said, size)]
    answers = [
        [any(whole[c] >> i & 1 and true.issuperset(texts[c]) for c in trial.cohorts) for true in ways]
        for i in range(len(points))
    ]
    satisfied = sum(1 << i for i, answer in enumerate(answers) if any(answer))
    shown = sum(1 << i for i, answer in enumerate(answers) if all(answer))
    cohorts = {
        cohort: (
            "undetermined" if bits and texts[cohort] else verdict(bits),
            () if bits else minimal(holding[cohort], lambda chosen, c=cohort: not together(c, chosen)),
        )
        for cohort, bits in whole.items()
    }
    conflicts: Sets = ()
    if not satisfied:
        names = {name for clauses in holding.values() for name in clauses}
        conflicts = minimal(names, lambda chosen: not any(together(c, chosen) for c in trial.cohorts))
    sets: Sets = ()
    said_of_all = "eligible" if shown == everywhere else "undetermined" if satisfied else "ineligible"
    kinds = {(satisfied >> i & 1, shown >> i & 1) for i in range(len(points))}
    if said_of_all == "undetermined" and len(kinds) > 1:
        varying = [name for name in askable if len({at[name] for at in points}) > 1]

        def decides(chosen: frozenset[str]) -> bool:
            seen: dict[tuple[Value, ...], tuple[int, int]] = {}
            names = sorted(chosen)
            for i, at in enumerate(points):
                good = satisfied >> i & 1, shown >> i & 1
                if seen.setdefault(tuple(at[name] for name in names), good) != good:
                    return False
            return True

        sets = minimal(varying, decides)
    statuses: dict[tuple[str, str | None], str] = {}
    words = {"eligible": "met", "ineligible": "not_met", "undetermined": "open"}
    for clause in in_force:
        name = f"{trial.code}.{clause.id}"
        if clause.opaque and clause in objective:
            statuses[name, None] = "open"
        for cohort in () if clause.opaque else clause.binds(trial.cohorts):
            told = cohort if clause.by_cohort is not None else None
            statuses[name, told] = words[verdict(holding[cohort][name])]
    return TrialVerdict(
        said_of_all,
        cohorts,
        conflicts,
        sets,
        statuses,
        (sum(not clause.opaque for clause in objective), len(objective)),
        tuple(sorted(f"{trial.code}.{c.id}" for c in in_force if c.opaque and c not in objective)),
    )


def _filled(days: Iterable[date]) -> list[date]:
    """The days, those beside them, and one in the middle of every gap."""
    beside = {day + timedelta(days=n) for day in days for n in (-1, 0, 1)}
    ends = sorted(beside)
    return sorted(beside | {low + (high - low) // 2 for low, high in pairwise(ends)})
