"""Which columns of a tab are refsync's, and where columns are inserted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from refsync.errors import DestinationError
from refsync.google_sheets.planning.columns import Layout, lay_out
from refsync.google_sheets.planning.desired import Desired
from refsync.google_sheets.records import TabRecord, header_hash
from refsync.google_sheets.spreadsheet import Tab
from refsync.worksheet.values import Truth
from tests.google_sheets.pushing import Columns, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from refsync.worksheet.values import Row

OURS = ("ID", "Name", "Value")
ROWS = [(n, f"name {n}", n / 4) for n in range(1, 5)]
MINE = (None, "my own words", "other words", 17, 18)
"""Cells below a header that is not refsync's."""


def tab(header: Sequence[Any], *below: Row) -> Tab:
    return Tab(7, "Data", 100, 26, header=tuple(header), cells=(tuple(header), *below))


def columns(*cells: Sequence[Any]) -> list[Row]:
    """Rows made of columns of any length."""
    height = max(map(len, cells))
    return [
        tuple(column[n] if n < len(column) else None for column in cells) for n in range(height)
    ]


def desired(*headers: str) -> Desired:
    names: Columns = {"ID": "integer", "Name": "text", "Value": "decimal"}
    every: Columns = {header: names.get(header, "text") for header in headers or OURS}
    rows: list[tuple[Any, ...]] = [
        tuple(dict(zip(OURS, row, strict=True)).get(header) for header in every) for row in ROWS
    ]
    return Desired.from_table(table(rows, columns=every))


def ours_before(found: Tab, *headers: str, marks: Sequence[str] = OURS) -> Layout:
    """The layout in a tab that the record says has columns of these headers."""
    managed = TabRecord(7, tuple(map(header_hash, marks)))
    return lay_out(desired(*headers), found, managed, adopt=False)


IDS, NAMES, VALUES = zip(*ROWS, strict=True)


# --- tabs that refsync did not make ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "layout"),
    [
        pytest.param(tab([]), Layout(3, blank=(0, 1, 2)), id="empty"),
        pytest.param(tab([None, None, None, "Mine"]), Layout(3, blank=(0, 1, 2)), id="beside"),
        pytest.param(tab(OURS, (1, "old", 1)), Layout(3), id="ours"),
        pytest.param(tab([*OURS, "Mine"], (1, "old", 1, 5)), Layout(3), id="ours and more"),
        pytest.param(tab(OURS[:2], (1, "old")), Layout(3, blank=(2,)), id="the first two"),
        pytest.param(
            tab([*OURS[:2], None, None, None], (1, "old")), Layout(3, blank=(2,)), id="and blanks"
        ),
        pytest.param(tab(["ID"]), Layout(3, blank=(1, 2)), id="the first one"),
    ],
)
def test_a_tab_with_nothing_else_in_our_columns_is_taken_over(found: Tab, layout: Layout) -> None:
    for adopt in (False, True):
        taken = lay_out(desired(), found, None, adopt=adopt)
        assert taken == Layout(layout.width, layout.inserted, layout.blank, adopted=True)
    elsewhere = TabRecord(99, tuple(map(header_hash, OURS)))
    assert lay_out(desired(), found, elsewhere, adopt=False).adopted


@pytest.mark.parametrize(
    ("found", "layout"),
    [
        pytest.param(tab(["Other", "things"]), Layout(3, blank=(2,)), id="no column of ours"),
        pytest.param(tab([None], (None, 5)), Layout(3, blank=(0, 2)), id="no headers"),
        pytest.param(
            tab(OURS[:2], (1, "old", 5)), Layout(3, (2,), (2,)), id="values without a header"
        ),
        pytest.param(
            tab(["ID", "Mine"], (1, 5)), Layout(3, (1, 2), (1, 2)), id="two columns are missing"
        ),
        pytest.param(tab(["ID", "Name", "Mine"]), Layout(3, (2,), (2,)), id="one is missing"),
        pytest.param(
            tab(["ID", None, None, "Mine"]), Layout(3, blank=(1, 2)), id="there is room for two"
        ),
        pytest.param(tab(["ID", "Value", "Mine"]), Layout(3, (1,), (1,)), id="in the middle"),
        pytest.param(tab(["ID", "Old", "Name", "Value"]), Layout(4), id="one too many"),
        pytest.param(tab(["Old", "ID", "Name", "Value", "Mine"]), Layout(4), id="one before"),
        pytest.param(
            tab([None, "Old", "ID", "Name", "Value"]), Layout(5, blank=(0,)), id="far to the right"
        ),
    ],
)
def test_a_tab_that_holds_something_else_is_taken_over_where_that_is_asked_for(
    found: Tab, layout: Layout
) -> None:
    taken = lay_out(desired(), found, None, adopt=True)
    assert taken == Layout(layout.width, layout.inserted, layout.blank, adopted=True)
    with pytest.raises(DestinationError, match=r"overwrite its first 3 columns \(A to C\)\.$"):
        lay_out(desired(), found, None, adopt=False)


