"""What batchUpdate does to a spreadsheet, request by request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.sheets_emulator import DEFAULT_ACCOUNT, Formula, SheetsEmulator
from tests.sheets_emulator.plain_client import Api, api_for

if TYPE_CHECKING:
    from tests.sheets_emulator.errors import Json

REFERENCES: list[list[Any]] = [
    ["=Data!A3", "=SUM(Data!A2:A4)", "=SUM(Data!A:A)", "=Data!$B$2", "='Data'!3:4"]
]


@pytest.fixture
def api(emulator: SheetsEmulator) -> Api:
    rows: list[list[Any]] = [["n", "text"], [1, "one"], [2, "two"], [3, "three"], [4, "four"]]
    return api_for(emulator, emulator.create_spreadsheet(tabs={"Data": rows, "Refs": REFERENCES}))


def done(api: Api, *requests: Json) -> list[Json]:
    """The replies to a batch that must succeed."""
    answer = api.batch(*requests)
    assert answer.status == 200, answer.body
    replies: list[Json] = answer.body["replies"]
    return replies


def refused(api: Api, *requests: Json) -> str:
    """Why the last request of a batch is refused."""
    answer = api.batch(*requests)
    assert answer.status == 400, answer.body
    return answer.message.removeprefix(
        f"Invalid requests[{len(requests) - 1}].{next(iter(requests[-1]))}: "
    )


def area(top: int, left: int, bottom: int, right: int, sheet_id: int = 0) -> Json:
    return {
        "sheetId": sheet_id,
        "startRowIndex": top,
        "endRowIndex": bottom,
        "startColumnIndex": left,
        "endColumnIndex": right,
    }


def shown(top: int, left: int, bottom: int, right: int) -> Json:
    """An area of sheet 0 as Google writes it."""
    return {key: value for key, value in area(top, left, bottom, right).items() if key != "sheetId"}


def lines(dimension: str, start: int, end: int, sheet_id: int = 0) -> Json:
    return {"sheetId": sheet_id, "dimension": dimension, "startIndex": start, "endIndex": end}


def grid(api: Api, title: str = "Data") -> Json:
    properties: Json = api.sheet(title)["properties"]["gridProperties"]
    return properties


def cell(value: Any, **fields: Any) -> Json:
    kind = {str: "stringValue", bool: "boolValue"}.get(type(value), "numberValue")
    return {"userEnteredValue": {kind: value}, **fields}


# --- tabs -------------------------------------------------------------------------------------


def test_tabs_are_added_moved_renamed_and_deleted(api: Api) -> None:
    done(
        api,
        {"addSheet": {"properties": {"title": "First", "index": 0, "sheetId": 5}}},
        {
            "updateSheetProperties": {
                "properties": {"sheetId": 0, "title": "New title"},
                "fields": "title",
            }
        },
        {"updateSheetProperties": {"properties": {"sheetId": 5, "index": 3}, "fields": "index"}},
    )
    titles = [sheet["properties"]["title"] for sheet in api.get().body["sheets"]]
    assert titles == ["New title", "Refs", "First"]
    assert api.values("Refs")[0][0] == "='New title'!A3"
    done(api, {"deleteSheet": {"sheetId": 0}})
    assert api.values("Refs") == [["=#REF!", "=SUM(#REF!)", "=SUM(#REF!)", "=#REF!", "=#REF!"]]
    assert api.values("Refs", "UNFORMATTED_VALUE")[0][0] == "#REF!"


def test_titles_and_ids_are_unique(api: Api) -> None:
    taken = 'A sheet with the name "DATA" already exists. Please enter another name.'
    assert refused(api, {"addSheet": {"properties": {"title": "DATA"}}}) == taken
    rename = {"properties": {"sheetId": 1001, "title": "DATA"}, "fields": "title"}
    assert refused(api, {"updateSheetProperties": rename}) == taken
    long = {"addSheet": {"properties": {"title": "x" * 101}}}
    assert refused(api, long) == "The sheet name cannot be greater than 100 characters."
    same_id = {"addSheet": {"properties": {"sheetId": 0}}}
    assert refused(api, same_id) == "Sheet with id 0 already exists."
    upper = {"properties": {"title": "dATA"}, "fields": "title"}
    assert done(api, {"updateSheetProperties": upper}) == [{}]


def test_the_last_visible_tab_stays(api: Api) -> None:
    hide = {"properties": {"sheetId": 1001, "hidden": True}, "fields": "hidden"}
    done(api, {"updateSheetProperties": hide})
    assert api.sheet("Refs")["properties"]["hidden"] is True
    message = "You can't remove all the visible sheets in a document."
    assert refused(api, {"deleteSheet": {"sheetId": 0}}) == message
    hide_last = {"properties": {"sheetId": 0, "hidden": True}, "fields": "hidden"}
    assert "hide all the sheets" in refused(api, {"updateSheetProperties": hide_last})


def test_a_duplicate_is_its_own_tab(api: Api) -> None:
    done(api, {"setBasicFilter": {"filter": {"range": area(0, 0, 5, 2)}}})
    duplicate = {"sourceSheetId": 0, "newSheetId": 9, "insertSheetIndex": 1}
    (reply,) = done(api, {"duplicateSheet": duplicate})
    assert reply["duplicateSheet"]["properties"]["title"] == "Copy of Data"
    done(api, {"updateCells": {"range": area(0, 0, 5, 2, 9), "fields": "userEnteredValue"}})
    assert api.values("Copy of Data") == []
    assert len(api.values("Data")) == 5
    assert api.sheet("Copy of Data")["basicFilter"]["range"]["sheetId"] == 9


def test_a_tab_is_copied_to_another_spreadsheet(emulator: SheetsEmulator, api: Api) -> None:
    other = api_for(emulator, emulator.create_spreadsheet())
    answer = api.post("/sheets/0:copyTo", {"destinationSpreadsheetId": other.id}).body
    assert (answer["title"], answer["index"]) == ("Copy of Data", 1)
    assert other.values("Copy of Data") == api.values("Data")


def test_the_grid_has_its_limits(api: Api) -> None:
    def resize(**counts: int) -> Json:
        fields = ",".join(f"gridProperties.{name}" for name in counts)
        properties = {"sheetId": 0, "gridProperties": counts}
        return {"updateSheetProperties": {"properties": properties, "fields": fields}}

    done(api, resize(rowCount=3, columnCount=1))
    assert api.values("Data") == [["n"], [1], [2]]
    assert api.values("Refs")[0][1] == "=SUM(Data!A2:A3)"
    all_frozen = "You can't freeze all visible rows on the sheet."
    assert refused(api, resize(frozenRowCount=3)) == all_frozen
    done(api, resize(frozenRowCount=2))
    still_frozen = "Sorry, it is not possible to delete all non-frozen rows."
    assert refused(api, resize(rowCount=2, frozenRowCount=0)) == still_frozen
    delete = {"deleteDimension": {"range": lines("ROWS", 2, 3)}}
    assert refused(api, delete) == still_frozen
    assert "18278 columns" in refused(api, resize(columnCount=18_279))
    assert refused(api, resize(rowCount=10_000_000)) == (
        "This action would increase the number of cells in the workbook above the limit of "
        "10000000 cells."
    )
    everything = {"deleteDimension": {"range": lines("COLUMNS", 0, 1)}}
    assert refused(api, everything) == "You can't delete all the columns on the sheet."
    small = {"rowCount": 1, "columnCount": 1}
    many = [{"addSheet": {"properties": {"gridProperties": small}}} for _ in range(199)]
    assert "limit of 200 sheets" in refused(api, *many)


def test_more_than_a_hundred_thousand_requests_are_refused(api: Api) -> None:
    assert "The limit is 100000" in api.batch(*[{"addSheet": {}}] * 100_001).message


# --- cells ------------------------------------------------------------------------------------


def test_a_range_is_written_and_cleared_by_one_request(api: Api) -> None:
    done(
        api,
        {
            "updateCells": {
                "range": area(1, 0, 5, 2),
                "rows": [{"values": [cell(9)]}, {}, {"values": [cell(8), cell("x")]}],
                "fields": "userEnteredValue",
            }
        },
    )
    assert api.values("Data") == [["n", "text"], [9], [], [8, "x"]]
    rows = [{"values": [cell(1)]}] * 3
    too_many = {"range": area(0, 0, 2, 1), "rows": rows, "fields": "*"}
    message = "Attempting to write row: 2, beyond the last requested row of: 1"
    assert refused(api, {"updateCells": too_many}) == message
    outside = {"start": {"rowIndex": 999}, "rows": rows, "fields": "*"}
    assert refused(api, {"updateCells": outside}) == (
        "Range (Data!A1000:A1002) exceeds grid limits. Max rows: 1000, max columns: 26"
    )
    assert "At least one field" in refused(api, {"updateCells": {"range": area(0, 0, 1, 1)}})


def test_a_mask_leaves_the_rest_of_a_cell_alone(api: Api) -> None:
    bold = {"userEnteredFormat": {"textFormat": {"bold": True}}, "note": "why"}
    everything = {"start": {}, "rows": [{"values": [cell("a", **bold)]}], "fields": "*"}
    value = {"start": {}, "rows": [{"values": [cell("b")]}], "fields": "userEnteredValue"}
    done(api, {"updateCells": everything}, {"updateCells": value})

    def first() -> Json:
        fields = "fields=sheets.data.rowData.values(userEnteredValue,userEnteredFormat,note)"
        body = api.get(f"?ranges=Data!A1&{fields}").body
        data: Json = body["sheets"][0]["data"][0]["rowData"][0]["values"][0]
        return data

    assert first() == cell("b", **bold)
    italic = {
        "range": area(0, 0, 1, 1),
        "cell": {"userEnteredFormat": {"textFormat": {"italic": True}}},
        "fields": "userEnteredFormat.textFormat.italic",
    }
    done(api, {"repeatCell": italic})
    assert first()["userEnteredFormat"]["textFormat"] == {"bold": True, "italic": True}
    clear = {"start": {}, "rows": [{"values": [{}]}], "fields": "userEnteredFormat,note"}
    done(api, {"updateCells": clear})
    assert first() == cell("b")


def test_a_colour_is_kept_in_both_its_forms(api: Api) -> None:
    style = {"userEnteredFormat": {"backgroundColor": {"green": 1, "red": 0}}}
    fields = "userEnteredFormat(backgroundColor)"
    done(api, {"repeatCell": {"range": area(0, 0, 1, 1), "cell": style, "fields": fields}})
    path = "?ranges=Data!A1&fields=sheets.data.rowData.values.userEnteredFormat"
    (data,) = api.get(path).body["sheets"][0]["data"][0]["rowData"][0]["values"]
    green = {"green": 1}
    both = {"backgroundColor": green, "backgroundColorStyle": {"rgbColor": green}}
    assert data["userEnteredFormat"] == both


def test_cells_are_appended_below_the_last_value(api: Api) -> None:
    append = {"sheetId": 0, "rows": [{"values": [cell(5)]}], "fields": "userEnteredValue"}
    done(api, {"appendCells": append}, {"appendCells": append})
    assert api.values("Data")[5:] == [[5], [5]]


def test_metadata_ids_are_never_taken_twice(api: Api) -> None:
    def create(metadata_id: int | None = None, value: str = "v") -> Json:
        item: Json = {
            "metadataKey": "key",
            "metadataValue": value,
            "visibility": "DOCUMENT",
            "location": {"spreadsheet": True},
        }
        if metadata_id is not None:
            item["metadataId"] = metadata_id
        return {"createDeveloperMetadata": {"developerMetadata": item}}

    done(api, create(7))
    assert refused(api, create(7)) == (
        "Cannot add developer metadata with ID [7] because developer metadata with that ID "
        "already exists."
    )
    (reply,) = done(api, create())
    other = reply["createDeveloperMetadata"]["developerMetadata"]
    lookup = {"developerMetadataLookup": {"metadataKey": "key"}}
    found = api.post("/developerMetadata:search", {"dataFilters": [lookup]}).body
    ids = [item["developerMetadata"]["metadataId"] for item in found["matchedDeveloperMetadata"]]
    assert ids == [7, other["metadataId"]]
    assert api.get("/developerMetadata/7").body["metadataValue"] == "v"
    assert api.get("/developerMetadata/8").status == 404
    assert "30000 characters" in refused(api, create(9, "x" * 29_990))
    by_id = {"developerMetadataLookup": {"metadataId": 7}}
    change = {"dataFilters": [by_id], "developerMetadata": {"metadataValue": "w"}}
    done(api, {"updateDeveloperMetadata": {**change, "fields": "metadataValue"}})
    (gone,) = done(api, {"deleteDeveloperMetadata": {"dataFilter": by_id}})
    deleted = gone["deleteDeveloperMetadata"]["deletedDeveloperMetadata"]
    assert [item["metadataValue"] for item in deleted] == ["w"]
    assert done(api, {"deleteDeveloperMetadata": {"dataFilter": by_id}}) == [
        {"deleteDeveloperMetadata": {}}
    ]
    done(api, create(7))


def test_metadata_goes_with_its_row_and_its_sheet(api: Api) -> None:
    def on(location: Json, metadata_id: int) -> Json:
        item = {"metadataId": metadata_id, "metadataKey": "k", "visibility": "DOCUMENT"}
        return {"createDeveloperMetadata": {"developerMetadata": {**item, "location": location}}}

    row = {"dimensionRange": lines("ROWS", 3, 4)}
    done(api, on(row, 1), on({"sheetId": 1001}, 2), on({"spreadsheet": True}, 3))
    done(api, {"insertDimension": {"range": lines("ROWS", 1, 2)}})
    moved = api.get("/developerMetadata/1").body["location"]
    assert moved == {
        "locationType": "ROW",
        "dimensionRange": {"dimension": "ROWS", "startIndex": 4, "endIndex": 5},
    }
    by_row = {"gridRange": {"sheetId": 0, "startRowIndex": 4, "endRowIndex": 5}}
    lookup = {"developerMetadataLookup": {"metadataId": 1}}
    for data_filter in (by_row, lookup):
        found = api.post("/developerMetadata:search", {"dataFilters": [data_filter]}).body
        assert len(found["matchedDeveloperMetadata"]) == 1
    read = api.post("/values:batchGetByDataFilter", {"dataFilters": [lookup]}).body
    assert read["valueRanges"][0]["valueRange"]["values"] == [["3", "three"]]
    done(api, {"deleteDimension": {"range": lines("ROWS", 4, 5)}})
    assert api.get("/developerMetadata/1").status == 404
    done(api, {"deleteSheet": {"sheetId": 1001}})
    assert api.get("/developerMetadata/2").status == 404
    assert api.get("/developerMetadata/3").status == 200


# --- rows and columns that move ---------------------------------------------------------------


def test_references_follow_inserted_rows(api: Api) -> None:
    done(api, {"insertDimension": {"range": lines("ROWS", 2, 4), "inheritFromBefore": True}})
    assert api.values("Refs") == [
        ["=Data!A5", "=SUM(Data!A2:A6)", "=SUM(Data!A:A)", "=Data!$B$2", "=Data!5:6"]
    ]
    assert api.values("Data")[1:5] == [[1, "one"], [], [], [2, "two"]]
    assert grid(api)["rowCount"] == 1002


def test_references_shrink_and_die_with_deleted_rows(api: Api) -> None:
    done(api, {"deleteDimension": {"range": lines("ROWS", 1, 3)}})
    assert api.values("Refs") == [
        ["=#REF!", "=SUM(Data!A2:A2)", "=SUM(Data!A:A)", "=#REF!", "=Data!2:2"]
    ]
    assert grid(api)["rowCount"] == 998


def test_references_follow_columns(api: Api) -> None:
    done(api, {"insertDimension": {"range": lines("COLUMNS", 0, 1)}})
    assert api.values("Refs") == [
        ["=Data!B3", "=SUM(Data!B2:B4)", "=SUM(Data!B:B)", "=Data!$C$2", "=Data!3:4"]
    ]


def test_inserting_at_the_end_needs_inherit_from_before(api: Api) -> None:
    at_end = {"range": lines("ROWS", 1000, 1005)}
    assert refused(api, {"insertDimension": at_end}) == (
        "range.startIndex must be less than the grid size (1000) if inheritFromBefore is false."
    )
    beyond = {"range": lines("ROWS", 1001, 1005), "inheritFromBefore": True}
    assert "larger than current grid size (1000)" in refused(api, {"insertDimension": beyond})
    done(api, {"insertDimension": {**at_end, "inheritFromBefore": True}})
    assert grid(api)["rowCount"] == 1005
    done(api, {"appendDimension": {"sheetId": 0, "dimension": "COLUMNS", "length": 2}})
    assert grid(api)["columnCount"] == 28


def test_new_rows_inherit_the_format_but_not_the_value(api: Api) -> None:
    bold = {"userEnteredFormat": {"textFormat": {"bold": True}}, "note": "no"}
    style = {"range": area(1, 0, 2, 1), "cell": bold, "fields": "userEnteredFormat,note"}
    insert = {"range": lines("ROWS", 2, 3), "inheritFromBefore": True}
    done(api, {"repeatCell": style}, {"insertDimension": insert})
    body = api.get("?ranges=Data!A3&fields=sheets.data.rowData.values(userEnteredFormat,note)").body
    (data,) = body["sheets"][0]["data"][0]["rowData"][0]["values"]
    assert data == {"userEnteredFormat": {"textFormat": {"bold": True}}}


def test_every_object_moves_with_its_cells(api: Api) -> None:
    chart = {
        "chartId": 4,
        "spec": {
            "basicChart": {
                "chartType": "LINE",
                "series": [{"series": {"sourceRange": {"sources": [area(0, 0, 5, 1)]}}}],
            }
        },
        "position": {"overlayPosition": {"anchorCell": {"rowIndex": 6, "columnIndex": 3}}},
    }
    rule = {
        "ranges": [area(1, 0, 5, 1)],
        "booleanRule": {"condition": {"type": "NOT_BLANK"}, "format": {}},
    }
    bands = {"firstBandColor": {"red": 1}, "secondBandColor": {"blue": 1}}
    view = {"range": area(0, 0, 5, 2), "filterViewId": 8, "title": "View"}
    done(
        api,
        {"addChart": {"chart": chart}},
        {"addNamedRange": {"namedRange": {"name": "Numbers", "range": area(1, 0, 5, 1)}}},
        {"addProtectedRange": {"protectedRange": {"range": area(3, 0, 5, 2)}}},
        {"addConditionalFormatRule": {"rule": rule, "index": 0}},
        {"addBanding": {"bandedRange": {"range": area(0, 0, 5, 2), "rowProperties": bands}}},
        {"addFilterView": {"filter": view}},
        {"mergeCells": {"range": area(6, 0, 8, 2), "mergeType": "MERGE_ALL"}},
        {"setBasicFilter": {"filter": {"range": area(0, 0, 5, 2)}}},
        {"insertDimension": {"range": lines("ROWS", 2, 4)}},
        {"deleteDimension": {"range": lines("ROWS", 6, 7)}},
    )
    sheet = api.sheet("Data")
    source = sheet["charts"][0]["spec"]["basicChart"]["series"][0]["series"]["sourceRange"]
    assert source["sources"] == [shown(0, 0, 6, 1)]
    overlay = sheet["charts"][0]["position"]["overlayPosition"]
    assert overlay["anchorCell"] == {"rowIndex": 7, "columnIndex": 3}
    assert api.get().body["namedRanges"][0]["range"] == shown(1, 0, 6, 1)
    assert sheet["protectedRanges"][0]["range"] == shown(5, 0, 6, 2)
    assert sheet["conditionalFormats"][0]["ranges"] == [shown(1, 0, 6, 1)]
    assert sheet["bandedRanges"][0]["range"] == shown(0, 0, 6, 2)
    assert sheet["filterViews"][0]["range"] == shown(0, 0, 6, 2)
    assert sheet["merges"] == [shown(7, 0, 9, 2)]
    assert sheet["basicFilter"]["range"] == shown(0, 0, 6, 2)
    done(api, {"deleteDimension": {"range": lines("ROWS", 7, 9)}})
    assert "merges" not in api.sheet("Data")


def test_a_range_is_deleted_and_inserted_within_its_columns(api: Api) -> None:
    done(api, {"deleteRange": {"range": area(1, 0, 2, 1), "shiftDimension": "ROWS"}})
    assert api.values("Data") == [["n", "text"], [2, "one"], [3, "two"], [4, "three"], ["", "four"]]
    assert api.values("Refs")[0][:2] == ["=Data!A2", "=SUM(Data!A2:A3)"]
    done(api, {"insertRange": {"range": area(0, 0, 1, 1), "shiftDimension": "COLUMNS"}})
    assert api.values("Data")[0] == ["", "n", "text"]


def test_rows_are_moved_and_references_with_them(api: Api) -> None:
    done(api, {"moveDimension": {"source": lines("ROWS", 1, 3), "destinationIndex": 5}})
    assert [row[0] for row in api.values("Data")] == ["n", 3, 4, 1, 2]
    assert api.values("Refs")[0][0] == "=Data!A5"


# --- copying ----------------------------------------------------------------------------------


def paste(source: Json, destination: Json, kind: str = "PASTE_NORMAL") -> Json:
    return {"copyPaste": {"source": source, "destination": destination, "pasteType": kind}}


@pytest.mark.parametrize(("start", "target"), [(1, 2), (2, 1)])
def test_a_copy_onto_itself_is_safe(api: Api, start: int, target: int) -> None:
    before = api.values("Data")
    copy = paste(area(start, 0, start + 3, 2), area(target, 0, target + 3, 2), "PASTE_VALUES")
    done(api, copy)
    expected = list(before)
    expected[target : target + 3] = before[start : start + 3]
    assert api.values("Data") == expected


def test_formulas_are_translated_or_computed(api: Api) -> None:
    formula = {"userEnteredValue": {"formulaValue": "=A2+A$2+$A2"}}
    write = {"start": {"rowIndex": 1, "columnIndex": 2}, "rows": [{"values": [formula]}]}
    done(
        api,
        {"updateCells": {**write, "fields": "*"}},
        paste(area(1, 2, 2, 3), area(2, 3, 3, 4)),
        paste(area(1, 2, 2, 3), area(3, 3, 4, 4), "PASTE_VALUES"),
        paste(area(1, 2, 2, 3), area(0, 3, 1, 4), "PASTE_FORMULA"),
        paste(area(1, 2, 2, 3), area(0, 2, 1, 3), "PASTE_FORMAT"),
    )
    assert [row[2:] for row in api.values("Data")] == [
        ["", "=B1+B$2+$A1"],
        ["=A2+A$2+$A2"],
        ["", "=B3+B$2+$A3"],
        ["", 3],
        [],
    ]


def test_a_small_source_fills_a_destination_that_is_a_multiple(api: Api) -> None:
    done(api, paste(area(1, 0, 2, 2), area(5, 2, 7, 6)), paste(area(1, 0, 3, 2), area(8, 0, 9, 1)))
    rows = api.values("Data")
    assert rows[5:7] == [["", "", 1, "one", 1, "one"]] * 2
    assert rows[8:10] == [[1, "one"], [2, "two"]]
    transpose = {"source": area(0, 0, 5, 1), "destination": area(11, 0, 12, 5)}
    done(api, {"copyPaste": {**transpose, "pasteOrientation": "TRANSPOSE"}})
    assert api.values("Data")[11] == ["n", 1, 2, 3, 4]


def test_rows_that_a_filter_hides_are_not_copied(api: Api) -> None:
    criteria = {"1": {"hiddenValues": ["two"]}}
    basic_filter = {"range": area(0, 0, 5, 2), "criteria": criteria}
    done(
        api,
        {"setBasicFilter": {"filter": basic_filter}},
        paste(area(1, 0, 5, 2), area(10, 0, 14, 2), "PASTE_VALUES"),
    )
    assert api.values("Data")[10:] == [[1, "one"], [3, "three"], [4, "four"]]
    assert api.sheet("Data")["basicFilter"]["filterSpecs"] == [
        {"columnIndex": 1, "filterCriteria": {"hiddenValues": ["two"]}}
    ]
    path = "?ranges=Data!A1:A5&fields=sheets.data.rowMetadata.hiddenByFilter"
    metadata = api.get(path).body["sheets"][0]["data"][0]["rowMetadata"]
    assert metadata == [{}, {}, {"hiddenByFilter": True}, {}, {}]
    done(api, {"insertDimension": {"range": lines("COLUMNS", 0, 1)}})
    assert list(api.sheet("Data")["basicFilter"]["criteria"]) == ["2"]
    done(api, {"clearBasicFilter": {"sheetId": 0}}, paste(area(1, 1, 5, 3), area(10, 1, 14, 3)))
    assert len(api.values("Data")[10:]) == 4


def test_filters_know_conditions(api: Api) -> None:
    condition = {"type": "NUMBER_GREATER", "values": [{"userEnteredValue": "2"}]}
    spec = {"columnIndex": 0, "filterCriteria": {"condition": condition}}
    basic_filter = {"range": area(0, 0, 5, 2), "filterSpecs": [spec]}
    done(api, {"setBasicFilter": {"filter": basic_filter}})
    done(api, paste(area(1, 0, 5, 2), area(10, 0, 14, 2)))
    # What is seen of the source is repeated until the destination is full.
    assert api.values("Data")[10:] == [[3, "three"], [4, "four"]] * 2
    unknown = {"columnIndex": 0, "filterCriteria": {"condition": {"type": "DATE_IS_VALID"}}}
    wanted = {"filter": {"range": area(0, 0, 5, 2), "filterSpecs": [unknown]}}
    assert api.batch({"setBasicFilter": wanted}).status == 501


def test_a_paste_may_not_cut_a_merge(api: Api) -> None:
    done(api, {"mergeCells": {"range": area(1, 0, 3, 2), "mergeType": "MERGE_ALL"}})
    assert api.values("Data")[:4] == [["n", "text"], [1], [], [3, "three"]]
    message = "You can't perform a paste that partially intersects a merge."
    assert refused(api, paste(area(3, 0, 5, 2), area(2, 0, 4, 2))) == message
    done(api, paste(area(3, 0, 5, 2), area(1, 0, 3, 2)))
    cut = {"unmergeCells": {"range": area(1, 0, 2, 2)}}
    assert "select all cells in a merged range" in refused(
        api,
        {"mergeCells": {"range": area(6, 0, 8, 2)}},
        {"mergeCells": {"range": area(7, 0, 9, 2)}},
    )
    assert api.batch(cut).status == 200
    done(api, {"mergeCells": {"range": area(6, 0, 8, 2), "mergeType": "MERGE_ROWS"}})
    assert api.sheet("Data")["merges"] == [shown(6, 0, 7, 2), shown(7, 0, 8, 2)]


def test_a_cut_takes_references_along(api: Api) -> None:
    target = {"rowIndex": 2, "columnIndex": 5}
    done(api, {"cutPaste": {"source": area(2, 0, 3, 2), "destination": target}})
    assert api.values("Data")[2] == ["", "", "", "", "", 2, "two"]
    assert api.values("Refs")[0][0] == "=Data!F3"


def test_rows_are_sorted(api: Api) -> None:
    mixed = [["b"], [10], [""], [True], ["a"], [9]]
    api.put("/values/Data!D1?valueInputOption=RAW", {"values": mixed})
    sort = {"range": area(0, 3, 6, 4), "sortSpecs": [{"dimensionIndex": 3}]}
    done(api, {"sortRange": sort})
    assert api.values("Data!D1:D6") == [[9], [10], ["a"], ["b"], [True]]
    sort["sortSpecs"] = [{"dimensionIndex": 3, "sortOrder": "DESCENDING"}]
    done(api, {"sortRange": sort})
    assert api.values("Data!D1:D6") == [[True], ["b"], ["a"], [10], [9]]
    vertical = {"mergeCells": {"range": area(2, 3, 4, 4), "mergeType": "MERGE_ALL"}}
    assert "vertical merge at Data!D3:D4" in refused(api, vertical, {"sortRange": sort})


def test_find_and_replace(api: Api) -> None:
    replace = {"find": "t", "replacement": "T", "sheetId": 0, "matchCase": True}
    (reply,) = done(api, {"findReplace": replace})
    assert reply["findReplace"] == {
        "occurrencesChanged": 4,
        "valuesChanged": 3,
        "rowsChanged": 3,
        "sheetsChanged": 1,
    }
    regex = {"find": "^(.)n", "replacement": "$1N", "searchByRegex": True, "allSheets": True}
    done(api, {"findReplace": regex})
    assert api.values("Data!B2") == [["oNe"]]
    formulas = {"find": "SUM", "replacement": "MAX", "includeFormulas": True, "allSheets": True}
    done(api, {"findReplace": formulas})
    assert api.values("Refs")[0][1] == "=MAX(Data!A2:A4)"


# --- objects ----------------------------------------------------------------------------------


def test_protected_cells_are_for_their_editors(emulator: SheetsEmulator, api: Api) -> None:
    protected = {
        "protectedRangeId": 3,
        "range": area(1, 0, 5, 2),
        "unprotectedRanges": [area(2, 0, 3, 2)],
    }
    emulator.edit(api.id, [{"addProtectedRange": {"protectedRange": protected}}])
    message = (
        "You are trying to edit a protected cell or object. Please contact the spreadsheet owner "
        "to remove protection if you need to edit."
    )

    def write(row: int) -> Json:
        rows = [{"values": [cell("x")]}]
        return {"updateCells": {"start": {"rowIndex": row}, "rows": rows, "fields": "*"}}

    for request in (
        write(1),
        paste(area(7, 0, 8, 2), area(4, 0, 5, 2)),
        {"deleteDimension": {"range": lines("ROWS", 1, 2)}},
        {"insertDimension": {"range": lines("ROWS", 2, 3)}},
        {"deleteProtectedRange": {"protectedRangeId": 3}},
        {"deleteSheet": {"sheetId": 0}},
    ):
        assert refused(api, request) == message
    done(api, write(2), write(0), {"insertDimension": {"range": lines("ROWS", 5, 6)}})
    assert api.put("/values/Data!A2?valueInputOption=RAW", {"values": [["x"]]}).status == 400
    seen = api.sheet("Data")["protectedRanges"][0]
    assert "requestingUserCanEdit" not in seen
    assert "editors" not in seen

    editors = {"protectedRangeId": 3, "editors": {"users": [DEFAULT_ACCOUNT]}}
    allow = {"updateProtectedRange": {"protectedRange": editors, "fields": "editors"}}
    emulator.edit(api.id, [allow])
    done(api, write(1))
    assert api.sheet("Data")["protectedRanges"][0]["requestingUserCanEdit"] is True
    done(api, {"deleteProtectedRange": {"protectedRangeId": 3}})


def test_who_protects_a_range_may_edit_it(api: Api) -> None:
    wanted: Json = {
        "range": area(0, 0, 2, 2),
        "description": None,
        "warningOnly": False,
        "requestingUserCanEdit": False,
        "editors": {"users": [], "groups": []},
    }
    (reply,) = done(api, {"addProtectedRange": {"protectedRange": wanted}})
    protected = reply["addProtectedRange"]["protectedRange"]
    number = protected.pop("protectedRangeId")
    assert protected == {
        "range": shown(0, 0, 2, 2),
        "requestingUserCanEdit": True,
        "editors": {},
    }
    assert api.sheet("Data")["protectedRanges"] == [
        {**protected, "protectedRangeId": number, "editors": {"users": [DEFAULT_ACCOUNT]}}
    ]


def test_named_ranges(api: Api) -> None:
    named = {"name": "Numbers", "range": area(1, 0, 5, 1)}
    (reply,) = done(api, {"addNamedRange": {"namedRange": named}})
    made = reply["addNamedRange"]["namedRange"]
    assert made["range"] == shown(1, 0, 5, 1)
    assert api.values("Numbers") == [[1], [2], [3], [4]]
    api.put("/values/Refs!A1?valueInputOption=USER_ENTERED", {"values": [["=SUM(numbers)"]]})
    assert api.values("Refs!A1", "UNFORMATTED_VALUE") == [[10]]
    assert "already exists" in refused(api, {"addNamedRange": {"namedRange": named}})
    rename = {"namedRangeId": made["namedRangeId"], "name": "Figures"}
    done(api, {"updateNamedRange": {"namedRange": rename, "fields": "name"}})
    assert len(api.values("Figures")) == 4
    done(api, {"deleteNamedRange": {"namedRangeId": made["namedRangeId"]}})
    assert "namedRanges" not in api.get().body
    whole = {"addNamedRange": {"namedRange": {"name": "Whole", "range": {"sheetId": 1001}}}}
    done(api, whole, {"addNamedRange": {"namedRange": named}}, {"deleteSheet": {"sheetId": 1001}})
    assert [item["name"] for item in api.get().body["namedRanges"]] == ["Numbers"]


def test_a_range_is_banded_once(api: Api) -> None:
    band = {"bandedRangeId": 6, "range": area(0, 0, 5, 2), "rowProperties": {}}
    done(api, {"addBanding": {"bandedRange": band}})
    again = {"addBanding": {"bandedRange": {**band, "bandedRangeId": 7}}}
    assert refused(api, {"addSheet": {}}, again) == (
        "You cannot add alternating background colors to a range that already has alternating "
        "background colors."
    )
    assert len(api.get().body["sheets"]) == 2
    longer = {"bandedRangeId": 6, "range": area(0, 0, 9, 2)}
    done(api, {"updateBanding": {"bandedRange": longer, "fields": "range"}})
    assert api.sheet("Data")["bandedRanges"][0]["range"] == shown(0, 0, 9, 2)
    done(api, {"deleteBanding": {"bandedRangeId": 6}}, again)


def test_conditional_formats_keep_their_order(api: Api) -> None:
    def rule(text: str) -> Json:
        condition = {"type": "TEXT_EQ", "values": [{"userEnteredValue": text}]}
        return {"ranges": [area(0, 0, 1, 1)], "booleanRule": {"condition": condition}}

    def texts() -> list[str]:
        rules = api.sheet("Data")["conditionalFormats"]
        conditions = [item["booleanRule"]["condition"] for item in rules]
        return [condition["values"][0]["userEnteredValue"] for condition in conditions]

    done(
        api,
        {"addConditionalFormatRule": {"rule": rule("b"), "index": 0}},
        {"addConditionalFormatRule": {"rule": rule("a"), "index": 0}},
        {"updateConditionalFormatRule": {"sheetId": 0, "index": 0, "newIndex": 1}},
        {"updateConditionalFormatRule": {"rule": rule("c"), "index": 0}},
    )
    assert texts() == ["c", "a"]
    (reply,) = done(api, {"deleteConditionalFormatRule": {"sheetId": 0, "index": 0}})
    deleted = reply["deleteConditionalFormatRule"]["rule"]["booleanRule"]["condition"]
    assert deleted["values"] == [{"userEnteredValue": "c"}]
    gone = {"deleteConditionalFormatRule": {"sheetId": 0, "index": 1}}
    assert "No conditional format on sheet: 0 at index: 1" in refused(api, gone)


def test_charts_are_kept_moved_and_deleted(api: Api) -> None:
    position = {"overlayPosition": {"anchorCell": {"sheetId": 0, "rowIndex": 2}}}
    chart = {"chartId": 5, "spec": {"title": "Before"}, "position": position}
    (reply,) = done(api, {"addChart": {"chart": chart}})
    assert reply["addChart"]["chart"]["chartId"] == 5
    assert "already exists" in refused(api, {"addChart": {"chart": chart}})
    moved = {"overlayPosition": {"anchorCell": {"sheetId": 1001}}}
    move = {"objectId": 5, "newPosition": moved, "fields": "anchorCell"}
    done(
        api,
        {"updateChartSpec": {"chartId": 5, "spec": {"title": "After"}}},
        {"updateEmbeddedObjectPosition": move},
    )
    assert "charts" not in api.sheet("Data")
    assert api.sheet("Refs")["charts"][0]["spec"] == {"title": "After"}
    done(api, {"deleteEmbeddedObject": {"objectId": 5}})
    assert "charts" not in api.sheet("Refs")


def test_tables_name_their_columns_and_keep_their_types(api: Api) -> None:
    typed = [{"columnIndex": 0, "columnType": "DOUBLE"}]
    table = {"tableId": "t", "name": "Orders", "range": area(0, 0, 5, 2), "columnProperties": typed}
    (reply,) = done(api, {"addTable": {"table": table}})
    assert reply["addTable"]["table"]["columnProperties"] == [
        {"columnIndex": 0, "columnName": "n", "columnType": "DOUBLE"},
        {"columnIndex": 1, "columnName": "text"},
    ]
    rule = {"condition": {"type": "BOOLEAN"}}
    refusal = refused(api, {"setDataValidation": {"range": area(1, 0, 3, 1), "rule": rule}})
    assert "typed column" in refusal
    done(api, {"setDataValidation": {"range": area(1, 1, 3, 2), "rule": rule}})
    assert "merge cells in a table" in refused(api, {"mergeCells": {"range": area(1, 0, 2, 2)}})
    done(api, {"insertDimension": {"range": lines("COLUMNS", 1, 2)}})
    (moved,) = api.sheet("Data")["tables"]
    assert moved["range"] == shown(0, 0, 5, 3)
    assert [column["columnName"] for column in moved["columnProperties"]] == [
        "n",
        "Column 2",
        "text",
    ]
    longer = {"tableId": "t", "range": area(0, 0, 9, 3)}
    done(api, {"updateTable": {"table": longer, "fields": "range"}})
    done(api, {"deleteTable": {"tableId": "t"}})
    assert "tables" not in api.sheet("Data")
    assert api.values("Data") == []


def test_lines_have_sizes_and_groups(api: Api) -> None:
    wide = {"range": lines("COLUMNS", 1, 3), "properties": {"pixelSize": 250}}
    hidden = {"range": lines("ROWS", 4, 5), "properties": {"hiddenByUser": True}}
    api.put("/values/Data!A1?valueInputOption=RAW", {"values": [["x" * 100]]})
    (*_, reply) = done(
        api,
        {"updateDimensionProperties": {**wide, "fields": "pixelSize"}},
        {"updateDimensionProperties": {**hidden, "fields": "hiddenByUser"}},
        {"autoResizeDimensions": {"dimensions": lines("COLUMNS", 0, 1)}},
        {"addDimensionGroup": {"range": lines("ROWS", 0, 4)}},
    )
    group = {"range": {"dimension": "ROWS", "startIndex": 0, "endIndex": 4}, "depth": 1}
    assert reply["addDimensionGroup"]["dimensionGroups"] == [group]
    assert api.sheet("Data")["rowGroups"] == [group]
    path = "?ranges=Data!A1:D6&fields=sheets.data(columnMetadata,rowMetadata)"
    data = api.get(path).body["sheets"][0]["data"][0]
    sizes = [item["pixelSize"] for item in data["columnMetadata"]]
    assert sizes[0] > 500
    assert sizes[1:] == [250, 250, 100]
    assert data["rowMetadata"][4] == {"pixelSize": 21, "hiddenByUser": True}
    done(api, {"deleteDimensionGroup": {"range": lines("ROWS", 0, 4)}})
    assert "rowGroups" not in api.sheet("Data")


def test_borders_and_validation(api: Api) -> None:
    line = {"style": "SOLID"}
    borders = {"range": area(0, 0, 2, 2), "top": line, "innerVertical": line}
    rule = {"condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "a"}]}}
    validation = {"range": area(0, 0, 1, 1), "rule": rule}
    done(api, {"updateBorders": borders}, {"setDataValidation": validation})
    path = "?ranges=Data!A1:B2&fields=sheets.data.rowData.values(userEnteredFormat,dataValidation)"
    rows = api.get(path).body["sheets"][0]["data"][0]["rowData"]
    first = rows[0]["values"][0]
    assert first["userEnteredFormat"]["borders"] == {"top": line, "right": line}
    assert first["dataValidation"] == rule
    assert rows[1]["values"][1]["userEnteredFormat"]["borders"] == {"left": line}
    done(api, {"setDataValidation": {"range": area(0, 0, 1, 1)}})
    assert (
        "dataValidation"
        not in api.get(path).body["sheets"][0]["data"][0]["rowData"][0]["values"][0]
    )


def test_spreadsheet_properties(api: Api) -> None:
    wanted = {"properties": {"title": "T", "locale": "de"}, "fields": "title,locale"}
    done(api, {"updateSpreadsheetProperties": wanted})
    properties = api.get().body["properties"]
    assert (properties["title"], properties["locale"]) == ("T", "de")
    assert properties["timeZone"] == "Etc/GMT"


def test_an_empty_cell_is_none_and_a_formula_is_no_text(emulator: SheetsEmulator, api: Api) -> None:
    snapshot = emulator.snapshot(api.id)
    assert snapshot.values("Refs")[0][0] == Formula("=Data!A3")
    assert snapshot.titles == ["Data", "Refs"]
