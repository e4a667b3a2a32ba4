"""Merged cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.sheets_emulator.a1 import Area
from tests.sheets_emulator.batch import Batch, handles
from tests.sheets_emulator.cells import EMPTY
from tests.sheets_emulator.errors import Json, invalid

if TYPE_CHECKING:
    from tests.sheets_emulator.grid import Sheet


def merged_areas(sheet: Sheet) -> list[Area]:
    """The merges of a sheet."""
    return [
        Area(
            sheet.id,
            merge["startRowIndex"],
            merge["startColumnIndex"],
            merge["endRowIndex"],
            merge["endColumnIndex"],
        )
        for merge in sheet.objects["merges"]
    ]


def covered_cells(sheet: Sheet, area: Area) -> set[tuple[int, int]]:
    """The cells of an area that a merge hides: all but the first of each merge."""
    return {
        (row, column)
        for merge in merged_areas(sheet)
        if merge.overlaps(area)
        for row in range(merge.top, merge.bottom)
        for column in range(merge.left, merge.right)
        if (row, column) != (merge.top, merge.left)
    }


CUT_PASTE = "You can't perform a paste that partially intersects a merge."
CUT_MERGE = "You must select all cells in a merged range to merge or unmerge them."


def check_no_partial_merge(sheet: Sheet, area: Area, message: str = CUT_PASTE) -> None:
    """Refuses an area that cuts through a merge."""
    for merge in merged_areas(sheet):
        if merge.overlaps(area) and not area.contains(merge):
            raise invalid(message)


@handles("mergeCells")
def _merge_cells(batch: Batch, request: Json) -> None:
    area = batch.editable(batch.area(request))
    sheet = batch.sheet(area)
    for table in sheet.objects["tables"]:
        if batch.book.area(table["range"]).overlaps(area):
            raise invalid("You can't merge cells in a table.")
    check_no_partial_merge(sheet, area, CUT_MERGE)
    for index, edge in ((sheet.frozen_rows, "row"), (sheet.frozen_columns, "column")):
        start, end = (area.top, area.bottom) if edge == "row" else (area.left, area.right)
        if start < index < end:
            raise invalid(f"You can't merge frozen and non-frozen {edge}s.")
    kind = request.get("mergeType", "MERGE_ALL")
    if kind == "MERGE_ROWS":
        parts = [area._replace(top=row, bottom=row + 1) for row in range(area.top, area.bottom)]
    elif kind == "MERGE_COLUMNS":
        parts = [
            area._replace(left=column, right=column + 1) for column in range(area.left, area.right)
        ]
    else:
        parts = [area]
    _drop_merges(sheet, area)
    for part in parts:
        if part.height * part.width > 1:
            _keep_first_value(sheet, part)
            sheet.objects["merges"].append(part.grid_range())


def _drop_merges(sheet: Sheet, area: Area) -> None:
    sheet.objects["merges"] = [
        merge.grid_range() for merge in merged_areas(sheet) if not merge.overlaps(area)
    ]


def _keep_first_value(sheet: Sheet, area: Area) -> None:
    """A merge keeps its first value, in its first cell; the others are lost."""
    places = [
        (row, column)
        for row in sheet.filled_rows(area)
        for column in sorted(sheet.rows[row])
        if area.left <= column < area.right and sheet.rows[row][column].value is not None
    ]
    if not places:
        return
    first = sheet.cell(*places[0]).value
    for row, column in places:
        sheet.set_cell(row, column, sheet.cell(row, column)._replace(value=None))
    head = sheet.rows.get(area.top, {}).get(area.left, EMPTY)
    sheet.set_cell(area.top, area.left, head._replace(value=first))


@handles("unmergeCells")
def _unmerge_cells(batch: Batch, request: Json) -> None:
    area = batch.editable(batch.area(request))
    sheet = batch.sheet(area)
    check_no_partial_merge(sheet, area, CUT_MERGE)
    _drop_merges(sheet, area)
