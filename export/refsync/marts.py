"""The marts, read from the DuckDB file that dbt built into typed tables."""

from __future__ import annotations

import math
import re
from contextlib import closing
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import duckdb

from refsync.builds import finished_build
from refsync.errors import MartError
from refsync.manifest import Mart, MartColumn, read_manifest
from refsync.selection import select_marts
from refsync.tables import EXACT_INTEGER, Cell, Column, Format, Table

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    from refsync.report import Say
    from refsync.settings import Settings

_INTEGERS = {
    "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT",
    "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT",
}  # fmt: skip
_TIMES = {"TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE"}


def read_marts(settings: Settings, *, say: Say) -> tuple[Table, ...]:
    """Return the marts that the settings select, read whole, in the order of their worksheets.

    All come from one transaction, and the file is closed before this returns, so that neither a
    build waits for a destination nor a worksheet is of another build than its neighbour.

    Raises:
        MartError: The marts cannot be read, or the last build is not fit to be pushed.
        ConfigError: The selection names what is not there.
    """
    marts = select_marts(
        read_manifest(settings.manifest), type_choice=settings.type, names=settings.select
    )
    with closing(_open(settings.database)) as connection:
        connection.begin()
        run_results = settings.manifest.with_name("run_results.json")
        built_at = finished_build(connection, run_results, marts)
        types = [_column_types(connection, mart, settings.database) for mart in marts]
        tables = []
        for mart, types_of_mart in zip(marts, types, strict=True):
            say(f"Reading {mart.model}.")
            tables.append(_read(connection, mart, types_of_mart, built_at))
    return tuple(tables)


def _open(path: Path) -> duckdb.DuckDBPyConnection:
    if not path.exists():
        raise MartError(
            f"There is no database {path} yet: run `dbt build` first, "
            "or name the file with --database."
        )
    try:
        # A push needs no extension, and must never download one.
        return duckdb.connect(path, read_only=True, config={"autoinstall_known_extensions": False})
    except duckdb.Error as error:
        message = str(error)
        if "Could not set lock" in message or "used by another process" in message:
            process = re.search(r"PID \d+", message)
            holder = f" ({process[0]})" if process else ""
            raise MartError(
                f"{path} is in use by another process{holder}, perhaps a running `dbt build`: "
                "push again when it has ended."
            ) from error
        if "not a valid DuckDB database" in message:
            raise MartError(
                f"{path} is not a DuckDB database: name dbt's with --database."
            ) from error
        raise MartError(f"{path} cannot be opened: {_first_line(error)}") from error


def _column_types(
    connection: duckdb.DuckDBPyConnection, mart: Mart, database: Path
) -> dict[str, str]:
    """Return the types of a mart's columns, known to agree with the manifest."""
    found = connection.execute(
        "select 1 from information_schema.tables where table_catalog = current_database() "
        "and lower(table_schema) = lower(?) and lower(table_name) = lower(?)",
        [mart.schema, mart.identifier],
    ).fetchone()
    if not found:
        raise MartError(
            f"Model {mart.model!r} is in the manifest but not in {database}: run `dbt build`."
        )
    described = _fetch(connection, mart, f"describe {_relation(connection, mart)}")
    types = {name.lower(): data_type for name, data_type, *_ in described}
    for column in mart.columns:
        if column.name.lower() not in types:
            raise MartError(
                f"Column {column.name!r} of model {mart.model!r} is in the manifest but not in "
                f"{database}: run `dbt build`."
            )
    for term in mart.order_by:
        if term.column.lower() not in types:
            raise MartError(
                f"The order_by of model {mart.model!r} names {term.column!r}, which is not a "
                "column of it: correct its meta and run `dbt build`."
            )
    return types


def _read(
    connection: duckdb.DuckDBPyConnection,
    mart: Mart,
    types: dict[str, str],
    built_at: datetime | None,
) -> Table:
    relation = _relation(connection, mart)
    _refuse_infinite_times(connection, mart, types)
    columns = tuple(_column(mart, column, types[column.name.lower()]) for column in mart.columns)
    expressions = ", ".join(_expression(column, types[column.name.lower()]) for column in columns)
    order = [f"{_quoted(t.column)} {'desc' if t.descending else 'asc'}" for t in mart.order_by]
    order += [_quoted(name) for name in types]
    order_by = ", ".join(f"{term} nulls last" for term in order)
    rows = _fetch(
        connection,
        mart,
        f"select {expressions} from {relation} order by {order_by}",  # noqa: S608 - quoted names
    )
    return Table(
        model=mart.model,
        worksheet=mart.worksheet,
        type=mart.type,
        columns=columns,
        rows=tuple(tuple(map(_cell, row)) for row in rows),
        description=mart.description,
        built_at=built_at,
        warnings=tuple(_warnings(mart.worksheet, columns, rows)),
        chart=mart.chart,
        dashboard=mart.dashboard,
    )


