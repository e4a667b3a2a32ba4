"""Requests that insert, delete, move and resize rows, columns and cells."""

from __future__ import annotations

from tests.sheets_emulator.a1 import Area, Bounds
from tests.sheets_emulator.batch import Batch, handles, update_mask
from tests.sheets_emulator.cells import Cell
from tests.sheets_emulator.contract import merge_masked
from tests.sheets_emulator.errors import Json, invalid
from tests.sheets_emulator.grid import Row, Sheet, check_grid
from tests.sheets_emulator.merging import check_no_partial_merge, merged_areas
from tests.sheets_emulator.structure import Shift, apply_shift, move_all


def _lines(batch: Batch, dimension_range: Json) -> tuple[Sheet, bool, int, int]:
    """A DimensionRange's sheet, whether it is of rows, its start and its end."""
    sheet = batch.book.sheet(dimension_range.get("sheetId", 0), kind="grid")
    dimension = dimension_range.get("dimension", "DIMENSION_UNSPECIFIED")
    if dimension == "DIMENSION_UNSPECIFIED":
        raise invalid("No dimension specified.")
    rows = dimension == "ROWS"
    start = dimension_range.get("startIndex", 0)
    end = dimension_range.get("endIndex", sheet.row_count if rows else sheet.column_count)
    if start < 0 or end <= start:
        raise invalid(f"range.endIndex[{end}] must be after range.startIndex[{start}]")
    return sheet, rows, start, end


def _existing_lines(batch: Batch, dimension_range: Json) -> tuple[Sheet, bool, int, int]:
    sheet, rows, start, end = _lines(batch, dimension_range)
    size = sheet.row_count if rows else sheet.column_count
    if start >= size:
        kind = "rows" if rows else "columns"
        raise invalid(
            f"Cannot use a dimension that doesn't exist: startIndex[{start}] of {size} {kind}."
        )
    return sheet, rows, start, min(end, size)


def _line_area(sheet: Sheet, start: int, end: int, *, rows: bool) -> Area:
    if rows:
        return Area(sheet.id, start, 0, end, sheet.column_count)
    return Area(sheet.id, 0, start, sheet.row_count, end)


def _resize(sheet: Sheet, change: int, *, rows: bool) -> None:
    if rows:
        sheet.set_grid(rowCount=sheet.row_count + change)
    else:
        sheet.set_grid(columnCount=sheet.column_count + change)
    check_grid(sheet)


@handles("insertDimension")
def _insert_dimension(batch: Batch, request: Json) -> None:
    sheet, rows, start, end = _lines(batch, request.get("range", {}))
    size = sheet.row_count if rows else sheet.column_count
    inherit = request.get("inheritFromBefore", False)
    if inherit and start == 0:
        raise invalid("inheritFromBefore cannot be true if range.startIndex is 0.")
    if start > size:
        raise invalid(f"range.startIndex is larger than current grid size ({size})")
    if start == size and not inherit:
        raise invalid(
            f"range.startIndex must be less than the grid size ({size}) "
            "if inheritFromBefore is false."
        )
    if start < size:
        _check_insertable(batch, sheet, start, rows=rows)
    _resize(sheet, end - start, rows=rows)
    batch.book.check_size()
    apply_shift(batch.book, Shift(sheet.id, rows, start, end - start, insert=True))
    hide = batch.beliefs.hides_new_rows and start == size
    _inherit(sheet, start, end, start - 1 if inherit else end, rows=rows, hide=hide)
    _grow_frozen(sheet, start, end - start, rows=rows)


def _check_insertable(batch: Batch, sheet: Sheet, start: int, *, rows: bool) -> None:
    """Inserting into the middle of a protected range is editing it; before or after is not."""
    line = _line_area(sheet, start, start + 1, rows=rows)
    before = _line_area(sheet, start - 1, start, rows=rows) if start else None
    for protected in sheet.objects["protectedRanges"]:
        target = batch.protected_area(sheet, protected)
        inside = target.overlaps(line) and before is not None and target.overlaps(before)
        if inside and not batch.editor.may_edit(protected):
            batch.editable(line)


