from __future__ import annotations

import gc
import json
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from refsync.errors import DestinationError
from tests.google_sheets.pushing import Book, Columns, table, values_of, visible
from tests.sheets_emulator import Formula, SheetsEmulator

if TYPE_CHECKING:
    from refsync.worksheet.table import Cell


def rows(start: int, stop: int) -> list[tuple[Cell, ...]]:
    return [(n, f"row {n}", n / 7) for n in range(start, stop)]


moment = datetime.fromisoformat


# --- the ordinary days ----------------------------------------------------------------------------


def test_a_first_push_creates_the_worksheets_at_once(book: Book) -> None:
    one, two = table(rows(0, 9)), table([], "Empty")
    result = book.push(one, two)
    assert book.values("Data") == values_of(one)
    assert book.values("Empty") == [["ID", "Name", "Value"]]
    assert book.counts() == (2, 1)
    assert [state.keys() for state in book.states()] == [set(), {"Data", "Empty"}]
    data, empty = result.worksheets
    assert (data.rows, data.added, data.changed, data.removed, data.cells) == (9, 9, 0, 0, 30)
    assert (empty.rows, empty.added, empty.cells) == (0, 0, 3)
    assert result.api_calls == 3
    assert result.bytes_sent == sum(call.sent_bytes for call in book.emulator.log())


def test_an_unchanged_push_reads_twice_and_writes_nothing(book: Book) -> None:
    typed: Columns = {
        "Flag": "text", "Day": "date", "At": "timestamp", "Share": "percent", "Id": "integer",
    }  # fmt: skip
    desired = table(
        [
            (True, date(2026, 8, 31), moment("2026-08-31 23:59:59.123456"), 1 / 3, 10**15 - 1),
            (False, date(1899, 12, 1), None, 0.1 + 0.2, "9007199254740993"),
            (1, None, moment("2026-03-29 02:30"), 1e-9, -3),
            ("1", None, None, None, None),
            (None, None, None, None, 0),
        ],
        columns=typed,
    )
    first = book.push(desired)
    again = book.push(desired)
    assert first.worksheets[0].cells == 30
    assert book.counts() == (2, 0)
    assert again.worksheets[0].cells == 0
    assert (again.worksheets[0].added, again.worksheets[0].changed) == (0, 0)


def test_the_next_day_is_a_copy_and_the_new_rows(book: Book) -> None:
    book.push(table(rows(0, 400)))
    result = book.push(table(rows(20, 420)))
    assert book.values() == values_of(table(rows(20, 420)))
    assert book.counts() == (3, 1)
    requests = json.loads(book.emulator.log("write")[0].body)["requests"]
    assert sum("copyPaste" in request for request in requests) == 1
    assert result.worksheets[0].cells == 60
    assert (result.worksheets[0].added, result.worksheets[0].removed) == (20, 20)
    assert result.bytes_sent < 10_000


def test_a_smaller_mart_leaves_nothing_behind(book: Book) -> None:
    book.push(table(rows(0, 50)))
    size = book.sheet()["properties"]["gridProperties"]["rowCount"]
    book.push(table(rows(0, 3)))
    assert book.values() == values_of(table(rows(0, 3)))
    assert book.sheet()["properties"]["gridProperties"]["rowCount"] == size
    book.push(table([]))
    assert book.values() == [["ID", "Name", "Value"]]


def test_edits_by_hand_are_put_right_and_sent_alone(book: Book) -> None:
    desired = table(rows(0, 30))
    book.push(table(rows(0, 40)))
    book.push(desired)
    book.type_in("Data!B5", ["mine"])
    book.type_in("Data!A10", ["=1+1"])
    book.type_in("Data!A40", ["a stale tail", 1])
    book.type_in("Data!B1", ["Nom"])
    result = book.push(desired)
    assert book.values() == values_of(desired)
    sheet = result.worksheets[0]
    assert (sheet.added, sheet.changed, sheet.removed) == (1, 1, 2)
    assert result.bytes_sent < 4_000
    book.push(desired)
    assert book.counts() == (2, 0)


