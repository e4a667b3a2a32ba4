"""What happens to one worksheet's tab."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from refsync.errors import DestinationError
from refsync.google_sheets.api import requests
from refsync.google_sheets.cell_values import key_of_entered
from refsync.google_sheets.formatting import tab as decorate
from refsync.google_sheets.formatting.charts import color_style
from refsync.google_sheets.planning.diff import Block, Copy, change
from refsync.google_sheets.planning.extents import (
    longer_bands,
    longer_filter,
    longer_tables,
)
from refsync.report import WorksheetResult
from refsync.worksheet.area import Area, column_letters
from refsync.worksheet.row_counts import count_changes
from refsync.worksheet.safety import Loss, loss
from refsync.worksheet.theme import OTHER_TAB, TAB_COLORS
from refsync.worksheet.values import is_blank

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date
    from typing import Any

    from refsync.google_sheets.api.requests import Request
    from refsync.google_sheets.planning.columns import Layout
    from refsync.google_sheets.planning.desired import Desired
    from refsync.google_sheets.spreadsheet import Tab
    from refsync.worksheet.values import Key, Row

NEW_TAB_COLUMNS = 26
"""As wide as Google makes a new tab: room for the reader's own columns to the right."""

MISREAD_WITHOUT_FORMAT = {"date", "timestamp", "percent"}
"""Formats that a tab taken over gets too: a bare serial number or fraction would mislead."""

CHECKED_WHOLE = 1_000
"""Up to this many cells, a worksheet is read back whole with the commit."""

CHECKED_EDGES = 20
"""At most this many edges of copies are read back with the commit of a larger worksheet."""


@dataclass(frozen=True)
class TabPlan:
    """What happens to one worksheet's tab, step by step.

    Attributes:
        desired: What it is to hold.
        sheet_id: The tab's id.
        title: The tab's title, which its reader may have changed.
        created: Whether the tab is created.
        more_cells: By how many cells the tab's grid grows.
        prepare: Requests that make room: add the tab, rows or columns; undo merges, clear a filter.
        copies: Rows that only move.
        blocks: Cells to be written.
        blanked: Areas to be blanked: rows and columns that the worksheet has no longer.
        finish: Requests that set the filter again and decorate what is new.
        checked: Areas that the commit is asked back for.
        result: What the push does to it.
        loss: The rows that it would lose, if they are so many that it looks like an accident.
        adopted: Whether the tab is taken over with this push.
    """

    desired: Desired
    sheet_id: int
    title: str
    created: bool
    more_cells: int
    prepare: tuple[Request, ...]
    copies: tuple[Copy, ...]
    blocks: tuple[Block, ...]
    blanked: tuple[Area, ...]
    finish: tuple[Request, ...]
    checked: tuple[Area, ...]
    result: WorksheetResult
    loss: Loss | None = None
    adopted: bool = False

    @property
    def is_needed(self) -> bool:
        """Whether anything has to be done."""
        return bool(self.prepare or self.copies or self.blocks or self.blanked or self.finish)

    def agrees(self, data: Iterable[Mapping[str, Any]]) -> bool:
        """Whether the cells read back with the commit (`GridData`) are the desired ones."""
        blank: Row = (None,) * self.desired.width
        for part in data:
            top = part.get("startRow", 0)
            rows = part.get("rowData", ())
            for index, row in enumerate(rows, top):
                found = tuple(
                    key_of_entered(cell.get("userEnteredValue")) for cell in row.get("values", ())
                )
                want = self.desired.keys[index] if index < len(self.desired.keys) else blank
                if found + blank[len(found) :] != want:
                    return False
            missing = self.desired.keys[top + len(rows) : self._checked_until(top)]
            if not all(is_blank(row) for row in missing):
                return False
        return True

    def _checked_until(self, top: int) -> int:
        return max((area.bottom or 0 for area in self.checked if area.top == top), default=top)


