"""A mart in DuckDB has the values that dbt's profile gives it, whichever way it is read."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from tests.projects import Project

if TYPE_CHECKING:
    from pathlib import Path

BY_ADAPTER = ", attach: [{path: 'other.duckdb', options: {read_only: true}}]"
"""What dbt alone attaches, so that views are read through its adapter."""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A dbt project with a profile, whose marts are views."""
    monkeypatch.chdir(tmp_path)
    duckdb.connect(tmp_path / "other.duckdb").close()
    return Project(tmp_path)


def view(project: Project, query: str, profile: str = "", **meta: Any) -> None:
    """Let the mart be a view."""
    project.add(query=query, **meta)
    project.execute("drop table coffees", f"create view coffees as {query}")
    project.nodes["model.cafe.coffees"]["config"]["materialized"] = "view"
    project.nodes["model.cafe.coffees"] |= {
        "database": "refsync",
        "relation_name": '"refsync"."main"."coffees"',
    }
    project.write_manifest()
    (project.folder / "dbt_project.yml").write_text("name: cafe\nprofile: cafe\n")
    (project.folder / "profiles.yml").write_text(
        "cafe: {target: dev, outputs: {dev: {type: duckdb, schema: main, path: refsync.duckdb"
        f"{profile}}}}}}}"
    )


def rows(project: Project) -> tuple[tuple[Any, ...], ...]:
    (table,) = project.read(database=None)
    return table.rows


@pytest.mark.parametrize("way", ["", BY_ADAPTER])
@pytest.mark.parametrize(
    ("settings", "at"),
    [
        ("", datetime(2024, 1, 1, 23, 30)),  # noqa: DTZ001 - as a cell has it
        (", settings: {TimeZone: Asia/Tokyo}", datetime(2024, 1, 2, 8, 30)),  # noqa: DTZ001
    ],
)
def test_both_ways_give_the_same_values(
    project: Project, monkeypatch: pytest.MonkeyPatch, way: str, settings: str, at: datetime
) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    query = (
        "select timestamptz '2024-01-01 23:30:00+00' as at, 19.99::float as price, "
        "date 'infinity' as until, 'ab'::blob as raw, [1, 2] as list, 1.50::decimal(9, 2) as cost, "
        "12345678901234567890::hugeint as huge, true as yes"
    )
    view(project, query, settings + way)
    expected = (at, 19.99, "infinity", "ab", "[1, 2]", 1.5, "12345678901234567890", True)
    assert rows(project) == (expected,)


@pytest.mark.parametrize("way", ["", BY_ADAPTER])
def test_both_ways_give_rows_in_the_order_of_the_key_then_of_all_columns(
    project: Project, way: str
) -> None:
    query = (
        "select * from (values (2, 'a', 1), (1, 'b', 2), (1, 'B', 2), (0, 'c', 2), (9, null, 1))"
    )
    columns = {"id": {"header": "Id"}, "key": {"header": "Key"}, "hidden": {}}
    view(project, f"{query} t(id, hidden, key)", way, columns=columns)
    project.nodes["model.cafe.coffees"]["primary_key"] = ["KEY"]
    project.write_manifest()
    assert rows(project) == ((2, 1), (9, 1), (0, 2), (1, 2), (1, 2))


RANKS = (
    "select name, row_number() over (order by v) as rank, name = 'A' as is_a from "
    "(values ('a', 1), ('A', null)) t(name, v)"
)


@pytest.mark.parametrize("way", ["", BY_ADAPTER])
@pytest.mark.parametrize("where", ["settings", "config_options"])
def test_a_view_is_computed_with_the_profile_s_settings(
    project: Project, way: str, where: str
) -> None:
    settings = "default_null_order: nulls_first, default_collation: nocase"
    view(project, RANKS, f", {where}: {{{settings}}}{way}")
    assert rows(project) == (("A", 1, True), ("a", 2, True))


def test_a_setting_that_is_none_here_is_left_out(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = (
        "default_null_order: nulls_first, threads: SECRET1, s3_secret_access_key: SECRET2, "
        "motherduck_token: SECRET3, lock_configuration: true, 'a; select 1; --': SECRET4, "
        "profiling_output: profile.json, enable_profiling: json, search_path: temp"
    )
    view(project, RANKS, f", settings: {{{settings}}}")
    assert rows(project) == (("A", 1, True), ("a", 2, False))
    assert "SECRET" not in "".join(capsys.readouterr())
    assert not (project.folder / "profile.json").exists()
