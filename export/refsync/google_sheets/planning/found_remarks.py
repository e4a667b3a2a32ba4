"""The remarks of a tab, as they were read."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from refsync.google_sheets.api import requests
from refsync.google_sheets.cell_values import key_of_entered
from refsync.google_sheets.planning.formulas import relative
from refsync.worksheet.remarks import Place, Remark
from refsync.worksheet.values import Formula

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from refsync.google_sheets.planning.columns import Layout
    from refsync.google_sheets.spreadsheet import Tab

NO_COLOR = "none"
"""The colour of a cell that somebody left white in a coloured column."""


@dataclass(frozen=True)
class FoundRemarks:
    """The remarks of a tab, where its cells are once columns are inserted.

    Attributes:
        remarks: What people added, by its place; not in the header.
        cells: The same as it was read (`CellData`); of refsync's columns, those with more than a
            value.
        usual: The background of whole columns, as they go on below the rows; by column.
    """

    remarks: Mapping[Place, Remark] = field(default_factory=dict)
    cells: Mapping[Place, Mapping[str, Any]] = field(default_factory=dict)
    usual: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)


def find_remarks(tab: Tab, layout: Layout, last: int) -> FoundRemarks:
    """Return a tab's remarks; `last` is the last row that has a cell of refsync's.

    A background is a remark if the column does not have it below the rows too. A value is one to
    the right of refsync's columns only.
    """
    places = [requests.moved(column, layout.inserted) for column in range(tab.columns)]
    cells = {
        (row, place): cell
        for row, line in enumerate(tab.beside or ())
        if row
        for place, cell in zip(places, line.get("values", ()), strict=False)
        if cell and (place >= layout.width or cell.get("userEnteredFormat") or "note" in cell)
    }
    usual = _usual(cells, last, has_rows_below=last + 1 < tab.rows)
    remarks = {}
    for place, cell in cells.items():
        row, column = place
        value = key_of_entered(cell.get("userEnteredValue")) if column >= layout.width else None
        color = "" if _background(cell) == usual.get(column) else _color(cell)
        remark = Remark(value, cell.get("note", ""), color if row <= last else "")
        if remark != Remark():
            remarks[place] = remark
    for place in _left_white(cells, usual, last):
        remarks[place] = Remark(color=NO_COLOR)
    return FoundRemarks(remarks, cells, usual)


def with_relative_formulas(remarks: Mapping[Place, Remark]) -> dict[Place, Remark]:
    """Return remarks in which a formula has the same text in whatever row it is."""
    return {
        place: replace(each, value=Formula(relative(each.value.text, place[0])))
        if isinstance(each.value, Formula)
        else each
        for place, each in remarks.items()
    }


def _usual(
    cells: Mapping[Place, Mapping[str, Any]], last: int, *, has_rows_below: bool
) -> dict[int, Mapping[str, Any]]:
    """Return the backgrounds of whole columns: those below the rows, or else of all rows."""
    found = {
        column: style
        for (row, column), cell in cells.items()
        if row == (last + 1 if has_rows_below else last) and (style := _background(cell))
    }
    if has_rows_below:
        return found
    return {
        column: style
        for column, style in found.items()
        if last > 1
        and all(_background(cells.get((row, column), {})) == style for row in range(1, last))
    }


def _left_white(
    cells: Mapping[Place, Mapping[str, Any]], usual: Mapping[int, object], last: int
) -> Iterator[Place]:
    for column in usual:
        for row in range(1, last + 1):
            if (row, column) not in cells:
                yield row, column


def _background(cell: Mapping[str, Any]) -> Mapping[str, Any] | None:
    style = cell.get("userEnteredFormat", {}).get("backgroundColorStyle")
    return style or None


def _color(cell: Mapping[str, Any]) -> str:
    background = _background(cell)
    return json.dumps(background, sort_keys=True) if background else NO_COLOR
