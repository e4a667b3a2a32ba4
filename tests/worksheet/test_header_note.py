"""The note of a column's header."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from refsync.worksheet.build import Build
from refsync.worksheet.header_note import header_note
from refsync.worksheet.table import Column, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from refsync.worksheet.table import Cell

BUILD = Build(as_of_date=date(2026, 10, 31))


@pytest.mark.parametrize(
    ("cells", "description", "build", "note"),
    [
        ([1000, 234, None], "Visits.", BUILD, "Visits.\nTotal up to 2026-10-31: 1,234"),
        ([1.5, 2], "", Build(), "Total: 3.50"),
        # A number that has too many digits is a text.
        (
            [1, "12345678901234567890"],
            "",
            BUILD,
            "Total up to 2026-10-31: 12,345,678,901,234,567,891",
        ),
        ([1.5, None, "1234567890123456.78"], "", Build(), "Total: 1,234,567,890,123,458.28"),
        (["12345678901234567.50", "0.50"], "", Build(), "Total: 12,345,678,901,234,568.00"),
        (
            ["-99999999999999999999999999999999999999", 1],
            "",
            Build(),
            f"Total: -{'99,' + '999,' * 11}998",
        ),
        # Each is exact, and their sum as a float would not be.
        ([9_999_999_999_999.99] * 100, "", Build(), "Total: 999,999,999,999,999.00"),
        ([1, "a lot"], "Visits.", Build(), "Visits."),
        ([1, "Infinity"], "Visits.", Build(), "Visits."),
        ([], "Visits.", BUILD, "Visits.\nTotal up to 2026-10-31: 0"),
    ],
)
def test_a_note_has_the_total(
    cells: Sequence[Cell], description: str, build: Build, note: str
) -> None:
    column = Column("x", "X", "integer", description, total=True)
    rows = tuple((cell,) for cell in cells)
    assert header_note(Table("a", "A", "daily", (column,), rows, build=build), 0) == note


def test_a_column_without_a_total_has_its_description() -> None:
    columns = (Column("x", "X", "integer", "Visits."), Column("y", "Y", "integer"))
    table = Table("a", "A", "daily", columns, ((1, 2),))
    assert [header_note(table, index) for index in (0, 1)] == ["Visits.", ""]
