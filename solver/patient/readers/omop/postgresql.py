"""An OMOP database on a PostgreSQL server: one transaction that only reads, and an address that no message shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from solver.errors import InputError
from solver.patient.readers.omop.cdm_tables import ANCESTOR, CONCEPT, READ
from solver.patient.readers.omop.sql_database import SqlDatabase, missing_extra, quoted_name

NAME = "postgresql"
"""What messages call the database."""

PREFIXES = ("postgresql://", "postgres://")
_SECRETS = ("password", "sslpassword")
_WAIT = 20
"""Seconds to wait for a server."""

_ROWS_AT_ONCE = 10_000

_TABLES = """
select n.nspname, c.relname, a.attname, pg_catalog.has_any_column_privilege(c.oid, 'select')
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where c.relkind in ('r', 'v', 'm', 'p', 'f') and pg_catalog.pg_table_is_visible(c.oid)
  and n.nspname not in ('pg_catalog', 'information_schema')
order by a.attnum
"""


class PostgresConnection:
    """A connection to a server, in a transaction that reads one state of the data and writes nothing."""

    member = "{} = any(%s::bigint[])"
    mark = "%s"

    def __init__(self, address: str) -> None:
        try:
            import psycopg
        except ImportError:
            raise missing_extra(NAME, "psycopg") from None
        self._fault: type[Exception] = psycopg.Error
        self._cursors = 0
        try:
            self._connection = psycopg.connect(address, connect_timeout=_WAIT, application_name="trialproof")
            self._connection.read_only = True
            self._connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            self._connection.execute("set datestyle to 'ISO'")
        except (psycopg.Error, ValueError):
            raise InputError(
                f"{NAME}: the server cannot be reached, or refuses the login: "
                "check the address, and the password in PGPASSFILE or PGPASSWORD"
            ) from None

    def run(self, statement: str, values: Sequence[object]) -> Iterator[tuple[Any, ...]]:
        """The rows of a statement, by a cursor on the server, so that they are never all here at once."""
        self._cursors += 1
        try:
            with self._connection.cursor(f"trialproof_{self._cursors}") as cursor:
                cursor.itersize = _ROWS_AT_ONCE
                yield from cursor.execute(statement.encode(), values)
        except self._fault as error:
            state = getattr(error, "sqlstate", None)
            raise InputError(f"{NAME}: {_failure_reason(state)}") from None

    def close(self) -> None:
        """End the transaction, and let go of the server."""
        self._connection.close()


def _failure_reason(state: str | None) -> str:
    """Why a statement failed, by its code (PostgreSQL manual, appendix A), in words that show nothing of the address or the data."""
    if state == "42501":
        return "a table may not be read: ask for the right to select from it"
    if state is None:
        return "the connection was lost: try again"
    return f"a table cannot be read as one of CDM 5.4 (code {state}): check the types of its columns"


def postgresql(address: str) -> SqlDatabase:
    """The database at an address; its schema is chosen by `?options=-csearch_path%3DSCHEMA`.

    Raises `InputError` if the address holds a password, if the server cannot be reached, or if there is no table person.
    """
    if _has_password(address):
        raise InputError(
            f"{NAME}: the address holds a password: leave it out, and give it by PGPASSFILE or PGPASSWORD"
        )
    connection = PostgresConnection(address)
    names: dict[str, tuple[str, dict[str, str]]] = {}
    for schema, table, column, allowed in connection.run(_TABLES, []):
        if not allowed and table.lower() not in (*READ, CONCEPT.name, ANCESTOR.name):
            continue  # what is not read need not be counted
        place = f"{quoted_name(schema)}.{quoted_name(table)}"
        names.setdefault(table.lower(), (place, {}))[1][column.lower()] = column
    if "person" not in names:
        connection.close()
        raise InputError(
            f"{NAME}: has no table person: name the schema of the CDM, with ?options=-csearch_path%3DSCHEMA"
        )
    return SqlDatabase(connection, NAME, names)


def _has_password(address: str) -> bool:
    try:
        parts = urlsplit(address)
        given = {key.lower() for key, _ in parse_qsl(parts.query, keep_blank_values=True)}
    except ValueError:
        raise InputError(f"{NAME}: the address is no URL: write postgresql://HOST/DATABASE") from None
    # the password stands before the last @, and a second colon may be part of a list of hosts
    user = parts.netloc.rpartition("@")[0]
    return ":" in user or bool(given & set(_SECRETS))
