"""The tracker's SQLite, as it is in development.

SQLite gives no view of one moment to a reader with several statements. So the database is copied
first, by SQLite's own backup, and the copy is read; it lies beside refsync's own database, and is
removed as soon as it has been read.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from .databases import marks
from .schema import TABLES, InputError, TrackerTable, literal, reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import duckdb


@dataclass
class Sqlite:
    """An SQLite file, attached as the catalog `tracker_database`."""

    url: str
    copy: Path
    columns: dict[str, set[str]] = field(init=False, default_factory=dict)
    unique: dict[str, bool] = field(init=False, default_factory=dict)

    @property
    def path(self) -> Path:
        """The file: `sqlite:///relative.sqlite3` or `sqlite:////absolute.sqlite3`."""
        return Path(unquote(urlsplit(self.url).path).removeprefix("/"))

    def attach(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Copy the file, and attach the copy.

        Raises:
            InputError: The file cannot be read.
        """
        self.copy.unlink(missing_ok=True)
        try:
            with self._opened() as source, closing(sqlite3.connect(self.copy)) as copy:
                source.backup(copy)
        except sqlite3.Error as error:
            raise InputError(
                f"REFSYNC_TRACKER_URL: {self.path} cannot be read: {error}."
            ) from error
        connection.execute("set global sqlite_all_varchar = true")
        connection.execute(
            f"attach {literal(str(self.copy))} as tracker_database (type sqlite, read_only)"
        )

    def detach(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Remove the copy."""
        connection.execute("detach database if exists tracker_database")
        self.copy.unlink(missing_ok=True)

    def describe(self, _connection: duckdb.DuckDBPyConnection) -> None:
        """Find out what the tables look like.

        Raises:
            InputError: A table or column is missing.
        """
        with closing(sqlite3.connect(self.copy)) as copy:
            for table in TABLES:
                self._describe(copy, table)

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        if not self.path.is_file():
            raise InputError(f"REFSYNC_TRACKER_URL: the file {self.path} does not exist.")
        uri = f"{self.path.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            yield connection

    def _describe(self, copy: sqlite3.Connection, table: TrackerTable) -> None:
        info = copy.execute("select name, pk from pragma_table_info(?)", [table.name]).fetchall()
        if not info:
            raise InputError(f"{table.name}: no such table in {self.path}.")
        names = [name for name, _ in info]
        table.check("the table", names)
        self.columns[table.name] = set(names)
        keys = [[name for name, position in info if position]]
        keys += [
            [row[0] for row in copy.execute("select name from pragma_index_info(?)", [index])]
            for index, unique, partial in copy.execute(
                'select name, "unique", partial from pragma_index_list(?)', [table.name]
            )
            if unique and not partial
        ]
        self.unique[table.name] = ["id"] in keys

    def types(self, table: TrackerTable) -> Mapping[str, str]:
        """Return the DuckDB type of each column: all is text, until staging reads it."""
        return dict.fromkeys(table.all_columns, "VARCHAR")

    def rows(self, table: TrackerTable) -> str:
        """Return a query for all rows of a table."""
        expressions = [
            f'"{name}"'
            if name in self.columns[table.name]
            else f'cast(null as varchar) as "{name}"'
            for name in table.all_columns
        ]
        if table.event_type is not None:
            at = 'try_cast("timestamp" as timestamptz)'
            date = f"strftime(timezone('UTC', {at}), '%Y-%m-%d')"
            expressions += marks(at, date, unique=self.unique[table.name])
        return f"select {', '.join(expressions)} from tracker_database.{table.name}"

    def fingerprint(self, columns: Iterable[str]) -> str:
        """Return the number of rows, and the sum of their 64-bit hashes."""
        row = ", ".join(f'"{name}"' for name in columns)
        return f"concat(count(*), '-', sum(hash({row})))"

    def run(self, query: str) -> str:
        """Return what DuckDB runs: it reads the file itself."""
        return f"({query})"

    def sentence(self, error: Exception) -> str:
        """Return what went wrong as one sentence."""
        return f"The tracker could not be read: {self.path}: {reason(error)}"
