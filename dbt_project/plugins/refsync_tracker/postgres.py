"""The tracker's PostgreSQL, read by a role that may only select.

DuckDB's `postgres_query` runs each query unchanged in the server. So the server computes the
fingerprints and leaves rows out, and its own log shows the queries of a build.
"""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .database_url import VARIABLE, conninfo, parse_postgres
from .databases import marks
from .postgres_columns import (
    Column,
    columns_query,
    duckdb_type,
    expression,
    hashable,
    identifier,
    instant,
    is_time,
    unique_query,
)
from .postgres_errors import advice_on, next_step, words_of
from .schema import InputError, TrackerTable, literal, quoted
from .stall import Sockets, cut_after

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import duckdb

DEFAULTS = {
    "application_name": "refsync",
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "60000",
}
"""Options that the URL can overwrite, in seconds; the last one in milliseconds."""

SETTINGS = {
    ("lock_timeout", "0"): "30s",
    ("statement_timeout", "0"): "30min",
    ("row_security", "on"): "off",
}
"""Settings of a transaction, by the name and the server's default: they limit its time, and make an
error of a policy that would hide rows. The URL, the role or the database can set others."""

GRACE = 60
"""How many seconds longer than the server's limit for a statement the client waits."""

SCHEMA_NAME = re.compile(r"[^\W\d][\w$ .-]{0,62}")


