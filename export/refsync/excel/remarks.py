"""What people added to a workbook, carried over to the one that takes its place."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from refsync.excel.carried import CarriedSheet
from refsync.excel.formulas import NewColumns, followed
from refsync.excel.found_cells import FoundCell
from refsync.worksheet.area import column_letters
from refsync.worksheet.header_note import header_note
from refsync.worksheet.remarks import TITLE as KEPT
from refsync.worksheet.remarks import Arrangement, arrange, moved_cells
from refsync.worksheet.row_keys import grid_of, key_words, match_rows
from refsync.worksheet.values import Formula

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from refsync.excel.found_remarks import FoundSheet
    from refsync.excel.kept_tab import KeptTab
    from refsync.worksheet.remarks import Place
    from refsync.worksheet.table import Table

NO_COLUMNS: Mapping[str, NewColumns] = MappingProxyType({})
"""Where no worksheet is known whose columns change places."""


def carry(
    found: FoundSheet, table: Table, columns: Mapping[str, NewColumns] = NO_COLUMNS
) -> CarriedSheet:
    """Return where the remarks of a worksheet go when its rows are those of a table.

    Args:
        found: The worksheet as it was found.
        table: What it is to hold.
        columns: Where the columns of the worksheets go, by their titles in lower case.
    """
    width = len(table.columns)
    rows = grid_of(table)
    matches = match_rows(found.rows, rows, table.key)
    plan = arrange(found.remarks, found.rows, len(rows), matches, width)
    title = table.worksheet
    return CarriedSheet(
        headers=tuple(_in_row(cell, 0, title, columns) for cell in found.headers),
        own_headers={
            column: replace(cell, note="" if header_note(table, column) else cell.note)
            for column, cell in found.own_headers.items()
        },
        cells={
            place: _in_row(cell, place[0], title, columns)
            for place, cell in _placed(found.cells, plan).items()
        },
        kept=tuple(_kept(found, table, plan)),
        moved=plan.moved,
    )


def _placed(cells: Mapping[Place, FoundCell], plan: Arrangement) -> dict[Place, FoundCell]:
    """Return the cells in their new places."""
    after = moved_cells(cells, plan)
    for place, source in plan.decorations:
        looks = cells[source] if source else FoundCell()
        after[place] = replace(
            after.get(place, FoundCell()), note=looks.note, author=looks.author, color=looks.color
        )
    for fill in plan.fills:
        formula = cells[fill.source, fill.column]
        for row in range(fill.start, fill.stop):
            after[row, fill.column] = replace(formula, note="", color="")
    return {
        place: cell
        for place, cell in after.items()
        if cell.value is not None or cell.note or cell.color
    }


def _in_row(cell: FoundCell, row: int, title: str, columns: Mapping[str, NewColumns]) -> FoundCell:
    """Return a cell as it is in a row; a formula's references follow."""
    if not cell.is_formula:
        return cell
    return replace(cell, value=followed(str(cell.value), row - cell.row, title, columns))


def _kept(found: FoundSheet, table: Table, plan: Arrangement) -> Iterator[tuple[Any, ...]]:
    """Yield the rows for the tab of the kept remarks: of each text whose row or column left."""
    width = len(table.columns)
    for row, column in plan.kept:
        cell = found.cells[row, column]
        if column < width:
            header = table.columns[column].header
        else:
            header = found.headers[column - width].value or column_letters(column)
        key = key_words(found.rows, row, table) if row < len(found.rows) else ""
        texts: list[Any] = []
        if column in plan.columns and cell.value is not None:
            value = found.remarks[row, column].value
            texts.append(value.text if isinstance(value, Formula) else cell)
        if cell.note:
            texts.append(cell.note)
        for text in texts:
            yield (table.worksheet, key, str(header), text, table.build.as_of_date)
    for column, cell in found.own_headers.items():
        # A cell has one note, and this header has refsync's.
        if cell.note and header_note(table, column):
            header = table.columns[column].header
            yield (table.worksheet, "", header, cell.note, table.build.as_of_date)
    for row, header, cell in found.dropped:
        key = key_words(found.rows, row, table) if row < len(found.rows) else ""
        yield (table.worksheet, key, header, cell.note, table.build.as_of_date)


def kept_tab(
    before: KeptTab,
    carried: Sequence[CarriedSheet],
    columns: Mapping[str, NewColumns] = NO_COLUMNS,
) -> KeptTab:
    """Return the tab of the kept remarks, with the new ones below those that are there."""
    return replace(
        before,
        cells={
            place: _in_row(cell, cell.row, KEPT, columns) for place, cell in before.cells.items()
        },
        rows=tuple(row for sheet in carried for row in sheet.kept),
    )
