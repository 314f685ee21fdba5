"""What changes no answer: another run, another process, another thread, the other trials, the order of facts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.library.load import load_library
from solver.matcher import Matcher
from solver.report.json import answer_document
from tests.support.drawing.drawn import drawn
from tests.support.records import worked
from tests.support.records.laws import FEW, SOME, consistent_match, reasons
from tests.support.records.solved import BY_SOLVER, DATED, LIBRARY, MATCHER, RECORDS, UNDATED, match, read
from tests.support.records.worked import Json

ROOT = Path(__file__).parents[2]


AGAIN = load_library()


@drawn(25)
@given(SOME)
def test_P11_the_same_record_has_the_same_answer(record: Json) -> None:
    """A record answered twice, and by a new matcher, has equal answers."""
    first = match(record, matcher=DATED)
    assert DATED.match(read(record)) == first
    assert Matcher(AGAIN).match(read(record)) == first


TELL = """
import json, sys
from solver.library.load import load_library
from solver.patient.readers.native.read import read_record
from solver.matcher import Matcher
from solver.report.json import answer_document
library = load_library()
for line in sys.stdin:
    record = read_record(line.encode(), library, name="-")
    print(json.dumps(answer_document(Matcher(library).match(record))))
"""


def in_a_process(program: str, hash_seed: str, lines: str) -> list[str]:
    """What a program tells of records in another process, with a seed of Python's hashes, on which the order of a set depends."""
    told = subprocess.run(
        [sys.executable, "-c", program],
        input=lines,
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)},
    )
    return told.stdout.splitlines()


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_P11_a_fresh_process_tells_the_same_bytes(hash_seed: str) -> None:
    """The JSON of the answers is the same, byte for byte, in another process with another seed of Python's hashes."""
    cases = [worked.case_record(case) for case in worked.load("vignettes")]
    lines = "".join(json.dumps(case) + "\n" for case in cases)
    expected = [json.dumps(answer_document(match(case, matcher=DATED))) for case in cases]
    assert in_a_process(TELL, hash_seed, lines) == expected


WORK = """
import sys
from solver.library.load import load_library
from solver.patient.readers.native.read import read_record
from solver.matcher import Matcher
from solver.work import allowed
library = load_library()
for line in sys.stdin:
    with allowed(10**9) as allowance:
        Matcher(library).match(read_record(line.encode(), library, name="-"))
    print(allowance.left)
"""


def test_P11_the_same_record_takes_the_same_work() -> None:
    """A question takes as much work in any process: else an answer that nearly spends its budget would be cut in some."""
    example = json.loads((ROOT / "examples" / "questions" / "20-ecog-3.json").read_text())
    lines = "".join(json.dumps(each) + "\n" for each in (example, {"id": "empty", "as_of": "2026-11-20"}))
    assert in_a_process(WORK, "1", lines) == in_a_process(WORK, "2", lines)


def test_a_matcher_answers_two_threads_at_once() -> None:
    """Two threads that share a matcher get the answers that one gets."""
    cases = [worked.case_record(case) for case in worked.load("vignettes")[::4]]
    cases += [{**worked.patient(name), "id": name} for name in sorted(worked.load("patients"))[::2]]
    patients = [read(case) for case in cases]
    for matcher in (DATED, BY_SOLVER):
        alone = [match(case, matcher=matcher) for case in cases]
        with ThreadPoolExecutor(2) as pool:
            assert list(pool.map(matcher.match, patients)) == alone
            assert list(pool.map(matcher.match, reversed(patients))) == alone[::-1]


@FEW
@given(RECORDS, st.sampled_from(sorted(LIBRARY.trials)))
def test_P39_a_trial_does_not_depend_on_the_others(record: Json, code: str) -> None:
    """Asked alone, a trial has the answer that it has among all."""
    answer = consistent_match(record)
    alone = MATCHER.match(read(record), [code]).trials[0]
    assert reasons(alone) == next(reasons(trial) for trial in answer.trials if trial.code == code)


@FEW
@given(RECORDS, st.randoms(use_true_random=False))
def test_P46_the_order_of_facts_is_nothing(record: Json, random: Any) -> None:
    """A record with its facts in another order has the same answer."""
    names = list(record["facts"])
    random.shuffle(names)
    shuffled = {**record, "facts": {name: record["facts"][name] for name in names}}
    assert consistent_match(shuffled, matcher=UNDATED) == consistent_match(record, matcher=UNDATED)
