"""The local destination: an Excel workbook, written as a new file that replaces the old one."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from refsync.errors import DestinationError
from refsync.excel.file import explained, replace_file
from refsync.excel.record import ExistingWorkbook, NoWorkbookError, read_workbook
from refsync.excel.workbook import tab_titles, workbook_content
from refsync.report import Finding, Progress, PushResult, WorksheetResult, no_progress
from refsync.worksheet.safety import (
    Loss,
    Origin,
    loss,
    other_origin,
    other_project,
    too_many_rows,
)
from refsync.worksheet.values import key_of, sheet_value, utf16_length

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from refsync.settings import Settings
    from refsync.worksheet.table import Table

# "Excel specifications and limits" of Microsoft's documentation.
ROW_LIMIT = 1_048_576
COLUMN_LIMIT = 16_384
CELL_LIMIT = 32_767
TITLE_LIMIT = 31
CHART_TITLE_LIMIT = 255
FORBIDDEN_IN_TITLES = "[]:*?/\\"


def push(
    tables: Sequence[Table],
    settings: Settings,
    *,
    dry_run: bool,
    progress: Progress = no_progress,
) -> PushResult:
    """Write the tables to the workbook of the settings, one tab each, and return what was done.

    Nothing is written before all tables are known to fit. The workbook is a new file that replaces
    the old one in one step, so nobody ever reads half of it. The same tables give the same bytes.

    Raises:
        DestinationError: A table does not fit into a workbook, somebody else's workbook is there,
            the push looks like an accident, or the file cannot be written.
    """
    del progress  # there is one step only
    started = time.monotonic()
    path, dropped = _inspect(tables, settings)
    if not dry_run:
        try:
            # First in memory: after a failed write XlsxWriter prints a traceback.
            replace_file(path, workbook_content(tables))
        except OSError as error:
            raise explained(error, settings.to) from error
    return PushResult(
        destination=settings.to,
        worksheets=tuple(
            WorksheetResult(
                worksheet=table.worksheet,
                rows=len(table.rows),
                added=None,
                changed=None,
                removed=None,
                cells=(len(table.rows) + 1) * len(table.columns),
            )
            for table in tables
        ),
        api_calls=0,
        bytes_sent=0,
        seconds=time.monotonic() - started,
        notes=(_dropped_in_words(dropped),) if dropped else (),
    )


def check(tables: Sequence[Table], settings: Settings) -> Iterator[Finding]:
    """Yield whether a push may write the workbook."""
    yield Finding(f"The destination is the workbook {settings.workbook}.")
    if not tables:
        return
    try:
        _, dropped = _inspect(tables, settings)
    except DestinationError as error:
        yield Finding(str(error), is_good=False)
        return
    if dropped:
        yield Finding(_dropped_in_words(dropped), is_warning=True)


def _inspect(tables: Sequence[Table], settings: Settings) -> tuple[Path, tuple[str, ...]]:
    """Return where a push would write, and which of refsync's worksheets it would drop.

    Raises:
        DestinationError: Such a push would be refused.
    """
    for table in tables:
        _refuse_what_does_not_fit(table)
    path = _path(settings)
    if not path.exists():
        return path, ()
    try:
        found = read_workbook(path)
        _refuse_somebody_elses(found, tables, settings)
        if not found.is_ours or not found.is_untouched:
            return path, ()
        new = Origin.of(tables[0].build)
        if found.origin and new.is_of_another_project(found.origin) and not settings.adopt:
            raise DestinationError(other_project(f"The workbook {settings.to}", found.origin))
        if not settings.force:
            _refuse_accidents(found, tables, settings.to)
    except NoWorkbookError as error:
        if settings.adopt:
            return path, ()
        raise DestinationError(
            f"{settings.to} is not a workbook that refsync wrote: name another file with --to, or "
            "run with --adopt to replace it."
        ) from error
    except OSError as error:
        raise DestinationError(
            f"{settings.to} cannot be read ({error.strerror}): check its permissions, or name "
            "another file with --to."
        ) from error
    return path, tuple(title for title in found.titles if title not in tab_titles(tables))


def _path(settings: Settings) -> Path:
    """Return the workbook's path; a push replaces the file that a link points to, not the link."""
    path = settings.workbook.resolve()
    if path.is_dir():
        raise DestinationError(f"{settings.to} is a folder: name a file in it with --to.")
    if not path.parent.is_dir():
        raise DestinationError(f"The folder {path.parent} does not exist: create it first.")
    if path.exists() and not path.is_file():
        raise DestinationError(f"{settings.to} is not a file: name another one with --to.")
    return path


