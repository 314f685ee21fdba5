"""A finding names what the author wrote: a definition, where only that speaks of a variable."""

from __future__ import annotations

import pytest

from solver.library.models import Library
from solver.questions.check.ask import check
from solver.questions.check.trial_view import TrialView
from solver.questions.check.written_names import WrittenNames
from tests.questions.check.test_ask import TRIALS, clause, source

RO, K001 = ((TRIALS / f"{name}.yaml").read_text() for name in ("ro", "k001"))

SAID = [
    (
        RO.replace(
            "days_between(last_hsct_date, first_dose) >= 90",
            "days_between(last_hsct_date, first_dose) != 130",
        ),
        "dates (last_hsct_date, first_dose)",
        "planned_c1d1_date",
    ),
    (
        K001 + clause("E9", "relapsed_or_refractory") + clause("X", "not relapsed_or_refractory"),
        "relapsed_or_refractory is both required and excluded",
        "disease_status",
    ),
]


@pytest.mark.parametrize(("text", "said", "unsaid"), SAID, ids=[said for _, said, _ in SAID])
def test_a_finding_says_the_definition_and_not_its_variable(
    library: Library, text: str, said: str, unsaid: str
) -> None:
    """Of days between dates, and of what is required and excluded."""
    found = [finding.text for finding in check(library, [source(text, library)]).findings]
    assert any(said in each for each in found), found
    assert not any(unsaid in each for each in found), found


def test_a_variable_that_is_written_is_named(library: Library) -> None:
    """The definition counts only where no clause names the variable; what it leaves open is said of the variable."""
    view = TrialView(library, source(K001 + clause("X", "disease_status != untreated"), library))
    by_definition = [each for each in view.criteria if "relapsed_or_refractory" in each.parts.names]
    alone, both = WrittenNames(library, by_definition), WrittenNames(library, view.criteria)
    assert alone.of("disease_status") == "relapsed_or_refractory"
    assert alone.value("disease_status", ["relapsed"]) == "relapsed_or_refractory"
    assert alone.value("disease_status", ["untreated"]) == "not relapsed_or_refractory"
    assert alone.value("disease_status", ["relapsed", "untreated"]) == "disease_status relapsed or untreated"
    assert alone.of("ecog") == "ecog"
    assert both.of("disease_status") == "disease_status"
    assert both.value("disease_status", ["untreated"]) == "disease_status untreated"