def test_a_sorted_worksheet_is_put_back_in_order(book: Book) -> None:
    desired = table(rows(0, 60))
    book.push(desired)
    area = {"sheetId": book.sheet_id(), "startRowIndex": 1, "endColumnIndex": 3}
    spec = {"dimensionIndex": 1, "sortOrder": "DESCENDING"}
    book.edit({"sortRange": {"range": area, "sortSpecs": [spec]}})
    assert book.values() != values_of(desired)
    result = book.push(desired)
    assert book.values() == values_of(desired)
    assert (result.worksheets[0].added, result.worksheets[0].changed) == (0, 0)


# --- text is text ---------------------------------------------------------------------------------

NASTY = [
    "=1+1", '=HYPERLINK("https://example.com","x")', '=IMPORTXML("https://example.com","/")', "=",
    "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "'=1", "''", "'", " =1", "0042", "1e5", "TRUE",
    "#REF!", "https://example.com", "1-2", "€5", "x" * 50_000, "\n", "a\nb", "日本 🎉", "\u200b",
]  # fmt: skip


def test_every_text_arrives_as_that_very_text(book: Book) -> None:
    desired = table([(n, text, None) for n, text in enumerate(NASTY)])
    book.push(desired)
    assert [row[1] for row in book.values()[1:]] == NASTY
    assert not any(isinstance(row[1], Formula) for row in book.values())
    book.push(desired)
    assert book.counts() == (2, 0)
    book.type_in("Data!B2", ["=1+1"])
    assert book.values()[1][1] == Formula("=1+1")
    book.push(desired)
    assert [row[1] for row in book.values()[1:]] == NASTY


def test_the_garbage_collector_rests_during_a_push_only(book: Book) -> None:
    seen = []
    book.push(table([(1, "a", 0.5)]), progress=lambda *_: seen.append(gc.isenabled()))
    assert seen == [False] * len(seen) != []
    assert gc.isenabled()


# --- what is the reader's stays the reader's ------------------------------------------------------


def test_a_readers_own_columns_chart_and_references_survive(book: Book) -> None:
    book.push(table(rows(0, 20)))
    sheet_id = book.sheet_id()
    book.type_in("Data!D1", ["Note"], ["first"], ["=A3*2"])
    source = {"sheetId": sheet_id, "startRowIndex": 0, "endRowIndex": 21, "endColumnIndex": 1}
    spec = {
        "title": "Mine",
        "basicChart": {
            "chartType": "LINE",
            "series": [{"series": {"sourceRange": {"sources": [source]}}}],
        },
    }
    position = {
        "overlayPosition": {"anchorCell": {"sheetId": sheet_id, "rowIndex": 2, "columnIndex": 5}}
    }
    book.edit(
        {"addChart": {"chart": {"spec": spec, "position": position}}},
        {
            "repeatCell": {
                "range": {"sheetId": sheet_id, "startRowIndex": 1, "endRowIndex": 3},
                "cell": {
                    "userEnteredFormat": {"backgroundColor": {"red": 1}},
                    "note": "look here",
                },
                "fields": "userEnteredFormat.backgroundColor,note",
            }
        },
        {"addSheet": {"properties": {"title": "Other", "index": 0}}},
    )
    book.type_in("Other!A1", ["=SUM(Data!A:A)"], ["=Data!B21"])
    before = book.sheet()
    for desired, first in ((table(rows(0, 30)), 1), (table([*rows(3, 20), *rows(0, 3)]), 18)):
        book.push(desired)
        after = book.sheet()
        assert [row[:3] for row in book.values()][: len(desired.rows) + 1] == values_of(desired)
        assert book.values()[0][3:] == ["Note"]
        reference = Formula(f"=A{first + 2}*2")
        assert [row[3:] for row in book.values()[first : first + 2]] == [["first"], [reference]]
        assert after["charts"] == before["charts"]
        cells = [row["values"][0] for row in after["data"][0]["rowData"][first : first + 2]]
        assert [cell["note"] for cell in cells] == ["look here"] * 2
        assert [cell["userEnteredFormat"]["backgroundColor"] for cell in cells] == [{"red": 1}] * 2
        other = book.values("Other")
        assert other == [[Formula("=SUM(Data!A:A)")], [Formula("=Data!B21")]]
    assert book.emulator.snapshot(book.id).titles == ["Other", "Sheet1", "Data"]


