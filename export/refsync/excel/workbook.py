"""The contents of a workbook: a tab for each table, and dashboards before them."""

from __future__ import annotations

import logging
from datetime import datetime
from io import BytesIO
from itertools import groupby
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import xlsxwriter
from xlsxwriter.utility import xl_range

from refsync.excel.cells import write_cell, write_text
from refsync.excel.charts import HEIGHT, MARGIN, WIDTH, add_chart
from refsync.excel.dashboard import add_dashboard
from refsync.excel.record import PROPERTY, record
from refsync.excel.remarks import NOTHING, CarriedSheet
from refsync.excel.write_remarks import by_row, write_kept, write_reader_headers, write_remarks
from refsync.report import build_in_words
from refsync.worksheet import theme
from refsync.worksheet.build import Build
from refsync.worksheet.header_note import header_note
from refsync.worksheet.remarks import TITLE as KEPT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from refsync.worksheet.table import Column, Table

logger = logging.getLogger(__name__)

_HEADER_STYLE = {
    "bold": True,
    "valign": "vcenter",
    "bg_color": theme.HEADER,
    "font_color": theme.INK,
    "bottom": 1,
    "bottom_color": theme.LINE,
}
_HEADER_HEIGHT = 22
_NOTE_CHARACTERS, _NOTE_LINE = 36, 19
"""Characters in a line of a note, and the line's height in pixels."""
_UNKNOWN_TIME = datetime(1980, 1, 1)  # noqa: DTZ001 - XlsxWriter's own for the files inside
_A4 = 9
_COLUMN_PIXELS, _ROW_PIXELS = 64, 20
"""Of columns and rows that nobody changed."""
MAX_CELLS_IN_MEMORY = 500_000
"""Cells that XlsxWriter keeps until it writes a workbook, 200 bytes each."""

NOTHING_CARRIED: Mapping[str, CarriedSheet] = MappingProxyType({})
"""What people added to a workbook that is new."""


def workbook_content(
    tables: Sequence[Table],
    carried: Mapping[str, CarriedSheet] = NOTHING_CARRIED,
    kept: Sequence[Sequence[Any]] = (),
) -> bytes:
    """Return the bytes of the workbook, the same for the same tables.

    Args:
        tables: What it is to hold.
        carried: What people added to its worksheets, by their titles.
        kept: The rows of the tab of the kept remarks; without any there is no such tab.
    """
    content = BytesIO()
    cells = sum(len(table.rows) * len(table.columns) for table in tables)
    # Of many cells, XlsxWriter's own objects would take gigabytes: they go to a temporary file.
    mode = "constant_memory" if cells > MAX_CELLS_IN_MEMORY else "in_memory"
    workbook = xlsxwriter.Workbook(content, {mode: True, "use_zip64": True})
    build = tables[0].build if tables else Build()
    words = build_in_words(build)
    workbook.set_properties({"created": build.finished_at or _UNKNOWN_TIME, "comments": words})
    has_remarks = bool(kept) or any(sheet.headers or sheet.cells for sheet in carried.values())
    titles = [*tab_titles(tables), *([KEPT] if kept else ())]
    workbook.set_custom_property(PROPERTY, record(build, titles, has_remarks=has_remarks))
    formats = Formats(workbook)
    # Tabs have the order in which they are added.
    dashboards = [
        (table, workbook.add_worksheet(table.dashboard.title))
        for table in tables
        if table.dashboard
    ]
    shown = [sheet for _, sheet in dashboards]
    may_hide = bool(dashboards) or not all(table.hidden_tab for table in tables)
    for table in tables:
        logger.info("Writing %s.", table.worksheet)
        sheet = workbook.add_worksheet(table.worksheet)
        sheet.set_row(0, _HEADER_HEIGHT)
        for index, column in enumerate(table.columns):
            sheet.set_column(index, index, theme.column_width(table, index))
            write_text(sheet, 0, index, column.header, formats.header(column))
            _add_note(sheet, table, index)
        added = carried.get(table.worksheet, NOTHING)
        write_reader_headers(sheet, table, added, formats)
        _write_rows(sheet, table, added, formats)
        _dress(sheet, table)
        _compare(sheet, table, formats)
        chart_column = len(table.columns) + len(added.headers)
        add_chart(workbook, sheet, table, chart_column)
        if table.hidden_tab and may_hide:
            # LibreOffice prints a hidden tab too if it has a print area.
            sheet.hide()
            continue
        _prepare_print(sheet, table, chart_column)
        shown.append(sheet)
    if tables:
        # Excel does not open a workbook whose active tab is hidden.
        shown[0].activate()
    for table, sheet in dashboards:
        add_dashboard(workbook, sheet, table)
    if kept:
        write_kept(workbook.add_worksheet(KEPT), kept, formats)
    workbook.close()
    return content.getvalue()


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


def tab_titles(tables: Sequence[Table]) -> list[str]:
    """Return the titles of a workbook's tabs, in their order."""
    dashboards = [table.dashboard.title for table in tables if table.dashboard]
    return [*dashboards, *(table.worksheet for table in tables)]


class Formats:
    """The formats of a workbook's cells."""

    def __init__(self, workbook: Any) -> None:
        self._workbook = workbook
        self._made: dict[tuple[tuple[str, object], ...], Any] = {}

    def of(self, column: Column, background: str = "", *, is_cut: bool = False) -> Any:
        """Return the format of a column's cells.

        Args:
            column: The column.
            background: The background that a person gave the cell.
            is_cut: Whether the text ends at the edge of its cell. Excel has no format for that but
                one that fills a cell, with a text that is too wide for it.
        """
        style: dict[str, object] = {
            # In Excel's own format for text, more than 255 characters are shown as ####.
            "num_format": theme.GENERAL if column.format == "text" else theme.pattern(column),
            "align": "fill" if is_cut else theme.ALIGNMENTS[column.format],
        }
        if column.look == "id":
            # A text that is cut ends at the line.
            style |= {"font_color": theme.text_color(column), "right": 1, "right_color": theme.LINE}
        if column.look == "name":
            style["indent"] = 1
        if column.scale == "color":
            # On a colour scale the text needs a fitting colour.
            style["font_color"] = theme.BLACK
        if background:
            style |= {"bg_color": f"#{background}", "font_color": theme.BLACK}
        return self._format(style)

    def band(self, column: Column) -> Any:
        """Return the format of every other row in a column."""
        color = theme.text_color(column) if column.look == "id" else theme.BLACK
        return self._format({"bg_color": theme.BAND, "font_color": color})

    def of_reader(self, number_format: str, background: str = "") -> Any:
        """Return the format of a cell that a person filled."""
        style: dict[str, object] = {"num_format": number_format}
        return self._format(style | ({"bg_color": f"#{background}"} if background else {}))

    def plain_header(self) -> Any:
        """Return the format of a header that is no column's of a table."""
        return self._format(_HEADER_STYLE)

    def header(self, column: Column) -> Any:
        """Return the format of a column's header."""
        align = theme.ALIGNMENTS[column.format]
        # The filter's button covers the right end of a header.
        return self._format(
            {
                **_HEADER_STYLE,
                "align": align,
                "indent": 2 if align == "right" else int(column.look == "name"),
            }
        )

    def _format(self, style: Mapping[str, object]) -> Any:
        key = tuple(style.items())
        if key not in self._made:
            self._made[key] = self._workbook.add_format(dict(style))
        return self._made[key]


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
