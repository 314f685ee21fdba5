"""Measure `match tests` and `match when` against plain enumeration, as ratios in one run.

python benchmarks/questions.py [ROUNDS]

Tests: the lightest plan for every undetermined trial, against every set of tests in the order of burden until one decides, each put to
Z3 by the plain script beside this file; both must find the same burden. Records for which that takes over 4,096 sets are left out.
Dates: a horizon of a year, against the verdict on each of its days, by the same engine. Both sides run in turn.
Last come the times of all examples, within the limit of a second each.
"""

from __future__ import annotations

import json
import statistics
import sys
from datetime import date, timedelta
from itertools import combinations

import plain
import plain_trials
from plain_record import read_patient
from run import milliseconds, records

from solver.library.load import load_library
from solver.library.models import Library
from solver.matcher import Matcher
from solver.patient.readers.native.read import read_record
from solver.questions.when.ask import when
from solver.questions.workup.ask import plan_tests
from tests.support.twins.by_day import judged

MOST_TESTS = 12
SECOND = 1000


def sets_by_burden(tests: dict[str, int]) -> list[tuple[int, tuple[str, ...]]]:
    """Every set of the tests with its burden, the lightest first."""
    every = [chosen for size in range(len(tests) + 1) for chosen in combinations(sorted(tests), size)]
    return sorted((sum(tests[test] for test in chosen), chosen) for chosen in every)


def lightest(record: dict[str, object], library: Library) -> dict[str, int | None]:
    """The burden of the lightest plan for each undetermined trial, by trying one set of tests after another.

    None stands for too many tests to try.
    """
    patient = read_patient(record)
    verdicts = {code: trial["verdict"] for code, trial in plain.answer(record)["trials"].items()}
    found: dict[str, int | None] = {}
    for trial in plain_trials.trials(frozenset(), False, frozenset()):
        if verdicts[trial.code] == "undetermined":
            found[trial.code] = _lightest(patient, trial, library)
    return found


def _lightest(patient: object, trial: plain_trials.Trial, library: Library) -> int | None:
    solver, agree = plain.two_copies(patient, trial)
    tests = {
        test.id: library.burdens[test.burden].weight
        for test in library.tests.values()
        if not agree.keys().isdisjoint(test.reveals)
    }
    if len(tests) > MOST_TESTS:
        return None
    for burden, chosen in sets_by_burden(tests):
        names = {name for test in chosen for name in library.tests[test].reveals} & agree.keys()
        if not plain.is_satisfiable(solver, *(agree[name] for name in names)):
            return burden
    return None


def print_ratio(what: str, ours: list[float], theirs: list[float]) -> None:
    """One line a measure."""
    for name, measure in (("median", statistics.median), ("worst", max), ("total", sum)):
        one, other = measure(ours), measure(theirs)
        print(f"{what}, {name:6}: {one:8.1f} ms, enumeration {other:9.1f} ms, ratio {one / other:.3f}")


def compare_plans(library: Library, matcher: Matcher, texts: list[str], rounds: int) -> None:
    """Print how long plans take beside enumeration, over the records that enumeration can answer."""
    ours, theirs = [], []
    for text in texts:
        record = read_record(text.encode(), library, name="record")
        answer = plan_tests(matcher, record)
        if answer.consistent is not True or "context" in json.loads(text):
            continue
        expected = lightest(json.loads(text), library)
        if not expected or None in expected.values():
            continue
        plans = {t.code: t.plan.weight if t.plan else None for t in answer.trials if t.code in expected}
        if plans != expected:
            raise SystemExit(f"{record.id}: planned {plans}, enumeration finds {expected}")
        ours.append(_median(rounds, lambda r=record: plan_tests(matcher, r)))
        theirs.append(_median(1, lambda t=text: lightest(json.loads(t), library)))
    print_ratio(f"tests, {len(ours)} records", ours, theirs)


def compare_dates(library: Library, matcher: Matcher, texts: list[str], rounds: int) -> None:
    """Print how long the days of a year take beside judging each of them."""
    ours, theirs = [], []
    for text in texts:
        record = read_record(text.encode(), library, name="record")
        first = date.fromordinal(record.as_of)
        days = [first + timedelta(days=n) for n in range(366)]
        ours.append(_median(rounds, lambda r=record: when(matcher, r, horizon="1y")))
        theirs.append(_median(1, lambda r=record, d=days: judged(matcher, r, list(library.trials), d)))
    print_ratio(f"dates, {len(ours)} records", ours, theirs)


def print_worst(library: Library, matcher: Matcher, texts: list[str], rounds: int) -> None:
    """Print the slowest example of either verb."""
    for verb, ask in (("tests", plan_tests), ("when", when)):
        times = []
        for text in texts:
            record = read_record(text.encode(), library, name="record")
            times.append((_median(rounds, lambda r=record, a=ask: a(matcher, r)), record.id))
        slowest, name = max(times)
        print(f"{verb}, slowest example ({name}): {slowest:.0f} ms (limit {SECOND})")


def _median(rounds: int, action: object) -> float:
    return statistics.median(milliseconds(action) for _ in range(rounds))  # type: ignore[arg-type]


def main(rounds: int) -> None:
    """Run all three."""
    library = load_library()
    matcher = Matcher(library)
    groups = records()
    examples = groups["examples"]
    compare_plans(library, matcher, [text for texts in groups.values() for text in texts], rounds)
    compare_dates(library, matcher, examples, rounds)
    print_worst(library, matcher, examples, rounds)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
