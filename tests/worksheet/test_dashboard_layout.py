"""Where everything on a dashboard goes, in cells and pixels."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from refsync.google_sheets.formatting.charts import color_style
from refsync.google_sheets.formatting.dashboard import plan_dashboard
from refsync.marts.chart_meta import dashboard_from_meta
from refsync.worksheet.area import Area
from refsync.worksheet.dashboard_layout import DashboardLayout, Source, lay_out_dashboard
from refsync.worksheet.table import Column
from refsync.worksheet.theme import CHANGE_PATTERN, PANEL
from tests.google_sheets.dashboards import CHART, COLUMNS, DASHBOARD, LINES, OVER_ALL, numbers

if TYPE_CHECKING:
    from refsync.worksheet.table import Table


def layout(table: Table | None = None, **meta: Any) -> DashboardLayout:
    over = dashboard_from_meta("dashboard", DASHBOARD | meta, COLUMNS)
    return lay_out_dashboard(over, table or numbers())


def cells(made: DashboardLayout) -> list[tuple[int, int, int, str, Any]]:
    """Row, column, span, look, and words or (row, column, value, format) of a reference."""
    return [
        (
            cell.row,
            cell.column,
            cell.span,
            cell.look,
            (
                cell.content.row,
                cell.content.column,
                cell.content.value,
                cell.content.described.format,
            )
            if isinstance(cell.content, Source)
            else cell.content,
        )
        for cell in made.cells
    ]


HEADING = (0, 0, 12, "heading", "Takings")


def test_a_dashboard_is_a_grid_of_twelve_columns() -> None:
    made = layout()
    day = date(2026, 3, 31)
    assert cells(made) == [
        HEADING,
        (1, 0, 1, "label", "As of"),
        (1, 1, 1, "fact", (1, 1, day, "date")),
        (1, 11, 1, "remark", "Ask Zoë."),
        (3, 0, 1, "title", "Clicks"),
        (3, 2, 1, "note", (1, 0, "All dates", "text")),
        (4, 0, 3, "total", (1, 2, 0, "integer")),
        (5, 0, 1, "period", (2, 0, "Last 7 days", "text")),
        (5, 1, 1, "value", (2, 2, 1000, "integer")),
        (5, 2, 1, "change", (2, 3, None, "percent")),
        (3, 6, 1, "title", "Rate"),
        (3, 8, 1, "note", (1, 0, "All dates", "text")),
        (4, 6, 3, "total", (1, 4, 0.0, "percent")),
        (5, 6, 1, "period", (2, 0, "Last 7 days", "text")),
        (5, 7, 1, "value", (2, 4, 0.125, "percent")),
        (35, 0, 2, "rest", (4, 5, None, "text")),
        (35, 2, 1, "rest_value", (4, 6, None, "integer")),
    ]
    assert made.panels == (Area(3, 6, 0, 6), Area(3, 6, 6, 12))
    # Heading, facts, a gap, a card's title, total and other row, a gap, and the charts' rows; what
    # is left out of a chart is close below it.
    charts = [*[20] * 12, *[20] * 15, 12, 20, 12]
    assert made.heights == (40, 22, 12, 26, 42, 20, 12, *charts)


def test_charts_fill_a_row_with_a_gap_between_each_two() -> None:
    kinds: list[dict[str, Any]] = [
        {**LINES, "width": "half"}, {**CHART, "width": "half"},
        {**LINES, "width": "third"}, {**LINES, "width": "third"}, {**LINES, "width": "third"},
        {**LINES, "width": "third"}, {**LINES, "width": "half", "type": "column"},
        {**LINES, "width": "full"},
    ]  # fmt: skip
    made = layout(charts=kinds)
    assert [(c.row, c.column, c.left, c.width, c.height) for c in made.charts] == [
        # Bars are higher than lines, and so is what is beside them.
        (7, 0, 0, 546, 308),
        (7, 6, 6, 546, 308),
        # 12 columns of 92 pixels, with two gaps of 12
        (23, 0, 0, 362, 228),
        (23, 4, 6, 356, 228),
        (23, 8, 6, 362, 228),
        (35, 0, 0, 362, 228),
        (35, 4, 6, 540, 228),
        (47, 0, 0, 1104, 228),
    ]
    assert made.heights[7:] == (20,) * (16 + 12 + 12 + 12)
    assert layout(charts=[]).charts == ()


def test_places_and_sizes_are_whole_cells_and_pixels() -> None:
    made = layout()
    numbers = [
        *made.heights,
        *(size for each in made.charts for size in (each.left, each.width, each.height)),
        *(place for each in made.cells for place in (each.row, each.column, each.span)),
        *(end for each in made.panels for end in each.to_json(8).values()),
    ]
    assert {type(number) for number in numbers} == {int}


def test_what_a_chart_leaves_out_is_below_it_wherever_it_is() -> None:
    rest = {**CHART, "width": "half", "rest": 3}
    made = layout(charts=[{**LINES, "width": "half"}, rest, {**LINES, "width": "full"}])
    below = [cell for cell in cells(made) if cell[3].startswith("rest")]
    assert below == [
        (23, 6, 2, "rest", (3, 5, "Cy", "text")),
        (23, 8, 1, "rest_value", (3, 6, 7, "integer")),
    ]
    assert made.heights[7:] == (*[20] * 15, 12, 20, 12, *[20] * 12)
    assert [chart.row for chart in made.charts] == [7, 7, 25]


def test_cards_share_the_width_and_are_as_high_as_the_highest() -> None:
    one = {"title": "Clicks", "label": "period", "value": "clicks", "rows": [1]}
    made = layout(cards=[{**one, "rows": [2, 1, 3]}, one, one, one], charts=[])
    assert made.panels == tuple(Area(3, 7, left, left + 3) for left in (0, 3, 6, 9))
    assert made.heights == (40, 22, 12, 26, 42, 20, 20, 12)
    assert [cell for cell in cells(made) if cell[1] < 3][3:] == [
        (3, 0, 1, "title", "Clicks"),
        (3, 2, 1, "note", (2, 0, "Last 7 days", "text")),
        (4, 0, 3, "total", (2, 2, 1000, "integer")),
        (5, 0, 1, "period", (1, 0, "All dates", "text")),
        (5, 1, 1, "value", (1, 2, 0, "integer")),
        (6, 0, 1, "period", (3, 0, None, "text")),
        (6, 1, 1, "value", (3, 2, 2000, "integer")),
    ]


@pytest.mark.parametrize(
    ("meta", "shown", "heights"),
    [
        ({"facts": [], "note": None}, [], (40, 12)),
        ({"facts": []}, [(1, 11, 1, "remark", "Ask Zoë.")], (40, 22, 12)),
        (
            {
                "facts": [
                    {"label": "a", "column": "clicks", "row": 1},
                    {"label": "b", "column": "clicks", "row": 2},
                ],
                "note": None,
            },
            [
                (1, 0, 1, "label", "a"),
                (1, 1, 1, "fact", (1, 2, 0, "integer")),
                (1, 2, 1, "label", "b"),
                (1, 3, 1, "fact", (2, 2, 1000, "integer")),
            ],
            (40, 22, 12),
        ),
    ],
)  # fmt: skip
def test_what_a_dashboard_does_not_have_takes_no_room(
    meta: dict[str, Any], shown: list[Any], heights: tuple[int, ...]
) -> None:
    made = layout(**meta, cards=[], charts=[])
    assert (cells(made), made.heights, made.panels) == ([HEADING, *shown], heights, ())


def test_a_reference_to_a_row_that_is_not_there_yet_has_no_value() -> None:
    fact = {"facts": [{"label": "a", "column": "clicks", "row": 2}], "cards": [], "charts": []}
    assert cells(layout(numbers(rows=1), **fact))[2][4] == (2, 2, None, "integer")
    assert cells(layout(numbers(rows=2), **fact))[2][4] == (2, 2, 1000, "integer")


@pytest.mark.parametrize(
    ("title", "tab"),
    [
        ("Some_Data", "Some_Data"), ("It's ours", "'It''s ours'"), ("Data", "'Data'"),
        ("A1", "'A1'"), ("R1C1", "'R1C1'"), ("Some_Data ", "'Some_Data '"), ("Ü_b", "'Ü_b'"),
    ],
)  # fmt: skip
def test_a_reference_is_read_in_one_way_only(title: str, tab: str) -> None:
    assert Source(4, 27, None, Column("a", "A", "text")).formula(title) == f"={tab}!AB5"


# --- as requests to Google ------------------------------------------------------------------------


def requests(kind: str, table: Table | None = None) -> list[dict[str, Any]]:
    made = plan_dashboard(table or numbers(), 3, "Some_Data", 8).requests
    return [request[kind] for request in made if kind in request]


def test_a_new_dashboard_is_the_first_tab_and_has_a_row_to_spare() -> None:
    plan = plan_dashboard(numbers(), 3, "Some_Data", 8)
    (add,) = requests("addSheet")
    assert add["properties"] == {
        "sheetId": 8,
        "title": "Dashboard",
        "index": 0,
        "tabColorStyle": color_style("#D55E00"),
        "gridProperties": {"rowCount": 38, "columnCount": 12, "hideGridlines": True},
    }
    assert (plan.title, plan.sheet_id, plan.cells, plan.written) == ("Dashboard", 8, 38 * 12, 17)


def test_rows_and_columns_have_the_sizes_of_the_layout() -> None:
    columns, *rows = requests("updateDimensionProperties")
    assert columns == {
        "range": {"sheetId": 8, "dimension": "COLUMNS", "startIndex": 0, "endIndex": 12},
        "properties": {"pixelSize": 92},
        "fields": "pixelSize",
    }
    heights: list[int] = []
    for each in rows:
        range_ = each["range"]
        assert (range_["sheetId"], range_["dimension"]) == (8, "ROWS")
        assert range_["startIndex"] == len(heights)
        size = each["properties"]["pixelSize"]
        assert size != (heights or [0])[-1]  # equal rows are sized at once
        heights += [size] * (range_["endIndex"] - range_["startIndex"])
    assert tuple(heights) == layout().heights


def test_each_cell_is_written_once_and_wide_ones_are_merged() -> None:
    single = requests("updateCells")
    made = layout()
    assert [each["range"] for each in single] == [
        Area(cell.row, cell.row + 1, cell.column, cell.column + 1).to_json(8) for cell in made.cells
    ]
    assert [(len(each["rows"]), len(each["rows"][0]["values"])) for each in single] == [(1, 1)] * 17
    assert [each["range"] for each in requests("mergeCells")] == [
        Area(cell.row, cell.row + 1, cell.column, cell.column + cell.span).to_json(8)
        for cell in made.cells
        if cell.span > 1
    ]
    assert len(requests("mergeCells")) == 4


def test_a_change_is_blue_above_zero_and_orange_below() -> None:
    rules = [each["rule"] for each in requests("addConditionalFormatRule")]
    place = Area(5, 6, 2, 3).to_json(8)
    assert rules == [
        {
            "ranges": [place],
            "booleanRule": {
                "condition": {"type": sign, "values": [{"userEnteredValue": "0"}]},
                "format": {"textFormat": {"foregroundColorStyle": color_style(color)}},
            },
        }
        for sign, color in (("NUMBER_GREATER", "#0B62A8"), ("NUMBER_LESS", "#A84300"))
    ]
    without = dashboard_from_meta("dashboard", DASHBOARD | {"cards": []}, COLUMNS)
    assert requests("addConditionalFormatRule", numbers(dashboard=without)) == []


def test_panels_have_a_background_and_nothing_else() -> None:
    look = {"backgroundColorStyle": color_style(PANEL)}
    assert requests("repeatCell") == [
        {
            "range": area.to_json(8),
            "cell": {"userEnteredFormat": look},
            "fields": "userEnteredFormat.backgroundColorStyle",
        }
        for area in layout().panels
    ]


def test_a_reference_is_shown_as_its_column_is_and_a_change_with_an_arrow() -> None:
    patterns = {
        (write["range"]["startRowIndex"], write["range"]["startColumnIndex"]): cell[
            "userEnteredFormat"
        ].get("numberFormat", {})
        for write in requests("updateCells")
        for cell in write["rows"][0]["values"]
    }
    assert patterns[5, 2] == {"type": "NUMBER", "pattern": CHANGE_PATTERN}
    assert patterns[1, 1]["type"] == "DATE"
    assert patterns[5, 7] == {"type": "PERCENT", "pattern": "0.00%"}
    assert CHANGE_PATTERN not in [
        patterns[place].get("pattern") for place in patterns.keys() - {(5, 2)}
    ]
    assert patterns[0, 0] == {}


def test_the_cells_of_cards_are_on_a_panel_with_an_edge() -> None:
    formats = {
        write["range"]["startRowIndex"] * 12 + write["range"]["startColumnIndex"]: write["rows"][0][
            "values"
        ][0]["userEnteredFormat"]
        for write in requests("updateCells")
    }
    at_edge = {place for place, format_ in formats.items() if "borders" in format_}
    assert at_edge == {3 * 12, 4 * 12, 5 * 12, 3 * 12 + 6, 4 * 12 + 6, 5 * 12 + 6}
    for place in at_edge:
        # Google's own, and at the left room for the edge.
        assert formats[place]["padding"] == {"top": 2, "right": 3, "bottom": 2, "left": 8}
    heading, total = formats[0]["textFormat"], formats[4 * 12]["textFormat"]
    assert heading["bold"]
    assert total["fontSize"] > heading["fontSize"] > formats[12]["textFormat"]["fontSize"]


def test_charts_lie_where_the_layout_has_them_and_show_hidden_rows() -> None:
    drawn = [each["chart"] for each in requests("addChart")]
    assert [each["position"]["overlayPosition"] for each in drawn] == [
        {
            "anchorCell": {"sheetId": 8, "rowIndex": chart.row, "columnIndex": chart.column},
            "offsetXPixels": chart.left,
            "offsetYPixels": 0,
            "widthPixels": chart.width,
            "heightPixels": chart.height,
        }
        for chart in lay_out_dashboard(OVER_ALL, numbers()).charts
    ]
    assert {each["spec"]["hiddenDimensionStrategy"] for each in drawn} == {"SHOW_ALL"}
