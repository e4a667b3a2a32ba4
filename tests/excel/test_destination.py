# ruff: noqa: DTZ001 - a worksheet's times have no zone
from __future__ import annotations

import os
import re
import signal
import sys
import time
import zipfile
from datetime import date, datetime
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from refsync.errors import DestinationError
from refsync.excel import destination as workbook
from refsync.report import WorksheetResult
from refsync.settings import Settings
from refsync.worksheet.build import Build
from refsync.worksheet.table import Cell, Column, Format, Table
from tests.projects import (
    Project,
    as_an_ordinary_user,
    run_refsync,
    start_refsync,
    with_a_disk_of,
)

if TYPE_CHECKING:
    from pathlib import Path

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"

TRICKY_TEXTS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "{=1+1}",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    '=HYPERLINK("http://example.com","x")',
    '=IMPORTXML("http://example.com","//a")',
    "=cmd|' /C calc'!A0",
    "＝1+1",
    "'=1+1",
    "''",
    "0042",
    "1e5",
    "1,000",
    "50%",
    "TRUE",
    "#REF!",
    "2024-02-29",
    "http://example.com/",
    "mailto:someone@example.com",
    "internal:Sheet1!A1",
    "external:c:\\temp\\book.xlsx",
    " both ends ",
    "   ",
    "two\nlines",
    "two\r\nlines",
    "\x00\x01\x08\x0b\x1f\x7f\x85",
    "\ufffe\uffff",
    "_x0041_",
    "_x005F_",
    "_x000d_",
    "<r>",
    "<r><t>bold</t></r>",
    "<r>&amp;</r>",
    "<si/>&]]>",
    "é e\u0301 \u202eright to left\u202c فاطمة 李明霞 🎓",
    "x" * 32_767,
    "🎓" * 16_383,
]


def table(
    *rows: tuple[Cell, ...], formats: tuple[Format, ...] = ("text",), title: str = "Sales"
) -> Table:
    columns = tuple(
        Column(f"column_{number}", f"Column{number}", format_)
        for number, format_ in enumerate(formats, start=1)
    )
    return Table("sales", title, "daily", columns, rows)


def write(path: Path, *tables: Table) -> None:
    settings = Settings(to=str(path), force=True)
    workbook.push(tables, settings, dry_run=False)


def texts(path: Path) -> list[str]:
    """Return the shared strings as ECMA-376 says to read them (22.9.2.19, ST_Xstring)."""
    with zipfile.ZipFile(path) as archive:
        root = ET.fromstring(archive.read("xl/sharedStrings.xml"))  # noqa: S314 - ours
    return [
        re.sub(
            r"_x([0-9A-Fa-f]{4})_",
            lambda match: chr(int(match[1], 16)),
            "".join(text.text or "" for text in item.iter(f"{MAIN}t")),
        )
        for item in root.iter(f"{MAIN}si")
    ]


def test_text_is_always_the_very_same_text(tmp_path: Path) -> None:
    path = tmp_path / "report.xlsx"
    write(path, table(*((text,) for text in TRICKY_TEXTS)))
    # An XML parser turns a carriage return into a line feed unless it is escaped.
    assert texts(path) == ["Column1", *TRICKY_TEXTS]
    sheet = openpyxl.load_workbook(path)["Sales"]
    for (cell,) in sheet.iter_rows():
        assert cell.data_type == "s"
        assert cell.hyperlink is None
        assert cell.number_format == "General"
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
    assert not [name for name in names if "rels" in name and "sheet1" in name]


