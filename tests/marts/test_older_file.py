"""A DuckDB file that the last build did not write is not what it built."""

from __future__ import annotations

import os
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import duckdb
import pytest

from refsync.errors import MartError
from tests.projects import Project

if TYPE_CHECKING:
    from pathlib import Path

BUILT = datetime(2026, 2, 3, 4, 5, 6, tzinfo=timezone.utc)
GOOD = (("espresso", 3),)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path)
    project.add()
    started(project)
    return project


def started(project: Project, **statuses: str | None) -> None:
    """Let dbt have begun each model at one time."""
    named = {f"model.cafe.{name}": status for name, status in statuses.items()}
    project.write_run_results(named, started_at=f"{BUILT:%Y-%m-%dT%H:%M:%S}Z")


def write(path: Path, seconds: float) -> None:
    """Let a file have been written so many seconds after that time."""
    moment = (BUILT + timedelta(seconds=seconds)).timestamp()
    os.utime(path, (moment, moment))


def materialize(project: Project, materialized: str, model: str = "coffees") -> None:
    project.nodes[f"model.cafe.{model}"]["config"]["materialized"] = materialized
    project.write_manifest()
    started(project)


def refusal(project: Project) -> str:
    with pytest.raises(MartError) as error:
        project.read()
    return str(error.value).replace(f"{project.folder}{os.sep}", "")


@pytest.mark.parametrize("materialized", ["table", "view", "seed"])
def test_a_file_that_was_not_written(project: Project, materialized: str) -> None:
    materialize(project, materialized)
    write(project.database, -60)
    assert refusal(project) == (
        "refsync.duckdb was last written at 2026-02-03 04:04:06 UTC, before the last `dbt build` "
        "made coffees at 2026-02-03 04:05:06 UTC, so that build wrote another file. Run `dbt "
        "build` in the project's folder, with the environment variables of this push, or name the "
        "file that it wrote with --database."
    )


@pytest.mark.parametrize("seconds", [-1.5, 0, 1, 1_000_000])
def test_a_file_that_was_written_since(project: Project, seconds: float) -> None:
    """A copy may be of any later time, and a file server's clock may be a little behind."""
    write(project.database, seconds)
    assert project.rows() == GOOD


def test_what_was_written_may_be_in_the_log_beside_the_file(project: Project) -> None:
    write(project.database, -60)
    log = project.folder / "refsync.duckdb.wal"
    log.touch()
    write(log, 1)
    assert project.rows() == GOOD


@pytest.mark.parametrize("materialized", ["incremental", "snapshot", "materialized_view"])
def test_what_may_write_nothing(project: Project, materialized: str) -> None:
    materialize(project, materialized)
    write(project.database, -60)
    assert project.rows() == GOOD


def test_what_did_not_succeed_says_nothing(project: Project) -> None:
    project.add("beans", "select 1 as id")
    started(project, beans="error", coffees="no-op")
    write(project.database, -60)
    (table,) = project.read(select=("coffees",))
    assert table.rows == GOOD


def test_a_mark_in_the_database_says_itself_what_it_is_of(project: Project) -> None:
    project.mark("complete")
    write(project.database, -60)
    assert project.rows() == GOOD


def test_each_file_is_judged_by_what_is_built_into_it(project: Project) -> None:
    """A model in another database was built, and none in the file of the mart."""
    materialize(project, "incremental")
    elsewhere = project.nodes["model.cafe.coffees"] | {
        "unique_id": "model.cafe.beans",
        "name": "beans",
        "database": "elsewhere",
        "config": {"materialized": "table", "database": "elsewhere"},
    }
    project.nodes["model.cafe.beans"] = elsewhere
    project.write_manifest()
    started(project)
    write(project.database, -60)
    assert project.rows() == GOOD


@pytest.mark.parametrize("is_written", [False, True])
def test_a_file_that_the_profile_attaches(
    project: Project, monkeypatch: pytest.MonkeyPatch, *, is_written: bool
) -> None:
    monkeypatch.chdir(project.folder)
    (project.folder / "dbt_project.yml").write_text("name: cafe\nprofile: cafe\n")
    (project.folder / "profiles.yml").write_text(
        "cafe: {target: dev, outputs: {dev: {type: duckdb, path: refsync.duckdb, "
        "attach: [{path: shop.duckdb, alias: Shop}]}}}"
    )
    other = project.folder / "shop.duckdb"
    with duckdb.connect(other) as connection:
        connection.execute("create table coffees as select 'espresso' as name, 3 as cups")
    project.nodes["model.cafe.coffees"]["config"]["database"] = "shop"
    project.nodes["model.cafe.coffees"] |= {
        "database": "Shop",
        "relation_name": '"Shop"."main"."coffees"',
    }
    project.nodes["model.cafe.beans"] = project.nodes["model.cafe.coffees"] | {
        "unique_id": "model.cafe.beans",
        "name": "beans",
        "database": "refsync",
        "config": {"materialized": "ephemeral"},
    }
    project.write_manifest()
    started(project)
    write(project.database, -60)
    write(other, 1 if is_written else -60)
    if is_written:
        assert project.rows() == GOOD
    else:
        assert "shop.duckdb was last written at 2026-02-03 04:04:06 UTC" in refusal(project)
