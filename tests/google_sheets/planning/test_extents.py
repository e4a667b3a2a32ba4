"""How far tables, a filter and bands over a worksheet reach once it has more rows or columns."""

from __future__ import annotations

from typing import Any

import pytest

from refsync.google_sheets.api.requests import set_filter
from refsync.google_sheets.planning.columns import Layout
from refsync.google_sheets.planning.extents import (
    longer_bands,
    longer_filter,
    longer_tables,
)
from refsync.google_sheets.spreadsheet import Tab

ROWS = 6
"""The rows of the grid before it grows."""

Range = tuple[int, int | None, int, int | None]


def grid_range(area: Range) -> dict[str, int]:
    names = ("startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex")
    ends = {name: end for name, end in zip(names, area, strict=True) if end is not None}
    return {"sheetId": 7, **ends}


def tab(**over: Any) -> Tab:
    return Tab(7, "Data", ROWS, 9, **over)


OURS = Layout(3)
BETWEEN = Layout(4, inserted=(1,))
IN_FRONT = Layout(4, inserted=(0,))
BEHIND = Layout(4, inserted=(3,))


@pytest.mark.parametrize(
    ("table", "layout", "height", "longer"),
    [
        pytest.param((0, 6, 0, 3), OURS, 9, (0, 9, 0, 3), id="reaches to the new rows"),
        pytest.param((0, 6, 0, 3), OURS, 6, None, id="reaches far enough"),
        pytest.param((0, 9, 0, 3), OURS, 6, None, id="is never cut"),
        pytest.param((0, 6, 0, 2), OURS, 9, (0, 9, 0, 2), id="over some of our columns"),
        pytest.param((0, 6, 0, 5), OURS, 9, (0, 9, 0, 5), id="over the reader's columns too"),
        pytest.param((0, 6, 2, 5), OURS, 9, (0, 9, 2, 5), id="from our last column on"),
        pytest.param((0, 6, 3, 5), OURS, 9, None, id="beside our columns"),
        pytest.param((1, 6, 0, 3), OURS, 9, None, id="without our header"),
        pytest.param((0, None, 0, 3), BETWEEN, 9, None, id="without an end"),
        pytest.param((0, 6, 0, None), OURS, 9, None, id="without a right edge"),
        pytest.param((0, 6, 0, 3), BETWEEN, 6, (0, 6, 0, 4), id="a column inserted inside"),
        pytest.param((0, 6, 0, 3), BEHIND, 6, (0, 6, 0, 4), id="a column inserted behind ours"),
        pytest.param((0, 6, 1, 3), BEHIND, 6, None, id="a column behind a part of ours"),
        pytest.param((0, 6, 0, 2), BEHIND, 6, None, id="a column far behind it"),
        pytest.param((0, 6, 0, 5), BEHIND, 9, (0, 9, 0, 6), id="behind ours, inside of it"),
        pytest.param((0, 6, 1, 3), IN_FRONT, 9, (0, 9, 2, 4), id="a column in front of it"),
    ],
)
def test_a_typed_table_reaches_as_far_as_the_worksheet(
    table: Range, layout: Layout, height: int, longer: Range | None
) -> None:
    elsewhere = {"tableId": "t1", "range": grid_range((0, 6, 8, 9))}
    found = tab(tables=(elsewhere, {"tableId": "t2", "range": grid_range(table)}))
    requests = [
        {
            "updateTable": {
                "table": {"tableId": "t2", "range": grid_range(longer)},
                "fields": "range",
            }
        }
        for longer in ([longer] if longer else [])
    ]
    assert list(longer_tables(found, height, layout)) == requests


@pytest.mark.parametrize(
    ("bottom", "rows", "is_longer"),
    [
        pytest.param(6, 9, True, id="to the end of the grid"),
        pytest.param(6, 6, False, id="the grid does not grow"),
        pytest.param(5, 9, False, id="over some rows"),
        pytest.param(None, 9, False, id="without an end"),
    ],
)
@pytest.mark.parametrize("layout", [OURS, BETWEEN])
def test_a_filter_and_bands_reach_to_the_end_of_the_grid(
    bottom: int | None, rows: int, layout: Layout, *, is_longer: bool
) -> None:
    over = grid_range((1, bottom, 0, 3))
    right = layout.width
    elsewhere = {"bandedRangeId": 1, "range": grid_range((0, 4, 0, 3))}
    found = tab(
        basic_filter={"range": over},
        bands=(elsewhere, {"bandedRangeId": 2, "range": grid_range((1, bottom, 1, 3))}),
    )
    left = 1 + len(layout.inserted)
    longer: Any = {"bandedRangeId": 2, "range": grid_range((1, rows, left, right))}
    bands = {"updateBanding": {"bandedRange": longer, "fields": "range"}}
    filter_ = {"setBasicFilter": {"filter": {"range": grid_range((1, rows, 0, right))}}}
    assert longer_bands(found, rows, layout) == ((bands,) if is_longer else ())
    assert longer_filter(found, rows, layout) == ((filter_,) if is_longer else ())


