"""Where everything on a dashboard goes, in cells and pixels."""

from __future__ import annotations

from datetime import date
from itertools import chain
from typing import TYPE_CHECKING, Any

import pytest

from refsync.google_sheets.formatting.charts import color_style
from refsync.google_sheets.formatting.dashboard import plan_dashboard
from refsync.marts.chart_meta import MetaError, dashboard_from_meta
from refsync.worksheet.area import Area
from refsync.worksheet.dashboard_layout import DashboardLayout, Source, lay_out_dashboard
from refsync.worksheet.table import Column
from refsync.worksheet.theme import LINE, PANEL, change_pattern
from tests.google_sheets.dashboards import CHART, COLUMNS, DASHBOARD, LINES, OVER_ALL, numbers

if TYPE_CHECKING:
    from refsync.worksheet.table import Format, Table


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


CHANGE = change_pattern(Column("change", "Change", "percent"))
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
        (32, 0, 2, "rest", (4, 5, None, "text")),
        (32, 2, 1, "rest_value", (4, 6, None, "integer")),
    ]
    assert made.panels == (Area(3, 6, 0, 6), Area(3, 6, 6, 12))
    # A frame is around each chart, and around what the chart leaves out too.
    assert made.frames == (Area(7, 17, 0, 6), Area(7, 17, 6, 12), Area(18, 33, 0, 4))
    # Heading, facts, a gap, a card's title, total and other row, a gap, and the charts' rows.
    charts = [*[20] * 10, 12, *[20] * 14, 20, 12]
    assert made.heights == (40, 22, 12, 26, 42, 20, 12, *charts)


def test_charts_fill_a_row_each_within_its_frame() -> None:
    kinds: list[dict[str, Any]] = [
        {**LINES, "width": "half"}, {**CHART, "width": "half"},
        {**LINES, "width": "third"}, {**LINES, "width": "third"}, {**LINES, "width": "third"},
        {**LINES, "width": "third"}, {**LINES, "width": "half", "type": "column"},
        {**LINES, "width": "full"},
    ]  # fmt: skip
    made = layout(charts=kinds)
    assert [(c.row, c.column, c.width, c.height) for c in made.charts] == [
        # Bars are higher than lines, and so is what is beside them.
        (7, 0, 546, 274),
        (7, 6, 546, 274),
        # of columns of 92 pixels and rows of 20, with 3 at each side
        (22, 0, 362, 194),
        (22, 4, 362, 194),
        (22, 8, 362, 194),
        (33, 0, 362, 194),
        (33, 4, 546, 194),
        (44, 0, 1098, 194),
    ]
    assert {(c.left, c.top) for c in made.charts} == {(3, 3)}
    frames = [(area.top, area.bottom, area.left, area.right) for area in made.frames]
    assert frames[1:3] == [(7, 21, 6, 12), (22, 32, 0, 4)]
    assert made.heights[7:] == (*[20] * 14, 12, *[20] * 10, 12, *[20] * 10, 12, *[20] * 10, 12)
    assert layout(charts=[]).charts == ()


def test_places_and_sizes_are_whole_cells_and_pixels() -> None:
    made = layout()
    numbers = [
        *made.heights,
        *(size for c in made.charts for size in (c.left, c.top, c.width, c.height)),
        *(place for each in made.cells for place in (each.row, each.column, each.span)),
        *(end for each in made.panels + made.frames for end in each.to_json(8).values()),
    ]
    assert {type(number) for number in numbers} == {int}


def test_what_a_chart_leaves_out_is_below_it_wherever_it_is() -> None:
    rest = {**CHART, "width": "half", "rest": 3}
    made = layout(charts=[{**LINES, "width": "half"}, rest, {**LINES, "width": "full"}])
    below = [cell for cell in cells(made) if cell[3].startswith("rest")]
    assert below == [
        (21, 6, 2, "rest", (3, 5, "Cy", "text")),
        (21, 8, 1, "rest_value", (3, 6, 7, "integer")),
    ]
    assert made.heights[7:] == (*[20] * 15, 12, *[20] * 10, 12)
    assert [chart.row for chart in made.charts] == [7, 7, 23]
    assert [area.bottom for area in made.frames] == [22, 22, 33]
    # The chart ends where the row below it begins.
    assert [chart.top + chart.height for chart in made.charts] == [280, 280, 197]


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


