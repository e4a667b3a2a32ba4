"""The local destination: an Excel workbook, written whole and moved into place."""

from __future__ import annotations

import os
import secrets
import time
from typing import TYPE_CHECKING

from refsync.errors import DestinationError
from refsync.tables import PushResult, WorksheetResult
from refsync.values import utf16_length
from refsync.workbook_content import workbook_content

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from refsync.report import Say
    from refsync.settings import Settings
    from refsync.tables import Table

# "Excel specifications and limits" of Microsoft's documentation.
ROW_LIMIT = 1_048_576
COLUMN_LIMIT = 16_384
CELL_LIMIT = 32_767
TITLE_LIMIT = 31
CHART_TITLE_LIMIT = 255
FORBIDDEN_IN_TITLES = "[]:*?/\\"


def push(tables: Sequence[Table], settings: Settings, *, dry_run: bool, say: Say) -> PushResult:
    """Write the tables to the workbook of the settings, one tab each, and return what was done.

    Nothing is written before every table is known to fit. The workbook is built in a new file
    beside the old one and takes its place at the end, so a reader, or a crash, never meets a half
    of it. The same tables give the same bytes.

    Raises:
        DestinationError: A table does not fit into a workbook, or the file cannot be written.
    """
    started = time.monotonic()
    path = checked_path(tables, settings)
    if not dry_run:
        try:
            _replace(path, tables, say)
        except OSError as error:
            raise _explained(error, settings.to) from error
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
    )


def checked_path(tables: Sequence[Table], settings: Settings) -> Path:
    """Return where the workbook of the settings is written, the tables being known to fit into it.

    Raises:
        DestinationError: A table does not fit into a workbook, or there is no such folder.
    """
    for table in tables:
        _refuse_what_does_not_fit(table)
    # The file that a link points to is replaced, not the link.
    path = settings.workbook.resolve()
    if path.is_dir():
        raise DestinationError(f"{settings.to} is a folder: name a file in it with --to.")
    if not path.parent.is_dir():
        raise DestinationError(f"The folder {path.parent} does not exist: create it first.")
    return path


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
    """Refuse a note or a chart's title that Excel has no room for."""
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


def _replace(path: Path, tables: Sequence[Table], say: Say) -> None:
    """Write a new workbook beside `path`, safely on disk, and let it take the place."""
    temporary = path.with_name(f".refsync-{secrets.token_hex(6)}.tmp")
    try:
        with temporary.open("xb") as file:
            # Whole in memory first: of a write that fails XlsxWriter would leave a traceback.
            file.write(workbook_content(tables, say))
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            temporary.chmod(path.stat().st_mode)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _explained(error: OSError, to: str) -> DestinationError:
    """Return the sentence about a file that could not be written."""
    if isinstance(error, PermissionError):
        return DestinationError(
            f"{to} cannot be written ({error.strerror}): close it where it is open, or check the "
            "permissions of its folder."
        )
    return DestinationError(f"{to} cannot be written ({error.strerror}); nothing was changed.")
