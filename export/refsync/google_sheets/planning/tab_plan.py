"""What happens to one worksheet's tab."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from refsync.google_sheets.api import requests
from refsync.google_sheets.formatting import tab as decorate
from refsync.google_sheets.formatting.charts import color_style
from refsync.google_sheets.planning.caution import NO_CAUTION, Caution
from refsync.google_sheets.planning.checks import checked_areas, differences, digest_of
from refsync.google_sheets.planning.covers import CoverPlan, plan_covers
from refsync.google_sheets.planning.diff import Block, Copy, change
from refsync.google_sheets.planning.extents import has_criteria
from refsync.google_sheets.planning.own_rows import OwnRows
from refsync.google_sheets.planning.remarks import RemarkPlan, plan_remarks
from refsync.google_sheets.planning.repairs import Expected, misplaced, plan_repair
from refsync.google_sheets.planning.room import finish, growth, new_totals, notes_about
from refsync.report import WorksheetResult
from refsync.worksheet.area import Area
from refsync.worksheet.row_counts import count_changes
from refsync.worksheet.safety import Loss, loss
from refsync.worksheet.theme import OTHER_TAB, TAB_COLORS
from refsync.worksheet.values import is_blank

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date
    from typing import Any

    from refsync.google_sheets.api.requests import Request
    from refsync.google_sheets.planning.checks import Difference
    from refsync.google_sheets.planning.columns import Layout
    from refsync.google_sheets.planning.desired import Desired
    from refsync.google_sheets.records import TabRecord
    from refsync.google_sheets.spreadsheet import Tab
    from refsync.worksheet.values import Row

NEW_TAB_COLUMNS = 26
"""As wide as Google makes a new tab: room for the reader's own columns to the right."""


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
        kept: A digest of the cells that Google keeps otherwise than they were sent.
        kept_cells: How many cells Google keeps otherwise than they were sent, and twice the same.
        has_new_columns: Whether a tab that was there gets columns.
        remarks: What is done for the remarks beside the rows; `None` if nothing has to be.
        before: The rows that it had, header first; `None` if they were not refsync's.
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
    kept: str = ""
    kept_cells: int = 0
    has_new_columns: bool = False
    remarks: RemarkPlan | None = None
    before: Sequence[Row] | None = field(default=None, repr=False)

    @property
    def is_needed(self) -> bool:
        """Whether anything has to be done."""
        steps = self.prepare or self.copies or self.blocks or self.blanked or self.finish
        return bool(steps or self.remarks)

    def differences(self, data: Iterable[Mapping[str, Any]]) -> tuple[Difference, ...]:
        """Return the cells read back with the commit (`GridData`) that are not the desired ones."""
        beside = self.remarks.checked if self.remarks else None
        own = [part for part in data if not _is_of(part, beside)]
        return tuple(differences(self.desired.keys, self.checked, own))

    def has_misplaced(self, data: Iterable[Mapping[str, Any]]) -> bool:
        """Whether remarks read back with the commit are not as they were to be."""
        if not self.remarks or not self.remarks.expected:
            return False
        beside = self.remarks.checked
        areas = [*self.checked, *([beside] if beside else ())]
        return bool(misplaced(self.remarks.expected, areas, data, self.desired.width))


def _is_of(part: Mapping[str, Any], beside: Area | None) -> bool:
    # Google leaves out a 0, where nothing beside the rows of a worksheet begins.
    start = (part.get("startRow"), part.get("startColumn"))
    return beside is not None and start == (beside.top, beside.left)


def plan_new_tab(desired: Desired, sheet_id: int, index: int | None = None) -> TabPlan:
    """Return the plan of a tab that does not exist yet; without an index it becomes the last."""
    title, width, height = desired.table.worksheet, desired.width, len(desired.keys)
    rows, columns = decorate.least_rows(desired.table), max(width + 1, NEW_TAB_COLUMNS)
    properties: dict[str, Any] = {
        "tabColorStyle": color_style(TAB_COLORS.get(desired.table.type, OTHER_TAB)),
        **({"index": index} if index is not None else {}),
        **({"hidden": True} if desired.table.hidden_tab else {}),
    }
    blocks = (Block(0, 0, height, width),)
    return TabPlan(
        desired=desired,
        sheet_id=sheet_id,
        title=title,
        created=True,
        more_cells=rows * columns,
        prepare=(requests.add_sheet(sheet_id, title, rows, columns, properties, frozenRowCount=1),),
        copies=(),
        blocks=blocks,
        blanked=(),
        finish=tuple(decorate.new_tab(sheet_id, desired.table)),
        checked=checked_areas(desired.keys, height, (), blocks),
        result=WorksheetResult(
            title, height - 1, height - 1, 0, 0, height * width, ("creates the tab",)
        ),
    )


