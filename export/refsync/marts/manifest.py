"""dbt's manifest.json: what a push needs of it."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from refsync.errors import MartError
from refsync.marts.chart_meta import MetaError
from refsync.marts.duplicates import refuse_duplicates
from refsync.marts.graph import BUILT, Graph
from refsync.marts.mart import Mart, mart_of, unusable
from refsync.marts.meta import Meta, meta_of
from refsync.marts.sentences import Sentence, sentences_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_OLDEST_SCHEMA = 12  # dbt 1.8's


@dataclass(frozen=True)
class Manifest:
    """What a push needs of a manifest.

    Attributes:
        adapter: The kind of database that dbt built in, such as duckdb or spark.
        project: The dbt project's name, where the manifest has it.
        invocation_id: The id of the dbt command that wrote it.
        catalog: The database of all nodes that name none of their own; `None` if they differ.
        schema: Their schema, likewise.
        marts: The marts in the order of their worksheets: by position, then title.
        older: Versions of models that only `--select` reaches: their worksheets are another's.
        graph: What the marts are made from, and what tests them.
        sentences: What tests say when they warn, by their unique ids.
    """

    adapter: str
    project: str | None
    invocation_id: str | None
    catalog: str | None
    schema: str | None
    marts: tuple[Mart, ...]
    older: tuple[Mart, ...] = ()
    graph: Graph = field(default_factory=Graph)
    sentences: Mapping[str, Sentence] = field(default_factory=dict)


def read_manifest(path: Path) -> Manifest:
    """Return what a push needs of the manifest at a path.

    Raises:
        MartError: There is no manifest yet, it is not one that refsync can read, no model has a
            worksheet, or a meta says something that refsync cannot follow.
    """
    manifest = _load(path)
    groups = {each["name"]: _group(each) for each in (manifest.get("groups") or {}).values()}
    try:
        found = [
            mart
            for node in manifest["nodes"].values()
            if node.get("resource_type") in BUILT and (mart := mart_of(node, groups))
        ]
        graph = Graph.of(manifest)
    except (KeyError, TypeError, AttributeError) as error:
        raise MartError(
            f"{path} is of dbt {manifest['metadata'].get('dbt_version')} and has not the form that "
            "refsync reads (dbt 1.8 to 1.11): build with one of these versions of dbt."
        ) from error
    if not found:
        raise MartError(
            f"No model in {path} has a worksheet: name one in a model's meta "
            "(meta: {refsync: {worksheet: My_Worksheet}}) and run `dbt build`."
        )
    marts, older = _apart(found)
    refuse_duplicates(marts)
    return Manifest(
        adapter=manifest["metadata"].get("adapter_type") or "duckdb",
        project=manifest["metadata"].get("project_name") or None,
        invocation_id=manifest["metadata"].get("invocation_id"),
        catalog=_common(manifest, "database"),
        schema=_common(manifest, "schema"),
        marts=tuple(sorted(marts, key=lambda mart: (mart.position, mart.worksheet))),
        older=older,
        graph=graph,
        sentences=sentences_of(manifest["nodes"]),
    )


def _common(manifest: dict[str, Any], key: str) -> str | None:
    """Return what all nodes that dbt builds have in common, but for those with one of their own."""
    found = {
        node.get(key)
        for node in manifest["nodes"].values()
        if node.get("resource_type") in BUILT - {"snapshot"}
        and not (node.get("config") or {}).get(key)
    }
    return found.pop() if len(found) == 1 else None


def _apart(marts: Sequence[Mart]) -> tuple[tuple[Mart, ...], tuple[Mart, ...]]:
    """Return the marts to push, and the versions of models whose worksheet is the latest one's."""
    by_name: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for mart in marts:
        if mart.is_latest:
            by_name[mart.bare_name, mart.worksheet.casefold()].add(mart.unique_id)
    older = tuple(
        mart
        for mart in marts
        if not mart.is_latest and by_name[mart.bare_name, mart.worksheet.casefold()]
    )
    return tuple(mart for mart in marts if mart not in older), older


def _group(group: dict[str, Any]) -> Meta:
    try:
        return meta_of(group)
    except MetaError as error:
        raise unusable(group["name"], str(error)) from error


def _load(path: Path) -> dict[str, Any]:
    """Return the manifest's JSON, known to be a manifest of a version that refsync reads."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        if not path.is_absolute() and not Path("dbt_project.yml").exists():
            raise MartError(
                f"There is no {path} in {Path.cwd()}, which is not the folder of a dbt project (it "
                "has no dbt_project.yml): go to the project's folder, or name the file with "
                "--manifest."
            ) from None
        raise MartError(
            f"There is no {path} yet: run `dbt build` first, or name the file with --manifest."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise MartError(f"The manifest {path} cannot be read: {error}.") from error
    try:
        manifest = json.loads(text)
        metadata = manifest["metadata"]
        schema = int(re.findall(r"/manifest/v(\d+)", metadata["dbt_schema_version"])[0])
        nodes = manifest["nodes"]
    except (ValueError, KeyError, IndexError, TypeError):
        nodes = None
    if not isinstance(nodes, dict):
        raise MartError(f"{path} is not a manifest of dbt's: run `dbt build` to write it again.")
    if schema < _OLDEST_SCHEMA:
        raise MartError(
            f"{path} was written by dbt {metadata.get('dbt_version')}, and refsync needs dbt 1.8 "
            "or newer: upgrade dbt and run `dbt build` again."
        )
    result: dict[str, Any] = manifest
    return result
