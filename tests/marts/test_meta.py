"""What a meta under `refsync` says, and what finds its mart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from refsync.errors import ConfigError, MartError
from refsync.marts.mart import Mart, mart_of
from refsync.marts.meta import NO_META, Meta
from tests.projects import Project

if TYPE_CHECKING:
    from pathlib import Path

SHEET = "https://docs.google.com/spreadsheets/d/1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms/edit"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def node(meta: object, columns: dict[str, Any] | None = None, **known: Any) -> dict[str, Any]:
    return {
        "resource_type": "model",
        "unique_id": "model.cafe.coffees",
        "name": "coffees",
        "schema": "main",
        "config": {"materialized": "table", "meta": meta},
        "columns": {
            name: {"name": name, "config": {"meta": each}} for name, each in (columns or {}).items()
        },
        **known,
    }


def mart(meta: object, columns: dict[str, Any] | None = None, **known: Any) -> Mart:
    found = mart_of(node({"refsync": meta}, columns, **known), known.get("groups", {}))
    assert found
    return found


def test_two_lines_are_enough(project: Project) -> None:
    project.add(query="select 1 as id, 'x' as name, date '2026-01-02' as day", columns={})
    project.nodes["model.cafe.coffees"]["config"]["meta"] = {
        "refsync": {"worksheet": "Coffees"},
        "type": "fact",
        "position": "of another tool",
    }
    project.write_manifest()
    (table,) = project.read()
    assert [(c.header, c.format) for c in table.columns] == [
        ("id", "plain"),
        ("name", "text"),
        ("day", "date"),
    ]
    assert table.type == "daily"


def test_all_columns_but_some_with_a_header_and_one_hidden(project: Project) -> None:
    project.add(
        query="select 1 as id, 2 as secret, 0.5 as rate",
        columns={
            "RATE": {"refsync": {"header": "Rate", "format": "percent"}},
            "secret": {"refsync": {"hidden": True}},
        },
    )
    own: dict[str, Any] = {"worksheet": "Coffees", "columns": "all", "order_by": None}
    project.nodes["model.cafe.coffees"]["config"]["meta"] = {"refsync": own}
    project.write_manifest()
    (table,) = project.read()
    assert [(c.header, c.format) for c in table.columns] == [("id", "plain"), ("Rate", "percent")]
    own["columns"] = ["rate", "id"]
    project.write_manifest()
    assert [column.name for column in project.read()[0].columns] == ["rate", "id"]


def test_a_chart_over_columns_that_the_yml_does_not_have(project: Project) -> None:
    project.add(query="select 1 as x, 2 as y", columns={})
    chart = {"title": "Y", "type": "line", "x": "X", "series": ["y"]}
    project.nodes["model.cafe.coffees"]["config"]["meta"] = {
        "refsync": {"worksheet": "Coffees", "chart": chart}
    }
    project.write_manifest()
    (table,) = project.read()
    assert table.chart
    assert (table.chart.x, table.chart.series[0].column) == ("x", "y")
    chart["series"] = ["z"]
    project.write_manifest()
    with pytest.raises(MartError, match=r"chart\.series\[1\] 'z' is not a column"):
        project.read()


def test_keys_without_a_value_say_nothing() -> None:
    keys = [
        *("group", "spreadsheet", "order_by", "position", "key", "may_shrink", "columns", "chart"),
    ]
    found = mart({"worksheet": "A", **dict.fromkeys(keys)})
    assert found == mart({"worksheet": "A"})
    assert mart_of(node(None) | {"columns": None, "tags": None}, {}) is None


@pytest.mark.parametrize(
    ("meta", "why"),
    [
        ({"worksheet": "A", "colour": 1}, "it has the unknown key 'colour' under refsync; "),
        ({"worksheet": "A", "formats": 1}, "it has the unknown key 'formats' under refsync; "),
        ({"group": "a"}, "it has no worksheet"),
        ("Orders", "refsync is not a mapping, such as refsync: {worksheet: Orders}"),
        ({"worksheet": "A", "group": 3}, "group 3 is not the name of a group, such as daily"),
        (
            {"worksheet": "A", "columns": "some"},
            "columns 'some' is neither all nor a list of names",
        ),
        (
            {"worksheet": "A", "spreadsheet": "my password"},
            "spreadsheet is neither the id nor the URL of a Google spreadsheet",
        ),
    ],
)
def test_a_meta_that_cannot_be_followed(meta: object, why: str) -> None:
    with pytest.raises(MartError) as error:
        mart(meta)
    assert f"The meta of model 'coffees' cannot be used: {why}" in str(error.value)
    assert "password" not in str(error.value)


def test_a_group_s_spreadsheet_and_name() -> None:
    groups = {"finance": Meta({"spreadsheet": SHEET}, is_own=True), "ops": NO_META}
    found = mart_of(node({"refsync": {"worksheet": "A"}}, group="finance"), groups)
    assert found
    assert (found.type, found.spreadsheet) == ("finance", SHEET)
    own = node({"refsync": {"worksheet": "A", "group": "x", "spreadsheet": SHEET[:-5]}})
    found = mart_of({**own, "group": "finance"}, groups)
    assert found
    assert (found.type, found.spreadsheet) == ("x", SHEET[:-5])


def test_seeds_and_snapshots_are_marts_too(project: Project) -> None:
    for kind in ("seed", "snapshot"):
        project.add(f"a_{kind}")
        project.nodes[f"model.cafe.a_{kind}"]["resource_type"] = kind
    project.write_manifest()
    assert [table.model for table in project.read()] == ["a_seed", "a_snapshot"]


@pytest.fixture
def versions(project: Project) -> Project:
    for version in (1, 2):
        project.add(f"people_v{version}", f"select {version} as v", worksheet="People")
        known = {"name": "people", "version": version, "latest_version": 2, "tags": ["sheets"]}
        project.nodes[f"model.cafe.people_v{version}"] |= known
    project.add("orders")
    project.nodes["model.cafe.orders"] |= {"original_file_path": "models/sales/orders.sql"}
    project.write_manifest()
    return project


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ((), [("Orders", 3), ("People", 2)]),
        (("people",), [("People", 2)]),
        (("people.v2",), [("People", 2)]),
        (("People.V1",), [("People", 1)]),
        (("tag:sheets",), [("People", 2)]),
        (("path:models/sales/",), [("Orders", 3)]),
        (("path:models/*.sql",), [("Orders", 3)]),
        (("resource_type:model",), [("Orders", 3), ("People", 2)]),
    ],
)
def test_versions_and_selectors(
    versions: Project, names: tuple[str, ...], found: list[tuple[str, int]]
) -> None:
    tables = versions.read(select=names)
    shown = [(table.worksheet, table.rows[0][-1]) for table in tables]
    assert shown == found


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("tag:none", "The selector 'tag:none' finds no worksheet. There are Orders, People."),
        ("source:x", "Of dbt's selectors refsync has tag:, path:, "),
        ("+orders", "Of dbt's selectors refsync has tag:, path:, "),
        ("people.v3", "There is no worksheet or model 'people.v3'"),
    ],
)
def test_a_selector_that_finds_nothing(versions: Project, name: str, words: str) -> None:
    with pytest.raises(ConfigError) as error:
        versions.read(select=(name,))
    assert words in str(error.value)


def test_two_versions_cannot_be_one_tab(versions: Project) -> None:
    with pytest.raises(MartError, match="is that of model"):
        versions.read(select=("people.v1", "people"))
