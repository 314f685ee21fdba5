"""Laws of conflicts, deciding sets, requirements and evidence on invented trials, held by brute force over all completions.

The laws look at the same situations: each is drawn, compiled, enumerated and answered once. In `make explore` every law draws its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, lru_cache
from itertools import combinations
from math import prod
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from solver.library.compile import compile_library
from solver.library.files.yaml_places import parse_document
from solver.patient.readers.native.read import read_record
from solver.questions.match.answer import MatchAnswer, TrialAnswer
from tests.support.drawing.drawn import drawn, shared
from tests.support.records.matchers import Undated
from tests.support.twins.differential import compared, contains, meaning
from tests.support.twins.invented import compile_files, facts, holds_of_someone, settings_of
from tests.support.twins.naive import (
    At,
    Axiom,
    Clause,
    Expression,
    Fact,
    Flag,
    HowMany,
    Joined,
    Limit,
    Not,
    Patient,
    TooLargeError,
    Trial,
    Twin,
    Value,
    Variable,
    World,
)

SOME = drawn(30)
Situation = tuple[World, Patient]
Set = frozenset[str]
RANK = {"ineligible": 0, "undetermined": 1, "eligible": 2}
MOST = 20_000
"""The most combinations that are looked through for one question."""


SITUATIONS = shared(settings_of(), 200)
Written = tuple[tuple[tuple[str, str], ...], bytes]
"""A situation as files: what two of them have alike, they have the same answer for."""


def written(world: World, patient: Patient) -> Written:
    """The files of a situation."""
    return tuple(world.files().items()), patient.record()


_TWINS: dict[Written, Twin | None] = {}


def twin_of(world: World, patient: Patient) -> Twin:
    """The twin of a consistent patient for whom the meaning is settled; others are passed over."""
    key = written(world, patient)
    if key not in _TWINS:
        twin = Twin(world, patient)
        fits = holds_of_someone(world, patient.as_of) and twin.settled
        _TWINS[key] = twin if fits and twin.possible(patient.facts, assumed=False) else None
    found = _TWINS[key]
    assume(found is not None)
    assert found is not None
    return found


def ask(world: World, patient: Patient) -> MatchAnswer:
    """What the engine says."""
    return _answer(*written(world, patient))


@lru_cache(maxsize=400)
def _answer(files: tuple[tuple[str, str], ...], record: bytes) -> MatchAnswer:
    library = compile_files(files)
    return Undated(library).match(read_record(record, library, name="invented.json"))


def points(twin: Twin, trial: Trial) -> list[dict[str, Value]]:
    """Every completion of what bears on a trial; too many are passed over."""
    try:
        return twin.points(trial, twin.ranges)
    except TooLargeError:
        assume(False)
        raise


def failing(patient: Patient, trial: Trial) -> Callable[[At], dict[str, Set]]:
    """What tells, for each cohort, the clauses that fail on a completion."""
    bound = {
        cohort: [(f"{trial.code}.{c.id}", c) for c in trial.clauses if cohort in c.binds(trial.cohorts)]
        for cohort in trial.cohorts
    }
    opened = {cohort: patient.is_open(trial.code, cohort) for cohort in trial.cohorts}

    def fails(at: At) -> dict[str, Set]:
        found = {}
        for cohort, clauses in bound.items():
            here = {**at, "cohort_open": opened[cohort]}
            found[cohort] = frozenset(name for name, c in clauses if not c.holds(here, cohort))
        return found

    return fails


def answered(situation: Situation) -> Iterator[tuple[Twin, Trial, TrialAnswer]]:
    """Each trial of a situation with the engine's answer."""
    world, patient = situation
    twin = twin_of(world, patient)
    answer = ask(world, patient)
    yield from ((twin, trial, found) for trial, found in zip(world.trials, answer.trials, strict=True))


def once_recorded(twin: Twin, name: str) -> Twin:
    """The twin without what is assumed of a variable only as long as it is not recorded."""
    facts = twin.patient.facts.keys() | {name}
    kept = tuple(
        axiom
        for axiom in twin.world.axioms
        if axiom.assumption is None
        or name not in axiom.while_unrecorded
        or not facts.issuperset(axiom.while_unrecorded)
    )
    return twin if kept == twin.world.axioms else twin_of(replace(twin.world, axioms=kept), twin.patient)


def least(sets: Iterable[Set]) -> set[Set]:
    """Those of the sets that have no other as a part."""
    kept: set[Set] = set()
    for one in sorted(set(sets), key=len):
        if not any(other <= one for other in kept):
            kept.add(one)
    return kept


