"""Values in and out of the emulator: ranges, rendering, typing, appending, formulas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.sheets_emulator import Formula, SheetsEmulator
from tests.sheets_emulator.a1 import quoted
from tests.sheets_emulator.formats import formatted
from tests.sheets_emulator.plain_client import Api, api_for

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def api() -> Iterator[Api]:
    with SheetsEmulator() as emulator:
        yield api_for(emulator, emulator.create_spreadsheet(tabs={"Data": [], "It's": [["x"]]}))


def typed(api: Api, *values: Any) -> list[Any]:
    """Types values into the first row and reads them back unformatted."""
    api.post("/values/Data:clear", {})
    answer = api.put("/values/Data!A1?valueInputOption=USER_ENTERED", {"values": [list(values)]})
    assert answer.status == 200, answer.body
    return (api.values("Data!1:1", "UNFORMATTED_VALUE") or [[]])[0]


def test_trailing_blanks_are_trimmed_and_inner_ones_kept(api: Api) -> None:
    rows = [["a", "", "c", ""], ["", "", ""], ["", "d"], ["", ""]]
    written = api.put("/values/Data!A1:D4?valueInputOption=RAW", {"values": rows})
    assert written.body == {
        "spreadsheetId": api.id,
        "updatedRange": "Data!A1:D4",
        "updatedRows": 4,
        "updatedColumns": 4,
        "updatedCells": 11,
    }
    assert api.get("/values/Data!A1:D4").body == {
        "range": "Data!A1:D4",
        "majorDimension": "ROWS",
        "values": [["a", "", "c"], [], ["", "d"]],
    }
    columns = api.get("/values/Data!A1:D4?majorDimension=COLUMNS").body["values"]
    assert columns == [["a"], ["", "", "d"], ["c"]]
    assert api.get("/values/Data!F1:G9").body == {"range": "Data!F1:G9", "majorDimension": "ROWS"}


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("Data", "Data!A1:Z1000"),
        ("data!a1:B2", "Data!A1:B2"),
        ("Data!$B$3", "Data!B3"),
        ("A1:1", "Data!A1:Z1"),
        ("B2:A1", "Data!A1:B2"),
        ("Data!B:C", "Data!B1:C1000"),
        ("Data!5:6", "Data!A5:Z6"),
        ("Data!C5:D", "Data!C5:D1000"),
        ("Data!A999:B2000", "Data!A999:B1000"),
        ("'It''s'!A1", "'It''s'!A1"),
    ],
)
def test_ranges_are_normalised(api: Api, asked: str, answered: str) -> None:
    assert api.get(f"/values/{asked}").body["range"] == answered


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (
            "Data!A1001:B",
            "Range (Data!A1001:B) exceeds grid limits. Max rows: 1000, max columns: 26",
        ),
        (
            "Data!AA1:AB2",
            "Range (Data!AA1:AB2) exceeds grid limits. Max rows: 1000, max columns: 26",
        ),
        ("Nowhere!A1", "Unable to parse range: Nowhere!A1"),
        ("Data!A1:B2:C3", "Unable to parse range: Data!A1:B2:C3"),
        ("Nowhere", "Unable to parse range: Nowhere"),
    ],
)
def test_ranges_that_are_none_are_refused(api: Api, asked: str, message: str) -> None:
    answer = api.get(f"/values/{asked}")
    assert (answer.status, answer.message) == (400, message)


@pytest.mark.parametrize(
    ("title", "written"),
    [
        ("Sales", "Sales"),
        ("x.y", "x.y"),
        ("TRUE", "TRUE"),
        ("Probe Tab", "'Probe Tab'"),
        ("ABC1234", "'ABC1234'"),
        ("R1C1", "'R1C1'"),
        ("2026", "'2026'"),
        ("Ünï", "'Ünï'"),
        ("It's", "'It''s'"),
    ],
)
def test_titles_are_quoted_where_google_quotes_them(title: str, written: str) -> None:
    assert quoted(title) == written


def test_a_write_stays_within_its_range(api: Api) -> None:
    body = {"values": [[1], [2]]}
    refused = api.put("/values/Data!A1:B1?valueInputOption=RAW", body)
    assert refused.message == (
        "Requested writing within range [Data!A1:B1], but tried writing to row [2]"
    )
    wide = api.put("/values/Data!A1:A2?valueInputOption=RAW", {"values": [[1, 2]]})
    assert wide.message == (
        "Requested writing within range [Data!A1:A2], but tried writing to column [B]"
    )
    beyond = api.put("/values/Data!A999:A1001?valueInputOption=RAW", body)
    assert "Range (Data!A999:A1001) exceeds grid limits" in beyond.message
    assert "'valueInputOption' is required" in api.put("/values/Data!A1", body).message
    nested = api.put("/values/Data!A1?valueInputOption=RAW", {"values": [[[1]]]})
    assert nested.message.startswith("Invalid values[0][0]: list_value")
    assert api.values("Data") == []
    grown = api.put("/values/Data!A1000?valueInputOption=RAW", body)
    assert grown.body["updatedRange"] == "Data!A1000:A1001"


def test_nulls_leave_cells_alone_and_empty_texts_clear_them(api: Api) -> None:
    api.put("/values/Data!A1?valueInputOption=RAW", {"values": [["a", "b", "c"]]})
    answer = api.put("/values/Data!A1?valueInputOption=RAW", {"values": [[None, "", "z"]]})
    assert answer.body["updatedCells"] == 2
    assert api.values("Data") == [["a", "", "z"]]


def test_raw_is_not_parsed(api: Api) -> None:
    row = ["=1+1", "0042", "1/2/2026", "TRUE", "'quoted", 5, 1.5, True]
    api.put("/values/Data!A1?valueInputOption=RAW", {"values": [row]})
    assert api.values("Data") == [row]
    cells = api.get("?ranges=Data!A1&fields=sheets.data.rowData.values.userEnteredValue").body
    (cell,) = cells["sheets"][0]["data"][0]["rowData"][0]["values"]
    assert cell == {"userEnteredValue": {"stringValue": "=1+1"}}


@pytest.mark.parametrize(
    ("text", "value", "shown"),
    [
        ("0042", 42, "42"),
        ("-1,234.5", -1234.5, "-1,234.50"),
        ("12%", 0.12, "12%"),
        ("12.5%", 0.125, "12.50%"),
        ("$100.15", 100.15, "$100.15"),
        ("1e3", 1000, "1.00E+03"),
        ("2026-09-05", 46270, "2026-09-05"),
        ("9/5/2026", 46270, "9/5/2026"),
        ("Sep 5, 2026", 46270, "Sep 5, 2026"),
        ("2026-09-05 12:00", 46270.5, "2026-09-05 12:00:00"),
        ("6:00", 0.25, "6:00"),
        ("6:30 PM", 0.7708333333333334, "6:30 PM"),
        ("2026-02-30", "2026-02-30", "2026-02-30"),
        ("true", True, "TRUE"),
        ("'0123", "0123", "0123"),
        ("=1+2", 3, "3"),
        ("+1+2", 3, "3"),
        ("-", "-", "-"),
        ("3_1_0", "3_1_0", "3_1_0"),
        ("1.2.3.4", "1.2.3.4", "1.2.3.4"),
        ("Mayor", "Mayor", "Mayor"),
        ("@x", "@x", "@x"),
    ],
)
def test_what_is_typed_is_parsed(api: Api, text: str, value: Any, shown: str) -> None:
    (read,) = typed(api, text)
    assert (read, type(read)) == (value, type(value))
    assert api.values("Data", "FORMATTED_VALUE") == [[shown]]


def test_dates_are_numbers_unless_texts_are_asked_for(api: Api) -> None:
    typed(api, "2026-09-05")
    path = "/values/Data!A1?valueRenderOption=UNFORMATTED_VALUE&dateTimeRenderOption="
    assert api.get(path + "SERIAL_NUMBER").body["values"] == [[46270]]
    assert api.get(path + "FORMATTED_STRING").body["values"] == [["2026-09-05"]]
    assert api.values("Data", "FORMULA") == [[46270]]


@pytest.mark.parametrize(
    ("formula", "result"),
    [
        ("=1/1024", 0.0009765625),
        ("=2+3*4^2", 50),
        ("=-2^2", 4),
        ("=(1+2)*3%", 0.09),
        ('="a"&"b"&1', "ab1"),
        ("=SUM(B1:C1, 10)", 13),
        ("=sum(B:C)", 3),
        ("=AVERAGE(B1:D1)", 1.5),
        ("=COUNTA(B1:D1)", 3),
        ("='It''s'!A1", "x"),
        ('=IF(B1<C1, "less", "more")', "less"),
        ('=IFERROR(1/0, "none")', "none"),
        ("=ROUND(2.5)", 3),
        ('=HYPERLINK("https://example.com", "here")', "here"),
        ("=DATE(2026, 9, 5)", 46270),
        ("=1/0", "#DIV/0!"),
        ("=FOO(1)", "#NAME?"),
        ("=Gone!A1", "#REF!"),
        ('="a"*2', "#VALUE!"),
        ("=1+", "#ERROR!"),
        ("=A1", "#REF!"),
        ("=E1", 0),
    ],
)
def test_simple_formulas_are_computed(api: Api, formula: str, result: Any) -> None:
    assert typed(api, formula, 1, 2, "text")[0] == (result if formula != "=sum(B:C)" else 3)


def test_an_error_reads_as_error_value(api: Api) -> None:
    typed(api, "=1/0")
    shown = api.get("?ranges=Data!A1&fields=sheets.data.rowData.values(effectiveValue,note)").body
    (cell,) = shown["sheets"][0]["data"][0]["rowData"][0]["values"]
    assert cell["effectiveValue"]["errorValue"]["type"] == "DIVIDE_BY_ZERO"


@pytest.mark.parametrize(
    ("number", "kind", "pattern", "text"),
    [
        (1 / 3, "", "", "0.3333333333"),
        (1e20, "", "", "1E+20"),
        (1e-7, "", "", "0.0000001"),
        (123456789012345.0, "", "", "123456789012345"),
        (1234.567, "NUMBER", "#,##0.00", "1,234.57"),
        (-1234.5, "NUMBER", "#,##0;(#,##0)", "(1,235)"),
        (0.125, "PERCENT", "", "12.50%"),
        (0.5, "NUMBER", "#.##", ".5"),
        (7.0, "NUMBER", "000", "007"),
        (2.5, "NUMBER", '0.0 "kg"', "2.5 kg"),
        (46270.75, "DATE_TIME", "yyyy-mm-dd hh:mm:ss", "2026-09-05 18:00:00"),
        (46270.75, "DATE_TIME", "dddd, mmmm d, yy h:mm am/pm", "Saturday, September 5, 26 6:00 PM"),
        (46270.0, "DATE", "", "9/5/2026"),
        (1.5, "TIME", "[h]:mm", "36:00"),
        (12.0, "TEXT", "", "12"),
    ],
)
def test_numbers_are_shown_in_their_format(
    number: float, kind: str, pattern: str, text: str
) -> None:
    number_format = {"type": kind, "pattern": pattern} if kind else {}
    assert formatted(number, {"numberFormat": number_format}) == text


def test_rows_are_appended_below_the_last_table_of_the_range(api: Api) -> None:
    tables = [["a", "b", "c"], [1, 2, 3], [], ["", "x", "y"], ["", 4, 5]]
    api.put("/values/Data!A1?valueInputOption=RAW", {"values": tables})
    one = {"values": [["new"]]}
    expected = {
        "Data": ("Data!B4:C5", "Data!B6"),
        "Data!A1": ("Data!A1:C2", "Data!A3"),
        "Data!B2:D4": ("Data!B4:C5", "Data!B6"),
        "Data!E4": (None, "Data!E4"),
        "Data!A4": (None, "Data!A4"),
    }
    for asked, (table, updated) in expected.items():
        api.post("/values/Data:clear", {})
        api.put("/values/Data!A1?valueInputOption=RAW", {"values": tables})
        answer = api.post(f"/values/{asked}:append?valueInputOption=RAW", one).body
        assert (answer.get("tableRange"), answer["updates"]["updatedRange"]) == (table, updated)


def test_a_header_with_a_gap_sends_rows_to_the_wrong_column(api: Api) -> None:
    api.put("/values/Data!A1?valueInputOption=RAW", {"values": [["x", "", "z"]]})
    path = "/values/Data:append?valueInputOption=RAW"
    answer = api.post(path, {"values": [["x", "", "z"]]}).body
    assert answer["tableRange"] == "Data!C1"
    assert api.values("Data") == [["x", "", "z"], ["", "", "x", "", "z"]]


def test_appending_grows_the_grid_or_inserts_rows(api: Api) -> None:
    api.put("/values/Data!A999?valueInputOption=RAW", {"values": [["a"], ["b"]]})
    answer = api.post(
        "/values/Data:append?valueInputOption=USER_ENTERED&includeValuesInResponse=true",
        {"values": [["1"], ["2"]]},
    ).body
    assert answer["updates"]["updatedRange"] == "Data!A1001:A1002"
    assert answer["updates"]["updatedData"]["values"] == [["1"], ["2"]]
    assert api.sheet("Data")["properties"]["gridProperties"]["rowCount"] == 1002
    api.put("/values/'It''s'!A3?valueInputOption=RAW", {"values": [["below"]]})
    path = "/values/'It''s'!A1:append?valueInputOption=RAW&insertDataOption=INSERT_ROWS"
    api.post(path, {"values": [["new"]]})
    assert api.values("'It''s'") == [["x"], ["new"], [], ["below"]]


def test_several_ranges_at_once(api: Api) -> None:
    data = [
        {"range": "Data!A1:B1", "values": [[1, 2]]},
        {"range": "Data!A3", "values": [[3], [4]], "majorDimension": "COLUMNS"},
    ]
    answer = api.post("/values:batchUpdate", {"valueInputOption": "RAW", "data": data}).body
    totals = {key: value for key, value in answer.items() if key.startswith("total")}
    assert totals == {
        "totalUpdatedRows": 2,
        "totalUpdatedColumns": 4,
        "totalUpdatedCells": 4,
        "totalUpdatedSheets": 1,
    }
    read = api.get("/values:batchGet?ranges=Data!A1:B1&ranges=Data!A3:B3").body["valueRanges"]
    assert [item["values"] for item in read] == [[["1", "2"]], [["3", "4"]]]
    cleared = api.post("/values:batchClear", {"ranges": ["Data!A1", "Data!A3:A"]}).body
    assert cleared["clearedRanges"] == ["Data!A1", "Data!A3:A1000"]
    assert api.values("Data") == [["", 2], [], ["", 4]]


def test_ranges_by_data_filter(api: Api) -> None:
    first = {"gridRange": {"sheetId": 0, "startRowIndex": 0, "endRowIndex": 1}}
    second = {"a1Range": "'It''s'!A1"}
    body = {
        "valueInputOption": "RAW",
        "data": [{"dataFilter": first, "values": [["one"]]}],
        "includeValuesInResponse": True,
    }
    written = api.post("/values:batchUpdateByDataFilter", body).body
    assert written["responses"][0]["updatedRange"] == "Data!A1"
    read = api.post("/values:batchGetByDataFilter", {"dataFilters": [first, second]}).body
    # As at Google: in another order than asked, and without the zeros of the filter.
    assert [item["dataFilters"] for item in read["valueRanges"]] == [
        [second],
        [{"gridRange": {"endRowIndex": 1}}],
    ]
    assert read["valueRanges"][1]["valueRange"]["values"] == [["one"]]
    shown = api.post(":getByDataFilter", {"dataFilters": [second]}).body
    assert [sheet["properties"]["title"] for sheet in shown["sheets"]] == ["It's"]
    cleared = api.post("/values:batchClearByDataFilter", {"dataFilters": [first]}).body
    assert cleared["clearedRanges"] == ["Data!A1:Z1"]
    assert api.values("Data") == []


def test_a_cell_holds_fifty_thousand_characters(api: Api) -> None:
    path = "/values/Data!A1?valueInputOption=RAW"
    assert api.put(path, {"values": [["x" * 50_000]]}).status == 200
    refused = api.put(path, {"values": [["x" * 50_001]]})
    assert refused.message == (
        "Your input contains more than the maximum of 50000 characters in a single cell."
    )


def test_text_that_looks_like_a_formula_stays_text(api: Api) -> None:
    value = {"userEnteredValue": {"stringValue": "=HYPERLINK(1)"}}
    update = {
        "start": {"sheetId": 0, "rowIndex": 0, "columnIndex": 0},
        "rows": [{"values": [value, {"userEnteredValue": {"formulaValue": "=1+1"}}]}],
        "fields": "userEnteredValue",
    }
    assert api.batch({"updateCells": update}).status == 200
    assert api.values("Data", "UNFORMATTED_VALUE") == [["=HYPERLINK(1)", 2]]
    assert len({Formula("=1+1"), "=1+1"}) == 2
