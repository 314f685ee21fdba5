"""The public strategies and laws: what is drawn reads, agrees with what it says it agrees with, and finds what is wrong with a file."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.engine.problem import pose
from solver.evaluation.evaluate import evaluate
from solver.language.domain import Domain, Interval, is_exact
from solver.library.load import load_library
from solver.matcher import Matcher
from solver.testing.laws import trial_laws
from solver.testing.strategies import boundary_records, completions, facts, read, records
from tests.support.documents.modules import MODULES, ROOT, imports, name_of
from tests.support.drawing.drawn import drawn
from tests.support.libraries.shipped import LIBRARY
from tests.support.records import worked
from tests.support.records.worked import Json

MATCHER = Matcher(LIBRARY)
PATIENTS = [worked.patient(name) for name in worked.load("patients")]

TestLawsOfATrial = trial_laws(ROOT / "encodings" / "trials" / "zped.yaml", examples=5)


@drawn(60)
@given(records(LIBRARY), records(LIBRARY, exact=True))
def test_every_record_reads_and_exact_ones_leave_one_value(any_record: Json, exact: Json) -> None:
    """What is drawn is a record without a fault; with `exact` each fact leaves one value."""
    read(any_record, LIBRARY)
    assert all(fact.exact for fact in read(exact, LIBRARY).facts.values())


def test_records_are_drawn_where_trials_ask_of_limits_of_normal() -> None:
    """A limit of normal is known of a record alone; what a trial compares with one is drawn by what else tells its values apart."""
    library = load_library(add_trials=[ROOT / "examples" / "trials" / "NCT02141828.yaml"])

    @drawn(20)
    @given(facts(library, "alt"))
    def draw(fact: Any) -> None:
        read({"as_of": "2026-11-20", "facts": {"alt": fact}}, library)

    draw()


def test_facts_of_every_form_are_drawn() -> None:
    """Among the facts about one variable of each type are exact ones, ranges, several values, parts of dates and null."""
    seen: Counter[str] = Counter()
    one_a_type = {type(variable.type): name for name, variable in LIBRARY.variables.items()}

    @drawn(200)
    @given(st.sampled_from(sorted(one_a_type.values())).flatmap(lambda name: facts(LIBRARY, name)))
    def draw(fact: Any) -> None:
        keys = set(fact) - {"unit", "drug"} if isinstance(fact, dict) else {type(fact).__name__}
        if isinstance(fact, str):
            keys = {f"text of {len(fact)}"} if fact[:2] in ("19", "20") else {"name"}
        seen.update(keys)

    draw()
    wanted = {"value", "min", "max", "one_of", "NoneType", "bool", "int", "list", "text of 10", "text of 7"}
    assert wanted - seen.keys() == set()


def within(value: Domain, domain: Domain) -> bool:
    """Whether an exact value is one that the domain leaves."""
    if isinstance(value, Interval) and isinstance(domain, Interval):
        return value.low in domain
    return (
        value <= domain if isinstance(value, frozenset) and isinstance(domain, frozenset) else value == domain
    )


@drawn(40)
@given(st.data())
def test_a_completion_agrees_with_the_record_and_the_theory(data: st.DataObject) -> None:
    """It leaves one value of whatever it records, every value is possible by the record, and every axiom in force holds."""
    record = data.draw(records(LIBRARY, like=PATIENTS))
    before = pose(LIBRARY, read(record, LIBRARY))
    total = read(data.draw(completions(LIBRARY, record)), LIBRARY)
    after = pose(LIBRARY, total)
    assert after.consistent()
    for name, fact in total.facts.items():
        assert fact.exact
        assert within(fact.domain, before.known[name])
    known = {**before.known, **{name: domain for name, domain in after.known.items() if is_exact(domain)}}
    assert all(evaluate(condition, known) is not False for condition in before.oracle.theory)


def test_boundary_records_fall_on_both_sides() -> None:
    """Of the records drawn about one trial, some are eligible and some are not."""
    seen: Counter[str] = Counter()

    @drawn(60)
    @given(boundary_records(LIBRARY, "uc"))
    def draw(record: Json) -> None:
        seen.update(trial.verdict for trial in MATCHER.match(read(record, LIBRARY), ["UC"]).trials)

    draw()
    assert min(seen["eligible"], seen["ineligible"]) >= 10


@pytest.mark.parametrize("file", ["NCT02421939", "NCT02141828"])
def test_records_are_drawn_where_trials_ask_of_events(file: str) -> None:
    """A starting patient tells what is asked of events by entries, and so does a completion, of which the verdict is decided."""
    library = load_library(add_trials=[ROOT / "examples" / "trials" / f"{file}.yaml"])
    code = next(code for code, trial in library.trials.items() if trial.terms)
    matcher, seen = Matcher(library), Counter[str]()

    @drawn(20)
    @given(boundary_records(library, code))
    def draw(record: Json) -> None:
        seen.update(trial.verdict for trial in matcher.match(read(record, library), [code]).trials)

    draw()
    assert seen["eligible"]
    assert seen["ineligible"]

    alone = replace(library, trials={code: library.trials[code]})
    whole, decided = Matcher(alone), Counter[str]()

    @drawn(5)
    @given(completions(alone, {"as_of": "2026-11-20", "facts": {"sex": "F"}}))
    def complete(record: Json) -> None:
        decided.update(trial.verdict for trial in whole.match(read(record, alone)).trials)

    complete()
    assert decided.keys() <= {"eligible", "ineligible"}


def test_a_trial_that_is_not_known_has_no_boundaries() -> None:
    """The error names the trials."""
    with pytest.raises(ValueError, match="'NONE' is not a known trial: the trials are K001"):
        boundary_records(LIBRARY, "NONE")


def law(cls: type, name: str, **arguments: Any) -> None:
    """Run one law of a class of laws."""
    getattr(cls(), name)(**arguments)


def test_the_laws_find_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    """A fault of the file is the message of the first test, and nothing is read before it runs."""
    file = tmp_path / "wrong.yaml"
    laws = trial_laws(file)
    text = (ROOT / "encodings" / "trials" / "zped.yaml").read_text(encoding="utf-8")
    file.write_text(text.replace("age <= 21", "agee <= 21"), encoding="utf-8")
    with pytest.raises(Exception, match="agee"):
        law(laws, "test_the_file_can_be_read")


def test_the_laws_find_a_cohort_that_nobody_can_enter(tmp_path: Path) -> None:
    """A criterion that can never be met is told with the cohort."""
    file = tmp_path / "shut.yaml"
    text = (ROOT / "encodings" / "trials" / "zped.yaml").read_text(encoding="utf-8")
    file.write_text(text.replace("age <= 21", "age <= 21 and age >= 22"), encoding="utf-8")
    with pytest.raises(AssertionError, match="nobody was found who can enter ALL"):
        law(trial_laws(file), "test_every_cohort_takes_somebody")


def test_hypothesis_is_asked_for_in_one_line() -> None:
    """Without the package the import says what to install."""
    check = "import sys; sys.modules['hypothesis'] = None\nimport solver.strategies"
    done = subprocess.run([sys.executable, "-c", check], cwd=ROOT, capture_output=True, text=True)
    last = done.stderr.strip().splitlines()[-1]
    message = "solver.strategies needs the package hypothesis: run pip install 'trialproof[testing]'"
    assert last == f"ImportError: {message}"


def test_the_engine_does_not_need_the_strategies() -> None:
    """No other module imports them, so that nothing else needs hypothesis."""
    own = {"solver.strategies", "solver.testing.strategies", "solver.testing.laws"}
    users = {name_of(path) for path in MODULES if own & imports(path)}
    assert users == own - {"solver.testing.strategies"}
