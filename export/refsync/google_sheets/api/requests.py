"""The requests of a `spreadsheets.batchUpdate`, as refsync sends them (Sheets API, "Requests").

There is none here that deletes cells, rows or columns: that would turn references into #REF! and
shrink charts and ranges. A row or a column is only ever added, a value only ever overwritten.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from refsync.worksheet.area import Area

Request = dict[str, Any]


def create_metadata(key: str, value: str, metadata_id: int | None = None) -> Request:
    """Return the request that keeps a value with the spreadsheet, where no reader sees it.

    Google refuses an id that is taken, and with it the whole batch; without one it chooses.
    """
    metadata: dict[str, object] = {
        "metadataKey": key,
        "metadataValue": value,
        "location": {"spreadsheet": True},
        "visibility": "DOCUMENT",
    }
    if metadata_id is not None:
        metadata = {"metadataId": metadata_id, **metadata}
    return {"createDeveloperMetadata": {"developerMetadata": metadata}}


def delete_metadata(metadata_id: int) -> Request:
    """Return the request that deletes one piece of metadata."""
    lookup = {"metadataId": metadata_id}
    return {"deleteDeveloperMetadata": {"dataFilter": {"developerMetadataLookup": lookup}}}


def add_sheet(
    sheet_id: int,
    title: str,
    rows: int,
    columns: int,
    properties: Mapping[str, Any],
    **grid: int | bool,
) -> Request:
    """Return the request that adds a tab, as the last one unless `properties` has an index.

    Args:
        sheet_id: Its id.
        title: Its title.
        rows: Its rows.
        columns: Its columns.
        properties: Other `SheetProperties`.
        grid: Other `GridProperties`.
    """
    size = {"rowCount": rows, "columnCount": columns}
    known = {"sheetId": sheet_id, "title": title, "gridProperties": size | grid}
    return {"addSheet": {"properties": known | dict(properties)}}


def delete_sheet(sheet_id: int) -> Request:
    """Return the request that deletes a tab: a staging tab, no other."""
    return {"deleteSheet": {"sheetId": sheet_id}}


def insert(
    sheet_id: int, dimension: Literal["ROWS", "COLUMNS"], start: int, count: int = 1
) -> Request:
    """Return the request that inserts rows or columns, formatted like those before them."""
    span = {"sheetId": sheet_id, "dimension": dimension, "startIndex": start}
    return {
        "insertDimension": {
            "range": span | {"endIndex": start + count},
            "inheritFromBefore": start > 0,
        }
    }


def unhide_rows(sheet_id: int, start: int, end: int) -> Request:
    """Return the request that shows rows, as far as no filter hides them."""
    span = {"sheetId": sheet_id, "dimension": "ROWS", "startIndex": start, "endIndex": end}
    return {
        "updateDimensionProperties": {
            "range": span,
            "properties": {"hiddenByUser": False},
            "fields": "hiddenByUser",
        }
    }


def unmerge(sheet_id: int, area: Area) -> Request:
    """Return the request that undoes the merge of exactly this area."""
    return {"unmergeCells": {"range": area.to_json(sheet_id)}}


def clear_filter(sheet_id: int) -> Request:
    """Return the request that takes a tab's basic filter away."""
    return {"clearBasicFilter": {"sheetId": sheet_id}}


def set_filter(
    basic_filter: Mapping[str, Any], inserted: Sequence[int], bottom: int | None = None
) -> Request:
    """Return the request that sets a filter as it was read, columns having been inserted since.

    It ends at the row `bottom`, if that is given. Its sort order is left out, because setting that
    would sort the rows.
    """
    again: dict[str, Any] = {}
    if "tableId" in basic_filter:
        again["tableId"] = basic_filter["tableId"]
    elif "range" in basic_filter:
        again["range"] = dict(basic_filter["range"])
        if "startColumnIndex" in again["range"]:
            start = again["range"]["startColumnIndex"]
            again["range"]["startColumnIndex"] = moved(start, inserted)
        if "endColumnIndex" in again["range"]:
            last = again["range"]["endColumnIndex"] - 1
            again["range"]["endColumnIndex"] = moved(last, inserted) + 1
        if bottom is not None:
            again["range"]["endRowIndex"] = bottom
    if "filterSpecs" in basic_filter:
        again["filterSpecs"] = [
            {**spec, "columnIndex": moved(spec.get("columnIndex", 0), inserted)}
            for spec in basic_filter["filterSpecs"]
        ]
    elif "criteria" in basic_filter:
        again["criteria"] = {
            str(moved(int(column), inserted)): criteria
            for column, criteria in basic_filter["criteria"].items()
        }
    return {"setBasicFilter": {"filter": again}}


def moved(column: int, inserted: Sequence[int]) -> int:
    """Return where a column is after columns were inserted at these places, ascending."""
    for place in inserted:
        column += place <= column
    return column


def extend_table(sheet_id: int, table_id: str, area: Area) -> Request:
    """Return the request that gives a typed table a new range."""
    table = {"tableId": table_id, "range": area.to_json(sheet_id)}
    return {"updateTable": {"table": table, "fields": "range"}}


def extend_bands(sheet_id: int, banded_range_id: int, area: Area) -> Request:
    """Return the request that gives bands a new range, and leaves their colours alone."""
    bands = {"bandedRangeId": banded_range_id, "range": area.to_json(sheet_id)}
    return {"updateBanding": {"bandedRange": bands, "fields": "range"}}


def copy_values(from_id: int, source: Area, to_id: int, target: Area) -> Request:
    """Return the request that copies values only: no format, note or validation goes along."""
    return {
        "copyPaste": {
            "source": source.to_json(from_id),
            "destination": target.to_json(to_id),
            "pasteType": "PASTE_VALUES",
        }
    }


def copy_cells(
    from_id: int,
    source: Area,
    to_id: int,
    target: Area,
    kind: Literal["PASTE_NORMAL", "PASTE_FORMULA"] = "PASTE_NORMAL",
) -> Request:
    """Return the request that copies cells with all that is in them, or formulas only.

    References to cells of the same row are references to the new row afterwards.
    """
    request = copy_values(from_id, source, to_id, target)
    return {"copyPaste": {**request["copyPaste"], "pasteType": kind}}


def write_cells(
    sheet_id: int, row: int, column: int, rows: Sequence[Sequence[Mapping[str, Any]]], fields: str
) -> Request:
    """Return the request that writes these fields of cells (`CellData`); what is absent is cleared.

    Args:
        sheet_id: The tab.
        row: The first row.
        column: The first column.
        rows: The cells, row by row.
        fields: The field mask.
    """
    start = {"sheetId": sheet_id, "rowIndex": row, "columnIndex": column}
    data = [{"values": list(cells)} for cells in rows]
    return {"updateCells": {"start": start, "rows": data, "fields": fields}}


def clear_values(sheet_id: int, area: Area) -> Request:
    """Return the request that blanks the cells of an area, keeping formats and notes."""
    return {"updateCells": {"range": area.to_json(sheet_id), "fields": "userEnteredValue"}}


def clear_notes(sheet_id: int, area: Area) -> Request:
    """Return the request that takes the notes of an area away."""
    return {"updateCells": {"range": area.to_json(sheet_id), "fields": "note"}}


def freeze_header(sheet_id: int) -> Request:
    """Return the request that freezes the first row."""
    properties = {"sheetId": sheet_id, "gridProperties": {"frozenRowCount": 1}}
    fields = "gridProperties.frozenRowCount"
    return {"updateSheetProperties": {"properties": properties, "fields": fields}}
