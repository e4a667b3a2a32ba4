"""DuckDB's SQL for a mart's values and their order, in its file and through dbt's adapter alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from refsync.marts.column_types import INTEGERS, TIMES, bare
from refsync.worksheet.table import NUMERIC

if TYPE_CHECKING:
    from refsync.worksheet.table import Format

_NATIVE = INTEGERS - {"BIGNUM"} | {"BOOLEAN", "DOUBLE", "DECIMAL"}


def value_of(name: str, data_type: str, shown_as: Format) -> str:
    """Return SQL for a column's values: booleans and numbers as they are, all else as text.

    Python's dates end with the year 9999 and have no infinity, so dates and times are texts too.

    Args:
        name: The column's name in quotes.
        data_type: Its type.
        shown_as: Its format.
    """
    kind = bare(data_type)
    if shown_as == "date" and kind in TIMES | {"DATE"}:
        name = f"cast({name} as date)"
    elif shown_as == "timestamp" and kind in TIMES:
        name = f"cast({name} as timestamp)"
    if shown_as in NUMERIC | {"boolean"} and kind in _NATIVE:
        return name
    text = f"cast({name} as varchar)"
    # The shortest digits that mean this number: 19.99, where Python would see 19.989999771118164.
    return f"cast({text} as double)" if shown_as in NUMERIC and kind == "FLOAT" else text


def order_term(name: str, data_type: str, *, descending: bool) -> str:
    """Return a term of an `order by`: nulls last, capitals first whatever a profile sets.

    Args:
        name: The column's name in quotes.
        data_type: Its type.
        descending: Whether the greatest value comes first.
    """
    collation = ' collate "binary"' if bare(data_type) == "VARCHAR" else ""
    return f"{name}{collation} {'desc' if descending else 'asc'} nulls last"


def literal(text: str) -> str:
    """Return a text in quotes."""
    return "'" + text.replace("'", "''") + "'"


def quoted(identifier: str) -> str:
    """Return a name in quotes."""
    return '"' + identifier.replace('"', '""') + '"'
