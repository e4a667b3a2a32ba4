"""What `spreadsheets.get` shows of a workbook."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.sheets_emulator.cells import Cell, cell_fields, extended_value
from tests.sheets_emulator.contract import Mask, wants
from tests.sheets_emulator.formats import effective_format, formatted
from tests.sheets_emulator.formulas import Evaluator
from tests.sheets_emulator.grid import SHEET_OBJECTS, Sheet, Spreadsheet

if TYPE_CHECKING:
    from tests.sheets_emulator.a1 import Area
    from tests.sheets_emulator.editors import Editor
    from tests.sheets_emulator.errors import Json

DEFAULT_PIXELS = {"row": 21, "column": 100}


@dataclass(frozen=True)
class View:
    """What is asked to be shown of a workbook, and to whom.

    Attributes:
        reader: The caller, who sees the editors of a protected range only as one of them.
        areas: The ranges asked for; with none, every sheet is shown whole.
        mask: The `fields` parameter; it overrides `include_grid_data`, as at Google.
        include_grid_data: Whether cells are shown where there is no mask.
    """

    reader: Editor
    areas: tuple[Area, ...] = ()
    mask: Mask | None = None
    include_grid_data: bool = False

    def shows(self, area: Area) -> bool:
        """Whether a range is within what was asked for."""
        return not self.areas or any(asked.overlaps(area) for asked in self.areas)


def spreadsheet_json(book: Spreadsheet, view: View) -> Json:
    """A `Spreadsheet` resource; fields that the mask leaves out may still be in it."""
    answer: Json = {
        "spreadsheetId": book.id,
        "properties": book.properties,
        "sheets": [
            sheet_json(book, sheet, position, view)
            for position, sheet in enumerate(book.sheets)
            if view.shows(sheet.whole())
        ],
        "spreadsheetUrl": f"https://docs.google.com/spreadsheets/d/{book.id}/edit",
    }
    if book.named_ranges:
        answer["namedRanges"] = public(book.named_ranges)
    spreadsheet_metadata = [item for item in book.metadata if "spreadsheet" in item["location"]]
    if spreadsheet_metadata:
        answer["developerMetadata"] = spreadsheet_metadata
    return answer


def sheet_json(book: Spreadsheet, sheet: Sheet, position: int, view: View) -> Json:
    """A `Sheet` resource, not yet masked."""
    answer: Json = {"properties": sheet_properties(sheet, position)}
    for name in SHEET_OBJECTS:
        items = sheet.objects[name]
        if name == "merges":
            items = [merge for merge in items if view.shows(book.area(merge))]
        if name == "protectedRanges":
            items = [_protected_range(item, view.reader) for item in items]
        if name == "bandedRanges":
            # The bands of a table are shown like others, with a reference instead of an id.
            items = [*items, *map(_bands_of, sheet.objects["tables"])]
        if items:
            answer[name] = public(items)
    if sheet.basic_filter is not None:
        answer["basicFilter"] = public(sheet.basic_filter)
    sheet_metadata = [item for item in book.metadata if item["location"].get("sheetId") == sheet.id]
    if sheet_metadata:
        answer["developerMetadata"] = public(sheet_metadata)
    mask = view.mask
    if view.include_grid_data if mask is None else wants(mask, "sheets", "data"):
        below = None if mask is None else _branch(mask, "sheets", "data")
        areas = [area for area in view.areas if area.sheet_id == sheet.id] or [sheet.whole()]
        answer["data"] = [grid_data(book, sheet, area, below) for area in areas]
    return answer


def _bands_of(table: Json) -> Json:
    return {"bandedRangeReference": table["tableId"], "range": table["range"]}


def _protected_range(item: Json, reader: Editor) -> Json:
    """A protected range as a reader sees it: who may edit it is for its editors to know."""
    shown = {name: value for name, value in item.items() if value is not False}
    if reader.may_edit(item):
        return {**shown, "requestingUserCanEdit": True}
    return {name: value for name, value in shown.items() if name != "editors"}


def _branch(mask: Mask, *path: str) -> Mask | None:
    for name in path:
        if not mask or "*" in mask:
            return None
        mask = mask.get(name, {})
    return mask


def sheet_properties(sheet: Sheet, position: int) -> Json:
    """A `SheetProperties` resource in Google's order; flags that are off are left out."""
    properties = {"sheetId": sheet.id, "title": sheet.title, "index": position, **sheet.properties}
    grid = {
        name: value
        for name, value in properties["gridProperties"].items()
        if value or name in ("rowCount", "columnCount")
    }
    properties["gridProperties"] = grid
    return {name: value for name, value in properties.items() if value is not False}


