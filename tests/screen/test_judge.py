"""A patient of a cohort is judged as `match` judges the record, at each level of reasons."""

from __future__ import annotations

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from solver.errors import InputError
from solver.library.models import Library
from solver.matcher import Matcher
from solver.patient.readers.native.read import read_record
from solver.screen.judge import Level, judge
from solver.work import Budget
from tests.support.drawing.drawn import drawn
from tests.support.drawing.strategies import contradictory_records, records
from tests.support.records import worked
from tests.support.records.screened import as_match_says

LEVELS: tuple[Level, ...] = ("none", "clauses", "full")


@given(data=st.data())
@settings(drawn(12), phases=(Phase.explicit, Phase.generate))
def test_each_answer_is_that_of_match(data: st.DataObject, library: Library) -> None:
    """Verdict, blocking and open clauses, conflicts, deciding sets and contradictions are those of `match`."""
    drawn_records = st.one_of(records(library, complete=True), contradictory_records(library))
    record = read_record(data.draw(drawn_records), library, name="drawn")
    matcher = Matcher(library)
    whole = matcher.match(record)
    for level in LEVELS:
        found = judge(matcher, record, level=level)
        assert found.contradictions == whole.record.contradictions
        told = [each._replace(eligible_without=None) for each in found.trials]
        assert told == [as_match_says(each, level) for each in whole.trials]


def test_the_chosen_trials_are_judged_in_the_order_given(library: Library) -> None:
    """Trials may be named by code or number; one that is not known is refused."""
    codes = sorted(library.trials)[:2][::-1]
    record = read_record({"as_of": "2025-06-01", "facts": {}}, library, name="empty")
    assert [each.code for each in Matcher(library).verdicts(record, codes)] == codes
    with pytest.raises(InputError, match="NOTHING"):
        Matcher(library).verdicts(record, ["NOTHING"])


def test_policies_count_as_in_match(library: Library) -> None:
    """Assumption policies change the verdicts of a cohort as they change those of `match`."""
    matcher = Matcher(library, assume=sorted(library.policies))
    record = read_record(
        {**worked.patient(sorted(worked.load("patients"))[0]), "as_of": "2025-06-01"}, library, name="worked"
    )
    assert matcher.verdicts(record) == tuple(
        as_match_says(each, "clauses") for each in matcher.match(record).trials
    )


def test_what_is_not_reached_within_the_budget_is_unresolved(library: Library) -> None:
    """A budget that is spent leaves the same verdicts unresolved as in `match`."""
    record = read_record({"as_of": "2025-06-01", "facts": {}}, library, name="empty")
    matcher = Matcher(library, budget=Budget(work=1))
    found = matcher.verdicts(record)
    assert [each.verdict for each in found] == [each.verdict for each in matcher.match(record).trials]
    assert "unresolved" in {each.verdict for each in found}
