"""The engine against its naive twin, on invented trials: both must give the same answer, whatever way the engine takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import Phase, assume, find, given, settings
from hypothesis import strategies as st

from solver.patient.readers.native.read import read_record
from solver.questions.match.answer import MatchAnswer
from solver.smt.session import Budget
from tests.support.drawing.drawn import drawn
from tests.support.records.matchers import ReasonsAlone
from tests.support.twins.invented import compile_world, holds_of_someone, kinds, partly_encoded, settings_of
from tests.support.twins.naive import (
    Axiom,
    Between,
    Clause,
    Dates,
    Fact,
    Flag,
    Joined,
    Kind,
    Limit,
    Moved,
    Not,
    Patient,
    TooLargeError,
    Trial,
    TrialVerdict,
    Twin,
    Variable,
    Verdicts,
    World,
    minimal,
)

Situation = tuple[World, Patient]


def twin_answer(world: World, patient: Patient) -> Verdicts:
    """What the twin says, where it is exact and the meaning is settled."""
    twin = Twin(world, patient)
    try:
        assume(holds_of_someone(world, patient.as_of))
        assume(twin.settled)
        return twin.answer()
    except TooLargeError:
        assume(False)
        raise


def ask(world: World, patient: Patient, *, search: bool = True, budget: Budget | None = None) -> MatchAnswer:
    """What the engine says."""
    library = compile_world(world)
    record = read_record(patient.record(), library, name="invented.json")
    return ReasonsAlone(library, search=search, budget=budget).match(record)


def plain(answer: MatchAnswer) -> dict[str, object]:
    """An answer of the engine, in the form that `expected` gives the twin's."""
    found: dict[str, object] = {
        "consistent": answer.consistent,
        "contradictions": answer.contradictions,
        "complete": answer.contradictions_complete,
    }
    for trial in answer.trials:
        found[trial.code] = {
            "verdict": trial.verdict,
            "cohorts": {cohort.cohort: (cohort.verdict, cohort.conflicts) for cohort in trial.cohorts},
            "conflicts": trial.conflicts,
            "deciding sets": trial.deciding_sets,
            "clauses": {(clause.id, clause.cohort): clause.status for clause in trial.clauses},
            "encoded": (trial.encoded.clauses, trial.encoded.of) if answer.consistent else None,
            "not judged": trial.not_judged,
            "readings": {each.id: (each.verdict, each.conflicts) for each in trial.readings},
            "cut": trial.cut,
        }
    return found


def expected(verdicts: Verdicts) -> dict[str, object]:
    """An answer of the twin: nothing in it is ever cut."""
    found: dict[str, object] = {
        "consistent": verdicts.consistent,
        "contradictions": verdicts.contradictions,
        "complete": True,
    }
    for code, trial in verdicts.trials.items():
        found[code] = {
            "verdict": trial.verdict,
            "cohorts": dict(trial.cohorts),
            "conflicts": trial.conflicts,
            "deciding sets": trial.deciding_sets,
            "clauses": dict(trial.clauses),
            "encoded": trial.encoded if verdicts.consistent else None,
            "not judged": trial.not_judged,
            "readings": dict(trial.readings),
            "cut": (),
        }
    return found


def check_agreement(situation: Situation, verdicts: Verdicts) -> None:
    """Both ways through the engine give the twin's answer."""
    wanted = expected(verdicts)
    assert plain(ask(*situation)) == wanted
    assert plain(ask(*situation, search=False)) == wanted


def check_small_budget(situation: Situation, wanted: Verdicts, *, search: bool) -> None:
    """With a budget of one step every definite part of the answer is the twin's, and what is cut says so."""
    answer = ask(*situation, search=search, budget=Budget(steps=1))
    if not wanted.consistent:
        assert {trial.verdict for trial in answer.trials} <= {"withheld", "unresolved"}
        assert set(answer.contradictions) <= set(wanted.contradictions)
        assert not answer.contradictions_complete or answer.contradictions == wanted.contradictions
        return
    assert answer.consistent is not False
    for trial in answer.trials:
        full = wanted.trials[trial.code]
        assert trial.verdict in (full.verdict, "unresolved")
        for cohort in trial.cohorts:
            assert cohort.verdict in (full.cohorts[cohort.cohort][0], "unresolved")
            assert set(cohort.conflicts) <= set(full.cohorts[cohort.cohort][1])
        for clause in trial.clauses:
            assert clause.status in (full.clauses[clause.id, clause.cohort], "open")
        assert set(trial.deciding_sets) <= set(full.deciding_sets)
        for conflict in trial.conflicts:
            assert any(set(known) <= set(conflict) for known in full.conflicts)
        if trial.verdict != "unresolved":
            assert "conflicts" in trial.cut or trial.conflicts == full.conflicts
            assert "deciding_sets" in trial.cut or trial.deciding_sets == full.deciding_sets
        else:
            assert trial.cut == ("conflicts", "deciding_sets")


