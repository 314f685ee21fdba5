"""Verdicts under provisos: clauses left out, and every policy in force."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from solver.engine.provisos import AS_ENCODED, Provisos
from solver.errors import InputError
from solver.library.files.yaml_places import document_of
from solver.library.models import Library
from solver.library.trial_files import compile_trial
from solver.matcher import Matcher
from solver.patient.readers.native.read import read_record
from solver.patient.record import Record
from solver.questions.match.answer import MatchAnswer
from solver.questions.when.ask import when
from solver.questions.workup.ask import plan_tests
from tests.support.drawing.drawn import drawn
from tests.support.records.matchers import Undated

ROOT = Path(__file__).parents[2]
PATIENTS = sorted((ROOT / "examples").glob("*.json"))


def record_of(path: Path, library: Library) -> Record:
    """The record of an example."""
    return read_record(path.read_bytes(), library, name=path.name)


EXAMPLES = [path for path in PATIENTS if b'"facts"' in path.read_bytes()]


@pytest.mark.parametrize(
    ("provisos", "verdict", "words"),
    [
        (AS_ENCODED, "eligible", "eligible"),
        (Provisos(without=("X.1",)), "eligible", "eligible without X.1"),
        (Provisos(without=("X.1", "X.2")), "undetermined", "undetermined without X.1 and X.2"),
        (Provisos(without=("X.1", "X.2", "X.3")), "eligible", "eligible without X.1, X.2 and X.3"),
        (Provisos(without=("X.1", "X.2", "X.3", "X.4")), "eligible", "eligible without X.1, X.2 and 2 more"),
        (Provisos(without=("X.1",)), "ineligible", "ineligible"),
        (Provisos(("p",)), "ineligible", "ineligible, assuming"),
        (Provisos(("p",), ("X.1",)), "eligible", "eligible without X.1, assuming"),
        (Provisos(("p",), ("X.1",)), "withheld", "withheld"),
    ],
)
def test_a_verdict_says_its_provisos(provisos: Provisos, verdict: str, words: str) -> None:
    """No verdict with provisos reads as one on the record and the encodings alone."""
    assert provisos.added_to(verdict) == words


def without_lines(text: str, names: set[str]) -> str:
    """The text of a trial file in which the entries of these clauses are deleted."""
    head, found, rest = text.partition("\nclauses:\n")
    assert found
    entries = ("\n" + rest).split("\n  - id: ")
    kept = [entry for entry in entries[1:] if entry.split("\n")[0].strip() not in names]
    return head + found + "\n".join(f"  - id: {entry}" for entry in kept) + "\n"


@given(data=st.data())
@drawn(40)
def test_a_trial_without_clauses_is_its_file_without_them(data: st.DataObject, library: Library) -> None:
    """Every verb answers as for a file in which the entries of the clauses are deleted; the provisos apart."""
    trial = library.trials[data.draw(st.sampled_from([*library.trials]))]
    ids = [clause.id for clause in trial.clauses]
    chosen = data.draw(st.sets(st.sampled_from(ids), min_size=1, max_size=3))
    path = ROOT / "encodings" / "trials" / trial.file
    text = path.read_text(encoding="utf-8")
    shorter = without_lines(text, {name.removeprefix(f"{trial.code}.") for name in chosen} | chosen)
    try:
        other = compile_trial(document_of(shorter.encode(), trial.file), library)
    except InputError:
        assume(False)  # a file that needs the clause, for a cohort or a reading
        raise
    assert [clause.id for clause in other.clauses] == [name for name in ids if name not in chosen]
    record = record_of(data.draw(st.sampled_from(EXAMPLES)), library)
    twin = Undated(library.with_trial(other))  # the days are compared as `when` tells them
    matcher = Undated(library, without=chosen)
    assert matcher.without == tuple(sorted(chosen))
    for repairs in (False, True):
        found = matcher.match(record, [trial.code], repairs=repairs)
        expected = twin.match(record, [trial.code], repairs=repairs)
        assert found.without == matcher.without
        bare = tuple(replace(each, provisos=AS_ENCODED) for each in found.trials)
        fields = {"without": (), "trials": bare, "record": expected.record}
        if found.record.corrections is None:
            assert found.record == expected.record
        assert replace(found, **fields) == expected  # type: ignore[arg-type]
    found_days, expected_days = when(matcher, record, [trial.code]), when(twin, record, [trial.code])
    bare_days = tuple(replace(each, provisos=AS_ENCODED) for each in found_days.trials)
    assert replace(found_days, without=(), trials=bare_days) == expected_days
    found_tests, expected_tests = (plan_tests(each, record, [trial.code]) for each in (matcher, twin))
    bare_tests = tuple(replace(each, provisos=AS_ENCODED) for each in found_tests.trials)
    assert replace(found_tests, without=(), trials=bare_tests) == expected_tests


def test_clauses_are_left_out_in_one_place_of_three(library: Library) -> None:
    """Of the matcher, of one question, or of both together: the answer is the same, also from a copy of the matcher."""
    record = record_of(ROOT / "examples" / "two-clocks.json", library)
    ids = ["RO.I2d", "RO.I2a"]
    answers = [
        Matcher(library, without=ids).match(record),
        Matcher(library).match(record, without="ro.i2a, RO.I2d"),
        Matcher(library, without=ids[:1]).match(record, without=ids),
        pickle.loads(pickle.dumps(Matcher(library, without=ids))).match(record),
    ]
    assert answers[0].without == ("RO.I2a", "RO.I2d")
    assert all(answer == answers[0] for answer in answers)


def test_what_fits_says_without_what(library: Library) -> None:
    """Of the trial whose clause is left out, and of no other; an unknown clause is an error."""
    record = record_of(ROOT / "examples" / "two-clocks.json", library)
    answer = Matcher(library).match(record, without=["RO.I2a", "RO.I2d"])
    lines = str(answer).splitlines()
    assert any(line.startswith("RO eligible without RO.I2a and RO.I2d") for line in lines)
    assert sum("without" in line for line in lines) == 1
    with pytest.raises(InputError, match=r"'RO\.I22' is not a known clause; did you mean 'RO\.I2d'"):
        Matcher(library, without="RO.I22")


def test_a_cohort_that_nothing_binds_any_more_takes_nobody(library: Library) -> None:
    """Without all of its clauses a trial is undetermined: what is not asked is never taken for met."""
    trial = library.trials["RO"]
    record = record_of(ROOT / "examples" / "two-clocks.json", library)
    answer = Matcher(library, without=[clause.id for clause in trial.clauses]).match(record, ["RO"])
    assert [each.verdict for each in answer.trials] == ["undetermined"]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_under_policies_every_verdict_says_so(path: Path, library: Library) -> None:
    """Each line of the answer has the word, but for what was not judged."""
    answer: MatchAnswer = Matcher(library, assume=library.policies).match(record_of(path, library))
    assert answer.policies == tuple(library.policies)
    for trial in answer.trials:
        judged = trial.verdict not in ("withheld", "unresolved")
        assert ("assuming" in str(trial)) is judged, str(trial)
