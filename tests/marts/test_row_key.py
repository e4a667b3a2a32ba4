"""Which columns tell a worksheet's rows apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from refsync.errors import MartError
from tests.projects import Project

if TYPE_CHECKING:
    from pathlib import Path


def key_of(folder: Path, primary: list[str] | None, **meta: Any) -> tuple[int, ...]:
    project = Project(folder)
    project.add(
        query="select 'espresso' as name, 3 as cups, 7 as secret",
        columns={"cups": {"header": "Cups"}, "name": {"header": "Name"}, "secret": {}},
        **meta,
    )
    project.nodes["model.cafe.coffees"]["primary_key"] = primary
    project.write_manifest()
    (table,) = project.read()
    return table.key


@pytest.mark.parametrize(
    ("primary", "meta", "expected"),
    [
        (["name"], {}, (1,)),
        (["NAME", "cups"], {}, (0, 1)),
        (["name", "secret"], {}, ()),
        ([], {}, ()),
        (None, {}, ()),
        (["name"], {"key": ["Cups"]}, (0,)),
        ([], {"key": ["name", "cups"]}, (0, 1)),
    ],
)
def test_the_key_is_the_metas_or_dbts(
    tmp_path: Path, primary: list[str] | None, meta: dict[str, Any], expected: tuple[int, ...]
) -> None:
    assert key_of(tmp_path, primary, **meta) == expected


@pytest.mark.parametrize("kind", ["primary_key", "unique_key"])
@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("('a', 1), ('b', 1)", (0,)),
        ("('a', 1), ('a', 2)", ()),
        ("(null, 1), ('a', 1)", (0,)),
        ("(null, 1), (null, 2)", ()),
        # In a cell the two are the same day, though not in the database.
        ("(timestamp '2024-01-01 01:00', 1), (timestamp '2024-01-01 02:00', 1)", ()),
    ],
)
def test_what_dbt_calls_a_key_must_tell_the_rows_apart(
    tmp_path: Path, kind: str, rows: str, expected: tuple[int, ...]
) -> None:
    project = Project(tmp_path)
    columns: dict[str, Any] = {"id": {"header": "Id"}, "n": {"header": "N"}}
    if "timestamp" in rows:
        columns["id"]["format"] = "date"
    project.add(query=f"select * from (values {rows}) t(id, n)", columns=columns)
    node = project.nodes["model.cafe.coffees"]
    if kind == "primary_key":
        node["primary_key"] = ["id"]
    else:
        node["config"]["unique_key"] = "id"
    project.write_manifest()
    (table,) = project.read()
    assert table.key == expected
    node["config"]["meta"]["key"] = ["id"]
    project.write_manifest()
    (table,) = project.read()
    assert table.key == (0,)


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("cups", "key 'cups' is not a list of columns"),
        ([], "key [] is not a list of columns"),
        (["cup"], "key 'cup' is not a column that has a header; did you mean cups?"),
        ([7], "key [7] is not a list of columns"),
        (["secret"], "key 'secret' is not a column that has a header"),
    ],
)
def test_a_key_that_cannot_be_followed(tmp_path: Path, key: object, why: str) -> None:
    with pytest.raises(MartError) as caught:
        key_of(tmp_path, ["name"], key=key)
    assert f"cannot be used: {why}; correct it" in str(caught.value)
