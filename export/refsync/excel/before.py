"""The rows that a workbook has before a push replaces it, for the message about the push."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from refsync.excel.cells import read_value
from refsync.worksheet.values import row_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from refsync.worksheet.table import Table
    from refsync.worksheet.values import Row


def rows_before(
    path: Path, content: bytes, tables: Sequence[Table]
) -> tuple[tuple[Table, Sequence[Row] | None], ...] | None:
    """Return each table with the rows of its worksheet, header first; `None` for a new worksheet.

    The whole is `None` if the workbook cannot be read, and empty if nothing of it changes.

    Args:
        path: The workbook; it may not exist yet.
        content: What will replace it.
        tables: The worksheets.
    """
    if not path.exists():
        return tuple((table, None) for table in tables)
    if path.read_bytes() == content:
        return ()
    try:
        import openpyxl  # noqa: PLC0415 - an extra, and slow to import

        with warnings.catch_warnings():
            # openpyxl warns of what it does not read, such as bars in cells.
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(path, read_only=True)
            try:
                return tuple(
                    (table, _rows(book[table.worksheet]))
                    if table.worksheet in book.sheetnames
                    else (table, None)
                    for table in tables
                )
            finally:
                book.close()
    except Exception:  # noqa: BLE001 - openpyxl raises what it meets, and the push is not about it
        return None


def _rows(sheet: Any) -> list[Row]:
    return [row_of(map(read_value, row)) for row in sheet.values]
