"""What happens to one tab: what is asked of Google, and what is read back afterwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from refsync.errors import DestinationError
from refsync.google_sheets.cell_values import entered_value
from refsync.google_sheets.formatting.charts import color_style
from refsync.google_sheets.planning.caution import NO_CAUTION, Caution
from refsync.google_sheets.planning.checks import CHECKED_WHOLE, Difference, digest_of
from refsync.google_sheets.planning.columns import Layout
from refsync.google_sheets.planning.desired import Desired
from refsync.google_sheets.planning.diff import Copy
from refsync.google_sheets.planning.tab_plan import (
    TabPlan,
    plan_existing_tab,
    plan_new_tab,
)
from refsync.google_sheets.records import TabRecord
from refsync.google_sheets.spreadsheet import Protection, Tab
from refsync.worksheet.area import Area
from refsync.worksheet.build import Build
from refsync.worksheet.safety import Loss
from tests.google_sheets.dashboards import numbers
from tests.google_sheets.pushing import Columns, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from refsync.worksheet.table import Cell, Table

ROWS: list[tuple[Cell, ...]] = [(n, f"name {n}", n / 4) for n in range(1, 6)]
OURS = table(ROWS)
ANOTHER = table([*ROWS[:4], (5, "another name", 1.25)])


def planned(
    new: Table,
    old: Table | None = OURS,
    layout: Layout | None = None,
    *,
    record: TabRecord | None = None,
    caution: Caution = NO_CAUTION,
    **over: Any,
) -> TabPlan:
    """The plan for a tab 7 of ten rows and five columns, which holds `old`."""
    desired = Desired.from_table(new)
    cells = Desired.from_table(old).keys if old else ()
    grid = {"title": "Data", "rows": 10, "columns": 5, **over}
    tab = Tab(7, header=cells[0] if cells else (), cells=cells, **grid)
    layout = layout or Layout(desired.width)
    return plan_existing_tab(desired, tab, layout, record, caution=caution)


def kinds(requests: Sequence[dict[str, Any]]) -> list[str]:
    return [kind for request in requests for kind in request]


def inserted(plan: TabPlan) -> list[tuple[str, int, int]]:
    """The rows and columns that are inserted: (dimension, start, end)."""
    ranges = [
        request["insertDimension"]["range"]
        for request in plan.prepare
        if "insertDimension" in request
    ]
    assert all(each["sheetId"] == 7 for each in ranges)
    for request in plan.prepare:
        # What is inserted looks like what is before it, if anything is.
        if made := request.get("insertDimension"):
            assert made["inheritFromBefore"] == (made["range"]["startIndex"] > 0)
    return [(each["dimension"], each["startIndex"], each["endIndex"]) for each in ranges]


# --- the grid -------------------------------------------------------------------------------------


def test_a_tab_that_holds_what_it_is_to_hold_needs_nothing() -> None:
    plan = planned(OURS)
    assert not plan.is_needed
    assert (plan.more_cells, plan.blanked, plan.checked) == (0, (), ())
    assert (plan.result.rows, plan.result.cells, plan.result.notes) == (5, 0, ())


@pytest.mark.parametrize(
    ("rows", "more"), [(9, []), (10, [("ROWS", 10, 11)]), (14, [("ROWS", 10, 15)])]
)
def test_a_grid_grows_at_its_end(rows: int, more: list[tuple[str, int, int]]) -> None:
    plan = planned(table([(n, "x", 1.0) for n in range(rows)]))
    assert inserted(plan) == more
    assert plan.more_cells == 5 * (max(rows + 1, 10) - 10)
    assert plan.result.rows == rows
    assert plan.is_needed


def test_rows_that_are_added_behind_a_hidden_one_are_shown() -> None:
    _, shown = planned(table([(n, "x", 1.0) for n in range(14)])).prepare
    assert shown["updateDimensionProperties"] == {
        "range": {"sheetId": 7, "dimension": "ROWS", "startIndex": 10, "endIndex": 15},
        "properties": {"hiddenByUser": False},
        "fields": "hiddenByUser",
    }


def test_columns_are_inserted_at_their_places_and_missing_ones_at_the_end() -> None:
    columns: Columns = dict.fromkeys("ABCDEF", "text")
    wide = table([tuple("abcdef")], columns=columns)
    narrow = planned(wide, None, Layout(6, inserted=(1, 2), blank=(1, 2)), rows=2, columns=3)
    assert inserted(narrow) == [("COLUMNS", 1, 2), ("COLUMNS", 2, 3), ("COLUMNS", 5, 6)]
    assert narrow.more_cells == 2 * 3
    fits = planned(wide, None, Layout(6, inserted=(1, 2), blank=(1, 2)), rows=2, columns=4)
    assert inserted(fits) == [("COLUMNS", 1, 2), ("COLUMNS", 2, 3)]
    assert fits.more_cells == 2 * 2
    assert inserted(planned(wide, None, Layout(6), rows=2, columns=4)) == [("COLUMNS", 4, 6)]
    first = planned(wide, None, Layout(6, inserted=(0,), blank=(0,)), rows=2, columns=5)
    assert inserted(first) == [("COLUMNS", 0, 1)]
    assert narrow.result.notes == ("inserts the column B at B", "inserts the column C at C")


def test_a_tab_that_was_blank_gets_a_frozen_header_and_a_row_below_it() -> None:
    new = planned(table([]), None, Layout(3, blank=(0, 1, 2)), rows=1)
    assert inserted(new) == [("ROWS", 1, 2)]
    of_a_column = ["repeatCell", "repeatCell", "updateDimensionProperties"]
    assert kinds(new.finish) == [*of_a_column * 3, "updateSheetProperties"]
    assert new.finish[-1] == {
        "updateSheetProperties": {
            "properties": {"sheetId": 7, "gridProperties": {"frozenRowCount": 1}},
            "fields": "gridProperties.frozenRowCount",
        }
    }
    frozen = planned(table([]), None, Layout(3, blank=(0, 1, 2)), rows=2, frozen_rows=3)
    assert inserted(frozen) == []
    assert "updateSheetProperties" not in kinds(frozen.finish)
    partly = planned(table([]), None, Layout(3, blank=(1, 2)), rows=1)
    assert inserted(partly) == []
    assert "updateSheetProperties" not in kinds(partly.finish)


def test_a_worksheet_has_a_row_for_each_reference_of_its_dashboard() -> None:
    one = numbers(rows=1)
    assert one.dashboard
    assert one.dashboard.least_rows == 6
    plan = planned(one, None, Layout(7), rows=2, columns=7)
    assert inserted(plan) == [("ROWS", 2, 7)]
    assert inserted(planned(one, None, Layout(7), rows=7, columns=7)) == []
    # What lies over the rows reaches as far, also where nothing else is to be done.
    over = {"sheetId": 7, "startRowIndex": 0, "endRowIndex": 2}
    over |= {"startColumnIndex": 0, "endColumnIndex": 7}
    bands = ({"bandedRangeId": 3, "range": over},)
    grown = planned(one, one, rows=2, columns=7, bands=bands, basic_filter={"range": over})
    assert kinds(grown.prepare) == ["insertDimension", "updateDimensionProperties", "updateBanding"]
    assert kinds(grown.finish) == ["setBasicFilter"]
    assert grown.finish[0]["setBasicFilter"]["filter"]["range"]["endRowIndex"] == 7


@pytest.mark.parametrize(
    ("type_", "color"), [("raw", "#566370"), ("metrics", "#009E73"), ("of their own", "#0072B2")]
)
def test_a_new_tab_has_the_color_of_its_type(type_: str, color: str) -> None:
    plan = plan_new_tab(Desired.from_table(replace(OURS, type=type_)), 9)
    properties = plan.prepare[0]["addSheet"]["properties"]
    assert properties["tabColorStyle"] == color_style(color)
    assert "hidden" not in properties
    assert "index" not in properties


def test_a_new_tab_is_hidden_and_has_its_place_if_its_worksheet_says_so() -> None:
    desired = Desired.from_table(replace(OURS, hidden_tab=True))
    for index in (0, 2):
        properties = plan_new_tab(desired, 9, index).prepare[0]["addSheet"]["properties"]
        assert (properties["index"], properties["hidden"]) == (index, True)


# --- what is blanked and what is written ----------------------------------------------------------


def test_rows_and_columns_that_the_mart_lost_are_blanked() -> None:
    fewer = planned(table(ROWS[:2]))
    assert fewer.blanked == (Area(3, 6, 0, 3),)
    assert fewer.result.cells == 9
    assert (fewer.result.added, fewer.result.changed, fewer.result.removed) == (0, 0, 3)
    two: Columns = {"ID": "integer", "Name": "text"}
    narrower = planned(table([row[:2] for row in ROWS], columns=two), layout=Layout(3))
    assert narrower.blanked == (Area(0, 6, 2, 3),)
    assert narrower.result.cells == 6
    assert not planned(
        table([row[:2] for row in ROWS], columns=two),
        table([row[:2] for row in ROWS], columns=two),
        Layout(3),
    ).is_needed


def test_a_new_column_is_written_and_the_others_stay() -> None:
    columns: Columns = {"ID": "integer", "Day": "date", "Name": "text", "Value": "decimal"}
    wider = table(
        [(row[0], date(2026, 1, n), *row[1:]) for n, row in enumerate(ROWS, 1)], columns=columns
    )
    plan = planned(wider, layout=Layout(4, inserted=(1,), blank=(1,)))
    assert [block.area for block in plan.blocks] == [Area(0, 6, 1, 2)]
    assert plan.result.cells == 6
    assert not plan.created
    # The column that the rows are known by is the first, so each has changed.
    assert (plan.result.added, plan.result.changed, plan.result.removed) == (0, 5, 0)
    looks = ["repeatCell", "repeatCell", "updateDimensionProperties"]
    assert kinds(plan.finish) == [*looks, "repeatCell"]
    plain = plan.finish[-1]["repeatCell"]
    assert plain["fields"] == "userEnteredFormat.backgroundColorStyle"
    assert plain["cell"] == {"userEnteredFormat": {"backgroundColorStyle": None}}


def test_what_a_tab_is_taken_over_with_is_readable() -> None:
    columns: Columns = {
        "ID": "text", "Day": "date", "At": "timestamp", "Share": "percent", "N": "integer",
    }  # fmt: skip
    dated = table([("a", date(2026, 1, 1), None, 0.5, 7)], columns=columns)

    def formatted(layout: Layout) -> dict[int, str]:
        cells = [
            request["repeatCell"]
            for request in planned(dated, None, layout).finish
            if request.get("repeatCell", {}).get("fields") == "userEnteredFormat.numberFormat"
        ]
        for each in cells:
            assert each["range"]["sheetId"] == 7
            assert each["range"]["startRowIndex"] == 1
            assert "endRowIndex" not in each["range"]
            assert each["range"]["endColumnIndex"] == each["range"]["startColumnIndex"] + 1
        return {
            each["range"]["startColumnIndex"]: each["cell"]["userEnteredFormat"]["numberFormat"][
                "type"
            ]
            for each in cells
        }

    assert formatted(Layout(5)) == {}
    assert formatted(Layout(5, adopted=True)) == {1: "DATE", 2: "DATE_TIME", 3: "PERCENT"}
    # New columns get all of a column's looks anyway.
    both = planned(dated, None, Layout(5, blank=(2,), adopted=True)).finish
    assert (
        kinds(both)
        == ["repeatCell", "repeatCell", "updateDimensionProperties"] + ["repeatCell"] * 2
    )
    assert formatted(Layout(5, blank=(2,), adopted=True)) == {1: "DATE", 3: "PERCENT"}


def test_what_is_done_to_a_tab_is_said() -> None:
    assert planned(OURS, layout=Layout(3, adopted=True)).result.notes == ("takes over the tab",)
    assert planned(OURS, title="Mine").result.notes == ("in the tab 'Mine'",)


def test_a_new_tab_is_as_wide_as_googles_own_and_leaves_a_column_beside_ours() -> None:
    for width, columns in ((3, 26), (25, 26), (26, 27), (30, 31)):
        described: Columns = {f"C{n}": "text" for n in range(width)}
        plan = plan_new_tab(Desired.from_table(table([("x",) * width] * 4, columns=described)), 9)
        properties = plan.prepare[0]["addSheet"]["properties"]
        assert properties["gridProperties"] == {
            "rowCount": 5, "columnCount": columns, "frozenRowCount": 1,
        }  # fmt: skip
        assert (properties["sheetId"], plan.more_cells) == (9, 5 * columns)
        assert [block.area for block in plan.blocks] == [Area(0, 5, 0, width)]
        result = plan.result
        assert (result.rows, result.added, result.changed, result.removed) == (4, 4, 0, 0)
        assert result.cells == 5 * width
        assert plan.result.notes == ("creates the tab",)
        assert plan.created
        assert plan.is_needed


def test_a_readers_column_behind_ours_is_neither_written_nor_blanked() -> None:
    """A new column makes that what was read is wider than what is ours."""
    mine: Columns = {"ID": "integer", "Name": "text", "Value": "decimal", "Mine": "text"}
    with_mine = table([(*row, "my own") for row in ROWS], columns=mine)
    columns: Columns = {"ID": "integer", "New": "text", "Name": "text", "Value": "decimal"}
    wider = table([(n, "new", *rest) for n, *rest in ROWS], columns=columns)
    plan = planned(wider, with_mine, Layout(4, inserted=(1,), blank=(1,)))
    assert plan.blanked == ()
    assert [block.area for block in plan.blocks] == [Area(0, 6, 1, 2)]


SLID = table([*((n, f"name {n}", n / 4) for n in range(2, 42)), (42, "new", 1.0)])
"""A window that slid by a row."""

CRITERIA = {"basic_filter": {"criteria": {"2": {"hiddenValues": ["x"]}}}}


@pytest.mark.parametrize(
    ("over", "caution", "is_copied"),
    [
        pytest.param({}, NO_CAUTION, True, id="nothing hides rows"),
        pytest.param({"may_hide_rows": True}, NO_CAUTION, False, id="something may hide rows"),
        pytest.param({}, Caution(copies=False), False, id="Google copied others before"),
        pytest.param(CRITERIA, NO_CAUTION, True, id="a filter is taken away"),
        pytest.param(CRITERIA, Caution(filters=False), False, id="a filter stays"),
        pytest.param({}, Caution(filters=False), True, id="there is no filter to stay"),
    ],
)
def test_rows_that_moved_are_copied_unless_something_may_hide_them(
    over: dict[str, Any], caution: Caution, *, is_copied: bool
) -> None:
    before = table([(n, f"name {n}", n / 4) for n in range(1, 42)])
    plan = planned(SLID, before, rows=50, caution=caution, **over)
    assert plan.copies == ((Copy(2, 1, 40),) if is_copied else ())


TYPED: Columns = {"ID": "integer", "Name": "text"}
SENT = table([(1, "0042"), (2, "x")], columns=TYPED)
KEPT = table([(1, 42), (2, "x")], columns=TYPED)
DIGEST = digest_of([Difference(1, 1, "0042", 42)])


@pytest.mark.parametrize(
    ("known", "caution", "kept", "cells"),
    [
        pytest.param(DIGEST, NO_CAUTION, DIGEST, 0, id="twice the same"),
        pytest.param("", NO_CAUTION, "", 1, id="for the first time"),
        pytest.param("ab12", NO_CAUTION, "", 1, id="another one before"),
        pytest.param("", Caution(has_misread=True), DIGEST, 1, id="read back just now"),
    ],
)
def test_a_cell_that_google_keeps_otherwise_is_written_until_it_is_known(
    known: str, caution: Caution, kept: str, cells: int
) -> None:
    plan = planned(SENT, KEPT, record=TabRecord(7, (), kept=known), caution=caution)
    assert (plan.kept, plan.result.cells, plan.kept_cells) == (kept, cells, 1 - cells)
    assert plan.is_needed == bool(cells)


def test_a_cell_that_google_may_keep_otherwise_is_read_back() -> None:
    """Also inside a block of a large worksheet that has many such cells."""
    sent = table([(n, f"00{n}") for n in range(10, 800)], columns=TYPED)
    between = [(n, n if n == 610 else "another") for n in range(600, 620)]
    found = replace(sent, rows=(*sent.rows[:590], *between, *sent.rows[610:]))
    (block,) = planned(sent, found, rows=900).blocks
    assert block.area == Area(591, 611, 1, 2)
    assert 601 in {area.top for area in planned(sent, found, rows=900).checked}
    # Once it is known, the answer is.
    record = TabRecord(7, (), kept=digest_of([Difference(601, 1, "00610", 610)]))
    known = planned(sent, found, rows=900, record=record)
    assert known.is_needed
    assert 601 not in {area.top for area in known.checked}


@pytest.mark.parametrize(
    ("layout", "has_new_columns", "is_known"),
    [
        pytest.param(Layout(3), False, True, id="as it was"),
        pytest.param(Layout(3, inserted=(2,), blank=(2,)), True, True, id="with a new column"),
        pytest.param(Layout(3, adopted=True), False, False, id="taken over"),
    ],
)
def test_a_plan_knows_the_rows_that_were_refsyncs(
    layout: Layout, *, has_new_columns: bool, is_known: bool
) -> None:
    plan = planned(ANOTHER, layout=layout)
    assert plan.has_new_columns == has_new_columns
    assert (plan.before is not None) == is_known
    if plan.before:
        assert [row[:2] for row in plan.before] == [("ID", "Name"), *(row[:2] for row in ROWS)]


# --- what is in the way ---------------------------------------------------------------------------


def protected(area: Area, description: str = "", *open_: Area) -> dict[str, Any]:
    return {"protected": (Protection(area, description, open_),)}


IN_THE_WAY = [
    Area(5, 6, 0, 3),
    Area(0, 1, 0, 1),
    Area(0, None, 2, None),
    Area(0, None, 2, 3),
]
BESIDE = [Area(6, 7, 0, 3), Area(6, None, 0, None), Area(0, 9, 3, 4), Area(0, None, 3, None)]


@pytest.mark.parametrize("area", IN_THE_WAY)
def test_a_protected_area_in_the_way_is_named(area: Area) -> None:
    with pytest.raises(DestinationError, match="of the tab 'Data' is protected and refsync may"):
        planned(ANOTHER, **protected(area))
    with pytest.raises(DestinationError, match=r"is protected \(hands off\) and refsync may"):
        planned(ANOTHER, **protected(area, "hands off"))
    with pytest.raises(DestinationError, match="is protected and"):
        planned(ANOTHER, **protected(area, "", Area(0, 6, 0, 2)))
    open_ = planned(ANOTHER, **protected(area, "", Area(8, 9, 0, 1), Area(0, 6, 0, 3)))
    assert open_.is_needed
    # What needs no write is not in the way.
    assert not planned(OURS, **protected(area)).is_needed


@pytest.mark.parametrize("area", BESIDE)
def test_a_protected_area_beside_the_worksheet_is_not_in_the_way(area: Area) -> None:
    assert planned(ANOTHER, **protected(area)).is_needed


def test_rows_that_are_blanked_or_come_must_not_be_protected() -> None:
    for new, old in ((ROWS[:2], ROWS), (ROWS, ROWS[:2])):
        with pytest.raises(DestinationError, match="A6:C6 of the tab 'Data' is protected"):
            planned(table(new), table(old), **protected(Area(5, 6, 0, 3)))
        assert planned(table(new), table(old), **protected(Area(6, 7, 0, 3))).is_needed


def test_a_protected_column_behind_ours_is_not_in_the_way_of_an_inserted_one() -> None:
    columns: Columns = {"ID": "integer", "New": "text", "Name": "text", "Value": "decimal"}
    wider = table([(n, "", *rest) for n, *rest in ROWS], columns=columns)
    layout = Layout(4, inserted=(1,), blank=(1,))
    assert planned(wider, layout=layout, **protected(Area(0, None, 3, 4))).is_needed
    with pytest.raises(DestinationError, match="is protected"):
        planned(wider, layout=layout, **protected(Area(0, None, 2, 3)))


def test_merged_cells_in_the_way_are_separated() -> None:
    for area in (area for area in IN_THE_WAY if area.bottom):
        plan = planned(ANOTHER, merges=(Area(8, 9, 0, 2), area))
        assert plan.prepare == ({"unmergeCells": {"range": area.to_json(7)}},)
        assert plan.result.notes == (f"separates the merged cells {area.a1()}",)
    for area in (area for area in BESIDE if area.bottom):
        assert planned(ANOTHER, merges=(area,)).prepare == ()
    assert not planned(OURS, merges=(Area(1, 3, 0, 1),)).is_needed
    # Formats alone are a write too.
    columns: Columns = {"Day": "date"}
    dated = table([(date(2026, 1, 1),)], columns=columns)
    formatted = planned(dated, dated, Layout(1, adopted=True), merges=(Area(0, 2, 0, 1),))
    assert kinds(formatted.prepare) == ["unmergeCells"]


@pytest.mark.parametrize(
    "criteria",
    [
        {"filterSpecs": [{"columnIndex": 2, "filterCriteria": {"hiddenValues": ["x"]}}]},
        {"criteria": {"2": {"hiddenValues": ["x"]}}},
    ],
)
def test_a_filter_that_may_hide_rows_is_taken_away_for_the_push(criteria: dict[str, Any]) -> None:
    area = {"sheetId": 7, "startRowIndex": 0, "startColumnIndex": 0, "endColumnIndex": 3}
    hides = {"range": {**area, "endRowIndex": 10}, **criteria}
    plan = planned(ANOTHER, basic_filter=hides)
    assert plan.prepare == ({"clearBasicFilter": {"sheetId": 7}},)
    assert plan.finish == ({"setBasicFilter": {"filter": hides}},)
    longer = planned(table(ROWS * 3), basic_filter=hides)
    again = {**hides, "range": {**area, "endRowIndex": 16}}
    assert longer.finish == ({"setBasicFilter": {"filter": again}},)
    assert kinds(longer.prepare) == [
        "clearBasicFilter", "insertDimension", "updateDimensionProperties"
    ]  # fmt: skip
    merged = planned(ANOTHER, basic_filter=hides, merges=(Area(1, 3, 0, 1),))
    assert kinds(merged.prepare) == ["unmergeCells", "clearBasicFilter"]
    # One that hides nothing only reaches to the new rows.
    shows = {"range": {**area, "endRowIndex": 10}}
    assert planned(ANOTHER, basic_filter=shows).prepare == ()
    assert planned(ANOTHER, basic_filter=shows).finish == ()
    reaches = {"range": {**area, "endRowIndex": 16}}
    assert planned(table(ROWS * 3), basic_filter=shows).finish == (
        {"setBasicFilter": {"filter": reaches}},
    )
    assert not planned(OURS, basic_filter=hides).is_needed


def test_tables_and_bands_reach_to_new_rows() -> None:
    over = {"sheetId": 7, "startRowIndex": 0, "startColumnIndex": 0, "endColumnIndex": 3}
    beside = {**over, "startColumnIndex": 3, "endColumnIndex": 5}
    bands = {"bandedRangeId": 3, "range": {**beside, "endRowIndex": 10}}
    typed = {"tableId": "t", "range": {**over, "endRowIndex": 6}}
    # Google shows the bands of a table too, with its range and without an id.
    of_table = {"bandedRangeReference": "t", "range": typed["range"]}
    plan = planned(table(ROWS * 3), tables=(typed,), bands=(bands, of_table))
    assert kinds(plan.prepare) == [
        "insertDimension", "updateDimensionProperties", "updateTable", "updateBanding"
    ]  # fmt: skip
    updated = [
        plan.prepare[2]["updateTable"]["table"],
        plan.prepare[3]["updateBanding"]["bandedRange"],
    ]
    assert [each["range"]["endRowIndex"] for each in updated] == [16, 16]


# --- what is read back ----------------------------------------------------------------------------


def read_back(of: Table, area: Area = Area(0, None, 0, None)) -> dict[str, Any]:  # noqa: B008
    """The `GridData` of an area, as Google answers: blank cells at the ends are left out."""
    rows = []
    for values in Desired.from_table(of).values[area.top : area.bottom]:
        cells = [entered_value(value) for value in values[area.left : area.right]]
        while cells and not cells[-1]:
            cells.pop()
        rows.append({"values": cells} if cells else {})
    while rows and not rows[-1]:
        rows.pop()
    return {"startRow": area.top, "rowData": rows} if area.top else {"rowData": rows}


BLANKS = table([(1, "a", None), (None, None, None), (3, None, None), (None, None, None)])


@pytest.mark.parametrize("desired", [OURS, BLANKS])
def test_a_worksheet_that_came_as_it_was_to_agrees(desired: Table) -> None:
    plan = planned(desired, table(ROWS * 2))
    assert plan.checked == (Area(0, 11, 0, 3),)
    answer = read_back(desired)
    assert not plan.differences([answer])
    nothing: list[dict[str, Any]] = [{}, {"values": [{}]}]
    assert not plan.differences([{"rowData": [*answer["rowData"], *nothing]}])


def test_a_worksheet_that_somebody_edited_meanwhile_does_not_agree() -> None:
    plan = planned(BLANKS, table(ROWS * 2))
    rows = read_back(BLANKS)["rowData"]
    cell = {"userEnteredValue": {"numberValue": 9}}
    for edited in (
        [*rows[:1], {"values": [cell]}, *rows[2:]],  # another value
        [*rows, {"values": [cell]}],  # in a row of blanks
        [*rows, {}, {"values": [{}, {}, cell]}],  # below the last row
        rows[:-1],  # the last row is gone
        rows[:1],
        [],
        [rows[0], *rows],
    ):
        assert plan.differences([{"rowData": edited}])


def test_a_large_worksheet_is_read_back_at_its_ends_and_where_rows_were_copied_to() -> None:
    def large(start: int, stop: int) -> Table:
        return table([(n, f"name {n}", n / 4) for n in range(start, stop)])

    columns: Columns = dict.fromkeys("ABCD", "integer")
    height = CHECKED_WHOLE // 4
    four = table([(n, n, n, n) for n in range(height)], columns=columns)
    assert planned(replace(four, rows=four.rows[1:]), None).checked == (Area(0, height, 0, 4),)
    edges = [Area(row, row + 1, 0, 4) for row in (0, 1, height)]
    assert list(planned(four, None).checked) == edges
    slid = planned(large(50, 450), large(0, 400))
    assert slid.copies == (Copy(51, 1, 350),)
    *edges, column = slid.checked
    assert edges == [Area(row, row + 1, 0, 3) for row in (0, 1, 350, 351, 400)]
    # Every row that was copied, by the first column: it has another value in each.
    assert column == Area(2, 401, 0, 1)
    shorter = planned(large(0, 350), large(0, 400))
    assert [area.top for area in shorter.checked] == [0, 1, 350, 400]

    new = large(50, 450)
    parts = [read_back(new, area) for area in slid.checked]
    assert not slid.differences(parts)
    assert not slid.differences([*parts, {"startRow": 77, "rowData": []}])  # not asked for
    for index, part in enumerate(parts):
        without = {key: value for key, value in part.items() if key != "rowData"}
        assert slid.differences([*parts[:index], without, *parts[index + 1 :]])
        one_up = {**part, "startRow": part.get("startRow", 0) + 1}
        assert slid.differences([*parts[:index], one_up, *parts[index + 1 :]])


def test_of_very_many_copies_the_first_edges_are_read_back() -> None:
    old = table([(n, f"name {n}", n / 4) for n in range(1200)])
    kept = [(n, f"name {n}", n / 4) for n in range(1200) if n % 50]
    plan = planned(table(kept), old)
    assert len(plan.copies) == 24
    edges = sorted({e for copy in plan.copies for e in (copy.target, copy.target + copy.rows - 1)})
    *rows, column = plan.checked
    assert [area.top for area in rows] == sorted({0, 1, len(kept), 1200, *edges})
    assert column == Area(2, 1201, 0, 1)


# --- what would be lost ---------------------------------------------------------------------------


def many(*numbers: int) -> Table:
    return table([(n, f"name {n}", n / 4) for n in numbers])


def test_a_tab_that_would_lose_most_of_its_rows_says_so() -> None:
    assert planned(many(*range(15)), many(*range(40))).loss == Loss(25, 40)
    assert planned(many(*range(20)), many(*range(40))).loss is None
    assert planned(many(*range(1, 20)), many(*range(40))).loss == Loss(21, 40)
    assert planned(many(*range(39)[::-1]), many(*range(40))).loss is None
    # Where the numbers of the first column are no dates, none of them slides out.
    assert planned(many(*range(30, 70)), many(*range(40))).loss == Loss(30, 40)
    assert planned(many(), many(1)).loss == Loss(1, 1)
    assert planned(OURS, None).loss is None


def test_a_tab_that_is_taken_over_or_may_shrink_loses_nothing() -> None:
    taken = planned(many(), many(*range(40)), Layout(3, adopted=True))
    assert taken.adopted
    assert taken.loss is None
    assert not planned(many(), many(*range(40))).adopted
    assert planned(replace(many(), may_shrink=True), many(*range(40))).loss is None


def test_rows_are_lost_by_the_columns_that_the_tab_has_already() -> None:
    """A new column, or one with an edited header, does not identify rows."""
    columns: Columns = {"New": "text", "ID": "integer", "Name": "text", "Value": "decimal"}
    layout = Layout(4, inserted=(0,), blank=(0,))
    wider = table([("new", n, f"name {n}", n / 4) for n in range(40)], columns=columns)
    assert planned(wider, many(*range(40)), layout).loss is None
    assert planned(replace(wider, rows=wider.rows[:15]), many(*range(40)), layout).loss == Loss(
        25, 40
    )
    edited = replace(many(), columns=(replace(many().columns[0], header="No."), *OURS.columns[1:]))
    with_others = replace(edited, rows=tuple((n + 50, f"name {n}", n / 4) for n in range(40)))
    assert planned(with_others, many(*range(40))).loss is None


def dated(build: Build = Build(), header: str = "Day", **counts: int) -> Table:  # noqa: B008
    """Rows of several days of October: `d4=2` are two of the fourth."""
    columns: Columns = {header: "date", "ID": "integer", "Name": "text"}
    rows: list[tuple[Cell, ...]] = [
        (date(2026, 10, int(day[1:])), n, "x")
        for day, count in counts.items()
        for n in range(count)
    ]
    return replace(table(rows, columns=columns), build=build)


def lost(new: Table, old: Table, last_as_of: date | None = None) -> Loss | None:
    desired = Desired.from_table(new)
    cells = Desired.from_table(old).keys
    tab = Tab(7, "Data", 2000, 5, header=cells[0], cells=cells)
    record = TabRecord(7, (), as_of=last_as_of)
    return plan_existing_tab(desired, tab, Layout(desired.width), record).loss


def test_days_that_slid_out_are_not_lost() -> None:
    before = dated(d1=10, d2=900, d29=90)
    today = Build(as_of_date=date(2026, 10, 30))
    after = dated(today, d29=90, d30=5)
    # No as-of date is known: all days before the first may have slid out.
    assert lost(after, before) is None
    assert lost(dated(d29=90, d30=5), before, date(2026, 10, 29)) is None
    # A day has passed, and two went.
    assert lost(after, before, date(2026, 10, 29)) == Loss(900, 990, 10)
    assert lost(after, before, date(2026, 10, 28)) is None
    # A setting says so.
    first = Build(as_of_date=date(2026, 10, 30), first_dates='{"data": "2026-10-29"}')
    assert lost(dated(first, d29=90, d30=5), before, date(2026, 10, 29)) is None
    # Under another header there may be something else than dates.
    assert lost(after, dated(header="Mine", d1=10, d2=900, d29=90)) == Loss(905, 1000)
