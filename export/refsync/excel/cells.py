"""Cells of a workbook, each written as the type it has."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import TYPE_CHECKING, Any

from refsync.worksheet.values import FIRST_DATE, serial

if TYPE_CHECKING:
    from refsync.worksheet.table import Cell


class _ExactFloat(float):
    """A float that is written with all its digits, where XlsxWriter would stop at the 16th."""

    def __format__(self, _: str) -> str:
        return repr(float(self))


def write_cell(sheet: Any, row: int, column: int, cell: Cell, format_: Any) -> None:
    """Write one typed cell; XlsxWriter's own guess at types (`write`) would make formulas."""
    if cell is None or cell == "":
        return
    if isinstance(cell, bool):
        sheet.write_boolean(row, column, cell, format_)
    elif isinstance(cell, int):
        sheet.write_number(row, column, cell, format_)
    elif isinstance(cell, float):
        sheet.write_number(row, column, _ExactFloat(cell), format_)
    elif isinstance(cell, str):
        write_text(sheet, row, column, cell, format_)
    elif str(cell) < FIRST_DATE:
        write_text(sheet, row, column, str(cell)[:19], format_)
    else:
        write_cell(sheet, row, column, serial(cell), format_)


def write_text(sheet: Any, row: int, column: int, text: str, format_: Any) -> None:
    """Write a text as it is."""
    if text.startswith("<r>") and text.endswith("</r>"):
        # XlsxWriter takes such a text for its own markup of a rich string, and would not escape it.
        sheet.write_rich_string(row, column, *text[:2], text[2:], format_)
    else:
        sheet.write_string(row, column, text, format_)


def read_value(value: Any) -> Any:
    """Return a value that openpyxl read, as one of the kinds that a worksheet has.

    A file has control characters as text such as `_x000D_`. A time of day alone, or a duration, is
    its number.
    """
    from openpyxl.utils.datetime import to_excel  # noqa: PLC0415 - an extra
    from openpyxl.utils.escape import unescape  # noqa: PLC0415 - an extra

    if isinstance(value, str):
        return unescape(value)
    if value is None or isinstance(value, bool | int | float | date):
        return value
    return to_excel(value) if isinstance(value, time | timedelta) else str(value)


def write_error(sheet: Any, row: int, column: int, error: str, format_: Any) -> None:
    """Write an error such as #N/A; XlsxWriter has errors only as what a formula results in."""
    sheet.write_formula(row, column, f"={error}", format_, error)
