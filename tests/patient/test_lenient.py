"""`--lenient`: a wrong fact is left out, visibly, and the answer is that for the record without it."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cli
from solver.errors import InputError
from solver.library.models import Library
from solver.matcher import Matcher
from solver.patient.readers.native.read import read_context, read_record, record_from
from solver.questions.match.answer import MatchAnswer
from tests.support.drawing import strategies
from tests.support.drawing.drawn import drawn
from tests.support.records.worked import Json

RECORDS = Path(__file__).parent / "records" / "bad"
REJECTED = "rejected-fact"

WRONG: tuple[Any, ...] = (
    "yes",
    "",
    -1,
    1.5,
    [],
    [None],
    {},
    {"value": 5, "unit": "furlong"},
    {"value": -5, "unit": "kg"},
    {"valeu": 5},
    {"min": 5, "max": 3, "unit": "kg"},
    {"one_of": []},
    {"value": True, "one_of": [True]},
    {"value": 10**13, "unit": "kg"},
    "2025-02-30",
    {"value": None, "date": "yesterday"},
)
"""What no variable, or hardly any, can be said to be."""


def without_rejections(answer: MatchAnswer) -> MatchAnswer:
    """The answer without the warnings about rejected facts."""
    kept = tuple(warning for warning in answer.warnings if warning.code != REJECTED)
    return dataclasses.replace(answer, warnings=kept)


@st.composite
def spoilt(draw: st.DrawFn, library: Library) -> tuple[Json, set[str]]:
    """A record in which some facts were made wrong, with the names of the facts that the reader refuses."""
    record = draw(strategies.records(library))
    names = st.sampled_from([*sorted(library.variables), "no_such_variable", "Weight"])
    for name in draw(st.lists(names, min_size=1, max_size=4, unique=True)):
        record["facts"][name] = draw(st.sampled_from(WRONG))
    return record, {name for name, fact in record["facts"].items() if refused(library, name, fact)}


def refused(library: Library, name: str, fact: object) -> bool:
    """Whether a record that holds only this fact is refused."""
    try:
        record_from({"as_of": "2025-06-01", "facts": {name: fact}}, library)
    except InputError:
        return True
    return False


@given(data=st.data())
@drawn(20)
def test_the_answer_is_that_for_the_record_without_the_wrong_facts(
    library: Library, data: st.DataObject
) -> None:
    """Every refused fact is dropped with a warning, no other fact is, and nothing else of the answer differs."""
    record, wrong = data.draw(spoilt(library))
    kept = {name: fact for name, fact in record["facts"].items() if name not in wrong}
    read = record_from(record, library, lenient=True)
    matcher = Matcher(library)
    expected = matcher.match(record_from({**record, "facts": kept}, library), ["SAR", "ZPED"])
    answer = matcher.match(read, ["SAR", "ZPED"])
    assert without_rejections(answer) == expected
    told = [warning for warning in answer.warnings if warning.code == REJECTED]
    for name in wrong:
        assert any(f"facts.{name}" in warning.text for warning in told), name
    for warning in told:
        assert any(warning.text.startswith(f"facts.{name}") for name in wrong), warning
        assert warning.variable is None or warning.variable in wrong & library.variables.keys()


@pytest.mark.parametrize("path", sorted(RECORDS.glob("*.json")), ids=lambda path: path.stem)
def test_what_is_wrong_is_a_warning_or_an_error_in_the_same_words(library: Library, path: Path) -> None:
    """Of each wrong record, the faults of facts become warnings; any other fault is an error as before."""
    with pytest.raises(InputError) as strict:
        read_record(path.read_bytes(), library, name="p.json")
    fine, problems = lenient(library, path)
    assert set(problems) <= set(strict.value.problems)
    if fine:
        assert sorted(problems) == sorted(strict.value.problems)
        assert all(line.startswith("p.json: facts.") for line in problems)


def lenient(library: Library, path: Path) -> tuple[bool, list[str]]:
    """Whether a record is read leniently, and what is said of it, rejected facts or faults."""
    try:
        record = read_record(path.read_bytes(), library, name="p.json", lenient=True)
    except InputError as error:
        return False, list(error.problems)
    return True, [f"p.json: {text}" for code, _, text in record.warnings if code == REJECTED]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"as_of": "2026-01-01", "facts": {"ecog": 1}', "p.json: line 1, column 45: is not JSON"),
        ('{"facts": {"ecog": 1.5}}', "p.json: as_of: is missing"),
        ('{"as_of": "2026-01", "facts": {"ecog": 1.5}}', "p.json: as_of: '2026-01' is not a full date"),
        ('{"as_of": "2026-01-01", "fatcs": {}}', "p.json: unknown key 'fatcs'"),
        ('{"as_of": "2026-01-01", "facts": []}', "p.json: facts: a list is not an object"),
        (
            '{"as_of": "2026-01-01", "facts": {"ecog": 1, "ecog": 2}}',
            "p.json: facts: the key 'ecog' is given twice",
        ),
        (
            '{"as_of": "2026-01-01", "facts": {"ecog": {"value": 1, "value": 2}}}',
            "p.json: facts.ecog: the key 'value' is given twice",
        ),
        ('{"as_of": "2026-01-01", "context": {"reading": []}}', "p.json: context: unknown key 'reading'"),
        ('{"as_of": "2026-01-01", "id": 7}', "p.json: id: 7 is not text"),
    ],
)
def test_what_is_no_fact_stays_an_error(library: Library, text: str, problem: str) -> None:
    """JSON, the day, keys, doubled keys and the context are never forgiven."""
    with pytest.raises(InputError) as caught:
        read_record(text.encode(), library, name="p.json", lenient=True)
    assert len(caught.value.problems) == 1
    assert caught.value.problems[0].startswith(problem)


def test_a_context_is_read_strictly(library: Library) -> None:
    """A site's context knows no leniency."""
    with pytest.raises(InputError):
        read_context(b'{"facts": {}}', library, name="site.json")