def test_a_renamed_tab_is_still_ours_and_a_copy_of_it_is_not(book: Book) -> None:
    book.push(table(rows(0, 5)))
    sheet_id = book.sheet_id()
    properties = {"sheetId": sheet_id, "title": "It's mine"}
    book.edit(
        {"updateSheetProperties": {"properties": properties, "fields": "title"}},
        {"duplicateSheet": {"sourceSheetId": sheet_id, "newSheetName": "Data"}},
    )
    book.push(table(rows(1, 6)))
    assert book.values("It's mine") == values_of(table(rows(1, 6)))
    assert book.values("Data") == values_of(table(rows(0, 5)))
    book.push(table(rows(1, 6)))
    assert book.counts() == (2, 0)


def test_a_deleted_tab_comes_back(book: Book) -> None:
    book.push(table(rows(0, 5)), table(rows(0, 2), "Other"))
    book.edit({"deleteSheet": {"sheetId": book.sheet_id("Other")}})
    book.push(table(rows(0, 5)), table(rows(0, 2), "Other"))
    assert book.values("Other") == values_of(table(rows(0, 2)))


def test_worksheets_pushed_by_type_do_not_forget_the_others(book: Book) -> None:
    book.push(table(rows(0, 5)), table(rows(0, 2), "Other"))
    properties = {"sheetId": book.sheet_id("Other"), "title": "Renamed"}
    book.edit({"updateSheetProperties": {"properties": properties, "fields": "title"}})
    book.push(table(rows(0, 6)))
    book.push(table(rows(0, 3), "Other"))
    assert book.emulator.snapshot(book.id).titles == ["Sheet1", "Data", "Renamed"]
    assert book.values("Renamed") == values_of(table(rows(0, 3)))


def test_a_filter_keeps_its_criteria_and_hides_nothing_from_a_push(book: Book) -> None:
    book.push(table(rows(0, 100)))
    sheet_id = book.sheet_id()
    area = {"sheetId": sheet_id, "startRowIndex": 0, "endRowIndex": 101, "endColumnIndex": 3}
    area = {"startColumnIndex": 0, **area}
    hidden = {"hiddenValues": [f"row {n}" for n in range(40)]}
    specs = [{"columnIndex": 1, "filterCriteria": hidden}]
    book.edit({"setBasicFilter": {"filter": {"range": area, "filterSpecs": specs}}})
    before = book.sheet()["basicFilter"]
    book.push(table(rows(10, 110)))
    assert book.values() == values_of(table(rows(10, 110)))
    assert book.sheet()["basicFilter"] == before
    book.push(table(rows(10, 110), columns={"New": "integer", "Name": "text", "Value": "text"}))
    assert book.sheet()["basicFilter"] == before


def test_merged_cells_are_separated_and_named(book: Book) -> None:
    desired = table(rows(0, 10))
    book.push(desired)
    sheet_id = book.sheet_id()
    inside = {"sheetId": sheet_id, "startRowIndex": 1, "endRowIndex": 3, "startColumnIndex": 1}
    across = {"sheetId": sheet_id, "startRowIndex": 5, "endRowIndex": 6, "startColumnIndex": 2}
    away = {"sheetId": sheet_id, "startRowIndex": 1, "endRowIndex": 3, "startColumnIndex": 4}
    for area, end in ((inside, 3), (across, 5), (away, 6)):
        merge = {"range": {**area, "endColumnIndex": end}, "mergeType": "MERGE_ALL"}
        book.edit({"mergeCells": merge})
    result = book.push(desired)
    assert book.values() == values_of(desired)
    assert [merge["startColumnIndex"] for merge in book.sheet()["merges"]] == [4]
    assert result.worksheets[0].notes == (
        "separates the merged cells B2:C3",
        "separates the merged cells C6:E6",
    )
    book.push(desired)
    assert book.counts() == (2, 0)


