"""What is read back of a worksheet, and which differences are the same value kept otherwise."""

from __future__ import annotations

import pytest

from refsync.google_sheets.cell_values import is_alike
from refsync.google_sheets.planning.checks import (
    CHECKED_VALUES,
    Difference,
    checked_areas,
    digest_of,
    kept_otherwise,
    with_values,
)
from refsync.google_sheets.planning.diff import Block, Copy
from refsync.worksheet.area import Area
from refsync.worksheet.values import Formula, Key, Row, Truth


@pytest.mark.parametrize(
    ("sent", "kept", "alike"),
    [
        ("0042", 42, True),
        ("0042", 43, False),
        ("1e3", 1000, True),
        ("TRUE", Truth.TRUE, True),
        ("TRUE", Truth.FALSE, False),
        ("true", Truth.TRUE, True),
        ("abc", "ABC", False),
        (" padded ", "padded", True),
        ("re\u0301sume\u0301", "résumé", True),
        ("bell\x07", "bell", True),
        ("\u200b", None, True),
        ("a\ufffdb", "ab", True),
        ("'quoted", "quoted", True),
        (0.1 + 0.2, 0.3, True),
        (0.1, 0.2, False),
        ("row 1", "row 2", False),
        ("=1+1", Formula("=1+1"), False),
        ("+123456789012345", 123456789012345, True),
        ("1234567890123456", 1234567890123456, False),
        ("12345678901234567", 12345678901234568, False),
        ("12345678901234567", "12345678901234568", False),
        ("日本", "??", False),
        (None, 0, False),
    ],
)
def test_values_are_alike_that_a_spreadsheet_may_take_for_each_other(
    sent: Key, kept: Key, *, alike: bool
) -> None:
    assert is_alike(sent, kept) == alike
    assert is_alike(kept, sent) == alike


WANTED: list[Row] = [("ID", "Name"), (42, "0042"), (43, "0043"), (44, "x")]


def test_cells_that_are_kept_otherwise_are_found_in_their_places() -> None:
    kept = [WANTED[0], (42, 42), (43, "0043"), (44, "y")]
    found = kept_otherwise(kept, WANTED)
    assert found == (Difference(1, 1, "0042", 42),)
    assert with_values(kept, found) == [WANTED[0], (42, "0042"), (43, "0043"), (44, "y")]
    assert kept_otherwise(WANTED, WANTED) == ()


def test_a_digest_knows_the_pairs_and_not_their_places() -> None:
    one, two = Difference(1, 1, "0042", 42), Difference(5, 1, "0042", 42)
    assert digest_of([one]) == digest_of([two]) == digest_of([one, two])
    assert digest_of([one]) != digest_of([Difference(1, 1, "0043", 43)])
    assert digest_of([]) == ""


def large(*values: Key) -> list[Row]:
    """Rows whose second cell is one of the values, or a plain word."""
    words: list[Key] = ["word"] * (600 - len(values))
    return [("ID", "Name"), *((n, value) for n, value in enumerate([*words, *values]))]


def test_some_rows_are_read_back_for_each_kind_of_fragile_value() -> None:
    plain = {area.top for area in checked_areas(large(), 601, (), ())}
    assert plain == {0, 1, 600}
    kinds: list[Key] = ["0042", " x", "a\x07", "日本", "🎉", "e\u0301", "x" * 1001, 0.1 + 0.2]
    values = [value for kind in kinds for value in [kind] * 20]
    rows = large(*values)
    tops = {area.top for area in checked_areas(rows, 601, (), ())}
    for kind in kinds:
        assert sum(rows[top][1] == kind for top in tops) >= min(CHECKED_VALUES, 2), kind
    assert len(tops) <= 3 + CHECKED_VALUES * 10


def test_rows_that_were_copied_are_read_back_by_the_column_that_tells_most() -> None:
    rows: list[Row] = [("Day", "ID"), *((n // 100, n) for n in range(600))]
    areas = checked_areas(rows, 700, (Copy(5, 9, 50),), (Block(300, 0, 2, 2),))
    assert areas[-1] == Area(1, 700, 1, 2)
    assert {area.top for area in areas[:-1]} == {0, 1, 9, 58, 300, 301, 600, 699}
    starts = [(area.top, area.left) for area in areas]
    assert len(starts) == len(set(starts))
