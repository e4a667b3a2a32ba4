"""A table as its worksheet is to hold it: what is sent, and whether rows moved since."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from refsync.google_sheets.planning.desired import Desired, outline_of
from refsync.worksheet.values import Truth
from tests.google_sheets.pushing import Columns, table

if TYPE_CHECKING:
    from refsync.worksheet.table import Cell
    from refsync.worksheet.values import Row

HEADER = ("ID", "Name", "Value")


def desired(*rows: tuple[Cell, ...], key: tuple[int, ...] = ()) -> Desired:
    return Desired.from_table(replace(table(rows), key=key))


def named(names: str, key: tuple[int, ...] = (1,)) -> Desired:
    """A worksheet with a row for each name; a capital is the same key with another value."""
    return desired(*((1, name.lower(), 2.5 if name.isupper() else 0.5) for name in names), key=key)


# --- the values -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "sent"),
    [
        (("a", "b"), ("a", "b")),
        (("a", ""), ("a", None)),
        (("", None), (None, None)),
        ((1, 0.5), (1, 0.5)),
        ((date(1900, 1, 1), None), (2, None)),
        ((True, "TRUE"), (True, "TRUE")),
        (("a\r\nb", "c\rd"), ("a\r\nb", "c\rd")),
    ],
)
def test_a_column_is_sent_as_a_worksheet_can_hold_it(
    column: tuple[Cell, ...], sent: tuple[object, ...]
) -> None:
    made = desired(*((n, cell, None) for n, cell in enumerate(column)))
    assert made.values == (HEADER, *((n, value, None) for n, value in enumerate(sent)))


def test_values_that_are_their_own_identities_are_kept_once() -> None:
    made = desired((1, "a", 0.5), (2, "b\nc", None))
    assert made.keys is made.values


@pytest.mark.parametrize(
    ("cell", "key"), [(True, Truth.TRUE), (False, Truth.FALSE), ("a\r\nb", "a\nb")]
)
def test_other_values_have_an_identity_beside_them(cell: Cell, key: object) -> None:
    made = desired((1, "a", 0.5), (2, cell, None))
    assert made.keys == (HEADER, (1, "a", 0.5), (2, key, None))
    assert made.values[2] == (2, cell, None)


def test_no_cell_is_dropped_where_rows_are_of_unequal_width() -> None:
    with pytest.raises(ValueError, match="shorter"):
        desired((1, "a", 0.5), (2, "b"))


# --- whether rows moved ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "has_moved"),
    [
        pytest.param("abc", "abc", False, id="nothing changed"),
        pytest.param("abc", "abcd", False, id="one more at the end"),
        pytest.param("", "ab", False, id="the first ones"),
        pytest.param("", "", False, id="no rows at all"),
        pytest.param("a", "ab", False, id="one more behind the only one"),
        pytest.param("abc", "ABC", False, id="other values beside the keys"),
        pytest.param("abcd", "acbd", False, id="in the middle, which does not show"),
        pytest.param("abc", "dabc", True, id="one more at the top"),
        pytest.param("abc", "adbc", True, id="one more in the middle"),
        pytest.param("abc", "bcd", True, id="the first one left and another one came"),
        pytest.param("abcd", "dbca", True, id="the ends changed places"),
        pytest.param("abc", "dbc", True, id="another first one"),
        pytest.param("abc", "abd", True, id="another last one"),
        pytest.param("a", "b", True, id="another only one"),
        pytest.param("abc", "ab", True, id="the last one left"),
        pytest.param("a", "", True, id="the only one left"),
    ],
)
def test_an_earlier_outline_shows_whether_rows_moved(
    before: str, after: str, *, has_moved: bool
) -> None:
    assert named(after).has_moved(named(before).outline()) == has_moved


def test_without_a_key_a_row_is_known_by_all_of_its_cells() -> None:
    before = named("abc", key=()).outline()
    assert not named("abcd", key=()).has_moved(before)
    assert named("Abc", key=()).has_moved(before)


def test_another_header_is_another_place_for_each_column() -> None:
    columns: Columns = {"ID": "integer", "Called": "text", "Value": "decimal"}
    for names in ("", "abc"):
        before = named(names)
        renamed = Desired.from_table(
            replace(before.table, columns=table([], columns=columns).columns)
        )
        assert renamed.has_moved(before.outline())


@pytest.mark.parametrize("outline", ["", ":", "x:12345678", "-3:12345678", "0:12345678"])
def test_what_is_no_outline_shows_nothing(outline: str) -> None:
    assert not named("abc").has_moved(outline)


def test_a_whole_number_is_the_same_with_and_without_a_point() -> None:
    """A spreadsheet does not tell 1 from 1.0, and Google answers either."""
    whole = desired((1, "a", 0.5), (2, "b", 0.5), key=(0,))
    read: list[Row] = [HEADER, (1.0, "a", 0.5), (2.0, "b", 0.5)]
    assert outline_of(read, whole.table, 3) == whole.outline()


def test_an_outline_is_short_and_the_same_in_each_version() -> None:
    """The record keeps one of each worksheet, for the pushes of later versions."""
    assert named("abc").outline() == "4:9c083b14"
