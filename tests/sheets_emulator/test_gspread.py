"""gspread's own client classes, used as its documentation uses them, on the emulator."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import gspread
import pytest
from gspread.utils import Dimension, ValueInputOption, ValueRenderOption

from tests.sheets_emulator import SheetsEmulator
from tests.sheets_emulator.gspread_client import gspread_client

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gspread.http_client import ParamsType

ROWS: list[list[Any]] = [
    ["A1", "B1", "", "D1"],
    [1, "b2", 1.45, ""],
    ["", "", "", ""],
    ["A4", 0.4, "", 4],
]
FORMULAS: list[list[Any]] = [["=4/2", "2020-01-01", "string", 53], ["=3/2", 0.12, "1999-01-02", ""]]


@pytest.fixture
def client() -> Iterator[gspread.Client]:
    with SheetsEmulator() as emulator:
        yield gspread_client(emulator)


@pytest.fixture
def spreadsheet(client: gspread.Client) -> gspread.Spreadsheet:
    return client.create("Report")


@pytest.fixture
def sheet(spreadsheet: gspread.Spreadsheet) -> gspread.Worksheet:
    return spreadsheet.sheet1


def test_files_are_created_found_copied_shared_and_deleted(client: gspread.Client) -> None:
    made = client.create("Mine")
    assert made.title == "Mine"
    assert client.open("Mine").id == made.id
    assert client.open_by_url(made.url).id == made.id
    assert [item["name"] for item in client.list_spreadsheet_files()] == ["Mine"]
    assert client.copy(made.id).title == "Copy of Mine"
    made.share("friend@example.com", perm_type="user", role="reader")
    roles = {item["emailAddress"]: item["role"] for item in made.list_permissions()}
    assert roles["friend@example.com"] == "reader"
    made.remove_permissions("friend@example.com")
    assert "friend@example.com" not in {i["emailAddress"] for i in made.list_permissions()}
    client.import_csv(made.id, "a,b\n1,2\n")
    assert made.sheet1.get_all_values() == [["a", "b"], ["1", "2"]]
    client.del_spreadsheet(made.id)
    with pytest.raises(gspread.SpreadsheetNotFound):
        client.open_by_key(made.id)
    with pytest.raises(gspread.SpreadsheetNotFound):
        client.open("Nothing of that name")


def test_worksheets_come_and_go(spreadsheet: gspread.Spreadsheet) -> None:
    one = spreadsheet.add_worksheet("one", 1, 1)
    spreadsheet.add_worksheet("two", 5, 5, index=0)
    assert [sheet.title for sheet in spreadsheet.worksheets()] == ["two", "Sheet1", "one"]
    spreadsheet.reorder_worksheets(list(reversed(spreadsheet.worksheets())))
    assert [sheet.title for sheet in spreadsheet.worksheets()] == ["one", "Sheet1", "two"]
    one.update_index(3)
    assert spreadsheet.get_worksheet(2).title == "one"
    copy = one.duplicate(new_sheet_name="copy")
    assert spreadsheet.get_worksheet_by_id(copy.id).title == "copy"
    spreadsheet.del_worksheet(one)
    with pytest.raises(gspread.WorksheetNotFound):
        spreadsheet.worksheet("one")
    with pytest.raises(gspread.exceptions.APIError, match="already exists"):
        spreadsheet.add_worksheet("COPY", 1, 1)
    spreadsheet.update_title("Renamed")
    spreadsheet.update_locale("fr_FR")
    assert (spreadsheet.title, spreadsheet.locale) == ("Renamed", "fr_FR")


def test_a_worksheet_is_hidden_but_never_the_last(spreadsheet: gspread.Spreadsheet) -> None:
    with pytest.raises(gspread.exceptions.APIError):
        spreadsheet.sheet1.hide()
    other = spreadsheet.add_worksheet("other", 2, 2)
    other.hide()
    assert [item.title for item in spreadsheet.worksheets(exclude_hidden=True)] == ["Sheet1"]
    other.show()
    assert len(spreadsheet.worksheets(exclude_hidden=True)) == 2


def test_cells_are_updated_and_read(sheet: gspread.Worksheet) -> None:
    sheet.update(ROWS, "A1")
    assert sheet.get("A1:D4") == [
        ["A1", "B1", "", "D1"],
        ["1", "b2", "1.45"],
        [],
        ["A4", "0.4", "", "4"],
    ]
    assert sheet.get_all_values()[3] == ["A4", "0.4", "", "4"]
    assert sheet.row_values(2) == ["1", "b2", "1.45"]
    assert sheet.col_values(1) == ["A1", "1", "", "A4"]
    sheet.update_cell(1, 2, "0042")
    assert sheet.cell(1, 2).value == "42"
    sheet.update_acell("A2", "=1/1024")
    assert sheet.get("A2", value_render_option=ValueRenderOption.unformatted) == [[1 / 1024]]
    cells = sheet.range("A1:B2")
    for each in cells:
        each.value = f"r{each.row}c{each.col}"
    sheet.update_cells(cells)
    assert sheet.batch_get(["A1:B1", "B2"]) == [[["r1c1", "r1c2"]], [["r2c2"]]]
    values = [{"range": "A1:B1", "values": [["x", "y"]]}, {"range": "D4", "values": [["z"]]}]
    sheet.batch_update(values)
    assert (sheet.acell("B1").value, sheet.acell("D4").value) == ("y", "z")
    sheet.batch_clear(["A1:B1"])
    sheet.clear()
    assert sheet.get_all_values() == [[]]


def test_records(sheet: gspread.Worksheet) -> None:
    sheet.resize(4, 4)
    sheet.update(ROWS, "A1")
    records = sheet.get_all_records()
    assert records == [dict(zip(ROWS[0], row, strict=True)) for row in ROWS[1:]]
    assert sheet.get_all_records(default_blank=None)[1] == dict.fromkeys(ROWS[0])


def test_formulas_and_dates_in_every_rendering(sheet: gspread.Worksheet) -> None:
    sheet.resize(2, 4)
    sheet.update(FORMULAS, "A1", value_input_option=ValueInputOption.user_entered)
    formatted = sheet.get_all_values()
    assert formatted == [["2", "2020-01-01", "string", "53"], ["1.5", "0.12", "1999-01-02", ""]]
    raw = sheet.get_all_values(value_render_option=ValueRenderOption.unformatted)
    assert raw == [[2, 43831, "string", 53], [1.5, 0.12, 36162, ""]]
    formulas = sheet.get_all_values(value_render_option=ValueRenderOption.formula)
    assert formulas == [["=4/2", 43831, "string", 53], ["=3/2", 0.12, 36162, ""]]


def test_rows_are_appended_and_inserted(sheet: gspread.Worksheet) -> None:
    sheet.append_row(["x", "", "z"])
    sheet.append_row(["x", "", "z"])
    assert sheet.row_values(2) == ["", "", "x", "", "z"]
    sheet.clear()
    sheet.append_row(["x", "", "z"])
    sheet.append_row(["x", "", "z"], table_range="A1")
    assert sheet.row_values(2) == ["x", "", "z"]
    sheet.insert_row([1, 2, 3, 4, 5], 2)
    assert sheet.row_values(2) == ["1", "2", "3", "4", "5"]
    sheet.update_acell("B2", "=1+1")
    sheet.insert_rows([["top"]], 1)
    assert sheet.acell("B3", value_render_option=ValueRenderOption.formula).value == "=1+1"
    sheet.insert_cols([["left"]], 1)
    assert sheet.acell("A1").value == "left"
    sheet.delete_rows(1, 2)
    sheet.delete_columns(1)
    assert sheet.row_values(1) == ["1", "2", "3", "4", "5"]
    with pytest.raises(gspread.GSpreadException):
        sheet.insert_row([1], 1, inherit_from_before=True)


def test_find(sheet: gspread.Worksheet) -> None:
    sheet.update([["one", "Two"], ["twenty", "one"]], "B2")
    found = sheet.find("Two")
    assert found is not None
    assert (found.row, found.col) == (2, 3)
    assert [cell.address for cell in sheet.findall("one")] == ["B2", "C3"]
    assert len(sheet.findall(re.compile("tw", re.IGNORECASE))) == 2
    assert sheet.find("nothing") is None


def test_sorting_resizing_freezing(sheet: gspread.Worksheet) -> None:
    sheet.resize(3, 2)
    sheet.update([["b", 2], ["a", 3], ["c", 1]], "A1")
    sheet.sort((1, "asc"))
    assert sheet.col_values(1) == ["a", "b", "c"]
    sheet.sort((2, "des"), range="A2:B3")
    assert sheet.col_values(1) == ["a", "b", "c"]
    sheet.add_rows(2)
    sheet.add_cols(1)
    assert (sheet.row_count, sheet.col_count) == (5, 3)
    sheet.freeze(rows=1, cols=1)
    assert (sheet.frozen_row_count, sheet.frozen_col_count) == (1, 1)
    sheet.freeze(0, 0)
    fresh = sheet.spreadsheet.sheet1
    assert "frozenRowCount" not in fresh._properties["gridProperties"]


def test_formats_notes_filters_merges_protection(
    spreadsheet: gspread.Spreadsheet, sheet: gspread.Worksheet
) -> None:
    style = {
        "backgroundColor": {"green": 1, "blue": 1},
        "horizontalAlignment": "CENTER",
        "textFormat": {"foregroundColor": {"red": 1, "green": 1}, "fontSize": 12, "bold": True},
    }
    sheet.format("A2:B2", style)
    fields = "sheets.data.rowData.values.userEnteredFormat"
    data = spreadsheet.fetch_sheet_metadata({"ranges": ["Sheet1!A2"], "fields": fields})
    shown = data["sheets"][0]["data"][0]["rowData"][0]["values"][0]["userEnteredFormat"]
    assert shown.pop("backgroundColorStyle") == {"rgbColor": {"green": 1, "blue": 1}}
    assert shown["textFormat"].pop("foregroundColorStyle") == {"rgbColor": {"red": 1, "green": 1}}
    assert shown == style

    sheet.insert_note("A1", "remember")
    assert sheet.get_note("A1") == "remember"
    sheet.clear_note("A1")
    assert sheet.get_note("A1") == ""

    sheet.resize(20, 20)
    sheet.set_basic_filter()
    metadata = spreadsheet.fetch_sheet_metadata()["sheets"][0]
    assert metadata["basicFilter"]["range"] == {
        "startRowIndex": 0,
        "endRowIndex": 20,
        "startColumnIndex": 0,
        "endColumnIndex": 20,
    }
    sheet.clear_basic_filter()

    sheet.update([[42, 43], [43, 44]], "A1:B2")
    sheet.merge_cells("A1:B2")
    assert sheet.get("A1:B2", maintain_size=True) == [["42", ""], ["", ""]]
    sheet.unmerge_cells("A1:B2")
    protection = sheet.add_protected_range("A1:B2")["replies"][0]["addProtectedRange"]
    sheet.delete_protected_range(protection["protectedRange"]["protectedRangeId"])
    sheet.update_tab_color("#FF0000")
    assert spreadsheet.sheet1.get_tab_color() == "#FF0000"
    sheet.define_named_range("A1:B2", "Box")
    assert spreadsheet.named_range("Box")[0].value == "42"
    sheet.delete_named_range(spreadsheet.list_named_ranges()[0]["namedRangeId"])


def test_lines_are_grouped_hidden_and_sized(
    spreadsheet: gspread.Spreadsheet, sheet: gspread.Worksheet
) -> None:
    sheet.add_dimension_group_columns(0, 2)
    (group,) = sheet.list_dimension_group_columns()
    assert group["range"]["dimension"] == Dimension.cols
    assert (group["range"]["startIndex"], group["range"]["endIndex"]) == (0, 2)
    sheet.delete_dimension_group_columns(0, 2)
    assert sheet.list_dimension_group_columns() == []
    sheet.hide_rows(0, 2)
    sheet.unhide_rows(0, 2)
    sheet.update_acell("A1", "A" * 1024)
    fields: ParamsType = {"fields": "sheets.data.columnMetadata"}

    def width() -> int:
        data = spreadsheet.fetch_sheet_metadata(fields)["sheets"][0]["data"][0]
        size: int = data["columnMetadata"][0]["pixelSize"]
        return size

    before = width()
    sheet.columns_auto_resize(0, 1)
    assert width() > before


def test_ranges_are_copied_and_cut(sheet: gspread.Worksheet) -> None:
    sheet.update([["A1"], ["A2"]], "A1:A2")
    sheet.copy_range("A1:A2", "B1:B2")
    sheet.cut_range("A1:A2", "C1")
    assert sheet.get_values("A1:C2") == [["", "A1", "A1"], ["", "A2", "A2"]]


def test_a_title_that_looks_like_a_cell(sheet: gspread.Worksheet) -> None:
    sheet.update_title("D3")
    sheet.update([["here"]], "A1")
    assert sheet.get_all_values() == [["here"]]
    (read,) = sheet.spreadsheet.values_batch_get(["'D3'!A1"])["valueRanges"]
    assert read["range"] == "'D3'!A1"