def test_a_rejected_fact_leaves_no_other_trace(library: Library) -> None:
    """What else would have been said of the fact is not said."""
    drugs = {"as_of": "2026-01-01", "facts": {"prior_drugs": ["tagraxofus", 3]}}
    assert [code for code, _, _ in record_from(drugs, library, lenient=True).warnings] == [REJECTED]
    later = {"as_of": "2026-01-01", "facts": {"ecog": {"value": 9.5, "date": "2027-01-01"}}}
    assert [code for code, _, _ in record_from(later, library, lenient=True).warnings] == [REJECTED]


@pytest.mark.parametrize("verb", [[], ["explain"]], ids=["match", "explain"])
@pytest.mark.parametrize("form", ["table", "json"])
def test_the_command_rejects_visibly(
    capfd: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    verb: list[str],
    form: str,
) -> None:
    """The exit code is 0, nothing is on standard error, and the answer says first what was left out; without the option it is 2."""
    path = tmp_path / "p.json"
    path.write_text(json.dumps({"as_of": "2026-11-20", "facts": {"birth_date": "1960-01-01", "weight": 70}}))
    arguments = ["match", *verb, str(path), "--format", form]
    monkeypatch.setattr("sys.argv", arguments)
    assert cli.main() == 2
    assert capfd.readouterr().out == ""
    monkeypatch.setattr("sys.argv", [*arguments, "--lenient"])
    assert cli.main() == 0
    out, err = capfd.readouterr()
    assert err == ""
    if form == "json":
        warning = json.loads(out)["warnings"][0]
        assert (warning["code"], warning["variable"]) == (REJECTED, "weight")
        assert warning["text"].startswith("facts.weight: has no unit")
    else:
        assert "REJECTED, and not used: correct the record\n  - facts.weight: has no unit" in out
