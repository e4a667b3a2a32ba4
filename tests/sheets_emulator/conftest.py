"""An emulator for each test of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sheets_emulator import SheetsEmulator

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def emulator() -> Iterator[SheetsEmulator]:
    with SheetsEmulator() as running:
        yield running