def hitting(sets: Iterable[Iterable[str]]) -> set[Set]:
    """All minimal sets that share an element with each of the sets, by trying every one."""
    wanted = [frozenset(each) for each in sets]
    elements = sorted(frozenset().union(*wanted))
    tried = (frozenset(c) for size in range(len(elements) + 1) for c in combinations(elements, size))
    return least(chosen for chosen in tried if all(chosen & each for each in wanted))


# --- duality


@SOME
@given(SITUATIONS)
def test_P16_conflicts_and_corrections_are_the_minimal_hitting_sets_of_one_another(
    situation: Situation,
) -> None:
    """The fewest clauses to be given up for a completion to satisfy the rest, found by looking at every one, hit each conflict."""
    for twin, trial, answer in answered(situation):
        if answer.verdict != "ineligible":
            continue
        broken = list(map(failing(twin.patient, trial), points(twin, trial)))
        for cohort in answer.cohorts:
            corrections = least(each[cohort.cohort] for each in broken)
            assert hitting(cohort.conflicts) == corrections
            assert hitting(corrections) == {frozenset(c) for c in cohort.conflicts}
        corrections = least(clauses for each in broken for clauses in each.values())
        assert hitting(answer.conflicts) == corrections
        assert hitting(corrections) == {frozenset(c) for c in answer.conflicts}


@SOME
@given(SITUATIONS)
def test_P16_deciding_sets_and_differences_are_the_minimal_hitting_sets_of_one_another(
    situation: Situation,
) -> None:
    """The fewest answers in which a patient who is taken differs from one who is not, over all pairs, hit each deciding set."""
    for twin, trial, answer in answered(situation):
        if answer.verdict != "undetermined":
            continue
        every = points(twin, trial)
        askable = [name for name in every[0] if name != "as_of" and twin.world.variables[name].requested]
        groups: dict[bool, set[tuple[Value, ...]]] = {True: set(), False: set()}
        fails = failing(twin.patient, trial)
        for at in every:
            taken = not all(fails(at).values())
            groups[taken].add(tuple(at[name] for name in askable))
        assume(len(groups[True]) * len(groups[False]) <= MOST)
        differences = least(
            frozenset(name for name, a, b in zip(askable, one, other, strict=True) if a != b)
            for one in groups[True]
            for other in groups[False]
        )
        if frozenset() in differences:
            # what is never asked for tells the two apart
            assert answer.deciding_sets == ()
        else:
            assert hitting(answer.deciding_sets) == differences
            assert hitting(differences) == {frozenset(each) for each in answer.deciding_sets}


# --- conflicts


def as_fact(variable: Variable, value: Value) -> Fact:
    """An exact value as a record has it."""
    written: Any = value
    if variable.kind == "quantity":
        written = {"value": float(value), "unit": "mg"}
    elif variable.kind == "date":
        written = value.isoformat()
    elif variable.kind == "list":
        written = list(value)
    return Fact(written, values=(value,))


@SOME
@given(SITUATIONS, st.randoms(use_true_random=False))
def test_P17_with_full_information_the_conflicts_are_the_clauses_that_fail(
    situation: Situation, random: Any
) -> None:
    """With everything recorded as on one completion, each cohort's conflicts are the clauses that fail there, each by itself."""
    world, patient = situation
    twin = twin_of(world, patient)
    for trial in world.trials:
        at = random.choice(points(twin, trial))
        told = {
            name: as_fact(world.variables[name], value)
            for name, value in at.items()
            if name != "as_of" and not (world.variables[name].kind == "list" and not value)
        }
        full = replace(patient, facts=patient.facts | told, unknown=())
        answer = next(found for found in ask(world, full).trials if found.code == trial.code)
        broken = failing(patient, trial)(at)
        for cohort in answer.cohorts:
            assert cohort.verdict == ("ineligible" if broken[cohort.cohort] else "eligible")
            assert cohort.conflicts == tuple((name,) for name in sorted(broken[cohort.cohort]))
        if len(trial.cohorts) == 1:
            assert answer.conflicts == answer.cohorts[0].conflicts
        assert answer.deciding_sets == ()


def connected(groups: Iterable[Set], links: Iterable[Set]) -> bool:
    """Whether the groups hang together, by a shared element or through links that share elements."""
    first, *rest = list(groups)
    reached, left = set(first), [*rest, *links]
    while near := [each for each in left if each & reached]:
        left = [each for each in left if each not in near]
        reached.update(*near)
    return all(group & reached for group in rest)


