"""Facts that are written plainly are read as any others: with what was kept of them and without, records and faults are the same."""

from __future__ import annotations

import gc
import json
import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.errors import InputError
from solver.language.types import BooleanType, DateType, EnumerationType, ListType, QuantityType
from solver.library.models import Library, Variable
from solver.patient.readers.native import plain_facts as module
from solver.patient.readers.native import read as reading
from solver.patient.readers.native.plain_facts import PlainFacts, plain_facts
from solver.patient.readers.native.read import read_record
from solver.patient.record import Record
from solver.testing.strategies import records
from tests.support.drawing.drawn import drawn

AS_OF = "2025-06-01"
Json = dict[str, Any]


@contextmanager
def nothing_kept() -> Iterator[None]:
    """While it holds, every fact is read by the reader of facts."""
    before = PlainFacts.among
    PlainFacts.among = lambda *_, **__: {}  # type: ignore[method-assign]
    try:
        yield
    finally:
        PlainFacts.among = before  # type: ignore[method-assign]


def answer(source: str | Json, library: Library, **how: Any) -> object:
    """What reading gives: the record with all that it holds, or the faults."""
    try:
        record = read_record(source, library, name="patient.json", **how)
    except InputError as error:
        return error.problems
    return list(record.facts), repr(record), record


def check(source: str | Json, library: Library, **how: Any) -> None:
    """Reading gives the same whether facts are kept or not, at first and again."""
    with nothing_kept():
        strict = answer(source, library, **how)
    assert answer(source, library, **how) == strict
    assert answer(source, library, **how) == strict


# --- what is drawn -------------------------------------------------------------------------------------------------

NUMBERS = [
    "0",
    "-0",
    "1",
    "3",
    "12.50",
    "1e1",
    "0.1",
    "-4",
    "1e13",
    "1e99",
    "2E-50",
    "7" * 50,
    "NaN",
    "Infinity",
]
TEXTS = ["", " ", "kg", "ULN", "true", "5", "<5", "F", "AML", "a\u202eb", "x" * 400, "[2]"]
DAYS = [
    "2025-05-28",
    "2025-06-01",
    "2025-06-02",
    "2025-06",
    "2025",
    "2030",
    "1900-01-01",
    "2025-02-30",
    "1700",
]
KEYS = [
    "value",
    "unit",
    "date",
    "source",
    "one_of",
    "replicates",
    "min",
    "max_exclusive",
    "drug",
    "uln",
    "sign",
]

atoms = st.sampled_from(["null", "true", "false", *NUMBERS, *map(json.dumps, [*TEXTS, *DAYS])])
lists = st.lists(atoms, max_size=3).map(lambda each: f"[{', '.join(each)}]")


def written(pairs: Iterable[tuple[str, str]]) -> str:
    """A JSON object; a key may come twice."""
    return "{" + ", ".join(f'"{key}": {value}' for key, value in pairs) + "}"


