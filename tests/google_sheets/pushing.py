"""A spreadsheet on the emulator, and pushes to it: within this process, or in processes to kill."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import random
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from google.oauth2.credentials import Credentials

from refsync.errors import DestinationError
from refsync.google_sheets import destination as google_sheets
from refsync.google_sheets.api.credentials import Account
from refsync.google_sheets.api.retry import Pace
from refsync.settings import Settings
from refsync.worksheet.table import Cell, Column, Format, Table
from refsync.worksheet.values import sheet_value
from tests.sheets_emulator import DEFAULT_ACCOUNT, SheetsEmulator, Snapshot

if TYPE_CHECKING:
    from collections.abc import Sequence
    from multiprocessing.process import BaseProcess

    from refsync.report import PushResult

Columns = dict[str, Format]


def table(
    rows: Sequence[tuple[Cell, ...]],
    worksheet: str = "Data",
    columns: Columns | None = None,
) -> Table:
    columns = columns or {"ID": "integer", "Name": "text", "Value": "decimal"}
    described = tuple(
        Column(header.lower(), header, shown_as, f"The {header} of a row.")
        for header, shown_as in columns.items()
    )
    return Table(worksheet.lower(), worksheet, "raw", described, tuple(rows))


def values_of(desired: Table) -> list[list[Any]]:
    """What a snapshot shows of a worksheet that holds the table."""
    header: list[Cell] = [column.header for column in desired.columns]
    shown = [[sheet_value(value) for value in row] for row in (header, *desired.rows)]
    for row in shown:
        while row and row[-1] is None:
            row.pop()
    while shown and not shown[-1]:
        shown.pop()
    return shown


@dataclass
class Time:
    """Time that passes only where somebody sleeps."""

    seconds: float = 0.0
    naps: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.seconds += seconds

    def pace(self, *, chance: float = 0.5, read_timeout: float = 30.0) -> Pace:
        return Pace(self.sleep, lambda: self.seconds, lambda: chance, 5.0, read_timeout)


class Book:
    """One spreadsheet, and refsync pushing to it."""

    def __init__(
        self, emulator: SheetsEmulator, tabs: dict[str, list[list[Any]]] | None = None
    ) -> None:
        self.emulator = emulator
        self.id = emulator.create_spreadsheet(tabs=tabs)
        self.time = Time()
        self.read_timeout = 30.0
        self.adopt = False
        # Most tests push rows of all kinds; test_google_sheets_safety.py is about what is refused.
        self.force = True
        # A token at once: reading a key and asking for a token each time takes longer than a push.
        credentials = Credentials(emulator.token())  # type: ignore[no-untyped-call]
        self.account = Account(credentials, "a test", DEFAULT_ACCOUNT)

    @property
    def settings(self) -> Settings:
        return Settings(
            to=self.id,
            adopt=self.adopt,
            force=self.force,
            google_service_account_json=json.dumps(self.emulator.service_account_info()),
            google_sheets_api_endpoint=self.emulator.url,
        )

    def push(self, *tables: Table, dry_run: bool = False, **options: Any) -> PushResult:
        self.emulator.forget_calls()
        options.setdefault("pace", self.time.pace(read_timeout=self.read_timeout))
        options.setdefault("account", self.account)
        return google_sheets.push(tables, self.settings, dry_run=dry_run, **options)

    def start_push(self, *pushes: Sequence[Table], seed: int = 0, **options: Any) -> BaseProcess:
        """Push several times in a process of its own, after random delays."""
        arguments = (pushes, self.settings, self.account, seed, options)
        process = FORKS.Process(target=_push_often, args=arguments)
        process.start()
        return process

    def values(self, title: str = "Data") -> list[list[Any]]:
        return self.emulator.snapshot(self.id).values(title)

    def counts(self) -> tuple[int, int]:
        """Reads and writes of the last push."""
        return len(self.emulator.log("read")), len(self.emulator.log("write"))

    def edit(self, *requests: dict[str, Any]) -> None:
        self.emulator.edit(self.id, list(requests))

    def type_in(self, a1_range: str, *rows: list[Any]) -> None:
        self.emulator.type_in(self.id, a1_range, list(rows))

    def sheet(self, title: str = "Data") -> dict[str, Any]:
        sheets: list[dict[str, Any]] = self.emulator.get(self.id)["sheets"]
        return next(sheet for sheet in sheets if sheet["properties"]["title"] == title)

    def sheet_id(self, title: str = "Data") -> int:
        return int(self.sheet(title)["properties"].get("sheetId", 0))

    def states(self) -> list[dict[str, list[list[Any]]]]:
        """All states that a reader could have seen, oldest first."""
        return [visible(snapshot) for snapshot in self.emulator.history(self.id)]


def visible(snapshot: Snapshot) -> dict[str, list[list[Any]]]:
    """A snapshot's visible tabs, the one that every spreadsheet begins with left out."""
    return {title: rows for title, rows in snapshot.visible().items() if title != "Sheet1"}


# Where there is none, as on Windows, each process begins from nothing.
if sys.platform == "win32":
    FORKS = multiprocessing.get_context("spawn")
else:
    FORKS = multiprocessing.get_context("forkserver")
    FORKS.set_forkserver_preload([__name__])


def _push_often(
    pushes: Sequence[Sequence[Table]],
    settings: Settings,
    account: Account,
    seed: int,
    options: dict[str, Any],
) -> None:
    """Push as a process of its own does, but in haste; to give way to others is no failure."""
    chance = random.Random(seed).random
    pace = Pace(lambda seconds: time.sleep(seconds / 50), time.monotonic, chance, 5.0, 5.0)
    for tables in pushes:
        time.sleep(chance() * 0.05 if seed else 0)
        with contextlib.suppress(DestinationError):
            google_sheets.push(
                tables,
                settings,
                dry_run=False,
                account=account,
                pace=pace,
                **options,
            )
