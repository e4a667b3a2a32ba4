"""Charts as the Sheets API describes them ("Charts": EmbeddedChart, BasicChartSpec)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from refsync.worksheet.area import Area
from refsync.worksheet.chart import is_light
from refsync.worksheet.chart_data import alternative_text, chart_rows, has_negatives
from refsync.worksheet.theme import COLORS, INK, PAPER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from refsync.google_sheets.api.requests import Request
    from refsync.worksheet.chart import Chart, Series
    from refsync.worksheet.table import Table

_LEGENDS: Mapping[bool, str] = {True: "TOP_LEGEND", False: "NO_LEGEND"}


def color_style(hexadecimal: str) -> dict[str, Any]:
    """Return a `ColorStyle` for a colour such as #0072B2."""
    red, green, blue = (int(hexadecimal[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return {"rgbColor": {"red": red, "green": green, "blue": blue}}


def add_chart(
    chart: Chart, table: Table, sheet_id: int, position: Mapping[str, Any], *, on_dashboard: bool
) -> Request:
    """Return the request that draws a chart.

    Args:
        chart: What it shows.
        table: The worksheet that it is about.
        sheet_id: The worksheet's tab.
        position: Where it is: an `OverlayPosition`.
        on_dashboard: Whether it shows rows too that a filter hides, and has no border of its own.
    """
    lies = chart.type == "bar"
    rows = chart_rows(chart, table)
    value_axis = "BOTTOM_AXIS" if lies else "LEFT_AXIS"
    axis: dict[str, Any] = {"position": value_axis}
    if not has_negatives(chart, table):
        # In other modes Google may choose where an axis begins.
        axis["viewWindowOptions"] = {"viewWindowMin": 0, "viewWindowMode": "EXPLICIT"}
    spec = {
        "title": chart.title,
        "altText": alternative_text(chart, table),
        "titleTextFormat": {
            "bold": True,
            "fontSize": 12,
            "foregroundColorStyle": color_style(INK),
        },
        "titleTextPosition": {"horizontalAlignment": "LEFT"},
        "backgroundColorStyle": color_style(PAPER),
        "hiddenDimensionStrategy": "SHOW_ALL" if on_dashboard else "SKIP_HIDDEN_ROWS_AND_COLUMNS",
        "basicChart": {
            "chartType": chart.type.upper(),
            "legendPosition": _LEGENDS[len(chart.series) > 1],
            "headerCount": 1,
            "axis": [axis],
            "domains": [{"domain": _data(sheet_id, rows, table.place(chart.x))}],
            "series": [
                {
                    "series": _data(sheet_id, rows, table.place(series.column)),
                    "targetAxis": value_axis,
                    "colorStyle": color_style(COLORS[series.color]),
                    **_drawn(chart, series),
                }
                for series in chart.series
            ],
        },
    }
    border = {"border": {"colorStyle": color_style(PAPER)}} if on_dashboard else {}
    return {
        "addChart": {
            "chart": {"spec": spec, "position": {"overlayPosition": dict(position)}, **border},
        }
    }


def _drawn(chart: Chart, series: Series) -> dict[str, Any]:
    if chart.type == "line":
        return {"lineStyle": {"type": "SOLID", "width": 1 if is_light(series) else 3}}
    if chart.type == "bar":
        style = {"foregroundColorStyle": color_style(INK), "fontSize": 10}
        return {"dataLabel": {"type": "DATA", "placement": "OUTSIDE_END", "textFormat": style}}
    return {}


def _data(sheet_id: int, rows: int, place: int) -> dict[str, Any]:
    """Return `ChartData`: a column with its header, which names it."""
    area = Area(0, rows + 1, place, place + 1)
    return {"sourceRange": {"sources": [area.to_json(sheet_id)]}}
