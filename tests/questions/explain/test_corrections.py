"""A record that contradicts itself: which facts could be wrong, and what would then hold."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

import pytest

from solver.engine.minimal_sets import hitting_sets
from solver.library.models import Library
from solver.matcher import Matcher
from solver.patient.readers.native.read import read_record

EXAMPLE = Path(__file__).parents[3] / "examples" / "contradictory.json"

PREGNANT_MAN = {
    "id": "wrong-sex",
    "as_of": "2026-11-20",
    "facts": {"sex": "M", "pregnant": True, "birth_date": "1980-01-01", "diagnosis": "AML"},
}


def without(record: dict[str, object], names: tuple[str, ...]) -> bytes:
    """The record without some of its facts."""
    facts = record["facts"]
    assert isinstance(facts, dict)
    left = {name: fact for name, fact in facts.items() if name not in names}
    return json.dumps({**record, "facts": left}).encode()


@pytest.mark.parametrize("record", [PREGNANT_MAN, json.loads(EXAMPLE.read_text(encoding="utf-8"))])
def test_corrections_are_the_fewest_facts_to_leave_out(library: Library, record: dict[str, object]) -> None:
    """Without the facts of a correction the record agrees with itself, with any of them back it does not, and there is no other."""
    matcher = Matcher(library)
    answer = matcher.match(read_record(json.dumps(record).encode(), library), repairs=True)
    assert answer.corrections is not None
    found = {correction.facts for correction in answer.corrections}

    def agrees(names: tuple[str, ...]) -> bool:
        return matcher.open(read_record(without(record, names), library)).consistent is True

    mentioned = sorted({name for facts in answer.contradictions for name in facts})
    fewest: set[tuple[str, ...]] = set()
    for size in range(1, len(mentioned) + 1):
        for names in combinations(mentioned, size):
            if not any(set(smaller) <= set(names) for smaller in fewest) and agrees(names):
                fewest.add(names)
    assert found == fewest


def test_a_correction_gives_the_verdicts_of_the_corrected_record(library: Library) -> None:
    """What is said of a correction is what the matcher says of the record without these facts."""
    matcher = Matcher(library)
    answer = matcher.match(read_record(json.dumps(PREGNANT_MAN).encode(), library), repairs=True)
    assert answer.corrections is not None
    by_facts = {correction.facts: correction.trials for correction in answer.corrections}
    assert set(by_facts) == {("pregnant",), ("sex",)}
    for facts, trials in by_facts.items():
        alone = matcher.match(read_record(without(PREGNANT_MAN, facts), library))
        assert [(t.code, t.verdict, t.published_only, t.conflicts) for t in trials] == [
            (t.code, t.verdict, t.published_only, t.conflicts) for t in alone.trials
        ]
    (sar,) = (trial for trial in by_facts["sex",] if trial.code == "SAR")
    assert ("SAR.E11a",) in sar.conflicts


def test_corrections_are_given_where_they_are_asked_for(library: Library) -> None:
    """A plain match looks for none, and a record that agrees with itself has none."""
    matcher = Matcher(library)
    record = read_record(json.dumps(PREGNANT_MAN).encode(), library)
    assert matcher.match(record).corrections is None
    clean = read_record(without(PREGNANT_MAN, ("pregnant",)), library)
    assert matcher.match(clean, repairs=True).corrections is None


def test_hitting_sets_by_hand() -> None:
    """The minimal hitting sets of families small enough to check by hand."""
    assert hitting_sets([]) == ((),)
    assert hitting_sets([("a", "b")]) == (("a",), ("b",))
    assert hitting_sets([("a", "b"), ("b", "c")]) == (("b",), ("a", "c"))
    assert hitting_sets([("a",), ("b",)]) == (("a", "b"),)
