"""The tracker's databases for tests: PostgreSQL, a line to it, and SQLite as Django writes it."""

from __future__ import annotations

import ipaddress
import socket
import sqlite3
import threading
import uuid
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb
import psycopg

from refsync_tracker import databases
from refsync_tracker.postgres import Postgres
from refsync_tracker.schema import load_extension
from refsync_tracker.sqlite import Sqlite
from tests.pipeline.oracle import CAMPAIGNS, CLICKS, LINKS, OFFICERS, SIGNUPS, USERS, timestamp

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from refsync_tracker.database import Database
    from tests.pipeline.oracle import SourceRow, Tracker

SCHEMAS: Mapping[str, Mapping[str, str]] = {
    USERS: {"id": "uuid", "full_name": "varchar", "email": "varchar"},
    OFFICERS: {"id": "uuid", "user_id": "uuid"},
    CAMPAIGNS: {
        "id": "uuid",
        "name": "varchar(255)",
        "description": "text",
        "start_date": "timestamptz",
        "end_date": "timestamptz",
        "is_active": "bool",
        "created_at": "timestamptz",
        "updated_at": "timestamptz",
    },
    LINKS: {
        "id": "uuid",
        "officer_id": "uuid",
        "campaign_id": "uuid",
        "full_link": "varchar",
        "ref_code": "varchar",
        "click_count": "int",
        "created_at": "timestamptz",
        "updated_at": "timestamptz",
        "is_active": "bool",
        "revoke_at": "timestamptz",
    },
    CLICKS: {
        "id": "uuid",
        "referral_link_id": "uuid",
        "timestamp": "timestamptz",
        "ip": "inet",
        "user_agent": "varchar(512)",
        "geo_country": "varchar",
        "fraud_score": "float8",
    },
    SIGNUPS: {
        "id": "uuid",
        "click_event_id": "uuid",
        "referral_link_id": "uuid",
        "timestamp": "timestamptz",
        "conversion_minutes": "int",
        "fraud_score": "float8",
        "user_email_hash": "varchar",
        "user_email": "varchar",
    },
}
"""The tracker's tables, as its migrations make them, with the columns that some trackers add."""


def held(table: str, row: SourceRow) -> dict[str, str | None]:
    """Return a row as the tracker's database has it: typed columns have one spelling a value."""
    return {column: _held(row.get(column), kind) for column, kind in SCHEMAS[table].items()}


def _held(value: str | None, kind: str) -> str | None:
    if value is None:
        return None
    if kind == "timestamptz":
        moment = timestamp(value)
        return str(moment) if moment else None
    if kind == "uuid":
        return str(uuid.UUID(value))
    if kind == "inet":
        return _address(value)
    if kind.startswith(("varchar", "text")):
        limit = kind.removeprefix("varchar").strip("()")
        return value[: int(limit)] if limit.isdigit() else value
    return value or None


def _address(value: str) -> str | None:
    try:
        ipaddress.ip_interface(value)
    except ValueError:
        return None
    return value.partition("/")[0].lower()


@dataclass(frozen=True)
class PostgresTracker:
    """A tracker in a database of its own in a PostgreSQL server."""

    url: str
    has_keys: bool = True

    def fill(self, tracker: Tracker) -> None:
        """Replace the tables' rows by these, in one transaction."""
        with psycopg.connect(self.url) as connection:
            for table, columns in SCHEMAS.items():
                types = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
                key = ", primary key (id)" if self.has_keys else ""
                connection.execute(f"create table if not exists {table} ({types}{key})")
                connection.execute(f"delete from {table}")
                names = ", ".join(f'"{name}"' for name in columns)
                with connection.cursor().copy(f"copy {table} ({names}) from stdin") as copy:
                    for row in _rows(tracker, table):
                        copy.write_row(tuple(row.values()))


