"""The local destination: an Excel workbook, written whole and moved into place."""

from __future__ import annotations

import os
import secrets
import time
from datetime import date, datetime
from io import BytesIO
from itertools import islice
from typing import TYPE_CHECKING, Any

import xlsxwriter
from xlsxwriter.utility import xl_range

from refsync.errors import DestinationError
from refsync.tables import Cell, Column, Format, PushResult, Table, WorksheetResult

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from refsync.report import Say
    from refsync.settings import Settings

# "Excel specifications and limits" of Microsoft's documentation.
ROW_LIMIT = 1_048_576
COLUMN_LIMIT = 16_384
CELL_LIMIT = 32_767
TITLE_LIMIT = 31
FORBIDDEN_IN_TITLES = "[]:*?/\\"

_FIRST_DATE = date(1900, 3, 1)
"""Excel counts a 29 February 1900 that never was; from the next day on its dates are right."""

_CELL_STYLES: dict[Format, dict[str, str]] = {
    "text": {"num_format": "General", "align": "left"},
    "integer": {"num_format": "#,##0", "align": "right"},
    "decimal": {"num_format": "#,##0.00", "align": "right"},
    "percent": {"num_format": "0.00%", "align": "right"},
    "date": {"num_format": "yyyy-mm-dd", "align": "center"},
    "timestamp": {"num_format": "yyyy-mm-dd hh:mm:ss", "align": "center"},
}
_HEADER_STYLE = {
    "bold": True,
    "valign": "vcenter",
    "bg_color": "#E8EEF4",
    "bottom": 1,
    "bottom_color": "#8EA4BA",
}
_HEADER_HEIGHT = 22
_NARROWEST, _WIDEST = 9, 48
_ROWS_MEASURED = 1000
_UNKNOWN_TIME = datetime(1980, 1, 1)  # noqa: DTZ001 - what XlsxWriter stamps on the files inside


class _ExactFloat(float):
    """A float that is written with all its digits, where XlsxWriter would stop at the 16th."""

    def __format__(self, _: str) -> str:
        return repr(float(self))


def push(tables: Sequence[Table], settings: Settings, *, dry_run: bool, say: Say) -> PushResult:
    """Write the tables to the workbook of the settings, one tab each, and return what was done.

    Nothing is written before every table is known to fit. The workbook is built in a new file
    beside the old one and takes its place at the end, so a reader, or a crash, never meets a half
    of it. The same tables give the same bytes.

    Raises:
        DestinationError: A table does not fit into a workbook, or the file cannot be written.
    """
    started = time.monotonic()
    for table in tables:
        _refuse_what_does_not_fit(table)
    # The file that a link points to is replaced, not the link.
    path = settings.workbook.resolve()
    if path.is_dir():
        raise DestinationError(f"{settings.to} is a folder: name a file in it with --to.")
    if not path.parent.is_dir():
        raise DestinationError(f"The folder {path.parent} does not exist: create it first.")
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


