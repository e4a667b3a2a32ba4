"""The tracker's PostgreSQL, read with what a role that may only select is allowed.

Every query runs in the server as it stands, by DuckDB's `postgres_query`: so it is the server that
computes fingerprints and leaves rows out, and its own log tells what a build asked for.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from .databases import marks
from .schema import TABLES, InputError, TrackerTable, literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import duckdb

SECRETS = ("password", "sslpassword")
"""The options of a connection that nobody may see."""

DEFAULTS = {"connect_timeout": "10", "application_name": "refsync"}
"""Options that hold unless the URL says otherwise. The time-out is in seconds, for each address."""


@dataclass
class Postgres:
    """A PostgreSQL database, attached as the catalog `tracker_database`."""

    url: str = field(repr=False)
    schema: str
    columns: dict[str, dict[str, str]] = field(init=False, default_factory=dict)
    unique: dict[str, bool] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Part the secrets from the URL; all else in it is left to libpq to understand."""
        parts = urlsplit(self.url)
        who, at, self.hosts = parts.netloc.rpartition("@")
        self.database = parts.path.lstrip("/")
        if "@" in self.database or (not at and "@" in self.url):
            raise InputError(
                "REFSYNC_TRACKER_URL is not a URL such as postgresql://user@host:5432/database: "
                "characters such as / ? # in a password are to be percent-encoded."
            )
        user, _, password = who.partition(":")
        self.options = dict(option.partition("=")[::2] for option in parts.query.split("&"))
        self.secrets = {name: unquote(self.options.get(name, "")) for name in SECRETS}
        self.secrets["password"] = unquote(password) or self.secrets["password"]
        options = {**DEFAULTS, **self.options}
        # libpq takes a password from here; in a statement it would be part of every error.
        if self.secrets["password"]:
            os.environ["PGPASSWORD"] = self.secrets["password"]
            options.pop("password", None)
        query = "&".join(f"{name}={value}" for name, value in options.items() if name)
        self.shown = f"postgresql://{user}{at}{self.hosts}{parts.path}?{query}"

    @property
    def place(self) -> str:
        """Where the database is, in words."""
        host = unquote(self.options.get("host", self.hosts)) or "the local socket"
        port = self.options.get("port")
        return f"the database {unquote(self.database)} at {host}{f':{port}' if port else ''}"

    def attach(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Attach the catalog, to be read and no more."""
        connection.execute(
            f"attach {literal(self.shown)} as tracker_database (type postgres, read_only)"
        )

    def detach(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Disconnect."""
        connection.execute("detach database if exists tracker_database")

    def describe(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Find out what the tables look like.

        Raises:
            InputError: A table or column is missing, or is of another kind.
            duckdb.Error: A table may not be read.
        """
        for table in TABLES:
            self._describe(connection, table)

    def _describe(self, connection: duckdb.DuckDBPyConnection, table: TrackerTable) -> None:
        relation = f"{_name(self.schema)}.{_name(table.name)}"
        regclass = f"to_regclass({literal(relation)})"
        found = connection.execute(
            "from "
            + self.run(
                "select attname::text, format_type(atttypid, null) from pg_catalog.pg_attribute "
                f"where attrelid = {regclass} and attnum > 0 and not attisdropped order by attnum"
            )
        ).fetchall()
        if not found:
            raise InputError(
                f"{table.name}: no such table in the schema {self.schema} of {self.place}: set "
                "REFSYNC_TRACKER_SCHEMA to the schema that holds the tracker's tables, and let the "
                "role use it."
            )
        types = {name: kind for name, kind in found if name in table.all_columns}
        table.check("the table", [name for name, _ in found])
        wrong = [name for name in table.timestamps & types.keys() if not _is_time(types[name])]
        if wrong:
            raise InputError(
                f"{table.name}: the column {wrong[0]} is of the type {types[wrong[0]]}, and has to "
                "be a timestamp."
            )
        self.columns[table.name] = types
        unique = connection.execute(
            "from "
            + self.run(
                "select count(*) from pg_catalog.pg_index "
                f"where indrelid = {regclass} and indisunique and indisvalid and indpred is null "
                "and indnkeyatts = 1 and indkey[0] = (select attnum from pg_catalog.pg_attribute "
                f"where attrelid = {regclass} and attname = 'id')"
            )
        ).fetchone()
        self.unique[table.name] = bool(unique and unique[0])
        # Says at once which table may not be read.
        connection.execute(f"from {self.run(f'{self.rows(table)} limit 0')}")

    def types(self, table: TrackerTable) -> Mapping[str, str]:
        """Return the DuckDB type of each column."""
        columns = self.columns[table.name]
        return {
            name: "TIMESTAMPTZ"
            if name in table.timestamps
            else "UUID"
            if columns.get(name) == "uuid"
            else "VARCHAR"
            for name in table.all_columns
        }

    def rows(self, table: TrackerTable) -> str:
        """Return a query for all rows of a table."""
        expressions = [self._column(table, name) for name in table.all_columns]
        if table.event_type is not None:
            at = _instant('"timestamp"', self.columns[table.name]["timestamp"])
            date = f"to_char(timezone('UTC', {at}), 'YYYY-MM-DD')"
            expressions += marks(at, date, unique=self.unique[table.name])
        return f"select {', '.join(expressions)} from {_name(self.schema)}.{_name(table.name)}"

    def _column(self, table: TrackerTable, name: str) -> str:
        kind = self.columns[table.name].get(name)
        column = _name(name)
        if name in table.timestamps:
            expression = _instant(column, kind) if kind else "cast(null as timestamptz)"
        elif kind is None:
            expression = "cast(null as text)"
        elif kind == "uuid":
            expression = column
        elif kind in {"inet", "cidr"}:
            expression = f"host({column})"
        else:
            expression = f"cast({column} as text)"
        return f"{expression} as {column}"

    def fingerprint(self, columns: Iterable[str]) -> str:
        """Return the number of rows and the sum of their 64-bit hashes; from PostgreSQL 14 on."""
        row = ", ".join(_name(name) for name in columns)
        return f"concat(count(*), '-', sum(hash_record_extended(row({row}), 0)))"

    def run(self, query: str) -> str:
        """Return what DuckDB runs to have the server's answer to a query."""
        return f"postgres_query('tracker_database', {literal(query)})"

    def sentence(self, error: Exception) -> str:
        """Return what went wrong as one sentence, without any secret."""
        text = str(error)
        words = _words(text)
        for secret in filter(None, self.secrets.values()):
            words = words.replace(secret, "***")
        if "Unable to connect" in text:
            return (
                f"REFSYNC_TRACKER_URL: no connection to {self.place}: {words}. Check host, port, "
                "database, user and password."
            )
        denied = re.match(r"permission denied for (?:table|view|relation|schema) (.+)", words)
        if denied:
            return (
                f"{denied[1]}: {words} in {self.place}: grant the role usage of the schema and "
                "select on the tracker's six tables."
            )
        return f"The tracker could not be read: {words}, said {self.place}. Run it again."


def _words(text: str) -> str:
    """Return PostgreSQL's own words, or libpq's, without DuckDB's and the query around them."""
    for pattern in (
        r"(?:FATAL|ERROR): +([^\n]+)",
        r"Unable to connect to Postgres at \".*?\": (?:connection to server .*? failed: )?([^\n]+)",
        r"(?:failed|error): ([^\n]+)",
        r"Error: ([^\n]+)",
    ):
        found = re.search(pattern, text)
        if found:
            return found[1].strip().rstrip(".:")
    return text.splitlines()[0]


def _is_time(kind: str) -> bool:
    return kind.startswith("timestamp") or kind == "date"


def _instant(column: str, kind: str) -> str:
    """Return a column as an instant; a time without a zone is UTC, as Django writes it there."""
    if kind == "timestamp with time zone":
        return column
    return f"timezone('UTC', cast({column} as timestamp))"


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
