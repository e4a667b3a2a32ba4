"""What people added that a push cannot carry is named, before it is lost."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule, ColorScaleRule, FormulaRule
from openpyxl.styles import PatternFill
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula
from openpyxl.worksheet.table import Table as ExcelTable

from refsync.worksheet.chart import Chart, Dashboard, Fact, Series
from tests.excel.test_own_marks import SAVES
from tests.excel.test_remarks import edited, keyed, path
from tests.excel.test_safety import push, refusal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from refsync.worksheet.table import Table

__all__ = ["path"]

CHART = Chart("Values by id", "line", "id", (Series("value", "blue"),))


def drawn(*numbers: int) -> Table:
    """A table with everything that refsync draws."""
    table = keyed(*numbers)
    scaled = [
        replace(table.columns[0], scale="color"),
        table.columns[1],
        replace(table.columns[2], scale="bar"),
    ]
    board = Dashboard(
        "Dashboard", "How it goes", (Fact("latest", "value", 1),), "A note", (), (CHART,)
    )
    return replace(table, columns=tuple(scaled), chart=CHART, dashboard=board)


@pytest.mark.parametrize("save", SAVES)
def test_what_a_spreadsheet_adds_when_it_saves_is_nobodys(
    path: Path, save: Callable[[Path], None]
) -> None:
    push(path, drawn(1, 2, 3))
    edited(path, {"D2": "about 1"})
    for _ in range(2):
        save(path)
        push(path, drawn(3, 2, 1))


def _chart(title: str | None) -> BarChart:
    chart = BarChart()
    chart.title = title
    return chart


def _added_chart(book: Any, tab: str, title: str | None = "Mine") -> None:
    chart = _chart(title)
    chart.add_data(Reference(book["Data"], min_col=3, min_row=1, max_row=4))
    book[tab]._charts[:] = [chart]  # in the place of refsync's


def _validated(book: Any) -> None:
    validation = DataValidation("list", formula1='"ok,late"')
    validation.add("E2:E4")
    book["Data"].add_data_validation(validation)


RED = PatternFill("solid", bgColor="FF0000")
ADDITIONS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "chart": (lambda b: _added_chart(b, "Data"), "charts in the tab Data"),
    "chart without title": (lambda b: _added_chart(b, "Data", None), "charts in the tab Data"),
    "chart on dashboard": (lambda b: _added_chart(b, "Dashboard"), "charts in the tab Dashboard"),
    "cell on dashboard": (
        lambda b: b["Dashboard"].__setitem__("Z5", "mine"),
        "cells in the tab Dashboard",
    ),
    "note on dashboard": (
        lambda b: setattr(b["Dashboard"]["A1"], "comment", Comment("mine", "Mai")),
        "notes in the tab Dashboard",
    ),
    "validation": (_validated, "data validations in the tab Data"),
    "name": (
        lambda b: b.defined_names.__setitem__("Bonus", DefinedName("Bonus", attr_text="Data!$F$3")),
        "the defined name Bonus",
    ),
    "array": (
        lambda b: b["Data"].__setitem__("G2", ArrayFormula("G2:G3", "=A2:A3*2")),
        "array formulas over several cells in the tab Data",
    ),
    "data table": (
        lambda b: b["Data"].__setitem__("H2", DataTableFormula("H2:H3", r1="A2", dt2D=False)),
        "what-if data tables in the tab Data",
    ),
    "table": (
        lambda b: b["Data"].add_table(ExcelTable(displayName="T1", ref="J1:J3")),
        "tables in the tab Data",
    ),
    "merge": (lambda b: b["Data"].merge_cells("L2:M3"), "merged cells in the tab Data"),
    "rule": (
        lambda b: b["Data"].conditional_formatting.add(
            "E2:E9", CellIsRule(operator="equal", formula=['"late"'], fill=RED)
        ),
        "conditional formats in the tab Data",
    ),
    "formula rule": (
        lambda b: b["Data"].conditional_formatting.add(
            "A2:A4", FormulaRule(formula=["A2>1"], fill=RED)
        ),
        "conditional formats in the tab Data",
    ),
    "scale": (
        lambda b: b["Data"].conditional_formatting.add(
            "A2:A4", ColorScaleRule("min", None, "FF0000", "max", None, "00FF00")
        ),
        "conditional formats in the tab Data",
    ),
}


@pytest.mark.parametrize("name", ADDITIONS)
def test_what_cannot_be_carried_is_named(path: Path, name: str) -> None:
    push(path, drawn(1, 2, 3))
    book = openpyxl.load_workbook(path)
    book["Data"]["J1"], book["Data"]["D2"] = "Mine", "about 1"
    add, what = ADDITIONS[name]
    add(book)
    book.save(path)
    assert refusal(path, drawn(1, 2, 3)) == (
        f"a.xlsx was saved by another program since refsync wrote it ({what} would be lost): move "
        "it away or name another file with --to, or run with --adopt to replace it."
    )
    push(path, drawn(1, 2, 3), adopt=True)
    push(path, drawn(1, 2, 3))


def test_several_additions_are_named_with_their_tabs(path: Path) -> None:
    push(path, drawn(1, 2, 3))
    book = openpyxl.load_workbook(path)
    _validated(book)
    _added_chart(book, "Data")
    _added_chart(book, "Dashboard")
    book.save(path)
    assert (
        "(charts in the tab Dashboard; charts, data validations in the tab Data would be lost)"
        in refusal(path, drawn(1, 2, 3))
    )


BOX = (
    '<xdr:absoluteAnchor xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/'
    'spreadsheetDrawing"><xdr:sp/></xdr:absoluteAnchor>'
)


def test_a_text_box_is_named(path: Path) -> None:
    push(path, drawn(1, 2, 3))
    edited(path, {"D2": "about 1"})
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    drawing = parts["xl/drawings/drawing2.xml"].decode()
    parts["xl/drawings/drawing2.xml"] = drawing.replace("</wsDr>", f"{BOX}</wsDr>").encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    assert "(text boxes or shapes in the tab Data would be lost)" in refusal(path, drawn(1, 2, 3))


def test_a_chart_that_the_mart_no_longer_has_is_refsyncs(path: Path) -> None:
    push(path, drawn(1, 2, 3))
    edited(path, {"D2": "about 1"})
    push(path, replace(drawn(1, 2, 3), chart=replace(CHART, title="Other")))
    edited(path, {"D2": "about 1"})
    push(path, replace(drawn(1, 2, 3), chart=None))
