"""dbt-duckdb plugin: the way in. It shows the tracker's tables as one catalog, `tracker`.

The catalog lives in memory and for one run. It holds the tracker's tables, with the same columns
whatever the source is; `parts(event_type, part, version)`, which tells what they are read in; and
`problem(sentence)`, empty if the input is sound. A problem is not raised here but by dbt's
on-run-start hook: then it stands in the run's output as one sentence, before any model runs, and
the database remembers that the build failed.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt.flags import get_flags
from dbt_common.exceptions import DbtRuntimeError

from . import databases, files
from .environment import hint_of_env_file, refuse_secret
from .postgres import Postgres
from .schema import InputError, load_extension
from .sqlite import Sqlite

if TYPE_CHECKING:
    from dbt.adapters.duckdb.credentials import DuckDBCredentials
    from dbt.adapters.duckdb.utils import TargetConfig


class Plugin(BasePlugin):
    """Reads the tracker's tables from the folder, or the database, that the profile names.

    The profile's `raw_dir` is a folder; `url_variable` is the name of the environment variable that
    holds a database's URL. Its value, which may hold a password, is in no file of dbt's.
    """

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        """Take the plugin's part of the profile."""
        self.raw_dir = str(plugin_config.get("raw_dir", ""))
        self.url_variable = str(plugin_config.get("url_variable", ""))
        self.schema = str(plugin_config.get("schema", ""))
        self.database: Postgres | Sqlite | None = None

    def update_connection_config(self, creds: DuckDBCredentials, config: dict[str, Any]) -> None:
        """Turn "the file is in use" into one sentence, before dbt opens it."""
        self.path = Path(creds.path)
        try:
            duckdb.connect(creds.path, config=config).close()
        except duckdb.IOException as error:
            if not any(words in str(error) for words in ("lock", "used by another process")):
                raise
            raise DbtRuntimeError(
                f"{creds.path} is in use by another process, such as a dbt build that still runs: "
                "wait until it has ended, then run this again."
            ) from error

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Attach the catalog `tracker` and fill it: with views of files, or with empty tables."""
        conn.execute("set TimeZone = 'UTC'")
        conn.execute("attach ':memory:' as tracker")
        conn.execute("create table tracker.problem (sentence varchar)")
        self.connection = conn
        try:
            if self.url_variable:
                self._attach(conn)
            else:
                refuse_secret("REFSYNC_RAW_DIR", self.raw_dir)
                files.create_views(conn, self.raw_dir)
        except InputError as error:
            if not self.url_variable and not self.raw_dir:
                error = InputError(f"{error}{hint_of_env_file('REFSYNC_RAW_DIR')}")
            if get_flags().WHICH == "debug":  # type: ignore[no-untyped-call]
                raise DbtRuntimeError(str(error)) from None
            self._note(error)

    def store(self, target_config: TargetConfig) -> None:
        """Read from the database what a build wants; dbt's word for handing a plugin something.

        Called by the macro `read_tracker`, which is where the variables of the project are known.
        """
        if self.database is not None:
            wanted = databases.Wanted(**target_config.config)
            try:
                databases.read(self.connection, self.database, wanted)
            except InputError as error:
                self._note(error)

    def _note(self, problem: InputError) -> None:
        self.connection.execute("insert into tracker.problem values (?)", [str(problem)])

    def _attach(self, connection: duckdb.DuckDBPyConnection) -> None:
        url = os.environ.get(self.url_variable, "")
        kind = url.partition("://")[0]
        database: Postgres | Sqlite
        if kind in {"postgresql", "postgres"}:
            database = Postgres(url, self.schema)
            load_extension(connection, "postgres_scanner", "tracker")
        elif kind == "sqlite":
            database = Sqlite(url, self.path.with_name(f"{self.path.name}.tracker"))
            load_extension(connection, "sqlite_scanner", "tracker")
        else:
            raise InputError(
                f"{self.url_variable} is {'no URL that refsync reads' if url else 'not set'}: "
                "set it to postgresql://user:password@host:5432/database or sqlite:///path/to/db.sqlite3."
                f"{'' if url else hint_of_env_file(self.url_variable)}"
            )
        databases.create_tables(connection, database)
        self.database = database
