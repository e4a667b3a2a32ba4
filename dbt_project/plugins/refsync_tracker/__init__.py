"""dbt-duckdb plugin: the way in. It shows the tracker's tables as one catalog, `tracker`.

The catalog lives in memory and for one run. It holds a view per tracker table, with the same
columns whatever the source is; `parts(table_name, part, version)`, which tells what the views read;
and `problem(sentence)`, empty if the input is sound. A problem is not raised here but by dbt's
on-run-start hook: then it stands in the run's output as one sentence, before any model runs, and
the database remembers that the build failed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt_common.exceptions import DbtRuntimeError

from . import files
from .schema import InputError

if TYPE_CHECKING:
    from dbt.adapters.duckdb.credentials import DuckDBCredentials


class Plugin(BasePlugin):
    """Reads the tracker's tables from the folder that the profile's `raw_dir` names."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        """Take the plugin's part of the profile."""
        self.raw_dir = str(plugin_config.get("raw_dir", ""))

    def update_connection_config(self, creds: DuckDBCredentials, config: dict[str, Any]) -> None:
        """Turn "the file is in use" into one sentence, before dbt opens it."""
        try:
            duckdb.connect(creds.path, config=config).close()
        except duckdb.IOException as error:
            if "lock" not in str(error):
                raise
            raise DbtRuntimeError(
                f"{creds.path} is in use by another process, such as a dbt build that still runs: "
                "wait until it has ended, then run this again."
            ) from error

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Attach the catalog `tracker` and fill it."""
        conn.execute("set TimeZone = 'UTC'")
        conn.execute("attach ':memory:' as tracker")
        conn.execute("create table tracker.problem (sentence varchar)")
        try:
            files.create_views(conn, self.raw_dir)
        except InputError as error:
            conn.execute("insert into tracker.problem values (?)", [str(error)])