def test_a_typed_table_is_extended(book: Book) -> None:
    book.push(table(rows(0, 10)))
    area = {"sheetId": book.sheet_id(), "startRowIndex": 0, "endRowIndex": 11}
    area |= {"startColumnIndex": 0, "endColumnIndex": 3}
    # A table has bands and a filter of its own.
    for bands in book.sheet()["bandedRanges"]:
        book.edit({"deleteBanding": {"bandedRangeId": bands["bandedRangeId"]}})
    book.edit(
        {"clearBasicFilter": {"sheetId": book.sheet_id()}},
        {"addTable": {"table": {"name": "Mine", "range": area}}},
    )
    book.push(table(rows(0, 30)))
    assert book.values() == values_of(table(rows(0, 30)))
    assert book.sheet()["tables"][0]["range"] == {**area, "endRowIndex": 31}
    book.push(table(rows(0, 5)))
    assert book.sheet()["tables"][0]["range"] == {**area, "endRowIndex": 31}


def test_a_protected_range_in_the_way_is_an_error_before_any_write(book: Book) -> None:
    book.push(table(rows(0, 10)), table(rows(0, 3), "Other"))
    area = {"sheetId": book.sheet_id(), "startRowIndex": 4, "endRowIndex": 5}
    protection = {"range": area, "description": "hands off", "editors": {"users": []}}
    book.edit({"addProtectedRange": {"protectedRange": protection}})
    with pytest.raises(DestinationError, match=r"A5:5 of the tab 'Data' is protected \(hands off"):
        book.push(table(rows(0, 11)), table(rows(0, 4), "Other"))
    assert book.counts()[1] == 0
    book.push(table(rows(0, 10)), table(rows(0, 4), "Other"))
    assert book.values("Other") == values_of(table(rows(0, 4)))


def test_a_protected_range_that_only_warns_is_no_obstacle(book: Book) -> None:
    book.push(table(rows(0, 10)))
    area = {"sheetId": book.sheet_id(), "startRowIndex": 4, "endRowIndex": 5}
    book.edit({"addProtectedRange": {"protectedRange": {"range": area, "warningOnly": True}}})
    book.push(table(rows(0, 12)))
    assert book.values() == values_of(table(rows(0, 12)))


# --- what is new is made presentable, once --------------------------------------------------------


def test_a_new_tab_is_formatted_and_what_its_reader_changes_then_stays(book: Book) -> None:
    columns: Columns = {"ID": "text", "Day": "date", "Share": "percent"}
    book.push(table([("a", date(2026, 1, 1), 0.5)], columns=columns))
    sheet = book.sheet()
    header, first = (row["values"] for row in sheet["data"][0]["rowData"][:2])
    assert sheet["properties"]["gridProperties"]["frozenRowCount"] == 1
    assert [cell["userEnteredFormat"]["textFormat"]["bold"] for cell in header] == [True] * 3
    assert [cell["note"] for cell in header] == [f"The {name} of a row." for name in columns]
    formats = [cell["userEnteredFormat"]["numberFormat"]["type"] for cell in first]
    assert formats == ["TEXT", "DATE", "PERCENT"]
    pattern = {"type": "DATE", "pattern": "d.m.yy"}
    cell = {"userEnteredFormat": {"numberFormat": pattern}, "note": None}
    area = {"sheetId": book.sheet_id(), "startColumnIndex": 1, "endColumnIndex": 2}
    book.edit(
        {
            "repeatCell": {
                "range": area,
                "cell": cell,
                "fields": "userEnteredFormat.numberFormat,note",
            }
        }
    )
    book.push(table([("b", date(2026, 1, 2), 0.25), ("c", None, 1.0)], columns=columns))
    changed = book.sheet()["data"][0]["rowData"][1]["values"][1]
    assert changed["userEnteredFormat"]["numberFormat"] == pattern
    assert "note" not in book.sheet()["data"][0]["rowData"][0]["values"][1]


def test_rows_that_the_grid_grows_by_look_like_those_above(book: Book) -> None:
    columns: Columns = {"Day": "date"}
    book.push(table([(date(2026, 1, 1),)], columns=columns))
    book.push(table([(date(2026, 1, n),) for n in range(1, 20)], columns=columns))
    last = book.sheet()["data"][0]["rowData"][19]["values"][0]
    assert last["userEnteredFormat"]["numberFormat"]["type"] == "DATE"


