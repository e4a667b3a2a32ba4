"""The tracker's SQLite, which it has in development.

DuckDB's `sqlite_query` runs all queries in one connection of SQLite, and so in one transaction. All
queries of a build see the same moment, and nothing is copied. No other code of this process may
open the file at the same time: when a process closes a file, POSIX removes all its locks on it.
"""

from __future__ import annotations

import os
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from . import identifiers
from .database_url import VARIABLE, sqlite_path
from .databases import marks
from .schema import InputError, TrackerTable, literal, quoted, reason

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    import duckdb

LOCK_MILLISECONDS = 10_000
"""How long a build waits for another process that writes to the file."""

WAL_VERSION = 2
"""The bytes 18 and 19 of a file in WAL mode: sqlite.org/fileformat.html."""


@dataclass
class Sqlite:
    """An SQLite file, attached as the catalog `tracker_database`."""

    url: str
    columns: dict[str, dict[str, str]] = field(init=False, default_factory=dict)
    unique: dict[str, bool] = field(init=False, default_factory=dict)

    @property
    def path(self) -> Path:
        """The file."""
        return sqlite_path(self.url)

    def attach(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Attach the file.

        Raises:
            InputError: It is no SQLite file, or may not be read.
        """
        read_only = "" if self._is_left_as_found() else ", read_only"
        connection.execute(
            f"attach {literal(str(self.path))} as tracker_database "
            f"(type sqlite, busy_timeout {LOCK_MILLISECONDS}{read_only})"
        )

    def _is_left_as_found(self) -> bool:
        """Whether only a connection that may write leaves no file behind.

        In WAL mode SQLite makes two files beside the database. The last connection that closes
        removes them if it may write.
        """
        try:
            with self.path.open("rb") as file:
                header = file.read(20)
        except OSError as error:
            raise InputError(
                f"{VARIABLE}: the file {self.path} cannot be read: {error.strerror}."
                if self.path.exists()
                else f"{VARIABLE}: the file {self.path} does not exist."
            ) from None
        if not header.startswith(b"SQLite format 3\0"):
            raise InputError(
                f"{VARIABLE}: {self.path} is not an SQLite file: name the tracker's own database, "
                "not encrypted and not empty."
            )
        is_ours = os.access(self.path, os.W_OK) and os.access(self.path.absolute().parent, os.W_OK)
        return is_ours and header[18] == WAL_VERSION

    def detach(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Close the file."""
        connection.execute("detach database if exists tracker_database")

    def begin(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Take a reader's lock, or wait for it."""
        cursor.execute(f"from {self._query('select count(*) as tables from sqlite_master')}")

    def watched(self) -> AbstractContextManager[None]:
        """Return a context without a limit: the file is on this machine."""
        return nullcontext()

    def describe(self, cursor: duckdb.DuckDBPyConnection, table: TrackerTable) -> None:
        """Find out what a table looks like.

        Raises:
            InputError: The table or a column is missing.
        """

        def found(query: str) -> list[list[str]]:
            return [list(row) for row in cursor.execute(f"from {self._query(query)}").fetchall()]

        name = literal(table.name)
        # What this says of a generated column the plain table_info leaves out.
        info = found(f"select name, pk, upper(type) from pragma_table_xinfo({name})")
        if not info:
            raise InputError(f"{table.name}: no such table in {self.path}.")
        columns = table.find("the table", [name for name, *_ in info])
        self.columns[table.name] = columns
        # Such a key has whole numbers only, and any other may have two spellings of one id.
        keys = [(name, kind) for name, position, kind in info if position != "0"]
        self.unique[table.name] = keys == [(columns["id"], "INTEGER")]

    def types(self, table: TrackerTable) -> Mapping[str, str]:
        """Return the DuckDB type of each column: all is text, until staging reads it."""
        return dict.fromkeys(table.all_columns, "VARCHAR")

    def rows(self, table: TrackerTable) -> str:
        """Return a query for all rows of a table."""
        columns = self.columns[table.name]
        selected = ", ".join(
            f"cast({quoted(columns[name])} as text) as {quoted(name)}"
            for name in table.all_columns
            if name in columns
        )
        expressions = [
            f'"{name}"' if name in columns else f'cast(null as varchar) as "{name}"'
            for name in table.all_columns
        ]
        if table.event_type is not None:
            key = None if self.unique[table.name] else self.identifier(table, "id")
            expressions += marks(self.instant("timestamp"), key)
        source = self._query(f"select {selected} from {quoted(table.name)}")
        return f"select {', '.join(expressions)} from {source}"

    def identifier(self, table: TrackerTable, name: str) -> str:  # noqa: ARG002 - all are text
        """Return the expression for an id in `rows` as text, as staging spells it."""
        return identifiers.in_duckdb(quoted(name))

    def instant(self, name: str) -> str:
        """Return the expression for a column of `rows` as an instant; a year has four digits."""
        is_date = f"regexp_matches(\"{name}\", '^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}')"
        return f'case when {is_date} then try_cast("{name}" as timestamptz) end'

    def versions(self, table: TrackerTable) -> str:
        """Return a query for each date's number of rows, and the sum of their 64-bit hashes."""
        row = ", ".join(f'"{name}"' for name in table.all_columns)
        return (
            f"select _day, concat(count(*), '-', sum(hash({row}))) as version "
            f"from ({self.rows(table)}) as events where _copy = 1 group by _day"
        )

    def run(self, query: str) -> str:
        """Return the SQL for DuckDB, which computes on the rows of `rows`."""
        return f"({query})"

    def _query(self, query: str) -> str:
        return f"sqlite_query('tracker_database', {literal(query)})"

    def sentence(self, error: Exception, table: TrackerTable | None = None) -> str:
        """Return what went wrong as one sentence."""
        name = table.name if table else "The tracker"
        words = reason(error)
        if "is locked" in words:
            return (
                f"{name}: another process writes to {self.path} and has locked it for "
                f"{LOCK_MILLISECONDS // 1000} seconds: run it again when that process has ended."
            )
        if "nvalid unicode" in words:
            return f"{name}: a text in {self.path} is not valid UTF-8: correct it at the source."
        if "nable to open" in words:
            return (
                f"{VARIABLE}: {self.path} cannot be opened: let this user read it; if it is in WAL "
                "mode, this user also has to be able to write to its folder."
            )
        return f"{name} could not be read: {self.path}: {words}"