@dataclass
class Postgres:
    """A PostgreSQL database, attached as the catalog `tracker_database`."""

    url: str = field(repr=False)
    schema: str
    columns: dict[str, dict[str, Column]] = field(init=False, default_factory=dict)
    unique: dict[str, bool] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Parse the URL.

        Raises:
            InputError: The URL or the schema's name is wrong. The sentence does not repeat it.
        """
        self.server = parse_postgres(self.url)
        self.secrets = dict(self.server.secrets)
        if not SCHEMA_NAME.fullmatch(self.schema):
            raise InputError(
                "REFSYNC_TRACKER_SCHEMA is not the name of a schema: set it to the schema that has "
                "the tracker's tables, such as public."
            )
        # libpq reads the password from the environment; in a statement every error would have it.
        self.password = self.secrets.get("password")
        # DuckDB reads text as UTF-8; the database may have another encoding.
        options = {**DEFAULTS, **self.server.options, **self.secrets, "client_encoding": "UTF8"}
        options.pop("password", None)
        self.conninfo = conninfo(options)
        self.limit: float = GRACE
        self.sockets: Sockets | None = None
        self.is_cut = False

    @property
    def place(self) -> str:
        """Where the database is, in words."""
        return self.server.place

    def attach(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Attach the catalog for reading only."""
        self.limit, self.sockets, self.is_cut = GRACE, Sockets.now(), False
        self.own_password = os.environ.get("PGPASSWORD")
        if self.password:
            os.environ["PGPASSWORD"] = self.password
        connection.execute(
            f"attach {literal(self.conninfo)} as tracker_database (type postgres, read_only)"
        )

    def detach(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Disconnect."""
        connection.execute("detach database if exists tracker_database")
        if self.own_password is None:
            os.environ.pop("PGPASSWORD", None)
        else:
            os.environ["PGPASSWORD"] = self.own_password

    def begin(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Set up the transaction that has begun.

        They are set here, not as the connection's options, because poolers refuse those.
        """
        wanted = ", ".join(
            f"({literal(name)}, {literal(default)}, {literal(value)})"
            for (name, default), value in SETTINGS.items()
        )
        with self.watched():
            cursor.execute(
                "from "
                + self.run(
                    "select set_config(name, wanted.value, true) as value "
                    f"from (values {wanted}) as wanted (name, usual, value) "
                    "inner join pg_catalog.pg_settings using (name) "
                    "where setting = usual and source in ('default', 'configuration file')"
                )
            ).fetchall()
            found = cursor.execute(
                "from "
                + self.run(
                    "select setting::text as value from pg_catalog.pg_settings "
                    "where name = 'statement_timeout'"
                )
            ).fetchone()
        # If the user turned the server's limit off, the client has none either.
        allowed = int(found[0]) / 1000 if found else 0
        self.limit = allowed + GRACE if allowed else 0

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Cut the connection if the server does not answer within its limit.

        The server's own limit does not help if the network stalls.
        """

        def cut() -> None:
            self.is_cut = True
            if self.sockets is not None:
                self.sockets.cut_new()

        with cut_after(self.limit, cut):
            yield

    def describe(self, cursor: duckdb.DuckDBPyConnection, table: TrackerTable) -> None:
        """Read a table's columns and their types.

        Raises:
            InputError: The table or a column is missing, is of another kind, or may not be read.
            duckdb.Error: The table may not be read.
        """
        relation = f"{quoted(self.schema)}.{quoted(table.name)}"
        found = cursor.execute(f"from {self.run(columns_query(relation))}").fetchall()
        if not found:
            raise InputError(
                f"{table.name}: no such table in the schema {self.schema} of {self.place}: set "
                "REFSYNC_TRACKER_SCHEMA to the schema that has the tracker's tables, and let the "
                "role use it."
            )
        names = table.find("the table", [name for name, *_ in found])
        # An optional column that may not be read counts as absent.
        kinds = {name: kind for name, kind, is_readable in found if is_readable == "true"}
        columns = {
            ours: Column(ours, names[ours], kinds[names[ours]])
            if names.get(ours) in kinds
            else Column(ours)
            for ours in table.all_columns
        }
        denied = [name for name in table.columns if columns[name].kind is None]
        if denied:
            raise InputError(
                f"{table.name}: permission denied for the column {' and the column '.join(denied)} "
                f"in {self.place}: grant the role select on the columns that refsync reads."
            )
        for name in sorted(table.timestamps):
            kind = columns[name].kind
            if kind is not None and not is_time(kind):
                raise InputError(
                    f"{table.name}: the column {name} is of the type {kind}, and has to be a "
                    "timestamp."
                )
        self.columns[table.name] = columns
        unique = cursor.execute(
            f"from {self.run(unique_query(relation, columns['id'].name))}"
        ).fetchone()
        self.unique[table.name] = bool(unique and unique[0]) and columns["id"].is_spelled_in_one_way
        # A table without permission, or a locked one, is named before anything is read.
        cursor.execute(f"from {self.run(f'{self.rows(table)} limit 0')}")

    def types(self, table: TrackerTable) -> Mapping[str, str]:
        """Return the DuckDB type of each column."""
        return {name: duckdb_type(table, column) for name, column in self._columns(table)}

    def rows(self, table: TrackerTable) -> str:
        """Return a query for all rows of a table."""
        expressions = [
            f"{expression(table, column)} as {quoted(name)}"
            for name, column in self._columns(table)
        ]
        if table.event_type is not None:
            expressions += self._marks(table)
        return f"select {', '.join(expressions)} from {quoted(self.schema)}.{quoted(table.name)}"

    def _columns(self, table: TrackerTable) -> Iterable[tuple[str, Column]]:
        return self.columns[table.name].items()

    def _marks(self, table: TrackerTable) -> list[str]:
        columns = self.columns[table.name]
        key = None
        if not self.unique[table.name]:
            name = columns["id"].name
            is_plain = columns["id"].is_spelled_in_one_way
            key = quoted(name) if is_plain else identifier(columns["id"], name)
        return marks(instant(columns["timestamp"]), key)

    def identifier(self, table: TrackerTable, name: str) -> str:
        """Return the expression for an id in `rows` as text, as staging spells it."""
        return identifier(self.columns[table.name][name], name)

    def instant(self, name: str) -> str:
        """Return the expression for a column of `rows` as an instant."""
        return quoted(name)

    def versions(self, table: TrackerTable) -> str:
        """Return a query for each date's number of rows and the sum of their 64-bit hashes.

        PostgreSQL has these hashes from version 14 on. Columns are hashed as they are where their
        type has a hash. The union adds no row: without it, the server expects as many dates as
        timestamps, and sorts all rows to group them, where it could group them in parallel.
        """
        columns = ", ".join(hashable(column) for _, column in self._columns(table) if column.kind)
        hashed = f"hash_record_extended(row({columns}), 0) as _hash"
        return (
            "select _day, concat(count(*), '-', sum(_hash)) as version "
            f"from (select {', '.join([hashed, *self._marks(table)])} "
            f"from {quoted(self.schema)}.{quoted(table.name)} "
            "union all select null, null, null, null where false) as events "
            "where _copy = 1 group by _day"
        )

    def run(self, query: str) -> str:
        """Return the SQL by which DuckDB gets the server's answer to a query."""
        return f"postgres_query('tracker_database', {literal(query)})"

    def sentence(self, error: Exception, table: TrackerTable | None = None) -> str:
        """Return what went wrong as one sentence, without any secret."""
        words = self._words(str(error))
        name = table.name if table else "The tracker"
        if self.is_cut:
            return (
                f"{name}: {self.place} has not answered for {self.limit:.0f} seconds, and the "
                "connection was closed: look at the network and at poolers or proxies on the way, "
                "then run it again."
            )
        if "Unable to connect" in str(error):
            return (
                f"{VARIABLE}: no connection to {self.place}: {words}. Check host, port, "
                "database, user and password."
            )
        advice = advice_on(words)
        if advice:
            return f"{name}: {words} in {self.place}: {advice}."
        return f"{name} could not be read: {words}, said {self.place}. {next_step(words)}"

    def _words(self, text: str) -> str:
        """Return PostgreSQL's or libpq's own words without secrets.

        By mistake, a URL without a password may have it as the user's name.
        """
        words = words_of(text)
        secrets = set(self.secrets.values())
        if not self.password:
            user = self.server.options.get("user", "")
            words = words.replace(f'"{user}"', '"***"')
        for secret in sorted(filter(None, secrets), key=len, reverse=True):
            words = words.replace(secret, "***")
        return words