def plan_new_tab(desired: Desired, sheet_id: int) -> TabPlan:
    """Return the plan of a tab that does not exist yet."""
    title, width, height = desired.table.worksheet, desired.width, len(desired.keys)
    rows, columns = decorate.least_rows(desired.table), max(width + 1, NEW_TAB_COLUMNS)
    color = {"tabColorStyle": color_style(TAB_COLORS.get(desired.table.type, OTHER_TAB))}
    return TabPlan(
        desired=desired,
        sheet_id=sheet_id,
        title=title,
        created=True,
        more_cells=rows * columns,
        prepare=(requests.add_sheet(sheet_id, title, rows, columns, color, frozenRowCount=1),),
        copies=(),
        blocks=(Block(0, 0, height, width),),
        blanked=(),
        finish=tuple(decorate.new_tab(sheet_id, desired.table)),
        checked=(),  # nobody can have edited a tab that was not there
        result=WorksheetResult(
            title, height - 1, height - 1, 0, 0, height * width, ("creates the tab",)
        ),
    )


def plan_existing_tab(
    desired: Desired, tab: Tab, layout: Layout, last_as_of: date | None = None
) -> TabPlan:
    """Return the plan of a tab that exists; `last_as_of` is the as-of date of its last push.

    Raises:
        DestinationError: An area that refsync may not edit is in the way.
    """
    width, height = desired.width, len(desired.keys)
    # "Before" is what was read; "old" is the same after columns were inserted.
    before = tab.grid(layout.width - len(layout.inserted))
    old = [_with_inserted(row, layout.inserted) for row in before]
    edit = change([row[:width] for row in old], desired.keys)
    blanked = []
    if edit.leftover:
        blanked.append(Area(height, edit.leftover, 0, width))
    if not all(is_blank(row[width:]) for row in old):
        blanked.append(Area(0, len(old), width, layout.width))

    needed = desired.table.dashboard.least_rows + 1 if desired.table.dashboard else 0
    rows = max(height, needed, 2 if layout.is_blank else 0)
    grow, more_cells = _growth(tab, rows, layout)
    finish = _finish(desired, tab, layout)
    undo: tuple[Request, ...] = ()
    notes = _notes(desired, tab, layout)
    if grow or finish or edit.copies or edit.blocks or blanked:
        used = Area(0, max(height, len(before)), 0, layout.width - len(layout.inserted))
        _check_protection(tab, used)
        merges = [merge for merge in tab.merges if merge.meets(used)]
        undo = tuple(requests.unmerge(tab.sheet_id, merge) for merge in merges)
        notes += tuple(f"separates the merged cells {merge.a1()}" for merge in merges)
        if has_criteria(tab):
            # A copy leaves out the rows that a filter hides.
            undo += (requests.clear_filter(tab.sheet_id),)
            again = requests.set_filter(tab.basic_filter or {}, layout.inserted)
            finish = (*(longer_filter(tab, rows, layout) or (again,)), *finish)
        else:
            finish += longer_filter(tab, rows, layout)
        grow += longer_tables(tab, height, layout) + longer_bands(tab, rows, layout)
    added, changed, removed = count_changes([row[:width] for row in old[1:]], desired.keys[1:])
    cells = sum(block.cells for block in edit.blocks) + sum(area.cells for area in blanked)
    return TabPlan(
        desired=desired,
        sheet_id=tab.sheet_id,
        title=tab.title,
        created=False,
        more_cells=more_cells,
        prepare=undo + grow,
        copies=edit.copies,
        blocks=edit.blocks,
        blanked=tuple(blanked),
        finish=finish,
        checked=_checked(max(height, len(old)), height, width, edit.copies),
        result=WorksheetResult(
            desired.table.worksheet, height - 1, added, changed, removed, cells, notes
        ),
        loss=_loss(desired, old, last_as_of) if cells and not layout.adopted else None,
        adopted=layout.adopted,
    )