def test_the_most_columns_that_kept_their_order_are_known_again() -> None:
    """Two columns are deleted; the reader has one of his own with a header of ours."""
    headers = ("ID", "Name", "Value", "More")
    found = tab(["Value", "More", "ID"])
    assert ours_before(found, *headers, marks=headers) == Layout(4, (0, 1), (0, 1))


def test_a_layout_is_blank_if_all_its_columns_are() -> None:
    assert Layout(2, blank=(0, 1)).is_blank
    assert not Layout(2, blank=(1,)).is_blank


# --- tabs that refsync made -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "layout"),
    [
        pytest.param(tab(OURS), Layout(3), id="as it was"),
        pytest.param(tab([*OURS, "Mine"]), Layout(3), id="with the reader's column"),
        pytest.param(tab(["A", "B", "C", "Mine"]), Layout(3), id="all headers were edited"),
        pytest.param(tab([None, None, None, "Mine"]), Layout(3), id="our headers were deleted"),
        pytest.param(tab([], *ROWS), Layout(3), id="all headers were deleted"),
        pytest.param(tab(OURS[:2], *ROWS), Layout(3), id="the last header was deleted"),
        pytest.param(tab(OURS[:1], *ROWS), Layout(3), id="the last two headers were deleted"),
        pytest.param(
            tab(OURS[:2], *[row[:2] for row in ROWS]),
            Layout(3, blank=(2,)),
            id="the last column was emptied, or deleted with nothing behind it",
        ),
        pytest.param(tab([]), Layout(3, blank=(0, 1, 2)), id="everything was deleted"),
        pytest.param(tab(["ID", "B", "Value", "Mine"]), Layout(3), id="the second was edited"),
        pytest.param(tab(["A", "Name", "Value", "Mine"]), Layout(3), id="the first was edited"),
        pytest.param(tab(["A", "B", "Value", "Mine"]), Layout(3), id="two were edited"),
        pytest.param(
            tab(["Name", "Value", "Mine"]), Layout(3, (0,), (0,)), id="the first is deleted"
        ),
        pytest.param(
            tab(["ID", "Value", "Mine"]), Layout(3, (1,), (1,)), id="the second is deleted"
        ),
        pytest.param(
            tab(*columns(["ID", *IDS], ["Name", *NAMES], ["Mine", *MINE])),
            Layout(3, (2,), (2,)),
            id="the last is deleted",
        ),
        pytest.param(
            tab(*columns(["ID", *IDS], ["Mine", *MINE], ["Mine too", *MINE])),
            Layout(3, (1, 2), (1, 2)),
            id="the last two are deleted",
        ),
        pytest.param(
            tab(*columns(["ID", *IDS], ["Name", *NAMES], ["C", *VALUES], ["Mine", *MINE])),
            Layout(3),
            id="the last was edited",
        ),
        pytest.param(
            tab(*columns(["ID", *IDS], ["B", *NAMES], ["C", *VALUES], ["Mine", *MINE])),
            Layout(3),
            id="the last two were edited",
        ),
    ],
)
def test_columns_that_people_deleted_are_inserted_and_edited_headers_are_not_theirs(
    found: Tab, layout: Layout
) -> None:
    assert ours_before(found) == layout


