"""Hypothesis strategies for authors of trials, and laws that every trial file must keep.

Records are drawn as JSON documents, as `match` reads them from a file. They shrink to few facts with simple values. Needs the package
hypothesis, which is not installed by default: `pip install trialproof[testing]`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from solver.engine.clauses import ConditionCache, clauses_in_force
from solver.engine.problem import Problem, pose
from solver.engine.witnesses.witness import REFERENCE_DAY, Unwritable, witness_document
from solver.evaluation.propagate import Conditions, choices, complete
from solver.language.calendar import format_day
from solver.language.domain import Domain, Inconsistent, Interval, is_exact, point
from solver.language.tree import AS_OF, Condition, conjunction, variables
from solver.language.types import BooleanType, DateType, EnumerationType, ListType, QuantityType
from solver.library.models import Library, Trial, Variable
from solver.library.readings import exclusive
from solver.patient.readers.native.entry_lists import COMPLETE
from solver.patient.readers.native.read import read_record
from solver.patient.record import Fact, Record
from solver.patient.write import fact_document, record_document
from solver.testing.written_values import Values, nothing_known, written
from solver.work import OutOfBudget

__all__ = ["boundary_records", "completions", "contexts", "facts", "read", "records"]

Json = dict[str, Any]

_NAME = "drawn"


def read(document: Json, library: Library) -> Record:
    """The record that a drawn document holds."""
    return read_record(document, library, name=_NAME)


# facts


def facts(
    library: Library, name: str, *, exact: bool = False, as_of: date = REFERENCE_DAY
) -> st.SearchStrategy[Any]:
    """A fact about a variable in any form that a record may have, null included; with `exact`, one that leaves one value, or a list."""
    return _facts_about(Values.of(library, as_of.toordinal()), name, exact=exact)


@lru_cache(maxsize=4096)
def _facts_about(values: Values, name: str, *, exact: bool) -> st.SearchStrategy[Any]:
    variable = values.library.variables[name]
    if isinstance(variable.type, ListType):
        found: st.SearchStrategy[Any] = _entry_lists(values, variable)
        return found if exact else st.one_of(found, st.none())
    telling = values.values(name)
    one = _with_unit(variable, st.sampled_from(telling).map(lambda value: {"value": value}))
    return one if exact else st.one_of(one, _vague_facts(variable, telling), st.none())


def _entry_lists(values: Values, variable: Variable) -> st.SearchStrategy[list[str]]:
    entries, register = values.entries[variable.name], values.library.registers.get(variable.name)
    forms = [st.sampled_from(entries)] if entries else []
    if variable.pattern is not None:
        forms.append(st.from_regex(re.compile(variable.pattern, re.ASCII), fullmatch=True))
    else:
        forms.append(st.just("something else"))
    if register is not None and register.names:
        names = st.sampled_from(register.names)
        forms += [names, names.map(str.upper), names.map(lambda name: f"{name}-abcd")]
    return st.lists(st.one_of(forms), max_size=min(variable.most or 3, 3))


def _vague_facts(variable: Variable, telling: Sequence[Any]) -> st.SearchStrategy[Any]:
    """A fact that leaves several values: some of them, a range with open or closed ends, or part of a date."""
    if isinstance(variable.type, BooleanType) or len(telling) < 2:
        return st.just({"one_of": [False, True]}) if isinstance(variable.type, BooleanType) else st.none()
    pair = st.lists(st.sampled_from(telling), min_size=2, max_size=2, unique=True)
    several = st.lists(st.sampled_from(telling), min_size=2, max_size=3, unique=True)
    some = several.map(lambda values: {"one_of": values})
    if isinstance(variable.type, EnumerationType):
        return some
    forms = [some, pair.map(lambda each: {"min": min(each), "max": max(each)})]
    ends = st.sampled_from(["max", "min"])
    forms.append(st.builds(lambda key, value: {key: value}, ends, st.sampled_from(telling)))
    if isinstance(variable.type, DateType):
        parts = st.tuples(st.sampled_from(telling), st.sampled_from([7, 4]))
        return st.one_of(parts.map(lambda each: each[0][: each[1]]), *forms)
    if isinstance(variable.type, QuantityType):
        forms.append(pair.map(lambda each: {"min_exclusive": min(each), "max_exclusive": max(each)}))
    return _with_unit(variable, st.one_of(forms))


def _with_unit(variable: Variable, form: st.SearchStrategy[Json]) -> st.SearchStrategy[Any]:
    """The fact with its unit, and for a dose with some drug; a bare value where nothing else is to be said."""
    if not isinstance(variable.type, QuantityType):
        return form.map(lambda entries: entries["value"] if set(entries) == {"value"} else entries)
    unit: Json = {} if variable.bare else {"unit": variable.type.unit.text}
    if not variable.drugs:
        return form.map(lambda entries: {**entries, **unit})
    drugs = st.sampled_from(sorted(variable.drugs))
    return st.builds(lambda entries, drug: {**entries, **unit, "drug": drug}, form, drugs)


# records


def contexts(library: Library) -> st.SearchStrategy[Json]:
    """A state of the world: usually everything is open and every first reading holds."""
    return _drawn_contexts(Values.of(library, REFERENCE_DAY.toordinal()))


@st.composite
def _drawn_contexts(draw: st.DrawFn, values: Values) -> Json:
    library = values.library
    context: Json = {}
    for trial in library.trials.values():
        if trial.routed and draw(st.integers(0, 5)) == 5:
            some = st.lists(st.sampled_from(sorted(trial.cohorts)), unique=True)
            context.setdefault("open_cohorts", {})[trial.code] = draw(some)
    readings = sorted(reading.id for reading in library.switches())
    if readings and draw(st.integers(0, 3)) == 3:
        chosen = draw(st.lists(st.sampled_from(readings), unique=True, max_size=4))
        context["readings"] = _fitting_readings(library, chosen)
    if draw(st.integers(0, 5)) == 5:
        context["secondary_sources"] = True
    return context


def _fitting_readings(library: Library, names: Sequence[str]) -> list[str]:
    """The readings among these that can hold together, of those that cannot the first."""
    readings = {each.id: each for trial in library.trials.values() for each in trial.readings.values()}
    found: list[str] = []
    for name in names:
        if not any(exclusive(readings, name, other) for other in found):
            found.append(name)
    return found


def records(
    library: Library,
    *,
    like: Sequence[Json] = (),
    most: int = 8,
    exact: bool = False,
    complete: bool = False,
    as_of: date = REFERENCE_DAY,
) -> st.SearchStrategy[Json]:
    """A record about any of the variables, consistent or not, in some context.

    `like` are records to begin with, of which some facts are dropped; `most` facts at most are drawn besides. With `exact` no fact is drawn
    that leaves several values. With `complete` some recorded lists are said to be complete. `as_of` is the day of evaluation where `like`
    gives none.
    """
    return _drawn_records(Values.of(library, as_of.toordinal()), list(like), most, exact, complete)


@st.composite
def _drawn_records(
    draw: st.DrawFn, values: Values, like: Sequence[Json], most: int, exact: bool, complete: bool
) -> Json:
    as_of = values.known[AS_OF]
    assert isinstance(as_of, Interval)
    start: Json = draw(st.sampled_from(like)) if like else {"as_of": format_day(int(as_of.low)), "facts": {}}
    found: Json = dict(start["facts"])
    if found:
        for name in draw(st.lists(st.sampled_from(sorted(found)), max_size=most, unique=True)):
            del found[name]
    for name in draw(st.lists(st.sampled_from(sorted(values.library.variables)), max_size=most, unique=True)):
        found[name] = draw(_facts_about(values, name, exact=exact))
    context = draw(_drawn_contexts(values))
    lists = [name for name in values.library.registers if found.get(name) is not None]
    whole = [name for name in lists if name in start.get(COMPLETE, ()) or (complete and draw(st.booleans()))]
    rest: Json = {COMPLETE: whole, "context": context}
    kept = {key: value for key, value in start.items() if key != COMPLETE}
    return {**kept, "id": _NAME, "facts": found, **{key: value for key, value in rest.items() if value}}


def completions(library: Library, record: Json) -> st.SearchStrategy[Json]:
    """A record that agrees with the one given and with the theory, and has a value for every variable.

    Lists that are not recorded stay so, and so does a number without a decimal form, which its definition gives. What the trials ask of
    events and findings is told by entries where it can be. A record that contradicts itself, and one of which the search finds no
    completion, is passed over.
    """
    return _drawn_completions(Values.of(library, read(record, library).as_of), record)


@st.composite
def _drawn_completions(draw: st.DrawFn, values: Values, record: Json) -> Json:
    library = values.library
    problem = pose(library, read(record, library))
    assume(not problem.inconsistent and problem.consistent())
    conditions = Conditions(problem.oracle.theory)
    box = dict(problem.known)
    for name in library.variables:
        domain = box[name]
        if not is_exact(domain):
            wanted = draw(st.sampled_from(_telling_in(values, name, domain)))
            box = _box_with(conditions, box, name, wanted) or box
    found = complete(conditions, box) or problem.completion
    assume(found is not None)
    assert found is not None
    return _total_record(library, problem, record, _pinned_box(library, conditions, found))


def _telling_in(values: Values, name: str, domain: Domain) -> list[Domain]:
    """Values within a domain, simple ones first."""
    if isinstance(domain, frozenset):
        kind = values.library.variables[name].type
        order = kind.values if isinstance(kind, EnumerationType) else (False, True)
        return [_single_value(value) for value in order if value in domain]
    assert isinstance(domain, Interval)
    telling = dict.fromkeys([*choices(domain), *values.numbers(name)])
    found = [value for value in telling if value in domain and written(value)]
    return [point(int(v) if domain.whole else v, whole=domain.whole) for v in found] or [domain]


def _single_value(value: Any) -> Domain:
    return frozenset({value})


def _box_with(conditions: Conditions, box: Mapping[str, Domain], name: str, value: Domain) -> Any:
    """The box with a value of a variable, closed; None where that shows that there is none."""
    found = {**box, name: value}
    try:
        conditions.close(found, {name})
    except Inconsistent:
        return None
    return found


def _pinned_box(library: Library, conditions: Conditions, box: Mapping[str, Domain]) -> Mapping[str, Domain]:
    """The box with one value for each variable, as far as values with a decimal form are found."""
    found = dict(box)
    for name in (*library.variables, *(name for name in library.terms if name in found)):
        domain = found[name]
        if isinstance(domain, Interval) and not domain.exact:
            tried = [value for value in choices(domain) if written(value)]
            closed = (_box_with(conditions, found, name, point(value, whole=domain.whole)) for value in tried)
            found = next((each for each in closed if each is not None), found)
        elif isinstance(domain, frozenset) and len(domain) > 1:
            found = _box_with(conditions, found, name, _single_value(min(domain))) or found
    return found


def _total_record(library: Library, problem: Problem, record: Json, box: Mapping[str, Domain]) -> Json:
    found = {name: value for name, value in record["facts"].items() if value is not None}
    for name, domain in box.items():
        fact = problem.record.facts.get(name)
        if name not in library.variables or (fact is not None and fact.exact):
            continue
        if not is_exact(domain) or isinstance(library.variables[name].type, ListType):
            continue
        if isinstance(domain, Interval) and not written(domain.low):
            continue
        found[name] = fact_document(Fact(name, domain, ""), library.variables[name])
    total = {**record, "facts": found}
    terms = {name: Fact(name, box[name], "") for name in library.terms if name in box and is_exact(box[name])}
    if not terms:
        return total
    known = read(total, library)
    try:
        told = witness_document(library, replace(known, facts={**known.facts, **terms}))
    except (OutOfBudget, Unwritable, ValueError):  # a day or a limit that no entry tells
        return total
    return {**total, "facts": told["facts"], **({COMPLETE: told[COMPLETE]} if COMPLETE in told else {})}


def boundary_records(library: Library, trial: str, *, as_of: date = REFERENCE_DAY) -> st.SearchStrategy[Json]:
    """Records at and around the thresholds and the ends of the windows of one trial's clauses.

    Each is a patient who is eligible for some cohort with a few facts changed. `trial` is a code or an NCT number. Raises `ValueError` for
    another name, and for a trial that nobody can enter.
    """
    found = library.trial(trial)
    if found is None:
        raise ValueError(f"'{trial}' is not a known trial: the trials are {', '.join(library.trials)}")
    starts = starting_patients(library, found, as_of)
    if not starts:
        raise ValueError(f"nobody can enter {found.code}")
    return st.one_of([_records_around(_Around(library, found, start)) for start in starts])


def starting_patients(library: Library, trial: Trial, as_of: date = REFERENCE_DAY) -> list[Record]:
    """A patient who meets every clause with logic, for each cohort that somebody can enter."""
    from solver.questions.examples.example_patients import ExamplePatients

    # what is asked of concepts is told by terms here, and written as events in the end
    asking = library.with_terms(trial)
    patients = ExamplePatients(asking, Record(_NAME, as_of.toordinal(), {}), None)
    found = [patients.witness(_clause_conditions(trial, cohort), {}) for cohort in trial.cohorts]
    return [read(witness_document(asking, record), library) for record in found if record is not None]


def _clause_conditions(trial: Trial, cohort: str) -> list[Condition]:
    bindings = clauses_in_force(trial, Record(_NAME, 0, {}).context, ConditionCache())
    return [binding.conditions[cohort] for binding in bindings if cohort in binding.conditions]


class _Around:
    """A starting patient, and the facts that may be changed about the patient."""

    def __init__(self, library: Library, trial: Trial, start: Record) -> None:
        self.start, self.library = record_document(start, library), library
        self.conditions = [c for cohort in trial.cohorts for c in _clause_conditions(trial, cohort)]
        self.names = sorted(variables(conjunction(self.conditions)) & library.variables.keys())
        self.known, self.free = pose(library, start).known, nothing_known(library, start.as_of)

    def facts(self, name: str) -> st.SearchStrategy[Any]:
        """An exact fact about a variable, the others being as they are."""
        known = {**self.known, name: self.free[name]}
        return _facts_about(Values(self.library, self.conditions, known), name, exact=True)


@st.composite
def _records_around(draw: st.DrawFn, around: _Around) -> Json:
    facts: Any = around.start["facts"]
    names = draw(st.lists(st.sampled_from(around.names), max_size=4, unique=True))
    return {**around.start, "facts": {**facts, **{name: draw(around.facts(name)) for name in names}}}
