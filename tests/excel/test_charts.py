"""Charts, colours and the dashboard in a workbook, looked at as Excel reads it."""

from __future__ import annotations

import posixpath
import re
import zipfile
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import openpyxl
import pytest
from openpyxl.utils.cell import range_to_tuple

from refsync.errors import DestinationError
from refsync.excel import destination as workbook
from refsync.marts.chart_meta import chart_from_meta, dashboard_from_meta
from refsync.settings import Settings
from tests.google_sheets.dashboards import CHART, COLUMNS, DASHBOARD, OVER_ALL, numbers

if TYPE_CHECKING:
    from pathlib import Path

    from refsync.worksheet.table import Table

CHARTED: dict[str, Any] = {
    "chart": chart_from_meta("chart", CHART, COLUMNS),
    "dashboard": OVER_ALL,
}
CHART_XML = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"


def write(path: Path, *tables: Table) -> None:
    workbook.push(tables, Settings(to=str(path)), dry_run=False)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "report.xlsx"


def test_numbers_can_be_compared_at_a_glance(path: Path) -> None:
    write(path, numbers(**CHARTED))
    sheet = openpyxl.load_workbook(path)["Some_Data"]
    rules = {
        str(ranges.sqref): [rule.type for rule in rules]
        for ranges, rules in sheet.conditional_formatting._cf_rules.items()
    }
    assert rules == {"C2:C7": ["dataBar"], "E2:E7": ["colorScale"], "A2:G7": ["expression"]}
    assert sheet.sheet_properties.tabColor.rgb == "FF009E73"
    # The chart is printed too: 780 pixels beside the rows, and 380 below the header.
    assert sheet.print_area == "'Some_Data'!$A$1:$T$21"
    assert [cell.comment.text if cell.comment else None for cell in sheet[1]] == [
        *(
            "What a number is about.",
            None,
            "Visits, each counted once.",
            None,
            "Signups by clicks.",
        ),
        *(None, None),
    ]
    aligned = [cell.alignment.horizontal for cell in sheet[2]]
    assert aligned == ["left", "center", "right", "right", "right", "left", "right"]
    # Each cell with a background has a text colour too.
    assert {cell.font.color.rgb for cell in sheet[1]} == {"FF1F2D3D"}


def test_a_dashboard_comes_first_and_holds_references_only(path: Path) -> None:
    write(path, numbers(**CHARTED))
    book, shown = openpyxl.load_workbook(path), openpyxl.load_workbook(path, data_only=True)
    assert book.sheetnames == ["Dashboard", "Some_Data"]
    assert book.active.title == "Dashboard"
    sheet = book["Dashboard"]
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    formulas = {cell.value: cell for cell in cells if cell.data_type == "f"}
    # A reference to one cell, and nothing that a locale could read in another way.
    assert all(re.fullmatch(r"=Some_Data![A-Z]\d+", formula) for formula in formulas)
    assert {cell.value for cell in cells} - set(formulas) == {
        *("Takings", "As of", "Ask Zoë.", "Clicks", "Rate")
    }
    # What it shows without being calculated is what it refers to.
    for formula, cell in formulas.items():
        target = book["Some_Data"][formula.split("!")[1]].value
        assert shown["Dashboard"][cell.coordinate].value == (0 if target is None else target)
    assert formulas["=Some_Data!D3"].number_format == '"▲ "0.0%;"▼ "0.0%;"–"'
    assert (sheet.page_setup.orientation, sheet.sheet_properties.pageSetUpPr.fitToPage) == (
        *("landscape", True),
    )
    assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight or 1) == (1, 1)
    assert len(sheet._charts) == 3


@pytest.mark.parametrize("rows", [0, 1, 2000])
def test_any_number_of_rows(path: Path, rows: int) -> None:
    names = [f"name {n} 🎓 {'x' * (n % 99)} <&\"'> فاطمة" for n in range(rows)]
    title = "It's 100% ours"
    write(
        path,
        numbers(names, rows, title=title, **CHARTED),
        numbers(rows=rows, title="Other", dashboard=None),
    )
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["Dashboard", title, "Other"]
    assert sum(len(sheet._charts) for sheet in book) == 4
    assert bool(list(book[title].conditional_formatting)) == bool(rows)
    check_parts(path)
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.startswith("xl/charts/chart"):
                check_ranges(ET.fromstring(archive.read(name)), book)  # noqa: S314 - ours


def check_ranges(chart: ET.Element, book: Any) -> None:
    """See that all ranges of a chart are filled ones, and that its series have names."""
    formulas = [formula.text or "" for formula in chart.iter(f"{CHART_XML}f")]
    assert formulas
    for formula in formulas:
        title, (_, top, _, bottom) = range_to_tuple(
            formula if ":" in formula else f"{formula}:{formula.rpartition('!')[2]}"
        )
        sheet = book[title.replace("''", "'")]
        assert top <= bottom <= max(sheet.max_row, 2)


def check_parts(path: Path) -> None:
    """See that every part is XML with a type, and that every relation leads to a part."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        assert len(names) == len(set(names))
        parts = {
            name: ET.fromstring(archive.read(name))  # noqa: S314 - ours
            for name in names
        }
    types = parts["[Content_Types].xml"]
    known = {item.get("PartName", "").lstrip("/") for item in types}
    extensions = {item.get("Extension") for item in types}
    for name, root in parts.items():
        assert name in known or name.rpartition(".")[2] in extensions, name
        if name.endswith(".rels"):
            folder = posixpath.dirname(posixpath.dirname(name))
            for relation in root:
                target = posixpath.normpath(posixpath.join(folder, relation.get("Target", "")))
                assert target.lstrip("/") in names, (name, target)


def test_a_chart_leaves_no_room_for_blanks(path: Path) -> None:
    chart = chart_from_meta("chart", {**CHART, "rows": 90}, COLUMNS)
    write(path, numbers(("Ana", "Bo"), rows=90, chart=chart))
    (drawn,) = openpyxl.load_workbook(path)["Some_Data"]._charts
    assert drawn.series[0].val.numRef.f == "Some_Data!$G$2:$G$3"
    assert drawn.series[0].tx.strRef.f == "Some_Data!$G$1"


def test_the_same_tables_with_charts_give_the_same_bytes(tmp_path: Path) -> None:
    one, two = tmp_path / "one.xlsx", tmp_path / "two.xlsx"
    write(one, numbers(**CHARTED))
    write(two, numbers(**CHARTED))
    assert one.read_bytes() == two.read_bytes()


def test_a_dashboards_title_that_excel_does_not_allow(path: Path) -> None:
    for title, why in (("x" * 32, "has 32 characters and Excel allows 31"), ("a/b", "no []")):
        named = dashboard_from_meta("dashboard", {**DASHBOARD, "title": title}, COLUMNS)
        with pytest.raises(DestinationError, match=re.escape(why)):
            write(path, numbers(dashboard=named))
    assert not path.exists()
