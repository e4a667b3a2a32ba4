"""What worksheets and dashboards look like, the same at every destination.

Each background comes with a colour for its text, so that both stay legible in a program with a dark
mode.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Literal

from refsync.worksheet.table import NUMERIC

if TYPE_CHECKING:
    from collections.abc import Mapping

    from refsync.worksheet.chart import Color
    from refsync.worksheet.table import Cell, Column, Format, Look, Table

Align = Literal["left", "center", "right"]

GENERAL = "General"
"""The program's own pattern: a number with the digits it has."""

_PATTERNS: Mapping[Format, str] = {
    "text": "@",
    "boolean": GENERAL,
    "date": "yyyy-mm-dd",
    "timestamp": "yyyy-mm-dd hh:mm:ss",
}
_DECIMALS: Mapping[Format, int] = {
    "integer": 0,
    "number": 2,
    "decimal": 2,
    "percent": 2,
    "points": 1,
}

ALIGNMENTS: Mapping[Format, Align] = {
    "text": "left",
    "boolean": "center",
    "plain": "right",
    "integer": "right",
    "number": "right",
    "decimal": "right",
    "percent": "right",
    "points": "right",
    "date": "center",
    "timestamp": "center",
}

BLACK = "#000000"
INK = "#1F2D3D"
FAINT_INK = "#5B6B7B"
PAPER = "#FFFFFF"
HEADER = "#DCE6F0"
BAND = "#F3F7FA"
PANEL = "#F0F4F8"
LINE = "#D5DDE5"
EDGE = "#9FB0C0"
UP, DOWN = "#0B62A8", "#A84300"
"""More and less: blue and orange, which colour-blind people can distinguish, beside an arrow."""

SCALED = "#8FCBBB"
"""The deepest colour of a column whose `scale` is `color`."""
BAR = "#9CC3E6"
"""A bar in a cell, and the deepest colour where a destination has no such bars."""

COLORS: Mapping[Color, str] = {
    "blue": "#0072B2",
    "orange": "#D55E00",
    "green": "#009E73",
    "purple": "#AA4499",
    "grey": "#566370",
    "light_blue": "#A9CDE8",
    "light_orange": "#F3BF98",
    "light_grey": "#BFC8D0",
}

TAB_COLORS: Mapping[str, str] = {
    "daily": "#0072B2",
    "metrics": "#009E73",
    "raw": "#566370",
}
OTHER_TAB = "#0072B2"
DASHBOARD_TAB = "#D55E00"

MIN_WIDTH, MAX_WIDTH = 9, 48
"""Of a column, in characters."""
_WIDTHS: Mapping[Look | None, tuple[int, int]] = {
    None: (MIN_WIDTH, MAX_WIDTH),
    "id": (MIN_WIDTH, MIN_WIDTH),
    "name": (24, MAX_WIDTH),
    "long": (MIN_WIDTH, 40),
    "sentence": (MAX_WIDTH, 100),
}
"""The least and the greatest width of a column by its look; a header has room in any case."""
CUT: frozenset[Look | None] = frozenset({"id", "long"})
"""Looks of texts that end at the edge of their cell, also where the next cell is blank."""
_ROWS_MEASURED = 1000


def pattern(column: Column) -> str:
    """Return a column's number format; the reader's locale decides about commas and points.

    >>> from refsync.worksheet.table import Column
    >>> pattern(Column("rate", "Rate", "percent", decimals=1))
    '0.0%'
    >>> pattern(Column("clicks", "Clicks", "integer"))
    '#,##0'
    """
    if column.format not in NUMERIC:
        return _PATTERNS[column.format]
    decimals = _decimals(column)
    if decimals is None:
        return GENERAL
    digits = f"0.{'0' * decimals}" if decimals else "0"
    if column.format == "percent":
        return f"{digits}%"
    if column.format == "points":
        return f'+{digits}%" pts";-{digits}%" pts";{digits}%" pts"'
    return digits if column.format == "plain" else f"#,##{digits}"


def _decimals(column: Column) -> int | None:
    return _DECIMALS.get(column.format) if column.decimals is None else column.decimals


