"""What is cited for a clause: also where a fact says something only through another value."""

from __future__ import annotations

from pathlib import Path

from solver.matcher import Matcher
from solver.patient.readers.native.read import read_record
from tests.support.concept_library import concept_library


def test_a_multiple_of_the_limit_of_a_site_breaks_a_clause_that_names_no_limit(tmp_path: Path) -> None:
    """Half the limit, which the site has at 50 U/L, is not above 30 U/L: the result is cited, and nothing assumed of the limit."""
    library = concept_library(tmp_path, "alt > 30 U/L")
    text = {
        "id": "half",
        "as_of": "2026-11-20",
        "facts": {"alt": {"value": 0.5, "unit": "ULN"}},
        "context": {"reference": {"alt": [{"uln": {"value": 50, "unit": "U/L"}}]}},
    }
    (trial,) = Matcher(library).match(read_record(text, library, name="half.json")).trials
    (clause,) = trial.clauses
    assert (trial.verdict, trial.conflicts) == ("ineligible", (("ONE.I1",),))
    assert (clause.facts, clause.assumptions) == (("alt",), ())