def grid_data(book: Spreadsheet, sheet: Sheet, area: Area, mask: Mask | None) -> Json:
    """A `GridData` resource: cells as CellData, trailing empty rows and cells left out."""
    answer: Json = {}
    if area.top:
        answer["startRow"] = area.top
    if area.left:
        answer["startColumn"] = area.left
    if wants(mask, "rowData"):
        rows = _row_data(book, sheet, area, mask)
        if rows:
            answer["rowData"] = rows
    if wants(mask, "rowMetadata"):
        answer["rowMetadata"] = [
            {"pixelSize": DEFAULT_PIXELS["row"], **sheet.row_metadata.get(row, {})}
            for row in range(area.top, area.bottom)
        ]
    if wants(mask, "columnMetadata"):
        answer["columnMetadata"] = [
            {"pixelSize": DEFAULT_PIXELS["column"], **sheet.column_metadata.get(column, {})}
            for column in range(area.left, area.right)
        ]
    return answer


def _row_data(book: Spreadsheet, sheet: Sheet, area: Area, mask: Mask | None) -> list[Json]:
    show = _CellPainter(book, sheet, None if mask is None else _branch(mask, "rowData", "values"))
    rows: list[Json] = []
    for row in sheet.filled_rows(area):
        cells = sheet.rows[row]
        last = max((column for column in cells if column < area.right), default=-1)
        if last < area.left:
            continue
        rows.extend({} for _ in range(row - area.top - len(rows)))
        painted = [
            show.cell_data(cells[column], row, column) if column in cells else {}
            for column in range(area.left, last + 1)
        ]
        rows.append({"values": painted})
    return rows


class _CellPainter:
    """Shows cells as CellData; only what a mask asks for is worked out."""

    def __init__(self, book: Spreadsheet, sheet: Sheet, mask: Mask | None) -> None:
        self.book = book
        self.sheet = sheet
        self.evaluator = Evaluator(book)
        self.entered = wants(mask, "userEnteredValue")
        self.effective = wants(mask, "effectiveValue")
        self.text = wants(mask, "formattedValue")
        self.effective_format = wants(mask, "effectiveFormat")
        self.rest = mask is None or "*" in mask or bool(mask.keys() - VALUE_FIELDS)

    def cell_data(self, cell: Cell, row: int, column: int) -> Json:
        """One cell."""
        data: Json = {}
        if cell.value is not None:
            if self.entered:
                data["userEnteredValue"] = extended_value(cell.value)
            if self.effective or self.text:
                result = self.evaluator.result(self.sheet, row, column)
                data["effectiveValue"] = extended_value(result)
                data["formattedValue"] = formatted(result, cell.format)
        if self.effective_format and (cell.value is not None or cell.format):
            data["effectiveFormat"] = effective_format(self.book, cell)
        if self.rest:
            data.update(_besides_values(cell))
        return data


VALUE_FIELDS = frozenset(("userEnteredValue", "effectiveValue", "formattedValue"))


def _besides_values(cell: Cell) -> Json:
    data = cell_fields(cell)
    data.pop("userEnteredValue", None)
    if isinstance(cell.value, str) and cell.value.startswith(("http://", "https://")):
        data["hyperlink"] = cell.value
    return data


def public(value: Any) -> Any:
    """A range or an object as Google writes it: a `sheetId` of 0 is left out."""
    if isinstance(value, list):
        return [public(item) for item in value]
    if isinstance(value, dict):
        return {
            key: public(item) for key, item in value.items() if not (key == "sheetId" and item == 0)
        }
    return value
