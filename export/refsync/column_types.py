"""The names that databases give to types, and what a worksheet makes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from refsync.tables import Format

INTEGERS = frozenset({
    "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT",
    "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT",
    "INT", "INT2", "INT4", "INT8", "INT64", "BYTEINT", "LONG",
})  # fmt: skip
DECIMALS = frozenset({
    "FLOAT", "DOUBLE", "REAL", "FLOAT4", "FLOAT8", "FLOAT64", "DOUBLE PRECISION",
    "DECIMAL", "NUMERIC", "NUMBER", "FIXED", "BIGNUMERIC",
})  # fmt: skip
TIMES = frozenset({
    "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE",
    "TIMESTAMPTZ", "TIMESTAMP WITHOUT TIME ZONE", "TIMESTAMP_NTZ", "TIMESTAMP_LTZ", "TIMESTAMP_TZ",
    "DATETIME",
})  # fmt: skip


def bare(data_type: str) -> str:
    """Return a type's name in upper case, without precision or length."""
    return data_type.upper().partition("(")[0].strip()


def natural_format(data_type: str) -> Format:
    """Return the format of a column whose meta names none."""
    name = bare(data_type)
    if name in INTEGERS:
        return "integer"
    if name in DECIMALS:
        return "decimal"
    if name == "DATE":
        return "date"
    return "timestamp" if name in TIMES else "text"
