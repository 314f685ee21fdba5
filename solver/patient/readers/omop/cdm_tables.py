"""The tables of the OMOP Common Data Model (version 5.4) that are read, and what a database of it can be asked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import Protocol

from solver.dataclass import dataclass
from solver.errors import InputError
from solver.patterns import pattern

CdmRow = Mapping[str, str | None]
"""A row: each column as text, None where it is empty."""

BROKEN = "!"
"""A column that no table has: it stands in a row whose columns cannot be told apart, and says why."""

PERSONS_AT_ONCE = 500
"""Persons that one statement asks for: their rows are held in memory."""


@dataclass(frozen=True, slots=True)
class CdmTable:
    """A table: the column of its id, the one of its day, those that it must have, and those that are read if it has them."""

    name: str
    id: str
    day: str | None
    needed: tuple[str, ...]
    wanted: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that are read."""
        return tuple(dict.fromkeys((self.id, "person_id", *self.needed, *self.wanted)))


READ = {
    table.name: table
    for table in (
        CdmTable(
            "person",
            "person_id",
            None,
            (),
            ("gender_concept_id", "year_of_birth", "month_of_birth", "day_of_birth"),
        ),
        CdmTable(
            "condition_occurrence",
            "condition_occurrence_id",
            "condition_start_date",
            ("condition_concept_id", "condition_start_date"),
            (
                "condition_end_date",
                "condition_type_concept_id",
                "condition_status_concept_id",
                "condition_source_value",
                "condition_source_concept_id",
            ),
        ),
        CdmTable(
            "drug_exposure",
            "drug_exposure_id",
            "drug_exposure_start_date",
            ("drug_concept_id", "drug_exposure_start_date"),
            (
                "drug_exposure_end_date",
                "verbatim_end_date",
                "drug_type_concept_id",
                "drug_source_value",
                "drug_source_concept_id",
                "route_concept_id",
                "route_source_value",
            ),
        ),
        CdmTable(
            "procedure_occurrence",
            "procedure_occurrence_id",
            "procedure_date",
            ("procedure_concept_id", "procedure_date"),
            (
                "procedure_end_date",
                "procedure_type_concept_id",
                "procedure_source_value",
                "procedure_source_concept_id",
            ),
        ),
        CdmTable(
            "measurement",
            "measurement_id",
            "measurement_date",
            ("measurement_concept_id", "measurement_date", "value_as_number"),
            (
                "measurement_datetime",
                "measurement_type_concept_id",
                "operator_concept_id",
                "value_as_concept_id",
                "unit_concept_id",
                "range_low",
                "range_high",
                "measurement_source_value",
                "measurement_source_concept_id",
                "unit_source_value",
                "value_source_value",
            ),
        ),
        CdmTable(
            "observation",
            "observation_id",
            "observation_date",
            ("observation_concept_id", "observation_date"),
            (
                "observation_type_concept_id",
                "value_as_number",
                "value_as_string",
                "value_as_concept_id",
                "qualifier_concept_id",
                "unit_concept_id",
                "observation_source_value",
                "observation_source_concept_id",
                "unit_source_value",
                "value_source_value",
            ),
        ),
        CdmTable("death", "person_id", "death_date", ("death_date",)),
    )
}
"""The tables of one patient, by name, in the order in which they are accounted for."""

CONCEPT = CdmTable(
    "concept",
    "concept_id",
    None,
    ("concept_id", "concept_name", "vocabulary_id", "concept_code"),
    ("concept_class_id",),
)
ANCESTOR = CdmTable(
    "concept_ancestor", "descendant_concept_id", None, ("ancestor_concept_id", "descendant_concept_id")
)
"""The tables of the vocabularies that are used where a site has them."""


class CdmSource(Protocol):
    """A database of the model; `name` is what messages call it, and never its address."""

    name: str

    def columns(self, table: str) -> frozenset[str] | None:
        """The columns of a table in small letters; None if there is no such table."""

    def tables(self) -> Iterable[str]:
        """The names of all tables in small letters."""

    def rows(
        self,
        table: str,
        columns: Sequence[str],
        key: str,
        values: Sequence[int],
        until: tuple[str, str] | None,
    ) -> Iterator[CdmRow]:
        """The rows of which the column `key` has one of the values, in any order.

        `until` names the column of a day, and the first day (ISO) that is too late; what is no such date is kept.
        """

    def counts(self, table: str, persons: Sequence[int]) -> Mapping[int, int]:
        """How many rows of a table each person has; those without rows may be left out."""

    def persons(self) -> list[int]:
        """The ids of all persons, in rising order."""

    def close(self) -> None:
        """Let go of files and connections."""


@dataclass(frozen=True, slots=True)
class CheckedTables:
    """The tables of a database, each with the columns that it has of those that are read."""

    source: CdmSource
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def has(self, table: CdmTable) -> bool:
        """Whether the database has this table."""
        return table.name in self.columns

    def rows(
        self, table: CdmTable, key: str, values: Sequence[int], until: str | None = None
    ) -> Iterator[CdmRow]:
        """The rows of a table of which a column has one of the values, up to a day; none if there is no such table."""
        if not self.has(table) or not values:
            return iter(())
        limit = (table.day, until) if table.day and until else None
        return self.source.rows(table.name, self.columns[table.name], key, values, limit)

    def others(self) -> list[str]:
        """The tables that hold something of persons and are not read."""
        read = {*READ, CONCEPT.name, ANCESTOR.name}
        return sorted(
            name
            for name in self.source.tables()
            if name not in read and "person_id" in (self.source.columns(name) or ())
        )


def checked_tables(source: CdmSource) -> CheckedTables:
    """The tables that a database has; raises `InputError` if one of them lacks a column that it must have."""
    found: dict[str, tuple[str, ...]] = {}
    faults = []
    for table in (*READ.values(), CONCEPT, ANCESTOR):
        present = source.columns(table.name)
        if present is None:
            continue
        must = (
            (table.id, *table.needed)
            if table in (CONCEPT, ANCESTOR)
            else (table.id, "person_id", *table.needed)
        )
        missing = [column for column in dict.fromkeys(must) if column not in present]
        if missing:
            faults.append(
                f"{source.name}: the table {table.name} has no column {missing[0]}: give a CDM of version 5.4"
            )
        found[table.name] = tuple(column for column in table.columns if column in present)
    if "person" not in found:
        faults.append(f"{source.name}: has no table person: give a CDM of version 5.4")
    if faults:
        raise InputError(faults)
    return CheckedTables(source, found)


_WHOLE = pattern(r"\s*([+-]?\d{1,18})(?:\.0*)?\s*", re.ASCII)


def whole_number(text: str | None) -> int | None:
    """An id as a number, which some tools write as `15.0`; None if it is none."""
    form = _WHOLE.fullmatch(text) if text else None
    return int(form[1]) if form else None


_DATE = pattern("[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")


def too_late(text: str | None, limit: str) -> bool:
    """Whether a text is a date (ISO, with or without time) that is not before the limit."""
    return text is not None and _DATE.match(text) is not None and text[:10] >= limit
