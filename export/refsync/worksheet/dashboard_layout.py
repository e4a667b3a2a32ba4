"""Where everything on a dashboard goes, in pixels and cells, the same at every destination.

    a heading
    facts           As of 2026-10-31
    findings        a list of what needs attention
    cards           Clicks      Signups      Rate
    lists           left to right, as many in a row as their widths allow
    charts          the same

It is a grid of twelve equal columns. Each row has a fixed height, so that the charts have the same
position with any font.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from refsync.worksheet.area import Area
from refsync.worksheet.chart import Chart, Listing
from refsync.worksheet.dashboard_cells import (
    DashboardCell,
    Source,
    card_cells,
    list_cells,
    rest_cells,
    source,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from refsync.worksheet.chart import ChartType, Dashboard, Width
    from refsync.worksheet.table import Table

__all__ = ["DashboardCell", "DashboardLayout", "PlacedChart", "Source", "lay_out_dashboard"]

COLUMNS = 12
COLUMN_PIXELS = 92
ROW_PIXELS = 20
GAP_PIXELS = 12
INSET_PIXELS = 3
"""Between a chart and the frame around it."""
_HEADING, _FACTS, _TITLE, _TOTAL = 40, 22, 26, 42
_SHARES: Mapping[Width, int] = {"full": 12, "half": 6, "third": 4}
_CHART_ROWS: Mapping[ChartType, int] = {"line": 10, "column": 10, "bar": 14}

_Block = TypeVar("_Block", Chart, Listing)


@dataclass(frozen=True)
class PlacedChart:
    """A chart, the cell whose corner it is measured from, and its size in pixels."""

    chart: Chart
    row: int
    column: int
    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True)
class DashboardLayout:
    """A dashboard, laid out.

    Attributes:
        heights: The height of each row in pixels.
        cells: Texts and references in cells.
        panels: Areas with a background, below the cells of cards and lists.
        frames: Areas with a line around: a chart, and what it leaves out.
        charts: The charts over the cells.
    """

    heights: tuple[int, ...]
    cells: tuple[DashboardCell, ...]
    panels: tuple[Area, ...]
    frames: tuple[Area, ...]
    charts: tuple[PlacedChart, ...]


def lay_out_dashboard(dashboard: Dashboard, table: Table) -> DashboardLayout:
    """Return the layout of a dashboard over a table; it may refer to rows that come later."""
    page = _Page(table)
    page.add_heading(dashboard)
    if dashboard.findings:
        page.add_lists([dashboard.findings])
    if dashboard.cards:
        page.add_cards(dashboard)
    for lists in _rows(dashboard.lists):
        page.add_lists(lists)
    page.heights.append(GAP_PIXELS)
    for charts in _rows(dashboard.charts):
        page.add_charts(charts)
    return DashboardLayout(
        tuple(page.heights),
        tuple(page.cells),
        tuple(page.panels),
        tuple(page.frames),
        tuple(page.charts),
    )


@dataclass
class _Page:
    """A dashboard's page as far as it is laid out, from the top down."""

    table: Table
    heights: list[int] = field(default_factory=list)
    cells: list[DashboardCell] = field(default_factory=list)
    panels: list[Area] = field(default_factory=list)
    frames: list[Area] = field(default_factory=list)
    charts: list[PlacedChart] = field(default_factory=list)

    def add_heading(self, dashboard: Dashboard) -> None:
        """Add the heading, and the facts below it."""
        self.heights.append(_HEADING)
        self.cells.append(DashboardCell(0, 0, dashboard.heading, "heading", COLUMNS))
        if not (dashboard.facts or dashboard.note):
            return
        for column, fact in zip(range(0, COLUMNS, 2), dashboard.facts, strict=False):
            value = source(self.table, fact.column, fact.row)
            self.cells.append(DashboardCell(1, column, fact.label, "label"))
            self.cells.append(DashboardCell(1, column + 1, value, "fact"))
        if dashboard.note:
            self.cells.append(DashboardCell(1, COLUMNS - 1, dashboard.note, "remark"))
        self.heights.append(_FACTS)

    def add_cards(self, dashboard: Dashboard) -> None:
        """Add the cards side by side, each as high as the highest."""
        top, width = len(self.heights) + 1, COLUMNS // len(dashboard.cards)
        lines = max(len(card.rows) for card in dashboard.cards) - 1
        for number, card in enumerate(dashboard.cards):
            left = number * width
            self.panels.append(Area(top, top + 2 + lines, left, left + width))
            self.cells += card_cells(card, self.table, top, left, width)
        self.heights += [GAP_PIXELS, _TITLE, _TOTAL, *[ROW_PIXELS] * lines]

    def add_lists(self, lists: Sequence[Listing]) -> None:
        """Add lists side by side, each as high as the highest."""
        top, left = len(self.heights) + 1, 0
        lines = max(each.rows for each in lists)
        for each in lists:
            width = _SHARES[each.width]
            self.panels.append(Area(top, top + 1 + lines, left, left + width))
            self.cells += list_cells(each, self.table, top, left, width)
            left += width
        self.heights += [GAP_PIXELS, _TITLE, *[ROW_PIXELS] * lines]

    def add_charts(self, charts: Sequence[Chart]) -> None:
        """Add charts side by side, each in a frame with what it leaves out."""
        top, left = len(self.heights), 0
        rows = max(_CHART_ROWS[chart.type] for chart in charts)
        below = int(any(chart.rest for chart in charts))
        for chart in charts:
            share = _SHARES[chart.width]
            self.frames.append(Area(top, top + rows + below, left, left + share))
            width = share * COLUMN_PIXELS - 2 * INSET_PIXELS
            # With a row below it, the chart reaches down to that.
            height = rows * ROW_PIXELS - (1 if below else 2) * INSET_PIXELS
            at = (top, left, INSET_PIXELS, INSET_PIXELS)
            self.charts.append(PlacedChart(chart, *at, width, height))
            self.cells += rest_cells(chart, self.table, top + rows, left)
            left += share
        self.heights += [ROW_PIXELS] * (rows + below) + [GAP_PIXELS]


def _rows(blocks: Sequence[_Block]) -> Iterator[list[_Block]]:
    """Yield the blocks that are side by side."""
    row: list[_Block] = []
    for block in blocks:
        if sum(_SHARES[each.width] for each in row) + _SHARES[block.width] > COLUMNS:
            yield row
            row = []
        row.append(block)
    if row:
        yield row