def test_what_has_no_range_is_left_alone() -> None:
    nothing = tab(tables=({"tableId": "t"},), bands=({"bandedRangeId": 1},), basic_filter={})
    assert longer_tables(nothing, 9, BEHIND) == ()
    assert longer_bands(nothing, 9, BEHIND) == ()
    assert longer_filter(nothing, 9, BEHIND) == ()
    assert longer_filter(tab(), 9, BEHIND) == ()


@pytest.mark.parametrize(
    "bands",
    [
        pytest.param({"bandedRangeReference": "t"}, id="of a table"),
        pytest.param({}, id="without an id"),
        pytest.param({"bandedRangeId": 1}, id="with an id, over a table"),
    ],
)
def test_bands_that_are_a_tables_or_have_no_id_are_left_alone(bands: dict[str, Any]) -> None:
    over = {"range": grid_range((0, 6, 0, 3))}
    beside = {"bandedRangeId": 2, "range": grid_range((0, 6, 4, 6))}
    found = tab(bands=({**bands, **over}, beside), tables=({"tableId": "t", **over},))
    (longer,) = longer_bands(found, 9, OURS)
    assert longer["updateBanding"]["bandedRange"]["bandedRangeId"] == 2


def test_the_bands_of_whole_rows_and_the_filter_of_a_table_are_left_alone() -> None:
    whole_rows = {"bandedRangeId": 1, "range": grid_range((0, 6, 0, None))}
    assert longer_bands(tab(bands=(whole_rows,)), 9, OURS) == ()
    over = {"range": grid_range((0, 6, 0, 3))}
    of_a_table = tab(basic_filter=over, tables=({"tableId": "t", **over},))
    assert longer_filter(of_a_table, 9, OURS) == ()


@pytest.mark.parametrize(
    ("inserted", "moved"),
    [((), (0, 2)), ((1,), (0, 3)), ((2,), (0, 3)), ((3,), (0, 2)), ((0, 1), (2, 4))],
)
def test_a_filters_criteria_stay_with_their_columns(
    inserted: tuple[int, ...], moved: tuple[int, int]
) -> None:
    """Google leaves out a column's index where it is 0, and the edges where there are none."""
    hides = {"hiddenValues": ["x"]}
    range_ = {"sheetId": 7, "endRowIndex": ROWS}
    specs = [{"filterCriteria": hides}, {"columnIndex": 2, "filterCriteria": hides}]
    new = Layout(3 + len(inserted), inserted)
    (request,) = longer_filter(tab(basic_filter={"range": range_, "filterSpecs": specs}), 9, new)
    assert request["setBasicFilter"]["filter"] == {
        "range": {"sheetId": 7, "endRowIndex": 9},
        "filterSpecs": [{"columnIndex": column, "filterCriteria": hides} for column in moved],
    }
    older = {"range": range_, "criteria": {"0": hides, "2": hides}}
    (request,) = longer_filter(tab(basic_filter=older), 9, new)
    assert request["setBasicFilter"]["filter"]["criteria"] == {
        str(column): hides for column in moved
    }


def test_a_filter_of_a_table_is_set_by_the_table() -> None:
    assert set_filter({"tableId": "t", "range": {"endRowIndex": 6}}, (1,), 9) == {
        "setBasicFilter": {"filter": {"tableId": "t"}}
    }


def test_a_filter_that_began_at_our_first_column_begins_behind_a_new_first_one() -> None:
    """As Google moves it when a column is inserted before it."""
    over = {"range": grid_range((0, ROWS, 0, 3))}
    (request,) = longer_filter(tab(basic_filter=over), 9, IN_FRONT)
    assert request["setBasicFilter"]["filter"]["range"] == grid_range((0, 9, 1, 4))
