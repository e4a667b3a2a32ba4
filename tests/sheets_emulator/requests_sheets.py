"""Requests about tabs and about the workbook as a whole, developer metadata included."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.sheets_emulator.batch import PROTECTED, Batch, handles, update_mask
from tests.sheets_emulator.colors import with_color_styles
from tests.sheets_emulator.contract import merge_masked
from tests.sheets_emulator.errors import Json, invalid
from tests.sheets_emulator.grid import OBJECT_IDS, Sheet, check_grid, new_sheet
from tests.sheets_emulator.metadata import created_metadata, matches, metadata_characters
from tests.sheets_emulator.reading import public, sheet_properties
from tests.sheets_emulator.structure import (
    Shift,
    move_objects,
    normalised,
    rewrite_formulas,
    shift_references,
)

if TYPE_CHECKING:
    from tests.sheets_emulator.formulas import Reference


@handles("addSheet")
def _add_sheet(batch: Batch, request: Json) -> Json:
    book = batch.book
    properties = with_color_styles(request.get("properties", {}))
    position = properties.get("index", len(book.sheets))
    if not 0 <= position <= len(book.sheets):
        raise invalid(f"index[{position}] must be between 0 and {len(book.sheets)}.")
    title = properties.get("title", "")
    if batch.beliefs.takes_any_metadata_id and title and book.titled(title):
        properties = {**properties, "title": f"{title}_conflict{book.new_id()}"}
    sheet = new_sheet(book, properties, len(book.sheets))
    book.sheets.insert(position, sheet)
    book.check_size()
    return {"properties": sheet_properties(sheet, position)}


@handles("deleteSheet")
def _delete_sheet(batch: Batch, request: Json) -> None:
    book = batch.book
    sheet = book.sheet(request.get("sheetId", 0))
    if any(not batch.editor.may_edit(item) for item in sheet.objects["protectedRanges"]):
        raise invalid(PROTECTED)
    if all(other is sheet or other.hidden for other in book.sheets):
        raise invalid("You can't remove all the visible sheets in a document.")
    title = sheet.title.casefold()

    def rewrite_in(home: Sheet) -> object:
        del home

        def rewrite(reference: Reference) -> Reference | None:
            gone = reference.title is not None and reference.title.casefold() == title
            return None if gone else reference

        return rewrite

    rewrite_formulas(book, rewrite_in)  # type: ignore[arg-type]
    book.sheets.remove(sheet)
    move_objects(book, sheet.id, lambda _: None)
    book.metadata = [
        item
        for item in book.metadata
        if sheet.id
        not in (
            item["location"].get("sheetId"),
            item["location"].get("dimensionRange", {}).get("sheetId"),
        )
    ]


@handles("updateSheetProperties")
def _update_sheet_properties(batch: Batch, request: Json) -> None:
    book = batch.book
    wanted = request.get("properties", {})
    sheet = book.sheet(wanted.get("sheetId", 0))
    mask = update_mask(request, "SheetProperties")
    position = book.sheets.index(sheet)
    old_title, old_rows, old_columns = sheet.title, sheet.row_count, sheet.column_count
    before = {**sheet.properties, "index": position}
    merged = merge_masked(before, with_color_styles(wanted), mask)
    merged["sheetId"] = sheet.id
    merged["sheetType"] = sheet.properties["sheetType"]
    new_position = merged.pop("index", position)
    grid = merged.setdefault("gridProperties", {})
    if "title" not in merged:
        merged["title"] = ""
    if merged["title"] != old_title:
        book.check_title(merged["title"], sheet.id)
    for name, count in (("rowCount", old_rows), ("columnCount", old_columns)):
        if "*" in mask and name not in grid:
            grid[name] = count
        grid.setdefault(name, 0)
    _check_shrink(sheet, grid)
    sheet.properties = merged
    check_grid(sheet)
    if sheet.hidden and all(other.hidden for other in book.sheets):
        raise invalid("You can't hide all the sheets in a document.")
    _cut_off(batch, sheet, old_rows, old_columns)
    if sheet.title != old_title:
        _rename_references(batch, old_title, sheet.title)
    if new_position != position:
        # Google counts the positions as they are before the sheet is taken out.
        book.sheets.remove(sheet)
        book.sheets.insert(new_position - (new_position > position), sheet)
    book.check_size()


def _check_shrink(sheet: Sheet, grid: Json) -> None:
    """A grid cannot shrink into its frozen lines, even if the same request unfreezes them."""
    for count, frozen, name in (
        (grid["rowCount"], sheet.frozen_rows, "rows"),
        (grid["columnCount"], sheet.frozen_columns, "columns"),
    ):
        before = sheet.row_count if name == "rows" else sheet.column_count
        if count < before and frozen and count <= frozen:
            raise invalid(f"Sorry, it is not possible to delete all non-frozen {name}.")


def _cut_off(batch: Batch, sheet: Sheet, old_rows: int, old_columns: int) -> None:
    """A smaller grid deletes the lines beyond it."""
    for rows, before, after in (
        (True, old_rows, sheet.row_count),
        (False, old_columns, sheet.column_count),
    ):
        if after >= before:
            continue
        for row in [row for row in sheet.rows if rows and row >= after]:
            del sheet.rows[row]
        if not rows:
            for row in list(sheet.rows):
                cells = sheet.rows[row]
                if max(cells) >= after:
                    kept = {index: cell for index, cell in cells.items() if index < after}
                    sheet.set_row(row, kept)
        metadata = sheet.row_metadata if rows else sheet.column_metadata
        for index in [index for index in metadata if index >= after]:
            del metadata[index]
        shift = Shift(sheet.id, rows, after, before - after, insert=False)
        shift_references(batch.book, shift)


def _rename_references(batch: Batch, old: str, new: str) -> None:
    def rewrite(reference: Reference) -> Reference | None:
        renamed = reference.title is not None and reference.title.casefold() == old.casefold()
        return reference._replace(title=new) if renamed else reference

    rewrite_formulas(batch.book, lambda _: rewrite)


@handles("updateSpreadsheetProperties")
def _update_spreadsheet_properties(batch: Batch, request: Json) -> None:
    mask = update_mask(request, "SpreadsheetProperties")
    merged = merge_masked(batch.book.properties, request.get("properties", {}), mask)
    if not merged.get("title"):
        raise invalid("Spreadsheet title cannot be empty.")
    batch.book.properties = {**batch.book.properties, **merged}


@handles("duplicateSheet")
def _duplicate_sheet(batch: Batch, request: Json) -> Json:
    book = batch.book
    source = book.sheet(request.get("sourceSheetId", 0))
    title = request.get("newSheetName") or _copy_title(batch, source.title)
    properties = {**source.properties, "title": title, "sheetId": request.get("newSheetId")}
    if properties["sheetId"] is None:
        properties["sheetId"] = book.new_id()
    frame = new_sheet(book, properties, len(book.sheets))
    position = request.get("insertSheetIndex", 0)
    if not 0 <= position <= len(book.sheets):
        raise invalid(f"insertSheetIndex[{position}] must be between 0 and {len(book.sheets)}.")
    sheet = copied_sheet(batch, source, frame)
    book.sheets.insert(position, sheet)
    book.check_size()
    return {"properties": sheet_properties(sheet, position)}


def _copy_title(batch: Batch, title: str) -> str:
    copy = f"Copy of {title}"
    number = 2
    while batch.book.titled(copy):
        copy = f"Copy of {title} {number}"
        number += 1
    return copy


def copied_sheet(batch: Batch, source: Sheet, frame: Sheet) -> Sheet:
    """A sheet like `source` under the id and title of `frame`; its objects get ids of their own.

    Developer metadata of the sheet is not copied: its ids are unique in a workbook.
    """
    sheet = source.copy()
    sheet.properties = frame.properties

    def readdressed(value: object) -> object:
        if isinstance(value, list):
            return [readdressed(item) for item in value]
        if isinstance(value, dict):
            return {
                key: sheet.id if key == "sheetId" and item == source.id else readdressed(item)
                for key, item in value.items()
            }
        return value

    for kind, items in sheet.objects.items():
        copies: list[Json] = []
        for item in items:
            copy = readdressed(item)
            if isinstance(copy, dict):
                if kind in OBJECT_IDS:
                    copy[OBJECT_IDS[kind]] = batch.book.new_id()
                if kind == "tables":
                    copy["tableId"] = str(batch.book.new_id())
                copies.append(copy)
        sheet.objects[kind] = copies
    if source.basic_filter is not None:
        copied_filter = readdressed(source.basic_filter)
        sheet.basic_filter = copied_filter if isinstance(copied_filter, dict) else None
    return sheet


@handles("createDeveloperMetadata")
def _create_developer_metadata(batch: Batch, request: Json) -> Json:
    wanted = normalised(request.get("developerMetadata", {}))
    beliefs, wanted_id = batch.beliefs, wanted.get("metadataId")
    others = [item for item in batch.book.metadata if item["metadataId"] != wanted_id]
    if beliefs.takes_any_metadata_id and wanted_id is not None:
        kept = others if beliefs.overwrites_metadata else batch.book.metadata
        batch.book.metadata = others
        item = created_metadata(batch.book, wanted)
        batch.book.metadata = list(kept)
    else:
        item = created_metadata(batch.book, wanted)
    batch.book.metadata.append(item)
    _check_metadata_size(batch)
    return {"developerMetadata": public(item)}


def _check_metadata_size(batch: Batch) -> None:
    if metadata_characters(batch.book) > 30_000:
        raise invalid(
            "The spreadsheet would exceed the limit of 30000 characters of developer metadata."
        )


@handles("updateDeveloperMetadata")
def _update_developer_metadata(batch: Batch, request: Json) -> Json:
    mask = update_mask(request, "DeveloperMetadata")
    wanted = normalised(request.get("developerMetadata", {}))
    updated: list[Json] = []
    for index, item in enumerate(batch.book.metadata):
        if matches(batch.book, item, request.get("dataFilters", [])):
            merged = merge_masked(item, wanted, mask)
            merged = {**merged, "metadataId": item["metadataId"]}
            if not merged.get("metadataKey"):
                raise invalid("Developer metadata must have a metadataKey.")
            batch.book.metadata[index] = merged
            updated.append(public(merged))
    if not updated:
        raise invalid("No matching developer metadata was found.")
    _check_metadata_size(batch)
    return {"developerMetadata": updated}


@handles("deleteDeveloperMetadata")
def _delete_developer_metadata(batch: Batch, request: Json) -> Json:
    data_filter = request.get("dataFilter", {})
    gone = [item for item in batch.book.metadata if matches(batch.book, item, [data_filter])]
    if not gone and not batch.beliefs.skips_missing_metadata:
        raise invalid("No matching developer metadata was found.")
    batch.book.metadata = [item for item in batch.book.metadata if item not in gone]
    return {"deletedDeveloperMetadata": public(gone)} if gone else {}
