"""dbt's manifest.json: which models are marts, and what their `meta` says about the worksheets.

A mart is a model whose meta has `worksheet`. In its yml:

    config:
      meta:
        worksheet: Officer_Summary             # the worksheet's title
        type: daily                            # raw, daily (if nothing is said) or metrics
        order_by: [total_signups desc, name]   # nulls last, ties by all columns
        position: 1                            # place among the worksheets; those without come last
        may_shrink: true                       # a list of findings: its rows may all go in a day
        key: [officer_id]                      # tells its rows apart; dbt's primary key otherwise
    columns:
      - name: total_signups
        config: {meta: {header: TotalSignups, format: integer}}

A column without `header` is not exported; what else its meta may have is in `column_meta.py`. A
`chart` beside the rows and a `dashboard` over them are described in `charts_meta.py`. Other keys
are not ours, unless they are nearly ours.
"""

from __future__ import annotations

import json
import math
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from refsync.errors import MartError
from refsync.marts.chart_meta import (
    MetaError,
    chart_from_meta,
    dashboard_from_meta,
    refuse_slips,
    refuse_unwritable,
)
from refsync.marts.column_meta import COLUMN_KEYS, MartColumn, mart_column
from refsync.marts.row_key import row_key
from refsync.worksheet.table import WorksheetType
from refsync.worksheet.values import UNWRITABLE, utf16_length

if TYPE_CHECKING:
    from collections.abc import Sequence

    from refsync.worksheet.chart import Chart, Dashboard

TITLE_LIMIT = 100
"""Characters that Google Sheets allows in a tab's title; of Excel it is 31."""

_MODEL_KEYS = (
    *("worksheet", "type", "order_by", "position", "may_shrink", "key"),
    *("chart", "dashboard"),
)
_OLDEST_SCHEMA = 12  # dbt 1.8's
_ORDER_TERM = re.compile(
    r'(?P<quote>"?)(?P<column>.+?)(?P=quote)(?:\s+(?P<direction>asc|desc))?(?:\s+nulls\s+last)?',
    re.IGNORECASE,
)


@dataclass(frozen=True)
class OrderTerm:
    """One term of an `order_by`."""

    column: str
    descending: bool


@dataclass(frozen=True)
class Mart:
    """A model that is to become a worksheet.

    Attributes:
        unique_id: The model's key in the manifest and in run_results.json.
        model: Its name.
        database: The catalog of its table, where the database has catalogs.
        schema: The schema of its table in the database.
        identifier: The name of its table in the database.
        description: Its dbt description, on one line.
        worksheet: The worksheet's title.
        type: The group that `--type` selects by.
        position: Its place among the worksheets.
        order_by: What its rows are ordered by.
        columns: The columns to export, left to right.
        key: The exported columns that tell its rows apart; none if it takes the whole row.
        may_shrink: Whether it is no accident if most of its rows go.
        tests: The unique ids of the tests and unit tests that look at it.
        chart: The chart beside its rows, if there is to be one.
        dashboard: The tab of charts over its rows, if there is to be one.
        is_view: Whether its rows are computed when they are read.
    """

    unique_id: str
    model: str
    database: str | None
    schema: str
    identifier: str
    description: str
    worksheet: str
    type: WorksheetType
    position: float
    order_by: tuple[OrderTerm, ...]
    columns: tuple[MartColumn, ...]
    key: tuple[str, ...]
    may_shrink: bool
    tests: frozenset[str]
    chart: Chart | None
    dashboard: Dashboard | None
    is_view: bool


@dataclass(frozen=True)
class Manifest:
    """What a push needs of a manifest.

    Attributes:
        adapter: The kind of database that dbt built in, such as duckdb or spark.
        project: The dbt project's name, where the manifest has it.
        marts: The marts in the order of their worksheets: by position, then title.
    """

    adapter: str
    project: str | None
    marts: tuple[Mart, ...]


def read_manifest(path: Path) -> Manifest:
    """Return what a push needs of the manifest at a path.

    Raises:
        MartError: There is no manifest yet, it is not one that refsync can read, no model has a
            worksheet, or a meta says something that refsync cannot follow.
    """
    manifest = _load(path)
    tests = _tests_by_model(manifest)
    marts = [
        _mart(node, tests[unique_id])
        for unique_id, node in manifest["nodes"].items()
        if node.get("resource_type") == "model" and "worksheet" in _meta(node)
    ]
    if not marts:
        raise MartError(
            f"No model in {path} has a worksheet: name one in a model's meta "
            "(meta: {worksheet: My_Worksheet}) and run `dbt build`."
        )
    _refuse_duplicates(marts)
    return Manifest(
        adapter=manifest["metadata"].get("adapter_type") or "duckdb",
        project=manifest["metadata"].get("project_name") or None,
        marts=tuple(sorted(marts, key=lambda mart: (mart.position, mart.worksheet))),
    )


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


