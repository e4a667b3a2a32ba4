"""The DuckDB file that dbt built, read without dbt."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import duckdb

from refsync import stopping
from refsync.errors import MartError
from refsync.marts.build_status import UNFINISHED
from refsync.marts.duckdb_sql import literal, order_term, quoted, value_of
from refsync.marts.order_terms import order_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from refsync.marts.mart import Mart
    from refsync.worksheet.table import Column


BATCH = 10_000
"""Rows that are read at a time."""

_RESERVED = {"memory", "system", "temp"}
"""Catalogs that DuckDB has already, unless it opens a file of that name."""

ERROR_SHARING_VIOLATION = 32
"""Windows' number for a file that another process keeps for itself; its text is localised."""


class DuckDBFile:
    """A DuckDB file, with those that dbt's profile attaches, read in one transaction."""

    def __init__(
        self,
        path: Path,
        catalog: str | None = None,
        attached: Mapping[str, Path] | None = None,
        folder: Path | None = None,
    ) -> None:
        """Open the files.

        Args:
            path: The file that dbt built into.
            catalog: What dbt calls it, if that is not the file's name.
            attached: The paths of further files by their catalogs.
            folder: Where relative paths in views are from: the dbt project's folder.

        Raises:
            MartError: One is not there, is in use, or is no such file.
        """
        self.name = shown(path)
        self._connection = _open(path, catalog)
        stopping.interrupts.add(self._connection.interrupt)
        self.catalog = catalog or str(self._query("select current_database()")[0][0])
        self.files: Mapping[str, Path] = files_by_catalog(path, self.catalog, attached or {})
        for name, file in (attached or {}).items():
            _attach(self._connection, file, name)
        if folder:
            self._connection.execute(f"set file_search_path = {literal(str(folder))}")
        with suppress(MartError):  # a DuckDB without ICU has no other zone
            self.use_time_zone("UTC")  # not this machine's, or each would push other times
        self._connection.begin()

    def use_time_zone(self, name: str) -> None:
        """Show times that have a zone in this one.

        Raises:
            MartError: DuckDB has no such zone.
        """
        try:
            self._connection.execute(f"set TimeZone = {literal(name)}")
        except duckdb.Error as error:
            raise MartError(
                f"DuckDB has no time zone {name!r}: correct TimeZone in dbt's profile."
            ) from error

    def use_settings(self, settings: Mapping[str, str]) -> None:
        """Compute views with these settings, as far as DuckDB has them here."""
        self._connection.rollback()  # a setting that is refused ends a transaction
        for name, value in settings.items():
            with suppress(duckdb.Error):
                self._connection.execute(f"set {name} = {literal(value)}")
        self._connection.begin()

    def begin(self, marts: Sequence[Mart]) -> None:
        """Do nothing: all is read in one transaction from the start."""

    def close(self) -> None:
        """Give the file back to others."""
        stopping.interrupts.discard(self._connection.interrupt)
        self._connection.close()

    def build_marks(self) -> list[dict[str, Any]]:
        """Return the row of each table `refsync_build`, by its columns' names, and its schema.

        Raises:
            MartError: They cannot be read.
        """
        schemas = self._query(
            "select table_schema from information_schema.tables "
            "where table_catalog = current_database() and table_name = 'refsync_build' order by all"
        )
        return [self._build_mark(schema) for (schema,) in schemas]

    def _build_mark(self, schema: str) -> dict[str, Any]:
        table = f"{quoted(schema)}.refsync_build"
        names = [name for name, *_ in self._query(f"describe {table}")]
        rows = self._query(f"select * from {table}")  # noqa: S608 - a name of dbt's
        mark = dict(zip(names, rows[0], strict=True)) if rows else UNFINISHED
        return {**mark, "schema": schema}

    def column_types(self, mart: Mart) -> dict[str, str]:
        """Return the types of a mart's columns by their names.

        Raises:
            MartError: The mart is not there.
        """
        found = self._query(
            "select 1 from information_schema.tables where lower(table_catalog) = lower(?) "
            "and lower(table_schema) = lower(?) and lower(table_name) = lower(?)",
            [mart.database or self.catalog, mart.schema, mart.identifier],
        )
        if not found:
            raise MartError(
                f"Model {mart.model!r} is in the manifest but not in {self.name}: run `dbt build`."
            )
        described = self._query(f"describe {self._relation(mart)}", of=mart)
        return {name: data_type for name, data_type, *_ in described}

    def rows(
        self, mart: Mart, columns: Sequence[Column], types: Mapping[str, str]
    ) -> Iterator[list[tuple[Any, ...]]]:
        """Yield a mart's rows in its order, in batches; dates and times are ISO 8601 texts.

        Raises:
            MartError: They cannot be read.
        """
        expressions = ", ".join(
            value_of(quoted(column.name), types[column.name], column.format) for column in columns
        )
        order_by = ", ".join(
            order_term(quoted(term.column), types[term.column], descending=term.descending)
            for term in order_of(mart.order_by, (*mart.key, *types), types)
        )
        query = f"select {expressions} from {self._relation(mart)} order by {order_by}"  # noqa: S608 - quoted
        try:
            cursor = self._connection.execute(query)
            while batch := cursor.fetchmany(BATCH):
                yield batch
        except duckdb.Error as error:
            raise self._unreadable(error, mart) from error

    def _relation(self, mart: Mart) -> str:
        parts = (mart.database or self.catalog, mart.schema, mart.identifier)
        return mart.relation or ".".join(map(quoted, parts))

    def _query(
        self, query: str, values: Sequence[str] = (), *, of: Mart | None = None
    ) -> list[tuple[Any, ...]]:
        try:
            return self._connection.execute(query, values).fetchall()
        except duckdb.Error as error:
            raise self._unreadable(error, of) from error

    def _unreadable(self, error: duckdb.Error, mart: Mart | None) -> MartError:
        if _is_damage(str(error)):
            return MartError(_damaged(self.name))
        what = f"Model {mart.model!r}" if mart else self.name
        return MartError(f"{what} cannot be read: {_first_line(error)}")


