"""What is known of a patient who enters a trial, while on it and afterwards, as the trial's file says.

What becomes true afterwards takes the place of what was recorded, unless that agrees with it. What is out of date is kept as it was
recorded: `remeasured` is the record without it, where only what can never be undone is still known.

A trial sets `treated` afterwards, and outdates `score` and `lines`, a count that never falls. For a patient who is untreated, with a score
of 1 and 2 lines:

    after         treated: yes, score: 1, lines: 2
    remeasured    treated: yes, lines: at least 2
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from solver.evaluation.evaluate import evaluate
from solver.language.domain import BOTH, Domain, Interval, Recorded
from solver.language.tree import Complete, walk
from solver.language.types import BooleanType, EnumerationType, IntegerType
from solver.library.models import Library, Trial, Variable
from solver.patient.readers.native.statement import join_words
from solver.patient.record import Fact, Record


def during(library: Library, record: Record, trial: Trial) -> Record:
    """The record of a patient who is on a trial."""
    return _with_effects(library, _lists_left_open(library, record), trial.enrolment.during)


def after(library: Library, record: Record, trial: Trial) -> Record:
    """The record of a patient who has been on a trial, with the course of the disease as it is recorded.

    Nothing of that course is known where entering the trial itself makes what is recorded of it false.
    """
    enrolment = trial.enrolment
    gone = enrolment.forgets
    if any(_is_made_false(record.facts.get(name), enrolment.after.get(name)) for name in enrolment.outdates):
        gone = (*gone, *enrolment.outdates)
    return _with_effects(
        library, _without_facts(library, _lists_left_open(library, record), gone), enrolment.after
    )


def remeasured(library: Library, record: Record, trial: Trial) -> Record:
    """The record of a patient after a trial, `record`, without what is out of date then: it is to be known anew."""
    enrolment = trial.enrolment
    return _with_effects(library, _without_facts(library, record, enrolment.outdates), enrolment.after)


def _without_facts(library: Library, record: Record, names: Iterable[str]) -> Record:
    """The record with nothing said of these variables but what stays true of them."""
    facts = dict(record.facts)
    for name in names:
        left = _lasting_fact(library.variables[name], facts.pop(name, None))
        if left is not None:
            facts[name] = left
    return replace(record, facts=facts)


def _lasting_fact(variable: Variable, fact: Fact | None) -> Fact | None:
    """What stays true of a variable: of what never changes back, an ever that was true, and a count at least.

    What a policy may take as absent is recorded as unknown, since the trial may have changed it.
    """
    never = variable.changes == "never"
    match variable.type:
        case BooleanType():
            if fact is not None and never and fact.domain == frozenset({True}):
                return fact
            return Fact(variable.name, BOTH, "not known anew") if variable.policy else None
        case IntegerType():
            domain = fact.domain if fact is not None and never else None
            low = int(domain.low) if isinstance(domain, Interval) else 0
            if low == 0 and variable.policy is None:
                return None
            return Fact(variable.name, Interval(low, math.inf, False, True, True), f"at least {low}")
        case _:
            return None


def _lists_left_open(library: Library, record: Record) -> Record:
    """The record with no list said to be complete, since the trial gives a drug; what the list denied today is said one by one."""
    facts = dict(record.facts)
    for name, fact in record.facts.items():
        if isinstance(fact.domain, Recorded) and fact.complete:
            facts[name] = replace(fact, domain=fact.domain._replace(complete=False), complete=False)
            for denied in _denied_by_list(library, name, fact.domain):
                facts.setdefault(denied, Fact(denied, frozenset({False}), "no"))
    return replace(record, facts=facts)


def _denied_by_list(library: Library, name: str, listed: Recorded) -> Iterator[str]:
    """What the theory denies of a patient because of what a complete list does not hold."""
    for axiom in library.axioms:
        others = library.mentions[axiom.id] - {name}
        if len(others) == 1 and any(isinstance(part, Complete) for part in walk(axiom.condition)):
            (other,) = others
            if evaluate(axiom.condition, {name: listed, other: frozenset({True})}) is False:
                yield other


def _with_effects(library: Library, record: Record, effects: Mapping[str, Domain]) -> Record:
    facts, variables = record.facts, library.variables
    stated = {name: _stated_fact(variables[name], each, facts.get(name)) for name, each in effects.items()}
    return replace(record, facts={**facts, **stated})


def _stated_fact(variable: Variable, domain: Domain, fact: Fact | None) -> Fact:
    """A fact that says what holds; what is recorded stays as far as it agrees."""
    if fact is not None and fact.domain == domain:
        return fact
    if isinstance(domain, Interval):
        return Fact(variable.name, domain, str(domain.low))
    assert isinstance(domain, frozenset)
    if fact is not None and isinstance(fact.domain, frozenset) and domain & fact.domain:
        if fact.domain <= domain:
            return fact
        domain = domain & fact.domain
    if isinstance(variable.type, EnumerationType):
        words = [value for value in variable.type.values if value in domain]
    else:
        words = ["yes" if value else "no" for value in (True, False) if value in domain]
    return Fact(variable.name, domain, join_words(words))


def _is_made_false(fact: Fact | None, domain: Domain | None) -> bool:
    """Whether a recorded fact cannot hold where a value of `domain` does."""
    if fact is None or domain is None:
        return False
    if isinstance(domain, frozenset) and isinstance(fact.domain, frozenset):
        return domain.isdisjoint(fact.domain)
    return fact.domain != domain