def _grow_frozen(sheet: Sheet, start: int, count: int, *, rows: bool) -> None:
    if rows and start < sheet.frozen_rows:
        sheet.set_grid(frozenRowCount=sheet.frozen_rows + count)
    if not rows and start < sheet.frozen_columns:
        sheet.set_grid(frozenColumnCount=sheet.frozen_columns + count)


def _inherit(
    sheet: Sheet, start: int, end: int, model: int, *, rows: bool, hide: bool = False
) -> None:
    """New lines take the formats and validation, not the values, of the line beside them."""
    if rows:
        template = {
            column: Cell(None, cell.format, None, cell.validation)
            for column, cell in sheet.rows.get(model, {}).items()
            if cell.format or cell.validation
        }
        for row in range(start, end):
            if template:
                sheet.set_row(row, dict(template))
            if model in sheet.row_metadata:
                sheet.row_metadata[row] = sheet.row_metadata[model]
            if hide:
                sheet.row_metadata[row] = {"hiddenByUser": True}
        return
    for row in list(sheet.rows):
        cell = sheet.rows[row].get(model)
        if cell is not None and (cell.format or cell.validation):
            fresh = Cell(None, cell.format, None, cell.validation)
            sheet.set_row(row, {**sheet.rows[row], **dict.fromkeys(range(start, end), fresh)})
    for column in range(start, end):
        if model in sheet.column_metadata:
            sheet.column_metadata[column] = sheet.column_metadata[model]


@handles("appendDimension")
def _append_dimension(batch: Batch, request: Json) -> None:
    sheet = batch.book.sheet(request.get("sheetId", 0))
    length = request.get("length", 0)
    if length < 1:
        raise invalid("length must be greater than 0.")
    if request.get("dimension") not in ("ROWS", "COLUMNS"):
        raise invalid("No dimension specified.")
    _resize(sheet, length, rows=request["dimension"] == "ROWS")
    batch.book.check_size()


@handles("deleteDimension")
def _delete_dimension(batch: Batch, request: Json) -> None:
    sheet, rows, start, end = _existing_lines(batch, request.get("range", {}))
    size, frozen = (
        (sheet.row_count, sheet.frozen_rows) if rows else (sheet.column_count, sheet.frozen_columns)
    )
    kind = "rows" if rows else "columns"
    if end - start >= size:
        raise invalid(f"You can't delete all the {kind} on the sheet.")
    if start <= frozen and end == size and frozen:
        raise invalid(f"Sorry, it is not possible to delete all non-frozen {kind}.")
    batch.editable(_line_area(sheet, start, end, rows=rows))
    frozen_gone = max(0, min(end, frozen) - start)
    if frozen_gone and rows:
        sheet.set_grid(frozenRowCount=frozen - frozen_gone)
    elif frozen_gone:
        sheet.set_grid(frozenColumnCount=frozen - frozen_gone)
    apply_shift(batch.book, Shift(sheet.id, rows, start, end - start, insert=False))
    _resize(sheet, start - end, rows=rows)


def _shift_dimension(request: Json) -> bool:
    dimension = request.get("shiftDimension")
    if dimension not in ("ROWS", "COLUMNS"):
        raise invalid("No shiftDimension specified.")
    return bool(dimension == "ROWS")


def _shift(batch: Batch, request: Json, *, insert: bool) -> tuple[Sheet, Area, Shift]:
    """The sheet, the range and what moves, once all of it may be changed."""
    area, rows = batch.area(request), _shift_dimension(request)
    sheet = batch.sheet(area)
    affected = (
        area._replace(bottom=sheet.row_count) if rows else area._replace(right=sheet.column_count)
    )
    batch.editable(affected)
    check_no_partial_merge(sheet, affected)
    count = area.height if rows else area.width
    start, across = (
        (area.top, (area.left, area.right)) if rows else (area.left, (area.top, area.bottom))
    )
    return sheet, area, Shift(sheet.id, rows, start, count, insert=insert, across=across)


@handles("insertRange")
def _insert_range(batch: Batch, request: Json) -> None:
    sheet, _, shift = _shift(batch, request, insert=True)
    apply_shift(batch.book, shift)
    grown = _needed_size(sheet, rows=shift.rows)
    if shift.rows and grown > sheet.row_count:
        sheet.set_grid(rowCount=grown)
    elif not shift.rows and grown > sheet.column_count:
        sheet.set_grid(columnCount=grown)
    check_grid(sheet)


