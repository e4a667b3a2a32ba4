"""What a kind of database must offer, so that refsync can read the tracker from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager

    import duckdb

    from .schema import TrackerTable


class Database(Protocol):
    """One kind of database, read as the DuckDB catalog `tracker_database` while it is attached.

    SQL for it sees each table with the columns of `TrackerTable.all_columns`; an event table with
    three more: `_at`, the timestamp as an instant; `_day`, its date in UTC, null outside the years
    that can be counted; `_copy`, 1 unless another row has the same id, in any spelling, and an
    earlier timestamp.

    Attributes:
        unique: For each table's name, whether no id can be there twice, in no two spellings either.
    """

    unique: dict[str, bool]

    def attach(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Attach the catalog for reading only."""

    def detach(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Detach the catalog."""

    def begin(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Prepare the transaction that has begun."""

    def watched(self) -> AbstractContextManager[None]:
        """Return a context that limits the time for an answer of the database."""

    def describe(self, cursor: duckdb.DuckDBPyConnection, table: TrackerTable) -> None:
        """Read a table's columns and their types.

        Raises:
            InputError: The table or a column is missing, or may not be read.
        """

    def types(self, table: TrackerTable) -> Mapping[str, str]:
        """Return the DuckDB type of each column."""

    def rows(self, table: TrackerTable) -> str:
        """Return a query for all rows of a table."""

    def identifier(self, table: TrackerTable, name: str) -> str:
        """Return the expression for an id in `rows` as text, as staging spells it."""

    def instant(self, name: str) -> str:
        """Return the expression for a column of `rows` as an instant; null if it is none."""

    def versions(self, table: TrackerTable) -> str:
        """Return a query for the version of each date of an event table: `_day` and `version`.

        A version is a text. Different rows have different versions, almost certainly. Rows whose
        `_copy` is not 1 do not count.
        """

    def run(self, query: str) -> str:
        """Return the SQL by which DuckDB gets the database's answer to a query."""

    def sentence(self, error: Exception, table: TrackerTable | None = None) -> str:
        """Return what went wrong as one sentence, without any secret."""
