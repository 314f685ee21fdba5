"""A plain clinical-trial matcher in z3py: verdicts, conflicts, deciding sets and contradictions for one patient.

What one would write without Trialproof: the record is asserted once in one solver, and every question is a check under assumptions. It
was written from the clinical reading alone, by someone who had not seen the engine or its encodings, and serves twice: as the
yardstick of `benchmarks/run.py` and as an independent implementation for `tests/twins/test_plain.py`. It reads valid records only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plain_trials as med
import z3
from plain_record import Patient, read_patient, symbols_of
from plain_trials import SYMBOLS, Trial
from z3 import And, BoolRef, Implies, Not, Or

Sets = list[list[str]]


class Unresolved(Exception):
    """z3 answered `unknown`."""


def is_satisfiable(solver: z3.Solver, *assumptions: BoolRef) -> bool:
    """Check under assumptions; `unknown` is an error, never an answer."""
    result = solver.check(*assumptions)
    if result == z3.unknown:
        raise Unresolved(solver.reason_unknown())
    return result == z3.sat


def shrink(solver: z3.Solver, literals: dict[str, BoolRef], fixed: Sequence[BoolRef]) -> list[str]:
    """One MUS, right after an unsatisfiable check: its core, minimised by deletion."""
    core = {literal.get_id() for literal in solver.unsat_core()}
    mus = [name for name, literal in literals.items() if literal.get_id() in core]
    for name in list(mus) if len(mus) > 1 else []:
        rest = [other for other in mus if other != name]
        if not is_satisfiable(solver, *fixed, *(literals[other] for other in rest)):
            mus = rest
    return mus


def all_muses(solver: z3.Solver, literals: dict[str, BoolRef], fixed: Sequence[BoolRef] = ()) -> Sets:
    """All minimal unsatisfiable subsets of the literals, with `fixed` always assumed (MARCO)."""
    muses: Sets = []
    remaining = dict(literals)
    while not is_satisfiable(solver, *fixed, *remaining.values()):  # members that are a MUS alone need no map
        mus = shrink(solver, remaining, fixed)
        if len(mus) != 1:
            muses += marco(solver, remaining, fixed)
            break
        muses.append(mus)
        del remaining[mus[0]]
    return sorted((sorted(mus) for mus in muses), key=lambda mus: (len(mus), mus))


def marco(solver: z3.Solver, literals: dict[str, BoolRef], fixed: Sequence[BoolRef]) -> Sets:
    """Every MUS, by walking a map of the subsets that are not yet known to be satisfiable or not."""
    unexplored = z3.SimpleSolver()
    picked = {name: z3.Bool(f"pick {name}") for name in literals}
    muses: Sets = []
    while unexplored.check() == z3.sat:
        model = unexplored.model()
        seed = [name for name in literals if not z3.is_false(model[picked[name]])]
        if is_satisfiable(solver, *fixed, *(literals[name] for name in seed)):
            for name in literals:  # grow to a maximal satisfiable set
                if name not in seed and is_satisfiable(solver, *fixed, *(literals[n] for n in [*seed, name])):
                    seed.append(name)
            unexplored.add(Or([picked[name] for name in literals if name not in seed]))
        else:
            muses.append(shrink(solver, {name: literals[name] for name in seed}, fixed))
            unexplored.add(Or([Not(picked[name]) for name in muses[-1]]))
    return muses


def contradictions(patient: Patient) -> Sets:
    """All minimal sets of recorded facts that contradict each other under the theory."""
    solver = z3.SimpleSolver()
    solver.add(*patient.theory)
    literals = {name: z3.Bool(f"fact {name}") for name in patient.facts}
    solver.add(*(Implies(literals[name], fact.formula) for name, fact in patient.facts.items()))
    return all_muses(solver, literals)


def cone(patient: Patient, term: BoolRef) -> tuple[set[str], list[BoolRef]]:
    """The open variables that matter to a term, with the part of the theory that ties them."""
    definitions, names, rest = patient.month_relations, symbols_of(term), patient.open_theory
    axioms = [z3.substitute(definitions[name], *patient.known) for name in sorted(names & definitions.keys())]
    names = names.union(*(symbols_of(axiom) for axiom in axioms))
    while near := [entry for entry in rest if entry[1] & names]:
        rest = [entry for entry in rest if not entry[1] & names]
        axioms += [axiom for axiom, _ in near]
        names = names.union(*(used for _, used in near))
    return names, axioms


def two_copies(patient: Patient, trial: Trial) -> tuple[z3.Solver, dict[str, BoolRef]]:
    """Two copies of the patient that share what is known, one admitted and one not; each literal makes them agree on a variable."""
    eligible = z3.simplify(z3.substitute(trial.eligible, *patient.known))
    names, axioms = cone(patient, eligible)
    twins = {name: z3.Const(f"{name}'", SYMBOLS[name].sort()) for name in sorted(names)}
    agree = {name: z3.Bool(f"agree {name}") for name in twins if name in med.SCALAR_INPUTS}
    solver = z3.SimpleSolver()
    solver.add(*axioms, eligible)
    solver.add(
        z3.substitute(And(*axioms, Not(eligible)), *((SYMBOLS[name], twin) for name, twin in twins.items()))
    )
    solver.add(*(Implies(literal, SYMBOLS[name] == twins[name]) for name, literal in agree.items()))
    return solver, agree


def deciding_sets(patient: Patient, trial: Trial) -> Sets:
    """Minimal deciding sets, by two copies of the patient that agree on some variables."""
    return minimal_deciding_sets(*two_copies(patient, trial))


def minimal_deciding_sets(solver: z3.Solver, agree: dict[str, BoolRef]) -> Sets:
    """All MUSes of the agreements. A variable is necessary if all the others do not decide."""
    if is_satisfiable(solver, *agree.values()):
        return []
    core = {literal.get_id() for literal in solver.unsat_core()}
    candidates = [name for name, literal in agree.items() if literal.get_id() in core]
    necessary = [
        name for name in candidates if is_satisfiable(solver, *(agree[n] for n in agree if n != name))
    ]
    fixed = [agree[name] for name in necessary]
    if not is_satisfiable(solver, *fixed):
        return [sorted(necessary)]
    others = {name: literal for name, literal in agree.items() if name not in necessary}
    sets = [sorted(necessary + mus) for mus in all_muses(solver, others, fixed)]
    return sorted(sets, key=lambda names: (len(names), names))


def verdict(solver: z3.Solver, admits: Sequence[BoolRef], fails: BoolRef) -> str:
    """Two checks: can the patient be admitted, can the patient fail."""
    try:
        if not is_satisfiable(solver, *admits):
            return "ineligible"
        return "undetermined" if is_satisfiable(solver, fails) else "eligible"
    except Unresolved:
        return "unresolved"


def answer_trial(solver: z3.Solver, trial: Trial, patient: Patient) -> dict[str, Any]:
    """Everything about one trial; the solver holds the record and the trial."""
    clauses = list(trial.clauses.values())
    result: dict[str, Any] = {
        "verdict": verdict(solver, clauses, trial.fails),
        "conflicts": [],
        "deciding_sets": [],
    }
    if result["verdict"] == "ineligible":
        result["conflicts"] = all_muses(solver, trial.clauses)
    elif result["verdict"] == "undetermined":
        result["deciding_sets"] = deciding_sets(patient, trial)
    result["cohorts"] = {}
    for cohort, chosen in trial.cohorts.items():
        if len(trial.cohorts) == 1:
            of_cohort = {"verdict": result["verdict"], "conflicts": result["conflicts"]}
        else:
            of_cohort = {
                "verdict": verdict(solver, [chosen, *clauses], trial.fails_in[cohort]),
                "conflicts": [],
            }
            if of_cohort["verdict"] == "ineligible":
                of_cohort["conflicts"] = all_muses(solver, trial.clauses, [chosen])
        result["cohorts"][cohort] = of_cohort
    return result


def one_patient(patient: Patient, ranges: Sequence[BoolRef]) -> z3.Solver:
    """A solver that holds the record, the theory and these ranges."""
    solver = z3.SimpleSolver()
    solver.add(*patient.theory, *ranges, *patient.month_relations.values())
    solver.add(*(fact.formula for fact in patient.facts.values()))
    return solver


def ranges_left(patient: Patient) -> list[BoolRef]:
    """The ranges that the record leaves room for, one after another; a range never contradicts a record."""
    left: list[BoolRef] = []
    for limit in patient.ranges:
        if is_satisfiable(one_patient(patient, [*left, limit])):
            left.append(limit)
    return left


def answer(record: dict[str, Any], context: dict[str, Any] | None = None) -> dict[str, Any]:
    """Match one record against the six trials. The record's own context wins over `context`."""
    state = {**(context or {}), **(record.get("context") or {})}
    opened = frozenset((code, frozenset(names)) for code, names in (state.get("open_cohorts") or {}).items())
    trials = med.trials(frozenset(state.get("readings") or ()), bool(state.get("secondary_sources")), opened)
    patient = read_patient(record)

    solver = one_patient(patient, patient.ranges)
    if not is_satisfiable(solver):
        patient.ranges = ranges_left(patient)
        solver = one_patient(patient, patient.ranges)
    solver.add(*(trial.definitions for trial in trials))
    if not is_satisfiable(solver):
        nothing: dict[str, Any] = {"verdict": "withheld", "conflicts": []}
        withheld = {
            t.code: {**nothing, "deciding_sets": [], "cohorts": dict.fromkeys(t.cohorts, nothing)}
            for t in trials
        }
        return {"status": "contradictory", "trials": withheld, "contradictions": contradictions(patient)}
    answers = {trial.code: answer_trial(solver, trial, patient) for trial in trials}
    return {"status": "consistent", "trials": answers, "contradictions": []}
