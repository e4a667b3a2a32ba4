# ruff: noqa: DTZ001 - a worksheet's times have no zone
"""Which workbooks a push replaces, and what it refuses to replace."""

from __future__ import annotations

import os
import re
import sys
import time
import zipfile
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from refsync.errors import DestinationError
from refsync.excel import destination as workbook
from refsync.settings import Settings
from refsync.worksheet.build import Build
from tests.google_sheets.pushing import table
from tests.projects import Project, push_from

if TYPE_CHECKING:
    from pathlib import Path

    from refsync.report import PushResult
    from refsync.worksheet.table import Table

FILES = Build(datetime(2026, 3, 1, 4, 5), "refsync", "files", "files in /data", date(2026, 2, 28))
SAMPLE = Build(datetime(2026, 3, 1, 4, 5), "refsync", "sample", "the sample", date(2026, 2, 28))


def rows(count: int, title: str = "Data", build: Build = FILES) -> Table:
    return replace(table([(n, f"row {n}", n / 7) for n in range(count)], title), build=build)


def push(path: Path, *tables: Table, **options: Any) -> PushResult:
    settings = Settings(to=str(path), **options)
    return workbook.push(tables, settings, dry_run=False)


def refusal(path: Path, *tables: Table, **options: Any) -> str:
    """Return the sentence of a refusal, which is the same for a dry run and leaves the file."""
    before = path.read_bytes()
    settings = Settings(to=str(path), **options)
    said = set()
    for dry_run in (True, False):
        with pytest.raises(DestinationError) as caught:
            workbook.push(tables, settings, dry_run=dry_run)
        said.add(str(caught.value))
    assert path.read_bytes() == before
    (sentence,) = said
    return sentence.replace(str(path), path.name)


# --- somebody else's ------------------------------------------------------------------------------


def test_a_workbook_of_somebody_elses_is_refused_until_it_is_adopted(tmp_path: Path) -> None:
    path = tmp_path / "budget.xlsx"
    book = openpyxl.Workbook()
    book.active.title = "Data"
    book.create_sheet("Budget")
    book.save(path)
    assert refusal(path, rows(3), force=True) == (
        "budget.xlsx was not written by refsync (its tabs Budget would be lost): move it away or "
        "name another file with --to, or run with --adopt to replace it."
    )
    push(path, rows(3), adopt=True)
    assert openpyxl.load_workbook(path).sheetnames == ["Data"]
    push(path, rows(3))


@pytest.mark.parametrize("content", [b"", b"old", b"PK\x05\x06" + bytes(18)])
def test_a_file_that_is_no_workbook(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)
    assert refusal(path, rows(3)) == (
        "a.xlsx is not a workbook that refsync wrote: name another file with --to, or run with "
        "--adopt to replace it."
    )
    push(path, rows(3), adopt=True)


def rewritten(path: Path, **parts: bytes | None) -> None:
    """Replace parts of a workbook, by the last part of their name; `None` leaves one out."""
    with zipfile.ZipFile(path) as archive:
        content = {item.filename: archive.read(item) for item in archive.infolist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, old in content.items():
            new = parts.get(name.rpartition("/")[2].partition(".")[0], old)
            if new is not None:
                archive.writestr(name, new)


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>'
    b"<a>&b;</a>"
)


@pytest.mark.parametrize(
    "part", [BOMB, BOMB.decode().encode("utf-16"), b"<a>", b"\xff", b"<a>" + b" " * 6_000_000]
)
@pytest.mark.parametrize("name", ["core", "custom", "workbook"])
def test_a_workbook_with_strange_parts(tmp_path: Path, name: str, part: bytes) -> None:
    path = tmp_path / "a.xlsx"
    push(path, rows(3))
    rewritten(path, **{name: part})
    assert "is not a workbook that refsync wrote" in refusal(path, rows(3))


