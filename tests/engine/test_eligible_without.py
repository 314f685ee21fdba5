"""The sets of clauses without which a trial is eligible, against leaving out every set of its clauses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import combinations

from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from solver.library import models
from solver.library.models import Library
from solver.matcher import Matcher
from solver.patient.readers.native.read import read_record
from solver.patient.record import Record
from solver.screen.judge import judge
from tests.support.drawing.drawn import drawn
from tests.support.records import worked
from tests.support.twins.invented import compile_world, holds_of_someone, partly_encoded, settings_of
from tests.support.twins.naive import Clause, Limit, Patient, Trial, Variable, World


def sets_of(names: Iterable[str]) -> Iterator[frozenset[str]]:
    """Every set of the names."""
    every = sorted(names)
    return (frozenset(each) for size in range(len(every) + 1) for each in combinations(every, size))


def still_bound(trial: models.Trial, without: frozenset[str]) -> bool:
    """Whether each cohort keeps a clause that is in force under every reading."""
    left = [clause for clause in trial.clauses if clause.id not in without]
    firm = [each for each in left if not each.secondary and not each.alternatives]
    return all(any(clause.binds(cohort) for clause in firm) for cohort in trial.cohorts)


def check_every_set(
    library: Library, record: Record, trial: models.Trial, names: Iterable[str], **how: str
) -> int:
    """That the listed sets say of each set of the names whether the trial is eligible without it; how often it is so, and it is not now."""
    found = judge(Matcher(library, **how), record, [trial.code], "full").trials[0]
    assume(found.verdict not in ("withheld", "unresolved"))
    assert found.eligible_without is not None
    assert all(
        not set(one) < set(other) for one in found.eligible_without for other in found.eligible_without
    )
    count = 0
    for without in sets_of(names):
        if not still_bound(trial, without):
            continue
        [left] = Matcher(library, without=without, **how).verdicts(record, [trial.code])
        told = any(without.issuperset(each) for each in found.eligible_without)
        assert (left.verdict == "eligible") == told, (without, left.verdict, found)
        count += told and found.verdict != "eligible"
    return count


@given(situation=st.one_of(settings_of(), partly_encoded()))
@settings(drawn(10), phases=(Phase.explicit, Phase.generate))
def test_they_are_those_that_can_be_left_out(situation: tuple[World, Patient]) -> None:
    """On invented worlds, with several cohorts, texts and readings, every set of clauses is left out in turn."""
    world, patient = situation
    assume(holds_of_someone(world, patient.as_of))
    library = compile_world(world)
    record = read_record(patient.record(), library, name="invented")
    for trial in library.trials.values():
        if len(trial.clauses) <= 4:
            check_every_set(library, record, trial, [clause.id for clause in trial.clauses])


def test_cohorts_may_take_a_patient_together() -> None:
    """Whatever the level is one of them does; without what only one of them asks for besides, each is certain by itself."""
    clauses = (
        Clause("I1", Limit("score", "<=", Fraction(2))),
        Clause("I2", Limit("level", ">=", Fraction(50)), cohorts=("A",)),
        Clause("I3", Limit("level", "<", Fraction(50)), cohorts=("B",)),
        Clause("I4", cohorts=("B",)),
        Clause("I5", Limit("score", ">=", Fraction(0))),
    )
    variables = {name: Variable(name, "integer") for name in ("score", "level")}
    library = compile_world(World(variables, (), (Trial("ONE", "NCT00000001", ("A", "B"), clauses),)))
    record = read_record({"as_of": "2025-06-01", "facts": {"score": 3}}, library, name="invented")
    [found] = judge(Matcher(library), record, level="full").trials
    assert found.eligible_without == (("ONE.I1", "ONE.I2"), ("ONE.I1", "ONE.I4"))


def test_what_a_policy_counts_as_met_need_not_be_left_out(library: Library) -> None:
    """Under every policy each of the sets makes a worked patient eligible, and none of its members can be kept."""
    policies = sorted(library.policies)
    matcher, seen = Matcher(library, assume=policies), 0
    for name in sorted(worked.load("patients"))[:3]:
        record = read_record({**worked.patient(name), "as_of": "2025-06-01"}, library, name=name)
        for trial in judge(matcher, record, level="full").trials:
            for names in (trial.eligible_without or ())[:2]:
                seen += len(names) > 1
                if not still_bound(library.trials[trial.code], frozenset(names)):
                    continue
                for kept in (None, *names):
                    without = [each for each in names if each != kept]
                    fewer = matcher.leaving_out(without) if without else matcher
                    [left] = fewer.verdicts(record, [trial.code])
                    assert (left.verdict == "eligible") == (kept is None)
    assert seen > 1