def _refuse_infinite_times(
    connection: duckdb.DuckDBPyConnection, mart: Mart, types: dict[str, str]
) -> None:
    """Refuse DuckDB's infinite dates, which Python would take for the last day of the year 9999."""
    names = [c.name for c in mart.columns if types[c.name.lower()] in _TIMES | {"DATE"}]
    if not names:
        return
    counts = ", ".join(f"count(*) filter (where isinf({_quoted(name)}))" for name in names)
    query = f"select {counts} from {_relation(connection, mart)}"  # noqa: S608 - quoted names
    for name, count in zip(names, _fetch(connection, mart, query)[0], strict=True):
        if count:
            raise MartError(
                f"Column {name!r} of model {mart.model!r} holds an infinite date, which no "
                "worksheet can show: make it null in the model and run `dbt build`."
            )


def _expression(column: Column, data_type: str) -> str:
    """Return SQL for a column's values, as Python is to get them."""
    name = _quoted(column.name)
    if data_type == "TIMESTAMP WITH TIME ZONE":
        name = f"make_timestamp(epoch_us({name}))"  # the instant in UTC, whatever the session zone
    elif data_type in _TIMES:
        name = f"cast({name} as timestamp)"
    native = _INTEGERS | _TIMES | {"BOOLEAN", "FLOAT", "DOUBLE", "DATE", "VARCHAR"}
    typed = data_type in native or data_type.startswith("DECIMAL")
    if not typed or (column.format == "text" and data_type != "BOOLEAN"):
        return f"cast({name} as varchar)"
    return name


def _column(mart: Mart, column: MartColumn, data_type: str) -> Column:
    """Return a column whose format is known to suit its values."""
    natural = _natural_format(data_type)
    chosen = column.format or natural
    numeric, temporal = {"integer", "decimal", "percent"}, {"date", "timestamp"}
    if chosen != "text" and not any({chosen, natural} <= kind for kind in (numeric, temporal)):
        raise MartError(
            f"Column {column.name!r} of model {mart.model!r} has the format {chosen} but holds "
            f"{data_type}: correct its meta or the model, and run `dbt build`."
        )
    if column.scale and chosen not in numeric:
        raise MartError(
            f"Column {column.name!r} of model {mart.model!r} has the scale {column.scale} but "
            "holds no numbers: correct its meta and run `dbt build`."
        )
    return Column(column.name, column.header, chosen, column.description, column.scale)


def _natural_format(data_type: str) -> Format:
    """Return the format of a column whose meta names none."""
    if data_type in _INTEGERS:
        return "integer"
    if data_type in {"FLOAT", "DOUBLE"} or data_type.startswith("DECIMAL"):
        return "decimal"
    if data_type == "DATE":
        return "date"
    return "timestamp" if data_type in _TIMES else "text"


def _cell(value: Any) -> Cell:
    """Return a value as a worksheet can hold it; what it cannot is blank or text."""
    if isinstance(value, Decimal):
        value = int(value) if value.as_tuple().exponent == 0 else float(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, int) and abs(value) > EXACT_INTEGER:
        return str(value)
    cell: Cell = value
    return cell


def _warnings(
    worksheet: str, columns: tuple[Column, ...], rows: list[tuple[Any, ...]]
) -> Iterable[str]:
    for index, column in enumerate(columns):
        values = (row[index] for row in rows)
        lost = sum(isinstance(value, float) and not math.isfinite(value) for value in values)
        if lost:
            what = "1 value that is" if lost == 1 else f"{lost:,} values that are"
            where = "its cell is" if lost == 1 else "their cells are"
            yield (
                f"{worksheet}: {column.header} has {what} infinite or not a number; "
                f"{where} left blank."
            )


def _fetch(connection: duckdb.DuckDBPyConnection, mart: Mart, query: str) -> list[tuple[Any, ...]]:
    try:
        return connection.execute(query).fetchall()
    except duckdb.Error as error:
        raise MartError(f"Model {mart.model!r} cannot be read: {_first_line(error)}") from error


def _relation(connection: duckdb.DuckDBPyConnection, mart: Mart) -> str:
    """Return a mart's name with the file's own catalog: its name may differ from the build's."""
    row = connection.execute("select current_database()").fetchone()
    catalog = row[0] if row else ""
    return ".".join(_quoted(part) for part in (catalog, mart.schema, mart.identifier))


def _quoted(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