RARE: dict[str, Callable[[TrialVerdict], bool]] = {
    "several deciding sets": lambda trial: len(trial.deciding_sets) > 1,
    "several conflicts, one of two clauses": lambda trial: (
        len(trial.conflicts) > 1 and any(len(conflict) > 1 for conflict in trial.conflicts)
    ),
    "eligible in no cohort alone": lambda trial: (
        trial.verdict == "eligible" and "eligible" not in {verdict for verdict, _ in trial.cohorts.values()}
    ),
}
COMMON = {
    *("boolean", "enumeration", "integer", "quantity", "date", "list"),
    *("Flag", "Kind", "Limit", "LimitIf", "Between", "Order", "Times", "Dates", "DaysBetween", "Age"),
    *("Not", "Joined", "Either", "HowMany", "Defined", "HasEntry"),
    *("contradictory", "eligible", "ineligible", "undetermined", "larger conflict"),
}


def kinds_of_answer(world: World, wanted: Verdicts) -> Iterator[str]:
    """What comes up in a world and in its answers, by the names of `COMMON` and `RARE`."""
    yield from set(kinds(world))
    if not wanted.consistent:
        yield "contradictory"
    for trial in wanted.trials.values():
        yield trial.verdict
        if any(len(conflict) > 1 for conflict in trial.conflicts):
            yield "larger conflict"
        yield from (name for name, has in RARE.items() if has(trial))


@st.composite
def split_between_cohorts(draw: st.DrawFn) -> Situation:
    """A situation in which a trial that splits the patients between its cohorts asks for nothing else."""
    world, patient = draw(settings_of())
    trials = tuple(
        replace(trial, clauses=tuple(clause for clause in trial.clauses if clause.id in ("S", "R")))
        if any(clause.id == "S" for clause in trial.clauses)
        else trial
        for trial in world.trials
    )
    return replace(world, trials=trials), patient


def test_the_engine_agrees_with_the_twin() -> None:
    """Verdicts of trials and cohorts, all conflicts, deciding sets and contradictions, and the standing of every clause are the twin's.

    A solver that may take one step leaves questions unresolved, and answers none of them differently. Every kind of answer, of variable
    and of condition comes up, so that it is compared; what is rare among the answers does as well.
    """
    seen: Counter[str] = Counter()

    @drawn(180)
    @given(st.one_of(settings_of(), settings_of(), split_between_cohorts()), st.booleans())
    def look(situation: Situation, search: bool) -> None:
        wanted = twin_answer(*situation)
        check_agreement(situation, wanted)
        check_small_budget(situation, wanted, search=search)
        seen.update(kinds_of_answer(situation[0], wanted))

    look()
    assert {name: seen[name] for name in COMMON if seen[name] < 2} == {}
    assert RARE.keys() - seen.keys() == set()


@drawn(90)
@given(partly_encoded())
def test_what_is_kept_as_text_is_judged_as_by_the_twin(situation: Situation) -> None:
    """The same where criteria are kept as text, of every class, for some cohorts or under one reading: no text is taken for met."""
    check_agreement(situation, twin_answer(*situation))


@pytest.mark.slow
@settings(max_examples=15_000, derandomize=False)
@given(settings_of(), st.booleans())
def test_the_engine_agrees_with_the_twin_at_length(situation: Situation, search: bool) -> None:
    """As above, on many more invented trials, and on other ones each time."""
    wanted = twin_answer(*situation)
    check_agreement(situation, wanted)
    check_small_budget(situation, wanted, search=search)


# --- what the comparison is worth


def test_the_solver_is_needed_without_completions() -> None:
    """With the search for completions off and one step to go, some invented trial is left unresolved: the budget is a real one."""

    def unresolved(situation: Situation) -> bool:
        world, patient = situation
        answer = ask(world, patient, search=False, budget=Budget(steps=1))
        return any(trial.verdict == "unresolved" for trial in answer.trials)

    assert find(settings_of(), unresolved, settings=settings(max_examples=500, phases=[Phase.generate]))


# --- the twin itself, on a case small enough to be worked by hand

FLAGS = {name: Variable(name, "boolean") for name in ("flag_p", "flag_q")}
P, Q = Flag("flag_p"), Flag("flag_q")
DAY = date(2026, 11, 20)


def world_of(*clauses: Clause, axioms: tuple[Axiom, ...] = (), **more: Variable) -> World:
    """A world with two flags, and one trial with one cohort."""
    trial = Trial("T1", "NCT00000001", ("C1",), clauses)
    return World({**FLAGS, **more}, axioms, (trial,))


