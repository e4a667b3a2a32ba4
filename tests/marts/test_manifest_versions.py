"""The manifests of dbt's versions: made by each of them, without what a push does not read.

Those of dbt 1.12 and of the next major version are the newest one with changes that may come: any
field is null, and there are new ones. No such dbt made them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from refsync.errors import MartError
from refsync.marts.manifest import Manifest, read_manifest
from refsync.marts.run_results import finished_run, read_run_results, refuse_failures

MANIFESTS = Path(__file__).parent / "manifests"
MADE = ("dbt-1.8", "dbt-1.9", "dbt-1.10", "dbt-1.11")


def artifacts(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((MANIFESTS / f"{name}.json").read_text(encoding="utf-8"))
    return content


def read(folder: Path, content: dict[str, Any]) -> Manifest:
    """Return the manifest, known to be of a build that a push may follow."""
    for name, each in content.items():
        (folder / f"{name}.json").write_text(json.dumps(each), encoding="utf-8")
    manifest = read_manifest(folder / "manifest.json")
    path = folder / "run_results.json"
    run = finished_run(read_run_results(path), path, manifest.invocation_id)
    assert refuse_failures(run, manifest.marts, manifest.graph)
    return manifest


def has_all(manifest: Manifest) -> None:
    assert [(mart.worksheet, mart.model, mart.relation) for mart in manifest.marts] == [
        ("Customers", "customers.v2", '"shop"."main"."customers_v2"'),
        ("People", "people", '"shop"."main"."people"'),
        ("Totals", "totals", '"shop"."main"."totals"'),
    ]
    assert [mart.model for mart in manifest.older] == ["customers.v1"]
    assert (manifest.adapter, manifest.project, manifest.catalog) == ("duckdb", "shop", "shop")
    customers = manifest.marts[0]
    assert customers.key in {("id",), ()}  # dbt 1.8 does not name it
    assert customers.type == "people"  # dbt's group
    assert "tag:sheets" in customers.selectors
    assert not manifest.marts[2].all_columns


@pytest.mark.parametrize("name", MADE)
def test_a_manifest_of_this_version(tmp_path: Path, name: str) -> None:
    has_all(read(tmp_path, artifacts(name)))


def with_nulls(value: Any) -> Any:
    """Return a node whose empty lists, mappings and texts are null, or are not there at all."""
    if isinstance(value, dict):
        return {key: with_nulls(each) for key, each in value.items()}
    return None if value in ([], "", False) else value


@pytest.mark.parametrize(
    ("schema", "version"), [("v12", "1.12.0"), ("v13", "1.13.0"), ("v20", "2.0.0-preview.64")]
)
def test_a_manifest_of_a_version_to_come(tmp_path: Path, schema: str, version: str) -> None:
    content = artifacts("dbt-1.11")
    manifest = content["manifest"]
    manifest["metadata"] |= {
        "dbt_schema_version": f"https://schemas.getdbt.com/dbt/manifest/{schema}.json",
        "dbt_version": version,
        "new": {"of": "this version"},
    }
    manifest["nodes"] = {
        name: {key: each or None for key, each in with_nulls(node).items()} | {"new": [1]}
        for name, node in manifest["nodes"].items()
    }
    manifest |= {"functions": {}, "selectors": None, "disabled": None, "parent_map": None}
    has_all(read(tmp_path, content))


@pytest.mark.parametrize("field", ["name", "schema", "unique_id"])
def test_a_manifest_without_what_is_needed(tmp_path: Path, field: str) -> None:
    content = artifacts("dbt-1.11")
    content["manifest"]["metadata"]["dbt_version"] = "3.0.0"
    for node in content["manifest"]["nodes"].values():
        del node[field]
    with pytest.raises(MartError) as error:
        read(tmp_path, content)
    assert str(error.value) == (
        f"{tmp_path / 'manifest.json'} is of dbt 3.0.0 and has not the form that refsync reads "
        "(dbt 1.8 to 1.11): build with one of these versions of dbt."
    )
