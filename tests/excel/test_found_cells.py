# ruff: noqa: DTZ001 - a worksheet's times have no zone
"""What people wrote in a cell stays what it is: its number, its format, its kind."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.worksheet.formula import ArrayFormula

from tests.excel.test_remarks import KEPT, edited, keyed, path, shown
from tests.excel.test_safety import FILES, push
from tests.google_sheets.pushing import table

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["path"]

NEEDS_LIBREOFFICE = pytest.mark.skipif(not shutil.which("soffice"), reason="no LibreOffice")


def raw(path: Path, *places: str) -> dict[str, tuple[str, str]]:
    """The type and the content of cells, as the file of the tab Data has them."""
    with zipfile.ZipFile(path) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    found = re.findall(r'<c r="(\w+)"(?: s="\d+")?(?: t="(\w+)")?[^>]*>(.*?)</c>', sheet)
    return {place: (kind, content) for place, kind, content in found if place in places}


def saved_by_libreoffice(path: Path) -> None:
    """Open the workbook with LibreOffice and save it."""
    folder = path.parent / "saved"
    profile = f"-env:UserInstallation=file://{path.parent}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", "xlsx", "--outdir", str(folder)]
    subprocess.run([*command, str(path)], check=True, capture_output=True, timeout=120)
    (folder / path.name).replace(path)


NUMBERS: dict[str, tuple[Any, str]] = {
    "D2": (time(12, 30), "h:mm"),
    "D3": (timedelta(hours=26), "[h]:mm"),
    "D4": (datetime(1899, 12, 31), "yyyy-mm-dd"),
    "E2": (-3, "yyyy-mm-dd"),
    "E3": (20261031, "yyyy-mm-dd"),
    "E4": (59, "yyyy-mm-dd"),
    "F2": (datetime(2026, 1, 1, 12, 30, 15, 500_000), "yyyy-mm-dd hh:mm:ss.000"),
    "F3": (0.1 + 0.2, "0.00"),
    "F4": (46023.52101273148, "yyyy-mm-dd"),
}


@pytest.mark.filterwarnings("ignore:Cell E3 is marked as a date")
def test_a_number_in_a_format_for_dates_is_the_same_number(path: Path) -> None:
    push(path, keyed(1, 2, 3))
    book = openpyxl.load_workbook(path)
    for place, (value, shown_as) in NUMBERS.items():
        book["Data"][place] = value
        book["Data"][place].number_format = shown_as
    book.save(path)
    before = {
        place: float(re.sub("<.*?>", "", content))
        for place, (_, content) in raw(path, *NUMBERS).items()
    }
    assert len(before) == len(NUMBERS)
    for _ in range(2):
        push(path, keyed(1, 2, 3))
        after = raw(path, *NUMBERS)
        assert {kind for kind, _ in after.values()} == {""}
        numbers = {place: float(each[3:-4]) for place, (_, each) in after.items()}
        assert numbers == before
        sheet = openpyxl.load_workbook(path)["Data"]
        assert {place: sheet[place].number_format for place in NUMBERS} == {
            place: shown_as for place, (_, shown_as) in NUMBERS.items()
        }


def test_dates_of_a_workbook_that_counts_from_1904_stay_what_they_are(path: Path) -> None:
    push(path, keyed(1, 2))
    edited(path, {"D2": datetime(2026, 3, 4)})
    book = openpyxl.load_workbook(path)
    book.epoch = openpyxl.utils.datetime.MAC_EPOCH
    book.save(path)
    push(path, keyed(1, 2))
    assert shown(path)[1][3] == datetime(2026, 3, 4)


def test_an_error_is_an_error(path: Path) -> None:
    push(path, keyed(1, 2))
    edited(path, {"D2": "#N/A", "D3": "#DIV/0!", "E2": "#N/A"})
    for numbers in ((2, 1), (1, 2), (1, 2)):
        push(path, keyed(*numbers))
        # Each goes with its row, as a value does.
        row = 2 + numbers.index(1)
        assert raw(path, f"D{row}", f"E{row}", f"D{5 - row}") == {
            f"D{row}": ("e", "<f>#N/A</f><v>#N/A</v>"),
            f"E{row}": ("e", "<f>#N/A</f><v>#N/A</v>"),
            f"D{5 - row}": ("e", "<f>#DIV/0!</f><v>#DIV/0!</v>"),
        }


def test_an_array_formula_in_one_cell_is_one_again(path: Path) -> None:
    push(path, keyed(1, 2))
    edited(path, {"D2": ArrayFormula("D2", "=SUM(A2:A3*C2:C3)"), "D3": "text"})
    for _ in range(2):
        push(path, keyed(1, 2))
        array = openpyxl.load_workbook(path)["Data"]["D2"].value
        assert (array.ref, array.text) == ("D2", "=SUM(A2:A3*C2:C3)")


def test_a_formula_that_ends_with_a_brace_keeps_it(path: Path) -> None:
    push(path, keyed(1, 2))
    edited(path, {"D2": "={1,2;3,4}", "D3": "text"})
    for _ in range(2):
        push(path, keyed(1, 2))
        assert shown(path)[1][3] == "={1,2;3,4} "


@NEEDS_LIBREOFFICE
def test_what_libreoffice_saved_is_still_the_same(path: Path) -> None:
    """It saves booleans as formulas, and numbers with 15 digits."""
    numbers = [4856.285714285715, 0.1 + 0.2, 1 / 3, 2 / 3, 2_000_000.123456789]
    rows = [(number, number > 1, index) for index, number in enumerate(numbers)]
    whole = replace(
        table(rows, columns={"ID": "decimal", "Name": "text", "Value": "integer"}), build=FILES
    )
    push(path, whole)
    edited(path, {f"D{row}": f"about {row - 2}" for row in range(2, 7)})
    edited(path, {"E2": True, "E3": "#N/A", "E4": time(12, 30), "D1": "Mine"})
    saved_by_libreoffice(path)
    push(path, replace(whole, rows=whole.rows[::-1]))
    assert [row[3] for row in shown(path)] == ["Mine", *(f"about {n}" for n in (4, 3, 2, 1, 0))]
    assert [row[4] for row in shown(path)][3:] == [time(12, 30), "=#N/A", True]
    assert KEPT not in openpyxl.load_workbook(path).sheetnames


def test_a_boolean_that_was_saved_as_a_formula_is_a_boolean(path: Path) -> None:
    whole = replace(table([(True, "a", 1), (False, "b", 2)]), build=FILES)
    push(path, whole)
    edited(path, {"A2": "=TRUE()", "A3": "=FALSE()", "D2": "=TRUE()", "D3": "=FALSE()"})
    push(path, replace(whole, rows=whole.rows[::-1]))
    assert shown(path)[1:] == [[False, "b", 2, False], [True, "a", 1, True]]


def test_a_note_with_control_characters_is_the_same_note_at_each_push(path: Path) -> None:
    """A file has them as text such as _x000D_, and that text itself as _x005F_x000D_."""
    push(path, keyed(1, 2))
    texts = {"D2": "1_x000D_\n2", "D3": "_x005F_x0041_", "B2": "_x0041_"}
    edited(path, {place: Comment(text, "Mai") for place, text in texts.items()})
    files = []
    for _ in range(3):
        push(path, keyed(1, 2))
        with zipfile.ZipFile(path) as archive:
            files.append(archive.read("xl/comments1.xml").decode())
    assert files[0] == files[1] == files[2]
    assert "_x005F_x0041_" in files[0]
    assert ">A<" in files[0]


def test_a_text_that_looks_like_a_control_character_stays_a_text(path: Path) -> None:
    tables = [
        replace(table([(1, name, 1)]), key=key, build=FILES)
        for name, key in (("a", (0,)), ("_x0041_", (0,)), ("_x0041_", (1,)), ("_x0041_", (1,)))
    ]
    push(path, tables[0])
    edited(path, {"D2": "about it", "E2": "_x005F_x0041_"})
    for each in tables[1:]:
        push(path, each)
        with zipfile.ZipFile(path) as archive:
            assert archive.read("xl/sharedStrings.xml").count(b">_x005F_x0041_<") == 1
    assert shown(path)[1][3] == "about it"
    assert KEPT not in openpyxl.load_workbook(path).sheetnames