def files_by_catalog(path: Path, catalog: str, attached: Mapping[str, Path]) -> dict[str, Path]:
    """Return files by their catalogs in lower case; dbt's own has the empty name too."""
    return {"": path, **{name.casefold(): file for name, file in attached.items()}} | {
        catalog.casefold(): path
    }


def shown(path: Path | str) -> str:
    """Return a path as a sentence may show it: the query of a URL may hold a token."""
    return str(path).partition("?")[0]


def _open(path: Path, catalog: str | None) -> duckdb.DuckDBPyConnection:
    _refuse_missing(path)
    # A push needs no extension, and must never download one.
    config: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": False
    }
    try:
        if catalog is None or catalog.casefold() in _RESERVED:
            return duckdb.connect(path, read_only=True, config=config)
        connection = duckdb.connect(config=config)
    except duckdb.Error as error:
        raise MartError(_why_closed(path, str(error))) from error
    _attach(connection, path, catalog)
    connection.execute(f"use {quoted(catalog)}")
    return connection


def _attach(connection: duckdb.DuckDBPyConnection, path: Path, catalog: str) -> None:
    _refuse_missing(path)
    try:
        connection.execute(
            f"attach {literal(str(path))} as {quoted(catalog)} (type duckdb, read_only)"
        )
    except duckdb.Error as error:
        raise MartError(_why_closed(path, str(error))) from error


def _refuse_missing(path: Path) -> None:
    if not path.exists():
        raise MartError(
            f"There is no database {shown(path)} yet: run `dbt build` first, "
            "or name the file with --database."
        )


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
    return _why_unreadable(path, message)


def _why_unreadable(path: Path, message: str) -> str:
    if _is_damage(message):
        return _damaged(str(path))
    if "version number" in message:
        return (
            f"{path} was written by a newer DuckDB than the {duckdb.__version__} that is installed "
            "here: run `pip install --upgrade duckdb`, or push from where dbt runs."
        )
    return f"{path} cannot be opened: {message.partition(chr(10))[0]}"


def _is_damage(message: str) -> bool:
    return bool(re.search("Corrupt|enough bytes|[Ss]erializ|checksum", message))


def _damaged(name: str) -> str:
    return f"{name} is damaged: delete it or move it away, and run `dbt build` again."


def _is_kept_by_another(path: Path) -> bool:
    try:
        path.open("rb").close()
    except OSError as error:
        return getattr(error, "winerror", None) == ERROR_SHARING_VIOLATION
    return False


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
