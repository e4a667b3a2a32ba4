"""Where a repository's tracker is: the sample as if it ended yesterday, in files or PostgreSQL."""

from __future__ import annotations

import csv
import shutil
from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote, urlsplit

from tests.conftest import ROOT
from tests.pipeline import tracker_files
from tests.pipeline.databases import PostgresTracker, held

if TYPE_CHECKING:
    from pathlib import Path

    from tests.pipeline.oracle import Tracker

SAMPLE_DAY = date(2026, 10, 31)
PASSWORD = "not f0r anyone's eyes"  # noqa: S105


class Source(Protocol):
    """A tracker, and the settings by which a repository finds it."""

    secrets: dict[str, str]
    variables: dict[str, str]

    def fill(self, tracker: Tracker) -> None:
        """Replace all rows by these."""


class ExportedFiles:
    """CSV files in a folder, one a table."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.secrets: dict[str, str] = {}
        self.variables = {"REFSYNC_RAW_DIR": str(folder)}

    def fill(self, tracker: Tracker) -> None:
        """Write the files again."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        for table, parts in tracker.items():
            rows = [row for part in parts for row in part]
            path = self.folder / f"{table}.csv"
            with path.open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, list(rows[0]))
                writer.writeheader()
                writer.writerows(rows)


class Database:
    """The tracker's own tables in a PostgreSQL database, with a password in its URL."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        user = parts.netloc.partition("@")[0].partition(":")[0]
        secret = parts._replace(netloc=f"{user}:{quote(PASSWORD)}@").geturl()
        self.tracker = PostgresTracker(url, has_keys=False)
        self.secrets = {"REFSYNC_TRACKER_URL": secret}
        self.variables: dict[str, str] = {}

    def fill(self, tracker: Tracker) -> None:
        """Fill the tables again."""
        self.tracker.fill(
            {
                table: [[held(table, row) for row in part] for part in parts]
                for table, parts in tracker.items()
            }
        )


def sample_until(day: date) -> Tracker:
    """Return the sample's rows, moved so that its last day is another."""
    moved = day - SAMPLE_DAY
    return {
        table: [
            [{key: _moved(key, row[key], moved) for key in row} for row in part] for part in parts
        ]
        for table, parts in tracker_files.read_csv_folder(ROOT / "seeds").items()
    }


def yesterday() -> date:
    """Return the last complete day of UTC."""
    return datetime.now(timezone.utc).date() - timedelta(days=1)


def _moved(key: str, value: str | None, by: timedelta) -> str | None:
    if not value or not tracker_files.is_moment(key):
        return value
    return (datetime.fromisoformat(value) + by).isoformat(sep=" ")
