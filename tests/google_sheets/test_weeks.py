"""Weeks of pushes, with marts and readers that change at random: each push is exact.

Three seeds do every change and every disturbance; REFSYNC_TEST_THOROUGH=1 tries thirty.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from refsync.errors import DestinationError
from tests.conftest import THOROUGH
from tests.google_sheets.pushing import Book, table, values_of
from tests.google_sheets.remarks import KEPT
from tests.sheets_emulator import Formula

if TYPE_CHECKING:
    from refsync.worksheet.table import Cell, Table
    from tests.sheets_emulator import SheetsEmulator


HEADERS = ["ID", "Name", "Value", "Note", "Share", "Kind"]
MINE = ["Mine", "a", 2.0, "=text", True]
TYPED = ["mine", "=1+1", 5, ""]
TEXTS = ["", "same", "=1+1", "0042", "é", "'x", None]


class Mart:
    """A mart that changes from day to day."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.headers = ["ID", "Name", "Value"]
        self.rows = [self.row(number) for number in range(chance.randint(0, 60))]
        self.next_id = 1000

    def row(self, number: int) -> dict[str, Cell]:
        values: list[Cell] = [0.5, 1 / 3, None, 7]
        kinds: list[Cell] = [True, False, 1, "1"]
        return {
            "ID": number,
            "Name": f"name {number}",
            "Value": self.chance.choice(values),
            "Note": self.chance.choice(TEXTS),
            "Share": self.chance.random(),
            "Kind": self.chance.choice(kinds),
        }

    def change(self) -> None:
        """Let a day pass: the window slides, or rows are changed, shuffled, added or dropped."""
        pick = self.chance.choice(
            ["slide", "slide", "edit", "shuffle", "grow", "shrink", "columns"]
        )
        some = self.chance.randint(1, 8)
        if pick == "slide":
            self.rows = self.rows[some:]
        if pick in {"slide", "grow"}:
            self.rows += [self.row(self.next_id + number) for number in range(some)]
            self.next_id += some
        if pick == "edit":
            for row in self.chance.sample(self.rows, min(some, len(self.rows))):
                row.update(self.row(int(str(row["ID"]))))
        if pick == "shuffle":
            self.chance.shuffle(self.rows)
        if pick == "shrink":
            self.rows = [row for row in self.rows if self.chance.random() < 0.5]
        if pick == "columns":
            kept = self.chance.sample(HEADERS[1:], self.chance.randint(1, 5))
            self.headers = ["ID", *sorted(kept, key=HEADERS.index)]

    def table(self) -> Table:
        rows = [tuple(row[header] for header in self.headers) for row in self.rows]
        return table(rows, columns=dict.fromkeys(self.headers, "text"))


def disturb(book: Book, chance: random.Random) -> None:
    """Do what readers do."""
    sheet = book.sheet()
    sheet_id = sheet["properties"]["sheetId"]
    grid = sheet["properties"]["gridProperties"]
    row = chance.randrange(grid["rowCount"])
    rows = {"sheetId": sheet_id, "startRowIndex": row, "endRowIndex": row + 1}
    cells = {**rows, "startColumnIndex": 0, "endColumnIndex": 2}
    whole = {"sheetId": sheet_id, "startRowIndex": 0, "startColumnIndex": 0, "endColumnIndex": 2}
    hidden = {"hiddenValues": [f"name {number}" for number in range(0, 2000, 3)]}
    match chance.randrange(8):
        case 0:
            book.type_in(f"Data!A{row + 1}", [chance.choice(TYPED)])
        case 1:
            dimension = {"sheetId": sheet_id, "dimension": "ROWS"}
            dimension |= {"startIndex": row, "endIndex": row + 1}
            if row > len(MINE):
                book.edit({"deleteDimension": {"range": dimension}})
        case 2:
            book.edit({"clearBasicFilter": {"sheetId": sheet_id}})
            specs = [{"columnIndex": 1, "filterCriteria": hidden}]
            book.edit({"setBasicFilter": {"filter": {"range": whole, "filterSpecs": specs}}})
        case 3:
            book.edit({"clearBasicFilter": {"sheetId": sheet_id}})
        case 4 if not any(merge["startRowIndex"] == row for merge in sheet.get("merges", [])):
            book.edit({"mergeCells": {"range": cells, "mergeType": "MERGE_ALL"}})
        case 5:
            spec = {"dimensionIndex": 0, "sortOrder": "DESCENDING"}
            sorted_area = {**whole, "startRowIndex": 1}
            if not sheet.get("merges"):
                book.edit({"sortRange": {"range": sorted_area, "sortSpecs": [spec]}})
        case _:
            pass


