"""The rows that a workbook has before a push replaces it, for the message about the push."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from refsync.worksheet.values import key_of, sheet_value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from refsync.worksheet.table import Table
    from refsync.worksheet.values import Key, Row


def rows_before(
    path: Path, content: bytes, tables: Sequence[Table]
) -> Mapping[str, Sequence[Row]] | None:
    """Return the rows of each worksheet, header first; `None` if they cannot be read.

    Args:
        path: The workbook; it may not exist yet.
        content: What will replace it.
        tables: The worksheets.
    """
    if not path.exists():
        return {}
    if path.read_bytes() == content:
        return {table.worksheet: _desired(table) for table in tables}
    try:
        import openpyxl  # noqa: PLC0415 - an extra, and slow to import

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(path, read_only=True)
        rows = {
            table.worksheet: [tuple(map(_key, row)) for row in book[table.worksheet].values]
            for table in tables
            if table.worksheet in book.sheetnames
        }
        book.close()
    except Exception:  # noqa: BLE001 - openpyxl raises what it meets, and the push is not about it
        return None
    return rows


def _desired(table: Table) -> list[Row]:
    header: Row = tuple(column.header for column in table.columns)
    return [header, *(tuple(key_of(sheet_value(cell)) for cell in row) for row in table.rows)]


def _key(value: Any) -> Key:
    is_known = isinstance(value, bool | int | float | str) or hasattr(value, "year")
    return key_of(sheet_value(value if is_known or value is None else str(value)))