FINDINGS = {"title": "Attention", "mark": "period", "text": "name", "value": "day", "rows": 2}
MORE = {"title": "More", "text": "name", "value": "clicks", "change": "change", "rows": 1}


def test_findings_are_above_the_cards_and_lists_below_them() -> None:
    lists = [
        {**MORE, "width": "half", "note": "30 days"},
        {**MORE, "title": "Less", "width": "half", "rows": 2},
        {"title": "Names", "text": "name", "rows": 1, "width": "third"},
    ]
    card = {"title": "Clicks", "label": "period", "value": "clicks", "rows": [1]}
    made = layout(findings={**FINDINGS, "count": "signups"}, lists=lists, cards=[card], charts=[])
    day = date(2026, 3, 31)
    assert cells(made)[4:] == [
        (3, 0, 1, "title", "Attention"),
        (3, 11, 1, "note", (1, 6, 9, "integer")),
        (4, 0, 1, "mark", (1, 0, "All dates", "text")),
        (4, 1, 10, "item", (1, 5, "Ana", "text")),
        (4, 11, 1, "item_value", (1, 1, day, "date")),
        (5, 0, 1, "mark", (2, 0, "Last 7 days", "text")),
        (5, 1, 10, "item", (2, 5, "Bo", "text")),
        (5, 11, 1, "item_value", (2, 1, date(2026, 3, 30), "date")),
        (7, 0, 1, "title", "Clicks"),
        (7, 2, 1, "note", (1, 0, "All dates", "text")),
        (8, 0, 3, "total", (1, 2, 0, "integer")),
        (10, 0, 1, "title", "More"),
        (10, 5, 1, "note", "30 days"),
        (11, 0, 4, "first_item", (1, 5, "Ana", "text")),
        (11, 4, 1, "item_value", (1, 2, 0, "integer")),
        (11, 5, 1, "item_change", (1, 3, -0.25, "percent")),
        (10, 6, 1, "title", "Less"),
        (11, 6, 4, "first_item", (1, 5, "Ana", "text")),
        (11, 10, 1, "item_value", (1, 2, 0, "integer")),
        (11, 11, 1, "item_change", (1, 3, -0.25, "percent")),
        (12, 6, 4, "first_item", (2, 5, "Bo", "text")),
        (12, 10, 1, "item_value", (2, 2, 1000, "integer")),
        (12, 11, 1, "item_change", (2, 3, None, "percent")),
        (14, 0, 1, "title", "Names"),
        (15, 0, 4, "first_item", (1, 5, "Ana", "text")),
    ]
    assert made.panels == (
        Area(3, 6, 0, 12), Area(7, 9, 0, 12),
        Area(10, 13, 0, 6), Area(10, 13, 6, 12), Area(14, 16, 0, 4),
    )  # fmt: skip
    lines = (12, 26, 20, 20), (12, 26, 42), (12, 26, 20, 20), (12, 26, 20), (12,)
    assert made.heights == (40, 22, *chain(*lines))


def test_lists_are_side_by_side_as_far_as_there_is_room() -> None:
    lists = [{**MORE, "width": "third"}] * 3
    assert layout(lists=lists, cards=[], charts=[]).panels == (
        Area(3, 5, 0, 4), Area(3, 5, 4, 8), Area(3, 5, 8, 12),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("meta", "why"),
    [
        ({"findings": {**FINDINGS, "rows": 11}}, "dashboard.findings.rows are 11, not 1 to 10"),
        (
            {"findings": {**FINDINGS, "width": "half"}},
            (
                "dashboard.findings has the unknown key 'width'; it may have title, rows, text, "
                "mark, value, change, note, count"
            ),
        ),
        ({"lists": [{"title": "More", "rows": 1}]}, "dashboard.lists[1] has no text"),
        (
            {"lists": [{**MORE, "value": "click"}]},
            (
                "dashboard.lists[1].value 'click' is not a column that has a header; did you mean "
                "clicks?"
            ),
        ),
        (
            {"lists": [{**MORE, "width": "wide"}]},
            "dashboard.lists[1].width 'wide' is not one of full, half, third",
        ),
    ],
)
def test_a_list_that_cannot_be_followed(meta: dict[str, Any], why: str) -> None:
    with pytest.raises(MetaError) as caught:
        layout(**meta)
    assert str(caught.value) == why