@SOME
@given(SITUATIONS)
def test_P18_a_conflict_of_several_clauses_has_a_cause(situation: Situation) -> None:
    """Clauses that fail only together share an unknown input, or the theory links theirs, or there is a choice of cohort."""
    for twin, trial, answer in answered(situation):
        world, facts = twin.world, twin.patient.facts
        unknown = frozenset(
            name for name in world.variables if name not in facts or len(facts[name].values or (0, 0)) > 1
        )
        by_id = {f"{trial.code}.{clause.id}": clause for clause in trial.clauses}
        links = [axiom.require.names & unknown for axiom in world.axioms]
        for cohort in answer.cohorts:
            for conflict in cohort.conflicts:
                speak = [meaning(by_id[name], cohort.cohort).names & unknown for name in conflict]
                assert len(conflict) == 1 or connected(speak, links)
        for conflict in answer.conflicts:
            alone = len(answer.cohorts) == 1
            assert not alone or conflict in answer.cohorts[0].conflicts


@SOME
@given(SITUATIONS, st.randoms(use_true_random=False))
def test_P20_a_clause_less_never_hurts(situation: Situation, random: Any) -> None:
    """Dropping a clause moves no verdict away from eligible, and adding it back moves none towards it."""
    world, patient = situation
    twin_of(world, patient)
    more = ask(world, patient)
    trial = random.choice(world.trials)
    assume(len(trial.clauses) > 1)
    dropped = random.choice(trial.clauses)
    assume(not dropped.routing)
    fewer = replace(trial, clauses=tuple(clause for clause in trial.clauses if clause is not dropped))
    assume(all(any(clause.binds([cohort]) for clause in fewer.clauses) for cohort in fewer.cohorts))
    less = ask(replace(world, trials=tuple(fewer if t is trial else t for t in world.trials)), patient)
    for one, other in zip(more.trials, less.trials, strict=True):
        assert RANK[other.verdict] >= RANK[one.verdict]
        if one.code != trial.code:
            assert one == other


# --- what does not matter


@SOME
@given(SITUATIONS, st.data())
def test_P09_facts_that_do_not_bear_on_a_trial_change_nothing(
    situation: Situation, data: st.DataObject
) -> None:
    """A fact that nothing unknown links to a trial, added, changed or dropped, changes no verdict, conflict or deciding set."""
    world, patient = situation
    trial = data.draw(st.sampled_from(world.trials))
    known = {n for n, fact in patient.facts.items() if fact.values is not None and len(fact.values) == 1}
    near = {n for clause in trial.clauses for e in clause.expressions() for n in e.names}
    given_way = {name for axiom in world.axioms for name in axiom.while_unrecorded}
    for _ in world.variables:
        near |= {
            n for axiom in world.axioms if axiom.require.names & near - known for n in axiom.require.names
        }
    far = sorted(world.variables.keys() - near - given_way)
    assume(far)
    twin_of(world, patient)
    name = data.draw(st.sampled_from(far))
    others = {other: fact for other, fact in patient.facts.items() if other != name}
    new = data.draw(facts(world.variables[name], patient.as_of))
    before = ask(world, patient)
    for changed in (others, {**others, name: new}):
        after = ask(world, replace(patient, facts=changed, unknown=()))
        if not after.consistent:
            continue
        one, other = (next(t for t in a.trials if t.code == trial.code) for a in (before, after))
        assert (one.verdict, one.conflicts, one.deciding_sets) == (
            other.verdict,
            other.conflicts,
            other.deciding_sets,
        )


NAMES = re.compile(r"\b(flag_[pqr]|kind_[xy]|grade_[mnabc]|dose_[vw]|day_[st]|names_l|fit|C[1-3])\b")
RENAMED = {
    "flag_p": "zeta",
    "flag_q": "yes_1",
    "flag_r": "alpha_flag",
    "kind_x": "which",
    "kind_y": "a_kind",
    "grade_m": "n2",
    "grade_n": "n1",
    "grade_a": "c_grade",
    "grade_b": "b_grade",
    "grade_c": "a_grade",
    "dose_v": "more",
    "dose_w": "less",
    "day_s": "the_day",
    "day_t": "earlier",
    "names_l": "all_names",
    "fit": "well",
    "C1": "Z",
    "C2": "Y",
    "C3": "X",
}


def renamed(text: str) -> str:
    """The text with every variable, definition and cohort called otherwise."""
    return NAMES.sub(lambda found: RENAMED[found[0]], text)


