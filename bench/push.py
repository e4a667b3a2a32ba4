"""A raw worksheet of 50 000 rows, pushed in three ways to the Sheets emulator.

    python bench/push.py [--rows 50000] [--latency 0.05]

The ways: refsync; clearing the worksheet and appending 500 rows a call; and the calls that
gspread-dataframe's `set_with_dataframe(worksheet, frame, resize=True)` makes: a resize, and one
update of all cells as USER_ENTERED. They are made with gspread alone, since the package itself
would bring pandas along.

Each pushes a first day, the day after (the oldest 30th of the rows is gone, as many are new) and
the same day again. Seconds include the emulator's own work, in threads of the same process; the
processor seconds are of the way's own thread.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "export")]

import gspread  # noqa: E402
from google.oauth2.credentials import Credentials  # noqa: E402
from gspread.http_client import HTTPClient  # noqa: E402
from gspread.utils import ValueInputOption  # noqa: E402
from tests.sheets_emulator import SheetsEmulator, Snapshot  # noqa: E402

from refsync.google_sheets import destination as google_sheets  # noqa: E402
from refsync.google_sheets.api.credentials import Account  # noqa: E402
from refsync.settings import Settings  # noqa: E402
from refsync.worksheet.table import Cell, Column, Table  # noqa: E402

if TYPE_CHECKING:
    from requests import Response

HEADERS = (
    "Timestamp", "EventType", "ReferralLinkID", "OfficerID", "CampaignID", "CampaignName",
    "UserEmailHash", "IP", "UserAgent",
)  # fmt: skip
TITLE = "Tracker_Raw_Data"


def raw_rows(start: int, stop: int) -> list[tuple[Cell, ...]]:
    """Return events as the tracker has them, one a minute."""
    began = datetime.fromisoformat("2026-01-01")
    return [
        (
            began + timedelta(minutes=number),
            "signup" if number % 17 == 0 else "click",
            f"0b9f{number % 40:04x}-5c1e-4d0a-9a53-1f6e2d7c8b90",
            f"7d21{number % 12:04x}-80aa-4f4e-8d3b-0c9e5a1b2c3d",
            f"c4e8{number % 5:04x}-2b7d-49c1-a6f0-6e5d4c3b2a19",
            ("Spring Fair", "Été 2026", "Open Day", "Winter Term", "Alumni")[number % 5],
            f"{number * 2654435761 % 2**64:016x}" * 4 if number % 17 == 0 else None,
            f"203.0.113.{number % 250}",
            f"Mozilla/5.0 (X11; Linux x86_64) Example/{number % 90}.0",
        )
        for number in range(start, stop)
    ]


class LocalClient(HTTPClient):
    """gspread's own client, sent to the emulator."""

    base = ""

    def request(self, method: str, endpoint: str, *args: object, **kwargs: object) -> Response:
        """Return the answer of the emulator instead of Google's."""
        url = endpoint.replace("https://sheets.googleapis.com", self.base)
        return super().request(method, url, *args, **kwargs)  # type: ignore[arg-type]


def as_json(rows: list[tuple[Cell, ...]]) -> list[list[Any]]:
    """Return the rows as the two other ways send them: times as text, blanks as empty text."""
    return [
        [
            str(value) if isinstance(value, datetime) else "" if value is None else value
            for value in row
        ]
        for row in rows
    ]


def by_refsync(emulator: SheetsEmulator, book: str, rows: list[tuple[Cell, ...]]) -> None:
    """Push as `refsync-push` does."""
    columns = tuple(
        Column(header.lower(), header, "text" if number else "timestamp")
        for number, header in enumerate(HEADERS)
    )
    table = Table("tracker_raw_data", TITLE, "raw", columns, tuple(rows))
    account = Account(Credentials(emulator.token()), "bench", None)  # type: ignore[no-untyped-call]
    settings = Settings(to=book, google_sheets_api_endpoint=emulator.url)
    google_sheets.push([table], settings, dry_run=False, account=account)


