"""copyPaste and cutPaste."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.sheets_emulator.a1 import Area, Bounds
from tests.sheets_emulator.batch import Batch, handles
from tests.sheets_emulator.cells import EMPTY, Cell, CellError, Formula, Value, with_value
from tests.sheets_emulator.errors import Json, invalid
from tests.sheets_emulator.formulas import translated
from tests.sheets_emulator.merging import check_no_partial_merge, merged_areas
from tests.sheets_emulator.structure import move_all

if TYPE_CHECKING:
    from tests.sheets_emulator.grid import Row, Sheet


def values_only(batch: Batch, sheet: Sheet, row: int, column: int) -> Value:
    """The value that a values-only paste of a cell leaves: a formula's result, not the formula."""
    result = batch.result(sheet, row, column)
    return str(result) if isinstance(result, CellError) else result


def pasted(old: Cell, source: Cell, kind: str, value: Value) -> Cell:
    """What a paste of one kind makes of a cell; `value` is what arrives in it."""
    if kind == "PASTE_NORMAL":
        return source._replace(value=value)
    if kind in ("PASTE_VALUES", "PASTE_FORMULA"):
        return with_value(old, value)
    if kind == "PASTE_FORMAT":
        return old._replace(format=source.format)
    if kind == "PASTE_NO_BORDERS":
        bare = {name: item for name, item in (source.format or {}).items() if name != "borders"}
        return source._replace(value=value, format=bare or None)
    if kind == "PASTE_DATA_VALIDATION":
        return old._replace(validation=source.validation)
    return old


def _is_left_out(batch: Batch, sheet: Sheet, row: int) -> bool:
    """Whether a paste leaves out a row of its source; slicers and such hide each third one here."""
    metadata, leaves_out = sheet.row_metadata.get(row, {}), batch.beliefs.leaves_out
    hidden_before = batch.hidden_before.get(sheet.id, ())
    return bool(
        metadata.get("hiddenByFilter")
        or (batch.beliefs.clears_filters_at_the_end and row in hidden_before)
        or ("hiddenByUser" in leaves_out and metadata.get("hiddenByUser"))
        or (row % 3 == 0 and any(sheet.objects.get(kind) for kind in leaves_out))
    )


@handles("copyPaste")
def _copy_paste(batch: Batch, request: Json) -> None:
    source = batch.area(request, "source")
    kind = request.get("pasteType", "PASTE_NORMAL")
    transpose = request.get("pasteOrientation") == "TRANSPOSE"
    home = batch.sheet(source)
    rows = [row for row in range(source.top, source.bottom) if not _is_left_out(batch, home, row)]
    height, width = len(rows), source.width
    if transpose:
        height, width = width, height
    if not rows:
        return
    # What is left of a filtered source is repeated until the destination is full.
    target = _destination(batch, request, height, width)
    sheet = batch.sheet(batch.editable(target))
    check_no_partial_merge(home, source)
    check_no_partial_merge(sheet, target)
    if kind == "PASTE_CONDITIONAL_FORMATTING":
        _copy_conditional_formats(batch, source, target)
        return
    _paste_cells(batch, request, source, rows, target)
    if kind in ("PASTE_NORMAL", "PASTE_FORMAT"):
        _copy_merges(home, source, sheet, target)
        _copy_conditional_formats(batch, source, target)


def _paste_cells(batch: Batch, request: Json, source: Area, rows: list[int], target: Area) -> None:
    """Pastes the given rows of the source over the target, again and again where it is larger."""
    kind = request.get("pasteType", "PASTE_NORMAL")
    transposed = request.get("pasteOrientation") == "TRANSPOSE"
    sheet = batch.sheet(target)
    block = _copied(batch, source, rows, kind)
    row_by_row = batch.beliefs.pastes_row_by_row and not transposed
    if transposed:
        block = [
            {across: line[column] for across, line in enumerate(block) if column in line}
            for column in range(source.width)
        ]
    height, width = (source.width, len(rows)) if transposed else (len(rows), source.width)
    for row in range(target.top, target.bottom):
        down = (row - target.top) % height
        if batch.beliefs.pastes_into_shown_rows_only and sheet.is_hidden_by_user(row):
            continue
        if row_by_row:
            block[down] = _copied(batch, source, [rows[down]], kind)[0]
        line, old = block[down], sheet.rows.get(row, {})
        if not line and not old:
            continue
        cells: Row = dict(old)
        for column in range(target.left, target.right):
            across = (column - target.left) % width
            cell = line.get(across, EMPTY)
            value = cell.value
            if isinstance(value, Formula):
                home_row, home_column = (across, down) if transposed else (down, across)
                moved_down = row - rows[home_row]
                value = translated(value, moved_down, column - source.left - home_column)
            before = cells.get(column, EMPTY)
            cells[column] = pasted(before, cell, kind, value)
            if not batch.beliefs.copies_notes:
                cells[column] = cells[column]._replace(note=before.note)
        sheet.set_row(row, cells)


