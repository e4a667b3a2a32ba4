"""What makes a new tab, or a new column, presentable in Google Sheets."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from refsync.google_sheets.formatting.charts import color_style
from refsync.google_sheets.formatting.tab import (
    least_rows,
    leaves,
    new_column,
    new_tab,
    no_background,
    number_format,
)
from refsync.marts.chart_meta import chart_from_meta
from refsync.worksheet.area import Area
from refsync.worksheet.table import Column, Look
from refsync.worksheet.theme import BAR, PAPER, SCALED
from tests.google_sheets.dashboards import CHART, COLUMNS, OVER_ALL, numbers
from tests.google_sheets.pushing import table


@pytest.mark.parametrize(
    ("rows", "chart_rows", "dashboard", "least"),
    [
        (0, None, False, 2),
        (1, None, False, 2),
        (5, None, False, 6),
        (2, 9, False, 10),
        (9, 2, False, 10),
        (1, None, True, 7),
        (9, None, True, 10),
    ],
)
def test_a_new_tab_has_a_row_for_all_that_refers_to_it(
    rows: int, chart_rows: int | None, least: int, *, dashboard: bool
) -> None:
    chart = chart_from_meta("chart", {**CHART, "rows": chart_rows}, COLUMNS) if chart_rows else None
    desired = numbers(rows=rows, chart=chart, dashboard=OVER_ALL if dashboard else None)
    assert least_rows(desired) == least


def test_a_column_is_formatted_from_its_header_down() -> None:
    header, below, width = new_column(7, numbers(), 2)
    assert header["repeatCell"]["range"] == Area(0, 1, 2, 3).to_json(7)
    assert below["repeatCell"]["range"] == Area(1, None, 2, 3).to_json(7)
    assert header["repeatCell"]["cell"]["note"] == "Visits, each counted once."
    assert header["repeatCell"]["cell"]["userEnteredFormat"]["textFormat"]["bold"]
    assert below["repeatCell"]["cell"]["userEnteredFormat"]["numberFormat"]["type"] == "NUMBER"
    # As many characters as the widest of header and rows, of seven pixels each, and a margin.
    assert width["updateDimensionProperties"] == {
        "range": {"sheetId": 7, "dimension": "COLUMNS", "startIndex": 2, "endIndex": 3},
        "properties": {"pixelSize": 10 + 7 * len("Clicks....")},
        "fields": "pixelSize",
    }
    undescribed, *_ = new_column(7, numbers(), 1)
    assert "note" not in undescribed["repeatCell"]["cell"]
    assert "note" not in undescribed["repeatCell"]["fields"]


@pytest.mark.parametrize(
    ("look", "strategy"), [("id", "CLIP"), ("long", "CLIP"), ("name", None), (None, None)]
)
def test_a_text_that_would_run_over_the_next_cell_is_cut(
    look: Look | None, strategy: str | None
) -> None:
    columns = (Column("text", "Text", "text", look=look),)
    _, below, _ = new_column(7, replace(table([]), columns=columns), 0)
    style = below["repeatCell"]["cell"]["userEnteredFormat"]
    assert style.get("wrapStrategy") == strategy


def test_a_number_format_is_for_all_rows_below_the_header() -> None:
    request = number_format(7, 3, Column("share", "Share", "percent"))
    assert request == {
        "repeatCell": {
            "range": Area(1, None, 3, 4).to_json(7),
            "cell": {
                "userEnteredFormat": {"numberFormat": {"type": "PERCENT", "pattern": "0.00%"}}
            },
            "fields": "userEnteredFormat.numberFormat",
        }
    }


def test_backgrounds_are_taken_away_below_the_header_of_one_column() -> None:
    request = no_background(7, 2)["repeatCell"]
    assert request["range"] == Area(1, None, 2, 3).to_json(7)
    assert request["fields"] == "userEnteredFormat.backgroundColorStyle"


def test_bands_a_filter_and_scales_are_over_all_rows() -> None:
    desired = numbers(rows=4, dashboard=None)
    requests = [each for each in new_tab(7, desired) if "repeatCell" not in each]
    others = [each for each in requests if "updateDimensionProperties" not in each]
    everything = Area(0, 5, 0, 7).to_json(7)
    bands, filter_, *scales = others
    assert bands["addBanding"]["bandedRange"]["range"] == everything
    assert filter_ == {"setBasicFilter": {"filter": {"range": everything}}}

    def gradient(place: int, deepest: str, **lowest: str) -> dict[str, Any]:
        rule = {
            "minpoint": {"colorStyle": color_style(PAPER), **lowest},
            "maxpoint": {"colorStyle": color_style(deepest), "type": "MAX"},
        }
        ranges = [Area(1, 5, place, place + 1).to_json(7)]
        added = {"rule": {"ranges": ranges, "gradientRule": rule}, "index": 0}
        return {"addConditionalFormatRule": added}

    # A bar begins at zero; a colour at the least number.
    assert scales == [
        gradient(2, BAR, type="NUMBER", value="0"),
        gradient(4, SCALED, type="MIN"),
    ]
    plain = replace(table([(1, "a", None)]))
    assert not [each for each in new_tab(7, plain) if "addConditionalFormatRule" in each]


def test_a_chart_is_beside_the_rows_and_leaves_out_what_a_filter_hides() -> None:
    chart = chart_from_meta("chart", CHART, COLUMNS)
    *_, drawn = new_tab(7, numbers(chart=chart))
    position = drawn["addChart"]["chart"]["position"]["overlayPosition"]
    assert position["anchorCell"] == {"sheetId": 7, "rowIndex": 1, "columnIndex": 7}
    assert position["widthPixels"] > position["heightPixels"] > 300
    assert (position["offsetXPixels"], position["offsetYPixels"]) == (20, 10)
    strategy = drawn["addChart"]["chart"]["spec"]["hiddenDimensionStrategy"]
    assert strategy == "SKIP_HIDDEN_ROWS_AND_COLUMNS"


def test_a_mask_names_each_field_and_whole_styles() -> None:
    cell = {
        "note": "x",
        "userEnteredFormat": {
            "numberFormat": {"type": "DATE", "pattern": "y"},
            "textFormat": {"bold": True, "foregroundColorStyle": {"rgbColor": {"red": 1}}},
            "borders": {"left": {"style": "SOLID"}},
        },
    }
    assert list(leaves(cell)) == [
        "note",
        "userEnteredFormat.numberFormat",
        "userEnteredFormat.textFormat.bold",
        "userEnteredFormat.textFormat.foregroundColorStyle",
        "userEnteredFormat.borders.left",
    ]
