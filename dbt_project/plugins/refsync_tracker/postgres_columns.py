"""Columns of a PostgreSQL table as expressions of its SQL, by the column's type."""

from __future__ import annotations

from typing import TYPE_CHECKING

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


def quoted(name: str) -> str:
    """Return a name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def is_time(kind: str) -> bool:
    """Whether a type's values are instants, or can be taken for one."""
    return kind.startswith("timestamp") or kind == "date"


def instant(name: str, kind: str | None) -> str:
    """Return a column as an instant; a time without a zone is UTC, as Django writes it there.

    Args:
        name: The column's name.
        kind: Its type, by `format_type`; None if the table has no such column.
    """
    column = quoted(name)
    if kind is None:
        return "cast(null as timestamptz)"
    if kind == "timestamp with time zone":
        return column
    if kind == "date":
        # The last dates of PostgreSQL are no timestamps.
        end = "date '294276-01-01'"
        column = f"case when {column} > {end} then {end} else {column} end"
    return f"timezone('UTC', cast({column} as timestamp))"


def duckdb_type(table: TrackerTable, name: str, kind: str | None) -> str:
    """Return the DuckDB type of what `expression` returns."""
    if name in table.timestamps:
        return "TIMESTAMPTZ"
    if name in table.numbers and (kind is None or kind in _NUMBERS):
        return "DOUBLE"
    return "UUID" if kind == "uuid" else "VARCHAR"


def expression(table: TrackerTable, name: str, kind: str | None) -> str:
    """Return a column as an instant, a number or a uuid, where it has some, and else as text.

    Args:
        table: The column's table.
        name: The column's name.
        kind: Its type, by `format_type`; None if the table has no such column.
    """
    column = quoted(name)
    if name in table.timestamps:
        return instant(name, kind)
    if duckdb_type(table, name, kind) == "DOUBLE":
        return "cast(null as float8)" if kind is None else f"cast({column} as float8)"
    if kind is None:
        return "cast(null as text)"
    if kind == "uuid":
        return column
    return f"host({column})" if kind in {"inet", "cidr"} else f"cast({column} as text)"


def hashable(name: str, kind: str) -> str:
    """Return a column as it is if its type has a hash, and as text otherwise, which is slower."""
    return quoted(name) if kind in _HASHED else f"cast({quoted(name)} as text)"