def test_the_worksheet_has_the_rows_of_the_longest_list() -> None:
    over = dashboard_from_meta(
        "dashboard", DASHBOARD | {"findings": {**FINDINGS, "rows": 9}}, COLUMNS
    )
    assert over.least_rows == 9
    over = dashboard_from_meta("dashboard", DASHBOARD | {"lists": [{**MORE, "rows": 8}]}, COLUMNS)
    assert over.least_rows == 8


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
        "gridProperties": {"rowCount": 35, "columnCount": 12, "hideGridlines": True},
    }
    assert (plan.title, plan.sheet_id, plan.cells, plan.written) == ("Dashboard", 8, 35 * 12, 17)


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
    assert patterns[5, 2] == {"type": "NUMBER", "pattern": CHANGE}
    assert patterns[1, 1]["type"] == "DATE"
    assert patterns[5, 7] == {"type": "PERCENT", "pattern": "0.00%"}
    assert CHANGE not in [patterns[place].get("pattern") for place in patterns.keys() - {(5, 2)}]
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
    padded = {place for place, format_ in formats.items() if "padding" in format_}
    # Also at the right edge, where a text ends there.
    assert padded - at_edge == {3 * 12 + 2, 3 * 12 + 8, 5 * 12 + 1, 5 * 12 + 2, 5 * 12 + 7}
    for place in padded:
        # Google's own, and room for the edges.
        assert formats[place]["padding"] == {"top": 2, "right": 8, "bottom": 2, "left": 8}
    heading, total = formats[0]["textFormat"], formats[4 * 12]["textFormat"]
    assert heading["bold"]
    assert total["fontSize"] > heading["fontSize"] > formats[12]["textFormat"]["fontSize"]


def test_charts_lie_where_the_layout_has_them_and_show_hidden_rows() -> None:
    drawn = [each["chart"] for each in requests("addChart")]
    assert [each["position"]["overlayPosition"] for each in drawn] == [
        {
            "anchorCell": {"sheetId": 8, "rowIndex": chart.row, "columnIndex": chart.column},
            "offsetXPixels": chart.left,
            "offsetYPixels": 3,
            "widthPixels": chart.width,
            "heightPixels": chart.height,
        }
        for chart in lay_out_dashboard(OVER_ALL, numbers()).charts
    ]
    assert {each["spec"]["hiddenDimensionStrategy"] for each in drawn} == {"SHOW_ALL"}
    # The frame is around the cells, so the chart has no border that shows.
    assert [each["border"] for each in drawn] == [{"colorStyle": color_style("#FFFFFF")}] * 3


def test_a_line_is_around_each_frame() -> None:
    line = {"style": "SOLID", "colorStyle": color_style(LINE)}
    assert requests("updateBorders") == [
        {"range": area.to_json(8), "top": line, "bottom": line, "left": line, "right": line}
        for area in layout().frames
    ]


def test_a_reader_is_told_how_to_get_a_new_dashboard() -> None:
    first, *others = (each["rows"][0]["values"][0] for each in requests("updateCells"))
    assert first["note"].endswith("For a new one, delete this tab and run refsync-push again.")
    assert not any("note" in cell for cell in others)


@pytest.mark.parametrize(
    ("shown_as", "pattern"),
    [
        ("percent", '"▲ "0.0%;"▼ "0.0%;"–"'), ("points", '"▲ "0.0%" pts";"▼ "0.0%" pts";"–"'),
        ("integer", '"▲ "#,##0;"▼ "#,##0;"–"'),
    ],
)  # fmt: skip
def test_a_change_is_shown_in_its_own_unit(shown_as: Format, pattern: str) -> None:
    assert change_pattern(Column("change", "Change", shown_as)) == pattern