def test_a_new_column_is_inserted_at_its_place(book: Book) -> None:
    book.push(table(rows(0, 10)))
    book.type_in("Data!D1", ["Mine"], ["=C2"], ["=SUM(B:B)"])
    wider: Columns = {"ID": "integer", "Day": "date", "Name": "text", "Value": "decimal"}
    longer = [(n, date(2026, 1, 1), name, value) for n, name, value in rows(0, 10)]
    result = book.push(table(longer, columns={**wider}))
    assert [row[:4] for row in book.values()] == values_of(table(longer, columns=wider))
    mine = [row[4] for row in book.values()[:3]]
    assert mine == ["Mine", Formula("=D2"), Formula("=SUM(C:C)")]
    assert result.worksheets[0].notes == ("inserts the column Day at B",)
    header = book.sheet()["data"][0]["rowData"][0]["values"][1]
    assert header["note"] == "The Day of a row."
    book.push(table(longer, columns=wider))
    assert book.counts() == (2, 0)


def test_a_column_that_the_mart_lost_is_blanked_and_not_deleted(book: Book) -> None:
    book.push(table(rows(0, 10)))
    book.type_in("Data!D1", ["Mine"], [1])
    narrower: Columns = {"ID": "integer", "Value": "decimal"}
    fewer = [(n, value) for n, _, value in rows(0, 10)]
    book.push(table(fewer, columns=narrower))
    assert [row[:2] for row in book.values()] == values_of(table(fewer, columns=narrower))
    assert [row[2:] for row in book.values()[:3]] == [[None, "Mine"], [None, 1], []]
    book.push(table(fewer, columns=narrower))
    assert book.counts() == (2, 0)


def test_a_column_inserted_among_ours_is_an_error_that_names_it(book: Book) -> None:
    book.push(table(rows(0, 10)))
    where = {"sheetId": book.sheet_id(), "dimension": "COLUMNS", "startIndex": 1, "endIndex": 2}
    book.edit({"insertDimension": {"range": where}})
    with pytest.raises(DestinationError, match="column B, which has no header, is between"):
        book.push(table(rows(0, 11)))
    book.type_in("Data!B1", ["My note"])
    with pytest.raises(DestinationError, match=r"'My note' \(column B\) is between"):
        book.push(table(rows(0, 11)))
    assert book.counts()[1] == 0


@pytest.mark.parametrize("deleted", [0, 1, 2])
def test_a_column_of_ours_that_was_deleted_comes_back(book: Book, deleted: int) -> None:
    book.push(table(rows(0, 10)))
    book.type_in("Data!D1", ["Mine"], ["kept"])
    where = {"sheetId": book.sheet_id(), "dimension": "COLUMNS"}
    where |= {"startIndex": deleted, "endIndex": deleted + 1}
    book.edit({"deleteDimension": {"range": where}})
    desired = table([*rows(2, 12), *rows(0, 2)])
    book.push(desired)
    assert [row[:3] for row in book.values()] == values_of(desired)
    assert (book.values()[0][3], book.values()[11][3]) == ("Mine", "kept")


@pytest.mark.parametrize("edited", ["A1", "B1", "C1"])
def test_a_header_that_was_edited_is_put_right(book: Book, edited: str) -> None:
    book.push(table(rows(0, 10)))
    book.type_in("Data!D1", ["Mine"], ["kept"])
    book.type_in(f"Data!{edited}", ["Edited"])
    desired = table([*rows(2, 12), *rows(0, 2)])
    book.push(desired)
    assert [row[:3] for row in book.values()] == values_of(desired)
    assert (book.values()[0][3], book.values()[11][3]) == ("Mine", "kept")


@pytest.mark.parametrize(
    "deleted",
    [
        pytest.param((0, 1, 2, 3), id="the last header"),
        pytest.param((0, 1, 1, 3), id="the last two headers"),
        pytest.param((0, 1, 0, 3), id="all headers"),
        pytest.param((0, 11, 2, 3), id="the last column"),
        pytest.param((0, 11, 0, 3), id="everything"),
    ],
)
def test_headers_whose_text_was_deleted_come_back_in_place(
    book: Book, deleted: tuple[int, int, int, int]
) -> None:
    book.push(table(rows(0, 10)))
    names = ("startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex")
    area = {"sheetId": book.sheet_id(), **dict(zip(names, deleted, strict=True))}
    book.edit({"updateCells": {"range": area, "fields": "userEnteredValue"}})
    result = book.push(table(rows(2, 12)))
    assert book.values() == values_of(table(rows(2, 12)))
    assert result.worksheets[0].notes == ()


