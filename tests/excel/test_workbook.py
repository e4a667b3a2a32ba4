"""What a workbook holds, whichever way XlsxWriter keeps its cells meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import TYPE_CHECKING

import openpyxl

from refsync.excel import workbook
from refsync.worksheet.table import Column, Table

if TYPE_CHECKING:
    import pytest

COLUMNS = (
    Column("name", "Name", "text", "A note."),
    Column("count", "Count", "integer"),
    Column("day", "Day", "date"),
)
ROWS = tuple((f"<{number}>", number, date(2026, 1, 2)) for number in range(30))
TABLE = Table("a", "A", "daily", COLUMNS, ROWS)


def test_many_cells_are_kept_in_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    tables = [TABLE, replace(TABLE, worksheet="B")]
    whole = openpyxl.load_workbook(BytesIO(workbook.workbook_content(tables)))
    monkeypatch.setattr(workbook, "MAX_CELLS_IN_MEMORY", 100)
    content = workbook.workbook_content(tables)
    assert content == workbook.workbook_content(tables)
    streamed = openpyxl.load_workbook(BytesIO(content))
    for one, other in zip(whole, streamed, strict=True):
        assert list(one.values) == list(other.values)
        assert one.row_dimensions[1].height == other.row_dimensions[1].height > 20
        assert one["A1"].comment.text == other["A1"].comment.text == "A note."
