"""The dashboard of a workbook, in XlsxWriter's terms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from refsync.excel.charts import new_chart
from refsync.worksheet import theme
from refsync.worksheet.chart_data import alternative_text
from refsync.worksheet.dashboard_layout import (
    COLUMN_PIXELS,
    COLUMNS,
    DashboardLayout,
    Source,
    lay_out_dashboard,
)
from refsync.worksheet.table import TEMPORAL
from refsync.worksheet.values import UNWRITABLE, sheet_value

if TYPE_CHECKING:
    from refsync.worksheet.dashboard_layout import DashboardCell
    from refsync.worksheet.table import Table

_A4 = 9
_Style = dict[str, Any]


def add_dashboard(workbook: Any, sheet: Any, table: Table) -> None:
    """Fill the tab of a table's dashboard with charts and references, on one page."""
    assert table.dashboard is not None  # noqa: S101 - the caller checks it
    layout = lay_out_dashboard(table.dashboard, table)
    sheet.hide_gridlines(2)
    sheet.set_tab_color(theme.DASHBOARD_TAB)
    sheet.set_column_pixels(0, COLUMNS - 1, COLUMN_PIXELS)
    for row, height in enumerate(layout.heights):
        sheet.set_row_pixels(row, height)
    _write_cells(workbook, sheet, layout, table)
    for placed in layout.charts:
        drawn = new_chart(workbook, placed.chart, table, placed.width, has_border=False)
        drawn.show_hidden_data()
        drawn.set_size({"width": placed.width, "height": placed.height})
        words = alternative_text(placed.chart, table)
        options = {"x_offset": placed.left, "y_offset": placed.top, "description": words}
        sheet.insert_chart(placed.row, placed.column, drawn, options)
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.set_margins(left=0.4, right=0.4, top=0.4, bottom=0.4)
    sheet.center_horizontally()
    sheet.print_area(0, 0, len(layout.heights) - 1, COLUMNS - 1)
    sheet.fit_to_pages(1, 1)


def _write_cells(workbook: Any, sheet: Any, layout: DashboardLayout, table: Table) -> None:
    """Write the cells of a dashboard, and the backgrounds and lines below them."""
    formats: dict[tuple[tuple[str, object], ...], Any] = {}

    def format_of(style: _Style) -> Any:
        key = tuple(style.items())
        if key not in formats:
            formats[key] = workbook.add_format(style)
        return formats[key]

    below = _panels(layout) | _lines(layout)
    # XlsxWriter drops what comes after a later row where it keeps few rows in memory.
    for row in range(len(layout.heights)):
        for column in range(COLUMNS):
            if (row, column) in below:
                sheet.write_blank(row, column, None, format_of(below[row, column]))
        for cell in (cell for cell in layout.cells if cell.row == row):
            style = below.get((row, cell.column), {}) | _style(cell)
            _write(sheet, cell, table, format_of(style))
    for cell in layout.cells:
        if cell.look in theme.CHANGES:
            for sign, color in ((">", theme.UP), ("<", theme.DOWN)):
                rule = {"type": "cell", "criteria": sign, "value": 0}
                rule["format"] = format_of({"font_color": color})
                sheet.conditional_format(cell.row, cell.column, cell.row, cell.column, rule)


def _panels(layout: DashboardLayout) -> dict[tuple[int, int], _Style]:
    """Return the backgrounds of cards and lists, by cell."""
    return {
        (row, column): {"bg_color": theme.PANEL}
        for area in layout.panels
        for row in range(area.top, area.bottom or 0)
        for column in range(area.left, area.right or 0)
    }


def _lines(layout: DashboardLayout) -> dict[tuple[int, int], _Style]:
    """Return the lines of the frames around charts, by the cells at their edges."""
    lines: dict[tuple[int, int], _Style] = {}
    for frame in layout.frames:
        last_row, last_column = (frame.bottom or 0) - 1, (frame.right or 0) - 1
        for row in range(frame.top, last_row + 1):
            for column in range(frame.left, last_column + 1):
                at_edges = {
                    "top": row == frame.top,
                    "bottom": row == last_row,
                    "left": column == frame.left,
                    "right": column == last_column,
                }
                style: _Style = {}
                for side in (side for side, is_there in at_edges.items() if is_there):
                    style |= {side: 1, f"{side}_color": theme.LINE}
                if style:
                    lines[row, column] = style
    return lines


def _write(sheet: Any, cell: DashboardCell, table: Table, format_: Any) -> None:
    if cell.span > 1:
        last = cell.column + cell.span - 1
        sheet.merge_range(cell.row, cell.column, cell.row, last, "", format_)
    if isinstance(cell.content, Source):
        formula, shown = cell.content.formula(table.worksheet), sheet_value(cell.content.value)
        if isinstance(shown, str):
            shown = UNWRITABLE.sub("", shown)
        # The value for programs that do not calculate, such as previews.
        sheet.write_formula(cell.row, cell.column, formula, format_, 0 if shown is None else shown)
    else:
        sheet.write_string(cell.row, cell.column, cell.content, format_)


def _pattern(cell: DashboardCell) -> str:
    """Return a cell's number format.

    To Excel, a reference to a blank cell is a zero. A date and a rate show a dash for it; a text,
    an item of a list and the row below a chart show nothing.
    """
    if not isinstance(cell.content, Source):
        return "General"
    described = cell.content.described
    if cell.look in theme.CHANGES:
        return theme.change_pattern(described, zero="" if cell.look == "item_change" else '"–"')
    pattern = theme.pattern(described)
    if described.format == "text":
        return ";;;@"
    if cell.look in {"rest_value", "item_value"} and cell.content.value is None:
        return f"{pattern};-{pattern};"
    if described.format in TEMPORAL:
        return f'{pattern};;"–"'
    return f'{pattern};-{pattern};"–"' if described.format == "percent" else pattern


def _style(cell: DashboardCell) -> _Style:
    look = theme.DASHBOARD[cell.look]
    style = {
        "font_size": look.size,
        "font_color": look.color,
        "bold": look.bold,
        "align": look.align,
        "valign": "vcenter",
        "num_format": _pattern(cell),
        # A long sentence becomes smaller instead of being cut.
        "shrink": cell.look in {"item", "first_item"},
    }
    if look.at_edge:
        style |= {"left": 5, "left_color": theme.EDGE}
    if look.at_edge or (look.on_panel and look.align == "right"):
        style["indent"] = 1
    return style