@dataclass(frozen=True)
class SqliteTracker:
    """A tracker in an SQLite file, as Django writes it there."""

    path: Path
    has_keys: bool = True

    @property
    def url(self) -> str:
        return f"sqlite:///{self.path}"

    def fill(self, tracker: Tracker) -> None:
        """Replace the tables' rows by these, in one transaction."""
        with closing(sqlite3.connect(self.path)) as connection, connection:
            for table, columns in SCHEMAS.items():
                key = " primary key" if self.has_keys else ""
                kinds = {name: kind.replace("uuid", "char(32)") for name, kind in columns.items()}
                kinds["id"] += key
                types = ", ".join(f'"{name}" {kind}' for name, kind in kinds.items())
                connection.execute(f"create table if not exists {table} ({types})")
                connection.execute(f"delete from {table}")
                marks = ", ".join("?" * len(columns))
                connection.executemany(
                    f"insert into {table} values ({marks})",
                    [
                        [_in_sqlite(value, columns[name]) for name, value in row.items()]
                        for row in _rows(tracker, table)
                    ],
                )


def _in_sqlite(value: str | None, kind: str) -> Any:
    if value is None:
        return None
    if kind == "uuid":
        return value.replace("-", "")
    if kind == "timestamptz":
        return value.removesuffix("+00:00")
    if kind == "bool":
        return int(value == "true")
    return value


def _rows(tracker: Tracker, table: str) -> Sequence[SourceRow]:
    return [row for part in tracker[table] for row in part]


def read(
    url: str, changed: str = "true", schema: str = "public"
) -> dict[str, list[dict[str, str | None]]]:
    """Return what the plugin reads of each table, as text, without dbt.

    Args:
        url: The database's URL.
        changed: A condition for the parts that have changed: by default it is all.
        schema: The schema of PostgreSQL with the tables.

    Raises:
        InputError: It cannot be read.
    """
    # To check an extension's signature takes DuckDB longer than all the rest; dbt's runs do it.
    with duckdb.connect(config={"allow_unsigned_extensions": "true"}) as connection:
        connection.execute("attach ':memory:' as tracker")
        database: Database = Sqlite(url) if url.startswith("sqlite") else Postgres(url, schema)
        for extension in ("sqlite_scanner", "postgres_scanner"):
            load_extension(connection, extension, "tracker")
        databases.create_tables(connection, database)
        wanted = databases.Wanted(
            changed_parts="select *, part as part_name, true as is_there from tracker.parts "
            f"where {changed}",
            margin=0,
            shown_from="2026-01-01 00:00:00+00",
            shown_until="2026-12-31 00:00:00+00",
            surely_shown_until="2026-12-31 00:00:00+00",
            most_shown=1_000_000,
        )
        databases.read(connection, database, wanted)
        rows = {}
        for table in SCHEMAS:
            found = connection.execute(
                f"select columns(*)::varchar from tracker.{table} order by all"
            )
            names = [column[0] for column in found.description or ()]
            rows[table] = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        return rows


class Line:
    """A line to a server's socket, over a port of this machine; it breaks after so many bytes.

    If it stalls, it stays open instead, and takes what it does not carry.
    """

    def __init__(
        self, socket_path: str, breaks_after: int = 10**12, *, stalls: bool = False
    ) -> None:
        self.left = breaks_after
        self.stalls = stalls
        self.carried = 0
        self.socket_path = socket_path
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def __enter__(self) -> Line:
        return self

    def __exit__(self, *_: object) -> None:
        self.listener.close()

    def serve(self) -> None:
        with suppress(OSError):  # closed
            while True:
                client, _ = self.listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self.socket_path)
                for ends in ((client, server), (server, client)):
                    threading.Thread(target=self.carry, args=(*ends, ends[0] is server)).start()

    def carry(self, source: socket.socket, sink: socket.socket, counts: bool) -> None:  # noqa: FBT001
        with suppress(OSError):
            while data := source.recv(65536):
                if counts:
                    self.carried += len(data)
                    if self.carried > self.left and self.stalls:
                        continue
                    if self.carried > self.left:
                        break
                sink.sendall(data)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