def column_width(table: Table, index: int) -> int:
    """Return a column's width in characters, by its header and its first rows."""
    column = table.columns[index]
    cells = (row[index] for row in islice(table.rows, _ROWS_MEASURED))
    widest = max((_width(_shown(cell, column)) for cell in cells if cell is not None), default=0)
    least, greatest = _WIDTHS[column.look if column.format == "text" else None]
    # The header shares its cell with the filter's button.
    header = min(len(column.header) + 4, MAX_WIDTH)
    return max(header, least, min(widest + 2, greatest))


def text_color(column: Column) -> str:
    """Return the colour of a column's texts: ids are grey."""
    return FAINT_INK if column.look == "id" else INK


def _width(text: str) -> int:
    """Return a text's width in characters; those of Chinese, Japanese and Korean take two."""
    if text.isascii():
        return len(text)
    return len(text) + sum(unicodedata.east_asian_width(each) in "WF" for each in text)


def _shown(cell: Cell, column: Column) -> str:
    """Return roughly what a reader sees in a cell."""
    if isinstance(cell, str):
        return max(cell.splitlines(), key=_width, default="")
    if isinstance(cell, datetime):
        return str(cell.replace(microsecond=0))
    decimals = _decimals(column)
    if column.format not in NUMERIC:
        return str(cell)
    if decimals is None:
        return f"{cell:.10g}"
    ways = {"percent": "{:.{}%}", "points": "{:+.{}%} pts", "plain": "{:.{}f}"}
    return ways.get(column.format, "{:,.{}f}").format(cell, decimals)


@dataclass(frozen=True)
class CellLook:
    """The style of a dashboard's cell.

    On a panel it has a background. At the panel's edge it has a line at its left, and an indent. A
    text at the right has an indent there.
    """

    size: int
    color: str
    bold: bool = False
    align: Align = "left"
    on_panel: bool = False
    at_edge: bool = False


DashboardLook = Literal[
    "heading",
    "label",
    "fact",
    "remark",
    "title",
    "total",
    "period",
    "note",
    "value",
    "change",
    "rest",
    "rest_value",
    "mark",
    "item",
    "first_item",
    "item_value",
    "item_change",
]

DASHBOARD: Mapping[DashboardLook, CellLook] = {
    "heading": CellLook(20, INK, bold=True),
    "label": CellLook(10, FAINT_INK),
    "remark": CellLook(9, FAINT_INK, align="right"),
    "fact": CellLook(10, INK, bold=True),
    "title": CellLook(11, INK, bold=True, on_panel=True, at_edge=True),
    "total": CellLook(24, INK, bold=True, on_panel=True, at_edge=True),
    "period": CellLook(10, FAINT_INK, on_panel=True, at_edge=True),
    "note": CellLook(10, FAINT_INK, align="right", on_panel=True),
    "value": CellLook(10, INK, bold=True, align="right", on_panel=True),
    "change": CellLook(10, INK, align="right", on_panel=True),
    "rest": CellLook(9, FAINT_INK, align="right"),
    "rest_value": CellLook(9, INK),
    "mark": CellLook(10, DOWN, bold=True, on_panel=True, at_edge=True),
    "item": CellLook(10, INK, on_panel=True),
    "first_item": CellLook(10, INK, on_panel=True, at_edge=True),
    "item_value": CellLook(10, INK, bold=True, align="right", on_panel=True),
    "item_change": CellLook(10, INK, align="right", on_panel=True),
}

CHANGES: frozenset[DashboardLook] = frozenset({"change", "item_change"})
"""Looks of cells with a change, coloured by its sign."""


def change_pattern(column: Column, zero: str = '"–"') -> str:
    """Return the number format of a change.

    `zero` is the part for no change, and for a reference to a blank, which is a zero to Excel.

    >>> from refsync.worksheet.table import Column
    >>> change_pattern(Column("rate_change", "Change", "points"), zero="")
    '"▲ "0.0%" pts";"▼ "0.0%" pts";'
    """
    number = {"integer": "#,##0", "points": '0.0%" pts"'}.get(column.format, "0.0%")
    return f'"▲ "{number};"▼ "{number};{zero}'
