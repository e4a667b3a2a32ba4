"""A workbook remembers which columns and rows are refsync's."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from openpyxl.comments import Comment

from refsync.excel.own_marks import OwnMarks, mark, own_marks, properties
from refsync.excel.record import read_workbook
from tests.excel.test_formulas import with_column, without_column
from tests.excel.test_found_cells import NEEDS_LIBREOFFICE, saved_by_libreoffice
from tests.excel.test_remarks import KEPT, edited, keyed, path, shown
from tests.excel.test_safety import push, refusal, rewritten

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from refsync.worksheet.table import Table

__all__ = ["path"]


def plain(*numbers: int, **changes: Any) -> Table:
    """Columns without a description have headers without a note."""
    table = keyed(*numbers, **changes)
    return replace(table, columns=tuple(replace(each, description="") for each in table.columns))


def resaved(path: Path) -> None:
    edited(path, {})


SAVES: list[Any] = [resaved, pytest.param(saved_by_libreoffice, marks=NEEDS_LIBREOFFICE)]


@pytest.mark.parametrize("table", [plain(1, 2), keyed(1, 2)])
@pytest.mark.parametrize("save", SAVES)
def test_a_column_that_left_the_mart_leaves_the_workbook(
    path: Path, table: Table, save: Callable[[Path], None]
) -> None:
    push(path, table)
    edited(path, {"D1": "Mine", "D2": "about 1"})
    save(path)
    push(path, without_column(table, 1))
    assert shown(path)[:2] == [["ID", "Value", "Mine"], [1, 0.25, "about 1"]]
    save(path)
    renamed = replace(table.columns[2], name="worth", header="Worth")
    push(path, replace(table, columns=(*table.columns[:2], renamed)))
    assert shown(path)[:2] == [["ID", "Name", "Worth", "Mine"], [1, "name 1", 0.25, "about 1"]]
    assert KEPT not in openpyxl.load_workbook(path).sheetnames


def test_a_column_of_a_person_stays_whatever_it_is_called(path: Path) -> None:
    push(path, plain(1, 2))
    edited(path, {"D1": "Value", "D2": "mine", "E1": "Name", "F2": "no header"})
    push(path, with_column(plain(1, 2), 3, "Worth"))
    assert shown(path)[:2] == [
        ["ID", "Name", "Value", "Worth", "Value", "Name", None],
        [1, "name 1", 0.25, 0.5, "mine", None, "no header"],
    ]


def test_a_header_that_a_person_typed_over_is_still_refsyncs(path: Path) -> None:
    push(path, keyed(1, 2))
    edited(path, {"C1": "Euros", "D2": "=C2*2", "D3": "text"})
    push(path, with_column(keyed(1, 2), 0))
    assert shown(path)[:2] == [
        ["New", "ID", "Name", "Value", None],
        [0.5, 1, "name 1", 0.25, "=D2*2"],
    ]


def test_a_workbook_of_an_earlier_version_has_no_marks(path: Path) -> None:
    push(path, keyed(1, 2))
    with zipfile.ZipFile(path) as archive:
        custom = archive.read("docProps/custom.xml")
    rewritten(path, custom=custom.replace(b"refsync_columns_1", b"other"))
    assert read_workbook(path).marks == {}
    edited(path, {"D1": "Mine", "D2": "about 1"})
    push(path, without_column(keyed(1, 2), 1))
    assert shown(path)[:2] == [["ID", "Value", "Mine"], [1, 0.25, "about 1"]]


def test_marks_are_kept_in_pieces() -> None:
    columns = tuple(replace(plain().columns[0], header=f"Header {n}") for n in range(300))
    wide = replace(plain(), columns=columns, rows=((1,) * 300,) * 7)
    custom = dict(properties([wide, plain(1, title="Other")]))
    assert len(custom) > 5
    assert max(map(len, custom.values())) <= 255
    marks = own_marks(custom)
    assert [*marks] == [mark("Data"), mark("Other")]
    assert marks[mark("Data")].headers == tuple(mark(f"Header {n}") for n in range(300))
    assert (marks[mark("Data")].rows, marks[mark("Other")].rows) == (7, 1)
    assert isinstance(marks[mark("Other")], OwnMarks)
    custom.pop("refsync_columns_2")
    assert own_marks(custom) == own_marks({}) == own_marks({"refsync_columns_1": "[1,2]"}) == {}


# --- rows -----------------------------------------------------------------------------------------

BELOW = "below refsync's rows has something in its columns"


def filtered(path: Path, area: str | None, cells: dict[str, Any]) -> None:
    edited(path, cells)
    book = openpyxl.load_workbook(path)
    book["Data"].auto_filter.ref = area
    if area is None:
        book["Data"].print_area = None
    book.save(path)


@pytest.mark.parametrize("area", ["A1:C4", "A1:C6", "A1:E6", "D1:E2", "B1:B6", None])
@pytest.mark.parametrize("total", ["A6", "C5"])
def test_text_below_the_rows_is_not_lost_whatever_a_filter_covers(
    path: Path, area: str | None, total: str
) -> None:
    push(path, keyed(1, 2, 3))
    filtered(path, area, {total: "Total", "D2": "about 1"})
    said = refusal(path, keyed(1, 2, 3))
    assert f"row {total[1]}" in said
    assert BELOW in said or "refsync wrote 3 rows, and 4 have something in its columns" in said
    push(path, keyed(1, 2, 3), adopt=True)
    assert shown(path) == [["ID", "Name", "Value"], *[[n, f"name {n}", n / 4] for n in (1, 2, 3)]]


@pytest.mark.parametrize("area", ["D1:E2", "A1:A4", "A1:E4", None])
def test_somebody_elses_filter_is_no_reason_to_refuse(path: Path, area: str | None) -> None:
    push(path, keyed(1, 2, 3))
    filtered(path, area, {"D1": "Mine", "D2": "about 1", "D3": "about 2", "E1": "More"})
    push(path, keyed(3, 2, 1))
    assert [row[3] for row in shown(path)] == ["Mine", None, "about 2", "about 1"]


def test_rows_that_a_person_inserted_or_deleted(path: Path) -> None:
    """A spreadsheet changes the filter with them."""
    push(path, keyed(1, 2, 3))
    edited(path, {"D2": "about 1", "D4": "about 3"})
    book = openpyxl.load_workbook(path)
    book["Data"].insert_rows(3)
    book["Data"].auto_filter.ref = "A1:C5"
    book.save(path)
    push(path, keyed(1, 2, 3))
    assert [row[3] for row in shown(path)] == [None, "about 1", None, "about 3"]
    book = openpyxl.load_workbook(path)
    book["Data"].delete_rows(3)
    book["Data"].auto_filter.ref = "A1:C3"
    book.save(path)
    push(path, keyed(1, 2, 3))
    assert [row[3] for row in shown(path)] == [None, "about 1", None, "about 3"]


def test_a_damaged_sheet_can_be_replaced(path: Path) -> None:
    push(path, keyed(1, 2))
    edited(path, {"D2": "about 1", "D3": Comment("note", "Mai")})
    rewritten(path, sheet1=b"<worksheet><sheetData><row><c>")
    push(path, keyed(1, 2), adopt=True, force=True)
    assert shown(path)[1:] == [[1, "name 1", 0.25], [2, "name 2", 0.5]]
