"""The names that databases give to types, and what a worksheet makes of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from refsync.worksheet.table import Format

INTEGERS = frozenset({
    "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "BIGNUM",
    "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT",
    "INT", "INT2", "INT4", "INT8", "INT16", "INT32", "INT64", "INT128", "INT256", "BYTEINT", "LONG",
    "UINT8", "UINT16", "UINT32", "UINT64", "UINT128", "UINT256", "MEDIUMINT", "SHORT", "BYTE",
})  # fmt: skip
DECIMALS = frozenset({
    "FLOAT", "DOUBLE", "REAL", "FLOAT4", "FLOAT8", "FLOAT32", "FLOAT64", "DOUBLE PRECISION",
    "DECIMAL", "NUMERIC", "NUMBER", "FIXED", "BIGNUMERIC",
})  # fmt: skip
TIMES = frozenset({
    "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE",
    "TIMESTAMPTZ", "TIMESTAMP WITHOUT TIME ZONE", "TIMESTAMP_NTZ", "TIMESTAMP_LTZ", "TIMESTAMP_TZ",
    "DATETIME", "DATETIME2", "SMALLDATETIME", "DATETIMEOFFSET",
})  # fmt: skip
TEXTS = frozenset({
    "VARCHAR", "TEXT", "STRING", "CHAR", "CHARACTER", "CHARACTER VARYING", "BPCHAR", "NAME",
    "NVARCHAR", "NCHAR", "CLOB", "CITEXT", "UNICODE", "UUID", "ENUM", "JSON", "JSONB", "BOOLEAN",
    "BOOL", "USER-DEFINED",  # the latter is an enum of PostgreSQL
})  # fmt: skip

MAX_DECIMALS = 10

_WRAPPED = re.compile(r"(?:Nullable|LowCardinality)\((.*)\)")
"""How ClickHouse says that a column may have nulls, or has few values."""

_PRECISION = re.compile(r"\(\s*\d+\s*(?:,\s*(?P<scale>\d+)\s*)?\)")


def bare(data_type: str) -> str:
    """Return a type's name in upper case, without precision or length.

    A list or a struct of a type is another type: its brackets stay.
    """
    name = data_type
    while wrapped := _WRAPPED.fullmatch(name):
        name = wrapped[1]
    name = "ENUM" if name.startswith("ENUM(") and name.endswith(")") else name
    return " ".join(_PRECISION.sub("", name).upper().split())


def is_known(data_type: str) -> bool:
    """Whether a type's name is enough to know its values."""
    return bare(data_type) in INTEGERS | DECIMALS | TIMES | TEXTS | {"DATE"}


def natural_format(data_type: str) -> Format:
    """Return the format of a column whose meta names none.

    Numbers are `plain`: without knowing them, nobody can say which of them are years or ids.
    """
    name = bare(data_type)
    if name in INTEGERS | DECIMALS:
        return "plain"
    if name in {"BOOLEAN", "BOOL"}:
        return "boolean"
    if name == "DATE":
        return "date"
    return "timestamp" if name in TIMES else "text"


def natural_decimals(data_type: str) -> int | None:
    """Return how many decimals all of a type's numbers have; `None` where they differ."""
    if bare(data_type) in INTEGERS:
        return 0
    precision = _PRECISION.search(data_type)
    if not precision or bare(data_type) not in DECIMALS:
        return None
    scale = int(precision["scale"] or 0)
    return scale if scale <= MAX_DECIMALS else None
