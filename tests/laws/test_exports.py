"""Laws of reading exports: what changes nothing, and what can only make facts weaker."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from solver.language.domain import Interval
from solver.library.models import Library
from solver.patient.account import ResourcePlace
from solver.patient.readers.foreign.document import document_text
from solver.patient.readers.foreign.interpret import ReadingSettings
from solver.patient.readers.foreign.statements import (
    Amount,
    CodedText,
    Coding,
    CompleteList,
    ListName,
    ProcedureStatement,
    ResultStatement,
    SourceStatement,
)
from tests.support.formats.exports import condition, days, facts_of, read_export, record_of, result, stated

SNOMED = "http://snomed.info/sct"
DAYS = ["2026-11-20", "2026-11-18", "2026-11-18", "2026-11", "2026-10-30", "2026-08-01"]
LISTS: list[ListName] = ["conditions", "procedures", "medications"]
UNITS = {
    "umol/L": ("mg/dL", Fraction(10, 884)),
    "10*9/L": ("/uL", Fraction(1000)),
    "kg": ("g", Fraction(1000)),
}
CODES = {"umol/L": "14682-9", "10*9/L": "6690-2", "kg": "29463-7"}


def measured(at: int) -> st.SearchStrategy[SourceStatement]:
    """A result of one of three variables."""

    def made(unit: str, number: int, day: str) -> SourceStatement:
        return result(CODES[unit], Amount(str(number * 221), code=unit), day, at=at)

    return st.builds(made, st.sampled_from(sorted(CODES)), st.integers(1, 3), st.sampled_from(DAYS))


def happened(at: int) -> st.SearchStrategy[SourceStatement]:
    """A condition, a graft, or what a form says of them."""
    place = ResourcePlace(f"entry[{at}]", "Procedure", f"p{at}")
    grafts = [ProcedureStatement(place, CodedText((Coding(SNOMED, "58390007"),)), days(day)) for day in DAYS]
    others = [condition(code, at=at, onset="2025") for code in ("B18.1", "A41.9", "I10", "C50.9")]
    doubts = [replace(each, confirmed=False, unconfirmed="provisional") for each in others]
    forms = [stated("active_infection", True, at=at), stated("prior_hsct_count", Amount("1"), at=at)]
    return st.sampled_from([*grafts, *others, *doubts, *forms])


@st.composite
def exports(draw: st.DrawFn) -> list[SourceStatement]:
    """Some results and events of one patient."""
    count = draw(st.integers(0, 5))
    return [draw(measured(at) | happened(at)) for at in range(count)]


def complete(names: list[ListName]) -> list[CompleteList]:
    """These lists as the tag of a Bundle says that they are complete."""
    return [CompleteList(name, "Bundle.meta.tag") for name in names]


@settings(max_examples=25)
@given(statements=exports(), data=st.data())
def test_the_order_of_an_export_changes_nothing(
    library: Library, statements: list[SourceStatement], data: st.DataObject
) -> None:
    """The document is the same, byte for byte, in whatever order the resources stand."""
    shuffled = data.draw(st.permutations(statements))
    one, other = read_export(library, *statements), read_export(library, *shuffled)
    assert document_text(one.document) == document_text(other.document)


@settings(max_examples=25)
@given(statements=exports(), names=st.lists(st.sampled_from(LISTS), unique=True))
def test_what_is_not_used_changes_nothing(
    library: Library, statements: list[SourceStatement], names: list[ListName]
) -> None:
    """A result that nothing reads, one that is older than what counts, and one of a later day leave the document as it is."""
    before = read_export(library, *statements, complete=complete(names))
    dates = {fact.get("date", "9999") for name, fact in facts_of(before).items() if name == "wbc"}
    unused: list[SourceStatement] = [
        result("9999-9", Amount("1", code="mg"), at=90),
        result("6690-2", Amount("1", code="10*9/L"), "2027-01-01", at=91),
        *(result("6690-2", Amount("7", code="10*9/L"), "2020-01-01", at=92) for _ in dates),
    ]
    after = read_export(library, *statements, *unused, complete=complete(names))
    assert document_text(before.document) == document_text(after.document)


@settings(max_examples=25)
@given(statements=st.lists(st.integers(0, 5).flatmap(measured), max_size=4), data=st.data())
def test_the_unit_of_a_result_changes_nothing(
    library: Library, statements: list[SourceStatement], data: st.DataObject
) -> None:
    """A result in another unit of its variable leaves the same possible, with the same outcomes."""

    def converted(statement: SourceStatement) -> SourceStatement:
        assert isinstance(statement, ResultStatement)
        assert isinstance(statement.value, Amount)
        unit, factor = UNITS[statement.value.code or ""]
        number = Fraction(statement.value.number) * factor
        if not data.draw(st.booleans()):
            return statement
        return replace(statement, value=Amount(str(float(number)), code=unit))

    statements = [
        replace(each, place=replace(each.place, at=f"entry[{i}]")) for i, each in enumerate(statements)
    ]
    one = record_of(read_export(library, *statements), library).facts
    other = record_of(read_export(library, *map(converted, statements)), library).facts
    assert {name: fact.domain for name, fact in one.items()} == {
        name: fact.domain for name, fact in other.items()
    }


@settings(max_examples=25)
@given(statements=exports(), names=st.lists(st.sampled_from(LISTS), unique=True, min_size=1))
def test_fewer_complete_lists_say_less(
    library: Library, statements: list[SourceStatement], names: list[ListName]
) -> None:
    """Without one of the lists every fact allows at least as much as with it, none is new, and nothing more is closed."""
    all_of_them = read_export(library, *statements, complete=complete(names))
    fewer = read_export(library, *statements, complete=complete(names[1:]))
    closed_before, closed_after = (
        {name for each in found.document.get("complete", []) for name in narrower(each["of"], library)}  # type: ignore[attr-defined]
        for found in (all_of_them, fewer)
    )
    assert closed_after <= closed_before
    before, after = (record_of(found, library).facts for found in (all_of_them, fewer))
    assert after.keys() <= before.keys()
    for name, fact in after.items():
        tighter = before[name].domain
        if isinstance(tighter, frozenset) and isinstance(fact.domain, frozenset):
            assert tighter <= fact.domain
        elif isinstance(tighter, Interval) and isinstance(fact.domain, Interval):
            assert fact.domain.low <= tighter.low
            assert tighter.high <= fact.domain.high


def narrower(concept: str, library: Library) -> frozenset[str]:
    """The concepts that are closed with one."""
    return library.concepts.narrower(concept)


@settings(max_examples=25)
@given(statements=exports(), names=st.lists(st.sampled_from(LISTS), unique=True))
def test_the_document_is_always_a_record(
    library: Library, statements: list[SourceStatement], names: list[ListName]
) -> None:
    """The native reader takes whatever is written, and every resource has an outcome."""
    found = read_export(library, *statements, settings=ReadingSettings("record", tuple(names)))
    record_of(found, library)
    assert all(row.outcome is not None for row in found.account.rows.values())
