"""What people write beside a row stays beside that row, over weeks of builds and hand edits.

One seed a kind of worksheet; REFSYNC_TEST_THOROUGH=1 tries forty.
"""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import pytest

from tests.conftest import THOROUGH
from tests.google_sheets.pushing import Book, table, values_of
from tests.google_sheets.remarks import KEPT, check, look

if TYPE_CHECKING:
    from refsync.worksheet.table import Cell, Table
    from tests.sheets_emulator import SheetsEmulator

Kind = Literal["keyed", "whole row", "window"]
KINDS: tuple[Kind, ...] = ("keyed", "whole row", "window")
WIDTH = 3
FORMULAS, FIRST_OWN = 3, 4
"""The columns that a reader adds: one of formulas, then his own."""


def keyed(rows: list[tuple[Cell, ...]], **changes: Any) -> Table:
    return replace(table(rows), key=(0,), **changes)


class World:
    """A worksheet that changes from day to day, and a reader at work in it."""

    def __init__(self, book: Book, chance: random.Random, kind: Kind) -> None:
        self.book, self.chance, self.kind = book, chance, kind
        self.numbers = list(range(chance.randint(2, 12)))
        self.texts, self.next = 0, 100

    def table(self) -> Table:
        rows: list[tuple[Cell, ...]] = [
            (number, f"name {number}", number / 4 if self.kind == "whole row" else self.value())
            for number in self.numbers
        ]
        return table(rows) if self.kind == "whole row" else keyed(rows)

    def value(self) -> float | None:
        return self.chance.choice([None, 0.5, 1.0])

    def pass_a_day(self) -> None:
        some = self.chance.randint(1, 4)
        if self.kind == "window":
            self.numbers = [number + some for number in self.numbers]
            return
        match self.chance.randrange(5):
            case 0:
                self.chance.shuffle(self.numbers)
            case 1:
                self.numbers = [n for n in self.numbers if self.chance.random() < 0.7]
            case 2:
                self.numbers += range(self.next, self.next + some)
                self.next += some
                self.chance.shuffle(self.numbers)
            case 3:
                self.numbers.reverse()
            case _:
                self.numbers += [n for n in range(some) if n not in self.numbers]

    def edit(self) -> None:
        """Do one thing that a reader does."""
        sheet_id = self.book.sheet_id()
        rows = len(look(self.book, self.table()).rows)
        row = self.chance.randint(1, max(rows, 1))
        column = self.chance.randint(FIRST_OWN, FIRST_OWN + 3)
        anywhere = self.chance.choice([*range(WIDTH), column])
        self.texts += 1
        text = f"text {self.texts}"
        cell: dict[str, Any] = {}
        own = {"sheetId": sheet_id, "rowIndex": row, "columnIndex": column}
        any_cell = {**own, "columnIndex": anywhere}
        whole = {"sheetId": sheet_id, "startRowIndex": 1, "endRowIndex": rows + 1}
        pick = self.chance.randrange(11)
        if pick <= 3:
            kinds = ({"stringValue": text}, {"numberValue": self.texts + 0.5},
                     {"formulaValue": f"=B{row + 1}"})  # fmt: skip
            cell = {"userEnteredValue": self.chance.choice(kinds)}
            self.write(own, cell, "userEnteredValue")
        elif pick <= 5:
            self.write(any_cell, {"note": f"note {self.texts}"}, "note")
        elif pick <= 7:
            style = {"rgbColor": {"red": self.chance.choice([0.25, 0.5, 0.75])}}
            cell = {"userEnteredFormat": {"backgroundColorStyle": style}}
            self.write(any_cell, cell, "userEnteredFormat.backgroundColorStyle")
        elif pick == 8 and rows > 1:
            spec = {"dimensionIndex": self.chance.choice([0, 1, column]), "sortOrder": "DESCENDING"}
            self.book.edit({"sortRange": {"range": whole, "sortSpecs": [spec]}})
        elif pick == 9:
            span = {"sheetId": sheet_id, "dimension": "COLUMNS", "startIndex": column}
            span["endIndex"] = column + 1
            change = self.chance.choice(["insertDimension", "deleteDimension"])
            self.book.edit({change: {"range": span}})
        elif pick == 10:
            own["columnIndex"] = self.chance.randrange(WIDTH)
            values = [{}, {"stringValue": text}, {"numberValue": 7}]
            cell = {"userEnteredValue": self.chance.choice(values)}
            self.write(own, cell, "userEnteredValue")

    def write(self, start: dict[str, Any], cell: dict[str, Any], fields: str) -> None:
        rows = [{"values": [cell]}]
        self.book.edit({"updateCells": {"start": start, "rows": rows, "fields": fields}})


@pytest.mark.parametrize("seed", range(40 if THOROUGH else 1))
@pytest.mark.parametrize("kind", KINDS)
def test_weeks_of_remarks(emulator: SheetsEmulator, kind: Kind, seed: int) -> None:
    chance = random.Random(f"{kind} {seed}")
    book = Book(emulator)
    world = World(book, chance, kind)
    book.push(world.table())
    formulas = [[f"=A{row}*2"] for row in range(2, len(world.numbers) + 2)]
    book.type_in("Data!D1", ["Twice"], *formulas)
    for _ in range(25):
        for _ in range(chance.randint(0, 4)):
            world.edit()
        world.pass_a_day()
        desired = world.table()
        before = look(book, desired)
        result = book.push(desired, most_bytes=chance.choice([10**7, 2_000]))
        after = look(book, desired)
        check(before, after, desired)
        assert after.rows == [tuple(row) for row in values_rows(desired)]
        assert result.worksheets[0].kept_remarks == len(after.kept) - len(before.kept)
        book.push(desired)
        assert book.counts() == (2, 0)
    titles = [sheet["properties"]["title"] for sheet in emulator.get(book.id)["sheets"]]
    assert {*titles} <= {"Sheet1", "Data", KEPT}


def values_rows(desired: Table) -> list[list[Any]]:
    width = len(desired.columns)
    return [row + [None] * (width - len(row)) for row in values_of(desired)[1:]]