def _destination(batch: Batch, request: Json, height: int, width: int) -> Area:
    """Where a paste lands: the whole source at least, repeated where it fits several times."""
    given = batch.area(request, "destination")
    sheet = batch.sheet(given)
    tall = given.height if height and given.height % height == 0 else height
    wide = given.width if width and given.width % width == 0 else width
    return sheet.fit(Bounds(given.top, given.left, given.top + tall, given.left + wide))


def _copied(batch: Batch, source: Area, rows: list[int], kind: str) -> list[Row]:
    """The source's cells before anything is written, row by row, columns counted from its left."""
    sheet = batch.sheet(source)
    block: list[Row] = []
    for row in rows:
        line: Row = {}
        for column, cell in sheet.rows.get(row, {}).items():
            if not source.left <= column < source.right:
                continue
            if kind == "PASTE_VALUES" and isinstance(cell.value, Formula):
                cell = cell._replace(value=values_only(batch, sheet, row, column))  # noqa: PLW2901
            line[column - source.left] = cell
        block.append(line)
    return block


def _copy_merges(home: Sheet, source: Area, sheet: Sheet, target: Area) -> None:
    copies = [
        Area(
            sheet.id,
            merge.top - source.top + target.top,
            merge.left - source.left + target.left,
            merge.bottom - source.top + target.top,
            merge.right - source.left + target.left,
        )
        for merge in merged_areas(home)
        if source.contains(merge)
    ]
    kept = [merge for merge in merged_areas(sheet) if not target.overlaps(merge)]
    sheet.objects["merges"] = [merge.grid_range() for merge in [*kept, *copies]]


def _copy_conditional_formats(batch: Batch, source: Area, target: Area) -> None:
    """The rules of the source reach the target too."""
    home, sheet = batch.sheet(source), batch.sheet(target)
    for index, rule in enumerate(list(home.objects["conditionalFormats"])):
        for item in rule["ranges"]:
            area = batch.book.area(item)
            if not area.overlaps(source):
                continue
            reach = Area(
                sheet.id,
                target.top + max(0, area.top - source.top),
                target.left + max(0, area.left - source.left),
                target.top + min(source.bottom, area.bottom) - source.top,
                target.left + min(source.right, area.right) - source.left,
            )
            if home is sheet:
                widened = {**rule, "ranges": [*rule["ranges"], reach.grid_range()]}
                sheet.objects["conditionalFormats"][index] = widened
            else:
                copy = {**rule, "ranges": [reach.grid_range()]}
                sheet.objects["conditionalFormats"].append(copy)


@handles("cutPaste")
def _cut_paste(batch: Batch, request: Json) -> None:
    """Moves cells; references to them follow, as in the user interface."""
    source = batch.editable(batch.area(request, "source"))
    kind = request.get("pasteType", "PASTE_NORMAL")
    if kind != "PASTE_NORMAL":
        raise invalid("Only PASTE_NORMAL is supported by the Sheets emulator for cutPaste.")
    place = request.get("destination", {})
    sheet = batch.book.sheet(place.get("sheetId", 0), kind="grid")
    top, left = place.get("rowIndex", 0), place.get("columnIndex", 0)
    target = sheet.fit(Bounds(top, left, top + source.height, left + source.width))
    batch.editable(target)
    home = batch.sheet(source)
    check_no_partial_merge(home, source)
    check_no_partial_merge(sheet, target)
    block = _copied(batch, source, list(range(source.top, source.bottom)), kind)
    for row in list(home.filled_rows(source)):
        kept = {c: x for c, x in home.rows[row].items() if not source.left <= c < source.right}
        home.set_row(row, kept)
    for offset, line in enumerate(block):
        old = sheet.rows.get(target.top + offset, {})
        cells = {c: x for c, x in old.items() if not target.left <= c < target.right}
        cells.update({target.left + column: cell for column, cell in line.items()})
        sheet.set_row(target.top + offset, cells)
    if home is sheet:
        _follow_cut(batch, source, target)


def _follow_cut(batch: Batch, source: Area, target: Area) -> None:
    down, right = target.top - source.top, target.left - source.left

    def move(bounds: Bounds) -> Bounds:
        if None in bounds:
            return bounds
        area = Area(source.sheet_id, *(edge or 0 for edge in bounds))
        if not source.contains(area):
            return bounds
        return Bounds(area.top + down, area.left + right, area.bottom + down, area.right + right)

    move_all(batch.book, batch.sheet(source), move)
