"""One transaction in the tracker's database, and its early end."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import duckdb

from .schema import InputError, TrackerTable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .database import Database


@contextmanager
def transaction(
    connection: duckdb.DuckDBPyConnection, database: Database
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Attach the database only while it is read: dbt asks every catalog for its tables.

    One transaction of DuckDB is one REPEATABLE READ transaction of PostgreSQL, and one read
    transaction of SQLite.
    """
    cursor = connection.cursor()
    cursor.execute("set TimeZone = 'UTC'")
    try:
        with _ended_by_sigterm(), _one_thread(cursor):
            database.attach(cursor)
            try:
                cursor.begin()
                try:
                    database.begin(cursor)
                    yield cursor
                except BaseException:
                    with suppress(duckdb.Error):  # the connection may be gone
                        cursor.rollback()
                    raise
                cursor.commit()
            finally:
                database.detach(cursor)
    except duckdb.Error as error:
        raise InputError(database.sentence(error)) from None


@contextmanager
def reading(database: Database, table: TrackerTable) -> Iterator[None]:
    """Name the table in an error about it."""
    try:
        with database.watched():
            yield
    except duckdb.Error as error:
        raise InputError(database.sentence(error, table)) from None


@contextmanager
def _one_thread(cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Let DuckDB use one thread, which is all that reads the database's answer.

    Another one would look for work without a pause, and take a processor from a server beside it.
    """
    [(threads,)] = cursor.execute("select current_setting('threads')").fetchall()
    cursor.execute("set threads = 1")
    try:
        yield
    finally:
        cursor.execute(f"set threads = {threads}")


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """Disconnect from the database after SIGTERM, as after Ctrl-C."""

    def stop(*_: object) -> None:
        raise SystemExit(128 + signal.SIGTERM)

    is_ours = (
        threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    )
    if is_ours:
        signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        if is_ours:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