def test_the_twin_knows_its_own_answers() -> None:
    """By hand: two flags that are both required must both be asked for, and if no one can have both, they are the conflict."""
    both = world_of(Clause("I1", P), Clause("I2", Q))
    open_answer = Twin(both, Patient(DAY, {})).answer().trials["T1"]
    assert (open_answer.verdict, open_answer.deciding_sets) == ("undetermined", (("flag_p", "flag_q"),))
    kind = Variable("kind_x", "enumeration", ("A", "B"))
    apart = world_of(
        Clause("I1", P),
        Clause("I2", Q),
        axioms=(Axiom("A1", Joined("implies", (Joined("and", (P, Q)), Kind("kind_x", ("A", "B"), True)))),),
        kind_x=kind,
    )
    answer = Twin(apart, Patient(DAY, {})).answer().trials["T1"]
    assert (answer.verdict, answer.conflicts) == ("ineligible", (("T1.I1", "T1.I2"),))
    patient = Patient(DAY, {name: Fact(True, values=(True,)) for name in FLAGS})
    assert Twin(apart, patient).answer().contradictions == (("flag_p", "flag_q"),)


def test_minimal_subsets_are_found_by_looking_at_all() -> None:
    """The minimal sets of two or more among three are the three pairs."""
    assert minimal("abc", lambda chosen: len(chosen) >= 2) == (("a", "b"), ("a", "c"), ("b", "c"))
    assert minimal("abc", lambda chosen: True) == ((),)
    assert minimal("abc", lambda chosen: False) == ()


# --- small cases of their own


@pytest.mark.parametrize("search", [True, False])
def test_a_patient_may_be_eligible_in_no_cohort_alone(search: bool) -> None:
    """Where one cohort takes those with a flag and the other those without, everyone is eligible, whichever it is."""
    clause = Clause("I1", by_cohort={"C1": P, "C2": Not(P)})
    world = World(FLAGS, (), (Trial("T1", "NCT00000001", ("C1", "C2"), (clause,)),))
    answer = ask(world, Patient(DAY, {}), search=search).trials[0]
    assert answer.verdict == "eligible"
    assert [cohort.verdict for cohort in answer.cohorts] == ["undetermined", "undetermined"]
    assert answer.deciding_sets == ()


@pytest.mark.parametrize("search", [True, False])
@pytest.mark.parametrize(("relation", "shift"), [("==", -1), ("==", 1), ("<=", -1), ("<=", 1)])
def test_dates_are_shifted_alike_whichever_way(relation: str, shift: int, search: bool) -> None:
    """A month back from 1 March, or on from 29 January, of a leap year: building completions and the solver agree with the twin."""
    middle = date(2024, 3, 1) if shift < 0 else date(2024, 1, 29)
    target = date(2024, 2, 1) if shift < 0 else date(2024, 2, 29)
    world = world_of(
        Clause("I1", Dates(Moved("day_s", shift, "mo"), relation, Moved("day_t"))),
        Clause("I2", Dates(Moved("day_t"), "<=", Moved(target))),
        Clause("I3", Dates(Moved("day_s"), ">=", Moved(middle))),
        day_s=Variable("day_s", "date", past=True),
        day_t=Variable("day_t", "date", past=True),
    )
    low, high = date(1990, 1, 1), date(2026, 1, 1)
    wide = Fact({"min": low.isoformat(), "max": high.isoformat()}, low=low, high=high)
    patient = Patient(DAY, {"day_s": wide})
    assert plain(ask(world, patient, search=search)) == expected(Twin(world, patient).answer())


# --- plausible ranges that the record excludes


def test_a_range_is_left_out_where_a_case_split_excludes_it() -> None:
    """Facts that put a variable outside its plausible range replace the range, also where it takes a case distinction to see that."""
    kind = Variable("kind_x", "enumeration", ("A", "B", "C"))
    grade = Variable("grade_m", "integer", plausible=Between("grade_m", Fraction(0), Fraction(3)))
    high = Limit("grade_m", ">=", Fraction(5))
    axioms = tuple(
        Axiom(f"A{value}", Joined("implies", (Kind("kind_x", (value,)), high))) for value in ("A", "B")
    )
    world = world_of(Clause("I1", high), axioms=axioms, kind_x=kind, grade_m=grade)
    patient = Patient(DAY, {"kind_x": Fact({"one_of": ["A", "B"]}, values=("A", "B"))})
    answer = ask(world, patient)
    assert (answer.consistent, answer.contradictions) == (True, ())
    assert answer.trials[0].verdict == "eligible"
