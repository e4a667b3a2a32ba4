"""The formulas of people follow their rows, and the columns that they name."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from refsync.excel.formulas import NewColumns, followed
from tests.excel.test_remarks import edited, keyed, path, shown
from tests.excel.test_safety import push

if TYPE_CHECKING:
    from pathlib import Path

    from refsync.worksheet.table import Table

__all__ = ["path"]


def with_column(table: Table, at: int, header: str = "New") -> Table:
    """The table with one more column of numbers."""
    column = replace(table.columns[2], name=header.lower(), header=header)
    return replace(
        table,
        columns=(*table.columns[:at], column, *table.columns[at:]),
        rows=tuple((*row[:at], 0.5, *row[at:]) for row in table.rows),
    )


def without_column(table: Table, at: int) -> Table:
    return replace(
        table,
        columns=(*table.columns[:at], *table.columns[at + 1 :]),
        rows=tuple((*row[:at], *row[at + 1 :]) for row in table.rows),
    )


# A worksheet with the columns A, B, C and the reader's D, of which B goes, and a new one comes
# between A and C; another worksheet gets a new column A.
COLUMNS = {"data": NewColumns((0, None, 2, 3), 4), "my sheet": NewColumns((1, 2), 3)}


@pytest.mark.parametrize(
    ("formula", "rows", "expected"),
    [
        ("=A2*2", 3, "=A5*2"),
        ("=A2-A$1+$A3", -1, "=A1-A$1+$A2"),
        ("=C4-C1", -2, "=C2-#REF!"),
        ("=SUM(C1:C3)", -1, "=SUM(#REF!)"),
        ("=SUM(A2:C2)", 0, "=SUM(A2:C2)"),
        ("=SUM(B2:C2)", 1, "=SUM(C3:C3)"),
        ("=B2", 1, "=#REF!"),
        ("=$B$2+SUM(B:B)", 1, "=#REF!+SUM(#REF!)"),
        ("=SUM(2:3)+SUM($1:1)", 1, "=SUM(3:4)+SUM($1:2)"),
        ("=SUM(1:1)", -1, "=SUM(#REF!)"),
        ("=SUM(A:D)", 1, "=SUM(A:D)"),
        ("=Data!B2&Data!D2", 1, "=#REF!&Data!D3"),
        ("='My sheet'!A2+SUM('My Sheet'!A:B)", 1, "='My sheet'!B3+SUM('My Sheet'!B:C)"),
        ("=Other!B2", 1, "=Other!B3"),
        ("='It''s'!B2", 1, "='It''s'!B3"),
        ("=[1]Data!B2", 1, "=[1]Data!B3"),
        ('="A2 ""B2"""&A2', 1, '="A2 ""B2"""&A3'),
        ("=LOG10(A2)+B_1+XYZ1+Bonus+TRUE+1E5", 1, "=LOG10(A3)+B_1+XYZ1+Bonus+TRUE+1E5"),
        ("=SUM(A2:INDEX(C2:C9,2))", 1, "=SUM(A3:INDEX(C3:C10,2))"),
        ("=SUM(OFFSET(A2,1,1):C2)", 1, "=SUM(OFFSET(A3,1,1):C3)"),
        ("=SUM(A2:Bonus)+Data!A2:Data!C2", 1, "=SUM(A3:Bonus)+Data!A3:Data!C3"),
        ("=A1048576", 1, "=#REF!"),
        ("=A2  +  C2", 0, "=A2  +  C2"),
        ('="unfinished', 1, '="unfinished'),
        ("=F2+F:F", 1, "=F3+F:F"),
        ("=XFD2", 1, "=XFD3"),
    ],
)
def test_references_follow(formula: str, rows: int, expected: str) -> None:
    assert followed(formula, rows, "Data", COLUMNS) == expected


def test_a_range_that_would_have_another_column_in_it_is_lost() -> None:
    swapped = {"data": NewColumns((0, 2, 1, 3), 4)}
    assert followed("=SUM(A2:C2)", 0, "Data", swapped) == "=SUM(A2:C2)"
    assert followed("=SUM($B2:C$2)", 0, "Data", swapped) == "=SUM($B2:C$2)"
    assert followed("=SUM(A2:B2)", 0, "Data", swapped) == "=SUM(#REF!)"
    assert followed("=B2&C2&B2:B3", 0, "Data", swapped) == "=C2&B2&C2:C3"


def test_a_reference_behind_the_last_column_keeps_its_distance() -> None:
    assert followed("=F2+XFD2", 0, "Data", {"data": NewColumns((0, 1), 3)}) == "=G2+#REF!"


def test_a_reference_above_the_first_row_is_lost(path: Path) -> None:
    push(path, keyed(1, 2, 3))
    edited(path, {"D2": "text", "D4": "=C4-C1"})
    push(path, keyed(3, 1, 2))
    assert shown(path)[1][3] == "=C2-#REF!"


def test_formulas_follow_the_columns_of_the_mart(path: Path) -> None:
    push(path, keyed(1, 2))
    edited(path, {
        "D1": "Twice", "D2": "=C2*2", "D3": "=C3*2",
        "E1": "=D1", "E2": "=D2+$C2&Data!B2", "E3": "text", "F2": "=SUM(A2:C2)", "F3": "text",
        "D7": "=SUM(C:C)",
    })  # fmt: skip
    before = shown(path)
    push(path, with_column(keyed(2, 1), 1))
    assert [row[4:] for row in shown(path)] == [
        ["Twice", "=E1", None],
        ["=D2*2", "text", "text"],
        ["=D3*2", "=E3+$D3&Data!C3", "=SUM(A3:D3)"],
        *[[None, None, None]] * 3,
        ["=SUM(D:D)", None, None],
    ]
    push(path, keyed(1, 2))
    assert shown(path) == before
    push(path, without_column(keyed(1, 2), 2))
    assert [row[2:] for row in shown(path)][:2] == [
        ["Twice", "=C1", None],
        ["=#REF!*2", "=C2+#REF!&Data!B2", "=SUM(A2:B2)"],
    ]


def test_formulas_follow_a_column_that_moves_to_the_right(path: Path) -> None:
    """A person inserted a column between refsync's."""
    push(path, keyed(1, 2))
    book = openpyxl.load_workbook(path)
    sheet = book["Data"]
    notes = [sheet.cell(1, column).comment.text for column in (1, 2, 3)]
    lines: list[list[Any]] = [
        ["ID", "Mine", "Name", "Value", "Calc"],
        [1, "=A2*10", "name 1", 0.25, "=B2+1"],
        [2, "=A3*10", "name 2", 0.5, "=B3+1"],
    ]
    for number, line in enumerate(lines, 1):
        for column, value in enumerate(line, 1):
            sheet.cell(number, column).value = value
            sheet.cell(number, column).comment = None
    for column, note in zip((1, 3, 4), notes, strict=True):
        sheet.cell(1, column).comment = openpyxl.comments.Comment(note, "refsync")
    sheet.auto_filter.ref = "A1:D3"
    book.save(path)
    push(path, keyed(2, 1))
    assert [row[3:] for row in shown(path)] == [
        ["Mine", "Calc"],
        ["=A2*10", "=D2+1"],
        ["=A3*10", "=D3+1"],
    ]


def test_formulas_follow_the_columns_of_other_worksheets(path: Path) -> None:
    tables = keyed(1, 2), keyed(1, 2, title="Other Data")
    push(path, *tables)
    edited(path, {"D2": "='Other Data'!C2", "D3": "text"})
    push(path, tables[0], with_column(tables[1], 0))
    assert shown(path)[1][3] == "='Other Data'!D2"
