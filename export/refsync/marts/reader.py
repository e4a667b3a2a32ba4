"""The marts, read from what dbt built into typed tables."""

from __future__ import annotations

import logging
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from refsync.errors import ConfigError, MartError
from refsync.marts.build_status import marked_build, own_marks
from refsync.marts.column_meta import mart_column
from refsync.marts.column_reader import ColumnReader
from refsync.marts.column_types import bare
from refsync.marts.duckdb_file import DuckDBFile
from refsync.marts.duplicates import refuse_duplicates
from refsync.marts.manifest import Manifest, read_manifest
from refsync.marts.mart import unusable
from refsync.marts.meta import NO_META
from refsync.marts.older_file import refuse_older_file
from refsync.marts.opening import Database, open_database
from refsync.marts.profile import read_profile
from refsync.marts.project import manifest_path
from refsync.marts.row_key import key_places
from refsync.marts.run_results import (
    RunResults,
    finished_run,
    read_run_results,
    refuse_failures,
)
from refsync.marts.selection import select_marts
from refsync.marts.sentences import said_by_tests
from refsync.worksheet.build import Build
from refsync.worksheet.table import Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from refsync.marts.column_meta import MartColumn
    from refsync.marts.mart import Mart
    from refsync.settings import Settings

logger = logging.getLogger(__name__)


def read_marts(settings: Settings) -> tuple[Table, ...]:
    """Return the marts that the settings select, read whole, in the order of their worksheets.

    All are of one build, and the database is closed before this returns, so that neither a build
    waits for a destination nor a worksheet is of another build than its neighbour.

    Raises:
        MartError: The marts cannot be read, or the last build is not fit to be pushed.
        ConfigError: The selection, or the target, names what is not there.
    """
    path = manifest_path(settings)
    results = path.with_name("run_results.json")
    manifest, run = read_manifest(path), read_run_results(results)
    marts = select_marts(manifest, type_choice=settings.type, names=settings.select)
    refuse_duplicates(marts)
    with closing(open_database(settings, manifest, marts, run)) as database:
        marks = own_marks(database.build_marks(), manifest, run)
        build = _known(
            marked_build(marks)
            if marks
            else _unmarked_build(database, run, results, manifest, marts),
            manifest.project,
        )
        _refuse_other_target(settings, build)
        database.begin(marts)
        types = [_column_types(database, mart) for mart in marts]
        warning = _use_profile(database, settings, run, marts, types)
        order = tuple(mart.worksheet for mart in manifest.marts)
        tables = []
        for mart, types_of_mart in zip(marts, types, strict=True):
            logger.info("Reading %s.", mart.model)
            tables.append(_read(database, mart, types_of_mart, build, order))
        is_same = own_marks(database.build_marks(), manifest, run) == marks
        if not is_same or read_run_results(results) != run:
            raise MartError(
                "A dbt build began while the marts were read: push again when it has ended."
            )
    warnings = [*([warning] if warning else ()), *said_by_tests(manifest.sentences, run, build)]
    if warnings:
        tables[0] = replace(tables[0], warnings=(*warnings, *tables[0].warnings))
    return tuple(tables)


def _unmarked_build(
    database: Database,
    run: RunResults | None,
    results: Path,
    manifest: Manifest,
    marts: Sequence[Mart],
) -> Build:
    """Return the last build of a project whose builds leave no mark, known to be fit for a push."""
    finished = finished_run(run, results, manifest.invocation_id)
    is_tested = refuse_failures(finished, marts, manifest.graph)
    refuse_older_file(database.files, finished, marts, manifest.graph)
    return Build(
        finished_at=finished.finished_at,
        target=finished.arguments.get("target"),
        tested=None if is_tested else False,
    )


def _refuse_other_target(settings: Settings, build: Build) -> None:
    """Refuse a target that is not the one of the build."""
    if settings.target and build.target and settings.target != build.target:
        raise ConfigError(
            f"The last build is of the target {build.target}, and --target names "
            f"{settings.target}: run `dbt build --target {settings.target}` first, or leave out "
            "--target."
        )