def without_blanks(values: list[list[Any]]) -> list[list[Any]]:
    """Blank cells at the ends of rows, and blank rows at the end, left off."""
    rows = []
    for row in values:
        filled = [place for place, cell in enumerate(row, 1) if cell is not None]
        rows.append(row[: max(filled, default=0)])
    while rows and not rows[-1]:
        rows.pop()
    return rows


def all_of_mine(book: Book) -> list[str]:
    """What a reader wrote, beside rows or in the tab for those whose row left."""
    kept = book.values(KEPT) if KEPT in book.emulator.snapshot(book.id).titles else []
    beside = column_of(book.values(), "Mine")[1:]
    return sorted(
        str(each) for each in [*(row[3] for row in kept[1:]), *beside] if each is not None
    )


def column_of(values: list[list[Any]], header: str) -> list[Any]:
    place = values[0].index(header)
    column = [row[place] if place < len(row) else None for row in values]
    while column[-1] is None:
        column.pop()
    return column


def refused_row(book: Book, desired: Table, most_bytes: int) -> int:
    """Push; return the row that is in the way, if one is."""
    before = book.values()
    try:
        book.push(desired, most_bytes=most_bytes)
    except DestinationError as error:
        assert book.values() == before
        return int(str(error).partition(", row ")[2].partition(" below refsync's rows")[0])
    return 0


@pytest.mark.parametrize("seed", range(30 if THOROUGH else 3))
def test_weeks_of_pushes(emulator: SheetsEmulator, seed: int) -> None:
    chance = random.Random(seed)
    book, mart = Book(emulator), Mart(chance)
    book.push(mart.table())
    width = len(mart.headers)
    area = {"sheetId": book.sheet_id(), "startRowIndex": 0, "startColumnIndex": width}
    typed = [{"stringValue": cell} if isinstance(cell, str) else cell for cell in MINE]
    typed = [{"numberValue": 2.0} if cell == 2.0 else cell for cell in typed]
    typed = [{"boolValue": True} if cell is True else cell for cell in typed]
    rows = [{"values": [{"userEnteredValue": cell}]} for cell in typed]
    start = {"sheetId": area["sheetId"], "rowIndex": 0, "columnIndex": width}
    missing = {"sheetId": area["sheetId"], "dimension": "ROWS", "length": len(MINE)}
    book.edit(
        {"appendDimension": missing},
        {"updateCells": {"start": start, "rows": rows, "fields": "userEnteredValue"}},
    )
    for day in range(25):
        mart.change()
        if day % 2:
            disturb(book, chance)
        desired = mart.table()
        most_bytes = chance.choice([10**7, 2_000])
        while in_the_way := refused_row(book, desired, most_bytes):
            book.type_in(f"Data!A{in_the_way}", [""])
        values = book.values()
        width = len(mart.headers)
        shown = [row[:width] for row in values[: len(desired.rows) + 1]]
        for row in shown:
            while row and row[-1] is None:
                row.pop()
        expected = values_of(desired)
        assert shown[: len(expected)] == expected
        # What somebody typed below the rows stays there.
        assert all(
            cell in {None, "mine", Formula("=1+1"), 5}
            for row in values[len(expected) :]
            for cell in row[:width]
        )
        assert all_of_mine(book) == sorted(map(str, MINE[1:]))
        book.push(desired)
        assert book.counts() == (2, 0)
