"""The days of a trial whose clauses share what is not recorded, against each day judged by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import example, given
from hypothesis import strategies as st

from solver.library.files.yaml_places import parse_document
from solver.library.load import load_library
from solver.library.models import Library
from solver.library.trial_files import compile_trial
from solver.patient.readers.native.read import record_from
from solver.questions.when.ask import when
from tests.support.drawing.drawn import drawn
from tests.support.libraries.small_library import folder
from tests.support.records.matchers import Undated

HEAD = """
trial: NCT00000002
code: TWO
title: A second trial
intervention: rest
recruitment: recruiting
criteria: full
sources: [{id: S, text: a source}]
cohorts: {A: {label: First}, B: {label: Second}}
clauses:
  - {id: R, label: r, source: S, class: objective, changes: never, require: kind == AML}
"""
DAYS = [date(2027, 1, 18) + timedelta(days=i) for i in range(5)]
TURNS = "birth + 12 mo <= as_of"
"""True from the third day on of who was born on 20 January."""

CONDITIONS = [
    "grade < 3",
    "grade < 2",
    "smoker",
    "not smoker",
    TURNS,
    f"not ({TURNS})",
    f"grade >= 3 or {TURNS}",
    f"smoker or {TURNS}",
    f"smoker or grade >= 3 or not ({TURNS})",
]
BIRTHS: list[object] = ["2026-01-20", {"min": "2026-01-19", "max": "2026-01-21"}]


@cache
def small() -> Library:
    """A library in which nothing links a grade or smoking with the day."""
    with TemporaryDirectory() as place:
        return load_library(folder(Path(place)), cached=False)


@drawn(60)
@given(
    st.lists(
        st.tuples(st.sampled_from(["A", "B", "A, B"]), st.sampled_from(CONDITIONS)), min_size=1, max_size=4
    ),
    st.sampled_from(BIRTHS),
)
@example([("A, B", "grade < 3"), ("A, B", f"grade >= 3 or {TURNS}")], BIRTHS[0])
@example([("A", "grade < 2"), ("B", "smoker"), ("B", f"smoker or {TURNS}")], BIRTHS[0])
@example([("A, B", f"grade >= 3 or {TURNS}"), ("A, B", TURNS)], BIRTHS[1])
@example([("A", "smoker"), ("B", "not smoker"), ("A, B", TURNS)], BIRTHS[1])
def test_days_are_those_judged_by_themselves(clauses: list[tuple[str, str]], birth: object) -> None:
    """What one clause leaves of a value may make another wait for a day, also where the first does not speak of days."""
    entries = "".join(
        f"  - {{id: C{i}, label: l, source: S, class: objective, changes: time, cohorts: [{of}], require: '{text}'}}\n"
        for i, (of, text) in enumerate(clauses)
    )
    trial = compile_trial(parse_document(HEAD + entries, "two.yaml"), small())
    matcher = Undated(replace(small(), trials={"TWO": trial}))
    facts = {"birth": birth, "kind": "AML"}
    dates, verdicts = None, {}
    for day in DAYS:
        record = record_from({"id": "p", "as_of": day.isoformat(), "facts": facts}, matcher.library)
        dates = dates or when(matcher, record, horizon=f"{len(DAYS) - 1}d").trials[0].dates
        verdicts[day.isoformat()] = matcher.match(record).trials[0].verdict
    assert dates is not None
    for spans, wanted in (
        (dates.eligible, {"eligible"}),
        (dates.possible, {"eligible", "undetermined"}),
    ):
        found = {day for day in verdicts for first, last in spans if first <= day <= last}
        assert found == {day for day, verdict in verdicts.items() if verdict in wanted}
