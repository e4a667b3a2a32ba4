# ruff: noqa: DTZ001 - a worksheet's times have no zone
"""What people add to a workbook stays beside its row in the one that takes its place."""

from __future__ import annotations

import random
import sys
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.styles.colors import Color
from openpyxl.utils.escape import unescape

from refsync.excel import destination as workbook
from refsync.excel import workbook as workbook_file
from refsync.settings import Settings
from tests.conftest import THOROUGH
from tests.excel.test_safety import FILES, push, refusal, rewritten
from tests.google_sheets.pushing import table

if TYPE_CHECKING:
    from pathlib import Path

    from refsync.worksheet.table import Table

KEPT = "Kept_Remarks"
YELLOW = PatternFill("solid", fgColor="FFFF00")


def keyed(*numbers: int, title: str = "Data", **changes: Any) -> Table:
    rows = [(number, f"name {number}", number / 4) for number in numbers]
    return replace(table(rows, title), key=(0,), build=FILES, **changes)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.xlsx"


def edited(path: Path, cells: dict[str, Any], title: str = "Data") -> None:
    """What a person does who opens the workbook and saves it."""
    book = openpyxl.load_workbook(path)
    for place, value in cells.items():
        cell = book[title][place]
        if isinstance(value, Comment):
            cell.comment = value
        elif isinstance(value, PatternFill):
            cell.fill = value
        else:
            cell.value = value
    book.save(path)


def shown(path: Path, title: str = "Data") -> list[list[Any]]:
    rows = openpyxl.load_workbook(path)[title].iter_rows(values_only=True)
    return [list(row) for row in rows]


