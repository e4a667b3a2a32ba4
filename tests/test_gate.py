"""The gate: what each dbt command leaves of a build that may be pushed, and of one that may not."""

from __future__ import annotations

import shutil
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

from refsync.builds import Build, finished_build
from refsync.duckdb_file import DuckDBFile
from tests import tracker_data
from tests.conftest import Dbt
from tests.databases import SqliteTracker, held
from tests.oracle import TABLES
from tests.test_bad_input import fill
from tests.test_live_tracker import shape_of

if TYPE_CHECKING:
    from tests.oracle import Tracker

AS_OF = "2026-04-02"


def last_build(dbt: Dbt) -> Build:
    """Return what a push reads of the last build; it raises an error if that is not complete."""
    with closing(DuckDBFile(dbt.database)) as database:
        return finished_build(database.build_marks(), Path("none"), ())


def live_tracker() -> Tracker:
    """Return rows as a database holds them."""
    drawn = tracker_data.rows(tracker_data.make(shape_of(1)))
    return {name: [[held(name, row) for part in drawn[name] for row in part]] for name in TABLES}


@pytest.fixture(scope="module")
def built_files(tmp_path_factory: pytest.TempPathFactory) -> Dbt:
    """A small tracker's files, built without tests; not to be changed."""
    folder = tmp_path_factory.mktemp("files")
    fill(folder / "raw")
    dbt = Dbt(folder, folder / "raw")
    run = dbt("run", as_of_date=AS_OF)
    assert run.success, run.output
    return dbt


@pytest.fixture
def files(built_files: Dbt, tmp_path: Path) -> Dbt:
    """The same, in a folder of its own."""
    shutil.copytree(built_files.folder, tmp_path, dirs_exist_ok=True)
    return replace(built_files, folder=tmp_path)


def test_the_sample_in_the_mark(built_sample: Dbt) -> None:
    build = last_build(built_sample)
    assert (build.project, build.target, build.source) == ("refsync", "sample", "the sample")
    assert build.as_of_date == date(2026, 10, 31)


def test_files_in_the_mark(built_files: Dbt) -> None:
    build = last_build(built_files)
    assert (build.target, build.source) == ("files", f"files in {built_files.raw_dir}")
    assert build.as_of_date == date(2026, 4, 2)


def test_a_mark_of_an_earlier_version(files: Dbt, tmp_path: Path) -> None:
    """It is read as it is, and the next build adds the columns; here, of an SQLite file."""
    with duckdb.connect(files.database) as connection:
        connection.execute(
            "create or replace table refsync_build as "
            "select status, command, started_at, finished_at, as_of_date, failures "
            "from refsync_build"
        )
    assert last_build(files).source is None
    tracker = SqliteTracker(tmp_path / "tracker.sqlite3", has_keys=False)
    tracker.fill(live_tracker())
    sqlite = replace(files, raw_dir=None, tracker_url=tracker.url)
    run = sqlite("run", as_of_date=AS_OF)
    assert run.success, run.output
    build = last_build(sqlite)
    assert (build.target, build.source) == ("tracker", f"the SQLite file {tracker.path}")