def objects(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Objects with keys of facts."""
    return st.lists(st.tuples(st.sampled_from(KEYS), values), max_size=4).map(written)


results = st.lists(objects(atoms), max_size=2).map(lambda each: f"[{', '.join(each)}]")
anything = st.one_of(atoms, lists, results, objects(st.one_of(atoms, lists, objects(atoms))))


def values_of(variable: Variable, library: Library) -> st.SearchStrategy[str]:
    """Values that a variable may have, and a few that it may not."""
    match variable.type:
        case DateType():
            return st.sampled_from(list(map(json.dumps, DAYS)))
        case EnumerationType(values):
            return st.sampled_from([*map(json.dumps, values), '"other"'])
        case BooleanType():
            return st.sampled_from(["true", "true", "false", '"true"'])
        case ListType():
            register = library.registers.get(variable.name)
            names = [*(register.names[:5] if register else ()), "B*07:02", "x"]
            entries = st.lists(st.sampled_from(list(map(json.dumps, names))), max_size=3)
            return st.one_of(entries.map(lambda each: f"[{', '.join(each)}]"), lists)
    some = ["61", "62.5", "120", "7", *map(str, variable.refused)]
    return st.one_of(st.sampled_from(some), st.sampled_from([*some, *NUMBERS]))


def besides_of(variable: Variable) -> st.SearchStrategy[list[tuple[str, str]]]:
    """What may stand beside a number: what is needed, as a rule, and more."""
    kind, needed, more = variable.type, list[st.SearchStrategy[Any]](), list[st.SearchStrategy[Any]]()
    if isinstance(kind, QuantityType):
        own, other = kind.unit.text, [unit.text for unit, _ in kind.equivalents]
        units = st.sampled_from([own, own, own, *other, "ULN", "kg", f" {own} ", f"{own} {{score}}"])
        (more if variable.bare else needed).append(st.tuples(st.just("unit"), units))
    if variable.drugs:
        needed.append(st.tuples(st.just("drug"), st.sampled_from([*variable.drugs, "water"])))
    if variable.reference:
        limits = st.tuples(st.sampled_from(["uln", "lln"]), st.sampled_from([40, 50, 0, None]))
        needed += [limits, limits]
    all_of_them, some_of_them = st.tuples(*needed), st.lists(st.one_of(*needed, *more), max_size=3)
    pairs = st.one_of(all_of_them, all_of_them, some_of_them) if needed or more else st.just([])
    return pairs.map(lambda each: [(key, json.dumps(value)) for key, value in each])


@st.composite
def facts_of(draw: st.DrawFn, variable: Variable, library: Library) -> list[str]:
    """Some facts about one variable, with the same beside their values, as JSON text."""
    values, beside = values_of(variable, library), draw(besides_of(variable))
    found = []
    for _ in range(draw(st.integers(1, 5))):
        way = draw(st.integers(0, 9))
        pairs = [("value", draw(values)), *beside]
        if way == 0:
            pairs = [
                (draw(st.sampled_from(["one_of", "replicates"])), f"[{draw(values)}, {draw(values)}]"),
                *beside,
            ]
        if draw(st.booleans()):
            pairs.append(("date", json.dumps(draw(st.sampled_from([*DAYS, None])))))
        if not draw(st.integers(0, 3)):
            pairs.append(("source", json.dumps(draw(st.sampled_from(["letter", "a\u202eb", "", 5, None])))))
        bare = draw(values) if way < 7 and not beside else written(pairs)
        found.append(draw(anything) if way == 9 else bare)
    return found


@given(st.data())
@drawn(150)
def test_facts_of_a_variable_are_the_same_whichever_were_met_before(
    library: Library, data: st.DataObject
) -> None:
    """Facts, warnings and faults are those of the reader of facts, word for word, in their order, also where faults are let pass."""
    plain_facts(library).forget()
    every = library.variables
    kinds: dict[object, list[str]] = {}
    for name, each in every.items():
        shape = (type(each.type), bool(each.refused), bool(each.drugs), bool(each.reference), each.bare)
        kinds.setdefault(shape, []).append(name)
    name = data.draw(st.sampled_from(list(kinds.values())).flatmap(st.sampled_from))
    how: Json = {"lenient": data.draw(st.booleans())}
    if data.draw(st.booleans()):
        how["as_of"] = data.draw(st.sampled_from([AS_OF, "2030-01-01", "2025", date(2024, 1, 1)]))
    whole = data.draw(st.sampled_from(["", "", "", f', "complete": ["{name}"]']))
    for each in data.draw(facts_of(every[name], library)):
        check(f'{{"as_of": "{AS_OF}", "facts": {{"{name}": {each}}}{whole}}}', library, **how)


def besides(variable: Variable) -> Iterator[Json]:
    """What may stand beside the number of a quantity, and what may not."""
    assert isinstance(variable.type, QuantityType)
    own = {"unit": variable.type.unit.text}
    needed: Json = {**own, "drug": "prednisone"} if variable.drugs else {} if variable.bare else own
    yield from (needed, {**own, "drug": "water"}, own, {})
    yield from ({**needed, "unit": unit.text} for unit, _ in variable.type.equivalents)
    yield from (
        {**needed, "unit": "ULN"},
        {**needed, "unit": f" {own['unit']} {{score}}"},
        {**needed, "uln": 40},
    )
    yield from ({**needed, "uln": 40, "lln": limit} for limit in (8, 50, 0, None))


def test_numbers_beside_the_same_are_read_as_any(library: Library) -> None:
    """A number that differs from one that was read, beside the same unit, drug and limits, is read as if it were the first."""
    odd = replace(library.variables["weight"], refused={61: "sixty-one is nobody"})
    changed = replace(library, variables={**library.variables, "weight": odd})
    numbers = ["0", "61", "7.50", "-4", "1e2", "1e13", "NaN", '"61"', "true"]
    quantities = [each for each in changed.variables.values() if isinstance(each.type, QuantityType)]
    for variable, beside in ((each, beside) for each in quantities for beside in besides(each)):
        pairs = [(key, json.dumps(value)) for key, value in beside.items()]
        texts = [
            f'{{"as_of": "{AS_OF}", "facts": {written([(variable.name, written([("value", number), *pairs]))])}}}'
            for number in numbers
        ]
        with nothing_kept():
            strict = [answer(text, changed) for text in texts]
        for first in (0, 1):
            plain_facts(changed).forget()
            order = [first, *range(len(texts))]
            assert [answer(texts[each], changed) for each in order] == [strict[each] for each in order]


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("sex", '{"value": ["F"]}', '{"one_of": ["F"]}'),
        ("ecog", '{"one_of": ["1"]}', '{"one_of": 1}'),
        ("ecog", '{"one_of": 1}', '{"one_of": ["1"]}'),
        ("ecog", '{"one_of": [1]}', '{"one_of": [[1]]}'),
        ("ecog", "1", '["1"]'),
        ("ecog", '"1"', "1"),
        ("apl", "true", "1"),
        ("hla_a_alleles", '["A*02:01"]', '{"value": ["A*02:01"]}'),
        ("prior_drugs", "[]", "{}"),
    ],
)
def test_values_that_look_alike_are_told_apart(library: Library, name: str, one: str, other: str) -> None:
    """What was read of one is not taken for the other."""
    plain_facts(library).forget()
    for each in (one, other, one):
        check(f'{{"as_of": "{AS_OF}", "facts": {{"{name}": {each}}}}}', library)


def test_a_list_that_is_complete_is_not_taken_for_one_that_is_not(library: Library) -> None:
    """Nor the other way round: the same entries say more where the record calls the list complete."""
    plain_facts(library).forget()
    entries = '["cytarabine"]'
    forms = [entries, f'{{"value": {entries}}}', f'{{"value": {entries}, "source": "letter"}}']
    for complete in ("", ', "complete": ["prior_drugs"]', ""):
        for form in forms:
            check(f'{{"as_of": "{AS_OF}", "facts": {{"prior_drugs": {form}}}{complete}}}', library)
            parsed = json.loads(f'{{"as_of": "{AS_OF}", "facts": {{"prior_drugs": {form}}}{complete}}}')
            check(parsed, library)


def test_a_complete_list_is_read_in_each_form(library: Library) -> None:
    """With a source beside its entries too, as records are written."""
    fact = {"value": ["cytarabine"], "source": "letter"}
    read = read_record({"as_of": AS_OF, "facts": {"prior_drugs": fact}, "complete": ["prior_drugs"]}, library)
    assert (read.facts["prior_drugs"].complete, read.facts["prior_drugs"].source) == (True, "letter")


@pytest.mark.parametrize("value", [1, 1.0, Decimal(1), Fraction(1)])
def test_numbers_of_python_are_no_booleans(library: Library, value: object) -> None:
    """In Python they are equal, and what was read of the one is not taken for the other."""
    plain_facts(library).forget()
    for each in (True, value, True):
        check({"as_of": AS_OF, "facts": {"apl": each}}, library)
        check({"as_of": AS_OF, "facts": {"apl": {"value": each}}}, library)
        check({"as_of": AS_OF, "facts": {"apl": {"one_of": [each]}}}, library)


@given(st.data())
@drawn(60)
def test_faults_keep_their_order(library: Library, data: st.DataObject) -> None:
    """Of a record with many facts, some of them faulty, as well."""
    names = data.draw(
        st.lists(st.sampled_from([*library.variables, "nobody_knows", "therapies"]), max_size=6)
    )
    pairs = [
        (
            name,
            data.draw(values_of(library.variables[name], library) if name in library.variables else anything),
        )
        for name in names
    ]
    entries = [
        ("facts", written(pairs)),
        ("as_of", data.draw(st.sampled_from(["null", *map(json.dumps, DAYS[:5])]))),
    ]
    check(written(data.draw(st.permutations(entries))), library, lenient=data.draw(st.booleans()))


@given(st.data())
@drawn(60)
def test_a_drawn_record_is_the_same(library: Library, data: st.DataObject) -> None:
    """So is one that could be a patient's, as text and as Python values."""
    document = data.draw(records(library, most=12))
    check(document, library)
    check(json.dumps(document), library)


# --- what is kept --------------------------------------------------------------------------------------------------


def of_weight(library: Library, written: str) -> Record:
    return read_record(f'{{"as_of": "{AS_OF}", "facts": {{"weight": {written}}}}}', library)


def test_a_fact_that_was_met_is_not_read_again(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is one that differs in its day, its source or its number."""
    of_weight(library, '{"value": 61, "unit": "kg"}')
    calls: list[object] = []
    monkeypatch.setattr(module, "read_fact", lambda *_, **__: calls.append(1))
    monkeypatch.setattr(reading, "read_fact", lambda *_, **__: calls.append(1))
    for written in (
        '{"value": 61, "unit": "kg"}',
        '{"value": 61, "unit": "kg", "date": "2025-05-28", "source": "letter"}',
        '{"value": 62.25, "unit": "kg"}',
    ):
        assert of_weight(library, written).facts["weight"].text.endswith("kg")
    assert not calls
    of_weight(library, '{"value": 61, "unit": "kg", "date": "2025-06-02"}')
    assert calls


def test_what_is_kept_is_bounded(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of any number of values only so many are kept, and of long ones none."""
    monkeypatch.setattr(module, "_MOST_KEPT", 20)
    plain = PlainFacts(library)
    for number in range(200):
        plain.among({"birth_date": f"19{number % 100:02}-01-01"}, None, lists=True)
        assert sum(map(len, plain._kept.values())) <= 20
    plain = PlainFacts(library)
    plain.among({"sex": "x" * 1000}, None, lists=True)
    assert not any(plain._kept.values())


def test_what_is_kept_goes_with_its_library() -> None:
    """A library that nobody holds any more takes what was read under it along."""
    gc.freeze()  # what is there stays, and is not looked through
    library = Library({}, {}, (), (), {}, "")
    gone = weakref.ref(library)
    kept = weakref.ref(plain_facts(library))
    assert plain_facts(library) is kept()
    del library
    gc.collect()
    assert gone() is None
    assert kept() is None
