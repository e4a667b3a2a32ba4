"""Which columns tell a mart's rows apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from refsync.marts.chart_meta import MetaError
from refsync.marts.row_key import row_key
from tests.projects import Project

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("primary", "meta", "expected"),
    [
        (["name"], {}, ("name",)),
        (["NAME", "cups"], {}, ("name", "cups")),
        (["name", "secret"], {}, ()),
        ([], {}, ()),
        (None, {}, ()),
        (["name"], {"key": ["Cups"]}, ("cups",)),
        ([], {"key": ["cups", "name"]}, ("cups", "name")),
    ],
)
def test_the_key_is_the_metas_or_dbts(
    primary: list[str] | None, meta: dict[str, Any], expected: tuple[str, ...]
) -> None:
    assert row_key({"primary_key": primary}, meta, ["name", "cups"]) == expected


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("cups", "key 'cups' is not a list of columns"),
        ([], "key [] is not a list of columns"),
        (["cup"], "key 'cup' is not a column that has a header; did you mean cups?"),
        ([7], "key 7 is not a column that has a header"),
    ],
)
def test_a_key_that_cannot_be_followed(key: object, why: str) -> None:
    with pytest.raises(MetaError) as caught:
        row_key({}, {"key": key}, ["name", "cups"])
    assert str(caught.value) == why


def test_a_table_knows_its_key(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.add(
        query="select 'espresso' as name, 3 as cups",
        columns={"cups": {"header": "Cups"}, "name": {"header": "Name"}},
        key=["name"],
    )
    (table,) = project.read()
    assert table.key == (1,)