def _refuse_somebody_elses(
    found: ExistingWorkbook, tables: Sequence[Table], settings: Settings
) -> None:
    """Refuse to replace a workbook with contents that refsync did not write."""
    if settings.adopt or (found.is_ours and found.is_untouched):
        return
    others = [title for title in found.titles if title not in tab_titles(tables)]
    lost = f" (its tabs {', '.join(others)} would be lost)" if others else ""
    if found.is_ours:
        why = f"was saved by another program since refsync wrote it{lost}"
    else:
        why = f"was not written by refsync{lost}"
    raise DestinationError(
        f"{settings.to} {why}: move it away or name another file with --to, or run with --adopt to "
        "replace it."
    )


def _refuse_accidents(found: ExistingWorkbook, tables: Sequence[Table], to: str) -> None:
    """Refuse to replace rows of another source, or most rows of a worksheet."""
    new = Origin.of(tables[0].build)
    if found.origin and new.differs_from(found.origin):
        raise DestinationError(other_origin({to: found.origin}, new))
    losses = {
        table.worksheet: lost
        for table in tables
        if not table.may_shrink
        and table.worksheet in found.titles
        and (lost := _loss(found, table))
    }
    if losses:
        raise DestinationError(too_many_rows(losses))


def _loss(found: ExistingWorkbook, table: Table) -> Loss | None:
    """Return the rows that a worksheet would lose, judged by their number and dates."""
    dated = table.columns[0].format in {"date", "timestamp"}
    before = found.rows(table.worksheet)
    return loss(
        before if dated else [(1,)] * len(before),
        [(key_of(sheet_value(row[0])),) if dated else (1,) for row in table.rows],
        dated=dated,
        as_of_before=found.as_of,
        as_of_after=table.build.as_of_date,
        first_date=table.build.first_date(table.model),
    )


def _dropped_in_words(titles: Sequence[str]) -> str:
    """Return the sentence about worksheets of refsync's that this push leaves out."""
    tabs = f"tab {titles[0]} is" if len(titles) == 1 else f"tabs {', '.join(titles)} are"
    return (
        f"The {tabs} not part of this push and not in the workbook any more: push without --select "
        "and --type to have all of them."
    )


def _refuse_what_does_not_fit(table: Table) -> None:
    """Refuse a table that goes beyond one of Excel's limits."""
    height, width = len(table.rows) + 1, len(table.columns)
    _refuse_title(table, table.worksheet, "its title")
    if table.dashboard:
        _refuse_title(table, table.dashboard.title, "its dashboard's title")
    if height > ROW_LIMIT or width > COLUMN_LIMIT:
        raise _misfit(
            table,
            f"it has {height:,} rows with its header and {width:,} columns, and Excel allows "
            f"{ROW_LIMIT:,} and {COLUMN_LIMIT:,}",
            "make the mart smaller",
        )
    for number, row in enumerate([tuple(c.header for c in table.columns), *table.rows], start=1):
        for column, cell in zip(table.columns, row, strict=True):
            # A character is one UTF-16 unit, or two.
            if isinstance(cell, str) and 2 * len(cell) > CELL_LIMIT:
                units = utf16_length(cell)
                if units > CELL_LIMIT:
                    raise _misfit(
                        table,
                        f"row {number:,} of its column {column.header!r} has {units:,} "
                        f"characters and Excel allows {CELL_LIMIT:,} in a cell",
                        "shorten the text in the mart",
                    )
    _refuse_long_words(table)


def _refuse_long_words(table: Table) -> None:
    """Refuse a note or a chart's title that is too long for Excel."""
    for column in table.columns:
        if (units := utf16_length(column.description)) > CELL_LIMIT:
            raise _misfit(
                table,
                f"the description of its column {column.header!r} has {units:,} characters and "
                f"Excel allows {CELL_LIMIT:,} in a note",
                "shorten it in the model's yml",
            )
    charts = (table.chart, *(table.dashboard.charts if table.dashboard else ()))
    for title in (chart.title for chart in charts if chart):
        if (units := utf16_length(title)) > CHART_TITLE_LIMIT:
            raise _misfit(
                table,
                f"the title of a chart has {units:,} characters and Excel allows "
                f"{CHART_TITLE_LIMIT}",
                "shorten it in the model's meta",
            )


def _refuse_title(table: Table, title: str, what: str) -> None:
    if (units := utf16_length(title)) > TITLE_LIMIT:
        raise _misfit(
            table,
            f"{what} has {units} characters and Excel allows {TITLE_LIMIT}",
            "shorten it in the model's meta",
        )
    forbidden = [sign for sign in title if sign in FORBIDDEN_IN_TITLES]
    if forbidden or title.startswith("'") or title.endswith("'") or title.lower() == "history":
        raise _misfit(
            table,
            f"Excel allows no {FORBIDDEN_IN_TITLES} in a title, no ' at its ends, and not the "
            "title History",
            "change it in the model's meta",
        )


def _misfit(table: Table, why: str, remedy: str) -> DestinationError:
    return DestinationError(
        f"Worksheet {table.worksheet!r} does not fit into a workbook: {why}; {remedy}."
    )