def worksheet(emulator: SheetsEmulator, book: str) -> gspread.Worksheet:
    """Return the worksheet to gspread; it is made if it is not there."""
    LocalClient.base = emulator.url
    credentials = Credentials(emulator.token())  # type: ignore[no-untyped-call]
    spreadsheet = gspread.Client(credentials, http_client=LocalClient).open_by_key(book)
    try:
        return spreadsheet.worksheet(TITLE)
    except gspread.WorksheetNotFound:
        return spreadsheet.add_worksheet(TITLE, 1000, 26)


def by_clear_and_append(emulator: SheetsEmulator, book: str, rows: list[tuple[Cell, ...]]) -> None:
    """Clear, then append 500 rows a call."""
    sheet = worksheet(emulator, book)
    values: list[list[Any]] = [list(HEADERS), *as_json(rows)]
    sheet.clear()
    for start in range(0, len(values), 500):
        sheet.append_rows(values[start : start + 500], value_input_option=ValueInputOption.raw)


def by_dataframe(emulator: SheetsEmulator, book: str, rows: list[tuple[Cell, ...]]) -> None:
    """Resize, then update all cells at once, as gspread-dataframe does."""
    sheet = worksheet(emulator, book)
    values: list[list[Any]] = [list(HEADERS), *as_json(rows)]
    sheet.resize(len(values), len(HEADERS))
    cells = [
        gspread.Cell(row, column, value)
        for row, line in enumerate(values, 1)
        for column, value in enumerate(line, 1)
    ]
    sheet.update_cells(cells, value_input_option=ValueInputOption.user_entered)


def outline(state: Snapshot) -> tuple[object, ...]:
    """Return enough of the worksheet to distinguish its states."""
    sheet = state.book.titled(TITLE)
    if sheet is None:
        return ()
    ends = (sheet.rows.get(row, {}).get(0) for row in (1, max(sheet.rows, default=0)))
    return (sheet.row_count, len(sheet.rows), *map(str, ends))


Way = Callable[[SheetsEmulator, str, list[tuple[Cell, ...]]], None]

WAYS: dict[str, Way] = {
    "refsync": by_refsync,
    "clear and append, 500 rows a call": by_clear_and_append,
    "the calls of gspread-dataframe": by_dataframe,
}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Three ways to push a raw worksheet.")
    parser.add_argument("--rows", type=int, default=50_000, help="rows of the worksheet")
    parser.add_argument("--latency", type=float, default=0.05, help="seconds a call takes at least")
    asked = parser.parse_args()
    day = asked.rows // 30
    days = {
        "first push": raw_rows(0, asked.rows),
        "next day": raw_rows(day, asked.rows + day),
        "nothing new": raw_rows(day, asked.rows + day),
    }
    print(f"{asked.rows:,} rows of {len(HEADERS)} columns, {asked.latency * 1000:.0f} ms a call\n")
    print(
        "| way | push | reads | writes | MB sent | processor seconds | seconds "
        "| states seen in between |"
    )
    print("|---|---|---:|---:|---:|---:|---:|---:|")
    for name, way in WAYS.items():
        with SheetsEmulator(latency_seconds=asked.latency) as emulator:
            book = emulator.create_spreadsheet()
            for push, rows in days.items():
                emulator.forget_calls()
                seen = len(emulator.history(book))
                began, worked = time.perf_counter(), time.thread_time()
                try:
                    way(emulator, book, rows)
                except gspread.exceptions.APIError as error:
                    print(f"| {name} | {push} | | | | | | {error} |", flush=True)
                    break
                seconds = time.perf_counter() - began
                own = time.thread_time() - worked
                writes = emulator.log("write")
                megabytes = sum(call.sent_bytes for call in emulator.log()) / 1e6
                states = [outline(state) for state in emulator.history(book)[seen - 1 :]]
                between = len(set(states) - {states[0], states[-1]})
                print(
                    f"| {name} | {push} | {len(emulator.log('read'))} | {len(writes)} "
                    f"| {megabytes:.2f} | {own:.1f} | {seconds:.1f} | {between} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