@pytest.mark.parametrize(
    ("cells", "is_ours"),
    [
        pytest.param([], True, id="nothing below the header"),
        pytest.param([None, None], True, id="blanks below the header"),
        pytest.param(VALUES[:1], True, id="the first of our values"),
        pytest.param([*VALUES[:2], 98, 99], True, id="half of it ours"),
        pytest.param([*VALUES[:2], None, 97, 98, 99], False, id="less than half of it ours"),
        pytest.param([99], False, id="nothing of ours"),
    ],
)
def test_the_last_column_under_another_header_is_ours_if_its_cells_are(
    cells: Sequence[Any], *, is_ours: bool
) -> None:
    found = tab(*columns(["ID", *IDS], ["Name", *NAMES], ["C", *cells]))
    assert ours_before(found) == (Layout(3) if is_ours else Layout(3, (2,), (2,)))


def test_a_last_column_that_the_mart_lost_too_is_still_ours() -> None:
    """Nothing is known of its cells any more, so it is blanked as it would be with its header."""
    found = tab(*columns(["ID", *IDS], ["Name", *NAMES], ["C", *MINE]))
    assert ours_before(found, "ID", "Name") == Layout(3)


@pytest.mark.parametrize(
    ("header", "named"),
    [
        (["ID", "Mine", "Name", "Value"], r"'Mine' \(column B\) is"),
        (["Mine", "ID", "Name", "Value"], r"'Mine' \(column A\) is"),
        (["Mine", "ID", "Name"], r"'Mine' \(column A\) is"),
        (["ID", None, "Name", "Value"], "column B, which has no header, is"),
        (["ID", "Name", "Mine", None, "Value"], r"'Mine' \(column C\) and column D, which has no"),
        (
            ["Mine", "Mine too", "Name", "Value"],
            (
                r"'Mine' \(column A\) and 'Mine too' \(column B\) are between refsync's columns: "
                r"move them to the right"
            ),
        ),
    ],
)
def test_somebodys_column_among_ours_is_named(header: list[Any], named: str) -> None:
    missing_first = OURS[1:] if header[1] == "Mine too" else OURS
    with pytest.raises(DestinationError, match=f"^In the tab 'Data', {named}"):
        ours_before(tab(header), marks=missing_first)


@pytest.mark.parametrize(
    ("headers", "layout"),
    [
        pytest.param(("ID", "New", "Name", "Value"), Layout(4, (1,), (1,)), id="in the middle"),
        pytest.param(("New", "ID", "Name", "Value"), Layout(4, (0,), (0,)), id="at the front"),
        pytest.param(("ID", "Name", "Value", "New"), Layout(4, (3,), (3,)), id="at the end"),
        pytest.param(
            ("ID", "New", "Newer", "Name", "Value"), Layout(5, (1, 2), (1, 2)), id="two together"
        ),
        pytest.param(
            ("New", "ID", "Name", "Newer", "Value"), Layout(5, (0, 3), (0, 3)), id="two apart"
        ),
        pytest.param(("ID", "Renamed", "Value"), Layout(3), id="one renamed"),
        pytest.param(
            ("ID", "Renamed", "New", "Value"), Layout(4, (2,), (2,)), id="one renamed, one new"
        ),
        pytest.param(("A", "B", "C", "D"), Layout(4, (3,), (3,)), id="all renamed, one new"),
        pytest.param(("ID", "Value"), Layout(3), id="one fewer"),
        pytest.param(("New", "Value"), Layout(3), id="one fewer, one renamed"),
        pytest.param(("Name", "Value", "ID"), Layout(3), id="another order"),
        pytest.param(
            ("Name", "Value", "ID", "New"), Layout(4, (3,), (3,)), id="another order, one new"
        ),
        pytest.param(
            ("Name", "ID", "Value", "New"), Layout(4, (2,), (2,)), id="two swapped, one new"
        ),
    ],
)
def test_a_marts_new_columns_are_inserted_beside_their_neighbours(
    headers: tuple[str, ...], layout: Layout
) -> None:
    assert ours_before(tab([*OURS, "Mine"]), *headers) == layout


def test_a_new_column_at_the_front_and_a_last_one_that_was_emptied() -> None:
    found = tab(OURS[:2], *[row[:2] for row in ROWS])
    assert ours_before(found, "New", *OURS) == Layout(4, inserted=(0,), blank=(0, 3))


# --- header rows that moved -----------------------------------------------------------------------


def refused(found: Tab, sentence: str, *headers: str, marks: Sequence[str] = OURS) -> None:
    """A push to the tab is refused with this sentence. With `adopt` it is not refused."""
    managed = TabRecord(7, tuple(map(header_hash, marks)))
    with pytest.raises(DestinationError) as caught:
        lay_out(desired(*headers), found, managed, adopt=False)
    take_over = "or run with --adopt to let refsync write over its columns as they are."
    assert str(caught.value) == f"In the tab 'Data', {sentence}, {take_over}"
    lay_out(desired(*headers), found, managed, adopt=True)


