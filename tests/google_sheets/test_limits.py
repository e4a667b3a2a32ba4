"""Google's limits, at the last size that is allowed and at the first that is not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from refsync.errors import DestinationError
from refsync.google_sheets.batch import Bodies, check_growth
from refsync.google_sheets.formatting.dashboard import NewDashboard
from refsync.google_sheets.limits import (
    MAX_CELLS,
    MAX_CHARACTERS,
    MAX_COLUMNS,
    MAX_STATE_CHARACTERS,
    MAX_TABS,
    check_state,
    check_table,
)
from refsync.google_sheets.records import Records
from refsync.google_sheets.spreadsheet import Spreadsheet, Tab
from tests.google_sheets.plans import plan, tab
from tests.google_sheets.pushing import table

if TYPE_CHECKING:
    from refsync.google_sheets.planning.plan import Plan


def spreadsheet(*grids: tuple[int, int]) -> Spreadsheet:
    tabs = tuple(Tab(n, f"Tab {n}", *grid) for n, grid in enumerate(grids))
    return Spreadsheet("1x", "", tabs, Records())


def bodies(staged_cells: int = 0) -> Bodies:
    return Bodies((b"{}",) if staged_cells else (), staged_cells, ())


def growing(*cells: int, created: bool = False) -> Plan:
    tabs = [replace(tab(n), more_cells=more, created=created) for n, more in enumerate(cells)]
    return plan(*tabs)


def with_dashboard(made: Plan, cells: int) -> Plan:
    return replace(made, dashboard=NewDashboard("Dashboard", 5, (), cells, 0))


FULL = (MAX_CELLS // 20 - 1, 20), (2, 5)
"""Grids with room for ten cells more."""


@pytest.mark.parametrize(
    ("made", "staged_cells"),
    [
        pytest.param(growing(4, 6), 0, id="tabs grow"),
        pytest.param(growing(1), 9, id="a staging tab"),
        pytest.param(with_dashboard(growing(3), 5), 2, id="a dashboard"),
    ],
)
def test_all_tabs_together_have_no_more_than_ten_million_cells(
    made: Plan, staged_cells: int
) -> None:
    check_growth(spreadsheet(*FULL), made, bodies(staged_cells))
    sentence = r"has 9,999,991 cells, this push needs 10 more, and Google Sheets allows 10,000,000"
    with pytest.raises(DestinationError, match=sentence):
        check_growth(spreadsheet(*FULL, (1, 1)), made, bodies(staged_cells))


def test_a_spreadsheet_that_is_too_large_already_may_be_pushed_to_in_place() -> None:
    too_large = spreadsheet(*FULL, (4, 25))
    check_growth(too_large, growing(0, 0), bodies())
    with pytest.raises(DestinationError, match="needs 1 more"):
        check_growth(too_large, growing(0, 1), bodies())
    assert check_growth(spreadsheet(*[(1, 1)] * (MAX_TABS + 9)), growing(0), bodies()) == ()


@pytest.mark.parametrize(
    ("made", "staged_cells", "more"),
    [
        pytest.param(growing(1, created=True), 0, 1, id="a worksheet"),
        pytest.param(growing(1, 1, created=True), 0, 2, id="two worksheets"),
        pytest.param(growing(1), 9, 1, id="a staging tab"),
        pytest.param(with_dashboard(growing(0), 5), 0, 1, id="a dashboard"),
        pytest.param(with_dashboard(growing(1, created=True), 5), 9, 3, id="all of them"),
    ],
)
def test_more_than_two_hundred_tabs_are_a_warning(made: Plan, staged_cells: int, more: int) -> None:
    """Google's own limit has changed before, so Google itself is to say no."""
    full = spreadsheet(*[(1, 1)] * (MAX_TABS - more))
    assert check_growth(full, made, bodies(staged_cells)) == ()
    fuller = spreadsheet(*[(1, 1)] * (MAX_TABS - more + 1))
    (warning,) = check_growth(fuller, made, bodies(staged_cells))
    assert f"has {MAX_TABS - more + 1} tabs, this push needs {more} more, and Google" in warning


def test_the_limits_are_googles() -> None:
    assert (*(10_000_000, 50_000, 18_278, 200),) == (
        MAX_CELLS,
        MAX_CHARACTERS,
        MAX_COLUMNS,
        MAX_TABS,
    )


def test_a_text_has_no_more_than_fifty_thousand_characters() -> None:
    desired = table([(1, "", None)])
    header: tuple[Any, ...] = ("ID", "Name", "Value")
    check_table(desired, [header, (1, "x" * MAX_CHARACTERS, None)])
    sentence = "^Data, row 2, column Name: the text has 50,001 characters, and Google Sheets allows"
    with pytest.raises(DestinationError, match=sentence):
        check_table(desired, [header, (1, "x" * (MAX_CHARACTERS + 1), None)])


def test_a_characters_second_half_counts() -> None:
    header: tuple[Any, ...] = ("ID", "Name", "Value")
    check_table(table([]), [header, (1, "😀" * (MAX_CHARACTERS // 2), None)])
    with pytest.raises(DestinationError, match="the text has 50,001 characters"):
        check_table(table([]), [header, (1, "😀" * (MAX_CHARACTERS // 2) + "x", None)])


def test_a_note_has_no_more_than_fifty_thousand_characters() -> None:
    (column,) = table([], columns={"A": "text"}).columns
    long = replace(column, header="h" * 200, description="x" * MAX_CHARACTERS)
    check_table(replace(table([]), columns=(long,)), [])
    longer = replace(long, description=long.description + "x")
    # Of a long header the first hundred characters name it.
    sentence = f"^Data, column {'h' * 100}: the description has 50,001 characters, and Google"
    with pytest.raises(DestinationError, match=sentence):
        check_table(replace(table([]), columns=(longer,)), [])


def test_an_error_names_a_long_header_by_its_first_hundred_characters() -> None:
    (column,) = table([], columns={"A": "text"}).columns
    desired = replace(table([]), columns=(replace(column, header="h" * 200),))
    sentence = f"^Data, row 1, column {'h' * 100}: the text has 50,001 characters"
    with pytest.raises(DestinationError, match=sentence):
        check_table(desired, [("x" * (MAX_CHARACTERS + 1),)])


def test_a_worksheet_has_no_more_than_18278_columns() -> None:
    (column,) = table([], columns={"A": "text"}).columns
    widest = replace(table([]), columns=(column,) * MAX_COLUMNS)
    check_table(widest, [])
    too_wide = replace(table([]), columns=(column,) * (MAX_COLUMNS + 1))
    with pytest.raises(DestinationError, match="has 18,279 columns, and Google Sheets allows"):
        check_table(too_wide, [])


def test_the_record_has_its_share_of_the_metadata() -> None:
    check_state("x" * MAX_STATE_CHARACTERS)
    with pytest.raises(DestinationError, match="--select"):
        check_state("x" * (MAX_STATE_CHARACTERS + 1))
    assert MAX_STATE_CHARACTERS < 30_000
