"""What people added to a workbook, written to the one that takes its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from refsync.excel.cells import write_cell, write_error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from refsync.excel.carried import CarriedSheet
    from refsync.excel.formats import Formats
    from refsync.excel.found_cells import FoundCell
    from refsync.worksheet.table import Table


def write_reader_headers(sheet: Any, table: Table, carried: CarriedSheet, formats: Formats) -> None:
    """Write the headers of the reader's columns, behind a table's."""
    for index, header in enumerate(carried.headers, len(table.columns)):
        write_found(sheet, 0, index, header, formats)


def by_row(carried: CarriedSheet) -> dict[int, list[tuple[int, FoundCell]]]:
    """Return the columns and cells of each row that has any, from the top down."""
    rows: dict[int, list[tuple[int, FoundCell]]] = {}
    for (row, column), cell in sorted(carried.cells.items(), key=lambda item: item[0]):
        rows.setdefault(row, []).append((column, cell))
    return rows


def write_remarks(
    sheet: Any, table: Table, row: int, cells: Sequence[tuple[int, FoundCell]], formats: Formats
) -> None:
    """Write what people added to a row: behind a table's columns, notes and colours over them."""
    for column, cell in cells:
        if column >= len(table.columns) or row > len(table.rows):
            write_found(sheet, row, column, cell, formats)
            continue
        if cell.color:
            style = formats.of(table.columns[column], cell.color)
            own = table.rows[row - 1][column]
            sheet.write_blank(row, column, None, style)
            write_cell(sheet, row, column, own, style)
        write_note(sheet, row, column, cell)


def write_found(sheet: Any, row: int, column: int, cell: FoundCell, formats: Formats) -> None:
    """Write a cell as it was found."""
    style = formats.of_reader(cell.number_format, cell.color, is_link=bool(cell.link))
    if cell.link:  # first, as it writes a text into the cell
        sheet.write_url(row, column, cell.link, style, str(cell.value))
    if cell.kind == "array":
        sheet.write_array_formula(row, column, row, column, f"{{{cell.value}}}", style)
    elif cell.kind == "formula":
        # XlsxWriter takes a brace at the end for one around an array formula, and drops it.
        end = " " if str(cell.value).endswith("}") else ""
        sheet.write_formula(row, column, f"{cell.value}{end}", style)
    elif cell.kind == "error":
        write_error(sheet, row, column, str(cell.value), style)
    elif cell.value is not None:
        write_cell(sheet, row, column, cell.value, style)
    elif cell.color:
        sheet.write_blank(row, column, None, style)
    write_note(sheet, row, column, cell)


def write_note(sheet: Any, row: int, column: int, cell: FoundCell) -> None:
    """Write a person's note to a cell that has one."""
    if cell.note:
        sheet.write_comment(row, column, cell.note, {"author": cell.author or "A reader"})
