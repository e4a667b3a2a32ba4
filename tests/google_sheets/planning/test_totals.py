"""The totals in the notes of a header, which follow the rows until somebody changes the note."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.google_sheets.pushing import Book, table

if TYPE_CHECKING:
    from refsync.worksheet.table import Table


def totalled(*values: float) -> Table:
    desired = table([(n, f"name {n}", value) for n, value in enumerate(values)])
    columns = [replace(column, total=column.header == "Value") for column in desired.columns]
    return replace(desired, columns=tuple(columns), key=(0,))


def note(book: Book, column: int = 2) -> str:
    (sheet,) = (s for s in book.emulator.snapshot(book.id).book.sheets if s.title == "Data")
    return sheet.rows[0][column].note or ""


def test_a_total_follows_the_rows(book: Book) -> None:
    book.push(totalled(1, 2.5))
    assert note(book) == "The Value of a row.\nTotal: 3.50"
    book.push(totalled(1, 4.25))
    assert note(book) == "The Value of a row.\nTotal: 5.25"
    assert note(book, 0) == "The ID of a row."
    book.push(totalled(1, 4.25))
    assert book.counts() == (2, 0)


@pytest.mark.parametrize("text", ["Mine", "The Value of a row.", "The Value!\nTotal: 3.50", ""])
def test_a_note_that_somebody_changed_is_the_readers(book: Book, text: str) -> None:
    book.push(totalled(1, 2.5))
    start = {"sheetId": book.sheet_id(), "rowIndex": 0, "columnIndex": 2}
    rows = [{"values": [{"note": text}]}]
    book.edit({"updateCells": {"start": start, "rows": rows, "fields": "note"}})
    book.push(totalled(2, 4))
    assert note(book) == text
