"""Invented worlds and patients, for comparing the engine with its naive twin.

A world has three to six variables of all kinds, a few axioms and one or two trials. What is left out on purpose, because the enumeration
would not be exact or the meaning is not settled: more than two numbers of one kind that are compared with one another, dates linked in
more than one way, a theory that cannot hold of anyone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from functools import cache, lru_cache
from typing import Any

from hypothesis import strategies as st

from solver.library.compile import compile_library
from solver.library.files.yaml_places import parse_document
from solver.library.models import Library
from tests.support.drawing.choices import choice
from tests.support.twins.naive import (
    COHORT_OPEN,
    MILLIGRAMS,
    Age,
    Axiom,
    Between,
    Clause,
    Dates,
    DaysBetween,
    Defined,
    Either,
    Expression,
    Fact,
    Flag,
    HasEntry,
    HowMany,
    Joined,
    Kind,
    Limit,
    LimitIf,
    Moved,
    Not,
    Order,
    Patient,
    Times,
    Trial,
    Twin,
    Variable,
    World,
    decimal,
)

DAYS = [date(2024, 2, 29), date(2025, 3, 31), date(2026, 11, 20), date(2023, 3, 1)]
"""The days of evaluation: among them a leap day and ends of months."""

RELATIONS = ["<", "<=", ">", ">=", "==", "!="]
ORDERS = ["<", "<=", ">", ">="]
LETTERS = ("A", "B", "C", "D")
MEMBERS = ("alpha", "beta")


def compile_world(world: World) -> Library:
    """The world as the engine compiles it."""
    return compile_files(tuple(world.files().items()))


@lru_cache(maxsize=64)
def compile_files(files: tuple[tuple[str, str], ...]) -> Library:
    """The files of a world, each with its place, as the engine compiles them."""
    documents: dict[str, list[Any]] = {"vocabulary": [], "theory": [], "trials": []}
    for name, text in files:
        documents[name.split("/")[0]].append(parse_document(text, name))
    return compile_library(documents["vocabulary"], documents["theory"], documents["trials"], "sha256:0")


@cache
def quarters(most: int = 6) -> st.SearchStrategy[Fraction]:
    """Multiples of a half."""
    return st.integers(0, most).map(lambda n: Fraction(n, 2))


@st.composite
def vocabularies(draw: st.DrawFn) -> dict[str, Variable]:
    """Three to six variables of all kinds."""
    pool = [
        *(f"flag_{letter}" for letter in "pqr"),
        *("kind_x", "kind_y", "grade_m", "grade_n", "dose_v", "dose_w", "day_s", "day_t"),
    ]
    names = draw(st.lists(choice(pool), min_size=2, max_size=5, unique=True))
    names.append(draw(choice([name for name in pool[:9] if name not in names])))
    return {name: draw(variables(name)) for name in sorted(names)}


@st.composite
def variables(draw: st.DrawFn, name: str) -> Variable:
    """The variable of a name: its kind is the first part of it."""
    kind = name.split("_")[0]
    requested = draw(choice([True] * 5 + [False]))
    ranged = draw(st.booleans())
    if kind == "flag":
        return Variable(name, "boolean", requested=requested)
    if kind == "kind":
        return Variable(name, "enumeration", LETTERS[: draw(st.integers(2, 4))], requested=requested)
    if kind == "grade":
        low, size = draw(st.tuples(st.integers(0, 1), st.integers(1, 3)))
        plausible = Between(name, Fraction(low), Fraction(low + size)) if ranged else None
        return Variable(name, "integer", plausible=plausible, requested=requested)
    if kind == "dose":
        low_dose, size = draw(st.tuples(st.integers(0, 2), st.integers(1, 4)))
        ends = Fraction(low_dose, 2), Fraction(low_dose + size, 2)
        unit = draw(choice(["mg", "ug"]))
        plausible_dose = Between(name, *ends, unit) if ranged else None
        return Variable(name, "quantity", plausible=plausible_dose, requested=requested)
    past = draw(choice([True, True, False]))
    absent = not past and draw(st.booleans())
    ranged_day = past and ranged
    age = Age(name, "<=", draw(st.integers(1, 90))) if ranged_day else None
    return Variable(name, "date", plausible=age, past=past, absent=absent, requested=requested)


class _Atoms:
    """Draws conditions about one vocabulary; dates are linked in one way only."""

    def __init__(self, draw: st.DrawFn, vocabulary: Mapping[str, Variable]) -> None:
        self.draw = draw
        self.by_kind: dict[str, list[str]] = {}
        for name, variable in vocabulary.items():
            self.by_kind.setdefault(variable.kind, []).append(name)
        self.vocabulary = vocabulary
        self.theory = False
        self.link: tuple[str, str, int, str] | None = None
        days = self.by_kind.get("date", [])
        if len(days) == 2:
            amount, unit = draw(choice([(0, "d"), (1, "d"), (28, "d"), (1, "mo"), (3, "mo"), (-1, "mo")]))
            first, second = draw(st.permutations(days))
            self.link = (first, second, amount, unit)
        self.definitions: tuple[Defined, ...] = ()

    def atom(self) -> Expression:
        """A condition about one variable or two."""
        names = [name for name in sorted(self.vocabulary) if self._speakable(name)]
        return self.about(self.draw(choice(names)))

    def _speakable(self, name: str) -> bool:
        """Whether a condition may be about it: the theory is silent on a date that means `as_of` where it is not recorded."""
        return not (self.theory and self.vocabulary[name].absent)

    @property
    def linked(self) -> bool:
        """Whether a condition may link the dates."""
        return self.link is not None and all(map(self._speakable, self.link[:2]))

    def about(self, name: str) -> Expression:
        """A condition about a variable."""
        draw = self.draw
        variable = self.vocabulary[name]
        match variable.kind:
            case "boolean":
                return Flag(name)
            case "enumeration":
                values = draw(st.lists(choice(variable.values), min_size=1, max_size=3, unique=True))
                return Kind(name, tuple(values), draw(st.booleans()))
            case "date":
                return self._date(name, past=variable.past)
        return self._number(name, variable.kind)

    def _number(self, name: str, kind: str) -> Expression:
        draw = self.draw
        others = [other for other in self.by_kind[kind] if other != name]
        form = draw(choice(["limit"] * 5 + ["between", "if"] + ["order"] * 3 * bool(others)))
        unit = draw(choice(sorted(MILLIGRAMS))) if kind == "quantity" else ""
        numbers = quarters() if unit else st.integers(0, 4).map(Fraction)
        relation = draw(choice(RELATIONS))
        if form == "order":
            plus = 0 if unit else draw(st.integers(0, 1))
            return Order(name, relation, others[0], plus)
        if form == "between":
            low, high = sorted(draw(st.lists(numbers, min_size=2, max_size=2)))
            return Between(name, low, high, unit)
        if form == "if" and "boolean" in self.by_kind:
            flag = Flag(draw(choice(self.by_kind["boolean"])))
            return LimitIf(name, relation, flag, draw(numbers), draw(numbers), unit)
        return Limit(name, relation, draw(numbers), unit, draw(st.booleans()))

    def _date(self, name: str, *, past: bool) -> Expression:
        draw = self.draw
        relation = draw(choice(ORDERS))
        forms = ["between", "moved", "literal", *["age"] * past, *["link"] * 4 * self.linked]
        match draw(choice(forms)):
            case "age":
                return Age(name, draw(choice(RELATIONS)), draw(choice([1, 2, 18, 65])))
            case "between":
                ends = (name, "as_of") if past else ("as_of", name)
                unit = draw(choice(["", " d"]))
                return DaysBetween(*ends, draw(choice(RELATIONS)), draw(st.integers(0, 60)), unit)
            case "moved":
                amount, unit = draw(choice([(1, "mo"), (3, "mo"), (-2, "mo"), (28, "d"), (-1, "d")]))
                sides = Moved(name, amount, unit), Moved("as_of")
                return Dates(sides[0], relation, sides[1])
            case "link":
                assert self.link is not None
                first, second, amount, unit = self.link
                if unit == "d" and draw(st.booleans()):
                    return DaysBetween(first, second, draw(choice(RELATIONS)), amount)
                return Dates(Moved(first, amount, unit), relation, Moved(second))
        day = draw(choice([date(2020, 2, 29), date(2022, 12, 31), date(1990, 6, 15)]))
        return Dates(Moved(name), relation, Moved(day))

    def condition(self, depth: int = 2) -> Expression:
        """A condition of some depth."""
        draw = self.draw
        form = draw(choice(["atom"] * 4 + ["not", "and", "or", "or", "if", "count", "same"]))
        if self.definitions and not self.theory and draw(st.integers(0, 9)) == 0:
            return draw(st.sampled_from(self.definitions))
        if depth == 0 or form == "atom":
            return self.atom()
        if form == "not":
            return Not(self.condition(depth - 1))
        if form == "if":
            return Either(*(self.condition(0) for _ in range(3)))
        if form == "count":
            parts = tuple(self.condition(0) for _ in range(3))
            return HowMany(parts, draw(choice(["<=", ">=", "=="])), draw(st.integers(1, 2)))
        word = "==" if form == "same" else form
        return Joined(word, (self.condition(depth - 1), self.condition(depth - 1)))

    def axiom(self) -> Expression:
        """A condition for the theory."""
        form = self.draw(choice(["implies"] * 3 + ["order"] * 2 + ["same"] * 2 + ["any"]))
        if form == "same":
            return Joined("==", (self.condition(0), self.condition(0)))
        if form == "order":
            kinds = [kind for kind in ("integer", "quantity") if len(self.by_kind.get(kind, [])) == 2]
            if self.linked and (not kinds or self.draw(st.booleans())):
                return self._linked()
            if kinds:
                names = self.draw(st.permutations(self.by_kind[self.draw(choice(kinds))]))
                return Order(names[0], self.draw(choice(["<=", "<", "=="])), names[1])
        if form == "any":
            return self.condition(1)
        return Joined("implies", (self.condition(1), self.condition(0)))

    def _linked(self) -> Expression:
        assert self.link is not None
        first, second, amount, unit = self.link
        return Dates(Moved(first, amount, unit), "<=", Moved(second))


@st.composite
def axioms(draw: st.DrawFn, atoms: _Atoms, number: int) -> Axiom:
    """An axiom; some are in force only while something is not recorded."""
    atoms.theory = True
    require = atoms.axiom()
    atoms.theory = False
    names = sorted(require.names)
    waits = tuple(draw(st.lists(choice(names), max_size=1))) if names else ()
    return Axiom(f"A{number}", require, waits if draw(st.integers(0, 3)) == 0 else ())


@st.composite
def trials(draw: st.DrawFn, atoms: _Atoms, number: int) -> Trial:
    """A trial with one to three cohorts."""
    cohorts = tuple(f"C{i}" for i in range(1, draw(st.integers(1, 3)) + 1))
    clauses = [draw(clauses_of(atoms, cohorts, i)) for i in range(1, draw(st.integers(1, 5)) + 1)]
    if len(cohorts) > 1 and draw(st.booleans()):
        split = atoms.condition(0)
        halves = [split, Not(split), split]
        clauses.insert(0, Clause("S", by_cohort=dict(zip(cohorts, halves, strict=False))))
    if draw(st.booleans()):
        by_cohort = {
            cohort: Joined("and", (COHORT_OPEN, atoms.condition(1))) if draw(st.booleans()) else COHORT_OPEN
            for cohort in cohorts
        }
        clauses.insert(0, Clause("R", by_cohort=by_cohort, routing=True))
    bare = [cohort for cohort in cohorts if not any(clause.binds([cohort]) for clause in clauses)]
    if bare:
        clauses.append(Clause("B", atoms.condition(1), cohorts=tuple(bare)))
    return Trial(f"T{number}", f"NCT0000000{number}", cohorts, tuple(clauses))


@st.composite
def clauses_of(draw: st.DrawFn, atoms: _Atoms, cohorts: tuple[str, ...], number: int) -> Clause:
    """A clause of one of the three forms."""
    name = f"I{number}"
    form = draw(choice(["plain", "plain", "guarded", "some", "map"]))
    some = draw(st.lists(choice(cohorts), min_size=1, unique=True))
    if form == "map":
        chosen = [cohort for cohort in cohorts if cohort in some]
        return Clause(name, by_cohort={cohort: atoms.condition(1) for cohort in chosen})
    guards = {}
    if form == "guarded":
        keys = draw(choice([("when",), ("unless",), ("when", "unless")]))
        guards = {key: atoms.condition(1) for key in keys}
    own = tuple(cohort for cohort in cohorts if cohort in some) if form == "some" else None
    return Clause(name, atoms.condition(), cohorts=own, **guards)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """A world whose theory holds of someone."""
    vocabulary = draw(vocabularies())
    atoms = _Atoms(draw, vocabulary)
    if draw(st.integers(0, 2)) == 0:
        atoms.definitions = (Defined("fit", atoms.condition(1)),)
    theory = [draw(axioms(atoms, i)) for i in range(draw(st.integers(0, 4)))]
    found = tuple(draw(trials(atoms, i)) for i in range(1, draw(st.integers(1, 2)) + 1))
    flags = atoms.by_kind.get("boolean", [])
    if len(flags) > 1 and draw(st.booleans()):
        theory.append(Axiom("F1", Joined("==", (Flag(flags[0]), Flag(flags[1])))))
    if flags and draw(st.integers(0, 3)) == 0:
        entry = HasEntry("names_l", "greek", MEMBERS)
        vocabulary = {**vocabulary, "names_l": Variable("names_l", "list")}
        theory.append(Axiom("L1", Joined("implies", (entry, Flag(flags[0])))))
    return World(vocabulary, tuple(theory), found, atoms.definitions)


@st.composite
def partly_encoded(draw: st.DrawFn) -> tuple[World, Patient]:
    """A world and a patient, where some criteria are kept as text, for good or under one reading, and some come from elsewhere."""
    world = draw(worlds())
    found = tuple(draw(with_texts(trial)) for trial in world.trials)
    world = replace(world, trials=found)
    patient = draw(patients(world))
    names = sorted({name for trial in found for clause in trial.clauses for name in _switches(clause)})
    readings = draw(st.lists(choice(names), unique=True)) if names else []
    return world, replace(patient, readings=frozenset(readings), secondary=draw(st.booleans()))


def _switches(clause: Clause) -> Iterator[str]:
    yield from clause.readings
    if clause.secondary is not None:
        yield clause.secondary


@st.composite
def with_texts(draw: st.DrawFn, trial: Trial) -> Trial:
    """The trial with one to three criteria more, or in place of others, that are kept as text; some clauses are read in two ways."""
    clauses = list(trial.clauses)
    for i in range(draw(st.integers(1, 3))):
        some = draw(st.lists(choice(trial.cohorts), min_size=1, unique=True))
        own = tuple(cohort for cohort in trial.cohorts if cohort in some)
        judgement = draw(choice(["objective"] * 4 + ["judgement", "attestation", "administrative"]))
        text = Clause(f"O{i}", cohorts=own if draw(st.booleans()) else None, judgement=judgement)
        text = draw(second_reading(text, f"AMB-{trial.code}-O{i}", clauses))
        replaced = draw(st.integers(0, len(clauses) * 3))
        if replaced < len(clauses) and not clauses[replaced].routing:
            clauses[replaced] = text
        else:
            clauses.append(text)
    for i, clause in enumerate(clauses):
        if not clause.opaque and clause.by_cohort is None and draw(st.integers(0, 5)) == 0:
            clauses[i] = draw(second_reading(clause, f"AMB-{trial.code}-{i}", clauses))
    bare = [c for c in trial.cohorts if not any(clause.binds([c]) for clause in clauses)]
    if bare:
        clauses.append(Clause("OB", cohorts=tuple(bare)))
    return replace(trial, clauses=tuple(clauses))


@st.composite
def second_reading(draw: st.DrawFn, clause: Clause, name: str, others: Sequence[Clause]) -> Clause:
    """The clause as it is, or with another reading, under which it is dropped or asks for what another one does; or from elsewhere."""
    asked = [other.require for other in others if other.require is not None]
    match draw(choice(["as it is", "as it is", "drop", "other", "secondary"])):
        case "drop":
            return replace(clause, readings={name: None})
        case "other" if asked:
            return replace(clause, readings={name: draw(st.sampled_from(asked))})
        case "secondary":
            return replace(clause, secondary=f"{name}-2")
    return clause


@st.composite
def products(draw: st.DrawFn) -> World:
    """A world in which one small whole number is the product of two others."""
    names = ("grade_a", "grade_b", "grade_c")
    vocabulary: dict[str, Variable] = {"grade_a": Variable("grade_a", "integer")}
    for name in names[1:]:
        low = draw(st.integers(0, 1))
        plausible = Between(name, Fraction(low), Fraction(low + draw(st.integers(1, 2))))
        vocabulary[name] = Variable(name, "integer", plausible=plausible)
    vocabulary["flag_p"] = Variable("flag_p", "boolean")

    def limit() -> Expression:
        name = draw(choice(names))
        return Limit(name, draw(choice(RELATIONS)), Fraction(draw(st.integers(0, 5))))

    theory = [Axiom("A1", Times(*names), ("grade_a",) if draw(st.booleans()) else ())]
    if draw(st.booleans()):
        theory.append(Axiom("A2", Joined("implies", (Flag("flag_p"), limit()))))
    parts = [Clause(f"I{i}", Joined("or", (limit(), Flag("flag_p")))) for i in range(2)]
    parts += [Clause(f"E{i}", limit()) for i in range(draw(st.integers(1, 3)))]
    return World(vocabulary, tuple(theory), (Trial("T1", "NCT00000001", ("C1",), tuple(parts)),))


def _written(value: Fraction, unit: str) -> dict[str, Any]:
    return {"value": float(decimal(value / MILLIGRAMS[unit])), "unit": unit}


@st.composite
def facts(draw: st.DrawFn, variable: Variable, as_of: date) -> Fact:
    """An exact fact, an interval, or one of several values."""
    form = draw(choice(["exact"] * 4 + ["interval"] * 2 + ["one_of"]))
    match variable.kind:
        case "boolean":
            value = draw(st.booleans())
            return Fact(value, values=(value,))
        case "list":
            entries = draw(st.lists(choice([*MEMBERS, "gamma"]), max_size=2, unique=True))
            return Fact(entries, values=(tuple(entries),))
        case "enumeration":
            several = draw(st.lists(choice(variable.values), min_size=1, max_size=2, unique=True))
            if form == "exact":
                return Fact(several[0], values=(several[0],))
            return Fact({"one_of": several}, values=tuple(several))
        case "integer":
            return draw(_integer_facts(form))
        case "quantity":
            return draw(_quantity_facts(form))
    return draw(_date_facts(form, as_of, past=variable.past))


@st.composite
def _integer_facts(draw: st.DrawFn, form: str) -> Fact:
    low = draw(st.integers(0, 5))
    if form == "exact":
        return Fact(low, values=(low,))
    if form == "one_of":
        several = tuple(draw(st.lists(st.integers(0, 6), min_size=2, max_size=3, unique=True)))
        return Fact({"one_of": list(several)}, values=several)
    high = low + draw(st.integers(1, 3))
    match draw(choice(["both", "open", "min", "max"])):
        case "both":
            return Fact({"min": low, "max": high}, low=low, high=high)
        case "open":
            return Fact({"min": low, "max_exclusive": high + 1}, low=low, high=high)
        case "min":
            return Fact({"min": low}, low=low)
    return Fact({"max": high}, high=high)


@st.composite
def _quantity_facts(draw: st.DrawFn, form: str) -> Fact:
    unit = draw(choice(sorted(MILLIGRAMS)))
    low = draw(quarters(8))
    if form == "exact":
        return Fact(_written(low, unit), values=(low,))
    if form == "one_of":
        several = tuple(draw(st.lists(quarters(8), min_size=2, max_size=3, unique=True)))
        written = [float(decimal(value / MILLIGRAMS[unit])) for value in several]
        return Fact({"one_of": written, "unit": unit}, values=several)
    high = low + Fraction(draw(st.integers(1, 4)), 2)
    one, other = (float(decimal(value / MILLIGRAMS[unit])) for value in (low, high))
    low_open, high_open = draw(st.tuples(st.booleans(), st.booleans()))
    entry: dict[str, Any] = {"unit": unit}
    ends = draw(choice(["both", "min", "max"]))
    if ends != "max":
        entry["min_exclusive" if low_open else "min"] = one
    if ends != "min":
        entry["max_exclusive" if high_open else "max"] = other
    return Fact(
        entry,
        low=None if ends == "max" else low,
        high=None if ends == "min" else high,
        low_open=low_open,
        high_open=high_open,
    )


@st.composite
def _date_facts(draw: st.DrawFn, form: str, as_of: date, *, past: bool) -> Fact:
    latest = 3 if past else 40
    before = draw(choice([0, 1, 27, 28, 29, 31, 60, 92, 366, 18 * 365, 70 * 365]))
    day = as_of - timedelta(days=before) + timedelta(days=draw(st.integers(-3, latest)))
    if form == "exact":
        return Fact(day.isoformat(), values=(day,))
    if form == "one_of":
        other = day - timedelta(days=draw(st.integers(1, 60)))
        return Fact({"one_of": [day.isoformat(), other.isoformat()]}, values=(day, other))
    match draw(choice(["month", "both", "wide", "max"])):
        case "month":
            low = day.replace(day=1)
            high = (low + timedelta(days=31)).replace(day=1) - timedelta(days=1)
            return Fact(day.isoformat()[:7], low=low, high=high)
        case "both":
            low = day - timedelta(days=draw(st.integers(1, 40)))
            return Fact({"min": low.isoformat(), "max": day.isoformat()}, low=low, high=day)
        case "wide":
            low = day - timedelta(days=draw(st.integers(1000, 8000)))
            return Fact({"min": low.isoformat(), "max": day.isoformat()}, low=low, high=day)
    start = date(1850, 1, 1)
    return Fact({"max": day.isoformat()}, low=start, high=day)


@st.composite
def patients(draw: st.DrawFn, world: World) -> Patient:
    """A patient of a world: most is recorded, or little."""
    as_of = draw(choice(DAYS))
    forms = draw(
        st.sampled_from(
            [["fact", "fact", "fact", "absent", "null"], ["fact", "absent", "absent", "absent", "null"]]
        )
    )
    recorded: dict[str, Fact] = {}
    unknown = []
    for name, variable in world.variables.items():
        match draw(choice(forms)):
            case "fact":
                recorded[name] = draw(facts(variable, as_of))
            case "null":
                unknown.append(name)
    opened = {
        trial.code: tuple(draw(st.lists(choice(trial.cohorts), unique=True)))
        for trial in world.trials
        if any(clause.routing for clause in trial.clauses) and draw(st.booleans())
    }
    return Patient(as_of, recorded, tuple(unknown), opened)


def holds_of_someone(world: World, as_of: date) -> bool:
    """Whether the theory alone, with its plausible ranges, has a completion."""
    twin = Twin(world, Patient(as_of, {}))
    return twin.possible((), assumed=False) and twin.possible((), ranges=twin.ranges, assumed=True)


@st.composite
def settings_of(draw: st.DrawFn) -> tuple[World, Patient]:
    """A world and a patient of it."""
    world = draw(products() if draw(st.integers(0, 9)) == 0 else worlds())
    return world, draw(patients(world))


def kinds(world: World) -> Iterator[str]:
    """The kinds of variables and of conditions that a world has."""
    yield from (variable.kind for variable in world.variables.values())
    yield from (type(part).__name__ for part in world.expressions())