def _needed_size(sheet: Sheet, *, rows: bool) -> int:
    if rows:
        return max(sheet.rows, default=-1) + 1
    return max((max(cells) for cells in sheet.rows.values()), default=-1) + 1


@handles("deleteRange")
def _delete_range(batch: Batch, request: Json) -> None:
    sheet, area, shift = _shift(batch, request, insert=False)
    for row in list(sheet.filled_rows(area)):
        kept = {c: cell for c, cell in sheet.rows[row].items() if not area.left <= c < area.right}
        sheet.set_row(row, kept)
    apply_shift(batch.book, shift)


@handles("moveDimension")
def _move_dimension(batch: Batch, request: Json) -> None:
    """A cut and an insert: references follow the moved lines."""
    sheet, rows, start, end = _existing_lines(batch, request.get("source", {}))
    target = request.get("destinationIndex", 0)
    size = sheet.row_count if rows else sheet.column_count
    if not 0 <= target <= size:
        raise invalid(f"destinationIndex[{target}] must be between 0 and {size}.")
    if start <= target <= end:
        return
    batch.editable(_line_area(sheet, min(start, target), max(end, target), rows=rows))
    for merge in merged_areas(sheet):
        low, high = (merge.top, merge.bottom) if rows else (merge.left, merge.right)
        kind = "row" if rows else "column"
        cut = low < start < high or low < end < high or low < target < high
        if cut:
            raise invalid(
                f"Sorry, it is not possible to move a {kind} to a position that crosses a merged "
                "cell. Please unmerge and try again."
            )
    count = end - start
    order = list(range(start)) + list(range(end, size))
    position = target if target < start else target - count
    order[position:position] = range(start, end)
    place = {old: new for new, old in enumerate(order)}
    _permute(sheet, place, rows=rows)
    _follow_lines(batch, sheet, place, rows=rows)


def _permute(sheet: Sheet, place: dict[int, int], *, rows: bool) -> None:
    if rows:
        sheet.rows = {place[row]: cells for row, cells in sheet.rows.items()}
        sheet.row_metadata = {place[row]: item for row, item in sheet.row_metadata.items()}
        return
    for row, cells in list(sheet.rows.items()):
        moved: Row = {place[column]: cell for column, cell in cells.items()}
        sheet.set_row(row, moved)
    sheet.column_metadata = {place[c]: item for c, item in sheet.column_metadata.items()}


def _follow_lines(batch: Batch, sheet: Sheet, place: dict[int, int], *, rows: bool) -> None:
    def line(low: int | None, high: int | None) -> tuple[int | None, int | None]:
        if low is None or high is None:
            return low, high
        if high == low + 1:
            return place[low], place[low] + 1
        return low, high

    def move(bounds: Bounds) -> Bounds:
        top, left, bottom, right = bounds
        if rows:
            top, bottom = line(top, bottom)
        else:
            left, right = line(left, right)
        return Bounds(top, left, bottom, right)

    move_all(batch.book, sheet, move)


@handles("updateDimensionProperties")
def _update_dimension_properties(batch: Batch, request: Json) -> None:
    mask = update_mask(request, "DimensionProperties")
    sheet, rows, start, end = _existing_lines(batch, request.get("range", {}))
    metadata = sheet.row_metadata if rows else sheet.column_metadata
    wanted = request.get("properties", {})
    if wanted.get("pixelSize", 1) < 1:
        raise invalid("pixelSize must be greater than 0.")
    for index in range(start, end):
        merged = merge_masked(metadata.get(index, {}), wanted, mask)
        metadata[index] = {name: value for name, value in merged.items() if value is not False}


@handles("autoResizeDimensions")
def _auto_resize_dimensions(batch: Batch, request: Json) -> None:
    """Seven pixels a character and some padding: near enough to Google's for the eye."""
    sheet, rows, start, end = _existing_lines(batch, request.get("dimensions", {}))
    if rows:
        return
    for column in range(start, end):
        widest = max(
            (
                len(str(cells[column].value))
                for cells in sheet.rows.values()
                if column in cells and cells[column].value is not None
            ),
            default=None,
        )
        if widest is not None:
            item = sheet.column_metadata.get(column, {})
            sheet.column_metadata[column] = {**item, "pixelSize": max(21, 7 * widest + 10)}
