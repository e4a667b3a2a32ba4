"""Requests that write cells."""

from __future__ import annotations

from tests.sheets_emulator.a1 import Area, Bounds
from tests.sheets_emulator.batch import Batch, handles
from tests.sheets_emulator.beliefs import DEFAULT
from tests.sheets_emulator.cells import (
    CELL_FIELDS,
    EMPTY,
    Cell,
    cell_fields,
    cell_of,
    value_of,
    with_value,
)
from tests.sheets_emulator.colors import with_color_styles, with_paired_colors
from tests.sheets_emulator.contract import Mask, check_mask, merge_masked, parse_mask
from tests.sheets_emulator.errors import Json, invalid
from tests.sheets_emulator.grid import Row, Sheet, check_grid
from tests.sheets_emulator.merging import covered_cells


def cell_mask(request: Json) -> Mask:
    """The `fields` of a request that writes cells."""
    if not request.get("fields"):
        raise invalid(
            "At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)"
        )
    mask = parse_mask(request["fields"])
    check_mask(mask, "CellData")
    return with_paired_colors(mask)


def written(old: Cell, data: Json, mask: Mask) -> Cell:
    """A cell after the masked fields of CellData were put into it; absent ones are cleared."""
    if len(mask) == 1 and "userEnteredValue" in mask:
        return with_value(old, value_of(data.get("userEnteredValue")))
    source = {name: value for name, value in data.items() if name in CELL_FIELDS}
    if "userEnteredValue" in source:
        source["userEnteredValue"] = value_of(source["userEnteredValue"])
    if "userEnteredFormat" in source:
        source["userEnteredFormat"] = with_color_styles(source["userEnteredFormat"])
    chosen = {name: branch for name, branch in mask.items() if name in CELL_FIELDS}
    if "*" in mask:
        chosen = {name: {} for name in CELL_FIELDS}
    if "userEnteredValue" in chosen:
        chosen["userEnteredValue"] = {}
    return cell_of(merge_masked(cell_fields(old), source, chosen)) if chosen else old


@handles("updateCells")
def _update_cells(batch: Batch, request: Json) -> None:
    mask = cell_mask(request)
    rows: list[Json] = request.get("rows", [])
    area = _target(batch, request, rows)
    if area is None:
        return
    sheet = batch.sheet(batch.editable(area))
    hidden = covered_cells(sheet, area)
    clear = "range" in request
    kept = batch.beliefs.kept
    for offset in range(area.height):
        row = area.top + offset
        if batch.beliefs.writes_shown_rows_only and sheet.is_hidden_by_user(row):
            continue
        data = rows[offset].get("values", []) if offset < len(rows) else []
        if not data and not (clear and row in sheet.rows):
            continue
        cells = dict(sheet.rows.get(row, {}))
        for column, cell_data in enumerate(data, area.left):
            if (row, column) not in hidden:
                cell = written(cells.get(column, EMPTY), cell_data, mask)
                if batch.beliefs is not DEFAULT:
                    cell = with_value(cell, kept(cell.value, cell.format))
                cells[column] = cell
        if clear:
            for column in [c for c in cells if area.left + len(data) <= c < area.right]:
                cells[column] = written(cells[column], {}, mask)
        sheet.set_row(row, cells)


def _target(batch: Batch, request: Json, rows: list[Json]) -> Area | None:
    """The cells that updateCells is about: its range, or what its rows cover from its start on."""
    if ("range" in request) == ("start" in request):
        raise invalid("Must specify exactly one of 'start' or 'range'.")
    height, width = len(rows), max((len(row.get("values", ())) for row in rows), default=0)
    if "range" in request:
        area = batch.area(request)
        for line, size, limit, edge in (
            ("row", height, area.height, area.bottom),
            ("column", width, area.width, area.right),
        ):
            if size > limit:
                raise invalid(
                    f"Attempting to write {line}: {edge}, "
                    f"beyond the last requested {line} of: {edge - 1}"
                )
        return area
    start = request["start"]
    top, left = start.get("rowIndex", 0), start.get("columnIndex", 0)
    sheet = batch.book.sheet(start.get("sheetId", 0), kind="grid")
    return sheet.fit(Bounds(top, left, top + height, left + width)) if width else None


