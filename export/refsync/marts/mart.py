"""A mart: a model, seed or snapshot whose meta names a worksheet.

In its yml:

    config:
      meta:
        refsync:
          worksheet: Officer_Summary             # the worksheet's title
          group: daily                           # what --type selects by; dbt's own group, or daily
          spreadsheet: https://docs.google.com/spreadsheets/d/…   # where to, unless --to says so
          key: [officer_id]                      # what a row is known by; else dbt's key
          order_by: [total_signups desc, name]   # nulls last, ties by the key
          position: 1                            # place among the worksheets; without it, the last
          may_shrink: true                       # a list of findings: its rows may all go in a day
          hidden_tab: true                       # its tab is hidden when it is created
          columns: all                           # or a list of names; see below
    columns:
      - name: total_signups
        config: {meta: {refsync: {header: TotalSignups, format: integer}}}

If some columns have a `header`, those are exported, in the order of the yml. If none has one, or
`columns` is `all`, every column of the table is, in the table's order. What else a column may say
is in `column_meta.py`; a `chart` and a `dashboard` over the rows are in `chart_meta.py`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from refsync.errors import MartError
from refsync.marts.chart_meta import (
    ANY_COLUMNS,
    MetaError,
    chart_from_meta,
    dashboard_from_meta,
    refuse_unwritable,
)
from refsync.marts.column_meta import MartColumn, columns_of
from refsync.marts.meta import Meta, meta_of, plain
from refsync.marts.order_terms import OrderTerm, order_by_of
from refsync.settings import is_spreadsheet
from refsync.worksheet.remarks import TITLE as KEPT_REMARKS
from refsync.worksheet.values import utf16_length

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from refsync.worksheet.chart import Chart, Dashboard

TITLE_LIMIT = 100
"""Characters that Google Sheets allows in a tab's title; of Excel it is 31."""

MODEL_KEYS = (
    *("worksheet", "group", "type", "spreadsheet", "order_by", "position", "may_shrink", "key"),
    *("columns", "hidden_tab", "chart", "dashboard"),
)
OWN_KEYS = frozenset({"group", "spreadsheet", "columns"})
"""Keys that are read under `refsync` only, as other tools may have them too."""

DEFAULT_GROUP = "daily"

STAGING_PREFIX = "_refsync_"
"""What the titles of tabs begin with that a push makes in Google Sheets, and deletes again."""


@dataclass(frozen=True)
class Mart:
    """A node of dbt's that becomes a worksheet.

    Attributes:
        unique_id: The node's key in the manifest and in run_results.json.
        model: Its name; of a versioned model with the version, such as `customers.v2`.
        bare_name: Its name without the version.
        relation: The name of its table in SQL, as dbt wrote it, in quotes where it needs some.
        database: The catalog of its table, where the database has catalogs.
        schema: The schema of its table in the database.
        identifier: The name of its table in the database.
        description: Its dbt description, on one line.
        worksheet: The worksheet's title.
        type: The group that `--type` selects by.
        spreadsheet: The Google spreadsheet that the meta names, if it names one.
        position: Its place among the worksheets.
        order_by: What its rows are ordered by.
        key: The columns that tell its rows apart, as far as dbt knows.
        has_own_key: Whether the meta names them.
        columns: The columns that the yml describes, left to right.
        all_columns: Whether the table's other columns are exported too.
        may_shrink: Whether it is no accident if most of its rows go.
        hidden_tab: Whether its tab is hidden when it is created.
        chart: What the meta says about a chart beside the rows.
        dashboard: What it says about a tab of charts over them.
        is_view: Whether its rows are computed when they are read.
        is_incremental: Whether a build adds to its table, and may leave its columns as they are.
        is_latest: Whether it is the latest version of its model, or has no versions.
        is_materialized_view: Whether it is a view that the database keeps the rows of.
        quoting: Which parts of its relation are in quotes, if the model says so.
        selectors: What `--select` may find it by, such as `tag:sheets`.
    """

    unique_id: str
    model: str
    bare_name: str
    relation: str
    database: str | None
    schema: str
    identifier: str
    description: str
    worksheet: str
    type: str
    spreadsheet: str | None
    position: float
    order_by: tuple[OrderTerm, ...]
    key: tuple[str, ...]
    has_own_key: bool
    columns: tuple[MartColumn, ...]
    all_columns: bool
    may_shrink: bool
    hidden_tab: bool
    chart: object
    dashboard: object
    is_view: bool
    is_incremental: bool
    is_latest: bool
    is_materialized_view: bool
    quoting: Mapping[str, bool]
    selectors: frozenset[str]

    def charts(self, columns: Collection[str]) -> tuple[Chart | None, Dashboard | None]:
        """Return the chart and the dashboard over these columns.

        Raises:
            MartError: The meta describes one that cannot be drawn.
        """
        try:
            chart = (
                chart_from_meta("chart", self.chart, columns) if self.chart is not None else None
            )
            dashboard = (
                dashboard_from_meta("dashboard", self.dashboard, columns)
                if self.dashboard is not None
                else None
            )
        except MetaError as error:
            raise unusable(self.model, str(error)) from error
        return chart, dashboard


def mart_of(node: Mapping[str, Any], groups: Mapping[str, Meta]) -> Mart | None:
    """Return the mart that a node of the manifest is; `None` if its meta names no worksheet.

    Args:
        node: A model, a seed or a snapshot.
        groups: The metas of dbt's groups by their names.

    Raises:
        MartError: Its meta says something that refsync cannot follow.
    """
    version = node.get("version")
    model = node["name"] if version is None else f"{node['name']}.v{version}"
    try:
        meta = meta_of(node)
        if "worksheet" not in meta and not (meta.is_own and meta.values):
            return None
        return _mart(node, model, meta, groups)
    except MetaError as error:
        raise unusable(model, str(error)) from error


