"""What a newcomer sees in a browser."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import requests

from tests.conftest import ROOT
from tests.google_sheets.dashboards import numbers
from tests.google_sheets.pushing import Book

if TYPE_CHECKING:
    from tests.sheets_emulator import SheetsEmulator


def test_the_page_shows_tabs_values_and_charts(emulator: SheetsEmulator) -> None:
    book = Book(emulator)
    book.push(numbers(("<b>Ana</b>", "Bo")))
    emulator.forget_calls()
    answer = requests.get(emulator.url, timeout=5)
    assert (answer.status_code, emulator.log()) == (200, [])
    assert answer.headers["Content-Type"] == "text/html; charset=UTF-8"
    assert "<b>Dashboard</b>" in answer.text
    assert "A line chart: <b>Clicks a day</b>" in answer.text
    assert f"tab={book.sheet_id('Some_Data')}" in answer.text
    shown = requests.get(f"{emulator.url}/?tab={book.sheet_id('Some_Data')}", timeout=5).text
    assert "<td>&lt;b&gt;Ana&lt;/b&gt;</td>" in shown
    assert '<td class="number">2026-03-31</td>' in shown
    assert 'title="What a number is about."' in shown


def test_another_spreadsheet_and_an_empty_tab(emulator: SheetsEmulator) -> None:
    assert "There is no spreadsheet yet" in requests.get(emulator.url, timeout=5).text
    first = emulator.create_spreadsheet("First", {"Data": [[n] for n in range(300)]})
    emulator.create_spreadsheet("Second")
    assert "The tab is empty" in requests.get(emulator.url, timeout=5).text
    shown = requests.get(f"{emulator.url}/?id={first}", timeout=5).text
    assert "<h1>First</h1>" in shown
    assert "100 rows more" in shown
    assert ">Second</a>" in shown


def test_a_package_that_is_missing_is_named() -> None:
    code = (
        "import runpy, sys; sys.modules['googleapiclient'] = None; "
        "runpy.run_module('tests.sheets_emulator', run_name='__main__')"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 1
    assert "make .venv/dev" in run.stderr
    assert "Traceback" not in run.stderr
