"""The clauses of trials as they bind one patient: what is asked in the same words is one object."""

from __future__ import annotations

from dataclasses import replace

from solver.engine.clauses import ConditionCache
from solver.language.tree import And, Compare, Condition, Constant, NumberVariable
from solver.library.models import Clause, Trial
from solver.patient.record import Context
from tests.support.libraries.shipped import LIBRARY

TRIAL = next(iter(LIBRARY.trials.values()))


def at_least(limit: int) -> Condition:
    """A condition that is a new object whenever it is made."""
    return And((Compare("<=", Constant(limit), NumberVariable("ecog", "int")),))  # type: ignore[arg-type]


def trial(code: str, conditions: dict[str, Condition]) -> Trial:
    """A trial with one clause that asks this of its cohorts."""
    clause = Clause("I1", "label", "S", "objective", "never", conditions, {}, dict.fromkeys(conditions, ""))
    return replace(TRIAL, code=code, cohorts=dict.fromkeys(conditions, ""), clauses=(clause,), readings={})


def asked(cache: ConditionCache, given: Trial) -> dict[str, Condition]:
    """What the clause asks of each cohort."""
    (binding,) = cache.bindings(given, Context())
    return dict(binding.conditions)


def test_two_trials_that_ask_the_same_share_a_condition() -> None:
    """Another trial that asks the same has the object of the first, and one that asks something else has its own."""
    cache = ConditionCache()
    one, two, other = trial("A", {"ALL": at_least(1)}), trial("B", {"ALL": at_least(1)}), at_least(2)
    assert asked(cache, one)["ALL"] is one.clauses[0].conditions["ALL"]
    assert asked(cache, two)["ALL"] is one.clauses[0].conditions["ALL"]
    assert asked(cache, trial("C", {"ALL": other}))["ALL"] is other


def test_what_a_clause_asks_of_cohorts_apart_stays_apart() -> None:
    """Two cohorts have one object in the answer only where they have it in the file."""
    cache, shared = ConditionCache(), at_least(1)
    assert asked(cache, trial("A", {"P": shared, "Q": shared})) == {"P": shared, "Q": shared}
    apart = asked(cache, trial("B", {"P": at_least(1), "Q": at_least(1)}))
    assert apart["P"] == apart["Q"] == shared
    assert apart["P"] is not apart["Q"]
