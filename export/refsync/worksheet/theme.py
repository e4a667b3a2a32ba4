"""What worksheets and dashboards look like, the same at every destination.

Each background comes with a colour for its text, so that both stay legible in a program with a dark
mode.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Literal

from refsync.worksheet.table import NUMERIC

if TYPE_CHECKING:
    from collections.abc import Mapping

    from refsync.worksheet.chart import Color
    from refsync.worksheet.table import Cell, Column, Format, Table

Align = Literal["left", "center", "right"]

GENERAL = "General"
"""The program's own pattern: a number with the digits it has."""

_PATTERNS: Mapping[Format, str] = {
    "text": "@",
    "boolean": GENERAL,
    "date": "yyyy-mm-dd",
    "timestamp": "yyyy-mm-dd hh:mm:ss",
}
_DECIMALS: Mapping[Format, int] = {"integer": 0, "number": 2, "decimal": 2, "percent": 2}

ALIGNMENTS: Mapping[Format, Align] = {
    "text": "left",
    "boolean": "center",
    "plain": "right",
    "integer": "right",
    "number": "right",
    "decimal": "right",
    "percent": "right",
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
    return digits if column.format == "plain" else f"#,##{digits}"


def _decimals(column: Column) -> int | None:
    return _DECIMALS.get(column.format) if column.decimals is None else column.decimals


def column_width(table: Table, index: int) -> int:
    """Return a column's width in characters, by its header and its first rows."""
    column = table.columns[index]
    cells = (row[index] for row in islice(table.rows, _ROWS_MEASURED))
    widest = max((len(_shown(cell, column)) for cell in cells if cell is not None), default=0)
    # The header shares its cell with the filter's button.
    return min(max(len(column.header) + 4, widest + 2, MIN_WIDTH), MAX_WIDTH)


def _shown(cell: Cell, column: Column) -> str:
    """Return roughly what a reader sees in a cell."""
    if isinstance(cell, str):
        return max(cell.splitlines(), key=len, default="")
    if isinstance(cell, datetime):
        return str(cell.replace(microsecond=0))
    if column.format not in NUMERIC:
        return str(cell)
    decimals = _decimals(column)
    if decimals is None:
        return f"{cell:.10g}"
    if column.format == "percent":
        return f"{cell:.{decimals}%}"
    return f"{cell:.{decimals}f}" if column.format == "plain" else f"{cell:,.{decimals}f}"


@dataclass(frozen=True)
class CellLook:
    """The style of a dashboard's cell.

    On a panel it has a background. At the panel's edge it has a line at its left, and an indent.
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
}

CHANGE_PATTERN = '"▲ "0.0%;"▼ "0.0%;"–"'
"""A change; a dash if there is none, or if it refers to a blank, which is a zero to Excel."""
