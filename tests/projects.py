"""Small dbt projects as dbt leaves them: a manifest, and the DuckDB file that goes with it."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import subprocess
import sys
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import duckdb
import pytest
from click.testing import CliRunner

import refsync
from refsync.cli import push
from refsync.marts.reader import read_marts
from refsync.settings import Settings, read_env_file

if sys.platform != "win32":
    import resource

if TYPE_CHECKING:
    from collections.abc import Callable

    from refsync.worksheet.table import Table

REFSYNC = ("-m", "refsync")
"""What makes a Python the command."""


@dataclass
class Project:
    """A folder with `target/manifest.json` and `refsync.duckdb`, built up model by model."""

    folder: Path
    nodes: dict[str, Any] = field(default_factory=dict)

    @property
    def database(self) -> Path:
        return self.folder / "refsync.duckdb"

    @property
    def manifest(self) -> Path:
        return self.folder / "target" / "manifest.json"

    def add(
        self,
        model: str = "coffees",
        query: str = "select 'espresso' as name, 3 as cups",
        columns: dict[str, dict[str, Any]] | None = None,
        **meta: object,
    ) -> None:
        """Add a mart: the table that a query makes, and its node in the manifest.

        Without `columns` every column of the query is exported under its own name.
        """
        with duckdb.connect(self.database) as connection:
            connection.execute(f'create or replace table "{model}" as {query}')
            described = connection.execute(f'describe "{model}"').fetchall()
        if columns is None:
            columns = {name: {"header": name} for name, *_ in described}
        self.nodes[f"model.cafe.{model}"] = {
            "resource_type": "model",
            "unique_id": f"model.cafe.{model}",
            "name": model,
            "schema": "main",
            "alias": model,
            "description": f"The {model}\nof the cafe.",
            "meta": {},
            "config": {
                "materialized": "table",
                "meta": {"worksheet": model.title(), "type": "daily", **meta},
            },
            "depends_on": {"nodes": []},
            "columns": {
                name: {"name": name, "description": f"The {name}.", "config": {"meta": column_meta}}
                for name, column_meta in columns.items()
            },
        }
        self.write_manifest()

    def copied(self, folder: Path) -> Project:
        """Return a copy in another folder, to be changed."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return Project(folder, deepcopy(self.nodes))

    def write_manifest(self, schema: int = 12, dbt_version: str = "1.11.0") -> None:
        self.manifest.parent.mkdir(exist_ok=True)
        manifest = {
            "metadata": {
                "dbt_schema_version": f"https://schemas.getdbt.com/dbt/manifest/v{schema}.json",
                "dbt_version": dbt_version,
                "invocation_id": "a-build",
            },
            "nodes": self.nodes,
            "unit_tests": {},
        }
        self.manifest.write_text(json.dumps(manifest), encoding="utf-8")
        self.write_run_results({})

    def write_run_results(
        self,
        statuses: dict[str, str | None],
        *,
        invocation_id: str = "a-build",
        started_at: str | None = None,
        **arguments: object,
    ) -> None:
        """Write run_results.json: every node succeeded, but for these, a status by unique id."""
        timing = [{"name": "execute", "started_at": started_at}] if started_at else []
        known = {**dict.fromkeys(self.nodes, "success"), **statuses}
        results = {
            "metadata": {
                "generated_at": "2026-02-03T04:05:06.123456Z",
                "invocation_id": invocation_id,
            },
            "args": {"which": "build", **arguments},
            "results": [
                {"unique_id": name, "status": status, "timing": timing}
                for name, status in known.items()
                if status
            ],
        }
        path = self.manifest.with_name("run_results.json")
        path.write_text(json.dumps(results), encoding="utf-8")

    def execute(self, *statements: str) -> None:
        with duckdb.connect(self.database) as connection:
            for statement in statements:
                connection.execute(statement)

    def mark(self, status: str, failures: str | None = None, **known: str | bool) -> None:
        """Leave the mark of a build; older versions knew none of `known`."""
        finished = "null" if status == "building" else "timestamp '2026-01-02 03:04:05'"
        failed = f"'{failures}'" if failures else "null"
        self.execute(
            f"create or replace table refsync_build as select '{status}' as status, "
            f"'build' as command, timestamp '2026-01-02 03:00:00' as started_at, "
            f"cast({finished} as timestamp) as finished_at, date '2026-01-02' as as_of_date, "
            f"cast({failed} as varchar) as failures"
            + "".join(
                f", {value} as {name}" if isinstance(value, bool) else f", '{value}' as {name}"
                for name, value in known.items()
            )
        )

    def settings(self, to: str = "report.xlsx", **changes: Any) -> Settings:
        files = {"manifest": self.manifest, "database": self.database}
        return Settings(to=str(self.folder / to), **files | changes)

    def read(self, **changes: Any) -> tuple[Table, ...]:
        return read_marts(self.settings(**changes))

    def rows(self) -> tuple[tuple[Any, ...], ...]:
        """Return the rows of the one mart."""
        (table,) = self.read()
        return table.rows


def push_from(folder: Path, *arguments: str, **variables: str) -> tuple[int, str, str]:
    """Run the command in a folder, within this process; return what `run_refsync` does.

    What the command only does in a process of its own is left out: it takes no signals, and leaves
    the streams as they are. An error that it does not explain is raised here.
    """
    environment = without_settings() | variables
    with pytest.MonkeyPatch.context() as context, patch.dict(os.environ, environment, clear=True):
        context.chdir(folder)
        read_env_file()
        result = CliRunner().invoke(push, arguments, catch_exceptions=False)
    return result.exit_code, result.stdout, result.stderr


def without_settings() -> dict[str, str]:
    """Return the environment without any setting of refsync's."""
    ours = ("REFSYNC_", "GOOGLE_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def start_refsync(
    folder: Path,
    *arguments: str,
    preexec: Callable[[], None] | None = None,
    program: tuple[str, ...] = REFSYNC,
    **variables: str,
) -> subprocess.Popen[str]:
    """Start the command in a folder, with none of the caller's own settings."""
    environment = without_settings()
    environment["PYTHONPATH"] = str(Path(refsync.__file__).parents[1])
    return subprocess.Popen(
        [sys.executable, *program, *arguments],
        cwd=folder,
        env=environment | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        preexec_fn=preexec,  # noqa: PLW1509 - no other thread runs
    )


def run_refsync(
    folder: Path, *arguments: str, preexec: Callable[[], None] | None = None, **variables: str
) -> tuple[int, str, str]:
    """Run the command in a folder; return its exit code and what it wrote on both outputs."""
    with start_refsync(
        folder, *arguments, preexec=preexec, program=REFSYNC, **variables
    ) as process:
        stdout, stderr = process.communicate()
    return process.returncode, stdout, stderr


def as_an_ordinary_user() -> None:
    """Take from root, in a process about to start, the power to read and write where nobody may.

    Only Linux allows that; on other systems, do not run the tests as root.
    """
    if sys.platform == "linux" and os.geteuid() == 0:
        drop_from_bounding_set = 24  # prctl(2)
        for capability in (1, 2):  # capabilities(7): override permissions, and those to read
            ctypes.CDLL(None).prctl(drop_from_bounding_set, capability, 0, 0, 0)


def with_a_disk_of(size: int) -> Callable[[], None]:
    """Return what lets a process about to start write files of so many bytes only."""
    if sys.platform != "win32":
        return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    raise OSError("Windows has no limit on a file's size.")
