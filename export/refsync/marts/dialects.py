"""What the adapters of dbt's leave to those who read through them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from refsync.marts.column_types import DECIMALS, INTEGERS, bare
from refsync.marts.duckdb_sql import literal, order_term, value_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from refsync.marts.mart import Mart
    from refsync.worksheet.table import Format


class Dialect:
    """A database of which nothing special is known."""

    is_typed = True
    """Whether a column has a type; without one, each value has its own."""

    has_cursor = True
    """Whether dbt's adapter gives the database's cursor, so that rows need not be in memory."""

    has_pages = False
    """Whether `declare` and `fetch` give a query's rows in pages; its cursor has all in memory."""

    hint = ""
    """The next step if `begin` fails; empty where that is nothing special."""

    orders_all = False
    """Whether a column of any type may order rows."""

    def __init__(self, time_zone: str) -> None:
        """Take the zone that times are shown in, where the database shows them in one."""
        self.time_zone = time_zone

    def begin(self, marts: Sequence[Mart]) -> list[str]:
        """Return the statements after which all marts are read as of one moment."""
        del marts
        return []

    def columns(self, mart: Mart) -> str:
        """Return a query of a mart's columns and types where dbt finds none; empty if none can."""
        del mart
        return ""

    def expression(self, name: str, data_type: str, shown_as: Format) -> str:
        """Return SQL for the values of a column, its name in quotes."""
        del data_type, shown_as
        return name

    def order(self, name: str, data_type: str, descending: bool) -> str:  # noqa: FBT001
        """Return what orders rows by a column, its name in quotes, nulls last."""
        del data_type
        # Not every database has `nulls last`.
        direction = "desc" if descending else "asc"
        return f"case when {name} is null then 1 else 0 end, {name} {direction}"


class DuckDB(Dialect):
    """DuckDB with what dbt alone attaches, or MotherDuck: the values of a file's that is read."""

    orders_all = True

    def begin(self, marts: Sequence[Mart]) -> list[str]:
        """Return what sets the zone, which otherwise is this machine's if the profile has none."""
        del marts
        return [f"set global TimeZone = {literal(self.time_zone)}"]

    def expression(self, name: str, data_type: str, shown_as: Format) -> str:
        """Return SQL for values: booleans and numbers as they are, all else as text."""
        return value_of(name, data_type, shown_as)

    def order(self, name: str, data_type: str, descending: bool) -> str:  # noqa: FBT001
        """Return what orders rows by a column, its name in quotes, nulls last."""
        return order_term(name, data_type, descending=descending)


class PostgreSQL(Dialect):
    """PostgreSQL by psycopg2, which has no dates before the year 1 and no infinite ones."""

    has_pages = True
    hint = "If a `dbt build` is running, push again when it has ended; otherwise run `dbt build`."

    def begin(self, marts: Sequence[Mart]) -> list[str]:
        """Return what begins one snapshot of all marts.

        The locks come before the snapshot, or a table that dbt replaces in between would be seen
        without rows ("LOCK" in PostgreSQL's manual). They are not waited for: dbt's build takes
        stronger ones in an order of its own. They hinder nobody who reads.
        """
        lockable = ", ".join(mart.relation for mart in marts if not mart.is_materialized_view)
        return [
            "rollback",
            "begin transaction isolation level repeatable read, read only",
            *([f"lock table {lockable} in access share mode nowait"] if lockable else []),
            "set local datestyle to iso, ymd",
        ]

    def columns(self, mart: Mart) -> str:
        """Return a query of the columns of a materialized view, which dbt does not find."""
        relation = mart.relation.replace("'", "''")
        return (
            "select attname, format_type(atttypid, atttypmod) from pg_attribute "  # noqa: S608 - dbt quoted it
            f"where attrelid = '{relation}'::regclass and attnum > 0 and not attisdropped "
            "order by attnum"
        )

    def expression(self, name: str, data_type: str, shown_as: Format) -> str:
        """Return SQL for values: numbers and booleans as they are, all else as text."""
        del shown_as
        kind = bare(data_type)
        if kind in INTEGERS | DECIMALS | {"BOOLEAN", "BOOL"}:
            return name
        if kind in {"TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ"}:
            return f"cast({name} at time zone 'UTC' as text)"
        return f"cast({name} as text)"


class SQLite(Dialect):
    """SQLite, where each value has its own type."""

    is_typed = False

    def begin(self, marts: Sequence[Mart]) -> list[str]:
        """Return what begins a transaction, which reads all of one moment."""
        del marts
        return ["rollback", "begin"]


class WithoutCursor(Dialect):
    """BigQuery and ClickHouse, whose adapters give whole tables."""

    has_cursor = False


_DIALECTS: dict[str, type[Dialect]] = {
    "duckdb": DuckDB,
    "postgres": PostgreSQL,
    "sqlite": SQLite,
    "bigquery": WithoutCursor,
    "clickhouse": WithoutCursor,
}


def dialect_of(adapter: str, time_zone: str) -> Dialect:
    """Return what is special about the databases of an adapter, with the zone of their times."""
    return _DIALECTS.get(adapter, Dialect)(time_zone)
