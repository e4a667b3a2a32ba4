from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.notify.webhook import Webhook, serving
from tests.sheets_emulator import SheetsEmulator

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    with serving() as found:
        yield found


@pytest.fixture(scope="module")
def emulator() -> Iterator[SheetsEmulator]:
    with SheetsEmulator() as running:
        yield running
