"""The DuckDB file that dbt built, read without dbt."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

import duckdb

from refsync.column_types import INTEGERS, TIMES, bare
from refsync.errors import MartError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from refsync.manifest import Mart
    from refsync.tables import Column


ERROR_SHARING_VIOLATION = 32
"""Windows' number for a file that another process keeps for itself; its text is localised."""


class DuckDBFile:
    """A DuckDB file, open for reading, in one transaction."""

    def __init__(self, path: Path) -> None:
        """Open the file.

        Raises:
            MartError: It is not there, is in use, or is no such file.
        """
        self.name = str(path)
        self._connection = _open(path)
        self._connection.begin()

    def close(self) -> None:
        """Give the file back to others."""
        self._connection.close()

    def build_marks(self) -> list[tuple[Any, ...]]:
        """Return what each table `refsync_build` says: status, command, finished_at, failures."""
        schemas = self._connection.execute(
            "select table_schema from information_schema.tables "
            "where table_catalog = current_database() and table_name = 'refsync_build' order by all"
        ).fetchall()
        return [
            self._connection.execute(
                "select status, command, finished_at, failures "  # noqa: S608 - a name of dbt's
                f"from {_quoted(schema)}.refsync_build"
            ).fetchone()
            or ("building", "build", None, None)
            for (schema,) in schemas
        ]

    def column_types(self, mart: Mart) -> dict[str, str]:
        """Return the types of a mart's columns by their names in lower case.

        Raises:
            MartError: The mart is not there.
        """
        found = self._connection.execute(
            "select 1 from information_schema.tables where table_catalog = current_database() "
            "and lower(table_schema) = lower(?) and lower(table_name) = lower(?)",
            [mart.schema, mart.identifier],
        ).fetchone()
        if not found:
            raise MartError(
                f"Model {mart.model!r} is in the manifest but not in {self.name}: run `dbt build`."
            )
        described = self._fetch(mart, f"describe {self._relation(mart)}")
        return {name.lower(): data_type for name, data_type, *_ in described}

    def rows(
        self, mart: Mart, columns: Sequence[Column], types: Mapping[str, str]
    ) -> list[tuple[Any, ...]]:
        """Return a mart's rows in its order, as Python has their values.

        Raises:
            MartError: They cannot be read, or hold an infinite date.
        """
        self._refuse_infinite_times(mart, columns, types)
        expressions = ", ".join(
            _expression(column, types[column.name.lower()]) for column in columns
        )
        order = [f"{_quoted(t.column)} {'desc' if t.descending else 'asc'}" for t in mart.order_by]
        order += [_quoted(name) for name in types]
        order_by = ", ".join(f"{term} nulls last" for term in order)
        return self._fetch(
            mart,
            f"select {expressions} from {self._relation(mart)} order by {order_by}",  # noqa: S608 - quoted
        )

    def _refuse_infinite_times(
        self, mart: Mart, columns: Sequence[Column], types: Mapping[str, str]
    ) -> None:
        """Refuse DuckDB's infinite dates, which Python takes for the last day of the year 9999."""
        names = [c.name for c in columns if bare(types[c.name.lower()]) in TIMES | {"DATE"}]
        if not names:
            return
        counts = ", ".join(f"count(*) filter (where isinf({_quoted(name)}))" for name in names)
        query = f"select {counts} from {self._relation(mart)}"  # noqa: S608 - quoted names
        for name, count in zip(names, self._fetch(mart, query)[0], strict=True):
            if count:
                raise MartError(
                    f"Column {name!r} of model {mart.model!r} holds an infinite date, which no "
                    "worksheet can show: make it null in the model and run `dbt build`."
                )

    def _relation(self, mart: Mart) -> str:
        """Return a mart's name with the file's own catalog, whose name may differ from dbt's."""
        row = self._connection.execute("select current_database()").fetchone()
        catalog = row[0] if row else ""
        return ".".join(_quoted(part) for part in (catalog, mart.schema, mart.identifier))

    def _fetch(self, mart: Mart, query: str) -> list[tuple[Any, ...]]:
        try:
            return self._connection.execute(query).fetchall()
        except duckdb.Error as error:
            raise MartError(f"Model {mart.model!r} cannot be read: {_first_line(error)}") from error


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
        raise MartError(_why_closed(path, str(error))) from error


def _why_closed(path: Path, message: str) -> str:
    """Return why a file cannot be opened; DuckDB has one kind of error for all of it."""
    if path.is_dir():
        return f"{path} is a folder: name dbt's DuckDB file with --database."
    # Only Windows' own words are in the language of the user, so its number counts there.
    if message.startswith("IO Error: Could not set lock on file") or _is_kept_by_another(path):
        process = re.search(r"PID \d+", message)
        holder = f" ({process[0]})" if process else ""
        return (
            f"{path} is in use by another process{holder}, perhaps a running `dbt build`: "
            "push again when it has ended."
        )
    if not os.access(path, os.R_OK):
        return f"{path} cannot be read: let this user read it."
    if "not a valid DuckDB database" in message:
        return f"{path} is not a DuckDB database: name dbt's with --database."
    if re.search("Corrupt|enough bytes|[Ss]erializ|checksum", message):
        return f"{path} is damaged: delete it or move it away, and run `dbt build` again."
    return f"{path} cannot be opened: {message.partition(chr(10))[0]}"


def _is_kept_by_another(path: Path) -> bool:
    try:
        path.open("rb").close()
    except OSError as error:
        return getattr(error, "winerror", None) == ERROR_SHARING_VIOLATION
    return False


def _expression(column: Column, data_type: str) -> str:
    """Return SQL for a column's values, as Python is to get them."""
    name = _quoted(column.name)
    if data_type == "TIMESTAMP WITH TIME ZONE":
        name = f"make_timestamp(epoch_us({name}))"  # the instant in UTC, whatever the session zone
    elif data_type in TIMES:
        name = f"cast({name} as timestamp)"
    native = INTEGERS | TIMES | {"BOOLEAN", "FLOAT", "DOUBLE", "DATE", "VARCHAR"}
    typed = data_type in native or data_type.startswith("DECIMAL")
    if not typed or (column.format == "text" and data_type != "BOOLEAN"):
        return f"cast({name} as varchar)"
    return name


def _quoted(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
