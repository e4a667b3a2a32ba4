"""Charts and the dashboard of a workbook, in XlsxWriter's terms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from refsync.worksheet import theme
from refsync.worksheet.chart import is_light
from refsync.worksheet.chart_data import alternative_text, chart_rows, has_negatives
from refsync.worksheet.dashboard_layout import COLUMN_PIXELS, COLUMNS, Source, lay_out_dashboard
from refsync.worksheet.table import TEMPORAL
from refsync.worksheet.values import UNWRITABLE, sheet_value

if TYPE_CHECKING:
    from refsync.worksheet.chart import Chart, Series
    from refsync.worksheet.dashboard_layout import DashboardCell
    from refsync.worksheet.table import Table
    from refsync.worksheet.theme import CellLook
    from refsync.worksheet.values import SheetValue

_A4 = 9
_WIDTH, _HEIGHT = 760, 360
_MIN_BARS = 9
"""How many of the thickest bars would fill a chart."""
_NO_NUMBERS = {"nan", "inf", "infinity"}
"""Texts that Python reads as numbers."""
_FAINT = {"color": theme.FAINT_INK, "size": 9}


def add_chart(workbook: Any, sheet: Any, table: Table, column: int) -> None:
    """Draw the chart of a table from a column on, if it has one."""
    if table.chart:
        drawn = new_chart(workbook, table.chart, table, _WIDTH)
        drawn.set_size({"width": _WIDTH, "height": _HEIGHT})
        words = alternative_text(table.chart, table)
        options = {"x_offset": 20, "y_offset": 10, "description": words}
        sheet.insert_chart(1, column, drawn, options)


def new_chart(workbook: Any, chart: Chart, table: Table, width: int) -> Any:
    """Return a chart for the workbook, `width` pixels wide; it shows existing rows only."""
    drawn = workbook.add_chart({"type": chart.type})
    # Blanks below the rows would take room in the chart.
    filled = sum(row[table.place(chart.x)] is not None for row in table.rows[: chart.rows])
    last_row = min(chart_rows(chart, table), max(filled, 1))
    x = table.place(chart.x)
    for series in chart.series:
        numbers = table.place(series.column)
        drawn.add_series(
            {
                "name": [table.worksheet, 0, numbers],
                "categories": [table.worksheet, 1, x, last_row, x],
                "values": [table.worksheet, 1, numbers, last_row, numbers],
                "categories_data": _cached(table, x, last_row),
                "values_data": _cached(table, numbers, last_row),
                **_drawn(chart, series, table, last_row),
            }
        )
    title = {"name": chart.title, "overlay": False, "layout": {"x": 0.015, "y": 0.025}}
    drawn.set_title({**title, "name_font": {"color": theme.INK, "size": 12, "bold": True}})
    is_bar, is_alone = chart.type == "bar", len(chart.series) == 1
    categories: dict[str, Any] = {
        "num_font": _FAINT,
        "line": {"color": theme.LINE},
        "major_tick_mark": "none",
        "reverse": is_bar,
    }
    if table.columns[x].format == "date" and not is_bar:
        categories |= {"date_axis": True, "num_format": "d mmm", "label_position": "low"}
        categories |= {"major_unit": max(last_row // 6, 1), "major_unit_type": "days"}
    values = {
        "num_font": _FAINT,
        "line": {"none": True},
        "major_gridlines": {"visible": not is_bar, "line": {"color": theme.LINE, "width": 0.5}},
        "visible": not is_bar,
        **({} if has_negatives(chart, table) else {"min": 0}),
    }
    # XlsxWriter names axes by where they are.
    drawn.set_x_axis(values if is_bar else categories)
    drawn.set_y_axis(categories if is_bar else values)
    # Room for names at the left of bars, and for numbers elsewhere; the rest is for what is drawn.
    left = (160 if is_bar else 52) / width
    bottom = 0.96 if is_bar else 0.88
    inside = {"x": left, "y": 0.16, "width": 0.97 - left - 0.06 * is_bar, "height": bottom - 0.16}
    drawn.set_plotarea({"fill": {"none": True}, "layout": inside})
    beside_title = {"x": 0.45, "y": 0.025, "width": 0.53, "height": 0.1}
    legend = {"position": "top", "font": _FAINT, "layout": beside_title}
    drawn.set_legend({"none": True} if is_alone else legend)
    drawn.set_chartarea({"border": {"color": theme.LINE}, "fill": {"color": theme.PAPER}})
    return drawn


def _cached(table: Table, index: int, last_row: int) -> list[SheetValue] | None:
    """Return a chart's own copy of a column; `None` if XlsxWriter's own copy is correct.

    XlsxWriter keeps characters that XML cannot have, and reads "nan" as a number; Excel does not.
    """
    cells = [sheet_value(row[index]) for row in table.rows[:last_row]]
    legal = [_legal(cell) if isinstance(cell, str) else cell for cell in cells]
    return None if legal == cells else legal


def _legal(text: str) -> str:
    legal = UNWRITABLE.sub("", text)
    return f"{legal} " if legal.strip().lower().strip("+-") in _NO_NUMBERS else legal


def _gap(bars: int) -> int:
    """Return the gap between bars, in percent of a bar; few bars are no thicker than many."""
    return min(max(100 * _MIN_BARS // bars, 155), 600) - 100


def _drawn(chart: Chart, series: Series, table: Table, bars: int) -> dict[str, Any]:
    color = theme.COLORS[series.color]
    if chart.type == "line":
        return {"line": {"color": color, "width": 1 if is_light(series) else 2.25}}
    style: dict[str, Any] = {"fill": {"color": color}, "gap": _gap(bars)}
    if chart.type == "bar":
        column = table.columns[table.place(series.column)]
        pattern = theme.pattern(column)
        if column.decimals is None:  # shorter, for there is little room
            pattern = {"percent": "0.0%", "decimal": "#,##0.0"}.get(column.format, pattern)
        font = {"color": theme.INK, "size": 9}
        style["data_labels"] = {"value": True, "num_format": pattern, "font": font}
    return style


def add_dashboard(workbook: Any, sheet: Any, table: Table) -> None:
    """Fill the tab of a table's dashboard with charts and references, on one page."""
    assert table.dashboard is not None  # noqa: S101 - the caller checks it
    layout = lay_out_dashboard(table.dashboard, table)
    sheet.hide_gridlines(2)
    sheet.set_tab_color(theme.DASHBOARD_TAB)
    sheet.set_column_pixels(0, COLUMNS - 1, COLUMN_PIXELS)
    for row, height in enumerate(layout.heights):
        sheet.set_row_pixels(row, height)
    panel = workbook.add_format({"bg_color": theme.PANEL})
    for area in layout.panels:
        for row in range(area.top, area.bottom or 0):
            for column in range(area.left, area.right or 0):
                sheet.write_blank(row, column, None, panel)
    formats: dict[tuple[CellLook, str], Any] = {}
    for cell in layout.cells:
        key = (theme.DASHBOARD[cell.look], _pattern(cell))
        if key not in formats:
            formats[key] = workbook.add_format(_style(*key))
        _write(sheet, cell, table, formats[key])
        if cell.look == "change":
            for sign, color in ((">", theme.UP), ("<", theme.DOWN)):
                rule = {"type": "cell", "criteria": sign, "value": 0}
                rule["format"] = workbook.add_format({"font_color": color})
                sheet.conditional_format(cell.row, cell.column, cell.row, cell.column, rule)
    for placed in layout.charts:
        drawn = new_chart(workbook, placed.chart, table, placed.width)
        drawn.show_hidden_data()
        drawn.set_size({"width": placed.width, "height": placed.height})
        options = {"x_offset": placed.left, "description": alternative_text(placed.chart, table)}
        sheet.insert_chart(placed.row, placed.column, drawn, options)
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.set_margins(left=0.4, right=0.4, top=0.4, bottom=0.4)
    sheet.center_horizontally()
    sheet.print_area(0, 0, len(layout.heights) - 1, COLUMNS - 1)
    sheet.fit_to_pages(1, 1)


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

    To Excel, a reference to a blank cell is a zero. A date and a rate show a dash for it; a text
    and the row below a chart show nothing.
    """
    if cell.look == "change":
        return theme.CHANGE_PATTERN
    if not isinstance(cell.content, Source):
        return "General"
    pattern, format_ = theme.pattern(cell.content.described), cell.content.described.format
    if format_ == "text":
        return ";;;@"
    if cell.look == "rest_value":
        return f"{pattern};-{pattern};"
    if format_ in TEMPORAL:
        return f'{pattern};;"–"'
    return f'{pattern};-{pattern};"–"' if format_ == "percent" else pattern


def _style(look: CellLook, pattern: str) -> dict[str, Any]:
    style = {
        "font_size": look.size,
        "font_color": look.color,
        "bold": look.bold,
        "align": look.align,
        "valign": "vcenter",
        "num_format": pattern,
    }
    if look.at_edge:
        style |= {"left": 5, "left_color": theme.EDGE, "indent": 1}
    return style | ({"bg_color": theme.PANEL} if look.on_panel else {})