def test_a_damaged_workbook(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    push(path, rows(300))
    content = path.read_bytes()
    for cut in (40, len(content) // 2, len(content) - 30):
        path.write_bytes(content[:cut])
        assert "is not a workbook that refsync wrote" in refusal(path, rows(300))
    # The directory is whole, and a worksheet is not.
    at = content.index(b"xl/worksheets/sheet1.xml") + 60
    path.write_bytes(content[:at] + bytes(40) + content[at + 40 :])
    assert "a.xlsx is damaged: move it away" in refusal(path, rows(300))
    push(path, rows(300), force=True)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
def test_what_is_not_a_file_at_all(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.xlsx")
    with pytest.raises(DestinationError, match=r"a\.xlsx is not a file: name another one"):
        push(tmp_path / "a.xlsx", rows(3), adopt=True)


# --- ours, and what people did to it --------------------------------------------------------------


def test_a_workbook_of_ours_is_replaced_and_the_tabs_that_go_are_said(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    assert push(path, rows(3), rows(3, "Other"), rows(3, "Third")).notes == ()
    assert push(path, rows(3)).notes == (
        (
            "The tabs Other, Third are not part of this push and not in the workbook any more: "
            "push without --select and --type to have all of them."
        ),
    )
    assert push(path, rows(3)).notes == ()


@pytest.mark.parametrize("extra", [["Mine"], ["Mine", "Budget"]])
def test_a_workbook_with_tabs_of_somebody_is_refused(tmp_path: Path, extra: list[str]) -> None:
    path = tmp_path / "a.xlsx"
    push(path, rows(3))
    book = openpyxl.load_workbook(path)
    for title in extra:
        book.create_sheet(title)
    book["Data"]["E2"] = "my remark"
    book.save(path)
    lost = f" (its tabs {', '.join(extra)} would be lost)"
    assert refusal(path, rows(3)) == (
        f"a.xlsx was saved by another program since refsync wrote it{lost}: move it away or name "
        "another file with --to, or run with --adopt to replace it."
    )
    push(path, rows(3), adopt=True)
    push(path, rows(3))


def test_a_name_of_who_saved_it_is_enough(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    push(path, rows(3), rows(3, "Other"))
    with zipfile.ZipFile(path) as archive:
        core = archive.read("docProps/core.xml")
    saved = core.replace(b"<cp:lastModifiedBy></", b"<cp:lastModifiedBy>Mai</")
    assert saved != core
    rewritten(path, core=saved)
    assert "was saved by another program" in refusal(path, rows(3))


def test_a_workbook_of_an_older_version_is_known_by_its_notes(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    push(path, rows(30))
    rewritten(path, custom=None)
    push(path, rows(30, build=SAMPLE))  # its record has no origin
    rewritten(path, custom=None, comments1=b"<comments/>")
    assert "was not written by refsync" in refusal(path, rows(3))


# --- what looks like an accident ------------------------------------------------------------------


def test_another_source_is_refused_until_it_is_forced(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    push(path, rows(3, build=SAMPLE))
    push(path, rows(3, build=SAMPLE))
    assert refusal(path, rows(3), adopt=True) == (
        "The last push of a.xlsx came from the sample (target sample), and this one comes from "
        "files in /data (target files): build from the former source again, or run with --force "
        "to replace what is there."
    )
    push(path, rows(3), force=True)
    push(path, rows(3))
    push(path, rows(3, build=Build()))


def test_losing_most_rows_is_refused_until_it_is_forced(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    push(path, rows(40), rows(2, "Few"))
    assert refusal(path, rows(19), rows(0, "Few")).startswith(
        "This push would remove 21 of the 40 rows of Data and all 2 rows of Few, which looks"
    )
    push(path, rows(20), rows(1, "Few"))
    push(path, rows(0), rows(0, "Few"), force=True)
    push(path, rows(0), rows(0, "Few"))
    push(path, replace(rows(40), may_shrink=True))
    push(path, replace(rows(0), may_shrink=True))


def test_a_window_of_dates_slides_every_day(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    first = datetime(2026, 1, 1, 12)

    def window(as_of: int, *days: int) -> Table:
        events = [
            (first + timedelta(day, second), None, day) for day in days for second in range(50)
        ]
        columns: Any = {"At": "timestamp", "Note": "text", "Day": "integer"}
        build = replace(FILES, as_of_date=(first + timedelta(as_of)).date())
        return replace(table(events, columns=columns), build=build)

    push(path, window(29, *[0] * 30, 5, 29))
    assert "1,500 of the 1,600 rows" in refusal(path, window(29, 5, 29))
    push(path, window(30, 5, 29))
    assert "50 rows of Data (50 more left" in refusal(path, window(31))
    push(path, window(60))


# --- leftovers ------------------------------------------------------------------------------------


def test_what_killed_pushes_left_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    dead = [".refsync-0123456789ab.tmp", f".refsync-00000000-{os.getpid()}-01234567.tmp"]
    fresh = [".refsync-ba9876543210.tmp", f".refsync-00000000-{os.getpid()}-76543210.tmp"]
    strange = [".refsync-mine.tmp", "refsync-0123456789ab.tmp"]
    for name in (*dead, *fresh, *strange):
        (tmp_path / name).touch()
    for name in (*dead, *strange):
        os.utime(tmp_path / name, times=(time.time() - 90_000,) * 2)
    push(path, rows(3))
    assert {each.name for each in tmp_path.iterdir()} == {path.name, *fresh, *strange}


# --- the command ----------------------------------------------------------------------------------


def test_a_check_and_the_variables(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.add("coffees", "select * from range(30) t(id)")
    project.add("teas", "select 1 as id")
    project.mark("complete")
    assert push_from(tmp_path, "--to", "a.xlsx")[0] == 0
    project.execute("delete from coffees")
    code, out, _ = push_from(tmp_path, "--to", "a.xlsx", "--check")
    assert code == 1
    assert "missing  This push would remove all 30 rows of Coffees" in out
    code, out, _ = push_from(
        tmp_path, "--to", "a.xlsx", "--check", "--select", "coffees", REFSYNC_FORCE="1"
    )
    assert code == 0
    assert "warning  The tab Teas is not part of this push" in out
    code, out, err = push_from(tmp_path, "--to", "a.xlsx", "--json")
    assert (code, out) == (1, "")
    assert re.fullmatch(r"Error: This push would remove all 30 rows of Coffees, .*\n", err)
    assert push_from(tmp_path, "--to", "a.xlsx", "--force")[0] == 0


def test_the_workbook_of_another_project(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.add()
    project.mark("complete", project="cafe")
    assert push_from(tmp_path, "--to", "a.xlsx")[0] == 0
    project.mark("complete", project="bar")
    code, _, err = push_from(tmp_path, "--to", "a.xlsx", "--force")
    assert (code, err) == (
        1,
        (
            "Error: The workbook a.xlsx belongs to another dbt project: the last push there came "
            "from the project cafe. Choose another title or destination for this project's "
            "worksheet, or run with --adopt and --force to take it over.\n"
        ),
    )
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    book.create_sheet("Notes")["A1"] = "mine"
    book.save(tmp_path / "a.xlsx")
    assert push_from(tmp_path, "--to", "a.xlsx")[2] == err
    assert push_from(tmp_path, "--to", "a.xlsx", "--adopt", "--force")[0] == 0