@SOME
@given(SITUATIONS)
def test_P46_names_are_only_names(situation: Situation) -> None:
    """With every variable and cohort renamed in the encodings and in the record, the answer is the same but for the names."""
    world, patient = situation
    twin_of(world, patient)
    parts: dict[str, list[Any]] = {"vocabulary": [], "theory": [], "trials": []}
    for name, text in world.files().items():
        parts[name.split("/")[0]].append(parse_document(renamed(text), name))
    library = compile_library(parts["vocabulary"], parts["theory"], parts["trials"], "sha256:0")
    record = read_record(renamed(patient.record().decode()).encode(), library, name="invented.json")
    before, after = ask(world, patient), Undated(library).match(record)

    def mapped(sets: Iterable[Iterable[str]]) -> set[Set]:
        return {frozenset(RENAMED.get(name, name) for name in each) for each in sets}

    for one, other in zip(before.trials, after.trials, strict=True):
        assert (one.verdict, one.conflicts) == (other.verdict, other.conflicts)
        assert mapped(one.deciding_sets) == {frozenset(each) for each in other.deciding_sets}
        assert [(RENAMED[c.cohort], c.verdict, c.conflicts) for c in one.cohorts] == [
            (c.cohort, c.verdict, c.conflicts) for c in other.cohorts
        ]
        assert [(c.id, c.status) for c in one.clauses] == [(c.id, c.status) for c in other.clauses]


# --- requirements


def trial_parts(trial: Trial) -> Iterator[Expression]:
    """Every condition of a trial, and every part of one."""
    for clause in trial.clauses:
        for condition in clause.expressions():
            yield from condition.walk()


def test_requirements_are_the_values_that_can_still_satisfy_the_trial() -> None:
    """At every limit, between and beyond: what is allowed is what some completion that satisfies the trial has.

    A value that can satisfy the trial is always allowed, and no other value is, except where the variable is compared with others, of which
    more is required together. What is assumed of the variable until it is recorded says nothing of its values. Both are seen.
    None is stated only where a condition compares or counts the variable with others.
    """
    seen = {"exact": 0, "joint": 0, "refused": 0}

    @drawn(100)
    @given(SITUATIONS)
    def check(situation: Situation) -> None:
        for twin, trial, answer in answered(situation):
            if not answer.missing:
                continue
            assert {each.variable for each in answer.missing} == {n for s in answer.deciding_sets for n in s}
            for requirement in answer.missing:
                valued = once_recorded(twin, requirement.variable)
                fails = failing(valued.patient, trial)
                fitting = {
                    at[requirement.variable] for at in points(valued, trial) if not all(fails(at).values())
                }
                if requirement.allowed is None:
                    counted = [part for part in trial_parts(trial) if isinstance(part, HowMany)]
                    assert requirement.with_others or any(requirement.variable in p.names for p in counted)
                    continue
                joint = bool(requirement.with_others) or any(
                    compared(axiom.require, requirement.variable) for axiom in valued.axioms
                )
                seen["joint" if joint else "exact"] += 1
                for value in valued.values[requirement.variable]:
                    allowed = contains(requirement.allowed, value)
                    assert allowed or value not in fitting, (requirement, value)
                    if not joint:
                        assert allowed is (value in fitting), (requirement, value)
                        seen["refused"] += not allowed

    check()
    assert min(seen.values()) >= 2, seen


def flags_and_grade(*clauses: Clause, axioms: tuple[Axiom, ...] = ()) -> World:
    """A world with two flags and a whole number."""
    names = {"flag_p": "boolean", "flag_q": "boolean", "grade_m": "integer"}
    trial = Trial("T1", "NCT00000001", ("C1",), clauses)
    return World({name: Variable(name, kind) for name, kind in names.items()}, axioms, (trial,))


P, Q = Flag("flag_p"), Flag("flag_q")
DAY = date(2026, 11, 20)


def test_a_requirement_knows_the_limits_of_the_theory() -> None:
    """Where 3 or more implies what the trial excludes, 3 or more ends it: what is required is 1 or 2."""
    three = Axiom("A1", Joined("implies", (Limit("grade_m", ">=", 3), P)))
    world = flags_and_grade(Clause("I1", Not(P)), Clause("I2", Limit("grade_m", ">=", 1)), axioms=(three,))
    (trial,) = ask(world, Patient(DAY, {})).trials
    required = next(each for each in trial.missing if each.variable == "grade_m")
    assert required.allowed is not None
    assert [value for value in range(6) if contains(required.allowed, value)] == [1, 2]