@given(st.lists(st.text().filter(bool), min_size=1, unique=True))
def test_any_text_is_the_very_same_text(
    tmp_path_factory: pytest.TempPathFactory, some: list[str]
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.xlsx"
    write(path, table(*((text,) for text in some)))
    assert texts(path) == ["Column1", *(text for text in some if text != "Column1")]


@pytest.mark.parametrize(
    ("cell", "format_", "read", "kind"),
    [
        (12, "integer", 12, "n"),
        (-3, "integer", -3, "n"),
        (2**53, "integer", 2**53, "n"),
        ("9007199254740993", "integer", "9007199254740993", "s"),
        (1.25, "decimal", 1.25, "n"),
        (0.1 + 0.2, "decimal", 0.30000000000000004, "n"),
        (1e300, "decimal", 1e300, "n"),
        (5e-324, "decimal", 5e-324, "n"),
        (0.125, "percent", 0.125, "n"),
        (True, "text", True, "b"),
        (date(2024, 2, 29), "date", datetime(2024, 2, 29), "d"),
        (date(1900, 3, 1), "date", datetime(1900, 3, 1), "d"),
        (date(9999, 12, 31), "date", datetime(9999, 12, 31), "d"),
        (date(1900, 2, 28), "date", "1900-02-28", "s"),
        (date(1, 1, 1), "date", "0001-01-01", "s"),
        ("20000-01-01", "date", "20000-01-01", "s"),
        (
            datetime(2024, 2, 29, 23, 59, 58, 250_000),
            "timestamp",
            datetime(2024, 2, 29, 23, 59, 58),
            "d",
        ),
        (datetime(1900, 2, 28, 23, 59, 59), "timestamp", "1900-02-28 23:59:59", "s"),
        (datetime(2024, 2, 29, 1, 2, 3), "date", datetime(2024, 2, 29, 1, 2, 3), "d"),
        (date(2024, 2, 29), "timestamp", datetime(2024, 2, 29), "d"),
        (3, "percent", 3, "n"),
        (3, "decimal", 3, "n"),
        (2.5, "integer", 2.5, "n"),
    ],
)
def test_cells_are_typed(
    tmp_path: Path, cell: Cell, format_: Format, read: object, kind: str
) -> None:
    path = tmp_path / "report.xlsx"
    write(path, table((cell,), formats=(format_,)))
    found = openpyxl.load_workbook(path)["Sales"]["A2"]
    assert (found.value, found.data_type) == (read, kind)
    assert (
        found.number_format
        == {
            "text": "General",
            "integer": "#,##0",
            "decimal": "#,##0.00",
            "percent": "0.00%",
            "date": "yyyy-mm-dd",
            "timestamp": "yyyy-mm-dd hh:mm:ss",
        }[format_]
    )


def test_a_worksheet_is_pleasant_to_read(tmp_path: Path) -> None:
    path = tmp_path / "report.xlsx"
    rows: list[tuple[Cell, ...]] = [("0042", 1_234_567, "x" * 200), (None, None, None)]
    write(path, table(*rows, formats=("text", "integer", "text")), table(title="Empty"))
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["Sales", "Empty"]
    sheet, empty = book["Sales"], book["Empty"]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:C3"
    assert [cell.value for cell in sheet[1]] == ["Column1", "Column2", "Column3"]
    assert all(cell.font.bold for cell in sheet[1])
    assert not any(cell.font.bold for cell in sheet[2])
    assert [cell.value for cell in sheet[3]] == [None, None, None]
    widths = [sheet.column_dimensions[letter].width for letter in "ABC"]
    assert 10 < widths[0] < widths[1] < widths[2] < 50
    assert [[cell.value for cell in row] for row in empty.iter_rows()] == [["Column1"]]
    assert empty.auto_filter.ref == "A1"
    with zipfile.ZipFile(path) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml").decode()
    assert '<ignoredError sqref="A2:A3 C2:C3" numberStoredAsText="1"/>' in xml


def test_the_same_build_gives_the_same_bytes(tmp_path: Path) -> None:
    built = datetime(2026, 1, 2, 3, 4, 5)
    tables = [Table("a", "A", "raw", (Column("x", "X", "text"),), (("é",),), build=Build(built))]
    one, two = tmp_path / "one.xlsx", tmp_path / "two.xlsx"
    write(one, *tables)
    time.sleep(1.1)  # longer than a second, the unit of the file's times
    write(two, *tables)
    assert one.read_bytes() == two.read_bytes()
    assert openpyxl.load_workbook(one).properties.created == built


def test_the_account_of_a_push(tmp_path: Path) -> None:
    path = tmp_path / "report.xlsx"
    settings = Settings(to=str(path))
    tables = [table(("a", 1), ("b", 2), formats=("text", "integer")), table(title="Empty")]
    result = workbook.push(tables, settings, dry_run=False)
    assert result.destination == str(path)
    assert (result.api_calls, result.bytes_sent) == (0, 0)
    assert result.worksheets == (
        WorksheetResult("Sales", rows=2, added=None, changed=None, removed=None, cells=6),
        WorksheetResult("Empty", rows=0, added=None, changed=None, removed=None, cells=1),
    )


# Limits ----------------------------------------------------------------------------------------


def refusal(path: Path, *tables: Table) -> str:
    """Return the sentence with which a push is refused, known to have left nothing behind."""
    before = {file: file.read_bytes() for file in path.parent.iterdir() if file.is_file()}
    with pytest.raises(DestinationError) as caught:
        write(path, *tables)
    assert before == {file: file.read_bytes() for file in path.parent.iterdir() if file.is_file()}
    return str(caught.value).replace(os.sep, "/").replace(f"{path.parent.as_posix()}/", "")


FITS = table(("a",), title="First")


@pytest.mark.parametrize("dry_run", [False, True])
def test_every_table_is_checked_before_anything_is_written(
    tmp_path: Path, *, dry_run: bool
) -> None:
    path = tmp_path / "report.xlsx"
    tables = [FITS, table(("a", "x" * 32_768), formats=("text", "text"))]
    with pytest.raises(DestinationError) as caught:
        workbook.push(tables, Settings(to=str(path)), dry_run=dry_run)
    assert str(caught.value) == (
        "Worksheet 'Sales' does not fit into a workbook: row 2 of its column 'Column2' has 32,768 "
        "characters and Excel allows 32,767 in a cell; shorten the text in the mart."
    )
    assert list(tmp_path.iterdir()) == []


def test_characters_are_counted_as_excel_counts_them(tmp_path: Path) -> None:
    assert "has 32,768 characters" in refusal(tmp_path / "a.xlsx", table(("🎓" * 16_384,)))


def test_too_many_rows(tmp_path: Path) -> None:
    rows = ((None,),) * 1_048_575
    write_nothing = Settings(to=str(tmp_path / "a.xlsx"))
    workbook.push([table(*rows)], write_nothing, dry_run=True)
    assert refusal(tmp_path / "a.xlsx", table(*rows, (None,))) == (
        "Worksheet 'Sales' does not fit into a workbook: it has 1,048,577 rows with its header and "
        "1 columns, and Excel allows 1,048,576 and 16,384; make the mart smaller."
    )


def test_too_many_columns(tmp_path: Path) -> None:
    wide = table(formats=("text",) * 16_385)
    assert "16,385 columns" in refusal(tmp_path / "a.xlsx", wide)


def test_a_title_that_is_too_long(tmp_path: Path) -> None:
    write(tmp_path / "a.xlsx", table(title="x" * 31))
    assert refusal(tmp_path / "a.xlsx", table(title="x" * 32)) == (
        f"Worksheet '{'x' * 32}' does not fit into a workbook: its title has 32 characters and "
        "Excel allows 31; shorten it in the model's meta."
    )


@pytest.mark.parametrize("title", [*(f"a{sign}b" for sign in "[]:*?/\\"), "'a", "a'", "History"])
def test_a_title_that_excel_does_not_allow(tmp_path: Path, title: str) -> None:
    assert refusal(tmp_path / "a.xlsx", FITS, table(title=title)) == (
        f"Worksheet {title!r} does not fit into a workbook: Excel allows no []:*?/\\ in a title, "
        "no ' at its ends, and not the title History; change it in the model's meta."
    )


# The file --------------------------------------------------------------------------------------


def test_a_missing_folder(tmp_path: Path) -> None:
    sentence = f"The folder {tmp_path / 'reports'} does not exist: create it first."
    with pytest.raises(DestinationError, match=f"^{re.escape(sentence)}$"):
        write(tmp_path / "reports" / "a.xlsx", FITS)


def test_a_path_that_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").mkdir()
    assert refusal(tmp_path / "a.xlsx", FITS) == "a.xlsx is a folder: name a file in it with --to."


@pytest.mark.skipif(
    sys.platform == "win32", reason="a folder of Windows has no mode that forbids writing"
)
def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.add()
    reports = tmp_path / "reports"
    reports.mkdir(mode=0o555)
    assert run_refsync(tmp_path, "--to", "reports/a.xlsx", preexec=as_an_ordinary_user) == (
        1,
        "",
        (
            "Error: reports/a.xlsx cannot be written (Permission denied): close it where it is "
            "open, or check the permissions of its folder.\n"
        ),
    )
    assert names(reports) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on a file's size")
def test_a_disk_that_is_full(tmp_path: Path) -> None:
    """A limit on the size of files is what a full disk is to the one who writes."""
    project = Project(tmp_path)
    project.add(query="select hash(i)::varchar as name from range(20000) t(i)")
    write(tmp_path / "a.xlsx", FITS)
    before = (tmp_path / "a.xlsx").read_bytes()
    assert run_refsync(tmp_path, "--to", "a.xlsx", preexec=with_a_disk_of(50_000)) == (
        1,
        "",
        "Error: a.xlsx cannot be written (File too large); nothing was changed.\n",
    )
    assert (tmp_path / "a.xlsx").read_bytes() == before
    assert names(tmp_path) == ["a.xlsx", "refsync.duckdb", "target"]


# The signal comes when the new file is whole, and just before it takes the old one's place.
STOPPED = """
import os, sys, time
from refsync.cli import main

def stop(event, arguments):
    if event == "os.rename" and str(arguments[1]).endswith("a.xlsx"):
        os.kill(os.getpid(), {sign})
        for _ in range(3000):
            time.sleep(0.01)

sys.addaudithook(stop)
main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals to send")
@pytest.mark.parametrize(
    ("sign", "code", "stderr", "left_over"),
    [
        (getattr(signal, "SIGKILL", 9), -9, "", 1),
        (
            signal.SIGINT,
            130,
            (
                "Error: Stopped by SIGINT: the destination is as it was, or has the whole push. "
                "Run refsync-push again."
            ),
            0,
        ),
    ],
)
def test_a_push_that_is_stopped_leaves_the_old_workbook(
    tmp_path: Path, sign: signal.Signals, code: int, stderr: str, left_over: int
) -> None:
    project = Project(tmp_path)
    project.add()
    write(tmp_path / "a.xlsx", FITS)
    before = (tmp_path / "a.xlsx").read_bytes()
    script = STOPPED.format(sign=int(sign))
    with start_refsync(tmp_path, "--to", "a.xlsx", program=("-c", script)) as process:
        _, said = process.communicate(timeout=60)
    assert (process.returncode, said.strip()) == (code, stderr)
    assert (tmp_path / "a.xlsx").read_bytes() == before
    assert len(temporaries(tmp_path)) == left_over
    write(tmp_path / "a.xlsx", *project.read())
    assert temporaries(tmp_path) == []
    assert openpyxl.load_workbook(tmp_path / "a.xlsx").sheetnames == ["Coffees"]


@pytest.mark.skipif(sys.platform == "win32", reason="a file of Windows has no mode")
def test_the_mode_of_the_old_file_is_kept_and_a_new_one_follows_the_umask(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    usual = tmp_path / "usual"
    usual.touch()
    write(path, FITS)
    assert path.stat().st_mode == usual.stat().st_mode
    path.chmod(0o640)
    write(path, FITS)
    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.skipif(sys.platform == "win32", reason="on Windows not everybody may make a link")
def test_a_link_to_the_workbook_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    link, target = tmp_path / "a.xlsx", tmp_path / "elsewhere" / "b.xlsx"
    link.symlink_to(target)
    write(link, FITS)
    assert link.is_symlink()
    assert openpyxl.load_workbook(target).sheetnames == ["First"]


def temporaries(folder: Path) -> list[str]:
    return [name for name in names(folder) if name.endswith(".tmp")]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())
