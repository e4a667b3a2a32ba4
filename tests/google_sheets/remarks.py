"""What a reader finds beside the rows of a worksheet on the emulator, and what a push owes him."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from refsync.worksheet.values import sheet_value
from tests.sheets_emulator.cells import Cell, Formula

if TYPE_CHECKING:
    from refsync.worksheet.table import Table
    from tests.google_sheets.pushing import Book
    from tests.sheets_emulator import Snapshot

Key = tuple[Any, ...]
KEPT = "Kept_Remarks"


@dataclass(frozen=True)
class Sight:
    """A worksheet with its remarks, as it is at one moment.

    Attributes:
        rows: refsync's own cells, row by row, without the header.
        cells: All filled cells below the header.
        kept: The rows of the tab Kept_Remarks, without the header.
        width: How many columns are refsync's.
        key: The columns of the key.
    """

    rows: list[Key]
    cells: dict[tuple[int, int], Cell]
    kept: list[list[Any]]
    width: int
    key: tuple[int, ...]

    def formula_columns(self) -> set[int]:
        values = {p: c.value for p, c in self.cells.items() if c.value is not None}
        beside = {p: v for p, v in values.items() if p[1] >= self.width and p[0] <= len(self.rows)}
        return {c for _, c in beside} - {
            c for (_, c), value in beside.items() if not isinstance(value, Formula)
        }

    def keys(self) -> dict[int, Key]:
        """Row → key, of the rows whose key occurs once."""
        keys = {
            number: tuple(row[column] for column in self.key)
            for number, row in enumerate(self.rows, 1)
        }
        once = Counter(keys.values())
        return {
            row: key
            for row, key in keys.items()
            if once[key] == 1 and any(part is not None for part in key)
        }

    def texts(self, place: tuple[int, int], formula_columns: set[int]) -> list[str]:
        """What was typed into a cell; a formula moves with its references, so its kind only."""
        cell = self.cells.get(place, Cell())
        found = []
        if place[1] >= self.width and place[1] not in formula_columns and cell.value is not None:
            is_formula = isinstance(cell.value, Formula)
            found.append("a formula" if is_formula else f"{cell.value}")
        return [*found, *([cell.note] if cell.note else [])]

    def color(self, place: tuple[int, int]) -> Any:
        cell = self.cells.get(place, Cell())
        return (cell.format or {}).get("backgroundColorStyle")

    def all_texts(self, formula_columns: set[int]) -> Counter[str]:
        kept = [str(row[3]) for row in self.kept if len(row) > 3]
        kept = ["a formula" if text.startswith("=") else text for text in kept]
        found = (text for place in self.cells for text in self.texts(place, formula_columns))
        return Counter(kept) + Counter(found)


def sight(snapshot: Snapshot, table: Table, title: str = "Data") -> Sight:
    """What a snapshot shows of a worksheet; blank rows at the end left off."""
    width = len(table.columns)
    sheet = next(sheet for sheet in snapshot.book.sheets if sheet.title == title)
    cells = {
        (row, column): cell
        for row, line in sheet.rows.items()
        for column, cell in line.items()
        if row > 0
    }
    last = max(
        (row for (row, column), cell in cells.items() if column < width and cell.value is not None),
        default=0,
    )
    rows = [
        tuple(cells.get((row, column), Cell()).value for column in range(width))
        for row in range(1, last + 1)
    ]
    kept = snapshot.values(KEPT)[1:] if KEPT in snapshot.titles else []
    return Sight(rows, cells, kept, width, table.key or tuple(range(width)))


def look(book: Book, table: Table) -> Sight:
    return sight(book.emulator.snapshot(book.id), table)


def check(before: Sight, after: Sight, table: Table) -> None:
    """Each remark is beside its key, or kept; none twice, none lost; formulas are in place."""
    formula_columns = before.formula_columns()
    assert after.all_texts(formula_columns) == before.all_texts(formula_columns)
    desired = [tuple(map(sheet_value, row)) for row in table.rows]
    keys = [tuple(row[column] for column in after.key) for row in desired]
    places = {key: row for row, key in enumerate(keys, 1) if keys.count(key) == 1}
    columns = {column for _, column in before.cells}
    kept = Counter(tuple(map(str, row[1:4:2])) for row in after.kept[len(before.kept) :])
    for row, key in before.keys().items():
        target = places.get(key)
        for column in columns:
            texts = before.texts((row, column), formula_columns)
            if target is None:
                for text in texts:
                    if text != "a formula":
                        assert any(text == found for _, found in kept), (key, text, kept)
                continue
            if target > len(before.rows) and (target, column) in before.cells and not texts:
                continue  # below the table it is the reader's, and stays where it is
            assert after.texts((target, column), formula_columns) == texts, (key, column)
            assert after.color((target, column)) == before.color((row, column)), (key, column)
    for (row, column), cell in before.cells.items():
        if column in formula_columns and isinstance(cell.value, Formula):
            assert after.cells[row, column].value == cell.value
