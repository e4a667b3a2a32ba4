"""dbt-duckdb plugin: it shows the tables of every source as one catalog, `tracker`.

The catalog is in memory, for one run. It has

- the tracker's tables, with the same columns for every source;
- `parts(event_type, part, version, is_new)`: the files or dates that events are read in;
- `source(description, code)`: the source in words, without secrets, and a hash of this code;
- `problem(sentence)`: what is wrong with the input; empty if nothing is.

This plugin does not raise a problem: dbt's on-run-start hook does. So the run ends with one
sentence before any model runs, and the database records that the build failed.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dbt.adapters.duckdb.plugins import BasePlugin
from dbt.flags import get_flags
from dbt_common.exceptions import DbtRuntimeError

from . import databases, email_key, files, fresh_file, own_database
from .database_url import scheme
from .environment import hint_of_env_file
from .listing import real_root
from .postgres import Postgres
from .read_errors import use_explaining_cursors
from .schema import InputError, load_extension
from .sqlite import Sqlite

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb
    from dbt.adapters.duckdb.credentials import DuckDBCredentials
    from dbt.adapters.duckdb.utils import TargetConfig


class SentenceError(DbtRuntimeError):
    """An error that dbt shows as it is, without the names of its macros."""

    def __str__(self, prefix: str = "! ") -> str:
        """Return the sentence alone."""
        return str(self.msg)


class Plugin(BasePlugin):
    """Reads the tracker's tables from the folder, or the database, that the profile names.

    The profile's `raw_dir` is a folder, and `source` describes it if its path does not.
    `url_variable` is the name of the environment variable with a database's URL. Its value may have
    a password, so it is in no file of dbt's.
    """

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        """Read the plugin's part of the profile."""
        self.raw_dir = str(plugin_config.get("raw_dir", ""))
        self.source = str(plugin_config.get("source", ""))
        self.url_variable = str(plugin_config.get("url_variable", ""))
        self.schema = str(plugin_config.get("schema", "")).strip() or "public"
        self.database: Postgres | Sqlite | None = None
        self.root = ""
        self.files: files.Found = {}
        self.email_key = b""

    def update_connection_config(self, creds: DuckDBCredentials, config: dict[str, Any]) -> None:
        """Raise one sentence about a file that cannot be opened, before dbt opens it."""
        try:
            own_database.check(creds.path, config)
        except InputError as error:
            raise SentenceError(str(error)) from None

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Attach the catalog `tracker` and fill it: with views of files, or with empty tables."""
        conn.execute("set TimeZone = 'UTC'")
        conn.execute("attach ':memory:' as tracker")
        conn.execute("create table tracker.problem (sentence varchar)")
        conn.execute(
            "create table tracker.source as select '' as description, ? as code", [_own_code()]
        )
        self.connection = conn
        # DuckDB's path of the file: a `~` is written out.
        [(self.catalog, path)] = conn.execute(
            "select database_name, path from duckdb_databases() "
            "where database_name = current_database()"
        ).fetchall()
        self.path = Path(path) if path else None
        use_explaining_cursors("")
        with self._noted():
            if self.path:
                fresh_file.remove_leftovers(self.path)
            self.email_key = email_key.read_key()
            if self.url_variable:
                self._attach(conn)
            else:
                self.root = real_root(self.raw_dir)
                self._describe_source(self.source or f"files in {self.root}")
                self.files = files.create_views(conn, self.root)
                use_explaining_cursors(self.root)

    def configure_cursor(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Give a cursor the key for the hashes of e-mail addresses; only it can read the key.

        dbt opens a cursor for each model, so the log beside the file is private from the second on.
        """
        if self.path:
            own_database.protect_log(self.path)
        email_key.set_blocks(cursor, self.email_key)

    def store(self, target_config: TargetConfig) -> None:
        """Do what a macro asks for. dbt has this method for a plugin that stores a model.

        The macro `fail` ends the run with a sentence. The macro `remove_freed_rows` rewrites the
        DuckDB file. The macro `read_tracker` reads the database, or marks the new files, because
        macros know the project's variables; tests need no events.

        Raises:
            SentenceError: The macro asks for it, or the file could not be rewritten.
        """
        config = target_config.config or {}
        if "sentence" in config:
            raise SentenceError(config["sentence"])
        if "rewrite" in config:
            try:
                if self.path:
                    fresh_file.rewrite(self.connection, self.catalog, self.path)
            except InputError as error:
                raise SentenceError(str(error)) from None
        elif self.database is not None:
            wanted = databases.Wanted(**config) if config else None
            with self._noted():
                databases.read(self.connection, self.database, wanted)
        elif self.files and config:
            with self._noted():
                files.show_new(self.connection, self.root, self.files, config["changed_parts"])

    @contextmanager
    def _noted(self) -> Iterator[None]:
        """Note an error as a sentence: dbt's hook ends the run with it.

        An error raised here would come before the hook, so the record would show the last build.
        """
        try:
            yield
        except InputError as error:
            self._note(str(error))
        except Exception as error:  # noqa: BLE001 - with any error the build has failed
            # Its text may have a password.
            self._note(
                f"The tracker's tables cannot be read ({type(error).__name__}): check "
                f"{self.url_variable or 'REFSYNC_RAW_DIR'} and what it names."
            )

    def _describe_source(self, description: str) -> None:
        self.connection.execute("update tracker.source set description = ?", [description])

    def _note(self, problem: str) -> None:
        if get_flags().WHICH == "debug":  # type: ignore[no-untyped-call]
            raise SentenceError(problem) from None
        self.connection.execute("insert into tracker.problem values (?)", [problem])

    def _attach(self, connection: duckdb.DuckDBPyConnection) -> None:
        url = os.environ.get(self.url_variable, "")
        kind = scheme(url)
        database: Postgres | Sqlite
        if kind in {"postgresql", "postgres"}:
            database = Postgres(url, self.schema)
            self._describe_source(database.place)
            load_extension(connection, "postgres_scanner", "tracker")
        elif kind == "sqlite":
            database = Sqlite(url)
            self._describe_source(f"the SQLite file {database.path.absolute()}")
            load_extension(connection, "sqlite_scanner", "tracker")
        else:
            problem = "no URL that refsync reads" if url.strip() else "not set"
            raise InputError(
                f"{self.url_variable} is {problem}: "
                "set it to postgresql://user:password@host:5432/database or sqlite:///path/to/db.sqlite3."
                f"{'' if url else hint_of_env_file(self.url_variable)}"
            )
        databases.create_tables(connection, database)
        self.database = database


def _own_code() -> str:
    """Return a hash of this package: after a change of it, everything is recounted."""
    paths = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()
