"""What holds of the history of any export: it is always a record, whatever the export says and in whatever order."""

from __future__ import annotations

import json
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from solver.library.models import Library
from solver.patient.readers.foreign.gathered import Gathered
from solver.patient.readers.foreign.statements import Faulty, SourceStatement
from solver.patient.readers.native.read import record_from
from tests.support.formats.exports import AS_OF
from tests.support.formats.history_exports import condition, dose, drug, history, procedure

CODES = [
    "snomed 91861009",
    "snomed 91860005",
    "icd10cm C92.02",
    "icd10cm C91.01",
    "icd10cm D46.9",
    "icd10cm B18.1",
    "icd10cm Z94.84",
    "icd10cm Z92.850",
    "icd10cm Z85.3",
    "icd10cm Q90.9",
    "icd10cm G35",
    "icd10cm I63.9",
    "icd10cm C91.10",
    "snomed 58390007",
    "snomed 234336002",
    "snomed 425983008",
    "icd10pcs XW033C3",
    "rxnorm 42316 tacrolimus",
    "rxnorm 8640",
    "atc L01FA01",
    "snomed 1",
    "other 1 something",
]
NAMES = ["rituximab", "Kymriah 1", "prednisone 5 mg", "dexamethasone eye drops", "nothing known", "", None]
DATES = [
    "2024",
    "2024-03",
    "2024-03-05",
    "2026-11-20",
    "2026-11",
    "2026-11-21",
    "2027",
    "1850",
    None,
    Faulty("no"),
]
STATUSES = ["active", "recurrence", "relapse", "inactive", "remission", "resolved", None]


@st.composite
def statements(draw: st.DrawFn) -> list[SourceStatement]:
    """Statements of all kinds, each of its own resource."""
    found: list[SourceStatement] = []
    for at in range(draw(st.integers(0, 6))):
        codes = draw(st.lists(st.sampled_from(CODES), max_size=2, unique=True))
        first, second = draw(st.sampled_from(DATES)), draw(st.sampled_from(DATES))
        unconfirmed = draw(st.sampled_from([None, None, None, "provisional"]))
        match draw(st.integers(0, 2)):
            case 0:
                found.append(
                    condition(
                        *codes,
                        at=at,
                        status=draw(st.sampled_from(STATUSES)),  # type: ignore[arg-type]
                        onset=first,
                        abatement=second,
                        confirmed=draw(st.booleans()),
                        unconfirmed=unconfirmed,
                        excluded=draw(st.integers(0, 9)) == 0,
                        feature=draw(st.integers(0, 9)) == 0,
                    )
                )
            case 1:
                found.append(procedure(*codes, at=at, day=first, unconfirmed=unconfirmed))
            case _:
                found.append(
                    drug(
                        *codes,
                        at=at,
                        text=draw(st.sampled_from(NAMES)),
                        start=first,
                        end=second,
                        ongoing=draw(st.sampled_from([None, True, False])),
                        order=draw(st.booleans()),
                        dosages=draw(st.sampled_from([(), (dose("5", "2"),), (dose(None),)])),
                        unconfirmed=unconfirmed,
                    )
                )
    return found


def told(gathered: Gathered) -> object:
    """All that was gathered, whatever its order."""
    return (
        Counter(repr(each) for each in gathered.events),
        Counter(repr(each) for each in gathered.candidates),
        Counter(repr((each.place, each.variables, each.concepts, each.lists)) for each in gathered.mentions),
        {at: (row.outcome, frozenset(row.variables)) for at, row in gathered.account.rows.items()},
    )


@settings(max_examples=40, deadline=None)
@given(statements())
def test_whatever_an_export_says_is_a_record(
    library: Library, given_statements: list[SourceStatement]
) -> None:
    """The native reader accepts each entry and fact, every resource has an outcome, and no variable two facts."""
    gathered = history(library, *given_statements)
    facts: dict[str, object] = {}
    for event in gathered.events:
        listed = facts.setdefault(event.list, [])
        assert isinstance(listed, list)
        listed.append(event.document)
    for each in gathered.candidates:
        assert each.fact.get("value") is False or each.variable not in facts
        facts[each.variable] = {key: getattr(value, "text", value) for key, value in each.fact.items()}
        if "unit" in each.fact or each.variable == "relapse_number":
            facts[each.variable] = {
                key: json.loads(value) if key not in ("unit", "drug") and isinstance(value, str) else value
                for key, value in facts[each.variable].items()  # type: ignore[attr-defined]
            }
    record_from({"id": "x", "as_of": AS_OF, "facts": facts}, library)
    assert all(row.outcome is not None for row in gathered.account.rows.values())


@settings(max_examples=40, deadline=None)
@given(statements(), st.randoms())
def test_the_order_of_an_export_changes_nothing(
    library: Library, given_statements: list[SourceStatement], random: object
) -> None:
    """Entries, facts, mentions and outcomes are the same."""
    shuffled = list(given_statements)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = told(history(library, *given_statements)), told(history(library, *shuffled))
    assert one == other
