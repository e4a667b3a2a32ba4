"""The tab of the kept remarks is the reader's: refsync adds rows only."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from openpyxl.comments import Comment

from refsync.excel import workbook as workbook_file
from tests.excel.test_formulas import with_column
from tests.excel.test_remarks import KEPT, YELLOW, edited, keyed, path, shown
from tests.excel.test_safety import push

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["path"]

DAY = datetime(2026, 2, 28)  # noqa: DTZ001 - a worksheet's times have no zone


@pytest.mark.parametrize("most_in_memory", [workbook_file.MAX_CELLS_IN_MEMORY, 0])
def test_what_people_add_stays_in_its_place(
    path: Path, most_in_memory: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook_file, "MAX_CELLS_IN_MEMORY", most_in_memory)
    push(path, keyed(1, 2, 3))
    edited(path, {"D2": "about 1", "D3": "about 2"})
    push(path, keyed(2, 3))
    edited(path, {
        "F1": "Done?", "F2": "yes", "A1": Comment("Mai looks after this", "Mai"),
        "B5": Comment("only a note", "Mai"), "A4": "from my mail", "D1": "What it was",
        "G4": '=F4&"!"&Data!C2', "C6": YELLOW,
    }, KEPT)  # fmt: skip
    book = openpyxl.load_workbook(path)
    book[KEPT].column_dimensions["D"].width = 90
    book[KEPT].column_dimensions["G"].hidden = True
    book.save(path)
    for _ in range(2):
        push(path, with_column(keyed(2, 3), 0))
        push(path, keyed(2, 3))
    assert shown(path, KEPT) == [
        ["Worksheet", "Key", "Column", "What it was", "AsOfDate", "Done?", None],
        ["Data", "1", "D", "about 1", DAY, "yes", None],
        [None] * 7,
        ["from my mail", *[None] * 5, '=F4&"!"&Data!C2'],
        *[[None] * 7] * 2,
    ]
    tab = openpyxl.load_workbook(path)[KEPT]
    assert tab["A1"].comment.text == "Mai looks after this"
    assert tab["B5"].comment.text == "only a note"
    assert tab["C6"].fill.fgColor.rgb == "FFFFFF00"
    assert tab.column_dimensions["D"].width == pytest.approx(90, abs=0.01)
    assert tab.column_dimensions["G"].hidden
    assert tab["A1"].font.bold
    push(path, with_column(keyed(3, 4), 2))
    rows: list[list[Any]] = shown(path, KEPT)
    assert rows[3][6] == '=F4&"!"&Data!D2'
    assert rows[6] == ["Data", "2", "E", "about 2", DAY, None, None]


def test_a_tab_whose_rows_a_person_deleted_goes(path: Path) -> None:
    push(path, keyed(1, 2))
    edited(path, {"D2": "about 1"})
    push(path, keyed(2))
    book = openpyxl.load_workbook(path)
    book[KEPT].delete_rows(2)
    book.save(path)
    push(path, keyed(2))
    assert KEPT not in openpyxl.load_workbook(path).sheetnames
