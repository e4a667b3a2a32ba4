"""Where new tabs go among those of a spreadsheet, and which of them are hidden."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.google_sheets.dashboards import numbers
from tests.google_sheets.pushing import Book, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from refsync.worksheet.table import Table
    from tests.sheets_emulator import SheetsEmulator

ORDER = ("A", "B", "C", "D")


def tables(*titles: str) -> list[Table]:
    return [replace(table([(1, "a", None)], title), order=ORDER) for title in titles]


def titles_of(book: Book) -> list[str]:
    return [sheet["properties"]["title"] for sheet in book.emulator.get(book.id)["sheets"]]


@pytest.mark.parametrize(
    ("found", "pushed", "titles"),
    [
        # Behind the nearest worksheet before it, else before the nearest one after it.
        (["A", "B", "D"], "C", ["Sheet1", "A", "B", "C", "D"]),
        (["A", "D"], "C", ["Sheet1", "A", "C", "D"]),
        (["B", "C"], "A", ["Sheet1", "A", "B", "C"]),
        (["A", "B", "C"], "D", ["Sheet1", "A", "B", "C", "D"]),
        # Several, one behind the other.
        (["B"], "ABCD", ["Sheet1", "A", "B", "C", "D"]),
        ([], "BD", ["Sheet1", "B", "D"]),
    ],
)
def test_a_new_tab_has_its_place(
    emulator: SheetsEmulator, found: Sequence[str], pushed: str, titles: Sequence[str]
) -> None:
    book = Book(emulator)
    if found:
        book.push(*tables(*found))
    book.push(*tables(*pushed))
    assert titles_of(book) == titles
    book.push(*tables(*pushed))
    assert book.counts() == (2, 0)


def test_a_tab_that_was_deleted_comes_back_where_it_was(book: Book) -> None:
    book.push(*tables(*ORDER))
    # The reader has an own tab in between, another name for one, and another order.
    c = {"sheetId": book.sheet_id("C"), "title": "Ours", "index": 1}
    book.edit({"addSheet": {"properties": {"title": "Mine", "index": 3}}})
    book.edit({"updateSheetProperties": {"properties": c, "fields": "title,index"}})
    book.edit({"deleteSheet": {"sheetId": book.sheet_id("B")}})
    assert titles_of(book) == ["Sheet1", "Ours", "A", "Mine", "D"]
    book.push(*tables("B"))
    assert titles_of(book) == ["Sheet1", "Ours", "A", "B", "Mine", "D"]
    book.edit({"deleteSheet": {"sheetId": book.sheet_id("D")}})
    book.push(*tables("D"))
    assert titles_of(book) == ["Sheet1", "Ours", "D", "A", "B", "Mine"]


def test_a_project_without_an_order_keeps_that_of_the_push(book: Book) -> None:
    first, second = table([(1, "a", None)], "Z"), table([(1, "a", None)], "Y")
    book.push(second)
    book.push(first, second)
    assert titles_of(book) == ["Sheet1", "Z", "Y"]


def test_a_staged_push_has_the_same_order(book: Book) -> None:
    rows = [(n, f"text {n}", n / 3) for n in range(300)]
    large = [replace(table(rows, title), order=ORDER) for title in ("B", "D")]
    book.push(*tables("A", "C"))
    book.push(*large, most_bytes=9_000)
    assert titles_of(book) == ["Sheet1", "A", "B", "C", "D"]


def test_a_hidden_tab_is_hidden_once(book: Book) -> None:
    desired = replace(numbers(), hidden_tab=True)
    book.push(desired)
    assert book.sheet("Some_Data")["properties"]["hidden"]
    assert "hidden" not in book.sheet("Dashboard")["properties"]
    shown = {"sheetId": book.sheet_id("Some_Data"), "hidden": False}
    book.edit({"updateSheetProperties": {"properties": shown, "fields": "hidden"}})
    book.push(replace(numbers(("Eli",)), hidden_tab=True))
    assert not book.sheet("Some_Data")["properties"].get("hidden")


def test_a_new_column_leaves_the_dashboard_and_says_so(book: Book) -> None:
    desired = numbers()
    book.push(desired)
    before = book.values("Dashboard")
    column = replace(desired.columns[-1], name="more", header="More")
    wider = replace(
        desired, columns=(*desired.columns, column), rows=tuple((*row, 1) for row in desired.rows)
    )
    result = book.push(wider)
    note = "leaves the tab Dashboard as it is; delete it and push again for a new one"
    assert note in result.worksheets[0].notes
    assert book.values("Dashboard") == before
    assert book.push(wider).worksheets[0].notes == ()
