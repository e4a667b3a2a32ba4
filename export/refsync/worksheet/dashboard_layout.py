"""Where everything on a dashboard goes, in pixels and cells, the same at every destination.

    a heading
    facts           As of 2026-10-31
    cards           Clicks      Signups      Rate
    charts          left to right, as many in a row as their widths allow

It is a grid of twelve equal columns. Each row has a fixed height, so that the charts have the same
position with any font.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from refsync.worksheet.area import Area, column_letters

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from refsync.worksheet.chart import Card, Chart, ChartType, Dashboard, Width
    from refsync.worksheet.table import Cell, Column, Table
    from refsync.worksheet.theme import DashboardLook

COLUMNS = 12
COLUMN_PIXELS = 92
ROW_PIXELS = 20
GAP_PIXELS = 12
_HEADING, _FACTS, _TITLE, _TOTAL = 40, 22, 26, 42
_SHARES: Mapping[Width, int] = {"full": 12, "half": 6, "third": 4}
_CHART_ROWS: Mapping[ChartType, int] = {"line": 12, "column": 12, "bar": 16}


@dataclass(frozen=True)
class Source:
    """A cell of the dashboard's worksheet, by row and column (0-based), with value and format."""

    row: int
    column: int
    value: Cell
    described: Column

    def formula(self, title: str) -> str:
        """Return the reference to it on the tab with this title; every locale reads it alike.

        >>> from refsync.worksheet.table import Column
        >>> cell = Source(1, 1, 443, Column("signups", "Signups", "integer"))
        >>> cell.formula("Dashboard_Data"), cell.formula("Bob's tab")
        ('=Dashboard_Data!B2', "='Bob''s tab'!B2")
        """
        plain = re.fullmatch("[A-Za-z]+(_[A-Za-z]+)+", title)
        tab = title if plain else "'" + title.replace("'", "''") + "'"
        return f"={tab}!{column_letters(self.column)}{self.row + 1}"


@dataclass(frozen=True)
class DashboardCell:
    """A cell, or `span` of them side by side as one: words, or a reference."""

    row: int
    column: int
    content: str | Source
    look: DashboardLook
    span: int = 1


@dataclass(frozen=True)
class PlacedChart:
    """A chart, the cell whose corner it is measured from, and its size in pixels."""

    chart: Chart
    row: int
    column: int
    left: int
    width: int
    height: int


@dataclass(frozen=True)
class DashboardLayout:
    """A dashboard, laid out.

    Attributes:
        heights: The height of each row in pixels.
        cells: Texts and references in cells.
        panels: Areas with a background, below the cells of cards.
        charts: The charts over the cells.
    """

    heights: tuple[int, ...]
    cells: tuple[DashboardCell, ...]
    panels: tuple[Area, ...]
    charts: tuple[PlacedChart, ...]


def lay_out_dashboard(dashboard: Dashboard, table: Table) -> DashboardLayout:
    """Return the layout of a dashboard over a table; it may refer to rows that come later."""
    heights = [_HEADING]
    cells = [DashboardCell(0, 0, dashboard.heading, "heading", COLUMNS)]
    if dashboard.facts or dashboard.note:
        for number, fact in enumerate(dashboard.facts):
            column = 2 * number
            cells.append(DashboardCell(1, column, fact.label, "label"))
            cells.append(
                DashboardCell(1, column + 1, _source(table, fact.column, fact.row), "fact")
            )
        if dashboard.note:
            cells.append(DashboardCell(1, COLUMNS - 1, dashboard.note, "remark"))
        heights.append(_FACTS)
    panels: list[Area] = []
    if dashboard.cards:
        heights.append(GAP_PIXELS)
        top, width = len(heights), COLUMNS // len(dashboard.cards)
        lines = max(len(card.rows) for card in dashboard.cards) - 1
        for number, card in enumerate(dashboard.cards):
            left = number * width
            panels.append(Area(top, top + 2 + lines, left, left + width))
            cells += _card(card, table, top, left, width)
        heights += [_TITLE, _TOTAL, *[ROW_PIXELS] * lines]
    heights.append(GAP_PIXELS)
    charts: list[PlacedChart] = []
    for row_of_charts in _rows(dashboard.charts):
        rows = max(_CHART_ROWS[chart.type] for chart in row_of_charts)
        placed = list(_placed(row_of_charts, len(heights), rows * ROW_PIXELS - GAP_PIXELS))
        charts += placed
        heights += [ROW_PIXELS] * rows
        if any(each.chart.rest for each in placed):
            # It moves into the gap, close to its chart.
            heights[-1] -= 2 * GAP_PIXELS // 3
            cells += [cell for each in placed for cell in _rest(each, table, len(heights))]
            heights += [ROW_PIXELS, GAP_PIXELS]
    return DashboardLayout(tuple(heights), tuple(cells), tuple(panels), tuple(charts))


def _source(table: Table, column: str, row: int) -> Source:
    index = table.place(column)
    value = table.rows[row - 1][index] if row <= len(table.rows) else None
    return Source(row, index, value, table.columns[index])


def _card(card: Card, table: Table, top: int, left: int, width: int) -> Iterator[DashboardCell]:
    first, *others = card.rows
    yield DashboardCell(top, left, card.title, "title")
    yield DashboardCell(top, left + 2, _source(table, card.label, first), "note")
    yield DashboardCell(top + 1, left, _source(table, card.value, first), "total", min(width, 3))
    for row, other in enumerate(others, top + 2):
        yield DashboardCell(row, left, _source(table, card.label, other), "period")
        yield DashboardCell(row, left + 1, _source(table, card.value, other), "value")
        if card.change:
            yield DashboardCell(row, left + 2, _source(table, card.change, other), "change")


def _rest(placed: PlacedChart, table: Table, row: int) -> Iterator[DashboardCell]:
    chart = placed.chart
    if chart.rest:
        column = placed.column
        yield DashboardCell(row, column, _source(table, chart.x, chart.rest), "rest", 2)
        value = _source(table, chart.series[0].column, chart.rest)
        yield DashboardCell(row, column + 2, value, "rest_value")


def _rows(charts: Sequence[Chart]) -> Iterator[list[Chart]]:
    """Yield the charts that are side by side."""
    row: list[Chart] = []
    for chart in charts:
        if sum(_SHARES[each.width] for each in (*row, chart)) > COLUMNS:
            yield row
            row = []
        row.append(chart)
    if row:
        yield row


def _placed(charts: Sequence[Chart], row: int, height: int) -> Iterator[PlacedChart]:
    """Yield charts that fill one row, with gaps between them."""
    column = 0
    for chart in charts:
        share = _SHARES[chart.width]
        # Half a gap on either side, but for the page's own edges.
        left = GAP_PIXELS // 2 if column else 0
        right = GAP_PIXELS // 2 if column + share < COLUMNS else 0
        width = share * COLUMN_PIXELS - left - right
        yield PlacedChart(chart, row, column, left, width, height)
        column += share