# --- tabs that refsync did not make ---------------------------------------------------------------

HEADER = ["ID", "Name", "Value"]


@pytest.mark.parametrize(
    "tab",
    [
        pytest.param([], id="empty"),
        pytest.param([HEADER], id="with our header"),
        pytest.param(
            [HEADER, *[[n, "old", 1] for n in range(50)]], id="filled by another exporter"
        ),
        pytest.param([HEADER[:2], [1, "old"]], id="with the first of our columns"),
        pytest.param([[None, None, None, "Mine"], [None, None, None, 5]], id="with other columns"),
        pytest.param([[*HEADER, "Mine"], [1, "old", 1, "kept"]], id="with columns to the right"),
    ],
)
def test_a_tab_made_by_hand_is_taken_over_in_place(
    emulator: SheetsEmulator, tab: list[list[Any]]
) -> None:
    book = Book(emulator, {"Front": [], "data": tab})
    sheet_id = book.sheet_id("data")
    result = book.push(table(rows(0, 5)))
    assert book.sheet_id("data") == sheet_id
    assert [row[:3] for row in book.values("data")] == values_of(table(rows(0, 5)))
    assert [row[3:] for row in tab if row[3:]] == [r[3:] for r in book.values("data") if r[3:]]
    assert "takes over the tab" in result.worksheets[0].notes
    book.push(table(rows(0, 5)))
    assert book.counts() == (2, 0)


@pytest.mark.parametrize("headers", [["ID", "B", "C"], ["ID", "C", "A", "B"]])
def test_columns_that_leave_or_change_places_take_their_format_and_note_along(
    book: Book, headers: list[str]
) -> None:
    kinds: Columns = {"ID": "integer", "A": "percent", "B": "text", "C": "date"}
    values: dict[str, Cell] = {"ID": 1, "A": 0.5, "B": "b", "C": date(2026, 1, 1)}
    new = table([tuple(values[h] for h in headers)], columns={h: kinds[h] for h in headers})
    book.push(table([tuple(values.values())], columns=kinds))
    before = looks(book)
    book.push(new)
    after = looks(book)
    assert after == [next(each for each in before if each[0] == header) for header in headers]
    book.push(new)
    assert book.counts() == (2, 0)


def looks(book: Book) -> list[tuple[Any, Any, Any]]:
    """Each column's header, the header's note, and the pattern of the numbers below."""
    top, below = (row["values"] for row in book.sheet()["data"][0]["rowData"][:2])
    found = [
        (
            one.get("userEnteredValue", {}).get("stringValue"),
            one.get("note"),
            other.get("userEnteredFormat", {}).get("numberFormat", {}).get("pattern"),
        )
        for one, other in zip(top, below, strict=False)
    ]
    return [each for each in found if each[:2] != (None, None)]


def test_what_is_written_below_the_rows_stays_until_a_row_comes_there(book: Book) -> None:
    book.push(table(rows(0, 3)))
    grid = {"sheetId": book.sheet_id(), "dimension": "ROWS", "length": 9}
    book.edit({"appendDimension": grid})
    book.type_in("Data!A6", ["Total", None, "=SUM(C2:C4)"])
    book.type_in("Data!B9", ["checked on Friday"])
    below = [["Total", None, Formula("=SUM(C2:C4)")], [], [], [None, "checked on Friday"]]

    result = book.push(table(rows(0, 3)))
    assert book.counts() == (2, 0)
    assert result.worksheets[0].removed == 0
    # Rows may change and leave, and a row come directly above it.
    for desired in (table([(0, "new", 1.5), *rows(1, 3)]), table(rows(1, 3)), table(rows(0, 4))):
        book.push(desired)
        height = len(desired.rows) + 1
        assert book.values() == [*values_of(desired), *[[]] * (5 - height), *below]

    before = book.values()
    with pytest.raises(DestinationError, match=r"row 6 below refsync's rows .* --adopt"):
        book.push(table(rows(0, 5)))
    assert book.values() == before
    book.adopt = True
    book.push(table(rows(0, 5)))
    assert book.values() == values_of(table(rows(0, 5)))