def _refuse_what_does_not_fit(table: Table) -> None:
    """Refuse a table that goes beyond one of Excel's limits."""
    title, height, width = table.worksheet, len(table.rows) + 1, len(table.columns)
    if len(title) > TITLE_LIMIT:
        raise _misfit(
            table,
            f"its title has {len(title)} characters and Excel allows {TITLE_LIMIT}",
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
    if height > ROW_LIMIT or width > COLUMN_LIMIT:
        raise _misfit(
            table,
            f"it has {height:,} rows with its header and {width:,} columns, and Excel allows "
            f"{ROW_LIMIT:,} and {COLUMN_LIMIT:,}",
            "make the mart smaller",
        )
    for number, row in enumerate([tuple(c.header for c in table.columns), *table.rows], start=1):
        for column, cell in zip(table.columns, row, strict=True):
            # Excel counts UTF-16 units, of which a character takes one or two.
            if isinstance(cell, str) and 2 * len(cell) > CELL_LIMIT:
                units = len(cell.encode("utf-16-le")) // 2
                if units > CELL_LIMIT:
                    raise _misfit(
                        table,
                        f"row {number:,} of its column {column.header!r} has {units:,} "
                        f"characters and Excel allows {CELL_LIMIT:,} in a cell",
                        "shorten the text in the mart",
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
            file.write(_content(tables, say))
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            temporary.chmod(path.stat().st_mode)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _content(tables: Sequence[Table], say: Say) -> bytes:
    """Return the bytes of the workbook, the same for the same tables."""
    content = BytesIO()
    workbook = xlsxwriter.Workbook(content, {"in_memory": True, "use_zip64": True})
    built_at = max((table.built_at for table in tables if table.built_at), default=_UNKNOWN_TIME)
    workbook.set_properties({"created": built_at})
    cell_formats = {name: workbook.add_format(style) for name, style in _CELL_STYLES.items()}
    header_formats = {
        # The filter's button covers the right end of a header.
        name: workbook.add_format(
            {**_HEADER_STYLE, "align": style["align"], "indent": 2 * (style["align"] == "right")}
        )
        for name, style in _CELL_STYLES.items()
    }
    for table in tables:
        say(f"Writing {table.worksheet}.")
        sheet = workbook.add_worksheet(table.worksheet)
        for index, column in enumerate(table.columns):
            sheet.set_column(index, index, _width(table, index))
            _write_text(sheet, 0, index, column.header, header_formats[column.format])
        for number, row in enumerate(table.rows, start=1):
            for index, (column, cell) in enumerate(zip(table.columns, row, strict=True)):
                _write_cell(sheet, number, index, cell, cell_formats[column.format])
        _dress(sheet, table)
    workbook.close()
    return content.getvalue()


def _write_cell(sheet: Any, row: int, column: int, cell: Cell, format_: Any) -> None:
    """Write one typed cell; XlsxWriter's own guess at types (`write`) would make formulas."""
    if cell is None:
        return
    if isinstance(cell, bool):
        sheet.write_boolean(row, column, cell, format_)
    elif isinstance(cell, int):
        sheet.write_number(row, column, cell, format_)
    elif isinstance(cell, float):
        sheet.write_number(row, column, _ExactFloat(cell), format_)
    elif isinstance(cell, str):
        _write_text(sheet, row, column, cell, format_)
    elif cell.timetuple() < _FIRST_DATE.timetuple():
        _write_text(sheet, row, column, str(cell), format_)
    else:
        sheet.write_datetime(row, column, cell, format_)


def _write_text(sheet: Any, row: int, column: int, text: str, format_: Any) -> None:
    if text.startswith("<r>") and text.endswith("</r>"):
        # XlsxWriter takes such a text for its own markup of a rich string, and would not escape it.
        sheet.write_rich_string(row, column, *text[:2], text[2:], format_)
    else:
        sheet.write_string(row, column, text, format_)


def _dress(sheet: Any, table: Table) -> None:
    """Give a worksheet what makes it pleasant to read, on a screen and on paper."""
    last_row, last_column = len(table.rows), len(table.columns) - 1
    sheet.set_row(0, _HEADER_HEIGHT)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, last_row, last_column)
    texts = [
        xl_range(1, index, max(last_row, 1), index)
        for index, column in enumerate(table.columns)
        if column.format == "text"
    ]
    if texts:
        # Identifiers of digits are meant to be text: no green corners.
        sheet.ignore_errors({"number_stored_as_text": " ".join(texts)})
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _width(table: Table, index: int) -> int:
    """Return a column's width in characters, by its header and its first rows."""
    column = table.columns[index]
    cells = (row[index] for row in islice(table.rows, _ROWS_MEASURED))
    widest = max((len(_shown(cell, column)) for cell in cells if cell is not None), default=0)
    # The header shares its cell with the filter's button.
    return min(max(len(column.header) + 4, widest + 2, _NARROWEST), _WIDEST)


def _shown(cell: Cell, column: Column) -> str:
    """Return roughly what a reader sees of a cell."""
    if isinstance(cell, str):
        return max(cell.splitlines(), key=len, default="")
    if isinstance(cell, datetime):
        return str(cell.replace(microsecond=0))
    if column.format == "integer":
        return f"{cell:,}"
    if column.format == "decimal":
        return f"{cell:,.2f}"
    return f"{cell:.2%}" if column.format == "percent" else str(cell)


def _explained(error: OSError, to: str) -> DestinationError:
    """Return the sentence about a file that could not be written."""
    if isinstance(error, PermissionError):
        return DestinationError(
            f"{to} cannot be written ({error.strerror}): close it where it is open, or check the "
            "permissions of its folder."
        )
    return DestinationError(f"{to} cannot be written ({error.strerror}); nothing was changed.")
