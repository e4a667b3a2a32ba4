"""The JSON Schema of the metas allows what the parser follows, and nothing else."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any, get_args

import jsonschema
import pytest

from refsync.errors import MartError
from refsync.marts.column_meta import COLUMN_KEYS
from refsync.marts.mart import MODEL_KEYS, mart_of
from refsync.worksheet.chart import ChartType, Color, Scale
from refsync.worksheet.table import Format, Look

SCHEMA = json.loads(files("refsync.marts").joinpath("meta.schema.json").read_text("utf-8"))
CHART = {"title": "A", "type": "line", "x": "id", "series": ["id"]}
SHEET = "https://docs.google.com/spreadsheets/d/1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms"


def is_allowed(meta: object, column: object) -> bool:
    """Whether the schema allows a model's yml."""
    described = [{"name": "id", "config": {"meta": {"refsync": column}}}]
    model = {"name": "a", "config": {"meta": {"refsync": meta}}, "columns": described}
    validator = jsonschema.Draft7Validator(SCHEMA)
    return bool(validator.is_valid({"version": 2, "models": [model]}))


def is_followed(meta: object, column: object) -> bool:
    """Whether the parser follows the same in a manifest."""
    node = {
        "resource_type": "model",
        "unique_id": "model.cafe.a",
        "name": "a",
        "schema": "main",
        "config": {"meta": {"refsync": meta}},
        "columns": {"id": {"name": "id", "config": {"meta": {"refsync": column}}}},
    }
    try:
        return mart_of(node, {}) is not None
    except MartError:
        return False


MODEL_VALUES: dict[str, list[Any]] = {
    "worksheet": ["A", "", " ", 3, None, True, ["A"], "x" * 100, "x" * 101],
    "group": ["finance", "All", "", 3, None, []],
    "type": ["raw", "fact", "all", 3.5, None],
    "spreadsheet": [SHEET, SHEET.rpartition("/")[2], f"{SHEET}/edit#gid=0", "abc", 7, None],
    "order_by": ["id", ["id desc"], ["id", "name"], [], "", [""], 3, [3], None],
    "position": [1, 1.5, -1, "first", True, None],
    "key": [["id"], "id", [], [3], 3, None],
    "may_shrink": [True, False, "yes", 1, None],
    "hidden_tab": [True, False, "yes", 1, None],
    "columns": ["all", ["id"], "some", [], [3], 3, None],
    "chart": [
        CHART,
        None,
        "line",
        {},
        *({**CHART, key: value} for key, value in (("rows", 9), ("rows", 0), ("rows", "9"))),
        *({**CHART, "type": kind} for kind in ("line", "column", "bar", "pie")),
        *({**CHART, "series": series} for series in ([], ["id"] * 5, ["id"] * 6, "id", [3])),
        *({**CHART, "series": [{"column": "id", "color": c}]} for c in (*get_args(Color), "red")),
        {**CHART, "series": [{"colour": "blue"}]},
        {**CHART, "colour": "blue"},
    ],
    "unknown": [1],
}
COLUMN_VALUES: dict[str, list[Any]] = {
    "header": ["A", "", " ", 3, None],
    "format": [*get_args(Format), "money", 3, None],
    "decimals": [0, 10, 11, -1, 1.5, "2", True, None],
    "scale": [*get_args(Scale), "colour", None],
    "look": [*get_args(Look), "narrow", 3, None],
    "total": [True, False, 1, "yes", None],
    "hidden": [True, False, 1, "yes", None],
    "unknown": [1],
}


def cases(values: dict[str, list[Any]]) -> list[Any]:
    return [
        pytest.param(key, value, id=f"{key}-{n}")
        for key in values
        for n, value in enumerate(values[key])
    ]


@pytest.mark.parametrize(("key", "value"), cases(MODEL_VALUES))
def test_a_model(key: str, value: object) -> None:
    meta = {"worksheet": "A", key: value}
    assert is_allowed(meta, {"header": "Id"}) is is_followed(meta, {"header": "Id"})


@pytest.mark.parametrize(("key", "value"), cases(COLUMN_VALUES))
def test_a_column(key: str, value: object) -> None:
    column = {"header": "Id", key: value}
    assert is_allowed({"worksheet": "A"}, column) is is_followed({"worksheet": "A"}, column)


@pytest.mark.parametrize("meta", [{}, [], "A", 3])
def test_a_meta_that_is_none(meta: object) -> None:
    assert not is_allowed(meta, {})
    assert not is_followed(meta, {})


def test_a_meta_without_a_value_is_no_worksheet() -> None:
    assert is_allowed(None, None)
    assert not is_followed(None, None)


def test_every_key_is_in_both() -> None:
    definitions = SCHEMA["definitions"]
    assert set(definitions["model"]["properties"]) == {*MODEL_KEYS}
    assert set(definitions["column"]["properties"]) == {*COLUMN_KEYS}
    assert set(MODEL_VALUES) - {"unknown"} == {*MODEL_KEYS} - {"dashboard"}
    assert set(COLUMN_VALUES) - {"unknown"} == {*COLUMN_KEYS}
    assert definitions["chart"]["properties"]["type"]["enum"] == [*get_args(ChartType)]


def test_the_keys_of_others_are_allowed() -> None:
    model = {"name": "a", "meta": {"owner": "Zoe", "type": "fact"}, "columns": [{"name": "x"}]}
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    jsonschema.validate({"version": 2, "models": [model], "seeds": None, "macros": []}, SCHEMA)
