"""The cells of a dashboard's cards and lists: words, and references to its worksheet."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from refsync.worksheet.area import column_letters

if TYPE_CHECKING:
    from collections.abc import Iterator

    from refsync.worksheet.chart import Card, Chart, Listing
    from refsync.worksheet.table import Cell, Column, Table
    from refsync.worksheet.theme import DashboardLook


@dataclass(frozen=True)
class Source:
    """A cell of the dashboard's worksheet, by row and column (0-based), with value and format."""

    row: int
    column: int
    value: Cell
    described: Column

    def formula(self, title: str) -> str:
        """Return the reference to it on the tab with this title; every locale reads it alike.

        >>> from refsync.worksheet.table import Column
        >>> cell = Source(1, 1, 443, Column("signups", "Signups", "integer"))
        >>> cell.formula("Dashboard_Data"), cell.formula("Bob's tab")
        ('=Dashboard_Data!B2', "='Bob''s tab'!B2")
        """
        plain = re.fullmatch("[A-Za-z]+(_[A-Za-z]+)+", title)
        tab = title if plain else "'" + title.replace("'", "''") + "'"
        return f"={tab}!{column_letters(self.column)}{self.row + 1}"


@dataclass(frozen=True)
class DashboardCell:
    """A cell, or `span` of them side by side as one: words, or a reference."""

    row: int
    column: int
    content: str | Source
    look: DashboardLook
    span: int = 1


def source(table: Table, column: str, row: int) -> Source:
    """Return a cell of a table, by column name and row (from 1); blank if not there."""
    index = table.place(column)
    value = table.rows[row - 1][index] if row <= len(table.rows) else None
    return Source(row, index, value, table.columns[index])


def card_cells(
    card: Card, table: Table, top: int, left: int, width: int
) -> Iterator[DashboardCell]:
    """Yield the cells of a card, `width` columns wide: title, large number, other numbers."""
    first, *others = card.rows
    yield DashboardCell(top, left, card.title, "title")
    yield DashboardCell(top, left + 2, source(table, card.label, first), "note")
    yield DashboardCell(top + 1, left, source(table, card.value, first), "total", min(width, 3))
    for row, other in enumerate(others, top + 2):
        yield DashboardCell(row, left, source(table, card.label, other), "period")
        yield DashboardCell(row, left + 1, source(table, card.value, other), "value")
        if card.change:
            yield DashboardCell(row, left + 2, source(table, card.change, other), "change")


def list_cells(
    listing: Listing, table: Table, top: int, left: int, width: int
) -> Iterator[DashboardCell]:
    """Yield the cells of a list, `width` columns wide: title, then a line for each row."""
    yield DashboardCell(top, left, listing.title, "title")
    last = left + width - 1
    if listing.count:
        yield DashboardCell(top, last, source(table, listing.count, 1), "note")
    elif listing.note:
        yield DashboardCell(top, last, listing.note, "note")
    behind = (listing.value is not None) + (listing.change is not None)
    span = width - behind - (listing.mark is not None)
    for row in range(1, listing.rows + 1):
        column = left
        if listing.mark:
            yield DashboardCell(top + row, column, source(table, listing.mark, row), "mark")
            column += 1
        text = source(table, listing.text, row)
        yield DashboardCell(top + row, column, text, "item" if listing.mark else "first_item", span)
        column += span
        if listing.value:
            value = source(table, listing.value, row)
            yield DashboardCell(top + row, column, value, "item_value")
            column += 1
        if listing.change:
            change = source(table, listing.change, row)
            yield DashboardCell(top + row, column, change, "item_change")


def rest_cells(chart: Chart, table: Table, row: int, column: int) -> Iterator[DashboardCell]:
    """Yield the cells with what a chart leaves out, if it leaves out anything."""
    if chart.rest:
        yield DashboardCell(row, column, source(table, chart.x, chart.rest), "rest", 2)
        value = source(table, chart.series[0].column, chart.rest)
        yield DashboardCell(row, column + 2, value, "rest_value")