def _use_profile(
    database: Database,
    settings: Settings,
    run: RunResults | None,
    marts: Sequence[Mart],
    types: Sequence[Mapping[str, str]],
) -> str | None:
    """Let DuckDB compute views, and show times, as under dbt's profile; return a warning, if any.

    The file does not say how that is. Only views, and times with a zone, are worth a look into the
    profile.
    """
    zoned = any(
        mart.is_view or "TIMESTAMP WITH TIME ZONE" in map(bare, types_of_mart.values())
        for mart, types_of_mart in zip(marts, types, strict=True)
    )
    if not zoned or not isinstance(database, DuckDBFile):
        return None
    try:
        profile = read_profile(settings, run)
    except ConfigError as error:
        return f"Times with a time zone are shown in UTC. {error}"
    if profile:
        database.use_settings(profile.view_settings)
        database.use_time_zone(profile.time_zone)
    return None


def _column_types(database: Database, mart: Mart) -> dict[str, str]:
    """Return the types of a mart's columns, known to agree with the manifest."""
    types = database.column_types(mart)
    # What is new in an incremental model is not always added to its table.
    rebuild = "dbt build --full-refresh" if mart.is_incremental else "dbt build"
    for column in mart.columns:
        if not (mart.all_columns and not column.has_header) and not _found(column.name, types):
            raise MartError(
                f"Column {column.name!r} of model {mart.model!r} is in the manifest but not in "
                f"{database.name}: run `{rebuild}`."
            )
    for term in mart.order_by:
        if not _found(term.column, types):
            raise MartError(
                f"The order_by of model {mart.model!r} names {term.column!r}, which is not a "
                f"column of it: correct its meta and run `{rebuild}`."
            )
    return types


def _found(name: str, types: Mapping[str, str]) -> str | None:
    """Return a column's name in the database: the same one, or else the same in another case."""
    if name in types:
        return name
    return next((each for each in types if each.casefold() == name.casefold()), None)


def _columns(mart: Mart, types: Mapping[str, str]) -> list[tuple[str, MartColumn]]:
    """Return the columns to export, by their names in the database."""
    described = {_found(column.name, types): column for column in mart.columns}
    if not mart.all_columns:
        return [(name, column) for name, column in described.items() if name]
    every = ((name, described.get(name) or mart_column(name, NO_META, "")) for name in types)
    shown = [(name, column) for name, column in every if not column.hidden]
    headers = [column.header for _, column in shown]
    if repeated := [header for header in headers if headers.count(header) > 1]:
        raise unusable(mart.model, f"header {repeated[0]!r} is that of more than one column")
    if not shown:
        raise unusable(mart.model, "every column is hidden")
    return shown


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


def _read(
    database: Database, mart: Mart, types: dict[str, str], build: Build, order: tuple[str, ...]
) -> Table:
    readers = [
        ColumnReader(mart, column, name, types[name]) for name, column in _columns(mart, types)
    ]
    columns = [reader.column for reader in readers]
    chart, dashboard = mart.charts([column.name for column in columns])
    for batch in database.rows(mart, columns, types):
        for reader, values in zip(readers, zip(*batch, strict=True), strict=True):
            reader.add(values)
    cells = [reader.finish() for reader in readers]
    return Table(
        model=mart.bare_name if mart.is_latest else mart.model,
        worksheet=mart.worksheet,
        type=mart.type,
        columns=tuple(reader.column for reader in readers),
        rows=tuple(zip(*cells, strict=True)),
        description=mart.description,
        build=build,
        key=key_places(mart, [column.name for column in columns], cells),
        may_shrink=mart.may_shrink,
        warnings=tuple(warning for reader in readers for warning in reader.warnings()),
        chart=chart,
        dashboard=dashboard,
        spreadsheet=mart.spreadsheet,
        hidden_tab=mart.hidden_tab,
        order=order,
    )