def test_rows_of_ours_that_somebody_moved_down_are_not_taken_for_somebodys(book: Book) -> None:
    book.push(table(rows(0, 5)))
    place = {"sheetId": book.sheet_id(), "dimension": "ROWS", "startIndex": 2, "endIndex": 4}
    book.edit({"insertDimension": {"range": place}})
    book.push(table(rows(0, 4)))
    assert book.values() == values_of(table(rows(0, 4)))


@pytest.mark.parametrize(
    "tab", [[["Something", "else"]], [[None], [None, 5]], [["ID", "Name", "Comment"]]]
)
def test_a_tab_that_holds_something_else_is_an_error_that_names_adopt(
    emulator: SheetsEmulator, tab: list[list[Any]]
) -> None:
    book = Book(emulator, {"Data": tab})
    with pytest.raises(DestinationError, match="--adopt"):
        book.push(table(rows(0, 5)))
    assert book.counts()[1] == 0
    assert book.values() == [row for row in tab if row != [None]] or book.values()[0] == []
    book.adopt = True
    book.push(table(rows(0, 5)))
    assert [row[:3] for row in book.values()] == values_of(table(rows(0, 5)))
    book.push(table(rows(0, 5)))
    assert book.counts() == (2, 0)


# --- limits ---------------------------------------------------------------------------------------


def test_a_text_too_long_for_a_cell_is_an_error_before_any_write(book: Book) -> None:
    with pytest.raises(DestinationError, match="Data, row 2, column Name: the text has 50,001"):
        book.push(table([(1, "x" * 50_001, None)]))
    assert book.counts() == (0, 0)


def test_the_readers_other_tabs_count_against_ten_million_cells(book: Book) -> None:
    grid = {"rowCount": 398_950, "columnCount": 25}
    book.edit({"addSheet": {"properties": {"title": "Huge", "gridProperties": grid}}})
    with pytest.raises(DestinationError, match=r"has 9,999,750 cells, this push needs 286 more"):
        book.push(table(rows(0, 10)))
    assert book.counts()[1] == 0


# --- too big for one request ----------------------------------------------------------------------


def test_a_large_push_is_staged_and_seen_at_once(book: Book) -> None:
    desired = table([(n, f"=text {n}", n / 3) for n in range(300)]), table(rows(0, 200), "Other")
    seen: list[tuple[int, int]] = []
    result = book.push(*desired, most_bytes=9_000, progress=lambda *step: seen.append(step))
    assert visible(book.emulator.snapshot(book.id)) == {
        each.worksheet: values_of(each) for each in desired
    }
    bodies = [call.sent_bytes for call in book.emulator.log("write")]
    assert len(bodies) == result.api_calls - 2 > 5
    assert max(bodies) < 12_000  # the commit brings what makes new tabs presentable
    assert seen == [(step, len(bodies)) for step in range(len(bodies) + 1)]
    assert {frozenset(state) for state in book.states()} == {
        frozenset(),
        frozenset(["Data", "Other"]),
    }
    assert book.emulator.snapshot(book.id).titles == ["Sheet1", "Data", "Other"]
    assert len(book.emulator.get(book.id)["sheets"]) == 3


def test_a_staging_tab_counts_against_ten_million_cells(book: Book) -> None:
    grid = {"rowCount": 398_892, "columnCount": 25}
    book.edit({"addSheet": {"properties": {"title": "Huge", "gridProperties": grid}}})
    book.push(table(rows(0, 60)), dry_run=True)
    with pytest.raises(DestinationError, match="needs 1,769 more"):
        book.push(table(rows(0, 60)), most_bytes=4_000)
    assert book.counts()[1] == 0


# --- dry run --------------------------------------------------------------------------------------


def test_a_dry_run_tells_and_writes_nothing(book: Book) -> None:
    book.push(table(rows(0, 50)))
    planned = book.push(table(rows(10, 55)), dry_run=True)
    assert book.counts() == (2, 0)
    assert book.values() == values_of(table(rows(0, 50)))
    done = book.push(table(rows(10, 55)))
    assert planned.worksheets == done.worksheets
    assert planned.api_calls == done.api_calls == 4
