"""Which test settles most of a cohort: counted against all results on invented worlds, and on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from solver.library.models import Library
from solver.matcher import Matcher
from solver.patient.readers.native.read import read_record
from solver.questions.plan.answer import CohortTest
from solver.questions.plan.ask import plan_cohort
from tests.support.pages.command_line import run_command
from tests.support.twins.workups import WEIGHTS, invented_cases, revealed, subsets

COHORT = "examples/cohort/cohort.csv"


def test_every_open_pair_of_invented_patients_is_counted() -> None:
    """Pairs and what the tests do to them are those that enumeration counts, and the best tests those of every set of tests."""
    for asked in invented_cases(10):
        case, opened = asked.case, [brute for brute in asked.brutes if brute.undetermined]
        record = read_record(case.patient.record(), case.library, name="invented")
        answer = plan_cohort(Matcher(case.library), [record, record], burden=4)
        assert (answer.judged, answer.pairs, answer.incomplete) == (2, 2 * len(opened), 0)
        counts = {each.test: each for each in answer.tests}
        for test in case.tests:
            verdicts = [list(brute.groups(test.reveals).values()) for brute in opened]
            settles = 2 * sum(brute.settles(test.reveals) for brute in opened)
            ends, opens = (2 * sum({good} in each for each in verdicts) for good in (False, True))
            found = counts.get(test.id, CohortTest(test.id, "", 0, 0, 0, 0, 0))
            assert (found.settles, found.can_end, found.can_open) == (settles, ends, opens)
            assert found.patients in ((2,) if ends or opens or settles else (0, 2))
        best = max(
            2 * sum(brute.settles(revealed(chosen)) for brute in opened)
            for chosen in subsets(case.tests)
            if sum(WEIGHTS[test.burden] for test in chosen) <= 4
        )
        assert answer.best is not None
        assert (answer.best.settles, answer.best.proved) == (best, True)
        order = [
            (-each.settles, -each.can_end - each.can_open, each.burden, each.test) for each in answer.tests
        ]
        assert order == sorted(order)


def test_a_complete_patient_needs_no_test(library: Library) -> None:
    """Without an open pair there is no test, and nothing to settle."""
    record = read_record(
        {"as_of": "2026-11-20", "facts": {"birth_date": "1990-01-01", "sex": "F", "ecog": 4}},
        library,
        name="sick",
    )
    answer = plan_cohort(Matcher(library), [record], ["UC"], burden=50)
    assert (answer.judged, answer.pairs, answer.tests) == (1, 0, ())
    assert answer.best is not None
    assert (answer.best.tests, answer.best.settles, answer.best.proved) == ((), 0, True)


def answered(*words: str) -> Any:
    """The JSON of `match plan` for one trial."""
    return json.loads(run_command("plan", "--trials", "UC", *words, "--format", "json").output)


def test_the_page_says_what_the_json_says() -> None:
    """Each test with its counts, and the best; a row that cannot be read is told, and the exit code is 2."""
    pytest.importorskip("polars")
    words = (COHORT, "--burden", "200")
    found, done = answered(*words), run_command("plan", "--trials", "UC", *words)
    lines = [line.split() for line in done.output.splitlines()]
    assert (done.code, found["errors"], found["patients"]) == (2, 1, 8)
    for each in found["tests"][:20]:
        counts = (each["burden"], each["patients"], each["settles"], each["can_end"], each["can_open"])
        assert list(map(str, counts)) in [line[:5] for line in lines]
    assert f"weigh {found['best']['burden']} and settle {found['best']['settles']} pairs" in " ".join(
        done.output.split()
    )
    assert found["best"]["settles"] == found["pairs"] > 0


def test_an_output_of_screen_is_refused(tmp_path: Path) -> None:
    """It does not hold the records."""
    pytest.importorskip("polars")
    out = tmp_path / "out.csv"
    run_command("screen", COHORT, "--trials", "UC", "--out", str(out))
    done = run_command("plan", str(out))
    assert (done.code, done.error) == (2, f"error: {out}: is an output of screen: give the records\n")
