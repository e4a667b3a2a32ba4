"""The requests of a `spreadsheets.batchUpdate`, as refsync sends them (Sheets API, "Requests").

There is none here that deletes cells, rows or columns: that would turn references into #REF! and
shrink charts and ranges. A row or a column is only ever added, a value only ever overwritten.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from refsync.area import Area
from refsync.spreadsheet import FIRST_GENERATION, GENERATION_KEY, STATE_KEY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from refsync.tables import Column, Format
    from refsync.values import SheetValue

Request = dict[str, Any]

NUMBER_FORMATS: Mapping[Format, Mapping[str, str]] = {
    "text": {"type": "TEXT", "pattern": "@"},
    "integer": {"type": "NUMBER", "pattern": "#,##0"},
    "decimal": {"type": "NUMBER", "pattern": "#,##0.00"},
    "percent": {"type": "PERCENT", "pattern": "0.00%"},
    "date": {"type": "DATE", "pattern": "yyyy-mm-dd"},
    "timestamp": {"type": "DATE_TIME", "pattern": "yyyy-mm-dd hh:mm:ss"},
}

PIXELS_PER_CHARACTER = 8
NARROWEST, WIDEST = 80, 320


def guard(generation: int, run: str) -> Request:
    """Return the request that makes all but the first of several commits from one state fail.

    Google refuses a metadata id that is taken, and with it the whole batch.
    """
    metadata = {"metadataId": FIRST_GENERATION + generation}
    return _create_metadata(metadata | {"metadataKey": GENERATION_KEY, "metadataValue": run})


def record(text: str) -> Request:
    """Return the request that keeps refsync's record of its tabs."""
    return _create_metadata({"metadataKey": STATE_KEY, "metadataValue": text})


def _create_metadata(metadata: Mapping[str, Any]) -> Request:
    where = {"location": {"spreadsheet": True}, "visibility": "DOCUMENT"}
    return {"createDeveloperMetadata": {"developerMetadata": {**metadata, **where}}}


def delete_metadata(metadata_id: int) -> Request:
    """Return the request that deletes one piece of metadata."""
    lookup = {"metadataId": metadata_id}
    return {"deleteDeveloperMetadata": {"dataFilter": {"developerMetadataLookup": lookup}}}


def add_sheet(  # noqa: PLR0913 - a tab's properties
    sheet_id: int,
    title: str,
    rows: int,
    columns: int,
    *,
    frozen_rows: int = 0,
    hidden: bool = False,
) -> Request:
    """Return the request that adds a tab, as the last one."""
    grid = {"rowCount": rows, "columnCount": columns}
    if frozen_rows:
        grid["frozenRowCount"] = frozen_rows
    properties = {"sheetId": sheet_id, "title": title, "gridProperties": grid}
    return {"addSheet": {"properties": properties | ({"hidden": True} if hidden else {})}}


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


def unmerge(sheet_id: int, area: Area) -> Request:
    """Return the request that undoes the merge of exactly this area."""
    return {"unmergeCells": {"range": area.to_json(sheet_id)}}


def clear_filter(sheet_id: int) -> Request:
    """Return the request that takes a tab's basic filter away."""
    return {"clearBasicFilter": {"sheetId": sheet_id}}


def set_filter(basic_filter: Mapping[str, Any], inserted: Sequence[int]) -> Request:
    """Return the request that sets a filter as it was read, columns having been inserted since.

    Its sort order is left out, because setting that would sort the rows.
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


def copy_values(from_id: int, source: Area, to_id: int, target: Area) -> Request:
    """Return the request that copies values only: no format, note or validation goes along."""
    return {
        "copyPaste": {
            "source": source.to_json(from_id),
            "destination": target.to_json(to_id),
            "pasteType": "PASTE_VALUES",
        }
    }


def clear_values(sheet_id: int, area: Area) -> Request:
    """Return the request that blanks the cells of an area, keeping formats and notes."""
    return {"updateCells": {"range": area.to_json(sheet_id), "fields": "userEnteredValue"}}


def freeze_header(sheet_id: int) -> Request:
    """Return the request that freezes the first row."""
    properties = {"sheetId": sheet_id, "gridProperties": {"frozenRowCount": 1}}
    fields = "gridProperties.frozenRowCount"
    return {"updateSheetProperties": {"properties": properties, "fields": fields}}


def number_format(sheet_id: int, place: int, column: Column) -> Request:
    """Return the request that formats a whole column below its header."""
    return {
        "repeatCell": {
            "range": Area(1, None, place, place + 1).to_json(sheet_id),
            "cell": {"userEnteredFormat": {"numberFormat": NUMBER_FORMATS[column.format]}},
            "fields": "userEnteredFormat.numberFormat",
        }
    }


def new_column(
    sheet_id: int, place: int, column: Column, sample: Sequence[SheetValue]
) -> list[Request]:
    """Return the requests that make a column presentable, once: it is its reader's afterwards.

    The header is bold and carries the column's description as a note; the width fits `sample`.
    """
    header: dict[str, Any] = {"userEnteredFormat": {"textFormat": {"bold": True}}}
    fields = "userEnteredFormat.textFormat.bold"
    if column.description:
        header["note"] = column.description
        fields += ",note"
    longest = max((len(value) for value in sample if isinstance(value, str)), default=0)
    pattern = NUMBER_FORMATS[column.format]["pattern"]
    characters = max(len(column.header) + 1, len(pattern), longest)
    width = min(max(characters * PIXELS_PER_CHARACTER + 16, NARROWEST), WIDEST)
    span = {"sheetId": sheet_id, "dimension": "COLUMNS", "startIndex": place, "endIndex": place + 1}
    return [
        {
            "repeatCell": {
                "range": Area(0, 1, place, place + 1).to_json(sheet_id),
                "cell": header,
                "fields": fields,
            }
        },
        number_format(sheet_id, place, column),
        {
            "updateDimensionProperties": {
                "range": span,
                "properties": {"pixelSize": width},
                "fields": "pixelSize",
            }
        },
    ]
