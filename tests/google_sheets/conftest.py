"""The emulator that the tests of a module share, and a spreadsheet in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.google_sheets.pushing import Book
from tests.sheets_emulator import SheetsEmulator

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def emulator() -> Iterator[SheetsEmulator]:
    with SheetsEmulator() as running:
        yield running


@pytest.fixture
def book(emulator: SheetsEmulator) -> Book:
    return Book(emulator)
