"""Columns of a PostgreSQL table as expressions of its SQL, by the column's type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import identifiers
from .schema import literal, quoted

if TYPE_CHECKING:
    from .schema import TrackerTable

_HASHED = frozenset(
    {
        *("uuid", "text", "character varying", "inet", "bigint", "integer", "date"),
        *("timestamp with time zone", "timestamp without time zone", "boolean", "double precision"),
    }
)
"""Types whose values PostgreSQL can hash."""

_NUMBERS = frozenset({"smallint", "integer", "bigint", "numeric", "double precision"})
"""Types whose values become doubles; a real, widened, would be another number than it reads."""

_SPELLED_IN_ONE_WAY = frozenset({"uuid", "smallint", "integer", "bigint"})
"""Types of ids that are equal only if their texts are."""


@dataclass(frozen=True)
class Column:
    """A column of ours, and what the table has for it.

    Attributes:
        ours: Its name among ours.
        name: Its name in the table, which may have another case.
        kind: Its type, by `format_type`, or that below a domain; None if the table has no such
            column.
    """

    ours: str
    name: str = ""
    kind: str | None = None

    @property
    def is_spelled_in_one_way(self) -> bool:
        """Whether two of its values are the same id only if they are equal."""
        return self.kind in _SPELLED_IN_ONE_WAY


def is_time(kind: str | None) -> bool:
    """Whether a type's values are instants, or can be taken for one."""
    return kind is not None and (kind.startswith("timestamp") or kind == "date")


def instant(column: Column) -> str:
    """Return a column as an instant; a time without a zone is UTC, as Django writes it there."""
    value = quoted(column.name)
    if column.kind is None:
        return "cast(null as timestamptz)"
    if column.kind == "timestamp with time zone":
        return value
    if column.kind == "date":
        # The last dates of PostgreSQL are no timestamps.
        end = "date '294276-01-01'"
        value = f"case when {value} > {end} then {end} else {value} end"
    return f"timezone('UTC', cast({value} as timestamp))"


def duckdb_type(table: TrackerTable, column: Column) -> str:
    """Return the DuckDB type of what `expression` returns."""
    if column.ours in table.timestamps:
        return "TIMESTAMPTZ"
    if column.ours in table.numbers and (column.kind is None or column.kind in _NUMBERS):
        return "DOUBLE"
    return "UUID" if column.kind == "uuid" else "VARCHAR"


def expression(table: TrackerTable, column: Column) -> str:
    """Return a column as an instant, a number or a uuid, where it has some, and else as text."""
    value = quoted(column.name)
    if column.ours in table.timestamps:
        return instant(column)
    if duckdb_type(table, column) == "DOUBLE":
        return "cast(null as float8)" if column.kind is None else f"cast({value} as float8)"
    if column.kind is None:
        return "cast(null as text)"
    if column.kind == "uuid":
        return value
    return f"host({value})" if column.kind in {"inet", "cidr"} else f"cast({value} as text)"


def hashable(column: Column) -> str:
    """Return a column as it is if its type has a hash, and as text otherwise, which is slower."""
    value = quoted(column.name)
    return value if column.kind in _HASHED else f"cast({value} as text)"


def identifier(column: Column, name: str) -> str:
    """Return a column's id as text, as staging spells it.

    Args:
        column: The column.
        name: Its name in the query.
    """
    if column.is_spelled_in_one_way:
        return f"cast({quoted(name)} as text)"
    return identifiers.in_postgres(quoted(name))


def columns_query(relation: str) -> str:
    """Return a query for a table's columns: the name, the type below any domain, and a right."""
    return (
        "with recursive typed as ("
        "select attrelid, attnum, attname, atttypid as type from pg_catalog.pg_attribute "
        f"where attrelid = to_regclass({literal(relation)}) and attnum > 0 and not attisdropped "
        "union all select attrelid, attnum, attname, typbasetype "
        "from typed inner join pg_catalog.pg_type on oid = type where typtype = 'd') "
        "select attname::text, format_type(type, null), "
        "has_column_privilege(attrelid, attnum, 'select')::text "
        "from typed inner join pg_catalog.pg_type on oid = type where typtype <> 'd' "
        "order by attnum"
    )


def unique_query(relation: str, name: str) -> str:
    """Return a query for the number of indexes that let no value of a column be there twice.

    An index of a table says nothing of the tables that inherit from it, unless they are partitions.
    """
    regclass = f"to_regclass({literal(relation)})"
    return (
        "select count(*) from pg_catalog.pg_index "
        f"where indrelid = {regclass} and indisunique and indisvalid and indpred is null "
        "and indnkeyatts = 1 and indkey[0] = (select attnum from pg_catalog.pg_attribute "
        f"where attrelid = {regclass} and attname = {literal(name)}) "
        "and not exists (select from pg_catalog.pg_inherits inner join pg_catalog.pg_class "
        "on pg_class.oid = inhparent where inhparent = indrelid and relkind = 'r')"
    )
