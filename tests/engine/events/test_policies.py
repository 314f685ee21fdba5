"""A policy over whole kinds takes what nobody speaks of as absent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from solver.language.types import BooleanType
from solver.library.load import load_library
from solver.patient.readers.native.read import read_record
from tests.engine.events.worked_library import AS_OF, THEORY, library_of
from tests.support.records.matchers import Undated
from tests.support.records.worked import case_record, load

EXAMPLE_TRIALS = Path(__file__).parents[3] / "examples" / "trials"
POLICY = """\
policies:
  - id: history-absent
    label: what is not recorded is absent
    text: taken as absent
    covers: variables
    kinds: [therapy]
"""


@pytest.mark.parametrize(
    ("facts", "more", "verdict"),
    [
        ({}, {}, "eligible"),
        ({"therapies": [{"is": "azacitidine"}]}, {}, "eligible"),
        ({"therapies": [{"is": "antibody"}]}, {}, "undetermined"),
        ({"therapies": [{"is": "XYZ"}]}, {}, "undetermined"),
        ({"therapies": [{"is": "rituximab", "ongoing": True}]}, {}, "ineligible"),
        ({}, {"never": ["rituximab"]}, "undetermined"),
        ({"drugs": ["XYZ"]}, {}, "undetermined"),
    ],
)
def test_history_is_absent(tmp_path: Path, facts: dict[str, Any], more: dict[str, Any], verdict: str) -> None:
    """Nothing of a concept is assumed where an entry, `never` or a list of names can speak of it."""
    library = library_of(tmp_path, "not within(anti_cd20, 3 mo)", theory=THEORY + POLICY)
    record = read_record({"id": "p", "as_of": AS_OF, "facts": facts, **more}, library)
    answer = Undated(library, assume="history-absent").match(record)
    assert answer.trials[0].verdict == verdict
    assumed = [each.id for each in answer.assumptions]
    assert (assumed == ["history-absent:last_end(anti_cd20)"]) is (verdict == "eligible")


def test_a_limit_beside_a_value_counts_as_that_of_the_site() -> None:
    """Under a policy over variables and events too: each trial is asked with its own terms, of which limits that facts give are none."""
    matcher = Undated(load_library(add_trials=[EXAMPLE_TRIALS]), assume="history-absent")
    asking = [each.code for each in matcher.library.trials.values() if each.terms][:2]
    value = {"value": 100, "unit": "U/L"}
    beside = {"facts": {"alp": {**value, "uln": 290}}}
    of_site = {
        "facts": {"alp": value},
        "context": {"reference": {"alp": [{"uln": {"value": 290, "unit": "U/L"}}]}},
    }
    one, other = (
        matcher.match(read_record({"id": "p", "as_of": AS_OF, **each}, matcher.library), asking)
        for each in (beside, of_site)
    )
    assert one.assumptions
    assert [(each.code, each.verdict) for each in one.trials] == [
        (each.code, each.verdict) for each in other.trials
    ]


def test_a_flag_that_no_policy_covers_is_not_assumed_under_its_other_name() -> None:
    """What a flag asks of today is left open by the policy of its term's kind as well: limits in the context change no verdict."""
    matcher = Undated(load_library(), assume="history-absent")
    variables = matcher.library.variables
    uncovered = [
        name
        for name, each in variables.items()
        if each.means is not None and each.means.term is not None and each.policy is None
    ]
    flags = [name for name in uncovered if isinstance(variables[name].type, BooleanType)]
    assert "gvhd_active" in flags
    limits = {"reference": {"alt": [{"uln": {"value": 40, "unit": "U/L"}}]}}
    open_without = 0
    for case in load("sample")[:5]:
        record = case_record(case)
        for name in (each for each in flags if each in record["facts"]):
            facts = {each: value for each, value in record["facts"].items() if each != name}
            without, beside = (
                matcher.match(
                    read_record(
                        {**record, "facts": facts, "context": {**record.get("context", {}), **more}},
                        matcher.library,
                    )
                )
                for more in ({}, limits)
            )
            verdicts = [(each.code, each.verdict) for each in without.trials]
            assert verdicts == [(each.code, each.verdict) for each in beside.trials]
            open_without += any(verdict == "undetermined" for _, verdict in verdicts)
    assert open_without