def test_columns_in_another_order_are_named_in_both_orders() -> None:
    refused(
        tab(["Value", "ID", "Name", "Mine"]),
        "refsync's columns are in another order (Value, ID, Name): put them back in the order ID, "
        "Name, Value",
    )
    managed = TabRecord(7, tuple(map(header_hash, OURS)))
    taken = lay_out(desired(), tab(["Value", "ID", "Name"]), managed, adopt=True)
    assert taken == Layout(3)


@pytest.mark.parametrize("above", [1, 2, 5])
def test_a_header_below_the_first_row_is_named_by_its_row(above: int) -> None:
    strange: list[Row] = [("my", "own", "words")] * above
    refused(
        tab(*strange, OURS, *ROWS),
        f"refsync's header is in row {above + 1} and not in row 1: delete the rows above it, or "
        "sort it back to the top",
    )


@pytest.mark.parametrize(
    ("row", "is_header"),
    [
        (("ID", "Name", "Value", "More"), True),
        (("ID", "Name", 5, None), True),
        ((None, "More", "x", "ID"), True),
        (("ID", "x", "y", "z"), False),
        (("x", "x", "y", "z"), False),
    ],
)
def test_half_of_the_headers_make_a_row_the_header(row: Row, *, is_header: bool) -> None:
    headers = (*OURS, "More")
    found = tab(["a", "b", "c", "d"], (1, "x", 2.0, "y"), row)
    if is_header:
        refused(
            found,
            "refsync's header is in row 3 and not in row 1: delete the rows above it, or sort it "
            "back to the top",
            *headers,
            marks=headers,
        )
    else:
        assert ours_before(found, *headers, marks=headers) == Layout(4)


def test_a_word_that_is_a_header_too_makes_no_header() -> None:
    found = tab(["a", "b", "c"], *columns(IDS, NAMES, VALUES), (9, "Name", 9.5))
    assert ours_before(found) == Layout(3)


def test_a_first_row_that_has_as_many_headers_is_the_header() -> None:
    found = tab(["ID", "Name", "c"], (1, "x", VALUES[0]), ("ID", "Name", None))
    assert ours_before(found) == Layout(3)


TEXTS = ("A", "B", "C", "D")


@pytest.mark.parametrize(
    ("first", "is_data"),
    [
        pytest.param((99, None, None, None), True, id="a number"),
        pytest.param((0.5, "x", "y", "z"), True, id="a fraction"),
        pytest.param((Truth.TRUE, "x", "y", "z"), True, id="a truth"),
        pytest.param(("a1", "b1", "c1", None), True, id="the first row of all"),
        pytest.param(("a2", "b2", "c2", "x"), True, id="the second row, and a word"),
        pytest.param(("a1", "b2", "x", "y"), False, id="no more than half of them values"),
        pytest.param(("b1", "a1", "d1", "c1"), False, id="values of other columns"),
        pytest.param((None, None, None, None, 7), False, id="a number behind our columns"),
        pytest.param(("a", "b", "c", "d"), False, id="other headers"),
    ],
)
def test_data_in_the_first_row_means_that_the_header_is_gone(first: Row, *, is_data: bool) -> None:
    every: Columns = dict.fromkeys(TEXTS, "text")
    rows: list[Any] = [tuple(f"{header.lower()}{n}" for header in TEXTS) for n in (1, 2)]
    managed = TabRecord(7, tuple(map(header_hash, TEXTS)))
    texts = Desired.from_table(table(rows, columns=every))
    found = tab(first, *rows)
    lay_out(texts, found, managed, adopt=True)
    if not is_data:
        assert lay_out(texts, found, managed, adopt=False) == Layout(4)
        return
    sentence = "row 1 has data where refsync's header was: insert a row above it, or run with"
    with pytest.raises(DestinationError, match=sentence):
        lay_out(texts, found, managed, adopt=False)


def test_a_number_beside_a_header_of_ours_is_an_edited_header() -> None:
    assert ours_before(tab(["ID", 2026, "Value"], *ROWS)) == Layout(3)
