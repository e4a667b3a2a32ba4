"""The rows of a workbook, before a push replaces it."""

from __future__ import annotations

import warnings
from datetime import date, datetime
from typing import TYPE_CHECKING

from refsync.excel.before import rows_before
from refsync.excel.workbook import workbook_content
from refsync.notify.rows import changes_of
from refsync.worksheet.table import Column
from tests.notify.webhook import table

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS = (
    Column("id", "ID", "text"),
    Column("n", "N", "integer", scale="bar"),
    Column("share", "Share", "percent"),
    Column("day", "Day", "date"),
    Column("at", "At", "timestamp"),
    Column("is_new", "Is new", "boolean"),
)
AT = datetime(2026, 1, 2, 3, 4, 5)  # noqa: DTZ001 - a spreadsheet's have no zone
ROWS = (
    ("0042", 2**40, 1 / 3, date(2026, 1, 2), AT, True),
    ("=1+1", None, 0.1 + 0.2, date(1900, 3, 1), None, False),
    ("a\r\nb", -1, None, None, AT, None),
)


def test_the_same_rows_are_no_change_whatever_their_values_are(tmp_path: Path) -> None:
    path = tmp_path / "report.xlsx"
    old, new = (table(*rows, columns=COLUMNS) for rows in (ROWS, ROWS))
    assert rows_before(path, b"", [new]) == ((new, None),)
    path.write_bytes(workbook_content([old]))
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # openpyxl has some for bars, which nobody should see
        found = rows_before(path, b"", [new])
    assert found is not None
    ((_, before),) = found
    assert changes_of(new, before).counts == ""
    changed = table(("0042", 2**40 + 1, *ROWS[0][2:]), *ROWS[1:], columns=COLUMNS)
    assert [row.words for row in changes_of(changed, before).rows] == [
        "0042: 1,099,511,627,776 → 1,099,511,627,777 N"
    ]
    assert rows_before(path, path.read_bytes(), [new]) == ()
    path.write_bytes(b"no workbook")
    assert rows_before(path, b"", [new]) is None
