"""Reading an OMOP database: of each patient an export of statements, and an account of every row.

with open_cdm("cdm/") as cdm:
    for patient in read_omop(cdm, None, library, as_of=day): ...
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from itertools import count

from solver.dataclass import dataclass
from solver.errors import InputError
from solver.library.models import Library
from solver.patient.account import Account, ResourcePlace
from solver.patient.readers.foreign.statements import Coding, Export
from solver.patient.readers.omop.cdm_tables import (
    BROKEN,
    PERSONS_AT_ONCE,
    READ,
    CdmRow,
    CdmTable,
    CheckedTables,
    too_late,
    whole_number,
)
from solver.patient.readers.omop.concept_book import ConceptBook, ids_in
from solver.patient.readers.omop.row_statements import RowReader
from solver.text import quote

FORMAT = "omop-cdm-5.4"
"""The name of the format in the report."""

_KINDS = ("condition", "therapy", "diagnosis")
_RESOURCES = ("Condition", "Procedure", "Observation", "Medication")
_Rows = dict[str, list[CdmRow]]


@dataclass(frozen=True, slots=True)
class OmopPatient:
    """One person of a database: the statements, and the account of the rows."""

    person: int
    export: Export
    account: Account


class OmopReader:
    """Reads the patients of a database one by one, and the tables once for many of them.

    `persons` are their ids as text; None means the only one that there is, or with `every` all of them. Raises `InputError` if there are
    several and none is chosen, or one that is chosen is not there. `days` gives the days, in rising order, for which each person is read,
    where these are not one for all: only persons who have some are read, and `missing` are those of them who are not there. With `no_ids`
    rows are named by their position among those of the person: `measurement[3]`.
    """

    def __init__(
        self,
        cdm: CheckedTables,
        persons: Sequence[str] | None,
        *,
        every: bool = False,
        days: Mapping[int, Sequence[int]] | None = None,
        no_ids: bool = False,
    ) -> None:
        self._cdm, self._no_ids, self._days = cdm, no_ids, days
        present = cdm.source.persons()
        self.count = len(present)
        chosen = present if every and present else _chosen_persons(cdm.source.name, present, persons)
        self.persons = chosen if days is None else [person for person in chosen if person in days]
        known = set(present) if days is not None and every else frozenset[int]()
        self.missing = [person for person in days or () if every and person not in known]
        self._books: dict[int, ConceptBook] = {}
        self._read: dict[tuple[int, int], OmopPatient] = {}
        self._for: tuple[int, int | None] | None = None

    def patient(self, person: int, library: Library, as_of: int) -> OmopPatient:
        """One of the persons, without the rows after a day; those that follow are read with it, and then are at hand."""
        asked = id(library), as_of if self._days is None else None
        if self._for != asked:
            self._read, self._for = {}, asked
        if (person, as_of) not in self._read:
            start = bisect_left(self.persons, person)
            some = self.persons[start : start + PERSONS_AT_ONCE]
            days = {each: (as_of,) if self._days is None else self._days[each] for each in some}
            book = self._books.setdefault(id(library), ConceptBook(library.codes.omop, library.codes.address))
            read = _read_some(self._cdm, days, book, library, no_ids=self._no_ids)
            self._read = {(each.person, day): each for day, each in read}
        found = self._read.pop((person, as_of))
        found.account.patients = self.count
        return found


def read_omop(
    cdm: CheckedTables, persons: Sequence[str] | None, library: Library, *, as_of: int
) -> Iterator[OmopPatient]:
    """The patients of a database, by rising id; see `OmopReader`."""
    reader = OmopReader(cdm, persons)
    return (reader.patient(person, library, as_of) for person in reader.persons)


def all_persons(cdm: CheckedTables) -> list[str]:
    """The ids of all persons, for `--all` and to choose from."""
    return [str(person) for person in cdm.source.persons()]


def _chosen_persons(name: str, present: list[int], persons: Sequence[str] | None) -> list[int]:
    if not present:
        raise InputError(f"{name}: holds no person: the table person is empty")
    if persons is None:
        if len(present) > 1:
            raise InputError(
                f"{name}: holds {len(present)} patients: choose one with --person, or give --all"
            )
        return present
    found, known = [], set(present)
    for text in persons:
        number = whole_number(text)
        if number not in known or number is None:
            raise InputError(
                f"{name}: has no person {quote(text)}: match convert --list-patients prints the ids"
            )
        found.append(number)
    return sorted(set(found))


def _read_some(
    cdm: CheckedTables,
    days: Mapping[int, Sequence[int]],
    book: ConceptBook,
    library: Library,
    *,
    no_ids: bool,
) -> Iterator[tuple[int, OmopPatient]]:
    """The patients, for each of their days, of whom the rows are in memory together: one statement a table."""
    persons = list(days)
    last = _day_after(max(day for each in days.values() for day in each))
    of_person: dict[int, _Rows] = {person: defaultdict(list) for person in persons}
    ids: set[int] = set()
    for table in READ.values():
        for row in cdm.rows(table, "person_id", persons, last):
            number = whole_number(row["person_id"])
            if number in of_person:
                of_person[number][table.name].append(row)
                ids.update(ids_in(row))
    found = partial(_is_read, library)
    book.learn(cdm, ids, lambda coding: any(found(resource, coding) for resource in _RESOURCES))
    others = {name: cdm.source.counts(name, persons) for name in cdm.others()}
    for person, as_of in ((each, day) for each in persons for day in days[each]):
        account, export, limit = Account(FORMAT), Export(), _day_after(as_of)
        reader = RowReader(library.codes.omop, book, found, account, as_of)
        for table in READ.values():
            rows = of_person[person][table.name]
            if limit != last and table.day is not None:
                rows = [row for row in rows if not too_late(row.get(table.day), limit)]
            _read_table(table, rows, reader, export, no_ids=no_ids)
        for name, counts in others.items():
            if number := counts.get(person):
                told = "1 row" if number == 1 else f"{number} rows"
                account.note(
                    ResourcePlace(name, name), "not-read", f"no fact is read from the table {name}: {told}"
                )
        yield as_of, OmopPatient(person, export, account)


def _day_after(day: int) -> str:
    return date.fromordinal(day + 1).isoformat()


def _read_table(
    table: CdmTable, rows: Sequence[CdmRow], reader: RowReader, export: Export, *, no_ids: bool
) -> None:
    """The rows of one table, by rising id; those that have one id are versions that nothing orders."""
    by_id: dict[str, list[CdmRow]] = defaultdict(list)
    positions = count()
    for row in rows:
        number = whole_number(row[table.id])
        by_id[str(number) if number is not None else ""].append(row)
    for identity in sorted(by_id, key=lambda text: (not text, int(text or 0))):
        same = by_id[identity]
        equal = all(row == same[0] for row in same)
        for n, row in enumerate(sorted(same, key=_in_order)):
            if no_ids:
                place = ResourcePlace(f"{table.name}[{next(positions)}]", table.name)
            else:
                at = f"{table.name}/{identity}" if identity else f"{table.name}[{n}]"
                place = ResourcePlace(
                    at if not (identity and n) else f"{at}[{n}]", table.name, identity or None
                )
            reader.account.row(place)
            if BROKEN in row:
                reader.account.note(place, "error", row[BROKEN] or "its columns cannot be told apart")
            elif not identity:
                reader.account.note(place, "error", f"has no {table.id}")
            elif len(same) > 1 and not equal:
                reader.account.note(
                    place, "conflict", f"another row has the same {table.id}, and says something else"
                )
            elif n:
                reader.account.note(place, "duplicate", f"equals another row with the same {table.id}")
            else:
                statement = reader.read(table.name, row, place)
                if statement is not None:
                    export.statements.append(statement)


def _in_order(row: CdmRow) -> list[str]:
    return [text or "" for _, text in sorted(row.items())]


def _is_read(library: Library, resource: str, coding: Coding) -> bool:
    """Whether a mapping entry, a disease or a concept of what happens has a code."""
    code = library.codes.tables.mapped(coding)
    if code is None:
        return False
    index, tree = library.codes.concept_index(library.concepts), library.concepts
    return bool(
        library.codes.find(resource, coding)
        or index.diseases.find(code)
        or any(tree[concept].kind in _KINDS for concept in index.codes.find(code))
    )
