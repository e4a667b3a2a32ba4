"""The requests that create a dashboard in a spreadsheet: once, and never touched again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from refsync.google_sheets.api import requests
from refsync.google_sheets.formatting.charts import add_chart, color_style
from refsync.google_sheets.formatting.tab import cell_number_format, leaves, set_size
from refsync.worksheet import theme
from refsync.worksheet.area import Area
from refsync.worksheet.dashboard_layout import COLUMN_PIXELS, COLUMNS, Source, lay_out_dashboard

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from refsync.google_sheets.api.requests import Request
    from refsync.worksheet.dashboard_layout import DashboardCell, DashboardLayout
    from refsync.worksheet.table import Table


_YOURS = (
    "This tab is yours: refsync-push creates it once and never changes it. For a new one, delete "
    "this tab and run refsync-push again."
)


@dataclass(frozen=True)
class NewDashboard:
    """A dashboard's tab that is created.

    Attributes:
        title: Its title.
        sheet_id: Its id.
        requests: What creates and fills it.
        cells: The cells of its grid.
        written: Those that something is written to.
    """

    title: str
    sheet_id: int
    requests: tuple[Request, ...]
    cells: int
    written: int


def plan_dashboard(table: Table, data_id: int, data_title: str, sheet_id: int) -> NewDashboard:
    """Return the plan of a dashboard's tab.

    Args:
        table: The worksheet that it is about, whose mart describes it.
        data_id: The id of the worksheet's tab.
        data_title: That tab's title.
        sheet_id: The new tab's id.
    """
    assert table.dashboard is not None  # noqa: S101 - the caller's business
    layout = lay_out_dashboard(table.dashboard, table)
    rows = len(layout.heights) + 1
    first = {"index": 0, "tabColorStyle": color_style(theme.DASHBOARD_TAB)}
    title = table.dashboard.title
    changes = [cell for cell in layout.cells if cell.look in theme.CHANGES]
    return NewDashboard(
        title,
        sheet_id,
        (
            requests.add_sheet(sheet_id, title, rows, COLUMNS, first, hideGridlines=True),
            *_sizes(layout, sheet_id),
            *_frames(layout, sheet_id),
            *_cells(layout, sheet_id, data_title),
            *(_change_rules(changes, sheet_id) if changes else ()),
            *_charts(layout, table, data_id, sheet_id),
        ),
        rows * COLUMNS,
        len(layout.cells),
    )


def _sizes(layout: DashboardLayout, sheet_id: int) -> Iterator[Request]:
    yield set_size(sheet_id, "COLUMNS", 0, COLUMNS, COLUMN_PIXELS)
    start = 0
    for row, height in enumerate(layout.heights):
        if row + 1 == len(layout.heights) or layout.heights[row + 1] != height:
            yield set_size(sheet_id, "ROWS", start, row + 1 - start, height)
            start = row + 1


def _frames(layout: DashboardLayout, sheet_id: int) -> Iterator[Request]:
    line = {"style": "SOLID", "colorStyle": color_style(theme.LINE)}
    for frame in layout.frames:
        sides = dict.fromkeys(("top", "bottom", "left", "right"), line)
        yield {"updateBorders": {"range": frame.to_json(sheet_id), **sides}}


def _cells(layout: DashboardLayout, sheet_id: int, data_title: str) -> Iterator[Request]:
    panel = {"userEnteredFormat": {"backgroundColorStyle": color_style(theme.PANEL)}}
    for area in layout.panels:
        yield {
            "repeatCell": {
                "range": area.to_json(sheet_id),
                "cell": panel,
                "fields": ",".join(leaves(panel)),
            }
        }
    for cell in layout.cells:
        area = Area(cell.row, cell.row + 1, cell.column, cell.column + cell.span)
        if cell.span > 1:
            yield {"mergeCells": {"range": area.to_json(sheet_id), "mergeType": "MERGE_ALL"}}
        one = Area(cell.row, cell.row + 1, cell.column, cell.column + 1)
        yield _write(sheet_id, one, _cell(cell, data_title))


def _write(sheet_id: int, area: Area, cell: dict[str, Any]) -> Request:
    return {
        "updateCells": {
            "range": area.to_json(sheet_id),
            "rows": [{"values": [cell]}],
            "fields": ",".join(leaves(cell)),
        }
    }


def _cell(cell: DashboardCell, data_title: str) -> dict[str, Any]:
    look = theme.DASHBOARD[cell.look]
    style: dict[str, Any] = {
        "textFormat": {
            "fontSize": look.size,
            "bold": look.bold,
            "foregroundColorStyle": color_style(look.color),
        },
        "horizontalAlignment": look.align.upper(),
        "verticalAlignment": "MIDDLE",
    }
    if look.at_edge:
        style["borders"] = {"left": {"style": "SOLID_THICK", "colorStyle": color_style(theme.EDGE)}}
    if look.at_edge or (look.on_panel and look.align == "right"):
        style["padding"] = {"top": 2, "right": 8, "bottom": 2, "left": 8}  # all, or none
    if isinstance(cell.content, Source):
        value = {"formulaValue": cell.content.formula(data_title)}
        style["numberFormat"] = cell_number_format(cell.content.described)
        if cell.look in theme.CHANGES:
            pattern = theme.change_pattern(cell.content.described)
            style["numberFormat"] = {"type": "NUMBER", "pattern": pattern}
    else:
        value = {"stringValue": cell.content}
    note = {"note": _YOURS} if cell.look == "heading" else {}
    return {"userEnteredValue": value, "userEnteredFormat": style, **note}


def _change_rules(cells: Sequence[DashboardCell], sheet_id: int) -> Iterator[Request]:
    ranges = [
        Area(cell.row, cell.row + 1, cell.column, cell.column + 1).to_json(sheet_id)
        for cell in cells
    ]
    for sign, color in (("NUMBER_GREATER", theme.UP), ("NUMBER_LESS", theme.DOWN)):
        rule = {
            "condition": {"type": sign, "values": [{"userEnteredValue": "0"}]},
            "format": {"textFormat": {"foregroundColorStyle": color_style(color)}},
        }
        yield {"addConditionalFormatRule": {"rule": {"ranges": ranges, "booleanRule": rule}}}


def _charts(
    layout: DashboardLayout, table: Table, data_id: int, sheet_id: int
) -> Iterator[Request]:
    for placed in layout.charts:
        anchor = {"sheetId": sheet_id, "rowIndex": placed.row, "columnIndex": placed.column}
        position = {
            "anchorCell": anchor,
            "offsetXPixels": placed.left,
            "offsetYPixels": placed.top,
            "widthPixels": placed.width,
            "heightPixels": placed.height,
        }
        yield add_chart(placed.chart, table, data_id, position, on_dashboard=True)
