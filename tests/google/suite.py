"""The whole suite: where it runs, and its checks in their order."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from google.oauth2.credentials import Credentials

from refsync.errors import ConfigError
from refsync.google_sheets.api.credentials import Account, find_account
from refsync.settings import Settings
from tests.google import commits, copies, layout, pushes, values
from tests.google.check import CHECKS, result_of
from tests.google.scratch import Scratch
from tests.sheets_emulator import DEFAULT_ACCOUNT, SheetsEmulator

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import ModuleType

    from tests.google.check import Result

ROOMS: tuple[ModuleType, ...] = (commits, copies, values, layout, pushes)
"""The modules that register the checks."""


def live_scratch(environment: Mapping[str, str]) -> Scratch:
    """The spreadsheet that `REFSYNC_LIVE_SHEET` names, with the usual credentials.

    Raises:
        ConfigError: There are no credentials, or it is no spreadsheet for trying things in.
        RefusedError: It cannot be read.
    """
    settings = Settings.from_options(
        environment,
        to=environment["REFSYNC_LIVE_SHEET"],
        type="all",
        select=(),
        manifest=Settings.manifest,
        database=Settings.database,
        force=True,
    )
    scratch = Scratch(find_account(settings), settings, is_live=True)
    if any(map(pushes.is_record, scratch.metadata())):
        raise ConfigError(
            "The spreadsheet that REFSYNC_LIVE_SHEET names holds worksheets of refsync: make an "
            "empty one for the suite, and share it with the same address."
        )
    return scratch


@contextmanager
def emulated_scratch(emulator: SheetsEmulator) -> Iterator[Scratch]:
    """A new spreadsheet on the emulator."""
    credentials = Credentials(emulator.token())  # type: ignore[no-untyped-call]
    settings = Settings(
        to=emulator.create_spreadsheet(), force=True, google_sheets_api_endpoint=emulator.url
    )
    account = Account(credentials, "the emulator's token", DEFAULT_ACCOUNT)
    yield Scratch(account, settings, is_live=False)


@contextmanager
def any_scratch() -> Iterator[Scratch]:
    """Google's where `REFSYNC_LIVE_SHEET` is set, else the emulator's."""
    if os.environ.get("REFSYNC_LIVE_SHEET"):
        yield live_scratch(os.environ)
        return
    with SheetsEmulator() as emulator, emulated_scratch(emulator) as scratch:
        yield scratch


def results(scratch: Scratch) -> Iterator[Result]:
    """Yield what came of each check."""
    for each in CHECKS:
        yield result_of(each, scratch)
