"""The latest of several results, worked out again from the words of the rule, day by day and value by value."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from solver.language.domain import Interval
from solver.library.models import Library
from solver.patient.readers.foreign.statements import Amount, PossibleDays, ResultStatement
from tests.support.formats.exports import AS_OF, day_number, outcomes, read_export, record_of, result

DAY = day_number(AS_OF)
WINDOW = 28
UNITS = {"10*9/L": Fraction(1000), "/uL": Fraction(1)}
Drawn = tuple[int | None, int, str, str, str | None]
"""The first day before the day of evaluation, how many days there are, the number, its unit, and its comparator."""


def results() -> st.SearchStrategy[list[Drawn]]:
    """Results of white cells of about the last weeks, some undated, some later, some in a unit of another kind."""
    return st.lists(
        st.tuples(
            st.none() | st.integers(-3, 32),
            st.sampled_from([1, 1, 1, 5]),
            st.sampled_from(["1", "2", "2.5"]),
            st.sampled_from(["10*9/L", "10*9/L", "/uL", "mg"]),
            st.sampled_from([None, None, None, "<", ">="]),
        ),
        max_size=5,
    )


def statement(at: int, drawn: Drawn) -> ResultStatement:
    """The statement of one of them."""
    ago, length, number, unit, comparator = drawn
    days = None if ago is None else PossibleDays(DAY - ago, DAY - ago + length - 1)
    made = result("6690-2", Amount(number, comparator, code=unit), None, at=at)
    return ResultStatement(made.place, made.code, made.value, days)


def plain_outcomes(drawn: list[Drawn]) -> list[str]:
    """What becomes of each: by looking at every pair of days."""
    found = ["" for _ in drawn]
    for i, (ago, _, _, unit, _) in enumerate(drawn):
        if unit == "mg":
            found[i] = "unit"
        elif ago is None:
            found[i] = "undated"
        elif ago < 0:
            found[i] = "after-as-of"
    usable = [i for i, outcome in enumerate(found) if not outcome]
    for i in usable:
        days = possible(drawn[i])
        later = any(all(day > own for day in possible(drawn[j]) for own in days) for j in usable)
        fresh = all(DAY - WINDOW <= day <= DAY for day in days)
        found[i] = "superseded" if later else "used" if fresh else "stale"
    return found


def possible(drawn: Drawn) -> list[int]:
    """The days on which a result may have been, up to the day of evaluation."""
    ago, length, *_ = drawn
    assert ago is not None
    return [day for day in range(DAY - ago, DAY - ago + length) if day <= DAY]


def may_be(drawn: Drawn, value: Fraction) -> bool:
    """Whether a result leaves this many cells in a microlitre possible."""
    _, _, number, unit, comparator = drawn
    told = Fraction(number) * UNITS[unit]
    return {None: value == told, "<": value < told, ">=": value >= told}[comparator]


@settings(max_examples=60)
@given(drawn=results())
def test_what_counts_is_what_the_rule_says(library: Library, drawn: list[Drawn]) -> None:
    """Outcomes agree with the rule in words, and what is left possible holds what any of the used ones leaves possible."""
    found = read_export(library, *(statement(i, each) for i, each in enumerate(drawn)))
    expected = plain_outcomes(drawn)
    assert [outcomes(found)[f"entry[{i}]"] for i in range(len(drawn))] == expected
    used = [each for each, outcome in zip(drawn, expected, strict=True) if outcome == "used"]
    fact = record_of(found, library).facts.get("wbc")
    assert (fact is None) == (not used)
    if fact is None:
        return
    assert isinstance(fact.domain, Interval)
    grid = [Fraction(n, 2) * scale for n in range(8) for scale in (1, 1000)]
    left = [value for value in grid if any(may_be(each, value) for each in used)]
    assert all(value in fact.domain for value in left)
    inside = [value for value in grid if min(left) <= value <= max(left)] if left else []
    assert [value for value in grid if value in fact.domain and value not in inside] == []
