"""docs/your-own-project.md says what is so, on a small project of somebody else's."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import Any

import jsonschema
import pytest
import yaml

from refsync.marts.mart import MODEL_KEYS, Mart, mart_of
from refsync.marts.meta import meta_of
from refsync.marts.selection import METHODS
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "your-own-project.md").read_text(encoding="utf-8")
SCHEMA = json.loads(files("refsync.marts").joinpath("meta.schema.json").read_text("utf-8"))


def block(name: str) -> dict[str, Any]:
    """Return the yml after a comment in the page."""
    found = re.search(rf"<!-- {name} -->\n```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert found, f"The page has no yml {name}."
    content: dict[str, Any] = yaml.safe_load(found[1])
    jsonschema.validate(content, SCHEMA)
    return content


def mart(model: dict[str, Any]) -> Mart:
    """Return the mart that dbt's manifest would have of it."""
    columns = {column["name"]: column for column in model.get("columns", ())}
    names = {"resource_type": "model", "unique_id": f"model.shop.{model['name']}", "schema": "main"}
    found = mart_of({**model, **names, "columns": columns}, {})
    assert found
    return found


def test_two_lines_are_enough() -> None:
    (model,) = block("first")["models"]
    assert (mart(model).worksheet, mart(model).all_columns) == ("Customers", True)


def test_every_key_is_shown() -> None:
    (model,) = block("all")["models"]
    found = mart(model)
    assert [column.header for column in found.columns] == ["Total", "order_id", "internal_note"]
    assert found.chart
    assert set(model["config"]["meta"]["refsync"]) == {*MODEL_KEYS} - {"type", "dashboard"}


def test_a_group_has_a_spreadsheet() -> None:
    (group,) = block("groups")["groups"]
    assert meta_of(group).get("spreadsheet")


@pytest.mark.parametrize("method", METHODS)
def test_every_selector_is_named(method: str) -> None:
    assert f"`{method}:`" in PAGE


def test_the_examples_in_python_are_python() -> None:
    examples = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert len(examples) == 3
    for example in examples:
        compile(example, "an example", "exec")