def plan_existing_tab(  # noqa: PLR0913 - what is known of a tab
    desired: Desired,
    tab: Tab,
    layout: Layout,
    record: TabRecord | None = None,
    *,
    caution: Caution = NO_CAUTION,
    staging: tuple[int, str] = (0, ""),
    expected: Expected | None = None,
    kept_tab: Tab | None = None,
) -> TabPlan:
    """Return the plan of a tab that exists; `record` is what its last push left about it.

    Nothing proves that Google copies rows which something hides as it copies others. So where
    something may hide rows, they are written.

    `staging` is the id and the title of a hidden tab for remarks. `expected` is what a commit that
    is not known to be right was to make of the remarks, `kept_tab` the tab of the kept ones.

    Raises:
        DestinationError: An area that refsync may not edit is in the way.
    """
    width, height = desired.width, len(desired.keys)
    rows = OwnRows.read(desired, tab, layout, record)
    may_copy = caution.copies and not tab.may_hide_rows
    may_copy = may_copy and (caution.filters or not has_criteria(tab))
    edit = change(rows.own, desired.keys, may_copy=may_copy)
    if expected is None:
        remarks = plan_remarks(desired, tab, layout, rows.all, may_copy=may_copy, staging=staging)
    else:
        remarks = plan_repair(desired, tab, layout, rows.all, expected, kept_tab)
    blanked = []
    if edit.leftover:
        blanked.append(Area(height, edit.leftover, 0, width))
    if not all(is_blank(row[width:]) for row in rows.all):
        blanked.append(Area(0, len(rows.all), width, layout.width))
    needed = desired.table.dashboard.least_rows + 1 if desired.table.dashboard else 0
    grid_rows = max(height, needed, 2 if layout.is_blank else 0)
    grow, more_cells = growth(tab, grid_rows, layout)
    ending = finish(desired, tab, layout, record)
    covers = CoverPlan()
    checked: tuple[Area, ...] = ()
    if grow or ending or edit.copies or edit.blocks or blanked or remarks:
        last_row = max(height, len(rows.all))
        used = [Area(0, last_row, 0, layout.width - len(layout.inserted))]
        if remarks:
            used.append(remarks.area(len(layout.inserted)))
        covers = plan_covers(
            tab, layout, used, height=height, rows=grid_rows, may_filter=caution.filters
        )
        checked = checked_areas(desired.keys, last_row, edit.copies, edit.blocks, rows.doubtful)
        ending = (*covers.again, *ending, *new_totals(desired.table, tab, layout))
    added, changed, removed = count_changes(rows.own[1:], desired.keys[1:])
    cells = sum(block.cells for block in edit.blocks) + sum(area.cells for area in blanked)
    return TabPlan(
        desired=desired,
        sheet_id=tab.sheet_id,
        title=tab.title,
        created=False,
        more_cells=more_cells,
        prepare=covers.undo + grow + covers.longer,
        copies=edit.copies,
        blocks=edit.blocks,
        blanked=tuple(blanked),
        finish=ending,
        checked=checked,
        result=WorksheetResult(
            desired.table.worksheet,
            height - 1,
            added,
            changed,
            removed,
            cells,
            notes_about(desired, tab, layout) + covers.notes,
        ),
        loss=_loss(desired, rows.all, record.as_of if record else None)
        if cells and not layout.adopted
        else None,
        adopted=layout.adopted,
        kept=digest_of(rows.kept) if rows.is_known or caution.has_misread else "",
        kept_cells=len(rows.kept) if rows.is_known else 0,
        has_new_columns=bool(layout.inserted),
        remarks=remarks,
        before=None if layout.adopted else rows.all,
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
