"""The dashboard of a workbook, and what its tabs look like beside it."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
import xlsxwriter

from refsync.excel import destination as workbook
from refsync.excel.dashboard import add_dashboard
from refsync.marts.chart_meta import chart_from_meta, dashboard_from_meta
from refsync.settings import Settings
from refsync.worksheet.table import Column
from refsync.worksheet.theme import FAINT_INK
from tests.google_sheets.dashboards import COLUMNS, DASHBOARD, LINES, numbers
from tests.google_sheets.pushing import table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from refsync.worksheet.table import Table

LIST = {"title": "More", "text": "name", "value": "day", "change": "change", "rows": 4}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "report.xlsx"


def write(path: Path, *tables: Table) -> Any:
    workbook.push(tables, Settings(to=str(path)), dry_run=False)
    return openpyxl.load_workbook(path)


def over(**meta: Any) -> Any:
    return dashboard_from_meta("dashboard", DASHBOARD | meta, COLUMNS)


def test_a_list_shows_nothing_for_a_row_that_is_blank(path: Path) -> None:
    """To Excel, a reference to a blank is a zero."""
    sheet = write(path, numbers(dashboard=over(lists=[LIST], cards=[], charts=[])))["Dashboard"]
    text, value, change = (sheet.cell(8, column) for column in (1, 11, 12))
    assert [cell.value for cell in (text, value, change)] == [
        *("=Some_Data!F5", "=Some_Data!B5", "=Some_Data!D5")
    ]
    assert text.number_format == ";;;@"
    assert value.number_format == "yyyy-mm-dd;-yyyy-mm-dd;"
    assert change.number_format == '"▲ "0.0%;"▼ "0.0%;'
    assert sheet.cell(5, 11).number_format == "yyyy-mm-dd"
    assert text.alignment.shrink_to_fit
    assert "A8:J8" in [str(area) for area in sheet.merged_cells.ranges]


def test_a_list_shows_a_zero(path: Path) -> None:
    """Who has no signups any more has none, and no blank."""
    lists = [{**LIST, "value": "clicks"}]
    sheet = write(path, numbers(rows=2, dashboard=over(lists=lists, cards=[], charts=[])))[
        "Dashboard"
    ]
    patterns = [sheet.cell(row, 11).number_format for row in (5, 6, 7)]
    assert patterns == ["#,##0", "#,##0", "#,##0;-#,##0;"]


def test_a_frame_is_around_a_chart_and_what_it_leaves_out(path: Path) -> None:
    sheet = write(path, numbers(dashboard=over(cards=[], lists=[])))["Dashboard"]
    # Heading, facts, a gap, two charts, a gap, then a chart of 14 rows and the row below it.
    sides = {
        side
        for row in sheet["A15:D29"]
        for cell in row
        for side in ("top", "bottom", "left", "right")
        if getattr(cell.border, side).style
        and {"top": cell.row == 15, "bottom": cell.row == 29, "left": cell.column == 1,
             "right": cell.column == 4}[side]
    }  # fmt: skip
    assert sides == {"top", "bottom", "left", "right"}
    inner = [cell.border for row in sheet["B16:C28"] for cell in row]
    assert not any(b.top.style or b.bottom.style or b.left.style or b.right.style for b in inner)
    assert sheet["A29"].value == "=Some_Data!F5"
    assert sheet["A29"].border.left.style == "thin"


def test_a_dashboard_is_whole_where_few_rows_are_kept_in_memory() -> None:
    """XlsxWriter drops a cell that comes after one of a later row."""
    found = []
    for mode in ("constant_memory", "in_memory"):
        content = BytesIO()
        book = xlsxwriter.Workbook(content, {mode: True})
        add_dashboard(book, book.add_worksheet("Dashboard"), numbers(dashboard=over(lists=[LIST])))
        book.add_worksheet("Some_Data")
        book.close()
        sheet = openpyxl.load_workbook(content)["Dashboard"]
        found.append({
            cell.coordinate: (cell.value, cell.fill.fgColor.rgb, cell.border.left.style)
            for row in sheet.iter_rows()
            for cell in row
        })  # fmt: skip
    assert found[0] == found[1]
    assert found[0]["A1"][0] == "Takings"


def test_a_tab_that_only_serves_the_dashboard_is_hidden(path: Path) -> None:
    book = write(path, replace(numbers(), hidden_tab=True), table([(1, "a", 2.5)]))
    assert [sheet.sheet_state for sheet in book] == ["visible", "hidden", "visible"]
    assert book.active.title == "Dashboard"
    # Excel does not open a workbook without a tab to look at, nor one whose active tab is hidden.
    hidden = replace(numbers(dashboard=None), hidden_tab=True)
    alone = write(path.with_name("alone.xlsx"), hidden)
    assert [sheet.sheet_state for sheet in alone] == ["visible"]
    first = write(path.with_name("first.xlsx"), hidden, table([(1, "a", 2.5)]))
    assert ([sheet.sheet_state for sheet in first], first.active.title) == (
        ["hidden", "visible"],
        "Data",
    )


def test_an_id_is_grey_and_a_long_text_ends_at_its_cell(path: Path) -> None:
    columns = (
        Column("id", "ID", "text", look="id"),
        Column("name", "Name", "text", look="name"),
        Column("agent", "Agent", "text", look="long"),
    )
    rows = (("a" * 36, "b" * 60, "c" * 90), ("a", "b", "c"), (None, None, None))
    sheet = write(path, replace(table([]), columns=columns, rows=rows))["Data"]
    long, short = ([cell.alignment.horizontal for cell in sheet[row]] for row in (2, 3))
    # `fill` ends a text that is too wide, and would repeat a short one.
    assert long == ["fill", "left", "fill"]
    assert short == ["left", "left", "left"]
    grey = FAINT_INK.replace("#", "FF")
    greys = [bool(cell.font.color and cell.font.color.rgb == grey) for cell in sheet[2]]
    assert greys == [True, False, False]
    assert [sheet.column_dimensions[each].width > 20 for each in "ABC"] == [False, True, True]


def test_the_total_is_in_the_note_of_the_header(path: Path) -> None:
    desired = numbers(dashboard=None)
    columns = [replace(column, total=column.name == "clicks") for column in desired.columns]
    sheet = write(path, replace(desired, columns=tuple(columns)))["Some_Data"]
    assert sheet["C1"].comment.text == "Visits, each counted once.\nTotal: 15,000"
    assert sheet["E1"].comment.text == "Signups by clicks."


@pytest.mark.parametrize(
    ("counts", "axis"),
    [
        # Without a step, Excel would have half signups; without an end, tenths of one.
        ([0, 1, 3], (0, 1, None)), ([0, 8], (0, 1, None)), ([9, 1], (0, None, None)),
        ([0, 0], (0, 1, 4)), ([-1, 2], (None, None, None)),
    ],
)  # fmt: skip
def test_small_counts_have_a_whole_axis(
    path: Path, counts: Sequence[int], axis: tuple[float | None, ...]
) -> None:
    lines = {**LINES, "series": ["signups"]}
    lines.pop("width")
    desired = numbers(rows=len(counts), chart=chart_from_meta("chart", lines, COLUMNS))
    rows = tuple((*row[:-1], count) for row, count in zip(desired.rows, counts, strict=True))
    (chart,) = write(path, replace(desired, rows=rows))["Some_Data"]._charts
    assert (chart.y_axis.scaling.min, chart.y_axis.majorUnit, chart.y_axis.scaling.max) == axis


def test_rates_have_no_whole_axis(path: Path) -> None:
    lines = {key: value for key, value in LINES.items() if key != "width"}
    lines["series"] = ["rate"]
    desired = numbers(chart=chart_from_meta("chart", lines, COLUMNS))
    (chart,) = write(path, desired)["Some_Data"]._charts
    assert chart.y_axis.majorUnit is None