def _mart(node: Mapping[str, Any], model: str, meta: Meta, groups: Mapping[str, Meta]) -> Mart:
    config = node.get("config") or {}
    if config.get("materialized") == "ephemeral":
        raise MetaError("it is ephemeral, so there is no table to read")
    if not meta.is_own:
        values = {key: value for key, value in meta.values.items() if key not in OWN_KEYS}
        meta = Meta(values, is_own=False)
    meta.refuse_unknown("it ", MODEL_KEYS)
    columns, all_columns = columns_of(node, meta)
    dbt_group = node.get("group") or config.get("group")
    mart = Mart(
        unique_id=node["unique_id"],
        model=model,
        bare_name=node["name"],
        relation=node.get("relation_name") or "",
        database=node.get("database"),
        schema=node["schema"],
        identifier=node.get("alias") or node["name"],
        description=plain(node.get("description")),
        worksheet=_title(meta.get("worksheet")),
        type=_group(meta, dbt_group),
        spreadsheet=_spreadsheet(meta, groups.get(dbt_group or "")),
        position=_position(meta.get("position", math.inf)),
        order_by=order_by_of(meta.get("order_by", [])),
        key=_key(node, meta),
        has_own_key=meta.get("key") is not None,
        columns=columns,
        all_columns=all_columns,
        may_shrink=_truth("may_shrink", meta.get("may_shrink", False)),
        hidden_tab=_truth("hidden_tab", meta.get("hidden_tab", False)),
        chart=meta.get("chart"),
        dashboard=meta.get("dashboard"),
        is_view=config.get("materialized") not in {"table", "incremental", "seed", "snapshot"},
        is_incremental=config.get("materialized") == "incremental",
        is_latest=node.get("version") == node.get("latest_version"),
        is_materialized_view=config.get("materialized") == "materialized_view",
        quoting={
            part: bool(quoted)
            for part, quoted in (config.get("quoting") or {}).items()
            if part in {"database", "schema", "identifier"} and quoted is not None
        },
        selectors=_selectors(node, dbt_group),
    )
    _, dashboard = mart.charts(ANY_COLUMNS if all_columns else [each.name for each in columns])
    if dashboard:
        _refuse_reserved("dashboard.title", dashboard.title)
    return mart


def _title(title: object) -> str:
    if title is None:
        raise MetaError("it has no worksheet")
    if not isinstance(title, str) or not title.strip() or utf16_length(title) > TITLE_LIMIT:
        raise MetaError(f"worksheet {title!r} is not a text of 1 to {TITLE_LIMIT} letters")
    refuse_unwritable("worksheet", title, also="\t\n\r")
    _refuse_reserved("worksheet", title)
    return title


def _refuse_reserved(place: str, title: str) -> None:
    """Refuse the title of a tab that refsync itself makes."""
    name = title.strip().casefold()
    if name == KEPT_REMARKS.casefold() or name.startswith(STAGING_PREFIX):
        raise MetaError(f"{place} {title!r} is the title of a tab of refsync's own")


def _group(meta: Meta, dbt_group: str | None) -> str:
    for key in ("group", "type"):
        name = meta.get(key)
        if name is not None:
            if not isinstance(name, str) or not name.strip() or name.casefold() == "all":
                raise MetaError(f"{key} {name!r} is not the name of a group, such as daily")
            return name
    return dbt_group or DEFAULT_GROUP


def _spreadsheet(meta: Meta, group: Meta | None) -> str | None:
    name = meta.get("spreadsheet") or (group.get("spreadsheet") if group and group.is_own else None)
    if name is not None and not (isinstance(name, str) and is_spreadsheet(name)):
        # It is not repeated: somebody may have pasted something else.
        raise MetaError("spreadsheet is neither the id nor the URL of a Google spreadsheet")
    return name


def _position(position: object) -> float:
    if isinstance(position, bool) or not isinstance(position, int | float):
        raise MetaError(f"position {position!r} is not a number")
    return position


def _truth(key: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise MetaError(f"{key} {value!r} is neither true nor false")
    return value


def _key(node: Mapping[str, Any], meta: Meta) -> tuple[str, ...]:
    """Return the meta's key, the primary key that dbt knows, or a model's unique_key."""
    if (named := meta.get("key")) is not None:
        if isinstance(named, list) and named and all(isinstance(name, str) for name in named):
            return tuple(named)
        raise MetaError(f"key {named!r} is not a list of columns")
    unique = (node.get("config") or {}).get("unique_key") or ()
    return tuple(node.get("primary_key") or ([unique] if isinstance(unique, str) else unique))


def _selectors(node: Mapping[str, Any], dbt_group: str | None) -> frozenset[str]:
    """Return what dbt's selectors would find a node by, without wildcards."""
    tags = [*(node.get("tags") or ()), *((node.get("config") or {}).get("tags") or ())]
    path = node.get("original_file_path") or ""
    fqn = [str(part) for part in node.get("fqn") or ()]
    found = {f"tag:{tag}" for tag in tags}
    found |= {f"path:{'/'.join(path.split('/')[: n + 1])}" for n in range(path.count("/") + 1)}
    found |= {f"fqn:{'.'.join(fqn[: n + 1])}" for n in range(len(fqn))}
    found |= {f"package:{node.get('package_name')}", f"resource_type:{node['resource_type']}"}
    return frozenset(found | ({f"group:{dbt_group}"} if dbt_group else set()))


def unusable(model: str, why: str) -> MartError:
    """Return the error about a meta that cannot be followed."""
    return MartError(
        f"The meta of model {model!r} cannot be used: {why}; correct it and run `dbt build`."
    )