def _tests_by_model(manifest: dict[str, Any]) -> defaultdict[str, set[str]]:
    """Return, by model, the unique ids of the tests and unit tests that depend on it."""
    tests: defaultdict[str, set[str]] = defaultdict(set)
    for unique_id, node in (manifest["nodes"] | manifest.get("unit_tests", {})).items():
        if node.get("resource_type") in {"test", "unit_test"}:
            for parent in node["depends_on"]["nodes"]:
                tests[parent].add(unique_id)
    return tests


def _meta(node: dict[str, Any]) -> dict[str, Any]:
    """Return a model's or column's meta; dbt 1.10 moved it under `config`."""
    return {**(node.get("meta") or {}), **((node.get("config") or {}).get("meta") or {})}


def _mart(node: dict[str, Any], tests: set[str]) -> Mart:
    model = node["name"]
    meta = _meta(node)
    title, type_ = meta["worksheet"], meta.get("type", "daily")
    position: object = meta.get("position", math.inf)
    if not isinstance(title, str) or not title.strip() or utf16_length(title) > TITLE_LIMIT:
        raise _unusable(model, f"worksheet {title!r} is not a text of 1 to {TITLE_LIMIT} letters")
    if type_ not in get_args(WorksheetType):
        raise _unusable(model, f"type {type_!r} is not one of {', '.join(get_args(WorksheetType))}")
    if isinstance(position, bool) or not isinstance(position, int | float):
        raise _unusable(model, f"position {position!r} is not a number")
    may_shrink: object = meta.get("may_shrink", False)
    if not isinstance(may_shrink, bool):
        raise _unusable(model, f"may_shrink {may_shrink!r} is neither true nor false")
    if (node.get("config") or {}).get("materialized") == "ephemeral":
        raise _unusable(model, "it is ephemeral, so there is no table to read")
    try:
        refuse_slips("it ", meta, _MODEL_KEYS)
        for column in node["columns"].values():
            refuse_slips(f"column {column['name']!r} ", _meta(column), COLUMN_KEYS)
        refuse_unwritable("worksheet", title, also="\t\n\r")
        columns = tuple(
            mart_column(column["name"], _meta(column), _plain(column.get("description")))
            for column in node["columns"].values()
            if "header" in _meta(column)
        )
        names = [column.name for column in columns]
        key = row_key(node, meta, names)
        chart = chart_from_meta("chart", meta["chart"], names) if "chart" in meta else None
        dashboard = (
            dashboard_from_meta("dashboard", meta["dashboard"], names)
            if "dashboard" in meta
            else None
        )
    except MetaError as error:
        raise _unusable(model, str(error)) from error
    if not columns:
        raise _unusable(model, "no column has a header")
    headers = [column.header for column in columns]
    if repeated := [header for header in headers if headers.count(header) > 1]:
        raise _unusable(model, f"header {repeated[0]!r} is that of more than one column")
    return Mart(
        unique_id=node["unique_id"],
        model=model,
        database=node.get("database"),
        schema=node["schema"],
        identifier=node.get("alias") or model,
        description=_plain(node.get("description")),
        worksheet=title,
        type=type_,
        position=position,
        order_by=_order_by(model, meta.get("order_by", [])),
        columns=columns,
        key=key,
        may_shrink=bool(may_shrink),
        tests=frozenset(tests),
        chart=chart,
        dashboard=dashboard,
        is_view=(node.get("config") or {}).get("materialized") == "view",
    )


def _order_by(model: str, terms: object) -> tuple[OrderTerm, ...]:
    """Return the terms of an `order_by`: a list of `column`, `column asc` or `column desc`."""
    texts = terms if isinstance(terms, list) else [terms]
    order = []
    for text in texts:
        term = _ORDER_TERM.fullmatch(text.strip()) if isinstance(text, str) else None
        if not term:
            raise _unusable(model, f"order_by {text!r} is not a column, with asc or desc after it")
        order.append(OrderTerm(term["column"], (term["direction"] or "").lower() == "desc"))
    return tuple(order)


def _refuse_duplicates(marts: Sequence[Mart]) -> None:
    """Refuse two tabs whose titles differ in case at most, as Google and Excel both do."""
    seen: dict[str, Mart] = {}
    for mart in marts:
        other = seen.setdefault(mart.worksheet.casefold(), mart)
        if other is not mart:
            raise _unusable(
                mart.model, f"worksheet {mart.worksheet!r} is that of model {other.model!r} too"
            )
    dashboards = [mart for mart in marts if mart.dashboard]
    for mart in dashboards[1:]:
        raise _unusable(mart.model, f"model {dashboards[0].model!r} has a dashboard too")
    for mart in dashboards:
        title = mart.dashboard.title if mart.dashboard else ""
        if title.casefold() in seen or utf16_length(title) > TITLE_LIMIT:
            raise _unusable(
                mart.model,
                f"dashboard.title {title!r} is that of a worksheet, or longer than {TITLE_LIMIT} "
                "letters",
            )


def _unusable(model: str, why: str) -> MartError:
    return MartError(
        f"The meta of model {model!r} cannot be used: {why}; correct it and run `dbt build`."
    )


def _plain(description: str | None) -> str:
    return " ".join(UNWRITABLE.sub("", description or "").split())
