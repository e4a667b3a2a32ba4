"""One worksheet of a workbook: its rows, its looks and its chart."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from xlsxwriter.utility import xl_range

from refsync.excel.cells import write_cell, write_text
from refsync.excel.charts import HEIGHT, MARGIN, WIDTH, add_chart
from refsync.excel.found_cells import FoundCell
from refsync.excel.write_remarks import by_row, write_note, write_reader_headers, write_remarks
from refsync.worksheet import theme
from refsync.worksheet.header_note import header_note

if TYPE_CHECKING:
    from refsync.excel.carried import CarriedSheet
    from refsync.excel.formats import Formats
    from refsync.worksheet.table import Table

_HEADER_HEIGHT = 22
_NOTE_CHARACTERS, _NOTE_LINE = 36, 19
"""Characters in a line of a note, and the line's height in pixels."""
_A4 = 9
_COLUMN_PIXELS, _ROW_PIXELS = 64, 20
"""Of columns and rows that nobody changed."""


def add_worksheet(
    workbook: Any, table: Table, carried: CarriedSheet, formats: Formats, *, is_hidden: bool
) -> Any:
    """Add the worksheet of a table, with what people added to it; return it.

    Args:
        workbook: The workbook, as XlsxWriter has it.
        table: What the worksheet is to hold.
        carried: What people added.
        formats: The workbook's formats.
        is_hidden: Whether the tab is hidden; a workbook has to show one.
    """
    sheet = workbook.add_worksheet(table.worksheet)
    sheet.set_row(0, _HEADER_HEIGHT)
    for index, column in enumerate(table.columns):
        sheet.set_column(index, index, theme.column_width(table, index))
        added = carried.own_headers.get(index, FoundCell())
        write_text(sheet, 0, index, column.header, formats.header(column, added.color))
        _add_note(sheet, table, index)
        write_note(sheet, 0, index, added)
    write_reader_headers(sheet, table, carried, formats)
    _write_rows(sheet, table, carried, formats)
    _dress(sheet, table)
    _compare(sheet, table, formats)
    chart_column = len(table.columns) + len(carried.headers)
    add_chart(workbook, sheet, table, chart_column)
    if is_hidden:
        # LibreOffice prints a hidden tab too if it has a print area.
        sheet.hide()
    else:
        _prepare_print(sheet, table, chart_column)
    return sheet


def _write_rows(sheet: Any, table: Table, carried: CarriedSheet, formats: Formats) -> None:
    """Write the rows of a table, and what people added, from the top down.

    XlsxWriter drops what comes after a later row where it keeps one row in memory. A text that is
    too wide for its column ends there, if it may.
    """
    remarks = by_row(carried)
    styles = [formats.of(column) for column in table.columns]
    cut = {
        index: (theme.column_width(table, index), formats.of(column, is_cut=True))
        for index, column in enumerate(table.columns)
        if column.look in theme.CUT
    }
    for number, row in enumerate(table.rows, start=1):
        for index, (style, cell) in enumerate(zip(styles, row, strict=True)):
            if index in cut and isinstance(cell, str) and len(cell) > cut[index][0]:
                write_cell(sheet, number, index, cell, cut[index][1])
            else:
                write_cell(sheet, number, index, cell, style)
        write_remarks(sheet, table, number, remarks.pop(number, ()), formats)
    for number, cells in remarks.items():  # below the table
        write_remarks(sheet, table, number, cells, formats)


def _add_note(sheet: Any, table: Table, index: int) -> None:
    """Add a note about the column to its header, in a box of the text's size."""
    if note := header_note(table, index):
        lines = sum(len(line) // _NOTE_CHARACTERS + 1 for line in note.splitlines()) + 1
        size = {"width": 270, "height": lines * _NOTE_LINE, "font_size": 9}
        sheet.write_comment(0, index, note, {"author": "refsync", **size})


def _dress(sheet: Any, table: Table) -> None:
    """Make a worksheet pleasant to read, on a screen and on paper."""
    last_row, last_column = len(table.rows), len(table.columns) - 1
    sheet.set_tab_color(theme.TAB_COLORS.get(table.type, theme.OTHER_TAB))
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, last_row, last_column)
    texts = [
        xl_range(1, index, max(last_row, 1), index)
        for index, column in enumerate(table.columns)
        if column.format == "text" or any(isinstance(row[index], str) for row in table.rows)
    ]
    if texts:
        # Identifiers of digits are meant to be text: no green corners.
        sheet.ignore_errors({"number_stored_as_text": " ".join(texts)})


def _prepare_print(sheet: Any, table: Table, chart_column: int) -> None:
    """Set the pages of a worksheet: all its columns side by side, with the chart beside them."""
    last_row, last_column = len(table.rows), len(table.columns) - 1
    if table.chart:
        # Columns and rows of the usual size.
        last_column = chart_column + (WIDTH + MARGIN) // _COLUMN_PIXELS
        last_row = max(last_row, 1 + (HEIGHT + MARGIN) // _ROW_PIXELS)
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.print_area(0, 0, last_row, last_column)


def _compare(sheet: Any, table: Table, formats: Formats) -> None:
    """Add bands, which stay in place when rows are sorted, and scales for numbers."""
    last_row, last_column = len(table.rows), len(table.columns) - 1
    if not last_row:
        return
    for index, column in enumerate(table.columns):
        if column.scale == "color":
            scale = {"type": "2_color_scale", "min_color": theme.PAPER, "max_color": theme.SCALED}
            sheet.conditional_format(1, index, last_row, index, scale)
        elif column.scale == "bar":
            bar = {"type": "data_bar", "bar_color": theme.BAR, "bar_solid": True}
            from_zero = {"data_bar_2010": True, "min_type": "num", "min_value": 0}
            sheet.conditional_format(1, index, last_row, index, {**bar, **from_zero})
    rule = {"type": "formula", "criteria": "=MOD(ROW(),2)=1"}
    for band, group in groupby(range(last_column + 1), lambda i: formats.band(table.columns[i])):
        places = [*group]
        area = (1, places[0], last_row, places[-1])
        sheet.conditional_format(*area, {**rule, "format": band})
