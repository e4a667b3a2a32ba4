"""What a kind of database has to offer to be the tracker's."""

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
    that can be counted; `_copy`, 1 unless another row has the same id and an earlier timestamp.

    Attributes:
        unique: Whether a table's name stands for one in which no id can be twice.
    """

    unique: dict[str, bool]

    def attach(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Attach the catalog, to be read and no more."""

    def detach(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Leave the database alone again."""

    def begin(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Prepare the transaction that has begun."""

    def watched(self) -> AbstractContextManager[None]:
        """Return what limits the time that the database has for an answer."""

    def describe(self, cursor: duckdb.DuckDBPyConnection, table: TrackerTable) -> None:
        """Find out what a table looks like.

        Raises:
            InputError: The table or a column is missing, or may not be read.
        """

    def types(self, table: TrackerTable) -> Mapping[str, str]:
        """Return the DuckDB type of each column."""

    def rows(self, table: TrackerTable) -> str:
        """Return a query for all rows of a table."""

    def instant(self, name: str) -> str:
        """Return the expression for a column of `rows` as an instant; null if it is none."""

    def versions(self, table: TrackerTable) -> str:
        """Return a query for the version of each date of an event table: `_day` and `version`.

        A version is a text. It differs, as good as surely, where a date's rows do. Rows whose
        `_copy` is not 1 do not count.
        """

    def grouping(self, cursor: duckdb.DuckDBPyConnection) -> AbstractContextManager[None]:
        """Return what prepares the transaction for `versions`."""

    def run(self, query: str) -> str:
        """Return what DuckDB runs to have the database's answer to a query."""

    def sentence(self, error: Exception, table: TrackerTable | None = None) -> str:
        """Return what went wrong as one sentence, without any secret."""
