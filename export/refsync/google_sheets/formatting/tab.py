"""The requests that make a new tab, or a new column, presentable.

They are sent once, in the batch that creates it; from then on it looks as its reader wants it to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from refsync.google_sheets.formatting.charts import add_chart, color_style
from refsync.worksheet import theme
from refsync.worksheet.area import Area
from refsync.worksheet.chart_data import chart_rows
from refsync.worksheet.header_note import header_note

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from refsync.google_sheets.api.requests import Request
    from refsync.worksheet.chart import Scale
    from refsync.worksheet.table import Column, Format, Table

_TYPES: Mapping[Format, str] = {
    "text": "TEXT",
    "percent": "PERCENT",
    "points": "PERCENT",
    "date": "DATE",
    "timestamp": "DATE_TIME",
}

PIXELS_PER_CHARACTER = 7
CHART_WIDTH, CHART_HEIGHT = 760, 360

_WHOLE = {"numberFormat", "padding", "left"}
"""Fields of a cell's format that are given whole; `left` is a border."""

_DEEPEST: Mapping[Scale, str] = {"color": theme.SCALED, "bar": theme.BAR}
"""Google Sheets has no bars in cells: there they are a colour scale of the bars' own colour."""


def least_rows(table: Table) -> int:
    """Return how many rows a new tab needs for all that refers to it to stay within its grid."""
    needed = [len(table.rows) + 1]
    if table.chart:
        needed.append(chart_rows(table.chart, table) + 1)
    if table.dashboard:
        needed.append(table.dashboard.least_rows + 1)
    # A tab cannot freeze all its rows, so one that holds a header alone has a blank row too.
    return max(*needed, 2)


def cell_number_format(column: Column) -> Mapping[str, str] | None:
    """Return a column's `NumberFormat`; `None`, which takes one away, is Google's automatic one."""
    pattern = theme.pattern(column)
    if pattern == theme.GENERAL:
        return None
    return {"type": _TYPES.get(column.format, "NUMBER"), "pattern": pattern}


def number_format(sheet_id: int, place: int, column: Column) -> Request:
    """Return the request that formats a whole column below its header."""
    cell = {"userEnteredFormat": {"numberFormat": cell_number_format(column)}}
    return _repeat(sheet_id, Area(1, None, place, place + 1), cell)


def no_background(sheet_id: int, place: int) -> Request:
    """Return the request that takes away the backgrounds in a whole column below its header."""
    cell = {"userEnteredFormat": {"backgroundColorStyle": None}}
    return _repeat(sheet_id, Area(1, None, place, place + 1), cell)


def new_column(sheet_id: int, table: Table, place: int) -> list[Request]:
    """Return the requests that make a column presentable.

    Its header has a note about it; its width fits its first rows.
    """
    column = table.columns[place]
    alignment = theme.ALIGNMENTS[column.format].upper()
    header: dict[str, Any] = {
        "userEnteredFormat": {
            "backgroundColorStyle": color_style(theme.HEADER),
            "textFormat": {"bold": True, "foregroundColorStyle": color_style(theme.INK)},
            "horizontalAlignment": alignment,
            "verticalAlignment": "MIDDLE",
        }
    }
    if note := header_note(table, place):
        header["note"] = note
    # The bands have backgrounds, so the text has a colour.
    style: dict[str, Any] = {
        "numberFormat": cell_number_format(column),
        "horizontalAlignment": alignment,
        "textFormat": {"foregroundColorStyle": color_style(theme.text_color(column))},
    }
    if column.look in theme.CUT:
        style["wrapStrategy"] = "CLIP"
    below = {"userEnteredFormat": style}
    width = theme.column_width(table, place) * PIXELS_PER_CHARACTER + 10
    return [
        _repeat(sheet_id, Area(0, 1, place, place + 1), header),
        _repeat(sheet_id, Area(1, None, place, place + 1), below),
        set_size(sheet_id, "COLUMNS", place, 1, width),
    ]


def new_tab(sheet_id: int, table: Table) -> Iterator[Request]:
    """Yield the requests that make a tab presentable which was just created for a table."""
    width, rows = len(table.columns), least_rows(table)
    for place in range(width):
        yield from new_column(sheet_id, table, place)
    everything = Area(0, rows, 0, width).to_json(sheet_id)
    bands = {
        "headerColorStyle": color_style(theme.HEADER),
        "firstBandColorStyle": color_style(theme.PAPER),
        "secondBandColorStyle": color_style(theme.BAND),
    }
    yield {"addBanding": {"bandedRange": {"range": everything, "rowProperties": bands}}}
    yield {"setBasicFilter": {"filter": {"range": everything}}}
    for place, column in enumerate(table.columns):
        if column.scale:
            yield _scale(sheet_id, Area(1, rows, place, place + 1), column.scale)
    if table.chart:
        position = {
            "anchorCell": {"sheetId": sheet_id, "rowIndex": 1, "columnIndex": width},
            "offsetXPixels": 20,
            "offsetYPixels": 10,
            "widthPixels": CHART_WIDTH,
            "heightPixels": CHART_HEIGHT,
        }
        yield add_chart(table.chart, table, sheet_id, position, on_dashboard=False)


def _scale(sheet_id: int, area: Area, scale: Scale) -> Request:
    lowest: dict[str, Any] = {"type": "MIN"}
    if scale == "bar":
        lowest = {"type": "NUMBER", "value": "0"}
    rule = {
        "ranges": [area.to_json(sheet_id)],
        "gradientRule": {
            "minpoint": {"colorStyle": color_style(theme.PAPER), **lowest},
            "maxpoint": {"colorStyle": color_style(_DEEPEST[scale]), "type": "MAX"},
        },
    }
    return {"addConditionalFormatRule": {"rule": rule, "index": 0}}


def set_size(sheet_id: int, dimension: str, start: int, count: int, pixels: int) -> Request:
    """Return the request that gives rows their height or columns their width."""
    span = {"sheetId": sheet_id, "dimension": dimension}
    return {
        "updateDimensionProperties": {
            "range": {**span, "startIndex": start, "endIndex": start + count},
            "properties": {"pixelSize": pixels},
            "fields": "pixelSize",
        }
    }


def _repeat(sheet_id: int, area: Area, cell: Mapping[str, Any]) -> Request:
    """Return the request that gives all cells of an area what `cell` says, and nothing else."""
    return {
        "repeatCell": {
            "range": area.to_json(sheet_id),
            "cell": cell,
            "fields": ",".join(leaves(cell)),
        }
    }


def leaves(message: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """Yield the paths of a message's fields for a mask; what goes together is one field."""
    for name, value in message.items():
        if isinstance(value, dict) and name not in _WHOLE and not name.endswith("Style"):
            yield from leaves(value, f"{prefix}{name}.")
        else:
            yield prefix + name
