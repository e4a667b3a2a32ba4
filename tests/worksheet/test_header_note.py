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
        ([1, "12345678901234567890"], "", BUILD, "Total up to 2026-10-31: 1"),
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