@handles("repeatCell")
def _repeat_cell(batch: Batch, request: Json) -> None:
    mask = cell_mask(request)
    area = batch.editable(batch.area(request))
    data = request.get("cell", {})
    fill(batch.sheet(area), area, data, mask)


def fill(sheet: Sheet, area: Area, data: Json, mask: Mask) -> None:
    """Writes the same masked CellData into every cell of an area."""
    fresh = written(EMPTY, data, mask)
    seen: dict[int, Cell] = {}
    for row in range(area.top, area.bottom):
        cells = dict(sheet.rows.get(row, {}))
        if fresh == EMPTY and not cells:
            continue
        for column in range(area.left, area.right):
            old = cells.get(column, EMPTY)
            if old is EMPTY:
                cells[column] = fresh
            else:
                key = id(old)
                if key not in seen:
                    seen[key] = written(old, data, mask)
                cells[column] = seen[key]
        sheet.set_row(row, cells)


@handles("appendCells")
def _append_cells(batch: Batch, request: Json) -> None:
    mask = cell_mask(request)
    if "tableId" in request:
        raise invalid("The Sheets emulator does not append cells to tables.")
    sheet = batch.book.sheet(request.get("sheetId", 0))
    rows: list[Json] = request.get("rows", [])
    first = last_filled_row(sheet) + 1
    width = max((len(row.get("values", ())) for row in rows), default=0)
    sheet.set_grid(
        rowCount=max(sheet.row_count, first + len(rows)),
        columnCount=max(sheet.column_count, width),
    )
    check_grid(sheet)
    if not rows or not width:
        return
    batch.editable(Area(sheet.id, first, 0, first + len(rows), width))
    for row, row_data in enumerate(rows, first):
        cells: Row = dict(sheet.rows.get(row, {}))
        for column, data in enumerate(row_data.get("values", [])):
            cells[column] = written(cells.get(column, EMPTY), data, mask)
        sheet.set_row(row, cells)


def last_filled_row(sheet: Sheet) -> int:
    """The last row with a value in it; -1 on an empty sheet."""
    return max(
        (
            row
            for row, cells in sheet.rows.items()
            if any(cell.value is not None for cell in cells.values())
        ),
        default=-1,
    )


@handles("setDataValidation")
def _set_data_validation(batch: Batch, request: Json) -> None:
    area = batch.editable(batch.area(request))
    for table in batch.sheet(area).objects["tables"]:
        typed = [
            batch.book.area(table["range"]).left + column.get("columnIndex", 0)
            for column in table.get("columnProperties", [])
            if column.get("columnType", "COLUMN_TYPE_UNSPECIFIED") != "COLUMN_TYPE_UNSPECIFIED"
        ]
        if batch.book.area(table["range"]).overlaps(area) and any(
            area.left <= column < area.right for column in typed
        ):
            raise invalid("Data validation cannot be set on a typed column of a table.")
    data = {"dataValidation": request["rule"]} if "rule" in request else {}
    fill(batch.sheet(area), area, data, {"dataValidation": {}})


@handles("updateBorders")
def _update_borders(batch: Batch, request: Json) -> None:
    area = batch.editable(batch.area(request))
    sheet = batch.sheet(area)
    for row in range(area.top, area.bottom):
        cells = dict(sheet.rows.get(row, {}))
        for column in range(area.left, area.right):
            sides = {
                "top": request.get("top" if row == area.top else "innerHorizontal"),
                "bottom": request.get("bottom" if row == area.bottom - 1 else "innerHorizontal"),
                "left": request.get("left" if column == area.left else "innerVertical"),
                "right": request.get("right" if column == area.right - 1 else "innerVertical"),
            }
            cell = cells.get(column, EMPTY)
            borders = dict((cell.format or {}).get("borders", {}))
            for side, border in sides.items():
                if border is None:
                    continue
                if border.get("style") == "NONE":
                    borders.pop(side, None)
                else:
                    borders[side] = border
            style = {**(cell.format or {}), "borders": borders}
            if not borders:
                del style["borders"]
            cells[column] = cell._replace(format=style or None)
        sheet.set_row(row, cells)
