"""Wrong input in the forms of events: every fault is a line with its place, and nothing else is ever raised."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver.errors import InputError
from solver.library.models import Library
from solver.patient.readers.native.events import EVENT_KEYS, RESULT_KEYS
from solver.patient.readers.native.read import read_record
from tests.engine.events.worked_library import AS_OF, library_of


@lru_cache(maxsize=1)
def shared() -> Library:
    """The library of all examples here."""
    return library_of(Path(mkdtemp()), "not ever(anti_cd20)")


@pytest.mark.parametrize(
    ("facts", "more", "fault"),
    [
        ({"therapies": {}}, {}, "facts.therapies: an object is not a list"),
        ({"therapies": ["rituximab"]}, {}, "facts.therapies[0]: 'rituximab' is not an entry"),
        ({"therapies": [{"start": "2026"}]}, {}, "facts.therapies[0]: says not what it is"),
        ({"therapies": [{"is": "rituximab", "dose": 1}]}, {}, "unknown key 'dose'"),
        ({"therapies": [{"is": "hiv"}]}, {}, "'hiv' belongs to conditions"),
        (
            {"therapies": [{"is": "rituximab", "start": "2026-05", "end": "2026-04"}]},
            {},
            "ends before it starts",
        ),
        ({"therapies": [{"is": "rituximab", "start": "1890"}]}, {}, "longer ago than anyone has lived"),
        ({"findings": [{"is": "tp53", "present": True, "date": "1899-12"}]}, {}, "'1899-12' is before"),
        ({"findings": [{"is": "APL", "present": True}]}, {}, "and the one treated now as the diagnosis"),
        ({"therapies": [{"is": "rituximab", "end": "2026-04", "ongoing": True}]}, {}, "cannot be ongoing"),
        ({"therapies": [{"is": "rituximab", "end": "2027-04", "ongoing": False}]}, {}, "so that it goes on"),
        ({"therapies": [{"is": "Kymriah", "end": "2026-04"}]}, {}, "on one day: leave 'end' out"),
        ({"therapies": [{"is": "Kymriah", "times": 2}]}, {}, "on one day: leave 'times' out"),
        ({"therapies": [{"is": "rituximab", "line": 13}]}, {}, "13 is not a whole number from 1 to 12"),
        ({"conditions": [{"is": "hiv", "end": "2020"}]}, {}, "lasts for life: leave 'end' out"),
        ({"conditions": [{"is": "hiv", "ongoing": False}]}, {}, "lasts for life: leave 'ongoing' out"),
        ({"findings": [{"is": "tp53"}]}, {}, "does not say whether it was found"),
        ({"findings": [{"is": "tp53", "present": True, "level": 1}]}, {}, "tp53 has no level"),
        (
            {"findings": [{"is": "flt3_itd", "present": True, "level": {"value": 70, "unit": "%"}}]},
            {},
            "is never converted from '%'",
        ),
        ({}, {"never": ["nonsense"]}, "never[0]: 'nonsense' is not a known concept"),
        ({}, {"never": ["therapies"]}, "say so under 'complete'"),
        ({}, {"complete": ["nonsense"]}, "complete[0]: 'nonsense' is not a known concept"),
        ({"grade": [{"value": 1, "date": "2026-11"}]}, {}, "is not a full date"),
        ({"grade": [{"value": 1}, 2]}, {}, "has no date"),
        ({"alt": {"value": 9, "unit": "U/L", "uln": 3, "lln": 5}}, {}, "below the lower one"),
        ({"alt": {"value": 9, "unit": "ULN", "uln": 3}}, {}, "take it out"),
        ({}, {"context": {"reference": {"grade": []}}}, "'grade' has no limits of normal"),
        ({}, {"context": {"reference": {"alt": [{"age": 3}]}}}, "unknown key 'age'"),
        ({"disease": "nonsense"}, {}, "'nonsense' is not"),
    ],
)
def test_a_fault_is_told_with_its_place(facts: dict[str, Any], more: dict[str, Any], fault: str) -> None:
    """One line says where, what was found and what to do."""
    with pytest.raises(InputError) as told:
        read_record({"as_of": AS_OF, "facts": facts, **more}, shared(), name="p")
    assert any(fault in problem for problem in told.value.problems), told.value.problems


scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3000),
    st.sampled_from(["2026-10", "2026-11-20", "hiv", "rituximab", "Kymriah", "tp53", "therapies", "", "x"]),
)
entries = st.dictionaries(st.sampled_from([*EVENT_KEYS, *RESULT_KEYS, "of", "x"]), scalars, max_size=5)
anything = st.one_of(scalars, st.lists(st.one_of(scalars, entries), max_size=3), entries)


@settings(max_examples=200, deadline=None)
@given(
    facts=st.dictionaries(
        st.sampled_from(["therapies", "conditions", "findings", "alt", "grade", "fit", "disease", "drugs"]),
        anything,
    ),
    more=st.dictionaries(st.sampled_from(["never", "complete"]), anything),
    reference=st.one_of(anything, st.dictionaries(st.sampled_from(["alt", "grade"]), anything)),
)
def test_nothing_else_is_raised(facts: dict[str, Any], more: dict[str, Any], reference: Any) -> None:
    """Whatever stands where events belong is read, or refused with lines."""
    problems: tuple[str, ...] = ()
    try:
        read_record(
            {"as_of": AS_OF, "facts": facts, "context": {"reference": reference}, **more}, shared(), name="p"
        )
    except InputError as error:
        problems = tuple(error.problems)
    assert all(problem.startswith("p: ") for problem in problems)
