"""The marts, read from what dbt built into typed tables."""

from __future__ import annotations

import logging
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from refsync.errors import ConfigError, MartError
from refsync.marts import cells
from refsync.marts.build_status import finished_build
from refsync.marts.column_types import natural_decimals, natural_format
from refsync.marts.duckdb_file import DuckDBFile
from refsync.marts.manifest import Mart, read_manifest
from refsync.marts.selection import select_marts
from refsync.settings import DEFAULT_DATABASE
from refsync.worksheet.table import NUMERIC, TEMPORAL, Cell, Column, Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from refsync.marts.column_meta import MartColumn
    from refsync.settings import Settings
    from refsync.worksheet.build import Build

logger = logging.getLogger(__name__)


class Database(Protocol):
    """Where dbt built the marts, open for reading; `name` is what a sentence calls it."""

    name: str

    def build_marks(self) -> list[dict[str, Any]]:
        """Return the row of each table `refsync_build`, by its columns' names."""

    def column_types(self, mart: Mart) -> dict[str, str]:
        """Return the types of a mart's columns by their names in lower case."""

    def rows(
        self, mart: Mart, columns: Sequence[Column], types: Mapping[str, str]
    ) -> list[tuple[Any, ...]]:
        """Return a mart's rows in its order; dates and times may be ISO 8601 texts."""

    def close(self) -> None:
        """Give it back to others."""


def read_marts(settings: Settings) -> tuple[Table, ...]:
    """Return the marts that the settings select, read whole, in the order of their worksheets.

    All are of one build, and the database is closed before this returns, so that neither a build
    waits for a destination nor a worksheet is of another build than its neighbour.

    Raises:
        MartError: The marts cannot be read, or the last build is not fit to be pushed.
        ConfigError: The selection, or the target, names what is not there.
    """
    manifest = read_manifest(settings.manifest)
    marts = select_marts(manifest.marts, type_choice=settings.type, names=settings.select)
    run_results = settings.manifest.with_name("run_results.json")
    with closing(_open(settings, manifest.adapter)) as database:
        marks = database.build_marks()
        build = _known(finished_build(marks, run_results, marts), manifest.project)
        types = [_column_types(database, mart) for mart in marts]
        warning = _use_zone(database, settings, marts, types)
        tables = []
        for mart, types_of_mart in zip(marts, types, strict=True):
            logger.info("Reading %s.", mart.model)
            tables.append(_read(database, mart, types_of_mart, build))
        if database.build_marks() != marks:
            raise MartError(
                "A dbt build began while the marts were read: push again when it has ended."
            )
    if warning:
        tables[0] = replace(tables[0], warnings=(warning, *tables[0].warnings))
    return tuple(tables)


def _open(settings: Settings, adapter: str) -> Database:
    """Open what dbt built into: DuckDB's own file, or else whatever the target is."""
    if adapter == "duckdb" and not settings.target:
        return DuckDBFile(settings.database)
    from refsync.marts.dbt_adapter import Warehouse, load_target  # noqa: PLC0415 - dbt takes a second

    config = load_target(settings)
    kind = config.credentials.type
    if kind != adapter:
        raise MartError(
            f"{settings.manifest} is of a build on {adapter}, but the target {config.target_name} "
            f"is on {kind}: name the target that was built with --target."
        )
    if kind == "duckdb":
        named = settings.database != DEFAULT_DATABASE
        return DuckDBFile(settings.database if named else Path(config.credentials.path))
    return Warehouse(config)


def _use_zone(
    database: Database,
    settings: Settings,
    marts: Sequence[Mart],
    types: Sequence[Mapping[str, str]],
) -> str | None:
    """Let DuckDB show times with a zone as it does under dbt's profile; return a warning, if any.

    The file does not say which zone that is. Only these times, and the views that may compute with
    some, are worth the second that dbt takes.
    """
    zoned = any(
        mart.is_view or "TIMESTAMP WITH TIME ZONE" in types_of_mart[column.name.lower()]
        for mart, types_of_mart in zip(marts, types, strict=True)
        for column in mart.columns
    )
    if not zoned or not isinstance(database, DuckDBFile):
        return None
    from refsync.marts.dbt_adapter import profile_time_zone  # noqa: PLC0415 - dbt takes a second

    try:
        database.use_time_zone(profile_time_zone(settings))
    except ConfigError as error:
        return f"Times with a time zone are shown in UTC. {error}"
    return None