# --- evidence


@dataclass(frozen=True)
class Opened(Expression):
    """A condition in a cohort that is open or closed."""

    part: Expression
    is_open: bool

    def holds(self, at: At) -> bool:
        """Whether it is true there."""
        return self.part.holds({**at, "cohort_open": self.is_open})

    @cached_property
    def names(self) -> frozenset[str]:
        """The variables that it speaks of."""
        return self.part.names - {"cohort_open"}

    def parts(self) -> tuple[Expression, ...]:
        """The condition."""
        return (self.part,)


def unforced(twin: Twin, denied: Expression, facts: Iterable[str], assumptions: Iterable[str]) -> bool:
    """Whether facts and assumptions leave a completion on which what they are cited for fails; too many are passed over."""
    ranges = {name.removeprefix("plausible:") for name in assumptions}
    near, grew = set(denied.names), True
    while grew:
        linked = {n for axiom in twin.axioms if axiom.require.names & near for n in axiom.require.names}
        near, grew = near | linked, not linked <= near
    kept = set(facts)
    domains = {
        name: twin._allowed(twin.world.variables[name], kept, ranged=name in ranges) for name in sorted(near)
    }
    assume(prod(map(len, domains.values())) <= MOST)
    axioms = [axiom.require for axiom in twin.axioms if axiom.require.names <= near]
    return next(twin.completions(domains, [*axioms, denied]), None) is not None


def once(condition: Expression) -> bool:
    """Whether a condition mentions every variable once."""
    return sum(len(part.own()) for part in condition.walk()) == len(condition.names | part_names(condition))


def part_names(condition: Expression) -> frozenset[str]:
    """Every name in a condition, that of the cohort's state among them."""
    return frozenset(name for part in condition.walk() for name in part.own())


def cited(twin: Twin, trial: Trial, answer: TrialAnswer) -> Iterator[tuple[Expression, Any]]:
    """What each piece of evidence of an answer is cited against, with the evidence."""
    by_id = {f"{trial.code}.{clause.id}": clause for clause in trial.clauses}

    def stated(name: str, cohort: str) -> Expression:
        return Opened(meaning(by_id[name], cohort), twin.patient.is_open(trial.code, cohort))

    for clause in answer.clauses:
        if clause.status != "open":
            cohort = clause.cohort or by_id[clause.id].binds(trial.cohorts)[0]
            condition = stated(clause.id, cohort)
            yield (Not(condition) if clause.status == "met" else condition), clause
    for joint in answer.joint_conflicts:
        yield Joined("and", tuple(stated(name, joint.cohort) for name in joint.clauses)), joint


def test_what_is_cited_forces_what_it_is_cited_for() -> None:
    """No completion of the cited facts and assumptions alone speaks against a settled clause, or satisfies the clauses of a conflict.

    Where no axiom speaks of a condition that mentions each variable once, nothing cited can be left out: without any one of the facts, or
    of the assumptions, the clause is open. Both are seen often.
    """
    seen = {"forced": 0, "joint": 0, "assumed": 0, "needed": 0}

    @drawn(100)
    @given(SITUATIONS)
    def check(situation: Situation) -> None:
        for twin, trial, answer in answered(situation):
            for denied, evidence in cited(twin, trial, answer):
                facts, assumptions = set(evidence.facts), set(evidence.assumptions)
                assert facts <= twin.patient.facts.keys()
                assert not unforced(twin, denied, facts, assumptions), evidence
                seen["forced"] += bool(facts)
                seen["joint"] += hasattr(evidence, "clauses")
                seen["assumed"] += bool(assumptions)
                if once(denied) and not any(axiom.require.names & denied.names for axiom in twin.axioms):
                    for name in facts | assumptions:
                        assert unforced(twin, denied, facts - {name}, assumptions - {name}), (evidence, name)
                        seen["needed"] += 1

    check()
    assert min(seen.values()) >= 2, seen


def test_no_fact_is_cited_for_what_the_theory_alone_forces() -> None:
    """Where everyone has a flag that a clause asks of some, the clause is met for everyone, and rests on no fact."""
    world = flags_and_grade(Clause("I1", Q, when=P), Clause("I2", P), axioms=(Axiom("A1", Q),))
    patient = Patient(DAY, {"flag_p": Fact(False, values=(False,))})
    (clause, _) = ask(world, patient).trials[0].clauses
    assert clause.status == "met"
    assert clause.facts == ()
