"""The `spreadsheets.values` methods: ranges of plain values in and out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.sheets_emulator.a1 import Area, Bounds, column_letters, format_area
from tests.sheets_emulator.cells import (
    EMPTY,
    Cell,
    CellError,
    Formula,
    Plain,
    Value,
    number_json,
    text_value,
    with_value,
)
from tests.sheets_emulator.errors import Json, invalid
from tests.sheets_emulator.formats import formatted, is_date_time
from tests.sheets_emulator.formulas import Evaluator
from tests.sheets_emulator.grid import Sheet, Spreadsheet, check_grid
from tests.sheets_emulator.structure import Shift, apply_shift
from tests.sheets_emulator.typing_in import typed_in

if TYPE_CHECKING:
    from tests.sheets_emulator.batch import Batch


class Renderer:
    """Shows cells under a ValueRenderOption and a DateTimeRenderOption."""

    def __init__(self, book: Spreadsheet, sheet: Sheet, options: Json) -> None:
        self.sheet = sheet
        self.evaluator = Evaluator(book)
        self.option = options.get("valueRenderOption", "FORMATTED_VALUE")
        self.dates_as_text = options.get("dateTimeRenderOption") == "FORMATTED_STRING"

    def render(self, row: int, column: int, cell: Cell) -> Plain:
        """One filled cell."""
        if isinstance(cell.value, str):
            return cell.value
        if self.option == "FORMULA" and isinstance(cell.value, Formula):
            return cell.value.text
        result = self.evaluator.result(self.sheet, row, column)
        if result is None:
            return ""
        if self.option == "FORMATTED_VALUE":
            return formatted(result, cell.format)
        if isinstance(result, float):
            is_text = self.dates_as_text and is_date_time((cell.format or {}).get("numberFormat"))
            return formatted(result, cell.format) if is_text else number_json(result)
        return str(result) if isinstance(result, CellError) else result


def value_range(book: Spreadsheet, area: Area, options: Json) -> Json:
    """A `ValueRange`: trailing empty rows and cells left out, an empty range without `values`."""
    sheet = book.sheet(area.sheet_id)
    major = options.get("majorDimension", "ROWS")
    if major == "DIMENSION_UNSPECIFIED":
        major = "ROWS"
    show = Renderer(book, sheet, options)
    by_columns = major == "COLUMNS"
    lines: list[dict[int, Any]] = [{} for _ in range(area.width)] if by_columns else []
    for row in sheet.filled_rows(area):
        filled = {
            column: show.render(row, column, cell)
            for column, cell in sheet.rows[row].items()
            if area.left <= column < area.right and cell.value is not None
        }
        if by_columns:
            for column, value in filled.items():
                lines[column - area.left][row - area.top] = value
        elif filled:
            lines.extend({} for _ in range(row - area.top - len(lines)))
            lines.append({column - area.left: value for column, value in filled.items()})
    values = [[line.get(i, "") for i in range(max(line, default=-1) + 1)] for line in lines]
    while values and not values[-1]:
        values.pop()
    answer: Json = {"range": format_area(sheet.title, area), "majorDimension": major}
    if values:
        answer["values"] = values
    return answer


def write_values(batch: Batch, sheet: Sheet, bounds: Bounds, message: Json, option: str) -> Json:
    """Writes the values of a ValueRange; the answer is an `UpdateValuesResponse` without its id.

    Nulls leave a cell as it is, empty texts clear it. A range given as one cell is only where
    the writing starts, and the grid grows with the values.

    Raises:
        ApiError: The values reach beyond the range, or a value is a list or an object.
    """
    if option not in ("RAW", "USER_ENTERED"):
        raise invalid("'valueInputOption' is required but not specified")
    rows = value_rows(message)
    width = max(map(len, rows), default=0)
    area = sheet.clamp(bounds) if bounds.is_one_cell else sheet.fit(bounds)
    if not width:
        return {"updatedRange": format_area(sheet.title, area)}
    if not bounds.is_one_cell:
        _check_within(sheet, area, len(rows), width)
    target = Area(sheet.id, area.top, area.left, area.top + len(rows), area.left + width)
    grow(batch.book, sheet, target)
    batch.editable(target)
    cells = put_values(sheet, target, rows, option)
    return {
        "updatedRange": format_area(sheet.title, target),
        "updatedRows": len(rows),
        "updatedColumns": width,
        "updatedCells": cells,
    }


def value_rows(message: Json) -> list[list[Any]]:
    """The values of a ValueRange, row by row whatever its major dimension.

    Raises:
        ApiError: It is no list of lists of plain values.
    """
    values = message.get("values", [])
    for i, line in enumerate(values):
        for j, value in enumerate(line):
            if isinstance(value, list | dict):
                kind = "list_value" if isinstance(value, list) else "struct_value"
                raise invalid(f"Invalid values[{i}][{j}]: {kind} {{\n}}\n")
    if message.get("majorDimension") != "COLUMNS":
        return [list(line) for line in values]
    height = max(map(len, values), default=0)
    return [[line[i] if i < len(line) else None for line in values] for i in range(height)]


def _check_within(sheet: Sheet, area: Area, height: int, width: int) -> None:
    where = f"Requested writing within range [{format_area(sheet.title, area)}]"
    if height > area.height:
        raise invalid(f"{where}, but tried writing to row [{area.bottom + 1}]")
    if width > area.width:
        letters = column_letters(area.right)
        raise invalid(f"{where}, but tried writing to column [{letters}]")


def grow(book: Spreadsheet, sheet: Sheet, area: Area) -> None:
    """Makes the grid large enough for an area."""
    if area.bottom > sheet.row_count or area.right > sheet.column_count:
        sheet.set_grid(
            rowCount=max(sheet.row_count, area.bottom),
            columnCount=max(sheet.column_count, area.right),
        )
        check_grid(sheet)
        book.check_size()


def put_values(sheet: Sheet, area: Area, rows: list[list[Any]], option: str) -> int:
    """Writes rows of plain values; the number of cells that were written."""
    count = 0
    raw = option == "RAW"
    for row, line in enumerate(rows, area.top):
        if not line:
            continue
        cells = dict(sheet.rows.get(row, {}))
        for column, value in enumerate(line, area.left):
            if value is None:
                continue
            count += 1
            old = cells.get(column, EMPTY)
            cells[column] = with_value(old, _raw(value)) if raw else typed_in(old, value)
        sheet.set_row(row, cells)
    return count


def _raw(value: Plain) -> Value:
    if isinstance(value, str):
        return text_value(value)
    return value if isinstance(value, bool) else float(value)


def clear_values(batch: Batch, area: Area) -> None:
    """Empties the cells of an area; formats, notes and validation stay."""
    sheet = batch.sheet(batch.editable(area))
    for row in list(sheet.filled_rows(area)):
        cells = dict(sheet.rows[row])
        for column, cell in sheet.rows[row].items():
            if area.left <= column < area.right:
                cells[column] = with_value(cell, None)
        sheet.set_row(row, cells)


def append_values(batch: Batch, sheet: Sheet, bounds: Bounds, message: Json, options: Json) -> Json:
    """Appends rows below the table that a range touches: an `AppendValuesResponse` without its id.

    The table is the block of filled cells around the last filled cell of the range; where the
    range is empty, writing starts at its first cell.
    """
    option = options.get("valueInputOption", "")
    if option not in ("RAW", "USER_ENTERED"):
        raise invalid("'valueInputOption' is required but not specified")
    rows = value_rows(message)
    width = max(map(len, rows), default=0)
    search = sheet.clamp(bounds)
    table = table_around(sheet, search)
    answer: Json = {}
    top, left = search.top, search.left
    if table is not None:
        top, left = table.bottom, table.left
        answer["tableRange"] = format_area(sheet.title, table)
    target = Area(sheet.id, top, left, top + max(len(rows), 1), left + max(width, 1))
    if options.get("insertDataOption") == "INSERT_ROWS" and rows and top < sheet.row_count:
        sheet.set_grid(rowCount=sheet.row_count + len(rows))
        apply_shift(batch.book, Shift(sheet.id, rows=True, start=top, count=len(rows), insert=True))
    if not width:
        answer["updates"] = {"updatedRange": format_area(sheet.title, target)}
        return answer
    grow(batch.book, sheet, target)
    batch.editable(target)
    count = put_values(sheet, target, rows, option)
    answer["updates"] = {
        "updatedRange": format_area(sheet.title, target),
        "updatedRows": len(rows),
        "updatedColumns": width,
        "updatedCells": count,
    }
    return answer


def table_around(sheet: Sheet, search: Area) -> Area | None:
    """The block of filled cells around the last filled cell of an area; None if there is none."""
    for row in sorted(sheet.filled_rows(search), reverse=True):
        columns = _filled(sheet, row, search.left, search.right)
        if columns:
            last = max(columns)
            return _grown_block(sheet, Area(sheet.id, row, last, row + 1, last + 1))
    return None


def _filled(sheet: Sheet, row: int, left: int, right: int) -> list[int]:
    return [
        column
        for column, cell in sheet.rows.get(row, {}).items()
        if left <= column < right and cell.value is not None
    ]


def _grown_block(sheet: Sheet, block: Area) -> Area:
    """Grows a rectangle while a filled cell touches it, corners included."""
    while True:
        _, top, left, bottom, right = block
        while top and _filled(sheet, top - 1, left - 1, right + 1):
            top -= 1
        while _filled(sheet, bottom, left - 1, right + 1):
            bottom += 1
        for row in range(max(0, top - 1), bottom + 1):
            columns = _filled(sheet, row, left - 1, right + 1)
            left, right = min([left, *columns]), max([right - 1, *columns]) + 1
        grown = Area(sheet.id, top, left, bottom, right)
        if grown == block:
            return block
        block = grown
