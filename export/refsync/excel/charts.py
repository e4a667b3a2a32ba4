"""Charts of a workbook, in XlsxWriter's terms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from refsync.worksheet import theme
from refsync.worksheet.chart import is_light
from refsync.worksheet.chart_data import alternative_text, chart_rows, has_negatives
from refsync.worksheet.values import UNWRITABLE, sheet_value

if TYPE_CHECKING:
    from refsync.worksheet.chart import Chart, Series
    from refsync.worksheet.table import Table
    from refsync.worksheet.values import SheetValue

WIDTH, HEIGHT = 760, 360
"""Of the chart beside the rows of a worksheet, in pixels."""
MARGIN = 20
_MAX_SMALL = 8
"""Up to this number, the axis of counts goes up by one."""
_MIN_BARS = 9
"""How many of the thickest bars would fill a chart."""
_NO_NUMBERS = {"nan", "inf", "infinity"}
"""Texts that Python reads as numbers."""
_FAINT = {"color": theme.FAINT_INK, "size": 9}


def add_chart(workbook: Any, sheet: Any, table: Table, column: int) -> None:
    """Draw the chart of a table from a column on, if it has one."""
    if table.chart:
        drawn = new_chart(workbook, table.chart, table, WIDTH)
        drawn.set_size({"width": WIDTH, "height": HEIGHT})
        words = alternative_text(table.chart, table)
        options = {"x_offset": MARGIN, "y_offset": MARGIN // 2, "description": words}
        sheet.insert_chart(1, column, drawn, options)


def new_chart(
    workbook: Any, chart: Chart, table: Table, width: int, *, has_border: bool = True
) -> Any:
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
    values: dict[str, Any] = {
        "num_font": _FAINT,
        "line": {"none": True},
        "major_gridlines": {"visible": not is_bar, "line": {"color": theme.LINE, "width": 0.5}},
        "visible": not is_bar,
        **_range(chart, table),
    }
    # XlsxWriter names axes by where they are.
    drawn.set_x_axis(values if is_bar else categories)
    drawn.set_y_axis(categories if is_bar else values)
    # Room for names at the left of bars, and for numbers elsewhere; the rest is for what is drawn.
    left = (160 if is_bar else 52) / width
    bottom = 0.96 if is_bar else 0.88
    top = 0.16 if is_bar else 0.2
    inside = {"x": left, "y": top, "width": 0.97 - left - 0.06 * is_bar, "height": bottom - top}
    drawn.set_plotarea({"fill": {"none": True}, "layout": inside})
    beside_title = {"x": 0.45, "y": 0.025, "width": 0.53, "height": 0.1}
    legend = {"position": "top", "font": _FAINT, "layout": beside_title}
    drawn.set_legend({"none": True} if is_alone else legend)
    border: dict[str, Any] = {"color": theme.LINE} if has_border else {"none": True}
    drawn.set_chartarea({"border": border, "fill": {"color": theme.PAPER}})
    return drawn


def _range(chart: Chart, table: Table) -> dict[str, Any]:
    """Return where the axis of the values begins and ends, and its steps: whole ones of counts."""
    if has_negatives(chart, table):
        return {}
    places = [table.place(series.column) for series in chart.series]
    numbers = [row[place] for row in table.rows[: chart.rows] for place in places]
    greatest = max((each for each in numbers if isinstance(each, int | float)), default=0)
    are_counts = table.columns[places[0]].format == "integer"
    if not are_counts or greatest > _MAX_SMALL:
        return {"min": 0}
    # Without any, the axis would end at 1.
    steps = {"min": 0, "major_unit": 1}
    return steps if greatest else steps | {"max": _MAX_SMALL // 2}


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