def _loss(desired: Desired, old: Sequence[Row], last_as_of: date | None) -> Loss | None:
    """Return the rows that would be lost, by the columns that the tab has already."""
    if desired.table.may_shrink:
        return None
    header = desired.keys[0]
    known = [
        place
        for place, found in enumerate(old[0] if old else ())
        if place < desired.width and found == header[place]
    ]
    dated = desired.table.columns[0].format in {"date", "timestamp"} and known[:1] == [0]
    return loss(
        [tuple(row[place] for place in known) for row in old[1:]],
        [tuple(row[place] for place in known) for row in desired.keys[1:]],
        dated=dated,
        as_of_before=last_as_of,
        as_of_after=desired.table.build.as_of_date,
        first_date=desired.table.build.first_date(desired.table.model),
    )


def _with_inserted(row: Row, inserted: Sequence[int]) -> Row:
    """Return the row with blank cells inserted at these places, ascending."""
    if not inserted:
        return row
    cells: list[Key] = list(row)
    for place in inserted:
        cells.insert(place, None)
    return tuple(cells)


def _growth(tab: Tab, height: int, layout: Layout) -> tuple[tuple[Request, ...], int]:
    """Return the requests that insert columns and add rows and columns, and the cells they add.

    The grid only grows: a size that was true when it was read could cut off rows by now.
    """
    growth = [requests.insert(tab.sheet_id, "COLUMNS", place) for place in layout.inserted]
    columns = tab.columns + len(layout.inserted)
    if columns < layout.width:
        growth.append(requests.insert(tab.sheet_id, "COLUMNS", columns, layout.width - columns))
        columns = layout.width
    rows = max(tab.rows, height)
    if rows > tab.rows:
        growth.append(requests.insert(tab.sheet_id, "ROWS", tab.rows, rows - tab.rows))
    return tuple(growth), rows * columns - tab.rows * tab.columns


def _finish(desired: Desired, tab: Tab, layout: Layout) -> tuple[Request, ...]:
    """Return the requests that make new columns presentable, and readable what is taken over."""
    finish = tuple(
        request
        for place in layout.blank
        for request in decorate.new_column(tab.sheet_id, desired.table, place)
    )
    if layout.is_blank and not tab.frozen_rows:
        finish += (requests.freeze_header(tab.sheet_id),)
    if layout.adopted:
        finish += tuple(
            decorate.number_format(tab.sheet_id, place, column)
            for place, column in enumerate(desired.table.columns)
            if place not in layout.blank and column.format in MISREAD_WITHOUT_FORMAT
        )
    return finish


def _notes(desired: Desired, tab: Tab, layout: Layout) -> tuple[str, ...]:
    notes = []
    if layout.adopted:
        notes.append("takes over the tab")
    if tab.title != desired.table.worksheet:
        notes.append(f"in the tab {tab.title!r}")
    notes += [
        f"inserts the column {desired.table.columns[place].header} at {column_letters(place)}"
        for place in layout.inserted
    ]
    return tuple(notes)


def has_criteria(tab: Tab) -> bool:
    """Whether the tab has a basic filter that may hide rows."""
    basic_filter = tab.basic_filter or {}
    return bool(basic_filter.get("filterSpecs") or basic_filter.get("criteria"))


def _check_protection(tab: Tab, used: Area) -> None:
    for protection in tab.protected:
        if protection.area.meets(used) and not any(area.holds(used) for area in protection.open):
            called = f" ({protection.description})" if protection.description else ""
            raise DestinationError(
                f"The range {protection.area.a1()} of the tab {tab.title!r} is protected{called} "
                "and refsync may not edit it: add refsync's account to those who may, or take "
                "the protection away."
            )


def _checked(last_row: int, height: int, width: int, copies: Sequence[Copy]) -> tuple[Area, ...]:
    """Return the areas read back in the commit's response, to detect a concurrent edit."""
    if last_row * width <= CHECKED_WHOLE:
        return (Area(0, last_row, 0, width),)
    edges = {edge for copy in copies for edge in (copy.target, copy.target + copy.rows - 1)}
    rows = {0, 1, height - 1, last_row - 1, *sorted(edges)[:CHECKED_EDGES]}
    return tuple(Area(row, row + 1, 0, width) for row in sorted(rows))