@pytest.mark.parametrize("most_in_memory", [workbook_file.MAX_CELLS_IN_MEMORY, 0])
def test_remarks_stay_beside_their_rows(
    path: Path, most_in_memory: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also in a large workbook, of which XlsxWriter keeps one row in memory."""
    monkeypatch.setattr(workbook_file, "MAX_CELLS_IN_MEMORY", most_in_memory)
    push(path, keyed(1, 2, 3, 4))
    edited(path, {
        "D1": "Mine", "D2": "about 1", "D3": 2.5, "D4": date(2026, 3, 4), "D5": "about 4",
        "E1": "Twice", "E2": "=A2*2", "E3": "=A3*2", "E4": "=A4*2", "E5": "=A5*2",
        "F4": "=B4", "F2": "text",
        "B3": Comment("a note", "Mai"), "C3": YELLOW, "F5": YELLOW,
    })  # fmt: skip
    result = push(path, keyed(9, 3, 4, 2, 5))
    assert shown(path) == [
        ["ID", "Name", "Value", "Mine", "Twice", None],
        [9, "name 9", 2.25, None, "=A2*2", None],
        [3, "name 3", 0.75, datetime(2026, 3, 4), "=A3*2", "=B3"],
        [4, "name 4", 1, "about 4", "=A4*2", None],
        [2, "name 2", 0.5, 2.5, "=A5*2", None],
        [5, "name 5", 1.25, None, "=A6*2", None],
    ]
    sheet = openpyxl.load_workbook(path)["Data"]
    assert sheet["B5"].comment.text == "a note"
    assert sheet["B5"].comment.author == "Mai"
    assert [sheet[cell].fill.fgColor.rgb for cell in ("C5", "F4")] == ["FFFFFF00"] * 2
    assert sheet["C3"].fill.patternType is None
    assert shown(path, KEPT) == [
        ["Worksheet", "Key", "Column", "Text", "AsOfDate"],
        ["Data", "1", "Mine", "about 1", datetime(2026, 2, 28)],
        ["Data", "1", "F", "text", datetime(2026, 2, 28)],
    ]
    (sheet_result,) = result.worksheets
    assert (sheet_result.moved_remarks, sheet_result.kept_remarks) == (7, 2)
    before = shown(path), shown(path, KEPT)
    push(path, keyed(9, 3, 4, 2, 5))
    assert (shown(path), shown(path, KEPT)) == before


@pytest.mark.parametrize("seed", range(20 if THOROUGH else 2))
def test_weeks_of_remarks(path: Path, seed: int) -> None:
    chance = random.Random(seed)
    numbers = list(range(8))
    push(path, keyed(*numbers))
    edited(path, {"D1": "Mine"})
    written: dict[int, list[str]] = {}
    count = 0
    for _ in range(12):
        for row in chance.sample(range(len(numbers)), min(2, len(numbers))):
            count += 1
            mine = f"text {count}"
            found = openpyxl.load_workbook(path)["Data"].cell(row + 2, 4).value
            if found is None and chance.random() < 0.8:
                edited(path, {f"D{row + 2}": mine})
                written.setdefault(numbers[row], []).append(mine)
        chance.shuffle(numbers)
        numbers = [n for n in numbers if chance.random() < 0.85] + [100 + count]
        push(path, keyed(*numbers), force=True)
        rows = shown(path)[1:]
        kept = shown(path, KEPT)[1:] if KEPT in openpyxl.load_workbook(path).sheetnames else []
        texts = [line[3] for line in (*rows, *kept) if len(line) > 3 and line[3]]
        assert sorted(texts) == sorted(text for each in written.values() for text in each)
        for line in rows:
            assert len(line) < 4 or line[3] is None or line[3] in written[line[0]]
        for line in kept:
            assert line[3] in written[int(line[1])]


def test_colours_of_a_theme_are_kept_as_they_look(path: Path) -> None:
    push(path, keyed(1, 2))
    accent = PatternFill("solid", fgColor=Color(theme=4, tint=0.6))
    old = PatternFill("solid", fgColor=Color(indexed=13))
    edited(path, {"D2": accent, "D3": old})
    push(path, keyed(2, 1))
    sheet = openpyxl.load_workbook(path)["Data"]
    assert [sheet[cell].fill.fgColor.rgb for cell in ("D2", "D3")] == ["FFFFFF00", "FFB9CDE5"]


def test_a_column_of_the_mart_that_comes_or_goes_moves_nobodys_column(path: Path) -> None:
    push(path, keyed(1, 2))
    edited(path, {"D1": "Mine", "D2": "about 1"})
    wider = keyed(2, 1)
    columns = (*wider.columns, replace(wider.columns[2], name="new", header="New"))
    wider = replace(wider, columns=columns, rows=tuple((*row, 0.5) for row in wider.rows))
    push(path, wider)
    assert shown(path)[2] == [1, "name 1", 0.25, 0.5, "about 1"]
    push(path, keyed(1, 2))
    assert shown(path)[:2] == [["ID", "Name", "Value", "Mine"], [1, "name 1", 0.25, "about 1"]]


def test_a_key_with_control_characters_is_the_same_row_again(path: Path) -> None:
    """A file has them as text such as _x000D_."""
    texts = ["a\r\nb", "\x01", "_x"]
    tables = [
        replace(table([(n, text, None) for n, text in rows]), key=(1,), build=FILES)
        for rows in (list(enumerate(texts)), list(enumerate(reversed(texts))))
    ]
    push(path, tables[0])
    edited(path, {f"D{n + 2}": f"about {n}_x000D_" for n in range(3)})
    for number in (1, 0, 1):
        push(path, tables[number])
        beside = [row[3] for row in shown(path)[1:]]
        assert [unescape(text or "") for text in beside] == [
            f"about {n}\r" for n in ((2, 1, 0) if number else (0, 1, 2))
        ]
    assert KEPT not in openpyxl.load_workbook(path).sheetnames


def test_a_note_on_a_row_that_leaves_leaves_nothing_in_its_cell(path: Path) -> None:
    push(path, keyed(1, 2, 3))
    edited(path, {"B4": Comment("a note", "Mai")})
    for numbers in ((1, 2), (2, 1)):
        push(path, keyed(*numbers))
        assert [row[0] for row in shown(path)] == ["ID", *numbers]
        assert [row[1:4] for row in shown(path, KEPT)[1:]] == [["3", "Name", "a note"]]


def test_a_note_in_a_column_that_leaves_is_kept(path: Path) -> None:
    table = keyed(1, 2)
    push(path, table)
    edited(path, {"C3": Comment("a note", "Mai")})
    narrow = replace(table, columns=table.columns[:2], rows=tuple(row[:2] for row in table.rows))
    push(path, narrow)
    assert [row[1:4] for row in shown(path, KEPT)[1:]] == [["2", "Value", "a note"]]
    assert not any(cell.comment for cell in openpyxl.load_workbook(path)["Data"][3])


def test_text_below_the_rows_in_a_column_that_leaves_is_not_lost(path: Path) -> None:
    table = keyed(1, 2)
    push(path, table)
    edited(path, {"C9": "a sum"})
    narrow = replace(table, columns=table.columns[:2], rows=tuple(row[:2] for row in table.rows))
    assert "row 9 below refsync's rows" in refusal(path, narrow)


def test_a_column_inserted_between_refsyncs_goes_to_their_right(path: Path) -> None:
    push(path, keyed(1, 2))
    book = openpyxl.load_workbook(path)
    sheet = book["Data"]
    lines: list[list[Any]] = [["ID", "Mine", "Name", "Value"], [1, "about 1", "name 1", 0.25]]
    for number, line in enumerate(lines, 1):
        for column, text in enumerate(line, 1):
            sheet.cell(number, column).value = text
            sheet.cell(number, column).comment = None
    sheet.auto_filter.ref = "A1:D3"
    book.save(path)
    push(path, keyed(2, 1))
    assert shown(path)[2][:4] == [1, "name 1", 0.25, "about 1"]


# --- what cannot be carried -----------------------------------------------------------------------


def test_without_openpyxl_nothing_is_lost(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    push(path, keyed(1, 2))
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    push(path, keyed(1, 2))  # nobody saved it
    monkeypatch.undo()
    edited(path, {"D2": "about 1"})
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    sentence = (
        "a.xlsx may have remarks of people, and openpyxl, which reads them, is not installed: run "
        "pip install 'refsync[remarks]', or run with --adopt to replace the workbook without them."
    )
    assert refusal(path, keyed(2, 1)) == sentence
    monkeypatch.undo()
    push(path, keyed(2, 1))
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    # It has remarks that refsync carried into it.
    assert refusal(path, keyed(1, 2)) == sentence
    push(path, keyed(1, 2), adopt=True)


def test_remarks_in_a_tab_that_is_not_pushed_are_not_lost(path: Path) -> None:
    push(path, keyed(1, 2), keyed(1, 2, title="Other"))
    edited(path, {"D2": "about 1"}, "Other")
    push(path, keyed(1, 2), keyed(1, 2, title="Other"))
    assert refusal(path, keyed(1, 2)) == (
        "a.xlsx has remarks in the tab Other, which is not part of this push: push without "
        "--select and --type, or run with --adopt to replace the workbook without them."
    )


def test_text_below_the_rows_in_refsyncs_columns_is_not_lost(path: Path) -> None:
    push(path, keyed(1, 2))
    edited(path, {"B7": "my total"})
    assert refusal(path, keyed(1, 2)) == (
        "In the tab 'Data', row 7 below refsync's rows has something in its columns: move it to "
        "the right of them, or run with --adopt to replace the workbook without what people added."
    )
    edited(path, {"B7": None, "E7": "my total"})
    push(path, keyed(2, 1))
    assert shown(path)[6][4] == "my total"


def test_a_chart_of_somebody_is_not_lost(path: Path) -> None:
    push(path, keyed(1, 2))
    book = openpyxl.load_workbook(path)
    chart = openpyxl.chart.LineChart()
    chart.add_data(openpyxl.chart.Reference(book["Data"], min_col=1, min_row=1, max_row=3))
    book["Data"].add_chart(chart, "F2")
    book.save(path)
    assert "(charts in the tab Data would be lost)" in refusal(path, keyed(1, 2))


def test_a_damaged_sheet_is_an_error_in_words(path: Path) -> None:
    push(path, keyed(1, 2))
    edited(path, {"D2": "about 1"})
    rewritten(path, sheet1=b"<worksheet><sheetData><row><c>")
    assert refusal(path, keyed(1, 2)) == (
        "The remarks in a.xlsx cannot be read: move the file away, or run with --adopt to replace "
        "it without them."
    )


def test_accidents_are_refused_in_a_workbook_that_somebody_saved(path: Path) -> None:
    push(path, keyed(*range(40)))
    edited(path, {"D2": "about 1"})
    assert "would remove 35 of the 40 rows of Data" in refusal(path, keyed(*range(5)))
    other = replace(FILES, source="elsewhere", target="other")
    assert "comes from elsewhere" in refusal(path, replace(keyed(*range(40)), build=other))


def test_a_dry_run_says_it_and_writes_nothing(path: Path) -> None:
    push(path, keyed(1, 2))
    edited(path, {"D2": "about 1", "D3": "about 2"})
    before = path.read_bytes()
    result = workbook.push([keyed(2, 3)], Settings(to=str(path)), dry_run=True)
    assert (result.worksheets[0].moved_remarks, result.worksheets[0].kept_remarks) == (1, 1)
    assert path.read_bytes() == before