def _column_types(database: Database, mart: Mart) -> dict[str, str]:
    """Return the types of a mart's columns, known to agree with the manifest."""
    types = database.column_types(mart)
    for column in mart.columns:
        if column.name.lower() not in types:
            raise MartError(
                f"Column {column.name!r} of model {mart.model!r} is in the manifest but not in "
                f"{database.name}: run `dbt build`."
            )
    for term in mart.order_by:
        if term.column.lower() not in types:
            raise MartError(
                f"The order_by of model {mart.model!r} names {term.column!r}, which is not a "
                "column of it: correct its meta and run `dbt build`."
            )
    return types


def _known(build: Build, project: str | None) -> Build:
    """Return the build with the manifest's project, and with times as Python has them."""
    finished_at, as_of_date = build.finished_at, build.as_of_date
    return replace(
        build,
        project=_printable(build.project or project),
        target=_printable(build.target),
        source=_printable(build.source),
        # Some drivers give them as text.
        finished_at=datetime.fromisoformat(finished_at)
        if isinstance(finished_at, str)
        else finished_at,
        as_of_date=date.fromisoformat(as_of_date) if isinstance(as_of_date, str) else as_of_date,
    )


def _printable(name: str | None) -> str | None:
    """Return a name without what would command a terminal, as a folder's may hold."""
    return name and "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in name)


def _read(database: Database, mart: Mart, types: dict[str, str], build: Build) -> Table:
    columns = tuple(_column(mart, column, types[column.name.lower()]) for column in mart.columns)
    rows = database.rows(mart, columns, types)
    names = [column.name for column in columns]
    warnings: list[str] = []
    read: list[list[Cell]] = []
    for index, (column, described) in enumerate(zip(columns, mart.columns, strict=True)):
        values = [row[index] for row in rows]
        read.append(cells.as_cells(column, values))
        data_type = None if described.format else types[column.name.lower()]
        warnings += cells.warnings(mart.worksheet, column, data_type, values, read[-1])
    return Table(
        model=mart.model,
        worksheet=mart.worksheet,
        type=mart.type,
        columns=columns,
        rows=tuple(zip(*read, strict=True)),
        description=mart.description,
        build=build,
        key=tuple(sorted(place for place, name in enumerate(names) if name in mart.key)),
        may_shrink=mart.may_shrink,
        warnings=tuple(warnings),
        chart=mart.chart,
        dashboard=mart.dashboard,
    )


def _column(mart: Mart, column: MartColumn, data_type: str) -> Column:
    """Return a column whose format is known to suit its values."""
    natural = natural_format(data_type)
    chosen = column.format or natural
    if natural == "boolean" and chosen == "text":
        chosen = "boolean"  # TRUE and FALSE are words in a cell anyway
    suits = chosen in {"text", natural} or any({chosen, natural} <= k for k in (NUMERIC, TEMPORAL))
    if not suits:
        raise MartError(
            f"Column {column.name!r} of model {mart.model!r} has the format {chosen} but holds "
            f"{data_type}: correct its meta or the model, and run `dbt build`."
        )
    if column.scale and chosen not in NUMERIC:
        raise MartError(
            f"Column {column.name!r} of model {mart.model!r} has the scale {column.scale} but "
            "holds no numbers: correct its meta and run `dbt build`."
        )
    decimals = column.decimals
    if decimals is not None and chosen not in NUMERIC - {"integer"}:
        raise MartError(
            f"Column {column.name!r} of model {mart.model!r} has decimals, but its format is "
            f"{chosen}: choose number, decimal, percent or plain, or take the decimals out, and "
            "run `dbt build`."
        )
    if decimals is None and chosen in {"plain", "number"}:
        decimals = natural_decimals(data_type)
    return Column(column.name, column.header, chosen, column.description, column.scale, decimals)
